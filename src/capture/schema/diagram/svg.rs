//! The diagram as SVG, to be opened, printed or put into a document. Self-contained: no scripts, no fonts from
//! elsewhere; light, and dark where the reader's system is.
//!
//! ```text
//!  ┌ user ──────┐────┬──────────────────┬─────────── a bus beside the title of the holder, a rail before each column
//!  │ …          │    │ ┌ photos [] ──┐  │ ┌ profiles ┐
//!  └────────────┘    ├<│             │  └<│          │
//!   │ ┌ address ─┐   │ └─────────────┘    └──────────┘
//!   └─│          │   │ ┌ statuses [] ┐
//!     └──────────┘   └<│             │   columns are filled in the schema's order, the shortest next
//! ```
//!
//! A card for every container. What is inside a small container stands below it, indented; a container with much in it
//! gets the whole width below its siblings, with columns of its own. So nothing crosses, and the width is bounded
//! whatever the depth.

use std::fmt::Write;

use crate::capture::attr_type::AttrType;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::diagram;
use crate::capture::schema::diagram::Mark;
use crate::capture::schema::diagram::Summary;

/// The most the picture is wide.
const MAX_WIDTH: f64 = 1600.0;
/// The least, so that title and legend have room.
const MIN_WIDTH: f64 = 560.0;
const MARGIN: f64 = 28.0;
/// Where the first card begins.
const TOP: f64 = 96.0;
/// One character of 12 pixels; monospace fonts differ a little, this is the wider end.
const CHAR: f64 = 7.3;
const ROW: f64 = 19.0;
/// The title of a card.
const HEADER: f64 = 28.0;
/// Inside a card, left and right.
const PAD: f64 = 12.0;
/// Below the last row.
const FOOT: f64 = 6.0;
/// Between two cards above each other.
const BELOW: f64 = 16.0;
/// Between two columns, where the rails are.
const GUTTER: f64 = 36.0;
/// How far members stand to the right of their holder.
const INDENT: f64 = 28.0;
/// From the left of a holder to the rail below it.
const RAIL: f64 = 12.0;
/// The widths of a card.
const CARD: (f64, f64) = (230.0, 400.0);
/// A container that is higher than this with all that is in it gets columns of its own.
const TALL: f64 = 420.0;

/// Colours and type; everything else is geometry. No variables: many a viewer does not know them.
const STYLE: &str = "
text{font:12px ui-monospace,'SF Mono','DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1f2328}
.h1{font-size:22px;font-weight:700}.h2{font-weight:700}
.soft,.type{fill:#59636e}.sign{fill:#bc4c00;font-weight:700}.end{text-anchor:end}
.page{fill:#f6f8fa}.card{fill:#fff;stroke:#d0d7de}
.wire{fill:none;stroke:#afb8c1;stroke-width:1.5}
.root{fill:#d1d9e0}.object{fill:#cfe8ff}.plural{fill:#eadcff}
text.object{fill:#0550ae}text.plural{fill:#6639ba}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}.soft,.type{fill:#9198a1}.sign{fill:#ffa657}
.page{fill:#0d1117}.card{fill:#161b22;stroke:#3d444d}.wire{stroke:#59636e}
.root{fill:#2f3742}.object{fill:#113152}.plural{fill:#35234f}
text.object{fill:#79c0ff}text.plural{fill:#d2a8ff}
}
";

/// Draws `schema` as an SVG document.
pub fn svg(schema: &EntityType) -> String {
    let root = Card::new(schema);
    let mut canvas = Canvas {
        column: root.needs().clamp(CARD.0, CARD.1),
        ..Canvas::default()
    };
    let bottom = canvas.wide(&root, MARGIN, TOP);
    let width = (canvas.used + MARGIN).clamp(MIN_WIDTH, MAX_WIDTH);
    let marks = diagram::occurring(schema);
    let (legend, bottom) = legend(Summary::of(schema), &marks, width, bottom + 24.0);
    let height = bottom + MARGIN;

    let title = escaped(&diagram::shorten(
        &diagram::clean(&schema.name, false),
        60,
        false,
    ));
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"h1\" x=\"{MARGIN}\" y=\"44\">{title}</text>\n\
         <text class=\"soft\" x=\"{MARGIN}\" y=\"66\">{}</text>\n",
        Summary::of(schema)
    );
    out.push_str(&canvas.wires);
    out.push_str(&canvas.cards);
    out.push_str(&legend);
    out.push_str("</svg>\n");
    out
}

/// What a card is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Root,
    Object,
    Plural,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Object => "object",
            Self::Plural => "plural",
        }
    }
}

/// A container with its members, and the cards of those that are containers themselves.
struct Card {
    kind: Kind,
    /// Name and brackets.
    title: String,
    /// The path and the description, shown when pointed at.
    tip: String,
    note: String,
    rows: Vec<Row>,
    /// The marks that occur in the rows, which all get a place of their own.
    signs: Vec<Mark>,
    members: Vec<Card>,
}

struct Row {
    name: String,
    type_text: String,
    class: &'static str,
    marks: Vec<Mark>,
    tip: String,
}

impl Card {
    fn new(schema: &EntityType) -> Self {
        let (rows, members) = contents(&schema.attr_defs, &AttrPath::root());
        Self {
            kind: Kind::Root,
            title: diagram::clean(&schema.name, false),
            tip: diagram::in_document(&schema.name),
            note: "record".to_owned(),
            signs: signs(&rows),
            rows,
            members,
        }
    }

    /// The card of a container; `None` for other attributes. Recursion is bounded by the reader of schemas.
    fn of(def: &AttrDef, path: &AttrPath) -> Option<Self> {
        let kind = match def.attr_type {
            AttrType::Object(_) => Kind::Object,
            AttrType::Plural(_) => Kind::Plural,
            _ => return None,
        };
        let (rows, members) = contents(def.attr_type.attr_defs(), path);
        Some(Self {
            kind,
            title: title(def),
            tip: tip(def, path),
            note: kind.class().to_owned(),
            signs: signs(&rows),
            rows,
            members,
        })
    }

    /// How wide the widest row here and below wants its card to be.
    fn needs(&self) -> f64 {
        let own = self.rows.iter().map(|row| {
            let cells = diagram::cells(&row.name) + diagram::cells(&row.type_text);
            px(cells + 3) + self.signs_width() + 2.0 * PAD
        });
        let title = px(diagram::cells(&self.title) + diagram::cells(&self.note) + 3) + 2.0 * PAD;
        let members = self.members.iter().map(Self::needs);
        own.chain(members).fold(title, f64::max)
    }

    fn signs_width(&self) -> f64 {
        match self.signs.len() {
            0 => 0.0,
            count => px(count + 1),
        }
    }

    fn height(&self) -> f64 {
        let built_in = usize::from(self.kind == Kind::Root);
        HEADER + (self.rows.len() + built_in) as f64 * ROW + FOOT
    }

    /// The height of the card with everything in it below it.
    fn stacked(&self) -> f64 {
        let members = self.members.iter().map(|member| BELOW + member.stacked());
        self.height() + members.sum::<f64>()
    }
}

/// The marks that occur, in the order in which they are shown. Gathered once for each card: every row asks for them.
fn signs(rows: &[Row]) -> Vec<Mark> {
    let mut signs: Vec<Mark> = rows
        .iter()
        .flat_map(|row| row.marks.iter().copied())
        .collect();
    signs.sort_unstable();
    signs.dedup();
    signs
}

fn contents(attr_defs: &[AttrDef], holder: &AttrPath) -> (Vec<Row>, Vec<Card>) {
    let mut rows = Vec::new();
    let mut members = Vec::new();
    for def in diagram::own(attr_defs, holder.is_root()) {
        let path = holder.child(def.name.as_str());
        let card = Card::of(def, &path);
        rows.push(Row {
            name: title(def),
            type_text: diagram::clean(&diagram::type_text(def), false),
            class: card.as_ref().map_or("type", |card| card.kind.class()),
            marks: Mark::of(def),
            tip: tip(def, &path),
        });
        members.extend(card.filter(|card| !card.rows.is_empty()));
    }
    (rows, members)
}

fn title(def: &AttrDef) -> String {
    let name = diagram::clean(&def.name, false);
    match diagram::brackets(def) {
        "" => name,
        brackets => format!("{name} {brackets}"),
    }
}

/// What a definition says in words.
fn tip(def: &AttrDef, path: &AttrPath) -> String {
    let mut tip = diagram::in_document(&path.dotted());
    let _ = write!(tip, ": {}", diagram::in_document(&diagram::type_text(def)));
    let constraints = def
        .constraints
        .iter()
        .flatten()
        .map(|one| one.name().to_owned());
    let features = def
        .features
        .iter()
        .flatten()
        .map(|one| one.name().to_owned());
    for word in constraints.chain(features) {
        let _ = write!(tip, ", {}", diagram::in_document(&word));
    }
    if let Some(description) = &def.description {
        let _ = write!(tip, ". {}", diagram::in_document(description.trim()));
    }
    tip
}

/// What is drawn so far. Wires go below the cards.
#[derive(Default)]
struct Canvas {
    wires: String,
    cards: String,
    /// The width of a column.
    column: f64,
    /// How far to the right something stands.
    used: f64,
}

impl Canvas {
    /// Draws a card and what is in it: small containers in columns below and beside it, then the large ones below each
    /// other. Returns where the next thing can stand.
    fn wide(&mut self, card: &Card, x: f64, y: f64) -> f64 {
        let inside = x + INDENT;
        let pitch = self.column + GUTTER;
        let more = ((MAX_WIDTH - MARGIN - inside - self.column) / pitch)
            .floor()
            .max(0.0) as usize;
        if more == 0 {
            return self.narrow(card, x, y, self.column);
        }
        self.card(card, x, y, self.column);
        let header = y + HEADER / 2.0;
        let below = y + card.height() + BELOW;
        let mut ends = vec![y + HEADER + BELOW / 2.0; more + 1];
        ends[0] = below;
        let mut rails = vec![None; more + 1];
        let (large, small): (Vec<&Card>, Vec<&Card>) = card
            .members
            .iter()
            .partition(|member| !member.members.is_empty() && member.stacked() > TALL);
        for member in small {
            let place = shortest(&ends);
            let left = inside + place as f64 * pitch;
            let rail = if place == 0 {
                x + RAIL
            } else {
                left - GUTTER / 2.0
            };
            self.stub(member.kind, rail, left, ends[place] + HEADER / 2.0);
            rails[place] = Some(ends[place] + HEADER / 2.0);
            ends[place] = self.narrow(member, left, ends[place], self.column) + BELOW;
        }
        let mut bottom = ends.iter().copied().fold(below, f64::max);
        for member in large {
            bottom += BELOW / 2.0;
            self.stub(member.kind, x + RAIL, inside, bottom + HEADER / 2.0);
            rails[0] = Some(bottom + HEADER / 2.0);
            bottom = self.wide(member, inside, bottom) + BELOW;
        }
        if let Some(end) = rails[0] {
            self.line(x + RAIL, y + card.height(), x + RAIL, end);
        }
        let mut reach = None;
        for (place, end) in rails.iter().enumerate().skip(1) {
            if let Some(end) = end {
                let rail = inside + place as f64 * pitch - GUTTER / 2.0;
                self.line(rail, header, rail, *end);
                reach = Some(rail);
            }
        }
        if let Some(reach) = reach {
            self.line(x + self.column, header, reach, header);
        }
        bottom - BELOW
    }

    /// Draws a card with everything in it below it, the right edges in one line. Returns where it ends.
    fn narrow(&mut self, card: &Card, x: f64, y: f64, width: f64) -> f64 {
        self.card(card, x, y, width);
        // Beyond some depth there is no more room to step in.
        let step = if width - INDENT < CARD.0 * 0.7 {
            0.0
        } else {
            INDENT
        };
        let mut bottom = y + card.height();
        let mut rail = None;
        for member in &card.members {
            bottom += BELOW;
            self.stub(member.kind, x + RAIL, x + step, bottom + HEADER / 2.0);
            rail = Some(bottom + HEADER / 2.0);
            bottom = self.narrow(member, x + step, bottom, width - step);
        }
        if let Some(end) = rail {
            self.line(x + RAIL, y + card.height(), x + RAIL, end);
        }
        bottom
    }

    fn line(&mut self, x1: f64, y1: f64, x2: f64, y2: f64) {
        let _ = writeln!(
            self.wires,
            "<path class=\"wire\" d=\"M{x1} {y1}L{x2} {y2}\"/>"
        );
    }

    /// From a rail to a card: a plural's has a crow's foot, for there are many.
    fn stub(&mut self, kind: Kind, from: f64, to: f64, y: f64) {
        self.line(from, y, to, y);
        if kind == Kind::Plural {
            self.line(to - 9.0, y, to, y - 6.0);
            self.line(to - 9.0, y, to, y + 6.0);
        }
    }

    fn card(&mut self, card: &Card, x: f64, y: f64, width: f64) {
        self.used = self.used.max(x + width);
        let height = card.height();
        let class = card.kind.class();
        let right = x + width - PAD;
        let out = &mut self.cards;
        let _ = write!(out, "<g><title>{}</title>", escaped(&card.tip));
        // The sheets of a plural lie on each other.
        let sheets: &[f64] = if card.kind == Kind::Plural {
            &[4.0, 0.0]
        } else {
            &[0.0]
        };
        for shift in sheets {
            let _ = write!(
                out,
                "<rect class=\"card\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>",
                x + shift,
                y + shift
            );
        }
        let _ = write!(
            out,
            "<path class=\"{class}\" d=\"M{} {}v-{}q0-5.5 5.5-5.5h{}q5.5 0 5.5 5.5v{}z\"/>",
            x + 0.5,
            y + HEADER,
            HEADER - 6.0,
            width - 12.0,
            HEADER - 6.0,
        );
        let note = px(diagram::cells(&card.note) + 2);
        let title = diagram::shorten(&card.title, fitting(width - 2.0 * PAD - note), false);
        let base = y + 18.5;
        let _ = writeln!(
            out,
            "<text class=\"h2\" x=\"{}\" y=\"{base}\">{}</text>\
             <text class=\"{class} end\" x=\"{right}\" y=\"{base}\">{}</text></g>",
            x + PAD,
            escaped(&title),
            escaped(&card.note),
        );
        let mut base = y + HEADER + 15.0;
        if card.kind == Kind::Root {
            let _ = writeln!(
                out,
                "<text class=\"soft\" x=\"{}\" y=\"{base}\">{}</text>",
                x + PAD,
                diagram::built_in(" ")
            );
            base += ROW;
        }
        let signs_left = right - px(card.signs.len());
        for row in &card.rows {
            row.draw(
                out,
                (x + PAD, right - card.signs_width(), base),
                (&card.signs, signs_left),
            );
            base += ROW;
        }
    }
}

impl Row {
    /// Draws the row from `left` to `right`, and the signs where the card has their places.
    fn draw(&self, out: &mut String, (left, right, y): (f64, f64, f64), signs: (&[Mark], f64)) {
        let room = fitting(right - left).saturating_sub(1);
        let name_cells = diagram::cells(&self.name);
        let type_text = diagram::shorten(
            &self.type_text,
            room.saturating_sub(name_cells).max(room / 3),
            false,
        );
        let name = diagram::shorten(
            &self.name,
            room.saturating_sub(diagram::cells(&type_text)),
            false,
        );
        let _ = write!(
            out,
            "<g><title>{}</title><text x=\"{left}\" y=\"{y}\">{}</text>\
             <text class=\"{} end\" x=\"{right}\" y=\"{y}\">{}</text>",
            escaped(&self.tip),
            escaped(&name),
            self.class,
            escaped(&type_text),
        );
        for (place, mark) in signs.0.iter().enumerate() {
            if self.marks.contains(mark) {
                let x = signs.1 + px(place);
                let _ = write!(
                    out,
                    "<text class=\"sign\" x=\"{x:.1}\" y=\"{y}\">{}</text>",
                    escaped(mark.glyph(false))
                );
            }
        }
        out.push_str("</g>\n");
    }
}

/// The column that ends first; of several, the leftmost.
fn shortest(ends: &[f64]) -> usize {
    let mut best = 0;
    for (place, end) in ends.iter().enumerate() {
        if *end < ends[best] {
            best = place;
        }
    }
    best
}

/// What the signs mean, in lines as wide as the picture. Returns where it ends, too.
fn legend(summary: Summary, marks: &[Mark], width: f64, top: f64) -> (String, f64) {
    let mut items: Vec<(&str, &str, &str)> = Vec::new();
    if summary.objects > 0 {
        items.push(("object", "{}", "object"));
    }
    if summary.plurals > 0 {
        items.push(("plural", "[]", "plural: a list, each element with an id"));
    }
    items.extend(
        marks
            .iter()
            .map(|mark| ("sign", mark.glyph(false), mark.meaning())),
    );
    let mut out = String::new();
    let (mut x, mut y) = (MARGIN, top);
    for (class, sign, meaning) in items {
        let sign_width = px(diagram::cells(sign) + 1);
        let needed = sign_width + px(meaning.len());
        if x > MARGIN && x + needed > width - MARGIN {
            (x, y) = (MARGIN, y + ROW);
        }
        let _ = writeln!(
            out,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y}\">{}</text>\
             <text class=\"soft\" x=\"{:.1}\" y=\"{y}\">{meaning}</text>",
            escaped(sign),
            x + sign_width,
        );
        x += needed + px(3);
    }
    (out, y)
}

/// The width of so many cells.
fn px(cells: usize) -> f64 {
    cells as f64 * CHAR
}

/// How many cells fit.
fn fitting(width: f64) -> usize {
    (width / CHAR).floor().max(0.0) as usize
}

/// `text`, which is clean, for XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
