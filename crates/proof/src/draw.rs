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
//! Purpose, matter and lines hold no control characters. The first line of each text keeps draws apart from everything else
//! that is hashed; a change of the way counts its number up.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{hex, unhex};

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
    pub seed: String,
    /// The list in the order of the lots.
    pub order: Vec<String>,
    /// How many from the beginning of the order are drawn.
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
pub fn draw(
    (purpose, about): (&str, &str),
    entropy: &[u8; 32],
    mut list: Vec<String>,
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
    let entropy_text = hex(entropy);
    let seed = seed_of(&entropy_text, purpose, about, &list);
    let order = in_order(&seed, &list);
    Ok(Draw {
        purpose: purpose.into(),
        about: about.into(),
        commitment: draw_commitment(entropy),
        entropy: entropy_text,
        list,
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
    if !kept.list.is_sorted() {
        return Err(DrawFault::Unsorted);
    }
    let again = draw((&kept.purpose, &kept.about), &entropy, kept.list.clone(), kept.take)?;
    match () {
        () if again.commitment != kept.commitment => Err(DrawFault::Commitment),
        () if again.seed != kept.seed => Err(DrawFault::Seed),
        () if again.order != kept.order => Err(DrawFault::Order),
        () => Ok(kept),
    }
}

impl Draw {
    /// Who was drawn, in order.
    pub fn drawn(&self) -> &[String] {
        self.order.get(..self.take).unwrap_or(&self.order)
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

fn seed_of(entropy: &str, purpose: &str, about: &str, list: &[String]) -> String {
    let lines: Vec<&str> = std::iter::once("jiangce draw list 1").chain(list.iter().map(String::as_str)).collect();
    digest(&["jiangce draw seed 1", entropy, purpose, about, &digest(&lines)])
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
