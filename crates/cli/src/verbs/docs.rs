//! `kiln docs`: the reference of the library and of the messages, as Markdown pages.
//!
//! In: a folder. Out: `library/*.md` and `messages.md` in it, each whole or not at all, written only
//! where they differ; with `--check` the names of those that differ, and exit code 2.
//!
//! Not here: what the pages say (`kiln::library::page`, `kiln::diag::reference`).

use crate::console::Console;
use crate::outcome::Outcome;
use anyhow::{Context, Result};
use kiln::library::page::reference;
use std::path::{Path, PathBuf};

/// Write the reference: what a spec can name, and what messages mean
///
/// The pages are made from the program itself, so they are those of this version.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder that gets `library/` and `messages.md`
    folder: PathBuf,

    /// Change nothing: name the pages that are out of date, and end with exit code 2
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let pages = pages();
    let mut others = stale(&arguments.folder, &pages)?;
    for (name, text) in &pages {
        let path = arguments.folder.join(name);
        if std::fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
            continue;
        }
        if !arguments.check {
            let folder = path.parent().unwrap_or(&arguments.folder);
            std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
            kiln::record::atomic_write(&path, text.as_bytes())?;
            console.say(&format!("wrote {}", path.display()));
        }
        others.push(path);
    }
    if !arguments.check {
        return Ok(Outcome::Done);
    }
    for path in &others {
        console.line(&path.display().to_string())?;
    }
    if others.is_empty() {
        return Ok(Outcome::Done);
    }
    let folder = arguments.folder.display();
    console.say(&format!("{} of {} pages out of date; write `kiln docs {folder}`", others.len(), pages.len()));
    Ok(Outcome::Wrong)
}

/// Every page: its path within the folder, and its text.
fn pages() -> Vec<(PathBuf, String)> {
    let library = reference::files().into_iter().map(|(name, text)| (Path::new("library").join(name), text));
    library.chain([(PathBuf::from("messages.md"), kiln::diag::reference::markdown())]).collect()
}

/// Pages in `library/` that are none of these: of a kind that is gone. They are named, never deleted.
fn stale(folder: &Path, pages: &[(PathBuf, String)]) -> Result<Vec<PathBuf>> {
    let library = folder.join("library");
    let Ok(entries) = std::fs::read_dir(&library) else { return Ok(Vec::new()) };
    let mut stale = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("reading {}", library.display()))?.path();
        let is_page = path.extension().is_some_and(|extension| extension == "md");
        if is_page && !pages.iter().any(|(name, _)| folder.join(name) == path) {
            stale.push(path);
        }
    }
    stale.sort();
    Ok(stale)
}
