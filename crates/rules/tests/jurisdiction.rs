//! 二（一）: who is in charge of whom.

use std::sync::LazyLock;

use rules::Clause;
use rules::jurisdiction::{Affiliation, BodyKind, Charge, Divisions, PROVINCE_CENTRE, centre_for};

static DIVISIONS: LazyLock<Divisions> = LazyLock::new(|| {
    Divisions::read(include_str!("../../../reference/gb2260-fujian.csv"))
        .and_then(|now| now.with_historical(include_str!("../../../reference/gb2260-fujian-historical.csv")))
        .unwrap()
});

fn charge(centre: &str, bureau: Option<&str>) -> Charge {
    Charge { centre: centre.to_owned(), bureau: bureau.map(str::to_owned) }
}

fn city(code: &str) -> Charge {
    charge(&format!("city-{code}-centre"), Some(&format!("city-{code}-bureau")))
}

fn province() -> Charge {
    charge(PROVINCE_CENTRE, None)
}

#[test]
fn s2_1_1b_only_provincial_public_technical_schools_go_to_the_provincial_centre() {
    use Affiliation::{City, Provincial};
    let school = |affiliation, public, county| {
        centre_for(BodyKind::TechnicalSchool, affiliation, public, county, None, &DIVISIONS)
    };
    assert_eq!(school(Provincial, true, "350102"), Ok(province()));
    assert_eq!(school(Provincial, false, "350102"), Ok(city("350100")));
    assert_eq!(school(City, true, "350582"), Ok(city("350500")));
    assert_eq!(school(City, false, "350203"), Ok(city("350200")));
    let refusal = school(City, true, "440305").unwrap_err();
    assert_eq!((refusal.ground.clause(), refusal.field), (Some(Clause::S2_1_1B), Some("county")));
    assert!(school(City, true, "").is_err());
    assert!(school(City, true, "350000").is_err());
}

#[test]
fn s2_1_1b_pingtan_stands_beside_the_nine_cities() {
    let school = centre_for(BodyKind::TechnicalSchool, Affiliation::City, true, "350128", None, &DIVISIONS);
    assert_eq!(school, Ok(city("350128")));
    let places = DIVISIONS.places();
    assert_eq!(places.len(), 10);
    assert_eq!(places[9].name, "平潭综合实验区");
    assert_eq!(places[9].bureau_name(), "平潭综合实验区党工委党群工作部");
    assert_eq!(places[0].centre_name(), "福州市职业技能鉴定指导中心");
    assert_eq!(places[0].bureau_name(), "福州市人力资源和社会保障局");
    // Every county belongs to exactly one place, and 平潭 not to 福州.
    assert_eq!(places.iter().map(|place| DIVISIONS.counties_of(&place.code).len()).sum::<usize>(), 84);
    assert!(DIVISIONS.counties_of("350100").iter().all(|county| county.code != "350128"));
}

#[test]
fn s2_1_4_a_college_goes_to_the_centre_of_its_own_station() {
    let college = |station| centre_for(BodyKind::College, Affiliation::Provincial, true, "350102", station, &DIVISIONS);
    assert_eq!(college(Some("province-centre")), Ok(province()));
    assert_eq!(college(Some("city-350200-centre")), Ok(city("350200")));
    assert_eq!(college(Some("city-350128-centre")), Ok(city("350128")));
    for station in
        [None, Some(" "), Some("city-350199-centre"), Some("city-350100-bureau"), Some("province-department")]
    {
        let refusal = college(station).unwrap_err();
        assert_eq!((refusal.ground.clause(), refusal.field), (Some(Clause::S2_1_4), Some("station_centre")));
    }
}

#[test]
fn s2_2_1b_other_bodies_follow_their_affiliation() {
    for kind in [BodyKind::Enterprise, BodyKind::SocialOrganisation] {
        let by = |affiliation| centre_for(kind, affiliation, false, "350902", None, &DIVISIONS);
        assert_eq!(by(Affiliation::Provincial), Ok(province()));
        assert_eq!(by(Affiliation::City), Ok(city("350900")));
    }
}

#[test]
fn a_county_of_the_past_is_still_somewhere() {
    assert_eq!(DIVISIONS.city_of("350402").unwrap().name, "三明市");
    assert_eq!(DIVISIONS.name("350402"), Some("梅列区"));
    assert_eq!(DIVISIONS.city_of("350200").unwrap().code, "350200");
    assert_eq!(DIVISIONS.city_of("350199"), None);
    assert_eq!(DIVISIONS.city_of("平潭"), None);
}

#[test]
fn code_words_are_found_again() {
    for kind in BodyKind::ALL {
        assert_eq!(BodyKind::from_code(kind.code()), Some(*kind));
    }
    for affiliation in Affiliation::ALL {
        assert_eq!(Affiliation::from_code(affiliation.code()), Some(*affiliation));
    }
}

#[test]
fn a_table_that_is_wrong_names_each_line() {
    let read = |rows: &str| Divisions::read(&format!("code,name,level,parent\n{rows}")).unwrap_err();
    assert!(read("35,甲,county,\n350102,,county,350100\n").contains("第3行：名称为空"));
    assert!(read("350100,甲,city,350000\n").contains("第2行：层级“city”"));
    assert!(read("350102,甲,county,350100\n").contains("上级“350100”不在表中"));
    assert!(read("350000,甲,province,\n350000,乙,province,\n").contains("第3行：代码 350000 重复"));
}

#[test]
fn s3_1_2_a_body_moves_when_something_changes_and_the_day_has_come() {
    use rules::jurisdiction::{Belonging, may_transfer};
    let day = |text: &str| text.parse::<rules::Day>().expect("a day");
    let here = Belonging { affiliation: Affiliation::City, county: "350102".into(), station_centre: None };
    let island = Belonging { county: "350128".into(), ..here.clone() };
    let today = day("2026-03-18");
    let field = |to: &Belonging, on: &str, last: Option<&str>| {
        may_transfer(&here, to, day(on), last.map(day), today).map_err(|refusal| {
            assert_eq!(refusal.ground.clause(), Some(rules::Clause::S3_1_2));
            refusal.field.unwrap_or_default()
        })
    };
    assert_eq!(field(&island, "2026-03-18", None), Ok(()));
    assert_eq!(field(&island, "2026-03-01", Some("2026-02-28")), Ok(()));
    assert_eq!(field(&here, "2026-03-18", None), Err("county"));
    assert_eq!(field(&island, "2026-03-19", None), Err("effective_on"));
    assert_eq!(field(&island, "2026-03-01", Some("2026-03-01")), Err("effective_on"));
}
