//! Who examines a batch, as a page: what is needed, who is assigned, what speaks against it, the form of the body and that of
//! the centre.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::assignment::Duty;
use rules::result::Part;

use super::{
    AssignExaminers, AssignSupervisors, AssignmentDetail, AssignmentNeed, AssignmentView, ExaminerEntry, FitCard,
};
use crate::door::Stop;
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, batch_trail, done, long_day, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// Blank rows below those that are filled.
const MORE: usize = 2;
/// Rows that “再加几行” adds.
const ADDED: usize = 5;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/assignment", get(shown).post(assign))
        .route("/batches/{batch}/supervisors", post(send))
}

/// A row of the form, as it was typed.
#[derive(Default, Clone)]
struct Row {
    /// Part and duty: `practical/group_head`.
    post: String,
    card_number: String,
    name: String,
    teaches: bool,
    /// The sessions as a choice has them: ids, a comma between.
    groups: String,
}

/// What was typed.
struct Typed {
    rows: Vec<Row>,
    at_once: String,
    reason: String,
    sent: String,
}

#[derive(Template)]
#[template(path = "assignment/views/assignment.html")]
struct AssignmentPage {
    page: Page,
    trail: Vec<Crumb>,
    view: AssignmentView,
    typed: Typed,
    due: String,
    /// Whether somebody who was assigned may go, so that a reason is asked for.
    replaces: bool,
    refusal: Option<RefusalPanel>,
}

impl AssignmentPage {
    fn problem(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    /// Whether something speaks against the assignment as it stands.
    fn is_doubted(&self) -> bool {
        self.view.findings.iter().any(|one| !one.hint)
    }

    /// What somebody may be assigned to in this batch.
    fn posts(&self, chosen: &str) -> Vec<Choice> {
        posts(&self.view.needs).into_iter().map(|(code, label)| Choice::new(code, label, chosen)).collect()
    }

    /// The rooms and groups to choose from: the whole part, a place at all its times, one of them at one time.
    fn groups(&self, chosen: &str) -> Vec<Choice> {
        let mut choices = vec![(String::new(), "整个科目".to_owned())];
        let of = |part: Part, place: &str| {
            self.view.groups.iter().filter(move |one| one.part == part && one.place == place).collect::<Vec<_>>()
        };
        for (n, group) in self.view.groups.iter().enumerate() {
            let same = of(group.part, &group.place);
            let is_first =
                !self.view.groups[..n].iter().any(|one| (one.part, &one.place) == (group.part, &group.place));
            if same.len() > 1 && is_first {
                let ids: Vec<i64> = same.iter().map(|one| one.session).collect();
                choices.push((joined(&ids), format!("{}，{}，全部 {} 场", short(group.part), group.place, same.len())));
            }
            let when = format!("{} {}", group.on, group.time);
            choices.push((group.session.to_string(), format!("{}，{}，{when}", short(group.part), group.place)));
        }
        // Several that are no place as a whole were chosen elsewhere and stay chosen.
        if !choices.iter().any(|(ids, _)| ids == chosen) {
            choices.push((chosen.to_owned(), format!("已选的 {} 场", chosen.split(',').count())));
        }
        choices.into_iter().map(|(ids, label)| Choice::new(ids, label, chosen)).collect()
    }

    /// Whether people are assigned to single rooms and groups.
    fn is_grouped(&self) -> bool {
        self.view.groups.iter().any(|group| !group.people.is_empty())
    }

    /// Where somebody is assigned, in the words of the list of groups.
    fn places_of(&self, sessions: &[i64]) -> String {
        let of = self.view.groups.iter().filter(|group| sessions.contains(&group.session));
        of.map(|group| format!("{} {}", group.place, group.time)).collect::<Vec<_>>().join("；")
    }

    /// Cards of a kind to choose from.
    fn fit(&self, sent: bool) -> impl Iterator<Item = &FitCard> {
        let is_sent = move |one: &&FitCard| (one.kind == rules::register::CardKind::ExternalInspector) == sent;
        self.view.fit.iter().filter(is_sent)
    }
}

/// The short name of a part in a list.
const fn short(part: Part) -> &'static str {
    match part {
        Part::Theory => "理论",
        Part::Practical => "实操",
        Part::Comprehensive => "综合评审",
    }
}

fn posts(needs: &[AssignmentNeed]) -> Vec<(String, String)> {
    let mut posts = Vec::new();
    for need in needs {
        let duties: &[Duty] = match need.duty {
            Duty::Assessor => &[Duty::GroupHead, Duty::Assessor],
            Duty::Invigilator => &[Duty::Invigilator],
            _ => &[Duty::Inspector],
        };
        for duty in duties {
            let label = match need.part {
                Some(part) => format!("{}{}", short(part), duty.name()),
                None => duty.name().to_owned(),
            };
            posts.push((post_of(need.part, *duty), label));
        }
    }
    posts
}

fn joined(sessions: &[i64]) -> String {
    sessions.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

fn post_of(part: Option<Part>, duty: Duty) -> String {
    format!("{}/{}", part.map(Part::code).unwrap_or_default(), duty.code())
}

/// The rows that the form begins with: who is assigned, or the places that have to be filled.
fn rows_of(view: &AssignmentView) -> Vec<Row> {
    let own = view.people.iter().filter(|one| one.duty != Duty::ExternalInspector);
    let mut rows: Vec<Row> = own
        .map(|one| Row {
            post: post_of(one.part, one.duty),
            card_number: one.card_number.clone(),
            name: one.name.clone(),
            teaches: one.teaches,
            groups: joined(&one.sessions),
        })
        .collect();
    if rows.is_empty() {
        for need in &view.needs {
            for n in 0..need.wanted {
                let duty = if need.duty == Duty::Assessor && n == 0 { Duty::GroupHead } else { need.duty };
                rows.push(Row { post: post_of(need.part, duty), ..Row::default() });
            }
        }
    }
    let post = post_of(Some(Part::Practical), Duty::Assessor);
    rows.extend(std::iter::repeat_n(Row { post, ..Row::default() }, MORE));
    rows
}

fn typed_rows(posted: &Posted) -> Vec<Row> {
    let (posts, cards, names) = (posted.all("post[]"), posted.all("card_number[]"), posted.all("name[]"));
    let (teaches, groups) = (posted.all("teaches[]"), posted.all("groups[]"));
    let at = |list: &[&str], n: usize| list.get(n).copied().unwrap_or_default().to_owned();
    (0..posts.len())
        .map(|n| Row {
            post: at(&posts, n),
            card_number: at(&cards, n),
            name: at(&names, n),
            teaches: at(&teaches, n) == "yes",
            groups: at(&groups, n),
        })
        .collect()
}

async fn page(web: &Web, visit: &Visit, batch: i64, typed: Option<Typed>, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, AssignmentDetail { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let sent = view.people.iter().filter(|one| one.duty == Duty::ExternalInspector);
    let sent = sent.map(|one| one.card_number.as_str()).collect::<Vec<_>>().join("、");
    let typed = typed.unwrap_or_else(|| Typed {
        rows: rows_of(&view),
        at_once: view.at_once.filter(|_| !view.is_arranged).map(|count| count.to_string()).unwrap_or_default(),
        reason: String::new(),
        sent,
    });
    let page = AssignmentPage {
        page: Page::new(web, visit),
        trail: batch_trail(batch, &view.title),
        due: view.due_on.map(long_day).unwrap_or_default(),
        replaces: !view.people.is_empty(),
        view,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn shown(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    page(&web, &visit, batch, None, None).await
}

async fn assign(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let mut typed = Typed {
        rows: typed_rows(&posted),
        at_once: posted.text("at_once").to_owned(),
        reason: posted.text("reason").to_owned(),
        sent: String::new(),
    };
    if posted.text("do") == "more" {
        let post = post_of(Some(Part::Practical), Duty::Assessor);
        typed.rows.extend(std::iter::repeat_n(Row { post, ..Row::default() }, ADDED));
        return page(&web, &visit, batch, Some(typed), None).await;
    }
    let entry = |row: &Row| {
        let (part, duty) = row.post.split_once('/').unwrap_or_default();
        Duty::from_code(duty).map(|duty| ExaminerEntry {
            duty,
            part: Part::from_code(part),
            card_number: row.card_number.clone(),
            name: row.name.clone(),
            teaches: row.teaches,
            sessions: row.groups.split(',').filter_map(|id| id.parse().ok()).collect(),
        })
    };
    let at_once = posted.some("at_once").map(|_| posted.int("at_once", "同场考核人数")).transpose();
    let people = typed.rows.iter().filter_map(entry).collect();
    let outcome = match at_once {
        Ok(at_once) => {
            let act = AssignExaminers { batch, people, at_once, reason: typed.reason.clone() };
            web.act(&visit, posted.once(), act).await
        }
        Err(stop) => Err(stop),
    };
    finish(&web, &visit, batch, outcome.map(|_| ()), typed, "已安排考评人员，主管中心已收到。").await
}

async fn send(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let typed = Typed {
        rows: Vec::new(),
        at_once: String::new(),
        reason: posted.text("reason").to_owned(),
        sent: posted.text("card_numbers").to_owned(),
    };
    let numbers = typed.sent.split(['、', ',', '，', ' ', '\n']).map(str::trim).filter(|number| !number.is_empty());
    let card_numbers = numbers.map(str::to_owned).collect();
    let act = AssignSupervisors { batch, card_numbers, reason: typed.reason.clone() };
    let outcome = web.act(&visit, posted.once(), act).await.map(|_| ());
    finish(&web, &visit, batch, outcome, typed, "已派出质量督导员，机构已收到。").await
}

async fn finish(web: &Web, visit: &Visit, batch: i64, outcome: Result<(), Stop>, typed: Typed, said: &str) -> Response {
    match outcome {
        Ok(()) => done(&format!("/batches/{batch}/assignment"), said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => page(web, visit, batch, Some(typed), Some(refusal)).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}
