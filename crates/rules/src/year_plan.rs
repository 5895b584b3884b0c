//! 二（二）1: a body works by its plan. The yearly work plan says which occupations and levels it examines in a year, how
//! many persons and in which months; its head publishes it, a change is a new version that is told to the centre, and
//! a batch outside of it is refused.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::batch::ScopeEntry;
use crate::certificate::Level;
use crate::notice::Clause;
use crate::refusal::Refusal;

/// Rows of one plan at most; a bound of the platform.
pub const ROWS_MAX: usize = 300;
/// Persons of one row at most; a bound of the platform.
pub const EXPECTED_MAX: i64 = 100_000;

/// A row of a plan: an occupation, or work type of it, at one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct YearPlanTrade {
    /// Occupation code, as filed.
    pub code: String,
    /// Blank for the whole occupation.
    pub work_type: String,
    pub level: Level,
    /// Persons that are expected in the year.
    pub expected: i64,
    /// Months in which batches start, from 1 to 12, in order.
    pub months: Vec<i8>,
}

impl YearPlanTrade {
    fn key(&self) -> (&str, &str, Level) {
        (&self.code, &self.work_type, self.level)
    }

    /// As people read it: `4-03-02-01 四级/中级工`.
    fn name(&self) -> String {
        named(&self.code, &self.work_type, self.level)
    }
}

fn named(code: &str, work_type: &str, level: Level) -> String {
    let kind = if work_type.is_empty() { String::new() } else { format!("（{work_type}）") };
    format!("{code}{kind} {}", level.name())
}

/// Months as people read them: `3、6、9-11月`; `全年` for all of them.
pub fn months_said(months: &[i8]) -> String {
    if months.len() == 12 {
        return "全年".to_owned();
    }
    let runs = months.chunk_by(|before, after| before + 1 == *after).map(|run| match run {
        [first, .., last] if run.len() > 2 => format!("{first}-{last}"),
        run => run.iter().map(i8::to_string).collect::<Vec<_>>().join("、"),
    });
    format!("{}月", runs.collect::<Vec<_>>().join("、"))
}

/// Months as people write them: `3-5月、9月`, `3,4,5`, `全年`, `上半年`, `第二季度`. In order, once each.
pub fn months(text: &str) -> Result<Vec<i8>, Refusal> {
    let refuse = || {
        Refusal::new(Clause::S2_2_1A, format!("看不懂开展月份“{}”", text.trim()))
            .remedy("请写成 3、5、9月 或 3-6月，全年的写“全年”")
            .at("months")
    };
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '月' | '份' | '第'))
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '、' | '，' | ';' | '；' | '和' | '/' => ',',
            '—' | '–' | '~' | '～' | '至' | '到' | '－' => '-',
            other => other,
        })
        .collect();
    let mut found: Vec<i8> = Vec::new();
    for part in plain.split(',').filter(|part| !part.is_empty()) {
        let span = match part {
            "全年" => 1..=12,
            "上半年" => 1..=6,
            "下半年" => 7..=12,
            "一季度" | "1季度" => 1..=3,
            "二季度" | "2季度" => 4..=6,
            "三季度" | "3季度" => 7..=9,
            "四季度" | "4季度" => 10..=12,
            part => {
                let month = |text: &str| text.parse::<i8>().ok().filter(|month| (1..=12).contains(month));
                let mut ends = part.split('-').filter(|end| !end.is_empty()).map(month);
                match (ends.next(), ends.next(), ends.next()) {
                    (Some(Some(one)), None, None) => one..=one,
                    (Some(Some(from)), Some(Some(to)), None) if from <= to => from..=to,
                    _ => return Err(refuse()),
                }
            }
        };
        found.extend(span);
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { Err(refuse()) } else { Ok(found) }
}

/// What is on file, with its work type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledTrade {
    pub scope: ScopeEntry,
    /// Blank for the whole occupation.
    pub work_type: String,
}

/// Whether this may be published as the plan of a year: a year that is running or the next, every row on file at some
/// time of it, with persons and months, nothing twice; from the second version on with a reason.
pub fn may_publish(
    year: i16,
    rows: &[YearPlanTrade],
    filed: &[FiledTrade],
    (no, reason): (i64, &str),
    today: Day,
) -> Result<(), Refusal> {
    let refuse =
        |what: String, remedy: String, field| Err(Refusal::new(Clause::S2_2_1A, what).remedy(remedy).at(field));
    let this = today.year();
    if year != this && year != this + 1 {
        let what = format!("{year}年的计划现在不能公布");
        return refuse(what, format!("可以公布{this}年和{}年的计划", this + 1), "year");
    }
    if rows.is_empty() || rows.len() > ROWS_MAX {
        let what = if rows.is_empty() {
            "计划中没有职业和等级".to_owned()
        } else {
            format!("计划超过 {ROWS_MAX} 行")
        };
        return refuse(what, format!("请至少填写一行，最多 {ROWS_MAX} 行"), "rows");
    }
    if no > 1 && reason.trim().is_empty() {
        return refuse("没有写明变更计划的原因".to_owned(), "请用几句话写明原因，主管中心会看到".to_owned(), "reason");
    }
    for (at, row) in rows.iter().enumerate() {
        let place = format!("第{}行", at + 1);
        let name = row.name();
        if rows[..at].iter().any(|before| before.key() == row.key()) {
            let what = format!("{place}：{name}出现了两次");
            return refuse(what, "请合并成一行".to_owned(), "rows");
        }
        let fits = |entry: &&FiledTrade| {
            (entry.scope.code.as_str(), entry.work_type.as_str(), entry.scope.level) == row.key()
                && entry.scope.from.year() <= year
                && year <= entry.scope.until.year()
        };
        if !filed.iter().any(|entry| fits(&entry)) {
            let known = filed.iter().any(|entry| entry.scope.code == row.code);
            let clause = if known { Clause::S2_2_1A } else { Clause::S3_3_2 };
            return Err(Refusal::new(clause, format!("{place}：{name}在{year}年不在备案范围内"))
                .remedy("请只计划已备案的职业和等级；要开展其他的，请先增项备案")
                .at("rows"));
        }
        if row.expected < 1 || row.expected > EXPECTED_MAX {
            let what = format!("{place}：预计人数为 {}", row.expected);
            return refuse(what, format!("请填写 1 至 {EXPECTED_MAX} 的人数"), "rows");
        }
        let in_order = row.months.windows(2).all(|pair| pair[0] < pair[1]);
        if row.months.is_empty() || !in_order || row.months.iter().any(|month| !(1..=12).contains(month)) {
            let what = format!("{place}：没有写明开展月份");
            return refuse(what, "请写明 1 至 12 月中的哪几个月".to_owned(), "rows");
        }
    }
    Ok(())
}

/// What of a batch the plan is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    pub code: &'a str,
    /// Blank for the whole occupation.
    pub work_type: &'a str,
    pub level: Level,
    pub starts_on: Day,
    pub expected: i64,
    /// Persons of the other batches of this year, occupation, work type and level that were told and not cancelled.
    pub told: i64,
}

/// What a batch meets in a year whose plan is not published.
pub fn missing(year: i16) -> Refusal {
    Refusal::new(Clause::S2_2_1A, format!("本机构还没有公布{year}年度工作计划"))
        .remedy(format!("请由负责人先公布{year}年度工作计划，再通报批次"))
        .at("starts_on")
}

/// Whether a batch follows the plan of the year in which it starts; `None` where the body has published none.
pub fn within(plan: Option<&[YearPlanTrade]>, wanted: &Wanted<'_>) -> Result<(), Refusal> {
    let year = wanted.starts_on.year();
    let name = named(wanted.code, wanted.work_type, wanted.level);
    let refuse =
        |what: String, remedy: String, field| Err(Refusal::new(Clause::S2_2_1A, what).remedy(remedy).at(field));
    let rows = plan.ok_or_else(|| missing(year))?;
    let Some(row) = rows.iter().find(|row| row.key() == (wanted.code, wanted.work_type, wanted.level)) else {
        return refuse(
            format!("{name}不在{year}年度工作计划内"),
            "请由负责人先变更年度工作计划，列入这一职业和等级".to_owned(),
            "code",
        );
    };
    let month = wanted.starts_on.month();
    if !row.months.contains(&month) {
        return refuse(
            format!("{year}年度工作计划中{name}在{}开展，不含{month}月", months_said(&row.months)),
            format!("请改在计划的月份开展，或由负责人先变更年度工作计划，列入{month}月"),
            "starts_on",
        );
    }
    let sum = wanted.told + wanted.expected;
    if sum > row.expected {
        return refuse(
            format!(
                "{year}年度工作计划中{name}预计 {} 人，已通报 {} 人，再通报 {} 人就超出了",
                row.expected, wanted.told, wanted.expected
            ),
            format!("本批次最多 {} 人；人数更多的，请由负责人先变更年度工作计划", (row.expected - wanted.told).max(0)),
            "expected",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn day(month: i8, day: i8) -> Day {
        Day::constant(2026, month, day)
    }

    fn row() -> YearPlanTrade {
        YearPlanTrade {
            code: "6-18-01-01".into(),
            work_type: String::new(),
            level: Level::L4,
            expected: 60,
            months: vec![3, 6, 11],
        }
    }

    fn filed() -> Vec<FiledTrade> {
        [Level::L4, Level::L3]
            .map(|level| FiledTrade {
                scope: ScopeEntry {
                    code: "6-18-01-01".into(),
                    level,
                    from: Day::constant(2024, 1, 1),
                    until: day(12, 31),
                    cut: None,
                },
                work_type: String::new(),
            })
            .to_vec()
    }

    #[test]
    fn s2_2_1a_months_are_read_as_people_write_them() {
        let check = |text: &str, expected: &[i8]| assert_eq!(months(text).ok().as_deref(), Some(expected), "{text}");
        check("3、5、9月", &[3, 5, 9]);
        check("3月至5月，9月", &[3, 4, 5, 9]);
        check("９－１１月", &[9, 10, 11]);
        check("11,3,3", &[3, 11]);
        check("上半年", &[1, 2, 3, 4, 5, 6]);
        check("第二季度、12月份", &[4, 5, 6, 12]);
        check("全年", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        for text in ["", "13月", "5-3", "春季", "0", "1-2-3"] {
            assert_eq!(months(text).unwrap_err().ground.clause(), Some(Clause::S2_2_1A), "{text}");
        }
        // What is said can be read again.
        assert_eq!((months_said(&[3, 4, 9, 10, 11]).as_str(), months_said(&[12]).as_str()), ("3、4、9-11月", "12月"));
        for one in
            [&[3, 5, 9][..], &[12], &[1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]]
        {
            assert_eq!(months(&months_said(one)).unwrap(), one);
        }
    }

    #[test]
    fn s2_2_1a_a_plan_is_of_what_is_on_file_with_persons_and_months() {
        let check = |year, rows: &[YearPlanTrade], version, expected: Option<(Clause, &str)>| {
            let answer = may_publish(year, rows, &filed(), version, day(5, 6));
            let answer = answer.map_err(|refusal| (refusal.ground.clause().unwrap(), refusal.field.unwrap()));
            assert_eq!(answer.err(), expected, "{year} {rows:?}");
        };
        check(2026, &[row()], (1, ""), None);
        check(2026, &[row(), YearPlanTrade { level: Level::L3, ..row() }], (2, "增加三级"), None);
        check(2026, &[row()], (2, " "), Some((Clause::S2_2_1A, "reason")));
        check(2025, &[row()], (1, ""), Some((Clause::S2_2_1A, "year")));
        check(2028, &[row()], (1, ""), Some((Clause::S2_2_1A, "year")));
        check(2026, &[], (1, ""), Some((Clause::S2_2_1A, "rows")));
        check(2026, &[row(), row()], (1, ""), Some((Clause::S2_2_1A, "rows")));
        check(2026, &[YearPlanTrade { level: Level::L5, ..row() }], (1, ""), Some((Clause::S2_2_1A, "rows")));
        check(2026, &[YearPlanTrade { code: "4-03-02-01".into(), ..row() }], (1, ""), Some((Clause::S3_3_2, "rows")));
        // The filing ends with 2026.
        check(2027, &[row()], (1, ""), Some((Clause::S2_2_1A, "rows")));
        check(2026, &[YearPlanTrade { expected: 0, ..row() }], (1, ""), Some((Clause::S2_2_1A, "rows")));
        check(2026, &[YearPlanTrade { months: vec![], ..row() }], (1, ""), Some((Clause::S2_2_1A, "rows")));
        check(2026, &[YearPlanTrade { months: vec![13], ..row() }], (1, ""), Some((Clause::S2_2_1A, "rows")));
        check(2026, &[YearPlanTrade { months: vec![6, 3], ..row() }], (1, ""), Some((Clause::S2_2_1A, "rows")));
    }

    #[test]
    fn s2_2_1a_a_batch_outside_the_plan_of_its_year_is_refused_with_the_way_out() {
        let base = Wanted {
            code: "6-18-01-01",
            work_type: "",
            level: Level::L4,
            starts_on: day(6, 15),
            expected: 30,
            told: 0,
        };
        let plan = [row()];
        let check = |plan: Option<&[YearPlanTrade]>, wanted: Wanted<'_>, expected: Option<(&str, &str)>| {
            let answer = within(plan, &wanted).map_err(|refusal| {
                assert_eq!(refusal.ground.clause(), Some(Clause::S2_2_1A));
                (refusal.field.unwrap(), refusal.remedy)
            });
            assert_eq!(answer.err(), expected.map(|(field, remedy)| (field, remedy.to_owned())), "{wanted:?}");
        };
        check(Some(&plan), base, None);
        check(Some(&plan), Wanted { told: 30, ..base }, None);
        check(None, base, Some(("starts_on", "请由负责人先公布2026年度工作计划，再通报批次")));
        let listed = "请由负责人先变更年度工作计划，列入这一职业和等级";
        check(Some(&plan), Wanted { level: Level::L3, ..base }, Some(("code", listed)));
        check(Some(&plan), Wanted { work_type: "数控车工", ..base }, Some(("code", listed)));
        let month = "请改在计划的月份开展，或由负责人先变更年度工作计划，列入7月";
        check(Some(&plan), Wanted { starts_on: day(7, 1), ..base }, Some(("starts_on", month)));
        let more = "本批次最多 29 人；人数更多的，请由负责人先变更年度工作计划";
        check(Some(&plan), Wanted { told: 31, ..base }, Some(("expected", more)));
        let none = "本批次最多 0 人；人数更多的，请由负责人先变更年度工作计划";
        check(Some(&plan), Wanted { told: 90, ..base }, Some(("expected", none)));
    }
}
