//! Registers, rosters and their uploads in the database. Rows go in by thousands: one statement takes them as the JSON
//! of an object, which both engines unfold with `json_each`.

use std::collections::{BTreeMap, HashMap};

use rules::Day;
use rules::batch::Photographed;
use rules::candidate::is_minor;
use rules::eligibility::{Enrolled, Month, Standing};
use rules::identity::{mask_name, mask_number};
use serde::{Deserialize, Serialize, Serializer};
use sheets::{EnrolmentIndex, EnrolmentRow, Finding};

use super::{CandidateLine, FullLine, PhotoFinding, PhotoUploadLine, PhotosUploaded, StudentLine, UploadLine, spread};
use crate::args;
use crate::batch::Batch;
use crate::db::{DbError, Row, Tx};
use crate::door::files::KeptFile;
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, Seals, clock};

crate::statements! {
    REGISTER = "SELECT id_key, id_sealed, student_no, name, major, class, class_kind, entered, graduates, standing FROM enrolment WHERE body = ?1";
    REGISTER_SIZE = "SELECT count(*) FROM enrolment WHERE body = ?1 AND standing IN ('', ?2)";
    IS_ENROLLED = "SELECT 1 FROM enrolment WHERE body = ?1 AND id_key = ?2 AND standing IN ('', ?3)";
    STUDENTS = "SELECT id_sealed, student_no, name, major, class, class_kind, entered, graduates, standing FROM enrolment
      WHERE body = ?1 AND (CAST(?2 AS TEXT) IS NULL OR name = ?2 OR student_no = ?2 OR id_key = ?3) ORDER BY student_no, id_key LIMIT ?4 OFFSET ?5";
    STUDENTS_COUNT = "SELECT count(*) FROM enrolment WHERE body = ?1 AND (CAST(?2 AS TEXT) IS NULL OR name = ?2 OR student_no = ?2 OR id_key = ?3)";
    ENROL = "INSERT INTO enrolment (body, id_key, id_sealed, student_no, name, major, class, class_kind, entered, graduates, standing)
      SELECT CAST(?2 AS BIGINT), r.key, r.value ->> 'id_sealed', r.value ->> 'student_no', r.value ->> 'name', r.value ->> 'major', r.value ->> 'class', r.value ->> 'class_kind', r.value ->> 'entered', r.value ->> 'graduates', r.value ->> 'standing'
      FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (body, id_key) DO UPDATE SET student_no = excluded.student_no, name = excluded.name, major = excluded.major, class = excluded.class, class_kind = excluded.class_kind, entered = excluded.entered, graduates = excluded.graduates, standing = excluded.standing";
    STRIKE = "DELETE FROM enrolment WHERE body = ?2 AND id_key IN (SELECT r.key FROM json_each(?1) AS r)";
    ENROLMENT_UPLOADED = "INSERT INTO enrolment_upload (id, body, file, name, rows_read, rows_good, rows_new, rows_changed, faults, warnings, findings, at, account_name)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    ENROLMENT_UPLOADS = "SELECT id, name, rows_read, rows_good, rows_new, rows_changed, 0, faults, warnings, at, account_name, file
      FROM enrolment_upload WHERE body = ?1 ORDER BY id DESC LIMIT 20";
    ENROLMENT_UPLOAD = "SELECT id, name, rows_read, rows_good, rows_new, rows_changed, 0, faults, warnings, at, account_name, file
      FROM enrolment_upload WHERE id = ?1 AND body = ?2";
    ENROLMENT_FINDINGS = "SELECT findings FROM enrolment_upload WHERE id = ?1 AND body = ?2";
    MAJORS = "SELECT DISTINCT f.major FROM listing_scope s JOIN filing_trade f ON f.filing = s.filing AND f.code = s.code AND f.work_type = s.work_type AND f.level = s.level
      WHERE s.listing = ?1 AND s.closed IS NULL AND s.code = ?2 AND s.level = ?3";
    // Who may not be registered again: those in a batch of the same occupation and level that may still end in a
    // certificate, and those who sit an examination on one of the same days. Who was returned, given up or objected to
    // with reason does not wait; should two batches end in a certificate after all, issuing the second is refused.
    RUNNING = "SELECT c.id_key, t.number, t.title, t.body FROM candidate c JOIN batch t ON t.id = c.batch
      WHERE t.id <> ?1 AND c.withdrawn_on IS NULL AND (
        (t.stage = 'notified' AND ((t.code = ?2 AND t.level = ?3) OR t.theory_on IN (?4, ?5, ?6) OR t.practical_on IN (?4, ?5, ?6) OR t.comprehensive_on IN (?4, ?5, ?6)))
        OR (t.stage IN ('posted', 'publicised', 'reported', 'reviewed', 'issued') AND t.code = ?2 AND t.level = ?3 AND c.verdict = 'passed' AND c.certificate IS NULL
          AND c.given_up_on IS NULL AND (c.review IS NULL OR c.review <> 'returned')
          AND NOT EXISTS (SELECT 1 FROM report r WHERE r.id = c.report AND c.review IS NULL AND r.late_decision = 'refused')
          AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.candidate = c.id AND o.state = 'upheld')))";
    REGISTERED = "SELECT id_key, id, name, id_kind, sex, born, student_no, major, condition, phone_sealed, withdrawn_on FROM candidate WHERE batch = ?1";
    // The key of a row is the key of its number; its value lists: 0 id, 1 ticket, 2 sheet, 3 row, 4 name, 5 kind, 6 sealed
    // number, 7 sex, 8 birthday, 9 student number, 10 major, 11 condition, 12 sealed phone.
    ADD = "INSERT INTO candidate (id, batch, upload, sheet, row_no, ticket, name, id_kind, id_key, id_sealed, sex, born, student_no, major, condition, phone_sealed, held)
      SELECT CAST(r.value ->> 0 AS BIGINT), CAST(?2 AS BIGINT), CAST(?3 AS BIGINT), r.value ->> 2, CAST(r.value ->> 3 AS BIGINT), r.value ->> 1, r.value ->> 4, r.value ->> 5, r.key, r.value ->> 6, r.value ->> 7, r.value ->> 8, r.value ->> 9, r.value ->> 10, r.value ->> 11, r.value ->> 12, 0
      FROM json_each(?1) AS r";
    // What a row does not say stays.
    CHANGE = "UPDATE candidate SET upload = ?2, sheet = r.value ->> 2, row_no = CAST(r.value ->> 3 AS BIGINT), name = r.value ->> 4, id_kind = r.value ->> 5, sex = COALESCE(NULLIF(r.value ->> 7, ''), sex), born = r.value ->> 8, student_no = COALESCE(NULLIF(r.value ->> 9, ''), student_no), major = COALESCE(NULLIF(r.value ->> 10, ''), major), condition = r.value ->> 11, phone_sealed = COALESCE(NULLIF(r.value ->> 12, ''), phone_sealed)
      FROM json_each(?1) AS r WHERE candidate.id = CAST(r.value ->> 0 AS BIGINT)";
    ROSTER_UPLOADED = "INSERT INTO roster_upload (id, batch, file, name, rows_read, rows_good, rows_new, rows_changed, rows_withdrawn, faults, warnings, findings, at, account_name)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    ROSTER_UPLOADS = "SELECT id, name, rows_read, rows_good, rows_new, rows_changed, rows_withdrawn, faults, warnings, at, account_name, file
      FROM roster_upload WHERE batch = ?1 ORDER BY id DESC LIMIT 20";
    ROSTER_UPLOAD = "SELECT id, name, rows_read, rows_good, rows_new, rows_changed, rows_withdrawn, faults, warnings, at, account_name, file
      FROM roster_upload WHERE id = ?1 AND batch = ?2";
    ROSTER_FILE = "SELECT file FROM roster_upload WHERE id = ?1 AND batch = ?2";
    ROSTER_FINDINGS = "SELECT findings FROM roster_upload WHERE id = ?1 AND batch = ?2";
    CANDIDATES = "SELECT id, ticket, name, id_kind, id_sealed, sex, born, student_no, major, condition, phone_sealed, photo, withdrawn_on, withdrawn_reason, sheet, row_no, batch FROM candidate
      WHERE batch = ?1 AND (CAST(?2 AS TEXT) IS NULL OR name = ?2 OR ticket = ?2 OR student_no = ?2 OR id_key = ?3) ORDER BY ticket LIMIT ?4 OFFSET ?5";
    CANDIDATES_COUNT = "SELECT count(*) FROM candidate WHERE batch = ?1 AND (CAST(?2 AS TEXT) IS NULL OR name = ?2 OR ticket = ?2 OR student_no = ?2 OR id_key = ?3)";
    CANDIDATE = "SELECT id, ticket, name, id_kind, id_sealed, sex, born, student_no, major, condition, phone_sealed, photo, withdrawn_on, withdrawn_reason, sheet, row_no, batch FROM candidate WHERE id = ?1";
    SUMMARY = "SELECT count(*) FILTER (WHERE withdrawn_on IS NULL), count(*) FILTER (WHERE withdrawn_on IS NULL AND photo IS NOT NULL), count(*) FILTER (WHERE withdrawn_on IS NOT NULL) FROM candidate WHERE batch = ?1";
    MARKS = "SELECT count(*) FROM mark WHERE candidate = ?1 AND source <> 'kept'";
    RESTORE = "UPDATE candidate SET withdrawn_on = NULL, withdrawn_reason = NULL WHERE id = ?1";
    WITHDRAW = "UPDATE candidate SET withdrawn_on = ?2, withdrawn_reason = ?3 WHERE id = ?1";
    NAMED = "SELECT id, id_key, student_no, photo, CASE WHEN review = 'approved' THEN 1 ELSE 0 END, CASE WHEN certificate IS NULL THEN 0 ELSE 1 END FROM candidate WHERE batch = ?1 AND withdrawn_on IS NULL";
    NOTE_PHOTOS = "INSERT INTO file (hash, kind, size, stored_at) SELECT r.value ->> 'hash', 'jpeg', CAST(r.value ->> 'size' AS BIGINT), CAST(?2 AS BIGINT) FROM json_each(?1) AS r WHERE 1 = 1 ON CONFLICT (hash) DO NOTHING";
    PHOTOS_UPLOADED = "INSERT INTO photo_upload (id, batch, file, pictures, taken, same, faults, found, at, account_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    PHOTO_UPLOADS = "SELECT id, pictures, taken, same, faults, at, account_name FROM photo_upload WHERE batch = ?1 ORDER BY id DESC LIMIT 20";
    PHOTO_UPLOAD = "SELECT id, pictures, taken, same, faults, at, account_name, found FROM photo_upload WHERE id = ?1 AND batch = ?2";
    SET_PHOTOS = "UPDATE candidate SET photo = r.value ->> 'hash' FROM json_each(?1) AS r WHERE candidate.batch = ?2 AND candidate.id = CAST(r.key AS BIGINT)";
}

/// Students or candidates on one page of a list.
pub(super) const PAGE: i64 = 50;

/// A student to be kept, as the statement takes it; what nobody said is blank.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Student {
    pub id_sealed: String,
    pub student_no: String,
    pub name: String,
    pub major: String,
    pub class: String,
    pub class_kind: String,
    pub entered: String,
    pub graduates: String,
    pub standing: String,
}

impl Student {
    /// A row of a register that was read.
    pub fn of(row: &EnrolmentRow, seals: &Seals) -> Self {
        let month = |month: Option<Month>| month.map_or(String::new(), |m| format!("{:04}-{:02}", m.year, m.month));
        Self {
            id_sealed: seals.seal(&row.id_number),
            student_no: row.student_no.clone(),
            name: row.name.clone(),
            major: row.enrolled.major.clone().unwrap_or_default(),
            class: row.class_name.clone().unwrap_or_default(),
            class_kind: row.enrolled.class_kind.clone().unwrap_or_default(),
            entered: month(row.enrolled.entry),
            graduates: month(row.enrolled.graduation),
            standing: row.enrolled.standing.map_or(String::new(), |standing| standing.name().to_owned()),
        }
    }

    /// The student with what was known before wherever the file says nothing.
    pub fn over(self, known: &Self) -> Self {
        let or = |said: String, known: &String| if said.is_empty() { known.clone() } else { said };
        Self {
            major: or(self.major, &known.major),
            class: or(self.class, &known.class),
            class_kind: or(self.class_kind, &known.class_kind),
            entered: or(self.entered, &known.entered),
            graduates: or(self.graduates, &known.graduates),
            standing: or(self.standing, &known.standing),
            ..self
        }
    }

    /// Whether the register says the same already; the same number never looks the same sealed.
    pub fn says_the_same(&self, other: &Self) -> bool {
        Self { id_sealed: String::new(), ..self.clone() } == Self { id_sealed: String::new(), ..other.clone() }
    }

    fn opened(self, seals: &Seals) -> Result<EnrolmentRow, DbError> {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Ok(EnrolmentRow {
            id_number: opened(seals, &self.id_sealed)?,
            student_no: self.student_no,
            name: self.name,
            class_name: some(self.class),
            enrolled: Enrolled {
                class_kind: some(self.class_kind),
                major: some(self.major),
                entry: month(&self.entered),
                graduation: month(&self.graduates),
                standing: Standing::from_text(&self.standing),
            },
        })
    }
}

/// Columns from `first` on: sealed number, student number, name, major, class, kind of class, entry, graduation,
/// standing.
fn student(row: &Row, first: usize) -> Result<Student, DbError> {
    Ok(Student {
        id_sealed: row.get(first)?,
        student_no: row.get(first + 1)?,
        name: row.get(first + 2)?,
        major: row.get(first + 3)?,
        class: row.get(first + 4)?,
        class_kind: row.get(first + 5)?,
        entered: row.get(first + 6)?,
        graduates: row.get(first + 7)?,
        standing: row.get(first + 8)?,
    })
}

fn month(text: &str) -> Option<Month> {
    let (year, month) = text.split_once('-')?;
    Some(Month { year: year.parse().ok()?, month: month.parse().ok()? })
}

/// What was sealed; a blank was not.
fn opened(seals: &Seals, sealed: &str) -> Result<String, DbError> {
    if sealed.is_empty() {
        return Ok(String::new());
    }
    seals.open_text(sealed).ok_or_else(|| DbError::stored("a sealed text does not open"))
}

/// A body's register by the keys of the numbers.
pub(super) fn register(tx: &mut Tx<'_>, body: i64) -> Result<HashMap<String, Student>, DbError> {
    let mut students = HashMap::new();
    tx.each(&REGISTER, args![body], |row| {
        students.insert(row.get(0)?, student(&row, 1)?);
        Ok(())
    })?;
    Ok(students)
}

/// A body's register, opened, for the check of a roster.
pub(super) fn register_opened(tx: &mut Tx<'_>, body: i64, seals: &Seals) -> Result<EnrolmentIndex, DbError> {
    let mut rows = Vec::new();
    tx.each(&REGISTER, args![body], |row| {
        rows.push(student(&row, 1)?);
        Ok(())
    })?;
    let opened: Result<Vec<_>, DbError> = spread(rows, |student| student.opened(seals)).into_iter().collect();
    Ok(EnrolmentIndex::new(opened?))
}

/// How many students a body has; who is gone is not counted.
pub(super) fn register_size(tx: &mut Tx<'_>, body: i64) -> Result<i64, DbError> {
    tx.first(&REGISTER_SIZE, args![body, Standing::Enrolled.name()])?.map_or(Ok(0), |row| row.get(0))
}

/// Whether a body has a student with this number, by its key.
pub(crate) fn is_enrolled(tx: &mut Tx<'_>, body: i64, id_key: &str) -> Result<bool, DbError> {
    Ok(tx.first(&IS_ENROLLED, args![body, id_key, Standing::Enrolled.name()])?.is_some())
}

/// Puts students into a register, by the keys of their numbers; who is there already is changed.
pub(super) fn enrol(tx: &mut Tx<'_>, body: i64, students: &BTreeMap<String, Student>) -> Result<(), DbError> {
    if students.is_empty() {
        return Ok(());
    }
    tx.run(&ENROL, args![to_text(students)?, body]).map(|_| ())
}

/// Takes entries out of a register, by the keys of their numbers.
pub(super) fn strike(tx: &mut Tx<'_>, body: i64, keys: &BTreeMap<&str, ()>) -> Result<(), DbError> {
    if keys.is_empty() {
        return Ok(());
    }
    tx.run(&STRIKE, args![to_text(keys)?, body]).map(|_| ())
}

/// One page of a register, masked, and how many there are.
pub(super) fn students(
    tx: &mut Tx<'_>,
    body: i64,
    find: Option<&str>,
    page: i64,
    seals: &Seals,
) -> Result<(Vec<StudentLine>, i64), DbError> {
    let key = find.map(|text| seals.find_key(text));
    let rows = tx.rows(&STUDENTS, args![body, find, key.clone(), PAGE, page * PAGE])?;
    let total = tx.first(&STUDENTS_COUNT, args![body, find, key])?.map_or(Ok(0), |row| row.get(0))?;
    let lines = rows.into_iter().map(|row| {
        let student = student(&row, 0)?;
        Ok(StudentLine {
            id_masked: mask_number(&opened(seals, &student.id_sealed)?),
            name_masked: mask_name(&student.name),
            student_no: student.student_no,
            major: student.major,
            class: student.class,
            class_kind: student.class_kind,
            entered: student.entered,
            graduates: student.graduates,
            standing: student.standing,
        })
    });
    Ok((lines.collect::<Result<_, DbError>>()?, total))
}

/// An upload to be kept; `of` is the batch of a roster, or the body of a register.
pub(super) struct NewUpload<'a> {
    pub id: i64,
    pub of: i64,
    pub file: &'a KeptFile,
    pub name: &'a str,
    pub rows_read: usize,
    pub rows_good: usize,
    pub new: usize,
    pub changed: usize,
    pub withdrawn: usize,
    pub findings: &'a [Finding],
    pub now: i64,
    pub by: &'a str,
}

impl NewUpload<'_> {
    fn faults(&self) -> i64 {
        self.findings.iter().filter(|finding| finding.is_fault()).count() as i64
    }

    fn warnings(&self) -> i64 {
        self.findings.len() as i64 - self.faults()
    }

    fn sealed(&self, seals: &Seals) -> Result<String, DbError> {
        Ok(seals.seal(&to_text(&self.findings)?))
    }
}

pub(super) fn enrolment_uploaded(tx: &mut Tx<'_>, new: &NewUpload<'_>, seals: &Seals) -> Result<(), DbError> {
    let counts = [new.rows_read, new.rows_good, new.new, new.changed].map(|count| count as i64);
    let [read, good, fresh, changed] = counts;
    let sealed = new.sealed(seals)?;
    tx.run(
        &ENROLMENT_UPLOADED,
        args![
            new.id,
            new.of,
            &new.file.hash.0,
            new.name,
            read,
            good,
            fresh,
            changed,
            new.faults(),
            new.warnings(),
            sealed,
            new.now,
            new.by
        ],
    )
    .map(|_| ())
}

pub(super) fn roster_uploaded(tx: &mut Tx<'_>, new: &NewUpload<'_>, seals: &Seals) -> Result<(), DbError> {
    let counts = [new.rows_read, new.rows_good, new.new, new.changed, new.withdrawn].map(|count| count as i64);
    let [read, good, fresh, changed, withdrawn] = counts;
    let sealed = new.sealed(seals)?;
    tx.run(
        &ROSTER_UPLOADED,
        args![
            new.id,
            new.of,
            &new.file.hash.0,
            new.name,
            read,
            good,
            fresh,
            changed,
            withdrawn,
            new.faults(),
            new.warnings(),
            sealed,
            new.now,
            new.by
        ],
    )
    .map(|_| ())
}

fn upload(row: Row) -> Result<UploadLine, DbError> {
    let counts: Vec<i64> = (2..9).map(|index| row.get(index)).collect::<Result<_, _>>()?;
    Ok(UploadLine {
        id: row.get(0)?,
        name: row.get(1)?,
        rows_read: counts[0],
        rows_good: counts[1],
        new: counts[2],
        changed: counts[3],
        same: counts[1] - counts[2] - counts[3] - counts[4],
        withdrawn: counts[4],
        faults: counts[5],
        warnings: counts[6],
        at: clock::read_out(row.get(9)?),
        by: row.get(10)?,
        file: FileHash(row.get(11)?),
    })
}

/// The uploads of a body's register, the last first.
pub(super) fn enrolment_uploads(tx: &mut Tx<'_>, body: i64) -> Result<Vec<UploadLine>, DbError> {
    tx.rows(&ENROLMENT_UPLOADS, args![body])?.into_iter().map(upload).collect()
}

/// The uploads of a batch's roster, the last first.
pub(super) fn roster_uploads(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<UploadLine>, DbError> {
    tx.rows(&ROSTER_UPLOADS, args![batch])?.into_iter().map(upload).collect()
}

type Uploaded = Option<(UploadLine, Vec<Finding>)>;

/// One upload of a body's register with what it found.
pub(super) fn enrolment_upload(tx: &mut Tx<'_>, body: i64, id: i64, seals: &Seals) -> Result<Uploaded, DbError> {
    let Some(line) = tx.first(&ENROLMENT_UPLOAD, args![id, body])?.map(upload).transpose()? else { return Ok(None) };
    let Some(row) = tx.first(&ENROLMENT_FINDINGS, args![id, body])? else { return Ok(None) };
    Ok(Some((line, from_text(&opened(seals, &row.get::<String>(0)?)?)?)))
}

/// One upload of a batch's roster with what it found.
pub(super) fn roster_upload(tx: &mut Tx<'_>, batch: i64, id: i64, seals: &Seals) -> Result<Uploaded, DbError> {
    let Some(line) = tx.first(&ROSTER_UPLOAD, args![id, batch])?.map(upload).transpose()? else { return Ok(None) };
    let Some(row) = tx.first(&ROSTER_FINDINGS, args![id, batch])? else { return Ok(None) };
    Ok(Some((line, from_text(&opened(seals, &row.get::<String>(0)?)?)?)))
}

/// The file of one upload of a batch's roster.
pub(super) fn uploaded_file(tx: &mut Tx<'_>, batch: i64, id: i64) -> Result<Option<FileHash>, DbError> {
    tx.first(&ROSTER_FILE, args![id, batch])?.map(|row| Ok(FileHash(row.get(0)?))).transpose()
}

/// Majors that the filing pairs with the occupation and level of a batch.
pub(super) fn majors(tx: &mut Tx<'_>, batch: &Batch) -> Result<Vec<String>, DbError> {
    let rows = tx.rows(&MAJORS, args![batch.listing, &batch.code, batch.level.digit().to_string()])?;
    let mut majors = Vec::new();
    for row in rows {
        let text: String = row.get(0)?;
        let named = text.split(['、', '，', ',', '；', ';', '/', '\n']).map(str::trim).filter(|name| !name.is_empty());
        majors.extend(named.map(str::to_owned));
    }
    Ok(majors)
}

/// Who is registered elsewhere and may not be again: the batch's name by the key of the number. Only the body's own
/// batches are named in full.
pub(super) fn running(tx: &mut Tx<'_>, batch: &Batch) -> Result<HashMap<String, String>, DbError> {
    let mut found = HashMap::new();
    let level = batch.level.digit().to_string();
    let args = args![batch.id, &batch.code, level, batch.theory_on, batch.practical_on, batch.comprehensive_on];
    tx.each(&RUNNING, args, |row| {
        let (number, title, body): (String, String, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        found.insert(row.get(0)?, if body == batch.body { format!("{title}，{number}") } else { number });
        Ok(())
    })?;
    Ok(found)
}

/// A good row of a roster, sealed.
#[derive(Debug)]
pub(super) struct Entrant {
    /// The key of the identity number.
    pub key: String,
    pub sheet: String,
    pub row: u32,
    pub name: String,
    pub id_kind: &'static str,
    pub id_sealed: String,
    pub sex: &'static str,
    pub born: String,
    pub student_no: String,
    pub major: String,
    pub condition: &'static str,
    pub phone: String,
    /// Blank where the row says none.
    pub phone_sealed: String,
}

/// Entrants with their ids and tickets, as the statements take them. Lists in an object are half the text of objects
/// in an object.
struct Entered<'a>(&'a [(i64, String, &'a Entrant)]);

impl Serialize for Entered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(id, ticket, e)| {
            let Entrant { sheet, row, name, id_kind, id_sealed, sex, born, .. } = e;
            let Entrant { student_no, major, condition, phone_sealed, .. } = e;
            let list = (
                id,
                ticket,
                sheet,
                row,
                name,
                id_kind,
                id_sealed,
                sex,
                born,
                student_no,
                major,
                condition,
                phone_sealed,
            );
            (&e.key, list)
        }))
    }
}

/// A candidate who is registered, as far as an upload can change it.
pub(super) struct Registered {
    pub id: i64,
    pub withdrawn: bool,
    facts: [String; 7],
    phone_sealed: String,
}

impl Registered {
    /// Whether a row says nothing but what is registered already; sheet and row may differ, where it stood first is
    /// kept.
    pub fn is_same(&self, new: &Entrant, seals: &Seals) -> bool {
        let facts = [&*new.name, new.id_kind, new.sex, &*new.born, &*new.student_no, &*new.major, new.condition];
        self.facts.iter().zip(facts).all(|(old, new)| new.is_empty() || old == new)
            && (new.phone.is_empty() || opened(seals, &self.phone_sealed).is_ok_and(|phone| phone == new.phone))
    }
}

/// Who is registered in a batch, by the keys of their numbers.
pub(super) fn registered(tx: &mut Tx<'_>, batch: i64) -> Result<HashMap<String, Registered>, DbError> {
    let mut found = HashMap::new();
    tx.each(&REGISTERED, args![batch], |row| {
        let born: Option<String> = row.get(5)?;
        let registered = Registered {
            id: row.get(1)?,
            facts: [
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                born.unwrap_or_default(),
                row.get(6)?,
                row.get(7)?,
                row.get(8)?,
            ],
            phone_sealed: row.get(9)?,
            withdrawn: row.get::<Option<String>>(10)?.is_some(),
        };
        found.insert(row.get(0)?, registered);
        Ok(())
    })?;
    Ok(found)
}

/// Registers entrants with their ids and tickets.
pub(super) fn add(
    tx: &mut Tx<'_>,
    batch: i64,
    upload: i64,
    entrants: &[(i64, String, &Entrant)],
) -> Result<(), DbError> {
    if entrants.is_empty() {
        return Ok(());
    }
    tx.run(&ADD, args![to_text(&Entered(entrants))?, batch, upload]).map(|_| ())
}

/// Changes what is known of registered candidates, by their ids; their tickets stay.
pub(super) fn change(tx: &mut Tx<'_>, upload: i64, entrants: &[(i64, String, &Entrant)]) -> Result<(), DbError> {
    if entrants.is_empty() {
        return Ok(());
    }
    tx.run(&CHANGE, args![to_text(&Entered(entrants))?, upload]).map(|_| ())
}

fn full(row: Row, seals: &Seals) -> Result<FullLine, DbError> {
    let kind: String = row.get(3)?;
    Ok(FullLine {
        id: row.get(0)?,
        ticket: row.get(1)?,
        name: row.get(2)?,
        id_kind: rules::identity::IdKind::from_code(&kind).map_or(kind, |kind| kind.name().to_owned()),
        id_number: opened(seals, &row.get::<String>(4)?)?,
        sex: row.get(5)?,
        born: row.get(6)?,
        student_no: row.get(7)?,
        major: row.get(8)?,
        condition: row.get(9)?,
        phone: opened(seals, &row.get::<String>(10)?)?,
        has_photo: row.get::<Option<String>>(11)?.is_some(),
        is_minor: false,
        withdrawn_on: row.get(12)?,
        withdrawn_reason: row.get(13)?,
        sheet: row.get(14)?,
        row: row.get(15)?,
        batch: row.get(16)?,
    })
}

/// One page of a batch's candidates, and how many there are.
pub(super) fn candidates(
    tx: &mut Tx<'_>,
    batch: i64,
    find: Option<&str>,
    page: i64,
    seals: &Seals,
) -> Result<(Vec<FullLine>, i64), DbError> {
    let key = find.map(|text| seals.find_key(text));
    let rows = tx.rows(&CANDIDATES, args![batch, find, key.clone(), PAGE, page * PAGE])?;
    let total = tx.first(&CANDIDATES_COUNT, args![batch, find, key])?.map_or(Ok(0), |row| row.get(0))?;
    Ok((rows.into_iter().map(|row| full(row, seals)).collect::<Result<_, _>>()?, total))
}

/// One candidate.
pub(super) fn candidate(tx: &mut Tx<'_>, id: i64, seals: &Seals) -> Result<Option<FullLine>, DbError> {
    tx.first(&CANDIDATE, args![id])?.map(|row| full(row, seals)).transpose()
}

impl CandidateLine {
    /// Masked, for a batch whose examination begins on a day.
    pub(super) fn of(full: FullLine, first_exam_on: Day) -> Self {
        Self {
            is_minor: is_minor(full.born, first_exam_on),
            id: full.id,
            ticket: full.ticket,
            name_masked: mask_name(&full.name),
            id_masked: mask_number(&full.id_number),
            student_no: full.student_no,
            major: full.major,
            condition: full.condition,
            has_photo: full.has_photo,
            withdrawn_on: full.withdrawn_on,
            withdrawn_reason: full.withdrawn_reason,
        }
    }
}

/// How many are registered, how many of them have a photo, how many were withdrawn.
pub(super) fn summary(tx: &mut Tx<'_>, batch: i64) -> Result<(i64, i64, i64), DbError> {
    let row = tx.first(&SUMMARY, args![batch])?.ok_or_else(|| DbError::stored("counts gave nothing"))?;
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

pub(super) fn withdraw(tx: &mut Tx<'_>, candidate: i64, today: Day, reason: &str) -> Result<(), DbError> {
    tx.run(&WITHDRAW, args![candidate, today, reason]).map(|_| ())
}

/// How many marks a candidate has.
pub(super) fn marks(tx: &mut Tx<'_>, candidate: i64) -> Result<i64, DbError> {
    tx.first(&MARKS, args![candidate])?.map_or(Ok(0), |row| row.get(0))
}

pub(super) fn restore(tx: &mut Tx<'_>, candidate: i64) -> Result<(), DbError> {
    tx.run(&RESTORE, args![candidate]).map(|_| ())
}

/// By what a photo can be named for a candidate.
pub(super) struct Named {
    pub id: i64,
    pub id_key: String,
    pub student_no: String,
    pub photo: Option<String>,
    is_approved: bool,
    has_certificate: bool,
}

impl Named {
    /// What decides whether the photo may still change.
    pub fn photographed(&self) -> Photographed {
        let Self { is_approved, has_certificate, .. } = *self;
        Photographed { has_photo: self.photo.is_some(), is_approved, has_certificate }
    }
}

pub(super) fn named(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Named>, DbError> {
    let rows = tx.rows(&NAMED, args![batch])?;
    rows.into_iter()
        .map(|row| {
            Ok(Named {
                id: row.get(0)?,
                id_key: row.get(1)?,
                student_no: row.get(2)?,
                photo: row.get(3)?,
                is_approved: row.get(4)?,
                has_certificate: row.get(5)?,
            })
        })
        .collect()
}

/// A prepared photo that was kept.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Photo {
    pub hash: String,
    pub size: i64,
}

/// Gives candidates of a batch their photos, by candidate.
pub(super) fn set_photos(tx: &mut Tx<'_>, batch: i64, photos: &BTreeMap<i64, Photo>, now: i64) -> Result<(), DbError> {
    if photos.is_empty() {
        return Ok(());
    }
    let text = to_text(photos)?;
    tx.run(&NOTE_PHOTOS, args![&text, now])?;
    tx.run(&SET_PHOTOS, args![text, batch]).map(|_| ())
}

/// What an upload of photos quotes: its own name and those of its pictures. Sealed where it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FoundPhotos {
    pub name: String,
    pub findings: Vec<PhotoFinding>,
}

/// Keeps what came of an upload of photos.
pub(super) fn photos_uploaded(
    tx: &mut Tx<'_>,
    batch: i64,
    (made, found): (&PhotosUploaded, &FoundPhotos),
    file: &KeptFile,
    (now, by): (i64, &str),
    seals: &Seals,
) -> Result<(), DbError> {
    let [pictures, taken, same, faults] = [made.pictures, made.taken, made.same, made.faults].map(|n| n as i64);
    let sealed = seals.seal(&to_text(found)?);
    let row = args![made.upload, batch, &file.hash.0, pictures, taken, same, faults, sealed, now, by];
    tx.run(&PHOTOS_UPLOADED, row).map(|_| ())
}

fn photo_upload_line(row: &Row) -> Result<PhotoUploadLine, DbError> {
    Ok(PhotoUploadLine {
        id: row.get(0)?,
        pictures: row.get(1)?,
        taken: row.get(2)?,
        same: row.get(3)?,
        faults: row.get(4)?,
        at: clock::read_out(row.get(5)?),
        by: row.get(6)?,
    })
}

/// The uploads of a batch's photos, the last first.
pub(super) fn photo_uploads(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<PhotoUploadLine>, DbError> {
    tx.rows(&PHOTO_UPLOADS, args![batch])?.iter().map(photo_upload_line).collect()
}

/// One upload of a batch's photos with what it found.
pub(super) fn photo_upload(
    tx: &mut Tx<'_>,
    batch: i64,
    id: i64,
    seals: &Seals,
) -> Result<Option<(PhotoUploadLine, FoundPhotos)>, DbError> {
    let Some(row) = tx.first(&PHOTO_UPLOAD, args![id, batch])? else { return Ok(None) };
    Ok(Some((photo_upload_line(&row)?, from_text(&opened(seals, &row.get::<String>(7)?)?)?)))
}
