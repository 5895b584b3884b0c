//! Lots that anyone can draw again.

use proof::{DrawFault, draw, draw_commitment, redraw};
use sha2::{Digest as _, Sha256};

const ENTROPY: [u8; 32] = [7; 32];

fn list(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("示例卡{n:03} 示例专家{n}")).collect()
}

fn sha(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_draw_follows_from_its_text_byte_for_byte() {
    let made = draw(("evaluation", "备案申请1，第1次"), &ENTROPY, list(5), 3).expect("a draw");
    // The way as the documentation says it, written out.
    let entropy = "07".repeat(32);
    let lines: String = list(5).iter().map(|line| format!("{line}\n")).collect();
    let digest = sha(&format!("jiangce draw list 1\n{lines}"));
    let seed = sha(&format!("jiangce draw seed 1\n{entropy}\nevaluation\n备案申请1，第1次\n{digest}\n"));
    assert_eq!(made.seed, seed);
    assert_eq!(made.commitment, sha(&format!("jiangce draw commitment 1\n{entropy}\n")));
    assert_eq!(made.commitment, draw_commitment(&ENTROPY));
    let mut order = list(5);
    order.sort_by_key(|line| sha(&format!("jiangce draw lot 1\n{seed}\n{line}\n")));
    assert_eq!(made.order, order);
    assert_eq!(made.drawn(), &order[..3]);
    // The order in which the list was handed in says nothing.
    let mut turned = list(5);
    turned.reverse();
    assert_eq!(draw(("evaluation", "备案申请1，第1次"), &ENTROPY, turned, 3), Ok(made.clone()));
    assert_eq!(redraw(made.to_json().as_bytes()), Ok(made));
}

#[test]
fn whatever_is_changed_in_a_record_is_noticed() {
    let made = draw(("evaluation", "备案申请1，第1次"), &ENTROPY, list(9), 3).expect("a draw");
    let check = |change: &dyn Fn(&mut proof::Draw), fault: DrawFault| {
        let mut changed = made.clone();
        change(&mut changed);
        assert_eq!(redraw(changed.to_json().as_bytes()), Err(fault));
    };
    check(&|one| one.order.swap(0, 1), DrawFault::Order);
    check(&|one| one.order[0] = "示例卡999 示例专家".into(), DrawFault::Order);
    check(&|one| one.about = "备案申请2，第1次".into(), DrawFault::Seed);
    check(&|one| one.purpose = "inspection".into(), DrawFault::Seed);
    check(&|one| drop(one.list.pop()), DrawFault::Seed);
    check(&|one| one.seed = "0".repeat(64), DrawFault::Seed);
    check(&|one| one.entropy = "08".repeat(32), DrawFault::Commitment);
    check(&|one| one.list.swap(0, 1), DrawFault::Unsorted);
    check(&|one| one.take = 10, DrawFault::TooFew(9, 10));
    check(&|one| one.list[1] = one.list[0].clone(), DrawFault::Line(2));
    assert!(matches!(redraw(b"{}"), Err(DrawFault::Form(_))));
    assert_eq!(draw(("evaluation", "甲"), &ENTROPY, vec!["a\nb".into()], 1), Err(DrawFault::Line(1)));
}

#[test]
fn everyone_is_drawn_about_as_often() {
    let mut counts = [0_i32; 10];
    for n in 0..2000_u32 {
        let mut entropy = [0; 32];
        entropy[..4].copy_from_slice(&n.to_be_bytes());
        let made = draw(("evaluation", "甲"), &entropy, list(10), 3).expect("a draw");
        for line in made.drawn() {
            counts[list(10).iter().position(|one| one == line).expect("of the list")] += 1;
        }
    }
    // 600 each on average; the bound is five standard deviations.
    assert!(counts.iter().all(|count| (count - 600).abs() < 103), "{counts:?}");
}
