//! How a page and a refusal look: the shell around every page, and one rendering each for what did not happen.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use rules::jurisdiction::BodyKind;
use rules::people::Role;
use rules::proposal::ProposalState;
use rules::refusal::RefusalView;
use rules::{Day, Refusal};
use sheets::Finding;

use super::api::problem;
use super::{Visit, Web, session};
use crate::account;
use crate::door::files::FileKind;
use crate::door::{Caller, Seat, Stop, Via};

/// What the shell needs; every template has one as its field `page`.
#[derive(Debug, Clone)]
pub struct Page {
    pub product: &'static str,
    pub account: Option<AccountLine>,
    pub nav: Vec<NavItem>,
    /// The simulated day, in the make-believe province only.
    pub demo_day: Option<String>,
    pub flash: Option<String>,
    pub csrf: String,
    /// Whether this is a page of candidates, whose forms carry another token than those elsewhere.
    pub is_own: bool,
    /// A fresh key for each form of the page, so that a form sent twice counts once.
    pub once: String,
    pub path: String,
    /// Says that the calendar of next year is missing, where that is so.
    pub clock_note: String,
}

/// Who is signed in, in the header.
#[derive(Debug, Clone)]
pub struct AccountLine {
    pub name: String,
    pub role: String,
    pub seat: String,
}

/// One entry of the navigation.
#[derive(Debug, Clone)]
pub struct NavItem {
    pub href: &'static str,
    pub label: &'static str,
    pub current: bool,
}

/// One step of the way to where a page is.
#[derive(Debug, Clone)]
pub struct Crumb {
    pub href: String,
    pub label: String,
}

impl Crumb {
    /// A step of the way.
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into() }
    }
}

/// The way to a page of a batch: the list and the batch.
pub fn batch_trail(batch: i64, title: &str) -> Vec<Crumb> {
    vec![Crumb::new("/batches", "批次"), Crumb::new(format!("/batches/{batch}"), title)]
}

/// What a workbook is served as.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A parameter of the address; a blank one is none.
pub fn asked(query: Option<&str>, name: &str) -> Option<String> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| value.into_owned())
}

/// One of several that a form offers: in a select, or beside a radio button or a box.
#[derive(Debug, Clone)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

impl Choice {
    /// An option, chosen if its value is the `chosen` one.
    pub fn new(value: impl Into<String>, label: impl Into<String>, chosen: &str) -> Self {
        let value = value.into();
        Self { chosen: value == chosen, value, label: label.into() }
    }
}

/// Where a page of a list stands, as `ui::pages` shows it.
#[derive(Debug, Clone)]
pub struct Paging {
    pub from: i64,
    pub to: i64,
    pub total: i64,
    pub previous: Option<String>,
    pub next: Option<String>,
}

impl Paging {
    /// The page `page`, from 0, of a list with `size` to a page; `link` writes the address of another page.
    pub fn new(page: i64, size: i64, total: i64, link: impl Fn(i64) -> String) -> Self {
        Self {
            from: (page * size + 1).min(total),
            to: ((page + 1) * size).min(total),
            total,
            previous: (page > 0).then(|| link(page - 1)),
            next: ((page + 1) * size < total).then(|| link(page + 1)),
        }
    }
}

/// One bar of a chart, as `ui::bars` draws it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub label: String,
    pub value: usize,
    /// Percent of the longest.
    pub share: usize,
    /// Where it stands, in pixels from the top.
    pub y: usize,
    pub marked: bool,
}

/// How often each word occurs, the most frequent first.
pub fn tally<'a>(words: impl Iterator<Item = &'a str>) -> Vec<Bar> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(counted, _)| *counted == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    bars(counts.into_iter().map(|(word, count)| (word.to_owned(), count)).collect())
}

/// A bar for each count, in the order given.
pub fn bars(counts: Vec<(String, usize)>) -> Vec<Bar> {
    let longest = counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let bar = |(at, (label, count)): (usize, (String, usize))| Bar {
        label,
        value: count,
        share: count * 100 / longest,
        y: at * 36,
        marked: false,
    };
    counts.into_iter().enumerate().map(bar).collect()
}

/// A refusal as the pages show it.
#[derive(Debug, Clone)]
pub struct RefusalPanel {
    pub what: String,
    pub remedy: String,
    pub clause_label: String,
    pub clause_href: String,
    pub field: Option<String>,
}

impl RefusalPanel {
    /// What is wrong with a field, to stand beside it; blank when nothing is.
    pub fn beside<'r>(refusal: Option<&'r Self>, field: &str) -> &'r str {
        refusal.filter(|refusal| refusal.field.as_deref() == Some(field)).map_or("", |refusal| &refusal.what)
    }
}

impl From<RefusalView> for RefusalPanel {
    fn from(view: RefusalView) -> Self {
        let clause_href = view.clause.as_ref().map_or_else(|| "/clauses".into(), |id| format!("/clauses#{id}"));
        Self {
            what: spoken(&view.what),
            remedy: spoken(&view.remedy),
            clause_label: view.ground,
            clause_href,
            field: view.field,
        }
    }
}

/// The refusal in a stop, to be shown on the page where it happened; any other stop is handed back.
///
/// # Errors
/// The stop, if it is not a refusal.
pub fn refusal_in(stop: Stop) -> Result<RefusalPanel, Stop> {
    match stop {
        Stop::Refused(refusal) | Stop::RefusedAndKept(refusal) => Ok(RefusalView::from(&*refusal).into()),
        Stop::RefusedBefore(view) => Ok((*view).into()),
        other => Err(other),
    }
}

impl Page {
    /// The shell for this visit.
    pub fn new(web: &Web, visit: &Visit) -> Self {
        let caller = &visit.caller;
        let account = caller.account().map(|_| AccountLine {
            name: caller.name().to_owned(),
            role: caller.role().name().to_owned(),
            seat: caller.seat_name().to_owned(),
        });
        let today = web.office.today();
        let clock_note = rules::deadline::warn_missing_year(&web.office.reference().calendar, today)
            .filter(|_| *caller.seat() == Seat::Platform)
            .unwrap_or_default();
        Self {
            product: "匠册",
            account,
            nav: nav(caller, &visit.path),
            demo_day: web.office.is_demo().then(|| long_day(today)),
            flash: visit.flash.clone(),
            csrf: visit.csrf.clone(),
            is_own: session::is_own(&visit.path),
            once: fresh(),
            path: visit.path.clone(),
            clock_note,
        }
    }
}

/// Whether a path leads to a page of ours and nowhere else, whatever a browser makes of it.
pub fn is_ours(path: &str) -> bool {
    let mut letters = path.chars();
    letters.next() == Some('/')
        && !matches!(letters.next(), Some('/' | '\\'))
        && !path.chars().any(|letter| letter.is_control())
}

/// A key that was never used: 32 hexadecimal digits.
pub fn fresh() -> String {
    crate::door::hex(&rand::random::<[u8; 16]>())
}

/// A day for people: `2026年12月7日 周一`.
pub fn long_day(day: Day) -> String {
    format!("{}年{}月{}日 {}", day.year(), day.month(), day.day(), weekday(day))
}

/// A day inside a sentence: `2026年12月7日`.
pub fn plain_day(day: Day) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// A sentence as people read it: its days in full, `最早可于2026年12月7日开展`. What someone typed, between quotation
/// marks, and samples of how to type (`请按 2028-12-31 的格式`) stay as they are.
pub fn spoken(sentence: &str) -> String {
    const ISO: usize = "2026-12-07".len();
    let mut said = String::with_capacity(sentence.len());
    let (mut rest, mut quoted) = (sentence, false);
    while let Some(next) = rest.chars().next() {
        let day = rest.get(..ISO).filter(|text| text.is_ascii() && text.as_bytes()[4] == b'-');
        let is_typed = quoted || said.trim_end().ends_with('按') || said.ends_with(|c: char| c.is_ascii_alphanumeric());
        if let Some(day) = day.and_then(|text| text.parse::<Day>().ok()).filter(|_| !is_typed) {
            rest = &rest[ISO..];
            // Blanks set figures apart from words; a day in full needs none.
            if said.ends_with(' ') && !said.trim_end().ends_with(|c: char| c.is_ascii()) {
                said.pop();
            }
            said += &plain_day(day);
            if rest.chars().nth(1).is_some_and(|c| !c.is_ascii()) {
                rest = rest.strip_prefix(' ').unwrap_or(rest);
            }
            continue;
        }
        match next {
            '“' => quoted = true,
            '”' => quoted = false,
            _ => {}
        }
        said.push(next);
        rest = &rest[next.len_utf8()..];
    }
    said
}

/// A digest in groups of eight, so that it breaks over lines and can be compared by eye.
pub fn grouped(digest: &str) -> String {
    let signs: Vec<char> = digest.chars().collect();
    signs.chunks(8).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The colour of the tag of what one person proposes and another answers.
pub fn proposal_kind(state: &ProposalState) -> &'static str {
    match state {
        ProposalState::Proposed => "warn",
        ProposalState::Agreed => "ok",
        ProposalState::Declined => "danger",
        ProposalState::Withdrawn => "neutral",
    }
}

/// The day of the week in two characters.
pub fn weekday(day: Day) -> &'static str {
    match day.weekday() {
        jiff::civil::Weekday::Monday => "周一",
        jiff::civil::Weekday::Tuesday => "周二",
        jiff::civil::Weekday::Wednesday => "周三",
        jiff::civil::Weekday::Thursday => "周四",
        jiff::civil::Weekday::Friday => "周五",
        jiff::civil::Weekday::Saturday => "周六",
        jiff::civil::Weekday::Sunday => "周日",
    }
}

fn nav(caller: &Caller, path: &str) -> Vec<NavItem> {
    let items: &[(&'static str, &'static str)] = match caller.role() {
        Role::Public | Role::Candidate | Role::Timer => &[
            ("/query", "证书查询"),
            ("/me", "考生查询"),
            ("/directory", "机构目录"),
            ("/publicity", "结果公示"),
            ("/clauses", "政策依据"),
        ],
        Role::Clerk | Role::Head => &[
            ("/work", "待办"),
            ("/filings", "备案"),
            ("/enrolment", "学籍"),
            ("/cards", "证卡"),
            ("/cooperations", "合作"),
            ("/batches", "批次"),
            ("/certificates", "证书"),
            ("/ledger", "台账"),
            ("/standing", "备案情形"),
            ("/inspections", "检查"),
            ("/regulations", "管理办法"),
            ("/directory", "机构目录"),
        ],
        Role::CityBureau => &[
            ("/work", "待办"),
            ("/filings", "备案"),
            ("/announcements", "企业与组织"),
            ("/cooperations", "合作"),
            ("/cards", "证卡名册"),
            ("/board", "看板"),
            ("/inspections", "检查"),
            ("/batches", "批次"),
            ("/certificates", "证书"),
            ("/regulations", "管理办法"),
            ("/ledger", "台账"),
            ("/directory", "机构目录"),
        ],
        Role::CityCentre | Role::ProvincialCentre => &[
            ("/work", "待办"),
            ("/filings", "备案"),
            ("/cards", "证卡名册"),
            ("/board", "看板"),
            ("/inspections", "检查"),
            ("/batches", "批次"),
            ("/certificates", "证书"),
            ("/standards", "标准"),
            ("/employers", "用人单位"),
            ("/directory", "机构目录"),
        ],
        Role::ProvincialDepartment => &[
            ("/work", "待办"),
            ("/filings", "备案"),
            ("/ministry", "报部备案"),
            ("/cards", "证卡名册"),
            ("/board", "看板"),
            ("/inspections", "检查"),
            ("/batches", "批次"),
            ("/certificates", "证书"),
            ("/directory", "机构目录"),
        ],
        Role::Employer => {
            &[("/checks", "批量核验"), ("/query", "证书查询"), ("/directory", "机构目录"), ("/clauses", "政策依据")]
        }
        Role::Administrator => &[
            ("/work", "待办"),
            ("/admin/bodies", "机构"),
            ("/admin/accounts", "账号"),
            ("/admin/reference", "参考数据"),
            ("/admin/deliveries", "消息投递"),
            ("/admin/records", "操作记录"),
        ],
    };
    // Who was announced applies for no filing and keeps no register of students of its own (一（一）1, 2).
    let is_announced = matches!(caller.body_kind(), Some(BodyKind::Enterprise | BodyKind::SocialOrganisation));
    // What belongs to one body stands below it: /bodies/1/inspections/2 is among the inspections.
    let of_body =
        path.strip_prefix("/bodies/").and_then(|rest| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    items
        .iter()
        .filter(|(href, _)| !(is_announced && matches!(*href, "/filings" | "/enrolment")))
        .filter(|(href, _)| *href != "/employers" || caller.role() == Role::ProvincialCentre)
        .map(|&(href, label)| NavItem {
            href,
            label,
            current: [path, of_body]
                .iter()
                .any(|path| path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))),
        })
        .collect()
}

/// Renders a template.
pub fn html(template: &impl Template) -> Response {
    with_status(StatusCode::OK, template)
}

/// Renders a template under a status: 422 for a page that shows a refusal.
pub fn with_status(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "template");
            (StatusCode::INTERNAL_SERVER_ERROR, "页面生成失败，已记录，请稍后再试。").into_response()
        }
    }
}

/// The status of a page that may show a refusal.
pub fn status_for(refusal: Option<&RefusalPanel>) -> StatusCode {
    if refusal.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

/// Goes to another page and says there what was done.
pub fn done(to: &str, said: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().append(header::SET_COOKIE, session::flash(said));
    response
}

/// What did not happen, in the words of who asked: a page, or a problem under `/api`.
pub fn not_done(web: &Web, visit: &Visit, stop: Stop) -> Response {
    if visit.caller.via() == Via::Api { problem(stop).into_response() } else { stopped(web, visit, stop) }
}

/// A file that was asked for, on a page or under `/api`, or why there is none. Without a content type the bytes say it, as
/// of what someone uploaded.
pub fn handed(
    web: &Web,
    visit: &Visit,
    content_type: Option<&'static str>,
    made: Result<(String, Vec<u8>), Stop>,
) -> Response {
    match made {
        Ok((name, bytes)) => {
            let kind = content_type.unwrap_or_else(|| FileKind::content_type(FileKind::of(&bytes)));
            download(kind, &name, bytes)
        }
        Err(stop) => not_done(web, visit, stop),
    }
}

/// What can't be set as a document, and why.
pub fn not_printed(error: &press::PressError) -> Stop {
    Refusal::house("打印", error.to_string()).remedy("网页上的内容不受影响，可先在网页查看，并请系统管理员处理").into()
}

/// A finding in a file that was sent, as `ui::findings` shows it.
pub struct FoundLine {
    pub sheet: String,
    pub row: u32,
    pub column: String,
    pub value: String,
    pub reason: String,
    pub remedy: String,
}

impl From<&Finding> for FoundLine {
    fn from(finding: &Finding) -> Self {
        Self {
            sheet: if finding.sheet.is_empty() { "（文本）".into() } else { finding.sheet.clone() },
            row: finding.row,
            column: format!("{} {}", finding.column, finding.column_name).trim().to_owned(),
            value: finding.value.clone(),
            reason: format!("{}（{}）", finding.reason, finding.ground),
            remedy: finding.remedy.clone(),
        }
    }
}

/// Findings as they are shown: the faults, and what someone should look at.
pub fn found_lines<'f>(findings: impl Iterator<Item = &'f Finding>) -> (Vec<FoundLine>, Vec<FoundLine>) {
    let (faults, others): (Vec<&Finding>, Vec<&Finding>) = findings.partition(|finding| finding.is_fault());
    let lines = |of: Vec<&Finding>| of.into_iter().map(FoundLine::from).collect();
    (lines(faults), lines(others))
}

/// A file for saving; the name may be Chinese.
pub fn download(content_type: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let escaped: String = form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    let disposition = format!("attachment; filename=\"download\"; filename*=UTF-8''{escaped}");
    ([(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}

#[derive(Template)]
#[template(path = "web/views/stopped.html")]
struct Stopped {
    page: Page,
    title: &'static str,
    what: String,
    next: &'static str,
    refusal: Option<RefusalPanel>,
}

/// The page for an act or a look that did not happen.
pub fn stopped(web: &Web, visit: &Visit, stop: Stop) -> Response {
    let page = Page::new(web, visit);
    let (status, title, what, next, refusal) = match stop {
        Stop::SignInFirst if visit.sends => return account::sign_in_first(web, visit),
        Stop::SignInFirst => {
            let next: String = form_urlencoded::byte_serialize(visit.path.as_bytes()).collect();
            return Redirect::to(&format!("/sign-in?next={next}")).into_response();
        }
        Stop::NotFound => (
            StatusCode::NOT_FOUND,
            "没有找到",
            "没有这条记录，或它不在您的管辖范围内。".into(),
            "请核对地址，或从导航重新进入。",
            None,
        ),
        Stop::NotGranted => {
            let role = visit.caller.role().name();
            (
                StatusCode::FORBIDDEN,
                "没有权限",
                format!("您的角色（{role}）不办理这件事。"),
                "需要办理时，请由有权限的同事登录。",
                None,
            )
        }
        Stop::KeyReused => (
            StatusCode::CONFLICT,
            "请刷新后重试",
            "这张表单已经提交过，内容与上次不同。".into(),
            "请返回页面刷新后重新填写。",
            None,
        ),
        Stop::Fault(fault) => {
            let id = fresh();
            tracing::error!(request = %id, %fault, path = %visit.path, "fault");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "系统出现故障",
                format!("故障已记录，编号 {}。", &id[..8]),
                "未提交的内容没有保存，请稍后再试。",
                None,
            )
        }
        refused => match refusal_in(refused) {
            Ok(panel) => (StatusCode::UNPROCESSABLE_ENTITY, "不能办理", String::new(), "", Some(panel)),
            Err(other) => return stopped(web, visit, other),
        },
    };
    with_status(status, &Stopped { page, title, what, next, refusal })
}

/// What the framework refuses in words of its own (an id that is no number, a form that is too large, a method that an
/// address doesn't know) leaves as a page of ours.
pub async fn in_words(State(web): State<Web>, visit: Visit, request: Request, next: Next) -> Response {
    let is_read = request.method().is_safe();
    let mut response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("text/plain");
    if !response.status().is_client_error() || !kind.starts_with("text/plain") {
        return response;
    }
    // What comes with an objection is smaller than what a body sends.
    let objects = visit.path.starts_with("/publicity/");
    let most = match objects {
        true => rules::terms::EVIDENCE_MAX * rules::terms::EVIDENCE_BYTES_MAX / (1024 * 1024),
        false => crate::door::files::SIZE_MAX / (1024 * 1024),
    };
    let (title, what, next) = match response.status() {
        StatusCode::BAD_REQUEST if is_read => return stopped(&web, &visit, Stop::NotFound),
        StatusCode::FORBIDDEN => {
            ("表单已失效", "表单已失效或来自其他网站，未作任何改动。".to_owned(), "请返回上一页，刷新后重新提交。")
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            ("这个地址不能直接打开", "它只接收从页面提交的表单。".to_owned(), "请从导航重新进入。")
        }
        // Nobody without an account has so much to say: their session has ended.
        StatusCode::PAYLOAD_TOO_LARGE if !visit.caller.is_signed_in() && !objects => {
            return stopped(&web, &visit, Stop::SignInFirst);
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("内容过大", format!("一次提交的内容不能超过 {most} MB，这次没有接收。"), "请把文件压缩，或分几次上传。")
        }
        _ => ("没有收到完整的内容", "上传中断，或表单不完整，未作任何改动。".to_owned(), "请返回上一页重新提交。"),
    };
    let page = Page::new(&web, &visit);
    let said = Stopped { page, title, what, next, refusal: None };
    let mut page = with_status(response.status(), &said);
    if let Some(allowed) = response.headers_mut().remove(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, allowed);
    }
    page
}

/// The page for an address that does not exist.
pub async fn no_such_page(State(web): State<Web>, visit: Visit) -> Response {
    stopped(&web, &visit, Stop::NotFound)
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn house_days_are_said_in_full_and_what_was_typed_stays() {
        for (written, said) in [
            ("今天通报的批次，最早可于 2026-12-07 开展", "今天通报的批次，最早可于2026年12月7日开展"),
            ("2026-09-01 通报、2026-09-14 开展", "2026年9月1日通报、2026年9月14日开展"),
            ("请于 2026-06-02 至 2026-08-31 之间申请", "请于2026年6月2日至2026年8月31日之间申请"),
            ("“2026-13-01”不是日期，请按 2008-05-01 的样式填写", "“2026-13-01”不是日期，请按 2008-05-01 的样式填写"),
            ("批次 PC2026-0001，编号 X2026-12-07", "批次 PC2026-0001，编号 X2026-12-07"),
            ("截止 2026-12-07", "截止2026年12月7日"),
        ] {
            assert_eq!(spoken(written), said);
        }
    }
}
