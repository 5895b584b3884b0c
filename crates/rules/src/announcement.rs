//! 一（一）1, 2: an enterprise that is on file with the department and an organisation that the department has selected
//! and published come into the directory by what was announced, not by an application here. What they may assess is
//! held against the same tables as a school's filing (一（三）, 一（四）).

use crate::Day;
use crate::certificate::FilingNumber;
use crate::jurisdiction::BodyKind;
use crate::notice::Clause;
use crate::refusal::Refusal;

/// What was announced of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement<'a> {
    /// 13 characters: `Y` for an enterprise, `S` for an organisation.
    pub number: &'a str,
    /// The reference of the paper: of the enterprise's filing, of the published list.
    pub reference: &'a str,
    pub announced_on: Day,
    pub valid_from: Day,
    pub valid_until: Day,
    pub has_file: bool,
}

/// The clause by which a body of this kind is announced: an enterprise's filing, otherwise the selection as an
/// organisation, which a school may have beside its own filing.
pub const fn clause_of(kind: BodyKind) -> Clause {
    match kind {
        BodyKind::Enterprise => Clause::S1_1_1,
        BodyKind::SocialOrganisation | BodyKind::TechnicalSchool | BodyKind::College => Clause::S1_1_2,
    }
}

/// The number under which a body of this kind is entered by what was announced, if that is whole and fits.
pub fn enter(kind: BodyKind, announced: &Announcement<'_>, today: Day) -> Result<FilingNumber, Refusal> {
    let clause = clause_of(kind);
    let refuse = |what: String, remedy: String, field| Err(Refusal::new(clause, what).remedy(remedy).at(field));
    let number = FilingNumber::parse(announced.number).map_err(|refusal| refusal.at("number"))?;
    let letter = if kind == BodyKind::Enterprise { 'Y' } else { 'S' };
    if number.kind() != letter {
        let what = match kind {
            BodyKind::Enterprise => format!("企业的机构备案编号以Y开头，“{number}”不是"),
            BodyKind::SocialOrganisation => format!("社会培训评价组织的机构备案编号以S开头，“{number}”不是"),
            BodyKind::TechnicalSchool | BodyKind::College => {
                format!("“{number}”不是社会培训评价组织的编号，院校自己的备案不在这里登记")
            }
        };
        let remedy = match kind {
            BodyKind::TechnicalSchool | BodyKind::College => {
                "院校被遴选为社会培训评价组织的，请填写S开头的编号；院校自己的备案由院校申请"
            }
            BodyKind::Enterprise | BodyKind::SocialOrganisation => "请按备案或公布文件上的编号填写",
        };
        return refuse(what, remedy.into(), "number");
    }
    let paper = if kind == BodyKind::Enterprise { "企业备案文件" } else { "遴选公布文件" };
    if announced.reference.trim().is_empty() {
        return refuse(format!("没有填写{paper}的文号"), format!("请填写{paper}的文号"), "reference");
    }
    if announced.announced_on > today {
        let what = format!("{paper}的日期 {} 还没有到", announced.announced_on);
        return refuse(what, "请填写文件上的日期；公布之前不能登记".into(), "announced_on");
    }
    if announced.valid_from > announced.valid_until {
        let what = format!("有效期 {} 至 {} 不成立", announced.valid_from, announced.valid_until);
        return refuse(what, "请核对有效期的起止日期".into(), "valid_until");
    }
    if announced.valid_until < today {
        let what = format!("有效期到 {} 为止，已经期满", announced.valid_until);
        return refuse(what, "期满的不再列入目录；重新备案或重新公布后再登记".into(), "valid_until");
    }
    if !announced.has_file {
        return refuse(format!("没有上传{paper}"), format!("请上传{paper}"), "file");
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_1_2_what_was_announced_is_whole_and_its_number_fits() {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        let today = day("2026-03-02");
        let good = Announcement {
            number: "S000035000001",
            reference: "示例人社公告〔2026〕1号",
            announced_on: day("2026-03-02"),
            valid_from: day("2026-03-01"),
            valid_until: day("2029-02-28"),
            has_file: true,
        };
        let check = |kind, announced: Announcement<'_>, field: Option<&str>| {
            let answer = enter(kind, &announced, today);
            assert_eq!(answer.as_ref().err().and_then(|refusal| refusal.field), field, "{answer:?}");
        };
        let organisation = BodyKind::SocialOrganisation;
        check(organisation, good.clone(), None);
        check(BodyKind::TechnicalSchool, good.clone(), None);
        check(BodyKind::Enterprise, good.clone(), Some("number"));
        check(BodyKind::Enterprise, Announcement { number: "Y000035000001", ..good.clone() }, None);
        check(organisation, Announcement { number: "Y000035000001", ..good.clone() }, Some("number"));
        check(organisation, Announcement { number: "S00003500001", ..good.clone() }, Some("number"));
        check(organisation, Announcement { reference: " ", ..good.clone() }, Some("reference"));
        check(organisation, Announcement { announced_on: day("2026-03-03"), ..good.clone() }, Some("announced_on"));
        check(organisation, Announcement { valid_until: day("2026-02-01"), ..good.clone() }, Some("valid_until"));
        check(
            organisation,
            Announcement { valid_from: day("2020-01-01"), valid_until: day("2026-03-01"), ..good.clone() },
            Some("valid_until"),
        );
        check(organisation, Announcement { has_file: false, ..good }, Some("file"));
    }
}
