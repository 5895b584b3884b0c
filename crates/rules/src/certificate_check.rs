//! 二（二）4: whoever employs checks certificates by the list. What a row comes to, who may ask how much.

use serde::{Deserialize, Serialize};

use crate::certificate::CertificateState;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::term::{Term, Terms};

/// What the check of a row comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// The certificate is this person's and stands.
    Valid,
    /// It is, and must not be relied on for the time being.
    Suspended,
    Revoked,
    Void,
    /// Name and numbers don't belong together, or there is no such certificate; which of them is not said.
    NoMatch,
    /// The row can't be checked as it is.
    Unreadable,
}

impl CheckVerdict {
    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoMatch => "不符",
            Self::Unreadable => "未核验",
            Self::Valid => CertificateState::Valid.name(),
            Self::Suspended => CertificateState::Suspended.name(),
            Self::Revoked => CertificateState::Revoked.name(),
            Self::Void => CertificateState::Void.name(),
        }
    }

    /// What the certificates that fit a row come to: one that stands is enough.
    pub fn of(states: impl IntoIterator<Item = CertificateState>) -> Self {
        let of_one = |state| match state {
            CertificateState::Valid => Self::Valid,
            CertificateState::Suspended => Self::Suspended,
            CertificateState::Revoked => Self::Revoked,
            CertificateState::Void => Self::Void,
        };
        states.into_iter().map(of_one).min().unwrap_or(Self::NoMatch)
    }
}

/// Whether somebody who has had `before` rows checked today may have so many more.
///
/// # Errors
/// The refusal, with how many are left.
pub fn may_check(rows: i64, before: i64, terms: &Terms) -> Result<(), Refusal> {
    let most = terms.get(Term::CheckRows);
    if before + rows <= most {
        return Ok(());
    }
    let left = (most - before).max(0);
    Err(Refusal::new(Clause::S2_2_4C, format!("每个单位每天可核验{most}行，今天还可核验{left}行，文件有{rows}行"))
        .remedy("请明天再核验，或拆分文件；确需更多的，请向省中心说明")
        .at("file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_2_4c_one_certificate_that_stands_is_enough_and_none_is_no_match() {
        use CertificateState as S;
        assert_eq!(CheckVerdict::of([S::Revoked, S::Valid]), CheckVerdict::Valid);
        assert_eq!(CheckVerdict::of([S::Void, S::Suspended]), CheckVerdict::Suspended);
        assert_eq!(CheckVerdict::of([S::Void]), CheckVerdict::Void);
        assert_eq!(CheckVerdict::of([]), CheckVerdict::NoMatch);
    }

    #[test]
    fn s2_2_4c_a_day_has_so_many_rows() {
        let terms = Terms::of([(Term::CheckRows, 1_000)]);
        assert_eq!(may_check(400, 600, &terms), Ok(()));
        let refusal = may_check(401, 600, &terms).expect_err("too many");
        assert!(refusal.what.contains("还可核验400行"), "{refusal}");
    }
}
