//! The reviewer's desk as a page, and what its script and its forms send.

use askama::Template;
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use rules::report::{Hint, REVIEW_REASONS, ReviewWord};
use rules::terms::SAMPLE_PERSONS;
use serde::Deserialize;
use serde_json::json;

use crate::door::Stop;
use crate::marks::pages::trail;
use crate::report::desk::{DeskLine, DeskView};
use crate::report::{DrawReviewSample, ReviewDesk, ReviewPersons, WordOn};
use crate::web::page::{Choice, Crumb, Page, RefusalPanel, asked, done, grouped, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, stopped};

/// What the list is narrowed to; blank is everything.
#[derive(Debug, Clone, Default)]
struct Filter {
    hint: String,
    state: String,
    class: String,
    condition: String,
    sample: String,
}

impl Filter {
    fn read(query: Option<&str>) -> Self {
        let asked = |name: &str| asked(query, name).unwrap_or_default();
        Self {
            hint: asked("hint"),
            state: asked("state"),
            class: asked("class"),
            condition: asked("condition"),
            sample: asked("sample"),
        }
    }

    fn lets(&self, line: &DeskLine) -> bool {
        let is = |wanted: &str, value: &str| wanted.is_empty() || wanted == value;
        let has_hint = match self.hint.as_str() {
            "" => true,
            "any" => !line.person.hints.is_empty(),
            code => line.person.hints.iter().any(|hint| hint.code() == code),
        };
        has_hint
            && is(&self.state, line.state())
            && is(&self.class, &line.class)
            && is(&self.condition, &line.condition)
            && (self.sample.is_empty() || line.samples.iter().any(|no| no.to_string() == self.sample))
    }
}

#[derive(Template)]
#[template(path = "report/views/desk.html")]
struct DeskPage {
    page: Page,
    trail: Vec<Crumb>,
    view: DeskView,
    lines: Vec<DeskLine>,
    /// By whom the browser keeps what is not sent yet.
    account: i64,
    /// Whether there is something to decide here.
    may_review: bool,
    hints: Vec<Choice>,
    states: Vec<Choice>,
    classes: Vec<Choice>,
    conditions: Vec<Choice>,
    samples: Vec<Choice>,
    reasons: Vec<Choice>,
    /// This list as it is narrowed, to come back to from a person.
    here: String,
    hindrance: Option<RefusalPanel>,
    typed: Typed,
    refusal: Option<RefusalPanel>,
}

impl DeskPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

/// What was typed or ticked before the page is shown again.
#[derive(Debug, Default)]
struct Typed {
    reason: String,
    reason_code: String,
    from: String,
    until: String,
    take: String,
    ticked: Vec<i64>,
}

/// Whether a word may be said on a person here.
fn is_open(line: &DeskLine) -> bool {
    super::is_open(&line.person)
}

pub(super) async fn desk(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, no)): Path<(i64, i64)>,
    RawQuery(query): RawQuery,
) -> Response {
    let typed = Typed { take: SAMPLE_PERSONS.to_string(), ..Typed::default() };
    show(&web, &visit, (batch, no), query.as_deref(), typed, None).await
}

/// The options of a filter: everything, and each value that occurs with how many have it.
fn occurring(view: &DeskView, all: &str, chosen: &str, value: impl Fn(&DeskLine) -> (String, String)) -> Vec<Choice> {
    let mut counts: std::collections::BTreeMap<(String, String), usize> = std::collections::BTreeMap::new();
    for line in &view.lines {
        *counts.entry(value(line)).or_default() += 1;
    }
    let mut options = vec![Choice::new("", all, chosen)];
    options.extend(
        counts
            .into_iter()
            .filter(|((code, _), _)| !code.is_empty())
            .map(|((code, name), count)| Choice::new(code, format!("{name}（{count}）"), chosen)),
    );
    options
}

async fn show(
    web: &Web,
    visit: &Visit,
    (batch, no): (i64, i64),
    query: Option<&str>,
    typed: Typed,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, ReviewDesk { batch, no }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let filter = Filter::read(query);
    let lines: Vec<DeskLine> = view.lines.iter().filter(|line| filter.lets(line)).cloned().collect();
    let count = |hint: Hint| view.lines.iter().filter(|line| line.person.hints.contains(&hint)).count();
    let mut hints = vec![Choice::new("", "全部人员", &filter.hint), Choice::new("any", "有疑点的", &filter.hint)];
    hints.extend(Hint::ALL.iter().filter_map(|&hint| match count(hint) {
        0 => None,
        count => Some(Choice::new(hint.code(), format!("{}（{count}）", hint.name()), &filter.hint)),
    }));
    let samples = view.samples.iter().map(|sample| {
        let label = format!("第{}次抽样（{}人）", sample.no, sample.take);
        Choice::new(sample.no.to_string(), label, &filter.sample)
    });
    let mut all_samples = vec![Choice::new("", "不限", &filter.sample)];
    all_samples.extend(samples);
    let mut reasons = vec![Choice::new("", "不选，在下面写明", &typed.reason_code)];
    reasons.extend(REVIEW_REASONS.iter().map(|(code, text)| Choice::new(*code, *text, &typed.reason_code)));
    let mut trail = trail(&view.batch);
    trail.push(Crumb::new(format!("/batches/{batch}/report?report={no}"), "上报与审核"));
    let here = query.filter(|query| !query.is_empty()).map(|query| format!("?{query}")).unwrap_or_default();
    let page = DeskPage {
        page: Page::new(web, visit),
        trail,
        account: visit.caller.account().unwrap_or_default(),
        may_review: view.reviewable && view.in_charge && lines.iter().any(is_open),
        states: occurring(&view, "不限", &filter.state, |line| (line.state().into(), line.state_name().into())),
        classes: occurring(&view, "不限", &filter.class, |line| (line.class.clone(), line.class.clone())),
        conditions: occurring(&view, "不限", &filter.condition, |line| {
            (line.condition.clone(), format!("{} {}", line.condition, line.condition_text))
        }),
        hints,
        samples: all_samples,
        reasons,
        here: form_urlencoded::byte_serialize(format!("/batches/{batch}/reports/{no}/desk{here}").as_bytes()).collect(),
        hindrance: view.hindrance.clone().map(Into::into),
        lines,
        typed,
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// The reason in words: of the list, as it was typed, or both.
fn in_words(code: &str, typed: &str) -> String {
    let listed = REVIEW_REASONS.iter().find(|(of, _)| *of == code).map_or("", |(_, text)| *text);
    match (listed, typed.trim()) {
        (listed, "") => listed.to_owned(),
        ("", typed) => typed.to_owned(),
        (listed, typed) => format!("{listed}；{typed}"),
    }
}

/// One word for everyone who is ticked, and for everyone between two numbers of the public list.
pub(super) async fn form(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, no)): Path<(i64, i64)>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Response {
    let typed = Typed {
        reason: posted.text("reason").to_owned(),
        reason_code: posted.text("reason_code").to_owned(),
        from: posted.text("from").to_owned(),
        until: posted.text("until").to_owned(),
        take: SAMPLE_PERSONS.to_string(),
        ticked: posted.all("person").iter().filter_map(|id| id.parse().ok()).collect(),
    };
    let view = match web.look(&visit, ReviewDesk { batch, no }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let mut candidates = typed.ticked.clone();
    let number = |text: &str| text.parse::<i64>().ok();
    if let Some(from) = number(&typed.from) {
        let until = number(&typed.until).unwrap_or(from);
        let between = view.lines.iter().filter(|line| line.person.no.is_some_and(|no| (from..=until).contains(&no)));
        candidates.extend(between.filter(|line| is_open(line)).map(|line| line.person.person.candidate));
    }
    let word = ReviewWord::from_code(posted.text("word")).unwrap_or(ReviewWord::Hold);
    let act = ReviewPersons {
        batch,
        no,
        candidates,
        rest: false,
        approved: word == ReviewWord::Approve,
        held: word == ReviewWord::Hold,
        reason: in_words(&typed.reason_code, &typed.reason),
        words: Vec::new(),
    };
    let to = match query.as_deref().filter(|query| !query.is_empty()) {
        Some(query) => format!("/batches/{batch}/reports/{no}/desk?{query}"),
        None => format!("/batches/{batch}/reports/{no}/desk"),
    };
    match web.act(&visit, posted.once(), act).await {
        Ok(made) => done(&to, &format!("{}：{} 人，还有 {} 人待审核。", word.name(), made.decided, made.undecided)),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => show(&web, &visit, (batch, no), query.as_deref(), typed, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// A word as the desk's script sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    candidate: i64,
    word: ReviewWord,
    seen: i64,
    /// Of the listed reasons; blank for none.
    code: String,
    reason: String,
}

/// The words of a desk, answered one by one, so that its script knows what it may forget.
pub(super) async fn words(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, no)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    if !visit.caller.is_signed_in() {
        return stopped(&web, &visit, Stop::SignInFirst);
    }
    let Ok(sent) = serde_json::from_str::<Vec<Sent>>(posted.text("words")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let words = sent.into_iter().map(|sent| WordOn {
        candidate: sent.candidate,
        word: sent.word,
        reason: in_words(&sent.code, &sent.reason),
        seen: sent.seen,
    });
    let act = ReviewPersons {
        batch,
        no,
        candidates: Vec::new(),
        rest: false,
        approved: false,
        held: false,
        reason: String::new(),
        words: words.collect(),
    };
    match web.act(&visit, None, act).await {
        Ok(made) => Json(made).into_response(),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let said = json!({"what": refusal.what, "remedy": refusal.remedy});
                (StatusCode::UNPROCESSABLE_ENTITY, Json(said)).into_response()
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

pub(super) async fn sample(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, no)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let typed = Typed { take: posted.text("take").to_owned(), ..Typed::default() };
    let made = match posted.int("take", "抽取人数") {
        Ok(take) => web.act(&visit, posted.once(), DrawReviewSample { batch, no, take }).await,
        Err(stop) => Err(stop),
    };
    match made {
        Ok(made) => {
            let to = format!("/batches/{batch}/reports/{no}/desk?sample={}", made.sample);
            done(&to, &format!("第 {} 次抽样，抽取 {} 人。", made.sample, made.draw.take))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => show(&web, &visit, (batch, no), None, typed, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
