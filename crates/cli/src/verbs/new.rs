//! `kiln new`: a starting spec from data files.
//!
//! In: files, or none for the built-in letters. Out: a `.model` file that trains as it is, whole or
//! not at all, and a line that says what was found. Nothing is asked, and no file is overwritten
//! without `--force`.

use crate::console::Console;
use crate::outcome::{Outcome, wrong};
use crate::spec::STDIN;
use anyhow::Result;
use kiln::data::look::Files;
use kiln::data::{DataError, Look, Paths, look};
use kiln::starter;
use std::path::{Path, PathBuf};

/// Write a starting spec for data files, or for the built-in letters
///
/// Looks into the files (IDX images and labels as MNIST has them, Parquet tables) and writes a
/// commented spec that trains as it is: with labels a classifier, without an autoencoder. Of
/// MNIST's four files name one; the others are found beside it.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Data files of one format; none for the built-in letters
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Where the spec is written; `-` prints it [default: named after the data, in this folder]
    #[arg(long, short, value_name = "SPEC")]
    out: Option<PathBuf>,

    /// The column of labels of a Parquet table
    #[arg(long, value_name = "COLUMN", requires = "files")]
    label: Option<String>,

    /// Overwrite the spec if it is there
    #[arg(long)]
    force: bool,

    /// The folder that data files are relative to [default: $KILN_DATA_DIR, or the current folder]
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

/// A spec, and what it is of.
struct Written {
    name: String,
    text: String,
    found: String,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let written = if arguments.files.is_empty() { letters() } else { of_files(arguments)? };
    let out = match &arguments.out {
        Some(out) if out.as_os_str() == STDIN => {
            console.say(&written.found);
            console.print(&written.text)?;
            return Ok(Outcome::Done);
        }
        Some(out) if out.is_dir() => out.join(format!("{}.model", written.name)),
        Some(out) => out.clone(),
        None => PathBuf::from(format!("{}.model", written.name)),
    };
    if out.extension().is_none_or(|extension| extension != "model") {
        return Err(wrong(format!("`{0}` is no name of a spec; write `-o {0}.model`", out.display())));
    }
    if out.exists() && !arguments.force {
        let message = "is there already; `--force` overwrites it, `-o OTHER.model` leaves it";
        return Err(wrong(format!("`{}` {message}", out.display())));
    }
    kiln::record::atomic_write(&out, written.text.as_bytes())?;
    console.say(&written.found);
    let folder = arguments.data_dir.as_ref().filter(|_| !arguments.files.is_empty());
    let folder = folder.map_or_else(String::new, |folder| format!(" --data-dir {}", folder.display()));
    console.say(&format!("wrote {0}; train it with `kiln train {0}{folder}`", out.display()));
    Ok(Outcome::Done)
}

fn letters() -> Written {
    let found = "no file was named: the data is the built-in letters".to_owned();
    Written { name: "letters".to_owned(), text: starter::letters(), found }
}

fn of_files(arguments: &Arguments) -> Result<Written> {
    let folders = Paths::from_environment(arguments.data_dir.as_deref()).data;
    let files: Vec<PathBuf> =
        arguments.files.iter().map(|file| located(file, &folders)).collect::<Result<_>>()?;
    let look = look(&files, arguments.label.as_deref()).map_err(|error| refused(error, arguments))?;
    let called = |path: &Path| called(path, &folders);
    if let Some(path) = paths(&look).into_iter().find(|path| called(path).is_none()) {
        let path = path.display();
        return Err(wrong(format!("the path `{path}` is not UTF-8, which a spec is; rename the file")));
    }
    let name = name(&files[0]);
    let text = starter::starter(&look, &name, &|path| called(path).unwrap_or_default());
    Ok(Written { name: starter::identifier(&name), text, found: found(&look) })
}

/// The file as it can be opened from here: where the user is, or else in a data folder.
fn located(file: &Path, folders: &[PathBuf]) -> Result<PathBuf> {
    if file.is_dir() {
        return Err(wrong(format!("`{}` is a folder; name the data files in it", file.display())));
    }
    let in_folders = folders.iter().map(|folder| folder.join(file));
    let found = std::iter::once(file.to_owned()).chain(in_folders).find(|path| path.is_file());
    found.ok_or_else(|| wrong(format!("there is no file `{}`", file.display())))
}

/// What the spec calls a file so that training finds it: its path below a data folder, or else all
/// of its path. `None` where that is not UTF-8.
fn called(path: &Path, folders: &[PathBuf]) -> Option<String> {
    let here = Path::new(".");
    for folder in folders {
        if folder == here && path.is_relative() {
            return path.strip_prefix(here).unwrap_or(path).to_str().map(str::to_owned);
        }
        if let (Ok(path), Ok(folder)) = (path.canonicalize(), folder.canonicalize())
            && let Ok(below) = path.strip_prefix(folder)
        {
            return below.to_str().map(str::to_owned);
        }
    }
    std::path::absolute(path).ok()?.to_str().map(str::to_owned)
}

/// What the data is called: the file's name without what all such files are called, or else its folder's.
fn name(file: &Path) -> String {
    const EVERY: &[&str] = &[
        "train", "training", "test", "t10k", "images", "image", "labels", "label", "idx1", "idx2", "idx3",
        "idx4", "ubyte", "data", "gz", "idx", "parquet",
    ];
    let said = |name: &str| {
        let words = name.split(|c: char| !c.is_alphanumeric());
        let own = words.filter(|word| !word.is_empty() && !EVERY.contains(&word.to_lowercase().as_str()));
        own.collect::<Vec<_>>().join("_")
    };
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let names = path.ancestors().take(2).filter_map(|path| path.file_name()?.to_str());
    names.map(said).find(|name| !name.is_empty()).unwrap_or_else(|| "data".to_owned())
}

fn paths(look: &Look) -> Vec<&Path> {
    match &look.files {
        Files::Idx { train, test } => {
            let pairs = std::iter::once(train).chain(test);
            pairs.flat_map(|(images, labels)| std::iter::once(images).chain(labels)).map(PathBuf::as_path).collect()
        }
        Files::Parquet { files, test_files, .. } => {
            files.iter().chain(test_files).map(PathBuf::as_path).collect()
        }
    }
}

/// One line on what was found, for people.
fn found(look: &Look) -> String {
    let shown = |path: &Path| format!("`{}`", path.display());
    let samples = format!("{} samples of {}", starter::counted(look.rows), starter::sample(look));
    let labels = match (&look.files, &look.labels) {
        (Files::Idx { train: (_, Some(path)), .. }, Some(labels)) => {
            format!("{} classes by the labels in {}", labels.len(), shown(path))
        }
        (Files::Parquet { label: Some(column), .. }, Some(labels)) => {
            format!("{} classes by the column `{column}`; `--label COLUMN` takes another", labels.len())
        }
        (Files::Parquet { .. }, _) => "no labels; `--label COLUMN` names their column".to_owned(),
        (Files::Idx { .. }, _) => "no labels beside them; their file may be named too".to_owned(),
    };
    let test = match &look.files {
        Files::Idx { test: Some((path, _)), .. } => vec![shown(path)],
        Files::Parquet { test_files, .. } => test_files.iter().map(|path| shown(path)).collect(),
        Files::Idx { .. } => Vec::new(),
    };
    let test = if test.is_empty() {
        String::new()
    } else {
        format!("; {} more to test on in {}", starter::counted(look.test_rows), test.join(", "))
    };
    format!("found {samples}; {labels}{test}")
}

/// A column is the user's to name; whatever else is wrong, the file is.
fn refused(error: DataError, arguments: &Arguments) -> anyhow::Error {
    match &error {
        DataError::ColumnType { .. } | DataError::NoLabel { .. } if arguments.label.is_none() => {
            wrong(format!("{error}; `--label COLUMN` names another column"))
        }
        DataError::Column { .. }
        | DataError::ColumnType { .. }
        | DataError::NoLabel { .. }
        | DataError::NoColumns { .. }
        | DataError::NoNumbers { .. }
        | DataError::NoImages { .. }
        | DataError::Apart { .. }
        | DataError::Mixed { .. }
        | DataError::Format { .. } => wrong(error.to_string()),
        _ => crate::failure::of(kiln::Error::Data(error)),
    }
}
