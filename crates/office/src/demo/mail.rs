//! Mail of the make-believe province: it leaves for nowhere, so that the pages about messages have something to show.

use std::sync::{Arc, Mutex, PoisonError};

use rules::delivery::Channel;
use serde_json::json;

use crate::delivery::{Channels, Failure, Letter, Send, send_waiting};
use crate::door::{Caller, Office, Stop};
use crate::web::api::Registry;

/// Whose mail it is: login and address. Nobody lives there: the domain is kept free for examples (RFC 2606).
const READERS: &[(&str, &str)] = &[
    ("rongcheng-head", "head@rongcheng.example"),
    ("fuzhou-centre", "shenhe@fuzhou.example"),
    ("fujian-centre", "zhongxin@fujian.example"),
];

/// A mailbox that remembers the letter that came last.
#[derive(Clone, Default)]
struct Mailbox(Arc<Mutex<String>>);

impl Send for Mailbox {
    fn channel(&self) -> Channel {
        Channel::Mail
    }

    fn send(&self, letter: &Letter) -> Result<(), Failure> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = letter.short.clone();
        Ok(())
    }
}

/// The readers confirm their addresses; from then on their mail is sent as the year goes.
pub(super) fn begin(office: &Office, features: &Registry, callers: &[(String, Caller)]) -> Result<(), Stop> {
    let mailbox = Mailbox::default();
    office.send_by(Channels::new("", vec![Box::new(mailbox.clone())]));
    let act = |caller: &Caller, kind: &str, fields| {
        let call = features.acts.get(kind).ok_or_else(|| Stop::fault(format!("no act {kind}")))?;
        call(office, caller, None, fields)
    };
    for (login, address) in READERS {
        let Some((_, caller)) = callers.iter().find(|(own, _)| own == login) else { continue };
        act(caller, "AskCode", json!({"channel": "mail", "address": address}))?;
        send_waiting(office)?;
        let short = mailbox.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let digits: Vec<&str> = short.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 6).collect();
        let code = digits.first().ok_or_else(|| Stop::fault("a letter without a code"))?;
        act(caller, "ConfirmContact", json!({"channel": "mail", "code": code}))?;
        let all = json!([{"channel": "mail", "kind": "deadline"}, {"channel": "mail", "kind": "matter"}]);
        act(caller, "ChooseMessages", json!({"choices": all}))?;
    }
    Ok(())
}

/// The province has no mail server of its own: what comes later waits until the operator names one.
pub(super) fn end(office: &Office) -> Result<(), Stop> {
    send_waiting(office)?;
    office.send_by(Channels::default());
    Ok(())
}
