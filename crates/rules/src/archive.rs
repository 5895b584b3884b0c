//! 三（三）: what is kept of a batch so that a problem can be traced back and somebody is accountable: five volumes, what
//! ought to be in each, how long each is kept, and when a batch's archive may be closed.

use serde::{Deserialize, Serialize};

use crate::batch::BatchStage;
use crate::calendar::Calendar;
use crate::terms::{
    ARCHIVE_AFTER, ARCHIVE_DISPUTED_YEARS, ARCHIVE_ELECTRONIC_YEARS, ARCHIVE_PAPER_YEARS, ARCHIVE_TEXT_MAX,
};
use crate::{Clause, Day, Refusal};

/// A volume of the archive of a batch, in the order of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Volume {
    Registration,
    Filing,
    Process,
    Results,
    Certificates,
}

impl Volume {
    /// Every volume, in its order.
    pub const ALL: &'static [Volume] =
        &[Self::Registration, Self::Filing, Self::Process, Self::Results, Self::Certificates];

    /// Its number on the shelf, from 1.
    pub const fn no(self) -> usize {
        match self {
            Self::Registration => 1,
            Self::Filing => 2,
            Self::Process => 3,
            Self::Results => 4,
            Self::Certificates => 5,
        }
    }

    /// What people read: `报名卷`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registration => "报名卷",
            Self::Filing => "备案卷",
            Self::Process => "过程卷",
            Self::Results => "试卷成绩卷",
            Self::Certificates => "证书卷",
        }
    }
}

/// Where a kind of piece comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The platform has it: a table of the records, or files that were uploaded in the course of the batch.
    Record,
    /// It arose on paper: the body enters where it lies, or uploads its scan.
    Hand,
}

/// Of which batches a kind of piece is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    /// Where a theory examination was held.
    Theory,
    /// Where practice was examined.
    Practical,
    /// Where there was a comprehensive review.
    Comprehensive,
    /// Where the final examination of a course stood in for theory (一（五）2).
    Course,
    /// Where a result came of the assessment of the process (一（五）3).
    Process,
    /// Where the batch rests on a cooperation (一（一）1, 2).
    Cooperation,
    /// Where the batch names a scheme.
    Scheme,
    /// Where certificates were issued.
    Certified,
    /// It may be there and nobody misses it.
    Never,
}

/// By which methods a batch was examined, and what it rests on: decides what is expected of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    pub theory: bool,
    pub practical: bool,
    pub comprehensive: bool,
    pub course: bool,
    pub process: bool,
    pub cooperation: bool,
    pub scheme: bool,
    pub certified: bool,
}

impl Facts {
    const fn holds(self, when: When) -> bool {
        match when {
            When::Always => true,
            When::Theory => self.theory,
            When::Practical => self.practical,
            When::Comprehensive => self.comprehensive,
            When::Course => self.course,
            When::Process => self.process,
            When::Cooperation => self.cooperation,
            When::Scheme => self.scheme,
            When::Certified => self.certified,
            When::Never => false,
        }
    }
}

/// A kind of piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PieceKind {
    pub code: &'static str,
    pub name: &'static str,
    pub volume: Volume,
    pub source: Source,
    pub when: When,
    /// Why it is kept.
    pub clause: Clause,
    /// Whether it is kept for ever: what says who was found to have which skill, and by whom.
    pub is_permanent: bool,
}

const fn piece(
    volume: Volume,
    (code, name): (&'static str, &'static str),
    source: Source,
    when: When,
    clause: Clause,
) -> PieceKind {
    PieceKind { code, name, volume, source, when, clause, is_permanent: false }
}

impl PieceKind {
    const fn for_ever(mut self) -> Self {
        self.is_permanent = true;
        self
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<&'static Self> {
        PIECES.iter().find(|kind| kind.code == code)
    }

    /// What to do about it where it is missing.
    pub fn remedy(&self) -> String {
        match self.source {
            Source::Record => format!("请先在本批次办理相应环节，“{}”随记录自动入卷", self.name),
            Source::Hand => format!("请登记“{}”的存放位置，或上传扫描件；确实没有的，归档时写明缺件原因", self.name),
        }
    }
}

use Clause as C;
use Source::{Hand, Record};
use Volume::{Certificates, Filing, Process, Registration, Results};
use When::{Always, Certified, Never};

/// Every kind of piece, in the order of the volumes; which ones are asked for is a default of the platform.
pub const PIECES: &[PieceKind] = &[
    piece(Registration, ("roster", "考生名册"), Record, Always, C::S1_1_3),
    piece(Registration, ("roster_file", "报名名册原件"), Record, Never, C::S1_1_3),
    piece(Registration, ("photo", "考生照片"), Record, Always, C::S2_2_4B),
    piece(Registration, ("registration_form", "申报表和申报条件证明"), Hand, Always, C::S1_4_1),
    piece(Registration, ("other_registration", "其他报名材料"), Hand, Never, C::S3_3_1),
    piece(Filing, ("notification", "批次通报记录"), Record, Always, C::S2_2_1B),
    piece(Filing, ("plan_file", "工作计划文件"), Record, Never, C::S2_2_1B),
    piece(Filing, ("cooperation", "合作协议或需求函"), Record, When::Cooperation, C::S1_1_1),
    piece(Filing, ("scheme", "替代考核方案"), Record, When::Scheme, C::S1_5_2),
    piece(Filing, ("other_filing", "其他备案材料"), Hand, Never, C::S3_3_1),
    piece(Process, ("assignment", "考评人员安排"), Record, Always, C::S1_2_2),
    piece(Process, ("places", "考场编排"), Record, Always, C::S1_5_1),
    piece(Process, ("acts", "办理记录"), Record, Always, C::S3_3_1),
    piece(Process, ("sign_in", "考生签到表"), Hand, Always, C::S1_5_1),
    piece(Process, ("room_record", "考场记录"), Hand, Always, C::S1_5_1),
    piece(Process, ("inspection", "质量督导报告"), Hand, Always, C::S1_2_2),
    piece(Process, ("video", "监控录像及存储说明"), Hand, Always, C::S1_2_3),
    piece(Process, ("arrival_file", "签到名单原件"), Record, Never, C::S1_5_1),
    piece(Process, ("recording_file", "录像清单原件"), Record, Never, C::S3_3_1),
    piece(Process, ("day_file", "违纪、缓考和现场督导的材料"), Record, Never, C::S3_3_1),
    piece(Process, ("other_process", "其他过程材料"), Hand, Never, C::S3_3_1),
    piece(Results, ("paper", "理论试卷和评分标准"), Hand, When::Theory, C::S1_5_1),
    piece(Results, ("answers", "理论答卷"), Hand, When::Theory, C::S1_5_1),
    piece(Results, ("score_sheet", "操作技能考核评分表"), Hand, When::Practical, C::S1_5_1),
    piece(Results, ("review_sheet", "综合评审评分表"), Hand, When::Comprehensive, C::S1_5_1),
    piece(Results, ("course_paper", "结课考试试卷和成绩单"), Hand, When::Course, C::S1_5_2),
    piece(Results, ("module_sheet", "过程考核记录"), Hand, When::Process, C::S1_5_3),
    piece(Results, ("mark_file", "成绩表原件"), Record, Never, C::S1_5_1).for_ever(),
    piece(Results, ("marks", "成绩册"), Record, Always, C::S1_5_1).for_ever(),
    piece(Results, ("mark_steps", "成绩登记经过"), Record, Always, C::S3_3_1).for_ever(),
    piece(Results, ("publicity", "公示名单"), Record, Always, C::S2_2_3A).for_ever(),
    piece(Results, ("posting_photo", "校内张贴的照片"), Record, Never, C::S2_2_3A),
    piece(Results, ("broken_publicity", "中断的公示"), Record, Never, C::S2_2_3A).for_ever(),
    piece(Results, ("correction", "更正公示"), Record, Never, C::S2_2_3A).for_ever(),
    piece(Results, ("objections", "公示异议及处理"), Record, Never, C::S2_2_3B).for_ever(),
    piece(Results, ("objection_file", "异议的证据"), Record, Never, C::S2_2_3B),
    piece(Results, ("hearing_minutes", "听取陈述的笔录"), Record, Never, C::S2_2_3B),
    piece(Results, ("mark_reviews", "成绩复核"), Record, Never, C::S1_5_1).for_ever(),
    piece(Results, ("mark_changes", "成绩更改"), Record, Never, C::S3_3_1).for_ever(),
    piece(Results, ("change_file", "成绩更改的依据"), Record, Never, C::S3_3_1).for_ever(),
    piece(Results, ("other_results", "其他考核材料"), Hand, Never, C::S3_3_1),
    piece(Certificates, ("report", "上报和逐人审核"), Record, Certified, C::S2_2_4A).for_ever(),
    piece(Certificates, ("certificates", "证书名册"), Record, Certified, C::S2_2_4B).for_ever(),
    piece(Certificates, ("collection", "证书领取登记"), Hand, Certified, C::S2_2_4B).for_ever(),
    piece(Certificates, ("other_certificates", "其他证书材料"), Hand, Never, C::S3_3_1).for_ever(),
];

/// The kinds that ought to be there and aren't, in the order of the volumes. `has` says which are.
pub fn missing(facts: Facts, has: impl Fn(&str) -> bool) -> Vec<&'static PieceKind> {
    PIECES.iter().filter(|kind| facts.holds(kind.when) && !has(kind.code)).collect()
}

/// The last day on which a batch is archived: so many working days after its last certificate, or after publicity where
/// nobody was to receive one.
///
/// # Errors
/// When the calendar does not reach so far.
pub fn due(finished_on: Day, calendar: &Calendar) -> Result<Day, Refusal> {
    calendar.add(finished_on, ARCHIVE_AFTER)
}

/// In what form a piece is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    Paper,
    Electronic,
}

/// The last day on which a piece has to be kept, counted from the closing of the archive; `None` is for ever. What was
/// disputed is kept longer.
pub fn kept_until(kind: &PieceKind, medium: Medium, closed_on: Day, is_disputed: bool) -> Option<Day> {
    if kind.is_permanent {
        return None;
    }
    let years = match medium {
        _ if is_disputed => ARCHIVE_DISPUTED_YEARS,
        Medium::Paper => ARCHIVE_PAPER_YEARS,
        Medium::Electronic => ARCHIVE_ELECTRONIC_YEARS,
    };
    Some(closed_on.saturating_add(jiff::Span::new().years(years)))
}

/// Whether the archive of a batch may be closed: it is finished, and what is missing is accounted for.
///
/// # Errors
/// A refusal with what has to be done first.
pub fn may_close(stage: BatchStage, closed_on: Option<Day>, missing: &[&PieceKind], note: &str) -> Result<(), Refusal> {
    if let Some(on) = closed_on {
        return Err(Refusal::new(C::S3_3_1, format!("本批次已于 {on} 归档"))
            .remedy("目录已固定；以后补充的材料请登记为补充入卷，并写明原因"));
    }
    if stage != BatchStage::Issued {
        return Err(Refusal::new(C::S3_3_1, format!("批次现为“{}”，还没有办结", stage.name()))
            .remedy("请在公示、上报、审核和发证全部办结后归档"));
    }
    if note.chars().count() > ARCHIVE_TEXT_MAX {
        return Err(too_long("note"));
    }
    if !missing.is_empty() && note.trim().is_empty() {
        let names: Vec<_> = missing.iter().map(|kind| kind.name).collect();
        return Err(Refusal::new(C::S3_3_1, format!("还缺{}件：{}", names.len(), names.join("、")))
            .remedy("请补齐；确实没有的，写明缺件原因后归档")
            .at("note"));
    }
    Ok(())
}

/// A piece that a body enters by hand.
#[derive(Debug, Clone, Copy)]
pub struct Entered<'a> {
    pub kind: &'a str,
    pub title: &'a str,
    pub made_on: Day,
    /// Where the paper lies, and its shelf number; both blank for a scan.
    pub place: &'a str,
    pub shelf: &'a str,
    /// Pages of the paper.
    pub pages: i64,
    pub has_scan: bool,
    /// Why it comes after the archive was closed.
    pub reason: &'a str,
}

/// Whether a piece may be entered now; its kind.
///
/// # Errors
/// A refusal at the field that is to blame.
pub fn may_enter(
    piece: &Entered<'_>,
    stage: BatchStage,
    closed_on: Option<Day>,
    today: Day,
) -> Result<&'static PieceKind, Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(C::S3_3_1, what).remedy(remedy).at(field));
    if stage == BatchStage::Cancelled {
        return Err(Refusal::new(C::S3_3_1, "批次已取消，没有案卷").remedy("取消的原因和经过见工作台账"));
    }
    let Some(kind) = PieceKind::from_code(piece.kind).filter(|kind| kind.source == Hand) else {
        return refuse(
            "没有这种可以登记的材料".to_owned(),
            "请从列出的材料中选择；平台已有记录的自动入卷，不必登记",
            "kind",
        );
    };
    if piece.title.trim().is_empty() {
        return refuse("没有写明题名".to_owned(), "请写明题名，例如“2026年第1批理论考场记录（2场）”", "title");
    }
    for (text, field) in
        [(piece.title, "title"), (piece.place, "place"), (piece.shelf, "shelf"), (piece.reason, "reason")]
    {
        if text.chars().count() > ARCHIVE_TEXT_MAX {
            return Err(too_long(field));
        }
    }
    if piece.made_on > today {
        return refuse(format!("形成日期 {} 还没有到", piece.made_on), "请核对材料的形成日期", "made_on");
    }
    let on_paper = !piece.place.trim().is_empty();
    if on_paper == piece.has_scan {
        let what = if on_paper {
            "既写了存放位置，又上传了扫描件"
        } else {
            "既没有存放位置，也没有扫描件"
        };
        return refuse(
            what.to_owned(),
            "存纸质件的写明存放位置和页数，存扫描件的上传文件；两者都有的分两件登记",
            "place",
        );
    }
    if on_paper && !(1..=100_000).contains(&piece.pages) {
        return refuse("纸质件的页数不合理".to_owned(), "请写明页数，1 至 100000", "pages");
    }
    if closed_on.is_some() && piece.reason.trim().is_empty() {
        return refuse("案卷已归档，补充入卷没有写明原因".to_owned(), "请写明为什么在归档以后补充", "reason");
    }
    Ok(kind)
}

/// Whether an archive may be opened for a reason.
///
/// # Errors
/// A refusal where no reason was given.
pub fn may_open(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::new(C::S3_3_1, "没有写明调阅原因")
            .remedy("请写明为什么调阅，例如“核查证书编号…的考评记录”；每次调阅都留痕")
            .at("reason"));
    }
    if reason.chars().count() > ARCHIVE_TEXT_MAX {
        return Err(too_long("reason"));
    }
    Ok(())
}

/// Whether pieces of an archive may be destroyed: so many have no day left to be kept, nothing is proposed already, and it is
/// said who identified them. `next` is the next day whose end leaves something without one.
///
/// # Errors
/// A refusal; it names the day from which on something may be.
pub fn may_destroy((due, next): (usize, Option<Day>), is_proposed: bool, reason: &str) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: String| Err(Refusal::new(C::S3_3_1, what).remedy(remedy));
    if is_proposed {
        return refuse("已有一份销毁清单在等另一人答复".to_owned(), "请先答复或撤回那一份".to_owned());
    }
    if due == 0 {
        return match next {
            Some(until) => refuse(
                format!("还没有保管期满的材料，最早一件保管至 {until}"),
                format!("{until} 以后可以提出；成绩和证书材料永久保管，不能销毁"),
            ),
            None => refuse(
                "没有可以销毁的材料".to_owned(),
                "其余的是成绩和证书材料，永久保管；或者已经销毁，见销毁清单".to_owned(),
            ),
        };
    }
    if reason.trim().chars().count() < 5 {
        return refuse("没有写明鉴定情况".to_owned(), "请写明由谁鉴定、依据什么，至少 5 个字".to_owned())
            .map_err(|refusal| refusal.at("destroy"));
    }
    if reason.chars().count() > ARCHIVE_TEXT_MAX {
        return Err(too_long("destroy"));
    }
    Ok(())
}

fn too_long(field: &'static str) -> Refusal {
    Refusal::house("填写", format!("内容超过{ARCHIVE_TEXT_MAX}字")).remedy("请精简").at(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn s3_3_1_nothing_is_destroyed_before_its_time_or_twice() {
        let until: Day = "2031-09-28".parse().unwrap();
        let check = |due, next, proposed, reason: &str, what: Option<&str>| {
            let answer = may_destroy((due, next), proposed, reason).err().map(|refusal| refusal.what);
            assert_eq!(answer.as_deref(), what, "{due} {next:?} {proposed} {reason}");
        };
        let why = "档案室示例鉴定，保管期满";
        check(3, None, false, why, None);
        check(3, Some(until), false, why, None);
        check(0, Some(until), false, why, Some("还没有保管期满的材料，最早一件保管至 2031-09-28"));
        check(0, None, false, why, Some("没有可以销毁的材料"));
        check(3, None, true, why, Some("已有一份销毁清单在等另一人答复"));
        check(3, None, false, "期满", Some("没有写明鉴定情况"));
    }

    #[test]
    fn s3_3_1_what_ought_to_be_there_follows_from_how_a_batch_was_examined() {
        let codes = |facts: Facts| missing(facts, |_| false).iter().map(|kind| kind.code).collect::<Vec<_>>();
        let usual = codes(Facts { theory: true, practical: true, certified: true, ..Facts::default() });
        assert!(usual.contains(&"answers") && usual.contains(&"score_sheet") && usual.contains(&"collection"));
        assert!(!usual.contains(&"review_sheet") && !usual.contains(&"course_paper"));
        let course = codes(Facts { practical: true, course: true, scheme: true, ..Facts::default() });
        assert!(course.contains(&"course_paper") && course.contains(&"scheme") && !course.contains(&"answers"));
        let has_all = missing(Facts { theory: true, ..Facts::default() }, |_| true);
        assert!(has_all.is_empty());
        let codes: std::collections::BTreeSet<_> = PIECES.iter().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), PIECES.len(), "a code stands for one kind");
        assert!(PIECES.is_sorted_by_key(|kind| kind.volume));
    }

    #[test]
    fn s3_3_1_paper_is_kept_three_years_files_five_results_for_ever_and_what_was_disputed_ten() {
        let until = |code: &str, medium, disputed| {
            kept_until(PieceKind::from_code(code).unwrap(), medium, day("2026-11-20"), disputed)
        };
        assert_eq!(until("answers", Medium::Paper, false), Some(day("2029-11-20")));
        assert_eq!(until("answers", Medium::Electronic, false), Some(day("2031-11-20")));
        assert_eq!(until("answers", Medium::Paper, true), Some(day("2036-11-20")));
        assert_eq!(until("marks", Medium::Electronic, false), None);
        assert_eq!(until("certificates", Medium::Electronic, true), None);
        // Counted from a leap day, the year ends on the last of February.
        let kind = PieceKind::from_code("answers").unwrap();
        assert_eq!(kept_until(kind, Medium::Paper, day("2028-02-29"), false), Some(day("2031-02-28")));
    }

    #[test]
    fn s3_3_1_an_archive_is_closed_when_the_batch_is_finished_and_what_is_missing_has_a_reason() {
        let answers = PieceKind::from_code("answers").unwrap();
        let says =
            |stage, closed, missing: &[&PieceKind], note| may_close(stage, closed, missing, note).map_err(|no| no.what);
        assert_eq!(says(BatchStage::Issued, None, &[], ""), Ok(()));
        assert_eq!(says(BatchStage::Reviewed, None, &[], "").unwrap_err(), "批次现为“已审核”，还没有办结");
        assert_eq!(says(BatchStage::Issued, None, &[answers], " ").unwrap_err(), "还缺1件：理论答卷");
        assert_eq!(says(BatchStage::Issued, None, &[answers], "水渍损毁，见情况说明"), Ok(()));
        assert!(
            says(BatchStage::Issued, Some(day("2026-11-20")), &[], "").unwrap_err().contains("已于 2026-11-20 归档")
        );
    }

    #[test]
    fn s3_3_1_a_piece_lies_in_the_cupboard_or_is_a_scan_and_never_both() {
        let paper = Entered {
            kind: "answers",
            title: "理论答卷",
            made_on: day("2026-09-14"),
            place: "档案室2号柜",
            shelf: "2-3",
            pages: 120,
            has_scan: false,
            reason: "",
        };
        let says = |piece: Entered<'_>, closed| {
            may_enter(&piece, BatchStage::Issued, closed, day("2026-10-01"))
                .map(|kind| kind.code)
                .map_err(|no| no.field)
        };
        assert_eq!(says(paper, None), Ok("answers"));
        assert_eq!(says(Entered { has_scan: true, ..paper }, None), Err(Some("place")));
        assert_eq!(says(Entered { place: "", ..paper }, None), Err(Some("place")));
        assert_eq!(says(Entered { place: "", has_scan: true, pages: 0, ..paper }, None), Ok("answers"));
        assert_eq!(says(Entered { pages: 0, ..paper }, None), Err(Some("pages")));
        assert_eq!(says(Entered { kind: "marks", ..paper }, None), Err(Some("kind")));
        assert_eq!(says(Entered { made_on: day("2026-10-02"), ..paper }, None), Err(Some("made_on")));
        assert_eq!(says(paper, Some(day("2026-09-30"))), Err(Some("reason")));
        assert_eq!(says(Entered { reason: "漏装", ..paper }, Some(day("2026-09-30"))), Ok("answers"));
    }
}
