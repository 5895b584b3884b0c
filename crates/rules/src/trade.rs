//! 职业（工种）: which occupations a school may have filed (一（三）, 一（四）). The classification of 2022, the issued
//! standards, the qualification catalogue by date and the new occupations are tables that an office replaces.
//! What a table knows for certain is refused on; what it only suggests is a question to the reviewer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::batch::IssuedStandard;
use crate::certificate::Level;
use crate::{Clause, Day, Refusal};

/// The edition of the classification whose codes the platform speaks.
pub const CODE_EDITION: &str = "2022";
/// 国家职业资格目录, first edition: 人社部发〔2017〕68号.
const CATALOGUE_2017: Day = date(2017, 9, 12);
/// 国家职业资格目录（2021年版）: 人社部发〔2021〕68号.
const CATALOGUE_2021: Day = date(2021, 11, 23);

/// The four tables together.
#[derive(Debug, Clone)]
pub struct Trades {
    pub occupations: Occupations,
    pub standards: Standards,
    pub catalogue: Catalogue,
    pub new_occupations: NewOccupations,
}

impl Trades {
    /// Whether an occupation may be filed at a level on a day. A new occupation that has no code yet goes by its
    /// name. Returns the questions that a reviewer has to answer.
    pub fn may_be_filed(&self, code: &str, level: Level, on: Day) -> Result<Vec<String>, Refusal> {
        let trade = self.in_scope(code, on)?;
        let mut questions = self.catalogue.question(&trade, on)?;
        let standards = self.standards_for(&trade);
        if standards.is_empty() {
            return Err(Refusal::new(Clause::S1_3_3, format!("{trade}尚未颁布国家职业技能标准"))
                .remedy("请选择已颁布国家职业技能标准的职业；标准已颁布的，请管理员更新“国家职业技能标准”参考数据表")
                .at("code"));
        }
        questions.extend(level_within(&trade, &standards, level)?);
        Ok(questions)
    }

    /// The issued standards of an occupation, by its code or, while it has none, its name.
    pub fn standards_of(&self, code: &str) -> Vec<&Standard> {
        self.trade(code).map(|trade| self.standards_for(&trade)).unwrap_or_default()
    }

    /// Occupations whose code or name has these characters, also under a former name: exact matches first, then
    /// those that begin with them.
    pub fn find(&self, text: &str) -> Vec<Found> {
        let wanted = plain(text);
        if wanted.is_empty() {
            return Vec::new();
        }
        let digits: String = wanted.chars().filter(|c| *c != '-').collect();
        let by_code = digits.chars().all(|c| c.is_ascii_digit());
        let rank = |name: &str| match name.find(&wanted) {
            Some(0) if name.len() == wanted.len() => Some(0),
            Some(0) => Some(1),
            Some(_) => Some(2),
            None => None,
        };
        let mut found: Vec<(u8, Found)> = Vec::new();
        for occupation in self.occupations.all() {
            let former = self.catalogue.aliases.former_names(&occupation.code);
            let rank = if by_code {
                occupation.code.replace('-', "").starts_with(&digits).then_some(0)
            } else {
                rank(&occupation.name).or_else(|| former.filter_map(rank).min().map(|rank| rank + 3))
            };
            let trade = Trade { code: Some(&occupation.code), name: &occupation.name };
            found.extend(rank.map(|rank| (rank, self.found(&trade))));
        }
        for new in self.new_occupations.0.values() {
            let trade = self.announced(new);
            if trade.code.is_some_and(|code| self.occupations.get(code).is_some()) {
                continue;
            }
            let rank = if by_code {
                trade.code.filter(|code| code.replace('-', "").starts_with(&digits)).map(|_| 0)
            } else {
                rank(&new.name)
            };
            found.extend(rank.map(|rank| (rank, self.found(&trade))));
        }
        found.sort_by(|(a, x), (b, y)| (a, &x.code, &x.name).cmp(&(b, &y.code, &y.name)));
        found.into_iter().map(|(_, found)| found).collect()
    }

    /// The occupation that a person means by its code, its name or a former name. What is not exact is refused with
    /// the occupations that come near.
    pub fn named(&self, text: &str) -> Result<Found, Refusal> {
        let wanted = plain(text);
        // Nearly always it is exact, in thousands of rows of a file; only what is not goes through the whole table.
        let by_name = self.occupations.by_name(&wanted);
        let by_name = by_name.map(|occupation| Trade { code: Some(&occupation.code), name: &occupation.name });
        if let Some(trade) = by_name.or_else(|| self.trade(&wanted)) {
            return Ok(self.found(&trade));
        }
        let near = self.find(&wanted);
        let is_meant = |found: &&Found| {
            let mut former = found.code.iter().flat_map(|code| self.catalogue.aliases.former_names(code));
            found.code.as_ref() == Some(&wanted) || found.name == wanted || former.any(|name| name == wanted)
        };
        if let Some(found) = near.iter().find(is_meant) {
            return Ok(found.clone());
        }
        if near.is_empty() {
            return self.in_scope(&wanted, Day::MAX).map(|trade| self.found(&trade));
        }
        let names: Vec<_> = near
            .iter()
            .take(6)
            .map(|found| format!("{} {}", found.code.as_deref().unwrap_or_default(), found.name).trim().to_owned())
            .collect();
        Err(Refusal::new(Clause::S1_3_1, format!("“{wanted}”不是职业的全称或代码"))
            .remedy(format!("请填写全称或代码，相近的有：{}", names.join("、")))
            .at("trade"))
    }

    /// The issued standard that an occupation follows at a level (一（四）): the one of this title, with or without its
    /// edition, if it has the level; without a title the only one that speaks of the whole occupation, if there is just one.
    pub fn standard(&self, code: &str, level: Level, title: &str) -> Result<Option<&Standard>, Refusal> {
        let issued = self.standards_of(code);
        let wanted = plain(title);
        if wanted.is_empty() {
            let whole = |standard: &&&Standard| {
                standard.name == standard.occupation()
                    && (standard.levels.is_empty() || standard.levels.contains(&level))
            };
            let mut whole = issued.iter().filter(whole);
            return Ok(whole.next().filter(|_| whole.next().is_none()).copied());
        }
        let refuse = |what: String, instead: &mut dyn Iterator<Item = &&Standard>| {
            let labels: Vec<_> = instead.map(|standard| standard.label()).collect();
            Err(Refusal::new(Clause::S1_4_1, what).remedy(format!("请填写：{}", labels.join("、"))).at("standard"))
        };
        match issued.iter().find(|one| plain(&one.name) == wanted || plain(&one.label()) == wanted) {
            Some(named) if named.may_have(level) => Ok(Some(named)),
            Some(named) => {
                let what = format!("{}没有{}", named.label(), level.name());
                refuse(what, &mut issued.iter().filter(|standard| standard.may_have(level)))
            }
            None => refuse(format!("“{title}”不是该职业已颁布的国家职业技能标准"), &mut issued.iter()),
        }
    }

    /// The standards that a batch may follow where the one of this title and edition was filed: itself, and later
    /// editions of the title (一（四）). Another title is another filing, for it may ask for other conditions. A filing
    /// that names none follows any that has the level.
    pub fn may_follow(&self, code: &str, level: Level, title: &str, edition: Option<i16>) -> Vec<IssuedStandard> {
        let filed = Some((title, edition)).filter(|_| !title.is_empty());
        let later = self.standards_of(code).into_iter().filter(|standard| {
            let is_later = |(name, edition)| standard.name == name && standard.edition_year > edition;
            standard.may_have(level) && filed.is_none_or(is_later)
        });
        let later = later.map(|standard| (standard.name.as_str(), standard.edition_year));
        filed
            .into_iter()
            .chain(later)
            .map(|(name, edition)| IssuedStandard { title: label(name, edition), edition })
            .collect()
    }

    fn found(&self, trade: &Trade) -> Found {
        let standards = self.standards_for(trade);
        let levels: BTreeSet<Level> = standards.iter().flat_map(|standard| standard.levels.iter().copied()).collect();
        Found {
            code: trade.code.map(str::to_owned),
            name: trade.name.to_owned(),
            skilled: self.is_skilled(trade) || self.new_occupations.0.contains_key(trade.name),
            has_standard: !standards.is_empty(),
            levels: levels.into_iter().collect(),
        }
    }

    /// The occupation of a code, or of the name of a new one.
    fn trade(&self, code: &str) -> Option<Trade<'_>> {
        let code = plain(code);
        if let Some(occupation) = self.occupations.get(&code) {
            return Some(Trade { code: Some(&occupation.code), name: &occupation.name });
        }
        let titled = self.standards.0.iter().find(|standard| standard.speaks_2022() && standard.code == code);
        let new = self.new_occupations.get(titled.map_or(code.as_str(), Standard::occupation))?;
        Some(self.announced(new))
    }

    /// A new occupation with the code that the classification, or else its standard, gave it since.
    fn announced<'a>(&'a self, new: &'a NewOccupation) -> Trade<'a> {
        let classified = self.occupations.by_name(&new.name).map(|occupation| occupation.code.as_str());
        let titled = |standard: &&Standard| standard.speaks_2022() && standard.name == new.name;
        let code = classified.or_else(|| self.standards.0.iter().find(titled).map(|standard| standard.code.as_str()));
        Trade { code, name: &new.name }
    }

    /// 一（三）: a skilled occupation of the classification, or a new occupation that has been announced.
    fn in_scope(&self, code: &str, on: Day) -> Result<Trade<'_>, Refusal> {
        let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S1_3_1, what).remedy(remedy).at("code"));
        let Some(trade) = self.trade(code) else {
            let code = plain(code);
            if let Some(group) = self.occupations.by_code.get(&code) {
                return refuse(
                    format!("{code} {}是职业分类的{}，不是职业", group.name, group.tier.name()),
                    "请选择其下的具体职业",
                );
            }
            let former = self.standards.0.iter().find(|standard| standard.code == code);
            return match former {
                Some(standard) => refuse(
                    format!(
                        "{code} 不在《职业分类大典》（2022年版）中；{}标准编号中的该代码是“{}”",
                        standard.edition_label(),
                        standard.name
                    ),
                    "请按职业名称查找2022年版代码",
                ),
                None => refuse(format!("“{code}”不在《职业分类大典》（2022年版）和新职业中"), "请按职业名称查找代码"),
            };
        };
        if self.is_skilled(&trade) {
            return Ok(trade);
        }
        match self.new_occupations.0.get(trade.name) {
            Some(new) if new.published_on <= on => Ok(trade),
            Some(new) => refuse(format!("新职业{trade}于 {} 才公布", new.published_on), "请在公布后申报"),
            None => refuse(
                format!("{trade}不是技能类职业，也不是新职业"),
                "请选择技能类职业（代码以4、5、6开头的职业为主）",
            ),
        }
    }

    /// Majors 4 to 6 are the skilled ones. Elsewhere an occupation is skilled if its standard is graded 五级 to 一级,
    /// as for 秘书 or 应急救援员; standards of professionals are graded 初级, 中级, 高级.
    fn is_skilled(&self, trade: &Trade) -> bool {
        let Some(code) = trade.code else { return false };
        code.starts_with(['4', '5', '6'])
            || self.standards_for(trade).iter().any(|standard| !standard.levels.is_empty())
    }

    /// The standards that speak of an occupation: by its code of 2022, by its name or a former name. Entries of
    /// unknown or long past editions count only where there is nothing else, and the latest edition of a title alone.
    fn standards_for(&self, trade: &Trade) -> Vec<&Standard> {
        let former: Vec<&str> =
            trade.code.map(|code| self.catalogue.aliases.former_names(code).collect()).unwrap_or_default();
        let by_code = |standard: &Standard| standard.speaks_2022() && Some(standard.code.as_str()) == trade.code;
        let by_name = |standard: &Standard| {
            let name = standard.occupation();
            name == trade.name || former.contains(&name)
        };
        let pick = |current: bool| -> Vec<&Standard> {
            let of_age = |standard: &&Standard| standard.is_current() == current;
            self.standards.0.iter().filter(of_age).filter(|one| by_code(one) || by_name(one)).collect()
        };
        let mut standards = pick(true);
        if standards.is_empty() {
            standards = pick(false);
        }
        let latest: BTreeMap<&str, Option<i16>> = standards.iter().fold(BTreeMap::new(), |mut latest, standard| {
            let year = latest.entry(standard.name.as_str()).or_default();
            *year = (*year).max(standard.edition_year);
            latest
        });
        standards.retain(|standard| latest[standard.name.as_str()] == standard.edition_year);
        standards
    }
}

/// 一（四）: the level has to be one of the standard's. Only levels read from the standard itself refuse.
fn level_within(trade: &Trade, standards: &[&Standard], level: Level) -> Result<Vec<String>, Refusal> {
    let mut questions = Vec::new();
    let names = || standards.iter().map(|standard| standard.label()).collect::<Vec<_>>().join("、");
    if !standards.iter().any(|standard| standard.levels.contains(&level)) {
        if standards.iter().all(|standard| standard.confidence == Confidence::Parsed) {
            let has: BTreeSet<Level> = standards.iter().flat_map(|standard| standard.levels.iter().copied()).collect();
            let has: Vec<&str> = has.into_iter().map(Level::name).collect();
            let which = if has.is_empty() { "初级、中级、高级".to_owned() } else { has.join("、") };
            return Err(Refusal::new(Clause::S1_4_1, format!("{trade}的国家职业技能标准没有{level}"))
                .remedy(format!("该标准的等级为{which}，请在其中选择"))
                .at("level"));
        }
        questions.push(format!("{}是否设有{level}，现有数据不能确定，请核对标准文本", names()));
    }
    let same_name = |standard: &&Standard| standard.occupation() == trade.name;
    let same_code = |standard: &&Standard| Some(standard.code.as_str()) == trade.code;
    if !standards.iter().any(same_name) {
        questions.push(format!("{}与职业名称“{}”不同，请核对是否为同一职业", names(), trade.name));
    } else if trade.code.is_some() && !standards.iter().any(|standard| same_code(standard) && same_name(standard)) {
        questions.push(format!("{}用的是另一版职业代码，按名称对应到{trade}，请核对", names()));
    }
    if standards.iter().all(|standard| standard.name != standard.occupation()) {
        questions.push(format!("已颁布的标准只限部分工种：{}，请核对拟备案工种", names()));
    }
    if standards.iter().all(|standard| standard.edition_year.is_none()) {
        questions.push(format!("{}的版本年份未登记，请核对标准文本", names()));
    }
    Ok(questions)
}

/// One occupation as the functions here pass it around.
struct Trade<'a> {
    code: Option<&'a str>,
    name: &'a str,
}

impl std::fmt::Display for Trade<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            Some(code) => write!(f, "“{code} {}”", self.name),
            None => write!(f, "“{}”", self.name),
        }
    }
}

/// A match of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Found {
    /// The code of 2022; none for a new occupation that has not got one yet.
    pub code: Option<String>,
    pub name: String,
    /// Whether it is a skilled or a new occupation (一（三）).
    pub skilled: bool,
    /// Whether a national standard has been issued for it (一（三）).
    pub has_standard: bool,
    /// The levels its standards are known to have, lowest skill first; empty where unknown.
    pub levels: Vec<Level>,
}

/// The occupational classification of 2022.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupations {
    by_code: BTreeMap<String, Occupation>,
    /// The code of the first occupation of each name.
    codes: HashMap<String, String>,
}

/// An entry of the classification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupation {
    pub code: String,
    pub name: String,
    pub tier: Tier,
}

/// How deep an entry of the classification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    Major,
    Middle,
    Small,
    Occupation,
}

impl Tier {
    /// `大类`, `中类`, `小类`, `职业`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Major => "大类",
            Self::Middle => "中类",
            Self::Small => "小类",
            Self::Occupation => "职业",
        }
    }
}

impl Occupations {
    /// Reads a table with the columns `code`, `level` (`major`, `middle`, `small`, `occupation`) and `name`.
    pub fn read(csv: &str) -> Result<Self, String> {
        let mut entries = BTreeMap::new();
        read_rows(csv, ["code", "level", "name"], |[code, level, name]| {
            let tier = match level {
                "major" => Tier::Major,
                "middle" => Tier::Middle,
                "small" => Tier::Small,
                "occupation" => Tier::Occupation,
                other => return Err(format!("层级“{other}”应为 major、middle、small 或 occupation")),
            };
            let entry = Occupation { code: coded(code)?, name: filled(name, "名称")?, tier };
            match entries.insert(entry.code.clone(), entry) {
                Some(twin) => Err(format!("代码 {} 重复", twin.code)),
                None => Ok(()),
            }
        })?;
        let mut codes = HashMap::new();
        for entry in entries.values().filter(|entry| entry.tier == Tier::Occupation) {
            codes.entry(entry.name.clone()).or_insert_with(|| entry.code.clone());
        }
        Ok(Self { by_code: entries, codes })
    }

    /// The occupation with this code; groups are not occupations.
    pub fn get(&self, code: &str) -> Option<&Occupation> {
        self.by_code.get(code).filter(|entry| entry.tier == Tier::Occupation)
    }

    /// The occupation with this name.
    pub fn by_name(&self, name: &str) -> Option<&Occupation> {
        self.by_code.get(self.codes.get(name)?)
    }

    /// Every occupation, by code.
    pub fn all(&self) -> impl Iterator<Item = &Occupation> {
        self.by_code.values().filter(|entry| entry.tier == Tier::Occupation)
    }
}

/// The issued national occupational standards. Codes were given out anew in 2022, so a code says nothing without
/// the edition it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standards(Vec<Standard>);

/// An issued standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    /// The code as the standard carries it; those of 1999 may begin with `X`.
    pub code: String,
    /// The title; a work type stands behind the occupation in full-width brackets.
    pub name: String,
    /// The year of its edition, where known.
    pub edition_year: Option<i16>,
    /// The levels it has, lowest skill first; empty where unknown or graded otherwise.
    pub levels: Vec<Level>,
    /// Which classification the code belongs to: `1999`, `2015`, `2022`, `mixed` (same in 2015 and 2022), `unknown`.
    pub code_edition: String,
    /// How the levels are known.
    pub confidence: Confidence,
}

/// How the levels of a standard came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// Read from the standard.
    Parsed,
    /// Concluded from other evidence; one may be missing.
    Inferred,
    Unknown,
}

impl Standards {
    /// Reads a table with the columns `code`, `name`, `edition_year`, `levels`, `code_edition`, `confidence`.
    pub fn read(csv: &str) -> Result<Self, String> {
        let columns = ["code", "name", "edition_year", "levels", "code_edition", "confidence"];
        let mut keys = BTreeSet::new();
        read_rows(csv, columns, |[code, name, year, levels, code_edition, confidence]| {
            let (code, name) = (filled(code, "职业代码")?, filled(name, "名称")?);
            if !["1999", "2015", "2022", "mixed", "unknown"].contains(&code_edition) {
                return Err(format!("代码版本“{code_edition}”应为 1999、2015、2022、mixed 或 unknown"));
            }
            if !keys.insert((code_edition.to_owned(), code.clone(), name.clone())) {
                return Err(format!("标准 {code} {name} 重复"));
            }
            let edition_year = match year {
                "" => None,
                year => Some(year.parse().map_err(|_| format!("版本年份“{year}”应为四位数字"))?),
            };
            let confidence = match confidence {
                "parsed" => Confidence::Parsed,
                "inferred" => Confidence::Inferred,
                "unknown" => Confidence::Unknown,
                other => return Err(format!("可信度“{other}”应为 parsed、inferred 或 unknown")),
            };
            let mut graded = Vec::new();
            for word in levels.split(',').map(str::trim).filter(|word| !word.is_empty()) {
                match word {
                    // Professionals' grades are no levels of skill.
                    "初级" | "中级" | "高级" => {}
                    word => graded.push(Level::from_text(word).map_err(|refusal| refusal.what)?),
                }
            }
            graded.sort();
            Ok(Standard { code, name, edition_year, levels: graded, code_edition: code_edition.into(), confidence })
        })
        .map(Self)
    }

    /// Every standard, as the table lists them.
    pub fn all(&self) -> &[Standard] {
        &self.0
    }
}

fn label(title: &str, edition: Option<i16>) -> String {
    match edition {
        Some(year) => format!("《{title}》（{year}年版）"),
        None => format!("《{title}》"),
    }
}

impl Standard {
    /// The occupation, without the work type in brackets behind it.
    pub fn occupation(&self) -> &str {
        let work_type = self.name.strip_suffix('）').and_then(|name| name.rsplit_once('（'));
        work_type.map_or(self.name.as_str(), |(occupation, _)| occupation)
    }

    /// The title as people cite it: `《车工》（2018年版）`.
    pub fn label(&self) -> String {
        label(&self.name, self.edition_year)
    }

    /// Whether the standard has a level, or may have it: only levels read from the standard itself rule one out.
    fn may_have(&self, level: Level) -> bool {
        self.levels.is_empty() || self.levels.contains(&level) || self.confidence != Confidence::Parsed
    }

    fn is_current(&self) -> bool {
        !matches!(self.code_edition.as_str(), "1999" | "unknown")
    }

    fn speaks_2022(&self) -> bool {
        matches!(self.code_edition.as_str(), CODE_EDITION | "mixed")
    }

    fn edition_label(&self) -> String {
        match self.code_edition.as_str() {
            "1999" | "2015" => format!("{}年版", self.code_edition),
            _ => "已颁布".to_owned(),
        }
    }
}

/// 国家职业资格目录, skilled part: which qualification stood in it on which day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    entries: Vec<Entry>,
    aliases: Aliases,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    in_2017: bool,
    left_by: Option<Day>,
    /// Since 2021: not there, there under this name, or only for a part of the occupation.
    in_2021: Since2021,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Since2021 {
    Absent,
    Named(String),
    Part(String),
}

impl Catalogue {
    /// Reads a table with the columns `name`, `in_2017_catalogue` (`1`, `0`), `left_catalogue_by`, `in_2021_catalogue`
    /// (`1`, `0`, `partial`) and `name_in_2021`; aliases are given with [`Catalogue::with_aliases`].
    pub fn read(csv: &str) -> Result<Self, String> {
        let columns = ["name", "in_2017_catalogue", "left_catalogue_by", "in_2021_catalogue", "name_in_2021"];
        let entries = read_rows(csv, columns, |[name, in_2017, left_by, in_2021, name_in_2021]| {
            let left_by = match left_by {
                "" => None,
                day => Some(day.parse().map_err(|_| format!("退出日期“{day}”应写作 2020-12-31"))?),
            };
            let in_2021 = match in_2021 {
                "" | "0" => Since2021::Absent,
                "1" => Since2021::Named(filled(name_in_2021, "2021年版名称")?),
                "partial" => Since2021::Part(filled(name_in_2021, "2021年版名称")?),
                other => return Err(format!("in_2021_catalogue“{other}”应为 1、0 或 partial")),
            };
            Ok(Entry { name: filled(name, "名称")?, in_2017: in_2017 == "1", left_by, in_2021 })
        })?;
        Ok(Self { entries, aliases: Aliases::default() })
    }

    /// The catalogue with other names of its entries.
    #[must_use]
    pub fn with_aliases(mut self, aliases: Aliases) -> Self {
        self.aliases = aliases;
        self
    }

    /// 一（三）: an occupation that stands in the catalogue under its own name is refused. What only an alias or a part
    /// of the occupation ties to the catalogue was found by inference, so a reviewer is asked.
    fn question(&self, trade: &Trade, on: Day) -> Result<Vec<String>, Refusal> {
        let mut parts: BTreeSet<&str> = BTreeSet::new();
        for entry in &self.entries {
            let Some(name) = entry.name_on(on) else { continue };
            if let (Since2021::Part(which), true) = (&entry.in_2021, on >= CATALOGUE_2021) {
                if entry.name == trade.name {
                    parts.insert(which);
                }
            } else if name == trade.name {
                return Err(Refusal::new(Clause::S1_3_2, format!("{trade}在《国家职业资格目录》内（{name}）"))
                    .remedy("目录内的职业资格暂不纳入试点范围，请选择目录外的职业")
                    .at("code"));
            } else if self.aliases.tie(name, trade) {
                parts.insert(name);
            }
        }
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let parts: Vec<&str> = parts.into_iter().collect();
        Ok(vec![format!(
            "{trade}可能涉及《国家职业资格目录》内的“{}”，请核对拟备案工种是否在目录之外",
            parts.join("、")
        )])
    }
}

impl Entry {
    /// The name under which the entry stood in the catalogue on a day, if it did.
    fn name_on(&self, on: Day) -> Option<&str> {
        if on >= CATALOGUE_2021 {
            match &self.in_2021 {
                Since2021::Absent => None,
                Since2021::Named(name) => Some(name),
                Since2021::Part(_) => Some(&self.name),
            }
        } else {
            let there = self.in_2017 && on >= CATALOGUE_2017 && self.left_by.is_none_or(|last| on <= last);
            there.then_some(self.name.as_str())
        }
    }
}

/// Other names: what the catalogue, or an older standard, calls an occupation of 2022.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases(Vec<Alias>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Alias {
    name: String,
    alias: String,
    code: String,
    same: bool,
}

impl Aliases {
    /// Reads a table with the columns `name`, `alias` (the name of 2022), `code_2022`, `extent` (`same`, `part`).
    pub fn read(csv: &str) -> Result<Self, String> {
        read_rows(csv, ["name", "alias", "code_2022", "extent"], |[name, alias, code, extent]| {
            let same = match extent {
                "same" => true,
                "part" => false,
                other => return Err(format!("范围“{other}”应为 same 或 part")),
            };
            Ok(Alias { name: filled(name, "名称")?, alias: filled(alias, "别名")?, code: coded(code)?, same })
        })
        .map(Self)
    }

    fn tie(&self, name: &str, trade: &Trade) -> bool {
        self.0.iter().any(|tie| tie.name == name && (tie.alias == trade.name || Some(tie.code.as_str()) == trade.code))
    }

    /// What the whole occupation was called before.
    fn former_names<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |alias| alias.same && alias.code == code).map(|alias| alias.name.as_str())
    }
}

/// Occupations announced after the classification, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOccupations(BTreeMap<String, NewOccupation>);

/// An announced occupation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOccupation {
    pub name: String,
    pub published_on: Day,
    /// The announcement's number, blank where it has none.
    pub document: String,
}

impl NewOccupations {
    /// Reads a table with the columns `published_date`, `document_no` and `name`.
    pub fn read(csv: &str) -> Result<Self, String> {
        let mut announced = BTreeMap::new();
        read_rows(csv, ["published_date", "document_no", "name"], |[day, document, name]| {
            let published_on = day.parse().map_err(|_| format!("公布日期“{day}”应写作 2022-06-14"))?;
            let new = NewOccupation { name: filled(name, "名称")?, published_on, document: document.to_owned() };
            match announced.insert(new.name.clone(), new) {
                Some(twin) => Err(format!("新职业“{}”重复", twin.name)),
                None => Ok(()),
            }
        })?;
        Ok(Self(announced))
    }

    /// The announcement of an occupation.
    pub fn get(&self, name: &str) -> Option<&NewOccupation> {
        self.0.get(name)
    }
}

/// Reads a table by the names of its columns; other columns are ignored. The error names every line that is wrong.
pub(crate) fn read_rows<const N: usize, T>(
    csv: &str,
    columns: [&str; N],
    mut read: impl FnMut([&str; N]) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let text = csv.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| format!("第1行：表头读不出来（{error}）"))?.clone();
    let mut at = [0; N];
    for (place, column) in at.iter_mut().zip(columns) {
        *place = headers.iter().position(|header| header == column).ok_or(format!("第1行：缺少列“{column}”"))?;
    }
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = if record.len() == headers.len() {
            read(at.map(|place| &record[place]))
        } else {
            Err(format!("应有{}列，现有{}列", headers.len(), record.len()))
        };
        match row {
            Ok(row) => rows.push(row),
            Err(fault) => faults.push(format!("第{line}行：{fault}")),
        }
    }
    if rows.is_empty() && faults.is_empty() {
        faults.push("表中没有数据".to_owned());
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults.join("；")) }
}

/// A cell that must not be blank.
pub(crate) fn filled(cell: &str, what: &str) -> Result<String, String> {
    if cell.is_empty() { Err(format!("{what}为空")) } else { Ok(cell.to_owned()) }
}

/// A code of the classification: `4-03-02-01`.
fn coded(cell: &str) -> Result<String, String> {
    let shape = |(at, byte): (usize, u8)| if matches!(at, 1 | 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    if cell.len() == 10 && cell.bytes().enumerate().all(shape) {
        Ok(cell.to_owned())
    } else {
        Err(format!("职业代码“{cell}”应写作 4-03-02-01"))
    }
}

/// Half width, without spaces; dashes of any kind are hyphens.
fn plain(text: &str) -> String {
    let hyphen = |c| if matches!(c, '‐' | '‑' | '–' | '—' | '−' | '－') { '-' } else { c };
    text.chars().map(hyphen).nfkc().filter(|c| !c.is_whitespace()).collect()
}
