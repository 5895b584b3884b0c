//! The archive of a batch: five tables of contents, what is missing, what is entered by hand, closing, and the openings.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::permission::ActKind;
use rules::proposal::ProposalState;

use super::{
    AnswerDestruction, ArchiveContents, ArchiveView, CloseArchive, EnterPiece, OpenArchive, ProposeDestruction,
    RemovePiece, pack,
};
use crate::door::Stop;
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, batch_trail, done, grouped, long_day, plain_day, refusal_in, status_for,
    with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/archive", get(show).post(close))
        .route("/batches/{batch}/archive/pieces", post(enter))
        .route("/batches/{batch}/archive/pieces/{piece}/removal", post(remove))
        .route("/batches/{batch}/archive/openings", post(open))
        .route("/batches/{batch}/archive/destructions", post(propose))
        .route("/batches/{batch}/archive/destructions/{destruction}/answer", post(answer))
        .route("/batches/{batch}/archive/openings/{opening}", get(opened))
}

#[derive(Template)]
#[template(path = "archive/views/archive.html")]
struct ArchivePage {
    page: Page,
    trail: Vec<Crumb>,
    view: ArchiveView,
    kinds: Vec<Choice>,
    /// Scans that can be opened one by one, and the whole.
    scans: Vec<Choice>,
    /// The opening that was just entered, to be fetched.
    opening: Option<i64>,
    /// The form that was sent, and what was typed into it.
    form: String,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl ArchivePage {
    fn can(&self, act: &str) -> bool {
        self.view.acts.iter().any(|kind| kind.code() == act)
    }

    fn typed(&self, form: &str, field: &str) -> &str {
        if self.form == form { self.typed.text(field) } else { "" }
    }

    fn wrong(&self, form: &str, field: &str) -> &str {
        if self.form == form { RefusalPanel::beside(self.refusal.as_ref(), field) } else { "" }
    }

    /// Whether a piece that was entered by hand may be taken out again.
    fn may_remove(&self, entry: &super::EntryView) -> bool {
        entry.entry.piece.is_some() && self.can(ActKind::RemovePiece.code())
    }

    /// The colour of a proposal's tag.
    fn state_kind(&self, state: &ProposalState) -> &'static str {
        match state {
            ProposalState::Proposed => "waiting",
            ProposalState::Agreed => "ok",
            ProposalState::Declined | ProposalState::Withdrawn => "neutral",
        }
    }

    /// Until when an entry is kept, in words; before closing nothing is said.
    fn kept(&self, entry: &super::EntryView) -> String {
        match (entry.for_ever, entry.kept_until) {
            _ if entry.destroyed_on.is_some() => {
                entry.destroyed_on.map_or_else(String::new, |on| format!("{}销毁", plain_day(on)))
            }
            (true, _) => "永久".into(),
            (false, Some(until)) => plain_day(until),
            (false, None) => "--".into(),
        }
    }
}

async fn show(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    archive_page(&web, &visit, batch, "", Posted::of_query(&query.unwrap_or_default()), None).await
}

async fn archive_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    form: &str,
    typed: Posted,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, ArchiveContents { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let chosen = if form == "piece" { typed.text("kind") } else { "" };
    let choice =
        |kind: &super::PieceChoice| Choice::new(&kind.code, format!("{}：{}", kind.volume_name, kind.name), chosen);
    let kinds = std::iter::once(Choice::new("", "请选择", chosen)).chain(view.choices.iter().map(choice)).collect();
    let wanted = if form == "opening" { typed.text("piece") } else { "" };
    let mut scans = Vec::new();
    if view.closed_on.is_some() {
        scans.push(Choice::new("", "整卷（ZIP）", wanted));
    }
    let entries = view.volumes.iter().flat_map(|volume| &volume.entries);
    let held = entries.filter(|entry| entry.entry.digest.is_some());
    scans.extend(held.filter_map(|entry| {
        entry.entry.piece.map(|piece| Choice::new(piece.to_string(), format!("扫描件：{}", entry.entry.title), wanted))
    }));
    let page = ArchivePage {
        page: Page::new(web, visit),
        trail: batch_trail(batch, &view.title),
        view,
        kinds,
        scans,
        opening: typed.text("opening").parse().ok(),
        form: form.to_owned(),
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn again(web: &Web, visit: &Visit, batch: i64, form: &str, posted: Posted, stop: Stop) -> Response {
    match refusal_in(stop) {
        Ok(mut refusal) => {
            // Both forms ask for a reason and stand on one page.
            let field = match form {
                "opening" => Some("why"),
                "answer" => Some("objection"),
                _ => None,
            };
            if let (Some(field), Some("reason")) = (field, refusal.field.as_deref()) {
                refusal.field = Some(field.to_owned());
            }
            archive_page(web, visit, batch, form, posted, Some(refusal)).await
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn close(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let act = CloseArchive { batch, note: posted.text("note").to_owned(), made: None };
    match web.act(&visit, posted.once(), act).await {
        Ok(archived) => {
            let said = format!("已归档，共{}件，目录摘要 {}。", archived.entries, &archived.digest[..16]);
            done(&super::page(batch), &said)
        }
        Err(stop) => again(&web, &visit, batch, "closing", posted, stop).await,
    }
}

fn read(batch: i64, posted: &Posted) -> Result<EnterPiece, Stop> {
    Ok(EnterPiece {
        batch,
        kind: posted.needed("kind", "材料种类")?,
        title: posted.needed("title", "题名")?,
        made_on: posted.day("made_on", "形成日期")?,
        place: posted.text("place").to_owned(),
        shelf: posted.text("shelf").to_owned(),
        pages: if posted.some("pages").is_some() { posted.int("pages", "页数")? } else { 0 },
        file: None,
        file_name: String::new(),
        reason: posted.text("reason").to_owned(),
        kept: None,
    })
}

async fn enter(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let outcome = match read(batch, &posted) {
        Ok(mut act) => {
            let (caller, sent) = (visit.caller.clone(), posted.clone());
            let kept = if posted.files("file").next().is_some() {
                let granted = ActKind::EnterPiece;
                web.work(move |office| sent.keep_file(office, (&caller, granted), ("file", "扫描件"))).await.map(Some)
            } else {
                Ok(None)
            };
            match kept {
                Ok(file) => {
                    if let Some((hash, name)) = file {
                        (act.file, act.file_name) = (Some(hash), name);
                    }
                    web.act(&visit, posted.once(), act).await
                }
                Err(stop) => Err(stop),
            }
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done(&super::page(batch), "已登记入卷。"),
        Err(stop) => again(&web, &visit, batch, "piece", posted, stop).await,
    }
}

async fn remove(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, piece)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    match web.act(&visit, posted.once(), RemovePiece { batch, piece }).await {
        Ok(_) => done(&super::page(batch), "已从目录中移除。"),
        Err(stop) => again(&web, &visit, batch, "", posted, stop).await,
    }
}

async fn open(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let piece = match posted.some("piece") {
        Some(_) => posted.int("piece", "调阅哪一件").map(Some),
        None => Ok(None),
    };
    let outcome = match piece {
        Ok(piece) => {
            let act = OpenArchive { batch, piece, reason: posted.text("why").to_owned() };
            web.act(&visit, posted.once(), act).await
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => done(&format!("{}?opening={}", super::page(batch), made.id), "调阅已登记，今天之内可以下载。"),
        Err(stop) => again(&web, &visit, batch, "opening", posted, stop).await,
    }
}

async fn propose(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let act = ProposeDestruction { batch, reason: posted.text("destroy").to_owned() };
    match web.act(&visit, posted.once(), act).await {
        Ok(_) => done(&super::page(batch), "销毁已提出，等另一人核对清单后答复。"),
        Err(stop) => again(&web, &visit, batch, "destruction", posted, stop).await,
    }
}

async fn answer(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, destruction)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let (agreed, reason) = (posted.text("agreed") == "yes", posted.text("objection").to_owned());
    match web.act(&visit, posted.once(), AnswerDestruction { batch, destruction, agreed, reason }).await {
        Ok(answered) => {
            let said = match answered.pieces {
                0 => format!("{}。", answered.state.name()),
                pieces => format!("已销毁 {pieces} 件，销毁清单永久保管。"),
            };
            done(&super::page(batch), &said)
        }
        Err(stop) => again(&web, &visit, batch, "answer", posted, stop).await,
    }
}

async fn opened(State(web): State<Web>, visit: Visit, Path((batch, opening)): Path<(i64, i64)>) -> Response {
    pack::opened(web, visit, batch, opening).await
}
