//! The diagram for the terminal: lines of spans, each with a role that the explorer colours and a plain printer drops.
//! Nothing is told by colour alone.
//!
//! ```text
//!  narrow: one tree                          wide: cards in columns, read downwards, then to the right
//!
//!  user  196 attributes                      ╭ user ──────╮ ╔ photos [] ═══╗ ╔ profiles [] ══╗
//!  ├─ members of an object                   │ plain ones │ ║ type  string ║ ║ (goes on)     ║
//!  ╠═ members of a plural: there are many    ╰────────────╯ ╚══════════════╝ ╚═══════════════╝
//! ```
//!
//! Columns are the same for the whole diagram, so that types and marks can be looked down at. Nothing is wider than
//! asked; scrolling is the matter of whoever shows it.

use std::fmt;

use crate::capture::attr_type::AttrType;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::diagram;
use crate::capture::schema::diagram::Mark;
use crate::capture::schema::diagram::Summary;

/// From this width on, a schema that is long enough is drawn as cards side by side.
pub const WIDE: usize = 140;

/// Below this many rows one column is easier to read than cards, however wide the screen.
const FEW_ROWS: usize = 24;

/// The least width of a card.
const CARD: usize = 60;

/// Cells between two cards side by side, and between two columns of a row.
const GAP: usize = 2;

/// A description on fewer cells says nothing.
const LEAST_DESCRIPTION: usize = 16;

/// The fewest cells a name is shortened to before the type is cut.
const LEAST_NAME: usize = 12;

/// How the drawing is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Nothing but ASCII, for terminals that show no more.
    pub ascii: bool,
    /// Containers at this level and deeper stay closed: 1 shows the record's own attributes only.
    pub fold_below: Option<usize>,
}

/// One line of a diagram, without the line's end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiagramLine {
    /// The pieces, from the left.
    pub spans: Vec<DiagramSpan>,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiagramSpan {
    /// What it is.
    pub role: Role,
    /// Its text, printable throughout.
    pub text: String,
}

/// What a piece of a line is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The entity type's name, and the title of a card.
    Heading,
    /// Branches, frames, and the space between columns.
    Branch,
    /// An attribute's name, with the brackets of a container.
    Name,
    /// Its type.
    Type,
    /// The signs of its constraints and features.
    Glyph,
    /// What it is for.
    Description,
    /// The built-in attributes and the counts: to be dimmed.
    BuiltIn,
    /// What the signs mean.
    Legend,
}

impl DiagramLine {
    fn push(&mut self, role: Role, text: impl Into<String>) {
        let text = text.into();
        match self.spans.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.role == role => last.text.push_str(&text),
            _ => self.spans.push(DiagramSpan { role, text }),
        }
    }

    /// How many cells the line takes.
    pub fn width(&self) -> usize {
        self.spans
            .iter()
            .map(|span| diagram::cells(&span.text))
            .sum()
    }

    /// Fills up with spaces to a width.
    fn pad(&mut self, width: usize) {
        let missing = width.saturating_sub(self.width());
        self.push(Role::Branch, " ".repeat(missing));
    }

    /// Cuts what is beyond a width, and spaces at the end.
    fn clip(&mut self, width: usize, ascii: bool) {
        let mut room = width;
        let mut kept = Vec::new();
        for span in std::mem::take(&mut self.spans) {
            let text = diagram::cut(&span.text, room, ascii);
            let whole = text == span.text;
            room -= diagram::cells(&text);
            kept.push(DiagramSpan { text, ..span });
            if !whole {
                break;
            }
        }
        self.spans = kept;
        while let Some(last) = self.spans.last_mut() {
            last.text.truncate(last.text.trim_end().len());
            if !last.text.is_empty() {
                break;
            }
            self.spans.pop();
        }
    }
}

/// The line as plain text.
impl fmt::Display for DiagramLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spans
            .iter()
            .try_for_each(|span| f.write_str(&span.text))
    }
}

/// Draws `schema` on lines of at most `width` cells: title, built-in attributes, the attributes, a legend of the signs
/// that occur.
pub fn text(schema: &EntityType, width: usize, style: Style) -> Vec<DiagramLine> {
    let Drawn { mut lines, legend } = drawn(schema, width, style);
    lines.push(DiagramLine::default());
    lines.extend(legend);
    lines
}

/// A diagram and its legend.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// Title, built-in attributes and the attributes.
    pub lines: Vec<DiagramLine>,
    /// The signs that occur.
    pub legend: Vec<DiagramLine>,
}

/// The same as [`text`], the legend by itself.
pub fn drawn(schema: &EntityType, width: usize, style: Style) -> Drawn {
    let marks = diagram::occurring(schema);
    let rows = rows(schema, style);
    let mut lines = head(schema, style);
    if width >= WIDE && rows.len() >= FEW_ROWS {
        lines.extend(in_cards(schema, &rows, &marks, width, style));
    } else {
        lines.extend(in_one_column(&rows, &marks, width, style));
    }
    let mut legend = legend(&rows, &marks, width, style);
    for line in lines.iter_mut().chain(&mut legend) {
        line.clip(width, style.ascii);
    }
    Drawn { lines, legend }
}

/// The title with the counts, the built-in attributes, and an empty line.
fn head(schema: &EntityType, style: Style) -> Vec<DiagramLine> {
    let mut title = DiagramLine::default();
    let name = diagram::clean(&schema.name, style.ascii);
    title.push(Role::Heading, diagram::shorten(&name, 60, style.ascii));
    title.push(Role::BuiltIn, format!("  {}", Summary::of(schema)));
    let separator = if style.ascii { ", " } else { " · " };
    let mut built_in = DiagramLine::default();
    let names = diagram::built_in(separator);
    built_in.push(Role::BuiltIn, format!("built in: {names}"));
    vec![title, built_in, DiagramLine::default()]
}

/// One attribute, ready to be aligned.
#[derive(Clone)]
struct Row {
    /// The branches before the name.
    branch: String,
    /// The name, with the brackets of a container.
    name: String,
    type_text: String,
    marks: Vec<Mark>,
    description: String,
    /// From 1.
    depth: usize,
    /// The row that holds this one.
    holder: Option<usize>,
    /// Whether it is a plural; `None` when it holds nothing.
    plural: Option<bool>,
    folded: bool,
}

/// All rows in the schema's order, what is inside a container right after it.
fn rows(schema: &EntityType, style: Style) -> Vec<Row> {
    let mut rows = Vec::new();
    add_rows(&schema.attr_defs, "", None, style, &mut rows);
    rows
}

/// Adds the members of one holder. `branch` is what stands before them all; recursion is bounded by the reader of
/// schemas.
fn add_rows(
    attr_defs: &[AttrDef],
    branch: &str,
    holder: Option<usize>,
    style: Style,
    rows: &mut Vec<Row>,
) {
    let above = holder.map(|at| (rows[at].depth, rows[at].plural == Some(true)));
    let depth = above.map_or(1, |(depth, _)| depth + 1);
    let mut members = diagram::own(attr_defs, holder.is_none()).peekable();
    while let Some(def) = members.next() {
        let last = members.peek().is_none();
        let (own_branch, inner_branch) = match above {
            // What has a frame or a title of its own needs no branches at its first level.
            None => (String::new(), String::new()),
            Some((_, plural)) => {
                let [tee, corner, bar] = branches(plural, style.ascii);
                let own = if last { corner } else { tee };
                let inner = if last { "   " } else { bar };
                (format!("{branch}{own}"), format!("{branch}{inner}"))
            }
        };
        let inner = def.attr_type.attr_defs();
        let folded = style.fold_below.is_some_and(|level| depth >= level)
            && diagram::own(inner, false).next().is_some();
        rows.push(Row {
            branch: own_branch,
            name: name(def, folded, style.ascii),
            type_text: diagram::clean(&diagram::type_text(def), style.ascii),
            marks: Mark::of(def),
            description: diagram::clean(
                def.description.as_deref().unwrap_or_default().trim(),
                style.ascii,
            ),
            depth,
            holder,
            plural: match def.attr_type {
                AttrType::Plural(_) => Some(true),
                AttrType::Object(_) => Some(false),
                _ => None,
            },
            folded,
        });
        if !folded {
            let here = rows.len() - 1;
            add_rows(inner, &inner_branch, Some(here), style, rows);
        }
    }
}

/// Before a member, before the last member, beside what is in a member.
fn branches(plural: bool, ascii: bool) -> [&'static str; 3] {
    match (plural, ascii) {
        (false, false) => ["├─ ", "└─ ", "│  "],
        (true, false) => ["╠═ ", "╚═ ", "║  "],
        (false, true) => ["|- ", "`- ", "|  "],
        (true, true) => ["#= ", "#= ", "#  "],
    }
}

fn name(def: &AttrDef, folded: bool, ascii: bool) -> String {
    let name = diagram::clean(&def.name, ascii);
    match (diagram::brackets(def), folded) {
        ("", _) => name,
        (brackets, false) => format!("{name} {brackets}"),
        (brackets, true) => {
            let (open, close) = brackets.split_at(1);
            let inside = if ascii { "..." } else { "…" };
            format!("{name} {open}{inside}{close}")
        }
    }
}

/// How many cells each column of a row has.
#[derive(Clone, Copy)]
struct Columns {
    name: usize,
    type_text: usize,
    marks: usize,
    description: usize,
}

impl Columns {
    fn fit(rows: &[Row], marks: &[Mark], width: usize) -> Self {
        let longest = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
        let wanted = longest(|row| diagram::cells(&row.branch) + diagram::cells(&row.name));
        let type_text = longest(|row| diagram::cells(&row.type_text))
            .min(width.saturating_sub(LEAST_NAME + marks.len() + 2 * GAP))
            .max(1);
        let beside_name = type_text + marks.len() + 2 * GAP;
        let name = wanted.min(width.saturating_sub(beside_name)).max(1);
        let left = width.saturating_sub(name + beside_name + GAP);
        let described = rows.iter().any(|row| !row.description.is_empty());
        Self {
            name,
            type_text,
            marks: marks.len(),
            description: if described && left >= LEAST_DESCRIPTION {
                left
            } else {
                0
            },
        }
    }
}

/// Adds an attribute to a line.
fn draw(row: &Row, columns: Columns, marks: &[Mark], ascii: bool, line: &mut DiagramLine) {
    let start = line.width();
    // Names count for more than where the branches come from.
    let most_branches = columns
        .name
        .saturating_sub(LEAST_NAME.min(diagram::cells(&row.name)));
    let branch = if diagram::cells(&row.branch) <= most_branches {
        row.branch.clone()
    } else {
        let room = most_branches.saturating_sub(1);
        format!(
            "{}{}",
            diagram::ellipsis(ascii),
            diagram::tail(&row.branch, room)
        )
    };
    let room = columns.name.saturating_sub(diagram::cells(&branch));
    line.push(Role::Branch, branch);
    line.push(Role::Name, diagram::shorten(&row.name, room, ascii));
    let mut end = start + columns.name + GAP;
    line.pad(end);
    line.push(
        Role::Type,
        diagram::shorten(&row.type_text, columns.type_text, ascii),
    );
    end += columns.type_text + GAP;
    line.pad(end);
    for mark in marks {
        if row.marks.contains(mark) {
            line.push(Role::Glyph, mark.glyph(ascii));
        } else {
            line.push(Role::Branch, " ");
        }
    }
    end += columns.marks + GAP;
    if columns.description > 0 && !row.description.is_empty() {
        line.pad(end);
        line.push(
            Role::Description,
            diagram::cut(&row.description, columns.description, ascii),
        );
    }
}

fn in_one_column(rows: &[Row], marks: &[Mark], width: usize, style: Style) -> Vec<DiagramLine> {
    let columns = Columns::fit(rows, marks, width);
    rows.iter()
        .map(|row| {
            let mut line = DiagramLine::default();
            draw(row, columns, marks, style.ascii, &mut line);
            line
        })
        .collect()
}

/// A card, or what of it stands in one column.
#[derive(Clone)]
struct Card {
    title: String,
    /// At the right of the title: the container's type, marks and all.
    note: String,
    plural: bool,
    rows: Vec<Row>,
    /// Whether the rest of it stands in the next column.
    goes_on: bool,
}

/// The record's plain attributes as one card, and each of its containers.
fn cards(schema: &EntityType, rows: &[Row], ascii: bool) -> Vec<Card> {
    let mut plain = Vec::new();
    let mut cards: Vec<Card> = Vec::new();
    for row in rows {
        if row.depth > 1 {
            if let Some(card) = cards.last_mut() {
                card.rows.push(row.clone());
            }
        } else if row.plural.is_some() && !row.folded {
            let signs = row.marks.iter().map(|mark| mark.glyph(ascii));
            let note: Vec<&str> = std::iter::once(row.type_text.as_str())
                .chain(signs)
                .collect();
            cards.push(Card {
                title: row.name.clone(),
                note: note.join(" "),
                plural: row.plural == Some(true),
                rows: Vec::new(),
                goes_on: false,
            });
        } else {
            plain.push(row.clone());
        }
    }
    if !plain.is_empty() {
        let first = Card {
            title: diagram::clean(&schema.name, ascii),
            note: diagram::counted(plain.len(), "attribute"),
            plural: false,
            rows: plain,
            goes_on: false,
        };
        cards.insert(0, first);
    }
    cards
}

fn in_cards(
    schema: &EntityType,
    rows: &[Row],
    marks: &[Mark],
    width: usize,
    style: Style,
) -> Vec<DiagramLine> {
    let count = ((width + GAP) / (CARD + GAP)).max(1);
    let each = (width - GAP * (count - 1)) / count;
    let cards = within_frames(cards(schema, rows, style.ascii));
    let inside: Vec<Row> = cards.iter().flat_map(|card| card.rows.clone()).collect();
    let columns = Columns::fit(&inside, marks, each.saturating_sub(4));
    let drawn: Vec<Vec<DiagramLine>> = balanced(&cards, rows, count, style.ascii)
        .iter()
        .map(|column| {
            let cards = column.iter();
            cards
                .flat_map(|card| framed(card, columns, marks, each, style.ascii))
                .collect()
        })
        .collect();
    let height = drawn.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .map(|at| {
            let mut line = DiagramLine::default();
            for (place, column) in drawn.iter().enumerate() {
                line.pad(place * (each + GAP));
                for span in column.get(at).into_iter().flat_map(|line| &line.spans) {
                    line.push(span.role, span.text.clone());
                }
            }
            line
        })
        .collect()
}

/// A card's own frame stands for the first level of branches.
fn within_frames(mut cards: Vec<Card>) -> Vec<Card> {
    for row in cards.iter_mut().flat_map(|card| &mut card.rows) {
        let first: usize = row.branch.chars().take(3).map(char::len_utf8).sum();
        row.branch.drain(..first);
    }
    cards
}

/// The cards in columns of about the same height, in their order; a card that does not fit goes on in the next column.
fn balanced(cards: &[Card], rows: &[Row], columns: usize, ascii: bool) -> Vec<Vec<Card>> {
    let all: usize = cards.iter().map(|card| card.rows.len() + 2).sum();
    let mut height = all.div_ceil(columns).max(MIN_PIECE);
    loop {
        let placed = flow(cards, rows, height, ascii);
        // With everything in one column there is nothing left to gain.
        if placed.len() <= columns || height > all {
            return placed;
        }
        height += 1;
    }
}

/// The least lines that a part of a card takes: frame and three rows.
const MIN_PIECE: usize = 5;

fn flow(cards: &[Card], all: &[Row], height: usize, ascii: bool) -> Vec<Vec<Card>> {
    let mut columns: Vec<Vec<Card>> = vec![Vec::new()];
    let mut free = height;
    for card in cards {
        let mut rest = card.clone();
        loop {
            let lines = rest.rows.len() + 2;
            if lines <= free {
                free -= lines;
                columns.last_mut().expect("is never empty").push(rest);
                break;
            }
            if free >= MIN_PIECE {
                let remaining = rest.rows.split_off(free - 2);
                let next = Card {
                    title: continued(&remaining, all, &card.title, ascii),
                    note: "continued".to_owned(),
                    plural: card.plural,
                    rows: remaining,
                    goes_on: false,
                };
                rest.goes_on = true;
                let piece = std::mem::replace(&mut rest, next);
                columns.last_mut().expect("is never empty").push(piece);
            }
            columns.push(Vec::new());
            free = height;
        }
    }
    columns
}

/// The title of a card that goes on: the path of what holds its first row.
fn continued(rest: &[Row], all: &[Row], title: &str, ascii: bool) -> String {
    let mut names = Vec::new();
    let mut holder = rest.first().and_then(|row| row.holder);
    while let Some(row) = holder.and_then(|at| all.get(at)) {
        names.push(row.name.replacen(' ', "", 1));
        holder = row.holder;
    }
    names.reverse();
    let path = if names.is_empty() {
        title.to_owned()
    } else {
        names.join(".").replace("{}", "")
    };
    format!("{}{path}", if ascii { "..." } else { "… " })
}

/// The signs of a frame: corners from the top left to the bottom right, then the lines across and down.
fn frame(plural: bool, ascii: bool) -> [&'static str; 6] {
    match (plural, ascii) {
        (false, false) => ["╭", "╮", "╰", "╯", "─", "│"],
        (true, false) => ["╔", "╗", "╚", "╝", "═", "║"],
        (false, true) => ["+", "+", "+", "+", "-", "|"],
        (true, true) => ["#", "#", "#", "#", "=", "#"],
    }
}

fn framed(
    card: &Card,
    columns: Columns,
    marks: &[Mark],
    width: usize,
    ascii: bool,
) -> Vec<DiagramLine> {
    let [top_left, top_right, bottom_left, bottom_right, across, down] = frame(card.plural, ascii);
    let inner = width.saturating_sub(2);
    let note = diagram::cut(&card.note, inner / 2, ascii);
    let room = inner.saturating_sub(diagram::cells(&note) + 6);
    let title = diagram::shorten(&card.title, room, ascii);
    let mut top = DiagramLine::default();
    top.push(Role::Branch, format!("{top_left}{across} "));
    top.push(Role::Heading, title);
    top.push(Role::Branch, " ");
    let used = top.width() + diagram::cells(&note) + 4;
    top.push(Role::Branch, across.repeat(width.saturating_sub(used)));
    top.push(Role::Type, format!(" {note} "));
    top.push(Role::Branch, format!("{across}{top_right}"));

    let mut lines = vec![top];
    for row in &card.rows {
        let mut line = DiagramLine::default();
        line.push(Role::Branch, format!("{down} "));
        draw(row, columns, marks, ascii, &mut line);
        line.pad(width.saturating_sub(1));
        line.push(Role::Branch, down);
        lines.push(line);
    }
    let mut bottom = DiagramLine::default();
    let told = if card.goes_on { " goes on " } else { "" };
    let rule = across.repeat(inner.saturating_sub(told.len() + 1));
    bottom.push(
        Role::Branch,
        format!("{bottom_left}{rule}{told}{across}{bottom_right}"),
    );
    lines.push(bottom);
    lines
}

/// The signs that occur and what they mean, on as many lines as it takes.
fn legend(rows: &[Row], marks: &[Mark], width: usize, style: Style) -> Vec<DiagramLine> {
    let mut items: Vec<(String, &str)> = Vec::new();
    if rows.iter().any(|row| row.plural == Some(false)) {
        items.push(("{}".to_owned(), "object"));
    }
    if rows.iter().any(|row| row.plural == Some(true)) {
        items.push(("[]".to_owned(), "plural: a list, each element with an id"));
    }
    if rows.iter().any(|row| row.folded) {
        items.push((if style.ascii { "..." } else { "…" }.to_owned(), "closed"));
    }
    let signs = marks.iter();
    items.extend(signs.map(|mark| (mark.glyph(style.ascii).to_owned(), mark.meaning())));
    let mut lines = Vec::new();
    let mut line = DiagramLine::default();
    for (sign, meaning) in items {
        let needed = diagram::cells(&sign) + 1 + meaning.len();
        let used = line.width();
        if used > 0 && used + 3 + needed > width {
            lines.push(std::mem::take(&mut line));
        } else if used > 0 {
            line.push(Role::Legend, "   ");
        }
        line.push(Role::Glyph, sign);
        line.push(Role::Legend, format!(" {meaning}"));
    }
    lines.push(line);
    lines
}
