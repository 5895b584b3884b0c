//! Signed certificates, as PDF and as OFD, for other programs to judge: `cargo run -p press --example outside -- 1000 FOLDER`. Beside
//! them stand the root's certificate and, a line each, what the record says that each of them must say.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use made_up::{certificate, portrait, signer};
use press::Press;
use proof::{DocumentSigner as _, certificate_pem};
use serde_json::json;

#[allow(dead_code)]
mod made_up;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (count, folder) = args.next().zip(args.next()).ok_or("outside COUNT FOLDER")?;
    let (count, folder): (usize, _) = (count.parse()?, Path::new(&folder));
    fs::create_dir_all(folder)?;
    let photos: Vec<Vec<u8>> = (0..16)
        .map(|seed| press::photo(&portrait(295, 413, seed)).map(|photo| photo.into_owned()))
        .collect::<Result<_, _>>()?;
    let mut record = std::io::BufWriter::new(fs::File::create(folder.join("record.jsonl"))?);
    let by = signer(&certificate(0, &photos[0]).body_name)?;
    let root = by.chain().last().ok_or("a root")?;
    fs::write(folder.join("root.pem"), certificate_pem(root)?)?;
    for i in 0..count {
        let mut one = certificate(i, &photos[i % photos.len()]);
        one.work_type = (i % 3 == 0).then(|| "工业机器人系统操作与维护方向".into());
        one.province_query = Some("https://jiangce.example.cn/query".into());
        let [name, id_type, id_number, occupation, work_type, level, number] = one.entries();
        let line = json!({
            "number": number.1, "body": one.body_name, "issued_on": one.issued_on.to_string(), "qr": one.qr_text,
            "entries": [name, id_type, id_number, occupation, work_type, level, number],
            "statement": one.attachment.as_ref().map(|(_, bytes)| String::from_utf8_lossy(bytes)),
        });
        writeln!(record, "{line}")?;
        fs::write(folder.join(format!("{i:05}.pdf")), made_up::signed(&one, &by)?)?;
        fs::write(folder.join(format!("{i:05}.ofd")), Press::new().certificate_ofd(&one)?)?;
    }
    record.flush()?;
    Ok(())
}
