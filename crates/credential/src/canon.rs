//! RDF canonicalisation (RDFC-1.0) of JSON-LD documents, in safe mode: what the canonical form would not cover is refused.
//!
//! Two ways lead to the same bytes. The plain way expands the document with its contexts. The fast way (`shape`) expands
//! once what all documents of one form have in common and fills in the values. A property test holds them equal.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use oxjsonld::{JsonLdParser, JsonLdRemoteDocument};
use oxrdf::dataset::{CanonicalizationAlgorithm, CanonicalizationHashAlgorithm};
use oxrdf::{BlankNode, Dataset, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::shape::fill;
use crate::{Contexts, Flaw};

/// What undefined terms expand to, so that they are seen instead of dropped.
const UNDEFINED: &str = "urn:x-jiangce-undefined:";
/// What relative references resolve against, to be seen likewise.
const RELATIVE: &str = "https://relative.invalid/";
/// Base directions become datatypes, as the cryptosuites' other implementations do.
const I18N: &str = "https://www.w3.org/ns/i18n#";
const XSD_STRING: &str = "http://www.w3.org/2001/XMLSchema#string";
const LANG_STRING: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";
/// Keywords whose meaning survives in RDF and that have no other name. `@id` and `@type` are written `id` and `type`:
/// whoever reads the JSON has to find what the signature covers under the one name that everyone knows.
const KEYWORDS: [&str; 6] = ["@value", "@type", "@language", "@direction", "@list", "@set"];
/// What decides whether a credential holds. No context inside a document may give it a second name: a date of expiry
/// under another name is signed all the same, and nobody looks at it.
const CORE: [&str; 5] = [
    "https://www.w3.org/2018/credentials#",
    "https://www.w3.org/ns/credentials/status#",
    "https://w3id.org/security#",
    "http://purl.org/dc/terms/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
];
/// So many blank nodes may look alike at first sight; telling them apart costs the factorial.
const ALIKE: usize = 6;
/// A document nested deeper than this is nobody's credential.
const DEPTH: usize = 64;

/// The canonical N-Quads of a document, the fast way where there is one.
///
/// # Errors
/// Whatever the canonical form would not cover.
pub fn canonical(contexts: &Contexts, document: &Value) -> Result<String, Flaw> {
    match fill(contexts, document) {
        Some(text) => Ok(text),
        None => canonical_plain(contexts, document),
    }
}

/// The canonical N-Quads of a document, the plain way.
///
/// # Errors
/// Whatever the canonical form would not cover.
pub fn canonical_plain(contexts: &Contexts, document: &Value) -> Result<String, Flaw> {
    let quads = quads(contexts, document)?;
    let rows = rows(&quads);
    match canonical_rows(&rows) {
        Some(text) => Ok(text),
        None => canonical_alike(&quads, &rows),
    }
}

/// A node of a quad as canonical N-Quads write it; blank nodes are numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node<T> {
    Blank(usize),
    Text(T),
}

/// A quad; the default graph has no name.
#[derive(Debug, Clone)]
pub(crate) struct Row<T> {
    pub subject: Node<T>,
    pub predicate: T,
    pub object: Node<T>,
    pub graph: Option<Node<T>>,
}

impl<T> Row<T> {
    fn nodes(&self) -> impl Iterator<Item = &Node<T>> {
        [Some(&self.subject), Some(&self.object), self.graph.as_ref()].into_iter().flatten()
    }
}

/// The canonical text, unless blank nodes look alike at first sight: then only the whole algorithm tells them apart.
pub(crate) fn canonical_rows<T: AsRef<str>>(rows: &[Row<T>]) -> Option<String> {
    let mentions = mentions(rows);
    let mut by_hash = BTreeMap::new();
    for (blank, mentions) in mentions.iter().enumerate() {
        if by_hash.insert(first_degree(mentions, blank), blank).is_some() {
            return None;
        }
    }
    let mut names = vec![String::new(); mentions.len()];
    for (place, blank) in by_hash.values().enumerate() {
        names[*blank] = format!("_:c14n{place}");
    }
    Some(written(rows, |blank| &names[blank]))
}

/// For each blank node the quads that mention it, each once.
fn mentions<T>(rows: &[Row<T>]) -> Vec<Vec<&Row<T>>> {
    let mut mentions: Vec<Vec<&Row<T>>> = Vec::new();
    for row in rows {
        for node in row.nodes() {
            let &Node::Blank(blank) = node else { continue };
            if mentions.len() <= blank {
                mentions.resize_with(blank + 1, Vec::new);
            }
            if !mentions[blank].last().is_some_and(|last| std::ptr::eq(*last, row)) {
                mentions[blank].push(row);
            }
        }
    }
    mentions
}

/// The hash of a blank node by the quads around it (RDFC-1.0, 4.6).
fn first_degree<T: AsRef<str>>(mentions: &[&Row<T>], blank: usize) -> [u8; 32] {
    let mut lines: Vec<String> =
        mentions.iter().map(|row| line(row, |n| if n == blank { "_:a" } else { "_:z" })).collect();
    lines.sort_unstable();
    let mut hash = Sha256::new();
    lines.iter().for_each(|line| hash.update(line));
    hash.finalize().into()
}

fn line<'a, T: AsRef<str>>(row: &'a Row<T>, name: impl Fn(usize) -> &'a str) -> String {
    let text = |node: &'a Node<T>| match node {
        Node::Blank(n) => name(*n),
        Node::Text(text) => text.as_ref(),
    };
    let mut line = String::with_capacity(160);
    line.push_str(text(&row.subject));
    line.push(' ');
    line.push_str(row.predicate.as_ref());
    line.push(' ');
    line.push_str(text(&row.object));
    if let Some(graph) = &row.graph {
        line.push(' ');
        line.push_str(text(graph));
    }
    line.push_str(" .\n");
    line
}

/// All lines in code point order; a dataset holds each quad once.
fn written<'a, T: AsRef<str>>(rows: &'a [Row<T>], name: impl Fn(usize) -> &'a str + Copy) -> String {
    let mut lines: Vec<String> = rows.iter().map(|row| line(row, name)).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.concat()
}

/// The whole algorithm, for documents whose blank nodes look alike.
fn canonical_alike(quads: &[Quad], rows: &[Row<String>]) -> Result<String, Flaw> {
    let mut seen: HashMap<[u8; 32], usize> = HashMap::new();
    let mentions = mentions(rows);
    for (blank, mentions) in mentions.iter().enumerate() {
        *seen.entry(first_degree(mentions, blank)).or_default() += 1;
    }
    if seen.values().filter(|n| **n > 1).sum::<usize>() > ALIKE {
        return Err(Flaw::TooSymmetric);
    }
    let dataset: Dataset = quads.iter().cloned().collect();
    let algorithm = CanonicalizationAlgorithm::Rdfc10 { hash_algorithm: CanonicalizationHashAlgorithm::Sha256 };
    let mapping = dataset.canonicalize_blank_nodes(algorithm);
    let numbers = numbered(quads);
    let mut names = vec![String::new(); mentions.len()];
    for (blank, number) in &numbers {
        names[*number] = mapping.get(&blank.as_ref()).map(ToString::to_string).unwrap_or_default();
    }
    Ok(written(rows, |blank| &names[blank]))
}

/// The quads of a document.
pub(crate) fn quads(contexts: &Contexts, document: &Value) -> Result<Vec<Quad>, Flaw> {
    let prepared = prepared(document)?;
    let bytes = serde_json::to_vec(&prepared).map_err(|error| Flaw::Json(error.to_string()))?;
    let texts = contexts.texts();
    let parser = JsonLdParser::new()
        .lenient()
        .with_base_iri(RELATIVE)
        .map_err(|error| Flaw::JsonLd(error.to_string()))?
        .for_slice(&bytes)
        .with_load_document_callback(move |url, _| match texts.get(url) {
            Some(text) => Ok(JsonLdRemoteDocument { document: text.as_bytes().to_vec(), document_url: url.to_owned() }),
            None => Err("not shipped".into()),
        });
    let mut quads = Vec::new();
    for quad in parser {
        let quad = quad.map_err(|error| match unknown_context(contexts, document) {
            Some(url) => Flaw::UnknownContext(url),
            None => Flaw::JsonLd(error.to_string()),
        })?;
        check_quad(&quad)?;
        quads.push(quad);
    }
    Ok(quads)
}

fn unknown_context(contexts: &Contexts, value: &Value) -> Option<String> {
    match value {
        Value::Object(map) => map.iter().find_map(|(name, value)| {
            if name == "@context" {
                let urls = crate::json::each(Some(value)).iter().filter_map(Value::as_str);
                return urls.into_iter().find(|url| contexts.text(url).is_none()).map(str::to_owned);
            }
            unknown_context(contexts, value)
        }),
        Value::Array(items) => items.iter().find_map(|item| unknown_context(contexts, item)),
        _ => None,
    }
}

/// The document with the sentinel vocabulary before its contexts, so that every term without a definition expands to
/// something that is recognised afterwards.
fn prepared(document: &Value) -> Result<Value, Flaw> {
    let Value::Object(map) = document else { return Err(Flaw::JsonLd("a document is an object".into())) };
    let mut map = checked_map(map, 0)?;
    let own = map.remove("@context").unwrap_or(Value::Array(Vec::new()));
    let mut all = vec![json!({"@vocab": UNDEFINED})];
    match own {
        Value::Array(items) => all.extend(items),
        one => all.push(one),
    }
    map.insert("@context".into(), Value::Array(all));
    Ok(Value::Object(map))
}

fn checked(name: &str, value: &Value, depth: usize) -> Result<Value, Flaw> {
    match value {
        Value::Null => Err(Flaw::Null(name.to_owned())),
        Value::Object(map) => checked_map(map, depth + 1).map(Value::Object),
        Value::Array(items) => {
            items.iter().map(|item| checked(name, item, depth + 1)).collect::<Result<_, _>>().map(Value::Array)
        }
        other => Ok(other.clone()),
    }
}

fn checked_map(map: &Map<String, Value>, depth: usize) -> Result<Map<String, Value>, Flaw> {
    if depth > DEPTH {
        return Err(Flaw::JsonLd("nested too deeply".into()));
    }
    let mut all = Map::new();
    for (name, value) in map {
        if name == "@context" {
            check_context(value)?;
            all.insert(name.clone(), value.clone());
            continue;
        }
        // A name in the form of a keyword that is none is dropped by every processor.
        if name.starts_with('@') && !KEYWORDS.contains(&name.as_str()) {
            return Err(Flaw::UndefinedTerm(name.clone()));
        }
        // A property under its address, or a type under its keyword, means the same and is read by nobody.
        if name.contains(':') || (name == "@type" && !map.contains_key("@value")) {
            return Err(Flaw::SecondName(name.clone()));
        }
        all.insert(name.clone(), checked(name, value, depth)?);
    }
    if let (Some(direction), true) = (all.get("@direction"), all.contains_key("@value")) {
        let direction = direction.as_str().filter(|d| ["ltr", "rtl"].contains(d));
        let direction = direction.ok_or_else(|| Flaw::JsonLd("@direction is ltr or rtl".into()))?.to_owned();
        let language = match all.remove("@language") {
            None => String::new(),
            Some(Value::String(tag)) => tag.to_lowercase(),
            Some(_) => return Err(Flaw::JsonLd("@language is a text".into())),
        };
        all.remove("@direction");
        all.insert("@type".into(), Value::String(format!("{I18N}{language}_{direction}")));
    }
    Ok(all)
}

/// A context in the document itself may define terms, but not hide any.
fn check_context(context: &Value) -> Result<(), Flaw> {
    match context {
        Value::String(_) => Ok(()),
        Value::Array(items) => items.iter().try_for_each(check_context),
        Value::Null => Err(Flaw::InlineContext("null".into())),
        Value::Object(map) => map.iter().try_for_each(|(name, value)| {
            if ["@base", "@direction", "@language", "@import", "@propagate"].contains(&name.as_str()) {
                return Err(Flaw::InlineContext(name.clone()));
            }
            match value {
                Value::Null => Err(Flaw::InlineContext(format!("{name}: null"))),
                Value::String(meaning) => check_meaning(name, meaning),
                Value::Object(definition) => {
                    for (key, value) in definition {
                        match value {
                            _ if value.is_null() || key == "@nest" => {
                                return Err(Flaw::InlineContext(format!("{name}: {key}")));
                            }
                            Value::String(meaning) if key == "@id" || key == "@reverse" => {
                                check_meaning(name, meaning)?
                            }
                            _ => {}
                        }
                    }
                    definition.get("@context").map_or(Ok(()), check_context)
                }
                _ => Ok(()),
            }
        }),
        _ => Err(Flaw::InlineContext(context.to_string())),
    }
}

/// A term, prefix or vocabulary that does not come near what decides: neither inside it nor the beginning of it.
fn check_meaning(name: &str, meaning: &str) -> Result<(), Flaw> {
    let is_core = CORE.iter().any(|core| meaning.starts_with(core) || core.starts_with(meaning));
    let is_usual = [("id", "@id"), ("type", "@type")].contains(&(name, meaning));
    if !is_usual && (is_core || meaning.starts_with('@')) { Err(Flaw::SecondName(name.to_owned())) } else { Ok(()) }
}

fn check_quad(quad: &Quad) -> Result<(), Flaw> {
    if let NamedOrBlankNode::NamedNode(node) = &quad.subject {
        check_iri(node.as_str())?;
    }
    check_iri(quad.predicate.as_str())?;
    match &quad.object {
        Term::NamedNode(node) => check_iri(node.as_str())?,
        Term::Literal(literal) => {
            check_iri(literal.datatype().as_str())?;
            if let Some(tag) = literal.language() {
                Literal::new_language_tagged_literal("", tag).map_err(|_| Flaw::BadIri(format!("@{tag}")))?;
            }
        }
        Term::BlankNode(_) => {}
    }
    if let GraphName::NamedNode(node) = &quad.graph_name {
        check_iri(node.as_str())?;
    }
    Ok(())
}

fn check_iri(iri: &str) -> Result<(), Flaw> {
    if let Some(term) = iri.strip_prefix(UNDEFINED) {
        return Err(Flaw::UndefinedTerm(term.to_owned()));
    }
    if let Some(rest) = iri.strip_prefix(RELATIVE) {
        return Err(Flaw::RelativeIri(rest.to_owned()));
    }
    // Relative references that resolve out of the base's folder.
    if iri.starts_with(RELATIVE.trim_end_matches('/')) {
        return Err(Flaw::RelativeIri(iri.to_owned()));
    }
    if NamedNode::new(iri).is_ok() { Ok(()) } else { Err(Flaw::BadIri(iri.to_owned())) }
}

/// Whether this is an IRI that stands for itself.
pub(crate) fn is_whole(text: &str) -> bool {
    check_iri(text).is_ok()
}

fn numbered(quads: &[Quad]) -> HashMap<BlankNode, usize> {
    let mut numbers = HashMap::new();
    for quad in quads {
        let subject = if let NamedOrBlankNode::BlankNode(node) = &quad.subject { Some(node) } else { None };
        let object = if let Term::BlankNode(node) = &quad.object { Some(node) } else { None };
        let graph = if let GraphName::BlankNode(node) = &quad.graph_name { Some(node) } else { None };
        for node in [subject, object, graph].into_iter().flatten() {
            let next = numbers.len();
            numbers.entry(node.clone()).or_insert(next);
        }
    }
    numbers
}

pub(crate) fn rows(quads: &[Quad]) -> Vec<Row<String>> {
    let numbers = numbered(quads);
    let blank = |node: &BlankNode| Node::Blank(numbers.get(node).copied().unwrap_or_default());
    quads
        .iter()
        .map(|quad| Row {
            subject: match &quad.subject {
                NamedOrBlankNode::NamedNode(node) => Node::Text(iri(node.as_str())),
                NamedOrBlankNode::BlankNode(node) => blank(node),
            },
            predicate: iri(quad.predicate.as_str()),
            object: match &quad.object {
                Term::NamedNode(node) => Node::Text(iri(node.as_str())),
                Term::BlankNode(node) => blank(node),
                Term::Literal(value) => Node::Text(literal(value.value(), &suffix(value))),
            },
            graph: match &quad.graph_name {
                GraphName::DefaultGraph => None,
                GraphName::NamedNode(node) => Some(Node::Text(iri(node.as_str()))),
                GraphName::BlankNode(node) => Some(blank(node)),
            },
        })
        .collect()
}

pub(crate) fn iri(text: &str) -> String {
    format!("<{text}>")
}

/// What stands behind a literal's closing quotation mark.
pub(crate) fn suffix(literal: &Literal) -> String {
    match (literal.language(), literal.datatype().as_str()) {
        (Some(tag), _) => format!("@{tag}"),
        (None, XSD_STRING | LANG_STRING) => String::new(),
        (None, datatype) => format!("^^<{datatype}>"),
    }
}

/// A literal in canonical N-Quads: eight characters have an escape of their own, other controls are numbered.
pub(crate) fn literal(value: &str, suffix: &str) -> String {
    let mut text = String::with_capacity(value.len() + suffix.len() + 2);
    text.push('"');
    for c in value.chars() {
        match c {
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{C}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\0'..='\u{1F}' | '\u{7F}' => {
                let _ = write!(text, "\\u{:04X}", u32::from(c));
            }
            _ => text.push(c),
        }
    }
    text.push('"');
    text.push_str(suffix);
    text
}
