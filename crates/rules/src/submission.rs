//! 二（一）2: what a filing said each time it was submitted, and what changed between two times, so that who reviews it
//! again reads only what is new; and the reasons with which it is given back, each at the part it is about.

use serde::{Deserialize, Serialize};

use crate::notice::Clause;
use crate::refusal::Refusal;

/// The parts of a filing, as its form has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilingPart {
    Body,
    Trades,
    People,
    Sites,
    Materials,
}

impl FilingPart {
    /// Every part, in the order of the form.
    pub const ALL: &'static [Self] = &[Self::Body, Self::Trades, Self::People, Self::Sites, Self::Materials];

    /// The code word, which is also the part's place in an address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Trades => "trades",
            Self::People => "people",
            Self::Sites => "sites",
            Self::Materials => "materials",
        }
    }

    /// The part with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|part| part.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Body => "机构信息",
            Self::Trades => "拟备案职业与等级",
            Self::People => "人员队伍",
            Self::Sites => "场地设备监控",
            Self::Materials => "申请材料",
        }
    }
}

/// A reason for giving back that is about a part, or about one row or item of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PartReason {
    pub part: FilingPart,
    /// The key of the row, field or item ([`Entry::key`]); empty for the part as a whole.
    #[serde(default)]
    #[schema(max_length = 400)]
    pub about: String,
    #[schema(max_length = 500)]
    pub text: String,
}

/// A row, field or item of a part as it was submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Entry {
    /// Tells it from the others of its part and stays the same when something else in it changes.
    pub key: String,
    /// How people call it.
    pub label: String,
    /// What it says: the names of its fields with their texts.
    pub cells: Vec<(String, String)>,
}

/// The entries of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartContent {
    pub part: FilingPart,
    pub entries: Vec<Entry>,
}

impl PartContent {
    /// The entries of a part; where several have one key, the later ones are numbered.
    pub fn new(part: FilingPart, entries: Vec<Entry>) -> Self {
        let mut content = Self { part, entries: Vec::with_capacity(entries.len()) };
        for mut entry in entries {
            let twins = content.entries.iter().filter(|other| other.key.split('#').next() == Some(&entry.key)).count();
            if twins > 0 {
                entry.key = format!("{}#{}", entry.key, twins + 1);
            }
            content.entries.push(entry);
        }
        content
    }
}

/// What a filing says, part by part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub parts: Vec<PartContent>,
}

impl Snapshot {
    /// The entries of a part; none where it was not kept.
    pub fn entries(&self, part: FilingPart) -> &[Entry] {
        self.parts.iter().find(|content| content.part == part).map_or(&[], |content| &content.entries)
    }

    /// The entry of this key.
    pub fn entry(&self, part: FilingPart, key: &str) -> Option<&Entry> {
        self.entries(part).iter().find(|entry| entry.key == key)
    }
}

/// What changed in one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PartChange {
    pub part: FilingPart,
    pub added: Vec<Entry>,
    pub removed: Vec<Entry>,
    pub changed: Vec<EntryChange>,
}

/// What changed in one row or item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryChange {
    pub key: String,
    pub label: String,
    pub fields: Vec<FieldChange>,
}

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldChange {
    pub field: String,
    pub before: String,
    pub after: String,
}

/// What changed from one time to the next; parts in which nothing did are left out.
pub fn changes(before: &Snapshot, after: &Snapshot) -> Vec<PartChange> {
    let of_part = |&part: &FilingPart| {
        let (old, new) = (before.entries(part), after.entries(part));
        let in_old = |entry: &&Entry| before.entry(part, &entry.key).is_some();
        let in_new = |entry: &&Entry| after.entry(part, &entry.key).is_some();
        let change = PartChange {
            part,
            added: new.iter().filter(|entry| !in_old(entry)).cloned().collect(),
            removed: old.iter().filter(|entry| !in_new(entry)).cloned().collect(),
            changed: new.iter().filter_map(|entry| differs(before.entry(part, &entry.key)?, entry)).collect(),
        };
        let is_any = !(change.added.is_empty() && change.removed.is_empty() && change.changed.is_empty());
        is_any.then_some(change)
    };
    FilingPart::ALL.iter().filter_map(of_part).collect()
}

/// Whether what was found on site still stands after a resubmission. The panel saw occupations, people and rooms: it stands
/// as long as nothing of these was asked for and nothing of them changed. Corrected papers and names need no second visit.
pub fn evaluation_stands(asked: &[FilingPart], changes: &[PartChange]) -> bool {
    let is_seen = |part: FilingPart| matches!(part, FilingPart::Trades | FilingPart::People | FilingPart::Sites);
    !asked.iter().any(|&part| is_seen(part)) && !changes.iter().any(|change| is_seen(change.part))
}

/// Field by field, by name; a field that only one of them has is blank in the other.
fn differs(old: &Entry, new: &Entry) -> Option<EntryChange> {
    let text = |entry: &Entry, name: &str| {
        entry.cells.iter().find(|(field, _)| field == name).map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let gone = old.cells.iter().filter(|(name, _)| !new.cells.iter().any(|(other, _)| other == name));
    let fields: Vec<_> = new
        .cells
        .iter()
        .chain(gone)
        .map(|(name, _)| FieldChange { field: name.clone(), before: text(old, name), after: text(new, name) })
        .filter(|change| change.before != change.after)
        .collect();
    (!fields.is_empty()).then(|| EntryChange { key: new.key.clone(), label: new.label.clone(), fields })
}

/// A filing is given back with reasons: what is missing or wrong, one by one, about the whole or about a part. A reason
/// about a row names one that was submitted.
pub fn reasons_given(
    whole: &[String],
    parts: &[PartReason],
    submitted: &Snapshot,
    clause: Clause,
) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(clause, what).remedy(remedy).at("reasons"));
    let is_said = |text: &String| !text.trim().is_empty();
    if let Some(silent) = parts.iter().find(|reason| !is_said(&reason.text)) {
        return refuse(
            format!("“{}”没有写明需要补正的内容", silent.part.name()),
            "请写明需要补正的内容，不需要补正的请不要勾选",
        );
    }
    let astray =
        parts.iter().find(|reason| !reason.about.is_empty() && submitted.entry(reason.part, &reason.about).is_none());
    if let Some(astray) = astray {
        return refuse(
            format!("“{}”中没有“{}”这一行", astray.part.name(), astray.about),
            "请选择申请中有的一行，或针对整个部分写明",
        );
    }
    if parts.is_empty() && !whole.iter().any(is_said) {
        return refuse("没有写明退回的理由".to_owned(), "请逐条写明需要补正的内容，院校据此修改");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(key: &str, cells: &[(&str, &str)]) -> Entry {
        let cells = cells.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Entry { key: key.into(), label: key.into(), cells }
    }

    fn people(entries: Vec<Entry>) -> Snapshot {
        Snapshot { parts: vec![PartContent::new(FilingPart::People, entries)] }
    }

    #[test]
    fn s2_1_2b_what_changed_is_told_row_by_row_and_field_by_field() {
        let before = people(vec![
            entry("甲", &[("证卡编号", "1"), ("证卡有效期", "2026-03-01")]),
            entry("乙", &[("证卡编号", "2")]),
            entry("丙", &[("证卡编号", "3")]),
        ]);
        let after = people(vec![
            entry("丙", &[("证卡编号", "3")]),
            entry("甲", &[("证卡编号", "1"), ("证卡有效期", "2028-03-01")]),
            entry("丁", &[("证卡编号", "4")]),
        ]);
        let found = changes(&before, &after);
        assert_eq!(found.len(), 1);
        let keys = |entries: &[Entry]| entries.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>();
        assert_eq!((keys(&found[0].added), keys(&found[0].removed)), (vec!["丁".into()], vec!["乙".to_owned()]));
        let expected =
            FieldChange { field: "证卡有效期".into(), before: "2026-03-01".into(), after: "2028-03-01".into() };
        assert_eq!(found[0].changed, [EntryChange { key: "甲".into(), label: "甲".into(), fields: vec![expected] }]);
        assert_eq!(changes(&after, &after), []);
    }

    #[test]
    fn s2_1_2b_an_evaluation_stands_unless_what_was_evaluated_changed() {
        let of = |part, number: &str| Snapshot {
            parts: vec![PartContent::new(part, vec![entry("甲", &[("编号", number)])])],
        };
        for &part in FilingPart::ALL {
            let found = changes(&of(part, "1"), &of(part, "2"));
            let was_evaluated = matches!(part, FilingPart::Trades | FilingPart::People | FilingPart::Sites);
            assert_eq!(evaluation_stands(&[], &found), !was_evaluated, "{part:?}");
            assert_eq!(evaluation_stands(&[part], &[]), !was_evaluated, "{part:?}");
        }
        assert!(evaluation_stands(&[], &[]));
    }

    #[test]
    fn s2_1_2b_rows_alike_are_told_apart_by_their_order() {
        let twice = people(vec![entry("甲", &[("证卡编号", "1")]), entry("甲", &[("证卡编号", "2")])]);
        assert_eq!(twice.entries(FilingPart::People)[1].key, "甲#2");
        let once = people(vec![entry("甲", &[("证卡编号", "1")])]);
        assert_eq!(changes(&twice, &once)[0].removed[0].key, "甲#2");
    }

    #[test]
    fn s2_1_2b_a_filing_is_given_back_with_reasons_only() {
        let submitted = people(vec![entry("甲", &[])]);
        let says = |whole: &[&str], parts: &[(FilingPart, &str, &str)]| {
            let whole: Vec<String> = whole.iter().map(|text| (*text).to_owned()).collect();
            let reason = |&(part, about, text): &(FilingPart, &str, &str)| PartReason {
                part,
                about: about.into(),
                text: text.into(),
            };
            let parts: Vec<_> = parts.iter().map(reason).collect();
            reasons_given(&whole, &parts, &submitted, Clause::S2_1_2B).map_err(|refusal| refusal.what)
        };
        assert_eq!(says(&["补交收费管理办法"], &[]), Ok(()));
        assert_eq!(says(&[], &[(FilingPart::Materials, "", "缺页")]), Ok(()));
        assert_eq!(says(&[], &[(FilingPart::People, "甲", "证卡不清晰")]), Ok(()));
        let none = Err("没有写明退回的理由".to_owned());
        assert_eq!((says(&[], &[]), says(&["  "], &[])), (none.clone(), none));
        assert_eq!(says(&["补交"], &[(FilingPart::People, "甲", " ")]), Err("“人员队伍”没有写明需要补正的内容".into()));
        assert_eq!(says(&[], &[(FilingPart::People, "乙", "不清晰")]), Err("“人员队伍”中没有“乙”这一行".into()));
    }

    fn snapshots() -> impl Strategy<Value = Snapshot> {
        prop::collection::vec(("[a-d]", "[xyz]?", "[xyz]?"), 0..7).prop_map(|rows| {
            people(rows.iter().map(|(key, one, two)| entry(key, &[("一", one), ("二", two)])).collect())
        })
    }

    proptest! {
        #[test]
        fn s2_1_2b_applying_what_changed_gives_what_was_submitted(before in snapshots(), after in snapshots()) {
            let mut entries = before.entries(FilingPart::People).to_vec();
            for change in changes(&before, &after) {
                entries.retain(|entry| !change.removed.contains(entry));
                entries.extend(change.added);
                for changed in change.changed {
                    let entry = entries.iter_mut().find(|entry| entry.key == changed.key).expect("the entry");
                    for field in changed.fields {
                        let cell = entry.cells.iter_mut().find(|(name, _)| *name == field.field).expect("the cell");
                        prop_assert_eq!(&cell.1, &field.before);
                        cell.1 = field.after;
                    }
                }
            }
            let mut wanted = after.entries(FilingPart::People).to_vec();
            let order = |entry: &Entry| entry.key.clone();
            entries.sort_by_key(order);
            wanted.sort_by_key(order);
            prop_assert_eq!(entries, wanted);
        }
    }
}
