//! Where the time of a call went: a bar for each phase, placed in the whole time, and what went over the wire.
//!
//! Drawn in cells and told in numbers, so that it needs no colour. What could not be seen is not drawn.

use std::time::Duration;

use ratatui::text::Line;
use ratatui::text::Span;

use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::timing::Phase;
use crate::exchange::timing::Timing;
use crate::tui::panes::response::summary;
use crate::tui::theme::Theme;

/// Columns of the phases' names.
const NAME: usize = 17;

/// Columns of their durations.
const LENGTH: usize = 8;

/// Columns of the mark at the phase in which a call failed.
const MARK: usize = 2;

/// Rows of one exchange, each made for the width of the pane.
#[derive(Debug)]
pub struct Rows {
    phases: Vec<Row>,
    facts: Vec<(&'static str, String)>,
    total: Duration,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    from: Duration,
    length: Duration,
    /// Whether the call failed here.
    failed: bool,
}

impl Rows {
    /// The rows of an exchange.
    pub fn of(exchange: &Exchange) -> Self {
        let timing = &exchange.timing;
        let failed = matches!(exchange.outcome, Outcome::Failed(_));
        let last = timing.spans.len().saturating_sub(1);
        let phases = timing.spans.iter().enumerate().map(|(at, span)| Row {
            name: span.phase.title(),
            from: span.from,
            length: span.length(),
            failed: failed && at == last,
        });
        Self {
            phases: phases.collect(),
            facts: facts(exchange),
            total: exchange.elapsed,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.phases.len() + 1 + self.facts.len()
    }

    /// One of them, `width` cells wide.
    pub fn line(&self, at: usize, width: u16, theme: &Theme) -> Line<'static> {
        if let Some(row) = self.phases.get(at) {
            return self.bar(row, width.into(), theme);
        }
        match at.checked_sub(self.phases.len() + 1) {
            None => Line::default(),
            Some(at) => self
                .facts
                .get(at)
                .map_or_else(Line::default, |(name, text)| {
                    Line::from(vec![
                        Span::styled(format!("{name:<NAME$}"), theme.dim),
                        Span::styled(text.clone(), theme.text),
                    ])
                }),
        }
    }

    fn bar(&self, row: &Row, width: usize, theme: &Theme) -> Line<'static> {
        let room = width.saturating_sub(NAME + LENGTH + 2 + MARK).max(1);
        let scale = |time: Duration| {
            let part = time.as_secs_f64() / self.total.as_secs_f64().max(f64::MIN_POSITIVE);
            (part * room as f64).round() as usize
        };
        let from = scale(row.from).min(room - 1);
        // Whatever happened is seen, however short it was.
        let until = scale(row.from + row.length).clamp(from + 1, room);
        let mut spans = vec![
            Span::styled(format!("{:<NAME$}", row.name), theme.dim),
            Span::styled(
                format!("{:>LENGTH$}  ", summary::elapsed(row.length)),
                theme.text,
            ),
            Span::raw(" ".repeat(from)),
            Span::styled("█".repeat(until - from), theme.accent),
        ];
        if row.failed {
            spans.push(Span::styled(
                format!(" {}", theme.glyphs.error),
                theme.error,
            ));
        }
        Line::from(spans)
    }
}

/// What is told in words below the bars: short, because the pane may be narrow.
fn facts(exchange: &Exchange) -> Vec<(&'static str, String)> {
    let timing = &exchange.timing;
    let mut facts = vec![("in all", summary::elapsed(exchange.elapsed))];
    let unseen = exchange.elapsed.saturating_sub(timing.seen());
    if timing.spans.is_empty() {
        facts.push(("phases", "nothing was measured".to_owned()));
    } else if unseen * 20 > exchange.elapsed && unseen >= Duration::from_millis(1) {
        let text = format!("{} between the phases", summary::elapsed(unseen));
        facts.push(("not seen", text));
    }
    facts.extend(connection(timing).map(|text| ("connection", text.to_owned())));
    if timing.span(Phase::ConnectAndTls).is_some() {
        facts.push(("TLS", "not told apart from connecting".to_owned()));
    }
    facts.extend(timing.version.clone().map(|version| ("protocol", version)));
    facts.extend(
        timing
            .sent
            .map(|bytes| ("sent", format!("{} of body", size(bytes)))),
    );
    if let Some(bytes) = timing.received {
        facts.extend(received(exchange, bytes));
    }
    if timing.reused.is_some() {
        facts.push(("attempts", "1, never repeated by itself".to_owned()));
    }
    facts
}

fn connection(timing: &Timing) -> Option<&'static str> {
    Some(if timing.reused? {
        "an earlier call's, still open"
    } else {
        "opened for this call"
    })
}

/// The size of the answer's body, as it came and unpacked.
fn received(exchange: &Exchange, bytes: u64) -> Vec<(&'static str, String)> {
    let headers = exchange.head().map_or(&[][..], |(_, headers)| headers);
    let encoding = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let size = size(bytes);
    match encoding {
        Some((_, name)) if !name.eq_ignore_ascii_case("identity") => vec![
            ("received", format!("{size} of body, {name}")),
            ("unpacked", summary::size(exchange.body().len())),
        ],
        _ => vec![("received", format!("{size} of body"))],
    }
}

fn size(bytes: u64) -> String {
    summary::size(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// The phases of a call that runs, in one line: those that are over, and for how long it has been waiting since. `since`
/// is how long the call has run.
pub fn so_far(timing: &Timing, since: Duration, separator: &str) -> String {
    let over = timing.spans.iter().filter(|span| span.phase != Phase::Wait);
    let mut parts: Vec<String> = over
        .map(|span| format!("{} {}", span.phase.title(), summary::elapsed(span.length())))
        .collect();
    if timing.reused == Some(true) {
        parts.push("over an open connection".to_owned());
    }
    let left = timing
        .span(Phase::Wait)
        .map_or(Duration::ZERO, |span| span.from);
    let waiting = since.saturating_sub(left);
    parts.push(format!("waiting {:.1} s", waiting.as_secs_f64()));
    parts.join(&format!(" {separator} "))
}
