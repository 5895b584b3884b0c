//! Whether the candidates of a batch still meet what its roster was checked for, on the days that the batch has now: every row is
//! read again out of the file that it came in, so that the same rules answer. The timer does it after each notice.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rules::batch::BatchStage;
use rules::identity::age_on;
use rules::permission::ActKind;
use rules::terms::AGE_MIN;
use serde::{Deserialize, Serialize};
use sheets::FaultKind;
use utoipa::ToSchema;

use super::{page, store};
use crate::batch;
use crate::door::{Act, Caller, Desk, Office, Sight, Stop, Subject};
use crate::roster::{bring, check, uploaded_file};

/// Checks the candidates of a batch again, on its present days.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecheckCandidates {
    pub batch: i64,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<BTreeMap<i64, String>>,
}

impl RecheckCandidates {
    /// Of this batch.
    pub fn new(batch: i64) -> Self {
        Self { batch, read: None }
    }
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Rechecked {
    pub persons: usize,
    /// Who no longer meets what was checked.
    pub doubtful: usize,
}

impl Act for RecheckCandidates {
    const KIND: ActKind = ActKind::RecheckCandidates;
    const PREPARES: bool = true;
    type Answer = Rechecked;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let first = batch.plan().first_exam_on();
        let persons = store::registered(&mut sight.tx(), batch.id)?;
        let mut found = BTreeMap::new();
        for person in &persons {
            if person.born.is_some_and(|born| age_on(born, first) < AGE_MIN) {
                found.insert(person.id, format!("{first} 考试时未满{AGE_MIN}周岁"));
            }
        }
        let uploads: BTreeSet<i64> = persons.iter().filter(|one| !one.by_exception).map(|one| one.upload).collect();
        for upload in uploads {
            let file = uploaded_file(sight, batch.id, upload)?;
            let bytes = bring(sight, &file)?;
            // A register that is gone, or a file that can't be read any more, says nothing of anybody.
            let Ok(read) = check(sight, &batch, &bytes) else { continue };
            let lacks: HashMap<(&str, u32), &str> = read
                .findings
                .iter()
                .filter(|one| {
                    matches!(
                        one.kind,
                        FaultKind::ConditionNotMet
                            | FaultKind::UnderAge
                            | FaultKind::NotEnrolled
                            | FaultKind::AlreadyRunning
                    )
                })
                .map(|one| ((one.sheet.as_str(), one.row), one.reason.as_str()))
                .collect();
            for person in persons.iter().filter(|one| one.upload == upload && !one.by_exception) {
                if let Some(why) = lacks.get(&(person.sheet.as_str(), person.row)) {
                    found.entry(person.id).or_insert_with(|| (*why).to_owned());
                }
            }
        }
        self.read = Some(found);
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Rechecked, Stop> {
        let found = self.read.as_ref().ok_or_else(|| Stop::fault("the candidates were not checked"))?;
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let (today, persons) = (desk.today(), store::registered(&mut desk.tx(), batch.id)?);
        // Somebody may have been withdrawn while the files were read.
        let still: BTreeSet<i64> = persons.iter().map(|one| one.id).collect();
        let found: BTreeMap<i64, &str> =
            found.iter().filter(|(id, _)| still.contains(id)).map(|(id, why)| (*id, why.as_str())).collect();
        store::note_doubts(&mut desk.tx(), batch.id, &found, today)?;
        if !found.is_empty() && batch.stage == BatchStage::Notified {
            let said = format!("{}：改期后{}名考生不再符合报名条件，请逐人核对", batch.title, found.len());
            desk.tell_body(batch.body, said, page(batch.id));
        }
        Ok(Rechecked { persons: persons.len(), doubtful: found.len() })
    }
}

/// Checks the candidates of batches that were told of again since; of how many batches.
///
/// # Errors
/// A fault of reading; one that fails keeps no other up.
pub(crate) fn fall_due(office: &Office) -> Result<usize, Stop> {
    let mut done = 0;
    for batch in office.engine().read(store::told_again)? {
        match office.act(&Caller::timer(), RecheckCandidates::new(batch)) {
            Ok(_) => done += 1,
            Err(stop) => tracing::error!(batch, %stop, "checking candidates again"),
        }
    }
    Ok(done)
}
