//! 附件2: the checklist of application materials as data. A list holds from a day on; a filing is asked for what the list
//! said on the day on which it was first submitted, and while it is being written for what the list says today.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::trade::{filled, read_rows};

/// The list that ships: 附件2, with the types and sizes that the platform takes.
pub const SHIPPED: &str = include_str!("../../../reference/checklist.csv");
/// The four management rules that 三（五） wants published: every list asks for them, under these codes.
pub const PUBLISHED_RULES: [&str; 4] = ["rule_exam", "rule_quality", "rule_certificate", "rule_fee"];
/// The largest file that an item may allow, in MB: what the platform takes at all.
pub const LARGEST_MB: u32 = 32;
/// The most files that an item may allow.
pub const FILES_MAX: u32 = 100;
/// Items of one list at most.
const ITEMS_MAX: usize = 100;

/// The columns of a list, in order.
const COLUMNS: [&str; 8] = ["effective_from", "code", "title", "required", "per", "types", "largest_mb", "files_max"];

/// An item of the checklist of application materials (附件2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MaterialItem {
    pub code: String,
    pub title: String,
    pub required: bool,
    pub per: MaterialPer,
    /// What files it takes, told from their first bytes.
    pub types: Vec<MaterialType>,
    /// The largest file, in MB.
    pub largest_mb: u32,
    /// Files at most; for each occupation where it is asked for so.
    pub files_max: u32,
}

/// Whether an item is asked for once or for each occupation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaterialPer {
    Body,
    Trade,
}

impl MaterialPer {
    /// The code word of the list.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Trade => "trade",
        }
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Body => "全校一份",
            Self::Trade => "每个职业一份",
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaterialType {
    Pdf,
    Jpg,
    Png,
    /// An archive, or a document that is one inside (.docx, .xlsx).
    Zip,
}

impl MaterialType {
    /// Every type.
    pub const ALL: &'static [Self] = &[Self::Pdf, Self::Jpg, Self::Png, Self::Zip];

    /// The code word of the list.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpg => "jpg",
            Self::Png => "png",
            Self::Zip => "zip",
        }
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Jpg => "JPG",
            Self::Png => "PNG",
            Self::Zip => "ZIP",
        }
    }

    /// The endings by which a file picker finds such files.
    pub const fn endings(self) -> &'static str {
        match self {
            Self::Pdf => ".pdf",
            Self::Jpg => ".jpg,.jpeg",
            Self::Png => ".png",
            Self::Zip => ".zip,.docx,.xlsx",
        }
    }
}

impl MaterialItem {
    /// The types as one reads them: `PDF、JPG`.
    pub fn types_named(&self) -> String {
        self.types.iter().map(|kind| kind.name()).collect::<Vec<_>>().join("、")
    }

    /// Whether a file of this type and size (in bytes) may be attached beside so many others; `None` as a type is one
    /// that no list knows.
    pub fn takes(&self, kind: Option<MaterialType>, size: i64, already: usize) -> Result<(), Refusal> {
        let refuse = |what: String, remedy: String| Err(Refusal::new(Clause::A2, what).remedy(remedy).at("file"));
        if !kind.is_some_and(|kind| self.types.contains(&kind)) {
            return refuse(
                format!("《{}》不收这种文件", self.title),
                format!("请上传{}文件", self.types_named().replace('、', "或")),
            );
        }
        if size > i64::from(self.largest_mb) * 1024 * 1024 {
            return refuse(
                format!(
                    "文件大小为 {:.1} MB，超过《{}》的上限 {} MB",
                    size as f64 / 1_048_576.0,
                    self.title,
                    self.largest_mb
                ),
                "请压缩，或分成几个文件上传".to_owned(),
            );
        }
        if already >= self.files_max as usize {
            return refuse(
                format!("《{}》已有 {already} 个文件，最多 {} 个", self.title, self.files_max),
                "请先移除不要的文件，或把几个文件合成一个".to_owned(),
            );
        }
        Ok(())
    }
}

/// Every list, by the day from which it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checklists(BTreeMap<Day, Vec<MaterialItem>>);

impl Checklists {
    /// Reads lists from CSV with the columns of the one that ships; rows with the same first day are one list.
    ///
    /// # Errors
    /// What can't be read, and where.
    pub fn read(csv: &str) -> Result<Self, String> {
        let rows = read_rows(csv, COLUMNS, |[from, code, title, required, per, types, largest, files]| {
            let from: Day = from.parse().map_err(|_| format!("生效日期“{from}”应写作 2026-09-01"))?;
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if code.is_empty() || !code.chars().all(plain) || code.len() > 40 {
                return Err(format!("代码“{code}”应为小写字母、数字和下划线，不超过40个字符"));
            }
            let title = filled(title, "名称")?;
            if title.chars().count() > 80 {
                return Err("名称超过80字".to_owned());
            }
            let required = match required {
                "yes" => true,
                "no" => false,
                other => return Err(format!("是否必交“{other}”应为 yes 或 no")),
            };
            let per = match per {
                "body" => MaterialPer::Body,
                "trade" => MaterialPer::Trade,
                other => return Err(format!("份数“{other}”应为 body 或 trade")),
            };
            let types: Vec<MaterialType> = types
                .split_whitespace()
                .map(|word| {
                    let known = MaterialType::ALL.iter().copied().find(|kind| kind.code() == word);
                    known.ok_or_else(|| format!("文件类型“{word}”应为 pdf、jpg、png 或 zip"))
                })
                .collect::<Result<_, _>>()?;
            if types.is_empty() {
                return Err("没有写明文件类型".to_owned());
            }
            let number = |text: &str, what: &str, most: u32| {
                let number = text.parse::<u32>().ok().filter(|number| (1..=most).contains(number));
                number.ok_or_else(|| format!("{what}“{text}”应为1至{most}的整数"))
            };
            let largest_mb = number(largest, "最大（MB）", LARGEST_MB)?;
            let files_max = number(files, "最多几个文件", FILES_MAX)?;
            Ok((from, MaterialItem { code: code.to_owned(), title, required, per, types, largest_mb, files_max }))
        })?;
        let mut lists: BTreeMap<Day, Vec<MaterialItem>> = BTreeMap::new();
        for (from, item) in rows {
            let list = lists.entry(from).or_default();
            if list.iter().any(|other| other.code == item.code) {
                return Err(format!("{from}起的清单中，代码“{}”出现了两次", item.code));
            }
            list.push(item);
        }
        for (from, list) in &lists {
            if list.len() > ITEMS_MAX {
                return Err(format!("{from}起的清单有{}项，超过{ITEMS_MAX}项", list.len()));
            }
            let known = |code: &str| {
                list.iter().any(|item| item.code == code && item.required && item.per == MaterialPer::Body)
            };
            if let Some(code) = PUBLISHED_RULES.iter().find(|code| !known(code)) {
                return Err(format!(
                    "{from}起的清单中没有 {code}：考务、质量、证书、收费四项管理办法须向社会公开，必须列为全校一份的必交材料"
                ));
            }
        }
        Ok(Self(lists))
    }

    /// The list that ships, alone.
    pub fn shipped() -> Self {
        Self::read(SHIPPED).unwrap_or_else(|_| Self(BTreeMap::new()))
    }

    /// With other lists beside these; of two from the same day the other counts.
    #[must_use]
    pub fn merged(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The list that holds on a day: the latest that has begun, or the first there is.
    pub fn on(&self, day: Day) -> &[MaterialItem] {
        let begun = self.0.range(..=day).next_back();
        begun.or_else(|| self.0.iter().next()).map_or(&[], |(_, list)| list)
    }

    /// From which day the list holds that holds on a day.
    pub fn since(&self, day: Day) -> Option<Day> {
        self.0.range(..=day).next_back().or_else(|| self.0.iter().next()).map(|(from, _)| *from)
    }

    /// Every list with its first day, the earliest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = (Day, &[MaterialItem])> {
        self.0.iter().map(|(from, list)| (*from, list.as_slice()))
    }

    /// Every list, as it is read again.
    pub fn csv(&self) -> String {
        let lines = self.versions().flat_map(|(from, list)| list.iter().map(move |item| line(from, item)));
        std::iter::once(COLUMNS.join(",")).chain(lines).map(|line| line + "\n").collect()
    }

    /// Whether lists may be taken beside these today: a list that has begun does not change any more, for filings were
    /// submitted under it.
    pub fn may_take(&self, other: &Self, today: Day) -> Result<(), Refusal> {
        let begun =
            other.versions().find(|(from, list)| *from < today && self.0.get(from).is_none_or(|own| own != list));
        match begun {
            None => Ok(()),
            Some((from, _)) => Err(Refusal::new(Clause::A2, format!("清单从 {from} 起生效，早于今天 {today}"))
                .remedy("已经生效的清单不再改动，院校已按它提交；请写今天或以后的生效日期")
                .at("content")),
        }
    }
}

fn line(from: Day, item: &MaterialItem) -> String {
    let types = item.types.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(" ");
    let required = if item.required { "yes" } else { "no" };
    // A title is typed by people: a comma or a quotation mark in it stays one.
    let title = format!("\"{}\"", item.title.replace('"', "\"\""));
    let title = if item.title.contains([',', '"', '\n', '\r']) { title } else { item.title.clone() };
    format!(
        "{from},{},{title},{required},{},{types},{},{}",
        item.code,
        item.per.code(),
        item.largest_mb,
        item.files_max
    )
}

/// The latest list that ships.
pub fn default_checklist() -> Vec<MaterialItem> {
    Checklists::shipped().versions().next_back().map(|(_, list)| list.to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// The list that ships from another day, with one text in place of another.
    fn altered(from: &str, old: &str, new: &str) -> String {
        SHIPPED.replace("2020-07-01", from).replace(old, new)
    }

    #[test]
    fn a2_the_list_that_ships_can_be_read_and_written_again() {
        let shipped = Checklists::read(SHIPPED).unwrap();
        assert_eq!(default_checklist().len(), 19);
        assert_eq!(Checklists::read(&shipped.csv()).unwrap(), shipped);
        assert_eq!(shipped.csv(), SHIPPED);
        for code in PUBLISHED_RULES {
            assert!(default_checklist().iter().any(|item| item.code == code && item.required));
        }
        let odd = Checklists::read(&altered("2026-01-01", "承诺书", "\"承诺书,\"\"新\"\"\"")).unwrap();
        assert_eq!(Checklists::read(&odd.csv()).unwrap(), odd);
        assert_eq!(odd.on(day("2026-01-01")).last().unwrap().title, "承诺书,\"新\"");
    }

    #[test]
    fn a2_a_list_holds_from_its_first_day_until_the_next() {
        let later = Checklists::read(&altered("2026-09-01", "承诺书", "新承诺书")).unwrap();
        let lists = Checklists::shipped().merged(later);
        let title = |on: &str| lists.on(day(on)).last().unwrap().title.clone();
        assert_eq!(title("2026-08-31"), "承诺书");
        assert_eq!(title("2026-09-01"), "新承诺书");
        // Before the notice there was no list; the first one answers.
        assert_eq!(title("2019-01-01"), "承诺书");
        assert_eq!(lists.since(day("2026-12-31")), Some(day("2026-09-01")));
    }

    #[test]
    fn a2_a_list_that_has_begun_does_not_change() {
        let known = Checklists::shipped();
        let take = |csv: String, today: &str| known.may_take(&Checklists::read(&csv).unwrap(), day(today)).is_ok();
        assert!(take(SHIPPED.to_owned(), "2026-03-02"), "the same again changes nothing");
        assert!(!take(altered("2020-07-01", "承诺书", "新承诺书"), "2026-03-02"));
        assert!(!take(altered("2026-03-01", "承诺书", "新承诺书"), "2026-03-02"));
        assert!(take(altered("2026-03-02", "承诺书", "新承诺书"), "2026-03-02"));
    }

    #[test]
    fn a2_what_is_wrong_with_a_list_is_said() {
        let says = |old: &str, new: &str, part: &str| {
            let fault = Checklists::read(&altered("2026-09-01", old, new)).unwrap_err();
            assert!(fault.contains(part), "{fault}");
        };
        says("rule_fee", "rule_charge", "没有 rule_fee");
        says("收费管理办法,yes", "收费管理办法,no", "没有 rule_fee");
        says("undertaking", "work_plan", "代码“work_plan”出现了两次");
        says("undertaking", "Undertaking", "小写字母");
        says("承诺书,yes", "承诺书,是", "是否必交“是”");
        says(",trade,", ",occupation,", "份数“occupation”");
        says("承诺书,yes,body,pdf", "承诺书,yes,body,doc", "文件类型“doc”");
        says("承诺书,yes,body,pdf jpg png zip,32", "承诺书,yes,body,pdf,64", "最大（MB）“64”");
        assert!(Checklists::read("effective_from,code\n").unwrap_err().contains("缺少列"));
    }

    #[test]
    fn a2_a_file_of_the_wrong_type_size_or_number_is_refused() {
        let item = MaterialItem {
            types: vec![MaterialType::Pdf, MaterialType::Jpg],
            largest_mb: 2,
            files_max: 2,
            ..default_checklist().remove(0)
        };
        let says =
            |kind, size, already| item.takes(kind, size, already).map_err(|refusal| (refusal.what, refusal.remedy));
        const MB: i64 = 1024 * 1024;
        assert_eq!(says(Some(MaterialType::Pdf), 2 * MB, 1), Ok(()));
        let (what, remedy) = says(Some(MaterialType::Png), MB, 0).unwrap_err();
        assert_eq!((&*what, &*remedy), ("《开展职业技能等级认定的申请报告》不收这种文件", "请上传PDF或JPG文件"));
        assert!(says(None, MB, 0).is_err());
        assert!(says(Some(MaterialType::Pdf), 2 * MB + 1, 0).unwrap_err().0.contains("超过"));
        assert!(says(Some(MaterialType::Pdf), MB, 2).unwrap_err().0.contains("已有 2 个文件，最多 2 个"));
    }
}
