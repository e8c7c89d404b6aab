//! The verbs that move in the list of a sheet: their keys and titles, one table for all sheets. Their names stand
//! with each sheet's other verbs. Panes have rows of their own, where these verbs mean more.

use crate::tui::action::Action;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::MOVING;
use crate::tui::panes::list_cursor::Move;

/// How, the title and the keys.
const MOVES: [(Move, &str, &[&str]); 6] = [
    (Move::By(1), "Next row", &["down", "j"]),
    (Move::By(-1), "Row before", &["up", "k"]),
    (Move::Pages(1), "Several rows further", &["pagedown"]),
    (Move::Pages(-1), "Several rows back", &["pageup"]),
    (Move::First, "First row", &["home"]),
    (Move::Last, "Last row", &["end", "G"]),
];

/// The rows of a sheet, with these names.
pub fn moves(
    scope: Scope,
    names: [&'static str; MOVES.len()],
    into: fn(Move) -> Action,
) -> impl Iterator<Item = ActionSpec<Action>> {
    let rows = MOVES.into_iter().zip(names);
    rows.map(move |((to, title, keys), name)| {
        ActionSpec::new(scope, into(to), name, title, keys, MOVING)
    })
}
