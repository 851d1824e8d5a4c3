//! Ctrl-C: the first ends the training after the batch at hand, the second ends the program.

use crate::watch::screen::{give_back, is_open};
use anyhow::{Context, Result};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

static STOP: AtomicBool = AtomicBool::new(false);

/// Code of a program that an interrupt ended, as shells know it.
const INTERRUPTED: i32 = 130;

/// Listens from now on; the flag becomes true with the first Ctrl-C.
///
/// # Errors
/// Where the system does not let us listen.
pub(crate) fn listen() -> Result<&'static AtomicBool> {
    ctrlc::set_handler(|| {
        let first = !is_asked();
        ask(give_back);
        if first && !is_open() {
            // A line of its own, below the progress bar. Nobody is left to tell where this fails.
            let _ = writeln!(std::io::stderr(), "\nstopping after this batch; Ctrl-C again stops at once");
        }
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(&STOP)
}

/// Asks the training to stop after the batch at hand; asked again, ends the program after `before`.
pub(crate) fn ask(before: fn()) {
    if STOP.swap(true, Ordering::Relaxed) {
        before();
        std::process::exit(INTERRUPTED);
    }
}

/// Whether the training has been asked to stop.
pub(crate) fn is_asked() -> bool {
    STOP.load(Ordering::Relaxed)
}
