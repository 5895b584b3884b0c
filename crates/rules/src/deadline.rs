//! Days by which something is due. The day is a fact and is kept; late or not is computed whenever it is asked.

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, IMPORT};
use crate::{Clause, Day};

/// The day of the year from which administrators are told that next year's working days are missing: month, day.
/// The State Council's notice appears in November; a batch notified in October can reach into January.
pub const WARN_FROM: (i8, i8) = (10, 1);

/// A last day, and the duty that sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Deadline {
    /// The last day on which the duty is done in time.
    #[schema(value_type = String, format = Date)]
    pub due_on: Day,
    /// The duty's clause.
    #[schema(value_type = String)]
    pub clause: Clause,
}

impl Deadline {
    /// Whether the last day has passed.
    pub fn is_late(&self, today: Day) -> bool {
        today > self.due_on
    }
}

/// What administrators are told while this year's working days are missing, and from 1 October while the next
/// year's are.
pub fn warn_missing_year(calendar: &Calendar, today: Day) -> Option<String> {
    let year = today.year();
    let missing = if !calendar.knows(year) {
        year
    } else if (today.month(), today.day()) >= WARN_FROM && !calendar.knows(year + 1) {
        year + 1
    } else {
        return None;
    };
    Some(format!(
        "{missing}年的工作日表尚未导入，涉及该年的期限都不能推算。国务院办公厅公布放假安排后，请在“参考数据”页导入，\
         或运行 {IMPORT}"
    ))
}
