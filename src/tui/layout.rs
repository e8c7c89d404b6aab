//! Which rectangle each part of the screen gets, from its size and from what is focused.
//!
//! ```text
//! narrow (60–99 columns)        medium (100–159)                    wide (from 160)
//! header                        header                              header
//! ┏ focused pane ┓              ┌types┐┏ form ┓┌ response ┐          ┌types┐┏ form ┓┌ response ┐┌ inspector ┐
//! ┃              ┃              │     │┃      ┃│          │          │     │┃      ┃│          │└───────────┘
//! ┗━━━━━━━━━━━━━━┛              │     │┗━━━━━━┛└──────────┘          │     │┃      ┃│          │┌ history ──┐
//! verdict strip                 │     │┌inspe.┐┌ history ─┐          └─────┘┗━━━━━━┛└──────────┘└───────────┘
//! status                        └─────┘└──────┘└──────────┘          status
//! footer                        status, footer                      footer
//! ```
//!
//! In the view of finding, the records stand where form and response are, and the record under the cursor in the
//! inspector's place.
//!
//! In the view of schemas, the tree stands where the form is, and the attribute under its cursor above the response.
//!
//! Files have a list beside what is shown of one, where there is room and more than one to list.
//!
//! Nothing here draws; `update` reads the rectangles too, for scrolling and mouse clicks.

use ratatui::layout::Rect;

use crate::tui::session::PaneId;
use crate::tui::session::View;

/// The smallest screen that the panes are drawn on.
pub const SMALLEST: (u16, u16) = (60, 15);

/// The smallest screen that a file is shown on.
const SMALLEST_OF_FILES: (u16, u16) = (20, 6);

/// From this height on the inspector and the history have rows of their own on a medium screen.
const TALL: u16 = 34;

/// Where every part of the screen is. A part that has no room has no rectangle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// The whole.
    pub area: Rect,
    /// Whether the screen is too small for panes.
    pub too_small: bool,
    /// The line at the top.
    pub header: Rect,
    /// Panes with their frames.
    pub panes: Vec<(PaneId, Rect)>,
    /// Panes shown only as a verdict, with their frames; one row high without a frame.
    pub strips: Vec<(PaneId, Rect)>,
    /// Help about the field under the cursor, with its frame.
    pub inspector: Option<Rect>,
    /// The line above the footer.
    pub status: Rect,
    /// The line at the bottom.
    pub footer: Rect,
}

impl Screen {
    /// The layout of a view for a screen of `area`, with `focus` on one pane, which `zoom` gives all the room. With
    /// `wire` the form shares even a narrow screen with what it is going to send.
    pub fn new(area: Rect, view: View, focus: PaneId, zoom: bool, wire: bool) -> Self {
        if view == View::Schema {
            return Self::of_schema(area, focus, zoom, wire);
        }
        let wire = wire && view == View::Record;
        let mut screen = Self::of_record(area, place_of(focus), zoom, wire);
        if view == View::Find {
            screen.give_to_records(focus);
        }
        screen
    }

    /// Puts the records where the form is; and where the response is too, since rows need columns, unless it is looked
    /// at.
    fn give_to_records(&mut self, focus: PaneId) {
        for (pane, _) in self.panes.iter_mut().chain(&mut self.strips) {
            if *pane == PaneId::Form {
                *pane = PaneId::Records;
            }
        }
        let (records, response) = (self.pane(PaneId::Records), self.pane(PaneId::Response));
        if let (Some(records), Some(response)) = (records, response)
            && focus != PaneId::Response
        {
            self.panes.retain(|(pane, _)| *pane != PaneId::Response);
            for (pane, area) in &mut self.panes {
                if *pane == PaneId::Records {
                    *area = records.union(response);
                }
            }
        }
    }

    /// What is shown of a file, with the list of files beside it, or alone.
    pub fn of_files(area: Rect, focus: PaneId, alone: bool) -> Self {
        let (mut screen, body) = Self::around_from(area, SMALLEST_OF_FILES);
        if screen.too_small {
            return screen;
        }
        if alone || area.width < 100 {
            screen.panes.push((focus, body));
        } else {
            let list = (body.width / 3).clamp(36, 56);
            let [list, shown, _] = columns(body, [list, body.width - list, 0]);
            screen.panes.push((PaneId::Files, list));
            screen.panes.push((PaneId::Response, shown));
        }
        screen
    }

    /// The tree with the attribute under its cursor beside it, and the response below that one.
    fn of_schema(area: Rect, focus: PaneId, zoom: bool, wire: bool) -> Self {
        let (mut screen, body) = Self::around(area);
        if screen.too_small {
            return screen;
        }
        if zoom {
            screen.panes.push((focus, body));
        } else if area.width < 100 {
            let beside = match focus {
                PaneId::Schema | PaneId::Attribute if wire => {
                    let (focused, response) = split_off_bottom(body, body.height / 2);
                    screen.panes.push((focus, focused));
                    screen.panes.push((PaneId::Response, response));
                    return screen;
                }
                PaneId::Schema => PaneId::Attribute,
                PaneId::Types | PaneId::Attribute | PaneId::Response | PaneId::History => {
                    PaneId::Schema
                }
                PaneId::Form | PaneId::Records | PaneId::Files => PaneId::Schema,
            };
            screen.with_strips(body, focus, &[beside]);
        } else {
            screen.schema_columns(body, focus, wire);
        }
        screen
    }

    fn schema_columns(&mut self, body: Rect, focus: PaneId, wire: bool) {
        let types = match body.width {
            0..120 => 16,
            120..160 => 22,
            160.. => 26,
        };
        // The attribute's lines need no more columns than these, the tree wants the rest.
        let right = ((body.width - types) * 9 / 20).clamp(42, 70);
        let [types, tree, rest] = columns(body, [types, body.width - types - right, 0]);
        self.panes.push((PaneId::Types, types));
        self.panes.push((PaneId::Schema, tree));
        let below = if focus == PaneId::History {
            PaneId::History
        } else {
            PaneId::Response
        };
        // What is going to be sent needs rows; without it, what is told of the attribute does.
        let lines = if wire { 20 } else { 24 };
        let (attribute, response) =
            split_off_bottom(rest, rest.height.saturating_sub(lines).max(rest.height / 3));
        self.panes.push((PaneId::Attribute, attribute));
        self.panes.push((below, response));
    }

    /// The lines around the panes, and the room for those.
    fn around(area: Rect) -> (Self, Rect) {
        Self::around_from(area, SMALLEST)
    }

    fn around_from(area: Rect, smallest: (u16, u16)) -> (Self, Rect) {
        if area.width < smallest.0 || area.height < smallest.1 {
            let screen = Self {
                area,
                too_small: true,
                ..Self::default()
            };
            return (screen, Rect::default());
        }
        let line = |y: u16| Rect::new(area.x, y, area.width, 1);
        let screen = Self {
            area,
            header: line(0),
            status: line(area.height - 2),
            footer: line(area.height - 1),
            ..Self::default()
        };
        (screen, Rect::new(0, 1, area.width, area.height - 3))
    }

    fn of_record(area: Rect, focus: PaneId, zoom: bool, wire: bool) -> Self {
        let (mut screen, body) = Self::around(area);
        if screen.too_small {
            return screen;
        }
        if zoom {
            screen.panes.push((focus, body));
        } else if area.width < 100 {
            screen.narrow(body, focus, wire);
        } else if area.width < 160 {
            screen.medium(body, focus);
        } else {
            screen.wide(body);
        }
        screen
    }

    fn narrow(&mut self, body: Rect, focus: PaneId, wire: bool) {
        if wire && focus == PaneId::Form {
            let (form, response) = split_off_bottom(body, body.height / 2);
            self.panes.push((PaneId::Form, form));
            self.panes.push((PaneId::Response, response));
            return;
        }
        let strips: &[PaneId] = match focus {
            PaneId::Types => &[PaneId::Form, PaneId::Response],
            PaneId::Response => &[PaneId::Form],
            _ => &[PaneId::Response],
        };
        self.with_strips(body, focus, strips);
    }

    /// One pane whole, the others as strips below it.
    fn with_strips(&mut self, body: Rect, focus: PaneId, strips: &[PaneId]) {
        let height = if body.height < 21 { 1 } else { 3 };
        let count = strips.len() as u16;
        let main = body.height - height * count;
        self.panes.push((
            focus,
            Rect {
                height: main,
                ..body
            },
        ));
        for (index, pane) in strips.iter().enumerate() {
            let y = body.y + main + height * index as u16;
            self.strips.push((*pane, Rect { y, height, ..body }));
        }
    }

    fn medium(&mut self, body: Rect, focus: PaneId) {
        let types = if body.width < 120 { 16 } else { 22 };
        let [types, form, response] = columns(body, [types, (body.width - types) / 2, 0]);
        self.panes.push((PaneId::Types, types));
        if body.height + 3 >= TALL {
            let (form, inspector) = split_off_bottom(form, 11);
            let (response, history) = split_off_bottom(response, 11);
            self.panes.push((PaneId::Form, form));
            self.panes.push((PaneId::Response, response));
            self.panes.push((PaneId::History, history));
            self.inspector = Some(inspector);
        } else {
            self.panes.push((PaneId::Form, form));
            // The history has no room of its own: it takes the response's place while it is focused.
            let right = if focus == PaneId::History {
                PaneId::History
            } else {
                PaneId::Response
            };
            self.panes.push((right, response));
        }
    }

    fn wide(&mut self, body: Rect) {
        let (types, rail_width) = (26, 40);
        // Form and response share what is left; beyond what a form needs, the response has it.
        let form = ((body.width - types - rail_width) / 2).min(64);
        let [types, form, rest] = columns(body, [types, form, 0]);
        let response = Rect {
            width: rest.width - rail_width,
            ..rest
        };
        let rail = Rect {
            x: rest.x + response.width,
            width: rail_width,
            ..rest
        };
        let (inspector, history) = split_off_bottom(rail, rail.height.saturating_sub(16));
        self.panes.push((PaneId::Types, types));
        self.panes.push((PaneId::Form, form));
        self.panes.push((PaneId::Response, response));
        if history.height >= 4 {
            self.panes.push((PaneId::History, history));
            self.inspector = Some(inspector);
        } else {
            self.panes.push((PaneId::History, rail));
        }
    }

    /// The frame of a pane, when the pane is on the screen whole.
    pub fn pane(&self, pane: PaneId) -> Option<Rect> {
        self.panes
            .iter()
            .find(|(id, _)| *id == pane)
            .map(|(_, area)| *area)
    }

    /// What a pane may draw on: the inside of its frame; empty when the pane is not on the screen. The form has it
    /// all and keeps its own margin, where its marks stand.
    pub fn inside(&self, pane: PaneId) -> Rect {
        let Some(frame) = self.pane(pane) else {
            return Rect::default();
        };
        match pane {
            PaneId::Form => inside(frame),
            _ => within_margin(inside(frame)),
        }
    }

    /// The pane at a place of the screen, whole or as a strip.
    pub fn pane_at(&self, column: u16, row: u16) -> Option<PaneId> {
        let position = ratatui::layout::Position::new(column, row);
        self.panes
            .iter()
            .chain(&self.strips)
            .find(|(_, area)| area.contains(position))
            .map(|(pane, _)| *pane)
    }
}

/// The pane in whose place another stands in its view.
fn place_of(pane: PaneId) -> PaneId {
    match pane {
        PaneId::Records => PaneId::Form,
        other => other,
    }
}

/// The inside of a frame.
pub fn inside(frame: Rect) -> Rect {
    Rect {
        x: frame.x + 1,
        y: frame.y + 1,
        width: frame.width.saturating_sub(2),
        height: frame.height.saturating_sub(2),
    }
}

/// An area without a column on either side, so that text does not touch a frame.
pub fn within_margin(area: Rect) -> Rect {
    let margin = u16::from(area.width > 4);
    Rect {
        x: area.x + margin,
        width: area.width - 2 * margin,
        ..area
    }
}

/// Three columns; the last takes what is left.
fn columns(area: Rect, widths: [u16; 3]) -> [Rect; 3] {
    let mut x = area.x;
    let mut column = |width: u16| {
        let rect = Rect { x, width, ..area };
        x += width;
        rect
    };
    let first = column(widths[0]);
    let second = column(widths[1]);
    let last = column(area.width.saturating_sub(widths[0] + widths[1]));
    [first, second, last]
}

fn split_off_bottom(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let top = Rect {
        height: area.height - height,
        ..area
    };
    let bottom = Rect {
        y: area.y + top.height,
        height,
        ..area
    };
    (top, bottom)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At every size and focus: nothing overlaps, nothing sticks out, the focused pane is there.
    #[test]
    fn parts_tile_the_screen() {
        for width in (0..=220).step_by(3) {
            for height in 0..=60 {
                for (view, focus) in panes() {
                    for (zoom, wire) in [(false, false), (true, false), (false, true)] {
                        let area = Rect::new(0, 0, width, height);
                        let screen = Screen::new(area, view, focus, zoom, wire);
                        if screen.too_small {
                            assert!(width < SMALLEST.0 || height < SMALLEST.1);
                            continue;
                        }
                        assert!(screen.pane(focus).is_some(), "{width}x{height} {focus:?}");
                        let mut parts: Vec<Rect> =
                            vec![screen.header, screen.status, screen.footer];
                        parts.extend(screen.panes.iter().chain(&screen.strips).map(|p| p.1));
                        parts.extend(screen.inspector);
                        let covered: u32 = parts.iter().map(|part| part.area()).sum();
                        assert_eq!(covered, area.area(), "{width}x{height} {focus:?}");
                        for (index, part) in parts.iter().enumerate() {
                            assert_eq!(part.intersection(area), *part);
                            for other in &parts[index + 1..] {
                                assert!(part.intersection(*other).is_empty());
                            }
                        }
                    }
                }
            }
        }
    }

    fn panes() -> impl Iterator<Item = (View, PaneId)> {
        let views = [View::Record, View::Find, View::Schema].into_iter();
        views.flat_map(|view| view.panes().into_iter().map(move |pane| (view, pane)))
    }

    #[test]
    fn rows_have_the_columns_of_form_and_response() {
        for (width, height, wanted) in [(80, 24, 80), (100, 30, 84), (120, 40, 98), (200, 50, 134)]
        {
            let at = |focus| {
                Screen::new(
                    Rect::new(0, 0, width, height),
                    View::Find,
                    focus,
                    false,
                    false,
                )
            };
            let records = at(PaneId::Records).pane(PaneId::Records).expect("is there");
            assert_eq!(records.width, wanted, "{width}x{height}");
            assert_eq!(at(PaneId::Records).pane(PaneId::Form), None);
            assert!(at(PaneId::Response).pane(PaneId::Response).is_some());
        }
    }

    #[test]
    fn budgets_of_the_blueprint() {
        let at =
            |w, h, focus| Screen::new(Rect::new(0, 0, w, h), View::Record, focus, false, false);
        let small = at(80, 24, PaneId::Response);
        assert!(small.inside(PaneId::Response).height >= 16);
        let medium = at(120, 40, PaneId::Form);
        assert!(medium.pane(PaneId::History).is_some() && medium.inspector.is_some());
        let wide = at(200, 50, PaneId::Form);
        assert_eq!(wide.pane(PaneId::Form).map(|form| form.width), Some(64));
        assert_eq!(wide.inspector.map(|inspector| inspector.height), Some(16));
    }
}
