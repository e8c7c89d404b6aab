//! Which verb a key means, and which keys a verb has: the table of all verbs, with the keys that the user chose in place
//! of a verb's own.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use crate::config::keys::KeySetting;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;
use crate::tui::action;
use crate::tui::action::Action;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::keys::combo::Combo;

/// Every binding of the program.
#[derive(Debug)]
pub struct Keymap {
    verbs: Vec<Verb>,
    /// What the user chose: verbs by name, each with its keys as they were written.
    chosen: Vec<(String, Vec<String>)>,
}

/// A verb and its keys.
#[derive(Debug)]
struct Verb {
    spec: ActionSpec<Action>,
    keys: Vec<Keys>,
    /// Where the user gave it these keys.
    place: Option<String>,
}

impl Verb {
    /// The key at this place of its keys, or its first, as people see it; `:` and its name when it has none.
    fn key(&self, at: usize) -> String {
        match self.keys.get(at).or(self.keys.first()) {
            Some(keys) => keys.to_string(),
            None => format!(":{}", self.spec.id),
        }
    }
}

/// A key, or keys that are pressed one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys(Vec<Combo>);

impl Keys {
    fn read(notation: &str) -> Result<Self, String> {
        let keys: Result<Vec<Combo>, _> = notation.split_whitespace().map(str::parse).collect();
        match keys {
            Ok(keys) if keys.is_empty() => Err("an empty text names no key".to_owned()),
            Ok(keys) => Ok(Self(keys)),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether it begins with a character that a text would take.
    pub fn is_text(&self) -> bool {
        self.0.first().is_some_and(|first| first.is_text())
    }

    fn clashes(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

/// As people see it: `Ctrl-S`, `g f`.
impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&keys.join(" "))
    }
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
        let own = |spec: ActionSpec<Action>| Verb {
            keys: spec
                .keys
                .iter()
                .map(|keys| Keys::read(keys).expect("a test reads every default key"))
                .collect(),
            spec,
            place: None,
        };
        Self {
            verbs: action::all().into_iter().map(own).collect(),
            chosen: Vec::new(),
        }
    }
}

impl Keymap {
    /// The keys with those that the user chose; everything that is wrong about these.
    pub fn configured(settings: &[KeySetting]) -> Result<Self, Vec<Failure>> {
        let mut map = Self::default();
        let mut faults = Vec::new();
        for setting in settings {
            if let Err(fault) = map.set(setting) {
                faults.push(fault);
            }
        }
        faults.extend(map.clashes());
        if faults.is_empty() {
            Ok(map)
        } else {
            Err(faults)
        }
    }

    fn set(&mut self, setting: &KeySetting) -> Result<(), Failure> {
        let KeySetting { verb, keys, place } = setting;
        let names = || self.verbs.iter().map(|verb| verb.spec.id);
        let Some(at) = names().position(|name| name == verb) else {
            let failure = fault(place, &format!("keys: there is no verb `{verb}`"));
            return Err(match nearest(verb, names()) {
                Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
                None => failure.hint("`captui keys` lists the verbs".to_owned()),
            });
        };
        let scope = self.verbs[at].spec.bound_in();
        let mut read = Vec::new();
        for notation in keys {
            let keys = Keys::read(notation)
                .map_err(|error| fault(place, &format!("keys: {verb}: {error}")))?;
            if keys.is_text() && scope.takes_text() {
                let words = format!("keys: {verb}: `{notation}` is a character of the text there");
                return Err(fault(place, &words).hint("take a key such as ctrl-x, alt-x or f6"));
            }
            read.push(keys);
        }
        self.verbs[at].keys = read;
        self.verbs[at].place = Some(place.clone());
        self.chosen.push((verb.clone(), keys.clone()));
        Ok(())
    }

    /// What the user chose: verbs by name, each with its keys as they were written.
    pub fn chosen(&self) -> &[(String, Vec<String>)] {
        &self.chosen
    }

    /// Keys that two verbs have in one place.
    fn clashes(&self) -> Vec<Failure> {
        let mut faults = Vec::new();
        for (index, verb) in self.verbs.iter().enumerate() {
            let Some(place) = &verb.place else { continue };
            for (at, other) in self.verbs.iter().enumerate() {
                // Of two that the user set, the later one is told.
                let is_told = other.place.is_none() || at < index;
                if at == index || !is_told || other.spec.bound_in() != verb.spec.bound_in() {
                    continue;
                }
                let mut pairs = verb
                    .keys
                    .iter()
                    .flat_map(|keys| other.keys.iter().map(move |others| (keys, others)));
                if let Some((keys, others)) = pairs.find(|(keys, others)| keys.clashes(others)) {
                    let ActionSpec { id, title, .. } = other.spec;
                    let means = if keys == others {
                        format!("`{keys}` means `{id}` there ({title})")
                    } else {
                        format!("`{keys}` cannot be told from `{others}`, `{id}` ({title})")
                    };
                    let words = format!("keys: {}: {means}", verb.spec.id);
                    let hint = format!("give `{id}` other keys, or none: \"{id}\" = []");
                    faults.push(fault(place, &words).hint(hint));
                }
            }
        }
        faults
    }

    /// What `pressed` means when `scopes` are active, the innermost first.
    pub fn lookup(&self, scopes: &[Scope], pressed: &[Combo]) -> Lookup {
        for scope in scopes {
            let in_scope = || {
                let verbs = self.verbs.iter().filter(|it| it.spec.bound_in() == *scope);
                verbs.flat_map(|verb| verb.keys.iter().map(|keys| (keys, verb.spec.action)))
            };
            if let Some((_, action)) = in_scope().find(|(keys, _)| keys.0 == pressed) {
                return Lookup::Bound(action);
            }
            if in_scope().any(|(keys, _)| keys.0.starts_with(pressed)) {
                return Lookup::Prefix;
            }
        }
        Lookup::Unbound
    }

    /// All verbs with their keys, in the order of the table.
    pub fn verbs(&self) -> impl Iterator<Item = (&ActionSpec<Action>, &[Keys])> {
        let verbs = self.verbs.iter();
        verbs.map(|verb| (&verb.spec, verb.keys.as_slice()))
    }

    /// The keys of a verb.
    pub fn keys_of(&self, action: Action) -> &[Keys] {
        let verb = self.verbs.iter().find(|verb| verb.spec.action == action);
        verb.map_or(&[], |verb| &verb.keys)
    }

    /// The verbs that a key leads to which is the beginning of several: `g`.
    pub fn after(&self, scopes: &[Scope], pressed: &[Combo]) -> Vec<(String, &ActionSpec<Action>)> {
        let mut found: Vec<(String, &ActionSpec<Action>)> = Vec::new();
        for scope in scopes {
            let verbs = self.verbs.iter().filter(|it| it.spec.bound_in() == *scope);
            for (keys, verb) in verbs.flat_map(|verb| verb.keys.iter().map(move |it| (it, verb))) {
                if let Some(rest) = keys.0.strip_prefix(pressed)
                    && !rest.is_empty()
                {
                    let rest = Keys(rest.to_vec()).to_string();
                    if !found.iter().any(|(taken, _)| *taken == rest) {
                        found.push((rest, &verb.spec));
                    }
                }
            }
        }
        found
    }
}

fn fault(place: &str, words: &str) -> Failure {
    Failure::new(FailureKind::Usage, format!("{place}: {words}"))
}

thread_local! {
    /// The keys in force, for the words on the screen, all of which are written by the thread that draws it.
    static IN_FORCE: RefCell<Rc<Keymap>> = RefCell::new(Rc::new(Keymap::default()));
}

/// Puts keys into force for the words on the screen of this thread.
pub fn put_in_force(map: &Rc<Keymap>) {
    IN_FORCE.with(|keymap| *keymap.borrow_mut() = Rc::clone(map));
}

/// The first key of a verb as people see it; `:` and its name when it has none.
pub fn key(action: Action) -> String {
    IN_FORCE.with(|keymap| {
        let keymap = keymap.borrow();
        let verb = keymap.verbs.iter().find(|it| it.spec.action == action);
        verb.map(|verb| verb.key(0)).unwrap_or_default()
    })
}

/// Words with the keys in force in place of the verbs that they name: `<form.undo> takes it back`. `<form.move-up 2>` is the
/// verb's second key if it has one, and `<^form.reload>` is written short, as `^R`. What names no verb stays as it is.
pub fn keyed(words: &str) -> String {
    let mut rest = words;
    let mut told = String::with_capacity(words.len());
    while let Some((before, named)) = rest.split_once('<') {
        told.push_str(before);
        let key = named
            .split_once('>')
            .and_then(|(name, after)| Some((key_named(name)?, after)));
        if let Some((key, after)) = key {
            told.push_str(&key);
            rest = after;
        } else {
            told.push('<');
            rest = named;
        }
    }
    told.push_str(rest);
    told
}

/// The key of the verb that words name.
fn key_named(name: &str) -> Option<String> {
    let (name, is_short) = match name.strip_prefix('^') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let (id, at) = match name.strip_suffix(" 2") {
        Some(id) => (id, 1),
        None => (name, 0),
    };
    IN_FORCE.with(|keymap| {
        let keymap = keymap.borrow();
        let verb = keymap.verbs.iter().find(|verb| verb.spec.id == id)?;
        let key = verb.key(at);
        Some(if is_short {
            key.replace("Ctrl-", "^")
        } else {
            key
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(verb: &str, keys: &[&str]) -> KeySetting {
        KeySetting {
            verb: verb.to_owned(),
            keys: keys.iter().map(|keys| (*keys).to_owned()).collect(),
            place: "config.toml:3:1".to_owned(),
        }
    }

    #[test]
    fn every_default_key_is_meant_once_and_none_is_a_character_of_a_text() {
        // What the user may not do, the table does not either.
        let all: Vec<KeySetting> = action::all()
            .iter()
            .map(|spec| setting(spec.id, spec.keys))
            .collect();
        let faults = Keymap::configured(&all).err().unwrap_or_default();
        let faults: Vec<String> = faults.into_iter().map(|fault| fault.message).collect();
        assert_eq!(faults, Vec::<String>::new());
    }

    #[test]
    fn keys_that_the_user_chose_take_the_place_of_a_verbs_own() {
        let settings = [
            setting("app.quit", &["ctrl-q", "g q"]),
            setting("form.add", &[]),
        ];
        let map = Keymap::configured(&settings).expect("can be set");
        let scopes = [Scope::Form, Scope::App];
        let pressed = |keys: &str| -> Vec<Combo> {
            let keys = keys.split(' ');
            keys.map(|key| key.parse().expect("names a key")).collect()
        };
        let quit = Action::App(action::app::Action::Quit);
        for keys in ["ctrl-q", "g q"] {
            assert_eq!(map.lookup(&scopes, &pressed(keys)), Lookup::Bound(quit));
        }
        assert_eq!(map.lookup(&scopes, &pressed("q")), Lookup::Unbound);
        assert_eq!(map.lookup(&scopes, &pressed("a")), Lookup::Unbound);
        assert_eq!(map.keys_of(quit)[0].to_string(), "Ctrl-Q");
        let after = map.after(&scopes, &pressed("g"));
        assert!(
            after
                .iter()
                .any(|(key, spec)| key == "q" && spec.id == "app.quit")
        );
        put_in_force(&Rc::new(map));
        assert_eq!(key(quit), "Ctrl-Q");
        let add = action::all().into_iter().find(|spec| spec.id == "form.add");
        assert_eq!(key(add.expect("is a verb").action), ":form.add");
        put_in_force(&Rc::new(Keymap::default()));
    }

    #[test]
    fn words_tell_the_keys_in_force() {
        for (words, told) in [
            (
                "not sent. <app.send> again sends it",
                "not sent. F5 again sends it",
            ),
            ("[<form.move-up 2>] up, <^form.reload>", "[Alt-↑] up, ^R"),
            ("a < b, <c>, <form.add", "a < b, <c>, <form.add"),
        ] {
            assert_eq!(keyed(words), told);
        }
        let map = Keymap::configured(&[setting("form.move-up", &["f7"])]).expect("can be set");
        put_in_force(&Rc::new(map));
        assert_eq!(keyed("<form.move-up 2>"), "F7");
        put_in_force(&Rc::new(Keymap::default()));
    }

    #[test]
    fn what_cannot_be_set_is_told_where_it_stands() {
        for (settings, words, hint) in [
            (
                vec![setting("form.ad", &["i"])],
                "there is no verb `form.ad`",
                "`form.add`",
            ),
            (
                vec![setting("form.add", &["hyper-x"])],
                "`hyper-x` names no key",
                "ctrl-s",
            ),
            (
                vec![setting("form.add", &[""])],
                "an empty text names no key",
                "",
            ),
            (
                vec![setting("form.add", &["d"])],
                "`d` means `form.",
                "other keys, or none",
            ),
            (
                vec![setting("app.quit", &["g"])],
                "`g` cannot be told from `g ",
                "other keys, or none",
            ),
            (
                vec![setting("edit.leave", &["x"])],
                "`x` is a character of the text",
                "ctrl-x",
            ),
        ] {
            let faults = Keymap::configured(&settings).expect_err(words);
            let said: Vec<String> = faults
                .iter()
                .map(|fault| format!("{} {}", fault.message, fault.hints.join(" ")))
                .collect();
            let said = said.join(
                "
",
            );
            assert!(said.starts_with("config.toml:3:1: keys: "), "{said}");
            assert!(said.contains(words) && said.contains(hint), "{said}");
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
