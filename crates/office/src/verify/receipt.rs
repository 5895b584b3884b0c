//! What the query has answered, as a file that proves itself: an employer keeps it beside the contract.

use proof::{Answer, Signer as _};

use crate::certificate::signer;
use crate::door::{Office, Stop, hex};
use crate::query::{Found, PublicAnswer};

/// The answer to a question as a signed file.
///
/// # Errors
/// A fault when the house can't sign.
pub(crate) fn receipt(office: &Office, public_url: &str, found: &[Found]) -> Result<Vec<u8>, Stop> {
    let root = signer(office);
    let said = serde_json::to_value(PublicAnswer::new(office, found)).map_err(Stop::fault)?;
    let answer = Answer {
        answered_at: office.now(),
        house: public_url.to_owned(),
        root: hex(root.public().as_bytes()),
        certificates: said["certificates"].clone(),
    };
    answer.sign(&root).map_err(Stop::fault)
}
