//! 二（二）4, 三（三）: a body that prints on blanks answers for each of them. Its ledger says which came, which bears a certificate,
//! which was spoiled and which was destroyed; what is left follows. An entry is never changed, only taken back by another.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::terms::{BLANKS_AT_ONCE_MAX, SERIAL_DIGITS_MAX, SERIAL_PREFIX_MAX};
use crate::{Clause, Day, Refusal};

/// What an entry of the ledger says of its blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StockKind {
    /// They came from whoever makes them.
    Received,
    /// Certificates were printed on them.
    Printed,
    /// They can't be given out any more, printed or not.
    Spoiled,
    /// Spoiled ones that two persons destroyed.
    Destroyed,
}

impl StockKind {
    /// Every kind, in the order in which a blank can meet them.
    pub const ALL: &'static [Self] = &[Self::Received, Self::Printed, Self::Spoiled, Self::Destroyed];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Printed => "printed",
            Self::Spoiled => "spoiled",
            Self::Destroyed => "destroyed",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "收到",
            Self::Printed => "套打",
            Self::Spoiled => "作废",
            Self::Destroyed => "销毁",
        }
    }
}

/// What serials of one printing share: what they begin with, and how many digits end them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Series {
    pub prefix: String,
    pub width: usize,
}

impl Series {
    /// The serial with this number, as it stands on the blank.
    pub fn serial(&self, number: i64) -> String {
        format!("{}{number:0width$}", self.prefix, width = self.width)
    }

    /// Reads a serial as people type it: `FJ0000041`, `闽a 0000041`.
    ///
    /// # Errors
    /// A refusal at the field where it is none.
    pub fn read(text: &str, field: &'static str) -> Result<(Self, i64), Refusal> {
        let text: String = text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
        let refuse = |what: String| {
            Err(Refusal::new(Clause::S2_2_4B, what)
                .remedy("请照空白证书上印的流水号填写，以数字结尾，例如 FJ0000001")
                .at(field))
        };
        if text.is_empty() {
            return refuse("没有填写流水号".into());
        }
        let prefix = text.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = &text[prefix.len()..];
        if digits.is_empty() || prefix.chars().any(|c| !c.is_alphanumeric() && c != '-') {
            return refuse(format!("“{text}”不是流水号"));
        }
        if digits.len() > SERIAL_DIGITS_MAX || prefix.chars().count() > SERIAL_PREFIX_MAX {
            return refuse(format!("流水号“{text}”过长"));
        }
        let number = digits.parse().map_err(|_| Refusal::new(Clause::S2_2_4B, "流水号过长").at(field))?;
        Ok((Self { prefix: prefix.to_owned(), width: digits.len() }, number))
    }
}

/// Blanks in a row, of one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blanks {
    pub series: Series,
    pub first: i64,
    pub last: i64,
}

impl Blanks {
    /// Reads the first and the last serial; without a last one it is a single blank.
    ///
    /// # Errors
    /// A refusal where they are no serials, not of one series, or not in order.
    pub fn read(first: &str, last: &str) -> Result<Self, Refusal> {
        let (series, number) = Series::read(first, "first")?;
        if last.trim().is_empty() {
            return Ok(Self { series, first: number, last: number });
        }
        let (other, until) = Series::read(last, "last")?;
        let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S2_2_4B, what).remedy(remedy).at("last"));
        if other != series {
            let what = format!("{} 和 {} 不是同一个号段", series.serial(number), other.serial(until));
            return refuse(what, "起止号的字头和位数要一样；不同的号段请分开登记");
        }
        if until < number {
            return refuse("止号小于起号".into(), "请核对起止号");
        }
        if until - number >= BLANKS_AT_ONCE_MAX {
            let what = format!("一次登记 {} 张，超过 {BLANKS_AT_ONCE_MAX} 张", until - number + 1);
            return refuse(what, "请核对起止号；确有这么多的，请分几次登记");
        }
        Ok(Self { series, first: number, last: until })
    }

    /// So many blanks from a serial on.
    pub fn from(series: Series, first: i64, count: i64) -> Self {
        Self { series, first, last: first + count - 1 }
    }

    /// How many they are.
    pub const fn count(&self) -> i64 {
        self.last - self.first + 1
    }

    /// As people read them: `FJ0000001`, `FJ0000001 至 FJ0000040`.
    pub fn said(&self) -> String {
        let first = self.series.serial(self.first);
        if self.first == self.last { first } else { format!("{first} 至 {}", self.series.serial(self.last)) }
    }
}

/// An entry of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockEntry {
    pub id: i64,
    pub kind: StockKind,
    pub blanks: Blanks,
    /// The entry that this one takes back.
    pub reverses: Option<i64>,
}

/// Where a blank of the ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlankState {
    /// In the cupboard, unprinted.
    Left,
    Printed,
    Spoiled,
    Destroyed,
}

impl BlankState {
    /// What is said of a blank that is there and should not be.
    const fn said(self) -> &'static str {
        match self {
            Self::Left => "还没有使用",
            Self::Printed => "已经套打",
            Self::Spoiled => "已经作废",
            Self::Destroyed => "已经销毁",
        }
    }
}

/// How many blanks of a series are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Balance {
    pub received: i64,
    /// Received less whatever follows.
    pub left: i64,
    pub printed: i64,
    /// Spoiled and still there.
    pub spoiled: i64,
    pub destroyed: i64,
}

impl std::ops::AddAssign for Balance {
    fn add_assign(&mut self, other: Self) {
        self.received += other.received;
        self.left += other.left;
        self.printed += other.printed;
        self.spoiled += other.spoiled;
        self.destroyed += other.destroyed;
    }
}

/// What entries of one series come to. Blanks are kept as ranges: fifty thousand are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    series: Series,
    /// First serial of a range, with its last one and where they are; ranges never touch one another's blanks.
    ranges: BTreeMap<i64, (i64, BlankState)>,
}

impl Stock {
    /// A series of which nothing is known.
    pub const fn new(series: Series) -> Self {
        Self { series, ranges: BTreeMap::new() }
    }

    /// Every series of a ledger, its entries in their order; what was taken back counts for nothing.
    pub fn of(entries: &[StockEntry]) -> Vec<Self> {
        let taken_back = taken_back(entries);
        let mut stocks: BTreeMap<Series, Self> = BTreeMap::new();
        for entry in entries {
            let series = &entry.blanks.series;
            let stock = stocks.entry(series.clone()).or_insert_with(|| Self::new(series.clone()));
            if !taken_back.contains(&entry.id) && entry.reverses.is_none() {
                stock.put(entry.kind, &entry.blanks);
            }
        }
        stocks.into_values().collect()
    }

    /// The stock of this series, empty where the ledger knows none.
    pub fn of_series(entries: &[StockEntry], series: &Series) -> Self {
        Self::of(entries).into_iter().find(|stock| stock.series == *series).unwrap_or_else(|| Self::new(series.clone()))
    }

    pub const fn series(&self) -> &Series {
        &self.series
    }

    /// The ranges that are somewhere, neighbours joined.
    pub fn at(&self, state: BlankState) -> Vec<Blanks> {
        let mut found: Vec<Blanks> = Vec::new();
        for (&first, &(last, is)) in &self.ranges {
            if is != state {
                continue;
            }
            match found.last_mut() {
                Some(before) if before.last + 1 == first => before.last = last,
                _ => found.push(Blanks { series: self.series.clone(), first, last }),
            }
        }
        found
    }

    /// How many are where.
    pub fn balance(&self) -> Balance {
        let mut balance = Balance::default();
        for (&first, &(last, state)) in &self.ranges {
            let count = last - first + 1;
            balance.received += count;
            *match state {
                BlankState::Left => &mut balance.left,
                BlankState::Printed => &mut balance.printed,
                BlankState::Spoiled => &mut balance.spoiled,
                BlankState::Destroyed => &mut balance.destroyed,
            } += count;
        }
        balance
    }

    /// Whether an entry of this kind may be made of these blanks.
    ///
    /// # Errors
    /// A refusal that names the first of them that stand in its way, and what can be entered instead.
    pub fn may(&self, kind: StockKind, blanks: &Blanks) -> Result<(), Refusal> {
        let refuse = |what: String, remedy: String| Err(Refusal::new(Clause::S2_2_4B, what).remedy(remedy).at("first"));
        let mut next = blanks.first;
        for (first, last, state) in self.within(blanks) {
            if kind == StockKind::Received {
                let known = Blanks { series: self.series.clone(), first, last };
                return refuse(
                    format!("{} 已经登记收到，一张空白证书只能收到一次", known.said()),
                    "请核对起止号；原来登记有误的，先冲销那一笔".into(),
                );
            }
            if first > next {
                break;
            }
            let fits = match kind {
                StockKind::Received => false,
                StockKind::Printed => state == BlankState::Left,
                StockKind::Spoiled => matches!(state, BlankState::Left | BlankState::Printed),
                StockKind::Destroyed => state == BlankState::Spoiled,
            };
            if !fits {
                let held = Blanks { series: self.series.clone(), first, last };
                return refuse(
                    format!("{} {}，不能登记{}", held.said(), state.said(), kind.name()),
                    match kind {
                        StockKind::Printed => self.instead(blanks.count()),
                        StockKind::Destroyed => "只有已经作废的才能销毁，请先登记作废".into(),
                        _ => "请核对流水号".into(),
                    },
                );
            }
            next = last + 1;
        }
        if kind == StockKind::Received || next > blanks.last {
            return Ok(());
        }
        let unknown = self.within(blanks).map(|(first, ..)| first).find(|first| *first >= next);
        let last = unknown.map_or(blanks.last, |first| first - 1);
        let missing = Blanks { series: self.series.clone(), first: next, last };
        let remedy = match kind {
            StockKind::Printed => self.instead(blanks.count()),
            _ => "请核对流水号；确实收到的，请先登记收到".into(),
        };
        refuse(format!("{} 没有登记收到", missing.said()), remedy)
    }

    /// What can be said to who wanted so many blanks and can't have them where asked.
    fn instead(&self, wanted: i64) -> String {
        match self.next(wanted) {
            Some(free) if free.count() >= wanted => format!("可以从 {} 起取号", self.series.serial(free.first)),
            Some(free) => format!(
                "这个号段里连续可用的只有 {}（{} 张），可以先取这些，其余的再从另一段取",
                free.said(),
                free.count()
            ),
            None => "这个号段没有可用的空白证书，请先登记收到，或换一个号段".into(),
        }
    }

    /// The lowest range with so many unprinted blanks; where none has, the longest.
    pub fn next(&self, wanted: i64) -> Option<Blanks> {
        let left = self.at(BlankState::Left);
        let enough = left.iter().find(|blanks| blanks.count() >= wanted).cloned();
        enough.or_else(|| left.into_iter().reduce(|a, b| if b.count() > a.count() { b } else { a }))
    }

    /// Makes an entry; whether it may be made was asked before.
    pub fn put(&mut self, kind: StockKind, blanks: &Blanks) {
        let state = match kind {
            StockKind::Received => BlankState::Left,
            StockKind::Printed => BlankState::Printed,
            StockKind::Spoiled => BlankState::Spoiled,
            StockKind::Destroyed => BlankState::Destroyed,
        };
        self.cut(blanks.first);
        self.cut(blanks.last + 1);
        let inside: Vec<i64> = self.ranges.range(blanks.first..=blanks.last).map(|(first, _)| *first).collect();
        for first in inside {
            self.ranges.remove(&first);
        }
        self.ranges.insert(blanks.first, (blanks.last, state));
    }

    /// Lets a range end before this blank and another begin with it.
    fn cut(&mut self, at: i64) {
        if let Some((_, held)) = self.ranges.range_mut(..at).next_back()
            && held.0 >= at
        {
            let (last, state) = *held;
            held.0 = at - 1;
            self.ranges.insert(at, (last, state));
        }
    }

    /// The parts of known ranges that are among these blanks.
    fn within(&self, blanks: &Blanks) -> impl Iterator<Item = (i64, i64, BlankState)> {
        let (from, until) = (blanks.first, blanks.last);
        let before = self.ranges.range(..from).next_back().filter(move |(_, (last, _))| *last >= from);
        before
            .into_iter()
            .chain(self.ranges.range(from..=until))
            .map(move |(&first, &(last, state))| (first.max(from), last.min(until), state))
    }
}

/// The entries that another one takes back.
fn taken_back(entries: &[StockEntry]) -> BTreeSet<i64> {
    entries.iter().filter_map(|entry| entry.reverses).collect()
}

/// Whether blanks may be received: from whom, and on a day that has come.
///
/// # Errors
/// A refusal at the field that is to blame.
pub fn may_receive(from: &str, on: Day, today: Day) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(Clause::S2_2_4B, what).remedy(remedy).at(field));
    if on > today {
        return refuse(format!("收到日期 {on} 还没有到"), "请填写实际收到的日期", "received_on");
    }
    match from.trim().chars().count() {
        0 => refuse("没有写明从哪里收到".into(), "请写印制或发放单位的名称", "from"),
        201.. => refuse("来源超过 200 字".into(), "请只写单位名称", "from"),
        _ => Ok(()),
    }
}

/// Whether the reason of something says why; `example` is one that would.
///
/// # Errors
/// A refusal at the field `reason`.
pub fn says_why(what: &str, example: &str, reason: &str) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: String| Err(Refusal::new(Clause::S3_3_7, what).remedy(remedy).at("reason"));
    match reason.trim().chars().count() {
        0..2 => refuse(format!("没有写明{what}的原因"), format!("请写明原因，例如“{example}”")),
        501.. => refuse(format!("{what}的原因超过 500 字"), "请概括要点".into()),
        _ => Ok(()),
    }
}

/// Whether an entry may be taken back: what was entered after it must hold without it. `borne_elsewhere` says how many
/// certificates would bear two serials then.
///
/// # Errors
/// A refusal that names the entry that rests on it.
pub fn may_reverse(entries: &[StockEntry], id: i64, borne_elsewhere: i64) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S3_3_7, what).remedy(remedy));
    let Some(entry) = entries.iter().find(|entry| entry.id == id) else {
        return refuse("没有这一笔登记".into(), "请从台账中选择");
    };
    if entry.reverses.is_some() {
        return refuse("冲销不能再冲销".into(), "原来的登记没有错的，请重新登记一笔");
    }
    if taken_back(entries).contains(&id) {
        return refuse("这一笔已经冲销".into(), "不需要再次冲销");
    }
    if entry.kind == StockKind::Destroyed {
        return refuse("销毁由两人办理，不能冲销".into(), "销毁有误的，请书面说明情况，随台账保存");
    }
    if borne_elsewhere > 0 {
        return refuse(
            format!("作废的证书中有 {borne_elsewhere} 本已经换号套打，冲销后一本证书会有两个流水号"),
            "请先把换上的流水号作废",
        );
    }
    let series = &entry.blanks.series;
    let without: BTreeSet<i64> = taken_back(entries).into_iter().chain([id]).collect();
    let mut stock = Stock::new(series.clone());
    for other in entries.iter().filter(|other| other.blanks.series == *series && other.reverses.is_none()) {
        if without.contains(&other.id) {
            continue;
        }
        if stock.may(other.kind, &other.blanks).is_err() {
            return refuse(
                format!("{}（{}）以这一笔为前提", other.kind.name(), other.blanks.said()),
                "请先冲销后来的登记，再冲销这一笔",
            );
        }
        stock.put(other.kind, &other.blanks);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series() -> Series {
        Series { prefix: "FJ".into(), width: 4 }
    }

    fn blanks(first: i64, last: i64) -> Blanks {
        Blanks { series: series(), first, last }
    }

    fn entry(id: i64, kind: StockKind, (first, last): (i64, i64), reverses: Option<i64>) -> StockEntry {
        StockEntry { id, kind, blanks: blanks(first, last), reverses }
    }

    #[test]
    fn a_serial_is_read_as_it_is_typed() {
        for (typed, read) in [
            ("FJ0001", Some(("FJ", 4, 1))),
            (" fj 00 41 ", Some(("FJ", 4, 41))),
            ("ＦＪ０００１", Some(("FJ", 4, 1))),
            ("闽A-2026-000123", Some(("闽A-2026-", 6, 123))),
            ("000123", Some(("", 6, 123))),
            ("", None),
            ("FJ", None),
            ("FJ0001A", None),
            ("F'J0001", None),
            ("F1234567890123456", None),
            ("一二三四五六七八九十一二三四五六七八九十一1", None),
        ] {
            let found = Series::read(typed, "first").ok();
            let found = found.map(|(series, number)| (series.prefix, series.width, number));
            let found = found.as_ref().map(|(prefix, width, number)| (prefix.as_str(), *width, *number));
            assert_eq!(found, read, "{typed}");
        }
    }

    #[test]
    fn a_range_is_of_one_series_and_in_order() {
        let said = |first: &str, last: &str| Blanks::read(first, last).map(|blanks| (blanks.said(), blanks.count()));
        assert_eq!(said("FJ0001", "FJ0040"), Ok(("FJ0001 至 FJ0040".into(), 40)));
        assert_eq!(said("FJ0001", " "), Ok(("FJ0001".into(), 1)));
        for (first, last, what) in [
            ("FJ0001", "FJ00040", "同一个号段"),
            ("FJ0001", "FX0040", "同一个号段"),
            ("FJ0040", "FJ0001", "小于"),
            ("FJ00000001", "FJ99999999", "超过"),
        ] {
            let refusal = said(first, last).unwrap_err();
            assert!(refusal.what.contains(what) && refusal.field == Some("last"), "{refusal:?}");
        }
    }

    #[test]
    fn s2_2_4b_a_blank_is_received_once_printed_once_and_not_before_it_came() {
        let mut stock = Stock::new(series());
        let check = |stock: &Stock, kind, range: (i64, i64), what: &str| {
            let found = stock.may(kind, &blanks(range.0, range.1));
            match found {
                Ok(()) => assert_eq!(what, "", "{kind:?} {range:?}"),
                Err(refusal) => {
                    assert!(!what.is_empty() && refusal.what.contains(what), "{kind:?} {range:?}: {refusal:?}");
                    assert!(!refusal.remedy.is_empty());
                }
            }
        };
        use StockKind::*;
        check(&stock, Printed, (1, 10), "FJ0001 至 FJ0010 没有登记收到");
        stock.put(Received, &blanks(1, 100));
        check(&stock, Received, (100, 120), "FJ0100 已经登记收到");
        check(&stock, Received, (101, 200), "");
        check(&stock, Printed, (1, 40), "");
        check(&stock, Printed, (90, 110), "FJ0101 至 FJ0110 没有登记收到");
        stock.put(Printed, &blanks(1, 40));
        check(&stock, Printed, (40, 60), "FJ0040 已经套打");
        check(&stock, Destroyed, (40, 40), "FJ0040 已经套打");
        check(&stock, Spoiled, (40, 41), "");
        stock.put(Spoiled, &blanks(40, 41));
        check(&stock, Printed, (41, 50), "FJ0041 已经作废");
        check(&stock, Spoiled, (41, 41), "已经作废");
        check(&stock, Destroyed, (40, 41), "");
        stock.put(Destroyed, &blanks(40, 41));
        check(&stock, Destroyed, (40, 41), "已经销毁");
        check(&stock, Destroyed, (42, 42), "还没有使用");
        check(&stock, Received, (40, 41), "已经登记收到");
        let balance = Balance { received: 100, left: 59, printed: 39, spoiled: 0, destroyed: 2 };
        assert_eq!(stock.balance(), balance);
        // Who can't have them where asked is told from where.
        let remedy = |first, last| stock.may(Printed, &blanks(first, last)).unwrap_err().remedy;
        assert!(remedy(1, 10).contains("从 FJ0042 起"), "{}", remedy(1, 10));
        assert!(remedy(50, 200).contains("59 张"), "{}", remedy(50, 200));
    }

    #[test]
    fn s3_3_7_an_entry_is_taken_back_once_and_not_from_under_another() {
        use StockKind::*;
        let mut entries = vec![entry(1, Received, (1, 100), None), entry(2, Printed, (1, 10), None)];
        let refused = |entries: &[StockEntry], id, elsewhere, what: &str| {
            let refusal = may_reverse(entries, id, elsewhere).unwrap_err();
            assert!(refusal.what.contains(what) && !refusal.remedy.is_empty(), "{refusal:?}");
        };
        refused(&entries, 1, 0, "套打（FJ0001 至 FJ0010）以这一笔为前提");
        refused(&entries, 9, 0, "没有这一笔");
        assert_eq!(may_reverse(&entries, 2, 0), Ok(()));
        entries.push(entry(3, Printed, (1, 10), Some(2)));
        refused(&entries, 2, 0, "已经冲销");
        refused(&entries, 3, 0, "冲销不能再冲销");
        assert_eq!(Stock::of_series(&entries, &series()).balance().left, 100);
        assert_eq!(may_reverse(&entries, 1, 0), Ok(()));
        entries.push(entry(4, Spoiled, (5, 6), None));
        refused(&entries, 4, 2, "2 本已经换号");
        entries.push(entry(5, Destroyed, (5, 6), None));
        refused(&entries, 4, 0, "销毁（FJ0005 至 FJ0006）");
        refused(&entries, 5, 0, "两人办理");
    }

    #[test]
    fn who_wants_blanks_is_offered_the_lowest_range_that_holds_them() {
        let mut stock = Stock::new(series());
        assert_eq!(stock.next(1), None);
        for (first, last) in [(1, 5), (10, 30), (40, 99)] {
            stock.put(StockKind::Received, &blanks(first, last));
        }
        for (wanted, first, last) in [(5, 1, 5), (6, 10, 30), (30, 40, 99), (200, 40, 99)] {
            assert_eq!(stock.next(wanted), Some(blanks(first, last)), "{wanted}");
        }
        // What came in two parts and lies in one row is one row.
        stock.put(StockKind::Received, &blanks(6, 9));
        assert_eq!(stock.next(30), Some(blanks(1, 30)));
    }

    #[test]
    fn a_day_to_come_and_nobody_to_come_from_are_refused() {
        let day = Day::constant(2026, 3, 2);
        assert_eq!(may_receive("示例印务", day, day), Ok(()));
        assert_eq!(may_receive("示例印务", day.tomorrow().unwrap(), day).unwrap_err().field, Some("received_on"));
        assert_eq!(may_receive(" ", day, day).unwrap_err().field, Some("from"));
        assert!(says_why("作废", "卡纸", "卡纸").is_ok() && says_why("作废", "卡纸", " 卡 ").is_err());
    }

    /// One blank at a time, in a map.
    #[derive(Default)]
    struct Slow(BTreeMap<i64, BlankState>);

    impl Slow {
        fn may(&self, kind: StockKind, first: i64, last: i64) -> bool {
            (first..=last).all(|number| match (kind, self.0.get(&number)) {
                (StockKind::Received, state) => state.is_none(),
                (StockKind::Printed, state) => state == Some(&BlankState::Left),
                (StockKind::Spoiled, state) => matches!(state, Some(BlankState::Left | BlankState::Printed)),
                (StockKind::Destroyed, state) => state == Some(&BlankState::Spoiled),
            })
        }

        fn put(&mut self, kind: StockKind, first: i64, last: i64) {
            let state = match kind {
                StockKind::Received => BlankState::Left,
                StockKind::Printed => BlankState::Printed,
                StockKind::Spoiled => BlankState::Spoiled,
                StockKind::Destroyed => BlankState::Destroyed,
            };
            self.0.extend((first..=last).map(|number| (number, state)));
        }

        fn count(&self, state: BlankState) -> i64 {
            self.0.values().filter(|is| **is == state).count() as i64
        }
    }

    proptest! {
        #[test]
        fn ranges_say_what_single_blanks_say(steps in proptest::collection::vec((0..6_usize, 0..40_i64, 0..8_i64), 1..60)) {
            let (mut fast, mut slow) = (Stock::new(series()), Slow::default());
            for (kind, first, more) in steps {
                // Received more often than the rest, so that something is there to print.
                let kind = *StockKind::ALL.get(kind).unwrap_or(&StockKind::Received);
                let range = blanks(first, first + more);
                prop_assert_eq!(fast.may(kind, &range).is_ok(), slow.may(kind, first, first + more));
                if fast.may(kind, &range).is_ok() {
                    fast.put(kind, &range);
                    slow.put(kind, first, first + more);
                }
                let balance = fast.balance();
                prop_assert_eq!(balance.received, slow.0.len() as i64);
                prop_assert_eq!(balance.left, slow.count(BlankState::Left));
                prop_assert_eq!(balance.printed, slow.count(BlankState::Printed));
                prop_assert_eq!(balance.spoiled, slow.count(BlankState::Spoiled));
                prop_assert_eq!(balance.destroyed, slow.count(BlankState::Destroyed));
                prop_assert_eq!(balance.received, balance.left + balance.printed + balance.spoiled + balance.destroyed);
            }
        }
    }
}
