//! Where later stories start: helpers that take a world to a stage through the real acts.

use std::sync::atomic::{AtomicU32, Ordering};

use office::account::{self, Accounts, Secret};
use office::door::{Caller, Via};
use rules::filing::{MaterialPer, default_checklist};
use rules::people::Role;
use serde_json::{Value, json};

use crate::held::{name_of, number_of};
use crate::world::{PASSWORD, Person, World};

/// Two occupations of technical schools whose standards are graded.
pub const TRADES: &[(&str, &str)] = &[("4-03-02-01", "中式烹调师"), ("6-18-01-01", "车工")];
/// The catalogue of a school that [`World::fill_filing`] has filled in: code, name, and whether it is a main major.
pub const MAJORS: &[(&str, &str, bool)] = &[
    ("0501", "中式烹调师专业", true),
    ("0502", "烹饪（中式烹调）", true),
    ("0503", "烹饪专业", true),
    ("0201", "车工专业", true),
    ("0301", "电工专业", true),
    ("0901", "示例专业", true),
    ("0603", "茶艺", false),
];
/// A file that is taken as a material.
pub const PDF: &[u8] = b"%PDF-1.7\n% \xe7\xa4\xba\xe4\xbe\x8b\n";

/// Tells schools apart, whichever world they are in.
static TAG: AtomicU32 = AtomicU32::new(1);

/// A school on file, with everyone who took part.
pub struct School {
    pub body: i64,
    pub clerk: Person,
    pub head: Person,
    /// The centre in charge.
    pub centre: Person,
    /// The bureau of its place; none for a provincial school.
    pub bureau: Option<Person>,
    pub provincial_centre: Person,
    pub department: Person,
    pub filing: i64,
    /// The entry of the directory; 0 before there is one.
    pub listing: i64,
    /// The filing number; empty before there is one.
    pub number: String,
}

impl World {
    /// A city school of 福州 that is listed for [`TRADES`] at levels 4 and 3, with its receipt; valid for three years from
    /// the day on which it is called. `name` tells schools of one world apart.
    pub fn filed_school(&self, name: &str) -> School {
        self.filed_school_in(name, "city", "350102")
    }

    /// As [`World::filed_school`], with the affiliation (`city`, `provincial`) and the county that decide who is in charge.
    pub fn filed_school_in(&self, name: &str, affiliation: &str, county: &str) -> School {
        let mut school = self.new_school(name, affiliation, county);
        self.fill_filing(&mut school);
        self.submit_filing(&school);
        self.review_filing(&school);
        self.list_filing(&mut school);
        let path = format!("/filings/{}/receipt", school.filing);
        self.post(&school.provincial_centre, &path, json!({})).done();
        school
    }

    /// A registered school with its people and those in charge of it; nothing is filed yet.
    pub fn new_school(&self, name: &str, affiliation: &str, county: &str) -> School {
        let place = if county == "350128" { county.to_owned() } else { format!("{}00", &county[..4]) };
        let tag = TAG.fetch_add(1, Ordering::Relaxed);
        let body = self.school(name, affiliation, county, &uscc(tag));
        let provincial_centre = self.officer_at(Role::ProvincialCentre, "province-centre");
        let (centre, bureau) = if affiliation == "provincial" {
            (provincial_centre.clone(), None)
        } else {
            (
                self.officer_at(Role::CityCentre, &format!("city-{place}-centre")),
                Some(self.officer_at(Role::CityBureau, &format!("city-{place}-bureau"))),
            )
        };
        School {
            body,
            clerk: self.person_of(&format!("clerk-{tag}"), Role::Clerk, body),
            head: self.person_of(&format!("head-{tag}"), Role::Head, body),
            centre,
            bureau,
            provincial_centre,
            department: self.officer_at(Role::ProvincialDepartment, "province-department"),
            filing: 0,
            listing: 0,
            number: String::new(),
        }
    }

    /// The officer of an office; the account is opened when it is first asked for.
    pub fn officer_at(&self, role: Role, office: &str) -> Person {
        let login = format!("{office}-officer");
        let accounts = self.office.look(&Caller::operator(), &Accounts {}).expect("the accounts").accounts;
        if !accounts.iter().any(|account| account.login == login) {
            return self.officer(&login, role, office);
        }
        let session = account::sign_in(&self.office, Via::Api, &login, &Secret::new(PASSWORD)).expect("a session");
        Person { login, token: session.token }
    }

    /// The clerk starts a filing and fills in every part: [`TRADES`] at levels 4 and 3.
    pub fn fill_filing(&self, school: &mut School) {
        let made = self.post(&school.clerk, "/filings", json!({})).done();
        school.filing = made["id"].as_i64().expect("an id");
        let path = |part: &str| format!("/filings/{}/{part}", school.filing);
        self.import_majors(school, MAJORS);
        self.post(&school.clerk, &path("body"), json!({"form": body_form()})).done();
        self.post(&school.clerk, &path("trades"), json!({"trades": trades(TRADES, &["4", "3"])})).done();
        self.post(&school.clerk, &path("people"), json!({"people": people(TRADES)})).done();
        self.post(&school.clerk, &path("sites"), json!({"sites": sites(TRADES)})).done();
        let file = self.keep(&school.clerk, PDF);
        for item in default_checklist().iter().filter(|item| item.required) {
            let codes: Vec<Option<&str>> = match item.per {
                MaterialPer::Body => vec![None],
                MaterialPer::Trade => TRADES.iter().map(|(code, _)| Some(*code)).collect(),
            };
            for code in codes {
                let material = json!({
                    "code": item.code, "trade_code": code, "file": file, "name": format!("{}.pdf", item.title),
                });
                self.post(&school.clerk, &path("materials"), material).done();
            }
        }
    }

    /// Puts majors into the school's catalogue: code, name, and whether it is a main one.
    pub fn import_majors(&self, school: &School, majors: &[(&str, &str, bool)]) -> Value {
        let line =
            |(code, name, main): &(&str, &str, bool)| format!("{code},{name},{}\n", if *main { "是" } else { "否" });
        let text = "专业代码,专业名称,主干专业\n".to_owned() + &majors.iter().map(line).collect::<String>();
        let file = self.keep(&school.clerk, text.as_bytes());
        self.post(&school.clerk, "/majors", json!({"file": file, "name": "专业目录.csv"})).done()
    }

    /// The head submits.
    pub fn submit_filing(&self, school: &School) -> Value {
        self.post(&school.head, &format!("/filings/{}/submission", school.filing), json!({})).done()
    }

    /// The centre accepts, has it evaluated on site and finds everything qualified; the bureau, where there is one, consents; the provincial
    /// centre gathers.
    pub fn review_filing(&self, school: &School) {
        let path = |part: &str| format!("/filings/{}/{part}", school.filing);
        self.post(&school.centre, &path("acceptance"), json!({})).done();
        self.evaluate_filing(school);
        let decisions = decisions(TRADES, &["4", "3"]);
        self.post(&school.centre, &path("assessment"), json!({"decisions": decisions})).done();
        if let Some(bureau) = &school.bureau {
            self.post(bureau, &path("consent"), json!({"opinion": "同意"})).done();
        }
        self.post(&school.provincial_centre, &path("summary"), json!({})).done();
    }

    /// Five experts of [`TRADES`] enter the register, once in a world.
    pub fn enter_experts(&self) {
        if self.count("SELECT COUNT(*) FROM card WHERE kind = 'expert'") > 0 {
            return;
        }
        let rows = (1..=5).fold(
            "姓名,工作单位,主管部门,职业,最高等级,证卡编号,证卡有效期\n".to_owned(),
            |text, n| {
                let name = ["甲", "乙", "丙", "丁", "戊"][n - 1];
                text + &format!(
                    "示例{name},示例研究院{n},示例省直部门,4-03-02-01、车工、电工,一级,示例专家证{n},2099-12-31\n"
                )
            },
        );
        let provincial_centre = self.officer_at(Role::ProvincialCentre, "province-centre");
        let file = self.keep(&provincial_centre, rows.as_bytes());
        let made = self
            .post(&provincial_centre, "/card-imports", json!({"file": file, "name": "专家.csv", "kind": "expert"}))
            .done();
        assert_eq!((&made["new"], &made["faults"]), (&json!(5), &json!(0)), "{made}");
    }

    /// Puts rows into the register: kind, name, employer, occupation, highest level, card number; valid to the end of 2028.
    pub fn enter_cards(&self, rows: &[(&str, &str, &str, &str, &str, &str)]) {
        let text = rows.iter().fold(
            "证卡类别,姓名,工作单位,职业,最高等级,证卡编号,证卡有效期\n".to_owned(),
            |text, (kind, name, employer, trade, level, number)| {
                text + &format!("{kind},{name},{employer},{trade},{level},{number},2028-12-31\n")
            },
        );
        let provincial_centre = self.officer_at(Role::ProvincialCentre, "province-centre");
        let file = self.keep(&provincial_centre, text.as_bytes());
        let made = self.post(&provincial_centre, "/card-imports", json!({"file": file, "name": "证卡.csv"})).done();
        assert_eq!((&made["new"], &made["faults"]), (&json!(rows.len()), &json!(0)), "{made}");
    }

    /// Everyone whom a batch of [`batch_fields`] of a school called `name` needs, in the register: two assessors and an inspector
    /// of its own, two assessors from elsewhere and an inspector of the centre. Numbers begin with `tag`.
    pub fn enter_examiners(&self, name: &str, tag: &str) {
        let number = |n: &str| format!("{tag}{n}");
        let (a, b, c, d, e) = (number("考1"), number("考2"), number("考3"), number("考4"), number("督1"));
        self.enter_cards(&[
            ("考评员", "示例考一", name, "中式烹调师", "三级", &a),
            ("考评员", "示例考二", name, "中式烹调师", "三级", &b),
            ("考评员", "示例考三", "示例餐饮协会", "中式烹调师", "三级", &c),
            ("高级考评员", "示例考四", "示例大酒店", "中式烹调师", "一级", &d),
            ("内部质量督导员", "示例督一", name, "", "", &e),
        ]);
    }

    /// Who is assigned to a batch of [`batch_fields`] out of [`World::enter_examiners`]: the head from elsewhere, two assessors
    /// of the school, two invigilators without cards, the inspector.
    pub fn examiners(tag: &str) -> Vec<Value> {
        let assessor =
            |duty: &str, n: &str| json!({"duty": duty, "part": "practical", "card_number": format!("{tag}{n}")});
        let invigilator = |name: &str| json!({"duty": "invigilator", "part": "theory", "name": name});
        vec![
            assessor("group_head", "考3"),
            assessor("assessor", "考1"),
            assessor("assessor", "考2"),
            invigilator("示例监一"),
            invigilator("示例监二"),
            json!({"duty": "inspector", "card_number": format!("{tag}督1")}),
        ]
    }

    /// The accepted filing is evaluated on site today by a panel drawn by lot, which finds nothing wanting.
    pub fn evaluate_filing(&self, school: &School) {
        self.evaluate_filing_by(&school.centre, school.filing);
    }

    /// As [`World::evaluate_filing`], by the centre that is in charge now.
    pub fn evaluate_filing_by(&self, centre: &Person, filing: i64) {
        self.enter_experts();
        let path = |part: &str| format!("/filings/{filing}/evaluation{part}");
        let day = json!({"held_on": self.office.today().to_string()});
        self.post(centre, &path(""), day).done();
        let drawn = self.post(centre, &path("/draws"), json!({})).done();
        let sheet = self.get(centre, &path("")).done()["sheet"].clone();
        for member in drawn["members"].as_array().expect("members") {
            let marks = json!({"marks": full_marks(&sheet)});
            self.post(centre, &path(&format!("/members/{}/marks", member["expert"])), marks).done();
        }
        let signed = json!({"item": "signed_sheet", "file": self.keep(centre, PDF), "name": "评分表.pdf"});
        self.post(centre, &path("/evidence"), signed).done();
        self.post(centre, &path("/conclusion"), json!({})).done();
    }

    /// The department records the ministry filing of today and lists the school.
    pub fn list_filing(&self, school: &mut School) {
        let path = |part: &str| format!("/filings/{}/{part}", school.filing);
        let today = self.office.today().to_string();
        let ministry = json!({"reference": "示例部备〔2026〕1号", "filed_on": today});
        self.post(&school.department, &path("ministry-filing"), ministry).done();
        let listed = self.post(&school.department, &path("listing"), json!({})).done();
        school.listing = listed["listing"].as_i64().expect("a listing");
        school.number = listed["number"].as_str().expect("a number").into();
        self.plan_years(&school.head, school.body);
    }

    /// The head publishes the plan of this year and of the next: everything that is on file, all the year round.
    pub fn plan_years(&self, head: &Person, body: i64) {
        for year in [self.office.today().year(), self.office.today().year() + 1] {
            let plan = self.get(head, &format!("/bodies/{body}/year-plan?year={year}")).done();
            let rows: Vec<Value> = plan["choices"]
                .as_array()
                .expect("what is on file")
                .iter()
                .map(|one| {
                    json!({"trade": one["code"], "work_type": one["work_type"], "level": one["level"],
                           "expected": 100_000, "months": "全年"})
                })
                .collect();
            if !rows.is_empty() {
                let plan = json!({"year": year, "rows": rows, "file": null, "reason": "列入新备案的职业"});
                self.post(head, "/year-plans", plan).done();
            }
        }
    }
}

impl World {
    /// The batch of [`batch_fields`], notified today by a school on file; its id. It may start ten working days from
    /// today at the earliest.
    pub fn notified_batch(&self, school: &School, starts_on: &str) -> i64 {
        let plan =
            self.get(&school.head, &format!("/bodies/{}/year-plan?year={}", school.body, &starts_on[..4])).done();
        if plan["versions"] == json!([]) {
            self.plan_years(&school.head, school.body);
        }
        self.post(&school.clerk, "/batches", batch_fields(starts_on)).done()["id"].as_i64().expect("an id")
    }
}

impl World {
    /// As [`World::notified_batch`], with so many own students registered by a roster without a fault; their names and
    /// numbers are those of [`crate::held::name_of`] and [`crate::held::number_of`].
    pub fn rostered_batch(&self, school: &School, starts_on: &str, candidates: usize) -> i64 {
        let batch = self.notified_batch(school, starts_on);
        self.enrol(school, candidates);
        let file = self.keep(&school.clerk, roster(0..candidates).as_bytes());
        let upload = json!({"file": file, "name": "名册.csv"});
        let made = self.post(&school.clerk, &format!("/batches/{batch}/roster"), upload).done();
        assert_eq!((made["new"].as_u64(), made["faults"].as_u64()), (Some(candidates as u64), Some(0)), "{made}");
        batch
    }

    /// Puts so many students of the final year into a school's register.
    pub fn enrol(&self, school: &School, students: usize) {
        let file = self.keep(&school.clerk, register(0..students, self.office.today()).as_bytes());
        let made = self.post(&school.clerk, "/enrolment", json!({"file": file, "name": "学籍.csv"})).done();
        assert_eq!(made["faults"], 0, "{made}");
    }
}

impl World {
    /// Says what a camera recorded of a room.
    pub fn record_room(&self, by: &Person, batch: i64, session: i64, (from, to): (&str, &str)) {
        let one = json!({"session": session, "camera": "前门", "from": from, "to": to, "address": "硬盘录像机1号"});
        self.post(by, &format!("/batches/{batch}/recordings"), json!({"recordings": [one]})).done();
    }
}

/// A register of students who graduate half a year from this day.
pub fn register(students: std::ops::Range<usize>, today: rules::Day) -> String {
    let graduates = today.saturating_add(jiff::Span::new().months(6));
    let (year, month) = (graduates.year(), graduates.month());
    students.fold(
        "学号,姓名,证件号码,专业,班级,培养层次,入学年月,毕业年月\n".to_owned(),
        |text, n| {
            let (name, number) = (name_of(n), number_of(n));
            text + &format!("S{n:04},{name},{number},中式烹调,烹饪1班,中级工班,{}-09,{year}-{month:02}\n", year - 3)
        },
    )
}

/// A roster of such students, in the columns of our template.
pub fn roster(students: std::ops::Range<usize>) -> String {
    students.fold("姓名,证件号码,学号,手机号码\n".to_owned(), |text, n| {
        text + &format!("{},{},S{n:04},\n", name_of(n), number_of(n))
    })
}

/// What a school notifies: 中式烹调师 at level 4, theory on the first day, practice on the day after.
pub fn batch_fields(starts_on: &str) -> Value {
    let starts: rules::Day = starts_on.parse().expect("a day");
    let next = starts.tomorrow().expect("a day").to_string();
    json!({
        "code": "4-03-02-01", "level": "4", "standard": "《中式烹调师》（2018年版）", "starts_on": starts_on, "ends_on": next,
        "theory_on": starts_on, "practical_on": next, "theory_place": "示例教学楼301", "practical_place": "示例实训楼2层",
        "expected": 30, "plan": "示例工作计划", "plan_file": null,
    })
}

/// A made-up unified social credit code with a right check character.
pub fn uscc(n: u32) -> String {
    let base = format!("12350000T00T{n:05}");
    "0123456789ABCDEFGHJKLMNPQRTUWXY"
        .chars()
        .map(|check| format!("{base}{check}"))
        .find(|code| rules::identity::uscc(code).is_ok())
        .expect("one of 31 fits")
}

/// The form about the body, filled in.
pub fn body_form() -> Value {
    json!({
        "address": "示例路1号", "legal_representative": "示例校长", "head": "示例校长", "contact": "示例老师",
        "phone": "0591-00000001", "superior": "示例主管部门", "station_name": "示例职业技能鉴定所",
        "station_number": "示例鉴定所第001号", "majors": "烹饪（中式烹调）、数控加工", "note": "",
    })
}

/// Each occupation at each level.
pub fn trades(trades: &[(&str, &str)], levels: &[&str]) -> Value {
    let rows = trades.iter().flat_map(|(code, name)| {
        levels.iter().map(move |level| {
            json!({"trade": code, "level": level, "major": format!("{name}专业"), "papers": "国家题库", "capacity": 200})
        })
    });
    rows.collect()
}

/// Three assessors for each occupation, and one of every other kind, with cards.
pub fn people(trades: &[(&str, &str)]) -> Value {
    let assessors = trades.iter().flat_map(|(code, name)| {
        (1..=3).map(move |n| {
            json!({"kind": "assessor", "name": format!("示例{name}考评员{n}"), "trade_code": code, "level_max": "3",
                   "card_number": format!("示例考评证{n}"), "card_valid_until": "2028-12-31"})
        })
    });
    let others = ["full_time", "inspector", "expert"].into_iter().map(|kind| {
        json!({"kind": kind, "name": format!("示例{kind}"), "card_number": "示例证1", "card_valid_until": "2028-12-31"})
    });
    assessors.chain(others).collect()
}

/// A room, stations, equipment and cameras for each occupation.
pub fn sites(trades: &[(&str, &str)]) -> Value {
    let rows = trades.iter().flat_map(|(code, name)| {
        ["theory_room", "practical_station", "equipment", "camera"].into_iter().map(move |kind| {
            let days_kept = (kind == "camera").then_some(180);
            let site = match kind {
                "theory_room" => "示例教学楼".to_owned(),
                "practical_station" => "示例实训楼".to_owned(),
                _ => format!("{name}{kind}"),
            };
            json!({"kind": kind, "name": site, "trade_code": code, "count": 40, "days_kept": days_kept})
        })
    });
    rows.collect()
}

/// Full marks for every line of a score sheet, as the evaluation shows it.
pub fn full_marks(sheet: &Value) -> Vec<Value> {
    let line = |line: &Value| json!({"item": line["item"], "trade_code": line["trade_code"], "points": line["full"]});
    sheet.as_array().expect("a sheet").iter().map(line).collect()
}

/// Everything is found qualified.
pub fn decisions(trades: &[(&str, &str)], levels: &[&str]) -> Value {
    let rows = trades
        .iter()
        .flat_map(|(code, _)| levels.iter().map(move |level| json!({"code": code, "level": level, "passed": true})));
    rows.collect()
}
