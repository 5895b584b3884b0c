//! The notice 闽人社办〔2020〕60号 as pure functions: facts and a day go in, a new value or a refusal comes out.
//! No clock, no SQL, no HTTP, no randomness. Modules stand in the notice's reading order.

pub mod notice;
pub mod refusal;
pub mod term;
pub mod terms;

pub mod calendar;
pub mod deadline;
pub mod delivery;

pub mod people;
pub mod permission;

pub mod identity;
pub mod jurisdiction;
pub mod trade;

pub mod announcement;
pub mod archive;
pub mod arrangement;
pub mod assignment;
pub mod batch;
pub mod candidate;
pub mod certificate;
pub mod certificate_check;
pub mod checklist;
pub mod conduct;
pub mod cooperation;
pub mod directory;
pub mod eligibility;
pub mod evaluation;
pub mod exchange;
pub mod filing;
pub mod inspection;
pub mod major;
pub mod marking;
pub mod photo;
pub mod print_offset;
pub mod proposal;
pub mod publicity;
pub mod register;
pub mod regulation;
pub mod report;
pub mod result;
pub mod rubric;
pub mod scheme;
pub mod scoring;
pub mod share;
pub mod signing_key;
pub mod stamp;
pub mod standard;
pub mod standing;
pub mod stock;
pub mod submission;
pub mod year_plan;

pub use jiff::civil::Date as Day;
pub use notice::Clause;
pub use refusal::{Ground, Refusal};
