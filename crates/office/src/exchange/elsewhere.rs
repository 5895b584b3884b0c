//! 二（二）4: certificates whose numbers the national system has given. They are kept as such, and none of their numbers is ever
//! given here.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use rules::certificate::{CertificateNumber, Level};
use rules::exchange::{ExchangeField, ExchangeTemplate};
use rules::permission::{ActKind, LookKind};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use sheets::{Finding, NationalRow};
use utoipa::ToSchema;

use super::{PAGE, page_of, store};
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};

/// Imports certificates whose numbers were given elsewhere, in the columns of the national sheet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportElsewhere {
    pub file: FileHash,
    #[schema(max_length = 200)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<Read>>,
}

/// What was read before the transaction.
#[derive(Debug)]
struct Read {
    kept: KeptFile,
    rows_read: usize,
    entries: BTreeMap<String, store::Elsewhere>,
    findings: Vec<Finding>,
}

impl ImportElsewhere {
    /// Of a kept file.
    pub fn new(file: FileHash, name: String) -> Self {
        Self { file, name, read: None }
    }
}

/// What was imported.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ElsewhereImported {
    pub rows_read: usize,
    pub new: u64,
    /// Rows that were not taken, by row and column.
    pub findings: Vec<Finding>,
}

fn refuse(what: impl Into<String>, remedy: &str) -> Refusal {
    Refusal::new(Clause::S2_2_4B, what).remedy(remedy)
}

/// A row as a certificate; where not, in which column of the template and why.
fn read_row(
    sight: &Sight<'_>,
    template: &ExchangeTemplate,
    row: &NationalRow,
) -> Result<(String, store::Elsewhere), (usize, Refusal)> {
    let at = |field| template.place_of(field).unwrap_or_default();
    let cell = |field: ExchangeField| {
        template.place_of(field).and_then(|at| row.cells.get(at)).map_or("", String::as_str).trim()
    };
    let needed = |field: ExchangeField| {
        Some(cell(field).to_owned())
            .filter(|text| !text.is_empty())
            .ok_or_else(|| (at(field), refuse(format!("没有{}", field.name()), "请补上后再导入")))
    };
    let number = CertificateNumber::parse(cell(ExchangeField::Number))
        .map_err(|refusal| (at(ExchangeField::Number), refusal))?
        .to_string();
    let issued_on = cell(ExchangeField::IssuedOn).parse().map_err(|_| {
        let what = format!("发证日期“{}”不是日期", cell(ExchangeField::IssuedOn));
        (at(ExchangeField::IssuedOn), refuse(what, "请按 2026-12-07 的格式填写"))
    })?;
    let level = Level::from_text(cell(ExchangeField::Level)).map_err(|refusal| (at(ExchangeField::Level), refusal))?;
    let id_number = needed(ExchangeField::IdNumber)?;
    let one = store::Elsewhere {
        national_id: row.national_id.clone(),
        name: needed(ExchangeField::Name)?,
        id_key: sight.seals().find_key(&id_number),
        id_sealed: sight.seals().seal(&id_number),
        trade: needed(ExchangeField::Trade)?,
        work_type: cell(ExchangeField::WorkType).to_owned(),
        level,
        issued_on,
        body_name: cell(ExchangeField::BodyName).to_owned(),
    };
    Ok((number, one))
}

impl Act for ImportElsewhere {
    const KIND: ActKind = ActKind::ImportElsewhere;
    const PREPARES: bool = true;
    type Answer = ElsewhereImported;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let bytes = sight.office().files().bring(&self.file)?;
        let kept = KeptFile::of(&self.file, &bytes)?;
        let today = sight.today();
        let (_, template) = super::template::on(&mut sight.tx(), today)?;
        let mut entries = BTreeMap::new();
        let mut judge = |row: &NationalRow| {
            let (number, one) = read_row(sight, &template, row)?;
            entries.insert(number, one);
            Ok(())
        };
        let check = sheets::read_national(&bytes, &template.headings(), &mut judge)?;
        self.read = Some(Arc::new(Read { kept, rows_read: check.rows_read, entries, findings: check.findings }));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ElsewhereImported, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the list was not read"))?;
        if read.entries.is_empty() {
            let first = read.findings.first();
            let what = first.map_or_else(
                || "文件中没有一本证书".to_owned(),
                |finding| {
                    format!("没有一行可以导入，首处：第{}行“{}”{}", finding.row, finding.column_name, finding.reason)
                },
            );
            let remedy = first.map_or("请按交换模板的列填写", |finding| &finding.remedy);
            return Err(refuse(what, remedy).at("file").into());
        }
        let ours = store::ours_among(&mut desk.tx(), read.entries.keys().map(String::as_str))?;
        if let Some(number) = ours.first() {
            let what = format!("证书 {number} 是本平台核发的，不是外部编号（共 {} 本）", ours.len());
            return Err(refuse(what, "请从文件中删去本平台核发的证书").at("file").into());
        }
        let (today, now, by) = (desk.today(), desk.now(), desk.caller().name().to_owned());
        note_file(&mut desk.tx(), &read.kept, now)?;
        let new = store::add_elsewhere(&mut desk.tx(), &read.entries, &self.file, (today, &by))?;
        Ok(ElsewhereImported { rows_read: read.rows_read, new, findings: read.findings.clone() })
    }
}

/// A certificate whose number was given elsewhere, its holder masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ElsewhereLine {
    pub number: String,
    pub national_id: String,
    /// Masked.
    pub name: String,
    /// Masked.
    pub id_number: String,
    pub trade: String,
    pub work_type: String,
    pub level: Level,
    pub issued_on: Date,
    pub body_name: String,
    pub imported_on: Date,
    pub imported_by: String,
}

/// Certificates whose numbers were given elsewhere, the latest imported first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ElsewhereView {
    pub certificates: Vec<ElsewhereLine>,
    pub total: i64,
    pub page: i64,
}

/// Which certificates have a number that was given elsewhere?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Elsewhere {
    /// Which page, from 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub page: Option<i64>,
}

impl Look for Elsewhere {
    const KIND: LookKind = LookKind::Certificates;
    type View = ElsewhereView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ElsewhereView, Stop> {
        // They are nobody's within the province: the provincial offices see them.
        if sight.scope() != crate::door::Scope::default() {
            return Err(Stop::NotGranted);
        }
        let (page, seals) = (page_of(self.page), sight.seals());
        Ok(ElsewhereView {
            certificates: store::elsewhere(&mut sight.tx(), seals, PAGE, page * PAGE)?,
            total: store::elsewhere_count(&mut sight.tx())?,
            page,
        })
    }
}
