//! Who was announced, and the department's form that enters a body.

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use rules::certificate::Level;
use rules::permission::ActKind;
use rules::{Clause, Refusal};

use super::{AnnouncedTrade, Announcements, AnnouncementsView, EnterBody};
use crate::door::Stop;
use crate::web::page::{Choice, Crumb, Page, RefusalPanel, done, long_day, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, html, stopped};

/// Empty rows below what is filled in.
const SPARE: usize = 4;
/// Empty rows that a button adds.
const MORE: usize = 8;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new().route("/announcements", get(list).post(enter)).route("/announcements/new", get(form))
}

#[derive(Template)]
#[template(path = "announcement/views/list.html")]
struct ListPage {
    page: Page,
    view: AnnouncementsView,
    may_enter: bool,
}

async fn list(State(web): State<Web>, visit: Visit) -> Response {
    match web.look(&visit, Announcements {}).await {
        Ok(view) => {
            let may_enter = rules::permission::may(visit.caller.role(), ActKind::EnterBody).is_some();
            html(&ListPage { page: Page::new(&web, &visit), view, may_enter })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// 职业, 工种, 等级, 标准.
type Row = [String; 4];
const COLUMNS: [&str; 4] = ["trade[]", "work_type[]", "level[]", "standard[]"];

#[derive(Template)]
#[template(path = "announcement/views/new.html")]
struct NewPage {
    page: Page,
    trail: Vec<Crumb>,
    bodies: Vec<Choice>,
    rows: Vec<Row>,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl NewPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn levels(&self, chosen: &str) -> Vec<Choice> {
        let all = Level::ALL.iter().map(|level| Choice::new(level.digit().to_string(), level.name(), chosen));
        std::iter::once(Choice::new("", "选择", chosen)).chain(all).collect()
    }
}

async fn form(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let typed = Posted::of_query(&query.unwrap_or_default());
    form_page(&web, &visit, typed, SPARE, None).await
}

async fn form_page(web: &Web, visit: &Visit, typed: Posted, spare: usize, refusal: Option<RefusalPanel>) -> Response {
    if visit.caller.is_signed_in() && rules::permission::may(visit.caller.role(), ActKind::EnterBody).is_none() {
        return stopped(web, visit, Stop::NotGranted);
    }
    let view = match web.look(visit, Announcements {}).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let chosen = typed.text("body").to_owned();
    let mut bodies = vec![Choice::new("", "请选择", &chosen)];
    bodies.extend(
        view.choices
            .iter()
            .map(|one| Choice::new(one.body.to_string(), format!("{}（{}）", one.name, one.kind_name), &chosen)),
    );
    let mut rows = rows(&typed);
    rows.extend((0..spare).map(|_| Row::default()));
    let page = NewPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/announcements", "企业与组织")],
        bodies,
        rows,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// The rows in which anything was typed.
fn rows(posted: &Posted) -> Vec<Row> {
    let cells = COLUMNS.map(|column| posted.all(column));
    let count = cells.iter().map(Vec::len).max().unwrap_or(0);
    (0..count)
        .map(|row| std::array::from_fn(|column| cells[column].get(row).copied().unwrap_or_default().to_owned()))
        .filter(|row: &Row| !row[0].is_empty())
        .collect()
}

fn read(posted: &Posted) -> Result<EnterBody, Stop> {
    let body = posted.text("body").parse().map_err(|_| {
        Refusal::house("填写", "没有选择机构").remedy("请选择已登记的机构；没有的请系统管理员先登记").at("body")
    })?;
    let trade = |[trade, work_type, level, standard]: Row| {
        let level = level.chars().next().and_then(Level::from_digit).ok_or_else(|| {
            Refusal::new(Clause::A1, format!("{trade}没有选择等级"))
                .remedy("请选择等级；同一职业的不同等级各填一行")
                .at("trades")
        })?;
        Ok::<_, Stop>(AnnouncedTrade { trade, work_type, level, standard })
    };
    Ok(EnterBody {
        body,
        number: posted.needed("number", "机构备案编号")?,
        trades: rows(posted).into_iter().map(trade).collect::<Result<_, _>>()?,
        valid_from: posted.day("valid_from", "有效期起")?,
        valid_until: posted.day("valid_until", "有效期止")?,
        reference: posted.text("reference").to_owned(),
        announced_on: posted.day("announced_on", "文件日期")?,
        file: None,
        file_name: String::new(),
        kept: None,
    })
}

async fn enter(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    if posted.text("do") == "more" {
        return form_page(&web, &visit, posted, SPARE + MORE, None).await;
    }
    let outcome = match read(&posted) {
        Ok(act) => {
            let (once, caller, sent) = (posted.once(), visit.caller.clone(), posted.clone());
            let kept = if posted.files("file").next().is_some() {
                let what = ("file", "备案或公布文件");
                web.work(move |office| sent.keep_file(office, (&caller, ActKind::EnterBody), what)).await.map(Some)
            } else {
                Ok(None)
            };
            match kept {
                Ok(file) => web.act(&visit, once, act.with_file(file)).await,
                Err(stop) => Err(stop),
            }
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => {
            let until = long_day(made.valid_until);
            done("/announcements", &format!("已列入机构目录，机构备案编号 {}，有效期至{until}。", made.number))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => form_page(&web, &visit, posted, SPARE, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
