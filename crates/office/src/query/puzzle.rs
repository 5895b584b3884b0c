//! Guessing made dear: whoever has asked in vain too often first spends a moment of computing on each further question, or
//! answers a sum in words. A puzzle is signed and kept nowhere; it is good for one address and one question, for ten
//! minutes, once. Who asks for what there is never meets one.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hmac::{Hmac, Mac};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::door::{Seals, hex};
use crate::web::Settings;

/// How long a puzzle may be solved, in milliseconds: long enough for whoever has a page read out.
const GOOD_FOR: i64 = 10 * 60_000;
/// Within which one of the misses of an address is forgiven, in milliseconds.
const FORGIVEN_IN: i64 = 60_000;
/// Sums in words that one address may try, and within which it may try one more, in milliseconds.
const WORDS_FREE: f64 = 4.0;
const WORDS_IN: i64 = 30_000;
/// By how many bits a puzzle grows at most for an address that goes on missing: sixteen times the work.
const BITS_MORE: u8 = 4;
/// Addresses that are remembered at most; more of them at once are an attack by themselves.
const ADDRESSES_MAX: usize = 100_000;

/// Who has asked in vain, and which puzzles are spent.
pub(crate) struct Puzzles {
    key: Hmac<Sha256>,
    /// Puzzles from before are not taken: which of them are spent is not known.
    began: i64,
    misses_free: f64,
    site_misses: f64,
    bits: u8,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    misses: HashMap<IpAddr, Level>,
    words: HashMap<IpAddr, Level>,
    site: Level,
    /// Until when each solved puzzle could be offered again.
    spent: HashMap<u64, i64>,
}

/// A bucket that leaks: how full it was when.
#[derive(Clone, Copy, Default)]
struct Level {
    at: i64,
    amount: f64,
}

impl Level {
    /// How full it is now, losing one in each `period`.
    fn now(self, now: i64, period: i64) -> f64 {
        (self.amount - now.saturating_sub(self.at).max(0) as f64 / period as f64).max(0.0)
    }

    /// Whether as many as `most` were added lately: it leaks all the time, so that the last of them is never quite whole.
    fn is_full(self, most: f64, now: i64, period: i64) -> bool {
        self.now(now, period) > most - 1.0
    }

    fn add(&mut self, now: i64, period: i64) {
        *self = Self { at: now, amount: self.now(now, period) + 1.0 };
    }
}

/// What came with a question to show for a puzzle.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Offered<'a> {
    Nothing,
    Solution {
        challenge: &'a str,
        counter: &'a str,
    },
    /// The sum, in digits or words.
    Answer {
        challenge: &'a str,
        answer: &'a str,
    },
}

impl<'a> Offered<'a> {
    /// What a form brought.
    pub(crate) fn of(challenge: &'a str, counter: &'a str, answer: &'a str) -> Self {
        match (challenge.is_empty(), counter.is_empty(), answer.is_empty()) {
            (false, false, _) => Self::Solution { challenge, counter },
            (false, true, false) => Self::Answer { challenge, answer },
            _ => Self::Nothing,
        }
    }

    /// What the header `Puzzle-Solution` brought: `challenge:counter`.
    pub(crate) fn of_header(text: &'a str) -> Self {
        text.trim().split_once(':').map_or(Self::Nothing, |(challenge, counter)| Self::Solution { challenge, counter })
    }
}

/// A puzzle that has to be solved before a question is answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Puzzle {
    /// To be sent back with the solution: `Puzzle-Solution: challenge:counter`.
    pub challenge: String,
    /// Find a counter, in decimal digits, so that SHA-256 of `challenge:counter` begins with so many zero bits.
    pub bits: u8,
    /// The same without computing, for pages: a sum in words.
    pub words: String,
    /// Whether what was offered did not hold.
    pub wrong: bool,
    /// Whether this address has tried too many sums.
    pub words_spent: bool,
}

impl Puzzles {
    /// With the key of the house, from this moment on.
    pub(crate) fn new(seals: &Seals, settings: &Settings, now: i64) -> Self {
        Self {
            key: seals.puzzles(),
            began: now,
            misses_free: f64::from(settings.misses_free),
            site_misses: f64::from(settings.site_misses_per_minute),
            bits: settings.puzzle_bits,
            book: Mutex::default(),
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that an address asked for what there is not.
    pub(crate) fn missed(&self, address: IpAddr, now: i64) {
        if self.misses_free == 0.0 {
            return;
        }
        let mut book = self.book();
        let site_period = self.site_period();
        book.site.add(now, site_period);
        if book.misses.len() < ADDRESSES_MAX || book.misses.contains_key(&address) {
            book.misses.entry(address).or_default().add(now, FORGIVEN_IN);
        } else {
            book.misses.retain(|_, level| level.now(now, FORGIVEN_IN) > 0.0);
        }
    }

    fn site_period(&self) -> i64 {
        (60_000.0 / self.site_misses.max(1.0)) as i64
    }

    /// How many bits the next question of this address costs; `None` while it is free.
    fn price(&self, book: &Book, address: IpAddr, now: i64) -> Option<u8> {
        let level = book.misses.get(&address).copied().unwrap_or_default();
        // The site is under pressure where all addresses together miss too often: then nobody is known to be harmless.
        let pressed = self.site_misses > 0.0
            && (book.site.now(now, self.site_period().max(1)) > self.site_misses || book.misses.len() >= ADDRESSES_MAX);
        match level.is_full(self.misses_free, now, FORGIVEN_IN) {
            true => {
                let over = level.now(now, FORGIVEN_IN) - self.misses_free;
                Some(self.bits + ((over / self.misses_free) as u8).min(BITS_MORE))
            }
            false => pressed.then_some(self.bits),
        }
    }

    /// Whether an address may ask this question now. `question` is any text that stands for it alone.
    ///
    /// # Errors
    /// The puzzle that has to be solved first.
    pub(crate) fn ask(
        &self,
        address: IpAddr,
        question: impl FnOnce() -> String,
        offered: Offered<'_>,
        now: i64,
    ) -> Result<(), Box<Puzzle>> {
        if self.misses_free == 0.0 {
            return Ok(());
        }
        let mut book = self.book();
        let Some(bits) = self.price(&book, address, now) else { return Ok(()) };
        let question = question();
        let holds = match offered {
            Offered::Nothing => false,
            Offered::Solution { challenge, counter } => self
                .read(challenge, address, &question, now)
                .is_some_and(|read| solves(challenge, counter, read.bits) && spend(&mut book, &read, now)),
            Offered::Answer { challenge, answer } => {
                let may_try = may_count(&mut book.words, address, now);
                // A sum is spent by the first answer, right or wrong: there are not many to guess from.
                self.read(challenge, address, &question, now).is_some_and(|read| {
                    may_try && spend(&mut book, &read, now) && number_of(answer) == Some(self.sum(read.nonce).1)
                })
            }
        };
        if holds {
            return Ok(());
        }
        let words_spent = book.words.get(&address).is_some_and(|tried| tried.is_full(WORDS_FREE, now, WORDS_IN));
        drop(book);
        Err(Box::new(self.new_puzzle(address, &question, bits, now, !matches!(offered, Offered::Nothing), words_spent)))
    }

    fn new_puzzle(
        &self,
        address: IpAddr,
        question: &str,
        bits: u8,
        now: i64,
        wrong: bool,
        words_spent: bool,
    ) -> Puzzle {
        let nonce: u64 = rand::random();
        let until = now + GOOD_FOR;
        let mac = hex(&self.mac(&Given { until, bits, nonce }, address, question).finalize().into_bytes()[..16]);
        let challenge = format!("{until:x}.{bits:x}.{nonce:x}.{mac}");
        Puzzle { challenge, bits, words: self.sum(nonce).0, wrong, words_spent }
    }

    /// What a challenge says, if it is one of ours for this address and question that is still good.
    fn read(&self, challenge: &str, address: IpAddr, question: &str, now: i64) -> Option<Given> {
        let mut parts = challenge.split('.');
        let mut number = || u64::from_str_radix(parts.next()?, 16).ok();
        let (until, bits, nonce) = (i64::try_from(number()?).ok()?, u8::try_from(number()?).ok()?, number()?);
        let given = Given { until, bits, nonce };
        let mac = parts.next().filter(|mac| mac.len() == 32 && mac.is_ascii())?;
        let bytes: Vec<u8> = (0..16).map_while(|at| u8::from_str_radix(&mac[2 * at..2 * at + 2], 16).ok()).collect();
        self.mac(&given, address, question).verify_truncated_left(&bytes).ok()?;
        // Longer than 16 bytes it can't be; shorter would be easier to guess.
        (bytes.len() == 16 && parts.next().is_none() && now <= until && until - GOOD_FOR >= self.began).then_some(given)
    }

    fn mac(&self, given: &Given, address: IpAddr, question: &str) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        let Given { until, bits, nonce } = given;
        mac.update(format!("ask\n{until}\n{bits}\n{nonce}\n{address}\n{question}").as_bytes());
        mac
    }

    /// The sum that belongs to a puzzle, in words, and what it comes to.
    fn sum(&self, nonce: u64) -> (String, u32) {
        let mut mac = self.key.clone();
        mac.update(format!("sum\n{nonce}").as_bytes());
        let bytes = mac.finalize().into_bytes();
        let (first, second, third) =
            (21 + u32::from(bytes[0]) % 60, 2 + u32::from(bytes[1]) % 18, 1 + u32::from(bytes[2]) % 20);
        let said = format!("{}加{}，再减{}，等于多少", words_of(first), words_of(second), words_of(third));
        (said, first + second - third)
    }
}

/// What a challenge says.
struct Given {
    until: i64,
    bits: u8,
    nonce: u64,
}

/// Notes a puzzle as spent; whether it was not before.
fn spend(book: &mut Book, given: &Given, now: i64) -> bool {
    if book.spent.len() >= ADDRESSES_MAX {
        book.spent.retain(|_, until| *until >= now);
    }
    book.spent.insert(given.nonce, given.until).is_none()
}

/// Counts one more sum in words for an address; whether it may still try one.
fn may_count(words: &mut HashMap<IpAddr, Level>, address: IpAddr, now: i64) -> bool {
    sweep(words, |level| level.now(now, WORDS_IN) > 0.0);
    let tried = words.entry(address).or_default();
    let may = !tried.is_full(WORDS_FREE, now, WORDS_IN);
    if may {
        tried.add(now, WORDS_IN);
    }
    may
}

fn sweep<K: Eq + Hash, V>(map: &mut HashMap<K, V>, stays: impl Fn(&V) -> bool) {
    if map.len() >= ADDRESSES_MAX {
        map.retain(|_, value| stays(value));
    }
}

/// Whether a counter solves a challenge.
fn solves(challenge: &str, counter: &str, bits: u8) -> bool {
    counter.len() <= 20
        && counter.bytes().all(|byte| byte.is_ascii_digit())
        && leading_zeros(&Sha256::digest(format!("{challenge}:{counter}"))) >= u32::from(bits)
}

fn leading_zeros(hash: &[u8]) -> u32 {
    let whole = hash.iter().take_while(|byte| **byte == 0).count();
    whole as u32 * 8 + hash.get(whole).map_or(0, |byte| byte.leading_zeros())
}

const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// A number below a hundred in words.
fn words_of(number: u32) -> String {
    let (tens, ones) = (number as usize / 10 % 10, number as usize % 10);
    match tens {
        0 if ones == 0 => "零".into(),
        0 => DIGITS[ones].into(),
        1 => format!("十{}", DIGITS[ones]),
        _ => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
    }
}

/// A number as people write it: digits of either width, or words below a hundred.
fn number_of(text: &str) -> Option<u32> {
    let plain = sheets::narrow(text.trim());
    match plain.parse() {
        Ok(number) => Some(number),
        Err(_) => (0..100).find(|number| words_of(*number) == plain),
    }
}

/// Solves a puzzle, as a browser does.
#[cfg(test)]
pub(crate) fn solution(challenge: &str, bits: u8) -> String {
    (0_u64..).map(|counter| counter.to_string()).find(|counter| solves(challenge, counter, bits)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    fn puzzles(misses_free: u32, site_misses_per_minute: u32) -> Puzzles {
        let settings = Settings { misses_free, site_misses_per_minute, puzzle_bits: 8, ..Settings::default() };
        Puzzles::new(&Seals::from_secret(&[7; 32]), &settings, 0)
    }

    fn ask(puzzles: &Puzzles, address: IpAddr, question: &str, offered: Offered<'_>, now: i64) -> Option<Puzzle> {
        puzzles.ask(address, || question.to_owned(), offered, now).err().map(|puzzle| *puzzle)
    }

    #[test]
    fn s2_2_4c_a_puzzle_comes_after_misses_and_is_good_once_here_for_this_question() {
        let all = puzzles(3, 0);
        for _ in 0..3 {
            assert!(ask(&all, HERE, "甲", Offered::Nothing, 1).is_none());
            all.missed(HERE, 1);
        }
        let given = ask(&all, HERE, "甲", Offered::Nothing, 1).expect("a puzzle");
        assert!(ask(&all, THERE, "甲", Offered::Nothing, 1).is_none(), "others are free");
        let counter = solution(&given.challenge, given.bits);
        let offered = Offered::Solution { challenge: &given.challenge, counter: &counter };
        for _ in 0..3 {
            all.missed(THERE, 1);
        }
        assert!(ask(&all, THERE, "甲", offered, 2).is_some(), "of another address");
        assert!(ask(&all, HERE, "乙", offered, 2).is_some(), "for another question");
        let wrong = Offered::Solution { challenge: &given.challenge, counter: "x" };
        assert!(ask(&all, HERE, "甲", wrong, 2).expect("a puzzle").wrong);
        let cheap = given.challenge.replacen(".8.", ".0.", 1);
        assert!(ask(&all, HERE, "甲", Offered::Solution { challenge: &cheap, counter: "1" }, 2).is_some());
        assert!(ask(&all, HERE, "甲", offered, GOOD_FOR + 2).is_none(), "by then the misses are forgiven");
        all.missed(HERE, 2);
        assert!(ask(&all, HERE, "甲", offered, 2).is_none(), "solved");
        assert!(ask(&all, HERE, "甲", offered, 3).is_some(), "and spent");
        // Each further handful of misses doubles the work, up to sixteen times.
        (0..30).for_each(|_| all.missed(HERE, 3));
        assert_eq!(ask(&all, HERE, "甲", Offered::Nothing, 3).expect("a puzzle").bits, 8 + BITS_MORE);
        // Forgiven again, one a minute.
        assert!(ask(&all, HERE, "甲", Offered::Nothing, 40 * FORGIVEN_IN).is_none());
    }

    #[test]
    fn s2_2_4c_a_sum_in_words_does_as_well_and_is_tried_seldom() {
        let all = puzzles(1, 0);
        all.missed(HERE, 0);
        let given = ask(&all, HERE, "甲", Offered::Nothing, 0).expect("a puzzle");
        let nonce = u64::from_str_radix(given.challenge.split('.').nth(2).expect("a nonce"), 16).expect("a number");
        let (said, sum) = all.sum(nonce);
        assert_eq!(said, given.words);
        let answer = sum.to_string();
        assert!(ask(&all, HERE, "甲", Offered::of(&given.challenge, "", &answer), 0).is_none());
        assert!(ask(&all, HERE, "甲", Offered::of(&given.challenge, "", &answer), 0).is_some(), "spent");
        for _ in 0..3 {
            let next = ask(&all, HERE, "甲", Offered::Nothing, 0).expect("a puzzle");
            assert!(ask(&all, HERE, "甲", Offered::of(&next.challenge, "", "0"), 0).is_some());
        }
        let next = ask(&all, HERE, "甲", Offered::Nothing, 0).expect("a puzzle");
        assert!(next.words_spent);
        let nonce = u64::from_str_radix(next.challenge.split('.').nth(2).expect("a nonce"), 16).expect("a number");
        let answer = words_of(all.sum(nonce).1);
        assert!(ask(&all, HERE, "甲", Offered::of(&next.challenge, "", &answer), 0).is_some(), "too many sums");
    }

    #[test]
    fn s2_2_4c_many_addresses_that_miss_press_the_whole_site() {
        let all = puzzles(5, 60);
        for n in 0..62 {
            all.missed(IpAddr::from([10, 1, 0, n]), 0);
        }
        assert!(ask(&all, HERE, "甲", Offered::Nothing, 0).is_some());
        assert!(ask(&all, HERE, "甲", Offered::Nothing, 5_000).is_none(), "the pressure is over");
        assert!(ask(&puzzles(0, 0), HERE, "甲", Offered::Nothing, 0).is_none(), "no puzzles at all");
    }

    #[test]
    fn s2_2_4c_numbers_are_read_in_digits_and_words() {
        for (said, number) in
            [("37", 37), ("３７", 37), ("三十七", 37), ("十", 10), ("十二", 12), ("八", 8), (" 20 ", 20), ("二十", 20)]
        {
            assert_eq!(number_of(said), Some(number), "{said}");
        }
        assert_eq!((number_of(""), number_of("很多")), (None, None));
    }
}
