//! `captui explain`: what can be typed, and its help.

use clap::Args;

use crate::capture::error::CATALOGUE;
use crate::capture::error::ErrorCode;

/// `captui explain`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  captui explain 361
  captui explain @error.json
  curl -i … | captui explain")]
pub struct Explain {
    /// The number, or the service's word for it (361, unique_violation); an answer, @FILE with one, or - for
    /// standard input, which is also read when nothing is given
    #[arg(value_name = "CODE|ANSWER")]
    pub what: Option<String>,
}

/// The code that a number or the service's word stands for.
pub(in crate::cli) fn read_code(text: &str) -> Option<ErrorCode> {
    if let Ok(number) = text.parse() {
        return Some(ErrorCode(number));
    }
    let word = text.trim().to_ascii_lowercase();
    let row = CATALOGUE
        .iter()
        .find(|row| row.name == Some(word.as_str()))?;
    Some(row.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_by_number_and_by_word() {
        for (text, code) in [
            ("361", 361),
            ("unique_violation", 361),
            ("UNIQUE_VIOLATION", 361),
            ("9999", 9999),
        ] {
            assert_eq!(read_code(text), Some(ErrorCode(code)), "{text}");
        }
        assert_eq!(read_code("unique"), None);
    }
}
