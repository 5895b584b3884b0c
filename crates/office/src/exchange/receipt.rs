//! What the national system hands back for a package that a person uploaded: accepted or rejected, row by row.

use std::sync::Arc;

use rules::exchange::{Outcome, RowState, Settled, settle};
use rules::permission::ActKind;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use sheets::{Finding, ReceiptCheck, ReceiptRow};
use utoipa::ToSchema;

use super::store;
use crate::door::store::{note_file, to_text};
use crate::door::{Act, Desk, FileHash, KeptFile, Sight, Stop, Subject};

/// Imports the receipt of a package: a workbook, a text, or JSON.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportExchangeReceipt {
    pub package: i64,
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
    check: ReceiptCheck,
    kept: KeptFile,
}

impl ImportExchangeReceipt {
    /// Of a kept file.
    pub fn new(package: i64, file: FileHash, name: String) -> Self {
        Self { package, file, name, read: None }
    }
}

/// What a receipt said.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiptImported {
    pub receipt: i64,
    pub rows_read: usize,
    pub accepted: usize,
    pub rejected: usize,
    /// What did not fit, by row and column.
    pub findings: Vec<Finding>,
}

/// One result as programs say it; the connector is answered the same way.
#[derive(Debug, Deserialize)]
struct JsonRow {
    number: String,
    outcome: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    column: String,
    #[serde(default)]
    reason: String,
}

/// JSON `{"results": […]}` as the table that it stands for, so that each fault has a row; anything else stays as it is.
fn as_table(bytes: Vec<u8>) -> Result<Vec<u8>, Stop> {
    #[derive(Deserialize)]
    struct Document {
        results: Vec<JsonRow>,
    }
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Ok(bytes);
    }
    let document: Document = serde_json::from_slice(&bytes).map_err(|error| {
        Refusal::house("表格文件", format!("JSON 读不出来：{error}"))
            .remedy("请按 {\"results\":[{\"number\":…,\"outcome\":\"accepted\",\"id\":…}]} 的形式给出")
            .at("file")
    })?;
    let heads = ["证书编号", "处理结果", "国家平台编号", "出错字段", "原因"].map(str::to_owned);
    let rows = document.results.into_iter().map(|row| [row.number, row.outcome, row.id, row.column, row.reason]);
    text_table(std::iter::once(heads).chain(rows))
}

/// Rows as a text that is read like a sheet.
pub(super) fn text_table<R: IntoIterator<Item = String>>(rows: impl Iterator<Item = R>) -> Result<Vec<u8>, Stop> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(Stop::fault)?;
    }
    writer.into_inner().map_err(Stop::fault)
}

/// What an answer says.
fn said(row: &ReceiptRow) -> Outcome<'_> {
    if row.is_accepted { Outcome::Accepted(&row.national_id) } else { Outcome::Rejected }
}

impl Act for ImportExchangeReceipt {
    const KIND: ActKind = ActKind::ImportExchangeReceipt;
    const PREPARES: bool = true;
    type Answer = ReceiptImported;

    fn subject(&self) -> Subject {
        Subject::Package(self.package)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let bytes = sight.office().files().bring(&self.file)?;
        let kept = KeptFile::of(&self.file, &bytes)?;
        let states = store::states(&mut sight.tx(), self.package)?;
        let mut judge = |row: &ReceiptRow| match states.get(&row.number) {
            Some((state, id)) => settle(*state, id.as_deref(), &said(row)).map(drop),
            None => {
                Err(Refusal::new(Clause::S3_3_6, "这本证书不在这个交换包中").remedy("请核对是不是另一个交换包的回执"))
            }
        };
        let check = sheets::read_receipt(&as_table(bytes)?, &mut judge)?;
        self.read = Some(Arc::new(Read { check, kept }));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ReceiptImported, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the receipt was not read"))?;
        let (check, kept) = (&read.check, &read.kept);
        if check.rows.is_empty() {
            let first = check.findings.first();
            let what = first.map_or_else(
                || "回执中没有一行结果".to_owned(),
                |finding| {
                    format!(
                        "回执没有一行可以登记，首处：第{}行“{}”{}",
                        finding.row, finding.column_name, finding.reason
                    )
                },
            );
            let remedy = first.map_or("请导入国家平台下载的回执", |finding| &finding.remedy);
            return Err(Refusal::new(Clause::S3_3_6, what).remedy(remedy).at("file").into());
        }
        // Another receipt may have come while this one was read: what it settled stays.
        let states = store::states(&mut desk.tx(), self.package)?;
        let mut answers = store::Answers::new();
        for row in &check.rows {
            let Some((state, id)) = states.get(&row.number) else { continue };
            if let Settled::Moves(to) = settle(*state, id.as_deref(), &said(row))? {
                answers.insert(&row.number, (to, &row.national_id, &row.fault, &row.reason));
            }
        }
        let (id, today, now, by) = (desk.new_id(), desk.today(), desk.now(), desk.caller().name().to_owned());
        store::settle(&mut desk.tx(), self.package, &answers, today)?;
        note_file(&mut desk.tx(), kept, now)?;
        let count = |wanted: RowState| answers.values().filter(|(state, ..)| *state == wanted).count();
        let (accepted, rejected) = (count(RowState::Accepted), count(RowState::Rejected));
        let receipt = store::NewReceipt {
            id,
            package: self.package,
            file: &kept.hash,
            name: &crate::web::forms::plain_name(&self.name),
            rows_read: check.rows_read,
            accepted,
            rejected,
            findings: desk.seals().seal(&to_text(&check.findings)?),
            on: today,
            by: &by,
        };
        store::add_receipt(&mut desk.tx(), &receipt)?;
        Ok(ReceiptImported {
            receipt: id,
            rows_read: check.rows_read,
            accepted,
            rejected,
            findings: check.findings.clone(),
        })
    }
}
