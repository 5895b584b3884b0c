//! 一（五）1, 三（三）, 二（二）1: how the examination is held on its day. A room begins and ends at a time that somebody notes,
//! whoever comes signs in, and who did not come by the end is absent; a mark needs a person who was there. What the
//! notice is silent about is a default of the platform (decision 0027).

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::arrangement::DayTime;
use crate::batch::BatchStage;
use crate::notice::Clause;
use crate::refusal::{Ground, Refusal};
use crate::result::{Outcome, Part};
use crate::terms::{CONDUCT_FROM, LATE_ENTRY_MINUTES, LATE_START_MINUTES};

/// Words of a list that are kept by a code: each with its name, and what it means.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident $code:literal $said:literal;)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[doc = $doc])* $variant,)* }

        impl $name {
            /// Every one, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code word used in the database and the API.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The one with this code word.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }

            /// The name that people read.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $said,)* }
            }
        }
    };
}

pub mod deferral;
pub mod hold;
pub mod incident;
pub mod plain;
pub mod recording;
pub mod stop;
pub mod violation;

/// The ground of what no clause speaks of.
const HOUSE: Ground = Ground::House("现场实施");

/// Whether a batch that was notified on this day needs what is noted on the day of its examination before a mark counts.
/// What was notified before is held by what was asked then; what is noted of it counts all the same.
pub fn is_asked(notified_on: Day) -> bool {
    notified_on >= CONDUCT_FROM
}

/// Whether somebody was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Signed in.
    Present,
    /// Not signed in when the room ended.
    Absent,
}

impl Presence {
    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
        }
    }

    /// The presence with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Present, Self::Absent].into_iter().find(|one| one.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Present => "已到场",
            Self::Absent => "缺考",
        }
    }
}

/// Today and the time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub today: Day,
    pub now: DayTime,
}

/// One room at one time, as far as it is looked at on the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hall {
    pub part: Part,
    /// As people call it.
    pub room: String,
    pub on: Day,
    /// As it was arranged.
    pub from: DayTime,
    pub to: DayTime,
    /// When it really began and ended.
    pub started: Option<DayTime>,
    pub ended: Option<DayTime>,
}

impl Hall {
    /// As people call it: room, day and time.
    pub fn name(&self) -> String {
        format!("{}（{} {}）", self.room, self.on, self.from)
    }

    /// The time that somebody says, or now; not before the day and not in the future. Who notes it later says when it was.
    ///
    /// # Errors
    /// A refusal that names the field.
    pub fn said(&self, at: Option<DayTime>, moment: Moment, field: &'static str) -> Result<DayTime, Refusal> {
        let refuse = |what: String, remedy: &str| Err(Refusal::new(HOUSE, what).remedy(remedy).at(field));
        match at {
            _ if moment.today < self.on => {
                refuse(format!("{}还没到日期，今天是 {}", self.name(), moment.today), "请在考试当天登记")
            }
            Some(at) if moment.today == self.on && at > moment.now => {
                refuse(format!("时间 {at} 还没到，现在是 {}", moment.now), "请填写实际的时间")
            }
            Some(at) => Ok(at),
            None if moment.today == self.on => Ok(moment.now),
            None => refuse(format!("{}已经过去，没有写明时间", self.name()), "请填写当时的时间，例如 08:30"),
        }
    }

    /// Whether the room may begin at this time, and how many minutes late that is.
    ///
    /// # Errors
    /// It has begun already, or begins late without a reason.
    pub fn start(&self, at: DayTime, reason: &str) -> Result<u16, Refusal> {
        if let Some(started) = self.started {
            return Err(Refusal::new(HOUSE, format!("{}已登记于 {started} 开考", self.name()))
                .remedy("开考只登记一次；时间有误的，请在结束考试时写明"));
        }
        let late = self.from.until(at);
        if late > LATE_START_MINUTES && reason.trim().is_empty() {
            return Err(Refusal::new(
                Clause::S3_3_1,
                format!("{}比安排的时间晚 {late} 分钟开考，没有写明原因", self.name()),
            )
            .remedy(format!("晚于 {LATE_START_MINUTES} 分钟的，请写明原因，主管中心会看到"))
            .at("reason"));
        }
        Ok(late)
    }

    /// Whether the room may end at this time.
    ///
    /// # Errors
    /// It has not begun, has ended already, or ends before it began.
    pub fn end(&self, at: DayTime) -> Result<(), Refusal> {
        match (self.started, self.ended) {
            (None, _) => {
                Err(Refusal::new(HOUSE, format!("{}还没有登记开考", self.name()))
                    .remedy("请先登记开考的时间和到场人员"))
            }
            (_, Some(ended)) => Err(Refusal::new(HOUSE, format!("{}已登记于 {ended} 结束", self.name()))
                .remedy("缺考名单有误的，请逐人提出签到更正")),
            (Some(started), None) if at < started => {
                Err(Refusal::new(HOUSE, format!("结束时间 {at} 早于开考时间 {started}"))
                    .remedy("请核对结束时间")
                    .at("at"))
            }
            (Some(_), None) => Ok(()),
        }
    }

    /// Whether somebody who came at this time still gets in, and how many minutes late that is.
    ///
    /// # Errors
    /// The room has ended, or the person comes too late.
    pub fn admit(&self, came: DayTime) -> Result<u16, Refusal> {
        if let Some(ended) = self.ended {
            return Err(Refusal::new(Clause::S3_3_1, format!("{}已于 {ended} 结束，缺考名单已经记录", self.name()))
                .remedy("确系漏签的，请提出签到更正，写明原因，由另一人核实同意"));
        }
        let late = self.started.unwrap_or(self.from).until(came);
        if late > LATE_ENTRY_MINUTES {
            return Err(Refusal::new(HOUSE, format!("开考 {late} 分钟以后到场，按规定不得入场"))
                .remedy(format!("开考 {LATE_ENTRY_MINUTES} 分钟以内到场的才能签到；先到场、后补登的，请填写到场的时间"))
                .at("at"));
        }
        Ok(late)
    }
}

/// Whether the day of a batch may still be noted: until its results are posted.
///
/// # Errors
/// The batch is not at that stage.
pub fn open_to_note(stage: BatchStage) -> Result<(), Refusal> {
    if stage == BatchStage::Notified {
        return Ok(());
    }
    Err(Refusal::new(HOUSE, format!("本批次{}，现场记录已经锁定", stage.name()))
        .remedy("现场记录在结果公示之前登记；之后发现的问题，按成绩更改或异议办理"))
}

/// Whether the end of a room may be noted with so many absent, when the page said another number.
///
/// # Errors
/// Somebody signed in meanwhile, or the number was not confirmed.
pub fn confirm_absent(seen: Option<usize>, now: usize) -> Result<(), Refusal> {
    match seen {
        Some(seen) if seen == now => Ok(()),
        Some(seen) => Err(Refusal::new(HOUSE, format!("打开页面时有 {seen} 人未签到，现在是 {now} 人"))
            .remedy("请重新核对未签到的名单，再登记结束")
            .at("absent")),
        None => Err(Refusal::new(Clause::S1_5_1, format!("有 {now} 人没有签到，将记为缺考，尚未确认"))
            .remedy("请核对名单：到场而没有签到的先补签，其余的确认缺考")
            .at("absent")),
    }
}

/// Whether an outcome goes together with what was noted on the day.
///
/// # Errors
/// A mark for somebody who was absent or, where that is asked, never signed in; absence of somebody who was there.
pub fn fits(name: &str, part: Part, presence: Option<Presence>, asked: bool, outcome: Outcome) -> Result<(), Refusal> {
    let part = part.name();
    match (outcome, presence) {
        (Outcome::Mark(_), Some(Presence::Absent)) => {
            Err(Refusal::new(Clause::S3_3_1, format!("{name}的{part}没有签到，已记为缺考，不能登记分数"))
                .remedy("确系到场漏签的，请在“现场”提出签到更正，写明原因，由另一人核实同意后再登记成绩"))
        }
        (Outcome::Mark(_), None) if asked => {
            Err(Refusal::new(Clause::S3_3_1, format!("{name}的{part}没有签到记录，不能登记分数"))
                .remedy("请先在“现场”登记考生签到和考试结束；没有到场的，结束时记为缺考"))
        }
        (Outcome::Absent, Some(Presence::Present)) => {
            Err(Refusal::new(Clause::S3_3_1, format!("{name}的{part}已签到，不能记为缺考"))
                .remedy("签到有误的，请在“现场”提出签到更正，由另一人核实同意"))
        }
        _ => Ok(()),
    }
    .map_err(|refusal| refusal.at("outcome"))
}

/// What a proposed correction of somebody's sign-in looks at.
#[derive(Debug, Clone, Copy)]
pub struct Correction<'a> {
    pub name: &'a str,
    pub before: Option<Presence>,
    pub after: Presence,
    /// Whether the room has ended; before that one signs in.
    pub has_ended: bool,
    /// Who has confirmed the mark of the part.
    pub confirmed_by: Option<&'a str>,
    /// Whether another correction waits for its answer.
    pub open: bool,
    pub reason: &'a str,
}

/// Whether a correction of a sign-in may be proposed; another person answers it.
///
/// # Errors
/// There is nothing to correct, somebody has confirmed the mark, or no reason is given.
pub fn may_correct(one: &Correction<'_>) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S3_3_1, what).remedy(remedy));
    let name = one.name;
    if !one.has_ended {
        return refuse(format!("{name}所在的考场还没有登记结束"), "考试结束之前直接签到即可");
    }
    if one.before == Some(one.after) {
        return refuse(format!("{name}现在就是{}", one.after.name()), "没有需要更正的");
    }
    if let Some(by) = one.confirmed_by {
        return refuse(format!("{name}这一科的成绩已由{by}确认"), "成绩确认以后，请按成绩更改办理，写明原因并附上依据");
    }
    if one.open {
        return refuse(format!("{name}已有一项更正待另一人核实"), "请先答复那一项");
    }
    if one.reason.trim().chars().count() < 5 {
        return refuse("没有写明更正的原因".into(), "请写明怎样得知、有什么依据，例如监考人员签名的纸质签到表")
            .map_err(|refusal| refusal.at("reason"));
    }
    Ok(())
}

/// A text that says enough: the field, what it is about, what to write.
fn said(
    text: &str,
    ground: impl Into<Ground>,
    (field, what, remedy): (&'static str, &str, &str),
) -> Result<(), Refusal> {
    if text.trim().chars().count() >= 5 {
        return Ok(());
    }
    Err(Refusal::new(ground, format!("没有写明{what}")).remedy(remedy).at(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hall(started: Option<(u16, u16)>, ended: Option<(u16, u16)>) -> Hall {
        let time = |at: (u16, u16)| DayTime::at(at.0, at.1);
        Hall {
            part: Part::Theory,
            room: "示例教学楼301".into(),
            on: Day::constant(2026, 12, 15),
            from: time((8, 30)),
            to: time((10, 0)),
            started: started.map(time),
            ended: ended.map(time),
        }
    }

    #[test]
    fn s3_3_1_who_comes_thirty_minutes_late_gets_in_and_a_minute_later_does_not() {
        let at = |hour, minute| hall(None, None).admit(DayTime::at(hour, minute)).map_err(|refusal| refusal.what);
        assert_eq!(at(8, 10), Ok(0));
        assert_eq!(at(9, 0), Ok(30));
        assert_eq!(at(9, 1), Err("开考 31 分钟以后到场，按规定不得入场".into()));
        // Counted from when the room really began.
        assert_eq!(hall(Some((8, 50)), None).admit(DayTime::at(9, 20)), Ok(30));
        assert!(hall(Some((8, 30)), Some((10, 0))).admit(DayTime::at(8, 20)).is_err());
    }

    #[test]
    fn s3_3_1_a_late_start_needs_its_reason() {
        let start = |minute, reason| hall(None, None).start(DayTime::at(8, minute), reason);
        assert_eq!(start(45, ""), Ok(15));
        assert_eq!(start(46, " ").unwrap_err().field, Some("reason"));
        assert_eq!(start(46, "停电"), Ok(16));
        assert!(hall(Some((8, 30)), None).start(DayTime::at(8, 30), "").is_err());
    }

    #[test]
    fn s3_3_1_what_is_noted_is_neither_before_the_day_nor_in_the_future() {
        let moment = |day, hour| Moment { today: Day::constant(2026, 12, day), now: DayTime::at(hour, 0) };
        let said = |at: Option<u16>, moment| hall(None, None).said(at.map(|hour| DayTime::at(hour, 0)), moment, "at");
        assert!(said(None, moment(14, 9)).is_err());
        assert_eq!(said(None, moment(15, 9)), Ok(DayTime::at(9, 0)));
        assert!(said(Some(10), moment(15, 9)).is_err());
        assert_eq!(said(Some(10), moment(16, 9)), Ok(DayTime::at(10, 0)));
        assert!(said(None, moment(16, 9)).is_err());
    }

    #[test]
    fn s1_5_1_a_mark_needs_somebody_who_was_there() {
        let mark = Outcome::Mark(80.0);
        for (presence, asked, outcome, holds) in [
            (Some(Presence::Present), true, mark, true),
            (Some(Presence::Absent), false, mark, false),
            (None, true, mark, false),
            (None, false, mark, true),
            (Some(Presence::Present), true, Outcome::Absent, false),
            (Some(Presence::Absent), true, Outcome::Absent, true),
            (None, true, Outcome::Deferred, true),
            (Some(Presence::Absent), true, Outcome::Violation, true),
        ] {
            assert_eq!(
                fits("示例一", Part::Theory, presence, asked, outcome).is_ok(),
                holds,
                "{presence:?} {asked} {outcome}"
            );
        }
        assert!(!is_asked(Day::constant(2026, 11, 30)) && is_asked(Day::constant(2026, 12, 1)));
    }

    #[test]
    fn s3_3_1_a_sign_in_is_corrected_until_the_mark_is_confirmed() {
        let one = |after, has_ended, confirmed_by, reason| {
            let before = Some(Presence::Absent);
            may_correct(&Correction { name: "示例一", before, after, has_ended, confirmed_by, open: false, reason })
        };
        assert!(one(Presence::Present, true, None, "纸质签到表上有签名").is_ok());
        assert!(one(Presence::Present, false, None, "纸质签到表上有签名").is_err());
        assert!(one(Presence::Absent, true, None, "纸质签到表上有签名").is_err());
        assert!(one(Presence::Present, true, Some("示例"), "纸质签到表上有签名").is_err());
        assert_eq!(one(Presence::Present, true, None, "漏了").unwrap_err().field, Some("reason"));
    }

    #[test]
    fn s1_5_1_absence_is_confirmed_by_its_number() {
        assert!(confirm_absent(Some(2), 2).is_ok());
        assert!(confirm_absent(Some(2), 1).unwrap_err().what.contains("现在是 1 人"));
        assert!(confirm_absent(None, 2).is_err());
    }
}
