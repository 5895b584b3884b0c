//! 三（三）: a body keeps a working ledger (建立工作台账). Nobody writes it: each batch and each year is told from the records
//! themselves, for looking, for printing and as a workbook; the ledger of a batch ends in its certificates and in every act.

mod pages;
mod print;
mod store;

use jiff::civil::Date;
use rules::Clause;
use rules::batch::BatchStage;
use rules::certificate::Level;
use rules::permission::LookKind;
use serde::{Deserialize, Serialize};
use sheets::TableSheet;
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::chain::ActLine;
use crate::door::{Look, Sight, Stop, Subject};
use crate::marks::FileView;
use crate::web::api::Registry;

/// The duty that the ledger answers to.
pub(crate) const BASIS: Clause = Clause::S3_3_5;

/// One batch in a ledger.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LedgerLine {
    pub batch: i64,
    /// `PC2026-0001`.
    pub number: String,
    pub title: String,
    pub body_name: String,
    pub code: String,
    pub trade: String,
    /// Blank for the whole occupation.
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
    pub standard: String,
    pub stage: BatchStage,
    pub stage_name: String,
    pub notified_on: Date,
    pub starts_on: Date,
    pub ends_on: Date,
    pub theory_place: String,
    pub practical_place: String,
    pub organiser: String,
    pub responsible: String,
    pub cancelled_on: Option<Date>,
    pub posted_on: Option<Date>,
    pub publicity_ends_on: Option<Date>,
    pub objections: i64,
    pub report_due_on: Option<Date>,
    /// When results were first reported.
    pub reported_on: Option<Date>,
    pub reports: i64,
    #[serde(flatten)]
    pub people: People,
    pub first_number: Option<String>,
    pub last_number: Option<String>,
    pub issued_on: Option<Date>,
}

impl LedgerLine {
    /// Whether the first report came after its last day.
    pub fn is_late(&self) -> bool {
        matches!((self.reported_on, self.report_due_on), (Some(on), Some(due)) if on > due)
    }
}

/// How many persons came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct People {
    /// Registered and not withdrawn.
    pub registered: i64,
    pub passed: i64,
    pub failed: i64,
    pub absent: i64,
    pub violated: i64,
    pub deferred: i64,
    /// Approved by the centre.
    pub approved: i64,
    /// Certificates issued, voided ones included.
    pub issued: i64,
    pub voided: i64,
}

impl std::ops::AddAssign for People {
    fn add_assign(&mut self, other: Self) {
        self.registered += other.registered;
        self.passed += other.passed;
        self.failed += other.failed;
        self.absent += other.absent;
        self.violated += other.violated;
        self.deferred += other.deferred;
        self.approved += other.approved;
        self.issued += other.issued;
        self.voided += other.voided;
    }
}

/// The batches of one occupation at one level, summed up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LedgerSum {
    pub code: String,
    pub trade: String,
    pub level: Level,
    pub level_name: String,
    pub batches: i64,
    #[serde(flatten)]
    pub people: People,
}

/// The working ledger of a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LedgerView {
    pub year: i16,
    /// Years in which batches start, the latest first.
    pub years: Vec<i16>,
    /// In the order in which they start; cancelled ones too.
    pub lines: Vec<LedgerLine>,
    /// Without cancelled batches.
    pub sums: Vec<LedgerSum>,
    pub total: People,
}

/// What was done in a year: every batch that starts in it?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ledger {
    /// This year without it.
    #[schema(minimum = 2000, maximum = 2999)]
    pub year: Option<i16>,
    /// One body of an office's territory; all of them without it.
    pub body: Option<i64>,
}

impl Look for Ledger {
    const KIND: LookKind = LookKind::Batches;
    type View = LedgerView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<LedgerView, Stop> {
        let (scope, year) = (sight.scope(), self.year.unwrap_or(sight.today().year()));
        let mut years = store::years(&mut sight.tx(), &scope)?;
        if !years.contains(&year) {
            years.push(year);
            years.sort_unstable_by(|a, b| b.cmp(a));
        }
        let lines = store::lines(&mut sight.tx(), &scope, year, self.body)?;
        let (mut sums, mut total) = (Vec::<LedgerSum>::new(), People::default());
        for line in lines.iter().filter(|line| line.cancelled_on.is_none()) {
            total += line.people;
            let at = sums.iter().position(|sum| sum.code == line.code && sum.level == line.level);
            let at = at.unwrap_or_else(|| {
                sums.push(LedgerSum {
                    code: line.code.clone(),
                    trade: line.trade.clone(),
                    level: line.level,
                    level_name: line.level_name.clone(),
                    batches: 0,
                    people: People::default(),
                });
                sums.len() - 1
            });
            sums[at].batches += 1;
            sums[at].people += line.people;
        }
        sums.sort_by(|a, b| (&a.code, b.level.digit()).cmp(&(&b.code, a.level.digit())));
        Ok(LedgerView { year, years, lines, sums, total })
    }
}

/// The ledger of a year as a workbook: batches, and what they sum up to.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LedgerWorkbook {
    /// This year without it.
    #[schema(minimum = 2000, maximum = 2999)]
    pub year: Option<i16>,
    pub body: Option<i64>,
}

impl Look for LedgerWorkbook {
    const KIND: LookKind = LookKind::Batches;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let view = Ledger { year: self.year, body: self.body }.view(sight)?;
        let mut headers = vec!["职业编码", "职业", "等级", "批次"];
        headers.extend(PEOPLE);
        let sums = view.sums.iter().map(|sum| {
            let mut row = vec![sum.code.clone(), sum.trade.clone(), sum.level_name.clone(), sum.batches.to_string()];
            row.extend(counted(sum.people));
            row
        });
        let title = format!("{}年工作台账", view.year);
        let sheets = vec![
            TableSheet {
                name: "批次".into(),
                title: title.clone(),
                headers: HEADERS.to_vec(),
                rows: view.lines.iter().map(row).collect(),
            },
            TableSheet { name: "汇总".into(), title: title.clone(), headers, rows: sums.collect() },
        ];
        let bytes = sheets::tables(&sheets).map_err(Stop::fault)?;
        Ok(FileView { name: format!("{title}.xlsx"), bytes })
    }
}

/// What one batch was: its line, and every act in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchLedgerView {
    pub line: LedgerLine,
    /// On the batch, its candidates, objections and certificates, the first first.
    pub acts: Vec<ActLine>,
    /// Whether there were so many that the earliest were left out.
    pub acts_cut: bool,
}

/// What was done in this batch, by whom and when?
#[derive(Debug, Deserialize, ToSchema)]
pub struct BatchLedger {
    pub batch: i64,
}

impl Look for BatchLedger {
    const KIND: LookKind = LookKind::Batches;
    type View = BatchLedgerView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<BatchLedgerView, Stop> {
        let line = store::line(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let (acts, acts_cut) = store::acts(&mut sight.tx(), self.batch)?;
        Ok(BatchLedgerView { line, acts, acts_cut })
    }
}

/// The ledger of a batch as a workbook: the batch, its persons with results and certificates, every act. It names
/// persons, so fetching it leaves a trace; identity numbers are not in it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BatchLedgerWorkbook {
    pub batch: i64,
}

impl Look for BatchLedgerWorkbook {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let BatchLedgerView { line, acts, .. } = BatchLedger { batch: self.batch }.view(sight)?;
        let persons = store::persons(&mut sight.tx(), self.batch)?;
        let acts = acts.into_iter().map(|act| {
            let outcome = act.refused.map_or_else(|| "已办理".to_owned(), |what| format!("未获办理：{what}"));
            vec![act.at, act.act, act.by, act.role, act.seat, outcome]
        });
        let title = format!("{} {}工作台账", line.body_name, line.title);
        let sheet =
            |name: &str, headers, rows| TableSheet { name: name.to_owned(), title: title.clone(), headers, rows };
        let sheets = vec![
            sheet("批次", HEADERS.to_vec(), vec![row(&line)]),
            sheet(
                "人员",
                vec![
                    "准考证号",
                    "姓名",
                    "学号",
                    "专业",
                    "认定结果",
                    "审核",
                    "证书编号",
                    "发证日期",
                    "证书状态",
                    "备注",
                ],
                persons,
            ),
            sheet("办理记录", vec!["时间", "事项", "办理人", "角色", "单位", "结果"], acts.collect()),
        ];
        let bytes = sheets::tables(&sheets).map_err(Stop::fault)?;
        Ok(FileView { name: format!("工作台账-{}.xlsx", line.number), bytes })
    }
}

/// The columns of a batch.
const HEADERS: [&str; 32] = [
    "批次编号",
    "批次",
    "机构",
    "职业编码",
    "职业",
    "工种",
    "等级",
    "执行标准",
    "状态",
    "通报日期",
    "开展日期",
    "结束日期",
    "理论考场",
    "实操考场",
    "组织实施单位",
    "批次负责人",
    "报名",
    "合格",
    "不合格",
    "缺考",
    "违纪",
    "缓考",
    "公示日期",
    "公示期满",
    "异议",
    "上报日期",
    "上报期限",
    "是否逾期",
    "审核通过",
    "发证",
    "证书编号起止",
    "发证日期",
];

/// The columns of [`counted`].
const PEOPLE: [&str; 9] = ["报名", "合格", "不合格", "缺考", "违纪", "缓考", "审核通过", "发证", "其中已注销"];

fn counted(people: People) -> [String; 9] {
    let People { registered, passed, failed, absent, violated, deferred, approved, issued, voided } = people;
    [registered, passed, failed, absent, violated, deferred, approved, issued, voided].map(|count| count.to_string())
}

fn row(line: &LedgerLine) -> Vec<String> {
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let late = match line.reported_on {
        None => "",
        Some(_) if line.is_late() => "逾期",
        Some(_) => "按期",
    };
    let numbers = match (&line.first_number, &line.last_number) {
        (Some(first), Some(last)) if first != last => format!("{first} 至 {last}"),
        (Some(only), _) => only.clone(),
        _ => String::new(),
    };
    let people = line.people;
    vec![
        line.number.clone(),
        line.title.clone(),
        line.body_name.clone(),
        line.code.clone(),
        line.trade.clone(),
        line.work_type.clone(),
        line.level_name.clone(),
        line.standard.clone(),
        line.stage_name.clone(),
        line.notified_on.to_string(),
        line.starts_on.to_string(),
        line.ends_on.to_string(),
        line.theory_place.clone(),
        line.practical_place.clone(),
        line.organiser.clone(),
        line.responsible.clone(),
        people.registered.to_string(),
        people.passed.to_string(),
        people.failed.to_string(),
        people.absent.to_string(),
        people.violated.to_string(),
        people.deferred.to_string(),
        day(line.posted_on),
        day(line.publicity_ends_on),
        line.objections.to_string(),
        day(line.reported_on),
        day(line.report_due_on),
        late.to_owned(),
        people.approved.to_string(),
        people.issued.to_string(),
        numbers,
        day(line.issued_on),
    ]
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .look::<Ledger>("/ledger", "一年的工作台账")
        .look::<LedgerWorkbook>("/ledger/workbook", "一年的工作台账（表格）")
        .look::<BatchLedger>("/batches/{batch}/ledger", "一个批次的工作台账")
        .look::<BatchLedgerWorkbook>("/batches/{batch}/ledger/workbook", "一个批次的工作台账（表格，下载留痕）")
}
