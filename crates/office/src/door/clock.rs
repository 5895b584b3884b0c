//! Time exists only here. Days are days in China (UTC+8, no summer time).

use std::sync::Mutex;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rules::Day;

const DAY_MS: i64 = 86_400_000;
const CHINA_MS: i64 = 8 * 3_600_000;

/// The real clock, or a simulated day that stands still until it is moved.
pub enum Clock {
    Real,
    Simulated(Mutex<Simulated>),
}

/// A day that was set, and when.
pub struct Simulated {
    day: Day,
    set: Instant,
}

impl Clock {
    /// A clock that stands on `day`; the time of day runs from nine in the morning.
    #[allow(clippy::disallowed_methods, reason = "the clock is where time comes in")]
    pub fn simulated(day: Day) -> Self {
        Self::Simulated(Mutex::new(Simulated { day, set: Instant::now() }))
    }

    /// Moves a simulated clock; the real one stays as it is.
    #[allow(clippy::disallowed_methods, reason = "the clock is where time comes in")]
    pub fn set(&self, day: Day) {
        if let Self::Simulated(simulated) = self {
            *simulated.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
                Simulated { day, set: Instant::now() };
        }
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> i64 {
        match self {
            Self::Real => real_now(),
            Self::Simulated(simulated) => {
                let simulated = simulated.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let morning = midnight(simulated.day) + 9 * 3_600_000;
                let passed = i64::try_from(simulated.set.elapsed().as_millis()).unwrap_or(i64::MAX);
                // A simulated day never ends by itself.
                morning + passed.min(14 * 3_600_000)
            }
        }
    }

    /// Today in China.
    pub fn today(&self) -> Day {
        match self {
            Self::Real => day_of(real_now()),
            Self::Simulated(simulated) => simulated.lock().unwrap_or_else(std::sync::PoisonError::into_inner).day,
        }
    }
}

/// The machine's clock, in milliseconds since 1970.
#[allow(clippy::disallowed_methods, reason = "the clock is where time comes in")]
pub fn real_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// The day in China at an instant.
pub fn day_of(at: i64) -> Day {
    let days = (at + CHINA_MS).div_euclid(DAY_MS);
    let epoch = Day::constant(1970, 1, 1);
    epoch.saturating_add(jiff::Span::new().days(days.clamp(-700_000, 2_900_000)))
}

/// The instant at which a day begins in China.
pub fn midnight(day: Day) -> i64 {
    let days = Day::constant(1970, 1, 1).until(day).map_or(0, |span| i64::from(span.get_days()));
    days * DAY_MS - CHINA_MS
}

/// An instant as people in China read it: `2026-03-05 09:12`.
pub fn read_out(at: i64) -> String {
    let minutes = (at + CHINA_MS).rem_euclid(DAY_MS) / 60_000;
    format!("{} {:02}:{:02}", day_of(at), minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_china_begins_at_sixteen_hundred_utc() {
        let day = Day::constant(2026, 3, 5);
        assert_eq!(day_of(midnight(day)), day);
        assert_eq!(day_of(midnight(day) - 1), Day::constant(2026, 3, 4));
        assert_eq!(read_out(midnight(day) + 9 * 3_600_000 + 12 * 60_000), "2026-03-05 09:12");
    }
}
