//! The keys of the focused pane and of the whole program, from the table of verbs.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

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

impl Help {
    /// The help for the pane with these scopes, with the verbs that there are.
    pub fn new(scopes: &[Scope], exists: impl Fn(Action) -> bool) -> Self {
        let verbs = action::all();
        let mut rows = Vec::new();
        for scope in scopes {
            rows.push(Row::Heading(heading(*scope)));
            let in_scope = verbs
                .iter()
                .filter(|spec| spec.scope == *scope && exists(spec.action));
            rows.extend(in_scope.map(|spec| Row::Verb {
                keys: shown_keys(spec),
                title: spec.title,
            }));
            rows.push(Row::Blank);
        }
        rows.pop();
        Self { rows, offset: 0 }
    }

    /// Handles a key, on a screen of this height; true when the help closes.
    pub fn key(&mut self, key: KeyEvent, screen: u16) -> bool {
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

    /// The frame's height on a screen of this height.
    fn height(&self, screen: u16) -> u16 {
        (self.rows.len() as u16 + 2).min(screen.saturating_sub(2))
    }

    /// The first row when the last one is in sight.
    fn last_offset(&self, screen: u16) -> usize {
        let inside = usize::from(self.height(screen)).saturating_sub(2);
        scroll::max_offset(self.rows.len(), inside)
    }

    /// Draws the help in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let frame = centred(area, 72, self.height(area.height));
        let title = "Help · ↑↓ scroll · Esc closes";
        let inside = popup(buf, frame, title, theme);
        let offset = self.offset.min(self.last_offset(area.height));
        scroll::draw_bar(buf, inside, offset, self.rows.len(), theme);
        let visible = self.rows.iter().skip(offset);
        for (row, y) in visible.zip(inside.y..inside.bottom()) {
            let spans = match row {
                Row::Blank => continue,
                Row::Heading(name) => vec![Span::styled(*name, theme.accent)],
                Row::Verb { keys, title } => vec![
                    Span::styled(format!("  {keys:<17} "), theme.hint_key),
                    Span::styled(*title, theme.text),
                ],
            };
            text::put_spans(buf, inside.x, y, inside.width.saturating_sub(2), &spans);
        }
    }
}

fn heading(scope: Scope) -> &'static str {
    match scope {
        Scope::App => "Everywhere",
        Scope::Types => "Entity types",
        Scope::Form => "Form",
        Scope::Edit => "While a field has the cursor",
        Scope::Calendar => "Calendar",
        Scope::Response => "Response",
        Scope::Records => "Find",
        Scope::Filter => "While a filter is written",
        Scope::Pick => "While attributes are chosen",
        Scope::History => "History",
    }
}
