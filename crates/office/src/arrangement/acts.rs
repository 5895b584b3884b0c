//! Arranging a batch, arranging who has no place yet, and changing a seat by hand.

use proof::log::LeafKind;
use std::collections::BTreeMap;

use rules::arrangement::{
    self, Arrangement, Entrant, ExamHours, ExamRoom, ExamStations, Means, OwnSite, move_seat, rooms_of_site,
};
use rules::permission::ActKind;
use rules::refusal::RefusalView;
use rules::result::Part;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MovedTo, or, store};
use crate::batch::{self, Batch};
use crate::door::{Act, Desk, Sight, Stop, Subject};

/// What the lots are drawn for.
const PURPOSE: &str = "arrangement";
/// Rows of a list of rooms, at most.
const ROWS_MAX: usize = 1_000;

/// Gives everyone of a batch a seat, a station and, where the level has one, a turn in the review, anew by lot. What is
/// left out is taken from the filing and from the platform's defaults.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArrangeBatch {
    pub batch: i64,
    /// Rooms for theory, of the body's own; empty for all that it has on file.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub rooms: Vec<ExamRoom>,
    /// Places of practical assessment, of the body's own; empty for all that it has on file.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub stations: Vec<ExamStations>,
    /// Rooms for the comprehensive review; only at levels that have one.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub reviews: Vec<String>,
    /// Parts of the day; empty for the platform's.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub hours: Vec<ExamHours>,
    /// Minutes of the theory examination.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub theory_minutes: Option<u16>,
    /// Minutes of a turn at the stations.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub practical_minutes: Option<u16>,
    /// Minutes for each candidate in the review.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub review_minutes: Option<u16>,
    /// Minutes between two sessions of a room, and between two parts of one candidate.
    #[serde(default)]
    #[schema(maximum = 1000)]
    pub pause: Option<u16>,
}

/// What an arrangement came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Arranged {
    /// The how manieth of the batch.
    pub no: i64,
    pub sessions: usize,
    /// Who got places.
    pub persons: usize,
    /// What could be had no better: classmates side by side, days after the one told.
    pub findings: Vec<RefusalView>,
    /// What the lots follow from; the record tells the rest.
    pub seed: String,
}

impl Act for ArrangeBatch {
    const KIND: ActKind = ActKind::ArrangeBatch;
    type Answer = Arranged;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Arranged, Stop> {
        let batch = open_batch(desk, self.batch)?;
        let own = own_sites(desk, &batch)?;
        let means = self.means(&batch, &own);
        is_own(&batch, &means, &own)?;
        let candidates = store::candidates(&mut desk.tx(), &batch)?;
        if candidates.is_empty() {
            return Err(Refusal::new(Clause::S1_1_3, "还没有考生报名，没有人需要座位")
                .remedy("请先在“名册与照片”导入报名名册，再编排考场")
                .into());
        }
        let no = store::latest(&mut desk.tx(), batch.id)?.map_or(0, |(no, _)| no) + 1;
        let (draw, entrants) = lots(&batch, no, &candidates)?;
        let made = arrangement::arrange(&batch.plan(), &means, &entrants).map_err(all)?;
        store::clear(&mut desk.tx(), batch.id)?;
        kept(desk, &batch, (no, false), &means, &draw, (&made, Vec::new()))
    }
}

impl ArrangeBatch {
    fn means(&self, batch: &Batch, own: &store::OwnSites) -> Means {
        let proposed = proposed(batch, own);
        let list = |said: &[ExamRoom]| if said.is_empty() { proposed.rooms.clone() } else { said.to_vec() };
        let rooms = list(&self.rooms).into_iter().take(ROWS_MAX);
        let stations = if self.stations.is_empty() { proposed.stations } else { self.stations.clone() };
        let reviews = if batch.comprehensive_on.is_none() {
            Vec::new()
        } else if self.reviews.is_empty() {
            proposed.reviews
        } else {
            self.reviews.iter().map(|name| name.trim().to_owned()).collect()
        };
        Means {
            rooms: rooms.map(|room| ExamRoom { name: room.name.trim().to_owned(), ..room }).collect(),
            stations: stations
                .into_iter()
                .take(ROWS_MAX)
                .map(|place| ExamStations { name: place.name.trim().to_owned(), ..place })
                .collect(),
            reviews,
            hours: if self.hours.is_empty() { proposed.hours } else { self.hours.clone() },
            theory_minutes: or(self.theory_minutes, proposed.theory_minutes),
            practical_minutes: or(self.practical_minutes, proposed.practical_minutes),
            review_minutes: or(self.review_minutes, proposed.review_minutes),
            pause: or(self.pause, proposed.pause),
            ratios: proposed.ratios,
        }
    }
}

/// What a batch would be arranged with where nobody says otherwise: what the body has on file at the place that was told,
/// or the place itself.
pub(super) fn proposed(batch: &Batch, own: &store::OwnSites) -> Means {
    let at = |sites: &[OwnSite], told: &str, otherwise: u16| -> Vec<(String, u16)> {
        let size = |site: &OwnSite| site.count.and_then(|count| u16::try_from(count).ok()).unwrap_or(otherwise);
        let told_ones: Vec<_> = sites.iter().filter(|site| told.contains(&site.name)).collect();
        let chosen: Vec<_> = if told_ones.is_empty() { sites.iter().collect() } else { told_ones };
        match chosen.is_empty() {
            true => vec![(told.to_owned(), otherwise)],
            // What was told says more than what is on file: a floor, a number.
            false if chosen.len() == 1 => vec![(told.to_owned(), size(chosen[0]))],
            false => chosen.iter().map(|site| (site.name.clone(), size(site))).collect(),
        }
    };
    let ratios = batch.rules.ratios();
    let rooms = at(&own.rooms, &batch.theory_place, ratios.room_max);
    let rooms: Vec<ExamRoom> = rooms.iter().flat_map(|(name, seats)| rooms_of_site(name, *seats, &ratios)).collect();
    let stations = at(&own.stations, &batch.practical_place, ratios.group_max);
    let stations = stations.into_iter().map(|(name, count)| ExamStations { name, count }).collect();
    let reviews = batch.comprehensive_on.and(rooms.first()).map(|room| room.name.clone()).into_iter().collect();
    Means::with(rooms, stations, reviews, &batch.rules)
}

/// What the body has of its own. What was announced names no rooms, and who cooperates may examine at the school.
pub(super) fn own_sites(sight: &mut Sight<'_>, batch: &Batch) -> Result<store::OwnSites, Stop> {
    if batch.identity.rests_on().is_some() {
        return Ok(store::OwnSites::default());
    }
    Ok(store::own_sites(&mut sight.tx(), batch.body, &batch.code)?)
}

fn is_own(batch: &Batch, means: &Means, own: &store::OwnSites) -> Result<(), Refusal> {
    let rooms: Vec<(&str, u16)> = means.rooms.iter().map(|room| (room.name.as_str(), room.seats)).collect();
    arrangement::held_in_own_rooms(&rooms, &own.rooms, &batch.theory_place, "rooms")?;
    let stations: Vec<(&str, u16)> = means.stations.iter().map(|place| (place.name.as_str(), place.count)).collect();
    arrangement::held_in_own_rooms(&stations, &own.stations, &batch.practical_place, "stations")?;
    let reviews: Vec<(&str, u16)> = means.reviews.iter().map(|name| (name.as_str(), 0)).collect();
    let anywhere = [own.rooms.as_slice(), own.stations.as_slice()].concat();
    arrangement::held_in_own_rooms(&reviews, &anywhere, "", "reviews")
}

/// The batch, if places may still change in it.
fn open_batch(sight: &mut Sight<'_>, id: i64) -> Result<Batch, Stop> {
    let batch = batch::find(&mut sight.tx(), id)?.ok_or(Stop::NotFound)?;
    arrangement::open_to_arrange(batch.stage, batch.plan().first_exam_on(), sight.today())?;
    Ok(batch)
}

/// Draws lots: one line for each candidate, ticket and class, so that the record holds all that the arrangement follows
/// from and no name.
fn lots(batch: &Batch, no: i64, candidates: &[store::Candidate]) -> Result<(proof::Draw, Vec<Entrant>), Stop> {
    let line = |one: &store::Candidate| {
        let class: String = one.class.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("{} {class}", one.ticket)
    };
    let by_line: BTreeMap<String, &store::Candidate> = candidates.iter().map(|one| (line(one), one)).collect();
    let about = format!("{}，第{no}次编排", batch.number);
    let list = by_line.keys().cloned().collect();
    let draw = proof::draw((PURPOSE, &about), &rand::random(), list, by_line.len()).map_err(Stop::fault)?;
    let of = |line: &String| by_line.get(line).map(|one| Entrant { id: one.id, class: one.class.clone() });
    let entrants = draw.order.iter().filter_map(of).collect();
    Ok((draw, entrants))
}

/// Everything that can't be met, as one refusal.
fn all(refusals: Vec<Refusal>) -> Refusal {
    let mut remedies: Vec<String> = Vec::new();
    for refusal in &refusals {
        if !remedies.contains(&refusal.remedy) {
            remedies.push(refusal.remedy.clone());
        }
    }
    let what: Vec<_> = refusals.iter().map(|refusal| refusal.what.as_str()).collect();
    let what = what.join("；");
    match refusals.into_iter().next() {
        Some(first) => Refusal { what, remedy: remedies.join("；"), ..first },
        None => Refusal::house("考场编排", what),
    }
}

/// Keeps what was arranged; `ids` are those of the sessions that stand already.
fn kept(
    desk: &mut Desk<'_>,
    batch: &Batch,
    (no, is_rest): (i64, bool),
    means: &Means,
    draw: &proof::Draw,
    (made, mut ids): (&Arrangement, Vec<i64>),
) -> Result<Arranged, Stop> {
    let standing = ids.len();
    ids.extend((standing..made.sessions.len()).map(|_| desk.new_id()));
    store::put(&mut desk.tx(), batch.id, made, (&ids, standing))?;
    let findings: Vec<RefusalView> = made.findings.iter().map(RefusalView::from).collect();
    let parts = batch.plan().exams().len();
    let persons = made.places.len() / parts.max(1);
    let (id, now, by) = (desk.new_id(), desk.now(), desk.caller().name().to_owned());
    let new = store::NewArrangement {
        id,
        batch: batch.id,
        no,
        is_rest,
        means,
        draw,
        findings: &findings,
        persons,
        now,
        by: &by,
    };
    store::keep(&mut desk.tx(), &new)?;
    desk.log_recorded(LeafKind::SeatsDrawn, id, 0)?;
    Ok(Arranged { no, sessions: made.sessions.len(), persons, findings, seed: draw.seed.clone() })
}

/// Gives places to those of a batch who have none and moves nobody: in free seats first, then in rooms that stand empty.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArrangeRest {
    pub batch: i64,
}

impl Act for ArrangeRest {
    const KIND: ActKind = ActKind::ArrangeRest;
    type Answer = Arranged;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Arranged, Stop> {
        let batch = open_batch(desk, self.batch)?;
        let Some((no, means)) = store::latest(&mut desk.tx(), batch.id)? else {
            return Err(Refusal::house("考场编排", "这一批还没有编排过")
                .remedy("请先填写考场、工位和时间，编排全部考生")
                .into());
        };
        store::clear_withdrawn(&mut desk.tx(), batch.id)?;
        let (placed, waiting): (Vec<_>, Vec<_>) =
            store::candidates(&mut desk.tx(), &batch)?.into_iter().partition(|one| one.has_place);
        if waiting.is_empty() {
            return Err(Refusal::house("考场编排", "每名考生都已有座位").remedy("需要换座的，请在座位表上更改").into());
        }
        let no = no + 1;
        let (draw, entrants) = lots(&batch, no, &waiting)?;
        let sessions = store::sessions(&mut desk.tx(), batch.id)?;
        let places = store::places(&mut desk.tx(), batch.id, &sessions)?;
        let ids: Vec<i64> = sessions.iter().map(|one| one.id).collect();
        let standing = Arrangement {
            sessions: sessions.into_iter().map(|one| one.session).collect(),
            places,
            findings: Vec::new(),
        };
        let classes = placed.into_iter().map(|one| (one.id, one.class)).collect();
        let made = arrangement::add(&batch.plan(), &means, &standing, &classes, &entrants).map_err(all)?;
        kept(desk, &batch, (no, true), &means, &draw, (&made, ids))
    }
}

/// Gives a candidate another seat, station or turn, in the same or another session of the part; who sits there gets the
/// seat that becomes free.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MoveSeat {
    pub candidate: i64,
    pub part: Part,
    pub session: i64,
    #[schema(minimum = 1, maximum = 65535)]
    pub seat: i64,
}

/// Who sits where now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SeatMoved {
    /// The candidate, and whoever sat there.
    pub moved: Vec<MovedTo>,
}

impl Act for MoveSeat {
    const KIND: ActKind = ActKind::MoveSeat;
    type Answer = SeatMoved;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<SeatMoved, Stop> {
        let id = store::batch_of(&mut desk.tx(), self.candidate)?.ok_or(Stop::NotFound)?;
        let batch = open_batch(desk, id)?;
        store::clear_withdrawn(&mut desk.tx(), batch.id)?;
        let Some((session, seat)) = store::sits(&mut desk.tx(), self.candidate, self.part)? else {
            return Err(Refusal::house("考场编排", format!("该考生还没有{}的座位", self.part.name()))
                .remedy("请先为没有座位的考生编排，再调整")
                .at("seat")
                .into());
        };
        let from = store::one_session(&mut desk.tx(), batch.id, session)?.ok_or(Stop::NotFound)?.session;
        let to = store::one_session(&mut desk.tx(), batch.id, self.session)?.ok_or(Stop::NotFound)?.session;
        if to.part != self.part {
            return Err(Refusal::house("考场编排", format!("这一场是{}，不是{}", to.part.name(), self.part.name()))
                .remedy("请选择同一科目的场次")
                .at("session")
                .into());
        }
        let pause = store::latest(&mut desk.tx(), batch.id)?.map_or(0, |(_, means)| means.pause);
        let [here, there] = store::seated(&mut desk.tx(), &batch, [session, self.session], self.part)?;
        let wanted = u16::try_from(self.seat).unwrap_or_default();
        let other = move_seat(self.candidate, (&from, &here), (&to, &there), wanted, pause)?;
        let mut places = BTreeMap::from([(self.candidate, (self.session, self.seat))]);
        places.extend(other.map(|other| (other, (session, seat))));
        store::move_to(&mut desk.tx(), self.part, &places)?;
        let moved = |(candidate, (session, seat)): (i64, (i64, i64))| MovedTo { candidate, session, seat };
        Ok(SeatMoved { moved: places.into_iter().map(moved).collect() })
    }
}
