//! Watch: a view of trainings in the terminal, from the files of their runs.
//!
//! ```text
//! run folders → follow → state → view → screen
//! ```
//!
//! The one idea: **the view knows a run only by its record**, like a report. So it shows a training of
//! this process, of another one, or of last week, and the training does not know that it is watched.
//!
//! [`follow`] alone touches files and [`screen`] alone the terminal; [`state`], [`view`] and what it is
//! made of are functions of values. The loop sleeps until a key is pressed or it is time to look at the
//! files again.

pub(crate) mod chart;
pub(crate) mod figures;
pub(crate) mod follow;
pub(crate) mod lines;
pub(crate) mod look;
#[cfg(test)]
mod samples;
pub(crate) mod screen;
pub(crate) mod state;
pub(crate) mod training;
pub(crate) mod view;

use anyhow::{Context, Result};
use follow::Follower;
use look::Look;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use screen::Screen;
use state::Watched;
use std::time::Duration;

/// How long the loop sleeps: a training says where it is once a second.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Why the view ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// The user wants it to.
    Asked,
    /// There is nothing left to watch.
    Ended,
}

/// Shows the runs until the user leaves or `ended` says that it is over.
///
/// # Errors
/// The terminal fails, or the folder of the runs has gone.
pub(crate) fn show(
    screen: &mut Screen,
    follower: &mut Follower,
    (look, leaving): (Look, &'static str),
    ended: &dyn Fn() -> bool,
) -> Result<Left> {
    let mut watched = Watched { runs: follower.states(), leaving, ..Watched::default() };
    let mut dirty = true;
    loop {
        if follower.refresh()? {
            watched.runs = follower.states();
            dirty = true;
        }
        if !screen::is_open() {
            // Another thread panicked and has the terminal for its message.
            return Ok(Left::Ended);
        }
        if std::mem::take(&mut dirty) {
            let draw = |frame: &mut ratatui::Frame<'_>| {
                let area = frame.area();
                view::view(&watched, look, area, frame.buffer_mut());
            };
            screen.terminal.draw(draw).context("cannot draw on the terminal")?;
        }
        if ended() {
            return Ok(Left::Ended);
        }
        if screen.is_asked_to_end() {
            return Ok(Left::Asked);
        }
        if !event::poll(LOOK_EVERY).context("cannot read from the terminal")? {
            continue;
        }
        match event::read().context("cannot read from the terminal")? {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                if press(&mut watched, key) {
                    return Ok(Left::Asked);
                }
                dirty = true;
            }
            Event::Resize(..) => dirty = true,
            _ => {}
        }
    }
}

/// What a key does; true where the user leaves.
fn press(watched: &mut Watched, key: KeyEvent) -> bool {
    let last = watched.runs.len().saturating_sub(1);
    match key.code {
        KeyCode::Char('q') | KeyCode::Esc => return true,
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return true,
        KeyCode::Up | KeyCode::Char('k') => watched.picked = Some(watched.chosen().saturating_sub(1)),
        KeyCode::Down | KeyCode::Char('j') => watched.picked = Some((watched.chosen() + 1).min(last)),
        KeyCode::Right | KeyCode::PageDown => watched.page = watched.page.wrapping_add(1),
        KeyCode::Left | KeyCode::PageUp => watched.page = watched.page.wrapping_sub(1),
        KeyCode::Char('l') => watched.log = !watched.log,
        _ => {}
    }
    false
}

#[cfg(test)]
mod tests;
