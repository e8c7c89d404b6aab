//! The formats in which calls are handed over, with their words for the command line, menus and file names. Known to
//! whoever lets people choose one; how they are written is not here.

use std::fmt;
use std::str::FromStr;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A ticket in Markdown.
    Markdown,
    /// A ticket in Jira's wiki markup.
    Jira,
    /// A ticket as plain text.
    Plain,
    /// An HTTP archive, for browsers and proxies.
    Har,
    /// A script of curl commands.
    Curl,
    /// The exchanges as one JSON array.
    Json,
    /// The exchanges, one JSON object a line.
    Ndjson,
    /// The records of the answers as a table.
    Csv,
    /// One file that captui opens again, with the schemas concerned.
    Bundle,
}

impl Format {
    /// Every format, in the order offered.
    pub const ALL: [Self; 9] = [
        Self::Markdown,
        Self::Jira,
        Self::Plain,
        Self::Bundle,
        Self::Har,
        Self::Curl,
        Self::Json,
        Self::Ndjson,
        Self::Csv,
    ];

    /// Those of a ticket.
    pub const TICKETS: [Self; 3] = [Self::Markdown, Self::Jira, Self::Plain];

    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Markdown => "ticket",
            Self::Jira => "jira",
            Self::Plain => "plain",
            Self::Har => "har",
            Self::Curl => "curl",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Bundle => "bundle",
        }
    }

    /// What it is, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Markdown => "Ticket, Markdown",
            Self::Jira => "Ticket, Jira",
            Self::Plain => "Ticket, plain text",
            Self::Har => "HAR",
            Self::Curl => "curl script",
            Self::Json => "JSON",
            Self::Ndjson => "NDJSON",
            Self::Csv => "CSV",
            Self::Bundle => "Bundle",
        }
    }

    /// What it is good for.
    pub fn note(self) -> &'static str {
        match self {
            Self::Markdown => "for GitHub, GitLab and chats",
            Self::Jira => "in wiki markup",
            Self::Plain => "for mail",
            Self::Har => "an HTTP archive, for browsers and proxies",
            Self::Curl => "secrets as variables",
            Self::Json => "the whole exchange",
            Self::Ndjson => "the whole exchange, one a line",
            Self::Csv => "the records of the answer as a table",
            Self::Bundle => "captui opens it, with the schema",
        }
    }

    /// The key that chooses it in a menu.
    pub fn key(self) -> char {
        match self {
            Self::Markdown => 'm',
            Self::Jira => 'w',
            Self::Plain => 'p',
            Self::Har => 'h',
            Self::Curl => 'c',
            Self::Json => 'o',
            Self::Ndjson => 'n',
            Self::Csv => 't',
            Self::Bundle => 'b',
        }
    }

    /// The end of a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Jira | Self::Plain => "txt",
            Self::Har => "har",
            Self::Curl => "sh",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Bundle => "captui.json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.word() == text);
        found.ok_or_else(|| {
            let words = Self::ALL.map(Self::word);
            format!("the formats are {}", words.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_keys_are_unique_and_come_back() {
        let mut keys = Vec::new();
        for format in Format::ALL {
            assert_eq!(format.word().parse(), Ok(format));
            assert!(!keys.contains(&format.key()), "{format}");
            keys.push(format.key());
        }
        assert!(
            "xml"
                .parse::<Format>()
                .is_err_and(|said| said.contains("bundle"))
        );
    }
}
