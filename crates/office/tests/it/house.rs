//! The house itself: what strangers can't make it do, what lies on its disk, which secret belongs to which database.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use office::account::{Done, Secret};
use office::db::{self, Engine, Keep, Sql};
use office::door::{Act, Caller, Clock, Desk, Files, Office, Seals, Sight, Stop, Subject, Via};
use office::publicity::{Contact, LodgeObjection};
use office::web::{Settings, Web, router};
use rules::permission::ActKind;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::world::{Answer, PASSWORD, World, on_each_database};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture of someone";

/// The house served with other settings, and asked from any address.
struct Served {
    app: Router,
    runtime: tokio::runtime::Runtime,
}

impl Served {
    fn new(world: &World, settings: Settings) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { app: router(Web { office: world.office.clone(), settings: settings.into() }), runtime }
    }

    fn post(&self, from: [u8; 4], path: &str, kind: &str, body: String) -> Answer {
        let request = Request::builder().method(Method::POST).uri(path).header(header::CONTENT_TYPE, kind);
        let mut request = request.body(Body::from(body)).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((from, 1))));
        self.runtime.block_on(async {
            let (parts, body) = self.app.clone().oneshot(request).await.expect("an answer").into_parts();
            let bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a body").to_vec();
            Answer { status: parts.status, headers: parts.headers, bytes }
        })
    }

    fn sign_in(&self, from: [u8; 4], login: &str, password: &str) -> Answer {
        let said = json!({"login": login, "password": password}).to_string();
        self.post(from, "/api/session", "application/json", said)
    }
}

/// Runs the program; how it ended and what it printed.
fn jiangce(arguments: &[&str]) -> (Option<i32>, Value) {
    let Output { status, stdout, .. } = Command::new(env!("CARGO_BIN_EXE_jiangce"))
        .args(arguments)
        .arg("--json")
        .env_remove("JIANGCE_DATA")
        .env_remove("JIANGCE_DATABASE")
        .output()
        .expect("the program runs");
    (status.code(), serde_json::from_slice(&stdout).unwrap_or_default())
}

fn text_of(path: &Path) -> String {
    path.display().to_string()
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn house_what_is_longer_than_its_field_never_reaches_the_record() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let before = world.records();
        let long = json!({"login": "x".repeat(50_000), "password": PASSWORD});
        world.call(None, Method::POST, "/session", Some(long)).refused("平台规则·登录");
        let table = |source: String, content: String| {
            world.post(&administrator, "/reference", json!({"kind": "aliases", "source": source, "content": content}))
        };
        let refused = table("源".repeat(301), "x".into());
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text());
        assert!(refused.text().contains("source 超过300个字符"), "{}", refused.text());
        assert_eq!(world.records(), before, "neither was recorded");
        // Within its bounds, yet more than the record keeps.
        table("源".into(), "不是表格\n".repeat(20_000)).refused("平台规则·参考数据");
        let fields = world.text("SELECT fields FROM record ORDER BY id DESC LIMIT 1");
        let fields: Value = serde_json::from_str(&fields).expect("JSON");
        assert_eq!(fields["content"]["size"], 20_000 * "不是表格\n".len());
        assert_eq!(fields["source"], "源");
    });
}

#[test]
fn house_who_has_no_account_is_read_no_further_than_a_form() {
    let world = World::on_sqlite("2026-03-02");
    let person = world.administrator("guanli");
    let large = || "x".repeat(500_000);
    let send = |path: &str, kind: &str, cookie: &str| {
        let request = Request::builder().method(Method::POST).uri(path).header(header::CONTENT_TYPE, kind);
        world.send(request.header(header::COOKIE, cookie).body(Body::from(large())).expect("a request"))
    };
    for path in ["/api/session", "/api/accounts", "/api/certificates/query"] {
        assert_eq!(send(path, "application/json", "").status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    assert_eq!(send("/api/files", "application/octet-stream", "").status, StatusCode::UNAUTHORIZED);
    // Whoever sends so much by a form had a session once.
    let ended = send("/account", "application/x-www-form-urlencoded", "jiangce=gone");
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
    assert!(ended.text().contains("登录已过期"), "{}", ended.text());
    world.keep(&person, &[PNG, large().as_bytes()].concat());
}

#[test]
fn house_an_address_that_tries_many_passwords_waits_and_others_do_not() {
    let world = World::on_sqlite("2026-03-02");
    world.administrator("guanli");
    let served = Served::new(&world, Settings { sign_ins_per_minute: 3, ..Settings::default() });
    let tried: Vec<u16> =
        (0..4).map(|n| served.sign_in([10, 0, 0, 1], &format!("nobody-{n}"), PASSWORD).status.as_u16()).collect();
    assert_eq!(tried, [422, 422, 422, 429]);
    let page = served.post([10, 0, 0, 1], "/sign-in", "application/x-www-form-urlencoded", "login=x&password=y".into());
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.text().contains("登录的次数过多") && page.headers.contains_key(header::RETRY_AFTER));
    served.sign_in([10, 0, 0, 2], "guanli", PASSWORD).done();
}

#[test]
fn house_failures_make_wait_where_they_were_made_and_tell_nothing_of_logins() {
    on_each_database("2026-03-02", |world| {
        world.administrator("guanli");
        let served = Served::new(world, Settings { sign_ins_per_minute: 0, ..Settings::default() });
        let here = [10, 0, 0, 1];
        let said = |login: &str| {
            for _ in 0..5 {
                served.sign_in(here, login, "不对的密码一二三四五").refused("平台规则·登录");
            }
            served.sign_in(here, login, PASSWORD).refused("平台规则·登录")
        };
        let (known, unknown) = (said("guanli"), said("nobody"));
        assert!(known.what.contains("连续输错") && known.what == unknown.what, "{known:?} {unknown:?}");
        // Elsewhere the holder comes in.
        served.sign_in([10, 0, 0, 2], "guanli", PASSWORD).done();
        let more = served.sign_in(here, "guanli", PASSWORD).refused("平台规则·登录");
        assert!(more.what.contains("连续输错"), "{more:?}");
        // A reset ends the wait.
        let administrator = world.administrator("guanli-2");
        let id = world.text("SELECT CAST(id AS TEXT) FROM account WHERE login = 'guanli'");
        let path = format!("/accounts/{id}/password");
        world.post(&administrator, &path, json!({"password": "马 电池 订书钉 正确"})).done();
        served.sign_in(here, "guanli", "马 电池 订书钉 正确").done();
    });
}

#[test]
fn house_a_secret_belongs_to_one_database() {
    on_each_database("2026-03-02", |world| {
        world.administrator("guanli");
        let open = |seals: Seals| {
            let files = Files::folder(&world.folder.join("files"), &seals).expect("the files");
            let engine = Engine::open(&world.url).expect("the database");
            Office::open(engine, files, seals, Clock::Real, true).err()
        };
        assert!(open(Seals::from_secret(&[7; 32])).is_none());
        let Some(Stop::Refused(refusal)) = open(Seals::from_secret(&[8; 32])) else {
            panic!("another secret opened it")
        };
        assert!(refusal.what.contains("secret.key"), "{refusal}");
        // The world's secret lies in no file, as when the folder was mistyped: none is made beside it.
        let elsewhere = tempfile::tempdir().expect("a folder");
        let data = elsewhere.path().join("data");
        for command in [vec!["look", "OwnAccount", "--as", "guanli"], vec!["user", "abc", "--name", "示例"]] {
            let at = ["--data", &text_of(&data), "--database", &world.url];
            let (ended, said) = jiangce(&[command, at.to_vec()].concat());
            assert_eq!(ended, Some(2), "{said}");
            assert!(!data.join("secret.key").exists());
        }
        assert_eq!(world.count("SELECT COUNT(*) FROM account"), 1);
    });
}

#[test]
fn house_only_the_first_account_or_a_server_begins_a_house() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let at = text_of(&data);
    for command in [vec!["due"], vec!["keep", "Cargo.toml"], vec!["act", "CloseAccount", "account=1", "--as", "x"]] {
        let (ended, said) = jiangce(&[command, vec!["--data", &at]].concat());
        assert_eq!((ended, &said["refusal"]["ground"]), (Some(2), &json!("平台规则·数据目录")), "{said}");
        assert!(!data.exists(), "nothing was made");
    }
    assert_eq!(jiangce(&["user", "guanli", "--name", "示例", "--data", &at]).0, Some(0));
    assert_eq!(jiangce(&["due", "--data", &at]).0, Some(0));
    let mode = |path: &Path| std::fs::metadata(path).expect("made").permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("files"))), (0o700, 0o700));
    assert_eq!((mode(&data.join("jiangce.db")), mode(&data.join("secret.key"))), (0o600, 0o600));
}

#[test]
fn house_files_lie_sealed_and_open_only_under_their_name() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::folder(folder.path(), &Seals::from_secret(&[7; 32])).expect("the files");
    let (hash, _) = files.keep(PNG).expect("kept");
    let (other, _) = files.keep(&[PNG, b" else"].concat()).expect("kept");
    assert_eq!(hash.0, office::door::digest(PNG), "the address is the hash of the content");
    assert_eq!(files.bring(&hash).expect("the content"), PNG);
    let path = |hash: &str| folder.path().join(&hash[..2]).join(&hash[2..4]).join(hash);
    assert_eq!(files_below(folder.path()).len(), 2, "nothing else lies there");
    let sealed = std::fs::read(path(&hash.0)).expect("sealed");
    assert!(!sealed.windows(8).any(|part| PNG.windows(8).any(|plain| plain == part)), "it lies in the clear");
    // What was acknowledged is not written again.
    let before = std::fs::metadata(path(&hash.0)).expect("the file").ino();
    files.keep(PNG).expect("kept again");
    assert_eq!(std::fs::metadata(path(&hash.0)).expect("the file").ino(), before);
    let strangers = Files::folder(folder.path(), &Seals::from_secret(&[8; 32])).expect("the files");
    assert!(matches!(strangers.bring(&hash), Err(Stop::Fault(_))));
    std::fs::copy(path(&other.0), path(&hash.0)).expect("exchanged");
    assert!(matches!(files.bring(&hash), Err(Stop::Fault(_))), "another file under its name");
    let mut altered = sealed;
    altered[20] ^= 1;
    std::fs::write(path(&hash.0), altered).expect("altered");
    assert!(matches!(files.bring(&hash), Err(Stop::Fault(_))));
}

#[test]
fn house_files_are_kept_also_when_every_thread_that_may_block_keeps_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::folder(folder.path(), &Seals::from_secret(&[7; 32])).expect("the files");
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(1).build().expect("a runtime");
        let kept = runtime.block_on(runtime.spawn_blocking(move || files.keep(PNG).is_ok()));
        tell.send(kept.expect("an answer")).expect("someone listens");
    });
    assert!(told.recv_timeout(Duration::from_secs(60)).expect("it is not stuck"));
}

#[test]
fn house_after_sign_in_one_stays_here() {
    let world = World::on_sqlite("2026-03-02");
    let person = world.administrator("guanli");
    let goes = |next: &str| {
        let fields = [("login", person.login.as_str()), ("password", PASSWORD), ("next", next)];
        let answer = world.submit(None, "/sign-in", "/sign-in", &fields);
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        answer.headers[header::LOCATION].to_str().expect("a place").to_owned()
    };
    assert_eq!(goes("/batches/7?page=2"), "/batches/7?page=2");
    for elsewhere in ["/\t/evil.example", "//evil.example", "/\\evil.example", "https://evil.example", "/\n/x", ""] {
        assert_eq!(goes(elsewhere), "/work", "{elsewhere:?}");
    }
}

#[test]
fn house_a_password_is_what_was_typed_blanks_and_all() {
    let world = World::on_sqlite("2026-03-02");
    let administrator = world.administrator("guanli");
    let password = " 马 电池 订书钉 ";
    let account =
        |password: &str| json!({"login": "xinren", "name": "示例", "role": "administrator", "password": password});
    let refusal = world.post(&administrator, "/accounts", account("短")).json()["refusal"].clone();
    assert_eq!(refusal["field"], "password", "the field that is to blame");
    world.post(&administrator, "/accounts", account(password)).done();
    let fields = [("login", "xinren"), ("password", password), ("next", "")];
    assert_eq!(world.submit(None, "/sign-in", "/sign-in", &fields).status, StatusCode::SEE_OTHER);
}

#[test]
fn house_a_token_is_given_back() {
    on_each_database("2026-03-02", |world| {
        let person = world.administrator("guanli");
        assert_eq!(world.call(None, Method::DELETE, "/session", None).status, StatusCode::UNAUTHORIZED);
        world.call(Some(&person), Method::DELETE, "/session", None).done();
        assert_eq!(world.get(&person, "/account").status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn house_a_stolen_session_does_not_guess_the_password() {
    on_each_database("2026-03-02", |world| {
        let person = world.administrator("guanli");
        let change = |current: &str| {
            let fields = json!({"current": current, "new": "马 电池 订书钉 正确"});
            world.post(&person, "/account/password", fields)
        };
        for _ in 0..5 {
            assert!(change("不对的密码一二三四五").refused("平台规则·登录").what.contains("当前密码不正确"));
        }
        assert!(change(PASSWORD).refused("平台规则·登录").what.contains("连续输错"));
        // The holder comes in all the same.
        world.call(None, Method::POST, "/session", Some(json!({"login": "guanli", "password": PASSWORD}))).done();
    });
}

#[test]
fn house_a_key_tells_passwords_apart_and_has_a_form() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let person = world.administrator("xinren");
        let id = world.text("SELECT CAST(id AS TEXT) FROM account WHERE login = 'xinren'");
        let path = format!("/accounts/{id}/password");
        let reset = |password: &str, keys: &[&str]| {
            let headers: Vec<_> = keys.iter().map(|key| ("idempotency-key", *key)).collect();
            world.call_with(Some(&administrator), Method::POST, &path, Some(json!({"password": password})), &headers)
        };
        reset("马 电池 订书钉 正确", &["k-1"]).done();
        reset("马 电池 订书钉 正确", &["k-1"]).done();
        assert_eq!(reset("别的 电池 订书钉 正确", &["k-1"]).status, StatusCode::CONFLICT);
        for bad in [&[""][..], &["钥匙"], &["k".repeat(201).as_str()], &["k-2", "k-3"]] {
            assert_eq!(reset("别的 电池 订书钉 正确", bad).status, StatusCode::BAD_REQUEST, "{bad:?}");
        }
        let signed_in =
            office::account::sign_in(&world.office, Via::Api, &person.login, &Secret::new("马 电池 订书钉 正确"));
        assert!(signed_in.is_ok(), "only the first was set");
    });
}

#[test]
fn house_strangers_do_not_use_up_each_others_keys() {
    on_each_database("2026-08-31", |world| {
        let (_, token) = world.posted_batch(1, 3, &[]);
        let lodge = |no: i64, contact: &str| {
            let (token, reason) = (token.clone(), "示例考生没有参加考试");
            let act = LodgeObjection::new(token, no, reason, Contact::new(contact), Vec::new());
            world.office.act_once(&Caller::public(Via::Api), Some("1"), act)
        };
        let first = lodge(1, "示例联系方式一").expect("lodged").receipt;
        assert_eq!(lodge(1, "示例联系方式一").expect("said again").receipt, first);
        assert_ne!(lodge(2, "示例联系方式二").expect("another's").receipt, first);
        assert!(lodge(1, "示例联系方式三").map(|lodged| lodged.receipt != first).unwrap_or(true));
    });
}

static READING: AtomicUsize = AtomicUsize::new(0);
static MAY_END: AtomicBool = AtomicBool::new(false);

/// An act that takes long to prepare.
#[derive(Clone, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
struct ReadLong {}

impl Act for ReadLong {
    const KIND: ActKind = ActKind::ImportTable;
    const PREPARES: bool = true;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        office::door::store::setting(&mut sight.tx(), "make_believe")?;
        READING.fetch_add(1, Ordering::SeqCst);
        while !MAY_END.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn perform(&self, _: &mut Desk<'_>) -> Result<Done, Stop> {
        Ok(Done {})
    }
}

#[test]
fn house_whoever_reads_a_workbook_keeps_nobody_from_looking() {
    const MANY: usize = 20;
    on_each_database("2026-03-02", |world| {
        READING.store(0, Ordering::SeqCst);
        MAY_END.store(false, Ordering::SeqCst);
        std::thread::scope(|scope| {
            for _ in 0..MANY {
                scope.spawn(|| world.office.act(&Caller::operator(), ReadLong {}).expect("done"));
            }
            let begun = Instant::now();
            while READING.load(Ordering::SeqCst) < MANY && begun.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(5));
            }
            let reading = READING.load(Ordering::SeqCst);
            let looked = (reading == MANY).then(|| world.count("SELECT COUNT(*) FROM record"));
            MAY_END.store(true, Ordering::SeqCst);
            assert_eq!((reading, looked), (MANY, Some(0)), "all of them read, and another looks");
        });
    });
}

#[test]
fn house_a_schema_is_brought_up_to_date_once_by_however_many() {
    let upgrade = |url: &str| {
        let steps: usize = std::thread::scope(|scope| {
            let migrate = || Engine::open(url).and_then(|engine| db::migrate(&engine)).expect("up to date");
            let begun: Vec<_> = (0..4).map(|_| scope.spawn(migrate)).collect();
            begun.into_iter().map(|thread| thread.join().expect("an answer")).sum()
        });
        assert_eq!(steps, db::SCHEMA.len(), "each step is taken once");
    };
    let folder = tempfile::tempdir().expect("a folder");
    upgrade(&text_of(&folder.path().join("new.db")));
    if let Ok(server) = std::env::var("JIANGCE_TEST_POSTGRES") {
        World::with_empty_database(&server, upgrade);
    }
}

#[test]
fn house_healthz_says_when_the_database_does_not_answer() {
    on_each_database("2026-03-02", |world| {
        assert_eq!(world.page(None, "/healthz").status, StatusCode::OK);
        let lost = Sql { name: "test", text: "ALTER TABLE setting RENAME TO lost" };
        world.office.engine().write(move |tx| Ok((Keep::Yes, tx.run(&lost, &[])?))).expect("renamed");
        assert_eq!(world.page(None, "/healthz").status, StatusCode::SERVICE_UNAVAILABLE);
    });
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn house_no_log_holds_what_someone_asked_for() {
    let world = World::on_sqlite("2026-03-02");
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        world.public("/certificates/query?name=secretname&number=350199188001010011");
    });
    let said = String::from_utf8(log.0.lock().expect("the log").clone()).expect("text");
    assert!(said.contains("/api/certificates/query"), "{said}");
    assert!(!said.contains("secretname") && !said.contains("350199188001010011"), "{said}");
}

#[test]
fn house_real_days_are_not_moved() {
    let world = World::on_sqlite("2026-03-02");
    let seals = Seals::from_secret(&[7; 32]);
    let files = Files::folder(&world.folder.join("files"), &seals).expect("the files");
    let engine = Engine::open(&world.url).expect("the database");
    let real = Office::open(engine, files, seals, Clock::Real, false).expect("the house");
    assert!(matches!(real.set_day(world.office.today()), Err(Stop::NotFound)));
    assert_eq!(world.count("SELECT COUNT(*) FROM setting WHERE name = 'simulated_day'"), 0);
}
