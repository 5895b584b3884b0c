//! Binding: many small PDFs become one, written as they come, so that ten thousand pages need no more memory than fifty.

use std::io::{self, Write};

use hayro_syntax::Pdf;
use hayro_write::{ChunkSettings, ExtractionQuery, extract};
use pdf_writer::{Chunk, Finish, Name, Ref, TextStr};

/// One PDF under way. Each bound part becomes a branch of the page tree.
pub(crate) struct Binder<W> {
    out: W,
    written: u64,
    /// Where each object begins, by number; the object 0 does not exist, 1 is the catalogue, 2 the page tree.
    offsets: Vec<u64>,
    branches: Vec<(Ref, i32)>,
}

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const INFO: Ref = Ref::new(3);
const COMPACT: ChunkSettings = ChunkSettings { pretty: false };

impl<W: Write> Binder<W> {
    pub fn new(out: W) -> io::Result<Binder<W>> {
        let mut binder = Binder { out, written: 0, offsets: vec![0; 4], branches: Vec::new() };
        binder.put(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        Ok(binder)
    }

    /// Appends all pages of a PDF that the press made itself.
    pub fn add(&mut self, part: Vec<u8>) -> io::Result<()> {
        let pdf = Pdf::new(part).map_err(|e| io::Error::other(format!("{e:?}")))?;
        let queries: Vec<_> = (0..pdf.pages().len()).map(ExtractionQuery::new_page).collect();
        let mut next = Ref::new(self.offsets.len() as i32);
        let fresh = Box::new(|| next.bump());
        let mut extracted =
            extract(&pdf, fresh, COMPACT, |_| {}, &queries).map_err(|e| io::Error::other(format!("{e:?}")))?;
        self.offsets.resize(next.get() as usize, 0);

        let branch = extracted.page_tree_parent_ref;
        let count = queries.len() as i32;
        let kids = extracted.root_refs.iter().filter_map(|page| page.ok());
        extracted.chunk.pages(branch).parent(PAGES).kids(kids).count(count);
        self.branches.push((branch, count));
        self.put_objects(&extracted.chunk)
    }

    /// Writes the page tree, the title and the table of offsets.
    pub fn finish(mut self, title: &str) -> io::Result<()> {
        let mut chunk = Chunk::with_settings(COMPACT);
        let total = self.branches.iter().map(|(_, count)| count).sum();
        chunk.pages(PAGES).kids(self.branches.iter().map(|(branch, _)| *branch)).count(total);
        chunk.indirect(INFO).dict().pair(Name(b"Title"), TextStr(title));
        let mut catalog = chunk.indirect(CATALOG).dict();
        catalog.pair(Name(b"Type"), Name(b"Catalog")).pair(Name(b"Pages"), PAGES);
        catalog.pair(Name(b"Lang"), TextStr("zh-CN"));
        catalog.finish();
        self.put_objects(&chunk)?;

        let start = self.written;
        let count = self.offsets.len();
        let mut table = format!("xref\n0 {count}\n0000000000 65535 f \n");
        for &offset in &self.offsets[1..] {
            // A number that was handed out and not used is a free entry.
            let kind = if offset == 0 { "65535 f" } else { "00000 n" };
            table.push_str(&format!("{offset:010} {kind} \n"));
        }
        table.push_str(&format!("trailer\n<</Size {count}/Root 1 0 R/Info 3 0 R>>\nstartxref\n{start}\n%%EOF\n"));
        self.put(table.as_bytes())?;
        self.out.flush()
    }

    /// Objects stand in the chunk in the order of its references, each opening with its own number on a new line.
    fn put_objects(&mut self, chunk: &Chunk) -> io::Result<()> {
        let bytes = chunk.as_bytes();
        let mut at = 0;
        for id in chunk.refs() {
            let head = format!("{} 0 obj", id.get());
            at += find(&bytes[at..], head.as_bytes()).ok_or_else(|| io::Error::other("object missing"))?;
            self.offsets[id.get() as usize] = self.written + at as u64;
            at += head.len();
        }
        self.put(bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

/// The position of `head` at the start of a line.
fn find(bytes: &[u8], head: &[u8]) -> Option<usize> {
    if bytes.starts_with(head) {
        return Some(0);
    }
    let line: Vec<u8> = [b"\n", head].concat();
    bytes.windows(line.len()).position(|window| window == line).map(|at| at + 1)
}
