//! How what the platform says reaches someone outside it: by which channel, which kinds of message, to an address that a
//! one-time code has confirmed, tried again with growing waits. The notice asks for reminders; how they travel is ours.

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;
use crate::terms::{CODE_APART_SECONDS, CODE_MINUTES, CODE_TRIES, CODES_PER_HOUR, DELIVERY_WAITS};

/// A way out of the house. Inside it every message stands on the work page in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Mail,
    Sms,
}

impl Channel {
    /// Every channel.
    pub const ALL: &'static [Self] = &[Self::Mail, Self::Sms];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }

    /// The channel with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|channel| channel.code() == code)
    }

    /// What people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "邮件",
            Self::Sms => "短信",
        }
    }

    /// What people call its addresses.
    pub const fn address_name(self) -> &'static str {
        match self {
            Self::Mail => "邮箱",
            Self::Sms => "手机号",
        }
    }

    /// What is sent by it once an address is confirmed, before its holder chooses otherwise.
    pub const fn chosen_at_first(self) -> &'static [MessageKind] {
        match self {
            Self::Mail => &[MessageKind::Deadline],
            Self::Sms => &[],
        }
    }
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// An end or a last day that comes.
    Deadline,
    /// What someone did that concerns the seat.
    Matter,
    /// A one-time code for an address.
    Code,
    /// What is to be done, once a day.
    Digest,
    /// A one-time code for a candidate, who has no account.
    OwnCode,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Deadline, Self::Matter, Self::Code, Self::Digest, Self::OwnCode];
    /// The kinds that the holder of an account chooses for a channel.
    pub const CHOSEN: &'static [Self] = &[Self::Deadline, Self::Matter];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Matter => "matter",
            Self::Code => "code",
            Self::Digest => "digest",
            Self::OwnCode => "own_code",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// What people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deadline => "期限提醒",
            Self::Matter => "办理消息",
            Self::Code => "验证码",
            Self::Digest => "每日汇总",
            Self::OwnCode => "考生验证码",
        }
    }
}

/// The longest mail address, in characters (RFC 5321).
const MAIL_MAX: usize = 254;
/// The longest part before the `@`.
const LOCAL_MAX: usize = 64;

/// An address as people type it, in the form in which it is kept.
///
/// # Errors
/// A refusal when it is none of this channel.
pub fn read_address(channel: Channel, typed: &str) -> Result<String, Refusal> {
    let address = match channel {
        Channel::Mail => mail_address(typed.trim()),
        Channel::Sms => mobile_number(typed),
    };
    address.ok_or_else(|| {
        let (what, remedy) = match channel {
            Channel::Mail => ("邮箱地址不正确", "请填写完整的邮箱地址，例如 zhiban@example.com"),
            Channel::Sms => ("手机号不正确", "请填写11位手机号"),
        };
        Refusal::house("消息", what).remedy(remedy).at("address")
    })
}

/// Plain ASCII with a name and a domain; whatever else may stand in an address, no office gives out.
fn mail_address(typed: &str) -> Option<String> {
    let (local, domain) = typed.split_once('@')?;
    let is_plain = |text: &str, also: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c));
    let dotted = |text: &str| text.split('.').all(|part| !part.is_empty());
    let labels = |text: &str| text.split('.').all(|label| !label.starts_with('-') && !label.ends_with('-'));
    let fits = typed.len() <= MAIL_MAX
        && local.len() <= LOCAL_MAX
        && dotted(local)
        && is_plain(local, ".-_+=")
        && domain.contains('.')
        && dotted(domain)
        && labels(domain)
        && is_plain(domain, ".-")
        && domain.rsplit('.').next().is_some_and(|last| last.chars().any(|c| c.is_ascii_alphabetic()));
    fits.then(|| format!("{local}@{}", domain.to_ascii_lowercase()))
}

/// Eleven digits that begin with 1; blanks, hyphens and the country's prefix fall away.
fn mobile_number(typed: &str) -> Option<String> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let digits = typed.strip_prefix("+86").unwrap_or(&typed);
    let fits = digits.len() == 11 && digits.starts_with('1') && digits.chars().all(|c| c.is_ascii_digit());
    fits.then(|| digits.to_owned())
}

/// An address as it is shown, to its holder too: enough to tell it from another.
pub fn mask_address(channel: Channel, address: &str) -> String {
    match channel {
        Channel::Mail => {
            let (local, domain) = address.split_once('@').unwrap_or((address, ""));
            format!("{}***@{domain}", local.chars().next().unwrap_or('*'))
        }
        Channel::Sms => {
            let tail: String = address.chars().skip(7).collect();
            format!("{}****{tail}", address.chars().take(3).collect::<String>())
        }
    }
}

const MINUTE_MS: i64 = 60_000;

/// Whether a code may be sent at `now`: to this address or for this account, so many were sent within the last hour, the
/// last one at `last_at`. Instants are milliseconds.
///
/// # Errors
/// A refusal that says how long to wait.
pub fn may_ask_code(sent_in_hour: i64, last_at: Option<i64>, now: i64) -> Result<(), Refusal> {
    let apart = CODE_APART_SECONDS * 1000;
    if let Some(wait) = last_at.map(|last_at| last_at + apart - now).filter(|wait| *wait > 0) {
        return Err(Refusal::house("消息", "刚刚发过验证码")
            .remedy(format!("请在{}秒后再获取", (wait + 999) / 1000))
            .at("address"));
    }
    if sent_in_hour >= CODES_PER_HOUR {
        return Err(Refusal::house("消息", format!("一小时内最多发{CODES_PER_HOUR}次验证码"))
            .remedy("请过一小时再获取；收不到时请核对地址，或联系管理员查看投递情况")
            .at("address"));
    }
    Ok(())
}

/// When a code that was sent at `now` is worth nothing any more.
pub const fn code_expires_at(now: i64) -> i64 {
    now + CODE_MINUTES * MINUTE_MS
}

/// Whether a code that was tried `tries` times in vain may still be tried.
///
/// # Errors
/// A refusal when it has run out.
pub fn may_try_code(tries: i64, expires_at: i64, now: i64) -> Result<(), Refusal> {
    let over = |what: &str| Err(Refusal::house("消息", what).remedy("请重新获取验证码").at("code"));
    if now >= expires_at {
        return over("验证码已过期");
    }
    if tries >= CODE_TRIES {
        return over("验证码输错次数过多，已作废");
    }
    Ok(())
}

/// The refusal of a code that isn't the one.
pub fn wrong_code() -> Refusal {
    Refusal::house("消息", "验证码不正确").remedy("请核对收到的6位数字；以最近一次收到的为准").at("code")
}

/// How long after the failed try number `tries` the next one comes, in milliseconds; `None` when it is given up.
pub fn next_try_in(tries: i64) -> Option<i64> {
    let at = usize::try_from(tries - 1).ok()?;
    DELIVERY_WAITS.get(at).map(|minutes| minutes * MINUTE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_it_is_meant_and_shown_in_part() {
        let good = [
            (Channel::Mail, " zhiban@Example.COM ", "zhiban@example.com", "z***@example.com"),
            (Channel::Mail, "a.b-c_d+1@mail.example.org", "a.b-c_d+1@mail.example.org", "a***@mail.example.org"),
            (Channel::Sms, "+86 100-0000 0001", "10000000001", "100****0001"),
        ];
        for (channel, typed, kept, shown) in good {
            assert_eq!(read_address(channel, typed).as_deref(), Ok(kept), "{typed}");
            assert_eq!(mask_address(channel, kept), shown);
        }
        let long = format!("{}@example.com", "a".repeat(65));
        let bad = [
            (Channel::Mail, "zhiban"),
            (Channel::Mail, "@example.com"),
            (Channel::Mail, "a@b@example.com"),
            (Channel::Mail, "a@example"),
            (Channel::Mail, "a@127.0.0.1"),
            (Channel::Mail, "a@-example.com"),
            (Channel::Mail, "a..b@example.com"),
            (Channel::Mail, "a@example.com\r\nBcc: b@example.com"),
            (Channel::Mail, "示例@example.com"),
            (Channel::Mail, &long),
            (Channel::Sms, "0591-00000001"),
            (Channel::Sms, "1000000000"),
            (Channel::Sms, "１0000000001"),
        ];
        for (channel, typed) in bad {
            let refusal = read_address(channel, typed).expect_err(typed);
            assert_eq!(refusal.field, Some("address"), "{typed}");
        }
    }

    #[test]
    fn codes_are_few_short_lived_and_not_to_be_guessed() {
        assert!(may_ask_code(0, None, 0).is_ok());
        assert!(may_ask_code(1, Some(0), 59_999).expect_err("a minute apart").remedy.contains("1秒"));
        assert!(may_ask_code(4, Some(0), 60_000).is_ok());
        assert!(may_ask_code(5, Some(0), 60_000).is_err());
        let expires_at = code_expires_at(0);
        assert_eq!(expires_at, 600_000);
        assert!(may_try_code(4, expires_at, 599_999).is_ok());
        assert!(may_try_code(0, expires_at, 600_000).is_err());
        assert!(may_try_code(5, expires_at, 0).is_err());
    }

    #[test]
    fn waits_grow_from_a_minute_to_a_day_and_then_end() {
        let waits: Vec<_> = (1..=9).map(next_try_in).collect();
        let minutes = |m: i64| Some(m * 60_000);
        assert_eq!(waits[..2], [minutes(1), minutes(5)]);
        assert_eq!(waits[6..], [minutes(1440), minutes(1440), None]);
        assert!(waits.windows(2).all(|pair| pair[1].is_none() || pair[0] <= pair[1]), "{waits:?}");
        assert_eq!(next_try_in(0), None);
    }
}
