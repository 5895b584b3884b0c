//! 二（二）4, 三（三）7: a body answers for its certificates and signs each with its own key. A key is replaced by the next, either
//! from a day on, or at once because somebody else may have it. What was signed before stays good in the first case; in the
//! second it is believed only where the public log proves that it was there before.

use crate::{Clause, Day, Refusal};

/// Letters of a reason at most.
const REASON_MAX: usize = 500;

/// A key that a body was given after its first one, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterKey {
    /// From 2; the first key has no record.
    pub generation: i64,
    /// The first day of issue of what it signs.
    pub from: Day,
    /// The day on which it was given.
    pub set_on: Day,
    /// The key that it replaces because somebody else may have that one, and the day since when.
    pub replaces_lost: Option<(i64, Day)>,
}

/// A key of a body as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyKey {
    /// The how manieth of this body, from 1.
    pub generation: i64,
    /// The first day of issue of what it signs.
    pub from: Day,
    /// The last one, where it has been replaced.
    pub until: Option<Day>,
    /// Since when somebody else may have it.
    pub lost_on: Option<Day>,
}

/// Every key of a body that stood in the directory first on `listed_on`, the first first.
pub fn keys(listed_on: Day, later: &[LaterKey]) -> Vec<BodyKey> {
    let first = LaterKey { generation: 1, from: listed_on, set_on: listed_on, replaces_lost: None };
    let all: Vec<LaterKey> = std::iter::once(first).chain(later.iter().copied()).collect();
    let key = |one: &LaterKey| {
        let lost_on = later.iter().find_map(|next| next.replaces_lost.filter(|(lost, _)| *lost == one.generation));
        let lost_on = lost_on.map(|(_, on)| on);
        // A later key that begins before this one takes over what this one signed from the day on which it was given.
        let ends = all
            .iter()
            .filter(|next| next.generation > one.generation)
            .map(|next| if next.from > one.from { next.from.yesterday().unwrap_or(next.from) } else { next.set_on });
        BodyKey { generation: one.generation, from: one.from, until: ends.chain(lost_on).min(), lost_on }
    };
    all.iter().map(key).collect()
}

/// Which key signs what was issued on a day: the latest that nobody else has and whose first day has come.
pub fn signing(keys: &[BodyKey], issued_on: Day) -> i64 {
    let good = keys.iter().filter(|key| key.lost_on.is_none() && key.from <= issued_on);
    good.map(|key| key.generation).max().unwrap_or(1)
}

fn said(reason: &str) -> Result<(), Refusal> {
    match reason.trim().chars().count() {
        0 => Err(refuse("没有写明原因").remedy("请写明为什么更换密钥，例如例行更换、更换机房").at("reason")),
        1..=REASON_MAX => Ok(()),
        _ => Err(refuse("原因过长").remedy(format!("请写在{REASON_MAX}字以内")).at("reason")),
    }
}

fn refuse(what: &str) -> Refusal {
    Refusal::new(Clause::S2_2_4B, what)
}

/// The key that follows from a day on; its generation.
///
/// # Errors
/// A refusal when the day is not ahead, another key waits for its day already, or there is no reason.
pub fn rotate(keys: &[BodyKey], from: Day, reason: &str, today: Day) -> Result<i64, Refusal> {
    if from <= today {
        return Err(refuse("新密钥的启用日期不在今天之后")
            .remedy("今天可能已经用原密钥发证，请填写明天或以后的日期；密钥可能泄露的，请用报失")
            .at("from"));
    }
    if let Some(waiting) = keys.iter().find(|key| key.from > today) {
        return Err(refuse(&format!("第{}代密钥已定于 {} 启用", waiting.generation, waiting.from))
            .remedy("请等它启用之后再更换")
            .at("from"));
    }
    said(reason)?;
    Ok(next(keys))
}

/// The key that at once takes the place of one which somebody else may have, and from which day of issue it signs: everything
/// that the lost one would have. `confirmed` is the filing number, typed once more, because this can't be taken back.
///
/// # Errors
/// A refusal when there is no such key, it was reported before, the instant is not good, or the confirmation is missing.
pub fn replace_lost(
    keys: &[BodyKey],
    generation: i64,
    (lost_on, is_ahead): (Day, bool),
    (confirmed, filing_number): (&str, &str),
    reason: &str,
) -> Result<(i64, Day), Refusal> {
    let Some(key) = keys.iter().find(|key| key.generation == generation) else {
        return Err(refuse(&format!("没有第{generation}代密钥")).remedy("请从列表中选择").at("generation"));
    };
    if let Some(on) = key.lost_on {
        return Err(refuse(&format!("第{generation}代密钥已于 {on} 报失")).remedy("不必再报").at("generation"));
    }
    if is_ahead {
        return Err(refuse("报失的时刻还没有到").remedy("请填写现在或以前的时刻").at("on"));
    }
    if lost_on < key.from {
        let what = format!("第{generation}代密钥自 {} 起使用，报失的时刻在此之前", key.from);
        return Err(refuse(&what).remedy("请填写它启用之后的时刻").at("on"));
    }
    said(reason)?;
    if confirmed.trim() != filing_number {
        return Err(refuse("报失不能撤回，还没有确认")
            .remedy(format!("确认无误的，请在确认栏填写机构备案编号 {filing_number}"))
            .at("confirm"));
    }
    Ok((next(keys), key.from))
}

fn next(keys: &[BodyKey]) -> i64 {
    keys.iter().map(|key| key.generation).max().unwrap_or(1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn later(generation: i64, from: &str, set_on: &str, lost: Option<(i64, &str)>) -> LaterKey {
        let replaces_lost = lost.map(|(generation, on)| (generation, day(on)));
        LaterKey { generation, from: day(from), set_on: day(set_on), replaces_lost }
    }

    #[test]
    fn s2_2_4b_each_day_of_issue_has_one_key_and_a_lost_one_signs_nothing() {
        let listed = day("2026-01-05");
        assert_eq!(signing(&keys(listed, &[]), day("2026-03-01")), 1);
        let rotated = [later(2, "2027-01-01", "2026-12-20", None)];
        let both = keys(listed, &rotated);
        assert_eq!((both[0].until, both[1].until), (Some(day("2026-12-31")), None));
        assert_eq!([signing(&both, day("2026-12-31")), signing(&both, day("2027-01-01"))], [1, 2]);
        // The second is lost: its successor takes over from the second's first day, and the first stays what it was.
        let lost = [rotated[0], later(3, "2027-01-01", "2027-03-02", Some((2, "2027-03-01")))];
        let three = keys(listed, &lost);
        assert_eq!(three.iter().map(|key| key.lost_on).collect::<Vec<_>>(), [None, Some(day("2027-03-01")), None]);
        assert_eq!(three[1].until, Some(day("2027-03-01")));
        assert_eq!([signing(&three, day("2026-06-01")), signing(&three, day("2027-02-01"))], [1, 3]);
        // The first is lost afterwards: what it signed is signed by the newest from now on.
        let all = [lost[0], lost[1], later(4, "2026-01-05", "2027-05-01", Some((1, "2027-04-30")))];
        let four = keys(listed, &all);
        assert_eq!([signing(&four, day("2026-06-01")), signing(&four, day("2027-02-01"))], [4, 4]);
        assert_eq!((four[0].lost_on, four[3].until), (Some(day("2027-04-30")), None));
    }

    #[test]
    fn s2_2_4b_a_key_is_replaced_ahead_or_reported_once() {
        let (listed, today) = (day("2026-01-05"), day("2026-12-01"));
        let one = keys(listed, &[]);
        assert_eq!(rotate(&one, day("2026-12-01"), "例行", today).expect_err("today").field, Some("from"));
        assert_eq!(rotate(&one, day("2026-12-02"), " ", today).expect_err("no reason").field, Some("reason"));
        assert_eq!(rotate(&one, day("2026-12-02"), "例行", today), Ok(2));
        let two = keys(listed, &[later(2, "2026-12-02", "2026-12-01", None)]);
        assert_eq!(rotate(&two, day("2027-12-02"), "例行", today).expect_err("one waits").field, Some("from"));
        let report = |generation, on: &str, ahead, confirmed| {
            replace_lost(&one, generation, (day(on), ahead), (confirmed, "Y350101"), "电脑被盗")
        };
        assert_eq!(report(2, "2026-11-30", false, "Y350101").expect_err("no such key").field, Some("generation"));
        assert_eq!(report(1, "2026-12-02", true, "Y350101").expect_err("ahead").field, Some("on"));
        assert_eq!(report(1, "2025-12-02", false, "Y350101").expect_err("before it was").field, Some("on"));
        assert_eq!(report(1, "2026-11-30", false, "").expect_err("not confirmed").field, Some("confirm"));
        assert_eq!(report(1, "2026-11-30", false, " Y350101 "), Ok((2, listed)));
        let lost = keys(listed, &[later(2, "2026-01-05", "2026-12-01", Some((1, "2026-11-30")))]);
        let again = replace_lost(&lost, 1, (day("2026-11-30"), false), ("Y350101", "Y350101"), "又");
        assert_eq!(again.expect_err("twice").field, Some("generation"));
    }
}
