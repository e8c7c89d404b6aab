//! The menu of the kinds of rules: what each does, to which attributes it applies, and why one does not fit here. It
//! narrows while one types. Which key does what is the sheet's.

use crossterm::event::KeyEvent;

use crate::capture::schema::EntityType;
use crate::capture::schema::rule::Argument;
use crate::capture::schema::rule::KINDS;
use crate::capture::schema::rule::RuleKind;
use crate::tui::line_edit::LineEdit;
use crate::tui::overlays::rules::draft::Draft;
use crate::tui::overlays::rules::draft::Part;
use crate::tui::overlays::rules::draft::Row;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;

/// A choice of a kind of rule for one part of a definition.
#[derive(Debug)]
pub struct KindMenu {
    /// Which part it is for, from 0.
    pub part: usize,
    /// How many parts there are, and how they are joined.
    pub title: String,
    /// Every kind, with why it is not offered.
    pub kinds: Vec<(&'static RuleKind, Option<String>)>,
    /// The text by which the list is narrowed.
    pub search: LineEdit,
    /// The place in the list that it leaves.
    pub cursor: ListCursor,
}

impl KindMenu {
    /// The menu for a part.
    pub fn new(draft: &Draft, part: usize, schema: &EntityType) -> Self {
        let kinds: Vec<_> = KINDS
            .iter()
            .map(|kind| (kind, draft.unfit_kind(kind, part, schema)))
            .collect();
        let now = draft.parts.get(part).and_then(|part| part.kind);
        let at = match now {
            Some(now) => kinds.iter().position(|(kind, _)| *kind == now),
            None => kinds.iter().position(|(_, unfit)| unfit.is_none()),
        };
        let mut cursor = ListCursor::default();
        cursor.put(at.unwrap_or(0), kinds.len());
        let not = if draft.parts.get(part).is_some_and(|part| part.not) {
            "not "
        } else {
            ""
        };
        let title = match draft.parts.len() {
            1 => format!("Rule: {not}…"),
            count => format!("Rule {} of {count}: {not}…", part + 1),
        };
        Self {
            part,
            title,
            kinds,
            search: LineEdit::default(),
            cursor,
        }
    }

    /// Moves the cursor, with so many rows in sight.
    pub fn go(&mut self, to: Move, height: usize) {
        let len = self.shown().len();
        self.cursor.height = height;
        self.cursor.go(to, len);
    }

    /// Takes a key that narrows the list.
    pub fn typed(&mut self, key: KeyEvent) {
        if self.search.key(key) {
            self.cursor.put(0, self.shown().len());
        }
    }

    /// Narrows the list by what was pasted.
    pub fn paste(&mut self, text: &str) {
        self.search.paste(text);
        self.cursor.put(0, self.shown().len());
    }

    /// The kinds that the text leaves: those whose name begins so first, then those in whose name it stands, then those
    /// that do something in whose words it stands.
    pub fn shown(&self) -> Vec<&(&'static RuleKind, Option<String>)> {
        let wanted = self.search.text().trim().to_lowercase();
        let rank = |kind: &RuleKind| {
            let hits = [
                kind.name.starts_with(&wanted),
                kind.name.contains(&wanted),
                kind.does.contains(&wanted),
            ];
            hits.iter().position(|hit| *hit)
        };
        let kinds = self.kinds.iter();
        let mut found: Vec<_> = kinds.filter_map(|it| Some((rank(it.0)?, it))).collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, it)| it).collect()
    }

    /// The kind under the cursor, or why it cannot be chosen.
    pub fn chosen(&self) -> Result<&'static RuleKind, String> {
        match self.shown().get(self.cursor.at) {
            Some((kind, None)) => Ok(kind),
            Some((_, Some(why))) => Err(why.clone()),
            None => Err("there is no such rule: Backspace".to_owned()),
        }
    }

    /// Puts a kind into the draft; gives the menu that goes on, when another choice is due.
    pub fn choose(
        &self,
        kind: &'static RuleKind,
        draft: &mut Draft,
        schema: &EntityType,
    ) -> Option<Self> {
        draft.touch();
        draft.json = None;
        match (kind.argument, kind.name) {
            (Argument::Rules, "not") => {
                let part = draft.parts.get_mut(self.part)?;
                part.not = true;
                // What stood there need not have an opposite.
                part.kind = part.kind.filter(|kind| !kind.changes);
                return Some(Self::new(draft, self.part, schema));
            }
            (Argument::Rules, joint) => {
                draft.any = joint == "or";
                draft.parts.insert(self.part + 1, Part::default());
                let is_open = draft.parts[self.part].kind.is_none();
                let next = self.part + usize::from(!is_open);
                draft.at = Row::Rule(next);
                return Some(Self::new(draft, next, schema));
            }
            _ => {}
        }
        let part = draft.parts.get_mut(self.part)?;
        if part
            .kind
            .is_none_or(|before| before.argument != kind.argument)
        {
            part.argument = LineEdit::default();
        }
        part.kind = Some(kind);
        draft.at = match kind.argument {
            Argument::Nothing => Row::Rule(self.part),
            _ => Row::Argument(self.part),
        };
        None
    }
}
