//! `new KIND NAME`: the first lines of an item, where it belongs and registered.
//!
//! In: `new activation swish2`. Out: one file that compiles and is complete but for what makes it
//! different, and its two lines in the folder's `mod.rs` (declaration and list).
//!
//! What it writes is a working item on purpose (the identity, plain gradient descent, …): its tests, which
//! the registry drives, fail where the change that follows is wrong, not where it is unfinished.

mod kinds;
mod register;

use crate::{Outcome, cargo, say, usage};
use anyhow::{Context, Result};
use kinds::{KINDS, Kind};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether `new` is this one: two plain words, or a kind alone. `kiln new` takes files and options.
pub(crate) fn is_meant(args: &[OsString]) -> bool {
    let words: Vec<&str> = args.iter().map(|arg| arg.to_str().unwrap_or_default()).collect();
    let is_kind = |word: &str| KINDS.iter().any(|known| known.name == word);
    match words[..] {
        [kind] => is_kind(kind),
        [kind, name] => is_kind(kind) || is_name(kind) && is_name(name),
        _ => false,
    }
}

/// Writes the file and its registry lines.
///
/// # Errors
/// Where the registry cannot be read or written, or has not the expected form.
pub(crate) fn run(args: &[OsString]) -> Result<Outcome> {
    let words: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let [kind, name] = words.as_slice() else {
        return usage(&format!("`new` takes a kind and a name; the kinds are {}", kind_names()));
    };
    let Some(kind) = KINDS.iter().find(|known| known.name == *kind) else {
        return usage(&format!("`{kind}` is no kind of item; the kinds are {}", kind_names()));
    };
    if !is_name(name) {
        return usage(&format!(
            "`{name}` is no name of a file and module: lower case letters, digits and `_`"
        ));
    }
    let folder = cargo::root().join(kind.folder);
    let file = folder.join(format!("{name}.rs"));
    if file.exists() {
        return usage(&format!("{}/{name}.rs exists", kind.folder));
    }
    write(kind, name, &folder, &file)?;
    say(&format!("wrote      {}/{name}.rs", kind.folder));
    say(&format!("registered {}/mod.rs", kind.folder));
    Ok(Outcome::Done)
}

fn write(kind: &Kind, name: &str, folder: &Path, file: &Path) -> Result<()> {
    let registry = folder.join("mod.rs");
    let old =
        std::fs::read_to_string(&registry).with_context(|| format!("reading {}", registry.display()))?;
    // The registry first: where it has not the expected form, nothing is written.
    let new = register::register(&old, name, &type_name(name))
        .with_context(|| format!("{} has not the form of a registry", registry.display()))?;
    let text = kind.template.replace("NAME", name).replace("TYPE", &type_name(name));
    std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))?;
    std::fs::write(&registry, new).with_context(|| format!("writing {}", registry.display()))?;
    // Formatting is a courtesy: `ci` tells where it is missing.
    let _ = Command::new("rustfmt").args(["--edition", "2024"]).arg(&registry).stdin(Stdio::null()).status();
    Ok(())
}

fn kind_names() -> String {
    KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ")
}

/// `LeakyRelu` of `leaky_relu`.
fn type_name(name: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + chars.as_str())
    };
    name.split('_').map(capital).collect()
}

/// Whether a file, a module and a word of the language may be called so.
fn is_name(name: &str) -> bool {
    const TAKEN: &[&str] = &[
        "as", "async", "await", "box", "break", "const", "continue", "crate", "do", "dyn", "else", "enum",
        "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match",
        "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct",
        "super", "tests", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
        "where", "while", "yield",
    ];
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !TAKEN.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types() {
        assert_eq!(type_name("leaky_relu"), "LeakyRelu");
        assert_eq!(type_name("f1"), "F1");
        for name in ["relu", "leaky_relu", "f1"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "Relu", "1f", "a-b", "../a", "mod", "type", "é"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn files_are_for_the_product() {
        let is_meant = |words: &[&str]| is_meant(&words.iter().map(OsString::from).collect::<Vec<_>>());
        for words in [&["activation", "swish"][..], &["activation", "Swish"], &["layre", "swish"], &["loss"]]
        {
            assert!(is_meant(words), "{words:?}");
        }
        for words in [&[][..], &["digits.parquet"], &["a.gz", "b.gz"], &["-o", "x"], &["--help"]] {
            assert!(!is_meant(words), "{words:?}");
        }
    }

    #[test]
    fn every_kind_has_a_header_and_says_its_name() {
        for kind in KINDS {
            assert!(kind.template.starts_with("//! NAME"), "{}", kind.name);
            assert!(kind.template.contains("pub(super) struct TYPE;"), "{}", kind.name);
        }
    }
}
