//! Rename: another name for everything that a name stands for, in all files.
//!
//! In: a place and the new name. Out: every place that changes, or why it cannot be.
//!
//! One rule beside the plain ones (a legal name, no item of the library): the specs are read again with
//! the new name in place, and where one of them then has a mistake more, or a name leads elsewhere, the
//! renaming is refused.

use crate::context::Context;
use crate::navigate::{Site, Sites, references};
use crate::workspace::Workspace;
use kiln_diag::{Diagnostics, Severity};
use kiln_library::registry as library;
use kiln_model::vocabulary::STATEMENTS;
use std::collections::BTreeMap;

/// The name that may be renamed at a place.
///
/// # Errors
/// Why there is none.
pub fn prepare(workspace: &mut Workspace, path: &str, at: u32) -> Result<Site, String> {
    let project = workspace.project_of(path);
    let file = project.file(path).ok_or("this file cannot be read")?;
    if let Some(occurrence) = project.index.at(file, at) {
        return Ok(Site { path: path.to_owned(), start: occurrence.span.start, end: occurrence.span.end });
    }
    let context = Context::at(project.text(file), at);
    let word = &project.text(file)[context.word.start as usize..context.word.end as usize];
    match library::KINDS.into_iter().find(|kind| library::find(*kind, word).is_some()) {
        _ if word.is_empty() => Err("there is no name here".to_owned()),
        Some(kind) => Err(format!("{} of the library: it cannot be renamed", is_a(word, kind))),
        None => Err(format!("`{word}` is no name that this spec defines")),
    }
}

/// Every place that takes the new name.
///
/// # Errors
/// Why the name cannot be taken.
pub fn rename(workspace: &mut Workspace, path: &str, at: u32, new: &str) -> Result<Vec<Site>, String> {
    prepare(workspace, path, at)?;
    let sites = references(workspace, path, at).ok_or("there is no name here")?;
    if sites.name == new {
        return Ok(Vec::new());
    }
    legal(new, &sites)?;
    let texts = renamed(workspace, &sites, new)?;
    for root in &sites.roots {
        let before = workspace.project(root);
        let after = workspace.read(root, &texts);
        if let Some(mistake) = new_mistake(&before.diagnostics, &after.diagnostics) {
            return Err(format!("`{new}` would be a mistake: {mistake}"));
        }
        // Every name leads to as many places as before: none was caught by another, and none catches others.
        let counts = |project: &crate::project::Project| {
            let leads = project.index.occurrences.iter().map(|o| o.definitions.clone());
            leads.collect::<Vec<_>>()
        };
        if counts(&before) != counts(&after) {
            return Err(format!("`{new}` already stands for something else here"));
        }
    }
    Ok(sites.all.into_iter().collect())
}

/// A name that the language takes, and that is not the library's.
fn legal(new: &str, sites: &Sites) -> Result<(), String> {
    let mut chars = new.chars();
    let begins = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !begins || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(format!("`{new}` is no name: letters, digits and `_`, and no digit first"));
    }
    if matches!(new, "true" | "false" | "sweep") || STATEMENTS.iter().any(|word| word.name == new) {
        return Err(format!("`{new}` is a word of the language"));
    }
    if sites.noun == "field" && kiln_model::check::DATA_KEYS.contains(&new) {
        return Err(format!("`{new}` is a key of every data set"));
    }
    match library::KINDS.into_iter().find(|kind| library::find(*kind, new).is_some()) {
        Some(kind) => Err(format!("{} of the library", is_a(new, kind))),
        None => Ok(()),
    }
}

fn is_a(word: &str, kind: kiln_library::Kind) -> String {
    let noun = kiln_model::registry::noun(kind);
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("`{word}` is {article} {noun}")
}

/// The texts of the files that change.
fn renamed(workspace: &Workspace, sites: &Sites, new: &str) -> Result<BTreeMap<String, String>, String> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    // From the end, so that places before it stay where they are.
    for site in sites.all.iter().rev() {
        if !texts.contains_key(&site.path) {
            texts.insert(site.path.clone(), workspace.text(&site.path)?);
        }
        let range = site.start as usize..site.end as usize;
        match texts.get_mut(&site.path) {
            Some(text) if text.get(range.clone()) == Some(sites.name.as_str()) => {
                text.replace_range(range, new);
            }
            _ => return Err(format!("`{}` has changed on the disk", site.path)),
        }
    }
    Ok(texts)
}

/// The first error that there are more of than before.
fn new_mistake(before: &Diagnostics, after: &Diagnostics) -> Option<String> {
    let errors = |all: &Diagnostics| all.iter().filter(|d| d.severity == Severity::Error).count();
    if errors(after) <= errors(before) {
        return None;
    }
    let known = |message: &str| before.iter().any(|d| d.message == message);
    let mut found = after.iter().filter(|d| d.severity == Severity::Error);
    found.find(|d| !known(&d.message)).map(|d| d.message.clone())
}
