//! 二（二）3, first half: results stand on public notice inside the body for five working days, frozen and masked.
//! An objection holds the one person it names; the page goes by itself when the time is up.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::batch::BatchStage;
use crate::calendar::Calendar;
use crate::identity::{mask_name, mask_number};
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::terms::{
    DIGEST_READ, EVIDENCE_BYTES_MAX, EVIDENCE_MAX, OBJECTIONS_OPEN_MAX, POSTING_PROVEN_FROM, PROOF_PHOTOS_MAX,
    PUBLICITY_DAYS,
};

/// The time of one publicity: five whole working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Window {
    /// The day the list went up; it does not count.
    #[schema(value_type = String, format = Date)]
    pub posted_on: Day,
    /// The first working day after posting.
    #[schema(value_type = String, format = Date)]
    pub first_on: Day,
    /// The fifth working day; the window ends at its 24:00, China time.
    #[schema(value_type = String, format = Date)]
    pub ends_on: Day,
}

/// The window of results posted on this day. Refused outside the years that the calendar knows.
pub fn window(posted_on: Day, calendar: &Calendar) -> Result<Window, Refusal> {
    Ok(Window { posted_on, first_on: calendar.add(posted_on, 1)?, ends_on: calendar.add(posted_on, PUBLICITY_DAYS)? })
}

/// Whether results may go on public notice: not before the last examination day is reached, not without
/// candidates, nobody may be without a verdict, and every mark has been checked by a second person. `pending` and
/// `unchecked` are the names of those of whom that is not so.
pub fn may_post(
    last_exam_on: Day,
    today: Day,
    candidates: usize,
    (pending, unchecked): (&[String], &[String]),
) -> Result<(), Refusal> {
    let refusal = if today < last_exam_on {
        Refusal::new(Clause::S2_2_3A, format!("考试到 {last_exam_on} 才结束，今天是 {today}"))
            .remedy(format!("最早可于 {last_exam_on} 考完并登齐成绩后公示"))
    } else if candidates == 0 {
        Refusal::new(Clause::S2_2_3A, "本批次没有考生，无结果可公示")
            .remedy("请先导入报名名册并登记成绩；批次不再开展的，请取消批次")
    } else if !pending.is_empty() {
        Refusal::new(Clause::S2_2_3A, format!("{} 名考生成绩未齐：{}", pending.len(), some(pending)))
            .remedy("请补齐各科成绩；未参加考试的登记缺考或缓考，违反考场纪律的登记违纪")
    } else if !unchecked.is_empty() {
        Refusal::new(
            Clause::S2_2_3A,
            format!("{} 名考生的成绩还没有经第二人核对：{}", unchecked.len(), some(unchecked)),
        )
        .remedy("请由没有登记这些成绩的另一个账号核对确认，或另行登记一遍比对")
    } else {
        return Ok(());
    };
    Err(refusal)
}

/// The first five names, and how many there are.
fn some(names: &[String]) -> String {
    let shown = names[..names.len().min(5)].join("、");
    if names.len() > 5 { format!("{shown}等 {} 人", names.len()) } else { shown }
}

/// Whether the list is public on this day: from posting to the end of the fifth working day.
pub fn open_on(window: &Window, today: Day) -> bool {
    window.posted_on <= today && today <= window.ends_on
}

/// Whether the list may be taken down: only after the fifth working day is over.
pub fn may_close(window: &Window, today: Day) -> Result<(), Refusal> {
    if today > window.ends_on {
        return Ok(());
    }
    let Window { first_on, ends_on, .. } = window;
    Err(Refusal::new(Clause::S2_2_3A, format!("公示期 {PUBLICITY_DAYS} 个工作日未满：{first_on} 至 {ends_on}"))
        .remedy(format!("公示至 {ends_on} 24:00 止，次日由系统自动撤下，此前不得提前结束")))
}

/// Whether an objection may be lodged: only while the list is public.
pub fn may_object(window: &Window, today: Day) -> Result<(), Refusal> {
    if open_on(window, today) {
        return Ok(());
    }
    let Window { posted_on, ends_on, .. } = window;
    Err(Refusal::new(Clause::S2_2_3A, format!("公示期为 {posted_on} 至 {ends_on}，今天是 {today}，不在公示期内"))
        .remedy("公示期外发现问题的，请向该机构的主管职业技能鉴定指导中心反映"))
}

/// Whether another objection to the same person may be lodged while so many are open: a flood is refused, each of
/// them already holds the person.
pub fn may_add(open: i64) -> Result<(), Refusal> {
    if open < OBJECTIONS_OPEN_MAX {
        return Ok(());
    }
    Err(Refusal::house("公示异议", format!("对该考生待处理的异议已有 {open} 件"))
        .remedy("该考生已暂缓上报，请等待机构处理后再提出，或向主管职业技能鉴定指导中心反映"))
}

/// The reason and the contact of an objection, without the space around them; both must be given and readable.
pub fn objection(reason: &str, contact: &str) -> Result<(String, String), Refusal> {
    let (reason, contact) = (reason.trim(), contact.trim());
    let ask = |what: &str, remedy: &str, field| Err(Refusal::new(Clause::S2_2_3A, what).remedy(remedy).at(field));
    match (reason.chars().count(), contact.chars().count()) {
        (0..5, _) => ask("没有写明异议的事由", "请写明哪里不对、依据是什么，至少 5 个字", "reason"),
        (2001.., _) => ask("异议事由超过 2000 字", "请概括要点，证据可在机构核查时提供", "reason"),
        (_, 0..5) => ask("没有留下联系方式", "请填写电话或电子邮箱，只供核查人员联系，不公开", "contact"),
        (_, 101..) => ask("联系方式超过 100 字", "请只填写一个电话或电子邮箱", "contact"),
        _ => Ok((reason.to_owned(), contact.to_owned())),
    }
}

/// What somebody says of the list that hangs inside the body.
#[derive(Debug, Clone, Copy)]
pub struct Hung<'a> {
    /// The campus or its address, and where in it.
    pub address: &'a str,
    pub place: &'a str,
    pub hung_on: Day,
    pub hung_by: &'a str,
    /// The first signs of the digest, as the sheet has them at its foot.
    pub digest: &'a str,
    pub photos: usize,
}

/// Whether this proves that the list hung inside the body for the five whole working days (二（二）3): it was that list,
/// it hung before the first of them began, and somebody answers for it with a photo.
pub fn proves(hung: &Hung<'_>, window: &Window, digest: &str, today: Day) -> Result<(), Refusal> {
    let refuse =
        |what: String, remedy: String, field| Err(Refusal::new(Clause::S2_2_3A, what).remedy(remedy).at(field));
    for (text, name, field) in [
        (hung.address, "校区或地址", "address"),
        (hung.place, "张贴位置", "place"),
        (hung.hung_by, "张贴人", "hung_by"),
    ] {
        if !(1..=100).contains(&text.trim().chars().count()) {
            return refuse(
                format!("没有写明{name}，或超过 100 字"),
                format!("请写明{name}，查看的人据此可以找到"),
                field,
            );
        }
    }
    let Window { posted_on, first_on, .. } = window;
    if hung.hung_on < *posted_on || hung.hung_on > today {
        return refuse(
            format!("张贴日期 {} 不在公示之日 {posted_on} 至今天 {today} 之间", hung.hung_on),
            "请填写把本次公示的名单贴出的那一天；公示以前贴出的不是这份名单".to_owned(),
            "hung_on",
        );
    }
    if hung.hung_on >= *first_on {
        return refuse(
            format!("{} 才在校内张贴，公示期从 {first_on} 起算，校内公示不满 {PUBLICITY_DAYS} 个工作日", hung.hung_on),
            "请由机构负责人重新公示，当天张贴，公示期重新计算".to_owned(),
            "hung_on",
        );
    }
    let read: String = hung.digest.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    if read.len() < DIGEST_READ || !digest.starts_with(&read) {
        return refuse(
            format!("名单摘要“{}”与本次公示的名单不一致", hung.digest.trim()),
            format!("请填写张贴的名单末尾“名单摘要”的前 {DIGEST_READ} 位；不一致的，贴出的是另一份名单，请换贴后登记"),
            "digest",
        );
    }
    if !(1..=PROOF_PHOTOS_MAX).contains(&hung.photos) {
        return refuse(
            format!("张贴照片有 {} 张", hung.photos),
            format!("请上传 1 至 {PROOF_PHOTOS_MAX} 张照片，看得出张贴的位置和名单"),
            "photos",
        );
    }
    Ok(())
}

/// Whether a batch at this stage takes proof of its posting: from posting until its certificates are issued.
pub fn open_to_prove(stage: BatchStage) -> Result<(), Refusal> {
    use BatchStage as S;
    let remedy = match stage {
        S::Posted | S::Publicised | S::Reported | S::Reviewed => return Ok(()),
        S::Notified | S::Postponed => "请先公示认定结果，再张贴并登记",
        S::Issued => "办结后补充的材料，请登记到批次档案",
        S::Cancelled => "批次已取消，没有公示",
    };
    Err(Refusal::new(Clause::S2_2_3A, format!("批次现为“{}”，不登记张贴", stage.name())).remedy(remedy))
}

/// Whether results posted on this day need a proof of their posting inside the body before they are reported.
pub fn needs_proof(window: &Window) -> bool {
    window.posted_on >= POSTING_PROVEN_FROM
}

/// Whether a report may rest on this publicity: the list hung inside the body. Results posted before the proof was asked
/// for are reported without.
pub fn proven(window: &Window, proofs: usize) -> Result<(), Refusal> {
    if proofs > 0 || !needs_proof(window) {
        return Ok(());
    }
    Err(Refusal::new(Clause::S2_2_3A, "还没有登记校内张贴，看不出结果在院校内公示过")
        .remedy("请在公示页登记张贴的位置、日期、张贴人和照片；没有在校内张贴的，请重新公示"))
}

/// Whether publicity may start anew at all: nothing was reported.
pub fn open_to_restart(reports: usize) -> Result<(), Refusal> {
    if reports == 0 {
        return Ok(());
    }
    Err(Refusal::new(Clause::S2_2_3A, "结果已上报，不再重新公示")
        .remedy("公示有问题的，请主管中心在逐人审核中退回有关人员，说明理由"))
}

/// Whether publicity starts anew: nothing was reported, it was broken on one of its days, and it is said why. The reason is
/// public.
pub fn may_restart(
    window: &Window,
    reports: usize,
    (broken_on, reason): (Day, &str),
    today: Day,
) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S2_2_3A, what).remedy(remedy));
    open_to_restart(reports)?;
    let Window { posted_on, ends_on, .. } = window;
    if broken_on < *posted_on || broken_on > today.min(*ends_on) {
        return refuse(
            format!("中断日期 {broken_on} 不在公示期 {posted_on} 至 {} 之内", today.min(*ends_on)),
            "请填写从哪一天起没有公示；一开始就没有的，填公示之日",
        )
        .map_err(|refusal| refusal.at("broken_on"));
    }
    if !(5..=500).contains(&reason.trim().chars().count()) {
        return refuse(
            "没有写明重新公示的原因，或超过 500 字".to_owned(),
            "请写明公示怎样中断或缩短；原因在原公示网页公开，不要写个人信息",
        )
        .map_err(|refusal| refusal.at("reason"));
    }
    Ok(())
}

/// How many whole working days results stood before publicity was broken on a day.
pub fn stood(window: &Window, broken_on: Day, calendar: &Calendar) -> Result<i32, Refusal> {
    let last = broken_on.yesterday().unwrap_or(broken_on).min(window.ends_on);
    if last <= window.posted_on { Ok(0) } else { calendar.between(window.posted_on, last) }
}

/// Whether so many files, the largest of this size in bytes, may come with an objection.
pub fn may_enclose(files: usize, largest: usize) -> Result<(), Refusal> {
    let megabytes = EVIDENCE_BYTES_MAX >> 20;
    let refusal = if files > EVIDENCE_MAX {
        Refusal::house("公示异议", format!("证据有 {files} 个文件"))
            .remedy(format!("最多 {EVIDENCE_MAX} 个；几张照片可以合成一个 PDF"))
    } else if largest > EVIDENCE_BYTES_MAX {
        Refusal::house("公示异议", format!("证据文件超过 {megabytes} MB"))
            .remedy(format!("每个文件不超过 {megabytes} MB，请压缩后再传；大的材料可以在院校核查时当面提供"))
    } else {
        return Ok(());
    };
    Err(refusal.at("files"))
}

/// What a body notes of a hearing on an objection: only while it is open, on a day that has come, with who was there.
pub fn may_hear(
    state: ObjectionState,
    lodged_on: Day,
    (held_on, present): (Day, &str),
    today: Day,
) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(Clause::S2_2_3B, what).remedy(remedy).at(field));
    if state != ObjectionState::Open {
        return Err(Refusal::new(Clause::S2_2_3B, format!("该异议已有处理结论：{}", state.name()))
            .remedy("听取陈述应在作出结论以前"));
    }
    if held_on < lodged_on || held_on > today {
        return refuse(
            format!("听取陈述的日期 {held_on} 不在提出异议之日 {lodged_on} 至今天 {today} 之间"),
            "请在听取陈述以后登记实际的日期",
            "held_on",
        );
    }
    if !(2..=200).contains(&present.trim().chars().count()) {
        return refuse("没有写明谁参加，或超过 200 字".to_owned(), "请写明主持人、记录人和到场陈述的人", "present");
    }
    Ok(())
}

/// What an objection that is right leads to, for the one person it names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionEffect {
    /// A mark is wrong: it is changed by two persons, and the corrected result has its own five working days.
    Change,
    /// The result does not stand; the person is not reported in this batch.
    #[default]
    Void,
    /// The person should not have been examined; is not reported in this batch.
    Exclude,
}

impl ObjectionEffect {
    /// Every effect.
    pub const ALL: &'static [ObjectionEffect] = &[Self::Change, Self::Void, Self::Exclude];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Void => "void",
            Self::Exclude => "exclude",
        }
    }

    /// The effect with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|effect| effect.code() == code)
    }

    /// What people read, also the objector.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Change => "更正成绩",
            Self::Void => "成绩不作数",
            Self::Exclude => "取消认定资格",
        }
    }

    /// What follows from it.
    pub const fn follows(self) -> &'static str {
        match self {
            Self::Change => "由两人凭依据更改成绩，更正的结果另行公示五个工作日后上报",
            Self::Void => "该考生的结果不作数，本批次不上报、不发证",
            Self::Exclude => "该考生不符合申报条件或不得参加认定，本批次不上报、不发证",
        }
    }
}

/// A decision as anyone may read it: of numbers that may be somebody's, and of the names of persons of the list, only what
/// the list shows as well.
pub fn in_public<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> String {
    let mut told = String::with_capacity(text.len());
    let mut number = String::new();
    for sign in text.chars().chain(['\n']) {
        if sign.is_ascii_digit() || (!number.is_empty() && matches!(sign, 'x' | 'X')) {
            number.push(sign);
            continue;
        }
        // Days and marks are shorter, telephones and identity numbers are not.
        told += &if number.len() >= 7 { mask_number(&number) } else { std::mem::take(&mut number) };
        number.clear();
        told.push(sign);
    }
    told.pop();
    for name in names.filter(|name| name.chars().count() > 1) {
        if told.contains(name) {
            told = told.replace(name, &mask_name(name));
        }
    }
    told
}

/// Where an objection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionState {
    /// Lodged, not decided.
    Open,
    /// It is right: the result that was posted does not stand.
    Upheld,
    /// It is not: the result stands.
    Dismissed,
}

impl ObjectionState {
    /// Every state.
    pub const ALL: &'static [ObjectionState] = &[Self::Open, Self::Upheld, Self::Dismissed];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
        }
    }

    /// The state with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "待处理",
            Self::Upheld => "异议成立",
            Self::Dismissed => "异议不成立",
        }
    }

    /// Whether it holds the person it names. Only who is free of objection is reported (二（二）3), so an open
    /// objection holds and an upheld one holds for good; nobody else in the batch waits.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Open | Self::Upheld)
    }

    /// The state after a decision, with the reasons that the objector will read. Refused when the objection is
    /// already decided or no reason is given.
    pub fn decide(self, upheld: bool, reason: &str) -> Result<Self, Refusal> {
        if self != Self::Open {
            return Err(Refusal::new(Clause::S2_2_3B, format!("该异议已有处理结论：{}", self.name()))
                .remedy("结论不再更改；有新情况的，请另行提出异议或向主管中心反映"));
        }
        if reason.trim().is_empty() {
            return Err(Refusal::new(Clause::S2_2_3B, "没有写明处理异议的理由")
                .remedy("请写明核查了什么、依据什么得出结论，异议人凭回执号可以看到")
                .at("reason"));
        }
        Ok(if upheld { Self::Upheld } else { Self::Dismissed })
    }
}

/// The receipt number of the day's n-th objection, counted from 1: `YY20261207-0001-K7MQ3FX9`. Who holds it reads the
/// decision, so its end is chance (40 bits), in signs that nobody mistakes for others.
pub fn receipt_number(on: Day, n: i64, chance: [u8; 8]) -> String {
    const SIGNS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let chance: String = chance.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect();
    format!("YY{:04}{:02}{:02}-{n:04}-{chance}", on.year(), on.month(), on.day())
}

/// A receipt number as it was given, from how people type it: blanks and small letters don't count.
pub fn read_receipt(text: &str) -> String {
    text.split_whitespace().collect::<String>().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::read(include_str!("../../../reference/cn-workdays.csv")).unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn s2_2_3a_a_proof_shows_that_this_list_hung_before_the_first_whole_day() {
        // Posted on Friday the 27th: the first whole working day is Monday.
        let window = window(day("2026-11-27"), &calendar()).unwrap();
        let digest = "0123456789abcdef";
        let good = Hung {
            address: "示例校区",
            place: "实训楼一层公告栏",
            hung_on: day("2026-11-27"),
            hung_by: "示例老师",
            digest: "01234567",
            photos: 1,
        };
        let today = day("2026-12-01");
        let check = |hung: Hung<'_>, field: Option<&str>| {
            let answer = proves(&hung, &window, digest, today);
            assert_eq!(answer.err().and_then(|r| r.field), field, "{hung:?}");
        };
        check(good, None);
        check(Hung { hung_on: day("2026-11-28"), digest: " 01234567 89ABCDEF ", ..good }, None);
        check(Hung { hung_on: day("2026-11-29"), ..good }, None);
        check(Hung { hung_on: day("2026-11-30"), ..good }, Some("hung_on"));
        check(Hung { hung_on: day("2026-11-26"), ..good }, Some("hung_on"));
        check(Hung { place: " ", ..good }, Some("place"));
        check(Hung { address: "", ..good }, Some("address"));
        check(Hung { hung_by: "", ..good }, Some("hung_by"));
        check(Hung { digest: "0123456", ..good }, Some("digest"));
        check(Hung { digest: "89abcdef", ..good }, Some("digest"));
        check(Hung { photos: 0, ..good }, Some("photos"));
        check(Hung { photos: PROOF_PHOTOS_MAX + 1, ..good }, Some("photos"));
        let late = proves(&Hung { hung_on: day("2026-11-30"), ..good }, &window, digest, today).unwrap_err();
        assert!(late.remedy.contains("重新公示"), "{late:?}");

        let posted = |on| Window { posted_on: day(on), ..window };
        for (on, proofs, reported) in
            [("2026-11-30", 0, true), ("2026-12-01", 0, false), ("2026-12-01", 1, true), ("2027-03-01", 0, false)]
        {
            assert_eq!(proven(&posted(on), proofs).is_ok(), reported, "{on} {proofs}");
        }
    }

    #[test]
    fn s2_2_3a_broken_publicity_starts_anew_before_a_report_and_says_when_and_why() {
        let window = window(day("2026-11-23"), &calendar()).unwrap();
        let check = |reports, broken: &str, reason: &str, today: &str, field: Option<Option<&str>>| {
            let answer = may_restart(&window, reports, (day(broken), reason), day(today));
            assert_eq!(answer.err().map(|r| r.field), field, "{broken} {today} {reason}");
        };
        let why = "公告栏施工，名单被揭下";
        check(0, "2026-11-23", why, "2026-11-23", None);
        check(0, "2026-11-25", why, "2026-11-26", None);
        check(0, "2026-11-30", why, "2026-12-10", None);
        check(0, "2026-12-01", why, "2026-12-10", Some(Some("broken_on")));
        check(0, "2026-11-27", why, "2026-11-26", Some(Some("broken_on")));
        check(0, "2026-11-22", why, "2026-11-26", Some(Some("broken_on")));
        check(0, "2026-11-25", "施工", "2026-11-26", Some(Some("reason")));
        check(1, "2026-11-25", why, "2026-12-02", Some(None));
        for (broken, days) in
            [("2026-11-23", 0), ("2026-11-24", 0), ("2026-11-25", 1), ("2026-11-29", 4), ("2026-11-30", 4)]
        {
            assert_eq!(stood(&window, day(broken), &calendar()), Ok(days), "{broken}");
        }
        // Posted on a Saturday, broken on the Sunday.
        let saturday = super::window(day("2026-11-28"), &calendar()).unwrap();
        assert_eq!(stood(&saturday, day("2026-11-29"), &calendar()), Ok(0));
    }

    #[test]
    fn s2_2_3b_evidence_is_few_and_small_and_a_hearing_comes_before_the_decision() {
        for (files, largest, taken) in [
            (0, 0, true),
            (EVIDENCE_MAX, EVIDENCE_BYTES_MAX, true),
            (EVIDENCE_MAX + 1, 1, false),
            (1, EVIDENCE_BYTES_MAX + 1, false),
        ] {
            assert_eq!(may_enclose(files, largest).is_ok(), taken, "{files} {largest}");
        }
        let hear = |state, held: &str, present: &str| {
            may_hear(state, day("2026-11-24"), (day(held), present), day("2026-11-26")).err().map(|r| r.field)
        };
        let there = "示例主任主持，示例老师记录，异议人到场";
        assert_eq!(hear(ObjectionState::Open, "2026-11-24", there), None);
        assert_eq!(hear(ObjectionState::Open, "2026-11-23", there), Some(Some("held_on")));
        assert_eq!(hear(ObjectionState::Open, "2026-11-27", there), Some(Some("held_on")));
        assert_eq!(hear(ObjectionState::Open, "2026-11-25", " "), Some(Some("present")));
        assert_eq!(hear(ObjectionState::Upheld, "2026-11-25", there), Some(None));
        for &effect in ObjectionEffect::ALL {
            assert_eq!(ObjectionEffect::from_code(effect.code()), Some(effect));
        }
    }

    #[test]
    fn s2_2_3b_a_decision_in_public_names_nobody_and_no_number() {
        let names = ["示例一二", "甲", "欧阳示例"];
        let check = |text: &str, told: &str| assert_eq!(in_public(text, names.into_iter()), told);
        check("复核示例一二的评分表，漏加 5 分", "复核示***的评分表，漏加 5 分");
        check("欧阳示例（35019918800101001X）2026-09-17 到场", "欧阳**（350***********001X）2026-09-17 到场");
        check("电话 13900000000，成绩 59.5，甲等", "电话 1********00，成绩 59.5，甲等");
        check("", "");
    }

    #[test]
    fn s2_2_3a_an_objection_says_why_and_by_whom_it_can_be_followed_up() {
        let check = |reason: &str, contact: &str, field: Option<&str>| {
            assert_eq!(objection(reason, contact).err().and_then(|r| r.field), field, "{reason} {contact}");
        };
        check(" 实操当天他没有到场 ", " 0591-00000001 ", None);
        check("不对", "0591-00000001", Some("reason"));
        check(&"长".repeat(2001), "0591-00000001", Some("reason"));
        check("实操当天他没有到场", " ", Some("contact"));
        check("实操当天他没有到场", &"1".repeat(101), Some("contact"));
        assert!(may_add(OBJECTIONS_OPEN_MAX - 1).is_ok() && may_add(OBJECTIONS_OPEN_MAX).is_err());
    }

    #[test]
    fn s2_2_3a_publicity_lasts_five_whole_working_days() {
        let check = |posted: &str, first: &str, ends: &str| {
            let expected = Window { posted_on: day(posted), first_on: day(first), ends_on: day(ends) };
            assert_eq!(window(day(posted), &calendar()).unwrap(), expected, "{posted}");
        };
        check("2026-11-23", "2026-11-24", "2026-11-30");
        check("2026-11-27", "2026-11-30", "2026-12-04");
        check("2026-11-28", "2026-11-30", "2026-12-04");
        // Over the National Day week; Saturday 10 October works.
        check("2026-09-30", "2026-10-08", "2026-10-13");
        check("2019-09-30", "2019-10-08", "2019-10-12");
        assert!(window(day("2026-12-28"), &calendar()).is_err());
    }

    #[test]
    fn s2_2_3a_the_list_is_public_until_24_o_clock_of_the_fifth_day_and_not_a_day_less() {
        let window = window(day("2026-11-23"), &calendar()).unwrap();
        for (today, open, closable) in [
            ("2026-11-22", false, false),
            ("2026-11-23", true, false),
            ("2026-11-28", true, false),
            ("2026-11-30", true, false),
            ("2026-12-01", false, true),
            ("2027-03-01", false, true),
        ] {
            let today = day(today);
            assert_eq!(open_on(&window, today), open, "{today}");
            assert_eq!(may_object(&window, today).is_ok(), open, "{today}");
            assert_eq!(may_close(&window, today).is_ok(), closable, "{today}");
        }
        let refusal = may_close(&window, day("2026-11-30")).unwrap_err();
        assert_eq!(refusal.ground.clause(), Some(Clause::S2_2_3A));
        assert_eq!(refusal.what, "公示期 5 个工作日未满：2026-11-24 至 2026-11-30");
    }

    #[test]
    fn s2_2_3a_results_are_posted_after_the_last_examination_with_a_verdict_for_everybody() {
        let names = |n: usize| (1..=n).map(|n| format!("考生{n}")).collect::<Vec<_>>();
        let check = |today: &str, candidates, pending: usize, what: Option<&str>| {
            let answer = may_post(day("2026-12-08"), day(today), candidates, (&names(pending), &[]));
            assert_eq!(answer.err().map(|r| r.what).as_deref(), what);
        };
        let unchecked = may_post(day("2026-12-08"), day("2026-12-09"), 30, (&[], &names(2))).unwrap_err();
        assert_eq!(unchecked.what, "2 名考生的成绩还没有经第二人核对：考生1、考生2");
        assert_eq!(unchecked.ground.clause(), Some(Clause::S2_2_3A));
        check("2026-12-08", 30, 0, None);
        check("2026-12-20", 1, 0, None);
        check("2026-12-07", 30, 0, Some("考试到 2026-12-08 才结束，今天是 2026-12-07"));
        check("2026-12-09", 0, 0, Some("本批次没有考生，无结果可公示"));
        check("2026-12-09", 30, 2, Some("2 名考生成绩未齐：考生1、考生2"));
        check("2026-12-09", 30, 7, Some("7 名考生成绩未齐：考生1、考生2、考生3、考生4、考生5等 7 人"));
    }

    #[test]
    fn s2_2_3b_an_objection_holds_its_person_until_it_is_dismissed() {
        use ObjectionState::*;
        for (state, holds) in [(Open, true), (Upheld, true), (Dismissed, false)] {
            assert_eq!(state.holds(), holds, "{state:?}");
            assert_eq!(ObjectionState::from_code(state.code()), Some(state));
        }
        for (state, upheld, reason, expected) in [
            (Open, true, "复核原始评分表，漏加 5 分", Some(Upheld)),
            (Open, false, "复核无误", Some(Dismissed)),
            (Open, true, " ", None),
            (Upheld, false, "再议", None),
            (Dismissed, true, "再议", None),
        ] {
            assert_eq!(state.decide(upheld, reason).ok(), expected, "{state:?} {upheld} {reason}");
        }
    }

    #[test]
    fn s2_2_3a_an_objection_gets_a_receipt_number() {
        for (on, n, chance, expected) in [
            ("2026-12-07", 1, [0, 1, 2, 3, 28, 29, 30, 31], "YY20261207-0001-ABCD6789"),
            ("2026-01-09", 42, [32, 64, 255, 8, 13, 14, 22, 23], "YY20260109-0042-AA9JPQYZ"),
            ("2026-12-07", 12345, [0; 8], "YY20261207-12345-AAAAAAAA"),
        ] {
            let receipt = receipt_number(day(on), n, chance);
            assert_eq!(receipt, expected);
            assert_eq!(read_receipt(&format!(" {} ", receipt.to_lowercase())), receipt);
        }
    }
}
