//! The terms of a day for everyone, and one of them with its changes, where the provincial centre changes it.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use rules::permission::ActKind;
use rules::term::{Term, TermMark};

use super::{ChangeTerm, PublicTermsView, TermLine, of_day};
use crate::door::Stop;
use crate::web::page::{Choice, Crumb, Page, RefusalPanel, asked, done, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new().route("/terms", get(list)).route("/terms/{term}", get(one).post(change))
}

/// The kind of tag that a mark wears.
fn tag(mark: &TermMark) -> &'static str {
    match mark {
        TermMark::Law | TermMark::Official => "neutral",
        TermMark::Practice | TermMark::Default => "waiting",
    }
}

#[derive(Template)]
#[template(path = "term/views/list.html")]
struct ListPage {
    page: Page,
    view: PublicTermsView,
    on: String,
}

async fn list(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let on: Option<Date> = asked(query.as_deref(), "on").and_then(|day| day.parse().ok());
    match web.work(move |office| of_day(office, on)).await {
        Ok(view) => {
            let on = on.map(|day| day.to_string()).unwrap_or_default();
            html(&ListPage { page: Page::new(&web, &visit), view, on })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "term/views/one.html")]
struct OnePage {
    page: Page,
    trail: Vec<Crumb>,
    line: TermLine,
    today: Date,
    may_change: bool,
    typed: Posted,
    from: String,
    refusal: Option<RefusalPanel>,
}

impl OnePage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    /// Yes and no, for a term that is a choice.
    fn choices(&self) -> Vec<Choice> {
        let chosen = self.typed.some("value").unwrap_or_else(|| self.line.value.to_string());
        [1, 0].map(|value| Choice::new(value.to_string(), self.line.term.said(value), &chosen)).into()
    }
}

async fn one(State(web): State<Web>, visit: Visit, Path(term): Path<String>) -> Response {
    one_page(&web, &visit, &term, Posted::default(), None).await
}

async fn one_page(web: &Web, visit: &Visit, term: &str, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.work(|office| of_day(office, None)).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let Some(line) = view.terms.into_iter().find(|line| line.term.code() == term) else {
        return stopped(web, visit, Stop::NotFound);
    };
    let page = OnePage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/terms", "期限与数值")],
        may_change: line.may_change && visit.caller.granted(ActKind::ChangeTerm).is_ok(),
        from: typed.some("from").unwrap_or_else(|| view.on.tomorrow().unwrap_or(view.on).to_string()),
        today: view.on,
        line,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn change(State(web): State<Web>, visit: Visit, Path(term): Path<String>, posted: Posted) -> Response {
    let Some(of) = Term::from_code(&term) else { return stopped(&web, &visit, Stop::NotFound) };
    let read = || {
        Ok(ChangeTerm {
            term: of,
            value: posted.int("value", "新的数值")?,
            from: posted.day("from", "生效日期")?,
            reason: posted.text("reason").to_owned(),
        })
    };
    let outcome = match read() {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done(&format!("/terms/{term}"), "已调整，从生效日期起办理的按新的数值。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => one_page(&web, &visit, &term, posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
