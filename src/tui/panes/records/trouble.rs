//! What went wrong with a search, in words, and where in the filter. Pure.

use crate::capture::explain;
use crate::capture::response::Answer;
use crate::exchange::Exchange;
use crate::failure::Failure;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// `ERROR 200 invalid_argument`
    pub headline: String,
    /// The service's words, what they mean, what can be done.
    pub lines: Vec<String>,
    /// The character of the filter that it is about, from 0.
    pub place: Option<usize>,
}

impl Trouble {
    /// What an answer that brought no records says of itself. `filter` is what was asked with.
    pub fn of(exchange: &Exchange, filter: &str) -> Self {
        match exchange.answer() {
            Some(Answer::Error(error)) => {
                let mut lines = vec![error.description.clone()];
                if let Some(info) = error.code.info() {
                    lines.push(info.meaning.to_owned());
                    lines.extend(info.remedy.iter().map(|remedy| (*remedy).to_owned()));
                }
                lines.retain(|line| !line.is_empty());
                let is_filter = error.argument_name() == Some("filter");
                Self {
                    headline: explain::headline(error),
                    place: is_filter
                        .then(|| place_in(&error.description, filter))
                        .flatten(),
                    lines,
                }
            }
            _ => match exchange.failure() {
                Some(failure) => Self::from(failure),
                None => Self {
                    headline: "the answer has no records in it".to_owned(),
                    lines: vec!["3 shows it as it came".to_owned()],
                    place: None,
                },
            },
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self {
            headline: failure.message,
            lines: failure.cause.into_iter().chain(failure.hints).collect(),
            place: None,
        }
    }
}

/// The character of `filter`, from 0, that an error's words are about: by its number, or by a name that they quote in
/// parentheses. `None` when they do not say.
fn place_in(description: &str, filter: &str) -> Option<usize> {
    if let Some((_, rest)) = description.split_once("at character ") {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let at: usize = digits.parse().ok()?;
        let is_inside = at <= filter.chars().count() + 1;
        return at.checked_sub(1).filter(|_| is_inside);
    }
    let byte = filter.find(unknown_in_filter(description)?)?;
    Some(filter[..byte].chars().count())
}

/// The attribute that the service does not find in a filter, as its words quote it (reference 5).
pub fn unknown_in_filter(description: &str) -> Option<&str> {
    let (_, rest) = description.rsplit_once("Unknown attribute (")?;
    rest.split_once(')').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_points_into_the_filter_when_it_says_where() {
        for (description, filter, place) in [
            (
                "filter was not valid: expected a value after `=` (at character 9)",
                "email = ",
                Some(8),
            ),
            ("Unknown attribute (nix)", "é = 1 and nix = 2", Some(10)),
            ("Unknown attribute (nix)", "a = 1", None),
            ("at character 99", "a = 1", None),
            ("at character 0", "a = 1", None),
            ("at character x", "a = 1", None),
            ("something else", "a = 1", None),
        ] {
            assert_eq!(place_in(description, filter), place, "{description}");
        }
    }
}
