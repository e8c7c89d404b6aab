//! Filters in the language of jq, over a document's bytes, without any other program.
//!
//! [`program`] reads a filter and says at which column it is wrong, cheaply enough for every key; [`evaluate`] runs one
//! over an input and writes the results; [`complete`] says what could be typed next. A filter can run for ever, take
//! all memory and overflow the stack, so [`evaluate`] belongs into a process of its own with limits, which is the
//! worker's affair (`worker::filter`). Deliberately absent: whatever reaches out of the filter: the environment, further
//! inputs, modules, messages, and the end of the process.

pub mod complete;
pub mod evaluate;
pub mod program;

/// How much stack filters get, in bytes. The engine recurses over the nesting of the filter and of the values; a
/// program of [`program::MAX_LENGTH`] and an input of [`evaluate::MAX_DEPTH`] take less than half of it, also when built
/// without optimisation. Only what is used is taken.
pub const STACK: usize = 256 << 20;

/// Does work that recurses, on a stack of [`STACK`]. None when the system gives no thread, or when the work panicked.
fn on_a_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("filter".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, work);
        thread.ok()?.join().ok()
    })
}
