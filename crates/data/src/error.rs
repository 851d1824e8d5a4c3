//! What can be wrong with data: one variant a cause, one sentence each, with the file,
//! what was expected, what was found and, where there is one, the way out.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why data could not be loaded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file is not where it was looked for.
    #[error("there is no file `{file}` in {}; {hint}", listed(.folders))]
    Missing {
        /// As the spec names it.
        file: String,
        /// Where it was looked for.
        folders: Vec<PathBuf>,
        /// How to get it.
        hint: String,
    },
    /// The system did not let us read a file.
    #[error("cannot read {}: {error}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The first bytes are not those of the format.
    #[error("{} is not {wanted}: it begins with {found}", .path.display())]
    Magic {
        /// The file.
        path: PathBuf,
        /// What was expected.
        wanted: &'static str,
        /// The first bytes, or what they are known to mean.
        found: String,
    },
    /// The file ends before its content does.
    #[error("{} is too short: its header announces {wanted} bytes of data, and {found} are there", .path.display())]
    Short {
        /// The file.
        path: PathBuf,
        /// Bytes that the header announces.
        wanted: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// The file goes on after its content.
    #[error("{} is too long: its header announces {wanted} bytes of data, and more follow", .path.display())]
    Long {
        /// The file.
        path: PathBuf,
        /// Bytes that the header announces.
        wanted: u64,
    },
    /// The content contradicts itself.
    #[error("{} is damaged: {reason}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Images and labels are not of the same number.
    #[error("{} has {n_images} images, but {} has {n_labels} labels", .images.display(), .labels.display())]
    Counts {
        /// The file of images.
        images: PathBuf,
        /// How many it has.
        n_images: usize,
        /// The file of labels.
        labels: PathBuf,
        /// How many it has.
        n_labels: usize,
    },
    /// Two files that should hold alike samples do not.
    #[error("{} has samples of {found:?}, unlike {}, which has {wanted:?}", .path.display(), .first.display())]
    Extents {
        /// The file that differs.
        path: PathBuf,
        /// Extents of its samples.
        found: Vec<usize>,
        /// The file before it.
        first: PathBuf,
        /// Extents of its samples.
        wanted: Vec<usize>,
    },
    /// A label is not one of the classes.
    #[error("{}: the label of row {row} is {label}, but the classes are 0 to {}", .path.display(), .classes - 1)]
    Label {
        /// The file.
        path: PathBuf,
        /// The row, from 0.
        row: usize,
        /// The label, as it is in the file.
        label: String,
        /// Number of classes.
        classes: usize,
    },
    /// No row has one of the labels asked for.
    #[error("{} has no row with one of the labels {labels:?}", .path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
        /// The labels asked for.
        labels: Vec<u32>,
    },
    /// The classes asked for make no sense.
    #[error("the classes cannot be {reason}")]
    Classes {
        /// What is wrong with them.
        reason: String,
    },
    /// A value that no training survives.
    #[error("{}: row {row} of column `{column}` is {value}; every value must be finite", .path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
        /// The value.
        value: f64,
    },
    /// A value is missing.
    #[error("{}: row {row} of column `{column}` is null; every row needs a value", .path.display())]
    Null {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
    },
    /// There is no such column.
    #[error("{} has no column `{column}`{}", .path.display(), suggested(.suggestion))]
    Column {
        /// The file.
        path: PathBuf,
        /// The column asked for.
        column: String,
        /// What may have been meant.
        suggestion: Option<String>,
    },
    /// A column is of a type that cannot be read as what it should be.
    #[error("{}: column `{column}` is of type {found}, but {role} must be {wanted}", .path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// What it is for.
        role: &'static str,
        /// Types that will do.
        wanted: &'static str,
    },
    /// No files were named.
    #[error("a parquet source needs at least one file, as in `files = [\"letters.parquet\"]`")]
    NoFiles,
    /// No columns of pixels.
    #[error("{} has no columns of pixels: the only column is the label", .path.display())]
    NoPixels {
        /// The file.
        path: PathBuf,
    },
    /// A class is asked for of data without labels.
    #[error("the field `{field}` cannot be the class: the source has no labels")]
    NoLabels {
        /// The field.
        field: String,
    },
    /// A file of a format that nothing here reads.
    #[error("{} is {found}; Kiln reads IDX files (images and labels, as MNIST has them) and Parquet tables", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: String,
    },
    /// Files of different formats.
    #[error("{} and {} are of different formats, and a data set is of one", .first.display(), .other.display())]
    Mixed {
        /// The first file.
        first: PathBuf,
        /// The one that differs.
        other: PathBuf,
    },
    /// Images and labels that do not belong together.
    #[error(
        "{} do not belong together: a data set has one file of images and one of labels, and may have \
         one of each more to test on", named(.files)
    )]
    Apart {
        /// The files.
        files: Vec<PathBuf>,
    },
    /// Labels without images.
    #[error("{} is a file of labels, and its images are not beside it; name them too", .labels.display())]
    NoImages {
        /// The file of labels.
        labels: PathBuf,
    },
    /// A column is asked for of a file that has none.
    #[error("{} is an IDX file, which has no columns; name its file of labels instead of a column", .path.display())]
    NoColumns {
        /// The file.
        path: PathBuf,
    },
    /// No columns of numbers.
    #[error("{} has no column of numbers besides the label", .path.display())]
    NoNumbers {
        /// The file.
        path: PathBuf,
    },
    /// A column that holds something else than labels.
    #[error("{}: column `{column}` cannot be the label: {reason}", .path.display())]
    NoLabel {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The extents asked for do not fit the number of columns.
    #[error("{columns} columns of pixels cannot be samples of {dims:?}")]
    Dims {
        /// Columns.
        columns: usize,
        /// Extents asked for.
        dims: Vec<usize>,
    },
    /// Scaled pixels overflow.
    #[error("pixels · {scale} + {offset} is not finite for every pixel")]
    Scale {
        /// The factor.
        scale: f32,
        /// The summand.
        offset: f32,
    },
    /// The number of samples to generate is out of range.
    #[error("{found} samples cannot be made: the number must be 1 to {most}")]
    Samples {
        /// The number.
        found: usize,
        /// The largest.
        most: usize,
    },
    /// No letters to generate.
    #[error("glyphs need at least one letter, as in `classes = \"P\"..\"Z\"`")]
    NoLetters,
    /// A character that nobody taught the generator to write.
    #[error("glyphs cannot write `{letter}`: the letters are A to Z")]
    NoLetter {
        /// The character.
        letter: char,
    },
    /// A letter given twice.
    #[error("the letter `{letter}` is among the classes twice; capital and small letters are one class")]
    LetterTwice {
        /// The letter.
        letter: char,
    },
    /// Fractions of a split that are none.
    #[error(
        "a split cannot be {train} to train and {test} to test: the first must be above 0, the second \
         at least 0, and both together at most 1"
    )]
    Fractions {
        /// Fraction to train on.
        train: f64,
        /// Fraction to test on.
        test: f64,
    },
    /// The source has no files to test on.
    #[error(
        "the split is `given`, but the source names no test files; use `stratified(train = 80%, test = 20%)`"
    )]
    NotGiven,
    /// A split leaves nothing to train on.
    #[error("of {rows} rows the split leaves none to train on")]
    NothingToTrain {
        /// Rows in all.
        rows: usize,
    },
    /// More rows than an index can hold.
    #[error("{found} rows are too many: at most 4,294,967,295 can be indexed")]
    Rows {
        /// Rows in all.
        found: usize,
    },
}

fn listed(folders: &[PathBuf]) -> String {
    let names: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    if names.is_empty() { "any folder (none was given)".into() } else { names.join(" or ") }
}

fn named(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    names.join(", ")
}

fn suggested(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
