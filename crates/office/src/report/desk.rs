//! 二（二）4: the desk of a centre's reviewer, who has some hundred persons at a sitting: everyone of a report in one list,
//! those to look at first first, each with what speaks for a closer look, and everything that was said on them.

use proof::log::LeafKind;
use std::collections::BTreeMap;

use jiff::ToSpan as _;
use rules::batch::{BatchStep, next};
use rules::eligibility::{CONDITIONS, Need};
use rules::identity::age_on;
use rules::permission::{ActKind, LookKind};
use rules::report::{Apart, Known, ReviewWord, known_findings, may_review, sitting_findings};
use rules::result::{Outcome, Part, Verdict, parts_for};
use rules::terms::{ELSEWHERE_DAYS, REGISTRATION_BEFORE};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{self, Report};
use super::{ReportBrief, ReportedPerson, reported};
use crate::db::{DbError, Tx};
use crate::door::clock::day_of;
use crate::door::store::{from_text, to_text};
use crate::door::{Act, Desk, Look, Sight, Stop, Subject, digest};
use crate::marks::{self, Batch, BatchHead, PartDay, Person};

/// What is reported of a person; changed behind the report, it is seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ReportedLine {
    ticket: String,
    name: String,
    /// The keyed hash of the identity number.
    id_key: String,
    no: Option<i64>,
    marks: Vec<(Part, Outcome)>,
    verdict: String,
}

impl ReportedLine {
    fn of(person: &Person, batch: &Batch) -> Self {
        Self {
            ticket: person.ticket.clone(),
            name: person.name.clone(),
            id_key: person.id_key.clone(),
            no: person.publicity_no,
            marks: person.outcomes(),
            verdict: person.verdict(batch).code().to_owned(),
        }
    }

    /// What a reviewer compares: name, marks and result; that the identity number is another one is said and not shown.
    fn said(&self, other: &Self) -> String {
        let marks = self.marks.iter().map(|(part, outcome)| format!("{} {outcome}", part.name()));
        let mut said: Vec<String> = marks.collect();
        if self.name != other.name {
            said.insert(0, self.name.clone());
        }
        if self.ticket != other.ticket {
            said.push(format!("准考证号 {}", self.ticket));
        }
        if self.id_key != other.id_key {
            said.push("证件号码不同".into());
        }
        said.join("，")
    }
}

/// What a report holds of each person, as it is kept.
pub(super) fn lines<'p>(
    batch: &Batch,
    persons: impl Iterator<Item = &'p Person>,
) -> Result<BTreeMap<i64, String>, Stop> {
    persons.map(|person| Ok((person.id, to_text(&ReportedLine::of(person, batch))?))).collect()
}

/// SHA-256 over the batch's number and the lines in the order of the persons' ids, one a line.
pub(super) fn package_digest(number: &str, lines: &BTreeMap<i64, String>) -> String {
    let mut text = number.to_owned();
    for (id, line) in lines {
        text.push_str(&format!("\n{id} {line}"));
    }
    digest(text.as_bytes())
}

/// The digest of a report's package, over its lines as the record has them now; `None` for reports of before there was one.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn digest_again(tx: &mut Tx<'_>, report: i64) -> Result<Option<String>, DbError> {
    let Some(number) = store::batch_number(tx, report)? else { return Ok(None) };
    let lines = store::persons(tx, report)?.into_iter().map(|(id, held)| Some((id, held.line?)));
    Ok(lines.collect::<Option<_>>().map(|lines| package_digest(&number, &lines)))
}

/// One word of the centre on a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WordLine {
    /// The number of the report in which it was said.
    pub report: i64,
    pub word: ReviewWord,
    pub word_name: String,
    pub reason: Option<String>,
    pub by: String,
    /// As people read it.
    pub at: String,
}

/// A person on the desk.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeskLine {
    /// With everything that speaks for a closer look, out of the marks and beside them.
    pub person: ReportedPerson,
    pub class: String,
    pub major: String,
    /// The code of the line of the conditions, and its words.
    pub condition: String,
    pub condition_text: String,
    /// The number of the last word in this report; 0 where none was said.
    pub seen: i64,
    /// Whether the last word holds the person.
    pub is_held: bool,
    /// Everything that was said on the person in all reports of the batch, the first first.
    pub words: Vec<WordLine>,
    /// In which samples of the report the person is.
    pub samples: Vec<i64>,
    /// Who has looked at the person's file, and when last.
    pub looked: Vec<String>,
}

impl DeskLine {
    /// Where the person stands: `approved`, `returned`, `held`, `undecided`, or `none` where there is nothing to decide.
    pub fn state(&self) -> &str {
        match &self.person.review {
            Some(review) => review,
            None if self.is_held => "held",
            None if self.person.awaits => "undecided",
            None => "none",
        }
    }

    /// The state as people read it.
    pub fn state_name(&self) -> &'static str {
        match self.state() {
            "approved" => "审核通过",
            "returned" => "退回",
            "held" => "暂留待查",
            "undecided" => "待审核",
            _ => "不发证",
        }
    }
}

/// A random sample of a report, to look closer at; whoever has the draw can draw again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SampleLine {
    pub no: i64,
    /// How many persons it holds, out of how many.
    pub take: usize,
    pub of: usize,
    pub seed: String,
    pub at: String,
    pub by: String,
    /// How many of them somebody has looked at.
    pub looked: usize,
}

/// A report as it lies on the reviewer's desk.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeskView {
    pub batch: BatchHead,
    pub parts: Vec<PartDay>,
    pub report: ReportBrief,
    /// SHA-256 over what was reported; none in reports of before.
    pub digest: Option<String>,
    /// Whether what is kept of the report still has that digest.
    pub intact: bool,
    pub reviewable: bool,
    /// Whether the caller sits in the centre in charge.
    pub in_charge: bool,
    pub hindrance: Option<rules::refusal::RefusalView>,
    /// What speaks against those who examined the batch; it concerns everyone in it.
    pub examiner_doubts: Vec<String>,
    /// What speaks against its publicity; it concerns everyone in it as well.
    pub publicity_doubts: Vec<String>,
    pub lines: Vec<DeskLine>,
    pub samples: Vec<SampleLine>,
    pub undecided: usize,
    pub for_review: usize,
}

/// What lies on the desk of a reviewer?
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReviewDesk {
    pub batch: i64,
    /// The number of the report within the batch.
    pub no: i64,
}

impl Look for ReviewDesk {
    const KIND: LookKind = LookKind::Batches;
    type View = DeskView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<DeskView, Stop> {
        // It names other bodies' batches: the body whose report it is has its own page.
        if sight.caller().role().sits_in_body() {
            return Err(Stop::NotGranted);
        }
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let reports = store::reports(&mut sight.tx(), self.batch)?;
        let report = reports.into_iter().find(|report| report.no == self.no).ok_or(Stop::NotFound)?;
        let hindrance = may_review(report.due_on, report.reported_on, report.decision.as_ref())
            .and_then(|()| next(batch.stage, BatchStep::Review))
            .err();
        let kept: BTreeMap<i64, Option<String>> =
            store::persons(&mut sight.tx(), report.id)?.into_iter().map(|(id, held)| (id, held.line)).collect();
        let intact = match &report.digest {
            Some(digest) => {
                let lines = kept.iter().filter_map(|(id, line)| Some((*id, line.clone()?))).collect();
                package_digest(&batch.number, &lines) == *digest
            }
            None => true,
        };
        let (lines, samples) = lines_on_desk(sight, &batch, &report, &kept)?;
        Ok(DeskView {
            parts: parts_for(batch.level)
                .iter()
                .map(|&part| PartDay { part, name: part.name().into(), on: batch.exam_on(part), open: false })
                .collect(),
            digest: report.digest.clone(),
            intact,
            reviewable: hindrance.is_none(),
            in_charge: sight.caller().office() == Some(batch.centre.as_str()),
            hindrance: hindrance.as_ref().map(Into::into),
            examiner_doubts: crate::assignment::doubts(sight, self.batch)?,
            publicity_doubts: publicity_doubts(sight, &batch)?,
            undecided: lines.iter().filter(|line| line.person.awaits).count(),
            for_review: lines.iter().filter(|line| line.person.person.verdict == Verdict::Passed.code()).count(),
            lines,
            samples,
            report: report.into(),
            batch: BatchHead::from(&batch),
        })
    }
}

/// That nobody has said where the list hung, and how often publicity was broken.
fn publicity_doubts(sight: &mut Sight<'_>, batch: &Batch) -> Result<Vec<String>, Stop> {
    let mut doubts = Vec::new();
    if super::hanging(sight, batch.id)?.is_empty() {
        doubts.push("没有登记校内张贴，只有网页公示".to_owned());
    }
    let broken = crate::publicity::broken(sight, (batch.id, &batch.number))?;
    doubts.extend(broken.iter().map(|one| {
        format!(
            "{} 的公示于 {} 中断（{}），{} 重新公示",
            one.window.posted_on, one.broken_on, one.reason, one.restarted_on
        )
    }));
    Ok(doubts)
}

/// Everyone of a report, those with the most to look at first, and the samples.
fn lines_on_desk(
    sight: &mut Sight<'_>,
    batch: &Batch,
    report: &Report,
    kept: &BTreeMap<i64, Option<String>>,
) -> Result<(Vec<DeskLine>, Vec<SampleLine>), Stop> {
    let persons = marks::persons(&mut sight.tx(), batch.id)?;
    let last = store::last_words(&mut sight.tx(), report.id)?;
    let mut words = store::words(&mut sight.tx(), batch.id)?;
    let mut facts = store::facts(&mut sight.tx(), batch.id)?;
    let around = (
        batch.theory_on.saturating_sub(ELSEWHERE_DAYS.days()),
        batch.last_exam_on().saturating_add(ELSEWHERE_DAYS.days()),
    );
    let mut elsewhere = store::elsewhere(&mut sight.tx(), batch.id, around)?;
    let objected = store::objected(&mut sight.tx(), batch.id)?;
    let mut sat = store::sat(&mut sight.tx(), batch.id)?;
    let mut apart: BTreeMap<i64, Vec<Apart>> = BTreeMap::new();
    for spread in crate::scoring::spreads(&mut sight.tx(), batch.id)? {
        let one = Apart { part: spread.part, points: spread.points, reason: spread.reason };
        apart.entry(spread.candidate).or_default().push(one);
    }
    let looked = store::looked(&mut sight.tx(), report.id, &format!("{:?}", LookKind::Candidates))?;
    let samples = store::samples(&mut sight.tx(), report.id)?;
    let first_exam_on = batch.theory_on.min(batch.practical_on);
    let expected = sight.reference().calendar.add(first_exam_on, -REGISTRATION_BEFORE).ok();
    let by_id: BTreeMap<i64, &Person> = persons.iter().map(|person| (person.id, person)).collect();
    let mut lines = Vec::with_capacity(kept.len());
    for mut one in reported(&persons, report, batch, sight)? {
        let id = one.person.candidate;
        let (Some(person), Some(facts)) = (by_id.get(&id), facts.remove(&id)) else { continue };
        let condition = CONDITIONS.iter().find(|line| line.code == facts.condition);
        let is_declared = condition.is_some_and(|line| line.needs.iter().any(|need| matches!(need, Need::Declared(_))));
        let entered_on = day_of(facts.entered_at);
        let known = Known {
            altered: altered(kept.get(&id).and_then(Option::as_deref), person, batch)?,
            same_photo: facts.same_photo,
            elsewhere: elsewhere.remove(&id).unwrap_or_default(),
            entered: expected.map(|expected| (entered_on, expected)),
            declared: is_declared.then(|| facts.condition.clone()),
            dismissed_on: objected.get(&id).and_then(|objected| objected.dismissed_on),
            age: facts.born.map(|born| age_on(born, batch.last_exam_on())),
        };
        let mut beside = known_findings(&known);
        beside.extend(sitting_findings(
            &apart.remove(&id).unwrap_or_default(),
            &sat.remove(&id).unwrap_or_default(),
            &person.outcomes(),
            &batch.rules,
        ));
        one.hints.extend(beside.iter().map(|finding| finding.hint));
        one.findings.extend(beside);
        let last = last.get(&id);
        lines.push(DeskLine {
            class: facts.class,
            major: facts.major,
            condition_text: condition.map_or_else(String::new, |line| line.text.to_owned()),
            condition: facts.condition,
            seen: last.map_or(0, |last| last.said.no),
            is_held: one.is_current && one.review.is_none() && last.is_some_and(|l| l.said.word == ReviewWord::Hold),
            words: words.remove(&id).unwrap_or_default(),
            samples: samples.iter().filter(|sample| drawn(sample, &one)).map(|sample| sample.no).collect(),
            looked: looked.get(&id).cloned().unwrap_or_default(),
            person: one,
        });
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.person.findings.len()));
    let samples = samples.into_iter().map(|sample| SampleLine {
        no: sample.no,
        take: sample.draw.take,
        of: sample.draw.list.len(),
        seed: sample.draw.seed.clone(),
        looked: lines.iter().filter(|line| line.samples.contains(&sample.no) && !line.looked.is_empty()).count(),
        at: sample.at,
        by: sample.by,
    });
    let samples = samples.collect();
    Ok((lines, samples))
}

fn drawn(sample: &store::Sample, person: &ReportedPerson) -> bool {
    sample.draw.order.iter().take(sample.draw.take).any(|line| *line == person.person.ticket)
}

/// What was reported of a person and what stands now, where the two differ.
fn altered(kept: Option<&str>, person: &Person, batch: &Batch) -> Result<Option<(String, String)>, Stop> {
    let Some(kept) = kept else { return Ok(None) };
    let (then, now): (ReportedLine, _) = (from_text(kept)?, ReportedLine::of(person, batch));
    Ok((then != now).then(|| (then.said(&now), now.said(&then))))
}

/// What samples are drawn for, as the draw names it.
const PURPOSE: &str = "review";

/// Draws so many persons of a report by lot, out of those who are to receive a certificate, for a closer look.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DrawReviewSample {
    pub batch: i64,
    /// The number of the report within the batch.
    pub no: i64,
    #[schema(minimum = 1, maximum = 1_000)]
    pub take: i64,
}

/// A sample that was drawn.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SampleDrawn {
    /// Counted from 1 within the report.
    pub sample: i64,
    /// Everything that went into the draw and came out of it; `jiangce` and anyone else can draw again.
    #[schema(value_type = Object)]
    pub draw: proof::Draw,
}

impl Act for DrawReviewSample {
    const KIND: ActKind = ActKind::DrawReviewSample;
    type Answer = SampleDrawn;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<SampleDrawn, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let reports = store::reports(&mut desk.tx(), self.batch)?;
        let report = reports.into_iter().find(|report| report.no == self.no).ok_or(Stop::NotFound)?;
        let persons = marks::persons(&mut desk.tx(), self.batch)?;
        let tickets: Vec<String> = persons
            .iter()
            .filter(|person| person.report == Some(report.id) && person.verdict(&batch) == Verdict::Passed)
            .map(|person| person.ticket.clone())
            .collect();
        let take = usize::try_from(self.take).unwrap_or_default();
        if take == 0 || take > tickets.len() {
            let what = format!("这次上报拟发证 {} 人，不能抽取 {} 人", tickets.len(), self.take);
            return Err(Refusal::new(Clause::S2_2_4A, what)
                .remedy(format!("请填写 1 至 {} 之间的人数", tickets.len().max(1)))
                .at("take")
                .into());
        }
        let no = store::samples(&mut desk.tx(), report.id)?.len() as i64 + 1;
        let about = format!("{}，第{}次上报，第{no}次抽样", batch.number, report.no);
        let draw = proof::draw((PURPOSE, &about), &rand::random(), tickets, take).map_err(Stop::fault)?;
        let (at, by) = (desk.now(), desk.caller().name().to_owned());
        store::keep_sample(&mut desk.tx(), (report.id, no), &draw, (at, &by))?;
        desk.log_recorded(LeafKind::SampleDrawn, report.id, no)?;
        Ok(SampleDrawn { sample: no, draw })
    }
}
