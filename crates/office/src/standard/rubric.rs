//! 一（四）: the rubric of a standard's practical assessment or comprehensive review. The provincial centre sets it, item by item or
//! out of a workbook; a batch keeps the one of the day of its notice.

use jiff::civil::Date;
use proof::log::LeafKind;
use rules::certificate::Level;
use rules::permission::ActKind;
use rules::result::Part;
use rules::rubric::{RubricItem, RubricSet, in_force, may_set};
use rules::{Clause, Day, Refusal};
use serde::{Deserialize, Serialize};
use sheets::Finding;
use utoipa::ToSchema;

use super::{SOURCE_MAX, issued_one, store};
use crate::db::{DbError, Tx};
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Sight, Stop, Subject};
use crate::roster::bring;

/// Parts that have a rubric.
pub(super) const PARTS: &[Part] = &[Part::Practical, Part::Comprehensive];

/// Sets the rubric of a part of a standard, for one level or for all, from a day on. Without items and file what was set before
/// is taken back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SetStandardRubric {
    /// The occupation: `4-01-02-05`.
    #[schema(max_length = 20)]
    pub code: String,
    /// The standard as people cite it: `《电子商务师》（2022年版）`.
    #[schema(max_length = 200)]
    pub standard: String,
    /// Without it, for every level.
    #[serde(default)]
    pub level: Option<Level>,
    /// `practical` or `comprehensive`.
    pub part: Part,
    pub from: Date,
    #[serde(default)]
    #[schema(max_items = 40)]
    pub items: Vec<RubricItem>,
    /// The items as a workbook that was kept before; then `items` is empty.
    #[serde(default)]
    pub file: Option<FileHash>,
    /// Where the standard says so: `2022年版 4.2`.
    #[schema(max_length = 200)]
    pub source: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) read: Option<(KeptFile, sheets::RubricCheck)>,
}

/// What came of setting a rubric.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RubricKept {
    /// Nothing where the file has faults: then nothing was set.
    pub id: Option<i64>,
    pub items: usize,
    /// What was found in the file.
    pub findings: Vec<Finding>,
}

impl Act for SetStandardRubric {
    const KIND: ActKind = ActKind::SetStandardRubric;
    const PREPARES: bool = true;
    type Answer = RubricKept;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        if let Some(hash) = &self.file {
            let bytes = bring(sight, hash)?;
            self.read = Some((KeptFile::of(hash, &bytes)?, sheets::read_rubric(&bytes)?));
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<RubricKept, Stop> {
        let (reference, today) = (desk.reference(), desk.today());
        let issued = issued_one(&reference, &self.code, &self.standard)?;
        let refuse = |what: String, remedy: &str, field| Refusal::new(Clause::S1_4_1, what).remedy(remedy).at(field);
        if self.level.is_some_and(|level| !issued.levels.contains(&level)) {
            let what = format!("{}没有这个等级", issued.standard);
            return Err(refuse(what, "请选择标准设有的等级", "level").into());
        }
        if self.source.chars().count() > SOURCE_MAX {
            return Err(refuse(format!("出处超过{SOURCE_MAX}字"), "请只写版本和章节", "source").into());
        }
        let trimmed = |item: &RubricItem| RubricItem {
            code: item.code.trim().to_owned(),
            title: item.title.trim().to_owned(),
            ..item.clone()
        };
        let mut set = RubricSet {
            part: self.part,
            level: self.level,
            from: self.from,
            items: self.items.iter().map(trimmed).collect(),
            source: self.source.trim().to_owned(),
        };
        if let Some((kept, check)) = &self.read {
            if !set.items.is_empty() {
                let what = "同时填写了项目和上传了表格".to_owned();
                return Err(refuse(what, "请只用一种方式：填写项目，或上传表格", "file").into());
            }
            if check.findings.iter().any(Finding::is_fault) {
                return Ok(RubricKept { id: None, items: 0, findings: check.findings.clone() });
            }
            if check.items.is_empty() {
                return Err(refuse("表格中没有评分项目".into(), "请下载表格，逐行填写项目和配分", "file").into());
            }
            set.items.clone_from(&check.items);
            let now = desk.now();
            note_file(&mut desk.tx(), kept, now)?;
        }
        may_set(&set, today)?;
        let (id, by) = (desk.new_id(), desk.caller().name().to_owned());
        let of = (self.code.trim(), issued.standard.as_str());
        store::insert_rubric(&mut desk.tx(), id, of, &set, (today, &by))?;
        desk.log_recorded(LeafKind::RubricSet, id, 0)?;
        Ok(RubricKept { id: Some(id), items: set.items.len(), findings: Vec::new() })
    }
}

/// Keeps for a batch the rubrics that are in force on a day under its standard and level.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn freeze_rubrics(
    tx: &mut Tx<'_>,
    batch: i64,
    (code, standard): (&str, &str),
    level: Level,
    on: Day,
) -> Result<(), DbError> {
    let set: Vec<RubricSet> = store::rubrics(tx, code, standard)?.into_iter().map(|kept| kept.set).collect();
    let parts = rules::result::parts_for(level).iter().filter(|part| PARTS.contains(part));
    crate::scoring::keep_rubrics(tx, batch, parts.filter_map(|part| in_force(&set, *part, level, on)))
}

/// The rubric of a part and level, in force today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RubricView {
    pub part: Part,
    pub part_name: String,
    pub level: Level,
    pub level_name: String,
    pub items: Vec<RubricItem>,
    /// Whether the level has it of its own.
    pub is_own: bool,
    pub source: String,
}

/// What was set once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RubricHistory {
    pub part_name: String,
    /// `各等级`, or the level.
    pub level_name: String,
    pub from: Date,
    /// How many items; none where it was taken back.
    pub items: usize,
    pub source: String,
    pub set_on: Date,
    pub set_by: String,
}

/// The rubrics of a standard: those in force today by part and level, and what was set, the latest first.
pub(super) fn shown(
    tx: &mut Tx<'_>,
    (code, standard): (&str, &str),
    levels: &[Level],
    today: Day,
) -> Result<(Vec<RubricView>, Vec<RubricHistory>), DbError> {
    let kept = store::rubrics(tx, code, standard)?;
    let set: Vec<RubricSet> = kept.iter().map(|kept| kept.set.clone()).collect();
    let of = |part: Part, level: Level| {
        in_force(&set, part, level, today).map(|one| RubricView {
            part,
            part_name: part.name().into(),
            level,
            level_name: level.name().into(),
            items: one.items.clone(),
            is_own: one.level.is_some(),
            source: one.source.clone(),
        })
    };
    let in_force = levels.iter().flat_map(|level| {
        let parts = rules::result::parts_for(*level).iter().filter(|part| PARTS.contains(part));
        parts.filter_map(|part| of(*part, *level)).collect::<Vec<_>>()
    });
    let history = kept.iter().rev().map(|kept| RubricHistory {
        part_name: kept.set.part.name().into(),
        level_name: kept.set.level.map_or("各等级", Level::name).into(),
        from: kept.set.from,
        items: kept.set.items.len(),
        source: kept.set.source.clone(),
        set_on: kept.set_on,
        set_by: kept.set_by.clone(),
    });
    Ok((in_force.collect(), history.collect()))
}
