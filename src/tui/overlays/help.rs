//! The keys of the focused pane and of the whole program, from the table of verbs.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::json::sanitize;
use crate::tui::action;
use crate::tui::action::Action;
use crate::tui::action::spec::Scope;
use crate::tui::keys::keymap::shown_keys;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::overlays::scroll_step;
use crate::tui::theme::Theme;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// The help, scrolled to some row.
#[derive(Debug)]
pub struct Help {
    rows: Vec<Row>,
    offset: usize,
}

#[derive(Debug)]
enum Row {
    Heading(&'static str),
    Verb { keys: String, title: &'static str },
    Blank,
}

/// A line of the screen.
enum Shown<'a> {
    Heading(&'static str),
    /// Keys, and a title or how it goes on.
    Verb(&'a str, String),
    Blank,
}

/// The frame is no wider than this.
const WIDEST: u16 = 100;

/// Cells of a line that are the frame's, its margin's and the scroll bar's.
const FRAME: usize = 6;

/// Cells of the keys.
const KEYS: usize = 20;

impl Help {
    /// The help for the pane with these scopes, with the verbs that there are.
    pub fn new(scopes: &[Scope], exists: impl Fn(Action) -> bool) -> Self {
        let verbs = action::all();
        let mut rows = Vec::new();
        let mut taken: Vec<&str> = Vec::new();
        for scope in scopes {
            rows.push(Row::Heading(heading(*scope)));
            let in_scope = verbs.iter().filter(|spec| {
                let elsewhere = spec.everywhere && !scopes.contains(&spec.scope);
                let listed = if elsewhere { Scope::App } else { spec.scope };
                listed == *scope
            });
            for spec in in_scope.clone().filter(|spec| exists(spec.action)) {
                // A key that means something else further in is not this verb's here.
                let keys = shown_keys(spec, |key| !taken.contains(&key));
                if !keys.is_empty() {
                    let title = spec.title;
                    rows.push(Row::Verb { keys, title });
                }
            }
            taken.extend(in_scope.flat_map(|spec| spec.keys));
            rows.push(Row::Blank);
        }
        rows.pop();
        Self { rows, offset: 0 }
    }

    /// Handles a key, on a screen of this size; true when the help closes.
    pub fn key(&mut self, key: KeyEvent, screen: Rect) -> bool {
        let step = match key.code {
            KeyCode::Esc | KeyCode::Enter | KeyCode::F(1) | KeyCode::Char('q' | '?') => {
                return true;
            }
            code => match scroll_step(code) {
                Some(step) => step,
                None => return false,
            },
        };
        self.offset = self
            .offset
            .saturating_add_signed(step)
            .min(self.last_offset(screen));
        false
    }

    /// The lines on a screen of this width: a long title goes on below its beginning.
    fn lines(&self, screen: u16) -> Vec<Shown<'_>> {
        let room = usize::from(width(screen))
            .saturating_sub(FRAME + KEYS)
            .max(1);
        let mut lines = Vec::new();
        for row in &self.rows {
            match row {
                Row::Blank => lines.push(Shown::Blank),
                Row::Heading(name) => lines.push(Shown::Heading(name)),
                Row::Verb { keys, title } => {
                    let titles = sanitize::wrap(title, room).into_iter().enumerate();
                    let keys = |at| if at == 0 { keys.as_str() } else { "" };
                    lines.extend(titles.map(|(at, title)| Shown::Verb(keys(at), title)));
                }
            }
        }
        lines
    }

    /// The first line when the last one is in sight.
    fn last_offset(&self, screen: Rect) -> usize {
        let lines = self.lines(screen.width).len();
        let inside = usize::from(height(lines, screen.height)).saturating_sub(2);
        scroll::max_offset(lines, inside)
    }

    /// Draws the help in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let lines = self.lines(area.width);
        let frame = centred(area, width(area.width), height(lines.len(), area.height));
        let title = "Help · ↑↓ scroll · Esc closes";
        let inside = popup(buf, frame, title, theme);
        let offset = self.offset.min(self.last_offset(area));
        scroll::draw_bar(buf, inside, offset, lines.len(), theme);
        let visible = lines.iter().skip(offset);
        for (line, y) in visible.zip(inside.y..inside.bottom()) {
            let spans = match line {
                Shown::Blank => continue,
                Shown::Heading(name) => vec![Span::styled(*name, theme.accent)],
                Shown::Verb(keys, title) => vec![
                    Span::styled(format!("  {keys:<17} "), theme.hint_key),
                    Span::styled(title.as_str(), theme.text),
                ],
            };
            text::put_spans(buf, inside.x, y, inside.width.saturating_sub(2), &spans);
        }
    }
}

/// The frame's width on a screen of this width.
fn width(screen: u16) -> u16 {
    screen.saturating_sub(4).min(WIDEST)
}

/// The frame's height for so many lines on a screen of this height.
fn height(lines: usize, screen: u16) -> u16 {
    u16::try_from(lines + 2)
        .unwrap_or(u16::MAX)
        .min(screen.saturating_sub(2))
}

fn heading(scope: Scope) -> &'static str {
    match scope {
        Scope::App => "Everywhere",
        Scope::Types => "Entity types",
        Scope::Form => "Form",
        Scope::Edit => "While a field has the cursor",
        Scope::Calendar => "Calendar",
        Scope::Response => "Response",
        Scope::Viewer => "The answer's body",
        Scope::Peek => "While a value is shown whole",
        Scope::ViewerLine => "While a line is written",
        Scope::Records => "Find",
        Scope::Filter => "While a filter is written",
        Scope::Schema => "Schema",
        Scope::SchemaText => "While the JSON of a schema is written",
        Scope::SchemaFilter => "While attributes are filtered",
        Scope::Attribute => "Attribute",
        Scope::AttributeText => "While a text of the attribute is written",
        Scope::Plan => "Plan",
        Scope::Compare => "Comparison",
        Scope::Timeline => "The record through time",
        Scope::CallCompare => "Two calls compared",
        Scope::Rules => "Rules",
        Scope::Access => "Access",
        Scope::Pick => "While attributes are chosen",
        Scope::History => "History",
        Scope::HistoryLine => "While a search of the history is written",
        Scope::Files => "Files",
    }
}
