//! The list of standards with a search, and one standard with its rules, its history and the form that sets them.

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use rules::Refusal;
use rules::certificate::Level;
use rules::result::Part;
use rules::standard::{RuleKey, RuleOrigin};

use super::{
    LevelRules, RuleLine, RuleValue, SetStandardRules, StandardLine, StandardRules, StandardRulesView, Standards,
    StandardsView,
};
use crate::door::Stop;
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, asked, done, long_day, plain_day, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new().route("/standards", get(list)).route("/standards/rules", get(rules).post(set))
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

impl RulesPage {
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
        let chosen = self.typed.text("level");
        let of = |level: &LevelRules| Choice::new(level.level.digit().to_string(), level.level.name(), chosen);
        std::iter::once(Choice::new("", "各等级", chosen)).chain(self.view.levels.iter().map(of)).collect()
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
