//! 三（三）: the certificates of a batch in the columns of the national sheet, to be looked at; what is uploaded are packages.

use rules::exchange::{ExchangeFacts, ExchangeTemplate};

use super::Face;
use crate::door::Stop;

impl Face {
    /// What of it goes into the national sheet.
    fn exchanged(&self) -> ExchangeFacts<'_> {
        ExchangeFacts {
            name: &self.name,
            id_kind: &self.id_kind,
            id_kind_name: &self.id_kind_name,
            id_number: &self.id_number,
            trade_code: &self.trade_code,
            trade: &self.trade,
            work_type: &self.work_type,
            level: self.level,
            number: &self.number,
            issued_on: self.issued_on,
            body_name: &self.body_name,
            state: self.state,
        }
    }
}

/// The national certificate sheet of a batch.
///
/// # Errors
/// A refusal when a column that must say something does not; a fault when the workbook can't be written.
pub fn sheet(template: &ExchangeTemplate, faces: &[Face]) -> Result<Vec<u8>, Stop> {
    let rows = faces.iter().map(|face| template.cells(&face.exchanged())).collect::<Result<Vec<_>, _>>()?;
    sheets::exchange(&template.headings(), rows).map_err(Stop::fault)
}
