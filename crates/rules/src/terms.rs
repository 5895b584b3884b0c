//! Every number of the notice and of the rules beside it, once, with its unit and its source. What no rule gives
//! is a default of the platform and is marked so.

use crate::Day;

/// Tenths of a millimetre that what is printed on a blank certificate may be moved; a default of the platform: the margins take no
/// more (二（二）4).
pub const PRINT_OFFSET_MAX: i64 = 100;
/// Working days between the notification of a batch and its start, the day of notification not counted (二（二）1).
pub const NOTIFY_AHEAD: i32 = 10;
/// Whole working days that results stay on public notice (二（二）3).
pub const PUBLICITY_DAYS: i32 = 5;
/// Working days after publicity ended within which a body reports its results (二（二）3).
pub const REPORT_WITHIN: i32 = 10;
/// Working days within which a centre decides whether to accept a filing (working practice of the centres).
pub const ACCEPT_WITHIN: i32 = 10;
/// Working days within which the other side of a cooperation is asked to answer; a default of the platform.
pub const ANSWER_WITHIN: i32 = 10;
/// Years that a filing is valid; a default of the platform, the receipt decides (二（一）3).
pub const FILING_YEARS: i16 = 3;
/// Assessors that a body needs for each occupation it files (working practice of the centres).
pub const ASSESSORS_PER_TRADE: usize = 3;
/// Whether a body in the directory that files for more needs an evaluation on site again; a default of the platform, as
/// are the three below.
pub const EVALUATE_ADDED: bool = true;
/// Members of a panel that evaluates on site, at least; always an odd number.
pub const EVALUATION_MEMBERS: usize = 3;
/// Members of such a panel at most.
pub const EVALUATION_MEMBERS_MAX: usize = 15;
/// Percent of the full marks with which a condition counts as met.
pub const EVALUATION_PASS_PERCENT: i64 = 60;
/// Years that a card of the register is valid from its issue (working practice of the province's centres).
pub const CARD_YEARS: i16 = 3;
/// Batches of one body in a row in which somebody may assess; a default of the platform.
pub const BATCHES_IN_A_ROW: usize = 3;
/// Idle months after which a body counts as withdrawn (三（三）).
pub const IDLE_MONTHS: i32 = 24;
/// Full marks of each part (national occupational standards).
pub const MARK_FULL: f64 = 100.0;
/// Marks that pass a part; parts are never averaged (national occupational standards).
pub const MARK_PASS: f64 = 60.0;
/// Years for which a passed part is kept for a make-up, counted from the day of its examination; a default of the platform.
pub const MARK_KEPT_YEARS: i64 = 2;
/// Working days within which a review of marks is answered; a default of the platform.
pub const MARK_REVIEW_WITHIN: i32 = 5;
/// Working days within which a holder's request for a correction or new paper is answered; a default of the platform.
pub const CERTIFICATE_REQUEST_WITHIN: i32 = 10;
/// Working days within which a centre is asked to decide on a scheme; a default of the platform.
pub const SCHEME_WITHIN: i32 = 10;
/// Years before the start of a batch back to which the final examination of a course counts; a default of the platform.
pub const COURSE_EXAM_YEARS: i64 = 3;
/// Points between the highest and the lowest assessor beyond which the head of the group says why; a default of the platform, as
/// is the one below.
pub const SPREAD_MAX: i64 = 10;
/// Percent of a key item's points below which it counts as failed.
pub const KEY_ITEM_PERCENT: i64 = 60;
/// Youngest age of a candidate at level 5, whole years on the first day of the examination (national standards).
pub const AGE_MIN: i16 = 16;
/// Working days within which a centre decides on an exception from the conditions; a default of the platform.
pub const EXCEPTION_WITHIN: i32 = 3;
/// Age above which an identity number is questioned, whole years; a default of the platform.
pub const AGE_ASKED: i16 = 70;
/// Days before expiry from which a renewal may be asked for (闽劳鉴〔2022〕26号).
pub const RENEWAL_WINDOW_DAYS: i32 = 90;
/// Days before expiry on which a body is reminded of it; a default of the platform.
pub const RENEWAL_TOLD_DAYS: i32 = 120;
/// Batches that a body has to have held since its validity began (闽劳鉴〔2022〕26号).
pub const RENEWAL_BATCHES: i64 = 6;
/// Idle months after which a body is warned; defaults of the platform, as are the days below.
pub const IDLE_TOLD_MONTHS: &[i32] = &[18, 21, 23];
/// Days before the end of the two years on which a body is warned for the last time.
pub const IDLE_TOLD_DAYS: i32 = 30;
/// Days that recordings of an examination are kept at least; a default of the platform.
pub const RECORDING_DAYS: i32 = 180;

/// Working days before the first examination day by which registrations are reviewed; a default of the platform,
/// as are the five below.
pub const REGISTRATION_BEFORE: i32 = 7;
/// Working days before the first examination day by which rooms and assessors are arranged.
pub const ROOMS_BEFORE: i32 = 5;
/// Working days before the first examination day by which papers are ready.
pub const PAPERS_BEFORE: i32 = 5;
/// Working days after the last examination day by which marks are entered.
pub const MARKS_AFTER: i32 = 3;
/// Working days after the last examination day by which results are posted.
pub const POSTING_AFTER: i32 = 5;
/// Working days after the last examination day by which certificates are made and the batch is archived.
pub const CLOSING_AFTER: i32 = 10;
/// Working days after the last certificate of a batch by which its archive is closed; a default of the platform.
pub const ARCHIVE_AFTER: i32 = 10;
/// Years that papers of a closed archive are kept (working practice of the assessing bodies).
pub const ARCHIVE_PAPER_YEARS: i16 = 3;
/// Years that electronic pieces of a closed archive are kept (working practice of the assessing bodies); results and
/// certificates are kept for ever, a default of the platform.
pub const ARCHIVE_ELECTRONIC_YEARS: i16 = 5;
/// Years that a batch is kept in which something was disputed; a default of the platform.
pub const ARCHIVE_DISPUTED_YEARS: i16 = 10;
/// Characters of a title, place or reason in an archive at most; a default of the platform.
pub const ARCHIVE_TEXT_MAX: usize = 500;

/// Candidates in a theory room at most (national occupational standards); a default of the platform where a standard says
/// nothing, as are those below.
pub const ROOM_MAX: i64 = 30;
/// Candidates for each invigilator.
pub const INVIGILATOR_PER: i64 = 15;
/// Invigilators in a room at least.
pub const INVIGILATORS_MIN: i64 = 2;
/// Candidates for each assessor.
pub const ASSESSOR_PER: i64 = 5;
/// Assessors of a group at least; always an odd number.
pub const ASSESSORS_MIN: i64 = 3;
/// Minutes of a theory examination.
pub const THEORY_MINUTES: i64 = 90;
/// Minutes of a turn at the stations.
pub const PRACTICAL_MINUTES: i64 = 90;
/// Minutes for each candidate in a comprehensive review.
pub const COMPREHENSIVE_MINUTES: i64 = 30;
/// Minutes between two sessions of a room and between two parts of one candidate.
pub const TURN_PAUSE: u16 = 15;

/// Batches that were notified from this day on need sign-ins before a mark counts; a default of the platform, as are the
/// two below.
pub const CONDUCT_FROM: Day = Day::constant(2026, 12, 1);
/// Minutes after the arranged time from which a room that begins says why.
pub const LATE_START_MINUTES: u16 = 15;
/// Minutes after the beginning up to which somebody who comes late is let in.
pub const LATE_ENTRY_MINUTES: u16 = 30;

/// Marks above the pass mark up to which a centre's reviewer is asked to look first; a default of the platform.
pub const BORDER_MARKS: f64 = 2.0;
/// Persons with the same marks in every part from which a reviewer is asked to look first; a default of the platform.
pub const SAME_MARKS_ASKED: usize = 3;
/// Tickets in a row with the same mark in a part from which a reviewer is asked to look first; a default of the platform,
/// as are those below.
pub const RUN_ASKED: usize = 8;
/// Persons with exactly the pass mark from which they may be a heap.
pub const HEAP_ASKED: usize = 5;
/// Marks to each side of the pass mark with which a heap is compared.
pub const HEAP_AROUND: f64 = 5.0;
/// How many times as many as at each of the marks around it make a heap.
pub const HEAP_TIMES: f64 = 3.0;
/// Days before and after a batch within which another one of the same person is told.
pub const ELSEWHERE_DAYS: i32 = 90;
/// Persons that a random sample of a report holds where no other number is asked for.
pub const SAMPLE_PERSONS: i64 = 10;
/// Age from which a person is an adult, whole years (《民法典》第十七条).
pub const ADULT_AGE: i16 = 18;
/// Open objections that one person of a list may have; a default of the platform.
pub const OBJECTIONS_OPEN_MAX: i64 = 20;
/// Working days within which an objection is answered; a default of the platform, as are those below.
pub const OBJECTION_WITHIN: i32 = 5;
/// Files that may come with one objection.
pub const EVIDENCE_MAX: usize = 3;
/// Largest of them in bytes: a photo of a telephone or a scan of some pages.
pub const EVIDENCE_BYTES_MAX: usize = 5 << 20;
/// Results that were posted from this day on are reported with the proof that they hung inside the body.
pub const POSTING_PROVEN_FROM: Day = Day::constant(2026, 12, 1);
/// Photos of one proof.
pub const PROOF_PHOTOS_MAX: usize = 6;
/// Signs of the list's digest that whoever hung it up reads from the sheet.
pub const DIGEST_READ: usize = 8;
/// Days before the end of a body's regulation on which it is reminded of it; a default of the platform.
pub const REGULATION_TOLD_DAYS: i32 = 30;

/// Inspectors of an inspection at least; a default of the platform, as are the two below (二（二）2).
pub const INSPECTORS_MIN: usize = 2;
/// Working days within which what an inspection found is mended, where the order names no day.
pub const RECTIFY_WITHIN: i32 = 15;
/// Days before the last day of a rectification on which the body is reminded of it.
pub const RECTIFY_TOLD_DAYS: i32 = 3;

/// Minutes that a one-time code for an address is good; a default of the platform, as are those below.
pub const CODE_MINUTES: i64 = 10;
/// Wrong tries after which a code is void.
pub const CODE_TRIES: i64 = 5;
/// Seconds between one code and the next.
pub const CODE_APART_SECONDS: i64 = 60;
/// Codes that an account asks for, or an address is sent, within an hour.
pub const CODES_PER_HOUR: i64 = 5;
/// Codes that one candidate is sent within a day: with the tries of each, fifty guesses of a million; a default of the
/// platform, as are those below.
pub const OWN_CODES_PER_DAY: i64 = 10;
/// Wrong tries after which a code that a school handed out is void; it has a million times more values.
pub const HANDED_CODE_TRIES: i64 = 20;
/// Days that a code is good which a school hands out.
pub const HANDED_CODE_DAYS: i64 = 30;
/// Days that a link is good at most by which a holder shows a certificate (D).
pub const SHARE_DAYS: i64 = 90;
/// Links of one certificate that are good at a time.
pub const SHARES_MAX: i64 = 20;
/// Minutes that a candidate may read the own page before a new code is needed.
pub const OWN_PAGE_MINUTES: i64 = 30;
/// Months after the last examination day, where the batch has ended, for which a candidate's telephone is kept.
pub const PHONE_MONTHS: i64 = 6;
/// Minutes to wait after each failed try to deliver a message outside the house; after the last one it is given up.
pub const DELIVERY_WAITS: &[i64] = &[1, 5, 15, 60, 240, 720, 1440, 1440];

/// Width and height of a photo in tenths of a millimetre: one inch, as a certificate carries it (人社鉴发〔2021〕1号).
pub const PHOTO_WIDE: u32 = 250;
/// Its height.
pub const PHOTO_HIGH: u32 = 350;
/// By how many in a hundred the ratio of an uploaded photo may differ; a default of the platform, as are those below.
pub const PHOTO_RATIO_OFF: u32 = 5;
/// Least pixels of an uploaded photo across: about 240 dots per inch on paper.
pub const PHOTO_WIDE_MIN: u32 = 240;
/// Least pixels of an uploaded photo down.
pub const PHOTO_HIGH_MIN: u32 = 336;
/// The darkest of red, green and blue, of 255, from which a point counts as white: daylight and lamps tint a white wall.
pub const PHOTO_WHITE_FROM: u8 = 220;
/// How many in a hundred points of the ground must be white: hair and shadows reach into it.
pub const PHOTO_WHITE_SHARE: u32 = 85;
/// The ground that is looked at, in hundredths of a photo's width: a strip along the top, and along both sides down to
/// half the height, where no shoulder reaches.
pub const PHOTO_GROUND: u32 = 5;
/// Largest uploaded photo in bytes; a camera's JPEG stays below.
pub const PHOTO_BYTES_MAX: u64 = 12 << 20;
/// Most files of one upload of photos.
pub const PHOTOS_MAX: usize = 10_000;
/// Most that one upload of photos may unpack to, in bytes.
pub const PHOTOS_UNPACKED_MAX: u64 = 256 << 20;

/// Batches that were notified from this day on need recordings of their rooms before a mark counts; a default of the platform, as
/// are those below.
pub const RECORDING_FROM: Day = Day::constant(2026, 12, 1);
/// Minutes without a recording that a change of camera or file may take.
pub const RECORDING_GAP_MINUTES: u16 = 1;
/// Years that recordings are kept where something of the batch is disputed.
pub const RECORDING_DISPUTED_YEARS: i16 = 5;
/// Working days after a room was held within which its recordings are told.
pub const RECORDING_WITHIN: i32 = 3;
/// Working days within which an incident in a room is closed.
pub const INCIDENT_WITHIN: i32 = 3;
/// Working days within which a violation is decided.
pub const VIOLATION_WITHIN: i32 = 5;

/// Digits that a serial of a blank certificate ends with at most; a default of the platform, as are those below.
pub const SERIAL_DIGITS_MAX: usize = 15;
/// Characters that come before them at most.
pub const SERIAL_PREFIX_MAX: usize = 20;
/// Blanks of one entry at most.
pub const BLANKS_AT_ONCE_MAX: i64 = 1_000_000;
/// Dots per inch of the picture of a body's stamp.
pub const STAMP_DOTS: u32 = 300;
/// Millimetres that a stamp is across at least; usual is 40.
pub const STAMP_MM_MIN: u32 = 38;
/// At most: what a body may have made is no larger (国发〔1999〕25号).
pub const STAMP_MM_MAX: u32 = 45;
/// By how many in a hundred its width and its height may differ.
pub const STAMP_ROUND_OFF: u32 = 4;
/// How many in a hundred points outside its circle may bear ink: dust of a scan.
pub const STAMP_CORNER_SHARE: u32 = 2;
/// How many in a hundred points of its ink must be red.
pub const STAMP_RED_SHARE: u32 = 90;
/// Largest picture in bytes.
pub const STAMP_BYTES_MAX: u64 = 2 << 20;
/// Working days after a certificate was issued or changed within which the national system is told; a default of the platform, as
/// are those below (三（三）).
pub const EXCHANGE_WITHIN: i32 = 10;
/// Working days within which a difference with the national system is answered.
pub const DIFFERENCE_WITHIN: i32 = 5;
/// Rows of a package for the national system at most; what is more goes into the next.
pub const EXCHANGE_ROWS_MAX: usize = 10_000;
/// Rows that the connector hands over at a time.
pub const EXCHANGE_PART: i64 = 50;
/// Columns of a template at most.
pub const EXCHANGE_COLUMNS_MAX: usize = 40;
/// Characters of a name, heading or code in a template at most.
pub const EXCHANGE_TEXT_MAX: usize = 100;
/// Rows that an employer may have checked in a day; a default of the platform, as is the next.
pub const CHECK_ROWS: i64 = 50_000;
/// Days for which the result of such a check is kept.
pub const CHECK_KEPT_DAYS: i64 = 7;
