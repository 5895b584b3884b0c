//! Signing in and out, one's own account, accounts for administrators.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rules::people::Role;

use super::{
    Accounts, AccountsView, ChangePassword, CloseAccount, CreateAccount, Credentials, OwnAccount, OwnAccountView,
    ResetPassword, Secret, SignOut,
};
use crate::door::{Stop, Via};
use crate::web::api::{answer, problem};
use crate::web::page::{Page, RefusalPanel, done, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, html, session, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/sign-in", get(sign_in_form).post(sign_in))
        .route("/sign-out", axum::routing::post(sign_out))
        .route("/account", get(own_account).post(change_password))
        .route("/admin/accounts", get(accounts).post(create_account))
        .route("/admin/accounts/{account}/closure", axum::routing::post(close_account))
        .route("/admin/accounts/{account}/password", axum::routing::post(reset_password))
}

#[derive(Template)]
#[template(path = "account/views/sign_in.html")]
struct SignInPage {
    page: Page,
    login: String,
    next: String,
    is_demo: bool,
    expired: bool,
    refusal: Option<RefusalPanel>,
}

async fn sign_in_form(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    if visit.caller.is_signed_in() {
        return Redirect::to("/work").into_response();
    }
    let next = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "next")
        .map(|(_, next)| next.into_owned())
        .unwrap_or_default();
    html(&SignInPage {
        page: Page::new(&web, &visit),
        login: String::new(),
        next,
        is_demo: web.office.is_demo(),
        expired: visit.expired,
        refusal: None,
    })
}

async fn sign_in(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let (login, password) = (posted.text("login").to_owned(), Secret::new(posted.text("password")));
    let name = login.clone();
    match web.work(move |office| super::sign_in(office, Via::Web, &name, &password)).await {
        Ok(session) => enter(&web, &session.token, if session.must_change { "/account" } else { posted.text("next") }),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => with_status(
                StatusCode::UNPROCESSABLE_ENTITY,
                &SignInPage {
                    page: Page::new(&web, &visit),
                    login,
                    next: posted.text("next").to_owned(),
                    is_demo: web.office.is_demo(),
                    expired: false,
                    refusal: Some(refusal),
                },
            ),
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// Begins the session and goes on to a page of ours, never to another site.
pub(crate) fn enter(web: &Web, token: &str, next: &str) -> Response {
    let ours = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    let mut response = Redirect::to(if ours { next } else { "/work" }).into_response();
    response.headers_mut().append(header::SET_COOKIE, session::begin(web, token));
    response
}

async fn sign_out(State(web): State<Web>, visit: Visit, _: Posted) -> Response {
    if let Some(token) = visit.token.clone()
        && let Err(stop) = web.act(&visit, None, SignOut::new(&token)).await
    {
        return stopped(&web, &visit, stop);
    }
    let mut response = Redirect::to("/").into_response();
    response.headers_mut().append(header::SET_COOKIE, session::end());
    response
}

#[derive(Template)]
#[template(path = "account/views/own.html")]
struct OwnPage {
    page: Page,
    own: OwnAccountView,
    refusal: Option<RefusalPanel>,
}

async fn own_account(State(web): State<Web>, visit: Visit) -> Response {
    own_page(&web, &visit, None).await
}

async fn own_page(web: &Web, visit: &Visit, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, OwnAccount {}).await {
        Ok(own) => with_status(status_for(refusal.as_ref()), &OwnPage { page: Page::new(web, visit), own, refusal }),
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn change_password(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    if posted.text("new") != posted.text("again") {
        let refusal = rules::Refusal::house("登录", "两次输入的新密码不一致").remedy("请重新输入").at("again");
        let panel = rules::refusal::RefusalView::from(&refusal).into();
        return own_page(&web, &visit, Some(panel)).await;
    }
    let act = ChangePassword { current: Secret::new(posted.text("current")), new: Secret::new(posted.text("new")) };
    match web.act(&visit, None, act).await {
        // Every session has ended, this one too.
        Ok(_) => done("/sign-in", "密码已修改，请用新密码登录。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => own_page(&web, &visit, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "account/views/accounts.html")]
struct AccountsPage {
    page: Page,
    view: AccountsView,
    roles: Vec<Role>,
    refusal: Option<RefusalPanel>,
}

async fn accounts(State(web): State<Web>, visit: Visit) -> Response {
    accounts_page(&web, &visit, None).await
}

async fn accounts_page(web: &Web, visit: &Visit, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, Accounts {}).await {
        Ok(view) => {
            let roles = Role::ALL.iter().copied().filter(|role| role.has_account()).collect();
            let status = status_for(refusal.as_ref());
            with_status(status, &AccountsPage { page: Page::new(web, visit), view, roles, refusal })
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn create_account(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let act = read_account(&posted);
    let outcome = match act {
        Ok(act) => web.act(&visit, posted.once(), act).await.map(|_| ()),
        Err(stop) => Err(stop),
    };
    after(&web, &visit, outcome, "账号已开设，首次登录须修改密码。").await
}

fn read_account(posted: &Posted) -> Result<CreateAccount, Stop> {
    let role = Role::from_code(posted.text("role")).unwrap_or(Role::Public);
    let seat = posted.some("seat");
    let body = seat.as_ref().filter(|_| role.sits_in_body()).and_then(|key| key.parse().ok());
    let office = seat.filter(|_| !role.sits_in_body() && role != Role::Administrator);
    Ok(CreateAccount {
        login: posted.needed("login", "登录名")?,
        name: posted.needed("name", "姓名")?,
        role,
        body,
        office,
        password: Secret::new(posted.text("password")),
    })
}

async fn close_account(State(web): State<Web>, visit: Visit, Path(account): Path<i64>, posted: Posted) -> Response {
    let outcome = web.act(&visit, posted.once(), CloseAccount { account }).await.map(|_| ());
    after(&web, &visit, outcome, "账号已停用。").await
}

async fn reset_password(State(web): State<Web>, visit: Visit, Path(account): Path<i64>, posted: Posted) -> Response {
    let act = ResetPassword { account, password: Secret::new(posted.text("password")) };
    let outcome = web.act(&visit, posted.once(), act).await.map(|_| ());
    after(&web, &visit, outcome, "密码已重置，使用人下次登录须修改。").await
}

async fn after(web: &Web, visit: &Visit, outcome: Result<(), Stop>, said: &str) -> Response {
    match outcome {
        Ok(()) => done("/admin/accounts", said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => accounts_page(web, visit, Some(refusal)).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

/// `POST /api/session`: a token for programs.
pub(super) async fn begin_by_api(State(web): State<Web>, body: axum::body::Bytes) -> Response {
    let asked = match serde_json::from_slice::<Credentials>(&body) {
        Ok(asked) => asked,
        Err(error) => {
            let mut said = crate::web::api::Problem::new(StatusCode::BAD_REQUEST, "请求格式不正确");
            said.detail = Some(error.to_string());
            return said.into_response();
        }
    };
    match web.work(move |office| super::sign_in(office, Via::Api, &asked.login, &asked.password)).await {
        Ok(session) => answer(Ok(session)),
        Err(stop) => problem(stop).into_response(),
    }
}
