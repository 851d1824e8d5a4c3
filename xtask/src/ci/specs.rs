//! The checks that need the product itself: every spec is right and formatted, two of them train,
//! every example runs.

use super::status;
use crate::{Outcome, cargo, product, say};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Trained for one epoch each: a tied autoencoder, and a network with batch norm and dropout.
const TRAINED: &[&str] = &["specs/exp11.model", "specs/exp01.model"];

/// `check` on every spec, `fmt --check` on every folder of them, and a very short training.
pub(super) fn check() -> Result<Outcome> {
    let kiln = product::build()?;
    let root = cargo::root();
    let specs = models(&root.join("specs"))?;
    if specs.is_empty() {
        bail!("there is no spec in specs/");
    }
    let mut right = kiln_runs(&kiln, std::iter::once("check".into()).chain(specs))?;
    let mut formatted = vec![PathBuf::from("fmt"), "--check".into(), "specs".into()];
    if !models(&root.join("examples"))?.is_empty() {
        formatted.push("examples".into());
    }
    right &= kiln_runs(&kiln, formatted.into_iter())?;

    let scratch = Scratch::new()?;
    for spec in TRAINED {
        let args = ["train", spec, "--set", "train.epochs=1", "--quiet", "--out"].map(PathBuf::from);
        right &= kiln_runs(&kiln, args.into_iter().chain([scratch.0.join("runs")]))?;
    }
    Ok(if right { Outcome::Done } else { Outcome::Failed })
}

/// Builds and runs every program of the examples' package, in the workspace's folder.
pub(super) fn examples() -> Result<Outcome> {
    let programs = cargo::build_release("the examples", &["-p", "kiln-examples", "--bins", "--examples"])?;
    if programs.is_empty() {
        bail!("the package of the examples has no program");
    }
    let mut right = true;
    for program in programs {
        say(&format!("$ {}", program.file_stem().unwrap_or_default().display()));
        right &= runs(Command::new(&program).current_dir(cargo::root()))?;
    }
    Ok(if right { Outcome::Done } else { Outcome::Failed })
}

fn kiln_runs(kiln: &Path, args: impl Iterator<Item = PathBuf>) -> Result<bool> {
    let args: Vec<PathBuf> = args.collect();
    let shown: Vec<String> = args.iter().take(4).map(|arg| arg.display().to_string()).collect();
    say(&format!("$ kiln {}{}", shown.join(" "), if args.len() > 4 { " …" } else { "" }));
    runs(Command::new(kiln).args(args).current_dir(cargo::root()))
}

fn runs(command: &mut Command) -> Result<bool> {
    let outcome = status(command)?;
    if let Outcome::Code(code) = outcome {
        say(&format!("ended with exit code {code}"));
    }
    Ok(outcome == Outcome::Done)
}

/// The `.model` files of a folder itself, by name; what they `use` (`lib/`) is checked through them.
fn models(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("reading {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "model") {
            paths.push(path.strip_prefix(cargo::root()).map_or(path.clone(), Path::to_path_buf));
        }
    }
    paths.sort();
    Ok(paths)
}

/// A folder that is gone when the check ends, however it ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch> {
        let folder = std::env::temp_dir().join(format!("kiln-ci-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind lies in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_specs_of_a_folder_in_order() {
        let scratch = Scratch::new().expect("a folder");
        for name in ["b.model", "a.model", "a.txt"] {
            std::fs::write(scratch.0.join(name), "").expect("a file");
        }
        std::fs::create_dir(scratch.0.join("lib")).expect("a folder");
        let found = models(&scratch.0).expect("a list");
        assert_eq!(found, [scratch.0.join("a.model"), scratch.0.join("b.model")]);
        let folder = scratch.0.clone();
        drop(scratch);
        assert!(!folder.exists());
    }
}
