//! The body of an answer as it is shown: a tree when it is JSON, as far as it goes, else its text.
//!
//! Made of an exchange by a pure function, at once for a short body. A long one is read away from the loop, as an
//! effect, so that keys go on working meanwhile.

use std::fmt::Write;

use crate::capture::redact;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::json::document;
use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::rows::Rows;
use crate::tui::panes::response::page::Page;

/// Up to how many bytes a body is read at once: no longer than a frame takes to draw.
const SHORT: usize = 128 * 1024;

/// How much of a body that is not JSON is shown, in bytes.
const TEXT_SHOWN: usize = 64 * 1024;

/// The body of an answer as it is shown.
#[derive(Debug)]
pub enum Body {
    /// No body came.
    None,
    /// It is being read elsewhere.
    Unread,
    /// JSON, as far as it goes.
    Tree {
        /// Its nodes.
        document: Document,
        /// Its folds.
        rows: Rows,
    },
    /// Something else, such as a web page.
    Text(Page),
}

impl Body {
    /// The body of the answer in `exchange`, without secrets. Takes a second for some ten MiB.
    pub fn read(exchange: &Exchange) -> Self {
        let bytes = bytes(exchange);
        if bytes.is_empty() {
            return Self::None;
        }
        let document = Document::parse(redact::body(&exchange.request, bytes));
        match document.root() {
            Some(root) if document.kind(root) != Kind::Broken => {
                let rows = Rows::new(&document);
                Self::Tree { document, rows }
            }
            _ => Self::Text(Page::new(&text(document.bytes()))),
        }
    }

    /// The body if reading it takes no time to speak of, else [`Body::Unread`].
    pub fn read_if_short(exchange: &Exchange) -> Self {
        if bytes(exchange).len() <= SHORT {
            Self::read(exchange)
        } else {
            Self::Unread
        }
    }
}

fn bytes(exchange: &Exchange) -> &[u8] {
    match &exchange.outcome {
        Outcome::Answered(answered) => &answered.body,
        Outcome::Failed(_) => &[],
    }
}

/// The text of a body that is not JSON, up to a length, with a last line that tells of the rest.
fn text(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(TEXT_SHOWN)];
    let mut text = document::decode_bytes(shown).into_owned();
    let rest = bytes.len() - shown.len();
    if rest > 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n… {rest} more bytes");
    }
    text
}
