//! Classes: from the labels of a file to indices 0, 1, 2, …

use std::path::Path;

use crate::error::DataError;

/// An index of a class is a byte.
const CLASSES_MAX: usize = 256;

/// Which labels of a file are classes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Classes {
    /// All of them: 0 to the largest that occurs, which is at most 255.
    #[default]
    All,
    /// 0 up to this number, 1 to 256; another label is an error.
    Count(usize),
    /// These labels, which become classes 0, 1, 2, … in this order; rows with other labels
    /// are left out. Between 1 and 256 different labels.
    Keep(Vec<u32>),
}

/// What is left of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Selection {
    /// Class of each row kept.
    pub(super) labels: Vec<u8>,
    /// Rows kept, ascending.
    pub(super) rows: Vec<u32>,
}

impl Selection {
    /// All rows of a file that has no labels; the class of each is 0, and nobody reads it.
    pub(super) fn without_labels(rows: usize) -> Selection {
        Selection { labels: vec![0; rows], rows: (0..rows as u32).collect() }
    }
}

impl Classes {
    /// Whether the request makes sense, together with the names of its classes.
    pub(super) fn check(&self, names: &[String]) -> Result<(), DataError> {
        let bad = |reason: String| Err(DataError::Classes { reason });
        let number = match self {
            Classes::All => None,
            Classes::Count(number) => Some(*number),
            Classes::Keep(labels) => {
                let twice = labels.iter().enumerate().find(|(at, label)| labels[..*at].contains(label));
                if let Some((_, label)) = twice {
                    return bad(format!("a list with the label {label} twice"));
                }
                Some(labels.len())
            }
        };
        match number {
            Some(number) if number == 0 || number > CLASSES_MAX => {
                bad(format!("{number} in number: 1 to {CLASSES_MAX} will do"))
            }
            Some(number) if !names.is_empty() && names.len() != number => {
                bad(format!("{number} in number with {} names", names.len()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The rows of one file that have a class, and their classes.
    pub(super) fn select(&self, path: &Path, labels: &[i64]) -> Result<Selection, DataError> {
        let limit = match self {
            Classes::All => CLASSES_MAX,
            Classes::Count(number) => *number,
            Classes::Keep(keep) => return keep_only(keep, path, labels),
        };
        let class = |(row, &label): (usize, &i64)| match u8::try_from(label) {
            Ok(class) if usize::from(class) < limit => Ok(class),
            _ => Err(DataError::Label { path: path.into(), row, label: label.to_string(), classes: limit }),
        };
        let labels: Vec<u8> = labels.iter().enumerate().map(class).collect::<Result<_, _>>()?;
        Ok(Selection { rows: (0..labels.len() as u32).collect(), labels })
    }

    /// How many classes there are, given the classes of all files.
    pub(super) fn count(&self, labels: &[u8]) -> usize {
        match self {
            Classes::All => labels.iter().max().map_or(0, |largest| usize::from(*largest) + 1),
            Classes::Count(number) => *number,
            Classes::Keep(labels) => labels.len(),
        }
    }
}

fn keep_only(keep: &[u32], path: &Path, labels: &[i64]) -> Result<Selection, DataError> {
    let mut selection = Selection::default();
    for (row, label) in labels.iter().enumerate() {
        if let Some(class) = keep.iter().position(|wanted| i64::from(*wanted) == *label) {
            selection.labels.push(class as u8);
            selection.rows.push(row as u32);
        }
    }
    if selection.rows.is_empty() {
        return Err(DataError::NoRows { path: path.into(), labels: keep.to_vec() });
    }
    Ok(selection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_kept_become_classes_in_the_order_given() {
        let kept = Classes::Keep(vec![20, 15]).select(Path::new("f"), &[15, 3, 20, 15]).expect("rows");
        assert_eq!(kept, Selection { labels: vec![1, 0, 1], rows: vec![0, 2, 3] });
    }

    #[test]
    fn labels_out_of_range_are_named() {
        let message = |classes: Classes, labels: &[i64]| {
            classes.select(Path::new("f"), labels).expect_err("an error").to_string()
        };
        assert_eq!(
            message(Classes::Count(3), &[0, 3]),
            "f: the label of row 1 is 3, but the classes are 0 to 2"
        );
        assert_eq!(message(Classes::All, &[-1]), "f: the label of row 0 is -1, but the classes are 0 to 255");
        assert_eq!(message(Classes::Keep(vec![7]), &[1]), "f has no row with one of the labels [7]");
    }

    #[test]
    fn requests_without_sense_are_refused() {
        let names: Vec<String> = vec!["a".into()];
        for classes in
            [Classes::Count(0), Classes::Count(257), Classes::Keep(vec![]), Classes::Keep(vec![4, 4])]
        {
            assert!(classes.check(&[]).is_err(), "{classes:?}");
        }
        assert!(Classes::Count(2).check(&names).is_err());
        assert!(Classes::Count(1).check(&names).is_ok());
    }
}
