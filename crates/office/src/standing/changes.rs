//! Changes of a body, leaving, and what the department does: narrowing an entry, stopping the pilot, lifting the stop.

use jiff::civil::Date;
use rules::certificate::Level;
use rules::directory::{ChangeKind, Span};
use rules::permission::ActKind;
use rules::standing::{ChangeMatter, change_says, may_leave};
use rules::term::Term;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ChangeState, all_in_force, brought, in_force, store, told};
use crate::account::{Done, Made};
use crate::directory::ledger::{self, News, ScopeFact, TermFact};
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Sight, Stop, Subject};

fn page(body: i64) -> String {
    format!("/bodies/{body}/standing")
}

/// Who sits in the centre in charge is told.
fn tell_centre(desk: &mut Desk<'_>, body: i64, title: String) {
    if let Some(centre) = desk.standing().centre.clone() {
        desk.tell_office(centre, title, page(body));
    }
}

/// What the directory says of the body after a change.
fn said(matter: ChangeMatter, fact: &TermFact, value: &str) -> TermFact {
    let mut fact = fact.clone();
    match matter {
        ChangeMatter::Name => fact.name = value.into(),
        ChangeMatter::Rooms => fact.address = value.into(),
        ChangeMatter::Responsible => fact.responsible = value.into(),
        ChangeMatter::AddTrade | ChangeMatter::DropTrade | ChangeMatter::Assessors => {}
    }
    fact
}

/// What is said of the matter now.
fn now_said(desk: &mut Desk<'_>, body: i64, matter: ChangeMatter) -> Result<String, Stop> {
    let now = store::body(&mut desk.tx(), body)?.ok_or(Stop::NotFound)?;
    Ok(match matter {
        ChangeMatter::Name => now.name,
        ChangeMatter::Rooms => now.address,
        ChangeMatter::Responsible => now.head,
        ChangeMatter::AddTrade | ChangeMatter::DropTrade | ChangeMatter::Assessors => String::new(),
    })
}

/// Tells the centre of a change that holds at once: who is responsible, who assesses.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TellChange {
    pub body: i64,
    /// `responsible` or `assessors`.
    pub matter: ChangeMatter,
    /// What holds now: the name of who is responsible, or who came and who left.
    #[schema(min_length = 1, max_length = 2000)]
    pub value: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// A file that proves it; may be left out.
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

impl TellChange {
    /// A change to be told; the file, if any, was kept before.
    pub fn new(
        body: i64,
        matter: ChangeMatter,
        value: String,
        reason: String,
        file: Option<(FileHash, String)>,
    ) -> Self {
        let (file, file_name) = file.map_or((None, String::new()), |(hash, name)| (Some(hash), name));
        Self { body, matter, value, reason, file, file_name, kept: None }
    }
}

impl Act for TellChange {
    const KIND: ActKind = ActKind::TellChange;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept = self.file.as_ref().map(|hash| brought(sight, hash)).transpose()?;
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let matter = self.matter;
        if matter.is_reviewed() || matter == ChangeMatter::DropTrade {
            return Err(Refusal::new(matter.clause(), format!("“{}”的变更不能只作告知", matter.name()))
                .remedy("请提交变更申请；增减职业请在相应的地方办理")
                .at("matter")
                .into());
        }
        let entries = all_in_force(desk, self.body)?;
        let before = now_said(desk, self.body, matter)?;
        change_says(matter, &before, &self.value)?;
        let reason = told("reason", "变更的原因", &self.reason, matter.clause())?;
        let (id, today, by) = (desk.new_id(), desk.today(), desk.caller().name().to_owned());
        let now = desk.now();
        if let Some(kept) = &self.kept {
            note_file(&mut desk.tx(), kept, now)?;
        }
        let value = self.value.trim();
        let new = store::NewChange {
            id,
            body: self.body,
            matter,
            before: &before,
            value,
            reason: &reason,
            file: self.kept.as_ref().map(|kept| kept.hash.0.as_str()),
            file_name: &self.file_name,
            state: ChangeState::Told,
            told_on: today,
            due_on: None,
            told_by: &by,
        };
        store::tell(&mut desk.tx(), &new)?;
        if matter == ChangeMatter::Responsible {
            store::set(&mut desk.tx(), self.body, matter, value)?;
            let what = format!("负责人由{before}变更为{value}");
            let news = News { kind: ChangeKind::Amended, effective_on: today, what, document: "", filing: None };
            for entry in &entries {
                ledger::amend(desk, entry, |fact| said(matter, fact, value), &news)?;
            }
        }
        let title = format!("{}告知变更：{}", desk.caller().seat_name(), matter.name());
        tell_centre(desk, self.body, title);
        Ok(Made { id })
    }
}

/// Asks the centre for a change that it reviews: name, rooms.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApplyChange {
    pub body: i64,
    /// `name` or `rooms`.
    pub matter: ChangeMatter,
    #[schema(min_length = 1, max_length = 200)]
    pub value: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The file that proves it: the licence in the new name, the proof of the rooms.
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

impl ApplyChange {
    /// A change to be asked for; the file was kept before.
    pub fn new(
        body: i64,
        matter: ChangeMatter,
        value: String,
        reason: String,
        file: Option<(FileHash, String)>,
    ) -> Self {
        let (file, file_name) = file.map_or((None, String::new()), |(hash, name)| (Some(hash), name));
        Self { body, matter, value, reason, file, file_name, kept: None }
    }
}

impl Act for ApplyChange {
    const KIND: ActKind = ActKind::ApplyChange;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept = self.file.as_ref().map(|hash| brought(sight, hash)).transpose()?;
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let matter = self.matter;
        if !matches!(matter, ChangeMatter::Name | ChangeMatter::Rooms) {
            return Err(Refusal::new(matter.clause(), format!("“{}”的变更不在这里申请", matter.name()))
                .remedy("增加职业请另行开始备案申请；负责人和考评人员的变更告知即可")
                .at("matter")
                .into());
        }
        in_force(desk, self.body)?;
        let before = now_said(desk, self.body, matter)?;
        change_says(matter, &before, &self.value)?;
        let reason = told("reason", "变更的原因", &self.reason, matter.clause())?;
        let Some(kept) = &self.kept else {
            return Err(Refusal::new(matter.clause(), "没有上传证明文件")
                .remedy(match matter {
                    ChangeMatter::Name => "请上传变更后的法人登记证书或批准文件",
                    _ => "请上传新场地的证明",
                })
                .at("file")
                .into());
        };
        let waits = store::changes(&mut desk.tx(), self.body)?;
        if waits.iter().any(|change| change.state == ChangeState::Submitted && change.matter == matter) {
            return Err(Refusal::new(matter.clause(), format!("已有一项“{}”的变更在审核", matter.name()))
                .remedy("请等主管中心作出决定")
                .into());
        }
        let (id, today, by, now) = (desk.new_id(), desk.today(), desk.caller().name().to_owned(), desk.now());
        let within = crate::term::on(&mut desk.tx(), today)?.count(Term::AcceptWithin);
        let due_on = desk.reference().calendar.add(today, within)?;
        note_file(&mut desk.tx(), kept, now)?;
        let new = store::NewChange {
            id,
            body: self.body,
            matter,
            before: &before,
            value: self.value.trim(),
            reason: &reason,
            file: Some(&kept.hash.0),
            file_name: &self.file_name,
            state: ChangeState::Submitted,
            told_on: today,
            due_on: Some(due_on),
            told_by: &by,
        };
        store::tell(&mut desk.tx(), &new)?;
        let title = format!("{}申请变更：{}", desk.caller().seat_name(), matter.name());
        tell_centre(desk, self.body, title);
        Ok(Made { id })
    }
}

/// The centre in charge decides on a change; from today it holds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DecideChange {
    pub body: i64,
    pub change: i64,
    pub approved: bool,
    /// Why not; may be empty where it is approved.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
}

impl Act for DecideChange {
    const KIND: ActKind = ActKind::DecideChange;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let change = store::change(&mut desk.tx(), self.change, self.body)?.ok_or(Stop::NotFound)?;
        let clause = change.matter.clause();
        if change.state != ChangeState::Submitted {
            return Err(Refusal::new(clause, format!("这项变更{}", change.state_name))
                .remedy("不需要再作决定；要改变，请由机构另行申请")
                .into());
        }
        if !self.approved {
            told("reason", "不同意的理由", &self.reason, clause)?;
        }
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        let state = if self.approved { ChangeState::Approved } else { ChangeState::Refused };
        store::decide(&mut desk.tx(), self.change, state, today, &by, self.reason.trim())?;
        if self.approved {
            let entries = all_in_force(desk, self.body)?;
            store::set(&mut desk.tx(), self.body, change.matter, &change.value)?;
            let what = format!("{}由{}变更为{}", change.matter_name, change.before, change.value);
            let news = News { kind: ChangeKind::Amended, effective_on: today, what, document: "", filing: None };
            for entry in &entries {
                ledger::amend(desk, entry, |fact| said(change.matter, fact, &change.value), &news)?;
            }
        }
        let title = format!("{}的变更{}", change.matter_name, if self.approved { "已同意" } else { "未同意" });
        desk.tell_body(self.body, title, "/standing");
        Ok(Done {})
    }
}

/// An occupation, or work type of it, at one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TradeKey {
    #[schema(max_length = 40)]
    pub code: String,
    /// Empty for the whole occupation.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub work_type: String,
    pub level: Level,
}

impl TradeKey {
    fn is(&self, fact: &ScopeFact) -> bool {
        fact.key() == (&self.code, &self.work_type, self.level)
    }

    fn plain(&self) -> (String, String, Level) {
        (self.code.clone(), self.work_type.clone(), self.level)
    }
}

/// What the keys name, each of which must be in force on a day.
fn named(entry: &ledger::Entry, keys: &[TradeKey], on: Date) -> Result<String, Refusal> {
    if keys.is_empty() {
        return Err(Refusal::new(Clause::S2_1_3D, "没有选择职业和等级").remedy("请至少选择一项").at("trades"));
    }
    let mut names = Vec::new();
    for key in keys {
        let held = entry.scopes_on(on).find(|scope| key.is(&scope.fact));
        let Some(scope) = held else {
            return Err(Refusal::new(Clause::S3_3_2, format!("{} {}不在备案范围内", key.code, key.level.name()))
                .remedy("请只选择目录中有效的职业和等级")
                .at("trades"));
        };
        names.push(format!("{} {}", scope.fact.name, key.level.name()));
    }
    Ok(names.join("、"))
}

/// Gives up occupations or levels; they hold through today.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DropTrades {
    pub body: i64,
    #[schema(max_items = 500)]
    pub trades: Vec<TradeKey>,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl Act for DropTrades {
    const KIND: ActKind = ActKind::DropTrades;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let today = desk.today();
        let entry = in_force(desk, self.body)?;
        let names = named(&entry, &self.trades, today)?;
        let reason = told("reason", "减少的原因", &self.reason, Clause::S2_1_3D)?;
        let open: Vec<_> = store::open(&mut desk.tx(), self.body)?
            .into_iter()
            .filter(|(_, code, level)| {
                self.trades.iter().any(|key| key.code == *code && key.level.digit().to_string() == *level)
            })
            .map(|(batch, ..)| batch)
            .collect();
        may_leave(&open)?;
        if entry.scopes_on(today).all(|scope| self.trades.iter().any(|key| key.is(&scope.fact))) {
            return Err(Refusal::new(Clause::S2_1_3D, "这样就没有备案的职业了")
                .remedy("要全部退出的，请办理自愿退出")
                .at("trades")
                .into());
        }
        let what = format!("减少{names}：{reason}");
        let effective_on = today.tomorrow().map_err(Stop::fault)?;
        let news = News { kind: ChangeKind::Dropped, effective_on, what, document: "", filing: None };
        let keys: Vec<_> = self.trades.iter().map(TradeKey::plain).collect();
        ledger::drop_scopes(desk, &entry, &keys, today, &news)?;
        let title = format!("{}减少备案职业：{names}", desk.caller().seat_name());
        tell_centre(desk, self.body, title);
        Ok(Done {})
    }
}

/// Leaves the directory by itself, when nothing runs any more; the entry holds through today.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LeaveDirectory {
    pub body: i64,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl Act for LeaveDirectory {
    const KIND: ActKind = ActKind::LeaveDirectory;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let today = desk.today();
        let entry = in_force(desk, self.body)?;
        let reason = told("reason", "退出的原因", &self.reason, Clause::S2_1_3D)?;
        let open: Vec<_> = store::open(&mut desk.tx(), self.body)?.into_iter().map(|(batch, ..)| batch).collect();
        may_leave(&open)?;
        let effective_on = today.tomorrow().map_err(Stop::fault)?;
        let what = format!("自愿退出：{reason}");
        let news = News { kind: ChangeKind::Exited, effective_on, what, document: "", filing: None };
        ledger::end(desk, &entry, today, &news)?;
        let title = format!("{}自愿退出目录", desk.caller().seat_name());
        tell_centre(desk, self.body, title);
        Ok(Done {})
    }
}

/// The department narrows an entry: occupations and levels end with a day, which may lie back. What was known before
/// stays known as it was.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NarrowListing {
    pub body: i64,
    #[schema(max_items = 500)]
    pub trades: Vec<TradeKey>,
    /// The filing number of the entry, where the body has several; without it that of its own filing.
    #[serde(default)]
    #[schema(max_length = 13)]
    pub number: Option<String>,
    /// The last day on which they hold.
    pub last_day: Date,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The reference of the decision.
    #[schema(min_length = 1, max_length = 200)]
    pub document: String,
}

impl Act for NarrowListing {
    const KIND: ActKind = ActKind::NarrowListing;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let mut entries = all_in_force(desk, self.body)?;
        if let Some(number) = self.number.as_deref().map(str::trim).filter(|number| !number.is_empty()) {
            entries.retain(|entry| entry.number == number);
        }
        let entry = entries.into_iter().next().ok_or_else(|| {
            Refusal::new(Clause::S2_1_3D, "该机构今天没有这个编号的目录条目").remedy("请核对机构备案编号").at("number")
        })?;
        let names = named(&entry, &self.trades, self.last_day)?;
        let reason = told("reason", "调整的原因", &self.reason, Clause::S2_1_3D)?;
        let document = told("document", "决定的文号", &self.document, Clause::S2_1_3D)?;
        let effective_on = self.last_day.tomorrow().map_err(Stop::fault)?;
        let what = format!("减少{names}：{reason}");
        let news = News { kind: ChangeKind::Dropped, effective_on, what, document: &document, filing: None };
        let keys: Vec<_> = self.trades.iter().map(TradeKey::plain).collect();
        ledger::drop_scopes(desk, &entry, &keys, self.last_day, &news)?;
        desk.tell_body(self.body, format!("目录调整：减少{names}"), "/standing");
        tell_centre(desk, self.body, format!("目录调整：减少{names}"));
        Ok(Done {})
    }
}

/// The department stops the pilot of a body (三（三）): it leaves the directory today, and what runs stands still.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StopPilot {
    pub body: i64,
    /// What was done against the rules; public.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The reference of the decision.
    #[schema(min_length = 1, max_length = 200)]
    pub document: String,
}

impl Act for StopPilot {
    const KIND: ActKind = ActKind::StopPilot;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let today = desk.today();
        let entries = all_in_force(desk, self.body)?;
        let reason = told("reason", "违规的事实", &self.reason, Clause::S3_3_8)?;
        let document = told("document", "决定的文号", &self.document, Clause::S3_3_8)?;
        let frozen = store::freeze(&mut desk.tx(), self.body, today, &reason)?;
        let running = if frozen == 0 { String::new() } else { format!("；{frozen}个批次停止办理") };
        let what = format!("停止试点：{reason}{running}");
        let news = News { kind: ChangeKind::Stopped, effective_on: today, what, document: &document, filing: None };
        let last_day = today.yesterday().map_err(Stop::fault)?;
        for entry in &entries {
            ledger::end(desk, entry, last_day, &news)?;
        }
        desk.tell_body(self.body, format!("已停止试点并移出目录（{document}）"), "/standing");
        tell_centre(desk, self.body, format!("停止试点并移出目录：{document}"));
        Ok(Done {})
    }
}

/// The department lifts a stop: what it ended holds again from today, and what stood still goes on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LiftStop {
    pub body: i64,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The reference of the decision.
    #[schema(min_length = 1, max_length = 200)]
    pub document: String,
}

impl Act for LiftStop {
    const KIND: ActKind = ActKind::LiftStop;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let today = desk.today();
        let mut stopped = ledger::entries(&mut desk.tx(), self.body)?;
        stopped.retain(|entry| entry.stopped.is_some());
        if stopped.is_empty() {
            return Err(Refusal::new(Clause::S3_3_8, "该机构没有被停止试点").remedy("请核对机构").into());
        }
        let reason = told("reason", "恢复的理由", &self.reason, Clause::S3_3_8)?;
        let document = told("document", "决定的文号", &self.document, Clause::S3_3_8)?;
        let far = Span { from: today, until: Date::MAX };
        let what = format!("恢复：{reason}");
        let news = News { kind: ChangeKind::Reinstated, effective_on: today, what, document: &document, filing: None };
        for entry in &stopped {
            if let Some(seq) = entry.stopped {
                ledger::reopen(desk, entry, seq, far, &news)?;
            }
        }
        store::thaw(&mut desk.tx(), self.body)?;
        desk.tell_body(self.body, format!("已恢复（{document}）"), "/standing");
        tell_centre(desk, self.body, format!("恢复试点：{document}"));
        Ok(Done {})
    }
}
