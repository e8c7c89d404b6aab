//! The calendar over a date's field: choosing a day, and a time in UTC for an attribute that has one.
//!
//! ```text
//!  field ──Space, F4──▶ Picker ──Enter──▶ the canonical spelling into the field
//!                         └──Esc──▶ the field as it was
//! ```
//!
//! It opens on the field's own day, in whatever spelling that is, else on today. Text that is no date is never lost by
//! looking at a calendar.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use jiff::Span;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::civil::DateTime;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::layout::Size;
use ratatui::text::Line;
use ratatui::text::Span as Piece;

use crate::capture::attr_type::AttrType;
use crate::capture::value::date;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::WRITING;
use crate::tui::layout;
use crate::tui::panes::form::Action;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Outcome;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::view::Columns;
use crate::tui::theme::Theme;
use crate::tui::widgets::calendar;
use crate::tui::widgets::pane_frame::PaneFrame;
use crate::tui::widgets::text;

/// A verb of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Opens the calendar of the field.
    Open,
    /// Puts what is chosen into the field.
    Take,
    /// Leaves the field as it was.
    Close,
    /// A day back; in the time, the part before.
    Left,
    /// A day on; in the time, the next part.
    Right,
    /// A week back; in the time, one more.
    Up,
    /// A week on; in the time, one less.
    Down,
    /// A month back.
    MonthBack,
    /// A month on.
    MonthOn,
    /// A year back.
    YearBack,
    /// A year on.
    YearOn,
    /// The first of the month.
    First,
    /// The last of the month.
    Last,
    /// Today.
    Today,
    /// This moment.
    Now,
    /// From the day to the hour, the minute, the second.
    NextPart,
    /// Part before.
    PreviousPart,
    /// Takes the last digit of a year back.
    Erase,
}

/// The rows of the calendar's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    spec(Scope::Form, Verb::Open, "form.calendar", "Open the calendar of a date", &["f4"]),
    spec(Scope::Calendar, Verb::Take, "calendar.take", "Take what is chosen", &["enter", "space"]).hint("take"),
    spec(Scope::Calendar, Verb::Close, "calendar.close", "Keep the value as it was", &["esc"]).hint("as it was"),
    spec(Scope::Calendar, Verb::MonthBack, "calendar.month-back", "A month back", &["pageup"]),
    spec(Scope::Calendar, Verb::MonthOn, "calendar.month-on", "A month on", &["pagedown"]).hint("month"),
    spec(Scope::Calendar, Verb::YearBack, "calendar.year-back", "A year back; 1950 jumps there", &["<", "shift-pageup"]).hint("year"),
    spec(Scope::Calendar, Verb::YearOn, "calendar.year-on", "A year on", &[">", "shift-pagedown"]),
    spec(Scope::Calendar, Verb::NextPart, "calendar.next-part", "Next part: day, hour, minute, second", &["tab"]).hint("time"),
    spec(Scope::Calendar, Verb::PreviousPart, "calendar.previous-part", "The other way round", &["shift-tab"]),
    spec(Scope::Calendar, Verb::Today, "calendar.today", "Today", &["t"]).hint("today"),
    spec(Scope::Calendar, Verb::Now, "calendar.now", "This moment, in UTC", &["n"]).hint("now"),
    spec(Scope::Calendar, Verb::Left, "calendar.left", "A day back; in the time, the part before", &["left", "h"]),
    spec(Scope::Calendar, Verb::Right, "calendar.right", "A day on; in the time, the next part", &["right", "l"]),
    spec(Scope::Calendar, Verb::Up, "calendar.up", "A week back; in the time, one more", &["up", "k"]),
    spec(Scope::Calendar, Verb::Down, "calendar.down", "A week on; in the time, one less", &["down", "j"]),
    spec(Scope::Calendar, Verb::First, "calendar.first", "The first of the month", &["home"]),
    spec(Scope::Calendar, Verb::Last, "calendar.last", "The last of the month", &["end"]),
    spec(Scope::Calendar, Verb::Erase, "calendar.erase", "Take the last digit back", &["backspace"]),
];

const fn spec(
    scope: Scope,
    verb: Verb,
    id: &'static str,
    title: &'static str,
    keys: &'static [&'static str],
) -> ActionSpec<Action> {
    ActionSpec::new(scope, Action::Calendar(verb), id, title, keys, WRITING)
}

/// Columns inside the frame when day and time stand below the month: the longest day spelled out.
const TALL_WIDTH: u16 = 28;

/// Columns for day and time beside the month, where there are few rows.
const SIDE_WIDTH: u16 = 12;

/// The frame and its margin.
const AROUND: Size = Size::new(4, 2);

/// A calendar over a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Picker {
    /// The field.
    pub place: Place,
    date: Date,
    /// The time of day in UTC; `None` for an attribute without.
    time: Option<Time>,
    part: Part,
    /// Digits of a number that is not complete yet.
    typed: String,
}

/// What the arrows change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Day,
    Hour,
    Minute,
    Second,
}

impl Part {
    const ALL: [Self; 4] = [Self::Day, Self::Hour, Self::Minute, Self::Second];

    fn step(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|part| *part == self);
        Self::ALL[(at.unwrap_or(0) + by) % Self::ALL.len()]
    }

    /// The largest number it may hold, as a part of the time.
    fn most(self) -> i8 {
        match self {
            Self::Hour => 23,
            Self::Day | Self::Minute | Self::Second => 59,
        }
    }
}

impl Picker {
    /// A calendar that begins at what `text` says, else today, and chooses a time too if asked to.
    pub fn new(place: Place, text: &str, with_time: bool, now: Timestamp) -> Self {
        let today = TimeZone::UTC.to_datetime(now).date();
        let mut picker = Self {
            place,
            date: today,
            time: with_time.then(Time::midnight),
            part: Part::Day,
            typed: String::new(),
        };
        picker.read(text, now);
        picker
    }

    /// Goes to the date that `text` spells; `false` when it spells none.
    pub fn read(&mut self, text: &str, now: Timestamp) -> bool {
        let read = match self.time {
            Some(_) => date::parse_utc(text, now),
            None => date::parse_date(text, now).map(|day| day.to_datetime(Time::midnight())),
        };
        if let Ok(at) = &read {
            self.put(*at);
        }
        read.is_ok()
    }

    /// Whether a time is chosen as well.
    pub fn has_time(&self) -> bool {
        self.time.is_some()
    }

    /// What is chosen, as the service writes it.
    pub fn text(&self) -> String {
        match self.time {
            Some(time) => date::format_utc(self.date.to_datetime(time)),
            None => date::format_date(self.date),
        }
    }

    /// Does what a verb says. Taking and closing are the form's matter.
    pub fn act(&mut self, verb: Verb, now: Timestamp) {
        if verb == Verb::Erase {
            self.typed.pop();
            return;
        }
        self.typed.clear();
        let on_day = self.part == Part::Day;
        match verb {
            Verb::Left if on_day => self.go(Span::new().days(-1)),
            Verb::Right if on_day => self.go(Span::new().days(1)),
            Verb::Up if on_day => self.go(Span::new().weeks(-1)),
            Verb::Down if on_day => self.go(Span::new().weeks(1)),
            Verb::Up => self.turn(1),
            Verb::Down => self.turn(-1),
            Verb::MonthBack => self.go(Span::new().months(-1)),
            Verb::MonthOn => self.go(Span::new().months(1)),
            Verb::YearBack => self.go(Span::new().years(-1)),
            Verb::YearOn => self.go(Span::new().years(1)),
            Verb::First => self.date = self.date.first_of_month(),
            Verb::Last => self.date = self.date.last_of_month(),
            Verb::Today => self.date = TimeZone::UTC.to_datetime(now).date(),
            Verb::Now => self.put(without_fraction(TimeZone::UTC.to_datetime(now))),
            Verb::NextPart | Verb::Right => self.step_part(1),
            Verb::PreviousPart | Verb::Left => self.step_part(Part::ALL.len() - 1),
            Verb::Open | Verb::Take | Verb::Close | Verb::Erase => {}
        }
    }

    /// Takes a character: a digit of a year or of the time. `false` when it means nothing here.
    pub fn character(&mut self, c: char) -> bool {
        match c {
            '0'..='9' => self.typed.push(c),
            ':' if self.has_time() => {
                self.typed.clear();
                self.step_part(1);
                return true;
            }
            _ => return false,
        }
        let number: i16 = self.typed.parse().unwrap_or(0);
        if self.part == Part::Day {
            if self.typed.len() == 4 {
                self.typed.clear();
                self.go_to_year(number);
            }
            return true;
        }
        let most = i16::from(self.part.most());
        if number > most {
            // Not a second digit of this number: the first of a new one.
            self.typed = c.to_string();
            return self.finish_number(i16::from(c as u8 - b'0'), most);
        }
        self.finish_number(number, most)
    }

    /// Sets a part of the time, and goes on to the next when no digit can follow.
    fn finish_number(&mut self, number: i16, most: i16) -> bool {
        self.set_part(number as i8);
        if self.typed.len() == 2 || number * 10 > most {
            self.typed.clear();
            if self.part != Part::Second {
                self.step_part(1);
            }
        }
        true
    }

    fn put(&mut self, at: DateTime) {
        self.date = at.date();
        if let Some(time) = &mut self.time {
            *time = at.time();
        }
    }

    /// Moves the day as far as there are years for it.
    fn go(&mut self, by: Span) {
        let there = self.date.checked_add(by).ok();
        if let Some(there) = there.filter(|date| date.year() >= 1) {
            self.date = there;
        }
    }

    fn go_to_year(&mut self, year: i16) {
        self.go(Span::new().years(i32::from(year) - i32::from(self.date.year())));
    }

    fn step_part(&mut self, by: usize) {
        if self.has_time() {
            self.part = self.part.step(by);
        }
    }

    /// Counts the part of the time under the cursor up or down, round its end.
    fn turn(&mut self, by: i8) {
        if let Some(time) = self.time {
            let count = i16::from(self.part.most()) + 1;
            let turned = (i16::from(self.part_of(time)) + i16::from(by)).rem_euclid(count);
            self.set_part(turned as i8);
        }
    }

    fn part_of(&self, time: Time) -> i8 {
        match self.part {
            Part::Hour => time.hour(),
            Part::Minute => time.minute(),
            Part::Day | Part::Second => time.second(),
        }
    }

    fn set_part(&mut self, number: i8) {
        let Some(time) = self.time else {
            return;
        };
        let set = match self.part {
            Part::Day => return,
            Part::Hour => time.with().hour(number),
            Part::Minute => time.with().minute(number),
            Part::Second => time.with().second(number).subsec_nanosecond(0),
        };
        self.time = set.build().ok().or(self.time);
    }

    // ---- On the screen ----

    /// Where it stands in `pane`: below the field at `column`, `row`, else above it, else as low as there is room. The
    /// day stands beside the month where rows are few.
    pub fn frame(&self, pane: Rect, column: u16, row: u16) -> Rect {
        let below = 2 + u16::from(self.has_time());
        let tall = calendar::HEIGHT + below + AROUND.height;
        let (width, height) = if pane.height >= tall {
            (TALL_WIDTH + AROUND.width, tall)
        } else {
            let width = calendar::WIDTH + 1 + SIDE_WIDTH + AROUND.width;
            (width, calendar::HEIGHT + AROUND.height)
        };
        let (width, height) = (width.min(pane.width), height.min(pane.height));
        let last_x = pane.right() - width;
        let x = (pane.x + column).min(last_x);
        let field = pane.y + row.min(pane.height);
        let last_y = pane.bottom() - height;
        let y = if field < last_y {
            field + 1
        } else if field >= pane.y + height {
            field - height
        } else {
            last_y
        };
        Rect::new(x, y, width, height)
    }

    /// The place of the month's grid in a frame.
    fn grid(frame: Rect) -> Rect {
        let inside = layout::within_margin(layout::inside(frame));
        let has_side = inside.width > TALL_WIDTH;
        let spare = if has_side {
            0
        } else {
            inside.width.saturating_sub(calendar::WIDTH) / 2
        };
        Rect {
            x: inside.x + spare,
            width: calendar::WIDTH.min(inside.width),
            height: calendar::HEIGHT.min(inside.height),
            ..inside
        }
    }

    /// The day drawn at a place of the screen on which `frame` is.
    pub fn day_at(&self, frame: Rect, column: u16, row: u16) -> Option<Date> {
        let grid = Self::grid(frame);
        let inside = grid.contains((column, row).into());
        let day = calendar::day_at(
            self.date,
            column.checked_sub(grid.x)?,
            row.checked_sub(grid.y)?,
        );
        day.filter(|_| inside)
    }

    /// Puts the cursor on a day; `true` when it is there already.
    pub fn point(&mut self, day: Date) -> bool {
        self.typed.clear();
        self.part = Part::Day;
        std::mem::replace(&mut self.date, day) == day
    }

    /// Draws it.
    pub fn view(&self, theme: &Theme, frame: Rect, now: Timestamp, buf: &mut Buffer) {
        text::fill(buf, frame, theme.text);
        let title = self.date.strftime("%B %Y").to_string();
        let digits = match (self.part, self.typed.as_str()) {
            (Part::Day, "") => "type a year".to_owned(),
            (Part::Day, typed) => format!("year {typed:_<4}"),
            _ => "type the time".to_owned(),
        };
        let pane_frame = PaneFrame {
            title: &title,
            bottom_notes: vec![Line::from(digits)],
            focused: true,
            ..PaneFrame::default()
        };
        let inside = layout::within_margin(pane_frame.draw(buf, frame, theme));
        let grid = Self::grid(frame);
        let today = TimeZone::UTC.to_datetime(now).date();
        calendar::draw(buf, grid, self.date, today, self.part == Part::Day, theme);
        let put = |buf: &mut Buffer, x: u16, y: u16, line: &[Piece<'_>]| {
            if y < inside.bottom() {
                text::put_spans(buf, x, y, inside.right().saturating_sub(x), line);
            }
        };
        let of_day =
            |format: &str| Piece::styled(self.date.strftime(format).to_string(), theme.accent);
        let is_today = if self.date == today { "today" } else { "" };
        if inside.width > TALL_WIDTH {
            let x = grid.right() + 1;
            put(buf, x, inside.y, &[of_day("%A")]);
            put(buf, x, inside.y + 1, &[of_day("%-d %B")]);
            put(buf, x, inside.y + 2, &[of_day("%Y")]);
            put(buf, x, inside.y + 3, &[Piece::styled(is_today, theme.dim)]);
            put(buf, x, inside.y + 5, &self.clock(theme));
            return;
        }
        let y = grid.bottom() + 1;
        put(buf, inside.x, y, &[of_day("%A %-d %B %Y")]);
        put(buf, inside.x, y + 1, &self.clock(theme));
    }

    /// The time, its part under the cursor marked; nothing for an attribute without.
    fn clock(&self, theme: &Theme) -> Vec<Piece<'static>> {
        let Some(time) = self.time else {
            return Vec::new();
        };
        let parts = [
            (Part::Hour, time.hour(), ":"),
            (Part::Minute, time.minute(), ":"),
            (Part::Second, time.second(), " UTC"),
        ];
        let mut pieces = Vec::new();
        for (part, number, after) in parts {
            let style = if part == self.part {
                theme.selection
            } else {
                theme.text
            };
            pieces.push(Piece::styled(format!("{number:02}"), style));
            pieces.push(Piece::styled(after, theme.dim));
        }
        pieces
    }
}

fn without_fraction(at: DateTime) -> DateTime {
    at.with().subsec_nanosecond(0).build().unwrap_or(at)
}

/// The form with its calendar.
impl FormPane {
    /// Why a verb of the calendar cannot be used now.
    pub(in crate::tui::panes::form) fn refuses_calendar(&self, verb: Verb) -> Option<&'static str> {
        match (verb, &self.picker) {
            (Verb::Open, _) if !self.is_on_date() => Some("only a date has a calendar"),
            (Verb::Open, _) => None,
            (_, None) => Some("no calendar is open"),
            (Verb::NextPart | Verb::PreviousPart | Verb::Now, Some(picker))
                if !picker.has_time() =>
            {
                Some("this is a day without a time")
            }
            _ => None,
        }
    }

    /// Why nothing can be sent while a calendar is open: what is chosen in it may be meant, or not.
    pub fn refuses_sending(&self) -> Option<&'static str> {
        let reason = "the calendar is open: <calendar.take> takes the day, <calendar.close> keeps the value as it was";
        self.is_choosing_date().then_some(reason)
    }

    /// Whether the field under the cursor is a date.
    pub(in crate::tui::panes::form) fn is_on_date(&self) -> bool {
        let field = self.draft().and_then(Draft::field);
        !self.is_typing_filter()
            && field.is_some_and(|field| field.is_date() && field.text().is_some())
    }

    /// Does what a verb of the calendar says.
    pub(in crate::tui::panes::form) fn calendar(&mut self, verb: Verb, now: Timestamp) {
        match verb {
            Verb::Open => self.open_calendar(now),
            Verb::Close => self.picker = None,
            Verb::Take => self.take_date(now),
            verb => {
                if let Some(picker) = &mut self.picker {
                    picker.act(verb, now);
                }
            }
        }
    }

    fn open_calendar(&mut self, now: Timestamp) {
        let Some((place, field)) = self
            .draft()
            .and_then(|draft| draft.place().zip(draft.field()))
        else {
            return;
        };
        let text = match &self.typing {
            Some(typing) => typing.area.lines().join(" "),
            None => field.text().unwrap_or_default().to_owned(),
        };
        let with_time = field.attr.def.attr_type == AttrType::DateTime;
        self.picker = Some(Picker::new(place.clone(), &text, with_time, now));
    }

    /// Puts what is chosen into the field, and ends editing its text.
    fn take_date(&mut self, now: Timestamp) {
        let Some(picker) = self.picker.take() else {
            return;
        };
        self.typing = None;
        let text = picker.text();
        self.change(now, |field| {
            field.presence = Presence::Given;
            field.editor = Editor::Text(text);
        });
    }

    pub(in crate::tui::panes::form) fn calendar_key(&mut self, key: KeyEvent) -> Option<Outcome> {
        let picker = self.picker.as_mut()?;
        let known = match key.code {
            KeyCode::Char(c) => picker.character(c),
            _ => false,
        };
        (!known).then(|| {
            let reason =
                "this key does nothing in the calendar: <calendar.close> and <calendar.take> lead to typing the date";
            Outcome::Refused(reason.to_owned())
        })
    }

    /// A date in any spelling may be pasted into the calendar.
    pub(in crate::tui::panes::form) fn paste_date(
        &mut self,
        text: &str,
        now: Timestamp,
    ) -> Option<Outcome> {
        let picker = self.picker.as_mut()?;
        let read = picker.read(text, now);
        (!read).then(|| Outcome::Refused("what was pasted is no date".to_owned()))
    }

    /// A click goes to its day, and takes the day that the cursor is on; beside the calendar it closes it.
    pub(in crate::tui::panes::form) fn calendar_click(
        &mut self,
        column: u16,
        row: u16,
        now: Timestamp,
    ) {
        let Some(picker) = &self.picker else {
            return;
        };
        let frame = self.calendar_frame(picker, Rect::from(self.size));
        let day = picker.day_at(frame, column, row);
        let beside = !frame.contains((column, row).into());
        let again = match (&mut self.picker, day) {
            (Some(picker), Some(day)) => picker.point(day),
            _ => false,
        };
        if again {
            self.take_date(now);
        } else if beside {
            self.picker = None;
        }
    }

    /// Where the calendar stands in the pane.
    pub(in crate::tui::panes::form) fn calendar_frame(&self, picker: &Picker, pane: Rect) -> Rect {
        let (column, row) = self.draft().map_or((0, 0), |draft| {
            let columns = Columns::new(pane.width, draft.names);
            (columns.value(), draft.cursor.saturating_sub(draft.scroll))
        });
        picker.frame(pane, column, row as u16)
    }
}
