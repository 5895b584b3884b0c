//! Files made byte by byte.

use std::io::{Cursor, Read, Write};

/// A zip archive of these files.
pub fn package(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The files of a zip archive.
pub fn unpack(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// A text cell: row and column from 0.
pub type TextCell = (u16, u16, String);

/// An .xls with text cells: BIFF8 records in the stream `Workbook` of a compound file.
pub fn xls(sheets: &[(&str, &[TextCell])]) -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let begin = |kind: u16| record(0x0809, &[&0x0600u16.to_le_bytes()[..], &kind.to_le_bytes(), &[0; 12]].concat());
    let bodies: Vec<Vec<u8>> = sheets
        .iter()
        .map(|(_, cells)| {
            let mut body = begin(0x10);
            for (row, column, text) in *cells {
                let units = text.encode_utf16().count() as u16;
                let place = [row.to_le_bytes(), column.to_le_bytes(), [0, 0], units.to_le_bytes()].concat();
                body.extend(record(0x0204, &[place, vec![1], wide(text)].concat()));
            }
            body.extend(record(0x000a, &[]));
            body
        })
        .collect();
    let globals = |starts: &[u32]| {
        let mut globals = begin(0x05);
        for ((name, _), start) in sheets.iter().zip(starts) {
            let units = name.encode_utf16().count() as u8;
            globals.extend(record(0x0085, &[&start.to_le_bytes()[..], &[0, 0, units, 1], &wide(name)].concat()));
        }
        globals.extend(record(0x000a, &[]));
        globals
    };
    let mut at = globals(&vec![0; sheets.len()]).len() as u32;
    let mut starts = Vec::new();
    for body in &bodies {
        starts.push(at);
        at += body.len() as u32;
    }
    let mut stream = globals(&starts);
    stream.extend(bodies.concat());
    stream.resize(stream.len().max(4_096).next_multiple_of(512), 0);

    let sectors = stream.len() / 512;
    let mut header = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    header.resize(512, 0);
    let put16 = |header: &mut Vec<u8>, at: usize, value: u16| header[at..at + 2].copy_from_slice(&value.to_le_bytes());
    let put32 = |header: &mut Vec<u8>, at: usize, value: u32| header[at..at + 4].copy_from_slice(&value.to_le_bytes());
    for (at, value) in [(24, 0x3e), (26, 3), (28, 0xfffe), (30, 9), (32, 6)] {
        put16(&mut header, at, value);
    }
    // Sector 0 is the allocation table, 1 the directory, the stream follows.
    for (at, value) in [(44, 1), (48, 1), (56, 4_096), (60, 0xffff_fffe), (68, 0xffff_fffe)] {
        put32(&mut header, at, value);
    }
    header[76..].fill(0xff);
    put32(&mut header, 76, 0);
    let mut table = vec![0xffu8; 512];
    put32(&mut table, 0, 0xffff_fffd);
    put32(&mut table, 4, 0xffff_fffe);
    for sector in 0..sectors {
        let next = if sector + 1 == sectors { 0xffff_fffe } else { sector as u32 + 3 };
        put32(&mut table, 8 + 4 * sector, next);
    }
    let entry = |name: &str, kind: u8, start: u32, length: u32| {
        let mut entry = wide(name);
        let named = entry.len() as u16 + 2;
        entry.resize(128, 0);
        put16(&mut entry, 64, named);
        entry[66] = kind;
        entry[68..80].fill(0xff);
        put32(&mut entry, 116, start);
        put32(&mut entry, 120, length);
        entry
    };
    let mut directory = entry("Root Entry", 5, 0xffff_fffe, 0);
    put32(&mut directory, 76, 1);
    directory.extend(entry("Workbook", 2, 2, stream.len() as u32));
    directory.resize(512, 0);
    [header, table, directory, stream].concat()
}
