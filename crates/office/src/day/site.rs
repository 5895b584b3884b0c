//! What somebody of an office finds at the site of a batch, noted on the spot.

use rules::conduct::open_to_note;
use rules::permission::ActKind;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{brought, keep_files, page, store};
use crate::account::Made;
use crate::batch;
use crate::conduct::{hall, short};
use crate::door::{Act, Desk, KeptFile, Sight, Stop, Subject};
use crate::regulation::NamedFile;

/// Notes what is found at the site, with photos. The body reads it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NoteAtSite {
    pub batch: i64,
    /// The room that it is about, where it is about one.
    #[serde(default)]
    pub session: Option<i64>,
    #[schema(min_length = 2, max_length = 2000)]
    pub what: String,
    #[serde(default)]
    #[schema(max_items = 10)]
    pub photos: Vec<NamedFile>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kept: Vec<(KeptFile, String)>,
}

impl Act for NoteAtSite {
    const KIND: ActKind = ActKind::NoteAtSite;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept = brought(sight, &self.photos)?;
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_note(batch.stage)?;
        let (first, today) = (batch.plan().first_exam_on(), desk.today());
        if today < first {
            return Err(Refusal::new(Clause::S2_2_1C, format!("考试于 {first} 开始，今天是 {today}，还没有现场"))
                .remedy("请在考试当天登记；考前的检查在“检查”登记")
                .at("what")
                .into());
        }
        let what = short(&self.what, "what")?;
        if what.is_empty() {
            return Err(Refusal::new(Clause::S2_2_1C, "没有写明看到的情况")
                .remedy("请写明看到了什么；一切正常的，也请写明")
                .at("what")
                .into());
        }
        let room = match self.session {
            Some(session) => hall(&mut desk.tx(), batch.id, session)?.ok_or(Stop::NotFound)?.hall.room,
            None => String::new(),
        };
        let office = desk.caller().office().ok_or(Stop::NotGranted)?.to_owned();
        let (id, now, by) = (desk.new_id(), desk.now(), desk.caller().name().to_owned());
        let office_name = desk.caller().seat_name().to_owned();
        let said = (self.session, room.as_str(), what);
        store::note_at_site(&mut desk.tx(), (id, batch.id), said, (&office, &office_name), (now, today, &by))?;
        keep_files(desk, batch.id, ("site", id), &self.kept)?;
        desk.tell_body(
            batch.body,
            format!("{office_name}登记了{}的现场督导情况", batch.name()),
            page(batch.id, "site"),
        );
        if office != batch.centre {
            let said = format!("{office_name}登记了{}{}的现场督导情况", batch.body_name, batch.name());
            desk.tell_office(&batch.centre, said, page(batch.id, "site"));
        }
        Ok(Made { id })
    }
}
