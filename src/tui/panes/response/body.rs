//! The body of an answer as it is shown, in a viewer.
//!
//! Made of an exchange by a pure function, at once for a short body. What is secret in a long one is masked away from
//! the loop, as an effect, so that keys go on working meanwhile.

use crate::capture::redact;
use crate::exchange::Exchange;
use crate::tui::masking::Mask;
use crate::tui::viewer::Viewer;

/// Up to how many bytes a body is read at once: no longer than a frame takes to draw.
const SHORT: usize = 128 * 1024;

/// Whether a body is read at once.
pub fn is_short(exchange: &Exchange) -> bool {
    exchange.body().len() <= SHORT
}

/// The body of an answer as it is shown.
#[derive(Debug)]
pub enum Body {
    /// No body came.
    None,
    /// It is being read elsewhere.
    Unread,
    /// What came, without secrets.
    Shown(Box<Viewer>),
}

impl Body {
    /// The body of the answer in `exchange`, without secrets. Takes a second for some ten MiB.
    pub fn read(exchange: &Exchange) -> Self {
        let bytes = exchange.body();
        if bytes.is_empty() {
            return Self::None;
        }
        let masked = redact::body_read(&exchange.request, bytes, exchange.answer());
        Self::Shown(Box::new(Viewer::open(masked)))
    }

    /// The same, without personal data too where there is a mask; which takes longer.
    pub fn read_masked(exchange: &Exchange, mask: Option<&Mask>) -> Self {
        match mask {
            Some(mask) => Self::read(&mask.call(exchange)),
            None => Self::read(exchange),
        }
    }

    /// The body if reading it takes no time to speak of, else [`Body::Unread`].
    pub fn read_if_short(exchange: &Exchange) -> Self {
        if is_short(exchange) {
            Self::read(exchange)
        } else {
            Self::Unread
        }
    }
}
