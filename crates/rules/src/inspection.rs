//! 二（二）2: bureaux and centres inspect how bodies examine, in four kinds; what they find is mended by a day and looked at
//! again. What may be inspected is a public list, kept as data (国办发〔2015〕58号 asks for basis, subject, content and method).

use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::jurisdiction::{PROVINCE_CENTRE, PROVINCE_DEPARTMENT};
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::term::{Term, Terms};
use crate::trade::{filled, read_rows};
use crate::{Day, Ground};

/// The list of inspection items that ships.
pub const SHIPPED: &str = include_str!("../../../reference/inspection-items.csv");
/// The columns of the list, in order.
const COLUMNS: [&str; 7] = ["code", "title", "clause", "basis", "subject", "content", "method"];
/// Inspectors of one inspection at most.
pub const INSPECTORS_MAX: usize = 20;
/// Findings of one inspection at most.
pub const FINDINGS_MAX: usize = 30;
/// Files of one finding or one answer at most.
pub const FILES_MAX: usize = 10;
/// Longest text of a finding, an order, an answer or an opinion, in characters.
pub const TEXT_MAX: usize = 2000;

/// The four kinds of inspection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InspectionKind {
    /// 日常检查.
    Daily,
    /// 定期评估.
    Periodic,
    /// 现场督导.
    OnSite,
    /// 随机抽查.
    Random,
}

impl InspectionKind {
    /// Every kind, as the notice lists them.
    pub const ALL: &'static [Self] = &[Self::Daily, Self::Periodic, Self::OnSite, Self::Random];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Periodic => "periodic",
            Self::OnSite => "on_site",
            Self::Random => "random",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read: the notice's own words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Daily => "日常检查",
            Self::Periodic => "定期评估",
            Self::OnSite => "现场督导",
            Self::Random => "随机抽查",
        }
    }
}

/// Something that may be inspected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InspectionItem {
    pub code: String,
    pub title: String,
    /// The duty that it is about, by its id.
    #[schema(value_type = String)]
    pub clause: Clause,
    /// What gives the right to inspect it.
    pub basis: String,
    /// Who is inspected.
    pub subject: String,
    /// What is looked at.
    pub content: String,
    /// How.
    pub method: String,
}

/// The public list of inspection items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectionItems(Vec<InspectionItem>);

impl InspectionItems {
    /// Reads a list with the columns `code`, `title`, `clause`, `basis`, `subject`, `content` and `method`. The error names
    /// each line that is wrong.
    pub fn read(csv: &str) -> Result<Self, String> {
        let mut codes = std::collections::BTreeSet::new();
        let items = read_rows(csv, COLUMNS, |[code, title, clause, basis, subject, content, method]| {
            let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if code.is_empty() || code.len() > 40 || !code.chars().all(good) {
                return Err(format!("代码“{code}”只能用小写字母、数字和下划线，不超过40个"));
            }
            if !codes.insert(code.to_owned()) {
                return Err(format!("代码“{code}”重复"));
            }
            Ok(InspectionItem {
                code: code.to_owned(),
                title: filled(title, "事项")?,
                clause: Clause::from_id(clause).ok_or_else(|| format!("没有条款“{clause}”"))?,
                basis: filled(basis, "依据")?,
                subject: filled(subject, "对象")?,
                content: filled(content, "内容")?,
                method: filled(method, "方式")?,
            })
        })?;
        Ok(Self(items))
    }

    /// The items in order.
    pub fn all(&self) -> &[InspectionItem] {
        &self.0
    }

    /// The item of a code.
    pub fn get(&self, code: &str) -> Option<&InspectionItem> {
        self.0.iter().find(|item| item.code == code)
    }
}

/// What an inspection found, as it is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// The item that it is about.
    pub item: &'a str,
    /// What is wrong.
    pub what: &'a str,
    /// What has to be done about it, if anything.
    pub order: &'a str,
    /// What shows that it was done; only with an order.
    pub proof: &'a str,
    /// The last day that the order sets; without it so many working days from today.
    pub due_on: Option<Day>,
    pub files: usize,
}

/// An inspection as it is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording<'a> {
    pub held_on: Day,
    /// Who inspected, by name.
    pub inspectors: &'a [&'a str],
    /// Whether the body is or was in the directory: a pilot school.
    pub was_listed: bool,
    /// Items that were checked, by code.
    pub checked: &'a [&'a str],
    pub findings: &'a [Found<'a>],
}

fn refuse(what: impl Into<String>, remedy: impl Into<String>) -> Refusal {
    Refusal::new(Clause::S2_2_2B, what).remedy(remedy)
}

fn within(text: &str, label: &str, field: &'static str) -> Result<(), Refusal> {
    if text.chars().count() <= TEXT_MAX {
        return Ok(());
    }
    Err(Refusal::house("填写", format!("{label}超过{TEXT_MAX}字")).remedy("请精简，详细内容放进附件").at(field))
}

/// Whether an inspection may be recorded as it was told; the last day of each finding's order, in their order.
pub fn may_record(
    told: &Recording<'_>,
    items: &InspectionItems,
    terms: &Terms,
    calendar: &Calendar,
    today: Day,
) -> Result<Vec<Option<Day>>, Refusal> {
    let (least, rectify_within) = (terms.persons(Term::InspectorsMin), terms.count(Term::RectifyWithin));
    if !told.was_listed {
        return Err(refuse(
            "该机构没有列入过机构目录，不是检查对象",
            "列入目录后的机构才接受检查；备案前的评估在备案中办理",
        ));
    }
    if told.held_on > today {
        return Err(refuse(format!("检查日期 {} 还没有到", told.held_on), "请在检查之后登记").at("held_on"));
    }
    let mut names: Vec<_> = told.inspectors.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
    if names.iter().any(|name| name.chars().count() > 60) || names.len() > INSPECTORS_MAX {
        return Err(
            refuse("检查人员的姓名过长，或人数过多", format!("请填写姓名，最多{INSPECTORS_MAX}人")).at("inspectors")
        );
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    if names.len() < count {
        return Err(refuse("同一名检查人员填写了两次", "请核对姓名").at("inspectors"));
    }
    if count < least {
        return Err(refuse(format!("检查人员只有{count}名，每次检查不少于{least}名"), "请填写参加检查的全部人员")
            .at("inspectors"));
    }
    if told.checked.is_empty() {
        return Err(refuse("没有选择检查了哪些事项", "请在检查事项清单中选择").at("checked"));
    }
    if let Some(unknown) = told.checked.iter().find(|code| items.get(code).is_none()) {
        return Err(refuse(format!("检查事项清单中没有“{unknown}”"), "请在现行清单中选择").at("checked"));
    }
    if told.findings.len() > FINDINGS_MAX {
        return Err(refuse(format!("问题超过{FINDINGS_MAX}项"), "请合并同类问题，或分次登记").at("findings"));
    }
    told.findings.iter().map(|found| may_find(found, told.checked, rectify_within, calendar, today)).collect()
}

fn may_find(
    found: &Found<'_>,
    checked: &[&str],
    rectify_within: i32,
    calendar: &Calendar,
    today: Day,
) -> Result<Option<Day>, Refusal> {
    if !checked.contains(&found.item) {
        return Err(refuse("有一项问题不属于所检查的事项", "请选择问题所属的事项，并把它勾选为已检查").at("findings"));
    }
    if found.what.trim().is_empty() {
        return Err(refuse("有一项问题没有写明事实", "请写明什么地方不符合要求").at("findings"));
    }
    within(found.what, "问题", "findings")?;
    within(found.order, "整改要求", "findings")?;
    within(found.proof, "证明材料", "findings")?;
    if found.files > FILES_MAX {
        return Err(refuse(format!("一项问题的附件超过{FILES_MAX}个"), "请合并后再上传").at("findings"));
    }
    if found.order.trim().is_empty() {
        return match found.due_on.is_some() || !found.proof.trim().is_empty() {
            true => Err(refuse("写了整改期限或证明材料，没有写整改什么", "请写明整改要求；不责令整改的，期限留空")
                .at("findings")),
            false => Ok(None),
        };
    }
    due(found.due_on, rectify_within, calendar, today).map(Some)
}

/// The last day of a rectification: a working day after today that the calendar knows.
pub fn due(named: Option<Day>, rectify_within: i32, calendar: &Calendar, today: Day) -> Result<Day, Refusal> {
    let Some(day) = named else { return calendar.add(today, rectify_within) };
    if day <= today {
        return Err(refuse(format!("整改期限 {day} 不在今天之后"), "请给出今天以后的工作日").at("due_on"));
    }
    if !calendar.is_working_day(day).map_err(|refusal| refusal.at("due_on"))? {
        let next = calendar.add(day, 1)?;
        let why = calendar.name(day).unwrap_or("周末").to_owned();
        return Err(
            refuse(format!("整改期限 {day}（{why}）不是工作日"), format!("请改为工作日，例如 {next}")).at("due_on")
        );
    }
    Ok(day)
}

/// Where a rectification stands; computed whenever it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RectificationState {
    /// Its last day is over and the body has not answered.
    Overdue,
    /// The body has still time.
    Open,
    /// The body has answered; the office looks again.
    Answered,
    /// The office found it done.
    Accepted,
}

impl RectificationState {
    /// Every state, what is most pressing first.
    pub const ALL: &'static [Self] = &[Self::Overdue, Self::Open, Self::Answered, Self::Accepted];

    /// The code word used in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Accepted => "accepted",
        }
    }

    /// The state with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overdue => "整改逾期",
            Self::Open => "整改中",
            Self::Answered => "待复查",
            Self::Accepted => "已整改",
        }
    }
}

/// One turn of a rectification: a last day, the answer, what the office found. A turn that was not accepted is followed
/// by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    pub due_on: Day,
    pub answered_on: Option<Day>,
    /// What the office found when it looked again.
    pub accepted: Option<bool>,
}

impl Turn {
    /// Where the rectification stands, of which this is the last turn.
    pub fn state(&self, today: Day) -> RectificationState {
        match (self.accepted, self.answered_on) {
            (Some(true), _) => RectificationState::Accepted,
            (_, Some(_)) => RectificationState::Answered,
            (_, None) if today > self.due_on => RectificationState::Overdue,
            (_, None) => RectificationState::Open,
        }
    }

    /// Whether the answer came, or is still missing, after the last day.
    pub fn is_late(&self, today: Day) -> bool {
        self.answered_on.unwrap_or(today) > self.due_on
    }

    /// Whether it stands against a renewal: overdue until it is accepted. Who answered in time is not made to wait for
    /// the office; a late answer alone doesn't mend what was overdue.
    pub fn hinders_renewal(&self, today: Day) -> bool {
        self.accepted != Some(true) && self.is_late(today)
    }

    /// Whether the body may answer now.
    pub fn may_answer(&self, text: &str, files: usize, proof: &str) -> Result<(), Refusal> {
        if self.accepted == Some(true) {
            return Err(refuse("这项整改已通过复查", "不需要再答复"));
        }
        if let Some(day) = self.answered_on {
            return Err(refuse(format!("已于 {day} 答复，正在等待复查"), "复查未通过的，可在新的期限内再答复"));
        }
        if text.trim().is_empty() {
            return Err(refuse("没有写明整改情况", "请写明做了什么、结果如何").at("answer"));
        }
        within(text, "整改情况", "answer")?;
        if files > FILES_MAX {
            return Err(refuse(format!("证明材料超过{FILES_MAX}个文件"), "请合并后再上传").at("files"));
        }
        if files == 0 && !proof.trim().is_empty() {
            return Err(refuse(format!("没有附证明材料：{}", proof.trim()), "请上传所要求的证明材料").at("files"));
        }
        Ok(())
    }

    /// What follows from looking again: nothing more, or the last day of another turn.
    pub fn check(
        &self,
        accepted: bool,
        reason: &str,
        due_on: Option<Day>,
        rectify_within: i32,
        calendar: &Calendar,
        today: Day,
    ) -> Result<Option<Day>, Refusal> {
        if self.accepted == Some(true) {
            return Err(refuse("这项整改已通过复查", "不需要再复查"));
        }
        if self.answered_on.is_none() {
            return Err(refuse("机构还没有答复，不能复查", "请等机构提交整改情况；逾期的可以督促"));
        }
        within(reason, "复查意见", "reason")?;
        if accepted {
            return Ok(None);
        }
        if reason.trim().is_empty() {
            return Err(refuse("没有写明复查不通过的理由", "请写明还有什么没有整改到位").at("reason"));
        }
        due(due_on, rectify_within, calendar, today).map(Some)
    }
}

/// When a body is reminded of a rectification that it has not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RectificationWarning {
    /// The last day is near.
    Soon,
    /// It is over.
    Overdue,
}

impl RectificationWarning {
    /// The code word under which it is remembered.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Soon => "soon",
            Self::Overdue => "overdue",
        }
    }

    /// The warning that is due today, if any.
    pub fn of(turn: &Turn, today: Day, terms: &Terms) -> Option<Self> {
        let near = turn.due_on.saturating_sub(jiff::Span::new().days(terms.count(Term::RectifyTold)));
        match turn.state(today) {
            RectificationState::Overdue => Some(Self::Overdue),
            RectificationState::Open if near <= today => Some(Self::Soon),
            RectificationState::Open | RectificationState::Answered | RectificationState::Accepted => None,
        }
    }
}

/// Whether this office looks again at what an office ordered: the same, or, where the body has moved out of that one's
/// reach, the centre that is in charge now.
pub fn rechecks(ordered_by: &str, centre: Option<&str>, bureau: Option<&str>, office: &str) -> bool {
    let still_reaches = [centre, bureau, Some(PROVINCE_CENTRE), Some(PROVINCE_DEPARTMENT)].contains(&Some(ordered_by));
    if still_reaches { office == ordered_by } else { centre == Some(office) }
}

/// What the office is told that may not look again.
pub fn not_rechecking(ordered_by: &str) -> Refusal {
    Refusal::new(Ground::Notice(Clause::S2_2_2B), format!("这项整改由{ordered_by}责令，由其复查"))
        .remedy("请与该单位联系")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn calendar() -> Calendar {
        Calendar::read(include_str!("../../../reference/cn-workdays.csv")).expect("the calendar")
    }

    #[test]
    fn s2_2_2b_the_list_that_ships_names_basis_subject_content_and_method_of_each_item() {
        let items = InspectionItems::read(SHIPPED).expect("the list");
        assert!(items.all().len() > 10);
        assert_eq!(items.get("organiser").map(|item| item.clause), Some(Clause::S3_3_3));
        let twice = "code,title,clause,basis,subject,content,method\na,b,2.2.2b,c,d,e,f\na,b,2.2.2b,c,d,e,f";
        assert!(InspectionItems::read(twice).expect_err("twice").contains("第3行：代码“a”重复"));
        let none = "code,title,clause,basis,subject,content,method\na,b,9.9,c,d,e,f";
        assert!(InspectionItems::read(none).expect_err("no clause").contains("没有条款“9.9”"));
    }

    #[test]
    fn s2_2_2b_two_inspectors_check_items_of_the_list_and_each_finding_belongs_to_one() {
        let items = InspectionItems::read(SHIPPED).expect("the list");
        let found = |item, what, order, due_on| Found { item, what, order, proof: "", due_on, files: 0 };
        let said = |inspectors: &[&str], held_on: &str, checked: &[&str], findings: &[Found<'_>], was_listed| {
            let told = Recording { held_on: day(held_on), inspectors, was_listed, checked, findings };
            may_record(&told, &items, &Terms::default(), &calendar(), day("2026-03-18")).map_err(|refusal| refusal.what)
        };
        let two = ["示例甲", "示例乙"];
        assert_eq!(said(&two, "2026-03-18", &["site"], &[], true), Ok(vec![]));
        for (outcome, words) in [
            (said(&two, "2026-03-18", &["site"], &[], false), "没有列入过机构目录"),
            (said(&two, "2026-03-19", &["site"], &[], true), "还没有到"),
            (said(&["示例甲", " "], "2026-03-18", &["site"], &[], true), "只有1名"),
            (said(&["示例甲", "示例甲 "], "2026-03-18", &["site"], &[], true), "填写了两次"),
            (said(&two, "2026-03-18", &[], &[], true), "没有选择"),
            (said(&two, "2026-03-18", &["cellar"], &[], true), "没有“cellar”"),
            (said(&two, "2026-03-18", &["site"], &[found("staff", "缺岗", "", None)], true), "不属于"),
            (said(&two, "2026-03-18", &["site"], &[found("site", " ", "", None)], true), "没有写明事实"),
            (
                said(&two, "2026-03-18", &["site"], &[found("site", "坏", "", Some(day("2026-04-10")))], true),
                "没有写整改什么",
            ),
        ] {
            let what = outcome.expect_err(words);
            assert!(what.contains(words), "{what}");
        }
        let findings = [found("site", "坏", "修好", Some(day("2026-04-10"))), found("site", "脏", "", None)];
        assert_eq!(said(&two, "2026-03-17", &["site"], &findings, true), Ok(vec![Some(day("2026-04-10")), None]));
    }

    #[test]
    fn s2_2_2b_a_rectification_ends_on_a_working_day_that_the_calendar_knows() {
        let (calendar, today) = (calendar(), day("2026-03-18"));
        // Fifteen working days with 清明 (6 April) between.
        assert_eq!(due(None, 15, &calendar, today), Ok(day("2026-04-09")));
        assert_eq!(due(Some(day("2026-03-19")), 15, &calendar, today), Ok(day("2026-03-19")));
        let refused = |on: &str| due(Some(day(on)), 15, &calendar, today).expect_err(on);
        assert!(refused("2026-03-18").what.contains("不在今天之后"));
        let holiday = refused("2026-04-06");
        assert!(holiday.what.contains("不是工作日") && holiday.remedy.contains("2026-04-07"), "{holiday}");
        assert!(refused("2026-03-21").what.contains("周末"));
        assert!(refused("2030-03-21").remedy.contains("导入"), "an unknown year is not guessed");
    }

    #[test]
    fn s2_2_2b_late_or_not_is_asked_of_the_day() {
        use RectificationState::{Accepted, Answered, Open, Overdue};
        let turn = |answered: Option<&str>, accepted| Turn {
            due_on: day("2026-04-09"),
            answered_on: answered.map(day),
            accepted,
        };
        for (turn, on, state, late, hinders) in [
            (turn(None, None), "2026-04-09", Open, false, false),
            (turn(None, None), "2026-04-10", Overdue, true, true),
            (turn(Some("2026-04-09"), None), "2026-05-20", Answered, false, false),
            (turn(Some("2026-04-10"), None), "2026-04-10", Answered, true, true),
            (turn(Some("2026-04-10"), Some(true)), "2026-04-20", Accepted, true, false),
        ] {
            assert_eq!((turn.state(day(on)), turn.is_late(day(on))), (state, late), "{on}");
            assert_eq!(turn.hinders_renewal(day(on)), hinders, "{on}");
        }
        let warned = |on: &str| {
            RectificationWarning::of(&turn(None, None), day(on), &Terms::default()).map(RectificationWarning::code)
        };
        assert_eq!(
            [warned("2026-04-05"), warned("2026-04-06"), warned("2026-04-09")],
            [None, Some("soon"), Some("soon")]
        );
        assert_eq!(warned("2026-04-10"), Some("overdue"));
        assert_eq!(
            RectificationWarning::of(&turn(Some("2026-04-12"), None), day("2026-05-01"), &Terms::default()),
            None
        );
    }

    #[test]
    fn s2_2_2b_an_answer_is_looked_at_by_who_ordered_and_may_need_another_turn() {
        let (calendar, today) = (calendar(), day("2026-04-10"));
        let open = Turn { due_on: day("2026-04-09"), answered_on: None, accepted: None };
        let answered = Turn { answered_on: Some(today), ..open };
        assert!(open.may_answer("已修好", 0, "").is_ok());
        assert!(open.may_answer("已修好", 0, "照片").expect_err("no proof").what.contains("照片"));
        assert!(open.may_answer(" ", 1, "照片").is_err());
        assert!(answered.may_answer("已修好", 1, "").expect_err("twice").what.contains("等待复查"));
        let check = |turn: &Turn, accepted, reason, due_on| turn.check(accepted, reason, due_on, 15, &calendar, today);
        assert!(check(&open, true, "", None).is_err());
        assert_eq!(check(&answered, true, "", None), Ok(None));
        assert!(check(&answered, false, " ", None).expect_err("no reason").what.contains("理由"));
        assert_eq!(check(&answered, false, "仍有两处", Some(day("2026-04-17"))), Ok(Some(day("2026-04-17"))));
        assert!(rechecks("city-1", Some("city-1"), Some("bureau-1"), "city-1"));
        assert!(!rechecks("bureau-1", Some("city-1"), Some("bureau-1"), "city-1"));
        // The body has moved: who is in charge now takes it over.
        assert!(rechecks("city-1", Some("city-2"), Some("bureau-2"), "city-2"));
        assert!(!rechecks("city-1", Some("city-2"), Some("bureau-2"), "city-1"));
        assert!(rechecks(PROVINCE_DEPARTMENT, Some("city-2"), None, PROVINCE_DEPARTMENT));
    }
}
