//! Fingerprints: a hash of the content, so that a record can say what was trained on.
//!
//! Pixels come in by their own hash, which the cache has computed already: hashing them
//! once more would double the time that a cached set takes to load.

use crate::description::{FieldDescription, Part};
use crate::formats::{Pixels, Samples};
use crate::split::Halves;

/// BLAKE3 of names, extents, values, class names and split, as 64 hexadecimal digits.
pub(crate) fn fingerprint(samples: &Samples, fields: &[FieldDescription], halves: &Halves) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"kiln data 1");
    number(&mut hasher, samples.dims.len());
    samples.dims.iter().for_each(|extent| number(&mut hasher, *extent));
    hasher.update(samples.pixels_hash.as_bytes());
    number(&mut hasher, samples.n_classes);
    number(&mut hasher, samples.labels.len());
    hasher.update(&samples.labels);
    number(&mut hasher, samples.classes.len());
    samples.classes.iter().for_each(|class| text(&mut hasher, class));
    number(&mut hasher, fields.len());
    for field in fields {
        text(&mut hasher, &field.name);
        match field.part {
            Part::Pixels { scale, offset } => {
                hasher.update(b"pixels");
                hasher.update(&scale.to_le_bytes());
                hasher.update(&offset.to_le_bytes());
            }
            Part::Class => {
                hasher.update(b"class");
            }
        }
    }
    for half in [&halves.train, &halves.test] {
        number(&mut hasher, half.len());
        words(&mut hasher, half.iter().map(|row| row.to_le_bytes()));
    }
    hasher.finalize().to_hex().to_string()
}

/// The hash of all pixels, and of which kind they are.
pub(crate) fn hash_pixels(pixels: &Pixels) -> blake3::Hash {
    match pixels {
        Pixels::U8(data) => blake3::hash(data),
        Pixels::F32(data) => {
            let mut hasher = blake3::Hasher::new();
            hasher.update(b"f32");
            words(&mut hasher, data.iter().map(|value| value.to_le_bytes()));
            hasher.finalize()
        }
    }
}

fn number(hasher: &mut blake3::Hasher, number: usize) {
    hasher.update(&(number as u64).to_le_bytes());
}

fn text(hasher: &mut blake3::Hasher, text: &str) {
    number(hasher, text.len());
    hasher.update(text.as_bytes());
}

/// Little-endian words in blocks: one update a word would be ten times slower.
fn words(hasher: &mut blake3::Hasher, words: impl Iterator<Item = [u8; 4]>) {
    let mut block = [0; 4096];
    let mut filled = 0;
    for word in words {
        block[filled..filled + 4].copy_from_slice(&word);
        filled += 4;
        if filled == block.len() {
            hasher.update(&block);
            filled = 0;
        }
    }
    hasher.update(&block[..filled]);
}
