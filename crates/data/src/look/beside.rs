//! Files that belong together, by their names.
//!
//! `train-images-idx3-ubyte.gz` has its labels in `train-labels-idx1-ubyte.gz`, and what is for
//! testing in `t10k-images-idx3-ubyte.gz`. A file is found packed or not, whatever the other is.

use std::path::{Path, PathBuf};

/// What stands in a name in place of another thing: `(images, labels)`.
type Exchange = (&'static str, &'static str);

/// From images to labels; what differs besides is the number of extents.
const LABELS: &[Exchange] = &[("images", "labels"), ("image", "label")];
const EXTENTS: &[Exchange] = &[("idx3", "idx1"), ("idx2", "idx1"), ("idx4", "idx1")];
/// From what is for training to what is for testing.
const TESTS: &[Exchange] = &[("train", "t10k"), ("train", "test"), ("training", "test")];

/// The labels of a file of images.
pub(crate) fn labels_of(images: &Path) -> Option<PathBuf> {
    let names = exchanged(images, LABELS).into_iter().flat_map(|name| with_extents(&name, EXTENTS));
    existing(images, names)
}

/// The images of a file of labels.
pub(crate) fn images_of(labels: &Path) -> Option<PathBuf> {
    let back = |pairs: &[Exchange]| pairs.iter().map(|(a, b)| (*b, *a)).collect::<Vec<Exchange>>();
    let extents = back(EXTENTS);
    let names = exchanged(labels, &back(LABELS)).into_iter().flat_map(|name| with_extents(&name, &extents));
    existing(labels, names)
}

/// What is for testing beside a file for training.
pub(crate) fn test_of(train: &Path) -> Option<PathBuf> {
    existing(train, exchanged(train, TESTS).into_iter())
}

/// Whether a file is for testing.
pub(crate) fn is_test(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_lowercase();
    name.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "t10k" | "test" | "testing"))
}

/// The names that a file would have with one thing in place of another.
fn exchanged(path: &Path, pairs: &[Exchange]) -> Vec<String> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    pairs.iter().filter(|(from, _)| name.contains(from)).map(|(from, to)| name.replace(from, to)).collect()
}

/// A name as it is where it says nothing of extents, else with the other number of them.
fn with_extents(name: &str, pairs: &[Exchange]) -> Vec<String> {
    let mut names: Vec<String> = pairs.iter().map(|(from, to)| name.replace(from, to)).collect();
    names.push(name.to_owned());
    names.dedup();
    names
}

/// The first of the names that is a file in the folder of `path`, packed or not.
fn existing(path: &Path, names: impl Iterator<Item = String>) -> Option<PathBuf> {
    let packed = |name: String| {
        let other = name.strip_suffix(".gz").map_or_else(|| format!("{name}.gz"), str::to_owned);
        [name, other]
    };
    names
        .flat_map(packed)
        .map(|name| path.with_file_name(name))
        .find(|found| found != path && found.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_files_of_mnist_find_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let names = [
            "train-images-idx3-ubyte.gz",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte.gz",
        ];
        names.iter().for_each(|name| std::fs::write(at(name), "").expect("a file"));
        assert_eq!(labels_of(&at(names[0])), Some(at(names[1])));
        assert_eq!(images_of(&at(names[1])), Some(at(names[0])));
        assert_eq!(test_of(&at(names[0])), Some(at(names[2])));
        assert_eq!(labels_of(&at(names[2])), Some(at(names[3])));
        assert_eq!(test_of(&at(names[2])), None);
        assert_eq!(labels_of(&at("digits.idx")), None);
        assert!(is_test(&at(names[2])) && !is_test(&at(names[0])) && !is_test(&at("latest.parquet")));
    }
}
