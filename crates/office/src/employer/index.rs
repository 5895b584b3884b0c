//! The index of certificates that an employer keeps to check a list without telling us whom (`proof::Index`). Its digests are
//! slow to make and made once for each version of a certificate; the file is written whole whenever the operator wants.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use proof::{INDEX_ROUNDS, Index, IndexHead, PublicKey, Signer as _, index_digest, index_row, sign_index};
use rules::certificate::CertificateState;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use sheets::CheckLine;

use super::{CheckVerdict, CheckedRow, store};
use crate::certificate::signer;
use crate::db::{DbError, Keep};
use crate::door::{Office, Stop, hex};
use crate::query::{Question, plain_name};

/// Certificates whose digests are made before they are kept together.
const AT_ONCE: i64 = 2_000;

/// What was written.
pub(crate) struct Written {
    /// Certificates in the index, and those among them whose digests were made now.
    pub rows: u64,
    pub made: u64,
}

/// Writes the index as it stands now, with the signature of the root. A file of before stays until the new one is whole.
///
/// # Errors
/// A fault when the house can't read or sign, or the file can't be written.
pub(crate) fn write(office: &Office, out: &Path) -> Result<Written, Stop> {
    let salt = office.seals().index_salt();
    let made = fill(office, &salt)?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut body = tempfile::NamedTempFile::new_in(folder).map_err(Stop::fault)?;
    let (mut hash, mut rows) = (Sha256::new(), 0);
    let mut writer = BufWriter::new(body.as_file_mut());
    office.engine().read(|tx| {
        store::each_indexed(tx, |digest, state| {
            let row = index_row(&digest, letter(state));
            hash.update(&row);
            rows += 1;
            writer.write_all(row.as_bytes()).map_err(|error| DbError::stored(error.to_string()))
        })
    })?;
    writer.flush().map_err(Stop::fault)?;
    drop(writer);
    let root = signer(office);
    let head = IndexHead {
        signed_at: office.now(),
        root: hex(root.public().as_bytes()),
        salt: hex(&salt),
        rounds: INDEX_ROUNDS,
        rows,
        digest: hex(&hash.finalize()),
    };
    let mut whole = tempfile::NamedTempFile::new_in(folder).map_err(Stop::fault)?;
    whole.write_all(sign_index(head, &root).map_err(Stop::fault)?.as_bytes()).map_err(Stop::fault)?;
    let mut rows_again = body.reopen().map_err(Stop::fault)?;
    std::io::copy(&mut rows_again, &mut whole).map_err(Stop::fault)?;
    whole.as_file().sync_all().map_err(Stop::fault)?;
    whole.persist(out).map_err(Stop::fault)?;
    Ok(Written { rows, made })
}

/// Makes the digests that are missing, on all cores; how many.
fn fill(office: &Office, salt: &[u8]) -> Result<u64, Stop> {
    let (mut after, mut made) = (0, 0);
    loop {
        let some = office.engine().read(|tx| store::unindexed(tx, after, AT_ONCE))?;
        let Some(last) = some.last() else { return Ok(made) };
        (after, made) = (last.id, made + some.len() as u64);
        let digests = on_all_cores(&some, |one| index_digest(&one.number, &plain_name(&one.name), salt, INDEX_ROUNDS));
        let rows: Map<String, Value> =
            some.iter().zip(digests).map(|(one, digest)| (one.id.to_string(), json!([one.print_no, digest]))).collect();
        let rows = Value::Object(rows).to_string();
        office.engine().write(move |tx| Ok((Keep::Yes, store::index(tx, &rows)?)))?;
    }
}

/// Works through a list on all cores; what comes of it in the same order.
fn on_all_cores<T: Sync, R: Send>(list: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = list.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            list.chunks(share).map(|part| scope.spawn(|| part.iter().map(&work).collect::<Vec<R>>())).collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// The letter of a state in the index.
fn letter(state: CertificateState) -> char {
    match state {
        CertificateState::Valid => 'v',
        CertificateState::Suspended => 's',
        CertificateState::Revoked => 'r',
        CertificateState::Void => 'd',
    }
}

/// Checks a list against an index, with neither server nor database.
///
/// # Errors
/// A refusal where the index can't be used.
pub(crate) fn check(index: &[u8], root: Option<&PublicKey>, lines: &[CheckLine]) -> Result<Vec<CheckedRow>, Stop> {
    let index = Index::read(index, root).map_err(|fault| {
        rules::Refusal::house("证书索引", fault.to_string()).remedy("请重新下载证书索引，并核对根公钥的编号")
    })?;
    Ok(on_all_cores(lines, |line| {
        let (verdict, reason) = match of_line(line) {
            Err(why) => (CheckVerdict::Unreadable, why),
            Ok((number, name)) => {
                let state = index.state(&number, &name);
                let known = CertificateState::ALL.iter().copied().filter(|known| Some(letter(*known)) == state);
                match CheckVerdict::of(known) {
                    CheckVerdict::NoMatch => (CheckVerdict::NoMatch, "索引中没有姓名和编号都相符的证书"),
                    verdict => (verdict, "姓名和证书编号相符，状态截至索引签署之时"),
                }
            }
        };
        CheckedRow::of(line, verdict, reason.to_owned())
    }))
}

fn of_line(line: &CheckLine) -> Result<(String, String), &'static str> {
    let question = Question { name: line.name.clone(), number: line.number.clone() };
    let number = question.certificate_number().ok_or("没有证书编号，或不是22位的职业技能等级证书编号")?;
    match plain_name(&line.name) {
        name if name.is_empty() => Err("没有姓名"),
        name => Ok((number, name)),
    }
}
