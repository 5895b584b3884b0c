//! What the body does: it starts a filing, fills it in part by part, attaches its materials and submits (二（一）1,
//! 附件1, 附件2). Each part can be left and come back to; what is missing is refused at the submission.

use jiff::civil::Date;
use rules::certificate::Level;
use rules::checklist::{MaterialItem, MaterialType};
use rules::filing::{
    FilingStep, MaterialPer, PersonKind, Requirements, SiteKind, files_under, may_open, next, not_yet_listed,
    open_to_change, submit_ready,
};
use rules::jurisdiction::BodyKind;
use rules::permission::ActKind;
use rules::submission::{FilingPart, changes, evaluation_stands};
use rules::term::Term;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{self, Dossier, Filing};
use super::{check, content};
use crate::account::{Done, Made};
use crate::door::files::FileKind;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Sight, Stop, Subject};

/// Starts a filing for the body of one's own seat; one at a time.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct OpenFiling {}

impl Act for OpenFiling {
    const KIND: ActKind = ActKind::OpenFiling;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (id, body, today) = (desk.new_id(), desk.body()?, desk.today());
        files_under(crate::body::find(&mut desk.tx(), body)?.ok_or(Stop::NotFound)?.kind)?;
        may_open(store::open_of_body(&mut desk.tx(), body)?)?;
        store::open(&mut desk.tx(), id, body, today)?;
        desk.made(Subject::Filing(id));
        Ok(Made { id })
    }
}

/// What the filing form asks about the body (附件1) beside what it was registered with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BodyForm {
    pub address: String,
    pub legal_representative: String,
    /// Who is responsible for the body's assessments.
    pub head: String,
    pub contact: String,
    pub phone: String,
    /// The department above the body.
    pub superior: String,
    /// The former appraisal station, its name and number (一（一）3).
    pub station_name: String,
    pub station_number: String,
    /// The main majors, as the school's licence lists them (一（二）1).
    pub majors: String,
    /// What else the centre should know; may be empty.
    #[serde(default)]
    pub note: String,
}

impl BodyForm {
    /// Field, label and text of every entry that must be there.
    pub(super) fn entries(&self) -> [(&'static str, &'static str, &str); 9] {
        [
            ("address", "办学地址", &self.address),
            ("legal_representative", "法定代表人", &self.legal_representative),
            ("head", "负责人", &self.head),
            ("contact", "联系人", &self.contact),
            ("phone", "联系电话", &self.phone),
            ("superior", "主管部门", &self.superior),
            ("station_name", "原职业技能鉴定所（站）名称", &self.station_name),
            ("station_number", "原职业技能鉴定所（站）编号", &self.station_number),
            ("majors", "主干专业", &self.majors),
        ]
    }
}

/// Fills in what the filing form asks about the body.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DescribeBody {
    pub filing: i64,
    pub form: BodyForm,
    /// The mark of what the part said when it was opened (`seen` of the filing): what someone else has saved since is not
    /// overwritten. Without it nobody is asked.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub seen: Option<String>,
}

impl Act for DescribeBody {
    const KIND: ActKind = ActKind::DescribeBody;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let filing = changeable(desk, self.filing)?;
        let kind = crate::body::find(&mut desk.tx(), filing.body)?.ok_or(Stop::NotFound)?.kind;
        check::none_of(check::body(kind, &self.form), None)?;
        as_seen(desk, self.filing, FilingPart::Body, self.seen.as_deref())?;
        store::describe(&mut desk.tx(), self.filing, &self.form)?;
        Ok(Done {})
    }
}

/// One occupation at one level that the body wants to file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlannedTrade {
    /// The occupation's code or full name; a new occupation without a code goes by its name.
    pub trade: String,
    /// Work type or direction; empty for the whole occupation.
    #[serde(default)]
    pub work_type: String,
    pub level: Level,
    /// The main majors of the school that it fits, by the names of its catalogue, several parted by 、 (一（二）1); may be
    /// empty until the submission.
    #[serde(default)]
    pub major: String,
    /// The title of the national standard; empty for the only one of the whole occupation.
    #[serde(default)]
    pub standard: String,
    /// Where the papers come from; may be empty.
    #[serde(default)]
    pub papers: String,
    /// Persons a year.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub capacity: i64,
    /// Whether the body asks to assess others than its own students (三（四）).
    #[serde(default)]
    pub for_public: bool,
}

/// Says which occupations and levels are to be filed: the whole list, in place of the one before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlanTrades {
    pub filing: i64,
    #[schema(max_items = 500)]
    pub trades: Vec<PlannedTrade>,
    /// The mark of what the part said when it was opened, as for the body.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub seen: Option<String>,
}

impl Act for PlanTrades {
    const KIND: ActKind = ActKind::PlanTrades;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        changeable(desk, self.filing)?;
        check::few_enough(self.trades.len(), "trades")?;
        let (trades, faults) = check::trades(&desk.reference(), desk.today(), &self.trades);
        check::none_of(faults, Some("trades"))?;
        as_seen(desk, self.filing, FilingPart::Trades, self.seen.as_deref())?;
        let office = desk.office();
        store::replace_trades(&mut desk.tx(), self.filing, &trades, || office.new_id())?;
        Ok(Done {})
    }
}

/// Someone of the body's staff who takes part in its assessments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListedPerson {
    pub kind: PersonKind,
    pub name: String,
    /// The code of the occupation that the person serves; none serves all of them.
    pub trade_code: Option<String>,
    /// The highest level that the person may assess, as the card says.
    pub level_max: Option<Level>,
    /// Number of the card; empty for full-time staff without one.
    #[serde(default)]
    pub card_number: String,
    /// The last day of the card.
    pub card_valid_until: Option<Date>,
}

/// Lists the body's people: the whole list, in place of the one before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListPeople {
    pub filing: i64,
    #[schema(max_items = 500)]
    pub people: Vec<ListedPerson>,
    /// The mark of what the part said when it was opened, as for the body.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub seen: Option<String>,
}

impl Act for ListPeople {
    const KIND: ActKind = ActKind::ListPeople;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        changeable(desk, self.filing)?;
        check::few_enough(self.people.len(), "people")?;
        let planned = store::trades(&mut desk.tx(), self.filing)?;
        check::none_of(check::people(&check::codes(&planned), &self.people), Some("people"))?;
        as_seen(desk, self.filing, FilingPart::People, self.seen.as_deref())?;
        let office = desk.office();
        store::replace_people(&mut desk.tx(), self.filing, &self.people, || office.new_id())?;
        Ok(Done {})
    }
}

/// A room, station, machine or camera of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListedSite {
    pub kind: SiteKind,
    pub name: String,
    /// The code of the occupation that it serves; none serves all of them.
    pub trade_code: Option<String>,
    /// Seats, stations, machines, cameras.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub count: i64,
    /// Where it is, which model, which resolution.
    #[serde(default)]
    pub note: String,
    /// Days that a camera's recordings are kept.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub days_kept: Option<i64>,
}

/// Lists the body's rooms, stations, equipment and cameras: the whole list, in place of the one before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListSites {
    pub filing: i64,
    #[schema(max_items = 500)]
    pub sites: Vec<ListedSite>,
    /// The mark of what the part said when it was opened, as for the body.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub seen: Option<String>,
}

impl Act for ListSites {
    const KIND: ActKind = ActKind::ListSites;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        changeable(desk, self.filing)?;
        check::few_enough(self.sites.len(), "sites")?;
        let planned = store::trades(&mut desk.tx(), self.filing)?;
        check::none_of(check::sites(&check::codes(&planned), &self.sites), Some("sites"))?;
        as_seen(desk, self.filing, FilingPart::Sites, self.seen.as_deref())?;
        let office = desk.office();
        store::replace_sites(&mut desk.tx(), self.filing, &self.sites, || office.new_id())?;
        Ok(Done {})
    }
}

/// Attaches a kept file to an item of the checklist (附件2). An item may hold several files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AttachMaterial {
    pub filing: i64,
    /// The code of the checklist item: `work_plan`.
    pub code: String,
    /// The occupation that it is about, where the item asks for one per occupation.
    pub trade_code: Option<String>,
    /// The hash under which the file was kept.
    pub file: FileHash,
    /// The name to show.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    kept: Option<KeptFile>,
}

impl AttachMaterial {
    /// The act for a file that was kept under this hash.
    pub fn new(filing: i64, code: &str, trade_code: Option<String>, file: FileHash, name: &str) -> Self {
        Self { filing, code: code.into(), trade_code, file, name: name.into(), kept: None }
    }
}

impl Act for AttachMaterial {
    const KIND: ActKind = ActKind::AttachMaterial;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let absent =
            || Refusal::new(Clause::A2, "没有收到这份文件").remedy("请先上传文件，再用得到的文件编号附上").at("file");
        let bytes = sight.office().files().bring(&self.file).map_err(|stop| match stop {
            Stop::NotFound => absent().into(),
            other => other,
        })?;
        self.kept = Some(KeptFile::of(&self.file, &bytes)?);
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let filing = changeable(desk, self.filing)?;
        let refuse = |what: String, remedy: &str, field| Refusal::new(Clause::A2, what).remedy(remedy).at(field);
        let kept = self.kept.as_ref().ok_or_else(|| Stop::fault("the file was not read"))?;
        let checklist = checklist(desk, &filing);
        let item = checklist
            .iter()
            .find(|item| item.code == self.code)
            .ok_or_else(|| refuse(format!("材料清单中没有“{}”", self.code), "请从材料清单中选择", "code"))?;
        let planned = store::trades(&mut desk.tx(), self.filing)?;
        match (item.per, self.trade_code.as_deref()) {
            (MaterialPer::Body, None) => {}
            (MaterialPer::Trade, Some(code)) => {
                if let Some(refusal) = check::not_planned(&check::codes(&planned), Some(code)) {
                    return Err(refusal.at("trade_code").into());
                }
            }
            (MaterialPer::Body, Some(_)) => {
                let what = format!("《{}》不分职业", item.title);
                return Err(refuse(what, "请不要选择职业", "trade_code").into());
            }
            (MaterialPer::Trade, None) => {
                let what = format!("《{}》须按职业分别提交", item.title);
                return Err(refuse(what, "请选择材料对应的职业", "trade_code").into());
            }
        }
        let attached = store::materials(&mut desk.tx(), self.filing)?;
        let already = attached.iter().filter(|one| one.code == self.code && one.trade_code == self.trade_code).count();
        item.takes(material_type(kept.kind), kept.size, already)?;
        let name = crate::web::forms::plain_name(&self.name);
        if let Some(refusal) = check::unnamed("文件名", &name) {
            return Err(refusal.at("name").into());
        }
        let (id, now) = (desk.new_id(), desk.now());
        note_file(&mut desk.tx(), kept, now)?;
        let new = store::NewMaterial {
            id,
            code: &self.code,
            trade_code: self.trade_code.as_deref().unwrap_or_default(),
            file: &self.file,
            name: &name,
            now,
        };
        store::attach(&mut desk.tx(), self.filing, &new)?;
        Ok(Made { id })
    }
}

/// Takes an attached file off the filing. The file itself stays kept, for the record names it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RemoveMaterial {
    pub filing: i64,
    pub material: i64,
}

impl Act for RemoveMaterial {
    const KIND: ActKind = ActKind::RemoveMaterial;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        changeable(desk, self.filing)?;
        if store::remove(&mut desk.tx(), self.filing, self.material)? { Ok(Done {}) } else { Err(Stop::NotFound) }
    }
}

/// Submits the filing to the centre in charge, which follows from affiliation and place (二（一）1).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubmitFiling {
    pub filing: i64,
}

impl Act for SubmitFiling {
    const KIND: ActKind = ActKind::SubmitFiling;
    type Answer = Submitted;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Submitted, Stop> {
        let (today, reference) = (desk.today(), desk.reference());
        let filing = load(desk, self.filing)?;
        let stage = next(filing.stage, FilingStep::Submit, filing.track())?;
        let dossier = store::dossier(&mut desk.tx(), filing)?;
        let (facts, filing) = (dossier.facts(), &dossier.filing);
        let requirements = requirements(desk, filing)?;
        submit_ready(&facts, &requirements, today).map_err(first_of)?;
        for trade in &facts.trades {
            reference.trades.may_be_filed(&trade.code, trade.level, today)?;
        }
        not_yet_listed(&facts.trades, &store::valid_scope(&mut desk.tx(), filing.body, today)?)?;
        let within = crate::term::on(&mut desk.tx(), today)?.count(Term::AcceptWithin);
        let accept_due_on = reference.calendar.add(today, within)?;
        store::submitted(&mut desk.tx(), self.filing, stage, today, accept_due_on)?;
        let said = content::snapshot(&dossier, &requirements.checklist);
        if let Some(before) = store::submissions(&mut desk.tx(), self.filing)?.first() {
            let backs = store::returns(&mut desk.tx(), self.filing)?;
            let asked = backs.last().map(|back| back.parts.iter().map(|reason| reason.part).collect::<Vec<_>>());
            if evaluation_stands(&asked.unwrap_or_default(), &changes(&before.content, &said)) {
                crate::evaluation::carry_over(&mut desk.tx(), self.filing)?;
            }
        }
        let (id, by) = (desk.new_id(), desk.caller().name().to_owned());
        store::keep_submission(&mut desk.tx(), (id, self.filing), today, &said, &by)?;
        let title = format!("{}提交了备案申请，请受理", filing.body_name);
        desk.remind_office(&filing.centre, (Clause::S2_1_2A, accept_due_on), title, filing.href());
        desk.tell_body(filing.body, format!("备案申请已提交{}", filing.centre_name), filing.href());
        Ok(Submitted { centre: filing.centre_name.clone(), accept_due_on })
    }
}

/// Where a filing went.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Submitted {
    /// The name of the centre in charge.
    pub centre: String,
    /// The last day on which the centre decides whether to accept it.
    pub accept_due_on: Date,
}

/// What this filing is checked against: the checklist of its day, and the cap that the body was registered with.
pub(super) fn requirements(sight: &mut Sight<'_>, filing: &Filing) -> Result<Requirements, Stop> {
    let body = crate::body::find(&mut sight.tx(), filing.body)?.ok_or(Stop::NotFound)?;
    // As the list: nothing new is asked of whoever completes what was given back.
    let on = filing.applied_on.unwrap_or(sight.today());
    let assessors = crate::term::on(&mut sight.tx(), on)?.persons(Term::AssessorsPerTrade);
    Ok(Requirements {
        assessors,
        checklist: checklist(sight, filing),
        level_cap: body.level_cap,
        fits_majors: matches!(body.kind, BodyKind::TechnicalSchool | BodyKind::College),
    })
}

/// The checklist that a filing is asked for: that of the day of its first submission, so that nothing new is asked of
/// whoever completes what was given back; before it, today's.
pub(super) fn checklist(sight: &Sight<'_>, filing: &Filing) -> Vec<MaterialItem> {
    sight.reference().checklists.on(filing.applied_on.unwrap_or(sight.today())).to_vec()
}

/// What a kept file is to a checklist.
fn material_type(kind: FileKind) -> Option<MaterialType> {
    match kind {
        FileKind::Pdf => Some(MaterialType::Pdf),
        FileKind::Jpeg => Some(MaterialType::Jpg),
        FileKind::Png => Some(MaterialType::Png),
        FileKind::Zip => Some(MaterialType::Zip),
        FileKind::Xls | FileKind::Text => None,
    }
}

/// Refuses to overwrite what someone else has saved since the part was opened.
fn as_seen(desk: &mut Desk<'_>, filing: i64, part: FilingPart, seen: Option<&str>) -> Result<(), Stop> {
    if seen.is_none() {
        return Ok(());
    }
    let dossier = load_dossier(desk, filing)?;
    content::unchanged(part, seen, &content::mark(&content::snapshot(&dossier, &[]), part))
}

/// The filing of an act; the door has made sure that it is within reach.
pub(super) fn load(sight: &mut Sight<'_>, id: i64) -> Result<Filing, Stop> {
    store::find(&mut sight.tx(), id)?.ok_or(Stop::NotFound)
}

/// As [`load`], with everything in it.
pub(super) fn load_dossier(sight: &mut Sight<'_>, id: i64) -> Result<Dossier, Stop> {
    let filing = load(sight, id)?;
    Ok(store::dossier(&mut sight.tx(), filing)?)
}

pub(super) fn changeable(desk: &mut Desk<'_>, id: i64) -> Result<Filing, Stop> {
    let filing = load(desk, id)?;
    open_to_change(filing.stage, filing.track())?;
    Ok(filing)
}

/// The first of several refusals, which says how many more there are.
fn first_of(refusals: Vec<Refusal>) -> Stop {
    let more = refusals.len().saturating_sub(1);
    let Some(mut first) = refusals.into_iter().next() else { return Stop::fault("refused for nothing") };
    if more > 0 {
        first.remedy = format!("{}；另有{more}处没有完成，见备案任务清单", first.remedy);
    }
    first.into()
}
