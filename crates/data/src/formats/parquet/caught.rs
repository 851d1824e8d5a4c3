//! Panics of the Parquet library, as errors.
//!
//! The library checks most of what it reads, but on a damaged file it may still fail an
//! assertion or index out of a slice. Its state is dropped after that, and the panic is
//! an answer like any other: the file is damaged. So that no trace is printed as if
//! Kiln had a bug, the panic hook is wrapped once; for panics elsewhere it does what it
//! did before.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static WRAP: Once = Once::new();

/// Runs `work`; a panic in it becomes its message.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    WRAP.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    QUIET.set(true);
    // Nothing that `work` changes outlives it but its result, which a panic does not give.
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    result.map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        text.unwrap_or("it contradicts itself").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(caught(|| 7), Ok(7));
        assert_eq!(caught(|| -> u8 { panic!("byte {}", 3) }), Err("byte 3".into()));
        assert_eq!(caught(|| -> u8 { panic!("plain") }), Err("plain".into()));
        assert!(!QUIET.get());
    }
}
