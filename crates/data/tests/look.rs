//! What a look tells of files, and what it says of those that it cannot use.

mod fixtures;

use fixtures::{Column, PLAIN, gzip, idx, images, labels, look_at, parquet, small_table};
use kiln_data::Look;
use kiln_data::look::{Files, Range};

/// The names of the files that a look found: images, labels, and the same to test on.
fn names(look: &Look) -> Vec<Option<String>> {
    let Files::Idx { train, test } = &look.files else { panic!("not IDX") };
    let name = |path: &std::path::PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    let pair = |(images, labels): &(std::path::PathBuf, Option<std::path::PathBuf>)| {
        [Some(name(images)), labels.as_ref().map(name)]
    };
    pair(train).into_iter().chain(test.iter().flat_map(pair)).collect()
}

fn said(files: &[(&str, Vec<u8>)]) -> String {
    look_at(files, None).expect_err("an error")
}

#[test]
fn one_of_four_files_finds_the_others() {
    let files = [
        ("train-images-idx3-ubyte", images()),
        ("train-labels-idx1-ubyte.gz", gzip(&labels())),
        ("t10k-images-idx3-ubyte", gzip(&idx(&[2, 2, 3], &[255; 12]))),
        ("t10k-labels-idx1-ubyte", idx(&[2], &[7, 1])),
    ];
    let found = look_at(&files, None).expect("a look");
    let all = files.clone().map(|(name, _)| Some(name.to_owned()));
    assert_eq!(names(&found), all);
    assert_eq!((found.rows, found.test_rows, &found.dims[..]), (5, 2, &[2, 3][..]));
    assert_eq!(found.labels, Some(vec![0, 1, 2, 7]));
    assert_eq!(found.values, Range { low: 0.0, high: 29.0, whole: true });
    let mut labels_first = files.clone();
    labels_first.swap(0, 1);
    assert_eq!(names(&look_at(&labels_first, None).expect("a look")), all);
    // What was named is what is for training.
    let mut test_first = files;
    test_first.swap(0, 2);
    assert_eq!(names(&look_at(&test_first, None).expect("a look")), all[2..]);
}

#[test]
fn images_may_have_no_labels() {
    let found = look_at(&[("images.gz", gzip(&images()))], None).expect("a look");
    assert_eq!((found.labels, found.rows), (None, 5));
    // One label for all is none.
    let files = [("images", images()), ("labels", idx(&[5], &[3; 5]))];
    assert_eq!(look_at(&files, None).expect("a look").labels, None);
}

#[test]
fn what_does_not_belong_together_is_said() {
    let alone = [("labels", labels())];
    assert_eq!(said(&alone), "labels is a file of labels, and its images are not beside it; name them too");
    let fewer = [("images", images()), ("labels", idx(&[4], &[0; 4]))];
    assert_eq!(said(&fewer), "images has 5 images, but labels has 4 labels");
    let column = look_at(&[("images", images())], Some("label")).expect_err("an error");
    assert!(column.starts_with("images is an IDX file, which has no columns"), "{column}");
}

#[test]
fn other_formats_are_named() {
    let cases: [(&[u8], &str); 5] = [
        (b"a,b\n1,2\n", "text with commas; other programs can save such a table as Parquet"),
        (b"", "empty"),
        (b"\x93NUMPY\x01", "a NumPy array"),
        (b"\x89PNG", "a PNG picture"),
        (b"\x01\x02\x03\x04\x05", "a file that begins with the bytes [01, 02, 03, 04]"),
    ];
    for (bytes, name) in cases {
        let said = said(&[("file", bytes.to_vec())]);
        assert!(said.starts_with(&format!("file is {name}; Kiln reads IDX files")), "{said}");
    }
    assert!(said(&[("file", gzip(b"hello"))]).contains("begins with the bytes [68, 65, 6c, 6c]"));
    let short = said(&[("file", idx(&[5, 2, 3], &[0; 29]))]);
    assert_eq!(short, "file is too short: its header announces 30 bytes of data, and 29 are there");
}

fn table(columns: &[(&str, Column)]) -> Result<Look, String> {
    look_at(&[("table.parquet", parquet(columns, 2, PLAIN))], None)
}

/// The label, the columns of numbers, and the columns that are left out.
fn columns(look: &Look) -> (Option<&str>, Vec<&str>, Vec<&str>) {
    let Files::Parquet { label, pixels, left_out, .. } = &look.files else { panic!("not Parquet") };
    let left_out = left_out.iter().map(|(name, _)| name.as_str()).collect();
    (label.as_deref(), pixels.iter().map(String::as_str).collect(), left_out)
}

#[test]
fn the_label_is_found_by_its_name() {
    let found = table(&small_table()).expect("a look");
    assert_eq!(columns(&found), (Some("label"), vec!["p0", "p1", "p2", "p3"], vec![]));
    assert_eq!((found.rows, found.labels), (6, Some(vec![0, 1, 2])));
    assert_eq!(found.values, Range { low: 0.0, high: 255.0, whole: true });
}

#[test]
fn the_only_whole_numbers_among_reals_are_the_label() {
    let reals = |n: f32| Column::Float((0..6).map(|i| n + i as f32 / 4.0).collect());
    let rows = [
        ("length", reals(1.0)),
        ("id", Column::Int32((0..6).collect())),
        ("kind", Column::Int64(vec![4, 5, 4, 5, 6, 6])),
        ("day", Column::Date(vec![1; 6])),
        ("gaps", Column::Byte(vec![Some(1), None, Some(2), None, None, None])),
        ("width", Column::Double(vec![0.5, 0.25, 1.0, 2.0, 3.0, -1.0])),
        ("far", Column::Double(vec![0.5, 0.25, 1.0, 2.0, f64::INFINITY, -1.0])),
    ];
    let found = table(&rows).expect("a look");
    let left_out = vec!["id", "day", "gaps", "far"];
    assert_eq!(columns(&found), (Some("kind"), vec!["length", "width"], left_out));
    assert_eq!(found.labels, Some(vec![4, 5, 6]));
    assert_eq!((found.values.low, found.values.whole), (-1.0, false));
}

/// Columns named 0, 1, 2, …, of which one may be the label.
fn pictures(label_at: Option<usize>) -> Vec<(String, Column)> {
    let count = 16 + usize::from(label_at.is_some());
    let column = |at: usize| {
        let labels = label_at == Some(at);
        let value = |row: usize| if labels { row as i32 % 3 } else { ((row * 40 + at * 17) % 256) as i32 };
        (at.to_string(), Column::Byte((0..6).map(|row| Some(value(row))).collect()))
    };
    (0..count).map(column).collect()
}

#[test]
fn a_column_before_or_after_a_square_picture_is_the_label() {
    for (label_at, label) in [(Some(0), Some("0")), (Some(16), Some("16")), (None, None)] {
        let owned = pictures(label_at);
        let borrowed: Vec<(&str, Column)> = owned.iter().map(|(n, c)| (n.as_str(), c.clone())).collect();
        let found = table(&borrowed).expect("a look");
        assert_eq!((columns(&found).0, &found.dims[..]), (label, &[16][..]));
        assert_eq!(found.labels.is_some(), label.is_some());
    }
}

#[test]
fn columns_that_cannot_be_the_label_are_refused() {
    let ask = |name: &str, column: Column| {
        let mut table = small_table();
        table.push((name, column));
        look_at(&[("table.parquet", parquet(&table, 1, PLAIN))], Some(name)).expect_err("an error")
    };
    let cannot = |name: &str| format!("table.parquet: column `{name}` cannot be the label: ");
    assert_eq!(
        ask("less", Column::Int64(vec![1, -1, 0])),
        cannot("less") + "row 1 is -1, and labels are numbers from 0"
    );
    assert_eq!(ask("same", Column::Int32(vec![5; 3])), cannot("same") + "it is the same in every row");
    assert!(ask("real", Column::Float(vec![0.0; 3])).contains("the label must be a whole number"));
    let gap = ask("gap", Column::Byte(vec![Some(1), None, Some(2)]));
    assert_eq!(gap, "table.parquet: row 1 of column `gap` is null; every row needs a value");
    let wrong = look_at(&[("table.parquet", parquet(&small_table(), 1, PLAIN))], Some("lable"));
    assert_eq!(wrong.expect_err("an error"), "table.parquet has no column `lable`; did you mean `label`?");
    let many: Vec<i32> = (0..300).collect();
    let said = table(&[("label", Column::Int32(many.clone())), ("x", Column::Int32(many))]);
    assert_eq!(said.expect_err("an error"), cannot("label") + "it has more than 256 different values");
}

#[test]
fn a_table_to_test_on_lies_beside_the_other() {
    let files = [
        ("digits-train.parquet", parquet(&small_table(), 1, PLAIN)),
        ("digits-test.parquet", parquet(&small_table(), 2, PLAIN)),
    ];
    let found = look_at(&files, None).expect("a look");
    assert_eq!((found.rows, found.test_rows), (3, 6));
    // One with other columns is not meant.
    let others = [files[0].clone(), ("digits-test.parquet", parquet(&small_table()[..2], 1, PLAIN))];
    assert_eq!(look_at(&others, None).expect("a look").test_rows, 0);
}
