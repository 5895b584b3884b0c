//! What an .xls is, before the reader takes it: whether a password locks it, and how large its sheets become. The
//! reader makes every sheet a full rectangle from the first to the last cell, so two cells in opposite corners of many
//! sheets would take gigabytes.

/// Cells of all rectangles together, at 24 bytes each.
const CELLS_MAX: u64 = 4_000_000;
/// Chains end here.
const END_OF_CHAIN: u32 = 0xffff_fffe;
/// Sector numbers from here on are marks.
const RESERVED: u32 = 0xffff_fffa;

/// Whether the stream is encrypted: FILEPASS stands right behind its beginning, and what follows cannot be read.
pub fn is_locked(stream: &[u8]) -> bool {
    let second = u16_at(stream, 2).map(|length| 4 + usize::from(length));
    // Some programs say first that changes are protected (WRITEPROT), which locks nothing.
    let kind = |at: usize| u16_at(stream, at);
    second.is_some_and(|at| kind(at) == Some(0x002f) || kind(at) == Some(0x0086) && kind(at + 4) == Some(0x002f))
}

/// `Some` when the workbook stays within bounds, `None` when it does not or when its structure is unsound.
pub fn check_extent(stream: &[u8]) -> Option<()> {
    let (mut at, mut total) = (0, 0);
    let mut sheet = Extent::default();
    while at + 4 <= stream.len() {
        let (kind, length) = (u16_at(stream, at)?, usize::from(u16_at(stream, at + 2)?));
        let data = stream.get(at + 4..at + 4 + length)?;
        match kind {
            // The beginning of a substream, which the main ones of sheets have too.
            0x0809 => {
                total += sheet.cells();
                sheet = Extent::default();
            }
            // What the sheet declares; the reader reserves room for it.
            0x0200 => {
                let (first, last, left, right) = match length {
                    10 => {
                        (u32::from(u16_at(data, 0)?), u32::from(u16_at(data, 2)?), u16_at(data, 4)?, u16_at(data, 6)?)
                    }
                    _ => (u32_at(data, 0)?, u32_at(data, 4)?, u16_at(data, 8)?, u16_at(data, 10)?),
                };
                if (last, right) != (0, 0) {
                    sheet.include(first, left)?;
                    sheet.include(last.checked_sub(1)?.max(first), right.checked_sub(1)?.max(left))?;
                }
            }
            0x0203 | 0x0204 | 0x00d6 | 0x0205 | 0x027e | 0x00fd | 0x0006 => {
                sheet.include(u32::from(u16_at(data, 0)?), u16_at(data, 2)?)?;
            }
            0x00bd => {
                let row = u32::from(u16_at(data, 0)?);
                sheet.include(row, u16_at(data, 2)?)?;
                sheet.include(row, u16_at(data, length.checked_sub(2)?)?)?;
            }
            _ => {}
        }
        if total + sheet.cells() > CELLS_MAX {
            return None;
        }
        at += 4 + length;
    }
    Some(())
}

/// The rectangle around the cells of a sheet.
#[derive(Default)]
struct Extent(Option<(u32, u32, u16, u16)>);

impl Extent {
    fn include(&mut self, row: u32, column: u16) -> Option<()> {
        if row > 0xffff || column > 0xff {
            return None;
        }
        let (top, bottom, left, right) = self.0.unwrap_or((row, row, column, column));
        self.0 = Some((top.min(row), bottom.max(row), left.min(column), right.max(column)));
        Some(())
    }

    fn cells(&self) -> u64 {
        self.0.map_or(0, |(top, bottom, left, right)| u64::from(bottom - top + 1) * u64::from(right - left + 1))
    }
}

/// The stream `Workbook` (or `Book`) out of the compound file (MS-CFB).
pub fn workbook_stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = match u16_at(bytes, 30)? {
        9 => 512,
        12 => 4096,
        _ => return None,
    };
    let sector =
        |id: u32| bytes.get((id as usize).checked_add(1)?.checked_mul(size)?..).map(|s| &s[..s.len().min(size)]);
    // Where the allocation table lies: 109 entries in the header, more in a chain of sectors.
    let mut fat_sectors: Vec<u32> = (0..109).filter_map(|i| u32_at(bytes, 76 + 4 * i)).collect();
    let mut next = u32_at(bytes, 68)?;
    let most = bytes.len() / size + 1;
    for _ in 0..most {
        if next >= RESERVED {
            break;
        }
        let mut entries = numbers(sector(next)?);
        next = entries.pop()?;
        fat_sectors.append(&mut entries);
    }
    let mut fat = Vec::new();
    for id in fat_sectors.into_iter().filter(|&id| id < RESERVED) {
        fat.append(&mut numbers(sector(id)?));
        if fat.len() > most + size {
            break;
        }
    }
    let chain = |start: u32, table: &[u32], read: &dyn Fn(u32) -> Option<Vec<u8>>, limit: usize| {
        let (mut data, mut id) = (Vec::new(), start);
        for _ in 0..=table.len() {
            if id == END_OF_CHAIN || data.len() >= limit {
                data.truncate(limit);
                return Some(data);
            }
            data.append(&mut read(id)?);
            id = *table.get(id as usize)?;
        }
        None
    };
    let whole = |id: u32| sector(id).map(<[u8]>::to_vec);
    let directory = chain(u32_at(bytes, 48)?, &fat, &whole, usize::MAX)?;
    let entry = |name: &str| {
        directory.chunks_exact(128).find(|entry| {
            let units: Vec<u16> = entry[..64].chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
            String::from_utf16_lossy(&units).trim_end_matches('\0').eq_ignore_ascii_case(name)
        })
    };
    let entry = entry("Workbook").or_else(|| entry("Book"))?;
    let (start, length) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
    if length >= 4096 {
        return chain(start, &fat, &whole, length);
    }
    let mini_fat = numbers(&chain(u32_at(bytes, 60)?, &fat, &whole, usize::MAX)?);
    let mini = chain(u32_at(&directory, 116)?, &fat, &whole, usize::MAX)?;
    let piece = |id: u32| mini.get((id as usize).checked_mul(64)?..).map(|s| s[..s.len().min(64)].to_vec());
    chain(start, &mini_fat, &piece, length)
}

fn numbers(data: &[u8]) -> Vec<u32> {
    data.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}
