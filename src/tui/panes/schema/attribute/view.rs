//! Drawing the attribute.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line as TextLine;
use ratatui::text::Span;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::json::sanitize;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::attribute::Mode;
use crate::tui::panes::schema::attribute::lines::Line;
use crate::tui::panes::schema::attribute::picker;
use crate::tui::panes::schema::attribute::picker::Picker;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::panes::schema::design::State;
use crate::tui::panes::schema::view::NO_NAME;
use crate::tui::panes::schema::view::style_of;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// Cells before a value: the mark of a change and the label.
const LABEL: u16 = 13;

/// Cells of the left one of two constraints beside each other.
const CONSTRAINT: u16 = 17;

/// Cells of the left one of two features beside each other.
const FEATURE: u16 = 16;

/// The columns of the boxes beside each other in a pane that is so wide: of constraints, or of features.
pub fn columns_of_boxes(width: u16, features: bool) -> [u16; 2] {
    if features {
        return [LABEL, LABEL + FEATURE];
    }
    // The longest word needs the mark's column in a narrow pane.
    let from = u16::from(width > CONSTRAINT + 21);
    [from, from + CONSTRAINT]
}

/// Lines below the types, for what is said of the one under the cursor.
pub const BELOW_TYPES: u16 = 3;

/// Lines of a long description that are shown.
const DESCRIPTION: usize = 3;

/// A line of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// One row of the lines, with its label and value.
    Row(usize),
    /// Two boxes beside each other.
    Pair(usize),
    /// The same behind the label of the features.
    Features(usize),
    /// A line of the set of constraints that is sent, and whether it is the first, with the label.
    Constraints(String, bool),
    /// A value goes on.
    More(String),
    /// A line of something wrong with the lines above, and whether it is the first.
    Problem(String, bool),
    /// What the line under the cursor means, or why it cannot be changed.
    Help(String),
    /// Where the attribute is, and how it stands.
    Path,
    /// A line of what is told of it, and whether it is the first.
    Told(String, Told, bool),
    /// Nothing.
    Blank,
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// What is stored and what is wanted instead.
    Change,
    /// Something to know.
    Note,
}

impl SchemaPane {
    /// Draws the attribute under the cursor of the tree.
    pub fn view_attribute(&self, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
        let Some(desk) = self.desk() else {
            let told = "No entity type is open: there is no attribute to edit.";
            paragraphs::put(buf, area, &[(told.to_owned(), theme.dim)]);
            return;
        };
        if let Mode::Picking(picker) = &self.attribute.mode {
            view_picker(picker, theme, area, buf);
            return;
        }
        let items = self.items();
        let first = self.first_item(&items);
        let lines = desk.lines();
        for (item, y) in items.iter().skip(first).zip(area.y..area.bottom()) {
            let place = Rect {
                y,
                height: 1,
                ..area
            };
            let view = View {
                pane: self,
                desk,
                theme,
                place,
                focused,
            };
            view.item(item, &lines, buf);
        }
        // In the margin: nothing is cut for it.
        let bar = Rect {
            width: area.width + 1,
            ..area
        };
        scroll::draw_bar(buf, bar, first, items.len(), theme);
    }

    /// The first line of the screen: the cursor is in sight until somebody scrolls.
    pub(super) fn first_item(&self, items: &[Item]) -> usize {
        let at = items.iter().position(|item| {
            matches!(item, Item::Row(row) | Item::Pair(row) | Item::Features(row)
                if *row == self.attribute.row)
        });
        let height = usize::from(self.attribute.size.height).max(1);
        let first = scroll::keep_visible(0, at.unwrap_or(0), items.len(), height, 1);
        let last = scroll::max_offset(items.len(), height);
        first.saturating_add(self.attribute.scroll).min(last)
    }

    /// Everything there is to show, from above.
    pub(super) fn items(&self) -> Vec<Item> {
        let Some(desk) = self.desk() else {
            return Vec::new();
        };
        let width = usize::from(self.attribute.size.width);
        let lines = desk.lines();
        let mut items = Vec::new();
        for (at, row) in lines.iter().enumerate() {
            let label = row[0].label();
            let is_first = at == 0 || lines[at - 1][0].label() != label;
            let is_last = lines
                .get(at + 1)
                .is_none_or(|next| next[0].label() != label);
            items.extend(match &row[0] {
                Line::Constraint(_) if is_first => {
                    let mut sent = sent_lines(desk, width);
                    sent.push(Item::Pair(at));
                    sent
                }
                Line::Feature(_) if is_first => vec![Item::Features(at)],
                Line::Constraint(_) | Line::Feature(_) => vec![Item::Pair(at)],
                _ => vec![Item::Row(at)],
            });
            if row[0] == Line::Description {
                let shown = self.description(desk, width);
                items.extend(shown.into_iter().skip(1).map(Item::More));
            }
            if is_last {
                items.extend(self.problems_below(desk, &row[0], width));
            }
        }
        items.push(Item::Blank);
        let help = self
            .line()
            .map_or_else(String::new, |line| desk.help(&line));
        items.extend(wrapped(&help, width.saturating_sub(1), Item::Help));
        for problem in desk.other_problems() {
            items.extend(problem_lines(problem, width));
        }
        if let Some(id) = desk.node() {
            let told = |text: &str, style: Told| {
                let lines = sanitize::wrap(&sanitize::clean(text), width.saturating_sub(3).max(1));
                let lines = lines.into_iter().enumerate();
                let item = move |(at, line)| Item::Told(line, style, at == 0);
                lines.map(item).collect::<Vec<_>>()
            };
            for change in desk.changes_told(id) {
                items.extend(told(&change, Told::Change));
            }
            for note in desk.notes(id) {
                items.extend(told(&note, Told::Note));
            }
        }
        items.push(Item::Path);
        items
    }

    fn problems_below(&self, desk: &Desk, line: &Line, width: usize) -> Vec<Item> {
        if let Mode::Typing(typing) = &self.attribute.mode
            && *line == Line::Name
        {
            match typing.names().len() {
                // Nothing is wrong before anything is typed.
                0 if typing.input.text().is_empty() && desk.node().is_some() => return Vec::new(),
                0 | 1 => {}
                count => return vec![Item::More(format!("adds {count} attributes"))],
            }
        }
        let problems = desk.problems_of(line).into_iter();
        problems
            .flat_map(|problem| problem_lines(problem, width))
            .collect()
    }

    /// The description in lines; one while it is written.
    fn description(&self, desk: &Desk, width: usize) -> Vec<String> {
        let node = desk.node().and_then(|id| desk.design.node(id));
        let Some(shown) = node.and_then(|node| node.def.description.as_deref()) else {
            return Vec::new();
        };
        if matches!(&self.attribute.mode, Mode::Typing(typing) if typing.line == Line::Description)
        {
            return vec![shown.to_owned()];
        }
        let width = width.saturating_sub(LABEL.into()).max(1);
        let mut lines = sanitize::wrap(&sanitize::clean_lines(shown), width);
        if lines.len() > DESCRIPTION {
            lines.truncate(DESCRIPTION);
            if let Some(last) = lines.last_mut() {
                *last = format!("{}…", sanitize::split_at(last, width - 1).0);
            }
        }
        lines
    }

    /// The attribute in one line, with the first thing that is wrong with it.
    pub fn attribute_line(&self, theme: &Theme) -> String {
        let Some(desk) = self.desk() else {
            return String::new();
        };
        let design = &desk.design;
        let (name, problems) = match desk.node() {
            None => (design.tree().name.clone(), design.general_problems()),
            Some(id) => (design.path(id).dotted(), design.problems_at(id)),
        };
        match problems.first() {
            None => name,
            Some(problem) => format!("{name}  {} {problem}", theme.glyphs.error),
        }
    }

    /// The title of the attribute's pane.
    pub fn attribute_title(&self) -> String {
        match self.desk() {
            Some(desk) if desk.node().is_none() => "Entity type".to_owned(),
            _ => "Attribute".to_owned(),
        }
    }

    /// What its frame notes at the top: how it stands to what is stored.
    pub fn attribute_note(&self) -> String {
        let state = self.desk().and_then(|desk| {
            let id = desk.node()?;
            Some((desk.design.state(id), desk.design.stored().is_some()))
        });
        match state {
            Some((State::New, true)) => "NEW",
            Some((State::Changed, _)) => "changed",
            Some((State::Removed, _)) => "removed",
            Some((State::BuiltIn, _)) => "built-in",
            _ => "",
        }
        .to_owned()
    }
}

/// The set of constraints that is sent, in lines.
fn sent_lines(desk: &Desk, width: usize) -> Vec<Item> {
    let width = width.saturating_sub(LABEL.into()).max(1);
    let lines = sanitize::wrap(&sent_constraints(desk), width).into_iter();
    let lines = lines.enumerate();
    lines
        .map(|(at, line)| Item::Constraints(line, at == 0))
        .collect()
}

/// The constraints of what is under the cursor.
fn sent_constraints(desk: &Desk) -> String {
    let node = desk.node().and_then(|id| desk.design.node(id));
    let constraints = node.and_then(|node| node.def.constraints.as_deref());
    let names = constraints.unwrap_or_default().iter();
    let names: Vec<&str> = names.map(Constraint::name).collect();
    match names.len() {
        0 => "none".to_owned(),
        _ => names.join(", "),
    }
}

fn problem_lines(problem: &str, width: usize) -> Vec<Item> {
    let lines = sanitize::wrap(&sanitize::clean(problem), width.saturating_sub(4).max(1));
    let lines = lines.into_iter().enumerate();
    lines
        .map(|(at, line)| Item::Problem(line, at == 0))
        .collect()
}

fn wrapped(content: &str, width: usize, item: fn(String) -> Item) -> impl Iterator<Item = Item> {
    let lines = sanitize::wrap(&sanitize::clean(content), width.max(1));
    lines.into_iter().map(item)
}

/// What a line of the screen is drawn with.
struct View<'a> {
    pane: &'a SchemaPane,
    desk: &'a Desk,
    theme: &'a Theme,
    place: Rect,
    focused: bool,
}

impl View<'_> {
    fn item(&self, item: &Item, lines: &[Vec<Line>], buf: &mut Buffer) {
        let theme = self.theme;
        match item {
            Item::Row(row) => self.row(*row, &lines[*row][0], buf),
            Item::Pair(row) => self.boxes(*row, &lines[*row], false, buf),
            Item::Features(row) => {
                self.label(&lines[*row][0], buf);
                self.boxes(*row, &lines[*row], true, buf);
            }
            Item::Constraints(sent, is_first) => {
                if *is_first {
                    self.label(&Line::Constraint(Constraint::Required), buf);
                }
                self.put(LABEL, sent, theme.dim, buf);
            }
            Item::More(more) => {
                self.put(LABEL, more, theme.text, buf);
            }
            Item::Problem(problem, is_first) => {
                if *is_first {
                    self.put(2, theme.glyphs.elbow, theme.error, buf);
                }
                self.put(4, problem, theme.error, buf);
            }
            Item::Help(help) => {
                self.put(1, help, theme.dim, buf);
            }
            Item::Path => self.path(buf),
            Item::Told(line, told, is_first) => {
                let (mark, style) = match told {
                    Told::Change => ("~", theme.text),
                    Told::Note => (theme.glyphs.warning, theme.warning),
                };
                if *is_first {
                    self.put(1, mark, theme.warning, buf);
                }
                self.put(3, line, style, buf);
            }
            Item::Blank => {}
        }
    }

    /// Draws at a column of the line; returns the column after it.
    fn put(&self, column: u16, content: &str, style: Style, buf: &mut Buffer) -> u16 {
        let place = self.place;
        let room = place.width.saturating_sub(column);
        text::put(buf, place.x + column, place.y, room, content, style) - place.x
    }

    fn label(&self, line: &Line, buf: &mut Buffer) {
        let is_changed = self.desk.node().is_some_and(|id| {
            let changes = self.desk.design.changes(id);
            changes.iter().any(|change| change.word() == line.aspect())
        });
        if is_changed {
            self.put(0, "~", self.theme.warning, buf);
        }
        self.put(1, line.label(), self.theme.label, buf);
    }

    fn is_under_cursor(&self, row: usize, column: usize) -> bool {
        let pane = &self.pane.attribute;
        (pane.row, pane.column) == (row, column)
    }

    fn row(&self, row: usize, line: &Line, buf: &mut Buffer) {
        let (theme, place) = (self.theme, self.place);
        self.label(line, buf);
        if let Mode::Typing(typing) = &self.pane.attribute.mode
            && self.is_under_cursor(row, 0)
        {
            let room = Rect {
                x: place.x + LABEL,
                width: place.width.saturating_sub(LABEL),
                ..place
            };
            typing.input.view(room, buf);
            return;
        }
        let spans = self.value(line);
        let room = place.width.saturating_sub(LABEL);
        text::put_spans(buf, place.x + LABEL, place.y, room, &spans);
        if self.is_under_cursor(row, 0) {
            buf.set_style(place, theme.selected(self.focused));
        }
    }

    fn value(&self, line: &Line) -> Vec<Span<'static>> {
        let theme = self.theme;
        let one = |content: String, style| vec![Span::styled(content, style)];
        let design = &self.desk.design;
        let Some(node) = self.desk.node().and_then(|id| design.node(id)) else {
            return match design.tree().name.as_str() {
                "" => one(NO_NAME.to_owned(), theme.placeholder),
                name => one(name.to_owned(), theme.value),
            };
        };
        if let Some(misfit) = self.desk.misfit(line) {
            // Under the cursor it is told in full below.
            let told = self.if_whole(0, &format!("─ {misfit}"));
            return one(told.unwrap_or_else(|| "─".to_owned()), theme.dim);
        }
        let is_fixed = self.desk.refuses_line(line).is_some();
        let style = if is_fixed { theme.dim } else { theme.value };
        match (line, &node.def.attr_type) {
            (Line::Name, _) if node.def.name.is_empty() => {
                one(NO_NAME.to_owned(), theme.placeholder)
            }
            (Line::Name, _) => one(node.def.name.clone(), style),
            (Line::Type, attr_type) => {
                let name = attr_type.name();
                let told = format!("   {}", picker::describe(name));
                let told = self.if_whole(name.chars().count(), &told);
                vec![
                    Span::styled(name.to_owned(), style),
                    Span::styled(told.unwrap_or_default(), theme.dim),
                ]
            }
            (Line::Description, _) => {
                let width = usize::from(self.place.width);
                let shown = self.pane.description(self.desk, width);
                match shown.into_iter().next() {
                    Some(first) => one(first, style),
                    None => one("none".to_owned(), theme.placeholder),
                }
            }
            (Line::Length, AttrType::String { length, .. }) => match length {
                Some(length) => one(length.to_string(), style),
                None => one("no limit".to_owned(), theme.placeholder),
            },
            (Line::Case, AttrType::String { case_sensitive, .. }) => {
                let (set, means) = if *case_sensitive {
                    ("[x] counts", ": A and a differ")
                } else {
                    ("[ ] does not count", ": A is a")
                };
                let means = self.if_whole(set.len(), means).unwrap_or_default();
                one(format!("{set}{means}"), style)
            }
            _ => Vec::new(),
        }
    }

    /// A text behind the first cells of a value, if there is room for all of it.
    fn if_whole(&self, from: usize, told: &str) -> Option<String> {
        let room = usize::from(self.place.width.saturating_sub(LABEL));
        let cells = from + usize::from(text::width_up_to(told, u16::MAX));
        (cells <= room).then(|| told.to_owned())
    }

    /// Constraints or features beside each other.
    fn boxes(&self, row: usize, lines: &[Line], features: bool, buf: &mut Buffer) {
        let theme = self.theme;
        let def = self.desk.node().and_then(|id| self.desk.design.node(id));
        let Some(def) = def.map(|node| &node.def) else {
            return;
        };
        for (column, line) in lines.iter().enumerate() {
            let (name, is_set) = match line {
                Line::Constraint(constraint) => (constraint.name(), def.has(constraint)),
                Line::Feature(feature) => (feature.name(), def.has_feature(feature)),
                _ => continue,
            };
            let does_not_fit = self.desk.misfit(line).is_some();
            let (mark, style) = match (does_not_fit, is_set) {
                (true, _) => (" ─ ", theme.dim),
                (false, true) => ("[x]", theme.value),
                (false, false) => ("[ ]", theme.value),
            };
            let style = if self.desk.refuses_line(line).is_some() {
                theme.dim
            } else {
                style
            };
            let at = columns_of_boxes(self.place.width, features)[column.min(1)];
            let end = self.put(at, &format!("{mark} {name}"), style, buf);
            if self.is_under_cursor(row, column) {
                let cell = Rect {
                    x: self.place.x + at,
                    width: end.saturating_sub(at),
                    ..self.place
                };
                buf.set_style(cell.intersection(buf.area), theme.selected(self.focused));
            }
        }
    }

    /// The set of constraints in the order in which it is sent.
    fn path(&self, buf: &mut Buffer) {
        let theme = self.theme;
        let design = &self.desk.design;
        let (path, state) = match self.desk.node() {
            None => (self.desk.summary(), None),
            Some(id) => (design.path(id).dotted(), self.state_word(id)),
        };
        let label = match state {
            None if self.desk.node().is_none() => "",
            _ => "path  ",
        };
        let end = self.put(1, label, theme.dim, buf);
        let end = self.put(end, &path, theme.text, buf);
        if let Some((word, style)) = state {
            self.put(end, &format!("   {word}"), style, buf);
        }
    }

    fn state_word(&self, id: NodeId) -> Option<(&'static str, Style)> {
        let design = &self.desk.design;
        let state = design.state(id);
        let word = match state {
            State::New if design.stored().is_none() => return None,
            State::New => "NEW",
            State::Changed => "changed",
            State::Removed => "removed",
            State::BuiltIn => "built-in",
            State::Same => "as stored",
        };
        Some((word, style_of(state, self.theme)))
    }
}

fn view_picker(picker: &Picker, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let end = text::put(buf, area.x, area.y, area.width, "type  ", theme.label);
    let room = area.right().saturating_sub(end);
    picker.input.view(Rect::new(end, area.y, room, 1), buf);
    let rows = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1 + BELOW_TYPES),
        ..area
    };
    let longest = picker.rows.iter().map(|name| name.chars().count()).max();
    let names = longest.unwrap_or(0).max(10) + 2;
    let view = picker.cursor.view(picker.rows.len(), true);
    list::draw(buf, rows, view, theme, |at| {
        let name = picker.rows[at];
        let mark = if name == picker.current { "•" } else { " " };
        TextLine::from(vec![
            Span::styled(format!("{mark} "), theme.accent),
            Span::styled(format!("{name:<names$}"), theme.value),
            Span::styled(picker::describe(name), theme.dim),
        ])
    });
    let told = match picker.rows.get(picker.cursor.at) {
        Some(name) => picker::explain(name),
        None => "No type is called so: Backspace.",
    };
    let below = Rect {
        y: rows.bottom(),
        height: area.bottom().saturating_sub(rows.bottom()),
        ..area
    };
    paragraphs::put(buf, below, &[(told.to_owned(), theme.text)]);
}
