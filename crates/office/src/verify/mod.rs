//! 二（二）4: whoever has a certificate in hand, on paper or as a file, can have it checked without an account: each check a line with
//! what it means. Nothing that is brought is kept. And what the house has answered can be taken along, signed.

mod judge;
mod pages;
mod receipt;

use jiff::Timestamp;
use proof::{KeyList, Signer as _};

pub(crate) use judge::{Judge, Judged, Knows, Record};
pub(crate) use pages::{LARGEST, VERIFY};
pub use pages::{api, pages};
pub(crate) use receipt::receipt;

use crate::certificate::{key_list, revocations, signer};
use crate::door::{Office, Stop};
use crate::query;

/// Judges with the keys, the record and the status lists of this house.
///
/// # Errors
/// As the judge's.
pub(crate) fn at_home(office: &Office, judge: impl FnOnce(&Judge<'_>) -> Result<Judged, Stop>) -> Result<Judged, Stop> {
    let root = signer(office).public();
    let trusted = root.clone();
    judge(&Judge {
        keys: vec![root],
        list: &move || KeyList::read(&key_list(office)?, Some(&trusted)).map_err(Stop::fault),
        roots: vec![office.document_root()?.certificate().clone()],
        revocations: &|| revocations(office).map(Some),
        holder: None,
        inclusion: None,
        looks_up_numbers: false,
        record: &|number| {
            let found = office.engine().read(|tx| query::by_number(tx, &number.to_string()))?;
            Ok(Record::of(found, &office.reference().calendar))
        },
        status: &|entry| crate::badge::status(office, entry),
        at: Timestamp::from_millisecond(office.now()).map_err(Stop::fault)?,
    })
}
