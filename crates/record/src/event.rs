//! One event of a TensorBoard event file: its protobuf, and the frame around it.
//!
//! ```text
//! frame    u64 length · u32 check(length) · the event's bytes · u32 check(bytes)    little-endian
//! check    c = CRC-32C;  rotate_right(c, 15) + 0xa282ead8
//! Event    1: double wall_time   2: int64 step   3: string file_version   5: Summary
//! Summary  1: Value, repeated
//! Value    1: string tag   2: float simple_value
//! ```
//!
//! The seven fields are written by hand: they have not changed since 2015, and a protobuf library would
//! bring a code generator or derive macros for what is forty lines here. The checksum is a library's.
//!
//! The invariant that [`crate::tensorboard`] rests on: **an event's length depends on its step and its
//! tags only**, since times and values have fixed widths.
//!
//! Not here: which events a run has.

use crc::{CRC_32_ISCSI, Crc};

const CASTAGNOLI: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// What the first event of a file says: the version of the format.
const VERSION: &str = "brain.Event:2";

/// The frame with the event that every file begins with.
pub(crate) fn opening(wall_time: f64) -> Vec<u8> {
    let mut event = Message::default();
    event.double(1, wall_time);
    event.bytes(3, VERSION.as_bytes());
    framed(&event.0)
}

/// The frame with an event that has these values.
pub(crate) fn scalars<'a>(
    wall_time: f64,
    step: u32,
    values: impl Iterator<Item = (&'a str, f64)>,
) -> Vec<u8> {
    let mut summary = Message::default();
    for (tag, number) in values {
        let mut value = Message::default();
        value.bytes(1, tag.as_bytes());
        value.float(2, number as f32);
        summary.bytes(1, &value.0);
    }
    let mut event = Message::default();
    event.double(1, wall_time);
    event.unsigned(2, u64::from(step));
    event.bytes(5, &summary.0);
    framed(&event.0)
}

fn framed(event: &[u8]) -> Vec<u8> {
    let length = (event.len() as u64).to_le_bytes();
    [&length[..], &check(&length), event, &check(event)].concat()
}

/// The checksum, masked so that a checksum of bytes that hold checksums is still worth something.
fn check(bytes: &[u8]) -> [u8; 4] {
    CASTAGNOLI.checksum(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// A protobuf message: fields in the order in which they are added.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn unsigned(&mut self, field: u8, value: u64) {
        self.0.push(field << 3);
        self.varint(value);
    }

    fn double(&mut self, field: u8, value: f64) {
        self.0.push(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u8, bytes: &[u8]) {
        self.0.push(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn float(&mut self, field: u8, value: f32) {
        self.0.push(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}
