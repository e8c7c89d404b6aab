//! Draws a screen's cells as an SVG picture, for the README and for looking at.
//!
//! The picture looks the same whatever font its viewer has: every glyph has its own place, borders and blocks are drawn
//! as shapes, and nothing outside the file is needed. Equal screens give equal bytes, so a test can compare a picture
//! that was kept. Absent on purpose: blinking, and the cursor, which is no part of a buffer.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::buffer::Cell;
use ratatui::style::Color;
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

/// The background that the picture is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Light text on a dark window.
    Dark,
    /// Dark text on a light window.
    Light,
}

/// A cell's size in pixels. Whole numbers, and even, so that neighbouring shapes meet without a hair line.
const CELL: (u16, u16) = (8, 18);
/// From a cell's top to the line its text stands on.
const BASELINE: u16 = 13;
/// Between the window's edge and its cells.
const PADDING: u16 = 16;
/// The height of the bar above the cells.
const BAR: u16 = 28;
/// The contrast that text needs, and that lines need (WCAG 2.2, 1.4.3 and 1.4.11, level AA).
const TEXT_CONTRAST: f64 = 4.5;
const LINE_CONTRAST: f64 = 3.0;

/// The screen as an SVG document. `title` is what the picture is called for people who do not see it.
pub fn svg(buffer: &Buffer, title: &str, look: Look) -> String {
    let palette = Palette::of(look);
    let mut layers = Layers::default();
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        let mut x = area.left();
        while x < area.right() {
            let cell = &buffer[(x, y)];
            // A buffer blanks the cell that a wide character covers.
            let width = (cell.symbol().width().max(1) as u16).min(area.right() - x);
            layers.add(
                cell,
                Place::new(x - area.left(), y - area.top(), width),
                &palette,
            );
            x += width;
        }
    }
    document(area.width, area.height, title, &palette, &layers)
}

/// The window and what is in it.
fn document(columns: u16, rows: u16, title: &str, palette: &Palette, layers: &Layers) -> String {
    let width = columns * CELL.0 + 2 * PADDING;
    let height = rows * CELL.1 + BAR + PADDING;
    let title = escaped(title);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\n\
         <title>{title}</title>\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{}\" stroke=\"{}\"/>\n",
        width - 1,
        height - 1,
        hex(palette.background),
        hex(palette.frame),
    );
    for button in 0..3 {
        let x = PADDING + 4 + button * 16;
        push(
            &mut out,
            format_args!(
                "<circle cx=\"{x}\" cy=\"14\" r=\"4\" fill=\"{}\"/>\n",
                hex(palette.frame)
            ),
        );
    }
    push(
        &mut out,
        format_args!("<g transform=\"translate({PADDING} {BAR})\">\n"),
    );
    layers.write(&mut out);
    out.push_str("</g>\n</svg>\n");
    out
}

/// Where a character is drawn, in pixels from the first cell's corner.
#[derive(Clone, Copy)]
struct Place {
    left: u16,
    top: u16,
    right: u16,
    bottom: u16,
}

impl Place {
    fn new(column: u16, row: u16, width: u16) -> Self {
        Self {
            left: column * CELL.0,
            top: row * CELL.1,
            right: (column + width) * CELL.0,
            bottom: (row + 1) * CELL.1,
        }
    }

    fn middle(self) -> (u16, u16) {
        (self.left + CELL.0 / 2, self.top + CELL.1 / 2)
    }
}

/// What is drawn, from the back to the front; each layer is put together from neighbouring cells when it is written.
#[derive(Default)]
struct Layers {
    backgrounds: Vec<Block>,
    blocks: Vec<Block>,
    /// The strokes of each colour and thickness in pixels.
    strokes: BTreeMap<(Rgb, u16), Strokes>,
    texts: Vec<Text>,
}

impl Layers {
    fn add(&mut self, cell: &Cell, place: Place, palette: &Palette) {
        let (ink, paper) = palette.colours(cell);
        if paper != palette.background {
            self.backgrounds.push(Block::whole(place, paper));
        }
        if cell.modifier.contains(Modifier::HIDDEN) {
            return;
        }
        let line_colour = legible(ink, paper, LINE_CONTRAST);
        let text_colour = legible(ink, paper, TEXT_CONTRAST);
        let mut glyphs = cell.symbol().chars();
        let only = glyphs.next().filter(|_| glyphs.next().is_none());
        if let Some(shape) = only.and_then(line_shape) {
            self.draw_line(&shape, place, line_colour);
        } else if let Some((part, share)) = only.and_then(block_shape) {
            self.blocks
                .push(part.block(place, mixed(paper, ink, share)));
        } else {
            self.write_glyph(cell, place, text_colour);
        }
        for (modifier, up) in [(Modifier::UNDERLINED, 3), (Modifier::CROSSED_OUT, 9)] {
            if cell.modifier.contains(modifier) {
                let y = place.bottom - up;
                self.strokes(text_colour, 1)
                    .level
                    .push((y, place.left, place.right));
            }
        }
    }

    fn strokes(&mut self, colour: Rgb, thickness: u16) -> &mut Strokes {
        self.strokes.entry((colour, thickness)).or_default()
    }

    fn draw_line(&mut self, shape: &LineShape, place: Place, colour: Rgb) {
        let (x, y) = place.middle();
        match *shape {
            LineShape::Arms([left, right, up, down]) => {
                let level = [(left, place.left, x), (right, x, place.right)];
                for (thickness, from, to) in level.into_iter().filter(|arm| arm.0 > 0) {
                    self.strokes(colour, thickness).level.push((y, from, to));
                }
                let upright = [(up, place.top, y), (down, y, place.bottom)];
                for (thickness, from, to) in upright.into_iter().filter(|arm| arm.0 > 0) {
                    self.strokes(colour, thickness).upright.push((x, from, to));
                }
            }
            LineShape::Corner { right, down } => {
                let end_x = if right { place.right } else { place.left };
                let end_y = if down { place.bottom } else { place.top };
                let curve = format!("M{x} {end_y}Q{x} {y} {end_x} {y}");
                self.strokes(colour, LIGHT).curves.push(curve);
            }
        }
    }

    fn write_glyph(&mut self, cell: &Cell, place: Place, colour: Rgb) {
        let style = TextStyle {
            colour,
            bold: cell.modifier.contains(Modifier::BOLD),
            italic: cell.modifier.contains(Modifier::ITALIC),
        };
        let blank = cell.symbol() == " ";
        let ordinary = is_ordinary(cell.symbol());
        if let Some(text) = self.texts.last_mut()
            && ordinary
            && text.ordinary
            && (text.top, text.right) == (place.top, place.left)
            && (blank || text.style == style)
        {
            text.glyphs.push_str(cell.symbol());
            text.lefts.push(place.left);
            text.right = place.right;
        } else if !blank {
            self.texts.push(Text {
                style,
                ordinary,
                top: place.top,
                lefts: vec![place.left],
                right: place.right,
                glyphs: cell.symbol().to_owned(),
            });
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str("<g shape-rendering=\"crispEdges\">\n");
        for block in joined_blocks(&self.backgrounds)
            .iter()
            .chain(&joined_blocks(&self.blocks))
        {
            block.write(out);
        }
        // Half a pixel aside, a line of one pixel covers one row of pixels, not two by half.
        out.push_str(
            "</g>\n<g fill=\"none\" stroke-linecap=\"square\" transform=\"translate(0.5 0.5)\">\n",
        );
        for (&(colour, thickness), strokes) in &self.strokes {
            strokes.write(out, colour, thickness);
        }
        out.push_str(
            "</g>\n<g font-family=\"'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace\" \
             font-size=\"13.33px\" xml:space=\"preserve\">\n",
        );
        for text in &self.texts {
            text.write(out);
        }
        out.push_str("</g>\n");
    }
}

/// A filled rectangle, in quarters of a pixel: an eighth of a cell's height is not a whole pixel.
#[derive(Clone, Copy, PartialEq)]
struct Block {
    left: u16,
    top: u16,
    right: u16,
    bottom: u16,
    colour: Rgb,
}

impl Block {
    fn whole(place: Place, colour: Rgb) -> Self {
        Part([0, 8, 0, 8]).block(place, colour)
    }

    fn write(&self, out: &mut String) {
        let [x, y, width, height] = [
            self.left,
            self.top,
            self.right - self.left,
            self.bottom - self.top,
        ]
        .map(|quarters| f64::from(quarters) / 4.0);
        let fill = hex(self.colour);
        push(
            out,
            format_args!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>\n"
            ),
        );
    }
}

/// Neighbours of one colour in a row become one.
fn joined_blocks(blocks: &[Block]) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::new();
    for block in blocks {
        match joined.last_mut() {
            Some(last)
                if last.right == block.left
                    && *block
                        == (Block {
                            left: block.left,
                            right: block.right,
                            ..*last
                        }) =>
            {
                last.right = block.right;
            }
            _ => joined.push(*block),
        }
    }
    joined
}

/// Lines of one colour and thickness.
#[derive(Default)]
struct Strokes {
    /// y, from x, to x.
    level: Vec<(u16, u16, u16)>,
    /// x, from y, to y.
    upright: Vec<(u16, u16, u16)>,
    /// Path data of rounded corners.
    curves: Vec<String>,
}

impl Strokes {
    fn write(&self, out: &mut String, colour: Rgb, thickness: u16) {
        let level = joined_lines(&self.level)
            .into_iter()
            .map(|(y, from, to)| format!("M{from} {y}H{to}"));
        let upright = joined_lines(&self.upright)
            .into_iter()
            .map(|(x, from, to)| format!("M{x} {from}V{to}"));
        let path: String = level
            .chain(upright)
            .chain(self.curves.iter().cloned())
            .collect();
        let stroke = hex(colour);
        push(
            out,
            format_args!("<path stroke=\"{stroke}\" stroke-width=\"{thickness}\" d=\"{path}\"/>\n"),
        );
    }
}

/// Lines that lie on one another and meet become one.
fn joined_lines(lines: &[(u16, u16, u16)]) -> Vec<(u16, u16, u16)> {
    let mut joined: Vec<(u16, u16, u16)> = Vec::new();
    for &(at, from, to) in &lines.iter().copied().collect::<BTreeSet<_>>() {
        match joined.last_mut() {
            Some(last) if last.0 == at && from <= last.2 => last.2 = last.2.max(to),
            _ => joined.push((at, from, to)),
        }
    }
    joined
}

/// Whether a glyph may share a text with its neighbours. Not all viewers heed more than the first of a text's places:
/// what comes from another font, as wide as that likes, would push its neighbours aside.
fn is_ordinary(glyph: &str) -> bool {
    let mut characters = glyph.chars();
    let first = characters.next();
    characters.next().is_none() && first.is_some_and(|first| first < '\u{500}')
}

/// Neighbouring glyphs of one style in one row.
struct Text {
    style: TextStyle,
    /// Whether it may go on: see [`is_ordinary`].
    ordinary: bool,
    top: u16,
    /// Each glyph's left edge.
    lefts: Vec<u16>,
    /// The last glyph's right edge.
    right: u16,
    glyphs: String,
}

#[derive(Clone, Copy, PartialEq)]
struct TextStyle {
    colour: Rgb,
    bold: bool,
    italic: bool,
}

impl Text {
    fn write(&self, out: &mut String) {
        let glyphs = self.glyphs.trim_end_matches(' ');
        let lefts: Vec<String> = self
            .lefts
            .iter()
            .take(glyphs.chars().count().max(1))
            .map(u16::to_string)
            .collect();
        let (x, y, fill) = (lefts.join(" "), self.top + BASELINE, hex(self.style.colour));
        let weight = if self.style.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let slant = if self.style.italic {
            " font-style=\"italic\""
        } else {
            ""
        };
        let glyphs = escaped(glyphs);
        push(
            out,
            format_args!(
                "<text x=\"{x}\" y=\"{y}\" fill=\"{fill}\"{weight}{slant}>{glyphs}</text>\n"
            ),
        );
    }
}

/// A thin line's thickness in pixels, and a heavy one's. Odd, so that both lie on whole pixels around one middle.
const LIGHT: u16 = 1;
const HEAVY: u16 = 3;

/// How a box-drawing character is drawn.
enum LineShape {
    /// Lines from the middle to the left, right, upper and lower edge, with their thickness; 0 is none.
    Arms([u16; 4]),
    /// A rounded corner.
    Corner { right: bool, down: bool },
}

fn line_shape(glyph: char) -> Option<LineShape> {
    const L: u16 = LIGHT;
    const H: u16 = HEAVY;
    let arms = match glyph {
        '─' => [L, L, 0, 0],
        '│' => [0, 0, L, L],
        '┌' => [0, L, 0, L],
        '┐' => [L, 0, 0, L],
        '└' => [0, L, L, 0],
        '┘' => [L, 0, L, 0],
        '├' => [0, L, L, L],
        '┤' => [L, 0, L, L],
        '┬' => [L, L, 0, L],
        '┴' => [L, L, L, 0],
        '┼' => [L, L, L, L],
        '━' => [H, H, 0, 0],
        '┃' => [0, 0, H, H],
        '┏' => [0, H, 0, H],
        '┓' => [H, 0, 0, H],
        '┗' => [0, H, H, 0],
        '┛' => [H, 0, H, 0],
        '┣' => [0, H, H, H],
        '┫' => [H, 0, H, H],
        '┳' => [H, H, 0, H],
        '┻' => [H, H, H, 0],
        '╋' => [H, H, H, H],
        '╴' => [L, 0, 0, 0],
        '╶' => [0, L, 0, 0],
        '╵' => [0, 0, L, 0],
        '╷' => [0, 0, 0, L],
        '╸' => [H, 0, 0, 0],
        '╺' => [0, H, 0, 0],
        '╹' => [0, 0, H, 0],
        '╻' => [0, 0, 0, H],
        '╭' => {
            return Some(LineShape::Corner {
                right: true,
                down: true,
            });
        }
        '╮' => {
            return Some(LineShape::Corner {
                right: false,
                down: true,
            });
        }
        '╰' => {
            return Some(LineShape::Corner {
                right: true,
                down: false,
            });
        }
        '╯' => {
            return Some(LineShape::Corner {
                right: false,
                down: false,
            });
        }
        _ => return None,
    };
    Some(LineShape::Arms(arms))
}

/// A part of a cell: left, right, top and bottom edge in eighths of the cell.
struct Part([u16; 4]);

impl Part {
    fn block(&self, place: Place, colour: Rgb) -> Block {
        let [left, right, top, bottom] = self.0;
        let (width, height) = (place.right - place.left, place.bottom - place.top);
        Block {
            left: 4 * place.left + left * width / 2,
            right: 4 * place.left + right * width / 2,
            top: 4 * place.top + top * height / 2,
            bottom: 4 * place.top + bottom * height / 2,
            colour,
        }
    }
}

/// The part of its cell that a block element fills, and the share of its colour, the rest being background.
fn block_shape(glyph: char) -> Option<(Part, f64)> {
    let code = glyph as u16;
    Some(match glyph {
        '▀' => (Part([0, 8, 0, 4]), 1.0),
        '▁'..='█' => (Part([0, 8, 8 - (code - '▀' as u16), 8]), 1.0),
        '▉'..='▏' => (Part([0, '▏' as u16 + 1 - code, 0, 8]), 1.0),
        '▐' => (Part([4, 8, 0, 8]), 1.0),
        '░' => (Part([0, 8, 0, 8]), 0.25),
        '▒' => (Part([0, 8, 0, 8]), 0.5),
        '▓' => (Part([0, 8, 0, 8]), 0.75),
        '▔' => (Part([0, 8, 0, 1]), 1.0),
        '▕' => (Part([7, 8, 0, 8]), 1.0),
        _ => return None,
    })
}

type Rgb = [u8; 3];

/// What the terminal's own colours are.
struct Palette {
    background: Rgb,
    foreground: Rgb,
    /// The window's edge and buttons.
    frame: Rgb,
    sixteen: [Rgb; 16],
}

impl Palette {
    fn of(look: Look) -> Self {
        let [background, foreground, frame] = match look {
            Look::Dark => [0x16_1b22, 0xd5_dbe3, 0x3d_444d],
            Look::Light => [0xff_ffff, 0x24_2a31, 0xd0_d7de],
        }
        .map(rgb);
        // Black, red, green, yellow, blue, magenta, cyan, grey; then the same, bright.
        let sixteen = match look {
            Look::Dark => [
                0x0d_1117, 0xff_7b72, 0x56_c96b, 0xdd_b34a, 0x74_b3ff, 0xd1_a0ff, 0x4c_c9d6,
                0xb7_c0ca, 0x86_909b, 0xff_a198, 0x7e_e29a, 0xf0_d173, 0xa2_cfff, 0xe2_c5ff,
                0x8d_e6ee, 0xff_ffff,
            ],
            Look::Light => [
                0x1b_1f24, 0xc3_1f2b, 0x15_7235, 0x8a_5a00, 0x05_5fc4, 0x7f_46c9, 0x07_6d7c,
                0x57_606a, 0x67_707a, 0xa8_1822, 0x0f_6029, 0x70_4900, 0x04_4fa5, 0x66_35a8,
                0x06_5c69, 0x42_4a53,
            ],
        };
        Self {
            background,
            foreground,
            frame,
            sixteen: sixteen.map(rgb),
        }
    }

    /// The colour a cell is drawn in, and its background, as its modifiers make them.
    fn colours(&self, cell: &Cell) -> (Rgb, Rgb) {
        let ink = self.colour(cell.fg).unwrap_or(self.foreground);
        let paper = self.colour(cell.bg).unwrap_or(self.background);
        let (ink, paper) = if cell.modifier.contains(Modifier::REVERSED) {
            (paper, ink)
        } else {
            (ink, paper)
        };
        let share = if cell.modifier.contains(Modifier::DIM) {
            0.6
        } else {
            1.0
        };
        (mixed(paper, ink, share), paper)
    }

    /// `None` is the terminal's default.
    fn colour(&self, colour: Color) -> Option<Rgb> {
        let index = match colour {
            Color::Reset => return None,
            Color::Rgb(red, green, blue) => return Some([red, green, blue]),
            Color::Indexed(index) => index,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 8,
            Color::LightRed => 9,
            Color::LightGreen => 10,
            Color::LightYellow => 11,
            Color::LightBlue => 12,
            Color::LightMagenta => 13,
            Color::LightCyan => 14,
            Color::White => 15,
        };
        Some(self.indexed(index))
    }

    /// One of the 256 colours: the sixteen, a cube of 6×6×6, and greys.
    fn indexed(&self, index: u8) -> Rgb {
        match index {
            0..=15 => self.sixteen[usize::from(index)],
            16..=231 => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let cube = index - 16;
                [cube / 36, cube / 6 % 6, cube % 6].map(level)
            }
            232..=255 => [8 + 10 * (index - 232); 3],
        }
    }
}

fn rgb(hex: u32) -> Rgb {
    let [_, red, green, blue] = hex.to_be_bytes();
    [red, green, blue]
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// `share` of one colour, the rest of the other.
fn mixed(rest: Rgb, colour: Rgb, share: f64) -> Rgb {
    std::array::from_fn(|i| {
        (f64::from(colour[i]) * share + f64::from(rest[i]) * (1.0 - share)).round() as u8
    })
}

/// The colour, moved towards black or white as far as this contrast needs.
fn legible(colour: Rgb, paper: Rgb, wanted: f64) -> Rgb {
    let (black, white) = ([0; 3], [255; 3]);
    let goal = if contrast(black, paper) > contrast(white, paper) {
        black
    } else {
        white
    };
    (0..=20)
        .map(|step| mixed(colour, goal, f64::from(step) / 20.0))
        .find(|colour| contrast(*colour, paper) >= wanted)
        .unwrap_or(goal)
}

/// The contrast ratio of two colours, from 1 to 21 (WCAG 2.2).
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Rgb) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// For an XML text or attribute. What XML cannot hold becomes the replacement character.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            control if control.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text)
        .expect("writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    fn drawn(lines: &[(&str, Style)]) -> String {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(3, 2, 20, lines.len() as u16));
        for (row, (text, style)) in lines.iter().enumerate() {
            buffer.set_string(3, 2 + row as u16, text, *style);
        }
        svg(&buffer, "A <\"screen\"> & more", Look::Dark)
    }

    /// Panics unless tags nest, attributes are quoted, and `&` begins an entity.
    fn assert_well_formed(xml: &str) {
        let mut open = Vec::new();
        for piece in xml.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').expect("a tag ends");
            assert!(!text.contains('>'), "{text}");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            for entity in piece.split('&').skip(1) {
                let name = entity.split(';').next().expect("split gives a piece");
                assert!(["amp", "lt", "gt", "quot"].contains(&name), "{entity}");
            }
            let name = tag
                .split([' ', '/'])
                .find(|name| !name.is_empty())
                .expect("a tag has a name");
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn foreign_text_stays_text() {
        let picture = drawn(&[("a<b>&\"c\" ]]>", Style::new())]);
        assert_well_formed(&picture);
        assert!(
            picture.contains("aria-label=\"A &lt;&quot;screen&quot;&gt; &amp; more\""),
            "{picture}"
        );
        assert!(
            picture.contains(">a&lt;b&gt;&amp;&quot;c&quot; ]]&gt;</text>"),
            "{picture}"
        );
        assert_eq!(escaped("\u{1b}[1m\u{ffff}"), "\u{fffd}[1m\u{fffd}");
    }

    #[test]
    fn every_glyph_has_its_place_and_wide_ones_take_two() {
        let picture = drawn(&[("a  b名cd ", Style::new()), ("x😀y", Style::new())]);
        assert_well_formed(&picture);
        for text in [
            "<text x=\"0 8 16 24\" y=\"13\" fill=\"#d5dbe3\">a  b</text>",
            "<text x=\"32\" y=\"13\" fill=\"#d5dbe3\">名</text>",
            "<text x=\"48 56\" y=\"13\" fill=\"#d5dbe3\">cd</text>",
            "<text x=\"0\" y=\"31\" fill=\"#d5dbe3\">x</text>",
            "<text x=\"8\" y=\"31\" fill=\"#d5dbe3\">😀</text>",
            "<text x=\"24\" y=\"31\" fill=\"#d5dbe3\">y</text>",
        ] {
            assert!(picture.contains(text), "{text}: {picture}");
        }
    }

    #[test]
    fn borders_are_one_path_of_joined_lines() {
        let plain = Style::new();
        let picture = drawn(&[
            ("┌──┐", plain),
            ("│  │", plain),
            ("└──┘", plain),
            ("━╸╭", plain),
        ]);
        assert_well_formed(&picture);
        let light = "M4 9H28M4 45H28M4 9V45M28 9V45M20 72Q20 63 24 63";
        assert!(
            picture.contains(&format!("stroke-width=\"1\" d=\"{light}\"")),
            "{picture}"
        );
        assert!(
            picture.contains("stroke-width=\"3\" d=\"M0 63H12\""),
            "{picture}"
        );
        assert!(!picture.contains("<text"), "{picture}");
    }

    #[test]
    fn blocks_and_backgrounds_are_joined_rectangles() {
        let red = Style::new().bg(Color::Rgb(200, 0, 0));
        let picture = drawn(&[("ab名", red), ("▁▁█", Style::new())]);
        assert_well_formed(&picture);
        for rectangle in [
            "<rect x=\"0\" y=\"0\" width=\"32\" height=\"18\" fill=\"#c80000\"/>",
            "<rect x=\"0\" y=\"33.75\" width=\"16\" height=\"2.25\" fill=\"#d5dbe3\"/>",
            "<rect x=\"16\" y=\"18\" width=\"8\" height=\"18\" fill=\"#d5dbe3\"/>",
        ] {
            assert!(picture.contains(rectangle), "{picture}");
        }
    }

    #[test]
    fn modifiers_show() {
        let with = |modifier| Style::new().add_modifier(modifier);
        let picture = drawn(&[
            ("bold", with(Modifier::BOLD)),
            ("italic", with(Modifier::ITALIC)),
            ("a b", with(Modifier::UNDERLINED)),
            ("no", with(Modifier::CROSSED_OUT)),
            ("turned", with(Modifier::REVERSED)),
            ("secret", with(Modifier::HIDDEN)),
        ]);
        assert_well_formed(&picture);
        for part in [
            "font-weight=\"bold\">bold<",
            "font-style=\"italic\">italic<",
            "M0 51H24M0 63H16",
            "height=\"18\" fill=\"#d5dbe3\"/>",
            "fill=\"#161b22\">turned<",
        ] {
            assert!(picture.contains(part), "{part}: {picture}");
        }
        assert!(!picture.contains("secret"), "{picture}");
    }

    #[test]
    fn text_is_legible_in_every_colour() {
        for look in [Look::Dark, Look::Light] {
            let palette = Palette::of(look);
            let unreadable = if look == Look::Dark { 0 } else { 16 };
            for (index, colour) in palette.sixteen.into_iter().enumerate() {
                let plain = contrast(colour, palette.background);
                assert!(
                    plain >= TEXT_CONTRAST || index == unreadable,
                    "{look:?} {index}: {plain}"
                );
            }
            for index in 0..=255 {
                for dim in [Modifier::empty(), Modifier::DIM] {
                    for (fg, bg) in [
                        (Color::Indexed(index), Color::Red),
                        (Color::Reset, Color::Indexed(index)),
                    ] {
                        let mut cell = Cell::EMPTY;
                        cell.set_style(Style::new().fg(fg).bg(bg).add_modifier(dim));
                        let (ink, paper) = palette.colours(&cell);
                        let shown = contrast(legible(ink, paper, TEXT_CONTRAST), paper);
                        assert!(shown >= TEXT_CONTRAST, "{look:?} {fg:?} on {bg:?}: {shown}");
                    }
                }
            }
        }
    }
}
