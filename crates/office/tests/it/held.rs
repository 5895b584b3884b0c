//! Where later stories begin: a batch that was examined, marked, posted, reported, reviewed.

use office::args;
use office::db::{DbError, Keep, Sql, Tx, Value};
use serde_json::json;

use crate::stages::School;
use crate::world::{Person, World};

/// A batch with everyone who has to do with it.
pub struct Held {
    pub batch: i64,
    pub clerk: Person,
    pub head: Person,
    /// Of the city centre in charge.
    pub centre: Person,
    /// In the order of their tickets.
    pub candidates: Vec<i64>,
}

/// The identity number of the n-th candidate, counted from 0.
pub fn number_of(n: usize) -> String {
    sheets::specimen::resident_number("18800101", n + 1)
}

/// The name of the n-th candidate, counted from 0.
pub fn name_of(n: usize) -> String {
    const GIVEN: &[&str] = &["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    format!("示例{}{}", GIVEN[n / 10 % 10], GIVEN[n % 10])
}

impl World {
    /// A batch at level 4 of the city's n-th school, notified on Monday 31 August 2026, theory on Monday 14 September,
    /// practice the day after, with so many candidates; the day is moved to the 16th.
    pub fn examined_batch(&self, n: usize, candidates: usize) -> Held {
        self.examined_at_school(n, candidates).0
    }

    /// As [`World::examined_batch`], with the school.
    pub fn examined_at_school(&self, n: usize, candidates: usize) -> (Held, School) {
        self.on("2026-08-31");
        let school = self.filed_school(&format!("示例第{n}技工学校"));
        let batch = self.notified_batch(&school, "2026-09-14");
        let candidates = self.register(batch, candidates);
        self.on("2026-09-16");
        let (clerk, head, centre) = (school.clerk.clone(), school.head.clone(), school.centre.clone());
        (Held { batch, clerk, head, centre, candidates }, school)
    }

    /// So many candidates, as a roster without a fault leaves them.
    pub fn register(&self, batch: i64, candidates: usize) -> Vec<i64> {
        let seals = self.office.seals().clone();
        let upload = self.office.new_id();
        let (file, _) = self.office.files().keep("姓名,证件号码\n".as_bytes()).expect("a file");
        let persons: Vec<_> = (0..candidates).map(|n| (self.office.new_id(), n, name_of(n), number_of(n))).collect();
        let ids = persons.iter().map(|(id, ..)| *id).collect();
        let write = move |tx: &mut Tx<'_>| -> Result<(Keep, ()), DbError> {
            let mut run = |text: &'static str, args: &[Value]| tx.run(&Sql { name: "held", text }, args);
            run(
                "INSERT INTO file (hash, kind, size, stored_at) VALUES (?1, 'text', 20, 0) ON CONFLICT (hash) DO NOTHING",
                args![&file.0],
            )?;
            run(
                "INSERT INTO roster_upload (id, batch, file, name, rows_read, rows_good, rows_new, rows_changed, rows_withdrawn, faults, warnings, findings, at, account_name) VALUES (?1, ?2, ?3, '名册.xlsx', 0, 0, 0, 0, 0, 0, 0, '', 0, '示例')",
                args![upload, batch, &file.0],
            )?;
            for (id, n, name, number) in &persons {
                let (key, sealed, phone) = (seals.find_key(number), seals.seal(number), seals.seal(""));
                run("INSERT INTO candidate (id, batch, upload, sheet, row_no, ticket, name, id_kind, id_key, id_sealed, sex, student_no, major, condition, phone_sealed, held)
                    VALUES (?1, ?2, ?3, '名册', ?4, ?5, ?6, '201', ?7, ?8, '男', ?5, '示例专业', '', ?9, 0)",
                    args![*id, batch, upload, *n as i64 + 2, format!("{:04}", n + 1), name, key, sealed, phone])?;
            }
            Ok((Keep::Yes, ()))
        };
        self.office.engine().write(write).expect("the candidates");
        ids
    }

    /// As [`World::examined_batch`], with marks that the head has confirmed: everyone has 80 and 85 but those named in `others` by
    /// their place and two outcomes.
    pub fn marked_batch(&self, n: usize, candidates: usize, others: &[(usize, &str, &str)]) -> Held {
        let held = self.entered_batch(n, candidates, others);
        self.confirm_marks(&held.head, held.batch);
        held
    }

    /// Somebody else than who entered them confirms all marks of a batch.
    pub fn confirm_marks(&self, by: &Person, batch: i64) -> serde_json::Value {
        self.post(by, &format!("/batches/{batch}/marks/confirmation"), json!({})).done()
    }

    /// As [`World::marked_batch`], with marks that the clerk has entered and nobody confirmed.
    pub fn entered_batch(&self, n: usize, candidates: usize, others: &[(usize, &str, &str)]) -> Held {
        let held = self.examined_batch(n, candidates);
        let entries: Vec<_> = (0..candidates)
            .flat_map(|at| {
                let other = others.iter().find(|(place, ..)| *place == at);
                let (theory, practical) = other.map_or(("80", "85"), |(_, theory, practical)| (theory, practical));
                [("theory", theory), ("practical", practical)]
                    .map(|(part, outcome)| json!({"candidate": held.candidates[at], "part": part, "outcome": outcome}))
            })
            .collect();
        self.post(&held.clerk, &format!("/batches/{}/marks", held.batch), json!({"entries": entries})).done();
        held
    }

    /// The clerk uploads photos of these candidates, by their places; what came of it.
    pub fn photograph(&self, held: &Held, places: &[usize]) -> serde_json::Value {
        let photo = crate::certificate::photo();
        let names: Vec<String> = places.iter().map(|at| format!("{:04}.png", at + 1)).collect();
        let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), photo.as_slice())).collect();
        let file = self.keep(&held.clerk, &crate::roster::zipped(&entries));
        self.post(&held.clerk, &format!("/batches/{}/photos", held.batch), json!({"file": file})).done()
    }

    /// As [`World::marked_batch`], posted on Thursday 17 September 2026: public until the 23rd, to be reported by 14 October.
    pub fn posted_batch(&self, n: usize, candidates: usize, others: &[(usize, &str, &str)]) -> (Held, String) {
        let held = self.marked_batch(n, candidates, others);
        self.on("2026-09-17");
        let posted = self.post(&held.head, &format!("/batches/{}/publicity", held.batch), json!({})).done();
        (held, posted["token"].as_str().expect("a token").to_owned())
    }

    /// As [`World::posted_batch`], reported on Thursday 24 September 2026.
    pub fn reported_batch(&self, n: usize, candidates: usize, others: &[(usize, &str, &str)]) -> Held {
        let (held, _) = self.posted_batch(n, candidates, others);
        self.on("2026-09-24");
        self.post(&held.head, &format!("/batches/{}/report", held.batch), json!({})).done();
        held
    }

    /// As [`World::reported_batch`], everyone approved on Monday 28 September 2026: certificates may be issued.
    pub fn reviewed_batch(&self, n: usize, candidates: usize, others: &[(usize, &str, &str)]) -> Held {
        let held = self.reported_batch(n, candidates, others);
        self.on("2026-09-28");
        let all = json!({"rest": true, "approved": true});
        self.post(&held.centre, &format!("/batches/{}/reports/1/reviews", held.batch), all).done();
        held
    }
}
