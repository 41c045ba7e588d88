//! What polars panics on, as an error.

use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

thread_local! {
    /// Whether a panic on this thread is caught, and so nobody's business.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What `work` gives, or in a few words why it panicked. It must do its work on this thread.
///
/// polars takes much of a Parquet file on trust: an offset or a length that is wrong is a slice out of range. The message
/// that a panic writes to standard error is kept back for the thread at work, and only for it.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    let outer = QUIET.replace(true);
    // What `work` was building is dropped with the panic; nothing half-made is seen afterwards.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(outer);
    done.map_err(|panic| {
        let said = panic.downcast_ref::<&str>().map(|s| (*s).to_string());
        said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message_and_others_are_as_before() {
        assert_eq!(guarded(|| 7), Ok(7));
        let nothing: &[u8] = &[];
        assert!(guarded(|| nothing[std::hint::black_box(3)]).unwrap_err().contains("out of bounds"));
        assert!(!QUIET.get());
    }
}
