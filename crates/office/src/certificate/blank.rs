//! 二（二）4: certificates on blanks. A printing house prints the blank, the body's own printer what is its holder's; a sheet
//! to try shows how far that printer is off, and what the body says of it holds for all that it prints from then on.

use jiff::civil::Date;
use press::{Layout, Offset};
use rules::permission::{ActKind, LookKind};
use rules::print_offset::{self, PrintOffset};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::door::{Act, Desk, Look, Office, Sight, Stop, Subject};

/// Says how far the body's printer is off the blanks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SetPrintOffset {
    /// Tenths of a millimetre to the right; below zero to the left.
    #[schema(minimum = -100, maximum = 100)]
    pub right: i64,
    /// Tenths of a millimetre downwards; below zero upwards.
    #[schema(minimum = -100, maximum = 100)]
    pub down: i64,
}

impl Act for SetPrintOffset {
    const KIND: ActKind = ActKind::SetPrintOffset;
    type Answer = PrintOffsetView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<PrintOffsetView, Stop> {
        let body = desk.body()?;
        let offset = PrintOffset { right: self.right, down: self.down };
        print_offset::may_set(offset)?;
        let (on, by) = (desk.today(), desk.caller().name());
        store::set_print_offset(&mut desk.tx(), body, offset, (on, by))?;
        Ok(PrintOffsetView { right: self.right, down: self.down, set_on: Some(on), set_by: Some(by.to_owned()) })
    }
}

/// How far a body's printer is off the blanks, in tenths of a millimetre.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PrintOffsetView {
    pub right: i64,
    pub down: i64,
    /// When it was said; nothing where it never was.
    pub set_on: Option<Date>,
    pub set_by: Option<String>,
}

impl PrintOffsetView {
    /// The same for the press.
    pub(super) fn offset(&self) -> Offset {
        // Checked when it was set.
        let tenths = |tenths: i64| i32::try_from(tenths).unwrap_or_default();
        Offset { right: tenths(self.right), down: tenths(self.down) }
    }

    /// How it is printed on blanks.
    pub(super) fn layout(&self) -> Layout {
        Layout::Data(self.offset())
    }

    /// In words: `向右 1.2 毫米，向下 -0.5 毫米`.
    pub(super) fn said(&self) -> String {
        self.offset().to_string()
    }
}

/// How far is the body's own printer off the blanks?
#[derive(Debug, Deserialize, ToSchema)]
pub struct PrintOffsetDetail {}

impl Look for PrintOffsetDetail {
    const KIND: LookKind = LookKind::Certificates;
    type View = PrintOffsetView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<PrintOffsetView, Stop> {
        let body = sight.body()?;
        Ok(store::print_offset(&mut sight.tx(), body)?)
    }
}

/// The blank, for a printing house.
///
/// # Errors
/// A fault when it can't be set.
pub(super) fn blank(office: &Office, public_url: &str) -> Result<Vec<u8>, Stop> {
    office.press().blank(Some(super::issue::query_address(public_url)), office.today()).map_err(Stop::fault)
}

/// The sheet to try, moved as far as is said now.
///
/// # Errors
/// A fault when it can't be set.
pub(super) fn trial(office: &Office, public_url: &str, view: &PrintOffsetView) -> Result<Vec<u8>, Stop> {
    let query = Some(super::issue::query_address(public_url));
    office.press().trial(view.offset(), query, office.today()).map_err(Stop::fault)
}
