//! How the assessors of a batch stand, the sheet of one of them with a form for one candidate at a time, the codes to hand out, and
//! the same sheet at the station.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use rules::refusal::RefusalView;
use rules::result::Part;
use rules::rubric::RubricItem;

use super::station::{StationCodesView, StationView};
use super::{
    EnterScores, EnterStationScores, FIELDS, HandInScores, HandInStationScores, IssueStationCodes, MergeScores,
    PanelView, ReturnScores, ScoreEntry, ScoreSheet, ScoreSheetView, ScoreTemplate, ScoredLine, Scores, ScoresView,
    SignedSheet, SpreadAnswer, Station, StationCode, StationCodes, UploadScores, station,
};
use crate::door::{Act, Stop};
use crate::marks::pages::{file, trail};
use crate::web::page::{Crumb, Page, RefusalPanel, asked, done, handed, long_day, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/scores", get(overview).post(merge))
        .route("/batches/{batch}/scores/{assessor}", get(sheet).post(enter))
        .route("/batches/{batch}/scores/{assessor}/template.xlsx", get(template))
        .route("/batches/{batch}/scores/{assessor}/uploads", post(upload))
        .route("/batches/{batch}/scores/{assessor}/submission", post(hand_in))
        .route("/batches/{batch}/scores/{assessor}/return", post(give_back))
        .route("/batches/{batch}/scores/{assessor}/signed", get(signed))
        .route("/batches/{batch}/station-codes", get(codes).post(issue))
        .route("/station", get(gate))
        .route("/station/{code}", get(at_station).post(enter_at_station))
        .route("/station/{code}/submission", post(hand_in_at_station))
}

#[derive(Template)]
#[template(path = "scoring/views/overview.html")]
struct OverviewPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ScoresView,
    may_edit: bool,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl OverviewPage {
    /// What was typed or stands as the reason for a wide spread.
    fn reason(&self, part: &Part, person: &super::ScoredPerson) -> String {
        self.typed.some(&reason_field(*part, person.candidate)).unwrap_or_else(|| person.reason.clone())
    }

    fn may_merge(&self, panel: &PanelView) -> bool {
        self.may_edit && panel.is_closed && panel.not_open.is_none() && panel.waiting() + hindered(panel) > 0
    }

    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

/// Candidates whose scores can't be merged.
fn hindered(panel: &PanelView) -> usize {
    panel.persons.iter().filter(|one| !one.hindrance.is_empty()).count()
}

fn reason_field(part: Part, candidate: i64) -> String {
    format!("reason-{}-{candidate}", part.code())
}

async fn overview(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    overview_page(&web, &visit, batch, Posted::default(), None).await
}

async fn overview_page(web: &Web, visit: &Visit, batch: i64, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, Scores { batch }).await {
        Ok(view) => {
            let page = OverviewPage {
                page: Page::new(web, visit),
                trail: trail(&view.batch),
                may_edit: visit.caller.role().sits_in_body(),
                view,
                typed,
                refusal,
            };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn merge(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let view = match web.look(&visit, Scores { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let part = Part::from_code(posted.text("part")).unwrap_or(Part::Practical);
    let persons = view.panels.iter().filter(|panel| panel.part == part).flat_map(|panel| &panel.persons);
    let answers = persons.filter_map(|person| {
        let reason = posted.some(&reason_field(part, person.candidate))?;
        Some(SpreadAnswer { candidate: person.candidate, reason })
    });
    let act = MergeScores {
        batch,
        part,
        answers: answers.collect(),
        missing_reason: posted.text("missing_reason").to_owned(),
    };
    match web.act(&visit, posted.once(), act).await {
        Ok(merged) => {
            let total = merged.entered + merged.changed;
            let rest = match total - merged.confirmed {
                0 => "评分与汇总由不同的人经手，已即确认。".to_owned(),
                left => format!("其中 {left} 科次的评分表由您本人登记，待另一个账号核对确认。"),
            };
            let said = match total {
                0 => format!("{} 科次与原来相同。", merged.unchanged),
                _ => format!("已汇总 {total} 科次成绩。{rest}"),
            };
            done(&format!("/batches/{batch}/scores"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => overview_page(&web, &visit, batch, posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// One field of the form: an item with what was given.
struct Field {
    name: &'static str,
    label: String,
    hint: String,
    value: String,
    error: String,
}

/// The form for one candidate.
struct ScoreForm {
    line: ScoredLine,
    fields: Vec<Field>,
    /// How many of how many are done.
    done: usize,
    of: usize,
}

impl ScoreForm {
    /// The candidate that is asked for, or the first who has no score yet; nobody where there is none.
    fn of(
        (items, persons): (&[RubricItem], &[ScoredLine]),
        asked: Option<i64>,
        typed: &Posted,
        refusal: Option<&RefusalPanel>,
    ) -> Option<Self> {
        let line = persons
            .iter()
            .find(|line| Some(line.candidate) == asked)
            .or_else(|| persons.iter().find(|line| line.total.is_empty()))
            .or(persons.first())?;
        let field = |(at, item): (usize, &RubricItem)| {
            let name = FIELDS.get(at).copied()?;
            let was = line.points.get(at).cloned().unwrap_or_default();
            let code = if item.code.is_empty() { String::new() } else { format!("{} ", item.code) };
            Some(Field {
                name,
                label: format!("{code}{}（{}分）", item.title, item.points),
                hint: if item.is_key {
                    "关键项：不达标的，本科目不合格".to_owned()
                } else {
                    String::new()
                },
                value: if refusal.is_some() { typed.text(name).to_owned() } else { was },
                error: RefusalPanel::beside(refusal, name).to_owned(),
            })
        };
        Some(Self {
            fields: items.iter().enumerate().filter_map(field).collect(),
            done: persons.iter().filter(|line| !line.total.is_empty()).count(),
            of: persons.len(),
            line: line.clone(),
        })
    }
}

/// What the form says of one candidate.
fn entry(posted: &Posted, items: usize) -> Result<ScoreEntry, Stop> {
    let points = FIELDS.iter().take(items).map(|name| posted.text(name).to_owned()).collect();
    Ok(ScoreEntry { candidate: posted.int("candidate", "考生")?, points })
}

fn candidate_asked(query: Option<&str>) -> Option<i64> {
    asked(query, "candidate").and_then(|id| id.parse().ok())
}

/// Whom to go on with after a candidate: the next without a score.
fn next_after(persons: &[ScoredLine], candidate: i64) -> Option<i64> {
    let at = persons.iter().position(|line| line.candidate == candidate)?;
    let turned = persons[at + 1..].iter().chain(&persons[..at]);
    turned.into_iter().find(|line| line.total.is_empty()).map(|line| line.candidate)
}

#[derive(Template)]
#[template(path = "scoring/views/sheet.html")]
struct SheetPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ScoreSheetView,
    form: Option<ScoreForm>,
    may_edit: bool,
    findings: Vec<sheets::Finding>,
    refusal: Option<RefusalPanel>,
}

impl SheetPage {
    fn home(&self) -> String {
        format!("/batches/{}/scores/{}", self.view.batch.id, self.view.assessor.assessor)
    }

    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

type Of = Path<(i64, i64)>;

async fn sheet(State(web): State<Web>, visit: Visit, Path(of): Of, RawQuery(query): RawQuery) -> Response {
    let shown = Shown { asked: candidate_asked(query.as_deref()), ..Shown::default() };
    sheet_page(&web, &visit, of, shown).await
}

/// What the page of a sheet shows beside the sheet.
#[derive(Default)]
struct Shown {
    asked: Option<i64>,
    typed: Posted,
    findings: Vec<sheets::Finding>,
    refusal: Option<RefusalPanel>,
}

async fn sheet_page(web: &Web, visit: &Visit, (batch, assessor): (i64, i64), shown: Shown) -> Response {
    let view = match web.look(visit, ScoreSheet { batch, assessor }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let may_edit = visit.caller.role().sits_in_body();
    let form = ScoreForm::of((&view.items, &view.persons), shown.asked, &shown.typed, shown.refusal.as_ref())
        .filter(|_| may_edit && view.not_open.is_none());
    let mut trail = trail(&view.batch);
    trail.push(Crumb::new(format!("/batches/{batch}/scores"), "考评评分"));
    let status = match shown.findings.is_empty() {
        true => status_for(shown.refusal.as_ref()),
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = SheetPage {
        page: Page::new(web, visit),
        trail,
        form,
        may_edit,
        view,
        findings: shown.findings,
        refusal: shown.refusal,
    };
    with_status(status, &page)
}

async fn enter(State(web): State<Web>, visit: Visit, Path(of): Of, posted: Posted) -> Response {
    let (batch, assessor) = of;
    let view = match web.look(&visit, ScoreSheet { batch, assessor }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let outcome = match entry(&posted, view.items.len()) {
        Ok(entry) => {
            let candidate = entry.candidate;
            let act = EnterScores { batch, assessor, entries: vec![entry] };
            web.act(&visit, posted.once(), act).await.map(|_| candidate)
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(candidate) => {
            let next = next_after(&view.persons, candidate).map(|id| format!("?candidate={id}")).unwrap_or_default();
            done(&format!("/batches/{batch}/scores/{assessor}{next}"), "已保存。")
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let asked = posted.text("candidate").parse().ok();
                sheet_page(&web, &visit, of, Shown { asked, typed: posted, refusal: Some(refusal), ..Shown::default() })
                    .await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn template(State(web): State<Web>, visit: Visit, Path((batch, assessor)): Of) -> Response {
    file(&web, &visit, ScoreTemplate { batch, assessor }).await
}

async fn upload(State(web): State<Web>, visit: Visit, Path(of): Of, posted: Posted) -> Response {
    let (batch, assessor) = of;
    let (once, caller) = (posted.once(), visit.caller.clone());
    let kind = UploadScores::KIND;
    let kept = web.work(move |office| posted.keep_file(office, (&caller, kind), ("file", "评分登记表"))).await;
    let outcome = match kept {
        Ok((hash, name)) => web.act(&visit, once, UploadScores::new(batch, assessor, hash, name)).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(read) if read.findings.is_empty() => {
            let said = format!(
                "读入 {} 行，{} 名考生的评分已登记，{} 名与原来相同。",
                read.rows_read, read.kept, read.unchanged
            );
            done(&format!("/batches/{batch}/scores/{assessor}"), &said)
        }
        Ok(read) => sheet_page(&web, &visit, of, Shown { findings: read.findings, ..Shown::default() }).await,
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => sheet_page(&web, &visit, of, Shown { refusal: Some(refusal), ..Shown::default() }).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn hand_in(State(web): State<Web>, visit: Visit, Path(of): Of, posted: Posted) -> Response {
    let (batch, assessor) = of;
    let (once, caller) = (posted.once(), visit.caller.clone());
    let kind = HandInScores::KIND;
    let is_signed = posted.files("signed").next().is_some();
    let signed = match is_signed {
        true => {
            let kept =
                web.work(move |office| posted.keep_file(office, (&caller, kind), ("signed", "签字的评分表"))).await;
            kept.map(Some)
        }
        false => Ok(None),
    };
    let outcome = match signed {
        Ok(signed) => web.act(&visit, once, HandInScores::new(batch, assessor, signed)).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done(&format!("/batches/{batch}/scores"), "评分表已提交，不再改动。"),
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                // The page has another file beside it.
                refusal.field = refusal.field.map(|field| if field == "file" { "signed".to_owned() } else { field });
                sheet_page(&web, &visit, of, Shown { refusal: Some(refusal), ..Shown::default() }).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn give_back(State(web): State<Web>, visit: Visit, Path(of): Of, posted: Posted) -> Response {
    let (batch, assessor) = of;
    let act = ReturnScores { batch, assessor, reason: posted.text("reason").to_owned() };
    match web.act(&visit, posted.once(), act).await {
        Ok(_) => done(&format!("/batches/{batch}/scores/{assessor}"), "评分表已退回，可以重新评分。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                sheet_page(&web, &visit, of, Shown { refusal: Some(refusal), typed: posted, ..Shown::default() }).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn signed(State(web): State<Web>, visit: Visit, Path((batch, assessor)): Of) -> Response {
    let made = web.look(&visit, SignedSheet { batch, assessor }).await;
    handed(&web, &visit, None, made.map(|file| (file.name, file.bytes)))
}

#[derive(Template)]
#[template(path = "scoring/views/codes.html")]
struct CodesPage {
    page: Page,
    trail: Vec<Crumb>,
    view: StationCodesView,
    public_url: String,
    refusal: Option<RefusalPanel>,
}

async fn codes(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    codes_page(&web, &visit, batch, None).await
}

async fn codes_page(web: &Web, visit: &Visit, batch: i64, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, StationCodes { batch }).await {
        Ok(view) => {
            let mut trail = trail(&view.batch);
            trail.push(Crumb::new(format!("/batches/{batch}/scores"), "考评评分"));
            let public_url = web.settings.public_url.clone();
            let page = CodesPage { page: Page::new(web, visit), trail, view, public_url, refusal };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn issue(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    match web.act(&visit, posted.once(), IssueStationCodes { batch }).await {
        Ok(issued) => {
            let said = format!("已发 {} 个评分码，请打印后当面交给考评人员。", issued.issued);
            done(&format!("/batches/{batch}/station-codes"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => codes_page(&web, &visit, batch, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "scoring/views/station.html")]
struct StationPage {
    page: Page,
    code: String,
    /// Nothing before a code was given, or where it opens nothing.
    view: Option<StationView>,
    form: Option<ScoreForm>,
    refusal: Option<RefusalPanel>,
}

impl StationPage {
    fn home(&self) -> String {
        format!("/station/{}", self.code)
    }

    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

/// Where an assessor types the code.
async fn gate(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    match asked(query.as_deref(), "code") {
        Some(code) => {
            let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
            if code.is_empty() {
                return station_page(&web, &visit, (code, None), Posted::default(), None).await;
            }
            Redirect::to(&format!("/station/{}", code.to_ascii_uppercase())).into_response()
        }
        None => html(&StationPage {
            page: Page::new(&web, &visit),
            code: String::new(),
            view: None,
            form: None,
            refusal: None,
        }),
    }
}

async fn at_station(
    State(web): State<Web>,
    visit: Visit,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    station_page(&web, &visit, (code, candidate_asked(query.as_deref())), Posted::default(), None).await
}

async fn station_page(
    web: &Web,
    visit: &Visit,
    (code, asked): (String, Option<i64>),
    typed: Posted,
    refusal: Option<RefusalPanel>,
) -> Response {
    let look = Station::new(code.clone());
    let (view, refusal) = match web.work(move |office| station::station(office, look)).await {
        Ok(view) => (Some(view), refusal),
        Err(Stop::NotFound) => {
            let unknown = rules::Refusal::house("评分码", "没有这个评分码，或已经换发")
                .remedy("请对照评分码单重新输入；遗失的请考务人员换发")
                .at("code");
            (None, Some(RefusalView::from(&unknown).into()))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => (None, Some(refusal)),
            Err(stop) => return stopped(web, visit, stop),
        },
    };
    let form = view
        .as_ref()
        .filter(|view| view.not_open.is_none())
        .and_then(|view| ScoreForm::of((&view.items, &view.persons), asked, &typed, refusal.as_ref()));
    let page = StationPage { page: Page::new(web, visit), code, view, form, refusal };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn enter_at_station(State(web): State<Web>, visit: Visit, Path(code): Path<String>, posted: Posted) -> Response {
    let look = Station::new(code.clone());
    let persons = web.work(move |office| station::station(office, look)).await;
    let (items, persons) = match persons {
        Ok(view) => (view.items.len(), view.persons),
        Err(_) => return station_page(&web, &visit, (code, None), posted, None).await,
    };
    let outcome = match entry(&posted, items) {
        Ok(entry) => {
            let candidate = entry.candidate;
            let act = EnterStationScores { code: StationCode::new(code.clone()), entries: vec![entry] };
            web.act(&visit, posted.once(), act).await.map(|_| candidate)
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(candidate) => {
            let next = next_after(&persons, candidate).map(|id| format!("?candidate={id}")).unwrap_or_default();
            done(&format!("/station/{code}{next}"), "已保存。")
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let asked = posted.text("candidate").parse().ok();
                station_page(&web, &visit, (code, asked), posted, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn hand_in_at_station(
    State(web): State<Web>,
    visit: Visit,
    Path(code): Path<String>,
    posted: Posted,
) -> Response {
    let act = HandInStationScores { code: StationCode::new(code.clone()) };
    match web.act(&visit, posted.once(), act).await {
        Ok(_) => done(&format!("/station/{code}"), "评分表已提交，不再改动。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => station_page(&web, &visit, (code, None), posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// A code in groups of four, as it is printed.
fn in_fours(code: &str) -> String {
    let signs: Vec<char> = code.chars().collect();
    signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Titles of key items that were failed, in a few words.
fn failed(person: &super::ScoredPerson) -> String {
    person.failed.join("、")
}

/// The days by which pages are asked for, for the templates.
fn day(day: &rules::Day) -> String {
    long_day(*day)
}

/// The candidates by the state of the sheet, for the list beside the form.
fn groups(persons: &[ScoredLine]) -> BTreeMap<String, Vec<&ScoredLine>> {
    let mut groups: BTreeMap<String, Vec<&ScoredLine>> = BTreeMap::new();
    for line in persons {
        let group = line.place.rsplit_once('，').map_or("未编排", |(group, _)| group);
        groups.entry(group.to_owned()).or_default().push(line);
    }
    groups
}
