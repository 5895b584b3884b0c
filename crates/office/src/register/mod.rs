//! 三（一）: the provincial register of those who judge: assessors, senior assessors, quality inspectors of bodies and bureaus,
//! experts. What each card lets its bearer do and until when, whom the bearer has to avoid, where they were assigned and what
//! was found. Kept by the provincial centre, by form or workbook; a body sees its own people.

mod pages;
mod store;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use rules::assignment::Duty;
use rules::certificate::Level;
use rules::evaluation::ExpertFacts;
use rules::identity::IdKind;
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::register::{CardKind, CardState};
use rules::{Clause, Day, Refusal};
use serde::{Deserialize, Serialize};
use sheets::{CardRow, CardsContext, Finding};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::account::{Done, Made};
use crate::db::{DbError, Tx};
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::marks::FileView;
use crate::web::api::Registry;

/// Characters of one entry.
const TEXT_MAX: usize = 200;
/// Occupations, or ties, of one card.
const LIST_MAX: usize = 50;
/// Cards on a page.
const PAGE: i64 = 50;
/// Cards in a workbook to take away.
const EXPORT_MAX: i64 = 50_000;

/// A card of the register with its bearer; the phone is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    pub id: i64,
    /// Whose it is: other cards may be theirs too.
    pub person: i64,
    pub kind: CardKind,
    pub name: String,
    pub employer: String,
    /// The employer, where it is a body of the platform.
    pub body: Option<i64>,
    pub superior: String,
    pub title: String,
    /// Occupation codes, sorted; none for inspectors.
    pub trades: Vec<String>,
    pub level_max: Option<Level>,
    pub card_number: String,
    pub issued_on: Option<Day>,
    pub card_valid_until: Day,
    pub phone: String,
    pub ties: Vec<Tie>,
    pub suspended_on: Option<Day>,
    pub suspended_reason: Option<String>,
    pub entered_on: Day,
    pub person_entered_on: Day,
}

/// Whom a person avoids: a body, one of its classes, or a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tie {
    pub body: Option<i64>,
    pub body_name: String,
    /// A class of the body that they teach; blank for the whole body.
    pub class: String,
    /// The keyed hash of a candidate's number; blank for bodies.
    pub id_key: String,
    /// The number as it is shown.
    pub shown: String,
    pub relation: String,
}

impl Card {
    /// What the rules of an evaluation ask, for the evaluation of a body.
    pub fn facts(&self, body: i64) -> ExpertFacts {
        ExpertFacts {
            name: self.name.clone(),
            employer: self.employer.clone(),
            superior: self.superior.clone(),
            trades: self.trades.clone(),
            level_max: self.level_max.unwrap_or(Level::L5),
            card_number: self.card_number.clone(),
            card_valid_until: self.card_valid_until,
            suspended: self.suspended_on.is_some(),
            tie: self.ties.iter().find(|tie| tie.body == Some(body)).map(|tie| tie.relation.clone()),
        }
    }

    fn state(&self, today: Day) -> CardState {
        CardState::of(self.card_valid_until, self.suspended_on.is_some(), today)
    }
}

/// Every expert of the register.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn experts(tx: &mut Tx<'_>) -> Result<Vec<Card>, DbError> {
    store::experts(tx)
}

/// The cards that a filing names and the register has: by number, how each stands and whose it is.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn in_filing(
    tx: &mut Tx<'_>,
    filing: i64,
    today: Day,
) -> Result<HashMap<String, (CardState, String)>, DbError> {
    store::in_filing(tx, filing, today)
}

/// A body to avoid, or one of its classes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AvoidedBody {
    /// The body's name as registered, or its unified social credit code.
    #[schema(max_length = 200)]
    pub body: String,
    /// A class of it that the bearer teaches, as the enrolment register writes it; empty for the whole body.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub class: String,
    /// What ties the bearer to it.
    #[schema(max_length = 200)]
    pub relation: String,
}

/// A candidate to avoid: kin, or an apprentice.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AvoidedCandidate {
    /// The resident identity number.
    pub id_number: Private,
    /// What ties the bearer to them.
    #[schema(max_length = 200)]
    pub relation: String,
}

/// A telephone or identity number; never written out, and sealed or hashed where it is kept.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(value_type = String, max_length = 40)]
pub struct Private(String);

impl Private {
    /// Takes a number in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Serialize for Private {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// What the register says of a card and its bearer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CardEntry {
    pub kind: CardKind,
    #[schema(max_length = 50)]
    pub name: String,
    /// Where the bearer works; a body of the platform is known by its name.
    #[schema(max_length = 200)]
    pub employer: String,
    /// The department above the employer; may be empty.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub superior: String,
    /// The professional title; may be empty.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub title: String,
    /// Occupations by code or full name; none for inspectors.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub trades: Vec<String>,
    /// The highest level that the bearer may judge; none for inspectors.
    #[serde(default)]
    pub level_max: Option<Level>,
    #[schema(max_length = 200)]
    pub card_number: String,
    /// The day of issue, where known.
    #[serde(default)]
    pub issued_on: Option<Date>,
    /// The last day of the card; without it three years from the day of issue.
    #[serde(default)]
    pub card_valid_until: Option<Date>,
    /// A mobile number; may be empty.
    #[serde(default)]
    pub phone: Private,
    /// Bodies to avoid, and classes that the bearer teaches.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub ties: Vec<AvoidedBody>,
    /// Candidates to avoid; left out, those who are known stay.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub kin: Option<Vec<AvoidedCandidate>>,
}

fn refuse(what: impl Into<String>, remedy: impl Into<String>, field: &'static str) -> Stop {
    Refusal::new(Clause::S3_1_1, what).remedy(remedy).at(field).into()
}

impl CardEntry {
    /// What the record does not keep.
    fn private(&self) -> String {
        let kin = self.kin.iter().flatten().map(|one| one.id_number.0.as_str());
        std::iter::once(self.phone.0.as_str()).chain(kin).collect::<Vec<_>>().join(" ")
    }

    /// The entry as it is stored; the phone of one who is known stays where none is given.
    fn checked(&self, desk: &mut Desk<'_>, known: Option<&Card>) -> Result<Card, Stop> {
        let plain = |field: &'static str, label: &str, text: &str, must: bool| {
            let text = text.trim();
            if must && text.is_empty() {
                return Err(refuse(format!("没有填写{label}"), format!("请填写{label}"), field));
            }
            if text.chars().count() > TEXT_MAX || text.chars().any(char::is_control) {
                return Err(refuse(format!("{label}超过{TEXT_MAX}个字，或含换行"), "请核对后缩短为一行", field));
            }
            Ok(text.to_owned())
        };
        let name = plain("name", "姓名", &self.name, true)?;
        let employer = plain("employer", "工作单位", &self.employer, true)?;
        let superior = plain("superior", "主管部门", &self.superior, false)?;
        let title = plain("title", "职称", &self.title, false)?;
        let card_number = rules::register::card_number(self.kind, &self.card_number)?;
        if let Some(other) = store::by_card(&mut desk.tx(), &card_number)?
            && known.is_none_or(|known| known.id != other.id)
        {
            return Err(refuse(
                format!("证卡编号 {card_number} 已登记"),
                "同一张证卡只登记一次，请核对编号；换发的证卡请用延续",
                "card_number",
            ));
        }
        let level_max = rules::register::level_held(self.kind, self.level_max)?;
        let card_valid_until = rules::register::last_day(self.issued_on, self.card_valid_until)?;
        let trades = self.trades(desk)?;
        let phone: String = self.phone.0.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let is_number = phone.len() == 11 && phone.bytes().all(|b| b.is_ascii_digit());
        if !phone.is_empty() && !is_number {
            return Err(refuse("手机号码不是11位数字", "请核对手机号码，没有的不填", "phone"));
        }
        let bodies = store::bodies(&mut desk.tx())?;
        let mut ties: Vec<Tie> = Vec::new();
        for tie in &self.ties {
            let wanted = tie.body.trim();
            let Some(&body) = bodies.get(wanted) else {
                let remedy = "请填写已登记机构的全称或统一社会信用代码";
                return Err(refuse(format!("没有登记过名为“{wanted}”的机构"), remedy, "ties"));
            };
            let (relation, class) =
                (plain("ties", "回避原因", &tie.relation, true)?, plain("ties", "任教班级", &tie.class, false)?);
            if !ties.iter().any(|one| one.body == Some(body) && one.class == class) {
                ties.push(Tie {
                    body: Some(body),
                    body_name: wanted.to_owned(),
                    class,
                    id_key: String::new(),
                    shown: String::new(),
                    relation,
                });
            }
        }
        let today = desk.today();
        match &self.kin {
            Some(kin) => {
                for one in kin {
                    let identity = rules::identity::check(IdKind::ResidentId, &one.id_number.0, today)
                        .map_err(|refusal| refusal.at("kin"))?;
                    ties.push(Tie {
                        body: None,
                        body_name: String::new(),
                        class: String::new(),
                        id_key: desk.seals().find_key(&identity.number),
                        shown: rules::identity::mask_number(&identity.number),
                        relation: plain("kin", "与考生的关系", &one.relation, true)?,
                    });
                }
            }
            None => ties.extend(known.iter().flat_map(|card| &card.ties).filter(|tie| tie.body.is_none()).cloned()),
        }
        if ties.len() > LIST_MAX {
            return Err(refuse("回避情形超过50条", "请只保留仍然成立的", "ties"));
        }
        let (person, known_phone, person_entered_on) = match known {
            Some(known) => (known.person, known.phone.clone(), known.person_entered_on),
            None => {
                let of_name = store::named(&mut desk.tx(), &name, &employer)?;
                let seals = desk.seals();
                let same = of_name.into_iter().find(|(_, sealed)| {
                    let their = seals.open_text(sealed).unwrap_or_default();
                    rules::register::same_person((&name, &employer, &phone), (&name, &employer, &their))
                });
                match same {
                    // Their data is theirs, whichever card it came with.
                    Some((person, sealed)) => {
                        let others = store::of_person(&mut desk.tx(), person)?;
                        let entered_on = others.first().map_or(today, |card| card.person_entered_on);
                        if let Some(other) = others.first()
                            && let Some(full) = store::find(&mut desk.tx(), other.id)?
                        {
                            let is_new = |tie: &Tie| {
                                !ties.iter().any(|one| {
                                    (one.body, &one.class, &one.id_key) == (tie.body, &tie.class, &tie.id_key)
                                })
                            };
                            let theirs: Vec<Tie> = full.ties.iter().filter(|tie| is_new(tie)).cloned().collect();
                            ties.extend(theirs);
                        }
                        (person, sealed, entered_on)
                    }
                    None => (desk.new_id(), String::new(), today),
                }
            }
        };
        let phone = if phone.is_empty() { known_phone } else { desk.seals().seal(&phone) };
        Ok(Card {
            id: known.map_or_else(|| desk.new_id(), |known| known.id),
            person,
            kind: self.kind,
            body: bodies.get(&employer).copied(),
            name,
            employer,
            superior,
            title,
            trades,
            level_max,
            card_number,
            issued_on: self.issued_on,
            card_valid_until,
            phone,
            ties,
            suspended_on: None,
            suspended_reason: None,
            entered_on: known.map_or(today, |known| known.entered_on),
            person_entered_on,
        })
    }

    fn trades(&self, desk: &Desk<'_>) -> Result<Vec<String>, Stop> {
        if !self.kind.judges() {
            return Ok(Vec::new());
        }
        let reference = desk.reference();
        let mut trades = Vec::new();
        for named in self.trades.iter().filter(|named| !named.trim().is_empty()) {
            let found = reference.trades.named(named).map_err(|refusal| refusal.at("trades"))?;
            trades.push(found.code.unwrap_or(found.name));
        }
        trades.sort();
        trades.dedup();
        if trades.is_empty() || trades.len() > LIST_MAX {
            let what = format!("没有填写{}能评价的职业，或超过50个", self.kind.name());
            return Err(refuse(what, "请填写职业的全称或代码", "trades"));
        }
        Ok(trades)
    }
}

/// Enters a card into the register; whoever is known by name and employer gets one more.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterCard {
    pub entry: CardEntry,
}

impl Act for EnterCard {
    const KIND: ActKind = ActKind::EnterCard;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn unspoken(&self) -> String {
        self.entry.private()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let card = self.entry.checked(desk, None)?;
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        store::save(&mut desk.tx(), std::slice::from_ref(&card), &[0], (today, &by))?;
        desk.made(Subject::Card(card.id));
        Ok(Made { id: card.id })
    }
}

/// Corrects what the register says of a card and its bearer. Panels that were drawn and assignments stay as they were.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangeCard {
    pub card: i64,
    /// The whole entry; without a phone, or without kin, what is known stays.
    pub entry: CardEntry,
}

impl Act for ChangeCard {
    const KIND: ActKind = ActKind::ChangeCard;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Card(self.card)
    }

    fn unspoken(&self) -> String {
        self.entry.private()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let known = store::find(&mut desk.tx(), self.card)?.ok_or(Stop::NotFound)?;
        let card = self.entry.checked(desk, Some(&known))?;
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        let same = (card.issued_on, card.card_valid_until) == (known.issued_on, known.card_valid_until);
        store::save(&mut desk.tx(), &[card], if same { &[] } else { &[0] }, (today, &by))?;
        Ok(Done {})
    }
}

/// Takes down that a card was renewed: a later validity; the one before stays in its history.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RenewCard {
    pub card: i64,
    /// The day of the new issue, where known.
    #[serde(default)]
    pub issued_on: Option<Date>,
    /// The new last day; without it three years from the new issue.
    #[serde(default)]
    pub card_valid_until: Option<Date>,
}

impl Act for RenewCard {
    const KIND: ActKind = ActKind::RenewCard;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Card(self.card)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let mut card = store::find(&mut desk.tx(), self.card)?.ok_or(Stop::NotFound)?;
        card.card_valid_until = rules::register::renewed(card.card_valid_until, self.issued_on, self.card_valid_until)?;
        card.issued_on = self.issued_on.or(card.issued_on);
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        store::save(&mut desk.tx(), &[card], &[0], (today, &by))?;
        Ok(Done {})
    }
}

/// Takes cards out of a workbook into the register: new ones are added, known ones changed where the file says
/// otherwise. Blank phones and blank bodies to avoid leave what is known; nobody goes by being left out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportCards {
    /// The kept file: .xlsx, .xls or .csv.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    /// The kind of rows that name none.
    #[serde(default)]
    pub kind: Option<CardKind>,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<ReadCards>>,
}

/// What the workbook said; read before the transaction.
#[derive(Debug)]
struct ReadCards {
    kept: KeptFile,
    rows_read: usize,
    rows: Vec<CardRow>,
    findings: Vec<Finding>,
}

impl ImportCards {
    /// An import of a kept file.
    pub fn new(file: FileHash, name: impl Into<String>, kind: Option<CardKind>) -> Self {
        Self { file, name: name.into(), kind, read: None }
    }
}

/// What came of an import.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CardsImported {
    pub upload: i64,
    pub rows_read: usize,
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    pub faults: usize,
}

/// The register while rows of a workbook go into it.
struct Filling {
    by_number: HashMap<String, Card>,
    /// Persons by name and employer: ids, open telephones and whom they avoid.
    persons: HashMap<(String, String), Vec<Bearer>>,
}

/// A person, as far as a row needs to know them.
struct Bearer {
    id: i64,
    phone: String,
    sealed: String,
    ties: Vec<Tie>,
    entered_on: Day,
}

impl Filling {
    fn of(cards: Vec<Card>, desk: &Desk<'_>) -> Self {
        let (mut by_number, mut persons) = (HashMap::new(), HashMap::<_, Vec<Bearer>>::new());
        for card in cards {
            let of_name = persons.entry((card.name.clone(), card.employer.clone())).or_default();
            if !of_name.iter().any(|one| one.id == card.person) {
                of_name.push(Bearer {
                    id: card.person,
                    phone: desk.seals().open_text(&card.phone).unwrap_or_default(),
                    sealed: card.phone.clone(),
                    ties: card.ties.clone(),
                    entered_on: card.person_entered_on,
                });
            }
            by_number.insert(card.card_number.clone(), card);
        }
        Self { by_number, persons }
    }

    /// The card that a row makes, and the one that it was before.
    fn card(&mut self, row: &CardRow, bodies: &HashMap<String, i64>, desk: &Desk<'_>) -> (Card, Option<Card>) {
        let (today, seals) = (desk.today(), desk.seals());
        let before = self.by_number.get(&row.card_number).cloned();
        let of_name = self.persons.entry((row.name.clone(), row.employer.clone())).or_default();
        let entry = (row.name.as_str(), row.employer.as_str(), row.phone.as_str());
        let at = match &before {
            // Who bears a known card stays who they are, whatever else the row says anew.
            Some(card) => of_name.iter().position(|one| one.id == card.person),
            None => of_name
                .iter()
                .position(|one| rules::register::same_person(entry, (&row.name, &row.employer, &one.phone))),
        };
        let at = at.unwrap_or_else(|| {
            of_name.push(Bearer {
                id: before.as_ref().map_or_else(|| desk.new_id(), |card| card.person),
                phone: before.as_ref().and_then(|card| seals.open_text(&card.phone)).unwrap_or_default(),
                sealed: before.as_ref().map(|card| card.phone.clone()).unwrap_or_default(),
                ties: before.as_ref().map(|card| card.ties.clone()).unwrap_or_default(),
                entered_on: before.as_ref().map_or(today, |card| card.person_entered_on),
            });
            of_name.len() - 1
        });
        let bearer = &mut of_name[at];
        // The same phone sealed anew would look like another.
        if !row.phone.is_empty() && row.phone != bearer.phone {
            (bearer.phone, bearer.sealed) = (row.phone.clone(), seals.seal(&row.phone));
        }
        for (body, relation) in &row.ties {
            match bearer.ties.iter_mut().find(|tie| tie.body == Some(*body) && tie.class.is_empty()) {
                Some(tie) => tie.relation.clone_from(relation),
                None => bearer.ties.push(Tie {
                    body: Some(*body),
                    body_name: String::new(),
                    class: String::new(),
                    id_key: String::new(),
                    shown: String::new(),
                    relation: relation.clone(),
                }),
            }
        }
        let card = Card {
            id: before.as_ref().map_or_else(|| desk.new_id(), |card| card.id),
            person: bearer.id,
            kind: row.kind,
            name: row.name.clone(),
            employer: row.employer.clone(),
            body: bodies.get(&row.employer).copied(),
            superior: row.superior.clone(),
            title: row.title.clone(),
            trades: row.trades.clone(),
            level_max: row.level_max,
            card_number: row.card_number.clone(),
            issued_on: row.issued_on.or(before.as_ref().and_then(|card| card.issued_on)),
            card_valid_until: row.card_valid_until,
            phone: bearer.sealed.clone(),
            ties: bearer.ties.clone(),
            suspended_on: before.as_ref().and_then(|card| card.suspended_on),
            suspended_reason: before.as_ref().and_then(|card| card.suspended_reason.clone()),
            entered_on: before.as_ref().map_or(today, |card| card.entered_on),
            person_entered_on: bearer.entered_on,
        };
        (card, before)
    }
}

impl Act for ImportCards {
    const KIND: ActKind = ActKind::ImportCards;
    const PREPARES: bool = true;
    type Answer = CardsImported;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let bytes = sight.office().files().bring(&self.file).map_err(|stop| match stop {
            Stop::NotFound => refuse("没有收到这个文件", "请先上传文件，再用返回的编号办理", "file"),
            other => other,
        })?;
        let (reference, bodies) = (sight.reference(), store::bodies(&mut sight.tx())?);
        let trade = |text: &str| reference.trades.named(text).map(|found| found.code.unwrap_or(found.name));
        let body = |text: &str| bodies.get(text).copied();
        let check = sheets::read_cards(&bytes, &CardsContext { kind: self.kind, trade: &trade, body: &body })?;
        let kept = KeptFile::of(&self.file, &bytes)?;
        self.read =
            Some(Arc::new(ReadCards { kept, rows_read: check.rows_read, rows: check.rows, findings: check.findings }));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<CardsImported, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the register was not read"))?;
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        let (known, bodies) = (store::everyone(&mut desk.tx())?, store::bodies(&mut desk.tx())?);
        let mut filling = Filling::of(known, desk);
        let (mut new, mut changed, mut same) = (0, 0, 0);
        let (mut saved, mut renewed): (Vec<Card>, Vec<usize>) = (Vec::new(), Vec::new());
        for row in &read.rows {
            let (card, before) = filling.card(row, &bodies, desk);
            match &before {
                Some(before) if *before == card => {
                    same += 1;
                    continue;
                }
                Some(_) => changed += 1,
                None => new += 1,
            }
            let validity = (card.issued_on, card.card_valid_until);
            if before.is_none_or(|before| (before.issued_on, before.card_valid_until) != validity) {
                renewed.push(saved.len());
            }
            saved.push(card);
        }
        store::save(&mut desk.tx(), &saved, &renewed, (today, &by))?;
        let (id, now, seals) = (desk.new_id(), desk.now(), desk.seals());
        note_file(&mut desk.tx(), &read.kept, now)?;
        let upload = store::NewUpload {
            id,
            file: &read.kept,
            name: &self.name,
            rows_read: read.rows_read,
            new,
            changed,
            same,
            findings: &read.findings,
            on: today,
            by: &by,
        };
        store::uploaded(&mut desk.tx(), &upload, seals)?;
        let faults = read.findings.iter().filter(|finding| finding.is_fault()).count();
        Ok(CardsImported { upload: id, rows_read: read.rows_read, new, changed, same, faults })
    }
}

/// Takes a card out of draws and assignments, with the reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SuspendCard {
    pub card: i64,
    #[schema(max_length = 500)]
    pub reason: String,
}

impl Act for SuspendCard {
    const KIND: ActKind = ActKind::SuspendCard;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Card(self.card)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let card = store::find(&mut desk.tx(), self.card)?.ok_or(Stop::NotFound)?;
        if let Some(on) = card.suspended_on {
            return Err(refuse(format!("{}的证卡已于 {on} 暂停", card.name), "不需要再次暂停", "reason"));
        }
        let (today, reason, by) = (desk.today(), said(&self.reason)?, desk.caller().name().to_owned());
        store::suspend(&mut desk.tx(), self.card, today, &reason, &by)?;
        Ok(Done {})
    }
}

/// Lets a card be used again, with the reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResumeCard {
    pub card: i64,
    #[schema(max_length = 500)]
    pub reason: String,
}

impl Act for ResumeCard {
    const KIND: ActKind = ActKind::ResumeCard;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Card(self.card)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let card = store::find(&mut desk.tx(), self.card)?.ok_or(Stop::NotFound)?;
        if card.suspended_on.is_none() {
            return Err(refuse(format!("{}的证卡没有暂停", card.name), "不需要恢复", "reason"));
        }
        let (today, reason, by) = (desk.today(), said(&self.reason)?, desk.caller().name().to_owned());
        store::resume(&mut desk.tx(), self.card, today, &reason, &by)?;
        Ok(Done {})
    }
}

/// Takes down what a centre found of somebody who examined or inspected: good or bad, of a batch or without one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NoteFinding {
    pub card: i64,
    /// The batch's number as people cite it, `PC2026-0001`; empty without one.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub batch_number: String,
    #[schema(max_length = 500)]
    pub finding: String,
}

impl Act for NoteFinding {
    const KIND: ActKind = ActKind::NoteFinding;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Card(self.card)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let card = store::find(&mut desk.tx(), self.card)?.ok_or(Stop::NotFound)?;
        let finding = match self.finding.trim() {
            "" => return Err(refuse("没有写明情况", "请用一两句话写明情况", "finding")),
            finding => finding.to_owned(),
        };
        let number = self.batch_number.trim();
        let batch = match number {
            "" => None,
            number => {
                let assigned = store::assignments(&mut desk.tx(), card.person)?;
                let found = assigned.iter().find(|one| one.batch_number == number).map(|one| one.batch);
                let what = format!("{}没有被安排到批次 {number}", card.name);
                Some(found.ok_or_else(|| refuse(what, "请核对批次编号，或不填批次", "batch_number"))?)
            }
        };
        let (id, on) = (desk.new_id(), desk.today());
        let (by, seat) = (desk.caller().name().to_owned(), desk.caller().seat_name().to_owned());
        let new = store::NewFinding { id, card: self.card, batch, finding: &finding, on, by: &by, seat: &seat };
        store::note(&mut desk.tx(), &new)?;
        Ok(Done {})
    }
}

fn said(reason: &str) -> Result<String, Stop> {
    match reason.trim() {
        "" => Err(refuse("没有写明原因", "请用一句话写明原因", "reason")),
        reason => Ok(reason.to_owned()),
    }
}

/// An occupation of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardTrade {
    pub code: String,
    pub name: String,
}

/// A card as the register lists it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardLine {
    pub id: i64,
    pub kind: CardKind,
    pub kind_name: String,
    pub name: String,
    pub employer: String,
    pub superior: String,
    pub title: String,
    pub trades: Vec<CardTrade>,
    pub level_max: Option<Level>,
    /// Empty for inspectors.
    pub level_name: String,
    pub card_number: String,
    pub issued_on: Option<Date>,
    pub card_valid_until: Date,
    pub state: CardState,
    pub state_name: String,
    pub suspended_on: Option<Date>,
    pub suspended_reason: Option<String>,
}

impl CardLine {
    /// The kind of tag that its state wears.
    pub fn tag(&self) -> &'static str {
        match self.state {
            CardState::Valid => "ok",
            CardState::Suspended => "danger",
            CardState::Expired => "warn",
        }
    }

    /// Its occupations in one line.
    pub fn trade_names(&self) -> String {
        self.trades.iter().map(|trade| trade.name.as_str()).collect::<Vec<_>>().join("、")
    }
}

fn shown(sight: &Sight<'_>, card: &Card) -> CardLine {
    let (reference, state) = (sight.reference(), card.state(sight.today()));
    let trade = |code: &String| CardTrade {
        name: reference.trades.named(code).map_or_else(|_| code.clone(), |found| found.name),
        code: code.clone(),
    };
    CardLine {
        id: card.id,
        kind: card.kind,
        kind_name: card.kind.name().into(),
        name: card.name.clone(),
        employer: card.employer.clone(),
        superior: card.superior.clone(),
        title: card.title.clone(),
        trades: card.trades.iter().map(trade).collect(),
        level_max: card.level_max,
        level_name: card.level_max.map(|level| level.name().to_owned()).unwrap_or_default(),
        card_number: card.card_number.clone(),
        issued_on: card.issued_on,
        card_valid_until: card.card_valid_until,
        state,
        state_name: state.name().into(),
        suspended_on: card.suspended_on,
        suspended_reason: card.suspended_reason.clone(),
    }
}

/// A mobile number without its middle.
fn masked(phone: &str) -> String {
    match (phone.get(..3), phone.get(7..)) {
        (Some(first), Some(last)) => format!("{first}****{last}"),
        _ => String::new(),
    }
}

/// An import in the list of imports.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardUploadLine {
    pub id: i64,
    pub file: FileHash,
    pub name: String,
    pub rows_read: i64,
    pub new: i64,
    pub changed: i64,
    pub same: i64,
    pub faults: i64,
    pub on: Date,
    pub by: String,
}

/// One page of the register.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardsView {
    pub cards: Vec<CardLine>,
    /// How many match.
    pub total: i64,
    /// From 0; a page has 50.
    pub page: i64,
    /// The latest imports; for the provincial centre.
    pub uploads: Vec<CardUploadLine>,
    pub may_enter: bool,
}

/// Which cards are there? A body sees those of its own people.
#[derive(Deserialize, ToSchema)]
pub struct Cards {
    /// Part of a name, an employer or a card number.
    #[schema(max_length = 60)]
    pub find: Option<String>,
    pub kind: Option<CardKind>,
    /// The code or name of an occupation.
    #[schema(max_length = 60)]
    pub trade: Option<String>,
    pub state: Option<CardState>,
    /// From 0.
    #[schema(minimum = 0, maximum = 100000)]
    pub page: Option<i64>,
}

impl Cards {
    fn asked(&self, sight: &Sight<'_>) -> store::Asked {
        let trade = self.trade.as_deref().map(str::trim).filter(|text| !text.is_empty());
        store::Asked {
            find: self.find.as_deref().unwrap_or_default().trim().to_owned(),
            kind: self.kind,
            trade: trade.map(|text| match sight.reference().trades.named(text) {
                Ok(found) => found.code.unwrap_or(found.name),
                Err(_) => text.to_owned(),
            }),
            body: sight.caller().body(),
            state: self.state,
        }
    }
}

impl Look for Cards {
    const KIND: LookKind = LookKind::Register;
    type View = CardsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CardsView, Stop> {
        let (asked, today) = (self.asked(sight), sight.today());
        let page = self.page.unwrap_or(0).clamp(0, 100_000);
        let (cards, total) = store::list(&mut sight.tx(), &asked, today, store::page(page))?;
        let cards = cards.iter().map(|card| shown(sight, card)).collect();
        let may_enter = rules::permission::may(sight.caller().role(), ActKind::EnterCard).is_some();
        let uploads = if may_enter { store::uploads(&mut sight.tx())? } else { Vec::new() };
        Ok(CardsView { cards, total, page, uploads, may_enter })
    }
}

/// The register as a workbook, as far as it matches; telephones and what is avoided stay in the house.
#[derive(Deserialize, ToSchema)]
pub struct CardsWorkbook {
    /// Part of a name, an employer or a card number.
    #[schema(max_length = 60)]
    pub find: Option<String>,
    pub kind: Option<CardKind>,
    /// The code or name of an occupation.
    #[schema(max_length = 60)]
    pub trade: Option<String>,
    pub state: Option<CardState>,
}

impl Look for CardsWorkbook {
    const KIND: LookKind = LookKind::Register;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let Self { find, kind, trade, state } = self;
        let cards = Cards { find: find.clone(), kind: *kind, trade: trade.clone(), state: *state, page: None };
        let (asked, today) = (cards.asked(sight), sight.today());
        let (cards, _) = store::list(&mut sight.tx(), &asked, today, (0, EXPORT_MAX))?;
        let mut headings = sheets::cards_headings();
        headings.retain(|name| !matches!(*name, "手机号码" | "回避机构" | "回避原因"));
        headings.push("状态");
        let rows = cards.iter().map(|card| {
            let line = shown(sight, card);
            let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
            let (trades, issued, until) = (line.trade_names(), day(line.issued_on), day(Some(line.card_valid_until)));
            vec![
                line.kind_name,
                line.name,
                line.employer,
                line.superior,
                line.title,
                trades,
                line.level_name,
                line.card_number,
                issued,
                until,
                line.state_name,
            ]
        });
        let bytes = sheets::table("证卡名册", &headings, rows).map_err(Stop::fault)?;
        Ok(FileView { name: "证卡名册.xlsx".into(), bytes })
    }
}

/// A validity of a card.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardTerm {
    pub issued_on: Option<Date>,
    pub valid_until: Date,
    pub entered_on: Date,
    pub entered_by: String,
}

/// A suspension of a card.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardSuspension {
    pub suspended_on: Date,
    pub reason: String,
    pub suspended_by: String,
    pub lifted_on: Option<Date>,
    pub lifted_reason: Option<String>,
    pub lifted_by: Option<String>,
}

/// A batch that somebody was assigned to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardAssignment {
    pub batch: i64,
    pub batch_number: String,
    pub batch_title: String,
    pub body_name: String,
    pub trade: String,
    pub level_name: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub duty: Duty,
    pub duty_name: String,
    /// Empty for inspectors, who see to the whole batch.
    pub part_name: String,
    pub card_number: String,
    pub assigned_on: Date,
    /// When and why they were replaced, if they were.
    pub ended_on: Option<Date>,
    pub ended_reason: Option<String>,
    /// Whether the batch was called off.
    pub cancelled: bool,
}

/// A panel that somebody was drawn into.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardPanel {
    pub body_name: String,
    pub held_on: Date,
    pub card_number: String,
    pub replaced_on: Option<Date>,
    pub replaced_reason: Option<String>,
}

/// What a centre found of somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardFinding {
    pub found_on: Date,
    pub finding: String,
    pub found_by: String,
    pub seat: String,
    /// Empty where it is about no batch.
    pub batch_number: String,
}

/// A candidate whom somebody avoids, as the register shows them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KnownKin {
    pub id_masked: String,
    pub relation: String,
}

/// A card with its bearer and everything that is known of both.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardView {
    #[serde(flatten)]
    #[schema(inline)]
    pub line: CardLine,
    pub phone_masked: String,
    pub ties: Vec<AvoidedBody>,
    pub kin: Vec<KnownKin>,
    /// The bearer's other cards.
    pub others: Vec<CardLine>,
    /// Every validity, the one in force first.
    pub terms: Vec<CardTerm>,
    pub suspensions: Vec<CardSuspension>,
    /// Over all bodies, the last first.
    pub assignments: Vec<CardAssignment>,
    pub panels: Vec<CardPanel>,
    pub findings: Vec<CardFinding>,
}

/// What does the register say of this card and its bearer?
#[derive(Deserialize, ToSchema)]
pub struct CardDetail {
    pub card: i64,
}

impl Look for CardDetail {
    const KIND: LookKind = LookKind::Register;
    type View = CardView;

    fn subject(&self) -> Subject {
        Subject::Card(self.card)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CardView, Stop> {
        let card = store::find(&mut sight.tx(), self.card)?.ok_or(Stop::NotFound)?;
        let of_person = store::of_person(&mut sight.tx(), card.person)?;
        let others = of_person.iter().filter(|other| other.id != card.id).map(|other| shown(sight, other)).collect();
        let phone = sight.seals().open_text(&card.phone).unwrap_or_default();
        let (kin, ties): (Vec<&Tie>, Vec<&Tie>) = card.ties.iter().partition(|tie| tie.body.is_none());
        let avoided = |tie: &Tie| AvoidedBody {
            body: tie.body_name.clone(),
            class: tie.class.clone(),
            relation: tie.relation.clone(),
        };
        let known = |tie: &Tie| KnownKin { id_masked: tie.shown.clone(), relation: tie.relation.clone() };
        // What a centre has written of its people is not for the body.
        let findings = match sight.caller().role() {
            Role::Clerk | Role::Head => Vec::new(),
            _ => store::findings(&mut sight.tx(), card.person)?,
        };
        Ok(CardView {
            line: shown(sight, &card),
            phone_masked: masked(&phone),
            ties: ties.into_iter().map(avoided).collect(),
            kin: kin.into_iter().map(known).collect(),
            others,
            terms: store::terms(&mut sight.tx(), card.id)?,
            suspensions: store::suspensions(&mut sight.tx(), card.id)?,
            assignments: store::assignments(&mut sight.tx(), card.person)?,
            panels: store::panels(&mut sight.tx(), card.person)?,
            findings,
        })
    }
}

/// How the bearer of a card is reached.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardContactView {
    pub name: String,
    pub phone: String,
}

/// How is the bearer of this card reached? The look is recorded.
#[derive(Deserialize, ToSchema)]
pub struct CardContact {
    pub card: i64,
}

impl Look for CardContact {
    const KIND: LookKind = LookKind::Candidates;
    type View = CardContactView;

    fn subject(&self) -> Subject {
        Subject::Card(self.card)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CardContactView, Stop> {
        if rules::permission::may_look(sight.caller().role(), LookKind::Register).is_none() {
            return Err(Stop::NotFound);
        }
        let card = store::find(&mut sight.tx(), self.card)?.ok_or(Stop::NotFound)?;
        let phone = sight.seals().open_text(&card.phone).unwrap_or_default();
        Ok(CardContactView { name: card.name, phone })
    }
}

/// One import with everything that it found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardUploadView {
    #[serde(flatten)]
    #[schema(inline)]
    pub line: CardUploadLine,
    pub findings: Vec<Finding>,
}

/// What did this import find? Findings quote the file, so the look is recorded.
#[derive(Deserialize, ToSchema)]
pub struct CardUpload {
    pub import: i64,
}

impl Look for CardUpload {
    const KIND: LookKind = LookKind::Candidates;
    type View = CardUploadView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CardUploadView, Stop> {
        if rules::permission::may(sight.caller().role(), ActKind::ImportCards).is_none() {
            return Err(Stop::NotFound);
        }
        let seals = sight.seals();
        let (line, findings) = store::upload(&mut sight.tx(), self.import, seals)?.ok_or(Stop::NotFound)?;
        Ok(CardUploadView { line, findings })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<EnterCard>("/cards")
        .look::<Cards>("/cards", "证卡名册")
        .look::<CardsWorkbook>("/cards/workbook", "证卡名册（表格）")
        .look::<CardDetail>("/cards/{card}", "一张证卡与持卡人")
        .act::<ChangeCard>("/cards/{card}")
        .act::<RenewCard>("/cards/{card}/renewal")
        .look::<CardContact>("/cards/{card}/contact", "持卡人的联系电话")
        .act::<SuspendCard>("/cards/{card}/suspension")
        .act::<ResumeCard>("/cards/{card}/resumption")
        .act::<NoteFinding>("/cards/{card}/findings")
        .act::<ImportCards>("/card-imports")
        .look::<CardUpload>("/card-imports/{import}", "一次证卡导入")
}
