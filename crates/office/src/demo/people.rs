//! Made-up people: names from the lists of `demo/`, identity numbers of a county that never was (350199), born in years
//! that fit a class. The same seed gives the same people.

use std::sync::LazyLock;

use rules::Day;
use sheets::specimen::{Chance, resident_number};

static SURNAMES: LazyLock<Vec<&str>> = LazyLock::new(|| lines(include_str!("../../../../demo/surnames.txt")));
static GIVEN: LazyLock<Vec<&str>> = LazyLock::new(|| lines(include_str!("../../../../demo/given-names.txt")));
static WHOLE: LazyLock<Vec<&str>> = LazyLock::new(|| lines(include_str!("../../../../demo/whole-names.txt")));

/// The portraits of `demo/photos`, one of which everyone gets.
pub(super) const PORTRAITS: [&[u8]; 6] = [
    include_bytes!("../../../../demo/photos/1.jpg"),
    include_bytes!("../../../../demo/photos/2.jpg"),
    include_bytes!("../../../../demo/photos/3.jpg"),
    include_bytes!("../../../../demo/photos/4.jpg"),
    include_bytes!("../../../../demo/photos/5.jpg"),
    include_bytes!("../../../../demo/photos/6.jpg"),
];
/// Where the schools hang up results.
pub(super) const NOTICE_BOARD: &[u8] = include_bytes!("../../../../demo/notice-board.png");

fn lines(text: &'static str) -> Vec<&'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// A student of the make-believe province.
#[derive(Debug, Clone)]
pub(super) struct Student {
    pub name: String,
    pub number: String,
    pub student_no: String,
    pub phone: String,
}

/// Makes people, each another.
pub(super) struct Crowd {
    chance: Chance,
    made: usize,
}

impl Crowd {
    pub(super) fn new(seed: u64) -> Self {
        Self { chance: Chance(seed), made: 0 }
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.chance.below(bound)
    }

    /// A name, now and then one of the rare ones.
    pub(super) fn name(&mut self) -> String {
        if self.below(40) == 0 {
            WHOLE[self.below(WHOLE.len())].to_owned()
        } else {
            format!("{}{}", SURNAMES[self.below(SURNAMES.len())], GIVEN[self.below(GIVEN.len())])
        }
    }

    /// A class that entered in a year, fifteen or sixteen years old.
    pub(super) fn class(&mut self, entered: i16, size: usize) -> Vec<Student> {
        (0..size).map(|_| self.student(entered)).collect()
    }

    fn student(&mut self, entered: i16) -> Student {
        self.made += 1;
        let name = self.name();
        let birthday = Day::constant(2000, 1, 1).saturating_add(jiff::Span::new().days(self.below(364) as i64));
        let born = format!("{}{:02}{:02}", entered - 16, birthday.month(), birthday.day().min(28));
        // The order within a day goes on over all who were made, so that no two share a number.
        let number = resident_number(&born, self.made % 1000);
        Student {
            name,
            number,
            student_no: format!("{entered}{:05}", self.made),
            phone: format!("1990000{:04}", self.made % 10_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_share_a_number_and_all_are_well_formed() {
        let class = Crowd::new(60).class(2023, 900);
        let numbers: std::collections::BTreeSet<&str> = class.iter().map(|student| student.number.as_str()).collect();
        assert_eq!(numbers.len(), 900);
        let on = Day::constant(2026, 3, 2);
        assert!(class.iter().all(|student| {
            rules::identity::check(rules::identity::IdKind::ResidentId, &student.number, on).is_ok()
        }));
    }
}
