//! The register of those who judge: the list with imports, one card as a form with everything that is known of its bearer.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use rules::certificate::Level;
use rules::permission::ActKind;
use rules::register::{CardKind, CardState};

use super::{
    AvoidedBody, AvoidedCandidate, CardContact, CardContactView, CardDetail, CardEntry, CardUpload, CardUploadView,
    CardView, Cards, CardsView, CardsWorkbook, ChangeCard, EnterCard, ImportCards, NoteFinding, PAGE, Private,
    RenewCard, ResumeCard, SuspendCard,
};
use crate::door::{Act, Stop};
use crate::marks::pages::file;
use crate::web::page::{
    Choice, Crumb, FoundLine, Page, Paging, RefusalPanel, XLSX, asked, done, download, found_lines, refusal_in,
    status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/cards", get(list).post(enter))
        .route("/cards.xlsx", get(workbook))
        .route("/cards/new", get(new))
        .route("/cards/imports", post(import))
        .route("/cards/imports/{import}", get(imported))
        .route("/cards/imports/{import}/marked.xlsx", get(marked))
        .route("/cards/{card}", get(detail).post(change))
        .route("/cards/{card}/contact", get(contact))
        .route("/cards/{card}/renewal", post(renew))
        .route("/cards/{card}/suspension", post(suspend))
        .route("/cards/{card}/resumption", post(resume))
        .route("/cards/{card}/findings", post(note))
        .route("/templates/cards.xlsx", get(template))
}

#[derive(Template)]
#[template(path = "register/views/cards.html")]
struct ListPage {
    page: Page,
    view: CardsView,
    find: String,
    trade: String,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    /// The kinds for rows of a workbook that name none.
    import_kinds: Vec<Choice>,
    filtered: bool,
    is_body: bool,
    /// The same list to take away.
    workbook: String,
    paging: Paging,
    refusal: Option<RefusalPanel>,
}

impl ListPage {
    fn problem(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

/// Every kind of card as options, after one that means none of them.
fn kinds(none: &str, chosen: &str) -> Vec<Choice> {
    let all = CardKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.name(), chosen));
    std::iter::once(Choice::new("", none, chosen)).chain(all).collect()
}

fn looked_for(query: Option<&str>) -> Cards {
    let state = asked(query, "state");
    Cards {
        find: asked(query, "find"),
        kind: asked(query, "kind").and_then(|code| CardKind::from_code(&code)),
        trade: asked(query, "trade"),
        state: CardState::ALL.iter().copied().find(|one| Some(one.code()) == state.as_deref()),
        page: asked(query, "page").and_then(|page| page.parse().ok()),
    }
}

async fn list(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    list_page(&web, &visit, query.as_deref(), None).await
}

async fn list_page(web: &Web, visit: &Visit, query: Option<&str>, refusal: Option<RefusalPanel>) -> Response {
    let look = looked_for(query);
    let (find, trade) = (look.find.clone().unwrap_or_default(), look.trade.clone().unwrap_or_default());
    let kind = look.kind.map(CardKind::code).unwrap_or_default();
    let state = look.state.map(CardState::code).unwrap_or_default();
    match web.look(visit, look).await {
        Ok(view) => {
            let link = |base: &str, page: Option<i64>| {
                let mut link = form_urlencoded::Serializer::new(format!("{base}?"));
                let pairs = [("find", find.as_str()), ("kind", kind), ("trade", &trade), ("state", state)];
                link.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
                if let Some(page) = page {
                    link.append_pair("page", &page.to_string());
                }
                link.finish()
            };
            let paging = Paging::new(view.page, PAGE, view.total, |page| link("/cards", Some(page)));
            let states = CardState::ALL.iter().map(|one| Choice::new(one.code(), one.name(), state));
            let page = ListPage {
                page: Page::new(web, visit),
                kinds: kinds("全部", kind),
                states: std::iter::once(Choice::new("", "全部", state)).chain(states).collect(),
                import_kinds: kinds("表中写明", ""),
                filtered: [find.as_str(), trade.as_str(), kind, state].iter().any(|text| !text.is_empty()),
                is_body: visit.caller.role().sits_in_body(),
                workbook: link("/cards.xlsx", None),
                view,
                find,
                trade,
                paging,
                refusal,
            };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn workbook(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let Cards { find, kind, trade, state, .. } = looked_for(query.as_deref());
    file(&web, &visit, CardsWorkbook { find, kind, trade, state }).await
}

async fn import(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let (once, caller, kind) = (posted.once(), visit.caller.clone(), CardKind::from_code(posted.text("kind")));
    let kept =
        web.work(move |office| posted.keep_file(office, (&caller, ImportCards::KIND), ("file", "证卡名册"))).await;
    let outcome = match kept {
        Ok((file, name)) => web.act(&visit, once, ImportCards::new(file, name, kind)).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => Redirect::to(&format!("/cards/imports/{}", made.upload)).into_response(),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => list_page(&web, &visit, None, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "register/views/import.html")]
struct ImportPage {
    page: Page,
    trail: Vec<Crumb>,
    view: CardUploadView,
    faults: Vec<FoundLine>,
    warnings: Vec<FoundLine>,
}

async fn imported(State(web): State<Web>, visit: Visit, Path(import): Path<i64>) -> Response {
    match web.look(&visit, CardUpload { import }).await {
        Ok(view) => {
            let (faults, warnings) = found_lines(view.findings.iter());
            let trail = vec![Crumb::new("/cards", "证卡名册")];
            html(&ImportPage { page: Page::new(&web, &visit), trail, view, faults, warnings })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// The own file again, with what was found.
async fn marked(State(web): State<Web>, visit: Visit, Path(import): Path<i64>) -> Response {
    let view = match web.look(&visit, CardUpload { import }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let made = web.work(move |office| {
        let bytes = office.files().bring(&view.line.file)?;
        let stem = view.line.name.rsplit_once('.').map_or(view.line.name.as_str(), |(stem, _)| stem);
        Ok((format!("{stem}（已标注）.xlsx"), sheets::marked_up(&bytes, &view.findings)?))
    });
    match made.await {
        Ok((name, bytes)) => download(XLSX, &name, bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn template(State(web): State<Web>, visit: Visit) -> Response {
    match web.work(|_| sheets::cards_template().map_err(Stop::fault)).await {
        Ok(bytes) => download(XLSX, "证卡名册.xlsx", bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// What was typed into the form, or what the register says.
#[derive(Default)]
struct Typed {
    kind: String,
    name: String,
    employer: String,
    superior: String,
    title: String,
    trades: String,
    level_max: String,
    card_number: String,
    issued_on: String,
    card_valid_until: String,
    ties: String,
    reason: String,
    finding: String,
    batch_number: String,
}

impl Typed {
    fn of(posted: &Posted) -> Self {
        let text = |name: &str| posted.text(name).to_owned();
        Self {
            kind: text("kind"),
            name: text("name"),
            employer: text("employer"),
            superior: text("superior"),
            title: text("title"),
            trades: text("trades"),
            level_max: text("level_max"),
            card_number: text("card_number"),
            issued_on: text("issued_on"),
            card_valid_until: text("card_valid_until"),
            ties: text("ties"),
            reason: text("reason"),
            finding: text("finding"),
            batch_number: text("batch_number"),
        }
    }

    /// What the register says; of another card of the same bearer only the bearer.
    fn known(view: &CardView, is_another: bool) -> Self {
        let ties = view.ties.iter().map(|tie| match tie.class.as_str() {
            "" => format!("{}，{}", tie.body, tie.relation),
            class => format!("{}/{class}，{}", tie.body, tie.relation),
        });
        let line = &view.line;
        let bearer = Self {
            name: line.name.clone(),
            employer: line.employer.clone(),
            superior: line.superior.clone(),
            title: line.title.clone(),
            ties: ties.collect::<Vec<_>>().join("\n"),
            ..Self::default()
        };
        if is_another {
            return bearer;
        }
        Self {
            kind: line.kind.code().to_owned(),
            trades: line.trade_names(),
            level_max: line.level_max.map(|level| level.digit().to_string()).unwrap_or_default(),
            card_number: line.card_number.clone(),
            issued_on: line.issued_on.map(|on| on.to_string()).unwrap_or_default(),
            card_valid_until: line.card_valid_until.to_string(),
            ..bearer
        }
    }
}

/// Lines of `what，why`.
fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let (what, why) = line.split_once(['，', ',']).unwrap_or((line, ""));
        (what.trim(), why.trim())
    })
}

fn entry(posted: &Posted) -> Result<CardEntry, Stop> {
    let text = |name: &str| posted.text(name).to_owned();
    let ties = lines(posted.text("ties")).map(|(what, why)| {
        let (body, class) = what.split_once('/').unwrap_or((what, ""));
        AvoidedBody { body: body.trim().into(), class: class.trim().into(), relation: why.into() }
    });
    // Blank leaves those who are known, 无 says that there are none.
    let kin = match posted.text("kin") {
        "" => None,
        "无" => Some(Vec::new()),
        text => Some(
            lines(text)
                .map(|(number, why)| AvoidedCandidate { id_number: Private::new(number), relation: why.into() })
                .collect(),
        ),
    };
    let kind = CardKind::from_code(posted.text("kind")).ok_or_else(|| {
        rules::Refusal::new(rules::Clause::S3_1_1, "没有选择证卡类别").remedy("请选择证卡类别").at("kind")
    })?;
    let level_max = match posted.text("level_max") {
        "" => None,
        level => Some(Level::from_text(level).map_err(|refusal| refusal.at("level_max"))?),
    };
    Ok(CardEntry {
        kind,
        name: text("name"),
        employer: text("employer"),
        superior: text("superior"),
        title: text("title"),
        trades: posted.text("trades").split(['、', ',', '，', '\n']).map(|name| name.trim().to_owned()).collect(),
        level_max,
        card_number: text("card_number"),
        issued_on: posted.some("issued_on").map(|_| posted.day("issued_on", "发证日期")).transpose()?,
        card_valid_until: posted
            .some("card_valid_until")
            .map(|_| posted.day("card_valid_until", "证卡有效期"))
            .transpose()?,
        phone: Private::new(posted.text("phone")),
        ties: ties.collect(),
        kin,
    })
}

#[derive(Template)]
#[template(path = "register/views/card.html")]
struct CardPage {
    page: Page,
    trail: Vec<Crumb>,
    /// The card that is shown; none when one is entered.
    view: Option<CardView>,
    typed: Typed,
    kinds: Vec<Choice>,
    levels: Vec<Choice>,
    may_change: bool,
    may_note: bool,
    /// Whether every batch is within reach, so that it can be linked to.
    sees_all: bool,
    refusal: Option<RefusalPanel>,
}

impl CardPage {
    fn problem(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn form(
    web: &Web,
    visit: &Visit,
    (card, like): (Option<i64>, Option<i64>),
    typed: Option<Typed>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let may_change = match visit.caller.granted(ActKind::ChangeCard) {
        Ok(_) => true,
        Err(stop) if card.is_none() => return stopped(web, visit, stop),
        Err(_) => false,
    };
    let view = match card.or(like) {
        Some(card) => match web.look(visit, CardDetail { card }).await {
            Ok(view) => Some(view),
            Err(stop) => return stopped(web, visit, stop),
        },
        None => None,
    };
    let known = |view: &CardView| Typed::known(view, card.is_none());
    let typed = typed.unwrap_or_else(|| view.as_ref().map(known).unwrap_or_default());
    let levels = Level::ALL.iter().map(|level| Choice::new(level.digit().to_string(), level.name(), &typed.level_max));
    let levels = std::iter::once(Choice::new("", "没有等级", &typed.level_max)).chain(levels).collect();
    let kinds = CardKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.name(), &typed.kind)).collect();
    let role = visit.caller.role();
    let page = CardPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/cards", "证卡名册")],
        view: view.filter(|_| card.is_some()),
        typed,
        kinds,
        levels,
        may_change,
        may_note: rules::permission::may(role, ActKind::NoteFinding).is_some(),
        sees_all: matches!(role, rules::people::Role::ProvincialCentre | rules::people::Role::ProvincialDepartment),
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn new(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let like = asked(query.as_deref(), "like").and_then(|id| id.parse().ok());
    form(&web, &visit, (None, like), None, None).await
}

async fn detail(State(web): State<Web>, visit: Visit, Path(card): Path<i64>) -> Response {
    form(&web, &visit, (Some(card), None), None, None).await
}

async fn enter(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let act = entry(&posted).map(|entry| EnterCard { entry });
    finish(&web, &visit, None, &posted, act, "已登记证卡。").await
}

async fn change(State(web): State<Web>, visit: Visit, Path(card): Path<i64>, posted: Posted) -> Response {
    let act = entry(&posted).map(|entry| ChangeCard { card, entry });
    finish(&web, &visit, Some(card), &posted, act, "已修改。").await
}

async fn renew(State(web): State<Web>, visit: Visit, Path(card): Path<i64>, posted: Posted) -> Response {
    let day = |field, label| posted.some(field).map(|_| posted.day(field, label)).transpose();
    let act = day("renewed_on", "发证日期").and_then(|issued_on| {
        let card_valid_until = day("renewed_until", "证卡有效期")?;
        Ok(RenewCard { card, issued_on, card_valid_until })
    });
    finish(&web, &visit, Some(card), &posted, act, "已登记延续，原有效期留在记录中。").await
}

async fn suspend(State(web): State<Web>, visit: Visit, Path(card): Path<i64>, posted: Posted) -> Response {
    let act = SuspendCard { card, reason: posted.text("reason").to_owned() };
    finish(&web, &visit, Some(card), &posted, Ok(act), "已暂停，不再参加抽取和安排。").await
}

async fn resume(State(web): State<Web>, visit: Visit, Path(card): Path<i64>, posted: Posted) -> Response {
    let act = ResumeCard { card, reason: posted.text("reason").to_owned() };
    finish(&web, &visit, Some(card), &posted, Ok(act), "已恢复，可以参加抽取和安排。").await
}

async fn note(State(web): State<Web>, visit: Visit, Path(card): Path<i64>, posted: Posted) -> Response {
    let (batch_number, finding) = (posted.text("batch_number").to_owned(), posted.text("finding").to_owned());
    finish(&web, &visit, Some(card), &posted, Ok(NoteFinding { card, batch_number, finding }), "已记录。").await
}

async fn finish<A: Act>(
    web: &Web,
    visit: &Visit,
    card: Option<i64>,
    posted: &Posted,
    act: Result<A, Stop>,
    said: &str,
) -> Response {
    let outcome = match act {
        Ok(act) => web.act(visit, posted.once(), act).await.map(|_| ()),
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(()) => done(&card.map_or_else(|| "/cards".to_owned(), |card| format!("/cards/{card}")), said),
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                // A reason, a renewal and a finding have forms of their own; the entry was not sent with them.
                let mut typed = Typed::of(posted);
                let is_renewal = posted.some("renewed_on").or(posted.some("renewed_until")).is_some();
                if is_renewal && refusal.field.as_deref() == Some("card_valid_until") {
                    refusal.field = Some("renewed_until".into());
                }
                if let Some(card) = card.filter(|_| typed.name.is_empty() && typed.card_number.is_empty())
                    && let Ok(view) = web.look(visit, CardDetail { card }).await
                {
                    let Typed { reason, finding, batch_number, .. } = typed;
                    typed = Typed { reason, finding, batch_number, ..Typed::known(&view, false) };
                }
                form(web, visit, (card, None), Some(typed), Some(refusal)).await
            }
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "register/views/contact.html")]
struct ContactPage {
    page: Page,
    trail: Vec<Crumb>,
    view: CardContactView,
}

async fn contact(State(web): State<Web>, visit: Visit, Path(card): Path<i64>) -> Response {
    match web.look(&visit, CardContact { card }).await {
        Ok(view) => {
            let trail = vec![Crumb::new("/cards", "证卡名册"), Crumb::new(format!("/cards/{card}"), view.name.clone())];
            html(&ContactPage { page: Page::new(&web, &visit), trail, view })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}
