//! What falls due by itself: reminders, the end of a validity that nobody renewed, withdrawal after two idle years. Each
//! is an act by the timer, recorded like any other; what was said once is not said again.

use jiff::civil::Date;
use rules::Clause;
use rules::Refusal;
use rules::directory::ChangeKind;
use rules::permission::ActKind;
use rules::standing::{IdleClock, renewal_told_on};
use rules::term::Term;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{latest, store};
use crate::account::Done;
use crate::directory::ledger::{self, News};
use crate::door::{Act, Caller, Desk, Office, Stop, Subject};

/// Reminds a body of an end that comes, once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Remind {
    pub body: i64,
    pub listing: i64,
    /// The occupation that is idle; empty for the whole entry.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub code: String,
    /// The code word of the reminder: `renewal`, `idle_18`.
    #[schema(max_length = 40)]
    pub what: String,
    /// The end that comes.
    pub ends_on: Date,
    /// What the body reads.
    #[schema(max_length = 200)]
    pub said: String,
}

impl Act for Remind {
    const KIND: ActKind = ActKind::Remind;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let today = desk.today();
        store::remind(&mut desk.tx(), (self.listing, &self.code, &self.what), self.ends_on, today)?;
        let clause = if self.code.is_empty() { Clause::S2_1_3C } else { Clause::S3_3_4 };
        desk.remind_body(self.body, (clause, self.ends_on), &*self.said, "/standing");
        Ok(Done {})
    }
}

/// Records that a validity ended and nothing came.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExpireListing {
    pub body: i64,
    /// Which entry, where the body has several; without it that of its own filing.
    #[serde(default)]
    pub listing: Option<i64>,
}

impl Act for ExpireListing {
    const KIND: ActKind = ActKind::ExpireListing;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let today = desk.today();
        let entry = match self.listing {
            None => latest(desk, self.body)?,
            Some(listing) => {
                ledger::entries(&mut desk.tx(), self.body)?.into_iter().find(|entry| entry.listing == listing)
            }
        };
        let entry = entry.ok_or(Stop::NotFound)?;
        let until = entry
            .until()
            .filter(|until| *until < today)
            .ok_or_else(|| Refusal::new(Clause::S2_1_3C, "备案还没有到期").remedy("到期后由系统登记"))?;
        let effective_on = until.tomorrow().map_err(Stop::fault)?;
        let what = format!("备案有效期至 {until}，期满未延期");
        let news = News { kind: ChangeKind::Expired, effective_on, what, document: "", filing: None };
        ledger::end(desk, &entry, until, &news)?;
        desk.remind_body(self.body, (Clause::S2_1_3C, until), "备案已到期，不能再开展新的批次", "/standing");
        if let Some(centre) = desk.standing().centre.clone() {
            desk.tell_office(centre, "一所机构的备案已到期", format!("/bodies/{}/standing", self.body));
        }
        Ok(Done {})
    }
}

/// Two years without activity: the body, or one of its occupations, counts as withdrawn (三（三）).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeemWithdrawn {
    pub body: i64,
    /// The occupation; without it the whole entry.
    #[schema(max_length = 40)]
    pub code: Option<String>,
}

impl Act for DeemWithdrawn {
    const KIND: ActKind = ActKind::DeemWithdrawn;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let today = desk.today();
        let activity: Vec<_> = store::activity(&mut desk.tx(), today, Some(self.body))?
            .into_iter()
            .filter(|one| self.code.as_ref().is_none_or(|code| one.code == *code))
            .collect();
        let since = activity.iter().map(|one| one.since).max().ok_or(Stop::NotFound)?;
        if !IdleClock::since(since).has_ended(today) {
            return Err(Refusal::new(Clause::S3_3_4, format!("自 {since} 起还不满两年"))
                .remedy("满两年没有开展的，由系统登记")
                .into());
        }
        let entry = latest(desk, self.body)?.ok_or(Stop::NotFound)?;
        let last_day = today.yesterday().map_err(Stop::fault)?;
        let news = |what| News { kind: ChangeKind::Withdrawn, effective_on: today, what, document: "", filing: None };
        let said = match (&self.code, activity.first()) {
            (Some(code), Some(one)) => {
                let keys: Vec<_> = entry
                    .scopes_on(today)
                    .filter(|scope| scope.fact.code == *code)
                    .map(|scope| (scope.fact.code.clone(), scope.fact.work_type.clone(), scope.fact.level))
                    .collect();
                let what = format!("{}自 {since} 起连续两年没有开展，视同退出", one.name);
                let dropped = News { kind: ChangeKind::Dropped, ..news(what.clone()) };
                ledger::drop_scopes(desk, &entry, &keys, last_day, &dropped)?;
                what
            }
            _ => {
                let what = format!("自 {since} 起连续两年没有开展，视同退出");
                ledger::end(desk, &entry, last_day, &news(what.clone()))?;
                what
            }
        };
        desk.tell_body(self.body, &*said, "/standing");
        if let Some(centre) = desk.standing().centre.clone() {
            desk.tell_office(centre, said, format!("/bodies/{}/standing", self.body));
        }
        Ok(Done {})
    }
}

/// Does what falls due in the directory today; how many acts that were.
///
/// # Errors
/// A fault of reading; an act that fails keeps no other up.
pub(crate) fn fall_due(office: &Office) -> Result<usize, Stop> {
    let (today, timer) = (office.today(), Caller::timer());
    let mut done = 0;
    let mut perform = |outcome: Result<Done, Stop>, body: i64| match outcome {
        Ok(_) => done += 1,
        Err(stop) => tracing::error!(body, %stop, "what fell due in the directory"),
    };
    let terms = office.engine().read(|tx| crate::term::on(tx, today))?;
    let soon = today.saturating_add(jiff::Span::new().days(terms.count(Term::RenewalTold)));
    let (ending, reminded) =
        office.engine().read(|tx| Ok::<_, Stop>((store::ending(tx, soon)?, store::reminded(tx)?)))?;
    for (listing, body, until, announced) in ending {
        if until < today {
            perform(office.act(&timer, ExpireListing { body, listing: Some(listing) }), body);
        } else if renewal_told_on(until, &terms) <= today
            && !reminded.contains(&(listing, String::new(), "renewal".into(), until))
        {
            let said = match announced {
                true => format!("目录有效期至 {until}，重新备案或重新公布后由省人社厅登记"),
                false => format!("备案有效期至 {until}，请决定是否申请延期"),
            };
            let act = Remind { body, listing, code: String::new(), what: "renewal".into(), ends_on: until, said };
            perform(office.act(&timer, act), body);
        }
    }
    let activity = office.engine().read(|tx| store::activity(tx, today, None))?;
    for entry in activity.chunk_by(|one, next| one.listing == next.listing) {
        let body = entry[0].body;
        let whole = IdleClock::since(entry.iter().map(|one| one.since).max().unwrap_or(today));
        if whole.has_ended(today) {
            perform(office.act(&timer, DeemWithdrawn { body, code: None }), body);
            continue;
        }
        for one in entry {
            let clock = IdleClock::since(one.since);
            if clock.has_ended(today) {
                perform(office.act(&timer, DeemWithdrawn { body, code: Some(one.code.clone()) }), body);
            } else if let Some(warning) = clock.warning(today, &terms)
                && !reminded.contains(&(one.listing, one.code.clone(), warning.code(), clock.ends_on))
            {
                let said = format!("{}自 {} 起没有开展，到 {} 满两年，视同退出", one.name, one.since, clock.ends_on);
                let act = Remind {
                    body,
                    listing: one.listing,
                    code: one.code.clone(),
                    what: warning.code(),
                    ends_on: clock.ends_on,
                    said,
                };
                perform(office.act(&timer, act), body);
            }
        }
    }
    Ok(done)
}
