//! Draws the list of files and calls, and what there is to say where no viewer stands.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::response::Answer;
use crate::exchange::Outcome as Came;
use crate::handover::open::OpenedCall;
use crate::json::document::Document;
use crate::json::document::Kind;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::files::Entry;
use crate::tui::panes::files::File;
use crate::tui::panes::files::FilesPane;
use crate::tui::panes::files::State;
use crate::tui::theme::Theme;
use crate::tui::verdict;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;

/// How much of a text is looked at to tell what it is, in bytes.
const LOOKED_AT: usize = 4096;

impl FilesPane {
    /// The title of the list.
    pub fn title(&self) -> String {
        "Files".to_owned()
    }

    /// The title of what stands beside the list.
    pub fn shown_title(&self) -> String {
        let Some(file) = self.files.get(self.shown.file) else {
            return String::new();
        };
        match self.call(self.shown) {
            Some(call) => format!("{}: {}", file.name, name_of(call)),
            None => file.name.clone(),
        }
    }

    /// What is to know of what stands beside the list, for the top of its frame: its size and kind, and whether it is
    /// still what it was.
    pub fn shown_notes(&self) -> Vec<String> {
        let Some(file) = self.files.get(self.shown.file) else {
            return Vec::new();
        };
        let mut notes = Vec::new();
        if file.changed {
            notes.push(keyed("changed on the disk: <app.refresh> opens it again"));
        }
        notes.extend(file.note.clone());
        if let Some(archive) = &file.archive {
            notes.push(archive.title.clone());
            notes.extend(archive.notes.first().cloned());
        }
        if let (Some(viewer), None) = (self.viewer(), self.shown.call) {
            let document = viewer.whole();
            let coming = matches!(file.state, State::Shown { coming: true, .. });
            let so_far = if coming { " so far" } else { "" };
            let length = size(document.bytes().len());
            notes.push(format!("{length}{so_far}  {}", kind(document)));
        }
        notes
    }

    fn call(&self, entry: Entry) -> Option<&OpenedCall> {
        let archive = self.files.get(entry.file)?.archive.as_ref()?;
        archive.calls.get(entry.call?)
    }

    /// Draws the list.
    pub fn view(&self, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
        let rows = self.rows();
        let view = self.cursor.view(rows, focused);
        list::draw(buf, area, view, theme, |row| {
            self.entry(row)
                .map_or_else(Line::default, |entry| self.line(entry, theme))
        });
    }

    /// Draws what stands beside the list: its viewer, or why there is none.
    pub fn view_shown(&self, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
        if let Some(viewer) = self.viewer() {
            if viewer.whole().bytes().is_empty() {
                let words = match self.shown.call {
                    Some(_) => "No answer came, or one without a body.",
                    None => "It is empty.",
                };
                paragraphs::put(buf, area, &[(words.to_owned(), theme.dim)]);
            } else {
                viewer.view(theme, focused, buf);
            }
            return;
        }
        let file = self.files.get(self.shown.file);
        let running = theme.glyphs.running;
        let line = match file.map(|file| &file.state) {
            Some(State::Failed(why)) => (format!("{} {why}", theme.glyphs.error), theme.error),
            Some(State::Awaited) => (format!("{running} nothing has come yet"), theme.dim),
            Some(State::Reading(_)) => (format!("{running} reading the calls"), theme.dim),
            Some(State::Opening | State::Shown { .. }) | None => {
                (format!("{running} opening"), theme.dim)
            }
        };
        paragraphs::put(buf, area, &[line]);
    }

    fn line(&self, entry: Entry, theme: &Theme) -> Line<'static> {
        let is_shown = entry == self.shown;
        let style = |style: Style| if is_shown { theme.accent } else { style };
        let mark = if is_shown { theme.glyphs.folded } else { " " };
        match (self.files.get(entry.file), self.call(entry)) {
            (_, Some(call)) => {
                let (verdict_style, outcome) = outcome(call, theme);
                Line::from(vec![
                    Span::styled(format!("{mark}   {}", clock(call)), theme.dim),
                    Span::styled(format!(" {outcome:<6}"), verdict_style),
                    Span::styled(format!(" {}", name_of(call)), style(theme.text)),
                ])
            }
            (Some(file), None) => Line::from(vec![
                Span::styled(format!("{mark} {}", file.name), style(theme.text)),
                Span::styled(format!("  {}", in_short(file)), theme.dim),
            ]),
            (None, None) => Line::default(),
        }
    }
}

/// A file in a few words.
fn in_short(file: &File) -> String {
    match (&file.archive, &file.state) {
        (Some(archive), _) => match archive.calls.len() {
            1 => "1 call".to_owned(),
            count => format!("{count} calls"),
        },
        (None, State::Shown { viewer, .. }) => size(viewer.whole().bytes().len()),
        (None, State::Failed(why)) => why.clone(),
        (None, State::Opening | State::Awaited | State::Reading(_)) => "…".to_owned(),
    }
}

/// What was called: the operation, or of another service the method and the path.
fn name_of(call: &OpenedCall) -> String {
    if let Some(request) = &call.request {
        let type_name = request.args.get("type_name").unwrap_or_default();
        return format!("{} {type_name}", request.endpoint);
    }
    let path = call.sent.url.split_once("://").map_or("", |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    format!("{} {path}", call.sent.method)
}

fn outcome(call: &OpenedCall, theme: &Theme) -> (Style, String) {
    match (call.exchange(), &call.outcome) {
        (Some(exchange), _) => {
            let (mark, style) = verdict::mark(exchange.verdict(), theme);
            let words = match (exchange.answer(), &call.outcome) {
                (Some(Answer::Error(error)), _) => error.code.to_string(),
                (Some(Answer::Ok(_)), _) => "ok".to_owned(),
                (_, Came::Answered(answered)) => answered.status.to_string(),
                (_, Came::Failed(_)) => "no answer".to_owned(),
            };
            (style, format!("{mark} {words}"))
        }
        (None, Came::Answered(answered)) if answered.status < 400 => {
            (theme.ok, format!("{} {}", theme.glyphs.ok, answered.status))
        }
        (None, Came::Answered(answered)) => {
            let mark = theme.glyphs.error;
            (theme.error, format!("{mark} {}", answered.status))
        }
        (None, Came::Failed(_)) => (theme.error, format!("{} no answer", theme.glyphs.error)),
    }
}

fn clock(call: &OpenedCall) -> String {
    let local = call.started.to_zoned(TimeZone::system());
    format!(
        "{:02}:{:02}:{:02}",
        local.hour(),
        local.minute(),
        local.second()
    )
}

/// What a text is, in a word or two.
fn kind(document: &Document) -> &'static str {
    let root = document.root();
    if root.is_none_or(|root| document.kind(root) == Kind::Broken) {
        let head = &document.bytes()[..document.bytes().len().min(LOOKED_AT)];
        let is_binary = head.contains(&0);
        return if is_binary { "binary" } else { "text" };
    }
    match (document.faults(), document.document_count()) {
        ([_, ..], _) => "broken JSON",
        ([], 2..) => "JSON lines",
        ([], _) => "JSON",
    }
}

/// A length in bytes, in three digits or so.
fn size(bytes: usize) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let places = usize::from(value < 99.95);
    format!("{value:.places$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_three_digits() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 KB"),
            (99_949, "99.9 KB"),
            (123_456, "123 KB"),
            (999_600, "1.0 MB"),
            (1_048_576, "1.0 MB"),
            (1_073_741_824, "1.1 GB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }

    #[test]
    fn texts_are_told_apart() {
        for (text, shown) in [
            ("{\"a\":1}", "JSON"),
            ("{}\n{}\n", "JSON lines"),
            ("[1,", "broken JSON"),
            ("<html>", "text"),
            ("\u{7f}ELF\0\0", "binary"),
        ] {
            assert_eq!(kind(&Document::parse(text)), shown, "{text:?}");
        }
        assert_eq!(kind(&Document::parse_so_far("[1, \"a")), "JSON");
    }
}
