//! IDX files: what is read, and what is said of a file that is wrong.

mod fixtures;

use fixtures::{gzip, idx, idx_source, images, labels, load_files, load_pixels, numbers};
use kiln_data::{Classes, Idx, Source, Split};

/// `pixels / 255`, as it is computed.
const SCALE: f32 = 1.0 / 255.0;

fn message(images: Vec<u8>, labels: Vec<u8>) -> String {
    let files = [("images", images), ("labels", labels)];
    load_files(Source::Idx(idx_source()), Split::All, &files).expect_err("an error")
}

#[test]
fn images_and_labels_are_read_packed_or_not() {
    let plain = [("images", images()), ("labels", labels())];
    let packed = [("images.gz", gzip(&images())), ("labels", gzip(&labels()))];
    let mut fingerprints = Vec::new();
    for files in [&plain[..], &packed[..]] {
        let data = load_files(Source::Idx(idx_source()), Split::All, files).expect("data");
        assert_eq!((data.rows, data.train.len(), data.test.len()), (5, 5, 0));
        let image = data.field("image").expect("images");
        assert_eq!((&image.dims[..], image.cols), (&[2, 3][..], 6));
        assert_eq!(numbers(&data, "image")[29], 29.0 * SCALE);
        assert_eq!(numbers(&data, "label"), [0.0, 1.0, 2.0, 1.0, 0.0]);
        fingerprints.push(data.fingerprint);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
}

#[test]
fn test_files_follow_and_labels_are_selected() {
    let source = Idx {
        test: Some(("more".into(), Some("their_labels".into()))),
        classes: Classes::Keep(vec![1, 0]),
        names: vec!["one".into(), "zero".into()],
        ..idx_source()
    };
    let files = [
        ("images", images()),
        ("labels", labels()),
        ("more", idx(&[2, 2, 3], &[9; 12])),
        ("their_labels", idx(&[2], &[2, 1])),
    ];
    let data = load_files(Source::Idx(source), Split::Given, &files).expect("data");
    assert_eq!((data.train, data.test), (vec![0, 1, 2, 3], vec![4]));
    let label = data.fields[1].clone();
    assert_eq!((0..5).map(|row| label.value(row, 0)).collect::<Vec<_>>(), [1.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(data.fields[0].value(2, 0), 18.0 * SCALE);
    assert_eq!(data.classes, ["one", "zero"]);
}

#[test]
fn images_without_labels_have_no_class() {
    let source = Idx { labels: None, test: Some(("more".into(), None)), ..idx_source() };
    let files = [("images", images()), ("more", idx(&[2, 2, 3], &[9; 12]))];
    let said = load_files(Source::Idx(source.clone()), Split::Given, &files).expect_err("an error");
    assert_eq!(said, "the field `label` cannot be the class: the source has no labels");
    let data = load_pixels(Source::Idx(source), Split::Given, &files).expect("data");
    assert_eq!((data.train.len(), data.test.clone(), data.classes.len()), (5, vec![5, 6], 0));
    assert_eq!(numbers(&data, "image").len(), 42);
}

#[test]
fn a_missing_file_is_named_with_the_way_out() {
    let files = [("labels", labels())];
    let said = load_files(Source::Idx(idx_source()), Split::All, &files).expect_err("an error");
    assert_eq!(
        said,
        "there is no file `images` in FOLDER; name the folder that has it with `--data-dir` or the variable \
         KILN_DATA_DIR"
    );
    let mnist = Idx { images: "train-images-idx3-ubyte.gz".into(), ..idx_source() };
    let said = load_files(Source::Idx(mnist), Split::All, &[]).expect_err("an error");
    assert!(said.contains("https://storage.googleapis.com/cvdf-datasets/mnist/"), "{said}");
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let cases = [
        (
            b"hello, world".to_vec(),
            "is not a file of images (IDX, u8, 2 to 4 extents): it begins with the bytes [68, 65, 6c, 6c]",
        ),
        (vec![], "is not a file of images (IDX, u8, 2 to 4 extents): it begins with the bytes []"),
        (
            labels(),
            "is not a file of images (IDX, u8, 2 to 4 extents): it begins with the header of a u8 array of 1 extents",
        ),
        (
            vec![0, 0, 13, 3, 0],
            "is not a file of images (IDX, u8, 2 to 4 extents): it begins with the header of an array of type 0x0d",
        ),
        (idx(&[5, 2, 3], &[0; 29]), "is too short: its header announces 30 bytes of data, and 29 are there"),
        (idx(&[5, 2, 3], &[0; 31]), "is too long: its header announces 30 bytes of data, and more follow"),
        (images()[..10].to_vec(), "is too short: its header announces 12 bytes of data, and 6 are there"),
        (idx(&[0, 2, 3], &[]), "is damaged: its header announces no data"),
        (idx(&[u32::MAX; 3], &[0; 9]), "is damaged: its header announces more bytes than any file can have"),
        (
            idx(&[u32::MAX, 1000], &[0; 9]),
            "is too short: its header announces 4294967295000 bytes of data, and 9 are there",
        ),
        (gzip(&images())[..20].to_vec(), "is damaged: it cannot be unpacked"),
    ];
    for (file, said) in cases {
        let found = message(file, labels());
        assert!(found.starts_with(&format!("images {said}")), "{found}");
    }
}

#[test]
fn images_and_labels_must_agree() {
    assert_eq!(message(images(), idx(&[4], &[0; 4])), "images has 5 images, but labels has 4 labels");
    let source = Idx { classes: Classes::Count(2), ..idx_source() };
    let said = load_files(Source::Idx(source), Split::All, &[("images", images()), ("labels", labels())]);
    assert_eq!(said.expect_err("an error"), "labels: the label of row 2 is 2, but the classes are 0 to 1");
    let source = Idx { test: Some(("more".into(), Some("labels".into()))), ..idx_source() };
    let files = [("images", images()), ("labels", labels()), ("more", idx(&[5, 3, 2], &[0; 30]))];
    let said = load_files(Source::Idx(source), Split::Given, &files).expect_err("an error");
    assert_eq!(said, "more has samples of [3, 2], unlike images, which has [2, 3]");
}
