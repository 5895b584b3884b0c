//! `jiangce vc-api`: the test profile of the electronic certificate over HTTP, on this machine alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::serve::Listener;
use clap::Args;
use jiff::Timestamp;
use rules::Refusal;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use super::Outcome;
use super::serve::told_to_stop;
use crate::door::{Stop, clock};

/// A credential with pictures in it is smaller than this.
const LARGEST: usize = 4 * 1024 * 1024;
/// Whoever connects and says nothing is left standing after so long.
const GREETING: std::time::Duration = std::time::Duration::from_secs(5);

/// How the test profile listens.
#[derive(Args, Clone, Debug)]
pub struct VcApi {
    /// 监听地址，只能是本机
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// TLS 证书（PEM）
    #[arg(long, requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// TLS 私钥（PEM）
    #[arg(long, requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// 对外网址，写入状态列表的地址；默认为监听地址
    #[arg(long)]
    pub public_url: Option<String>,
    /// 签发密钥：64 位十六进制数的文件；不给则每次启动另生成一把
    #[arg(long)]
    pub secret: Option<PathBuf>,
}

/// Serves until it is told to stop.
pub(super) fn run(asked: &VcApi) -> Result<Outcome, Stop> {
    if !asked.listen.ip().is_loopback() {
        return Err(Refusal::house("测试接口", format!("{} 不是本机地址", asked.listen))
            .remedy("测试接口为任何内容签名，只能在本机监听，例如 --listen 127.0.0.1:8090")
            .into());
    }
    let secret = asked.secret.as_deref().map_or_else(|| Ok(rand::random()), read_secret)?;
    let tls = match (&asked.tls_cert, &asked.tls_key) {
        (Some(certificate), Some(key)) => Some(acceptor(certificate, key)?),
        _ => None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Stop::fault)?;
    runtime.block_on(serve(asked, secret, tls))?;
    Ok(Outcome::well("", json!({"stopped": true})))
}

fn read_secret(path: &Path) -> Result<[u8; 32], Stop> {
    let text = std::fs::read_to_string(path).map_err(Stop::fault)?;
    let digits = text.trim();
    let byte = |at: usize| digits.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
    bytes.filter(|_| digits.len() == 64).and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        Refusal::house("测试接口", format!("{} 不是密钥", path.display())).remedy("请写入 64 位十六进制数").into()
    })
}

fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, Stop> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |error: tokio_rustls::rustls::pki_types::pem::Error| -> Stop {
            Refusal::house("测试接口", format!("读不了 {path}：{error}")).remedy("请给出 PEM 格式的文件").into()
        }
    };
    let certificates = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable(certificate))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(tokio_rustls::rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Stop::fault)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(Stop::fault)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(asked: &VcApi, secret: [u8; 32], tls: Option<TlsAcceptor>) -> Result<(), Stop> {
    let socket = TcpListener::bind(asked.listen).await.map_err(Stop::fault)?;
    let address = socket.local_addr().map_err(Stop::fault)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let base = asked.public_url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
    let api = Arc::new(credential::vc_api::VcApi::new(secret, base.trim_end_matches('/')));
    println!("{}", json!({"listening": format!("{scheme}://{address}"), "issuer": api.did()}));
    let app = Router::new()
        .fallback(move |method: Method, uri: Uri, body: Bytes| {
            let api = api.clone();
            async move { answered(&api, &method, &uri, &body) }
        })
        .layer(DefaultBodyLimit::max(LARGEST));
    match tls {
        None => axum::serve(socket, app).with_graceful_shutdown(told_to_stop()).await,
        Some(acceptor) => {
            axum::serve(TlsListener { socket, acceptor }, app).with_graceful_shutdown(told_to_stop()).await
        }
    }
    .map_err(Stop::fault)
}

fn answered(api: &credential::vc_api::VcApi, method: &Method, uri: &Uri, body: &[u8]) -> Response {
    let now = Timestamp::from_millisecond(clock::real_now()).unwrap_or(Timestamp::MAX);
    let answer = api.answer(method.as_str(), uri.path(), body, now);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    (status, [(header::CONTENT_TYPE, kind)], answer.body.to_string()).into_response()
}

/// A listener whose connections are encrypted.
struct TlsListener {
    socket: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.socket).await;
            // Whoever fails to greet, or takes their time, is no reason to stop; the next one is served.
            if let Ok(Ok(stream)) = tokio::time::timeout(GREETING, self.acceptor.accept(stream)).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.socket.local_addr()
    }
}
