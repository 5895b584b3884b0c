//! Working days: the 99 vectors, what an import may look like, and what holds for any count.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use rules::calendar::Calendar;
use rules::deadline::{Deadline, warn_missing_year};
use rules::{Clause, Day};

const TABLE: &str = include_str!("../../../reference/cn-workdays.csv");
const VECTORS: &str = include_str!("../../../reference/vectors/cn-workday-vectors.csv");
static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::read(TABLE).unwrap());

/// A year with its two festivals and nothing else.
fn bare_year(year: i16) -> String {
    format!("{year}-01-01,holiday,元旦\n{year}-10-01,holiday,国庆节\n")
}

fn table(rows: &str) -> Result<Calendar, String> {
    Calendar::read(&format!("date,kind,name\n{rows}"))
}

#[test]
fn every_vector_holds() {
    let mut rows = 0;
    for row in csv::Reader::from_reader(VECTORS.as_bytes()).records() {
        let row = row.unwrap();
        let (start, count, expected): (Day, i32, Day) =
            (row[0].parse().unwrap(), row[1].parse().unwrap(), row[2].parse().unwrap());
        assert_eq!(CALENDAR.add(start, count), Ok(expected), "{start} {count:+}");
        assert_eq!(CALENDAR.between(start, expected), Ok(count), "{start} → {expected}");
        rows += 1;
    }
    assert_eq!(rows, 99);
}

#[test]
fn an_unknown_year_is_refused_with_the_remedy() {
    assert_eq!(CALENDAR.years(), (2019, 2026));
    for refusal in [
        CALENDAR.is_working_day(date(2027, 1, 4)).unwrap_err(),
        CALENDAR.add(date(2026, 12, 25), 10).unwrap_err(),
        CALENDAR.between(date(2026, 12, 25), date(2027, 1, 4)).unwrap_err(),
        CALENDAR.add(date(2026, 12, 25), i32::MAX).unwrap_err(),
    ] {
        assert!(refusal.what.contains("2027年"), "{refusal}");
        assert!(refusal.remedy.contains("jiangce import workdays"), "{refusal}");
    }
    assert!(CALENDAR.add(date(2019, 1, 3), -10).unwrap_err().what.contains("2018年"));
}

#[test]
fn importing_the_next_year_makes_it_known() {
    let next = table(&format!("2026-12-31,holiday,元旦\n{}", bare_year(2027))).unwrap();
    assert!(!next.knows(2026));
    let both = CALENDAR.merged(&next);
    assert_eq!(both.years(), (2019, 2027));
    assert_eq!(both.add(date(2026, 12, 30), 1), Ok(date(2027, 1, 4)));
    assert_eq!(both.name(date(2026, 12, 31)), Some("元旦"));
    // A corrected table replaces its year whole, but not what next year's New Year did to it.
    let corrected = both.merged(&table(&bare_year(2026)).unwrap());
    assert_eq!(corrected.is_working_day(date(2026, 10, 2)), Ok(true));
    assert_eq!(corrected.is_working_day(date(2026, 12, 31)), Ok(false));
    assert_eq!(corrected.is_working_day(date(2025, 10, 2)), Ok(false));
    assert_eq!(both.merged(&table(&bare_year(2027)).unwrap()).is_working_day(date(2026, 12, 31)), Ok(true));
}

#[test]
fn a_table_that_is_wrong_names_each_line() {
    let errors = table(&format!(
        "{}2027/05/01,holiday,劳动节\n2027-05-02,rest,劳动节\n2027-01-01,holiday,元旦\n2027-05-04\n",
        bare_year(2027)
    ))
    .unwrap_err();
    for says in
        ["第4行：日期“2027/05/01”", "第5行：类型“rest”", "第6行：日期 2027-01-01 重复", "第7行：应有3列，现有1列"]
    {
        assert!(errors.contains(says), "{says}: {errors}");
    }
    assert!(table("2027-01-01,holiday,元旦\n").unwrap_err().contains("2027年的安排不完整"));
    assert!(table("").unwrap_err().contains("没有数据"));
    assert!(table("2026-12-31,holiday,元旦\n").unwrap_err().contains("完整的年度"));
    assert!(Calendar::read("date,name\n").unwrap_err().contains("kind"));
    assert!(Calendar::read("\u{feff}date,kind,name\n2027-01-01,休,元旦\n2027-10-01,休,国庆节\n").is_ok());
}

#[test]
fn s2_2_3b_a_deadline_is_late_the_day_after() {
    let deadline = Deadline { due_on: date(2026, 10, 20), clause: Clause::S2_2_3B };
    assert!(!deadline.is_late(date(2026, 10, 20)));
    assert!(deadline.is_late(date(2026, 10, 21)));
}

#[test]
fn administrators_are_warned_from_october() {
    assert_eq!(warn_missing_year(&CALENDAR, date(2026, 9, 30)), None);
    assert!(warn_missing_year(&CALENDAR, date(2026, 10, 1)).unwrap().contains("2027年"));
    assert_eq!(warn_missing_year(&CALENDAR, date(2025, 12, 31)), None);
    assert!(warn_missing_year(&CALENDAR, date(2027, 3, 1)).unwrap().contains("2027年"));
}

/// Days far enough from both ends of the table for the counts below.
fn days() -> impl Strategy<Value = Day> {
    (0i64..2400).prop_map(|n| date(2019, 7, 1) + n.days())
}

proptest! {
    #[test]
    fn between_undoes_add(start in days(), count in -60i32..60) {
        let day = CALENDAR.add(start, count).unwrap();
        prop_assert_eq!(CALENDAR.between(start, day), Ok(count));
        prop_assert!(count == 0 || CALENDAR.is_working_day(day).unwrap());
    }

    #[test]
    fn more_days_lead_further(start in days(), count in -60i32..60, more in 1i32..20) {
        prop_assert!(CALENDAR.add(start, count).unwrap() < CALENDAR.add(start, count + more).unwrap());
    }

    #[test]
    fn a_later_start_never_ends_earlier(start in days(), later in 0i64..40, count in 1i32..60) {
        prop_assert!(CALENDAR.add(start, count).unwrap() <= CALENDAR.add(start + later.days(), count).unwrap());
    }

    #[test]
    fn counts_over_two_spans_add_up(start in days(), a in 0i64..60, b in 0i64..60) {
        let (middle, end) = (start + a.days(), start + (a + b).days());
        let sum = CALENDAR.between(start, middle).unwrap() + CALENDAR.between(middle, end).unwrap();
        prop_assert_eq!(CALENDAR.between(start, end), Ok(sum));
    }

    #[test]
    fn from_a_working_day_the_way_back_leads_home(start in days(), count in 1i32..60) {
        let start = CALENDAR.add(start, 1).unwrap();
        let day = CALENDAR.add(start, count).unwrap();
        prop_assert_eq!(CALENDAR.add(day, -count), Ok(start));
    }
}
