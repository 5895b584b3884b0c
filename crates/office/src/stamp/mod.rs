//! 二（二）4: a certificate bears its body's stamp. The head proposes its picture, the centre in charge compares it with the body's
//! papers and accepts it; it is printed from a day on, so that what was made before prints as it did.

mod pages;
mod store;

use jiff::civil::Date;
use rules::marking::Hand;
use rules::permission::{ActKind, LookKind};
use rules::proposal::ProposalState;
use rules::stamp::{StampMeasured, holds_from, may_stamp};
use rules::stock::says_why;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::account::Made;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::{FileView, hand};
use crate::roster::bring;
use crate::web::api::Registry;

/// Where the stamps of a body are.
fn page(body: i64) -> String {
    format!("/bodies/{body}/certificates/stamp")
}

/// A picture as it will be printed, and how many dots it is wide.
#[derive(Debug, Clone)]
struct Prepared {
    file: KeptFile,
    dots: i64,
}

/// Proposes the picture of the body's stamp, or that none is printed any more; the centre in charge accepts it or does not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposeStamp {
    /// A PNG that was kept before, on white or transparent ground, 300 dots to the inch; without it none is printed.
    #[serde(default)]
    pub file: Option<FileHash>,
    /// From which day on; once accepted not before the day after.
    pub from_on: Date,
    #[schema(min_length = 2, max_length = 500)]
    pub reason: String,
    #[serde(skip)]
    #[schema(ignore)]
    prepared: Option<Prepared>,
}

impl Act for ProposeStamp {
    const KIND: ActKind = ActKind::ProposeStamp;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let Some(hash) = &self.file else { return Ok(()) };
        let bytes = bring(sight, hash)?;
        let unusable = |error: press::PressError| {
            let what = match error {
                press::PressError::Photo(what) => format!("印章图片{what}"),
                other => other.to_string(),
            };
            Refusal::new(Clause::S2_2_4B, what).remedy("请换一张完好的 PNG 图片，白底或透明底").at("file")
        };
        let stamp = press::Stamp::open(&bytes).map_err(unusable)?;
        let (wide, high) = stamp.dimensions();
        may_stamp(StampMeasured { bytes: bytes.len() as u64, wide, high, red: stamp.red(), outside: stamp.outside() })?;
        let printed = stamp.print().map_err(unusable)?;
        let (hash, _) = sight.office().files().keep(&printed)?;
        self.prepared = Some(Prepared { file: KeptFile::of(&hash, &printed)?, dots: i64::from(wide) });
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let body = desk.body()?;
        says_why("启用、更换或停用", "首次启用", &self.reason)?;
        let stamps = store::stamps(&mut desk.tx(), body)?;
        if stamps.iter().any(|one| one.line.state == ProposalState::Proposed) {
            return Err(Refusal::new(Clause::S2_2_4B, "已经提出的印章还在等主管中心答复")
                .remedy("需要改的，请先撤回再提出")
                .into());
        }
        let (id, now, today, by) = (desk.new_id(), desk.now(), desk.today(), hand(desk));
        if let Some(prepared) = &self.prepared {
            note_file(&mut desk.tx(), &prepared.file, now)?;
        }
        let picture = self.prepared.as_ref().map(|prepared| (prepared.file.hash.0.as_str(), prepared.dots));
        let new =
            store::New { id, body, picture, reason: self.reason.trim(), from_on: self.from_on, on: today, by: &by };
        store::add(&mut desk.tx(), &new)?;
        if let Some(centre) = desk.standing().centre.clone() {
            let said = format!("{}提出证书印章，请与备案材料核对后答复", desk.caller().seat_name());
            desk.tell_office(centre, said, page(body));
        }
        Ok(Made { id })
    }
}

/// Answers a proposed stamp: the centre in charge accepts it or does not; the body may take it back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerStamp {
    pub body: i64,
    pub stamp: i64,
    pub agreed: bool,
    /// Why not.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

/// What came of a proposed stamp.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StampAnswered {
    pub state: ProposalState,
    /// From which day on certificates bear it, where it was accepted.
    pub from_on: Date,
}

impl Act for AnswerStamp {
    const KIND: ActKind = ActKind::AnswerStamp;
    type Answer = StampAnswered;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<StampAnswered, Stop> {
        let stamps = store::stamps(&mut desk.tx(), self.body)?;
        let proposed = stamps.into_iter().find(|one| one.line.id == self.stamp).ok_or(Stop::NotFound)?;
        let (by, today) = (hand(desk), desk.today());
        let sits_in_body = desk.caller().role().sits_in_body();
        if sits_in_body && self.agreed {
            return Err(Refusal::new(Clause::S2_2_4B, "证书印章由主管中心核对后同意")
                .remedy("请等主管中心答复；不再需要的，可以撤回")
                .into());
        }
        // Whoever heads the body takes back what was proposed for it.
        let proposer = match sits_in_body {
            true => by.clone(),
            false => Hand { account: proposed.account, name: proposed.line.proposed_by.clone() },
        };
        let state = proposed.line.state.answer(self.agreed, &self.reason, &proposer, &by)?;
        let wanted = proposed.line.from_on;
        let from_on = if state == ProposalState::Agreed { holds_from(wanted, today) } else { wanted };
        let said = self.reason.trim();
        store::answer(&mut desk.tx(), self.stamp, (state, from_on), (today, &by.name), said)?;
        desk.tell_body(self.body, format!("证书印章：{}", state.name()), page(self.body));
        Ok(StampAnswered { state, from_on })
    }
}

/// A stamp of a body, and where it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StampLine {
    pub id: i64,
    pub state: ProposalState,
    pub state_name: String,
    /// Without one, none is printed from its day on.
    pub has_picture: bool,
    /// How many dots it is wide, 300 to the inch.
    pub dots: i64,
    pub reason: String,
    /// As wished; once accepted, the day from which on it holds.
    pub from_on: Date,
    pub proposed_on: Date,
    pub proposed_by: String,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: String,
    /// Whether certificates that are made today bear it.
    pub is_in_force: bool,
}

impl StampLine {
    /// The name of its state; who is asked here is another than elsewhere.
    fn state_said(&self) -> &str {
        if self.state == ProposalState::Proposed { "待主管中心同意" } else { &self.state_name }
    }

    /// `40.0`.
    fn millimetres(&self) -> String {
        format!("{:.1}", self.dots as f64 / f64::from(rules::terms::STAMP_DOTS) * 25.4)
    }
}

/// The stamps of a body.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StampsView {
    pub body: i64,
    pub body_name: String,
    /// The latest first.
    pub stamps: Vec<StampLine>,
}

/// Which stamp do a body's certificates bear, and since when?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Stamps {
    pub body: i64,
}

impl Look for Stamps {
    const KIND: LookKind = LookKind::Certificates;
    type View = StampsView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<StampsView, Stop> {
        let today = sight.today();
        let body_name = crate::body::name(&mut sight.tx(), self.body)?.ok_or(Stop::NotFound)?;
        let kept = store::stamps(&mut sight.tx(), self.body)?;
        let mut stamps: Vec<StampLine> = kept.into_iter().map(|one| one.line).collect();
        // As the certificate's own statement finds it: the last that has begun.
        let begun = |line: &&mut StampLine| line.state == ProposalState::Agreed && line.from_on <= today;
        if let Some(held) = stamps.iter_mut().filter(begun).max_by_key(|line| (line.from_on, line.id)) {
            held.is_in_force = true;
        }
        Ok(StampsView { body: self.body, body_name, stamps })
    }
}

/// The picture of a stamp as it is printed.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StampPicture {
    pub body: i64,
    pub stamp: i64,
}

impl Look for StampPicture {
    const KIND: LookKind = LookKind::Certificates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let stamps = store::stamps(&mut sight.tx(), self.body)?;
        let found = stamps.into_iter().find(|one| one.line.id == self.stamp).ok_or(Stop::NotFound)?;
        let hash = found.picture.ok_or(Stop::NotFound)?;
        Ok(FileView { bytes: sight.office().files().bring(&FileHash(hash))?, name: "证书印章.png".into() })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<ProposeStamp>("/stamps")
        .look::<Stamps>("/bodies/{body}/stamps", "一所机构的证书印章")
        .look::<StampPicture>("/bodies/{body}/stamps/{stamp}/picture", "证书印章的图样")
        .act::<AnswerStamp>("/bodies/{body}/stamps/{stamp}/answer")
}

/// Stamps wait for the centre in charge.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let caller = sight.caller();
    let answers = caller.granted(ActKind::AnswerStamp).is_ok();
    if caller.body().is_none() && !answers {
        return Ok(Vec::new());
    }
    let waiting = store::waiting(&mut sight.tx(), caller.body(), caller.office())?;
    let task = |one: store::Waiting| {
        let what = if one.is_end { "停用证书印章" } else { "证书印章" };
        let detail = format!("{}提出；由主管中心与备案材料核对后同意或不同意", one.proposed_by);
        let task = Task::new(Clause::S2_2_4B, format!("答复{what}：{}", one.name), detail, page(one.body));
        if caller.body().is_some() { task.waiting() } else { task }
    };
    Ok(waiting.into_iter().map(task).collect())
}
