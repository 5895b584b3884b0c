//! What everyone reads of a body's regulations: as they hold today and on any day, every version at an address that
//! stays, what a later one says differently, files and fees.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::Date;
use rules::regulation::{RegulationKind, VersionState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::difference::{difference, paragraphs};
use super::{Board, DifferenceKind, DifferenceLine, FeeView, RegulationKindView, RegulationLine, board, line, store};
use crate::directory::{self, DirectoryNumber, ledger};
use crate::door::files::FileKind;
use crate::door::{Office, Sight, Stop};
use crate::web::api::{Registry, problem, responses};
use crate::web::page::{Crumb, Page, XLSX, asked, download, long_day, spoken};
use crate::web::{Visit, Web, html, stopped};

/// What has a body published, as it stands on a day?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct PublicRegulations {
    /// The filing number.
    pub number: String,
    /// The day that is asked about; without it today.
    pub on: Option<Date>,
}

/// What a body has published, for everyone.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicRegulationsView {
    pub number: String,
    pub name: String,
    /// The day that was asked.
    pub on: Date,
    /// The four, then the table of fees.
    pub kinds: Vec<RegulationKindView>,
    /// Which of the four are missing on that day.
    pub missing: Vec<String>,
    /// The fees that hold on that day.
    pub fees: Vec<FeeView>,
}

/// What does a version say?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct PublicRegulation {
    /// The filing number.
    pub number: String,
    pub regulation: i64,
}

/// One version with everything that it says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicRegulationView {
    pub number: String,
    pub name: String,
    pub today: Date,
    pub version: RegulationLine,
    /// The text by its paragraphs; empty where files hold it.
    pub text: Vec<String>,
    /// The lines of a table of fees.
    pub fees: Vec<FeeView>,
    /// The other versions of its kind, the latest first.
    pub others: Vec<RegulationLine>,
}

/// What does a version say differently from another of its kind?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct PublicDifference {
    /// The filing number.
    pub number: String,
    pub regulation: i64,
    /// The other version; without it the one before.
    pub with: Option<i64>,
}

/// Two versions side by side, the earlier one first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicDifferenceView {
    pub number: String,
    pub name: String,
    pub earlier: RegulationLine,
    pub later: RegulationLine,
    /// Whether both have a text; where one is in files only, there is nothing to compare.
    pub is_comparable: bool,
    pub lines: Vec<DifferenceLine>,
}

/// The body that bears a number, with its name; in the directory or no longer.
fn borne(office: &Office, sight: &mut Sight<'_>, number: &str) -> Result<(i64, String), Stop> {
    let asked = DirectoryNumber { number: number.to_owned(), on: None, known: None };
    let entry = directory::entry(office, &asked)?;
    let body = ledger::bearer(&mut sight.tx(), &entry.number)?.ok_or(Stop::NotFound)?;
    Ok((body, entry.name))
}

/// What the body with this filing number has published.
///
/// # Errors
/// *Not found*, or a fault.
pub(crate) fn of_number(office: &Office, number: &str, on: Option<Date>) -> Result<PublicRegulationsView, Stop> {
    let number = number.trim();
    office.public(|sight| {
        let on = on.unwrap_or_else(|| sight.today());
        let (body, name) = borne(office, sight, number)?;
        let Board { kinds, missing, fees } = board(&mut sight.tx(), body, on)?;
        Ok(PublicRegulationsView { number: number.to_owned(), name, on, kinds, missing, fees })
    })
}

fn one(office: &Office, asked: &PublicRegulation) -> Result<PublicRegulationView, Stop> {
    let number = asked.number.trim();
    office.public(|sight| {
        let today = sight.today();
        let (body, name) = borne(office, sight, number)?;
        let all = store::of_body(&mut sight.tx(), body)?;
        let files = store::files(&mut sight.tx(), body)?;
        let versions: Vec<_> = all.iter().map(|one| one.version.clone()).collect();
        let found = all.iter().find(|one| one.id == asked.regulation).ok_or(Stop::NotFound)?;
        let others = all.iter().filter(|one| one.version.kind == found.version.kind && one.id != found.id);
        let text = store::text(&mut sight.tx(), found.id)?;
        Ok(PublicRegulationView {
            number: number.to_owned(),
            name,
            today,
            version: line(found, &versions, &files, today),
            text: paragraphs(&text).into_iter().map(str::to_owned).collect(),
            fees: store::fees(&mut sight.tx(), found.id)?.into_iter().map(FeeView::from).collect(),
            others: others.map(|one| line(one, &versions, &files, today)).collect(),
        })
    })
}

fn differing(office: &Office, asked: &PublicDifference) -> Result<PublicDifferenceView, Stop> {
    let number = &asked.number;
    let this = one(office, &PublicRegulation { number: number.clone(), regulation: asked.regulation })?;
    let before = || this.others.iter().find(|other| other.no < this.version.no).map(|other| other.id);
    let with = asked.with.or_else(before).ok_or(Stop::NotFound)?;
    if !this.others.iter().any(|other| other.id == with) {
        return Err(Stop::NotFound);
    }
    let other = one(office, &PublicRegulation { number: number.clone(), regulation: with })?;
    let (earlier, later) = if other.version.no < this.version.no { (other, this) } else { (this, other) };
    let said = |view: &PublicRegulationView| match view.fees.is_empty() {
        true => view.text.join("\n"),
        false => view.fees.iter().map(FeeView::said).collect::<Vec<_>>().join("\n"),
    };
    let (old, new) = (said(&earlier), said(&later));
    let is_comparable = !old.is_empty() && !new.is_empty();
    Ok(PublicDifferenceView {
        number: later.number,
        name: later.name,
        earlier: earlier.version,
        later: later.version,
        is_comparable,
        lines: if is_comparable { difference(&old, &new) } else { Vec::new() },
    })
}

/// A file of a version: name, kind and content.
fn file_of(
    office: &Office,
    number: &str,
    regulation: i64,
    no: i64,
) -> Result<(String, Option<FileKind>, Vec<u8>), Stop> {
    let (hash, name) = office.public(|sight| {
        let (body, _) = borne(office, sight, number.trim())?;
        store::file(&mut sight.tx(), body, regulation, no)?.ok_or(Stop::NotFound)
    })?;
    let bytes = office.files().bring(&hash)?;
    Ok((name, FileKind::of(&bytes), bytes))
}

/// A table of fees as a workbook, in the columns in which it can be sent back.
pub(super) fn workbook(fees: &[FeeView]) -> Result<Vec<u8>, Stop> {
    let rows: Vec<_> = fees
        .iter()
        .map(|fee| rules::regulation::Fee {
            item: fee.item.clone(),
            code: fee.code.clone(),
            level: fee.level,
            fen: fee.fen,
            unit: fee.unit.clone(),
            basis: fee.basis.clone(),
        })
        .collect();
    let name_of =
        |code: &str| fees.iter().find(|fee| fee.code == code).map_or_else(|| code.to_owned(), |fee| fee.trade.clone());
    sheets::fees_table(&rows, &name_of).map_err(Stop::fault)
}

/// The public part of the API.
pub(super) fn api(registry: Registry) -> Registry {
    let content = json!({"type": "string", "format": "binary"});
    let mut answers = responses(&[200, 400, 404], json!({}));
    answers["200"]["content"] = json!({"application/octet-stream": {"schema": content}, "application/pdf": {"schema": content},
        "image/jpeg": {"schema": content}, "image/png": {"schema": content}});
    let whole = json!({"type": "integer", "format": "int64"});
    let operation = json!({
        "operationId": "PublicRegulationFile", "summary": "管理办法的文件", "tags": ["directory"], "security": [], "responses": answers,
        "parameters": [
            {"name": "number", "in": "path", "required": true, "schema": {"type": "string"}},
            {"name": "regulation", "in": "path", "required": true, "schema": whole},
            {"name": "no", "in": "path", "required": true, "schema": whole},
        ],
    });
    registry
        .public::<PublicRegulations, PublicRegulationsView>(
            "/directory/{number}/regulations",
            "PublicRegulations",
            "一所机构公布的管理办法与收费，可查任何一天",
            |office, asked| of_number(office, &asked.number, asked.on),
        )
        .public::<PublicRegulation, PublicRegulationView>(
            "/directory/{number}/regulations/{regulation}",
            "PublicRegulation",
            "管理办法的一个版本",
            |office, asked| one(office, &asked),
        )
        .public::<PublicDifference, PublicDifferenceView>(
            "/directory/{number}/regulations/{regulation}/difference",
            "PublicDifference",
            "两个版本的不同",
            |office, asked| differing(office, &asked),
        )
        .other(
            Method::GET,
            "/directory/{number}/regulations/{regulation}/files/{no}",
            operation,
            get(async |State(web): State<Web>, Path((number, regulation, no)): Path<(String, i64, i64)>| {
                match web.work(move |office| file_of(office, &number, regulation, no)).await {
                    Ok((name, kind, bytes)) => download(FileKind::content_type(kind), &name, bytes),
                    Err(stop) => problem(stop).into_response(),
                }
            }),
        )
}

/// The public pages.
pub fn public_pages() -> Router<Web> {
    Router::new()
        .route("/directory/{number}/regulations", get(all_page))
        .route("/directory/{number}/regulations/{regulation}", get(one_page))
        .route("/directory/{number}/regulations/{regulation}/difference", get(difference_page))
        .route("/directory/{number}/regulations/{regulation}/fees.xlsx", get(fees_file))
        .route("/directory/{number}/regulations/{regulation}/files/{no}", get(file))
}

/// The way to a body's regulations.
fn trail(number: &str, name: &str) -> Vec<Crumb> {
    vec![Crumb::new("/directory", "机构目录"), Crumb::new(format!("/directory/{number}"), name)]
}

/// The kind of tag that a state wears.
pub(super) fn tag(state: VersionState) -> &'static str {
    match state {
        VersionState::InForce => "ok",
        VersionState::Ahead => "waiting",
        VersionState::Superseded => "neutral",
        VersionState::Lapsed | VersionState::Withdrawn => "danger",
    }
}

/// A size as people read it.
fn sized(bytes: &i64) -> String {
    match *bytes {
        bytes if bytes < 1_024 => format!("{bytes} 字节"),
        bytes if bytes < 1_048_576 => format!("{} KB", (bytes + 512) / 1_024),
        bytes => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

#[derive(Template)]
#[template(path = "regulation/views/public.html")]
struct AllPage {
    page: Page,
    trail: Vec<Crumb>,
    view: PublicRegulationsView,
    is_today: bool,
}

impl AllPage {
    fn said(&self, gap: &str) -> String {
        spoken(gap)
    }

    fn tag(&self, line: &RegulationLine) -> &'static str {
        tag(line.state)
    }

    /// The fee regulation holds and nothing says the sums.
    fn lacks_fees(&self) -> bool {
        self.view.fees.is_empty()
    }

    fn table(&self) -> Option<&RegulationLine> {
        self.view.kinds.last().and_then(|kind| kind.in_force.as_ref())
    }
}

async fn all_page(
    State(web): State<Web>,
    visit: Visit,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let on: Option<Date> = asked(query.as_deref(), "on").and_then(|day| day.parse().ok());
    match web.work(move |office| of_number(office, &number, on)).await {
        Ok(view) => {
            let trail = trail(&view.number, &view.name);
            let is_today = view.on == web.office.today();
            html(&AllPage { page: Page::new(&web, &visit), trail, view, is_today })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "regulation/views/one.html")]
struct OnePage {
    page: Page,
    trail: Vec<Crumb>,
    view: PublicRegulationView,
    public_url: String,
}

impl OnePage {
    fn tag(&self, line: &RegulationLine) -> &'static str {
        tag(line.state)
    }

    fn here(&self) -> String {
        format!("{}，第 {} 版", self.view.version.kind_name, self.view.version.no)
    }

    /// Whether this one and another can be compared by their words.
    fn compares(&self, other: &RegulationLine) -> bool {
        other.kind == RegulationKind::FeeTable || (self.view.version.has_text && other.has_text)
    }
}

async fn one_page(State(web): State<Web>, visit: Visit, Path((number, regulation)): Path<(String, i64)>) -> Response {
    let asked = PublicRegulation { number, regulation };
    match web.work(move |office| one(office, &asked)).await {
        Ok(view) => {
            let mut trail = trail(&view.number, &view.name);
            trail.push(Crumb::new(format!("/directory/{}/regulations", view.number), "管理办法与收费"));
            let public_url = web.settings.public_url.clone();
            html(&OnePage { page: Page::new(&web, &visit), trail, view, public_url })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "regulation/views/difference.html")]
struct DifferencePage {
    page: Page,
    trail: Vec<Crumb>,
    view: PublicDifferenceView,
}

impl DifferencePage {
    /// How many paragraphs are not the same.
    fn changed(&self) -> usize {
        self.view.lines.iter().filter(|line| line.kind != DifferenceKind::Same).count()
    }
}

async fn difference_page(
    State(web): State<Web>,
    visit: Visit,
    Path((number, regulation)): Path<(String, i64)>,
    RawQuery(query): RawQuery,
) -> Response {
    let with = asked(query.as_deref(), "with").and_then(|id| id.parse().ok());
    let asked = PublicDifference { number, regulation, with };
    match web.work(move |office| differing(office, &asked)).await {
        Ok(view) => {
            let mut trail = trail(&view.number, &view.name);
            trail.push(Crumb::new(format!("/directory/{}/regulations", view.number), "管理办法与收费"));
            html(&DifferencePage { page: Page::new(&web, &visit), trail, view })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn file(
    State(web): State<Web>,
    visit: Visit,
    Path((number, regulation, no)): Path<(String, i64, i64)>,
) -> Response {
    match web.work(move |office| file_of(office, &number, regulation, no)).await {
        Ok((name, kind, bytes)) => download(FileKind::content_type(kind), &name, bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// The table of fees as a workbook.
async fn fees_file(State(web): State<Web>, visit: Visit, Path((number, regulation)): Path<(String, i64)>) -> Response {
    let asked = PublicRegulation { number, regulation };
    let made = web
        .work(move |office| {
            let view = one(office, &asked)?;
            if view.fees.is_empty() {
                return Err(Stop::NotFound);
            }
            Ok((format!("{}收费项目表-第{}版.xlsx", view.name, view.version.no), workbook(&view.fees)?))
        })
        .await;
    match made {
        Ok((name, bytes)) => download(XLSX, &name, bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}
