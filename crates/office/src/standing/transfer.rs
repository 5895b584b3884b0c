//! 三（一）: a body moves to another territory or affiliation. Who is in charge is computed anew, and everything under way
//! goes along, because whose a record is follows the body. The office that was in charge before may no longer act; what
//! it decided it keeps seeing.

use jiff::civil::Date;
use rules::directory::ChangeKind;
use rules::jurisdiction::{Affiliation, Belonging, BodyKind, centre_for, may_transfer};
use rules::permission::{ActKind, LookKind};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{store, told};
use crate::account::Done;
use crate::directory::ledger::{self, News, TermFact};
use crate::door::{Act, Desk, Look, Sight, Stop, Subject};

/// The department moves a body to another county or affiliation, by a document; who is in charge follows from it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TransferBody {
    pub body: i64,
    /// The county's code (GB/T 2260) after the move.
    #[schema(max_length = 6)]
    pub county: String,
    pub affiliation: Affiliation,
    /// The centre that a college's own station belongs to after the move; for colleges alone.
    #[schema(max_length = 40)]
    pub station_centre: Option<String>,
    /// From when it holds, today or before. Who was in charge acts until today.
    pub effective_on: Date,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The reference of the decision.
    #[schema(min_length = 1, max_length = 200)]
    pub document: String,
}

impl Act for TransferBody {
    const KIND: ActKind = ActKind::TransferBody;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let today = desk.today();
        let before = store::place(&mut desk.tx(), self.body)?.ok_or(Stop::NotFound)?;
        let is_college = before.kind == BodyKind::College;
        let named = self.station_centre.as_deref().map(str::trim).filter(|centre| !centre.is_empty());
        // A college that doesn't say otherwise stays with the centre of its station.
        let station = is_college.then(|| named.map_or_else(|| before.centre.clone(), str::to_owned));
        let to = Belonging {
            affiliation: self.affiliation,
            county: self.county.trim().to_owned(),
            station_centre: station.clone(),
        };
        let from = Belonging {
            affiliation: before.affiliation,
            county: before.county.clone(),
            station_centre: is_college.then(|| before.centre.clone()),
        };
        may_transfer(&from, &to, self.effective_on, store::last_transfer(&mut desk.tx(), self.body)?, today)?;
        let reference = desk.reference();
        let Some(county) =
            reference.divisions.name(&to.county).filter(|_| reference.divisions.city_of(&to.county).is_some())
        else {
            return Err(Refusal::new(Clause::S3_1_2, format!("“{}”不是福建省的行政区划代码", to.county))
                .remedy("请选择机构所在的县（市、区）")
                .at("county")
                .into());
        };
        let charge = centre_for(
            before.kind,
            to.affiliation,
            before.is_public,
            &to.county,
            station.as_deref(),
            &reference.divisions,
        )?;
        let reason = told("reason", "调整的原因", &self.reason, Clause::S3_1_2)?;
        let document = told("document", "决定的文号", &self.document, Clause::S3_1_2)?;
        let id = desk.new_id();
        let moved = store::Transfer {
            id,
            body: self.body,
            from: &before,
            to: &to,
            charge: &charge,
            effective_on: self.effective_on,
            on: today,
            document: &document,
            reason: &reason,
        };
        store::transfer(&mut desk.tx(), &moved)?;
        let centre_name = store::office_name(&mut desk.tx(), &charge.centre)?;
        let place = match to.affiliation {
            Affiliation::Provincial => Affiliation::Provincial.name().to_owned(),
            Affiliation::City => format!("{}，{county}", Affiliation::City.name()),
        };
        let says = format!("调整为{place}，由{centre_name}审核与监督：{reason}");
        // Under each of its numbers the latest entry moves with the body.
        let mut moved: Vec<String> = Vec::new();
        for entry in ledger::entries(&mut desk.tx(), self.body)? {
            if moved.contains(&entry.number) {
                continue;
            }
            moved.push(entry.number.clone());
            let news = News {
                kind: ChangeKind::Transferred,
                effective_on: self.effective_on,
                what: says.clone(),
                document: &document,
                filing: None,
            };
            let say =
                |fact: &TermFact| TermFact { county: to.county.clone(), centre: charge.centre.clone(), ..fact.clone() };
            ledger::amend(desk, &entry, say, &news)?;
        }
        let name = &before.name;
        desk.tell_body(self.body, format!("{says}（{document}）"), "/standing");
        let page = format!("/bodies/{}/standing", self.body);
        let offices = |centre: &str, bureau: Option<&String>| -> Vec<String> {
            std::iter::once(centre.to_owned()).chain(bureau.cloned()).collect()
        };
        let old = offices(&before.centre, before.bureau.as_ref());
        let new = offices(&charge.centre, charge.bureau.as_ref());
        for office in old.iter().filter(|office| !new.contains(office)) {
            let said = format!("{name}自今天起由{centre_name}主管（{document}），在办事项一并移交");
            desk.tell_office(office.clone(), said, "/former-bodies");
        }
        for office in new.iter().filter(|office| !old.contains(office)) {
            let said = format!("{name}自今天起归您管辖（{document}），在办的备案、批次和审核一并转来");
            desk.tell_office(office.clone(), said, page.clone());
        }
        Ok(Done {})
    }
}

/// A body that was in an office's charge, and where it went.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormerBody {
    pub body: i64,
    pub name: String,
    /// The filing number; none where it was never listed.
    pub number: Option<String>,
    /// Who is in charge since.
    pub centre_name: String,
    pub effective_on: Date,
    /// The day from which the office no longer acts.
    pub recorded_on: Date,
    pub document: String,
    pub reason: String,
}

/// Bodies that were in the office's charge, those that left last first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormerBodiesView {
    pub bodies: Vec<FormerBody>,
}

/// Which bodies were in our charge and are no longer?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct FormerBodies {}

impl Look for FormerBodies {
    const KIND: LookKind = LookKind::Records;
    type View = FormerBodiesView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FormerBodiesView, Stop> {
        let bodies = match sight.caller().office() {
            Some(office) => store::former_bodies(&mut sight.tx(), office)?,
            None => Vec::new(),
        };
        Ok(FormerBodiesView { bodies })
    }
}

/// Something that the office decided about a body while it was in charge of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormerDecision {
    /// When, as people read it.
    pub at: String,
    pub act: String,
    pub act_name: String,
    pub clause: Option<String>,
    /// `filing`, `batch`, `body`.
    pub subject: String,
    pub subject_id: Option<i64>,
    /// What the filing or batch is called; empty where it is about the body.
    pub subject_name: String,
    /// Opinion or reasons, where the act has them.
    pub said: String,
    pub account_name: String,
}

/// What the office decided about one body, the latest first; a hundred at most.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormerDecisionsView {
    #[serde(flatten)]
    #[schema(inline)]
    pub former: FormerBody,
    pub decisions: Vec<FormerDecision>,
    /// Ask with this `before` for what came earlier.
    pub earlier: Option<i64>,
}

/// What did we decide about this body while it was in our charge?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct FormerDecisions {
    pub body: i64,
    /// Only what came before this record.
    pub before: Option<i64>,
}

/// Decisions on one page.
const PAGE: i64 = 100;

impl Look for FormerDecisions {
    const KIND: LookKind = LookKind::Records;
    type View = FormerDecisionsView;

    /// The body is out of reach by now; that it was in the office's charge is asked below.
    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FormerDecisionsView, Stop> {
        let office = sight.caller().office().ok_or(Stop::NotFound)?;
        let former = store::former_bodies(&mut sight.tx(), office)?.into_iter().find(|one| one.body == self.body);
        let former = former.ok_or(Stop::NotFound)?;
        let before = self.before.unwrap_or(i64::MAX);
        let mut found = store::decisions(&mut sight.tx(), (self.body, office), before, PAGE + 1)?;
        let more = found.len() as i64 > PAGE;
        found.truncate(PAGE as usize);
        let earlier = found.last().filter(|_| more).map(|(id, _)| *id);
        let decisions = found.into_iter().map(|(_, decision)| decision).collect();
        Ok(FormerDecisionsView { former, decisions, earlier })
    }
}
