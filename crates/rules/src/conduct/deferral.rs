//! 一（五）1: who can't sit for a good reason asks before the examination is over to be put off; the body agrees by a second
//! person. A deferral is a result of its own: no failure, no absence, and it uses no make-up up.

use super::*;

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

/// Whether somebody may sign in: not who is put off.
///
/// # Errors
/// The candidate is put off.
pub fn may_sit(name: &str, is_put_off: bool) -> Result<(), Refusal> {
    if !is_put_off {
        return Ok(());
    }
    Err(Refusal::new(Clause::S1_5_1, format!("{name}这一科已同意缓考或决定重考，不再参加本场考试"))
        .remedy("请编入下一批次；已通过的科目可以保留")
        .at("candidates"))
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
        assert!(may_agree("示例一", true).is_err() && may_agree("示例一", false).is_ok());
        assert!(may_sit("示例一", true).is_err() && may_sit("示例一", false).is_ok());
    }
}
