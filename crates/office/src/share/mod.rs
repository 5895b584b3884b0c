//! 二（二）4: a holder shows a certificate to somebody by a link that ends by itself. The link says no more than was chosen, can be
//! taken back, and its holder sees whether it was opened (decision 0040).

mod pages;
mod store;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use rules::certificate::{CertificateState, Level};
use rules::identity::{mask_name, mask_number};
use rules::permission::{ActKind, LookKind};
use rules::share::{ShareField, is_open, may_end, may_share};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::account::Done;
use crate::candidate::{OwnEntry, own_face};
use crate::certificate::face;
use crate::door::clock::read_out;
use crate::door::{Act, Desk, Look, Sight, Stop, Subject, digest};
use crate::web::api::Registry;

/// Makes a link to one's own certificate.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ShareCertificate {
    pub certificate: i64,
    /// What stands there in full; occupation, level, body and state always do.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub fields: Vec<ShareField>,
    /// How many days the link opens.
    pub days: i64,
}

/// A link that was made. Its token is told once and kept nowhere.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CertificateShared {
    pub share: i64,
    /// What the address ends with: `/s/TOKEN`.
    pub token: String,
    /// Until when it opens, milliseconds since 1970.
    pub expires_at: i64,
}

impl Act for ShareCertificate {
    const KIND: ActKind = ActKind::ShareCertificate;
    const REMEMBERED: bool = false;
    type Answer = CertificateShared;

    // Not the certificate: what stops a body does not stop a holder from showing what they have.
    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<CertificateShared, Stop> {
        let (now, today) = (desk.now(), desk.today());
        let certificate = own_face(desk, self.certificate)?.id;
        let terms = crate::term::on(&mut desk.tx(), today)?;
        let expires_at = may_share(self.days, store::open(&mut desk.tx(), certificate, now)?, now, &terms)?;
        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>());
        let share = store::Share {
            id: desk.new_id(),
            certificate,
            fields: self.fields.iter().copied().collect(),
            made_at: now,
            expires_at,
            ended_at: None,
            seen: 0,
            seen_at: None,
        };
        store::insert(&mut desk.tx(), &share, &digest(token.as_bytes()))?;
        desk.made(Subject::Certificate(certificate));
        Ok(CertificateShared { share: share.id, token, expires_at })
    }
}

/// Ends a link of one's own.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EndShare {
    pub certificate: i64,
    pub share: i64,
}

impl Act for EndShare {
    const KIND: ActKind = ActKind::EndShare;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let now = desk.now();
        let certificate = own_face(desk, self.certificate)?.id;
        let shares = store::of(&mut desk.tx(), certificate)?;
        let share = shares.into_iter().find(|share| share.id == self.share).ok_or(Stop::NotFound)?;
        may_end(share.expires_at, share.ended_at, now)?;
        store::end(&mut desk.tx(), share.id, now)?;
        desk.made(Subject::Certificate(certificate));
        Ok(Done {})
    }
}

/// A link of one's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnShareLine {
    pub id: i64,
    pub fields: BTreeSet<ShareField>,
    /// As people read it.
    pub made_at: String,
    pub expires_at: String,
    pub ended_at: Option<String>,
    pub is_open: bool,
    /// How often it was opened, and when last.
    pub seen: i64,
    pub seen_at: Option<String>,
}

/// The links of a certificate, the latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnSharesView {
    pub certificate: i64,
    pub number: String,
    pub title: String,
    pub shares: Vec<OwnShareLine>,
    /// The most days for which a link can be made today.
    pub days_max: i64,
}

/// By which links do I show my certificate? The look is recorded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OwnShares {
    pub certificate: i64,
}

impl Look for OwnShares {
    const KIND: LookKind = LookKind::Own;
    type View = OwnSharesView;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<OwnSharesView, Stop> {
        let (now, today) = (sight.now(), sight.today());
        let face = own_face(sight, self.certificate)?;
        let terms = crate::term::on(&mut sight.tx(), today)?;
        let shares = store::of(&mut sight.tx(), face.id)?.into_iter().map(|share| OwnShareLine {
            id: share.id,
            is_open: is_open(share.expires_at, share.ended_at, now),
            fields: share.fields,
            made_at: read_out(share.made_at),
            expires_at: read_out(share.expires_at),
            ended_at: share.ended_at.map(read_out),
            seen: share.seen,
            seen_at: share.seen_at.map(read_out),
        });
        Ok(OwnSharesView {
            certificate: face.id,
            title: format!("{}，{}", face.trade, face.level.name()),
            number: face.number,
            shares: shares.collect(),
            days_max: terms.get(rules::term::Term::ShareDays),
        })
    }
}

/// Opens a link that somebody was given; its holder sees that it was opened.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SeeShare {
    pub token: OwnEntry,
}

/// What a holder shows of a certificate, as it stands now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SharedView {
    pub state: CertificateState,
    pub state_on: Option<Date>,
    pub trade_code: String,
    pub trade: String,
    /// Empty where there is none.
    pub work_type: String,
    pub level: Level,
    pub body: String,
    /// Masked unless it was chosen.
    pub name: String,
    /// Masked unless it was chosen.
    pub id_number: String,
    /// None unless it was chosen, like the two days.
    pub number: Option<String>,
    pub exam_on: Option<Date>,
    pub issued_on: Option<Date>,
    /// As people read it.
    pub expires_at: String,
}

impl Act for SeeShare {
    const KIND: ActKind = ActKind::SeeShare;
    const REMEMBERED: bool = false;
    type Answer = SharedView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<SharedView, Stop> {
        let (now, seals) = (desk.now(), desk.seals());
        // One that is over, one that was taken back and one that never was look alike.
        let share = store::by_token(&mut desk.tx(), &digest(self.token.text().as_bytes()))?
            .filter(|share| is_open(share.expires_at, share.ended_at, now))
            .ok_or(Stop::NotFound)?;
        let face = face(&mut desk.tx(), seals, share.certificate)?.ok_or(Stop::NotFound)?;
        store::seen(&mut desk.tx(), share.id, now)?;
        desk.made(Subject::Certificate(face.id));
        let is_shown = |field| share.fields.contains(&field);
        Ok(SharedView {
            state: face.state,
            state_on: face.state_on,
            trade_code: face.trade_code,
            trade: face.trade,
            work_type: face.work_type,
            level: face.level,
            body: face.body_name,
            name: if is_shown(ShareField::Name) { face.name } else { mask_name(&face.name) },
            id_number: match is_shown(ShareField::IdNumber) {
                true => face.id_number,
                false => mask_number(&face.id_number),
            },
            number: is_shown(ShareField::Number).then_some(face.number),
            exam_on: is_shown(ShareField::ExamOn).then_some(face.exam_on),
            issued_on: is_shown(ShareField::IssuedOn).then_some(face.issued_on),
            expires_at: read_out(share.expires_at),
        })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<ShareCertificate>("/me/certificates/{certificate}/shares")
        .look::<OwnShares>("/me/certificates/{certificate}/shares", "考生本人证书的出示链接，查看留痕")
        .act::<EndShare>("/me/certificates/{certificate}/shares/{share}/end")
        .act::<SeeShare>("/shared-certificates")
}
