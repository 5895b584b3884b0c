//! 一（五）1, 二（二）3, 4: the candidate's own page. A candidate has no account: number, name and a one-time code open it for half
//! an hour, and it shows what is the person's own and nothing else. Whoever asks learns nothing of whether somebody is
//! registered: both are answered, written down and limited alike. Every reading is traced (decision 0037).

mod own;
mod pages;
mod store;

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::batch::BatchStage;
use rules::candidate::{handed_until, may_ask, page_until, phones_until, wrong_code};
use rules::delivery::{Channel, code_expires_at, read_address};
use rules::permission::{ActKind, LookKind};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use own::own_face;
pub use own::{OwnCertificate, OwnPage, OwnPageView, OwnTicket};
pub(crate) use pages::not_own;
pub use pages::pages;
pub(crate) use store::{ALL, close_to, forget};

use crate::account::Done;
use crate::batch;
use crate::delivery::{put_own_code, sealed_code};
use crate::door::{Act, Caller, Desk, Look, Office, Seals, Sight, Stop, Subject, Via, clock, digest, hex};
use crate::query::{plain_name, plain_number};
use crate::web::api::Registry;

/// What a candidate types: taken in and never written out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, min_length = 1, max_length = 100)]
pub struct OwnEntry(String);

impl OwnEntry {
    /// Takes it in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Where nothing is given.
    pub fn empty() -> Self {
        Self(String::new())
    }

    /// As it was given.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl Serialize for OwnEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// Who is asked for: the keyed hashes of the number, and of number and name.
struct Person {
    id_key: String,
    key: String,
}

fn person(sight: &Sight<'_>, name: &OwnEntry, id_number: &OwnEntry) -> Person {
    let seals = sight.seals();
    let id_key = seals.find_key(&plain_number(&id_number.0, sight.today()));
    Person { key: person_key(seals, &id_key, &name.0), id_key }
}

/// The keyed hash of a number, known by its own, and a name.
fn person_key(seals: &Seals, id_key: &str, name: &str) -> String {
    seals.find_key(&format!("person {id_key} {}", plain_name(name)))
}

/// The registrations of a person, the first first; who is registered under another name is somebody else.
fn registrations(sight: &mut Sight<'_>, id_key: &str, key: &str) -> Result<Vec<store::Registration>, Stop> {
    let seals = sight.seals();
    let mut found = store::registrations(&mut sight.tx(), id_key)?;
    found.retain(|one| person_key(seals, id_key, &one.name) == key);
    Ok(found)
}

/// Asks for a code to be sent to the telephone that a candidate is registered with.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AskOwnCode {
    pub name: OwnEntry,
    pub id_number: OwnEntry,
}

/// A code is on its way, if somebody is registered so and has a telephone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OwnCodeAsked {
    /// Until when it would be good, milliseconds since 1970.
    pub expires_at: i64,
}

impl Act for AskOwnCode {
    const KIND: ActKind = ActKind::AskOwnCode;
    type Answer = OwnCodeAsked;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn unspoken(&self) -> String {
        format!("{}\n{}", self.name.0, self.id_number.0)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<OwnCodeAsked, Stop> {
        if !desk.office().channels().has(Channel::Sms) {
            return Err(Refusal::house("考生本人查询", "本系统还没有配置短信")
                .remedy("请向学校领取查询码，凭查询码查看")
                .at("id_number")
                .into());
        }
        let (now, person) = (desk.now(), person(desk, &self.name, &self.id_number));
        may_ask(store::asked(&mut desk.tx(), &person.key, now)?, now)?;
        let found = registrations(desk, &person.id_key, &person.key)?;
        let telephone = found.iter().rev().find_map(|one| {
            let number = desk.seals().open_text(&one.phone_sealed).filter(|text| !text.is_empty())?;
            read_address(Channel::Sms, &number).ok()
        });
        // From here on the same is done for everyone: whoever is not registered has a code that leads nowhere, sent nowhere.
        let (id, code) = (desk.new_id(), format!("{:06}", rand::random_range(0..1_000_000)));
        let expires_at = code_expires_at(now);
        let goes = telephone.is_some();
        let sealed = sealed_code(desk.seals(), telephone.unwrap_or_else(|| "10000000000".into()), code.clone())?;
        if !goes {
            // A name to compare and a number to open, as of somebody who is there.
            std::hint::black_box((
                person_key(desk.seals(), &person.id_key, &self.name.0),
                desk.seals().open_text(&sealed),
            ));
        }
        let known = found.last().filter(|_| goes).map(|one| one.candidate);
        let new = store::NewCode {
            id,
            person_key: person.key,
            candidate: known,
            digest: desk.seals().find_key(&said(id, &code)),
            expires_at,
        };
        store::ask(&mut desk.tx(), &new, now)?;
        put_own_code(&mut desk.tx(), id, &sealed, goes, now)?;
        if let Some(candidate) = known {
            desk.made(Subject::Candidate(candidate));
        }
        Ok(OwnCodeAsked { expires_at })
    }
}

/// What the digest of a code is of.
fn said(id: i64, code: &str) -> String {
    format!("own code {id} {code}")
}

/// Opens the own page with a code, sent or handed out by the school; the code is good for this once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterOwnPage {
    pub name: OwnEntry,
    pub id_number: OwnEntry,
    pub code: OwnEntry,
}

/// The own page is open.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct OwnPageEntered {
    /// To be sent as `Authorization: Bearer …` below `/api/me`, or kept in the cookie.
    pub token: String,
    /// When it closes, milliseconds since 1970.
    pub expires_at: i64,
}

impl Act for EnterOwnPage {
    const KIND: ActKind = ActKind::EnterOwnPage;
    const REMEMBERED: bool = false;
    type Answer = OwnPageEntered;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<OwnPageEntered, Stop> {
        let (now, person) = (desk.now(), person(desk, &self.name, &self.id_number));
        let code = self.code.0.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        let seals = desk.seals();
        let mut open = store::open_codes(&mut desk.tx(), &person.key)?;
        open.retain(|one| one.way.is_good(one.tries, one.expires_at, now));
        let fitting = open.iter().find(|one| seals.fits(&said(one.id, &code), &one.digest));
        let last = registrations(desk, &person.id_key, &person.key)?.pop();
        let (Some(fitting), Some(last)) = (fitting, last) else {
            store::missed(&mut desk.tx(), &person.key)?;
            return Err(Stop::RefusedAndKept(Box::new(wrong_code())));
        };
        store::used(&mut desk.tx(), fitting.id)?;
        let token = hex(&rand::random::<[u8; 32]>());
        let session = store::NewSession {
            token: digest(token.as_bytes()),
            id_key: person.id_key,
            person_key: person.key,
            candidate: last.candidate,
            way: fitting.way,
            csrf: hex(&rand::random::<[u8; 16]>()),
            expires_at: page_until(now),
        };
        store::begin(&mut desk.tx(), &session, now)?;
        desk.made(Subject::Candidate(last.candidate));
        Ok(OwnPageEntered { token, expires_at: session.expires_at })
    }
}

/// Closes the own page.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LeaveOwnPage {}

impl Act for LeaveOwnPage {
    const KIND: ActKind = ActKind::LeaveOwnPage;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let own = desk.caller().own().ok_or(Stop::SignInFirst)?;
        store::end(&mut desk.tx(), &own.session)?;
        desk.made(Subject::Candidate(own.candidate));
        Ok(Done {})
    }
}

/// The candidate whose own page a token opens, with the token of its forms; none if it has closed.
///
/// # Errors
/// A fault.
pub fn resume(office: &Office, token: &str, via: Via) -> Result<Option<(Caller, String)>, Stop> {
    let (token, now) = (digest(token.as_bytes()), office.now());
    Ok(office.engine().read(|tx| store::resume(tx, &token, now, via))?)
}

/// Hands out codes to candidates of a batch, printed on their tickets or told at the counter; those of before are void.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IssueOwnCodes {
    pub batch: i64,
    /// These candidates; without them everyone who has no telephone on record.
    #[schema(max_items = 2000)]
    pub candidates: Option<Vec<i64>>,
}

/// What was handed out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OwnCodesIssued {
    pub issued: usize,
}

/// Letters and digits that nobody mixes up.
const SIGNS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The code of an issue: eight signs of which each says five bits of a keyed hash, so that it can be printed again.
fn handed_code(seals: &Seals, id: i64) -> String {
    let hash = seals.find_key(&format!("handed code {id}"));
    let bytes = (0..8).filter_map(|at| u8::from_str_radix(hash.get(at * 2..at * 2 + 2)?, 16).ok());
    bytes.map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect()
}

impl Act for IssueOwnCodes {
    const KIND: ActKind = ActKind::IssueOwnCodes;
    type Answer = OwnCodesIssued;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<OwnCodesIssued, Stop> {
        let (now, today, seals) = (desk.now(), desk.today(), desk.seals());
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        if batch.stage == BatchStage::Cancelled {
            return Err(Refusal::new(Clause::S3_3_1, "批次已取消").remedy("不需要再发查询码").into());
        }
        let all = store::to_hand(&mut desk.tx(), batch.id)?;
        let chosen = all.iter().filter(|one| match &self.candidates {
            Some(wanted) => wanted.contains(&one.candidate),
            None => seals.open_text(&one.phone_sealed).is_none_or(|number| number.is_empty()),
        });
        let until = handed_until(now, &crate::term::on(&mut desk.tx(), today)?);
        let codes: BTreeMap<i64, store::Handing> = chosen
            .map(|one| {
                let id = desk.new_id();
                let key = person_key(seals, &one.id_key, &one.name);
                let digest = seals.find_key(&said(id, &handed_code(seals, id)));
                (id, store::Handing(key, one.candidate, digest))
            })
            .collect();
        if codes.is_empty() {
            let what = match self.candidates {
                Some(_) => "没有选中本批次的考生",
                None => "本批次考生都登记了手机号",
            };
            return Err(Refusal::new(Clause::S3_3_1, what)
                .remedy("登记了手机号的考生可以用短信验证码查看；确需查询码的，请选中该考生再发放")
                .at("candidate")
                .into());
        }
        let by = desk.caller().name().to_owned();
        store::hand_out(&mut desk.tx(), &codes, (now, until), &by)?;
        Ok(OwnCodesIssued { issued: codes.len() })
    }
}

/// A code that was handed out and is good.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnCodeLine {
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub code: String,
    /// The last day on which it opens the page.
    pub valid_until: Date,
    pub issued_by: String,
}

/// Somebody who may be handed a code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnCodePerson {
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub has_phone: bool,
}

/// The codes of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnCodesView {
    pub batch: i64,
    pub title: String,
    /// In the order of their tickets.
    pub codes: Vec<OwnCodeLine>,
    pub persons: Vec<OwnCodePerson>,
}

/// Which codes may the school hand out? It shows names in full, so the look is recorded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OwnCodes {
    pub batch: i64,
}

impl Look for OwnCodes {
    const KIND: LookKind = LookKind::Candidates;
    type View = OwnCodesView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<OwnCodesView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        // A code opens the candidate's page: nobody but the body that hands it out reads it.
        if sight.caller().body() != Some(batch.body) {
            return Err(Stop::NotGranted);
        }
        let (now, seals) = (sight.now(), sight.seals());
        let handed = store::handed(&mut sight.tx(), batch.id, now)?;
        let all = store::to_hand(&mut sight.tx(), batch.id)?;
        let code = |one: &store::ToHand| {
            let handed = handed.get(&one.candidate)?;
            Some(OwnCodeLine {
                candidate: one.candidate,
                ticket: one.ticket.clone(),
                name: one.name.clone(),
                code: handed_code(seals, handed.id),
                valid_until: clock::day_of(handed.expires_at - 1),
                issued_by: handed.issued_by.clone(),
            })
        };
        let codes = all.iter().filter_map(code).collect();
        let persons = all.into_iter().map(|one| OwnCodePerson {
            has_phone: seals.open_text(&one.phone_sealed).is_some_and(|number| !number.is_empty()),
            candidate: one.candidate,
            ticket: one.ticket,
            name: one.name,
        });
        Ok(OwnCodesView { batch: batch.id, title: batch.title, codes, persons: persons.collect() })
    }
}

/// The codes that stand on tickets of a batch, by candidate.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn codes_on_tickets(sight: &mut Sight<'_>, batch: i64) -> Result<BTreeMap<i64, String>, Stop> {
    let (now, seals) = (sight.now(), sight.seals());
    let handed = store::handed(&mut sight.tx(), batch, now)?;
    Ok(handed.into_iter().map(|(candidate, one)| (candidate, handed_code(seals, one.id))).collect())
}

/// Somebody of the make-believe province whom a visitor can be: name and number of a candidate who has a certificate and a
/// telephone.
///
/// # Errors
/// A fault.
pub(crate) fn example(office: &Office) -> Result<Option<(String, String)>, Stop> {
    let seals = office.seals();
    let known = office.engine().read(store::examples)?;
    let found = known.into_iter().find_map(|(name, number, phone)| {
        let has_phone = seals.open_text(&phone).is_some_and(|phone| !phone.is_empty());
        Some((name, seals.open_text(&number).filter(|_| has_phone)?))
    });
    Ok(found.filter(|_| office.is_demo()))
}

/// Erases the telephones of a batch that has ended long enough ago. What the roster's file says stays sealed in the archive.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ForgetPhones {
    pub batch: i64,
}

/// Telephones that were erased.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PhonesForgotten {
    pub phones: u64,
}

impl Act for ForgetPhones {
    const KIND: ActKind = ActKind::ForgetPhones;
    type Answer = PhonesForgotten;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<PhonesForgotten, Stop> {
        let (today, batch) = (desk.today(), batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?);
        let terms = crate::term::on(&mut desk.tx(), today)?;
        let until = phones_until(batch.stage, batch.plan().last_exam_on(), &terms);
        if until.is_none_or(|until| today <= until) {
            return Err(Refusal::house("考生手机号", "手机号还在保留期内").remedy("到期后由系统自动清除").into());
        }
        Ok(PhonesForgotten { phones: store::forget_phones(&mut desk.tx(), batch.id, today)? })
    }
}

/// Erases the telephones whose time is over; of how many batches.
///
/// # Errors
/// A fault of reading; one that fails keeps no other up.
pub(crate) fn fall_due(office: &Office) -> Result<usize, Stop> {
    let today = office.today();
    let (ended, terms) = office.engine().read(|tx| Ok::<_, Stop>((store::ended(tx)?, crate::term::on(tx, today)?)))?;
    let mut done = 0;
    for batch in ended {
        if phones_until(batch.stage, batch.last_exam_on, &terms).is_none_or(|until| today <= until) {
            continue;
        }
        match office.act(&Caller::timer(), ForgetPhones { batch: batch.id }) {
            Ok(_) => done += 1,
            Err(stop) => tracing::error!(batch = batch.id, %stop, "erasing telephones"),
        }
    }
    Ok(done)
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let registry = registry
        .act::<AskOwnCode>("/me/codes")
        .act::<EnterOwnPage>("/me/session")
        .act::<LeaveOwnPage>("/me/departure")
        .look::<OwnPage>("/me", "考生本人的报名、座位、成绩和证书，查看留痕")
        .look::<OwnTicket>("/me/candidacies/{candidate}", "考生本人准考证的内容，查看留痕")
        .look::<OwnCertificate>("/me/certificates/{certificate}", "考生本人证书的内容，查看留痕")
        .act::<IssueOwnCodes>("/batches/{batch}/own-codes")
        .look::<OwnCodes>("/batches/{batch}/own-codes", "院校发放的考生查询码，查看留痕");
    pages::api(registry)
}
