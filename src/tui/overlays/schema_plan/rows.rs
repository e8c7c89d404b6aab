//! The rows of a plan: each call with what it does, risks and meets, then what is not done, then what to know.

use ratatui::style::Style;
use ratatui::text::Span;

use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Endpoint;
use crate::capture::schema::diff;
use crate::capture::schema::plan::Action as Does;
use crate::capture::schema::plan::Risk;
use crate::capture::schema::plan::Step;
use crate::capture::value::thousands;
use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::overlays::schema_plan::Doing;
use crate::tui::overlays::schema_plan::PlanSheet;
use crate::tui::overlays::schema_plan::Stage;
use crate::tui::risk::mark;
use crate::tui::risk::style as risk_style;
use crate::tui::theme::Theme;
use crate::worker::plan::Finding;

/// Where the cursor can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A step.
    Step(usize),
    /// A record in a step's way: the step, and which of those that are named.
    Broken(usize, usize),
    /// Something that is not done.
    Refused(usize),
    /// Something to know.
    Note(usize),
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// Whether the cursor can be on it: the stops are counted from the top.
    pub stop: Option<Stop>,
    /// What is in it, from the left.
    pub left: Vec<Span<'static>>,
    /// What stands at its right end.
    pub right: Option<Span<'static>>,
}

/// A number of records, in words.
pub fn records(count: u64) -> String {
    match count {
        1 => "1 record".to_owned(),
        count => format!("{} records", grouped(count)),
    }
}

/// A number as people read it: `10 000`.
pub fn grouped(number: u64) -> String {
    thousands(usize::try_from(number).unwrap_or(usize::MAX))
}

/// How wide the number and the mark of a step are.
const MARGIN: usize = 6;

/// How wide a record's id is, with its word.
const ID: usize = 12;

impl PlanSheet {
    /// Where the cursor can be, from the top.
    pub(super) fn stops(&self) -> Vec<Stop> {
        let plan = self.plan();
        let mut stops = Vec::new();
        for at in 0..plan.steps.len() {
            stops.push(Stop::Step(at));
            let examples = self.finding(at).map_or(0, |it| it.examples.len());
            stops.extend((0..examples).map(|example| Stop::Broken(at, example)));
        }
        stops.extend((0..plan.refused.len()).map(Stop::Refused));
        stops.extend((0..plan.notes.len()).map(Stop::Note));
        stops
    }

    /// What the records said to a step.
    pub(super) fn finding(&self, step: usize) -> Option<&Finding> {
        let checked = self.checked.as_ref()?;
        let at = checked.steps.iter().position(|at| *at == step)?;
        checked.survey.findings.get(at)
    }

    /// The rows, for so many cells.
    pub(super) fn rows(&self, theme: &Theme, cells: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        for (at, step) in self.plan().steps.iter().enumerate() {
            self.step_rows(at, step, theme, cells, &mut rows);
        }
        self.refused_rows(theme, cells, &mut rows);
        self.note_rows(theme, cells, &mut rows);
        rows
    }

    fn step_rows(&self, at: usize, step: &Step, theme: &Theme, cells: usize, rows: &mut Vec<Row>) {
        let (tick, tick_style) = self.progress_mark(at, theme);
        let (sign, call) = sign_and_call(&step.action);
        let sign_style = match sign {
            "+" => theme.ok,
            "-" => theme.error,
            _ => theme.warning,
        };
        let (glyph, word) = mark(step.risk);
        let (what, style) = (
            sanitize::clean(&step.path.dotted()).into_owned(),
            theme.text,
        );
        rows.push(Row {
            stop: Some(Stop::Step(at)),
            left: vec![
                Span::styled(tick, tick_style),
                Span::styled(format!("{:>2} ", at + 1), theme.dim),
                Span::styled(format!("{sign} "), sign_style),
                Span::styled(format!("{call:<24}"), theme.dim),
                Span::styled(what, style.patch(theme.title_focused)),
            ],
            right: Some(Span::styled(
                format!("{glyph} {word}"),
                risk_style(step.risk, theme),
            )),
        });
        for (text, style) in details(step, theme) {
            push_wrapped(rows, &text, style, MARGIN + 2, cells);
        }
        let tried = self.rehearsal.as_ref().and_then(|it| it.steps.get(at));
        if let Some(Err(why)) = tried {
            let text = format!("{} the sandbox: {why}", theme.glyphs.error);
            push_wrapped(rows, &text, theme.error, MARGIN + 2, cells);
        }
        if let Some(finding) = self.finding(at) {
            self.finding_rows(at, step, finding, theme, cells, rows);
        }
        self.stopped_rows(at, theme, cells, rows);
    }

    /// What the records say to a step.
    fn finding_rows(
        &self,
        at: usize,
        step: &Step,
        finding: &Finding,
        theme: &Theme,
        cells: usize,
        rows: &mut Vec<Row>,
    ) {
        let of = self.checked.as_ref().map_or(0, |it| it.survey.records);
        let of = records(of);
        let have = |count: u64| {
            let have = if count == 1 { "has" } else { "have" };
            format!("{} of {of} {have} a value", grouped(count))
        };
        let mut put = |text: String, style: Style| {
            push_wrapped(rows, &text, style, MARGIN + 2, cells);
        };
        let glyphs = &theme.glyphs;
        if finding.lost > 0 {
            let text = format!("{} {}: lost", glyphs.warning, have(finding.lost));
            put(text, theme.error);
        } else if step.action == Does::Remove && finding.copied == 0 {
            put(format!("{} no value is lost", glyphs.ok), theme.ok);
        }
        if finding.copied > 0 {
            put(format!("{}: copied", have(finding.copied)), theme.text);
        }
        if finding.broken > 0 {
            let stand = if finding.broken == 1 {
                "stands"
            } else {
                "stand"
            };
            let many = records(finding.broken);
            put(
                format!("{} {many} {stand} in its way:", glyphs.error),
                theme.error,
            );
        } else if step.risk == Risk::Checked {
            put(
                format!("{} nothing in {of} stands in its way", glyphs.ok),
                theme.ok,
            );
        }
        for (example, broken) in finding.examples.iter().enumerate() {
            let about = format!("{}: {}", broken.path.dotted(), broken.reason);
            let code = format!("code {}", broken.code);
            let indent = MARGIN + 4 + ID;
            let room = cells.saturating_sub(code.len() + 2);
            let begin = rows.len();
            push_wrapped(rows, &about, theme.text, indent, room);
            if let Some(row) = rows.get_mut(begin) {
                row.stop = Some(Stop::Broken(at, example));
                row.left[0] = Span::raw(" ".repeat(MARGIN + 4));
                let id = format!("{:<ID$}", format!("id {}", broken.id));
                row.left.insert(1, Span::styled(id, theme.accent));
                row.right = Some(Span::styled(code, theme.dim));
            }
        }
        let more = finding.broken.saturating_sub(finding.examples.len() as u64);
        if more > 0 && !finding.examples.is_empty() {
            let text = format!("and {} more", grouped(more));
            push_wrapped(rows, &text, theme.dim, MARGIN + 4, cells);
        }
    }

    /// Why the plan stopped at a step.
    fn stopped_rows(&self, at: usize, theme: &Theme, cells: usize, rows: &mut Vec<Row>) {
        let why = match &self.stage {
            Stage::Applied(applied) if applied.done == at => applied.stopped.clone(),
            Stage::Unfinished(unfinished) if unfinished.done == at => {
                Some(if unfinished.in_doubt {
                    "begun, and its answer did not come: going on looks first whether it is done"
                        .to_owned()
                } else {
                    "not begun".to_owned()
                })
            }
            _ => None,
        };
        if let Some(why) = why {
            let text = format!("{} {why}", theme.glyphs.warning);
            push_wrapped(rows, &text, theme.warning, MARGIN + 2, cells);
        }
    }

    fn refused_rows(&self, theme: &Theme, cells: usize, rows: &mut Vec<Row>) {
        if self.plan().refused.is_empty() {
            return;
        }
        heading(rows, "Not done", theme);
        for (at, refused) in self.plan().refused.iter().enumerate() {
            let text = format!("{}: {}", refused.path.dotted(), refused.what);
            let right = refused.rebuild.as_ref().map(|path| {
                let text = format!("{} {}", keyed("[<plan.rebuild>] rebuild"), path.dotted());
                Span::styled(sanitize::clean(&text).into_owned(), theme.hint_key)
            });
            rows.push(Row {
                stop: Some(Stop::Refused(at)),
                left: vec![
                    Span::styled(format!("  {} ", theme.glyphs.error), theme.warning),
                    Span::styled(sanitize::clean(&text).into_owned(), theme.text),
                ],
                right,
            });
            push_wrapped(rows, &refused.reason, theme.dim, MARGIN + 2, cells);
        }
    }

    fn note_rows(&self, theme: &Theme, cells: usize, rows: &mut Vec<Row>) {
        if self.plan().notes.is_empty() {
            return;
        }
        heading(rows, "To know", theme);
        for (at, note) in self.plan().notes.iter().enumerate() {
            let begin = rows.len();
            push_wrapped(rows, note, theme.text, 4, cells);
            if let Some(row) = rows.get_mut(begin) {
                row.stop = Some(Stop::Note(at));
                let dot = format!("  {} ", theme.glyphs.separator);
                row.left[0] = Span::styled(dot, theme.dim);
            }
        }
    }

    /// Whether a step is done, under way, refused, or accepted by the sandbox.
    fn progress_mark(&self, at: usize, theme: &Theme) -> (&'static str, Style) {
        let glyphs = &theme.glyphs;
        let done = self.done();
        match &self.stage {
            Stage::Busy(busy) if busy.doing == Doing::Applying && at == done => {
                return (glyphs.running, theme.running);
            }
            Stage::Applied(applied) if at == applied.done && applied.stopped.is_some() => {
                return (glyphs.error, theme.error);
            }
            Stage::Unfinished(unfinished) if at == unfinished.done && unfinished.in_doubt => {
                return ("?", theme.warning);
            }
            _ if at < done => return (glyphs.ok, theme.ok),
            _ => {}
        }
        let is_broken = self.finding(at).is_some_and(|it| it.broken > 0);
        let tried = self.rehearsal.as_ref().and_then(|it| it.steps.get(at));
        match tried {
            Some(Err(_)) => (glyphs.error, theme.error),
            _ if is_broken => (glyphs.error, theme.error),
            Some(Ok(())) => (glyphs.ok, theme.ok),
            None => (" ", theme.text),
        }
    }
}

fn heading(rows: &mut Vec<Row>, text: &'static str, theme: &Theme) {
    if !rows.is_empty() {
        rows.push(Row {
            stop: None,
            left: Vec::new(),
            right: None,
        });
    }
    rows.push(Row {
        stop: None,
        left: vec![Span::styled(text, theme.accent)],
        right: None,
    });
}

/// A text on as many rows as it needs. The first span of each is its indent.
fn push_wrapped(rows: &mut Vec<Row>, text: &str, style: Style, indent: usize, cells: usize) {
    let room = cells.saturating_sub(indent).max(10);
    let lines = sanitize::wrap(&sanitize::clean_lines(text), room);
    rows.extend(lines.into_iter().map(|line| Row {
        stop: None,
        left: vec![Span::raw(" ".repeat(indent)), Span::styled(line, style)],
        right: None,
    }));
}

fn sign_and_call(action: &Does) -> (&'static str, &'static str) {
    let (sign, endpoint) = match action {
        Does::Create(_) => ("+", Endpoint::TypeCreate),
        Does::Add(_) => ("+", Endpoint::TypeAddAttribute),
        Does::Remove => ("-", Endpoint::TypeRemoveAttribute),
        Does::SetConstraints { .. } => ("~", Endpoint::TypeSetAttributeConstraints),
        Does::SetDescription { .. } => ("~", Endpoint::TypeSetAttributeDescription),
        Does::CopyValues { .. } => ("→", Endpoint::EntityUpdate),
        Does::RemoveProperty(_) => ("-", Endpoint::TypeRemoveProperty),
        Does::AddProperty(_) => ("+", Endpoint::TypeAddProperty),
    };
    let name = endpoint.name();
    (sign, name.strip_prefix("entityType.").unwrap_or(name))
}

/// What a step does, below its name.
fn details(step: &Step, theme: &Theme) -> Vec<(String, Style)> {
    match &step.action {
        Does::Add(def) => vec![(diff::summary(def), theme.text)],
        Does::SetConstraints { before, after } => {
            let names = |list: &[Constraint]| {
                let names: Vec<&str> = list.iter().map(Constraint::name).collect();
                format!("[{}]", names.join(", "))
            };
            let (before, after) = (names(before), names(after));
            let text = format!("now {before} → will be {after}   the whole set is sent");
            vec![(text, theme.text)]
        }
        Does::SetDescription { before, after } => {
            let quoted = |text: &Option<String>| match text {
                Some(text) => format!("“{text}”"),
                None => "nothing".to_owned(),
            };
            let text = format!("now {} → will be {}", quoted(before), quoted(after));
            vec![(text, theme.text)]
        }
        Does::CopyValues { to, .. } => {
            let text = format!("every record's value to {}, record by record", to.dotted());
            vec![(text, theme.text)]
        }
        Does::Create(_) | Does::Remove => Vec::new(),
        Does::RemoveProperty(property) | Does::AddProperty(property) => {
            vec![(property.describe(), theme.text)]
        }
    }
}
