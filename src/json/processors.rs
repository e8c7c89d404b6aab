//! How many threads share a long step. Used by the index and by the search; deliberately absent: the threads.

use std::num::NonZero;
use std::thread;

/// More help little: other programs run too.
const MOST: usize = 4;

/// How many threads share a long step on this machine.
pub(crate) fn processors() -> usize {
    thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(MOST)
}
