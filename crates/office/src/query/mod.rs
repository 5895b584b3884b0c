//! 二（二）4: anyone may ask, without an account and free of charge, whether a certificate stands. A question needs two
//! exact entries, the name and one of the two numbers; every pair that does not fit gets the same answer. What leaves
//! is masked. The reading itself is in `hot`, the limit by address in `limit`, what guessing costs in `puzzle`, what is
//! refused under load in `load`.

mod hot;
mod limit;
mod load;
mod pages;
mod puzzle;
mod store;

use axum::http::Method;
use jiff::civil::Date;
use rules::calendar::Calendar;
use rules::certificate::checks::{self, Facts, Reported};
use rules::certificate::{CertificateNumber, CertificateState, Level};
use rules::identity::{self, mask_name, mask_number};
use rules::{Clause, Day};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

pub(crate) use hot::{by_token_and_name, find, find_again, malformed, solved, unsolved};
pub(crate) use limit::Asker;
pub(crate) use limit::visitor;
pub use limit::{Limit, limited};
pub use load::{shed, watch};
pub(crate) use pages::{KIT, Line, ask_page, kit, named_page, ticket};
pub use pages::{pages, questions};
pub use puzzle::Puzzle;
pub(crate) use store::{ALL, by_number};

use crate::door::Office;
use crate::web::api::{Registry, responses, schema_ref};

/// Under which duty anyone may ask, as the pages of the query cite it.
pub(crate) const BASIS: Clause = Clause::S2_2_4C;

/// A question: the holder's name, and the number of the certificate or of the identity document.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(min_length = 1, max_length = 40)]
    pub number: String,
}

/// The one answer shape: with certificates, or with none.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicAnswer {
    /// The person's certificates, or the one that was asked for; empty when name and number don't belong together.
    pub certificates: Vec<PublicCertificate>,
}

impl PublicAnswer {
    /// What may leave of what was found.
    pub(crate) fn new(office: &Office, found: &[Found]) -> Self {
        let (seals, reference) = (office.seals(), office.reference());
        Self { certificates: found.iter().map(|found| found.public(seals, &reference.calendar)).collect() }
    }
}

/// What the public may know of a certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicCertificate {
    pub number: String,
    pub state: CertificateState,
    /// Since when it does not stand.
    pub state_on: Option<Date>,
    /// Which version it is, from 1; paper of an earlier one is no longer good.
    pub print_no: i64,
    /// Masked.
    pub name: String,
    /// Masked.
    pub id_number: String,
    pub trade_code: String,
    pub trade: String,
    /// Empty where there is none.
    pub work_type: String,
    pub level: Level,
    /// In full: `四级/中级工`.
    pub level_name: &'static str,
    /// The body that assessed and issued.
    pub body: String,
    pub filing_number: String,
    pub exam_on: Date,
    pub issued_on: Date,
    /// What was checked just now, with the clause that each rests on.
    pub checks: Vec<Check>,
}

/// One thing that was checked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Check {
    /// Null where the record does not say: neither for nor against the certificate.
    pub holds: Option<bool>,
    pub text: String,
    /// Clause id.
    #[schema(value_type = String)]
    pub clause: Clause,
}

impl From<checks::Check> for Check {
    fn from(check: checks::Check) -> Self {
        Self { holds: check.holds, text: check.text, clause: check.kind.clause() }
    }
}

/// What the two entries are after reading: an exact name, and by which key the number is found.
#[derive(Debug)]
pub(crate) struct Wanted {
    name: String,
    by: By,
}

#[derive(Debug)]
pub(crate) enum By {
    Certificate(String),
    /// The keyed hash of an identity number.
    Person(String),
}

impl Question {
    /// The number, if it is one of a certificate.
    pub(crate) fn certificate_number(&self) -> Option<String> {
        CertificateNumber::parse(&self.number).ok().map(|number| number.to_string())
    }

    /// Reads the entries as people type them: blanks, full width and dots of either kind don't count.
    pub(crate) fn read(&self, seals: &crate::door::Seals, today: Day) -> Wanted {
        let by = match self.certificate_number() {
            Some(number) => By::Certificate(number),
            None => By::Person(seals.find_key(&plain_number(&self.number, today))),
        };
        Wanted { name: plain_name(&self.name), by }
    }
}

/// An identity number as rosters keep it; what is no number stays what it is and is found nowhere.
pub(crate) fn plain_number(text: &str, today: Day) -> String {
    let checked = identity::guess(text).and_then(|kind| identity::check(kind, text, today).ok());
    checked.map_or_else(|| text.split_whitespace().collect::<String>().to_uppercase(), |found| found.number)
}

/// A name without blanks, with one kind of dot.
pub(crate) fn plain_name(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if matches!(c, '•' | '・' | '‧' | '．' | '.') { '·' } else { c })
        .collect()
}

/// A certificate with what was on file on its examination day, as the database gives it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub number: String,
    pub state: CertificateState,
    pub state_on: Option<Day>,
    pub print_no: i64,
    /// What the address in the QR code of this version ends with.
    pub token: String,
    pub name: String,
    pub id_sealed: String,
    pub trade_code: String,
    pub trade: String,
    pub work_type: String,
    pub level: Level,
    pub body: String,
    pub exam_on: Day,
    pub issued_on: Day,
    pub filing_number: String,
    /// The term of the directory that began last before the examination.
    pub valid_from: Option<Day>,
    pub valid_until: Option<Day>,
    /// When it left the directory, if it did.
    pub removed_on: Option<Day>,
    /// Whether occupation and level were in the filed scope on the examination day.
    pub in_scope: bool,
    /// The same on the day of issue.
    pub in_scope_at_issue: bool,
    /// When the batch was told, as far as the ten working days count, and when it began.
    pub told_on: Option<Day>,
    pub starts_on: Option<Day>,
    /// When the person's result went on public notice, and the last day of it; of a correction its own days.
    pub posted_on: Option<Day>,
    pub public_until: Option<Day>,
    pub reported: Option<Reported>,
    pub approved_on: Option<Day>,
    /// The place of this version in the public log, once it has one.
    pub logged_at: Option<i64>,
}

impl Found {
    /// What may leave.
    fn public(&self, seals: &crate::door::Seals, calendar: &Calendar) -> PublicCertificate {
        PublicCertificate {
            number: self.number.clone(),
            state: self.state,
            state_on: self.state_on,
            print_no: self.print_no,
            name: mask_name(&self.name),
            id_number: seals.open_text(&self.id_sealed).map(|number| mask_number(&number)).unwrap_or_default(),
            trade_code: self.trade_code.clone(),
            trade: self.trade.clone(),
            work_type: self.work_type.clone(),
            level: self.level,
            level_name: self.level.name(),
            body: self.body.clone(),
            filing_number: self.filing_number.clone(),
            exam_on: self.exam_on,
            issued_on: self.issued_on,
            checks: self.checks(calendar).into_iter().map(Check::from).collect(),
        }
    }

    /// What the record says of it, for `rules`.
    fn facts(&self) -> Facts<'_> {
        Facts {
            number: &self.number,
            filing_number: &self.filing_number,
            body: &self.body,
            trade: &self.trade,
            trade_code: &self.trade_code,
            level: self.level,
            state: self.state,
            state_on: self.state_on,
            print_no: self.print_no,
            exam_on: self.exam_on,
            issued_on: self.issued_on,
            listed: self.valid_from.zip(self.valid_until),
            removed_on: self.removed_on,
            in_scope_at_exam: self.in_scope,
            in_scope_at_issue: self.in_scope_at_issue,
            notice: self.told_on.zip(self.starts_on),
            publicity: self.posted_on.zip(self.public_until),
            report: self.reported,
            approved_on: self.approved_on,
            logged_at: self.logged_at,
        }
    }

    /// What can be checked about it, with the clause that each check rests on.
    pub(crate) fn checks(&self, calendar: &Calendar) -> Vec<checks::Check> {
        self.facts().checks(calendar)
    }
}

/// The feature's part of the API. `GET` is for certificate numbers and for programs behind their own proxy; who asks by
/// identity number does better to `POST`, because addresses end up in the logs of whatever stands between.
pub fn api(registry: Registry) -> Registry {
    let answers = || responses(&[200, 400, 429, 503], schema_ref("PublicAnswer"));
    let text = |name: &str, length: u32| json!({"name": name, "in": "query", "required": true, "schema": {"type": "string", "minLength": 1, "maxLength": length}});
    // A 429 may carry a `puzzle`; its solution lets the same question through.
    let solved = || json!({"name": "Puzzle-Solution", "in": "header", "required": false, "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"}});
    let ask = json!({
        "operationId": "QueryCertificates", "summary": "公开查询证书：姓名加证书编号", "tags": ["query"], "security": [],
        "parameters": [text("name", 100), text("number", 40), solved()], "responses": answers(),
    });
    let ask_privately = json!({
        "operationId": "QueryCertificatesPrivately", "summary": "公开查询证书：姓名加证件号码或证书编号", "tags": ["query"], "security": [], "parameters": [solved()],
        "requestBody": {"required": true, "content": {"application/json": {"schema": schema_ref("Question")}}},
        "responses": responses(&[200, 400, 413, 429, 503], schema_ref("PublicAnswer")),
    });
    registry
        .schema::<Question>()
        .schema::<PublicAnswer>()
        .other(Method::GET, "/certificates/query", ask, axum::routing::get(hot::ask))
        .other(Method::POST, "/certificates/query", ask_privately, axum::routing::post(hot::ask_privately))
}
