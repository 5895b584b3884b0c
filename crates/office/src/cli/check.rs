//! Checks that need neither server nor database: identity numbers, working days, rosters on the clerk's own desk.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use rules::certificate::Level;
use rules::certificate_check::CheckVerdict;
use rules::eligibility;
use rules::identity::{self, IdKind};
use rules::refusal::RefusalView;
use rules::{Day, Refusal};
use serde_json::json;
use sheets::{EnrolmentIndex, RosterContext};

use super::{House, Outcome, open_house, who};
use crate::db::Engine;
use crate::door::{Stop, clock};
use crate::employer::{CheckCertificates, CheckResult, CheckedRow, ROWS_MAX, check_by_index, workbook};
use crate::reference::Reference;
use crate::roster;

#[derive(Subcommand)]
pub enum Check {
    /// 检查证件号码
    Id {
        #[arg(required = true)]
        numbers: Vec<String>,
        /// 证件类型，不给则按号码判断
        #[arg(long)]
        kind: Option<String>,
    },
    /// 检查报名名册，与上传时的检查相同
    Roster(RosterFile),
    /// 在本地按证书索引核验名单：不联网，不告诉任何人核验了谁
    List {
        /// 名单：.xlsx、.xls 或 .csv，表头为 姓名、证书编号
        file: PathBuf,
        /// 证书索引
        #[arg(long)]
        index: PathBuf,
        /// 公钥文件（jiangce-keys.txt）；不给则只核对索引自身的签名，不核对由谁签发
        #[arg(long)]
        key: Option<PathBuf>,
        /// 写入的 .xlsx 文件
        #[arg(long)]
        out: PathBuf,
    },
    /// 以用人单位账号批量核验证书：名单中每行一人，结果写入 .xlsx
    Certificates {
        /// 名单：.xlsx、.xls 或 .csv，表头为 姓名、证件号码、证书编号
        file: PathBuf,
        /// 写入的 .xlsx 文件
        #[arg(long)]
        out: PathBuf,
        /// 用人单位的账号
        #[arg(long = "as")]
        login: Option<String>,
        #[command(flatten)]
        house: House,
    },
}

/// A roster on the clerk's own desk, and what it is checked against.
#[derive(Args)]
pub struct RosterFile {
    /// 名册文件：.xlsx、.xls 或 .csv
    file: PathBuf,
    /// 职业代码，例如 4-03-02-01
    #[arg(long)]
    occupation: String,
    /// 认定等级：5 至 1
    #[arg(long)]
    level: String,
    /// 首场考试的日期，例如 2026-12-07
    #[arg(long)]
    on: String,
    /// 学籍名册文件；给出时只认本校学生
    #[arg(long)]
    enrolment: Option<PathBuf>,
    /// 执行标准的版本年份；不给则按该职业现行标准
    #[arg(long)]
    edition: Option<i16>,
    /// 与职业对应的专业，可给多个；不给则不核对专业
    #[arg(long)]
    major: Vec<String>,
    /// 把标注好的文件写到这里
    #[arg(long)]
    marked: Option<PathBuf>,
    /// 使用已导入的参考数据
    #[arg(long, env = "JIANGCE_DATA")]
    data: Option<PathBuf>,
}

pub(super) fn run(what: Check) -> Result<Outcome, Stop> {
    match what {
        Check::Id { numbers, kind } => Ok(ids(&numbers, kind.as_deref())),
        Check::Roster(asked) => roster(&asked),
        Check::List { file, index, key, out } => list(&file, &index, key.as_deref(), &out),
        Check::Certificates { file, out, login, house } => certificates(&file, &out, login.as_deref(), &house),
    }
}

fn list(file: &Path, index: &Path, key: Option<&Path>, out: &Path) -> Result<Outcome, Stop> {
    let root = key.map(|key| {
        let text = String::from_utf8_lossy(&read_file(key)?).into_owned();
        let keys = proof::read_keys(&text).map_err(|error| wrong(error.to_string(), "请用下载的公钥文件"))?;
        keys.into_iter().next().ok_or_else(|| wrong("公钥文件是空的".into(), "请用下载的公钥文件"))
    });
    let root = root.transpose()?;
    let lines = sheets::read_certificate_checks(&read_file(file)?, ROWS_MAX)?;
    let rows = check_by_index(&read_file(index)?, root.as_ref(), &lines)?;
    let valid = rows.iter().filter(|row| row.verdict == CheckVerdict::Valid).count();
    written(&rows, valid, out)
}

/// Writes what came of a list; all is well where every row is.
fn written(rows: &[CheckedRow], valid: usize, out: &Path) -> Result<Outcome, Stop> {
    std::fs::write(out, workbook(rows)?).map_err(Stop::fault)?;
    let count = rows.len();
    Ok(Outcome {
        text: format!("已核验 {count} 行，有效 {valid} 行，结果在 {}", out.display()),
        json: json!({"rows": count, "valid": valid, "file": out.display().to_string()}),
        well: valid == count,
    })
}

fn certificates(file: &Path, out: &Path, login: Option<&str>, house: &House) -> Result<Outcome, Stop> {
    let bytes = read_file(file)?;
    let office = open_house(house)?;
    let caller = who(&office, login)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let checked = office.act(&caller, CheckCertificates::of(name, &bytes))?;
    let view = office.look(&caller, &CheckResult { check: checked.id })?;
    let valid = view.rows.iter().filter(|row| row.verdict == CheckVerdict::Valid).count();
    written(&view.rows, valid, out)
}

fn wrong(what: String, remedy: &str) -> Refusal {
    Refusal::house("命令行", what).remedy(remedy)
}

fn read_file(file: &Path) -> Result<Vec<u8>, Refusal> {
    std::fs::read(file).map_err(|error| wrong(format!("读不了 {}：{error}", file.display()), "请核对文件路径"))
}

fn roster(asked: &RosterFile) -> Result<Outcome, Stop> {
    let on: Day = asked.on.parse().map_err(|_| wrong(format!("“{}”不是日期", asked.on), "例如 --on 2026-12-07"))?;
    let level = Level::from_text(&asked.level)?;
    let reference = reference(asked.data.as_deref())?;
    if reference.trades.occupations.get(&asked.occupation).is_none() {
        let remedy = "请填写职业分类大典（2022年版）中的职业代码，例如 4-03-02-01";
        return Err(wrong(format!("没有职业 {}", asked.occupation), remedy).into());
    }
    let today = clock::day_of(clock::real_now());
    let enrolled = asked
        .enrolment
        .as_deref()
        .map(|file| Ok::<_, Stop>(sheets::read_enrolment(&read_file(file)?, today, true)?))
        .transpose()?;
    let enrolment = enrolled.as_ref().map(|check| EnrolmentIndex::new(check.rows.iter().cloned()));
    let names = roster::occupation_names(&reference.trades, &asked.occupation, &[]);
    let generation = match asked.edition {
        Some(year) => eligibility::generation(Some(year)),
        None => roster::usual_generation(&reference.trades, &asked.occupation),
    };
    let context = RosterContext {
        level,
        occupation_code: &asked.occupation,
        occupation_names: &names,
        majors: &asked.major,
        generation,
        on,
        today,
        enrolment: enrolment.as_ref(),
        // Other batches are the platform's to know; it asks at the upload.
        running: &|_| None,
        own_students: enrolment.is_some().then_some(rules::Clause::S1_1_3),
        made_up_people: true,
    };
    let bytes = read_file(&asked.file)?;
    let check = sheets::check_roster(&bytes, &context)?;
    if let Some(file) = &asked.marked {
        let marked = sheets::marked_up(&bytes, &check.findings)?;
        std::fs::write(file, marked)
            .map_err(|error| wrong(format!("写不了 {}：{error}", file.display()), "请换一个可以写入的位置"))?;
    }
    let faults = check.findings.iter().filter(|finding| finding.is_fault()).count();
    let warnings = check.findings.len() - faults;
    let mut text = String::new();
    let register = enrolled.as_ref().map_or(&[][..], |check| &check.findings);
    for (file, findings) in [("名册", &check.findings[..]), ("学籍名册", register)] {
        for finding in findings {
            let weight = if finding.is_fault() { "须更正" } else { "请核对" };
            text += &format!(
                "{weight}\t{file}\t{}\t第{}行\t{}{}\t{}\t{}（{}）\t{}\n",
                finding.sheet,
                finding.row,
                finding.column,
                finding.column_name,
                finding.value,
                finding.reason,
                finding.ground,
                finding.remedy
            );
        }
    }
    text +=
        &format!("读取{}行，{}行可以导入；须更正{faults}处，请核对{warnings}处。\n", check.rows_read, check.good.len());
    let json = json!({
        "rows_read": check.rows_read, "rows_good": check.good.len(), "faults": faults, "warnings": warnings,
        "findings": check.findings, "enrolment_findings": register,
    });
    Ok(Outcome { text, json, well: faults == 0 })
}

fn ids(numbers: &[String], kind: Option<&str>) -> Outcome {
    let today = clock::day_of(clock::real_now());
    let mut text = String::new();
    let mut rows = Vec::new();
    let mut well = true;
    for raw in numbers {
        let kind = kind.map_or_else(|| identity::guess(raw), IdKind::from_text).unwrap_or(IdKind::ResidentId);
        match identity::check(kind, raw, today) {
            Ok(found) => {
                let warning = found.warning.clone().unwrap_or_default();
                text += &format!("{raw}\t有效\t{}\t{warning}\n", found.kind.name());
                rows.push(json!({"value": raw, "valid": true, "kind": found.kind.code(), "number": found.number,
                    "born": found.born.map(|day| day.to_string()), "warning": found.warning}));
            }
            Err(refusal) => {
                well = false;
                text += &format!("{raw}\t无效\t{}\t{}\n", refusal.what, refusal.remedy);
                rows.push(
                    json!({"value": raw, "valid": false, "kind": kind.code(), "refusal": RefusalView::from(&refusal)}),
                );
            }
        }
    }
    Outcome { text, json: json!(rows), well }
}

pub(super) fn workdays(start: &str, count: &str, data: Option<&Path>) -> Result<Outcome, Stop> {
    let wrong = |what: String| Refusal::house("命令行", what).remedy("例如 jiangce workdays 2026-09-30 +5");
    let start: Day = start.parse().map_err(|_| wrong(format!("“{start}”不是日期")))?;
    let count: i32 = count.parse().map_err(|_| wrong(format!("“{count}”不是整数")))?;
    let day = reference(data)?.calendar.add(start, count)?;
    Ok(Outcome::well(
        day.to_string(),
        json!({"start": start.to_string(), "working_days": count, "day": day.to_string()}),
    ))
}

/// The tables that ship, with what was imported into a data folder where one is named and has a database.
pub(super) fn reference(data: Option<&Path>) -> Result<Reference, Stop> {
    match data.map(|data| data.join("jiangce.db")).filter(|file| file.exists()) {
        Some(file) => Ok(Engine::open(&file.display().to_string())?.read(crate::reference::load)?),
        None => Reference::shipped().map_err(Stop::fault),
    }
}
