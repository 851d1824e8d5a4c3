//! Event files, read back by a reader that shares nothing with the writer: checksums bit by bit, fields
//! by their protobuf wire types. And what becomes of them when a run is killed and goes on.

use kiln_record::{Epoch, EventWriter, History};
use std::fs;
use std::path::Path;

/// An event as it was read.
#[derive(Debug, PartialEq)]
struct Event {
    wall_time: f64,
    step: u64,
    version: Option<String>,
    values: Vec<(String, f32)>,
}

/// CRC-32C by its definition: the reflected polynomial, a bit at a time.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    !crc
}

fn masked(bytes: &[u8]) -> u32 {
    let crc = crc32c(bytes);
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (head, tail) = bytes.split_at(length);
    *bytes = tail;
    head
}

fn little<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    take(bytes, N).try_into().unwrap()
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let [byte] = little(bytes);
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

/// The fields of a message: number, wire type, content.
fn fields(mut bytes: &[u8]) -> Vec<(u64, u64, Vec<u8>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let content = match key & 7 {
            0 => varint(&mut bytes).to_le_bytes().to_vec(),
            1 => take(&mut bytes, 8).to_vec(),
            2 => {
                let length = varint(&mut bytes) as usize;
                take(&mut bytes, length).to_vec()
            }
            5 => take(&mut bytes, 4).to_vec(),
            other => panic!("wire type {other}"),
        };
        found.push((key >> 3, key & 7, content));
    }
    found
}

fn event(bytes: &[u8]) -> Event {
    let mut event = Event { wall_time: f64::NAN, step: 0, version: None, values: Vec::new() };
    for (number, wire, content) in fields(bytes) {
        match (number, wire) {
            (1, 1) => event.wall_time = f64::from_le_bytes(content.try_into().unwrap()),
            (2, 0) => event.step = u64::from_le_bytes(content.try_into().unwrap()),
            (3, 2) => event.version = Some(String::from_utf8(content).unwrap()),
            (5, 2) => event.values = fields(&content).iter().map(|(_, _, content)| value(content)).collect(),
            other => panic!("field {other:?} of an event"),
        }
    }
    event
}

fn value(bytes: &[u8]) -> (String, f32) {
    match &fields(bytes)[..] {
        [(1, 2, tag), (2, 5, number)] => (
            String::from_utf8(tag.clone()).unwrap(),
            f32::from_le_bytes(number.as_slice().try_into().unwrap()),
        ),
        other => panic!("{other:?}"),
    }
}

/// The events of a file, whose checksums must be right.
fn events(bytes: &[u8]) -> Vec<Event> {
    let (mut rest, mut found) = (bytes, Vec::new());
    while !rest.is_empty() {
        let length: [u8; 8] = little(&mut rest);
        assert_eq!(u32::from_le_bytes(little(&mut rest)), masked(&length), "the length's checksum");
        let content = take(&mut rest, u64::from_le_bytes(length) as usize);
        assert_eq!(u32::from_le_bytes(little(&mut rest)), masked(content), "the content's checksum");
        found.push(event(content));
    }
    found
}

fn history(epochs: u32) -> History {
    let names = ["loss", "loss.decoder", "decoder.mse", "val_loss", "val_loss.decoder", "val_decoder.mse"];
    let row = |epoch: u32| Epoch {
        epoch,
        seconds: 0.5,
        samples_per_second: 2000.0,
        rate: 1e-3,
        values: (0..6).map(|column| 1.0 / f64::from(epoch) + f64::from(column)).collect(),
    };
    History { names: names.map(str::to_owned).to_vec(), epochs: (1..=epochs).map(row).collect() }
}

const PARTS: [&str; 2] = ["train", "validation"];

fn files(folder: &Path) -> [Vec<u8>; 2] {
    PARTS.map(|part| fs::read(folder.join(part).join("events.out.tfevents.kiln")).unwrap())
}

/// The files of a run that began at second 1000 and was never stopped.
fn whole(epochs: u32) -> [Vec<u8>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let all = history(epochs);
    let mut writer = EventWriter::start(folder.path(), &History::new(all.names.clone()), 1000).unwrap();
    for row in &all.epochs {
        writer.append(row).unwrap();
    }
    writer.finish().unwrap();
    files(folder.path())
}

#[test]
fn the_checksum_is_the_published_one() {
    // RFC 3720, B.4: 32 bytes of zeros, 32 of ones, 0 … 31.
    assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    assert_eq!(crc32c(&(0..32).collect::<Vec<u8>>()), 0x46dd_794e);
}

#[test]
fn every_column_is_there_and_validation_has_the_tags_of_training() {
    let [train, validation] = whole(200).map(|bytes| events(&bytes));
    for file in [&train, &validation] {
        let opening =
            Event { wall_time: 1000.0, step: 0, version: Some("brain.Event:2".into()), values: vec![] };
        assert_eq!(file[0], opening);
        assert_eq!(file.len(), 201);
        // 200 needs two bytes as a varint.
        assert!(file.iter().map(|event| event.step).eq(0..=200));
    }
    let named = |values: &[(&str, f32)]| -> Vec<(String, f32)> {
        values.iter().map(|&(name, value)| (name.to_owned(), value)).collect()
    };
    let expected = [
        ("loss", 0.5),
        ("loss/decoder", 1.5),
        ("decoder/mse", 2.5),
        ("rate", 1e-3),
        ("seconds", 0.5),
        ("samples_per_second", 2000.0),
    ];
    assert_eq!((train[2].wall_time, &train[2].values), (1001.0, &named(&expected)));
    let expected = [("loss", 3.5), ("loss/decoder", 4.5), ("decoder/mse", 5.5)];
    assert_eq!((validation[2].wall_time, &validation[2].values), (1001.0, &named(&expected)));
}

#[test]
fn a_run_without_validation_has_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(vec!["loss".into(), "out.accuracy".into()]);
    EventWriter::start(folder.path(), &history, 7).unwrap().finish().unwrap();
    assert!(folder.path().join("train").exists() && !folder.path().join("validation").exists());
}

#[test]
fn numbers_that_are_none_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let values = vec![f64::NAN, f64::NEG_INFINITY, 1e300, -0.0];
    let names = ["loss", "loss.a", "loss.b", "loss.c"].map(str::to_owned).to_vec();
    let row = Epoch { epoch: 1, seconds: 1.0, samples_per_second: 1.0, rate: 0.0, values };
    EventWriter::start(folder.path(), &History { names, epochs: vec![row] }, 0).unwrap();
    let bytes = fs::read(folder.path().join("train/events.out.tfevents.kiln")).unwrap();
    let found: Vec<f32> = events(&bytes)[1].values.iter().map(|(_, value)| *value).collect();
    assert!(found[0].is_nan());
    assert_eq!(found[1..4], [f32::NEG_INFINITY, f32::INFINITY, 0.0]);
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_bytes_whatever_it_left() {
    let wanted = whole(9);
    // Its checkpoint has four epochs; the file has more of them, fewer, half of one, none, or rubbish.
    let longer = whole(7);
    let cut = |bytes: &[u8], part: f64| bytes[..(bytes.len() as f64 * part) as usize].to_vec();
    let left: [(&str, [Vec<u8>; 2]); 6] = [
        ("more", longer.clone()),
        ("half of the seventh", longer.clone().map(|bytes| bytes[..bytes.len() - 9].to_vec())),
        ("fewer", whole(2)),
        ("half of a header", longer.clone().map(|bytes| bytes[..5].to_vec())),
        ("nothing", [Vec::new(), Vec::new()]),
        ("rubbish", [[&b"x"[..], &longer[0]].concat(), cut(&longer[1], 0.3)]),
    ];
    for (what, bytes) in left {
        let folder = tempfile::tempdir().unwrap();
        for (part, bytes) in PARTS.iter().zip(&bytes) {
            fs::create_dir(folder.path().join(part)).unwrap();
            fs::write(folder.path().join(part).join("events.out.tfevents.kiln"), bytes).unwrap();
        }
        let mut writer = EventWriter::start(folder.path(), &history(4), 1000).unwrap();
        for row in &history(9).epochs[4..] {
            writer.append(row).unwrap();
        }
        writer.finish().unwrap();
        assert!(files(folder.path()) == wanted, "after {what}");
    }
}

#[test]
fn times_move_no_event() {
    let folder = tempfile::tempdir().unwrap();
    let mut other = history(9);
    for (row, n) in other.epochs.iter_mut().zip(1..) {
        (row.seconds, row.samples_per_second) = (f64::from(n) * 0.37, 1e5 / f64::from(n));
    }
    EventWriter::start(folder.path(), &other, 1_795_468_326).unwrap().finish().unwrap();
    for (one, two) in files(folder.path()).iter().zip(&whole(9)) {
        assert_eq!(one.len(), two.len());
        let steps = |bytes: &[u8]| -> Vec<u64> { events(bytes).iter().map(|event| event.step).collect() };
        assert_eq!(steps(one), steps(two));
    }
}

/// A TensorBoard that watches keeps the file open: what it has read must stay where it was.
#[cfg(unix)]
#[test]
fn a_reader_of_the_open_file_sees_the_resumed_run() {
    use std::io::{Read, Seek, SeekFrom};
    let folder = tempfile::tempdir().unwrap();
    EventWriter::start(folder.path(), &history(7), 1000).unwrap().finish().unwrap();
    let mut open = fs::File::open(folder.path().join("train/events.out.tfevents.kiln")).unwrap();
    let read = open.seek(SeekFrom::End(0)).unwrap() as usize;
    let mut writer = EventWriter::start(folder.path(), &history(4), 1000).unwrap();
    for row in &history(9).epochs[4..] {
        writer.append(row).unwrap();
    }
    let mut rest = Vec::new();
    open.read_to_end(&mut rest).unwrap();
    assert!(rest == whole(9)[0][read..]);
    assert_eq!(events(&rest).iter().map(|event| event.step).collect::<Vec<_>>(), [8, 9]);
}
