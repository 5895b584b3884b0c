//! What the archive of a batch is made of: tables told from the records, files that were uploaded, pieces that were
//! entered by hand, the closed list and its openings.

use std::collections::{BTreeMap, BTreeSet};

use rules::Day;
use rules::archive::Facts;
use rules::assignment::Duty;
use rules::certificate::{CertificateState, Level};
use rules::identity::IdKind;
use rules::proposal::ProposalState;
use rules::publicity::ObjectionState;
use rules::result::Part;

use super::{DestructionLine, Opening, PieceLine};
use crate::args;
use crate::chain;
use crate::db::{DbError, Row, Sql, Tx, Value};
use crate::door::clock::read_out;
use crate::door::store::{from_text, to_text};
use crate::door::{Seals, clock};

crate::statements! {
    CLOSED = "SELECT list, note, closed_on, closed_at, closed_by FROM archive WHERE batch = ?1";
    CLOSE = "INSERT INTO archive (batch, list, entries, note, closed_on, closed_at, closed_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    ENTER = "INSERT INTO archive_piece (id, batch, kind, title, made_on, place, shelf, pages, file, file_name, reason, entered_on, entered_by, is_supplement)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    PIECES = "SELECT p.id, p.kind, p.title, p.made_on, p.place, p.shelf, p.pages, p.file, p.reason, p.entered_by, p.is_supplement, COALESCE(f.size, 0), COALESCE(f.kind, '')
      FROM archive_piece p LEFT JOIN file f ON f.hash = p.file WHERE p.batch = ?1 ORDER BY p.id";
    REMOVE = "DELETE FROM archive_piece WHERE id = ?1 AND batch = ?2 AND is_supplement = 0";
    OPEN = "INSERT INTO archive_opening (id, batch, piece, reason, opened_on, opened_at, account, opened_by, seat) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    OPENINGS = "SELECT o.opened_at, o.opened_by, o.seat, COALESCE(p.title, ''), o.reason FROM archive_opening o LEFT JOIN archive_piece p ON p.id = o.piece
      WHERE o.batch = ?1 ORDER BY o.id DESC LIMIT 200";
    OPENED = "SELECT piece, opened_on, account FROM archive_opening WHERE id = ?1 AND batch = ?2";
    FINISHED = "SELECT COALESCE((SELECT MAX(e.issued_on) FROM certificate e WHERE e.batch = t.id), t.closed_on) FROM batch t WHERE t.id = ?1";
    TO_CLOSE = "SELECT t.id, t.title, t.trade, t.level, COALESCE((SELECT MAX(e.issued_on) FROM certificate e WHERE e.batch = t.id), t.closed_on)
      FROM batch t WHERE t.body = ?1 AND t.stage = 'issued' AND NOT EXISTS (SELECT 1 FROM archive a WHERE a.batch = t.id) ORDER BY t.id";
    DESTRUCTIONS = "SELECT id, state, reason, list, digest, proposed_on, proposed_by, answered_on, answered_by, COALESCE(answer, '') FROM archive_destruction WHERE batch = ?1 ORDER BY id";
    // Proposals of a body that this account may answer: somebody else's.
    TO_DESTROY = "SELECT t.id, t.title, t.trade, t.level, d.proposed_on FROM archive_destruction d JOIN batch t ON t.id = d.batch
      WHERE t.body = ?1 AND d.state = 'proposed' AND (d.proposed_account IS NULL OR d.proposed_account <> ?2) ORDER BY d.id LIMIT 50";
    PROPOSER = "SELECT proposed_account FROM archive_destruction WHERE id = ?1";
    PROPOSE = "INSERT INTO archive_destruction (id, batch, state, reason, list, digest, proposed_on, proposed_by, proposed_account) VALUES (?1, ?2, 'proposed', ?3, ?4, ?5, ?6, ?7, ?8)";
    ANSWER = "UPDATE archive_destruction SET state = ?2, answered_on = ?3, answered_by = ?4, answer = ?5 WHERE id = ?1";
    // Content that something else than what a batch gives up rests on: every table that names files is here, of those that belong
    // to a batch the rows of the others. The keys of the object are hashes, as they are in GIVE_UP.
    NEEDED = "SELECT DISTINCT u.hash FROM (
        SELECT file AS hash FROM filing_material UNION ALL SELECT file FROM enrolment_upload UNION ALL SELECT file FROM body_change UNION ALL SELECT file FROM announcement
        UNION ALL SELECT file FROM cooperation UNION ALL SELECT file FROM list_upload UNION ALL SELECT file FROM card_upload UNION ALL SELECT file FROM evaluation_evidence
        UNION ALL SELECT file FROM ministry_export UNION ALL SELECT file FROM regulation_file UNION ALL SELECT file FROM scheme UNION ALL SELECT file FROM inspection_file
        UNION ALL SELECT photo FROM certificate UNION ALL SELECT photo FROM certificate_print UNION ALL SELECT photo FROM certificate_change UNION ALL SELECT file FROM certificate_change
        UNION ALL SELECT file FROM mark UNION ALL SELECT file FROM mark_step UNION ALL SELECT file FROM mark_upload UNION ALL SELECT file FROM mark_change UNION ALL SELECT list FROM archive
        UNION ALL SELECT plan_file FROM batch WHERE id <> ?1 UNION ALL SELECT plan_file FROM batch_version WHERE batch <> ?1 UNION ALL SELECT file FROM roster_upload WHERE batch <> ?1
        UNION ALL SELECT photo FROM candidate WHERE batch <> ?1 UNION ALL SELECT file FROM photo_upload WHERE batch <> ?1 UNION ALL SELECT file FROM archive_piece WHERE batch <> ?1
        UNION ALL SELECT s.file FROM assessor_sheet s JOIN assignment a ON a.id = s.assignment WHERE a.batch <> ?1
        UNION ALL SELECT f.file FROM posting_photo f JOIN posting_proof p ON p.id = f.proof WHERE p.batch <> ?1
        UNION ALL SELECT e.file FROM objection_file e JOIN objection o ON o.id = e.objection WHERE o.batch <> ?1
        UNION ALL SELECT h.file FROM objection_hearing h JOIN objection o ON o.id = h.objection WHERE o.batch <> ?1
        UNION ALL SELECT file FROM day_file WHERE batch <> ?1 UNION ALL SELECT file FROM arrival_upload WHERE batch <> ?1 UNION ALL SELECT file FROM recording_upload WHERE batch <> ?1
        UNION ALL SELECT photo FROM candidate_change UNION ALL SELECT file FROM candidate_change UNION ALL SELECT file FROM eligibility_exception
        UNION ALL SELECT file FROM stock_entry UNION ALL SELECT file FROM blank_destruction UNION ALL SELECT picture FROM stamp
        UNION ALL SELECT file FROM exchange_package UNION ALL SELECT summary FROM exchange_package UNION ALL SELECT proof FROM exchange_package
        UNION ALL SELECT file FROM exchange_receipt UNION ALL SELECT file FROM exchange_inventory UNION ALL SELECT file FROM elsewhere_certificate
      ) u WHERE u.hash IN (SELECT r.key FROM json_each(?2) AS r)";
    GIVE_UP = "INSERT INTO destroyed_file (hash, destruction, is_gone) SELECT f.hash, CAST(?2 AS BIGINT), 0 FROM json_each(?1) AS r JOIN file f ON f.hash = r.key WHERE 1 = 1 ON CONFLICT (hash) DO NOTHING";
    LEFT = "SELECT hash FROM destroyed_file WHERE is_gone = 0 ORDER BY hash LIMIT ?1";
    ARE_GONE = "UPDATE destroyed_file SET is_gone = 1 WHERE hash IN (SELECT r.key FROM json_each(?1) AS r)";
    METHODS = "SELECT DISTINCT m.part, COALESCE(s.kind, '') FROM mark m JOIN candidate c ON c.id = m.candidate LEFT JOIN scheme s ON s.id = m.scheme
      WHERE c.batch = ?1 AND c.withdrawn_on IS NULL AND m.source <> 'kept'";
    DISPUTES = "SELECT (SELECT count(*) FROM objection WHERE batch = ?1) + (SELECT count(*) FROM mark_review WHERE batch = ?1) + (SELECT count(*) FROM mark_change WHERE batch = ?1)
      + (SELECT count(*) FROM batch_stop WHERE batch = ?1) + (SELECT count(*) FROM room_stop WHERE batch = ?1) + (SELECT count(*) FROM violation WHERE batch = ?1) + (SELECT count(*) FROM certificate WHERE batch = ?1 AND state <> 'valid')";
    // The latest line of the record about a batch: as long as it stays, nothing of the batch has changed.
    LATEST = "SELECT COALESCE(MAX(id), 0) FROM record WHERE refused IS NULL AND (
        (subject = 'batch' AND subject_id = ?1)
        OR (subject = 'candidate' AND subject_id IN (SELECT c.id FROM candidate c WHERE c.batch = ?1))
        OR (subject = 'objection' AND subject_id IN (SELECT o.id FROM objection o WHERE o.batch = ?1))
        OR (subject = 'certificate' AND subject_id IN (SELECT e.id FROM certificate e WHERE e.batch = ?1)))";
    SINCE = "SELECT count(*) FROM record WHERE refused IS NULL AND at > ?2 AND act NOT IN ('OpenArchive', 'EnterPiece', 'CloseArchive', 'ProposeDestruction', 'AnswerDestruction') AND (
        (subject = 'batch' AND subject_id = ?1)
        OR (subject = 'candidate' AND subject_id IN (SELECT c.id FROM candidate c WHERE c.batch = ?1))
        OR (subject = 'objection' AND subject_id IN (SELECT o.id FROM objection o WHERE o.batch = ?1))
        OR (subject = 'certificate' AND subject_id IN (SELECT e.id FROM certificate e WHERE e.batch = ?1)))";
    FILES = "SELECT 'roster_file', u.file, u.name, u.at, CAST(NULL AS TEXT), u.account_name, f.kind, f.size FROM roster_upload u JOIN file f ON f.hash = u.file WHERE u.batch = ?1
      UNION ALL SELECT 'plan_file', v.plan_file, '第' || v.no || '次通报', CAST(NULL AS BIGINT), v.told_on, v.told_by, f.kind, f.size FROM batch_version v JOIN file f ON f.hash = v.plan_file WHERE v.batch = ?1
      UNION ALL SELECT 'cooperation', k.file, k.file_name, CAST(NULL AS BIGINT), k.signed_on, k.proposed_by, f.kind, f.size FROM batch t JOIN cooperation k ON k.id = t.cooperation JOIN file f ON f.hash = k.file WHERE t.id = ?1
      UNION ALL SELECT 'scheme', s.file, s.file_name, CAST(NULL AS BIGINT), s.proposed_on, s.proposed_by, f.kind, f.size FROM batch t JOIN scheme s ON s.id = t.scheme JOIN file f ON f.hash = s.file WHERE t.id = ?1
      UNION ALL SELECT 'mark_file', u.file, u.name, u.at, CAST(NULL AS TEXT), u.account_name, f.kind, f.size FROM mark_upload u JOIN file f ON f.hash = u.file WHERE u.batch = ?1
      UNION ALL SELECT 'change_file', m.file, m.file_name, m.proposed_at, CAST(NULL AS TEXT), m.proposed_by, f.kind, f.size FROM mark_change m JOIN file f ON f.hash = m.file WHERE m.batch = ?1
      UNION ALL SELECT 'posting_photo', h.file, h.name, p.noted_at, CAST(NULL AS TEXT), p.noted_by, f.kind, f.size FROM posting_photo h JOIN posting_proof p ON p.id = h.proof JOIN file f ON f.hash = h.file WHERE p.batch = ?1
      UNION ALL SELECT 'objection_file', e.file, '异议' || o.receipt || '的证据', o.lodged_at, CAST(NULL AS TEXT), '', f.kind, f.size FROM objection_file e JOIN objection o ON o.id = e.objection JOIN file f ON f.hash = e.file WHERE o.batch = ?1
      UNION ALL SELECT 'hearing_minutes', h.file, '异议' || o.receipt || '的笔录', CAST(NULL AS BIGINT), h.held_on, h.noted_by, f.kind, f.size FROM objection_hearing h JOIN objection o ON o.id = h.objection JOIN file f ON f.hash = h.file WHERE o.batch = ?1
      UNION ALL SELECT 'arrival_file', u.file, u.name, u.at, CAST(NULL AS TEXT), u.account_name, f.kind, f.size FROM arrival_upload u JOIN file f ON f.hash = u.file WHERE u.batch = ?1
      UNION ALL SELECT 'recording_file', u.file, u.name, u.at, CAST(NULL AS TEXT), u.account_name, f.kind, f.size FROM recording_upload u JOIN file f ON f.hash = u.file WHERE u.batch = ?1
      UNION ALL SELECT 'day_file', d.file, d.name, CAST(NULL AS BIGINT), CAST(NULL AS TEXT), '', f.kind, f.size FROM day_file d JOIN file f ON f.hash = d.file WHERE d.batch = ?1
      ORDER BY 1, 5, 4, 3";
    PHOTOS = "SELECT c.ticket, c.photo, COALESCE(f.kind, ''), COALESCE(f.size, 0) FROM candidate c LEFT JOIN file f ON f.hash = c.photo
      WHERE c.batch = ?1 AND c.photo IS NOT NULL AND c.withdrawn_on IS NULL ORDER BY c.ticket, c.id";
    COUNTS = "SELECT 'roster', count(*) FROM candidate WHERE batch = ?1
      UNION ALL SELECT 'photo', count(*) FROM candidate WHERE batch = ?1 AND photo IS NOT NULL AND withdrawn_on IS NULL
      UNION ALL SELECT 'notification', count(*) FROM batch_version WHERE batch = ?1
      UNION ALL SELECT 'assignment', count(*) FROM assignment WHERE batch = ?1
      UNION ALL SELECT 'places', count(*) FROM exam_place p JOIN exam_session s ON s.id = p.session WHERE s.batch = ?1
      UNION ALL SELECT 'acts', count(*) FROM record WHERE subject = 'batch' AND subject_id = ?1
      UNION ALL SELECT 'marks', count(*) FROM mark m JOIN candidate c ON c.id = m.candidate WHERE c.batch = ?1
      UNION ALL SELECT 'mark_steps', count(*) FROM mark_step s JOIN candidate c ON c.id = s.candidate WHERE c.batch = ?1
      UNION ALL SELECT 'publicity', count(*) FROM publicity_row WHERE batch = ?1
      UNION ALL SELECT 'broken_publicity', count(*) FROM broken_publicity WHERE batch = ?1
      UNION ALL SELECT 'correction', count(*) FROM publicity_correction WHERE batch = ?1
      UNION ALL SELECT 'objections', count(*) FROM objection WHERE batch = ?1
      UNION ALL SELECT 'mark_reviews', count(*) FROM mark_review WHERE batch = ?1
      UNION ALL SELECT 'mark_changes', count(*) FROM mark_change WHERE batch = ?1
      UNION ALL SELECT 'report', count(*) FROM report_person p JOIN report r ON r.id = p.report WHERE r.batch = ?1
      UNION ALL SELECT 'certificates', count(*) FROM certificate WHERE batch = ?1";
    ROSTER = "SELECT ticket, name, id_kind, id_sealed, sex, born, student_no, major, condition, withdrawn_on, withdrawn_reason FROM candidate WHERE batch = ?1 ORDER BY ticket, id";
    NOTIFICATION = "SELECT no, kind, told_on, told_by, reason, code, trade, work_type, level, standard, starts_on, ends_on, theory_on, practical_on, comprehensive_on, theory_place, practical_place, expected, responsible FROM batch_version WHERE batch = ?1 ORDER BY no";
    ASSIGNMENT = "SELECT duty, part, name, employer, card_number, assigned_on, assigned_by, ended_on, ended_by, ended_reason FROM assignment WHERE batch = ?1 ORDER BY place, id";
    PLACES = "SELECT s.no, p.part, s.held_on, s.begins, s.ends, s.room, p.seat, c.ticket, c.name FROM exam_place p JOIN exam_session s ON s.id = p.session JOIN candidate c ON c.id = p.candidate WHERE s.batch = ?1 ORDER BY s.no, p.seat";
    ACTS = "SELECT id, at, act, account_name, role, seat, via, refused FROM record
      WHERE (subject = 'batch' AND subject_id = ?1)
        OR (subject = 'candidate' AND subject_id IN (SELECT c.id FROM candidate c WHERE c.batch = ?1))
        OR (subject = 'objection' AND subject_id IN (SELECT o.id FROM objection o WHERE o.batch = ?1))
        OR (subject = 'certificate' AND subject_id IN (SELECT e.id FROM certificate e WHERE e.batch = ?1))
      ORDER BY at, id";
    MARKS = "SELECT c.ticket, c.name, m.part, m.outcome, m.score, m.source, m.entered_at, m.entered_by, m.confirmed_at, m.confirmed_by, m.changes, c.verdict FROM mark m JOIN candidate c ON c.id = m.candidate WHERE c.batch = ?1 ORDER BY c.ticket, c.id, m.part";
    MARK_STEPS = "SELECT c.ticket, s.part, s.no, s.outcome, s.score, s.source, s.at, s.account_name FROM mark_step s JOIN candidate c ON c.id = s.candidate WHERE c.batch = ?1 ORDER BY c.ticket, c.id, s.part, s.no";
    PUBLICITY = "SELECT no, name_masked, id_masked, marks, verdict, notes FROM publicity_row WHERE batch = ?1 ORDER BY no";
    BROKEN_PUBLICITY = "SELECT no, posted_on, first_on, ends_on, broken_on, stood, reason, restarted_on, restarted_by, seat, digest, list FROM broken_publicity WHERE batch = ?1 ORDER BY no";
    CORRECTION = "SELECT p.no, p.marks, p.verdict, p.posted_on, p.first_on, p.ends_on FROM publicity_correction p WHERE p.batch = ?1 ORDER BY p.no, p.mark_change";
    OBJECTIONS = "SELECT o.receipt, c.ticket, o.lodged_on, o.reason, o.state, o.decided_on, o.decided_by, o.decision, o.due_on, CASE o.effect WHEN 'change' THEN '更正成绩' WHEN 'void' THEN '成绩不作数' WHEN 'exclude' THEN '取消认定资格' ELSE '' END FROM objection o JOIN candidate c ON c.id = o.candidate WHERE o.batch = ?1 ORDER BY o.lodged_at, o.id";
    MARK_REVIEWS = "SELECT r.receipt, c.ticket, r.part, r.reason, r.asked_on, r.due_on, r.state, r.answered_on, r.answered_by, r.answer FROM mark_review r JOIN candidate c ON c.id = r.candidate WHERE r.batch = ?1 ORDER BY r.asked_on, r.id";
    MARK_CHANGES = "SELECT c.ticket, m.part, m.outcome_before, m.score_before, m.outcome, m.score, m.reason, m.state, m.proposed_on, m.proposed_by, m.answered_on, m.answered_by, m.answer FROM mark_change m JOIN candidate c ON c.id = m.candidate WHERE m.batch = ?1 ORDER BY m.proposed_at, m.id";
    REPORT = "SELECT r.no, r.reported_on, r.due_on, r.reported_by, r.late_reason, r.late_decision, r.late_decided_on, r.late_decided_by, c.ticket, c.name, p.review, p.review_reason, p.reviewed_on, p.reviewed_by FROM report_person p JOIN report r ON r.id = p.report JOIN candidate c ON c.id = p.candidate WHERE r.batch = ?1 ORDER BY r.no, c.ticket, c.id";
    CERTIFICATES = "SELECT number, name, id_kind, id_sealed, trade_code, trade, work_type, level, exam_on, issued_on, issued_by, state, state_on, state_reason, state_by FROM certificate WHERE batch = ?1 ORDER BY number";
}

/// How a column of a record becomes words.
#[derive(Clone, Copy)]
enum As {
    /// As it is kept: a text, a day, a count, a mark.
    Plain,
    /// An instant.
    Instant,
    /// Sealed personal data.
    Sealed,
    /// A code word, by the rules that know it.
    Word,
}

use As::{Instant, Plain, Sealed, Word};

/// A table of the archive: kind of piece, statement, columns.
type Table = (&'static str, &'static Sql, &'static [(&'static str, As)]);

/// The tables that are told from the records; the acts have one of their own.
const TABLES: &[Table] = &[
    (
        "roster",
        &ROSTER,
        &[
            ("准考证号", Plain),
            ("姓名", Plain),
            ("证件类型", Word),
            ("证件号码", Sealed),
            ("性别", Plain),
            ("出生日期", Plain),
            ("学号", Plain),
            ("专业", Plain),
            ("申报条件", Plain),
            ("撤销日期", Plain),
            ("撤销原因", Plain),
        ],
    ),
    (
        "notification",
        &NOTIFICATION,
        &[
            ("次", Plain),
            ("类别", Word),
            ("通报日期", Plain),
            ("通报人", Plain),
            ("原因", Plain),
            ("职业编码", Plain),
            ("职业", Plain),
            ("工种", Plain),
            ("等级", Plain),
            ("执行标准", Plain),
            ("开展日期", Plain),
            ("结束日期", Plain),
            ("理论考试", Plain),
            ("实操考核", Plain),
            ("综合评审", Plain),
            ("理论考场", Plain),
            ("实操考场", Plain),
            ("预计人数", Plain),
            ("负责人", Plain),
        ],
    ),
    (
        "assignment",
        &ASSIGNMENT,
        &[
            ("职责", Word),
            ("科目", Word),
            ("姓名", Plain),
            ("工作单位", Plain),
            ("证卡编号", Plain),
            ("安排日期", Plain),
            ("安排人", Plain),
            ("调整日期", Plain),
            ("调整人", Plain),
            ("调整原因", Plain),
        ],
    ),
    (
        "places",
        &PLACES,
        &[
            ("场次", Plain),
            ("科目", Word),
            ("日期", Plain),
            ("开始", Plain),
            ("结束", Plain),
            ("考场", Plain),
            ("座位", Plain),
            ("准考证号", Plain),
            ("姓名", Plain),
        ],
    ),
    (
        "marks",
        &MARKS,
        &[
            ("准考证号", Plain),
            ("姓名", Plain),
            ("科目", Word),
            ("结果", Word),
            ("成绩", Plain),
            ("来源", Word),
            ("登记时间", Instant),
            ("登记人", Plain),
            ("核对时间", Instant),
            ("核对人", Plain),
            ("更改次数", Plain),
            ("结论", Word),
        ],
    ),
    (
        "mark_steps",
        &MARK_STEPS,
        &[
            ("准考证号", Plain),
            ("科目", Word),
            ("次", Plain),
            ("结果", Word),
            ("成绩", Plain),
            ("来源", Word),
            ("时间", Instant),
            ("登记人", Plain),
        ],
    ),
    (
        "publicity",
        &PUBLICITY,
        &[("序号", Plain), ("姓名", Plain), ("证件号码", Plain), ("成绩", Plain), ("结论", Word), ("附注", Plain)],
    ),
    (
        "broken_publicity",
        &BROKEN_PUBLICITY,
        &[
            ("次序", Plain),
            ("公示日期", Plain),
            ("首日", Plain),
            ("末日", Plain),
            ("中断日期", Plain),
            ("已满工作日", Plain),
            ("原因", Plain),
            ("重新公示日期", Plain),
            ("办理人", Plain),
            ("单位", Plain),
            ("名单摘要", Plain),
            ("名单", Plain),
        ],
    ),
    (
        "correction",
        &CORRECTION,
        &[
            ("序号", Plain),
            ("更正后成绩", Plain),
            ("结论", Word),
            ("公示日期", Plain),
            ("首日", Plain),
            ("末日", Plain),
        ],
    ),
    (
        "objections",
        &OBJECTIONS,
        &[
            ("回执", Plain),
            ("准考证号", Plain),
            ("提出日期", Plain),
            ("理由", Plain),
            ("状态", Word),
            ("处理日期", Plain),
            ("处理人", Plain),
            ("处理意见", Plain),
            ("答复期限", Plain),
            ("处理方式", Plain),
        ],
    ),
    (
        "mark_reviews",
        &MARK_REVIEWS,
        &[
            ("回执", Plain),
            ("准考证号", Plain),
            ("科目", Word),
            ("理由", Plain),
            ("申请日期", Plain),
            ("期限", Plain),
            ("状态", Word),
            ("答复日期", Plain),
            ("答复人", Plain),
            ("答复", Plain),
        ],
    ),
    (
        "mark_changes",
        &MARK_CHANGES,
        &[
            ("准考证号", Plain),
            ("科目", Word),
            ("更改前", Word),
            ("更改前成绩", Plain),
            ("更改后", Word),
            ("更改后成绩", Plain),
            ("原因", Plain),
            ("状态", Word),
            ("提出日期", Plain),
            ("提出人", Plain),
            ("答复日期", Plain),
            ("答复人", Plain),
            ("答复", Plain),
        ],
    ),
    (
        "report",
        &REPORT,
        &[
            ("次", Plain),
            ("上报日期", Plain),
            ("期限", Plain),
            ("上报人", Plain),
            ("逾期原因", Plain),
            ("逾期裁定", Word),
            ("裁定日期", Plain),
            ("裁定人", Plain),
            ("准考证号", Plain),
            ("姓名", Plain),
            ("审核", Word),
            ("审核意见", Plain),
            ("审核日期", Plain),
            ("审核人", Plain),
        ],
    ),
    (
        "certificates",
        &CERTIFICATES,
        &[
            ("证书编号", Plain),
            ("姓名", Plain),
            ("证件类型", Word),
            ("证件号码", Sealed),
            ("职业编码", Plain),
            ("职业", Plain),
            ("工种", Plain),
            ("等级", Plain),
            ("考核日期", Plain),
            ("发证日期", Plain),
            ("发证人", Plain),
            ("状态", Word),
            ("注销日期", Plain),
            ("注销原因", Plain),
            ("注销人", Plain),
        ],
    ),
];

/// What a code word of the records means; a word that nobody knows stays.
fn word(code: &str) -> String {
    let known = Part::from_code(code)
        .map(Part::name)
        .or_else(|| Duty::from_code(code).map(Duty::name))
        .or_else(|| ObjectionState::from_code(code).map(ObjectionState::name))
        .or_else(|| CertificateState::from_code(code).map(CertificateState::name))
        .or_else(|| IdKind::from_code(code).map(IdKind::name));
    let said = known.unwrap_or(match code {
        "mark" => "有成绩",
        "absent" => "缺考",
        "violation" => "违纪",
        "deferred" => "缓考",
        "passed" => "合格",
        "failed" => "不合格",
        "pending" => "成绩未齐",
        "approved" => "同意",
        "returned" => "退回",
        "accepted" => "准予受理",
        "refused" => "不予受理",
        "notified" => "通报",
        "changed" => "变更",
        "postponed" => "推迟",
        "unchanged" => "维持",
        "proposed" => "待答复",
        "agreed" => "同意",
        "declined" => "不同意",
        "withdrawn" => "撤回",
        "file" => "成绩表",
        "form" => "逐项登记",
        "kept" => "保留成绩",
        "course" => "结课考试",
        "process" => "过程考核",
        other => other,
    });
    said.to_owned()
}

/// One table of the archive, in words.
pub(super) struct Told {
    pub code: &'static str,
    pub headers: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

fn cell(value: &Value, how: As, seals: &Seals) -> String {
    match (value, how) {
        (Value::Null, _) => String::new(),
        (Value::Int(at), Instant) => read_out(*at),
        (Value::Int(count), _) => count.to_string(),
        (Value::Real(mark), _) => mark.to_string(),
        (Value::Text(text), Sealed) => seals.open_text(text).unwrap_or_default(),
        (Value::Text(text), Word) => word(text),
        (Value::Text(text), _) => text.clone(),
    }
}

/// Every table of a batch that has a row.
pub(super) fn tables(tx: &mut Tx<'_>, seals: &Seals, batch: i64) -> Result<Vec<Told>, DbError> {
    let mut told = Vec::new();
    for (code, sql, columns) in TABLES {
        let mut rows = Vec::new();
        tx.each(sql, args![batch], |row| {
            rows.push(row.0.iter().zip(*columns).map(|(value, (_, how))| cell(value, *how, seals)).collect());
            Ok(())
        })?;
        if !rows.is_empty() {
            told.push(Told { code, headers: columns.iter().map(|(name, _)| *name).collect(), rows });
        }
    }
    let mut rows = Vec::new();
    tx.each(&ACTS, args![batch], |row| {
        let line = chain::act_line(&row)?;
        let outcome = line.refused.map_or_else(|| "已办理".to_owned(), |what| format!("未获办理：{what}"));
        rows.push(vec![line.at, line.act, line.by, line.role, line.seat, outcome]);
        Ok(())
    })?;
    told.push(Told {
        code: "acts", headers: vec!["时间", "事项", "办理人", "角色", "单位", "结果"], rows
    });
    Ok(told)
}

/// How many rows or files the records have of each kind.
pub(super) fn counts(tx: &mut Tx<'_>, batch: i64) -> Result<BTreeMap<String, i64>, DbError> {
    tx.rows(&COUNTS, args![batch])?.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// A file that was uploaded in the course of a batch.
pub(super) struct Uploaded {
    pub code: String,
    pub hash: String,
    pub name: String,
    pub on: Option<Day>,
    pub who: String,
    /// The code of its kind: `pdf`.
    pub kind: String,
    pub size: i64,
}

pub(super) fn files(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Uploaded>, DbError> {
    let row = |row: Row| {
        let at: Option<i64> = row.get(3)?;
        Ok(Uploaded {
            code: row.get(0)?,
            hash: row.get(1)?,
            name: row.get(2)?,
            on: at.map(clock::day_of).or(row.get(4)?),
            who: row.get(5)?,
            kind: row.get(6)?,
            size: row.get(7)?,
        })
    };
    tx.rows(&FILES, args![batch])?.into_iter().map(row).collect()
}

/// Ticket, hash, kind and size of each photo.
pub(super) fn photos(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<(String, String, String, i64)>, DbError> {
    let rows = tx.rows(&PHOTOS, args![batch])?;
    rows.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).collect()
}

/// How a batch was examined, and what it rests on.
pub(super) fn facts(tx: &mut Tx<'_>, batch: &crate::batch::Batch, certified: bool) -> Result<Facts, DbError> {
    let mut facts = Facts {
        cooperation: batch.cooperation.is_some(),
        scheme: batch.scheme.is_some(),
        certified,
        ..Facts::default()
    };
    for row in tx.rows(&METHODS, args![batch.id])? {
        let (part, scheme): (String, String) = (row.get(0)?, row.get(1)?);
        match (scheme.as_str(), part.as_str()) {
            ("course", _) => facts.course = true,
            ("process", _) => facts.process = true,
            (_, "theory") => facts.theory = true,
            (_, "practical") => facts.practical = true,
            (_, "comprehensive") => facts.comprehensive = true,
            (_, other) => return Err(DbError::stored(format!("part {other}"))),
        }
    }
    Ok(facts)
}

/// An archive that was closed.
pub(super) struct Closed {
    pub list: String,
    pub note: String,
    pub on: Day,
    pub at: i64,
    pub by: String,
}

pub(super) fn closed(tx: &mut Tx<'_>, batch: i64) -> Result<Option<Closed>, DbError> {
    let row = tx.first(&CLOSED, args![batch])?;
    row.map(|row| {
        Ok(Closed { list: row.get(0)?, note: row.get(1)?, on: row.get(2)?, at: row.get(3)?, by: row.get(4)? })
    })
    .transpose()
}

pub(super) fn close(
    tx: &mut Tx<'_>,
    batch: i64,
    (list, entries, note): (&str, i64, &str),
    (today, now, by): (Day, i64, &str),
) -> Result<(), DbError> {
    tx.run(&CLOSE, args![batch, list, entries, note, today, now, by]).map(|_| ())
}

/// A piece to be kept.
pub(super) struct NewPiece<'a> {
    pub id: i64,
    pub batch: i64,
    pub piece: rules::archive::Entered<'a>,
    pub file: Option<(&'a str, &'a str)>,
    pub on: Day,
    pub by: &'a str,
    pub is_supplement: bool,
}

pub(super) fn enter(tx: &mut Tx<'_>, new: &NewPiece<'_>) -> Result<(), DbError> {
    let piece = &new.piece;
    let (file, name) = new.file.unzip();
    tx.run(
        &ENTER,
        args![
            new.id,
            new.batch,
            piece.kind,
            piece.title.trim(),
            piece.made_on,
            piece.place.trim(),
            piece.shelf.trim(),
            if piece.has_scan { 0 } else { piece.pages },
            file,
            name.unwrap_or_default(),
            piece.reason.trim(),
            new.on,
            new.by,
            new.is_supplement
        ],
    )
    .map(|_| ())
}

pub(super) fn pieces(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<PieceLine>, DbError> {
    let row = |row: Row| {
        Ok(PieceLine {
            id: row.get(0)?,
            kind: row.get(1)?,
            title: row.get(2)?,
            made_on: row.get(3)?,
            place: row.get(4)?,
            shelf: row.get(5)?,
            pages: row.get(6)?,
            file: row.get(7)?,
            reason: row.get(8)?,
            entered_by: row.get(9)?,
            is_supplement: row.get(10)?,
            size: row.get(11)?,
            file_kind: row.get(12)?,
        })
    };
    tx.rows(&PIECES, args![batch])?.into_iter().map(row).collect()
}

/// Whether there was such a piece, entered before the archive was closed.
pub(super) fn remove(tx: &mut Tx<'_>, batch: i64, piece: i64) -> Result<bool, DbError> {
    Ok(tx.run(&REMOVE, args![piece, batch])? > 0)
}

/// Who opens an archive: id of the opening, account, name, seat.
pub(super) type Opener<'a> = (i64, Option<i64>, &'a str, &'a str);

pub(super) fn open(
    tx: &mut Tx<'_>,
    batch: i64,
    (piece, reason): (Option<i64>, &str),
    (today, now): (Day, i64),
    (id, account, by, seat): Opener<'_>,
) -> Result<(), DbError> {
    tx.run(&OPEN, args![id, batch, piece, reason, today, now, account, by, seat]).map(|_| ())
}

/// The openings of a batch, the latest first.
pub(super) fn openings(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Opening>, DbError> {
    let row = |row: Row| {
        Ok(Opening {
            at: read_out(row.get(0)?),
            by: row.get(1)?,
            seat: row.get(2)?,
            piece: row.get(3)?,
            reason: row.get(4)?,
        })
    };
    tx.rows(&OPENINGS, args![batch])?.into_iter().map(row).collect()
}

/// The piece, the day and the account of an opening.
type Opened = (Option<i64>, Day, Option<i64>);

pub(super) fn opened(tx: &mut Tx<'_>, batch: i64, opening: i64) -> Result<Option<Opened>, DbError> {
    let row = tx.first(&OPENED, args![opening, batch])?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).transpose()
}

/// The day of the last certificate, or the end of publicity where there is none.
pub(super) fn finished_on(tx: &mut Tx<'_>, batch: i64) -> Result<Option<Day>, DbError> {
    tx.first(&FINISHED, args![batch])?.map_or(Ok(None), |row| row.get(0))
}

/// Whether something of a batch was disputed: an objection, a review, a change, a stop, a violation.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn is_disputed(tx: &mut Tx<'_>, batch: i64) -> Result<bool, DbError> {
    Ok(tx.first(&DISPUTES, args![batch])?.map_or(Ok(0), |row| row.get::<i64>(0))? > 0)
}

/// What stays the same as long as nothing of the batch changes.
pub(super) fn latest(tx: &mut Tx<'_>, batch: i64) -> Result<i64, DbError> {
    tx.first(&LATEST, args![batch])?.map_or(Ok(0), |row| row.get(0))
}

/// How many acts there were since an instant.
pub(super) fn since(tx: &mut Tx<'_>, batch: i64, at: i64) -> Result<i64, DbError> {
    tx.first(&SINCE, args![batch, at])?.map_or(Ok(0), |row| row.get(0))
}

/// A finished batch whose archive is open.
pub(super) struct ToClose {
    pub batch: i64,
    pub name: String,
    pub finished_on: Option<Day>,
}

pub(super) fn to_close(tx: &mut Tx<'_>, body: i64) -> Result<Vec<ToClose>, DbError> {
    let row = |row: Row| Ok(ToClose { batch: row.get(0)?, name: name(&row)?, finished_on: row.get(4)? });
    tx.rows(&TO_CLOSE, args![body])?.into_iter().map(row).collect()
}

/// What a batch is called in a list: title, occupation and level.
fn name(row: &Row) -> Result<String, DbError> {
    let (title, trade, level): (String, String, Level) = (row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(format!("{title}，{trade}{}", level.name()))
}

/// Batches of a body of whose archive somebody else than this account proposed to destroy something: id, name, and since when.
pub(super) fn to_destroy(tx: &mut Tx<'_>, body: i64, account: Option<i64>) -> Result<Vec<(i64, String, Day)>, DbError> {
    let rows = tx.rows(&TO_DESTROY, args![body, account.unwrap_or_default()])?;
    rows.into_iter().map(|row| Ok((row.get(0)?, name(&row)?, row.get(4)?))).collect()
}

/// A proposal to destroy, as it is made.
pub(super) struct NewDestruction<'a> {
    pub id: i64,
    pub batch: i64,
    pub reason: &'a str,
    pub list: &'a str,
    pub digest: &'a str,
}

pub(super) fn propose(
    tx: &mut Tx<'_>,
    new: &NewDestruction<'_>,
    (on, by): (Day, &rules::marking::Hand),
) -> Result<(), DbError> {
    let NewDestruction { id, batch, reason, list, digest } = new;
    tx.run(&PROPOSE, args![*id, *batch, *reason, *list, *digest, on, &by.name, by.account]).map(|_| ())
}

/// What was proposed to be destroyed of an archive, the first first.
pub(super) fn destructions(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<DestructionLine>, DbError> {
    let rows = tx.rows(&DESTRUCTIONS, args![batch])?;
    rows.into_iter()
        .map(|row| {
            let code: String = row.get(1)?;
            let state =
                ProposalState::from_code(&code).ok_or_else(|| DbError::stored(format!("destruction {code}")))?;
            Ok(DestructionLine {
                id: row.get(0)?,
                state,
                state_name: state.name().into(),
                reason: row.get(2)?,
                pieces: from_text(&row.get::<String>(3)?)?,
                digest: row.get(4)?,
                proposed_on: row.get(5)?,
                proposed_by: row.get(6)?,
                answered_on: row.get(7)?,
                answered_by: row.get(8)?,
                answer: row.get(9)?,
                is_own: false,
            })
        })
        .collect()
}

/// The account that proposed a destruction.
pub(super) fn proposer(tx: &mut Tx<'_>, destruction: i64) -> Result<Option<i64>, DbError> {
    tx.first(&PROPOSER, args![destruction])?.map_or(Ok(None), |row| row.get(0))
}

pub(super) fn answer(
    tx: &mut Tx<'_>,
    destruction: i64,
    state: ProposalState,
    (on, by): (Day, &str),
    answer: &str,
) -> Result<(), DbError> {
    tx.run(&ANSWER, args![destruction, state.code(), on, by, answer]).map(|_| ())
}

fn keyed<'h>(hashes: impl Iterator<Item = &'h str>) -> Result<String, DbError> {
    to_text(&hashes.map(|hash| (hash, 1)).collect::<BTreeMap<_, _>>())
}

/// Gives up what nothing else needs of this content; how much that is.
pub(super) fn give_up(
    tx: &mut Tx<'_>,
    (batch, destruction): (i64, i64),
    hashes: &BTreeSet<&str>,
) -> Result<usize, DbError> {
    let rows = tx.rows(&NEEDED, args![batch, keyed(hashes.iter().copied())?])?;
    let needed = rows.into_iter().map(|row| row.get(0)).collect::<Result<BTreeSet<String>, _>>()?;
    let going: Vec<&str> = hashes.iter().copied().filter(|hash| !needed.contains(*hash)).collect();
    tx.run(&GIVE_UP, args![keyed(going.iter().copied())?, destruction])?;
    Ok(going.len())
}

/// Content that was given up and lies in the store still.
pub(super) fn left(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<String>, DbError> {
    tx.rows(&LEFT, args![limit])?.into_iter().map(|row| row.get(0)).collect()
}

pub(super) fn are_gone(tx: &mut Tx<'_>, hashes: &[String]) -> Result<(), DbError> {
    tx.run(&ARE_GONE, args![keyed(hashes.iter().map(String::as_str))?]).map(|_| ())
}
