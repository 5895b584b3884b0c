//! The head of the group makes the marks of a part out of what the assessors gave.

use std::collections::{BTreeMap, BTreeSet};

use rules::permission::ActKind;
use rules::result::{Part, has_part};
use rules::scoring::{Given, Merged, answered, excused, merge, stands};
use rules::terms::SPREAD_MAX;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AssessorLine, Panel, PanelView, ScoredPerson, is_judged, points, store};
use crate::door::{Act, Desk, Sight, Stop, Subject};
use crate::marks::{self, Basis, Book, NewMark, Origin, hand};

/// Why the scores of a candidate may stand though they are far apart.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SpreadAnswer {
    pub candidate: i64,
    #[schema(max_length = 500)]
    pub reason: String,
}

/// Merges what assessors gave into the marks of a part: of everyone who has scores.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MergeScores {
    pub batch: i64,
    /// `practical` or `comprehensive`.
    pub part: Part,
    /// Where assessors are far apart, why.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub answers: Vec<SpreadAnswer>,
    /// Why an assigned assessor has no sheet; may be empty while all have one.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub missing_reason: String,
}

/// What came of a merge.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScoresMerged {
    /// Marks that were not there before.
    pub entered: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// How many of those entered or changed have two persons behind them already; the others are confirmed by another
    /// account.
    pub confirmed: usize,
    /// How many have assessors far apart, with the reason kept.
    pub wide: usize,
}

/// What every assessor gave a candidate whose scores count, in the order of the assessors.
type Sheets<'p> = BTreeMap<i64, Vec<(&'p store::Judge, store::Score)>>;

fn sheets<'p>(panel: &'p Panel, scores: Vec<store::Score>) -> Sheets<'p> {
    let mut sheets: Sheets<'p> = BTreeMap::new();
    for score in scores {
        if let Some(judge) = panel.judges.iter().find(|judge| judge.id == score.assignment) {
            sheets.entry(score.candidate).or_default().push((judge, score));
        }
    }
    let place = |judge: &store::Judge| panel.judges.iter().position(|other| other.id == judge.id);
    sheets.values_mut().for_each(|of| of.sort_by_key(|(judge, _)| place(judge)));
    sheets
}

/// What the sheets of a candidate come to.
fn of_person(panel: &Panel, name: &str, candidate: i64, sheets: &Sheets<'_>) -> Result<Merged, Refusal> {
    let given: Vec<(&str, &Given)> = sheets
        .get(&candidate)
        .into_iter()
        .flatten()
        .map(|(judge, score)| (judge.name.as_str(), &score.given))
        .collect();
    merge(name, &panel.rubric, panel.batch.rules.pass(panel.part), &given, panel.wanted(candidate))
}

impl Act for MergeScores {
    const KIND: ActKind = ActKind::MergeScores;
    type Answer = ScoresMerged;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ScoresMerged, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        has_part(batch.level, self.part)?;
        rules::scoring::open_to_score(batch.stage, self.part, batch.exam_on(self.part), desk.today())?;
        let panel = Panel::of(desk, batch, self.part)?;
        let begun: Vec<&store::Judge> = panel.judges.iter().filter(|judge| judge.given > 0).collect();
        begun.iter().try_for_each(|judge| panel.counts(judge))?;
        let open: Vec<&str> = begun.iter().filter(|judge| !judge.handed_in).map(|judge| judge.name.as_str()).collect();
        if begun.is_empty() || !open.is_empty() {
            let what = match begun.is_empty() {
                true => format!("还没有{}的评分", self.part.name()),
                false => format!("{}的评分表还没有提交", open.join("、")),
            };
            return Err(Refusal::new(Clause::S1_5_1, what)
                .remedy("各考评人员独立评分，全部提交后再由考评组长汇总")
                .into());
        }
        let missing: Vec<&str> = panel
            .judges
            .iter()
            .filter(|judge| judge.given == 0 && !judge.is_replaced)
            .map(|judge| judge.name.as_str())
            .collect();
        let kept = store::merges(&mut desk.tx(), panel.batch.id, self.part)?;
        // What was said of them before is not asked again.
        let said = match self.missing_reason.trim() {
            "" if !missing.is_empty() => missing_said(&kept),
            said => said,
        };
        let missing_reason = excused(&missing, said)?;
        // Each group may have a head of its own.
        let head_of = |candidate: i64| {
            let group = panel.group(candidate);
            let is_head = |judge: &&store::Judge| judge.is_head && judge.given > 0 && is_judged(judge, group.as_ref());
            let no_head = || {
                Refusal::new(Clause::S1_2_2, "没有考评组长的评分表")
                    .remedy("评分由考评组长汇总；请先登记并提交组长的评分表")
            };
            panel.judges.iter().find(is_head).map(|judge| judge.name.clone()).ok_or_else(no_head)
        };
        let sheets = sheets(&panel, store::scores(&mut desk.tx(), panel.batch.id, self.part)?);
        let answers: BTreeMap<i64, &str> =
            self.answers.iter().map(|one| (one.candidate, one.reason.as_str())).collect();
        let by = hand(desk);
        let mut book = Book::open(desk, &panel.batch)?;
        let mut rows = BTreeMap::new();
        let mut wide = 0;
        let mut whole: BTreeSet<i64> = BTreeSet::new();
        for person in panel.persons.iter().filter(|person| sheets.contains_key(&person.id)) {
            let group_head = head_of(person.id)?;
            let merged = of_person(&panel, &person.name, person.id, &sheets)?;
            // What was said of the same spread before is not asked again.
            let before = kept.get(&person.id).filter(|before| before.spread == merged.spread);
            let said = answers.get(&person.id).copied().filter(|said| !said.trim().is_empty());
            let said = said.or(before.map(|before| before.reason.as_str())).unwrap_or_default();
            let reason = answered(&person.name, &merged, said)?;
            wide += usize::from(merged.is_wide());
            let of = &sheets[&person.id];
            let typed: Vec<_> = of.iter().map(|(_, score)| score.entered.clone()).collect();
            let names: Vec<&str> = of.iter().map(|(judge, _)| judge.name.as_str()).collect();
            book.fits(person.id, self.part, merged.outcome)?;
            // What is not settled of the day waits for a second person who confirms it when it is.
            let is_whole = stands(&typed, &by) && book.may_confirm(person.id, self.part, merged.outcome);
            if is_whole {
                whole.insert(person.id);
            }
            let basis = Basis::Scores {
                assessors: of
                    .iter()
                    .map(|(judge, score)| (judge.name.clone(), score.given.outcome().to_string()))
                    .collect(),
                head: group_head.clone(),
                failed: merged.failed.iter().map(|at| panel.rubric.0[*at].title.clone()).collect(),
                mean: merged.mean.map(points),
            };
            book.enter(NewMark {
                confirmed: is_whole.then(|| (names.join("、"), "scored")),
                basis: Some(basis),
                ..NewMark::plain(person.id, self.part, merged.outcome, None)
            })?;
            rows.insert(person.id, (merged.mean, merged.spread, reason, group_head));
        }
        let confirmed = book.new_of(self.part).filter(|candidate| whole.contains(candidate)).count();
        book.close(desk, Origin { source: "scores", file: None })?;
        let (now, name) = (desk.now(), by.name);
        let of = store::Merge { part: self.part, missing_reason: &missing_reason, now, by: &name };
        store::merge(&mut desk.tx(), &rows, &of)?;
        let (entered, changed, unchanged) = (book.entered, book.changed, book.unchanged);
        Ok(ScoresMerged { entered, changed, unchanged, confirmed, wide })
    }
}

/// Why assessors had no sheet, as it was said with a merge; blank where nothing was.
fn missing_said(kept: &BTreeMap<i64, store::Kept>) -> &str {
    kept.values().map(|one| one.missing_reason.as_str()).find(|said| !said.is_empty()).unwrap_or_default()
}

/// A part as pages show it: nobody's scores before all sheets are in.
pub(super) fn shown(sight: &mut Sight<'_>, panel: &Panel) -> Result<PanelView, Stop> {
    let is_closed = panel.is_closed();
    let sheets = match is_closed {
        true => sheets(panel, store::scores(&mut sight.tx(), panel.batch.id, panel.part)?),
        false => BTreeMap::new(),
    };
    let merges = store::merges(&mut sight.tx(), panel.batch.id, panel.part)?;
    let person = |person: &marks::Person| {
        let own = sheets.get(&person.id);
        let merged = own.map(|_| of_person(panel, &person.name, person.id, &sheets));
        let (merged, hindrance) = match merged {
            Some(Ok(merged)) => (Some(merged), String::new()),
            Some(Err(refusal)) => (None, refusal.what),
            None => (None, String::new()),
        };
        let kept = merges.get(&person.id);
        let total = |judge: &store::Judge| {
            let score = own.and_then(|own| own.iter().find(|(of, _)| of.id == judge.id));
            score.map(|(_, score)| score.given.outcome().to_string()).unwrap_or_default()
        };
        ScoredPerson {
            candidate: person.id,
            ticket: person.ticket.clone(),
            name: person.name.clone(),
            totals: panel.judges.iter().map(total).collect(),
            wanted: panel.wanted(person.id),
            outcome: merged.as_ref().map(|merged| merged.outcome.to_string()).unwrap_or_default(),
            hindrance,
            spread: merged.as_ref().and_then(|merged| merged.mean.map(|_| rules::scoring::in_points(merged.spread))),
            is_wide: merged.as_ref().is_some_and(Merged::is_wide),
            failed: merged
                .iter()
                .flat_map(|merged| &merged.failed)
                .map(|at| panel.rubric.0[*at].title.clone())
                .collect(),
            reason: kept.map(|kept| kept.reason.clone()).unwrap_or_default(),
            merged: kept
                .map(|kept| format!("{}，{}登记，{}", kept.group_head, kept.merged_by, kept.merged_at))
                .unwrap_or_default(),
            is_outdated: merged.as_ref().is_some_and(|merged| {
                kept.is_some_and(|kept| (kept.mean, kept.spread) != (merged.mean, merged.spread))
            }),
        }
    };
    let (batch, today) = (&panel.batch, sight.today());
    let open = rules::scoring::open_to_score(batch.stage, panel.part, panel.exam_on(), today);
    Ok(PanelView {
        part: panel.part,
        part_name: panel.part.name().into(),
        on: panel.exam_on(),
        is_divided: panel.rubric.is_divided(),
        items: panel.items(),
        source: panel.source.clone(),
        assessors: panel.judges.iter().map(|judge| AssessorLine::of(judge, panel)).collect(),
        is_closed,
        not_open: open.err().as_ref().map(Into::into),
        persons: panel.persons.iter().map(person).collect(),
        missing: panel
            .judges
            .iter()
            .filter(|judge| judge.given == 0 && !judge.is_replaced)
            .map(|judge| judge.name.clone())
            .collect(),
        missing_reason: missing_said(&merges).to_owned(),
        spread_max: SPREAD_MAX,
    })
}
