//! What the offices do: accept, give back, assess, consent, gather, record the ministry filing, list, hand out the
//! receipt (二（一）2, 3). The order is one table in `rules::filing`; nothing here can skip it.

use jiff::civil::Date;
use rules::certificate::FilingNumber;
use rules::directory::{ChangeKind, Span, Version};
use rules::evaluation::{EvaluationStage, may_assess};
use rules::filing::{
    FilingStep, assess, giver, listed_until, may_give_back, may_receipt, ministry_recorded, next, opened_to_public,
};
use rules::jurisdiction::{PROVINCE_CENTRE, PROVINCE_DEPARTMENT};
use rules::permission::ActKind;
use rules::submission::{PartReason, reasons_given};
use rules::term::Term;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use rules::filing::Decision;

use super::content;
use super::draft::{checklist, load, load_dossier};
use super::looks::receipt;
use super::store::{self, Validity};
use crate::account::Done;
use crate::directory::ledger;
use crate::door::store::take_numbers;
use crate::door::{Act, Desk, Sight, Stop, Subject};

/// The counter of the numbers that the platform gives.
const SERIES: &str = "filing-serial";

/// Accepts a filing for review.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcceptFiling {
    pub filing: i64,
}

impl Act for AcceptFiling {
    const KIND: ActKind = ActKind::AcceptFiling;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (filing, today) = (load(desk, self.filing)?, desk.today());
        let stage = next(filing.stage, FilingStep::Accept, filing.track())?;
        store::accepted(&mut desk.tx(), self.filing, stage, today)?;
        desk.tell_body(filing.body, format!("{}已受理备案申请", filing.centre_name), filing.href());
        Ok(Done {})
    }
}

/// Gives a filing back to the body, with reasons, for completion: whose turn it is, until it is recorded with the ministry.
/// What comes again goes through acceptance again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GiveBackFiling {
    pub filing: i64,
    /// What is missing or wrong with the whole, one by one.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub reasons: Vec<String>,
    /// What is missing or wrong with a part, or with one row of it.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub parts: Vec<PartReason>,
}

impl Act for GiveBackFiling {
    const KIND: ActKind = ActKind::GiveBackFiling;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let dossier = load_dossier(desk, self.filing)?;
        let (stage, track, role) = (dossier.filing.stage, dossier.filing.track(), desk.caller().role());
        let to = may_give_back(stage, track, role)?;
        let said = content::snapshot(&dossier, &checklist(desk, &dossier.filing));
        let clause = giver(stage, track).map_or(FilingStep::GiveBack.clause(track), |(_, clause)| clause);
        reasons_given(&self.reasons, &self.parts, &said, clause)?;
        let whole = self.reasons.iter().map(|reason| reason.trim()).filter(|reason| !reason.is_empty());
        let reason = |reason: &PartReason| store::Reason {
            part: reason.part,
            label: said.entry(reason.part, &reason.about).map(|entry| entry.label.clone()).unwrap_or_default(),
            about: reason.about.clone(),
            text: reason.text.trim().to_owned(),
        };
        let back = store::Return {
            on: desk.today(),
            reasons: whole.map(str::to_owned).collect(),
            by: desk.caller().name().to_owned(),
            parts: self.parts.iter().map(reason).collect(),
            seat: desk.caller().seat_name().to_owned(),
        };
        let (id, filing) = (desk.new_id(), &dossier.filing);
        store::given_back(&mut desk.tx(), id, self.filing, to, &back)?;
        let count = back.reasons.len() + back.parts.len();
        desk.tell_body(filing.body, format!("{}退回了备案申请，请补正{count}处", back.seat), filing.href());
        if back.seat != filing.centre_name {
            desk.tell_office(
                &filing.centre,
                format!("{}退回了{}的备案申请", back.seat, filing.body_name),
                filing.href(),
            );
        }
        Ok(Done {})
    }
}

/// Says, for every occupation at every level, whether the body is qualified.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AssessFiling {
    pub filing: i64,
    #[schema(max_items = 500)]
    pub decisions: Vec<Decision>,
    /// The opinion on the whole; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub opinion: String,
}

/// How a filing was assessed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Assessed {
    pub passed: bool,
}

impl Act for AssessFiling {
    const KIND: ActKind = ActKind::AssessFiling;
    type Answer = Assessed;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Assessed, Stop> {
        let (filing, today) = (load(desk, self.filing)?, desk.today());
        let track = filing.track();
        // Whether the order allows it is asked first: the decisions of a filing that is not under review say nothing.
        next(filing.stage, FilingStep::Assess { passed: true }, track)?;
        let trades = store::trades(&mut desk.tx(), self.filing)?;
        // 二（一）2: reviewed and evaluated; the panel's conclusion bounds the centre's.
        let (evaluation, awaits) = crate::evaluation::brief(desk, self.filing)?;
        let finished = evaluation.filter(|one| one.stage == EvaluationStage::Finished);
        may_assess(awaits, finished.as_ref().map(|one| one.outcomes.as_slice()), &self.decisions, track)?;
        let planned: Vec<_> = trades.iter().map(store::Trade::key).collect();
        let passed = assess(&planned, &self.decisions, track)?;
        let asked: Vec<_> = trades.iter().filter(|trade| trade.asks_public).map(store::Trade::key).collect();
        opened_to_public(&asked, &self.decisions)?;
        let stage = next(filing.stage, FilingStep::Assess { passed }, track)?;
        store::assessed(&mut desk.tx(), self.filing, stage, today, self.opinion.trim(), &self.decisions)?;
        let word = if passed { "合格" } else { "不合格" };
        desk.tell_body(filing.body, format!("{}备案评估{word}", filing.centre_name), filing.href());
        if passed {
            let title = format!("{}备案评估合格", filing.body_name);
            match &filing.bureau {
                Some(bureau) => desk.tell_office(bureau, format!("{title}，请决定是否同意"), filing.href()),
                None => desk.tell_office(PROVINCE_CENTRE, format!("{title}，请汇总"), filing.href()),
            }
        }
        Ok(Assessed { passed })
    }
}

/// The bureau of the place consents (二（一）2).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConsentFiling {
    pub filing: i64,
    /// The bureau's opinion; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub opinion: String,
}

impl Act for ConsentFiling {
    const KIND: ActKind = ActKind::ConsentFiling;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (filing, today) = (load(desk, self.filing)?, desk.today());
        let stage = next(filing.stage, FilingStep::Consent, filing.track())?;
        store::consented(&mut desk.tx(), self.filing, stage, today, self.opinion.trim())?;
        let seat = desk.caller().seat_name();
        desk.tell_body(filing.body, format!("{seat}已同意备案"), filing.href());
        desk.tell_office(PROVINCE_CENTRE, format!("{seat}同意{}备案，请汇总", filing.body_name), filing.href());
        Ok(Done {})
    }
}

/// The provincial centre gathers the filing and passes it on to the department.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SummariseFiling {
    pub filing: i64,
}

impl Act for SummariseFiling {
    const KIND: ActKind = ActKind::SummariseFiling;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (filing, today) = (load(desk, self.filing)?, desk.today());
        let stage = next(filing.stage, FilingStep::Summarise, filing.track())?;
        store::summarised(&mut desk.tx(), self.filing, stage, today)?;
        desk.tell_body(filing.body, "省中心已汇总备案申请", filing.href());
        desk.tell_office(
            PROVINCE_DEPARTMENT,
            format!("{}备案审核合格，请报部备案并登记", filing.body_name),
            filing.href(),
        );
        Ok(Done {})
    }
}

/// Records that the ministry has taken the filing on record (二（一）3).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordMinistryFiling {
    pub filing: i64,
    /// The ministry's reference.
    #[schema(max_length = 200)]
    pub reference: String,
    /// The day of the ministry filing.
    pub filed_on: Date,
}

impl Act for RecordMinistryFiling {
    const KIND: ActKind = ActKind::RecordMinistryFiling;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        record_ministry(desk, self.filing, &self.reference, self.filed_on)?;
        Ok(Done {})
    }
}

fn record_ministry(desk: &mut Desk<'_>, filing: i64, reference: &str, filed_on: Date) -> Result<(), Stop> {
    let (filing, today) = (load(desk, filing)?, desk.today());
    let of = |refusal: Refusal| Refusal { what: format!("{}：{}", filing.body_name, refusal.what), ..refusal };
    let stage = next(filing.stage, FilingStep::RecordMinistry, filing.track()).map_err(of)?;
    ministry_recorded(reference, filed_on, filing.summarised_on, today).map_err(of)?;
    store::reported(&mut desk.tx(), filing.id, stage, reference.trim(), filed_on)?;
    desk.tell_body(filing.body, "部级备案已登记", filing.href());
    Ok(())
}

/// Records one answer of the ministry for several filings: all of them, or none.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordMinistryFilings {
    #[schema(max_items = 1000)]
    pub filings: Vec<i64>,
    /// The ministry's reference.
    #[schema(max_length = 200)]
    pub reference: String,
    /// The day of the ministry filing.
    pub filed_on: Date,
}

impl Act for RecordMinistryFilings {
    const KIND: ActKind = ActKind::RecordMinistryFilings;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let mut filings = self.filings.clone();
        filings.sort_unstable();
        filings.dedup();
        if filings.is_empty() {
            let refusal = Refusal::new(Clause::S2_1_3A, "没有选择备案申请");
            return Err(refusal.remedy("请选择部里已经备案的申请").at("filings").into());
        }
        for filing in &filings {
            record_ministry(desk, *filing, &self.reference, self.filed_on)?;
        }
        let answer = store::MinistryAnswer {
            id: desk.new_id(),
            reference: self.reference.trim(),
            filed_on: self.filed_on,
            recorded_on: desk.today(),
            account_name: desk.caller().name(),
            seat: desk.caller().seat_name(),
        };
        store::answered(&mut desk.tx(), &answer, &filings)?;
        Ok(Done {})
    }
}

/// Lists the body in the directory, with what was found qualified (二（一）3). A body that stands in the directory
/// keeps its number, and what is added ends with the entry that it is added to. The four regulations of the filing become
/// public with it (三（五）).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListFiling {
    pub filing: i64,
    /// The filing number that was assigned elsewhere; without it the platform gives the next one of its series.
    pub number: Option<String>,
    /// The last day of validity; without it three years.
    pub valid_until: Option<Date>,
}

/// A new or widened entry of the directory.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Listed {
    pub listing: i64,
    /// The body's filing number, 13 characters.
    pub number: String,
    pub valid_from: Date,
    pub valid_until: Date,
}

impl Act for ListFiling {
    const KIND: ActKind = ActKind::ListFiling;
    type Answer = Listed;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Listed, Stop> {
        let (filing, today) = (load(desk, self.filing)?, desk.today());
        let stage = next(filing.stage, FilingStep::List, filing.track())?;
        let entries = ledger::entries(&mut desk.tx(), filing.body)?;
        // What was announced of the body beside its own filing is another identity with another number.
        let latest = entries.iter().find(|entry| !entry.announced);
        let standing = latest.filter(|entry| entry.until().is_some_and(|until| until >= today));
        let number = self.number(desk, filing.body, latest.map(|entry| entry.number.as_str()))?;
        let (from, until) = match standing.and_then(ledger::Entry::until) {
            Some(until) if self.valid_until.is_some_and(|set| set != until) => {
                let what = format!("该院校的目录有效期至 {until}，增加职业不延长有效期");
                return Err(Refusal::new(Clause::S2_1_3B, what).remedy("请不填有效期").at("valid_until").into());
            }
            Some(until) => (today, until),
            None => {
                let years = crate::term::on(&mut desk.tx(), today)?.get(Term::FilingYears) as i16;
                listed_until(self.valid_until, today, years)?
            }
        };
        let (validity, span) = (Validity { number: &number, from, until }, Span { from, until });
        let scopes = store::scope_facts(&mut desk.tx(), self.filing)?;
        let kind = if standing.is_some() { ChangeKind::Added } else { ChangeKind::Listed };
        let news = ledger::News {
            kind,
            effective_on: today,
            what: format!("{}{}", if standing.is_some() { "增加" } else { "列入目录：" }, named(&scopes)),
            document: filing.ministry_reference.as_deref().unwrap_or_default(),
            filing: Some(self.filing),
        };
        let listing = match standing {
            Some(entry) => {
                ledger::add(desk, entry, span, &scopes, &news)?;
                entry.listing
            }
            None => {
                let fact = store::term_fact(&mut desk.tx(), &filing)?;
                ledger::open(desk, (filing.body, self.filing, &number), Version { span, fact }, &scopes, &news)?
            }
        };
        store::listed(&mut desk.tx(), self.filing, stage, today, &validity)?;
        crate::regulation::publish_of_filing(desk, self.filing)?;
        desk.tell_body(filing.body, format!("已列入机构目录，机构备案编号 {number}"), filing.href());
        desk.tell_office(PROVINCE_CENTRE, format!("{}已列入目录，请发放备案回执", filing.body_name), filing.href());
        if filing.centre != PROVINCE_CENTRE {
            desk.tell_office(&filing.centre, format!("{}已列入机构目录", filing.body_name), filing.href());
        }
        Ok(Listed { listing, number, valid_from: from, valid_until: until })
    }
}

/// Occupations with their levels, as one reads them out.
fn named(scopes: &[ledger::ScopeFact]) -> String {
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for scope in scopes {
        let name = match scope.work_type.as_str() {
            "" => scope.name.clone(),
            work_type => format!("{}（{work_type}）", scope.name),
        };
        let name = if scope.for_public { format!("{name}（面向社会）") } else { name };
        match lines.iter_mut().find(|line| line.0 == name) {
            Some(line) => line.1.push(scope.level.name()),
            None => lines.push((name, vec![scope.level.name()])),
        }
    }
    lines.iter().map(|(name, levels)| format!("{name} {}", levels.join("、"))).collect::<Vec<_>>().join("；")
}

impl ListFiling {
    /// The number of the entry: the one that the body has, the one that was typed, or the next of the series that
    /// nobody bears yet.
    fn number(&self, desk: &mut Desk<'_>, body: i64, has: Option<&str>) -> Result<String, Stop> {
        let typed = self.number.as_deref().filter(|number| !number.trim().is_empty());
        let typed = typed.map(FilingNumber::assigned).transpose()?.map(|number| number.to_string());
        match (typed, has) {
            (Some(typed), Some(has)) if typed != has => {
                let refusal = Refusal::new(Clause::S2_1_3B, format!("该院校已有机构备案编号 {has}"));
                Err(refusal.remedy("一所院校只用一个编号，请不填编号").at("number").into())
            }
            (_, Some(has)) => Ok(has.to_owned()),
            (Some(typed), None) => match ledger::bearer(&mut desk.tx(), &typed)? {
                Some(other) if other != body => {
                    let refusal = Refusal::new(Clause::S2_1_3B, format!("机构备案编号 {typed} 已属于另一机构"));
                    Err(refusal.remedy("请核对编号").at("number").into())
                }
                _ => Ok(typed),
            },
            (None, None) => loop {
                let given = FilingNumber::given(take_numbers(&mut desk.tx(), SERIES, 1)?)?.to_string();
                if ledger::bearer(&mut desk.tx(), &given)?.is_none() {
                    break Ok(given);
                }
            },
        }
    }
}

/// The provincial centre hands out the receipt with number and validity (二（一）3).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IssueReceipt {
    pub filing: i64,
}

impl Act for IssueReceipt {
    const KIND: ActKind = ActKind::IssueReceipt;
    /// The receipt is set once before it is promised, so that what can't be printed is not handed out.
    const PREPARES: bool = true;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let today = sight.today();
        let Some(receipt) = receipt(sight, self.filing, today)? else { return Ok(()) };
        sight.office().press().receipt(&receipt.print(None)).map_err(|error| {
            Refusal::house("打印", format!("回执不能打印：{error}")).remedy("请联系系统管理员处理后重试")
        })?;
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (filing, today) = (load(desk, self.filing)?, desk.today());
        may_receipt(filing.stage, filing.receipt_on.is_some(), filing.track())?;
        store::receipted(&mut desk.tx(), self.filing, today)?;
        desk.tell_body(filing.body, "备案回执已发放，请下载", filing.href());
        Ok(Done {})
    }
}
