//! A year of the make-believe province: filings, batches and certificates, driven through the real acts day by day.
//! Where the year ends, batches stand at every stage, so that each persona finds something to do.

use std::collections::BTreeMap;

use rules::Day;
use rules::certificate::Level;
use rules::filing::{MaterialPer, default_checklist};
use rules::people::Role;
use rules::permission::ActKind;
use rules::result::Part;
use serde::Deserialize;
use serde_json::{Value, json};

use super::people::{Crowd, NOTICE_BOARD, PORTRAITS, Student};
use super::{BODIES, DemoBody, FIRST_DAY};
use crate::account;
use crate::archive::ArchiveContents;
use crate::door::{Caller, Office, Seat, Stop, Via};
use crate::inspection::InspectionDetail;
use crate::web::api::Registry;
use crate::year_plan::YearPlan;

/// The day on which visitors find the province.
pub const LAST_DAY: Day = Day::constant(2026, 3, 18);

/// One line of `demo/trades.csv`.
#[derive(Debug, Clone, Deserialize)]
struct DemoTrade {
    body: String,
    occupation_code: String,
    occupation: String,
    levels: String,
    standard_edition: i16,
    major: String,
    capacity: i64,
}

/// One batch of the year: where, what, when, how many.
struct Plan {
    body: &'static str,
    trade: usize,
    starts_on: Day,
    size: usize,
    /// What goes differently in this batch.
    twist: Twist,
    /// For whose students it is held, where not for its own.
    school: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Twist {
    /// Everything goes as it should.
    None,
    /// Someone objects; the objection is dismissed.
    Objection,
    /// Someone objects and waits for an answer.
    OpenObjection,
    /// The school reports late and the centre has to decide.
    Late,
    /// The centre returns one person.
    Returned,
    /// The list is torn down, and publicity begins anew.
    Broken,
    /// More students want to be examined than were told of.
    More,
    /// The school puts it off.
    PutOff,
}

const fn plan(body: &'static str, trade: usize, starts_on: Day, size: usize) -> Plan {
    Plan { body, trade, starts_on, size, twist: Twist::None, school: None }
}

impl Plan {
    const fn with(mut self, twist: Twist) -> Self {
        self.twist = twist;
        self
    }

    const fn for_school(mut self, school: &'static str) -> Self {
        self.school = Some(school);
        self
    }
}

/// The year's batches. Those of 榕城 at the end stand at every stage.
const BATCHES: &[Plan] = &[
    plan("lizhou", 0, Day::constant(2025, 11, 17), 24),
    plan("rongcheng", 0, Day::constant(2025, 11, 24), 28).with(Twist::Objection),
    plan("ludao", 1, Day::constant(2025, 12, 1), 22),
    plan("minjiang", 0, Day::constant(2025, 12, 1), 26),
    plan("citong", 2, Day::constant(2025, 12, 8), 18),
    plan("rongcheng", 1, Day::constant(2025, 12, 8), 20).with(Twist::Returned),
    plan("shaxi", 1, Day::constant(2025, 12, 15), 20),
    plan("puyang", 1, Day::constant(2025, 12, 15), 16),
    plan("xinluo", 2, Day::constant(2026, 1, 5), 24),
    plan("xiyuan", 1, Day::constant(2026, 1, 5), 14),
    plan("rongcheng", 2, Day::constant(2026, 1, 5), 18).with(Twist::Broken),
    plan("huli", 0, Day::constant(2026, 1, 12), 16),
    plan("lizhou", 1, Day::constant(2026, 1, 19), 26),
    plan("rongcheng", 0, Day::constant(2026, 1, 19), 18).with(Twist::Late),
    plan("rongcheng", 1, Day::constant(2026, 2, 9), 24),
    plan("ludao", 3, Day::constant(2026, 2, 9), 20),
    plan("rongcheng", 1, Day::constant(2026, 2, 25), 14),
    plan("rongcheng", 2, Day::constant(2026, 2, 27), 16),
    plan("rongcheng", 0, Day::constant(2026, 3, 3), 15),
    plan("rongcheng", 0, Day::constant(2026, 3, 5), 22).with(Twist::OpenObjection),
    plan("minjiang", 1, Day::constant(2026, 3, 9), 18),
    plan("rongcheng", 1, Day::constant(2026, 3, 13), 20),
    plan("lizhou", 2, Day::constant(2026, 3, 23), 20),
    plan("rongcheng", 2, Day::constant(2026, 3, 30), 20).with(Twist::More),
    plan("rongcheng", 0, Day::constant(2026, 4, 7), 18),
    plan("ludao", 2, Day::constant(2026, 4, 7), 24).with(Twist::PutOff),
    plan("lujiang", 0, Day::constant(2026, 1, 26), 12),
    plan("gushan", 0, Day::constant(2026, 1, 26), 12).for_school("rongcheng"),
    plan("lizhou", 2, Day::constant(2025, 12, 22), 10),
    plan("lizhou", 0, Day::constant(2026, 1, 8), 10),
    plan("lizhou", 1, Day::constant(2026, 2, 3), 10),
    plan("lizhou", 0, Day::constant(2026, 2, 26), 10),
];

/// The body that prints its certificates on blanks, and has had its stamp accepted.
const ON_BLANKS: &str = "rongcheng";
const STAMP: &[u8] = include_bytes!("../../../../demo/stamp.png");

/// The body whose filing ends soonest: it may ask for renewal when the year ends.
const ENDING: (&str, &str) = ("lizhou", "2026-05-31");

/// What happens to a batch, in working days from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Notify,
    PutOff,
    Enlarge,
    Roster,
    Photos,
    Assign,
    Arrange,
    Hold,
    Marks,
    Post,
    Object,
    Answer,
    Report,
    Review,
    Issue,
    Archive,
}

const STEPS: &[(Step, i32)] = &[
    (Step::Notify, -14),
    (Step::PutOff, -13),
    (Step::Enlarge, -11),
    (Step::Roster, -9),
    (Step::Photos, -8),
    (Step::Assign, -6),
    (Step::Arrange, -6),
    (Step::Hold, 2),
    (Step::Marks, 3),
    (Step::Post, 4),
    (Step::Object, 6),
    (Step::Answer, 8),
    (Step::Report, 12),
    (Step::Review, 15),
    (Step::Issue, 17),
    (Step::Archive, 21),
];

/// Where in [`BATCHES`] the archive still waits for the head.
const NOT_ARCHIVED: usize = 14;

/// Where in [`BATCHES`] marks were entered on the last day and wait for the head to check them.
const UNCHECKED: usize = 21;
/// Batches whose day was noted room by room; in each somebody was absent.
const NOTED: &[usize] = &[FAILED_IN, 20, UNCHECKED];
/// Where in a class the absent one stands.
const ABSENT: usize = 3;
/// The batch that was examined first, and the one in which two of its persons make up for the part that they failed.
const FAILED_IN: usize = 1;
const MAKE_UP: usize = 18;
/// The batch whose assessors mark item by item; the head of the school merges.
const SCORED: usize = 17;
/// The batch that names the scheme of a course, and who of its class came with a mark of the final examination.
const WITH_COURSE: usize = 19;
const COURSE_MARKS: usize = 6;

/// What is inspected in the year, and how what was found goes on: when it ends, one is overdue, one waits for its centre, one
/// has still time.
const INSPECTIONS: &[(Day, Inspection)] = &[
    (Day::constant(2026, 1, 8), Inspection::Archive),
    (Day::constant(2026, 1, 22), Inspection::ArchiveMended),
    (Day::constant(2026, 2, 3), Inspection::Cameras),
    (Day::constant(2026, 3, 4), Inspection::Random),
    (Day::constant(2026, 3, 6), Inspection::OnSite),
    (Day::constant(2026, 3, 17), Inspection::OnSiteAnswered),
];

/// One step of what is inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inspection {
    /// A daily check finds the archive behind.
    Archive,
    /// It was caught up with.
    ArchiveMended,
    /// A periodic evaluation of another school finds cameras wanting, and nobody answers.
    Cameras,
    /// A random check by the bureau finds nothing.
    Random,
    /// An inspection of a running batch finds two things.
    OnSite,
    /// The school answers one of them.
    OnSiteAnswered,
}

/// The batch in whose class two students graduate too late for its level: for both an exception is asked, for one it is decided.
const WITH_EXCEPTIONS: usize = 23;

/// How many are assessed at a time.
const GROUP: usize = 15;

/// How many working days later a late school reports.
const LATE_BY: i32 = 10;

/// The bodies whose filing is under way when the year ends: they have not been listed yet.
const UNDER_WAY: &[&str] = &["lancheng", "jiaocheng"];
/// Experts of the make-believe province.
const EXPERTS: usize = 24;
/// Assessors from elsewhere for each occupation of a body.
const OUTSIDERS: usize = 4;
/// Those from elsewhere, and experts, work here.
const EMPLOYERS: [&str; 5] = ["示例省职业技术研究所", "示例大学", "示例机械集团", "示例餐饮协会", "示例行业学会"];
/// Who asks for and gets the public, and in what (三（四）): school, occupation, level.
const FOR_PUBLIC: (&str, &str, &str) = ("rongcheng", "4-01-06-01", "4");
/// What the department enters: body, number, reference.
const ANNOUNCED: &[(&str, &str, &str)] =
    &[("gushan", "Y000035000901", "示例人社企备〔2025〕8号"), ("minyue", "S000035000902", "示例人社公告〔2025〕3号")];
/// The school that asks for a change at the end of the year.
const MOVING: &str = "rongcheng";

/// What the make-believe school lays down for its examinations.
const EXAM: &str = "第一条 考务由教务处负责，实训中心和后勤配合。\n\
    第二条 理论知识考试在标准化考场进行，每场不超过三十人，由两名监考人员监考。\n\
    第三条 操作技能考核每个考场由两名考评人员独立评分，取平均分；考评人员与考生有师生关系的须回避。\n\
    第四条 考试全程录像，录像保存不少于一百八十天。\n\
    第五条 违纪、缺考如实登记，当场由监考人员和考生签字。";
/// What it lays down for its fees.
const FEES: &str = "第一条 收费项目和标准以公布的收费项目表为准，不收取表外的任何费用。\n\
    第二条 家庭经济困难的学生，凭在校资助证明免收全部费用。\n\
    第三条 缺考的，考前三天以前申请，退还未发生的费用。";
/// What another one tries out for its quality.
const QUALITY: &str = "第一条 每批次由一名质量督导人员全程在场，填写督导记录。\n\
    第二条 每学期末抽查本学期批次的百分之十，复核试卷、评分表和录像。\n\
    第三条 发现问题的，五个工作日内整改并报主管中心。";

/// A body with those who act for it and over it.
struct Seats {
    clerk: Caller,
    head: Caller,
    centre: Caller,
    bureau: Option<Caller>,
}

/// Numbers of the cards that a body draws on.
#[derive(Default)]
struct BodyExaminers {
    own: BTreeMap<String, Vec<String>>,
    outside: BTreeMap<String, Vec<String>>,
    inspector: String,
    /// Of the centre in charge.
    external: String,
}

struct Year<'a> {
    office: &'a Office,
    features: Registry,
    crowd: Crowd,
    seats: BTreeMap<&'static str, Seats>,
    provincial_centre: Caller,
    department: Caller,
    trades: BTreeMap<&'static str, Vec<DemoTrade>>,
    filings: BTreeMap<&'static str, i64>,
    /// The batches that were notified: id and class, by their place in [`BATCHES`].
    batches: BTreeMap<usize, (i64, Vec<Student>)>,
    classes: BTreeMap<&'static str, Vec<Student>>,
    /// Cards of a body: its own assessors and those from elsewhere by occupation, and its inspector.
    examiners: BTreeMap<&'static str, BodyExaminers>,
    /// What the batches for other schools rest on, by evaluator and school.
    cooperations: BTreeMap<(&'static str, &'static str), i64>,
    /// The course scheme that was approved.
    scheme: Option<i64>,
    /// What inspections of 榕城 ordered, in order.
    findings: Vec<i64>,
}

/// Drives the year.
///
/// # Errors
/// Whatever an act says; then the province stays unfilled and says why.
pub(super) fn drive(office: &Office, seats: &BTreeMap<String, Seat>) -> Result<(), Stop> {
    let mut year = Year::new(office, seats)?;
    super::mail::begin(office, &year.features, &year.readers()?)?;
    let mut events: Vec<(Day, usize, Event)> = Vec::new();
    let calendar = &office.reference().calendar;
    for (offset, event) in [
        (0, Event::File),
        (3, Event::Accept),
        (6, Event::Resubmit),
        (7, Event::Plan),
        (9, Event::Assess),
        (12, Event::List),
        (15, Event::Cooperate),
        (16, Event::PlanYears),
    ] {
        events.push((calendar.add(FIRST_DAY, offset)?, 0, event));
    }
    for (index, batch) in BATCHES.iter().enumerate() {
        for &(step, offset) in STEPS {
            let late = if batch.twist == Twist::Late && step >= Step::Report { LATE_BY } else { 0 };
            // A day that the calendar can't reach lies beyond the year anyhow.
            if let Ok(day) = calendar.add(batch.starts_on, offset + late) {
                events.push((day, index, Event::Batch(step)));
            }
        }
    }
    events.push((calendar.add(FIRST_DAY, 40)?, 0, Event::Publish));
    events.push((calendar.add(FIRST_DAY, 45)?, 0, Event::Schemes));
    for (index, (day, _)) in INSPECTIONS.iter().enumerate() {
        events.push((*day, index, Event::Inspect));
    }
    events.push((LAST_DAY, 0, Event::Review));
    events.push((calendar.add(LAST_DAY, -4)?, 0, Event::FileLate));
    events.sort_by_key(|(day, index, event)| (*day, *event, *index));
    for (day, index, event) in events.into_iter().filter(|(day, ..)| *day <= LAST_DAY) {
        year.move_to(day)?;
        match event {
            Event::File => year.file_all()?,
            Event::Accept => year.accept_all()?,
            Event::Resubmit => year.resubmit()?,
            Event::Plan => year.plan_all()?,
            Event::Assess => {
                year.evaluate_all()?;
                year.assess_all()?;
            }
            Event::List => year.list_all()?,
            Event::Cooperate => year.cooperate()?,
            Event::PlanYears => {
                year.plan_years()?;
                year.paper()?;
            }
            Event::Publish => year.publish()?,
            Event::Schemes => {
                year.schemes()?;
                year.rubric()?;
            }
            Event::Review => {
                year.review_marks()?;
                year.spoil()?;
                year.exchange()?;
                year.after_issue()?;
                year.correct_candidate()?;
            }
            Event::FileLate => year.file_late()?,
            Event::Inspect => year.inspect(INSPECTIONS[index].1)?,
            Event::Batch(step) => year.batch(index, step)?,
        }
    }
    year.move_to(LAST_DAY)?;
    super::mail::end(office)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    File,
    Accept,
    Resubmit,
    Plan,
    Assess,
    List,
    Cooperate,
    PlanYears,
    Publish,
    Schemes,
    Inspect,
    FileLate,
    Batch(Step),
    Review,
}

impl<'a> Year<'a> {
    fn new(office: &'a Office, seats: &BTreeMap<String, Seat>) -> Result<Self, Stop> {
        let officer = |role: Role, code: &str| -> Result<Caller, Stop> {
            let login = code.replace("city-", "c").replace("province-", "p");
            let seat = Seat::Office(code.to_owned());
            let persona = super::personas_by_code().into_iter().find(|persona| persona.seat == code);
            let (login, name) = match persona {
                Some(persona) => (persona.login.clone(), persona.name.clone()),
                None => (login, "示例工作人员".to_owned()),
            };
            person(office, &login, &name, role, &seat)
        };
        let mut by_body = BTreeMap::new();
        for body in BODIES.iter() {
            let seat = seats.get(&body.code).cloned().unwrap_or(Seat::Nobody);
            let charge = rules::jurisdiction::centre_for(
                body.kind(),
                body.affiliation,
                body.ownership == "public",
                &body.county,
                body.station_centre(),
                &office.reference().divisions,
            )?;
            let in_charge = match charge.centre.as_str() {
                rules::jurisdiction::PROVINCE_CENTRE => Role::ProvincialCentre,
                _ => Role::CityCentre,
            };
            let seats = Seats {
                clerk: person(office, &format!("{}-clerk", body.code), &body.contact, Role::Clerk, &seat)?,
                head: person(office, &format!("{}-head", body.code), &body.head, Role::Head, &seat)?,
                centre: officer(in_charge, &charge.centre)?,
                bureau: charge.bureau.map(|bureau| officer(Role::CityBureau, &bureau)).transpose()?,
            };
            by_body.insert(body.code.as_str(), seats);
        }
        let mut trades: BTreeMap<&'static str, Vec<DemoTrade>> = BTreeMap::new();
        for trade in super::table::<DemoTrade>(include_str!("../../../../demo/trades.csv")) {
            if let Some(body) = BODIES.iter().find(|body| body.code == trade.body) {
                trades.entry(body.code.as_str()).or_default().push(trade);
            }
        }
        Ok(Self {
            office,
            features: crate::features(),
            crowd: Crowd::new(60),
            seats: by_body,
            provincial_centre: officer(Role::ProvincialCentre, "province-centre")?,
            department: officer(Role::ProvincialDepartment, "province-department")?,
            trades,
            filings: BTreeMap::new(),
            batches: BTreeMap::new(),
            classes: BTreeMap::new(),
            examiners: BTreeMap::new(),
            cooperations: BTreeMap::new(),
            scheme: None,
            findings: Vec::new(),
        })
    }

    fn move_to(&self, day: Day) -> Result<(), Stop> {
        if self.office.today() < day {
            self.office.set_day(day)?;
            crate::cli::due::run(self.office)?;
            crate::delivery::send_waiting(self.office)?;
        }
        Ok(())
    }

    /// Those who may have their mail sent, by login.
    fn readers(&self) -> Result<Vec<(String, Caller)>, Stop> {
        let school = self.seats("rongcheng")?;
        Ok(vec![
            ("rongcheng-head".into(), school.head.clone()),
            ("fuzhou-centre".into(), school.centre.clone()),
            ("fujian-centre".into(), self.provincial_centre.clone()),
        ])
    }

    fn act(&self, caller: &Caller, kind: &str, fields: Value) -> Result<Value, Stop> {
        let call = self.features.acts.get(kind).ok_or_else(|| Stop::fault(format!("no act {kind}")))?;
        call(self.office, caller, None, fields).inspect_err(|stop| tracing::error!(%kind, %stop, "demo"))
    }

    fn keep(&self, bytes: &[u8]) -> Result<Value, Stop> {
        Ok(json!(self.office.files().keep(bytes)?.0.0))
    }

    fn seats(&self, body: &str) -> Result<&Seats, Stop> {
        self.seats.get(body).ok_or_else(|| Stop::fault(format!("no body {body}")))
    }

    // --- filings

    fn listed_bodies() -> impl Iterator<Item = &'static DemoBody> {
        let files = |body: &&DemoBody| rules::filing::files_under(body.kind()).is_ok();
        BODIES.iter().filter(files).filter(|body| !UNDER_WAY.contains(&body.code.as_str()))
    }

    fn file_all(&mut self) -> Result<(), Stop> {
        let material = self.material()?;
        for body in Self::listed_bodies() {
            let filing = self.draft(body, &material)?;
            self.act(&self.seats(&body.code)?.head, "SubmitFiling", json!({"filing": filing}))?;
        }
        Ok(())
    }

    /// One body has just submitted, another is still filling in its application.
    fn file_late(&mut self) -> Result<(), Stop> {
        let material = self.material()?;
        for (index, code) in UNDER_WAY.iter().enumerate() {
            let Some(body) = BODIES.iter().find(|body| body.code == *code) else { continue };
            let filing = self.draft(body, &material)?;
            if index == 0 {
                self.act(&self.seats(code)?.head, "SubmitFiling", json!({"filing": filing}))?;
            }
        }
        self.change(&material)
    }

    /// A school moves, which its centre has to review, and has more assessors, which the centre is told.
    fn change(&mut self, material: &Value) -> Result<(), Stop> {
        let head = self.seats(MOVING)?.head.clone();
        let body = head.body();
        let moving = json!({
            "body": body, "matter": "rooms", "value": "示例路88号新校区实训楼", "reason": "新校区实训楼启用，原场地停用",
            "file": material, "file_name": "场地证明.pdf",
        });
        self.act(&head, "ApplyChange", moving)?;
        let assessing = json!({
            "body": body, "matter": "assessors", "value": "增加考评人员2名，均持有效证卡", "reason": "电子商务专业扩招", "file": null,
        });
        self.act(&head, "TellChange", assessing)?;
        Ok(())
    }

    fn material(&self) -> Result<Value, Stop> {
        let form = press::Form {
            mark: None,
            title: "示例材料".into(),
            number: None,
            sections: Vec::new(),
            signature_lines: vec!["单位（盖章）".into()],
            on: FIRST_DAY,
        };
        self.keep(&self.office.press().form(&form).map_err(Stop::fault)?)
    }

    fn draft(&mut self, body: &'static DemoBody, material: &Value) -> Result<i64, Stop> {
        let trades = self.trades.get(body.code.as_str()).cloned().unwrap_or_default();
        let clerk = self.seats(&body.code)?.clerk.clone();
        let opened = self.act(&clerk, "OpenFiling", json!({}))?;
        let filing = opened["id"].as_i64().ok_or_else(|| Stop::fault("a filing without an id"))?;
        self.filings.insert(body.code.as_str(), filing);
        let majors: Vec<&str> = trades.iter().map(|trade| trade.major.as_str()).collect();
        self.import_majors(&clerk, &majors)?;
        let form = json!({
            "address": body.address, "legal_representative": body.head, "head": body.head, "contact": body.contact,
            "phone": body.phone, "superior": body.superior, "station_name": body.station_name,
            "station_number": body.station_number, "majors": majors.join("、"), "note": "",
        });
        self.act(&clerk, "DescribeBody", json!({"filing": filing, "form": form}))?;
        let rows: Vec<Value> = trades
            .iter()
            .flat_map(|trade| {
                trade.levels.split(',').map(move |level| {
                    json!({"trade": trade.occupation_code, "level": level.trim(), "work_type": "", "major": trade.major,
                           "standard": "", "papers": "国家题库", "capacity": trade.capacity, "for_public": is_public(trade, level)})
                })
            })
            .collect();
        self.act(&clerk, "PlanTrades", json!({"filing": filing, "trades": rows}))?;
        let people = self.staff(&body.code, &trades);
        self.act(&clerk, "ListPeople", json!({"filing": filing, "people": people}))?;
        let sites = self.sites(&body.code, "");
        self.act(&clerk, "ListSites", json!({"filing": filing, "sites": sites}))?;
        for item in default_checklist().iter().filter(|item| item.required) {
            let codes: Vec<Option<&str>> = match item.per {
                MaterialPer::Body => vec![None],
                MaterialPer::Trade => trades.iter().map(|trade| Some(trade.occupation_code.as_str())).collect(),
            };
            for code in codes {
                let fields = json!({"filing": filing, "code": item.code, "trade_code": code, "file": material,
                                    "name": format!("{}.pdf", item.title)});
                self.act(&clerk, "AttachMaterial", fields)?;
            }
        }
        Ok(filing)
    }

    /// A room, stations, equipment and cameras for each occupation of a body.
    fn sites(&self, body: &str, note: &str) -> Vec<Value> {
        let trades = self.trades.get(body).into_iter().flatten();
        trades
            .flat_map(|trade| {
                [
                    ("theory_room", "教学楼2层标准化考场".to_owned(), 60),
                    ("practical_station", format!("{}实训车间", trade.major), 30),
                    ("equipment", format!("{}实训设备", trade.occupation), 30),
                    ("camera", format!("{}监控摄像头", trade.occupation), 8),
                ]
                .map(|(kind, name, count)| {
                    let days = (kind == "camera").then_some(180);
                    json!({"kind": kind, "name": name, "trade_code": trade.occupation_code,
                           "count": count, "note": if kind == "practical_station" { note } else { "" }, "days_kept": days})
                })
            })
            .collect()
    }

    /// The school's catalogue: the majors that its occupations fit, and one that is no main major.
    fn import_majors(&self, clerk: &Caller, majors: &[&str]) -> Result<(), Stop> {
        let mut names: Vec<&str> = Vec::new();
        for name in majors {
            if !names.contains(name) {
                names.push(name);
            }
        }
        let line = |(at, name): (usize, &&str)| format!("示例{:02},{name},高级工班,是,2018\n", at + 1);
        let main: String = names.iter().enumerate().map(line).collect();
        let text = format!("专业代码,专业名称,培养层次,主干专业,开设年份\n{main}示例90,文秘,中级工班,否,2021\n");
        let file = self.keep(text.as_bytes())?;
        self.act(clerk, "ImportMajors", json!({"file": file, "name": "专业目录.csv"})).map(|_| ())
    }

    fn staff(&mut self, body: &str, trades: &[DemoTrade]) -> Vec<Value> {
        let mut people = Vec::new();
        // The same in every application of a body.
        let tag = BODIES.iter().position(|one| one.code == body).unwrap_or_default() + 1;
        for trade in trades {
            let highest = trade.levels.split(',').next_back().unwrap_or("4").trim().to_owned();
            for n in 1..=3 {
                people.push(json!({"kind": "assessor", "name": self.crowd.name(), "trade_code": trade.occupation_code,
                    "level_max": highest, "card_number": format!("示例考评证{tag:02}-{}-{n}", trade.occupation_code), "card_valid_until": "2027-12-31"}));
            }
        }
        for (kind, card) in
            [("full_time", ""), ("full_time", ""), ("inspector", "示例督导证"), ("expert", "示例专家证")]
        {
            let until = if card.is_empty() { Value::Null } else { json!("2027-12-31") };
            let card = if card.is_empty() { String::new() } else { format!("{card}{tag:02}") };
            people.push(json!({"kind": kind, "name": self.crowd.name(), "trade_code": null, "level_max": null,
                "card_number": card, "card_valid_until": until}));
        }
        people
    }

    /// The centres accept; one application is given back first.
    fn accept_all(&self) -> Result<(), Stop> {
        for body in Self::listed_bodies() {
            let (filing, centre) = (self.filings[body.code.as_str()], &self.seats(&body.code)?.centre);
            if body.code == "lizhou" {
                let parts = json!([
                    {"part": "sites", "about": "", "text": "请写明实操工位的位置"},
                    {"part": "materials", "about": "", "text": "实操工位照片不清晰，请重新拍摄后上传"},
                ]);
                self.act(centre, "GiveBackFiling", json!({"filing": filing, "reasons": [], "parts": parts}))?;
            } else {
                self.act(centre, "AcceptFiling", json!({"filing": filing}))?;
            }
        }
        Ok(())
    }

    fn resubmit(&self) -> Result<(), Stop> {
        let (filing, seats) = (self.filings["lizhou"], self.seats("lizhou")?);
        let sites = self.sites("lizhou", "实训楼 2 层");
        self.act(&seats.clerk, "ListSites", json!({"filing": filing, "sites": sites}))?;
        self.act(&seats.head, "SubmitFiling", json!({"filing": filing}))?;
        self.act(&seats.centre, "AcceptFiling", json!({"filing": filing})).map(|_| ())
    }

    /// The provincial centre registers experts, and each centre sets a day for its filings and draws a panel.
    fn plan_all(&mut self) -> Result<(), Stop> {
        let mut codes: Vec<String> =
            self.trades.values().flatten().map(|trade| trade.occupation_code.clone()).collect();
        // Occupations that a visitor may well file, beside those of the schools.
        codes.extend(["4-03-02-07", "6-18-01-01", "6-31-01-03"].map(str::to_owned));
        codes.sort();
        codes.dedup();
        let rows: Vec<Vec<String>> = (0..EXPERTS)
            .map(|n| {
                // Each judges a third of the occupations.
                let own: Vec<&str> = codes.iter().skip(n % 3).step_by(3).map(String::as_str).collect();
                let title = if n % 2 == 0 { "高级工程师" } else { "高级技师" };
                let cells = [EMPLOYERS[n % EMPLOYERS.len()], "示例省直部门", title];
                let mut row = vec![self.crowd.name()];
                row.extend(cells.map(str::to_owned));
                row.extend([own.join("、"), "一级".into(), format!("示例专家证{:03}", n + 1), "2027-12-31".into()]);
                row
            })
            .collect();
        let headings = ["姓名", "工作单位", "主管部门", "职称", "职业（工种）", "最高等级", "证卡编号", "证卡有效期"];
        let file = self.keep(&sheets::table("评估专家", &headings, rows).map_err(Stop::fault)?)?;
        let fields = json!({"file": file, "name": "评估专家.xlsx", "kind": "expert"});
        self.act(&self.provincial_centre, "ImportCards", fields)?;
        self.register()?;
        let held_on = self.office.reference().calendar.add(self.office.today(), 2)?;
        for body in Self::listed_bodies() {
            let (filing, centre) = (self.filings[body.code.as_str()], &self.seats(&body.code)?.centre);
            let plan = json!({"filing": filing, "held_on": held_on.to_string(), "members": null});
            self.act(centre, "PlanEvaluation", plan)?;
            let drawn = self.act(centre, "DrawPanel", json!({"filing": filing, "reason": ""}))?;
            if body.code == "rongcheng" {
                let absent = &drawn["members"][1]["expert"];
                let fields = json!({"filing": filing, "expert": absent, "reason": "当日另有考评任务"});
                self.act(centre, "ReplaceMember", fields)?;
            }
        }
        Ok(())
    }

    /// The provincial centre takes in the assessors and inspectors: those whom the applications named, some from elsewhere, and
    /// the centres' own.
    fn register(&mut self) -> Result<(), Stop> {
        let headings =
            ["证卡类别", "姓名", "工作单位", "职业（工种）", "最高等级", "证卡编号", "发证日期", "证卡有效期"];
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut add = |cells: [&str; 6]| {
            let days = ["", "2027-12-31"];
            rows.push(cells.into_iter().chain(days).map(str::to_owned).collect());
        };
        for (at, body) in BODIES.iter().enumerate() {
            let code = body.code.as_str();
            let trades = self.trades.get(code).cloned().unwrap_or_default();
            let mut examiners = BodyExaminers::default();
            let staff = match self.filings.get(code) {
                Some(filing) => self.listed_staff(code, *filing)?,
                None => self.staff(code, &trades),
            };
            for person in &staff {
                let text = |field: &str| person[field].as_str().unwrap_or_default();
                let (name, number, trade) = (text("name"), text("card_number"), text("trade_code"));
                match text("kind") {
                    "assessor" => {
                        let level = text("level_max").chars().next().and_then(Level::from_digit).unwrap_or(Level::L3);
                        let kind = if level > Level::L3 { "高级考评员" } else { "考评员" };
                        add([kind, name, &body.name, trade, level.name(), number]);
                        examiners.own.entry(trade.to_owned()).or_default().push(number.to_owned());
                    }
                    "inspector" => {
                        add(["内部质量督导员", name, &body.name, "", "", number]);
                        number.clone_into(&mut examiners.inspector);
                    }
                    _ => {}
                }
            }
            for trade in &trades {
                for n in 0..OUTSIDERS {
                    let (name, employer) = (self.crowd.name(), EMPLOYERS[(at + n) % EMPLOYERS.len()]);
                    let number = format!("示例高考证{:02}-{}-{}", at + 1, trade.occupation_code, n + 1);
                    add(["高级考评员", &name, employer, &trade.occupation_code, "一级", &number]);
                    examiners.outside.entry(trade.occupation_code.clone()).or_default().push(number);
                }
            }
            let centre = self.seats(code)?.centre.seat_name().to_owned();
            let external = format!("R3525{:04}", at + 1);
            let name = self.crowd.name();
            add(["外部质量督导员", &name, &centre, "", "", &external]);
            examiners.external = external;
            self.examiners.insert(code, examiners);
        }
        let file = self.keep(&sheets::table("证卡名册", &headings, rows).map_err(Stop::fault)?)?;
        let fields = json!({"file": file, "name": "考评员与质量督导员.xlsx", "kind": null});
        self.act(&self.provincial_centre, "ImportCards", fields).map(|_| ())
    }

    /// The people that an application names.
    fn listed_staff(&self, body: &str, filing: i64) -> Result<Vec<Value>, Stop> {
        let look = self.features.looks.get("FilingDetail").ok_or_else(|| Stop::fault("no look"))?;
        let view = look(self.office, &self.seats(body)?.head, json!({"filing": filing}))?;
        Ok(view["people"].as_array().cloned().unwrap_or_default())
    }

    /// Two assessors from elsewhere, one of whom heads the group, one of the body's own, two invigilators, the inspector; from batch to batch
    /// others. One is replaced before the day, and the centre looks in at the first batches.
    fn assign(&mut self, index: usize) -> Result<(), Stop> {
        let plan = &BATCHES[index];
        let (code, batch) = (self.trade(plan)?.occupation_code, self.batches[&index].0);
        let nth = BATCHES[..index].iter().filter(|one| (one.body, one.trade) == (plan.body, plan.trade)).count();
        let examiners = &self.examiners[plan.body];
        let (own, outside) = (&examiners.own[&code], &examiners.outside[&code]);
        let assessor = |duty: &str, number: &str| json!({"duty": duty, "part": "practical", "card_number": number, "name": "", "teaches": false});
        let group = |second: usize| {
            vec![
                assessor("group_head", &outside[(2 * nth) % OUTSIDERS]),
                assessor("assessor", &outside[(2 * nth + 1) % OUTSIDERS]),
                assessor("assessor", &own[second % own.len()]),
                json!({"duty": "inspector", "part": null, "card_number": examiners.inspector, "name": "", "teaches": false}),
            ]
        };
        let first = self.crowd.name();
        let second = std::iter::repeat_with(|| self.crowd.name()).find(|name| *name != first).unwrap_or_default();
        let invigilators = [first, second].map(
            |name| json!({"duty": "invigilator", "part": "theory", "card_number": "", "name": name, "teaches": false}),
        );
        let clerk = &self.seats(plan.body)?.clerk;
        let at_once = plan.size.min(GROUP);
        let list = |second: usize| [group(second), invigilators.to_vec()].concat();
        let fields = |second: usize, reason: &str| json!({"batch": batch, "people": list(second), "at_once": at_once, "reason": reason});
        self.act(clerk, "AssignExaminers", fields(nth, ""))?;
        if plan.twist == Twist::Objection {
            self.act(clerk, "AssignExaminers", fields(nth + 1, "原定考评员当日有课，改由同事担任"))?;
        }
        if plan.body == "rongcheng" && nth == 0 {
            let fields = json!({"batch": batch, "card_numbers": [examiners.external], "reason": ""});
            self.act(&self.seats(plan.body)?.centre, "AssignSupervisors", fields)?;
        }
        Ok(())
    }

    /// The panels mark the sheets, sign them and conclude.
    fn evaluate_all(&self) -> Result<(), Stop> {
        let signed = self.material()?;
        for body in Self::listed_bodies() {
            let (filing, centre) = (self.filings[body.code.as_str()], &self.seats(&body.code)?.centre);
            let look = self.features.looks.get("EvaluationDetail").ok_or_else(|| Stop::fault("no look"))?;
            let view = look(self.office, centre, json!({"filing": filing}))?;
            let empty = Vec::new();
            let sheet = view["sheet"].as_array().unwrap_or(&empty);
            let panel = view["members"].as_array().unwrap_or(&empty).iter().filter(|member| member["sits"] == true);
            for (n, member) in panel.enumerate() {
                let marks: Vec<Value> = sheet
                    .iter()
                    .enumerate()
                    .map(|(at, line)| {
                        let full = line["full"].as_i64().unwrap_or_default();
                        let points = full - ((at + n) % 3) as i64;
                        json!({"item": line["item"], "trade_code": line["trade_code"], "points": points, "remark": ""})
                    })
                    .collect();
                let fields = json!({"filing": filing, "expert": member["expert"], "marks": marks});
                self.act(centre, "MarkEvaluation", fields)?;
            }
            for (item, name) in [("stations", "实操车间.pdf"), ("signed_sheet", "评分表（签字）.pdf")] {
                let fields = json!({"filing": filing, "item": item, "file": signed, "name": name});
                self.act(centre, "AttachEvidence", fields)?;
            }
            self.act(centre, "FinishEvaluation", json!({"filing": filing, "opinion": "条件具备，建议备案"}))?;
        }
        Ok(())
    }

    fn assess_all(&self) -> Result<(), Stop> {
        for body in Self::listed_bodies() {
            let filing = self.filings[body.code.as_str()];
            let decisions: Vec<Value> = self.trades[body.code.as_str()]
                .iter()
                .flat_map(|trade| {
                    trade.levels.split(',').map(move |level| {
                        json!({"code": trade.occupation_code, "level": level.trim(), "passed": true, "reason": "",
                               "for_public": is_public(trade, level)})
                    })
                })
                .collect();
            let fields = json!({"filing": filing, "decisions": decisions, "opinion": "现场评估符合条件"});
            self.act(&self.seats(&body.code)?.centre, "AssessFiling", fields)?;
        }
        Ok(())
    }

    fn list_all(&self) -> Result<(), Stop> {
        for body in Self::listed_bodies() {
            let filing = self.filings[body.code.as_str()];
            if let Some(bureau) = &self.seats(&body.code)?.bureau {
                self.act(bureau, "ConsentFiling", json!({"filing": filing, "opinion": "同意备案"}))?;
            }
            self.act(&self.provincial_centre, "SummariseFiling", json!({"filing": filing}))?;
        }
        // The ministry is told of all of them at once, and answers so.
        let filings: Vec<i64> = Self::listed_bodies().map(|body| self.filings[body.code.as_str()]).collect();
        self.act(&self.department, "ExportMinistry", json!({"filings": filings}))?;
        let today = self.office.today().to_string();
        let answer = json!({"filings": filings, "reference": "示例部备〔2025〕12号", "filed_on": today});
        self.act(&self.department, "RecordMinistryFilings", answer)?;
        for filing in filings {
            let until = (filing == self.filings[ENDING.0]).then_some(ENDING.1);
            self.act(&self.department, "ListFiling", json!({"filing": filing, "number": null, "valid_until": until}))?;
            self.act(&self.provincial_centre, "IssueReceipt", json!({"filing": filing}))?;
        }
        Ok(())
    }

    // --- cooperation

    /// The department enters an enterprise and an organisation; a school agrees with the one and asks the other, and
    /// another school's request waits for an answer.
    fn cooperate(&mut self) -> Result<(), Stop> {
        let paper = self.material()?;
        let today = self.office.today().to_string();
        for (code, number, reference) in ANNOUNCED {
            let trades: Vec<Value> = self.trades[code]
                .iter()
                .map(|trade| json!({"trade": trade.occupation_code, "level": "4", "standard": format!("《{}》（{}年版）", trade.occupation, trade.standard_edition)}))
                .collect();
            let fields = json!({
                "body": self.seats(code)?.head.body(), "number": number, "trades": trades, "valid_from": today,
                "valid_until": "2028-09-30", "reference": reference, "announced_on": today, "file": paper, "file_name": "文件.pdf",
            });
            self.act(&self.department, "EnterBody", fields)?;
        }
        let asks: [(&str, &str, &str, bool); 3] = [
            ("gushan", "Y000035000901", "rongcheng", true),
            ("minyue", "S000035000902", "rongcheng", true),
            ("minyue", "S000035000902", "ludao", false),
        ];
        for (evaluator, number, school, answered) in asks {
            let trade = &self.trades[evaluator][0];
            let fields = json!({
                "partner": number, "from": today, "until": "2026-12-31", "signed_on": today,
                "trades": [{"code": trade.occupation_code, "level": "4"}], "expected": 40,
                "note": "面向毕业年级学生，每学期一批", "file": paper, "file_name": "协议.pdf",
            });
            let made = self.act(&self.seats(school)?.clerk, "ProposeCooperation", fields)?;
            let id = made["id"].as_i64().ok_or_else(|| Stop::fault("a cooperation without an id"))?;
            if answered {
                let fields = json!({"cooperation": id, "reason": ""});
                self.act(&self.seats(evaluator)?.head, "ConfirmCooperation", fields)?;
                let known = |code: &str| BODIES.iter().find(|body| body.code == code).map(|body| body.code.as_str());
                if let (Some(evaluator), Some(school)) = (known(evaluator), known(school)) {
                    self.cooperations.insert((evaluator, school), id);
                }
            }
        }
        Ok(())
    }

    /// Whoever is in the directory publishes the plans of this year and the next: the capacity that was filed, all the
    /// year but August.
    fn plan_years(&self) -> Result<(), Stop> {
        let listed = Self::listed_bodies().map(|body| body.code.as_str());
        for code in listed.chain(ANNOUNCED.iter().map(|(code, ..)| *code)) {
            for year in [FIRST_DAY.year(), LAST_DAY.year()] {
                self.plan_year(code, year, (1, ""))?;
            }
        }
        Ok(())
    }

    /// Publishes a plan of so many times the capacity.
    fn plan_year(&self, code: &str, year: i16, (times, reason): (i64, &str)) -> Result<(), Stop> {
        let head = &self.seats(code)?.head;
        let body = head.body().ok_or_else(|| Stop::fault(format!("{code} is no body")))?;
        let plan = self.office.look(head, &YearPlan { body, year: Some(i64::from(year)) })?;
        let trades = self.trades.get(code).map(Vec::as_slice).unwrap_or_default();
        let rows = plan.choices.iter().map(|one| {
            let filed = trades.iter().find(|trade| trade.occupation_code == one.code);
            json!({"trade": one.code, "work_type": one.work_type, "level": one.level, "months": "1-7、9-12月",
                   "expected": filed.map_or(120, |trade| trade.capacity.max(60)) * times})
        });
        let fields = json!({"year": year, "rows": rows.collect::<Value>(), "file": null, "reason": reason});
        self.act(head, "PublishYearPlan", fields).map(|_| ())
    }

    /// A school publishes new versions of its regulations and its fees, another one on trial that ends soon. Its printer is a
    /// little off.
    fn publish(&self) -> Result<(), Stop> {
        self.plan_year("rongcheng", LAST_DAY.year(), (2, "毕业年级增加两个班，全年人数相应增加"))?;
        let head = &self.seats("rongcheng")?.head;
        self.act(head, "SetPrintOffset", json!({"right": 8, "down": -3}))?;
        let scan = json!([{"file": self.material()?, "name": "考务管理办法（盖章）.pdf"}]);
        let versions = [
            ("exam", EXAM, "2025-12-01", "重新制定，全文公布", &scan),
            (
                "exam",
                &EXAM.replace("两名考评人员", "三名考评人员"),
                "2026-03-02",
                "每个考场增加一名考评人员",
                &json!([]),
            ),
            ("fee", FEES, "2026-01-01", "按新的批文修订", &json!([])),
        ];
        for (kind, text, from, note, files) in versions {
            let title = if kind == "exam" {
                "职业技能等级认定考务管理办法"
            } else {
                "职业技能等级认定收费管理办法"
            };
            let fields = json!({"kind": kind, "title": title, "text": text, "files": files, "from": from, "until": null, "note": note});
            self.act(head, "PublishRegulation", fields)?;
        }
        let fees = |practical: &str| {
            let fee = |item: &str, trade: &str, amount: &str| json!({"item": item, "trade": trade, "level": null, "amount": amount, "unit": "元/人", "basis": "示例价费〔2025〕18号"});
            let own = self.trades.get("rongcheng").into_iter().flatten();
            let practical = own.map(|trade| fee("操作技能考核费", &trade.occupation_code, practical));
            std::iter::once(fee("理论知识考试费", "", "60.00"))
                .chain(practical)
                .chain([fee("证书工本费", "", "0.00")])
                .collect::<Value>()
        };
        for (practical, from, note) in
            [("180.00", "2026-01-01", ""), ("160.00", "2026-09-01", "耗材集中采购，下调考核费")]
        {
            let fields = json!({"fees": fees(practical), "file": null, "from": from, "until": null, "note": note});
            self.act(head, "PublishFees", fields)?;
        }
        let trial = json!({"kind": "quality", "title": "职业技能等级认定质量管理办法（试行）", "text": QUALITY, "files": [],
            "from": "2026-01-01", "until": "2026-04-10", "note": "试行一百天"});
        self.act(&self.seats("minjiang")?.head, "PublishRegulation", trial).map(|_| ())
    }

    // --- batches

    fn batch(&mut self, index: usize, step: Step) -> Result<(), Stop> {
        let plan = &BATCHES[index];
        let twisted = matches!(plan.twist, Twist::Objection | Twist::OpenObjection);
        match step {
            Step::Notify => self.notify(index),
            Step::Enlarge if plan.twist == Twist::More => self.enlarge(index),
            Step::PutOff if plan.twist == Twist::PutOff => {
                let fields = json!({"batch": self.batches[&index].0, "reason": "实训设备更新，交付日期待定"});
                self.act(&self.seats(plan.body)?.clerk, "PostponeBatch", fields).map(|_| ())
            }
            Step::Enlarge | Step::PutOff => Ok(()),
            // Nothing goes on in a batch that was put off.
            _ if plan.twist == Twist::PutOff => Ok(()),
            Step::Roster => self.roster(index),
            Step::Photos => self.photos(index),
            Step::Assign => self.assign(index),
            Step::Arrange => {
                let batch = self.batches[&index].0;
                let mut fields = json!({"batch": batch});
                // As many at a time as the three assessors judge.
                let major = self.trade(plan)?.major;
                if plan.size > GROUP && !major.is_empty() {
                    fields["stations"] = json!([{"name": format!("{major}实训车间"), "count": GROUP}]);
                }
                self.act(&self.seats(plan.body)?.clerk, "ArrangeBatch", fields)?;
                if index == FAILED_IN { self.ask_deferral(index) } else { Ok(()) }
            }
            Step::Hold if NOTED.contains(&index) => self.hold(index),
            Step::Hold => Ok(()),
            Step::Marks => self.marks(index),
            Step::Post => {
                let batch = self.batches[&index].0;
                let posted = self.act(&self.seats(plan.body)?.head, "PostResults", json!({"batch": batch}))?;
                self.hang(index, &posted)
            }
            Step::Object if twisted => self.object(index),
            Step::Object if plan.twist == Twist::Broken => self.post_anew(index),
            Step::Answer if plan.twist == Twist::Objection => self.answer(index),
            Step::Object | Step::Answer => Ok(()),
            Step::Report => {
                let batch = self.batches[&index].0;
                let reason = (plan.twist == Twist::Late).then_some("经办人更替，交接遗漏，已整改");
                let fields = json!({"batch": batch, "late_reason": reason});
                self.act(&self.seats(plan.body)?.head, "ReportResults", fields).map(|_| ())
            }
            // The late report waits for the centre's decision.
            Step::Review | Step::Issue | Step::Archive if plan.twist == Twist::Late => Ok(()),
            Step::Review => self.review(index),
            Step::Issue => {
                let batch = self.batches[&index].0;
                let fields = json!({"batch": batch, "candidates": null});
                self.act(&self.seats(plan.body)?.head, "IssueCertificates", fields)?;
                if plan.body == ON_BLANKS { self.print_on_blanks(index) } else { Ok(()) }
            }
            Step::Archive if index == NOT_ARCHIVED => Ok(()),
            Step::Archive => self.archive(index),
        }
    }

    /// The papers go into the cupboard, the answers as a scan too, and the head closes the archive; the centre opens the
    /// first one.
    fn archive(&self, index: usize) -> Result<(), Stop> {
        let (batch, seats) = (self.batches[&index].0, self.seats(BATCHES[index].body)?);
        // Whoever was returned is reported again first.
        if !self.office.look(&seats.head, &ArchiveContents { batch })?.acts.contains(&ActKind::CloseArchive) {
            return Ok(());
        }
        let made_on = BATCHES[index].starts_on;
        let papers = [
            ("registration_form", "考生申报表和条件证明", "1-1", 56),
            ("sign_in", "理论和实操签到表", "1-2", 6),
            ("room_record", "考场记录", "1-3", 4),
            ("inspection", "内部质量督导报告", "1-4", 5),
            ("paper", "理论试卷和评分标准", "2-1", 12),
            ("score_sheet", "操作技能考核评分表", "2-2", 84),
            ("collection", "证书领取登记表", "3-1", 2),
        ];
        for (kind, title, shelf, pages) in papers {
            let fields = json!({"batch": batch, "kind": kind, "title": title, "made_on": made_on, "place": "教务处档案柜", "shelf": shelf, "pages": pages});
            self.act(&seats.clerk, "EnterPiece", fields)?;
        }
        let scan = json!({"batch": batch, "kind": "answers", "title": "理论答卷（扫描）", "made_on": made_on,
            "file": self.material()?, "file_name": "答卷.pdf"});
        self.act(&seats.clerk, "EnterPiece", scan)?;
        let closing = json!({"batch": batch, "note": "监控录像存于监控中心存储服务器，按规定时限另行保管"});
        self.act(&seats.head, "CloseArchive", closing)?;
        if index == FAILED_IN {
            let opening = json!({"batch": batch, "piece": null, "reason": "核查公示期间异议的处理经过"});
            self.act(&seats.centre, "OpenArchive", opening)?;
        }
        Ok(())
    }

    fn trade(&self, plan: &Plan) -> Result<DemoTrade, Stop> {
        let trades = self.trades.get(plan.body).and_then(|trades| trades.get(plan.trade));
        trades.cloned().ok_or_else(|| Stop::fault(format!("no trade {} at {}", plan.trade, plan.body)))
    }

    fn notice(&self, index: usize) -> Result<Value, Stop> {
        let plan = &BATCHES[index];
        let trade = self.trade(plan)?;
        let practical_on = self.office.reference().calendar.add(plan.starts_on, 1)?;
        let reference = self.office.reference();
        let standards = reference.trades.standards_of(&trade.occupation_code);
        let standard = standards
            .iter()
            .find(|standard| standard.edition_year == Some(trade.standard_edition))
            .or(standards.first())
            .map(|standard| standard.label())
            .unwrap_or_default();
        let cooperation = plan.school.and_then(|school| self.cooperations.get(&(plan.body, school)));
        let workshop = if trade.major.is_empty() { &trade.occupation } else { &trade.major };
        Ok(json!({
            "cooperation": cooperation, "code": trade.occupation_code, "level": "4", "standard": standard,
            "starts_on": plan.starts_on.to_string(), "ends_on": practical_on.to_string(),
            "theory_on": plan.starts_on.to_string(), "practical_on": practical_on.to_string(), "comprehensive_on": null,
            "theory_place": "教学楼2层标准化考场", "practical_place": format!("{workshop}实训车间"), "expected": plan.size,
            "plan": format!("面向{workshop}专业毕业年级学生，理论机考、实操现场考核，全程录像。"), "plan_file": null,
            "scheme": self.scheme.filter(|_| index == WITH_COURSE),
        }))
    }

    fn notify(&mut self, index: usize) -> Result<(), Stop> {
        let notice = self.notice(index)?;
        let notified = self.act(&self.seats(BATCHES[index].body)?.clerk, "NotifyBatch", notice)?;
        let batch = notified["id"].as_i64().ok_or_else(|| Stop::fault("a batch without an id"))?;
        self.batches.insert(index, (batch, Vec::new()));
        Ok(())
    }

    /// Four more students than told: the notice changes, and counts again.
    fn enlarge(&mut self, index: usize) -> Result<(), Stop> {
        let mut notice = self.notice(index)?;
        notice["expected"] = json!(BATCHES[index].size + 4);
        let fields = json!({"batch": self.batches[&index].0, "notice": notice, "reason": "转专业学生4名要求参加"});
        self.act(&self.seats(BATCHES[index].body)?.clerk, "ChangeBatch", fields).map(|_| ())
    }

    /// A class of its own for each batch enters the school's register, then the roster is uploaded.
    fn roster(&mut self, index: usize) -> Result<(), Stop> {
        let plan = &BATCHES[index];
        let mut trade = self.trade(plan)?;
        if let Some(school) = plan.school {
            // The class is the school's, and so is its major.
            let own = self.trades[school].iter().find(|own| own.occupation_code == trade.occupation_code);
            trade.major = own.map(|own| own.major.clone()).unwrap_or_default();
        }
        let mut class = self.crowd.class(2023, plan.size);
        if index == MAKE_UP {
            // One failed theory, the other practice.
            let before = &self.batches[&FAILED_IN].1;
            class.extend([before[7].clone(), before[11].clone()]);
        }
        if index == WITH_EXCEPTIONS {
            class.extend(self.crowd.class(2025, 2));
        }
        let clerk = self.seats(plan.body)?.clerk.clone();
        let registrar = self.seats(plan.school.unwrap_or(plan.body))?.clerk.clone();
        let register = sheets::table(
            "学籍名册",
            &["学号", "姓名", "证件类型", "证件号码", "专业", "班级", "培养层次", "入学年月", "毕业年月"],
            class.iter().enumerate().map(|(at, student)| {
                let (class, entered, graduates) = match at {
                    _ if index == WITH_EXCEPTIONS && at >= plan.size => ("2025级1班", "2025-09", "2028-07"),
                    _ => (["2023级1班", "2023级2班"][at % 2], "2023-09", "2026-07"),
                };
                [
                    &student.student_no,
                    &student.name,
                    "居民身份证",
                    &student.number,
                    &trade.major,
                    class,
                    "中级工班",
                    entered,
                    graduates,
                ]
                .map(str::to_owned)
                .to_vec()
            }),
        );
        let file = self.keep(&register.map_err(Stop::fault)?)?;
        self.act(&registrar, "UploadEnrolment", json!({"file": file, "name": "学籍名册.xlsx"}))?;
        let roster = sheets::table(
            "报名名册",
            &["姓名", "证件类型", "证件号码", "学号", "申报条件", "专业", "手机号码"],
            class.iter().map(|student| {
                ["", "居民身份证", &student.number, &student.student_no, "", &trade.major, &student.phone]
                    .map(str::to_owned)
                    .into_iter()
                    .enumerate()
                    .map(|(at, text)| if at == 0 { student.name.clone() } else { text })
                    .collect()
            }),
        );
        let file = self.keep(&roster.map_err(Stop::fault)?)?;
        let batch = self.batches[&index].0;
        let read = self.act(&clerk, "UploadRoster", json!({"batch": batch, "file": file, "name": "报名名册.xlsx"}))?;
        if index == WITH_EXCEPTIONS {
            self.except(index, &read["upload"])?;
        }
        self.classes.entry(plan.body).or_default().extend(class.iter().cloned());
        self.batches.insert(index, (batch, class));
        Ok(())
    }

    /// Two who don't meet a condition by the register are put forward; the centre lets one of them past, the other waits.
    fn except(&self, index: usize, upload: &Value) -> Result<(), Stop> {
        let (batch, seats) = (self.batches[&index].0, self.seats(BATCHES[index].body)?);
        // Title and headings stand above the first student.
        let first = BATCHES[index].size + 3;
        for (row, reason) in [
            (first, "获省级技能竞赛二等奖，竞赛文件准予申报四级，获奖证书见附件"),
            (first + 1, "参加企业订单班，企业出具的岗位证明见附件"),
        ] {
            let fields = json!({"batch": batch, "upload": upload, "sheet": "报名名册", "row": row, "reason": reason,
                "file": self.material()?, "file_name": "工作经历证明.pdf"});
            let made = self.act(&seats.clerk, "ProposeException", fields)?;
            if row == first {
                let decision = json!({"batch": batch, "exception": made["id"], "granted": true, "reason": "竞赛文件属实，名次符合文件规定的申报条件"});
                self.act(&seats.centre, "DecideException", decision)?;
            }
        }
        Ok(())
    }

    fn photos(&mut self, index: usize) -> Result<(), Stop> {
        let plan = &BATCHES[index];
        let (batch, class) = &self.batches[&index];
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut archive = zip::ZipWriter::new(&mut bytes);
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (at, student) in class.iter().enumerate() {
            archive.start_file(format!("{}.jpg", student.number), stored).map_err(Stop::fault)?;
            std::io::Write::write_all(&mut archive, PORTRAITS[at % PORTRAITS.len()]).map_err(Stop::fault)?;
        }
        archive.finish().map_err(Stop::fault)?;
        let file = self.keep(&bytes.into_inner())?;
        let fields = json!({"batch": batch, "file": file, "name": "照片.zip"});
        self.act(&self.seats(plan.body)?.clerk, "UploadPhotos", fields).map(|_| ())
    }

    /// Most pass; some fail one part, one is absent. Marks come by the sheet.
    /// What was written on paper in the rooms is entered: they began, everyone but one signed in, they ended.
    fn hold(&mut self, index: usize) -> Result<(), Stop> {
        let batch = self.batches[&index].0;
        let clerk = self.seats(BATCHES[index].body)?.clerk.clone();
        let away = self.batches[&index].1.get(ABSENT).map(|student| student.name.clone()).unwrap_or_default();
        let none = Vec::new();
        let marks = self.look(index, "Marks", json!({"batch": batch}))?;
        let persons = marks["persons"].as_array().unwrap_or(&none);
        let absent = persons.iter().find(|one| one["name"] == away.as_str()).map(|one| one["candidate"].clone());
        let view = self.look(index, "ConductDetail", json!({"batch": batch}))?;
        for hall in view["halls"].as_array().unwrap_or(&none) {
            let place = json!({"batch": batch, "session": hall["session"]["id"]});
            let with = |more: Value| {
                let mut fields = place.clone();
                if let (Some(fields), Value::Object(more)) = (fields.as_object_mut(), more) {
                    fields.extend(more);
                }
                fields
            };
            let list = self.look(index, "HallDetail", place.clone())?;
            let of = |list: &Value, field: &str| -> Vec<Value> {
                list.as_array().unwrap_or(&none).iter().map(|one| one[field].clone()).collect()
            };
            let (staff, here) = (of(&list["staff"], "assignment"), of(&list["persons"], "candidate"));
            let (from, to) = (&hall["session"]["from"], &hall["session"]["to"]);
            self.act(&clerk, "StartSession", with(json!({"at": from, "present": staff})))?;
            let came: Vec<&Value> = here.iter().filter(|one| Some(*one) != absent.as_ref()).collect();
            self.act(&clerk, "NoteArrivals", with(json!({"candidates": came, "at": from})))?;
            let missing = here.len() - came.len();
            self.act(&clerk, "EndSession", with(json!({"at": to, "absent": missing, "note": "全程正常"})))?;
            let recording = json!({"session": hall["session"]["id"], "camera": "前后门", "from": from, "to": to, "address": "监控中心存储服务器"});
            self.act(&clerk, "NoteRecordings", json!({"batch": batch, "recordings": [recording]}))?;
        }
        let first = &view["halls"][0]["session"]["id"];
        let incident = json!({"batch": batch, "session": first, "kind": "equipment", "effect": "note", "at": view["halls"][0]["session"]["from"],
            "what": "备用电脑一台不能开机，未影响考试，已报修"});
        match index {
            // Its head still has to close it.
            UNCHECKED => self.act(&clerk, "NoteIncident", incident).map(|_| ()),
            FAILED_IN => self.beside(index, incident),
            _ => Ok(()),
        }
    }

    /// Somebody asks to be put off without enough to prove it, and the head does not agree.
    fn ask_deferral(&self, index: usize) -> Result<(), Stop> {
        let (batch, seats) = (self.batches[&index].0, self.seats(BATCHES[index].body)?);
        let name = self.batches[&index].1.get(ABSENT).map(|student| student.name.clone()).unwrap_or_default();
        let marks = self.look(index, "Marks", json!({"batch": batch}))?;
        let persons = marks["persons"].as_array().into_iter().flatten();
        let Some(one) = persons.into_iter().find(|one| one["name"] == name.as_str()) else { return Ok(()) };
        let files = json!([{"file": self.material()?, "name": "申请.pdf"}]);
        let asked =
            json!({"batch": batch, "candidate": one["candidate"], "reason": "家中有事，需要请假一天", "files": files});
        let made = self.act(&seats.clerk, "AskDeferral", asked)?;
        let answer =
            json!({"batch": batch, "deferral": made["id"], "agreed": false, "reason": "没有证明材料，事由不足"});
        self.act(&seats.head, "AnswerDeferral", answer).map(|_| ())
    }

    /// What the day of a batch brought beside its plain course: an incident that was closed, a warning, and what the centre saw.
    fn beside(&self, index: usize, incident: Value) -> Result<(), Stop> {
        let (batch, seats) = (self.batches[&index].0, self.seats(BATCHES[index].body)?);
        let made = self.act(&seats.clerk, "NoteIncident", incident)?;
        let closing =
            json!({"batch": batch, "incident": made["id"], "outcome": "stands", "reason": "备用设备，考生未使用"});
        self.act(&seats.head, "CloseIncident", closing)?;
        let marks = self.look(index, "Marks", json!({"batch": batch}))?;
        let files = json!([{"file": self.material()?, "name": "监考情况说明.pdf"}]);
        let reported = json!({"batch": batch, "candidate": marks["persons"][0]["candidate"], "part": "theory", "kind": "disorder",
            "what": "交卷时在走廊大声交谈，经提醒停止", "files": files});
        let made = self.act(&seats.clerk, "ReportViolation", reported)?;
        let decision =
            json!({"batch": batch, "violation": made["id"], "effect": "warned", "reason": "情节轻微，当场改正"});
        self.act(&seats.head, "DecideViolation", decision)?;
        let seen = json!({"batch": batch, "what": "抽看两个考场：监考人员到岗，时钟与录像正常"});
        self.act(&seats.centre, "NoteAtSite", seen).map(|_| ())
    }

    fn marks(&mut self, index: usize) -> Result<(), Stop> {
        let plan = &BATCHES[index];
        let (batch, class) = (self.batches[&index].0, self.batches[&index].1.clone());
        let clerk = self.seats(plan.body)?.clerk.clone();
        if index == MAKE_UP {
            self.act(&clerk, "KeepMarks", json!({"batch": batch}))?;
        }
        let with_course = if index == WITH_COURSE { self.course_marks(&clerk, index)? } else { 0 };
        if index == SCORED {
            self.scores(&clerk, index)?;
        }
        let own = plan.size;
        let rows: Vec<Vec<String>> = class
            .iter()
            .enumerate()
            .map(|(at, student)| {
                let (theory, practical) = match at {
                    ABSENT => ("缺考".to_owned(), "缺考".to_owned()),
                    7 => ("52".to_owned(), "71".to_owned()),
                    11 => ("66".to_owned(), "58.5".to_owned()),
                    _ if at == own => ("68".to_owned(), String::new()),
                    _ if at > own => (String::new(), "64.5".to_owned()),
                    _ => {
                        let (theory, practical) = (62 + self.crowd.below(35), 60 + self.crowd.below(38));
                        let by_course = (1..=with_course).contains(&at);
                        (if by_course { String::new() } else { theory.to_string() }, practical.to_string())
                    }
                };
                // What assessors gave is merged, not uploaded.
                let practical = if index == SCORED { String::new() } else { practical };
                vec![student.name.clone(), student.number.clone(), theory, practical]
            })
            .collect();
        let sheet = sheets::table("成绩", &["姓名", "证件号码", "理论成绩", "实操成绩"], rows);
        let file = self.keep(&sheet.map_err(Stop::fault)?)?;
        let fields = json!({"batch": batch, "file": file, "name": "成绩.xlsx"});
        self.act(&clerk, "UploadMarks", fields)?;
        // The last batch that was marked still waits for the head to look it over.
        if index != UNCHECKED {
            self.act(&self.seats(plan.body)?.head, "ConfirmMarks", json!({"batch": batch}))?;
        }
        if index == FAILED_IN {
            // Before posting a wrong sum is found: two persons change the mark.
            let made = self.propose_change(index, 2, ("practical", "77.5"), "评分表第二页漏加，合计应为77.5分")?;
            let fields =
                json!({"batch": batch, "mark_change": made["id"], "agreed": true, "reason": "已核对评分表原件"});
            self.act(&self.seats(plan.body)?.head, "AnswerMarkChange", fields)?;
        }
        debug_assert_eq!(rules::result::parts_for(Level::L4), [Part::Theory, Part::Practical]);
        Ok(())
    }

    /// Three assessors mark each candidate alone, item by item; the head of the school writes down what the head of the group made
    /// of it. One is absent, one fails the key item, and over one they are far apart.
    fn scores(&self, clerk: &Caller, index: usize) -> Result<(), Stop> {
        let (batch, class) = (self.batches[&index].0, &self.batches[&index].1);
        let seen = self.look(index, "Scores", json!({"batch": batch}))?;
        let panel = &seen["panels"][0];
        let (empty, signed) = (Vec::new(), self.material()?);
        let list = |name: &str| panel[name].as_array().unwrap_or(&empty).iter();
        let of_class = |person: &Value| class.iter().position(|student| person["name"] == student.name.as_str());
        for (nth, assessor) in list("assessors").enumerate() {
            let entries: Vec<Value> = list("persons")
                .map(|person| {
                    let at = of_class(person).unwrap_or_default();
                    // Of a hundred; assessors differ by a point or two, and once by much more.
                    let percent = match (at, nth) {
                        (11, _) => 55,
                        (5, 0) => 88,
                        (5, _) => 74,
                        _ => 66 + (at * 7) % 30 + nth,
                    };
                    let points = list("items").enumerate().map(|(n, item)| match (at, n) {
                        (3, 0) => "缺考".to_owned(),
                        (3, _) => String::new(),
                        _ => (item["points"].as_i64().unwrap_or_default() * percent as i64 / 100).to_string(),
                    });
                    json!({"candidate": person["candidate"], "points": points.collect::<Vec<_>>()})
                })
                .collect();
            let of = json!({"batch": batch, "assessor": assessor["assessor"]});
            let with = |more: Value| {
                let mut fields = of.clone();
                fields
                    .as_object_mut()
                    .into_iter()
                    .for_each(|all| all.extend(more.as_object().cloned().unwrap_or_default()));
                fields
            };
            self.act(clerk, "EnterScores", with(json!({"entries": entries})))?;
            self.act(clerk, "HandInScores", with(json!({"file": signed, "file_name": "评分表（签字）.pdf"})))?;
        }
        let wide = list("persons").filter(|person| of_class(person) == Some(5));
        let answers: Vec<Value> = wide
            .map(|person| json!({"candidate": person["candidate"], "reason": "成品一项组长从严、其余从宽，已复看作品，分差属实"}))
            .collect();
        let fields = json!({"batch": batch, "part": "practical", "answers": answers});
        self.act(&self.seats(BATCHES[index].body)?.head, "MergeScores", fields).map(|_| ())
    }

    /// The provincial centre sets the rubric of the standard that the scored batch will follow.
    fn rubric(&self) -> Result<(), Stop> {
        let notice = self.notice(SCORED)?;
        let item = |code: &str, title: &str, points: i64, is_key: bool| json!({"code": code, "title": title, "points": points, "is_key": is_key});
        let items = json!([
            item("1", "工作准备", 10, false),
            item("2", "操作规范", 25, false),
            item("3", "成品质量", 40, true),
            item("4", "工时与用料", 15, false),
            item("5", "安全与卫生", 10, false)
        ]);
        let fields = json!({"code": notice["code"], "standard": notice["standard"], "part": "practical",
            "from": self.office.today().to_string(), "items": items, "source": "操作技能考核要求（示例）"});
        self.act(&self.provincial_centre, "SetStandardRubric", fields).map(|_| ())
    }

    /// Marks of the course's final examination for some of the class; after whom they go on, those who had none.
    fn course_marks(&self, clerk: &Caller, index: usize) -> Result<usize, Stop> {
        let batch = self.batches[&index].0;
        let seen = self.look(index, "Marks", json!({"batch": batch}))?;
        let empty = Vec::new();
        let persons = seen["persons"].as_array().unwrap_or(&empty);
        let class = &self.batches[&index].1;
        let entries: Vec<Value> = persons
            .iter()
            .filter_map(|person| {
                let at = class.iter().position(|student| person["name"] == student.name.as_str())?;
                // Who is absent or fails in the sheet does so in theory.
                let own = (1..=COURSE_MARKS).contains(&at) && at != 3;
                own.then(|| {
                    json!({"candidate": person["candidate"], "exam_on": "2026-01-22", "mark": (70 + at).to_string(),
                        "paper": "2025秋-示例课程-A", "approver": "示例教务主任"})
                })
            })
            .collect();
        self.act(clerk, "EnterCourseMarks", json!({"batch": batch, "entries": entries}))?;
        Ok(COURSE_MARKS)
    }

    /// A school puts two schemes before its centre: a course instead of theory, which is approved, and the process of a pilot
    /// major, which waits.
    fn schemes(&mut self) -> Result<(), Stop> {
        let (clerk, centre) = (self.seats("rongcheng")?.clerk.clone(), self.seats("rongcheng")?.centre.clone());
        let body = clerk.body();
        let pilot = json!({"body": body, "code": "示例01", "document": "示例人社函〔2025〕21号"});
        self.act(&self.provincial_centre, "EnterPilotMajor", pilot)?;
        let (trade, paper) = (self.trades["rongcheng"][0].clone(), self.material()?);
        let scheme = |kind: &str, course: &str, modules: Value| {
            json!({"kind": kind, "code": trade.occupation_code, "level": "4", "course": course, "modules": modules,
                "exam": "闭卷，90分钟，满分100分；由教务处命题，任课教师不阅本班试卷", "mapping": "课程各章对应标准的基本要求和四级相关知识，见附表",
                "from": "2026-01-01", "until": "2026-12-31", "file": paper, "file_name": "方案（盖章）.pdf"})
        };
        let course = scheme("course", &format!("{}基础", trade.occupation), json!([]));
        let made = self.act(&clerk, "ProposeScheme", course)?;
        self.scheme = made["id"].as_i64();
        let approved =
            json!({"body": body, "scheme": made["id"], "approved": true, "reason": "对应关系清楚，同意在2026年试用"});
        self.act(&centre, "DecideScheme", approved)?;
        let module = |name: &str, part: &str, weight: i64| json!({"name": name, "part": part, "weight": weight, "evidence": "工作页、作品和过程录像"});
        let modules = json!([
            module("基础任务", "practical", 40),
            module("综合任务", "practical", 60),
            module("单元测验", "theory", 100)
        ]);
        self.act(&clerk, "ProposeScheme", scheme("process", "示例01", modules)).map(|_| ())
    }

    /// Two candidates of the list that is public ask for a review: one mark stands, the other is to change and waits for the
    /// head's word.
    fn review_marks(&self) -> Result<(), Stop> {
        let index = WITH_COURSE;
        self.ask_review(index, 7, ("theory", "missed"), "第五大题有作答，没有得分")?;
        self.ask_review(index, 11, ("practical", "addition"), "三个项目的得分合计应高于公布的成绩")?;
        self.leave_mark(index, "已对照答题卡逐题核对，第五大题按评分标准不得分，没有漏评")?;
        self.propose_change(index, 11, ("practical", "63.5"), "第三项合计漏加5分，评分表见附件").map(|_| ())
    }

    /// A school has its stamp accepted, and blanks from a printing house.
    fn paper(&self) -> Result<(), Stop> {
        let seats = self.seats(ON_BLANKS)?;
        let body = seats.head.body().ok_or_else(|| Stop::fault("no body has the stamp"))?;
        let stamp = json!({"file": self.keep(STAMP)?, "from_on": self.office.today(), "reason": "首次启用"});
        let made = self.act(&seats.head, "ProposeStamp", stamp)?;
        let agreed = json!({"body": body, "stamp": made["id"], "agreed": true, "reason": "与备案表上的印章一致"});
        self.act(&seats.centre, "AnswerStamp", agreed)?;
        let blanks = json!({"first": "FJ0000001", "last": "FJ0000200", "received_on": self.office.today(), "from": "示例证件印刷厂",
            "file": self.material()?, "file_name": "送货单.pdf"});
        self.act(&seats.clerk, "ReceiveBlanks", blanks).map(|_| ())
    }

    /// What was just issued in a batch goes on the next blanks.
    fn print_on_blanks(&self, index: usize) -> Result<(), Stop> {
        let batch = self.batches[&index].0;
        let seen = self.look(index, "BatchSerials", json!({"batch": batch}))?;
        if seen["waiting"] == 0 {
            return Ok(());
        }
        let fields = json!({"batch": batch, "first": seen["next"]});
        self.act(&self.seats(ON_BLANKS)?.clerk, "TakeSerials", fields).map(|_| ())
    }

    /// Two sheets were jammed in the printer: what lay on them takes others, and they wait to be destroyed.
    fn spoil(&self) -> Result<(), Stop> {
        let seats = self.seats(ON_BLANKS)?;
        let body = seats.head.body().ok_or_else(|| Stop::fault("no body has the blanks"))?;
        let look = crate::stock::Stock { body, page: None };
        let next = self.office.look(&seats.clerk, &look)?.series.first().and_then(|line| line.next.clone());
        let spoiled =
            json!({"first": "FJ0000007", "last": "FJ0000008", "reason": "打印机卡纸，纸面折损", "instead": next});
        self.act(&seats.clerk, "SpoilBlanks", spoiled)?;
        let destroyed = json!({"reason": "在教务处碎纸，何嘉禾、吴思齐在场", "file": self.material()?, "file_name": "销毁清单.pdf"});
        self.act(&seats.clerk, "ProposeBlankDestruction", destroyed).map(|_| ())
    }

    /// What became of certificates of the year before: one was issued anew as its holder had asked, one is to be corrected and
    /// waits for the head's word, and another holder has asked for new paper.
    fn after_issue(&self) -> Result<(), Stop> {
        const INDEX: usize = 1;
        let (batch, seats) = (self.batches[&INDEX].0, self.seats(BATCHES[INDEX].body)?);
        let issued = self.look(INDEX, "Certificates", json!({"wanted": null, "batch": batch, "before": null}))?;
        let id = |at: usize| issued["certificates"][at]["id"].clone();
        let propose = |at: usize, kind: &str, more: Value| {
            let mut fields = json!({"certificate": id(at), "kind": kind, "file": self.material()?, "file_name": "申请和证件复印件.pdf"});
            if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
                fields.extend(more);
            }
            self.act(&seats.clerk, "ProposeCertificateChange", fields)
        };
        let ask = |at: usize, reason: &str| {
            let face = self.look(INDEX, "CertificateFace", json!({"certificate": id(at)}))?;
            let asked = json!({"name": face["name"], "id_number": face["id_number"], "number": face["number"], "kind": "reissue",
                "reason": reason, "contact": "示例联系方式"});
            self.act(&Caller::public(Via::Web), "AskCertificateChange", asked).map(|_| ())
        };
        ask(0, "证书在搬家时遗失")?;
        let seen = self.look(INDEX, "CertificateChanges", json!({"certificate": id(0)}))?;
        let request = seen["requests"][0]["id"].clone();
        let made =
            propose(0, "reissue", json!({"reason": "持证人遗失证书，申请补发", "certificate_request": request}))?;
        let agreed = json!({"certificate": id(0), "certificate_change": made["id"], "agreed": true, "reason": "已核对申请和证件"});
        self.act(&seats.head, "AnswerCertificateChange", agreed)?;
        propose(1, "correct", json!({"name": "示例改名", "reason": "录入时姓名有误，以身份证为准"}))?;
        ask(2, "证书被雨水浸湿，照片模糊")
    }

    /// What was issued goes to the national system: answered for every body, with one row sent back at the first school, and the
    /// last body's package still waiting for its receipt.
    fn exchange(&self) -> Result<(), Stop> {
        let bodies: std::collections::BTreeSet<&str> = BATCHES.iter().map(|plan| plan.body).collect();
        let mut sent = Vec::new();
        for code in bodies {
            let clerk = &self.seats(code)?.clerk;
            // Not everyone has issued something.
            if self.look_of(clerk, "Exchange", json!({}))?["due"] == json!([]) {
                continue;
            }
            let period = json!({"body": clerk.body(), "from": FIRST_DAY, "until": LAST_DAY});
            let made = self.act(clerk, "BuildExchange", period)?;
            let package = made["package"].clone();
            let uploaded = json!({"package": package, "uploaded_on": LAST_DAY, "place": "国家平台，示例账号",
                "proof": self.material()?, "proof_name": "上传成功截图.pdf"});
            self.act(clerk, "MarkExchange", uploaded)?;
            sent.push((code, package));
        }
        sent.pop();
        for (code, package) in sent {
            let clerk = &self.seats(code)?.clerk;
            let text = self.answers(clerk, &package, code == "rongcheng")?;
            let receipt =
                json!({"package": package, "file": self.keep(text.as_bytes())?, "name": "国家平台处理结果.csv"});
            self.act(clerk, "ImportExchangeReceipt", receipt)?;
        }
        Ok(())
    }

    /// What the national system says of a package: every row is taken, or all but the first.
    fn answers(&self, clerk: &Caller, package: &Value, sends_back: bool) -> Result<String, Stop> {
        let mut text = "证书编号,处理结果,国家平台编号,出错字段,原因\n".to_owned();
        for page in 0.. {
            let view = self.look_of(clerk, "ExchangePackage", json!({"package": package, "page": page}))?;
            let rows = view["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
            for row in rows {
                let number = row["number"].as_str().unwrap_or_default();
                text += &match (sends_back, row["no"].as_i64()) {
                    (true, Some(1)) => format!("{number},失败,,证件号码,公安库中没有这个号码\n"),
                    _ => format!("{number},成功,G{number},,\n"),
                };
            }
            if rows.is_empty() {
                break;
            }
        }
        Ok(text)
    }

    /// A candidate of a batch to come has another telephone: proposed by the clerk, it waits for the head's word.
    fn correct_candidate(&self) -> Result<(), Stop> {
        const INDEX: usize = 23;
        let (batch, seats) = (self.batches[&INDEX].0, self.seats(BATCHES[INDEX].body)?);
        let roster = self.look(INDEX, "FullRoster", json!({"batch": batch, "find": null, "page": null}))?;
        let fields = json!({"candidate": roster["candidates"][0]["id"], "phone": "19900009999", "file": self.material()?,
            "file_name": "更换号码申请.pdf", "reason": "考生更换了手机号，已当面核对证件"});
        self.act(&seats.clerk, "ProposeCandidateChange", fields).map(|_| ())
    }

    /// Records an inspection of a body, found what it may; ids of what it ordered.
    fn inspected(
        &self,
        inspector: &Caller,
        code: &str,
        (kind, checked): (&str, &[&str]),
        (batch, findings): (Option<i64>, Value),
    ) -> Result<Vec<i64>, Stop> {
        let body = self.seats(code)?.head.body().ok_or_else(|| Stop::fault(format!("{code} is no body")))?;
        let fields = json!({"body": body, "kind": kind, "held_on": self.office.today(), "inspectors": ["示例督导甲", "示例督导乙"],
            "batch": batch, "checked": checked, "findings": findings, "note": ""});
        let made = self.act(inspector, "RecordInspection", fields)?;
        let inspection = made["id"].as_i64().ok_or_else(|| Stop::fault("an inspection without its id"))?;
        let view = self.office.look(inspector, &InspectionDetail { body, inspection })?;
        Ok(view.findings.iter().filter(|one| one.state.is_some()).map(|one| one.id).collect())
    }

    /// The head of 榕城 answers what was ordered, with a picture.
    fn answered(&self, at: usize, answer: &str) -> Result<(), Stop> {
        let head = &self.seats("rongcheng")?.head;
        let files = json!([{"file": self.material()?, "name": "整改后的照片.pdf"}]);
        let fields = json!({"body": head.body(), "finding": self.findings[at], "answer": answer, "files": files});
        self.act(head, "AnswerRectification", fields).map(|_| ())
    }

    /// One step of the year's inspections.
    fn inspect(&mut self, step: Inspection) -> Result<(), Stop> {
        let (centre, body) = (self.seats("rongcheng")?.centre.clone(), self.seats("rongcheng")?.head.body());
        match step {
            Inspection::Archive => {
                // From March on what is found is mended sooner.
                let fields = json!({"term": "rectify_within", "value": 10, "from": "2026-03-01", "reason": "示例省中心〔2026〕2号：整改一般在十个工作日内完成"});
                self.act(&self.provincial_centre, "ChangeTerm", fields)?;
                let found = json!([{"item": "ledger", "what": "上学期一个批次的档案缺第三册（过程卷）", "proof": "档案目录的照片",
                    "order": "补齐过程卷，五册一并归档", "due_on": "2026-01-23"}]);
                let ordered =
                    self.inspected(&centre, "rongcheng", ("daily", &["ledger", "traceback"]), (None, found))?;
                self.findings.extend(ordered);
            }
            Inspection::ArchiveMended => {
                self.answered(0, "过程卷已补齐，五册档案已归档并编目")?;
                let fields =
                    json!({"body": body, "finding": self.findings[0], "accepted": true, "reason": "抽查档案齐全"});
                self.act(&centre, "CheckRectification", fields)?;
            }
            Inspection::Cameras => {
                let found = json!([{"item": "site", "what": "实操考场两个工位没有监控画面", "proof": "调试后的画面截图",
                    "order": "增设摄像头，覆盖全部工位", "due_on": "2026-03-13"}]);
                let centre = self.seats("ludao")?.centre.clone();
                self.inspected(
                    &centre,
                    "ludao",
                    ("periodic", &["scope", "site", "staff", "regulations"]),
                    (None, found),
                )?;
            }
            Inspection::Random => {
                let Some(bureau) = self.seats("rongcheng")?.bureau.clone() else { return Ok(()) };
                let checked = ["publicity", "report", "certificate"];
                self.inspected(&bureau, "rongcheng", ("random", &checked), (None, json!([])))?;
            }
            Inspection::OnSite => {
                let found = json!([
                    {"item": "examination", "what": "二号考场监考人员迟到十分钟", "order": "完善监考人员到岗签到，组织一次考务培训", "due_on": "2026-03-20"},
                    {"item": "site", "what": "三号工位的量具超过检定有效期", "proof": "检定证书", "order": "送检后再使用", "due_on": "2026-04-03"},
                    {"item": "candidates", "what": "一名考生没有带学生证，当场核对学籍后放行"},
                ]);
                let checked = ["organiser", "staff", "site", "examination", "candidates"];
                let batch = self.batches.get(&WITH_COURSE).map(|(batch, _)| *batch);
                let ordered = self.inspected(&centre, "rongcheng", ("on_site", &checked), (batch, found))?;
                self.findings.extend(ordered);
            }
            Inspection::OnSiteAnswered => {
                self.answered(1, "已修订签到办法，3月12日组织全体监考人员培训，签到表附后")?;
            }
        }
        Ok(())
    }

    /// Somebody of the class asks for a review of a mark.
    fn ask_review(&self, index: usize, at: usize, (part, scope): (&str, &str), reason: &str) -> Result<(), Stop> {
        let batch = self.batches[&index].0;
        let token = self.look(index, "PublicityDetail", json!({"batch": batch}))?["token"].clone();
        let student = &self.batches[&index].1[at];
        let fields = json!({"token": token, "name": student.name, "id_number": student.number, "part": part, "scope": scope,
            "reason": reason, "contact": "示例联系方式"});
        self.act(&Caller::public(Via::Web), "AskMarkReview", fields).map(|_| ())
    }

    /// The head answers the first review that is open: the mark stands.
    fn leave_mark(&self, index: usize, answer: &str) -> Result<(), Stop> {
        let batch = self.batches[&index].0;
        let seen = self.look(index, "MarkChanges", json!({"batch": batch, "candidate": null}))?;
        let fields = json!({"batch": batch, "mark_review": seen["reviews"][0]["id"], "answer": answer});
        self.act(&self.seats(BATCHES[index].body)?.head, "AnswerMarkReview", fields).map(|_| ())
    }

    /// The clerk proposes to change a mark, for the review that asks for it if there is one.
    fn propose_change(
        &self,
        index: usize,
        at: usize,
        (part, outcome): (&str, &str),
        reason: &str,
    ) -> Result<Value, Stop> {
        let batch = self.batches[&index].0;
        let name = self.batches[&index].1[at].name.as_str();
        let empty = Vec::new();
        let seen = self.look(index, "Marks", json!({"batch": batch}))?;
        let person = seen["persons"].as_array().unwrap_or(&empty).iter().find(|person| person["name"] == name);
        let candidate = person.map_or(Value::Null, |person| person["candidate"].clone());
        let seen = self.look(index, "MarkChanges", json!({"batch": batch, "candidate": null}))?;
        let review = seen["reviews"].as_array().unwrap_or(&empty).iter().find(|one| one["candidate"] == candidate);
        let fields = json!({"batch": batch, "candidate": candidate, "part": part, "outcome": outcome, "reason": reason,
            "file": self.material()?, "file_name": "评分表.pdf", "mark_review": review.map(|one| one["id"].clone()), "objection": null});
        self.act(&self.seats(BATCHES[index].body)?.clerk, "ProposeMarkChange", fields)
    }

    fn object(&self, index: usize) -> Result<(), Stop> {
        if index == FAILED_IN {
            self.ask_review(index, 7, ("theory", "addition"), "理论分数合计似有误")?;
            self.leave_mark(index, "已重新合计，成绩无误")?;
        }
        let batch = self.batches[&index].0;
        let seen = self.look(index, "PublicityDetail", json!({"batch": batch}))?;
        let fields = json!({"token": seen["token"], "no": 2, "reason": "该考生理论考试当日未到场", "contact": "示例联系方式",
                   "files": [{"file": self.material()?, "name": "当日考勤.pdf"}]});
        self.act(&Caller::public(Via::Web), "LodgeObjection", fields)?;
        let seen = self.look(index, "PublicityDetail", json!({"batch": batch}))?;
        let heard = json!({"objection": seen["objections"][0]["id"], "held_on": self.office.today().to_string(),
            "present": "机构负责人主持，质量督导员和该考生到场", "file": self.material()?, "file_name": "笔录.pdf"});
        self.act(&self.seats(BATCHES[index].body)?.clerk, "NoteHearing", heard).map(|_| ())
    }

    /// The list is hung up on the day on which it is posted.
    fn hang(&self, index: usize, posted: &Value) -> Result<(), Stop> {
        let digest = posted["digest"].as_str().and_then(|digest| digest.get(..8)).unwrap_or_default();
        let fields = json!({
            "batch": self.batches[&index].0, "address": "本校", "place": "教学楼一层公告栏", "hung_by": "教务老师",
            "hung_on": self.office.today().to_string(), "digest": digest,
            "photos": [{"file": self.keep(NOTICE_BOARD)?, "name": "公告栏.png"}],
        });
        self.act(&self.seats(BATCHES[index].body)?.clerk, "ProvePosting", fields).map(|_| ())
    }

    /// The sheet was gone one morning: what stood does not count, and the list hangs anew from today.
    fn post_anew(&self, index: usize) -> Result<(), Stop> {
        let fields = json!({"batch": self.batches[&index].0, "broken_on": self.office.today().to_string(),
            "reason": "公告栏夜间被大风吹落，名单缺失，已加固后重新张贴"});
        let posted = self.act(&self.seats(BATCHES[index].body)?.head, "RestartPublicity", fields)?;
        self.hang(index, &posted)
    }

    fn answer(&self, index: usize) -> Result<(), Stop> {
        let plan = &BATCHES[index];
        let batch = self.batches[&index].0;
        let seen = self.look(index, "PublicityDetail", json!({"batch": batch}))?;
        let fields = json!({"objection": seen["objections"][0]["id"], "upheld": false, "reason": "经核对签到表和录像，该考生全程参加考试"});
        self.act(&self.seats(plan.body)?.head, "DecideObjection", fields).map(|_| ())
    }

    fn look(&self, index: usize, kind: &str, fields: Value) -> Result<Value, Stop> {
        self.look_of(&self.seats(BATCHES[index].body)?.head, kind, fields)
    }

    fn look_of(&self, caller: &Caller, kind: &str, fields: Value) -> Result<Value, Stop> {
        let look = self.features.looks.get(kind).ok_or_else(|| Stop::fault(format!("no look {kind}")))?;
        look(self.office, caller, fields)
    }

    fn review(&self, index: usize) -> Result<(), Stop> {
        let plan = &BATCHES[index];
        let (batch, centre) = (self.batches[&index].0, &self.seats(plan.body)?.centre);
        if plan.twist == Twist::Returned {
            let report = self.look(index, "ReportDetail", json!({"batch": batch}))?;
            let first = &report["persons"][0]["person"]["candidate"];
            let fields = json!({"batch": batch, "no": 1, "candidates": [first], "rest": false, "approved": false,
                                "reason": "姓名与学籍登记不一致，请核对后重新上报"});
            self.act(centre, "ReviewPersons", fields)?;
        }
        let fields = json!({"batch": batch, "no": 1, "candidates": [], "rest": true, "approved": true, "reason": ""});
        self.act(centre, "ReviewPersons", fields).map(|_| ())
    }
}

/// Whether this is what is opened to the public.
fn is_public(trade: &DemoTrade, level: &str) -> bool {
    (trade.body.as_str(), trade.occupation_code.as_str(), level.trim()) == FOR_PUBLIC
}

/// The caller of this login; the account is opened when it is first asked for.
fn person(office: &Office, login: &str, name: &str, role: Role, seat: &Seat) -> Result<Caller, Stop> {
    match account::caller_for(office, login, Via::Web) {
        Err(Stop::NotFound) => {
            account::insert_persona(office, login, name, role, seat)?;
            account::caller_for(office, login, Via::Web)
        }
        found => found,
    }
}
