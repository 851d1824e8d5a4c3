//! Fingerprints: a hash of the content, so that a record can say what was trained on.

use crate::dataset::{Field, Values};
use crate::split::Halves;

/// BLAKE3 of names, extents, values, class names and split, as 64 hexadecimal digits.
pub fn fingerprint(fields: &[Field], classes: &[String], halves: &Halves) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"kiln data 1");
    number(&mut hasher, fields.len());
    for field in fields {
        text(&mut hasher, &field.name);
        number(&mut hasher, field.dims.len());
        field.dims.iter().for_each(|extent| number(&mut hasher, *extent));
        values(&mut hasher, &field.values);
    }
    number(&mut hasher, classes.len());
    classes.iter().for_each(|class| text(&mut hasher, class));
    for half in [&halves.train, &halves.test] {
        number(&mut hasher, half.len());
        words(&mut hasher, half.iter().map(|row| row.to_le_bytes()));
    }
    hasher.finalize().to_hex().to_string()
}

fn values(hasher: &mut blake3::Hasher, values: &Values) {
    number(hasher, values.len());
    match values {
        Values::U8 { data, scale, offset } => {
            hasher.update(b"u8");
            words(hasher, [scale.to_le_bytes(), offset.to_le_bytes()].into_iter());
            hasher.update(data);
        }
        Values::F32(data) => {
            hasher.update(b"f32");
            words(hasher, data.iter().map(|value| value.to_le_bytes()));
        }
        Values::Class { data, classes } => {
            hasher.update(b"class");
            number(hasher, *classes);
            hasher.update(data);
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
