//! What the body does: it starts a filing, fills it in part by part, attaches its materials and submits (二（一）1,
//! 附件1, 附件2). Each part can be left and come back to; what is missing is refused at the submission.

use jiff::civil::Date;
use rules::certificate::Level;
use rules::filing::{
    FilingStep, MaterialPer, PersonKind, Requirements, SiteKind, default_checklist, files_under, had_station, may_open,
    next, not_yet_listed, open_to_change, submit_ready,
};
use rules::permission::ActKind;
use rules::terms::ACCEPT_WITHIN;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{self, Dossier, Filing};
use crate::account::{Done, Made};
use crate::door::files::FileKind;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Sight, Stop, Subject};

/// Rows that a list of a filing holds at most.
const ROWS_MAX: usize = 500;
/// Characters of one entry.
const TEXT_MAX: usize = 200;
/// Characters of a longer text.
const LONG_MAX: usize = 2000;

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
        for (field, label, text) in self.form.entries() {
            if text.trim().is_empty() {
                if field.starts_with("station_") {
                    had_station(kind, &self.form.station_name, &self.form.station_number)?;
                }
                let refusal = Refusal::new(Clause::A1, format!("缺少{label}"));
                return Err(refusal.remedy(format!("请填写{label}")).at(field).into());
            }
            bounded(label, text, if field == "majors" { LONG_MAX } else { TEXT_MAX }, field)?;
        }
        bounded("补充说明", &self.form.note, LONG_MAX, "note")?;
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
    /// The main major of the school that it fits (一（二）1); may be empty until the submission.
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
}

impl Act for PlanTrades {
    const KIND: ActKind = ActKind::PlanTrades;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        changeable(desk, self.filing)?;
        not_too_many(self.trades.len(), "trades")?;
        let (reference, today) = (desk.reference(), desk.today());
        let mut trades: Vec<store::Trade> = Vec::new();
        for planned in &self.trades {
            let found = reference.trades.named(&planned.trade).map_err(|refusal| refusal.at("trades"))?;
            let code = found.code.unwrap_or_else(|| found.name.clone());
            reference.trades.may_be_filed(&code, planned.level, today).map_err(|refusal| refusal.at("trades"))?;
            let standard = reference
                .trades
                .standard(&code, planned.level, &planned.standard)
                .map_err(|refusal| refusal.at("trades"))?;
            for (label, text) in
                [("工种", &planned.work_type), ("对应专业", &planned.major), ("试卷来源", &planned.papers)]
            {
                bounded(label, text, TEXT_MAX, "trades")?;
            }
            counted("年评价规模", planned.capacity, "trades")?;
            if trades.iter().any(|earlier| earlier.code == code && earlier.level == planned.level) {
                return Err(Refusal::new(
                    Clause::A1,
                    format!("{code} {}{}填写了两次", found.name, planned.level.name()),
                )
                .remedy("请删去重复的一行")
                .at("trades")
                .into());
            }
            trades.push(store::Trade {
                code,
                name: found.name,
                work_type: planned.work_type.trim().into(),
                level: planned.level,
                major: planned.major.trim().into(),
                standard: standard.map(|standard| standard.name.clone()).unwrap_or_default(),
                edition: standard.and_then(|standard| standard.edition_year).map(i64::from),
                papers: planned.papers.trim().into(),
                capacity: planned.capacity,
                passed: None,
                reason: String::new(),
                asks_public: planned.for_public,
                for_public: false,
            });
        }
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
}

impl Act for ListPeople {
    const KIND: ActKind = ActKind::ListPeople;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        changeable(desk, self.filing)?;
        not_too_many(self.people.len(), "people")?;
        let planned = store::trades(&mut desk.tx(), self.filing)?;
        for person in &self.people {
            named("姓名", &person.name, "people")?;
            bounded("证卡编号", &person.card_number, TEXT_MAX, "people")?;
            is_planned(&planned, person.trade_code.as_deref(), "people")?;
        }
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
}

impl Act for ListSites {
    const KIND: ActKind = ActKind::ListSites;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        changeable(desk, self.filing)?;
        not_too_many(self.sites.len(), "sites")?;
        let planned = store::trades(&mut desk.tx(), self.filing)?;
        for site in &self.sites {
            named("名称", &site.name, "sites")?;
            bounded("说明", &site.note, TEXT_MAX, "sites")?;
            counted("数量", site.count, "sites")?;
            counted("录像保存天数", site.days_kept.unwrap_or(0), "sites")?;
            is_planned(&planned, site.trade_code.as_deref(), "sites")?;
        }
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
        changeable(desk, self.filing)?;
        let refuse = |what: String, remedy: &str, field| Refusal::new(Clause::A2, what).remedy(remedy).at(field);
        let kept = self.kept.as_ref().ok_or_else(|| Stop::fault("the file was not read"))?;
        if !matches!(kept.kind, FileKind::Pdf | FileKind::Jpeg | FileKind::Png | FileKind::Zip) {
            return Err(refuse("申请材料的文件类型不受支持".into(), "请上传 PDF、JPG、PNG 或 ZIP 文件", "file").into());
        }
        let checklist = default_checklist();
        let item = checklist
            .iter()
            .find(|item| item.code == self.code)
            .ok_or_else(|| refuse(format!("材料清单中没有“{}”", self.code), "请从材料清单中选择", "code"))?;
        let planned = store::trades(&mut desk.tx(), self.filing)?;
        match (item.per, self.trade_code.as_deref()) {
            (MaterialPer::Body, None) => {}
            (MaterialPer::Trade, Some(code)) => is_planned(&planned, Some(code), "trade_code")?,
            (MaterialPer::Body, Some(_)) => {
                let what = format!("《{}》不分职业", item.title);
                return Err(refuse(what, "请不要选择职业", "trade_code").into());
            }
            (MaterialPer::Trade, None) => {
                let what = format!("《{}》须按职业分别提交", item.title);
                return Err(refuse(what, "请选择材料对应的职业", "trade_code").into());
            }
        }
        let name = crate::web::forms::plain_name(&self.name);
        named("文件名", &name, "name")?;
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
        let accept_due_on = reference.calendar.add(today, ACCEPT_WITHIN)?;
        store::submitted(&mut desk.tx(), self.filing, stage, today, accept_due_on)?;
        desk.tell_office(&filing.centre, format!("{}提交了备案申请，请受理", filing.body_name), filing.href());
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

/// What this filing is checked against: the checklist, and the cap that the body was registered with.
pub(super) fn requirements(sight: &mut Sight<'_>, filing: &Filing) -> Result<Requirements, Stop> {
    let body = crate::body::find(&mut sight.tx(), filing.body)?.ok_or(Stop::NotFound)?;
    Ok(Requirements { level_cap: body.level_cap, ..Requirements::default() })
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

fn changeable(desk: &mut Desk<'_>, id: i64) -> Result<Filing, Stop> {
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

fn named(label: &str, text: &str, field: &'static str) -> Result<(), Stop> {
    if text.trim().is_empty() {
        let refusal = Refusal::new(Clause::A1, format!("有一行没有填写{label}"));
        return Err(refusal.remedy(format!("请填写{label}，或删去这一行")).at(field).into());
    }
    bounded(label, text, TEXT_MAX, field)
}

fn bounded(label: &str, text: &str, most: usize, field: &'static str) -> Result<(), Stop> {
    let length = text.chars().count();
    if length <= most {
        return Ok(());
    }
    let refusal = Refusal::house("填写", format!("{label}有{length}字，超过{most}字"));
    Err(refusal.remedy("请写得简短一些，详细内容作为材料上传").at(field).into())
}

fn counted(label: &str, number: i64, field: &'static str) -> Result<(), Stop> {
    if (0..=1_000_000).contains(&number) {
        return Ok(());
    }
    Err(Refusal::house("填写", format!("{label}{number}不合理")).remedy("请填写0至1000000的整数").at(field).into())
}

fn not_too_many(rows: usize, field: &'static str) -> Result<(), Stop> {
    if rows <= ROWS_MAX {
        return Ok(());
    }
    Err(Refusal::house("填写", format!("共{rows}行，超过{ROWS_MAX}行")).remedy("请合并同类项").at(field).into())
}

/// A person, a site or a material can be tied to an occupation of this filing only.
fn is_planned(planned: &[store::Trade], code: Option<&str>, field: &'static str) -> Result<(), Stop> {
    match code {
        Some(code) if !planned.iter().any(|trade| trade.code == code) => {
            Err(Refusal::new(Clause::A1, format!("“{code}”不在拟备案的职业中"))
                .remedy("请先在“拟备案职业与等级”中填写该职业，或选择适用于全部职业")
                .at(field)
                .into())
        }
        _ => Ok(()),
    }
}
