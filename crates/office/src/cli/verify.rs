//! `jiangce verify`: whether a certificate is what it claims, checked by a stranger. What it is and how it is judged is
//! `crate::verify`'s; here is with which keys and which record: a PDF is checked offline against a key file or the house's own
//! key, a QR code, an electronic certificate and a receipt against the list of keys, a number against the code rule. Only the record
//! knows what was voided, so only with it the answer is 有效. And whether a draw was drawn as its record says.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use proof::{KeyList, PublicKey, Signer as _, X509};
use rules::Refusal;
use rules::certificate::CertificateNumber;
use serde_json::{Value, json};

use super::{House, Outcome, serve};
use crate::certificate::{document_root_of, signer_of};
use crate::db::{Engine, Tx};
use crate::door::{Seals, Stop, clock};
use crate::query;
use crate::verify::{Judge, Judged, Knows, Record};

/// What is to be checked, and with what.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// 证书 PDF 或 OFD 文件、电子证书（JSON、SD-JWT）、核验回执、证书照片或扫描件（JPEG、PNG）、二维码的文字，或22位证书编号；draw 表示复核抽取记录
    pub what: String,
    /// 抽取记录（JSON），第一项为 draw 时填写
    pub record: Option<PathBuf>,
    /// 公钥清单或公钥文件，取自查询网站的 /.well-known/jiangce-keys.json 或 jiangce-keys.txt
    #[arg(long)]
    pub key: Option<PathBuf>,
    /// 只信任由这个根公钥签发的清单：查询网站的 /.well-known/jiangce-keys.txt
    #[arg(long)]
    pub root: Option<PathBuf>,
    /// 密钥报失清单：查询网站的 /.well-known/jiangce-root.crl，用于核对 PDF 的签名密钥有没有报失
    #[arg(long)]
    pub crl: Option<PathBuf>,
    /// 签名根证书：查询网站的 /.well-known/jiangce-root.pem，用于核对 PDF 的数字签名由谁作出
    #[arg(long)]
    pub ca: Option<PathBuf>,
    /// 公开日志的存证（JSON），用于公钥被报告失密的机构
    #[arg(long)]
    pub proof: Option<PathBuf>,
    /// 持证人姓名，与 --id 一起核对证书是否属于此人
    #[arg(long, requires = "id")]
    pub name: Option<String>,
    /// 持证人证件号码
    #[arg(long, requires = "name")]
    pub id: Option<String>,
    /// 数据目录：用其中的密钥核对签名，并查记录
    #[arg(long, env = "JIANGCE_DATA")]
    pub data: Option<PathBuf>,
    /// 数据库：查记录；默认为数据目录中的 SQLite
    #[arg(long, env = "JIANGCE_DATABASE")]
    pub database: Option<String>,
}

pub(super) fn run(asked: &Verify) -> Result<Outcome, Stop> {
    match (asked.what.as_str(), &asked.record) {
        ("draw", Some(record)) => return by_record(record),
        ("draw", None) => {
            let refusal = Refusal::house("命令行", "没有给出抽取记录");
            return Err(refusal.remedy("用法：jiangce verify draw 抽取记录.json").into());
        }
        (_, Some(_)) => {
            let refusal = Refusal::house("命令行", "一次只核验一件");
            return Err(refusal.remedy("复核抽取记录用 jiangce verify draw 抽取记录.json").into());
        }
        (_, None) => {}
    }
    let path = Path::new(&asked.what);
    match CertificateNumber::parse(&asked.what) {
        Ok(number) => judged(asked, |judge| judge.number(number)),
        Err(_) if path.is_file() => {
            let bytes = std::fs::read(path).map_err(Stop::fault)?;
            match bytes.starts_with(b"\xFF\xD8") || bytes.starts_with(b"\x89PNG") {
                true => {
                    let text = in_picture(&bytes)?;
                    judged(asked, |judge| judge.text(&text))
                }
                false => judged(asked, |judge| judge.file(&bytes)),
            }
        }
        // What a reader of codes gives out: an address, or whatever stands in the code.
        Err(_) if asked.what.contains(':') => judged(asked, |judge| judge.text(&asked.what)),
        Err(refusal) => Err(neither(&asked.what, &refusal).into()),
    }
}

/// What comes of judging with the keys and the record that were named.
fn judged(asked: &Verify, judge: impl FnOnce(&Judge<'_>) -> Result<Judged, Stop>) -> Result<Outcome, Stop> {
    let inclusion = asked.proof.as_ref().map(|path| {
        std::fs::read(path).map_err(|error| {
            Refusal::house("命令行", format!("读不了存证：{error}")).remedy("请从查询网站重新下载该证书的存证")
        })
    });
    let judged = judge(&Judge {
        keys: keys(asked)?,
        list: &|| list(asked),
        roots: document_root(asked)?.into_iter().collect(),
        revocations: &|| revocations(asked),
        holder: asked.name.as_deref().zip(asked.id.as_deref()),
        inclusion: inclusion.transpose()?,
        looks_up_numbers: true,
        record: &|number| record(asked, number),
        status: &|_| Ok(None),
        at: Timestamp::from_millisecond(clock::real_now()).map_err(Stop::fault)?,
    })?;
    let (valid, conclusion) = judged.conclusion();
    let (mut text, mut checks) = (String::new(), Vec::new());
    for line in &judged.lines {
        let word = match line.holds {
            Some(true) => "相符",
            Some(false) => "不符",
            None => "未知",
        };
        let said = match line.clause.filter(|_| line.is_record) {
            Some(clause) => format!("记录：{}（{}）", line.text, clause.place()),
            None => line.text.clone(),
        };
        text += &format!("{word}\t{said}\n");
        checks.push(json!({"holds": line.holds, "text": said}));
    }
    text += &format!("结论\t{conclusion}");
    let mut json = json!({"valid": valid, "conclusion": conclusion, "checks": checks});
    // What was asked of a paper alone, its signature, is answered; a bare number is no proof of anything.
    let well = valid != Some(false) && judged.knows != Knows::Number;
    if let (Value::Object(json), Value::Object(more)) = (&mut json, judged.more) {
        json.extend(more);
    }
    Ok(Outcome { text, json, well })
}

/// The list of lost keys that was named.
fn revocations(asked: &Verify) -> Result<Option<Vec<u8>>, Stop> {
    let read = |path| {
        std::fs::read(path).map_err(|error| {
            Refusal::house("命令行", format!("读不了密钥报失清单：{error}"))
                .remedy("请从查询网站下载 /.well-known/jiangce-root.crl，用 --crl 给出")
        })
    };
    Ok(asked.crl.as_ref().map(read).transpose()?)
}

/// Draws again from a record, and says whether the same comes out.
fn by_record(path: &Path) -> Result<Outcome, Stop> {
    let bytes = std::fs::read(path)
        .map_err(|error| Refusal::house("命令行", format!("读不了抽取记录：{error}")).remedy("请核对文件的路径"))?;
    let draw = match proof::redraw(&bytes) {
        Ok(draw) => draw,
        Err(fault) => {
            let text = format!("不符\t{fault}\n结论\t抽取记录不能复核");
            let json = json!({"valid": false, "conclusion": "抽取记录不能复核", "fault": fault.to_string()});
            return Ok(Outcome { text, json, well: false });
        }
    };
    let mut text = format!(
        "相符\t随机数与事先公布的承诺一致：{}\n相符\t种子由随机数、事项和名单得出：{}\n相符\t抽取顺序由种子和名单得出，名单共{}行\n事项\t{}\n",
        draw.commitment,
        draw.seed,
        draw.list.len(),
        draw.about
    );
    if !draw.cover.is_empty() {
        text += &format!(
            "相符\t抽中的{}个覆盖全部{}项，是次序最前的一组：{}\n",
            draw.take,
            draw.cover.len(),
            draw.cover.join("、")
        );
    }
    let places = draw.places();
    for (place, line) in draw.order.iter().enumerate() {
        let word = if places.contains(&place) { "抽中" } else { "候补" };
        text += &format!("{word}\t{}\t{line}\n", place + 1);
    }
    text += "结论\t抽取结果可以复核";
    let json = json!({
        "valid": true, "conclusion": "抽取结果可以复核", "about": draw.about, "drawn": draw.drawn(), "order": draw.order,
    });
    Ok(Outcome { text, json, well: true })
}

fn neither(what: &str, refusal: &Refusal) -> Refusal {
    Refusal {
        what: format!("没有文件“{what}”，它也不是证书编号：{}", refusal.what), ..refusal.clone()
    }
}

/// The root that is trusted for the signatures of PDFs: the one that was given, or that of the house.
fn document_root(asked: &Verify) -> Result<Option<X509>, Stop> {
    if let Some(path) = &asked.ca {
        let refuse = |what: String| {
            Refusal::house("命令行", what).remedy("请从查询网站下载 /.well-known/jiangce-root.pem，用 --ca 给出")
        };
        let bytes = std::fs::read(path).map_err(|error| refuse(format!("读不了签名根证书：{error}")))?;
        let root = proof::read_certificate(&bytes).ok_or_else(|| refuse("不是 PEM 或 DER 形式的证书".into()))?;
        return Ok(Some(root));
    }
    let Some(seals) = seals(asked)? else { return Ok(None) };
    Ok(Some(document_root_of(&seals)?.certificate().clone()))
}

/// The keys of the house, where its folder was named. Opening the secret would make one where there is none.
fn seals(asked: &Verify) -> Result<Option<Seals>, Stop> {
    let secret = asked.data.as_ref().map(|data| data.join("secret.key")).filter(|path| path.is_file());
    secret.map(|secret| Seals::open(&secret).map_err(Stop::fault)).transpose()
}

/// The text of the code in a photo or a scan.
fn in_picture(bytes: &[u8]) -> Result<String, Stop> {
    let texts = press::read_qr(bytes).map_err(|error| {
        Refusal::house("命令行", format!("图片不能读取：{error}")).remedy("请给出 JPEG 或 PNG 图片")
    })?;
    // Other codes may be in the picture; the certificate's is the one that states something.
    let text = texts.iter().find(|text| text.contains("#jc")).or(texts.first()).ok_or_else(|| {
        Refusal::house("命令行", "图片中没有读到二维码").remedy("请把二维码拍清楚、拍完整，或用扫描件")
    })?;
    Ok(text.clone())
}

/// The list of keys: the one that was given, or that of the house.
fn list(asked: &Verify) -> Result<KeyList, Stop> {
    let refuse = |what: String| {
        Refusal::house("命令行", what).remedy("请从查询网站下载 /.well-known/jiangce-keys.json，用 --key 给出")
    };
    let root = match &asked.root {
        None => None,
        Some(path) => {
            let keys = std::fs::read_to_string(path).map_err(|error| refuse(format!("读不了根公钥：{error}")))?;
            proof::read_keys(&keys).map_err(|error| refuse(error.to_string()))?.into_iter().next()
        }
    };
    let bytes = match (&asked.key, &asked.data) {
        (Some(path), _) => std::fs::read(path).map_err(|error| refuse(format!("读不了公钥清单：{error}")))?,
        (None, Some(data)) => {
            let house = House { data: data.clone(), database: asked.database.clone() };
            crate::certificate::key_list(&serve::open_house(&house)?)?
        }
        (None, None) => return Err(refuse("核验二维码、电子证书需要公钥清单".into()).into()),
    };
    KeyList::read(&bytes, root.as_ref()).map_err(|fault| refuse(fault.to_string()).into())
}

/// The keys that are trusted: those of the key file, and that of the house.
fn keys(asked: &Verify) -> Result<Vec<PublicKey>, Stop> {
    let mut keys = Vec::new();
    if let Some(path) = &asked.key {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Refusal::house("命令行", format!("读不了公钥文件：{error}")).remedy("请核对 --key 的路径")
        })?;
        keys = if text.starts_with('{') {
            list(asked)?.root().into_iter().collect()
        } else {
            proof::read_keys(&text)
                .map_err(|error| Refusal::house("命令行", error.to_string()).remedy("请从查询网站重新下载公钥文件"))?
        };
    }
    keys.extend(seals(asked)?.map(|seals| signer_of(&seals).public()));
    Ok(keys)
}

/// What the record says, where there is one to ask.
fn record(asked: &Verify, number: CertificateNumber) -> Result<Record, Stop> {
    let url = match (&asked.database, &asked.data) {
        (Some(url), _) => url.clone(),
        (None, Some(data)) => serve::database_url(&House { data: data.clone(), database: None }),
        (None, None) => return Ok(Record::NotAsked),
    };
    if asked.database.is_none() && !Path::new(&url).is_file() {
        return Err(Refusal::house("命令行", format!("{url} 不存在")).remedy("请核对 --data 目录").into());
    }
    let number = number.to_string();
    let read = |tx: &mut Tx<'_>| Ok::<_, Stop>((query::by_number(tx, &number)?, crate::reference::load(tx)?));
    let (found, reference) = Engine::open(&url)?.read(read)?;
    Ok(Record::of(found, &reference.calendar))
}
