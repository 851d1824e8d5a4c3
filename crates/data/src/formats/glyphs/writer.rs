//! Writers: habits that one person's letters have in common.
//!
//! A writer is a stream of random numbers of its own, so writer 17 of seed 7 is the same
//! person whichever samples are asked for.

use super::alphabet::Skeleton;
use crate::random::Stream;

/// How many people wrote the set.
pub(super) const WRITERS: usize = 500;

/// The streams of writers lie above all streams of samples.
const WRITER_STREAMS: u64 = 1 << 40;

/// One person's hand.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    /// Horizontal shift per unit of height; positive leans to the right.
    pub(super) slant: f32,
    /// Width over height, relative to the skeletons.
    pub(super) aspect: f32,
    /// Radius of the pen in pixels.
    pub(super) pen: f32,
    /// How much the pen's width varies along a stroke, relative.
    pub(super) pressure: f32,
    /// How far points stray, in units of the skeleton's grid.
    pub(super) waver: f32,
    /// Probability that a corner is drawn round.
    pub(super) roundness: f32,
    /// Probability of a hook where a stroke begins or ends.
    pub(super) hooks: f32,
    /// Blur of pen and scanner, the weight of each neighbour.
    pub(super) blur: f32,
    /// Chooses among the forms of a letter.
    taste: u64,
}

impl Writer {
    /// The person with this number, below [`WRITERS`].
    pub(super) fn new(seed: u64, number: usize) -> Writer {
        let mut stream = Stream::new(seed, WRITER_STREAMS + number as u64);
        // Most people write clearly; a few scrawl. The square makes the tail.
        let care = stream.unit();
        Writer {
            slant: 0.12 + 0.20 * stream.bell(),
            aspect: 0.90 * (1.0 + 0.16 * stream.bell()),
            pen: stream.between(0.80, 1.75),
            pressure: stream.between(0.05, 0.30),
            waver: 2.9 + 5.0 * care * care,
            roundness: 0.08 + 0.35 * stream.unit() * stream.unit(),
            hooks: 0.28 * stream.unit() * stream.unit(),
            blur: stream.between(0.04, 0.14),
            taste: stream.bits(),
        }
    }

    /// The form that this person writes; now and then another than usual.
    pub(super) fn form<'a>(&self, class: usize, forms: &'a [Skeleton], sample: &mut Stream) -> &'a Skeleton {
        let mut habit = Stream::new(self.taste, class as u64);
        let stream = if sample.chance(0.2) { sample } else { &mut habit };
        let total: usize = forms.iter().map(|form| usize::from(form.weight)).sum();
        let mut ticket = stream.below(total);
        for form in forms {
            let weight = usize::from(form.weight);
            if ticket < weight {
                return form;
            }
            ticket -= weight;
        }
        &forms[forms.len() - 1]
    }
}
