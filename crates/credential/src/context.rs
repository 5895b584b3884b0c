//! JSON-LD contexts: in the binary, never fetched. Where each comes from stands in `contexts/README.md`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use crate::shape::Shape;

/// Verifiable Credentials 2.0; stands first in every credential.
pub const CREDENTIALS_V2: &str = "https://www.w3.org/ns/credentials/v2";
/// Open Badges 3.0.3.
pub const OPEN_BADGES: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
/// The examples of the data model: gives every unknown term a meaning, so it is for tests alone.
pub const EXAMPLES_V2: (&str, &str) = (
    "https://www.w3.org/ns/credentials/examples/v2",
    r#"{"@context":{"@vocab":"https://www.w3.org/ns/credentials/examples#"}}"#,
);

const SHIPPED: [(&str, &str); 5] = [
    (CREDENTIALS_V2, include_str!("../contexts/credentials-v2.json")),
    (OPEN_BADGES, include_str!("../contexts/ob-v3p0-context-3.0.3.json")),
    ("https://w3id.org/security/data-integrity/v2", include_str!("../contexts/security-data-integrity-v2.json")),
    ("https://w3id.org/security/multikey/v1", include_str!("../contexts/security-multikey-v1.json")),
    ("https://www.w3.org/ns/did/v1", include_str!("../contexts/did-v1.json")),
];

/// As many shapes of documents are kept; a stranger who sends ever new ones fills no memory.
const SHAPES: usize = 256;

/// The contexts that are known, and the shapes of documents that were compiled with them.
pub struct Contexts {
    texts: Arc<HashMap<String, Cow<'static, str>>>,
    shapes: RwLock<HashMap<String, Option<Arc<Shape>>>>,
}

impl Contexts {
    /// The contexts in the binary.
    pub fn shipped() -> Self {
        Self::with(&[])
    }

    /// The contexts in the binary and others, each with its address.
    pub fn with(more: &[(&str, &str)]) -> Self {
        let shipped = SHIPPED.iter().map(|(url, text)| ((*url).to_owned(), Cow::Borrowed(*text)));
        let more = more.iter().map(|(url, text)| ((*url).to_owned(), Cow::Owned((*text).to_owned())));
        Self { texts: Arc::new(shipped.chain(more).collect()), shapes: RwLock::default() }
    }

    /// The text of a context.
    pub fn text(&self, url: &str) -> Option<&str> {
        self.texts.get(url).map(AsRef::as_ref)
    }

    pub(crate) fn texts(&self) -> Arc<HashMap<String, Cow<'static, str>>> {
        Arc::clone(&self.texts)
    }

    /// The shape under this key: unknown, known to have no fast way, or compiled.
    pub(crate) fn shape(&self, key: &str) -> Option<Option<Arc<Shape>>> {
        self.shapes.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(key).cloned()
    }

    pub(crate) fn keep_shape(&self, key: String, shape: Option<Arc<Shape>>) {
        let mut shapes = self.shapes.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if shapes.len() < SHAPES {
            shapes.insert(key, shape);
        }
    }
}
