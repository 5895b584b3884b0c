//! 一（四）1, 一（五）1: where and when everyone of a batch is examined. Rooms, stations and hours of the body's own (三（三）),
//! on the days that were told (二（二）1), under the ratios of the standard; classmates are kept apart as far as a room's
//! seats allow. Whose turn comes first is decided by lot elsewhere: here the same order gives the same arrangement.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::batch::{BatchStage, Plan};
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::result::Part;
use crate::standard::{Ratios, Rules};
use crate::terms::TURN_PAUSE;
use crate::{Day, Ground};

/// The ground of what no clause speaks of.
const HOUSE: Ground = Ground::House("考场编排");
/// Steps that the search for a room without classmates side by side takes at most; a room of nine seats needs fewer.
const SEARCH: usize = 50_000;

/// A time of the day to the minute, written `08:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime(u16);

impl DayTime {
    /// A time; `hour` below 24, `minute` below 60.
    pub const fn at(hour: u16, minute: u16) -> Self {
        Self(hour * 60 + minute)
    }

    /// So many minutes later; `None` beyond midnight.
    pub fn plus(self, minutes: u16) -> Option<Self> {
        self.0.checked_add(minutes).filter(|at| *at < 24 * 60).map(Self)
    }

    /// Minutes from here to a later time; 0 when it is not later.
    pub const fn until(self, later: Self) -> u16 {
        later.0.saturating_sub(self.0)
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for DayTime {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("时间“{text}”应写作 08:30");
        let (hour, minute) = text.trim().split_once([':', '：']).ok_or_else(wrong)?;
        let (hour, minute): (u16, u16) = (hour.parse().map_err(|_| wrong())?, minute.parse().map_err(|_| wrong())?);
        if hour < 24 && minute < 60 { Ok(Self::at(hour, minute)) } else { Err(wrong()) }
    }
}

impl Serialize for DayTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DayTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A room for the theory examination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExamRoom {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(minimum = 1, maximum = 1000)]
    pub seats: u16,
    /// Columns of seats as one looks from the platform; 0 for about as many as there are rows.
    #[serde(default)]
    #[schema(maximum = 100)]
    pub columns: u16,
}

/// A place of practical assessment where so many work at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExamStations {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(minimum = 1, maximum = 1000)]
    pub count: u16,
}

/// A part of the day in which examinations are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExamHours {
    /// `08:30`.
    #[schema(value_type = String, max_length = 5)]
    pub from: DayTime,
    #[schema(value_type = String, max_length = 5)]
    pub to: DayTime,
}

/// What a batch is examined with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Means {
    pub rooms: Vec<ExamRoom>,
    pub stations: Vec<ExamStations>,
    /// Rooms for the comprehensive review; none at levels without one.
    pub reviews: Vec<String>,
    pub hours: Vec<ExamHours>,
    /// Minutes of the theory examination.
    pub theory_minutes: u16,
    /// Minutes of a turn at the stations.
    pub practical_minutes: u16,
    /// Minutes for each candidate in the review.
    pub review_minutes: u16,
    /// Minutes between one session of a room and the next, and between two parts of the same candidate.
    pub pause: u16,
    pub ratios: Ratios,
}

impl Means {
    /// Rooms and stations with the platform's hours, and the lengths and ratios of the batch's standard.
    pub fn with(rooms: Vec<ExamRoom>, stations: Vec<ExamStations>, reviews: Vec<String>, rules: &Rules) -> Self {
        let minutes = |part| u16::try_from(rules.minutes(part)).unwrap_or(u16::MAX);
        let hours = |from, to| ExamHours { from, to };
        Self {
            rooms,
            stations,
            reviews,
            hours: vec![hours(DayTime::at(8, 30), DayTime::at(12, 0)), hours(DayTime::at(14, 0), DayTime::at(17, 30))],
            theory_minutes: minutes(Part::Theory),
            practical_minutes: minutes(Part::Practical),
            review_minutes: minutes(Part::Comprehensive),
            pause: TURN_PAUSE,
            ratios: rules.ratios(),
        }
    }

    fn minutes(&self, part: Part) -> u16 {
        match part {
            Part::Theory => self.theory_minutes,
            Part::Practical => self.practical_minutes,
            Part::Comprehensive => self.review_minutes,
        }
    }

    /// Seats, stations or turns of one session time, room by room in the order given.
    fn rooms_of(&self, part: Part, hours: ExamHours) -> Vec<(String, u16, u16)> {
        match part {
            Part::Theory => self
                .rooms
                .iter()
                .map(|room| {
                    let seats = room.seats.min(self.ratios.room_max);
                    (room.name.clone(), seats, if room.columns == 0 { columns_for(seats) } else { room.columns })
                })
                .collect(),
            Part::Practical => self.stations.iter().map(|place| (place.name.clone(), place.count, 0)).collect(),
            Part::Comprehensive => {
                let turns = hours.from.until(hours.to) / self.review_minutes.max(1);
                self.reviews.iter().map(|name| (name.clone(), turns, 0)).collect()
            }
        }
    }
}

/// A filed place as the rooms of an examination: what holds more than a room may is several rooms of about the same size.
pub fn rooms_of_site(name: &str, seats: u16, ratios: &Ratios) -> Vec<ExamRoom> {
    let count = seats.div_ceil(ratios.room_max.max(1));
    (0..count)
        .map(|at| {
            let share = seats / count + u16::from(at < seats % count);
            let name = if count == 1 { name.to_owned() } else { format!("{name}第{}考场", at + 1) };
            ExamRoom { name, seats: share, columns: columns_for(share) }
        })
        .collect()
}

/// About as many columns as rows.
pub fn columns_for(seats: u16) -> u16 {
    (1..=seats.max(1)).find(|columns| columns * columns >= seats).unwrap_or(1)
}

/// Someone to be examined. Entrants stand in the order of their lots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    pub id: i64,
    /// The class at school; blank where none is known, which keeps nobody apart.
    pub class: String,
}

/// One room at one time: a theory room, a group at the stations, a review room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Session {
    pub part: Part,
    #[schema(value_type = String, format = Date)]
    pub on: Day,
    #[schema(value_type = String)]
    pub from: DayTime,
    #[schema(value_type = String)]
    pub to: DayTime,
    pub room: String,
    /// The number of its first seat: groups at the same place share its stations.
    pub first: u16,
    pub seats: u16,
    /// Columns of seats; 0 where there is no plan of them.
    pub columns: u16,
}

impl Session {
    /// Row and column of a seat, from 0: the first is left in front, columns are counted to and fro (S 形).
    pub fn position(&self, seat: u16) -> (u16, u16) {
        let rows = self.rows();
        let at = seat.saturating_sub(self.first);
        let (column, along) = (at / rows, at % rows);
        (if column.is_multiple_of(2) { along } else { rows - 1 - along }, column)
    }

    /// Rows of its plan.
    pub fn rows(&self) -> u16 {
        self.seats.div_ceil(self.columns.max(1)).max(1)
    }

    fn overlaps(&self, other: &Self, pause: u16) -> bool {
        self.on == other.on && Slot::of(self).overlaps(&Slot::of(other), pause)
    }
}

/// The rooms or groups of a part that sit at the same time, by how many are in each, at the time that needs the most people
/// to watch or judge them; nothing where the part has no session with anybody in it.
pub fn fullest<'s>(part: Part, sessions: &[(&'s Session, usize)], ratios: &Ratios) -> Vec<usize> {
    let of_part: Vec<(&'s Session, usize)> =
        sessions.iter().copied().filter(|(session, seated)| session.part == part && *seated > 0).collect();
    // The most sit together when one of them begins.
    let at_begin_of = |one: &Session| -> Vec<usize> {
        let sits = |other: &Session| other.on == one.on && other.from <= one.from && one.from < other.to;
        of_part.iter().filter(|(other, _)| sits(other)).map(|(_, seated)| *seated).collect()
    };
    let times = of_part.iter().map(|(session, _)| at_begin_of(session));
    times.max_by_key(|groups| ratios.staff_over(part, groups)).unwrap_or_default()
}

/// Where someone sits in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub candidate: i64,
    /// By its place in the list of sessions.
    pub session: usize,
    /// Seat, station or turn.
    pub seat: u16,
}

/// Sessions in the order of parts and times, everyone's places, and what could be had no better.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrangement {
    pub sessions: Vec<Session>,
    pub places: Vec<Place>,
    pub findings: Vec<Refusal>,
}

/// Arranges everyone anew.
///
/// # Errors
/// Everything that can't be met: seats that are lacking, times that overlap, means that say nothing.
pub fn arrange(plan: &Plan, means: &Means, entrants: &[Entrant]) -> Result<Arrangement, Vec<Refusal>> {
    add(plan, means, &Arrangement::default(), &BTreeMap::new(), entrants)
}

/// Finds places for who has none and moves nobody: first in the sessions that there are, then in rooms that stand empty.
/// `classes` are those of who sits already. What comes back holds all sessions, the new ones last, and the new places.
///
/// # Errors
/// As [`arrange`].
pub fn add(
    plan: &Plan,
    means: &Means,
    standing: &Arrangement,
    classes: &BTreeMap<i64, String>,
    entrants: &[Entrant],
) -> Result<Arrangement, Vec<Refusal>> {
    well_formed(plan, means)?;
    let parts: Vec<Part> = plan.exams().into_iter().map(|(part, _)| part).collect();
    let mut hall = Hall::new(means, standing, classes);
    let times: Vec<Vec<Slot>> = parts.iter().map(|&part| slots(plan, means, part)).collect();
    let free: Vec<Vec<usize>> = std::iter::zip(&parts, &times)
        .map(|(&part, times)| times.iter().map(|slot| hall.free(part, slot)).collect())
        .collect();
    let lacking: Vec<Refusal> = (0..parts.len())
        .filter_map(|at| lacking(parts[at], means, times[at].len(), free[at].iter().sum(), entrants.len()))
        .collect();
    if !lacking.is_empty() {
        return Err(lacking);
    }
    let fits = |a: &Slot, b: &Slot| !(a.on == b.on && a.overlaps(b, means.pause));
    // Theory by practice, as many as fit; then the review for who has which two.
    let pairs = spread(&free[0], &free[1], |s, t| fits(&times[0][s], &times[1][t]), entrants.len());
    let mut cells: Vec<(Vec<usize>, usize)> = Vec::new();
    for (s, row) in pairs.iter().enumerate() {
        cells.extend(row.iter().enumerate().filter(|(_, n)| **n > 0).map(|(t, n)| (vec![s, t], *n)));
    }
    let placed: usize = cells.iter().map(|(_, n)| n).sum();
    if placed < entrants.len() {
        return Err(vec![crossing(&parts[..2], entrants.len() - placed)]);
    }
    if parts.len() > 2 {
        let counts: Vec<usize> = cells.iter().map(|(_, n)| *n).collect();
        let suits = |cell: usize, u: usize| {
            let at: &[usize] = &cells[cell].0;
            fits(&times[0][at[0]], &times[2][u]) && fits(&times[1][at[1]], &times[2][u])
        };
        let thirds = spread(&counts, &free[2], suits, entrants.len());
        let heard: usize = thirds.iter().flatten().sum();
        if heard < entrants.len() {
            return Err(vec![crossing(&parts, entrants.len() - heard)]);
        }
        let of_cell = |(cell, row): (usize, &Vec<usize>)| {
            let at = cells[cell].0.clone();
            let each = row.iter().enumerate().filter(|(_, n)| **n > 0);
            each.map(|(u, n)| ([&at[..], &[u]].concat(), *n)).collect::<Vec<_>>()
        };
        cells = thirds.iter().enumerate().flat_map(of_cell).collect();
    }
    let mut waiting = mixed(entrants).into_iter();
    let mut by_slot: Vec<BTreeMap<usize, Vec<&Entrant>>> = vec![BTreeMap::new(); parts.len()];
    for (at, count) in cells {
        for entrant in waiting.by_ref().take(count) {
            for (part, slot) in at.iter().enumerate() {
                by_slot[part].entry(*slot).or_default().push(entrant);
            }
        }
    }
    for (part, slots) in by_slot.into_iter().enumerate() {
        for (slot, people) in slots {
            hall.seat(parts[part], &times[part][slot], &people);
        }
    }
    Ok(hall.finish(plan))
}

/// A time at which a part can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    on: Day,
    from: DayTime,
    to: DayTime,
}

impl Slot {
    fn of(session: &Session) -> Self {
        Self { on: session.on, from: session.from, to: session.to }
    }

    /// Whether two times of one day leave no pause between them.
    fn overlaps(&self, other: &Self, pause: u16) -> bool {
        let apart = |a: &Self, b: &Self| a.to.0.saturating_add(pause) <= b.from.0;
        !apart(self, other) && !apart(other, self)
    }
}

/// The times of a part: from its own day to the last of the batch, in order. A review takes the whole part of the day.
fn slots(plan: &Plan, means: &Means, part: Part) -> Vec<Slot> {
    let first = plan.exams().into_iter().find(|(one, _)| *one == part).map(|(_, on)| on);
    let mut slots = Vec::new();
    let mut day = first.filter(|on| *on <= plan.ends_on);
    while let Some(on) = day {
        for hours in &means.hours {
            let minutes = means.minutes(part);
            if part == Part::Comprehensive {
                if hours.from.until(hours.to) >= minutes {
                    slots.push(Slot { on, from: hours.from, to: hours.to });
                }
                continue;
            }
            let mut from = Some(hours.from);
            while let Some(begin) = from
                && let Some(to) = begin.plus(minutes)
                && to <= hours.to
            {
                slots.push(Slot { on, from: begin, to });
                from = to.plus(means.pause);
            }
        }
        day = on.tomorrow().ok().filter(|next| *next <= plan.ends_on);
    }
    slots
}

/// Whether the means say enough to arrange anything.
fn well_formed(plan: &Plan, means: &Means) -> Result<(), Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse = |what: String, remedy: &str, field| {
        refusals.push(Refusal::new(HOUSE, what).remedy(remedy).at(field));
    };
    let has_review = plan.comprehensive_on.is_some();
    let sizes = means.rooms.iter().map(|room| (&room.name, room.seats, "rooms"));
    let sizes = sizes.chain(means.stations.iter().map(|place| (&place.name, place.count, "stations")));
    for (name, size, field) in sizes {
        if name.trim().is_empty() || size == 0 {
            refuse(format!("场地“{name}”没有名称，或没有座位、工位"), "请写明名称和至少 1 个座位或工位", field);
        }
    }
    for (names, field) in [
        (means.rooms.iter().map(|room| &room.name).collect::<Vec<_>>(), "rooms"),
        (means.stations.iter().map(|place| &place.name).collect(), "stations"),
        (means.reviews.iter().collect(), "reviews"),
    ] {
        let mut sorted = names;
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            refuse(format!("场地“{}”填了两次", twice[0]), "同一处场地只填一行；两间屋子请用不同的名称", field);
        }
    }
    let mut hours = means.hours.clone();
    hours.sort_by_key(|one| one.from);
    let is_wrong = |one: &ExamHours| one.from >= one.to;
    if hours.is_empty() || hours.iter().any(is_wrong) || hours.windows(2).any(|pair| pair[0].to > pair[1].from) {
        refuse(
            "考试时段没有填，起止颠倒或互相重叠".into(),
            "请按先后填写，例如 08:30 至 12:00、14:00 至 17:30",
            "hours",
        );
    }
    for (part, field) in [
        (Part::Theory, "theory_minutes"),
        (Part::Practical, "practical_minutes"),
        (Part::Comprehensive, "review_minutes"),
    ] {
        let minutes = means.minutes(part);
        let is_held = part != Part::Comprehensive || has_review;
        if is_held && (minutes == 0 || !hours.iter().any(|one| one.from.until(one.to) >= minutes)) {
            refuse(
                format!("{}每场 {minutes} 分钟，没有一个考试时段排得下", part.name()),
                "请缩短每场时间，或延长考试时段",
                field,
            );
        }
    }
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// How many seats a part lacks, where it does.
fn lacking(part: Part, means: &Means, times: usize, free: usize, entrants: usize) -> Option<Refusal> {
    if free >= entrants {
        return None;
    }
    let (rooms, room, seat, field) = match part {
        Part::Theory => (means.rooms.len(), "个考场", "个座位", "rooms"),
        Part::Practical => (means.stations.len(), "处工位", "个工位", "stations"),
        Part::Comprehensive => (means.reviews.len(), "间评审室", "个名次", "reviews"),
    };
    let most = match part {
        Part::Theory => format!("（每个考场每场最多 {} 人）", means.ratios.room_max),
        Part::Practical | Part::Comprehensive => String::new(),
    };
    let what = format!(
        "{}要安排 {entrants} 人，{rooms} {room}、{times} 场次只剩 {free} {seat}，缺 {} {seat}",
        part.name(),
        entrants - free
    );
    let remedy = format!("请增加本机构的场地{most}、增加考试时段或缩短每场时间；仍不够的，请分批通报");
    Some(Refusal::new(Clause::S1_5_1, what).remedy(remedy).at(field))
}

/// Who can't take all parts without being in two places at once.
fn crossing(parts: &[Part], left: usize) -> Refusal {
    let names: Vec<_> = parts.iter().map(|part| part.name()).collect();
    Refusal::new(Clause::S1_5_1, format!("{}的时间互相重叠，还有 {left} 人无法先后参加", names.join("、")))
        .remedy("请增加场地或考试时段，使各科能够错开；同一考生不能同时在两处")
        .at("hours")
}

/// The largest flow of up to `most` from left to right, earlier before later: how many of each left go to each right.
fn spread(left: &[usize], right: &[usize], fits: impl Fn(usize, usize) -> bool, most: usize) -> Vec<Vec<usize>> {
    let (mut left_free, mut right_free) = (left.to_vec(), right.to_vec());
    let mut flow = vec![vec![0_usize; right.len()]; left.len()];
    let mut wanted = most;
    while wanted > 0 {
        // Breadth first: left nodes first, then right ones, each with where it was reached from.
        let mut from_left: Vec<Option<Option<usize>>> =
            left_free.iter().map(|free| (*free > 0).then_some(None)).collect();
        let mut from_right: Vec<Option<usize>> = vec![None; right.len()];
        let mut queue: Vec<usize> = (0..left.len()).filter(|at| left_free[*at] > 0).collect();
        let mut end = None;
        let mut next = 0;
        'search: while next < queue.len() {
            let l = queue[next];
            next += 1;
            for r in 0..right.len() {
                if from_right[r].is_some() || !fits(l, r) {
                    continue;
                }
                from_right[r] = Some(l);
                if right_free[r] > 0 {
                    end = Some(r);
                    break 'search;
                }
                for back in 0..left.len() {
                    if from_left[back].is_none() && flow[back][r] > 0 {
                        from_left[back] = Some(Some(r));
                        queue.push(back);
                    }
                }
            }
        }
        let Some(end) = end else { break };
        let mut path = Vec::new();
        let mut amount = wanted.min(right_free[end]);
        let mut r = end;
        let begin = loop {
            let Some(l) = from_right[r] else { break 0 };
            path.push((l, r, true));
            match from_left[l] {
                Some(Some(back)) => {
                    amount = amount.min(flow[l][back]);
                    path.push((l, back, false));
                    r = back;
                }
                _ => break l,
            }
        };
        amount = amount.min(left_free[begin]);
        for (l, r, forward) in path {
            flow[l][r] = if forward { flow[l][r] + amount } else { flow[l][r] - amount };
        }
        left_free[begin] -= amount;
        right_free[end] -= amount;
        wanted -= amount;
    }
    flow
}

/// Everyone so that each stretch of the list holds about its share of each class; within a class by lot.
fn mixed(entrants: &[Entrant]) -> Vec<&Entrant> {
    let mut sizes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for entrant in entrants {
        sizes.entry(&entrant.class).or_default().0 += 1;
    }
    let mut ranked: Vec<(u64, usize, &Entrant)> = entrants
        .iter()
        .enumerate()
        .map(|(lot, entrant)| {
            // Every class was counted above.
            let (size, seen) = sizes.entry(&entrant.class).or_insert((1, 0));
            let rank = (2 * *seen as u64 + 1) * (1 << 32) / *size as u64;
            *seen += 1;
            (rank, lot, entrant)
        })
        .collect();
    ranked.sort_by_key(|(rank, lot, _)| (*rank, *lot));
    ranked.into_iter().map(|(.., entrant)| entrant).collect()
}

/// Sessions with who sits where, while they are filled.
struct Hall<'a> {
    means: &'a Means,
    sessions: Vec<Session>,
    /// Class by seat, for each session.
    seated: Vec<BTreeMap<u16, String>>,
    places: Vec<Place>,
}

impl<'a> Hall<'a> {
    fn new(means: &'a Means, standing: &Arrangement, classes: &BTreeMap<i64, String>) -> Self {
        let mut seated = vec![BTreeMap::new(); standing.sessions.len()];
        for place in &standing.places {
            seated[place.session].insert(place.seat, classes.get(&place.candidate).cloned().unwrap_or_default());
        }
        Self { means, sessions: standing.sessions.clone(), seated, places: Vec::new() }
    }

    /// Sessions that there are at a time, by their places in the list.
    fn at(&self, part: Part, slot: &Slot) -> Vec<usize> {
        let is_then = |session: &Session| session.part == part && Slot::of(session) == *slot;
        (0..self.sessions.len()).filter(|at| is_then(&self.sessions[*at])).collect()
    }

    /// Rooms that stand empty at a time: name, seats, columns.
    fn empty(&self, part: Part, slot: &Slot) -> Vec<(String, u16, u16)> {
        let taken = self.at(part, slot);
        let mut rooms = self.means.rooms_of(part, ExamHours { from: slot.from, to: slot.to });
        rooms.retain(|(name, ..)| !taken.iter().any(|at| self.sessions[*at].room == *name));
        rooms
    }

    fn left(&self, session: usize) -> usize {
        usize::from(self.sessions[session].seats).saturating_sub(self.seated[session].len())
    }

    fn free(&self, part: Part, slot: &Slot) -> usize {
        let seats: usize = self.empty(part, slot).iter().map(|(_, seats, _)| usize::from(*seats)).sum();
        seats + self.at(part, slot).into_iter().map(|at| self.left(at)).sum::<usize>()
    }

    /// Seats people at a time at which there is room for them.
    fn seat(&mut self, part: Part, slot: &Slot, people: &[&Entrant]) {
        let standing = self.at(part, slot);
        let room: usize = standing.iter().map(|at| self.left(*at)).sum();
        let (squeezed, others) = people.split_at(room.min(people.len()));
        for entrant in squeezed {
            self.squeeze(&standing, entrant);
        }
        // The fewest rooms in the order given, filled alike.
        let mut rooms = self.empty(part, slot);
        let mut seats = 0;
        let needed = rooms.iter().take_while(|(_, room, _)| {
            let goes_on = seats < others.len();
            seats += usize::from(*room);
            goes_on
        });
        let needed = needed.count();
        rooms.truncate(needed);
        let sizes: Vec<usize> = rooms.iter().map(|(_, seats, _)| usize::from(*seats)).collect();
        let mut rest = others;
        for ((name, seats, columns), share) in rooms.into_iter().zip(shares(&sizes, others.len())) {
            let (here, later) = rest.split_at(share);
            rest = later;
            if part == Part::Practical {
                self.group(slot, &name, seats, here);
            } else {
                self.open(part, slot, (name, 1, seats, columns), here);
            }
        }
    }

    /// Someone more in one of these sessions: the seat with the fewest classmates beside it, the first of these.
    fn squeeze(&mut self, sessions: &[usize], entrant: &Entrant) {
        let mut best: Option<(usize, usize, u16)> = None;
        for &at in sessions {
            let (session, seated) = (&self.sessions[at], &self.seated[at]);
            for seat in (session.first..session.first + session.seats).filter(|seat| !seated.contains_key(seat)) {
                let beside = neighbours(session, seat);
                let classmates = beside.iter().filter(|near| is_mate(seated.get(near), &entrant.class)).count();
                if best.is_none_or(|(fewest, ..)| classmates < fewest) {
                    best = Some((classmates, at, seat));
                }
            }
        }
        if let Some((_, at, seat)) = best {
            self.put(at, seat, entrant);
        }
    }

    /// Groups that work at the same place at the same time, each with stations of its own.
    fn group(&mut self, slot: &Slot, name: &str, stations: u16, people: &[&Entrant]) {
        let most = usize::from(self.means.ratios.group_max.max(1));
        let count = people.len().div_ceil(most).max(1);
        let sizes = vec![most; count];
        let (people_of, stations_of) = (shares(&sizes, people.len()), shares(&sizes, usize::from(stations)));
        let (mut rest, mut first) = (people, 1);
        for (share, own) in people_of.into_iter().zip(stations_of) {
            let (here, later) = rest.split_at(share);
            rest = later;
            let own = own.min(most).max(share) as u16;
            self.open(Part::Practical, slot, (name.to_owned(), first, own, 0), here);
            first += own;
        }
    }

    fn open(&mut self, part: Part, slot: &Slot, room: (String, u16, u16, u16), people: &[&Entrant]) {
        let (name, first, seats, columns) = room;
        let Slot { on, from, to } = *slot;
        self.sessions.push(Session { part, on, from, to, room: name, first, seats, columns });
        self.seated.push(BTreeMap::new());
        let at = self.sessions.len() - 1;
        let seats: Vec<u16> = if part == Part::Theory {
            seating(&self.sessions[at], people)
        } else {
            (first..).take(people.len()).collect()
        };
        for (entrant, seat) in people.iter().zip(seats) {
            self.put(at, seat, entrant);
        }
    }

    fn put(&mut self, session: usize, seat: u16, entrant: &Entrant) {
        self.seated[session].insert(seat, entrant.class.clone());
        self.places.push(Place { candidate: entrant.id, session, seat });
    }

    fn finish(self, plan: &Plan) -> Arrangement {
        let mut findings = Vec::new();
        for (session, seated) in self.sessions.iter().zip(&self.seated) {
            let pairs = side_by_side(session, seated);
            if pairs == 0 {
                continue;
            }
            let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
            seated.values().for_each(|class| *classes.entry(class).or_default() += 1);
            let (class, size) =
                classes.into_iter().filter(|(class, _)| !class.is_empty()).max_by_key(|(_, n)| *n).unwrap_or_default();
            let what = format!(
                "{} {} {}有 {pairs} 对同班考生相邻：{class}在这一场有 {size} 人，考场 {} 座",
                session.on, session.from, session.room, session.seats
            );
            findings.push(
                Refusal::new(HOUSE, what).remedy("座位排不开；增加考场可以隔开，也可以保留这样的安排").at("rooms"),
            );
        }
        for (part, told) in plan.exams() {
            let late: Vec<&Session> = self.sessions.iter().filter(|one| one.part == part && one.on > told).collect();
            if let Some(last) = late.iter().map(|session| session.on).max() {
                let what = format!("{}通报在 {told}，有 {} 场排到 {last}", part.name(), late.len());
                let remedy = "在批次起止日期之内；请告知主管中心，或增加场地，使当天考完";
                findings.push(Refusal::new(Clause::S2_2_1B, what).remedy(remedy).at("rooms"));
            }
        }
        Arrangement { sessions: self.sessions, places: self.places, findings }
    }
}

/// So many over rooms of these sizes, each filled alike; the sizes hold them all.
fn shares(sizes: &[usize], people: usize) -> Vec<usize> {
    let all: usize = sizes.iter().sum();
    let mut shares: Vec<usize> = sizes.iter().map(|size| (people * size).checked_div(all).unwrap_or(0)).collect();
    let mut left = people.saturating_sub(shares.iter().sum());
    for (share, size) in shares.iter_mut().zip(sizes) {
        let more = left.min(size.saturating_sub(*share)).min(1);
        *share += more;
        left -= more;
    }
    shares
}

fn is_mate(other: Option<&String>, class: &str) -> bool {
    !class.is_empty() && other.is_some_and(|other| other == class)
}

/// The seats before, behind and beside one.
fn neighbours(session: &Session, seat: u16) -> Vec<u16> {
    if session.columns == 0 {
        return Vec::new();
    }
    let (row, column) = session.position(seat);
    let rows = session.rows();
    let number = |row: u16, column: u16| {
        let along = if column.is_multiple_of(2) { row } else { rows - 1 - row };
        session.first + column * rows + along
    };
    let near = [
        row.checked_sub(1).map(|row| number(row, column)),
        (row + 1 < rows).then(|| number(row + 1, column)),
        column.checked_sub(1).map(|column| number(row, column)),
        Some(number(row, column + 1)),
    ];
    near.into_iter().flatten().filter(|near| *near < session.first + session.seats).collect()
}

/// Pairs of classmates who sit before, behind or beside one another; classes by seat.
pub fn side_by_side(session: &Session, seated: &BTreeMap<u16, String>) -> usize {
    let beside = |(seat, class): (&u16, &String)| {
        neighbours(session, *seat).into_iter().filter(|near| near > seat && is_mate(seated.get(near), class)).count()
    };
    seated.iter().map(beside).sum()
}

/// Seats for people in an empty room, in their order: the first seats where that keeps classmates apart, otherwise all
/// over the room, otherwise with as few of them side by side as a search finds.
fn seating(session: &Session, people: &[&Entrant]) -> Vec<u16> {
    let mut names: Vec<&str> =
        people.iter().map(|entrant| entrant.class.as_str()).filter(|class| !class.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    // Class 0 is nobody's: an empty seat, or someone whose class is not known.
    let class_of = |entrant: &Entrant| names.binary_search(&entrant.class.as_str()).map_or(0, |at| at + 1);
    let mut counts = vec![0; names.len() + 1];
    people.iter().for_each(|entrant| counts[class_of(entrant)] += 1);
    let near: Vec<Vec<usize>> = (0..session.seats)
        .map(|at| {
            neighbours(session, session.first + at).into_iter().map(|seat| usize::from(seat - session.first)).collect()
        })
        .collect();
    let tight = people.len();
    let wide = near.len();
    let with_empty = |cells: usize| {
        let mut counts = counts.clone();
        counts[0] += cells - tight;
        counts
    };
    let found = [tight, wide].into_iter().find_map(|cells| apart(&near[..cells], with_empty(cells)));
    let classes = found.unwrap_or_else(|| closest(&near, with_empty(wide)));
    // Seats of each class in order, given out in the order of the lots. Those of unknown class take free seats from the front.
    let mut seats: Vec<std::vec::IntoIter<u16>> = (0..counts.len())
        .map(|class| {
            let own = classes.iter().enumerate().filter(|(_, one)| **one == class);
            own.map(|(at, _)| session.first + at as u16).collect::<Vec<_>>().into_iter()
        })
        .collect();
    people.iter().map(|entrant| seats[class_of(entrant)].next().unwrap_or(session.first)).collect()
}

/// A class for each cell such that no two neighbours share one, if the search finds it. Cells stand in the order of the
/// seats, each beside the one before; counts by class add up to the cells.
fn apart(near: &[Vec<usize>], mut counts: Vec<usize>) -> Option<Vec<usize>> {
    let mut cells: Vec<usize> = Vec::with_capacity(near.len());
    // What was tried at each cell: the classes in the order of trying, and which is next.
    let mut tried: Vec<(Vec<usize>, usize)> = Vec::new();
    let mut steps = 0;
    loop {
        if cells.len() == near.len() {
            return Some(cells);
        }
        if tried.len() == cells.len() {
            let at = cells.len();
            let rest = near.len() - at;
            // Of neighbours in a row at most every second can be of one class.
            let hopeless = counts.iter().skip(1).any(|count| *count > rest.div_ceil(2));
            let mut classes: Vec<usize> = (0..counts.len())
                .filter(|class| counts[*class] > 0 && !hopeless)
                .filter(|class| *class == 0 || !near[at].iter().any(|beside| cells.get(*beside) == Some(class)))
                .collect();
            classes.sort_by_key(|class| (std::cmp::Reverse(counts[*class]), *class));
            tried.push((classes, 0));
        }
        steps += 1;
        if steps > SEARCH {
            return None;
        }
        let (classes, next) = tried.last_mut()?;
        match classes.get(*next) {
            Some(class) => {
                *next += 1;
                counts[*class] -= 1;
                cells.push(*class);
            }
            None => {
                tried.pop();
                counts[cells.pop()?] += 1;
            }
        }
    }
}

/// A class for each cell with few neighbours of the same: large classes on every second cell, then exchanges while one
/// helps.
fn closest(near: &[Vec<usize>], counts: Vec<usize>) -> Vec<usize> {
    // Neighbours differ in colour: a walk along the seats alternates, and so do rows and columns.
    let mut colour = vec![0_u8; near.len()];
    for at in 1..near.len() {
        colour[at] = 1 - near[at].iter().find(|beside| **beside < at).map_or(1, |beside| colour[*beside]);
    }
    let mut order: Vec<usize> = (0..near.len()).collect();
    order.sort_by_key(|at| (colour[*at], *at));
    let mut classes: Vec<usize> = (0..counts.len()).collect();
    classes.sort_by_key(|class| (*class == 0, std::cmp::Reverse(counts[*class]), *class));
    let mut of = classes.iter().flat_map(|class| std::iter::repeat_n(*class, counts[*class]));
    let mut cells = vec![0; near.len()];
    for at in order {
        cells[at] = of.next().unwrap_or(0);
    }
    let mates = |cells: &[usize], at: usize| {
        near[at].iter().filter(|beside| cells[at] != 0 && cells[**beside] == cells[at]).count()
    };
    loop {
        let mut better = false;
        for a in 0..cells.len() {
            if mates(&cells, a) == 0 {
                continue;
            }
            for b in 0..cells.len() {
                if cells[a] == cells[b] {
                    continue;
                }
                let before = mates(&cells, a) + mates(&cells, b);
                cells.swap(a, b);
                if mates(&cells, a) + mates(&cells, b) < before {
                    better = true;
                    break;
                }
                cells.swap(a, b);
            }
        }
        if !better {
            return cells;
        }
    }
}

/// Whether a batch may be arranged, or a place changed: before its first examination day. Afterwards places are what
/// the examination was held in (三（三）).
pub fn open_to_arrange(stage: BatchStage, first_exam_on: Day, today: Day) -> Result<(), Refusal> {
    crate::batch::open_to_change(stage)?;
    if today < first_exam_on {
        return Ok(());
    }
    Err(Refusal::new(Clause::S3_3_1, format!("考试已于 {first_exam_on} 开始，考场和座位不再变动"))
        .remedy("现场确需换座的，请在考场记录中写明；编排以开考前的为准"))
}

/// A place of its own that a body has on file: name and seats or stations; `None` where only its name is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSite {
    pub name: String,
    pub count: Option<i64>,
}

/// Whether rooms are the body's own, at the place that was told, and no more than it has: each names what it has on file;
/// a floor or a number may stand beside the name. Nothing is asked of whom nobody asked for rooms.
pub fn held_in_own_rooms(
    rooms: &[(&str, u16)],
    own: &[OwnSite],
    told: &str,
    field: &'static str,
) -> Result<(), Refusal> {
    if own.is_empty() {
        return Ok(());
    }
    let names = || own.iter().map(|site| site.name.as_str()).take(6).collect::<Vec<_>>().join("、");
    let is_told = |site: &OwnSite| told.contains(&site.name);
    let some_told = own.iter().any(is_told);
    let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
    for (room, seats) in rooms {
        let found = own.iter().filter(|site| room.contains(&site.name)).max_by_key(|site| site.name.chars().count());
        let Some(site) = found else {
            return Err(Refusal::new(Clause::S3_3_3, format!("考场“{room}”不在本机构已备案的场地中"))
                .remedy(format!("请写明是{}中的哪一处；不得借用其他机构的场地，启用新的场地请先申请变更", names()))
                .at(field));
        };
        if some_told && !is_told(site) {
            return Err(Refusal::new(Clause::S2_2_1B, format!("考场“{room}”不在通报的考试地点“{told}”"))
                .remedy("请使用通报的考点；确需更换的，请先与主管中心联系，重新通报")
                .at(field));
        }
        *taken.entry(&site.name).or_default() += i64::from(*seats);
    }
    for site in own {
        let seats = taken.get(site.name.as_str()).copied().unwrap_or_default();
        if let Some(count) = site.count.filter(|count| seats > *count) {
            return Err(Refusal::new(Clause::S3_3_3, format!("{}备案 {count} 个，填了 {seats} 个", site.name))
                .remedy("请按备案的数量填写；已经扩充的，请先申请变更场地")
                .at(field));
        }
    }
    Ok(())
}

/// Someone who sits in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seated {
    pub candidate: i64,
    pub seat: u16,
    pub class: String,
    /// The sessions of their other parts.
    pub elsewhere: Vec<Session>,
}

/// Moves someone to a seat of the same or another session of the part; who sits there takes the seat that becomes
/// free, and is named. Nobody may be in two places at once then, and no more classmates side by side than before.
pub fn move_seat(
    candidate: i64,
    from: (&Session, &[Seated]),
    to: (&Session, &[Seated]),
    seat: u16,
    pause: u16,
) -> Result<Option<i64>, Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(HOUSE, what).remedy(remedy).at("seat"));
    let last = to.0.first + to.0.seats - 1;
    if !(to.0.first..=last).contains(&seat) {
        return refuse(format!("{}没有 {seat} 号", to.0.room), &format!("请填 {} 至 {last} 号", to.0.first));
    }
    let Some(mover) = from.1.iter().find(|one| one.candidate == candidate) else {
        return refuse("该考生在这一场没有座位".into(), "请先为其安排座位");
    };
    let other = to.1.iter().find(|one| one.seat == seat);
    if from.0 == to.0 && mover.seat == seat {
        return refuse(format!("该考生就在 {seat} 号"), "请填要换到的座位");
    }
    for (who, there, label) in [(Some(mover), to.0, "该考生"), (other, from.0, "换座的另一名考生")] {
        if let Some(busy) = who.and_then(|who| who.elsewhere.iter().find(|one| one.overlaps(there, pause))) {
            let what = format!(
                "{label}{} {} 至 {} 参加{}，不能同时在{}",
                busy.on,
                busy.from,
                busy.to,
                busy.part.name(),
                there.room
            );
            let refusal = Refusal::new(Clause::S1_5_1, what);
            return Err(refusal.remedy("请选择时间错开的一场").at("seat"));
        }
    }
    let classes = |people: &[Seated]| -> BTreeMap<u16, String> {
        people.iter().map(|one| (one.seat, one.class.clone())).collect()
    };
    let (mut left, mut right) = (classes(from.1), classes(to.1));
    let count = |left: &BTreeMap<u16, String>, right: &BTreeMap<u16, String>| {
        let here = side_by_side(from.0, left);
        if from.0 == to.0 { here } else { here + side_by_side(to.0, right) }
    };
    let before = count(&left, &right);
    left.remove(&mover.seat);
    if let Some(other) = other {
        left.insert(mover.seat, other.class.clone());
    }
    if from.0 == to.0 {
        left.insert(seat, mover.class.clone());
    } else {
        right.insert(seat, mover.class.clone());
    }
    let after = count(&left, &right);
    if after > before {
        let what = format!("换座后同班考生相邻，由 {before} 对增加到 {after} 对");
        return refuse(what, "请换到前后左右没有同班考生的座位");
    }
    Ok(other.map(|one| one.candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual(rooms: Vec<ExamRoom>, stations: Vec<ExamStations>, reviews: Vec<String>) -> Means {
        Means::with(rooms, stations, reviews, &Rules::usual(None))
    }

    use crate::certificate::Level;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn plan(theory: &str, practical: &str, review: Option<&str>, ends: &str) -> Plan {
        Plan {
            code: "4-03-02-01".into(),
            level: if review.is_some() { Level::L2 } else { Level::L4 },
            starts_on: day(theory),
            ends_on: day(ends),
            theory_on: day(theory),
            practical_on: day(practical),
            comprehensive_on: review.map(day),
            expected: 30,
            standard: "《中式烹调师》（2018年版）".into(),
            places: "示例教学楼；示例实训楼".into(),
            work_plan: "示例".into(),
        }
    }

    fn room(name: &str, seats: u16) -> ExamRoom {
        ExamRoom { name: name.into(), seats, columns: 0 }
    }

    fn place(name: &str, count: u16) -> ExamStations {
        ExamStations { name: name.into(), count }
    }

    /// So many people of each class, one class after the other.
    fn people(classes: &[usize]) -> Vec<Entrant> {
        let of = classes.iter().enumerate().flat_map(|(class, n)| std::iter::repeat_n(class, *n));
        of.enumerate().map(|(at, class)| Entrant { id: at as i64 + 1, class: format!("{}班", class + 1) }).collect()
    }

    /// Everything that is wrong with an arrangement, each rule by itself and pair by pair.
    fn faults(plan: &Plan, means: &Means, entrants: &[Entrant], made: &Arrangement) -> Vec<String> {
        let mut faults = Vec::new();
        for entrant in entrants {
            let own: Vec<&Session> = made
                .places
                .iter()
                .filter(|place| place.candidate == entrant.id)
                .map(|place| &made.sessions[place.session])
                .collect();
            for (part, told) in plan.exams() {
                let of_part: Vec<_> = own.iter().filter(|session| session.part == part).collect();
                if of_part.len() != 1 {
                    faults.push(format!("{} has {} places of {part:?}", entrant.id, of_part.len()));
                }
                if of_part.iter().any(|session| session.on < told || session.on > plan.ends_on) {
                    faults.push(format!("{} on another day", entrant.id));
                }
            }
            for (at, a) in own.iter().enumerate() {
                for b in &own[at + 1..] {
                    let minutes = |time: DayTime| DayTime::at(0, 0).until(time);
                    let meet = a.on == b.on
                        && minutes(a.from) < minutes(b.to) + means.pause
                        && minutes(b.from) < minutes(a.to) + means.pause;
                    if meet {
                        faults.push(format!("{} in two places at once", entrant.id));
                    }
                }
            }
        }
        for (at, a) in made.places.iter().enumerate() {
            let session = &made.sessions[a.session];
            if a.seat < session.first || a.seat >= session.first + session.seats {
                faults.push(format!("no seat {}", a.seat));
            }
            for b in &made.places[at + 1..] {
                if (a.session, a.seat) == (b.session, b.seat) {
                    faults.push(format!("{} and {} on one seat", a.candidate, b.candidate));
                }
            }
        }
        for (at, a) in made.sessions.iter().enumerate() {
            let here = made.places.iter().filter(|place| place.session == at).count();
            let most = match a.part {
                Part::Theory => means.ratios.room_max,
                Part::Practical => means.ratios.group_max,
                Part::Comprehensive => a.from.until(a.to) / means.review_minutes,
            };
            if here > usize::from(most) {
                faults.push(format!("{here} in {}", a.room));
            }
            if !means.hours.iter().any(|hours| hours.from <= a.from && a.to <= hours.to) {
                faults.push(format!("{} outside the hours", a.room));
            }
            let held = match a.part {
                Part::Theory => means.rooms.iter().find(|room| room.name == a.room).map(|room| room.seats),
                Part::Practical => means.stations.iter().find(|place| place.name == a.room).map(|place| place.count),
                Part::Comprehensive => means.reviews.contains(&a.room).then_some(most),
            };
            if held.is_none_or(|held| a.first + a.seats - 1 > held) {
                faults.push(format!("{} has no seat {}", a.room, a.first + a.seats - 1));
            }
            for b in &made.sessions[at + 1..] {
                let meet = a.on == b.on && a.room == b.room && a.from < b.to && b.from < a.to;
                let apart = a.first + a.seats <= b.first || b.first + b.seats <= a.first;
                if a.part == b.part && meet && !(a.part == Part::Practical && apart) {
                    faults.push(format!("{} is used twice at a time", a.room));
                }
            }
        }
        faults
    }

    /// Whether people can be spread at all over what there is of theory and practice: tried one by one.
    fn can_be_held(plan: &Plan, means: &Means, people: usize) -> bool {
        fn go(left: usize, pairs: &[(usize, usize)], theory: &mut [usize], practice: &mut [usize]) -> bool {
            if left == 0 {
                return true;
            }
            pairs.iter().enumerate().any(|(at, &(s, t))| {
                if theory[s] == 0 || practice[t] == 0 {
                    return false;
                }
                theory[s] -= 1;
                practice[t] -= 1;
                // People are alike, so the pairs are taken in order.
                let held = go(left - 1, &pairs[at..], theory, practice);
                theory[s] += 1;
                practice[t] += 1;
                held
            })
        }
        let (theory, practice) = (slots(plan, means, Part::Theory), slots(plan, means, Part::Practical));
        let seats: u16 = means.rooms.iter().map(|room| room.seats.min(means.ratios.room_max)).sum();
        let stations: u16 = means.stations.iter().map(|place| place.count).sum();
        let pairs: Vec<(usize, usize)> = (0..theory.len())
            .flat_map(|s| (0..practice.len()).map(move |t| (s, t)))
            .filter(|(s, t)| {
                let (a, b) = (theory[*s], practice[*t]);
                a.on != b.on || a.to.0 + means.pause <= b.from.0 || b.to.0 + means.pause <= a.from.0
            })
            .collect();
        let mut theory = vec![usize::from(seats); theory.len()];
        let mut practice = vec![usize::from(stations); practice.len()];
        go(people, &pairs, &mut theory, &mut practice)
    }

    /// Whether any seating of a small room keeps classmates apart: every one is tried.
    fn can_be_apart(session: &Session, classes: &mut Vec<(String, usize)>, seated: &mut BTreeMap<u16, String>) -> bool {
        if side_by_side(session, seated) > 0 {
            return false;
        }
        if classes.iter().all(|(_, left)| *left == 0) {
            return true;
        }
        let Some(at) = classes.iter().position(|(_, left)| *left > 0) else { return true };
        let class = classes[at].0.clone();
        classes[at].1 -= 1;
        for seat in session.first..session.first + session.seats {
            if seated.contains_key(&seat) {
                continue;
            }
            seated.insert(seat, class.clone());
            let found = can_be_apart(session, classes, seated);
            seated.remove(&seat);
            if found {
                classes[at].1 += 1;
                return true;
            }
        }
        classes[at].1 += 1;
        false
    }

    fn seated(made: &Arrangement, entrants: &[Entrant], session: usize) -> BTreeMap<u16, String> {
        let class = |id: i64| entrants.iter().find(|one| one.id == id).map(|one| one.class.clone()).unwrap();
        let here = made.places.iter().filter(|place| place.session == session);
        here.map(|place| (place.seat, class(place.candidate))).collect()
    }

    fn arranged(plan: &Plan, means: &Means, entrants: &[Entrant]) -> Arrangement {
        let made = arrange(plan, means, entrants).unwrap();
        assert_eq!(faults(plan, means, entrants, &made), Vec::<String>::new());
        made
    }

    #[test]
    fn s1_5_1_everyone_has_a_seat_and_a_station_and_rooms_are_filled_alike() {
        let plan = plan("2026-09-14", "2026-09-15", None, "2026-09-15");
        let means = usual(vec![room("301", 30), room("302", 30), room("303", 30)], vec![place("车间", 20)], vec![]);
        let made = arranged(&plan, &means, &people(&[20, 17]));
        let told: Vec<_> = made
            .sessions
            .iter()
            .enumerate()
            .map(|(at, s)| {
                let here = made.places.iter().filter(|place| place.session == at).count();
                format!("{} {} {} {}-{} {here}", s.on, s.from, s.room, s.first, s.first + s.seats - 1)
            })
            .collect();
        assert_eq!(
            told,
            [
                "2026-09-14 08:30 301 1-30 19",
                "2026-09-14 08:30 302 1-30 18",
                "2026-09-15 08:30 车间 1-10 10",
                "2026-09-15 08:30 车间 11-20 10",
                "2026-09-15 10:15 车间 1-10 9",
                "2026-09-15 10:15 车间 11-20 8",
            ]
        );
        assert_eq!(made.findings, []);
    }

    #[test]
    fn s1_4_1_ratios_are_the_standards_and_assessors_are_odd() {
        let ratios = Rules::usual(None).ratios();
        for (people, invigilators, assessors) in [(1, 2, 3), (15, 2, 3), (16, 2, 5), (30, 2, 7), (31, 3, 7), (36, 3, 9)]
        {
            assert_eq!((ratios.invigilators(people), ratios.assessors(people)), (invigilators, assessors), "{people}");
        }
        assert_eq!(ratios.staff(Part::Comprehensive, 7), 3);
        let rooms = rooms_of_site("示例教学楼", 70, &ratios);
        let told: Vec<_> = rooms.iter().map(|one| (one.name.as_str(), one.seats, one.columns)).collect();
        assert_eq!(told, [("示例教学楼第1考场", 24, 5), ("示例教学楼第2考场", 23, 5), ("示例教学楼第3考场", 23, 5)]);
        assert_eq!(rooms_of_site("301", 30, &ratios), [ExamRoom { name: "301".into(), seats: 30, columns: 6 }]);
    }

    #[test]
    fn s1_5_1_what_is_lacking_is_said_in_numbers() {
        let plan = plan("2026-09-14", "2026-09-15", None, "2026-09-15");
        let check = |means: &Means, people_count: usize, expected: &[(&str, &str)]| {
            let refusals = arrange(&plan, means, &people(&[people_count])).unwrap_err();
            let said: Vec<_> = refusals.iter().map(|one| (one.field.unwrap(), one.what.as_str())).collect();
            assert_eq!(said, expected);
        };
        let means = usual(vec![room("301", 45)], vec![place("车间", 4)], vec![]);
        check(
            &means,
            260,
            &[
                ("rooms", "理论知识考试要安排 260 人，1 个考场、8 场次只剩 240 个座位，缺 20 个座位"),
                ("stations", "操作技能考核要安排 260 人，1 处工位、4 场次只剩 16 个工位，缺 244 个工位"),
            ],
        );
        // A long day of practice beside the only hour of theory: nobody can be in both.
        let hours = vec![ExamHours { from: DayTime::at(9, 0), to: DayTime::at(10, 30) }];
        let one_day = Plan { practical_on: plan.theory_on, ends_on: plan.theory_on, ..plan.clone() };
        let means = Means { hours, ..usual(vec![room("301", 30)], vec![place("车间", 30)], vec![]) };
        let refusals = arrange(&one_day, &means, &people(&[7])).unwrap_err();
        assert_eq!(refusals[0].what, "理论知识考试、操作技能考核的时间互相重叠，还有 7 人无法先后参加");
        let wrong = Means { theory_minutes: 300, hours: Vec::new(), rooms: vec![room("", 0), room("", 0)], ..means };
        let fields: Vec<_> = arrange(&one_day, &wrong, &[]).unwrap_err().iter().map(|one| one.field.unwrap()).collect();
        assert_eq!(fields, ["rooms", "rooms", "rooms", "hours", "theory_minutes", "practical_minutes"]);
    }

    #[test]
    fn s1_5_1_a_review_hears_one_after_the_other_and_clashes_with_nothing() {
        let plan = plan("2026-09-14", "2026-09-14", Some("2026-09-15"), "2026-09-15");
        let means = usual(vec![room("301", 30)], vec![place("车间", 8)], vec!["会议室".into()]);
        let made = arranged(&plan, &means, &people(&[6, 6]));
        let review = made.sessions.iter().find(|session| session.part == Part::Comprehensive).unwrap();
        assert_eq!((review.seats, review.from, review.to), (7, DayTime::at(8, 30), DayTime::at(12, 0)));
        let refusals = arrange(&plan, &Means { reviews: Vec::new(), ..means }, &people(&[3])).unwrap_err();
        assert_eq!(refusals[0].field, Some("reviews"));
    }

    #[test]
    fn house_classmates_are_apart_where_seats_allow_and_where_not_it_is_said() {
        let plan = plan("2026-09-14", "2026-09-15", None, "2026-09-15");
        let means = usual(vec![room("301", 30)], vec![place("车间", 30)], vec![]);
        for classes in [&[15, 15][..], &[14, 14, 2], &[15], &[10, 10, 10], &[1; 30], &[13, 9, 5, 3]] {
            let entrants = people(classes);
            let made = arranged(&plan, &means, &entrants);
            assert_eq!(
                (side_by_side(&made.sessions[0], &seated(&made, &entrants, 0)), &made.findings[..]),
                (0, &[][..]),
                "{classes:?}"
            );
        }
        let entrants = people(&[20]);
        let made = arranged(&plan, &means, &entrants);
        assert!(made.findings[0].what.starts_with("2026-09-14 08:30 301有 "), "{}", made.findings[0].what);
        assert!(made.findings[0].what.ends_with("对同班考生相邻：1班在这一场有 20 人，考场 30 座"));
        // A class that nobody knows keeps nobody apart.
        let unknown: Vec<_> = entrants.into_iter().map(|one| Entrant { class: String::new(), ..one }).collect();
        assert_eq!(arranged(&plan, &means, &unknown).findings, []);
    }

    #[test]
    fn s2_2_1b_what_does_not_fit_on_the_day_told_goes_on_within_the_batch_and_is_said() {
        let plan = plan("2026-09-14", "2026-09-14", None, "2026-09-15");
        let means = usual(vec![room("301", 30)], vec![place("车间", 5)], vec![]);
        let made = arranged(&plan, &means, &people(&[9, 9, 9]));
        let said: Vec<_> = made.findings.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(said, ["操作技能考核通报在 2026-09-14，有 3 场排到 2026-09-15"]);
    }

    #[test]
    fn house_newcomers_find_a_place_and_nobody_moves() {
        let plan = plan("2026-09-14", "2026-09-15", None, "2026-09-15");
        let means = usual(vec![room("301", 12), room("302", 30)], vec![place("车间", 30)], vec![]);
        let first = people(&[6, 5]);
        let made = arranged(&plan, &means, &first);
        let classes = first.iter().map(|one| (one.id, one.class.clone())).collect();
        let late: Vec<_> = (101..=104).map(|id| Entrant { id, class: "3班".into() }).collect();
        let more = add(&plan, &means, &made, &classes, &late).unwrap();
        assert_eq!(more.sessions[..made.sessions.len()], made.sessions[..]);
        let all = Arrangement { places: [made.places.clone(), more.places.clone()].concat(), ..more.clone() };
        assert_eq!(faults(&plan, &means, &[first, late].concat(), &all), Vec::<String>::new());
        let rooms: Vec<_> = more.places.iter().map(|place| more.sessions[place.session].room.as_str()).collect();
        assert_eq!(rooms.iter().filter(|room| **room == "301").count(), 1, "one seat was left: {rooms:?}");
        assert_eq!(rooms.iter().filter(|room| **room == "302").count(), 3);
    }

    #[test]
    fn s3_3_3_rooms_are_the_bodys_own_at_the_place_told_and_no_more_than_it_has() {
        let own = |name: &str, count| OwnSite { name: name.into(), count };
        let sites = [own("示例教学楼", Some(40)), own("示例南楼", None)];
        let check = |rooms: &[(&str, u16)], told: &str, clause: Option<Clause>| {
            let answer = held_in_own_rooms(rooms, &sites, told, "rooms");
            assert_eq!(answer.err().and_then(|refusal| refusal.ground.clause()), clause, "{rooms:?}");
        };
        check(&[("示例教学楼301", 20), ("示例教学楼302", 20)], "示例教学楼3层", None);
        check(&[("示例教学楼301", 20), ("示例教学楼302", 21)], "示例教学楼3层", Some(Clause::S3_3_3));
        check(&[("示例培训公司", 20)], "示例教学楼3层", Some(Clause::S3_3_3));
        check(&[("示例南楼101", 300)], "示例教学楼3层", Some(Clause::S2_2_1B));
        check(&[("示例南楼101", 300)], "示例南楼", None);
        assert_eq!(held_in_own_rooms(&[("别处", 9)], &[], "别处", "rooms"), Ok(()));
    }

    #[test]
    fn s3_3_1_places_stand_from_the_first_examination_day_on() {
        let check = |stage, today: &str, clause| {
            let answer = open_to_arrange(stage, day("2026-09-14"), day(today));
            assert_eq!(answer.err().and_then(|refusal| refusal.ground.clause()), clause, "{stage:?} {today}");
        };
        check(BatchStage::Notified, "2026-09-13", None);
        check(BatchStage::Notified, "2026-09-14", Some(Clause::S3_3_1));
        check(BatchStage::Cancelled, "2026-09-01", Some(Clause::S2_2_1B));
    }

    #[test]
    fn house_a_seat_is_changed_by_hand_with_the_same_checks() {
        let theory = |room: &str| Session {
            part: Part::Theory,
            on: day("2026-09-14"),
            from: DayTime::at(8, 30),
            to: DayTime::at(10, 0),
            room: room.into(),
            first: 1,
            seats: 6,
            columns: 2,
        };
        let at = |candidate, seat, class: &str| Seated { candidate, seat, class: class.into(), elsewhere: Vec::new() };
        // Three rows, two columns, numbered to and fro: 1 6 / 2 5 / 3 4.
        let (here, there) = (theory("301"), theory("302"));
        assert_eq!([1, 3, 4, 6].map(|seat| here.position(seat)), [(0, 0), (2, 0), (2, 1), (0, 1)]);
        let people = [at(1, 1, "甲班"), at(2, 2, "乙班"), at(3, 3, "甲班"), at(4, 4, "乙班")];
        let others = [at(9, 1, "甲班")];
        let go = |candidate, to: (&Session, &[Seated]), seat| {
            move_seat(candidate, (&here, &people), to, seat, 15).map_err(|refusal| refusal.what)
        };
        assert_eq!(go(1, (&here, &people), 5), Ok(None));
        assert_eq!(go(1, (&here, &people), 3), Ok(Some(3)));
        assert_eq!(go(1, (&here, &people), 2), Err("换座后同班考生相邻，由 0 对增加到 1 对".into()));
        assert_eq!(go(2, (&there, &others), 6), Ok(None));
        assert_eq!(go(3, (&there, &others), 2), Err("换座后同班考生相邻，由 0 对增加到 1 对".into()));
        assert_eq!(go(1, (&here, &people), 7), Err("301没有 7 号".into()));
        let busy =
            Session { part: Part::Practical, from: DayTime::at(10, 0), to: DayTime::at(11, 30), ..theory("车间") };
        let people = [Seated { elsewhere: vec![busy], ..at(1, 1, "甲班") }];
        let refusal = move_seat(1, (&here, &people), (&there, &others), 5, 15).unwrap_err();
        assert_eq!(refusal.ground.clause(), Some(Clause::S1_5_1));
        assert!(refusal.what.contains("10:00 至 11:30 参加操作技能考核，不能同时在302"), "{}", refusal.what);
        assert_eq!(move_seat(1, (&here, &people), (&there, &others), 5, 0), Ok(None));
    }

    fn small_means() -> impl Strategy<Value = Means> {
        let rooms = prop::collection::vec(1_u16..5, 0..3);
        let stations = prop::collection::vec(1_u16..4, 0..3);
        let hours = prop::collection::vec((0_u16..3, 2_u16..7), 1..3);
        (rooms, stations, hours, 1_u16..4, 1_u16..4, 0_u16..2, 1_u16..5).prop_map(
            |(rooms, stations, hours, theory, practical, pause, group)| {
                let mut at = 8 * 60;
                let hours = hours.into_iter().map(|(gap, length)| {
                    let from = at + gap * 30;
                    at = from + length * 30;
                    ExamHours { from: DayTime(from), to: DayTime(at) }
                });
                let hours = hours.collect();
                let name = |kind: &str, at: usize| format!("{kind}{at}");
                let rooms = rooms.into_iter().enumerate().map(|(at, seats)| room(&name("考场", at), seats));
                let stations = stations.into_iter().enumerate().map(|(at, count)| place(&name("车间", at), count));
                let mut means = usual(rooms.collect(), stations.collect(), vec!["会议室".into()]);
                means.ratios = Ratios { group_max: group, room_max: 3, ..means.ratios };
                Means {
                    hours,
                    theory_minutes: theory * 30,
                    practical_minutes: practical * 30,
                    review_minutes: 30,
                    pause: pause * 15,
                    ..means
                }
            },
        )
    }

    proptest! {
        #[test]
        fn an_arrangement_keeps_every_rule_and_a_refusal_is_right(
            means in small_means(),
            classes in prop::collection::vec(0_usize..4, 1..4),
            days in 0_usize..3,
            review in any::<bool>(),
        ) {
            let practical = ["2026-09-14", "2026-09-14", "2026-09-15"][days];
            let ends = ["2026-09-14", "2026-09-15", "2026-09-15"][days];
            let plan = plan("2026-09-14", practical, review.then_some(ends), ends);
            let entrants = people(&classes);
            match arrange(&plan, &means, &entrants) {
                Ok(made) => {
                    prop_assert_eq!(faults(&plan, &means, &entrants, &made), Vec::<String>::new());
                    prop_assert_eq!(&made, &arrange(&plan, &means, &entrants).unwrap());
                    prop_assert!(can_be_held(&plan, &means, entrants.len()));
                }
                Err(refusals) => {
                    prop_assert!(!refusals.is_empty() && refusals.iter().all(|one| !one.remedy.is_empty()));
                    let is_form = refusals.iter().any(|one| one.ground == HOUSE);
                    prop_assert!(review || is_form || !can_be_held(&plan, &means, entrants.len()), "{:?}", refusals);
                }
            }
        }

        #[test]
        fn a_room_in_which_classmates_can_be_apart_has_none_side_by_side(
            seats in 1_u16..10,
            columns in 1_u16..4,
            classes in prop::collection::vec(1_usize..5, 1..4),
        ) {
            let entrants = people(&classes);
            prop_assume!(entrants.len() <= usize::from(seats));
            let plan = plan("2026-09-14", "2026-09-15", None, "2026-09-15");
            let rooms = vec![ExamRoom { name: "301".into(), seats, columns }];
            let made = arrange(&plan, &usual(rooms, vec![place("车间", 30)], vec![]), &entrants).unwrap();
            let pairs = side_by_side(&made.sessions[0], &seated(&made, &entrants, 0));
            let mut counts: Vec<_> = classes.iter().enumerate().map(|(at, n)| (format!("{}班", at + 1), *n)).collect();
            prop_assert_eq!(pairs == 0, can_be_apart(&made.sessions[0], &mut counts, &mut BTreeMap::new()));
        }

        #[test]
        fn neighbours_are_the_seats_one_step_away(seats in 1_u16..40, columns in 1_u16..9) {
            let session = Session {
                part: Part::Theory, on: day("2026-09-14"), from: DayTime::at(8, 30), to: DayTime::at(10, 0),
                room: "301".into(), first: 1, seats, columns,
            };
            for a in 1..=seats {
                let (row, column) = session.position(a);
                let near: std::collections::BTreeSet<u16> = neighbours(&session, a).into_iter().collect();
                let slow = (1..=seats).filter(|b| {
                    let (r, c) = session.position(*b);
                    row.abs_diff(r) + column.abs_diff(c) == 1
                });
                prop_assert_eq!(near, slow.collect());
            }
        }
    }
}
