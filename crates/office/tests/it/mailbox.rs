//! A mail server on this machine that speaks as much SMTP as a story needs, and misbehaves as it is told.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use office::delivery::{Mail, MailSettings, Protection};

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Takes,
    /// 451 to the recipient.
    PutsOff,
    /// 550 to the recipient, naming it.
    Refuses,
    /// Takes the letter and hangs up before it says so.
    HangsUp,
    /// 535 to whoever signs in.
    LetsNobodyIn,
}

/// A letter as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub to: String,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Arrived {
    /// The id by which a letter that came twice is recognised.
    pub fn id(&self) -> &str {
        &self.headers["message-id"]
    }

    /// The one-time code in it.
    pub fn code(&self) -> String {
        let (_, rest) = self.text.split_once("验证码 ").unwrap_or_else(|| panic!("no code: {}", self.text));
        rest.chars().take_while(char::is_ascii_digit).collect()
    }
}

struct State {
    manner: Manner,
    arrived: Vec<Arrived>,
    connections: usize,
    signed_in: Vec<String>,
}

/// The mail server; it stands until the tests end.
pub struct MailServer {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl MailServer {
    /// Begins to listen.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = State { manner: Manner::Takes, arrived: Vec::new(), connections: 0, signed_in: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                shared.lock().expect("the state").connections += 1;
                // Who hangs up ends the conversation; that is no failure.
                std::thread::spawn(move || converse(&stream, &shared));
            }
        });
        Self { port, state }
    }

    /// A way out to it.
    pub fn way(&self, protection: Protection, user: Option<&str>) -> Result<Mail, office::door::Stop> {
        Mail::new(&MailSettings {
            host: "127.0.0.1".into(),
            port: Some(self.port),
            user: user.map(str::to_owned),
            password: user.map(|_| "示例密码".to_owned()),
            from: "jiangce@example.com".into(),
            protection,
            authority: None,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the state")
    }

    /// From now on it answers so.
    pub fn becomes(&self, manner: Manner) {
        self.state().manner = manner;
    }

    /// What has arrived since it was asked last.
    pub fn arrived(&self) -> Vec<Arrived> {
        std::mem::take(&mut self.state().arrived)
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// Who signed in.
    pub fn signed_in(&self) -> Vec<String> {
        self.state().signed_in.clone()
    }
}

fn converse(stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    let say = |text: &str| {
        let mut stream = stream;
        stream.write_all(format!("{text}\r\n").as_bytes()).ok()
    };
    let mut to = String::new();
    say("220 test ESMTP")?;
    while let Some(Ok(line)) = lines.next() {
        let manner = state.lock().expect("the state").manner;
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => say("250-test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN")?,
            "AUTH" if manner == Manner::LetsNobodyIn => say("535 5.7.8 no")?,
            "AUTH" => {
                let told = STANDARD.decode(line.rsplit(' ').next()?).ok()?;
                let told = String::from_utf8_lossy(&told).replace('\0', " ").trim().to_owned();
                state.lock().expect("the state").signed_in.push(told);
                say("235 2.7.0 welcome")?;
            }
            "RCPT" => {
                line.split(['<', '>']).nth(1)?.clone_into(&mut to);
                match manner {
                    Manner::PutsOff => say("451 4.7.1 later")?,
                    Manner::Refuses => say(&format!("550 5.1.1 <{to}> is nobody here"))?,
                    _ => say("250 2.1.5 ok")?,
                }
            }
            "DATA" => {
                say("354 go on")?;
                let mut content = Vec::new();
                for line in lines.by_ref() {
                    let line = line.ok()?;
                    if line == "." {
                        break;
                    }
                    content.push(line.strip_prefix('.').map_or(line.clone(), str::to_owned));
                }
                state.lock().expect("the state").arrived.push(read(&to, &content));
                if manner == Manner::HangsUp {
                    return stream.shutdown(std::net::Shutdown::Both).ok();
                }
                say("250 2.0.0 taken")?;
            }
            "QUIT" => {
                say("221 bye")?;
                return Some(());
            }
            _ => say("250 ok")?,
        }
    }
    Some(())
}

fn read(to: &str, content: &[String]) -> Arrived {
    let blank = content.iter().position(String::is_empty).expect("an end of the headers");
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in &content[..blank] {
        match line.strip_prefix([' ', '\t']) {
            Some(more) => {
                let value = headers.get_mut(&last).expect("a header");
                value.push(' ');
                value.push_str(more);
            }
            None => {
                let (name, value) = line.split_once(": ").expect("a header");
                last = name.to_lowercase();
                headers.insert(last.clone(), value.to_owned());
            }
        }
    }
    if let Some(subject) = headers.get_mut("subject") {
        // Words that are encoded stand side by side; the blanks between them are no part of the text.
        let bytes: Vec<u8> = subject
            .split_whitespace()
            .flat_map(|word| match word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?=")) {
                Some(encoded) => STANDARD.decode(encoded).expect("base64"),
                None => word.as_bytes().to_vec(),
            })
            .collect();
        *subject = String::from_utf8(bytes).expect("text");
    }
    assert_eq!(headers["content-transfer-encoding"], "base64");
    let text = STANDARD.decode(content[blank..].concat()).expect("base64");
    Arrived { to: to.to_owned(), headers, text: String::from_utf8(text).expect("text") }
}
