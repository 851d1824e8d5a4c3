//! `kiln watch`: a view of a training in the terminal, while it goes on or afterwards.
//!
//! In: a run's folder, or a folder of runs. Out: the view, until the user leaves it; with `--once` the same
//! in lines on standard output. Nothing is written.

use crate::console::Console;
use crate::outcome::{Outcome, wrong};
use crate::watch::follow::{Follower, Source};
use crate::watch::look::Look;
use crate::watch::screen::{Screen, Stream};
use crate::watch::state::{Standing, Watched};
use crate::watch::{lines, show};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// Watch a training in the terminal
///
/// Shows the curves of every loss and metric, the figures and the best epoch, the pace and the time left,
/// from the files in the run's folder: of a training that another program does, of one that was stopped,
/// or of one that is finished. A folder of several runs, such as runs/exp11, gives a list of them too.
/// Keys: q leaves, ↑ ↓ pick a run, ← → turn to more charts, l makes them logarithmic. Nothing is written,
/// and leaving stops no training.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// A run's folder, or a folder of runs
    #[arg(value_name = "RUN", default_value = "runs")]
    run: PathBuf,

    /// Print how the runs stand, as plain lines, and end
    #[arg(long)]
    once: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let path = &arguments.run;
    if !path.is_dir() {
        let why = if path.exists() { "is no folder" } else { "does not exist" };
        return Err(wrong(format!("`{}` {why}; name a run's folder, or a folder of runs", path.display())));
    }
    let mut follower = Follower::new(Source::Below(path.clone()));
    follower.refresh()?;
    let watched = Watched { runs: follower.states(), ..Watched::default() };
    if watched.runs.is_empty() {
        let path = path.display();
        return Err(wrong(format!("there is no run in `{path}` yet: `kiln train SPEC` makes one in `runs`")));
    }
    if arguments.once {
        console.print(&lines::lines(&watched))?;
        let damaged = watched.runs.iter().any(|run| run.standing() == Standing::Damaged || !run.problems.is_empty());
        return Ok(if damaged { Outcome::Failed } else { Outcome::Done });
    }
    if !console.is_output_terminal() {
        return Err(wrong("the view needs a terminal, and the output goes elsewhere; `--once` prints plain lines"));
    }
    let look = Look { colored: console.is_output_colored() };
    let mut screen = Screen::open(Stream::Output).context("cannot take the terminal")?;
    let left = show(&mut screen, &mut follower, (look, "quit"), &|| false);
    drop(screen);
    left.map(|_| Outcome::Done)
}
