//! What a later text says differently, paragraph by paragraph and, within a paragraph, character by character: Chinese
//! has no blanks between words to go by. The shortest way from one to the other is found as E. Myers describes it
//! (An O(ND) Difference Algorithm, 1986).

use serde::Serialize;
use utoipa::ToSchema;

/// Most steps that a shortest way is looked for; what differs more is shown as wholly replaced.
const STEPS_MAX: isize = 1_000;
/// Most paragraphs on either side among which the ones that belong together are looked for.
const PAIRED_MAX: usize = 20;
/// Paragraphs that share less than this are not two versions of one.
const ALIKE: f64 = 0.4;
/// Equal characters between two changes that are fewer are read more easily as changed too.
const ISLAND: usize = 2;

/// How a paragraph, or a part of one, stands to the other text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    Same,
    /// Only the earlier text has it.
    Removed,
    /// Only the later text has it.
    Added,
    /// A paragraph with parts of each.
    Changed,
}

/// A part of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DifferencePiece {
    /// Never `changed`.
    pub kind: DifferenceKind,
    pub text: String,
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DifferenceLine {
    pub kind: DifferenceKind,
    pub pieces: Vec<DifferencePiece>,
}

impl DifferenceLine {
    fn whole(kind: DifferenceKind, text: &str) -> Self {
        Self { kind, pieces: vec![DifferencePiece { kind, text: text.to_owned() }] }
    }
}

/// The paragraphs of both texts in their order, each with what differs in it.
pub(super) fn difference(old: &str, new: &str) -> Vec<DifferenceLine> {
    let (old, new) = (paragraphs(old), paragraphs(new));
    let mut lines = Vec::new();
    for run in runs(&script(&old, &new)) {
        match run {
            Run::Same(range, _) => {
                lines.extend(old[range].iter().map(|text| DifferenceLine::whole(DifferenceKind::Same, text)));
            }
            Run::Changed(out, into) => rewritten(&old[out], &new[into], &mut lines),
        }
    }
    lines
}

/// The paragraphs of a text; blank lines only part them.
pub(super) fn paragraphs(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// Paragraphs in place of others: those that are versions of one are shown as one.
fn rewritten(old: &[&str], new: &[&str], lines: &mut Vec<DifferenceLine>) {
    let (mut from, mut to) = (0, 0);
    for (n, m) in pairs(old, new) {
        lines.extend(old[from..n].iter().map(|text| DifferenceLine::whole(DifferenceKind::Removed, text)));
        lines.extend(new[to..m].iter().map(|text| DifferenceLine::whole(DifferenceKind::Added, text)));
        lines.push(DifferenceLine { kind: DifferenceKind::Changed, pieces: pieces(old[n], new[m]) });
        (from, to) = (n + 1, m + 1);
    }
    lines.extend(old[from..].iter().map(|text| DifferenceLine::whole(DifferenceKind::Removed, text)));
    lines.extend(new[to..].iter().map(|text| DifferenceLine::whole(DifferenceKind::Added, text)));
}

/// Which paragraphs are versions of one another, in order: those pairs that together share the most.
fn pairs(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if old.len() > PAIRED_MAX || new.len() > PAIRED_MAX {
        let beside = old.iter().zip(new).enumerate();
        return beside.filter(|(_, (old, new))| alike(old, new) >= ALIKE).map(|(at, _)| (at, at)).collect();
    }
    let share: Vec<Vec<f64>> = old.iter().map(|old| new.iter().map(|new| alike(old, new)).collect()).collect();
    // best[n][m]: what can be shared from the n-th old and the m-th new paragraph on.
    let mut best = vec![vec![0.0_f64; new.len() + 1]; old.len() + 1];
    let with = |best: &[Vec<f64>], n: usize, m: usize| {
        if share[n][m] < ALIKE { 0.0 } else { share[n][m] + best[n + 1][m + 1] }
    };
    for n in (0..old.len()).rev() {
        for m in (0..new.len()).rev() {
            best[n][m] = with(&best, n, m).max(best[n + 1][m]).max(best[n][m + 1]);
        }
    }
    let (mut n, mut m, mut pairs) = (0, 0, Vec::new());
    while n < old.len() && m < new.len() {
        if share[n][m] >= ALIKE && with(&best, n, m) >= best[n][m] {
            pairs.push((n, m));
            (n, m) = (n + 1, m + 1);
        } else if best[n + 1][m] >= best[n][m] {
            n += 1;
        } else {
            m += 1;
        }
    }
    pairs
}

/// How much of two paragraphs is the same, from 0 to 1.
fn alike(old: &str, new: &str) -> f64 {
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let same = script(&old, &new).iter().filter(|step| **step == Step::Same).count();
    2.0 * same as f64 / (old.len() + new.len()) as f64
}

/// Two versions of a paragraph, part by part.
fn pieces(old: &str, new: &str) -> Vec<DifferencePiece> {
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let mut merged: Vec<Run> = Vec::new();
    let all = runs(&script(&old, &new));
    for (at, run) in all.iter().enumerate() {
        let is_island = matches!(run, Run::Same(range, _) if range.len() < ISLAND) && at > 0 && at + 1 < all.len();
        match (run, merged.last_mut()) {
            (Run::Same(out, into), Some(Run::Changed(from, to))) if is_island => {
                (from.end, to.end) = (out.end, into.end);
            }
            (Run::Changed(out, into), Some(Run::Changed(from, to))) => (from.end, to.end) = (out.end, into.end),
            _ => merged.push(run.clone()),
        }
    }
    let mut pieces = Vec::new();
    let mut piece = |kind, part: &[char]| {
        if !part.is_empty() {
            pieces.push(DifferencePiece { kind, text: part.iter().collect() });
        }
    };
    for run in merged {
        match run {
            Run::Same(range, _) => piece(DifferenceKind::Same, &old[range]),
            Run::Changed(out, into) => {
                piece(DifferenceKind::Removed, &old[out]);
                piece(DifferenceKind::Added, &new[into]);
            }
        }
    }
    pieces
}

/// Neighbours that are the same in both, or that differ: where they stand in each.
#[derive(Debug, Clone)]
enum Run {
    Same(std::ops::Range<usize>, std::ops::Range<usize>),
    Changed(std::ops::Range<usize>, std::ops::Range<usize>),
}

fn runs(steps: &[Step]) -> Vec<Run> {
    let (mut n, mut m, mut runs) = (0, 0, Vec::new());
    for part in steps.chunk_by(|one, next| (*one == Step::Same) == (*next == Step::Same)) {
        let out = part.iter().filter(|step| **step != Step::In).count();
        let into = part.iter().filter(|step| **step != Step::Out).count();
        let (old, new) = (n..n + out, m..m + into);
        runs.push(if part[0] == Step::Same { Run::Same(old, new) } else { Run::Changed(old, new) });
        (n, m) = (n + out, m + into);
    }
    runs
}

/// One step on the way from the old to the new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Same,
    Out,
    In,
}

/// The steps of a shortest way.
fn script<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Step> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let mut steps = vec![Step::Same; head];
    steps.extend(between(old, new));
    steps.extend(std::iter::repeat_n(Step::Same, tail));
    steps
}

/// As [`script`], where neither the first nor the last are the same.
fn between<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Step> {
    let replaced = || {
        let out = std::iter::repeat_n(Step::Out, old.len());
        out.chain(std::iter::repeat_n(Step::In, new.len())).collect()
    };
    if old.is_empty() || new.is_empty() {
        return replaced();
    }
    let (n, m) = (old.len() as isize, new.len() as isize);
    let most = (n + m).min(STEPS_MAX);
    // By diagonal (place in the old minus place in the new): how far in the old one comes with so many steps.
    let mut furthest = vec![0_isize; (2 * most + 3) as usize];
    let at = |diagonal: isize| (diagonal + most + 1) as usize;
    let mut rounds: Vec<Vec<isize>> = Vec::new();
    for steps in 0..=most {
        rounds.push(furthest[at(-steps - 1)..=at(steps + 1)].to_vec());
        for diagonal in (-steps..=steps).step_by(2) {
            let down = goes_down(diagonal, steps, |k| furthest[at(k)]);
            let mut x = if down { furthest[at(diagonal + 1)] } else { furthest[at(diagonal - 1)] + 1 };
            let mut y = x - diagonal;
            while x < n && y < m && old[x as usize] == new[y as usize] {
                (x, y) = (x + 1, y + 1);
            }
            furthest[at(diagonal)] = x;
            if x >= n && y >= m {
                return way_back(&rounds, n, m);
            }
        }
    }
    replaced()
}

/// Whether the way to a diagonal takes from the new (down) or gives away of the old.
fn goes_down(diagonal: isize, steps: isize, furthest: impl Fn(isize) -> isize) -> bool {
    diagonal == -steps || (diagonal != steps && furthest(diagonal - 1) < furthest(diagonal + 1))
}

fn way_back(rounds: &[Vec<isize>], n: isize, m: isize) -> Vec<Step> {
    let (mut x, mut y, mut back) = (n, m, Vec::new());
    for (at, furthest) in rounds.iter().enumerate().rev() {
        let steps = at as isize;
        let reached = |diagonal: isize| furthest[(diagonal + steps + 1) as usize];
        let diagonal = x - y;
        let down = goes_down(diagonal, steps, reached);
        let before = if down { diagonal + 1 } else { diagonal - 1 };
        let (from_x, from_y) = (reached(before), reached(before) - before);
        while x > from_x && y > from_y {
            back.push(Step::Same);
            (x, y) = (x - 1, y - 1);
        }
        if steps > 0 {
            back.push(if down { Step::In } else { Step::Out });
            (x, y) = (from_x, from_y);
        }
    }
    back.reverse();
    back
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let line = |line: &DifferenceLine| {
            let mark = match line.kind {
                DifferenceKind::Same => " ",
                DifferenceKind::Removed => "-",
                DifferenceKind::Added => "+",
                DifferenceKind::Changed => "~",
            };
            let parts = line.pieces.iter().map(|piece| match (line.kind, piece.kind) {
                (DifferenceKind::Changed, DifferenceKind::Removed) => format!("[{}]", piece.text),
                (DifferenceKind::Changed, DifferenceKind::Added) => format!("<{}>", piece.text),
                _ => piece.text.clone(),
            });
            format!("{mark}{}", parts.collect::<String>())
        };
        difference(old, new).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn s3_5_1_two_texts_are_compared_by_paragraph_and_then_by_character() {
        let old = "第一条 收费公开。\n第二条 理论考试每人60元。\n\n第三条 退费在5个工作日内办理。";
        let new = "第一条 收费公开。\n第二条 理论考试每人70元。\n第三条 家庭困难的学生减半收费。\n第四条 退费在5个工作日内办理。";
        assert_eq!(
            shown(old, new),
            " 第一条 收费公开。\n~第二条 理论考试每人[6]<7>0元。\n+第三条 家庭困难的学生减半收费。\n~第[三]<四>条 退费在5个工作日内办理。"
        );
        assert_eq!(shown(old, old).lines().filter(|line| !line.starts_with(' ')).count(), 0);
        assert_eq!(shown("", "甲\n乙"), "+甲\n+乙");
        assert_eq!(shown("甲\n乙", ""), "-甲\n-乙");
        assert_eq!(shown("完全不同的话", "毫无相似之处"), "-完全不同的话\n+毫无相似之处");
    }

    #[test]
    fn s3_5_1_a_difference_gives_back_both_texts() {
        let mut chance = sheets::specimen::Chance(7);
        let mut text = || {
            let signs: Vec<char> = "甲乙丙丁戊己\n".chars().collect();
            (0..chance.below(60)).map(|_| signs[chance.below(signs.len())]).collect::<String>()
        };
        for _ in 0..400 {
            let (old, new) = (text(), text());
            let lines = difference(&old, &new);
            let side = |other: DifferenceKind| {
                let kept = lines.iter().filter(|line| line.kind != other).map(|line| {
                    line.pieces.iter().filter(|piece| piece.kind != other).map(|piece| piece.text.as_str()).collect()
                });
                kept.collect::<Vec<String>>()
            };
            assert_eq!(side(DifferenceKind::Added), paragraphs(&old), "{old}\n→\n{new}");
            assert_eq!(side(DifferenceKind::Removed), paragraphs(&new), "{old}\n→\n{new}");
        }
    }

    #[test]
    fn s3_5_1_texts_that_share_nothing_are_compared_in_no_time() {
        let old: String = (0..30_000).map(|n| char::from_u32(0x4e00 + n % 9_000).unwrap_or('一')).collect();
        let new: String = (0..30_000).map(|n| char::from_u32(0x7000 + n % 9_000).unwrap_or('一')).collect();
        assert_eq!(difference(&old, &new).len(), 2);
    }
}
