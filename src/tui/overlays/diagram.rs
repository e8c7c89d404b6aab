//! The diagram of a design on the whole screen: to scroll, to fold by depth, to export.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::capture::schema::EntityType;
use crate::capture::schema::diagram::Summary;
use crate::capture::schema::diagram::text;
use crate::capture::schema::diagram::text::DiagramLine;
use crate::capture::schema::diagram::text::Drawn;
use crate::capture::schema::diagram::text::Role;
use crate::tui::overlays::popup;
use crate::tui::overlays::scroll_step;
use crate::tui::theme::Theme;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text as cells;

/// Rows below the diagram: an empty one and the keys.
const FOOT: u16 = 2;

/// From this width on the keys are told in full.
const WIDE_KEYS: u16 = 72;

/// The diagram of a design.
#[derive(Debug)]
pub struct Diagram {
    schema: EntityType,
    /// How many levels there are.
    depth: usize,
    /// Containers at this level and deeper are closed.
    fold_below: Option<usize>,
    ascii: bool,
    offset: usize,
}

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing beyond the diagram.
    Open,
    /// Close it.
    Close,
    /// Export the design.
    Export,
}

impl Diagram {
    /// The diagram of an entity type.
    pub fn new(mut schema: EntityType, theme: &Theme) -> Self {
        if schema.name.is_empty() {
            "new entity type".clone_into(&mut schema.name);
        }
        Self {
            depth: Summary::of(&schema).depth,
            fold_below: None,
            ascii: theme.glyphs.ascii_only,
            offset: 0,
            schema,
        }
    }

    fn drawn(&self, screen: Rect) -> Drawn {
        let style = text::Style {
            ascii: self.ascii,
            fold_below: self.fold_below,
        };
        let width = frame(screen).width.saturating_sub(5).max(1);
        text::drawn(&self.schema, width.into(), style)
    }

    /// Handles a key, on a screen of this size.
    pub fn key(&mut self, key: KeyEvent, screen: Rect) -> Reply {
        let deepest = self.depth.max(1);
        match key.code {
            KeyCode::Esc | KeyCode::Char('q') => return Reply::Close,
            KeyCode::Char('X') => return Reply::Export,
            KeyCode::Char('-') => {
                let level = self.fold_below.unwrap_or(deepest);
                self.fold_below = Some(level.saturating_sub(1).max(1));
            }
            KeyCode::Char('+') => {
                self.fold_below = self.fold_below.map(|level| level + 1);
                self.fold_below.take_if(|level| *level >= deepest);
            }
            KeyCode::Char('0') => self.fold_below = None,
            KeyCode::Char(digit @ '1'..='9') => {
                let level = digit.to_digit(10).map_or(1, |level| level as usize);
                self.fold_below = Some(level).filter(|level| *level < deepest);
            }
            code => {
                let step = match code {
                    KeyCode::PageDown | KeyCode::Char(' ') => self.page(screen),
                    KeyCode::PageUp => -self.page(screen),
                    code => scroll_step(code).unwrap_or(0),
                };
                self.offset = self.offset.saturating_add_signed(step);
            }
        }
        let drawn = self.drawn(screen);
        let room = room(screen, &drawn.legend);
        let last = scroll::max_offset(drawn.lines.len(), room.height.into());
        self.offset = self.offset.min(last);
        Reply::Open
    }

    fn page(&self, screen: Rect) -> isize {
        let legend = self.drawn(screen).legend;
        room(screen, &legend).height.max(2) as isize - 1
    }

    /// Draws the diagram, and above the keys what its signs mean.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let folded = match self.fold_below {
            None => String::new(),
            Some(level) => format!(" · {level} of {} levels", self.depth),
        };
        let title = format!("Diagram · {}{folded}", self.schema.name);
        let inside = popup(buf, frame(area), &title, theme);
        let Drawn { lines, legend } = self.drawn(area);
        let body = room(area, &legend);
        scroll::draw_bar(buf, body, self.offset, lines.len(), theme);
        let below = inside.bottom().saturating_sub(1 + legend.len() as u16);
        let body_rows = body.y..body.bottom().min(below);
        let rows = lines.iter().skip(self.offset).zip(body_rows);
        for (line, y) in rows.chain(legend.iter().zip(below.max(body.y)..)) {
            if y >= inside.bottom() {
                break;
            }
            let spans: Vec<Span> = line
                .spans
                .iter()
                .map(|span| Span::styled(span.text.as_str(), style(span.role, theme)))
                .collect();
            cells::put_spans(buf, body.x, y, body.width.saturating_sub(1), &spans);
        }
        let keys = if inside.width < WIDE_KEYS {
            "↑ ↓ scroll   - + fold a level   X exports   Esc closes"
        } else {
            "↑ ↓ Space scroll   - + fold and unfold a level   X exports   Esc closes"
        };
        let y = inside.bottom().saturating_sub(1);
        cells::put(buf, inside.x, y, inside.width, keys, theme.dim);
    }
}

/// The whole screen but for the line in which is said what was done, and the footer.
fn frame(screen: Rect) -> Rect {
    Rect {
        height: screen.height.saturating_sub(2),
        ..screen
    }
}

/// Where the diagram is on a screen of this size, above its legend.
fn room(screen: Rect, legend: &[DiagramLine]) -> Rect {
    let frame = frame(screen);
    Rect {
        x: frame.x + 2,
        y: frame.y + 1,
        width: frame.width.saturating_sub(4).max(2),
        height: frame.height.saturating_sub(2 + FOOT + legend.len() as u16),
    }
}

fn style(role: Role, theme: &Theme) -> Style {
    match role {
        Role::Heading => theme.accent,
        Role::Branch => theme.border,
        Role::Name => theme.text,
        Role::Type => theme.json_literal,
        Role::Glyph => theme.hint_key,
        Role::Description | Role::BuiltIn | Role::Legend => theme.dim,
    }
}
