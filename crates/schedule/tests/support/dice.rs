//! Random choices of a test: a pure function of a seed.

use kiln_graph::random::Key;

/// A sequence of choices.
pub(crate) struct Dice {
    key: Key,
    next: u32,
}

impl Dice {
    /// The sequence with this number.
    pub(crate) fn new(seed: u64) -> Dice {
        Dice { key: Key::new(seed, 0, 0), next: 0 }
    }

    /// One of `0 .. n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.next += 1;
        self.key.bits(self.next) as usize % n
    }

    /// One of these.
    pub(crate) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// True once in `n` times.
    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// A number in `[−1, 1)`.
    pub(crate) fn number(&mut self) -> f32 {
        self.next += 1;
        self.key.uniform(self.next) * 2.0 - 1.0
    }

    /// Another order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}
