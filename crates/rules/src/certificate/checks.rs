//! 二（二）4: whether a certificate is to be relied on, answered as an employer asks it. Not only whether the number exists, but
//! whether its body was on file for the occupation and level when it examined and when it issued, told its batch in time, had the
//! result on public notice, reported it, and had it approved; and where the certificate stands now. What the record does not say is
//! *not known*, which is no fault of the certificate.

use super::{CertificateNumber, CertificateState, Level};
use crate::calendar::Calendar;
use crate::notice::Clause;
use crate::terms::{NOTIFY_AHEAD, PUBLICITY_DAYS, REPORT_WITHIN};
use crate::{Day, report};

/// What is looked at, in the order in which it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckKind {
    /// Where it stands now.
    State,
    /// Whether its number says what it says.
    Number,
    /// Whether the body stood in the directory on the examination day.
    Listed,
    /// Whether occupation and level were filed on the examination day.
    ScopeAtExam,
    /// Whether they still were on the day of issue.
    ScopeAtIssue,
    /// Whether the batch was told ten working days ahead.
    Notice,
    /// Whether the result stood on public notice for five working days.
    Publicity,
    /// Whether it was reported within ten working days.
    Report,
    /// Whether the centre approved the person.
    Approval,
    /// Whether its issue stands in the public log.
    Log,
}

impl CheckKind {
    /// The duty that the check rests on.
    pub const fn clause(self) -> Clause {
        match self {
            Self::State | Self::Number => Clause::S2_2_4B,
            Self::Listed => Clause::S2_1_3B,
            Self::ScopeAtExam | Self::ScopeAtIssue => Clause::S3_3_2,
            Self::Notice => Clause::S2_2_1B,
            Self::Publicity => Clause::S2_2_3A,
            Self::Report => Clause::S2_2_3B,
            Self::Approval => Clause::S2_2_4A,
            Self::Log => Clause::S2_2_4C,
        }
    }

    /// What it means to whoever has to rely on the certificate.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::State => "证书发出以后可能更正、暂停、撤销或注销，以记录中现在的状态为准",
            Self::Number => "编号由机构备案编号、年份、等级和序列号组成，与票面不一致的不可信",
            Self::Listed => "只有目录中的机构才能开展认定",
            Self::ScopeAtExam => "机构只能认定备案过的职业和等级，考试那天没有备案的不算数",
            Self::ScopeAtIssue => "发证那天机构仍须备有这个职业和等级",
            Self::Notice => "认定前须提前通报主管中心，中心才能到场督导",
            Self::Publicity => "结果须公示，任何人可以提出异议",
            Self::Report => "公示后须按期上报主管中心",
            Self::Approval => "由主管中心逐人审核，通过的才能发证",
            Self::Log => "公开日志只增不改，发证以后再改动会被发现",
        }
    }
}

/// What came of a check: it holds, it does not, or the record does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub kind: CheckKind,
    /// `None` where it is not known here.
    pub holds: Option<bool>,
    /// In a sentence, without a full stop.
    pub text: String,
}

/// How the report of a person went to the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    pub on: Day,
    pub due_on: Day,
    /// Whether the centre let a late one through.
    pub is_excused: bool,
}

/// What the record says of a certificate.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub number: &'a str,
    pub filing_number: &'a str,
    pub body: &'a str,
    pub trade: &'a str,
    pub trade_code: &'a str,
    pub level: Level,
    pub state: CertificateState,
    pub state_on: Option<Day>,
    /// Which version stands, from 1.
    pub print_no: i64,
    pub exam_on: Day,
    pub issued_on: Day,
    /// From when to when the body stood in the directory, of the term that began last before the examination.
    pub listed: Option<(Day, Day)>,
    /// When it left the directory, if it did.
    pub removed_on: Option<Day>,
    pub in_scope_at_exam: bool,
    pub in_scope_at_issue: bool,
    /// On which day the batch was told, as far as the ten days count, and on which it began.
    pub notice: Option<(Day, Day)>,
    /// When the result went on public notice, and the last day of it.
    pub publicity: Option<(Day, Day)>,
    pub report: Option<Reported>,
    pub approved_on: Option<Day>,
    /// Place of the version that stands in the public log.
    pub logged_at: Option<i64>,
}

impl Facts<'_> {
    /// Every check, in the order in which they are said.
    pub fn checks(&self, calendar: &Calendar) -> Vec<Check> {
        vec![
            self.state(),
            self.number(),
            self.listed(),
            self.scope(CheckKind::ScopeAtExam, "考试", self.exam_on, self.in_scope_at_exam),
            self.scope(CheckKind::ScopeAtIssue, "发证", self.issued_on, self.in_scope_at_issue),
            self.notice(calendar),
            self.publicity(calendar),
            self.report(),
            self.approval(),
            self.log(),
        ]
    }

    fn state(&self) -> Check {
        let on = self.state_on.map(said).unwrap_or_default();
        let text = match self.state {
            CertificateState::Valid => {
                let version = match self.print_no {
                    1 => String::new(),
                    no => format!("；经更正或补发，以第{no}版为准"),
                };
                format!("证书由{}于{}颁发，现为有效{version}", self.body, said(self.issued_on))
            }
            CertificateState::Suspended => format!("证书自{on}起由颁发机构暂停使用，正在核查"),
            CertificateState::Revoked => format!("证书已于{on}由颁发机构撤销"),
            CertificateState::Void => format!("证书已于{on}由颁发机构注销"),
        };
        known(CheckKind::State, self.state == CertificateState::Valid, text)
    }

    fn number(&self) -> Check {
        let fits = CertificateNumber::parse(self.number).is_ok_and(|number| {
            number.filing().to_string() == self.filing_number
                && number.level() == self.level
                && i16::from(number.year()) == self.issued_on.year() % 100
        });
        let (year, level) = (self.issued_on.year(), self.level.name());
        let text = format!("编号符合编码规则：机构{}，{year}年，{level}", self.filing_number);
        known(CheckKind::Number, fits, text)
    }

    fn listed(&self) -> Check {
        let exam = said(self.exam_on);
        match self.listed {
            Some((from, until)) => {
                let removed = self.removed_on.filter(|on| *on <= self.exam_on);
                let removed = removed.map_or_else(String::new, |on| format!("，已于{}移出目录", said(on)));
                let text = format!("考试日期{exam}，机构备案有效期{}至{}{removed}", said(from), said(until));
                known(CheckKind::Listed, from <= self.exam_on && self.exam_on <= until, text)
            }
            None => known(CheckKind::Listed, false, format!("考试日期{exam}，机构当时不在目录中")),
        }
    }

    fn scope(&self, kind: CheckKind, what: &str, on: Day, holds: bool) -> Check {
        let word = if holds { "在" } else { "不在" };
        let text = format!(
            "{what}当日（{}），{}（{}）{}{word}备案范围内",
            said(on),
            self.trade,
            self.trade_code,
            self.level.name()
        );
        known(kind, holds, text)
    }

    fn notice(&self, calendar: &Calendar) -> Check {
        let Some((told_on, starts_on)) = self.notice else { return unknown(CheckKind::Notice, "批次通报") };
        let days = format!("批次于{}通报、{}开展", said(told_on), said(starts_on));
        match calendar.add(told_on, NOTIFY_AHEAD) {
            Ok(earliest) if earliest <= starts_on => {
                known(CheckKind::Notice, true, format!("{days}，提前不少于{NOTIFY_AHEAD}个工作日"))
            }
            Ok(_) => known(CheckKind::Notice, false, format!("{days}，提前不足{NOTIFY_AHEAD}个工作日")),
            Err(_) => no_calendar(CheckKind::Notice, &days),
        }
    }

    fn publicity(&self, calendar: &Calendar) -> Check {
        let Some((posted_on, ends_on)) = self.publicity else { return unknown(CheckKind::Publicity, "结果公示") };
        let days = format!("结果于{}公示，至{}止", said(posted_on), said(ends_on));
        match calendar.add(posted_on, PUBLICITY_DAYS) {
            Ok(fifth) if fifth <= ends_on => {
                known(CheckKind::Publicity, true, format!("{days}，满{PUBLICITY_DAYS}个工作日"))
            }
            Ok(_) => known(CheckKind::Publicity, false, format!("{days}，不满{PUBLICITY_DAYS}个工作日")),
            Err(_) => no_calendar(CheckKind::Publicity, &days),
        }
    }

    fn report(&self) -> Check {
        let Some(Reported { on, due_on, is_excused }) = self.report else {
            return unknown(CheckKind::Report, "结果上报");
        };
        let days = format!("结果于{}上报主管中心", said(on));
        match (report::late(due_on, on), is_excused) {
            (false, _) => known(
                CheckKind::Report,
                true,
                format!("{days}，在公示后{REPORT_WITHIN}个工作日的期限（{}）内", said(due_on)),
            ),
            (true, true) => {
                known(CheckKind::Report, true, format!("{days}，超过期限（{}），经主管中心裁定受理", said(due_on)))
            }
            (true, false) => known(CheckKind::Report, false, format!("{days}，超过期限（{}）", said(due_on))),
        }
    }

    fn approval(&self) -> Check {
        match self.approved_on {
            Some(on) => {
                let text = format!("认定结果经职业技能鉴定指导中心于{}审核通过", said(on));
                known(CheckKind::Approval, true, text)
            }
            None => unknown(CheckKind::Approval, "中心审核"),
        }
    }

    fn log(&self) -> Check {
        match self.logged_at {
            Some(place) => {
                let text = format!("核发已记入公开日志，第{place}条，此后不能改动而不被发现");
                known(CheckKind::Log, true, text)
            }
            None => Check { kind: CheckKind::Log, holds: None, text: "核发还没有编入公开日志".into() },
        }
    }
}

fn known(kind: CheckKind, holds: bool, text: String) -> Check {
    Check { kind, holds: Some(holds), text }
}

fn unknown(kind: CheckKind, what: &str) -> Check {
    Check { kind, holds: None, text: format!("{what}：本平台没有这一环节的记录，不能核对") }
}

/// A year whose working days nobody has brought in.
fn no_calendar(kind: CheckKind, days: &str) -> Check {
    Check { kind, holds: None, text: format!("{days}；没有该年度的工作日安排，不能核对") }
}

fn said(day: Day) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn calendar() -> Calendar {
        Calendar::read(include_str!("../../../../reference/cn-workdays.csv")).expect("a calendar")
    }

    /// Everything as it has to be: told on Friday 18 September 2026, begun on 16 October, with National Day between.
    fn good() -> Facts<'static> {
        Facts {
            number: "Y000035000001264000001",
            filing_number: "Y000035000001",
            body: "示例一技工学校",
            trade: "车工",
            trade_code: "6-18-01-01",
            level: Level::L4,
            state: CertificateState::Valid,
            state_on: None,
            print_no: 1,
            exam_on: day("2026-10-17"),
            issued_on: day("2026-11-12"),
            listed: Some((day("2026-02-01"), day("2029-01-31"))),
            removed_on: None,
            in_scope_at_exam: true,
            in_scope_at_issue: true,
            notice: Some((day("2026-09-18"), day("2026-10-16"))),
            publicity: Some((day("2026-10-19"), day("2026-10-26"))),
            report: Some(Reported { on: day("2026-11-09"), due_on: day("2026-11-09"), is_excused: false }),
            approved_on: Some(day("2026-11-10")),
            logged_at: Some(7),
        }
    }

    /// What came of the check that a story is about, and that all others hold.
    fn check(kind: CheckKind, change: impl Fn(&mut Facts<'_>), holds: Option<bool>, words: &str) {
        let mut facts = good();
        change(&mut facts);
        for found in facts.checks(&calendar()) {
            if found.kind == kind {
                assert_eq!(found.holds, holds, "{}", found.text);
                assert!(found.text.contains(words), "{}", found.text);
            } else {
                assert_eq!(found.holds, Some(true), "{}", found.text);
            }
        }
    }

    #[test]
    fn s2_2_4c_each_step_is_checked_by_itself() {
        use CheckKind as K;
        check(K::State, |_| {}, Some(true), "现为有效");
        check(K::State, |facts| facts.print_no = 2, Some(true), "以第2版为准");
        let revoked = |facts: &mut Facts<'_>| {
            (facts.state, facts.state_on) = (CertificateState::Revoked, Some(day("2026-12-01")));
        };
        check(K::State, revoked, Some(false), "2026年12月1日");
        check(K::Number, |facts| facts.number = "Y000035000001264000002", Some(true), "2026年");
        check(K::Number, |facts| facts.number = "Y000035000001263000001", Some(false), "");
        check(K::Number, |facts| facts.number = "Y000035000002264000001", Some(false), "");
        check(K::Listed, |facts| facts.listed = Some((day("2026-02-01"), day("2026-10-17"))), Some(true), "");
        check(K::Listed, |facts| facts.listed = Some((day("2026-02-01"), day("2026-10-16"))), Some(false), "");
        check(K::Listed, |facts| facts.listed = None, Some(false), "不在目录中");
        check(K::ScopeAtExam, |facts| facts.in_scope_at_exam = false, Some(false), "考试当日");
        check(K::ScopeAtIssue, |facts| facts.in_scope_at_issue = false, Some(false), "发证当日");
        check(K::Approval, |facts| facts.approved_on = None, None, "不能核对");
        check(K::Log, |facts| facts.logged_at = None, None, "还没有编入");
    }

    #[test]
    fn s2_2_1b_ten_working_days_are_counted_by_the_calendar() {
        // The tenth working day after Friday 18 September: Mid-Autumn on the 25th and National Day until 7 October are off, the
        // 20th and 10 October are worked.
        let tenth = calendar().add(day("2026-09-18"), 10).expect("a day");
        check(CheckKind::Notice, |facts| facts.notice = Some((day("2026-09-18"), tenth)), Some(true), "不少于10个");
        let ninth = tenth.yesterday().expect("a day");
        check(CheckKind::Notice, |facts| facts.notice = Some((day("2026-09-18"), ninth)), Some(false), "不足10个");
        check(CheckKind::Notice, |facts| facts.notice = None, None, "没有这一环节的记录");
        let long_ago = |facts: &mut Facts<'_>| facts.notice = Some((day("1999-09-01"), day("1999-10-16")));
        check(CheckKind::Notice, long_ago, None, "没有该年度的工作日安排");
    }

    #[test]
    fn s2_2_3_publicity_and_report_are_counted_by_the_calendar() {
        let posted =
            |until: &'static str| move |facts: &mut Facts<'_>| facts.publicity = Some((day("2026-10-19"), day(until)));
        check(CheckKind::Publicity, posted("2026-10-26"), Some(true), "满5个");
        check(CheckKind::Publicity, posted("2026-10-25"), Some(false), "不满5个");
        check(CheckKind::Publicity, |facts| facts.publicity = None, None, "没有这一环节的记录");
        let reported = |on: &'static str, is_excused| {
            move |facts: &mut Facts<'_>| {
                facts.report = Some(Reported { on: day(on), due_on: day("2026-11-09"), is_excused });
            }
        };
        check(CheckKind::Report, reported("2026-11-10", false), Some(false), "超过期限");
        check(CheckKind::Report, reported("2026-11-10", true), Some(true), "裁定受理");
        check(CheckKind::Report, |facts| facts.report = None, None, "没有这一环节的记录");
    }
}
