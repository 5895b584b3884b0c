//! Files by the hash of their content, sealed where they lie. Names are never paths and contents are never trusted: what
//! a file is, its first bytes say.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore as _, ObjectStoreExt as _, PutMode};
use rules::Refusal;
use serde::{Deserialize, Serialize};

use super::{Seals, Stop};

/// The largest file taken, in bytes.
pub const SIZE_MAX: usize = 32 * 1024 * 1024;

/// SHA-256 of a stored file, 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(description = "64 hexadecimal digits")]
pub struct FileHash(pub String);

impl FileHash {
    /// The hash, if it has the form of one.
    pub fn checked(&self) -> Result<&str, Stop> {
        let good = self.0.len() == 64 && self.0.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if good {
            Ok(&self.0)
        } else {
            Err(Refusal::house("文件", "文件编号不正确").remedy("请重新上传文件").into())
        }
    }
}

/// What a file is, told from its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Pdf,
    Jpeg,
    Png,
    /// .xlsx, .zip and whatever else is a ZIP inside.
    Zip,
    /// .xls of old.
    Xls,
    /// Text, as .csv is.
    Text,
}

impl FileKind {
    /// The kind of these bytes, or `None` if they are nothing that is taken.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Self::Pdf,
            [0xFF, 0xD8, 0xFF, ..] => Self::Jpeg,
            [0x89, b'P', b'N', b'G', ..] => Self::Png,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            [0xD0, 0xCF, 0x11, 0xE0, ..] => Self::Xls,
            // Text in UTF-16 says so by its mark; no other kind that is taken begins with it.
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Self::Text,
            [] => return None,
            // Text in UTF-8 or GBK holds no control characters but tab, line feed and return.
            bytes if !bytes.iter().take(4096).any(|&b| b < 9 || (14..32).contains(&b)) => Self::Text,
            _ => return None,
        })
    }

    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Zip => "zip",
            Self::Xls => "xls",
            Self::Text => "text",
        }
    }

    /// The content type under which it leaves the house. What a browser might run leaves as plain bytes.
    pub const fn content_type(code_pdf_or_image: Option<Self>) -> &'static str {
        match code_pdf_or_image {
            Some(Self::Pdf) => "application/pdf",
            Some(Self::Jpeg) => "image/jpeg",
            Some(Self::Png) => "image/png",
            _ => "application/octet-stream",
        }
    }
}

/// A file that was kept, as the table of files notes it.
#[derive(Debug, Clone)]
pub struct KeptFile {
    pub hash: FileHash,
    pub kind: FileKind,
    /// In bytes.
    pub size: i64,
}

impl KeptFile {
    /// The file of this hash with this content, as [`Files::bring`] gave it.
    ///
    /// # Errors
    /// A fault when the content is of no known kind, so was never kept.
    pub fn of(hash: &FileHash, bytes: &[u8]) -> Result<Self, Stop> {
        let kind = FileKind::of(bytes).ok_or_else(|| Stop::fault(format!("file {} is of no known kind", hash.0)))?;
        Ok(Self { hash: hash.clone(), kind, size: bytes.len() as i64 })
    }
}

/// Where files are kept.
#[derive(Clone)]
pub struct Files {
    store: Arc<LocalFileSystem>,
    folder: PathBuf,
    seals: Seals,
}

impl Files {
    /// A folder on this machine, made if need be; what lies there is sealed.
    ///
    /// # Errors
    /// If the folder can't be made or opened.
    pub fn folder(path: &Path, seals: &Seals) -> std::io::Result<Self> {
        make_folder(path)?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(std::io::Error::other)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: path.to_owned(), seals: seals.clone() })
    }

    /// Keeps a file and returns its hash; it is on the disk before this returns. The same content is kept once.
    ///
    /// # Errors
    /// A refusal for what is empty, too large or of no known kind; a fault when it can't be stored.
    pub fn keep(&self, bytes: &[u8]) -> Result<(FileHash, FileKind), Stop> {
        if bytes.len() > SIZE_MAX {
            return Err(Refusal::house("文件", format!("文件超过{}MB", SIZE_MAX / 1024 / 1024))
                .remedy("请压缩或拆分后再上传")
                .at("file")
                .into());
        }
        let kind = FileKind::of(bytes).ok_or_else(|| {
            Refusal::house("文件", "文件为空或类型不受支持")
                .remedy("请上传 PDF、JPG、PNG、XLSX、XLS、CSV 或 ZIP 文件")
                .at("file")
        })?;
        let hash = super::digest(bytes);
        let key = key(&hash);
        let sealed = self.seals.seal_file(&hash, bytes);
        // What was acknowledged is never written over: content and name reach the disk before the name is given.
        match wait(|| self.store.put_opts(&key, sealed.into(), PutMode::Create.into())) {
            Err(object_store::Error::AlreadyExists { .. }) => {
                // Whoever is storing it this moment may not have flushed the name yet.
                let folder = self.folder.join(key.as_ref()).parent().map(std::fs::File::open);
                folder.transpose().and_then(|folder| folder.map_or(Ok(()), |f| f.sync_all())).map_err(Stop::fault)?;
            }
            stored => {
                stored.map_err(Stop::fault)?;
            }
        }
        Ok((FileHash(hash), kind))
    }

    /// Lets the content of a kept file go; what is gone already stays so.
    ///
    /// # Errors
    /// A fault when it can't be removed.
    pub fn remove(&self, hash: &FileHash) -> Result<(), Stop> {
        let key = key(hash.checked()?);
        match wait(|| async { self.store.delete(&key).await }) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Stop::fault(error)),
        }
    }

    /// The content of a kept file.
    ///
    /// # Errors
    /// *Not found*, or a fault when it was altered or sealed by another house.
    pub fn bring(&self, hash: &FileHash) -> Result<Vec<u8>, Stop> {
        let hash = hash.checked()?;
        let key = key(hash);
        let sealed = match wait(|| async { self.store.get(&key).await?.bytes().await }) {
            Ok(sealed) => sealed,
            Err(object_store::Error::NotFound { .. }) => return Err(Stop::NotFound),
            Err(error) => return Err(Stop::fault(error)),
        };
        // The seal binds the content to its name, so it needs no hashing to see that it is the right one.
        let opened = self.seals.open_file(hash, sealed.into());
        opened.ok_or_else(|| Stop::fault(format!("file {hash} was altered, or sealed under another secret.key")))
    }
}

/// Makes a folder that only its owner may enter; one that is there stays as it is.
///
/// # Errors
/// If it can't be made.
pub fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut folder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(path)
}

/// Two levels of folders, so that none grows too long.
fn key(hash: &str) -> Key {
    Key::from(format!("{}/{}/{hash}", &hash[..2], &hash[2..4]))
}

/// The store is asynchronous and hands its work to the runtime's blocking threads, on one of which this stands: when all
/// of them wait here, none is left to do it. On a thread without a runtime the store does its work at once.
fn wait<T: Send, W: Future<Output = T>>(work: impl FnOnce() -> W + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| futures_executor::block_on(work()));
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
