//! Signatures of documents that programs elsewhere check: CMS (RFC 5652) as PAdES wants it, under X.509 certificates. A body's
//! certificate is signed by a root; who trusts the root's certificate needs nothing else of ours.
//!
//! Everything is ECDSA over P-256 with SHA-256, and nonces follow from key and message (RFC 6979): the same document signed
//! twice has the same bytes. Which bytes of a file are signed, and where the signature lies in it, is the file's affair.

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedAttributes, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{Any, ObjectIdentifier, OctetString, PrintableString, SetOfVec, Uint, Utf8StringRef};
use der::{Decode as _, DecodePem as _, Encode as _, EncodePem as _, Sequence};
use jiff::Timestamp;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use x509_cert::attr::{Attribute, AttributeTypeAndValue};
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder as _, CertificateBuilder, CrlBuilder};
use x509_cert::certificate::{Certificate, Rfc5280, TbsCertificate};
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::der::asn1::GeneralizedTime;
use x509_cert::der::pem::LineEnding;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CrlNumber, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension as _};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{
    AlgorithmIdentifierOwned, DecodePublicKey as _, SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef,
};
use x509_cert::time::{Time, Validity};

use crate::SignError;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// What tells the keys of one body apart.
const QUALIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.46");

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const ECDSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// A certificate as programs elsewhere know it; beside it the project's own word, 证书, is for what a body issues.
pub type X509 = Certificate;

/// Something that signs documents for one holder: a software key, or a device that never gives its key away.
pub trait DocumentSigner {
    /// The holder's certificate first, then those above it up to the root.
    fn chain(&self) -> &[Certificate];

    /// An ECDSA signature over P-256 and the message's SHA-256, as DER.
    ///
    /// # Errors
    /// When a device does not answer or refuses.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Whose certificate it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// 评价机构, as filed; of a root, what it is the root of.
    pub name: String,
    /// 机构备案编号; a root has none.
    pub filing_number: Option<String>,
    /// The how manieth key of this holder.
    pub generation: i64,
}

/// A secret key of P-256 held in memory.
#[derive(Clone)]
pub struct DocumentKey(SigningKey);

impl DocumentKey {
    /// The key of these 32 secret bytes; almost all are one, and `None` says that these are not.
    pub fn new(secret: &[u8; 32]) -> Option<Self> {
        SigningKey::from_bytes(&(*secret).into()).ok().map(Self)
    }

    fn public(&self) -> VerifyingKey {
        *self.0.verifying_key()
    }
}

/// The root under which bodies' certificates stand.
#[derive(Clone)]
pub struct DocumentRoot {
    key: DocumentKey,
    certificate: Certificate,
}

impl DocumentRoot {
    /// A root that signs its own certificate; the same each time.
    ///
    /// # Errors
    /// For a name or an instant that a certificate can't hold.
    pub fn new(key: DocumentKey, holder: &Holder, from: Timestamp) -> Result<Self, SignError> {
        let profile = Wanted { issuer: None, subject: holder.subject()? };
        let certificate = certify(profile, from, &key.public(), &key)?;
        Ok(Self { key, certificate })
    }

    /// The root's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// A holder's key as a signer, certified by this root; the same each time.
    ///
    /// # Errors
    /// For a name or an instant that a certificate can't hold.
    pub fn signer(&self, key: DocumentKey, holder: &Holder, from: Timestamp) -> Result<SoftwareSigner, SignError> {
        let issuer = self.certificate.tbs_certificate().subject().clone();
        let profile = Wanted { issuer: Some(issuer), subject: holder.subject()? };
        let certificate = certify(profile, from, &key.public(), &self.key)?;
        Ok(SoftwareSigner { key, chain: [certificate, self.certificate.clone()] })
    }
}

impl DocumentRoot {
    /// The list of certificates that the root takes back, each with the instant since when (RFC 5280, 5), as DER. It is of
    /// `at`, and another follows within a week.
    ///
    /// # Errors
    /// For an instant that a list can't hold.
    pub fn revocations(&self, revoked: &[(Certificate, Timestamp)], at: Timestamp) -> Result<Vec<u8>, SignError> {
        let instant = |at: Timestamp| -> der::Result<Time> {
            let since = std::time::Duration::from_secs(at.as_second().try_into().unwrap_or_default());
            Ok(Time::GeneralTime(GeneralizedTime::from_unix_duration(since)?))
        };
        let make = || -> x509_cert::builder::Result<Vec<u8>> {
            let number = CrlNumber(Uint::new(&at.as_second().unsigned_abs().to_be_bytes())?);
            let lines = revoked.iter().map(|(certificate, since)| {
                let serial_number = certificate.tbs_certificate().serial_number().clone();
                Ok(RevokedCert { serial_number, revocation_date: instant(*since)?, crl_entry_extensions: None })
            });
            let lines = lines.collect::<der::Result<Vec<_>>>()?;
            let next = at.checked_add(REVOCATIONS_HOLD).unwrap_or(at);
            let mut list = CrlBuilder::new_with_this_update(&self.certificate, number, instant(at)?)?
                .with_next_update(Some(instant(next)?));
            if !lines.is_empty() {
                list = list.with_certificates(lines.into_iter());
            }
            Ok(list.build::<_, DerSignature>(&self.key.0)?.to_der()?)
        };
        make().map_err(not_signed)
    }
}

/// How long a list of what is taken back is good.
const REVOCATIONS_HOLD: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);

/// A key in memory with its certificate.
pub struct SoftwareSigner {
    key: DocumentKey,
    chain: [Certificate; 2],
}

impl DocumentSigner for SoftwareSigner {
    fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature: DerSignature = self.key.0.try_sign(message).map_err(not_signed)?;
        Ok(signature.as_bytes().to_vec())
    }
}

impl Holder {
    fn subject(&self) -> Result<Name, SignError> {
        let text = |oid, text: &str| -> der::Result<AttributeTypeAndValue> {
            Ok(AttributeTypeAndValue { oid, value: Any::encode_from(&Utf8StringRef::new(text)?)? })
        };
        let printable = |oid, text: &str| -> der::Result<AttributeTypeAndValue> {
            Ok(AttributeTypeAndValue { oid, value: Any::encode_from(&PrintableString::new(text)?)? })
        };
        let parts = || -> der::Result<Name> {
            let mut parts = vec![printable(COUNTRY, "CN")?, text(ORGANIZATION, &self.name)?];
            parts.push(text(COMMON_NAME, &self.name)?);
            if let Some(number) = &self.filing_number {
                parts.push(printable(SERIAL_NUMBER, number)?);
            }
            parts.push(printable(QUALIFIER, &self.generation.to_string())?);
            let mut sequence = RdnSequence::default();
            for part in parts {
                sequence.push(RelativeDistinguishedName::try_from(vec![part])?);
            }
            Name::from_der(&sequence.to_der()?)
        };
        parts().map_err(not_signed)
    }

    fn of(subject: &Name) -> Option<Self> {
        let said = |oid| {
            let part = subject.iter().find(|part| part.oid == oid)?;
            std::str::from_utf8(part.value.value()).ok().map(str::to_owned)
        };
        let generation = said(QUALIFIER)?.parse().ok()?;
        Some(Self { name: said(COMMON_NAME)?, filing_number: said(SERIAL_NUMBER), generation })
    }
}

/// What a certificate of ours says beside its key.
struct Wanted {
    /// None for a root.
    issuer: Option<Name>,
    subject: Name,
}

impl BuilderProfile for Wanted {
    fn get_issuer(&self, subject: &Name) -> Name {
        self.issuer.clone().unwrap_or_else(|| subject.clone())
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        own: SubjectPublicKeyInfoRef<'_>,
        issuer: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let root = self.issuer.is_none();
        let usage = if root {
            KeyUsages::KeyCertSign | KeyUsages::CRLSign
        } else {
            KeyUsages::DigitalSignature | KeyUsages::NonRepudiation
        };
        let constraints = BasicConstraints { ca: root, path_len_constraint: root.then_some(0) };
        let above = AuthorityKeyIdentifier {
            key_identifier: Some(SubjectKeyIdentifier::try_from(issuer)?.0),
            ..AuthorityKeyIdentifier::default()
        };
        let none: [Extension; 0] = [];
        Ok(vec![
            constraints.to_extension(tbs.subject(), &none)?,
            KeyUsage(usage).to_extension(tbs.subject(), &none)?,
            SubjectKeyIdentifier::try_from(own)?.to_extension(tbs.subject(), &none)?,
            above.to_extension(tbs.subject(), &none)?,
        ])
    }
}

/// A certificate for `key`, without an end (RFC 5280, 4.1.2.5): what was signed has to be checked as long as its holder lives,
/// and a key that may no longer sign is replaced by the next generation.
fn certify(
    profile: Wanted,
    from: Timestamp,
    key: &VerifyingKey,
    issuer: &DocumentKey,
) -> Result<Certificate, SignError> {
    let make = || -> x509_cert::builder::Result<Certificate> {
        let since = std::time::Duration::from_secs(from.as_second().try_into().unwrap_or_default());
        let from_then = Time::GeneralTime(GeneralizedTime::from_unix_duration(since)?);
        let validity = Validity::new(from_then, Time::INFINITY);
        let key = SubjectPublicKeyInfoOwned::from_key(key)?;
        // Another number for another content, without a counter. The first bit is clear, so that it is positive.
        let content = [profile.subject.to_der()?, key.to_der()?, from.as_second().to_be_bytes().to_vec()].concat();
        let mut number = Sha256::digest(content)[..16].to_vec();
        number[0] = number[0] & 0x7f | 0x40;
        CertificateBuilder::new(profile, SerialNumber::new(&number)?, validity, key)?
            .build::<_, DerSignature>(&issuer.0)
    };
    make().map_err(not_signed)
}

/// A certificate as text that other programs read (PEM).
///
/// # Errors
/// When it can't be written.
pub fn certificate_pem(certificate: &Certificate) -> Result<String, SignError> {
    certificate.to_pem(LineEnding::LF).map_err(not_signed)
}

/// Reads the certificate of a root, as PEM or DER.
pub fn read_certificate(bytes: &[u8]) -> Option<Certificate> {
    Certificate::from_pem(bytes).or_else(|_| Certificate::from_der(bytes)).ok()
}

/// RFC 5035: which certificate signed, by its SHA-256.
#[derive(Sequence)]
struct SigningCertificates {
    certificates: Vec<SigningCertificateId>,
}

/// One of them.
#[derive(Sequence)]
struct SigningCertificateId {
    /// SHA-256 where it is absent.
    algorithm: Option<AlgorithmIdentifierOwned>,
    hash: OctetString,
    issuer: Option<Any>,
}

/// A signature over the document that `parts` come to, beside it: PAdES baseline B-B, as DER.
///
/// # Errors
/// When the signer does not sign.
pub fn sign_document(parts: &[&[u8]], signer: &(impl DocumentSigner + ?Sized)) -> Result<Vec<u8>, SignError> {
    let own = signer.chain().first().ok_or_else(|| SignError("签名者没有证书".into()))?;
    let attributes = attributes(parts, own).map_err(not_signed)?;
    let signature = signer.sign(&attributes.to_der().map_err(not_signed)?)?;
    let make = || -> der::Result<Vec<u8>> {
        let algorithm = |oid| AlgorithmIdentifierOwned { oid, parameters: None };
        let by = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: own.tbs_certificate().issuer().clone(),
                serial_number: own.tbs_certificate().serial_number().clone(),
            }),
            digest_alg: algorithm(SHA_256),
            signed_attrs: Some(attributes.clone()),
            signature_algorithm: algorithm(ECDSA_SHA_256),
            signature: OctetString::new(signature.as_slice())?,
            unsigned_attrs: None,
        };
        // The root is known to whoever trusts it; a copy that travels along would be signed by nothing.
        let below =
            signer.chain().iter().filter(|one| one.tbs_certificate().subject() != one.tbs_certificate().issuer());
        let chain: Vec<_> = below.cloned().map(CertificateChoices::Certificate).collect();
        let signed = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![algorithm(SHA_256)])?,
            encap_content_info: EncapsulatedContentInfo { econtent_type: DATA, econtent: None },
            certificates: Some(CertificateSet::try_from(chain)?),
            crls: None,
            signer_infos: SignerInfos::try_from(vec![by])?,
        };
        ContentInfo { content_type: SIGNED_DATA, content: Any::encode_from(&signed)? }.to_der()
    };
    make().map_err(not_signed)
}

/// What the signer signs: the document's hash, and with which certificate.
fn attributes(parts: &[&[u8]], own: &Certificate) -> der::Result<SignedAttributes> {
    let one =
        |oid, value| -> der::Result<Attribute> { Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? }) };
    let hash = OctetString::new(Sha256::digest(own.to_der()?).as_slice())?;
    let which =
        SigningCertificates { certificates: vec![SigningCertificateId { algorithm: None, hash, issuer: None }] };
    SetOfVec::try_from(vec![
        one(CONTENT_TYPE, Any::encode_from(&DATA)?)?,
        one(MESSAGE_DIGEST, Any::encode_from(&OctetString::new(digest(parts).as_slice())?)?)?,
        one(SIGNING_CERTIFICATE, Any::encode_from(&which)?)?,
    ])
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// What a signature says of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentFinding {
    /// Nothing was altered. `trusted`: its holder's certificate was signed by a root that the reader trusts, and was good
    /// at the time that was asked for. Otherwise anyone may have written whose it is.
    Signed { by: Holder, trusted: bool },
    /// The document or the signature was altered.
    Broken,
    /// No signature of the form that we read, and why.
    Unread(&'static str),
}

/// Checks a signature against the document that `parts` come to, as it stood at an instant, against trusted roots.
pub fn check_document(parts: &[&[u8]], signature: &[u8], at: Timestamp, roots: &[Certificate]) -> DocumentFinding {
    match read(signature) {
        None => DocumentFinding::Unread("不是 PAdES 签名，或用了本程序不认识的算法"),
        Some(read) => read.check(parts, at, roots).unwrap_or(DocumentFinding::Broken),
    }
}

/// A signature with its certificate.
struct Read {
    by: SignerInfo,
    attributes: SignedAttributes,
    own: Certificate,
    holder: Holder,
    key: VerifyingKey,
}

/// Reads a signature of one signer. Zeros after it are room that was left in the file.
fn read(signature: &[u8]) -> Option<Read> {
    let (info, room) = ContentInfo::from_der_partial(signature).ok()?;
    if info.content_type != SIGNED_DATA || room.iter().any(|byte| *byte != 0) {
        return None;
    }
    let signed: SignedData = info.content.decode_as().ok()?;
    let [by] = signed.signer_infos.0.as_slice() else { return None };
    let plain = |algorithm: &AlgorithmIdentifierOwned, oid| algorithm.oid == oid && algorithm.parameters.is_none();
    let inside = &signed.encap_content_info;
    let known = signed.digest_algorithms.iter().all(|algorithm| plain(algorithm, SHA_256))
        && (inside.econtent_type, &inside.econtent) == (DATA, &None)
        && plain(&by.digest_alg, SHA_256)
        && plain(&by.signature_algorithm, ECDSA_SHA_256);
    if !known || (signed.version, by.version) != (CmsVersion::V1, CmsVersion::V1) || by.unsigned_attrs.is_some() {
        return None;
    }
    let SignerIdentifier::IssuerAndSerialNumber(wanted) = &by.sid else { return None };
    let own = signed.certificates.as_ref()?.0.iter().find_map(|one| match one {
        CertificateChoices::Certificate(one) => {
            let tbs = one.tbs_certificate();
            (tbs.issuer() == &wanted.issuer && tbs.serial_number() == &wanted.serial_number).then_some(one)
        }
        CertificateChoices::Other(_) => None,
    })?;
    let holder = Holder::of(own.tbs_certificate().subject())?;
    let (attributes, key) = (by.signed_attrs.clone()?, public(own)?);
    Some(Read { by: by.clone(), attributes, own: own.clone(), holder, key })
}

impl Read {
    /// `None` where something does not fit.
    fn check(self, parts: &[&[u8]], at: Timestamp, roots: &[Certificate]) -> Option<DocumentFinding> {
        let value = |oid| {
            let mut all = self.attributes.iter().filter(|one| one.oid == oid);
            let (one, none) = (all.next()?, all.next());
            let [value] = one.values.as_slice() else { return None };
            none.is_none().then_some(value)
        };
        let kind: ObjectIdentifier = value(CONTENT_TYPE)?.decode_as().ok()?;
        let hash: OctetString = value(MESSAGE_DIGEST)?.decode_as().ok()?;
        let which: SigningCertificates = value(SIGNING_CERTIFICATE)?.decode_as().ok()?;
        let first = which.certificates.first()?;
        let own_hash = Sha256::digest(self.own.to_der().ok()?);
        let fits = kind == DATA
            && hash.as_bytes() == digest(parts)
            && first.algorithm.as_ref().is_none_or(|algorithm| algorithm.oid == SHA_256)
            && first.hash.as_bytes() == own_hash.as_slice();
        let signature = DerSignature::from_bytes(self.by.signature.as_bytes()).ok()?;
        self.key.verify(&self.attributes.to_der().ok()?, &signature).ok().filter(|()| fits)?;
        let trusted = roots.iter().any(|root| issued(root, &self.own).is_some()) && may_sign(&self.own, at);
        Some(DocumentFinding::Signed { by: self.holder, trusted })
    }
}

/// Since when the certificate of a signature is taken back by the root's list; `None` inside where it is not. Nothing at all where
/// the list is none, was altered or is another root's.
pub fn revoked_since(signature: &[u8], list: &[u8], root: &Certificate) -> Option<Option<Timestamp>> {
    let list = CertificateList::<Rfc5280>::from_der(list).ok()?;
    let tbs = &list.tbs_cert_list;
    let signed = DerSignature::from_bytes(list.signature.as_bytes()?).ok()?;
    let of_root = tbs.issuer == *root.tbs_certificate().subject();
    public(root)?.verify(&tbs.to_der().ok()?, &signed).ok().filter(|()| of_root)?;
    let own = read(signature)?.own;
    let serial = own.tbs_certificate().serial_number();
    let line = tbs.revoked_certificates.iter().flatten().find(|one| one.serial_number == *serial);
    Some(line.map(|one| {
        let seconds = i64::try_from(one.revocation_date.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }))
}

/// Whether `root` signed `own`.
fn issued(root: &Certificate, own: &Certificate) -> Option<()> {
    let (above, below) = (root.tbs_certificate(), own.tbs_certificate());
    let (_, constraints) = above.get_extension::<BasicConstraints>().ok()??;
    let (_, usage) = above.get_extension::<KeyUsage>().ok()??;
    let may = constraints.ca && usage.key_cert_sign() && above.subject() == below.issuer();
    let signature = DerSignature::from_bytes(own.signature().as_bytes()?).ok()?;
    public(root)?.verify(&below.to_der().ok()?, &signature).ok().filter(|()| may)
}

/// Whether a certificate is for signing, and at this instant.
fn may_sign(own: &Certificate, at: Timestamp) -> bool {
    let tbs = own.tbs_certificate();
    let usage = tbs.get_extension::<KeyUsage>().ok().flatten();
    let second = |time: Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    let validity = tbs.validity();
    usage.is_some_and(|(_, usage)| usage.digital_signature() && usage.non_repudiation())
        && second(validity.not_before) <= at.as_second()
        && at.as_second() <= second(validity.not_after)
}

fn public(certificate: &Certificate) -> Option<VerifyingKey> {
    VerifyingKey::from_public_key_der(&certificate.tbs_certificate().subject_public_key_info().to_der().ok()?).ok()
}

fn not_signed(error: impl std::fmt::Display) -> SignError {
    SignError(error.to_string())
}
