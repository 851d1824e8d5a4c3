//! Pages: from run folders to a report that can be handed in.
//!
//! In: folders, read through `kiln-record` and nothing else. Out: [`Report`], the texts of
//! all files: `index.html` (self-contained), `report.md` with `plots/*.svg` (and `*.png`), `results.csv`,
//! `classification.csv` and `results.json`. The same records give the same bytes.
//!
//! ```text
//! load      folders → experiments and runs; damaged ones are named
//! overview, experiment (pictures, sweep, story, sections) → document
//! document  → html, markdown
//! ```
//!
//! A run that cannot be read never stops the report: it is named at its top with what to do.

pub mod difference;
pub mod document;
mod experiment;
pub mod highlight;
mod html;
pub mod load;
mod markdown;
mod overview;
mod pictures;
mod results;
pub mod sections;
mod story;
mod sweep;

use crate::plots::{BitmapError, Bitmaps, DrawingError};
use document::{Block, Document};
use kiln_record::{Problem, RecordError, RunFolder, atomic_write};
use std::path::{Path, PathBuf};

/// How a report is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// The report's title.
    pub title: String,
    /// A folder in which the layouts of manifolds are kept from one report to the next;
    /// they take seconds each. Without it they are computed each time.
    pub cache: Option<PathBuf>,
    /// Whether figures are made as bitmaps too.
    pub png: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { title: "Experiments".to_owned(), cache: None, png: false }
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A mistake in this crate.
    #[error("a figure could not be drawn: {0}")]
    Drawing(#[from] DrawingError),
    /// A mistake in this crate.
    #[error(transparent)]
    Bitmap(#[from] BitmapError),
    /// The report's files could not be written.
    #[error(transparent)]
    Write(#[from] RecordError),
}

/// A report, not yet written.
#[derive(Debug)]
pub struct Report {
    /// `index.html`.
    pub html: String,
    /// `report.md`.
    pub markdown: String,
    /// Names and texts of `plots/<name>.svg`.
    pub plots: Vec<(String, String)>,
    /// Names and bytes of `plots/<name>.png`; empty where they were not asked for.
    pub bitmaps: Vec<(String, Vec<u8>)>,
    /// `results.csv`.
    pub csv: String,
    /// `classification.csv`.
    pub classification: String,
    /// `results.json`.
    pub json: String,
    /// The folders that could not be read; the report names them too.
    pub damaged: Vec<RecordError>,
}

/// Makes the report of these runs.
///
/// Errors: [`ReportError::Drawing`], a mistake in this crate. Damaged runs are no error.
pub fn build(runs: &[RunFolder], options: &Options) -> Result<Report, ReportError> {
    let (experiments, damaged) = load::load_all(runs);
    let mut document = Document { title: options.title.clone(), blocks: Vec::new() };
    document.blocks.extend(damaged.iter().map(|error| Block::Warning(format!("Left out: {error}"))));
    document.blocks.extend(overview::overview(&experiments));
    for (index, experiment) in experiments.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| experiments.get(index));
        document.blocks.extend(experiment::chapter(experiment, before, options)?);
    }
    document.merge_figures();
    document.number_twins();
    let bitmaps = if options.png { bitmaps(&document)? } else { Vec::new() };
    Ok(Report {
        bitmaps,
        html: html::html(&document),
        markdown: markdown::markdown(&document),
        plots: document.figures().map(|named| (named.name.clone(), named.figure.to_file())).collect(),
        csv: results::csv(&experiments),
        classification: results::classification_csv(&experiments),
        json: results::json(&experiments),
        damaged,
    })
}

fn bitmaps(document: &Document) -> Result<Vec<(String, Vec<u8>)>, BitmapError> {
    let figures: Vec<_> = document.figures().map(|named| &named.figure).collect();
    let names = document.figures().map(|named| named.name.clone());
    Ok(names.zip(Bitmaps::default().all(&figures)?).collect())
}

impl Report {
    /// Writes all files into `folder`, which is made where it is missing. Files that would
    /// not change are left alone; plots that are no longer part of it are removed.
    ///
    /// Errors: [`ReportError::Write`].
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), ReportError> {
        let folder = folder.as_ref();
        let plots = folder.join("plots");
        std::fs::create_dir_all(&plots).map_err(|error| RecordError::new(&plots, Problem::Write(error)))?;
        let files = [
            ("index.html", &self.html),
            ("report.md", &self.markdown),
            ("results.csv", &self.csv),
            ("classification.csv", &self.classification),
            ("results.json", &self.json),
        ];
        for (name, text) in files {
            write_changed(&folder.join(name), text.as_bytes())?;
        }
        for (name, text) in &self.plots {
            write_changed(&plots.join(format!("{name}.svg")), text.as_bytes())?;
        }
        for (name, bytes) in &self.bitmaps {
            write_changed(&plots.join(format!("{name}.png")), bytes)?;
        }
        self.remove_old_plots(&plots)
    }

    fn remove_old_plots(&self, plots: &Path) -> Result<(), ReportError> {
        let failed = |error| RecordError::new(plots, Problem::Write(error));
        for entry in std::fs::read_dir(plots).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let is_old = match path.extension().and_then(|ending| ending.to_str()) {
                Some("svg") => !self.plots.iter().any(|(name, _)| name == stem),
                Some("png") => !self.bitmaps.iter().any(|(name, _)| name == stem),
                _ => false,
            };
            if is_old {
                std::fs::remove_file(&path)
                    .map_err(|error| RecordError::new(&path, Problem::Write(error)))?;
            }
        }
        Ok(())
    }
}

fn write_changed(path: &Path, bytes: &[u8]) -> Result<(), RecordError> {
    match std::fs::read(path) {
        Ok(old) if old == bytes => Ok(()),
        _ => atomic_write(path, bytes),
    }
}
