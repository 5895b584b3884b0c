//! 二（二）1: the centre may stop one room and let the others go on. Who sits there is held until the centre lifts the stop or has
//! them sit again.

use super::*;

/// Whether a room may be stopped: not twice, and while its marks are not public.
///
/// # Errors
/// One of these is not so, or no reason is given.
pub fn may_stop(hall: &str, is_stopped: bool, reason: &str) -> Result<(), Refusal> {
    if is_stopped {
        return Err(
            Refusal::new(Clause::S2_2_1C, format!("{hall}已经叫停")).remedy("不需要再次叫停；可以解除，或决定该场重考")
        );
    }
    said(reason, Clause::S2_2_1C, ("reason", "叫停的原因", "请写明现场情况和依据，机构会看到，至少 5 个字"))
}

/// Whether a stop may be lifted, or its persons put off.
///
/// # Errors
/// There is none, or no reason is given.
pub fn may_lift(hall: &str, is_stopped: bool, reason: &str) -> Result<(), Refusal> {
    if !is_stopped {
        return Err(Refusal::new(Clause::S2_2_1C, format!("{hall}没有被叫停")).remedy("不需要解除；请核对考场"));
    }
    said(reason, Clause::S2_2_1C, ("reason", "解除或重考的理由", "请写明怎样核实、机构怎样整改，至少 5 个字"))
}

/// Whether something may begin in a room.
///
/// # Errors
/// It is stopped.
pub fn may_go_on(hall: &str, is_stopped: bool) -> Result<(), Refusal> {
    if !is_stopped {
        return Ok(());
    }
    Err(Refusal::new(Clause::S2_2_1C, format!("主管中心已叫停{hall}"))
        .remedy("请按叫停的原因整改并联系主管中心；其他考场照常"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_2_1c_a_room_is_stopped_once_with_a_reason_and_lifted_with_one() {
        let hall = "示例教学楼301";
        assert!(may_stop(hall, false, "监考人员不足两人").is_ok());
        assert!(may_stop(hall, true, "监考人员不足两人").is_err());
        assert_eq!(may_stop(hall, false, "乱").unwrap_err().field, Some("reason"));
        assert!(may_lift(hall, true, "监考人员已经补足").is_ok());
        assert!(may_lift(hall, false, "监考人员已经补足").is_err());
        assert!(may_go_on(hall, true).is_err() && may_go_on(hall, false).is_ok());
    }
}
