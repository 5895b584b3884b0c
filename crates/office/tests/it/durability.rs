//! What is acknowledged stays: after `kill -9` at any moment, and when the disk can't flush or is full.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use office::args;
use office::db::{DbError, Engine, Keep, Sql};
use serde_json::{Value, json};

use crate::held::number_of;
use crate::stages;
use crate::world::{PASSWORD, World, on_each_database};

/// The process that is driven, and killed.
struct Worker {
    child: Child,
    input: ChildStdin,
    said: mpsc::Receiver<String>,
}

fn example(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().expect("this test");
    folder.pop();
    folder.pop();
    folder.join("examples").join(name)
}

impl Worker {
    fn start(world: &World, threads: usize, environment: &[(&str, String)]) -> Self {
        let mut child = Command::new(example("worker"))
            .arg(&world.url)
            .arg(&world.folder)
            .arg(world.office.today().to_string())
            .arg(threads.to_string())
            .envs(environment.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker; `cargo test` builds it with the examples");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (tell, said) = mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    break;
                }
            }
        });
        let worker = Self { child, input, said };
        assert_eq!(worker.hear(), "ready");
        worker
    }

    fn tell(&mut self, line: &Value) {
        // A worker that was killed hears nothing more.
        let _ = writeln!(self.input, "{line}");
        let _ = self.input.flush();
    }

    fn hear(&self) -> String {
        self.said.recv_timeout(Duration::from_secs(60)).expect("the worker says something")
    }

    /// Kills it where it stands; what it had said by then.
    fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("its end");
        self.said.iter().collect()
    }
}

/// Acts that a story wants performed whatever happens to the process.
pub struct Step {
    pub login: String,
    pub kind: &'static str,
    pub fields: Value,
}

/// Performs every step although the process is killed again and again, at least `kills` times while acts are on their way:
/// every third time as soon as they are acknowledged, otherwise at any moment until then. After each kill nothing
/// acknowledged is lost and `whole` looks at the house: no half act may be visible. At the end every step has been
/// acknowledged and has the answer that was acknowledged first.
pub fn survive(world: &World, steps: &[Step], kills: usize, whole: impl Fn(&World)) {
    survive_with(world, steps, kills, &[], whole);
}

/// The same, with the worker's environment.
pub fn survive_with(
    world: &World,
    steps: &[Step],
    kills: usize,
    environment: &[(&str, String)],
    whole: impl Fn(&World),
) {
    let recorded =
        || world.count("SELECT COUNT(*) FROM record WHERE refused IS NULL AND via = 'cli' AND account IS NOT NULL");
    let before = recorded();
    // Never more at once, so that there is something left to do for every kill.
    let share = steps.len() / kills;
    assert!(share > 0, "a kill needs an act to interrupt");
    let mut acknowledged: BTreeMap<String, String> = BTreeMap::new();
    let (mut survived, mut took) = (0, Duration::from_millis(100));
    while acknowledged.len() < steps.len() {
        let mut worker = Worker::start(world, 4, environment);
        let key = |index: usize| format!("{}-{index}", steps[index].kind);
        let (done, left): (Vec<_>, Vec<_>) =
            (0..steps.len()).partition(|index| acknowledged.contains_key(&key(*index)));
        // What was acknowledged is said again too: it must answer the same and do nothing.
        let said: Vec<_> = left.into_iter().take(share).chain(done.into_iter().rev().take(2)).collect();
        let begun = Instant::now();
        for &index in &said {
            let Step { login, kind, fields } = &steps[index];
            worker.tell(&json!({"login": login, "kind": kind, "key": key(index), "fields": fields}));
        }
        let mut lines = Vec::new();
        if survived % 3 == 2 {
            lines.extend(said.iter().map(|_| worker.hear()));
            took = begun.elapsed();
        } else {
            std::thread::sleep(took.mul_f64(rand::random_range(0.0..1.1)));
        }
        lines.extend(worker.kill());
        for line in lines {
            let mut words = line.splitn(3, ' ');
            let (word, key, answer) =
                (words.next(), words.next().unwrap_or_default(), words.next().unwrap_or_default());
            assert_eq!(word, Some("ack"), "{line}");
            let first = acknowledged.entry(key.to_owned()).or_insert_with(|| answer.to_owned());
            assert_eq!(first, answer, "{key} was acknowledged before with another answer");
        }
        assert!(recorded() - before >= acknowledged.len() as i64, "something acknowledged was lost");
        whole(world);
        survived += 1;
    }
    assert!(survived >= kills, "{survived} kills");
    assert_eq!(recorded() - before, steps.len() as i64, "each step has one record");
}

#[test]
fn house_what_was_acknowledged_survives_being_killed_fifty_times() {
    let world = World::on_sqlite("2026-03-02");
    world.administrator("guanli");
    let steps: Vec<Step> = (0..400)
        .map(|n| Step {
            login: "guanli".into(),
            kind: "CreateAccount",
            fields: json!({"login": format!("login-{n}"), "name": "示例", "role": "administrator", "password": PASSWORD}),
        })
        .collect();
    survive(&world, &steps, 50, |_| {});
    assert_eq!(world.count("SELECT COUNT(*) FROM account"), 401);
}

#[test]
fn house_the_public_log_keeps_one_past_though_its_sealer_is_killed_twenty_times() {
    on_each_database("2026-11-12", |world| {
        let approved = world.approved_batch("示例一技工学校", 60);
        let steps: Vec<Step> = approved
            .people
            .iter()
            .map(|one| Step {
                login: approved.school.head.login.clone(),
                kind: "IssueCertificates",
                fields: json!({"batch": approved.batch, "candidates": [one.candidate]}),
            })
            .collect();
        let seen = std::cell::RefCell::new(BTreeMap::new());
        survive_with(world, &steps, 20, &[("JIANGCE_SEALS", "yes".into())], |world| {
            // The lease of who was killed runs out; here at once, because the day stands still.
            crate::certificate::put(world, "UPDATE log_head SET leased_until = 0", vec![vec![]]);
            // What was published or kept beside the key at any moment stays the beginning of the log.
            let guard = std::fs::read_to_string(world.folder.join("log.checkpoint")).unwrap_or_default();
            for note in [guard, world.text("SELECT note FROM log_head")] {
                if let [_, size, root, ..] = note.lines().collect::<Vec<_>>()[..] {
                    let first = seen.borrow_mut().entry(size.to_owned()).or_insert_with(|| root.to_owned()).clone();
                    assert_eq!(first, root, "two checkpoints of {size} leaves");
                }
            }
        });
        office::public_log::seal(&world.office).expect("sealed");
        let found = office::public_log::audit(&world.office).expect("an audit");
        assert_eq!((found.found, found.compared), (0, found.size), "{found:?}");
        assert_eq!(world.count("SELECT COUNT(*) FROM log_leaf WHERE kind = 'certificate.issued'"), 60);
        let now: i64 = found.size.try_into().expect("a size");
        let seen = seen.into_inner();
        assert!(seen.len() > 3, "the log grew in between: {seen:?}");
        for (size, root) in seen {
            let grown = world.public(&format!("/log/consistency?from={size}&to={now}")).done();
            let grown: proof::log::Consistency = serde_json::from_value(grown).expect("a proof");
            let note = world.text("SELECT note FROM log_head");
            let hash = |text: &str| {
                use base64::Engine as _;
                let bytes = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
                proof::log::Hash(bytes.try_into().expect("a hash"))
            };
            assert!(grown.holds(&hash(&root), &hash(note.lines().nth(2).expect("a root"))), "{size}");
        }
    });
}

/// Batches that are imported, posted and issued while the process is killed, and the persons of each.
const BATCHES: usize = 20;
const PERSONS: usize = 12;

/// One act of a kind for each batch.
fn steps(kind: &'static str, login: &str, batches: &[i64], fields: impl Fn(usize) -> Value) -> Vec<Step> {
    let step = |(n, batch): (usize, &i64)| {
        let mut fields = fields(n);
        fields["batch"] = json!(batch);
        Step { login: login.to_owned(), kind, fields }
    };
    batches.iter().enumerate().map(step).collect()
}

#[test]
fn house_import_posting_and_issuing_survive_being_killed_sixty_times() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例一技工学校");
        world.enrol(&school, BATCHES * PERSONS);
        let batches: Vec<i64> = (0..BATCHES).map(|_| world.notified_batch(&school, "2026-09-14")).collect();
        let persons = |n: usize| n * PERSONS..(n + 1) * PERSONS;

        let files: Vec<String> =
            (0..BATCHES).map(|n| world.keep(&school.clerk, stages::roster(persons(n)).as_bytes())).collect();
        let imports =
            steps("UploadRoster", &school.clerk.login, &batches, |n| json!({"file": files[n], "name": "名册.csv"}));
        survive(world, &imports, BATCHES, |world| {
            // A batch has all of its persons, their tickets, the upload and its record, or none of them.
            let half = world.count(
                "SELECT COUNT(*) FROM batch b CROSS JOIN (SELECT 12 AS whole) p
                 WHERE NOT ((SELECT COUNT(*) FROM candidate c WHERE c.batch = b.id) = 0
                    AND (SELECT COUNT(*) FROM roster_upload u WHERE u.batch = b.id) = 0
                    AND (SELECT COUNT(*) FROM counter t WHERE t.series = 'ticket/' || b.id) = 0
                    AND (SELECT COUNT(*) FROM record r WHERE r.act = 'UploadRoster' AND r.subject_id = b.id) = 0)
                 AND NOT ((SELECT COUNT(DISTINCT c.ticket) FROM candidate c WHERE c.batch = b.id) = p.whole
                    AND (SELECT COUNT(*) FROM candidate c WHERE c.batch = b.id) = p.whole
                    AND (SELECT COUNT(*) FROM roster_upload u WHERE u.batch = b.id) = 1
                    AND (SELECT MAX(t.last) FROM counter t WHERE t.series = 'ticket/' || b.id) = p.whole
                    AND (SELECT COUNT(*) FROM record r WHERE r.act = 'UploadRoster' AND r.subject_id = b.id) = 1)",
            );
            assert_eq!(half, 0, "batches half imported");
        });
        assert_eq!(world.count("SELECT COUNT(*) FROM candidate"), (BATCHES * PERSONS) as i64);

        world.on("2026-09-16");
        let photo = crate::certificate::photo();
        for (n, batch) in batches.iter().enumerate() {
            let entries: Vec<Value> = candidates(world, *batch)
                .iter()
                .flat_map(|candidate| {
                    ["theory", "practical"].map(|part| json!({"candidate": candidate, "part": part, "outcome": "80"}))
                })
                .collect();
            world.post(&school.clerk, &format!("/batches/{batch}/marks"), json!({"entries": entries})).done();
            world.confirm_marks(&school.head, *batch);
            let names: Vec<String> = persons(n).map(|person| format!("{}.png", number_of(person))).collect();
            let zip: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), photo.as_slice())).collect();
            let file = world.keep(&school.clerk, &crate::roster::zipped(&zip));
            world.post(&school.clerk, &format!("/batches/{batch}/photos"), json!({"file": file})).done();
        }
        let postings = steps("PostResults", &school.head.login, &batches, |_| json!({}));
        survive(world, &postings, BATCHES, |world| {
            // A list is frozen with all of its numbers, its digest and its record, or nothing of it is there.
            let half = world.count(
                "SELECT COUNT(*) FROM batch b CROSS JOIN (SELECT 12 AS whole) p
                 WHERE NOT (b.stage = 'notified' AND b.publicity_digest IS NULL AND b.publicity_token IS NULL AND b.posted_on IS NULL
                    AND (SELECT COUNT(*) FROM candidate c WHERE c.batch = b.id AND c.publicity_no IS NOT NULL) = 0
                    AND (SELECT COUNT(*) FROM record r WHERE r.act = 'PostResults' AND r.subject_id = b.id) = 0)
                 AND NOT (b.stage = 'posted' AND b.publicity_digest IS NOT NULL AND b.publicity_token IS NOT NULL AND b.posted_on IS NOT NULL
                    AND (SELECT COUNT(DISTINCT c.publicity_no) FROM candidate c WHERE c.batch = b.id) = p.whole
                    AND (SELECT COUNT(*) FROM record r WHERE r.act = 'PostResults' AND r.subject_id = b.id) = 1)",
            );
            assert_eq!(half, 0, "lists half posted");
        });

        world.on("2026-09-24");
        for batch in &batches {
            world.post(&school.head, &format!("/batches/{batch}/report"), json!({})).done();
            let all = json!({"rest": true, "approved": true});
            world.post(&school.centre, &format!("/batches/{batch}/reports/1/reviews"), all).done();
        }
        let issues = steps("IssueCertificates", &school.head.login, &batches, |_| json!({}));
        survive(world, &issues, BATCHES, |world| {
            // Everyone of a batch has a certificate, or nobody; the counter stands at what was given.
            let half = world.count(
                "SELECT COUNT(*) FROM batch b CROSS JOIN (SELECT 12 AS whole) p
                 WHERE NOT (b.stage = 'reviewed'
                    AND (SELECT COUNT(*) FROM certificate e WHERE e.batch = b.id) = 0
                    AND (SELECT COUNT(*) FROM candidate c WHERE c.batch = b.id AND c.certificate IS NOT NULL) = 0
                    AND (SELECT COUNT(*) FROM record r WHERE r.act = 'IssueCertificates' AND r.subject_id = b.id) = 0)
                 AND NOT (b.stage = 'issued'
                    AND (SELECT COUNT(*) FROM certificate e WHERE e.batch = b.id) = p.whole
                    AND (SELECT COUNT(DISTINCT c.certificate) FROM candidate c WHERE c.batch = b.id) = p.whole
                    AND (SELECT COUNT(*) FROM record r WHERE r.act = 'IssueCertificates' AND r.subject_id = b.id) = 1)",
            );
            assert_eq!(half, 0, "batches half issued");
            let apart = world.count(
                "SELECT COUNT(*) - COALESCE((SELECT MAX(t.last) FROM counter t WHERE t.series LIKE 'certificate %'), 0) FROM certificate",
            );
            assert_eq!(apart, 0, "the counter and the certificates agree");
        });
        let total = (BATCHES * PERSONS) as i64;
        assert_eq!(world.count("SELECT COUNT(DISTINCT number) FROM certificate"), total);
        let last = world.text("SELECT MAX(number) FROM certificate");
        assert_eq!(last, format!("{}264{total:06}", school.number), "no gap and nothing twice");
    });
}

/// The candidates of a batch.
fn candidates(world: &World, batch: i64) -> Vec<i64> {
    let of = Sql { name: "test", text: "SELECT id FROM candidate WHERE batch = ?1 ORDER BY ticket" };
    let rows = world.office.engine().read(|tx| tx.rows(&of, args![batch])).expect("the candidates");
    rows.iter().map(|row| row.get(0).expect("an id")).collect()
}

/// A line to PostgreSQL that loses the answer to the next COMMIT once it is told to, and the connection with it.
fn lossy_line(server: String) -> (std::net::SocketAddr, Arc<AtomicBool>) {
    let line = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (address, armed) = (line.local_addr().expect("an address"), Arc::new(AtomicBool::new(false)));
    let told = Arc::clone(&armed);
    std::thread::spawn(move || {
        for asker in line.incoming().map_while(Result::ok) {
            let answerer = TcpStream::connect(&server).expect("the server");
            let lost = Arc::new(AtomicBool::new(false));
            let ends = |stream: &TcpStream| stream.try_clone().expect("the other end");
            let (mut from, mut to) = (ends(&asker), ends(&answerer));
            let (told, loses) = (Arc::clone(&told), Arc::clone(&lost));
            std::thread::spawn(move || {
                pass(&mut from, &mut to, |said| {
                    if said.windows(6).any(|word| word == b"COMMIT") && told.swap(false, Ordering::SeqCst) {
                        loses.store(true, Ordering::SeqCst);
                    }
                    true
                });
            });
            let (mut from, mut to) = (answerer, asker);
            std::thread::spawn(move || pass(&mut from, &mut to, |_| !lost.load(Ordering::SeqCst)));
        }
    });
    (address, armed)
}

/// Passes on what is said until one end is silent or `may` says no; then both ends are closed.
fn pass(from: &mut TcpStream, to: &mut TcpStream, may: impl Fn(&[u8]) -> bool) {
    let mut said = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut said) {
        if !may(&said[..length]) || to.write_all(&said[..length]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

#[test]
fn house_a_commit_whose_answer_was_lost_is_not_run_again() {
    let Ok(server) = std::env::var("JIANGCE_TEST_POSTGRES") else { return };
    let world = World::on_postgres("2026-03-02", &server);
    let (before, rest) =
        world.url.split_once('@').map_or(("postgres:/", world.url.as_str()), |(user, rest)| (user, rest));
    let (place, name) = rest.trim_start_matches("postgres://").split_once('/').expect("host:port/name");
    let (line, armed) = lossy_line(place.to_owned());
    let url =
        if before.contains("://") { format!("{before}@{line}/{name}") } else { format!("postgres://{line}/{name}") };
    let engine = Engine::open(&url).expect("the database");
    let count = || {
        engine.write(|tx| {
            let up = Sql {
                name: "test",
                text: "INSERT INTO counter (series, last) VALUES ('test', 1) ON CONFLICT (series) DO UPDATE SET last = counter.last + 1",
            };
            Ok((Keep::Yes, tx.run(&up, &[])?))
        })
    };
    count().expect("counted");
    armed.store(true, Ordering::SeqCst);
    let lost = count();
    assert!(matches!(lost, Err(DbError::InDoubt(_))), "{lost:?}");
    let counted = || world.count("SELECT last FROM counter WHERE series = 'test'");
    assert_eq!(counted(), 2, "what was committed stands, once");
    count().expect("the next has another connection");
    assert_eq!(counted(), 3);
}

#[test]
fn house_connections_that_died_while_idle_are_replaced() {
    let Ok(server) = std::env::var("JIANGCE_TEST_POSTGRES") else { return };
    let world = World::on_postgres("2026-03-02", &server);
    world.administrator("guanli");
    let cut = || {
        let mut client = postgres::Client::connect(&world.url, postgres::NoTls).expect("the server");
        client
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
                &[],
            )
            .expect("cut");
    };
    cut();
    assert_eq!(world.count("SELECT COUNT(*) FROM account"), 1);
    cut();
    world.administrator("guanli-2");
    assert_eq!(world.count("SELECT COUNT(*) FROM account"), 2);
}

/// Builds what makes the disk fail.
fn failing_disk(world: &World) -> PathBuf {
    let library = world.folder.join("failing_disk.so");
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/failing_disk.c");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    assert!(built.expect("a C compiler").success());
    library
}

#[test]
fn house_a_disk_that_fails_gives_no_false_success_and_recovers() {
    let world = World::on_sqlite("2026-03-02");
    world.administrator("guanli");
    let library = failing_disk(&world);
    let switch = world.folder.join("switch");
    let environment = [("LD_PRELOAD", library.display().to_string()), ("FAILING_DISK", switch.display().to_string())];
    let mut worker = Worker::start(&world, 1, &environment);
    let mut n = 0;
    let mut act = |worker: &mut Worker| {
        n += 1;
        let fields =
            json!({"login": format!("login-{n}"), "name": "示例", "role": "administrator", "password": PASSWORD});
        worker.tell(&json!({"login": "guanli", "kind": "CreateAccount", "key": format!("k-{n}"), "fields": fields}));
        worker.hear()
    };
    let accounts = || world.count("SELECT COUNT(*) FROM account");
    let said = act(&mut worker);
    assert!(said.starts_with("ack"), "{said}");
    for how in ["flush", "full"] {
        let before = accounts();
        std::fs::write(&switch, how).expect("the switch");
        for _ in 0..3 {
            let said = act(&mut worker);
            assert!(said.starts_with("fail"), "no false success while the disk says {how}: {said}");
        }
        worker.tell(&json!({"look": true}));
        assert!(worker.hear().starts_with("look"), "reads go on while the disk says {how}");
        std::fs::remove_file(&switch).expect("the switch");
        let said = act(&mut worker);
        assert!(said.starts_with("ack"), "it recovers from {how}: {said}");
        assert_eq!(accounts(), before + 1, "what failed left nothing");
    }
    let whole: Vec<String> = worker.kill();
    assert!(whole.is_empty(), "{whole:?}");
    assert_eq!(accounts(), 1 + 3, "and nothing comes back after the process is killed");
}
