//! 一（四）, 一（五）1: assessors mark alone, item by item, each on a sheet of the own, by the station's code or by the signed
//! sheet that the clerk types; when all sheets are in, the head of the group merges them into the marks of the part
//! (decision 0032).

mod enter;
mod merge;
mod pages;
mod station;
mod store;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rules::permission::LookKind;
use rules::result::{Part, parts_for};
use rules::rubric::{Rubric, RubricItem};
use rules::scoring::{Given, in_points, may_hand_in, may_score, open_to_score};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use enter::{EnterScores, HandInScores, ReturnScores, ScoreEntry, ScoreTemplate, ScoresKept, UploadScores};
pub use merge::{MergeScores, ScoresMerged, SpreadAnswer};
pub use pages::pages;
pub use station::{EnterStationScores, HandInStationScores, IssueStationCodes, Station, StationCode, StationCodes};
pub(crate) use store::{ALL, keep_rubrics, rubrics};

use crate::db::{DbError, Tx};
use crate::door::{Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::{self, Basis, Batch, BatchHead, FileView, Person};
use crate::web::api::Registry;

/// Parts that assessors judge.
const JUDGED: &[Part] = &[Part::Practical, Part::Comprehensive];

/// A candidate whose assessors were farther apart than the platform lets pass unasked.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Spread {
    pub candidate: i64,
    pub part: Part,
    /// Points between the highest and the lowest.
    pub points: f64,
    /// What the head of the group said.
    pub reason: String,
    pub group_head: String,
}

/// The candidates of a batch whose assessors were far apart, the widest first: whoever reviews the batch looks there first.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn spreads(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Spread>, DbError> {
    store::spreads(tx, batch, rules::terms::SPREAD_MAX * 10)
}

/// A part of a batch as its assessors judge it.
struct Panel {
    batch: Batch,
    part: Part,
    rubric: Rubric,
    source: String,
    /// Of this part, the head first.
    judges: Vec<store::Judge>,
    /// Who is judged: not who keeps the mark or has it by a scheme.
    persons: Vec<Person>,
    places: BTreeMap<i64, store::Seated>,
}

/// Whether an assessor judges a group: any, where they are assigned to none in particular.
fn is_judged(judge: &store::Judge, group: Option<&i64>) -> bool {
    judge.groups.is_empty() || group.is_some_and(|group| judge.groups.contains(group))
}

impl Panel {
    fn of(sight: &mut Sight<'_>, batch: Batch, part: Part) -> Result<Self, Stop> {
        let kept = store::rubrics(&mut sight.tx(), batch.id)?.remove(&part);
        let (rubric, source) = kept.unwrap_or_else(|| (Rubric::plain(), String::new()));
        let mut judges = store::judges(&mut sight.tx(), batch.id)?;
        judges.retain(|judge| judge.part == part);
        let mut persons = marks::persons(&mut sight.tx(), batch.id)?;
        persons.retain(|person| match person.mark(part) {
            Some(mark) => mark.kept.is_none() && !matches!(mark.basis, Some(Basis::Modules(_))),
            None => true,
        });
        let places = store::places(&mut sight.tx(), batch.id, part)?;
        Ok(Self { batch, part, rubric, source, judges, persons, places })
    }

    /// The part that an assessor judges.
    fn of_judge(sight: &mut Sight<'_>, batch: i64, assessor: i64) -> Result<(Self, store::Judge), Stop> {
        let batch = marks::batch(&mut sight.tx(), batch)?.ok_or(Stop::NotFound)?;
        let judges = store::judges(&mut sight.tx(), batch.id)?;
        let judge = judges.into_iter().find(|judge| judge.id == assessor).ok_or(Stop::NotFound)?;
        let mut panel = Self::of(sight, batch, judge.part)?;
        // Who is assigned to groups has nobody else on the sheet.
        let groups =
            panel.places.iter().map(|(candidate, place)| (*candidate, place.session)).collect::<BTreeMap<_, _>>();
        panel.persons.retain(|person| is_judged(&judge, groups.get(&person.id)));
        Ok((panel, judge))
    }

    fn exam_on(&self) -> Date {
        self.batch.exam_on(self.part)
    }

    /// Whether an assessor may be written down today.
    fn open(&self, judge: &store::Judge, today: Date) -> Result<(), Refusal> {
        open_to_score(self.batch.stage, self.part, self.exam_on(), today)?;
        self.counts(judge)?;
        rules::scoring::open_sheet(&judge.name, judge.handed_in)
    }

    /// Whether the scores of an assessor count.
    fn counts(&self, judge: &store::Judge) -> Result<(), Refusal> {
        let store::Judge { name, card_stood, is_replaced, .. } = judge;
        let judge = rules::scoring::Judge { name, card_stood: *card_stood, is_replaced: *is_replaced };
        may_score(judge, self.part, self.exam_on())
    }

    /// The session of a candidate; who has no place is in one group with all others who have none.
    fn group(&self, candidate: i64) -> Option<i64> {
        self.places.get(&candidate).map(|place| place.session)
    }

    /// How many assessors judge a candidate at least: by the size of the group.
    fn wanted(&self, candidate: i64) -> usize {
        let group = self.group(candidate);
        let size = self.persons.iter().filter(|person| self.group(person.id) == group).count();
        let ratios = self.batch.rules.ratios();
        // Without places the group is one of as few as hold everyone.
        let size = if group.is_none() { ratios.groups(self.part, size).first().copied().unwrap_or(0) } else { size };
        ratios.staff(self.part, size)
    }

    /// The names of those whom an assessor who gave these scores has left out of the groups that were judged.
    fn left_out(&self, scores: &BTreeMap<i64, store::Score>) -> Vec<String> {
        let groups: BTreeSet<Option<i64>> = scores.keys().map(|candidate| self.group(*candidate)).collect();
        let left = self.persons.iter().filter(|person| !scores.contains_key(&person.id));
        left.filter(|person| groups.contains(&self.group(person.id))).map(|person| person.name.clone()).collect()
    }

    /// Whether a sheet with these scores is complete.
    fn is_complete(&self, judge: &store::Judge, scores: &BTreeMap<i64, store::Score>) -> Result<(), Refusal> {
        may_hand_in(&judge.name, scores.len(), &self.left_out(scores))
    }

    /// Whether every sheet that was begun is handed in, so that nobody sees others' scores before the own are in.
    fn is_closed(&self) -> bool {
        self.judges.iter().all(|judge| judge.given == 0 || judge.handed_in)
    }

    fn name(&self, candidate: i64) -> Option<&str> {
        self.persons.iter().find(|person| person.id == candidate).map(|person| person.name.as_str())
    }

    /// What assessors wrote down, read by the rubric: by candidate.
    fn read(&self, entries: &[ScoreEntry]) -> Result<BTreeMap<i64, Given>, Stop> {
        if entries.is_empty() {
            return Err(Refusal::new(Clause::S1_5_1, "没有要登记的评分").remedy("请至少填写一名考生的评分").into());
        }
        let mut read = BTreeMap::new();
        for entry in entries {
            let name = self.name(entry.candidate).ok_or(Stop::NotFound)?;
            let given = Given::read(&self.rubric, &entry.points).map_err(|(at, refusal)| Refusal {
                what: format!("{name}：{}", refusal.what),
                field: Some(FIELDS.get(at).copied().unwrap_or("points")),
                ..refusal
            })?;
            read.insert(entry.candidate, given);
        }
        Ok(read)
    }

    fn items(&self) -> Vec<RubricItem> {
        self.rubric.0.clone()
    }
}

/// The names of the fields of a rubric's items, by their place.
const FIELDS: &[&str] = &[
    "item-0", "item-1", "item-2", "item-3", "item-4", "item-5", "item-6", "item-7", "item-8", "item-9", "item-10",
    "item-11", "item-12", "item-13", "item-14", "item-15", "item-16", "item-17", "item-18", "item-19", "item-20",
    "item-21", "item-22", "item-23", "item-24", "item-25", "item-26", "item-27", "item-28", "item-29", "item-30",
    "item-31", "item-32", "item-33", "item-34", "item-35", "item-36", "item-37", "item-38", "item-39",
];

/// An assessor of a part, and how far the own sheet has come; no score of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessorLine {
    /// Of the assignment.
    pub assessor: i64,
    pub part: Part,
    pub name: String,
    pub employer: String,
    pub card_number: String,
    pub is_head: bool,
    /// Candidates with a score.
    pub given: i64,
    pub handed_in: bool,
    /// As people read it; empty before it is handed in.
    pub handed_in_at: String,
    pub handed_in_by: String,
    /// Whether the signed sheet is kept.
    pub has_file: bool,
    /// How often it was given back to be scored again, and why the last time.
    pub returns: i64,
    pub return_reason: String,
    /// Why the scores don't count.
    pub against: Option<String>,
    /// The last day of the station's code, where one was issued.
    pub code_until: Option<Date>,
}

impl AssessorLine {
    fn of(judge: &store::Judge, panel: &Panel) -> Self {
        Self {
            assessor: judge.id,
            part: judge.part,
            name: judge.name.clone(),
            employer: judge.employer.clone(),
            card_number: judge.card_number.clone(),
            is_head: judge.is_head,
            given: judge.given,
            handed_in: judge.handed_in,
            handed_in_at: judge.handed_in_at.clone(),
            handed_in_by: judge.handed_in_by.clone(),
            has_file: judge.file.is_some(),
            returns: judge.returns,
            return_reason: judge.return_reason.clone(),
            against: panel.counts(judge).err().map(|refusal| refusal.what),
            code_until: judge.code_until,
        }
    }
}

/// What one candidate's assessors gave, and what it came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScoredPerson {
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    /// The totals in the order of the assessors; empty where one gave none, and everywhere until all sheets are in.
    pub totals: Vec<String>,
    /// How many assessors there have to be.
    pub wanted: usize,
    /// What it comes to, or why it can't be merged; empty until all sheets are in.
    pub outcome: String,
    pub hindrance: String,
    /// Points between the highest and the lowest, where all took part.
    pub spread: Option<f64>,
    /// Whether the head of the group has to say why.
    pub is_wide: bool,
    /// The key items that were failed.
    pub failed: Vec<String>,
    /// What the head of the group said.
    pub reason: String,
    /// Whose merge stands, and when it was written down; empty before.
    pub merged: String,
    /// Whether the scores say something else than what was merged.
    pub is_outdated: bool,
}

/// One part as its assessors judge it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PanelView {
    pub part: Part,
    pub part_name: String,
    pub on: Date,
    /// Whether the standard divides it into items.
    pub is_divided: bool,
    pub items: Vec<RubricItem>,
    /// The place in the standard.
    pub source: String,
    pub assessors: Vec<AssessorLine>,
    /// Whether every sheet that was begun is handed in; before that nobody sees a score of another.
    pub is_closed: bool,
    /// Why nothing may be written down today.
    pub not_open: Option<rules::refusal::RefusalView>,
    pub persons: Vec<ScoredPerson>,
    /// Assigned assessors without a sheet.
    pub missing: Vec<String>,
    /// Why they have none, as it was said with the merge.
    pub missing_reason: String,
    /// Points beyond which the head says why.
    pub spread_max: i64,
}

impl PanelView {
    /// Whether any score may be seen.
    pub fn has_scores(&self) -> bool {
        self.persons.iter().any(|one| one.totals.iter().any(|total| !total.is_empty()))
    }

    /// How many candidates have scores that are not merged, or changed since.
    pub fn waiting(&self) -> usize {
        self.persons.iter().filter(|one| !one.outcome.is_empty() && (one.merged.is_empty() || one.is_outdated)).count()
    }
}

/// How assessors judge a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScoresView {
    pub batch: BatchHead,
    pub panels: Vec<PanelView>,
    /// What was merged though assessors were far apart, the widest first.
    pub spreads: Vec<Spread>,
    pub today: Date,
}

/// How far have the assessors of a batch come, and what do their scores come to?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Scores {
    pub batch: i64,
}

impl Look for Scores {
    const KIND: LookKind = LookKind::Batches;
    type View = ScoresView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ScoresView, Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let head = BatchHead::from(&batch);
        let mut panels = Vec::new();
        for &part in JUDGED.iter().filter(|part| parts_for(batch.level).contains(part)) {
            let panel = Panel::of(sight, batch.clone(), part)?;
            panels.push(merge::shown(sight, &panel)?);
        }
        let spreads = spreads(&mut sight.tx(), batch.id)?;
        Ok(ScoresView { batch: head, panels, spreads, today: sight.today() })
    }
}

/// A candidate on the sheet of one assessor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScoredLine {
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    /// Group and station, where they are arranged.
    pub place: String,
    /// What was given, item by item, as it was typed; all empty before.
    pub points: Vec<String>,
    pub total: String,
    /// How often it was changed, and who wrote it down.
    pub changes: i64,
    pub entered: String,
}

/// The sheet of one assessor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScoreSheetView {
    pub batch: BatchHead,
    pub part: Part,
    pub part_name: String,
    pub on: Date,
    pub items: Vec<RubricItem>,
    pub assessor: AssessorLine,
    /// In the order of groups and stations.
    pub persons: Vec<ScoredLine>,
    /// Why nothing may be written down today.
    pub not_open: Option<rules::refusal::RefusalView>,
}

/// What has this assessor given?
#[derive(Debug, Deserialize, ToSchema)]
pub struct ScoreSheet {
    pub batch: i64,
    pub assessor: i64,
}

impl Look for ScoreSheet {
    const KIND: LookKind = LookKind::Batches;
    type View = ScoreSheetView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ScoreSheetView, Stop> {
        let (panel, judge) = Panel::of_judge(sight, self.batch, self.assessor)?;
        sheet(sight, &panel, &judge)
    }
}

/// The sheet of one assessor, with full names.
fn sheet(sight: &mut Sight<'_>, panel: &Panel, judge: &store::Judge) -> Result<ScoreSheetView, Stop> {
    let scores = store::scores_of(&mut sight.tx(), judge.id)?;
    let mut persons: Vec<&Person> = panel.persons.iter().collect();
    persons.sort_by_key(|person| {
        let place = panel.places.get(&person.id);
        (place.is_none(), place.map(|place| (place.no, place.seat)), person.ticket.clone())
    });
    let line = |person: &Person| {
        let score = scores.get(&person.id);
        let place = panel.places.get(&person.id).map(|place| match panel.part {
            Part::Comprehensive => format!("{}，第{}位", place.room, place.seat),
            _ => format!("{} {}，{}，{}号工位", place.on, place.begins, place.room, place.seat),
        });
        ScoredLine {
            candidate: person.id,
            ticket: person.ticket.clone(),
            name: person.name.clone(),
            place: place.unwrap_or_default(),
            points: (0..panel.rubric.0.len())
                .map(|at| score.map(|score| score.given.shown(at)).unwrap_or_default())
                .collect(),
            total: score.map(|score| score.given.outcome().to_string()).unwrap_or_default(),
            changes: score.map_or(0, |score| score.changes),
            entered: score.map(|score| format!("{}，{}", score.entered.name, score.entered_at)).unwrap_or_default(),
        }
    };
    Ok(ScoreSheetView {
        batch: BatchHead::from(&panel.batch),
        part: panel.part,
        part_name: panel.part.name().into(),
        on: panel.exam_on(),
        items: panel.items(),
        assessor: AssessorLine::of(judge, panel),
        persons: persons.into_iter().map(line).collect(),
        not_open: panel.open(judge, sight.today()).err().as_ref().map(Into::into),
    })
}

/// The signed sheet of an assessor.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SignedSheet {
    pub batch: i64,
    pub assessor: i64,
}

impl Look for SignedSheet {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let (_, judge) = Panel::of_judge(sight, self.batch, self.assessor)?;
        let file = judge.file.ok_or(Stop::NotFound)?;
        let name = if judge.file_name.is_empty() { "评分表".to_owned() } else { judge.file_name };
        Ok(FileView { bytes: sight.office().files().bring(&file)?, name })
    }
}

/// A total as pages show it.
fn points(tenths: i64) -> String {
    in_points(tenths).to_string()
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .look::<Scores>("/batches/{batch}/scores", "一个批次的考评评分")
        .look::<ScoreSheet>("/batches/{batch}/scores/{assessor}", "一名考评人员的评分表")
        .act::<EnterScores>("/batches/{batch}/scores/{assessor}")
        .look::<ScoreTemplate>("/batches/{batch}/scores/{assessor}/template", "一名考评人员的评分登记表")
        .act::<UploadScores>("/batches/{batch}/scores/{assessor}/uploads")
        .act::<HandInScores>("/batches/{batch}/scores/{assessor}/submission")
        .look::<SignedSheet>("/batches/{batch}/scores/{assessor}/signed", "签字的评分表")
        .act::<ReturnScores>("/batches/{batch}/scores/{assessor}/return")
        .act::<MergeScores>("/batches/{batch}/score-merge")
        .act::<IssueStationCodes>("/batches/{batch}/station-codes")
        .look::<StationCodes>("/batches/{batch}/station-codes", "考评人员的评分码，查看留痕")
        .public("/station/{code}", "Station", "凭评分码看本人的评分表", station::station)
        .act::<EnterStationScores>("/station-scores")
        .act::<HandInStationScores>("/station-submissions")
}

/// Scores wait to be merged.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let Some(body) = sight.caller().body().filter(|_| sight.caller().role().sits_in_body()) else {
        return Ok(Vec::new());
    };
    let reference = sight.reference();
    let waiting = store::unmerged(&mut sight.tx(), body)?;
    let task = |batch: store::Unmerged| {
        let detail = format!("{} 名考生的考评评分还没有汇总；评分表齐了由考评组长汇总", batch.candidates);
        let what = format!("汇总考评评分：{}", batch.title);
        Task::new(Clause::S1_5_1, what, detail, format!("/batches/{}/scores", batch.batch))
            .due(reference.calendar.add(batch.last_on, rules::terms::MARKS_AFTER).ok())
    };
    Ok(waiting.into_iter().map(task).collect())
}
