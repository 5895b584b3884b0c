//! 附件1, 附件2, 一（二）, 二（一）: the application as it is written, checked, given back and written again.

use axum::http::{Method, StatusCode};
use rules::people::Role;
use serde_json::{Value, json};

use crate::face::{FORM, encoded, hidden, post_form};
use crate::stages::{MAJORS, PDF, School, TRADES, body_form, decisions, people, sites, trades};
use crate::world::{Answer, PASSWORD, Person, World, on_each_database};

/// The path of a part of the school's filing.
fn path(school: &School, part: &str) -> String {
    format!("/filings/{}{}{part}", school.filing, if part.is_empty() { "" } else { "/" })
}

fn detail(world: &World, person: &Person, school: &School) -> Value {
    world.get(person, &path(school, "")).done()
}

/// A school whose filing is complete and not submitted.
fn complete(world: &World) -> School {
    let mut school = world.new_school("示例一技工学校", "city", "350102");
    world.fill_filing(&mut school);
    school
}

/// Imports a table by the API.
fn import(world: &World, person: &Person, to: &str, bytes: &[u8], name: &str) -> Answer {
    let file = world.keep(person, bytes);
    world.post(person, to, json!({"file": file, "name": name}))
}

/// Reasons, places and remedies of what an import found.
fn findings(world: &World, person: &Person, made: &Value) -> Vec<(u64, String, String)> {
    let view = world.get(person, &format!("/list-uploads/{}", made["upload"])).done();
    let list = view["findings"].as_array().expect("a list").clone();
    assert!(list.iter().all(|finding| !finding["remedy"].as_str().expect("a text").is_empty()), "{list:?}");
    let text = |finding: &Value, name: &str| finding[name].as_str().expect("a text").to_owned();
    list.iter().map(|f| (f["row"].as_u64().expect("a row"), text(f, "column"), text(f, "reason"))).collect()
}

/// The list that ships from another day, with one text in place of another.
fn checklist(from: &str, old: &str, new: &str) -> String {
    let text = rules::checklist::SHIPPED.replace("2020-07-01", from);
    assert!(text.contains(old), "{old}");
    text.replace(old, new)
}

#[test]
fn a2_a_checklist_holds_from_its_day_and_a_submitted_filing_keeps_its_own() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let school = complete(world);
        world.submit_filing(&school);
        let take = |content: String| {
            let fields = json!({"kind": "checklist", "source": "示例通知", "content": content});
            world.post(&administrator, "/reference", fields)
        };
        // What has begun does not change, and the four rules are asked for in every list.
        take(checklist("2020-07-01", "承诺书", "新承诺书")).refused("A2");
        take(checklist("2026-03-01", "承诺书", "新承诺书")).refused("A2");
        let said = take(checklist("2026-03-09", "rule_fee", "rule_charge")).refused("平台规则·参考数据");
        assert!(said.what.contains("没有 rule_fee"), "{said:?}");
        take(checklist("2026-03-09", "undertaking,承诺书", "pledge,承诺书（新版）")).done();
        let lists = world.get(&administrator, "/reference/checklists").done();
        assert_eq!(
            (&lists["lists"][0]["effective_from"], &lists["lists"][0]["is_in_force"]),
            (&json!("2026-03-09"), &json!(false))
        );
        assert_eq!(world.get(&school.clerk, "/reference/checklists").status, StatusCode::FORBIDDEN);

        let mut other = world.new_school("示例二技工学校", "city", "350102");
        world.fill_filing(&mut other);
        assert_eq!(detail(world, &other.clerk, &other)["is_ready"], true, "before its day nobody is asked");
        world.on("2026-03-09");
        let view = detail(world, &other.clerk, &other);
        assert_eq!((&view["is_ready"], &view["checklist_since"]), (&json!(false), &json!("2026-03-09")));
        let said = world.post(&other.head, &path(&other, "submission"), json!({})).refused("A2");
        assert!(said.what.contains("承诺书（新版）"), "{said:?}");
        // What was attached under an item that is gone is not lost.
        let left: Vec<_> =
            view["checklist"].as_array().expect("a list").iter().filter(|item| item["takes"] == "").collect();
        assert_eq!((left.len(), &left[0]["code"]), (1, &json!("undertaking")));
        let page = world.page(Some(&other.clerk), &path(&other, "materials")).text();
        assert!(page.contains("清单以外的材料") && page.contains("2026-03-09 起执行"), "{page}");

        // The one that was submitted before keeps its list, also when it comes back.
        assert_eq!(detail(world, &school.centre, &school)["checklist_since"], "2020-07-01");
        world.post(&school.centre, &path(&school, "return"), json!({"reasons": ["缺页"]})).done();
        assert_eq!(detail(world, &school.clerk, &school)["is_ready"], true);
        world.submit_filing(&school);
    });
}

#[test]
fn a2_files_of_the_wrong_type_size_or_number_are_refused() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let content = checklist(
            "2026-03-02",
            "work_plan,职业技能等级认定工作方案,yes,body,pdf jpg png zip,32,10",
            "work_plan,职业技能等级认定工作方案,yes,body,pdf,1,2",
        );
        let fields = json!({"kind": "checklist", "source": "示例通知", "content": content});
        world.post(&administrator, "/reference", fields).done();
        world.log_holds(&["table.imported"]);
        let school = complete(world);
        let attach = |bytes: &[u8]| {
            let file = world.keep(&school.clerk, bytes);
            let fields = json!({"code": "work_plan", "trade_code": null, "file": file, "name": "方案.pdf"});
            world.post(&school.clerk, &path(&school, "materials"), fields)
        };
        let said = attach(b"\x89PNG\r\n\x1a\n").refused("A2");
        assert_eq!((&*said.what, &*said.remedy), ("《职业技能等级认定工作方案》不收这种文件", "请上传PDF文件"));
        let large = [b"%PDF-1.7\n".as_slice(), &vec![b'a'; 1024 * 1024]].concat();
        assert!(attach(&large).refused("A2").what.contains("上限 1 MB"));
        attach(b"%PDF-1.7\nsecond").done();
        assert!(attach(b"%PDF-1.7\nthird").refused("A2").what.contains("已有 2 个文件，最多 2 个"));
        let page = world.page(Some(&school.clerk), &path(&school, "materials")).text();
        assert!(page.contains("职业技能等级认定工作方案（PDF，不超过 1 MB，最多 2 个文件）"), "{page}");
    });
}

#[test]
fn a2_an_administrator_writes_the_next_checklist_in_a_form() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let page = world.page(Some(&administrator), "/admin/checklist").text();
        assert!(page.contains("value=\"rule_fee\"") && page.contains("value=\"2026-03-03\""), "{page}");
        let columns = ["code", "title", "required", "per", "types", "largest_mb", "files_max"];
        let row = |item: &rules::checklist::MaterialItem| {
            let types = item.types.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(" ");
            let cells = [
                item.code.clone(),
                item.title.clone(),
                if item.required { "yes" } else { "no" }.into(),
                item.per.code().into(),
                types,
                item.largest_mb.to_string(),
                item.files_max.to_string(),
            ];
            columns.map(|column| format!("{column}[]")).into_iter().zip(cells).collect::<Vec<_>>()
        };
        let shipped = rules::filing::default_checklist();
        let send = |from: &str, more: &[(&str, &str)]| {
            let rows: Vec<(String, String)> = shipped.iter().flat_map(row).collect();
            let mut fields: Vec<(&str, &str)> =
                rows.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            fields.extend([("effective_from", from), ("source", "示例通知"), ("do", "save")]);
            fields.extend(more);
            world.submit(Some(&administrator), "/admin/checklist", "/admin/checklist", &fields)
        };
        let album = [
            ("code[]", "album"),
            ("title[]", "实训照片, \"近照\""),
            ("required[]", "yes"),
            ("per[]", "trade"),
            ("types[]", "jpg png"),
            ("largest_mb[]", "8"),
            ("files_max[]", "20"),
        ];
        let refused = send("2026-03-01", &album);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("早于今天") && refused.text().contains("value=\"album\""), "typed is kept");
        assert_eq!(send("2026-04-01", &album).status, StatusCode::SEE_OTHER);
        let exported = world.page(Some(&administrator), "/admin/checklist.csv").text();
        assert!(exported.contains("2026-04-01,album,\"实训照片, \"\"近照\"\"\",yes,trade,jpg png,8,20"), "{exported}");
        assert!(world.page(Some(&administrator), "/admin/checklist").text().contains("尚未生效"));
    });
}

#[test]
fn s1_2_1_the_catalogue_of_majors_is_imported_and_decides_what_is_asked() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        let text = "示例技工学校专业设置\n专业代码,专业名称,培养层次,是否主干专业,开设时间\n0501,烹饪（中式烹调）,高级工班,是,2018年\n0210,数控加工,高级工班,√,2016-09\n0603,茶艺,中级工班,,\n,无代码,,是,\n0704,汽车维修,,也许,去年\n";
        let made = import(world, &school.clerk, "/majors", text.as_bytes(), "专业.csv").done();
        let counts = |made: &Value| {
            ["rows_read", "rows_good", "new", "changed", "same", "faults"]
                .map(|name| made[name].as_u64().expect("a number"))
        };
        assert_eq!(counts(&made), [5, 3, 3, 0, 0, 3]);
        assert_eq!(
            findings(world, &school.clerk, &made),
            [
                (6, "A".into(), "没有填写专业代码".into()),
                (7, "D".into(), "“也许”看不出是不是主干专业".into()),
                (7, "E".into(), "“去年”不是能识别的年份".into()),
            ]
        );
        // The same again, in another form, changes nothing; a changed row is changed.
        let rows = [
            ["0501", "烹饪（中式烹调）", "高级工班", "是", "2018"],
            ["0210", "数控加工", "高级工班", "是", "2016"],
            ["0603", "茶艺", "中级工班", "", ""],
        ];
        let workbook = |rows: &[[&str; 5]]| {
            let heads = ["专业代码", "专业名称", "培养层次", "主干专业", "开设年份"];
            sheets::exchange(&heads, rows.iter().map(|row| row.map(str::to_owned).to_vec())).expect("a workbook")
        };
        let again = import(world, &school.clerk, "/majors", &workbook(&rows), "专业.xlsx").done();
        assert_eq!(counts(&again), [3, 3, 0, 0, 3, 0]);
        let mut moved = rows;
        moved[1][3] = "否";
        assert_eq!(
            counts(&import(world, &school.clerk, "/majors", &workbook(&moved), "专业.xlsx").done()),
            [3, 3, 0, 1, 2, 0]
        );
        import(world, &school.clerk, "/majors", &workbook(&rows), "专业.xlsx").done();
        import(world, &school.clerk, "/majors", "只是一段话".as_bytes(), "话.txt").refused("平台规则·表格文件");
        assert_eq!(
            import(world, &school.centre, "/majors", &workbook(&rows), "专业.xlsx").status,
            StatusCode::FORBIDDEN
        );

        // The clerk's page, the result with the marked workbook, the template.
        let page = world.page(Some(&school.clerk), "/majors").text();
        assert!(
            page.contains("烹饪（中式烹调）") && page.contains("专业.xlsx") && page.contains("/templates/majors.xlsx")
        );
        let upload = format!("/list-uploads/{}", made["upload"]);
        let result = world.page(Some(&school.clerk), &upload).text();
        assert!(result.contains("没有填写专业代码") && result.contains("marked.xlsx"), "{result}");
        assert!(world.page(Some(&school.clerk), &format!("{upload}/marked.xlsx")).bytes.starts_with(b"PK"));
        assert!(world.page(Some(&school.clerk), "/templates/majors.xlsx").bytes.starts_with(b"PK"));
        let stranger = world.new_school("示例二技工学校", "city", "350102");
        assert_eq!(world.get(&stranger.clerk, &upload).status, StatusCode::NOT_FOUND);

        // The plan names majors of the catalogue, several if they are; a main one must be among them.
        world.fill_filing(&mut school);
        let plan = |major: &str| {
            let mut rows = trades(TRADES, &["4", "3"]);
            rows[3]["major"] = json!(major);
            world.post(&school.clerk, &path(&school, "trades"), json!({"trades": rows})).done();
            world.post(&school.head, &path(&school, "submission"), json!({}))
        };
        let said = plan("机械加工").refused("1.2.1");
        assert!(said.what.contains("6-18-01-01 车工三级/高级工对应的“机械加工”不在本校专业目录"), "{said:?}");
        assert!(plan("茶艺").refused("1.2.1").what.contains("不是主干专业"));
        plan("数控加工、茶艺、机械加工").done();
        world.post(&school.centre, &path(&school, "acceptance"), json!({})).done();
        let row = detail(world, &school.centre, &school)["trades"][3].clone();
        assert_eq!(
            row["questions"],
            json!(["“茶艺”在本校专业目录中不是主干专业，请核对", "“机械加工”不在本校专业目录，请核对"])
        );
        let page = world.page(Some(&school.centre), &path(&school, "")).text();
        assert!(
            page.contains("“机械加工”不在本校专业目录，请核对") && page.contains("院校的专业目录"),
            "the reviewer sees it"
        );
    });
}

#[test]
fn s1_2_1_without_a_catalogue_the_plan_is_kept_and_the_submission_says_so() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        for (code, ..) in MAJORS {
            world.post(&school.clerk, "/majors/removal", json!({"code": code})).done();
        }
        world.post(&school.clerk, "/majors/removal", json!({"code": "0501"})).refused("1.2.1");
        let planned = json!({"trades": trades(TRADES, &["4", "3"])});
        world.post(&school.clerk, &path(&school, "trades"), planned).done();
        let said = world.post(&school.head, &path(&school, "submission"), json!({})).refused("1.2.1");
        assert!(said.what.contains("还没有导入本校专业目录"), "{said:?}");
        let page = world.page(Some(&school.clerk), &path(&school, "trades")).text();
        assert!(page.contains("导入专业目录") && page.contains("value=\"车工专业\""), "{page}");
        world.import_majors(&school, MAJORS);
        world.submit_filing(&school);
    });
}

#[test]
fn s1_2_2_people_are_imported_and_the_same_file_again_changes_nothing() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let to = path(&school, "people/uploads");
        let heads = ["姓名", "人员类别", "职业（工种）", "考评等级", "证卡号", "有效期至"];
        let rows = |until: &str| {
            let rows = [
                ["示例新甲", "考评员", "车工", "三级", "００１", until],
                ["示例新乙", "专家", "", "", "示例证2", "2028年12月31日"],
                ["示例新丙", "考评员", "电工", "三级", "3", "2028-12-31"],
                ["", "专家", "", "", "4", "明年"],
            ];
            sheets::exchange(&heads, rows.iter().map(|row| row.map(str::to_owned).to_vec())).expect("a workbook")
        };
        let made = import(world, &school.clerk, &to, &rows("2028-12-31"), "人员.xlsx").done();
        let counts = |made: &Value| {
            ["rows_read", "new", "changed", "same", "faults"].map(|name| made[name].as_u64().expect("a number"))
        };
        assert_eq!(counts(&made), [4, 2, 0, 0, 3]);
        assert_eq!(
            findings(world, &school.clerk, &made),
            [
                (4, "C".into(), "“电工”不在拟备案的职业中".into()),
                (5, "A".into(), "没有填写姓名".into()),
                (5, "F".into(), "“明年”不是能识别的日期".into()),
            ]
        );
        assert_eq!(
            counts(&import(world, &school.clerk, &to, &rows("2028-12-31"), "人员.xlsx").done()),
            [4, 0, 0, 2, 3]
        );
        // A new card is the same person.
        assert_eq!(
            counts(&import(world, &school.clerk, &to, &rows("2029-12-31"), "人员.xlsx").done()),
            [4, 0, 1, 1, 3]
        );
        let people = detail(world, &school.clerk, &school)["people"].clone();
        let people = people.as_array().expect("a list");
        assert_eq!(people.len(), 11, "nine were there");
        let imported = people.iter().find(|person| person["name"] == "示例新甲").expect("the person");
        assert_eq!(
            (&imported["card_number"], &imported["trade_code"], &imported["card_valid_until"]),
            (&json!("001"), &json!("6-18-01-01"), &json!("2029-12-31"))
        );

        let page = world.page(Some(&school.clerk), &to).text();
        assert!(page.contains("template.xlsx") && page.contains("type=\"file\""), "{page}");
        assert!(world.page(Some(&school.clerk), &path(&school, "people/template.xlsx")).bytes.starts_with(b"PK"));
        let result = world.page(Some(&school.clerk), &format!("/list-uploads/{}", made["upload"])).text();
        assert!(result.contains("“电工”不在拟备案的职业中") && result.contains("没有问题的行已经保存"), "{result}");
        world.submit_filing(&school);
        import(world, &school.clerk, &to, &rows("2028-12-31"), "人员.xlsx").refused("2.1.1b");
        assert_eq!(import(world, &school.centre, &to, &rows("2028-12-31"), "人员.xlsx").status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn s1_2_3_rooms_equipment_and_cameras_are_imported() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let to = path(&school, "sites/uploads");
        let text = "名称,类别,职业,数量,位置,录像保存天数\n示例新教室,理论考场,,60,3层,\n示例新摄像头,视频监控,车工,8,,90\n示例新设备,设备,车工,很多,,\n";
        let made = import(world, &school.clerk, &to, text.as_bytes(), "场地.csv").done();
        assert_eq!(
            findings(world, &school.clerk, &made),
            [(3, "F".into(), "录像只保存 90 天".into()), (4, "D".into(), "数量“很多”不是0至1000000的整数".into()),]
        );
        assert_eq!((&made["new"], &made["faults"], &made["warnings"]), (&json!(2), &json!(1), &json!(1)));
        world.post(&school.head, &path(&school, "submission"), json!({})).refused("平台规则·录像保存");
        let mended = text.replace(",90", ",180").replace("很多", "12");
        let made = import(world, &school.clerk, &to, mended.as_bytes(), "场地.csv").done();
        assert_eq!((&made["new"], &made["changed"], &made["same"]), (&json!(1), &json!(1), &json!(1)));
        assert!(world.page(Some(&school.clerk), &path(&school, "sites/template.xlsx")).bytes.starts_with(b"PK"));
        world.submit_filing(&school);
    });
}

#[test]
fn s2_1_2b_work_types_of_one_occupation_are_filed_decided_and_listed_each() {
    on_each_database("2026-03-02", |world| {
        let mut school = complete(world);
        let row = |work_type: &str| json!({"trade": "6-18-01-01", "work_type": work_type, "level": "4", "major": "车工专业", "papers": "国家题库", "capacity": 100});
        let plan = |rows: &[Value]| world.post(&school.clerk, &path(&school, "trades"), json!({"trades": rows}));
        let said = plan(&[row("普通车工"), row(" 普通车工 ")]).refused("A1");
        assert!(said.what.contains("6-18-01-01 车工（普通车工）四级/中级工填写了两次"), "{said:?}");
        plan(&[row("普通车工"), row("数控车工"), row("")]).done();
        for part in ["people", "sites"] {
            let rows = if part == "people" { people(&TRADES[1..]) } else { sites(&TRADES[1..]) };
            world.post(&school.clerk, &path(&school, part), json!({part: rows})).done();
        }
        world.submit_filing(&school);
        world.post(&school.centre, &path(&school, "acceptance"), json!({})).done();
        world.evaluate_filing(&school);
        let decide = |work_type: &str, passed: bool| json!({"code": "6-18-01-01", "work_type": work_type, "level": "4", "passed": passed, "reason": "设备不足"});
        let assess =
            |rows: Vec<Value>| world.post(&school.centre, &path(&school, "assessment"), json!({"decisions": rows}));
        assert!(
            assess(vec![decide("普通车工", true), decide("", true)])
                .refused("2.1.2b")
                .what
                .contains("6-18-01-01（数控车工） 四级/中级工没有结论")
        );
        assess(vec![decide("普通车工", true), decide("数控车工", false), decide("", true)]).done();
        let trades = detail(world, &school.clerk, &school)["trades"].clone();
        assert_eq!((&trades[0]["passed"], &trades[1]["passed"]), (&json!(true), &json!(false)));
        world.post(school.bureau.as_ref().expect("a bureau"), &path(&school, "consent"), json!({})).done();
        world.post(&school.provincial_centre, &path(&school, "summary"), json!({})).done();
        world.list_filing(&mut school);
        let scope = |world: &World| {
            let scope = world.public(&format!("/directory/{}", school.number)).done()["scope"].clone();
            let mut types: Vec<String> = scope
                .as_array()
                .expect("a scope")
                .iter()
                .map(|one| one["work_type"].as_str().unwrap_or_default().to_owned())
                .collect();
            types.sort();
            types
        };
        assert_eq!(scope(world), ["", "普通车工"]);

        // A batch is of one of them: without a word of the whole occupation, and of no other than those on file.
        let batch = |work_type: Value| {
            let mut fields = crate::stages::batch_fields("2026-03-23");
            fields["code"] = json!("6-18-01-01");
            fields["standard"] = json!("《车工》（2018年版）");
            fields["work_type"] = work_type;
            world.post(&school.clerk, "/batches", fields)
        };
        let said = batch(json!("数控车工")).refused("2.2.1a");
        assert!(said.remedy.contains("普通车工"), "{said:?}");
        for (asked, expected) in [(json!(null), ""), (json!("普通车工"), "普通车工")] {
            let id = batch(asked).done()["id"].as_i64().expect("an id");
            assert_eq!(world.get(&school.clerk, &format!("/batches/{id}")).done()["work_type"], expected);
        }
        let form = world.page(Some(&school.clerk), "/batches/new").text();
        assert!(form.contains("车工（普通车工），四级/中级工，按"), "{form}");

        // What is listed is not filed again; the work type that was not is.
        let made = world.post(&school.clerk, "/filings", json!({})).done();
        school.filing = made["id"].as_i64().expect("an id");
        let listed = (school.number.clone(), school.listing);
        world.fill_again(&mut school, &[row("普通车工"), row("数控车工")]);
        let said = world.post(&school.head, &path(&school, "submission"), json!({})).refused("2.1.1a");
        assert!(said.what.contains("车工（普通车工）四级/中级工已在机构目录中"), "{said:?}");
        world.post(&school.clerk, &path(&school, "trades"), json!({"trades": [row("数控车工")]})).done();
        world.submit_filing(&school);
        world.post(&school.centre, &path(&school, "acceptance"), json!({})).done();
        world.evaluate_filing(&school);
        world
            .post(&school.centre, &path(&school, "assessment"), json!({"decisions": [decide("数控车工", true)]}))
            .done();
        world.post(school.bureau.as_ref().expect("a bureau"), &path(&school, "consent"), json!({})).done();
        world.post(&school.provincial_centre, &path(&school, "summary"), json!({})).done();
        world.list_filing(&mut school);
        assert_eq!((school.number.clone(), school.listing), listed);
        let scope = world.public(&format!("/directory/{}", school.number)).done()["scope"].clone();
        assert_eq!(scope.as_array().expect("a scope").len(), 3, "{scope}");
    });
}

impl World {
    /// Fills in everything of a further filing but its plan, which is given; people and sites serve 车工.
    fn fill_again(&self, school: &mut School, plan: &[Value]) {
        self.post(&school.clerk, &path(school, "body"), json!({"form": body_form()})).done();
        self.post(&school.clerk, &path(school, "trades"), json!({"trades": plan})).done();
        self.post(&school.clerk, &path(school, "people"), json!({"people": people(&TRADES[1..])})).done();
        self.post(&school.clerk, &path(school, "sites"), json!({"sites": sites(&TRADES[1..])})).done();
        let file = self.keep(&school.clerk, PDF);
        for item in rules::filing::default_checklist().iter().filter(|item| item.required) {
            let trade = (item.code == "site_proof").then_some("6-18-01-01");
            let fields = json!({"code": item.code, "trade_code": trade, "file": file, "name": "材料.pdf"});
            self.post(&school.clerk, &path(school, "materials"), fields).done();
        }
    }
}

#[test]
fn s2_1_2b_reasons_stand_at_their_row_and_the_reviewer_sees_what_changed() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        world.submit_filing(&school);
        let view = detail(world, &school.centre, &school);
        assert_eq!(view["changes"], json!(null), "nothing to compare with yet");
        let part = |name: &str| {
            view["parts"].as_array().expect("parts").iter().find(|part| part["part"] == name).expect("the part").clone()
        };
        let person = part("people")["entries"][0].clone();
        assert_eq!(person["key"], "assessor|示例中式烹调师考评员1|4-03-02-01");
        let give = |parts: Value| world.post(&school.centre, &path(&school, "return"), json!({"parts": parts}));
        give(json!([])).refused("2.1.2b");
        give(json!([{"part": "people", "about": "assessor|无此人|", "text": "不清晰"}])).refused("2.1.2b");
        give(json!([{"part": "people", "about": person["key"], "text": " "}])).refused("2.1.2b");
        give(json!([
            {"part": "people", "about": person["key"], "text": "证卡不清晰"},
            {"part": "materials", "about": "rule_fee|", "text": "缺少公示方式"},
            {"part": "body", "about": "address", "text": "写到门牌号"},
            {"part": "sites", "text": "请写明位置"},
        ]))
        .done();
        // On the task list, on the filing, and beside what each is about.
        let work = world.get(&school.clerk, "/work").done();
        let task = work["tasks"]
            .as_array()
            .expect("tasks")
            .iter()
            .find(|task| task["what"] == "补正后重新提交备案申请")
            .expect("the task")
            .clone();
        assert_eq!(
            task["detail"],
            "福州市职业技能鉴定指导中心退回：人员队伍，示例中式烹调师考评员1（考评人员）：证卡不清晰；申请材料，收费管理办法：缺少公示方式；等4处"
        );
        let home = world.page(Some(&school.clerk), &path(&school, "")).text();
        assert_eq!(home.matches("待补正").count(), 4, "{home}");
        for (page, said) in [
            ("people", "退回理由：证卡不清晰"),
            ("materials", "退回理由：缺少公示方式"),
            ("body", "退回理由：写到门牌号"),
            ("sites", "<li>请写明位置</li>"),
        ] {
            assert!(world.page(Some(&school.clerk), &path(&school, page)).text().contains(said), "{page}");
        }
        // Mended: one card, one more person, one person less, one address, one file.
        let mut rows = people(TRADES);
        rows[0]["card_number"] = json!("示例考评证9");
        rows[8]["name"] = json!("示例新专家");
        world.post(&school.clerk, &path(&school, "people"), json!({"people": rows})).done();
        let mut form = body_form();
        form["address"] = json!("示例路1号1栋");
        world.post(&school.clerk, &path(&school, "body"), json!({"form": form})).done();
        let file = world.keep(&school.clerk, b"%PDF-1.7\nfees");
        world
            .post(
                &school.clerk,
                &path(&school, "materials"),
                json!({"code": "rule_fee", "trade_code": null, "file": file, "name": "收费管理办法2.pdf"}),
            )
            .done();
        let home = world.page(Some(&school.clerk), &path(&school, "")).text();
        assert_eq!(
            (home.matches("待补正").count(), home.matches("已修改").count()),
            (1, 3),
            "the sites are still to be mended"
        );
        world.on("2026-03-04");
        world.submit_filing(&school);
        let changes = detail(world, &school.centre, &school)["changes"].clone();
        assert_eq!(
            (&changes["no"], &changes["before_on"], &changes["after_on"]),
            (&json!(2), &json!("2026-03-02"), &json!("2026-03-04"))
        );
        let parts = changes["parts"].as_array().expect("parts");
        assert_eq!(parts.iter().map(|part| part["part"].clone()).collect::<Vec<_>>(), ["body", "people", "materials"]);
        assert_eq!(
            parts[0]["changed"][0]["fields"],
            json!([{"field": "办学地址", "before": "示例路1号", "after": "示例路1号1栋"}])
        );
        assert_eq!(
            parts[1]["changed"][0]["fields"],
            json!([{"field": "证卡编号", "before": "示例考评证1", "after": "示例考评证9"}])
        );
        assert_eq!(
            (&parts[1]["added"][0]["label"], &parts[1]["removed"][0]["label"]),
            (&json!("示例新专家（专家）"), &json!("示例expert（专家）"))
        );
        assert_eq!(parts[2]["changed"][0]["label"], "收费管理办法");
        let page = world.page(Some(&school.centre), &path(&school, "")).text();
        for said in ["与上次提交相比", "<del>示例考评证1</del>", "<ins>示例考评证9</ins>", "新增：示例新专家（专家）"]
        {
            assert!(page.contains(said), "{said}");
        }
        // Given back and submitted as it is: nothing changed, and that is said.
        world.post(&school.centre, &path(&school, "return"), json!({"reasons": ["请再核对"]})).done();
        world.submit_filing(&school);
        assert!(world.page(Some(&school.centre), &path(&school, "")).text().contains("相比没有改动"));
    });
}

#[test]
fn s2_1_2b_reasons_are_chosen_in_the_form_of_the_page() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        world.submit_filing(&school);
        let home = path(&school, "");
        let send =
            |fields: &[(&str, &str)]| world.submit(Some(&school.centre), &home, &format!("{home}/return"), fields);
        let key = "people:assessor|示例中式烹调师考评员1|4-03-02-01";
        let page = world.page(Some(&school.centre), &home).text();
        assert!(
            page.contains(&format!("<option value=\"{key}\">示例中式烹调师考评员1（考评人员）</option>")),
            "{page}"
        );
        // More rows lose nothing; words about nothing are asked for, and kept.
        let more = send(&[("about[]", key), ("why[]", "证卡不清晰"), ("do", "more")]);
        assert!(more.status == StatusCode::OK && more.text().contains("value=\"证卡不清晰\""));
        assert_eq!(more.text().matches("name=\"why[]\"").count(), 9, "one, three spare, five more");
        let refused = send(&[("about[]", ""), ("why[]", "证卡不清晰"), ("do", "return")]);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("没有选择针对哪一部分") && refused.text().contains("value=\"证卡不清晰\""));
        let sent = send(&[
            ("about[]", key),
            ("why[]", "证卡不清晰"),
            ("about[]", "sites"),
            ("why[]", "请写明位置"),
            ("reasons", "总体\n补充"),
            ("do", "return"),
        ]);
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        let back = detail(world, &school.clerk, &school)["returns"][0].clone();
        assert_eq!(
            (back["reasons"].clone(), back["parts"].as_array().map(Vec::len)),
            (json!(["总体", "补充"]), Some(2))
        );
        assert_eq!(
            (&back["parts"][0]["label"], &back["seat"]),
            (&json!("示例中式烹调师考评员1（考评人员）"), &json!("福州市职业技能鉴定指导中心"))
        );
    });
}

#[test]
fn s2_1_2b_bureau_province_and_department_give_back_and_it_is_accepted_again() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let bureau = school.bureau.clone().expect("a city school");
        let back = json!({"reasons": ["请补充说明"]});
        let give = |person: &Person| world.post(person, &path(&school, "return"), back.clone());
        let stage = || detail(world, &school.head, &school)["stage"].as_str().expect("a stage").to_owned();
        // Nobody asks about people or rooms: what the panel found stands.
        let accept_and_assess = |is_evaluated: bool| {
            world.post(&school.centre, &path(&school, "acceptance"), json!({})).done();
            if !is_evaluated {
                world.evaluate_filing(&school);
            }
            world
                .post(
                    &school.centre,
                    &path(&school, "assessment"),
                    json!({"decisions": decisions(TRADES, &["4", "3"]), "opinion": "条件具备"}),
                )
                .done();
        };
        world.submit_filing(&school);
        // Whose turn it is not does not give back; out of reach is not found.
        give(&bureau).refused("2.1.2b");
        let said = give(&school.provincial_centre).refused("2.1.2b");
        assert!(said.remedy.contains("市中心"), "{said:?}");
        let elsewhere = world.officer_at(Role::CityBureau, "city-350200-bureau");
        assert_eq!(give(&elsewhere).status, StatusCode::NOT_FOUND);
        assert_eq!(give(&school.head).status, StatusCode::FORBIDDEN);
        accept_and_assess(false);
        give(&school.centre).refused("2.1.2b");
        give(&bureau).done();
        assert_eq!(stage(), "returned");
        let view = detail(world, &school.clerk, &school);
        assert_eq!(view["returns"][0]["seat"], "福州市人力资源和社会保障局");
        // What comes again is accepted and assessed again; the consent can't be taken up where it was.
        world.submit_filing(&school);
        let view = detail(world, &school.centre, &school);
        assert_eq!((&view["assessment"], &view["trades"][0]["passed"]), (&json!(null), &json!(null)));
        world.post(&bureau, &path(&school, "consent"), json!({})).refused("2.1.2b");
        world
            .post(&school.centre, &path(&school, "assessment"), json!({"decisions": decisions(TRADES, &["4", "3"])}))
            .refused("2.1.2b");
        accept_and_assess(true);
        world.post(&bureau, &path(&school, "consent"), json!({})).done();
        give(&school.provincial_centre).done();
        world.submit_filing(&school);
        accept_and_assess(true);
        world.post(&bureau, &path(&school, "consent"), json!({})).done();
        world.post(&school.provincial_centre, &path(&school, "summary"), json!({})).done();
        let said = give(&school.provincial_centre).refused("2.1.3a");
        assert!(said.remedy.contains("省人社厅"), "{said:?}");
        let page = world.page(Some(&school.department), &path(&school, "")).text();
        assert!(
            page.contains(&format!("action=\"{}\"", path(&school, "return"))),
            "the department's page has the form"
        );
        give(&school.department).done();
        let view = detail(world, &school.clerk, &school);
        assert_eq!(view["returns"].as_array().map(Vec::len), Some(3));
        world.submit_filing(&school);
        accept_and_assess(true);
        world.post(&bureau, &path(&school, "consent"), json!({})).done();
        world.post(&school.provincial_centre, &path(&school, "summary"), json!({})).done();
        let ministry = json!({"reference": "示例部备〔2026〕1号", "filed_on": "2026-03-02"});
        world.post(&school.department, &path(&school, "ministry-filing"), ministry).done();
        give(&school.department).refused("2.1.3a");
        assert_eq!(stage(), "reported");
    });
}

/// A row of people as the form sends it.
fn person_row<'a>(name: &'a str, until: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("name[]", name),
        ("kind[]", "expert"),
        ("trade_code[]", ""),
        ("level_max[]", ""),
        ("card_number[]", "示例证1"),
        ("card_valid_until[]", until),
    ]
}

#[test]
fn a1_every_fault_is_shown_at_the_top_and_beside_its_field() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let clerk = Some(&school.clerk);
        let send = |part: &str, fields: &[(&str, &str)]| {
            let page = path(&school, part);
            world.submit(clerk, &page, &page, fields)
        };
        let refused = send("body", &[("address", "示例路9号"), ("contact", &"长".repeat(201))]);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = refused.text();
        assert!(text.contains("请先改正 8 处"), "{text}");
        for field in
            ["legal_representative", "head", "contact", "phone", "superior", "station_name", "station_number", "majors"]
        {
            assert!(
                text.contains(&format!("href=\"#{field}\"")) && text.contains(&format!("id=\"{field}-error\"")),
                "{field}"
            );
        }
        let row = |trade: &'static str, level: &'static str, standard: &'static str, capacity: &'static str| {
            [
                ("trade[]", trade),
                ("work_type[]", ""),
                ("level[]", level),
                ("major[]", "车工专业"),
                ("standard[]", standard),
                ("papers[]", ""),
                ("capacity[]", capacity),
            ]
        };
        let rows = [
            row("保安员", "4", "", "1"),
            row("车工", "", "", "很多"),
            row("车工", "4", "无此标准", "1"),
            row("", "4", "", ""),
            row("车工", "4", "", "1"),
            row("车工", "4", "", "1"),
        ];
        let text = send("trades", &rows.concat()).text();
        for (field, said) in [
            ("trade-1", "国家职业资格目录"),
            ("level-2", "没有选择等级"),
            ("capacity-2", "“很多”不是整数"),
            ("standard-3", "无此标准"),
            ("trade-4", "没有填写职业"),
            ("trade-6", "填写了两次"),
        ] {
            let at = text.find(&format!("id=\"{field}-error\"")).unwrap_or_else(|| panic!("{field}: {text}"));
            assert!(text[at..].split("</p>").next().expect("a text").contains(said), "{field}");
            assert!(
                text.contains(&format!("href=\"#{field}\"")) && text.contains(&format!("id=\"{field}\"")),
                "{field}"
            );
        }
        assert!(text.contains("请先改正 6 处") && text.contains("value=\"很多\""), "{text}");
        let rows = [person_row("", "2028-12-31"), person_row("示例甲", "明年")];
        let text = send("people", &rows.concat()).text();
        assert!(text.contains("id=\"name-1-error\"") && text.contains("id=\"card_valid_until-2-error\""), "{text}");
        // By the API the first is said, and how many there are.
        let said = world.post(&school.clerk, &path(&school, "people"), json!({"people": [{"kind": "expert", "name": " "}, {"kind": "expert", "name": "", "trade_code": "6-31-01-03"}]})).refused("A1");
        assert!(said.what.contains("第1行，没有填写姓名") && said.remedy.contains("另有2处"), "{said:?}");
        // A row is struck out by its box, whatever it says.
        let rows = [person_row("示例甲", "2028-12-31"), person_row("示例乙", "2028-12-31")];
        assert_eq!(send("people", &[&rows.concat()[..], &[("strike", "0")]].concat()).status, StatusCode::SEE_OTHER);
        let view = detail(world, &school.clerk, &school);
        assert_eq!((view["people"].as_array().map(Vec::len), &view["people"][0]["name"]), (Some(1), &json!("示例乙")));
        // How far it is stands on every part's page.
        for part in ["body", "trades", "people", "sites", "materials"] {
            let page = world.page(clerk, &path(&school, part)).text();
            assert!(page.contains("全部 11 项检查已完成 8 项"), "{part}: {page}");
        }
        // A submission that is refused says all of it, each with the way there.
        let refused = world.submit(Some(&school.head), &path(&school, ""), &path(&school, "submission"), &[]).text();
        assert!(
            refused.contains("提交前须完成 4 处")
                && refused.contains(&format!("href=\"{}\">没有专职工作人员", path(&school, "people"))),
            "{refused}"
        );
    });
}

#[test]
fn a1_what_two_write_at_once_is_not_overwritten_unseen() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let clerk = Some(&school.clerk);
        let page = path(&school, "people");
        let seen = hidden(&world.page(clerk, &page).text(), "seen");
        assert_eq!(seen, detail(world, &school.clerk, &school)["parts"][2]["seen"], "the API gives the same mark");
        let send = |seen: &str, name: &str| {
            let fields = [&person_row(name, "2028-12-31")[..], &[("seen", seen)]].concat();
            world.submit(clerk, &page, &page, &fields)
        };
        // Another part may be saved meanwhile.
        world.post(&school.head, &path(&school, "body"), json!({"form": body_form()})).done();
        assert_eq!(send(&seen, "示例先存").status, StatusCode::SEE_OTHER);
        let second = send(&seen, "示例后存");
        assert_eq!(second.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = second.text();
        assert!(
            text.contains("在您打开之后已被改动")
                && text.contains("示例先存（专家）")
                && text.contains("value=\"示例后存\""),
            "{text}"
        );
        assert_eq!(detail(world, &school.clerk, &school)["people"][0]["name"], "示例先存", "nothing was overwritten");
        // Who has seen both may save over it.
        assert_eq!(send(&hidden(&text, "seen"), "示例后存").status, StatusCode::SEE_OTHER);
        assert_eq!(detail(world, &school.clerk, &school)["people"][0]["name"], "示例后存");
        for (part, fields) in [
            ("body", json!({"form": body_form()})),
            ("trades", json!({"trades": []})),
            ("people", json!({"people": []})),
            ("sites", json!({"sites": []})),
        ] {
            let mut fields = fields;
            fields["seen"] = json!("0123456789abcdef");
            let said = world.post(&school.clerk, &path(&school, part), fields).refused("平台规则·同时修改");
            assert!(said.remedy.contains("对照"), "{said:?}");
        }
        // A form that comes when the filing has gone on shows what was typed.
        let seen = hidden(&world.page(clerk, &path(&school, "sites")).text(), "seen");
        let csrf = hidden(&world.page(clerk, &path(&school, "sites")).text(), "csrf");
        world.post(&school.clerk, &path(&school, "people"), json!({"people": people(TRADES)})).done();
        world.submit_filing(&school);
        let site = [
            ("name[]", "示例迟到"),
            ("kind[]", "camera"),
            ("trade_code[]", ""),
            ("count[]", "1"),
            ("note[]", ""),
            ("days_kept[]", "180"),
            ("seen", &*seen),
            ("csrf", &*csrf),
        ];
        let late = post_form(world, &path(&school, "sites"), &school.clerk.token, FORM, encoded(&site));
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.text().contains("value=\"示例迟到\"") && late.text().contains("退回申请"), "{}", late.text());
    });
}

#[test]
fn a1_a_part_sent_after_its_session_ended_goes_on_after_signing_in() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let clerk = Some(&school.clerk);
        let forms: Vec<(&str, Vec<(&str, &str)>)> = vec![
            ("body", vec![("address", "示例过期路")]),
            ("trades", vec![("trade[]", "车工"), ("level[]", ""), ("major[]", "示例过期专业")]),
            ("people", person_row("示例过期人", "明年").to_vec()),
            (
                "sites",
                vec![
                    ("name[]", "示例过期室"),
                    ("kind[]", "camera"),
                    ("trade_code[]", ""),
                    ("count[]", "很多"),
                    ("note[]", ""),
                    ("days_kept[]", ""),
                ],
            ),
        ];
        // Everything is read while the session lasts, and sent when it has ended.
        let tokens: Vec<(String, String)> = forms
            .iter()
            .map(|(part, _)| {
                let page = world.page(clerk, &path(&school, part)).text();
                (hidden(&page, "csrf"), hidden(&page, "seen"))
            })
            .collect();
        crate::certificate::put(world, "DELETE FROM session", vec![vec![]]);
        for ((part, fields), (csrf, seen)) in forms.iter().zip(&tokens) {
            let fields = [&fields[..], &[("csrf", csrf.as_str()), ("seen", seen.as_str()), ("do", "save")]].concat();
            let asked = post_form(world, &path(&school, part), &school.clerk.token, FORM, encoded(&fields));
            assert_eq!(asked.status, StatusCode::UNAUTHORIZED, "{part}");
            let kept = hidden(&asked.text(), "kept");
            let fields = [("login", &*school.clerk.login), ("password", PASSWORD), ("next", "/work"), ("kept", &kept)];
            let again = post_form(world, "/sign-in", "", FORM, encoded(&fields));
            assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{part}: {}", again.text());
            assert!(again.text().contains("示例过期") && again.text().contains("请先改正"), "{part}: {}", again.text());
        }
        // A long list travels too.
        let until = "2028-12-31";
        let rows: Vec<_> = (0..400).flat_map(|_| person_row("示例考评人员某某", until)).collect();
        let fields = [&rows[..], &[("csrf", tokens[2].0.as_str()), ("do", "more")]].concat();
        let asked = post_form(world, &path(&school, "people"), &school.clerk.token, FORM, encoded(&fields));
        assert!(asked.text().contains("name=\"kept\""), "a list of 400 people is not given up");
        assert_eq!(world.call(None, Method::GET, "/majors", None).status, StatusCode::UNAUTHORIZED);
    });
}
