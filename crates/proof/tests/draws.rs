//! Lots that anyone can draw again.

use proof::{Draw, DrawFault, draw, draw_commitment, draw_covering, redraw};
use proptest::prelude::*;
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
            counts[list(10).iter().position(|one| *one == line).expect("of the list")] += 1;
        }
    }
    // 600 each on average; the bound is five standard deviations.
    assert!(counts.iter().all(|count| (count - 600).abs() < 103), "{counts:?}");
}

/// Lines of a list, each with the keys that it covers, given as bits.
fn skilled(masks: &[u8], keys: usize) -> Vec<String> {
    let words =
        |mask: u8| (0..keys).filter(|key| mask >> key & 1 == 1).map(|key| format!(" 4-0{key}")).collect::<String>();
    masks.iter().enumerate().map(|(n, mask)| format!("示例卡{n:03} 示例专家{n}{}", words(*mask))).collect()
}

/// Every choice of so many places, in the order of the places.
fn choices(count: usize, take: usize) -> Vec<Vec<usize>> {
    let all = (0..1_u32 << count).map(|bits| (0..count).filter(|at| bits >> at & 1 == 1).collect::<Vec<_>>());
    let mut all: Vec<_> = all.filter(|places| places.len() == take).collect();
    all.sort_unstable();
    all
}

fn covers_all(draw: &Draw, cover: &[String], places: &[usize]) -> bool {
    cover.iter().all(|key| places.iter().any(|at| draw.order[*at].split(' ').any(|word| word == key)))
}

proptest! {
    #[test]
    fn s2_1_2b_the_earliest_panel_that_covers_every_occupation_is_drawn(
        masks in prop::collection::vec(0_u8..32, 1..10),
        take in 1_usize..5,
        entropy in any::<[u8; 32]>(),
    ) {
        let cover: Vec<String> = (0..5).map(|key| format!("4-0{key}")).collect();
        let list = skilled(&masks, 5);
        // Whoever tries every panel one after the other finds the same.
        let made = draw_covering(("evaluation", "甲"), &entropy, list.clone(), cover.clone(), take);
        if take > list.len() {
            prop_assert_eq!(made, Err(DrawFault::TooFew(list.len(), take)));
            return Ok(());
        }
        match made {
            Ok(made) => {
                let first = choices(list.len(), take).into_iter().find(|places| covers_all(&made, &cover, places));
                prop_assert_eq!(Some(made.places()), first);
                prop_assert_eq!(redraw(made.to_json().as_bytes()), Ok(made));
            }
            Err(fault) => {
                prop_assert_eq!(fault, DrawFault::Cover(take));
                let any = draw(("evaluation", "甲"), &entropy, list.clone(), take).expect("a draw");
                let found = choices(list.len(), take).into_iter().find(|places| covers_all(&any, &cover, places));
                prop_assert_eq!(found, None);
            }
        }
    }

    #[test]
    fn s2_1_2b_who_replaces_a_member_covers_most_of_what_is_left_open(
        masks in prop::collection::vec(0_u8..32, 3..10),
        entropy in any::<[u8; 32]>(),
    ) {
        let cover: Vec<String> = (0..5).filter(|key| masks.iter().any(|mask| mask >> key & 1 == 1)).map(|key| format!("4-0{key}")).collect();
        let made = draw_covering(("evaluation", "甲"), &entropy, skilled(&masks, 5), cover.clone(), masks.len()).expect("all of them");
        // The first two stay, the third leaves; the rest may come.
        let open = |places: &[usize]| cover.iter().filter(|key| !covers_all(&made, std::slice::from_ref(*key), places)).count();
        let next = made.next(&[0, 1], |at| at > 2);
        let least = (3..masks.len()).map(|at| open(&[0, 1, at])).min();
        prop_assert_eq!(next, (3..masks.len()).find(|at| Some(open(&[0, 1, *at])) == least));
    }
}

#[test]
fn what_must_be_covered_is_part_of_the_seed() {
    let list = skilled(&[1, 2, 4, 7, 1], 3);
    let cover: Vec<String> = ["4-00", "4-01", "4-02"].map(str::to_owned).to_vec();
    let made = draw_covering(("evaluation", "备案申请1，第1次"), &ENTROPY, list.clone(), cover, 3).expect("a draw");
    let mut sorted = list.clone();
    sorted.sort_unstable();
    let lines: String = sorted.iter().map(|line| format!("{line}\n")).collect();
    let listed = sha(&format!("jiangce draw list 1\n{lines}"));
    let keys = sha("jiangce draw cover 1\n4-00\n4-01\n4-02\n");
    let entropy = "07".repeat(32);
    let text = format!("jiangce draw seed 2\n{entropy}\nevaluation\n备案申请1，第1次\n{listed}\n{keys}\n");
    assert_eq!(made.seed, sha(&text));
    let mut changed = made.clone();
    changed.cover.pop();
    assert_eq!(redraw(changed.to_json().as_bytes()), Err(DrawFault::Seed));
    let none = draw_covering(("evaluation", "甲"), &ENTROPY, list.clone(), vec!["4-09".into()], 3);
    assert_eq!(none, Err(DrawFault::Cover(3)));
    let two_words = draw_covering(("evaluation", "甲"), &ENTROPY, list, vec!["4 00".into()], 3);
    assert!(matches!(two_words, Err(DrawFault::Form(_))));
}
