//! One certificate as an Open Badge, as an SD-JWT and with a national signature beside it. All three follow from the certificate's
//! version and the address of the house, so that they are the same bytes whenever they are asked for.

use std::sync::LazyLock;

use credential::{
    Badge, Claim, Contexts, Holder, LIST_LENGTH, LogReference, Place, ProofOptions, SdJwt, StatusEntry, StatusPurpose,
    Suite, identity_hash, issue_sd_jwt, place_of, sign_sm2,
};
use jiff::Timestamp;
use proof::{Signer as _, SoftwareKey};
use rules::Refusal;
use rules::signing_key::BodyKey;
use serde_json::{Map, Value, json};

use super::store;
use crate::certificate::{Face, body_key};
use crate::door::{Office, Seals, Stop, digest};
use crate::public_log;

/// JSON-LD contexts, with the shapes that were compiled; the same in every house.
pub(crate) static CONTEXTS: LazyLock<Contexts> = LazyLock::new(Contexts::shipped);
/// By which fragment a body's key is found in its document as Multikey; as JWK, [`jwk_of`] says.
fn fragment_of(generation: i64) -> String {
    format!("key-{generation}")
}

fn jwk_of(generation: i64) -> String {
    format!("key-{generation}-jwk")
}

/// What kind of SD-JWT it is.
pub(crate) const TYPE: &str = "urn:jiangce:vct:skill-certificate:1";

/// A body as outsiders know it.
pub(crate) struct Issuer {
    pub number: String,
    /// `did:web:…`
    pub did: String,
    /// Where its page is.
    pub url: String,
    pub key: SoftwareKey,
    /// Which of its keys that is.
    generation: i64,
}

impl Issuer {
    /// The body of a filing number with one of its keys, in the house at this address.
    pub fn new(seals: &Seals, public_url: &str, number: &str, generation: i64) -> Self {
        let url = format!("{public_url}/directory/{number}");
        let address = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        // did:web writes a port's colon escaped and slashes as colons.
        let did = format!("did:web:{}", address.replace(':', "%3A").replace('/', ":"));
        Self { number: number.to_owned(), did, url, key: body_key(seals, number, generation), generation }
    }

    /// How its statements are signed.
    pub fn assertion(&self, suite: Suite, at: Timestamp) -> ProofOptions {
        ProofOptions::assertion(suite, format!("{}#{}", self.did, fragment_of(self.generation)), at)
    }

    /// Address of a status list.
    pub fn list(&self, purpose: StatusPurpose, no: u32) -> String {
        format!("{}/status/{}-{no}", self.url, purpose.name())
    }
}

/// What is made of one version of a certificate.
pub(super) struct Made<'a> {
    office: &'a Office,
    public_url: &'a str,
    face: &'a Face,
    issuer: Issuer,
    at: Timestamp,
    status: Vec<StatusEntry>,
}

impl<'a> Made<'a> {
    /// Makes it.
    ///
    /// # Errors
    /// A refusal when the certificate does not stand or has no place in the lists; a fault of reading.
    pub fn new(office: &'a Office, public_url: &'a str, face: &'a Face) -> Result<Self, Stop> {
        face.state.may_print()?;
        let ordinal = office.public(|sight| Ok(store::ordinal(&mut sight.tx(), face.id, face.print_no)?))?;
        let ordinal = ordinal.ok_or_else(|| {
            Refusal::new(rules::Clause::S2_2_4B, "这本证书没有编入状态列表，不能生成电子证书")
                .remedy("本平台核发的证书才有电子证书；请使用 PDF")
        })?;
        let issuer = Issuer::new(office.seals(), public_url, &face.filing_number, face.key);
        let (list, within) = listed(ordinal)?;
        let place = place_of(&office.seals().status_key(&face.filing_number), list, within);
        let place = place.ok_or_else(|| Stop::fault("a certificate beyond its status list"))?;
        let entry = |purpose| StatusEntry { purpose, list: issuer.list(purpose, list), place };
        let status = vec![entry(StatusPurpose::Revocation), entry(StatusPurpose::Suspension)];
        Ok(Self { at: face.signed_at()?, office, public_url, face, issuer, status })
    }

    /// A salt of its own for each version and use, and the same each time.
    fn salt(&self, what: &str) -> [u8; 16] {
        self.office.seals().find_bytes(&format!("badge {what} {}", self.face.token))
    }

    fn identity(&self) -> (String, String) {
        let salt = crate::door::hex(&self.salt("identity"));
        (identity_hash(&self.face.id_number, &salt), salt)
    }

    /// Occupation, with its work type where there is one.
    fn occupation(&self) -> String {
        match self.face.work_type.as_str() {
            "" => self.face.trade.clone(),
            kind => format!("{}（{kind}）", self.face.trade),
        }
    }

    /// The credential with the body's proof.
    pub fn credential(&self, suite: Suite) -> Result<Value, Stop> {
        let (face, issuer) = (self.face, &self.issuer);
        let work_type = match face.work_type.as_str() {
            "" => String::new(),
            kind => format!("-{}", &digest(kind.as_bytes())[..8]),
        };
        let (identity_hash, salt) = self.identity();
        let leaf = public_log::issued(self.office.seals(), face.id, &face.stated())?;
        let badge = Badge {
            place: Place {
                credential: format!("{}/c/{}", self.public_url, face.token),
                achievement: format!("{}#{}-{}{work_type}", issuer.url, face.trade_code, face.level.digit()),
                criteria: format!("{}/clauses#1.5.1", self.public_url),
            },
            number: face.number.clone(),
            occupation_code: face.trade_code.clone(),
            occupation: self.occupation(),
            level: face.level.name().into(),
            criteria: CRITERIA.into(),
            issuer: credential::Issuer {
                id: issuer.did.clone(),
                name: face.body_name.clone(),
                url: Some(issuer.url.clone()),
            },
            holder: Holder { name: Some(face.name.clone()), identity_hash, salt, id: None },
            exam_on: face.exam_on,
            issued_at: self.at,
            status: self.status.clone(),
            log: Some(LogReference {
                url: format!("{}/api/log/leaves/{}", self.public_url, leaf.commitment),
                narrative: LOGGED.into(),
            }),
        };
        badge.issue(&CONTEXTS, &issuer.assertion(suite, self.at), &issuer.key).map_err(Stop::fault)
    }

    /// The same facts, of which the holder shows what the asker has to know.
    pub fn sd_jwt(&self) -> Result<String, Stop> {
        let face = self.face;
        let (hash, salt) = self.identity();
        let second = self.at.as_second();
        let open = json!({
            "iss": self.issuer.did, "vct": TYPE, "iat": second, "nbf": second,
            "credentialStatus": self.status.iter().map(StatusEntry::document).collect::<Vec<_>>(),
        });
        let facts = json!({
            "name": face.name,
            "identity": {"hash": hash, "salt": salt},
            "certificate_number": face.number,
            "occupation": self.occupation(),
            "occupation_code": face.trade_code,
            "level": face.level.name(),
            "issuer_name": face.body_name,
            "exam_on": face.exam_on.to_string(),
            "issued_on": face.issued_on.to_string(),
        });
        let map = |value| match value {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let hidden = map(facts).into_iter();
        let hidden = hidden.map(|(name, value)| Claim { salt: self.salt(&format!("claim {name}")), name, value });
        let issued = SdJwt {
            open: map(open),
            hidden: hidden.collect(),
            holder: None,
            key_id: format!("{}#{}", self.issuer.did, jwk_of(self.issuer.generation)),
        };
        issue_sd_jwt(&issued, &self.issuer.key).map_err(Stop::fault)
    }

    /// The national signature over the credential, to lie beside it.
    pub fn national(&self) -> Result<Value, Stop> {
        let key = self.office.seals().national_key(&self.issuer.number);
        sign_sm2(&self.credential(Suite::Rdfc)?, &key).map_err(Stop::fault)
    }
}

const CRITERIA: &str = "按国家职业标准参加认定，各科考核合格；结果在院校公示，经职业技能鉴定指导中心逐人审核通过（闽人社办〔2020〕60号）。";
const LOGGED: &str = "本证书的核发记在公开日志中，此后不能改动而不被发现；由此地址取得存证，可以自行验证。";

/// Which list the n-th version of an issuer stands in, and as the how manieth.
pub(super) fn listed(ordinal: i64) -> Result<(u32, u32), Stop> {
    let ordinal = u64::try_from(ordinal).map_err(Stop::fault)?;
    let (list, within) = (ordinal / u64::from(LIST_LENGTH), ordinal % u64::from(LIST_LENGTH));
    Ok((u32::try_from(list).map_err(Stop::fault)?, u32::try_from(within).map_err(Stop::fault)?))
}

/// The document of a body's keys: every one that is not lost, the one that signs today first.
pub(super) fn document(issuer: &Issuer, seals: &Seals, keys: &[BodyKey]) -> Value {
    let mut good: Vec<i64> = keys.iter().filter(|key| key.lost_on.is_none()).map(|key| key.generation).collect();
    good.sort_by_key(|generation| (*generation != issuer.generation, *generation));
    let public = |generation: i64| body_key(seals, &issuer.number, generation).public();
    let named: Vec<_> = good.iter().map(|generation| (fragment_of(*generation), public(*generation))).collect();
    let named: Vec<_> = named.iter().map(|(fragment, key)| (fragment.as_str(), key.clone())).collect();
    good.iter().fold(credential::did_document(&issuer.did, &named), |document, generation| {
        credential::with_json_web_key(document, &jwk_of(*generation), &public(*generation))
    })
}
