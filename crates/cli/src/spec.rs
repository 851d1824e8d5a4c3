//! From a path on the command line to a checked spec.
//!
//! In: a path, or `-`, and what the command line changes. Out: [`Checked`]: the runs, or every
//! mistake. What the user can mend is a diagnostic; what only the environment can (a file that may
//! not be read) is an error.

use crate::arguments::{Changes, RunArguments, SpecArguments};
use crate::console::Console;
use crate::outcome::{Outcome, said, wrong};
use anyhow::{Context, Result};
use kiln::diag::{Code, Diagnostic, Diagnostics, FileId, Sources, suggest};
use kiln::dsl::ast::ExprKind;
use kiln::model::{self, Items, Loaded, Spec};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// What stands for standard input.
pub(crate) const STDIN: &str = "-";

/// A spec, checked.
pub(crate) struct Checked {
    /// Source texts, the main file first.
    pub(crate) sources: Sources,
    /// What they say.
    pub(crate) items: Items,
    /// Every mistake and warning.
    pub(crate) diagnostics: Diagnostics,
    /// The runs, where there is no mistake.
    pub(crate) spec: Option<Spec>,
    /// Files that it uses.
    pub(crate) used: Vec<String>,
}

/// Reads and checks a spec.
///
/// # Errors
/// Where the environment does not let it be read.
pub(crate) fn check(path: &str, changes: &Changes) -> Result<Checked> {
    let (name, text) = match text(path)? {
        Ok(text) => text,
        Err(diagnostic) => {
            let mut diagnostics = Diagnostics::new();
            diagnostics.push(diagnostic);
            let (sources, items) = (Sources::new(), Items::default());
            return Ok(Checked { sources, items, diagnostics, spec: None, used: Vec::new() });
        }
    };
    let mut used = Vec::new();
    let mut loaded = model::load_text(&name, &text, &mut |file| {
        used.push(file.to_owned());
        model::load::read_file(Path::new(file)).map_err(|error| error.to_string())
    });
    let overrides = overrides(changes, &loaded.items);
    model::set(&mut loaded, &overrides);
    let checked = model::check(&loaded);
    let Loaded { sources, items, .. } = loaded;
    Ok(Checked { sources, items, diagnostics: checked.diagnostics, spec: checked.spec, used })
}

/// The checked spec of the command line; its mistakes are printed, and end the verb.
///
/// # Errors
/// Where it has mistakes or cannot be read.
pub(crate) fn resolve(arguments: &SpecArguments, console: &Console) -> Result<kiln::Spec> {
    let checked = check(&arguments.spec, &arguments.changes)?;
    console.diagnostics(&checked.diagnostics, &checked.sources);
    let spec = checked.spec.ok_or_else(|| said(Outcome::Wrong))?;
    let source = checked.sources.text(FileId::default()).to_owned();
    let spec = kiln::Spec::checked(&name(&arguments.spec), source, spec);
    Ok(spec.read_from(checked.sources, checked.items))
}

/// What the spec's folder of runs is called: the file's name without the ending.
fn name(path: &str) -> String {
    match Path::new(path).file_stem() {
        Some(stem) if path != STDIN => stem.to_string_lossy().into_owned(),
        _ => "stdin".to_owned(),
    }
}

/// The runs that the command line asks for: the one that it names, or all.
///
/// # Errors
/// Where there is no such run.
pub(crate) fn chosen<'s>(spec: &'s kiln::Spec, arguments: &RunArguments) -> Result<Vec<kiln::Run<'s>>> {
    let Some(number) = arguments.run else { return Ok(spec.runs().collect()) };
    match spec.runs().nth(number as usize - 1) {
        Some(run) => Ok(vec![run]),
        None => Err(wrong(format!("there is no run {number}\n{}", listed(spec)))),
    }
}

/// One run, the first where none is named; the user is told which where there are several.
///
/// # Errors
/// Where there is no such run.
pub(crate) fn one_run<'s>(
    spec: &'s kiln::Spec,
    arguments: &RunArguments,
    console: &Console,
) -> Result<kiln::Run<'s>> {
    let chosen = chosen(spec, arguments)?;
    // A checked spec has at least one run.
    let run = *chosen.first().context("the spec has no run")?;
    if chosen.len() > 1 {
        let label = run.label();
        console.note(&format!("run 1 of {} ({label}); `--run N` takes another", chosen.len()));
    }
    Ok(run)
}

/// The runs of a spec with their numbers.
fn listed(spec: &kiln::Spec) -> String {
    if spec.runs().len() == 1 {
        return "the spec has one run: it sweeps nothing".to_owned();
    }
    let lines = spec.runs().enumerate().map(|(i, run)| format!("  {}  {}", i + 1, run.label()));
    format!("its runs are\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// Every `.model` file at or below a folder, in the order of their paths. Links to folders are not
/// followed; hidden folders are passed over.
///
/// # Errors
/// Where a folder cannot be read.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let unreadable = || format!("cannot read the folder `{}`", folder.display());
        for entry in std::fs::read_dir(&folder).with_context(unreadable)? {
            let entry = entry.with_context(unreadable)?;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let path = entry.path();
            if entry.file_type().with_context(unreadable)?.is_dir() {
                folders.extend((!hidden).then_some(path));
            } else if path.extension().is_some_and(|extension| extension == "model") && path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The name that messages show and the text of a spec, or what is wrong with the path.
pub(crate) fn text(path: &str) -> Result<Result<(String, String), Diagnostic>> {
    if path == STDIN {
        return standard_input();
    }
    let file = Path::new(path);
    if file.is_dir() {
        return Ok(Err(is_folder(path)));
    }
    match model::load::read_file(file) {
        Ok(text) => Ok(Ok((path.replace('\\', "/"), text))),
        Err(error) => refused(path, error).map(Err),
    }
}

fn standard_input() -> Result<Result<(String, String), Diagnostic>> {
    let mut text = String::new();
    let limit = model::load::FILE_BYTES_MAX;
    match io::stdin().lock().take(limit + 1).read_to_string(&mut text) {
        Ok(_) if text.len() as u64 > limit => {
            refused("standard input", io::Error::other("too large")).map(Err)
        }
        Ok(_) => Ok(Ok(("<stdin>".to_owned(), text))),
        Err(error) => refused("standard input", error).map(Err),
    }
}

/// What the user can do about a file that was not read; an error where nothing.
fn refused(path: &str, error: io::Error) -> Result<Diagnostic> {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            let diagnostic = Diagnostic::error(Code::FileNotFound, format!("there is no file `{path}`"));
            Ok(diagnostic.hint_opt(nearest(path).map(|near| format!("did you mean `{near}`?"))))
        }
        ErrorKind::InvalidData => {
            let diagnostic = Diagnostic::error(Code::NotUtf8, format!("`{path}` is not UTF-8 text"));
            Ok(diagnostic.hint("a spec is a text file; save it as UTF-8"))
        }
        ErrorKind::Other => {
            let limit = model::load::FILE_BYTES_MAX >> 20;
            Ok(Diagnostic::error(Code::FileTooLarge, format!("`{path}` is larger than {limit} MiB"))
                .hint("a spec is a page of text; data belongs in files of its own"))
        }
        _ => Err(error).with_context(|| format!("cannot read `{path}`")),
    }
}

fn is_folder(path: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::FileNotFound, format!("`{path}` is a folder, not a spec"));
    let specs = models(Path::new(path)).unwrap_or_default();
    diagnostic.hint(match specs.first() {
        Some(first) => format!("name one of its specs, such as `{}`", first.display()),
        None => "name a `.model` file".to_owned(),
    })
}

/// A spec that exists and whose path is near: `exp11` for `specs/exp11.model`.
fn nearest(path: &str) -> Option<String> {
    let completed = [format!("{path}.model"), format!("specs/{path}"), format!("specs/{path}.model")];
    if let Some(found) = completed.iter().find(|path| Path::new(path).is_file()) {
        return Some(found.clone());
    }
    let path = Path::new(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let siblings = models(folder.unwrap_or(Path::new("."))).ok()?;
    let names: Vec<&str> = siblings.iter().filter_map(|sibling| sibling.file_name()?.to_str()).collect();
    let near = suggest(path.file_name()?.to_str()?, names)?;
    Some(folder.map_or(PathBuf::from(near), |folder| folder.join(near)).display().to_string())
}

/// The `.model` files of a folder itself, by name.
pub(crate) fn models(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "model") && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `--set` as given, after what `--data` stands for.
fn overrides(changes: &Changes, items: &Items) -> Vec<String> {
    let data = changes.data.iter().map(|data| data_override(data, items));
    data.chain(changes.set.iter().cloned()).collect()
}

/// `--data NAME` is `--set train.data=NAME`; a source takes the place of that of the block in use.
fn data_override(data: &str, items: &Items) -> String {
    if !data.contains('(') {
        return format!("train.data={data}");
    }
    let entries = items.train.iter().flat_map(|train| &train.entries);
    let named = entries.filter(|entry| entry.key.node == "data").find_map(|entry| match &entry.value.kind {
        ExprKind::Name(name) => Some(name.as_str()),
        _ => None,
    });
    let only = items.data.first().map(|data| data.name.node.as_str());
    format!("data.{}.source={data}", named.or(only).unwrap_or("data"))
}
