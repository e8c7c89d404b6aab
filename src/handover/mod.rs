//! Handing calls over: exchanges as a ticket, an archive, a script, a table or a bundle, for other people and programs.
//!
//! Pure: exchanges and what is known around them go in, bytes come out; the worker gathers the one and writes the other.
//! Everything passes through [`crate::capture::redact::sharing::Veil`] first, so that no format can forget to mask. Reading
//! what was handed over is in [`open`]; deliberately absent: files, the clipboard, the history.
//!
//! ```text
//!   Item, Item, … ──mask──▶ Parcel ──▶ ticket · har · curl · json · ndjson · csv · bundle
//!                                                      har, bundle ──open──▶ Opened (read-only)
//! ```

mod bundle;
pub mod csv;
pub mod format;
mod har;
mod mask;
pub mod open;
mod script;
mod ticket;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::capture::path::AttrPath;
use crate::capture::redact::sharing::Sharing;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::handover::format::Format;
use crate::handover::mask::Parcel;

/// An exchange with what is known around it.
#[derive(Clone, Debug)]
pub struct Item {
    /// The exchange, as it was made or kept.
    pub exchange: Arc<Exchange>,
    /// The class of its environment: `dev`, `prod`.
    pub class: Option<String>,
    /// What its client may do, in the service's words; never its id.
    pub client: Option<String>,
    /// The entity type that it is about, if that is at hand.
    pub schema: Option<Arc<EntityType>>,
    /// The attribute that its error is about, where more is known of that than the answer says.
    pub about: Option<AttrPath>,
}

/// Where and when something is handed over.
#[derive(Clone, Debug)]
pub struct Here {
    /// The moment.
    pub now: Timestamp,
    /// The zone whose times people here read.
    pub zone: TimeZone,
}

/// Why nothing is handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandoverError {
    /// There is no call at all.
    #[error("there is no call to hand over")]
    Nothing,
    /// A table needs records.
    #[error(
        "no answer holds records: a table is made of the `results` or the `result` of an answer"
    )]
    NoRecords,
    /// Writing failed, which in memory it should not.
    #[error("{0}")]
    Write(String),
}

/// This version of captui.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What stands below everything that people read.
fn colophon(parcel: &Parcel) -> String {
    let masked = match (parcel.sharing, parcel.met_personal_data) {
        (Sharing::Masked, true) => {
            "Secrets and personal data are masked; one name in ‹ › stands for one value throughout."
        }
        (Sharing::Masked, false) => "Secrets are masked; no personal data was met.",
        (Sharing::Unmasked, _) => "Secrets are masked. PERSONAL DATA IS NOT MASKED.",
    };
    format!("{masked} Written by captui {VERSION}.")
}

/// The exchanges in this format, masked. A text ends with a line end.
pub fn write(
    format: Format,
    items: &[Item],
    sharing: Sharing,
    here: &Here,
) -> Result<Vec<u8>, HandoverError> {
    if items.is_empty() {
        return Err(HandoverError::Nothing);
    }
    let parcel = Parcel::pack(items, sharing);
    let text = match format {
        Format::Markdown | Format::Jira | Format::Plain => ticket::write(&parcel, format, here),
        Format::Har => har::write(&parcel),
        Format::Curl => script::write(&parcel),
        Format::Json => bundle::exchanges(&parcel),
        Format::Ndjson => bundle::lines(&parcel),
        Format::Csv => return csv::write(&parcel),
        Format::Bundle => bundle::write(&parcel, here.now),
    };
    Ok(text.into_bytes())
}

#[cfg(test)]
mod tests;
