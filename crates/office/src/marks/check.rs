//! Before marks are posted a second person checks them: looks them over, or types them again without seeing the first. And
//! what was passed in an earlier batch is kept for the make-up.

use std::collections::BTreeSet;

use rules::batch::open_to_change;
use rules::marking::{Compared, compare, kept_parts, kept_until, may_confirm, may_correct, second_person};
use rules::permission::ActKind;
use rules::result::{Outcome, Part, has_part};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Book, KeepablePart, MarkEntry, NewMark, Origin, hand, marked, seen, store};
use crate::door::{Act, Desk, Sight, Stop, Subject};

/// Confirms marks that somebody else has entered, after looking them over: everybody's, or those of some candidates.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConfirmMarks {
    pub batch: i64,
    /// Whose marks; empty for all that somebody else has entered.
    #[serde(default)]
    #[schema(max_items = 20_000)]
    pub candidates: Vec<i64>,
    /// The digest of what was seen (`seen` of the marks); left out it is not compared.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub seen: Option<String>,
}

/// What was confirmed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarksConfirmed {
    pub confirmed: usize,
    /// Left for somebody else: the caller entered them.
    pub own: usize,
    /// Left because the second entry says something else.
    pub differing: usize,
    /// Left because it does not go together with what was noted on the day, or something of the day is not settled.
    #[serde(default)]
    pub held: usize,
}

impl Act for ConfirmMarks {
    const KIND: ActKind = ActKind::ConfirmMarks;
    type Answer = MarksConfirmed;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarksConfirmed, Stop> {
        let batch = store::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_change(batch.stage)?;
        let persons = store::persons(&mut desk.tx(), self.batch)?;
        if let Some(shown) = &self.seen {
            let now: Vec<_> = persons.iter().map(|person| marked(person, &batch, desk)).collect::<Result<_, _>>()?;
            if *shown != seen(&now)? {
                return Err(Refusal::house("成绩核对", "打开页面以后成绩有变动").remedy("请重新核对后再确认").into());
            }
        }
        let chosen: BTreeSet<i64> = self.candidates.iter().copied().collect();
        if chosen.iter().any(|id| !persons.iter().any(|person| person.id == *id)) {
            return Err(Stop::NotFound);
        }
        let by = hand(desk);
        let noted = crate::conduct::noted(&mut desk.tx(), self.batch)?;
        let (mut marks, mut done) = (Vec::new(), MarksConfirmed { confirmed: 0, own: 0, differing: 0, held: 0 });
        let mut left: Option<Refusal> = None;
        for person in persons.iter().filter(|person| chosen.is_empty() || chosen.contains(&person.id)) {
            for mark in person.marks.iter().filter(|mark| !mark.is_checked()) {
                let may = second_person(&mark.entered, &by);
                let agrees = may_confirm(&person.name, mark.part, mark.differing());
                let holds = match mark.is_examined() {
                    true => noted.stands(&person.name, (person.id, mark.part), mark.outcome),
                    false => Ok(()),
                };
                match (may, agrees) {
                    _ if holds.is_err() => {
                        done.held += 1;
                        left = left.or(holds.err());
                    }
                    (Err(refusal), _) => {
                        done.own += 1;
                        left.get_or_insert(refusal);
                    }
                    (Ok(()), Err(refusal)) => {
                        done.differing += 1;
                        left.get_or_insert(refusal);
                    }
                    (Ok(()), Ok(())) => marks.push((person.id, mark.part)),
                }
            }
        }
        if let Some(refusal) = left.filter(|_| marks.is_empty() || !chosen.is_empty()) {
            return Err(refusal.into());
        }
        if marks.is_empty() {
            return Err(Refusal::house("成绩核对", "没有待核对的成绩").remedy("登记成绩之后，由另一个账号核对").into());
        }
        let now = desk.now();
        store::confirm(&mut desk.tx(), &marks, (now, &by.name))?;
        done.confirmed = marks.len();
        Ok(done)
    }
}

/// Enters marks a second time, without looking at the first entry: what agrees is confirmed, the rest is listed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterMarksAgain {
    pub batch: i64,
    #[schema(min_items = 1, max_items = 60_000)]
    pub entries: Vec<MarkEntry>,
}

/// What a second entry came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarksCompared {
    /// How many agree and are confirmed.
    pub confirmed: usize,
    pub differing: Vec<MarkDifference>,
}

/// A mark that was entered twice and differently.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarkDifference {
    pub candidate: i64,
    pub name: String,
    pub part: Part,
    pub first: String,
    pub second: String,
}

impl Act for EnterMarksAgain {
    const KIND: ActKind = ActKind::EnterMarksAgain;
    type Answer = MarksCompared;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarksCompared, Stop> {
        let batch = store::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_change(batch.stage)?;
        if self.entries.is_empty() {
            return Err(Refusal::house("成绩核对", "没有填写成绩").remedy("请对照原始试卷再登记一遍").into());
        }
        let by = hand(desk);
        let noted = crate::conduct::noted(&mut desk.tx(), self.batch)?;
        let persons = store::persons(&mut desk.tx(), self.batch)?;
        let persons: std::collections::HashMap<i64, &store::Person> = persons.iter().map(|p| (p.id, p)).collect();
        let (mut rows, mut done) = (Vec::new(), MarksCompared { confirmed: 0, differing: Vec::new() });
        for entry in &self.entries {
            let person = persons.get(&entry.candidate).ok_or(Stop::NotFound)?;
            let named = |refusal: Refusal| Refusal { what: format!("{}：{}", person.name, refusal.what), ..refusal };
            has_part(batch.level, entry.part).map_err(named)?;
            let outcome = Outcome::read(&entry.outcome).map_err(named)?;
            let mark = person.mark(entry.part).ok_or_else(|| {
                Refusal::house("成绩核对", format!("{}的{}还没有第一次登记", person.name, entry.part.name()))
                    .remedy("请先登记成绩；登记之后由另一个账号再登记一遍")
            })?;
            may_correct(&person.name, entry.part, mark.confirmed.as_ref().map(|confirmed| confirmed.by.as_str()))?;
            second_person(&mark.entered, &by).map_err(named)?;
            if mark.is_examined() {
                noted.fits(&person.name, (person.id, entry.part), outcome)?;
            }
            let is_same = compare(mark.outcome, outcome) == Compared::Same;
            if is_same && mark.is_examined() {
                noted.may_confirm(&person.name, (person.id, entry.part), outcome)?;
            }
            rows.push((person.id, entry.part, outcome, is_same));
            if is_same {
                done.confirmed += 1;
            } else {
                done.differing.push(MarkDifference {
                    candidate: person.id,
                    name: person.name.clone(),
                    part: entry.part,
                    first: mark.outcome.to_string(),
                    second: outcome.to_string(),
                });
            }
        }
        let now = desk.now();
        store::again(&mut desk.tx(), &rows, (now, &by))?;
        Ok(done)
    }
}

/// Keeps for a make-up what was passed in the attempt before: for everyone of the batch who may and has no mark there yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeepMarks {
    pub batch: i64,
}

/// What was kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarksKept {
    pub persons: usize,
    pub marks: usize,
}

impl Act for KeepMarks {
    const KIND: ActKind = ActKind::KeepMarks;
    type Answer = MarksKept;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarksKept, Stop> {
        let batch = store::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_change(batch.stage)?;
        let keepable = keepable(desk, &batch)?;
        if keepable.is_empty() {
            return Err(Refusal::new(Clause::S1_5_1, "本批次没有可以保留成绩的考生")
                .remedy("上一次同职业同等级的结果公示期满、只有部分科目不合格、在保留期内且没有补考过的，才能保留；其余考生各科都要考")
                .into());
        }
        let mut book = Book::open(desk, &batch)?;
        let persons: BTreeSet<i64> = keepable.iter().map(|(shown, _)| shown.candidate).collect();
        let marks = keepable.len();
        for (_, mark) in keepable {
            book.enter(mark)?;
        }
        book.close(desk, Origin { source: "kept", file: None })?;
        Ok(MarksKept { persons: persons.len(), marks })
    }
}

/// What may be kept in a batch, with the mark that it would be.
pub(super) fn keepable(sight: &mut Sight<'_>, batch: &store::Batch) -> Result<Vec<(KeepablePart, NewMark)>, Stop> {
    let earlier = store::earlier(&mut sight.tx(), batch.id)?;
    if earlier.is_empty() {
        return Ok(Vec::new());
    }
    let by = hand(sight);
    let mut found = Vec::new();
    for person in store::persons(&mut sight.tx(), batch.id)? {
        let Some(before) = earlier.get(&person.id) else { continue };
        let kept = kept_parts(&before.attempt, &batch.rules, batch.last_exam_on());
        for of in before.attempt.parts.iter().filter(|of| kept.contains(&of.part) && person.mark(of.part).is_none()) {
            let shown = KeepablePart {
                candidate: person.id,
                name: person.name.clone(),
                part: of.part,
                part_name: of.part.name().into(),
                outcome: of.outcome.to_string(),
                batch_number: before.number.clone(),
                reached_on: of.exam_on,
                good_until: kept_until(of.exam_on),
            };
            let mark = NewMark {
                confirmed: Some((by.name.clone(), "kept")),
                kept_from: Some(before.candidate),
                reached_on: Some(of.exam_on),
                ..NewMark::plain(person.id, of.part, of.outcome, None)
            };
            found.push((shown, mark));
        }
    }
    Ok(found)
}
