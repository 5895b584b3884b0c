//! Mail by SMTP, one plain text a message. Its Message-ID is the delivery's own, so that a message which had to be sent
//! twice is recognised by whoever receives it.

use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, Message, SmtpTransport, Transport as _};
use rules::Refusal;
use rules::delivery::Channel;

use super::{Failure, Letter, Send};
use crate::door::Stop;

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Protection {
    /// Begins in clear and goes on under TLS, or not at all (587).
    Starttls,
    /// TLS from the first byte (465).
    Tls,
    /// In clear: to a server on this machine (25).
    None,
}

/// What the operator says of the mail server.
#[derive(Debug, Clone)]
pub struct MailSettings {
    pub host: String,
    /// The usual one of the protection when it isn't given.
    pub port: Option<u16>,
    pub user: Option<String>,
    pub password: Option<String>,
    /// Who mails come from.
    pub from: String,
    pub protection: Protection,
    /// Further authorities that the server's certificate may come from, as PEM.
    pub authority: Option<Vec<u8>>,
}

/// How long the server may take over one step, in seconds. A letter takes a dozen steps at most: less than its lease.
const STEP_SECONDS: u64 = 20;

/// The mail server.
pub struct Mail {
    server: SmtpTransport,
    from: Mailbox,
}

impl Mail {
    /// Gets ready to send; nothing is connected yet.
    ///
    /// # Errors
    /// A refusal when the settings make no sense.
    pub fn new(settings: &MailSettings) -> Result<Self, Stop> {
        let wrong = |what: String, remedy: &str| Stop::from(Refusal::house("邮件服务", what).remedy(remedy));
        let from = rules::delivery::read_address(Channel::Mail, &settings.from)
            .ok()
            .and_then(|from| from.parse::<Address>().ok())
            .ok_or_else(|| {
                wrong(format!("发件地址“{}”不正确", settings.from), "请用 --smtp-from 给出完整的邮箱地址")
            })?;
        let is_near = settings.host == "localhost" || settings.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if settings.protection == Protection::None && settings.user.is_some() && !is_near {
            let what = "不加密的连接上不发送密码".to_owned();
            return Err(wrong(what, "请用 --smtp-tls starttls 或 tls；不加密只用于本机的邮件服务"));
        }
        let tls = || -> Result<TlsParameters, Stop> {
            let mut parameters = TlsParameters::builder(settings.host.clone());
            if let Some(authority) = &settings.authority {
                let certificate = Certificate::from_pem(authority).map_err(|_| {
                    wrong("--smtp-ca 指的文件不是 PEM 证书".to_owned(), "请给出签发邮件服务器证书的 CA 证书")
                })?;
                parameters = parameters.add_root_certificate(certificate);
            }
            parameters.build().map_err(|error| wrong(format!("TLS 不能启用：{error}"), "请核对邮件服务器的名称与证书"))
        };
        let (tls, usual) = match settings.protection {
            Protection::Starttls => (Tls::Required(tls()?), 587),
            Protection::Tls => (Tls::Wrapper(tls()?), 465),
            Protection::None => (Tls::None, 25),
        };
        let server = SmtpTransport::builder_dangerous(&settings.host)
            .port(settings.port.unwrap_or(usual))
            .tls(tls)
            .timeout(Some(Duration::from_secs(STEP_SECONDS)))
            // One connection for what goes out in one round.
            .pool_config(PoolConfig::new().max_size(1).idle_timeout(Duration::from_secs(5)));
        let server = match (&settings.user, &settings.password) {
            (Some(user), Some(password)) => server.credentials(Credentials::new(user.clone(), password.clone())),
            _ => server,
        };
        Ok(Self { server: server.build(), from: Mailbox::new(Some("匠册".into()), from) })
    }

    fn message(&self, letter: &Letter) -> Result<Message, Failure> {
        let to: Address = letter.to.parse().map_err(|_| Failure::Never("地址不能投递".into()))?;
        let made_at = UNIX_EPOCH + Duration::from_millis(u64::try_from(letter.made_at).unwrap_or_default());
        let by_itself = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.key, self.from.email.domain())))
            .date(made_at)
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&*letter.subject)
            .raw_header(HeaderValue::new(by_itself, "auto-generated".into()))
            .singlepart(
                SinglePart::builder()
                    .header(ContentType::TEXT_PLAIN)
                    .header(ContentTransferEncoding::Base64)
                    .body(letter.text.clone()),
            )
            .map_err(|_| Failure::Never("邮件不能写成".into()))
    }
}

impl Send for Mail {
    fn channel(&self) -> Channel {
        Channel::Mail
    }

    fn send(&self, letter: &Letter) -> Result<(), Failure> {
        let message = self.message(letter)?;
        self.server.send(&message).map(|_| ()).map_err(|error| failure(&error))
    }
}

/// What an error means. Only the number of the answer is kept: its words may name whoever should have read the letter.
fn failure(error: &lettre::transport::smtp::Error) -> Failure {
    if error.status().is_none() {
        // No answer, so no address in it: the operator reads what is wrong with name, port or certificate.
        tracing::warn!(%error, "mail server");
    }
    match error.status().map(|status| status.to_string()) {
        // The server doesn't take us; it may be right again tomorrow and has nothing to do with the address.
        Some(code) if matches!(code.as_str(), "421" | "454" | "530" | "534" | "535" | "538") => {
            Failure::Down(format!("邮件服务器不接受登录或暂停服务（{code}）"))
        }
        Some(code) if error.is_permanent() => Failure::Never(format!("邮件服务器拒收（{code}）")),
        Some(code) => Failure::Later(format!("邮件服务器暂不接收（{code}）")),
        // Who does not get through to an answer may have been heard or not: the letter goes again, under the same id.
        None if error.is_tls() => Failure::Down("与邮件服务器的加密连接没有建立".into()),
        None if error.is_timeout() => Failure::Down("邮件服务器没有按时回答".into()),
        None => Failure::Down("连接不上邮件服务器，或连接中断".into()),
    }
}
