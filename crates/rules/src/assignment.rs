//! 一（二）2 and 三（一）: who examines a batch. The body assigns assessors with the head of their group, invigilators and its own
//! quality inspector, the centre in charge sends an inspector of its own. Whether they may, and whether they are enough, is
//! told of everyone at once. How many there have to be is the standard's to say (一（四）1); avoidance, rotation and the
//! days in a row are working practice and defaults of the platform.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::arrangement::DayTime;
use crate::batch::BatchStage;
use crate::certificate::Level;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::register::CardKind;
use crate::result::{Part, parts_for};
use crate::standard::Ratios;

/// What somebody does in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// 考评组长: heads the assessors of a part, and is one of them.
    GroupHead,
    /// 考评员.
    Assessor,
    /// 监考员: in the rooms of the theory examination; needs no card.
    Invigilator,
    /// 内部质量督导员: the body's own.
    Inspector,
    /// 外部质量督导员: sent by the centre in charge.
    ExternalInspector,
}

impl Duty {
    /// Every duty, in the order in which they are listed.
    pub const ALL: &'static [Duty] =
        &[Self::GroupHead, Self::Assessor, Self::Invigilator, Self::Inspector, Self::ExternalInspector];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::GroupHead => "group_head",
            Self::Assessor => "assessor",
            Self::Invigilator => "invigilator",
            Self::Inspector => "inspector",
            Self::ExternalInspector => "external_inspector",
        }
    }

    /// The duty with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|duty| duty.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GroupHead => "考评组长",
            Self::Assessor => "考评员",
            Self::Invigilator => "监考员",
            Self::Inspector => "内部质量督导员",
            Self::ExternalInspector => "外部质量督导员",
        }
    }

    /// Whether it is done by assessors.
    pub const fn assesses(self) -> bool {
        matches!(self, Self::GroupHead | Self::Assessor)
    }

    /// Whether a duty belongs to this part of a batch; inspectors see to the whole of it.
    pub fn belongs_to(self, part: Option<Part>) -> bool {
        match self {
            Self::GroupHead | Self::Assessor => matches!(part, Some(Part::Practical | Part::Comprehensive)),
            Self::Invigilator => part == Some(Part::Theory),
            Self::Inspector | Self::ExternalInspector => part.is_none(),
        }
    }
}

/// A room or group at its time, as the batch is arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub session: i64,
    pub part: Part,
    /// As people call it: room, stations, day and time.
    pub name: String,
    pub on: Day,
    pub from: DayTime,
    pub to: DayTime,
    pub seated: usize,
}

impl Group {
    fn overlaps(&self, other: &Self) -> bool {
        self.on == other.on && self.from < other.to && other.from < self.to
    }
}

/// The batch that is to be staffed.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Occupation code and name.
    pub code: String,
    pub trade: String,
    pub level: Level,
    /// Each part with its day.
    pub exams: Vec<(Part, Day)>,
    /// Candidates, or those expected while nobody is registered.
    pub candidates: i64,
    /// How many are assessed at a time, as the body says it before seats are arranged.
    pub at_once: i64,
    /// The rooms and groups that sit at the same time, by part, as the batch is arranged ([`crate::arrangement::fullest`]);
    /// a part that is not arranged yet is missing.
    pub arranged: BTreeMap<Part, Vec<usize>>,
    /// All rooms and groups, where the batch is arranged.
    pub sessions: Vec<Group>,
    /// The city in which it is held, as people call it.
    pub city: String,
    pub ratios: Ratios,
    /// Batches of the body in a row in which somebody may assess.
    pub in_a_row: usize,
    /// Who assessed in the body's last batches before, the latest first.
    pub before: Vec<Vec<i64>>,
    /// Who assessed in the body's last batch of this occupation, where there was one.
    pub before_of_trade: Option<Vec<i64>>,
}

impl Occasion {
    fn last_exam_on(&self) -> Option<Day> {
        self.exams.iter().map(|(_, on)| *on).max()
    }

    /// The rooms or groups of a part that sit at the same time: as they are arranged, or as few as hold everyone. One rule
    /// for whoever assigns examiners and whoever arranges seats.
    pub fn groups(&self, part: Part) -> Vec<usize> {
        let at_once = if part == Part::Practical { self.at_once } else { self.candidates };
        let told = || self.ratios.groups(part, usize::try_from(at_once).unwrap_or(0));
        self.arranged.get(&part).filter(|groups| !groups.is_empty()).cloned().unwrap_or_else(told)
    }

    /// How many watch or judge a part at least.
    fn staff(&self, part: Part) -> i64 {
        self.ratios.staff_over(part, &self.groups(part)) as i64
    }

    fn day_of(&self, part: Part) -> Option<Day> {
        self.exams.iter().find(|(one, _)| *one == part).map(|(_, on)| *on)
    }

    /// How many are assessed at a time as the batch is arranged, where it is.
    pub fn arranged_at_once(&self) -> Option<i64> {
        let groups = self.arranged.get(&Part::Practical).filter(|groups| !groups.is_empty())?;
        i64::try_from(groups.iter().sum::<usize>()).ok()
    }

    /// The rooms and groups that somebody is assigned to.
    fn groups_of<'o>(&'o self, one: &'o Examiner) -> impl Iterator<Item = &'o Group> {
        self.sessions.iter().filter(|group| one.sessions.contains(&group.session) && Some(group.part) == one.part)
    }

    /// The days on which somebody is there.
    fn days(&self, one: &Examiner) -> Vec<Day> {
        let mut days: Vec<Day> = self.groups_of(one).map(|group| group.on).collect();
        days.sort_unstable();
        days.dedup();
        match one.part {
            _ if !days.is_empty() => days,
            Some(part) => self.day_of(part).into_iter().collect(),
            None => self.exams.iter().map(|(_, on)| *on).collect(),
        }
    }
}

/// A card of the register, as an assignment sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCard {
    pub kind: CardKind,
    /// Whose it is; several cards of one person have the same.
    pub person: i64,
    /// Occupation codes.
    pub trades: Vec<String>,
    pub level_max: Option<Level>,
    pub valid_until: Day,
    pub suspended: bool,
}

/// Where somebody is already expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    pub on: Day,
    pub city: String,
    /// The body and the batch, as people call them.
    pub what: String,
}

/// Somebody who is to examine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examiner {
    /// As the register has it, or as it was written where no card is known.
    pub name: String,
    /// As it was written beside the card; blank where only the card was.
    pub written: String,
    pub duty: Duty,
    /// Nothing for inspectors, who see to the whole batch.
    pub part: Option<Part>,
    /// Whether a card's number was written; an invigilator needs none.
    pub names_card: bool,
    /// Nothing where no card was named, or none that the register has.
    pub card: Option<HeldCard>,
    /// Employed by the body that holds the batch.
    pub employed_here: bool,
    /// Teaches a class of the candidates, or of those in the own groups; as declared or registered.
    pub teaches: bool,
    /// The rooms and groups that they watch or judge; none where it is the whole part.
    pub sessions: Vec<i64>,
    /// What ties them to the body, where the register says so.
    pub tie: Option<String>,
    /// What ties them to candidates, where the register says so.
    pub kin: Vec<String>,
    /// Other batches that they are assigned to.
    pub bookings: Vec<Booking>,
}

/// What an assignment lacks, or what is to be thought of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AssignmentFinding {
    /// Whom it is about: a name, or a part's group.
    pub who: String,
    pub what: String,
    pub remedy: String,
    /// The clause that it rests on.
    #[schema(value_type = String)]
    pub clause: Clause,
    /// Only to be thought of: nothing is refused for it.
    pub hint: bool,
}

/// How many the batch needs at least, by part and duty; the head of a group is counted with the assessors.
pub fn wanted(occasion: &Occasion) -> Vec<(Option<Part>, Duty, i64)> {
    let of_part = |&part: &Part| {
        let duty = if part == Part::Theory { Duty::Invigilator } else { Duty::Assessor };
        (Some(part), duty, occasion.staff(part))
    };
    parts_for(occasion.level).iter().map(of_part).chain([(None, Duty::Inspector, 1)]).collect()
}

/// How many candidates are assessed at a time: as the body says, all of them without a word. Once it is arranged nothing else counts.
pub fn at_once(said: Option<i64>, candidates: i64, arranged: Option<i64>) -> Result<Option<i64>, Refusal> {
    match said {
        Some(count) if arranged.is_some_and(|arranged| arranged != count) => {
            let arranged = arranged.unwrap_or_default();
            Err(Refusal::new(Clause::S1_4_1, format!("编排的实操同场人数是 {arranged} 人，不是 {count} 人"))
                .remedy("考场编排之后同场人数按编排计算，请不填；要改变的，请重新编排")
                .at("at_once"))
        }
        Some(count) if count < 1 || count > candidates => {
            Err(Refusal::new(Clause::S1_4_1, format!("同场考核人数 {count} 不在 1 至考生人数 {candidates} 之间"))
                .remedy("请填写操作技能考核同一场次的考生人数；不分场的不填")
                .at("at_once"))
        }
        said => Ok(said),
    }
}

/// Everything that is to be said of an assignment by the body, about each person and each group, in the order of the parts.
pub fn findings(occasion: &Occasion, examiners: &[Examiner]) -> Vec<AssignmentFinding> {
    let mut told = Told::default();
    for (n, examiner) in examiners.iter().enumerate() {
        if examiner.duty == Duty::ExternalInspector {
            let remedy = "请删去该行，由主管中心派出";
            told.say(&examiner.name, Clause::S2_2_1C, "是外部质量督导员，不由机构安排", remedy);
            continue;
        }
        told.person(occasion, examiner);
        let same = |other: &&Examiner| {
            other.part == examiner.part
                && match (&other.card, &examiner.card) {
                    (Some(a), Some(b)) => a.person == b.person,
                    (None, None) => other.name == examiner.name,
                    _ => false,
                }
        };
        if examiners[..n].iter().any(|other| same(&other)) {
            let what = match examiner.part {
                Some(part) => format!("在{}中列了两次", part.name()),
                None => "作为督导人员列了两次".to_owned(),
            };
            told.say(&examiner.name, Clause::S3_1_1, what, "请每人只保留一行");
        }
        told.places(occasion, examiner, &examiners[..n]);
    }
    for &part in parts_for(occasion.level) {
        let of_part = |duty: fn(Duty) -> bool| {
            examiners.iter().filter(move |one| one.part == Some(part) && duty(one.duty)).collect::<Vec<_>>()
        };
        let of_part = match part {
            Part::Theory => of_part(|duty| duty == Duty::Invigilator),
            Part::Practical | Part::Comprehensive => of_part(Duty::assesses),
        };
        if of_part.iter().any(|one| !one.sessions.is_empty()) {
            told.by_groups(occasion, part, &of_part);
        } else if part == Part::Theory {
            told.invigilation(occasion, part.name(), of_part.len() as i64, &occasion.groups(part));
        } else {
            told.group(occasion, part, (part.name(), &occasion.groups(part)), &of_part);
        }
        told.rotation(occasion, part.name(), &of_part);
    }
    if !examiners.iter().any(|one| one.duty == Duty::Inspector) {
        let remedy = "请安排一名持内部质量督导员证卡的本机构人员";
        told.say("质量督导", Clause::S1_2_2, "没有安排内部质量督导员", remedy);
    }
    told.0
}

/// Everything that is to be said of the inspectors whom the centre sends.
pub fn supervision(occasion: &Occasion, inspectors: &[Examiner]) -> Vec<AssignmentFinding> {
    let mut told = Told::default();
    for inspector in inspectors {
        told.person(occasion, inspector);
        if inspector.employed_here {
            let remedy = "外部质量督导员不能是被督导机构的人员，请改派他人";
            told.say(&inspector.name, Clause::S3_1_1, "在该机构任职，应当回避", remedy);
        }
        if let Some(tie) = &inspector.tie {
            let what = format!("与该机构有回避情形（{tie}）");
            told.say(&inspector.name, Clause::S3_1_1, what, "请改派没有回避情形的督导员");
        }
    }
    told.0
}

/// Whether an assignment may stand: without findings that are more than hints. The refusal tells all of them at once.
pub fn settle(findings: &[AssignmentFinding], field: &'static str) -> Result<(), Refusal> {
    let against: Vec<&AssignmentFinding> = findings.iter().filter(|finding| !finding.hint).collect();
    let Some(first) = against.first() else { return Ok(()) };
    let said: Vec<String> = against.iter().map(|finding| format!("{}{}", finding.who, finding.what)).collect();
    let mut remedies: Vec<&str> = Vec::new();
    for finding in &against {
        if !remedies.contains(&finding.remedy.as_str()) {
            remedies.push(&finding.remedy);
        }
    }
    let what = match said.len() {
        1 => said.join(""),
        count => format!("有{count}处不符：{}", said.join("；")),
    };
    Err(Refusal::new(first.clause, what).remedy(remedies.join("；")).at(field))
}

/// Whether examiners may still be assigned or replaced: until the last examination day is over.
pub fn open_to_assign(stage: BatchStage, last_exam_on: Day, today: Day) -> Result<(), Refusal> {
    if stage == BatchStage::Cancelled {
        return Err(Refusal::new(Clause::S2_2_1B, "批次已取消，不再安排考评人员").remedy("要开展认定，请重新通报批次"));
    }
    if stage == BatchStage::Notified && today <= last_exam_on {
        return Ok(());
    }
    Err(Refusal::new(Clause::S3_3_1, format!("考试已于 {last_exam_on} 结束，考评人员的安排不再变动"))
        .remedy("实际到场人员与安排不一致的，请向主管中心书面说明"))
}

/// Whether somebody may still be put into a part or taken out of it: not once its day has passed, for then they were there.
pub fn open_part(part: Option<Part>, on: Option<Day>, today: Day) -> Result<(), Refusal> {
    match (part, on) {
        (Some(part), Some(on)) if on < today => {
            Err(Refusal::new(Clause::S3_3_1, format!("{}已于 {on} 举行，人员不再变动", part.name()))
                .remedy("请只调整还没有举行的科目")
                .at("people"))
        }
        _ => Ok(()),
    }
}

/// The reason for which somebody is replaced, as it is kept; asked for where somebody who was assigned goes.
pub fn replaced_for(goes: usize, reason: &str) -> Result<String, Refusal> {
    match reason.trim() {
        "" if goes > 0 => Err(Refusal::new(Clause::S3_3_1, format!("更换了{goes}名已安排的人员，没有写明原因"))
            .remedy("请用一句话写明更换的原因，原安排和原因一并留存")
            .at("reason")),
        reason => Ok(reason.to_owned()),
    }
}

#[derive(Default)]
struct Told(Vec<AssignmentFinding>);

impl Told {
    fn push(&mut self, who: &str, clause: Clause, what: String, remedy: String, hint: bool) {
        self.0.push(AssignmentFinding { who: who.to_owned(), what, remedy, clause, hint });
    }

    fn say(&mut self, who: &str, clause: Clause, what: impl Into<String>, remedy: impl Into<String>) {
        self.push(who, clause, what.into(), remedy.into(), false);
    }

    /// What is to be said of one person.
    fn person(&mut self, occasion: &Occasion, one: &Examiner) {
        let who = one.name.as_str();
        if !one.duty.belongs_to(one.part) || one.part.is_some_and(|part| occasion.day_of(part).is_none()) {
            let part = one.part.map_or("整个批次", Part::name);
            self.say(who, Clause::S1_5_1, format!("：{}没有{}这一职责", part, one.duty.name()), "请核对科目和职责");
            return;
        }
        self.card(occasion, one);
        if let Some(first) = one.kin.first() {
            let what = format!("与本批考生有回避情形（{first}）");
            self.say(who, Clause::S3_1_1, what, "亲属、师徒应当回避，请改派他人");
        }
        for day in occasion.days(one) {
            for booking in &one.bookings {
                let there = format!("{}，{}", booking.city, booking.what);
                if booking.on == day && booking.city != occasion.city {
                    let what = format!("于 {day} 已安排在{there}，同一天不能往返两地");
                    self.say(who, Clause::S3_1_1, what, "请改派他人，或与对方机构调整日期");
                } else if booking.on == day {
                    let what = format!("于 {day} 已安排在{}", booking.what);
                    self.say(who, Clause::S3_1_1, what, "同一天只能参加一个批次，请改派他人");
                } else if booking.city != occasion.city
                    && (booking.on.tomorrow().ok() == Some(day) || day.tomorrow().ok() == Some(booking.on))
                {
                    let what = format!("于 {} 已安排在{there}，与 {day} 的考试前后两天往返两地", booking.on);
                    self.push(who, Clause::S3_1_1, what, "请确认行程赶得上".into(), true);
                }
            }
        }
    }

    /// Whether the card lets its bearer do this.
    fn card(&mut self, occasion: &Occasion, one: &Examiner) {
        let who = one.name.as_str();
        let Some(card) = &one.card else {
            if one.names_card || one.duty != Duty::Invigilator {
                let what = match one.names_card {
                    true => "的证卡编号不在全省名册中".to_owned(),
                    false => format!("没有写明证卡编号，不能担任{}", one.duty.name()),
                };
                self.say(who, Clause::S3_1_1, what, "请填写名册中的证卡编号；没有登记的，请先由省中心登记");
            }
            return;
        };
        let Some(last) = occasion.last_exam_on() else { return };
        if !one.written.is_empty() && one.written != one.name {
            let what = format!("的证卡写在“{}”名下", one.written);
            self.say(who, Clause::S3_1_1, what, "请核对证卡编号与姓名");
        }
        if card.suspended {
            self.say(who, Clause::S3_1_1, "的证卡已暂停", "请改派他人；有异议的，请联系省中心");
        }
        if card.valid_until < last {
            let what = format!("的证卡于 {} 到期，到不了最后一个考试日 {last}", card.valid_until);
            self.say(who, Clause::S3_1_1, what, "请先由省中心登记证卡延续，或改派他人");
        }
        let wanted = match one.duty {
            Duty::GroupHead | Duty::Assessor if !card.kind.assesses() => "考评员或高级考评员",
            Duty::Inspector if card.kind != CardKind::Inspector => "内部质量督导员",
            Duty::ExternalInspector if card.kind != CardKind::ExternalInspector => "外部质量督导员",
            _ => "",
        };
        if !wanted.is_empty() {
            let what = format!("持有的是{}证卡，不能担任{}", card.kind.name(), one.duty.name());
            self.say(who, Clause::S1_2_2, what, format!("请改派持有{wanted}证卡的人员"));
            return;
        }
        if one.duty == Duty::Inspector && !one.employed_here {
            self.say(who, Clause::S1_2_2, "不是本机构人员，不能作内部质量督导", "请安排本机构的质量督导员");
        }
        if one.duty.assesses() {
            let (level, remedy) = (occasion.level.name(), "请改派职业相符、等级足够的考评人员");
            if !card.trades.contains(&occasion.code) {
                self.say(who, Clause::S1_2_2, format!("的证卡不含{}", occasion.trade), remedy);
            }
            if card.kind == CardKind::Assessor && occasion.level > Level::L3 {
                let what = format!("是考评员，{level}须由高级考评员考评");
                self.say(who, Clause::S1_2_2, what, "请改派高级考评员");
            } else if card.level_max.is_none_or(|most| most < occasion.level) {
                let most = card.level_max.map_or("没有等级", Level::name);
                self.say(who, Clause::S1_2_2, format!("的证卡最高考评{most}，不能考评{level}"), remedy);
            }
        }
    }

    /// Whether somebody can be in all the rooms and groups that they are assigned to, together with those of their rows before.
    fn places(&mut self, occasion: &Occasion, one: &Examiner, before: &[Examiner]) {
        let who = one.name.as_str();
        let of_part: Vec<&Group> = occasion.groups_of(one).collect();
        if of_part.len() < one.sessions.len() {
            let part = one.part.map_or("整个批次", Part::name);
            self.say(who, Clause::S1_5_1, format!("所在的考场或组不在{part}的编排中"), "请按现在的编排选择考场或组");
        }
        let is_same = |other: &&Examiner| match (&other.card, &one.card) {
            (Some(a), Some(b)) => a.person == b.person,
            (None, None) => other.name == one.name,
            _ => false,
        };
        let earlier: Vec<&Group> = before.iter().filter(is_same).flat_map(|other| occasion.groups_of(other)).collect();
        for (at, group) in of_part.iter().enumerate() {
            let others = earlier.iter().chain(&of_part[..at]).filter(|other| other.session != group.session);
            for other in others.filter(|other| other.overlaps(group)) {
                let what = format!("同一时间安排在{}和{}", other.name, group.name);
                self.say(who, Clause::S3_1_1, what, "同一时间只能在一个考场或组，请改派他人");
            }
        }
    }

    /// The rooms or groups of a part, each with its own people.
    fn by_groups(&mut self, occasion: &Occasion, part: Part, people: &[&Examiner]) {
        for one in people.iter().filter(|one| one.sessions.is_empty()) {
            let remedy = "请为每一名都选定考场或组，或者全部按整个科目安排";
            self.say(&one.name, Clause::S1_4_1, format!("没有分到{}的考场或组", part.name()), remedy);
        }
        for group in occasion.sessions.iter().filter(|group| group.part == part && group.seated > 0) {
            let own: Vec<&Examiner> =
                people.iter().copied().filter(|one| one.sessions.contains(&group.session)).collect();
            match part {
                Part::Theory => self.invigilation(occasion, &group.name, own.len() as i64, &[group.seated]),
                Part::Practical | Part::Comprehensive => {
                    self.group(occasion, part, (&group.name, &[group.seated]), &own);
                }
            }
        }
    }

    fn invigilation(&mut self, occasion: &Occasion, who: &str, have: i64, groups: &[usize]) {
        let wanted = occasion.ratios.staff_over(Part::Theory, groups) as i64;
        if have < wanted {
            let (candidates, rooms) = (groups.iter().sum::<usize>(), groups.len());
            let what = format!("安排了{have}名监考员，{candidates}名考生、{rooms}个考场至少要{wanted}名");
            let remedy = format!(
                "请按每{}名考生1名、每个考场不少于{}名补足",
                occasion.ratios.invigilator_per, occasion.ratios.invigilators_min
            );
            self.say(who, Clause::S1_4_1, what, remedy);
        }
    }

    /// The assessors of a part, over the groups that sit at the same time; or those of one of its groups.
    fn group(&mut self, occasion: &Occasion, part: Part, (who, groups): (&str, &[usize]), group: &[&Examiner]) {
        let (have, wanted) = (group.len() as i64, occasion.ratios.staff_over(part, groups) as i64);
        let remedy = || {
            let least = occasion.ratios.assessors_min;
            match part {
                Part::Practical => {
                    let per = occasion.ratios.assessor_per;
                    let otherwise = match occasion.arranged_at_once() {
                        Some(_) => "人员不足的，可以减少工位、重新编排，分场考核",
                        None => "分场考核的，请填写同场人数，或先编排考场",
                    };
                    format!("请每组按每{per}名考生1名、不少于{least}名的单数安排；{otherwise}")
                }
                _ => format!("请每组安排不少于{least}名的单数考评人员"),
            }
        };
        let at_a_time = if groups.len() > 1 { format!("同场{}组，", groups.len()) } else { String::new() };
        if have < wanted {
            self.say(who, Clause::S1_4_1, format!("安排了{have}名考评人员，{at_a_time}至少要{wanted}名"), remedy());
        } else if have % 2 != groups.len() as i64 % 2 {
            // Each group is odd, so that all of them together are odd where the groups are.
            let what = match groups.len() {
                1 => format!("安排了{have}名考评人员，不是单数"),
                count => format!("安排了{have}名考评人员，{at_a_time}分成{count}组不能每组都是单数"),
            };
            self.say(who, Clause::S1_4_1, what, remedy());
        }
        if group.is_empty() {
            return;
        }
        let heads: Vec<_> = group.iter().filter(|one| one.duty == Duty::GroupHead).collect();
        // Groups that sit at the same time may each have a head of their own.
        if heads.is_empty() || heads.len() > groups.len() {
            let what = format!("有{}名考评组长", heads.len());
            self.say(who, Clause::S1_2_2, what, "请在考评人员中指定一名组长；同场分组的，每组至多一名");
        }
        for head in heads.iter().filter(|head| head.teaches) {
            let remedy = "组长应当回避自己任教的班级，请改由他人担任";
            self.say(&head.name, Clause::S3_1_1, "任教本批考生的班级，不能担任考评组长", remedy);
        }
        if !group.iter().any(|one| one.duty == Duty::Assessor && !one.teaches) {
            let what = "除组长外，没有不任教本批班级的考评员";
            self.say(who, Clause::S3_1_1, what, "请至少安排一名不任教本批班级的考评员");
        }
        if !group.iter().any(|one| !one.employed_here && one.tie.is_none()) {
            let what = "的考评人员全部是本机构人员或与本机构有回避情形";
            self.say(who, Clause::S3_1_1, what, "请至少聘请一名其他单位的考评员");
        }
    }

    /// Nobody assesses at one body time after time, and half of those of a part change.
    fn rotation(&mut self, occasion: &Occasion, who: &str, people: &[&Examiner]) {
        let group: Vec<&Examiner> = people.iter().copied().filter(|one| one.duty.assesses()).collect();
        let persons: Vec<i64> = group.iter().filter_map(|one| one.card.as_ref()).map(|card| card.person).collect();
        let in_a_row = occasion.in_a_row;
        if occasion.before.len() >= in_a_row {
            for one in &group {
                let is_in = |earlier: &Vec<i64>| one.card.as_ref().is_some_and(|card| earlier.contains(&card.person));
                if occasion.before.iter().take(in_a_row).all(is_in) {
                    let what = format!("已连续参加本机构{in_a_row}个批次的考评");
                    self.say(&one.name, Clause::S3_1_1, what, "请至少间隔一个批次再安排");
                }
            }
        }
        if let Some(earlier) = &occasion.before_of_trade
            && !persons.is_empty()
        {
            let stayed = persons.iter().filter(|person| earlier.contains(person)).count();
            if stayed * 2 > persons.len() {
                let what = format!("的{}名考评人员中有{stayed}名参加过上一批同职业的考评，超过一半", persons.len());
                self.say(who, Clause::S3_1_1, what, "同一职业前后两批，考评人员至少更换一半");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn occasion() -> Occasion {
        Occasion {
            code: "6-18-01-01".into(),
            trade: "车工".into(),
            level: Level::L3,
            exams: vec![(Part::Theory, day("2026-09-14")), (Part::Practical, day("2026-09-15"))],
            candidates: 15,
            at_once: 15,
            arranged: BTreeMap::new(),
            sessions: Vec::new(),
            city: "福州市".into(),
            ratios: crate::standard::Rules::usual(None).ratios(),
            in_a_row: crate::terms::BATCHES_IN_A_ROW,
            before: Vec::new(),
            before_of_trade: None,
        }
    }

    fn examiner(person: i64, duty: Duty) -> Examiner {
        let kind = match duty {
            Duty::Inspector => CardKind::Inspector,
            Duty::ExternalInspector => CardKind::ExternalInspector,
            _ => CardKind::Assessor,
        };
        let (part, card) = match duty {
            Duty::GroupHead | Duty::Assessor => (Some(Part::Practical), true),
            Duty::Invigilator => (Some(Part::Theory), false),
            _ => (None, true),
        };
        Examiner {
            name: format!("示例{person}"),
            written: String::new(),
            names_card: card,
            duty,
            part,
            card: card.then(|| HeldCard {
                kind,
                person,
                trades: vec!["6-18-01-01".into()],
                level_max: Some(Level::L3),
                valid_until: day("2026-09-15"),
                suspended: false,
            }),
            employed_here: person > 1,
            teaches: false,
            sessions: Vec::new(),
            tie: None,
            kin: Vec::new(),
            bookings: Vec::new(),
        }
    }

    /// Two invigilators, a head from elsewhere, two assessors and an inspector of the body's own.
    fn full() -> Vec<Examiner> {
        let duties = [
            (1, Duty::GroupHead),
            (2, Duty::Assessor),
            (3, Duty::Assessor),
            (4, Duty::Invigilator),
            (5, Duty::Invigilator),
            (6, Duty::Inspector),
        ];
        duties.into_iter().map(|(person, duty)| examiner(person, duty)).collect()
    }

    fn said(change: impl Fn(&mut Occasion, &mut Vec<Examiner>)) -> Vec<String> {
        let (mut occasion, mut people) = (occasion(), full());
        change(&mut occasion, &mut people);
        findings(&occasion, &people).into_iter().map(|one| format!("{}{}", one.who, one.what)).collect()
    }

    fn one(change: impl Fn(&mut Occasion, &mut Vec<Examiner>)) -> String {
        let said = said(change);
        assert!(said.len() < 2, "{said:?}");
        said.into_iter().next().unwrap_or_default()
    }

    fn card(people: &mut [Examiner], at: usize) -> &mut HeldCard {
        people[at].card.as_mut().expect("a card")
    }

    #[test]
    fn s1_2_2_the_card_is_of_the_occupation_high_enough_and_valid_to_the_end() {
        assert_eq!(one(|_, _| ()), "");
        assert!(one(|_, p| card(p, 1).valid_until = day("2026-09-14")).contains("证卡于 2026-09-14 到期"));
        assert!(one(|_, p| card(p, 1).suspended = true).contains("已暂停"));
        assert!(one(|_, p| card(p, 1).trades = vec!["6-20-01-01".into()]).contains("不含车工"));
        assert!(one(|_, p| card(p, 1).level_max = Some(Level::L4)).contains("最高考评四级/中级工"));
        assert!(one(|_, p| card(p, 1).kind = CardKind::Expert).contains("专家证卡"));
        assert!(one(|_, p| card(p, 5).kind = CardKind::ExternalInspector).contains("不能担任内部质量督导员"));
        assert!(one(|_, p| p[5].employed_here = false).contains("不是本机构人员"));
        assert!(said(|_, p| p[3].part = None)[0].contains("没有监考员这一职责"));
        assert!(one(|_, p| p[1].written = "示例乙".into()).contains("写在“示例乙”名下"));
        assert!(said(|_, p| p.push(examiner(7, Duty::ExternalInspector)))[0].contains("不由机构安排"));
        assert!(one(|_, p| drop(p.pop())).contains("没有安排内部质量督导员"));
        assert!(one(|_, p| p[1].card = None).contains("不在全省名册中"));
        assert!(one(|_, p| (p[1].card, p[1].names_card) = (None, false)).contains("没有写明证卡编号"));
        assert!(one(|_, p| p[3].names_card = true).contains("不在全省名册中"));
    }

    #[test]
    fn s1_2_2_levels_two_and_one_are_assessed_by_senior_assessors() {
        let review = |p: &mut Vec<Examiner>, kind: CardKind| {
            for n in 0..3 {
                let held = card(p, n);
                (held.kind, held.level_max) = (kind, Some(Level::L2));
            }
            for n in 0..3 {
                p.push(Examiner { part: Some(Part::Comprehensive), ..p[n].clone() });
            }
        };
        let at_two = |o: &mut Occasion| {
            o.level = Level::L2;
            o.exams.push((Part::Comprehensive, day("2026-09-15")));
        };
        assert_eq!(
            said(|o, p| {
                at_two(o);
                review(p, CardKind::SeniorAssessor);
            }),
            Vec::<String>::new()
        );
        let said = said(|o, p| {
            at_two(o);
            review(p, CardKind::Assessor);
        });
        assert_eq!(said.iter().filter(|one| one.contains("须由高级考评员考评")).count(), 6, "{said:?}");
    }

    #[test]
    fn s1_4_1_there_are_enough_and_an_odd_number_of_assessors() {
        let ratios = crate::standard::Rules::usual(None).ratios();
        let assessors = [(1, 3), (15, 3), (16, 5), (20, 5), (25, 5), (26, 7), (400, 81)];
        assert!(assessors.iter().all(|(at_once, wanted)| ratios.assessors(*at_once) as i64 == *wanted));
        let over = |part, candidates| ratios.staff_over(part, &ratios.groups(part, candidates));
        let invigilators = [(1, 2), (30, 2), (31, 4), (60, 4), (61, 6), (400, 28)];
        assert!(invigilators.iter().all(|(candidates, wanted)| over(Part::Theory, *candidates) == *wanted));
        // Sixteen at a time are two groups of eight, and each has three of its own.
        assert_eq!(ratios.groups(Part::Practical, 16), [8, 8]);
        let groups = [(15, 3), (16, 6), (31, 9), (45, 9), (46, 12)];
        assert!(groups.iter().all(|(at_once, wanted)| over(Part::Practical, *at_once) == *wanted));
        assert_eq!(over(Part::Comprehensive, 400), 3);
        assert!(one(|o, _| o.at_once = 16).contains("同场2组，至少要6名"));
        assert!(one(|o, _| (o.candidates, o.at_once) = (31, 15)).contains("至少要4名"));
        // As it is arranged counts before what the body said: two groups of seven at the same time.
        let arranged = |o: &mut Occasion| drop(o.arranged.insert(Part::Practical, vec![7, 7]));
        assert!(one(|o, _| arranged(o)).contains("同场2组，至少要6名"));
        let six = |p: &mut Vec<Examiner>, more: i64| p.extend((10..10 + more).map(|n| examiner(n, Duty::Assessor)));
        assert_eq!(one(|o, p| (arranged(o), six(p, 3)).0), "");
        assert!(one(|o, p| (arranged(o), six(p, 4)).0).contains("分成2组不能每组都是单数"));
        assert!(
            one(|o, p| {
                arranged(o);
                six(p, 3);
                p[1].duty = Duty::GroupHead;
            })
            .is_empty()
        );
        assert!(one(|_, p| p.push(examiner(9, Duty::Assessor))).contains("不是单数"));
        assert!(one(|_, p| p[0].duty = Duty::Assessor).contains("有0名考评组长"));
        assert!(one(|_, p| p[1].duty = Duty::GroupHead).contains("有2名考评组长"));
        let needs = [(Some(Part::Theory), Duty::Invigilator, 2), (Some(Part::Practical), Duty::Assessor, 3)];
        assert_eq!(wanted(&occasion())[..2], needs);
        assert_eq!((at_once(None, 15, None), at_once(Some(15), 15, None)), (Ok(None), Ok(Some(15))));
        assert!(at_once(Some(16), 15, None).is_err() && at_once(Some(0), 15, None).is_err());
        // As it is arranged, or nothing.
        assert_eq!((at_once(None, 15, Some(8)), at_once(Some(8), 15, Some(8))), (Ok(None), Ok(Some(8))));
        assert!(at_once(Some(15), 15, Some(8)).expect_err("refused").what.contains("是 8 人，不是 15 人"));
        let said = said(|_, p| p.clear());
        assert_eq!(said.len(), 3, "{said:?}");
    }

    /// Two groups of practice at the same time with people of their own, and a third later.
    fn grouped(change: impl Fn(&mut Occasion, &mut Vec<Examiner>)) -> Vec<String> {
        said(|o, p| {
            let group = |session, hour| Group {
                session,
                part: Part::Practical,
                name: format!("第{session}组"),
                on: day("2026-09-15"),
                from: DayTime::at(hour, 0),
                to: DayTime::at(hour + 2, 0),
                seated: 5,
            };
            o.sessions = vec![group(1, 8), group(2, 8), group(3, 13)];
            o.arranged.insert(Part::Practical, vec![5, 5]);
            for n in 0..3 {
                p[n].sessions = vec![1, 3];
                let duty = if n == 0 { Duty::GroupHead } else { Duty::Assessor };
                let one = examiner(10 + n as i64, duty);
                p.push(Examiner { sessions: vec![2], employed_here: n > 0, ..one });
            }
            change(o, p);
        })
    }

    #[test]
    fn s1_4_1_each_group_has_its_head_and_enough_of_its_own() {
        assert_eq!(grouped(|_, _| ()), Vec::<String>::new());
        // Enough in all, but not in the group.
        let moved = grouped(|_, p| p[2].sessions = vec![2]);
        assert_eq!(moved.len(), 3, "{moved:?}");
        assert!(moved[0].contains("第1组安排了2名考评人员，至少要3名"), "{moved:?}");
        assert!(moved[1].contains("第2组安排了4名考评人员，不是单数") && moved[2].contains("第3组"), "{moved:?}");
        let headless = grouped(|_, p| p[6].duty = Duty::Assessor);
        assert_eq!(headless, ["第2组有0名考评组长"]);
        let whole = grouped(|_, p| p.push(examiner(20, Duty::Assessor)));
        assert_eq!(whole, ["示例20没有分到操作技能考核的考场或组"]);
        let twice = grouped(|_, p| p[1].sessions = vec![1, 2, 3]);
        assert!(twice[0].contains("示例2同一时间安排在第1组和第2组"), "{twice:?}");
        let gone = grouped(|_, p| p[1].sessions = vec![1, 3, 9]);
        assert_eq!(gone, ["示例2所在的考场或组不在操作技能考核的编排中"]);
        // Who sees to the whole batch is in no group.
        assert!(grouped(|_, p| p[5].sessions = vec![1])[0].contains("不在整个批次的编排中"));
    }

    #[test]
    fn s3_1_1_avoidance_is_asked_of_each_group() {
        // All from elsewhere sit in the first group.
        let own = grouped(|_, p| p[6..].iter_mut().for_each(|one| one.employed_here = true));
        assert_eq!(own, ["第2组的考评人员全部是本机构人员或与本机构有回避情形"]);
        let head = grouped(|_, p| p[6].teaches = true);
        assert_eq!(head, ["示例10任教本批考生的班级，不能担任考评组长"]);
        let classes = grouped(|_, p| (p[7].teaches, p[8].teaches) = (true, true));
        assert!(classes.len() == 1 && classes[0].starts_with("第2组除组长外"), "{classes:?}");
        // A group on another day is expected there on that day.
        let booking =
            Booking {
                on: day("2026-09-16"), city: "福州市".into(), what: "示例二技工学校2026年第1批".into()
            };
        let later = grouped(|o, p| {
            o.sessions[1].on = day("2026-09-16");
            p[7].bookings.push(booking.clone());
            p[1].bookings.push(booking.clone());
        });
        assert!(later.len() == 1 && later[0].starts_with("示例11于 2026-09-16"), "{later:?}");
    }

    #[test]
    fn s3_1_1_teachers_relatives_and_colleagues_stand_back() {
        assert!(one(|_, p| p[0].teaches = true).contains("不能担任考评组长"));
        assert_eq!(one(|_, p| p[1].teaches = true), "");
        assert!(one(|_, p| (p[1].teaches, p[2].teaches) = (true, true)).contains("没有不任教本批班级"));
        assert!(one(|_, p| p[0].employed_here = true).contains("全部是本机构人员"));
        assert!(one(|_, p| p[0].tie = Some("配偶在该校任教".into())).contains("全部是本机构人员"));
        assert!(one(|_, p| p[2].kin = vec!["父子，示例**".into()]).contains("回避情形（父子，示例**）"));
        let sent = |change: fn(&mut Examiner)| {
            let mut inspector = Examiner { employed_here: false, ..examiner(7, Duty::ExternalInspector) };
            change(&mut inspector);
            supervision(&occasion(), &[inspector]).into_iter().map(|one| one.what).collect::<Vec<_>>()
        };
        assert!(sent(|_| ()).is_empty());
        assert!(sent(|i| i.employed_here = true)[0].contains("应当回避"));
        assert!(sent(|i| i.tie = Some("曾任该校校长".into()))[0].contains("曾任该校校长"));
        assert!(
            sent(|i| i.card.as_mut().expect("a card").kind = CardKind::Inspector)[0].contains("内部质量督导员证卡")
        );
    }

    #[test]
    fn s3_1_1_a_group_changes_by_half_and_nobody_comes_four_times_in_a_row() {
        assert_eq!(one(|o, _| o.before_of_trade = Some(vec![3])), "");
        assert!(one(|o, _| o.before_of_trade = Some(vec![2, 3])).contains("有2名参加过上一批"));
        assert_eq!(one(|o, _| o.before = vec![vec![2], vec![2]]), "");
        assert_eq!(one(|o, _| o.before = vec![vec![2], vec![3], vec![2]]), "");
        assert!(one(|o, _| (o.in_a_row, o.before) = (2, vec![vec![2], vec![2]])).contains("已连续参加本机构2个批次"));
        assert!(one(|o, _| o.before = vec![vec![2], vec![2], vec![2, 3]]).contains("已连续参加本机构3个批次"));
    }

    #[test]
    fn s3_1_1_nobody_is_in_two_places_on_a_day_and_the_next_day_elsewhere_is_asked() {
        let booked = |on: &str, city: &str| {
            let (occasion, mut people) = (occasion(), full());
            let booking =
                Booking { on: day(on), city: city.into(), what: "示例二技工学校2026年第1批".into() };
            people[1].bookings.push(booking.clone());
            // Who sees to the whole batch is there on each of its days.
            people[5].bookings.push(booking);
            let found = findings(&occasion, &people);
            found.into_iter().map(|one| (one.who, one.hint)).collect::<Vec<_>>()
        };
        let (assessor, inspector) = (|hint| ("示例2".to_owned(), hint), |hint| ("示例6".to_owned(), hint));
        assert_eq!(booked("2026-09-15", "福州市"), [assessor(false), inspector(false)]);
        assert_eq!(booked("2026-09-14", "福州市"), [inspector(false)]);
        assert_eq!(booked("2026-09-15", "厦门市"), [assessor(false), inspector(true), inspector(false)]);
        assert_eq!(booked("2026-09-16", "厦门市"), [assessor(true), inspector(true)]);
        assert_eq!(booked("2026-09-16", "福州市"), []);
        assert_eq!(booked("2026-09-18", "厦门市"), []);
    }

    #[test]
    fn s3_1_1_all_is_told_at_once_and_hints_refuse_nothing() {
        let (occasion, mut people) = (occasion(), full());
        card(&mut people, 1).suspended = true;
        people[2].kin = vec!["父子".into()];
        people.push(people[0].clone());
        let refusal = settle(&findings(&occasion, &people), "people").expect_err("refused");
        assert_eq!((refusal.field, refusal.ground.clause()), (Some("people"), Some(Clause::S3_1_1)));
        for said in ["示例2的证卡已暂停", "示例3与本批考生有回避情形", "示例1在操作技能考核中列了两次", "不是单数"]
        {
            assert!(refusal.what.contains(said), "{said}: {}", refusal.what);
        }
        let hint = AssignmentFinding {
            who: "示例".into(),
            what: "前后两天往返两地".into(),
            remedy: String::new(),
            clause: Clause::S3_1_1,
            hint: true,
        };
        assert_eq!(settle(&[hint], "people"), Ok(()));
    }

    #[test]
    fn s3_3_1_who_was_there_is_not_replaced_afterwards_and_a_replacement_says_why() {
        let (last, after) = (day("2026-09-15"), day("2026-09-16"));
        assert!(open_to_assign(BatchStage::Notified, last, last).is_ok());
        assert!(open_to_assign(BatchStage::Notified, last, after).is_err());
        assert!(open_to_assign(BatchStage::Posted, last, last).is_err());
        assert!(open_to_assign(BatchStage::Cancelled, last, last).expect_err("cancelled").what.contains("取消"));
        assert!(open_part(Some(Part::Theory), Some(day("2026-09-14")), last).is_err());
        assert!(open_part(Some(Part::Practical), Some(last), last).is_ok() && open_part(None, None, last).is_ok());
        assert!(replaced_for(1, " ").is_err());
        assert_eq!((replaced_for(1, " 生病 "), replaced_for(0, "")), (Ok("生病".into()), Ok(String::new())));
    }
}
