//! Our records and the national system's own list, side by side: what it lacks, what it has and nobody here has sent, what is not
//! the same, what it has more than once. A list is imported by a person or fetched by the connector once a day.

use std::collections::BTreeMap;
use std::sync::Arc;

use rules::certificate::CertificateState;
use rules::exchange::{ExchangeDifferenceKind, ExchangeDifferenceState, ExchangeField, ExchangeTemplate, with_reason};
use rules::identity::{mask_name, mask_number};
use rules::permission::ActKind;
use rules::term::Term;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use sheets::{Finding, NationalRow};
use utoipa::ToSchema;

use super::store::{self, Found, National};
use super::{due_on, package, template};
use crate::account::Done;
use crate::db::Keep;
use crate::door::store::{note_file, to_text};
use crate::door::{Act, Caller, Desk, FileHash, KeptFile, Office, Sight, Stop, Subject};

fn refuse(what: impl Into<String>, remedy: &str) -> Refusal {
    Refusal::new(Clause::S3_3_6, what).remedy(remedy)
}

/// Imports a whole list of what the national system has, and compares it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportNational {
    pub file: FileHash,
    #[schema(max_length = 200)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<Read>>,
}

/// What was read of a list before the transaction.
#[derive(Debug)]
struct Read {
    kept: KeptFile,
    entries: BTreeMap<String, National>,
    findings: Vec<Finding>,
}

impl ImportNational {
    /// Of a kept file.
    pub fn new(file: FileHash, name: String) -> Self {
        Self { file, name, read: None }
    }
}

/// What came of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NationalImported {
    pub inventory: i64,
    /// Certificates on it.
    pub certificates: usize,
    /// Differences found.
    pub differences: usize,
    /// Rows that could not be read.
    pub findings: Vec<Finding>,
}

/// A certificate as their list has it.
pub(super) fn entry(
    sight: &Sight<'_>,
    cells: &[String],
    national_id: &str,
    stands: CertificateState,
) -> Result<National, Stop> {
    Ok(National {
        national_id: national_id.to_owned(),
        stands,
        digest: package::digest(sight, cells),
        sealed: sight.seals().seal(&to_text(&cells)?),
        times: 1,
    })
}

/// Puts a certificate on a list; the same number again counts.
pub(super) fn put(entries: &mut BTreeMap<String, National>, number: String, one: National) {
    entries.entry(number).and_modify(|held| held.times += 1).or_insert(one);
}

/// How a certificate stands, as they say it; one of which they say nothing is valid.
pub(super) fn read_stands(text: &str) -> Option<CertificateState> {
    match text.trim() {
        "" | "有效" | "正常" => Some(CertificateState::Valid),
        "暂停" | "暂停使用" | "冻结" => Some(CertificateState::Suspended),
        "撤销" | "已撤销" => Some(CertificateState::Revoked),
        "注销" | "已注销" | "作废" => Some(CertificateState::Void),
        other => CertificateState::from_code(other),
    }
}

/// A row of a list that has a number and a word that is known.
fn judge(row: &NationalRow, number_at: usize) -> Result<(), (usize, Refusal)> {
    let refused = |what, remedy| Err((number_at, refuse(what, remedy)));
    if row.cells[number_at].is_empty() {
        return refused("没有证书编号".to_owned(), "请补上证书编号，或删去这一行");
    }
    if read_stands(&row.stands).is_none() {
        return refused(format!("“{}”不是证书状态", row.stands), "请写有效、暂停、撤销或注销");
    }
    Ok(())
}

/// Where the number stands in a template; every one has it.
pub(super) fn number_at(template: &ExchangeTemplate) -> Result<usize, Stop> {
    template.place_of(ExchangeField::Number).ok_or_else(|| Stop::fault("a template without the number"))
}

impl Act for ImportNational {
    const KIND: ActKind = ActKind::ImportNational;
    const PREPARES: bool = true;
    type Answer = NationalImported;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let bytes = sight.office().files().bring(&self.file)?;
        let kept = KeptFile::of(&self.file, &bytes)?;
        let today = sight.today();
        let (_, template) = template::on(&mut sight.tx(), today)?;
        let at = number_at(&template)?;
        let check = sheets::read_national(&bytes, &template.headings(), &mut |row| judge(row, at))?;
        let mut entries = BTreeMap::new();
        for row in &check.rows {
            let stands = read_stands(&row.stands).unwrap_or(CertificateState::Valid);
            put(&mut entries, row.cells[at].clone(), entry(sight, &row.cells, &row.national_id, stands)?);
        }
        self.read = Some(Arc::new(Read { kept, entries, findings: check.findings }));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<NationalImported, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the list was not read"))?;
        // A row that can't be read would be taken for one that they lack.
        if let Some(first) = read.findings.first() {
            let what = format!(
                "清单有 {} 处读不出来，没有对账，首处：第{}行“{}”{}",
                read.findings.len(),
                first.row,
                first.column_name,
                first.reason
            );
            return Err(refuse(what, &first.remedy).at("file").into());
        }
        let (id, today, now, by) = (desk.new_id(), desk.today(), desk.now(), desk.caller().name().to_owned());
        note_file(&mut desk.tx(), &read.kept, now)?;
        store::open_inventory(&mut desk.tx(), id, Some(&self.file), (today, &by, now))?;
        store::add_national(&mut desk.tx(), id, &read.entries)?;
        let differences = compare(desk, id)?;
        Ok(NationalImported {
            inventory: id,
            certificates: read.entries.len(),
            differences,
            findings: read.findings.clone(),
        })
    }
}

/// Compares a list that the connector has fetched whole.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CompareNational {
    pub national_list: i64,
}

/// What a comparison found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Compared {
    pub differences: usize,
}

impl Act for CompareNational {
    const KIND: ActKind = ActKind::CompareNational;
    type Answer = Compared;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Compared, Stop> {
        if !store::to_compare(&mut desk.tx())?.contains(&self.national_list) {
            return Err(refuse("这份清单还没有取完，或已经对过账", "请等待下一份清单").into());
        }
        Ok(Compared { differences: compare(desk, self.national_list)? })
    }
}

/// Finds where a list and our records differ; how many places. What was settled on the day of the list may have come after it
/// and is left for the next.
fn compare(desk: &mut Desk<'_>, inventory: i64) -> Result<usize, Stop> {
    let today = desk.today();
    let list = store::inventory(&mut desk.tx(), inventory)?.ok_or(Stop::NotFound)?;
    store::accept_found(&mut desk.tx(), inventory, today)?;
    let mut found = Vec::new();
    for (body, number) in store::missing(&mut desk.tx(), inventory, list.begun_on)? {
        found.push(whole(ExchangeDifferenceKind::Missing, Some(body), number, ("已入库", "清单中没有")));
    }
    for (body, number, digest, _) in store::foreign(&mut desk.tx(), inventory)? {
        let ours = if body.is_some() { "没有从本平台上传" } else { "没有这本证书" };
        found.push(Found {
            mark: digest, ..whole(ExchangeDifferenceKind::Foreign, body, number, (ours, "清单中有"))
        });
    }
    for (body, number, times) in store::twice(&mut desk.tx(), inventory)? {
        let theirs = format!("清单中有 {times} 次");
        found.push(whole(ExchangeDifferenceKind::Twice, body, number, ("一本", &theirs)));
    }
    let (_, theirs) = template::on(&mut desk.tx(), list.begun_on)?;
    let mut templates: BTreeMap<i64, ExchangeTemplate> = BTreeMap::new();
    for one in store::differing(&mut desk.tx(), inventory, list.begun_on)? {
        if let std::collections::btree_map::Entry::Vacant(place) = templates.entry(one.template) {
            place.insert(template::of(&mut desk.tx(), one.template)?);
        }
        let (our_cells, their_cells): (Vec<String>, Vec<String>) =
            (store::opened(desk.seals(), &one.cells.0)?, store::opened(desk.seals(), &one.cells.1)?);
        let field = |column: &str, ours: String, theirs: String| Found {
            body: Some(one.body),
            kind: ExchangeDifferenceKind::Field,
            number: one.number.clone(),
            column: column.to_owned(),
            ours,
            theirs,
            mark: format!("{} {}", one.digest, one.stands.1.code()),
        };
        if one.stands.0 != one.stands.1 {
            found.push(field("证书状态", one.stands.0.name().into(), one.stands.1.name().into()));
        }
        for (n, column) in templates[&one.template].columns.iter().enumerate() {
            // Columns that only one of two templates has can't be compared; how it stands was compared above.
            let Some(at) = theirs.place_of(column.field).filter(|_| column.field != ExchangeField::Stands) else {
                continue;
            };
            let (ours, theirs) = (our_cells.get(n), their_cells.get(at));
            if ours != theirs {
                let said = |cell: Option<&String>| masked(column.field, cell.map_or("", String::as_str));
                found.push(field(&column.heading, said(ours), said(theirs)));
            }
        }
    }
    let due = due_on(desk, today, Term::DifferenceWithin)?.unwrap_or(today);
    let office = desk.office();
    store::compared(&mut desk.tx(), inventory, &found, (today, due), || office.new_id())?;
    Ok(found.len())
}

/// A difference of a whole certificate.
fn whole(kind: ExchangeDifferenceKind, body: Option<i64>, number: String, (ours, theirs): (&str, &str)) -> Found {
    let (ours, theirs) = (ours.to_owned(), theirs.to_owned());
    Found { body, kind, number, column: String::new(), ours, theirs, mark: String::new() }
}

/// A value as it may be shown in a list.
fn masked(field: ExchangeField, value: &str) -> String {
    match field {
        ExchangeField::Name => mask_name(value),
        ExchangeField::IdNumber => mask_number(value),
        _ => value.to_owned(),
    }
}

/// Answers a difference: the certificate goes up again, or somebody takes note of it with the reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResolveDifference {
    pub difference: i64,
    /// Whether the certificate goes up again with the next package.
    pub again: bool,
    #[schema(min_length = 2, max_length = 500)]
    pub reason: String,
}

impl Act for ResolveDifference {
    const KIND: ActKind = ActKind::ResolveDifference;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Difference(self.difference)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (kind, number, state) = store::difference(&mut desk.tx(), self.difference)?.ok_or(Stop::NotFound)?;
        if state != ExchangeDifferenceState::Open {
            return Err(refuse(format!("这处差异{}", state.name()), "无需再次处理").into());
        }
        with_reason(&self.reason, "请写明差异的原因，或更正了什么")?;
        if self.again {
            let stands = store::stands(&mut desk.tx(), &number)?;
            match kind {
                ExchangeDifferenceKind::Foreign if stands.is_none() => {
                    let remedy = "请导入外部编号的证书，或说明原因";
                    return Err(refuse("本平台没有这本证书，不能重新上传", remedy).at("again").into());
                }
                ExchangeDifferenceKind::Missing if stands != Some(CertificateState::Valid) => {
                    let remedy = "国家平台没有、本平台也不再有效的证书，请说明原因";
                    return Err(refuse("这本证书已不是有效状态，不能作为新增上传", remedy).at("again").into());
                }
                _ => {}
            }
        }
        let to = if self.again { ExchangeDifferenceState::Again } else { ExchangeDifferenceState::Noted };
        let (today, by) = (desk.today(), desk.caller().name());
        store::resolve(&mut desk.tx(), (kind, &number), to, (today, by, self.reason.trim()))?;
        Ok(Done {})
    }
}

/// Begins today's list, where an interface is named and something went up, and compares what was fetched; how many were compared.
///
/// # Errors
/// A fault of reading; a list that can't be compared keeps no other up.
pub(crate) fn fall_due(office: &Office) -> Result<usize, Stop> {
    if office.connector().is_none() {
        return Ok(0);
    }
    let (id, today, now) = (office.new_id(), office.today(), office.now());
    office.engine().write(move |tx| {
        if store::inventory_is_due(tx, today)? {
            store::open_inventory(tx, id, None, (today, Caller::timer().name(), now))?;
        }
        Ok((Keep::Yes, ()))
    })?;
    compare_fetched(office)
}

/// Compares the lists that are whole; how many.
pub(super) fn compare_fetched(office: &Office) -> Result<usize, Stop> {
    let mut compared = 0;
    for national_list in office.engine().read(store::to_compare)? {
        match office.act(&Caller::timer(), CompareNational { national_list }) {
            Ok(_) => compared += 1,
            Err(stop) => tracing::error!(national_list, %stop, "comparing a national list"),
        }
    }
    Ok(compared)
}
