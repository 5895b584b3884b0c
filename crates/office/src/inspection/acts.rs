//! An inspection is recorded; what it ordered is answered by the body, looked at again by the office, and reminded of by the
//! timer.

use jiff::civil::Date;
use rules::inspection::{self, FILES_MAX, Found, InspectionKind, Recording, RectificationWarning};
use rules::permission::ActKind;
use rules::term::Term;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{rectification_page, store};
use crate::account::{Done, Made};
use crate::door::store::note_file;
use crate::door::{Act, Caller, Desk, KeptFile, Office, Sight, Stop, Subject};
use crate::regulation::NamedFile;
use crate::roster::bring;

/// What was found wrong.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct InspectionFinding {
    /// The code of the item that it is about; one of those checked.
    #[schema(max_length = 40)]
    pub item: String,
    /// The clause, by its id; without it that of the item.
    #[serde(default)]
    #[schema(max_length = 10)]
    pub clause: Option<String>,
    /// What is wrong.
    #[schema(min_length = 1, max_length = 2000)]
    pub what: String,
    /// What has to be done about it; blank where nothing is ordered.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub order: String,
    /// What shows that it was done; where it is said, an answer needs a file.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub proof: String,
    /// The last day of the order, a working day; without it counted from today.
    #[serde(default)]
    pub due_on: Option<Date>,
    /// What shows the finding.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub files: Vec<NamedFile>,
}

/// Records an inspection with what it found. Its result is public from then on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordInspection {
    pub body: i64,
    pub kind: InspectionKind,
    /// The day of the inspection, today or before.
    pub held_on: Date,
    /// Who inspected, by name; two at least.
    #[schema(max_items = 20)]
    pub inspectors: Vec<String>,
    /// The batch that it is about, if it is about one.
    #[serde(default)]
    pub batch: Option<i64>,
    /// Codes of the items that were checked.
    #[schema(max_items = 200)]
    pub checked: Vec<String>,
    #[serde(default)]
    #[schema(max_items = 30)]
    pub findings: Vec<InspectionFinding>,
    /// What else the body should know; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
    /// The files of each finding.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kept: Vec<Vec<(KeptFile, String)>>,
}

/// Reads what was kept before, so that the table of files can note it.
pub(crate) fn brought(sight: &Sight<'_>, files: &[NamedFile]) -> Result<Vec<(KeptFile, String)>, Stop> {
    let kept = files.iter().take(FILES_MAX + 1).map(|NamedFile { file, name }| {
        let bytes = bring(sight, file)?;
        let name = crate::web::forms::plain_name(name);
        Ok((KeptFile::of(file, &bytes)?, if name.is_empty() { "附件".into() } else { name }))
    });
    kept.collect()
}

fn keep_files(desk: &mut Desk<'_>, at: (i64, i64), files: &[(KeptFile, String)]) -> Result<(), Stop> {
    let now = desk.now();
    for (file, name) in files {
        let id = desk.new_id();
        note_file(&mut desk.tx(), file, now)?;
        store::add_file(&mut desk.tx(), id, at, (file, name))?;
    }
    Ok(())
}

/// Who acts, as the body reads it.
fn by(desk: &Desk<'_>) -> String {
    format!("{}，{}", desk.caller().seat_name(), desk.caller().name())
}

impl Act for RecordInspection {
    const KIND: ActKind = ActKind::RecordInspection;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept = self.findings.iter().map(|one| brought(sight, &one.files)).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (today, reference) = (desk.today(), desk.reference());
        let items = &reference.inspection_items;
        let inspectors: Vec<_> =
            self.inspectors.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
        let checked: Vec<_> = self.checked.iter().map(String::as_str).collect();
        let findings: Vec<_> = self.findings.iter().map(found).collect();
        let told = Recording {
            held_on: self.held_on,
            inspectors: &inspectors,
            was_listed: store::was_listed(&mut desk.tx(), self.body)?,
            checked: &checked,
            findings: &findings,
        };
        let terms = crate::term::on(&mut desk.tx(), today)?;
        let due = inspection::may_record(&told, items, &terms, &reference.calendar, today)?;
        if let Some(batch) = self.batch
            && !store::has_batch(&mut desk.tx(), self.body, batch)?
        {
            return Err(refuse("所选的批次不是该机构的", "请选择该机构的批次，或不选").at("batch").into());
        }
        if self.note.chars().count() > inspection::TEXT_MAX {
            return Err(Refusal::house("填写", "其他说明过长").remedy("请精简").at("note").into());
        }
        let (id, by) = (desk.new_id(), desk.caller().name().to_owned());
        let office = desk.caller().office().ok_or(Stop::NotFound)?.to_owned();
        let office_name = desk.caller().seat_name().to_owned();
        let new = store::New {
            id,
            body: self.body,
            kind: self.kind,
            held_on: self.held_on,
            batch: self.batch,
            note: self.note.trim(),
            office: &office,
            office_name: &office_name,
            on: today,
            by: &by,
        };
        // In the order of the list, each once.
        let of_list: Vec<_> = items.all().iter().filter(|item| checked.contains(&item.code.as_str())).collect();
        store::add(&mut desk.tx(), &new, &inspectors, &of_list)?;
        for (at, (one, due_on)) in self.findings.iter().zip(&due).enumerate() {
            let item = items.get(&one.item).ok_or_else(|| Stop::fault("an item that was checked is gone"))?;
            let clause = match one.clause.as_deref().filter(|id| !id.is_empty()) {
                None => item.clause,
                Some(id) => Clause::from_id(id)
                    .ok_or_else(|| refuse(format!("没有条款“{id}”"), "请填写条款编号，例如 1.2.3").at("findings"))?,
            };
            let finding = desk.new_id();
            let (what, ordered, proof) = (one.what.trim(), one.order.trim(), one.proof.trim());
            let no = at as i64 + 1;
            let new = store::NewFinding { id: finding, inspection: id, no, item, clause, what, ordered, proof };
            store::add_finding(&mut desk.tx(), &new)?;
            if let Some(due_on) = due_on {
                store::add_turn(&mut desk.tx(), finding, 1, *due_on)?;
            }
            keep_files(desk, (finding, 0), self.kept.get(at).map_or(&[], Vec::as_slice))?;
        }
        let link = format!("/bodies/{}/inspections/{id}", self.body);
        match due.iter().flatten().min() {
            Some(first) => {
                let said = format!("{office_name}的检查要求整改，最早一项在期限内答复");
                desk.remind_body(self.body, (Clause::S2_2_2B, *first), said, &*link);
            }
            None => desk.tell_body(self.body, format!("{office_name}登记了一次{}", self.kind.name()), &*link),
        }
        // A bureau inspects beside the centre in charge.
        if let Some(centre) = desk.standing().centre.clone().filter(|centre| *centre != office) {
            desk.tell_office(centre, format!("{office_name}登记了一次{}", self.kind.name()), link);
        }
        Ok(Made { id })
    }
}

fn found(one: &InspectionFinding) -> Found<'_> {
    Found {
        item: &one.item,
        what: &one.what,
        order: &one.order,
        proof: &one.proof,
        due_on: one.due_on,
        files: one.files.len(),
    }
}

fn refuse(what: impl Into<String>, remedy: &str) -> Refusal {
    Refusal::new(Clause::S2_2_2B, what).remedy(remedy)
}

/// The finding with the turn that runs; *not found* where nothing was ordered.
fn running(
    sight: &mut Sight<'_>,
    finding: i64,
    body: i64,
) -> Result<(store::StoredFinding, i64, inspection::Turn), Stop> {
    let found = store::finding(&mut sight.tx(), finding, body)?.ok_or(Stop::NotFound)?;
    let (no, turn) = found.last.ok_or(Stop::NotFound)?;
    Ok((found, no, turn))
}

/// The body says what it has done. After the last day it still may; the answer is marked late.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerRectification {
    pub body: i64,
    pub finding: i64,
    /// What was done, and what came of it.
    #[schema(min_length = 1, max_length = 2000)]
    pub answer: String,
    /// What shows it.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub files: Vec<NamedFile>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kept: Vec<(KeptFile, String)>,
}

impl Act for AnswerRectification {
    const KIND: ActKind = ActKind::AnswerRectification;
    const PREPARES: bool = true;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept = brought(sight, &self.files)?;
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (found, no, turn) = running(desk, self.finding, self.body)?;
        turn.may_answer(&self.answer, self.files.len(), &found.proof)?;
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        store::answer(&mut desk.tx(), (found.id, no), today, &by, self.answer.trim())?;
        keep_files(desk, (found.id, no), &self.kept)?;
        let late = if turn.is_late(today) { "（逾期后）" } else { "" };
        let said = format!("{}答复了整改{late}，请复查", desk.caller().seat_name());
        let office = match found.rechecked_by(Some(&found.office)) {
            true => found.office.clone(),
            false => found.centre.clone(),
        };
        desk.tell_office(office, said, rectification_page(self.body, found.id));
        Ok(Done {})
    }
}

/// The office that ordered looks again: mended, or not, with the reason and another last day.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CheckRectification {
    pub body: i64,
    pub finding: i64,
    pub accepted: bool,
    /// What is still wanting; may be empty where it is accepted.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The last day of the next turn; without it counted from today. Only where it is not accepted.
    #[serde(default)]
    pub due_on: Option<Date>,
}

impl Act for CheckRectification {
    const KIND: ActKind = ActKind::CheckRectification;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (found, no, turn) = running(desk, self.finding, self.body)?;
        if !found.rechecked_by(desk.caller().office()) {
            return Err(inspection::not_rechecking(&found.office_name).into());
        }
        let (today, reference, reason) = (desk.today(), desk.reference(), self.reason.trim());
        let within = crate::term::on(&mut desk.tx(), today)?.count(Term::RectifyWithin);
        let next = turn.check(self.accepted, reason, self.due_on, within, &reference.calendar, today)?;
        let by = by(desk);
        store::check(&mut desk.tx(), (found.id, no), (today, &by), self.accepted, reason)?;
        let link = rectification_page(self.body, found.id);
        match next {
            None => desk.tell_body(self.body, "一项整改已通过复查", link),
            Some(due_on) => {
                store::add_turn(&mut desk.tx(), found.id, no + 1, due_on)?;
                desk.remind_body(self.body, (Clause::S2_2_2B, due_on), "一项整改复查未通过，请继续整改", link);
            }
        }
        Ok(Done {})
    }
}

/// Reminds a body of a rectification, once before its last day and once after; then the office learns of it too.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RemindRectification {
    pub body: i64,
    pub finding: i64,
}

impl Act for RemindRectification {
    const KIND: ActKind = ActKind::RemindRectification;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let today = desk.today();
        let (found, no, turn) = running(desk, self.finding, self.body)?;
        let terms = crate::term::on(&mut desk.tx(), today)?;
        let warning = RectificationWarning::of(&turn, today, &terms)
            .ok_or_else(|| refuse("这项整改今天不需要提醒", "临近期限或逾期时由系统提醒"))?;
        store::remind(&mut desk.tx(), (found.id, no), warning.code(), today)?;
        let (due, link) = ((Clause::S2_2_2B, turn.due_on), rectification_page(self.body, found.id));
        match warning {
            RectificationWarning::Soon => desk.remind_body(self.body, due, "一项整改即将到期，请答复", link),
            RectificationWarning::Overdue => {
                desk.remind_body(self.body, due, "一项整改已逾期，逾期期间不予延期备案", &*link);
                for office in told(&found) {
                    desk.remind_office(office, due, format!("{}有一项整改逾期", found.body_name), &*link);
                }
            }
        }
        Ok(Done {})
    }
}

/// The offices that learn of what is overdue: who ordered it, and who is in charge.
fn told(found: &store::StoredFinding) -> Vec<String> {
    let mut offices = vec![found.office.clone(), found.centre.clone()];
    offices.extend(found.bureau.clone());
    offices.sort_unstable();
    offices.dedup();
    offices
}

/// Reminds of what is near its last day or over it; how many acts that were.
///
/// # Errors
/// A fault of reading; an act that fails keeps no other up.
pub(crate) fn fall_due(office: &Office) -> Result<usize, Stop> {
    let (today, timer) = (office.today(), Caller::timer());
    let everywhere = crate::door::Scope::default();
    let (unsettled, reminded, terms) = office.engine().read(|tx| {
        Ok::<_, Stop>((store::unsettled(tx, &everywhere)?, store::reminded(tx)?, crate::term::on(tx, today)?))
    })?;
    let mut done = 0;
    for found in unsettled {
        let Some((no, turn)) = found.last else { continue };
        let Some(warning) = RectificationWarning::of(&turn, today, &terms) else { continue };
        if reminded.contains(&(found.id, no, warning.code().to_owned())) {
            continue;
        }
        match office.act(&timer, RemindRectification { body: found.body, finding: found.id }) {
            Ok(_) => done += 1,
            Err(stop) => tracing::error!(finding = found.id, %stop, "reminding of a rectification"),
        }
    }
    Ok(done)
}
