//! 成绩复核: a candidate asks, while the results are public, whether something was missed, added up or written down wrongly.
//! It holds nobody and judges nothing anew: that is what an objection is for.

use jiff::civil::Date;
use rules::Refusal;
use rules::marking::{MarkReviewScope, MarkReviewState, may_ask_review, review_due};
use rules::permission::ActKind;
use rules::publicity::{read_receipt, receipt_number};
use rules::result::{Part, has_part};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{page, person, store};
use crate::door::store::take_numbers;
use crate::door::{Act, Desk, Office, Stop, Subject};
use crate::marks;
use crate::publicity::Contact;
use crate::query::{plain_name, plain_number};

/// An identity number by which somebody shows who they are; never written out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 40)]
pub struct IdEntry(String);

impl IdEntry {
    /// Takes a number in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Where no number is given.
    pub fn empty() -> Self {
        Self(String::new())
    }

    /// As it was given.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl Serialize for IdEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// Asks for a review of one's own mark; the receipt says where it stands. A clerk may ask on a candidate's behalf.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AskMarkReview {
    /// Of the public page.
    pub token: String,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub id_number: IdEntry,
    pub part: Part,
    pub scope: MarkReviewScope,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
    pub contact: Contact,
}

/// A review that was asked for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarkReviewAsked {
    /// `FH20261207-0001-K7MQ3FX9`.
    pub receipt: String,
    pub asked_on: Date,
    /// The last day on which it is answered.
    pub due_on: Date,
}

impl Act for AskMarkReview {
    const KIND: ActKind = ActKind::AskMarkReview;
    type Answer = MarkReviewAsked;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn unspoken(&self) -> String {
        format!("{}\n{}", self.id_number.text(), self.contact.text())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarkReviewAsked, Stop> {
        let Some(batch) = marks::batch_by_token(&mut desk.tx(), &self.token)? else {
            return Err(crate::publicity::replaced(desk, &self.token)?);
        };
        let today = desk.today();
        may_ask_review(batch.window.as_ref(), today, 0)?;
        let (reason, contact) = rules::publicity::objection(&self.reason, self.contact.text())?;
        has_part(batch.level, self.part)?;
        let key = desk.seals().find_key(&plain_number(self.id_number.text(), today));
        let name = plain_name(&self.name);
        let persons = marks::persons(&mut desk.tx(), batch.id)?;
        let own = persons.iter().find(|person| person.id_key == key && plain_name(&person.name) == name);
        let own = own.ok_or_else(|| {
            Refusal::house("成绩复核", "名单中没有姓名和证件号码都相符的考生")
                .remedy("请按报名时的姓名和证件号码填写；只能申请复核本人的成绩")
                .at("id_number")
        })?;
        if own.mark(self.part).is_none() {
            return Err(Refusal::house("成绩复核", format!("您没有{}的成绩", self.part.name()))
                .remedy("请选择有成绩的科目")
                .at("part")
                .into());
        }
        let open = store::open_reviews_of(&mut desk.tx(), own.id, self.part)?;
        may_ask_review(batch.window.as_ref(), today, open)?;
        let terms = crate::term::on(&mut desk.tx(), today)?;
        let due_on = review_due(today, &desk.reference().calendar, &terms)?;
        let n = take_numbers(&mut desk.tx(), &format!("mark-review-{today}"), 1)?;
        let receipt = receipt_number(today, n, rand::random()).replacen("YY", "FH", 1);
        let contact_sealed = desk.seals().seal(&contact);
        let new = store::NewReview {
            id: desk.new_id(),
            receipt: &receipt,
            batch: batch.id,
            candidate: own.id,
            part: self.part,
            scope: self.scope,
            reason: &reason,
            contact_sealed: &contact_sealed,
            on: today,
            due_on,
        };
        store::ask(&mut desk.tx(), &new)?;
        let title = format!("“{}”收到成绩复核申请 {receipt}，请在 {due_on}（含当日）前答复", batch.title);
        desk.remind_body(batch.body, (rules::Clause::S1_5_1, due_on), title, page(batch.id));
        Ok(MarkReviewAsked { receipt, asked_on: today, due_on })
    }
}

/// Answers a review where the mark stands. Where it does not, a change that names the review is proposed and agreed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerMarkReview {
    pub batch: i64,
    pub mark_review: i64,
    /// What was looked at; the candidate reads it.
    #[schema(min_length = 1, max_length = 2000)]
    pub answer: String,
}

/// A review that was answered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarkReviewAnswered {
    pub state: MarkReviewState,
}

impl Act for AnswerMarkReview {
    const KIND: ActKind = ActKind::AnswerMarkReview;
    type Answer = MarkReviewAnswered;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarkReviewAnswered, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let review = store::review(&mut desk.tx(), self.batch, self.mark_review)?.ok_or(Stop::NotFound)?;
        let person = person(desk, &batch, review.candidate)?;
        let mark = person.mark(review.part).ok_or_else(|| Stop::fault("a review of a mark that is not there"))?;
        let (by, today, answer) = (marks::hand(desk), desk.today(), self.answer.trim());
        let state = review.state.leave(&mark.entered, &by, answer)?;
        if store::open_changes_of(&mut desk.tx(), person.id, review.part)? > 0 {
            return Err(Refusal::house("成绩复核", "这一科成绩已有一项更改待同意")
                .remedy("请先答复或撤回那一项更改")
                .into());
        }
        store::end_review(&mut desk.tx(), review.id, state, (today, &by.name), answer)?;
        Ok(MarkReviewAnswered { state })
    }
}

/// Where a review stands, for whoever holds its receipt; nothing of it names a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkReviewStanding {
    pub receipt: String,
    pub body: String,
    pub title: String,
    pub part: String,
    pub scope: String,
    pub asked_on: Date,
    pub due_on: Date,
    pub state: String,
    pub state_name: String,
    pub answered_on: Option<Date>,
    pub answer: Option<String>,
}

/// Where does the review with this receipt stand?
#[derive(Debug, Deserialize, ToSchema)]
pub struct MarkReviewReceipt {
    pub review_receipt: String,
}

/// Where the review with a receipt stands.
///
/// # Errors
/// *Not found* when there is no such receipt.
pub fn receipt(office: &Office, asked: MarkReviewReceipt) -> Result<MarkReviewStanding, Stop> {
    office
        .public(|sight| store::by_receipt(&mut sight.tx(), &read_receipt(&asked.review_receipt))?.ok_or(Stop::NotFound))
}
