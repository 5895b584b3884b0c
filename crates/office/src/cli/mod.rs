//! The command line: the same acts as pages and API, the server, and the checks that a clerk can run alone.
//! Every command has `--json`; what it prints is stable.

pub mod archive;
pub mod check;
pub mod due;
mod export;
mod log;
mod query;
mod sending;
mod serve;
mod vc_api;
pub mod verify;

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use rules::Refusal;
use rules::people::Role;
use rules::refusal::RefusalView;
use serde_json::{Map, Value, json};

use sending::Sending;
use serve::make_house;
pub use serve::{Listen, open_house};

use crate::account::{CreateAccount, Secret, caller_for};
use crate::door::{Caller, Stop, Via};
use crate::reference::{ImportTable, TableKind};
use crate::web::api::Kinds;

/// 匠册：技工院校职业技能等级认定平台（闽人社办〔2020〕60号）。
#[derive(Parser)]
#[command(name = "jiangce", version, about, propagate_version = true, disable_help_subcommand = true)]
struct Cli {
    /// 以 JSON 输出，供程序读取
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// Where the house keeps its things.
#[derive(Args, Clone, Debug)]
pub struct House {
    /// 数据目录：数据库、文件、密钥
    #[arg(long, env = "JIANGCE_DATA", default_value = "data")]
    pub data: PathBuf,
    /// 数据库：默认为数据目录中的 SQLite，或 postgres://…
    #[arg(long, env = "JIANGCE_DATABASE")]
    pub database: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// 启动虚构的省（演示），数据另存，绝不用于正式业务
    Demo {
        #[command(flatten)]
        house: House,
        #[command(flatten)]
        listen: Listen,
        #[command(flatten)]
        sending: Sending,
    },
    /// 启动服务
    Serve {
        #[command(flatten)]
        house: House,
        #[command(flatten)]
        listen: Listen,
        #[command(flatten)]
        sending: Sending,
    },
    /// 只提供公开查询的只读服务，读取数据库副本；没有登录，不办理任何事项
    Query(query::Query),
    /// 升级数据库结构
    Migrate {
        #[command(flatten)]
        house: House,
    },
    /// 导入参考数据表：workdays、occupations、standards、catalogue…
    Import {
        kind: String,
        file: PathBuf,
        /// 来源：文号或网址
        #[arg(long)]
        source: String,
        #[command(flatten)]
        house: House,
    },
    /// 开设账号；第一个系统管理员由此产生
    User {
        login: String,
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "administrator")]
        role: String,
        /// 机构编号（经办人、负责人）
        #[arg(long)]
        body: Option<i64>,
        /// 单位代码（中心、人社局、省厅）
        #[arg(long)]
        office: Option<String>,
        /// 从标准输入读取密码；不给则生成一个并显示一次
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        house: House,
    },
    /// 办理到期事项（服务运行时每分钟自动办理）；给出邮件或短信参数时，也投递等待的消息
    Due {
        #[command(flatten)]
        house: House,
        /// 对外网址，写入消息中的链接
        #[arg(long, env = "JIANGCE_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
        public_url: String,
        #[command(flatten)]
        sending: Sending,
    },
    /// 以某账号的身份办理一个动作，参数为 字段=值
    Act {
        /// 动作名，例如 SubmitFiling；--list 列出全部
        kind: Option<String>,
        fields: Vec<String>,
        #[arg(long = "as")]
        login: Option<String>,
        /// 幂等键：同一键只办一次
        #[arg(long)]
        once: Option<String>,
        #[arg(long)]
        list: bool,
        #[command(flatten)]
        house: House,
    },
    /// 以某账号的身份查看，参数为 字段=值
    Look {
        kind: Option<String>,
        fields: Vec<String>,
        #[arg(long = "as")]
        login: Option<String>,
        #[arg(long)]
        list: bool,
        #[command(flatten)]
        house: House,
    },
    /// 计算工作日：从某日起第几个工作日，负数向前
    Workdays {
        start: String,
        #[arg(allow_hyphen_values = true)]
        count: String,
        /// 使用已导入的工作日表
        #[arg(long, env = "JIANGCE_DATA")]
        data: Option<PathBuf>,
    },
    /// 离线检查：证件号码、名册
    Check {
        #[command(subcommand)]
        what: check::Check,
    },
    /// 逐条列出通知：在哪里执行，由哪个测试证明
    Clauses,
    /// 核验一本证书：电子证书 PDF 可离线核验；编号按编码规则核对，有数据目录时再查记录。verify draw 复核抽取记录
    Verify(verify::Verify),
    /// 批次档案：离线核对下载的 ZIP
    Archive {
        #[command(subcommand)]
        what: archive::Archive,
    },
    /// 导出：全国交换表、公钥
    Export {
        #[command(subcommand)]
        what: export::Export,
    },
    /// 公开日志：核对、签署
    Log {
        #[command(subcommand)]
        what: log::Log,
    },
    /// 在新目录中写入虚构证书，供测量公开查询
    #[command(hide = true)]
    BenchData {
        #[arg(long)]
        certificates: usize,
        #[command(flatten)]
        house: House,
    },
    /// 一致性测试：可验证凭证接口（W3C VC API），只监听本机，与正式服务无关
    VcApi(vc_api::VcApi),
    /// 把文件存入平台，返回编号，供动作引用
    Keep {
        file: PathBuf,
        #[command(flatten)]
        house: House,
    },
}

/// What a command prints and how it ends.
pub struct Outcome {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: Value,
    /// Whether all is well; otherwise the exit status is 1.
    pub well: bool,
}

impl Outcome {
    /// All is well.
    pub fn well(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, well: true }
    }
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let as_json = cli.json;
    match perform(cli.command) {
        Ok(outcome) => {
            let text = if as_json { outcome.json.to_string() } else { outcome.text };
            if !text.is_empty() {
                println!("{}", text.trim_end());
            }
            if outcome.well { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(stop) => {
            report(&stop, as_json);
            ExitCode::from(if matches!(stop, Stop::Fault(_)) { 70 } else { 2 })
        }
    }
}

fn report(stop: &Stop, as_json: bool) {
    let refusal = match stop {
        Stop::Refused(refusal) | Stop::RefusedAndKept(refusal) => Some(RefusalView::from(&**refusal)),
        Stop::RefusedBefore(view) => Some((**view).clone()),
        _ => None,
    };
    if as_json {
        println!("{}", json!({"error": stop.to_string(), "refusal": refusal}));
    } else if let Some(view) = refusal {
        eprintln!("不能办理（{}）：{}。\n办法：{}", view.ground, view.what, view.remedy);
    } else {
        let said = match stop {
            Stop::NotFound => "没有这条记录，或它不在管辖范围内".to_owned(),
            Stop::NotGranted => "该账号的角色不办理这件事".to_owned(),
            Stop::SignInFirst => "请用 --as 指明账号".to_owned(),
            other => other.to_string(),
        };
        eprintln!("{said}");
    }
}

fn perform(command: Command) -> Result<Outcome, Stop> {
    match command {
        Command::Demo { house, listen, sending } => serve::run(&demo_house(house), &listen, &sending, true),
        Command::Serve { house, listen, sending } => serve::run(&house, &listen, &sending, false),
        Command::Query(asked) => query::run(&asked),
        Command::Migrate { house } => {
            crate::door::files::make_folder(&house.data).map_err(Stop::fault)?;
            let engine = crate::db::Engine::open(&serve::database_url(&house))?;
            let steps = crate::db::migrate(&engine)?;
            make_house(&house)?;
            Ok(Outcome::well(format!("数据库结构已是最新，本次升级 {steps} 步。"), json!({"steps": steps})))
        }
        Command::Import { kind, file, source, house } => import(&kind, &file, source, &house),
        Command::User { login, name, role, body, office, password_stdin, house } => {
            let role = Role::from_code(&role).ok_or_else(|| {
                let codes: Vec<&str> = Role::ALL.iter().filter(|r| r.has_account()).map(|r| r.code()).collect();
                Refusal::house("命令行", format!("没有角色 {role}")).remedy(format!("可用：{}", codes.join("、")))
            })?;
            let generated = (!password_stdin).then(crate::web::page::fresh);
            let password = match &generated {
                Some(password) => password.clone(),
                None => {
                    let mut text = String::new();
                    std::io::stdin().read_to_string(&mut text).map_err(Stop::fault)?;
                    text.trim_end_matches(['\r', '\n']).to_owned()
                }
            };
            let act = CreateAccount { login: login.clone(), name, role, body, office, password: Secret::new(password) };
            let made = make_house(&house)?.act(&Caller::operator(), act)?;
            let shown = generated
                .as_ref()
                .map(|password| format!("初始密码（只显示这一次）：{password}\n"))
                .unwrap_or_default();
            Ok(Outcome::well(
                format!("账号 {login} 已开设，首次登录须修改密码。\n{shown}"),
                json!({"id": made.id, "login": login, "password": generated}),
            ))
        }
        Command::Due { house, public_url, sending } => {
            let office = open_house(&house)?;
            office.send_by(sending.channels(&public_url)?);
            office.exchange_by(sending.connector()?);
            let mut done = due::run(&office)?;
            done.letters = crate::delivery::send_waiting(&office)?;
            done.exchanged = crate::exchange::push_waiting(&office)?;
            Ok(Outcome::well(format!("已办理到期事项 {} 项。", done.total()), json!(done)))
        }
        Command::Act { list: true, .. } => Ok(list(crate::features().acts.into_keys())),
        Command::Look { list: true, .. } => Ok(list(crate::features().looks.into_keys())),
        Command::Act { kind, fields, login, once, house, .. } => {
            let features = crate::features();
            let kind = kind.unwrap_or_default();
            let call = features.acts.get(kind.as_str()).ok_or_else(|| unknown(&kind))?;
            let office = open_house(&house)?;
            let caller = who(&office, login.as_deref())?;
            let fields = read_fields(&fields, &features.kinds[kind.as_str()])?;
            let answer = call(&office, &caller, once.as_deref(), fields)?;
            Ok(Outcome::well(format!("已办理。{answer}"), answer))
        }
        Command::Look { kind, fields, login, house, .. } => {
            let features = crate::features();
            let kind = kind.unwrap_or_default();
            let call = features.looks.get(kind.as_str()).ok_or_else(|| unknown(&kind))?;
            let office = open_house(&house)?;
            let caller = who(&office, login.as_deref())?;
            let answer = call(&office, &caller, read_fields(&fields, &features.kinds[kind.as_str()])?)?;
            Ok(Outcome::well(serde_json::to_string_pretty(&answer).map_err(Stop::fault)?, answer))
        }
        Command::Workdays { start, count, data } => check::workdays(&start, &count, data.as_deref()),
        Command::Check { what } => check::run(what),
        Command::Clauses => Ok(clauses()),
        Command::Verify(asked) => verify::run(&asked),
        Command::Archive { what } => archive::run(&what),
        Command::Export { what } => export::run(what),
        Command::Log { what } => log::run(what),
        Command::BenchData { certificates, house } => {
            let urls = house.data.join("urls.txt");
            crate::certificate::bench(&make_house(&house)?, certificates, &urls)?;
            Ok(Outcome::well(
                format!("已写入虚构证书 {certificates} 本，查询地址在 {}", urls.display()),
                json!({"certificates": certificates, "urls": urls.display().to_string()}),
            ))
        }
        Command::VcApi(asked) => vc_api::run(&asked),
        Command::Keep { file, house } => {
            let bytes = std::fs::read(&file).map_err(Stop::fault)?;
            let (hash, kind) = open_house(&house)?.files().keep(&bytes)?;
            Ok(Outcome::well(hash.0.clone(), json!({"hash": hash.0, "kind": kind.code(), "size": bytes.len()})))
        }
    }
}

/// The coverage table: each clause, where it is enforced and which story proves it.
fn clauses() -> Outcome {
    let mut text = String::new();
    for covered in crate::home::coverage() {
        let proof = match &covered.excuse {
            Some(excuse) => format!("尚未：{excuse}"),
            None => covered.stories.join(" "),
        };
        text += &format!("{}\t{}\t{}\t{proof}\n", covered.id, covered.place, covered.enforced.join(" "));
    }
    Outcome::well(text, json!(crate::home::coverage()))
}

/// The make-believe province never shares a folder with a real one.
fn demo_house(house: House) -> House {
    let is_default = house.data.as_os_str() == "data";
    if is_default { House { data: PathBuf::from("demo-data"), ..house } } else { house }
}

fn import(kind: &str, file: &std::path::Path, source: String, house: &House) -> Result<Outcome, Stop> {
    let kind = TableKind::from_code(kind).ok_or_else(|| {
        let codes: Vec<&str> = TableKind::ALL.iter().map(|kind| kind.code()).collect();
        Refusal::house("命令行", format!("没有数据表 {kind}")).remedy(format!("可用：{}", codes.join("、")))
    })?;
    let content = std::fs::read_to_string(file).map_err(|error| {
        Refusal::house("命令行", format!("读不了文件：{error}")).remedy("请给出 UTF-8 编码的 CSV 文件")
    })?;
    let made = open_house(house)?.act(&Caller::operator(), ImportTable { kind, source, content })?;
    Ok(Outcome::well(format!("{}已导入，立即生效。", kind.name()), json!({"id": made.id, "kind": kind.code()})))
}

fn list(names: impl Iterator<Item = &'static str>) -> Outcome {
    let names: Vec<&str> = names.collect();
    Outcome::well(names.join("\n"), json!(names))
}

fn unknown(kind: &str) -> Stop {
    Refusal::house("命令行", format!("没有“{kind}”")).remedy("加 --list 列出全部").into()
}

fn who(office: &crate::door::Office, login: Option<&str>) -> Result<Caller, Stop> {
    let login = login.ok_or(Stop::SignInFirst)?;
    caller_for(office, login, Via::Cli).map_err(|stop| match stop {
        Stop::NotFound => Refusal::house("命令行", format!("没有账号 {login}")).remedy("请核对登录名").into(),
        other => other,
    })
}

/// `field=value` pairs as JSON, each as its field wants it: `350102` is a text where a text is wanted. `field=@FILE`
/// takes a file's text.
fn read_fields(pairs: &[String], kinds: &Kinds) -> Result<Value, Stop> {
    let mut fields = Map::new();
    for pair in pairs {
        let (name, text) = pair.split_once('=').ok_or_else(|| {
            Refusal::house("命令行", format!("“{pair}”不是 字段=值")).remedy("例如 filing=123 reason=材料不全")
        })?;
        let value = match text.strip_prefix('@') {
            Some(path) => Value::String(std::fs::read_to_string(path).map_err(Stop::fault)?),
            None => kinds.spoken(name, text),
        };
        fields.insert(name.to_owned(), value);
    }
    Ok(Value::Object(fields))
}
