//! 一（五）1: how assessors judge. Each marks alone, item by item, and hands the sheet in; then the head of the group merges what
//! they gave into the mark of the part: the mean, what is beyond one decimal left away. Assessors who are far apart are
//! asked why before the mark stands. How far is far, and when a key item counts as failed, are defaults (decision 0032).

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::batch::{BatchStage, open_to_change};
use crate::marking::Hand;
use crate::notice::Clause;
use crate::refusal::{Ground, Refusal};
use crate::result::{Outcome, Part};
use crate::rubric::Rubric;
use crate::terms::{KEY_ITEM_PERCENT, SPREAD_MAX};

const SCORING: Ground = Ground::House("考评评分");

/// What one assessor gave one candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// Points by item, in tenths, so that nothing is lost.
    Points(Vec<i64>),
    /// The candidate was absent, broke the rules, or was put off.
    Absent,
    Violation,
    Deferred,
}

impl Given {
    /// All points together, in tenths.
    pub fn total(&self) -> Option<i64> {
        match self {
            Self::Points(points) => Some(points.iter().sum()),
            _ => None,
        }
    }

    /// What it comes to by itself.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Points(points) => Outcome::Mark(in_points(points.iter().sum())),
            Self::Absent => Outcome::Absent,
            Self::Violation => Outcome::Violation,
            Self::Deferred => Outcome::Deferred,
        }
    }

    /// What stands in the field of an item, as it was typed: a word stands in the first.
    pub fn shown(&self, item: usize) -> String {
        match self {
            Self::Points(points) => points.get(item).map(|tenths| in_points(*tenths).to_string()).unwrap_or_default(),
            _ if item == 0 => self.outcome().to_string(),
            _ => String::new(),
        }
    }

    /// What an assessor has written, one text an item: points with at most one decimal, or a word in one of them alone.
    ///
    /// # Errors
    /// With the item that is to blame.
    pub fn read(rubric: &Rubric, texts: &[String]) -> Result<Self, (usize, Refusal)> {
        let refuse = |what: String| {
            Refusal::new(SCORING, what)
                .remedy("每项填写 0 至该项配分的分数，最多一位小数；没有参加的在一项中填写缺考、违纪或缓考，其余空着")
                .at("points")
        };
        if texts.len() != rubric.0.len() {
            return Err((0, refuse(format!("评分细则有 {} 项，填写了 {} 项", rubric.0.len(), texts.len()))));
        }
        let mut points = Vec::with_capacity(texts.len());
        for (at, (item, text)) in rubric.0.iter().zip(texts).enumerate() {
            let others_blank = || texts.iter().enumerate().all(|(n, text)| n == at || text.trim().is_empty());
            let read = Outcome::read(text).map_err(|refusal| {
                let what = match text.trim() {
                    "" => format!("“{}”没有评分", item.title),
                    _ => format!("“{}”：{}", item.title, refusal.what),
                };
                (at, refuse(what))
            });
            // A word may stand in any field, so a blank one before it is no fault.
            let word = texts.iter().find(|text| !text.trim().is_empty()).and_then(|text| Outcome::read(text).ok());
            match (read, word) {
                (Ok(Outcome::Mark(mark)), _) => {
                    let tenths = (mark * 10.0).round() as i64;
                    if tenths > item.points * 10 {
                        let what = format!("“{}”评 {mark} 分，超过配分 {} 分", item.title, item.points);
                        return Err((at, refuse(what)));
                    }
                    points.push(tenths);
                }
                (Ok(word), _) if others_blank() => return Ok(word.into()),
                (Ok(word), _) => return Err((at, refuse(format!("“{}”填的是“{word}”，其余各项还有分数", item.title)))),
                (Err(_), Some(word)) if text.trim().is_empty() && !matches!(word, Outcome::Mark(_)) => {}
                (Err(wrong), _) => return Err(wrong),
            }
        }
        Ok(Self::Points(points))
    }
}

impl From<Outcome> for Given {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Mark(mark) => Self::Points(vec![(mark * 10.0).round() as i64]),
            Outcome::Absent => Self::Absent,
            Outcome::Violation => Self::Violation,
            Outcome::Deferred => Self::Deferred,
        }
    }
}

/// Tenths as points.
pub fn in_points(tenths: i64) -> f64 {
    tenths as f64 / 10.0
}

/// Whether assessors may be written down today: of a part that they judge, from its day on, until results are posted.
pub fn open_to_score(stage: BatchStage, part: Part, exam_on: Day, today: Day) -> Result<(), Refusal> {
    open_to_change(stage)?;
    if part == Part::Theory {
        return Err(Refusal::new(SCORING, "理论知识考试按试卷评分").remedy("请在成绩页登记理论成绩"));
    }
    crate::result::may_mark(part, exam_on, today)
}

/// Somebody who judged, as the register and the assignment have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judge<'a> {
    pub name: &'a str,
    /// Whether the card was valid and not suspended on the day of the part.
    pub card_stood: bool,
    /// Replaced before the part was held.
    pub is_replaced: bool,
}

/// Whether somebody's scores count: assigned, with a card that stood on the day.
pub fn may_score(judge: Judge<'_>, part: Part, exam_on: Day) -> Result<(), Refusal> {
    let Judge { name, card_stood, is_replaced } = judge;
    if is_replaced {
        return Err(Refusal::new(Clause::S3_1_1, format!("{name}已被更换，不在{}的考评人员中", part.name()))
            .remedy("请登记实际参加考评的人员的评分"));
    }
    if !card_stood {
        return Err(Refusal::new(
            Clause::S1_2_2,
            format!("{name}的证卡在{}当日（{exam_on}）已到期或暂停", part.name()),
        )
        .remedy("此人的评分不作数；其余考评人员不足人数的，须按缓考另行安排"));
    }
    Ok(())
}

/// Whether a sheet may still be written in: until it is handed in.
pub fn open_sheet(name: &str, handed_in: bool) -> Result<(), Refusal> {
    if !handed_in {
        return Ok(());
    }
    Err(Refusal::new(Clause::S3_3_1, format!("{name}的评分表已经提交，不能再改"))
        .remedy("确需重新评分的，由考评组长写明原因退回，再改后重新提交"))
}

/// Whether a sheet may be handed in: it has scores, and of everyone of each group that it judged.
pub fn may_hand_in(name: &str, given: usize, missing: &[String]) -> Result<(), Refusal> {
    let what = match (given, missing) {
        (0, _) => format!("{name}还没有给任何考生评分"),
        (_, []) => return Ok(()),
        (_, [first, ..]) => format!("{name}还有 {} 名同组考生没有评分：{first}等", missing.len()),
    };
    Err(Refusal::new(Clause::S1_5_1, what).remedy("请补齐同组每名考生的评分；没有参加的登记缺考、违纪或缓考"))
}

/// What the scores of a candidate come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    pub outcome: Outcome,
    /// The mean in tenths, before a failed key item; nothing where the candidate took no part.
    pub mean: Option<i64>,
    /// How far the highest total is above the lowest, in tenths.
    pub spread: i64,
    /// The key items that were failed, by their place.
    pub failed: Vec<usize>,
}

impl Merged {
    /// Whether the assessors are so far apart that somebody has to say why.
    pub fn is_wide(&self) -> bool {
        self.spread > SPREAD_MAX * 10
    }
}

/// Merges what assessors gave one candidate: as many as the ratio wants, an odd number, all of one mind about whether the
/// candidate took part. The mark is the mean of their totals to one decimal, what is beyond left away, so that nobody passes
/// by rounding; a failed key item keeps it below the pass mark.
pub fn merge(
    name: &str,
    rubric: &Rubric,
    pass: f64,
    given: &[(&str, &Given)],
    wanted: usize,
) -> Result<Merged, Refusal> {
    let have = given.len();
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S1_4_1, what).remedy(remedy));
    if have < wanted {
        let what = format!("{name}只有 {have} 名考评人员的评分，至少要 {wanted} 名");
        return refuse(what, "请补齐其余考评人员的评分；当日人数不足的，不得按少数人的评分计成绩，请按缓考另行安排");
    }
    if have.is_multiple_of(2) {
        return refuse(
            format!("{name}有 {have} 名考评人员的评分，不是单数"),
            "考评组须为单数，请核对是否漏登或多登了评分表",
        );
    }
    let words: Vec<_> = given.iter().filter(|(_, given)| given.total().is_none()).collect();
    if let Some((_, first)) = words.first() {
        if words.len() == have && words.iter().all(|(_, other)| other == first) {
            return Ok(Merged { outcome: first.outcome(), mean: None, spread: 0, failed: Vec::new() });
        }
        let said: Vec<_> = given.iter().map(|(who, given)| format!("{who} {}", given.outcome())).collect();
        return Err(Refusal::new(Clause::S1_5_1, format!("{name}的登记不一致：{}", said.join("，")))
            .remedy("请对照签到表核实考生是否参加，退回有误的评分表改正"));
    }
    let totals: Vec<i64> = given.iter().filter_map(|(_, given)| given.total()).collect();
    let count = have as i64;
    let mean = totals.iter().sum::<i64>() / count;
    let of_item = |at: usize| {
        given.iter().filter_map(move |(_, given)| match given {
            Given::Points(points) => points.get(at),
            _ => None,
        })
    };
    // The mean of an item against its share of the points, without dividing.
    let is_failed = |at: usize| of_item(at).sum::<i64>() * 10 < KEY_ITEM_PERCENT * rubric.0[at].points * count;
    let keys = rubric.0.iter().enumerate().filter(|(_, item)| item.is_key).map(|(at, _)| at);
    let failed: Vec<usize> = keys.filter(|at| is_failed(*at)).collect();
    let below = (pass * 10.0).round() as i64 - 1;
    let mark = if failed.is_empty() { mean } else { mean.min(below) };
    let spread = totals.iter().max().copied().unwrap_or(0) - totals.iter().min().copied().unwrap_or(0);
    Ok(Merged { outcome: Outcome::Mark(in_points(mark)), mean: Some(mean), spread, failed })
}

/// The reason of the group's head for letting a wide spread stand, as it is kept; blank where nothing has to be said.
pub fn answered(name: &str, merged: &Merged, reason: &str) -> Result<String, Refusal> {
    let reason = reason.trim();
    let what = match (merged.is_wide(), reason.chars().count()) {
        (_, 501..) => format!("{name}的说明超过 500 字"),
        (true, 0..5) => {
            let spread = in_points(merged.spread);
            format!("{name}的评分最高与最低相差 {spread} 分，超过 {SPREAD_MAX} 分，没有说明")
        }
        _ => return Ok(reason.to_owned()),
    };
    Err(Refusal::new(Clause::S3_3_1, what)
        .remedy("请考评组长写明相差的原因（5 至 500 字），或退回有关评分表重新评分")
        .at("reason"))
}

/// The reason for which assigned assessors have no sheet, as it is kept.
pub fn excused(missing: &[&str], reason: &str) -> Result<String, Refusal> {
    match (missing, reason.trim()) {
        ([], reason) => Ok(reason.to_owned()),
        (_, reason) if (5..=500).contains(&reason.chars().count()) => Ok(reason.to_owned()),
        _ => Err(Refusal::new(Clause::S3_3_1, format!("{}没有提交评分表", missing.join("、")))
            .remedy("请先提交其评分表；没有到场考评的，写明原因（5 至 500 字）后再汇总")
            .at("missing_reason")),
    }
}

/// Whether a merged mark has two persons behind it already: nobody who merges has typed a sheet of it, so that whoever wrote
/// the sheets and whoever merged them are different persons.
pub fn stands(typed: &[Hand], merges: &Hand) -> bool {
    !typed.is_empty() && !typed.iter().any(|hand| hand.is_same(merges))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rubric::RubricItem;
    use proptest::prelude::*;

    fn rubric() -> Rubric {
        let item =
            |title: &str, points, is_key| RubricItem { code: String::new(), title: title.into(), points, is_key };
        Rubric(vec![item("刀工", 30, false), item("火候", 50, true), item("卫生", 20, false)])
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn points(points: [i64; 3]) -> Given {
        Given::Points(points.to_vec())
    }

    fn merged(given: &[Given]) -> Result<Merged, Refusal> {
        let names = ["甲", "乙", "丙", "丁", "戊"];
        let given: Vec<(&str, &Given)> = names.into_iter().zip(given).collect();
        merge("示例一", &rubric(), 60.0, &given, 3)
    }

    #[test]
    fn s1_5_1_a_sheet_is_read_item_by_item_or_says_one_word() {
        let read = |all: &[&str]| Given::read(&rubric(), &texts(all));
        assert_eq!(read(&["25", "４０．５", "20.0"]), Ok(points([250, 405, 200])));
        assert_eq!(read(&["缺考", "", ""]), Ok(Given::Absent));
        assert_eq!(read(&["", " ", "违纪"]), Ok(Given::Violation));
        for (wrong, at) in [
            (["31", "40", "20"], 0),
            (["25", "", "20"], 1),
            (["25", "40", "20.55"], 2),
            (["25", "缺考", "20"], 1),
            (["", "", ""], 0),
            (["25", "40", "-1"], 2),
        ] {
            assert_eq!(read(&wrong).unwrap_err().0, at, "{wrong:?}");
        }
        assert!(read(&["25"]).unwrap_err().1.what.contains("3 项，填写了 1 项"));
        let given = points([250, 405, 200]);
        assert_eq!((given.shown(1), given.outcome()), ("40.5".into(), Outcome::Mark(85.5)));
        assert_eq!((Given::Absent.shown(0), Given::Absent.shown(1)), ("缺考".into(), String::new()));
    }

    #[test]
    fn s1_5_1_the_mark_is_the_mean_and_nobody_passes_by_rounding() {
        // 59.9, 60, 60 are 59.96 on the mean.
        let close = merged(&[points([200, 300, 99]), points([200, 300, 100]), points([200, 300, 100])]).unwrap();
        assert_eq!((close.outcome, close.mean, close.spread), (Outcome::Mark(59.9), Some(599), 1));
        assert!(!close.is_wide() && close.failed.is_empty());
        assert_eq!(merged(&[Given::Absent, Given::Absent, Given::Absent]).unwrap().outcome, Outcome::Absent);
        let mixed = merged(&[Given::Absent, points([300, 500, 200]), Given::Absent]).unwrap_err();
        assert!(mixed.what.contains("甲 缺考，乙 100，丙 缺考"), "{mixed}");
        // Twenty points of fifty are below sixty percent: the key item is failed, whatever the sum.
        let key = merged(&[points([300, 299, 200]), points([300, 299, 200]), points([300, 299, 200])]).unwrap();
        assert_eq!((key.outcome, key.mean, key.failed), (Outcome::Mark(59.9), Some(799), vec![1]));
        let key = merged(&[points([300, 300, 200]), points([300, 300, 200]), points([300, 300, 200])]).unwrap();
        assert_eq!((key.outcome, key.failed), (Outcome::Mark(80.0), vec![]));
    }

    #[test]
    fn s1_4_1_fewer_than_the_ratio_or_an_even_number_decide_nothing() {
        let one = points([200, 400, 100]);
        let of = |count: usize| merged(&vec![one.clone(); count]);
        assert!(of(2).unwrap_err().what.contains("只有 2 名考评人员的评分，至少要 3 名"));
        assert_eq!(of(2).unwrap_err().ground.clause(), Some(Clause::S1_4_1));
        assert!(of(4).unwrap_err().what.contains("不是单数"));
        assert!(of(3).is_ok() && of(5).is_ok());
    }

    #[test]
    fn s3_3_1_who_is_far_apart_says_why() {
        let at =
            |low: i64| merged(&[points([low, 400, 100]), points([300, 400, 100]), points([300, 400, 100])]).unwrap();
        assert!(!at(200).is_wide(), "ten points are not beyond ten");
        assert!(at(199).is_wide());
        assert!(answered("示例一", &at(199), " 有误 ").unwrap_err().what.contains("相差 10.1 分"));
        assert_eq!(answered("示例一", &at(199), " 刀工评分标准掌握不一 "), Ok("刀工评分标准掌握不一".into()));
        assert_eq!(answered("示例一", &at(200), ""), Ok(String::new()));
        assert_eq!(excused(&[], ""), Ok(String::new()));
        assert_eq!(excused(&["丁"], "").unwrap_err().field, Some("missing_reason"));
        assert!(excused(&["丁"], "因病没有到场").is_ok());
    }

    #[test]
    fn s1_2_2_a_card_that_was_out_on_the_day_scores_nothing() {
        let day = Day::constant(2026, 9, 15);
        let judge =
            |card_stood, is_replaced| may_score(Judge { name: "甲", card_stood, is_replaced }, Part::Practical, day);
        assert_eq!(judge(true, false), Ok(()));
        assert_eq!(judge(false, false).unwrap_err().ground.clause(), Some(Clause::S1_2_2));
        assert_eq!(judge(true, true).unwrap_err().ground.clause(), Some(Clause::S3_1_1));
        assert!(open_sheet("甲", true).is_err() && open_sheet("甲", false).is_ok());
        assert!(may_hand_in("甲", 0, &[]).is_err() && may_hand_in("甲", 3, &["示例一".into()]).is_err());
        assert!(may_hand_in("甲", 3, &[]).is_ok());
        let open = |part, today| open_to_score(BatchStage::Notified, part, day, today);
        assert!(open(Part::Practical, day).is_ok() && open(Part::Theory, day).is_err());
        assert!(open(Part::Practical, Day::constant(2026, 9, 14)).is_err());
        assert!(open_to_score(BatchStage::Posted, Part::Practical, day, day).is_err());
    }

    #[test]
    fn house_who_typed_a_sheet_is_not_the_second_person() {
        let hand = |account| Hand { account: Some(account), name: "示例".into() };
        assert!(stands(&[hand(1), hand(2)], &hand(3)) && !stands(&[hand(1), hand(3)], &hand(3)));
        assert!(!stands(&[], &hand(3)));
    }

    fn given() -> impl Strategy<Value = Given> {
        (0_i64..=300, 0_i64..=500, 0_i64..=200).prop_map(|(a, b, c)| points([a, b, c]))
    }

    proptest! {
        #[test]
        fn a_merged_mark_lies_between_the_assessors_and_asks_nobody_twice(
            sheets in (1_usize..=2).prop_flat_map(|half| proptest::collection::vec(given(), half * 2 + 1)),
            turn in 0_usize..5, at in 0_usize..5, more in 0_i64..100,
        ) {
            let result = merged(&sheets).unwrap();
            let totals: Vec<i64> = sheets.iter().filter_map(Given::total).collect();
            let (low, high) = (*totals.iter().min().unwrap(), *totals.iter().max().unwrap());
            let mean = result.mean.unwrap();
            prop_assert!(low <= mean && mean <= high && result.spread == high - low);
            // Never above the true mean, never a tenth below it.
            let (sum, count) = (totals.iter().sum::<i64>(), totals.len() as i64);
            prop_assert!(mean * count <= sum && sum < (mean + 1) * count);
            let mark = result.outcome.mark().unwrap();
            if result.failed.is_empty() {
                prop_assert_eq!(mark, in_points(mean));
            } else {
                prop_assert!(mark < 60.0 && mark <= in_points(mean));
            }
            // The order of the sheets doesn't matter.
            let mut turned = sheets.clone();
            turned.rotate_left(turn % sheets.len());
            prop_assert_eq!(&merged(&turned).unwrap(), &result);
            // Whoever gives more points nowhere lowers the mark.
            let mut raised = sheets.clone();
            let at = at % sheets.len();
            if let Given::Points(points) = &mut raised[at] {
                points[1] = (points[1] + more).min(500);
            }
            prop_assert!(merged(&raised).unwrap().outcome.mark().unwrap() >= mark);
        }
    }
}
