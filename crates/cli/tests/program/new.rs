//! `kiln new`.

use crate::kiln::{Folder, Said};
use parquet::data_type::{FloatType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

/// An IDX file.
fn idx(extents: &[u32], value: impl Fn(usize) -> u8) -> Vec<u8> {
    let count: u32 = extents.iter().product();
    let mut file = vec![0, 0, 8, extents.len() as u8];
    extents.iter().for_each(|extent| file.extend(extent.to_be_bytes()));
    file.extend((0..count as usize).map(value));
    file
}

/// Forty small pictures of three kinds.
fn pictures() -> Vec<u8> {
    idx(&[40, 8, 8], |at| if (at / 64) % 3 == at % 3 { 255 } else { (at % 7) as u8 })
}

fn bytes(folder: &Folder, name: &str, bytes: Vec<u8>) {
    std::fs::write(folder.path().join(name), bytes).expect("a file");
}

fn with_digits() -> Folder {
    let folder = Folder::new();
    bytes(&folder, "digits-train-images-idx3-ubyte", pictures());
    bytes(&folder, "digits-train-labels-idx1-ubyte", idx(&[40], |at| (at % 3) as u8));
    folder
}

/// Sixty rows: two measures, text that is no number, and the kind.
fn with_flowers() -> Folder {
    let schema = "message flowers { required float length; required float width; required binary note (UTF8); required int64 kind; }";
    let schema = parse_message_type(schema).expect("a schema");
    let properties = Arc::new(WriterProperties::builder().build());
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties).expect("a writer");
    let mut group = file.next_row_group().expect("a group");
    let kinds: Vec<i64> = (0..60).map(|row| row % 3).collect();
    for scale in [100.0, 0.01] {
        let reals: Vec<f32> = kinds.iter().map(|kind| *kind as f32 * scale + scale / 10.0).collect();
        let mut column = group.next_column().expect("a column").expect("a column");
        column.typed::<FloatType>().write_batch(&reals, None, None).expect("written");
        column.close().expect("closed");
    }
    let mut column = group.next_column().expect("a column").expect("a column");
    let notes: Vec<parquet::data_type::ByteArray> = kinds.iter().map(|_| "seen".into()).collect();
    column.typed::<parquet::data_type::ByteArrayType>().write_batch(&notes, None, None).expect("written");
    column.close().expect("closed");
    let mut column = group.next_column().expect("a column").expect("a column");
    column.typed::<Int64Type>().write_batch(&kinds, None, None).expect("written");
    column.close().expect("closed");
    group.close().expect("closed");
    let folder = Folder::new();
    bytes(&folder, "flowers.parquet", file.into_inner().expect("a file"));
    folder
}

/// What was written is right, without warnings, laid out, and trains.
#[track_caller]
fn trains(folder: &Folder, spec: &str) -> Said {
    folder.kiln(&["check", spec]).ends(0).says_nothing();
    folder.kiln(&["fmt", "--check", spec]).ends(0).prints_nothing();
    folder.kiln(&["train", spec, "--set", "train.epochs=1", "--quiet"]).ends(0)
}

#[test]
fn images_with_labels_beside_them_become_a_classifier_that_trains() {
    let folder = with_digits();
    let said = folder.kiln(&["new", "digits-train-images-idx3-ubyte"]).ends(0).prints_nothing();
    said.says(&[
        "found 40 samples of 8 × 8 pixels; 3 classes by the labels in `digits-train-labels-idx1-ubyte`",
        "wrote digits.model; train it with `kiln train digits.model`",
    ]);
    let text = folder.read("digits.model");
    for part in ["names  = \"0\"..\"2\"", "image  = pixels / 255", "class(3)", "split  = stratified("] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    trains(&folder, "digits.model");
}

#[test]
fn files_to_test_on_are_found_as_well() {
    let folder = with_digits();
    bytes(&folder, "digits-test-images-idx3-ubyte", pictures());
    bytes(&folder, "digits-test-labels-idx1-ubyte", idx(&[40], |at| (at % 3) as u8));
    folder.kiln(&["new", "digits-train-labels-idx1-ubyte"]).ends(0).says(&["40 more to test on in"]);
    assert!(folder.read("digits.model").contains("split  = given"));
    trains(&folder, "digits.model");
}

#[test]
fn images_without_labels_become_an_autoencoder_that_trains() {
    let folder = Folder::new();
    bytes(&folder, "shapes.idx", pictures());
    folder.kiln(&["new", "shapes.idx"]).ends(0).says(&["no labels beside them"]);
    assert!(folder.read("shapes.model").contains("tie = enc1.T, sigmoid"));
    trains(&folder, "shapes.model");
}

#[test]
fn a_table_becomes_a_classifier_of_its_labels_or_an_autoencoder() {
    let folder = with_flowers();
    folder.kiln(&["new", "flowers.parquet"]).ends(0).says(&["3 classes by the column `kind`"]);
    let text = folder.read("flowers.model");
    for part in ["label  = \"kind\"", "pixels = [\"length\", \"width\"]", "//   note: ", "features: [2]"] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    trains(&folder, "flowers.model");
    let length = folder.kiln(&["new", "flowers.parquet", "--label", "length", "-o", "-"]).ends(2);
    length.prints_nothing().says(&["`length`", "the label must be a whole number"]);
    folder.kiln(&["new", "flowers.parquet", "--label", "kin"]).ends(2).says(&["did you mean `kind`?"]);
}

#[test]
fn without_a_file_the_letters_are_the_data() {
    let folder = Folder::new();
    folder.kiln(&["new"]).ends(0).prints_nothing().says(&["built-in letters", "wrote letters.model"]);
    let samples = ["train", "letters.model", "--set", "train.epochs=1", "--quiet"];
    let fewer = ["--set", "data.letters.samples=300"];
    folder.kiln(&["check", "letters.model"]).ends(0).says_nothing();
    folder.kiln(&[&samples[..], &fewer[..]].concat()).ends(0);
}

#[test]
fn nothing_is_overwritten_unasked() {
    let folder = Folder::new();
    folder.write("letters.model", "// mine\n");
    folder.kiln(&["new"]).ends(2).says(&["`letters.model` is there already", "--force"]);
    assert_eq!(folder.read("letters.model"), "// mine\n");
    folder.kiln(&["new", "-o", "other.model"]).ends(0);
    folder.kiln(&["new", "--force"]).ends(0);
    assert_eq!(folder.read("letters.model"), folder.read("other.model"));
    let printed = folder.kiln(&["new", "-o", "-"]).ends(0);
    assert_eq!(printed.out, folder.read("letters.model"));
    folder.kiln(&["new", "-o", "spec"]).ends(2).says(&["write `-o spec.model`"]);
}

#[test]
fn files_are_called_as_training_will_find_them() {
    let folder = with_digits();
    let home = Folder::new();
    let data = folder.path().to_str().expect("UTF-8");
    let images = "digits-train-images-idx3-ubyte";
    home.kiln(&["new", images, "--data-dir", data]).ends(0).says(&["--data-dir"]);
    assert!(home.read("digits.model").contains(&format!("images = \"{images}\"")));
    let path = folder.path().join(images);
    home.kiln(&["new", path.to_str().expect("UTF-8"), "-o", "full.model"]).ends(0);
    trains(&home, "full.model");
}

#[test]
fn what_cannot_be_used_is_said() {
    let folder = with_digits();
    folder.write("table.csv", "a,b\n1,2\n");
    folder.kiln(&["new", "table.csv"]).ends(2).says(&["text with commas", "Parquet"]);
    folder.kiln(&["new", "nothing.idx"]).ends(2).says(&["there is no file `nothing.idx`"]);
    folder.kiln(&["new", "."]).ends(2).says(&["is a folder"]);
    folder.kiln(&["new", "--label", "x"]).ends(2);
    bytes(&folder, "cut.idx", pictures()[..100].to_vec());
    folder.kiln(&["new", "cut.idx"]).ends(1).says(&["cut.idx is too short"]);
    assert!(!folder.path().join("cut.model").exists());
}
