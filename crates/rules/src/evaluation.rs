//! 二（一）2: the evaluation on site that a filing needs before it is assessed. Who may be drawn into the panel, what the
//! panel marks, and what the marks come to. The notice says that the centre evaluates and not how: the sheet, the size of
//! the panel and the way to its conclusion are defaults of the platform.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::certificate::Level;
use crate::filing::{Decision, FilingStep, Track};
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::term::{Term, Terms};
use crate::terms::{EVALUATION_MEMBERS_MAX, EVALUATION_PASS_PERCENT};

/// Where an evaluation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvaluationStage {
    /// It has a day; nobody was drawn yet.
    Planned,
    /// The panel was drawn.
    Drawn,
    /// The panel has come to its conclusion.
    Finished,
}

impl EvaluationStage {
    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "待抽取专家",
            Self::Drawn => "评估中",
            Self::Finished => "评估已完成",
        }
    }
}

/// The clause that an evaluation carries out on this track.
pub const fn clause(track: Track) -> Clause {
    FilingStep::Assess { passed: true }.clause(track)
}

/// Whether a filing needs an evaluation: a new body always, one that adds to its entry by default.
pub fn is_needed(was_listed_before: bool, terms: &Terms) -> bool {
    !was_listed_before || terms.get(Term::EvaluateAdded) != 0
}

/// Whether an evaluation may be held on this day: a working day, today or later.
pub fn may_be_held(on: Day, today: Day, is_working_day: bool, track: Track) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(clause(track), what).remedy(remedy).at("held_on"));
    if on < today {
        return refuse(format!("评估日期 {on} 已经过去"), "请填写今天或以后的工作日");
    }
    if !is_working_day {
        return refuse(format!("评估日期 {on} 不是工作日"), "请改在工作日评估");
    }
    Ok(())
}

/// How many members a panel has: what was asked for, or the default; odd, so that a majority decides.
pub fn members(asked: Option<i64>, track: Track, terms: &Terms) -> Result<usize, Refusal> {
    let least = terms.persons(Term::EvaluationMembers);
    let Some(asked) = asked else { return Ok(least) };
    match usize::try_from(asked) {
        Ok(count) if (least..=EVALUATION_MEMBERS_MAX).contains(&count) && count % 2 == 1 => Ok(count),
        _ => Err(Refusal::new(clause(track), format!("评估专家人数 {asked} 不合适"))
            .remedy(format!("请填写{least}至{EVALUATION_MEMBERS_MAX}之间的单数，以便按多数形成结论"))
            .at("members")),
    }
}

/// An expert of the register, as the draw sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpertFacts {
    pub name: String,
    pub employer: String,
    /// The department above the employer; may be empty.
    pub superior: String,
    /// Codes of the occupations that the expert may judge.
    pub trades: Vec<String>,
    /// The highest level that the expert may judge.
    pub level_max: Level,
    pub card_number: String,
    /// The last day of the card.
    pub card_valid_until: Day,
    pub suspended: bool,
    /// What ties the expert to the body, where something was declared: kin, former teacher, consultant.
    pub tie: Option<String>,
}

/// The body that is evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvaluatedFacts {
    pub name: String,
    /// The department above it; may be empty.
    pub superior: String,
    /// What it files: occupation code and level.
    pub trades: Vec<(String, Level)>,
    /// Its own people as listed in the filing: name and card number.
    pub people: Vec<(String, String)>,
}

/// Why an expert stays out of the draw for a body on a day; nothing if the expert may be drawn. Avoidance is a default of
/// the platform: employed by the body or listed among its people, a declared tie, the same department above.
pub fn unfit(expert: &ExpertFacts, body: &EvaluatedFacts, on: Day) -> Option<String> {
    let same = |a: &str, b: &str| !a.trim().is_empty() && a.trim() == b.trim();
    let judges = |(code, level): &(String, Level)| expert.trades.contains(code) && *level <= expert.level_max;
    if expert.suspended {
        return Some("已暂停".into());
    }
    if expert.card_valid_until < on {
        return Some(format!("证卡于 {} 到期", expert.card_valid_until));
    }
    if !body.trades.iter().any(judges) {
        return Some("职业或等级不符".into());
    }
    if same(&expert.employer, &body.name) {
        return Some("回避：在被评估院校任职".into());
    }
    let is_listed = |(name, card): &(String, String)| same(card, &expert.card_number) && same(name, &expert.name);
    if body.people.iter().any(is_listed) {
        return Some("回避：列入被评估院校的人员队伍".into());
    }
    if let Some(tie) = &expert.tie {
        return Some(format!("回避：{tie}"));
    }
    same(&expert.superior, &body.superior).then(|| "回避：与被评估院校同一主管部门".into())
}

/// Which occupations of a filing each of these experts covers, and which of them nobody does. An occupation is covered by
/// those who may judge it at every level that is filed; where nobody may, by those who may at one of them.
pub fn coverage(experts: &[ExpertFacts], body: &EvaluatedFacts) -> (Vec<Vec<String>>, Vec<String>) {
    let (mut covers, mut uncovered) = (vec![Vec::new(); experts.len()], Vec::new());
    let mut codes: Vec<&String> = body.trades.iter().map(|(code, _)| code).collect();
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        let levels = || body.trades.iter().filter(|(own, _)| own == code).map(|(_, level)| *level);
        let judges = |expert: &ExpertFacts, level: Option<Level>| {
            expert.trades.contains(code) && level.is_some_and(|level| level <= expert.level_max)
        };
        let of = |level: Option<Level>| -> Vec<usize> {
            experts.iter().enumerate().filter(|(_, one)| judges(one, level)).map(|(at, _)| at).collect()
        };
        let (highest, any) = (of(levels().max()), of(levels().min()));
        let by = if highest.is_empty() { any } else { highest };
        by.iter().for_each(|at| covers[*at].push(code.clone()));
        if by.is_empty() {
            uncovered.push(code.clone());
        }
    }
    (covers, uncovered)
}

/// Whether enough experts may be drawn.
pub fn enough(eligible: usize, wanted: usize, track: Track) -> Result<(), Refusal> {
    if eligible >= wanted {
        return Ok(());
    }
    Err(Refusal::new(clause(track), format!("符合条件的专家只有{eligible}人，不足{wanted}人"))
        .remedy("请由省中心补充专家名册，或核对专家的职业、证卡和回避情况后再抽取"))
}

/// A line of the score sheet, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScoreItem {
    /// The code word: `assessors`.
    pub code: String,
    /// The condition that it is about.
    #[schema(value_type = String)]
    pub clause: Clause,
    pub title: String,
    /// Full marks: its weight.
    #[schema(minimum = 1, maximum = 100)]
    pub full: i64,
    /// Whether the condition falls with it, whatever the rest comes to.
    pub essential: bool,
    /// Whether it is marked for each occupation, or once for the body.
    pub per_trade: bool,
}

/// The score sheet of the three conditions of 一（二）: a hundred marks. A default of the platform.
pub fn default_sheet() -> Vec<ScoreItem> {
    use Clause as C;
    [
        ("majors_fit", C::S1_2_1, "职业（工种）、等级与主干专业设置相适应", 15, true, true),
        ("majors_scale", C::S1_2_1, "专业的在校生规模、课程与年评价规模相适应", 10, false, true),
        ("staff", C::S1_2_2, "专职工作人员及其分工", 10, false, false),
        ("assessors", C::S1_2_2, "考评人员的人数、证卡与可考评等级", 15, true, true),
        ("inspectors", C::S1_2_2, "质量督导人员与专家队伍", 10, false, false),
        ("rooms", C::S1_2_3, "理论考场", 10, false, false),
        ("stations", C::S1_2_3, "实操工位与设施设备", 15, true, true),
        ("video", C::S1_2_3, "视频监控的覆盖与录像保存", 15, true, false),
    ]
    .into_iter()
    .map(|(code, clause, title, full, essential, per_trade)| ScoreItem {
        code: code.into(),
        clause,
        title: title.into(),
        full,
        essential,
        per_trade,
    })
    .collect()
}

/// What one member gave for one line of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Mark {
    /// The code word of the item.
    #[schema(max_length = 40)]
    pub item: String,
    /// The occupation, where the item is marked for each.
    #[schema(max_length = 40)]
    pub trade_code: Option<String>,
    #[schema(minimum = 0, maximum = 100)]
    pub points: i64,
    /// What the member says; needed where the points do not suffice.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub remark: String,
}

/// Every line that a member marks for these occupations, in the order of the sheet.
pub fn lines<'s>(sheet: &'s [ScoreItem], trades: &[String]) -> Vec<(&'s ScoreItem, Option<String>)> {
    let of = |item: &'s ScoreItem| match item.per_trade {
        true => trades.iter().map(|code| (item, Some(code.clone()))).collect(),
        false => vec![(item, None)],
    };
    sheet.iter().flat_map(of).collect()
}

/// Whether points suffice for a number of full marks.
const fn suffices(points: i64, full: i64) -> bool {
    points * 100 >= full * EVALUATION_PASS_PERCENT
}

/// Whether marks fit the sheet: known lines, once each, within the full marks, and a word where they do not suffice.
pub fn marks_hold(sheet: &[ScoreItem], trades: &[String], marks: &[Mark], track: Track) -> Result<(), Refusal> {
    let lines = lines(sheet, trades);
    for (n, mark) in marks.iter().enumerate() {
        let line = lines.iter().find(|(item, code)| item.code == mark.item && *code == mark.trade_code);
        let Some((item, code)) = line else {
            return Err(Refusal::new(clause(track), format!("评分表中没有“{}”这一项", mark.item))
                .remedy("请按评分表逐项评分")
                .at("marks"));
        };
        let name = match code {
            Some(code) => format!("{}（{code}）", item.title),
            None => item.title.clone(),
        };
        let refuse = |what: String, remedy: String| Err(Refusal::new(item.clause, what).remedy(remedy).at("marks"));
        if marks[..n].iter().any(|earlier| earlier.item == mark.item && earlier.trade_code == mark.trade_code) {
            return refuse(format!("“{name}”评了两次"), "每一项只评一次".into());
        }
        if !(0..=item.full).contains(&mark.points) {
            return refuse(
                format!("“{name}”的得分 {} 超出范围", mark.points),
                format!("请填写 0 至 {} 的整数", item.full),
            );
        }
        if !suffices(mark.points, item.full) && mark.remark.trim().is_empty() {
            return refuse(
                format!("“{name}”得分不足{EVALUATION_PASS_PERCENT}%，没有写明情况"),
                "请写明哪里不足，院校据此改进".into(),
            );
        }
    }
    Ok(())
}

/// What the panel's marks come to for one condition of one occupation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConditionOutcome {
    #[schema(value_type = String)]
    pub clause: Clause,
    /// Marks of all members together.
    pub points: i64,
    /// Full marks of all members together.
    pub full: i64,
    pub met: bool,
    /// The essential lines that a majority found wanting.
    pub wanting: Vec<String>,
}

impl ConditionOutcome {
    /// The mean of the members in percent of the full marks, one decimal.
    pub fn percent(&self) -> f64 {
        (self.points as f64 * 1000.0 / self.full.max(1) as f64).round() / 10.0
    }
}

/// What the panel's marks come to for one occupation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TradeOutcome {
    /// Occupation code.
    pub code: String,
    pub conditions: Vec<ConditionOutcome>,
    /// Whether every condition is met.
    pub passed: bool,
}

/// The panel's conclusion, per occupation: a condition is met when the members' mean reaches the share that passes and no
/// essential line of it was found wanting by a majority. Refused while a member has not marked every line.
pub fn conclude(
    sheet: &[ScoreItem],
    trades: &[String],
    panel: &[(String, Vec<Mark>)],
    track: Track,
) -> Result<Vec<TradeOutcome>, Refusal> {
    let all = lines(sheet, trades);
    let find = |marks: &[Mark], item: &str, code: Option<&str>| {
        marks.iter().find(|mark| mark.item == item && mark.trade_code.as_deref() == code).map(|mark| mark.points)
    };
    for (name, marks) in panel {
        let open = all.iter().filter(|(item, code)| find(marks, &item.code, code.as_deref()).is_none()).count();
        if open > 0 {
            return Err(Refusal::new(clause(track), format!("{name}还有{open}项没有评分"))
                .remedy("请登记每名专家的全部评分后再形成结论"));
        }
    }
    let outcome = |code: &String| {
        let mut conditions: Vec<ConditionOutcome> = Vec::new();
        for item in sheet {
            let at = Some(code.as_str()).filter(|_| item.per_trade);
            let given: Vec<i64> = panel.iter().filter_map(|(_, marks)| find(marks, &item.code, at)).collect();
            let against = given.iter().filter(|points| !suffices(**points, item.full)).count();
            if conditions.last().is_none_or(|last| last.clause != item.clause) {
                let clause = item.clause;
                conditions.push(ConditionOutcome { clause, points: 0, full: 0, met: false, wanting: Vec::new() });
            }
            let Some(condition) = conditions.last_mut() else { continue };
            condition.points += given.iter().sum::<i64>();
            condition.full += item.full * given.len() as i64;
            if item.essential && against * 2 > given.len() {
                condition.wanting.push(item.title.clone());
            }
        }
        for condition in &mut conditions {
            condition.met = condition.wanting.is_empty() && suffices(condition.points, condition.full);
        }
        let passed = conditions.iter().all(|condition| condition.met);
        TradeOutcome { code: code.clone(), conditions, passed }
    };
    Ok(trades.iter().map(outcome).collect())
}

/// Whether a filing may be assessed so: not before the evaluation that it needs is finished, and nothing qualified that the
/// panel found wanting. The other way, the centre may find more against an occupation than the panel did.
pub fn may_assess(
    needed: bool,
    outcomes: Option<&[TradeOutcome]>,
    decisions: &[Decision],
    track: Track,
) -> Result<(), Refusal> {
    let outcomes = match outcomes {
        Some(outcomes) => outcomes,
        None if needed => {
            return Err(Refusal::new(clause(track), "专家现场评估还没有完成，不能作出审核评估结论")
                .remedy("请先安排评估、抽取专家、登记评分并形成结论"));
        }
        None => return Ok(()),
    };
    let failed = |decision: &&Decision| {
        decision.passed && outcomes.iter().any(|outcome| outcome.code == decision.code && !outcome.passed)
    };
    match decisions.iter().find(failed) {
        None => Ok(()),
        Some(decision) => {
            let unmet = outcomes
                .iter()
                .filter(|outcome| outcome.code == decision.code)
                .flat_map(|outcome| outcome.conditions.iter().find(|condition| !condition.met))
                .map(|condition| condition.clause)
                .next();
            Err(Refusal::new(
                unmet.unwrap_or(clause(track)),
                format!("{} {}：专家现场评估未达到条件，不能作合格结论", decision.code, decision.level.name()),
            )
            .remedy("请对该职业作不合格结论，或退回院校补足条件后重新评估")
            .at("decisions"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CITY: Track = Track { needs_bureau: true };

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn expert() -> ExpertFacts {
        ExpertFacts {
            name: "示例专家".into(),
            employer: "示例研究院".into(),
            superior: "示例省直部门".into(),
            trades: vec!["4-03-02-01".into()],
            level_max: Level::L3,
            card_number: "示例卡1".into(),
            card_valid_until: day("2026-12-31"),
            suspended: false,
            tie: None,
        }
    }

    fn school() -> EvaluatedFacts {
        EvaluatedFacts {
            name: "示例技工学校".into(),
            superior: "示例市教育局".into(),
            trades: vec![("4-03-02-01".into(), Level::L4), ("6-18-01-01".into(), Level::L3)],
            people: vec![("示例考评员".into(), "示例卡9".into())],
        }
    }

    fn said(change: impl Fn(&mut ExpertFacts)) -> String {
        let mut expert = expert();
        change(&mut expert);
        unfit(&expert, &school(), day("2026-12-31")).unwrap_or_default()
    }

    #[test]
    fn s2_1_2b_who_is_tied_to_the_body_or_may_not_judge_it_stays_out_of_the_draw() {
        assert_eq!(said(|_| ()), "");
        assert_eq!(said(|e| e.card_valid_until = day("2026-12-30")), "证卡于 2026-12-30 到期");
        assert_eq!(said(|e| e.suspended = true), "已暂停");
        assert_eq!(said(|e| e.trades = vec!["6-31-01-03".into()]), "职业或等级不符");
        // Level 3 is filed for the second occupation only.
        assert_eq!(said(|e| e.level_max = Level::L4), "");
        assert_eq!(said(|e| (e.trades, e.level_max) = (vec!["6-18-01-01".into()], Level::L4)), "职业或等级不符");
        assert_eq!(said(|e| e.employer = " 示例技工学校".into()), "回避：在被评估院校任职");
        assert_eq!(said(|e| e.tie = Some("配偶在该校任教".into())), "回避：配偶在该校任教");
        assert_eq!(said(|e| e.superior = "示例市教育局".into()), "回避：与被评估院校同一主管部门");
        assert_eq!(
            said(|e| (e.name, e.card_number) = ("示例考评员".into(), "示例卡9".into())),
            "回避：列入被评估院校的人员队伍"
        );
        // Nobody is above either of them: that is nothing in common.
        let above_none = EvaluatedFacts { superior: String::new(), ..school() };
        let free = ExpertFacts { superior: String::new(), ..expert() };
        assert_eq!(unfit(&free, &above_none, day("2026-12-31")), None);
    }

    #[test]
    fn s2_1_2b_who_judges_an_occupation_at_every_filed_level_covers_it_before_who_judges_one() {
        let body = EvaluatedFacts {
            trades: [("甲", Level::L4), ("甲", Level::L3), ("乙", Level::L4), ("丙", Level::L5)]
                .map(|(code, level)| (code.to_owned(), level))
                .to_vec(),
            ..school()
        };
        let judge = |codes: &[&str], level_max| ExpertFacts {
            trades: codes.iter().map(|code| (*code).to_owned()).collect(),
            level_max,
            ..expert()
        };
        let (low, high) = (judge(&["甲", "乙"], Level::L4), judge(&["甲"], Level::L3));
        let texts = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        assert_eq!(coverage(&[low.clone(), high], &body), (vec![texts(&["乙"]), texts(&["甲"])], texts(&["丙"])));
        assert_eq!(coverage(&[low], &body).0, [texts(&["乙", "甲"])]);
    }

    #[test]
    fn s2_1_2b_a_panel_is_odd_and_of_three_at_least() {
        assert_eq!(members(None, CITY, &Terms::default()), Ok(3));
        assert_eq!(members(Some(5), CITY, &Terms::default()), Ok(5));
        for count in [-1, 0, 1, 2, 4, 17] {
            assert_eq!(
                members(Some(count), CITY, &Terms::default()).expect_err("refused").field,
                Some("members"),
                "{count}"
            );
        }
        assert!(enough(3, 3, CITY).is_ok() && enough(2, 3, CITY).is_err());
        assert!(may_be_held(day("2026-03-02"), day("2026-03-02"), true, CITY).is_ok());
        assert!(may_be_held(day("2026-03-01"), day("2026-03-02"), true, CITY).is_err());
        assert!(may_be_held(day("2026-03-07"), day("2026-03-02"), false, CITY).is_err());
        let seldom = Terms::of([(Term::EvaluateAdded, 0), (Term::EvaluationMembers, 5)]);
        assert!(is_needed(false, &seldom) && is_needed(true, &Terms::default()) && !is_needed(true, &seldom));
        assert_eq!(members(None, CITY, &seldom), Ok(5));
        assert!(members(Some(3), CITY, &seldom).is_err());
    }

    fn full(sheet: &[ScoreItem], trades: &[String]) -> Vec<Mark> {
        let mark = |(item, code): (&ScoreItem, Option<String>)| Mark {
            item: item.code.clone(),
            trade_code: code,
            points: item.full,
            remark: String::new(),
        };
        lines(sheet, trades).into_iter().map(mark).collect()
    }

    #[test]
    fn s1_2_1_the_sheet_has_a_hundred_marks_over_three_conditions() {
        let sheet = default_sheet();
        assert_eq!(sheet.iter().map(|item| item.full).sum::<i64>(), 100);
        let trades = ["甲".to_owned(), "乙".to_owned()];
        assert_eq!(lines(&sheet, &trades).len(), 4 * 2 + 4);
        let good = full(&sheet, &trades);
        assert_eq!(marks_hold(&sheet, &trades, &good, CITY), Ok(()));
        let wrong = |change: fn(&mut Vec<Mark>)| {
            let mut marks = full(&default_sheet(), &["甲".to_owned(), "乙".to_owned()]);
            change(&mut marks);
            marks_hold(&default_sheet(), &["甲".to_owned(), "乙".to_owned()], &marks, CITY).expect_err("refused").what
        };
        assert!(wrong(|marks| marks[0].points = 16).contains("超出范围"));
        assert!(wrong(|marks| marks[0].trade_code = None).contains("没有"));
        assert!(wrong(|marks| marks.push(marks[0].clone())).contains("评了两次"));
        assert!(wrong(|marks| marks[0].points = 8).contains("没有写明情况"));
    }

    #[test]
    fn s1_2_3_a_condition_is_met_by_the_mean_and_falls_with_what_a_majority_finds_wanting() {
        let (sheet, trades) = (default_sheet(), ["甲".to_owned(), "乙".to_owned()]);
        let panel = |change: &dyn Fn(usize, &mut Mark)| -> Vec<(String, Vec<Mark>)> {
            (0..3)
                .map(|n| {
                    let mut marks = full(&sheet, &trades);
                    marks.iter_mut().for_each(|mark| change(n, mark));
                    (format!("专家{n}"), marks)
                })
                .collect()
        };
        let passed = |panel: &[(String, Vec<Mark>)]| -> Vec<bool> {
            conclude(&sheet, &trades, panel, CITY).expect("marked").iter().map(|one| one.passed).collect()
        };
        assert_eq!(passed(&panel(&|_, _| ())), [true, true]);
        // 60 % of everything is just enough; one mark less for the rooms is not: 23 of 40.
        let bare =
            |mark: &mut Mark| mark.points = sheet.iter().find(|i| i.code == mark.item).expect("known").full * 6 / 10;
        assert_eq!(passed(&panel(&|_, mark| bare(mark))), [true, true]);
        let one_less = panel(&|_, mark| {
            bare(mark);
            mark.points -= i64::from(mark.item == "rooms");
        });
        assert_eq!(passed(&one_less), [false, false]);
        // One of three against an essential line of one occupation: the majority holds. Two: that occupation falls.
        let against = |count: usize| {
            panel(&move |n, mark| {
                if n < count && mark.item == "stations" && mark.trade_code.as_deref() == Some("乙") {
                    mark.points = 8;
                }
            })
        };
        assert_eq!(passed(&against(1)), [true, true]);
        assert_eq!(passed(&against(2)), [true, false]);
        let outcomes = conclude(&sheet, &trades, &against(2), CITY).expect("marked");
        assert_eq!(outcomes[1].conditions[2].wanting, ["实操工位与设施设备"]);
        assert_eq!(outcomes[0].conditions[0].percent(), 100.0);
        let mut open = panel(&|_, _| ());
        open[1].1.pop();
        assert!(conclude(&sheet, &trades, &open, CITY).expect_err("open").what.contains("专家1还有1项"));
        // Nothing is qualified against the panel; the centre may see more than it did.
        let decision = |code: &str, passed| Decision {
            code: code.into(),
            work_type: String::new(),
            level: Level::L4,
            passed,
            reason: "不足".into(),
            for_public: false,
        };
        let assessed = |decisions: &[Decision]| may_assess(true, Some(&outcomes), decisions, CITY);
        assert!(assessed(&[decision("甲", false), decision("乙", false)]).is_ok());
        let refusal = assessed(&[decision("甲", true), decision("乙", true)]).expect_err("found wanting");
        assert_eq!((refusal.ground.clause(), refusal.field), (Some(Clause::S1_2_3), Some("decisions")));
        assert!(may_assess(true, None, &[], CITY).is_err() && may_assess(false, None, &[], CITY).is_ok());
    }
}
