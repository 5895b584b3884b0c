//! The telephone of the make-believe province: short messages leave for nowhere and can be read on a page, so that a visitor can
//! be a candidate too.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use rules::delivery::Channel;

use crate::delivery::{Failure, Letter, Send};
use crate::door::clock::read_out;

/// How many messages it shows.
const SHOWN: usize = 20;

static ARRIVED: Mutex<VecDeque<Arrived>> = Mutex::new(VecDeque::new());

/// A short message as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// As people read it.
    pub at: String,
    pub to: String,
    pub text: String,
}

/// Every telephone of the province.
pub struct Phone;

impl Send for Phone {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn send(&self, letter: &Letter) -> Result<(), Failure> {
        let arrived = Arrived { at: read_out(letter.made_at), to: letter.to.clone(), text: letter.short.clone() };
        let mut all = ARRIVED.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_front(arrived);
        all.truncate(SHOWN);
        Ok(())
    }
}

/// The messages that arrived last, the last first.
pub(crate) fn arrived() -> Vec<Arrived> {
    ARRIVED.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}
