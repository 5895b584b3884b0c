//! The doors: every route × every caller has an expected answer, written down in `docs/generated/doors.md` and walked
//! here. Anonymous and expired callers are sent to sign in, another's object is *not found*, what a role is not granted
//! is forbidden, hidden fields can't be written.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use rules::people::Role;
use rules::permission::{ActKind, Reach, grants};
use serde_json::{Map, Value, json};

use crate::scene::Scene;
use crate::tidy::{generated, page_routes};
use crate::world::Person;

/// Who knocks, in the order of the table's columns.
const CALLERS: [&str; 12] = [
    "anonymous",
    "expired",
    "own clerk",
    "own head",
    "other body",
    "other city's body",
    "centre in charge",
    "other city's centre",
    "bureau of the place",
    "provincial centre",
    "department",
    "administrator",
];

fn callers(scene: &Scene) -> Vec<Option<Person>> {
    let expired = Person { login: "gone".into(), token: "0".repeat(64) };
    vec![
        None,
        Some(expired),
        Some(scene.clerk.clone()),
        Some(scene.head.clone()),
        Some(scene.other_head.clone()),
        Some(scene.far_head.clone()),
        Some(scene.centre.clone()),
        Some(scene.far_centre.clone()),
        Some(scene.bureau.clone()),
        Some(scene.provincial_centre.clone()),
        Some(scene.department.clone()),
        Some(scene.administrator.clone()),
    ]
}

/// A well-formed body for an act, made from its schema: every field, each with the plainest value.
fn plain_body(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().expect("a name");
        return plain_body(document, &document["components"]["schemas"][name]);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    for kind in ["oneOf", "anyOf", "allOf"] {
        if let Some(list) = schema[kind].as_array() {
            let chosen = list.iter().find(|option| option["type"] != "null").expect("an option");
            return plain_body(document, chosen);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) if kinds.iter().any(|kind| kind == "null") => return Value::Null,
        Value::Array(kinds) => kinds[0].as_str().unwrap_or("string").to_owned(),
        kind => kind.as_str().unwrap_or("object").to_owned(),
    };
    match kind.as_str() {
        "integer" | "number" => json!(1),
        "boolean" => json!(true),
        "array" => json!([]),
        "string" if schema["format"] == "date" => json!("2026-11-02"),
        "string" => json!("示例"),
        _ => {
            let fields: Map<String, Value> = schema["properties"]
                .as_object()
                .map(|fields| fields.iter().map(|(name, field)| (name.clone(), plain_body(document, field))).collect())
                .unwrap_or_default();
            Value::Object(fields)
        }
    }
}

/// What an answer means, in a word.
fn word(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..=299 => "yes",
        // Refused by a rule, asked for fields, gone: the door itself was open.
        400 | 409 | 410 | 422 => "yes",
        303 => "moved",
        401 => "sign in",
        403 => "no",
        404 => "not found",
        429 => "slow down",
        _ => "BROKEN",
    }
}

/// One province for all of it: making it takes longer than walking it.
#[test]
fn the_doors_of_a_whole_province() {
    let scene = Scene::new();
    every_granted_act_leaves_one_record_and_a_refused_one_too(&scene);
    hidden_fields_cannot_be_written(&scene);
    every_route_has_its_answer_for_every_caller(&scene);
}

fn every_route_has_its_answer_for_every_caller(scene: &Scene) {
    let world = &scene.world;
    let callers = callers(scene);
    let document = office::features().document();
    let ids = scene.ids();
    let fill = |path: &str| {
        path.split('/')
            .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                Some(name) => {
                    ids.get(name).unwrap_or_else(|| panic!("the scene has no {name}, which {path} needs")).clone()
                }
                None => part.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("/")
    };
    let mut text = format!(
        "# The doors\n\nEvery route and what it answers to whom. `yes`: the door is open (what the rules say of the fields is another matter); `moved`: \
         a page sends on, to sign in or to where the thing now stands.\n\n| route | {} |\n|---|{}\n",
        CALLERS.join(" | "),
        "---|".repeat(CALLERS.len())
    );
    let mut listed = office::features().listed;
    listed.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    // Readers first, so that no act of the walk changes what they find.
    listed.sort_by_key(|(method, _)| method != "GET");
    for (method, path) in &listed {
        let inner = path.trim_start_matches("/api");
        let operation = &document["paths"][inner][method.to_lowercase()];
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let body = (method != "GET").then(|| plain_body(&document, schema));
        let verb: Method = method.parse().expect("a method");
        let answers: Vec<&str> = callers
            .iter()
            .map(|caller| {
                // Ending a session ends only one that nobody needs afterwards.
                let spare = caller.as_ref().filter(|_| verb == Method::DELETE).map(|caller| scene.again(caller));
                let caller = spare.as_ref().or(caller.as_ref());
                word(world.call(caller, verb.clone(), &fill(inner), body.clone()).status)
            })
            .collect();
        check_against_permissions(operation, &answers);
        text += &format!("| {method} {path} | {} |\n", answers.join(" | "));
    }
    for (path, _) in page_routes() {
        let answers: Vec<&str> =
            callers.iter().map(|caller| word(world.page(caller.as_ref(), &fill(&path)).status)).collect();
        // A path that only takes forms answers GET with 405.
        if !answers.contains(&"BROKEN") {
            text += &format!("| GET {path} | {} |\n", answers.join(" | "));
        } else {
            let status = world.page(None, &fill(&path)).status;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "GET {path}");
        }
    }
    assert!(!text.contains("BROKEN"), "{text}");
    generated("doors.md", &text);
}

/// The table is not only written down, it must agree with who is granted what.
fn check_against_permissions(operation: &Value, answers: &[&str]) {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let Some(&act) = ActKind::ALL.iter().find(|act| act.code() == id) else { return };
    let granted = |role: Role| grants(act).iter().any(|(granted, _)| *granted == role);
    if granted(Role::Public) {
        return;
    }
    assert_eq!(answers[0], "sign in", "{id} to anyone");
    assert_eq!(answers[1], "sign in", "{id} to an ended session");
    let roles = [
        (2, Role::Clerk),
        (3, Role::Head),
        (6, Role::CityCentre),
        (8, Role::CityBureau),
        (9, Role::ProvincialCentre),
        (10, Role::ProvincialDepartment),
        (11, Role::Administrator),
    ];
    for (column, role) in roles {
        let forbidden = answers[column] == "no";
        assert_eq!(forbidden, !granted(role), "{id} to {}: {}", role.name(), answers[column]);
    }
    let has_place = grants(act).iter().any(|(role, reach)| *role == Role::Head && *reach == Reach::Own);
    let names_something = operation["parameters"].as_array().is_some_and(|list| list.iter().any(|p| p["in"] == "path"));
    if has_place && names_something {
        assert_eq!(answers[4], "not found", "{id} to another body");
        assert_eq!(answers[5], "not found", "{id} to another city's body");
    }
}

fn hidden_fields_cannot_be_written(scene: &Scene) {
    let world = &scene.world;
    let document = office::features().document();
    let ids = scene.ids();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        let Some(operation) = methods.get("post") else { continue };
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if operation["security"] == json!([]) || schema.is_null() {
            continue;
        }
        let mut body = plain_body(&document, schema);
        body["stage"] = json!("listed");
        body["id"] = json!(1);
        let filled: BTreeMap<&str, &String> = ids.iter().map(|(name, id)| (name.as_str(), id)).collect();
        let path = filled.iter().fold(path.clone(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
        let answer = world.call(Some(&scene.head), Method::POST, &path, Some(body));
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.text());
    }
}

fn every_granted_act_leaves_one_record_and_a_refused_one_too(scene: &Scene) {
    let world = &scene.world;
    let before = world.records();
    let path = format!("/batches/{}/publicity", scene.ids()["batch"]);
    let again = world.post(&scene.head, &path, json!({}));
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", again.text());
    assert_eq!(world.records(), before + 1, "a refused act is recorded");
    world.call(None, Method::POST, &path, Some(json!({})));
    world.post(&scene.clerk, &path, json!({}));
    assert_eq!(world.records(), before + 1, "what is not granted is nobody's act");
}
