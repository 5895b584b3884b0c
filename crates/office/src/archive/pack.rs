//! The archive of a batch as one ZIP, on its way to the browser a piece at a time, so that five thousand candidates with
//! photos take the memory of a few files. The same state gives the same bytes: nothing in it asks a clock.

use std::collections::VecDeque;
use std::io::Write as _;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;
use futures_util::stream;
use press::{Column, Content, Form, Section};
use rules::archive::{Medium, Volume};
use zip::ZipWriter;
use zip::write::StreamWriter;

use super::list::{folder, keeping, sum_line};
use super::{ArchiveEntry, ArchiveFile, ArchiveList, DestructionLine, OpenedArchive, OpenedView, Supplement};
use crate::certificate::{Face, Sink, attachment, packed, set};
use crate::door::files::FileKind;
use crate::door::{FileHash, Office, Stop, digest};
use crate::web::api::{Registry, file_operation};
use crate::web::page::{download, grouped, not_done, not_printed, plain_day};
use crate::web::{Visit, Web};

/// The file of a ZIP that lists everything that lay in the archive when it was closed; its hash is the archive's digest.
pub const LIST: &str = "目录.json";
/// The file of a ZIP with the digest of every other, as `sha256sum -c` reads it.
pub const DIGESTS: &str = "SHA256SUMS";
/// What was added after closing.
const SUPPLEMENTS: &str = "补充目录.json";
/// What was destroyed when its time was over.
pub const DESTROYED: &str = "销毁清单.json";
/// Certificates that could not be set, with the reason.
const NOT_SET: &str = "未生成的证书.txt";

/// The download under `/api`.
pub(super) fn api(registry: Registry) -> Registry {
    let said = ("ArchiveFile", "调阅登记后取得的整卷 ZIP 或扫描件，下载留痕");
    let operation = file_operation("archive", said, &["batch", "opening"], "application/zip");
    registry.other(Method::GET, "/batches/{batch}/archive/openings/{opening}/file", operation, get(by_api))
}

async fn by_api(State(web): State<Web>, visit: Visit, Path((batch, opening)): Path<(i64, i64)>) -> Response {
    opened(web, visit, batch, opening).await
}

/// What an opening lets out.
pub(super) async fn opened(web: Web, visit: Visit, batch: i64, opening: i64) -> Response {
    let view = match web.look(&visit, OpenedArchive { batch, opening }).await {
        Ok(view) => view,
        Err(stop) => return not_done(&web, &visit, stop),
    };
    if let Some(hash) = view.scan {
        return match web.work(move |office| office.files().bring(&FileHash(hash))).await {
            Ok(bytes) => {
                let kind = FileKind::of(&bytes);
                let extension = if kind == Some(FileKind::Jpeg) { "jpg" } else { "pdf" };
                download(FileKind::content_type(kind), &format!("{}.{extension}", view.name), bytes)
            }
            Err(stop) => not_done(&web, &visit, stop),
        };
    }
    let name = format!("{}.zip", view.name);
    // A reader that is slow or gone holds nothing up: the next piece is brought when this one has been taken.
    let pieces = stream::try_unfold(Packing::new(web, view), |packing| async {
        match packing {
            Some(packing) => packing.next().await,
            None => Ok(None),
        }
    });
    attachment("application/zip", &name, Body::from_stream(pieces))
}

/// What comes next in the ZIP.
enum Step {
    /// Cover and table of contents of a volume.
    Cover(Volume),
    /// A kept file, and what its content must hash to.
    Kept(ArchiveFile),
    Certificate(Box<Face>),
    /// The lists, and the digests of everything.
    End,
}

/// A ZIP on its way to the browser.
struct Packing {
    web: Web,
    list: ArchiveList,
    list_hash: String,
    supplements: Vec<Supplement>,
    destroyed: Vec<DestructionLine>,
    is_disputed: bool,
    left: VecDeque<Step>,
    zip: ZipWriter<StreamWriter<Sink>>,
    made: Sink,
    sums: String,
    /// What the archive says of certificates that could not be set.
    missing: String,
}

/// What a step of packing leaves: bytes, and the rest of the work if there is any.
type Packed = Option<(Bytes, Option<Packing>)>;

impl Packing {
    fn new(web: Web, view: OpenedView) -> Option<Self> {
        let (list, list_hash) = (view.list?, view.digest?);
        let mut left = VecDeque::new();
        let gone = super::destruction::gone(&view.destroyed);
        let stays = |volume: Volume, entry: &ArchiveEntry| !gone.contains(&(volume, entry.no));
        for volume in &list.volumes {
            left.push_back(Step::Cover(volume.volume));
            let kept = volume.entries.iter().filter(|entry| stays(volume.volume, entry));
            left.extend(kept.flat_map(|entry| entry.files.iter().cloned().map(Step::Kept)));
            let added = view.supplements.iter().filter(|one| one.volume == volume.volume);
            let added = added.filter(|one| stays(one.volume, &one.entry));
            left.extend(added.flat_map(|one| one.entry.files.iter().cloned().map(Step::Kept)));
        }
        left.extend(view.faces.into_iter().map(|face| Step::Certificate(Box::new(face))));
        left.push_back(Step::End);
        let made = Sink::default();
        Some(Self {
            web,
            list,
            list_hash,
            supplements: view.supplements,
            destroyed: view.destroyed,
            is_disputed: view.is_disputed,
            left,
            zip: ZipWriter::new_stream(made.clone()),
            made,
            sums: String::new(),
            missing: String::new(),
        })
    }

    /// Brings or sets what comes next.
    async fn next(mut self) -> std::io::Result<Packed> {
        let Some(step) = self.left.pop_front() else { return Ok(None) };
        let web = self.web.clone();
        let public_url = web.settings.public_url.clone();
        let done = web.print(move |office| {
            match step {
                Step::Cover(volume) => {
                    let form = self.cover(volume);
                    let pdf = office.press().form(&form).map_err(|error| not_printed(&error))?;
                    self.put(&format!("{}/000-封面和目录.pdf", folder(volume)), &pdf)?;
                }
                Step::Kept(file) => {
                    let bytes = office.files().bring(&FileHash(file.sha256))?;
                    self.put(&file.path, &bytes)?;
                }
                Step::Certificate(face) => self.certificate(office, &public_url, &face)?,
                Step::End => return Ok((self.end(office)?, None)),
            }
            Ok((self.made.take(), Some(self)))
        });
        // The reader sees a broken download, never a short one that looks whole.
        done.await.map(Some).map_err(|stop| {
            tracing::warn!(%stop, "the ZIP of an archive was broken off");
            std::io::Error::other(stop)
        })
    }

    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), Stop> {
        self.zip.start_file(path, packed()).map_err(Stop::fault)?;
        self.zip.write_all(bytes).map_err(Stop::fault)?;
        let file = ArchiveFile { path: path.to_owned(), sha256: digest(bytes), size: bytes.len() as i64 };
        self.sums += &sum_line(&file);
        Ok(())
    }

    fn certificate(&mut self, office: &Office, public_url: &str, face: &Face) -> Result<(), Stop> {
        match set(office, public_url, face) {
            Ok(pdf) => self.put(&format!("{}/证书/{}.pdf", folder(Volume::Certificates), face.number), &pdf),
            Err(Stop::Refused(refusal)) => {
                self.missing += &format!("{}\t{}。{}\r\n", face.number, refusal.what, refusal.remedy);
                Ok(())
            }
            Err(stop) => Err(stop),
        }
    }

    fn end(mut self, office: &Office) -> Result<Bytes, Stop> {
        if !self.missing.is_empty() {
            let missing = std::mem::take(&mut self.missing);
            self.put(NOT_SET, missing.as_bytes())?;
        }
        if !self.supplements.is_empty() {
            let added = serde_json::to_vec_pretty(&self.supplements).map_err(Stop::fault)?;
            self.put(SUPPLEMENTS, &added)?;
        }
        if !self.destroyed.is_empty() {
            let gone = serde_json::to_vec_pretty(&self.destroyed).map_err(Stop::fault)?;
            self.put(DESTROYED, &gone)?;
        }
        let list = office.files().bring(&FileHash(self.list_hash.clone()))?;
        self.put(LIST, &list)?;
        let sums = std::mem::take(&mut self.sums);
        self.put(DIGESTS, sums.as_bytes())?;
        self.zip.finish().map_err(Stop::fault)?;
        Ok(self.made.take())
    }

    /// Cover and table of contents of a volume.
    fn cover(&self, volume: Volume) -> Form {
        let (list, batch) = (&self.list, &self.list.batch);
        let held = list.volumes.iter().find(|held| held.volume == volume);
        let added: Vec<&ArchiveEntry> =
            self.supplements.iter().filter(|one| one.volume == volume).map(|one| &one.entry).collect();
        let entries: Vec<&ArchiveEntry> = held.into_iter().flat_map(|held| &held.entries).collect();
        let pair = |label: &str, value: String| (label.to_owned(), value);
        let pairs = vec![
            pair("机构", batch.body.clone()),
            pair("机构备案编号", batch.filing_number.clone()),
            pair("批次", format!("{}（{}）", batch.title, batch.number)),
            pair("职业与等级", format!("{}，{}", batch.trade, batch.level_name)),
            pair("开展日期", format!("{} 至 {}", plain_day(batch.starts_on), plain_day(batch.ends_on))),
            pair("批次负责人", batch.responsible.clone()),
            pair("归档", format!("{}，{}", plain_day(list.closed_on), list.closed_by)),
            pair("保管期限", self.keeping(&entries)),
            pair("卷内件数", format!("{} 件", entries.len() + added.len())),
            pair("目录摘要", grouped(&self.list_hash)),
        ];
        let mut sections = vec![
            Section { heading: "案卷".into(), content: Content::Pairs(pairs) },
            Section { heading: "卷内目录".into(), content: contents(&entries) },
        ];
        if !added.is_empty() {
            sections.push(Section { heading: "归档后补充".into(), content: contents(&added) });
        }
        let missing: Vec<Vec<String>> = list
            .missing
            .iter()
            .filter(|missing| missing.volume == volume)
            .map(|missing| vec![missing.name.clone(), missing.clause_label.clone(), list.note.clone()])
            .collect();
        if !missing.is_empty() {
            let columns = columns(&[("缺件", 3), ("条款", 2), ("原因", 6)]);
            sections
                .push(Section { heading: "缺件说明".into(), content: Content::Table { columns, rows: missing } });
        }
        Form {
            title: format!("批次档案　第{}卷　{}", volume.no(), volume.name()),
            number: Some(batch.number.clone()),
            sections,
            signature_lines: vec!["立卷人（签字）".into(), "机构负责人（签字、盖章）".into()],
            on: list.closed_on,
            mark: None,
        }
    }

    /// Until when the pieces of a volume are kept, in words.
    fn keeping(&self, entries: &[&ArchiveEntry]) -> String {
        let until = |medium| {
            let days = entries.iter().filter(|entry| entry.medium == medium);
            days.filter_map(|entry| keeping(entry, self.list.closed_on, self.is_disputed)).max()
        };
        let mut said = Vec::new();
        if let Some(day) = until(Medium::Paper) {
            said.push(format!("纸质至 {}", plain_day(day)));
        }
        if let Some(day) = until(Medium::Electronic) {
            said.push(format!("电子至 {}", plain_day(day)));
        }
        if entries.iter().any(|entry| keeping(entry, self.list.closed_on, self.is_disputed).is_none()) {
            said.push("成绩和证书永久".to_owned());
        }
        if said.is_empty() { "卷内无件".to_owned() } else { said.join("；") }
    }
}

fn columns(columns: &[(&str, u16)]) -> Vec<Column> {
    columns.iter().map(|(heading, share)| Column { heading: (*heading).to_owned(), share: *share }).collect()
}

fn contents(entries: &[&ArchiveEntry]) -> Content {
    let row = |entry: &&ArchiveEntry| {
        let digest = entry.digest.as_deref().map_or_else(|| "纸质".to_owned(), grouped);
        let title = if entry.supplement.is_empty() {
            entry.title.clone()
        } else {
            format!("{}（补充：{}）", entry.title, entry.supplement)
        };
        vec![
            entry.no.to_string(),
            title,
            entry.on.map(|on| on.to_string()).unwrap_or_default(),
            entry.who.clone(),
            entry.extent.clone(),
            if entry.medium == Medium::Paper { entry.place.clone() } else { digest },
        ]
    };
    let columns =
        columns(&[("件号", 2), ("题名", 7), ("日期", 4), ("责任者", 4), ("数量", 4), ("存放位置或摘要（SHA-256）", 8)]);
    Content::Table { columns, rows: entries.iter().map(row).collect() }
}
