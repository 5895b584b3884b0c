//! The whole judgement of a stranger's credential: form, proofs, issuer, time, status.

use jiff::Timestamp;
use serde_json::Value;

use crate::integrity::written;
use crate::json::each;
use crate::model::{check_credential, check_presentation, id_of, instant, is_of_type};
use crate::status::bit;
use crate::{Contexts, Documents, Expected, Flaw, Purpose, check_proofs};

/// Where status lists come from: whoever fetched them.
pub trait StatusLists {
    /// The list credential at this address.
    fn list(&self, url: &str) -> Option<Value>;
}

impl<F: Fn(&str) -> Option<Value>> StatusLists for F {
    fn list(&self, url: &str) -> Option<Value> {
        self(url)
    }
}

/// What a verifier knows and trusts.
pub struct Verifier<'a> {
    /// Contexts.
    pub contexts: &'a Contexts,
    /// Documents of keys.
    pub documents: &'a Documents,
    /// Status lists.
    pub lists: &'a dyn StatusLists,
    /// Now.
    pub at: Timestamp,
}

/// A credential that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who issued it.
    pub issuer: String,
    /// Who signed it: the issuer, and others beside.
    pub signers: Vec<String>,
    /// Purposes of messages that its lists hold for it; neither revoked nor suspended.
    pub messages: Vec<String>,
}

/// A presentation that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPresentation {
    /// Who showed it: who signed it.
    pub signers: Vec<String>,
    /// What was shown.
    pub credentials: Vec<Verified>,
}

impl Verifier<'_> {
    /// Judges a credential.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn credential(&self, credential: &Value) -> Result<Verified, Flaw> {
        self.credential_for(credential, None, None)
    }

    /// As [`Verifier::credential`], with proofs that were made for this domain and answer this challenge.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn credential_for(
        &self,
        credential: &Value,
        domain: Option<&str>,
        challenge: Option<&str>,
    ) -> Result<Verified, Flaw> {
        let verified = self.signed(credential, domain, challenge)?;
        self.in_force(credential, verified)
    }

    /// Time and status of a credential whose proofs hold.
    fn in_force(&self, credential: &Value, mut verified: Verified) -> Result<Verified, Flaw> {
        self.check_time(credential)?;
        for entry in each(credential.get("credentialStatus")) {
            if self.status(entry, &verified.issuer)? {
                match entry.get("statusPurpose").and_then(Value::as_str).unwrap_or_default() {
                    "revocation" => return Err(Flaw::Revoked),
                    "suspension" => return Err(Flaw::Suspended),
                    other => verified.messages.push(other.to_owned()),
                }
            }
        }
        Ok(verified)
    }

    /// Form, proofs and issuer alone; neither time nor status.
    fn signed(&self, credential: &Value, domain: Option<&str>, challenge: Option<&str>) -> Result<Verified, Flaw> {
        check_credential(self.contexts, credential)?;
        let expected = Expected { purpose: Purpose::Assertion, at: self.at, domain, challenge };
        let signers = check_proofs(self.contexts, self.documents, credential, expected)?;
        let issuer = credential.get("issuer").and_then(id_of).unwrap_or_default().to_owned();
        if !signers.contains(&issuer) {
            return Err(Flaw::NotTheIssuer(issuer));
        }
        Ok(Verified { issuer, signers, messages: Vec::new() })
    }

    fn check_time(&self, credential: &Value) -> Result<(), Flaw> {
        let time = |at: &str| credential.get(at).and_then(Value::as_str).and_then(instant);
        if let Some(from) = time("validFrom").filter(|from| *from > self.at) {
            return Err(Flaw::NotYetValid(written(from)));
        }
        if let Some(until) = time("validUntil").filter(|until| *until < self.at) {
            return Err(Flaw::Expired(written(until)));
        }
        Ok(())
    }

    /// The bit of an entry. The list has to be signed by whoever issued the credential: another's list could free what
    /// the issuer revoked.
    fn status(&self, entry: &Value, issuer: &str) -> Result<bool, Flaw> {
        if !is_of_type(entry, "BitstringStatusListEntry") {
            let found = each(entry.get("type")).first().and_then(Value::as_str).unwrap_or_default();
            return Err(Flaw::StatusType(found.to_owned()));
        }
        let url = entry.get("statusListCredential").and_then(Value::as_str).unwrap_or_default();
        let list = self.lists.list(url).ok_or_else(|| Flaw::NoStatusList(url.to_owned()))?;
        let judged = || {
            let signed = self.signed(&list, None, None)?;
            if signed.issuer != issuer {
                return Err(Flaw::NotTheIssuer(issuer.to_owned()));
            }
            if list.get("id").is_some_and(|id| id != url) {
                return Err(Flaw::model("id", "与取得状态列表的地址不同"));
            }
            self.check_time(&list)?;
            bit(entry, &list)
        };
        judged().map_err(|flaw| match flaw {
            Flaw::StatusRange(_) | Flaw::StatusListPurpose(_) | Flaw::StatusListLength => flaw,
            flaw => Flaw::StatusList { list: url.to_owned(), flaw: Box::new(flaw) },
        })
    }

    /// Judges a presentation and every credential in it.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn presentation(
        &self,
        presentation: &Value,
        domain: Option<&str>,
        challenge: Option<&str>,
    ) -> Result<VerifiedPresentation, Flaw> {
        check_presentation(presentation)?;
        let expected = Expected { purpose: Purpose::Authentication, at: self.at, domain, challenge };
        let signers = check_proofs(self.contexts, self.documents, presentation, expected)?;
        if let Some(holder) = presentation.get("holder").and_then(id_of)
            && !signers.iter().any(|signer| signer == holder)
        {
            return Err(Flaw::NotTheHolder(holder.to_owned()));
        }
        let credentials = each(presentation.get("verifiableCredential"));
        let holder = presentation.get("holder").and_then(id_of);
        let credentials = credentials.iter().map(|one| match (one.get("proof"), holder) {
            // What the holder says of themselves is covered by the presentation's proof; of others they can't speak.
            (None, Some(holder)) if one.get("issuer").and_then(id_of) == Some(holder) => {
                check_credential(self.contexts, one)?;
                self.in_force(
                    one,
                    Verified { issuer: holder.to_owned(), signers: signers.clone(), messages: Vec::new() },
                )
            }
            _ => self.credential(one),
        });
        let credentials = credentials.collect::<Result<_, _>>()?;
        Ok(VerifiedPresentation { signers, credentials })
    }
}
