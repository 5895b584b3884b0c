//! Whether something that claims to be a certificate is one: a PDF or OFD, the text of a QR code, an Open Badge, an SD-JWT, a signed
//! answer, a bare number. Signatures first; only what was signed by a body of ours is compared with the record, so that nobody learns
//! from here what they have no paper for. The command line and the page ask the same judge.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential::{
    Documents, Expected, Flaw, Purpose, StatusPurpose, check_credential, check_proofs, did_document, identity_hash,
    read_json, verify_sd_jwt,
};
use jiff::Timestamp;
use proof::log::{Hash, Leaf, Proof};
use proof::{
    Answer, DocumentFinding, Holder, KeyList, PaperFinding, PaperStatement, PublicKey, Statement, Verdict as Signed,
    X509, check_document, revoked_since,
};
use rules::calendar::Calendar;
use rules::certificate::CertificateNumber;
use rules::certificate::checks::Check;
use rules::{Clause, Refusal};
use serde_json::{Value, json};

use crate::badge::{CONTEXTS, TYPE};
use crate::door::{Stop, clock};
use crate::query::Found;

/// One line of what was checked.
pub(crate) struct Checked {
    /// `None` where it can't be known here.
    pub holds: Option<bool>,
    pub text: String,
    /// What it means to whoever has to rely on it.
    pub meaning: &'static str,
    pub clause: Option<Clause>,
    /// Whether the record said it, and not the paper.
    pub is_record: bool,
}

/// What can be said when everything that was checked holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Knows {
    /// The record was asked: it is valid.
    Record,
    /// A signature of ours stands under it. It outlives the certificate, so whether that was voided is not known.
    Signature,
    /// A status list was asked: it is neither revoked nor suspended. Which certificate it is, the holder did not show.
    Status,
    /// What was answered once.
    Answer,
    /// A number that could be one of ours; nobody was asked.
    Number,
}

/// What came of judging.
pub(crate) struct Judged {
    pub lines: Vec<Checked>,
    pub knows: Knows,
    /// Whether it is of a body of ours at all.
    pub is_ours: bool,
    /// What stands on it, for programs.
    pub more: Value,
}

/// What the record says of a number.
pub(crate) enum Record {
    /// There is none to ask.
    NotAsked,
    Unknown,
    Known(Box<Found>, Vec<Check>),
}

impl Record {
    /// What was found, with its checks.
    pub fn of(found: Option<Found>, calendar: &Calendar) -> Self {
        match found {
            Some(found) => {
                let checks = found.checks(calendar);
                Self::Known(Box::new(found), checks)
            }
            None => Self::Unknown,
        }
    }
}

/// Where a status list is asked: whether the bit of an entry is set.
pub(crate) type AskStatus<'a> = &'a dyn Fn(&Value) -> Result<Option<(StatusPurpose, bool)>, Stop>;

/// What a judge knows and trusts.
pub(crate) struct Judge<'a> {
    /// Keys of houses, which sign PDFs and answers.
    pub keys: Vec<PublicKey>,
    /// Keys of bodies, read when they are needed.
    pub list: &'a dyn Fn() -> Result<KeyList, Stop>,
    /// Roots of signatures of documents.
    pub roots: Vec<X509>,
    /// Which keys of bodies the root has taken back (a CRL), read when it is needed.
    pub revocations: &'a dyn Fn() -> Result<Option<Vec<u8>>, Stop>,
    /// Whose the certificate should be: name and identity number.
    pub holder: Option<(&'a str, &'a str)>,
    /// A file with the proof that the certificate stands in the public log.
    pub inclusion: Option<Vec<u8>>,
    /// Whether a bare number is looked up too. A stranger has to name the holder (二（二）4), so for them it is not.
    pub looks_up_numbers: bool,
    pub record: &'a dyn Fn(CertificateNumber) -> Result<Record, Stop>,
    pub status: AskStatus<'a>,
    /// Now.
    pub at: Timestamp,
}

/// What each line of a paper means; those of the record say it themselves.
mod means {
    pub const SIGNED: &str = "签名由颁发机构的密钥作出，改动一个字节就不成立";
    pub const OURS: &str = "不认识的签名什么也不证明，请向签发者核实";
    pub const NUMBER: &str = "编号由机构备案编号、年份、等级和序列号组成";
    pub const SAME: &str = "文件写的和平台记的应当一致";
    pub const VERSION: &str = "更正或补发以后，以前的版本不再使用";
    pub const HOLDER: &str = "证书只证明持证人本人的技能";
    pub const FACE: &str = "请把这些内容与您手中的证书逐项对照";
    pub const STATUS: &str = "状态列表由颁发机构签发，只说明是否撤销、暂停，不写姓名";
    pub const ANSWER: &str = "回执说明签发时的情况，此后可能有变";
}

impl Judged {
    fn new() -> Self {
        Self { lines: Vec::new(), knows: Knows::Signature, is_ours: true, more: json!({}) }
    }

    fn add(&mut self, holds: impl Into<Option<bool>>, text: impl Into<String>, meaning: &'static str) {
        let clause = Some(Clause::S2_2_4C);
        self.lines.push(Checked { holds: holds.into(), text: text.into(), meaning, clause, is_record: false });
    }

    /// Whether nothing speaks against it.
    pub fn holds(&self) -> bool {
        self.lines.iter().all(|line| line.holds != Some(false))
    }

    /// That it is no certificate of ours, and why.
    fn foreign(mut self, why: impl Into<String>) -> Self {
        self.is_ours = false;
        self.unsigned(why, means::OURS)
    }

    /// That no signature holds, and why.
    fn unsigned(mut self, why: impl Into<String>, meaning: &'static str) -> Self {
        self.add(false, why, meaning);
        self.more = json!({"signed": false});
        self
    }
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

impl Judge<'_> {
    /// Judges a file; pictures are read before.
    ///
    /// # Errors
    /// A refusal for what is no kind of certificate; whatever the record says.
    pub fn file(&self, bytes: &[u8]) -> Result<Judged, Stop> {
        let text = std::str::from_utf8(bytes).ok().map(str::trim);
        match text {
            Some(text) if text.starts_with('{') || is_sd_jwt(text) => self.text(text),
            Some(text) if !text.starts_with("%PDF") && text.len() <= LONGEST_TEXT => self.text(text),
            _ => self.document(bytes),
        }
    }

    /// Judges a text: of a QR code, an Open Badge, an SD-JWT, a signed answer, or a number.
    ///
    /// # Errors
    /// As [`Judge::file`].
    pub fn text(&self, text: &str) -> Result<Judged, Stop> {
        if text.starts_with('{') {
            return self.json(text.as_bytes());
        }
        if is_sd_jwt(text) {
            return self.sd_jwt(text);
        }
        match CertificateNumber::parse(text) {
            Ok(number) => self.number(number),
            // What a reader of codes gives out: an address, or whatever stands in the code.
            Err(_) if text.contains(':') => self.code(text),
            Err(refusal) => Err(Refusal::house("核验", format!("认不出这是什么：{}", refusal.what))
                .remedy("请粘贴二维码的全部文字，或选择证书的 PDF、OFD、电子证书（JSON、SD-JWT）或核验回执")
                .at("code")
                .into()),
        }
    }

    /// Judges a number, which proves nothing by itself.
    ///
    /// # Errors
    /// Whatever the record says.
    pub fn number(&self, number: CertificateNumber) -> Result<Judged, Stop> {
        let mut judged = Judged::new();
        judged.add(true, format!("编号 {number} 符合编码规则：{}", parts(number)), means::NUMBER);
        judged.knows = match self.looks_up_numbers && self.compare(&mut judged, number, |_| None)? {
            true => Knows::Record,
            false => Knows::Number,
        };
        judged.more = json!({"number": {
            "number": number, "filing_number": number.filing(), "year": 2000 + i32::from(number.year()),
            "level": number.level(), "serial": number.serial(),
        }});
        Ok(judged)
    }

    /// Asks the record, and compares it with what a paper says: whether that is the same, and the address that ends with the
    /// version's token. Whether there was a record that knew the number.
    fn compare<'s>(
        &self,
        judged: &mut Judged,
        number: CertificateNumber,
        paper: impl FnOnce(&Found) -> Option<(bool, &'s str)>,
    ) -> Result<bool, Stop> {
        let (found, checks) = match (self.record)(number)? {
            Record::NotAsked => return Ok(false),
            Record::Unknown => {
                judged.add(false, format!("记录中没有编号为 {number} 的证书"), means::SAME);
                return Ok(false);
            }
            Record::Known(found, checks) => (found, checks),
        };
        judged.lines.extend(checks.into_iter().map(|check| Checked {
            holds: check.holds,
            text: check.text,
            meaning: check.kind.meaning(),
            clause: Some(check.kind.clause()),
            is_record: true,
        }));
        if let Some((same, url)) = paper(&found) {
            judged.add(same, "记录与签名说明一致", means::SAME);
            let current = url.rsplit('/').next() == Some(found.token.as_str());
            let text = match current {
                true => format!("这是现行的第{}版", found.print_no),
                false => format!("这一版已被更正或补发替换，现行的是第{}版", found.print_no),
            };
            judged.add(current, text, means::VERSION);
        }
        Ok(true)
    }

    /// Whether it is the holder's who is asked for.
    fn is_of(&self, judged: &mut Judged, fits: impl FnOnce(&str, &str) -> bool) {
        if let Some((name, id)) = self.holder {
            judged.add(fits(name.trim(), id.trim()), "姓名和证件号码与持证人一致", means::HOLDER);
        }
    }

    /// Judges a PDF or an OFD.
    fn document(&self, bytes: &[u8]) -> Result<Judged, Stop> {
        let mut judged = Judged::new();
        // An OFD has the statement inside, and no signature of its own.
        let signer = if bytes.starts_with(b"PK") { None } else { self.signed_by(bytes, &mut judged)? };
        let Some(attached) = press::attachment(bytes) else {
            let why = "文件内没有签名说明：不是电子证书，或是供印制的合印文件";
            return Ok(judged.foreign(why));
        };
        judged.add(true, "文件内有签名说明", means::SIGNED);
        let statement = match proof::verify(&attached, &self.keys) {
            Signed::Verified(statement) => {
                judged.add(true, format!("签名由公钥 {} 作出，说明未被改动", statement.key), means::SIGNED);
                *statement
            }
            Signed::NotOurs(key) => {
                let why = match self.keys.is_empty() {
                    true => "没有给出公钥（--key 或 --data）",
                    false => "它不在受信任的公钥之中",
                };
                return Ok(judged.foreign(format!("签名所用的公钥为 {key}，{why}")));
            }
            Signed::Broken => return Ok(judged.unsigned("签名说明被改动过，或不是签名说明", means::SIGNED)),
        };
        let Statement { body, occupation, level, exam_on, issued_on, url, .. } = &statement;
        match CertificateNumber::parse(&statement.number) {
            Ok(number) => {
                let fits = number.filing().to_string() == statement.filing_number
                    && number.level().name() == level
                    && issued_on.get(2..4) == Some(format!("{:02}", number.year()).as_str());
                judged.add(fits, format!("编号 {number} 与说明一致：{}", parts(number)), means::NUMBER);
                if let Some(holder) = signer {
                    let same = holder.name == *body && holder.filing_number.as_ref() == Some(&statement.filing_number);
                    judged.add(same, "数字签名的签署者就是签名说明中的评价机构", means::SIGNED);
                }
                self.is_of(&mut judged, |name, id| statement.is_of(name, id));
                let known = self.compare(&mut judged, number, |found| {
                    let same = statement.body == found.body
                        && statement.occupation_code == found.trade_code
                        && statement.level == found.level.name()
                        && statement.exam_on == found.exam_on.to_string()
                        && statement.issued_on == found.issued_on.to_string();
                    Some((same, url))
                })?;
                judged.knows = if known { Knows::Record } else { Knows::Signature };
            }
            Err(refusal) => judged.add(false, refusal.what, means::NUMBER),
        }
        let said = format!("{body}，{occupation}，{level}，{exam_on}考试，{issued_on}发证；当前状态见 {url}");
        judged.add(true, format!("请与证书票面对照：{said}"), means::FACE);
        judged.more = json!({"signed": true, "statement": statement});
        Ok(judged)
    }

    /// What the signature of a PDF says: whether the file is as it was signed, and by whom.
    fn signed_by(&self, bytes: &[u8], judged: &mut Judged) -> Result<Option<Holder>, Stop> {
        let Some(found) = press::signature(bytes) else {
            judged.add(false, "文件没有覆盖全文的数字签名：不是原件，或签署后又被添加过内容", means::SIGNED);
            return Ok(None);
        };
        let (holds, text, by) = match check_document(&found.parts, &found.signature, found.at, &self.roots) {
            DocumentFinding::Signed { by, trusted } => {
                let number = by.filing_number.as_deref().unwrap_or("无");
                let who = format!("{}（备案编号 {number}，第{}代签名密钥）", by.name, by.generation);
                let (holds, text) = match (trusted, self.roots.is_empty()) {
                    (true, _) => (true, format!("数字签名成立：由{who}签署，签署后文件未改动")),
                    (false, true) => (
                        true,
                        format!(
                            "数字签名与文件一致，签署后未改动；证书自称为{who}，没有给出签名根证书（--ca），未核实"
                        ),
                    ),
                    (false, false) => (false, format!("数字签名的证书自称为{who}，但不是由所给的签名根证书签发")),
                };
                (holds, text, Some(by))
            }
            DocumentFinding::Broken => (false, "数字签名不成立：文件在签署后被改动过".into(), None),
            DocumentFinding::Unread(why) => (false, format!("数字签名不能读取：{why}"), None),
        };
        judged.add(holds, text, means::SIGNED);
        if let (true, Some(root)) = (by.is_some(), self.roots.first())
            && let Some(list) = (self.revocations)()?
        {
            let since = revoked_since(&found.signature, &list, root).ok_or_else(|| {
                Refusal::house("核验", "密钥报失清单不是由所给的签名根证书签发，或被改动过")
                    .remedy("请从查询网站重新下载 /.well-known/jiangce-root.crl")
            })?;
            match since {
                None => judged.add(true, "签名密钥没有报失", means::SIGNED),
                Some(at) => {
                    let on = clock::read_out(at.as_millisecond());
                    let text = format!("签名密钥已于 {on} 报失，不能凭签名认定文件是原件；请查询证书状态，或重新下载");
                    judged.add(false, text, means::SIGNED);
                }
            }
        }
        Ok(by)
    }

    /// Judges the text of a QR code.
    fn code(&self, text: &str) -> Result<Judged, Stop> {
        let mut judged = Judged::new();
        let list = (self.list)()?;
        let logged = self.logged(text, &list)?;
        let (statement, body) = match list.check(text, logged.as_ref().map(|(leaf, proof)| (leaf, proof))) {
            PaperFinding::Verified { statement, body, key } => {
                judged.add(true, format!("签名由{body}的公钥 {key} 作出，二维码未被改动"), means::SIGNED);
                (*statement, body)
            }
            PaperFinding::NotOurs(why) => return Ok(judged.foreign(format!("不是本平台的证书：{why}"))),
            PaperFinding::NotItsKey(why) => return Ok(judged.unsigned(why, means::SIGNED)),
            PaperFinding::Compromised(at) => {
                let why = format!(
                    "签名所用的公钥已于 {} 报告失密，不能证明证书在此前已存入公开日志；请联网查询，或用 --proof 给出存证",
                    clock::day_of(at)
                );
                return Ok(judged.unsigned(why, means::SIGNED));
            }
            PaperFinding::Broken => return Ok(judged.unsigned("签名不成立，二维码被改动过", means::SIGNED)),
        };
        let PaperStatement { number, occupation_code, edition, level, exam_on, issued_on, .. } = &statement;
        self.is_of(&mut judged, |name, id| statement.is_of(name, id));
        let said = match CertificateNumber::parse(number) {
            Ok(read) => {
                let fits = read.level().digit() == *level && i16::from(read.year()) == issued_on.year() % 100;
                judged.add(fits, format!("编号 {number} 与说明一致：{}", parts(read)), means::NUMBER);
                let known = self.compare(&mut judged, read, |found| {
                    let same = found.filing_number == statement.filing_number
                        && found.trade_code == *occupation_code
                        && found.level.digit() == *level
                        && (found.exam_on, found.issued_on) == (*exam_on, *issued_on);
                    Some((same, text.split('#').next().unwrap_or_default()))
                })?;
                judged.knows = if known { Knows::Record } else { Knows::Signature };
                read.level().name()
            }
            Err(refusal) => {
                judged.add(false, refusal.what, means::NUMBER);
                ""
            }
        };
        let said =
            format!("{body}，职业编码 {occupation_code}（{edition}年版大典），{said}，{exam_on}考试，{issued_on}发证");
        judged.add(true, format!("请与证书票面对照：{said}"), means::FACE);
        judged.more = json!({"signed": true, "statement": {
            "number": number, "body": body, "filing_number": statement.filing_number, "occupation_code": occupation_code,
            "edition": edition, "level": level, "exam_on": exam_on, "issued_on": issued_on,
        }});
        Ok(judged)
    }

    /// The proof that was given, with the hash of the leaf that the statement has in the log at the time which the proof names.
    fn logged(&self, text: &str, list: &KeyList) -> Result<Option<(Hash, Proof)>, Stop> {
        #[derive(serde::Deserialize)]
        struct Logged {
            leaf: Leaf,
            proof: Proof,
        }
        let Some(bytes) = &self.inclusion else { return Ok(None) };
        let Logged { leaf, proof } = serde_json::from_slice(bytes).map_err(|error| {
            Refusal::house("命令行", format!("不是存证：{error}")).remedy("请从查询网站重新下载该证书的存证")
        })?;
        // Only the leaf of this very statement says anything about it.
        let own = list.stated(text).is_some_and(|stated| stated.leaf(leaf.at) == leaf);
        Ok(own.then(|| (leaf.hash(), proof)))
    }

    /// Judges JSON: a signed answer or an Open Badge.
    fn json(&self, bytes: &[u8]) -> Result<Judged, Stop> {
        let unread = |flaw: Flaw| {
            Refusal::house("核验", flaw.to_string()).remedy("请重新下载，不要用编辑器打开后另存").at("code")
        };
        let value = read_json(bytes).map_err(unread)?;
        match value.get("answer") {
            Some(_) => self.answer(bytes),
            None => self.badge(&value),
        }
    }

    /// Judges what we answered once.
    fn answer(&self, bytes: &[u8]) -> Result<Judged, Stop> {
        let mut judged = Judged::new();
        let answer = match Answer::read(bytes, &self.keys) {
            Ok(answer) => answer,
            Err(proof::AnswerFault::Signature) => {
                return Ok(judged.unsigned(proof::AnswerFault::Signature.to_string(), means::SIGNED));
            }
            Err(other) => return Ok(judged.foreign(other.to_string())),
        };
        let at = clock::read_out(answer.answered_at);
        judged.add(true, format!("回执由 {} 于 {at} 签发，内容未被改动", answer.house), means::SIGNED);
        judged.knows = Knows::Answer;
        let certificates = answer.certificates.as_array().cloned().unwrap_or_default();
        if certificates.is_empty() {
            judged.add(true, "当时没有查到与所填姓名和号码相符的证书", means::ANSWER);
        }
        for one in &certificates {
            let text = |name: &str| one[name].as_str().unwrap_or_default();
            let number = text("number");
            let state = rules::certificate::CertificateState::from_code(text("state")).map_or("", |state| state.name());
            let said = format!(
                "当时的答复：{}，{number}，{}，{}，{}，{state}",
                text("name"),
                text("trade"),
                text("level_name"),
                text("body")
            );
            judged.add(text("state") == "valid", said, means::ANSWER);
            if let Ok(number) = CertificateNumber::parse(number)
                && self.compare(&mut judged, number, |_| None)?
            {
                judged.knows = Knows::Record;
            }
        }
        judged.more = json!({"signed": true, "answer": answer});
        Ok(judged)
    }

    /// The body that an issuer's id names, with its believed keys; none where it is not one of ours.
    fn issuer<'d>(&self, did: &'d str) -> Result<Option<Issuer<'d>>, Stop> {
        let list = (self.list)()?;
        let number = did.strip_prefix("did:web:").and_then(|rest| rest.rsplit_once(":directory:"));
        let Some((_, number)) = number else { return Ok(None) };
        let own = list.believed(number);
        let body = own.first().map(|(body, _)| (*body).to_owned());
        let keys = own.into_iter().map(|(_, key)| key).collect();
        Ok(body.map(|body| Issuer { number, body, keys }))
    }

    /// Judges an Open Badge.
    fn badge(&self, badge: &Value) -> Result<Judged, Stop> {
        let mut judged = Judged::new();
        let did = badge["issuer"].as_str().or(badge["issuer"]["id"].as_str()).unwrap_or_default();
        let Some(issuer) = self.issuer(did)? else { return Ok(judged.foreign(foreign(did))) };
        // Under whatever fragment the signer named its key: which keys are its own, the list says.
        let proofs = badge["proof"].as_array().map_or(std::slice::from_ref(&badge["proof"]), Vec::as_slice);
        let methods = proofs.iter().filter_map(|proof| proof["verificationMethod"].as_str());
        let fragments: Vec<&str> = methods
            .filter_map(|method| method.strip_prefix(did)?.strip_prefix('#'))
            .filter(|one| !one.is_empty())
            .collect();
        let checked = issuer.by_some_key(|key| {
            let named: Vec<_> = fragments.iter().map(|fragment| (*fragment, key.clone())).collect();
            let documents = Documents::new([did_document(did, &named)])?;
            check_credential(&CONTEXTS, badge)?;
            let expected = Expected { purpose: Purpose::Assertion, at: self.at, domain: None, challenge: None };
            let signers = check_proofs(&CONTEXTS, &documents, badge, expected)?;
            signers.iter().any(|signer| signer == did).then_some(()).ok_or_else(|| Flaw::NotTheIssuer(did.to_owned()))
        });
        let Issuer { number: filing_number, body, .. } = issuer;
        if let Err(flaw) = checked {
            return Ok(judged.unsigned(format!("电子证书不成立：{flaw}"), means::SIGNED));
        }
        judged.add(true, format!("电子证书由{body}签发，内容未被改动"), means::SIGNED);
        let subject = &badge["credentialSubject"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (achievement, number) = (&subject["achievement"], text(&subject["licenseNumber"]));
        let identity = |of: &str| {
            let all = subject["identifier"].as_array().map(Vec::as_slice).unwrap_or_default();
            all.iter().find(|one| one["identityType"] == of).cloned().unwrap_or_default()
        };
        self.is_of(&mut judged, |name, id| {
            let number = identity("nationalIdentityNumber");
            text(&identity("name")["identityHash"]) == name
                && identity_hash(id, &text(&number["salt"])) == text(&number["identityHash"])
        });
        let (level, exam_on) = (text(&achievement["specialization"]), text(&subject["activityEndDate"]));
        match CertificateNumber::parse(&number) {
            Ok(read) => {
                let fits = read.filing().to_string() == filing_number && read.level().name() == level;
                judged.add(fits, format!("编号 {number} 与内容一致：{}", parts(read)), means::NUMBER);
                let url = text(&badge["id"]);
                let known = self.compare(&mut judged, read, |found| {
                    let same = found.filing_number == filing_number
                        && found.trade_code == text(&achievement["humanCode"])
                        && found.level.name() == level
                        && found.exam_on.to_string() == exam_on;
                    Some((same, &url))
                })?;
                judged.knows = if known { Knows::Record } else { Knows::Signature };
            }
            Err(refusal) => judged.add(false, refusal.what, means::NUMBER),
        }
        let name = text(&identity("name")["identityHash"]);
        let said = format!("{name}，{}，{body}，{exam_on}考试", text(&achievement["name"]));
        judged.add(true, format!("请与持证人和岗位对照：{said}"), means::FACE);
        judged.more = json!({"signed": true, "credential": badge["id"]});
        Ok(judged)
    }

    /// Judges an SD-JWT, as much of it as its holder shows.
    fn sd_jwt(&self, text: &str) -> Result<Judged, Stop> {
        let mut judged = Judged::new();
        let did = said_issuer(text).unwrap_or_default();
        let Some(issuer) = self.issuer(&did)? else { return Ok(judged.foreign(foreign(&did))) };
        let checked = issuer.by_some_key(|key| verify_sd_jwt(text, key, &did, self.at, None));
        let Issuer { number: filing_number, body, .. } = issuer;
        let claims = match checked {
            Ok(shown) => shown.claims,
            Err(flaw) => return Ok(judged.unsigned(format!("SD-JWT 不成立：{flaw}"), means::SIGNED)),
        };
        judged.add(true, format!("SD-JWT 由{body}签发，出示的内容未被改动"), means::SIGNED);
        let is_kind = claims.get("vct").and_then(Value::as_str) == Some(TYPE);
        judged.add(is_kind, "凭证类型是职业技能等级证书", means::OURS);
        let shown = |name: &str| claims.get(name).and_then(Value::as_str);
        self.is_of(&mut judged, |name, id| {
            let part = |of: &str| claims.get("identity").and_then(|one| one.get(of)?.as_str()).unwrap_or_default();
            shown("name") == Some(name) && identity_hash(id, part("salt")) == part("hash")
        });
        for entry in claims.get("credentialStatus").and_then(Value::as_array).into_iter().flatten() {
            match (self.status)(entry)? {
                Some((purpose, is_set)) => {
                    judged.knows = Knows::Status;
                    judged.add(!is_set, list_says(purpose, is_set), means::STATUS);
                }
                None => judged.add(None, "没有查状态列表", means::STATUS),
            }
        }
        if let Some(number) = shown("certificate_number") {
            match CertificateNumber::parse(number) {
                Ok(read) => {
                    let fits = read.filing().to_string() == filing_number;
                    judged.add(fits, format!("编号 {number} 与签发者一致：{}", parts(read)), means::NUMBER);
                    if self.compare(&mut judged, read, |_| None)? {
                        judged.knows = Knows::Record;
                    }
                }
                Err(refusal) => judged.add(false, refusal.what, means::NUMBER),
            }
        }
        let said = SHOWN.iter().filter_map(|(name, word)| Some(format!("{word} {}", shown(name)?)));
        let said = said.collect::<Vec<_>>().join("，");
        let said = if said.is_empty() { "持证人没有出示任何一项".to_owned() } else { said };
        judged.add(true, format!("持证人出示的内容：{said}"), means::FACE);
        judged.more = json!({"signed": true, "claims": claims});
        Ok(judged)
    }
}

/// A body as an electronic certificate names it.
struct Issuer<'d> {
    number: &'d str,
    body: String,
    keys: Vec<PublicKey>,
}

impl Issuer<'_> {
    /// What one of its keys lets through, or why the last of them does not.
    fn by_some_key<T>(&self, check: impl Fn(&PublicKey) -> Result<T, Flaw>) -> Result<T, Flaw> {
        let mut last = Err(Flaw::Signature);
        for key in &self.keys {
            last = check(key);
            if last.is_ok() {
                break;
            }
        }
        last
    }
}

/// A QR code takes some four hundred characters, a reader's text some more; nothing longer than this is one.
const LONGEST_TEXT: usize = 8 * 1024;

/// What a holder may show, as people call it.
const SHOWN: [(&str, &str); 8] = [
    ("name", "姓名"),
    ("certificate_number", "证书编号"),
    ("occupation", "职业"),
    ("occupation_code", "职业编码"),
    ("level", "等级"),
    ("issuer_name", "评价机构"),
    ("exam_on", "考试日期"),
    ("issued_on", "发证日期"),
];

fn list_says(purpose: StatusPurpose, is_set: bool) -> &'static str {
    match (purpose, is_set) {
        (StatusPurpose::Revocation, false) => "状态列表：没有撤销、注销，也没有被更正或补发替换",
        (StatusPurpose::Revocation, true) => "状态列表：已撤销、注销，或已被更正或补发替换",
        (StatusPurpose::Suspension, false) => "状态列表：没有暂停使用",
        (StatusPurpose::Suspension, true) => "状态列表：已暂停使用",
    }
}

fn foreign(did: &str) -> String {
    let who: String = did.chars().take(120).collect();
    match who.as_str() {
        "" => "不是本平台的证书：没有写明签发者".to_owned(),
        who => format!("不是本平台的证书：签发者 {who} 不在本平台的机构目录和公钥清单中"),
    }
}

/// Two dots and a tilde: what no address and no number has.
fn is_sd_jwt(text: &str) -> bool {
    text.starts_with("ey")
        && text.contains('~')
        && text.split('~').next().is_some_and(|jwt| jwt.split('.').count() == 3)
}

/// Who an SD-JWT says has issued it; not yet believed.
fn said_issuer(text: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    Some(read_json(&payload).ok()?.get("iss")?.as_str()?.to_owned())
}

impl Judged {
    /// The conclusion in one sentence, and whether it is valid; `None` where that is not known.
    pub fn conclusion(&self) -> (Option<bool>, &'static str) {
        match self.knows {
            _ if !self.is_ours => (Some(false), "不是本平台的证书"),
            _ if !self.holds() => (Some(false), "不能确认有效"),
            Knows::Record => (Some(true), "有效"),
            Knows::Signature => (None, "签名有效；是否已注销须查记录"),
            Knows::Status => (None, "签名有效，没有撤销或暂停；持证人没有出示证书编号"),
            Knows::Answer => (None, "回执属实；现在的状态须再查"),
            Knows::Number => (None, "编号符合规则，未查记录，不能确认"),
        }
    }
}
