//! The last checkpoint that was signed, kept beside the key and not in the database: an old backup of the database brings back
//! an old log, and a log that then went on would contradict what it has signed. Written and flushed before a checkpoint is
//! published; what the database holds must go on from it.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use proof::log::{Checkpoint, VerifierKey};
use rules::Refusal;

use crate::door::Stop;

/// Where the last signed checkpoint lies.
#[derive(Debug, Clone)]
pub struct Guard(PathBuf);

impl Guard {
    /// The file at this path, made with the first checkpoint.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Its path, for the operator.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The checkpoint that was signed last, if any was.
    ///
    /// # Errors
    /// A refusal where the file is no checkpoint of this log; a fault where it can't be read.
    pub(super) fn last(&self, key: &VerifierKey) -> Result<Option<Checkpoint>, Stop> {
        let note = match fs::read_to_string(&self.0) {
            Ok(note) => note,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Stop::fault(error)),
        };
        Checkpoint::open(&note, key, &[], 0).map(Some).map_err(|fault| {
            refusal(format!("{} 不是本日志的检查点：{fault}", self.0.display()))
                .remedy("请从备份中取回这个文件，或用 jiangce log trust 写入最后公布的检查点")
                .into()
        })
    }

    /// Keeps what is about to be published: on the disk, name and all, before this returns.
    ///
    /// # Errors
    /// Where it can't be written.
    pub(super) fn keep(&self, note: &str) -> Result<(), Stop> {
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(Stop::fault)?;
        file.write_all(note.as_bytes()).map_err(Stop::fault)?;
        file.as_file().sync_all().map_err(Stop::fault)?;
        file.persist(&self.0).map_err(Stop::fault)?;
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(Stop::fault)
    }
}

/// Why the log signs nothing.
pub(super) fn refusal(what: impl Into<String>) -> Refusal {
    Refusal::house("公开日志", what)
}
