//! 二（二）4: whoever employs checks certificates by the list, ten thousand rows at once. The provincial centre lets an
//! employer in; its list is read and never kept, what came of it is kept sealed for some days and then forgotten. A row
//! learns what the public query would have said, no more.

mod index;
mod pages;
mod store;

use std::collections::BTreeMap;

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::ToSpan as _;
use jiff::civil::Date;
use rules::certificate_check::{CheckVerdict, may_check};
use rules::permission::{ActKind, LookKind};
use rules::term::Term;
use rules::{Day, Refusal};
use serde::{Deserialize, Serialize};
use sheets::CheckLine;
use utoipa::ToSchema;

pub(crate) use index::{check as check_by_index, write as write_index};
pub use pages::pages;
pub(crate) use store::ALL;

use crate::db::{DbError, Tx};
use crate::door::{Act, Desk, Look, Seals, Sight, Stop, Subject};
use crate::query::{Question, plain_name, plain_number};
use crate::web::api::{Registry, file_operation};
use crate::web::page::plain_day;

/// Most rows of one list.
pub(crate) const ROWS_MAX: usize = 10_000;
/// Rows that are looked up by one statement.
const AT_ONCE: usize = 1_000;
/// The longest list in base64: eight megabytes as a file.
const CONTENT_MAX: usize = 11_000_000;
/// With what the codes of employers' offices begin.
const OFFICE: &str = "employer-";

/// Whether an office is an employer's.
pub(crate) fn is_employer(office: &str) -> bool {
    office.starts_with(OFFICE)
}

/// Lets an employer in. Accounts on its seat are opened by the administrator, like all others.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterEmployer {
    #[schema(max_length = 100)]
    pub name: String,
    /// The unified social credit code.
    #[schema(max_length = 40)]
    pub uscc: String,
    /// On what it rests: its letter, an agreement.
    #[schema(max_length = 200)]
    pub reason: String,
}

impl Act for EnterEmployer {
    const KIND: ActKind = ActKind::EnterEmployer;
    type Answer = EmployerEntered;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<EmployerEntered, Stop> {
        let filled = |text: &str, most, field, label: &str| match text.trim() {
            text if text.is_empty() || text.chars().count() > most => {
                Err(Refusal::house("用人单位", format!("{label}没有填写，或超过{most}字"))
                    .remedy(format!("请填写{label}"))
                    .at(field))
            }
            text => Ok(text.to_owned()),
        };
        let name = filled(&self.name, 100, "name", "单位名称")?;
        let reason = filled(&self.reason, 200, "reason", "开通依据")?;
        let uscc = rules::identity::uscc(&self.uscc).map_err(|refusal| refusal.at("uscc"))?;
        if let Some(known) = store::name_of(&mut desk.tx(), &uscc)? {
            return Err(Refusal::house("用人单位", format!("{known}已经开通"))
                .remedy("账号由系统管理员在该单位名下增设")
                .at("uscc")
                .into());
        }
        let office = format!("{OFFICE}{uscc}");
        let (on, by) = (desk.today(), desk.caller().name().to_owned());
        let new = store::New { office: &office, name: &name, uscc: &uscc, reason: &reason, on, by: &by };
        store::add(&mut desk.tx(), &new)?;
        Ok(EmployerEntered { office })
    }
}

/// The seat of an employer that was let in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EmployerEntered {
    pub office: String,
}

/// Which employers were let in?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Employers {}

/// An employer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EmployerLine {
    pub office: String,
    pub name: String,
    pub uscc: String,
    pub reason: String,
    pub entered_on: Date,
    /// Accounts that are open.
    pub accounts: i64,
    /// Lists that it had checked, and their rows.
    pub checks: i64,
    pub rows: i64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EmployersView {
    pub employers: Vec<EmployerLine>,
}

impl Look for Employers {
    const KIND: LookKind = LookKind::Employers;
    type View = EmployersView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<EmployersView, Stop> {
        Ok(EmployersView { employers: store::list(&mut sight.tx())? })
    }
}

/// Checks the certificates of a list.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CheckCertificates {
    /// The name of the file, to know it by.
    #[schema(max_length = 120)]
    pub name: String,
    /// The file in base64: .xlsx, .xls or .csv in UTF-8 or GBK. It is read and kept nowhere, not in the record either.
    #[serde(serialize_with = "unsaid")]
    #[schema(max_length = 11_000_000)]
    pub content: String,
    #[serde(skip)]
    #[schema(ignore)]
    checked: Vec<CheckedRow>,
}

/// What the record holds in place of a list.
fn unsaid<S: serde::Serializer>(_: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("***")
}

impl CheckCertificates {
    /// Checks the list in this file.
    pub(crate) fn of(name: String, bytes: &[u8]) -> Self {
        Self { name, content: BASE64.encode(bytes), checked: Vec::new() }
    }
}

/// What came of a row: the row as it was written, and what is said to it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CheckedRow {
    pub sheet: String,
    pub row: u32,
    pub name: String,
    pub id_number: String,
    pub number: String,
    pub verdict: CheckVerdict,
    pub reason: String,
}

impl CheckedRow {
    fn of(line: &CheckLine, verdict: CheckVerdict, reason: String) -> Self {
        let CheckLine { sheet, row, name, id_number, number, .. } = line.clone();
        Self { sheet, row, name, id_number, number, verdict, reason }
    }
}

/// What came of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Checked {
    pub id: i64,
    pub rows: i64,
    pub valid: i64,
}

impl Act for CheckCertificates {
    const KIND: ActKind = ActKind::CheckCertificates;
    const PREPARES: bool = true;
    type Answer = Checked;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let unreadable = || Refusal::house("批量核验", "收到的不是文件").remedy("请重新选择文件").at("file");
        if self.content.len() > CONTENT_MAX {
            return Err(Refusal::house("批量核验", "文件超过8MB").remedy("请拆成几个文件").at("file").into());
        }
        let bytes = BASE64.decode(&self.content).map_err(|_| unreadable())?;
        let lines = sheets::read_certificate_checks(&bytes, ROWS_MAX)?;
        let (today, seals) = (sight.today(), sight.office().seals());
        self.checked.reserve(lines.len());
        for some in lines.chunks(AT_ONCE) {
            self.checked.extend(check(&mut sight.tx(), seals, today, some)?);
        }
        Ok(())
    }

    fn unspoken(&self) -> String {
        self.content.clone()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Checked, Stop> {
        let office = own_office(desk.caller().office())?.to_owned();
        let today = desk.today();
        let terms = crate::term::on(&mut desk.tx(), today)?;
        let rows = self.checked.len() as i64;
        may_check(rows, store::rows_of_day(&mut desk.tx(), &office, today)?, &terms)?;
        let valid = self.checked.iter().filter(|row| row.verdict == CheckVerdict::Valid).count() as i64;
        let kept_until = today.saturating_add(terms.count(Term::CheckKept).days());
        let line = CheckLineView {
            id: desk.new_id(),
            name: crate::web::forms::plain_name(&self.name),
            checked_on: today,
            checked_by: desk.caller().name().to_owned(),
            rows,
            valid,
            kept_until,
            is_kept: true,
        };
        let result = serde_json::to_string(&self.checked).map_err(Stop::fault)?;
        let sealed = desk.seals().seal(&result);
        store::add_check(&mut desk.tx(), &office, &line, &sealed)?;
        Ok(Checked { id: line.id, rows, valid })
    }
}

/// The seat of whoever asks, which must be an employer's.
fn own_office(office: Option<&str>) -> Result<&str, Stop> {
    office.filter(|office| is_employer(office)).ok_or(Stop::NotGranted)
}

/// A row that can be looked up: its numbers as they are found, and the name without what does not count.
struct Readable {
    name: String,
    number: Option<String>,
    id_key: Option<String>,
}

/// Reads a row, or says why it can't be checked.
fn read(line: &CheckLine, seals: &Seals, today: Day) -> Result<Readable, &'static str> {
    if line.name.is_empty() {
        return Err("没有姓名");
    }
    if line.cut {
        return Err("号码按数值存放，末几位已经丢失，请把这一列设为文本后重新填写");
    }
    let long = |text: &str, most| text.chars().count() > most;
    if long(&line.name, 100) || long(&line.number, 40) || long(&line.id_number, 40) {
        return Err("内容过长，请核对是否错列");
    }
    let question = |number: &str| Question { name: line.name.clone(), number: number.to_owned() };
    let number = match line.number.is_empty() {
        true => None,
        false => Some(question(&line.number).certificate_number().ok_or("证书编号不是22位的职业技能等级证书编号")?),
    };
    let id_key = (!line.id_number.is_empty()).then(|| seals.find_key(&plain_number(&line.id_number, today)));
    match number.is_none() && id_key.is_none() {
        true => Err("没有证件号码，也没有证书编号"),
        false => Ok(Readable { name: plain_name(&line.name), number, id_key }),
    }
}

/// Checks some rows with two statements at most.
fn check(tx: &mut Tx<'_>, seals: &Seals, today: Day, lines: &[CheckLine]) -> Result<Vec<CheckedRow>, DbError> {
    let read: Vec<Result<Readable, &str>> = lines.iter().map(|line| read(line, seals, today)).collect();
    let (mut numbers, mut persons) = (BTreeMap::new(), BTreeMap::new());
    for (place, row) in read.iter().enumerate() {
        match row {
            Ok(Readable { number: Some(number), .. }) => drop(numbers.insert(place, [number])),
            Ok(Readable { id_key: Some(key), .. }) => drop(persons.insert(place, [key])),
            _ => {}
        }
    }
    let mut found: Vec<Vec<store::Fact>> = Vec::new();
    found.resize_with(lines.len(), Vec::new);
    for (asked, values) in [(store::Asked::Numbers, numbers), (store::Asked::Persons, persons)] {
        if values.is_empty() {
            continue;
        }
        let json = serde_json::to_string(&values).map_err(|error| DbError::stored(error.to_string()))?;
        for fact in store::facts(tx, asked, &json)? {
            let Some(Ok(row)) = read.get(fact.place) else { continue };
            // Who gives both numbers means both.
            let fits = plain_name(&fact.name) == row.name && row.id_key.as_ref().is_none_or(|key| *key == fact.id_key);
            if fits {
                found[fact.place].push(fact);
            }
        }
    }
    let checked = |(line, (read, mut facts)): (&CheckLine, (Result<Readable, &str>, Vec<store::Fact>))| {
        facts.sort_by(|a, b| (b.issued_on, &b.number).cmp(&(a.issued_on, &a.number)));
        let (verdict, reason) = match read {
            Err(why) => (CheckVerdict::Unreadable, why.to_owned()),
            Ok(_) => (CheckVerdict::of(facts.iter().map(|fact| fact.state)), reason(&facts)),
        };
        CheckedRow::of(line, verdict, reason)
    };
    Ok(lines.iter().zip(read.into_iter().zip(found)).map(checked).collect())
}

/// Certificates that a row names at most, the latest first.
const NAMED: usize = 5;

/// What is said to a row: which certificates fit it, and since when one does not stand.
fn reason(facts: &[store::Fact]) -> String {
    if facts.is_empty() {
        return "没有查到相符的证书，姓名和号码须与证书完全一致".into();
    }
    let one = |fact: &store::Fact| {
        let since = fact.state_on.map(|on| format!("（{}起）", plain_day(on))).unwrap_or_default();
        format!(
            "{}，{}，{}，{}于{}颁发，{}{since}",
            fact.number,
            fact.trade,
            fact.level.name(),
            fact.body,
            plain_day(fact.issued_on),
            fact.state.name()
        )
    };
    let named: Vec<String> = facts.iter().take(NAMED).map(one).collect();
    let more = facts.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("；另有{more}本") } else { String::new() };
    format!("{}{more}", named.join("；"))
}

/// Forgets the results whose days are over; how many.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn forget(tx: &mut Tx<'_>, today: Day) -> Result<u64, DbError> {
    store::forget(tx, today)
}

/// A list that was checked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckLineView {
    pub id: i64,
    pub name: String,
    pub checked_on: Date,
    pub checked_by: String,
    pub rows: i64,
    pub valid: i64,
    /// The last day on which the result may be fetched.
    pub kept_until: Date,
    /// Whether it still may.
    pub is_kept: bool,
}

/// Which lists did my employer have checked?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct CertificateChecks {}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateChecksView {
    pub checks: Vec<CheckLineView>,
    /// Rows that may still be checked today.
    pub left: i64,
    /// Days that a result is kept.
    pub kept_days: i64,
}

impl Look for CertificateChecks {
    const KIND: LookKind = LookKind::Checks;
    type View = CertificateChecksView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CertificateChecksView, Stop> {
        let office = own_office(sight.caller().office())?;
        let today = sight.today();
        let terms = crate::term::on(&mut sight.tx(), today)?;
        let used = store::rows_of_day(&mut sight.tx(), office, today)?;
        Ok(CertificateChecksView {
            checks: store::checks(&mut sight.tx(), office)?,
            left: (terms.get(Term::CheckRows) - used).max(0),
            kept_days: terms.get(Term::CheckKept),
        })
    }
}

/// What came of a list that my employer had checked?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct CheckResult {
    pub check: i64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckResultView {
    pub check: CheckLineView,
    /// Every row, in the order of the list; empty once it is forgotten.
    pub rows: Vec<CheckedRow>,
}

/// The result as a workbook: each row as it was written, with verdict and reason.
///
/// # Errors
/// A fault when it can't be written.
pub(crate) fn workbook(rows: &[CheckedRow]) -> Result<Vec<u8>, Stop> {
    let headers = ["工作表", "行", "姓名", "证件号码", "证书编号", "核验结果", "说明"];
    let cells = |row: &CheckedRow| {
        let CheckedRow { sheet, row, name, id_number, number, verdict, reason } = row.clone();
        vec![sheet, row.to_string(), name, id_number, number, verdict.name().to_owned(), reason]
    };
    sheets::table("证书核验结果", &headers, rows.iter().map(cells)).map_err(Stop::fault)
}

impl Look for CheckResult {
    const KIND: LookKind = LookKind::Checks;
    type View = CheckResultView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CheckResultView, Stop> {
        let office = own_office(sight.caller().office())?;
        let (check, sealed) = store::check(&mut sight.tx(), office, self.check)?.ok_or(Stop::NotFound)?;
        let rows = match check.is_kept {
            false => Vec::new(),
            true => {
                let opened = sight.office().seals().open_text(&sealed);
                let opened =
                    opened.ok_or_else(|| Stop::fault(format!("the result of check {} is altered", check.id)))?;
                serde_json::from_str(&opened).map_err(Stop::fault)?
            }
        };
        Ok(CheckResultView { check, rows })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<EnterEmployer>("/employers")
        .look::<Employers>("/employers", "用人单位")
        .act::<CheckCertificates>("/certificate-checks")
        .look::<CertificateChecks>("/certificate-checks", "本单位的批量核验")
        .look::<CheckResult>("/certificate-checks/{check}", "批量核验的结果")
        .other(
            Method::GET,
            "/certificate-index",
            file_operation("certificate-index", ("CertificateIndex", "证书索引，供本地核验"), &[], "text/plain"),
            axum::routing::get(pages::index_by_api),
        )
}
