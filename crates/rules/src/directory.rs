//! 二（一）3: the directory of bodies, adjusted as things change (机构目录实行动态调整). What the directory says holds from a
//! day to a day and is known since a change; both times are kept apart, so that it can be asked how the directory
//! stood on any day by what was known on any day. Nothing is ever overwritten: a change closes versions and opens others.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::notice::Clause;

/// Why the directory was adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A body came into the directory.
    Listed,
    /// Occupations or levels were added to an entry.
    Added,
    /// Occupations or levels were given up.
    Dropped,
    /// Name, address or responsible person changed.
    Amended,
    /// What was written wrong was put right.
    Corrected,
    /// The body moved to another territory or affiliation.
    Transferred,
    /// The validity was extended by a decision.
    Renewed,
    /// The validity ended and nothing came.
    Expired,
    /// Two years without activity (三（三）).
    Withdrawn,
    /// The body left by itself.
    Exited,
    /// The pilot was stopped for a violation and the body removed (三（三）).
    Stopped,
    /// A stop was lifted.
    Reinstated,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Listed,
        Self::Added,
        Self::Dropped,
        Self::Amended,
        Self::Corrected,
        Self::Transferred,
        Self::Renewed,
        Self::Expired,
        Self::Withdrawn,
        Self::Exited,
        Self::Stopped,
        Self::Reinstated,
    ];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Added => "added",
            Self::Dropped => "dropped",
            Self::Amended => "amended",
            Self::Corrected => "corrected",
            Self::Transferred => "transferred",
            Self::Renewed => "renewed",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Exited => "exited",
            Self::Stopped => "stopped",
            Self::Reinstated => "reinstated",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listed => "列入目录",
            Self::Added => "增加职业（等级）",
            Self::Dropped => "减少职业（等级）",
            Self::Amended => "变更信息",
            Self::Corrected => "更正",
            Self::Transferred => "调整主管",
            Self::Renewed => "备案延期",
            Self::Expired => "备案到期",
            Self::Withdrawn => "视同退出",
            Self::Exited => "自愿退出",
            Self::Stopped => "停止试点",
            Self::Reinstated => "恢复",
        }
    }

    /// The clause that it rests on.
    pub const fn clause(self) -> Clause {
        match self {
            Self::Listed => Clause::S2_1_3A,
            Self::Renewed | Self::Expired => Clause::S2_1_3C,
            Self::Withdrawn => Clause::S3_3_4,
            Self::Stopped => Clause::S3_3_8,
            Self::Transferred => Clause::S2_1_1B,
            Self::Added | Self::Dropped | Self::Amended | Self::Corrected | Self::Exited | Self::Reinstated => {
                Clause::S2_1_3D
            }
        }
    }

    /// Whether the entry leaves the directory by it.
    pub const fn ends(self) -> bool {
        matches!(self, Self::Expired | Self::Withdrawn | Self::Exited | Self::Stopped)
    }
}

/// From the first to the last day, both counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    pub from: Day,
    pub until: Day,
}

impl Span {
    /// Whether a day lies in it.
    pub fn holds(self, day: Day) -> bool {
        self.from <= day && day <= self.until
    }

    /// What of it lies within another.
    pub fn within(self, other: Self) -> Option<Self> {
        let (from, until) = (self.from.max(other.from), self.until.min(other.until));
        (from <= until).then_some(Self { from, until })
    }
}

/// One version of a fact: what, and from when to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version<T> {
    pub span: Span,
    pub fact: T,
}

/// What a change does to the versions that are known: which are closed (by their place in the list) and which are opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite<T> {
    pub closed: Vec<usize>,
    pub opened: Vec<Version<T>>,
}

/// From the first to the last day of `span` the fact becomes what `say` makes of it: `say` is asked once for each
/// version that lies in it, and gives the new fact, or `None` where nothing holds any more. What lies outside stays.
/// Days of the span on which nothing held are left so; to fill them, say [`state`].
pub fn rewrite<T: Clone + PartialEq>(
    known: &[Version<T>],
    span: Span,
    mut say: impl FnMut(&T) -> Option<T>,
) -> Rewrite<T> {
    let mut change = Rewrite { closed: Vec::new(), opened: Vec::new() };
    for (n, version) in known.iter().enumerate() {
        let Some(hit) = version.span.within(span) else { continue };
        let fact = say(&version.fact);
        if fact.as_ref() == Some(&version.fact) {
            continue;
        }
        change.closed.push(n);
        for rest in outside(version.span, hit) {
            change.opened.push(Version { span: rest, fact: version.fact.clone() });
        }
        change.opened.extend(fact.map(|fact| Version { span: hit, fact }));
    }
    change.opened.sort_by_key(|version| version.span);
    change
}

/// From the first to the last day of `span` this is the fact, whatever held before; neighbours that say the same are
/// joined to it.
pub fn state<T: Clone + PartialEq>(known: &[Version<T>], span: Span, fact: &T) -> Rewrite<T> {
    let mut change = Rewrite { closed: Vec::new(), opened: Vec::new() };
    let mut whole = span;
    for (n, version) in known.iter().enumerate() {
        let touches = version.span.within(span).is_some()
            || version.span.until.tomorrow().is_ok_and(|next| next == span.from)
            || span.until.tomorrow().is_ok_and(|next| next == version.span.from);
        if version.fact == *fact && touches {
            if version.span.from <= span.from && span.until <= version.span.until {
                return Rewrite { closed: Vec::new(), opened: Vec::new() };
            }
            whole = Span { from: whole.from.min(version.span.from), until: whole.until.max(version.span.until) };
            change.closed.push(n);
        } else if let Some(hit) = version.span.within(span) {
            change.closed.push(n);
            let rest = outside(version.span, hit).map(|rest| Version { span: rest, fact: version.fact.clone() });
            change.opened.extend(rest);
        }
    }
    change.opened.push(Version { span: whole, fact: fact.clone() });
    change.opened.sort_by_key(|version| version.span);
    change
}

/// What of a span lies before and after a part of it.
fn outside(span: Span, part: Span) -> impl Iterator<Item = Span> {
    let before = (span.from < part.from)
        .then(|| part.from.yesterday().ok())
        .flatten()
        .map(|until| Span { from: span.from, until });
    let after = (part.until < span.until)
        .then(|| part.until.tomorrow().ok())
        .flatten()
        .map(|from| Span { from, until: span.until });
    before.into_iter().chain(after)
}

/// How an entry stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// In force.
    Valid,
    /// Its last day has passed.
    Expired,
    /// Not yet in force on that day.
    Ahead,
    /// Withdrawn, left or stopped.
    Removed,
}

impl EntryState {
    /// The state on a day: `spans` are the days on which the entry holds, `ended` is the change by which it left.
    pub fn on(day: Day, spans: &[Span], ended: Option<(ChangeKind, Day)>) -> Self {
        if spans.iter().any(|span| span.holds(day)) {
            return Self::Valid;
        }
        match ended {
            Some((kind, on)) if kind != ChangeKind::Expired && on <= day => Self::Removed,
            _ if spans.iter().any(|span| span.until < day) => Self::Expired,
            Some(_) => Self::Removed,
            None => Self::Ahead,
        }
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "有效",
            Self::Expired => "已到期",
            Self::Ahead => "尚未生效",
            Self::Removed => "已移出目录",
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn span(from: i16, until: i16) -> Span {
        let day = |n: i16| date(2026, 1, 1).saturating_add(jiff::Span::new().days(n));
        Span { from: day(from), until: day(until) }
    }

    /// The fact on each of the first days, by versions and a change to them.
    fn days(known: &[Version<u8>], change: &Rewrite<u8>) -> Vec<Option<u8>> {
        let left = known.iter().enumerate().filter(|(n, _)| !change.closed.contains(n)).map(|(_, version)| version);
        let versions: Vec<_> = left.chain(&change.opened).collect();
        (0..60)
            .map(|n| {
                let held: Vec<_> = versions.iter().filter(|version| version.span.holds(span(n, n).from)).collect();
                assert!(held.len() <= 1, "two facts on one day: {held:?}");
                held.first().map(|version| version.fact)
            })
            .collect()
    }

    #[test]
    fn s2_1_3d_an_entry_is_in_force_through_its_last_day() {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        let spans = [Span { from: day("2023-09-01"), until: day("2026-08-31") }];
        let state = |on, spans: &[Span], ended| EntryState::on(day(on), spans, ended);
        assert_eq!(state("2026-08-31", &spans, None), EntryState::Valid);
        assert_eq!(state("2026-09-01", &spans, None), EntryState::Expired);
        assert_eq!(state("2023-08-31", &spans, None), EntryState::Ahead);
        let stopped = Some((ChangeKind::Stopped, day("2026-06-01")));
        let cut = [Span { from: day("2023-09-01"), until: day("2026-05-31") }];
        assert_eq!(state("2026-05-31", &cut, stopped), EntryState::Valid);
        assert_eq!(state("2026-06-01", &cut, stopped), EntryState::Removed);
        assert_eq!(state("2026-06-01", &[], stopped), EntryState::Removed);
    }

    #[test]
    fn s2_1_3d_a_renewal_joins_what_it_continues() {
        let known = [Version { span: span(0, 9), fact: 1 }];
        let change = state(&known, span(10, 19), &1);
        assert_eq!(change, Rewrite { closed: vec![0], opened: vec![Version { span: span(0, 19), fact: 1 }] });
        assert_eq!(state(&known, span(3, 5), &1), Rewrite { closed: vec![], opened: vec![] });
    }

    fn versions() -> impl Strategy<Value = Vec<Version<u8>>> {
        prop::collection::vec((0_i16..6, 1_i16..8, 0_u8..3), 0..5).prop_map(|parts| {
            let mut at = 0;
            parts
                .into_iter()
                .map(|(gap, length, fact)| {
                    let from = at + gap;
                    at = from + length;
                    Version { span: span(from, at - 1), fact }
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn s2_1_3d_what_is_stated_holds_on_its_days_and_nothing_else_changes(
            known in versions(), from in 0_i16..50, length in 0_i16..9, fact in 0_u8..3,
        ) {
            let nothing = Rewrite { closed: vec![], opened: vec![] };
            let before = days(&known, &nothing);
            let after = days(&known, &state(&known, span(from, from + length), &fact));
            for n in 0..60_i16 {
                let stated = (from..=from + length).contains(&n);
                let wanted = if stated { Some(fact) } else { before[n as usize] };
                prop_assert_eq!(after[n as usize], wanted);
            }
        }

        #[test]
        fn s2_1_3d_what_is_rewritten_changes_only_where_something_held(
            known in versions(), from in 0_i16..50, length in 0_i16..9, ends in any::<bool>(),
        ) {
            let nothing = Rewrite { closed: vec![], opened: vec![] };
            let before = days(&known, &nothing);
            let say = |fact: &u8| (!ends).then_some(fact + 10);
            let after = days(&known, &rewrite(&known, span(from, from + length), say));
            for n in 0..60_i16 {
                let said = (from..=from + length).contains(&n);
                let wanted = before[n as usize].and_then(|fact| if said { say(&fact) } else { Some(fact) });
                prop_assert_eq!(after[n as usize], wanted);
            }
        }
    }
}
