//! Damaged and hostile files: an error that names the file, never a panic, never more
//! memory than the file is long (times a small factor).

mod samples;

use kiln_record::{
    Array, Checkpoint, History, Predictions, Problem, RecordError, RunRecord, Weights, tensors,
};
use proptest::prelude::*;
use samples::{checkpoint, history, record, weights};
use std::fs;

/// The bytes of each kind of file.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    record("exp11").save(at("run.ron")).unwrap();
    weights().save(at("model.safetensors")).unwrap();
    checkpoint().save(at("state.safetensors")).unwrap();
    Array::f32([2, 3], vec![1.0; 6]).save(at("x.npy")).unwrap();
    fs::write(at("history.csv"), history().to_csv().unwrap()).unwrap();
    ["run.ron", "model.safetensors", "state.safetensors", "x.npy", "history.csv"]
        .map(|name| (name, fs::read(at(name)).unwrap()))
        .to_vec()
}

/// Reads `bytes` as the kind of file that `name` is.
fn read(name: &str, bytes: &[u8]) -> Result<(), RecordError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    match name {
        "run.ron" => RunRecord::load(&path).map(drop),
        "model.safetensors" => Weights::load(&path).map(drop),
        "state.safetensors" => Checkpoint::load(&path, "00ff").map(drop),
        "x.npy" => Array::load(&path).map(drop),
        "history.csv" => History::load(&path).map(drop),
        other => unreachable!("{other}"),
    }
}

#[test]
fn every_cut_is_an_error_that_names_the_file() {
    for (name, bytes) in files() {
        for cut in (0..bytes.len()).step_by(bytes.len().div_ceil(200)) {
            match read(name, &bytes[..cut]) {
                // Whole lines of a history are a history; a lost line end at RON's end is no loss.
                Ok(()) => assert!(
                    name == "history.csv" || (name == "run.ron" && cut + 1 >= bytes.len()),
                    "{name} {cut}"
                ),
                Err(error) => assert!(error.to_string().contains(name), "{error}"),
            }
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Predictions::load(folder.path()).unwrap_err();
    assert!(matches!(*error.problem, Problem::Missing), "{error}");
    assert!(error.to_string().contains("ids.npy"), "{error}");
}

/// A safetensors file with this header.
fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn lying_tensor_headers_are_refused() {
    let huge = usize::MAX / 8 + 1; // elements whose bytes fit usize, barely
    for header in [
        r#"{"a":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}}"#.to_owned(),
        format!(r#"{{"a":{{"dtype":"U8","shape":[{huge}],"data_offsets":[0,{huge}]}}}}"#),
        // The end of the data plus the header's length would overflow.
        format!(
            r#"{{"a":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}},"b":{{"dtype":"U8","shape":[{0}],"data_offsets":[{0},{1}]}}}}"#,
            usize::MAX / 8,
            usize::MAX / 8 * 2
        ),
        r#"{"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,18446744073709551615]}}"#.to_owned(),
        r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}}"#.to_owned(),
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#.to_owned(),
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-1,3]}}"#.to_owned(),
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#.to_owned(),
        r#"{"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}"#.to_owned(),
        "[".repeat(100_000),
        r#"{"a":"#.repeat(50_000),
    ] {
        let error = tensors::from_bytes(&with_header(&header, &[0; 4])).unwrap_err();
        assert!(!error.is_empty());
    }
    let mut claims_all = u64::MAX.to_le_bytes().to_vec();
    claims_all.extend(b"{}");
    assert!(tensors::from_bytes(&claims_all).unwrap_err().contains("claims"));
}

#[test]
fn a_tensor_file_of_another_program_is_read() {
    let header = r#"{"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}"#;
    let (tensors, metadata) = tensors::from_bytes(&with_header(header, &1.5_f32.to_le_bytes())).unwrap();
    assert_eq!(
        (tensors[0].data.as_slice(), tensors[0].dims.as_slice(), metadata.as_str()),
        (&[1.5][..], &[1, 1][..], "")
    );
}

/// A .npy file with this header.
fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn npy_headers_as_numpy_writes_them_and_as_it_does_not() {
    let read = |header: &str, data: &[u8]| Array::from_bytes(&npy(header, data));
    let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }   \n";
    assert_eq!(read(good, &[0; 8]).unwrap().dims, [1, 2]);
    assert_eq!(
        read("{'descr': '|u1', 'fortran_order': False, 'shape': (), }\n", &[7]).unwrap().dims,
        [0_usize; 0]
    );
    for (header, data) in [
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", &[0_u8; 0][..]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,), }", &[0; 4]),
        ("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", &[0; 8]),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", &[0; 8]),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", &[0; 8]),
        ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", &[0; 4]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", &[0; 4]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': 1, }", &[0; 4]),
        ("{'descr': '<f4', 'fortran_order': False, }", &[0; 4]),
        ("", &[]),
    ] {
        assert!(read(header, data).is_err(), "{header}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn flipped_bytes_never_panic(which in 0..5_usize, places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let (name, mut bytes) = files().swap_remove(which);
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        // Some flips change a number and nothing else; all others must name the file.
        if let Err(error) = read(name, &bytes) {
            prop_assert!(error.to_string().contains(name));
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), lengthy in any::<bool>()) {
        let mut framed = (bytes.len() as u64 / 2).to_le_bytes().to_vec();
        framed.extend(&bytes);
        let bytes = if lengthy { framed } else { bytes };
        for name in ["run.ron", "model.safetensors", "state.safetensors", "x.npy", "history.csv"] {
            prop_assert!(read(name, &bytes).is_err() || name == "history.csv");
        }
        let _ = Array::from_bytes(&npy(&String::from_utf8_lossy(&bytes), b"1234"));
    }

    #[test]
    fn numbers_of_a_history_read_back(values in prop::collection::vec(any::<f64>(), 0..8)) {
        let names = (0..values.len()).map(|i| format!("s{i}")).collect();
        let row = kiln_record::Epoch { epoch: 1, seconds: 1.5, samples_per_second: 2.5, rate: 0.1, values };
        let written = History { names, epochs: vec![row] };
        let read = History::from_csv(&written.to_csv().unwrap()).unwrap();
        let bits = |h: &History| h.epochs[0].values.iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() }).collect::<Vec<_>>();
        prop_assert_eq!(bits(&read), bits(&written));
    }

    #[test]
    fn numbers_of_a_checkpoint_read_back(value in any::<f64>(), tensor in prop::collection::vec(any::<f32>(), 0..8)) {
        prop_assume!(!value.is_nan());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.safetensors");
        let mut written = checkpoint();
        written.stopping = Some(kiln_record::Stopping { best: value, waited: 0 });
        written.states = vec![kiln_record::Tensor::from_matrix("a", [1, tensor.len()], tensor)];
        written.save(&path).unwrap();
        let read = Checkpoint::load(&path, "00ff").unwrap();
        prop_assert_eq!(read.stopping.map(|s| s.best.to_bits()), Some(value.to_bits()));
        let bits = |c: &Checkpoint| c.states[0].data.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&read), bits(&written));
    }

    #[test]
    fn any_text_of_a_run_record_reads_back(source in any::<String>(), resolved in "[\"#r\\\\\r\n\t ]{0,12}") {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.ron");
        let written = RunRecord { source, resolved, ..record("exp11") };
        written.save(&path).unwrap();
        prop_assert_eq!(RunRecord::load(&path).unwrap(), written);
    }
}
