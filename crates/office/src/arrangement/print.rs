//! Tickets and lists on paper. Names stand in full where invigilators compare them with a person, masked where everyone
//! passes by; identity numbers are always masked.

use std::io::{Seek as _, SeekFrom};

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{Method, header};
use axum::response::Response;
use axum::routing::get;
use futures_util::stream;
use press::{ExamKind, ExamRow, ExamSheet, ScoreItem, Ticket};
use rules::result::Part;
use rules::{Clause, Refusal};
use tokio::io::AsyncReadExt as _;

use super::{ExamPapers, ExamPapersView, ExamSessionLine, SeatedPerson, part_seat};
use crate::door::{FileHash, Office, Stop};
use crate::web::api::{Registry, file_operation};
use crate::web::page::{asked, download, long_day, not_done, not_printed, plain_day};
use crate::web::{Visit, Web, stopped};

/// Bytes of a piece of a download.
const PIECE: usize = 64 * 1024;

/// What every candidate has to know, in words of one breath.
pub(crate) const TICKET_RULES: &[&str] = &[
    "凭本准考证和有效居民身份证件入场，开考前 30 分钟到达考场，先签到再就座。",
    "理论知识考试开考 30 分钟后不得入场；操作技能考核按时间到工位，迟到的按缺考处理。",
    "手机等电子设备关机后放在指定位置；操作技能考核按要求穿戴劳动防护用品。",
    "服从监考和考评人员管理，不得替考、抄袭、传递；违纪的，该科成绩无效。",
    "考试全程录像；对成绩有异议的，在结果公示期间向本机构或主管中心提出。",
];

/// What can be printed: tickets, and a list of each session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paper {
    Tickets,
    List(ExamKind),
}

impl Paper {
    const ALL: [Self; 5] = [
        Self::Tickets,
        Self::List(ExamKind::Door),
        Self::List(ExamKind::Labels),
        Self::List(ExamKind::SignIn),
        Self::List(ExamKind::Scores),
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::Tickets => "tickets",
            Self::List(ExamKind::Door) => "door-lists",
            Self::List(ExamKind::Labels) => "seat-labels",
            Self::List(ExamKind::SignIn) => "sign-in-sheets",
            Self::List(ExamKind::Scores) => "score-sheets",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Tickets => "准考证",
            Self::List(kind) => kind.name(),
        }
    }
}

/// The documents under `/api`.
pub(super) fn api(registry: Registry) -> Registry {
    const PDF: &str = "application/pdf";
    let operation = |id, summary| file_operation("batches", (id, summary), &["batch"], PDF);
    registry
        .other(
            Method::GET,
            "/batches/{batch}/papers/tickets",
            operation("AdmissionTickets", "批次的准考证，下载留痕"),
            get(|web, visit, batch, query| by_api(web, visit, batch, query, Paper::Tickets)),
        )
        .other(
            Method::GET,
            "/batches/{batch}/papers/door-lists",
            operation("DoorLists", "批次各场的考场门贴，下载留痕"),
            get(|web, visit, batch, query| by_api(web, visit, batch, query, Paper::List(ExamKind::Door))),
        )
        .other(
            Method::GET,
            "/batches/{batch}/papers/seat-labels",
            operation("SeatLabels", "批次各场的座位贴，下载留痕"),
            get(|web, visit, batch, query| by_api(web, visit, batch, query, Paper::List(ExamKind::Labels))),
        )
        .other(
            Method::GET,
            "/batches/{batch}/papers/sign-in-sheets",
            operation("SignInSheets", "批次各场的签到表，下载留痕"),
            get(|web, visit, batch, query| by_api(web, visit, batch, query, Paper::List(ExamKind::SignIn))),
        )
        .other(
            Method::GET,
            "/batches/{batch}/papers/score-sheets",
            operation("ExamScoreSheets", "批次各组的评分表，下载留痕"),
            get(|web, visit, batch, query| by_api(web, visit, batch, query, Paper::List(ExamKind::Scores))),
        )
}

async fn by_api(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
    paper: Paper,
) -> Response {
    send(web, visit, batch, paper, query.as_deref()).await
}

/// The paper at the end of an address: `/batches/7/papers/tickets`, of one session or candidate by its query.
pub(super) async fn page(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, paper)): Path<(i64, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    match Paper::ALL.into_iter().find(|one| one.code() == paper) {
        Some(paper) => send(web, visit, batch, paper, query.as_deref()).await,
        None => stopped(&web, &visit, Stop::NotFound),
    }
}

async fn send(web: Web, visit: Visit, batch: i64, paper: Paper, query: Option<&str>) -> Response {
    let number = |name| asked(query, name).and_then(|text| text.parse().ok());
    let look = ExamPapers { batch, session: number("session"), candidate: number("candidate") };
    let view = match web.look(&visit, look).await.and_then(|view| some(view, paper)) {
        Ok(view) => view,
        Err(stop) => return not_done(&web, &visit, stop),
    };
    let only = match (&view.lists[..], number("candidate")) {
        ([one], None) => format!("-{}", one.session.room),
        (_, Some(_)) => view.by_ticket().first().map(|(person, _)| format!("-{}", person.ticket)).unwrap_or_default(),
        _ => String::new(),
    };
    let name = format!("{}-{}{only}", view.batch.number, paper.name());
    match paper {
        Paper::List(kind) => {
            let sheets = sheets(&view, kind);
            let made = web.print(move |office| {
                office.press().exam_sheets(kind, &sheets, view.today).map_err(|error| not_printed(&error))
            });
            match made.await {
                Ok(pdf) => download("application/pdf", &format!("{name}.pdf"), pdf),
                Err(stop) => not_done(&web, &visit, stop),
            }
        }
        Paper::Tickets => tickets_of(&web, &visit, view, name).await,
    }
}

async fn tickets_of(web: &Web, visit: &Visit, view: ExamPapersView, name: String) -> Response {
    let public_url = web.settings.public_url.clone();
    match web.print(move |office| tickets(office, &public_url, &view)).await {
        Ok((file, length, 0)) => stream_of(&format!("{name}.pdf"), file, length),
        Ok((file, length, missing)) => stream_of(&format!("{name}（缺{missing}张，姓名无可用字形）.pdf"), file, length),
        Err(stop) => not_done(web, visit, stop),
    }
}

/// The ticket of the one candidate whose places a view holds.
pub(crate) async fn ticket_of(web: &Web, visit: &Visit, view: ExamPapersView) -> Response {
    match some(view, Paper::Tickets) {
        Ok(view) => {
            let ticket = view.by_ticket().first().map(|(person, _)| person.ticket.clone()).unwrap_or_default();
            tickets_of(web, visit, view, format!("准考证-{ticket}")).await
        }
        Err(stop) => not_done(web, visit, stop),
    }
}

/// Refuses what has nobody on it.
fn some(mut view: ExamPapersView, paper: Paper) -> Result<ExamPapersView, Stop> {
    if paper == Paper::List(ExamKind::Scores) {
        view.lists.retain(|list| list.session.part != Part::Theory);
    }
    if paper != Paper::List(ExamKind::Scores) && !view.lists.is_empty()
        || view.has(Part::Practical)
        || view.has(Part::Comprehensive)
    {
        return Ok(view);
    }
    Err(Refusal::new(Clause::S1_5_1, format!("没有可打印的{}：还没有编排座位", paper.name()))
        .remedy("请先编排考场和座位")
        .into())
}

fn time(session: &ExamSessionLine) -> String {
    format!("{} {}–{}", long_day(session.on), session.from, session.to)
}

/// Every ticket in a file without a name, its length, and how many could not be printed.
fn tickets(office: &Office, public_url: &str, view: &ExamPapersView) -> Result<(std::fs::File, u64, usize), Stop> {
    let mut file = tempfile::tempfile().map_err(Stop::fault)?;
    let mut fault = None;
    let all = view.by_ticket();
    let single = all.len() == 1;
    let made = all.into_iter().map_while(|(person, places)| {
        let url = format!("{public_url}/arrivals/{}", crate::conduct::ticket_code(office.seals(), person.candidate));
        ticket(office, view, (person, url), &places).map_err(|stop| fault = Some(stop)).ok()
    });
    let bound = office
        .press()
        .tickets(made, TICKET_RULES, view.today, std::io::BufWriter::new(&mut file))
        .map_err(|error| not_printed(&error))?;
    if let Some(stop) = fault {
        return Err(stop);
    }
    if single && let Some((_, why)) = bound.refused.first() {
        return Err(not_printed(why));
    }
    let length = file.seek(SeekFrom::End(0)).map_err(Stop::fault)?;
    file.rewind().map_err(Stop::fault)?;
    Ok((file, length, bound.refused.len()))
}

fn ticket(
    office: &Office,
    view: &ExamPapersView,
    (person, qr_text): (&SeatedPerson, String),
    places: &[(&ExamSessionLine, i64)],
) -> Result<Ticket, Stop> {
    let batch = &view.batch;
    let photo = person.photo.clone().map(|hash| office.files().bring(&FileHash(hash))).transpose()?;
    let trade = match batch.work_type.as_str() {
        "" => batch.trade.clone(),
        work_type => format!("{}（{work_type}）", batch.trade),
    };
    let mut entries = vec![
        ("姓名".to_owned(), person.name.clone()),
        ("准考证号".to_owned(), person.ticket.clone()),
        ("证件号码".to_owned(), person.id_masked.clone()),
        ("职业等级".to_owned(), format!("{trade}，{}", batch.level_name)),
    ];
    let class = if person.class.is_empty() { &person.major } else { &person.class };
    if !class.is_empty() {
        entries.push((if person.class.is_empty() { "专业" } else { "班级" }.to_owned(), class.clone()));
    }
    if let Some(code) = view.codes.get(&person.candidate) {
        entries.push(("查询码".to_owned(), format!("{code}（网上查看本人信息，一次有效）")));
    }
    let mut places: Vec<_> = places.to_vec();
    places.sort_by(|(a, _), (b, _)| (a.on, &a.from).cmp(&(b.on, &b.from)));
    Ok(Ticket {
        body_name: batch.body_name.clone(),
        title: format!("{}职业技能等级认定", batch.title),
        number: person.ticket.clone(),
        qr_text,
        entries,
        photo,
        places: places
            .into_iter()
            .map(|(session, seat)| {
                let when = format!("{}\n{}–{}", long_day(session.on), session.from, session.to);
                [session.part_name.clone(), when, session.room.clone(), part_seat(session.part, seat)]
            })
            .collect(),
    })
}

fn sheets(view: &ExamPapersView, kind: ExamKind) -> Vec<ExamSheet> {
    let batch = &view.batch;
    let row = |person: &SeatedPerson| ExamRow {
        seat: person.seat.to_string(),
        ticket: person.ticket.clone(),
        name: person.name.clone(),
        name_masked: person.name_masked.clone(),
        id_masked: person.id_masked.clone(),
    };
    let sheet = |list: &super::looks::ExamList| {
        let session = &list.session;
        let seat = match session.part {
            Part::Theory => "座位",
            Part::Practical => "工位",
            Part::Comprehensive => "次序",
        };
        let time = match kind {
            // There is little room on a label.
            ExamKind::Labels => format!("{} {}–{}", plain_day(session.on), session.from, session.to),
            _ => time(session),
        };
        let facts = [
            ("批次", format!("{}（{}）", batch.title, batch.number)),
            ("职业等级", format!("{}，{}", batch.trade, batch.level_name)),
            ("科目", session.part_name.clone()),
            ("时间", time.clone()),
            ("地点", session.room_name()),
            ("人数", format!("{} 人，{} {} 人", list.persons.len(), session.staff_name(), session.staff)),
        ];
        let items = view.rubrics.iter().filter(|rubric| rubric.part == session.part).flat_map(|rubric| &rubric.items);
        let items = items.map(|item| ScoreItem {
            title: item.title.clone(),
            points: item.points.to_string(),
            key: item.is_key,
        });
        ExamSheet {
            items: items.collect(),
            over: format!("{}　{}", batch.body_name, batch.title),
            room: session.room_name(),
            part: format!("{}　{}，{}", session.part_name, batch.trade, batch.level_name),
            time,
            seat: seat.to_owned(),
            facts: facts.map(|(label, value)| (label.to_owned(), value)).into(),
            rows: list.persons.iter().map(row).collect(),
            staff: session.staff,
            staff_name: session.staff_name().to_owned(),
        }
    };
    view.lists.iter().map(sheet).collect()
}

fn stream_of(name: &str, file: std::fs::File, length: u64) -> Response {
    let pieces = stream::unfold(tokio::fs::File::from_std(file), |mut file| async {
        let mut piece = Vec::with_capacity(PIECE);
        match file.read_buf(&mut piece).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(Bytes::from(piece)), file)),
            Err(error) => Some((Err(error), file)),
        }
    });
    let (mut parts, _) = download("application/pdf", name, Vec::new()).into_parts();
    parts.headers.insert(header::CONTENT_LENGTH, length.into());
    Response::from_parts(parts, Body::from_stream(pieces))
}
