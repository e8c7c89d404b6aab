//! Drawing a record through time: the states beside the record where there are columns for both, else above it; and below
//! what there is to say of the state, or of the field under the cursor.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::json::Json;
use crate::history::record::How;
use crate::history::record::fields::Field;
use crate::history::record::fields::Holds;
use crate::history::record::fields::Mark;
use crate::history::record::place::Place;
use crate::history::record::timeline::State;
use crate::history::record::words;
use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::layout::inside;
use crate::tui::layout::within_margin;
use crate::tui::masking;
use crate::tui::masking::Mask;
use crate::tui::overlays::timeline::Known;
use crate::tui::overlays::timeline::Part;
use crate::tui::overlays::timeline::TimelineSheet;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::pane_frame::PaneFrame;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// From this width on states and record stand beside each other.
const WIDE: u16 = 100;

/// The most columns of the states beside the record.
const WIDEST_STATES: u16 = 84;

/// The most characters of a value that a row is made of; it is cut to its room anyway.
const MOST: usize = 400;

/// How an instant is written: the date only where that is not the same for all.
const TIME: &str = "%H:%M:%S";
const DAY: &str = "%m-%d %H:%M:%S";
const DATE: &str = "%Y-%m-%d %H:%M:%S";

/// Where everything of it is.
pub(super) struct Places {
    states: Rect,
    fields: Rect,
    below: Rect,
}

impl Places {
    /// On a screen of this size, with the keys in the fields or in the states.
    pub(super) fn new(screen: Rect, in_fields: bool) -> Self {
        let body = Rect {
            y: screen.y + u16::from(screen.height > 1),
            height: screen.height.saturating_sub(3),
            ..screen
        };
        let below_height = if body.height >= 30 { 8 } else { 6 };
        let below_height = below_height.min(body.height / 3);
        let above = Rect {
            height: body.height - below_height,
            ..body
        };
        let below = Rect {
            y: above.bottom(),
            height: below_height,
            ..body
        };
        let (states, fields) = if screen.width < WIDE {
            // What has the keys gets the more of the room.
            let part = above.height * 2 / 5;
            let height = if in_fields { part } else { above.height - part };
            let states = Rect { height, ..above };
            let fields = Rect {
                y: states.bottom(),
                height: above.height - height,
                ..above
            };
            (states, fields)
        } else {
            let width = (above.width / 2).min(WIDEST_STATES);
            let states = Rect { width, ..above };
            let fields = Rect {
                x: above.x + width,
                width: above.width - width,
                ..above
            };
            (states, fields)
        };
        Self {
            states,
            fields,
            below,
        }
    }

    pub(super) fn inside_states(&self) -> Rect {
        within_margin(inside(self.states))
    }

    pub(super) fn inside_fields(&self) -> Rect {
        within_margin(inside(self.fields))
    }
}

impl TimelineSheet {
    /// Draws it.
    pub fn view(&self, mask: Option<&Mask>, theme: &Theme, screen: Rect, buf: &mut Buffer) {
        let places = Places::new(screen, self.part == Part::Fields);
        for rect in [places.states, places.fields, places.below] {
            text::fill(buf, rect, theme.text);
        }
        self.view_states(theme, &places, buf);
        self.view_fields(mask, theme, &places, buf);
        self.view_below(mask, theme, places.below, buf);
    }

    fn view_states(&self, theme: &Theme, places: &Places, buf: &mut Buffer) {
        let title = match self.key.type_name.as_str() {
            "" => "Through time".to_owned(),
            _ => format!("{} through time", self.key.name()),
        };
        let count = self.count();
        let position = (count > 0).then(|| format!("{} of {count}", self.states.at + 1));
        let clock = self.clock();
        let end = self
            .timeline()
            .and_then(|timeline| words::end(timeline, clock));
        let frame = PaneFrame {
            title: &title,
            notes: Vec::new(),
            bottom_notes: [position, end, Some(self.key.environment.clone())]
                .into_iter()
                .flatten()
                .filter(|note| !note.is_empty())
                .map(Line::from)
                .collect(),
            focused: self.part == Part::States,
        };
        frame.draw(buf, places.states, theme);
        let area = places.inside_states();
        match &self.known {
            Known::Reading => {
                let line = format!("{} reading the history", theme.glyphs.running);
                paragraphs::put(buf, area, &[(line, theme.running)]);
            }
            Known::Nothing(why) => {
                paragraphs::put(buf, area, &[(why.clone(), theme.text)]);
            }
            Known::States(_) => {
                let view = self.states.view(count, self.part == Part::States);
                list::draw(buf, area, view, theme, |row| {
                    count
                        .checked_sub(row + 1)
                        .map(|at| self.state_line(at, theme))
                        .unwrap_or_default()
                });
            }
        }
    }

    fn state_line(&self, at: usize, theme: &Theme) -> Line<'static> {
        let Some((timeline, state)) = self
            .timeline()
            .and_then(|timeline| Some((timeline, timeline.states.get(at)?)))
        else {
            return Line::default();
        };
        let event = &state.event;
        let mark = if self.marked == Some(at) {
            theme.glyphs.dot
        } else {
            " "
        };
        let style = match event.how {
            How::Deleted => theme.error,
            How::Created => theme.ok,
            How::Updated => theme.warning,
            How::Seen | How::Asked => theme.dim,
        };
        let call = format!(" {:<15}", event.endpoint.name());
        Line::from(vec![
            Span::styled(mark, theme.accent),
            Span::styled(self.clock()(event.at), theme.dim),
            Span::styled(format!(" {:>4}", event.exchange.0), theme.dim),
            Span::styled(call, style),
            Span::styled(format!(" {}", words::changes(timeline, state)), theme.text),
        ])
    }

    /// How its instants are written.
    fn clock(&self) -> impl Fn(Timestamp) -> String + use<> {
        let states = self.timeline().map(|timeline| timeline.states.as_slice());
        let ends = states.and_then(|states| Some((states.first()?, states.last()?)));
        let local = |state: &State| state.event.at.to_zoned(TimeZone::system());
        let form = match ends.map(|(first, last)| (local(first), local(last))) {
            Some((first, last)) if first.date() == last.date() => TIME,
            Some((first, last)) if first.year() == last.year() => DAY,
            _ => DATE,
        };
        move |at: Timestamp| at.to_zoned(TimeZone::system()).strftime(form).to_string()
    }

    fn view_fields(&self, mask: Option<&Mask>, theme: &Theme, places: &Places, buf: &mut Buffer) {
        let clock = self.clock();
        let title = match self.state() {
            Some(state) if state.record.is_none() => "What it was".to_owned(),
            Some(state) => format!("As it was at {}", clock(state.event.at)),
            None => "As it was".to_owned(),
        };
        let base = self.base().and_then(|at| self.timeline()?.states.get(at));
        let marked = base.filter(|_| self.marked.is_some());
        let beside = marked.map(|state| format!("beside {}", clock(state.event.at)));
        let count = |is_it: &dyn Fn(&Field) -> bool| {
            let fields = self.fields.iter().filter(|field| is_it(field));
            fields.filter(|_| base.is_some()).count()
        };
        let differ = match count(&super::is_single_change) {
            0 => None,
            1 => Some("1 differs".to_owned()),
            count => Some(format!("{count} differ")),
        };
        let unknown = match count(&|field| field.mark == Mark::Unknown) {
            0 => None,
            count => Some(format!("{count} masked")),
        };
        let part = self
            .state()
            .filter(|state| !state.whole && state.record.is_some());
        let part = part.map(|_| "not all of it was seen".to_owned());
        let is_masked = mask.map(|_| keyed(masking::NOTE));
        let frame = PaneFrame {
            title: &title,
            notes: [beside, differ, unknown]
                .into_iter()
                .flatten()
                .map(Line::from)
                .collect(),
            bottom_notes: [is_masked, part]
                .into_iter()
                .flatten()
                .map(Line::from)
                .collect(),
            focused: self.part == Part::Fields,
        };
        frame.draw(buf, places.fields, theme);
        let area = places.inside_fields();
        if self.shown.is_empty() {
            if self.state().is_some() {
                let line = keyed("nothing differs: <timeline.extent> shows all fields");
                paragraphs::put(buf, area, &[(line, theme.dim)]);
            }
            return;
        }
        let widest = self.names_width(area);
        let view = self.field.view(self.shown.len(), self.part == Part::Fields);
        list::draw(buf, area, view, theme, |row| {
            let field = self.shown.get(row).and_then(|at| self.fields.get(*at));
            field
                .map(|field| line(field, widest, mask, theme))
                .unwrap_or_default()
        });
    }

    /// The columns of the names in sight.
    fn names_width(&self, area: Rect) -> usize {
        let rows = self.shown.iter().skip(self.field.offset);
        let in_sight = rows
            .take(area.height.into())
            .filter_map(|at| self.fields.get(*at));
        let wide = |field: &Field| {
            2 * field.depth + usize::from(text::width_up_to(&field.label, area.width))
        };
        let widest = in_sight.map(wide).max().unwrap_or(0);
        widest.min(usize::from(area.width) * 2 / 5)
    }

    fn view_below(&self, mask: Option<&Mask>, theme: &Theme, rect: Rect, buf: &mut Buffer) {
        let field = match self.part {
            Part::Fields => self.under_cursor(),
            Part::States => None,
        };
        let title = match field {
            Some(field) if !field.place.0.is_empty() => field.place.to_string(),
            _ => "This state".to_owned(),
        };
        let frame = PaneFrame {
            title: &title,
            ..PaneFrame::default()
        };
        let area = within_margin(frame.draw(buf, rect, theme));
        let lines = match field {
            Some(field) => self.of_field(field, mask, theme),
            None => self.of_state(theme),
        };
        paragraphs::put(buf, area, &lines);
    }

    /// The state in full.
    fn of_state(&self, theme: &Theme) -> Vec<(String, Style)> {
        let Some((timeline, state)) = self.timeline().zip(self.state()) else {
            return Vec::new();
        };
        let event = &state.event;
        let at = event
            .at
            .to_zoned(TimeZone::system())
            .strftime("%Y-%m-%d %H:%M:%S %z");
        let certain = match (event.how, event.certain) {
            (How::Updated | How::Deleted, false) => ", perhaps: no clear answer came",
            _ => "",
        };
        vec![
            (
                format!(
                    "{} with {} at {at}{certain}",
                    event.how.word(),
                    words::call(event)
                ),
                theme.text,
            ),
            (words::changes(timeline, state), theme.accent),
        ]
    }

    /// Since when a field is so, what it is, and what it was.
    fn of_field(&self, field: &Field, mask: Option<&Mask>, theme: &Theme) -> Vec<(String, Style)> {
        let Some(blame) = self.blame() else {
            return vec![("nothing is known of when it came".to_owned(), theme.dim)];
        };
        let clock = self.clock();
        let inner = (blame.place != field.place).then(|| format!("{}: ", blame.place));
        let since = words::since(&blame, &clock);
        let mut lines = vec![(format!("{}{since}", inner.unwrap_or_default()), theme.text)];
        let shown = |value: &Json| value_text(value, &blame.place, mask);
        if let Some(former) = &blame.former {
            lines.push((format!("before: {}", shown(former)), theme.warning));
        }
        let now = blame.value.as_ref().map(shown);
        let now = now.unwrap_or_else(|| "gone".to_owned());
        lines.push((format!("then: {now}"), theme.value));
        lines
    }
}

/// A field as a row.
fn line(field: &Field, widest: usize, mask: Option<&Mask>, theme: &Theme) -> Line<'static> {
    let (sign, style) = match field.mark {
        Mark::Same => (" ", theme.text),
        Mark::New => ("+", theme.ok),
        Mark::Changed => ("~", theme.warning),
        Mark::Gone => ("-", theme.error),
        Mark::Unknown => ("?", theme.dim),
    };
    let indent = " ".repeat(2 * field.depth);
    let room = widest.saturating_sub(indent.len()).max(1);
    let label = text::fit(&field.label, u16::try_from(room).unwrap_or(u16::MAX));
    let pad = room.saturating_sub(sanitize::width(&label));
    let name_style = match field.mark {
        Mark::Same => theme.json_key,
        _ => style,
    };
    let mut spans = vec![
        Span::styled(format!("{sign} "), style),
        Span::styled(format!("{indent}{label}{}  ", " ".repeat(pad)), name_style),
    ];
    let shown = |value: &Json| value_text(value, &field.place, mask);
    match &field.holds {
        Holds::Members => {}
        Holds::Elements(count) => {
            let words = match count {
                1 => "1 element".to_owned(),
                count => format!("{count} elements"),
            };
            spans.push(Span::styled(words, theme.dim));
        }
        Holds::Value { now, before } => {
            if let Some(now) = now {
                spans.push(Span::styled(shown(now), value_style(now, theme)));
            }
            let former = before.as_ref().filter(|_| field.mark != Mark::Same);
            if let Some(former) = former {
                let gap = if now.is_some() { "  " } else { "" };
                spans.push(Span::styled(
                    format!("{gap}was {}", shown(former)),
                    theme.dim,
                ));
            }
        }
    }
    Line::from(spans)
}

fn value_text(value: &Json, place: &Place, mask: Option<&Mask>) -> String {
    let names = place.0.iter().map(|step| step.name.as_str());
    if let Some(word) = mask.and_then(|mask| masking::word(mask, names, value)) {
        return word;
    }
    match value {
        Json::String(text) => format!("\"{}\"", sanitize::brief(text, MOST)),
        value => sanitize::brief(&value.to_string(), MOST).into_owned(),
    }
}

fn value_style(value: &Json, theme: &Theme) -> Style {
    match value {
        Json::String(_) => theme.json_string,
        Json::Number(_) => theme.json_number,
        Json::Null | Json::Bool(_) => theme.json_literal,
        Json::Array(_) | Json::Object(_) => theme.value,
    }
}
