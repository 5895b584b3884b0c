//! What adjusts the directory (二（一）3): each of these is part of an act, leaves one numbered change behind, and closes and
//! opens versions by `rules::directory`. Which act may do it, and when, is the act's own question.

use rules::Day;
use rules::certificate::Level;
use rules::directory::{ChangeKind, Rewrite, Span, Version, rewrite, state};

use super::dump;
use super::store::{self, NewChange};
pub(crate) use super::store::{ScopeFact, Stored, TermFact};
use crate::db::{DbError, Tx};
use crate::door::store::take_numbers;
use crate::door::{Desk, Stop};
use crate::public_log;

/// The last day that a calendar knows: what is cut from a day on is cut for ever.
const FAR: Day = Day::constant(9999, 12, 31);

/// What is said of a change.
pub(crate) struct News<'a> {
    pub kind: ChangeKind,
    /// From when it holds; before today it is back-dated, and the record says since when it is known.
    pub effective_on: Day,
    /// One sentence for everyone.
    pub what: String,
    /// The reference of the decision; may be empty.
    pub document: &'a str,
    pub filing: Option<i64>,
}

/// An entry as it is known now.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub listing: i64,
    pub number: String,
    pub terms: Vec<Stored<TermFact>>,
    pub scopes: Vec<Stored<ScopeFact>>,
    /// The change by which the pilot was stopped, while it is.
    pub stopped: Option<i64>,
    /// Whether it came in by what the department announced, not by the body's own filing (一（一）1, 2).
    pub announced: bool,
}

impl Entry {
    /// The first and the last day of the term that holds on a day.
    pub fn term_on(&self, day: Day) -> Option<&Version<TermFact>> {
        self.terms.iter().map(|term| &term.version).find(|term| term.span.holds(day))
    }

    /// The last day on which it holds, if it ever does.
    pub fn until(&self) -> Option<Day> {
        self.terms.iter().map(|term| term.version.span.until).max()
    }

    /// What it may assess on a day.
    pub fn scopes_on(&self, day: Day) -> impl Iterator<Item = &Version<ScopeFact>> {
        self.scopes.iter().map(|scope| &scope.version).filter(move |scope| scope.span.holds(day))
    }
}

/// Every entry of a body, the latest first.
pub(crate) fn entries(tx: &mut Tx<'_>, body: i64) -> Result<Vec<Entry>, DbError> {
    store::of_body(tx, body)?
        .into_iter()
        .map(|(listing, number, announced)| {
            let (terms, scopes) = (store::terms(tx, listing)?, store::scopes(tx, listing)?);
            Ok(Entry { listing, number, terms, scopes, stopped: store::stopped(tx, listing)?, announced })
        })
        .collect()
}

/// The body that bears a filing number.
pub(crate) fn bearer(tx: &mut Tx<'_>, number: &str) -> Result<Option<i64>, DbError> {
    store::bearer(tx, number)
}

/// Numbers a change and keeps it; the number takes the counter, so changes are known in the order of their numbers.
fn record(desk: &mut Desk<'_>, listing: i64, news: &News<'_>) -> Result<i64, Stop> {
    let (recorded_on, recorded_at) = (desk.today(), desk.now());
    let seat = desk.caller().seat_name().to_owned();
    let seq = take_numbers(&mut desk.tx(), "directory", 1)?;
    let News { kind, effective_on, what, document, filing } = news;
    let new = NewChange {
        seq,
        listing,
        kind: *kind,
        effective_on: *effective_on,
        recorded_on,
        recorded_at,
        what,
        document,
        filing: *filing,
        seat: &seat,
    };
    store::record(&mut desk.tx(), &new)?;
    Ok(seq)
}

fn turn_terms(
    desk: &mut Desk<'_>,
    (listing, seq): (i64, i64),
    known: &[Stored<TermFact>],
    change: &Rewrite<TermFact>,
) -> Result<(), Stop> {
    for &n in &change.closed {
        store::close_term(&mut desk.tx(), known[n].id, seq)?;
    }
    for version in &change.opened {
        let id = desk.new_id();
        store::add_term(&mut desk.tx(), (id, listing, seq), version)?;
    }
    Ok(())
}

fn turn_scopes(
    desk: &mut Desk<'_>,
    (listing, seq): (i64, i64),
    known: &[Stored<ScopeFact>],
    change: &Rewrite<ScopeFact>,
) -> Result<(), Stop> {
    for &n in &change.closed {
        store::close_scope(&mut desk.tx(), known[n].id, seq)?;
    }
    for version in &change.opened {
        let id = desk.new_id();
        store::add_scope(&mut desk.tx(), (id, listing, seq), version)?;
    }
    Ok(())
}

/// Binds the change, with the entry as it now is known, to all the changes before it.
fn seal(desk: &mut Desk<'_>, seq: i64) -> Result<(), Stop> {
    let mut tx = desk.tx();
    let pages = store::between(&mut tx, seq - 1, seq)?;
    let change = pages.changes.first().ok_or_else(|| DbError::stored("a change that is not kept"))?;
    let line = dump::line(change, &pages.terms, &pages.scopes).map_err(Stop::fault)?;
    let digest = dump::digest(&store::digest(&mut tx, seq - 1)?, &line);
    store::seal(&mut tx, seq, &digest)?;
    desk.log(public_log::changed(seq, rand::random(), &digest));
    Ok(())
}

/// The digest of a change as it is kept.
pub(crate) fn kept_digest(tx: &mut Tx<'_>, seq: i64) -> Result<String, DbError> {
    store::digest(tx, seq)
}

/// The digest of a change as what is kept of it makes it now; `None` if it isn't kept, or its own digest is another.
pub(crate) fn digest_again(tx: &mut Tx<'_>, seq: i64) -> Result<Option<String>, DbError> {
    let pages = store::between(tx, seq - 1, seq)?;
    let Some(change) = pages.changes.first() else { return Ok(None) };
    let line = dump::line(change, &pages.terms, &pages.scopes).map_err(|error| DbError::stored(error.to_string()))?;
    Ok(Some(dump::digest(&store::digest(tx, seq - 1)?, &line)))
}

fn versions<T: Clone>(known: &[Stored<T>]) -> Vec<Version<T>> {
    known.iter().map(|stored| stored.version.clone()).collect()
}

/// A body comes into the directory: for `filing`, under `number`, with everything it may assess.
pub(crate) fn open(
    desk: &mut Desk<'_>,
    (body, filing, number): (i64, i64, &str),
    term: Version<TermFact>,
    scopes: &[ScopeFact],
    news: &News<'_>,
) -> Result<i64, Stop> {
    let (listing, today, span) = (desk.new_id(), desk.today(), term.span);
    store::open(&mut desk.tx(), (listing, body, filing), number, today)?;
    let seq = record(desk, listing, news)?;
    turn_terms(desk, (listing, seq), &[], &Rewrite { closed: Vec::new(), opened: vec![term] })?;
    for fact in scopes {
        let opened = vec![Version { span, fact: fact.clone() }];
        turn_scopes(desk, (listing, seq), &[], &Rewrite { closed: Vec::new(), opened })?;
    }
    seal(desk, seq)?;
    Ok(listing)
}

/// Occupations and levels are added to an entry for the days of `span`.
pub(crate) fn add(
    desk: &mut Desk<'_>,
    entry: &Entry,
    span: Span,
    scopes: &[ScopeFact],
    news: &News<'_>,
) -> Result<(), Stop> {
    let seq = record(desk, entry.listing, news)?;
    for fact in scopes {
        let known: Vec<_> = entry.scopes.iter().filter(|one| one.version.fact.key() == fact.key()).cloned().collect();
        let change = state(&versions(&known), span, fact);
        turn_scopes(desk, (entry.listing, seq), &known, &change)?;
    }
    seal(desk, seq)
}

/// Some occupations and levels end with `last_day`.
pub(crate) fn drop_scopes(
    desk: &mut Desk<'_>,
    entry: &Entry,
    keys: &[(String, String, Level)],
    last_day: Day,
    news: &News<'_>,
) -> Result<(), Stop> {
    let seq = record(desk, entry.listing, news)?;
    let known: Vec<_> = entry
        .scopes
        .iter()
        .filter(|one| {
            let key = one.version.fact.key();
            keys.iter().any(|(code, work_type, level)| key == (code, work_type, *level))
        })
        .cloned()
        .collect();
    let change = rewrite(&versions(&known), after(last_day), |_| None);
    turn_scopes(desk, (entry.listing, seq), &known, &change)?;
    seal(desk, seq)
}

/// The whole entry ends with `last_day`.
pub(crate) fn end(desk: &mut Desk<'_>, entry: &Entry, last_day: Day, news: &News<'_>) -> Result<(), Stop> {
    let seq = record(desk, entry.listing, news)?;
    let change = rewrite(&versions(&entry.terms), after(last_day), |_| None);
    turn_terms(desk, (entry.listing, seq), &entry.terms, &change)?;
    let change = rewrite(&versions(&entry.scopes), after(last_day), |_| None);
    turn_scopes(desk, (entry.listing, seq), &entry.scopes, &change)?;
    seal(desk, seq)
}

/// From `news.effective_on` on the entry says something else of the body.
pub(crate) fn amend(
    desk: &mut Desk<'_>,
    entry: &Entry,
    say: impl Fn(&TermFact) -> TermFact,
    news: &News<'_>,
) -> Result<(), Stop> {
    let seq = record(desk, entry.listing, news)?;
    let span = Span { from: news.effective_on, until: FAR };
    let change = rewrite(&versions(&entry.terms), span, |fact| Some(say(fact)));
    turn_terms(desk, (entry.listing, seq), &entry.terms, &change)?;
    seal(desk, seq)
}

/// The entry and what `keeps` chooses of its occupations hold on the days of `span` too, as they did last.
pub(crate) fn extend(
    desk: &mut Desk<'_>,
    entry: &Entry,
    span: Span,
    keeps: impl Fn(&ScopeFact) -> bool,
    news: &News<'_>,
) -> Result<(), Stop> {
    let seq = record(desk, entry.listing, news)?;
    let Some(last) = entry.terms.iter().max_by_key(|term| term.version.span.until) else { return Ok(()) };
    let change = state(&versions(&entry.terms), span, &last.version.fact);
    turn_terms(desk, (entry.listing, seq), &entry.terms, &change)?;
    let mut done: Vec<(&str, &str, Level)> = Vec::new();
    for scope in entry.scopes.iter().rev().filter(|scope| keeps(&scope.version.fact)) {
        let key = scope.version.fact.key();
        if done.contains(&key) {
            continue;
        }
        done.push(key);
        let known: Vec<_> = entry.scopes.iter().filter(|one| one.version.fact.key() == key).cloned().collect();
        let change = state(&versions(&known), span, &scope.version.fact);
        turn_scopes(desk, (entry.listing, seq), &known, &change)?;
    }
    seal(desk, seq)
}

/// What a change ended holds again on the days of `span`, as it did before.
pub(crate) fn reopen(desk: &mut Desk<'_>, entry: &Entry, ended: i64, span: Span, news: &News<'_>) -> Result<(), Stop> {
    let seq = record(desk, entry.listing, news)?;
    let (terms, scopes) = store::closed_by(&mut desk.tx(), entry.listing, ended)?;
    for old in terms {
        let Some(again) = old.version.span.within(span) else { continue };
        let known = store::terms(&mut desk.tx(), entry.listing)?;
        let change = state(&versions(&known), again, &old.version.fact);
        turn_terms(desk, (entry.listing, seq), &known, &change)?;
    }
    for old in scopes {
        let Some(again) = old.version.span.within(span) else { continue };
        let known: Vec<_> = store::scopes(&mut desk.tx(), entry.listing)?
            .into_iter()
            .filter(|one| one.version.fact.key() == old.version.fact.key())
            .collect();
        let change = state(&versions(&known), again, &old.version.fact);
        turn_scopes(desk, (entry.listing, seq), &known, &change)?;
    }
    seal(desk, seq)
}

fn after(last_day: Day) -> Span {
    Span { from: last_day.tomorrow().unwrap_or(FAR), until: FAR }
}
