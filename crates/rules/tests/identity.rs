//! Identity numbers: the 57 vectors, and the findings that a clerk reads.

use std::path::Path;

use jiff::civil::date;
use proptest::prelude::*;
use rules::identity::{
    IdKind, Sex, age_on, check, guess, hk_id, mask_minor_number, mask_name, mask_number, mask_written, mrz_td3_line2,
    org_code, uscc,
};
use rules::{Day, Refusal};

const ON: Day = date(2026, 11, 20);

#[test]
fn every_vector_is_judged_as_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference/vectors/id-test-vectors.csv");
    let mut rows = 0;
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let (kind, value, expected, why) = (&row[0], &row[1], &row[2], &row[3]);
        let by = |kind| check(kind, value, ON).map(|identity| identity.number);
        if why.ends_with("policy: warn") {
            // Not a valid number, yet nobody is turned away for it: a table of counties can be incomplete.
            assert!(resident(value).unwrap().warning.is_some(), "{value}: {why}");
            rows += 1;
            continue;
        }
        let judged = match kind {
            "resident_id" | "resident_id_15" => by(IdKind::ResidentId),
            "residence_permit" => by(IdKind::ResidencePermit),
            "foreign_pr_2023" => by(IdKind::ForeignPr),
            "foreign_pr_old" => by(IdKind::ForeignPrOld),
            "hkmo_travel_permit" => by(IdKind::HkMoTravelPermit),
            "tw_travel_permit" => by(IdKind::TwTravelPermit),
            "cn_passport" => by(IdKind::Passport),
            "hk_id" => by(IdKind::HkId),
            "mrz_td3_line2" => mrz_td3_line2(value),
            "uscc" => uscc(value),
            "org_code" => org_code(value),
            other => panic!("no check for {other}"),
        };
        assert_eq!(judged.is_ok(), expected == "valid", "{kind} {value}: {why}; {judged:?}");
        if let Err(refusal) = &judged {
            assert!(!refusal.remedy.is_empty(), "{refusal}");
        }
        rows += 1;
    }
    assert_eq!(rows, 57);
}

fn resident(raw: &str) -> Result<rules::identity::Identity, Refusal> {
    check(IdKind::ResidentId, raw, ON)
}

fn refused(raw: &str) -> String {
    resident(raw).expect_err(raw).to_string()
}

#[test]
fn a_number_tells_birth_and_sex() {
    let identity = resident("11010519491231002x").unwrap();
    assert_eq!(identity.number, "11010519491231002X");
    assert_eq!((identity.born, identity.sex), (Some(date(1949, 12, 31)), Some(Sex::Female)));
    assert_eq!(identity.warning, None);
}

#[test]
fn what_was_changed_is_said() {
    let wide = resident("３５０４０２１８８００１０１００１９").unwrap();
    assert_eq!(wide.number, "350402188001010019");
    assert!(wide.warning.unwrap().contains("全角"));
    assert!(resident("350402 18800101 0019").unwrap().warning.unwrap().contains("空格"));
    assert_eq!(resident(" '350402188001010019\u{feff}").unwrap().warning, None);
    let old = resident("110105491231002").unwrap();
    assert_eq!(old.number, "11010519491231002X");
    assert!(old.warning.unwrap().contains("15位"));
}

#[test]
fn an_unknown_county_is_questioned_not_refused() {
    assert!(resident("350199188001010011").unwrap().warning.unwrap().contains("350199"));
    assert_eq!(resident("350402188001010019").unwrap().warning, None);
    assert_eq!(resident("440524188001010014").unwrap().warning, None);
}

#[test]
fn a_refusal_says_what_is_wrong() {
    for (raw, says) in [
        ("1101051949123100", "现为16位"),
        ("110105194912310021", "校验码不符"),
        ("1101O519491231002X", "第5位应为数字，现为“O”"),
        ("35010220230229001X", "2023-02-29 不存在"),
        ("350102209901010018", "晚于 2026-11-20"),
        ("350102000001010015", "早于1800年"),
        ("810000188001010015", "港澳台居民居住证"),
        ("3.50102E+17", "Excel"),
        ("3.5010218800101e17", "Excel"),
        ("350102188001010000.0", "Excel"),
        ("350199188001010000", "Excel"),
        ("", "为空"),
        ("䶮", "现为1位"),
    ] {
        assert!(refused(raw).contains(says), "{raw}: {}", refused(raw));
    }
    // The right check character is never given away.
    assert!(!refused("110105194912310021").contains('X'));
}

#[test]
fn the_kind_is_known_by_name_code_and_number() {
    for kind in IdKind::ALL {
        assert_eq!(IdKind::from_text(kind.name()), Some(*kind));
        assert_eq!(IdKind::from_text(kind.code()), Some(*kind));
        assert_eq!(IdKind::from_code(kind.code()), Some(*kind));
    }
    for (text, kind) in [
        ("身份证", IdKind::ResidentId),
        (" ２０１ ", IdKind::ResidentId),
        ("港澳居民居住证", IdKind::ResidencePermit),
        ("台胞证", IdKind::TwTravelPermit),
    ] {
        assert_eq!(IdKind::from_text(text), Some(kind), "{text}");
    }
    assert_eq!(IdKind::from_text("学生证"), None);
    for (number, kind) in [
        ("11010519491231002x", Some(IdKind::ResidentId)),
        ("1101051949123100", Some(IdKind::ResidentId)),
        ("3.50102E+17", Some(IdKind::ResidentId)),
        ("830000188001010019", Some(IdKind::ResidencePermit)),
        ("932682198501010017", Some(IdKind::ForeignPr)),
        ("KAZ110090123105", Some(IdKind::ForeignPrOld)),
        ("H12345678", Some(IdKind::HkMoTravelPermit)),
        ("12345678", Some(IdKind::TwTravelPermit)),
        ("EA1234567", Some(IdKind::Passport)),
        ("A123456(3)", Some(IdKind::HkId)),
        ("张三", None),
        ("", None),
    ] {
        assert_eq!(guess(number), kind, "{number}");
    }
}

#[test]
fn a_permanent_residence_number_may_be_of_either_generation() {
    let old = check(IdKind::ForeignPr, "KAZ110090123105", ON).unwrap();
    assert_eq!((old.kind, old.born), (IdKind::ForeignPrOld, Some(date(1990, 12, 31))));
}

#[test]
fn years_are_whole_on_the_birthday() {
    let born = date(2004, 2, 29);
    assert_eq!(age_on(born, date(2020, 2, 28)), 15);
    assert_eq!(age_on(born, date(2020, 2, 29)), 16);
    assert_eq!(age_on(born, date(2021, 2, 28)), 16);
    assert_eq!(age_on(born, date(2021, 3, 1)), 17);
}

#[test]
fn public_lists_show_little() {
    assert_eq!(mask_number("350199188001010011"), "350***********0011");
    assert_eq!(mask_number("H12345678"), "H******78");
    assert_eq!(mask_number("12345"), "1****");
    // Of somebody under age less is shown.
    assert_eq!(mask_minor_number("350199188001010011"), "****************11");
    assert_eq!(mask_minor_number("H12345678"), "*******78");
    assert_eq!(mask_minor_number("12345"), "*****");
    for written in [
        "350199 18800101 0011",
        "350199-18800101-0011",
        "３５０１９９１８８００１０１００１１",
        "身份证350199188001010011",
    ] {
        assert_eq!(mask_written(written), "350***********0011", "{written}");
    }
    for written in ["示例一", "85.5", "缺考", "SHI LI YI HAO", "#N/A"] {
        assert_eq!(mask_written(written), written);
    }
    for (name, masked) in [
        ("张三", "张*"),
        ("张小三", "张**"),
        ("欧阳", "欧*"),
        ("欧阳小小", "欧阳**"),
        ("𬎆䶮", "𬎆*"),
        ("示例·艾力", "示*·**"),
        ("Li Lei", "L* ***"),
        ("丙", "*"),
        ("", ""),
    ] {
        assert_eq!(mask_name(name), masked);
    }
}

#[test]
fn hong_kong_numbers_are_kept_in_one_form() {
    assert_eq!(hk_id("a1234563").unwrap(), "A123456(3)");
    assert_eq!(hk_id("Ａ123456（3）").unwrap(), "A123456(3)");
}

proptest! {
    /// MOD 11-2 catches every single wrong digit and every swap of neighbours.
    #[test]
    fn one_slip_is_always_caught(serial in 0u32..1000, day in 1i8..=28, at in 0usize..17, other in 0u32..10) {
        let body = format!("350199188001{day:02}{serial:03}");
        let right = "0123456789X".chars().map(|c| format!("{body}{c}")).filter(|n| resident(n).is_ok()).collect::<Vec<_>>();
        prop_assert_eq!(right.len(), 1);
        let mut slip: Vec<char> = right[0].chars().collect();
        let digit = char::from_digit(other, 10).unwrap();
        prop_assume!(slip[at] != digit);
        slip[at] = digit;
        prop_assert!(resident(&slip.iter().collect::<String>()).is_err());
        let mut swap: Vec<char> = right[0].chars().collect();
        prop_assume!(at < 16 && swap[at] != swap[at + 1]);
        swap.swap(at, at + 1);
        prop_assert!(resident(&swap.iter().collect::<String>()).is_err());
    }

    /// Whatever is typed, the check answers.
    #[test]
    fn no_text_breaks_the_checks(text in "\\PC{0,24}") {
        for kind in IdKind::ALL {
            let _ = check(*kind, &text, ON);
        }
        let _ = (guess(&text), uscc(&text), org_code(&text), mrz_td3_line2(&text));
        prop_assert_eq!(mask_name(&text).chars().count(), text.trim().chars().count());
        prop_assert_eq!(mask_number(&text).chars().count(), text.chars().count());
    }
}
