//! Drawing the search: the filter, what would be sent, the records; and the record under the cursor for beside it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::layout::Size;
use ratatui::style::Modifier;
use ratatui::text::Line;
use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::filter::completion::Completion;
use crate::capture::filter::completion::What;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::layout::within_margin;
use crate::tui::panes::records::Asked;
use crate::tui::panes::records::Mode;
use crate::tui::panes::records::RecordsPane;
use crate::tui::panes::records::columns;
use crate::tui::panes::records::picker::Picker;
use crate::tui::panes::records::picker::Purpose;
use crate::tui::panes::records::query::PAGE;
use crate::tui::panes::records::query::Query;
use crate::tui::panes::records::query::Start;
use crate::tui::panes::records::query::in_short;
use crate::tui::panes::records::search::Search;
use crate::tui::panes::records::table;
use crate::tui::panes::records::table::Look;
use crate::tui::panes::records::trouble::Trouble;
use crate::tui::panes::records::typing::Typing;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::pane_frame::PaneFrame;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// Before the filter.
const LABEL: &str = "filter  ";

/// How many offers are shown at once.
const OFFERS: usize = 8;

/// The widest that a choice of attributes is drawn.
const PICKER: u16 = 56;

/// The row of the first record, from the top of the pane's inside; its header stands above it.
pub fn first_row(filter_is_wide: bool) -> u16 {
    3 + u16::from(filter_is_wide)
}

/// How many records fit into a pane.
pub fn table_height(size: Size, filter_is_wide: bool) -> usize {
    size.height.saturating_sub(first_row(filter_is_wide)).into()
}

/// How many attributes a choice shows in a pane.
pub fn picker_height(size: Size) -> usize {
    // A frame, and the line with what is typed.
    size.height.saturating_sub(3).into()
}

impl RecordsPane {
    /// What the frame notes below, the most important first.
    pub fn notes(&self) -> Vec<String> {
        let Some(search) = self.search() else {
            return Vec::new();
        };
        let Some(found) = &search.found else {
            return Vec::new();
        };
        let mut notes = Vec::new();
        let (from, count) = (found.before(), found.records().len());
        let more = if found.has_more() { ", more" } else { "" };
        notes.push(match count {
            0 => "no records".to_owned(),
            _ => format!("{}–{}{more}", from + 1, from + count),
        });
        if let Some(total) = search.total() {
            notes.push(format!("{total} in all"));
        } else if found.has_more() {
            notes.push(keyed("[<records.count>] counts"));
        }
        notes
    }

    /// What the frame notes above.
    pub fn note_top(&self) -> String {
        match (&self.waiting, self.search()) {
            (Some(waiting), _) => match waiting.asked {
                Asked::Page { .. } => "asking for records".to_owned(),
                Asked::Count(_) => "counting".to_owned(),
            },
            (None, Some(search)) if search.found.is_some() && !search.is_current() => {
                keyed("of the search before: <app.send> runs this one")
            }
            (None, _) => String::new(),
        }
    }

    /// The search in one line, for where there is no room for more.
    pub fn verdict(&self) -> String {
        let found = self.search().and_then(|search| search.found.as_ref());
        match found {
            Some(_) => self.notes().join(", "),
            None => "nothing was asked for yet".to_owned(),
        }
    }

    /// Draws the search.
    pub fn view(&self, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
        let Some(search) = self.search() else {
            let line = keyed(
                "Records are looked for here once an entity type is chosen: <app.types>, then <types.choose>.",
            );
            paragraphs::put(buf, area, &[(line, theme.dim)]);
            return;
        };
        let line = |row: u16| Rect {
            y: area.y + row,
            height: 1.min(area.height.saturating_sub(row)),
            ..area
        };
        let mut used = 1;
        match &self.mode {
            Mode::Filter(typing) => {
                let shown = Shown::new(typing.text(), Some(typing.cursor()), area.width);
                shown.draw(theme, line(0), focused, buf);
                problem(typing, &shown, theme, line(1), buf);
                used = 2;
            }
            Mode::Rows | Mode::Picking(_) => {
                let place = search.trouble.as_ref().and_then(|trouble| trouble.place);
                let shown = Shown::new(&search.query.filter, place, area.width);
                if search.query.filter.trim().is_empty() {
                    text::put(buf, area.x, area.y, area.width, LABEL, theme.dim);
                    let (x, room) = after_label(area);
                    let all = format!("all records of {}", search.schema.name);
                    text::put(buf, x, area.y, room, &all, theme.placeholder);
                } else {
                    shown.draw(theme, line(0), false, buf);
                }
                if let Some(at) = place.and_then(|place| shown.on_screen(place)) {
                    let (x, room) = after_label(line(1));
                    text::put(buf, x + at, area.y + 1, room - at, "^ here", theme.error);
                    used = 2;
                }
            }
        }
        self.request(search, theme, line(used), buf);
        let rest = Rect {
            y: area.y + used + 1,
            height: area.height.saturating_sub(used + 1),
            ..area
        };
        self.results(search, theme, rest, focused, buf);
        match &self.mode {
            Mode::Filter(typing) => offers(typing, theme, area, rest, buf),
            Mode::Picking(picker) => pick(picker, theme, area, buf),
            Mode::Rows => {}
        }
    }

    /// The filter as it is written now.
    fn filter<'a>(&'a self, search: &'a Search) -> &'a str {
        match &self.mode {
            Mode::Filter(typing) => typing.text(),
            Mode::Rows | Mode::Picking(_) => &search.query.filter,
        }
    }

    fn first_call(&self, search: &Search) -> ApiRequest {
        let query = Query {
            filter: self.filter(search).to_owned(),
            sort: search.query.sort.clone(),
        };
        query.find(&search.schema, &Start::First)
    }

    /// The call that F5 makes; `None` without a search.
    pub fn next_call(&self) -> Option<ApiRequest> {
        Some(self.first_call(self.search()?))
    }

    /// The call that would be made, before it is: by sending, or by going on at the end of the page.
    fn request(&self, search: &Search, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let next = search.found.as_ref().and_then(|found| {
            let at_end = search.cursor.at + 1 == found.records().len() && found.has_more();
            let goes_on = at_end && matches!(self.mode, Mode::Rows) && search.is_current();
            let start = goes_on.then(|| found.start_of(found.at() + 1)).flatten()?;
            Some(found.query.find(&search.schema, &start))
        });
        let (key, request) = match next {
            Some(request) => (keyed("<records.next-page>"), request),
            None => (keyed("<app.send>"), self.first_call(search)),
        };
        let end = text::put(buf, area.x, area.y, area.width, &key, theme.hint_key);
        let room = area.right().saturating_sub(end);
        let line = format!(" sends  {}", in_short(&request));
        if area.height > 0 {
            text::put(buf, end, area.y, room, &line, theme.dim);
        }
    }

    fn results(&self, search: &Search, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
        if let Some(trouble) = &search.trouble
            && !self.is_waiting()
        {
            explain(trouble, search, theme, area, buf);
            return;
        }
        match &search.found {
            None if self.is_waiting() => {}
            None => before_the_first(search, self.filter(search), theme, area, buf),
            Some(found) if found.records().is_empty() => nothing(search, theme, area, buf),
            Some(_) => {
                let asks_page = self
                    .waiting
                    .as_ref()
                    .is_some_and(|waiting| matches!(waiting.asked, Asked::Page { .. }));
                let look = Look {
                    focused: focused && matches!(self.mode, Mode::Rows),
                    dimmed: asks_page || !search.is_current(),
                };
                table::draw(search, theme, area, look, buf);
            }
        }
    }

    /// What is known of the record under the cursor: names and values, as many as there are lines for.
    pub fn preview(&self, lines: usize) -> Option<(String, Vec<(String, columns::Cell)>)> {
        let search = self.search()?;
        let record = search.record()?;
        let title = match record.get("id") {
            Some(Json::Number(id)) => format!("{} {}", search.schema.name, id.as_str()),
            _ => search.schema.name.clone(),
        };
        let mut shown = Vec::new();
        let all = search.schema.walk_with_plurals();
        let (reserved, own): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|(path, def, _)| path.0.len() == 1 && def.is_reserved(true));
        for (path, def, is_in_plural) in own.into_iter().chain(reserved) {
            if shown.len() >= lines {
                break;
            }
            if is_in_plural || matches!(def.attr_type, AttrType::Object(_)) {
                continue;
            }
            let value = path
                .0
                .iter()
                .try_fold(record, |value, segment| value.get(&segment.name));
            if value.is_some_and(|value| !columns::is_nothing(value)) {
                shown.push((path.dotted(), search.cell(record, &path)));
            }
        }
        Some((title, shown))
    }
}

fn after_label(area: Rect) -> (u16, u16) {
    let x = area.x + LABEL.len() as u16;
    (x, area.right().saturating_sub(x))
}

/// A filter as it is drawn: cut so that one place of it is in sight.
struct Shown {
    /// The character that each piece begins with, the piece as it is shown, and its column in the whole text.
    pieces: Vec<(usize, String, usize)>,
    /// The length of the text in characters.
    length: usize,
    /// The width of the whole text.
    width: usize,
    /// Columns out of sight on the left.
    scroll: usize,
    /// Columns in sight.
    room: usize,
    cursor: Option<usize>,
}

impl Shown {
    fn new(text: &str, place: Option<usize>, width: u16) -> Self {
        let room = usize::from(width).saturating_sub(LABEL.len());
        let mut pieces = Vec::new();
        let (mut length, mut column) = (0, 0);
        for cluster in text.graphemes(true) {
            let shown = sanitize::clean(cluster).into_owned();
            let wide = sanitize::width(&shown);
            pieces.push((length, shown, column));
            length += cluster.chars().count();
            column += wide;
        }
        let mut shown = Self {
            pieces,
            length,
            width: column,
            scroll: 0,
            room,
            cursor: place,
        };
        // A column for the cursor behind the end.
        let at = shown.column(place.unwrap_or(0));
        if at + 1 > room {
            shown.scroll = at + 1 - room + room / 4;
        }
        shown
    }

    /// The column of a character in the whole text.
    fn column(&self, place: usize) -> usize {
        if place >= self.length {
            return self.width;
        }
        let after = self.pieces.partition_point(|(begin, ..)| *begin <= place);
        after
            .checked_sub(1)
            .and_then(|at| self.pieces.get(at))
            .map_or(self.width, |(.., column)| *column)
    }

    /// The column on the screen of a character, if it is in sight.
    fn on_screen(&self, place: usize) -> Option<u16> {
        let column = self.column(place).checked_sub(self.scroll)?;
        (column < self.room).then_some(column as u16)
    }

    fn draw(&self, theme: &Theme, area: Rect, with_cursor: bool, buf: &mut Buffer) {
        if area.height == 0 {
            return;
        }
        let label = if with_cursor { theme.accent } else { theme.dim };
        text::put(buf, area.x, area.y, area.width, LABEL, label);
        let (x, room) = after_label(area);
        for (_, shown, column) in &self.pieces {
            let Some(at) = column.checked_sub(self.scroll) else {
                continue;
            };
            if at >= usize::from(room) {
                break;
            }
            let at = at as u16;
            text::put(buf, x + at, area.y, room - at, shown, theme.value);
        }
        if self.scroll > 0 {
            text::put(buf, x, area.y, 1, "…", theme.dim);
        }
        let cursor = self.cursor.filter(|_| with_cursor);
        if let Some(at) = cursor.and_then(|cursor| self.on_screen(cursor)) {
            let cell = Rect::new(x + at, area.y, 1, 1).intersection(buf.area);
            let style = theme.text.add_modifier(Modifier::REVERSED);
            buf.set_style(cell, style);
        }
    }
}

/// Why what is being written is no filter, below the place. What is only unfinished is said quietly.
fn problem(typing: &Typing, shown: &Shown, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(error) = typing.error().filter(|_| area.height > 0) else {
        return;
    };
    let (x, room) = after_label(area);
    let is_unfinished = error.at > typing.cursor() || !typing.offers().0.is_empty();
    let style = if is_unfinished {
        theme.dim
    } else {
        theme.warning
    };
    let Some(at) = shown.on_screen(error.at.saturating_sub(1)) else {
        text::put(buf, x, area.y, room, &error.what, style);
        return;
    };
    let wide = text::width_up_to(&error.what, room);
    let right = room.saturating_sub(at + 2);
    if wide <= right || at < right {
        text::put(buf, x + at, area.y, 1, "^", style);
        text::put(buf, x + at + 2, area.y, right, &error.what, style);
    } else {
        text::put(buf, x + at, area.y, 1, "^", style);
        let end = (x + at).saturating_sub(1);
        text::put_right(buf, end, area.y, end - area.x, &error.what, style);
    }
}

/// What may come next, below the filter where it would be put.
fn offers(typing: &Typing, theme: &Theme, area: Rect, below: Rect, buf: &mut Buffer) {
    let (offers, chosen) = typing.offers();
    let Some(first) = offers.first() else {
        return;
    };
    let rows = OFFERS.min(usize::from(below.height.saturating_sub(2)));
    if rows == 0 {
        return;
    }
    let top = chosen.unwrap_or(0).saturating_sub(rows - 1);
    let in_sight = &offers[top..(top + rows).min(offers.len())];
    let widest = |of: &dyn Fn(&Completion) -> &str, most: u16| {
        let widths = in_sight
            .iter()
            .map(|offer| text::width_up_to(of(offer), most));
        widths.max().unwrap_or(0)
    };
    let words = widest(&|offer| &offer.text, 40);
    let notes = widest(&|offer| &offer.note, 40);
    let wide = (words + notes + 6).max(12).min(area.width);
    let shown = Shown::new(typing.text(), Some(typing.cursor()), area.width);
    let (x, _) = after_label(area);
    let x = x + shown.on_screen(first.replaces.start).unwrap_or(0);
    // The words of the offers stand below what they replace.
    let x = x
        .saturating_sub(2)
        .min(area.right().saturating_sub(wide))
        .max(area.x);
    let frame = Rect::new(x, below.y, wide, in_sight.len() as u16 + 2);
    text::fill(buf, frame, theme.text);
    let place = match chosen {
        Some(at) => format!("{} of {}", at + 1, offers.len()),
        None => format!("{}  {} of {}", keyed("<filter.take>"), 1, offers.len()),
    };
    let inside = PaneFrame {
        bottom_notes: vec![place.into()],
        ..PaneFrame::default()
    }
    .draw(buf, frame, theme);
    for (row, offer) in in_sight.iter().enumerate() {
        let y = inside.y + row as u16;
        let (x, width) = (inside.x + 1, inside.width.saturating_sub(2));
        let style = match offer.what {
            What::Attribute => theme.text,
            What::Operator | What::Keyword => theme.accent,
            What::Value => theme.json_string,
        };
        text::put(buf, x, y, width, &offer.text, style);
        let right = inside.right().saturating_sub(1);
        let room = width.saturating_sub(text::width_up_to(&offer.text, width) + 2);
        text::put_right(buf, right, y, room, &offer.note, theme.dim);
        if top + row == chosen.unwrap_or(0) {
            let bar = Rect::new(inside.x, y, inside.width, 1);
            buf.set_style(bar, theme.selected(chosen.is_some()));
        }
    }
}

/// The choice of attributes, over the pane.
pub fn pick(picker: &Picker, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let wide = PICKER.min(area.width);
    let frame = Rect {
        x: area.x + (area.width - wide) / 2,
        width: wide,
        ..area
    };
    text::fill(buf, frame, theme.text);
    let (title, notes) = match picker.purpose() {
        Purpose::Columns => (
            format!("Columns · {} chosen", picker.marked()),
            vec![keyed("<pick.toggle> marks"), moves_columns()],
        ),
        Purpose::Attributes => (
            format!("Attributes · {} chosen", picker.marked()),
            vec![
                keyed("<pick.toggle> marks"),
                keyed("<pick.choose> takes them"),
            ],
        ),
        Purpose::Sort { descending: false } => (
            "Sort · smallest first ↑".to_owned(),
            vec![keyed("<pick.toggle> turns it round")],
        ),
        Purpose::Sort { descending: true } => (
            "Sort · largest first ↓".to_owned(),
            vec![keyed("<pick.toggle> turns it round")],
        ),
    };
    let inside = PaneFrame {
        title: &title,
        notes: Vec::new(),
        bottom_notes: notes.into_iter().map(Into::into).collect(),
        focused: true,
    }
    .draw(buf, frame, theme);
    let inside = within_margin(inside);
    let searched = match picker.searched() {
        "" => ("type to narrow the list", theme.placeholder),
        text => (text, theme.value),
    };
    text::put(
        buf,
        inside.x,
        inside.y,
        inside.width,
        searched.0,
        searched.1,
    );
    let rows = Rect {
        y: inside.y + 1,
        height: inside.height.saturating_sub(1),
        ..inside
    };
    let (items, cursor) = picker.shown();
    if items.is_empty() {
        text::put(
            buf,
            rows.x,
            rows.y,
            rows.width,
            "no attribute is called so",
            theme.dim,
        );
        return;
    }
    let is_order = matches!(picker.purpose(), Purpose::Sort { .. });
    list::draw(buf, rows, cursor.view(items.len(), true), theme, |at| {
        let item = items[at];
        let mark = match (is_order, item.marked) {
            (true, _) => "",
            (false, true) => "[x] ",
            (false, false) if !item.offered => " -  ",
            (false, false) => "[ ] ",
        };
        let style = if item.offered { theme.text } else { theme.dim };
        Line::from(vec![
            Span::styled(format!("{mark}{}", item.label), style),
            Span::styled(format!("  {}", item.note), theme.dim),
        ])
    });
}

/// The keys that move a column, and what they do.
fn moves_columns() -> String {
    let (up, down) = (keyed("<pick.move-up>"), keyed("<pick.move-down>"));
    let arrows = up.strip_suffix('↑').zip(down.strip_suffix('↓'));
    match arrows {
        Some((first, second)) if first == second => format!("{first}↑↓ moves"),
        _ => format!("{up} {down} moves"),
    }
}

/// What went wrong, in the service's words and in ours.
fn explain(trouble: &Trouble, search: &Search, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let headline = format!("{} {}", theme.glyphs.error, trouble.headline);
    let mut lines = vec![(headline, theme.error)];
    lines.extend(trouble.lines.iter().map(|line| (line.clone(), theme.text)));
    let mut keys = vec![keyed("<app.response> shows the answer")];
    if trouble.place.is_some() {
        keys.insert(0, keyed("<records.filter> goes to the place"));
    }
    if search.found.is_some() {
        keys.push(keyed("<app.back> shows the records of before"));
    }
    lines.push((String::new(), theme.text));
    lines.push((keys.join("   "), theme.dim));
    paragraphs::put(buf, area, &lines);
}

/// Nothing was asked for yet.
fn before_the_first(search: &Search, filter: &str, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let what = if filter.trim().is_empty() {
        format!("all records of {}", search.schema.name)
    } else {
        format!("the records of {} that meet the filter", search.schema.name)
    };
    let lines = [
        (String::new(), theme.text),
        (
            format!(
                "{}: {what}, first {PAGE}.",
                keyed("<app.send> or <records.open> runs")
            ),
            theme.text,
        ),
        (
            keyed(
                "<records.filter> writes a filter, <records.sort> sorts, <records.columns> chooses columns.",
            ),
            theme.dim,
        ),
    ];
    paragraphs::put(buf, area, &lines);
}

/// There are no such records.
fn nothing(search: &Search, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let name = &search.schema.name;
    let asked = search
        .found
        .as_ref()
        .map_or("", |found| found.query.filter.trim());
    let mut lines = vec![(String::new(), theme.text)];
    if asked.is_empty() {
        lines.push((format!("No records of type {name} yet."), theme.text));
        lines.push((String::new(), theme.text));
        lines.push((keyed("[<records.new>] new record"), theme.text));
        let needs = needs(&search.schema);
        if !needs.is_empty() {
            lines.push((format!("A record needs:  {needs}"), theme.dim));
        }
    } else {
        lines.push((
            format!("No record of type {name} meets this filter."),
            theme.text,
        ));
        lines.push((String::new(), theme.text));
        lines.push((
            keyed("[<records.filter>] changes the filter   [<records.new>] new record"),
            theme.text,
        ));
    }
    paragraphs::put(buf, area, &lines);
}

/// `consent (string, unique)`
fn needs(schema: &EntityType) -> String {
    let required = schema
        .own_attr_defs()
        .filter(|def| def.has(&Constraint::Required));
    let each: Vec<String> = required
        .map(|def| {
            let unique = if def.has(&Constraint::Unique) {
                ", unique"
            } else {
                ""
            };
            format!("{} ({}{unique})", def.name, def.attr_type.name())
        })
        .collect();
    each.join(", ")
}
