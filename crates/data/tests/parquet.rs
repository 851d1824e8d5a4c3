//! Parquet files: what is read, and what is said of a file that is wrong.

mod fixtures;

use fixtures::{
    Column, PLAIN, Writing, load_files, load_pixels, numbers, parquet, parquet_source, small_table,
};
use kiln_data::{Classes, Parquet, PixelColumns, Source, Split, Values};
use parquet::basic::{Compression, GzipLevel, ZstdLevel};

/// `pixels / 255`, as it is computed.
const SCALE: f32 = 1.0 / 255.0;

fn load(source: Parquet, bytes: Vec<u8>) -> Result<kiln_data::Dataset, String> {
    load_files(Source::Parquet(source), Split::All, &[("table.parquet", bytes)])
}

fn message(source: Parquet, columns: &[(&str, Column)]) -> String {
    load(source, parquet(columns, 1, PLAIN)).expect_err("an error")
}

/// The small table with another column in the place of one of its own.
fn table_with(name: &str, column: Column) -> Vec<(&'static str, Column)> {
    let mut table = small_table();
    table.iter_mut().filter(|(own, _)| *own == name).for_each(|(_, own)| *own = column.clone());
    table
}

#[test]
fn a_table_may_have_no_labels() {
    let source = Parquet { label: None, ..parquet_source() };
    let files = [("table.parquet", parquet(&small_table(), 2, PLAIN))];
    let data = load_pixels(Source::Parquet(source), Split::All, &files).expect("data");
    assert_eq!((data.rows, data.fields[0].cols), (6, 5));
    assert_eq!(numbers(&data, "image")[..2], [2.0 * SCALE, 0.0]);
}

#[test]
fn every_codec_version_and_encoding_gives_the_same_rows() {
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
    ];
    for codec in codecs {
        for (second_version, dictionary) in [(false, false), (false, true), (true, false), (true, true)] {
            let writing = Writing { codec, second_version, dictionary };
            let data = load(parquet_source(), parquet(&small_table(), 2, writing)).expect("data");
            assert_eq!(data.rows, 6);
            assert!(matches!(data.fields[0].values, Values::U8 { .. }));
            assert_eq!(numbers(&data, "label"), [2.0, 0.0, 1.0, 2.0, 0.0, 1.0], "{writing:?}");
            let bytes: Vec<f32> =
                numbers(&data, "image").iter().map(|value| (value * 255.0).round()).collect();
            assert_eq!(bytes[..8], [0.0, 255.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0], "{writing:?}");
            assert_eq!(bytes[..12], bytes[12..], "{writing:?}");
        }
    }
}

#[test]
fn columns_are_chosen_by_name_and_range() {
    let chosen = |pixels: PixelColumns| {
        let source = Parquet { pixels, ..parquet_source() };
        let data = load(source, parquet(&small_table(), 1, PLAIN)).expect("data");
        numbers(&data, "image").iter().map(|value| (value * 255.0).round() as u8).collect::<Vec<_>>()
    };
    assert_eq!(chosen(PixelColumns::Range("p1".into(), "p2".into())), [255, 2, 11, 12, 21, 22]);
    assert_eq!(chosen(PixelColumns::Names(vec!["p3".into(), "p0".into()])), [3, 0, 13, 10, 23, 20]);
}

#[test]
fn floats_negative_and_large_numbers_are_read_as_floats() {
    for (column, second) in [
        (Column::Float(vec![0.5, -1.5, 2.0]), -1.5),
        (Column::Double(vec![0.5, 1e-3, 2.0]), 1e-3),
        (Column::Int32(vec![1, -7, 3]), -7.0),
        (Column::Int64(vec![1, 256, 3]), 256.0),
    ] {
        let data = load(parquet_source(), parquet(&table_with("p2", column), 1, PLAIN)).expect("data");
        assert!(matches!(data.fields[0].values, Values::F32(_)));
        assert_eq!(data.fields[0].value(1, 2), second * SCALE);
        assert_eq!(data.fields[0].value(0, 1), 255.0 * SCALE);
    }
}

#[test]
fn files_follow_each_other_and_test_files_are_apart() {
    let source = Parquet {
        test_files: vec!["more.parquet".into()],
        classes: Classes::Keep(vec![2, 1]),
        dims: vec![2, 2],
        ..parquet_source()
    };
    let floats = table_with("p0", Column::Float(vec![0.5; 3]));
    let files =
        [("table.parquet", parquet(&small_table(), 1, PLAIN)), ("more.parquet", parquet(&floats, 1, PLAIN))];
    let data = load_files(Source::Parquet(source), Split::Given, &files).expect("data");
    assert_eq!((&data.train[..], &data.test[..]), (&[0, 1][..], &[2, 3][..]));
    assert_eq!(data.fields[0].dims, [2, 2]);
    assert_eq!(numbers(&data, "label"), [0.0, 1.0, 0.0, 1.0]);
    let image = numbers(&data, "image");
    assert_eq!((image[1], image[4], image[8]), (255.0 * SCALE, 20.0 * SCALE, 0.5 * SCALE));
}

#[test]
fn wrong_columns_are_named() {
    let ask =
        |label: &str| message(Parquet { label: Some(label.into()), ..parquet_source() }, &small_table());
    assert_eq!(ask("lable"), "table.parquet has no column `lable`; did you mean `label`?");
    assert_eq!(ask("quite another"), "table.parquet has no column `quite another`");
    assert_eq!(
        message(parquet_source(), &table_with("label", Column::Float(vec![0.0; 3]))),
        "table.parquet: column `label` is of type FLOAT, but the label must be a whole number"
    );
    assert_eq!(
        message(parquet_source(), &table_with("p1", Column::Date(vec![0; 3]))),
        "table.parquet: column `p1` is of type INT32 (DATE), but a pixel must be a number"
    );
    assert_eq!(
        message(parquet_source(), &small_table()[..1]),
        "table.parquet has no columns of pixels: the only column is the label"
    );
    let dims = Parquet { dims: vec![3, 2], ..parquet_source() };
    assert_eq!(message(dims, &small_table()), "4 columns of pixels cannot be samples of [3, 2]");
}

#[test]
fn wrong_values_are_named() {
    let with = |name, column| message(parquet_source(), &table_with(name, column));
    assert_eq!(
        with("p2", Column::Float(vec![0.0, f32::NAN, 1.0])),
        "table.parquet: row 1 of column `p2` is NaN; every value must be finite"
    );
    assert_eq!(
        with("p2", Column::Double(vec![0.0, 0.0, 1e39])),
        "table.parquet: row 2 of column `p2` is 1000000000000000000000000000000000000000; every value must be finite"
    );
    assert_eq!(
        with("p3", Column::Byte(vec![Some(1), None, Some(2)])),
        "table.parquet: row 1 of column `p3` is null; every row needs a value"
    );
    assert_eq!(
        with("label", Column::Int64(vec![1, 2, i64::MAX])),
        "table.parquet: the label of row 2 is 9223372036854775807, but the classes are 0 to 255"
    );
}

#[test]
fn damaged_files_are_named() {
    let good = parquet(&small_table(), 1, PLAIN);
    let said = |bytes: &[u8]| load(parquet_source(), bytes.to_vec()).expect_err("an error");
    assert_eq!(
        said(b"PK\x03\x04...."),
        "table.parquet is not a Parquet file: it begins with the bytes [50, 4b, 03, 04]"
    );
    assert!(said(&good[..good.len() - 9]).starts_with("table.parquet is damaged: it does not end as"));
    assert!(
        said(&[b"PAR1".as_slice(), &[255; 4], b"PAR1"].concat()).contains("footer is longer than the file")
    );
    let none = load_files(Source::Parquet(Parquet { files: vec![], ..parquet_source() }), Split::All, &[]);
    assert!(none.expect_err("an error").starts_with("a parquet source needs at least one file"));
}
