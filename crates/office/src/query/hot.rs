//! The one path that thousands may take at once. On SQLite a point read takes some ten microseconds, less than handing
//! it to another thread and back, so it runs where the request is: on a reader of the worker's own. PostgreSQL waits
//! for a network, so there the reading goes to a thread that may wait.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::limit::Asker;
use super::puzzle::{Offered, Puzzle};
use super::{By, Found, PublicAnswer, Question, Wanted, plain_name, store};
use crate::db::{DbError, Tx};
use crate::door::Stop;
use crate::web::Web;
use crate::web::api::{Problem, answer};

thread_local! {
    /// The worker's own reader and the file that it reads.
    static READER: RefCell<Option<(PathBuf, rusqlite::Connection)>> = const { RefCell::new(None) };
}

/// `GET /api/certificates/query?name=…&number=…`.
pub(super) async fn ask(
    State(web): State<Web>,
    asker: Asker,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let (mut name, mut number) = (None, None);
    for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let field = match &*key {
            "name" => &mut name,
            "number" => &mut number,
            _ => return malformed(format!("不认识的参数 {key}")),
        };
        if field.replace(value.into_owned()).is_some() {
            return malformed(format!("参数 {key} 出现多次"));
        }
    }
    let (Some(name), Some(number)) = (name, number) else { return malformed("缺少 name 或 number".into()) };
    reply(&web, &asker, &headers, Question { name, number }).await
}

/// `POST /api/certificates/query` with the entries in the body, where no log sees them.
pub(super) async fn ask_privately(State(web): State<Web>, asker: Asker, headers: HeaderMap, body: Bytes) -> Response {
    match serde_json::from_slice(&body) {
        Ok(question) => reply(&web, &asker, &headers, question).await,
        Err(error) => malformed(error.to_string()),
    }
}

pub(crate) fn malformed(detail: String) -> Response {
    Problem { detail: Some(detail), ..Problem::new(StatusCode::BAD_REQUEST, "请求格式不正确") }.into_response()
}

async fn reply(web: &Web, asker: &Asker, headers: &HeaderMap, question: Question) -> Response {
    let within = |text: &str, most: usize| !text.trim().is_empty() && text.chars().count() <= most;
    if !within(&question.name, 100) || !within(&question.number, 40) {
        return malformed("name 为 1 至 100 个字符，number 为 1 至 40 个字符".into());
    }
    let found = match find(web, asker, &question, solved(headers)).await {
        Ok(Ok(found)) => found,
        Ok(Err(puzzle)) => return unsolved(*puzzle),
        Err(stop) => return answer::<()>(Err(stop)),
    };
    let said = PublicAnswer::new(&web.office, &found);
    match serde_json::to_vec(&said) {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => answer::<()>(Err(Stop::fault(error))),
    }
}

/// The header that brings the solution of a puzzle.
const SOLUTION: &str = "puzzle-solution";

/// What a request brings for its puzzle.
pub(crate) fn solved(headers: &HeaderMap) -> Offered<'_> {
    headers.get(SOLUTION).and_then(|text| text.to_str().ok()).map_or(Offered::Nothing, Offered::of_header)
}

/// The answer to a question that has to be paid for first.
pub(crate) fn unsolved(puzzle: Puzzle) -> Response {
    let title = "这个网络地址查询落空的次数较多，请先完成验证";
    let detail = "求一个十进制数，使“challenge:该数”的 SHA-256 以 bits 个零位开头，以 Puzzle-Solution 头发送 challenge:该数，再查同一内容";
    let problem =
        Problem { detail: Some(detail.into()), ..Problem::new(StatusCode::TOO_MANY_REQUESTS, title) }.with(puzzle);
    ([(header::RETRY_AFTER, "0")], problem).into_response()
}

/// After which time whoever asks in vain is answered, whatever was looked at meanwhile: a name that does not fit takes as
/// long as a number that nobody has. Far more than any of it takes, far less than anybody notices.
const MISS_TAKES: Duration = Duration::from_millis(10);

/// The certificates that a question is about: none where name and number don't belong together; or the puzzle that has to
/// be solved before it is answered.
pub(crate) async fn find(
    web: &Web,
    asker: &Asker,
    question: &Question,
    offered: Offered<'_>,
) -> Result<Result<Vec<Found>, Box<Puzzle>>, Stop> {
    // Planned before anything is done.
    let miss = tokio::time::sleep(MISS_TAKES);
    if let Err(puzzle) = asker.may_ask(web, (&question.name, &question.number), offered) {
        return Ok(Err(puzzle));
    }
    let found = find_again(web, question).await?;
    if found.is_empty() {
        asker.missed(web);
        miss.await;
    }
    Ok(Ok(found))
}

/// The certificates that a question is about which was answered just now, so that it is paid for.
pub(crate) async fn find_again(web: &Web, question: &Question) -> Result<Vec<Found>, Stop> {
    let wanted = question.read(web.office.seals(), web.office.today());
    read(web, move |tx| look_up(tx, &wanted)).await
}

/// The certificate that a QR code names.
pub(super) async fn by_token(web: &Web, token: String) -> Result<Option<Found>, Stop> {
    read(web, move |tx| store::by_token(tx, &token)).await
}

/// The certificate that a QR code names, if it is of the holder who is named.
pub(crate) async fn by_token_and_name(web: &Web, token: String, name: &str) -> Result<Option<Found>, Stop> {
    Ok(by_token(web, token).await?.filter(|found| plain_name(name) == plain_name(&found.name)))
}

fn look_up(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Vec<Found>, DbError> {
    let mut found = match &wanted.by {
        By::Certificate(number) => store::by_number(tx, number)?.into_iter().collect(),
        By::Person(key) => store::by_person(tx, key)?,
    };
    found.retain(|certificate| plain_name(&certificate.name) == wanted.name);
    Ok(found)
}

/// Reads at once on the worker's own SQLite reader, or on a thread that may wait.
async fn read<T: Send + 'static>(
    web: &Web,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
) -> Result<T, Stop> {
    let engine = web.office.engine();
    let Some(path) = engine.sqlite_path() else {
        return web.work(move |office| Ok(office.engine().read(job)?)).await;
    };
    READER
        .with_borrow_mut(|reader| {
            if reader.as_ref().is_none_or(|(of, _)| of != path) {
                *reader = engine.own_reader().transpose()?.map(|own| (path.to_owned(), own));
            }
            let Some((_, connection)) = reader else { return Err(DbError::Closed) };
            let outcome = job(&mut Tx::Sqlite(connection));
            if outcome.is_err() {
                // A reader that failed is not used again; the next question opens another.
                *reader = None;
            }
            outcome
        })
        .map_err(Stop::from)
}
