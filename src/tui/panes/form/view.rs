//! Draws the form: only the rows on the screen are looked at.
//!
//! ```text
//!  ▾ Required (1)                                              5 of 38 set
//!    ● email *              bob@example.com                string≤256 uniq
//!    ▸ primaryAddress       object · 0 of 9 set
//!    │ │                    │                                            │
//!    │ name                 value                                    notes
//!    mark: required, problem, fold
//! ```

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::style::Style;
use ratatui::text::Span;
use ratatui::widgets::Widget;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::schema::AttrDef;
use crate::capture::secret;
use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::masking;
use crate::tui::masking::Mask;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Target;
use crate::tui::panes::form::Typing;
use crate::tui::panes::form::build::NAME_CELLS;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::editors;
use crate::tui::panes::form::editors::choice;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::json::text::without_secrets;
use crate::tui::panes::form::judging::Tone;
use crate::tui::panes::form::rows;
use crate::tui::panes::form::rows::Group;
use crate::tui::panes::form::rows::Row;
use crate::tui::panes::form::rows::RowKind;
use crate::tui::panes::form::sending::Mark;
use crate::tui::session::Session;
use crate::tui::theme::Theme;
use crate::tui::widgets::text;

/// How far of a value is looked at for one line of the screen.
const VALUE_HEAD: usize = 1000;

/// How many members a folded element tells of itself.
const SUMMARY_MEMBERS: usize = 6;

/// The column where values start at the latest.
const MOST_FOR_NAMES: u16 = 30;

/// Where things stand in a row of this width.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    width: u16,
    value: u16,
    reason: u16,
}

impl Columns {
    /// The columns of a form that is `width` cells wide and whose names, indented, take `names` cells. Names get what
    /// they need, but values keep more than half.
    pub fn new(width: u16, names: u16) -> Self {
        let most = (u32::from(width) * 9 / 20) as u16;
        let most = most.min(MOST_FOR_NAMES);
        let value = (names.saturating_add(6)).min(most).max(16).min(width / 2);
        Self {
            width,
            value,
            reason: if width < 46 { 5 } else { value },
        }
    }

    /// Where values begin.
    pub fn value(self) -> u16 {
        self.value
    }

    /// How many cells a line of a problem may take.
    pub fn reason_width(self) -> usize {
        self.width.saturating_sub(self.reason + 3).max(1).into()
    }

    /// Whether a row's fold is drawn at this column, or right beside it: a small thing to hit.
    pub fn is_mark(self, column: u16, depth: u16) -> bool {
        self.mark(depth).abs_diff(column) <= 1
    }

    /// Where a row's mark stands. Deep rows stay where names and values still have room.
    fn mark(self, depth: u16) -> u16 {
        let deepest = self.value.saturating_sub(NAME_CELLS + 5) / 2;
        3 + 2 * depth.min(deepest)
    }

    /// Whether types stand at the right.
    fn has_notes(self) -> bool {
        self.width >= 60
    }

    /// Where text ends at the right, a blank before the frame.
    fn right(self) -> u16 {
        self.width.saturating_sub(1)
    }
}

impl FormPane {
    /// Draws the form.
    pub fn view(
        &self,
        session: &Session,
        theme: &Theme,
        area: Rect,
        focused: bool,
        buf: &mut Buffer,
    ) {
        let Some(draft) = self.draft() else {
            let message = match &session.type_name {
                Some(name) if self.keeper.awaits_draft => {
                    format!("{} reading the draft of {name}", theme.glyphs.running)
                }
                Some(name) if self.awaits_schema => {
                    format!("{} loading the schema of {name}", theme.glyphs.running)
                }
                Some(name) => {
                    format!(
                        "The schema of {name} did not come. {} on {name} in {} asks again.",
                        keyed("<types.choose>"),
                        keyed("<app.types>")
                    )
                }
                None => "Choose an entity type to write a record of it.".to_owned(),
            };
            say(buf, area, &message, theme.dim);
            return;
        };
        if let Some(view) = self.json_view() {
            if session.mask.is_some() {
                let message = keyed(
                    "The JSON is not shown while personal data is masked: <app.mask> shows it.",
                );
                say(buf, area, &message, theme.dim);
                return;
            }
            let secrets = draft.schema.password_names();
            let mask = |line: &str| without_secrets(line, &secrets);
            view.text.view(&mask, theme, area, focused, buf);
            return;
        }
        let body = if self.shows_filter() {
            self.view_filter(draft, theme, area, buf);
            Rect {
                height: area.height.saturating_sub(1),
                ..area
            }
        } else {
            area
        };
        if draft.rows.is_empty() {
            let message = if draft.filter.is_empty() {
                "This entity type has no attributes to set. <app.send> adds an empty record."
            } else {
                "No attribute's path contains this."
            };
            say(buf, body, &keyed(message), theme.dim);
            return;
        }
        let view = View {
            draft,
            typing: self.typing.as_ref(),
            choosing: self.is_choosing_date(),
            theme,
            mask: session.mask.as_ref(),
            columns: Columns::new(area.width, draft.names),
            focused,
        };
        let visible = draft.rows.iter().enumerate().skip(draft.scroll);
        for ((at, row), y) in visible.zip(body.y..body.bottom()) {
            let line = Rect {
                y,
                height: 1,
                ..body
            };
            view.row(at, row, line, body.bottom(), buf);
        }
        if let Some(picker) = &self.picker {
            let frame = self.calendar_frame(picker, area);
            picker.view(theme, frame, session.now, buf);
        }
    }

    fn view_filter(&self, draft: &Draft, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let Some(y) = area.bottom().checked_sub(1).filter(|y| *y >= area.y) else {
            return;
        };
        let at = text::put(buf, area.x + 1, y, area.width, "/ ", theme.hint_key);
        let room = area.right().saturating_sub(at + 1);
        match &self.typing {
            Some(typing) if typing.target == Target::Filter => {
                let place = Rect::new(at, y, room, 1).intersection(buf.area);
                typing.area.render(place, buf);
            }
            _ => {
                let end = text::put(buf, at, y, room, &draft.filter, theme.value);
                let room = area.right().saturating_sub(end + 1);
                text::put(
                    buf,
                    end,
                    y,
                    room,
                    &keyed("  <app.back> shows all"),
                    theme.dim,
                );
            }
        }
    }
}

/// A sentence where there is no form.
fn say(buf: &mut Buffer, area: Rect, message: &str, style: Style) {
    let width = area.width.saturating_sub(2);
    let message = sanitize::clean(message);
    let lines = sanitize::wrap(&message, width.into());
    for (line, y) in lines.iter().zip(area.y..area.bottom()) {
        text::put(buf, area.x + 1, y, width, line, style);
    }
}

/// What all rows are drawn with.
struct View<'a> {
    draft: &'a Draft,
    typing: Option<&'a Typing>,
    /// Whether a calendar lies over the rows.
    choosing: bool,
    theme: &'a Theme,
    mask: Option<&'a Mask>,
    columns: Columns,
    focused: bool,
}

impl View<'_> {
    fn row(&self, at: usize, row: &Row, line: Rect, bottom: u16, buf: &mut Buffer) {
        let under_cursor = at == self.draft.cursor;
        self.difference(row, line, buf);
        match row.kind {
            RowKind::Group(group) => self.group(group, at == 0, line, buf),
            RowKind::Field => {
                if let Some(field) = field::field(self.draft.fields(), &row.place) {
                    self.field(field, row, under_cursor, line, buf);
                }
            }
            RowKind::Element => {
                if let Some(Node::Element(element)) = field::node(self.draft.fields(), &row.place) {
                    self.element(element, row, line, buf);
                }
            }
            RowKind::Reason(number) => self.reason(row, number, line, buf),
            RowKind::Note(number) => self.note(row, number, line, buf),
            RowKind::Editor(number) => {
                // The first row of it on the screen draws all of it.
                if number == 0 || at == self.draft.scroll {
                    let is_editor = |row: &&Row| matches!(row.kind, RowKind::Editor(_));
                    let rows = self.draft.rows[at..].iter().take_while(is_editor).count();
                    let height = (rows as u16).min(bottom - line.y);
                    self.editor(row, Rect { height, ..line }, buf);
                }
            }
        }
        // While a text is edited, its cursor is the only one.
        if under_cursor && !self.is_edited(row) {
            let style = self.theme.selected(self.focused);
            for x in line.x..line.right() {
                if let Some(cell) = buf.cell_mut((x, line.y)) {
                    cell.set_style(style);
                }
            }
        }
    }

    /// Marks a row that differs from what is stored, in the margin.
    fn difference(&self, row: &Row, line: Rect, buf: &mut Buffer) {
        let differs = matches!(row.kind, RowKind::Field | RowKind::Element);
        if let Some(mark) = self.draft.mark_of(&row.place).filter(|_| differs) {
            let style = match mark {
                Mark::Within => self.theme.dim,
                Mark::Changed | Mark::Added | Mark::Lacks => self.theme.warning,
            };
            text::put(buf, line.x, line.y, 1, mark.glyph(), style);
        }
    }

    fn group(&self, group: Group, is_first: bool, line: Rect, buf: &mut Buffer) {
        let draft = self.draft;
        let count = draft.group_len(group);
        let title = match group {
            Group::Required => "Required",
            Group::Set if draft.original.is_some() => "With a value",
            Group::Set => "Set by you",
            Group::Others if count == draft.fields().len() => "All attributes",
            Group::Others if draft.original.is_some() => "Without a value",
            Group::Others => "All other attributes",
        };
        let glyphs = &self.theme.glyphs;
        let open = draft.is_group_open(group) || !draft.filter.is_empty();
        let fold = if open { glyphs.unfolded } else { glyphs.folded };
        let heading = format!("{fold} {title} ({count})");
        let end = text::put(
            buf,
            line.x + 1,
            line.y,
            line.width.saturating_sub(2),
            &heading,
            self.theme.accent,
        );
        let note = match group {
            _ if is_first => draft.tally().in_words(draft.fields().len()),
            Group::Others if self.columns.has_notes() => keyed("[<form.filter>] filter"),
            _ => return,
        };
        let right = line.x + self.columns.right();
        let room = right.saturating_sub(end + 1);
        if text::width_up_to(&note, room + 1) <= room {
            text::put_right(buf, right, line.y, room, &note, self.theme.dim);
        }
    }

    fn field(&self, field: &Field, row: &Row, under_cursor: bool, line: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let columns = self.columns;
        self.mark(Node::Field(field), field.is_required(), row, line, buf);
        let name_at = columns.mark(row.depth) + 2;
        let star = if field.is_required() { 2 } else { 0 };
        let room = columns.value.saturating_sub(name_at + star + 1);
        let index = field::line_index(self.draft.fields(), &row.place);
        let name = match index {
            Some(index) => Cow::Owned(format!("[{index}]")),
            None => Cow::Borrowed(field.name()),
        };
        let end = text::put(buf, line.x + name_at, line.y, room, &name, theme.label);
        if star > 0 {
            text::put(buf, end, line.y, star, " *", theme.required);
        }
        let value_at = line.x + columns.value;
        let right = line.x + columns.right();
        if let Some(typing) = self.typing.filter(|_| self.is_edited(row)) {
            let right = self.counter(field, typing, value_at, right, line.y, buf);
            let room = right.saturating_sub(value_at);
            if typing.is_multiline() {
                let hint = keyed("<edit.leave> when done");
                text::put(buf, value_at, line.y, room, &hint, theme.dim);
            } else {
                let place = Rect::new(value_at, line.y, room, 1).intersection(buf.area);
                let style = theme.value.patch(theme.accent);
                buf.set_style(place, style);
                draw_text(typing, place, style, buf);
            }
            return;
        }
        let choices = choice::choices(field, theme)
            .filter(|_| under_cursor && right.saturating_sub(value_at) >= choice::WIDTH);
        let masked = self.masked(field, row);
        let spans = masked.or(choices).unwrap_or_else(|| self.value(field));
        let notes = self.notes(field, under_cursor);
        let whole = right.saturating_sub(value_at);
        let wanted: u16 = spans
            .iter()
            .map(|span| text::width_up_to(&span.content, whole))
            .sum();
        // The value comes first; of the notes, as many words are shown as the value leaves room for.
        let left_over = whole.saturating_sub(wanted.saturating_add(2));
        let notes = as_many_words(&notes, left_over);
        let taken = match text::width_up_to(notes, left_over) {
            0 => 0,
            shown => shown + 2,
        };
        text::put_spans(buf, value_at, line.y, whole.saturating_sub(taken), &spans);
        text::put_right(buf, right, line.y, left_over, notes, theme.dim);
    }

    /// What the field holds, in a line.
    /// What stands in place of a value that tells who somebody is, while somebody looks on.
    fn masked(&self, field: &Field, row: &Row) -> Option<Vec<Span<'static>>> {
        let holds = match &field.editor {
            Editor::Text(held) | Editor::Json(held) => !held.is_empty(),
            Editor::Plural(elements) => !lines_in_brief(field, elements).is_empty(),
            _ => false,
        };
        if !holds || field.presence != Presence::Given || field.is_secret() {
            return None;
        }
        let path = field::path_of(self.draft.fields(), &row.place);
        let names = path.0.iter().map(|segment| segment.name.as_str());
        let kind = self.mask?.kind(names)?;
        Some(vec![Span::styled(
            masking::placeholder(kind),
            self.theme.value,
        )])
    }

    fn value<'f>(&self, field: &'f Field) -> Vec<Span<'f>> {
        let theme = self.theme;
        let stand_in = |word: &'static str| Span::styled(word, theme.placeholder);
        let dim = |text: String| Span::styled(text, theme.dim);
        let separator = theme.glyphs.separator;
        match (&field.editor, field.presence) {
            (_, Presence::Null) => vec![stand_in("‹null›")],
            (Editor::Object(members), presence) => {
                if presence == Presence::Given && !members.iter().any(Field::is_set) {
                    return vec![stand_in("‹empty›"), dim(" object".to_owned())];
                }
                let set = members.iter().filter(|member| self.draft.counts(member));
                let (set, all) = (set.count(), members.len());
                vec![dim(format!("object {separator} {set} of {all} set"))]
            }
            (Editor::Plural(_), Presence::Absent) => {
                vec![stand_in("‹absent›"), dim(" plural".to_owned())]
            }
            (Editor::Plural(elements), Presence::Given) => {
                let values = lines_in_brief(field, elements);
                match elements.len() {
                    0 => vec![stand_in("‹empty›"), dim(" plural".to_owned())],
                    1 => vec![dim(format!("plural {separator} 1 item{values}"))],
                    count => vec![dim(format!("plural {separator} {count} items{values}"))],
                }
            }
            (_, Presence::Absent) => vec![stand_in("‹absent›")],
            (Editor::Text(held), Presence::Given) if held.is_empty() => vec![stand_in("‹empty›")],
            (_, Presence::Given) if field.is_secret() => {
                vec![Span::styled(secret::MASK, theme.value)]
            }
            (Editor::Text(held), Presence::Given) => {
                vec![Span::styled(head(held), theme.value)]
            }
            (Editor::Toggle(value), Presence::Given) => {
                vec![Span::styled(
                    if *value { "true" } else { "false" },
                    theme.value,
                )]
            }
            (Editor::Json(held), Presence::Given) => {
                vec![Span::styled(on_one_line(held), theme.value)]
            }
        }
    }

    fn notes(&self, field: &Field, under_cursor: bool) -> String {
        let add = matches!(field.editor, Editor::Plural(_))
            && (under_cursor || field.presence == Presence::Given);
        if add {
            // One word: the key is never shown without its label.
            return keyed("[<form.add>]\u{a0}add");
        }
        notes(&field.attr.def, self.columns.has_notes())
    }

    /// Draws the mark before the name: a fold, and what is required or wrong.
    fn mark(&self, node: Node<'_>, required: bool, row: &Row, line: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let glyphs = &theme.glyphs;
        let (unfolds, open) = match node {
            Node::Field(field) => (field.unfolds(), node.is_open()),
            Node::Element(element) => (true, element.open),
        };
        let mark = line.x + self.columns.mark(row.depth);
        let wrong = if open {
            self.draft.problems().at(&row.place).is_some()
        } else {
            self.draft.problems().any_within(&row.place)
        };
        let state = if wrong {
            Some((glyphs.error, theme.error))
        } else if required {
            Some((glyphs.dot, theme.required))
        } else {
            None
        };
        if unfolds {
            let fold = if open { glyphs.unfolded } else { glyphs.folded };
            text::put(buf, mark, line.y, 1, fold, theme.accent);
        }
        if let Some((glyph, style)) = state {
            let at = if unfolds { mark - 2 } else { mark };
            text::put(buf, at, line.y, 1, glyph, style);
        }
    }

    fn element(&self, element: &Element, row: &Row, line: Rect, buf: &mut Buffer) {
        self.mark(Node::Element(element), false, row, line, buf);
        let theme = self.theme;
        let at = line.x + self.columns.mark(row.depth) + 2;
        let right = line.x + self.columns.right();
        let index = row.place.last().copied().unwrap_or_default();
        let label = match element.id {
            Some(id) => format!("[{index}] #{id}"),
            None => format!("[{index}]"),
        };
        let end = text::put(
            buf,
            at,
            line.y,
            right.saturating_sub(at),
            &label,
            theme.label,
        );
        if !element.open {
            let room = right.saturating_sub(end + 1);
            text::put(
                buf,
                end + 1,
                line.y,
                room,
                &self.summary(element),
                theme.dim,
            );
        }
    }

    /// A folded element in a line: `{status: "active", statusCreated: …}`.
    fn summary(&self, element: &Element) -> String {
        let set: Vec<&Field> = element
            .fields
            .iter()
            .filter(|field| self.draft.counts(field))
            .collect();
        let mut parts: Vec<String> = set
            .iter()
            .take(SUMMARY_MEMBERS)
            .map(|field| format!("{}: {}", field.name(), in_brief(field)))
            .collect();
        if set.len() > SUMMARY_MEMBERS {
            parts.push("…".to_owned());
        }
        format!("{{{}}}", parts.join(", "))
    }

    fn reason(&self, row: &Row, number: u16, line: Rect, buf: &mut Buffer) {
        let Some(problem) = self.draft.problems().at(&row.place) else {
            return;
        };
        let width = self.columns.reason_width();
        let lines = rows::reason_lines(problem, width);
        let Some(reason) = lines.get(usize::from(number)) else {
            return;
        };
        let at = line.x + self.columns.reason;
        if number == 0 {
            text::put(
                buf,
                at,
                line.y,
                1,
                self.theme.glyphs.elbow,
                self.theme.error,
            );
        }
        text::put(buf, at + 2, line.y, width as u16, reason, self.theme.error);
    }

    /// Counts the text being edited where its length is limited. Returns the column where the text must end.
    fn counter(
        &self,
        field: &Field,
        typing: &Typing,
        from: u16,
        right: u16,
        y: u16,
        buf: &mut Buffer,
    ) -> u16 {
        let Some((count, most)) = editors::text::counter(field, &typing.area) else {
            return right;
        };
        let words = format!("{count}/{most}");
        let wide = words.len() as u16;
        let room = right.saturating_sub(from + wide + 1);
        // The text comes first, until its length is what matters.
        let fits = typing.is_multiline()
            || text::width_up_to(&typing.area.lines()[0], room.saturating_add(1)) < room;
        if room < wide || !fits && count < most / 10 * 9 {
            return right;
        }
        let style = if count > most {
            self.theme.error
        } else {
            self.theme.dim
        };
        text::put_right(buf, right, y, wide, &words, style).saturating_sub(1)
    }

    /// What is said of the text being edited.
    fn note(&self, row: &Row, number: u16, line: Rect, buf: &mut Buffer) {
        let Some(typing) = self.typing.filter(|_| !self.choosing) else {
            return;
        };
        let Some(note) = typing
            .judging
            .as_ref()
            .and_then(|judging| judging.note.as_ref())
        else {
            return;
        };
        let theme = self.theme;
        let (glyph, style) = match note.tone {
            Tone::Expected => (theme.glyphs.elbow, theme.dim),
            Tone::Right => (theme.glyphs.ok, theme.ok),
            Tone::Wrong => (theme.glyphs.error, theme.error),
        };
        // At the end of the lines that stand to its left, else below the value.
        let from = if typing.is_multiline() {
            self.columns.mark(row.depth) + 2
        } else {
            self.columns.reason
        };
        let at = line.x + from;
        if number == 0 {
            text::put(buf, at, line.y, 1, glyph, style);
        }
        if let Some(text) = note.lines.get(usize::from(number)) {
            let width = self.columns.right().saturating_sub(from + 2);
            text::put(buf, at + 2, line.y, width, text, style);
        }
    }

    fn editor(&self, row: &Row, area: Rect, buf: &mut Buffer) {
        let Some(typing) = self.typing else {
            return;
        };
        let at = self.columns.mark(row.depth) + 2;
        for y in area.y..area.bottom() {
            text::put(buf, area.x + at, y, 1, "│", self.theme.accent);
        }
        let place = Rect {
            x: area.x + at + 2,
            width: self.columns.right().saturating_sub(at + 2),
            ..area
        };
        let place = place.intersection(buf.area);
        draw_text(typing, place, self.theme.value, buf);
        self.mark_partner(typing, place, buf);
    }

    /// Marks the bracket that belongs to the one at the cursor, if it is in sight.
    fn mark_partner(&self, typing: &Typing, place: Rect, buf: &mut Buffer) {
        let partner = typing
            .partner
            .filter(|_| !editors::long::is_long(&typing.area));
        let Some((row, column)) = partner else {
            return;
        };
        let Some(line) = typing.area.lines().get(row) else {
            return;
        };
        let before: String = line.chars().take(column).collect();
        let bracket = line.chars().nth(column).map(String::from);
        let (top, left) = typing.area.scroll_offset();
        let cell =
            (row.checked_sub(top.into())).zip(sanitize::width(&before).checked_sub(left.into()));
        let Some((down, right)) = cell else {
            return;
        };
        if down >= usize::from(place.height) || right >= usize::from(place.width) {
            return;
        }
        let cell = &mut buf[(place.x + right as u16, place.y + down as u16)];
        // Tabs and the like may stand otherwise than counted.
        if Some(cell.symbol()) == bracket.as_deref() {
            cell.set_style(self.theme.accent.add_modifier(Modifier::UNDERLINED));
        }
    }

    fn is_edited(&self, row: &Row) -> bool {
        row.kind == RowKind::Field
            && matches!(
                self.typing.map(|typing| &typing.target),
                Some(Target::Field { place, .. }) if *place == row.place
            )
    }
}

/// Draws the text being edited, with its cursor.
fn draw_text(typing: &Typing, place: Rect, style: Style, buf: &mut Buffer) {
    if editors::long::is_long(&typing.area) {
        editors::long::draw(&typing.area, place, style, buf);
    } else {
        typing.area.render(place, buf);
    }
}

/// As much of a text as a line can show.
fn head(text: &str) -> &str {
    let mut end = text.len().min(VALUE_HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// JSON text with line breaks and indentation taken together.
fn on_one_line(json: &str) -> Cow<'_, str> {
    let head = head(json);
    if head.contains('\n') {
        let words: Vec<&str> = head.split_whitespace().collect();
        Cow::Owned(words.join(" "))
    } else {
        Cow::Borrowed(head)
    }
}

/// The first words of `words` that take no more than `room` cells.
fn as_many_words(words: &str, room: u16) -> &str {
    let mut shown = words;
    while text::width_up_to(shown, room.saturating_add(1)) > room {
        shown = shown.rsplit_once(' ').map_or("", |(before, _)| before);
    }
    shown
}

/// The type and what restricts it, in short: `string≤256 uniq`. Without types, only what makes the attribute a key.
fn notes(def: &AttrDef, with_type: bool) -> String {
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    if with_type {
        match &def.attr_type {
            AttrType::String {
                length: Some(length),
                ..
            } => words.push(format!("string≤{length}").into()),
            AttrType::Object(_) | AttrType::Plural(_) => {}
            other => words.push(other.name().into()),
        }
    }
    for constraint in def.constraints.iter().flatten() {
        let (word, is_key) = match constraint {
            Constraint::Required => ("req", false),
            Constraint::Unique => ("uniq", true),
            Constraint::LocallyUnique => ("local-uniq", true),
            Constraint::Alphabetic => ("a-z", false),
            Constraint::Alphanumeric => ("a-z0-9", false),
            Constraint::UnicodeLetters => ("letters", false),
            Constraint::UnicodePrintable => ("printable", false),
            Constraint::EmailAddress => ("email", false),
            Constraint::Other(name) => (name.as_str(), false),
        };
        if with_type || is_key {
            words.push(word.into());
        }
    }
    if def.has_feature(&Feature::PrimaryKey) {
        words.push("pk".into());
    }
    words.join(" ")
}

/// The values of a folded plural whose elements are a line each, as many as fit: `: "a", "b"`.
fn lines_in_brief(plural: &Field, elements: &[Element]) -> String {
    if plural.open || !plural.attr.has_lines() || elements.is_empty() {
        return String::new();
    }
    let values: Vec<String> = elements
        .iter()
        .take(SUMMARY_MEMBERS)
        .flat_map(|element| &element.fields)
        .map(in_brief)
        .collect();
    format!(": {}", values.join(", "))
}

fn in_brief(field: &Field) -> String {
    match (&field.editor, field.presence) {
        (_, Presence::Null) => "null".to_owned(),
        _ if field.is_secret() => secret::MASK.to_owned(),
        (Editor::Text(text), _) if field.is_number() => head(text).to_owned(),
        (Editor::Text(text), _) => format!("\"{}\"", head(text)),
        (Editor::Toggle(value), _) => value.to_string(),
        (Editor::Object(_), _) => "{…}".to_owned(),
        (Editor::Plural(elements), _) => format!("[{}]", elements.len()),
        (Editor::Json(text), _) => on_one_line(text).into_owned(),
    }
}
