//! 二（二）4: the body issues to whom the centre has approved. Numbers are taken in the transaction that issues, so the
//! counter of (filing number, year, level) has no gap and gives no number twice. A person whose certificate could not
//! be printed is left out with a reason, and the others go on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use press::PressError;
use rules::batch::{self, BatchStep};
use rules::certificate::CertificateNumber;
use rules::identity::mask_name;
use rules::permission::ActKind;
use rules::refusal::RefusalView;
use rules::report::may_issue;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::keys;
use super::store::{self, Batch, Person};
use crate::badge;
use crate::door::store::take_numbers;
use crate::door::{Act, Desk, Office, Sight, Stop, Subject};
use crate::exchange::elsewhere_between;
use crate::public_log;
use crate::report;

/// Issues certificates to approved persons of a batch, dated today.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IssueCertificates {
    pub batch: i64,
    /// Candidates chosen; without them everyone approved who has no certificate yet.
    #[serde(default)]
    #[schema(max_items = 10_000)]
    pub candidates: Option<Vec<i64>>,
}

/// What came of issuing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Issued {
    /// Certificates issued.
    pub issued: i64,
    /// The first number given.
    pub first: String,
    /// The last number given; the numbers between are given too.
    pub last: String,
    /// Who was left out, and why.
    pub left_out: Vec<LeftOut>,
}

/// Someone who did not receive a certificate, and why.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    pub candidate: i64,
    /// Masked.
    pub name: String,
    pub refusal: RefusalView,
}

impl Act for IssueCertificates {
    const KIND: ActKind = ActKind::IssueCertificates;
    type Answer = Issued;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Issued, Stop> {
        let batch = store::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        batch::next(batch.stage, BatchStep::Issue)?;
        printable_batch(desk, &batch)?;
        let persons = self.persons(desk)?;
        let (mut good, mut left_out, mut first_reason) = (Vec::new(), Vec::new(), None);
        for person in &persons {
            match ready(desk, person) {
                Ok(()) => good.push(person),
                Err(refusal) => {
                    let view = RefusalView::from(&refusal);
                    left_out.push(LeftOut { candidate: person.id, name: mask_name(&person.name), refusal: view });
                    first_reason.get_or_insert(refusal);
                }
            }
        }
        if good.is_empty() {
            return Err(nobody(first_reason, left_out.len()).into());
        }
        let numbers = numbers(desk, &batch, good.len())?;
        let caller = desk.caller();
        let new: Vec<store::New<'_>> = good
            .iter()
            .zip(&numbers)
            .map(|(person, number)| store::New {
                id: desk.new_id(),
                number: number.to_string(),
                token: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()),
                person,
                issued_on: desk.today(),
                issued_at: desk.now(),
                issued_by: caller.name(),
            })
            .collect();
        store::insert(&mut desk.tx(), &batch, &new)?;
        badge::place(&mut desk.tx(), batch.id)?;
        log(desk, &batch, &new)?;
        report::settle(&mut desk.tx(), batch.id)?;
        let said = format!("{}为批次 {} 核发证书 {} 本", batch.body_name, batch.number, new.len());
        desk.tell_office(&batch.centre, said, format!("/batches/{}/certificates", batch.id));
        Ok(Issued {
            issued: new.len() as i64,
            first: new.first().map(|new| new.number.clone()).unwrap_or_default(),
            last: new.last().map(|new| new.number.clone()).unwrap_or_default(),
            left_out,
        })
    }
}

impl IssueCertificates {
    /// Whom the act is about; someone of another batch is *not found*.
    fn persons(&self, desk: &mut Desk<'_>) -> Result<Vec<Person>, Stop> {
        let Some(chosen) = &self.candidates else { return Ok(store::waiting(&mut desk.tx(), self.batch)?) };
        let chosen: std::collections::BTreeSet<i64> = chosen.iter().copied().collect();
        let mut persons = Vec::with_capacity(chosen.len());
        for id in chosen {
            persons.push(store::person(&mut desk.tx(), id, self.batch)?.ok_or(Stop::NotFound)?);
        }
        persons.sort_by(|a, b| (&a.ticket, a.id).cmp(&(&b.ticket, b.id)));
        Ok(persons)
    }
}

/// Puts each new certificate on its way into the public log.
fn log(desk: &mut Desk<'_>, batch: &Batch, certificates: &[store::New<'_>]) -> Result<(), Stop> {
    let filing_number = batch.filing_number.to_string();
    for new in certificates {
        let id_number = desk.seals().open_text(&new.person.id_sealed);
        let id_number = id_number.ok_or_else(|| Stop::fault("an identity number is sealed with another key"))?;
        let stated = keys::Stated {
            number: &new.number,
            token: &new.token,
            filing_number: &filing_number,
            trade_code: &batch.code,
            level: batch.level,
            exam_on: batch.exam_on,
            issued_on: new.issued_on,
            name: &new.person.name,
            id_number: &id_number,
        };
        desk.log(public_log::issued(desk.seals(), new.id, &stated)?);
    }
    Ok(())
}

/// As many numbers as asked for, in a row, out of the counter of (filing number, year, level). Those that the national system
/// has given to somebody are passed over.
fn numbers(desk: &mut Desk<'_>, batch: &Batch, count: usize) -> Result<Vec<CertificateNumber>, Stop> {
    let year = desk.today().year().rem_euclid(100) as u8;
    let series = format!("certificate {} {year:02} {}", batch.filing_number, batch.level.digit());
    let mut numbers: Vec<CertificateNumber> = Vec::with_capacity(count);
    while numbers.len() < count {
        let wanted = (count - numbers.len()) as i64;
        let last = take_numbers(&mut desk.tx(), &series, wanted)?;
        let taken: Vec<CertificateNumber> = (last - wanted + 1..=last)
            .map(|serial| {
                let serial = u32::try_from(serial).unwrap_or(u32::MAX);
                Ok(CertificateNumber::new(batch.filing_number, year, batch.level, serial)?)
            })
            .collect::<Result<_, Stop>>()?;
        let (Some(first), Some(last)) = (taken.first(), taken.last()) else { break };
        let elsewhere = elsewhere_between(&mut desk.tx(), &first.to_string(), &last.to_string())?;
        numbers.extend(taken.into_iter().filter(|number| !elsewhere.contains(&number.to_string())));
    }
    Ok(numbers)
}

/// Whether a person may receive a certificate now, and whether it could be printed.
pub(super) fn ready(sight: &Sight<'_>, person: &Person) -> Result<(), Refusal> {
    if person.certificate.is_some() {
        return Err(Refusal::new(Clause::S2_2_4B, "该考生已有本批次的证书").remedy("无需再次核发，请在证书列表中下载"));
    }
    may_issue(&person.verdict, person.held, person.review.as_ref())?;
    // Two batches may have run side by side where a person was returned in one and registered in the other.
    if let Some(number) = &person.another {
        return Err(Refusal::new(Clause::S2_2_4B, format!("该考生已在其他批次取得本职业同等级证书 {number}"))
            .remedy("同一职业同一等级不重复发证，请在“不再办理”中将该考生移出"));
    }
    if person.photo.is_none() {
        return Err(Refusal::new(Clause::S2_2_4B, "没有照片，证书不能制作")
            .remedy("请先在批次的“名册与照片”页上传该考生的白底一寸证件照，再为其发证"));
    }
    // What all certificates of the batch share, `printable_batch` has looked at.
    let face = press::Certificate {
        name: person.name.clone(),
        id_type: person.id_kind.name().into(),
        id_number: sight.seals().open_text(&person.id_sealed).unwrap_or_default(),
        ..press::Certificate::empty(sight.today())
    };
    sight.office().press().check(&face).map_err(|error| unprintable(&error))
}

/// Whether what all certificates of a batch share can be printed; asked once, because a batch may have thousands.
fn printable_batch(sight: &Sight<'_>, batch: &Batch) -> Result<(), Refusal> {
    let face = press::Certificate {
        body_name: batch.body_name.clone(),
        occupation: batch.trade.clone(),
        work_type: Some(batch.work_type.clone()),
        level: batch.level.name().into(),
        ..press::Certificate::empty(sight.today())
    };
    sight.office().press().check(&face).map_err(|error| unprintable(&error))
}

/// Whether a name can be printed.
pub(crate) fn may_be_printed(sight: &Sight<'_>, name: &str) -> Result<(), Refusal> {
    let face = press::Certificate { name: name.to_owned(), ..press::Certificate::empty(sight.today()) };
    sight.office().press().check(&face).map_err(|error| unprintable(&error).at("name"))
}

/// Why a certificate can't be printed, as a refusal.
pub(super) fn unprintable(error: &PressError) -> Refusal {
    match error {
        PressError::NoGlyph { character, field } => {
            let code = u32::from(*character);
            Refusal::new(
                Clause::S2_2_4B,
                format!("{field}中的“{character}”（U+{code:04X}）没有可用的字形，证书不能制作"),
            )
            .remedy("请核对是否为规范汉字或误录；确为该字的，请把该字及其编码告知系统管理员，补充字体后再发证")
        }
        PressError::Photo(why) => Refusal::new(Clause::S2_2_4B, format!("照片{why}，证书不能制作"))
            .remedy("请重新上传 JPEG 或 PNG 格式、每边不超过 8000 像素的证件照"),
        other => Refusal::new(Clause::S2_2_4B, other.to_string()).remedy("请核对各项内容是否误录，或联系系统管理员"),
    }
}

/// Nobody can be issued: the reason of the first, and how many more there are.
fn nobody(first: Option<Refusal>, count: usize) -> Refusal {
    match first {
        None => {
            Refusal::new(Clause::S2_2_4A, "本批次没有待发证的人员").remedy("只为主管中心审核通过、尚未发证的人员发证")
        }
        Some(refusal) if count == 1 => refusal,
        Some(refusal) => {
            Refusal { what: format!("{count} 人都不能发证，其中首位：{}", refusal.what), ..refusal }
        }
    }
}

/// The signed statement that travels inside a certificate, and the certificate as it is printed.
///
/// # Errors
/// A fault when the house can't sign or a photo is missing from the store.
pub(super) fn printable(office: &Office, public_url: &str, face: &super::Face) -> Result<press::Certificate, Stop> {
    let url = format!("{public_url}/c/{}", face.token);
    // A salt of its own for each certificate, and the same each time it is printed.
    let salt = office.seals().find_key(&format!("salt {}", face.token));
    let statement = proof::Statement {
        number: face.number.clone(),
        body: face.body_name.clone(),
        filing_number: face.filing_number.clone(),
        occupation_code: face.trade_code.clone(),
        occupation: face.trade.clone(),
        level: face.level.name().into(),
        exam_on: face.exam_on.to_string(),
        issued_on: face.issued_on.to_string(),
        holder: proof::holder_hash(&salt, &face.name, &face.id_number),
        salt,
        url: url.clone(),
        key: String::new(),
    };
    let signed = proof::sign(statement, &signer(office)).map_err(Stop::fault)?;
    let body = keys::body_key(office.seals(), &face.filing_number, face.key);
    let qr_text = keys::statement(office.seals(), &face.stated())?.sign(&url, &body).map_err(Stop::fault)?;
    let brought =
        |hash: &Option<String>| hash.clone().map(|hash| office.files().bring(&crate::door::FileHash(hash))).transpose();
    Ok(press::Certificate {
        body_name: face.body_name.clone(),
        issued_on: face.issued_on,
        name: face.name.clone(),
        id_type: face.id_kind_name.clone(),
        id_number: face.id_number.clone(),
        occupation: face.trade.clone(),
        work_type: Some(face.work_type.clone()).filter(|name| !name.is_empty()),
        level: face.level.name().into(),
        number: face.number.clone(),
        photo: brought(&face.photo)?,
        stamp: brought(&face.stamp)?,
        qr_text,
        province_query: Some(query_address(public_url)),
        attachment: Some(("jiangce.json".into(), signed)),
    })
}

/// Where the province is asked, as the page says it.
pub(super) fn query_address(public_url: &str) -> String {
    format!("{public_url}/query")
}

/// The key with which the house signs statements.
pub(crate) fn signer(office: &Office) -> proof::SoftwareKey {
    signer_of(office.seals())
}

/// The key that these seals give.
pub(crate) fn signer_of(seals: &crate::door::Seals) -> proof::SoftwareKey {
    proof::SoftwareKey::new(&seals.signing_key())
}
