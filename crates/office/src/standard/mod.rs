//! 一（四）: how each issued standard has its levels examined, where it says otherwise than usual. The provincial centre
//! keeps it; everyone who works here may read it; a batch keeps what was in force when it was notified.

mod pages;
mod rubric;
mod store;

use proof::log::LeafKind;
use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::certificate::Level;
use rules::permission::{ActKind, LookKind};
pub(crate) use rules::standard::RuleOrigin;
use rules::standard::{RuleKey, Rules, RulesSet, may_set};
use rules::{Clause, Day, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use rubric::freeze_rubrics;
pub use rubric::{RubricHistory, RubricKept, RubricView, SetStandardRubric};
pub(crate) use store::ALL;

use crate::account::Made;
use crate::db::{DbError, Tx};
use crate::door::store::from_text;
use crate::door::{Act, Desk, Look, Sight, Stop, Subject};
use crate::reference::Reference;
use crate::web::api::Registry;

/// Longest place of a standard, in characters.
const SOURCE_MAX: usize = 200;

/// One rule that a standard says otherwise.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct RuleValue {
    pub key: RuleKey,
    pub value: i64,
}

/// Sets what a standard says, for one level or for all, from a day on. It counts whole: what is left out is the usual.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SetStandardRules {
    /// The occupation: `4-01-02-05`.
    #[schema(max_length = 20)]
    pub code: String,
    /// The standard as people cite it: `《电子商务师》（2022年版）`.
    #[schema(max_length = 200)]
    pub standard: String,
    /// Without it, for every level.
    #[serde(default)]
    pub level: Option<Level>,
    pub from: Date,
    #[schema(max_items = 20)]
    pub values: Vec<RuleValue>,
    /// Where the standard says so: `2022年版 1.9.2`.
    #[schema(max_length = 200)]
    pub source: String,
}

/// An issued standard, as it is needed here.
struct Issued {
    trade: String,
    standard: String,
    edition: Option<i16>,
    levels: Vec<Level>,
}

/// The standards issued for an occupation; a standard that does not tell its levels may have them all.
fn issued(reference: &Reference, code: &str) -> Vec<Issued> {
    let of = |standard: &rules::trade::Standard| Issued {
        trade: standard.occupation().to_owned(),
        standard: standard.label(),
        edition: standard.edition_year,
        levels: if standard.levels.is_empty() { Level::ALL.to_vec() } else { standard.levels.clone() },
    };
    reference.trades.standards_of(code).into_iter().map(of).collect()
}

/// One issued standard of an occupation.
fn issued_one(reference: &Reference, code: &str, standard: &str) -> Result<Issued, Refusal> {
    let all = issued(reference, code.trim());
    let titles: Vec<String> = all.iter().map(|one| one.standard.clone()).collect();
    all.into_iter().find(|one| one.standard == standard.trim()).ok_or_else(|| {
        let remedy = match titles.is_empty() {
            true => "请核对职业编码；没有颁布国家职业技能标准的职业不能开展认定".to_owned(),
            false => format!("请选择{}", titles.join("或")),
        };
        let what = format!("“{}”不是该职业已颁布的国家职业技能标准", standard.trim());
        Refusal::new(Clause::S1_3_3, what).remedy(remedy).at("standard")
    })
}

impl Act for SetStandardRules {
    const KIND: ActKind = ActKind::SetStandardRules;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (reference, today) = (desk.reference(), desk.today());
        let issued = issued_one(&reference, &self.code, &self.standard)?;
        let mut values = BTreeMap::new();
        for one in &self.values {
            if values.insert(one.key, one.value).is_some() {
                return Err(Refusal::new(Clause::S1_4_1, format!("{}填写了两次", one.key.name()))
                    .remedy("每一项只填一次")
                    .at(one.key.code())
                    .into());
            }
        }
        if let Some(level) = self.level {
            let refuse = |what: String, remedy: String, field| {
                Err(Refusal::new(Clause::S1_4_1, what).remedy(remedy).at(field).into())
            };
            if !issued.levels.contains(&level) {
                let names: Vec<_> = issued.levels.iter().map(|level| level.name()).collect();
                return refuse(
                    format!("{}没有{}", issued.standard, level.name()),
                    format!("请选择{}", names.join("、")),
                    "level",
                );
            }
            let has: Vec<RuleKey> = Rules::keys(level).collect();
            if let Some(key) = values.keys().find(|key| !has.contains(key)) {
                return refuse(
                    format!("{}不设综合评审，没有“{}”", level.name(), key.name()),
                    "请删去这一项".into(),
                    key.code(),
                );
            }
        }
        may_set(&values, self.from, &self.source, today)?;
        if self.source.chars().count() > SOURCE_MAX {
            return Err(Refusal::house("填写", format!("出处超过{SOURCE_MAX}字"))
                .remedy("请只写版本和章节")
                .at("source")
                .into());
        }
        let (id, by) = (desk.new_id(), desk.caller().name().to_owned());
        let new = store::New {
            id,
            code: self.code.trim(),
            standard: &issued.standard,
            set: &RulesSet { level: self.level, from: self.from, values },
            source: self.source.trim(),
            on: today,
            by: &by,
        };
        store::insert(&mut desk.tx(), &new)?;
        desk.log_recorded(LeafKind::StandardSet, id, 0)?;
        Ok(Made { id })
    }
}

/// The rules by which a level is examined under a standard, as they are in force on a day.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn in_force(
    tx: &mut Tx<'_>,
    (code, standard, edition): (&str, &str, Option<i16>),
    level: Level,
    on: Day,
) -> Result<Rules, DbError> {
    let set: Vec<RulesSet> = store::of(tx, code, standard)?.into_iter().map(|kept| kept.set).collect();
    Ok(Rules::compose(edition, level, &set, on))
}

/// The rules that a batch keeps; the usual of its standard's edition where it was notified before rules were kept.
///
/// # Errors
/// If what is stored can't be read.
pub(crate) fn kept(text: Option<String>, edition: Option<i64>) -> Result<Rules, DbError> {
    match text {
        Some(text) => from_text(&text),
        None => Ok(Rules::usual(edition.and_then(|year| year.try_into().ok()))),
    }
}

/// An issued standard in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandardLine {
    pub code: String,
    pub trade: String,
    pub standard: String,
    /// The levels that it has, as people read them.
    pub levels: Vec<String>,
    /// Whether anything was set for it.
    pub has_own_rules: bool,
}

/// Standards: those that say something of their own, and those that were looked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandardsView {
    pub own: Vec<StandardLine>,
    /// Nothing was looked for: none.
    pub found: Option<Vec<StandardLine>>,
    /// The usual rules.
    pub usual: Vec<RuleLine>,
}

/// Which standards say something of their own, and which are issued for an occupation?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Standards {
    /// Part of an occupation's name or code.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub find: Option<String>,
}

/// Occupations that a search shows at most.
const FOUND_MAX: usize = 30;

impl Look for Standards {
    const KIND: LookKind = LookKind::Standards;
    type View = StandardsView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<StandardsView, Stop> {
        let reference = sight.reference();
        let with_rules = store::with_rules(&mut sight.tx())?;
        let line = |code: &str, one: Issued| StandardLine {
            has_own_rules: with_rules.iter().any(|(of, standard)| of == code && *standard == one.standard),
            code: code.to_owned(),
            trade: one.trade,
            standard: one.standard,
            levels: one.levels.iter().map(|level| level.name().to_owned()).collect(),
        };
        let own = with_rules.iter().filter_map(|(code, standard)| {
            issued(&reference, code).into_iter().find(|one| one.standard == *standard).map(|one| line(code, one))
        });
        let own = own.collect();
        let wanted = self.find.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let found = wanted.map(|text| {
            let codes = reference.trades.find(text).into_iter().take(FOUND_MAX).filter_map(|found| found.code);
            codes
                .flat_map(|code| issued(&reference, &code).into_iter().map(|one| line(&code, one)).collect::<Vec<_>>())
                .collect()
        });
        let usual = Rules::usual(None);
        Ok(StandardsView { own, found, usual: RuleKey::ALL.iter().map(|&key| RuleLine::of(&usual, key)).collect() })
    }
}

/// One rule as it is in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleLine {
    pub key: RuleKey,
    pub name: String,
    pub value: i64,
    pub unit: String,
    pub origin: RuleOrigin,
    pub origin_name: String,
}

impl RuleLine {
    /// What rules say of a key.
    pub fn of(rules: &Rules, key: RuleKey) -> Self {
        let origin = rules.origin(key);
        Self {
            key,
            name: key.name().into(),
            value: rules.get(key),
            unit: key.unit().into(),
            origin,
            origin_name: origin.name().into(),
        }
    }

    /// Every rule that a level has.
    pub fn all(rules: &Rules, level: Level) -> Vec<Self> {
        Rules::keys(level).map(|key| Self::of(rules, key)).collect()
    }
}

/// The rules of a level, in force today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LevelRules {
    pub level: Level,
    pub level_name: String,
    pub rules: Vec<RuleLine>,
}

/// What was set once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RulesHistory {
    /// `各等级`, or the level.
    pub level_name: String,
    pub from: Date,
    pub values: Vec<RuleValue>,
    pub source: String,
    pub set_on: Date,
    pub set_by: String,
}

/// How a standard has its levels examined.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandardRulesView {
    pub code: String,
    pub trade: String,
    pub standard: String,
    pub levels: Vec<LevelRules>,
    /// The latest first.
    pub history: Vec<RulesHistory>,
    /// The rubrics in force today, by level and part.
    pub rubrics: Vec<RubricView>,
    /// The latest first.
    pub rubric_history: Vec<RubricHistory>,
    pub may_set: bool,
    pub today: Date,
}

/// How does a standard have its levels examined?
#[derive(Debug, Deserialize, ToSchema)]
pub struct StandardRules {
    #[schema(max_length = 20)]
    pub code: String,
    #[schema(max_length = 200)]
    pub standard: String,
}

impl Look for StandardRules {
    const KIND: LookKind = LookKind::Standards;
    type View = StandardRulesView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<StandardRulesView, Stop> {
        let (reference, today) = (sight.reference(), sight.today());
        let one = issued_one(&reference, &self.code, &self.standard)?;
        let kept = store::of(&mut sight.tx(), self.code.trim(), &one.standard)?;
        let set: Vec<RulesSet> = kept.iter().map(|kept| kept.set.clone()).collect();
        let of_level = |&level: &Level| {
            let rules = Rules::compose(one.edition, level, &set, today);
            LevelRules { level, level_name: level.name().into(), rules: RuleLine::all(&rules, level) }
        };
        let history = |kept: &store::Kept| RulesHistory {
            level_name: kept.set.level.map_or("各等级", Level::name).into(),
            from: kept.set.from,
            values: kept.set.values.iter().map(|(&key, &value)| RuleValue { key, value }).collect(),
            source: kept.source.clone(),
            set_on: kept.set_on,
            set_by: kept.set_by.clone(),
        };
        let of = (self.code.trim(), one.standard.as_str());
        let (rubrics, rubric_history) = rubric::shown(&mut sight.tx(), of, &one.levels, today)?;
        Ok(StandardRulesView {
            rubrics,
            rubric_history,
            code: self.code.trim().to_owned(),
            trade: one.trade,
            standard: one.standard,
            levels: one.levels.iter().map(of_level).collect(),
            history: kept.iter().rev().map(history).collect(),
            may_set: rules::permission::may(sight.caller().role(), ActKind::SetStandardRules).is_some(),
            today,
        })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<SetStandardRules>("/standards/rules")
        .act::<SetStandardRubric>("/standards/rubric")
        .look::<StandardRules>("/standards/rules", "一份标准的考核规则")
        .look::<Standards>("/standards", "国家职业技能标准与考核规则")
}
