//! By which ways messages leave the house, as the operator says it. Without these nothing leaves.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rules::Refusal;

use crate::delivery::{Channels, Mail, MailSettings, Protection, Send, SmsFile};
use crate::door::Stop;
use crate::exchange::{Connector, ConnectorSettings};

/// The mail server and the file of short messages.
#[derive(Args, Clone, Debug)]
pub struct Sending {
    /// 邮件服务器；不给则不发邮件
    #[arg(long, env = "JIANGCE_SMTP_HOST")]
    smtp_host: Option<String>,
    /// 端口；默认 starttls 587、tls 465、none 25
    #[arg(long, env = "JIANGCE_SMTP_PORT", requires = "smtp_host")]
    smtp_port: Option<u16>,
    /// 登录邮件服务器的用户名
    #[arg(long, env = "JIANGCE_SMTP_USER", requires = "smtp_password_file")]
    smtp_user: Option<String>,
    /// 存有其密码的文件
    #[arg(long, env = "JIANGCE_SMTP_PASSWORD_FILE")]
    smtp_password_file: Option<PathBuf>,
    /// 发件地址
    #[arg(long, env = "JIANGCE_SMTP_FROM")]
    smtp_from: Option<String>,
    /// 与邮件服务器的连接如何加密
    #[arg(long, env = "JIANGCE_SMTP_TLS", default_value = "starttls")]
    smtp_tls: Option<Protection>,
    /// 另外信任的 CA 证书文件（PEM），用于内网签发的服务器证书
    #[arg(long, env = "JIANGCE_SMTP_CA")]
    smtp_ca: Option<PathBuf>,
    /// 短信写入的文件，每条一行 JSON，由您的短信网关读取；不给则不发短信
    #[arg(long, env = "JIANGCE_SMS_SINK")]
    sms_sink: Option<PathBuf>,
    /// 国家平台接口的网址（https，或本机）；不给则由人工上传
    #[arg(long, env = "JIANGCE_EXCHANGE_ENDPOINT", requires = "exchange_key_file")]
    exchange_endpoint: Option<String>,
    /// 存有接口签名密钥（SM2，64位十六进制）的文件
    #[arg(long, env = "JIANGCE_EXCHANGE_KEY_FILE")]
    exchange_key_file: Option<PathBuf>,
    /// 另外信任的 CA 证书文件（PEM），用于国家平台的服务器证书
    #[arg(long, env = "JIANGCE_EXCHANGE_CA")]
    exchange_ca: Option<PathBuf>,
}

/// How long the national system may take over one request.
const EXCHANGE_SECONDS: u64 = 30;

impl Sending {
    /// The ways out; links in messages begin with `public_url`.
    ///
    /// # Errors
    /// A refusal when a setting is missing or makes no sense.
    pub fn channels(&self, public_url: &str) -> Result<Channels, Stop> {
        let mut ways: Vec<Box<dyn Send>> = Vec::new();
        if let Some(host) = &self.smtp_host {
            let from = self.smtp_from.clone().ok_or_else(|| {
                Refusal::house("邮件服务", "没有给出发件地址")
                    .remedy("请用 --smtp-from 给出，例如 jiangce@example.gov.cn")
            })?;
            let password = self.smtp_password_file.as_deref().map(read).transpose()?;
            let password =
                password.map(|bytes| String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned());
            let settings = MailSettings {
                host: host.clone(),
                port: self.smtp_port,
                user: self.smtp_user.clone(),
                password,
                from,
                protection: self.smtp_tls.unwrap_or(Protection::Starttls),
                authority: self.smtp_ca.as_deref().map(read).transpose()?,
            };
            ways.push(Box::new(Mail::new(&settings)?));
        }
        if let Some(path) = &self.sms_sink {
            ways.push(Box::new(SmsFile::open(path)?));
        }
        Ok(Channels::new(public_url, ways))
    }

    /// The interface of the national system, where one is named.
    ///
    /// # Errors
    /// A refusal when a setting is missing or makes no sense.
    pub fn connector(&self) -> Result<Option<Connector>, Stop> {
        let (Some(endpoint), Some(key)) = (&self.exchange_endpoint, &self.exchange_key_file) else { return Ok(None) };
        let settings = ConnectorSettings {
            endpoint: endpoint.clone(),
            key: String::from_utf8_lossy(&read(key)?).into_owned(),
            authority: self.exchange_ca.as_deref().map(read).transpose()?,
            timeout: Duration::from_secs(EXCHANGE_SECONDS),
        };
        Connector::new(&settings).map(Some)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    std::fs::read(path).map_err(|error| {
        Refusal::house("设置", format!("读不了 {}：{error}", path.display())).remedy("请核对文件的位置与权限").into()
    })
}
