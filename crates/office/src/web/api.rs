//! The API and its OpenAPI 3.1 document, both made from one list: a feature names its acts and looks with their paths,
//! and routes, schemas, statuses and the command line follow from the types.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, RawPathParams, RawQuery, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use rules::people::Role;
use rules::permission;
use rules::refusal::RefusalView;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Schema, SchemaType, Type};

use super::{Visit, Web};
use crate::door::{Act, Caller, Look, Office, Stop};

/// What went wrong, as RFC 9457 wants it, with ground and remedy where something was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind it is.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where the notice, a standard or the house says no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalView>,
    /// Where a puzzle has to be solved first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub puzzle: Option<crate::query::Puzzle>,
}

impl Problem {
    /// A problem of this status.
    pub fn new(status: StatusCode, title: impl Into<String>) -> Self {
        Self {
            kind: "about:blank".into(),
            title: title.into(),
            status: status.as_u16(),
            detail: None,
            refusal: None,
            puzzle: None,
        }
    }

    /// The same, with what has to be solved first.
    pub(crate) fn with(self, puzzle: crate::query::Puzzle) -> Self {
        Self { puzzle: Some(puzzle), ..self }
    }
}

impl IntoResponse for Box<Problem> {
    fn into_response(self) -> Response {
        (*self).into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text = serde_json::to_string(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, "application/problem+json")], text).into_response()
    }
}

/// One rendering of what did not happen, for programs.
pub fn problem(stop: Stop) -> Problem {
    let refused = |view: RefusalView| Problem {
        detail: Some(view.remedy.clone()),
        title: view.what.clone(),
        refusal: Some(view),
        ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "")
    };
    match stop {
        Stop::Refused(refusal) | Stop::RefusedAndKept(refusal) => refused(RefusalView::from(&*refusal)),
        Stop::RefusedBefore(view) => refused(*view),
        Stop::NotFound => Problem::new(StatusCode::NOT_FOUND, "没有这条记录，或它不在您的管辖范围内"),
        Stop::SignInFirst => {
            Problem::new(StatusCode::UNAUTHORIZED, "请先登录，取得令牌后以 Authorization: Bearer 发送")
        }
        Stop::NotGranted => Problem::new(StatusCode::FORBIDDEN, "您的角色不办理这件事"),
        Stop::KeyReused => Problem::new(StatusCode::CONFLICT, "该 Idempotency-Key 已用于另一请求"),
        Stop::Fault(fault) => {
            let id = super::page::fresh();
            tracing::error!(request = %id, %fault, "fault");
            Problem {
                detail: Some(format!("编号 {}", &id[..8])),
                ..Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "系统出现故障，已记录")
            }
        }
    }
}

/// An act on the command line: fields in, answer out.
pub type CallAct = fn(&Office, &Caller, Option<&str>, Value) -> Result<Value, Stop>;
/// A look on the command line.
pub type CallLook = fn(&Office, &Caller, Value) -> Result<Value, Stop>;

/// Every act and look of the house with its path.
#[derive(Default)]
pub struct Registry {
    routes: Router<Web>,
    paths: BTreeMap<String, Map<String, Value>>,
    schemas: BTreeMap<String, Value>,
    /// Names that two different types have: the document would describe one by the other.
    pub clashes: Vec<String>,
    pub acts: BTreeMap<&'static str, CallAct>,
    pub looks: BTreeMap<&'static str, CallLook>,
    /// The fields of each act and look.
    pub(crate) kinds: BTreeMap<&'static str, Kinds>,
    /// Method and path of every route, for the table that tests walk.
    pub listed: Vec<(String, String)>,
}

impl Registry {
    /// Offers an act at `POST path`. Path parameters are fields of the act: `/filings/{filing}/submission`.
    #[must_use]
    pub fn act<A: Act>(mut self, path: &'static str) -> Self {
        let kinds = kinds_of::<A>();
        let shown = kinds.clone();
        let handler =
            move |State(web): State<Web>, visit: Visit, params: RawPathParams, headers: HeaderMap, body: Bytes| {
                let kinds = kinds.clone();
                async move {
                    let fields = match act_fields(&headers, &body, &params, &kinds) {
                        Ok(fields) => fields,
                        Err(problem) => return problem.into_response(),
                    };
                    let act = match serde_json::from_value::<A>(fields) {
                        Ok(act) => act,
                        Err(error) => return malformed(error).into_response(),
                    };
                    match once_of(&headers) {
                        Ok(once) => answer(web.act(&visit, once, act).await),
                        Err(problem) => problem.into_response(),
                    }
                }
            };
        self.routes = self.routes.route(path, on(MethodFilter::POST, handler));
        self.kinds.insert(A::KIND.code(), shown.clone());
        self.acts.insert(A::KIND.code(), |office, caller, once, fields| {
            let wrong = |what: String| {
                rules::Refusal::house("命令行", format!("参数不正确：{what}")).remedy("用 jiangce act --list 查看参数")
            };
            kinds_of::<A>().within_bounds(&fields).map_err(wrong)?;
            let act = serde_json::from_value::<A>(fields).map_err(|error| wrong(error.to_string()))?;
            let answer = office.act_once(caller, once, act)?;
            serde_json::to_value(answer).map_err(Stop::fault)
        });
        let operation = self.operation::<A, A::Answer>(
            path,
            Operation {
                id: A::KIND.code().into(),
                summary: A::KIND.name().into(),
                public: permission::may(Role::Public, A::KIND).is_some(),
                is_act: true,
            },
            &shown,
        );
        self.list(Method::POST, path, operation);
        self
    }

    /// Offers a look at `GET path`. Path and query parameters are fields of the look.
    #[must_use]
    pub fn look<L: Look>(mut self, path: &'static str, summary: &'static str) -> Self {
        let kinds = kinds_of::<L>();
        let shown = kinds.clone();
        let handler = move |State(web): State<Web>, visit: Visit, params: RawPathParams, RawQuery(query): RawQuery| {
            let kinds = kinds.clone();
            async move {
                match read_look::<L>(&params, query.as_deref(), &kinds) {
                    Ok(look) => answer(web.look(&visit, look).await),
                    Err(problem) => problem.into_response(),
                }
            }
        };
        self.routes = self.routes.route(path, on(MethodFilter::GET, handler));
        let name = L::name_of();
        self.kinds.insert(name, shown.clone());
        self.looks.insert(name, |office, caller, fields| {
            let look = serde_json::from_value::<L>(fields).map_err(|error| {
                rules::Refusal::house("命令行", format!("参数不正确：{error}"))
                    .remedy("用 jiangce look --list 查看参数")
            })?;
            serde_json::to_value(office.look(caller, &look)?).map_err(Stop::fault)
        });
        let operation = self.operation::<L, L::View>(
            path,
            Operation { id: name.into(), summary: summary.into(), public: false, is_act: false },
            &shown,
        );
        self.list(Method::GET, path, operation);
        self
    }

    /// Offers what is public at `GET path`: `read` turns the parameters into the answer, without an account.
    #[must_use]
    pub fn public<Q, V>(
        mut self,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
        read: fn(&Office, Q) -> Result<V, Stop>,
    ) -> Self
    where
        Q: serde::de::DeserializeOwned + ToSchema + Send + 'static,
        V: Serialize + ToSchema + Send + 'static,
    {
        let kinds = kinds_of::<Q>();
        let shown = kinds.clone();
        let handler = move |State(web): State<Web>, params: RawPathParams, RawQuery(query): RawQuery| {
            let kinds = kinds.clone();
            async move {
                match read_look::<Q>(&params, query.as_deref(), &kinds) {
                    Ok(asked) => answer(web.work(move |office| read(office, asked)).await),
                    Err(problem) => problem.into_response(),
                }
            }
        };
        self.routes = self.routes.route(path, on(MethodFilter::GET, handler));
        let operation = self.operation::<Q, V>(
            path,
            Operation { id: id.into(), summary: summary.into(), public: true, is_act: false },
            &shown,
        );
        self.list(Method::GET, path, operation);
        self
    }

    /// Adds routes of another shape (files, documents, sign-in) with their operation, `method path` each.
    #[must_use]
    pub fn other(
        mut self,
        method: Method,
        path: &'static str,
        operation: Value,
        routes: axum::routing::MethodRouter<Web>,
    ) -> Self {
        self.routes = self.routes.route(path, routes);
        self.list(method, path, operation);
        self
    }

    /// Makes a type known to the document under its name.
    #[must_use]
    pub fn schema<T: ToSchema>(mut self) -> Self {
        self.collect::<T>();
        self
    }

    /// The OpenAPI 3.1 document.
    pub fn document(&mut self) -> Value {
        self.collect::<Problem>();
        json!({
            "openapi": "3.1.0",
            "info": { "title": "匠册 API", "version": env!("CARGO_PKG_VERSION"),
                      "description": "技工院校职业技能等级认定平台（闽人社办〔2020〕60号）。与网页、命令行同一组动作。" , "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
            "servers": [{ "url": "/api" }],
            "paths": self.paths,
            "components": {
                "schemas": self.schemas,
                "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } }
            }
        })
    }

    /// The routes, with the document at `/openapi.json`.
    pub fn router(mut self) -> Router<Web> {
        let document = Bytes::from(self.document().to_string());
        let document = on(MethodFilter::GET, move || {
            let document = document.clone();
            async move { ([(header::CONTENT_TYPE, "application/json")], document) }
        });
        self.routes
            .route("/openapi.json", document)
            .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "没有这个地址").into_response() })
            .method_not_allowed_fallback(|| async {
                Problem::new(StatusCode::METHOD_NOT_ALLOWED, "这个地址不接受此方法").into_response()
            })
            .layer(axum::middleware::map_response(as_problem))
    }

    fn list(&mut self, method: Method, path: &'static str, operation: Value) {
        self.listed.push((method.to_string(), format!("/api{path}")));
        let method = method.as_str().to_lowercase();
        self.paths.entry(path.to_owned()).or_default().insert(method, operation);
    }

    fn collect<T: ToSchema>(&mut self) {
        let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
        T::schemas(&mut schemas);
        schemas.push((T::name().into_owned(), T::schema()));
        for (name, schema) in schemas {
            let schema = serde_json::to_value(schema).unwrap_or_default();
            if self.schemas.insert(name.clone(), schema.clone()).is_some_and(|before| before != schema) {
                self.clashes.push(name);
            }
        }
    }

    fn operation<I: ToSchema, O: ToSchema>(&mut self, path: &str, what: Operation, kinds: &Kinds) -> Value {
        self.collect::<I>();
        self.collect::<O>();
        let in_path: Vec<&str> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let mut parameters: Vec<Value> = in_path
            .iter()
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": kinds.schema(name)}))
            .collect();
        // What strangers may do or ask is limited.
        let answers = match (what.is_act, what.public) {
            (true, false) => &[200, 400, 401, 403, 404, 409, 413, 422][..],
            (true, true) => &[200, 400, 401, 403, 404, 409, 413, 422, 429][..],
            (false, _) => &[200, 400, 401, 403, 404, 422, 429][..],
        };
        let mut operation = json!({
            "operationId": what.id,
            "summary": what.summary,
            "tags": [path.split('/').nth(1).unwrap_or_default()],
            "responses": responses(answers, schema_ref(&O::name())),
            "security": if what.public { json!([]) } else { json!([{"bearer": []}]) },
        });
        if what.is_act {
            parameters.push(json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "minLength": 1, "maxLength": ONCE_MAX, "pattern": "^[!-~]([ -~]*[!-~])?$"}}));
            let mut body = serde_json::to_value(I::schema()).unwrap_or_default();
            without(&mut body, &in_path);
            body["additionalProperties"] = json!(false);
            let required =
                body.get("required").is_some_and(|list| list.as_array().is_some_and(|list| !list.is_empty()));
            operation["requestBody"] = json!({"required": required, "content": {"application/json": {"schema": body}}});
        } else {
            for name in kinds.0.keys().filter(|name| !in_path.contains(&name.as_str())) {
                parameters.push(json!({"name": name, "in": "query", "required": kinds.required(name), "schema": kinds.schema(name)}));
            }
        }
        operation["parameters"] = json!(parameters);
        operation
    }
}

struct Operation {
    id: String,
    summary: String,
    public: bool,
    is_act: bool,
}

/// A reference to a named schema.
pub fn schema_ref(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The operation that answers whoever is signed in with a file; its parameters are ids in the path.
pub fn file_operation(tag: &str, (id, summary): (&str, &str), ids: &[&str], content_type: &str) -> Value {
    let mut answers = responses(&[200, 400, 401, 403, 404, 422], Value::Null);
    answers["200"]["content"] = json!({content_type: {"schema": {"type": "string", "format": "binary"}}});
    let parameter = |name: &&str| json!({"name": name, "in": "path", "required": true, "schema": {"type": "integer", "format": "int64"}});
    let parameters: Vec<Value> = ids.iter().map(parameter).collect();
    json!({
        "operationId": id, "summary": summary, "tags": [tag], "security": [{"bearer": []}],
        "parameters": parameters, "responses": answers,
    })
}

/// The declared answers of an operation.
pub fn responses(statuses: &[u16], good: Value) -> Value {
    let mut map = Map::new();
    for status in statuses {
        let said = match status {
            200 => "已办理",
            400 => "请求格式不正确",
            401 => "未登录或令牌失效",
            403 => "角色无权办理",
            404 => "没有这条记录，或不在管辖范围",
            409 => "Idempotency-Key 已用于另一请求",
            413 => "内容过大",
            422 => "依规定不能办理，附依据与办法",
            503 => "查询的人太多，请稍后再试",
            _ => "请求过于频繁",
        };
        let content = if *status == 200 {
            json!({"application/json": {"schema": good}})
        } else {
            json!({"application/problem+json": {"schema": schema_ref("Problem")}})
        };
        map.insert(status.to_string(), json!({"description": said, "content": content}));
    }
    Value::Object(map)
}

/// What the framework refuses in plain words (an id that is no number) leaves as a problem, like everything else.
async fn as_problem(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if response.status().is_client_error() && kind.starts_with("text/plain") {
        return Problem::new(response.status(), "请求格式不正确").into_response();
    }
    response
}

/// A kept file.
#[derive(Serialize, ToSchema)]
pub struct FileKept {
    pub hash: crate::door::FileHash,
    pub kind: crate::door::files::FileKind,
    /// In bytes.
    pub size: usize,
}

/// `POST /api/files`: the bytes of a file; the answer is the hash by which acts name it.
pub fn files(registry: Registry) -> Registry {
    let operation = json!({
        "operationId": "KeepFile", "summary": "上传文件", "tags": ["files"], "security": [{"bearer": []}],
        "requestBody": {"required": true, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        "responses": responses(&[200, 400, 401, 413, 422], schema_ref("FileKept")),
    });
    let keep = async |State(web): State<Web>, visit: Visit, request: Request| {
        if !visit.caller.is_signed_in() {
            return problem(Stop::SignInFirst).into_response();
        }
        let body = match Bytes::from_request(request, &web).await {
            Ok(body) => body,
            Err(rejected) => return rejected.into_response(),
        };
        let kept = web.work(move |office| {
            let (hash, kind) = office.files().keep(&body)?;
            Ok(FileKept { hash, kind, size: body.len() })
        });
        answer(kept.await)
    };
    registry.schema::<FileKept>().other(Method::POST, "/files", operation, axum::routing::post(keep))
}

fn without(schema: &mut Value, names: &[&str]) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, _| !names.contains(&name.as_str()));
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| !name.as_str().is_some_and(|name| names.contains(&name)));
    }
}

/// The fields of a type with their schemas, as its schema says, and the schemas that these name.
#[derive(Clone, Default)]
pub(crate) struct Kinds(BTreeMap<String, (Value, bool, bool)>, Arc<BTreeMap<String, Value>>);

impl Kinds {
    /// A text of the command line as the JSON value that the field wants; lists and objects as JSON writes them.
    pub(crate) fn spoken(&self, name: &str, text: &str) -> Value {
        let written = text.starts_with(['[', '{']).then(|| serde_json::from_str(text).ok()).flatten();
        written.filter(|_| !self.is_text(name)).unwrap_or_else(|| self.value(name, text))
    }

    /// Whether the field is a plain text, whatever that may begin with.
    fn is_text(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|(schema, _, scalar)| *scalar && schema["type"] == "string")
    }

    fn schema(&self, name: &str) -> Value {
        self.0.get(name).map_or_else(|| json!({"type": "string"}), |(schema, ..)| schema.clone())
    }

    fn required(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|(_, required, _)| *required)
    }

    /// Whether no text and no list is longer than its schema says; otherwise which is.
    fn within_bounds(&self, fields: &Value) -> Result<(), String> {
        let Value::Object(fields) = fields else { return Ok(()) };
        fields.iter().try_for_each(|(name, value)| match self.0.get(name) {
            Some((schema, ..)) => self.within(name, value, schema),
            None => Ok(()),
        })
    }

    fn within(&self, name: &str, value: &Value, schema: &Value) -> Result<(), String> {
        if let Some(named) = schema["$ref"].as_str().and_then(|path| self.1.get(path.rsplit('/').next()?)) {
            return self.within(name, value, named);
        }
        let most = |bound: &str| schema[bound].as_u64().map_or(usize::MAX, |most| most as usize);
        match value {
            Value::String(text) if text.chars().count() > most("maxLength") => {
                return Err(format!("{name} 超过{}个字符", most("maxLength")));
            }
            Value::Array(values) if values.len() > most("maxItems") => {
                return Err(format!("{name} 超过{}项", most("maxItems")));
            }
            Value::Array(values) => values.iter().try_for_each(|value| self.within(name, value, &schema["items"]))?,
            Value::Object(fields) => {
                fields.iter().try_for_each(|(name, value)| self.within(name, value, &schema["properties"][name]))?;
            }
            _ => {}
        }
        // A field that may be left out is one thing or null.
        let options = ["oneOf", "anyOf"].iter().filter_map(|kind| schema[*kind].as_array()).flatten();
        let mut options = options.filter(|option| option["type"] != "null");
        match (options.next(), options.next()) {
            (Some(only), None) => self.within(name, value, only),
            _ => Ok(()),
        }
    }

    /// A text from a path or a query as the JSON value that the field wants.
    fn value(&self, name: &str, text: &str) -> Value {
        match self.0.get(name) {
            Some((schema, _, true)) => match schema_type(schema) {
                "integer" => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
                "boolean" => match text {
                    "true" => json!(true),
                    "false" => json!(false),
                    _ => json!(text),
                },
                _ => json!(text),
            },
            _ => json!(text),
        }
    }
}

fn schema_type(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("string"),
        _ => "string",
    }
}

fn kinds_of<T: ToSchema>() -> Kinds {
    let RefOr::T(Schema::Object(object)) = T::schema() else { return Kinds::default() };
    let required: Vec<&String> = object.required.iter().collect();
    let kinds = object.properties.iter().map(|(name, schema)| {
        let scalar = match schema {
            RefOr::T(Schema::Object(field)) => !matches!(field.schema_type, SchemaType::Type(Type::Object)),
            RefOr::T(_) => false,
            RefOr::Ref(_) => true,
        };
        (name.clone(), (serde_json::to_value(schema).unwrap_or_default(), required.contains(&name), scalar))
    });
    let mut named = Vec::new();
    T::schemas(&mut named);
    let named = named.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default()));
    Kinds(kinds.collect(), Arc::new(named.collect()))
}

/// The longest idempotency key.
const ONCE_MAX: usize = 200;

/// The idempotency key of a request. One that can't be told from others is not passed over.
fn once_of(headers: &HeaderMap) -> Result<Option<String>, Box<Problem>> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let good = key.to_str().ok().filter(|key| (1..=ONCE_MAX).contains(&key.len()) && keys.next().is_none());
    match good {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(malformed(format!("Idempotency-Key 须有一个，为 1 至 {ONCE_MAX} 个可见的 ASCII 字符"))),
    }
}

fn malformed(error: impl std::fmt::Display) -> Box<Problem> {
    Box::new(Problem {
        detail: Some(error.to_string()), ..Problem::new(StatusCode::BAD_REQUEST, "请求格式不正确")
    })
}

/// The fields of an act: what the body says, and what the path says over it. What the act does not know is refused.
fn act_fields(headers: &HeaderMap, body: &Bytes, params: &RawPathParams, kinds: &Kinds) -> Result<Value, Box<Problem>> {
    let mut fields = if body.is_empty() {
        Map::new()
    } else {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("application/json");
        if !kind.starts_with("application/json") {
            return Err(malformed("请以 application/json 发送"));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(malformed("请求体必须是 JSON 对象")),
            Err(error) => return Err(malformed(error)),
        }
    };
    let in_path: Vec<&str> = params.iter().map(|(name, _)| name).collect();
    if let Some(name) = fields.keys().find(|name| !kinds.0.contains_key(*name) || in_path.contains(&name.as_str())) {
        return Err(malformed(format!("不认识的字段 {name}")));
    }
    for (name, text) in params {
        fields.insert(name.to_owned(), kinds.value(name, text));
    }
    let fields = Value::Object(fields);
    if holds_nul(&fields) {
        return Err(malformed("文字中不能有空字符（U+0000）"));
    }
    kinds.within_bounds(&fields).map_err(malformed)?;
    Ok(fields)
}

/// Whether a text in it holds the character that PostgreSQL can't store.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(fields) => fields.values().any(holds_nul),
        _ => false,
    }
}

fn read_look<L: serde::de::DeserializeOwned>(
    params: &RawPathParams,
    query: Option<&str>,
    kinds: &Kinds,
) -> Result<L, Box<Problem>> {
    let mut fields = Map::new();
    for (name, text) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if !kinds.0.contains_key(&*name) {
            return Err(malformed(format!("不认识的参数 {name}")));
        }
        if fields.insert(name.to_string(), kinds.value(&name, &text)).is_some() {
            return Err(malformed(format!("参数 {name} 出现多次")));
        }
    }
    for (name, text) in params {
        fields.insert(name.to_owned(), kinds.value(name, text));
    }
    let fields = Value::Object(fields);
    if holds_nul(&fields) {
        return Err(malformed("文字中不能有空字符（U+0000）"));
    }
    serde_json::from_value(fields).map_err(malformed)
}

/// An answer as JSON, or the problem.
pub fn answer<T: Serialize>(outcome: Result<T, Stop>) -> Response {
    match outcome {
        Ok(value) => axum::Json(value).into_response(),
        Err(stop) => problem(stop).into_response(),
    }
}

/// The short name of a look: its type's name.
pub trait Named {
    /// `FilingDetail`.
    fn name_of() -> &'static str;
}

impl<L: Look> Named for L {
    fn name_of() -> &'static str {
        let full = std::any::type_name::<L>();
        full.rsplit("::").next().unwrap_or(full)
    }
}
