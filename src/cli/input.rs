//! What the commands read: texts given in place, in a file, or on standard input.

use std::fs;
use std::io;
use std::io::Read;

use crate::capture::json::Json;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// The text that an argument gives: the file's for `@FILE`, standard input's for `-`, else itself.
pub(super) fn text_or_stdin(argument: &str) -> Result<String, Failure> {
    if argument != "-" {
        return text(argument);
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| {
        Failure::new(FailureKind::Usage, "standard input cannot be read").because(error)
    })?;
    Ok(text)
}

/// The text that an argument gives: the file's for `@FILE`, `@TEXT` for `@@TEXT`, else itself.
pub(super) fn text(argument: &str) -> Result<String, Failure> {
    match argument.strip_prefix('@') {
        None => Ok(argument.to_owned()),
        Some(literal) if literal.starts_with('@') => Ok(literal.to_owned()),
        Some(path) => fs::read_to_string(path).map_err(|error| {
            Failure::new(
                FailureKind::Usage,
                format!("the file {path} cannot be read"),
            )
            .because(error)
        }),
    }
}

/// Reads the JSON of an option; the fault's place goes into the message.
pub(super) fn json(option: &str, text: &str) -> Result<Json, Failure> {
    Json::parse(text).map_err(|error| {
        Failure::new(FailureKind::Usage, format!("{option} is not JSON: {error}"))
            .hint("quote it for the shell with '…', or put it into a file and write @FILE")
    })
}

/// Reads the JSON of an option that must be an object: anything else is refused by the service as an argument, before
/// it looks at any attribute.
pub(super) fn object(option: &str, text: &str) -> Result<Json, Failure> {
    match json(option, text)? {
        object @ Json::Object(_) => Ok(object),
        other => Err(Failure::new(
            FailureKind::Usage,
            format!(
                "{option} must be a JSON object, not of type {}",
                other.kind()
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_an_object() {
        assert!(object("--attributes", "{}").is_ok());
        for text in ["[]", "null", "5", "\"{}\"", "{"] {
            let failure = object("--attributes", text).expect_err(text);
            assert_eq!(failure.kind, FailureKind::Usage);
            assert!(failure.message.starts_with("--attributes "), "{failure}");
        }
    }
}
