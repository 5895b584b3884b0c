//! More than can be answered is refused before it costs anything: at once, with a time to come again. Two signs say that
//! it is too much: too many questions are being answered, or the threads that answer come late to what they planned.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

/// Questions under way at most; PostgreSQL answers a dozen at a time, the others wait in line.
const UNDER_WAY_MAX: usize = 512;
/// How often the pulse is taken.
const PULSE: Duration = Duration::from_millis(20);
/// From this lateness on, in microseconds, some questions are refused, and from `LATE_ALL` on nearly all of them. Between
/// them the share grows evenly: all or none would swing to and fro.
const LATE_SOME: u32 = 250_000;
const LATE_ALL: u32 = 1_000_000;

static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
/// How late the pulse came, in microseconds, evened out.
static LATE: AtomicU32 = AtomicU32::new(0);
/// Counts questions, to refuse an even share of them.
static TURN: AtomicU32 = AtomicU32::new(0);

/// Takes the pulse of the runtime, for ever.
pub async fn watch() {
    loop {
        let planned = tokio::time::Instant::now() + PULSE;
        tokio::time::sleep_until(planned).await;
        let late = u32::try_from(planned.elapsed().as_micros()).unwrap_or(u32::MAX);
        let before = LATE.load(Ordering::Relaxed);
        // Up at once, down by halves.
        LATE.store(late.max(before / 2), Ordering::Relaxed);
    }
}

/// Whether this question, the `turn`th, is one too many at such a lateness: of a hundred in a row an even share is.
fn is_surplus(late: u32, turn: u32) -> bool {
    let over = late.saturating_sub(LATE_SOME).min(LATE_ALL - LATE_SOME);
    // Some are always answered: whoever comes again gets through, and the pulse is of real work.
    let share = (u64::from(over) * 95 / u64::from(LATE_ALL - LATE_SOME)) as u32;
    // A stride without a common factor spreads the share over the hundred.
    turn.wrapping_mul(37) % 100 < share
}

/// One question under way, until it is dropped.
struct UnderWay;

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Refuses what is too much, around everything else. Only questions are refused: whoever works here goes on working.
pub async fn shed(request: Request, next: Next) -> Response {
    if !super::limit::asks(&request) {
        return next.run(request).await;
    }
    let under_way = UNDER_WAY.fetch_add(1, Ordering::Relaxed);
    let _counted = UnderWay;
    let late = LATE.load(Ordering::Relaxed);
    if under_way >= UNDER_WAY_MAX || (late > LATE_SOME && is_surplus(late, TURN.fetch_add(1, Ordering::Relaxed))) {
        return refusal(request.uri().path().starts_with("/api/"));
    }
    next.run(request).await
}

/// The same few bytes each time, for a program or for a person.
fn refusal(is_api: bool) -> Response {
    const FOR_PROGRAMS: &str = r#"{"type":"about:blank","title":"查询的人太多，请稍后再试","status":503}"#;
    const FOR_PEOPLE: &str = r#"<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>请稍后再试</title></head><body><h1>请稍后再试</h1><p>现在查询的人太多，请过几秒再查。</p></body></html>"#;
    let (said, kind) = match is_api {
        true => (FOR_PROGRAMS, "application/problem+json"),
        false => (FOR_PEOPLE, "text/html; charset=utf-8"),
    };
    let mut response = Response::new(Body::from(said));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_2_4c_the_share_that_is_refused_grows_evenly_and_never_to_all() {
        let refused = |late| (0..1000).filter(|turn| is_surplus(late, *turn)).count();
        assert_eq!(refused(0), 0);
        assert_eq!(refused(LATE_SOME), 0);
        assert_eq!(refused((LATE_SOME + LATE_ALL) / 2), 470);
        assert_eq!(refused(LATE_ALL), 950);
        assert_eq!(refused(u32::MAX), 950);
    }
}
