//! Whatever was looked at, what is written is right, laid out, and without warnings.

use super::*;
use crate::Spec;
use kiln_data::look::{Files, Range};
use std::path::PathBuf;

const BYTES: Range = Range { low: 0.0, high: 255.0, whole: true };

fn idx(rows: usize, dims: &[usize], labels: Option<Vec<u32>>, test_rows: usize) -> Look {
    let pair =
        |name: &str| (PathBuf::from(format!("{name}-images")), Some(PathBuf::from(format!("{name}-labels"))));
    let test = (test_rows > 0).then(|| pair("test"));
    Look {
        files: Files::Idx { train: pair("train"), test },
        rows,
        test_rows,
        dims: dims.into(),
        labels,
        values: BYTES,
    }
}

fn table(rows: usize, columns: &[&str], labels: Option<Vec<u32>>, values: Range) -> Look {
    let files = Files::Parquet {
        files: vec!["a b\"\\\n.parquet".into()],
        test_files: vec![],
        label: labels.is_some().then(|| "species".to_owned()),
        pixels: columns.iter().map(|name| (*name).to_owned()).collect(),
        left_out: (0..20).map(|n| (format!("note\n{n}"), "text".to_owned())).collect(),
    };
    Look { files, rows, test_rows: 0, dims: vec![columns.len()], labels, values }
}

#[track_caller]
fn check(look: &Look) -> String {
    let text = starter(look, "my data", &|path| path.to_string_lossy().into_owned());
    check_text(&text);
    text
}

#[track_caller]
fn check_text(text: &str) {
    let spec = Spec::parse("starter", text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(spec.warnings(), "", "{text}");
    assert_eq!(kiln_dsl::format(text).as_deref(), Ok(text));
}

#[test]
fn every_size_of_data_gives_a_spec() {
    for rows in [1, 2, 9, 10, 11, 150, 3000, 60_000, 10_000_000] {
        for dims in [&[28, 28][..], &[1], &[2, 1], &[100], &[32, 32, 3], &[4096]] {
            for labels in [None, Some(vec![0, 1]), Some((0..256).collect()), Some(vec![3, 7, 250])] {
                check(&idx(rows, dims, labels.clone(), 0));
                check(&idx(rows, dims, labels, 5));
            }
        }
    }
}

#[test]
fn every_range_of_numbers_gives_a_spec() {
    let ends =
        [-f64::from(f32::MAX), -1e12, -3.5, 0.0, 1e-12, 0.25, 1.0, 17.0, 255.0, 1e12, f64::from(f32::MAX)];
    for low in ends {
        for high in ends.into_iter().filter(|high| *high >= low) {
            for labels in [None, Some(vec![1, 2, 3])] {
                let columns: Vec<String> = (0..64).map(|n| format!("pixel{n}")).collect();
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                check(&table(500, &columns, labels.clone(), Range { low, high, whole: true }));
                check(&table(500, &["a", "b\\"], labels, Range { low, high, whole: false }));
            }
        }
    }
}

#[test]
fn columns_that_count_up_are_a_range() {
    let text = |columns: &[&str]| check(&table(50, columns, None, BYTES));
    assert!(text(&["p8", "p9", "p10"]).contains("\"p8\"..\"p10\""));
    assert!(text(&["p08", "p09", "p10"]).contains("\"p08\"..\"p10\""));
    assert!(text(&["1", "2"]).contains("\"1\"..\"2\""));
    assert!(text(&["p1", "p3"]).contains("[\"p1\", \"p3\"]"));
    assert!(text(&["p01", "p2"]).contains("[\"p01\", \"p2\"]"));
    assert!(text(&["left", "right"]).contains("[\"left\", \"right\"]"));
}

#[test]
fn labels_become_classes_with_names() {
    let text = |labels: Vec<u32>| check(&idx(1000, &[28, 28], Some(labels), 0));
    let digits = text((0..10).collect());
    assert!(digits.contains("\"0\"..\"9\"") && !digits.contains("classes "), "{digits}");
    assert!(text((15..=25).collect()).contains("classes = 15..25"));
    let some = text(vec![1, 3, 200]);
    assert!(some.contains("[1, 3, 200]") && some.contains("[\"1\", \"3\", \"200\"]"), "{some}");
}

#[test]
fn the_letters_need_no_file() {
    check_text(&letters());
}

#[test]
fn names_of_the_language_are_made_of_any_text() {
    let names = ["Fashion MNIST", "2024-data", "", "…", "é", "a.b"].map(identifier);
    assert_eq!(names, ["fashion_mnist", "data_2024_data", "data", "data", "data", "a_b"]);
}
