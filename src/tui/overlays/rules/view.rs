//! Drawing the sheet of rules: the list with what is under the cursor, the draft with the call that it comes to, and the
//! choices over it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::path::AttrPath;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::PropertyKind;
use crate::capture::schema::rule::in_words;
use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::line_edit::LineEdit;
use crate::tui::overlays::rules::Listed;
use crate::tui::overlays::rules::Page;
use crate::tui::overlays::rules::RulesSheet;
use crate::tui::overlays::rules::draft::Draft;
use crate::tui::overlays::rules::draft::Problem;
use crate::tui::overlays::rules::draft::Row;
use crate::tui::overlays::rules::kind_word;
use crate::tui::overlays::rules::kinds::KindMenu;
use crate::tui::overlays::sheet;
use crate::tui::overlays::sheet::body;
use crate::tui::panes::records::view::pick;
use crate::tui::panes::records::view::picker_height as rows_of_picker;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// Columns of a row's label.
const LABEL: u16 = 14;

/// Rows of what is told of the property under the cursor: a blank one, and five facts, the last on two rows.
const DETAILS: u16 = 7;

/// How many properties are in sight, of so many.
pub(super) fn list_height(screen: Rect, count: usize) -> usize {
    let most = body(screen).height.saturating_sub(1 + DETAILS).max(1);
    usize::from(most).min(count.max(1))
}

/// How many attributes the choice of them shows.
pub(super) fn picker_height(screen: Rect) -> usize {
    rows_of_picker(body(screen).as_size())
}

/// How many kinds of rules their choice shows.
pub(super) fn kinds_height(screen: Rect) -> usize {
    usize::from(body(screen).height.saturating_sub(2))
}

impl RulesSheet {
    /// Draws the sheet over the screen.
    pub fn view(&self, theme: &Theme, screen: Rect, buf: &mut Buffer) {
        let type_name = sanitize::clean(&self.type_name);
        let title = match (&self.page, &self.draft) {
            (Page::List, _) | (_, None) => format!("Rules of {type_name}"),
            (_, Some(draft)) => format!("New {} of {type_name}", kind_word(draft.kind)),
        };
        sheet::frame(&title, theme, screen, buf);
        let body = self.foot.above(screen);
        match (&self.page, &self.draft) {
            (Page::Draft, Some(draft)) => self.view_draft(draft, theme, body, buf),
            (Page::Attributes(picker), _) => pick(picker, theme, body, buf),
            (Page::Kinds(menu), _) => view_kinds(menu, theme, body, buf),
            _ => self.view_list(theme, body, screen, buf),
        }
        self.foot.view(self.waiting, theme, screen, buf);
    }

    fn view_list(&self, theme: &Theme, area: Rect, screen: Rect, buf: &mut Buffer) {
        let properties = match &self.listed {
            Listed::Known { properties, .. } if !properties.is_empty() => properties,
            other => {
                let lines = empty_lines(other, self.waiting, theme);
                paragraphs::put(buf, area, &lines);
                return;
            }
        };
        let wide = attributes_width(properties, area.width);
        let head = format!("  {:<7}{:<wide$}  demands", "kind", "of");
        text::put(buf, area.x, area.y, area.width, &head, theme.dim);
        let rows = Rect {
            y: area.y + 1,
            height: list_height(screen, properties.len()) as u16,
            ..area
        };
        let mut cursor = self.cursor;
        cursor.height = rows.height.into();
        cursor.fit(properties.len());
        list::draw(
            buf,
            rows,
            cursor.view(properties.len(), true),
            theme,
            |at| list_line(&properties[at], wide, theme),
        );
        let details = Rect {
            y: rows.bottom() + 1,
            height: area.bottom().saturating_sub(rows.bottom() + 1),
            ..area
        };
        if let Some(property) = properties.get(cursor.at) {
            let mut facts = facts(property);
            if let Listed::Known {
                rules_only,
                problems,
                ..
            } = &self.listed
            {
                facts.extend(problems.iter().map(|why| ("unread", why.clone())));
                if *rules_only {
                    let why = "this service does not tell combined uniquenesses";
                    facts.push(("note", why.to_owned()));
                }
            }
            view_facts(&facts, theme, details, buf);
        }
    }

    fn view_draft(&self, draft: &Draft, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let rows = draft.rows();
        let drawn: Vec<(Row, Option<Problem>)> = rows
            .into_iter()
            .map(|row| (row, draft.problem(row, &self.schema)))
            .collect();
        let room = usize::from(area.width.saturating_sub(LABEL)).max(1);
        let told = |row: Row, problem: &Option<Problem>| -> Vec<(String, Style)> {
            let problem = problem.as_ref().filter(|it| is_told(draft, row, it));
            problem.map_or_else(Vec::new, |problem| told_lines(problem, room, theme))
        };
        let height = |(row, problem): &(Row, Option<Problem>)| 1 + told(*row, problem).len() as u16;
        // The row under the cursor and its problem stay in sight.
        let at = drawn
            .iter()
            .position(|(row, _)| *row == draft.at)
            .unwrap_or(0);
        let needed: u16 = drawn[..=at].iter().map(height).sum();
        let mut skipped = 0;
        let mut first = 0;
        let rows_in_sight = area.height.saturating_sub(2).max(1);
        while needed - skipped > rows_in_sight && first < at {
            skipped += height(&drawn[first]);
            first += 1;
        }
        let mut y = area.y;
        for (row, problem) in &drawn[first..] {
            if y >= area.bottom() {
                return;
            }
            let line = Rect {
                y,
                height: 1,
                ..area
            };
            self.view_row(draft, *row, theme, line, buf);
            y += 1;
            for (line, style) in told(*row, problem) {
                if y < area.bottom() {
                    text::put(buf, area.x + LABEL, y, room as u16, &line, style);
                    y += 1;
                }
            }
        }
        let below = Rect {
            y: y + 1,
            height: area.bottom().saturating_sub(y + 1),
            ..area
        };
        self.view_call(draft, theme, below, buf);
    }

    fn view_row(&self, draft: &Draft, row: Row, theme: &Theme, line: Rect, buf: &mut Buffer) {
        let here = draft.at == row;
        let label_style = if here { theme.accent } else { theme.label };
        let mark = if here { "▸ " } else { "  " };
        let label = match row {
            Row::Kind => "Kind".to_owned(),
            Row::Attributes => "Attributes".to_owned(),
            Row::Rule(_) if draft.json.is_some() || draft.parts.len() == 1 => "Rule".to_owned(),
            Row::Rule(at) => format!("Rule {}", at + 1),
            Row::Argument(_) => "  is".to_owned(),
            Row::Joined => "Together".to_owned(),
            Row::Description => "Description".to_owned(),
            Row::Definition => "Definition".to_owned(),
        };
        text::put(
            buf,
            line.x,
            line.y,
            LABEL,
            &format!("{mark}{label}"),
            label_style,
        );
        let value = Rect {
            x: line.x + LABEL,
            width: line.width.saturating_sub(LABEL),
            ..line
        };
        let edit = |edit: &LineEdit, buf: &mut Buffer, empty: &str| {
            if edit.text().is_empty() && !here {
                text::put(buf, value.x, value.y, value.width, empty, theme.placeholder);
            } else {
                edit.draw(buf, value, theme.value, here);
            }
        };
        let spans = match row {
            Row::Argument(at) => {
                if let Some(part) = draft.parts.get(at) {
                    edit(&part.argument, buf, "");
                }
                return;
            }
            Row::Description => {
                return edit(&draft.description, buf, "what it is for; may stay empty");
            }
            Row::Definition => match &draft.json {
                Some(json) => return edit(json, buf, "JSON"),
                None => vec![match draft.definition(&self.schema) {
                    Some(definition) => Span::styled(definition.to_string(), theme.dim),
                    None => Span::styled("or write it here as JSON", theme.placeholder),
                }],
            },
            Row::Kind => choice(
                ["a rule for values", "unique together"],
                draft.kind == PropertyKind::Unique,
                theme,
            ),
            Row::Joined => choice(["all of them hold", "one of them holds"], draft.any, theme),
            Row::Attributes => vec![Span::styled(names(&draft.attributes), theme.value)],
            Row::Rule(at) => self.rule_spans(draft, at, theme),
        };
        text::put_spans(buf, value.x, value.y, value.width, &spans);
    }

    fn rule_spans(&self, draft: &Draft, at: usize, theme: &Theme) -> Vec<Span<'static>> {
        if draft.json.is_some() {
            let told = match draft.definition(&self.schema) {
                Some(definition) => in_words(&definition),
                None => "as the definition says".to_owned(),
            };
            return vec![Span::styled(told, theme.dim)];
        }
        let Some(part) = draft.parts.get(at) else {
            return Vec::new();
        };
        let not = if part.not { "not " } else { "" };
        match part.kind {
            None => vec![Span::styled(format!("{not}…"), theme.placeholder)],
            Some(kind) => vec![
                Span::styled(format!("{not}{}", kind.name), theme.value),
                Span::styled(format!("   {}", kind.does), theme.dim),
            ],
        }
    }

    /// The call that F5 makes, or why the last one was refused.
    fn view_call(&self, draft: &Draft, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if !draft.refused.is_empty() {
            let style = |at: usize| if at == 0 { theme.error } else { theme.text };
            let lines: Vec<(String, Style)> = draft
                .refused
                .iter()
                .enumerate()
                .map(|(at, line)| (line.clone(), style(at)))
                .collect();
            paragraphs::put(buf, area, &lines);
            return;
        }
        let mut lines = Vec::new();
        match draft.request(&self.type_name, &self.schema) {
            None => lines.push((
                keyed("What <rules.send> sends appears here as soon as it is whole."),
                theme.dim,
            )),
            Some(request) => {
                lines.push((
                    format!("{}  {}", keyed("<rules.send> sends"), request.endpoint),
                    theme.accent,
                ));
                let pairs = request.args.iter();
                lines.extend(
                    pairs.map(|(name, value)| (format!("   {name} = {value}"), theme.text)),
                );
            }
        }
        paragraphs::put(buf, area, &lines);
    }
}

/// A problem on at most two rows.
fn told_lines(problem: &Problem, room: usize, theme: &Theme) -> Vec<(String, Style)> {
    let (mark, style) = match problem {
        Problem::Missing(_) => (theme.glyphs.warning, theme.warning),
        Problem::Doubtful(_) => (theme.glyphs.error, theme.error),
    };
    let told = format!("{mark} {}", sanitize::clean_lines(&keyed(problem.text())));
    let lines = sanitize::wrap(&told, room).into_iter().take(2);
    lines.map(|line| (line.clone(), style)).collect()
}

/// Whether a problem is told: that something is missing is not, of a row where nobody was yet.
fn is_told(draft: &Draft, row: Row, problem: &Problem) -> bool {
    let is_begun = match row {
        Row::Argument(at) => draft
            .parts
            .get(at)
            .is_some_and(|part| !part.argument.text().is_empty()),
        Row::Definition => true,
        _ => false,
    };
    is_begun || draft.at == row || matches!(problem, Problem::Doubtful(_))
}

fn choice(names: [&str; 2], second: bool, theme: &Theme) -> Vec<Span<'static>> {
    let span = |name: &str, chosen: bool| {
        if chosen {
            Span::styled(format!("‹{name}›"), theme.value)
        } else {
            Span::styled(format!(" {name} "), theme.dim)
        }
    };
    vec![
        span(names[0], !second),
        Span::raw(" "),
        span(names[1], second),
    ]
}

fn names(paths: &[AttrPath]) -> String {
    let names: Vec<String> = paths.iter().map(AttrPath::dotted).collect();
    names.join(", ")
}

fn empty_lines(listed: &Listed, waiting: bool, theme: &Theme) -> Vec<(String, Style)> {
    let plain = |text: &'static str| (keyed(text), theme.text);
    match listed {
        Listed::Nothing if waiting => vec![(String::new(), theme.text)],
        Listed::Nothing => vec![plain(
            "The service was not asked, or did not answer: <rules.reload> asks again.",
        )],
        Listed::Refused(words) => {
            let mut lines: Vec<_> = words
                .iter()
                .map(|line| (line.clone(), theme.text))
                .collect();
            if let Some(first) = lines.first_mut() {
                first.1 = theme.error;
            }
            lines.push(plain(""));
            lines.push(plain(
                "<rules.reload> asks again. <app.response> shows the whole answer, once this is closed.",
            ));
            lines
        }
        Listed::Known { problems, .. } => {
            let mut lines = vec![
                plain("This entity type has no rules and no combined uniquenesses."),
                plain(""),
                plain(
                    "A rule judges values, or changes them, when records are written: a pattern, a length, a \
                       least age, a default. Records that are stored already are not looked at.",
                ),
                plain(""),
                (
                    keyed("<rules.add> adds one. \"Unique together\" is there, too."),
                    theme.hint_key,
                ),
            ];
            lines.extend(
                problems
                    .iter()
                    .map(|why| (format!("Not read: {why}"), theme.warning)),
            );
            lines
        }
    }
}

/// Columns for the attributes: as many as the widest needs, up to a third.
fn attributes_width(properties: &[Property], width: u16) -> usize {
    let most = (width / 3).max(12);
    let widest = properties
        .iter()
        .map(|property| text::width_up_to(&names(&property.attributes), most));
    usize::from(widest.max().unwrap_or(0).max(2))
}

fn list_line(property: &Property, wide: usize, theme: &Theme) -> Line<'static> {
    let attributes = text::fit(&names(&property.attributes), wide as u16);
    let pad = wide.saturating_sub(sanitize::width(&attributes));
    let (kind, demands) = match &property.definition {
        Some(definition) => ("rule", in_words(definition)),
        None => ("unique", "no two records have the same".to_owned()),
    };
    Line::from(vec![
        Span::styled(format!("  {kind:<7}"), theme.dim),
        Span::styled(format!("{attributes}{}  ", " ".repeat(pad)), theme.accent),
        Span::styled(demands, theme.text),
    ])
}

/// What is told of a property.
fn facts(property: &Property) -> Vec<(&'static str, String)> {
    let mut facts = vec![("attributes", names(&property.attributes))];
    if let Some(definition) = &property.definition {
        facts.push(("definition", definition.to_string()));
    } else {
        let demand = "no two records have the same values of all these together";
        facts.push(("demands", demand.to_owned()));
    }
    let description = property.description.clone();
    facts.push((
        "description",
        description.unwrap_or_else(|| "none".to_owned()),
    ));
    facts.push(("uuid", property.uuid.clone()));
    facts
}

fn view_facts(facts: &[(&'static str, String)], theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut y = area.y;
    for (label, value) in facts {
        if y >= area.bottom() {
            return;
        }
        text::put(buf, area.x + 2, y, LABEL, label, theme.dim);
        let room = Rect {
            x: area.x + 2 + LABEL,
            y,
            width: area.width.saturating_sub(LABEL + 2),
            height: (area.bottom() - y).min(3),
        };
        y += paragraphs::put(buf, room, &[(value.clone(), theme.text)]).max(1);
    }
}

fn view_kinds(menu: &KindMenu, theme: &Theme, area: Rect, buf: &mut Buffer) {
    text::put(buf, area.x, area.y, area.width, &menu.title, theme.accent);
    let searched = match menu.search.text() {
        "" => ("type to narrow the list", theme.placeholder),
        text => (text, theme.value),
    };
    let y = area.y + 1;
    text::put(buf, area.x, y, area.width, searched.0, searched.1);
    let rows = Rect {
        y: area.y + 2,
        height: area.height.saturating_sub(2),
        ..area
    };
    let kinds = menu.shown();
    let mut cursor = menu.cursor;
    cursor.height = rows.height.into();
    cursor.fit(kinds.len());
    list::draw(buf, rows, cursor.view(kinds.len(), true), theme, |at| {
        let (kind, unfit) = kinds[at];
        let (name, told) = match unfit {
            None => (theme.text, kind.does.to_owned()),
            Some(why) => (theme.dim, why.clone()),
        };
        let mut spans = vec![
            Span::styled(format!("  {:<15}", kind.name), name),
            Span::styled(told, theme.dim),
        ];
        if unfit.is_none() {
            let suits = kind.suits.describe();
            spans.push(Span::styled(format!("   ({suits})"), theme.placeholder));
        }
        Line::from(spans)
    });
}
