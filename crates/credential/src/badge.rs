//! A professional skill certificate as an Open Badges 3.0 achievement: what leaves is named here, field by field.

use jiff::Timestamp;
use jiff::civil::Date;
use proof::Signer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::integrity::written;
use crate::{CREDENTIALS_V2, Contexts, Flaw, OPEN_BADGES, ProofOptions, StatusEntry, add_proof};

/// 评价机构, as whoever issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Its DID: `did:web:…`.
    pub id: String,
    /// The name as filed.
    pub name: String,
    /// Where people find it.
    pub url: Option<String>,
}

/// Whose certificate it is. The ID number never leaves; who knows it can compare its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Name; none where the certificate is shown to people who need not know it.
    pub name: Option<String>,
    /// [`identity_hash`] of the ID number.
    pub identity_hash: String,
    /// The salt of the hash.
    pub salt: String,
    /// The holder's own DID, if a wallet gave one.
    pub id: Option<String>,
}

/// A line of the public log that stands for this certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogReference {
    /// Address of the line.
    pub url: String,
    /// What it proves, in a sentence.
    pub narrative: String,
}

/// The addresses of one certificate's parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Of the credential itself.
    pub credential: String,
    /// Of what was achieved: occupation and level, shared by all who achieved it with this body.
    pub achievement: String,
    /// Where the rules stand under which it is achieved.
    pub criteria: String,
}

/// A certificate of vocational skill level, as an electronic credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// Addresses.
    pub place: Place,
    /// 证书编号.
    pub number: String,
    /// Occupation code: `6-18-01-01`.
    pub occupation_code: String,
    /// Occupation.
    pub occupation: String,
    /// Level in full: `三级/高级工`.
    pub level: String,
    /// What had to be shown, in sentences.
    pub criteria: String,
    /// The body.
    pub issuer: Issuer,
    /// The person.
    pub holder: Holder,
    /// Day of the last examination.
    pub exam_on: Date,
    /// Instant of issue.
    pub issued_at: Timestamp,
    /// Where its bits stand. The JSON schema of Open Badges knows one entry; a second one is for readers of the data model.
    pub status: Vec<StatusEntry>,
    /// Its line in the public log.
    pub log: Option<LogReference>,
}

/// `sha256$` and SHA-256 over number and salt, as Open Badges hashes an identity.
pub fn identity_hash(id_number: &str, salt: &str) -> String {
    let digest = Sha256::digest(format!("{id_number}{salt}"));
    format!("sha256${}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

impl Badge {
    /// The credential, still to be signed.
    pub fn document(&self) -> Value {
        let title = format!("{}（{}）", self.occupation, self.level);
        let mut identifiers = vec![json!({
            "type": "IdentityObject",
            "hashed": true,
            "identityHash": self.holder.identity_hash,
            "identityType": "nationalIdentityNumber",
            "salt": self.holder.salt,
        })];
        if let Some(name) = &self.holder.name {
            identifiers.push(json!({
                "type": "IdentityObject", "hashed": false, "identityHash": name, "identityType": "name",
            }));
        }
        let mut subject = json!({
            "type": ["AchievementSubject"],
            "identifier": identifiers,
            "licenseNumber": self.number,
            "activityEndDate": self.exam_on.to_string(),
            "achievement": {
                "id": self.place.achievement,
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": title,
                "description": format!("职业技能等级证书：{title}"),
                "humanCode": self.occupation_code,
                "specialization": self.level,
                "fieldOfStudy": self.occupation,
                "criteria": {"id": self.place.criteria, "narrative": self.criteria},
            },
        });
        if let Some(id) = &self.holder.id {
            subject["id"] = id.as_str().into();
        }
        let mut issuer = json!({"id": self.issuer.id, "type": ["Profile"], "name": self.issuer.name});
        if let Some(url) = &self.issuer.url {
            issuer["url"] = url.as_str().into();
        }
        let mut document = json!({
            "@context": [CREDENTIALS_V2, OPEN_BADGES],
            "id": self.place.credential,
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": title,
            "issuer": issuer,
            "validFrom": written(self.issued_at),
            "credentialSubject": subject,
        });
        match &self.status[..] {
            [] => {}
            [one] => document["credentialStatus"] = one.document(),
            many => document["credentialStatus"] = many.iter().map(StatusEntry::document).collect(),
        }
        if let Some(log) = &self.log {
            document["evidence"] = json!([{
                "id": log.url, "type": ["Evidence"], "name": "公开登记", "narrative": log.narrative,
            }]);
        }
        document
    }

    /// The credential with the issuer's proof.
    ///
    /// # Errors
    /// When an address is none, or the signer does not sign.
    pub fn issue(
        &self,
        contexts: &Contexts,
        options: &ProofOptions,
        signer: &(impl Signer + ?Sized),
    ) -> Result<Value, Flaw> {
        add_proof(contexts, self.document(), options, signer)
    }
}
