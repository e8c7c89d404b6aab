//! What is odd about the records in the shown answer, told quietly at the end of its summary; one key goes from one
//! oddity to the next in the body. Looked for anew when another copy of the schema is there.

use std::sync::Arc;

use crate::capture::explain::Line;
use crate::capture::lint;
use crate::capture::lint::Finding;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::response::ResponsePane;
use crate::tui::panes::response::Tab;
use crate::tui::panes::response::body::Body;
use crate::tui::session::Session;

/// How many findings are told in words; the key goes through all.
const TOLD: usize = 4;

/// The label of the lines about oddities.
const LABEL: &str = "odd";

/// The label of the line about the copy of the schema.
const STALE: &str = "schema";

/// Longer answers are not looked at: a frame must not wait for it.
const LONGEST: usize = 1 << 20;

/// What was found in the shown answer.
#[derive(Debug, Default)]
pub struct Lint {
    /// The copy of the schema that it was looked at with.
    schema: Option<Arc<EntityType>>,
    findings: Vec<Finding>,
    /// The finding that the key goes to next.
    next: usize,
}

impl ResponsePane {
    /// Looks the shown answer over, unless that was done with this copy of its schema.
    pub fn look_over(&mut self, session: &Session) {
        let Some(shown) = &mut self.shown else {
            return;
        };
        let exchange = Arc::clone(&shown.exchange);
        let type_name = exchange.request.args.get("type_name").unwrap_or_default();
        let Some(schema) = session.schemas.get(type_name) else {
            return;
        };
        let known = shown.lint.schema.as_ref();
        if known.is_some_and(|known| Arc::ptr_eq(known, schema))
            || exchange.environment != session.environment
            || exchange.body().len() > LONGEST
        {
            return;
        }
        let Some(Answer::Ok(answer)) = exchange.answer() else {
            return;
        };
        shown.lint = Lint {
            schema: Some(Arc::clone(schema)),
            findings: lint::lint(&exchange.request, answer, schema, session.now),
            next: 0,
        };
        let lines = &mut shown.summary.lines;
        lines.retain(|line| ![LABEL, STALE].contains(&line.label));
        lines.extend(told(&shown.lint.findings));
        self.set_viewport(self.area);
    }

    /// Why there is no oddity to go to.
    pub(super) fn refuses_to_go(&self) -> Option<&'static str> {
        let shown = self.shown.as_ref()?;
        match shown.body {
            _ if shown.lint.findings.is_empty() => Some("nothing odd was found in this answer"),
            Body::Shown(_) => None,
            _ => Some("the answer is still being read"),
        }
    }

    /// Goes to the next oddity in the body.
    pub(super) fn go_to_odd(&mut self) {
        let Some(shown) = &mut self.shown else {
            return;
        };
        let Body::Shown(viewer) = &mut shown.body else {
            return;
        };
        let Some(finding) = shown.lint.findings.get(shown.lint.next) else {
            return;
        };
        shown.lint.next = (shown.lint.next + 1) % shown.lint.findings.len();
        self.tab = Tab::Answer;
        viewer.go_to(&finding.place);
    }
}

fn told(findings: &[Finding]) -> Vec<Line> {
    let mut lines = Vec::new();
    if findings.iter().any(|finding| finding.kind.means_stale()) {
        let text = keyed("the copy here is older or newer: <app.refresh> loads it anew");
        lines.push(Line::new(STALE, text));
    }
    for finding in findings.iter().take(TOLD) {
        let often = match finding.count {
            1 => String::new(),
            count => format!(" ({count} times)"),
        };
        let text = format!("{} {}{often}", finding.attribute, finding.what);
        lines.push(Line::new(LABEL, text));
    }
    if !findings.is_empty() {
        let more = match findings.len().saturating_sub(TOLD) {
            0 => String::new(),
            more => format!("{more} more; "),
        };
        lines.push(Line::new(
            LABEL,
            format!("{more}! goes from one to the next"),
        ));
    }
    lines
}
