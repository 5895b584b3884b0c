//! 一（五）1, 三（三）: who breaks the rules of an examination is reported by one person with what shows it, is heard, and has a
//! decision of another person with its effect; the violation is a result of its own.

use super::*;
use crate::marking::Hand;

words! {
    /// What rule was broken.
    ViolationKind {
        /// Copying, passing on, notes, a telephone that was used.
        Cheating "cheating" "作弊";
        /// Somebody sat for somebody else.
        Impersonation "impersonation" "替考";
        /// Shouting, leaving the seat, keeping others from working.
        Disorder "disorder" "扰乱考场秩序";
        /// Something was brought that may not be brought.
        Forbidden "forbidden" "携带违禁物品";
        /// Machines or tools were used against the rules of safety.
        Safety "safety" "违反安全操作规程";
        /// The end was called and work went on, or the paper was taken away.
        Overtime "overtime" "超时作答或带走试卷";
        /// Something else.
        Other "other" "其他违纪";
    }
}

words! {
    /// What the decision does to the results.
    ViolationEffect {
        /// It was no violation.
        Dismissed "dismissed" "不构成违纪";
        /// It was one, and the marks stand.
        Warned "warned" "警告，成绩有效";
        /// The part comes to nothing.
        Part "part" "该科成绩无效，结果为违纪";
        /// Every part of the batch comes to nothing.
        Batch "batch" "本批次各科成绩无效，结果为违纪";
    }
}

impl ViolationEffect {
    /// Whether a part comes to nothing by it, where the violation was in another or the same part.
    pub fn voids(self, in_part: Part, part: Part) -> bool {
        match self {
            Self::Dismissed | Self::Warned => false,
            Self::Part => in_part == part,
            Self::Batch => true,
        }
    }
}

/// Whether a violation may be reported: it says what was seen.
///
/// # Errors
/// It does not.
pub fn may_report(name: &str, what: &str, open: bool) -> Result<(), Refusal> {
    if open {
        return Err(Refusal::new(Clause::S3_3_1, format!("{name}这一科已有一件违纪报告待决定"))
            .remedy("请在那一件中补充；决定之后再有发现的，另行报告"));
    }
    said(what, Clause::S3_3_1, ("what", "看到了什么", "请写明时间、经过和当场的处置，至少 5 个字"))
}

/// What a decision looks at.
#[derive(Debug, Clone, Copy)]
pub struct Deciding<'a> {
    /// The effect that was decided already.
    pub decided: Option<ViolationEffect>,
    pub kind: ViolationKind,
    pub reported: &'a Hand,
    pub by: &'a Hand,
    /// Files that show it.
    pub evidence: i64,
    /// Whether the candidate was heard, or declined to be.
    pub is_heard: bool,
    pub effect: ViolationEffect,
    pub reason: &'a str,
}

/// Whether it may be decided so: by somebody else than who reported it, with a reason; a mark comes to nothing with evidence
/// and after the candidate was heard alone.
///
/// # Errors
/// One of these is not so.
pub fn may_decide(one: &Deciding<'_>) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(Clause::S3_3_1, what).remedy(remedy).at(field));
    if let Some(effect) = one.decided {
        return refuse(
            format!("这件违纪已有决定：{}", effect.name()),
            "决定不再更改；考生有异议的，在公示期内提出",
            "effect",
        );
    }
    if one.reported.is_same(one.by) {
        return refuse(
            "这件违纪由您本人报告，不能再由您本人决定".into(),
            "请本机构的另一名负责人核对证据、听取陈述后决定",
            "effect",
        );
    }
    let voids = matches!(one.effect, ViolationEffect::Part | ViolationEffect::Batch);
    if voids && one.evidence == 0 {
        return refuse(
            "没有证据，不能决定成绩无效".into(),
            "请先上传录像截图、违禁物品照片或监考人员的书面说明",
            "effect",
        );
    }
    if voids && !one.is_heard {
        return refuse(
            "还没有听取考生的陈述".into(),
            "请先登记考生本人的陈述；本人放弃陈述的，写明怎样告知、怎样放弃",
            "effect",
        );
    }
    if one.kind == ViolationKind::Impersonation && matches!(one.effect, ViolationEffect::Warned | ViolationEffect::Part)
    {
        return refuse(
            "替考不能只作警告或只取消一科".into(),
            "查实替考的，本批次各科成绩无效；没有查实的，决定不构成违纪",
            "effect",
        );
    }
    said(one.reason, Clause::S3_3_1, ("reason", "决定的理由", "请写明核对了哪些证据、怎样认定，至少 5 个字"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_5_1_a_decision_voids_the_part_or_the_batch() {
        for (effect, theory, practical) in [
            (ViolationEffect::Dismissed, false, false),
            (ViolationEffect::Warned, false, false),
            (ViolationEffect::Part, true, false),
            (ViolationEffect::Batch, true, true),
        ] {
            let found = [Part::Theory, Part::Practical].map(|part| effect.voids(Part::Theory, part));
            assert_eq!(found, [theory, practical], "{effect:?}");
        }
    }

    #[test]
    fn s3_3_1_a_mark_comes_to_nothing_with_evidence_after_hearing_by_somebody_else() {
        let (one, other) =
            (Hand { account: Some(1), name: "示例".into() }, Hand { account: Some(2), name: "示例".into() });
        let decide = |by, kind, evidence, is_heard, effect| {
            let reason = "录像核对无误";
            may_decide(&Deciding { decided: None, kind, reported: &one, by, evidence, is_heard, effect, reason })
        };
        use ViolationEffect as E;
        use ViolationKind as K;
        for (by, kind, evidence, is_heard, effect, holds) in [
            (&other, K::Cheating, 1, true, E::Part, true),
            (&one, K::Cheating, 1, true, E::Part, false),
            (&other, K::Cheating, 0, true, E::Part, false),
            (&other, K::Cheating, 1, false, E::Part, false),
            (&other, K::Cheating, 0, false, E::Dismissed, true),
            (&other, K::Disorder, 0, false, E::Warned, true),
            (&other, K::Impersonation, 1, true, E::Part, false),
            (&other, K::Impersonation, 1, true, E::Batch, true),
        ] {
            assert_eq!(decide(by, kind, evidence, is_heard, effect).is_ok(), holds, "{kind:?} {effect:?}");
        }
    }
}
