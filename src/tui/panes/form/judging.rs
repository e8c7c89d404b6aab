//! What is said of a text while it is typed: calmly what would be right, a tick once it is, and what is wrong with it only
//! where more typing will not help, or where it was wrong before.
//!
//! The same checks as on leaving the field, made anew for every key. What they need to know of the rest of the draft is
//! gathered once, when typing begins. What is said on leaving is `draft`'s.

use jiff::Timestamp;

use crate::capture::advice;
use crate::json::sanitize;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Target;
use crate::tui::panes::form::Typing;
use crate::tui::panes::form::differences::Compared;
use crate::tui::panes::form::differences::Others;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::editors::note;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::problems::Problem;
use crate::tui::panes::form::rows;
use crate::tui::panes::form::typing;
use crate::tui::panes::form::view::Columns;

/// What is known of the field that is edited, from the beginning of that.
pub struct Judging {
    /// The problem that it had.
    known: Option<Problem>,
    /// What must be another value.
    others: Option<Others>,
    /// What is said now.
    pub note: Option<Note>,
}

/// What is said under a field while it is edited.
#[derive(Debug, PartialEq, Eq)]
pub struct Note {
    /// How it is meant.
    pub tone: Tone,
    /// It, on lines as wide as the form has room for.
    pub lines: Vec<String>,
}

/// How a note is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// This would be right.
    Expected,
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
}

impl FormPane {
    /// Judges the text being edited; `true` when rows came or went by that.
    pub(super) fn judge(&mut self, now: Timestamp) -> bool {
        let width = self.size.width;
        let Some((place, text)) = self.typed_text() else {
            return false;
        };
        let Some(draft) = self
            .current
            .as_ref()
            .and_then(|key| self.drafts.get_mut(key))
        else {
            return false;
        };
        let Some(typing) = &mut self.typing else {
            return false;
        };
        let Some(field) = candidate(draft, &place, text.clone(), now) else {
            return false;
        };
        let judging = typing.judging.get_or_insert_with(|| Judging {
            known: draft.problems().at(&place).cloned(),
            others: Compared::at(draft.fields(), &place)
                .map(|compared| compared.others(draft.fields(), &place, now)),
            note: None,
        });
        let unchanged = typing.before == text;
        let wrong = match &judging.known {
            _ if text.len() > note::LONGEST_JSON => judging.known.clone(),
            // What was found before is still true of what is still the same, also when only the service knows.
            Some(known) if unchanged => Some(known.clone()),
            _ => wrong(draft, &field, &place, judging.others.as_ref(), now),
        };
        let said = say(&field, &text, wrong.as_ref(), judging.known.is_some(), now);
        let columns = Columns::new(width, draft.names).reason_width();
        let note = said.map(|(tone, text)| Note {
            tone,
            lines: match tone {
                Tone::Wrong => rows::wrapped(&text, columns),
                // One line, so that none comes and goes while one types.
                Tone::Expected | Tone::Right => {
                    vec![sanitize::truncate(&sanitize::clean(&text), columns)]
                }
            },
        });
        let count = |note: &Option<Note>| note.as_ref().map_or(0, |note| note.lines.len());
        let mut moved = count(&judging.note) != count(&note);
        judging.note = note;
        if judging.known.is_some() {
            moved |= draft.problems().at(&place).is_some() != wrong.is_some();
            draft.set_problem(&place, wrong);
        }
        moved
    }

    /// Where the text that is edited belongs, and the text.
    fn typed_text(&self) -> Option<(Place, String)> {
        let Typing { target, area, .. } = self.typing.as_ref()?;
        match target {
            Target::Field { place, .. } => Some((
                place.clone(),
                area.lines().join(
                    "
",
                ),
            )),
            Target::Filter => None,
        }
    }
}

/// The field as it would be if editing ended now.
fn candidate(draft: &Draft, place: &[u32], text: String, now: Timestamp) -> Option<Field> {
    let mut field = field::field(draft.fields(), place)?.clone();
    typing::put_text(&mut field, text, now);
    Some(field)
}

fn wrong(
    draft: &Draft,
    field: &Field,
    place: &[u32],
    others: Option<&Others>,
    now: Timestamp,
) -> Option<Problem> {
    draft
        .problem_of(field, place, now)
        .or_else(|| others?.problem(draft.fields(), field, now))
}

fn say(
    field: &Field,
    text: &str,
    wrong: Option<&Problem>,
    was_wrong: bool,
    now: Timestamp,
) -> Option<(Tone, String)> {
    let def = &field.attr.def;
    let fact = note::has_note(field).then(|| note::note(field, text, now));
    let nothing = field.presence != Presence::Given || text.is_empty();
    match wrong {
        Some(problem) if was_wrong || !nothing && !advice::may_be_unfinished(problem.code, def) => {
            Some((Tone::Wrong, problem.reason.clone()))
        }
        None if !nothing && !field.is_secret() => {
            let said = fact.or_else(|| advice::kind(def))?;
            Some((Tone::Right, said))
        }
        _ => Some((Tone::Expected, fact.or_else(|| advice::expected(def))?)),
    }
}
