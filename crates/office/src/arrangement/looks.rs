//! How a batch is arranged, one session with its plan of seats, and what tickets and lists are printed from.

use jiff::civil::Date;
use rules::arrangement::{Means, Session, open_to_arrange};
use rules::permission::LookKind;
use rules::result::Part;
use rules::rubric::RubricItem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ArrangedBatch, ArrangementLine, ExamSessionLine, SeatedPerson, acts, store};
use crate::assignment::AssignmentNeed;
use crate::batch;
use crate::door::{Look, Sight, Stop, Subject};

/// Names of those without a place that a page shows.
const WAITING: i64 = 30;

/// How a batch is arranged.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArrangementView {
    pub batch: ArrangedBatch,
    /// Whether places may still change.
    pub open: bool,
    pub registered: i64,
    pub seated: i64,
    /// In the order of parts and times.
    pub sessions: Vec<ExamSessionLine>,
    /// The first of those without a place: ticket and masked name.
    pub waiting: Vec<String>,
    /// The last first.
    pub history: Vec<ArrangementLine>,
    /// What it is arranged with, or would be.
    pub means: Means,
    /// Rooms of one's own on file, with their seats where they are known.
    pub own_rooms: Vec<OwnPlace>,
    pub own_stations: Vec<OwnPlace>,
    /// How many who watch or judge each part needs and has, counted as those who assign them count.
    pub needs: Vec<AssignmentNeed>,
    /// The day by which everyone has a place.
    pub due_on: Option<Date>,
    pub today: Date,
}

/// A place of the body's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnPlace {
    pub name: String,
    /// Seats or stations, where known.
    pub count: Option<i64>,
}

/// How is this batch arranged?
#[derive(Debug, Deserialize, ToSchema)]
pub struct ArrangementDetail {
    pub batch: i64,
}

impl Look for ArrangementDetail {
    const KIND: LookKind = LookKind::Batches;
    type View = ArrangementView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ArrangementView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let own = acts::own_sites(sight, &batch)?;
        let (today, first) = (sight.today(), batch.plan().first_exam_on());
        let latest = store::latest(&mut sight.tx(), batch.id)?;
        let means = latest.map_or_else(|| acts::proposed(&batch, &own), |(_, means)| means);
        let (sessions, ratios) = (store::sessions(&mut sight.tx(), batch.id)?, batch.rules.ratios());
        let (registered, seated) =
            (store::registered(&mut sight.tx(), batch.id)?, store::seated_count(&mut sight.tx(), batch.id)?);
        let place = |site: rules::arrangement::OwnSite| OwnPlace { name: site.name, count: site.count };
        Ok(ArrangementView {
            batch: ArrangedBatch::from(&batch),
            open: open_to_arrange(batch.stage, first, today).is_ok(),
            registered,
            seated,
            sessions: sessions.iter().map(|one| one.line(&ratios)).collect(),
            waiting: store::waiting(&mut sight.tx(), batch.id, WAITING)?,
            history: store::history(&mut sight.tx(), batch.id)?,
            own_rooms: own.rooms.into_iter().map(place).collect(),
            own_stations: own.stations.into_iter().map(place).collect(),
            due_on: sight.reference().calendar.add(first, -rules::terms::ROOMS_BEFORE).ok(),
            needs: crate::assignment::needs(sight, batch.id)?,
            means,
            today,
        })
    }
}

/// What the lots of an arrangement were: with the means, all that it follows from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArrangementRecordView {
    pub no: i64,
    /// As `jiangce verify draw` reads it; its lines are ticket and class.
    pub draw: String,
    pub means: Means,
}

/// By which lots was this arrangement made?
#[derive(Debug, Deserialize, ToSchema)]
pub struct ArrangementRecord {
    pub batch: i64,
    /// Counted by batch.
    pub no: i64,
}

impl Look for ArrangementRecord {
    const KIND: LookKind = LookKind::Batches;
    type View = ArrangementRecordView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ArrangementRecordView, Stop> {
        let (draw, means) = store::record(&mut sight.tx(), self.batch, self.no)?.ok_or(Stop::NotFound)?;
        Ok(ArrangementRecordView { no: self.no, draw, means })
    }
}

/// A seat of a plan: where it stands, and who sits there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatView {
    pub seat: i64,
    /// From the platform, from 0.
    pub row: i64,
    /// From the left as one faces the platform, from 0.
    pub column: i64,
    /// Nothing where it is free.
    pub candidate: Option<i64>,
    pub ticket: String,
    pub name_masked: String,
    pub class: String,
}

/// One session with its seats.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExamSessionView {
    pub batch: ArrangedBatch,
    pub open: bool,
    pub session: ExamSessionLine,
    /// In the order of their numbers.
    pub seats: Vec<SeatView>,
    /// The sessions of the same part, to which someone could move.
    pub others: Vec<ExamSessionLine>,
}

/// Who sits where in this session?
#[derive(Debug, Deserialize, ToSchema)]
pub struct ExamSessionDetail {
    pub batch: i64,
    pub session: i64,
}

impl Look for ExamSessionDetail {
    const KIND: LookKind = LookKind::Batches;
    type View = ExamSessionView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExamSessionView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        store::latest(&mut sight.tx(), batch.id)?.ok_or(Stop::NotFound)?;
        let ratios = batch.rules.ratios();
        let kept = store::one_session(&mut sight.tx(), batch.id, self.session)?.ok_or(Stop::NotFound)?;
        let seals = sight.seals();
        let mut persons = store::persons(&mut sight.tx(), &batch, (Some(kept.id), None), seals)?.into_iter().peekable();
        let Session { first, seats, part, .. } = kept.session;
        let seats = (first..first + seats).map(|seat| {
            let (row, column) = kept.session.position(seat);
            let person = persons.next_if(|(_, person)| person.seat == i64::from(seat)).map(|(_, person)| person);
            let person = person.as_ref();
            let text = |of: fn(&SeatedPerson) -> &String| person.map(|person| of(person).clone()).unwrap_or_default();
            SeatView {
                seat: seat.into(),
                row: row.into(),
                column: column.into(),
                candidate: person.map(|person| person.candidate),
                ticket: text(|person| &person.ticket),
                name_masked: text(|person| &person.name_masked),
                class: text(|person| &person.class),
            }
        });
        let seats = seats.collect();
        let others = store::sessions(&mut sight.tx(), batch.id)?;
        Ok(ExamSessionView {
            open: open_to_arrange(batch.stage, batch.plan().first_exam_on(), sight.today()).is_ok(),
            batch: ArrangedBatch::from(&batch),
            session: kept.line(&ratios),
            seats,
            others: others.iter().filter(|one| one.session.part == part).map(|one| one.line(&ratios)).collect(),
        })
    }
}

/// A session with the persons on its lists.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExamList {
    pub session: ExamSessionLine,
    /// In the order of their seats.
    pub persons: Vec<SeatedPerson>,
}

/// What tickets and lists are printed from: full names, masked numbers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExamPapersView {
    pub batch: ArrangedBatch,
    pub lists: Vec<ExamList>,
    /// What assessors mark, of parts that are divided into items.
    pub rubrics: Vec<PartRubric>,
    /// The codes that open candidates' own pages, for their tickets; for the body that handed them out.
    #[serde(skip)]
    pub codes: std::collections::BTreeMap<i64, String>,
    pub today: Date,
}

/// The items of a part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartRubric {
    pub part: Part,
    pub items: Vec<RubricItem>,
}

/// What stands on tickets and lists: of the whole batch, one session or one candidate?
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct ExamPapers {
    pub batch: i64,
    pub session: Option<i64>,
    pub candidate: Option<i64>,
}

impl Look for ExamPapers {
    const KIND: LookKind = LookKind::Candidates;
    type View = ExamPapersView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExamPapersView, Stop> {
        let mut view = papers(sight, self.batch, (self.session, self.candidate))?;
        if sight.caller().role().sits_in_body() {
            view.codes = crate::candidate::codes_on_tickets(sight, self.batch)?;
        }
        Ok(view)
    }
}

/// What tickets and lists of a batch are printed from, of one session or one candidate where it is named.
///
/// # Errors
/// *Not found*, or a fault.
pub(crate) fn papers(
    sight: &mut Sight<'_>,
    batch: i64,
    of: (Option<i64>, Option<i64>),
) -> Result<ExamPapersView, Stop> {
    let batch = batch::find(&mut sight.tx(), batch)?.ok_or(Stop::NotFound)?;
    let is_arranged = store::latest(&mut sight.tx(), batch.id)?.is_some();
    let ratios = batch.rules.ratios();
    let seals = sight.seals();
    let (persons, sessions) =
        (store::persons(&mut sight.tx(), &batch, of, seals)?, store::sessions(&mut sight.tx(), batch.id)?);
    let mut persons = persons.into_iter().peekable();
    let mut lists = Vec::new();
    if is_arranged {
        for session in &sessions {
            let here: Vec<SeatedPerson> =
                std::iter::from_fn(|| persons.next_if(|(id, _)| *id == session.id)).map(|(_, one)| one).collect();
            if !here.is_empty() {
                lists.push(ExamList { session: session.line(&ratios), persons: here });
            }
        }
    }
    let kept = crate::scoring::rubrics(&mut sight.tx(), batch.id)?.into_iter();
    let rubrics = kept.filter(|(_, (rubric, _))| rubric.is_divided());
    let rubrics = rubrics.map(|(part, (rubric, _))| PartRubric { part, items: rubric.0 }).collect();
    let codes = std::collections::BTreeMap::new();
    Ok(ExamPapersView { batch: ArrangedBatch::from(&batch), lists, rubrics, codes, today: sight.today() })
}

/// A candidate with the places of all parts: session and seat.
pub(super) type Ticketed<'a> = (&'a SeatedPerson, Vec<(&'a ExamSessionLine, i64)>);

impl ExamPapersView {
    /// Candidates in the order of their tickets, each with the places of its parts.
    pub(super) fn by_ticket(&self) -> Vec<Ticketed<'_>> {
        let mut found: std::collections::BTreeMap<&str, Ticketed<'_>> = std::collections::BTreeMap::new();
        for list in &self.lists {
            for person in &list.persons {
                let entry = found.entry(&person.ticket).or_insert_with(|| (person, Vec::new()));
                entry.1.push((&list.session, person.seat));
            }
        }
        found.into_values().collect()
    }

    /// Whether there is a list of this part.
    pub(super) fn has(&self, part: Part) -> bool {
        self.lists.iter().any(|list| list.session.part == part)
    }
}
