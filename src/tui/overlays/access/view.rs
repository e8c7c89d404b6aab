//! Drawing the sheet of access schemas: the clients, the checklist with what becomes of it, and what is going to be sent.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::schema::access::AccessType;
use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::line_edit::LineEdit;
use crate::tui::overlays::access::AccessSheet;
use crate::tui::overlays::access::CopyFrom;
use crate::tui::overlays::access::Page;
use crate::tui::overlays::access::checklist::Before;
use crate::tui::overlays::access::checklist::Checklist;
use crate::tui::overlays::access::checklist::Mark;
use crate::tui::overlays::access::checklist::Row;
use crate::tui::overlays::access::clients::Client;
use crate::tui::overlays::access::clients::Clients;
use crate::tui::overlays::sheet;
use crate::tui::overlays::sheet::body;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// Rows above the checklist: client, access schema, what may be used now, and what will be.
const HEAD: u16 = 4;

/// How many attributes are in sight.
pub(super) fn rows_height(screen: Rect) -> usize {
    body(screen).height.saturating_sub(HEAD).into()
}

/// How many clients are in sight.
pub(super) fn clients_height(screen: Rect) -> usize {
    body(screen).height.saturating_sub(2).into()
}

impl AccessSheet {
    /// Draws the sheet over the screen.
    pub fn view(&self, theme: &Theme, screen: Rect, buf: &mut Buffer) {
        let type_name = sanitize::clean(&self.type_name);
        sheet::frame(&format!("Access to {type_name}"), theme, screen, buf);
        let body = self.foot.above(screen);
        match &self.page {
            Page::Clients { copies } => view_clients(&self.clients, *copies, theme, body, buf),
            Page::List => self.view_list(theme, body, buf),
            Page::Filter(line) => {
                self.view_list(theme, body, buf);
                view_filter(line, theme, body, buf);
            }
            Page::Copy(cursor) => {
                self.view_list(theme, body, buf);
                self.view_copy(cursor, theme, body, buf);
            }
            Page::Preview(offset) => self.view_preview(*offset, theme, body, buf),
        }
        self.foot.view(self.waiting.is_some(), theme, screen, buf);
    }

    fn view_copy(&self, cursor: &ListCursor, theme: &Theme, body: Rect, buf: &mut Buffer) {
        let choices = self.copy_choices();
        let area = Rect {
            y: body.y + HEAD,
            height: (choices.len() as u16 + 1).min(body.height.saturating_sub(HEAD)),
            ..body
        };
        text::fill(buf, area, theme.text);
        let title = "Copy the marks from";
        text::put(buf, area.x, area.y, area.width, title, theme.accent);
        let rows = Rect {
            y: area.y + 1,
            height: area.height.saturating_sub(1),
            ..area
        };
        list::draw(buf, rows, cursor.view(choices.len(), true), theme, |at| {
            Line::from(match choices[at] {
                CopyFrom::Own(access) => format!("  {} of this client", access.name()),
                CopyFrom::Client => format!("  {} of another client", self.access.name()),
            })
        });
    }

    fn view_head(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let client = self.client.as_deref().unwrap_or_default();
        let known = self.clients.all().iter().find(|known| known.id == client);
        let mut spans = vec![
            Span::styled("client   ", theme.dim),
            Span::styled(client.to_owned(), theme.value),
        ];
        if self.own.as_deref() == Some(client) {
            spans.push(Span::styled("  this environment's own", theme.ok));
        }
        if let Some(known) = known {
            spans.push(Span::styled(format!("  {}", about(known)), theme.dim));
        }
        text::put_spans(buf, area.x, area.y, area.width, &spans);
        let mut spans = vec![Span::styled("may      ", theme.dim)];
        for access in AccessType::ALL {
            spans.push(if access == self.access {
                Span::styled(format!("‹{}›", access.name()), theme.accent)
            } else {
                Span::styled(format!(" {} ", access.name()), theme.dim)
            });
        }
        text::put_spans(buf, area.x, area.y + 1, area.width, &spans);
        if let Some(list) = self.list() {
            let [now, then] = before_and_after(list, theme);
            text::put_spans(buf, area.x, area.y + 2, area.width, &now);
            text::put_spans(buf, area.x, area.y + 3, area.width, &then);
        }
    }

    fn view_list(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        self.view_head(theme, area, buf);
        let below = Rect {
            y: area.y + HEAD,
            height: area.height.saturating_sub(HEAD),
            ..area
        };
        let mut rows_area = below;
        if !self.refused.is_empty() {
            let style = |at: usize| if at == 0 { theme.error } else { theme.text };
            let lines: Vec<(String, Style)> = self
                .refused
                .iter()
                .enumerate()
                .map(|(at, line)| (line.clone(), style(at)))
                .collect();
            let room = Rect {
                height: below.height.min(5),
                ..below
            };
            let used = paragraphs::put(buf, room, &lines) + 1;
            rows_area.y += used;
            rows_area.height = rows_area.height.saturating_sub(used);
        }
        let Some(list) = self.list() else {
            if self.waiting.is_none() && self.refused.is_empty() {
                let line = keyed(
                    "The service did not tell this access schema: <access.reload> asks again.",
                );
                paragraphs::put(buf, rows_area, &[(line, theme.text)]);
            }
            return;
        };
        let (rows, mut cursor) = list.rows();
        if rows.is_empty() {
            let line = format!("No attribute's path has \"{}\" in it.", list.filter());
            paragraphs::put(buf, rows_area, &[(line, theme.dim)]);
            return;
        }
        cursor.height = rows_area.height.into();
        cursor.fit(rows.len());
        let wide = usize::from(area.width / 2).clamp(24, 48);
        list::draw(buf, rows_area, cursor.view(rows.len(), true), theme, |at| {
            row_line(list, &rows[at], wide, theme)
        });
    }

    fn preview_lines(&self, theme: &Theme) -> Vec<(String, Style)> {
        let (Some(list), Some(request)) = (self.list(), self.set_call()) else {
            return Vec::new();
        };
        let (now, wanted, all) = list.counts();
        let verb = self.access.verb();
        let mut lines = vec![(
            format!("Now this client may {verb} {now} of {all} attributes. It will be {wanted}."),
            theme.text,
        )];
        for (at, line) in self.meaning(list).into_iter().enumerate() {
            let loses = at == 0 && !list.changes().1.is_empty();
            let style = if loses { theme.error } else { theme.ok };
            lines.push((line, style));
        }
        if list.wanted().is_empty() {
            let told = "An empty list: the client has what is built in and nothing else. Deleting the access schema is \
                        another thing: <access.delete> in the list.";
            lines.push((keyed(told), theme.warning));
        }
        let told = "What is hidden is answered 223, as if there were no such attribute. What is built in is always there. \
                    Attributes that are added to the type later are not in the list by themselves.";
        lines.push((told.to_owned(), theme.dim));
        lines.push((String::new(), theme.text));
        lines.push((
            format!("{}  {}", keyed("<access.send> sends"), request.endpoint),
            theme.accent,
        ));
        let pairs = request.args.iter();
        lines.extend(pairs.map(|(name, value)| (format!("   {name} = {value}"), theme.text)));
        lines
    }

    fn preview_rows(&self, width: u16, theme: &Theme) -> Vec<(String, Style)> {
        let lines = self.preview_lines(theme).into_iter();
        lines
            .flat_map(|(line, style)| {
                let clean = sanitize::clean_lines(&line).into_owned();
                let rows = sanitize::wrap(&clean, usize::from(width).max(1));
                let rows: Vec<_> = rows.into_iter().map(|row| (row.clone(), style)).collect();
                rows
            })
            .collect()
    }

    /// The last row from which what is going to be sent can be shown.
    pub(super) fn preview_end(&self, screen: Rect) -> usize {
        let body = body(screen);
        let rows = self.preview_rows(body.width, &Theme::monochrome()).len();
        scroll::max_offset(rows, body.height.into())
    }

    fn view_preview(&self, offset: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let rows = self.preview_rows(area.width, theme);
        let count = rows.len();
        let shown = rows.iter().skip(offset).zip(area.y..area.bottom());
        for ((line, style), y) in shown {
            text::put(buf, area.x, y, area.width, line, *style);
        }
        let bar = Rect {
            width: area.width + 1,
            ..area
        };
        scroll::draw_bar(buf, bar, offset, count, theme);
    }
}

/// `now      12 of 38 attributes` and, when that changes, `then     14 of 38 attributes: +2`
fn before_and_after(list: &Checklist, theme: &Theme) -> [Vec<Span<'static>>; 2] {
    let (now, wanted, all) = list.counts();
    let told = match &list.before {
        Before::Everything => {
            format!("all {all} attributes: no access schema, or one that lists all")
        }
        Before::NoSchema => format!("all {all} attributes: no access schema"),
        Before::Listed(listed) if listed.is_empty() => {
            format!("none of {all} attributes: an empty list, only what is built in")
        }
        Before::Listed(_) => format!("{now} of {all} attributes"),
    };
    let label = |label: &'static str| Span::styled(label, theme.dim);
    let before = vec![label("now      "), Span::styled(told, theme.text)];
    if !list.is_changed() {
        return [before, Vec::new()];
    }
    let (added, removed) = list.changes();
    let mut after = vec![
        label("then     "),
        Span::styled(format!("{wanted} of {all} attributes:"), theme.text),
    ];
    for (sign, paths, style) in [("+", added, theme.ok), ("-", removed, theme.error)] {
        if !paths.is_empty() {
            after.push(Span::styled(format!(" {sign}{}", paths.len()), style));
        }
    }
    [before, after]
}

fn row_line(list: &Checklist, row: &Row, wide: usize, theme: &Theme) -> Line<'static> {
    let depth = row.path.0.len().saturating_sub(1);
    let (mark, changed) = list.mark(&row.path);
    let (tick, style) = match (row.built_in, mark) {
        (true, _) => (" • ", theme.dim),
        (false, Mark::All) => ("[x]", theme.text),
        (false, Mark::Part) => ("[-]", theme.text),
        (false, Mark::None) => ("[ ]", theme.text),
    };
    let (sign, sign_style) = match (changed && !row.built_in, mark) {
        (false, _) => (" ", theme.text),
        (true, Mark::All) => ("+", theme.ok),
        (true, Mark::Part) => ("~", theme.warning),
        (true, Mark::None) => ("-", theme.error),
    };
    let fold = match row.open {
        None => " ",
        Some(true) => theme.glyphs.unfolded,
        Some(false) => theme.glyphs.folded,
    };
    let name = row.path.name().unwrap_or_default();
    let left = format!("{}{fold} {name}", "  ".repeat(depth));
    let left = text::fit(&left, wide as u16);
    let pad = wide.saturating_sub(sanitize::width(&left));
    let note = if row.built_in {
        "always: built in".to_owned()
    } else {
        row.note.clone()
    };
    Line::from(vec![
        Span::styled(sign, sign_style),
        Span::styled(format!("{tick} "), style),
        Span::styled(format!("{left}{} ", " ".repeat(pad)), style),
        Span::styled(note, theme.dim),
    ])
}

/// The filter, on the row below the list.
fn view_filter(line: &LineEdit, theme: &Theme, body: Rect, buf: &mut Buffer) {
    let y = body.bottom();
    let label = text::put(buf, body.x, y, body.width, "find ", theme.accent);
    let rest = Rect {
        x: label,
        y,
        width: body.right().saturating_sub(label),
        height: 1,
    };
    line.draw(buf, rest, theme.value, true);
}

/// What is known of a client beside its id.
fn about(client: &Client) -> String {
    let features = if client.features.is_empty() {
        "no features"
    } else {
        client.features.as_str()
    };
    if client.description.is_empty() {
        features.to_owned()
    } else {
        format!("{} ({features})", client.description)
    }
}

fn view_clients(clients: &Clients, copies: bool, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let title = if copies {
        "Copy from which client?"
    } else {
        "Which client?"
    };
    text::put(buf, area.x, area.y, area.width, title, theme.accent);
    let below = Rect {
        y: area.y + 2,
        height: area.height.saturating_sub(2),
        ..area
    };
    if let Some(typed) = &clients.typed {
        let label = text::put(buf, below.x, below.y, below.width, "client id  ", theme.dim);
        let line = Rect {
            x: label,
            width: below.right().saturating_sub(label),
            ..below
        };
        typed.draw(buf, line, theme.value, true);
        let rest = Rect {
            y: below.y + 2,
            height: below.height.saturating_sub(2),
            ..below
        };
        let mut lines = Vec::new();
        if let Some(Err(words)) = &clients.told {
            let why = "The service does not tell its clients to this one:";
            lines.push((why.to_owned(), theme.text));
            let style = |at: usize| if at == 0 { theme.error } else { theme.dim };
            let words = words.iter().enumerate();
            lines.extend(words.map(|(at, line)| (line.clone(), style(at))));
        }
        paragraphs::put(buf, rest, &lines);
        return;
    }
    let all = clients.all();
    if all.is_empty() {
        if clients.is_known() {
            let line = "The service tells no clients.";
            paragraphs::put(buf, below, &[(line.to_owned(), theme.text)]);
        }
        return;
    }
    let mut cursor = clients.cursor;
    cursor.height = below.height.into();
    cursor.fit(all.len());
    list::draw(buf, below, cursor.view(all.len(), true), theme, |at| {
        let client = &all[at];
        let own = if client.own { "own" } else { "" };
        Line::from(vec![
            Span::styled(format!("  {:<34}", client.id), theme.text),
            Span::styled(format!("{own:<5}"), theme.ok),
            Span::styled(about(client), theme.dim),
        ])
    });
}
