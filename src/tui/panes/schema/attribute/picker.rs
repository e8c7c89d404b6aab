//! Choosing the type of an attribute: every type with what it is for, narrowed by typing.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;

use crate::capture::attr_type::AttrType;
use crate::capture::attr_type::PASSWORD_TYPES;
use crate::tui::panes::line_input::LineInput;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::panes::schema::design::NodeId;

/// The row behind which the rarer password types are.
pub const MORE_PASSWORDS: &str = "password…";

/// A choice of a type that is open.
#[derive(Debug)]
pub struct Picker {
    /// The attributes that get it.
    pub targets: Vec<NodeId>,
    /// Whether they have just been named.
    pub is_fresh: bool,
    /// What the names of the types shown contain.
    pub input: LineInput,
    /// The type that they have now.
    pub current: String,
    /// What is offered.
    pub rows: Vec<&'static str>,
    /// The row under the cursor, and those in sight.
    pub cursor: ListCursor,
    /// Whether all password types are offered.
    passwords: bool,
}

impl Picker {
    /// Opens with the cursor on the type that there is now.
    pub fn new(targets: Vec<NodeId>, current: &AttrType, is_fresh: bool) -> Self {
        let current = current.name().to_owned();
        let mut picker = Self {
            targets,
            is_fresh,
            input: LineInput::new(""),
            passwords: current.starts_with("password") && current != "password-bcrypt",
            current,
            rows: Vec::new(),
            cursor: ListCursor::default(),
        };
        picker.offer();
        let at = picker.rows.iter().position(|name| *name == picker.current);
        picker.cursor.at = at.unwrap_or(0);
        picker
    }

    fn offer(&mut self) {
        let wanted = self.input.text().trim().to_lowercase();
        self.rows = if wanted.is_empty() && self.passwords {
            PASSWORD_TYPES.to_vec()
        } else if wanted.is_empty() {
            let choices = AttrType::CHOICES.into_iter();
            let after = "password-bcrypt";
            choices
                .flat_map(|name| {
                    let more = (name == after).then_some(MORE_PASSWORDS);
                    std::iter::once(name).chain(more)
                })
                .collect()
        } else {
            let contains = |name: &&str| name.to_lowercase().contains(&wanted);
            let others = PASSWORD_TYPES
                .into_iter()
                .filter(|name| !AttrType::CHOICES.contains(name));
            let mut found: Vec<&str> = AttrType::CHOICES
                .into_iter()
                .chain(others)
                .filter(contains)
                .collect();
            // What begins so is meant sooner than what only contains it.
            found.sort_by_key(|name| !name.to_lowercase().starts_with(&wanted));
            found
        };
        self.cursor.put(0, self.rows.len());
    }

    /// Takes a key that is no verb: it narrows the types, or moves.
    pub fn key(&mut self, key: KeyEvent) {
        let count = self.rows.len();
        match key.code {
            KeyCode::PageDown => self.cursor.go(Move::Pages(1), count),
            KeyCode::PageUp => self.cursor.go(Move::Pages(-1), count),
            _ => {
                let before = self.input.text().to_owned();
                self.input.key(key);
                if self.input.text() != before {
                    self.offer();
                }
            }
        }
    }

    /// Puts a text into the filter.
    pub fn paste(&mut self, text: &str) {
        self.input.paste(text);
        self.offer();
    }

    /// Moves by so many rows.
    pub fn step(&mut self, rows: isize) {
        self.cursor.go(Move::By(rows), self.rows.len());
    }

    /// The type under the cursor; `None` when there is none, or when more are offered now.
    pub fn take(&mut self) -> Option<AttrType> {
        let name = *self.rows.get(self.cursor.at)?;
        if name == MORE_PASSWORDS {
            self.passwords = true;
            self.offer();
            return None;
        }
        Some(AttrType::from_name(name))
    }
}

/// What a type is for, in a few words.
pub fn describe(name: &str) -> &'static str {
    match name {
        "string" => "text",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "decimal" => "a decimal number",
        "date" => "a day: 1985-02-28",
        "dateTime" => "an instant, in UTC",
        "ipAddress" => "an IPv4 address",
        "json" => "any JSON, as it is",
        "password-bcrypt" => "the usual password",
        MORE_PASSWORDS => "hashes of other kinds",
        "object" => "one group: an address",
        "plural" => "a list: phone numbers",
        name if name.starts_with("password") => "a hash of this kind",
        _ => "",
    }
}

/// What is worth knowing of a type before it is chosen.
pub fn explain(name: &str) -> &'static str {
    match name {
        "string" => "Text, with or without a limit to its length.",
        "boolean" => "True, false or null; false and null differ.",
        "integer" => "A whole number.",
        "decimal" => "A number, with or without a fraction.",
        "date" => "A day, written 1985-02-28.",
        "dateTime" => "An instant, written 2015-12-15 07:36:25 +0000.",
        "ipAddress" => "An IPv4 address, written 192.0.2.1.",
        "json" => "Any JSON, stored and given back as it is.",
        "password-bcrypt" => "A password. It is sent as text and stored as a bcrypt hash.",
        MORE_PASSWORDS => "Hashes of other kinds, for passwords that come from elsewhere.",
        "object" => "One group of attributes, such as an address: each record has it once.",
        "plural" => {
            "A list of elements, such as phone numbers: each has these attributes and an id of its own."
        }
        name if name.starts_with("password") => "A password, stored as this kind of hash.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    fn typed(text: &str) -> Picker {
        let mut picker = Picker::new(Vec::new(), &AttrType::from_name("string"), true);
        for letter in text.chars() {
            picker.key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
        }
        picker
    }

    #[test]
    fn every_type_is_offered_and_described() {
        let picker = typed("");
        for name in AttrType::CHOICES {
            assert!(picker.rows.contains(&name), "{name}");
        }
        for name in picker.rows.iter().chain(&PASSWORD_TYPES) {
            assert!(!describe(name).is_empty(), "{name}");
            assert!(!explain(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn typing_narrows_and_what_begins_so_comes_first() {
        for (text, first) in [
            ("s", Some("string")),
            ("d", Some("decimal")),
            ("datet", Some("dateTime")),
            ("pl", Some("plural")),
            ("md5", Some("password-md5")),
            ("nothing", None),
        ] {
            assert_eq!(typed(text).rows.first().copied(), first, "{text}");
        }
    }

    #[test]
    fn the_rarer_passwords_are_one_step_further() {
        let mut picker = typed("");
        let at = picker.rows.iter().position(|name| *name == MORE_PASSWORDS);
        picker.cursor.at = at.expect("is offered");
        assert_eq!(picker.take(), None);
        assert_eq!(picker.rows, PASSWORD_TYPES);
        picker.step(2);
        let taken = picker.take().expect("is a type");
        assert_eq!(taken.name(), "password-md5");
    }
}
