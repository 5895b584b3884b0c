//! What a holder may ask for without an account: a correction, or new paper. Name, identity number and certificate number
//! have to belong together; the receipt says where the request stands, and nothing of it names a person.

use jiff::civil::Date;
use rules::certificate::change::{
    CertificateChangeKind, CertificateRequestState, REQUEST, may_ask, read_request, request_due,
};
use rules::permission::ActKind;
use rules::publicity::{read_receipt, receipt_number};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Done, page, store};
use crate::amendment::IdEntry;
use crate::door::store::take_numbers;
use crate::door::{Act, Desk, Office, Stop, Subject};
use crate::publicity::Contact;
use crate::query::{Question, plain_name, plain_number};

/// Asks for a correction of one's own certificate, or for new paper.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AskCertificateChange {
    /// As the certificate has it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// As the certificate has it.
    pub id_number: IdEntry,
    /// Of the certificate.
    #[schema(min_length = 1, max_length = 40)]
    pub number: String,
    pub kind: CertificateChangeKind,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
    pub contact: Contact,
}

/// A request that was received.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CertificateAsked {
    /// `BZ20261207-0001-K7MQ3FX9`.
    pub receipt: String,
    pub asked_on: Date,
    /// The last day on which it is answered.
    pub due_on: Date,
}

impl Act for AskCertificateChange {
    const KIND: ActKind = ActKind::AskCertificateChange;
    type Answer = CertificateAsked;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn unspoken(&self) -> String {
        format!("{}\n{}", self.id_number.text(), self.contact.text())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<CertificateAsked, Stop> {
        let today = desk.today();
        let (reason, contact) = read_request(&self.reason, self.contact.text())?;
        let question = Question { name: self.name.clone(), number: self.number.clone() };
        let number = question.certificate_number();
        let key = desk.seals().find_key(&plain_number(self.id_number.text(), today));
        let found = match number {
            Some(number) => crate::certificate::subject_by_number(&mut desk.tx(), &number)?,
            None => None,
        };
        let name = plain_name(&self.name);
        // Which of the three does not fit is not said.
        let held = found.filter(|held| held.id_key == key && plain_name(&held.name) == name).ok_or_else(|| {
            Refusal::new(REQUEST, "没有姓名、证件号码和证书编号都相符的证书")
                .remedy("请对照证书逐项填写，按证书上现在的内容填；只能申请本人的证书")
                .at("number")
        })?;
        let open = store::open_requests_of(&mut desk.tx(), held.id)?;
        may_ask(self.kind, held.state, open)?;
        let terms = crate::term::on(&mut desk.tx(), today)?;
        let due_on = request_due(today, &desk.reference().calendar, &terms)?;
        let n = take_numbers(&mut desk.tx(), &format!("certificate-request-{today}"), 1)?;
        let receipt = receipt_number(today, n, rand::random()).replacen("YY", "BZ", 1);
        let contact_sealed = desk.seals().seal(&contact);
        let new = store::NewRequest {
            id: desk.new_id(),
            receipt: &receipt,
            certificate: held.id,
            kind: self.kind,
            reason: &reason,
            contact_sealed: &contact_sealed,
            on: today,
            due_on,
        };
        store::ask(&mut desk.tx(), &new)?;
        let said = format!(
            "持证人申请{}证书 {}，回执 {receipt}，请在 {due_on}（含当日）前答复",
            self.kind.name(),
            held.number
        );
        desk.remind_body(held.body, (Clause::S3_3_6, due_on), said, page(held.id));
        Ok(CertificateAsked { receipt, asked_on: today, due_on })
    }
}

/// Answers a holder's request that is not to be carried out; what is, is proposed as a change that names the request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeclineCertificateRequest {
    pub certificate: i64,
    pub certificate_request: i64,
    /// Why not; the holder reads it.
    #[schema(min_length = 5, max_length = 500)]
    pub answer: String,
}

impl Act for DeclineCertificateRequest {
    const KIND: ActKind = ActKind::DeclineCertificateRequest;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let request = store::request(&mut desk.tx(), self.certificate, self.certificate_request)?;
        let request = request.ok_or(Stop::NotFound)?;
        request.state.is_open()?;
        if store::waits_for(&mut desk.tx(), request.id)? {
            return Err(Refusal::new(Clause::S3_3_6, "这件申请已提出办理，待机构负责人同意")
                .remedy("请先答复或撤回那一项变更")
                .into());
        }
        let answer = self.answer.trim();
        if !(5..=500).contains(&answer.chars().count()) {
            return Err(Refusal::new(Clause::S3_3_6, "没有写明不予办理的理由，或超过 500 字")
                .remedy("请用 5 至 500 字写明理由，持证人凭回执号会看到")
                .at("answer")
                .into());
        }
        let (today, by) = (desk.today(), desk.caller().name());
        store::end_request(&mut desk.tx(), request.id, CertificateRequestState::Declined, (today, by), answer)?;
        Ok(Done {})
    }
}

/// Where a request stands, for whoever holds its receipt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateRequestStanding {
    pub receipt: String,
    pub body: String,
    pub kind_name: String,
    pub asked_on: Date,
    pub due_on: Date,
    pub state: CertificateRequestState,
    pub state_name: String,
    pub answered_on: Option<Date>,
    pub answer: Option<String>,
}

/// Where does the request with this receipt stand?
#[derive(Debug, Deserialize, ToSchema)]
pub struct CertificateRequestReceipt {
    pub request_receipt: String,
}

/// Where the request with a receipt stands.
///
/// # Errors
/// *Not found* when there is no such receipt.
pub fn receipt(office: &Office, asked: CertificateRequestReceipt) -> Result<CertificateRequestStanding, Stop> {
    office.public(|sight| {
        store::by_receipt(&mut sight.tx(), &read_receipt(&asked.request_receipt))?.ok_or(Stop::NotFound)
    })
}
