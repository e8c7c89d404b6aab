//! Which verb a key means: the table of all verbs, by scope and key sequence.

use crate::tui::action;
use crate::tui::action::Action;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::keys::combo::Combo;

/// Every binding of the program.
#[derive(Debug)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

#[derive(Debug)]
struct Binding {
    scope: Scope,
    keys: Vec<Combo>,
    action: Action,
}

/// What the keys pressed so far mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// This verb.
    Bound(Action),
    /// The beginning of a longer sequence.
    Prefix,
    /// Nothing.
    Unbound,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = action::all()
            .iter()
            .flat_map(|spec| {
                spec.keys.iter().map(|notation| Binding {
                    scope: spec.bound_in(),
                    keys: read_sequence(notation),
                    action: spec.action,
                })
            })
            .collect();
        Self { bindings }
    }
}

impl Keymap {
    /// What `pressed` means when `scopes` are active, the innermost first.
    pub fn lookup(&self, scopes: &[Scope], pressed: &[Combo]) -> Lookup {
        for scope in scopes {
            let in_scope = || self.bindings.iter().filter(|b| b.scope == *scope);
            if let Some(binding) = in_scope().find(|b| b.keys == pressed) {
                return Lookup::Bound(binding.action);
            }
            if in_scope().any(|b| b.keys.starts_with(pressed)) {
                return Lookup::Prefix;
            }
        }
        Lookup::Unbound
    }
}

fn read_sequence(notation: &str) -> Vec<Combo> {
    notation
        .split(' ')
        .map(|key| key.parse().expect("a test reads every default key"))
        .collect()
}

/// The first default key of a verb as people see it; empty when it has none.
pub fn shown_key<A>(spec: &ActionSpec<A>) -> String {
    each_key(spec).next().unwrap_or_default()
}

/// Each default key of a verb as people see it.
pub fn each_key<A>(spec: &ActionSpec<A>) -> impl Iterator<Item = String> {
    spec.keys.iter().map(|keys| shown(keys))
}

/// The default keys of a verb that `counts` takes, in their notation, as people see them.
pub fn shown_keys<A>(spec: &ActionSpec<A>, counts: impl Fn(&str) -> bool) -> String {
    let keys = spec.keys.iter().filter(|keys| counts(keys));
    let keys: Vec<String> = keys.map(|keys| shown(keys)).collect();
    keys.join(", ")
}

fn shown(notation: &str) -> String {
    let keys: Vec<String> = read_sequence(notation)
        .iter()
        .map(ToString::to_string)
        .collect();
    keys.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_key_is_readable_and_meant_once() {
        let map = Keymap::default();
        for (index, binding) in map.bindings.iter().enumerate() {
            for other in &map.bindings[index + 1..] {
                assert!(
                    binding.scope != other.scope
                        || (!binding.keys.starts_with(&other.keys)
                            && !other.keys.starts_with(&binding.keys)),
                    "{:?} and {:?} share {:?}",
                    binding.action,
                    other.action,
                    binding.keys
                );
            }
        }
    }

    #[test]
    fn no_text_scope_takes_a_plain_character() {
        let map = Keymap::default();
        for binding in &map.bindings {
            if !matches!(
                binding.scope,
                Scope::Edit
                    | Scope::Filter
                    | Scope::SchemaText
                    | Scope::SchemaFilter
                    | Scope::ViewerLine
                    | Scope::HistoryLine
            ) {
                continue;
            }
            assert!(!binding.keys[0].is_text(), "{:?}", binding.action);
        }
    }

    #[test]
    fn ids_are_unique_and_name_their_pane() {
        let mut ids: Vec<&str> = action::all().iter().map(|spec| spec.id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(ids.iter().all(|id| id.contains('.')));
    }
}
