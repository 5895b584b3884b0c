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
    ResetPassword, Secret, SignOut, SignedIn,
};
use crate::demo::{self, Persona};
use crate::door::{Stop, Via};
use crate::web::api::{answer, problem};
use crate::web::kept::{Again, Kept, mark};
use crate::web::page::{Choice, Page, RefusalPanel, done, is_ours, refusal_in, status_for, with_status};
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
    /// A form that goes on after signing in, sealed; empty where there is none.
    kept: String,
    /// What became of the session and of what was sent.
    notice: &'static str,
    /// Who can be stepped into with one click.
    personas: &'static [Persona],
    refusal: Option<RefusalPanel>,
}

impl SignInPage {
    fn new(web: &Web, visit: &Visit, next: String, notice: &'static str) -> Self {
        let personas = if web.office.is_demo() { demo::personas() } else { &[] };
        let (login, kept) = (String::new(), String::new());
        Self { page: Page::new(web, visit), login, next, kept, notice, personas, refusal: None }
    }
}

/// The answer to something sent without a session: sign in, and what was typed goes on from there.
pub(crate) fn sign_in_first(web: &Web, visit: &Visit) -> Response {
    let kept = visit.kept.get();
    let notice = match kept {
        Some(kept) if kept.had_files => {
            "登录已过期。刚才填写的文字没有丢失，用同一账号登录后接着提交；选好的文件没有保存，请到时重新选择。"
        }
        Some(_) => "登录已过期。刚才填写的内容没有丢失，用同一账号登录后接着提交。",
        None => "登录已过期，刚才提交的内容没有保存。请登录后重新办理。",
    };
    let mut page = SignInPage::new(web, visit, "/work".into(), notice);
    page.kept = kept.map(|kept| kept.seal(web.office.seals())).unwrap_or_default();
    with_status(StatusCode::UNAUTHORIZED, &page)
}

async fn sign_in_form(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    if visit.caller.is_signed_in() {
        return Redirect::to("/work").into_response();
    }
    let next = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "next")
        .map(|(_, next)| next.into_owned())
        .unwrap_or_default();
    let notice = if visit.expired { "登录已过期，请重新登录。" } else { "" };
    html(&SignInPage::new(&web, &visit, next, notice))
}

async fn sign_in(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let (login, password) = (posted.text("login").to_owned(), Secret::new(posted.raw("password")));
    match super::sign_in_visitor(&web, &visit, login.clone(), password).await {
        Ok(session) => go_on(&web, session, &posted).await,
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => with_status(
                StatusCode::UNPROCESSABLE_ENTITY,
                &SignInPage {
                    login,
                    kept: posted.text("kept").to_owned(),
                    refusal: Some(refusal),
                    ..SignInPage::new(&web, &visit, posted.text("next").to_owned(), "")
                },
            ),
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// Begins the session and goes on: with the form that was under way, or to a page of ours, never to another site.
pub(crate) async fn go_on(web: &Web, session: SignedIn, posted: &Posted) -> Response {
    let next = posted.text("next");
    let next = if is_ours(next) { next } else { "/work" };
    let mut response = match posted.some("kept") {
        _ if session.must_change => Redirect::to("/account").into_response(),
        None => Redirect::to(next).into_response(),
        Some(sealed) => match under_way(web, &session, &sealed).await {
            Ok(Some(kept)) => {
                let mut response = Redirect::to(next).into_response();
                response.extensions_mut().insert(Again { kept, token: session.token.clone() });
                response
            }
            Ok(None) => done(next, "刚才填写的内容没有提交：它来自另一个账号，或放得太久。"),
            Err(stop) => {
                tracing::error!(%stop, "a form under way");
                done(next, "刚才填写的内容没有提交，请重新填写。")
            }
        },
    };
    response.headers_mut().append(header::SET_COOKIE, session::begin(web, &session.token));
    response
}

/// The form that travelled through the sign-in page, if it is of the account that has signed in.
async fn under_way(web: &Web, session: &SignedIn, sealed: &str) -> Result<Option<Kept>, Stop> {
    let token = session.token.clone();
    let seals = web.office.seals();
    let resumed = web.work(move |office| super::resume(office, &token, Via::Web)).await?;
    let mark = resumed.map_or_else(String::new, |(caller, _)| mark(seals, &caller));
    Ok(Kept::open(seals, sealed).filter(|kept| kept.is_of(&mark)))
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
    if posted.raw("new") != posted.raw("again") {
        let refusal = rules::Refusal::house("登录", "两次输入的新密码不一致").remedy("请重新输入").at("again");
        let panel = rules::refusal::RefusalView::from(&refusal).into();
        return own_page(&web, &visit, Some(panel)).await;
    }
    let act = ChangePassword { current: Secret::new(posted.raw("current")), new: Secret::new(posted.raw("new")) };
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
    typed: Posted,
    roles: Vec<Choice>,
    seats: Vec<Choice>,
    refusal: Option<RefusalPanel>,
}

impl AccountsPage {
    /// What is wrong with a field, if it is this one that was refused.
    fn problem(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    /// What is wrong with the new password of an account.
    fn problem_of(&self, account: &i64) -> &str {
        self.problem(&password_of(account))
    }
}

/// The field that holds the new password of an account.
fn password_of(account: &i64) -> String {
    format!("password-{account}")
}

async fn accounts(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    // `?seat=` chooses the seat, for who has just registered a body.
    accounts_page(&web, &visit, Posted::of_query(&query.unwrap_or_default()), None).await
}

async fn accounts_page(web: &Web, visit: &Visit, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, Accounts {}).await {
        Ok(view) => {
            let (role, seat) = (typed.text("role"), typed.text("seat"));
            let roles = Role::ALL.iter().filter(|role| role.has_account());
            let seats = view.seats.iter().map(|one| Choice::new(&one.key, &one.name, seat));
            let page = AccountsPage {
                page: Page::new(web, visit),
                roles: roles.map(|one| Choice::new(one.code(), one.name(), role)).collect(),
                seats: std::iter::once(Choice::new("", "不属于任何单位", seat)).chain(seats).collect(),
                view,
                typed,
                refusal,
            };
            with_status(status_for(page.refusal.as_ref()), &page)
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
    after(&web, &visit, posted, outcome, "账号已开设，首次登录须修改密码。", |field| match field {
        // One list holds the seats of either kind.
        "body" | "office" => "seat".into(),
        field => field.into(),
    })
    .await
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
        password: Secret::new(posted.raw("password")),
    })
}

async fn close_account(State(web): State<Web>, visit: Visit, Path(account): Path<i64>, posted: Posted) -> Response {
    let outcome = web.act(&visit, posted.once(), CloseAccount { account }).await.map(|_| ());
    after(&web, &visit, Posted::default(), outcome, "账号已停用。", str::to_owned).await
}

async fn reset_password(State(web): State<Web>, visit: Visit, Path(account): Path<i64>, posted: Posted) -> Response {
    let act = ResetPassword { account, password: Secret::new(posted.raw(&password_of(&account))) };
    let outcome = web.act(&visit, posted.once(), act).await.map(|_| ());
    let said = "密码已重置，使用人下次登录须修改。";
    after(&web, &visit, Posted::default(), outcome, said, |_| password_of(&account)).await
}

/// Says what was done, or shows the page again with what was typed; `place` is where a field of the act stands on it.
async fn after(
    web: &Web,
    visit: &Visit,
    typed: Posted,
    outcome: Result<(), Stop>,
    said: &str,
    place: impl Fn(&str) -> String,
) -> Response {
    match outcome {
        Ok(()) => done("/admin/accounts", said),
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                refusal.field = refusal.field.map(|field| place(&field));
                accounts_page(web, visit, typed, Some(refusal)).await
            }
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

/// `POST /api/session`: a token for programs.
pub(super) async fn begin_by_api(State(web): State<Web>, visit: Visit, body: axum::body::Bytes) -> Response {
    let asked = match serde_json::from_slice::<Credentials>(&body) {
        Ok(asked) => asked,
        Err(error) => {
            let mut said = crate::web::api::Problem::new(StatusCode::BAD_REQUEST, "请求格式不正确");
            said.detail = Some(error.to_string());
            return said.into_response();
        }
    };
    answer(super::sign_in_visitor(&web, &visit, asked.login, asked.password).await)
}

/// `DELETE /api/session`: the token is worth nothing any more.
pub(super) async fn end_by_api(State(web): State<Web>, visit: Visit) -> Response {
    match visit.token.clone() {
        Some(token) => answer(web.act(&visit, None, SignOut::new(&token)).await),
        None => problem(Stop::SignInFirst).into_response(),
    }
}
