//! What stands behind a certificate, read link by link.

use rules::assignment::Duty;
use rules::batch::BatchStage;
use rules::people::Role;
use rules::permission::ActKind;
use rules::publicity::ObjectionState;
use rules::refusal::RefusalView;
use rules::report::LateDecision;
use rules::result::Part;

use super::{
    ActLine, Approval, BatchLink, ExaminerLink, KeptLink, ListingLink, MarkLink, Objection, Publicity, ReportLink,
    RosterLink, SourceFile,
};
use crate::args;
use crate::certificate::{coded, level};
use crate::db::{DbError, Row, Tx};
use crate::door::clock::read_out;
use crate::door::store::from_text;

crate::statements! {
    PERSON = "SELECT batch, name, certificate FROM candidate WHERE id = ?1";
    CANDIDATE = "SELECT c.ticket, c.sheet, c.row_no, c.student_no, c.major, c.condition, u.file, u.name, u.rows_read, u.rows_good, u.at, u.account_name, c.reviewed_on, c.reviewed_by, c.publicity_no, c.report
      FROM candidate c JOIN roster_upload u ON u.id = c.upload WHERE c.id = ?1";
    MARKS = "SELECT m.part, m.outcome, m.score, m.source, m.file, (SELECT MAX(u.name) FROM mark_upload u WHERE u.file = m.file AND u.batch = c.batch), m.row_no, m.entered_at, m.entered_by, m.confirmed_at, m.confirmed_by, m.confirmed_how, k.batch, kb.number, m.reached_on, m.basis
      FROM mark m JOIN candidate c ON c.id = m.candidate LEFT JOIN candidate k ON k.id = m.kept_from LEFT JOIN batch kb ON kb.id = k.batch WHERE m.candidate = ?1";
    BATCH = "SELECT t.id, t.number, t.title, t.stage, t.code, t.trade, t.level, t.standard, t.notified_on, t.starts_on, t.ends_on, t.theory_on, t.practical_on, t.comprehensive_on, t.theory_place, t.practical_place, t.plan_file, t.posted_on, t.first_on, t.ends_publicity_on, t.publicity_digest, t.closed_on, t.listing, t.organiser, t.responsible
      FROM batch t WHERE t.id = ?1";
    EXAMINERS = "SELECT duty, part, name, employer, card_number, assigned_by, assigned_on FROM assignment WHERE batch = ?1 AND ended_on IS NULL ORDER BY place, id";
    OBJECTIONS = "SELECT receipt, lodged_on, state, decided_on, decided_by, decision FROM objection WHERE candidate = ?1 ORDER BY lodged_at, id";
    REPORT = "SELECT no, reported_on, due_on, persons, reported_by, late_reason, late_decision, late_decision_reason, late_decided_on, late_decided_by FROM report WHERE id = ?1";
    LISTING = "SELECT l.filing, l.number, e.name, e.valid_from, e.valid_until, l.listed_on,
      (SELECT x.effective_on FROM listing_change x WHERE x.listing = l.id AND x.kind IN ('withdrawn', 'exited', 'stopped') ORDER BY x.seq DESC LIMIT 1), f.submitted_on, f.accepted_on, f.assessed_on, f.consented_on, f.summarised_on, f.ministry_reference, f.ministry_on, f.receipt_on, a.reference, a.announced_on
      FROM listing l JOIN filing f ON f.id = l.filing LEFT JOIN announcement a ON a.filing = f.id JOIN listing_term e ON e.listing = l.id AND e.closed IS NULL
      WHERE l.id = ?1 ORDER BY CASE WHEN e.valid_from <= ?2 THEN 0 ELSE 1 END, e.valid_from DESC LIMIT 1";
    SCOPE = "SELECT s.standard, s.valid_from, s.valid_until FROM listing_scope s
      WHERE s.listing = ?1 AND s.closed IS NULL AND s.code = ?2 AND s.level = ?3 AND s.valid_from <= ?4 AND s.valid_until >= ?4 ORDER BY s.valid_from LIMIT 1";
    PANEL = "SELECT v.held_on, m.name FROM evaluation v JOIN evaluation_member m ON m.evaluation = v.id
      WHERE v.filing = ?1 AND v.finished_on IS NOT NULL AND v.round = (SELECT MAX(x.round) FROM evaluation x WHERE x.filing = ?1 AND x.finished_on IS NOT NULL)
      AND m.draw = (SELECT MAX(d.no) FROM evaluation_draw d WHERE d.evaluation = v.id) AND m.replaced_on IS NULL ORDER BY m.place";
    OWN_ACTS = "SELECT id, at, act, account_name, role, seat, via, refused FROM record
      WHERE (subject = 'certificate' AND subject_id = ?1) OR (subject = 'candidate' AND subject_id = ?2)
      OR (subject = 'objection' AND subject_id IN (SELECT o.id FROM objection o WHERE o.candidate = ?2))
      ORDER BY at DESC, id DESC LIMIT ?3";
    SHARED_ACTS = "SELECT id, at, act, account_name, role, seat, via, refused FROM record
      WHERE (subject = 'batch' AND subject_id = ?1) OR (subject = 'filing' AND subject_id = ?2)
      ORDER BY at DESC, id DESC LIMIT ?3";
    FILE = "SELECT u.name FROM candidate c JOIN roster_upload u ON u.id = c.upload WHERE c.id = ?1 AND u.file = ?3
      UNION SELECT COALESCE((SELECT MAX(u.name) FROM mark_upload u WHERE u.file = m.file AND u.batch = ?2), '') FROM mark m WHERE m.candidate = ?1 AND m.file = ?3
      UNION SELECT COALESCE(h.file_name, '') FROM mark_step s LEFT JOIN mark_change h ON h.id = s.mark_change WHERE s.candidate = ?1 AND s.file = ?3
      UNION SELECT CAST('' AS TEXT) FROM batch t WHERE t.id = ?2 AND t.plan_file = ?3";
}

/// A person of a batch.
pub(super) struct Person {
    pub batch: i64,
    pub name: String,
    pub certificate: Option<i64>,
}

pub(super) fn person(tx: &mut Tx<'_>, id: i64) -> Result<Option<Person>, DbError> {
    let row = tx.first(&PERSON, args![id])?;
    row.map(|row| Ok(Person { batch: row.get(0)?, name: row.get(1)?, certificate: row.get(2)? })).transpose()
}

/// The candidate behind a certificate: roster row, approval, number in the public list, report.
pub(super) struct Candidate {
    pub roster: RosterLink,
    pub approval: Option<Approval>,
    pub publicity_no: Option<i64>,
    pub report: Option<i64>,
}

pub(super) fn candidate(tx: &mut Tx<'_>, id: i64) -> Result<Option<Candidate>, DbError> {
    let Some(row) = tx.first(&CANDIDATE, args![id])? else { return Ok(None) };
    let (on, by): (Option<_>, Option<String>) = (row.get(12)?, row.get(13)?);
    Ok(Some(Candidate {
        roster: RosterLink {
            ticket: row.get(0)?,
            sheet: row.get(1)?,
            row: row.get(2)?,
            student_no: row.get(3)?,
            major: row.get(4)?,
            condition: row.get(5)?,
            file: SourceFile { hash: row.get(6)?, name: row.get(7)? },
            rows_read: row.get(8)?,
            rows_good: row.get(9)?,
            at: read_out(row.get(10)?),
            by: row.get(11)?,
        },
        approval: on.map(|on| Approval { on, by: by.unwrap_or_default() }),
        publicity_no: row.get(14)?,
        report: row.get(15)?,
    }))
}

/// The marks of a candidate, in the order in which the parts are taken.
pub(super) fn marks(tx: &mut Tx<'_>, candidate: i64) -> Result<Vec<MarkLink>, DbError> {
    let rows = tx.rows(&MARKS, args![candidate])?;
    let mut marks = rows
        .iter()
        .map(|row| {
            let (file, name): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
            Ok(MarkLink {
                part: coded(row, 0, Part::from_code)?,
                outcome: outcome(row)?,
                source: row.get(3)?,
                file: file.map(|hash| SourceFile { hash, name: name.unwrap_or_default() }),
                row: row.get(6)?,
                at: read_out(row.get(7)?),
                by: row.get(8)?,
                checked: match row.get::<Option<i64>>(9)? {
                    Some(at) => {
                        let (by, how): (Option<String>, Option<String>) = (row.get(10)?, row.get(11)?);
                        let how = crate::marks::how_name(&how.unwrap_or_default());
                        Some(format!("{}{how}，{}", by.unwrap_or_default(), read_out(at)))
                    }
                    None => None,
                },
                kept_from: match (row.get(12)?, row.get(13)?) {
                    (Some(batch), Some(number)) => Some(KeptLink { batch, number, on: row.get(14)? }),
                    _ => None,
                },
                reached_on: row.get(14)?,
                basis: row
                    .get::<Option<String>>(15)?
                    .map(|text| from_text::<crate::marks::Basis>(&text))
                    .transpose()?
                    .map(|basis| basis.said()),
            })
        })
        .collect::<Result<Vec<_>, DbError>>()?;
    marks.sort_by_key(|mark| mark.part);
    Ok(marks)
}

/// A mark as people read it: `85`, `62.5`, `缺考`.
fn outcome(row: &Row) -> Result<String, DbError> {
    let (code, score): (String, Option<f64>) = (row.get(1)?, row.get(2)?);
    Ok(match code.as_str() {
        "absent" => "缺考".into(),
        "violation" => "违纪".into(),
        "deferred" => "缓考".into(),
        _ => score.map_or_else(String::new, |score| score.to_string()),
    })
}

/// A batch with its publicity, and the entry of the directory that it rests on.
pub(super) fn batch(tx: &mut Tx<'_>, id: i64) -> Result<Option<(BatchLink, Option<Publicity>, i64)>, DbError> {
    let Some(row) = tx.first(&BATCH, args![id])? else { return Ok(None) };
    let publicity = match row.get::<Option<_>>(17)? {
        None => None,
        Some(posted_on) => Some(Publicity {
            posted_on,
            first_on: row.get(18)?,
            ends_on: row.get(19)?,
            digest: row.get::<Option<String>>(20)?.unwrap_or_default(),
            closed_on: row.get(21)?,
            no: None,
            objections: Vec::new(),
        }),
    };
    let link = BatchLink {
        id: row.get(0)?,
        number: row.get(1)?,
        title: row.get(2)?,
        stage: coded(&row, 3, BatchStage::from_code)?,
        code: row.get(4)?,
        trade: row.get(5)?,
        level: level(&row, 6)?,
        standard: row.get(7)?,
        notified_on: row.get(8)?,
        starts_on: row.get(9)?,
        ends_on: row.get(10)?,
        theory_on: row.get(11)?,
        practical_on: row.get(12)?,
        comprehensive_on: row.get(13)?,
        theory_place: row.get(14)?,
        practical_place: row.get(15)?,
        organiser: row.get(23)?,
        responsible: row.get(24)?,
        plan: row.get::<Option<String>>(16)?.map(|hash| SourceFile { hash, name: "工作方案".into() }),
        examiners: examiners(tx, id)?,
    };
    Ok(Some((link, publicity, row.get(22)?)))
}

/// Who examined and who inspected a batch.
fn examiners(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<ExaminerLink>, DbError> {
    let examiner = |row: Row| {
        let (part, duty) = (Part::from_code(&row.get::<String>(1)?), coded(&row, 0, Duty::from_code)?);
        let link = ExaminerLink {
            duty_name: duty.name().to_owned(),
            part_name: part.map(|part| part.name().to_owned()).unwrap_or_default(),
            name: row.get(2)?,
            employer: row.get(3)?,
            card_number: row.get(4)?,
            assigned_by: row.get(5)?,
            assigned_on: row.get(6)?,
        };
        Ok(((part.is_none(), part, duty), link))
    };
    let rows = tx.rows(&EXAMINERS, args![batch])?.into_iter();
    let mut found = rows.map(examiner).collect::<Result<Vec<_>, DbError>>()?;
    // By part, who saw to the whole batch last; within it the head first.
    found.sort_by_key(|(order, _)| *order);
    Ok(found.into_iter().map(|(_, link)| link).collect())
}

pub(super) fn objections(tx: &mut Tx<'_>, candidate: i64) -> Result<Vec<Objection>, DbError> {
    let rows = tx.rows(&OBJECTIONS, args![candidate])?;
    rows.iter()
        .map(|row| {
            Ok(Objection {
                receipt: row.get(0)?,
                lodged_on: row.get(1)?,
                state: coded(row, 2, ObjectionState::from_code)?,
                decided_on: row.get(3)?,
                decided_by: row.get(4)?,
                decision: row.get(5)?,
            })
        })
        .collect()
}

pub(super) fn report(tx: &mut Tx<'_>, id: i64) -> Result<Option<ReportLink>, DbError> {
    let Some(row) = tx.first(&REPORT, args![id])? else { return Ok(None) };
    let reason: Option<String> = row.get(7)?;
    Ok(Some(ReportLink {
        no: row.get(0)?,
        reported_on: row.get(1)?,
        due_on: row.get(2)?,
        persons: row.get(3)?,
        by: row.get(4)?,
        late_reason: row.get(5)?,
        late_decision: row
            .get::<Option<String>>(6)?
            .and_then(|code| LateDecision::from_code(&code, reason.unwrap_or_default())),
        late_decided_on: row.get(8)?,
        late_decided_by: row.get(9)?,
    }))
}

/// The entry of the directory with its filing, and the scope for the batch's occupation and level on the examination day.
pub(super) fn listing(
    tx: &mut Tx<'_>,
    id: i64,
    batch: &BatchLink,
    exam_on: jiff::civil::Date,
) -> Result<Option<ListingLink>, DbError> {
    let Some(row) = tx.first(&LISTING, args![id, exam_on])? else { return Ok(None) };
    let level = batch.level.digit().to_string();
    let scope = tx.first(&SCOPE, args![id, &batch.code, level, exam_on])?;
    let (standard, scope_from, scope_until) = match scope {
        Some(scope) => (Some(scope.get(0)?), Some(scope.get(1)?), Some(scope.get(2)?)),
        None => (None, None, None),
    };
    let filing: i64 = row.get(0)?;
    let panel = tx.rows(&PANEL, args![filing])?;
    Ok(Some(ListingLink {
        filing,
        evaluated_on: panel.first().map(|row| row.get(0)).transpose()?,
        panel: panel.iter().map(|row| row.get(1)).collect::<Result<_, _>>()?,
        number: row.get(1)?,
        name: row.get(2)?,
        valid_from: row.get(3)?,
        valid_until: row.get(4)?,
        listed_on: row.get(5)?,
        removed_on: row.get(6)?,
        submitted_on: row.get(7)?,
        accepted_on: row.get(8)?,
        assessed_on: row.get(9)?,
        consented_on: row.get(10)?,
        summarised_on: row.get(11)?,
        ministry_reference: row.get(12)?,
        ministry_on: row.get(13)?,
        receipt_on: row.get(14)?,
        announcement: row.get(15)?,
        announced_on: row.get(16)?,
        standard,
        scope_from,
        scope_until,
    }))
}

/// Lines of the record shown of the person, and as many of what everyone of the batch shares.
pub(crate) const LINES: usize = 2_000;

/// A line of the record: id, at, act, account_name, role, seat, via, refused.
pub(crate) fn act_line(row: &Row) -> Result<ActLine, DbError> {
    let (act, role): (String, String) = (row.get(2)?, row.get(4)?);
    let refused: Option<String> = row.get(7)?;
    Ok(ActLine {
        at: read_out(row.get(1)?),
        act: ActKind::ALL.iter().find(|kind| kind.code() == act).map_or(act, |kind| kind.name().to_owned()),
        by: row.get(3)?,
        role: Role::from_code(&role).map_or(role, |role| role.name().to_owned()),
        seat: row.get(5)?,
        via: row.get(6)?,
        refused: refused.map(|text| from_text::<RefusalView>(&text).map(|view| view.what)).transpose()?,
    })
}

/// The acts on certificate and candidate, and those on batch and filing, the first first; and whether the earliest were
/// left out. What everyone shares never crowds out what is the person's own.
pub(super) fn acts(
    tx: &mut Tx<'_>,
    (certificate, candidate, batch, filing): (i64, i64, i64, i64),
) -> Result<(Vec<ActLine>, bool), DbError> {
    let most = LINES as i64 + 1;
    let mut own = tx.rows(&OWN_ACTS, args![certificate, candidate, most])?;
    let mut shared = tx.rows(&SHARED_ACTS, args![batch, filing, most])?;
    let cut = own.len() > LINES || shared.len() > LINES;
    own.truncate(LINES);
    shared.truncate(LINES);
    own.append(&mut shared);
    let mut lines = own
        .iter()
        .map(|row| Ok(((row.get::<i64>(1)?, row.get::<i64>(0)?), act_line(row)?)))
        .collect::<Result<Vec<_>, DbError>>()?;
    lines.sort_by_key(|(when, _)| *when);
    Ok((lines.into_iter().map(|(_, line)| line).collect(), cut))
}

/// The name of a file that the chain of a certificate refers to; `None` if it refers to no such file.
pub(super) fn file_name(tx: &mut Tx<'_>, candidate: i64, batch: i64, hash: &str) -> Result<Option<String>, DbError> {
    tx.first(&FILE, args![candidate, batch, hash])?.map(|row| row.get(0)).transpose()
}
