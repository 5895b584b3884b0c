//! 一（五）1, 二（二）3, 4, 三（三）: what is the candidate's own. By a one-time code a candidate reads what is kept of the own
//! person; what is kept of a person is corrected by two; whoever's evidence is not there is put forward as an exception and
//! decided by the centre, one by one. The notice is silent on the how; the numbers are defaults of the platform (decision 0037).

use serde::{Deserialize, Serialize};

use crate::batch::BatchStage;
use crate::calendar::Calendar;
use crate::identity::age_on;
use crate::term::{Term, Terms};
use crate::terms::{
    ADULT_AGE, CODE_APART_SECONDS, CODE_TRIES, CODES_PER_HOUR, HANDED_CODE_TRIES, OWN_CODES_PER_DAY, OWN_PAGE_MINUTES,
};
use crate::{Clause, Day, Ground, Refusal, proposal};

const OWN: Ground = Ground::House("考生本人查询");
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// By which way a code came to the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeWay {
    /// To the telephone of the registration: six digits, for some minutes.
    Sms,
    /// From the school, on the ticket or at the counter: eight signs, for some days.
    Handed,
}

impl CodeWay {
    /// Every way.
    pub const ALL: &'static [Self] = &[Self::Sms, Self::Handed];

    /// The code word used in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Handed => "handed",
        }
    }

    /// The way with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|way| way.code() == code)
    }

    /// Whether a code that was tried `tries` times in vain may still be tried.
    pub const fn is_good(self, tries: i64, expires_at: i64, now: i64) -> bool {
        let most = match self {
            Self::Sms => CODE_TRIES,
            Self::Handed => HANDED_CODE_TRIES,
        };
        now < expires_at && tries < most
    }
}

/// What was asked for one name and number, whether or not there is such a candidate. Instants are milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    pub in_hour: i64,
    pub in_day: i64,
    pub last_at: Option<i64>,
}

/// Whether another code may be asked for. It is the same for whoever is registered and whoever is not.
///
/// # Errors
/// A refusal that says how long to wait.
pub fn may_ask(asked: Asked, now: i64) -> Result<(), Refusal> {
    let wait = asked.last_at.map_or(0, |last_at| last_at + CODE_APART_SECONDS * 1000 - now);
    let (what, remedy) = if wait > 0 {
        ("刚刚获取过验证码".to_owned(), format!("请在{}秒后再获取；已经收到的仍然有效", (wait + 999) / 1000))
    } else if asked.in_hour >= CODES_PER_HOUR {
        (format!("一小时内最多获取{CODES_PER_HOUR}次验证码"), "请过一小时再获取，或向学校领取查询码".to_owned())
    } else if asked.in_day >= OWN_CODES_PER_DAY {
        (format!("一天内最多获取{OWN_CODES_PER_DAY}次验证码"), "请明天再获取，或向学校领取查询码".to_owned())
    } else {
        return Ok(());
    };
    Err(Refusal::new(OWN, what).remedy(remedy).at("id_number"))
}

/// The one refusal of whatever does not open the page: a wrong code, one that has run out or was used, a name or number that
/// nobody is registered under.
pub fn wrong_code() -> Refusal {
    Refusal::new(OWN, "验证码不正确，或已经用过、过期")
        .remedy("请核对姓名、证件号码和最近一次收到的验证码；每个验证码只能用一次，可以重新获取")
        .at("code")
}

/// Until when the page may be read that was opened at `now`.
pub const fn page_until(now: i64) -> i64 {
    now + OWN_PAGE_MINUTES * MINUTE_MS
}

/// Until when a code is good that a school hands out at `now`.
pub fn handed_until(now: i64, terms: &Terms) -> i64 {
    now + terms.get(Term::HandedCodeDays) * DAY_MS
}

/// The last day on which the telephones of a batch are kept that was examined last on this day; without one while the batch
/// goes on. A telephone is kept to reach the person about the batch, nothing else.
pub fn phones_until(stage: BatchStage, last_exam_on: Day, terms: &Terms) -> Option<Day> {
    let has_ended = matches!(stage, BatchStage::Issued | BatchStage::Cancelled);
    has_ended.then(|| last_exam_on.saturating_add(jiff::Span::new().months(terms.get(Term::PhoneMonths))))
}

/// Whether somebody is not yet of age on a day; who has no birthday on record counts as of age.
pub fn is_minor(born: Option<Day>, on: Day) -> bool {
    born.is_some_and(|born| age_on(born, on) < ADULT_AGE)
}

/// Where the candidate stands whose data are to be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Registered {
    pub has_certificate: bool,
    pub is_withdrawn: bool,
}

/// Whether what is kept of a candidate may still be corrected: until the certificate is issued.
pub fn open_to_correct(stage: BatchStage, person: Registered) -> Result<(), Refusal> {
    let (what, remedy) = if person.has_certificate {
        ("证书已核发，报名信息不再更正", "请在证书页提出“更正”，由机构负责人同意后换发")
    } else if stage == BatchStage::Cancelled {
        ("批次已取消", "要开展认定，请重新通报批次")
    } else if person.is_withdrawn {
        ("该考生的报名已撤销", "请先恢复报名，再提出更正")
    } else {
        return Ok(());
    };
    Err(Refusal::new(Clause::S3_3_1, what).remedy(remedy))
}

/// What a correction says.
#[derive(Debug, Clone, Copy)]
pub struct Correction<'a> {
    /// Whether it says something else than what stands.
    pub changes_something: bool,
    pub reason: &'a str,
    pub has_evidence: bool,
    /// Corrections of this candidate that are not answered yet.
    pub open: i64,
}

/// Whether a correction may be proposed: something else, a reason and evidence, one at a time.
pub fn may_correct(correction: &Correction<'_>) -> Result<(), Refusal> {
    if correction.open > 0 {
        return Err(Refusal::new(Clause::S3_3_1, "这名考生已有一项更正待同意")
            .remedy("请先答复或撤回那一项")
            .at("name"));
    }
    if !correction.changes_something {
        return Err(Refusal::new(Clause::S3_3_1, "没有要更正的内容，或与现在的相同")
            .remedy("只填写要更正的项目；不需要更正的留空")
            .at("name"));
    }
    proposal::rests_on(Clause::S3_3_1, "更正", correction.reason, correction.has_evidence)
}

/// Where an exception from the conditions stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionState {
    /// Put forward by the body; the person is not examined.
    Open,
    /// Agreed by the centre: the person is registered.
    Granted,
    /// Not agreed: the person is not examined.
    Refused,
}

impl ExceptionState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Open, Self::Granted, Self::Refused];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Granted => "granted",
            Self::Refused => "refused",
        }
    }

    /// The state with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "待中心决定",
            Self::Granted => "同意",
            Self::Refused => "不同意",
        }
    }

    /// The state after the centre's decision, which always says why: it is made for one person and rests on the evidence.
    pub fn decide(self, granted: bool, reason: &str) -> Result<Self, Refusal> {
        if self != Self::Open {
            return Err(Refusal::new(Clause::S1_4_1, format!("这名人员的例外已有决定：{}", self.name()))
                .remedy("有新的依据的，由机构重新提出"));
        }
        if !(5..=500).contains(&reason.trim().chars().count()) {
            return Err(Refusal::new(Clause::S1_4_1, "没有写明决定的理由，或超过 500 字")
                .remedy("请用 5 至 500 字写明看了哪些依据、依据标准的哪一条")
                .at("reason"));
        }
        Ok(if granted { Self::Granted } else { Self::Refused })
    }
}

/// Whether the code of an exception's condition is that of one that a centre has agreed: it stands where a line of the
/// standard otherwise does.
pub const BY_EXCEPTION: &str = "例外";

/// By when the centre decides on an exception that was put forward on a day; never later than the day before the examination.
pub fn decided_by(put_on: Day, first_exam_on: Day, terms: &Terms, calendar: &Calendar) -> Result<Day, Refusal> {
    let within = calendar.add(put_on, terms.count(Term::ExceptionWithin))?;
    Ok(within.min(first_exam_on.saturating_sub(jiff::Span::new().days(1))).max(put_on))
}

/// Whether somebody may be put forward as an exception: before the examination begins, with a reason and evidence, and not while
/// another one of the same person waits.
pub fn may_put_forward(
    (first_exam_on, today): (Day, Day),
    (reason, has_evidence): (&str, bool),
    open: i64,
) -> Result<(), Refusal> {
    if today >= first_exam_on {
        return Err(Refusal::new(Clause::S1_4_1, format!("批次已于 {first_exam_on} 开考，不再受理资格例外"))
            .remedy("请在下一批次报名时提出"));
    }
    if open > 0 {
        return Err(
            Refusal::new(Clause::S1_4_1, "这名人员的例外已经提出，正待中心决定").remedy("请等待决定；不需要重复提出")
        );
    }
    proposal::rests_on(Clause::S1_4_1, "资格例外", reason, has_evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn house_codes_are_few_whether_or_not_there_is_such_a_candidate() {
        let check = |in_hour, in_day, last_at, words: &str| {
            let found = may_ask(Asked { in_hour, in_day, last_at }, 100_000);
            assert_eq!(found.err().map_or(String::new(), |refusal| refusal.what).contains(words), !words.is_empty());
        };
        assert_eq!(may_ask(Asked::default(), 0), Ok(()));
        assert_eq!(may_ask(Asked { in_hour: 4, in_day: 9, last_at: Some(40_000) }, 100_000), Ok(()));
        check(1, 1, Some(40_001), "刚刚");
        check(5, 5, Some(0), "一小时内最多获取5次");
        check(0, 10, Some(0), "一天内最多获取10次");
    }

    #[test]
    fn house_a_code_runs_out_by_time_and_by_tries() {
        assert!(CodeWay::Sms.is_good(4, 10, 9));
        assert!(!CodeWay::Sms.is_good(5, 10, 9));
        assert!(!CodeWay::Sms.is_good(0, 10, 10));
        assert!(CodeWay::Handed.is_good(19, 10, 9));
        assert!(!CodeWay::Handed.is_good(20, 10, 9));
    }

    #[test]
    fn house_telephones_go_when_the_batch_has_ended_and_not_before() {
        let terms = Terms::default();
        assert_eq!(phones_until(BatchStage::Reviewed, day("2026-08-31"), &terms), None);
        assert_eq!(phones_until(BatchStage::Issued, day("2026-08-31"), &terms), Some(day("2027-02-28")));
        let sooner = Terms::of([(Term::PhoneMonths, 1)]);
        assert_eq!(phones_until(BatchStage::Cancelled, day("2026-08-31"), &sooner), Some(day("2026-09-30")));
    }

    #[test]
    fn house_a_minor_is_one_until_the_eighteenth_birthday() {
        assert!(is_minor(Some(day("2008-12-08")), day("2026-12-07")));
        assert!(!is_minor(Some(day("2008-12-07")), day("2026-12-07")));
        assert!(!is_minor(None, day("2026-12-07")));
    }

    #[test]
    fn s3_3_1_a_candidate_is_corrected_until_there_is_a_certificate() {
        let free = Registered::default();
        for stage in [BatchStage::Notified, BatchStage::Posted, BatchStage::Reported, BatchStage::Reviewed] {
            assert_eq!(open_to_correct(stage, free), Ok(()));
        }
        let check = |stage, person, words: &str| {
            let refusal = open_to_correct(stage, person).unwrap_err();
            assert!(refusal.remedy.contains(words), "{refusal}");
        };
        check(BatchStage::Issued, Registered { has_certificate: true, ..free }, "证书页提出“更正”");
        check(BatchStage::Notified, Registered { is_withdrawn: true, ..free }, "恢复报名");
        check(BatchStage::Cancelled, free, "重新通报");
        let good = Correction { changes_something: true, reason: "名册姓名写错", has_evidence: true, open: 0 };
        assert_eq!(may_correct(&good), Ok(()));
        for (bad, field) in [
            (Correction { open: 1, ..good }, "name"),
            (Correction { changes_something: false, ..good }, "name"),
            (Correction { reason: "错", ..good }, "reason"),
            (Correction { has_evidence: false, ..good }, "file"),
        ] {
            assert_eq!(may_correct(&bad).unwrap_err().field, Some(field));
        }
    }

    #[test]
    fn s1_4_1_an_exception_is_decided_once_with_its_reason_before_the_examination() {
        let calendar = Calendar::read(include_str!("../../../reference/cn-workdays.csv")).unwrap();
        let terms = Terms::default();
        let due = |put: &str, exam: &str| decided_by(day(put), day(exam), &terms, &calendar).unwrap();
        // Friday: three working days are Wednesday.
        assert_eq!(due("2026-09-04", "2026-09-14"), day("2026-09-09"));
        assert_eq!(due("2026-09-11", "2026-09-14"), day("2026-09-13"));
        let put =
            |today: &str, open| may_put_forward((day("2026-09-14"), day(today)), ("工作年限证明在途", true), open);
        assert_eq!(put("2026-09-13", 0), Ok(()));
        assert!(put("2026-09-14", 0).unwrap_err().what.contains("已于 2026-09-14 开考"));
        assert!(put("2026-09-13", 1).unwrap_err().what.contains("已经提出"));
        use ExceptionState::*;
        assert_eq!(Open.decide(true, "已核对社保缴费证明"), Ok(Granted));
        assert_eq!(Open.decide(false, "证明的工种不相关"), Ok(Refused));
        assert_eq!(Open.decide(true, " 同意 ").unwrap_err().field, Some("reason"));
        assert!(Granted.decide(false, "已核对社保缴费证明").is_err());
    }
}
