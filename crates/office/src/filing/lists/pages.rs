//! Pages of lists: the catalogue of majors, the imports into an application, what each import found.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{
    ImportMajors, ImportPeople, ImportSites, ListImported, ListKind, ListUpload, ListUploadLine, Majors, MajorsView,
    RemoveMajor,
};
use crate::door::{Act, FileHash, Stop};
use crate::filing::FilingDetail;
use crate::filing::looks::FilingDetailView;
use crate::web::page::{
    Crumb, FoundLine, Page, RefusalPanel, XLSX, done, download, found_lines, html, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, stopped};
use rules::permission::ActKind;

#[derive(Template)]
#[template(path = "filing/views/majors.html")]
struct MajorsPage {
    page: Page,
    trail: Vec<Crumb>,
    view: MajorsView,
    refusal: Option<RefusalPanel>,
}

impl MajorsPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

pub(in crate::filing) async fn majors(State(web): State<Web>, visit: Visit) -> Response {
    majors_page(&web, &visit, None).await
}

async fn majors_page(web: &Web, visit: &Visit, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, Majors {}).await {
        Ok(view) => {
            let trail = vec![Crumb::new("/filings", "备案")];
            with_status(status_for(refusal.as_ref()), &MajorsPage { page: Page::new(web, visit), trail, view, refusal })
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

pub(in crate::filing) async fn import_majors(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    match imported(&web, &visit, posted, ImportMajors::new).await {
        Ok(made) => to_result(&made),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => majors_page(&web, &visit, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

pub(in crate::filing) async fn remove_major(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let act = RemoveMajor { code: posted.text("code").to_owned() };
    match web.act(&visit, posted.once(), act).await {
        Ok(_) => done("/majors", "已从专业目录移除。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => majors_page(&web, &visit, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// Keeps the file that was sent and imports it.
async fn imported<A: Act<Answer = ListImported>>(
    web: &Web,
    visit: &Visit,
    posted: Posted,
    make: impl FnOnce(FileHash, String) -> A,
) -> Result<ListImported, Stop> {
    let (once, caller) = (posted.once(), visit.caller.clone());
    let kept = web.work(move |office| posted.keep_file(office, (&caller, A::KIND), ("file", "表格文件"))).await;
    let (file, name) = kept?;
    web.act(visit, once, make(file, name)).await
}

fn to_result(made: &ListImported) -> Response {
    Redirect::to(&format!("/list-uploads/{}", made.upload)).into_response()
}

#[derive(Template)]
#[template(path = "filing/views/import.html")]
struct ImportPage {
    page: Page,
    trail: Vec<Crumb>,
    view: FilingDetailView,
    kind: ListKind,
    /// The part of the filing: `people`, `sites`.
    part: &'static str,
    refusal: Option<RefusalPanel>,
}

impl ImportPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn import_page(
    web: &Web,
    visit: &Visit,
    (filing, kind): (i64, ListKind),
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, FilingDetail { filing }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    if !view.may(ActKind::ImportPeople) && refusal.is_none() {
        if !visit.caller.role().sits_in_body() {
            return stopped(web, visit, Stop::NotGranted);
        }
        let track = rules::filing::Track { needs_bureau: view.bureau.is_some() };
        let stop = rules::filing::open_to_change(view.line.stage, track).err().map_or(Stop::NotGranted, Stop::from);
        return stopped(web, visit, stop);
    }
    let part = kind.code();
    let trail = vec![
        Crumb::new("/filings", "备案"),
        Crumb::new(format!("/filings/{filing}"), format!("{}备案申请", view.line.body_name)),
        Crumb::new(format!("/filings/{filing}/{part}"), kind.name()),
    ];
    let status = status_for(refusal.as_ref());
    with_status(status, &ImportPage { page: Page::new(web, visit), trail, view, kind, part, refusal })
}

pub(in crate::filing) async fn people(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    import_page(&web, &visit, (filing, ListKind::People), None).await
}

pub(in crate::filing) async fn sites(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    import_page(&web, &visit, (filing, ListKind::Sites), None).await
}

pub(in crate::filing) async fn import_people(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
    posted: Posted,
) -> Response {
    let made = imported(&web, &visit, posted, |file, name| ImportPeople::new(filing, file, name)).await;
    answered(&web, &visit, (filing, ListKind::People), made).await
}

pub(in crate::filing) async fn import_sites(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
    posted: Posted,
) -> Response {
    let made = imported(&web, &visit, posted, |file, name| ImportSites::new(filing, file, name)).await;
    answered(&web, &visit, (filing, ListKind::Sites), made).await
}

async fn answered(web: &Web, visit: &Visit, of: (i64, ListKind), made: Result<ListImported, Stop>) -> Response {
    match made {
        Ok(made) => to_result(&made),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => import_page(web, visit, of, Some(refusal)).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "filing/views/imported.html")]
struct ImportedPage {
    page: Page,
    trail: Vec<Crumb>,
    upload: ListUploadLine,
    faults: Vec<FoundLine>,
    warnings: Vec<FoundLine>,
    /// Where the list is, and where the next file is sent.
    list: String,
    again: String,
}

/// Where the list of an import is: the part of its filing, or the catalogue.
fn list_of(upload: &ListUploadLine) -> (String, String) {
    match upload.filing {
        Some(filing) => {
            let list = format!("/filings/{filing}/{}", upload.kind.code());
            (list.clone(), format!("{list}/uploads"))
        }
        None => ("/majors".to_owned(), "/majors".to_owned()),
    }
}

pub(in crate::filing) async fn upload(State(web): State<Web>, visit: Visit, Path(list): Path<i64>) -> Response {
    match web.look(&visit, ListUpload { list }).await {
        Ok(view) => {
            let (faults, warnings) = found_lines(view.findings.iter());
            let (list, again) = list_of(&view.upload);
            html(&ImportedPage {
                page: Page::new(&web, &visit),
                trail: vec![Crumb::new("/filings", "备案"), Crumb::new(list.clone(), view.upload.kind.name())],
                faults,
                warnings,
                upload: view.upload,
                list,
                again,
            })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// The clerk's own file again, with what was found.
pub(in crate::filing) async fn marked(State(web): State<Web>, visit: Visit, Path(list): Path<i64>) -> Response {
    let view = match web.look(&visit, ListUpload { list }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let made = web.work(move |office| {
        let bytes = office.files().bring(&view.upload.file)?;
        let stem = view.upload.name.rsplit_once('.').map_or(view.upload.name.as_str(), |(stem, _)| stem);
        Ok((format!("{stem}（已标注）.xlsx"), sheets::marked_up(&bytes, &view.findings)?))
    });
    match made.await {
        Ok((name, bytes)) => download(XLSX, &name, bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

pub(in crate::filing) async fn majors_template(State(web): State<Web>, visit: Visit) -> Response {
    match sheets::majors_template() {
        Ok(bytes) => download(XLSX, "专业目录.xlsx", bytes),
        Err(error) => stopped(&web, &visit, Stop::fault(error)),
    }
}

async fn template(web: Web, visit: Visit, (filing, kind): (i64, ListKind)) -> Response {
    let view = match web.look(&visit, FilingDetail { filing }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let mut occupations: Vec<&str> = Vec::new();
    for trade in &view.trades {
        if !occupations.contains(&trade.name.as_str()) {
            occupations.push(&trade.name);
        }
    }
    let made = match kind {
        ListKind::Sites => sheets::sites_template(&occupations),
        ListKind::People | ListKind::Majors => sheets::people_template(&occupations),
    };
    match made {
        Ok(bytes) => download(XLSX, &format!("{}.xlsx", kind.name()), bytes),
        Err(error) => stopped(&web, &visit, Stop::fault(error)),
    }
}

pub(in crate::filing) async fn people_template(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
) -> Response {
    template(web, visit, (filing, ListKind::People)).await
}

pub(in crate::filing) async fn sites_template(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
) -> Response {
    template(web, visit, (filing, ListKind::Sites)).await
}
