//! 二（二）4: numbers by the code rule, levels by their names.

use proptest::prelude::*;
use rules::certificate::{
    CertificateNumber, CertificateState, FilingNumber, HeldNumber, Level, OldNumber, SERIAL_MAX, parse_any_held,
};

#[test]
fn s2_2_4b_a_number_has_seven_parts() {
    let filing = FilingNumber::parse("Y000035000001").unwrap();
    assert_eq!((filing.kind(), filing.province()), ('Y', 35));
    let number = CertificateNumber::new(filing, 26, Level::L4, 1).unwrap();
    assert_eq!(number.to_string(), "Y000035000001264000001");
    assert_eq!((number.filing(), number.year(), number.level(), number.serial()), (filing, 26, Level::L4, 1));
    assert_eq!(CertificateNumber::parse(" ｙ０00035000001 264000001 ").unwrap(), number);
}

#[test]
fn s2_1_3b_a_filing_number_is_given_from_a_series_or_typed_as_assigned() {
    assert_eq!(FilingNumber::given(42).unwrap().to_string(), "Y000035000042");
    assert_eq!(FilingNumber::given(999_999).unwrap().to_string(), "Y000035999999");
    assert!(FilingNumber::given(0).is_err() && FilingNumber::given(1_000_000).is_err());
    assert_eq!(FilingNumber::assigned(" y000035000042").unwrap(), FilingNumber::given(42).unwrap());
    for number in ["S000035000042", "Y000036000042", "Y00003500004"] {
        assert_eq!(FilingNumber::assigned(number).unwrap_err().field, Some("number"), "{number}");
    }
}

#[test]
fn s2_2_4b_what_breaks_the_rule_is_refused() {
    let filing = FilingNumber::parse("S000035000009").unwrap();
    assert!(CertificateNumber::new(filing, 26, Level::L4, 0).is_err());
    assert!(CertificateNumber::new(filing, 26, Level::L4, SERIAL_MAX).is_ok());
    assert!(CertificateNumber::new(filing, 26, Level::L4, SERIAL_MAX + 1).is_err());
    assert!(CertificateNumber::new(filing, 100, Level::L4, 1).is_err());
    for number in [
        "",
        "Y00003500000126400000",
        "Y0000350000012640000011",
        "X000035000001264000001",
        "Y000035000001266000001",
        "Y000035000001264000000",
        "Y0000350000012640+0001",
        "Y00003500000126400000一",
    ] {
        assert!(CertificateNumber::parse(number).is_err(), "{number}");
    }
    for number in ["Y00003500001", "Y0000350000011", "Z000035000001", "Y00003500000A"] {
        assert!(FilingNumber::parse(number).is_err(), "{number}");
    }
}

#[test]
fn a_certificate_held_before_may_be_of_the_old_scheme() {
    let old = parse_any_held("1935001234400012").unwrap();
    assert_eq!((old.year(), old.level()), (19, Some(Level::L4)));
    assert!(matches!(old, HeldNumber::Old(_)));
    assert_eq!(OldNumber::parse("0035001234900012").unwrap().level(), None);
    assert_eq!(parse_any_held("Y000035000001254000001").unwrap().level(), Some(Level::L4));
    assert!(parse_any_held("1.935E+15").is_err());
    assert!(parse_any_held("193500123440001").is_err());
}

#[test]
fn levels_are_read_as_people_write_them() {
    for (text, level) in [
        ("5", Level::L5),
        ("５", Level::L5),
        ("五级", Level::L5),
        ("初级工", Level::L5),
        ("五级/初级工", Level::L5),
        (" 五级 ／ 初级工 ", Level::L5),
        ("三级（高级工）", Level::L3),
        ("国家职业资格四级", Level::L4),
        ("技师", Level::L2),
        ("高级技师", Level::L1),
    ] {
        assert_eq!(Level::from_text(text), Ok(level), "{text}");
    }
    for (text, says) in [
        ("学徒工", "企业"),
        ("特级技师", "企业"),
        ("首席技师", "企业"),
        ("三级/中级工", "同一等级"),
        ("六级", "不是职业技能等级"),
        ("", "为空"),
    ] {
        let refusal = Level::from_text(text).unwrap_err();
        assert!(refusal.what.contains(says), "{refusal}");
    }
}

#[test]
fn levels_are_ordered_by_skill() {
    assert!(Level::ALL.is_sorted());
    assert!(Level::L5 < Level::L4 && Level::L2 < Level::L1);
    for level in Level::ALL {
        assert_eq!(Level::from_digit(level.digit()), Some(*level));
        assert_eq!(Level::from_digit(char::from(b'0' + level.digit())), Some(*level));
        assert_eq!(Level::from_text(level.name()), Ok(*level));
    }
    assert_eq!(Level::from_digit(0u8), None);
    assert_eq!(Level::from_digit('6'), None);
}

proptest! {
    #[test]
    fn a_number_is_read_back_as_it_was_written(
        filing in "[YS][0-9]{12}", year in 0u8..100, level in 0usize..5, serial in 1u32..=SERIAL_MAX,
    ) {
        let filing = FilingNumber::parse(&filing).unwrap();
        let number = CertificateNumber::new(filing, year, Level::ALL[level], serial).unwrap();
        let text = number.to_string();
        prop_assert_eq!(text.len(), 22);
        prop_assert_eq!(CertificateNumber::parse(&text), Ok(number));
        prop_assert_eq!(parse_any_held(&text), Ok(HeldNumber::Certificate(number)));
    }

    #[test]
    fn only_the_pattern_is_a_number(text in "[YSX]?[0-9]{20,22}") {
        let bytes = text.as_bytes();
        let fits = bytes.len() == 22
            && matches!(bytes[0], b'Y' | b'S')
            && (b'1'..=b'5').contains(&bytes[15])
            && !text.ends_with("000000");
        prop_assert_eq!(CertificateNumber::parse(&text).is_ok(), fits);
    }

    #[test]
    fn no_text_breaks_the_parsers(text in "\\PC{0,24}") {
        let _ = (CertificateNumber::parse(&text), FilingNumber::parse(&text), parse_any_held(&text));
        let _ = Level::from_text(&text);
    }
}

#[test]
fn s3_3_6_only_what_stands_is_printed() {
    for state in CertificateState::ALL {
        assert_eq!(CertificateState::from_code(state.code()), Some(*state));
        assert_eq!(state.may_print().is_ok(), *state == CertificateState::Valid);
    }
}
