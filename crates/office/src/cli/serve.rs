//! Opening the house and serving it until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use rules::Refusal;
use serde_json::json;
use tokio::sync::Notify;

use super::sending::Sending;
use super::{House, Outcome};
use crate::db::{Engine, Keep};
use crate::demo;
use crate::door::files::make_folder;
use crate::door::{Clock, Files, Office, Seals, Stop, store};
use crate::public_log;
use crate::web::{Settings, Web, router};

/// How the server listens.
#[derive(Args, Clone, Debug)]
pub struct Listen {
    /// 监听地址
    #[arg(long, env = "JIANGCE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// 对外网址，写入二维码；默认 http://监听地址
    #[arg(long, env = "JIANGCE_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// 前面有自己的反向代理：信任它给出的来访地址，并只在 HTTPS 上发送 Cookie
    #[arg(long, env = "JIANGCE_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// 每个地址每分钟可作的公开查询次数，0 为不限
    #[arg(long, env = "JIANGCE_QUERIES_PER_MINUTE", default_value_t = 120)]
    pub queries_per_minute: u32,
    /// 每个地址每分钟可尝试登录的次数，0 为不限
    #[arg(long, env = "JIANGCE_SIGN_INS_PER_MINUTE", default_value_t = 30)]
    pub sign_ins_per_minute: u32,
    /// 一个地址的公开查询落空多少次后，每次查询前须先验证（计算或算术题），0 为不验证
    #[arg(long, env = "JIANGCE_MISSES_FREE", default_value_t = 10)]
    pub misses_free: u32,
    /// 全站每分钟落空多少次后，所有查询都须先验证，0 为不设
    #[arg(long, env = "JIANGCE_SITE_MISSES_PER_MINUTE", default_value_t = 600)]
    pub site_misses_per_minute: u32,
    /// 验证的计算量，每加 1 翻一倍
    #[arg(long, env = "JIANGCE_PUZZLE_BITS", default_value_t = 17, value_parser = clap::value_parser!(u8).range(1..=28))]
    pub puzzle_bits: u8,
    /// 证书索引文件（jiangce export index 写成），供用人单位下载
    #[arg(long, env = "JIANGCE_INDEX")]
    pub index: Option<PathBuf>,
}

impl Listen {
    /// How the house is served at this address.
    pub(super) fn settings(&self, public_url: &str) -> Settings {
        Settings {
            public_url: public_url.trim_end_matches('/').to_owned(),
            secure: self.behind_proxy,
            behind_proxy: self.behind_proxy,
            queries_per_minute: self.queries_per_minute,
            sign_ins_per_minute: self.sign_ins_per_minute,
            misses_free: self.misses_free,
            site_misses_per_minute: self.site_misses_per_minute,
            puzzle_bits: self.puzzle_bits,
            index: self.index.clone(),
        }
    }
}

/// The database that a house uses.
pub(super) fn database_url(house: &House) -> String {
    house.database.clone().unwrap_or_else(|| house.data.join("jiangce.db").display().to_string())
}

/// Opens the house for a command: its database with the schema up to date, files, keys, offices. A house that is
/// make-believe stays so.
///
/// # Errors
/// A refusal where there is no house; a fault if any of it can't be opened.
pub fn open_house(house: &House) -> Result<Office, Stop> {
    if !(Engine::is_there(&database_url(house)) && secret(house).is_file()) {
        return Err(Refusal::house("数据目录", format!("{} 中没有匠册的数据", house.data.display()))
            .remedy("请核对 --data；新建请用 jiangce serve 或 jiangce migrate，或用 jiangce user 开设第一个账号")
            .into());
    }
    make_house(house)
}

/// As [`open_house`], and makes a house where there is none.
///
/// # Errors
/// If any of it can't be made or opened.
pub(super) fn make_house(house: &House) -> Result<Office, Stop> {
    open(house, false).map(|(office, _)| office)
}

pub(super) fn secret(house: &House) -> PathBuf {
    house.data.join("secret.key")
}

/// Opens the house; a new one becomes what is `wanted`. Says whether it is make-believe.
fn open(house: &House, wanted: bool) -> Result<(Office, bool), Stop> {
    make_folder(&house.data).map_err(Stop::fault)?;
    let engine = Engine::open(&database_url(house))?;
    crate::db::migrate(&engine)?;
    // A secret made now could open nothing of what another has sealed.
    if !secret(house).is_file() && engine.read(store::has_begun)? {
        return Err(Refusal::house("密钥", format!("{} 不存在，而数据库中已有数据", secret(house).display()))
            .remedy("请核对 --data 与 --database 是否配套，或从备份中取回原来的 secret.key")
            .into());
    }
    let seals = Seals::open(&secret(house)).map_err(Stop::fault)?;
    let files = Files::folder(&house.data.join("files"), &seals).map_err(Stop::fault)?;
    let demo = engine.write(move |tx| Ok((Keep::Yes, store::make_believe(tx, wanted)?)))?;
    let clock = if demo { Clock::simulated(demo::FIRST_DAY) } else { Clock::Real };
    let office = Office::open(engine, files, seals, clock, demo)?;
    office.guard_log(house.data.join("log.checkpoint"));
    crate::body::seed_offices(&office)?;
    Ok((office, demo))
}

/// From now on the log goes to standard error, a line of JSON each.
pub(super) fn begin_log() {
    tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| "info,tower_http=warn,typst=error".into()),
        )
        .init();
}

/// Serves until told to stop.
pub(super) fn run(house: &House, listen: &Listen, sending: &Sending, demo: bool) -> Result<Outcome, Stop> {
    begin_log();
    let (office, is_demo) = open(house, demo)?;
    if is_demo != demo {
        let (what, remedy) = if demo {
            ("这里存有正式数据", "演示请用另一个 --data 目录和 --database")
        } else {
            ("这里存的是演示数据", "正式业务请用另一个 --data 目录和 --database")
        };
        return Err(Refusal::house("演示", what).remedy(remedy).into());
    }
    if demo && demo::fill(&office)? {
        drop(office);
        return Err(begin_anew());
    }
    until_stopped(serve(office, listen, sending, demo))
}

/// Runs what serves to its end.
pub(super) fn until_stopped(served: impl Future<Output = Result<(), Stop>>) -> Result<Outcome, Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(64)
        .build()
        .map_err(Stop::fault)?;
    runtime.block_on(served)?;
    runtime.shutdown_timeout(LAST_REQUESTS);
    Ok(Outcome::well("", json!({"stopped": true})))
}

async fn serve(office: Office, listen: &Listen, sending: &Sending, demo: bool) -> Result<(), Stop> {
    let socket = tokio::net::TcpListener::bind(listen.listen).await.map_err(Stop::fault)?;
    let address = socket.local_addr().map_err(Stop::fault)?;
    let public_url = listen.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let channels = sending.channels(&public_url)?;
    office.send_by(if demo { channels.or_by(Box::new(demo::Phone)) } else { channels });
    office.exchange_by(sending.connector()?);
    let settings = listen.settings(&public_url);
    println!("匠册已启动：http://{address}{}", if demo { "/demo" } else { "/" });
    let timer = tokio::spawn(every_minute(office.clone()));
    let sender = tokio::spawn(send_often(office.clone()));
    let exchanger = tokio::spawn(exchange_often(office.clone()));
    let sealer = tokio::spawn(seal_often(office.clone()));
    let app = router(Web { office, settings: Arc::new(settings) });
    let outcome = answer(socket, app).await;
    timer.abort();
    sender.abort();
    exchanger.abort();
    sealer.abort();
    outcome
}

/// Answers on a socket until told to stop, and then what is under way.
pub(super) async fn answer(socket: tokio::net::TcpListener, app: axum::Router) -> Result<(), Stop> {
    let pulse = tokio::spawn(crate::query::watch());
    let told = Arc::new(Notify::new());
    let stopping = told.clone();
    let served = axum::serve(socket, app.into_make_service_with_connect_info::<SocketAddr>()).with_graceful_shutdown(
        async move {
            told_to_stop().await;
            stopping.notify_one();
        },
    );
    let outcome = tokio::select! {
        outcome = served => outcome,
        () = async { told.notified().await; tokio::time::sleep(LAST_REQUESTS).await } => {
            tracing::warn!("requests that did not end were broken off");
            Ok(())
        }
    };
    pulse.abort();
    outcome.map_err(Stop::fault)
}

/// How long requests under way may take to end once the house is told to stop. A browser that sends nothing more, or
/// reads nothing, would otherwise keep it open for ever.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Starts this very program anew in its own place, and comes back only when that fails. Who drives a whole year of the
/// province has read and printed everything once and stays twice as large as who only serves it: measured 156 and 73 MB.
fn begin_anew() -> Stop {
    use std::os::unix::process::CommandExt as _;
    match std::env::current_exe() {
        Ok(program) => Stop::fault(std::process::Command::new(program).args(std::env::args_os().skip(1)).exec()),
        Err(error) => Stop::fault(error),
    }
}

/// What falls due is done within the minute.
async fn every_minute(office: Office) {
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    loop {
        minute.tick().await;
        let office = office.clone();
        let done = tokio::task::spawn_blocking(move || super::due::run(&office)).await;
        match done {
            Ok(Ok(done)) if done.total() > 0 => tracing::info!(?done, "due"),
            Ok(Ok(_)) => {}
            Ok(Err(stop)) => tracing::error!(%stop, "due"),
            Err(error) => tracing::error!(%error, "due"),
        }
    }
}

/// How often what waits is sent: soon enough for who waits for a code.
const SEND_EVERY: Duration = Duration::from_secs(5);

/// What leaves the house is sent in a round of its own: a mail server that doesn't answer holds up nothing else.
async fn send_often(office: Office) {
    let mut round = tokio::time::interval(SEND_EVERY);
    round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        round.tick().await;
        let office = office.clone();
        match tokio::task::spawn_blocking(move || crate::delivery::send_waiting(&office)).await {
            Ok(Ok(letters)) if letters > 0 => tracing::info!(letters, "sent"),
            Ok(Ok(_)) => {}
            Ok(Err(stop)) => tracing::error!(%stop, "sending"),
            Err(error) => tracing::error!(%error, "sending"),
        }
    }
}

/// The national system is talked to in a round of its own: one that is slow holds up no letter.
async fn exchange_often(office: Office) {
    let mut round = tokio::time::interval(SEND_EVERY);
    round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        round.tick().await;
        let office = office.clone();
        match tokio::task::spawn_blocking(move || crate::exchange::push_waiting(&office)).await {
            Ok(Ok(answers)) if answers > 0 => tracing::info!(answers, "exchanged"),
            Ok(Ok(_)) => {}
            Ok(Err(stop)) => tracing::error!(%stop, "exchanging"),
            Err(error) => tracing::error!(%error, "exchanging"),
        }
    }
}

/// How often what waits gets its place in the public log: it is there within two seconds, as nearly all of it must.
const SEAL_EVERY: Duration = Duration::from_millis(500);

/// Facts get their places in the public log in a round of their own: where it may not go on, nothing else stops.
async fn seal_often(office: Office) {
    let mut round = tokio::time::interval(SEAL_EVERY);
    round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        round.tick().await;
        let house = office.clone();
        let sealed = match tokio::task::spawn_blocking(move || public_log::seal(&house)).await {
            Ok(sealed) => sealed,
            Err(error) => Err(Stop::fault(error)),
        };
        match sealed {
            Ok(_) => drop(office.pause_log(None)),
            // What stands in the way does so until the operator acts: said once, and shown on the log's page.
            Err(Stop::Refused(refusal)) => {
                if office.pause_log(Some(refusal.what.clone())) {
                    tracing::error!(why = refusal.what, remedy = refusal.remedy, "the public log signs nothing");
                }
            }
            Err(stop) => tracing::error!(%stop, "sealing the public log"),
        }
    }
}

pub(super) async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "signal");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
    tracing::info!("stopping");
}
