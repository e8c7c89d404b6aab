//! Drawing a plan over the lower part of the schema view, so that the tree that it is about stays in sight where there are
//! rows for both.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::schema::plan::Risk;
use crate::json::sanitize;
use crate::tui::drafts::clock;
use crate::tui::keys::keymap::keyed;
use crate::tui::layout::within_margin;
use crate::tui::overlays::schema_plan::Doing;
use crate::tui::overlays::schema_plan::PlanSheet;
use crate::tui::overlays::schema_plan::Stage;
use crate::tui::overlays::schema_plan::rows;
use crate::tui::overlays::schema_plan::rows::Row;
use crate::tui::theme::Theme;
use crate::tui::widgets::pane_frame::PaneFrame;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// Rows of the frame and of the head.
const AROUND: u16 = 4;

/// So many rows it has at least, where the screen has them.
const LEAST: u16 = 14;

/// From this height of the screen on, the tree keeps its part of it.
const TALL: u16 = 34;

impl PlanSheet {
    /// Where it stands on a screen: above the line of messages.
    fn frame(screen: Rect, rows: usize) -> Rect {
        let body = screen.height.saturating_sub(3);
        let most = if screen.height < TALL {
            body
        } else {
            body * 2 / 3
        };
        let wanted = u16::try_from(rows).unwrap_or(u16::MAX);
        let height = wanted.saturating_add(AROUND).max(LEAST).min(most);
        Rect {
            y: screen.y + 1 + body - height,
            height,
            ..screen
        }
    }

    /// Keeps the cursor in sight, on a screen of this size.
    pub fn fit(&mut self, screen: Rect) {
        self.area = screen;
        // Marks are as wide in every theme.
        let rows = self.rows(&Theme::monochrome(), Self::cells(screen));
        let frame = Self::frame(screen, rows.len());
        let height = usize::from(frame.height.saturating_sub(AROUND));
        let stops = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.stop.is_some());
        let mut stops = stops.map(|(at, _)| at).skip(self.cursor);
        let first = stops.next().unwrap_or(0);
        let end = stops.next().unwrap_or(rows.len());
        // The whole of what the cursor is on, if there is room, else its beginning.
        let last = end.saturating_sub(1).min(first + height.saturating_sub(1));
        let offset = scroll::keep_visible(self.offset, last, rows.len(), height, 0);
        self.offset = if self.cursor == 0 {
            0
        } else {
            scroll::keep_visible(offset, first, rows.len(), height, 0)
        };
    }

    fn cells(screen: Rect) -> usize {
        usize::from(screen.width.saturating_sub(6))
    }

    /// Draws it.
    pub fn view(&self, theme: &Theme, now: Timestamp, screen: Rect, buf: &mut Buffer) {
        let rows = self.rows(theme, Self::cells(screen));
        let rect = Self::frame(screen, rows.len());
        text::fill(buf, rect, theme.text);
        let title = format!("Plan · {}", self.plan().type_name);
        let mut bottom_notes = vec![Line::from(keyed("<plan.close> closes"))];
        bottom_notes.extend(self.file_note().map(Line::from));
        let frame = PaneFrame {
            title: &title,
            notes: vec![Line::from(self.count_note())],
            focused: true,
            bottom_notes,
        };
        let inside = within_margin(frame.draw(buf, rect, theme));
        self.head(
            theme,
            now,
            Rect {
                height: 1,
                ..inside
            },
            buf,
        );
        let body = Rect {
            y: inside.y + 2,
            height: inside.height.saturating_sub(2),
            ..inside
        };
        if rows.is_empty() {
            let line = "Nothing to do: everything is stored as it is designed.".to_owned();
            paragraphs::put(buf, body, &[(line, theme.text)]);
            return;
        }
        self.body(&rows, theme, body, buf);
    }

    fn body(&self, rows: &[Row], theme: &Theme, body: Rect, buf: &mut Buffer) {
        let has_bar = rows.len() > usize::from(body.height);
        let width = body.width.saturating_sub(u16::from(has_bar) * 2);
        let before = rows[..self.offset.min(rows.len())].iter();
        let mut stop = before.filter(|row| row.stop.is_some()).count();
        let shown = rows.iter().skip(self.offset);
        for (row, y) in shown.zip(body.y..body.bottom()) {
            let mut end = body.x + width;
            if let Some(right) = &row.right {
                end = text::put_right(buf, end, y, width, &right.content, right.style);
            }
            let room = end.saturating_sub(body.x + u16::from(row.right.is_some()) * 2);
            text::put_spans(buf, body.x, y, room, &row.left);
            if row.stop.is_some() {
                if stop == self.cursor {
                    buf.set_style(Rect::new(body.x, y, width, 1), theme.selection);
                }
                stop += 1;
            }
        }
        scroll::draw_bar(buf, body, self.offset, rows.len(), theme);
    }

    /// Where the values are that it destroys.
    fn file_note(&self) -> Option<String> {
        let exported = self.exported()?;
        let name = exported.file.file_name().unwrap_or_default();
        let records = rows::records(exported.records);
        let name = name.to_string_lossy();
        Some(format!("{records} in {}", sanitize::clean(&name)))
    }

    fn count_note(&self) -> String {
        let steps = &self.plan().steps;
        let calls = match steps.len() {
            0 => "no calls".to_owned(),
            1 => "1 step".to_owned(),
            count => format!("{count} steps"),
        };
        let destroys = steps
            .iter()
            .filter(|it| it.risk == Risk::Destructive)
            .count();
        let additions = if self.wishes.additions_only {
            " · additions only"
        } else {
            ""
        };
        format!("{calls} · {destroys} destructive{additions}")
    }

    /// What there is to say of the whole: how far it has come, and what is known of it.
    fn head(&self, theme: &Theme, now: Timestamp, area: Rect, buf: &mut Buffer) {
        let (left, style) = self.verdict(theme, now);
        let right = self.known(theme, now);
        let mut end = area.right();
        if !right.is_empty() {
            end = text::put_right(buf, end, area.y, area.width, &right, theme.dim);
        }
        let room = end.saturating_sub(area.x + 2);
        text::put_spans(buf, area.x, area.y, room, &[Span::styled(left, style)]);
    }

    fn verdict(&self, theme: &Theme, now: Timestamp) -> (String, Style) {
        let glyphs = &theme.glyphs;
        let of = self.plan().steps.len();
        match &self.stage {
            Stage::Planned if of == 0 => (String::new(), theme.text),
            Stage::Planned => (keyed("Nothing is sent until <plan.apply>."), theme.text),
            Stage::Busy(_) => (self.progress(theme), theme.running),
            Stage::Applied(applied) if applied.stopped.is_some() => {
                let next = match &applied.journal {
                    Some(_) => "goes on",
                    None => "plans anew",
                };
                let text = format!(
                    "{} stopped after {} of {}. {} {next}, {}.",
                    glyphs.error,
                    applied.done,
                    applied.of,
                    keyed("<plan.apply>"),
                    keyed("<plan.answer> shows the answer")
                );
                (text, theme.error)
            }
            Stage::Applied(applied) => {
                let text = format!("{} done {} of {}", glyphs.ok, applied.done, applied.of);
                (text, theme.ok)
            }
            Stage::Unfinished(unfinished) => {
                let since = clock(unfinished.since, now);
                let text = format!(
                    "{} begun {since}, {} of {of} done. {}.",
                    glyphs.warning,
                    unfinished.done,
                    keyed("<plan.apply> goes on, <plan.forget> forgets it")
                );
                (text, theme.warning)
            }
        }
    }

    fn progress(&self, theme: &Theme) -> String {
        let Stage::Busy(busy) = &self.stage else {
            return String::new();
        };
        let running = theme.glyphs.running;
        let counted = busy.progress.as_ref().map(|it| {
            let records = rows::grouped(it.records);
            match it.of_records {
                Some(of) => format!(" {records} of {}", rows::records(of)),
                None => format!(" {}", rows::records(it.records)),
            }
        });
        let counted = counted.unwrap_or_default();
        match busy.doing {
            Doing::ReadingType(_) => format!("{running} reading the type"),
            Doing::ReadingRules(_) => format!("{running} reading the rules"),
            Doing::Checking(_) => format!("{running} reading{counted}"),
            Doing::Trying => format!("{running} trying it in a sandbox{counted}"),
            Doing::Exporting(_) => format!("{running} writing{counted}"),
            Doing::Applying => {
                let of = self.plan().steps.len();
                let at = (self.done() + 1).min(of);
                let copied = match &busy.progress {
                    Some(it) if it.records > 0 => format!(":{counted}"),
                    _ => String::new(),
                };
                format!("{running} step {at} of {of}{copied}")
            }
        }
    }

    /// What was found out, in a few words.
    fn known(&self, theme: &Theme, now: Timestamp) -> String {
        if self.job().is_some() {
            return keyed("<plan.close> cancels");
        }
        if !self.is_planned() || self.plan().steps.is_empty() {
            return String::new();
        }
        let checked = match &self.checked {
            None => "not checked".to_owned(),
            Some(checked) => {
                let records = rows::records(checked.survey.records);
                format!("{records} read {}", clock(checked.at, now))
            }
        };
        let tried = match &self.rehearsal {
            None => "not tried".to_owned(),
            Some(tried) => {
                let failed = tried.steps.iter().position(Result::is_err);
                match failed {
                    Some(at) => format!("sandbox: {} step {}", theme.glyphs.error, at + 1),
                    None if tried.arrives => format!("sandbox: {} accepted", theme.glyphs.ok),
                    None => format!("sandbox: {} ends elsewhere", theme.glyphs.warning),
                }
            }
        };
        format!("{checked} · {tried}")
    }
}
