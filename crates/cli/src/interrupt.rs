//! Ctrl-C: the first ends the training after the batch at hand, the second ends the program.

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
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED);
        }
        // A line of its own, below the progress bar. Nobody is left to tell where this fails.
        let _ = writeln!(std::io::stderr(), "\nstopping after this batch; Ctrl-C again stops at once");
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(&STOP)
}
