//! A view of the trainings of this very process: they work, a second thread shows their files.
//!
//! The view is over when the work is, also where the work panics. A view that fails lets the work go on.

use super::follow::{Follower, Source};
use super::look::Look;
use super::screen::{Screen, Stream, give_back};
use super::{Left, show};
use crate::interrupt;
use anyhow::{Context, Result};
use kiln::record::RunFolder;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shows these runs while `work` trains them; gives what it gives, and why the view failed, if it did.
///
/// Leaving asks the trainings to stop after the batch at hand, leaving again ends the program.
///
/// # Errors
/// There is no terminal to draw on.
pub(crate) fn during<T>(
    runs: Vec<(String, RunFolder)>,
    look: Look,
    work: impl FnOnce() -> T,
) -> Result<(T, Option<anyhow::Error>)> {
    let mut screen = Screen::open(Stream::Messages).context("cannot take the terminal")?;
    let mut follower = Follower::new(Source::Given(runs));
    let ended = AtomicBool::new(false);
    let (result, failure) = std::thread::scope(|scope| {
        let view = scope.spawn(|| until_ended(&mut screen, &mut follower, look, &ended));
        let over = Over(&ended);
        let result = work();
        drop(over);
        // A panic of the view has been printed already; the training's result still counts.
        (result, view.join().ok().and_then(Result::err))
    });
    drop(screen);
    Ok((result, failure))
}

/// Raises the flag when it goes, in whatever way.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn until_ended(screen: &mut Screen, follower: &mut Follower, look: Look, ended: &AtomicBool) -> Result<()> {
    let is_over = || ended.load(Ordering::Relaxed);
    loop {
        let leaving = if interrupt::is_asked() { "stop at once" } else { "stop after this batch" };
        match show(screen, follower, (look, leaving), &is_over)? {
            Left::Ended => return Ok(()),
            Left::Asked => interrupt::ask(give_back),
        }
    }
}
