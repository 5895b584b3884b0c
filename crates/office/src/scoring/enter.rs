//! What an assessor gave is written down: typed from the signed sheet, or out of the assessor's workbook; the sheet is handed in
//! and, where it has to be scored again, given back.

use std::collections::{BTreeMap, HashMap};

use rules::marking::{Hand, may_correct};
use rules::permission::{ActKind, LookKind};
use rules::scoring::Given;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use sheets::Finding;
use utoipa::ToSchema;

use super::{Panel, store};
use crate::account::Done;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::marks::{FileView, hand};
use crate::roster::bring;

/// What an assessor gave one candidate.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScoreEntry {
    pub candidate: i64,
    /// In the order of the rubric's items: `25`, `25.5`; or `缺考`, `违纪`, `缓考` in one of them and the others empty.
    #[schema(max_items = 40)]
    pub points: Vec<String>,
}

/// Writes down what one assessor gave, from the signed sheet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterScores {
    pub batch: i64,
    /// The assignment of the assessor.
    pub assessor: i64,
    #[schema(min_items = 1, max_items = 2000)]
    pub entries: Vec<ScoreEntry>,
}

/// What was written down.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScoresKept {
    /// Candidates whose scores are new or changed.
    pub kept: usize,
    pub unchanged: usize,
}

/// Keeps what is new or another.
pub(super) fn keep(
    desk: &mut Desk<'_>,
    assessor: i64,
    read: BTreeMap<i64, Given>,
    by: Hand,
) -> Result<ScoresKept, Stop> {
    let before = store::scores_of(&mut desk.tx(), assessor)?;
    let all = read.len();
    let new: BTreeMap<i64, Given> = read
        .into_iter()
        .filter(|(candidate, given)| before.get(candidate).is_none_or(|score| score.given != *given))
        .collect();
    let now = desk.now();
    store::enter(&mut desk.tx(), assessor, &new, (now, &by))?;
    Ok(ScoresKept { kept: new.len(), unchanged: all - new.len() })
}

impl Act for EnterScores {
    const KIND: ActKind = ActKind::EnterScores;
    type Answer = ScoresKept;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ScoresKept, Stop> {
        let (panel, judge) = Panel::of_judge(desk, self.batch, self.assessor)?;
        panel.open(&judge, desk.today())?;
        let (read, by) = (panel.read(&self.entries)?, hand(desk));
        keep(desk, judge.id, read, by)
    }
}

/// Takes what one assessor gave out of a workbook: rows without a fault are kept, the others are told. The same file again
/// changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadScores {
    pub batch: i64,
    /// The assignment of the assessor.
    pub assessor: i64,
    /// The kept file.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<(KeptFile, sheets::ScoresCheck, BTreeMap<i64, Given>)>,
}

impl UploadScores {
    /// An upload of a kept file.
    pub fn new(batch: i64, assessor: i64, file: FileHash, name: impl Into<String>) -> Self {
        Self { batch, assessor, file, name: name.into(), read: None }
    }
}

/// What came of an assessor's workbook.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScoresRead {
    pub rows_read: usize,
    pub rows_good: usize,
    pub kept: usize,
    pub unchanged: usize,
    pub findings: Vec<Finding>,
}

impl Act for UploadScores {
    const KIND: ActKind = ActKind::UploadScores;
    const PREPARES: bool = true;
    type Answer = ScoresRead;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let (panel, judge) = Panel::of_judge(sight, self.batch, self.assessor)?;
        panel.open(&judge, sight.today())?;
        let by_ticket: HashMap<&str, (i64, &str)> =
            panel.persons.iter().map(|person| (person.ticket.as_str(), (person.id, person.name.as_str()))).collect();
        let bytes = bring(sight, &self.file)?;
        let name_of = |ticket: &str| by_ticket.get(ticket).map(|(_, name)| (*name).to_owned());
        let check = sheets::read_scores(&bytes, &panel.rubric, &name_of)?;
        let of = |row: &sheets::ScoreRow| by_ticket.get(row.ticket.as_str()).map(|(id, _)| (*id, row.given.clone()));
        let given = check.good.iter().filter_map(of).collect();
        self.read = Some((KeptFile::of(&self.file, &bytes)?, check, given));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ScoresRead, Stop> {
        let (kept, check, given) = self.read.as_ref().ok_or_else(|| Stop::fault("the workbook was not read"))?;
        let (panel, judge) = Panel::of_judge(desk, self.batch, self.assessor)?;
        panel.open(&judge, desk.today())?;
        let now = desk.now();
        note_file(&mut desk.tx(), kept, now)?;
        let mut given = given.clone();
        // Who was withdrawn since the sheet was read is passed over.
        given.retain(|candidate, _| panel.name(*candidate).is_some());
        let by = hand(desk);
        let done = keep(desk, judge.id, given, by)?;
        Ok(ScoresRead {
            rows_read: check.rows_read,
            rows_good: check.good.len(),
            kept: done.kept,
            unchanged: done.unchanged,
            findings: check.findings.clone(),
        })
    }
}

/// The workbook in which one assessor writes: the candidates and the items stand in it, all but the points protected.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ScoreTemplate {
    pub batch: i64,
    pub assessor: i64,
}

impl Look for ScoreTemplate {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let (panel, judge) = Panel::of_judge(sight, self.batch, self.assessor)?;
        let sheet = super::sheet(sight, &panel, &judge)?;
        let rows = sheet.persons.iter().map(|one| [one.ticket.as_str(), one.name.as_str(), one.place.as_str()]);
        let title = format!("{}　{}　考评员：{}", sheet.batch.title, sheet.part_name, judge.name);
        let bytes = sheets::scores_template(&title, &panel.rubric, rows).map_err(Stop::fault)?;
        Ok(FileView { name: format!("评分登记表-{}-{}.xlsx", sheet.batch.number, judge.name), bytes })
    }
}

/// Hands in the sheet of an assessor: complete, from then on unchanged; with the signed sheet where it was written on paper.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HandInScores {
    pub batch: i64,
    /// The assignment of the assessor.
    pub assessor: i64,
    /// The signed sheet, as a file that was kept before.
    #[serde(default)]
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

impl HandInScores {
    /// With a signed sheet, or without.
    pub fn new(batch: i64, assessor: i64, signed: Option<(FileHash, String)>) -> Self {
        let (file, file_name) = signed.unzip();
        Self { batch, assessor, file, file_name: file_name.unwrap_or_default(), kept: None }
    }
}

impl Act for HandInScores {
    const KIND: ActKind = ActKind::HandInScores;
    const PREPARES: bool = true;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        if let Some(hash) = &self.file {
            let bytes = bring(sight, hash)?;
            self.kept = Some(KeptFile::of(hash, &bytes)?);
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (panel, judge) = Panel::of_judge(desk, self.batch, self.assessor)?;
        panel.open(&judge, desk.today())?;
        let scores = store::scores_of(&mut desk.tx(), judge.id)?;
        panel.is_complete(&judge, &scores)?;
        // What somebody of the body typed rests on a paper that the assessor has signed.
        if self.kept.is_none() && scores.values().any(|score| score.entered.account.is_some()) {
            return Err(Refusal::new(Clause::S3_3_1, format!("没有附上{}签字的评分表", judge.name))
                .remedy("由经办人登记的评分须附考评员签字的评分表扫描件或照片")
                .at("file")
                .into());
        }
        let (now, by) = (desk.now(), desk.caller().name().to_owned());
        if let Some(kept) = &self.kept {
            note_file(&mut desk.tx(), kept, now)?;
        }
        let name = crate::web::forms::plain_name(&self.file_name);
        store::hand_in(&mut desk.tx(), judge.id, (now, &by), self.kept.as_ref().map(|kept| (kept, name.as_str())))?;
        Ok(Done {})
    }
}

/// The head of the group gives a sheet back, with the reason, so that it is scored again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReturnScores {
    pub batch: i64,
    /// The assignment of the assessor.
    pub assessor: i64,
    #[schema(min_length = 5, max_length = 500)]
    pub reason: String,
}

impl Act for ReturnScores {
    const KIND: ActKind = ActKind::ReturnScores;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (panel, judge) = Panel::of_judge(desk, self.batch, self.assessor)?;
        rules::batch::open_to_change(panel.batch.stage)?;
        let refuse = |what: String, remedy: &str| Refusal::new(Clause::S3_3_1, what).remedy(remedy).at("reason");
        if !judge.handed_in {
            return Err(refuse(format!("{}的评分表还没有提交", judge.name), "没有提交的可以直接改，不需要退回").into());
        }
        let reason = self.reason.trim();
        if !(5..=500).contains(&reason.chars().count()) {
            let what = "没有写明退回的原因，或过长".to_owned();
            return Err(refuse(what, "请用 5 至 500 字写明哪里需要重新评分").into());
        }
        // What two persons stand behind changes by a change of marks alone.
        let scores = store::scores_of(&mut desk.tx(), judge.id)?;
        for person in panel.persons.iter().filter(|person| scores.contains_key(&person.id)) {
            let by = person.mark(panel.part).and_then(|mark| mark.confirmed.as_ref()).map(|by| by.by.as_str());
            may_correct(&person.name, panel.part, by)?;
        }
        store::give_back(&mut desk.tx(), judge.id, reason)?;
        Ok(Done {})
    }
}
