//! One key press, and its notation: `j`, `Z`, `?`, `enter`, `f5`, `ctrl-s`, `shift-tab`, `alt-up`.
//!
//! A capital letter is written as itself, not as `shift-z`. A sequence is written with spaces: `g !`.

use std::fmt;
use std::str::FromStr;

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;

/// One key press, in the form in which two presses can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Combo {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// A text that names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no key: write j, Z, ?, enter, f5, ctrl-s, shift-tab, alt-up")]
pub struct ComboError(String);

const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
];

impl Combo {
    /// Whether the press is a character a text field would take.
    pub fn is_text(self) -> bool {
        matches!(self.code, KeyCode::Char(_))
            && !self
                .modifiers
                .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
    }
}

/// Terminals differ in how they tell Shift: it is already in a character, and in `BackTab`.
impl From<KeyEvent> for Combo {
    fn from(key: KeyEvent) -> Self {
        let mut modifiers =
            key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match key.code {
            KeyCode::BackTab => {
                modifiers |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            KeyCode::Char(c) => {
                modifiers -= KeyModifiers::SHIFT;
                KeyCode::Char(if modifiers.contains(KeyModifiers::CONTROL) {
                    c.to_ascii_lowercase()
                } else {
                    c
                })
            }
            code => code,
        };
        Self { code, modifiers }
    }
}

impl FromStr for Combo {
    type Err = ComboError;

    fn from_str(text: &str) -> Result<Self, ComboError> {
        let error = || ComboError(text.to_owned());
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        loop {
            let (modifier, after) = if let Some(after) = rest.strip_prefix("ctrl-") {
                (KeyModifiers::CONTROL, after)
            } else if let Some(after) = rest.strip_prefix("alt-") {
                (KeyModifiers::ALT, after)
            } else if let Some(after) = rest.strip_prefix("shift-") {
                (KeyModifiers::SHIFT, after)
            } else {
                break;
            };
            modifiers |= modifier;
            rest = after;
        }
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) => KeyCode::Char(c),
            _ => NAMED
                .iter()
                .find(|(name, _)| *name == rest)
                .map(|(_, code)| *code)
                .or_else(|| {
                    let number: u8 = rest.strip_prefix('f')?.parse().ok()?;
                    (1..=12).contains(&number).then_some(KeyCode::F(number))
                })
                .ok_or_else(error)?,
        };
        if matches!(code, KeyCode::Char(_)) && modifiers.contains(KeyModifiers::SHIFT) {
            return Err(error());
        }
        Ok(Self { code, modifiers })
    }
}

/// For footers and help: `F5`, `Ctrl-S`, `↵`, `Esc`.
impl fmt::Display for Combo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let control = self.modifiers.contains(KeyModifiers::CONTROL);
        for (modifier, name) in [
            (KeyModifiers::CONTROL, "Ctrl-"),
            (KeyModifiers::ALT, "Alt-"),
            (KeyModifiers::SHIFT, "Shift-"),
        ] {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) if control => write!(f, "{}", c.to_ascii_uppercase()),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(number) => write!(f, "F{number}"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            code => {
                let name = NAMED
                    .iter()
                    .find(|(_, named)| *named == code)
                    .map_or("?", |(name, _)| *name);
                let mut chars = name.chars();
                let first = chars.next().unwrap_or('?').to_ascii_uppercase();
                write!(f, "{first}{}", chars.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Combo {
        KeyEvent::new(code, modifiers).into()
    }

    #[test]
    fn notation_and_presses_meet() {
        let cases = [
            ("j", KeyCode::Char('j'), KeyModifiers::NONE, "j"),
            ("Z", KeyCode::Char('Z'), KeyModifiers::SHIFT, "Z"),
            ("?", KeyCode::Char('?'), KeyModifiers::SHIFT, "?"),
            (
                "ctrl-s",
                KeyCode::Char('s'),
                KeyModifiers::CONTROL,
                "Ctrl-S",
            ),
            (
                "shift-tab",
                KeyCode::BackTab,
                KeyModifiers::NONE,
                "Shift-Tab",
            ),
            ("f5", KeyCode::F(5), KeyModifiers::NONE, "F5"),
            ("alt-up", KeyCode::Up, KeyModifiers::ALT, "Alt-↑"),
            ("enter", KeyCode::Enter, KeyModifiers::NONE, "Enter"),
            ("space", KeyCode::Char(' '), KeyModifiers::NONE, "Space"),
        ];
        for (notation, code, modifiers, shown) in cases {
            let combo: Combo = notation.parse().expect(notation);
            assert_eq!(combo, press(code, modifiers), "{notation}");
            assert_eq!(combo.to_string(), shown);
        }
        for wrong in ["", "f0", "f13", "shift-z", "hyper-x", "entr"] {
            assert!(wrong.parse::<Combo>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_plain_characters_are_text() {
        assert!(press(KeyCode::Char('?'), KeyModifiers::SHIFT).is_text());
        assert!(!press(KeyCode::Char('s'), KeyModifiers::CONTROL).is_text());
        assert!(!press(KeyCode::F(5), KeyModifiers::NONE).is_text());
    }
}
