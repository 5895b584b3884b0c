//! Stories: one file per clause group, told through HTTP on both databases; the doors; tests about the source.

mod accounts;
mod application;
mod batch;
mod certificate;
mod chain;
mod doors;
mod durability;
mod evaluation;
mod face;
mod filing;
mod held;
mod house;
mod kinds;
mod ledger;
mod marks;
mod publicity;
mod query;
mod regulation;
mod report;
mod roster;
mod scene;
mod stages;
mod standing;
mod statements;
mod tidy;
mod world;
