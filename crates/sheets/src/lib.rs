//! Spreadsheets as people send them: read, checked against `rules`, marked up and written. Bytes go in, findings,
//! rows or bytes come out; no clock, no files, no database. Limits and formats are the platform's own rules.

mod arrivals;
mod cards;
mod certificate_checks;
mod enrolment;
mod exchange;
mod fees;
mod filing;
mod finding;
mod marked;
mod marks;
mod recordings;
mod roster;
mod scheme_marks;
mod scores;
mod table;
mod template;
mod value;
mod workbook;
mod year_plan;

pub mod specimen;

pub use arrivals::{ArrivalRow, ArrivalsCheck, read_arrivals};
pub use cards::{CardRow, CardsCheck, CardsContext, read_cards};
pub use certificate_checks::{CheckLine, read_certificate_checks};
pub use enrolment::{EnrolmentCheck, EnrolmentIndex, EnrolmentRow, read_enrolment};
pub use exchange::{NationalCheck, NationalRow, ReceiptCheck, ReceiptRow, read_national, read_receipt};
pub use fees::{FeesCheck, fees_table, read_fees};
pub use filing::{
    ListCheck, MajorRow, PersonRow, SiteRow, majors_template, people_template, read_majors, read_people, read_sites,
    sites_template,
};
pub use finding::{FaultKind, Finding, Severity};
pub use marked::marked_up;
pub use marks::{MarkRow, MarksCheck, MarksContext, read_marks};
pub use recordings::{
    RecordingRoom, RecordingRow, RecordingsCheck, RecordingsContext, read_recordings, recordings_table,
};
pub use roster::{GoodRow, ROWS_MAX, RosterCheck, RosterContext, check_roster};
pub use scheme_marks::{CourseContext, CourseRow, ModuleRow, SchemeCheck, read_course_marks, read_module_marks};
pub use scores::{RubricCheck, ScoreRow, ScoresCheck, read_rubric, read_scores, rubric_template, scores_template};
pub use template::{
    REGISTRATION, RosterForm, TableSheet, cards_headings, cards_template, course_marks_template, enrolment_template,
    exchange, marks_template, module_marks_template, roster_template, table, tables,
};
pub use value::{narrow, person_name};
pub use workbook::{BYTES_MAX, INFLATED_MAX, Workbook};
pub use year_plan::{YearPlanCheck, read_year_plan, year_plan_table};
