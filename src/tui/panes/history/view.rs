//! Drawing the history: the search, then a line for each call, with as much of it as there are columns for.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::endpoint::Effect;
use crate::config::environment::EnvironmentClass;
use crate::exchange::Verdict;
use crate::history::query::Summary;
use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::masking;
use crate::tui::panes::history::HistoryPane;
use crate::tui::panes::history::search::SearchLine;
use crate::tui::session::Session;
use crate::tui::theme::Badge;
use crate::tui::theme::Theme;
use crate::tui::verdict;
use crate::tui::viewer::words;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;
use crate::worker::compare::spent;

/// From this width on a call is told in columns, with its duration.
const WIDE: u16 = 64;

/// The most cells of an environment's name, of an operation and of an entity type, where they have columns.
const ENVIRONMENT: usize = 12;
const OPERATION: usize = 26;
const TYPE: usize = 18;

/// Cells of a duration.
const DURATION: usize = 8;

/// Cells of an outcome: of most, and of the longest.
const OUTCOME: usize = 6;
const LONGEST_OUTCOME: usize = 13;

/// What can be written into a search, shown where nothing is found.
const EXAMPLES: &str =
    "code:361  type:user  env:prod  op:entity.*  id:42  after:2d  or any word of request or answer";

impl HistoryPane {
    /// What the frame notes at its corner: the place among all.
    pub fn note(&self) -> String {
        let count = |number: u64| words::count(usize::try_from(number).unwrap_or(usize::MAX));
        let at_hand = self.window.rows().len();
        let of = match (self.window.total(), at_hand) {
            (_, 0) if self.search.text().is_empty() => return String::new(),
            (_, 0) if self.window.is_beginning() => return String::new(),
            (_, 0) => return "none".to_owned(),
            (Some(total), _) => count(total),
            (None, at_hand) => format!("more than {}", count(at_hand as u64)),
        };
        match self.window.place() {
            Some(place) => format!("{} of {of}", count(place)),
            None => format!("of {of}"),
        }
    }

    /// What the frame notes below: the environments whose calls do not come here.
    pub fn notes_below(&self, session: &Session) -> Vec<Line<'static>> {
        let unkept = &session.unkept;
        if unkept.is_empty() {
            return Vec::new();
        }
        let names = sanitize::clean(&unkept.join(", ")).into_owned();
        vec![Line::from(format!("calls to {names} are not kept"))]
    }

    /// The rows above the list: the search, and while it is written what is wrong with it or could come next.
    pub(super) fn head_rows(&self) -> u16 {
        match (self.search.line(), self.search.text()) {
            (Some(_), _) => 2,
            (None, "") => 0,
            (None, _) => 1,
        }
    }

    /// Draws the list.
    pub fn view(
        &self,
        session: &Session,
        theme: &Theme,
        area: Rect,
        focused: bool,
        buf: &mut Buffer,
    ) {
        let head = self.head_rows().min(area.height);
        self.view_search(theme, area, focused, buf);
        let area = Rect {
            y: area.y + head,
            height: area.height - head,
            ..area
        };
        let rows = self.window.rows();
        if rows.is_empty() {
            let lines = self.empty(session, theme);
            paragraphs::put(buf, area, &lines);
            return;
        }
        let columns = Columns::of(rows, session, area.width);
        let view = self.window.cursor().view(rows.len(), focused);
        list::draw(buf, area, view, theme, |at| {
            rows.get(at).map_or_else(Line::default, |summary| {
                columns.line(summary, session, theme)
            })
        });
    }

    /// Why there is nothing, and what to do.
    fn empty(&self, session: &Session, theme: &Theme) -> Vec<(String, Style)> {
        let line = |text: &str, style| (text.to_owned(), style);
        if let Some(reason) = &self.failure {
            return vec![(format!("{} {reason}", theme.glyphs.error), theme.error)];
        }
        if !self.search.text().is_empty() && !self.window.is_beginning() {
            // Who still types has not said all, and knows how to change it.
            let said = match self.search.line() {
                Some(_) => vec![line("No call so far.", theme.dim)],
                None => vec![
                    line("No call is meant by that.", theme.text),
                    line(
                        &keyed("<app.back> takes the search off, <history.search> changes it."),
                        theme.dim,
                    ),
                ],
            };
            let examples = line(EXAMPLES, theme.dim);
            return said.into_iter().chain([examples]).collect();
        }
        if session.unkept.contains(&session.environment) {
            let text = format!(
                "Calls to {} are not kept: config.toml says so under [history].",
                session.environment
            );
            return vec![(text, theme.dim)];
        }
        vec![line("Calls appear here once made.", theme.dim)]
    }

    fn view_search(&self, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
        if area.height == 0 || self.head_rows() == 0 {
            return;
        }
        text::put(buf, area.x, area.y, 2, "/ ", theme.accent);
        let room = Rect {
            x: area.x + 2,
            width: area.width.saturating_sub(2),
            height: 1,
            ..area
        };
        let Some(line) = self.search.line() else {
            let style = if focused { theme.value } else { theme.dim };
            let searched = sanitize::clean(self.search.text());
            text::put(buf, room.x, room.y, room.width, &searched, style);
            return;
        };
        line.input.view(room, buf);
        if area.height > 1 {
            let spans = below(line, theme, area.width.into());
            text::put_spans(buf, area.x, area.y + 1, area.width, &spans);
        }
    }
}

/// What is wrong with a search that is written, or what could come next.
fn below(line: &SearchLine, theme: &Theme, room: usize) -> Vec<Span<'static>> {
    if let Some(error) = &line.error {
        let hint = error.hint.iter().map(|hint| format!(": {hint}"));
        let words = std::iter::once(error.message.clone()).chain(hint);
        let words = format!("{} {}", theme.glyphs.error, words.collect::<String>());
        return vec![Span::styled(words, theme.error)];
    }
    if let Some(hint) = line.hint() {
        let hint = sanitize::clean(hint).into_owned();
        return vec![Span::styled(hint, theme.dim)];
    }
    let (suggestions, chosen) = line.suggestions();
    let mut spans = vec![Span::styled(
        keyed("<history-line.complete> "),
        theme.hint_key,
    )];
    // The one that was put in is in sight, whatever comes before it.
    let from = chosen.map_or(0, |at| at.saturating_sub(1));
    let mut taken = 4;
    for (at, suggestion) in suggestions.iter().enumerate().skip(from) {
        let style = if chosen == Some(at) {
            theme.accent
        } else {
            theme.dim
        };
        let word = sanitize::clean(&suggestion.text).into_owned();
        taken += sanitize::width(&word) + 2;
        spans.push(Span::styled(format!("{word}  "), style));
        let is_told = chosen.unwrap_or(from) == at && suggestions.len() <= from + 3;
        if is_told && !suggestion.meaning.is_empty() {
            let meaning = sanitize::clean(&suggestion.meaning).into_owned();
            taken += sanitize::width(&meaning) + 2;
            spans.push(Span::styled(format!("{meaning}  "), theme.dim));
        }
        if taken > room {
            break;
        }
    }
    if suggestions.is_empty() {
        return vec![Span::styled(
            "any word of request or answer; \"in quotes\" as it stands",
            theme.dim,
        )];
    }
    spans
}

/// How wide the columns are, for all rows alike.
struct Columns {
    width: usize,
    today: Date,
    /// Whether a row is of another day.
    dates: bool,
    /// Whether a row is of another environment than the one of now.
    environments: usize,
    outcome: usize,
    operation: usize,
    type_name: usize,
}

impl Columns {
    fn of(rows: &[Summary], session: &Session, width: u16) -> Self {
        let today = local(session.now);
        let longest = |of: &dyn Fn(&Summary) -> usize, most: usize| {
            rows.iter().map(of).max().unwrap_or(0).min(most)
        };
        let is_elsewhere = |row: &Summary| row.environment != session.environment;
        let environments = if rows.iter().any(is_elsewhere) {
            longest(&|row| sanitize::width(&row.environment), ENVIRONMENT)
        } else {
            0
        };
        Self {
            width: width.into(),
            today,
            dates: rows.iter().any(|row| local(row.started) != today),
            environments,
            outcome: if width < WIDE {
                OUTCOME
            } else {
                longest(&|row| outcome(row).len() + 2, LONGEST_OUTCOME).max(OUTCOME)
            },
            operation: longest(&|row| row.endpoint.name().len(), OPERATION),
            type_name: longest(
                &|row| sanitize::width(row.type_name.as_deref().unwrap_or_default()),
                TYPE,
            ),
        }
    }

    fn is_wide(&self) -> bool {
        self.width >= WIDE.into()
    }

    /// A call in a line.
    fn line(&self, summary: &Summary, session: &Session, theme: &Theme) -> Line<'static> {
        let (mark, style) = verdict::mark(summary.verdict, theme);
        let outcome = format!("{mark} {}", outcome(summary));
        let marked = session.marked.as_ref().and_then(|marked| marked.call.id());
        let mut spans = Vec::new();
        if marked.is_some() {
            let sign = if marked == Some(summary.id) {
                "m "
            } else {
                "  "
            };
            spans.push(Span::styled(sign, theme.accent));
        }
        spans.push(Span::styled(self.time(summary.started), theme.dim));
        spans.push(Span::styled(
            format!(" {outcome:<width$}", width = self.outcome),
            style,
        ));
        spans.extend(self.environment(summary, session, theme));
        let type_name = sanitize::clean(summary.type_name.as_deref().unwrap_or_default());
        let subject =
            sanitize::clean(masking::outside(session.mask.as_ref(), &summary.subject)).into_owned();
        if !self.is_wide() {
            let call = format!(" {} {type_name}", summary.endpoint);
            spans.push(Span::styled(call, theme.text));
            spans.push(Span::styled(format!(" {subject}"), theme.dim));
            return Line::from(spans);
        }
        let call = format!(
            " {} {}",
            fitted(summary.endpoint.name(), self.operation),
            fitted(&type_name, self.type_name)
        );
        spans.push(Span::styled(call, theme.text));
        let taken: usize = spans.iter().map(Span::width).sum();
        // The scroll bar's column and the one before it stay free.
        let room = self.width.saturating_sub(taken + DURATION + 4);
        spans.push(Span::styled(
            format!(" {} ", fitted(&subject, room)),
            theme.dim,
        ));
        spans.push(Span::styled(
            format!("{:>DURATION$}", spent(summary.elapsed)),
            theme.dim,
        ));
        Line::from(spans)
    }

    /// When it began: the time of today, else the day, with the time where there is room.
    fn time(&self, started: Timestamp) -> String {
        let began = started.to_zoned(TimeZone::system());
        let format = match (began.date(), self.is_wide()) {
            (day, false) if day == self.today && self.dates => " %H:%M",
            (day, _) if day == self.today && !self.dates => "%H:%M",
            (day, true) if day == self.today => "       %H:%M",
            (day, true) if day.year() == self.today.year() => "%b %d %H:%M",
            (_, true) => "%Y-%m-%d  ",
            (day, false) if day.year() == self.today.year() => "%b %d",
            (_, false) => "%b'%y",
        };
        let time = began.strftime(format).to_string();
        let width = match (self.dates, self.is_wide()) {
            (false, _) => 5,
            (true, true) => 12,
            (true, false) => 6,
        };
        format!("{time:<width$}")
    }

    /// The environment, in a column, or only that of another one where columns are few.
    fn environment(
        &self,
        summary: &Summary,
        session: &Session,
        theme: &Theme,
    ) -> Vec<Span<'static>> {
        let name = sanitize::truncate(&sanitize::clean(&summary.environment), ENVIRONMENT);
        let is_here = summary.environment == session.environment;
        if self.environments == 0 || (is_here && !self.is_wide()) {
            return Vec::new();
        }
        let style = match session.class_of(&summary.environment) {
            Some(EnvironmentClass::Prod) => theme.badge(Badge::Prod),
            Some(EnvironmentClass::Dev) => theme.badge(Badge::Dev),
            Some(EnvironmentClass::Sandbox) => theme.badge(Badge::Sandbox),
            None => theme.dim,
        };
        let fill = if self.is_wide() {
            self.environments.saturating_sub(sanitize::width(&name))
        } else {
            0
        };
        vec![
            Span::raw(" "),
            Span::styled(name, style),
            Span::raw(" ".repeat(fill)),
        ]
    }
}

fn local(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::system()).date()
}

/// A text on exactly so many cells.
fn fitted(text: &str, cells: usize) -> String {
    let cut = sanitize::truncate(text, cells);
    let fill = cells.saturating_sub(sanitize::width(&cut));
    format!("{cut}{}", " ".repeat(fill))
}

fn outcome(summary: &Summary) -> String {
    match (summary.verdict, summary.code) {
        (_, Some(code)) => code.to_string(),
        (Verdict::Ok, None) => "ok".to_owned(),
        (Verdict::NotCapture, None) => "not Capture".to_owned(),
        // A read that broke off was sent, but it changed nothing either.
        (Verdict::NotSent, None) if summary.endpoint.spec().effect == Effect::Read => {
            "no answer".to_owned()
        }
        (Verdict::NotSent, None) => "not sent".to_owned(),
        (Verdict::Unknown, None) => "unknown".to_owned(),
        (Verdict::Error, None) => "error".to_owned(),
    }
}

/// The operation and its entity type.
pub(super) fn what(summary: &Summary) -> String {
    let type_name = summary.type_name.as_deref().unwrap_or_default();
    format!("{} {type_name}", summary.endpoint)
        .trim_end()
        .to_owned()
}
