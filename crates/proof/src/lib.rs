//! What a stranger can check without trusting the platform: the signed statement that travels inside a certificate, the one in
//! the QR code of a certificate on paper with the list of keys that it is checked by, lots that anyone can draw again, and
//! the public log. One changed byte and it is broken. Pure: keys and bytes in, a verdict out. Who signs, and when, is left to
//! others.

mod answer;
mod cbor;
mod document;
mod draw;
mod index;
mod key;
mod key_list;
pub mod log;
mod paper;
mod statement;

pub use answer::{Answer, AnswerFault};
pub use document::{
    DocumentFinding, DocumentKey, DocumentRoot, DocumentSigner, Holder, SoftwareSigner, X509, certificate_pem,
    check_document, read_certificate, revoked_since, sign_document,
};
pub use draw::{Draw, DrawFault, draw, draw_commitment, draw_covering, redraw};
pub use index::{INDEX_ROUNDS, Index, IndexFault, IndexHead, index_digest, index_row, sign_index};
pub use key::{KeyError, PublicKey, SignError, Signer, SoftwareKey, read_keys};
pub use key_list::{CertifiedKey, Compromise, KeyCertificate, KeyList, ListFault, PaperFinding};
pub use paper::{PaperStatement, PaperVerdict, read_paper};
pub use statement::{Statement, Verdict, holder_hash, sign, verify};

/// Bytes in lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}

/// The `N` bytes that lower-case hexadecimal writes.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}
