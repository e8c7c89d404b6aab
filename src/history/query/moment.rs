//! Times as they are typed in a search: `2026-11-01`, `2026-11`, `12:30`, `today`, `3d`, `2026-11-01T12:30:00Z`.

use std::ops::Range;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Span;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::Zoned;
use jiff::civil::Date;
use jiff::civil::DateTime;
use jiff::civil::Time;

/// The time that a text names, from its beginning to its end: a day, a minute, an instant. What has no zone is in that
/// of `now`; a length such as `2d` is so long ago. `None` when it is no time.
pub(super) fn read(text: &str, now: &Zoned) -> Option<Range<Timestamp>> {
    let day = |date: Date, length: Span| period(date.at(0, 0, 0, 0), length, now);
    match text.to_ascii_lowercase().as_str() {
        "now" => return Some(instant(now.timestamp())),
        "today" => return day(now.date(), 1.day()),
        "yesterday" => return day(now.date().yesterday().ok()?, 1.day()),
        _ => {}
    }
    if let Some(length) = length(text) {
        let ago = SignedDuration::try_from(length).ok()?;
        return Some(instant(now.timestamp().checked_sub(ago).ok()?));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(instant(time));
    }
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year] if year.len() == 4 && is_number(year) => {
            return day(Date::new(year.parse().ok()?, 1, 1).ok()?, 1.year());
        }
        [year, month] if year.len() == 4 && is_number(year) && is_number(month) => {
            let date = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
            return day(date, 1.month());
        }
        _ => {}
    }
    if text.contains(['T', 't', ' ']) {
        let time: DateTime = text.parse().ok()?;
        return period(time, clock_span(text.split(['T', 't', ' ']).nth(1)?), now);
    }
    if text.contains(':') {
        let time: Time = text.parse().ok()?;
        return period(now.date().to_datetime(time), clock_span(text), now);
    }
    day(text.parse().ok()?, 1.day())
}

/// A length of time: `300ms`, `2s`, `5m`, `3h`, `2d`, `1w`.
pub(super) fn length(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 7 * 86_400_000,
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    Some(Duration::from_millis(number.checked_mul(milliseconds)?))
}

/// A clock with seconds means that second, one without that minute.
fn clock_span(clock: &str) -> Span {
    if clock.matches(':').count() >= 2 {
        1.second()
    } else {
        1.minute()
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn instant(time: Timestamp) -> Range<Timestamp> {
    time..time.checked_add(1.nanosecond()).unwrap_or(time)
}

fn period(start: DateTime, length: Span, now: &Zoned) -> Option<Range<Timestamp>> {
    let zoned = |time: DateTime| time.to_zoned(now.time_zone().clone()).ok();
    let end = zoned(start.checked_add(length).ok()?)?;
    Some(zoned(start)?.timestamp()..end.timestamp())
}
