//! The directory in memory: everything that it ever said, so that a question about any day, by what was known on any
//! day, is answered by the same walk over a few thousand entries. It is read once and then kept up: the number of the
//! latest change says whether something is new, and only the entries that changed are read again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rules::Day;
use rules::certificate::Level;
use rules::directory::{ChangeKind, EntryState, Span};
use rules::jurisdiction::{BodyKind, PROVINCE_CENTRE};

use super::store::{self, Pages, ScopeFact, Stored, TermFact};
use super::{Directory, DirectoryEntry, DirectoryScope, DirectoryView, PlaceCount};
use crate::db::{DbError, Engine};
use crate::reference::Reference;

/// Entries on one page of an answer.
pub(super) const PAGE: usize = 20;

/// A question's day and the change up to which is asked what was known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AsOf {
    pub on: Day,
    /// The number of the last change that was known.
    pub seq: i64,
}

/// An entry with everything that was ever said of it.
pub(crate) struct BookEntry {
    pub listing: i64,
    pub number: String,
    pub kind: BodyKind,
    issued_by: String,
    terms: Vec<Term>,
    scopes: Vec<Scope>,
    /// When each term holds, and when and what each occupation is, once more side by side: a search walks over these alone,
    /// and what lies close together is read quickly.
    holds: Vec<Known>,
    keys: Vec<ScopeKey>,
    /// Changes by which it left or came back: number, kind, day.
    turns: Vec<(i64, ChangeKind, Day)>,
    /// The name that it bears or bore last, by which the book is ordered.
    name: String,
}

/// When a version holds, and from which change to which it was known.
#[derive(Clone, Copy)]
struct Known {
    span: Span,
    opened: i64,
    closed: i64,
}

impl Known {
    fn of<T>(stored: &Stored<T>) -> Self {
        Self { span: stored.version.span, opened: stored.opened, closed: stored.closed.unwrap_or(i64::MAX) }
    }

    fn by(&self, seq: i64) -> bool {
        self.opened <= seq && seq < self.closed
    }

    fn at(&self, asked: AsOf) -> bool {
        self.by(asked.seq) && self.span.holds(asked.on)
    }
}

struct Term {
    known: Known,
    fact: TermFact,
    /// Where the place of jurisdiction that its county belongs to stands among all of them.
    place: Option<usize>,
}

/// What a search asks of an occupation.
struct ScopeKey {
    known: Known,
    trade: u32,
    level: Level,
    for_public: bool,
}

impl BookEntry {
    /// What it said of the body, if it was in force. Of the versions known then one holds at most; the latest stand last.
    fn term(&self, as_of: AsOf) -> Option<&Term> {
        self.holds.iter().rposition(|known| known.at(as_of)).map(|at| &self.terms[at])
    }

    /// Sets side by side what a search walks over.
    fn settle(&mut self) {
        self.holds = self.terms.iter().map(|term| term.known).collect();
        let key = |scope: &Scope| ScopeKey {
            known: scope.known,
            trade: scope.trade,
            level: scope.level,
            for_public: scope.for_public,
        };
        self.keys = self.scopes.iter().map(key).collect();
    }
}

struct Scope {
    known: Known,
    /// Its place in the list of occupations.
    trade: u32,
    level: Level,
    work_type: Box<str>,
    standard: Arc<str>,
    for_public: bool,
}

/// The whole directory up to a change.
pub(crate) struct Book {
    pub seq: i64,
    /// The import of reference tables that places and offices were named by.
    reference: Option<i64>,
    entries: Vec<Arc<BookEntry>>,
    by_number: HashMap<String, Vec<usize>>,
    /// Every occupation that was ever filed: code and name.
    trades: Vec<(Arc<str>, Arc<str>)>,
    trade_of: HashMap<(Arc<str>, Arc<str>), u32>,
    /// By occupation: which entries ever had it.
    by_trade: Vec<Vec<u32>>,
    standards: HashMap<Arc<str>, Arc<str>>,
    offices: BTreeMap<String, String>,
}

impl Book {
    /// The book of a house that has no directory yet.
    pub(crate) fn empty() -> Self {
        Self {
            seq: 0,
            reference: None,
            entries: Vec::new(),
            by_number: HashMap::new(),
            trades: Vec::new(),
            trade_of: HashMap::new(),
            by_trade: Vec::new(),
            standards: HashMap::new(),
            offices: BTreeMap::new(),
        }
    }

    /// The book as it stands now: itself if nothing is new.
    pub(crate) fn kept_up(self: &Arc<Self>, engine: &Engine, reference: &Reference) -> Result<Arc<Self>, DbError> {
        let same = self.reference == reference.latest() && !self.offices.is_empty();
        let after = if same { self.seq } else { 0 };
        let pages = engine.read(|tx| {
            if same && store::seq(tx)? == self.seq {
                return Ok(None);
            }
            store::pages(tx, after, PROVINCE_CENTRE).map(Some)
        })?;
        let Some(pages) = pages else { return Ok(self.clone()) };
        let old = if same { self.entries.clone() } else { Vec::new() };
        let mut book = Self {
            seq: pages.changes.last().map_or(self.seq, |change| change.seq),
            reference: reference.latest(),
            entries: old,
            by_number: HashMap::new(),
            trades: self.trades.clone(),
            trade_of: self.trade_of.clone(),
            by_trade: Vec::new(),
            standards: self.standards.clone(),
            offices: BTreeMap::new(),
        };
        book.bind(pages, reference)?;
        Ok(Arc::new(book))
    }

    fn bind(&mut self, pages: Pages, reference: &Reference) -> Result<(), DbError> {
        self.offices = pages.offices.into_iter().collect();
        let mut fresh: BTreeMap<i64, BookEntry> = BTreeMap::new();
        for entry in pages.entries {
            let kind = BodyKind::from_code(&entry.kind)
                .ok_or_else(|| DbError::stored(format!("kind of body {}", entry.kind)))?;
            // Who was selected as an organisation stands in the directory as one, whatever else it is.
            let kind = if entry.number.starts_with('S') { BodyKind::SocialOrganisation } else { kind };
            let bound = BookEntry {
                listing: entry.id,
                number: entry.number,
                kind,
                issued_by: entry.issued_by,
                terms: Vec::new(),
                scopes: Vec::new(),
                holds: Vec::new(),
                keys: Vec::new(),
                turns: Vec::new(),
                name: String::new(),
            };
            fresh.insert(entry.id, bound);
        }
        let places: Vec<String> = reference.divisions.places().into_iter().map(|place| place.code).collect();
        for stored in pages.terms {
            let Some(entry) = fresh.get_mut(&stored.listing) else { continue };
            if stored.closed.is_none() {
                entry.name.clone_from(&stored.version.fact.name);
            }
            let place = reference.divisions.city_of(&stored.version.fact.county);
            entry.terms.push(Term {
                known: Known::of(&stored),
                place: place.and_then(|place| places.iter().position(|code| *code == place.code)),
                fact: stored.version.fact,
            });
        }
        for stored in pages.scopes {
            let scope = self.scope(&stored);
            if let Some(entry) = fresh.get_mut(&stored.listing) {
                entry.scopes.push(scope);
            }
        }
        for change in pages.changes {
            if (change.kind.ends() || change.kind == ChangeKind::Reinstated)
                && let Some(entry) = fresh.get_mut(&change.listing)
            {
                entry.turns.push((change.seq, change.kind, change.effective_on));
            }
        }
        // What changed later has its earlier turns in the old entry.
        for old in &self.entries {
            if let Some(entry) = fresh.get_mut(&old.listing) {
                let known: Vec<_> = entry.turns.iter().map(|turn| turn.0).collect();
                entry.turns.extend(old.turns.iter().filter(|turn| !known.contains(&turn.0)));
                entry.turns.sort_by_key(|turn| turn.0);
            }
        }
        fresh.values_mut().for_each(BookEntry::settle);
        self.entries.retain(|old| !fresh.contains_key(&old.listing));
        self.entries.extend(fresh.into_values().map(Arc::new));
        self.entries.sort_by(|one, other| (&one.name, one.listing).cmp(&(&other.name, other.listing)));
        for (at, entry) in self.entries.iter().enumerate() {
            self.by_number.entry(entry.number.clone()).or_default().push(at);
        }
        self.by_trade = vec![Vec::new(); self.trades.len()];
        for (at, entry) in (0_u32..).zip(&self.entries) {
            for key in &entry.keys {
                let having = &mut self.by_trade[key.trade as usize];
                if having.last() != Some(&at) {
                    having.push(at);
                }
            }
        }
        Ok(())
    }

    fn scope(&mut self, stored: &Stored<ScopeFact>) -> Scope {
        let fact = &stored.version.fact;
        let key: (Arc<str>, Arc<str>) = (fact.code.as_str().into(), fact.name.as_str().into());
        let trade = *self.trade_of.entry(key).or_insert_with_key(|key| {
            self.trades.push(key.clone());
            (self.trades.len() - 1) as u32
        });
        let title: Arc<str> = match fact.edition {
            Some(year) => format!("《{}》（{year}年版）", fact.standard),
            None => format!("《{}》", fact.standard),
        }
        .into();
        let standard = self.standards.entry(title.clone()).or_insert(title).clone();
        Scope {
            known: Known::of(stored),
            trade,
            level: fact.level,
            work_type: fact.work_type.as_str().into(),
            standard,
            for_public: fact.for_public,
        }
    }

    /// The entries that answer a question, one page of them, by name; and how many there are in each place.
    pub(crate) fn search(&self, asked: &Directory, as_of: AsOf, reference: &Reference) -> DirectoryView {
        let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        let (name, place, occupation) = (given(&asked.name), given(&asked.place), given(&asked.occupation));
        let wanted: Option<Vec<bool>> = occupation.map(|text| {
            self.trades.iter().map(|(code, name)| **code == *text || name.contains(text.as_str())).collect()
        });
        let narrowed = wanted.is_some() || asked.level.is_some() || asked.for_public == Some(true);
        // Who never had the occupation needs no closer look.
        let ever = wanted.as_ref().map(|wanted| {
            let mut ever = vec![false; self.entries.len()];
            for having in wanted.iter().zip(&self.by_trade).filter(|(wanted, _)| **wanted).map(|(_, having)| having) {
                having.iter().for_each(|at| ever[*at as usize] = true);
            }
            ever
        });
        let fits = |scope: &ScopeKey| {
            scope.known.at(as_of)
                && wanted.as_ref().is_none_or(|wanted| wanted[scope.trade as usize])
                && asked.level.is_none_or(|level| scope.level == level)
                && (asked.for_public != Some(true) || scope.for_public)
        };
        let places = reference.divisions.places();
        let mut counts = vec![0_usize; places.len()];
        let place = place.map(|code| places.iter().position(|place| place.code == code));
        let mut found = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            if ever.as_ref().is_some_and(|ever| !ever[at]) {
                continue;
            }
            let Some(term) = entry.term(as_of) else { continue };
            let answers = name.as_ref().is_none_or(|name| term.fact.name.contains(name.as_str()))
                && asked.kind.is_none_or(|kind| entry.kind == kind)
                && (!narrowed || entry.keys.iter().any(fits));
            if answers {
                if let Some(count) = term.place.and_then(|place| counts.get_mut(place)) {
                    *count += 1;
                }
                // A place that there isn't has no bodies.
                if place.is_none_or(|place| place.is_some() && term.place == place) {
                    found.push(entry);
                }
            }
        }
        let page = asked.page.unwrap_or(1).clamp(1, i64::try_from(found.len().div_ceil(PAGE).max(1)).unwrap_or(1));
        let first = (page as usize - 1) * PAGE;
        let places = places.into_iter().zip(counts).map(|(place, bodies)| PlaceCount {
            bodies,
            code: place.code,
            name: place.name,
        });
        DirectoryView {
            entries: found
                .iter()
                .skip(first)
                .take(PAGE)
                .filter_map(|entry| self.shown(entry, as_of, reference))
                .collect(),
            total: found.len(),
            page,
            pages: found.len().div_ceil(PAGE).max(1),
            places: places.collect(),
            today: as_of.on,
            seq: as_of.seq,
        }
    }

    /// The entry with a filing number, as it stood: the one in force on the day, otherwise the latest that was known.
    pub(crate) fn by_number(&self, number: &str, as_of: AsOf, reference: &Reference) -> Option<DirectoryEntry> {
        let mut entries: Vec<_> = self.by_number.get(number)?.iter().map(|at| &self.entries[*at]).collect();
        entries.sort_by_key(|entry| entry.listing);
        let known = |entry: &&&Arc<BookEntry>| entry.terms.iter().any(|term| term.known.opened <= as_of.seq);
        let in_force = |entry: &&&Arc<BookEntry>| entry.terms.iter().any(|term| term.known.at(as_of));
        let entry = entries.iter().rev().find(in_force).or_else(|| entries.iter().rev().find(known))?;
        self.shown(entry, as_of, reference)
    }

    /// The entries of the book with the listings that a filing number ever had.
    pub(crate) fn listings(&self, number: &str) -> Vec<i64> {
        self.by_number.get(number).into_iter().flatten().map(|at| self.entries[*at].listing).collect()
    }

    /// How many entries the book has; [`Book::nth`] gives each.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// An entry of the book as it stood, if it was in force.
    pub(crate) fn nth(&self, at: usize, as_of: AsOf, reference: &Reference) -> Option<DirectoryEntry> {
        let entry = self.entries.get(at)?;
        entry.term(as_of).is_some().then(|| self.shown(entry, as_of, reference))?
    }

    /// What everyone may know of an entry. Where it isn't in force, what was said of it last.
    fn shown(&self, entry: &BookEntry, as_of: AsOf, reference: &Reference) -> Option<DirectoryEntry> {
        let known: Vec<&Term> = entry.terms.iter().filter(|term| term.known.by(as_of.seq)).collect();
        let spans: Vec<Span> = known.iter().map(|term| term.known.span).collect();
        let turn = entry.turns.iter().rev().find(|turn| turn.0 <= as_of.seq && turn.2 <= as_of.on);
        let ended = turn.filter(|turn| turn.1.ends()).map(|turn| (turn.1, turn.2));
        let state = EntryState::on(as_of.on, &spans, ended);
        let term = known
            .iter()
            .find(|term| term.known.span.holds(as_of.on))
            .or_else(|| known.iter().max_by_key(|term| term.known.span))
            .copied()
            .or_else(|| entry.terms.iter().rfind(|term| term.known.opened <= as_of.seq))?;
        let mut scopes: Vec<&Scope> = entry.scopes.iter().filter(|scope| scope.known.at(as_of)).collect();
        if state != EntryState::Valid {
            // What it could assess last.
            let last =
                entry.scopes.iter().filter(|scope| scope.known.by(as_of.seq)).map(|scope| scope.known.span.until);
            let last = last.max();
            scopes = entry
                .scopes
                .iter()
                .filter(|scope| scope.known.by(as_of.seq) && Some(scope.known.span.until) == last)
                .collect();
        }
        // A term that was cut by a change of name goes on as one period.
        let (mut from, mut until) = (term.known.span.from, term.known.span.until);
        loop {
            let grown = known.iter().map(|term| term.known.span).find(|span| {
                span.until.tomorrow().is_ok_and(|next| next == from) || until.tomorrow().is_ok_and(|n| n == span.from)
            });
            match grown {
                Some(span) => (from, until) = (from.min(span.from), until.max(span.until)),
                None => break,
            }
        }
        let place = reference.divisions.city_of(&term.fact.county);
        Some(DirectoryEntry {
            number: entry.number.clone(),
            name: term.fact.name.clone(),
            kind: entry.kind,
            kind_name: entry.kind.name().into(),
            place: place.map(|place| place.name).unwrap_or_default(),
            address: term.fact.address.clone(),
            responsible: term.fact.responsible.clone(),
            valid_from: from,
            valid_until: until,
            state,
            ended: ended.map(|(kind, _)| kind).filter(|_| state != EntryState::Valid),
            ended_on: ended.map(|(_, on)| on).filter(|_| state != EntryState::Valid),
            centre: self.offices.get(&term.fact.centre).cloned().unwrap_or_default(),
            issued_by: entry.issued_by.clone(),
            scope: scopes.iter().map(|scope| self.scope_shown(scope)).collect(),
        })
    }

    fn scope_shown(&self, scope: &Scope) -> DirectoryScope {
        let (code, name) = &self.trades[scope.trade as usize];
        DirectoryScope {
            code: code.to_string(),
            name: name.to_string(),
            work_type: scope.work_type.to_string(),
            level: scope.level,
            level_name: scope.level.name().into(),
            standard: scope.standard.to_string(),
            for_public: scope.for_public,
            valid_from: scope.known.span.from,
            valid_until: scope.known.span.until,
        }
    }
}
