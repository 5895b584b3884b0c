//! 期满后根据评估结果、院校意愿等决定是否予以延期（二（一）3): the body asks, the centre in charge evaluates, the provincial centre
//! decides. Nothing is extended by silence.

use jiff::civil::Date;
use rules::directory::{ChangeKind, Span};
use rules::jurisdiction::PROVINCE_CENTRE;
use rules::permission::{ActKind, LookKind};
use rules::standing::{renewal_ready, renewed_until};
use rules::term::Term;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RenewalState, announced_elsewhere, latest, renewal_facts, store, told};
use crate::account::{Done, Made};
use crate::directory::ledger::{self, News};
use crate::door::{Act, Desk, Look, Sight, Stop, Subject};
use crate::filing::{ReceiptView, receipt_centre, receipt_scope};

/// Asks that the validity be extended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApplyRenewal {
    pub body: i64,
    /// What the body says of its work in the period.
    #[schema(min_length = 1, max_length = 2000)]
    pub statement: String,
}

impl Act for ApplyRenewal {
    const KIND: ActKind = ActKind::ApplyRenewal;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let today = desk.today();
        let entry = latest(desk, self.body)?.ok_or(Stop::NotFound)?;
        if entry.announced {
            return Err(announced_elsewhere().into());
        }
        let facts = renewal_facts(desk, self.body, &entry)?.ok_or(Stop::NotFound)?;
        if let Some(refusal) = renewal_ready(&facts, today).into_iter().next() {
            return Err(refusal.into());
        }
        let running = store::renewals(&mut desk.tx(), self.body)?;
        if running.iter().any(|one| matches!(one.state, RenewalState::Applied | RenewalState::Evaluated)) {
            return Err(Refusal::new(Clause::S2_1_3C, "已有一份延期申请在办").remedy("请等待评估和决定").into());
        }
        let statement = told("statement", "备案期内的工作情况", &self.statement, Clause::S2_1_3C)?;
        let (id, by) = (desk.new_id(), desk.caller().name().to_owned());
        let new = store::NewRenewal {
            id,
            body: self.body,
            listing: entry.listing,
            until: facts.until,
            statement: &statement,
            batches: facts.batches,
            on: today,
            by: &by,
        };
        store::apply(&mut desk.tx(), &new)?;
        if let Some(centre) = desk.standing().centre.clone() {
            let title = format!("{}申请备案延期", desk.caller().seat_name());
            desk.tell_office(centre, title, format!("/bodies/{}/standing", self.body));
        }
        Ok(Made { id })
    }
}

/// The centre in charge evaluates the period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EvaluateRenewal {
    pub body: i64,
    pub renewal: i64,
    pub passed: bool,
    #[schema(min_length = 1, max_length = 2000)]
    pub opinion: String,
}

impl Act for EvaluateRenewal {
    const KIND: ActKind = ActKind::EvaluateRenewal;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let renewal = store::renewal(&mut desk.tx(), self.renewal, self.body)?.ok_or(Stop::NotFound)?;
        if renewal.state != RenewalState::Applied {
            return Err(Refusal::new(Clause::S2_1_3C, format!("这份延期申请{}", renewal.state_name))
                .remedy("不需要再作评估")
                .into());
        }
        let opinion = told("opinion", "评估意见", &self.opinion, Clause::S2_1_3C)?;
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        store::evaluate(&mut desk.tx(), self.renewal, self.passed, &opinion, today, &by)?;
        let title = format!("{}的延期已评估，请决定", renewal.body_name);
        desk.tell_office(PROVINCE_CENTRE, title, format!("/bodies/{}/standing", self.body));
        Ok(Done {})
    }
}

/// The provincial centre decides whether the validity is extended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DecideRenewal {
    pub body: i64,
    pub renewal: i64,
    pub approved: bool,
    /// Why; may be empty where it is approved as evaluated.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The new last day; without it three years on.
    pub valid_until: Option<Date>,
}

impl Act for DecideRenewal {
    const KIND: ActKind = ActKind::DecideRenewal;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let renewal = store::renewal(&mut desk.tx(), self.renewal, self.body)?.ok_or(Stop::NotFound)?;
        if renewal.state != RenewalState::Evaluated {
            let remedy = match renewal.state {
                RenewalState::Applied => "须先由主管中心评估",
                _ => "不需要再作决定",
            };
            return Err(Refusal::new(Clause::S2_1_3C, format!("这份延期申请{}", renewal.state_name))
                .remedy(remedy)
                .into());
        }
        // Against the evaluation, or against the body's wish, there is a reason.
        if !self.approved || renewal.passed == Some(false) {
            told("reason", "决定的理由", &self.reason, Clause::S2_1_3C)?;
        }
        let (today, by, reason) = (desk.today(), desk.caller().name().to_owned(), self.reason.trim());
        if !self.approved {
            store::settle(&mut desk.tx(), self.renewal, (RenewalState::Refused, None), reason, today, &by)?;
            desk.tell_body(self.body, "不予延期，理由见备案情形", "/standing");
            return Ok(Done {});
        }
        // Where it ran out while the decision was pending, the validity goes on without a gap.
        let entry = ledger::entries(&mut desk.tx(), self.body)?
            .into_iter()
            .find(|entry| entry.listing == renewal.listing)
            .filter(|entry| entry.term_on(today).is_some() || entry.until() == Some(renewal.until_before))
            .ok_or_else(|| {
                Refusal::new(Clause::S2_1_3C, "该机构已不在目录中").remedy("不能再延期，请作不予延期的决定")
            })?;
        let years = crate::term::on(&mut desk.tx(), today)?.get(Term::FilingYears) as i16;
        let until = renewed_until(renewal.until_before, self.valid_until, years)?;
        let from = renewal.until_before.tomorrow().map_err(Stop::fault)?;
        let what = format!("备案有效期由 {} 延至 {until}", renewal.until_before);
        let news = News { kind: ChangeKind::Renewed, effective_on: from, what, document: "", filing: None };
        let last = renewal.until_before;
        let kept: Vec<_> = entry
            .scopes
            .iter()
            .filter(|scope| scope.version.span.holds(last))
            .map(|scope| scope.version.fact.clone())
            .collect();
        let keeps = |fact: &ledger::ScopeFact| kept.iter().any(|one| one.key() == fact.key());
        let term = entry.terms.iter().map(|term| &term.version).rfind(|term| term.span.holds(last));
        let mut renewed: Vec<_> =
            kept.iter().map(|f| (f.code.clone(), f.name.clone(), f.work_type.clone(), f.level)).collect();
        renewed.sort_by(|a, b| (&a.0, &a.2, a.3).cmp(&(&b.0, &b.2, b.3)));
        // The receipt says what was decided, whatever becomes of the entry later.
        let receipt = ReceiptView {
            body_name: term.map_or_else(|| renewal.body_name.clone(), |term| term.fact.name.clone()),
            number: entry.number.clone(),
            valid_from: from,
            valid_until: until,
            scope: receipt_scope(renewed.into_iter()),
            centre_name: receipt_centre(desk)?,
            issued_on: today,
            renewed: true,
        };
        ledger::extend(desk, &entry, Span { from, until }, keeps, &news)?;
        store::settle(&mut desk.tx(), self.renewal, (RenewalState::Renewed, Some(until)), reason, today, &by)?;
        store::receipted(&mut desk.tx(), self.renewal, &receipt)?;
        desk.tell_body(self.body, format!("备案已延期，有效期至 {until}，请下载新的回执"), "/standing");
        Ok(Done {})
    }
}

/// What the receipt of this renewal says? Receipts of before stay as they were.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct RenewalReceipt {
    pub body: i64,
    pub renewal: i64,
}

impl Look for RenewalReceipt {
    const KIND: LookKind = LookKind::Filings;
    type View = ReceiptView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ReceiptView, Stop> {
        let renewal = store::renewal(&mut sight.tx(), self.renewal, self.body)?.ok_or(Stop::NotFound)?;
        let receipt = store::receipt(&mut sight.tx(), self.renewal)?;
        receipt.ok_or_else(|| {
            Refusal::new(Clause::S2_1_3B, format!("这份延期申请{}，没有回执", renewal.state_name))
                .remedy("省中心决定予以延期后，可以下载新的回执")
                .into()
        })
    }
}
