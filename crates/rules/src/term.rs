//! The numbers of [`crate::terms`] as something that may be looked up for a day and, where no law sets them, changed by the
//! provincial centre from a day on. A rule takes the terms of the day of the act.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::terms as t;

/// Who set a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TermMark {
    /// The text of the notice. Not to be changed.
    Law,
    /// A published rule beside it. Not to be changed.
    Official,
    /// What centres and systems do alike; may be changed.
    Practice,
    /// A default of the platform; may be changed.
    Default,
}

impl TermMark {
    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Law => "通知规定",
            Self::Official => "公布的规定",
            Self::Practice => "工作惯例",
            Self::Default => "平台默认",
        }
    }

    /// Whether the provincial centre may change it.
    pub const fn may_change(self) -> bool {
        matches!(self, Self::Practice | Self::Default)
    }
}

macro_rules! terms {
    ($($(#[doc = $doc:literal])* $variant:ident, $code:literal, $name:literal, $unit:literal, $clause:ident, $mark:ident, $value:expr, $least:literal..=$most:literal;)*) => {
        /// A number that rules ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Term { $($(#[doc = $doc])* $variant,)* }

        impl Term {
            /// Every term, in the notice's reading order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code word used in the database and the API.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The name that people read.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The unit that people read.
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$variant => $unit,)* }
            }

            /// The duty that it belongs to.
            pub const fn clause(self) -> Clause {
                match self { $(Self::$variant => Clause::$clause,)* }
            }

            /// Who set it.
            pub const fn mark(self) -> TermMark {
                match self { $(Self::$variant => TermMark::$mark,)* }
            }

            /// What it is while nobody has changed it.
            pub const fn value(self) -> i64 {
                match self { $(Self::$variant => $value as i64,)* }
            }

            /// The least and the most that it may be set to.
            pub const fn bounds(self) -> (i64, i64) {
                match self { $(Self::$variant => ($least, $most),)* }
            }
        }
    };
}

terms! {
    /// Assessors that a body needs for each occupation it files.
    AssessorsPerTrade, "assessors_per_trade", "每个申报职业的考评人员", "名", S1_2_2, Practice, t::ASSESSORS_PER_TRADE, 1..=20;
    /// Within which a centre decides whether to accept a filing or a change.
    AcceptWithin, "accept_within", "受理备案、审核变更的期限", "个工作日", S2_1_2A, Practice, t::ACCEPT_WITHIN, 1..=60;
    /// Whether a body in the directory that files for more needs an evaluation on site: 1 yes, 0 no.
    EvaluateAdded, "evaluate_added", "增加职业须现场评估", "", S2_1_2A, Default, t::EVALUATE_ADDED, 0..=1;
    /// Members of a panel that evaluates on site; odd.
    EvaluationMembers, "evaluation_members", "评估专家组的人数，不少于", "名", S2_1_2A, Default, t::EVALUATION_MEMBERS, 3..=15;
    /// Years that a filing is valid.
    FilingYears, "filing_years", "备案有效期", "年", S2_1_3B, Default, t::FILING_YEARS, 1..=10;
    /// Days before expiry from which a renewal may be asked for.
    RenewalWindow, "renewal_window", "到期前多少天内受理延期", "天", S2_1_3C, Official, t::RENEWAL_WINDOW_DAYS, 90..=90;
    /// Batches that a body has to have held since its validity began.
    RenewalBatches, "renewal_batches", "延期须开展的批次", "批", S2_1_3C, Official, t::RENEWAL_BATCHES, 6..=6;
    /// Days before expiry on which a body is reminded of it.
    RenewalTold, "renewal_told", "备案到期前多少天提醒", "天", S2_1_3C, Default, t::RENEWAL_TOLD_DAYS, 1..=365;
    /// Between the notification of a batch and its start.
    NotifyAhead, "notify_ahead", "批次提前通报", "个工作日", S2_2_1B, Law, t::NOTIFY_AHEAD, 10..=10;
    /// Within which a centre decides on an exception from the conditions.
    ExceptionWithin, "exception_within", "决定报名资格例外的期限", "个工作日", S1_4_1, Default, t::EXCEPTION_WITHIN, 1..=10;
    /// Within which a body answers who asks for a review of marks.
    MarkReviewWithin, "mark_review_within", "答复成绩复核的期限", "个工作日", S1_5_1, Default, t::MARK_REVIEW_WITHIN, 1..=20;
    /// Batches of one body in a row in which somebody may assess.
    BatchesInARow, "batches_in_a_row", "同一机构连续考评，不超过", "个批次", S3_1_1, Default, t::BATCHES_IN_A_ROW, 1..=12;
    /// Within which a body answers a holder who asks for a correction or new paper.
    CertificateRequestWithin, "certificate_request_within", "答复证书更正、补发申请的期限", "个工作日", S2_2_4B, Default, t::CERTIFICATE_REQUEST_WITHIN, 1..=30;
    /// Days that a code is good which a school hands out to a candidate.
    HandedCodeDays, "handed_code_days", "院校发放的考生查询码有效期", "天", S3_3_1, Default, t::HANDED_CODE_DAYS, 1..=90;
    /// Months after the last examination day for which a candidate's telephone is kept.
    PhoneMonths, "phone_months", "考试结束后考生手机号保留", "个月", S3_3_1, Default, t::PHONE_MONTHS, 1..=60;
    /// Inspectors of an inspection at least.
    InspectorsMin, "inspectors_min", "每次检查的人员，不少于", "名", S2_2_2B, Default, t::INSPECTORS_MIN, 1..=10;
    /// Within which what an inspection found is mended, where the order names no day.
    RectifyWithin, "rectify_within", "整改期限（没有另行写明的）", "个工作日", S2_2_2B, Default, t::RECTIFY_WITHIN, 1..=120;
    /// Days before the last day of a rectification on which the body is reminded of it.
    RectifyTold, "rectify_told", "整改到期前多少天提醒", "天", S2_2_2B, Default, t::RECTIFY_TOLD_DAYS, 1..=60;
    /// Whole working days that results stay on public notice.
    PublicityDays, "publicity_days", "结果公示", "个工作日", S2_2_3A, Law, t::PUBLICITY_DAYS, 5..=5;
    /// Within which a body reports its results.
    ReportWithin, "report_within", "公示后上报的期限", "个工作日", S2_2_3B, Law, t::REPORT_WITHIN, 10..=10;
    /// Within which a body answers an objection.
    ObjectionWithin, "objection_within", "答复公示异议的期限", "个工作日", S2_2_3B, Default, t::OBJECTION_WITHIN, 1..=30;
    /// Idle months after which a body counts as withdrawn.
    IdleMonths, "idle_months", "不开展工作视同退出", "个月", S3_3_4, Law, t::IDLE_MONTHS, 24..=24;
    /// Minutes without a recording that a change of camera or file may take.
    RecordingGap, "recording_gap", "考试录像允许的间断", "分钟", S3_3_1, Default, t::RECORDING_GAP_MINUTES, 0..=10;
    /// Days that recordings of an examination are kept at least.
    RecordingDays, "recording_days", "考试录像的保存，不少于", "天", S1_2_3, Default, t::RECORDING_DAYS, 180..=3650;
    /// Years that recordings are kept where something of the batch is disputed.
    RecordingDisputedYears, "recording_disputed_years", "有争议批次的录像的保存，不少于", "年", S3_3_1, Default, t::RECORDING_DISPUTED_YEARS, 1..=30;
    /// After a room was held, within which its recordings are told.
    RecordingWithin, "recording_within", "登记考试录像的期限", "个工作日", S3_3_1, Default, t::RECORDING_WITHIN, 1..=30;
    /// Within which an incident in a room is closed.
    IncidentWithin, "incident_within", "异常情况作结论的期限", "个工作日", S3_3_1, Default, t::INCIDENT_WITHIN, 1..=30;
    /// Within which a violation is decided.
    ViolationWithin, "violation_within", "违纪作决定的期限", "个工作日", S3_3_1, Default, t::VIOLATION_WITHIN, 1..=30;
    /// Within which the national system is told of what was issued or changed.
    ExchangeWithin, "exchange_within", "证书上传国家平台的期限", "个工作日", S3_3_6, Default, t::EXCHANGE_WITHIN, 1..=60;
    /// Within which a difference with the national system is answered.
    DifferenceWithin, "difference_within", "处理对账差异的期限", "个工作日", S3_3_6, Default, t::DIFFERENCE_WITHIN, 1..=60;
    /// Rows that an employer may have checked in a day.
    CheckRows, "check_rows", "用人单位每天批量核验", "行", S2_2_4C, Default, t::CHECK_ROWS, 1_000..=1_000_000;
    /// Days for which the result of such a check is kept.
    CheckKept, "check_kept", "批量核验的结果保存", "天", S2_2_4C, Default, t::CHECK_KEPT_DAYS, 1..=90;
    /// Days that a link is good at most by which a holder shows a certificate.
    ShareDays, "share_days", "证书出示链接的有效期，不超过", "天", S2_2_4C, Default, t::SHARE_DAYS, 1..=365;
    /// Days before the end of the two years on which a body is warned for the last time.
    IdleTold, "idle_told", "视同退出前多少天最后提醒", "天", S3_3_4, Default, t::IDLE_TOLD_DAYS, 1..=180;
}

impl Term {
    /// The term with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|term| term.code() == code)
    }

    /// Whether it is a yes, 1, or a no, 0.
    pub const fn is_choice(self) -> bool {
        matches!(self.bounds(), (0, 1))
    }

    /// A value of it without its unit, as people read it.
    pub fn said(self, value: i64) -> String {
        match (self.is_choice(), value) {
            (true, 0) => "否".into(),
            (true, _) => "是".into(),
            (false, _) => value.to_string(),
        }
    }
}

/// The terms that hold on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms(BTreeMap<Term, i64>);

impl Terms {
    /// The terms where these are changed; what is not among them is as the platform ships.
    pub fn of(changed: impl IntoIterator<Item = (Term, i64)>) -> Self {
        Self(changed.into_iter().collect())
    }

    /// A term, in its unit.
    pub fn get(&self, term: Term) -> i64 {
        self.0.get(&term).copied().unwrap_or(term.value())
    }

    /// A term that counts days, years or months.
    pub fn count(&self, term: Term) -> i32 {
        i32::try_from(self.get(term)).unwrap_or(i32::MAX)
    }

    /// A term that counts persons.
    pub fn persons(&self, term: Term) -> usize {
        usize::try_from(self.get(term)).unwrap_or(0)
    }
}

/// Whether a term may be changed so: no law sets it, it is within its bounds, from today or later, with a reason. What was
/// done before stays as it was.
pub fn may_change(term: Term, value: i64, from: Day, reason: &str, today: Day) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Refusal::new(term.clause(), what).remedy(remedy);
    let name = term.name();
    match term.mark() {
        TermMark::Law => {
            return Err(refuse(format!("“{name}”是通知的规定，不能调整"), "通知修订后，由平台的新版本更新").at("value"));
        }
        TermMark::Official => {
            return Err(refuse(format!("“{name}”是已公布的规定，不能在平台中调整"), "规定修订后，由平台的新版本更新")
                .at("value"));
        }
        TermMark::Practice | TermMark::Default => {}
    }
    let (least, most) = term.bounds();
    if !(least..=most).contains(&value) {
        return Err(refuse(
            format!("“{name}”不能是{value}{}", term.unit()),
            &format!("请填写 {least} 至 {most} 的整数"),
        )
        .at("value"));
    }
    if term == Term::EvaluationMembers && value % 2 == 0 {
        return Err(refuse(format!("“{name}”不能是双数"), "请填写单数，以便按多数形成结论").at("value"));
    }
    if from < today {
        return Err(
            refuse(format!("生效日期 {from} 已经过去"), "已经办理的不因调整而改变，请从今天或以后起生效").at("from")
        );
    }
    if reason.trim().is_empty() || reason.chars().count() > 500 {
        return Err(refuse("没有写明调整的原因，或超过500字".into(), "请写明原因或文号，向社会公开").at("reason"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn s3_2_2_every_term_is_within_its_own_bounds_and_found_again() {
        for term in Term::ALL {
            let (least, most) = term.bounds();
            assert!((least..=most).contains(&term.value()), "{}", term.code());
            assert_eq!(Term::from_code(term.code()), Some(*term));
            assert_eq!(term.mark().may_change(), least < most, "{}", term.code());
        }
    }

    #[test]
    fn s3_2_2_what_the_notice_sets_is_never_changed_and_nothing_changes_backwards() {
        let today = day("2026-03-18");
        let change = |term, value, from: &str, reason| may_change(term, value, day(from), reason, today);
        assert_eq!(change(Term::FilingYears, 5, "2026-03-18", "示例人社〔2026〕3号"), Ok(()));
        for (term, value, from, reason, words) in [
            (Term::PublicityDays, 3, "2026-04-01", "示例", "通知的规定"),
            (Term::RenewalBatches, 3, "2026-04-01", "示例", "已公布的规定"),
            (Term::FilingYears, 11, "2026-04-01", "示例", "不能是11年"),
            (Term::EvaluationMembers, 4, "2026-04-01", "示例", "双数"),
            (Term::FilingYears, 5, "2026-03-17", "示例", "已经过去"),
            (Term::FilingYears, 5, "2026-04-01", " ", "没有写明"),
        ] {
            let refusal = change(term, value, from, reason).expect_err(words);
            assert!(refusal.what.contains(words), "{refusal}");
        }
        let terms = Terms::of([(Term::FilingYears, 5)]);
        assert_eq!((terms.get(Term::FilingYears), terms.get(Term::NotifyAhead)), (5, 10));
    }
}
