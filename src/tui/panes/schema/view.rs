//! Drawing the tree.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::schema::diagram::Mark;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::design::Change;
use crate::tui::panes::schema::design::Node;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::panes::schema::design::State;
use crate::tui::panes::schema::rows::Row;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// What stands for a name that is still to be given.
pub(in crate::tui::panes::schema) const NO_NAME: &str = "‹no name yet›";

/// Cells before the guides: the mark of the state and a blank.
const MARK: usize = 2;

/// Cells of a level of nesting.
const LEVEL: usize = 2;

/// Names are cut rather than leave less than this many cells for constraints.
const LEAST_FOR_RULES: usize = 11;

/// Cells of a type, with the gap, before names are cut for it: the longest ones are cut themselves.
const TYPES: usize = 17;

/// The longest name that columns are made for.
const MOST_FOR_NAMES: u16 = 60;

impl SchemaPane {
    /// Draws the tree.
    pub fn view(&self, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
        let Some(desk) = self.desk() else {
            let lines = [
                ("No entity type is open.".to_owned(), theme.text),
                (
                    keyed(
                        "<schema.begin> begins a new one: empty, a copy, a file, what is copied.",
                    ),
                    theme.dim,
                ),
                (
                    keyed("<app.types>, then <types.choose> opens one that is stored."),
                    theme.dim,
                ),
                (
                    keyed("<app.drafts> lists designs that were not finished."),
                    theme.dim,
                ),
            ];
            paragraphs::put(buf, area, &lines);
            return;
        };
        if let Some(side) = self.json() {
            // No secret is in a schema.
            side.text.view(&str::to_owned, theme, area, focused, buf);
            return;
        }
        let mut area = area;
        if self.shows_filter() && area.height > 0 {
            area.height -= 1;
            let line = Rect::new(area.x, area.bottom(), area.width, 1);
            self.view_filter(desk, theme, line, buf);
        }
        let columns = desk.columns(area.width);
        let view = desk.cursor.view(desk.rows.len(), focused);
        list::draw(buf, area, view, theme, |at| match desk.rows.get(at) {
            Some(row) => desk.line(*row, theme, columns),
            None => Line::default(),
        });
        desk.view_below(theme, area, buf);
    }

    fn view_filter(&self, desk: &Desk, theme: &Theme, line: Rect, buf: &mut Buffer) {
        let at = text::put(buf, line.x, line.y, line.width, "/ ", theme.hint_key);
        let room = line.right().saturating_sub(at);
        if let Some(input) = &self.filtering {
            input.view(Rect::new(at, line.y, room, 1), buf);
            return;
        }
        let end = text::put(buf, at, line.y, room, &desk.filter, theme.value);
        let room = line.right().saturating_sub(end);
        text::put(
            buf,
            end,
            line.y,
            room,
            &keyed("   <app.back> shows all"),
            theme.dim,
        );
    }

    /// The verdict in one line.
    pub fn verdict(&self, theme: &Theme) -> String {
        match self.desk() {
            None => "no entity type is chosen".to_owned(),
            Some(desk) => match desk.design.problem_count() {
                0 => format!("{} {}", theme.glyphs.ok, desk.summary()),
                1 => format!("{} 1 problem  · {}", theme.glyphs.error, desk.summary()),
                count => format!(
                    "{} {count} problems  · {}",
                    theme.glyphs.error,
                    desk.summary()
                ),
            },
        }
    }
}

/// The cells that the parts of the rows need.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tui::panes::schema) struct Widths {
    names: usize,
    types: usize,
    /// States and constraints, short.
    short: usize,
    /// The same, written out.
    words: usize,
}

/// What a row was measured of.
#[derive(Debug)]
pub(in crate::tui::panes::schema) struct Measured {
    node: Arc<Node>,
    state: State,
    widths: Widths,
}

impl Measured {
    /// Whether this is still true of an attribute: in what respects one is changed depends on more than itself.
    fn is_of(&self, node: &Arc<Node>, state: State) -> bool {
        let hangs_together = matches!(state, State::Changed | State::Removed);
        Arc::ptr_eq(&self.node, node) && self.state == state && !hangs_together
    }
}

/// Where what stands in a row.
#[derive(Clone, Copy, Debug)]
struct Columns {
    /// Cells of guides and name, with a gap.
    names: usize,
    /// Cells of the type, with a gap.
    types: usize,
    /// Whether constraints are written out.
    words: bool,
}

impl Desk {
    /// How much there is: `6 attributes · 2 changes`.
    pub(in crate::tui::panes::schema) fn summary(&self) -> String {
        let attributes = counted(self.design.attribute_count(), "attribute");
        match self.design.change_count() {
            _ if self.design.stored().is_none() => attributes,
            0 => format!("{attributes} · as stored"),
            changes => format!("{attributes} · {}", counted(changes, "change")),
        }
    }

    /// Types are shown whole, then names, then constraints, as far as there is room.
    fn columns(&self, width: u16) -> Columns {
        let width = usize::from(width).saturating_sub(MARK);
        let widths = self.widths;
        let types = (widths.types + 1).clamp(8, (width / 3).max(TYPES));
        let rest = width.saturating_sub(types);
        let rules = widths.short.min(LEAST_FOR_RULES);
        let names = (widths.names + 2).min(rest.saturating_sub(rules)).max(14);
        Columns {
            names,
            types,
            words: widths.words <= rest.saturating_sub(names),
        }
    }

    /// Measures what the parts of the rows need; a row whose attribute is as it was is not measured again.
    pub(in crate::tui::panes::schema) fn measure(&mut self) {
        let mut before = std::mem::take(&mut self.measured);
        let mut widest = Widths::default();
        for row in &self.rows {
            let Some((id, node)) = row.node.and_then(|id| Some((id, self.design.shared(id)?)))
            else {
                continue;
            };
            let state = self.design.state(id);
            let known = before.remove(&id).filter(|known| known.is_of(node, state));
            let widths = known.map_or_else(|| self.widths_of(id, node, state), |it| it.widths);
            widest = Widths {
                names: widest.names.max(widths.names + LEVEL * (row.depth + 1)),
                types: widest.types.max(widths.types),
                short: widest.short.max(widths.short),
                words: widest.words.max(widths.words),
            };
            let measured = Measured {
                node: Arc::clone(node),
                state,
                widths,
            };
            self.measured.insert(id, measured);
        }
        self.widths = widest;
    }

    /// The cells that the parts of an attribute's row need; of its name without what stands before it.
    fn widths_of(&self, id: NodeId, node: &Node, state: State) -> Widths {
        let is_key = node.def.has_feature(&Feature::PrimaryKey);
        let name = usize::from(text::width_up_to(&node.def.name, MOST_FOR_NAMES));
        let rules = |words| {
            let word = self.state_word(id, state, words);
            let word = word.map_or(0, |word| word.chars().count() + 2);
            word + rules(node, state, words).chars().count()
        };
        Widths {
            names: name + if is_key { 2 } else { 0 },
            types: type_of(node).chars().count(),
            short: rules(false),
            words: rules(true),
        }
    }

    /// The column of the mark by which a row is folded.
    pub(in crate::tui::panes::schema) fn fold_column(row: Row) -> usize {
        MARK + LEVEL * row.depth
    }

    fn line(&self, row: Row, theme: &Theme, columns: Columns) -> Line<'static> {
        match row.node {
            None => self.type_line(theme),
            Some(id) => self.node_line(id, row, theme, columns),
        }
    }

    fn type_line(&self, theme: &Theme) -> Line<'static> {
        let tree = self.design.tree();
        let mark = if self.design.general_problems().is_empty() {
            Span::raw("  ")
        } else {
            Span::styled(format!("{} ", theme.glyphs.error), theme.error)
        };
        let name = if tree.name.is_empty() {
            Span::styled(NO_NAME, theme.placeholder)
        } else {
            Span::styled(tree.name.clone(), theme.accent)
        };
        let what = match self.design.stored() {
            None => "   new entity type",
            Some(_) => "   entity type",
        };
        Line::from(vec![mark, name, Span::styled(what, theme.dim)])
    }

    fn node_line(&self, id: NodeId, row: Row, theme: &Theme, columns: Columns) -> Line<'static> {
        let Some(node) = self.design.node(id) else {
            return Line::default();
        };
        let state = self.design.state(id);
        let has_problem = !self.design.problems_at(id).is_empty();
        let (mark, style) = match state {
            _ if has_problem => (theme.glyphs.error, theme.error),
            // A mark on every row says nothing: only what differs from what is stored has one.
            State::New if self.design.stored().is_none() => (" ", theme.dim),
            _ => mark(state, theme),
        };
        let is_dim = matches!(state, State::BuiltIn | State::Removed) || !row.is_match;
        let text_style = if is_dim { theme.dim } else { theme.text };
        let mut spans = vec![
            Span::styled(format!("{mark} "), style),
            Span::styled(self.guides(id, row, theme), theme.border),
        ];
        let taken = LEVEL * (row.depth + 1);
        spans.extend(name_cell(
            node,
            columns.names.saturating_sub(taken),
            text_style,
            theme,
        ));
        let type_style = match node.def.attr_type {
            AttrType::Object(_) | AttrType::Plural(_) if !is_dim => theme.accent,
            _ => theme.dim,
        };
        spans.push(Span::styled(
            cell(&type_of(node), columns.types),
            type_style,
        ));
        if let Some(word) = self.state_word(id, state, columns.words) {
            spans.push(Span::styled(format!("{word}  "), style_of(state, theme)));
        }
        let rules = rules(node, state, columns.words);
        spans.push(Span::styled(rules, text_style));
        Line::from(spans)
    }

    /// The lines that show what is in what, and the mark of what can be folded.
    fn guides(&self, id: NodeId, row: Row, theme: &Theme) -> String {
        let mut guides = String::new();
        for level in 1..row.depth {
            guides.push_str(if row.follows_at(level) { "│ " } else { "  " });
        }
        let is_nested = row.depth > 0;
        if is_nested {
            guides.push_str(if row.follows_at(row.depth) {
                "├─"
            } else {
                "└─"
            });
        }
        if self.holds_shown(id) {
            let is_folded = self.folded.contains(&id) && self.filter.is_empty();
            guides.push_str(if is_folded {
                theme.glyphs.folded
            } else {
                theme.glyphs.unfolded
            });
            guides.push(' ');
        } else {
            guides.push_str(if is_nested { "─ " } else { "  " });
        }
        guides
    }

    fn state_word(&self, id: NodeId, state: State, words: bool) -> Option<String> {
        Some(match state {
            State::Same => return None,
            State::BuiltIn => "built-in".to_owned(),
            // In a new entity type all is.
            State::New if self.design.stored().is_none() => return None,
            State::New => "NEW".to_owned(),
            State::Removed if self.design.goes_along(id) => "goes along".to_owned(),
            State::Removed => "removed".to_owned(),
            State::Changed if words => {
                let changes = self.design.changes(id);
                let aspects: Vec<&str> = changes.iter().map(Change::word).collect();
                format!("changed: {}", aspects.join(", "))
            }
            State::Changed => "changed".to_owned(),
        })
    }

    /// What there is to know below the last row, when there is room.
    fn view_below(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let shown = self.rows.len().saturating_sub(self.cursor.offset);
        let from = u16::try_from(shown).unwrap_or(u16::MAX).saturating_add(1);
        if from >= area.height {
            return;
        }
        let below = Rect {
            x: area.x + MARK as u16,
            y: area.y + from,
            width: area.width.saturating_sub(MARK as u16),
            height: area.height - from,
        };
        let is_new = self.design.stored().is_none();
        let told = match (self.rows.len(), is_new) {
            _ if !self.filter.is_empty() && self.rows.len() == 1 => {
                "No attribute's name contains this."
            }
            (1, true) => {
                "No attributes yet: <schema.add> adds the first. id, uuid, created and lastUpdated come by themselves."
            }
            (_, true) => {
                "sent in this order; the service sorts by name and adds id, uuid, created, lastUpdated"
            }
            (_, false) => "as the service sorts: built-ins, then by name",
        };
        paragraphs::put(buf, below, &[(told.to_owned(), theme.dim)]);
    }
}

/// `1 change`, `3 changes`.
pub(in crate::tui::panes::schema) fn counted(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

fn mark(state: State, theme: &Theme) -> (&'static str, Style) {
    let mark = match state {
        State::New => "+",
        State::Changed => "~",
        State::Removed => "-",
        State::BuiltIn | State::Same => " ",
    };
    (mark, style_of(state, theme))
}

/// The style of a state's mark and word.
pub(in crate::tui::panes::schema) fn style_of(state: State, theme: &Theme) -> Style {
    match state {
        State::New => theme.ok,
        State::Changed => theme.warning,
        State::Removed => theme.error,
        State::BuiltIn | State::Same => theme.dim,
    }
}

/// The type as a row shows it: what holds others, with how many.
fn type_of(node: &Node) -> String {
    let count = node.shown_members().len();
    match &node.def.attr_type {
        AttrType::Object(_) => format!("object {{{count}}}"),
        AttrType::Plural(_) => format!("plural [{count}]"),
        other => other.describe(),
    }
}

fn name_cell(node: &Node, cells: usize, style: Style, theme: &Theme) -> Vec<Span<'static>> {
    let is_key = node.def.has_feature(&Feature::PrimaryKey);
    let room = cells.saturating_sub(if is_key { 3 } else { 1 });
    let (name, style) = match node.def.name.as_str() {
        "" => (NO_NAME, theme.placeholder),
        name => (name, style),
    };
    let name = text::fit(name, u16::try_from(room).unwrap_or(u16::MAX));
    let mut used = usize::from(text::width_up_to(&name, u16::MAX));
    let mut spans = vec![Span::styled(name, style)];
    if is_key {
        let key = Mark::PrimaryKey.glyph(theme.glyphs.ascii_only);
        spans.push(Span::styled(format!(" {key}"), theme.required));
        used += 2;
    }
    spans.push(Span::raw(" ".repeat(cells.saturating_sub(used))));
    spans
}

/// A text cut and filled to so many cells, the last a blank.
fn cell(content: &str, cells: usize) -> String {
    let room = cells.saturating_sub(1);
    let shown = text::fit(content, u16::try_from(room).unwrap_or(u16::MAX));
    let used = usize::from(text::width_up_to(&shown, u16::MAX));
    format!("{shown}{}", " ".repeat(cells.saturating_sub(used)))
}

/// Constraints and features, written out or short; of what goes, nothing.
fn rules(node: &Node, state: State, words: bool) -> String {
    if state == State::Removed {
        return String::new();
    }
    let constraints = node.def.constraints.iter().flatten();
    let features = node.def.features.iter().flatten();
    let mut rules: Vec<&str> = if words {
        let constraints = constraints.map(Constraint::name);
        constraints.chain(features.map(Feature::name)).collect()
    } else {
        let features = features.filter(|feature| **feature != Feature::PrimaryKey);
        constraints
            .map(short)
            .chain(features.map(Feature::name))
            .collect()
    };
    if let AttrType::String {
        case_sensitive: false,
        ..
    } = node.def.attr_type
    {
        rules.push(if words { "any-case" } else { "aA" });
    }
    rules.join(" ")
}

/// A constraint in a few letters that speak for themselves.
fn short(constraint: &Constraint) -> &str {
    match constraint {
        Constraint::Required => "req",
        Constraint::Unique => "uniq",
        Constraint::LocallyUnique => "local",
        Constraint::Alphabetic => "a-z",
        Constraint::Alphanumeric => "a-z0-9",
        Constraint::UnicodeLetters => "letters",
        Constraint::UnicodePrintable => "print",
        Constraint::EmailAddress => "mail",
        Constraint::Other(name) => name,
    }
}
