//! Dates and times: the many spellings that are read, and the one that is written (reference 5).
//!
//! The service reads dates like PostgreSQL, from which the odd cases here are taken: words in any order around the
//! numbers, month-day-year unless something says otherwise, weekdays ignored, fractions rounded to microseconds.
//! Absent on purpose: names such as `Europe/Berlin`, which would need a time zone database, day-of-year and Julian
//! dates, years before 1, and infinity.
//!
//! ```text
//!  "Thu 2 Jan 03 11:15am -0700"
//!    └ Reader ▶ parts 2, Jan, 03 ▶ order_parts ▶ 2003-01-02 ┐
//!               clock 11:15, am  ▶ 11:15:00                 ├▶ 2003-01-02 18:15:00 UTC
//!               zone -07:00                                 ┘
//! ```
//!
//! Our choices where the reference is silent: years 1 to 9999; a part above 12 cannot be a month, so `25-12-2003` is
//! read as day-month-year where PostgreSQL would refuse it, but after a leading year month and day stay in that order;
//! `6pm` needs no minutes.

use std::fmt::Write;

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::civil::DateTime;
use jiff::civil::Time;
use jiff::tz::Offset;
use jiff::tz::TimeZone;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// Abbreviated zones with their offset from UTC in minutes, with PostgreSQL's default meanings.
const ZONES: [(&str, i32); 52] = [
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("zulu", 0),
    ("ut", 0),
    ("wet", 0),
    ("west", 60),
    ("bst", 60),
    ("cet", 60),
    ("cest", 120),
    ("met", 60),
    ("mest", 120),
    ("mez", 60),
    ("mesz", 120),
    ("eet", 120),
    ("eest", 180),
    ("sast", 120),
    ("ist", 120),
    ("idt", 180),
    ("msk", 180),
    ("pkt", 300),
    ("ict", 420),
    ("sgt", 480),
    ("hkt", 480),
    ("pht", 480),
    ("awst", 480),
    ("jst", 540),
    ("kst", 540),
    ("acst", 570),
    ("acdt", 630),
    ("aest", 600),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
    ("brt", -180),
    ("brst", -120),
    ("art", -180),
    ("clt", -240),
    ("nst", -210),
    ("ndt", -150),
    ("ast", -240),
    ("adt", -180),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("akst", -540),
    ("hst", -600),
];

/// What a reason recommends.
pub const EXAMPLE: &str = "2003-01-02 18:15:00 +0000";

/// Reads an instant. The error is a sentence for people.
///
/// A timestamp ends at 9999-12-30 22:00 UTC; [`parse_utc`] reaches to the end of that year.
pub fn parse_date_time(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let at = parse_utc(text, now)?;
    Offset::UTC
        .to_timestamp(at)
        .map_err(|_| "too late: the last moment is 9999-12-30 22:00:00 +0000".to_owned())
}

/// Reads an instant as UTC; midnight where no time is given. The error is a sentence for people.
pub fn parse_utc(text: &str, now: Timestamp) -> Result<DateTime, String> {
    let found = Reader::new(text).read()?;
    let utc_now = TimeZone::UTC.to_datetime(now);
    if found.keyword == Some(Keyword::Now) {
        return whole_microseconds(utc_now);
    }
    let midnight = found.date(utc_now.date())?.to_datetime(Time::midnight());
    let since_midnight = found.time_of_day()? - SignedDuration::from_secs(found.zone.unwrap_or(0));
    midnight
        .checked_add(since_midnight)
        .ok()
        .filter(|at| at.year() >= 1)
        .ok_or_else(|| "out of range: in UTC, years go from 1 to 9999".to_owned())
}

/// Reads a day. A time and a zone beside it are checked and dropped: the day stays as it is written. The error is a
/// sentence for people.
pub fn parse_date(text: &str, now: Timestamp) -> Result<Date, String> {
    let found = Reader::new(text).read()?;
    found.time_of_day()?;
    found.date(TimeZone::UTC.to_datetime(now).date())
}

/// A day as the service writes it: `2003-01-02`.
pub fn format_date(date: Date) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    format!("{year:04}-{month:02}-{day:02}")
}

/// An instant as the service writes an ordinary attribute: `2003-01-02 18:15:00 +0000`, with six digits of fraction
/// when that is not zero.
pub fn format_date_time(at: Timestamp) -> String {
    format_utc(TimeZone::UTC.to_datetime(at))
}

/// The same for a date and time that is UTC already.
pub fn format_utc(at: DateTime) -> String {
    write_utc(at, at.subsec_nanosecond() / 1_000 != 0)
}

/// An instant as the service writes `created` and `lastUpdated`: always with six digits of fraction.
pub fn format_stamp(at: Timestamp) -> String {
    format_utc_stamp(TimeZone::UTC.to_datetime(at))
}

/// The same for a date and time that is UTC already.
pub fn format_utc_stamp(at: DateTime) -> String {
    write_utc(at, true)
}

fn write_utc(at: DateTime, with_fraction: bool) -> String {
    let mut out = format_date(at.date());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    let mut append = |part: std::fmt::Arguments| {
        out.write_fmt(part).expect("a String takes every text");
    };
    append(format_args!(" {hour:02}:{minute:02}:{second:02}"));
    if with_fraction {
        append(format_args!(".{:06}", at.subsec_nanosecond() / 1_000));
    }
    append(format_args!(" +0000"));
    out
}

fn whole_microseconds(at: DateTime) -> Result<DateTime, String> {
    at.with()
        .subsec_nanosecond(at.subsec_nanosecond() / 1_000 * 1_000)
        .build()
        .map_err(|error| error.to_string())
}

/// A word that stands for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keyword {
    Now,
    Today,
    Yesterday,
    Tomorrow,
    Epoch,
}

/// Year, month or day, in the order written.
#[derive(Clone, Copy, Debug)]
enum Part {
    Number(Digits),
    /// A month by name, from 1.
    Month(u32),
}

/// A number and how many digits it was written with: `03` is 2003, `0003` is the year 3.
#[derive(Clone, Copy, Debug)]
struct Digits {
    value: u32,
    count: usize,
}

impl Digits {
    fn read(text: &str) -> Self {
        Self {
            // Too long for a number is too large for every use.
            value: text.parse().unwrap_or(u32::MAX),
            count: text.len(),
        }
    }

    /// Whether this can only be a year.
    fn is_year(self) -> bool {
        self.count > 2 || self.value > 31
    }

    /// The year meant: 70 to 99 is of the last century, 0 to 69 of this one.
    fn as_year(self) -> u32 {
        match (self.count, self.value) {
            (..=2, 70..) => 1900 + self.value,
            (..=2, _) => 2000 + self.value,
            _ => self.value,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meridiem {
    Am,
    Pm,
}

/// Hours, minutes and seconds as written, before am and pm.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    /// May be a million, when a fraction was rounded up.
    microsecond: u32,
}

/// What a text says, piece by piece.
#[derive(Debug, Default)]
struct Found {
    parts: Vec<Part>,
    keyword: Option<Keyword>,
    clock: Option<Clock>,
    meridiem: Option<Meridiem>,
    /// Seconds east of UTC.
    zone: Option<i64>,
}

impl Found {
    fn date(&self, today: Date) -> Result<Date, String> {
        let Some(keyword) = self.keyword else {
            return order_parts(&self.parts);
        };
        if !self.parts.is_empty() {
            return Err("a word such as `today` stands in place of a date, not beside one".into());
        }
        let day = match keyword {
            Keyword::Now | Keyword::Today => Ok(today),
            Keyword::Yesterday => today.yesterday(),
            Keyword::Tomorrow => today.tomorrow(),
            Keyword::Epoch => Ok(jiff::civil::date(1970, 1, 1)),
        };
        day.map_err(|error| error.to_string())
    }

    /// The time since midnight; a whole day for `24:00`.
    fn time_of_day(&self) -> Result<SignedDuration, String> {
        let fixed = matches!(self.keyword, Some(Keyword::Now | Keyword::Epoch));
        if fixed && (self.clock.is_some() || self.zone.is_some()) {
            return Err("`now` and `epoch` stand alone: they have a time of their own".to_owned());
        }
        let Some(clock) = self.clock else {
            return Ok(SignedDuration::ZERO);
        };
        let Clock {
            mut hour,
            minute,
            second,
            microsecond,
        } = clock;
        if let Some(meridiem) = self.meridiem {
            if hour > 12 {
                return Err(format!(
                    "there is no hour {hour} with am or pm: hours go from 1 to 12"
                ));
            }
            hour = hour % 12 + if meridiem == Meridiem::Pm { 12 } else { 0 };
        }
        let past = minute > 0 || second > 0 || microsecond > 0;
        if hour > 24 || (hour == 24 && past) {
            return Err(format!(
                "there is no hour {hour}: times go from 00:00:00 to 24:00:00"
            ));
        }
        if minute > 59 {
            return Err(format!(
                "there is no minute {minute}: minutes go from 0 to 59"
            ));
        }
        // A leap second is read as the next minute's first one, as in PostgreSQL.
        if second > 60 || (second == 60 && microsecond > 0) {
            return Err(format!(
                "there is no second {second}: seconds go from 0 to 59"
            ));
        }
        let seconds = i64::from(hour * 3600 + minute * 60 + second);
        Ok(
            SignedDuration::from_secs(seconds)
                + SignedDuration::from_micros(i64::from(microsecond)),
        )
    }
}

/// Decides which part is the year, the month and the day.
fn order_parts(parts: &[Part]) -> Result<Date, String> {
    use Part::Month;
    use Part::Number;
    let (year, month, day) = match *parts {
        [Number(first), Number(second), Number(third)] if first.is_year() => {
            (first.as_year(), second.value, third.value)
        }
        [Number(first), Number(second), Number(third)] => {
            let (month, day) = if first.value > 12 && second.value <= 12 {
                (second.value, first.value)
            } else {
                (first.value, second.value)
            };
            (third.as_year(), month, day)
        }
        [Month(month), Number(first), Number(second)]
        | [Number(first), Month(month), Number(second)]
        | [Number(first), Number(second), Month(month)] => {
            let (year, day) = if first.is_year() {
                (first, second)
            } else {
                (second, first)
            };
            (year.as_year(), month, day.value)
        }
        [] => return Err(format!("there is no date: write it like {EXAMPLE}")),
        [_, _, _, _, ..] => {
            return Err(format!(
                "too many numbers for one date: write it like {EXAMPLE}"
            ));
        }
        [_, _, _] => return Err(format!("two months: write it like {EXAMPLE}")),
        [_] | [_, _] => {
            return Err(format!(
                "a date needs a year, a month and a day: write it like {EXAMPLE}"
            ));
        }
    };
    make_date(year, month, day)
}

fn make_date(year: u32, month: u32, day: u32) -> Result<Date, String> {
    if !(1..=9999).contains(&year) {
        return Err(if year == u32::MAX {
            "out of range: years go from 1 to 9999".to_owned()
        } else {
            format!("there is no year {year}: years go from 1 to 9999")
        });
    }
    let Some(name) = (month as usize)
        .checked_sub(1)
        .and_then(|place| MONTHS.get(place))
    else {
        return Err(format!("there is no month {month}: months go from 1 to 12"));
    };
    let first = Date::new(year as i16, month as i8, 1).expect("year and month are in range");
    let days = first.days_in_month();
    if day >= 1 && day <= days as u32 {
        return Ok(Date::new(year as i16, month as i8, day as i8).expect("the day is in range"));
    }
    Err(match (month, day) {
        (2, 29) => format!("{year} is not a leap year: February has {days} days"),
        (2, _) => format!("there is no day {day}: February {year} has {days} days"),
        _ => format!("there is no day {day}: {name} has {days} days"),
    })
}

/// Goes over a text once and collects what it says.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    found: Found,
    /// After the `T` of ISO 8601 the next digits are a time.
    time_follows: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            found: Found::default(),
            time_follows: false,
        }
    }

    fn read(mut self) -> Result<Found, String> {
        if self.text.trim().is_empty() {
            return Err("an empty text is not a date: null stands for none".to_owned());
        }
        while let Some(c) = self.text[self.at..].chars().next() {
            match c {
                '0'..='9' => self.number()?,
                'a'..='z' | 'A'..='Z' => self.word()?,
                '+' | '-' => self.offset(c)?,
                ',' => self.at += 1,
                // Jan. 2
                '.' if !self.next_is(1, |byte| byte.is_ascii_digit()) => self.at += 1,
                c if c.is_whitespace() => self.at += c.len_utf8(),
                c => {
                    return Err(format!(
                        "`{}` does not belong in a date: write it like {EXAMPLE}",
                        c.escape_debug()
                    ));
                }
            }
        }
        if self.found.meridiem.is_some() && self.found.clock.is_none() {
            return Err(format!("am or pm without a time: write it like {EXAMPLE}"));
        }
        Ok(self.found)
    }

    /// Whether the byte `ahead` of the place fits.
    fn next_is(&self, ahead: usize, fits: impl Fn(u8) -> bool) -> bool {
        let byte = self.text.as_bytes().get(self.at + ahead);
        byte.is_some_and(|byte| fits(*byte))
    }

    fn take(&mut self, fits: impl Fn(u8) -> bool) -> &'a str {
        let from = self.at;
        while self.next_is(0, &fits) {
            self.at += 1;
        }
        &self.text[from..self.at]
    }

    fn take_digits(&mut self) -> &'a str {
        self.take(|byte| byte.is_ascii_digit())
    }

    fn take_word(&mut self) -> String {
        self.take(|byte| byte.is_ascii_alphabetic())
            .to_ascii_lowercase()
    }

    fn is_date_complete(&self) -> bool {
        self.found.parts.len() >= 3 || self.found.keyword.is_some()
    }

    fn number(&mut self) -> Result<(), String> {
        let digits = self.take_digits();
        if self.next_is(0, |byte| byte == b':') {
            return self.clock(digits);
        }
        let is_clock = if self.time_follows {
            matches!(digits.len(), 2 | 4 | 6)
        } else {
            matches!(digits.len(), 4 | 6) && self.found.parts.len() >= 3
        };
        if is_clock && self.found.clock.is_none() {
            return self.compact_clock(digits);
        }
        match digits.len() {
            // YYYYMMDD and YYMMDD
            8 | 6 if self.found.parts.is_empty() => {
                let (year, rest) = digits.split_at(digits.len() - 4);
                let (month, day) = rest.split_at(2);
                let year = Digits {
                    value: Digits::read(year).as_year(),
                    count: 4,
                };
                let rest = [month, day].map(Digits::read);
                self.found.parts.push(Part::Number(year));
                self.found.parts.extend(rest.map(Part::Number));
                Ok(())
            }
            _ => {
                self.found.parts.push(Part::Number(Digits::read(digits)));
                self.rest_of_group(1)
            }
        }
    }

    /// The parts that follow the first one after the same `-`, `/` or `.` without space: 2003-01-02, 2-Jan-03. A third
    /// separator is not of the date: in `2003-01-02-07:00` a zone begins there.
    fn rest_of_group(&mut self, mut parts: usize) -> Result<(), String> {
        let Some(separator @ (b'-' | b'/' | b'.')) = self.text.as_bytes().get(self.at).copied()
        else {
            return Ok(());
        };
        while parts < 3
            && self.next_is(0, |byte| byte == separator)
            && self.next_is(1, |byte| byte.is_ascii_alphanumeric())
        {
            self.at += 1;
            let digits = self.take_digits();
            let part = if digits.is_empty() {
                let word = self.take_word();
                Part::Month(month_number(&word).ok_or_else(|| unknown_word(&word))?)
            } else {
                Part::Number(Digits::read(digits))
            };
            self.found.parts.push(part);
            parts += 1;
        }
        Ok(())
    }

    /// The rest of `18:15:00.5`, after its hour.
    fn clock(&mut self, hour: &str) -> Result<(), String> {
        let mut clock = Clock {
            hour: Digits::read(hour).value,
            ..Clock::default()
        };
        self.at += 1;
        clock.minute = self.two_digits("minutes")?;
        if self.next_is(0, |byte| byte == b':') {
            self.at += 1;
            clock.second = self.two_digits("seconds")?;
            clock.microsecond = self.fraction();
        }
        self.set_clock(clock)
    }

    /// `HH`, `HHMM` or `HHMMSS[.fraction]`.
    fn compact_clock(&mut self, digits: &str) -> Result<(), String> {
        let pair = |place: usize| {
            let pair = digits.get(place..place + 2);
            pair.map_or(0, |pair| Digits::read(pair).value)
        };
        let microsecond = if digits.len() == 6 {
            self.fraction()
        } else {
            0
        };
        self.set_clock(Clock {
            hour: pair(0),
            minute: pair(2),
            second: pair(4),
            microsecond,
        })
    }

    fn two_digits(&mut self, what: &str) -> Result<u32, String> {
        let digits = self.take_digits();
        if digits.is_empty() || digits.len() > 2 {
            return Err(format!(
                "{what} are two digits: write the time like 18:15:00"
            ));
        }
        Ok(Digits::read(digits).value)
    }

    /// Microseconds, rounded to the nearest, half to even.
    fn fraction(&mut self) -> u32 {
        if !self.next_is(0, |byte| byte == b'.') {
            return 0;
        }
        self.at += 1;
        let digits = self.take_digits().as_bytes();
        let (kept, rest) = digits.split_at(digits.len().min(6));
        let digit = |place: usize| u32::from(kept.get(place).map_or(0, |byte| byte - b'0'));
        let micros = (0..6).fold(0, |micros, place| micros * 10 + digit(place));
        let up = match rest.split_first() {
            Some((b'5', rest)) => micros % 2 == 1 || rest.iter().any(|byte| *byte != b'0'),
            Some((first, _)) => *first > b'5',
            None => false,
        };
        micros + u32::from(up)
    }

    fn set_clock(&mut self, clock: Clock) -> Result<(), String> {
        self.time_follows = false;
        match self.found.clock.replace(clock) {
            None => Ok(()),
            Some(_) => Err(format!("two times of day: write it like {EXAMPLE}")),
        }
    }

    fn word(&mut self) -> Result<(), String> {
        let word = self.take_word();
        if word == "t" && self.is_date_complete() && self.next_is(0, |byte| byte.is_ascii_digit()) {
            self.time_follows = true;
            return Ok(());
        }
        if let Some(month) = month_number(&word) {
            self.found.parts.push(Part::Month(month));
            return self.rest_of_group(1);
        }
        let keyword = match word.as_str() {
            "now" => Keyword::Now,
            "today" => Keyword::Today,
            "yesterday" => Keyword::Yesterday,
            "tomorrow" => Keyword::Tomorrow,
            "epoch" => Keyword::Epoch,
            "am" => return self.set_meridiem(Meridiem::Am),
            "pm" => return self.set_meridiem(Meridiem::Pm),
            // PostgreSQL drops these, too.
            "at" | "on" => return Ok(()),
            _ if is_weekday(&word) => return Ok(()),
            _ => {
                let zone = ZONES.iter().find(|(name, _)| *name == word);
                let (_, minutes) = zone.ok_or_else(|| unknown_word(&word))?;
                return self.set_zone(i64::from(*minutes) * 60);
            }
        };
        match self.found.keyword.replace(keyword) {
            None => Ok(()),
            Some(_) => Err(format!("two words for a day: write it like {EXAMPLE}")),
        }
    }

    fn set_meridiem(&mut self, meridiem: Meridiem) -> Result<(), String> {
        // Three parts are a whole date, and what comes before or beside it is an hour: 6pm.
        if self.found.clock.is_none()
            && self.found.parts.len() != 3
            && let Some(Part::Number(hour)) = self.found.parts.last().copied()
            && hour.count <= 2
        {
            self.found.parts.pop();
            self.set_clock(Clock {
                hour: hour.value,
                ..Clock::default()
            })?;
        }
        match self.found.meridiem.replace(meridiem) {
            None => Ok(()),
            Some(_) => Err("am or pm is given twice".to_owned()),
        }
    }

    fn set_zone(&mut self, seconds: i64) -> Result<(), String> {
        match self.found.zone.replace(seconds) {
            None => Ok(()),
            Some(_) => Err(format!("two time zones: write it like {EXAMPLE}")),
        }
    }

    /// `+h`, `+hh`, `+hhmm`, `+hh:mm` or `+hh:mm:ss`.
    fn offset(&mut self, sign: char) -> Result<(), String> {
        let wrong = || format!("a time zone is an offset such as -0700: write it like {EXAMPLE}");
        self.at += 1;
        if self.found.parts.is_empty() && self.found.keyword.is_none() && self.found.clock.is_none()
        {
            return Err(format!("a date has no sign: write it like {EXAMPLE}"));
        }
        self.take(|byte| byte == b' ');
        let digits = self.take_digits();
        let number = |text: &str| text.parse::<i64>().map_err(|_| wrong());
        let (hours, minutes, mut seconds) = match digits.len() {
            1 | 2 => (number(digits)?, None, 0),
            3 | 4 => {
                let (hours, minutes) = digits.split_at(digits.len() - 2);
                (number(hours)?, Some(number(minutes)?), 0)
            }
            _ => return Err(wrong()),
        };
        let minutes = match minutes {
            Some(minutes) => minutes,
            None if self.next_is(0, |byte| byte == b':') => {
                self.at += 1;
                let minutes = i64::from(self.two_digits("minutes")?);
                if self.next_is(0, |byte| byte == b':') {
                    self.at += 1;
                    seconds = i64::from(self.two_digits("seconds")?);
                }
                minutes
            }
            None => 0,
        };
        if hours > 15 || minutes > 59 || seconds > 59 {
            return Err("a time zone is at most 15:59 hours away from UTC".to_owned());
        }
        let seconds = hours * 3600 + minutes * 60 + seconds;
        self.set_zone(if sign == '-' { -seconds } else { seconds })
    }
}

/// The month of a full or a three-letter English name in lower case, and of `sept`.
fn month_number(word: &str) -> Option<u32> {
    let word = if word == "sept" { "sep" } else { word };
    let place = MONTHS
        .iter()
        .position(|name| is_short_or_full(word, name))?;
    Some(place as u32 + 1)
}

fn is_weekday(word: &str) -> bool {
    matches!(word, "tues" | "wednes" | "weds" | "thur" | "thurs")
        || WEEKDAYS.iter().any(|name| is_short_or_full(word, name))
}

fn is_short_or_full(word: &str, name: &str) -> bool {
    word.eq_ignore_ascii_case(name) || word.eq_ignore_ascii_case(&name[..3])
}

fn unknown_word(word: &str) -> String {
    let shown: String = word.chars().take(20).collect();
    let more = if shown.len() < word.len() { "…" } else { "" };
    format!("`{shown}{more}` does not belong in a date: write it like {EXAMPLE}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::Strategy;
    use proptest::prelude::any;
    use proptest::prop_assert;
    use proptest::prop_assert_eq;
    use proptest::proptest;

    fn now() -> Timestamp {
        "2026-02-28T13:14:15.987654321Z"
            .parse()
            .expect("is a timestamp")
    }

    fn read(text: &str) -> Result<String, String> {
        parse_utc(text, now()).map(format_utc)
    }

    /// The spellings that the documentation calls equal (reference 5).
    #[test]
    fn the_documented_spellings_are_equal() {
        for text in [
            "2003-01-02 6:15pm",
            "2 Jan 03 18:15:00.00",
            "01-02-03 6:15pm",
            "January 2, 2003 11:15am -0700",
        ] {
            assert_eq!(
                read(text).as_deref(),
                Ok("2003-01-02 18:15:00 +0000"),
                "{text}"
            );
        }
    }

    #[test]
    fn every_spelling_is_read() {
        let cases = [
            // Seen in real traffic (reference 5).
            ("2015-12-15T07:36:25Z", "2015-12-15 07:36:25 +0000"),
            ("19871231", "1987-12-31 00:00:00 +0000"),
            ("1881-01-29 00:00:00", "1881-01-29 00:00:00 +0000"),
            ("07/03/2018", "2018-07-03 00:00:00 +0000"),
            (
                "2012-06-13 18:02:56.012122 +0000",
                "2012-06-13 18:02:56.012122 +0000",
            ),
            (
                "2020-02-18 15:38:36.133000 +0000",
                "2020-02-18 15:38:36.133000 +0000",
            ),
            (
                "2000-01-02 03:04:05.0000006 +0000",
                "2000-01-02 03:04:05.000001 +0000",
            ),
            // ISO 8601 and its compact forms.
            ("2003-01-02", "2003-01-02 00:00:00 +0000"),
            ("2003-1-2", "2003-01-02 00:00:00 +0000"),
            ("2003-01-02T18:15", "2003-01-02 18:15:00 +0000"),
            ("2003-01-02t18:15:00z", "2003-01-02 18:15:00 +0000"),
            ("2003-01-02T18:15:00.5Z", "2003-01-02 18:15:00.500000 +0000"),
            ("2003-01-02T18:15:00-07", "2003-01-03 01:15:00 +0000"),
            ("2003-01-02T18:15:00-0730", "2003-01-03 01:45:00 +0000"),
            ("2003-01-02T18:15:00-730", "2003-01-03 01:45:00 +0000"),
            ("2003-01-02T18:15:00+05:30", "2003-01-02 12:45:00 +0000"),
            ("2003-01-02T18:15:00+05:30:15", "2003-01-02 12:44:45 +0000"),
            ("2003-01-02 18:15:00+1", "2003-01-02 17:15:00 +0000"),
            ("20030102T181500", "2003-01-02 18:15:00 +0000"),
            ("20030102T181500.25", "2003-01-02 18:15:00.250000 +0000"),
            ("20030102T181500Z", "2003-01-02 18:15:00 +0000"),
            ("20030102T181500-07", "2003-01-03 01:15:00 +0000"),
            ("20030102T1815", "2003-01-02 18:15:00 +0000"),
            ("20030102T18", "2003-01-02 18:00:00 +0000"),
            ("20030102 181500", "2003-01-02 18:15:00 +0000"),
            ("20030102 1815", "2003-01-02 18:15:00 +0000"),
            ("2003-01-02T181500", "2003-01-02 18:15:00 +0000"),
            ("030102", "2003-01-02 00:00:00 +0000"),
            ("2003-01-02+01:00", "2003-01-01 23:00:00 +0000"),
            ("2003-01-02-07:00", "2003-01-02 07:00:00 +0000"),
            ("2003-01-02Z", "2003-01-02 00:00:00 +0000"),
            // Fractions, rounded to microseconds, half to even.
            (
                "2003-01-02 00:00:00.123456499",
                "2003-01-02 00:00:00.123456 +0000",
            ),
            (
                "2003-01-02 00:00:00.1234565",
                "2003-01-02 00:00:00.123456 +0000",
            ),
            (
                "2003-01-02 00:00:00.1234575",
                "2003-01-02 00:00:00.123458 +0000",
            ),
            (
                "2003-01-02 00:00:00.123456501",
                "2003-01-02 00:00:00.123457 +0000",
            ),
            ("2003-01-02 23:59:59.9999999", "2003-01-03 00:00:00 +0000"),
            ("2003-01-02 00:00:00.", "2003-01-02 00:00:00 +0000"),
            ("2003-01-02 00:00:00.000000000", "2003-01-02 00:00:00 +0000"),
            // Month names around the numbers.
            ("2 Jan 2003", "2003-01-02 00:00:00 +0000"),
            ("2-JAN-2003", "2003-01-02 00:00:00 +0000"),
            ("jan-02-2003", "2003-01-02 00:00:00 +0000"),
            ("2003-Jan-02", "2003-01-02 00:00:00 +0000"),
            ("Jan 2 03", "2003-01-02 00:00:00 +0000"),
            ("Jan. 2, 2003", "2003-01-02 00:00:00 +0000"),
            ("2003 January 2", "2003-01-02 00:00:00 +0000"),
            ("January 2 99", "1999-01-02 00:00:00 +0000"),
            ("99 January 2", "1999-01-02 00:00:00 +0000"),
            ("2-Jan 2003", "2003-01-02 00:00:00 +0000"),
            ("15 SEPTEMBER 2010", "2010-09-15 00:00:00 +0000"),
            ("15 Sept 2010", "2010-09-15 00:00:00 +0000"),
            ("1 May 2010", "2010-05-01 00:00:00 +0000"),
            // Weekdays, as in RFC 2822 and in C.
            ("Thu, 02 Jan 2003 18:15:00 GMT", "2003-01-02 18:15:00 +0000"),
            ("Thursday 2 January 2003 18:15", "2003-01-02 18:15:00 +0000"),
            ("Thu Jan 02 18:15:00 2003 PST", "2003-01-03 02:15:00 +0000"),
            ("Thu Jan  2 18:15:00 UTC 2003", "2003-01-02 18:15:00 +0000"),
            // Month-day-year, and what says otherwise.
            ("01/02/03", "2003-01-02 00:00:00 +0000"),
            ("1/2/2003", "2003-01-02 00:00:00 +0000"),
            ("01.02.2003", "2003-01-02 00:00:00 +0000"),
            ("1 2 2003", "2003-01-02 00:00:00 +0000"),
            ("25/12/2003", "2003-12-25 00:00:00 +0000"),
            ("25-12-03", "2003-12-25 00:00:00 +0000"),
            ("12-25-03", "2003-12-25 00:00:00 +0000"),
            ("99-01-02", "1999-01-02 00:00:00 +0000"),
            ("2003/01/02", "2003-01-02 00:00:00 +0000"),
            // Years of two digits.
            ("01-02-69", "2069-01-02 00:00:00 +0000"),
            ("01-02-70", "1970-01-02 00:00:00 +0000"),
            ("01-02-99", "1999-01-02 00:00:00 +0000"),
            ("01-02-00", "2000-01-02 00:00:00 +0000"),
            ("0003-01-02", "0003-01-02 00:00:00 +0000"),
            // Hours.
            ("2003-01-02 12:00am", "2003-01-02 00:00:00 +0000"),
            ("2003-01-02 12:30 AM", "2003-01-02 00:30:00 +0000"),
            ("2003-01-02 12:00pm", "2003-01-02 12:00:00 +0000"),
            ("2003-01-02 11:59:59 pm", "2003-01-02 23:59:59 +0000"),
            ("2003-01-02 6pm", "2003-01-02 18:00:00 +0000"),
            ("6:15pm 2003-01-02", "2003-01-02 18:15:00 +0000"),
            ("2003-01-02 at 18:15", "2003-01-02 18:15:00 +0000"),
            ("2003-01-02 24:00:00", "2003-01-03 00:00:00 +0000"),
            ("2003-01-02 23:59:60", "2003-01-03 00:00:00 +0000"),
            ("2003-01-02 6:5", "2003-01-02 06:05:00 +0000"),
            // Zones.
            ("2003-01-02 18:15 UTC", "2003-01-02 18:15:00 +0000"),
            ("2003-01-02 18:15 zulu", "2003-01-02 18:15:00 +0000"),
            ("2003-01-02 18:15 EST", "2003-01-02 23:15:00 +0000"),
            ("2003-01-02 18:15 EDT", "2003-01-02 22:15:00 +0000"),
            ("2003-01-02 18:15 CST", "2003-01-03 00:15:00 +0000"),
            ("2003-01-02 18:15 pdt", "2003-01-03 01:15:00 +0000"),
            ("2003-01-02 18:15 CET", "2003-01-02 17:15:00 +0000"),
            ("2003-01-02 18:15 NST", "2003-01-02 21:45:00 +0000"),
            ("2003-01-02 18:15 ACST", "2003-01-02 08:45:00 +0000"),
            ("2003-01-02 18:15:00 - 07", "2003-01-03 01:15:00 +0000"),
            ("2003-01-02 18:15:00 -0000", "2003-01-02 18:15:00 +0000"),
            // Words.
            ("now", "2026-02-28 13:14:15.987654 +0000"),
            ("today", "2026-02-28 00:00:00 +0000"),
            ("Today 6:15pm", "2026-02-28 18:15:00 +0000"),
            ("YESTERDAY", "2026-02-27 00:00:00 +0000"),
            ("tomorrow 6pm -0100", "2026-03-01 19:00:00 +0000"),
            ("epoch", "1970-01-01 00:00:00 +0000"),
            // Leap years, limits, space around.
            ("2000-02-29", "2000-02-29 00:00:00 +0000"),
            ("1984-02-29", "1984-02-29 00:00:00 +0000"),
            ("0001-01-01", "0001-01-01 00:00:00 +0000"),
            (
                "9999-12-31 23:59:59.999999",
                "9999-12-31 23:59:59.999999 +0000",
            ),
            ("\t 2003-01-02\n18:15 ", "2003-01-02 18:15:00 +0000"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn faults_are_explained() {
        let like = "write it like 2003-01-02 18:15:00 +0000";
        let cases = [
            ("", "an empty text is not a date: null stands for none"),
            (" \t", "an empty text is not a date: null stands for none"),
            (
                "1985-02-29",
                "1985 is not a leap year: February has 28 days",
            ),
            (
                "1900-02-29",
                "1900 is not a leap year: February has 28 days",
            ),
            ("Feb 29 85", "1985 is not a leap year: February has 28 days"),
            (
                "2004-02-30",
                "there is no day 30: February 2004 has 29 days",
            ),
            ("2003-04-31", "there is no day 31: April has 30 days"),
            ("2003-01-00", "there is no day 0: January has 31 days"),
            ("2003-01-45", "there is no day 45: January has 31 days"),
            ("2003-13-01", "there is no month 13: months go from 1 to 12"),
            ("2003-00-01", "there is no month 0: months go from 1 to 12"),
            ("13/13/2003", "there is no month 13: months go from 1 to 12"),
            ("20031301", "there is no month 13: months go from 1 to 12"),
            ("0000-01-01", "there is no year 0: years go from 1 to 9999"),
            (
                "12003-01-02",
                "there is no year 12003: years go from 1 to 9999",
            ),
            ("99999999999-01-02", "out of range: years go from 1 to 9999"),
            (
                "0001-01-01 00:00 +0100",
                "out of range: in UTC, years go from 1 to 9999",
            ),
            (
                "9999-12-31 23:59 -0100",
                "out of range: in UTC, years go from 1 to 9999",
            ),
            (
                "2003-01-02 25:00",
                "there is no hour 25: times go from 00:00:00 to 24:00:00",
            ),
            (
                "2003-01-02 24:00:01",
                "there is no hour 24: times go from 00:00:00 to 24:00:00",
            ),
            (
                "2003-01-02 13:15pm",
                "there is no hour 13 with am or pm: hours go from 1 to 12",
            ),
            (
                "2003-01-02 18:60",
                "there is no minute 60: minutes go from 0 to 59",
            ),
            (
                "2003-01-02 18:15:61",
                "there is no second 61: seconds go from 0 to 59",
            ),
            (
                "2003-01-02 18:150",
                "minutes are two digits: write the time like 18:15:00",
            ),
            (
                "2003-01-02 18:",
                "minutes are two digits: write the time like 18:15:00",
            ),
            (
                "2003-01-02 +16:00",
                "a time zone is at most 15:59 hours away from UTC",
            ),
            ("2003-01-02 pm pm", "am or pm is given twice"),
            (
                "now 18:15",
                "`now` and `epoch` stand alone: they have a time of their own",
            ),
            (
                "today 2003-01-02",
                "a word such as `today` stands in place of a date, not beside one",
            ),
        ];
        for (text, expected) in cases {
            let read = parse_date(text, now()).and_then(|_| read(text));
            assert_eq!(
                read.as_deref().map_err(String::as_str),
                Err(expected),
                "{text}"
            );
        }
        let cases = [
            ("18:15", "there is no date: "),
            ("2003-01", "a date needs a year, a month and a day: "),
            ("Jan 2003", "a date needs a year, a month and a day: "),
            ("1041531300", "a date needs a year, a month and a day: "),
            ("Jan Feb 2003", "two months: "),
            ("1 2 3 4", "too many numbers for one date: "),
            ("2003-01-02 18:15 18:15", "two times of day: "),
            ("2003-01-02 EST -0500", "two time zones: "),
            (
                "2003-01-02 18:15 +x",
                "a time zone is an offset such as -0700: ",
            ),
            (
                "2003-01-02 18:15 Europe/Berlin",
                "`europe` does not belong in a date: ",
            ),
            ("not a date", "`not` does not belong in a date: "),
            (
                "antidisestablishmentarianism",
                "`antidisestablishment…` does not belong in a date: ",
            ),
            ("2003_01_02", "`_` does not belong in a date: "),
            (
                "2003-01-02\u{1b}[31m",
                "`\\u{1b}` does not belong in a date: ",
            ),
            ("2. März 2003", "`m` does not belong in a date: "),
            ("٢٠٠٣-٠١-٠٢", "`٢` does not belong in a date: "),
            ("-2003-01-02", "a date has no sign: "),
            ("today tomorrow", "two words for a day: "),
            ("infinity", "`infinity` does not belong in a date: "),
            ("2003-01-02 am", "am or pm without a time: "),
        ];
        for (text, start) in cases {
            let expected = format!("{start}{like}");
            assert_eq!(read(text), Err(expected), "{text}");
        }
    }

    /// A day stays as it is written, whatever time and zone stand beside it.
    #[test]
    fn days_keep_their_date() {
        let cases = [
            ("1881-01-29 00:00:00", "1881-01-29"),
            ("2003-01-02 23:59:59.9999999", "2003-01-02"),
            ("2003-01-02 24:00:00", "2003-01-02"),
            ("2003-01-02T23:00:00-07:00", "2003-01-02"),
            ("0001-01-01 00:00 +0100", "0001-01-01"),
            ("9999-12-31", "9999-12-31"),
            ("now", "2026-02-28"),
            ("tomorrow", "2026-03-01"),
            ("19871231", "1987-12-31"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                parse_date(text, now()).map(format_date).as_deref(),
                Ok(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn timestamps_end_before_the_year_9999_does() {
        assert!(parse_date_time("9999-12-30 21:59:59", now()).is_ok());
        let late = parse_date_time("9999-12-31", now());
        assert_eq!(
            late,
            Err("too late: the last moment is 9999-12-30 22:00:00 +0000".to_owned())
        );
        assert_eq!(
            read("9999-12-31").as_deref(),
            Ok("9999-12-31 00:00:00 +0000")
        );
    }

    #[test]
    fn stamps_always_have_six_digits() {
        let whole: Timestamp = "2015-11-15T01:58:01Z".parse().expect("is a timestamp");
        assert_eq!(format_date_time(whole), "2015-11-15 01:58:01 +0000");
        assert_eq!(format_stamp(whole), "2015-11-15 01:58:01.000000 +0000");
        assert_eq!(format_date_time(now()), "2026-02-28 13:14:15.987654 +0000");
        assert_eq!(format_stamp(now()), "2026-02-28 13:14:15.987654 +0000");
    }

    /// Pieces that dates are made of, so that random texts get past the first word.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = proptest::sample::select(vec![
            "2003",
            "01",
            "2",
            "31",
            "99",
            "20030102",
            "181500",
            "Jan",
            "Feb",
            "Thu",
            "T",
            "Z",
            "am",
            "pm",
            "EST",
            "now",
            "today",
            ":",
            "-",
            "/",
            ".",
            "+",
            " ",
            ",",
            "18:15",
            "é",
            "999999999999999999999",
            "24:00",
        ]);
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_panics(text in any::<String>(), made in pieces()) {
            for text in [&text, &made] {
                if let Ok(at) = parse_utc(text, now()) {
                    prop_assert!((1..=9999).contains(&at.year()), "{text}");
                }
                let _ = parse_date(text, now());
                let _ = parse_date_time(text, now());
            }
        }

        #[test]
        fn what_is_written_is_read_back(microseconds in -62_135_596_800_000_000_i64..253_402_207_200_000_000) {
            let at = Timestamp::from_microsecond(microseconds).expect("is in range");
            for text in [format_date_time(at), format_stamp(at), at.to_string()] {
                prop_assert_eq!(parse_date_time(&text, now()), Ok(at), "{}", text);
            }
            let day = parse_date(&format_stamp(at), now());
            prop_assert_eq!(day, Ok(TimeZone::UTC.to_datetime(at).date()));
        }
    }
}
