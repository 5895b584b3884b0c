//! 一（五）1, 三（三）: a batch that was never arranged does not escape its day. Until the first examination it is arranged by lot;
//! from then on the rooms in which it is held are noted as they are, and everyone signs in by list.

use super::*;

/// Whether rooms may be noted as they are, without lots.
///
/// # Errors
/// The batch is arranged, or still can be.
pub fn may_list(is_arranged: bool, first_exam_on: Day, today: Day) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S1_5_1, what).remedy(remedy));
    if is_arranged {
        return refuse("本批次已经编排考场".into(), "请在各考场登记开考、签到和结束");
    }
    if today < first_exam_on {
        return refuse(
            format!("考试于 {first_exam_on} 开始，现在还可以编排"),
            "请在“考场与座位”抽签编排；考前没有编排的，考试当天才能按名单登记考场",
        );
    }
    Ok(())
}

/// A room as it is, with whom it held.
#[derive(Debug, Clone, Copy)]
pub struct PlainRoom<'a> {
    pub part: Part,
    pub room: &'a str,
    pub from: DayTime,
    pub to: DayTime,
    pub candidates: usize,
}

/// Whether a room may be noted so.
///
/// # Errors
/// A refusal that names the field.
pub fn may_hold(one: &PlainRoom<'_>) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(HOUSE, what).remedy(remedy).at(field));
    if one.room.trim().is_empty() || one.room.chars().count() > 100 {
        return refuse("没有写明考场，或超过100字".into(), "请写明实际举行考试的教室或工位，例如 教学楼301", "room");
    }
    if one.from >= one.to {
        return refuse(
            format!("{}的结束时间 {} 不晚于开始时间 {}", one.room, one.to, one.from),
            "请核对起止时间",
            "to",
        );
    }
    if one.candidates == 0 {
        return refuse(
            format!("{}的{}没有考生", one.room, one.part.name()),
            "请核对准考证号的起止；已经列入其他考场的不再重复",
            "tickets",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_5_1_what_was_not_arranged_is_held_by_list_from_its_day_on() {
        let day = |day| Day::constant(2026, 12, day);
        assert!(may_list(false, day(15), day(14)).unwrap_err().remedy.contains("抽签编排"));
        assert!(may_list(false, day(15), day(15)).is_ok());
        assert!(may_list(true, day(15), day(15)).is_err());
        let hold = |room, from, candidates| {
            let (from, to) = (DayTime::at(from, 0), DayTime::at(10, 0));
            may_hold(&PlainRoom { part: Part::Theory, room, from, to, candidates }).map_err(|refusal| refusal.field)
        };
        assert_eq!(hold("教学楼301", 8, 3), Ok(()));
        assert_eq!(hold("", 8, 3), Err(Some("room")));
        assert_eq!(hold("教学楼301", 10, 3), Err(Some("to")));
        assert_eq!(hold("教学楼301", 8, 0), Err(Some("tickets")));
    }
}
