//! Reference tables: shipped with the product, replaced by an act. The latest import of a kind counts; for working
//! days, imports add years to what ships.

mod checklist;
mod pages;
mod store;

use jiff::civil::Date;
use proof::log::LeafKind;
use rules::Refusal;
use rules::calendar::Calendar;
use rules::checklist::{Checklists as Lists, MaterialItem, SHIPPED};
use rules::inspection::{self, InspectionItems};
use rules::jurisdiction::Divisions;
use rules::permission::{ActKind, LookKind};
use rules::trade::{Aliases, Catalogue, NewOccupations, Occupations, Standards, Trades};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::{ALL, latest, load};

use crate::account::Made;
use crate::door::{Act, Desk, Look, Sight, Stop, Subject, digest};
use crate::web::api::Registry;

/// The tables in force.
pub struct Reference {
    pub calendar: Calendar,
    pub trades: Trades,
    pub divisions: Divisions,
    /// Every checklist of application materials, by the day from which it holds (附件2).
    pub checklists: Lists,
    /// What may be inspected (二（二）2).
    pub inspection_items: InspectionItems,
    /// The latest import among them, by which another process's import is noticed.
    latest: Option<i64>,
}

/// The kinds of table that can be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TableKind {
    Workdays,
    Occupations,
    Standards,
    Catalogue,
    Aliases,
    NewOccupations,
    Divisions,
    DivisionsHistorical,
    Checklist,
    InspectionItems,
}

impl TableKind {
    /// Every kind.
    pub const ALL: &'static [TableKind] = &[
        Self::Workdays,
        Self::Occupations,
        Self::Standards,
        Self::Catalogue,
        Self::Aliases,
        Self::NewOccupations,
        Self::Divisions,
        Self::DivisionsHistorical,
        Self::Checklist,
        Self::InspectionItems,
    ];

    /// As named on the command line and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Workdays => "workdays",
            Self::Occupations => "occupations",
            Self::Standards => "standards",
            Self::Catalogue => "catalogue",
            Self::Aliases => "aliases",
            Self::NewOccupations => "new-occupations",
            Self::Divisions => "divisions",
            Self::DivisionsHistorical => "divisions-historical",
            Self::Checklist => "checklist",
            Self::InspectionItems => "inspection-items",
        }
    }

    /// The kind of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workdays => "工作日与节假日安排",
            Self::Occupations => "职业分类大典（2022年版）",
            Self::Standards => "国家职业标准目录",
            Self::Catalogue => "国家职业资格目录",
            Self::Aliases => "职业名称对照",
            Self::NewOccupations => "新职业",
            Self::Divisions => "福建省行政区划",
            Self::DivisionsHistorical => "福建省历史行政区划代码",
            Self::Checklist => "申请材料清单",
            Self::InspectionItems => "检查事项清单",
        }
    }

    /// The table that ships.
    pub const fn shipped(self) -> &'static str {
        match self {
            Self::Workdays => include_str!("../../../../reference/cn-workdays.csv"),
            Self::Occupations => include_str!("../../../../reference/occupations-2022.csv"),
            Self::Standards => include_str!("../../../../reference/national-standards.csv"),
            Self::Catalogue => include_str!("../../../../reference/qualification-catalogue.csv"),
            Self::Aliases => include_str!("../../../../reference/qualification-aliases.csv"),
            Self::NewOccupations => include_str!("../../../../reference/new-occupations.csv"),
            Self::Divisions => include_str!("../../../../reference/gb2260-fujian.csv"),
            Self::DivisionsHistorical => include_str!("../../../../reference/gb2260-fujian-historical.csv"),
            Self::Checklist => SHIPPED,
            Self::InspectionItems => inspection::SHIPPED,
        }
    }
}

impl Reference {
    /// The tables that ship, with `replaced` in place of those that were imported.
    ///
    /// # Errors
    /// Which table can't be read, and where.
    pub fn read(replaced: impl Fn(TableKind) -> Vec<String>) -> Result<Self, String> {
        let table = |kind: TableKind| replaced(kind).pop().unwrap_or_else(|| kind.shipped().to_owned());
        let mut calendar = Calendar::read(TableKind::Workdays.shipped())?;
        for import in replaced(TableKind::Workdays) {
            calendar = calendar.merged(&Calendar::read(&import)?);
        }
        let mut checklists = Lists::read(TableKind::Checklist.shipped())?;
        for import in replaced(TableKind::Checklist) {
            checklists = checklists.merged(Lists::read(&import)?);
        }
        let catalogue =
            Catalogue::read(&table(TableKind::Catalogue))?.with_aliases(Aliases::read(&table(TableKind::Aliases))?);
        Ok(Self {
            latest: None,
            calendar,
            checklists,
            inspection_items: InspectionItems::read(&table(TableKind::InspectionItems))?,
            trades: Trades {
                occupations: Occupations::read(&table(TableKind::Occupations))?,
                standards: Standards::read(&table(TableKind::Standards))?,
                catalogue,
                new_occupations: NewOccupations::read(&table(TableKind::NewOccupations))?,
            },
            divisions: Divisions::read(&table(TableKind::Divisions))?
                .with_historical(&table(TableKind::DivisionsHistorical))?,
        })
    }

    /// The latest import that these tables hold.
    pub fn latest(&self) -> Option<i64> {
        self.latest
    }

    /// The tables that ship.
    ///
    /// # Errors
    /// Never, unless the program was built from broken tables; a test sees to that.
    pub fn shipped() -> Result<Self, String> {
        Self::read(|_| Vec::new())
    }
}

/// Replaces a reference table, or adds years to the calendar and lists to the checklists. What was decided on the old table
/// stays decided.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportTable {
    pub kind: TableKind,
    /// Where the table comes from: a notice's number, an address.
    #[schema(min_length = 1, max_length = 300)]
    pub source: String,
    /// The table as CSV with the columns of the one that ships.
    #[schema(max_length = 4000000)]
    pub content: String,
}

impl Act for ImportTable {
    const KIND: ActKind = ActKind::ImportTable;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        if self.source.trim().is_empty() {
            return Err(Refusal::house("参考数据", "没有写明来源").remedy("请填写文号或网址").at("source").into());
        }
        if self.kind == TableKind::Checklist
            && let Ok(lists) = Lists::read(&self.content)
        {
            desk.reference().checklists.may_take(&lists, desk.today())?;
        }
        let mut imports = store::imports(&mut desk.tx())?;
        imports.push((self.kind.code().to_owned(), self.content.clone()));
        Reference::read(|kind| store::of_kind(&imports, kind)).map_err(|error| {
            Refusal::house("参考数据", format!("{}不能导入：{error}", self.kind.name()))
                .remedy("请按现有表的列名和格式改正后重新导入，原表继续有效")
                .at("content")
        })?;
        let id = desk.new_id();
        let table = store::NewTable {
            id,
            kind: self.kind.code(),
            source: self.source.trim(),
            digest: &digest(self.content.as_bytes()),
            content: &self.content,
            now: desk.now(),
            account: desk.caller().account(),
        };
        store::insert(&mut desk.tx(), &table)?;
        desk.log_recorded(LeafKind::TableImported, id, 0)?;
        Ok(Made { id })
    }
}

/// One table in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TableLine {
    pub kind: TableKind,
    pub name: String,
    pub rows: usize,
    pub source: String,
    /// When it was imported, as people read it; empty for what ships.
    pub imported: String,
    pub digest: String,
}

/// The tables in force, and the years whose working days are known.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TablesView {
    pub tables: Vec<TableLine>,
    pub first_year: i16,
    pub last_year: i16,
    /// The sentence that warns from 1 October while next year's table is missing; empty otherwise.
    pub warning: String,
    pub today: Date,
}

/// Which reference tables are in force?
#[derive(Deserialize, ToSchema)]
pub struct Tables {}

impl Look for Tables {
    const KIND: LookKind = LookKind::Administration;
    type View = TablesView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<TablesView, Stop> {
        let imported = store::list(&mut sight.tx())?;
        let tables = TableKind::ALL
            .iter()
            .map(|&kind| {
                let latest = imported.iter().rev().find(|table| table.kind == kind.code());
                TableLine {
                    kind,
                    name: kind.name().to_owned(),
                    rows: latest.map_or(kind.shipped(), |table| &table.content).lines().count().saturating_sub(1),
                    source: latest.map_or_else(|| "随平台发布".into(), |table| table.source.clone()),
                    imported: latest.map(|table| crate::door::clock::read_out(table.at)).unwrap_or_default(),
                    digest: latest.map_or_else(|| digest(kind.shipped().as_bytes()), |table| table.digest.clone()),
                }
            })
            .collect();
        let reference = sight.reference();
        let (first_year, last_year) = reference.calendar.years();
        let today = sight.today();
        let warning = rules::deadline::warn_missing_year(&reference.calendar, today).unwrap_or_default();
        Ok(TablesView { tables, first_year, last_year, warning, today })
    }
}

/// One checklist of application materials.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChecklistVersion {
    /// The first day on which it holds.
    pub effective_from: Date,
    /// Whether it is the one that holds today.
    pub is_in_force: bool,
    pub items: Vec<MaterialItem>,
}

/// Every checklist, the latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChecklistsView {
    pub lists: Vec<ChecklistVersion>,
    /// All of them as CSV, as they are imported.
    pub csv: String,
    pub today: Date,
}

/// Which application materials are asked for, from when (附件2)?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Checklists {}

impl Look for Checklists {
    const KIND: LookKind = LookKind::Administration;
    type View = ChecklistsView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ChecklistsView, Stop> {
        let (reference, today) = (sight.reference(), sight.today());
        let known = &reference.checklists;
        let in_force = known.since(today);
        let view = |(from, items): (Date, &[MaterialItem])| ChecklistVersion {
            effective_from: from,
            is_in_force: in_force == Some(from),
            items: items.to_vec(),
        };
        Ok(ChecklistsView { lists: known.versions().rev().map(view).collect(), csv: known.csv(), today })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<ImportTable>("/reference")
        .look::<Tables>("/reference", "参考数据表")
        .look::<Checklists>("/reference/checklists", "申请材料清单")
}

/// Administrators are told while next year's working days are missing.
///
/// # Errors
/// Never; the shape is that of every feature's tasks.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<crate::home::Task>, Stop> {
    if sight.caller().role() != rules::people::Role::Administrator {
        return Ok(Vec::new());
    }
    let reference = sight.reference();
    let warning = rules::deadline::warn_missing_year(&reference.calendar, sight.today());
    Ok(warning
        .map(|said| crate::home::Task::new(rules::Clause::S3_2_2, "导入下一年的工作日安排", said, "/admin/reference"))
        .into_iter()
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_can_be_read() {
        let reference = Reference::shipped().expect("the shipped tables");
        assert_eq!(reference.calendar.years(), (2019, 2026));
        assert!(reference.trades.occupations.get("4-03-02-01").is_some());
    }
}
