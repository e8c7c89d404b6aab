//! The keys that the user gives to verbs of the explorer: read with their places, so that what is wrong about one can be
//! said where it stands. Which verbs and keys there are is the explorer's affair; it checks them.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

/// Keys for a verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetting {
    /// The verb's name: `form.add`.
    pub verb: String,
    /// Each a key or a sequence of keys, as `ctrl-x` or `g a`; with none, the verb has no key.
    pub keys: Vec<String>,
    /// Where it stands: file, line and column, as messages begin.
    pub place: String,
}

/// The settings in the table of keys of a file's text; a fault's place and what is wrong. A name may be quoted
/// (`"form.add" = "i"`), dotted or in tables of its own.
pub(super) fn read(
    text: &str,
    place: impl Fn(usize) -> String,
) -> Result<Vec<KeySetting>, (usize, String)> {
    let mut settings = Vec::new();
    // What is no TOML was refused before.
    if let Ok(file) = DeTable::parse(text)
        && let Some(keys) = file.get_ref().get("keys")
    {
        collect(keys, "", &place, &mut settings)?;
    }
    Ok(settings)
}

fn collect(
    value: &Spanned<DeValue<'_>>,
    name: &str,
    place: &impl Fn(usize) -> String,
    settings: &mut Vec<KeySetting>,
) -> Result<(), (usize, String)> {
    let Range { start, .. } = value.span();
    let wrong = || {
        let words = if name.is_empty() {
            "keys: this is to be a table: [keys], and below it \"form.add\" = \"i\"".to_owned()
        } else {
            format!("keys: {name}: write a key such as \"ctrl-x\", or several: [\"i\", \"g a\"]")
        };
        Err((start, words))
    };
    let keys = match value.get_ref() {
        DeValue::Table(table) => {
            for (inner, value) in table {
                let inner = inner.get_ref();
                let name = if name.is_empty() {
                    inner.to_string()
                } else {
                    format!("{name}.{inner}")
                };
                collect(value, &name, place, settings)?;
            }
            return Ok(());
        }
        _ if name.is_empty() => return wrong(),
        DeValue::String(key) => vec![key.to_string()],
        DeValue::Array(keys) => {
            let key = |key: &Spanned<DeValue<'_>>| match key.get_ref() {
                DeValue::String(key) => Some(key.to_string()),
                _ => None,
            };
            match keys.iter().map(key).collect() {
                Some(keys) => keys,
                None => return wrong(),
            }
        }
        _ => return wrong(),
    };
    settings.push(KeySetting {
        verb: name.to_owned(),
        keys,
        place: place(start),
    });
    Ok(())
}
