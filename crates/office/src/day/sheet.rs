//! A sign-in list that was kept on paper or in a machine is sent as a workbook: good rows sign in, the others are told.

use rules::arrangement::DayTime;
use rules::conduct::{Presence, deferral, stop};
use rules::identity::mask_written;
use rules::permission::{ActKind, LookKind};
use serde::{Deserialize, Serialize};
use sheets::{ArrivalsCheck, FaultKind, Finding};
use utoipa::ToSchema;

use super::store;
use crate::conduct::{Noting, hall, moment, note, noted, open_hall, sitters};
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::marks::FileView;

/// Signs in whom a sheet says was there: rows without a fault are kept, the others are told. The same sheet again changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadArrivals {
    pub batch: i64,
    pub session: i64,
    /// The kept file.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    /// When those came beside whom the sheet only says that they were there; the beginning of the room, where it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 5)]
    pub at: Option<DayTime>,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<(KeptFile, ArrivalsCheck)>,
}

impl UploadArrivals {
    /// An upload of a kept file.
    pub fn new((batch, session): (i64, i64), file: FileHash, name: impl Into<String>, at: Option<DayTime>) -> Self {
        Self { batch, session, file, name: name.into(), at, read: None }
    }
}

/// What came of a sign-in list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArrivalsRead {
    pub rows_read: usize,
    pub arrived: u64,
    /// Who had been signed in before.
    pub before: u64,
    pub findings: Vec<Finding>,
}

/// The fault that a row of a list has by the rules of the day: its sheet and number, what of it, and what stands there.
pub(super) fn fault(
    (sheet, row): (&str, u32),
    (column_name, value): (&str, String),
    kind: FaultKind,
    refusal: rules::Refusal,
) -> Finding {
    Finding {
        sheet: sheet.to_owned(),
        row,
        column: String::new(),
        column_name: column_name.to_owned(),
        value,
        kind,
        severity: kind.severity(),
        ground: refusal.ground.label(),
        reason: refusal.what,
        remedy: refusal.remedy,
    }
}

impl Act for UploadArrivals {
    const KIND: ActKind = ActKind::UploadArrivals;
    const PREPARES: bool = true;
    type Answer = ArrivalsRead;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let kept = hall(&mut sight.tx(), self.batch, self.session)?.ok_or(Stop::NotFound)?;
        let sitters = sitters(&mut sight.tx(), kept.id)?;
        let name_of = |ticket: &str| sitters.iter().find(|one| one.ticket == ticket).map(|one| one.name.clone());
        let bytes = crate::roster::bring(sight, &self.file)?;
        let check = sheets::read_arrivals(&bytes, &name_of)?;
        self.read = Some((KeptFile::of(&self.file, &bytes)?, check));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ArrivalsRead, Stop> {
        let (file, check) = self.read.as_ref().ok_or_else(|| Stop::fault("the workbook was not read"))?;
        let (batch, kept) = open_hall(desk, self.batch, self.session)?;
        stop::may_go_on(&kept.hall.name(), kept.is_stopped)?;
        let (sitters, noted) = (sitters(&mut desk.tx(), kept.id)?, noted(&mut desk.tx(), batch.id)?);
        let usual = self.at.or(kept.hall.started).unwrap_or(kept.hall.from);
        let (moment, now, by) = (moment(desk), desk.now(), desk.caller().name().to_owned());
        let (mut findings, mut before, mut arrived) = (check.findings.clone(), 0, 0);
        let mut by_time: std::collections::BTreeMap<DayTime, Vec<i64>> = std::collections::BTreeMap::new();
        for row in &check.good {
            // Whoever has withdrawn since the sheet was read is passed over.
            let Some(one) = sitters.iter().find(|one| one.ticket == row.ticket) else { continue };
            if one.presence == Some(Presence::Present) {
                before += 1;
                continue;
            }
            let of = (one.candidate, kept.hall.part);
            let admitted = deferral::may_sit(&one.name, noted.day.decided(of))
                .and_then(|()| kept.hall.said(Some(row.came.unwrap_or(usual)), moment, "at"))
                .and_then(|came| kept.hall.admit(came).map(|_| came));
            match admitted {
                Ok(came) => by_time.entry(came).or_default().push(one.candidate),
                Err(refusal) => {
                    let value = row.came.map(|came| came.to_string()).unwrap_or_default();
                    let kind = FaultKind::ArrivalNotTaken;
                    findings.push(fault((&row.sheet, row.row), ("签到", value), kind, refusal));
                }
            }
        }
        for (came, candidates) in by_time {
            let noting = Noting {
                batch: batch.id,
                session: kept.id,
                part: kept.hall.part,
                state: Presence::Present,
                came: Some(came),
                how: "sheet",
                now,
                by: &by,
            };
            arrived += note(&mut desk.tx(), &candidates, &noting)?;
        }
        let new = store::NewUpload {
            id: desk.new_id(),
            batch: batch.id,
            session: Some(kept.id),
            file,
            name: &crate::web::forms::plain_name(&self.name),
            rows_read: check.rows_read,
            taken: arrived,
            known: before,
            findings: &findings,
        };
        let seals = desk.seals();
        store::uploaded(&mut desk.tx(), &new, seals, (now, &by))?;
        Ok(ArrivalsRead { rows_read: check.rows_read, arrived, before, findings })
    }
}

/// What the last sign-in list of a session was found to have, or the last list of recordings of the batch.
///
/// # Errors
/// A fault.
pub(crate) fn last_findings(sight: &mut Sight<'_>, of: (i64, Option<i64>)) -> Result<Vec<Finding>, Stop> {
    let seals = sight.seals();
    let findings = store::last_upload(&mut sight.tx(), of, seals)?.map_or_else(Vec::new, |(_, _, findings)| findings);
    let masked = |finding: Finding| Finding { value: mask_written(&finding.value), ..finding };
    Ok(findings.into_iter().map(masked).collect())
}

/// The last sign-in list of a session again, with what was found in it marked.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MarkedUpArrivals {
    pub batch: i64,
    pub session: i64,
}

impl Look for MarkedUpArrivals {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        marked_up(sight, (self.batch, Some(self.session)))
    }
}

/// The last list again, marked.
pub(super) fn marked_up(sight: &mut Sight<'_>, of: (i64, Option<i64>)) -> Result<FileView, Stop> {
    let seals = sight.seals();
    let (file, name, findings) = store::last_upload(&mut sight.tx(), of, seals)?.ok_or(Stop::NotFound)?;
    FileView::marked_up(sight, (&file, &name), &findings)
}
