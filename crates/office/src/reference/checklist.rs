//! The checklist of application materials for administrators: read, written in a form, taken out and brought in as a
//! table. A list that has begun does not change; the next one has a day of its own.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::checklist::MaterialPer;

use super::{ChecklistVersion, Checklists, ChecklistsView, ImportTable, TableKind};
use crate::web::page::{Choice, Crumb, Page, RefusalPanel, done, download, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, stopped};

/// Empty rows below what is filled in, and those that a button adds.
const SPARE: usize = 2;
const MORE: usize = 5;

/// 代码, 名称, 必交, 份数, 类型, 最大, 个数.
type ItemRow = [String; 7];
const COLUMNS: [&str; 7] = ["code", "title", "required", "per", "types", "largest_mb", "files_max"];

#[derive(Template)]
#[template(path = "reference/views/checklist.html")]
struct ChecklistPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ChecklistsView,
    rows: Vec<ItemRow>,
    effective_from: String,
    source: String,
    refusal: Option<RefusalPanel>,
}

impl ChecklistPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn required(&self, chosen: &str) -> Vec<Choice> {
        vec![Choice::new("yes", "必交", chosen), Choice::new("no", "选交", chosen)]
    }

    fn pers(&self, chosen: &str) -> Vec<Choice> {
        [MaterialPer::Body, MaterialPer::Trade].map(|per| Choice::new(per.code(), per.name(), chosen)).to_vec()
    }

    fn kinds(&self, list: &ChecklistVersion) -> usize {
        list.items.iter().filter(|item| item.required).count()
    }
}

fn spared(mut rows: Vec<ItemRow>, spare: usize) -> Vec<ItemRow> {
    let blank = || ["", "", "no", "body", "pdf jpg png zip", "32", "10"].map(str::to_owned);
    rows.extend((0..spare).map(|_| blank()));
    rows
}

fn row(item: &rules::checklist::MaterialItem) -> ItemRow {
    [
        item.code.clone(),
        item.title.clone(),
        if item.required { "yes" } else { "no" }.to_owned(),
        item.per.code().to_owned(),
        item.types.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(" "),
        item.largest_mb.to_string(),
        item.files_max.to_string(),
    ]
}

/// What was typed into the form.
struct Typed {
    rows: Vec<ItemRow>,
    effective_from: String,
    source: String,
}

impl Typed {
    fn of(posted: &Posted) -> Self {
        let cells = COLUMNS.map(|column| posted.all(&format!("{column}[]")));
        let count = cells.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |column: usize, row: usize| cells[column].get(row).copied().unwrap_or_default().to_owned();
        let rows = (0..count)
            .map(|row| std::array::from_fn(|column| cell(column, row)))
            .filter(|row: &ItemRow| !(row[0].is_empty() && row[1].is_empty()))
            .collect();
        Self { rows, effective_from: posted.text("effective_from").into(), source: posted.text("source").into() }
    }

    /// As the table that is imported.
    fn csv(&self) -> String {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |row: &ItemRow| {
            let cells: Vec<String> = std::iter::once(&self.effective_from).chain(row).map(quoted).collect();
            cells.join(",") + "\n"
        };
        format!("effective_from,{}\n", COLUMNS.join(",")) + &self.rows.iter().map(line).collect::<String>()
    }
}

pub(super) async fn checklist(State(web): State<Web>, visit: Visit) -> Response {
    page(&web, &visit, None, SPARE, None).await
}

async fn page(web: &Web, visit: &Visit, typed: Option<Typed>, spare: usize, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, Checklists {}).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let typed = typed.unwrap_or_else(|| Typed {
        rows: view.lists.first().map(|list| list.items.iter().map(row).collect()).unwrap_or_default(),
        effective_from: view.today.tomorrow().unwrap_or(view.today).to_string(),
        source: String::new(),
    });
    let page = ChecklistPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/admin/reference", "参考数据")],
        view,
        rows: spared(typed.rows, spare),
        effective_from: typed.effective_from,
        source: typed.source,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

pub(super) async fn set(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let typed = Typed::of(&posted);
    if posted.text("do") == "more" {
        return page(&web, &visit, Some(typed), SPARE + MORE, None).await;
    }
    let act = ImportTable { kind: TableKind::Checklist, source: typed.source.clone(), content: typed.csv() };
    match web.act(&visit, posted.once(), act).await {
        Ok(_) => done("/admin/checklist", &format!("清单已登记，从 {} 起生效。", typed.effective_from)),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => page(&web, &visit, Some(typed), SPARE, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

pub(super) async fn csv(State(web): State<Web>, visit: Visit) -> Response {
    match web.look(&visit, Checklists {}).await {
        Ok(view) => download("text/csv; charset=utf-8", "申请材料清单.csv", view.csv.into_bytes()),
        Err(stop) => stopped(&web, &visit, stop),
    }
}
