//! What is wrong with what a clerk has typed into a part, row by row and field by field: all of it at once, for the form
//! that shows each fault where it is, and for the act that refuses for the first.

use rules::certificate::Level;
use rules::filing::had_station;
use rules::jurisdiction::BodyKind;
use rules::{Clause, Day, Refusal};

use super::draft::{BodyForm, ListedPerson, ListedSite, PlannedTrade};
use super::store;
use crate::door::Stop;
use crate::reference::Reference;

/// Rows that a list of a filing holds at most.
pub(super) const ROWS_MAX: usize = 500;
/// Characters of one entry.
const TEXT_MAX: usize = 200;
/// Characters of a longer text.
const LONG_MAX: usize = 2000;
/// The most that a count may be.
const COUNT_MAX: i64 = 1_000_000;

/// What is wrong with one entry.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// The row, from 0; none where the part has no rows.
    pub row: Option<usize>,
    /// The field, or the column of the row.
    pub column: &'static str,
    pub refusal: Refusal,
}

impl Fault {
    pub fn new(row: usize, column: &'static str, refusal: Refusal) -> Self {
        Self { row: Some(row), column, refusal }
    }

    /// The fault in words, with its row.
    pub fn what(&self) -> String {
        match self.row {
            Some(row) => format!("第{}行，{}", row + 1, self.refusal.what),
            None => self.refusal.what.clone(),
        }
    }
}

/// The refusal of an act with these faults: the first of them at `field`, saying how many more there are; nothing
/// where there are none.
///
/// # Errors
/// The refusal.
pub(super) fn none_of(faults: Vec<Fault>, field: Option<&'static str>) -> Result<(), Stop> {
    let more = faults.len().saturating_sub(1);
    let Some(first) = faults.into_iter().next() else { return Ok(()) };
    let (what, column) = (first.what(), first.column);
    let mut refusal = first.refusal;
    refusal.what = what;
    refusal.field = Some(field.unwrap_or(column));
    if more > 0 {
        refusal.remedy = format!("{}；另有{more}处需要改正", refusal.remedy);
    }
    Err(refusal.into())
}

/// What the filing form asks about the body (附件1).
pub(super) fn body(kind: BodyKind, form: &BodyForm) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (field, label, text) in form.entries() {
        let most = if field == "majors" { LONG_MAX } else { TEXT_MAX };
        let is_station = field.starts_with("station_");
        let refusal = if text.trim().is_empty() && is_station {
            had_station(kind, &form.station_name, &form.station_number)
                .err()
                .filter(|said| said.field == Some(field))
                .or_else(|| Some(Refusal::new(Clause::A1, format!("缺少{label}")).remedy(format!("请填写{label}"))))
        } else if text.trim().is_empty() {
            Some(Refusal::new(Clause::A1, format!("缺少{label}")).remedy(format!("请填写{label}")))
        } else {
            too_long(label, text, most)
        };
        faults.extend(refusal.map(|refusal| Fault { row: None, column: field, refusal }));
    }
    let note = too_long("补充说明", &form.note, LONG_MAX);
    faults.extend(note.map(|refusal| Fault { row: None, column: "note", refusal }));
    faults
}

/// The plan as it would be kept, and what is wrong with it: one row for each occupation or work type at each level.
pub(super) fn trades(reference: &Reference, today: Day, planned: &[PlannedTrade]) -> (Vec<store::Trade>, Vec<Fault>) {
    let mut trades: Vec<(usize, store::Trade)> = Vec::new();
    let mut faults = Vec::new();
    for (row, plan) in planned.iter().enumerate() {
        let before = faults.len();
        let fault = |column, refusal| Fault::new(row, column, refusal);
        for (column, label, text) in [
            ("work_type", "工种", &plan.work_type),
            ("major", "对应专业", &plan.major),
            ("papers", "试卷来源", &plan.papers),
        ] {
            faults.extend(too_long(label, text, TEXT_MAX).map(|refusal| fault(column, refusal)));
        }
        faults.extend(odd_count("年评价规模", plan.capacity).map(|refusal| fault("capacity", refusal)));
        let found = match reference.trades.named(&plan.trade) {
            Ok(found) => found,
            Err(refusal) => {
                faults.push(fault("trade", refusal));
                continue;
            }
        };
        let code = found.code.unwrap_or_else(|| found.name.clone());
        if let Err(refusal) = reference.trades.may_be_filed(&code, plan.level, today) {
            let column = if refusal.field == Some("level") { "level" } else { "trade" };
            faults.push(fault(column, refusal));
            continue;
        }
        let standard = match reference.trades.standard(&code, plan.level, &plan.standard) {
            Ok(standard) => standard,
            Err(refusal) => {
                faults.push(fault("standard", refusal));
                continue;
            }
        };
        let trade = store::Trade {
            code,
            name: found.name,
            work_type: plan.work_type.trim().into(),
            level: plan.level,
            major: plan.major.trim().into(),
            standard: standard.map(|standard| standard.name.clone()).unwrap_or_default(),
            edition: standard.and_then(|standard| standard.edition_year).map(i64::from),
            papers: plan.papers.trim().into(),
            capacity: plan.capacity,
            passed: None,
            reason: String::new(),
            asks_public: plan.for_public,
            for_public: false,
        };
        if let Some((first, _)) = trades.iter().find(|(_, earlier)| earlier.key() == trade.key()) {
            let what = format!("{}填写了两次，与第{}行相同", trade.label(), first + 1);
            faults.push(fault("trade", Refusal::new(Clause::A1, what).remedy("请删去重复的一行；不同工种请写明工种")));
        }
        if faults.len() == before {
            trades.push((row, trade));
        }
    }
    (trades.into_iter().map(|(_, trade)| trade).collect(), faults)
}

/// The body's people; a person serves an occupation of the plan or all of them.
pub(super) fn people(planned: &[&str], people: &[ListedPerson]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (row, person) in people.iter().enumerate() {
        let found = [
            ("name", unnamed("姓名", &person.name)),
            ("card_number", too_long("证卡编号", &person.card_number, TEXT_MAX)),
            ("trade_code", not_planned(planned, person.trade_code.as_deref())),
        ];
        faults.extend(found.into_iter().filter_map(|(column, refusal)| Some(Fault::new(row, column, refusal?))));
    }
    faults
}

/// The body's rooms, stations, equipment and cameras.
pub(super) fn sites(planned: &[&str], sites: &[ListedSite]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (row, site) in sites.iter().enumerate() {
        let found = [
            ("name", unnamed("名称", &site.name)),
            ("trade_code", not_planned(planned, site.trade_code.as_deref())),
            ("count", odd_count("数量", site.count)),
            ("note", too_long("说明", &site.note, TEXT_MAX)),
            ("days_kept", odd_count("录像保存天数", site.days_kept.unwrap_or(0))),
        ];
        faults.extend(found.into_iter().filter_map(|(column, refusal)| Some(Fault::new(row, column, refusal?))));
    }
    faults
}

/// A list of more rows than a filing holds.
///
/// # Errors
/// The refusal.
pub(super) fn few_enough(rows: usize, field: &'static str) -> Result<(), Stop> {
    if rows <= ROWS_MAX {
        return Ok(());
    }
    Err(Refusal::house("填写", format!("共{rows}行，超过{ROWS_MAX}行")).remedy("请合并同类项").at(field).into())
}

/// What is wrong with a name or a title: it is blank, or too long.
pub(super) fn unnamed(label: &str, text: &str) -> Option<Refusal> {
    if text.trim().is_empty() {
        let refusal = Refusal::new(Clause::A1, format!("没有填写{label}"));
        return Some(refusal.remedy(format!("请填写{label}；不要这一行的，请勾选“删去”")));
    }
    too_long(label, text, TEXT_MAX)
}

fn too_long(label: &str, text: &str, most: usize) -> Option<Refusal> {
    let length = text.chars().count();
    (length > most).then(|| {
        Refusal::house("填写", format!("{label}有{length}字，超过{most}字"))
            .remedy("请写得简短一些，详细内容作为材料上传")
    })
}

fn odd_count(label: &str, number: i64) -> Option<Refusal> {
    (!(0..=COUNT_MAX).contains(&number))
        .then(|| Refusal::house("填写", format!("{label}{number}不合理")).remedy(format!("请填写0至{COUNT_MAX}的整数")))
}

/// A person, a site or a material can be tied to an occupation of this filing only.
pub(super) fn not_planned(planned: &[&str], code: Option<&str>) -> Option<Refusal> {
    let code = code.filter(|code| !planned.contains(code))?;
    Some(
        Refusal::new(Clause::A1, format!("“{code}”不在拟备案的职业中"))
            .remedy("请先在“拟备案职业与等级”中填写该职业，或选择适用于全部职业"),
    )
}

/// The occupation codes of a plan.
pub(super) fn codes(planned: &[store::Trade]) -> Vec<&str> {
    planned.iter().map(|trade| trade.code.as_str()).collect()
}

impl store::Trade {
    /// What tells it from the other rows of the plan.
    pub fn key(&self) -> (&str, &str, Level) {
        (&self.code, &self.work_type, self.level)
    }

    /// The row as one reads it out: `6-18-01-01 车工（数控车工）三级/高级工`.
    pub fn label(&self) -> String {
        let work_type = if self.work_type.is_empty() { String::new() } else { format!("（{}）", self.work_type) };
        format!("{} {}{work_type}{}", self.code, self.name, self.level.name())
    }
}
