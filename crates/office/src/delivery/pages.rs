//! Where one's messages go, and, for administrators, how deliveries fare.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use rules::delivery::{Channel, MessageKind};

use super::{
    AskCode, Choice as Wanted, ChooseMessages, ConfirmContact, ContactAddress, ContactView, ContactsView, Deliveries,
    DeliveriesView, OneTimeCode, OwnContacts, RemoveContact, RetryDeliveries,
};
use crate::door::Stop;
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, done, long_day, refusal_in, spoken, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/account/contacts", get(contacts).post(confirm))
        .route("/account/contacts/codes", post(ask_code))
        .route("/account/contacts/removal", post(remove))
        .route("/account/messages", post(choose))
        .route("/admin/deliveries", get(deliveries).post(retry))
}

#[derive(Template)]
#[template(path = "delivery/views/contacts.html")]
struct ContactsPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ContactsView,
    /// What was typed as an address, of the channel that was refused.
    typed: String,
    hours: Vec<Choice>,
    refusal: Option<RefusalPanel>,
}

impl ContactsPage {
    /// What is wrong with a field, if it is this one that was refused.
    fn problem(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    /// What was typed into this field before it was refused.
    fn typed(&self, field: &str) -> &str {
        if self.problem(field).is_empty() { "" } else { &self.typed }
    }

    fn has_any(&self) -> bool {
        self.view.contacts.iter().any(|contact| contact.address.is_some())
    }

    fn has_mail(&self) -> bool {
        self.view.contacts.iter().any(|contact| contact.channel == Channel::Mail && contact.address.is_some())
    }

    /// The boxes of a channel.
    fn boxes(&self, contact: &ContactView) -> Vec<Choice> {
        let channel = contact.channel;
        MessageKind::CHOSEN
            .iter()
            .map(|&kind| Choice {
                value: kind.code().into(),
                label: kind.name().into(),
                chosen: self.view.choices.contains(&Wanted { channel, kind }),
            })
            .collect()
    }
}

/// The id of a channel's field on the page.
fn field_of(contact: &ContactView, field: &str) -> String {
    format!("{}-{field}", contact.channel.code())
}

async fn contacts(State(web): State<Web>, visit: Visit) -> Response {
    contacts_page(&web, &visit, String::new(), None).await
}

async fn contacts_page(web: &Web, visit: &Visit, typed: String, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, OwnContacts {}).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let chosen = view.digest_hour.map(|hour| hour.to_string()).unwrap_or_default();
    let hours = (6..=20).map(|hour| Choice::new(hour.to_string(), format!("{hour}时起"), &chosen));
    let page = ContactsPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/account", "我的账号")],
        hours: std::iter::once(Choice::new("", "不发", &chosen)).chain(hours).collect(),
        view,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

fn read_channel(posted: &Posted) -> Result<Channel, Stop> {
    Channel::from_code(posted.text("channel")).ok_or(Stop::NotFound)
}

/// Says what was done, or shows the page again; fields of the act stand on it once for each channel.
async fn after(web: &Web, visit: &Visit, posted: &Posted, outcome: Result<(), Stop>, said: &str) -> Response {
    match outcome {
        Ok(()) => done("/account/contacts", said),
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                let channel = posted.text("channel");
                refusal.field = refusal.field.map(|field| match field.as_str() {
                    "address" | "code" => format!("{channel}-{field}"),
                    "digest_hour" => field,
                    _ => "mail-kinds".into(),
                });
                contacts_page(web, visit, posted.text("address").to_owned(), Some(refusal)).await
            }
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

async fn ask_code(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = match read_channel(&posted) {
        Ok(channel) => {
            let act = AskCode { channel, address: ContactAddress::new(posted.text("address")) };
            web.act(&visit, posted.once(), act).await.map(|_| ())
        }
        Err(stop) => Err(stop),
    };
    after(&web, &visit, &posted, outcome, "验证码已发出，请在收到后填写。").await
}

async fn confirm(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = match read_channel(&posted) {
        Ok(channel) => {
            let act = ConfirmContact { channel, code: OneTimeCode::new(posted.text("code")) };
            web.act(&visit, posted.once(), act).await.map(|_| ())
        }
        Err(stop) => Err(stop),
    };
    after(&web, &visit, &posted, outcome, "已确认，消息将同时发到这里。").await
}

async fn remove(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = match read_channel(&posted) {
        Ok(channel) => web.act(&visit, posted.once(), RemoveContact { channel }).await.map(|_| ()),
        Err(stop) => Err(stop),
    };
    after(&web, &visit, &posted, outcome, "已移除，不再向它发送。").await
}

async fn choose(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let mut choices = Vec::new();
    for &channel in Channel::ALL {
        let kinds = posted.all(&format!("{}-kinds", channel.code()));
        choices.extend(kinds.into_iter().filter_map(MessageKind::from_code).map(|kind| Wanted { channel, kind }));
    }
    let digest_hour = posted.some("digest_hour").map(|hour| hour.parse().unwrap_or(-1));
    let outcome = web.act(&visit, posted.once(), ChooseMessages { choices, digest_hour }).await.map(|_| ());
    after(&web, &visit, &posted, outcome, "已保存。").await
}

#[derive(Template)]
#[template(path = "delivery/views/deliveries.html")]
struct DeliveriesPage {
    page: Page,
    view: DeliveriesView,
}

async fn deliveries(State(web): State<Web>, visit: Visit) -> Response {
    match web.look(&visit, Deliveries {}).await {
        Ok(view) => html(&DeliveriesPage { page: Page::new(&web, &visit), view }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn retry(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    match web.act(&visit, posted.once(), RetryDeliveries {}).await {
        Ok(retried) => done("/admin/deliveries", &format!("{} 条消息将重新投递。", retried.deliveries)),
        Err(stop) => stopped(&web, &visit, stop),
    }
}
