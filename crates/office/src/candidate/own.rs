//! What the own page shows: registrations with time and place, results once they were posted, certificates, what was asked for.
//! Each look reads by the key of the person's number and leaves out whoever has another name.

use jiff::civil::Date;
use rules::certificate::CertificateState;
use rules::permission::LookKind;
use rules::publicity::open_on;
use rules::result::Part;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{person_key, registrations, store};
use crate::arrangement::{ExamPapersView, papers};
use crate::certificate::{Face, face};
use crate::door::{Look, OwnPerson, Sight, Stop, Subject};

/// Where and when a part is held.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnSeat {
    pub part: Part,
    pub part_name: String,
    pub on: Date,
    /// `08:30`.
    pub from: String,
    pub to: String,
    pub room: String,
    /// `12 号座位`.
    pub seat: String,
}

/// A part's result.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnMark {
    pub part: Part,
    pub part_name: String,
    pub outcome: String,
}

/// The own certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnCertificateLine {
    pub id: i64,
    pub number: String,
    pub state: CertificateState,
    pub state_name: String,
    pub state_on: Option<Date>,
    pub issued_on: Date,
}

/// What the person asked for, by its receipt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnRequest {
    pub receipt: String,
    pub what: String,
    pub asked_on: Date,
    pub due_on: Date,
    pub state: String,
    pub answer: Option<String>,
    /// The page that a receipt opens.
    pub link: String,
}

/// One registration.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnCandidacy {
    pub candidate: i64,
    pub title: String,
    pub body_name: String,
    pub centre_name: String,
    /// `中式烹调师，四级/中级工`.
    pub what: String,
    pub ticket: String,
    pub stage_name: String,
    pub has_photo: bool,
    /// The days of the parts, for who has no place yet.
    pub days: Vec<OwnDay>,
    pub places: Vec<OwnSeat>,
    /// Empty before the results were posted, and while the batch stands still.
    pub marks: Vec<OwnMark>,
    pub verdict: Option<String>,
    pub verdict_name: Option<String>,
    /// An objection holds the person back.
    pub held: bool,
    /// The last day of publicity, once results were posted.
    pub public_until: Option<Date>,
    /// Under which the public list stands while it does: there one objects and asks for a review.
    pub publicity_token: Option<String>,
    pub certificate: Option<OwnCertificateLine>,
    pub requests: Vec<OwnRequest>,
}

/// The day of a part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnDay {
    pub part_name: String,
    pub on: Date,
}

/// What is the person's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnPageView {
    pub name: String,
    /// The latest first.
    pub candidacies: Vec<OwnCandidacy>,
}

/// What is kept of me as a candidate? The look is recorded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OwnPage {}

fn own(sight: &Sight<'_>) -> Result<OwnPerson, Stop> {
    sight.caller().own().cloned().ok_or(Stop::SignInFirst)
}

impl Look for OwnPage {
    const KIND: LookKind = LookKind::Own;
    type View = OwnPageView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<OwnPageView, Stop> {
        let (own, today, seals) = (own(sight)?, sight.today(), sight.seals());
        let mut found = store::candidacies(&mut sight.tx(), &own.id_key)?;
        found.retain(|one| person_key(seals, &own.id_key, &one.of.name) == own.person_key);
        found.reverse();
        let name = found.first().map(|one| one.of.name.clone()).ok_or(Stop::NotFound)?;
        let ids: Vec<i64> = found.iter().map(|one| one.of.candidate).collect();
        // Results are nobody's before they are posted, not even the person's own (二（二）3).
        let posted: Vec<i64> =
            found.iter().filter(|one| one.window.is_some() && !one.is_still).map(|one| one.of.candidate).collect();
        let mut places = store::places(&mut sight.tx(), &ids)?;
        let mut marks = store::marks(&mut sight.tx(), &posted)?;
        let mut requests = store::requests(&mut sight.tx(), &ids)?;
        let candidacies = found.into_iter().map(|one| {
            let id = one.of.candidate;
            let is_posted = posted.contains(&id);
            let verdict = one.verdict.filter(|_| is_posted);
            let window = one.window.filter(|_| is_posted);
            OwnCandidacy {
                candidate: id,
                what: match one.work_type.as_str() {
                    "" => format!("{}，{}", one.trade, one.level.name()),
                    work_type => format!("{}（{work_type}），{}", one.trade, one.level.name()),
                },
                title: one.title,
                body_name: one.body_name,
                centre_name: one.centre_name,
                ticket: one.ticket,
                stage_name: if one.is_still { "暂停".into() } else { one.stage.name().into() },
                has_photo: one.has_photo,
                days: one.days.iter().map(|(part, on)| OwnDay { part_name: part.name().into(), on: *on }).collect(),
                places: taken(&mut places, id),
                marks: taken(&mut marks, id),
                verdict_name: verdict.as_deref().map(|code| crate::publicity::verdict_name(code).into()),
                verdict,
                held: is_posted && one.held,
                public_until: window.map(|window| window.ends_on),
                publicity_token: one.token.filter(|_| window.is_some_and(|window| open_on(&window, today))),
                certificate: one.certificate.map(|one| OwnCertificateLine {
                    id: one.id,
                    number: one.number,
                    state_name: one.state.name().into(),
                    state: one.state,
                    state_on: one.state_on,
                    issued_on: one.issued_on,
                }),
                requests: taken(&mut requests, id),
            }
        });
        Ok(OwnPageView { name, candidacies: candidacies.collect() })
    }
}

/// What belongs to a candidate out of a list that belongs to several.
fn taken<T>(of: &mut Vec<(i64, T)>, candidate: i64) -> Vec<T> {
    of.extract_if(.., |(id, _)| *id == candidate).map(|(_, one)| one).collect()
}

/// What stands on my admission ticket? The look is recorded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OwnTicket {
    pub candidate: i64,
}

impl Look for OwnTicket {
    const KIND: LookKind = LookKind::Own;
    type View = ExamPapersView;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExamPapersView, Stop> {
        let own = own(sight)?;
        let found = registrations(sight, &own.id_key, &own.person_key)?;
        found.iter().find(|one| one.candidate == self.candidate).ok_or(Stop::NotFound)?;
        let batch = crate::arrangement::batch_of(&mut sight.tx(), self.candidate)?.ok_or(Stop::NotFound)?;
        papers(sight, batch, (None, Some(self.candidate)))
    }
}

/// What stands on my certificate? The look is recorded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OwnCertificate {
    pub certificate: i64,
}

impl Look for OwnCertificate {
    const KIND: LookKind = LookKind::Own;
    type View = Face;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<Face, Stop> {
        own_face(sight, self.certificate)
    }
}

/// What stands on the own certificate; another's is *not found*.
///
/// # Errors
/// As told, and whatever the database says.
pub(crate) fn own_face(sight: &mut Sight<'_>, certificate: i64) -> Result<Face, Stop> {
    let (own, seals) = (own(sight)?, sight.seals());
    let found = face(&mut sight.tx(), seals, certificate)?.ok_or(Stop::NotFound)?;
    let is_own =
        seals.fits(&found.id_number, &own.id_key) && person_key(seals, &own.id_key, &found.name) == own.person_key;
    if is_own { Ok(found) } else { Err(Stop::NotFound) }
}
