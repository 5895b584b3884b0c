//! 三（五）: every body lays down its own 管理办法 for exam affairs, quality, certificates and fees and makes them public.
//! They come in versions: a later one takes the place of the one before, none is overwritten, and which holds on a day is
//! computed. The table of fees is a version of its own beside the fee regulation.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::certificate::Level;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::terms::REGULATION_TOLD_DAYS;

/// Characters of a title, an item, a basis.
pub const TITLE_MAX: usize = 200;
/// Characters of a whole text.
pub const TEXT_MAX: usize = 60_000;
/// Files of one version.
pub const FILES_MAX: usize = 10;
/// Lines of one table of fees.
pub const FEES_MAX: usize = 500;
/// The largest fee, in fen: what is more is a slip of the keys.
pub const FEN_MAX: i64 = 100_000 * 100;

/// What a body makes public under 三（五）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegulationKind {
    /// 考务管理
    Exam,
    /// 质量管理
    Quality,
    /// 证书管理
    Certificate,
    /// 收费管理
    Fee,
    /// The fees as a table, beside the fee regulation.
    FeeTable,
}

impl RegulationKind {
    /// Every kind, in the notice's order.
    pub const ALL: &'static [Self] = &[Self::Exam, Self::Quality, Self::Certificate, Self::Fee, Self::FeeTable];
    /// The four that the notice names.
    pub const NAMED: &'static [Self] = &[Self::Exam, Self::Quality, Self::Certificate, Self::Fee];

    /// The code word used in the database and the API. Behind `rule_` it is the code of the filing material.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exam => "exam",
            Self::Quality => "quality",
            Self::Certificate => "certificate",
            Self::Fee => "fee",
            Self::FeeTable => "fee_table",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// What the material with this code of the checklist becomes when its filing is listed, if it is one of the four.
    pub fn of_material(code: &str) -> Option<Self> {
        let code = code.strip_prefix("rule_")?;
        Self::NAMED.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exam => "考务管理办法",
            Self::Quality => "质量管理办法",
            Self::Certificate => "证书管理办法",
            Self::Fee => "收费管理办法",
            Self::FeeTable => "收费项目表",
        }
    }
}

/// One version, as far as it decides what holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub kind: RegulationKind,
    /// Versions of a kind are counted from 1 in the order in which they were published.
    pub no: i64,
    pub from: Day,
    /// The last day, where it was published for a time.
    pub until: Option<Day>,
    /// The day on which it was withdrawn, the last on which it holds.
    pub withdrawn_on: Option<Day>,
}

impl Version {
    /// The last day on which it holds, where there is one.
    pub fn last_day(&self) -> Option<Day> {
        [self.until, self.withdrawn_on].into_iter().flatten().min()
    }

    /// Whether it was withdrawn before it ever held; then it never took another's place.
    pub fn never_held(&self) -> bool {
        self.last_day().is_some_and(|last| last < self.from)
    }
}

/// How a version stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// It holds.
    InForce,
    /// It will.
    Ahead,
    /// A later one has taken its place.
    Superseded,
    /// Its time is over.
    Lapsed,
    /// It was withdrawn.
    Withdrawn,
}

impl VersionState {
    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InForce => "施行中",
            Self::Ahead => "尚未施行",
            Self::Superseded => "已被新版替代",
            Self::Lapsed => "已到期",
            Self::Withdrawn => "已废止",
        }
    }
}

/// The version that has its kind's place on a day, whether it still holds or not: the one that began last. Of two that
/// begin on one day, the one that was published last.
fn placed(versions: &[Version], kind: RegulationKind, day: Day) -> Option<&Version> {
    let begun = versions.iter().filter(|version| version.kind == kind && version.from <= day && !version.never_held());
    begun.max_by_key(|version| (version.from, version.no))
}

/// The version that holds on a day. What was superseded doesn't come back when its successor ends.
pub fn in_force(versions: &[Version], kind: RegulationKind, day: Day) -> Option<&Version> {
    placed(versions, kind, day).filter(|version| version.last_day().is_none_or(|last| day <= last))
}

/// How a version stands on a day among the others of its body.
pub fn state(version: &Version, versions: &[Version], day: Day) -> VersionState {
    let place = placed(versions, version.kind, day);
    match version.last_day() {
        _ if version.never_held() => VersionState::Withdrawn,
        _ if day < version.from => VersionState::Ahead,
        _ if place.is_some_and(|placed| placed.no != version.no) => VersionState::Superseded,
        Some(last) if last < day && version.withdrawn_on == Some(last) => VersionState::Withdrawn,
        Some(last) if last < day => VersionState::Lapsed,
        _ => VersionState::InForce,
    }
}

/// Why nothing of a kind holds on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// None was ever published.
    Never,
    /// The first one begins later.
    Ahead { from: Day },
    /// The last one ended.
    Lapsed { last: Day },
    /// The last one was withdrawn.
    Withdrawn { last: Day },
}

impl Gap {
    /// In a few words.
    pub fn said(self) -> String {
        match self {
            Self::Never => "没有公布".into(),
            Self::Ahead { from } => format!("{from} 起才施行"),
            Self::Lapsed { last } => format!("已于 {last} 到期"),
            Self::Withdrawn { last } => format!("已于 {last} 废止"),
        }
    }
}

/// What is missing of one kind on a day, if it is.
pub fn gap(versions: &[Version], kind: RegulationKind, day: Day) -> Option<Gap> {
    if in_force(versions, kind, day).is_some() {
        return None;
    }
    let Some(ended) = placed(versions, kind, day) else {
        let ahead = versions.iter().filter(|version| version.kind == kind && !version.never_held());
        return Some(ahead.map(|version| version.from).min().map_or(Gap::Never, |from| Gap::Ahead { from }));
    };
    let last = ended.last_day().unwrap_or(day);
    Some(if ended.withdrawn_on == Some(last) { Gap::Withdrawn { last } } else { Gap::Lapsed { last } })
}

/// Which of the four are missing on a day, and why.
pub fn gaps(versions: &[Version], day: Day) -> Vec<(RegulationKind, Gap)> {
    RegulationKind::NAMED.iter().filter_map(|&kind| Some((kind, gap(versions, kind, day)?))).collect()
}

/// The last day, from this one on, after which nothing of a kind holds; none where it holds without an end, or not now.
pub fn lapses_on(versions: &[Version], kind: RegulationKind, day: Day) -> Option<Day> {
    let mut at = day;
    loop {
        let last = in_force(versions, kind, at)?.last_day();
        let later = versions.iter().filter(|other| other.kind == kind && other.from > at && !other.never_held());
        let next = later.map(|other| other.from).min();
        match (last, next) {
            (None, None) => return None,
            (None, Some(next)) => at = next,
            (Some(last), Some(next)) if last.tomorrow().is_ok_and(|after| next <= after) => at = next,
            (Some(last), _) => return Some(last),
        }
    }
}

/// Those of the four that hold today and end soon without a successor, with their last days.
pub fn ending_soon(versions: &[Version], today: Day) -> Vec<(RegulationKind, Day)> {
    let soon = today.saturating_add(jiff::Span::new().days(REGULATION_TOLD_DAYS));
    let ends = RegulationKind::NAMED.iter().filter_map(|&kind| Some((kind, lapses_on(versions, kind, today)?)));
    ends.filter(|(_, last)| *last <= soon).collect()
}

/// What will stand against a batch that starts on a day or later, said before it is told of: which of the four are missing
/// on that day, and until when the others last that end without a successor.
pub fn ahead(versions: &[Version], from: Day) -> Vec<Refusal> {
    let refuse = |what: String, remedy: String| Refusal::new(Clause::S3_5_1, what).remedy(remedy);
    let missing = gaps(versions, from).into_iter().map(|(kind, gap)| {
        let name = kind.name();
        refuse(
            format!("{from} 没有施行的{name}：{}", gap.said()),
            format!("请负责人先公布{name}，施行日期不晚于批次的开展日期"),
        )
    });
    let ending = RegulationKind::NAMED.iter().filter_map(|&kind| Some((kind, lapses_on(versions, kind, from)?)));
    let ending = ending.map(|(kind, last)| {
        let name = kind.name();
        refuse(
            format!("{name}施行到 {last} 为止，此后开展的批次不能通报"),
            format!("在这以后开展的，请负责人先公布新版{name}"),
        )
    });
    missing.chain(ending).collect()
}

/// Whether a batch may start on a day: all four hold on it (三（五）).
pub fn may_hold(versions: &[Version], starts_on: Day) -> Result<(), Refusal> {
    let gaps = gaps(versions, starts_on);
    if gaps.is_empty() {
        return Ok(());
    }
    let said: Vec<_> = gaps.iter().map(|(kind, gap)| format!("{}{}", kind.name(), gap.said())).collect();
    let names: Vec<_> = gaps.iter().map(|(kind, _)| kind.name()).collect();
    Err(Refusal::new(Clause::S3_5_1, format!("批次于 {starts_on} 开展，这一天{}", said.join("，")))
        .remedy(format!("请负责人先在“管理办法”中公布{}，施行日期不晚于 {starts_on}，再通报批次", names.join("、")))
        .at("starts_on"))
}

/// A version that is about to be published.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    pub title: &'a str,
    /// Blank where files hold it.
    pub text: &'a str,
    pub files: usize,
    pub from: Day,
    pub until: Option<Day>,
}

/// Whether a version may be published today: it has a title and says something, and it begins no earlier than it is
/// public, for what nobody could read bound nobody.
pub fn may_publish(draft: &Draft<'_>, today: Day) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(Clause::S3_5_1, what).remedy(remedy).at(field));
    let Draft { title, text, files, from, until } = *draft;
    let length = title.trim().chars().count();
    if length == 0 || length > TITLE_MAX {
        return refuse(format!("没有标题，或标题超过{TITLE_MAX}字"), "请填写管理办法的标题", "title");
    }
    if text.trim().is_empty() && files == 0 {
        return refuse(
            "既没有正文，也没有文件".into(),
            "请填写正文，或上传文件；填写正文的，各版本可以逐字对照",
            "text",
        );
    }
    if text.chars().count() > TEXT_MAX {
        return refuse(format!("正文超过{TEXT_MAX}字"), "请精简正文，或改传文件", "text");
    }
    if files > FILES_MAX {
        return refuse(format!("文件超过{FILES_MAX}个"), "请合并文件", "file");
    }
    if from < today {
        let what = format!("施行日期 {from} 早于今天：公布之前不能施行");
        return Err(Refusal::new(Clause::S3_5_1, what).remedy(format!("请填写 {today} 或以后")).at("from"));
    }
    if let Some(until) = until
        && until < from
    {
        return refuse(format!("截止日期 {until} 早于施行日期 {from}"), "请改正日期，长期施行的不填截止日期", "until");
    }
    Ok(())
}

/// Whether a version may be withdrawn today: it holds or will.
pub fn may_withdraw(version: &Version, versions: &[Version], reason: &str, today: Day) -> Result<(), Refusal> {
    let state = state(version, versions, today);
    if !matches!(state, VersionState::InForce | VersionState::Ahead) || version.withdrawn_on.is_some() {
        let said = if version.withdrawn_on.is_some() { VersionState::Withdrawn } else { state };
        return Err(Refusal::new(Clause::S3_5_1, format!("这一版{}，不需要废止", said.name()))
            .remedy("请核对版本；只能废止施行中或尚未施行的版本"));
    }
    let length = reason.trim().chars().count();
    if length == 0 || length > TITLE_MAX {
        return Err(Refusal::new(Clause::S3_5_1, format!("没有写明废止的原因，或超过{TITLE_MAX}字"))
            .remedy("请用一两句话写明原因，公众会看到")
            .at("reason"));
    }
    Ok(())
}

/// One line of a table of fees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// What is paid for: `理论考试费`.
    pub item: String,
    /// The occupation's code; empty for all.
    pub code: String,
    pub level: Option<Level>,
    /// The fee in fen.
    pub fen: i64,
    /// For what it is paid once: `元/人`.
    pub unit: String,
    /// The document that it rests on.
    pub basis: String,
}

/// A sum of money as people write it, in fen: `260`, `260.50`, `￥1,260.00元`.
pub fn fen(text: &str) -> Result<i64, Refusal> {
    let refuse = |remedy: &str| {
        Refusal::new(Clause::S3_5_1, format!("“{}”不是金额", text.trim())).remedy(remedy.to_owned()).at("amount")
    };
    let wrong = || refuse("请以元为单位填写，最多两位小数，例如 260.00");
    let plain = text.trim().trim_start_matches(['¥', '￥']).trim_end_matches('元').trim();
    let plain: String = plain.chars().filter(|c| !matches!(c, ',' | '，')).collect();
    let (yuan, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if yuan.is_empty() || yuan.len() > 9 || rest.len() > 2 || !digits(yuan) || !digits(rest) {
        return Err(wrong());
    }
    let whole: i64 = yuan.parse().map_err(|_| wrong())?;
    let part: i64 = format!("{rest:0<2}").parse().map_err(|_| wrong())?;
    let fen = whole * 100 + part;
    if fen > FEN_MAX {
        return Err(refuse("请核对金额，单项收费不超过十万元"));
    }
    Ok(fen)
}

/// A sum of fen in yuan: `260.00`.
pub fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Whether a table of fees says everything that it must, and nothing twice.
pub fn fees_complete(fees: &[Fee]) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S3_5_1, what).remedy(remedy).at("fees"));
    if fees.is_empty() || fees.len() > FEES_MAX {
        return refuse(
            format!("收费项目表没有一行，或超过{FEES_MAX}行"),
            "请至少填写一项；不收费的，填写项目，金额为 0.00",
        );
    }
    for (at, fee) in fees.iter().enumerate() {
        for (label, text) in [("收费项目", &fee.item), ("计费单位", &fee.unit), ("收费依据", &fee.basis)] {
            let length = text.trim().chars().count();
            if length == 0 || length > TITLE_MAX {
                return refuse(format!("第{}项没有{label}，或超过{TITLE_MAX}字", at + 1), &format!("请填写{label}"));
            }
        }
        if !(0..=FEN_MAX).contains(&fee.fen) {
            return refuse(format!("第{}项的金额不对", at + 1), "请核对金额");
        }
        let twin = fees[..at]
            .iter()
            .position(|other| (other.item.trim(), &other.code, other.level) == (fee.item.trim(), &fee.code, fee.level));
        if let Some(twin) = twin {
            let what = format!("第{}项与第{}项的项目、职业和等级相同", at + 1, twin + 1);
            return refuse(what, "请只保留一行");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn version(kind: RegulationKind, no: i64, from: &str, until: Option<&str>, withdrawn: Option<&str>) -> Version {
        Version { kind, no, from: day(from), until: until.map(day), withdrawn_on: withdrawn.map(day) }
    }

    #[test]
    fn s3_5_1_a_later_version_takes_the_place_of_the_one_before() {
        use RegulationKind::Fee;
        let all = [
            version(Fee, 1, "2026-01-01", None, None),
            version(Fee, 2, "2026-03-01", Some("2026-06-30"), None),
            version(Fee, 3, "2026-09-01", None, None),
        ];
        let no = |on| in_force(&all, Fee, day(on)).map(|version| version.no);
        for (on, expected) in [
            ("2025-12-31", None),
            ("2026-02-28", Some(1)),
            ("2026-03-01", Some(2)),
            ("2026-06-30", Some(2)),
            // The first one doesn't come back.
            ("2026-07-01", None),
            ("2026-09-01", Some(3)),
        ] {
            assert_eq!(no(on), expected, "{on}");
        }
        assert_eq!(gap(&all, Fee, day("2026-07-01")), Some(Gap::Lapsed { last: day("2026-06-30") }));
        assert_eq!(gap(&all, Fee, day("2025-12-31")), Some(Gap::Ahead { from: day("2026-01-01") }));
        assert_eq!(gap(&[], Fee, day("2025-12-31")), Some(Gap::Never));
        assert_eq!(lapses_on(&all, Fee, day("2026-01-15")), Some(day("2026-06-30")));
        assert_eq!(lapses_on(&all, Fee, day("2026-09-01")), None);
        let states: Vec<_> = all.iter().map(|version| state(version, &all, day("2026-07-01"))).collect();
        assert_eq!(states, [VersionState::Superseded, VersionState::Lapsed, VersionState::Ahead]);
        let states: Vec<_> = all.iter().map(|version| state(version, &all, day("2026-09-01"))).collect();
        assert_eq!(states, [VersionState::Superseded, VersionState::Superseded, VersionState::InForce]);
    }

    #[test]
    fn s3_5_1_what_is_withdrawn_holds_through_that_day_and_what_never_held_took_nobodys_place() {
        use RegulationKind::Exam;
        let withdrawn = [version(Exam, 1, "2026-01-01", None, Some("2026-03-18"))];
        assert!(in_force(&withdrawn, Exam, day("2026-03-18")).is_some());
        assert_eq!(gap(&withdrawn, Exam, day("2026-03-19")), Some(Gap::Withdrawn { last: day("2026-03-18") }));
        let early =
            [version(Exam, 1, "2026-01-01", None, None), version(Exam, 2, "2026-05-01", None, Some("2026-03-18"))];
        assert_eq!(in_force(&early, Exam, day("2026-06-01")).map(|version| version.no), Some(1));
        assert_eq!(state(&early[1], &early, day("2026-03-18")), VersionState::Withdrawn);
        let today = day("2026-03-19");
        let refused = may_withdraw(&withdrawn[0], &withdrawn, "改由教务处另行制定", today).expect_err("twice");
        assert_eq!(refused.ground.clause(), Some(Clause::S3_5_1));
        assert_eq!(may_withdraw(&early[0], &early, " ", today).map_err(|refusal| refusal.field), Err(Some("reason")));
        assert_eq!(may_withdraw(&early[0], &early, "另行制定", today), Ok(()));
    }

    #[test]
    fn s3_5_1_a_batch_needs_all_four_on_its_first_day() {
        let mut all: Vec<_> =
            RegulationKind::NAMED.iter().map(|&kind| version(kind, 1, "2026-01-01", None, None)).collect();
        assert_eq!(may_hold(&all, day("2026-09-14")), Ok(()));
        all[3].until = Some(day("2026-09-13"));
        let refused = may_hold(&all, day("2026-09-14")).expect_err("it has lapsed");
        assert_eq!(refused.what, "批次于 2026-09-14 开展，这一天收费管理办法已于 2026-09-13 到期");
        assert!(refused.remedy.contains("收费管理办法") && !refused.remedy.contains("考务"), "{}", refused.remedy);
        assert_eq!(ending_soon(&all, day("2026-08-13")), []);
        assert_eq!(ending_soon(&all, day("2026-08-14")), [(RegulationKind::Fee, day("2026-09-13"))]);
        all.push(version(RegulationKind::Fee, 2, "2026-09-14", None, None));
        assert_eq!((ending_soon(&all, day("2026-08-14")), may_hold(&all, day("2026-09-14"))), (vec![], Ok(())));
    }

    #[test]
    fn s3_5_1_what_nobody_could_read_bound_nobody() {
        let today = day("2026-03-18");
        let draft = Draft { title: "收费管理办法", text: "第一条", files: 0, from: today, until: None };
        let field = |draft: Draft<'_>| may_publish(&draft, today).map_err(|refusal| refusal.field.unwrap_or_default());
        assert_eq!(field(draft), Ok(()));
        assert_eq!(field(Draft { from: day("2026-03-17"), ..draft }), Err("from"));
        assert_eq!(field(Draft { until: Some(day("2026-03-17")), ..draft }), Err("until"));
        assert_eq!(field(Draft { title: " ", ..draft }), Err("title"));
        assert_eq!(field(Draft { text: " ", ..draft }), Err("text"));
        assert_eq!(field(Draft { text: " ", files: 1, ..draft }), Ok(()));
        assert_eq!(field(Draft { files: 11, ..draft }), Err("file"));
    }

    #[test]
    fn s3_5_1_a_fee_is_kept_to_the_fen() {
        for (text, expected) in
            [("260", 26_000), ("260.5", 26_050), ("0.05", 5), ("￥1,260.00元", 126_000), ("100000", 10_000_000)]
        {
            assert_eq!(fen(text), Ok(expected), "{text}");
        }
        for text in ["", "贰佰", "-1", "1.234", "1.2.3", ".5", "100000.01", "1e3", "99999999999"] {
            assert!(fen(text).is_err(), "{text}");
        }
        assert_eq!((yuan(26_050).as_str(), yuan(5).as_str()), ("260.50", "0.05"));
    }

    #[test]
    fn s3_5_1_a_table_of_fees_says_each_thing_once() {
        let fee = Fee {
            item: "理论考试费".into(),
            code: String::new(),
            level: None,
            fen: 6_000,
            unit: "元/人".into(),
            basis: "示例价费〔2026〕1号".into(),
        };
        assert_eq!(fees_complete(std::slice::from_ref(&fee)), Ok(()));
        assert!(fees_complete(&[]).is_err());
        assert!(fees_complete(&[fee.clone(), Fee { fen: 7_000, ..fee.clone() }]).is_err());
        assert_eq!(fees_complete(&[fee.clone(), Fee { level: Some(Level::L4), ..fee.clone() }]), Ok(()));
        assert!(fees_complete(&[Fee { basis: " ".into(), ..fee }]).is_err());
    }

    proptest! {
        #[test]
        fn s3_5_1_at_most_one_version_holds_on_a_day_and_a_gap_is_where_none_does(
            spans in prop::collection::vec((0_i64..60, prop::option::of(0_i64..30), prop::option::of(0_i64..60)), 0..6),
            on in 0_i64..90,
        ) {
            let at = |n: i64| day("2026-01-01").saturating_add(jiff::Span::new().days(n));
            let all: Vec<_> = (1..).zip(&spans).map(|(no, &(from, length, withdrawn))| Version {
                kind: RegulationKind::Quality,
                no,
                from: at(from),
                until: length.map(|length| at(from + length)),
                withdrawn_on: withdrawn.map(at),
            }).collect();
            let on = at(on);
            let holding = all.iter().filter(|version| state(version, &all, on) == VersionState::InForce).count();
            prop_assert!(holding <= 1);
            prop_assert_eq!(holding == 1, in_force(&all, RegulationKind::Quality, on).is_some());
            prop_assert_eq!(holding == 0, gap(&all, RegulationKind::Quality, on).is_some());
            if let Some(last) = lapses_on(&all, RegulationKind::Quality, on) {
                prop_assert!(in_force(&all, RegulationKind::Quality, last).is_some());
                prop_assert!(last.tomorrow().is_ok_and(|day| in_force(&all, RegulationKind::Quality, day).is_none()));
            }
        }

        #[test]
        fn s3_5_1_a_sum_is_read_as_it_is_written(fen_ in 0_i64..=FEN_MAX) {
            prop_assert_eq!(fen(&yuan(fen_)), Ok(fen_));
        }
    }
}
