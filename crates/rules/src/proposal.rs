//! What needs two persons: one proposes with reason and evidence, another agrees or does not. The first may take it back and
//! never agrees; what has an answer is closed (三（三）: every step has a person who answers for it).

use serde::{Deserialize, Serialize};

use crate::marking::Hand;
use crate::{Clause, Refusal};

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// Proposed by one person, not answered by another.
    Proposed,
    /// Agreed by another, and carried out.
    Agreed,
    /// Not agreed.
    Declined,
    /// Taken back by who proposed it.
    Withdrawn,
}

impl ProposalState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Proposed, Self::Agreed, Self::Declined, Self::Withdrawn];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Agreed => "agreed",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "待另一人同意",
            Self::Agreed => "已同意",
            Self::Declined => "未同意",
            Self::Withdrawn => "已撤回",
        }
    }

    /// The state after an answer. Another person agrees or does not, with a reason where not; whoever proposed it may
    /// take it back.
    pub fn answer(self, agreed: bool, reason: &str, proposed: &Hand, answers: &Hand) -> Result<Self, Refusal> {
        if self != Self::Proposed {
            return Err(Refusal::new(Clause::S3_3_1, format!("这一项已有结论：{}", self.name()))
                .remedy("仍需办理的，请另行提出"));
        }
        match (agreed, proposed.is_same(answers)) {
            (true, true) => Err(Refusal::new(Clause::S3_3_1, "由您本人提出的，不能再由您本人同意")
                .remedy("请本机构的另一个账号核对依据后同意；不再办理的，可以撤回")),
            (true, false) => Ok(Self::Agreed),
            (false, true) => Ok(Self::Withdrawn),
            (false, false) if reason.trim().is_empty() => Err(Refusal::new(Clause::S3_3_1, "没有写明不同意的理由")
                .remedy("请写明核对了什么、为什么不同意")
                .at("reason")),
            (false, false) => Ok(Self::Declined),
        }
    }
}

/// Whether what is proposed has a reason and evidence. `what` is the noun of it: 更改, 更正.
pub fn rests_on(clause: Clause, what: &str, reason: &str, has_evidence: bool) -> Result<(), Refusal> {
    let refuse = |said: String, remedy: &str, field| Err(Refusal::new(clause, said).remedy(remedy).at(field));
    match reason.trim().chars().count() {
        0..5 => refuse(format!("没有写明{what}的原因"), "请写明哪里不对、怎么发现的，至少 5 个字", "reason"),
        2001.. => refuse(format!("{what}的原因超过 2000 字"), "请概括要点，其余放进依据文件", "reason"),
        _ if !has_evidence => refuse(format!("没有附上{what}的依据"), "请上传能够证明的扫描件", "file"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_3_1_who_proposed_may_take_it_back_and_never_agrees() {
        use ProposalState::*;
        let hand = |account: i64| Hand { account: Some(account), name: format!("示例{account}") };
        let (one, other) = (hand(1), hand(2));
        let check = |agreed, reason: &str, by: &Hand, expected| {
            assert_eq!(Proposed.answer(agreed, reason, &one, by).ok(), expected, "{agreed} {reason} {by:?}");
        };
        check(true, "", &other, Some(Agreed));
        check(true, "", &one, None);
        check(false, "", &one, Some(Withdrawn));
        check(false, " ", &other, None);
        check(false, "与证件不符", &other, Some(Declined));
        for state in ProposalState::ALL {
            assert_eq!(ProposalState::from_code(state.code()), Some(*state));
            assert_eq!(state.answer(true, "", &one, &other).is_ok(), *state == Proposed);
        }
    }
}
