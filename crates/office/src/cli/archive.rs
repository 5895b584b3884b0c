//! `jiangce archive verify`: whether the ZIP of an archive still holds what it says, checked without server and database.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use rules::Refusal;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::Outcome;
use crate::archive::{ArchiveList, DESTROYED, DIGESTS, DestructionLine, LIST};
use crate::door::{Stop, hex};

/// The lists of an archive are read into memory up to so many bytes.
const LIST_MAX: u64 = 64 * 1024 * 1024;

/// What is done with an archive.
#[derive(Subcommand, Clone, Debug)]
pub enum Archive {
    /// 离线核对档案 ZIP：逐件核对摘要，并核对归档目录
    Verify {
        file: PathBuf,
        /// 归档时的目录摘要，见批次的档案页；给出时一并核对
        #[arg(long)]
        digest: Option<String>,
    },
}

pub(super) fn run(what: &Archive) -> Result<Outcome, Stop> {
    let Archive::Verify { file, digest } = what;
    verify(file, digest.as_deref()).map_err(|refusal| refusal.into())
}

fn unreadable(what: impl std::fmt::Display) -> Refusal {
    Refusal::house("档案核对", format!("读不了这个 ZIP：{what}")).remedy("请核对文件是否下载完整；不完整的请重新调阅")
}

/// Checks a ZIP against its own lists, and against the digest that the platform shows.
///
/// # Errors
/// A refusal when it is no ZIP, or none of an archive.
pub fn verify(path: &Path, expected: Option<&str>) -> Result<Outcome, Refusal> {
    let file = File::open(path).map_err(unreadable)?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
    let sums = text(&mut zip, DIGESTS)?;
    let list = text(&mut zip, LIST)?;
    let mut said: BTreeMap<&str, &str> = BTreeMap::new();
    let mut faults: Vec<String> = Vec::new();
    for line in sums.lines() {
        match line.split_once("  ") {
            Some((digest, path)) => {
                said.insert(path, digest);
            }
            None => faults.push(format!("{DIGESTS} 中有一行读不懂：{line}")),
        }
    }
    let mut held: BTreeMap<String, String> = BTreeMap::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).map_err(unreadable)?;
        let name = entry.name().map_err(unreadable)?.into_owned();
        match sum(&mut entry) {
            Ok(digest) => {
                if held.insert(name.clone(), digest).is_some() {
                    faults.push(format!("“{name}”重复"));
                }
            }
            Err(error) => faults.push(format!("“{name}”已损坏：{error}")),
        }
    }
    for (name, digest) in &said {
        match held.get(*name) {
            None => faults.push(format!("缺“{name}”")),
            Some(found) if found != digest => faults.push(format!("“{name}”与摘要不符")),
            Some(_) => {}
        }
    }
    for name in held.keys().filter(|name| *name != DIGESTS && !said.contains_key(name.as_str())) {
        faults.push(format!("“{name}”不在 {DIGESTS} 中"));
    }
    let read: ArchiveList = serde_json::from_str(&list).map_err(|error| {
        Refusal::house("档案核对", format!("{LIST} 读不懂：{error}")).remedy("请核对文件是否为平台的档案 ZIP")
    })?;
    // What was destroyed in its time is not in the package; the list of it is, under its digest.
    let gone: Vec<DestructionLine> = match held.contains_key(DESTROYED) {
        true => serde_json::from_str(&text(&mut zip, DESTROYED)?).map_err(|error| {
            Refusal::house("档案核对", format!("{DESTROYED} 读不懂：{error}")).remedy("请核对文件是否为平台的档案 ZIP")
        })?,
        false => Vec::new(),
    };
    let is_gone = |path: &String| {
        !held.contains_key(path) && gone.iter().any(|one| one.pieces.iter().any(|piece| piece.paths.contains(path)))
    };
    for file in read.volumes.iter().flat_map(|volume| &volume.entries).flat_map(|entry| &entry.files) {
        if held.get(&file.path) != Some(&file.sha256) && !is_gone(&file.path) {
            faults.push(format!("归档目录中的“{}”不在包内，或内容已改变", file.path));
        }
    }
    let digest = held.get(LIST).cloned().unwrap_or_default();
    if expected.is_some_and(|expected| expected.replace(' ', "").to_lowercase() != digest) {
        faults.push("目录摘要与归档时的不同".to_owned());
    }
    let well = faults.is_empty();
    let mut text = format!(
        "档案\t{} {}，{}，{}归档\n件数\t{}\n文件\t{}\n目录摘要\t{digest}\n",
        read.batch.body,
        read.batch.number,
        read.batch.title,
        read.closed_on,
        read.entries(),
        held.len(),
    );
    for one in &gone {
        let on = one.answered_on.map(|on| on.to_string()).unwrap_or_default();
        let by = one.answered_by.as_deref().unwrap_or_default();
        text += &format!("销毁\t{on}，{} 件，{} 提出，{by} 同意\n", one.pieces.len(), one.proposed_by);
    }
    let destroyed: usize = gone.iter().map(|one| one.pieces.len()).sum();
    for fault in &faults {
        text += &format!("不符\t{fault}\n");
    }
    text += if well && destroyed > 0 {
        "结论\t部分材料保管期满已销毁，其余各件与目录一致"
    } else if well {
        "结论\t各件与目录一致"
    } else {
        "结论\t与目录不一致"
    };
    let json = json!({
        "valid": well, "batch": read.batch.number, "entries": read.entries(), "files": held.len(), "digest": digest,
        "faults": faults, "destroyed": destroyed,
    });
    Ok(Outcome { text, json, well })
}

fn text<R: Read + std::io::Seek>(zip: &mut ZipArchive<R>, name: &str) -> Result<String, Refusal> {
    let entry = zip
        .by_name(name)
        .map_err(|_| Refusal::house("档案核对", format!("包内没有 {name}")).remedy("请核对文件是否为平台的档案 ZIP"))?;
    let mut text = String::new();
    entry.take(LIST_MAX).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// SHA-256 of what a reader gives, however long.
fn sum(mut from: impl Read) -> std::io::Result<String> {
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(hex(&hasher.finalize())),
            count => hasher.update(&piece[..count]),
        }
    }
}
