//! 二（二）4, 三（三）7: the keys with which bodies sign. Every key follows from the secret of the house, the filing number and a
//! generation; here is which generation signs what, and which one somebody else may have. The keys themselves are made in
//! `certificate::keys`.

mod pages;
mod store;

use jiff::civil::{Date, Time};
use proof::Signer as _;
use proof::log::LeafKind;
use rules::permission::{ActKind, LookKind};
use rules::signing_key::{self, BodyKey};
use rules::{Clause, Day, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::{ALL, Later, all};

use crate::certificate::body_key;
use crate::db::{DbError, Tx};
use crate::door::clock::{day_of, midnight};
use crate::door::{Act, Desk, Look, Sight, Stop, Subject, hex};
use crate::public_log;
use crate::web::api::Registry;

/// Bodies that a page of the list holds.
const PAGE: i64 = 50;

/// Gives a body a new key that signs what is issued from a day on. What the one before signed stays good.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RotateKey {
    pub body: i64,
    /// The first day of issue of what it signs, after today.
    pub from: Date,
    /// Why; kept, and in the public log as a commitment.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Reports that somebody else may have a key. At once it signs nothing any more, its successor signs in its place, and what it
/// signed is believed only with proof that it stood in the public log before. This can't be taken back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportLostKey {
    pub body: i64,
    /// Which of the body's keys.
    #[schema(minimum = 1)]
    pub generation: i64,
    /// Since when somebody else may have it; without a day, from now on.
    pub on: Option<Date>,
    /// The time of that day in China, `10:30`; without it, its beginning.
    pub time: Option<String>,
    /// The filing number, typed once more.
    pub confirm: String,
    /// What happened.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A key that was given.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeyGiven {
    pub generation: i64,
    /// The id of the public key.
    pub key: String,
    /// The first day of issue of what it signs.
    pub from: Date,
    /// Certificates that bear a signature of the key which was reported; 0 where none was.
    pub signed: i64,
    /// Those of them that were issued after somebody else may have had it: their paper is not believed until it is printed anew.
    pub doubtful: i64,
}

/// A body that stands or stood in the directory, with its later keys.
struct Bearer {
    body: i64,
    name: String,
    filing_number: String,
    keys: Vec<BodyKey>,
    /// What is kept of those after the first.
    later: Vec<Later>,
}

fn bearer(sight: &mut Sight<'_>, body: i64) -> Result<Bearer, Stop> {
    let listed = store::listed(&mut sight.tx(), body)?.ok_or_else(|| {
        Refusal::new(Clause::S2_1_3B, "机构没有备案，还没有签名密钥").remedy("列入机构目录时自动生成第一代密钥")
    })?;
    let later = store::of(&mut sight.tx(), &listed.filing_number)?;
    let keys = keys_of(listed.listed_on, &later);
    Ok(Bearer { body, name: listed.name, filing_number: listed.filing_number, keys, later })
}

/// The keys of a body that stood in the directory first on `listed_on`, from what is kept of the later ones.
pub(crate) fn keys_of(listed_on: Day, later: &[Later]) -> Vec<BodyKey> {
    let later: Vec<_> = later.iter().map(Later::rule).collect();
    signing_key::keys(listed_on, &later)
}

/// The keys of a filing number; none where nobody ever bore it.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn held(tx: &mut Tx<'_>, filing_number: &str) -> Result<Vec<BodyKey>, DbError> {
    let Some(listed_on) = store::listed_on(tx, filing_number)? else { return Ok(Vec::new()) };
    Ok(keys_of(listed_on, &store::of(tx, filing_number)?))
}

impl Act for RotateKey {
    const KIND: ActKind = ActKind::RotateKey;
    type Answer = KeyGiven;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<KeyGiven, Stop> {
        let bearer = bearer(desk, self.body)?;
        let generation = signing_key::rotate(&bearer.keys, self.from, &self.reason, desk.today())?;
        give(desk, &bearer, (generation, self.from), None, &self.reason)?;
        desk.tell_body(
            self.body,
            format!("签名密钥将更换：{} 起颁发的证书用第{generation}代密钥签名，此前的证书不受影响", self.from),
            format!("/bodies/{}/signing-keys", self.body),
        );
        let key = body_key(desk.seals(), &bearer.filing_number, generation).public().id();
        Ok(KeyGiven { generation, key, from: self.from, signed: 0, doubtful: 0 })
    }
}

impl Act for ReportLostKey {
    const KIND: ActKind = ActKind::ReportLostKey;
    type Answer = KeyGiven;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<KeyGiven, Stop> {
        let bearer = bearer(desk, self.body)?;
        let at = self.at(desk.now())?;
        let when = (day_of(at), at > desk.now());
        let confirm = (self.confirm.as_str(), bearer.filing_number.as_str());
        let (generation, from) = signing_key::replace_lost(&bearer.keys, self.generation, when, confirm, &self.reason)?;
        let (log_size, log_root) = public_log::stood_at(&mut desk.tx(), at)?;
        let lost = store::Lost { generation: self.generation, at, log_size, log_root: log_root.to_string() };
        give(desk, &bearer, (generation, from), Some(lost), &self.reason)?;
        let until = bearer.keys.iter().find(|key| key.generation == self.generation).and_then(|key| key.until);
        let (signed, doubtful) = store::signed(&mut desk.tx(), &bearer.filing_number, (from, until), at)?;
        let link = format!("/bodies/{}/signing-keys", self.body);
        let title = format!("{}的第{}代签名密钥已报失，已由第{generation}代接替", bearer.name, self.generation);
        desk.tell_body(self.body, format!("{title}；{doubtful} 份证书须重新打印或下载"), link.clone());
        desk.tell_office("province-centre", title, link);
        let key = body_key(desk.seals(), &bearer.filing_number, generation).public().id();
        Ok(KeyGiven { generation, key, from, signed, doubtful })
    }
}

impl ReportLostKey {
    /// The instant since when somebody else may have the key.
    fn at(&self, now: i64) -> Result<i64, Refusal> {
        let Some(on) = self.on else { return Ok(now) };
        let time = self.time.as_deref().map(str::trim).filter(|time| !time.is_empty()).unwrap_or("00:00");
        let time: Time = time.parse().map_err(|_| {
            Refusal::new(Clause::S2_2_4B, format!("“{time}”不是时刻"))
                .remedy("请按 24 小时制填写，例如 10:30")
                .at("time")
        })?;
        Ok(midnight(on) + (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60_000)
    }
}

fn give(
    desk: &mut Desk<'_>,
    bearer: &Bearer,
    (generation, from): (i64, Day),
    lost: Option<store::Lost>,
    reason: &str,
) -> Result<(), Stop> {
    let (id, today) = (desk.new_id(), desk.today());
    let (by, seat) = (desk.caller().name().to_owned(), desk.caller().seat_name().to_owned());
    let new = Later {
        filing_number: bearer.filing_number.clone(),
        generation,
        from,
        lost,
        reason: reason.trim().to_owned(),
        set_on: today,
        set_by: by,
        seat_name: seat,
    };
    store::add(&mut desk.tx(), id, &new)?;
    desk.log_recorded(LeafKind::KeyChanged, id, 0)
}

/// A key of a body.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeyLine {
    pub generation: i64,
    /// The id of the public key.
    pub key: String,
    /// The public key, 64 hexadecimal digits.
    pub public: String,
    pub from: Date,
    /// The last day of issue of what it signs, where it has been replaced.
    pub until: Option<Date>,
    /// Since when somebody else may have it.
    pub lost_on: Option<Date>,
    /// How many leaves the public log had by then: what stood among them is believed.
    pub log_size: Option<i64>,
    /// Whether what is issued today is signed with it.
    pub signs: bool,
    pub reason: Option<String>,
    pub set_on: Option<Date>,
    pub set_by: Option<String>,
}

/// The keys of a body.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SigningKeysView {
    pub body: i64,
    pub name: String,
    pub filing_number: String,
    /// The latest first.
    pub keys: Vec<KeyLine>,
    pub may_rotate: bool,
    pub may_report: bool,
    pub today: Date,
}

/// Which keys does a body sign with?
#[derive(Debug, Deserialize, ToSchema)]
pub struct SigningKeys {
    pub body: i64,
}

impl Look for SigningKeys {
    const KIND: LookKind = LookKind::Certificates;
    type View = SigningKeysView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<SigningKeysView, Stop> {
        let today = sight.today();
        let bearer = bearer(sight, self.body)?;
        let later = &bearer.later;
        let signing = signing_key::signing(&bearer.keys, today);
        let lines = bearer.keys.iter().rev().map(|key| {
            let public = body_key(sight.seals(), &bearer.filing_number, key.generation).public();
            let record = later.iter().find(|one| one.generation == key.generation);
            let lost = later.iter().filter_map(|one| one.lost.as_ref()).find(|lost| lost.generation == key.generation);
            KeyLine {
                generation: key.generation,
                key: public.id(),
                public: hex(public.as_bytes()),
                from: key.from,
                until: key.until,
                lost_on: key.lost_on,
                log_size: lost.map(|lost| lost.log_size),
                signs: key.generation == signing,
                reason: record.map(|one| one.reason.clone()),
                set_on: record.map(|one| one.set_on),
                set_by: record.map(|one| one.set_by.clone()),
            }
        });
        let keys = lines.collect();
        let may = |act| rules::permission::may(sight.caller().role(), act).is_some();
        Ok(SigningKeysView {
            may_rotate: may(ActKind::RotateKey),
            may_report: may(ActKind::ReportLostKey),
            body: bearer.body,
            name: bearer.name,
            filing_number: bearer.filing_number,
            keys,
            today,
        })
    }
}

/// A body in the list of keys.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeyBearerLine {
    pub body: i64,
    pub name: String,
    pub filing_number: String,
    /// How many keys it has had.
    pub keys: i64,
    /// How many of them somebody else may have.
    pub lost: i64,
}

/// Bodies with their keys.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeyBearersView {
    pub bearers: Vec<KeyBearerLine>,
    pub total: i64,
    pub page: i64,
}

/// Which bodies have keys? Those whose keys were replaced come first.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct KeyBearers {
    /// Part of the name, or the filing number.
    pub of: Option<String>,
    /// From 0.
    pub page: Option<i64>,
}

impl Look for KeyBearers {
    const KIND: LookKind = LookKind::Certificates;
    type View = KeyBearersView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<KeyBearersView, Stop> {
        let (scope, page) = (sight.scope(), self.page.unwrap_or(0).clamp(0, 100_000));
        let of = self.of.as_deref().map(str::trim).filter(|of| !of.is_empty());
        let (bearers, total) = store::bearers(&mut sight.tx(), &scope, of, (PAGE, page * PAGE))?;
        Ok(KeyBearersView { bearers, total, page })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<RotateKey>("/bodies/{body}/signing-keys")
        .act::<ReportLostKey>("/bodies/{body}/signing-keys/{generation}/loss")
        .look::<SigningKeys>("/bodies/{body}/signing-keys", "机构的签名密钥")
        .look::<KeyBearers>("/signing-keys", "各机构的签名密钥")
}
