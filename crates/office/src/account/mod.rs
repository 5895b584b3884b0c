//! Accounts: who may sit where, signing in and out, passwords. An account belongs to a seat; the door asks the seat,
//! never the person.

mod pages;
mod store;

use std::net::IpAddr;
use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use axum::http::Method;
use axum::routing::{delete, post};
use rules::Refusal;
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use pages::{go_on, sign_in_first};
pub(crate) use store::{ALL, login_names};

use crate::db::DbError;
use crate::door::{Act, Caller, Desk, Look, Office, Seat, Sight, Stop, Subject, Via, digest, hex};
use crate::employer::is_employer;
use crate::web::api::{Registry, responses, schema_ref};
use crate::web::{Visit, Web};

/// How long a session lasts, in milliseconds: half a day.
const SESSION_MS: i64 = 12 * 3_600_000;
/// Failures after which each further one makes whoever tries this login from this place wait.
const FAILURES_FREE: i64 = 4;
/// The first wait in milliseconds; it doubles with each failure, up to an hour.
const WAIT_MS: i64 = 30_000;

/// The longest login.
const LOGIN_MAX: usize = 60;

/// A password that is taken in and never written out.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(from = "String")]
#[schema(value_type = String, format = Password)]
pub struct Secret(Password);

/// What a secret is, and what was found out about it.
#[derive(Clone)]
struct Password {
    text: String,
    /// The hash that it was found to fit, or its own new one; found before the transaction, which waits for no hash.
    hash: Option<String>,
}

impl Secret {
    /// Takes a secret in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Password { text: text.into(), hash: None })
    }

    /// Hashes it as the new password of an account: ten characters or more, not all the same, and not the login. Length
    /// protects, not decoration.
    fn choose(&mut self, office: &Office, login: &str, field: &'static str) -> Result<(), Stop> {
        let text = self.0.text.as_str();
        let first = text.chars().next();
        let short = text.chars().count() < 10;
        if short || text.len() > 200 || text == login || text.chars().all(|c| Some(c) == first) {
            return Err(Refusal::house("登录", "密码过于简单")
                .remedy("请设置10位以上、与登录名不同的密码，例如几个不相干的词")
                .at(field)
                .into());
        }
        let _turn = futures_executor::block_on(HASHES.acquire()).map_err(Stop::fault)?;
        let hashing = if office.is_demo() { MAKE_BELIEVE.clone() } else { Argon2::default() };
        let hash = hashing.hash_password(text.as_bytes()).map_err(Stop::fault)?;
        self.0.hash = Some(hash.to_string());
        Ok(())
    }

    /// Finds out whether it fits this hash.
    fn prove(&mut self, hash: &str) -> bool {
        let fits = PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(self.0.text.as_bytes(), &hash).is_ok());
        self.0.hash = fits.then(|| hash.to_owned());
        fits
    }

    /// The hash that was found.
    fn hash(&self) -> Result<&str, Stop> {
        self.0.hash.as_deref().ok_or_else(|| Stop::fault("the password was not hashed"))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// The least that the algorithm allows, for the make-believe province: its passwords are known to everyone.
static MAKE_BELIEVE: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    let least = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None);
    least.map_or_else(|_| Argon2::default(), |least| Argon2::new(Algorithm::default(), Version::default(), least))
});

/// Password hashes at the same time: each takes 19 MiB and a core.
static HASHES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from).min(4)));

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// Opens an account on a seat. The holder must change the password at the first sign-in.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateAccount {
    #[schema(max_length = 60)]
    pub login: String,
    #[schema(max_length = 60)]
    pub name: String,
    pub role: Role,
    /// The body, for clerks and heads.
    pub body: Option<i64>,
    /// The office's code, for everyone else but administrators.
    pub office: Option<String>,
    pub password: Secret,
}

impl Act for CreateAccount {
    const KIND: ActKind = ActKind::CreateAccount;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.password.choose(sight.office(), &self.login, "password")
    }

    fn unspoken(&self) -> String {
        self.password.0.text.clone()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let seat = self.seat()?;
        checked_login(&self.login)?;
        if self.name.trim().is_empty() || self.name.chars().count() > 60 {
            return Err(Refusal::house("账号", "姓名不能为空，且不超过60字")
                .remedy("请填写使用人姓名")
                .at("name")
                .into());
        }
        if store::seat_name(&mut desk.tx(), &seat)?.is_none() {
            let refusal = Refusal::house("账号", "所选单位不存在或与角色不符").remedy("请重新选择单位");
            return Err(refusal.at(if self.role.sits_in_body() { "body" } else { "office" }).into());
        }
        if store::by_login(&mut desk.tx(), &self.login)?.is_some() {
            return Err(Refusal::house("账号", format!("登录名 {} 已被使用", self.login))
                .remedy("请换一个登录名")
                .at("login")
                .into());
        }
        let id = desk.new_id();
        let account = store::NewAccount {
            id,
            login: &self.login,
            name: self.name.trim(),
            role: self.role,
            seat: &seat,
            password: self.password.hash()?,
            must_change: true,
            now: desk.now(),
        };
        store::insert(&mut desk.tx(), &account)?;
        desk.made(Subject::Account(id));
        Ok(Made { id })
    }
}

impl CreateAccount {
    fn seat(&self) -> Result<Seat, Stop> {
        let wrong = |what: &str, field| {
            Refusal::house("账号", format!("{}的账号{what}", self.role.name())).remedy("请核对角色与单位").at(field)
        };
        match (self.role, self.body, &self.office) {
            (role, ..) if !role.has_account() => Err(wrong("不能开设", "role").into()),
            (Role::Administrator, None, None) => Ok(Seat::Platform),
            (Role::Administrator, ..) => Err(wrong("不属于任何单位", "office").into()),
            (role, Some(body), None) if role.sits_in_body() => Ok(Seat::Body(body)),
            (role, ..) if role.sits_in_body() => Err(wrong("须属于一个评价机构", "body").into()),
            (role, None, Some(office)) if (role == Role::Employer) == is_employer(office) => {
                Ok(Seat::Office(office.clone()))
            }
            (Role::Employer, ..) => Err(wrong("须属于省中心开通的用人单位", "office").into()),
            _ => Err(wrong("须属于一个人社部门或中心", "office").into()),
        }
    }
}

/// What an act made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Made {
    pub id: i64,
}

/// An act that has nothing to tell.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Done {}

/// Closes an account and ends its sessions; what it did stays in the record.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CloseAccount {
    pub account: i64,
}

impl Act for CloseAccount {
    const KIND: ActKind = ActKind::CloseAccount;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Account(self.account)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        if desk.caller().account() == Some(self.account) {
            return Err(Refusal::house("账号", "不能停用自己的账号").remedy("请由另一位管理员办理").into());
        }
        let now = desk.now();
        store::close(&mut desk.tx(), self.account, now)?;
        Ok(Done {})
    }
}

/// Sets a new password for someone who lost theirs, and lets them in again.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ResetPassword {
    pub account: i64,
    pub password: Secret,
}

impl Act for ResetPassword {
    const KIND: ActKind = ActKind::ResetPassword;
    const PREPARES: bool = true;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Account(self.account)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let found = store::by_id(&mut sight.tx(), self.account)?.ok_or(Stop::NotFound)?;
        self.password.choose(sight.office(), &found.login, "password")
    }

    fn unspoken(&self) -> String {
        self.password.0.text.clone()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        store::set_password(&mut desk.tx(), self.account, self.password.hash()?, true)?;
        Ok(Done {})
    }
}

/// Changes one's own password; every other session of the account ends.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangePassword {
    pub current: Secret,
    pub new: Secret,
}

impl Act for ChangePassword {
    const KIND: ActKind = ActKind::ChangePassword;
    const PREPARES: bool = true;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let account = sight.caller().account().ok_or(Stop::SignInFirst)?;
        let found = store::by_id(&mut sight.tx(), account)?.ok_or(Stop::NotFound)?;
        let turn = futures_executor::block_on(HASHES.acquire()).map_err(Stop::fault)?;
        let fits = self.current.prove(&found.password);
        drop(turn);
        if !fits {
            // The act counts it.
            return Ok(());
        }
        if self.new.0.text == self.current.0.text {
            return Err(Refusal::house("登录", "新密码与当前密码相同").remedy("请换一个新密码").at("new").into());
        }
        self.new.choose(sight.office(), &found.login, "new")
    }

    fn unspoken(&self) -> String {
        format!("{}\n{}", self.current.0.text, self.new.0.text)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (account, now) = (desk.caller().account().ok_or(Stop::SignInFirst)?, desk.now());
        let found = store::by_id(&mut desk.tx(), account)?.ok_or(Stop::NotFound)?;
        let waiting = store::waiting(&mut desk.tx(), &found.login, OWN_ACCOUNT)?;
        may_try(&waiting, now, "current")?;
        if self.current.0.hash.as_ref() != Some(&found.password) {
            store::failed(&mut desk.tx(), &found.login, OWN_ACCOUNT, &after_failure(&waiting, now))?;
            let wrong = Refusal::house("登录", "当前密码不正确").remedy("请重新输入当前密码").at("current");
            return Err(Stop::RefusedAndKept(Box::new(wrong)));
        }
        store::set_password(&mut desk.tx(), account, self.new.hash()?, false)?;
        Ok(Done {})
    }
}

/// The place from which someone who has signed in tries the current password.
const OWN_ACCOUNT: &str = "account";

/// How often a login was tried in vain from one place, and until when it waits there.
#[derive(Default)]
struct Waiting {
    failures: i64,
    until: i64,
}

/// Whether a login may be tried from a place. It says the same of a login that does not exist.
fn may_try(waiting: &Waiting, now: i64, field: &'static str) -> Result<(), Stop> {
    if waiting.until <= now {
        return Ok(());
    }
    let seconds = (waiting.until - now + 999) / 1000;
    Err(Refusal::house("登录", "连续输错，暂时不能再试").remedy(format!("请在{seconds}秒后再试")).at(field).into())
}

fn after_failure(waiting: &Waiting, now: i64) -> Waiting {
    let failures = waiting.failures + 1;
    let wait = match failures - FAILURES_FREE {
        ..=0 => 0,
        beyond => WAIT_MS.saturating_mul(1 << (beyond - 1).min(7)).min(3_600_000),
    };
    Waiting { failures, until: now + wait }
}

/// Signs in. Whether the password was right is found out before, so that no transaction waits for the hash; the door
/// counts failures and keeps them.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignIn {
    login: String,
    /// Where it is tried from, unreadable.
    #[serde(skip)]
    place: String,
    /// The hash that the password was found to fit. It must still be the account's: someone may have reset it meanwhile.
    #[serde(skip)]
    proven: Option<String>,
}

/// A session that has begun.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// To be sent as `Authorization: Bearer …`, or kept in the cookie.
    pub token: String,
    /// When it ends, milliseconds since 1970.
    pub expires_at: i64,
    pub must_change: bool,
}

impl Act for SignIn {
    const KIND: ActKind = ActKind::SignIn;
    type Answer = SignedIn;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<SignedIn, Stop> {
        let now = desk.now();
        // Counted for the place that tries, so that nobody can lock another out from elsewhere.
        let waiting = store::waiting(&mut desk.tx(), &self.login, &self.place)?;
        may_try(&waiting, now, "login")?;
        let known = store::by_login(&mut desk.tx(), &self.login)?.filter(|found| found.closed_at.is_none());
        let Some(account) = known.filter(|found| self.proven.as_ref() == Some(&found.password)) else {
            store::failed(&mut desk.tx(), &self.login, &self.place, &after_failure(&waiting, now))?;
            return Err(Stop::RefusedAndKept(Box::new(wrong())));
        };
        store::forgive(&mut desk.tx(), &self.login, &self.place)?;
        let token = hex(&rand::random::<[u8; 32]>());
        let expires_at = now + SESSION_MS;
        let session = store::NewSession {
            token: &digest(token.as_bytes()),
            account: account.id,
            csrf: &hex(&rand::random::<[u8; 16]>()),
            now,
            expires_at,
        };
        store::begin(&mut desk.tx(), &session)?;
        desk.made(Subject::Account(account.id));
        Ok(SignedIn { token, expires_at, must_change: account.must_change })
    }
}

fn wrong() -> Refusal {
    Refusal::house("登录", "登录名或密码不正确").remedy("请核对后重试；忘记密码请联系管理员重置").at("login")
}

/// Signs in with a login and a password.
///
/// # Errors
/// A refusal that does not say whether the login exists.
pub fn sign_in(office: &Office, via: Via, login: &str, password: &Secret) -> Result<SignedIn, Stop> {
    sign_in_from(office, via, None, login, password)
}

/// Signs in from an address.
fn sign_in_from(
    office: &Office,
    via: Via,
    address: Option<IpAddr>,
    login: &str,
    password: &Secret,
) -> Result<SignedIn, Stop> {
    let login = login.trim().to_lowercase();
    if login.chars().count() > LOGIN_MAX {
        // Nobody's, and too long to be recorded.
        return Err(wrong().into());
    }
    let known = office.engine().read(|tx| store::by_login(tx, &login))?;
    // Someone unknown takes as long to refuse as someone known.
    let hash = known.as_ref().map_or(NOBODY, |found| found.password.as_str());
    let mut password = password.clone();
    password.prove(hash);
    let place = address.map(|address| office.seals().find_key(&address.to_string())).unwrap_or_default();
    office.act(&Caller::public(via), SignIn { login, place, proven: password.0.hash })
}

/// Signs in whoever visits. Visitors wait for their turn at the hash here, where they hold no thread.
async fn sign_in_visitor(web: &Web, visit: &Visit, login: String, password: Secret) -> Result<SignedIn, Stop> {
    let turn: SemaphorePermit<'static> = HASHES.acquire().await.map_err(Stop::fault)?;
    let (via, address) = (visit.caller.via(), visit.address);
    web.work(move |office| {
        let _turn = turn;
        sign_in_from(office, via, address, &login, &password)
    })
    .await
}

/// Signs in without a password; for the personas of the make-believe province alone.
///
/// # Errors
/// *Not found* outside the make-believe province.
pub fn sign_in_as_persona(office: &Office, login: &str) -> Result<SignedIn, Stop> {
    if !office.is_demo() {
        return Err(Stop::NotFound);
    }
    let found = office.engine().read(|tx| store::by_login(tx, login))?.ok_or(Stop::NotFound)?;
    let act = SignIn { login: login.to_owned(), place: String::new(), proven: Some(found.password) };
    office.act(&Caller::public(Via::Web), act)
}

/// Prolongs every session by so many milliseconds: where simulated days pass in a moment, visitors stay signed in.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn prolong_sessions(office: &Office, by: i64) -> Result<(), DbError> {
    office.engine().write(move |tx| Ok((crate::db::Keep::Yes, store::prolong(tx, by)?))).map(|_| ())
}

/// The hash of a password that nobody has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2R5$Ej/RqdGj0oO1zFBhlKqT8e8WvXbuvS0y2i0fBPSmoSo";

/// Ends one's own session.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignOut {
    #[serde(skip)]
    token: String,
}

impl SignOut {
    /// Ends the session with this token.
    pub fn new(token: &str) -> Self {
        Self { token: digest(token.as_bytes()) }
    }
}

impl Act for SignOut {
    const KIND: ActKind = ActKind::SignOut;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        store::end(&mut desk.tx(), &self.token)?;
        Ok(Done {})
    }
}

/// Who holds the session with this token and its form token, or `None` if it has ended.
///
/// # Errors
/// A fault.
pub fn resume(office: &Office, token: &str, via: Via) -> Result<Option<(Caller, String)>, Stop> {
    let (token, now) = (digest(token.as_bytes()), office.now());
    Ok(office.engine().read(|tx| store::resume(tx, &token, now, via))?)
}

/// The holder of an account, for the operator at the command line.
///
/// # Errors
/// *Not found* if there is no open account of this login.
pub fn caller_for(office: &Office, login: &str, via: Via) -> Result<Caller, Stop> {
    office.engine().read(|tx| store::caller(tx, login, via))?.ok_or(Stop::NotFound)
}

/// One account, as administrators see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountLine {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub role_name: String,
    pub seat: String,
    pub closed: bool,
}

/// A seat that an account can be opened on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatLine {
    /// The body's id or the office's code.
    pub key: String,
    pub name: String,
    pub is_body: bool,
}

/// Accounts and seats.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountsView {
    pub accounts: Vec<AccountLine>,
    pub seats: Vec<SeatLine>,
}

/// Which accounts are there?
#[derive(Deserialize, ToSchema)]
pub struct Accounts {}

impl Look for Accounts {
    const KIND: LookKind = LookKind::Administration;
    type View = AccountsView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<AccountsView, Stop> {
        let accounts = store::list(&mut sight.tx())?;
        Ok(AccountsView { accounts, seats: store::seats(&mut sight.tx())? })
    }
}

/// Who am I?
#[derive(Deserialize, ToSchema)]
pub struct OwnAccount {}

/// One's own account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnAccountView {
    pub name: String,
    pub role: Role,
    pub role_name: String,
    pub seat: String,
    pub must_change: bool,
}

impl Look for OwnAccount {
    const KIND: LookKind = LookKind::Account;
    type View = OwnAccountView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<OwnAccountView, Stop> {
        let caller = sight.caller();
        Ok(OwnAccountView {
            name: caller.name().to_owned(),
            role: caller.role(),
            role_name: caller.role().name().to_owned(),
            seat: caller.seat_name().to_owned(),
            must_change: caller.must_change(),
        })
    }
}

/// What is sent to begin a session.
#[derive(Deserialize, ToSchema)]
pub struct Credentials {
    #[schema(max_length = 60)]
    pub login: String,
    pub password: Secret,
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let body = json!({"required": true, "content": {"application/json": {"schema": schema_ref("Credentials")}}});
    let session = json!({
        "operationId": "SignIn", "summary": ActKind::SignIn.name(), "tags": ["session"], "security": [],
        "requestBody": body, "responses": responses(&[200, 400, 413, 422, 429], schema_ref("SignedIn")),
    });
    let end = json!({
        "operationId": "SignOut", "summary": ActKind::SignOut.name(), "tags": ["session"], "security": [{"bearer": []}],
        "responses": responses(&[200, 401], schema_ref("Done")),
    });
    registry
        .schema::<Credentials>()
        .schema::<SignedIn>()
        .other(Method::POST, "/session", session, post(pages::begin_by_api))
        .other(Method::DELETE, "/session", end, delete(pages::end_by_api))
        .act::<CreateAccount>("/accounts")
        .act::<CloseAccount>("/accounts/{account}/closure")
        .act::<ResetPassword>("/accounts/{account}/password")
        .act::<ChangePassword>("/account/password")
        .look::<Accounts>("/accounts", "账号与单位")
        .look::<OwnAccount>("/account", "我的账号")
}

fn checked_login(login: &str) -> Result<(), Stop> {
    let good = (3..=LOGIN_MAX).contains(&login.len())
        && login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'));
    if good {
        return Ok(());
    }
    Err(Refusal::house("账号", "登录名格式不正确").remedy("请用3至60位小写字母、数字、点、横线").at("login").into())
}

/// Opens an account without the first change of password; for the make-believe province and its personas.
///
/// # Errors
/// A fault.
pub(crate) fn insert_persona(
    office: &Office,
    login: &str,
    name: &str,
    role: Role,
    seat: &Seat,
) -> Result<i64, DbError> {
    let id = office.new_id();
    let (login, name, seat, now) = (login.to_owned(), name.to_owned(), seat.clone(), office.now());
    office.engine().write(move |tx| {
        let account = store::NewAccount {
            id,
            login: &login,
            name: &name,
            role,
            seat: &seat,
            password: NOBODY,
            must_change: false,
            now,
        };
        store::insert(tx, &account)?;
        Ok((crate::db::Keep::Yes, id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Engine, migrate};
    use crate::door::{Clock, Files, Seals};

    #[test]
    fn a_password_proven_before_a_reset_opens_nothing_after_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = Engine::open(&folder.path().join("jiangce.db").display().to_string()).expect("the database");
        migrate(&engine).expect("the schema");
        let seals = Seals::from_secret(&[7; 32]);
        let files = Files::folder(&folder.path().join("files"), &seals).expect("the files");
        let clock = Clock::simulated(rules::Day::constant(2026, 3, 2));
        let office = Office::open(engine, files, seals, clock, true).expect("the house");
        let (login, name) = ("guanli".to_owned(), "示例".to_owned());
        let password = Secret::new("一二三四五六七八九十");
        let act = CreateAccount { login, name, role: Role::Administrator, body: None, office: None, password };
        let account = office.act(&Caller::operator(), act).expect("an account").id;
        let found = office.engine().read(|tx| store::by_id(tx, account)).expect("an answer").expect("the account");
        let enter = || {
            let (login, place) = ("guanli".to_owned(), String::new());
            office.act(&Caller::public(Via::Api), SignIn { login, place, proven: Some(found.password.clone()) })
        };
        assert!(enter().is_ok());
        let reset = ResetPassword { account, password: Secret::new("马 电池 订书钉 正确") };
        office.act(&Caller::operator(), reset).expect("a new password");
        assert!(matches!(enter(), Err(Stop::RefusedAndKept(_))));
    }
}
