//! Status lists: where each certificate of a body stands now, as a list in which nobody sees whom one looks up.

use credential::{LIST_LENGTH, ListOf, StatusList, StatusPurpose, Suite, add_proof, place_of};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::issue::{CONTEXTS, Issuer, listed};
use super::store;
use crate::door::{Office, Sight, Stop};
use crate::signing_key;

/// Lists are dated by the full hour, so that one that has not changed stays the same file for that long.
const HOUR_MS: i64 = 3_600_000;
/// How long a verifier without a network may go by the list that it has.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(25);

/// A list by the last part of its address, `revocation-0`.
pub(super) fn read_name(name: &str) -> Option<(StatusPurpose, u32)> {
    let (purpose, no) = name.rsplit_once('-')?;
    let purpose =
        [StatusPurpose::Revocation, StatusPurpose::Suspension].into_iter().find(|one| one.name() == purpose)?;
    let read: u32 = no.parse().ok()?;
    (read.to_string() == no).then_some((purpose, read))
}

/// The bits of a list as they are now; *not found* beyond the body's last list.
fn bits(sight: &mut Sight<'_>, number: &str, purpose: StatusPurpose, no: u32) -> Result<StatusList, Stop> {
    let tx = &mut sight.tx();
    store::issuer(tx, number)?.ok_or(Stop::NotFound)?;
    let last = listed((store::next(tx, number)? - 1).max(0))?.0;
    if no > last {
        return Err(Stop::NotFound);
    }
    let from = i64::from(no) * i64::from(LIST_LENGTH);
    let is_suspension = purpose == StatusPurpose::Suspension;
    let marked = store::marked(tx, number, is_suspension, (from, from + i64::from(LIST_LENGTH)))?;
    let (key, mut bits) = (sight.seals().status_key(number), StatusList::default());
    for ordinal in marked {
        let place = place_of(&key, no, listed(ordinal)?.1).ok_or_else(|| Stop::fault("a place beyond its list"))?;
        bits.set(place, true).map_err(Stop::fault)?;
    }
    Ok(bits)
}

/// Whether the bit at a place is set now.
pub(super) fn is_set(
    office: &Office,
    number: &str,
    (purpose, no): (StatusPurpose, u32),
    place: u64,
) -> Result<bool, Stop> {
    let bits = office.public(|sight| bits(sight, number, purpose, no))?;
    Ok(bits.get(place).unwrap_or(false))
}

/// A list as it is published, signed by its body.
///
/// # Errors
/// *Not found* for a list that the body has not; a fault when the house can't read or sign.
pub(super) fn list(
    office: &Office,
    public_url: &str,
    number: &str,
    (purpose, no): (StatusPurpose, u32),
) -> Result<Value, Stop> {
    let (bits, keys) =
        office.public(|sight| Ok((bits(sight, number, purpose, no)?, signing_key::held(&mut sight.tx(), number)?)))?;
    let generation = rules::signing_key::signing(&keys, office.today());
    let issuer = Issuer::new(office.seals(), public_url, number, generation);
    let now = office.now();
    let at = Timestamp::from_millisecond(now - now.rem_euclid(HOUR_MS)).map_err(Stop::fault)?;
    let id = issuer.list(purpose, no);
    let until = at.checked_add(GOOD_FOR).map_err(Stop::fault)?;
    let list = ListOf { id: &id, issuer: &issuer.did, purpose, valid_from: at, valid_until: Some(until), bits: &bits };
    let document = list.document().map_err(Stop::fault)?;
    add_proof(&CONTEXTS, document, &issuer.assertion(Suite::Rdfc, at), &issuer.key).map_err(Stop::fault)
}
