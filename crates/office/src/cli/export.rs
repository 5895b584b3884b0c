//! `jiangce export`: what leaves the house as a file.

use std::path::PathBuf;

use clap::Subcommand;
use proof::Signer as _;
use rules::Refusal;
use serde_json::json;

use super::{House, Outcome, open_house, who};
use crate::badge::{self, BadgeForm};
use crate::certificate::{BatchFaces, CertificateFace, held_template, sheet, signer};
use crate::door::Stop;
use crate::employer::write_index;

#[derive(Subcommand)]
pub enum Export {
    /// 批次证书的全国交换表（11列），导出留痕
    Certificates {
        /// 批次编号（数字）
        #[arg(long)]
        batch: i64,
        /// 写入的 .xlsx 文件
        #[arg(long)]
        out: PathBuf,
        /// 以某账号的身份导出
        #[arg(long = "as")]
        login: Option<String>,
        #[command(flatten)]
        house: House,
    },
    /// 一本证书的电子证书：开放徽章、SD-JWT、国密签名或存证，导出留痕
    Credential {
        /// 证书编号（数字，平台内）
        #[arg(long)]
        certificate: i64,
        /// vc、vc-jcs、sd-jwt、sm2 或 inclusion
        #[arg(long, default_value = "vc")]
        form: String,
        /// 写入的文件
        #[arg(long)]
        out: PathBuf,
        /// 对外网址，写入电子证书；须与服务的相同
        #[arg(long, env = "JIANGCE_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
        public_url: String,
        /// 以某账号的身份导出
        #[arg(long = "as")]
        login: Option<String>,
        #[command(flatten)]
        house: House,
    },
    /// 各版申请材料清单（CSV），改好后用 jiangce import checklist 导入
    Checklist {
        /// 写入的 .csv 文件
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        house: House,
    },
    /// 只读查询服务（jiangce query）所需的查询密钥和公开文件，写入一个目录；其中的密钥不能签发证书
    QueryKit {
        /// 写入的目录
        #[arg(long)]
        out: PathBuf,
        /// 对外网址，写入离线核验页
        #[arg(long, env = "JIANGCE_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
        public_url: String,
        #[command(flatten)]
        house: House,
    },
    /// 证书索引：用人单位据此在本地核验名单，不必告诉平台核验了谁；请每天重新导出
    Index {
        /// 写入的文件
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        house: House,
    },
    /// 核验签名说明的公钥，一行
    Key {
        #[command(flatten)]
        house: House,
    },
}

pub(super) fn run(what: Export) -> Result<Outcome, Stop> {
    match what {
        Export::Certificates { batch, out, login, house } => {
            let office = open_house(&house)?;
            let caller = who(&office, login.as_deref())?;
            let view = office.look(&caller, &BatchFaces { batch, printing: None })?;
            let bytes = sheet(&held_template(&office)?, &view.faces)?;
            std::fs::write(&out, bytes).map_err(Stop::fault)?;
            let count = view.faces.len();
            Ok(Outcome::well(
                format!("已导出证书 {count} 本：{}", out.display()),
                json!({"batch": batch, "certificates": count, "file": out.display().to_string()}),
            ))
        }
        Export::Credential { certificate, form, out, public_url, login, house } => {
            let form = BadgeForm::from_code(&form).ok_or_else(|| {
                let codes: Vec<&str> = BadgeForm::ALL.iter().map(|form| form.code()).collect();
                Refusal::house("命令行", format!("没有形式 {form}")).remedy(format!("可用：{}", codes.join("、")))
            })?;
            let office = open_house(&house)?;
            let face = office.look(&who(&office, login.as_deref())?, &CertificateFace { certificate })?;
            let bytes = badge::made(&office, public_url.trim_end_matches('/'), &face, form)?;
            std::fs::write(&out, bytes).map_err(Stop::fault)?;
            Ok(Outcome::well(
                format!("已导出电子证书：{}", out.display()),
                json!({"certificate": certificate, "form": form.code(), "file": out.display().to_string()}),
            ))
        }
        Export::Checklist { out, house } => {
            let office = open_house(&house)?;
            let lists = &office.reference().checklists;
            std::fs::write(&out, lists.csv()).map_err(Stop::fault)?;
            let count = lists.versions().count();
            Ok(Outcome::well(
                format!("已导出申请材料清单 {count} 版：{}", out.display()),
                json!({"lists": count, "file": out.display().to_string()}),
            ))
        }
        Export::QueryKit { out, public_url, house } => super::query::export_kit(&house, &out, &public_url),
        Export::Index { out, house } => {
            let written = write_index(&open_house(&house)?, &out)?;
            Ok(Outcome::well(
                format!("已写入证书 {} 本，其中新计算 {} 本：{}", written.rows, written.made, out.display()),
                json!({"rows": written.rows, "made": written.made, "file": out.display().to_string()}),
            ))
        }
        Export::Key { house } => {
            let key = signer(&open_house(&house)?).public();
            Ok(Outcome::well(key.line(), json!({"id": key.id(), "line": key.line()})))
        }
    }
}
