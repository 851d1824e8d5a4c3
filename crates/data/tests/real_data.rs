//! Real files: MNIST as IDX, and letters of NIST as Parquet, where they are at hand.

use std::path::PathBuf;

use kiln_data::{
    Classes, Dataset, Description, Idx, Parquet, Paths, PixelColumns, Source, Split, Values, load,
};

/// `$KILN_DATA_DIR`, or the data folder beside the checkout.
fn folder(wanted: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("KILN_DATA_DIR").map_or(beside, PathBuf::from);
    if folder.join(wanted).exists() {
        return Some(folder);
    }
    eprintln!(
        "skipped: there is no {wanted} in {}; set KILN_DATA_DIR to the folder that has it",
        folder.display()
    );
    None
}

fn read(folder: PathBuf, source: Source, split: Split) -> Dataset {
    let description =
        Description { name: "real".into(), source, split, fields: Description::image_and_label() };
    load(&description, &Paths { data: vec![folder], cache: None }).expect("the published files are good")
}

fn bytes(data: &Dataset, field: usize) -> &[u8] {
    match &data.fields[field].values {
        Values::U8 { data, .. } | Values::Class { data, .. } => data,
        Values::F32(_) => panic!("these files have bytes"),
    }
}

#[test]
fn mnist_is_read_whole() {
    let Some(folder) = folder("mnist/t10k-images-idx3-ubyte.gz") else { return };
    let source = Idx {
        images: "mnist/train-images-idx3-ubyte.gz".into(),
        labels: Some("mnist/train-labels-idx1-ubyte.gz".into()),
        test: Some((
            "mnist/t10k-images-idx3-ubyte.gz".into(),
            Some("mnist/t10k-labels-idx1-ubyte.gz".into()),
        )),
        classes: Classes::Count(10),
        names: vec![],
    };
    let data = read(folder, Source::Idx(source), Split::Given);
    assert_eq!((data.rows, data.train.len(), data.test.len()), (70_000, 60_000, 10_000));
    assert_eq!(data.fields[0].dims, [28, 28]);
    let labels = bytes(&data, 1);
    // The first labels of both halves, and the number of each digit in the second, as published.
    assert_eq!(labels[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(labels[60_000..60_010], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    let count = |digit: u8| labels[60_000..].iter().filter(|label| **label == digit).count();
    assert_eq!(
        (0..10).map(count).collect::<Vec<_>>(),
        [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    );
    // The mean of the training half is published as 0.1307.
    let sum: u64 = bytes(&data, 0)[..60_000 * 784].iter().map(|byte| u64::from(*byte)).sum();
    let mean = sum as f64 / (60_000.0 * 784.0 * 255.0);
    assert!((mean - 0.1307).abs() < 5e-5, "{mean}");
}

#[test]
fn letters_of_nist_are_read_whole() {
    for (file, rows, p_to_z) in [
        ("letters/letters-orig.parquet", 3_000, None),
        ("letters/letters-uniform.parquet", 2_990, Some(11 * 115)),
    ] {
        let Some(folder) = folder(file) else { return };
        let source = |classes: Classes| {
            Source::Parquet(Parquet {
                files: vec![file.into()],
                test_files: vec![],
                label: Some("0".into()),
                pixels: PixelColumns::Range("1".into(), "784".into()),
                dims: vec![28, 28],
                classes,
                names: vec![],
            })
        };
        let all = read(folder.clone(), source(Classes::Count(26)), Split::All);
        assert_eq!((all.rows, all.fields[0].cols), (rows, 784));
        let ink = bytes(&all, 0).iter().filter(|byte| **byte > 0).count() as f64 / (rows * 784) as f64;
        assert!((0.15..0.35).contains(&ink), "{ink}");
        let some = read(
            folder,
            source(Classes::Keep((15..=25).collect())),
            Split::Stratified { train: 0.8, test: 0.2, seed: 1 },
        );
        let wanted = bytes(&all, 1).iter().filter(|label| **label >= 15).count();
        assert_eq!(some.rows, wanted);
        assert_eq!(some.rows, p_to_z.unwrap_or(wanted));
        assert_eq!(some.train.len() + some.test.len(), some.rows);
        assert!(bytes(&some, 1).iter().all(|class| *class < 11));
    }
}
