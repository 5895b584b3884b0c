//! 一（一）1, 2: the provincial department enters what was announced: an enterprise that is on file, an organisation that
//! was selected. They come into the directory without an application here; a school that was selected as an
//! organisation gets a second number beside its own.

mod pages;
mod store;

use jiff::civil::Date;
use rules::announcement::{Announcement, clause_of, enter};
use rules::certificate::Level;
use rules::directory::{ChangeKind, Span, Version};
use rules::jurisdiction::BodyKind;
use rules::permission::{ActKind, LookKind};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::directory::ledger::{self, ScopeFact};
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::roster::bring;
use crate::web::api::Registry;

/// One occupation at one level that was announced.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnnouncedTrade {
    /// The occupation's code or full name.
    #[schema(max_length = 200)]
    pub trade: String,
    /// Work type or direction; empty for the whole occupation.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub work_type: String,
    pub level: Level,
    /// The title of the national standard; empty for the only one of the whole occupation.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub standard: String,
}

/// Enters a body into the directory by what the department has announced: an enterprise's filing, the selection of an
/// organisation. Entered again with the same last day, occupations are added; a new period follows the one before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterBody {
    pub body: i64,
    /// The filing number, 13 characters: `Y` for an enterprise, `S` for an organisation.
    #[schema(max_length = 13)]
    pub number: String,
    #[schema(max_items = 500)]
    pub trades: Vec<AnnouncedTrade>,
    pub valid_from: Date,
    pub valid_until: Date,
    /// The reference of the paper.
    #[schema(max_length = 200)]
    pub reference: String,
    pub announced_on: Date,
    /// The paper as a file that was kept before.
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

/// The entry that came of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Entered {
    pub listing: i64,
    pub number: String,
    pub valid_from: Date,
    pub valid_until: Date,
}

impl Act for EnterBody {
    const KIND: ActKind = ActKind::EnterBody;
    const PREPARES: bool = true;
    type Answer = Entered;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        if let Some(hash) = &self.file {
            let bytes = bring(sight, hash)?;
            self.kept = Some(KeptFile::of(hash, &bytes)?);
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Entered, Stop> {
        let (today, now) = (desk.today(), desk.now());
        let body = store::body(&mut desk.tx(), self.body)?.ok_or(Stop::NotFound)?;
        let announced = Announcement {
            number: &self.number,
            reference: &self.reference,
            announced_on: self.announced_on,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            has_file: self.kept.is_some(),
        };
        let number = enter(body.kind, &announced, today)?.to_string();
        let clause = clause_of(body.kind);
        if self.reference.chars().count() > 200 {
            return Err(Refusal::house("填写", "文号超过200字").remedy("请只填写文号").at("reference").into());
        }
        let filing = desk.new_id();
        let facts = self.facts(desk, filing, clause)?;
        let entry = self.entry(desk, &number, clause)?;
        let kept = self.kept.as_ref().ok_or_else(|| Stop::fault("an announcement without its paper"))?;
        note_file(&mut desk.tx(), kept, now)?;
        let by = format!("{}，{}", desk.caller().seat_name(), desk.caller().name());
        let new = store::New {
            filing,
            body: self.body,
            number: &number,
            from: self.valid_from,
            until: self.valid_until,
            reference: self.reference.trim(),
            announced_on: self.announced_on,
            file: &kept.hash.0,
            file_name: &crate::web::forms::plain_name(&self.file_name),
            on: today,
            by: &by,
        };
        store::insert(&mut desk.tx(), &new)?;
        let named = named(&facts);
        let news = |kind, what, effective_on| ledger::News {
            kind,
            effective_on,
            what,
            document: self.reference.trim(),
            filing: Some(filing),
        };
        let listing = match entry {
            Some(entry) => {
                let from = self.valid_from.max(today);
                let span = Span { from, until: self.valid_until };
                ledger::add(desk, &entry, span, &facts, &news(ChangeKind::Added, format!("增加{named}"), from))?;
                entry.listing
            }
            None => {
                let span = Span { from: self.valid_from, until: self.valid_until };
                let term = Version { span, fact: body.term };
                let news = news(ChangeKind::Listed, format!("列入目录：{named}"), self.valid_from);
                ledger::open(desk, (self.body, filing, &number), term, &facts, &news)?
            }
        };
        desk.tell_body(self.body, format!("已列入机构目录，机构备案编号 {number}"), "/standing");
        if let Some(centre) = desk.standing().centre.clone() {
            desk.tell_office(centre, format!("{}已列入机构目录", body.name), format!("/directory/{number}"));
        }
        Ok(Entered { listing, number, valid_from: self.valid_from, valid_until: self.valid_until })
    }
}

impl EnterBody {
    /// The act for a paper that was kept before.
    fn with_file(mut self, file: Option<(FileHash, String)>) -> Self {
        if let Some((hash, name)) = file {
            (self.file, self.file_name) = (Some(hash), name);
        }
        self
    }

    /// What was announced, held against the same tables as a school's filing (一（三）, 一（四）).
    fn facts(&self, desk: &Desk<'_>, filing: i64, clause: Clause) -> Result<Vec<ScopeFact>, Stop> {
        let (reference, today) = (desk.reference(), desk.today());
        if self.trades.is_empty() || self.trades.len() > 500 {
            return Err(Refusal::new(clause, "没有填写职业和等级，或超过500行")
                .remedy("请按公布的范围填写职业和等级")
                .at("trades")
                .into());
        }
        let mut facts: Vec<ScopeFact> = Vec::new();
        for one in &self.trades {
            let found = reference.trades.named(&one.trade).map_err(|refusal| refusal.at("trades"))?;
            let code = found.code.unwrap_or_else(|| found.name.clone());
            reference.trades.may_be_filed(&code, one.level, today).map_err(|refusal| refusal.at("trades"))?;
            let standard = reference
                .trades
                .standard(&code, one.level, &one.standard)
                .map_err(|refusal| refusal.at("trades"))?
                .ok_or_else(|| {
                    Refusal::new(Clause::S1_4_1, format!("{}没有写明执行的国家职业技能标准", found.name))
                        .remedy("该职业有多份标准，请填写公布的一份及其版本")
                        .at("trades")
                })?;
            let work_type = one.work_type.trim().to_owned();
            if facts.iter().any(|fact| fact.key() == (&code, &work_type, one.level)) {
                let what = format!("{code} {}{}填写了两次", found.name, one.level.name());
                return Err(Refusal::new(clause, what).remedy("请删去重复的一行").at("trades").into());
            }
            facts.push(ScopeFact {
                filing,
                code,
                name: found.name,
                work_type,
                level: one.level,
                standard: standard.name.clone(),
                edition: standard.edition_year.map(i64::from),
                for_public: false,
            });
        }
        Ok(facts)
    }

    /// The entry that occupations are added to; none where a new one is opened.
    fn entry(&self, desk: &mut Desk<'_>, number: &str, clause: Clause) -> Result<Option<ledger::Entry>, Stop> {
        let refuse =
            |what: String, remedy: String, field| Err(Refusal::new(clause, what).remedy(remedy).at(field).into());
        match ledger::bearer(&mut desk.tx(), number)? {
            Some(other) if other != self.body => {
                return refuse(format!("机构备案编号 {number} 已属于另一机构"), "请核对编号".into(), "number");
            }
            _ => {}
        }
        let letter = number.chars().next();
        let entries = ledger::entries(&mut desk.tx(), self.body)?;
        let own: Vec<_> = entries.into_iter().filter(|entry| entry.number.chars().next() == letter).collect();
        if let Some(known) = own.iter().find(|entry| entry.number != number) {
            let what = format!("该机构已有机构备案编号 {}", known.number);
            return refuse(what, "一个身份只用一个编号，请沿用原编号".into(), "number");
        }
        let overlapping = own.into_iter().find(|entry| {
            let span = Span { from: self.valid_from, until: self.valid_until };
            entry.terms.iter().any(|term| term.version.span.within(span).is_some())
        });
        let Some(entry) = overlapping else { return Ok(None) };
        match entry.until() {
            Some(until) if until != self.valid_until => refuse(
                format!("该机构在目录中的有效期至 {until}，与新的有效期重叠"),
                format!("增加职业的，有效期止填 {until}；重新备案或公布的，自 {until} 的次日起"),
                "valid_from",
            ),
            _ => Ok(Some(entry)),
        }
    }
}

/// Occupations with their levels, as one reads them out.
fn named(facts: &[ScopeFact]) -> String {
    let mut lines: Vec<(&str, Vec<&str>)> = Vec::new();
    for fact in facts {
        match lines.iter_mut().find(|line| line.0 == fact.name) {
            Some(line) => line.1.push(fact.level.name()),
            None => lines.push((&fact.name, vec![fact.level.name()])),
        }
    }
    lines.iter().map(|(name, levels)| format!("{name} {}", levels.join("、"))).collect::<Vec<_>>().join("；")
}

/// A body that was, or may be, entered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnnouncedBody {
    pub body: i64,
    pub name: String,
    pub kind: BodyKind,
    pub kind_name: String,
    /// The number under which it was entered; none yet.
    pub number: Option<String>,
    pub valid_until: Option<Date>,
    /// The reference of the latest paper.
    pub reference: Option<String>,
    /// Whether it is in the directory by it today.
    pub is_valid: bool,
}

/// Enterprises and organisations, and schools that were selected as one; those that are not entered yet first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnnouncementsView {
    pub bodies: Vec<AnnouncedBody>,
    /// Every body that the caller may enter: all that are registered, for the provincial department alone.
    pub choices: Vec<EnterableBody>,
    pub today: Date,
}

/// A body that may be entered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnterableBody {
    pub body: i64,
    pub name: String,
    pub kind_name: String,
}

/// Who was entered by what was announced, and who is registered and was not?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Announcements {}

impl Look for Announcements {
    const KIND: LookKind = LookKind::Filings;
    type View = AnnouncementsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<AnnouncementsView, Stop> {
        let (scope, today) = (sight.scope(), sight.today());
        let choices = match rules::permission::may(sight.caller().role(), ActKind::EnterBody) {
            Some(_) => store::choices(&mut sight.tx())?,
            None => Vec::new(),
        };
        Ok(AnnouncementsView { bodies: store::list(&mut sight.tx(), &scope, today)?, choices, today })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<EnterBody>("/bodies/{body}/entry")
        .look::<Announcements>("/announcements", "已备案的企业与遴选公布的组织")
}
