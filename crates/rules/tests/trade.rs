//! 一（三）, 一（四）: which occupations may be filed, by the tables that ship and by small ones of our own.

use std::sync::LazyLock;

use jiff::civil::date;
use proptest::prelude::*;
use rules::certificate::Level;
use rules::trade::{Aliases, Catalogue, NewOccupations, Occupations, Standards, Trades};
use rules::{Clause, Day, Ground, Refusal};

const ON: Day = date(2026, 11, 20);

static TRADES: LazyLock<Trades> = LazyLock::new(|| Trades {
    occupations: Occupations::read(include_str!("../../../reference/occupations-2022.csv")).unwrap(),
    standards: Standards::read(include_str!("../../../reference/national-standards.csv")).unwrap(),
    catalogue: Catalogue::read(include_str!("../../../reference/qualification-catalogue.csv"))
        .unwrap()
        .with_aliases(Aliases::read(include_str!("../../../reference/qualification-aliases.csv")).unwrap()),
    new_occupations: NewOccupations::read(include_str!("../../../reference/new-occupations.csv")).unwrap(),
});

/// The small tables: a cook, a clerk and a dyer whose standards are known in different ways.
fn small() -> Trades {
    Trades {
        occupations: Occupations::read(
            "code,level,name\n4-03-02-00,small,餐饮服务人员\n4-03-02-01,occupation,示例烹调师\n\
             6-04-06-01,occupation,示例染色工\n6-04-06-02,occupation,示例印花师\n6-04-06-03,occupation,示例整理工\n\
             2-02-38-01,occupation,示例工程技术人员\n3-01-01-01,occupation,示例办事员\n3-01-01-02,occupation,示例文员\n",
        )
        .unwrap(),
        standards: Standards::read(
            "code,name,edition_year,levels,code_edition,confidence\n\
             4-03-02-01,示例烹调师,2024,\"5,4,3\",2022,parsed\n\
             6-04-06-01,示例染色工（纱线染色工）,,\"4,3\",2022,inferred\n\
             6-99-01-01,示例印花工,2018,\"5,4\",2015,parsed\n\
             2-02-38-01,示例工程技术人员,2021,\"初级,中级,高级\",2022,parsed\n\
             3-01-01-01,示例办事员,2020,\"5,4,3\",mixed,parsed\n",
        )
        .unwrap(),
        catalogue: Catalogue::read(
            "name,in_2017_catalogue,left_catalogue_by,in_2021_catalogue,name_in_2021\n\
             示例烹调师,1,2020-12-31,0,\n示例办事员,0,,1,示例办事员\n示例染色工,1,,partial,only 纱线\n",
        )
        .unwrap()
        .with_aliases(Aliases::read("name,alias,code_2022,extent\n示例印花工,示例印花师,6-04-06-02,same\n").unwrap()),
        new_occupations: NewOccupations::read(
            "published_date,document_no,name\n2021-01-01,示例,示例工程技术人员\n2026-12-01,示例,示例巡护员\n",
        )
        .unwrap(),
    }
}

fn ground(answer: Result<Vec<String>, Refusal>) -> Option<Clause> {
    match answer.expect_err("refused").ground {
        Ground::Notice(clause) => Some(clause),
        _ => None,
    }
}

#[test]
fn a_plain_case_passes_without_a_question() {
    assert_eq!(small().may_be_filed("4-03-02-01", Level::L4, ON), Ok(vec![]));
    assert_eq!(small().may_be_filed(" ４－03–02－01 ", Level::L4, ON), Ok(vec![]));
}

#[test]
fn s1_3_1_the_occupation_is_skilled_or_new() {
    let trades = small();
    assert_eq!(ground(trades.may_be_filed("4-03-02-00", Level::L4, ON)), Some(Clause::S1_3_1));
    assert_eq!(ground(trades.may_be_filed("9-99-99-99", Level::L4, ON)), Some(Clause::S1_3_1));
    assert_eq!(ground(trades.may_be_filed("3-01-01-02", Level::L4, ON)), Some(Clause::S1_3_1));
    let former = trades.may_be_filed("6-99-01-01", Level::L4, ON).unwrap_err();
    assert!(former.what.contains("2015年版") && former.what.contains("示例印花工"), "{former}");
    // A new occupation of professionals is in scope, but its standard has no level of skill.
    assert_eq!(ground(trades.may_be_filed("2-02-38-01", Level::L4, ON)), Some(Clause::S1_4_1));
    // A new occupation without a code goes by name, from the day it is announced.
    assert_eq!(ground(trades.may_be_filed("示例巡护员", Level::L4, ON)), Some(Clause::S1_3_1));
    assert_eq!(ground(trades.may_be_filed("示例巡护员", Level::L4, date(2026, 12, 1))), Some(Clause::S1_3_3));
}

#[test]
fn s1_3_2_the_catalogue_of_the_day_decides() {
    let trades = small();
    let filed = |code, on| trades.may_be_filed(code, Level::L4, on);
    assert_eq!(ground(filed("4-03-02-01", date(2020, 12, 31))), Some(Clause::S1_3_2));
    assert!(filed("4-03-02-01", date(2021, 1, 1)).is_ok());
    assert!(filed("4-03-02-01", date(2017, 9, 11)).is_ok());
    assert!(filed("3-01-01-01", date(2021, 11, 22)).is_ok());
    assert_eq!(ground(filed("3-01-01-01", date(2021, 11, 23))), Some(Clause::S1_3_2));
    // Only a part of it stands in the catalogue: the reviewer is asked.
    assert_eq!(ground(filed("6-04-06-01", date(2021, 1, 1))), Some(Clause::S1_3_2));
    assert!(filed("6-04-06-01", ON).unwrap()[0].contains("only 纱线"));
}

#[test]
fn s1_3_3_a_standard_has_been_issued() {
    assert_eq!(ground(small().may_be_filed("6-04-06-03", Level::L4, ON)), Some(Clause::S1_3_3));
    let questions = small().may_be_filed("6-04-06-02", Level::L4, ON).unwrap();
    assert!(questions[0].contains("同一职业") && questions[0].contains("示例印花工"), "{questions:?}");
}

#[test]
fn s1_4_1_the_level_is_one_of_the_standard() {
    let refusal = small().may_be_filed("4-03-02-01", Level::L2, ON).unwrap_err();
    assert_eq!((refusal.ground, refusal.field), (Clause::S1_4_1.into(), Some("level")));
    assert!(refusal.remedy.contains("五级/初级工、四级/中级工、三级/高级工"), "{refusal}");
    let questions = small().may_be_filed("6-04-06-01", Level::L5, ON).unwrap();
    for says in ["五级/初级工", "只限部分工种", "版本年份"] {
        assert!(questions.iter().any(|question| question.contains(says)), "{says}: {questions:?}");
    }
}

#[test]
fn the_tables_that_ship_answer_as_people_expect() {
    let filed = |code, level| TRADES.may_be_filed(code, level, ON);
    // 电工, 汽车维修工, 车工: taught everywhere, in the catalogue until 2020.
    for code in ["6-31-01-03", "4-12-01-01", "6-18-01-01"] {
        assert!(filed(code, Level::L4).is_ok(), "{code}: {:?}", filed(code, Level::L4));
        assert_eq!(ground(TRADES.may_be_filed(code, Level::L4, date(2020, 6, 1))), Some(Clause::S1_3_2), "{code}");
    }
    // 消防设施操作员 and 保安员 stand in the catalogue today.
    for code in ["4-07-05-03", "4-07-05-01"] {
        assert_eq!(ground(filed(code, Level::L4)), Some(Clause::S1_3_2), "{code}");
    }
    // 焊工 only as far as nuclear equipment, 安检员 only in aviation, 轨道交通列车司机 under its former name: one question each.
    for (code, says) in
        [("6-18-02-04", "核安全设备"), ("4-07-05-02", "民航安全检查员"), ("4-02-01-01", "“轨道列车司机”")]
    {
        let questions = filed(code, Level::L3).unwrap();
        assert_eq!(
            questions.iter().filter(|question| question.contains("国家职业资格目录")).count(),
            1,
            "{questions:?}"
        );
        assert!(questions.iter().any(|question| question.contains(says)), "{questions:?}");
    }
    // 装配钳工 is what the standard still calls 钳工.
    assert!(TRADES.standards_of("6-20-01-01").iter().any(|standard| standard.name == "钳工"));
    // The standard of 2018 covers 电工 whole; the one of 2026 under the code of 2022 only a work type.
    assert_eq!(TRADES.standards_of("6-31-01-03").len(), 2);
    assert_eq!(filed("6-31-01-03", Level::L4), Ok(vec![]));
    // A new occupation goes by name or by the code of its standard.
    assert_eq!(filed("滑雪巡救员", Level::L4), filed("4-14-05-08", Level::L4));
    assert!(TRADES.standards_of("滑雪巡救员").len() == 1);
}

#[test]
fn occupations_are_found_by_code_name_and_former_name() {
    let found = TRADES.find("电工");
    assert_eq!((found[0].code.as_deref(), found[0].name.as_str()), (Some("6-31-01-03"), "电工"));
    assert!(found.len() > 1 && found[0].skilled && found[0].has_standard && found[0].levels.contains(&Level::L4));
    assert_eq!(TRADES.find("6-31-01-03").len(), 1);
    assert_eq!(TRADES.find("6310103")[0].name, "电工");
    assert!(TRADES.find("保育员").iter().any(|found| found.name == "保育师"));
    // A new occupation has no code until the classification or its standard gives it one.
    for (name, code) in [("网络主播", None), ("滑雪巡救员", Some("4-14-05-08")), ("管廊运维员", Some("6-28-03-05"))]
    {
        let new = TRADES.find(name);
        assert_eq!((new.len(), new[0].code.as_deref(), new[0].skilled), (1, code, true), "{name}");
    }
    assert_eq!(TRADES.find("4-14-05-08")[0].name, "滑雪巡救员");
    assert!(TRADES.find("  ").is_empty());
    assert!(TRADES.find("没有这个职业").is_empty());
}

#[test]
fn a_table_that_is_wrong_names_each_line() {
    let errors =
        Occupations::read("code,level,name\n4-03-02-1,occupation,甲\n4-03-02-01,trade,乙\n4-03-02-02,small,\n");
    let errors = errors.unwrap_err();
    for says in ["第2行：职业代码", "第3行：层级", "第4行：名称为空"] {
        assert!(errors.contains(says), "{says}: {errors}");
    }
    let twice = "code,level,name\n4-03-02-01,occupation,甲\n4-03-02-01,occupation,乙\n";
    assert!(Occupations::read(twice).unwrap_err().contains("第3行：代码 4-03-02-01 重复"));
    let header = "code,name,edition_year,levels,code_edition,confidence\n";
    for (row, says) in [
        ("4-03-02-01,甲,18年,5,2022,parsed", "版本年份"),
        ("4-03-02-01,甲,2018,6,2022,parsed", "职业技能等级"),
        ("4-03-02-01,甲,2018,5,2023,parsed", "代码版本"),
        ("4-03-02-01,甲,2018,5,2022,sure", "可信度"),
    ] {
        let error = Standards::read(&format!("{header}{row}\n")).unwrap_err();
        assert!(error.starts_with("第2行：") && error.contains(says), "{error}");
    }
    assert!(Catalogue::read("name\n").unwrap_err().contains("缺少列“in_2017_catalogue”"));
    assert!(Aliases::read("name,alias,code_2022,extent\n甲,乙,4-03-02-01,all\n").unwrap_err().contains("范围"));
    assert!(NewOccupations::read("published_date,document_no,name\n2021年,,甲\n").unwrap_err().contains("公布日期"));
}

proptest! {
    /// Whatever is refused says what and what next, and names a clause of 一（三） or 一（四）.
    #[test]
    fn every_occupation_gets_an_answer(pick in 0usize..1634, level in 0usize..5, year in 2017i16..2027) {
        let occupation = TRADES.occupations.all().nth(pick).unwrap();
        if let Err(refusal) = TRADES.may_be_filed(&occupation.code, Level::ALL[level], date(year, 6, 1)) {
            prop_assert!(!refusal.remedy.is_empty());
            let clause = refusal.ground.clause().unwrap();
            prop_assert!([Clause::S1_3_1, Clause::S1_3_2, Clause::S1_3_3, Clause::S1_4_1].contains(&clause));
        }
    }
}

#[test]
fn s1_3_1_an_occupation_is_named_by_its_code_its_name_or_a_former_name() {
    let code = |text: &str| TRADES.named(text).map(|found| found.code.unwrap_or_default());
    assert_eq!(code("6-18-01-01").as_deref(), Ok("6-18-01-01"));
    assert_eq!(code(" 车工 ").as_deref(), Ok("6-18-01-01"));
    assert_eq!(small().named("示例印花工").unwrap().name, "示例印花师");
    let near = code("烹调师").unwrap_err();
    assert_eq!((near.ground.clause(), near.field), (Some(Clause::S1_3_1), Some("trade")));
    assert!(near.remedy.contains("4-03-02-01 中式烹调师"), "{}", near.remedy);
    assert_eq!(code("没有这个职业").unwrap_err().ground.clause(), Some(Clause::S1_3_1));
}

#[test]
fn s1_4_1_a_batch_may_follow_later_editions_of_the_filed_standard_and_no_other() {
    let titles = |trades: &Trades, code, level, title: &str, edition| {
        let standards = trades.may_follow(code, level, title, edition);
        standards.into_iter().map(|standard| standard.title).collect::<Vec<_>>()
    };
    let cook = |title, edition| titles(&TRADES, "4-03-02-01", Level::L4, title, edition);
    // Standards of single work types carry the newer conditions; the school filed the whole occupation.
    assert_eq!(cook("中式烹调师", Some(2018)), ["《中式烹调师》（2018年版）"]);
    assert_eq!(cook("中式烹调师", Some(2014)), ["《中式烹调师》（2014年版）", "《中式烹调师》（2018年版）"]);
    let small = |level, edition| titles(&small(), "4-03-02-01", level, "示例烹调师", edition);
    assert_eq!(small(Level::L4, None), ["《示例烹调师》", "《示例烹调师》（2024年版）"]);
    assert_eq!(small(Level::L2, None), ["《示例烹调师》"], "the later edition does not have the level");
    assert_eq!(cook("", None).len(), 3, "a filing that named none follows any");
}

#[test]
fn s1_4_1_a_filing_names_an_issued_standard_of_the_occupation() {
    let label = |title: &str| TRADES.standard("4-03-02-01", Level::L4, title).map(|one| one.map(|one| one.label()));
    assert_eq!(label(""), Ok(Some("《中式烹调师》（2018年版）".into())));
    assert_eq!(
        label("《中式烹调师（火锅料理师）》（2024年版）"),
        Ok(Some("《中式烹调师（火锅料理师）》（2024年版）".into()))
    );
    let refusal = label("车工").unwrap_err();
    assert_eq!(refusal.ground.clause(), Some(Clause::S1_4_1));
    assert!(refusal.remedy.contains("《中式烹调师》（2018年版）"), "{}", refusal.remedy);
    // A standard that is not graded for the level is none for it.
    let refusal = small().standard("4-03-02-01", Level::L2, "示例烹调师").unwrap_err();
    assert_eq!(refusal.what, "《示例烹调师》（2024年版）没有二级/技师");
    // Only a part of the occupation has a standard: none is taken for it unsaid.
    assert_eq!(small().standard("6-04-06-01", Level::L4, "").map(|one| one.is_none()), Ok(true));
}
