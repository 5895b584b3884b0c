//! Finding the table in a worksheet: the heading stands somewhere in the first rows, on one to three of them, in any
//! order of columns and under many names; titles above it, notes below it and columns nobody asked for are left alone.

use std::collections::HashMap;

use rules::Refusal;

use crate::finding::{FaultKind, Finding, Place};
use crate::marked;
use crate::value::{self, Value};
use crate::workbook::{Cells, Workbook};

/// Rows among which the heading is looked for.
const HEADING_WITHIN: usize = 30;
/// Rows that a heading may take.
const HEADING_ROWS: usize = 3;

/// The columns that a kind of sheet knows, with the names people give them.
pub trait Columns: Copy + PartialEq + 'static {
    /// Every column, in the order of their indices.
    const ALL: &'static [Self];
    /// The place in `ALL`.
    fn index(self) -> usize;
    /// The usual name first.
    fn names(self) -> &'static [&'static str];
}

/// Columns as an enum: each with its usual name, then the names it also goes by.
macro_rules! columns {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $first:literal $($other:literal)*;)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant,)* }

        impl $crate::table::Columns for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn index(self) -> usize {
                self as usize
            }

            fn names(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$first, $($other,)*],)* }
            }
        }
    };
}
pub(crate) use columns;

/// Where the columns stand in a worksheet.
pub struct Heading {
    /// The heading's last row, from 0.
    bottom: u32,
    /// By column index: the place in the sheet and the name as written.
    found: Vec<Option<(u32, String)>>,
    /// By place in the sheet: the column index.
    at: Vec<Option<usize>>,
}

/// A row of the table.
pub struct Row<'r, 'a> {
    pub sheet: &'r str,
    /// As the program numbers it, from 1.
    pub number: u32,
    heading: &'r Heading,
    /// By column index.
    values: &'r [Option<Value<'a>>],
    /// Names of the columns that are named at run time, behind the others.
    more: &'r [Vec<String>],
}

impl<'r, 'a> Row<'r, 'a> {
    /// The cell of a column; `None` when it is blank or the file has no such column.
    pub fn get(&self, column: impl Columns) -> Option<&'r Value<'a>> {
        self.values[column.index()].as_ref()
    }

    /// The text of a column's cell.
    pub fn text(&self, column: impl Columns) -> Option<std::borrow::Cow<'r, str>> {
        self.get(column).map(Value::text).filter(|text| !text.is_empty())
    }

    /// The place of a column's cell, for a finding.
    pub fn place(&self, column: impl Columns) -> Place<'r> {
        self.place_at(column.index(), column.names()[0])
    }

    /// The cell of a column that is named at run time, by its place among those.
    pub fn get_more(&self, n: usize) -> Option<&'r Value<'a>> {
        self.values[self.first_more() + n].as_ref()
    }

    /// The place of such a cell.
    pub fn place_more(&self, n: usize) -> Place<'r> {
        self.place_at(self.first_more() + n, self.more[n].first().map_or("", String::as_str))
    }

    fn first_more(&self) -> usize {
        self.values.len() - self.more.len()
    }

    fn place_at(&self, index: usize, usual: &'r str) -> Place<'r> {
        let found = self.heading.found[index].as_ref();
        Place {
            sheet: self.sheet,
            row: self.number,
            column: found.map(|(at, _)| *at),
            column_name: found.map_or(usual, |(_, name)| name.as_str()),
            value: self.values[index].as_ref().map(Value::shown).unwrap_or_default(),
        }
    }
}

/// Walks the rows below the heading of every worksheet that has one, until `each` answers `false`.
///
/// Gives back a finding for each required column that a worksheet's heading lacks; its rows are not walked. Refused
/// when no worksheet has a heading.
pub fn read<C: Columns>(
    book: &mut Workbook,
    required: &[C],
    each: impl FnMut(&Row) -> bool,
) -> Result<Vec<Finding>, Refusal> {
    read_more(book, required, &[], each)
}

/// As [`read`], with further required columns that are named at run time: modules of a scheme, items of a rubric. Each has
/// the names it goes by, the usual first.
pub fn read_more<C: Columns>(
    book: &mut Workbook,
    required: &[C],
    more: &[Vec<String>],
    mut each: impl FnMut(&Row) -> bool,
) -> Result<Vec<Finding>, Refusal> {
    let known = C::ALL.len();
    let mut names = names_of::<C>();
    for (n, column) in more.iter().enumerate() {
        for name in column {
            names.entry(value::squeezed(name)).or_insert(known + n);
        }
    }
    let mut wanted: Vec<(usize, &str)> = required.iter().map(|column| (column.index(), column.names()[0])).collect();
    wanted.extend(more.iter().enumerate().map(|(n, names)| (known + n, names.first().map_or("", String::as_str))));
    let mut findings = Vec::new();
    let mut any_heading = false;
    for sheet in book.sheets().into_iter().filter(|sheet| sheet != marked::LIST) {
        let mut walk = Walk {
            sheet: &sheet,
            head: Vec::new(),
            heading: None,
            values: vec![None; known + more.len()],
            more,
            each: &mut each,
        };
        // Ending early in a sheet whose heading is complete means that the caller has enough of the file.
        let mut complete = false;
        let mut settle = |walk: &mut Walk| {
            let Some(heading) = find(&walk.head, &names, known + more.len(), &wanted) else { return false };
            any_heading = true;
            let missing = findings.len();
            let lacking = wanted.iter().filter(|(index, _)| heading.found[*index].is_none());
            findings.extend(lacking.map(|(_, name)| absent(&sheet, &heading, name)));
            complete = findings.len() == missing;
            walk.heading = Some(heading);
            complete && walk.replay()
        };
        let mut more = true;
        book.rows(&sheet, |row, cells| {
            more = if walk.heading.is_some() {
                walk.row(row, cells)
            } else {
                walk.head.push((row, std::mem::take(cells)));
                walk.head.len() < HEADING_WITHIN || settle(&mut walk)
            };
            more
        })?;
        if more && walk.heading.is_none() {
            more = settle(&mut walk);
        }
        if !more && complete {
            break;
        }
    }
    if !any_heading {
        let wanted: Vec<_> = wanted.iter().map(|(_, name)| format!("“{name}”")).collect();
        return Err(Refusal::house("表格文件", format!("前{HEADING_WITHIN}行里没有找到表头"))
            .remedy(format!("请保留含有{}的表头行，或下载本平台模板填写", wanted.join("、")))
            .at("file"));
    }
    Ok(findings)
}

/// The finding about a required column that a heading lacks.
fn absent(sheet: &str, heading: &Heading, name: &str) -> Finding {
    let place = Place { sheet, row: heading.bottom + 1, column: None, column_name: name, value: String::new() };
    let reason = format!("表头中没有“{name}”列");
    let remedy = format!("请增加“{name}”列，或下载本平台模板填写");
    Finding::new(place, FaultKind::ColumnMissing, rules::Ground::House("表格文件"), reason, remedy)
}

/// A worksheet being walked: rows are kept until the heading among them is found, then handed on one by one.
struct Walk<'s, 'a> {
    sheet: &'s str,
    head: Vec<(u32, Cells<'a>)>,
    heading: Option<Heading>,
    values: Vec<Option<Value<'a>>>,
    more: &'s [Vec<String>],
    /// Answers `false` to end the walk of the whole file.
    each: &'s mut dyn FnMut(&Row) -> bool,
}

impl<'a> Walk<'_, 'a> {
    fn row(&mut self, row: u32, cells: &mut Cells<'a>) -> bool {
        let Some(heading) = &self.heading else { return true };
        self.values.fill(None);
        let mut known = false;
        for (column, value) in cells.drain(..) {
            if let Some(index) = heading.at.get(column as usize).copied().flatten() {
                self.values[index] = Some(value);
                known = true;
            }
        }
        let row = Row { sheet: self.sheet, number: row + 1, heading, values: &self.values, more: self.more };
        !known || (self.each)(&row)
    }

    /// Hands on the kept rows below the heading.
    fn replay(&mut self) -> bool {
        let bottom = self.heading.as_ref().map_or(0, |heading| heading.bottom);
        std::mem::take(&mut self.head)
            .into_iter()
            .filter(|(row, _)| *row > bottom)
            .all(|(row, mut cells)| self.row(row, &mut cells))
    }
}

fn names_of<C: Columns>() -> HashMap<String, usize> {
    let pairs =
        |column: &C| column.names().iter().map(|name| (value::squeezed(name), column.index())).collect::<Vec<_>>();
    C::ALL.iter().flat_map(pairs).collect()
}

/// The heading among the first rows: the one to three rows that name the most columns, at least two and one of them
/// required; fewer rows win over more, higher ones over lower.
fn find(
    head: &[(u32, Cells)],
    names: &HashMap<String, usize>,
    columns: usize,
    required: &[(usize, &str)],
) -> Option<Heading> {
    let mut best: Option<(usize, Heading)> = None;
    for height in 1..=HEADING_ROWS {
        for window in head.windows(height).filter(|w| (w[height - 1].0 - w[0].0) < HEADING_ROWS as u32) {
            let heading = Heading::over(window, names, columns);
            let count = heading.found.iter().flatten().count();
            let usable = count >= 2 && required.iter().any(|(index, _)| heading.found[*index].is_some());
            if usable && best.as_ref().is_none_or(|(most, _)| count > *most) {
                best = Some((count, heading));
            }
        }
    }
    best.map(|(_, heading)| heading)
}

impl Heading {
    /// Reads rows as one heading. A merged cell has its text in its first cell only: above, it holds for the columns
    /// to its right; beside, for the rows below.
    fn over(rows: &[(u32, Cells)], names: &HashMap<String, usize>, columns: usize) -> Self {
        let width = rows.iter().filter_map(|(_, cells)| cells.last()).map(|(at, _)| at + 1).max().unwrap_or_default();
        let mut heading =
            Self { bottom: rows.last().map_or(0, |(row, _)| *row), found: vec![None; columns], at: Vec::new() };
        heading.at.resize(width.min(2_000) as usize, None);
        for column in 0..width.min(2_000) {
            let own: Vec<String> = rows.iter().filter_map(|(_, cells)| text_at(cells, column)).collect();
            let Some(last) = own.last() else { continue };
            let carried = rows[..rows.len() - 1]
                .iter()
                .filter_map(|(_, cells)| {
                    cells.iter().rev().find(|(at, _)| *at <= column).map(|(_, value)| value.text())
                })
                .next_back();
            let joined = carried.map(|group| format!("{group}{last}"));
            // “证书” over “等级” is 证书等级, which “等级” alone is not.
            let candidates = [joined, Some(last.clone()), own.first().cloned()];
            for name in candidates.into_iter().flatten() {
                if let Some(index) = lookup(&name, names)
                    && heading.found[index].is_none()
                {
                    heading.found[index] = Some((column, value::squeezed(&name)));
                    heading.at[column as usize] = Some(index);
                    break;
                }
            }
        }
        heading
    }
}

fn text_at(cells: &Cells, column: u32) -> Option<String> {
    cells.iter().find(|(at, _)| *at == column).map(|(_, value)| value.text().into_owned())
}

/// The column that a heading names, by its own words, then without what stands in brackets.
fn lookup(text: &str, names: &HashMap<String, usize>) -> Option<usize> {
    let plain: String = value::squeezed(text).chars().filter(|c| !"*★:".contains(*c)).collect();
    if let Some(index) = names.get(&plain) {
        return Some(*index);
    }
    let mut depth = 0;
    let bare: String = plain
        .chars()
        .filter(|&c| {
            let closing = matches!(c, ')' | ']' | '】');
            depth += i32::from(matches!(c, '(' | '[' | '【'));
            let keep = depth <= 0;
            depth -= i32::from(closing);
            keep && !closing
        })
        .collect();
    names.get(&bare).copied()
}
