//! What every verb has: a name, a title, default keys, and where it works. The keymap, the footer, the help screen and
//! the documentation are all folds over these rows, so that none of them can lie.

use crate::tui::action::twin::Twin;

/// Where a verb's keys work. The innermost scope with a binding wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere.
    App,
    /// The list of entity types.
    Types,
    /// The form, while no field is being edited.
    Form,
    /// The form, while a field has the cursor: plain characters belong to the field.
    Edit,
    /// The form, while the calendar of a field is open.
    Calendar,
    /// The response.
    Response,
    /// The text in a viewer.
    Viewer,
    /// A value on a sheet over it.
    Peek,
    /// A line that is written in a viewer: plain characters belong to it.
    ViewerLine,
    /// The history.
    History,
    /// The search of the history while it is written: plain characters belong to it.
    HistoryLine,
    /// The list of files that are looked at.
    Files,
    /// The records found.
    Records,
    /// The filter of the records while it is written: plain characters belong to it.
    Filter,
    /// The tree of a schema.
    Schema,
    /// The JSON in that tree's place, while it is written: plain characters belong to it.
    SchemaText,
    /// The filter of that tree while it is written: plain characters belong to it.
    SchemaFilter,
    /// The attribute under the cursor of that tree.
    Attribute,
    /// A text of that attribute, while it is written: plain characters belong to it.
    AttributeText,
    /// A choice of attributes: plain characters narrow it, but for Space.
    Pick,
    /// The plan of a schema's changes.
    Plan,
    /// The comparison of two schemas.
    Compare,
    /// A record through time.
    Timeline,
    /// The comparison of two calls.
    CallCompare,
    /// The rules of an entity type: where a text is written, plain characters belong to it.
    Rules,
    /// What clients may read and write: where a text is written, plain characters belong to it.
    Access,
}

impl Scope {
    /// Whether all plain characters belong to a text there.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Edit
                | Self::Filter
                | Self::SchemaText
                | Self::SchemaFilter
                | Self::ViewerLine
                | Self::HistoryLine
        )
    }
}

/// A verb of a pane, whose own action type is `A`.
#[derive(Debug)]
pub struct ActionSpec<A: 'static> {
    /// The verb.
    pub action: A,
    /// A stable name for configuration and documentation: `form.submit`.
    pub id: &'static str,
    /// What it does, as a sentence's predicate: "Send the record".
    pub title: &'static str,
    /// The word beside its key in the footer; verbs without one are in the help only.
    pub hint: Option<&'static str>,
    /// Default keys, in the notation of [`crate::tui::keys::combo`].
    pub keys: &'static [&'static str],
    /// Where the keys work, and where it is listed.
    pub scope: Scope,
    /// Whether the keys work in every other place too, where it is listed with the program's own.
    pub everywhere: bool,
    /// What does the same without a screen.
    pub twin: Twin,
}

impl<A: Copy> ActionSpec<A> {
    /// A row without a word in the footer.
    pub const fn new(
        scope: Scope,
        action: A,
        id: &'static str,
        title: &'static str,
        keys: &'static [&'static str],
        twin: Twin,
    ) -> Self {
        Self {
            action,
            id,
            title,
            hint: None,
            keys,
            scope,
            everywhere: false,
            twin,
        }
    }

    /// The same row with keys that work everywhere.
    #[must_use]
    pub const fn everywhere(self) -> Self {
        Self {
            everywhere: true,
            ..self
        }
    }

    /// The scope in which its keys are looked up.
    pub const fn bound_in(&self) -> Scope {
        if self.everywhere {
            Scope::App
        } else {
            self.scope
        }
    }

    /// The same row with a word in the footer.
    #[must_use]
    pub const fn hint(self, hint: &'static str) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }
}
