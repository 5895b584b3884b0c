//! What a filing says, part by part and entry by entry: kept at each submission so that the next one can be compared with
//! it, named by reasons for giving back, and weighed before a part that two people write at once is saved.

use rules::Refusal;
use rules::checklist::MaterialItem;
use rules::major::questions;
use rules::submission::{Entry, FilingPart, PartContent, Snapshot};

use super::draft::{BodyForm, ListedPerson, ListedSite};
use super::store::{Dossier, Material, Trade};
use crate::door::{Stop, digest};

/// Characters of a mark: enough that two contents never share one.
const MARK_LENGTH: usize = 16;

/// Everything that a filing says.
pub(super) fn snapshot(dossier: &Dossier, checklist: &[MaterialItem]) -> Snapshot {
    let parts = vec![
        body(dossier.filing.form.as_ref()),
        trades(dossier, &dossier.trades),
        people(&dossier.trades, &dossier.people),
        sites(&dossier.trades, &dossier.sites),
        materials(&dossier.trades, &dossier.materials, checklist),
    ];
    Snapshot { parts }
}

/// What a part says in one word: the same content has the same mark. What nobody writes (whether a major stands in the
/// catalogue) doesn't count.
pub(super) fn mark(snapshot: &Snapshot, part: FilingPart) -> String {
    let mut text = String::new();
    for entry in snapshot.entries(part) {
        text += &entry.key;
        for (name, cell) in entry.cells.iter().filter(|(name, _)| name != COMPARED) {
            text += &format!("\u{1f}{name}\u{1f}{cell}");
        }
        text.push('\u{1e}');
    }
    digest(text.as_bytes())[..MARK_LENGTH].to_owned()
}

/// Whether a part still says what its writer saw when they began; who saw nothing is not asked.
///
/// # Errors
/// The refusal, at the field `seen`.
pub(super) fn unchanged(part: FilingPart, seen: Option<&str>, now: &str) -> Result<(), Stop> {
    match seen {
        Some(seen) if seen != now => {
            let what = format!("“{}”在您打开之后已被改动，这次没有保存", part.name());
            let remedy = "您填写的内容还在；请对照现在保存的内容，改好后再保存一次";
            Err(Refusal::house("同时修改", what).remedy(remedy).at("seen").into())
        }
        _ => Ok(()),
    }
}

/// The field that says whether majors stand in the catalogue.
const COMPARED: &str = "专业核对";

fn body(form: Option<&BodyForm>) -> PartContent {
    let blank = BodyForm::default();
    let form_or_blank = form.unwrap_or(&blank);
    let entry = |(field, label, text): (&str, &str, &str)| Entry {
        key: field.to_owned(),
        label: label.to_owned(),
        cells: vec![(label.to_owned(), text.trim().to_owned())],
    };
    let note = ("note", "补充说明", form_or_blank.note.as_str());
    PartContent::new(FilingPart::Body, form_or_blank.entries().into_iter().chain([note]).map(entry).collect())
}

fn trades(dossier: &Dossier, trades: &[Trade]) -> PartContent {
    let catalogue = dossier.catalogue();
    let entry = |trade: &Trade| Entry {
        key: trade_key(trade),
        label: trade.label(),
        cells: cells([
            ("对应专业", trade.major.clone()),
            (COMPARED, questions(&catalogue, &trade.major).join("；")),
            ("执行标准", trade.standard_label()),
            ("试卷来源", trade.papers.clone()),
            ("年规模", trade.capacity.to_string()),
            ("认定对象", if trade.asks_public { "申请面向社会" } else { "本校学生" }.to_owned()),
        ]),
    };
    PartContent::new(FilingPart::Trades, trades.iter().map(entry).collect())
}

fn people(trades: &[Trade], people: &[ListedPerson]) -> PartContent {
    let entry = |person: &ListedPerson| Entry {
        key: person_key(person),
        label: format!("{}（{}）", person.name.trim(), person.kind.name()),
        cells: cells([
            ("职业", served(trades, person.trade_code.as_deref())),
            ("最高等级", person.level_max.map(|level| level.name().to_owned()).unwrap_or_default()),
            ("证卡编号", person.card_number.trim().to_owned()),
            ("证卡有效期至", person.card_valid_until.map(|day| day.to_string()).unwrap_or_default()),
        ]),
    };
    PartContent::new(FilingPart::People, people.iter().map(entry).collect())
}

fn sites(trades: &[Trade], sites: &[ListedSite]) -> PartContent {
    let entry = |site: &ListedSite| Entry {
        key: site_key(site),
        label: format!("{}（{}）", site.name.trim(), site.kind.name()),
        cells: cells([
            ("职业", served(trades, site.trade_code.as_deref())),
            ("数量", site.count.to_string()),
            ("说明", site.note.trim().to_owned()),
            ("录像保存（天）", site.days_kept.map(|days| days.to_string()).unwrap_or_default()),
        ]),
    };
    PartContent::new(FilingPart::Sites, sites.iter().map(entry).collect())
}

/// One entry for each item that has files; an item is the same whichever files it has.
fn materials(trades: &[Trade], materials: &[Material], checklist: &[MaterialItem]) -> PartContent {
    let mut entries: Vec<Entry> = Vec::new();
    for material in materials {
        let key = material_key(&material.code, material.trade_code.as_deref());
        let title = checklist.iter().find(|item| item.code == material.code).map_or(&material.code, |item| &item.title);
        let label = match material.trade_code.as_deref() {
            Some(code) => format!("{title}：{}", served(trades, Some(code))),
            None => title.clone(),
        };
        // A file of the same name with another content is another file.
        let file = format!("{}（{}）", material.name, &material.file.0[..8.min(material.file.0.len())]);
        match entries.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => {
                for (_, text) in &mut entry.cells {
                    *text = format!("{text}；{file}");
                }
            }
            None => entries.push(Entry { key, label, cells: cells([("文件", file)]) }),
        }
    }
    PartContent::new(FilingPart::Materials, entries)
}

fn cells<const N: usize>(cells: [(&str, String); N]) -> Vec<(String, String)> {
    cells.map(|(name, text)| (name.to_owned(), text)).to_vec()
}

/// The occupation of this code in the plan; without a code, all of them.
fn served(trades: &[Trade], code: Option<&str>) -> String {
    code.map_or_else(
        || "全部职业".to_owned(),
        |code| trades.iter().find(|trade| trade.code == code).map_or_else(|| code.to_owned(), |t| t.name.clone()),
    )
}

/// What a row of the plan is known by.
pub(super) fn trade_key(trade: &Trade) -> String {
    format!("{}|{}|{}", trade.code, trade.work_type, trade.level.digit())
}

/// What a person is known by: a new card is the same person.
pub(super) fn person_key(person: &ListedPerson) -> String {
    format!("{}|{}|{}", person.kind.code(), person.name.trim(), person.trade_code.as_deref().unwrap_or_default())
}

/// What a room, station, machine or camera is known by.
pub(super) fn site_key(site: &ListedSite) -> String {
    format!("{}|{}|{}", site.kind.code(), site.name.trim(), site.trade_code.as_deref().unwrap_or_default())
}

/// What an item of the checklist is known by.
pub(super) fn material_key(code: &str, trade_code: Option<&str>) -> String {
    format!("{code}|{}", trade_code.unwrap_or_default())
}
