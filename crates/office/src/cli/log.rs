//! `jiangce log`: the public log from the operator's side. Audit it against the records; seal what waits without a server; bring
//! the last published checkpoint where the file beside the key was lost.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::{House, Outcome, open_house};
use crate::door::Stop;
use crate::public_log;

#[derive(Subcommand)]
pub enum Log {
    /// 逐条核对日志与记录：被绕过平台改动的记录会被指出
    Audit {
        #[command(flatten)]
        house: House,
    },
    /// 把等待的条目记入日志并签署检查点（服务运行时自动进行）
    Seal {
        #[command(flatten)]
        house: House,
    },
    /// 密钥旁的检查点文件丢失时，写入最后公布的检查点
    Trust {
        /// 检查点，即网站 /log/checkpoint 的内容
        checkpoint: PathBuf,
        #[command(flatten)]
        house: House,
    },
}

pub(super) fn run(what: Log) -> Result<Outcome, Stop> {
    match what {
        Log::Audit { house } => {
            let audit = public_log::audit(&open_house(&house)?)?;
            let mut text = String::new();
            for finding in &audit.findings {
                text += &format!("不符\t{finding}\n");
            }
            let well = audit.found == 0;
            let conclusion =
                if well { "日志与记录相符".to_owned() } else { format!("有 {} 处不符", audit.found) };
            text += &format!("结论\t{conclusion}；日志 {} 条，核对 {} 条", audit.size, audit.compared);
            Ok(Outcome { text, json: json!({"valid": well, "conclusion": conclusion, "audit": audit}), well })
        }
        Log::Seal { house } => {
            let sealed = public_log::seal(&open_house(&house)?)?;
            Ok(Outcome::well(
                format!("记入 {} 条{}。", sealed.leaves, if sealed.signed { "，已签署检查点" } else { "" }),
                json!({"leaves": sealed.leaves, "signed": sealed.signed}),
            ))
        }
        Log::Trust { checkpoint, house } => {
            let known = public_log::trust(&open_house(&house)?, &checkpoint)?;
            Ok(Outcome::well(format!("已采用 {} 条的检查点。", known.size), json!({"size": known.size})))
        }
    }
}
