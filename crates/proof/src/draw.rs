//! Drawing by lot, so that anyone can draw again and find the same: experts into a panel, bodies and inspectors into an
//! inspection.
//!
//! Everything is SHA-256 over text in UTF-8, written as 64 lower-case hexadecimal digits; `\n` is one byte, 0x0A.
//!
//! - Before the list is closed, 32 random bytes are put aside and their commitment is published:
//!   `SHA-256("jiangce draw commitment 1\n" + entropy + "\n")`, the bytes in hexadecimal.
//! - The list is of one line for each who may be drawn, sorted by bytes, none twice. Its digest is
//!   `SHA-256("jiangce draw list 1\n" + line + "\n" + …)`.
//! - The seed is `SHA-256("jiangce draw seed 1\n" + entropy + "\n" + purpose + "\n" + about + "\n" + list digest + "\n")`.
//! - The lot of a line is `SHA-256("jiangce draw lot 1\n" + seed + "\n" + line + "\n")`. Lines stand in the order of their
//!   lots; the first are drawn, the next replace who can't come.
//!
//! Where something must be covered (each occupation of a filing by an expert who may judge it), the draw names keys. A line
//! covers a key that stands in it as a word between blanks. Then the seed is
//! `SHA-256("jiangce draw seed 2\n" + entropy + "\n" + purpose + "\n" + about + "\n" + list digest + "\n" + key digest + "\n")`, the key
//! digest being `SHA-256("jiangce draw cover 1\n" + key + "\n" + …)` over the sorted keys. Of all sets of that size that cover
//! every key the one is drawn whose lines stand earliest: the first line of the order that is in any such set, then the
//! first after it that is in one together with it, and so on.
//!
//! Purpose, matter, keys and lines hold no control characters. The first line of each text keeps draws apart from everything else
//! that is hashed; a change of the way counts its number up.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{hex, unhex};

/// Keys that a draw may have to cover, at most.
const KEYS_MAX: usize = 128;

/// A draw as it is kept and handed on: what went in, and what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// What is drawn for: `evaluation`.
    pub purpose: String,
    /// The matter: which filing, the how manieth draw.
    pub about: String,
    /// What was published before the list was closed.
    pub commitment: String,
    /// The random bytes behind the commitment.
    pub entropy: String,
    /// Who may be drawn, sorted.
    pub list: Vec<String>,
    /// What must be covered by those who are drawn, sorted; empty where nothing must.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cover: Vec<String>,
    pub seed: String,
    /// The list in the order of the lots.
    pub order: Vec<String>,
    /// How many are drawn: the first of the order, or the first that cover everything.
    pub take: usize,
}

/// Why a draw can't be made, or is not what it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawFault {
    /// Not a record of a draw.
    #[error("不是抽签记录：{0}")]
    Form(String),
    /// A line that may not stand in a list.
    #[error("名单第{0}行为空、重复或含控制字符")]
    Line(usize),
    /// The list is not sorted.
    #[error("名单没有按字节顺序排列")]
    Unsorted,
    /// More are to be drawn than there are.
    #[error("名单只有{0}行，不够抽取{1}个")]
    TooFew(usize, usize),
    /// No set of that size covers everything that must be covered.
    #[error("抽取{0}个不能覆盖全部要覆盖的项目")]
    Cover(usize),
    /// The random bytes are not those that were committed to.
    #[error("随机数与事先公布的承诺不符")]
    Commitment,
    /// The seed does not follow from the random bytes, the matter and the list.
    #[error("种子与随机数、事项、名单不符")]
    Seed,
    /// The order does not follow from seed and list.
    #[error("抽取顺序与种子、名单不符")]
    Order,
}

/// The commitment to random bytes, published before the list is closed.
pub fn draw_commitment(entropy: &[u8; 32]) -> String {
    digest(&["jiangce draw commitment 1", &hex(entropy)])
}

/// Draws: `take` lines out of a list, by random bytes that were committed to. The list is sorted here.
///
/// # Errors
/// For a list with a line that is empty, twice there or holds a control character, or with fewer lines than are to be drawn.
pub fn draw(matter: (&str, &str), entropy: &[u8; 32], list: Vec<String>, take: usize) -> Result<Draw, DrawFault> {
    draw_covering(matter, entropy, list, Vec::new(), take)
}

/// As [`draw`], so that every key is covered by one of those who are drawn.
///
/// # Errors
/// As [`draw`]; for a key that is no word or twice there; and when no set of that size covers all keys.
pub fn draw_covering(
    (purpose, about): (&str, &str),
    entropy: &[u8; 32],
    mut list: Vec<String>,
    mut cover: Vec<String>,
    take: usize,
) -> Result<Draw, DrawFault> {
    list.sort_unstable();
    is_list(&list)?;
    if list.len() < take {
        return Err(DrawFault::TooFew(list.len(), take));
    }
    if [purpose, about].iter().any(|text| text.is_empty() || text.chars().any(char::is_control)) {
        return Err(DrawFault::Form("用途或事项为空，或含控制字符".into()));
    }
    cover.sort_unstable();
    let is_word = |key: &String| !key.is_empty() && !key.chars().any(|c| c.is_whitespace() || c.is_control());
    if cover.len() > KEYS_MAX || !cover.iter().all(is_word) || cover.windows(2).any(|two| two[0] == two[1]) {
        return Err(DrawFault::Form(format!("要覆盖的项目应各为一词、不重复，不超过{KEYS_MAX}项")));
    }
    let entropy_text = hex(entropy);
    let seed = seed_of(&entropy_text, purpose, about, &list, &cover);
    let order = in_order(&seed, &list);
    if !cover.is_empty() && covering(&order, &cover, take).is_none() {
        return Err(DrawFault::Cover(take));
    }
    Ok(Draw {
        purpose: purpose.into(),
        about: about.into(),
        commitment: draw_commitment(entropy),
        entropy: entropy_text,
        list,
        cover,
        seed,
        order,
        take,
    })
}

/// Draws again from a kept record and compares.
///
/// # Errors
/// Where the record is not one, or what it says does not follow from what went in.
pub fn redraw(bytes: &[u8]) -> Result<Draw, DrawFault> {
    let kept: Draw = serde_json::from_slice(bytes).map_err(|error| DrawFault::Form(error.to_string()))?;
    let entropy = unhex::<32>(&kept.entropy).ok_or_else(|| DrawFault::Form("随机数应为64位小写十六进制".into()))?;
    if !kept.list.is_sorted() || !kept.cover.is_sorted() {
        return Err(DrawFault::Unsorted);
    }
    let (list, cover) = (kept.list.clone(), kept.cover.clone());
    let again = draw_covering((&kept.purpose, &kept.about), &entropy, list, cover, kept.take)?;
    match () {
        () if again.commitment != kept.commitment => Err(DrawFault::Commitment),
        () if again.seed != kept.seed => Err(DrawFault::Seed),
        () if again.order != kept.order => Err(DrawFault::Order),
        () => Ok(kept),
    }
}

impl Draw {
    /// The places in the order of those who were drawn, from 0.
    pub fn places(&self) -> Vec<usize> {
        match self.cover.is_empty() {
            true => (0..self.take.min(self.order.len())).collect(),
            // A draw was only made because there is such a set.
            false => covering(&self.order, &self.cover, self.take).unwrap_or_default(),
        }
    }

    /// Who was drawn, in order.
    pub fn drawn(&self) -> Vec<String> {
        self.places().into_iter().map(|at| self.order[at].clone()).collect()
    }

    /// The place of who comes next where those at `seated` stay: of the places that are `free`, the one whose line covers most
    /// of what the seated leave open, the first of them in the order.
    pub fn next(&self, seated: &[usize], free: impl Fn(usize) -> bool) -> Option<usize> {
        let masks = masks(&self.order, &self.cover);
        let held = seated.iter().filter_map(|at| masks.get(*at)).fold(0, |all, mask| all | mask);
        let gain = |at: &usize| (masks[*at] & !held).count_ones();
        let free: Vec<usize> = (0..self.order.len()).filter(|at| free(*at)).collect();
        let most = free.iter().map(gain).max()?;
        free.into_iter().find(|at| gain(at) == most)
    }

    /// The record as it is kept: canonical JSON (RFC 8785).
    pub fn to_json(&self) -> String {
        // Texts and a count always have a canonical form.
        serde_json_canonicalizer::to_string(self).unwrap_or_default()
    }
}

fn is_list(list: &[String]) -> Result<(), DrawFault> {
    for (at, line) in list.iter().enumerate() {
        let again = at > 0 && list[at - 1] == *line;
        if line.trim().is_empty() || again || line.chars().any(char::is_control) {
            return Err(DrawFault::Line(at + 1));
        }
    }
    Ok(())
}

fn seed_of(entropy: &str, purpose: &str, about: &str, list: &[String], cover: &[String]) -> String {
    let under = |head, lines: &[String]| {
        digest(&std::iter::once(head).chain(lines.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    let listed = under("jiangce draw list 1", list);
    match cover {
        [] => digest(&["jiangce draw seed 1", entropy, purpose, about, &listed]),
        cover => {
            digest(&["jiangce draw seed 2", entropy, purpose, about, &listed, &under("jiangce draw cover 1", cover)])
        }
    }
}

/// Which keys each line covers, a bit for each.
fn masks(lines: &[String], cover: &[String]) -> Vec<u128> {
    let bit = |word: &str| cover.binary_search_by(|key| key.as_str().cmp(word)).map_or(0, |at| 1_u128 << at);
    lines.iter().map(|line| line.split_whitespace().map(bit).fold(0, |all, bit| all | bit)).collect()
}

/// The places of the earliest set of that size that covers every key; none where no set does.
fn covering(order: &[String], cover: &[String], take: usize) -> Option<Vec<usize>> {
    let masks = masks(order, cover);
    let mut need = masks.iter().fold(0, |all, mask| all | mask);
    if need.count_ones() as usize != cover.len() || order.len() < take {
        return None;
    }
    let mut dead = HashSet::new();
    if !can_cover(&masks, 0, need, take, &mut dead) {
        return None;
    }
    let mut chosen = Vec::with_capacity(take);
    for (at, mask) in masks.iter().enumerate() {
        if chosen.len() == take {
            break;
        }
        let (rest, seats) = (need & !mask, take - chosen.len() - 1);
        // Enough lines must be left for the other seats, whatever they cover.
        if masks.len() - at > seats && can_cover(&masks, at + 1, rest, seats, &mut dead) {
            chosen.push(at);
            need = rest;
        }
    }
    (chosen.len() == take).then_some(chosen)
}

/// Whether so many lines from a place on can cover what is needed. What can't be done is remembered.
fn can_cover(masks: &[u128], from: usize, need: u128, seats: usize, dead: &mut HashSet<(usize, u128, usize)>) -> bool {
    if need == 0 {
        return true;
    }
    if seats == 0 || dead.contains(&(from, need, seats)) {
        return false;
    }
    // One line must cover the key that fewest cover.
    let keys = (0..u128::BITS).map(|at| 1_u128 << at).filter(|key| need & key != 0);
    let rarest = keys.min_by_key(|key| masks[from..].iter().filter(|mask| **mask & key != 0).count()).unwrap_or(0);
    let mut useful: Vec<u128> =
        masks[from..].iter().filter(|mask| **mask & rarest != 0).map(|mask| mask & need).collect();
    useful.sort_unstable_by_key(|mask| (std::cmp::Reverse(mask.count_ones()), *mask));
    useful.dedup();
    // Who covers no more than another need not be tried.
    let mut tried: Vec<u128> = Vec::new();
    for mask in useful {
        if tried.iter().any(|more| mask & !more == 0) {
            continue;
        }
        if can_cover(masks, from, need & !mask, seats - 1, dead) {
            return true;
        }
        tried.push(mask);
    }
    dead.insert((from, need, seats));
    false
}

fn in_order(seed: &str, list: &[String]) -> Vec<String> {
    let mut lots: Vec<(String, &String)> =
        list.iter().map(|line| (digest(&["jiangce draw lot 1", seed, line]), line)).collect();
    lots.sort_unstable();
    lots.into_iter().map(|(_, line)| line.clone()).collect()
}

/// SHA-256 over lines, each with its line feed.
fn digest(lines: &[&str]) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hex(&hash.finalize())
}
