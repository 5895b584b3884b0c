//! 二（一）3: the directory of bodies on file (职业技能评价机构目录), public: which body may assess which occupation at which level,
//! until when; and, because it is adjusted dynamically, how it stood on any day by what was known on any day. Entries
//! are written through `ledger` by the acts that lead to them.

mod book;
mod dump;
pub(crate) mod ledger;
mod map;
mod pages;
mod store;

use axum::http::Method;
use axum::routing::get;
use jiff::civil::Date;
use rules::Clause;
use rules::certificate::Level;
pub use rules::directory::{ChangeKind, EntryState};
use rules::jurisdiction::BodyKind;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

pub(crate) use book::{AsOf, Book};
pub use pages::pages;
pub(crate) use store::ALL;

use crate::door::{Office, Stop};
use crate::web::api::{Registry, responses};

/// An entry of the directory: what everyone may know.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DirectoryEntry {
    /// The filing number, 13 characters.
    pub number: String,
    pub name: String,
    pub kind: BodyKind,
    pub kind_name: String,
    /// The city it stands in.
    pub place: String,
    pub address: String,
    /// Who is responsible for its assessments (三（三）).
    pub responsible: String,
    pub valid_from: Date,
    pub valid_until: Date,
    pub state: EntryState,
    /// How it left the directory, where it did.
    pub ended: Option<ChangeKind>,
    pub ended_on: Option<Date>,
    /// The centre that reviewed it and supervises it.
    pub centre: String,
    /// The centre that issued its receipt; empty for what was announced (一（一）1, 2).
    pub issued_by: String,
    pub scope: Vec<DirectoryScope>,
}

/// An occupation of an entry at one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DirectoryScope {
    pub code: String,
    pub name: String,
    /// Empty for the whole occupation.
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
    /// The national standard with its edition.
    pub standard: String,
    /// Whether others than its own students may be assessed (三（四）).
    pub for_public: bool,
    pub valid_from: Date,
    pub valid_until: Date,
}

/// How many bodies of an answer stand in a place.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlaceCount {
    pub code: String,
    pub name: String,
    pub bodies: usize,
}

/// Entries in force on the day that was asked, one page of them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DirectoryView {
    pub entries: Vec<DirectoryEntry>,
    /// Entries on all pages.
    pub total: usize,
    pub page: i64,
    pub pages: usize,
    /// The answer by place, whatever place was asked for.
    pub places: Vec<PlaceCount>,
    /// The day that was asked.
    pub today: Date,
    /// The number of the last change that is counted in.
    pub seq: i64,
}

/// Which bodies may assess? Every part that is given narrows the answer.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Directory {
    /// Part of the body's name.
    pub name: Option<String>,
    /// The code of a place of jurisdiction: `350100`.
    pub place: Option<String>,
    pub kind: Option<BodyKind>,
    /// The code of an occupation, or part of its name.
    pub occupation: Option<String>,
    pub level: Option<Level>,
    /// Only bodies that assess others than their own students (三（四）).
    pub for_public: Option<bool>,
    /// The day that is asked about; without it today.
    pub on: Option<Date>,
    /// By what was known at the end of this day; without it by everything known now.
    pub known: Option<Date>,
    /// The page of the answer, from 1.
    #[schema(minimum = 1)]
    pub page: Option<i64>,
}

/// What is one body on file for?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct DirectoryNumber {
    pub number: String,
    /// The day that is asked about; without it today.
    pub on: Option<Date>,
    /// By what was known at the end of this day; without it by everything known now.
    pub known: Option<Date>,
}

/// How did a body's entry come to stand as it does?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct DirectoryHistory {
    pub number: String,
}

/// One change of an entry.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangeLine {
    /// Changes of the whole directory are numbered without gaps.
    pub seq: i64,
    pub kind: ChangeKind,
    pub kind_name: String,
    /// From when it holds.
    pub effective_on: Date,
    /// Since when it is known; later than `effective_on` where it was back-dated.
    pub recorded_on: Date,
    /// The id of the clause: `2.1.3d`.
    pub clause: String,
    pub what: String,
    /// The reference of the decision; empty without one.
    pub document: String,
    /// Whose act it was.
    pub by: String,
}

impl ChangeLine {
    /// Where the notice has its clause: `二（一）3`.
    pub fn place(&self) -> &'static str {
        Clause::from_id(&self.clause).map_or("", Clause::place)
    }
}

impl From<store::StoredChange> for ChangeLine {
    fn from(change: store::StoredChange) -> Self {
        Self {
            seq: change.seq,
            kind: change.kind,
            kind_name: change.kind.name().into(),
            effective_on: change.effective_on,
            recorded_on: change.recorded_on,
            clause: change.clause,
            what: change.what,
            document: change.document,
            by: change.seat,
        }
    }
}

/// The changes of an entry, the latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DirectoryHistoryView {
    pub changes: Vec<ChangeLine>,
}

/// The book, and the question's day and knowledge in it.
pub(crate) fn opened(
    office: &Office,
    on: Option<Date>,
    known: Option<Date>,
) -> Result<(std::sync::Arc<Book>, AsOf), Stop> {
    let book = office.directory()?;
    let seq = match known {
        Some(day) => office.engine().read(|tx| store::known_by(tx, day))?,
        None => book.seq,
    };
    Ok((book, AsOf { on: on.unwrap_or_else(|| office.today()), seq }))
}

/// The entries in force that answer the question, by name.
///
/// # Errors
/// A fault.
pub fn search(office: &Office, asked: &Directory) -> Result<DirectoryView, Stop> {
    let (book, as_of) = opened(office, asked.on, asked.known)?;
    Ok(book.search(asked, as_of, &office.reference()))
}

/// The entry with a filing number, in force or not.
///
/// # Errors
/// *Not found*, or a fault.
pub fn entry(office: &Office, asked: &DirectoryNumber) -> Result<DirectoryEntry, Stop> {
    let (book, as_of) = opened(office, asked.on, asked.known)?;
    book.by_number(asked.number.trim(), as_of, &office.reference()).ok_or(Stop::NotFound)
}

/// Every change of the entries with a filing number, the latest first.
///
/// # Errors
/// *Not found*, or a fault.
pub fn history(office: &Office, number: &str) -> Result<DirectoryHistoryView, Stop> {
    let listings = office.directory()?.listings(number.trim());
    if listings.is_empty() {
        return Err(Stop::NotFound);
    }
    let mut changes = office.engine().read(|tx| store::changes_of(tx, &listings))?;
    changes.sort_by_key(|change| std::cmp::Reverse(change.seq));
    Ok(DirectoryHistoryView { changes: changes.into_iter().map(ChangeLine::from).collect() })
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let day = |name: &str, summary: &str| json!({"name": name, "in": "query", "description": summary, "schema": {"type": "string", "format": "date"}});
    let text = json!({"type": "string", "format": "binary"});
    let dump = |id: &str, summary: &str, (content_type, schema): (&str, serde_json::Value), parameters| {
        let mut answers = responses(&[200, 400], json!({}));
        answers["200"]["content"] = json!({content_type: {"schema": schema}});
        json!({"operationId": id, "summary": summary, "tags": ["directory"], "security": [], "parameters": parameters, "responses": answers})
    };
    let days = json!([day("on", "某日的目录"), day("known", "按某日为止的登记")]);
    let after = json!([{"name": "after", "in": "query", "description": "已有的最后一项变更的序号", "schema": {"type": "integer", "format": "int64", "minimum": 0}}]);
    registry
        .public::<Directory, DirectoryView>(
            "/directory",
            "Directory",
            "职业技能评价机构目录",
            |office, asked| search(office, &asked),
        )
        .public::<DirectoryNumber, DirectoryEntry>(
            "/directory/{number}",
            "DirectoryEntry",
            "目录中的一所机构",
            |office, asked| entry(office, &asked),
        )
        .public::<DirectoryHistory, DirectoryHistoryView>(
            "/directory/{number}/changes",
            "DirectoryHistory",
            "一所机构在目录中的变更",
            |office, asked| history(office, &asked.number),
        )
        .other(
            Method::GET,
            "/directory.json",
            dump("DirectoryJson", "整个目录（JSON）", ("application/json", json!({"type": "object"})), days.clone()),
            get(dump::json),
        )
        .other(
            Method::GET,
            "/directory.csv",
            dump("DirectoryCsv", "整个目录（CSV）", ("text/csv; charset=utf-8", text.clone()), days),
            get(dump::csv),
        )
        .other(
            Method::GET,
            "/directory-changes",
            dump("DirectoryChanges", "目录的变更，一行一项，带摘要", ("application/jsonl", text), after),
            get(dump::changes),
        )
}
