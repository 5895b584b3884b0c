//! Certificates in the database, and the persons who wait for one.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rules::batch::BatchStage;
use rules::certificate::{CertificateState, FilingNumber, Level};
use rules::identity::{IdKind, mask_name, mask_number};
use rules::print_offset::PrintOffset;
use rules::report::ReviewDecision;
use rules::result::Verdict;

use super::{CertificateLine, Face, PrintOffsetView};
use crate::args;
use crate::db::{DbError, Row, Tx, Value};
use crate::door::{Scope, Seals};

/// Persons of a batch who have neither withdrawn nor been given up. The last column: another valid certificate of the
/// same occupation and level, issued since this batch was notified.
macro_rules! persons {
    ($which:literal) => {
        concat!(
            "SELECT c.id, c.ticket, c.name, c.id_kind, c.id_key, c.id_sealed, c.photo, c.verdict, c.held, c.review, c.review_reason, c.certificate,
        (SELECT MIN(x.number) FROM certificate x WHERE x.id_key = c.id_key AND x.candidate <> c.id AND x.state NOT IN ('void', 'revoked')
          AND x.trade_code = t.code AND x.work_type = t.work_type AND x.level = t.level AND x.issued_on >= t.notified_on)
      FROM candidate c JOIN batch t ON t.id = c.batch WHERE c.withdrawn_on IS NULL AND c.given_up_on IS NULL AND ",
            $which
        )
    };
}

/// The columns of [`Face`], for a certificate `c`.
macro_rules! face {
    ($which:literal) => {
        concat!(
            "SELECT c.id, c.number, c.token, c.body_name, l.number, c.name, c.id_kind, c.id_sealed, c.trade_code, c.trade, c.work_type, c.level, c.exam_on, c.issued_on, c.issued_by, c.photo, c.state, c.state_on, c.state_reason, c.state_by, c.batch, t.number, c.candidate, c.print_no, c.issued_at, (SELECT MAX(p.replaced_on) FROM certificate_print p WHERE p.certificate = c.id), l.listed_on,
        COALESCE((SELECT MAX(k.generation) FROM body_key k WHERE k.filing_number = l.number AND k.from_on <= c.issued_on
          AND NOT EXISTS (SELECT 1 FROM body_key n WHERE n.filing_number = k.filing_number AND n.lost_generation = k.generation)), 1),
        (SELECT s.picture FROM stamp s WHERE s.body = c.body AND s.state = 'agreed' AND s.from_on <= COALESCE((SELECT MAX(v.replaced_on) FROM certificate_print v WHERE v.certificate = c.id), c.issued_on)
           ORDER BY s.from_on DESC, s.id DESC LIMIT 1)
      FROM certificate c JOIN batch t ON t.id = c.batch JOIN listing l ON l.id = t.listing WHERE ",
            $which
        )
    };
}

/// The columns of [`Subject`].
macro_rules! subject {
    ($which:literal) => {
        concat!(
            "SELECT id, state, number, batch, body, name, id_kind, id_key, id_sealed, photo, token, print_no FROM certificate WHERE ",
            $which
        )
    };
}

/// The columns of [`CertificateLine`], for certificates `c` within a scope (?1 to ?3), before an id (?4), at most so
/// many (?5), the latest first.
macro_rules! line {
    ($which:literal) => {
        concat!(
            "SELECT c.id, c.number, c.name, c.id_sealed, c.body_name, c.trade, c.level, c.issued_on, c.state, c.batch
      FROM certificate c JOIN body b ON b.id = c.body WHERE ",
            $which,
            " AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      AND c.id < ?4 ORDER BY c.id DESC LIMIT ?5"
        )
    };
}

crate::statements! {
    BATCH = "SELECT t.id, t.number, t.title, t.stage, t.code, t.trade, t.level, t.theory_on, t.practical_on, t.comprehensive_on, l.number, b.name, t.work_type, b.id, b.centre
      FROM batch t JOIN listing l ON l.id = t.listing JOIN body b ON b.id = t.body WHERE t.id = ?1";
    WAITING = persons!("c.certificate IS NULL AND c.review = 'approved' AND c.batch = ?1 ORDER BY c.ticket, c.id");
    PERSON = persons!("c.id = ?1 AND c.batch = ?2");
    INSERT = "INSERT INTO certificate (id, number, token, candidate, batch, body, body_name, name, id_kind, id_key, id_sealed, trade_code, trade, work_type, level, exam_on, issued_on, issued_at, issued_by, photo, state, version)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, 'valid', 1)";
    LINK = "UPDATE candidate SET certificate = (SELECT c.id FROM certificate c WHERE c.candidate = candidate.id AND c.state <> 'void')
      WHERE batch = ?1 AND certificate IS NULL AND id IN (SELECT c.candidate FROM certificate c WHERE c.batch = ?1 AND c.state <> 'void')";
    SUBJECT = subject!("id = ?1");
    SUBJECT_BY_NUMBER = subject!("number = ?1");
    UNLINK = "UPDATE candidate SET certificate = NULL WHERE certificate = ?1";
    STAND = "UPDATE certificate SET state = ?2, state_on = ?3, state_reason = ?4, state_by = ?5 WHERE id = ?1";
    COUNTS = "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'valid' THEN 1 ELSE 0 END), 0) AS BIGINT), COUNT(*) FROM certificate WHERE batch = ?1";
    // One statement for each key that leads, so that each has an index to begin with.
    BY_NUMBER = line!("c.number = ?6");
    BY_NAME = line!("c.name = ?6");
    OF_BATCH = line!("c.batch = ?6 AND (CAST(?7 AS TEXT) IS NULL OR c.name = ?7 OR c.number = ?7)");
    // The latest of each body in scope are found in the index alone; the order of the join is as it is written.
    OF_BODIES = line!("c.id IN (SELECT x.id FROM body d CROSS JOIN certificate x WHERE x.body = d.id
        AND (CAST(?1 AS BIGINT) IS NULL OR d.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR d.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR d.bureau = ?3)
        AND x.id < ?4 ORDER BY x.id DESC LIMIT ?5)");
    OF_ALL = line!("c.state IS NOT NULL");
    PRINT_OFFSET = "SELECT right_tenths, down_tenths, set_on, set_by FROM print_offset WHERE body = ?1";
    SET_PRINT_OFFSET = "INSERT INTO print_offset (body, right_tenths, down_tenths, set_on, set_by) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (body) DO UPDATE SET right_tenths = excluded.right_tenths, down_tenths = excluded.down_tenths, set_on = excluded.set_on, set_by = excluded.set_by";
    FACE = face!("c.id = ?1");
    FACES = face!("c.batch = ?1 AND c.state = 'valid' ORDER BY c.number");
    // Those that were printed together on blanks, in the order of these.
    FACES_PRINTED = face!("c.batch = ?1 AND c.state = 'valid' AND EXISTS (SELECT 1 FROM stock_print k WHERE k.entry = ?2 AND k.certificate = c.id AND k.print_no = c.print_no)
      ORDER BY (SELECT MIN(k.serial) FROM stock_print k WHERE k.entry = ?2 AND k.certificate = c.id)");
    TO_ISSUE = "SELECT t.id, t.title, t.trade, t.level, COUNT(*) FROM batch t JOIN candidate c ON c.batch = t.id
      WHERE t.body = ?1 AND t.stage IN ('reported', 'reviewed') AND c.certificate IS NULL AND c.withdrawn_on IS NULL AND c.given_up_on IS NULL AND c.review = 'approved'
      GROUP BY t.id, t.title, t.trade, t.level ORDER BY t.id";
    // The names under which a body issued.
    NAMES_OF = "SELECT DISTINCT c.body_name FROM certificate c JOIN batch t ON t.id = c.batch JOIN listing l ON l.id = t.listing WHERE l.number = ?1 ORDER BY c.body_name";
    // Who bears a filing number, by the name that it has in the directory now.
    BEARERS = "SELECT l.number, MIN(l.listed_on), MAX(b.name) FROM listing l JOIN body b ON b.id = l.body GROUP BY l.number ORDER BY l.number";
    USED = "SELECT id FROM body LIMIT 1";
    BENCH_BODY = "INSERT INTO body (id, name, kind, affiliation, public_body, level_cap, county, uscc, address, legal_representative, head, contact, phone, superior, station_name, station_number, centre, version)
      VALUES (?1, ?2, 'technical_school', 'city', 1, '3', '350102', ?3, '', '', '', '', '', '', '', '', 'city-350100-centre', 1)";
    BENCH_FILING = "INSERT INTO filing (id, body, stage, opened_on, version) VALUES (?1, ?1, 'listed', '2026-01-05', 1)";
    BENCH_LISTING = "INSERT INTO listing (id, body, filing, number, listed_on) VALUES (?1, ?1, ?1, ?2, '2026-02-01')";
    BENCH_CHANGE = "INSERT INTO listing_change (seq, listing, kind, effective_on, recorded_on, recorded_at, clause, what, document, filing, seat, digest) VALUES (?1, ?1, 'listed', '2026-02-01', '2026-02-01', 0, '2.1.3a', '列入目录', '', ?1, '', '')";
    BENCH_TERM = "INSERT INTO listing_term (id, listing, name, county, address, responsible, centre, valid_from, valid_until, opened) VALUES (?1, ?1, ?2, '350102', '', '', 'city-350100-centre', '2026-02-01', '2029-01-31', ?1)";
    BENCH_SCOPE = "INSERT INTO listing_scope (id, listing, filing, code, name, work_type, level, standard, valid_from, valid_until, opened) VALUES (?1, ?1, ?1, '6-18-01-01', '车工', '', '4', '《车工》', '2026-02-01', '2029-01-31', ?1)";
    BENCH_BATCH = "INSERT INTO batch (id, number, body, listing, stage, title, code, trade, level, standard, notified_on, starts_on, ends_on, theory_on, practical_on, theory_place, practical_place, expected, plan, posted_on, first_on, ends_publicity_on, report_due_on, version)
      VALUES (?1, ?2, ?3, ?3, 'issued', '基准批次', '6-18-01-01', '车工', '4', '《车工》', '2026-09-18', '2026-10-16', '2026-10-17', '2026-10-16', '2026-10-17', '', '', 1, '', '2026-10-19', '2026-10-20', '2026-10-26', '2026-11-09', 1)";
    BENCH_REPORT = "INSERT INTO report (id, batch, no, reported_on, due_on, persons, reported_by) VALUES (?1, ?1, 1, '2026-11-09', '2026-11-09', 1, '')";
    BENCH_FILE = "INSERT INTO file (hash, kind, size, stored_at) VALUES ('', 'zip', 0, 0) ON CONFLICT (hash) DO NOTHING";
    BENCH_UPLOAD = "INSERT INTO roster_upload (id, batch, file, name, rows_read, rows_good, rows_new, findings, at, account_name) VALUES (?1, ?1, '', '', 0, 0, 0, '', 0, '')";
    BENCH_CANDIDATES = "INSERT INTO candidate (id, batch, upload, sheet, row_no, ticket, name, id_kind, id_key, id_sealed, sex, student_no, major, condition, phone_sealed, verdict, held, report, review, reviewed_on, reviewed_by, certificate)
      SELECT CAST(r.key AS BIGINT), CAST(?2 AS BIGINT), CAST(?2 AS BIGINT), '', CAST(r.key AS BIGINT), '', r.value ->> 1, '201', r.value ->> 2, r.value ->> 3, '男', '', '', '', '', 'passed', 0, CAST(?2 AS BIGINT), 'approved', '2026-11-10', '', CAST(r.key AS BIGINT) FROM json_each(?1) AS r";
    BENCH_CERTIFICATES = "INSERT INTO certificate (id, number, token, candidate, batch, body, body_name, name, id_kind, id_key, id_sealed, trade_code, trade, work_type, level, exam_on, issued_on, issued_at, issued_by, state, state_on, version)
      SELECT CAST(r.key AS BIGINT), r.value ->> 0, 'bench-' || r.key, CAST(r.key AS BIGINT), CAST(?2 AS BIGINT), CAST(?3 AS BIGINT), CAST(?4 AS TEXT), r.value ->> 1, '201', r.value ->> 2, r.value ->> 3, '6-18-01-01', '车工', '', '4', '2026-10-17', CAST(?5 AS TEXT), 0, '', r.value ->> 4, CASE WHEN r.value ->> 4 = 'valid' THEN NULL ELSE CAST(?5 AS TEXT) END, 1 FROM json_each(?1) AS r";
}

/// What a batch gives to its certificates.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub stage: BatchStage,
    pub code: String,
    pub trade: String,
    pub level: Level,
    /// The last examination day.
    pub exam_on: Date,
    pub filing_number: FilingNumber,
    /// The body's name as filed.
    pub body_name: String,
    /// Empty where the filing names none.
    pub work_type: String,
    pub body: i64,
    pub centre: String,
}

impl TryFrom<Row> for Batch {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let exams = [Some(row.get(7)?), Some(row.get(8)?), row.get::<Option<Date>>(9)?];
        Ok(Self {
            id: row.get(0)?,
            number: row.get(1)?,
            title: row.get(2)?,
            stage: coded(&row, 3, BatchStage::from_code)?,
            code: row.get(4)?,
            trade: row.get(5)?,
            level: level(&row, 6)?,
            exam_on: exams
                .into_iter()
                .flatten()
                .max()
                .ok_or_else(|| DbError::stored("a batch without examinations"))?,
            filing_number: coded(&row, 10, |number| FilingNumber::parse(number).ok())?,
            body_name: row.get(11)?,
            work_type: row.get(12)?,
            body: row.get(13)?,
            centre: row.get(14)?,
        })
    }
}

/// A column that a code word stands in.
pub(crate) fn coded<T>(row: &Row, index: usize, read: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    let code: String = row.get(index)?;
    read(&code).ok_or_else(|| DbError::stored(format!("column {index}: {code}")))
}

/// A level kept as its digit.
pub(crate) fn level(row: &Row, index: usize) -> Result<Level, DbError> {
    coded(row, index, |digit| digit.chars().next().and_then(Level::from_digit))
}

/// Somebody of a batch, as issuing looks at them.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub id: i64,
    pub ticket: String,
    pub name: String,
    pub id_kind: IdKind,
    pub id_key: String,
    pub id_sealed: String,
    pub photo: Option<String>,
    pub verdict: Verdict,
    pub held: bool,
    pub review: Option<ReviewDecision>,
    pub certificate: Option<i64>,
    /// Number of another valid certificate of the same occupation and level, issued since the batch was notified.
    pub another: Option<String>,
}

impl TryFrom<Row> for Person {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let review: Option<String> = row.get(9)?;
        let reason: Option<String> = row.get(10)?;
        Ok(Self {
            id: row.get(0)?,
            ticket: row.get(1)?,
            name: row.get(2)?,
            id_kind: coded(&row, 3, IdKind::from_code)?,
            id_key: row.get(4)?,
            id_sealed: row.get(5)?,
            photo: row.get(6)?,
            verdict: verdict(row.get::<Option<String>>(7)?.as_deref()),
            held: row.get(8)?,
            review: review.and_then(|code| ReviewDecision::from_code(&code, reason.unwrap_or_default())),
            certificate: row.get(11)?,
            another: row.get(12)?,
        })
    }
}

/// The verdict of a code word; which parts failed is not asked here.
fn verdict(code: Option<&str>) -> Verdict {
    match code {
        Some("passed") => Verdict::Passed,
        Some("failed") => Verdict::Failed { parts: Vec::new() },
        Some("absent") => Verdict::Absent,
        Some("violation") => Verdict::Violation,
        Some("deferred") => Verdict::Deferred,
        _ => Verdict::Pending { missing: Vec::new() },
    }
}

pub(super) fn batch(tx: &mut Tx<'_>, id: i64) -> Result<Option<Batch>, DbError> {
    tx.first(&BATCH, args![id])?.map(Batch::try_from).transpose()
}

/// Approved persons without a certificate, by ticket.
pub(super) fn waiting(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Person>, DbError> {
    let mut persons = Vec::new();
    tx.each(&WAITING, args![batch], |row| {
        persons.push(Person::try_from(row)?);
        Ok(())
    })?;
    Ok(persons)
}

/// One person of a batch.
pub(super) fn person(tx: &mut Tx<'_>, id: i64, batch: i64) -> Result<Option<Person>, DbError> {
    tx.first(&PERSON, args![id, batch])?.map(Person::try_from).transpose()
}

/// A certificate on its way into the database; everything else stands in its batch and person.
pub(super) struct New<'a> {
    pub id: i64,
    pub number: String,
    pub token: String,
    pub person: &'a Person,
    pub issued_on: Date,
    pub issued_at: i64,
    pub issued_by: &'a str,
}

/// Stores certificates and ties each to its person.
pub(super) fn insert(tx: &mut Tx<'_>, batch: &Batch, certificates: &[New<'_>]) -> Result<(), DbError> {
    for new in certificates {
        let person = new.person;
        tx.run(
            &INSERT,
            args![
                new.id,
                &new.number,
                &new.token,
                person.id,
                batch.id,
                batch.body,
                &batch.body_name,
                &person.name,
                person.id_kind.code(),
                &person.id_key,
                &person.id_sealed,
                &batch.code,
                &batch.trade,
                &batch.work_type,
                batch.level.digit().to_string(),
                batch.exam_on,
                new.issued_on,
                new.issued_at,
                new.issued_by,
                person.photo.clone(),
            ],
        )?;
    }
    tx.run(&LINK, args![batch.id]).map(|_| ())
}

/// A certificate as what becomes of it looks at it.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub id: i64,
    pub state: CertificateState,
    pub number: String,
    pub batch: i64,
    pub body: i64,
    pub name: String,
    pub id_kind: IdKind,
    pub id_key: String,
    pub id_sealed: String,
    pub photo: Option<String>,
    pub token: String,
    pub print_no: i64,
}

impl TryFrom<Row> for Subject {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            state: coded(&row, 1, CertificateState::from_code)?,
            number: row.get(2)?,
            batch: row.get(3)?,
            body: row.get(4)?,
            name: row.get(5)?,
            id_kind: coded(&row, 6, IdKind::from_code)?,
            id_key: row.get(7)?,
            id_sealed: row.get(8)?,
            photo: row.get(9)?,
            token: row.get(10)?,
            print_no: row.get(11)?,
        })
    }
}

/// One certificate.
pub(crate) fn subject(tx: &mut Tx<'_>, id: i64) -> Result<Option<Subject>, DbError> {
    tx.first(&SUBJECT, args![id])?.map(Subject::try_from).transpose()
}

/// The certificate with this number.
pub(crate) fn subject_by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<Subject>, DbError> {
    tx.first(&SUBJECT_BY_NUMBER, args![number])?.map(Subject::try_from).transpose()
}

/// Puts a certificate where it stands from now on; the person of a voided one has none any more.
pub(crate) fn stand(
    tx: &mut Tx<'_>,
    id: i64,
    (state, on): (CertificateState, Date),
    reason: &str,
    by: &str,
) -> Result<(), DbError> {
    let told = Some((on, reason, by)).filter(|_| state != CertificateState::Valid);
    let (on, reason, by) = (told.map(|told| told.0), told.map(|told| told.1), told.map(|told| told.2));
    tx.run(&STAND, args![id, state.code(), on, reason, by])?;
    if state == CertificateState::Void {
        tx.run(&UNLINK, args![id])?;
    }
    Ok(())
}

/// How many certificates of a batch are valid, and how many there are.
pub(super) fn counts(tx: &mut Tx<'_>, batch: i64) -> Result<(i64, i64), DbError> {
    tx.first(&COUNTS, args![batch])?.map_or(Ok((0, 0)), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// What a list of certificates is narrowed to.
pub(super) struct Narrowed {
    pub scope: Scope,
    pub key: Key,
    /// Only those with a smaller id, which were issued earlier.
    pub before: i64,
}

/// What leads to the certificates of a list.
pub(super) enum Key {
    Number(String),
    Name(String),
    /// A batch, and within it a name or a number.
    Batch(i64, Option<String>),
    None,
}

/// The first lines of a list, the latest first.
pub(super) fn list(
    tx: &mut Tx<'_>,
    seals: &Seals,
    Narrowed { scope, key, before }: &Narrowed,
    limit: i64,
) -> Result<Vec<CertificateLine>, DbError> {
    let Scope { body, centre, bureau } = scope.clone();
    let mut values = args![body, centre, bureau, *before, limit].to_vec();
    let sql = match key {
        Key::Number(number) => {
            values.push(number.into());
            &BY_NUMBER
        }
        Key::Name(name) => {
            values.push(name.into());
            &BY_NAME
        }
        Key::Batch(batch, wanted) => {
            values.extend([Value::Int(*batch), wanted.clone().into()]);
            &OF_BATCH
        }
        Key::None if *scope == Scope::default() => &OF_ALL,
        Key::None => &OF_BODIES,
    };
    let rows = tx.rows(sql, &values)?;
    rows.into_iter()
        .map(|row| {
            let (name, sealed): (String, String) = (row.get(2)?, row.get(3)?);
            Ok(CertificateLine {
                id: row.get(0)?,
                number: row.get(1)?,
                name: mask_name(&name),
                id_number: seals.open_text(&sealed).map(|number| mask_number(&number)).unwrap_or_default(),
                body: row.get(4)?,
                trade: row.get(5)?,
                level: level(&row, 6)?,
                issued_on: row.get(7)?,
                state: coded(&row, 8, CertificateState::from_code)?,
                batch: row.get(9)?,
            })
        })
        .collect()
}

fn read_face(seals: &Seals, row: &Row) -> Result<Face, DbError> {
    let kind = coded(row, 6, IdKind::from_code)?;
    let number: String = row.get(1)?;
    let id_number = seals
        .open_text(&row.get::<String>(7)?)
        .ok_or_else(|| DbError::stored(format!("certificate {number} is sealed with another key")))?;
    Ok(Face {
        id: row.get(0)?,
        number,
        token: row.get(2)?,
        body_name: row.get(3)?,
        filing_number: row.get(4)?,
        name: row.get(5)?,
        id_kind: kind.code().to_owned(),
        id_kind_name: kind.name().to_owned(),
        id_number,
        trade_code: row.get(8)?,
        trade: row.get(9)?,
        work_type: row.get(10)?,
        level: level(row, 11)?,
        exam_on: row.get(12)?,
        issued_on: row.get(13)?,
        issued_by: row.get(14)?,
        photo: row.get(15)?,
        state: coded(row, 16, CertificateState::from_code)?,
        state_on: row.get(17)?,
        state_reason: row.get(18)?,
        state_by: row.get(19)?,
        batch: row.get(20)?,
        batch_number: row.get(21)?,
        candidate: row.get(22)?,
        print_no: row.get(23)?,
        issued_at: row.get(24)?,
        replaced_on: row.get(25)?,
        listed_on: row.get(26)?,
        key: row.get(27)?,
        stamp: row.get(28)?,
    })
}

/// How far a body's printer is off the blanks; not at all where nobody has said.
pub(super) fn print_offset(tx: &mut Tx<'_>, body: i64) -> Result<PrintOffsetView, DbError> {
    let row = tx.first(&PRINT_OFFSET, args![body])?;
    let read = |row: Row| -> Result<_, DbError> {
        Ok(PrintOffsetView { right: row.get(0)?, down: row.get(1)?, set_on: row.get(2)?, set_by: row.get(3)? })
    };
    Ok(row.map(read).transpose()?.unwrap_or_default())
}

/// Keeps what a body says of its printer.
pub(super) fn set_print_offset(
    tx: &mut Tx<'_>,
    body: i64,
    offset: PrintOffset,
    (on, by): (Date, &str),
) -> Result<(), DbError> {
    tx.run(&SET_PRINT_OFFSET, args![body, offset.right, offset.down, on, by]).map(drop)
}

/// Everything on a certificate.
pub(crate) fn face(tx: &mut Tx<'_>, seals: &Seals, id: i64) -> Result<Option<Face>, DbError> {
    tx.first(&FACE, args![id])?.map(|row| read_face(seals, &row)).transpose()
}

/// Everything on the valid certificates of a batch, by number; or on those that were printed together on blanks, by serial.
pub(super) fn faces(tx: &mut Tx<'_>, seals: &Seals, batch: i64, printing: Option<i64>) -> Result<Vec<Face>, DbError> {
    let mut faces = Vec::new();
    let mut read = |row: Row| {
        faces.push(read_face(seals, &row)?);
        Ok(())
    };
    match printing {
        Some(entry) => tx.each(&FACES_PRINTED, args![batch, entry], &mut read)?,
        None => tx.each(&FACES, args![batch], &mut read)?,
    }
    Ok(faces)
}

/// A body under its filing number.
pub(super) struct Bearer {
    pub filing_number: String,
    /// Since when it has stood in the directory.
    pub listed_on: Date,
    pub name: String,
}

/// Every body that ever stood in the directory, by its filing number.
pub(super) fn bearers(tx: &mut Tx<'_>) -> Result<Vec<Bearer>, DbError> {
    let rows = tx.rows(&BEARERS, &[])?;
    rows.iter()
        .map(|row| Ok(Bearer { filing_number: row.get(0)?, listed_on: row.get(1)?, name: row.get(2)? }))
        .collect()
}

/// The names that stand on the certificates of a filing number.
pub(super) fn names_of(tx: &mut Tx<'_>, filing_number: &str) -> Result<BTreeSet<String>, DbError> {
    tx.rows(&NAMES_OF, args![filing_number])?.iter().map(|row| row.get(0)).collect()
}

/// A batch of a body whose approved persons wait for their certificates.
pub(super) struct ToIssue {
    pub batch: i64,
    pub title: String,
    pub trade: String,
    pub level: Level,
    pub persons: i64,
}

pub(super) fn to_issue(tx: &mut Tx<'_>, body: i64) -> Result<Vec<ToIssue>, DbError> {
    let rows = tx.rows(&TO_ISSUE, args![body])?;
    rows.iter()
        .map(|row| {
            Ok(ToIssue {
                batch: row.get(0)?,
                title: row.get(1)?,
                trade: row.get(2)?,
                level: level(row, 3)?,
                persons: row.get(4)?,
            })
        })
        .collect()
}

/// Whether no body was ever registered here.
pub(super) fn is_unused(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    Ok(tx.first(&USED, &[])?.is_none())
}

/// The name of a made-up body.
fn bench_name(body: i64) -> String {
    format!("示例{body}技工学校")
}

/// A made-up body on file under this number.
pub(super) fn bench_body(tx: &mut Tx<'_>, id: i64, number: &str) -> Result<(), DbError> {
    let name = bench_name(id);
    tx.run(&BENCH_BODY, args![id, &name, format!("BENCH{id:013}")])?;
    tx.run(&BENCH_FILING, args![id])?;
    tx.run(&BENCH_LISTING, args![id, number])?;
    tx.run(&BENCH_CHANGE, args![id])?;
    tx.run(&BENCH_TERM, args![id, &name])?;
    tx.run(&BENCH_SCOPE, args![id])?;
    tx.run(&BENCH_FILE, &[]).map(|_| ())
}

/// A made-up batch of a made-up body.
pub(super) fn bench_batch(tx: &mut Tx<'_>, id: i64, body: i64) -> Result<(), DbError> {
    tx.run(&BENCH_BATCH, args![id, format!("B{id}"), body])?;
    tx.run(&BENCH_REPORT, args![id])?;
    tx.run(&BENCH_UPLOAD, args![id]).map(|_| ())
}

/// Made-up persons of a batch with their certificates, which bear the same ids: a JSON object of ids with number, name, key,
/// sealed number and state.
pub(super) fn bench_certificates(
    tx: &mut Tx<'_>,
    (batch, body): (i64, i64),
    rows: &str,
    issued_on: Date,
) -> Result<(), DbError> {
    tx.run(&BENCH_CANDIDATES, args![rows, batch])?;
    tx.run(&BENCH_CERTIFICATES, args![rows, batch, body, bench_name(body), issued_on]).map(|_| ())
}
