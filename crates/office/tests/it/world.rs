//! A world to tell stories in: the house with its offices, people who sign in, a day that is moved. Each story runs on
//! SQLite and, where `JIANGCE_TEST_POSTGRES` names a server, on PostgreSQL in a database of its own.

use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use office::account::{self, CreateAccount, Secret};
use office::db::{self, Engine};
use office::door::{Caller, Clock, Files, Office, Seals, Via};
use office::web::{Settings, Web, router};
use rules::Day;
use rules::people::Role;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// The password of everyone in the world.
pub const PASSWORD: &str = "一二三四五六七八九十";

/// The house, and what a story needs of it.
pub struct World {
    pub office: Office,
    pub folder: PathBuf,
    /// The database, as `--database` takes it.
    pub url: String,
    first_day: Day,
    /// Sessions begun on a later day, by login.
    renewed: Mutex<BTreeMap<String, String>>,
    app: axum::Router,
    runtime: tokio::runtime::Runtime,
    // Dropped after the house.
    _database: Database,
    _folder: tempfile::TempDir,
}

/// Someone who has signed in.
#[derive(Clone)]
pub struct Person {
    pub login: String,
    pub token: String,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The answer of an act that was done.
    #[track_caller]
    pub fn done(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.json()
    }

    /// The refusal, which must rest on this ground: a clause id, or what `Ground::label` says.
    #[track_caller]
    pub fn refused(self, ground: &str) -> Refused {
        assert_eq!(self.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", self.text());
        let refusal = self.json()["refusal"].clone();
        let text = |name: &str| refusal[name].as_str().unwrap_or_default().to_owned();
        assert!(text("clause") == ground || text("ground") == ground, "refused on another ground: {refusal}");
        assert!(!text("what").is_empty() && !text("remedy").is_empty(), "a refusal says what and remedy: {refusal}");
        Refused { what: text("what"), remedy: text("remedy"), field: text("field") }
    }
}

/// What a refusal said.
#[derive(Debug)]
pub struct Refused {
    pub what: String,
    pub remedy: String,
    /// Empty where no field is to blame.
    pub field: String,
}

/// Tells a story on each database.
pub fn on_each_database(first_day: &str, story: impl Fn(&World)) {
    story(&World::on_sqlite(first_day));
    if let Ok(server) = std::env::var("JIANGCE_TEST_POSTGRES") {
        story(&World::on_postgres(first_day, &server));
    }
}

enum Database {
    Sqlite,
    Postgres { server: String, name: String },
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres { server, name } = self
            && let Ok(mut client) = postgres::Client::connect(server, postgres::NoTls)
        {
            // A database that stays behind is a nuisance, not a failure.
            let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

impl Database {
    /// A new one on a server after this template, and its address.
    fn on(server: &str, template: &str) -> (String, Self) {
        let name = format!("jt_{:016x}", rand::random::<u64>());
        postgres::Client::connect(server, postgres::NoTls)
            .expect("the test server")
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
            .expect("a database");
        (beside(server, &name), Self::Postgres { server: server.to_owned(), name })
    }
}

/// The address of another database on a server.
fn beside(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').expect("postgres://…/database");
    format!("{base}/{name}")
}

/// Makes a database by taking every step of the schema.
fn made(url: &str) {
    db::migrate(&Engine::open(url).expect("the database")).expect("the schema");
}

/// A database on SQLite with the schema and nothing in it, as a file: stories begin with a copy.
fn blank_file() -> &'static [u8] {
    static BLANK: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, whole) = (folder.path().join("from.db"), folder.path().join("whole.db"));
        made(&from.display().to_string());
        let connection = rusqlite::Connection::open(&from).expect("the database");
        connection.execute("VACUUM INTO ?1", [whole.display().to_string()]).expect("one file");
        std::fs::read(&whole).expect("the file")
    });
    &BLANK
}

/// As [`blank_file`], on a server: the name of the template, which stays there for the next run with the same schema.
fn blank_database(server: &str) -> &'static str {
    static BLANK: OnceLock<String> = OnceLock::new();
    BLANK.get_or_init(|| {
        let mut hasher = std::hash::DefaultHasher::new();
        db::SCHEMA.hash(&mut hasher);
        let name = format!("jt_schema_{:016x}", hasher.finish());
        let mut client = postgres::Client::connect(server, postgres::NoTls).expect("the test server");
        // Several runs may want it at the same moment.
        client.batch_execute("SELECT pg_advisory_lock(2020060)").expect("the lock");
        if client.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).expect("the names").is_empty() {
            let unfinished = format!("{name}_new");
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).expect("room");
            client.batch_execute(&format!("CREATE DATABASE {unfinished} TEMPLATE template0")).expect("a database");
            made(&beside(server, &unfinished));
            // A connection that was closed may be seen a moment longer.
            let gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
            client.execute(gone, &[&unfinished]).expect("alone");
            let rename = format!("ALTER DATABASE {unfinished} RENAME TO {name}");
            let renamed = (0..50).any(|_| {
                let is_done = client.batch_execute(&rename).is_ok();
                if !is_done {
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
                is_done
            });
            assert!(renamed, "the template gets its name");
        }
        name
    })
}

impl World {
    /// A world on SQLite.
    pub fn on_sqlite(first_day: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("jiangce.db");
        std::fs::write(&file, blank_file()).expect("a database");
        Self::open(first_day, folder, &file.display().to_string(), Database::Sqlite)
    }

    /// A world on PostgreSQL, in a database of its own.
    pub fn on_postgres(first_day: &str, server: &str) -> Self {
        let (url, database) = Database::on(server, blank_database(server));
        Self::open(first_day, tempfile::tempdir().expect("a folder"), &url, database)
    }

    /// Shows the address of an empty database on PostgreSQL.
    pub fn with_empty_database(server: &str, show: impl FnOnce(&str)) {
        let (url, _database) = Database::on(server, "template0");
        show(&url);
    }

    fn open(first_day: &str, folder: tempfile::TempDir, url: &str, database: Database) -> Self {
        let engine = Engine::open(url).expect("the database");
        assert_eq!(db::migrate(&engine).expect("the schema"), 0, "the copy is whole");
        let seals = Seals::from_secret(&[7; 32]);
        let files = Files::folder(&folder.path().join("files"), &seals).expect("the files");
        let clock = Clock::simulated(first_day.parse().expect("a day"));
        let office = Office::open(engine, files, seals, clock, true).expect("the house");
        office.guard_log(folder.path().join("log.checkpoint"));
        office::body::seed_offices(&office).expect("the offices");
        let settings = Settings {
            public_url: "http://test.invalid".into(),
            queries_per_minute: 0,
            sign_ins_per_minute: 0,
            misses_free: 0,
            ..Settings::default()
        };
        let app = router(Web { office: office.clone(), settings: Arc::new(settings) });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self {
            first_day: office.today(),
            renewed: Mutex::default(),
            office,
            folder: folder.path().to_owned(),
            url: url.to_owned(),
            app,
            runtime,
            _database: database,
            _folder: folder,
        }
    }

    /// Moves to a day and does what falls due on it. Who has signed in stays signed in.
    pub fn on(&self, day: &str) {
        self.office.set_day(day.parse::<Day>().expect("a day")).expect("moving the day");
        let moved = db::Sql { name: "test", text: "UPDATE session SET expires_at = ?1" };
        let until = [db::Value::from(self.office.now() + 3_600_000)];
        self.office.engine().write(move |tx| Ok((db::Keep::Yes, tx.run(&moved, &until)?))).expect("moved");
        office::cli::due::run(&self.office).expect("what falls due");
    }

    /// The token of someone's session. A session lasts half a day: when the day has moved on, they sign in again.
    fn token_of(&self, person: &Person) -> String {
        let mut renewed = self.renewed.lock().expect("the sessions");
        let token = renewed.get(&person.login).unwrap_or(&person.token).clone();
        if self.office.today() == self.first_day
            || account::resume(&self.office, &token, Via::Api).expect("an answer").is_some()
        {
            return token;
        }
        match account::sign_in(&self.office, Via::Api, &person.login, &Secret::new(PASSWORD)) {
            Ok(session) => renewed.entry(person.login.clone()).insert_entry(session.token).get().clone(),
            Err(_) => token,
        }
    }

    /// Registers a school. `county` and `affiliation` decide who is in charge of it.
    pub fn school(&self, name: &str, affiliation: &str, county: &str, uscc: &str) -> i64 {
        let fields = json!({
            "name": name, "kind": "technical_school", "affiliation": affiliation, "public_body": true, "level_cap": "3",
            "county": county, "uscc": uscc, "address": "示例路1号", "legal_representative": "示例校长", "head": "示例校长",
            "contact": "示例老师", "phone": "0591-00000001", "superior": "示例主管部门",
            "station_name": format!("{name}职业技能鉴定所"), "station_number": "示例鉴定所第001号", "station_centre": null,
        });
        let act: office::body::RegisterBody = serde_json::from_value(fields).expect("the fields");
        self.office.act(&Caller::operator(), act).expect("a body").id
    }

    /// Opens an account on a body and signs in.
    pub fn person_of(&self, login: &str, role: Role, body: i64) -> Person {
        self.person(login, role, Some(body), None)
    }

    /// Opens an account on an office and signs in.
    pub fn officer(&self, login: &str, role: Role, office: &str) -> Person {
        self.person(login, role, None, Some(office.to_owned()))
    }

    /// An administrator who has signed in.
    pub fn administrator(&self, login: &str) -> Person {
        self.person(login, Role::Administrator, None, None)
    }

    fn person(&self, login: &str, role: Role, body: Option<i64>, office: Option<String>) -> Person {
        let act = CreateAccount {
            login: login.into(),
            name: format!("示例{}", role.name()),
            role,
            body,
            office,
            password: Secret::new(PASSWORD),
        };
        self.office.act(&Caller::operator(), act).expect("an account");
        // Everyone has changed their first password; `accounts.rs` tells what happens before that.
        let changed = db::Sql { name: "test", text: "UPDATE account SET must_change = 0" };
        self.office.engine().write(move |tx| Ok((db::Keep::Yes, tx.run(&changed, &[])?))).expect("changed");
        let session = account::sign_in(&self.office, Via::Api, login, &Secret::new(PASSWORD)).expect("a session");
        Person { login: login.into(), token: session.token }
    }

    /// Calls the API: `person` may be nobody.
    pub fn call(&self, person: Option<&Person>, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.call_with(person, method, path, body, &[])
    }

    /// Calls the API with further headers.
    pub fn call_with(
        &self,
        person: Option<&Person>,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api{path}"));
        if let Some(person) = person {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token_of(person)));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.send(request.expect("a request"))
    }

    /// Performs an act by the API.
    pub fn post(&self, person: &Person, path: &str, fields: Value) -> Answer {
        self.call(Some(person), Method::POST, path, Some(fields))
    }

    /// Looks by the API.
    pub fn get(&self, person: &Person, path: &str) -> Answer {
        self.call(Some(person), Method::GET, path, None)
    }

    /// Reads what is public by the API.
    pub fn public(&self, path: &str) -> Answer {
        self.call(None, Method::GET, path, None)
    }

    /// Keeps a file by the API; its hash.
    pub fn keep(&self, person: &Person, bytes: &[u8]) -> String {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/files")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token_of(person)))
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(Body::from(bytes.to_vec()))
            .expect("a request");
        self.send(request).done()["hash"].as_str().expect("a hash").to_owned()
    }

    /// Opens a page as a browser does, with the session's cookie.
    pub fn page(&self, person: Option<&Person>, path: &str) -> Answer {
        let mut request = Request::builder().uri(path);
        if let Some(person) = person {
            request = request.header(header::COOKIE, format!("jiangce={}", self.token_of(person)));
        }
        self.send(request.body(Body::empty()).expect("a request"))
    }

    /// Posts a form as a browser does; the session's form token is found on `from`, a page that holds the form.
    pub fn submit(&self, person: Option<&Person>, from: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.page(person, from).text();
        let csrf = page
            .split_once("name=\"csrf\" value=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map_or("", |(token, _)| token)
            .to_owned();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &csrf);
        form.extend_pairs(fields);
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(to)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(person) = person {
            request = request.header(header::COOKIE, format!("jiangce={}", self.token_of(person)));
        }
        self.send(request.body(Body::from(form.finish())).expect("a request"))
    }

    /// Posts a form with a file as a browser does, or without one: its field, its name, its content.
    pub fn upload(
        &self,
        person: Option<&Person>,
        to: &str,
        texts: &[(&str, &str)],
        file: Option<(&str, &str, &[u8])>,
    ) -> Answer {
        let mut body = Vec::new();
        let head = |name: &str, more: &str| {
            format!("--example\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n")
        };
        for (name, text) in texts {
            body.extend(head(name, "").bytes().chain(text.bytes()).chain(*b"\r\n"));
        }
        if let Some((field, name, bytes)) = file {
            let named = format!("; filename=\"{name}\"");
            body.extend(head(field, &named).bytes().chain(bytes.iter().copied()).chain(*b"\r\n"));
        }
        body.extend(b"--example--\r\n");
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(to)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=example");
        if let Some(person) = person {
            request = request.header(header::COOKIE, format!("jiangce={}", self.token_of(person)));
        }
        self.send(request.body(Body::from(body)).expect("a request"))
    }

    /// What a statement counts, past every door: for what a story can't see otherwise.
    pub fn count(&self, text: &'static str) -> i64 {
        let sql = db::Sql { name: "test", text };
        let row = self.office.engine().read(|tx| tx.first(&sql, &[])).expect("an answer").expect("a row");
        row.get(0).expect("a number")
    }

    /// The first column of a statement's first row as text; empty if there is none.
    pub fn text(&self, text: &str) -> String {
        let sql = db::Sql { name: "test", text: text.to_owned().leak() };
        let row = self.office.engine().read(|tx| tx.first(&sql, &[])).expect("an answer");
        row.and_then(|row| row.get::<Option<String>>(0).expect("text")).unwrap_or_default()
    }

    /// Runs a statement past every door: for what no act brings about.
    pub fn set(&self, text: &str) {
        let sql = db::Sql { name: "test", text: text.to_owned().leak() };
        self.office.engine().write(move |tx| Ok((db::Keep::Yes, tx.run(&sql, &[])?))).expect("done");
    }

    /// How many acts the record holds, done and refused.
    pub fn records(&self) -> i64 {
        self.count("SELECT COUNT(*) FROM record")
    }

    /// Sends any request.
    pub fn send(&self, mut request: Request<Body>) -> Answer {
        let from = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
        request.extensions_mut().insert(axum::extract::ConnectInfo(from));
        self.runtime.block_on(async {
            let response = self.app.clone().oneshot(request).await.expect("an answer");
            let (parts, body) = response.into_parts();
            let bytes = axum::body::to_bytes(body, 256 * 1024 * 1024).await.expect("a body").to_vec();
            Answer { status: parts.status, headers: parts.headers, bytes }
        })
    }
}
