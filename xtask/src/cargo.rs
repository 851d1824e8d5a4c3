//! Starting cargo, and reading what it built.
//!
//! In: arguments for cargo. Out: whether it succeeded, or the programs that it made.
//!
//! Cargo is asked where a program ended up (`--message-format`), never guessed at: the target
//! folder may be set by an environment variable or any configuration file.

use crate::say;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Silence for this long is fine; a longer build says that it is one.
const PATIENCE: Duration = Duration::from_secs(2);
/// Off a terminal, one line of progress in this time.
const LINE_EVERY: Duration = Duration::from_secs(20);

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable when it runs us; the compile-time value serves a direct start.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).filter(|dir| dir.ends_with("xtask"));
    let own = own.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    own.parent().map_or_else(|| own.clone(), Path::to_path_buf)
}

/// Cargo itself, in the workspace's folder, with nothing to read.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(args).current_dir(root()).stdin(Stdio::null());
    command
}

/// Builds in release mode and gives the programs that this made, in cargo's order.
///
/// # Errors
/// Where cargo cannot be started or the build fails (it has said why).
pub(crate) fn build_release(what: &str, args: &[&str]) -> Result<Vec<PathBuf>> {
    let mut command = cargo(&["build", "--release", "--quiet", "--message-format=json-render-diagnostics"]);
    let mut child = command.args(args).stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let mut progress = Progress::new(what);
    let mut programs = Vec::new();
    for line in BufReader::new(child.stdout.take().context("cargo has no output")?).lines() {
        let line = line.context("reading cargo's messages")?;
        if string_field(&line, "reason").as_deref() == Some("compiler-artifact") {
            progress.built();
            programs.extend(string_field(&line, "executable").map(PathBuf::from));
        }
    }
    let status = child.wait().context("waiting for cargo")?;
    progress.finish();
    if !status.success() {
        bail!("{what} does not build");
    }
    Ok(programs)
}

/// The string value of a key in one line of JSON; `None` where the key is absent or no string.
///
/// Enough for cargo's messages: the keys asked for occur once, or first at the top level.
fn string_field(json: &str, key: &str) -> Option<String> {
    let opening = format!("\"{key}\":\"");
    let start = json.find(&opening)? + opening.len();
    let mut value = String::new();
    let mut chars = json[start..].chars();
    loop {
        match chars.next()? {
            '"' => return Some(value),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

/// One line that tells a person that a long build is alive.
struct Progress<'a> {
    what: &'a str,
    begun: Instant,
    said: Option<Instant>,
    crates: usize,
    terminal: bool,
}

impl<'a> Progress<'a> {
    fn new(what: &'a str) -> Progress<'a> {
        let terminal = std::io::stderr().is_terminal();
        Progress { what, begun: Instant::now(), said: None, crates: 0, terminal }
    }

    fn built(&mut self) {
        self.crates += 1;
        let every = if self.terminal { Duration::ZERO } else { LINE_EVERY };
        let due = self.said.is_none_or(|said| said.elapsed() >= every);
        if self.begun.elapsed() < PATIENCE || !due {
            return;
        }
        self.said = Some(Instant::now());
        let text = format!(
            "building {}: {} crates, {:.0} s",
            self.what,
            self.crates,
            self.begun.elapsed().as_secs_f64()
        );
        if self.terminal {
            eprint!("\r\x1b[K{text}");
            // A progress line that cannot be shown is not worth failing for.
            let _ = std::io::stderr().flush();
        } else {
            say(&text);
        }
    }

    fn finish(self) {
        if self.terminal && self.said.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_program_from_cargos_message() {
        let line = r#"{"reason":"compiler-artifact","package_id":"x","executable":"C:\\out\\kiln.exe","fresh":true}"#;
        assert_eq!(string_field(line, "executable").as_deref(), Some("C:\\out\\kiln.exe"));
        assert_eq!(string_field(line, "reason").as_deref(), Some("compiler-artifact"));
    }

    #[test]
    fn an_absent_an_empty_and_a_broken_off_field_are_told_apart() {
        assert_eq!(string_field(r#"{"executable":null}"#, "executable"), None);
        assert_eq!(string_field(r#"{"executable":""}"#, "executable").as_deref(), Some(""));
        assert_eq!(string_field(r#"{"executable":"/a/b"#, "executable"), None);
    }

    #[test]
    fn the_root_holds_the_workspace() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
        assert!(manifest.contains("[workspace]"));
    }
}
