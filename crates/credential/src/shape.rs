//! The fast way to the canonical form: documents of one form differ in their texts alone, so the form is expanded once,
//! with a mark in place of each text, and afterwards only filled in.
//!
//! What a text may be decides what it becomes: under `@context`, `type`, every keyword and a few properties whose values
//! are words of a vocabulary, texts belong to the form. Everywhere else a text becomes a literal as it is, or a
//! reference; and a reference is filled in only where it can't mean anything but itself. A form in which a mark does not
//! come out as it went in has no fast way.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use oxrdf::{GraphName, NamedOrBlankNode, Term};
use serde_json::Value;

use crate::Contexts;
use crate::canon::{Node, Row, canonical_rows, iri, is_whole, literal, quads, rows, suffix};

const MARK: &str = "urn:x-jiangce-slot:";
/// Properties whose values are words of a vocabulary, and so belong to the form.
const WORDS: [&str; 4] = ["type", "cryptosuite", "proofPurpose", "statusPurpose"];
/// Schemes that no context takes for a prefix.
const SCHEMES: [&str; 5] = ["https://", "http://", "urn:", "did:", "data:"];

/// What stands at one place of a quad.
#[derive(Debug, Clone)]
enum Part {
    Fixed(String),
    Iri(usize),
    Literal(usize, String),
}

/// A form: its quads with places for the texts.
#[derive(Debug)]
pub(crate) struct Shape(Vec<Row<Part>>);

/// The canonical text by the fast way, if this document has one.
pub(crate) fn fill(contexts: &Contexts, document: &Value) -> Option<String> {
    let mut form = String::with_capacity(2048);
    let mut texts = Vec::with_capacity(32);
    form_of(document, true, &mut form, &mut texts)?;
    let shape = match contexts.shape(&form) {
        Some(known) => known?,
        None => {
            let shape = compile(contexts, &form, texts.len()).map(Arc::new);
            contexts.keep_shape(form, shape.clone());
            shape?
        }
    };
    shape.filled(&texts)
}

/// Writes the document with marks in place of its texts, and gathers the texts. There is none for a null, which has to
/// be refused.
fn form_of<'a>(value: &'a Value, is_word: bool, form: &mut String, texts: &mut Vec<&'a str>) -> Option<()> {
    match value {
        Value::Null => return None,
        Value::String(text) if !is_word => {
            let _ = write!(form, "\"{MARK}{}\"", texts.len());
            texts.push(text);
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let _ = write!(form, "{value}");
        }
        Value::Array(items) => {
            form.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    form.push(',');
                }
                form_of(item, is_word, form, texts)?;
            }
            form.push(']');
        }
        Value::Object(map) => {
            form.push('{');
            for (at, (name, value)) in map.iter().enumerate() {
                if at > 0 {
                    form.push(',');
                }
                let _ = write!(form, "{}:", Value::from(name.as_str()));
                if name == "@context" {
                    // A context in the document itself could make anything mean anything.
                    crate::json::each(Some(value)).iter().all(Value::is_string).then_some(())?;
                    let _ = write!(form, "{value}");
                } else {
                    form_of(value, name.starts_with('@') || WORDS.contains(&name.as_str()), form, texts)?;
                }
            }
            form.push('}');
        }
    }
    Some(())
}

fn compile(contexts: &Contexts, form: &str, count: usize) -> Option<Shape> {
    let quads = quads(contexts, &serde_json::from_str(form).ok()?).ok()?;
    let mut seen = vec![false; count];
    let mut slot = |text: &str| {
        let at: usize = text.strip_prefix(MARK)?.parse().ok()?;
        *seen.get_mut(at)? = true;
        Some(at)
    };
    let mut shape = Vec::with_capacity(quads.len());
    for (quad, row) in quads.iter().zip(rows(&quads)) {
        let subject = match (&quad.subject, row.subject) {
            (_, Node::Blank(n)) => Node::Blank(n),
            (NamedOrBlankNode::NamedNode(node), Node::Text(text)) => {
                Node::Text(slot(node.as_str()).map_or(Part::Fixed(text), Part::Iri))
            }
            _ => return None,
        };
        let object = match (&quad.object, row.object) {
            (_, Node::Blank(n)) => Node::Blank(n),
            (Term::NamedNode(node), Node::Text(text)) => {
                Node::Text(slot(node.as_str()).map_or(Part::Fixed(text), Part::Iri))
            }
            (Term::Literal(value), Node::Text(text)) => Node::Text(match slot(value.value()) {
                Some(at) => Part::Literal(at, suffix(value)),
                None => Part::Fixed(text),
            }),
            _ => return None,
        };
        let graph = match (&quad.graph_name, row.graph) {
            (_, None) => None,
            (_, Some(Node::Blank(n))) => Some(Node::Blank(n)),
            (GraphName::NamedNode(node), Some(Node::Text(text))) => {
                Some(Node::Text(slot(node.as_str()).map_or(Part::Fixed(text), Part::Iri)))
            }
            _ => return None,
        };
        shape.push(Row { subject, predicate: Part::Fixed(row.predicate), object, graph });
    }
    // Every mark comes out whole somewhere, and nowhere as part of something else.
    let whole = seen.iter().all(|seen| *seen);
    let parts = shape.iter().flat_map(|row| {
        let nodes = [Some(&row.subject), Some(&row.object), row.graph.as_ref()].into_iter().flatten();
        nodes.filter_map(|node| if let Node::Text(part) = node { Some(part) } else { None }).chain([&row.predicate])
    });
    let clean = parts.into_iter().all(|part| match part {
        Part::Fixed(text) => !text.contains(MARK),
        Part::Literal(_, suffix) => !suffix.contains(MARK),
        Part::Iri(_) => true,
    });
    (whole && clean).then_some(Shape(shape))
}

impl Shape {
    /// None where a reference could mean something else, or where blank nodes look alike.
    fn filled(&self, texts: &[&str]) -> Option<String> {
        let node = |node| -> Option<Node<Cow<'_, str>>> {
            Some(match node {
                &Node::Blank(n) => Node::Blank(n),
                Node::Text(part) => Node::Text(part_of(part, texts)?),
            })
        };
        let mut rows = Vec::with_capacity(self.0.len());
        for row in &self.0 {
            rows.push(Row {
                subject: node(&row.subject)?,
                predicate: part_of(&row.predicate, texts)?,
                object: node(&row.object)?,
                graph: match &row.graph {
                    None => None,
                    Some(graph) => Some(node(graph)?),
                },
            });
        }
        canonical_rows(&rows)
    }
}

fn part_of<'a>(part: &'a Part, texts: &[&str]) -> Option<Cow<'a, str>> {
    Some(match part {
        Part::Fixed(text) => Cow::Borrowed(text),
        Part::Iri(at) => {
            let text = texts[*at];
            let stands_for_itself = SCHEMES.iter().any(|scheme| text.starts_with(scheme)) && is_whole(text);
            stands_for_itself.then(|| Cow::Owned(iri(text)))?
        }
        Part::Literal(at, suffix) => Cow::Owned(literal(texts[*at], suffix)),
    })
}
