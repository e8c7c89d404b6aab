//! The verbs of a viewer and their keys.

use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::CLOSING;
use crate::tui::action::twin::COPYING;
use crate::tui::action::twin::LOOKING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::action::twin::WRITING;
use crate::tui::viewer::yank::Yank;

/// A verb of a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// One screen down.
    PageDown,
    /// One screen up.
    PageUp,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// To the next of the same parent.
    NextSibling,
    /// To the one before of the same parent.
    PreviousSibling,
    /// To what holds this.
    Parent,
    /// To the next member of the same name.
    NextSameKey,
    /// To the member of the same name before.
    PreviousSameKey,
    /// To where the text stops being JSON.
    ToFault,
    /// Fold or unfold; show a single value whole.
    Toggle,
    /// Fold, or go to what holds this.
    Fold,
    /// Unfold, or go inside.
    Unfold,
    /// Fold everything.
    FoldAll,
    /// Unfold everything.
    UnfoldAll,
    /// Fold this and its siblings, or unfold them all.
    ToggleSiblings,
    /// Leave so many levels open.
    FoldTo(u8),
    /// Show the value whole.
    Peek,
    /// Wrap long values, or cut them.
    Wrap,
    /// The next way of looking at it.
    NextLook,
    /// The way of looking before.
    PreviousLook,
    /// Copy something of the node.
    Yank(Yank),
    /// Copy everything.
    YankAll,
    /// Save everything as a file.
    Save,
    /// Read it in the user's pager.
    Pager,
    /// Read it in the user's editor.
    Editor,
    /// Look for something.
    Search,
    /// To the next hit.
    NextHit,
    /// To the hit before.
    PreviousHit,
    /// Filter it.
    Filter,
    /// Sort the table by the column one is in.
    Sort,
    /// Choose the columns of the table.
    Columns,
    /// What the column holds.
    Column,
    /// Close the sheet.
    ClosePeek,
    /// Scroll the sheet one row down.
    PeekDown,
    /// Scroll the sheet one row up.
    PeekUp,
    /// Scroll the sheet one screen down; show or hide the column that is chosen.
    PeekMore,
    /// Scroll the sheet one screen down.
    PeekPageDown,
    /// Scroll the sheet one screen up.
    PeekPageUp,
    /// To the beginning of the sheet.
    PeekFirst,
    /// To the end of the sheet.
    PeekLast,
    /// Read the escapes of the string, or show them as they are written.
    PeekEscapes,
    /// Show what else the value may mean.
    PeekReading,
    /// Open the document inside the value.
    PeekInside,
    /// Take the line that is written.
    LineEnter,
    /// Leave the line that is written.
    LineLeave,
    /// Complete what is written.
    LineComplete,
    /// What was written before; the hit before.
    LineOlder,
    /// What was written after that; the next hit.
    LineNewer,
    /// Look for a regular expression, or for the text.
    LineRegex,
    /// Look everywhere, in keys, in values.
    LineScope,
    /// Take capitals otherwise.
    LineCase,
}

/// The rows of these verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Viewer, Action::Toggle, "viewer.toggle", "Fold or unfold; show a single value whole", &["enter", "space", "z a"], LOOKING).hint("fold"),
    ActionSpec::new(Scope::Viewer, Action::Down, "viewer.down", "Next row", &["down", "j"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::Up, "viewer.up", "Row before", &["up", "k"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::NextSibling, "viewer.next-sibling", "Next of the same parent", &["J"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::PreviousSibling, "viewer.previous-sibling", "The one before of the same parent", &["K"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::Parent, "viewer.parent", "Go to what holds this", &["backspace"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::NextSameKey, "viewer.next-same-key", "Next member of this name", &["*"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::PreviousSameKey, "viewer.previous-same-key", "Member of this name before", &["#"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::ToFault, "viewer.to-fault", "Go to where the text stops being JSON, or to what is odd in an answer", &["!"], MOVING).hint("problem"),
    ActionSpec::new(Scope::Viewer, Action::Fold, "viewer.fold", "Fold, or go to what holds this", &["left", "h", "z c"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::Unfold, "viewer.unfold", "Unfold, or go inside", &["right", "l", "z o"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::FoldAll, "viewer.fold-all", "Fold everything", &["z M"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::UnfoldAll, "viewer.unfold-all", "Unfold everything", &["z R"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::ToggleSiblings, "viewer.toggle-siblings", "Fold this and its siblings, or unfold them", &["z s"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::FoldTo(1), "viewer.level-1", "Leave one level open", &["z 1"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::FoldTo(2), "viewer.level-2", "Leave two levels open", &["z 2"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::FoldTo(3), "viewer.level-3", "Leave three levels open", &["z 3"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::FoldTo(4), "viewer.level-4", "Leave four levels open", &["z 4"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::FoldTo(5), "viewer.level-5", "Leave five levels open", &["z 5"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::FoldTo(6), "viewer.level-6", "Leave six levels open", &["z 6"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::FoldTo(7), "viewer.level-7", "Leave seven levels open", &["z 7"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::FoldTo(8), "viewer.level-8", "Leave eight levels open", &["z 8"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::FoldTo(9), "viewer.level-9", "Leave nine levels open", &["z 9"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::PageDown, "viewer.page-down", "One screen down", &["pagedown", "ctrl-f"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::PageUp, "viewer.page-up", "One screen up", &["pageup"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::First, "viewer.first", "First row", &["home"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::Last, "viewer.last", "Last row", &["end", "G"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::Peek, "viewer.peek", "Show the value whole", &["p"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::Wrap, "viewer.wrap", "Wrap long values, or cut them", &["W"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::NextLook, "viewer.next-look", "Look at it otherwise: tree, text, raw, bytes: the next", &["v"], LOOKING).hint("view"),
    ActionSpec::new(Scope::Viewer, Action::PreviousLook, "viewer.previous-look", "Look at it otherwise: the way before", &["V"], LOOKING),
    ActionSpec::new(Scope::Viewer, Action::Yank(Yank::Value), "viewer.yank-value", "Copy the value, indented", &["y y"], COPYING),
    ActionSpec::new(Scope::Viewer, Action::Yank(Yank::Said), "viewer.yank-string", "Copy what the string says", &["y s"], COPYING),
    ActionSpec::new(Scope::Viewer, Action::Yank(Yank::Line), "viewer.yank-line", "Copy the value on one line", &["y v"], COPYING),
    ActionSpec::new(Scope::Viewer, Action::Yank(Yank::Key), "viewer.yank-key", "Copy the key", &["y k"], COPYING),
    ActionSpec::new(Scope::Viewer, Action::Yank(Yank::AttrPath), "viewer.yank-path", "Copy the attribute path", &["y p"], COPYING),
    ActionSpec::new(Scope::Viewer, Action::Yank(Yank::JqPath), "viewer.yank-jq-path", "Copy the path as a jq filter", &["y q"], COPYING),
    ActionSpec::new(Scope::Viewer, Action::Yank(Yank::Filter), "viewer.yank-filter", "Copy a filter that finds records with this value", &["y f"], COPYING),
    ActionSpec::new(Scope::Viewer, Action::YankAll, "viewer.yank-all", "Copy everything as it came", &["y j"], Twin::Command("view")),
    ActionSpec::new(Scope::Viewer, Action::Search, "viewer.search", "Look for something", &["/"], LOOKING).hint("find"),
    ActionSpec::new(Scope::Viewer, Action::NextHit, "viewer.next-hit", "Next hit", &["n"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::PreviousHit, "viewer.previous-hit", "Hit before", &["N"], MOVING),
    ActionSpec::new(Scope::Viewer, Action::Filter, "viewer.filter", "Filter with jq; Esc takes the filter off", &["|"], LOOKING).hint("jq"),
    ActionSpec::new(Scope::Viewer, Action::Sort, "viewer.sort", "In the table: sort by this column", &["s"], LOOKING).hint("sort"),
    ActionSpec::new(Scope::Viewer, Action::Columns, "viewer.columns", "In the table: choose the columns", &["c"], LOOKING).hint("columns"),
    ActionSpec::new(Scope::Viewer, Action::Column, "viewer.column", "In the table: what this column holds", &["%"], LOOKING).hint("profile"),
    ActionSpec::new(Scope::Viewer, Action::Pager, "viewer.pager", "Read it in $PAGER", &["O"], Twin::Command("view")),
    ActionSpec::new(Scope::Viewer, Action::Editor, "viewer.editor", "Read a copy of it in $EDITOR", &["E"], Twin::Command("view")),
    ActionSpec::new(Scope::Viewer, Action::Save, "viewer.save", "Save everything as a file", &["S"], Twin::Command("view")),
    ActionSpec::new(Scope::Peek, Action::ClosePeek, "peek.close", "Close the value", &["esc", "q", "p", "enter"], CLOSING).hint("close"),
    ActionSpec::new(Scope::Peek, Action::PeekEscapes, "peek.escapes", "Read the escapes, or show them as they are written", &["e"], LOOKING).hint("escapes"),
    ActionSpec::new(Scope::Peek, Action::PeekReading, "peek.reading", "Show what else the value may mean", &["r", "tab"], LOOKING).hint("reading"),
    ActionSpec::new(Scope::Peek, Action::PeekInside, "peek.inside", "Open the document inside the value", &["o"], LOOKING).hint("open inside"),
    ActionSpec::new(Scope::Peek, Action::PeekDown, "peek.down", "Next row", &["down", "j"], MOVING),
    ActionSpec::new(Scope::Peek, Action::PeekUp, "peek.up", "Row before", &["up", "k"], MOVING),
    ActionSpec::new(Scope::Peek, Action::PeekPageDown, "peek.page-down", "One screen down", &["pagedown"], MOVING),
    ActionSpec::new(Scope::Peek, Action::PeekMore, "peek.more", "One screen down; show or hide the column", &["space"], MOVING),
    ActionSpec::new(Scope::Peek, Action::PeekPageUp, "peek.page-up", "One screen up", &["pageup"], MOVING),
    ActionSpec::new(Scope::Peek, Action::PeekFirst, "peek.first", "To the beginning", &["home"], MOVING),
    ActionSpec::new(Scope::Peek, Action::PeekLast, "peek.last", "To the end", &["end", "G"], MOVING),
    ActionSpec::new(Scope::ViewerLine, Action::LineEnter, "viewer-line.enter", "Take the line", &["enter"], WRITING).hint("go"),
    ActionSpec::new(Scope::ViewerLine, Action::LineLeave, "viewer-line.leave", "Leave it as it was", &["esc"], WRITING).hint("leave"),
    ActionSpec::new(Scope::ViewerLine, Action::LineComplete, "viewer-line.complete", "Complete a filter", &["tab"], WRITING).hint("complete"),
    ActionSpec::new(Scope::ViewerLine, Action::LineOlder, "viewer-line.older", "The filter before; the hit before", &["up"], WRITING),
    ActionSpec::new(Scope::ViewerLine, Action::LineNewer, "viewer-line.newer", "The filter after; the next hit", &["down"], WRITING),
    ActionSpec::new(Scope::ViewerLine, Action::LineRegex, "viewer-line.regex", "Look for a regular expression, or for the text", &["ctrl-r"], WRITING),
    ActionSpec::new(Scope::ViewerLine, Action::LineScope, "viewer-line.scope", "Look everywhere, in keys, in values", &["ctrl-o"], WRITING),
    ActionSpec::new(Scope::ViewerLine, Action::LineCase, "viewer-line.case", "Smart, exact or any case", &["ctrl-t"], WRITING),
];
