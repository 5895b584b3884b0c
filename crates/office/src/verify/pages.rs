//! The page to which anyone brings a certificate, the same by the API, and the receipt of a question.

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use rules::Refusal;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Judge, Judged, Knows, at_home, receipt};
use crate::door::Stop;
use crate::query::{
    Asker, Check, Found, Line, Question, ask_page, by_token_and_name, find, find_again, named_page, solved, ticket,
    unsolved,
};
use crate::web::api::{Registry, answer, problem, responses, schema_ref};
use crate::web::page::{Page, RefusalPanel, download, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, stopped};

/// Where certificates are brought.
pub(crate) const VERIFY: &str = "/verify";
/// As many bytes are looked at; a certificate with its photo takes some hundred thousand.
pub(crate) const LARGEST: usize = 4 * 1024 * 1024;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/verify", get(form).post(check))
        .route("/query/receipt", post(of_question))
        .route("/c/{token}/receipt", post(of_code))
}

/// What came of checking something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VerifiedView {
    /// Null where it is not known: a signature holds, and the record was not asked or does not know which certificate it is.
    pub valid: Option<bool>,
    pub conclusion: String,
    /// Whether it is of a body of this platform at all.
    pub ours: bool,
    pub checks: Vec<Check>,
}

impl From<&Judged> for VerifiedView {
    fn from(judged: &Judged) -> Self {
        let (valid, conclusion) = judged.conclusion();
        let checks = judged.lines.iter().map(|line| Check {
            holds: line.holds,
            text: line.text.clone(),
            clause: line.clause.unwrap_or(crate::query::BASIS),
        });
        Self { valid, conclusion: conclusion.into(), ours: judged.is_ours, checks: checks.collect() }
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let bytes = json!({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}});
    let verify = json!({
        "operationId": "VerifyCertificate", "summary": "核验证书文件或二维码文字：PDF、OFD、电子证书、核验回执；不保存", "tags": ["verify"], "security": [],
        "requestBody": {"required": true, "content": bytes},
        "responses": responses(&[200, 400, 413, 422, 429], schema_ref("VerifiedView")),
    });
    let mut answers = responses(&[200, 400, 413, 429], Value::Null);
    answers["200"]["content"] = json!({"application/json": {"schema": {"type": "object"}}});
    let receipt = json!({
        "operationId": "QueryReceipt", "summary": "公开查询的回执：签名的答复，可以离线核验", "tags": ["verify"], "security": [],
        "requestBody": {"required": true, "content": {"application/json": {"schema": schema_ref("Question")}}},
        "responses": answers,
    });
    registry.schema::<VerifiedView>().other(Method::POST, "/certificates/verification", verify, post(by_api)).other(
        Method::POST,
        "/certificates/query/receipt",
        receipt,
        post(receipt_by_api),
    )
}

/// As many bytes as are looked at, and some.
fn within(bytes: &[u8]) -> Result<(), Stop> {
    match bytes.len() {
        0 => Err(Refusal::house("核验", "没有内容").remedy("请粘贴二维码的文字，或选择文件").at("code").into()),
        length if length > LARGEST => Err(too_large()),
        _ => Ok(()),
    }
}

fn too_large() -> Stop {
    Refusal::house("核验", "文件超过 4 MB").remedy("证书文件不会这样大；照片请先扫出二维码的文字").at("file").into()
}

/// Judges on a thread that may block.
async fn judged(
    web: &Web,
    judge: impl FnOnce(&Judge<'_>) -> Result<Judged, Stop> + Send + 'static,
) -> Result<Judged, Stop> {
    web.work(move |office| at_home(office, judge)).await
}

async fn by_api(State(web): State<Web>, body: Bytes) -> Response {
    let outcome = async {
        within(&body)?;
        judged(&web, move |judge| judge.file(&body)).await
    };
    answer(outcome.await.map(|judged| VerifiedView::from(&judged)))
}

#[derive(Template)]
#[template(path = "verify/views/verify.html")]
struct VerifyPage {
    page: Page,
    /// What was pasted.
    code: String,
    verdict: Option<Verdict>,
    refusal: Option<RefusalPanel>,
}

/// What came of judging, as the page shows it.
struct Verdict {
    /// `ok`, `danger` or `warn`.
    kind: &'static str,
    conclusion: &'static str,
    /// What to do now.
    advice: &'static str,
    lines: Vec<Line>,
}

impl VerifyPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

impl From<Judged> for Verdict {
    fn from(judged: Judged) -> Self {
        let (valid, conclusion) = judged.conclusion();
        let advice = match (judged.is_ours, valid, judged.knows) {
            (false, ..) => {
                "本平台只能核验福建省技工院校等机构在这里核发的证书。请向文件写明的签发者核实，不要据此认定持证人的技能。"
            }
            (_, Some(false), _) => "下面标“不符”的每一项都是原因。请不要据此认定，可以向颁发机构或主管中心询问。",
            (_, Some(true), _) => "仍请核对持证人本人与证书上的姓名、照片是否一致。",
            (_, None, Knows::Status) => "持证人没有出示证书编号，平台不能说明是哪一本。需要时请持证人多出示一项。",
            (_, None, Knows::Number) => "编号本身什么也不证明。请用姓名加编号查询，或请持证人出示证书文件。",
            (_, None, _) => "请用姓名加证书编号查询现在的状态。",
        };
        let kind = match valid {
            Some(true) => "ok",
            Some(false) => "danger",
            None => "warn",
        };
        let lines = judged.lines.into_iter().map(|line| Line::new(line.holds, line.text, line.meaning, line.clause));
        Self { kind, conclusion, advice, lines: lines.collect() }
    }
}

async fn form(State(web): State<Web>, visit: Visit) -> Response {
    verify_page(&web, &visit, String::new(), Ok(None))
}

fn verify_page(web: &Web, visit: &Visit, code: String, outcome: Result<Option<Judged>, Stop>) -> Response {
    let (verdict, refusal) = match outcome {
        Ok(judged) => (judged.map(Verdict::from), None),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => (None, Some(refusal)),
            Err(stop) => return stopped(web, visit, stop),
        },
    };
    with_status(status_for(refusal.as_ref()), &VerifyPage { page: Page::new(web, visit), code, verdict, refusal })
}

async fn check(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let code: String = posted.text("code").chars().take(LARGEST).collect();
    let bytes = posted.files("file").next().map(|file| file.bytes.clone());
    let bytes = bytes.filter(|bytes| !bytes.is_empty());
    let text = code.clone();
    let outcome = async {
        match bytes {
            Some(bytes) => {
                within(&bytes)?;
                judged(&web, move |judge| judge.file(&bytes)).await
            }
            None => {
                within(text.as_bytes())?;
                judged(&web, move |judge| judge.text(&text)).await
            }
        }
    };
    let outcome = outcome.await.map(Some);
    verify_page(&web, &visit, code, outcome)
}

/// A receipt as a file; its name says of when it is.
async fn signed(web: &Web, found: Vec<Found>) -> Result<Response, Stop> {
    let public_url = web.settings.public_url.clone();
    let name = format!("核验回执-{}.json", web.office.today());
    let bytes = web.work(move |office| receipt(office, &public_url, &found)).await?;
    Ok(download("application/json", &name, bytes))
}

async fn receipt_by_api(State(web): State<Web>, asker: Asker, headers: HeaderMap, body: Bytes) -> Response {
    let question: Question = match serde_json::from_slice(&body) {
        Ok(question) => question,
        Err(error) => return crate::query::malformed(error.to_string()),
    };
    let outcome = async {
        match find(&web, &asker, &question, solved(&headers)).await? {
            Ok(found) => signed(&web, found).await,
            Err(puzzle) => Ok(unsolved(*puzzle)),
        }
    };
    outcome.await.unwrap_or_else(|stop| problem(stop).into_response())
}

/// Whether the page that answered this question sent the form.
fn is_paid(web: &Web, posted: &Posted, number: &str) -> bool {
    posted.text("ticket") == ticket(&web.office, posted.text("name"), number)
}

async fn of_question(State(web): State<Web>, visit: Visit, asker: Asker, posted: Posted) -> Response {
    let question = Question { name: posted.text("name").to_owned(), number: posted.text("number").to_owned() };
    if !is_paid(&web, &posted, &question.number) {
        return ask_page(&web, &visit, &asker, &posted).await;
    }
    let outcome = async { signed(&web, find_again(&web, &question).await?).await };
    outcome.await.unwrap_or_else(|stop| stopped(&web, &visit, stop))
}

async fn of_code(
    State(web): State<Web>,
    visit: Visit,
    asker: Asker,
    Path(token): Path<String>,
    posted: Posted,
) -> Response {
    if !is_paid(&web, &posted, &token) {
        return named_page(&web, &visit, &asker, token, &posted).await;
    }
    let outcome = async {
        let found = by_token_and_name(&web, token, posted.text("name")).await?.ok_or(Stop::NotFound)?;
        signed(&web, vec![found]).await
    };
    outcome.await.unwrap_or_else(|stop| stopped(&web, &visit, stop))
}
