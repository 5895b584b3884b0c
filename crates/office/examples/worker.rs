//! A process that performs acts and says so, to be killed or to have its disk fail: the durability stories drive it.
//!
//! `worker DATABASE FOLDER DAY THREADS` reads one act a line from its input, `{"login", "kind", "key", "fields"}`, and answers
//! each with `ack KEY ANSWER` or `fail KEY WHY` once it is durable or lost. `{"look": true}` is answered by `look COUNT`.

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use office::account::caller_for;
use office::db::Engine;
use office::door::{Clock, Files, Office, Seals, Via};
use serde_json::Value;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("DATABASE FOLDER DAY THREADS");
    let (database, folder, day, threads) = (next(), next(), next(), next());
    let engine = Engine::open(&database).expect("the database");
    let seals = Seals::from_secret(&[7; 32]);
    let files = Files::folder(&Path::new(&folder).join("files"), &seals).expect("the files");
    let clock = Clock::simulated(day.parse().expect("a day"));
    let office = Office::open(engine, files, seals, clock, true).expect("the house");
    if std::env::var_os("JIANGCE_SEALS").is_some() {
        office.guard_log(Path::new(&folder).join("log.checkpoint"));
        let office = office.clone();
        std::thread::spawn(move || {
            loop {
                office::public_log::seal(&office).expect("the public log goes on");
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        });
    }
    let (lines, waiting) = mpsc::channel::<Value>();
    let waiting = Arc::new(Mutex::new(waiting));
    let workers: Vec<_> = (0..threads.parse::<usize>().expect("a number"))
        .map(|_| {
            let (office, waiting) = (office.clone(), Arc::clone(&waiting));
            std::thread::spawn(move || {
                let features = office::features();
                loop {
                    let line = waiting.lock().expect("the queue").recv();
                    let Ok(line) = line else { break };
                    let said = perform(&office, &features, &line);
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "{said}").and_then(|()| out.flush()).expect("someone listens");
                }
            })
        })
        .collect();
    println!("ready");
    std::io::stdout().flush().expect("someone listens");
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        lines.send(serde_json::from_str(&line).expect("JSON")).expect("a worker");
    }
    drop(lines);
    for worker in workers {
        worker.join().expect("a worker");
    }
}

fn perform(office: &Office, features: &office::web::api::Registry, line: &Value) -> String {
    if line["look"] == true {
        return match office.public(|sight| Ok(sight.today())) {
            Ok(day) => format!("look {day}"),
            Err(stop) => format!("blind {stop}"),
        };
    }
    let text = |name: &str| line[name].as_str().unwrap_or_default();
    let key = text("key");
    let outcome = caller_for(office, text("login"), Via::Cli).and_then(|caller| {
        let call = features.acts.get(text("kind")).expect("an act");
        call(office, &caller, Some(key), line["fields"].clone())
    });
    match outcome {
        Ok(answer) => format!("ack {key} {answer}"),
        Err(stop) => format!("fail {key} {stop}"),
    }
}
