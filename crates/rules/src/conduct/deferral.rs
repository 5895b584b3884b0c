//! 一（五）1: who can't sit for a good reason asks before the examination is over to be put off; the body agrees by a second
//! person. A deferral is a result of its own: no failure, no absence, and it uses no make-up up.

use super::hold::Decided;
use super::*;
use crate::marking::Hand;

words! {
    /// Where a deferral stands.
    DeferralState {
        /// Asked for, not answered by another person.
        Asked "asked" "待答复";
        /// Agreed by another person: the part is put off.
        Agreed "agreed" "已同意";
        /// Not agreed.
        Declined "declined" "未同意";
        /// Taken back by who entered it.
        Withdrawn "withdrawn" "已撤回";
    }
}

impl DeferralState {
    /// Whether another one for the same part would be one too many.
    pub const fn stands(self) -> bool {
        matches!(self, Self::Asked | Self::Agreed)
    }

    /// The state after an answer: another person agrees or does not, with a reason where not; who entered it may take it back.
    ///
    /// # Errors
    /// It is answered already, by the same person, or without a reason.
    pub fn answer(self, agreed: bool, reason: &str, asked: &Hand, answers: &Hand) -> Result<Self, Refusal> {
        let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S1_5_1, what).remedy(remedy));
        if self != Self::Asked {
            return refuse(format!("这项缓考申请{}", self.name()), "情况有变的，请另行申请");
        }
        match (agreed, asked.is_same(answers)) {
            (true, true) => refuse(
                "缓考申请由您本人登记，不能再由您本人同意".into(),
                "请本机构的另一个账号核对证明后答复；登记有误的，可以撤回",
            ),
            (true, false) => Ok(Self::Agreed),
            (false, true) => Ok(Self::Withdrawn),
            (false, false) if reason.trim().is_empty() => {
                refuse("没有写明不同意的理由".into(), "请写明核对了什么、为什么不同意")
                    .map_err(|refusal| refusal.at("reason"))
            }
            (false, false) => Ok(Self::Declined),
        }
    }
}

/// What asking for a deferral looks at.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    pub name: &'a str,
    /// The part that it is about, with its day; the first day where it is about all.
    pub exam_on: Day,
    pub today: Day,
    /// Whether the candidate signed in for the part, or for one of them.
    pub is_present: bool,
    /// Whether another one is not answered or was agreed.
    pub is_asked: bool,
    pub has_evidence: bool,
    pub reason: &'a str,
}

/// Whether a deferral may be asked for: until the end of the day of the examination, with reason and evidence, by somebody who
/// did not sit.
///
/// # Errors
/// One of these is not so.
pub fn may_ask(one: &Asking<'_>) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(Clause::S1_5_1, what).remedy(remedy).at(field));
    let name = one.name;
    if one.is_asked {
        return refuse(format!("{name}已有缓考申请"), "请先答复或撤回那一项", "candidate");
    }
    if one.today > one.exam_on {
        return refuse(
            format!("考试已于 {} 举行，缓考须在考试当天结束以前申请", one.exam_on),
            "没有参加考试的记为缺考；缺考的可以参加补考",
            "reason",
        );
    }
    if one.is_present {
        return refuse(
            format!("{name}已经签到，不能再申请缓考"),
            "考试中突发疾病等情况，请登记异常情况，由负责人决定是否重考",
            "candidate",
        );
    }
    if !one.has_evidence {
        return refuse("没有附上证明材料".into(), "请上传考生签名的申请，或医院、学校、用人单位的证明", "file");
    }
    said(one.reason, Clause::S1_5_1, ("reason", "缓考的原因", "请写明为什么不能参加，至少 5 个字"))
}

/// Whether it may still be agreed: whoever signed in meanwhile has sat.
///
/// # Errors
/// The candidate has signed in.
pub fn may_agree(name: &str, is_present: bool) -> Result<(), Refusal> {
    if !is_present {
        return Ok(());
    }
    Err(Refusal::new(Clause::S1_5_1, format!("{name}已经签到参加考试，不能再同意缓考"))
        .remedy("请不同意这项申请；签到有误的，先提出签到更正"))
}

/// Whether somebody may sign in: not who is put off, nor whose part comes to nothing.
///
/// # Errors
/// One of these is so.
pub fn may_sit(name: &str, decided: Decided) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S1_5_1, what).remedy(remedy).at("candidates"));
    if decided.is_void {
        return refuse(format!("{name}已决定违纪，这一科成绩无效"), "不再参加本科考试；决定的理由在“违纪”");
    }
    if decided.is_put_off {
        return refuse(
            format!("{name}这一科已同意缓考或决定重考，不再参加本场考试"),
            "请编入下一批次；已通过的科目可以保留",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_5_1_a_deferral_is_asked_until_the_day_is_over_with_evidence() {
        let ask = |day, is_present, has_evidence, reason| {
            may_ask(&Asking {
                name: "示例一",
                exam_on: Day::constant(2026, 12, 15),
                today: Day::constant(2026, 12, day),
                is_present,
                is_asked: false,
                has_evidence,
                reason,
            })
        };
        assert!(ask(1, false, true, "住院手术，附医院证明").is_ok());
        assert!(ask(15, false, true, "住院手术，附医院证明").is_ok());
        assert!(ask(16, false, true, "住院手术，附医院证明").unwrap_err().what.contains("当天结束以前"));
        assert!(ask(15, true, true, "住院手术，附医院证明").is_err());
        assert_eq!(ask(15, false, false, "住院手术，附医院证明").unwrap_err().field, Some("file"));
        assert_eq!(ask(15, false, true, "病").unwrap_err().field, Some("reason"));
        let (one, other) =
            (Hand { account: Some(1), name: "示例".into() }, Hand { account: Some(2), name: "示例".into() });
        use DeferralState as S;
        assert_eq!(S::Asked.answer(true, "", &one, &other), Ok(S::Agreed));
        assert_eq!(S::Asked.answer(false, "", &one, &one), Ok(S::Withdrawn));
        assert_eq!(S::Asked.answer(false, "证明不清", &one, &other), Ok(S::Declined));
        assert_eq!(S::Asked.answer(false, "", &one, &other).unwrap_err().field, Some("reason"));
        assert!(S::Asked.answer(true, "", &one, &one).is_err() && S::Agreed.answer(true, "", &one, &other).is_err());
        assert!(may_agree("示例一", true).is_err() && may_agree("示例一", false).is_ok());
        let decided = |is_void, is_put_off| Decided { is_void, is_put_off };
        assert!(may_sit("示例一", decided(false, false)).is_ok());
        assert!(may_sit("示例一", decided(true, false)).is_err() && may_sit("示例一", decided(false, true)).is_err());
    }
}
