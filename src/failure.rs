//! `Failure`: what a person sees when something did not work: what happened, why, and what to try.
//!
//! Every front-end shows failures of this one shape; the exit code of the command follows from its kind. Areas keep
//! their own error types and turn into a `Failure` only at the edge. Nothing here holds a secret.

use std::fmt;

/// What went wrong, in a person's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which kind: decides the exit code.
    pub kind: FailureKind,
    /// What happened, in one sentence.
    pub message: String,
    /// Why, when more is known than the message says.
    pub cause: Option<String>,
    /// What to try, the most promising first.
    pub hints: Vec<String>,
}

/// The kinds of failure that a script must be able to tell apart; the numbers are the exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// What was looked at is not as it should be: as of `diff`, no fault of anybody.
    Found = 1,
    /// A wrong command line, setting, file or local input, or a yes that is missing where nobody can be asked; nothing was
    /// sent.
    Usage = 2,
    /// The service answered an error, or something that is not a Capture answer.
    Service = 3,
    /// The service refused the credentials, or the client lacks permission.
    Denied = 4,
    /// The record or the entity type does not exist.
    NotFound = 5,
    /// No answer, and the call certainly did nothing.
    NotSent = 6,
    /// The value is taken or the record has changed meanwhile.
    Conflict = 7,
    /// A fault of the program or of this machine; the number of `sysexits.h`.
    Internal = 70,
    /// No answer, and the call may have been carried out.
    UnknownOutcome = 75,
    /// The user interrupted, and the call certainly did nothing.
    Interrupted = 130,
}

impl FailureKind {
    /// Every kind, with what it means, for lists of exit codes.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Found, "differences or problems found"),
        (
            Self::Usage,
            "wrong usage, setting or local input, or a missing yes; nothing was sent",
        ),
        (
            Self::Service,
            "the service answered an error, or something that is not a Capture answer",
        ),
        (
            Self::Denied,
            "the credentials were refused, or the client lacks permission",
        ),
        (
            Self::NotFound,
            "the record or the entity type does not exist",
        ),
        (
            Self::NotSent,
            "no answer, and the call certainly did nothing",
        ),
        (
            Self::Conflict,
            "the value is taken, or the record has changed meanwhile",
        ),
        (Self::Internal, "a fault of captui or of this machine"),
        (
            Self::UnknownOutcome,
            "no answer, and the call may have been carried out: look before you repeat it",
        ),
        (
            Self::Interrupted,
            "interrupted, and the call certainly did nothing",
        ),
    ];

    /// The exit code of the process.
    pub fn exit_code(self) -> u8 {
        self as u8
    }
}

impl Failure {
    /// A failure with a message alone.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            cause: None,
            hints: Vec::new(),
        }
    }

    /// The first of several, with how many more there are.
    pub fn first_of(failures: Vec<Self>) -> Self {
        let more = failures.len().saturating_sub(1);
        let nothing = || Self::new(FailureKind::Internal, "nothing failed");
        let first = failures.into_iter().next().unwrap_or_else(nothing);
        if more == 0 {
            first
        } else {
            first.hint(format!("{more} more: captui config check tells all"))
        }
    }

    /// The same failure with its cause.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// The same failure with one more hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The candidate that `word` was probably meant to be: for "did you mean". `None` when none is near.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| distance * 3 <= candidate.chars().count().max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many characters must be added, removed, changed or swapped with their neighbour to turn one word into the other.
fn edit_distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=from.len() {
        for j in 1..=to.len() {
            let changed = usize::from(from[i - 1] != to[j - 1]);
            let mut cost = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + changed);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                cost = cost.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = cost;
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_meant() {
        let words = ["entity", "entity.create", "entity.count", "clients/list"];
        for (typed, meant) in [
            ("entity.craete", Some("entity.create")),
            ("Entity.Count", Some("entity.count")),
            ("client/list", Some("clients/list")),
            ("settings/get", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, words), meant, "{typed}");
        }
    }
}
