//! `jiangce query`: the public query alone, as a process of its own that reads a replica. It has no sign-in and no acts, and of
//! the secrets of the house only those without which it could not answer.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use clap::Args;
use rules::Refusal;
use serde_json::json;

use super::serve::{answer, begin_log, secret, until_stopped};
use super::{House, Listen, Outcome, open_house};
use crate::db::{Engine, of_this_version};
use crate::door::files::make_folder;
use crate::door::seal::QUERY_KEYS;
use crate::door::{Files, Office, Seals, Stop};
use crate::web::api::Problem;
use crate::web::{Web, query_router};

#[derive(Args)]
pub struct Query {
    /// 数据库副本：SQLite 文件，或 postgres://…（只读副本）
    #[arg(long, env = "JIANGCE_DATABASE")]
    database: String,
    /// jiangce export query-kit 导出的目录
    #[arg(long, env = "JIANGCE_QUERY_KIT", default_value = "query-kit")]
    kit: PathBuf,
    #[command(flatten)]
    listen: Listen,
}

/// The file of the keys in a kit.
const KEYS: &str = "query.key";
/// What the public keeps, under these names in a kit.
const PARTS: &str = "public";
/// How often the schema is looked at: the house may have been brought to another version meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Writes what `jiangce query` needs of a house: its keys, and what the public keeps.
pub(super) fn export_kit(house: &House, out: &Path, public_url: &str) -> Result<Outcome, Stop> {
    let office = open_house(house)?;
    let parts = crate::query::kit(&office, public_url.trim_end_matches('/'))?;
    make_folder(&out.join(PARTS)).map_err(Stop::fault)?;
    for (path, bytes) in &parts {
        std::fs::write(out.join(PARTS).join(name_of(path)), bytes).map_err(Stop::fault)?;
    }
    let whole = std::fs::read(secret(house)).map_err(Stop::fault)?;
    let whole = <[u8; 32]>::try_from(whole.as_slice()).map_err(|_| Stop::fault("the secret must be 32 bytes"))?;
    owners_alone(&out.join(KEYS), &Seals::query_keys(&whole)).map_err(Stop::fault)?;
    let files: Vec<&str> = parts.iter().map(|(path, _)| name_of(path)).collect();
    Ok(Outcome::well(
        format!(
            "已导出到 {}：{KEYS} 和 {}。{KEYS} 能查找并解开证件号码，不能签发证书，请只交给查询服务。",
            out.display(),
            files.join("、")
        ),
        json!({"kit": out.display().to_string(), "key": KEYS, "files": files}),
    ))
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Writes a file that its owner alone may read, whole or not at all.
fn owners_alone(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}

/// Serves until told to stop.
pub(super) fn run(asked: &Query) -> Result<Outcome, Stop> {
    begin_log();
    let (web, app) = open(asked)?;
    until_stopped(async {
        let socket = tokio::net::TcpListener::bind(asked.listen.listen).await.map_err(Stop::fault)?;
        let address = socket.local_addr().map_err(Stop::fault)?;
        println!("匠册查询已启动：http://{address}/query");
        let watch = tokio::spawn(look_often(web.office, app.fits.clone()));
        let outcome = answer(socket, app.router).await;
        watch.abort();
        outcome
    })
}

struct App {
    router: Router,
    /// Whether the schema is the one that this program knows.
    fits: Arc<AtomicBool>,
}

fn open(asked: &Query) -> Result<(Web, App), Stop> {
    let kit = |what: &str| {
        Refusal::house("查询服务", format!("{} 中{what}", asked.kit.display()))
            .remedy("请在主服务上用 jiangce export query-kit 导出，再整个复制过来")
    };
    if !Engine::is_there(&asked.database) {
        return Err(Refusal::house("查询服务", format!("没有数据库 {}", asked.database))
            .remedy("请核对 --database：它是主服务数据库的副本")
            .into());
    }
    let keys = std::fs::read(asked.kit.join(KEYS)).map_err(|_| kit(&format!("没有 {KEYS}")))?;
    let keys = <[u8; QUERY_KEYS]>::try_from(keys).map_err(|_| kit(&format!("的 {KEYS} 不是查询密钥")))?;
    let engine = Engine::open_replica(&asked.database)?;
    if !of_this_version(&engine).unwrap_or(false) {
        return Err(Refusal::house("查询服务", "数据库结构与本程序的版本不同")
            .remedy("请让查询服务与主服务使用同一版本；主服务升级后副本会随之更新")
            .into());
    }
    let seals = Seals::for_query(&keys);
    // No file is ever kept or brought here; the folder is the kit's own.
    let files = Files::folder(&asked.kit, &seals).map_err(Stop::fault)?;
    let office = Office::open_replica(engine, files, seals)?;
    let listen = &asked.listen;
    let public_url = listen.public_url.clone().unwrap_or_else(|| format!("http://{}", listen.listen));
    let web = Web { office, settings: Arc::new(listen.settings(&public_url)) };
    let fits = Arc::new(AtomicBool::new(true));
    let guarded = axum::middleware::from_fn_with_state(fits.clone(), while_it_fits);
    let router = query_router(web.clone(), parts(&asked.kit)).layer(guarded);
    Ok((web, App { router, fits }))
}

/// Notes whether the schema still fits.
async fn look_often(office: Office, fits: Arc<AtomicBool>) {
    let mut round = tokio::time::interval(LOOK_EVERY);
    loop {
        round.tick().await;
        let house = office.clone();
        let looked = tokio::task::spawn_blocking(move || of_this_version(house.engine())).await;
        // A database that does not answer is no other version; each question finds out for itself.
        if let Ok(Ok(now)) = looked
            && fits.swap(now, Ordering::Relaxed) != now
        {
            tracing::warn!(fits = now, "the schema of the replica");
        }
    }
}

/// Nothing is read from tables that another version made.
async fn while_it_fits(State(fits): State<Arc<AtomicBool>>, request: axum::extract::Request, next: Next) -> Response {
    if fits.load(Ordering::Relaxed) {
        return next.run(request).await;
    }
    let said = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "查询服务正在随平台升级，请稍后再试");
    ([(header::RETRY_AFTER, "60")], said).into_response()
}

/// What does not change while this runs: the parts of the kit, and whether the replica answers.
fn parts(kit: &Path) -> Router<Web> {
    let health = |State(web): State<Web>| async move {
        match web.work(|office| Ok(of_this_version(office.engine())?)).await {
            Ok(true) => (StatusCode::OK, axum::Json(json!({"status": "ok", "replica": true}))).into_response(),
            Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "schema").into_response(),
            Err(stop) => {
                tracing::error!(%stop, "health");
                (StatusCode::SERVICE_UNAVAILABLE, "database").into_response()
            }
        }
    };
    let mut router = Router::new().route("/healthz", get(health));
    for (path, kind) in crate::query::KIT {
        // A part that was not copied is simply not there.
        let Ok(bytes) = std::fs::read(kit.join(PARTS).join(name_of(path))).map(Bytes::from) else { continue };
        let part = move || async move {
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=300")], bytes)
        };
        router = router.route(path, get(part));
    }
    router
}
