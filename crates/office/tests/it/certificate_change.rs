//! 三（三）: what becomes of a certificate after its issue, by two persons, and what its holder may ask for.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::certificate::{Approved, photo};
use crate::query::escaped;
use crate::stages::PDF;
use crate::world::{Answer, Person, World, on_each_database};

const DAY: &str = "2026-11-12";

impl World {
    /// The clerk proposes what is to become of a certificate, the head agrees.
    pub fn change_certificate(&self, (clerk, head): (&Person, &Person), id: &Value, kind: &str, more: Value) -> Value {
        let made = propose(self, clerk, id, kind, more).done();
        answer(self, head, id, &made, true, "").done()
    }
}

/// What is proposed unless a story says otherwise; a `null` takes a field away.
fn propose(world: &World, by: &Person, id: &Value, kind: &str, more: Value) -> Answer {
    let file = world.keep(by, PDF);
    let mut fields = json!({"kind": kind, "reason": "核对报名材料后发现", "file": file, "file_name": "核对情况.pdf"});
    for (name, value) in more.as_object().expect("fields") {
        fields[name] = value.clone();
    }
    world.post(by, &format!("/certificates/{id}/changes"), fields)
}

fn answer(world: &World, by: &Person, id: &Value, made: &Value, agreed: bool, reason: &str) -> Answer {
    let path = format!("/certificates/{id}/changes/{}/answer", made["id"]);
    world.post(by, &path, json!({"agreed": agreed, "reason": reason}))
}

/// A batch with so many certificates, and the first of them.
fn issued(world: &World, persons: usize) -> (Approved, Value) {
    let approved = world.approved_batch("示例一技工学校", persons);
    world.issue(&approved);
    let list = world.get(&approved.school.head, "/certificates").done();
    let mut first = list["certificates"].as_array().expect("certificates").clone();
    first.sort_by_key(|line| line["number"].as_str().map(str::to_owned));
    (approved, first.remove(0))
}

fn asked(world: &World, name: &str, number: &str) -> Value {
    let answer = world.public(&format!("/certificates/query?name={}&number={}", escaped(name), escaped(number))).done();
    answer["certificates"].clone()
}

/// The end of the address in the QR code.
fn token(world: &World, head: &Person, id: &Value) -> String {
    let face = world.get(head, &format!("/certificates/{id}/face")).done();
    face["token"].as_str().expect("a token").to_owned()
}

#[test]
fn s3_3_6_a_correction_is_a_new_version_with_the_same_number_by_two_persons() {
    on_each_database(DAY, |world| {
        let (approved, line) = issued(world, 2);
        let (id, number) = (&line["id"], line["number"].as_str().expect("a number"));
        let (clerk, head) = (&approved.school.clerk, &approved.school.head);
        let (old, other) = (approved.people[0].clone(), approved.people[1].clone());
        let before = token(world, head, id);

        // Reason, evidence and something to correct are asked for; a name no font has is not taken.
        propose(world, clerk, id, "correct", json!({"name": "示例新名", "reason": "错"})).refused("3.3.6");
        propose(world, clerk, id, "correct", json!({"name": "示例新名", "file": null})).refused("3.3.6");
        let refused = propose(world, clerk, id, "correct", json!({"name": old.name})).refused("3.3.6");
        assert!(refused.field == "name" && refused.remedy.contains("补发"), "{refused:?}");
        assert_eq!(propose(world, clerk, id, "correct", json!({"name": "甲（补）"})).refused("2.2.4b").field, "name");
        let wrong = propose(world, clerk, id, "correct", json!({"id_number": "350199188001010001"}));
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let junk = world.keep(clerk, PDF);
        propose(world, clerk, id, "correct", json!({"photo": junk})).refused("2.2.4b");

        let picture = world.keep(clerk, &photo());
        let made = propose(world, clerk, id, "correct", json!({"name": " 示例新名 ", "photo": picture})).done();
        propose(world, head, id, "reissue", json!({})).refused("3.3.6");
        // Who proposed never agrees; a clerk does not sign for the body; another body sees nothing.
        answer(world, clerk, id, &made, true, "").refused("3.3.1");
        let elsewhere = world.new_school("示例二技工学校", "city", "350102");
        assert_eq!(answer(world, &elsewhere.head, id, &made, true, "").status, StatusCode::NOT_FOUND);
        assert_eq!(propose(world, &approved.school.centre, id, "void", json!({})).status, StatusCode::FORBIDDEN);
        assert_eq!(asked(world, &old.name, number)[0]["print_no"], 1, "nothing has changed yet");
        assert!(world.get(head, "/work").done()["tasks"].to_string().contains("答复证书更正"));
        answer(world, head, id, &made, false, " ").refused("3.3.1");
        let done = answer(world, head, id, &made, true, "已对照身份证").done();
        assert_eq!((&done["state"], &done["print_no"]), (&json!("agreed"), &json!(2)));

        // The same number says the new name; the old name finds it no more; the other's is as it was.
        assert_eq!(asked(world, &old.name, number), json!([]));
        let found = asked(world, "示例新名", number);
        assert_eq!((&found[0]["print_no"], &found[0]["state"]), (&json!(2), &json!("valid")));
        assert!(found[0]["checks"][0]["text"].as_str().expect("words").contains("第2版"), "{found}");
        assert_eq!(asked(world, "示例新名", &old.id_number)[0]["number"], json!(number));
        assert_eq!(asked(world, &other.name, &other.id_number)[0]["print_no"], 1);
        // The old code leads to what replaced it, without a name; the new one to the certificate.
        let after = token(world, head, id);
        assert_ne!(after, before);
        let scanned = world.page(None, &format!("/c/{before}"));
        assert_eq!(scanned.status, StatusCode::OK);
        let text = scanned.text();
        assert!(text.contains("已被替换") && text.contains("第1版") && text.contains("更正"), "{text}");
        assert!(!text.contains("示例新名") && !text.contains(&old.name), "{text}");
        assert!(world.page(None, &format!("/c/{after}")).text().contains("现为有效"));
        assert_eq!(world.page(None, "/c/nothing").status, StatusCode::NOT_FOUND);
        let pdf = world.page(Some(head), &format!("/certificates/{id}.pdf"));
        assert!(pdf.bytes.starts_with(b"%PDF"));
        // What was issued first can still be read, and who changed it.
        let seen = world.get(&approved.school.centre, &format!("/certificates/{id}/changes")).done();
        assert_eq!((&seen["versions"][0]["no"], &seen["versions"][0]["kind_name"]), (&json!(1), &json!("更正")));
        let chain = world.get(&approved.school.centre, &format!("/certificates/{id}/chain")).done();
        let who = chain["changes"][0]["who"].as_str().expect("who");
        assert!(who.contains("示例机构经办人") && who.contains("示例机构负责人"), "{who}");
        let evidence =
            world.page(Some(&approved.school.centre), &format!("/certificates/{id}/changes/{}/file", made["id"]));
        assert_eq!((evidence.status, evidence.bytes.as_slice()), (StatusCode::OK, PDF));

        // An identity number is corrected the same way, and found by the new one alone.
        let right = crate::certificate::id_number(40);
        world.change_certificate((clerk, head), id, "correct", json!({"id_number": right}));
        assert_eq!(asked(world, "示例新名", &old.id_number), json!([]));
        assert_eq!(asked(world, "示例新名", &right)[0]["print_no"], 3);
    });
}

#[test]
fn s3_3_6_new_paper_keeps_the_number_and_the_old_code_says_so() {
    on_each_database(DAY, |world| {
        let (approved, line) = issued(world, 1);
        let (id, head) = (&line["id"], &approved.school.head);
        let before = token(world, head, id);
        // A head may propose as well; then another head has to agree.
        let made = propose(world, head, id, "reissue", json!({"reason": "持证人遗失证书"})).done();
        answer(world, head, id, &made, true, "").refused("3.3.1");
        let refused = answer(world, &approved.school.clerk, id, &made, true, "").refused("3.3.7");
        assert!(refused.remedy.contains("机构负责人"), "{refused:?}");
        assert_eq!(answer(world, head, id, &made, false, "").done()["state"], "withdrawn");
        let pair = (&approved.school.clerk, head);
        let done = world.change_certificate(pair, id, "reissue", json!({"reason": "持证人遗失证书"}));
        assert_eq!((&done["certificate_state"], &done["print_no"]), (&json!("valid"), &json!(2)));
        let detail = world.get(head, &format!("/certificates/{id}")).done();
        assert_eq!((&detail["number"], &detail["print_no"]), (&line["number"], &json!(2)));
        assert!(world.page(None, &format!("/c/{before}")).text().contains("补发"));
        assert_ne!(token(world, head, id), before);
    });
}

#[test]
fn s3_3_6_a_certificate_is_suspended_and_resumed_and_revoked_for_good() {
    on_each_database(DAY, |world| {
        let (approved, line) = issued(world, 1);
        let (id, number) = (&line["id"], line["number"].as_str().expect("a number"));
        let (clerk, head) = (&approved.school.clerk, &approved.school.head);
        let name = approved.people[0].name.as_str();
        let state = || {
            let found = asked(world, name, number);
            let first = &found[0]["checks"][0];
            (found[0]["state"].as_str().expect("a state").to_owned(), first["text"].as_str().expect("text").to_owned())
        };
        propose(world, clerk, id, "resume", json!({})).refused("3.3.6");
        world.change_certificate((clerk, head), id, "suspend", json!({}));
        let (word, text) = state();
        assert_eq!(word, "suspended");
        assert!(text.contains("2026年11月12日") && text.contains("暂停使用"), "{text}");
        world.get(head, &format!("/certificates/{id}/document")).refused("3.3.6");
        propose(world, clerk, id, "correct", json!({"name": "示例新名"})).refused("3.3.6");
        world.change_certificate((clerk, head), id, "resume", json!({}));
        assert_eq!(state().0, "valid");
        assert_eq!(world.get(head, &format!("/certificates/{id}")).done()["state_reason"], Value::Null);
        let done = world.change_certificate((clerk, head), id, "revoke", json!({"reason": "报名材料系伪造"}));
        assert_eq!(done["certificate_state"], "revoked");
        let (word, text) = state();
        assert!(word == "revoked" && text.contains("撤销"), "{word} {text}");
        for kind in ["resume", "suspend", "void", "reissue", "correct"] {
            propose(world, clerk, id, kind, json!({"name": "示例新名"})).refused("3.3.6");
        }
        // Who lost it that way has none to be issued anew in this batch.
        let batch = world.get(head, &format!("/batches/{}/certificates", approved.batch)).done();
        assert_eq!((&batch["ready"], &batch["valid"], &batch["issued"]), (&json!(0), &json!(0), &json!(1)));
    });
}

#[test]
fn s3_3_6_a_holder_asks_for_new_paper_and_follows_it_without_an_account() {
    on_each_database(DAY, |world| {
        let (approved, line) = issued(world, 2);
        let (id, number) = (&line["id"], line["number"].as_str().expect("a number"));
        let (clerk, head) = (&approved.school.clerk, &approved.school.head);
        let one = approved.people[0].clone();
        let ask = |more: Value| {
            let mut fields = json!({"name": one.name, "id_number": one.id_number, "number": number, "kind": "reissue",
                "reason": "证书在搬家时遗失", "contact": "示例联系方式"});
            for (name, value) in more.as_object().expect("fields") {
                fields[name] = value.clone();
            }
            world.call(None, axum::http::Method::POST, "/certificate-requests", Some(fields))
        };
        // One answer for whatever does not fit.
        let misfits = [
            json!({"name": "示例某人"}),
            json!({"id_number": approved.people[1].id_number}),
            json!({"number": "Y000035000001264999999"}),
            json!({"number": "没有编号"}),
        ];
        let said: Vec<String> =
            misfits.into_iter().map(|misfit| ask(misfit).refused("平台规则·证书变更申请").what).collect();
        assert!(said.iter().all(|what| *what == said[0]), "{said:?}");
        ask(json!({"kind": "revoke"})).refused("平台规则·证书变更申请");
        assert_eq!(ask(json!({"reason": "丢了"})).refused("平台规则·证书变更申请").field, "reason");
        let got = ask(json!({})).done();
        assert_eq!((&got["asked_on"], &got["due_on"]), (&json!("2026-11-12"), &json!("2026-11-26")));
        ask(json!({})).refused("平台规则·证书变更申请");
        let receipt = got["receipt"].as_str().expect("a receipt");
        assert!(receipt.starts_with("BZ20261112-0001-"), "{receipt}");
        let look = || world.public(&format!("/certificate-request-receipts/{receipt}")).done();
        assert_eq!(look()["state"], "open");
        assert_eq!(
            world.public("/certificate-request-receipts/BZ20261112-0001-AAAAAAAA").status,
            StatusCode::NOT_FOUND
        );
        assert!(world.get(clerk, "/work").done()["tasks"].to_string().contains(receipt));

        // The body answers with a change that names the request.
        let seen = world.get(head, &format!("/certificates/{id}/changes")).done();
        assert_eq!(seen["requests"][0]["contact"], "示例联系方式");
        let request = seen["requests"][0]["id"].clone();
        let of_centre = world.get(&approved.school.centre, &format!("/certificates/{id}/changes")).done();
        assert_eq!(of_centre["requests"][0]["contact"], "");
        propose(world, clerk, id, "void", json!({"certificate_request": request})).refused("3.3.6");
        let made = propose(world, clerk, id, "reissue", json!({"certificate_request": request})).done();
        let refusal = format!("/certificates/{id}/requests/{request}/refusal");
        world.post(head, &refusal, json!({"answer": "材料不全，请补充"})).refused("3.3.6");
        answer(world, head, id, &made, true, "").done();
        let done = look();
        assert_eq!((&done["state"], &done["answered_on"]), (&json!("done"), &json!("2026-11-12")));
        let told = done.to_string();
        assert!(!told.contains(&one.name) && !told.contains(number), "{told}");

        // A second request is declined, with a reason the holder reads.
        let got = ask(json!({"reason": "想多要一本证书留着"})).done();
        let seen = world.get(head, &format!("/certificates/{id}/changes")).done();
        let refusal = format!("/certificates/{id}/requests/{}/refusal", seen["requests"][0]["id"]);
        assert_eq!(world.post(head, &refusal, json!({"answer": "否"})).refused("3.3.6").field, "answer");
        assert_eq!(world.post(clerk, &refusal, json!({"answer": "每人一本"})).status, StatusCode::FORBIDDEN);
        world.post(head, &refusal, json!({"answer": "每个编号只有一本有效证书"})).done();
        world.post(head, &refusal, json!({"answer": "每个编号只有一本有效证书"})).refused("3.3.6");
        let path = format!("/certificate-requests?receipt={}", got["receipt"].as_str().expect("a receipt"));
        assert!(world.page(None, &path).text().contains("每个编号只有一本有效证书"));
    });
}

#[test]
fn s3_3_6_the_pages_of_what_becomes_of_a_certificate() {
    let world = World::on_sqlite(DAY);
    let (approved, line) = issued(&world, 1);
    let (id, head, clerk) = (&line["id"], &approved.school.head, &approved.school.clerk);
    let path = format!("/certificates/{id}/changes");
    let page = world.page(Some(clerk), &path).text();
    assert!(page.contains("提出变更") && page.contains("?kind=suspend") && !page.contains("?kind=resume"), "{page}");
    assert!(world.page(Some(clerk), &format!("{path}?kind=correct")).text().contains("正确的姓名"));
    // Nothing typed is lost where the form is refused.
    let form = format!("{path}?kind=suspend");
    let refused = world.submit(Some(clerk), &form, &path, &[("kind", "suspend"), ("reason", "需要核查报名材料")]);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = refused.text();
    assert!(text.contains("没有附上暂停使用的依据") && text.contains("需要核查报名材料"), "{text}");
    propose(&world, clerk, id, "suspend", json!({})).done();
    let waiting = world.page(Some(head), &path).text();
    assert!(waiting.contains("同意暂停使用") && waiting.contains("不同意"), "{waiting}");
    assert!(world.page(Some(clerk), &path).text().contains("撤回暂停使用"));
    // The public form.
    let asked = world.submit(None, "/certificate-requests/new", "/certificate-requests", &[("kind", "reissue")]);
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.text().contains("缺少姓名"), "{}", asked.text());
    assert!(world.page(None, "/query").text().contains("/certificate-requests/new"));
}
