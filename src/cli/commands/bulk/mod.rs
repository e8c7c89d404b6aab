//! `captui record export`, `captui record verify` and `captui env dump`: in bulk, out of the service and beside each other.

pub(in crate::cli) mod dump;
pub(in crate::cli) mod export;
pub(in crate::cli) mod verify;

use std::time::Duration;

use crate::cli::args::bulk;
use crate::worker::again::Patience;
use crate::worker::stream::Pace;

/// How hard the service is asked.
fn pace(asked: &bulk::Pace) -> Pace {
    Pace {
        partitions: asked.partitions,
        page: asked.page,
        apart: asked.rate.unwrap_or(Duration::ZERO),
        patience: Patience::default(),
    }
}
