//! A form that was posted when its session had ended. What was typed travels sealed through the sign-in page and is
//! posted again when the same account has signed in; nothing of it is stored, and nobody else can send it.

use serde::{Deserialize, Serialize};

use super::Posted;
use crate::door::{Caller, Seals, clock};

/// The most that travels, in bytes of text: a list of 500 people with their cards. A longer form is given up and said so.
const KEPT_MAX: usize = 96 * 1024;
/// How long it may travel, in milliseconds: an hour.
const KEPT_MS: i64 = 3_600_000;

/// A form on its way through the sign-in page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// Where it was going: path and query.
    pub to: String,
    /// What was typed. Files don't travel.
    pub texts: Vec<(String, String)>,
    pub had_files: bool,
    at: i64,
}

/// A form that goes on now, with the session that has just begun.
#[derive(Debug, Clone)]
pub struct Again {
    pub kept: Kept,
    pub token: String,
}

/// Says of a form's token whose page it was on: only the house can make it, and everyone's is another's.
pub fn mark(seals: &Seals, caller: &Caller) -> String {
    caller.account().map_or_else(String::new, |account| seals.find_key(&format!("form of {account}")))
}

/// The token of a session's forms.
pub fn form_token(csrf: &str, mark: &str) -> String {
    format!("{csrf}.{mark}")
}

impl Kept {
    /// What was posted, if it came from a page for someone with an account and is not too long.
    pub fn of(posted: &Posted, to: &str) -> Option<Self> {
        let length: usize = posted.texts().iter().map(|(name, text)| name.len() + text.len()).sum();
        let is_ours = posted.text("csrf").contains('.') && length <= KEPT_MAX;
        is_ours.then(|| Self {
            to: to.to_owned(),
            texts: posted.texts().to_vec(),
            had_files: posted.has_files(),
            at: clock::real_now(),
        })
    }

    /// Sealed, for the sign-in page.
    pub fn seal(&self, seals: &Seals) -> String {
        seals.seal(&serde_json::to_string(self).unwrap_or_default())
    }

    /// Opened again; nothing if it was altered or is too old.
    pub fn open(seals: &Seals, sealed: &str) -> Option<Self> {
        let kept: Self = serde_json::from_str(&seals.open_text(sealed)?).ok()?;
        (clock::real_now() - kept.at <= KEPT_MS).then_some(kept)
    }

    /// Whether the form came from a page of the account with this mark.
    pub fn is_of(&self, mark: &str) -> bool {
        let token = self.texts.iter().find(|(name, _)| name == "csrf");
        !mark.is_empty() && token.and_then(|(_, token)| token.split_once('.')).is_some_and(|(_, of)| of == mark)
    }

    /// The form's body, with the token of the new session.
    pub fn body(&self, csrf: &str) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, text) in &self.texts {
            form.append_pair(name, if name == "csrf" { csrf } else { text });
        }
        form.finish()
    }
}
