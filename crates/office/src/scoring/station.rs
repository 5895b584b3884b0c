//! An assessor without an account enters the own scores at the station, by a code that opens this one sheet until the end of the
//! day after the part. The code follows from the house's key and a number of the batch's, so that it can be printed again
//! and is kept nowhere.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::identity::mask_name;
use rules::marking::Hand;
use rules::permission::{ActKind, LookKind};
use rules::rubric::RubricItem;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Panel, ScoreEntry, ScoredLine, ScoresKept, enter, store};
use crate::account::Done;
use crate::door::{Act, Desk, Look, Office, Seals, Sight, Stop, Subject};
use crate::marks;

/// The code of an assessor's sheet; the record never keeps it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password)]
pub struct StationCode(String);

impl StationCode {
    /// Takes a code in, as people type it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn plain(&self) -> String {
        self.0.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_uppercase()
    }
}

impl Serialize for StationCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// Letters and digits that nobody mixes up.
const SIGNS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The code of an assignment out of one issue: twelve signs of which each says five bits of a keyed hash.
fn code(seals: &Seals, assignment: i64, issue: i64) -> String {
    let hash = seals.find_key(&format!("station {assignment} {issue}"));
    let bytes = (0..12).filter_map(|at| u8::from_str_radix(hash.get(at * 2..at * 2 + 2)?, 16).ok());
    bytes.map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect()
}

/// Issues a code to each assessor of a batch; those of before are void.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IssueStationCodes {
    pub batch: i64,
}

/// What was issued.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CodesIssued {
    pub issued: usize,
}

impl Act for IssueStationCodes {
    const KIND: ActKind = ActKind::IssueStationCodes;
    type Answer = CodesIssued;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<CodesIssued, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        rules::batch::open_to_change(batch.stage)?;
        let judges = store::judges(&mut desk.tx(), batch.id)?;
        let judges: Vec<_> = judges.iter().filter(|judge| !judge.is_replaced).collect();
        if judges.is_empty() {
            return Err(Refusal::new(Clause::S1_2_2, "还没有安排考评人员")
                .remedy("请先安排考评人员，再发评分码")
                .into());
        }
        let (today, issue, by) = (desk.today(), desk.new_id(), desk.caller().name().to_owned());
        let mut codes = BTreeMap::new();
        for judge in &judges {
            let last = batch.exam_on(judge.part).tomorrow().map_err(Stop::fault)?;
            if last < today {
                let what = format!("{}的评分码到 {last} 为止，已经过期", judge.part.name());
                return Err(Refusal::new(Clause::S3_3_1, what).remedy("请由经办人按签字的评分表登记").into());
            }
            let key = desk.seals().find_key(&code(desk.seals(), judge.id, issue));
            codes.insert(key, (judge.id, last));
        }
        store::keep_codes(&mut desk.tx(), batch.id, &codes, (issue, &by))?;
        Ok(CodesIssued { issued: codes.len() })
    }
}

/// The code of an assessor, to be handed out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CodeLine {
    pub assessor: i64,
    pub name: String,
    pub part_name: String,
    pub code: String,
    /// The last day on which it opens anything.
    pub valid_until: Date,
}

/// The codes of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StationCodesView {
    pub batch: marks::BatchHead,
    pub codes: Vec<CodeLine>,
}

/// Which codes do the assessors of my batch have?
#[derive(Debug, Deserialize, ToSchema)]
pub struct StationCodes {
    pub batch: i64,
}

impl Look for StationCodes {
    const KIND: LookKind = LookKind::Candidates;
    type View = StationCodesView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<StationCodesView, Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        if sight.caller().body() != Some(batch.body) {
            return Err(Stop::NotGranted);
        }
        let issued = store::codes(&mut sight.tx(), batch.id)?;
        let judges = store::judges(&mut sight.tx(), batch.id)?;
        let line = |judge: &store::Judge| {
            let (issue, valid_until) = issued.get(&judge.id)?;
            Some(CodeLine {
                assessor: judge.id,
                name: judge.name.clone(),
                part_name: judge.part.name().into(),
                code: code(sight.seals(), judge.id, *issue),
                valid_until: *valid_until,
            })
        };
        Ok(StationCodesView { codes: judges.iter().filter_map(line).collect(), batch: marks::BatchHead::from(&batch) })
    }
}

/// The sheet behind a code, if the code opens it today.
fn opened(sight: &mut Sight<'_>, code: &StationCode) -> Result<(Panel, store::Judge), Stop> {
    let key = sight.seals().find_key(&code.plain());
    let (assignment, batch, valid_until) = store::by_code(&mut sight.tx(), &key)?.ok_or(Stop::NotFound)?;
    if valid_until < sight.today() {
        return Err(Refusal::new(Clause::S3_3_1, format!("评分码已于 {valid_until} 过期"))
            .remedy("请把签字的评分表交给机构经办人登记")
            .into());
    }
    Panel::of_judge(sight, batch, assignment)
}

/// The sheet of an assessor, as the code shows it: names masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StationView {
    pub body: String,
    pub title: String,
    pub trade: String,
    pub part_name: String,
    pub on: Date,
    pub assessor: String,
    pub items: Vec<RubricItem>,
    pub persons: Vec<ScoredLine>,
    pub handed_in: bool,
    /// Why nothing may be written down now.
    pub not_open: Option<rules::refusal::RefusalView>,
}

impl Station {
    /// With a code as people type it.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: StationCode::new(code) }
    }
}

/// What has the assessor with this code given?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Station {
    pub code: StationCode,
}

/// The sheet behind a code.
///
/// # Errors
/// *Not found* where there is no such code, a refusal where it is past.
pub fn station(office: &Office, asked: Station) -> Result<StationView, Stop> {
    office.public(|sight| {
        let (panel, judge) = opened(sight, &asked.code)?;
        let sheet = super::sheet(sight, &panel, &judge)?;
        let masked = |line: ScoredLine| ScoredLine { name: mask_name(&line.name), entered: String::new(), ..line };
        Ok(StationView {
            body: sheet.batch.body,
            title: sheet.batch.title,
            trade: format!("{}，{}", sheet.batch.trade, sheet.batch.level),
            part_name: sheet.part_name,
            on: sheet.on,
            assessor: judge.name,
            items: sheet.items,
            persons: sheet.persons.into_iter().map(masked).collect(),
            handed_in: judge.handed_in,
            not_open: sheet.not_open,
        })
    })
}

/// An assessor writes down the own scores at the station.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterStationScores {
    pub code: StationCode,
    #[schema(min_items = 1, max_items = 2000)]
    pub entries: Vec<ScoreEntry>,
}

impl Act for EnterStationScores {
    const KIND: ActKind = ActKind::EnterStationScores;
    type Answer = ScoresKept;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn unspoken(&self) -> String {
        self.code.plain()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ScoresKept, Stop> {
        let (panel, judge) = opened(desk, &self.code)?;
        panel.open(&judge, desk.today())?;
        let read = panel.read(&self.entries)?;
        desk.made(Subject::Batch(panel.batch.id));
        enter::keep(desk, judge.id, read, Hand { account: None, name: judge.name })
    }
}

/// An assessor hands in the own sheet at the station.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HandInStationScores {
    pub code: StationCode,
}

impl Act for HandInStationScores {
    const KIND: ActKind = ActKind::HandInStationScores;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn unspoken(&self) -> String {
        self.code.plain()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (panel, judge) = opened(desk, &self.code)?;
        panel.open(&judge, desk.today())?;
        let scores = store::scores_of(&mut desk.tx(), judge.id)?;
        panel.is_complete(&judge, &scores)?;
        // What others typed for the assessor needs the signed paper, which a code does not bring.
        if scores.values().any(|score| score.entered.account.is_some()) {
            return Err(Refusal::new(Clause::S3_3_1, "这份评分表里有机构经办人登记的评分")
                .remedy("请由经办人附上您签字的评分表后提交")
                .into());
        }
        let now = desk.now();
        desk.made(Subject::Batch(panel.batch.id));
        store::hand_in(&mut desk.tx(), judge.id, (now, &judge.name), None)?;
        Ok(Done {})
    }
}
