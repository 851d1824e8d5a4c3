//! Images as bytes (four in five pixels black, as in letters) and labels; batches of them as the networks take them.

use rayon::prelude::*;

/// Samples in an epoch.
pub(crate) const SAMPLES: usize = 11_200;
/// Bytes of an image.
pub const PIXELS: usize = 784;
/// Labels are below it.
pub const CLASSES: usize = 11;

/// From so many samples on, a second thread pays for its wake-up.
const SAMPLES_PER_THREAD_MIN: usize = 256;

/// All samples; they stay bytes.
pub(crate) struct Data {
    images: Vec<[u8; PIXELS]>,
    labels: Vec<u32>,
}

/// Samples of one step.
pub struct Batch {
    /// `[samples, PIXELS]`, from 0 to 1.
    pub pixels: Vec<f32>,
    /// `[samples]`, below [`CLASSES`].
    pub labels: Vec<u32>,
}

impl Batch {
    /// How many samples it has.
    pub fn samples(&self) -> usize {
        self.labels.len()
    }
}

impl Data {
    /// The content changes no time, so it is made up.
    pub(crate) fn random() -> Data {
        let mut random = fastrand::Rng::with_seed(7);
        let mut images = vec![[0; PIXELS]; SAMPLES];
        for pixel in images.as_flattened_mut() {
            if random.u8(0..5) == 0 {
                *pixel = random.u8(..);
            }
        }
        let labels = (0..SAMPLES).map(|_| random.u32(0..CLASSES as u32)).collect();
        Data { images, labels }
    }

    /// The samples of these rows: picked, made numbers and scaled in one pass, which both frameworks' own
    /// selections, casts and products would take three for.
    pub(crate) fn gather(&self, rows: &[usize]) -> Batch {
        let mut pixels = vec![0.0; rows.len() * PIXELS];
        pixels
            .par_chunks_exact_mut(PIXELS)
            .with_min_len(SAMPLES_PER_THREAD_MIN)
            .zip(rows)
            .for_each(|(to, row)| scale(&self.images[*row], to));
        Batch { pixels, labels: rows.iter().map(|row| self.labels[*row]).collect() }
    }
}

fn scale(from: &[u8; PIXELS], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = f32::from(*from) / 255.0;
    }
}
