//! Certificates per second, their size and the peak of memory: `cargo run --release -p press --example speed -- 1000`.
//! Rates are per second of processor time, so that a busy machine and helping threads don't flatter or blame.
//! With a folder as the second argument one document of each kind is left there.

use std::fs;
use std::path::Path;
use std::time::Instant;

use jiff::civil::date;
use press::{Bound, Column, Content, Form, Layout, Offset, Press, Receipt, Scope, Section, Table, attachment};

use made_up::{certificate, portrait, signer};

mod made_up;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let count: usize = args.next().map_or(Ok(1000), |n| n.parse())?;
    if let Some(folder) = args.next() {
        samples(Path::new(&folder))?;
    }

    let upload = portrait(600, 840, 0);
    let stored: Vec<Vec<u8>> = (0..64)
        .map(|seed| press::photo(&portrait(295, 413, seed)).map(|p| p.into_owned()))
        .collect::<Result<_, _>>()?;
    println!("photo of {} KB, prepared {} KB", upload.len() >> 10, stored[0].len() >> 10);

    let (mut bytes, press) = (0, Press::new());
    press.certificate(&certificate(0, &stored[0]))?;
    let clock = Clock::start();
    for i in 0..count {
        bytes += press.certificate(&certificate(i, &stored[i % 64]))?.len();
    }
    clock.report("certificates, photo prepared", count);
    println!("  {:.1} KB each", bytes as f64 / 1024.0 / count as f64);

    let (clock, mut bytes) = (Clock::start(), 0);
    for i in 0..count {
        let one = certificate(i, &stored[i % 64]);
        bytes += made_up::signed(&one, &signer(&one.body_name)?)?.len();
    }
    clock.report("certificates, signed", count);
    println!("  {:.1} KB each", bytes as f64 / 1024.0 / count as f64);

    let clock = Clock::start();
    for i in 0..count / 10 {
        press.certificate(&certificate(i, &upload))?;
    }
    clock.report("certificates, photo as uploaded", count / 10);

    let clock = Clock::start();
    let file = std::env::temp_dir().join("press-speed.pdf");
    let out = std::io::BufWriter::new(fs::File::create(&file)?);
    let bound: Bound = press.certificates((0..count).map(|i| certificate(i, &stored[i % 64])), Layout::Whole, out)?;
    assert_eq!((bound.pages, bound.refused.len()), (count, 0));
    clock.report("pages bound into one file", count);
    println!("  {:.1} KB each", fs::metadata(&file)?.len() as f64 / 1024.0 / count as f64);
    fs::remove_file(file)?;

    let clock = Clock::start();
    let rows = 2000;
    press.table(&table(rows))?;
    clock.report("rows of a list", rows);
    Ok(())
}

struct Clock {
    wall: Instant,
    cpu: f64,
}

impl Clock {
    fn start() -> Clock {
        Clock { wall: Instant::now(), cpu: cpu_seconds() }
    }

    fn report(&self, what: &str, count: usize) {
        let cpu = cpu_seconds() - self.cpu;
        let wall = self.wall.elapsed().as_secs_f64();
        println!("{count} {what}: {:.0} per CPU second ({:.0} per second)", count as f64 / cpu, count as f64 / wall);
        println!("  peak {} (anonymous now {}, files now {})", status("VmHWM"), status("RssAnon"), status("RssFile"));
    }
}

/// User and system time in the kernel's ticks of a hundredth of a second.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn status(key: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    let kb: u64 = line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().unwrap_or(0);
    format!("{} MB", kb >> 10)
}

fn table(rows: usize) -> Table {
    let column = |heading: &str, share| Column { heading: heading.into(), share };
    Table {
        title: "职业技能等级认定结果公示表".into(),
        subtitle: Some("示例海峡高级技工学校　2026年第3批　中式烹调师　四级/中级工".into()),
        columns: vec![
            column("序号", 1),
            column("姓名", 2),
            column("证件号码", 4),
            column("理论成绩", 2),
            column("技能成绩", 2),
            column("结果", 2),
        ],
        rows: (1..=rows)
            .map(|i| [&i.to_string(), "林*昇", "350199********001X", "86", "91.5", "合格"].map(String::from).to_vec())
            .collect(),
        notes: vec!["公示期 2026年11月30日至 2026年12月4日，共五个工作日。".into()],
        on: date(2026, 11, 30),
        landscape: false,
    }
}

fn samples(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let press = Press::new();
    fs::create_dir_all(folder)?;
    let mut one = certificate(2, &portrait(600, 840, 2));
    let pdf = press.certificate(&one)?;
    assert_eq!(attachment(&pdf), one.attachment.clone().map(|(_, bytes)| bytes));
    fs::write(folder.join("certificate.pdf"), pdf)?;
    one.name = "阿卜杜热合曼·阿卜杜拉艾力麦麦提依明".into();
    one.work_type = Some("工业机器人系统操作与维护方向".into());
    one.occupation = "智能制造工程技术人员（工业视觉系统运维员）".into();
    one.body_name = "示例省示例市示例县海峡两岸现代服务业高级技工学校（示例技师学院）".into();
    one.level = "二级/技师".into();
    one.photo = None;
    one.province_query = Some("https://jiangce.example.cn/".into());
    fs::write(folder.join("long.pdf"), press.certificate(&one)?)?;
    fs::write(folder.join("signed.pdf"), made_up::signed(&one, &signer(&one.body_name)?)?)?;
    fs::write(folder.join("blank.pdf"), press.blank(one.province_query.clone(), one.issued_on)?)?;
    let offset = Offset { right: 12, down: -5 };
    fs::write(folder.join("trial.pdf"), press.trial(offset, one.province_query.clone(), one.issued_on)?)?;
    let data = vec![certificate(2, &portrait(600, 840, 2)), one.clone()];
    press.certificates(data, Layout::Data(Offset::default()), fs::File::create(folder.join("data.pdf"))?)?;
    let photo = portrait(295, 413, 2);
    press.certificates(
        (0..12).map(|i| certificate(i, &photo)),
        Layout::Whole,
        fs::File::create(folder.join("bound.pdf"))?,
    )?;
    let scope = |code: &str, occupation: &str| Scope {
        code: code.into(),
        occupation: occupation.into(),
        work_type: None,
        levels: ["五级/初级工", "四级/中级工", "三级/高级工"].map(String::from).to_vec(),
    };
    let receipt = Receipt {
        renewed: false,
        body_name: "示例海峡高级技工学校".into(),
        number: "Y001350000001".into(),
        valid_from: date(2026, 3, 2),
        valid_until: date(2029, 3, 1),
        scope: vec![scope("4-03-02-01", "中式烹调师"), scope("6-31-01-03", "电工"), scope("4-14-01-02", "保育师")],
        centre_name: "示例省职业技能鉴定指导中心".into(),
        issued_on: date(2026, 3, 2),
        qr_text: Some("https://jiangce.example.cn/directory/Y001350000001".into()),
    };
    fs::write(folder.join("receipt.pdf"), press.receipt(&receipt)?)?;
    fs::write(folder.join("table.pdf"), press.table(&table(60))?)?;
    let pair = |label: &str, value: &str| (label.to_string(), value.to_string());
    let form = Form {
        mark: None,
        title: "技工院校职业技能等级认定备案表".into(),
        number: Some("闽技备 2026-0017".into()),
        sections: vec![
            Section {
                heading: "一、机构基本情况".into(),
                content: Content::Pairs(vec![
                    pair("机构名称", "示例海峡高级技工学校"),
                    pair("统一社会信用代码", "12350000MB0000000X"),
                    pair("地址", "示例省示例市示例区示例路1880号海峡教育园区综合楼三层"),
                    pair("法定代表人", "林子昇"),
                    pair("联系人", "䶮堃"),
                    pair("主管部门", "示例市人力资源和社会保障局"),
                ]),
            },
            Section {
                heading: "二、拟认定职业".into(),
                content: Content::Table {
                    columns: [("职业编码", 2), ("职业名称", 3), ("等级", 3), ("年认定规模", 2)]
                        .map(|(heading, share)| Column { heading: heading.into(), share })
                        .to_vec(),
                    rows: vec![
                        ["4-03-02-01", "中式烹调师", "五级、四级、三级", "300"].map(String::from).to_vec(),
                        ["6-31-01-03", "电工", "四级、三级", "200"].map(String::from).to_vec(),
                    ],
                },
            },
        ],
        signature_lines: vec!["申请机构负责人（签字）".into(), "中心经办人（签字）".into()],
        on: date(2026, 2, 2),
    };
    fs::write(folder.join("form.pdf"), press.form(&form)?)?;
    Ok(())
}
