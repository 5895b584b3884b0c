//! 三（二）: the platform and those who sit at it. Signing in, lock-out, one's own password, accounts on seats.

use axum::http::{Method, StatusCode};
use rules::people::Role;
use serde_json::json;

use crate::world::{PASSWORD, Person, on_each_database};

#[test]
fn house_wrong_passwords_make_the_account_wait_and_the_wait_ends() {
    on_each_database("2026-03-02", |world| {
        let person = world.administrator("guanli");
        let try_in = |password: &str| {
            world.call(None, Method::POST, "/session", Some(json!({"login": person.login, "password": password})))
        };
        for _ in 0..5 {
            try_in("不对的密码一二三四五").refused("平台规则·登录");
        }
        let locked = try_in(PASSWORD).refused("平台规则·登录");
        assert!(locked.what.contains("连续输错"), "{locked:?}");
        // The simulated clock begins the next day anew, far beyond the wait.
        world.on("2026-03-03");
        try_in(PASSWORD).done();
        let unknown =
            world.call(None, Method::POST, "/session", Some(json!({"login": "nobody", "password": PASSWORD})));
        let known = try_in("不对的密码一二三四五");
        assert_eq!(unknown.json(), known.json(), "a wrong login and a wrong password look the same");
    });
}

#[test]
fn house_an_account_belongs_to_a_seat_and_closing_it_ends_its_sessions() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let body = world.school("示例一技工学校", "city", "350102", "12350000T00T00016F");
        let clerk = world.person_of("jingban", Role::Clerk, body);
        assert_eq!(world.get(&clerk, "/account").done()["seat"], "示例一技工学校");
        assert_eq!(world.get(&clerk, "/accounts").status, StatusCode::FORBIDDEN);
        world
            .post(
                &administrator,
                "/accounts",
                json!({"login": "x-1", "name": "示例", "role": "city_centre", "body": body, "password": PASSWORD}),
            )
            .refused("平台规则·账号");
        let accounts = world.get(&administrator, "/accounts").done();
        let id = accounts["accounts"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|a| a["login"] == "jingban")
            .expect("the clerk")["id"]
            .clone();
        world.post(&administrator, &format!("/accounts/{id}/closure"), json!({})).done();
        assert_eq!(world.get(&clerk, "/account").status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn house_a_new_password_ends_every_session_and_is_never_recorded() {
    on_each_database("2026-03-02", |world| {
        let person = world.administrator("guanli");
        world.post(&person, "/account/password", json!({"current": PASSWORD, "new": "短"})).refused("平台规则·登录");
        world.post(&person, "/account/password", json!({"current": PASSWORD, "new": "马 电池 订书钉 正确"})).done();
        assert_eq!(world.get(&person, "/account").status, StatusCode::UNAUTHORIZED);
        let wrong = world.call(None, Method::POST, "/session", Some(json!({"login": "guanli", "password": PASSWORD})));
        wrong.refused("平台规则·登录");
        let right = json!({"login": "guanli", "password": "马 电池 订书钉 正确"});
        world.call(None, Method::POST, "/session", Some(right)).done();
    });
}

#[test]
fn house_a_first_password_opens_nothing_but_its_own_change() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let fields = json!({"login": "xinren", "name": "示例", "role": "administrator", "password": PASSWORD});
        world.post(&administrator, "/accounts", fields).done();
        let session =
            world.call(None, Method::POST, "/session", Some(json!({"login": "xinren", "password": PASSWORD}))).done();
        assert_eq!(session["must_change"], true);
        let person = Person { login: "xinren".into(), token: session["token"].as_str().expect("a token").into() };
        world.get(&person, "/accounts").refused("平台规则·登录");
        world
            .post(&person, "/reference", json!({"kind": "aliases", "source": "x", "content": "x"}))
            .refused("平台规则·登录");
        world.post(&person, "/account/password", json!({"current": PASSWORD, "new": "马 电池 订书钉 正确"})).done();
    });
}

#[test]
fn house_a_key_said_again_answers_again_and_acts_once() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let fields = json!({"login": "zhongxin", "name": "示例", "role": "city_centre", "office": "city-350100-centre", "password": PASSWORD});
        let say = |fields: &serde_json::Value, key: &str| {
            world.call_with(
                Some(&administrator),
                Method::POST,
                "/accounts",
                Some(fields.clone()),
                &[("idempotency-key", key)],
            )
        };
        let first = say(&fields, "k-1").done();
        for _ in 0..49 {
            assert_eq!(say(&fields, "k-1").done(), first);
        }
        say(&fields, "k-2").refused("平台规则·账号");
        let mut other = fields.clone();
        other["login"] = json!("another");
        assert_eq!(say(&other, "k-1").status, StatusCode::CONFLICT);
        let accounts = world.get(&administrator, "/accounts").done();
        let named =
            accounts["accounts"].as_array().expect("a list").iter().filter(|a| a["login"] == "zhongxin").count();
        assert_eq!(named, 1);
    });
}

#[test]
fn house_a_key_said_fifty_times_at_once_acts_once() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let before = world.records();
        let caller =
            office::account::caller_for(&world.office, &administrator.login, office::door::Via::Api).expect("them");
        let act: office::account::CreateAccount = serde_json::from_value(
            json!({"login": "zhongxin", "name": "示例", "role": "city_centre", "office": "city-350100-centre", "password": PASSWORD}),
        )
        .expect("the fields");
        let answers: Vec<i64> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..50)
                .map(|_| scope.spawn(|| world.office.act_once(&caller, Some("k-1"), act.clone()).expect("done").id))
                .collect();
            asked.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        assert!(answers.iter().all(|id| *id == answers[0]), "{answers:?}");
        assert_eq!(world.records(), before + 1);
    });
}

#[test]
fn house_a_form_from_another_site_is_not_taken() {
    on_each_database("2026-03-02", |world| {
        let person = world.administrator("guanli");
        let form = "login=abc-1&name=x&role=administrator&password=1234567890";
        let request = axum::http::Request::builder()
            .method(Method::POST)
            .uri("/admin/accounts")
            .header("cookie", format!("jiangce={}", person.token))
            .header("content-type", "application/x-www-form-urlencoded");
        let without_token = world.send(request.body(form.into()).expect("a request"));
        assert_eq!(without_token.status, StatusCode::FORBIDDEN);
        let accounts = world.get(&person, "/accounts").done();
        assert_eq!(accounts["accounts"].as_array().expect("a list").len(), 1);
        let good = world.submit(
            Some(&person),
            "/admin/accounts",
            "/admin/accounts",
            &[("login", "abc-1"), ("name", "示例"), ("role", "administrator"), ("password", "1234567890")],
        );
        assert_eq!(good.status, StatusCode::SEE_OTHER, "{}", good.text());
    });
}

#[test]
fn house_administrators_see_on_what_ground_and_never_about_whom() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let school = world.new_school("示例一技工学校", "city", "350102");
        let filing = world.post(&school.clerk, "/filings", json!({})).done()["id"].clone();
        let empty = world.post(&school.head, &format!("/filings/{filing}/submission"), json!({}));
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", empty.text());
        let refused = |person: &Person| {
            let records = world.get(person, "/records?refused=true").done();
            records["records"][0]["refused"].clone()
        };
        let (seen, own) = (refused(&administrator), refused(&school.head));
        assert!(!own["what"].as_str().expect("words").is_empty(), "{own}");
        assert_eq!((&seen["ground"], &seen["what"], &seen["remedy"]), (&own["ground"], &json!(""), &json!("")));
        let page = world.page(Some(&administrator), "/admin/records?refused=true").text();
        assert!(page.contains(own["ground"].as_str().expect("a ground")), "{page}");
        assert!(!page.contains(own["what"].as_str().expect("words")), "{page}");
    });
}
