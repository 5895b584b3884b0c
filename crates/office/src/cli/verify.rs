//! `jiangce verify`: whether a certificate is what it claims, checked by a stranger. A PDF is checked offline against a
//! key file or the house's own key, the QR code of one on paper against the list of keys; a number against the code rule; either against the record where there is one. Only
//! the record knows what was voided, so only with it the answer is 有效. And whether a draw was drawn as its record says.

use std::path::{Path, PathBuf};

use clap::Args;
use proof::log::{Leaf, Proof};
use proof::{
    DocumentFinding, Holder, KeyList, PaperFinding, PaperStatement, PublicKey, Signer as _, Statement, Verdict, X509,
    check_document, revoked_since,
};
use rules::Refusal;
use rules::certificate::CertificateNumber;
use serde_json::{Value, json};

use super::{House, Outcome, serve};
use crate::certificate::{document_root_of, signer_of};
use crate::db::Engine;
use crate::door::clock::read_out;
use crate::door::{Seals, Stop};
use crate::query::{self, Found};

/// What is to be checked, and with what.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// 证书 PDF 或 OFD 文件、证书照片或扫描件（JPEG、PNG）、二维码的文字，或22位证书编号；draw 表示复核抽取记录
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

/// What was checked, line by line.
#[derive(Default)]
struct Checks(Vec<(bool, String)>);

/// What can be said when everything that was checked holds.
#[derive(Clone, Copy)]
enum Knows {
    /// The record was asked: it is valid.
    Record,
    /// A signature of ours stands under it. It outlives the certificate, so whether that was voided is not known.
    Signature,
    /// A number that could be one of ours; nobody was asked.
    Number,
}

impl Checks {
    fn add(&mut self, holds: bool, text: impl Into<String>) {
        self.0.push((holds, text.into()));
    }

    fn outcome(self, knows: Knows, more: Value) -> Outcome {
        let holds = self.0.iter().all(|(holds, _)| *holds);
        let (valid, conclusion) = match knows {
            _ if !holds => (Some(false), "不能确认有效"),
            Knows::Record => (Some(true), "有效"),
            Knows::Signature => (None, "签名有效；是否已注销须查记录"),
            Knows::Number => (None, "编号符合规则，未查记录，不能确认"),
        };
        let mut text = String::new();
        for (holds, line) in &self.0 {
            text += &format!("{}\t{line}\n", if *holds { "相符" } else { "不符" });
        }
        text += &format!("结论\t{conclusion}");
        let checks: Vec<Value> = self.0.iter().map(|(holds, text)| json!({"holds": holds, "text": text})).collect();
        let mut json = json!({"valid": valid, "conclusion": conclusion, "checks": checks});
        if let (Value::Object(json), Value::Object(more)) = (&mut json, more) {
            json.extend(more);
        }
        // What was asked of a PDF alone, its signature, is answered; a bare number is no proof of anything.
        Outcome { text, json, well: holds && !matches!(knows, Knows::Number) }
    }
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
    match CertificateNumber::parse(&asked.what) {
        Ok(number) => by_number(asked, number),
        Err(refusal) => {
            let path = Path::new(&asked.what);
            match path.is_file() {
                true => by_file(asked, path),
                // What a reader of codes gives out: an address, or whatever stands in the code.
                false if asked.what.contains(':') => by_code(asked, &asked.what),
                false => Err(neither(&asked.what, &refusal).into()),
            }
        }
    }
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

fn by_number(asked: &Verify, number: CertificateNumber) -> Result<Outcome, Stop> {
    let mut checks = Checks::default();
    checks.add(true, format!("编号 {number} 符合编码规则：{}", parts(number)));
    let knows = if record(asked, number, &mut checks)?.is_some() { Knows::Record } else { Knows::Number };
    Ok(checks.outcome(
        knows,
        json!({"number": {
            "number": number, "filing_number": number.filing(), "year": 2000 + i32::from(number.year()),
            "level": number.level(), "serial": number.serial(),
        }}),
    ))
}

/// The parts of a number, in words.
fn parts(number: CertificateNumber) -> String {
    format!(
        "机构备案编号 {}，20{:02} 年，{}，序列号 {:06}",
        number.filing(),
        number.year(),
        number.level().name(),
        number.serial()
    )
}

fn by_file(asked: &Verify, path: &Path) -> Result<Outcome, Stop> {
    let bytes = std::fs::read(path).map_err(Stop::fault)?;
    if bytes.starts_with(b"\xFF\xD8") || bytes.starts_with(b"\x89PNG") {
        return by_picture(asked, &bytes);
    }
    let mut checks = Checks::default();
    let mut knows = Knows::Signature;
    // An OFD has the statement inside, and no signature of its own.
    let signer = if bytes.starts_with(b"PK") { None } else { signed_by(asked, &bytes, &mut checks)? };
    let Some(attached) = press::attachment(&bytes) else {
        checks.add(false, "文件内没有签名说明：不是电子证书，或是供印制的合印文件");
        return Ok(checks.outcome(knows, json!({"signed": false})));
    };
    checks.add(true, "文件内有签名说明");
    let keys = keys(asked)?;
    let statement = match proof::verify(&attached, &keys) {
        Verdict::Verified(statement) => {
            checks.add(true, format!("签名由公钥 {} 作出，说明未被改动", statement.key));
            *statement
        }
        Verdict::NotOurs(key) => {
            let why = if keys.is_empty() {
                "没有给出公钥（--key 或 --data）"
            } else {
                "它不在受信任的公钥之中"
            };
            checks.add(false, format!("签名所用的公钥为 {key}，{why}"));
            return Ok(checks.outcome(knows, json!({"signed": false})));
        }
        Verdict::Broken => {
            checks.add(false, "签名说明被改动过，或不是签名说明");
            return Ok(checks.outcome(knows, json!({"signed": false})));
        }
    };
    let Statement { body, occupation, level, exam_on, issued_on, url, .. } = &statement;
    match CertificateNumber::parse(&statement.number) {
        Ok(number) => {
            let fits = number.filing().to_string() == statement.filing_number
                && number.level().name() == level
                && issued_on.get(2..4) == Some(format!("{:02}", number.year()).as_str());
            checks.add(fits, format!("编号 {number} 与说明一致：{}", parts(number)));
            if let Some(holder) = signer {
                let same = holder.name == *body && holder.filing_number.as_ref() == Some(&statement.filing_number);
                checks.add(same, "数字签名的签署者就是签名说明中的评价机构");
            }
            if let (Some(name), Some(id)) = (&asked.name, &asked.id) {
                checks.add(statement.is_of(name.trim(), id.trim()), "姓名和证件号码与持证人一致");
            }
            if let Some(found) = record(asked, number, &mut checks)? {
                let same = statement.body == found.body
                    && statement.occupation_code == found.trade_code
                    && statement.level == found.level.name()
                    && statement.exam_on == found.exam_on.to_string()
                    && statement.issued_on == found.issued_on.to_string();
                checks.add(same, "记录与签名说明一致");
                version(&found, url, &mut checks);
                knows = Knows::Record;
            }
        }
        Err(refusal) => checks.add(false, refusal.what),
    }
    let said = format!("{body}，{occupation}，{level}，{exam_on}考试，{issued_on}发证；当前状态见 {url}");
    checks.add(true, format!("请与证书票面对照：{said}"));
    Ok(checks.outcome(knows, json!({"signed": true, "statement": statement})))
}

/// What the signature of a PDF says: whether the file is as it was signed, and by whom.
fn signed_by(asked: &Verify, bytes: &[u8], checks: &mut Checks) -> Result<Option<Holder>, Stop> {
    let root = document_root(asked)?;
    let Some(found) = press::signature(bytes) else {
        checks.add(false, "文件没有覆盖全文的数字签名：不是原件，或签署后又被添加过内容");
        return Ok(None);
    };
    let roots: Vec<_> = root.into_iter().collect();
    match check_document(&found.parts, &found.signature, found.at, &roots) {
        DocumentFinding::Signed { by, trusted } => {
            let number = by.filing_number.as_deref().unwrap_or("无");
            let who = format!("{}（备案编号 {number}，第{}代签名密钥）", by.name, by.generation);
            if let (true, Some(path)) = (trusted, &asked.crl)
                && let Some(root) = roots.first()
            {
                taken_back(path, &found.signature, root, checks)?;
            }
            match (trusted, roots.is_empty()) {
                (true, _) => checks.add(true, format!("数字签名成立：由{who}签署，签署后文件未改动")),
                (false, true) => checks.add(
                    true,
                    format!("数字签名与文件一致，签署后未改动；证书自称为{who}，没有给出签名根证书（--ca），未核实"),
                ),
                (false, false) => checks.add(false, format!("数字签名的证书自称为{who}，但不是由所给的签名根证书签发")),
            }
            Ok(Some(by))
        }
        DocumentFinding::Broken => {
            checks.add(false, "数字签名不成立：文件在签署后被改动过");
            Ok(None)
        }
        DocumentFinding::Unread(why) => {
            checks.add(false, format!("数字签名不能读取：{why}"));
            Ok(None)
        }
    }
}

/// Whether the key of a signature was reported lost, by the list that was given.
fn taken_back(path: &Path, signature: &[u8], root: &X509, checks: &mut Checks) -> Result<(), Stop> {
    let refuse = |what: String| {
        Refusal::house("命令行", what).remedy("请从查询网站下载 /.well-known/jiangce-root.crl，用 --crl 给出")
    };
    let list = std::fs::read(path).map_err(|error| refuse(format!("读不了报失清单：{error}")))?;
    let since = revoked_since(signature, &list, root)
        .ok_or_else(|| refuse("报失清单不是由所给的签名根证书签发，或被改动过".into()))?;
    match since {
        None => checks.add(true, "签名密钥没有报失"),
        Some(at) => checks.add(
            false,
            format!(
                "签名密钥已于 {} 报失，不能凭签名认定文件是原件；请查询证书状态，或重新下载",
                read_out(at.as_millisecond())
            ),
        ),
    }
    Ok(())
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

/// Whether it is the version that stands; its address ends with the version's token.
fn version(found: &Found, url: &str, checks: &mut Checks) {
    let current = url.rsplit('/').next() == Some(found.token.as_str());
    let text = match current {
        true => format!("这是现行的第{}版", found.print_no),
        false => format!("这一版已被更正或补发替换，现行的是第{}版", found.print_no),
    };
    checks.add(current, text);
}

/// The codes of a photo or a scan.
fn by_picture(asked: &Verify, bytes: &[u8]) -> Result<Outcome, Stop> {
    let texts = press::read_qr(bytes).map_err(|error| {
        Refusal::house("命令行", format!("图片不能读取：{error}")).remedy("请给出 JPEG 或 PNG 图片")
    })?;
    // Other codes may be in the picture; the certificate's is the one that states something.
    let text = texts.iter().find(|text| text.contains("#jc")).or(texts.first()).ok_or_else(|| {
        Refusal::house("命令行", "图片中没有读到二维码").remedy("请把二维码拍清楚、拍完整，或用扫描件")
    })?;
    by_code(asked, text)
}

/// The text of a QR code.
fn by_code(asked: &Verify, text: &str) -> Result<Outcome, Stop> {
    let mut checks = Checks::default();
    let list = list(asked)?;
    let logged = logged(asked, text, &list)?;
    let found = list.check(text, logged.as_ref().map(|(leaf, proof)| (leaf, proof)));
    let (statement, body) = match found {
        PaperFinding::Verified { statement, body, key } => {
            checks.add(true, format!("签名由{body}的公钥 {key} 作出，二维码未被改动"));
            (*statement, body)
        }
        other => {
            let why = match other {
                PaperFinding::NotOurs(why) => format!("不是本平台的证书：{why}"),
                PaperFinding::NotItsKey(why) => why.to_owned(),
                PaperFinding::Compromised(at) => format!(
                    "签名所用的公钥已于 {} 报告失密，不能证明证书在此前已存入公开日志；请联网查询，或用 --proof 给出存证",
                    crate::door::clock::day_of(at)
                ),
                PaperFinding::Broken | PaperFinding::Verified { .. } => "签名不成立，二维码被改动过".into(),
            };
            checks.add(false, why);
            return Ok(checks.outcome(Knows::Signature, json!({"signed": false})));
        }
    };
    let PaperStatement { number, occupation_code, edition, level, exam_on, issued_on, .. } = &statement;
    if let (Some(name), Some(id)) = (&asked.name, &asked.id) {
        checks.add(statement.is_of(name.trim(), id.trim()), "姓名和证件号码与持证人一致");
    }
    let mut knows = Knows::Signature;
    let said = match CertificateNumber::parse(number) {
        Ok(read) => {
            let fits = read.level().digit() == *level && i16::from(read.year()) == issued_on.year() % 100;
            checks.add(fits, format!("编号 {number} 与说明一致：{}", parts(read)));
            if let Some(found) = record(asked, read, &mut checks)? {
                let same = found.filing_number == statement.filing_number
                    && found.trade_code == *occupation_code
                    && found.level.digit() == *level
                    && (found.exam_on, found.issued_on) == (*exam_on, *issued_on);
                checks.add(same, "记录与签名说明一致");
                version(&found, text.split('#').next().unwrap_or_default(), &mut checks);
                knows = Knows::Record;
            }
            read.level().name()
        }
        Err(refusal) => {
            checks.add(false, refusal.what);
            ""
        }
    };
    let said =
        format!("{body}，职业编码 {occupation_code}（{edition}年版大典），{said}，{exam_on}考试，{issued_on}发证");
    checks.add(true, format!("请与证书票面对照：{said}"));
    let stated = json!({
        "number": number, "body": body, "filing_number": statement.filing_number, "occupation_code": occupation_code,
        "edition": edition, "level": level, "exam_on": exam_on, "issued_on": issued_on,
    });
    Ok(checks.outcome(knows, json!({"signed": true, "statement": stated})))
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
        (None, None) => return Err(refuse("核验二维码需要公钥清单".into()).into()),
    };
    KeyList::read(&bytes, root.as_ref()).map_err(|fault| refuse(fault.to_string()).into())
}

/// The proof that was given, with the hash of the leaf that the statement has in the log at the time which the proof names.
fn logged(asked: &Verify, text: &str, list: &KeyList) -> Result<Option<(proof::log::Hash, Proof)>, Stop> {
    #[derive(serde::Deserialize)]
    struct Logged {
        leaf: Leaf,
        proof: Proof,
    }
    let Some(path) = &asked.proof else { return Ok(None) };
    let refuse = |what: String| Refusal::house("命令行", what).remedy("请从查询网站重新下载该证书的存证");
    let bytes = std::fs::read(path).map_err(|error| refuse(format!("读不了存证：{error}")))?;
    let Logged { leaf, proof } =
        serde_json::from_slice(&bytes).map_err(|error| refuse(format!("不是存证：{error}")))?;
    // Only the leaf of this very statement says anything about it.
    let own = list.stated(text).is_some_and(|stated| stated.leaf(leaf.at) == leaf);
    Ok(own.then(|| (leaf.hash(), proof)))
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

/// What the record says, where there is one to ask. A certificate that it does not know is a fault of the check.
fn record(asked: &Verify, number: CertificateNumber, checks: &mut Checks) -> Result<Option<Found>, Stop> {
    let url = match (&asked.database, &asked.data) {
        (Some(url), _) => url.clone(),
        (None, Some(data)) => serve::database_url(&House { data: data.clone(), database: None }),
        (None, None) => return Ok(None),
    };
    if asked.database.is_none() && !Path::new(&url).is_file() {
        return Err(Refusal::house("命令行", format!("{url} 不存在")).remedy("请核对 --data 目录").into());
    }
    let number = number.to_string();
    let found = Engine::open(&url)?.read(|tx| query::by_number(tx, &number))?;
    match &found {
        None => checks.add(false, format!("记录中没有编号为 {number} 的证书")),
        Some(found) => {
            for check in found.checks() {
                checks.add(check.holds, format!("记录：{}（{}）", check.text, check.clause.place()));
            }
        }
    }
    Ok(found)
}
