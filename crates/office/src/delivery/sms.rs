//! Short messages: one line of JSON a message at the end of a file, for the operator's own gateway to read and send on.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rules::delivery::Channel;
use serde_json::json;

use super::{Failure, Letter, Send};
use crate::door::Stop;
use crate::door::clock::read_out;

/// The file that short messages are written to.
pub struct SmsFile {
    path: PathBuf,
    writing: Mutex<()>,
}

impl SmsFile {
    /// Writes to the end of this file, which is made readable for its owner alone.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn open(path: &Path) -> Result<Self, Stop> {
        append(path, &[]).map_err(|error| Stop::fault(format!("{}: {error}", path.display())))?;
        Ok(Self { path: path.to_owned(), writing: Mutex::new(()) })
    }
}

impl Send for SmsFile {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    /// `{"id":…,"at":…,"to":…,"text":…}`; the `id` is the same when a message had to be written twice.
    fn send(&self, letter: &Letter) -> Result<(), Failure> {
        let line = json!({"id": letter.key, "at": read_out(letter.made_at), "to": letter.to, "text": letter.short});
        let _turn = self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        append(&self.path, format!("{line}\n").as_bytes()).map_err(|_| Failure::Down("短信文件写不进去".into()))
    }
}

/// One write to the end, on the disk before it counts; opened anew each time, so that the reader may move the file away.
fn append(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}
