//! How messages reach people outside the house: mail and short messages to addresses that their holders confirmed. Each
//! message, account and channel is a delivery of its own: claimed by lease, tried with growing waits, given up at last.
//! Inside, a message arrives once; outside at least once, under an id that stays the same.

mod mail;
mod pages;
mod sms;
mod store;

use std::sync::Mutex;

use jiff::civil::Date;
use rules::delivery::{
    Channel, MessageKind, code_expires_at, mask_address, may_ask_code, may_try_code, next_try_in, read_address,
    wrong_code,
};
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::terms::CODE_MINUTES;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use mail::{Mail, MailSettings, Protection};
pub use pages::pages;
pub use sms::SmsFile;
pub(crate) use store::{ALL, forget, put_own_code, spread};

use crate::account::Done;
use crate::db::{DbError, Keep};
use crate::door::clock::{day_of, midnight, read_out};
use crate::door::{Act, Caller, Desk, Look, Office, Seals, Sight, Stop, Subject, Via};
use crate::home::{Task, Work};
use crate::web::api::Registry;
use crate::web::page::{long_day, plain_day, spoken};

/// What leaves the house in one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Names the delivery, the same however often it is tried.
    pub key: String,
    pub to: String,
    pub subject: String,
    /// The whole, for mail.
    pub text: String,
    /// The same in one line.
    pub short: String,
    /// When the message was made, milliseconds since 1970.
    pub made_at: i64,
}

/// Why a letter did not leave. The words are kept and shown, so they hold nobody's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It may leave later.
    Later(String),
    /// It will not be taken, however often it is tried.
    Never(String),
    /// The channel itself is down: it may leave later, and nothing else now.
    Down(String),
}

/// One way out of the house.
pub trait Send: std::marker::Send + Sync {
    /// Which it is.
    fn channel(&self) -> Channel;

    /// Hands a letter over. `Ok` means that the other side has taken it.
    ///
    /// # Errors
    /// Why it was not taken.
    fn send(&self, letter: &Letter) -> Result<(), Failure>;
}

/// The ways out that the operator has named, and the address that links begin with.
#[derive(Default)]
pub struct Channels {
    ways: Vec<Way>,
    public_url: String,
}

struct Way {
    send: Box<dyn Send>,
    /// Until when it rests after it was found down, milliseconds since 1970.
    rests_until: Mutex<i64>,
}

/// How long a channel that was found down is left alone, in milliseconds.
const REST_MS: i64 = 60_000;
/// How long a delivery is its sender's own, in milliseconds: longer than any try takes.
const LEASE_MS: i64 = 10 * 60_000;
/// Letters of one channel in one round, so that a long line of one doesn't hold up the other.
const ROUND: usize = 200;

impl Channels {
    /// Sends by these; links begin with `public_url`.
    pub fn new(public_url: &str, ways: Vec<Box<dyn Send>>) -> Self {
        let ways = ways.into_iter().map(|send| Way { send, rests_until: Mutex::new(0) }).collect();
        Self { ways, public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// The same with one more way, if there is none yet by its channel.
    #[must_use]
    pub fn or_by(mut self, send: Box<dyn Send>) -> Self {
        if !self.has(send.channel()) {
            self.ways.push(Way { send, rests_until: Mutex::new(0) });
        }
        self
    }

    /// Whether something can be sent by this channel.
    pub fn has(&self, channel: Channel) -> bool {
        self.ways.iter().any(|way| way.send.channel() == channel)
    }
}

/// An address that is taken in and never written out; sealed where it is kept.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 3, max_length = 254)]
pub struct ContactAddress(String);

/// A one-time code that is taken in and never written out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 20)]
pub struct OneTimeCode(String);

macro_rules! unspoken {
    ($($name:ident),*) => {$(
        impl $name {
            /// Takes it in.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str("***")
            }
        }
    )*};
}

unspoken!(ContactAddress, OneTimeCode);

/// A code for a telephone as it is kept in its delivery until it has left.
///
/// # Errors
/// A fault.
pub(crate) fn sealed_code(seals: &Seals, to: String, code: String) -> Result<String, Stop> {
    Ok(seals.seal(&crate::door::store::to_text(&Sealed { to: Some(to), text: code })?))
}

/// What is sealed in a delivery until it has left: where a code goes before the address is confirmed, and what no one
/// may read in the table.
#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    text: String,
}

/// Asks for a one-time code to be sent to an address, to confirm it as one's own.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AskCode {
    pub channel: Channel,
    pub address: ContactAddress,
}

impl Act for AskCode {
    const KIND: ActKind = ActKind::AskCode;
    type Answer = CodeAsked;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn unspoken(&self) -> String {
        self.address.0.clone()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<CodeAsked, Stop> {
        let (account, now) = (desk.caller().account().ok_or(Stop::SignInFirst)?, desk.now());
        if !desk.office().channels().has(self.channel) {
            return Err(Refusal::house("消息", format!("本系统还没有配置{}", self.channel.name()))
                .remedy("请联系系统管理员；配置之前，消息只在“待办”页")
                .at("address")
                .into());
        }
        let address = read_address(self.channel, &self.address.0)?;
        let find_key = desk.seals().find_key(&address);
        let (sent, last_at) = store::codes_since(&mut desk.tx(), (account, self.channel), &find_key, now - 3_600_000)?;
        may_ask_code(sent, last_at, now)?;
        let (id, code) = (desk.new_id(), format!("{:06}", rand::random_range(0..1_000_000)));
        let expires_at = code_expires_at(now);
        let (sealed, digest) = (desk.seals().seal(&address), digest_of(desk, id, &code));
        let new = store::NewCode {
            id,
            account,
            channel: self.channel,
            address: &sealed,
            find_key: &find_key,
            digest: &digest,
            now,
            expires_at,
        };
        store::ask(&mut desk.tx(), &new)?;
        let shown = mask_address(self.channel, &address);
        let sealed = sealed_code(desk.seals(), address, code)?;
        let delivery = store::NewDelivery {
            message: id,
            account,
            channel: self.channel,
            kind: MessageKind::Code,
            title: "确认地址的验证码",
            link: "",
            sealed: &sealed,
            now,
        };
        store::put(&mut desk.tx(), &delivery)?;
        Ok(CodeAsked { address: shown, expires_at })
    }
}

/// A code is on its way.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CodeAsked {
    /// Where to, in part.
    pub address: String,
    /// Milliseconds since 1970.
    pub expires_at: i64,
}

/// The keyed hash of a code: without the key of the house a million tries tell nothing.
fn digest_of(sight: &Sight<'_>, id: i64, code: &str) -> String {
    sight.seals().find_key(&format!("one-time code {id} {code}"))
}

/// Confirms an address by the code that was sent to it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConfirmContact {
    pub channel: Channel,
    pub code: OneTimeCode,
}

impl Act for ConfirmContact {
    const KIND: ActKind = ActKind::ConfirmContact;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn unspoken(&self) -> String {
        self.code.0.clone()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (account, now) = (desk.caller().account().ok_or(Stop::SignInFirst)?, desk.now());
        let pending = store::pending(&mut desk.tx(), account, self.channel)?
            .ok_or_else(|| Refusal::house("消息", "没有待确认的地址").remedy("请先获取验证码").at("code"))?;
        may_try_code(pending.tries, pending.expires_at, now)?;
        let code: String = self.code.0.chars().filter(|c| !c.is_whitespace()).collect();
        if digest_of(desk, pending.id, &code) != pending.digest {
            store::missed(&mut desk.tx(), pending.id)?;
            return Err(Stop::RefusedAndKept(Box::new(wrong_code())));
        }
        store::confirm(&mut desk.tx(), account, self.channel, &pending.address, now)?;
        Ok(Done {})
    }
}

/// Removes an address; nothing more is sent there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RemoveContact {
    pub channel: Channel,
}

impl Act for RemoveContact {
    const KIND: ActKind = ActKind::RemoveContact;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (account, now) = (desk.caller().account().ok_or(Stop::SignInFirst)?, desk.now());
        if !store::remove(&mut desk.tx(), account, self.channel, now)? {
            return Err(Refusal::house("消息", format!("没有已确认的{}", self.channel.address_name()))
                .remedy("不需要移除")
                .into());
        }
        Ok(Done {})
    }
}

/// One kind of message by one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Choice {
    pub channel: Channel,
    pub kind: MessageKind,
}

/// Chooses what is sent by which channel. Inside the house every message arrives in any case.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChooseMessages {
    #[schema(max_items = 20)]
    pub choices: Vec<Choice>,
    /// The hour, 0 to 23, from which the digest of a working day is mailed; none without it.
    #[schema(minimum = 0, maximum = 23)]
    pub digest_hour: Option<i64>,
}

impl Act for ChooseMessages {
    const KIND: ActKind = ActKind::ChooseMessages;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let account = desk.caller().account().ok_or(Stop::SignInFirst)?;
        if let Some(choice) = self.choices.iter().find(|choice| !MessageKind::CHOSEN.contains(&choice.kind)) {
            return Err(Refusal::house("消息", format!("{}不在可选之列", choice.kind.name()))
                .remedy("可选期限提醒和办理消息")
                .at("choices")
                .into());
        }
        if self.digest_hour.is_some_and(|hour| !(0..24).contains(&hour)) {
            let refusal = Refusal::house("消息", "汇总的时间不正确").remedy("请选择0时至23时");
            return Err(refusal.at("digest_hour").into());
        }
        let by_digest = self.digest_hour.map(|_| (Channel::Mail, "digest_hour"));
        let wanted = self.choices.iter().map(|choice| (choice.channel, "choices")).chain(by_digest);
        for (channel, field) in wanted {
            if !store::has_contact(&mut desk.tx(), account, channel)? {
                let what = format!("还没有确认{}", channel.address_name());
                return Err(Refusal::house("消息", what).remedy("请先获取验证码并确认").at(field).into());
            }
        }
        store::choose(&mut desk.tx(), account, &self.choices)?;
        store::set_digest(&mut desk.tx(), account, self.digest_hour)?;
        Ok(Done {})
    }
}

/// Sends again what was given up: when the mail server is right again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RetryDeliveries {}

/// How many are sent again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Retried {
    pub deliveries: u64,
}

impl Act for RetryDeliveries {
    const KIND: ActKind = ActKind::RetryDeliveries;
    type Answer = Retried;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Retried, Stop> {
        let now = desk.now();
        Ok(Retried { deliveries: store::retry(&mut desk.tx(), now)? })
    }
}

/// One channel, as the holder of an account sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactView {
    pub channel: Channel,
    pub channel_name: String,
    pub address_name: String,
    /// Whether the operator has named a way out.
    pub is_configured: bool,
    /// The confirmed address, in part.
    pub address: Option<String>,
    pub confirmed_on: Option<Date>,
    /// Whether the last message to it was given up.
    pub last_failed: bool,
    /// The address that waits for its code, in part.
    pub pending: Option<String>,
    /// Until when its code is good, as people read it.
    pub pending_until: Option<String>,
}

/// Where messages go, and which.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactsView {
    pub contacts: Vec<ContactView>,
    pub choices: Vec<Choice>,
    pub digest_hour: Option<i64>,
}

/// Where do messages to me go, and which?
#[derive(Deserialize, ToSchema)]
pub struct OwnContacts {}

impl Look for OwnContacts {
    const KIND: LookKind = LookKind::Account;
    type View = ContactsView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ContactsView, Stop> {
        let (account, now) = (sight.caller().account().ok_or(Stop::SignInFirst)?, sight.now());
        let (channels, seals) = (sight.office().channels(), sight.seals());
        let shown = |channel, sealed: &str| {
            seals.open_text(sealed).map(|address| mask_address(channel, &address)).ok_or_else(|| Stop::fault("a seal"))
        };
        let confirmed = store::contacts(&mut sight.tx(), account)?;
        let mut contacts = Vec::new();
        for &channel in Channel::ALL {
            let contact = confirmed.iter().find(|contact| contact.channel == channel);
            let pending = store::pending(&mut sight.tx(), account, channel)?
                .filter(|pending| may_try_code(pending.tries, pending.expires_at, now).is_ok());
            contacts.push(ContactView {
                channel,
                channel_name: channel.name().into(),
                address_name: channel.address_name().into(),
                is_configured: channels.has(channel),
                address: contact.map(|contact| shown(channel, &contact.sealed)).transpose()?,
                confirmed_on: contact.map(|contact| day_of(contact.confirmed_at)),
                last_failed: contact.is_some_and(|contact| contact.last_failed),
                pending: pending.as_ref().map(|pending| shown(channel, &pending.address)).transpose()?,
                pending_until: pending.map(|pending| read_out(pending.expires_at)),
            });
        }
        let choices = store::choices(&mut sight.tx(), account)?;
        Ok(ContactsView { contacts, choices, digest_hour: store::digest_hour(&mut sight.tx(), account)? })
    }
}

/// What became of the deliveries of a channel within thirty days.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChannelCount {
    pub channel: Channel,
    pub channel_name: String,
    pub is_configured: bool,
    pub waiting: i64,
    /// When the oldest one that waits was made, as people read it.
    pub oldest_at: Option<String>,
    pub sent: i64,
    pub given_up: i64,
    /// Those whose address was removed, whose account was closed, or whose code ran out; and codes asked for in a name that
    /// nobody is registered under.
    pub dropped: i64,
}

impl ChannelCount {
    fn none(channel: Channel) -> Self {
        let channel_name = channel.name().into();
        Self {
            channel,
            channel_name,
            is_configured: false,
            waiting: 0,
            oldest_at: None,
            sent: 0,
            given_up: 0,
            dropped: 0,
        }
    }
}

/// A delivery that failed at least once. It names a seat, never a person or an address.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Trouble {
    /// When it failed last, as people read it.
    pub at: String,
    pub channel: Channel,
    pub channel_name: String,
    pub kind: MessageKind,
    pub kind_name: String,
    pub seat: String,
    pub tries: i64,
    pub error: String,
    pub state: String,
    pub is_given_up: bool,
}

/// How deliveries stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeliveriesView {
    pub channels: Vec<ChannelCount>,
    /// The last fifty that failed.
    pub troubles: Vec<Trouble>,
}

/// How do messages that leave the house fare?
#[derive(Deserialize, ToSchema)]
pub struct Deliveries {}

impl Look for Deliveries {
    const KIND: LookKind = LookKind::Administration;
    type View = DeliveriesView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<DeliveriesView, Stop> {
        let ways = sight.office().channels();
        let mut channels = store::counts(&mut sight.tx())?;
        channels.iter_mut().for_each(|count| count.is_configured = ways.has(count.channel));
        Ok(DeliveriesView { channels, troubles: store::troubles(&mut sight.tx())? })
    }
}

/// Deliveries in numbers, for monitoring.
#[derive(Debug, Clone, Serialize)]
pub struct Health {
    pub waiting: i64,
    /// Seconds that the oldest one has waited.
    pub oldest_seconds: i64,
    pub given_up: i64,
}

/// How deliveries stand, in numbers.
///
/// # Errors
/// Whatever the database says.
pub fn health(office: &Office) -> Result<Health, DbError> {
    let (waiting, oldest_at, given_up) = office.engine().read(store::waiting)?;
    let oldest_seconds = oldest_at.map_or(0, |at| (office.now() - at).max(0) / 1000);
    Ok(Health { waiting, oldest_seconds, given_up })
}

/// What an administrator must do about deliveries.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    if sight.caller().role() != Role::Administrator {
        return Ok(Vec::new());
    }
    let (.., given_up) = store::waiting(&mut sight.tx())?;
    let detail = format!("{given_up} 条消息没有送达，请核对邮件或短信服务，再重新投递");
    let task = || Task::new(Clause::S3_2_2, "处理没有送达的消息", detail, "/admin/deliveries");
    Ok((given_up > 0).then(task).into_iter().collect())
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<AskCode>("/account/codes")
        .act::<ConfirmContact>("/account/contacts")
        .act::<RemoveContact>("/account/contacts/removal")
        .act::<ChooseMessages>("/account/messages")
        .act::<RetryDeliveries>("/deliveries/retry")
        .look::<OwnContacts>("/account/contacts", "接收消息的地址与选择")
        .look::<Deliveries>("/deliveries", "消息投递情况")
}

/// Sends what waits by every channel that is there; how many letters left. It may take long and is no part of what falls
/// due; another server may do the same at the same time.
///
/// # Errors
/// Whatever the database says; a letter that does not leave is no error.
pub fn send_waiting(office: &Office) -> Result<usize, Stop> {
    let channels = office.channels();
    let mut sent = 0;
    for way in &channels.ways {
        sent += send_by(office, &channels.public_url, way)?;
    }
    Ok(sent)
}

fn send_by(office: &Office, public_url: &str, way: &Way) -> Result<usize, Stop> {
    let channel = way.send.channel();
    let mut sent = 0;
    for _ in 0..ROUND {
        let now = office.now();
        let rests_until = *way.rests_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A clock that was moved back does not make it rest for ever.
        let rests = rests_until > now && rests_until <= now + REST_MS;
        if rests || !office.engine().read(|tx| store::waits(tx, channel, now))? {
            break;
        }
        let claimed =
            office.engine().write(move |tx| Ok((Keep::Yes, store::claim(tx, channel, now, now + LEASE_MS)?)))?;
        let Some(claimed) = claimed else { break };
        let outcome = match letter(office, public_url, channel, &claimed) {
            Some(letter) => way.send.send(&letter),
            None => Err(Failure::Never("内容打不开".into())),
        };
        let now = office.now();
        let is_down = matches!(outcome, Err(Failure::Down(_)));
        match settle(office, channel, &claimed, outcome, now)? {
            true => sent += 1,
            false if is_down => {
                *way.rests_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = now + REST_MS;
                break;
            }
            false => {}
        }
    }
    Ok(sent)
}

/// Writes down what a try came to; whether it left.
fn settle(
    office: &Office,
    channel: Channel,
    claimed: &store::Claimed,
    outcome: Result<(), Failure>,
    now: i64,
) -> Result<bool, Stop> {
    let key = (claimed.message, claimed.account, claimed.lease);
    let next = next_try_in(claimed.tries).map(|wait| now + wait);
    let left = outcome.is_ok();
    if let Err(failure) = &outcome {
        tracing::warn!(
            channel = channel.code(),
            message = claimed.message,
            tries = claimed.tries,
            ?failure,
            "delivery"
        );
    }
    office.engine().write(move |tx| {
        let came = match (&outcome, next) {
            (Ok(()), _) => store::Came::Sent,
            (Err(Failure::Later(error) | Failure::Down(error)), Some(next_at)) => store::Came::Again { next_at, error },
            (Err(Failure::Later(error) | Failure::Down(error) | Failure::Never(error)), _) => {
                store::Came::GivenUp { error }
            }
        };
        store::came_to(tx, channel, key, &came, now)?;
        Ok((Keep::Yes, ()))
    })?;
    Ok(left)
}

/// What is sent: title, last day, clause, link, and the name of the seat; no person.
fn letter(office: &Office, public_url: &str, channel: Channel, claimed: &store::Claimed) -> Option<Letter> {
    let seals = office.seals();
    let key = format!("{}.{}.{}", claimed.message, claimed.account, channel.code());
    // Another house may count as we do and send from the same domain.
    let key = format!("{key}.{}", &seals.find_key(&format!("delivery {key}"))[..12]);
    let sealed = match &claimed.sealed {
        Some(sealed) => Some(serde_json::from_str::<Sealed>(&seals.open_text(sealed)?).ok()?),
        None => None,
    };
    let to = match sealed.as_ref().and_then(|sealed| sealed.to.clone()) {
        Some(to) => to,
        None => seals.open_text(claimed.address.as_ref()?)?,
    };
    let text = sealed.map(|sealed| sealed.text);
    let link = if claimed.link.is_empty() { String::new() } else { format!("{public_url}{}", claimed.link) };
    let (subject, body, short) = match (claimed.kind, text) {
        (MessageKind::Code, code) => {
            let said = format!("验证码 {}，{CODE_MINUTES}分钟内有效，用于确认接收消息的地址", code.unwrap_or_default());
            (claimed.title.clone(), format!("{said}。\n\n不是您本人操作的，请不要理会。"), format!("{said}。"))
        }
        (MessageKind::OwnCode, code) => {
            let said = format!("验证码 {}，{CODE_MINUTES}分钟内有效，用于查看本人的认定信息", code.unwrap_or_default());
            (claimed.title.clone(), String::new(), format!("{said}。不是本人操作的，请勿告诉他人。"))
        }
        (MessageKind::Digest, text) => {
            (claimed.title.clone(), format!("{}\n\n办理：{link}", text.unwrap_or_default()), claimed.title.clone())
        }
        (MessageKind::Deadline | MessageKind::Matter, _) => {
            let title = spoken(&claimed.title);
            let clause = claimed.clause.as_deref().and_then(Clause::from_id);
            let lines = [
                Some(format!("{title}。")),
                claimed.due_on.map(|day| format!("最迟：{}", long_day(day))),
                clause.map(|clause| format!("依据：闽人社办〔2020〕60号 {}", clause.place())),
                (!link.is_empty()).then(|| format!("办理：{link}")),
            ];
            let due = claimed.due_on.map(|day| format!("，最迟{}", plain_day(day))).unwrap_or_default();
            let short = format!("{title}{due}。{}：{link}", claimed.seat);
            (title, lines.into_iter().flatten().collect::<Vec<_>>().join("\n"), short)
        }
    };
    let foot = "本邮件由匠册自动发出，请勿回复。要改收什么消息，请登录后进入“我的账号”。";
    Some(Letter {
        key,
        to,
        subject: format!("匠册：{subject}"),
        text: format!("{}：\n\n{body}\n\n{foot}\n", claimed.seat),
        short: format!("【匠册】{short}"),
        made_at: claimed.made_at,
    })
}

/// Makes today's digests that are due at this hour, once each; how many. Nobody is sent an empty one, and none on days off.
///
/// # Errors
/// A fault of reading; one that fails keeps no other up.
pub(crate) fn digests(office: &Office) -> Result<usize, Stop> {
    let (now, today) = (office.now(), office.today());
    let hour = (now - midnight(today)) / 3_600_000;
    let due = office.engine().read(|tx| store::digests_due(tx, hour, today))?;
    if due.is_empty() || !office.reference().calendar.is_working_day(today).unwrap_or(false) {
        return Ok(0);
    }
    let mut made = 0;
    for (account, login) in due {
        match digest(office, account, &login, today) {
            Ok(true) => made += 1,
            Ok(false) => {}
            Err(stop) => tracing::error!(account, %stop, "digest"),
        }
    }
    Ok(made)
}

fn digest(office: &Office, account: i64, login: &str, today: rules::Day) -> Result<bool, Stop> {
    let caller: Caller = crate::account::caller_for(office, login, Via::Timer)?;
    let tasks = if caller.must_change() { Vec::new() } else { office.look(&caller, &Work {})?.tasks };
    let mine: Vec<&Task> = tasks.iter().filter(|task| !task.waiting).collect();
    let late = mine.iter().filter(|task| task.due_on.is_some_and(|due| due < today)).count();
    let lines: Vec<String> = mine
        .iter()
        .take(DIGEST_LINES)
        .map(|task| {
            let due = task.due_on.map(|due| format!("，最迟{}", long_day(due))).unwrap_or_default();
            let clause = Clause::from_id(&task.clause).map_or("", Clause::place);
            format!("· {}{due}（{clause}）", spoken(&task.what))
        })
        .collect();
    let more = mine.len().saturating_sub(DIGEST_LINES);
    let more = if more > 0 { format!("\n另有 {more} 项。") } else { String::new() };
    let is_late = if late > 0 { format!("，其中逾期 {late} 项") } else { String::new() };
    let title = format!("{}待办 {} 项{is_late}", plain_day(today), mine.len());
    let text = Sealed { to: None, text: format!("{}{more}", lines.join("\n")) };
    let sealed = office.seals().seal(&crate::door::store::to_text(&text)?);
    let (message, now, is_empty) = (office.new_id(), office.now(), mine.is_empty());
    Ok(office.engine().write(move |tx| {
        let is_first = store::digested(tx, account, today)?;
        if !is_first || is_empty {
            return Ok((Keep::Yes, false));
        }
        let delivery = store::NewDelivery {
            message,
            account,
            channel: Channel::Mail,
            kind: MessageKind::Digest,
            title: &title,
            link: "/work",
            sealed: &sealed,
            now,
        };
        store::put(tx, &delivery)?;
        Ok((Keep::Yes, true))
    })?)
}

/// The most matters that a digest names one by one.
const DIGEST_LINES: usize = 30;
