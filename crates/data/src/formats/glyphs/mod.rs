//! Glyphs: made-up handwriting, so that every spec runs with no download.
//!
//! In: which letters, how many samples, a seed. Out: grey images of 28 × 28 pixels as in
//! the NIST sets (white ink on black, in a box of 20 × 20, centred by mass) and their
//! classes. A sample is made in four steps, one file each: a writer (`writer`) picks a
//! form of the letter (`alphabet`), the hand draws it (`hand`), and it is put on paper
//! (`raster`).
//!
//! Invariant: a sample depends on the seed, its number and its class, and on nothing else,
//! bit for bit on every platform and for any number of threads.

mod alphabet;
mod hand;
mod raster;
mod writer;

use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use crate::cache;
use crate::error::DataError;
use crate::formats::{Pixels, Samples};
use crate::paths::Paths;
use crate::random::Stream;
use alphabet::Skeleton;
use raster::{EDGE, PIXELS, Paper};
use writer::{WRITERS, Writer};

/// Goes up whenever the same description gives other pixels, so that no stale file is read.
const VERSION: u32 = 1;

/// The most samples that may be asked for: 784 MB of pixels.
const SAMPLES_MAX: usize = 1_000_000;

/// The stream that orders the samples; sample `i` draws from stream `i`.
const ORDER_STREAM: u64 = 1 << 41;

/// A set of made-up handwriting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Letters, in the order of their classes; `A` to `Z`, small or capital, each once.
    pub classes: Vec<char>,
    /// Number of samples, 1 to 1,000,000. The classes are of one size, but for the last
    /// one, which has 30 samples for every 47 of another: real sets are uneven too.
    pub samples: usize,
    /// The same seed gives the same bytes.
    pub seed: u64,
}

impl Glyphs {
    /// The default set: P to Z, 14,000 samples; 840 of Z and 1,316 of each other letter.
    pub fn letters() -> Glyphs {
        Glyphs { classes: ('P'..='Z').collect(), samples: 14_000, seed: 7 }
    }

    /// How many samples each class has.
    pub fn class_sizes(&self) -> Vec<usize> {
        let others = self.classes.len().saturating_sub(1);
        let total = 47 * others + 30;
        let share = |weight: usize| self.samples * weight / total;
        let mut sizes = vec![share(47); others];
        sizes.push(share(30));
        let rest = self.samples - sizes.iter().sum::<usize>();
        // Rounding down loses less than one sample a class.
        sizes.iter_mut().take(rest).for_each(|size| *size += 1);
        sizes
    }

    fn check(&self) -> Result<(), DataError> {
        if self.samples == 0 || self.samples > SAMPLES_MAX {
            return Err(DataError::Samples { found: self.samples, most: SAMPLES_MAX });
        }
        if self.classes.is_empty() {
            return Err(DataError::NoLetters);
        }
        for (index, letter) in self.classes.iter().enumerate() {
            if alphabet::find(*letter).is_none() {
                return Err(DataError::NoLetter { letter: *letter });
            }
            if self.classes[..index].iter().any(|other| other.eq_ignore_ascii_case(letter)) {
                return Err(DataError::LetterTwice { letter: *letter });
            }
        }
        Ok(())
    }

    /// The set's name in the cache: what it depends on.
    fn key(&self) -> String {
        let classes: String = self.classes.iter().map(char::to_ascii_uppercase).collect();
        format!("glyphs {VERSION} classes {classes} samples {} seed {}", self.samples, self.seed)
    }

    /// The class of each sample, in random order.
    fn labels(&self) -> Vec<u8> {
        let sizes = self.class_sizes();
        let of_class = |(class, size): (usize, &usize)| std::iter::repeat_n(class as u8, *size);
        let mut labels: Vec<u8> = sizes.iter().enumerate().flat_map(of_class).collect();
        Stream::new(self.seed, ORDER_STREAM).shuffle(&mut labels);
        labels
    }
}

/// Reads the set from the cache, or makes it and keeps it there.
pub(crate) fn read(glyphs: &Glyphs, paths: &Paths) -> Result<Samples, DataError> {
    glyphs.check()?;
    let labels = glyphs.labels();
    let bytes = glyphs.samples * PIXELS;
    let kept = cache::fetch_or_make(paths.cache.as_deref(), &glyphs.key(), bytes, |pixels| {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        generate(glyphs, &labels, threads, pixels);
    });
    Ok(Samples {
        pixels: Pixels::U8(kept.bytes),
        pixels_hash: kept.hash,
        dims: vec![EDGE, EDGE],
        labels: Arc::from(labels),
        classes: glyphs.classes.iter().map(char::to_string).collect(),
        n_classes: glyphs.classes.len(),
        train_rows: None,
    })
}

/// Draws all samples into `pixels`, [samples, 28 · 28].
fn generate(glyphs: &Glyphs, labels: &[u8], threads: usize, pixels: &mut [u8]) {
    let find = |letter: &char| alphabet::find(*letter).map_or_else(Vec::new, alphabet::Letter::skeletons);
    let skeletons: Vec<Vec<Skeleton>> = glyphs.classes.iter().map(find).collect();
    let writers: Vec<Writer> = (0..WRITERS).map(|number| Writer::new(glyphs.seed, number)).collect();
    let (skeletons, writers) = (&skeletons, &writers);
    let rows_each = labels.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        for (part, images) in pixels.chunks_mut(rows_each * PIXELS).enumerate() {
            scope.spawn(move || {
                let mut paper = Paper::new();
                for (offset, image) in images.chunks_exact_mut(PIXELS).enumerate() {
                    let number = part * rows_each + offset;
                    let class = usize::from(labels[number]);
                    let mut stream = Stream::new(glyphs.seed, number as u64);
                    let writer = &writers[stream.below(WRITERS)];
                    let form = writer.form(class, &skeletons[class], &mut stream);
                    let strokes = hand::draw(form, writer, &mut stream);
                    paper.draw(strokes, writer, &mut stream, image);
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_threads_draws_the_same() {
        let glyphs = Glyphs { classes: ('P'..='Z').collect(), samples: 101, seed: 1 };
        let labels = glyphs.labels();
        let drawn = |threads| {
            let mut pixels = vec![0; glyphs.samples * PIXELS];
            generate(&glyphs, &labels, threads, &mut pixels);
            pixels
        };
        let one = drawn(1);
        assert!([2, 3, 101, 500].into_iter().all(|threads| drawn(threads) == one));
    }
}
