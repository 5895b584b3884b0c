//! The list of standards with a search, and one standard with its rules, its history and the form that sets them.

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rules::Refusal;
use rules::certificate::Level;
use rules::result::Part;
use rules::rubric::RubricItem;
use rules::standard::{RuleKey, RuleOrigin};

use super::{
    LevelRules, RubricView, RuleLine, RuleValue, SetStandardRubric, SetStandardRules, StandardLine, StandardRules,
    StandardRulesView, Standards, StandardsView,
};
use crate::door::{Act, Stop};
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, XLSX, asked, done, download, long_day, plain_day, refusal_in, status_for,
    with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/standards", get(list))
        .route("/standards/rules", get(rules).post(set))
        .route("/standards/rubric", get(rubric).post(set_rubric))
        .route("/standards/rubric.xlsx", get(rubric_sheet))
}

#[derive(Template)]
#[template(path = "standard/views/list.html")]
struct ListPage {
    page: Page,
    view: StandardsView,
    find: String,
}

/// The page of a standard.
fn href(code: &str, standard: &str) -> String {
    let mut link = form_urlencoded::Serializer::new("/standards/rules?".to_owned());
    link.append_pair("code", code).append_pair("standard", standard);
    link.finish()
}

impl ListPage {
    fn href(&self, line: &StandardLine) -> String {
        href(&line.code, &line.standard)
    }
}

async fn list(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let find = asked(query.as_deref(), "find");
    match web.look(&visit, Standards { find: find.clone() }).await {
        Ok(view) => html(&ListPage { page: Page::new(&web, &visit), view, find: find.unwrap_or_default() }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "standard/views/rules.html")]
struct RulesPage {
    page: Page,
    trail: Vec<Crumb>,
    view: StandardRulesView,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

/// The form that sets a rubric.
#[derive(Template)]
#[template(path = "standard/views/rubric.html")]
struct RubricPage {
    page: Page,
    trail: Vec<Crumb>,
    view: StandardRulesView,
    typed: Posted,
    /// What was found in a workbook, which was not taken.
    findings: Vec<sheets::Finding>,
    refusal: Option<RefusalPanel>,
}

/// A row of the form of a rubric.
struct ItemRow {
    code: String,
    title: String,
    points: String,
    is_key: bool,
}

/// Rows of the form of a rubric.
const ITEM_ROWS: usize = 8;

impl RubricPage {
    /// The rows as they were typed, or empty ones.
    fn item_rows(&self) -> Vec<ItemRow> {
        let column = |name: &str| self.typed.all(name);
        let (codes, titles, points, keys) =
            (column("item_code[]"), column("item_title[]"), column("item_points[]"), column("item_key[]"));
        let at = |list: &[&str], at: usize| list.get(at).map(|text| (*text).to_owned()).unwrap_or_default();
        let more = if self.typed.text("do") == "more" { ITEM_ROWS } else { 0 };
        let row = |n: usize| ItemRow {
            code: at(&codes, n),
            title: at(&titles, n),
            points: at(&points, n),
            is_key: at(&keys, n) == "yes",
        };
        (0..(titles.len() + more).max(ITEM_ROWS)).map(row).collect()
    }

    fn parts(&self) -> Vec<Choice> {
        let chosen = self.typed.text("part");
        let has =
            |part: &&Part| self.view.levels.iter().any(|level| rules::result::parts_for(level.level).contains(part));
        super::rubric::PARTS.iter().filter(has).map(|part| Choice::new(part.code(), part.name(), chosen)).collect()
    }

    fn levels(&self) -> Vec<Choice> {
        level_choices(&self.view, self.typed.text("level"))
    }

    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn home(&self) -> String {
        href(&self.view.code, &self.view.standard)
    }

    fn empty_sheet(&self) -> String {
        home_of("/standards/rubric.xlsx", &self.view)
    }
}

/// An address about a standard.
fn home_of(path: &str, view: &StandardRulesView) -> String {
    let mut link = form_urlencoded::Serializer::new(format!("{path}?"));
    link.append_pair("code", &view.code).append_pair("standard", &view.standard);
    link.finish()
}

fn level_choices(view: &StandardRulesView, chosen: &str) -> Vec<Choice> {
    let of = |level: &LevelRules| Choice::new(level.level.digit().to_string(), level.level.name(), chosen);
    std::iter::once(Choice::new("", "各等级", chosen)).chain(view.levels.iter().map(of)).collect()
}

impl RulesPage {
    /// The workbook of the rubric of a level, to change and send back.
    fn sheet(&self, one: &RubricView) -> String {
        let home = home_of("/standards/rubric.xlsx", &self.view);
        format!("{home}&part={}&level={}", one.part.code(), one.level.digit())
    }

    fn rubric_href(&self) -> String {
        home_of("/standards/rubric", &self.view)
    }

    /// The keys that any level has.
    fn keys(&self) -> Vec<RuleKey> {
        let has = |key: &&RuleKey| self.view.levels.iter().any(|level| line(level, **key).is_some());
        RuleKey::ALL.iter().filter(has).copied().collect()
    }

    fn at<'l>(&self, level: &'l LevelRules, key: &RuleKey) -> Option<&'l RuleLine> {
        line(level, *key)
    }

    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn levels(&self) -> Vec<Choice> {
        level_choices(&self.view, self.typed.text("level"))
    }

    /// The keys that are typed as numbers, part by part.
    fn groups(&self) -> Vec<Vec<RuleKey>> {
        let of = |part: &Part| self.keys().into_iter().filter(|key| key.part() == Some(*part)).collect::<Vec<_>>();
        Part::ALL.iter().map(of).filter(|keys| !keys.is_empty()).collect()
    }

    fn generations(&self) -> Vec<Choice> {
        let chosen = self.typed.text(RuleKey::Conditions.code());
        let of = |value: i64| Choice::new(value.to_string(), RuleKey::Conditions.said(value), chosen);
        vec![Choice::new("", "按标准年份", chosen), of(1), of(2)]
    }

    fn label(&self, key: &RuleKey) -> String {
        format!("{}（{}）", key.name(), key.unit())
    }

    fn values(&self, values: &[RuleValue]) -> String {
        match values.is_empty() {
            true => "全部按通用".to_owned(),
            false => {
                let said = |one: &RuleValue| format!("{} {}", one.key.name(), one.key.said(one.value));
                values.iter().map(said).collect::<Vec<_>>().join("；")
            }
        }
    }
}

fn line(level: &LevelRules, key: RuleKey) -> Option<&RuleLine> {
    level.rules.iter().find(|line| line.key == key)
}

async fn rules(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let of = |name: &str| asked(query.as_deref(), name).unwrap_or_default();
    show(&web, &visit, (of("code"), of("standard")), Posted::default(), None).await
}

async fn show(
    web: &Web,
    visit: &Visit,
    (code, standard): (String, String),
    typed: Posted,
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, StandardRules { code, standard }).await {
        Ok(view) => {
            let trail = vec![Crumb::new("/standards", "标准与考核规则")];
            let page = RulesPage { page: Page::new(web, visit), trail, view, typed, refusal };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

fn read(posted: &Posted) -> Result<SetStandardRules, Stop> {
    let mut values = Vec::new();
    for &key in RuleKey::ALL {
        let text = posted.text(key.code());
        if text.is_empty() {
            continue;
        }
        let value = text.parse().map_err(|_| {
            let (least, most) = key.bounds();
            Refusal::house("填写", format!("{}填写的“{text}”不是整数", key.name()))
                .remedy(format!("请填写{least}至{most}的整数，不填为通用"))
                .at(key.code())
        })?;
        values.push(RuleValue { key, value });
    }
    Ok(SetStandardRules {
        code: posted.text("code").to_owned(),
        standard: posted.text("standard").to_owned(),
        level: posted.text("level").chars().next().and_then(Level::from_digit),
        from: posted.day("from", "生效日期")?,
        values,
        source: posted.text("source").to_owned(),
    })
}

async fn set(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let of = (posted.text("code").to_owned(), posted.text("standard").to_owned());
    let outcome = match read(&posted) {
        Ok(act) => {
            let from = act.from;
            web.act(&visit, posted.once(), act).await.map(|_| from)
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(from) => done(&href(&of.0, &of.1), &format!("已登记，自{}起通报的批次按此办理。", plain_day(from))),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => show(&web, &visit, of, posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The items of the form; a row that says nothing is none.
fn typed_items(posted: &Posted) -> Result<Vec<RubricItem>, Stop> {
    let column = |name: &str| posted.all(name);
    let (codes, titles, points, keys) =
        (column("item_code[]"), column("item_title[]"), column("item_points[]"), column("item_key[]"));
    let at = |list: &[&str], at: usize| list.get(at).map(|text| text.trim().to_owned()).unwrap_or_default();
    let mut items = Vec::new();
    for n in 0..titles.len() {
        let (title, written) = (at(&titles, n), at(&points, n));
        if title.is_empty() && written.is_empty() {
            continue;
        }
        let points = written.parse().map_err(|_| {
            Refusal::house("填写", format!("第{}行的配分“{written}”不是整数", n + 1))
                .remedy("请填写 1 至 100 的整数，各项合计 100")
                .at("items")
        })?;
        items.push(RubricItem { code: at(&codes, n), title, points, is_key: at(&keys, n) == "yes" });
    }
    Ok(items)
}

async fn rubric(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let of = |name: &str| asked(query.as_deref(), name).unwrap_or_default();
    rubric_page(&web, &visit, (of("code"), of("standard")), Posted::default(), (Vec::new(), None)).await
}

async fn rubric_page(
    web: &Web,
    visit: &Visit,
    (code, standard): (String, String),
    typed: Posted,
    (findings, refusal): (Vec<sheets::Finding>, Option<RefusalPanel>),
) -> Response {
    match web.look(visit, StandardRules { code, standard }).await {
        Ok(view) if view.may_set => {
            let home = Crumb::new(href(&view.code, &view.standard), view.standard.clone());
            let trail = vec![Crumb::new("/standards", "标准与考核规则"), home];
            let status = match findings.is_empty() {
                true => status_for(refusal.as_ref()),
                false => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let page = RubricPage { page: Page::new(web, visit), trail, view, typed, findings, refusal };
            with_status(status, &page)
        }
        Ok(_) => stopped(web, visit, Stop::NotGranted),
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn set_rubric(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let of = (posted.text("code").to_owned(), posted.text("standard").to_owned());
    if posted.text("do") == "more" {
        return rubric_page(&web, &visit, of, posted, (Vec::new(), None)).await;
    }
    let (caller, kind) = (visit.caller.clone(), SetStandardRubric::KIND);
    let has_file = posted.files("file").next().is_some();
    let (posted, kept) = match has_file {
        true => {
            let read = web.work(move |office| {
                let kept = posted.keep_file(office, (&caller, kind), ("file", "评分细则"));
                Ok((posted, kept))
            });
            match read.await {
                Ok((posted, kept)) => (posted, kept.map(|(hash, _)| Some(hash))),
                Err(stop) => return stopped(&web, &visit, stop),
            }
        }
        false => (posted, Ok(None)),
    };
    let read = kept.and_then(|file| {
        let items = if file.is_some() { Vec::new() } else { typed_items(&posted)? };
        if items.is_empty() && file.is_none() && posted.text("do") != "clear" {
            let what = "没有填写评分项目";
            return Err(Refusal::house("填写", what).remedy("请填写项目和配分，或上传表格").at("items").into());
        }
        Ok(SetStandardRubric {
            code: posted.text("code").to_owned(),
            standard: posted.text("standard").to_owned(),
            level: posted.text("level").chars().next().and_then(Level::from_digit),
            part: Part::from_code(posted.text("part")).unwrap_or(Part::Practical),
            from: posted.day("from", "生效日期")?,
            items: if posted.text("do") == "clear" { Vec::new() } else { items },
            file,
            source: posted.text("source").to_owned(),
            read: None,
        })
    });
    let outcome = match read {
        Ok(act) => {
            let from = act.from;
            web.act(&visit, posted.once(), act).await.map(|kept| (from, kept))
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok((from, kept)) if kept.id.is_some() => {
            let said = match kept.items {
                0 => format!("已撤销，自{}起通报的批次按整体评分。", plain_day(from)),
                items => format!("已登记 {items} 项，自{}起通报的批次按此评分。", plain_day(from)),
            };
            done(&href(&of.0, &of.1), &said)
        }
        Ok((_, kept)) => rubric_page(&web, &visit, of, posted, (kept.findings, None)).await,
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => rubric_page(&web, &visit, of, posted, (Vec::new(), Some(refusal))).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// A rubric as a workbook: that of a level, or an empty one to fill in.
async fn rubric_sheet(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let of = |name: &str| asked(query.as_deref(), name).unwrap_or_default();
    let (part, level) = (of("part"), of("level"));
    let view = match web.look(&visit, StandardRules { code: of("code"), standard: of("standard") }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let of_level = |one: &&RubricView| one.part.code() == part && one.level.digit().to_string() == level;
    let items = view.rubrics.iter().find(of_level).map(|one| one.items.clone()).unwrap_or_default();
    match sheets::rubric_template(&items) {
        Ok(bytes) => download(XLSX, "评分细则.xlsx", bytes),
        Err(error) => stopped(&web, &visit, Stop::fault(error)),
    }
}
