//! The attribute under the cursor of the tree: everything that its definition says, one line each, to be edited.
//!
//! ```text
//!  lines: what there is, and what each refuses ──▶ view: the screen
//!  typing: a text of it       ─┐
//!  picker: its type            ├─▶ Design, with every key: nothing typed is ever lost
//!  update: toggles, moving    ─┘
//!  notes: what is changed, and what to know before it is sent
//! ```
//!
//! What does not apply to its type or place is shown and not offered, with the reason.

pub mod lines;
pub mod notes;
pub mod picker;
pub mod typing;
pub mod update;
pub mod view;

use ratatui::layout::Size;

use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::WRITING;
use crate::tui::panes::schema::attribute::picker::Picker;
use crate::tui::panes::schema::attribute::typing::Typing;

/// The attribute being edited.
#[derive(Debug, Default)]
pub struct AttributePane {
    /// The row of lines under the cursor.
    row: usize,
    /// The place in that row.
    column: usize,
    /// How many lines further down the screen is than the cursor needs; until the next key.
    scroll: usize,
    mode: Mode,
    size: Size,
}

/// What keys do in the pane.
#[derive(Debug, Default)]
enum Mode {
    /// They are verbs.
    #[default]
    Verbs,
    /// They belong to a text.
    Typing(Typing),
    /// They choose a type.
    Picking(Picker),
}

/// A verb of the attribute. Those of the tree work beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Edit the line: write its text, choose the type, or set and unset what is either.
    Edit,
    /// Set or unset; the next of the usual lengths.
    Toggle,
    /// The next attribute of the tree.
    NextAttribute,
    /// The attribute before.
    PreviousAttribute,
    /// The next line.
    Down,
    /// The line before.
    Up,
    /// What is beside it on the left.
    Left,
    /// What is beside it on the right.
    Right,
    /// The first line.
    First,
    /// The last line.
    Last,
    /// What is told further down.
    PageDown,
    /// What is told further up.
    PageUp,
    /// Back to the tree.
    Leave,
    /// Keep the text, or take the type, and go on.
    Commit,
    /// Keep the text, or leave the type as it is.
    LeaveText,
    /// Keep the text and write the next one.
    NextText,
    /// Keep the text and write the one before.
    PreviousText,
    /// Keep the text and go up; the type before.
    TextUp,
    /// Keep the text and go down; the next type.
    TextDown,
    /// Take the last typing back.
    UndoText,
    /// Type it again.
    RedoText,
}

/// The rows of the attribute's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Attribute, Action::Edit, "attribute.edit", "Write it, choose the type, set or unset", &["enter"], WRITING).hint("edit"),
    ActionSpec::new(Scope::Attribute, Action::Toggle, "attribute.toggle", "Set or unset; the next of the usual lengths", &["space"], WRITING).hint("set"),
    ActionSpec::new(Scope::Attribute, Action::Leave, "attribute.leave", "Go back to the tree", &["esc"], MOVING).hint("tree"),
    ActionSpec::new(Scope::Attribute, Action::NextAttribute, "attribute.next", "Next attribute of the tree", &["J"], MOVING),
    ActionSpec::new(Scope::Attribute, Action::PreviousAttribute, "attribute.previous", "Attribute before", &["K"], MOVING),
    ActionSpec::new(Scope::Attribute, Action::Down, "attribute.down", "Next line", &["down", "j"], MOVING),
    ActionSpec::new(Scope::Attribute, Action::Up, "attribute.up", "Line before", &["up", "k"], MOVING),
    ActionSpec::new(Scope::Attribute, Action::Right, "attribute.right", "What is beside it on the right", &["right", "l"], MOVING),
    ActionSpec::new(Scope::Attribute, Action::Left, "attribute.left", "What is beside it on the left", &["left", "h"], MOVING),
    ActionSpec::new(Scope::Attribute, Action::First, "attribute.first", "First line", &["home"], MOVING),
    ActionSpec::new(Scope::Attribute, Action::Last, "attribute.last", "Last line", &["end", "G"], MOVING),
    ActionSpec::new(Scope::Attribute, Action::PageDown, "attribute.page-down", "What is told further down", &["pagedown"], MOVING),
    ActionSpec::new(Scope::Attribute, Action::PageUp, "attribute.page-up", "What is told further up", &["pageup"], MOVING),
    ActionSpec::new(Scope::AttributeText, Action::Commit, "attribute-text.commit", "Keep the text, or take the type, and go on", &["enter"], WRITING).hint("keep"),
    ActionSpec::new(Scope::AttributeText, Action::LeaveText, "attribute-text.leave", "Keep the text, or leave the type as it is", &["esc"], WRITING).hint("done"),
    ActionSpec::new(Scope::AttributeText, Action::NextText, "attribute-text.next", "Keep it and write the next text", &["tab"], MOVING).hint("next text"),
    ActionSpec::new(Scope::AttributeText, Action::PreviousText, "attribute-text.previous", "Keep it and write the text before", &["shift-tab"], MOVING),
    ActionSpec::new(Scope::AttributeText, Action::TextUp, "attribute-text.up", "Keep the text and go up; the type before", &["up"], MOVING),
    ActionSpec::new(Scope::AttributeText, Action::TextDown, "attribute-text.down", "Keep the text and go down; the next type", &["down"], MOVING),
    ActionSpec::new(Scope::AttributeText, Action::UndoText, "attribute-text.undo", "Take the last typing back", &["ctrl-_", "ctrl-7", "ctrl-/"], WRITING),
    ActionSpec::new(Scope::AttributeText, Action::RedoText, "attribute-text.redo", "Type it again", &["ctrl-r"], WRITING),
];

impl AttributePane {
    /// Whether plain characters belong to a text now.
    pub fn typing(&self) -> bool {
        !matches!(self.mode, Mode::Verbs)
    }

    /// The scope of the keys here.
    pub fn scope(&self) -> Scope {
        if self.typing() {
            Scope::AttributeText
        } else {
            Scope::Attribute
        }
    }
}
