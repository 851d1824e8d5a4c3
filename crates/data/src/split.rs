//! Splits: which rows are trained on, which are tested on.
//!
//! A pure function of the description, the seed and the classes. Both halves are in
//! ascending order and share no row.

use crate::error::DataError;
use crate::random::Stream;

/// How rows are divided. Fractions are in [0, 1] and add up to at most 1; rows in neither
/// half are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Split {
    /// At random, with each class in both halves in the same proportion.
    Stratified {
        /// Fraction to train on, above 0.
        train: f64,
        /// Fraction to test on.
        test: f64,
        /// Chooses the rows.
        seed: u64,
    },
    /// At random, whatever the class.
    Random {
        /// Fraction to train on, above 0.
        train: f64,
        /// Fraction to test on.
        test: f64,
        /// Chooses the rows.
        seed: u64,
    },
    /// As the source has it: files to train on and files to test on.
    Given,
    /// All rows to train on and none to test on.
    All,
}

/// The rows of the two halves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Halves {
    /// Rows to train on.
    pub train: Vec<u32>,
    /// Rows to test on.
    pub test: Vec<u32>,
}

/// Divides rows of the given classes; `train_rows` is where the source's own test rows begin.
///
/// # Errors
/// Fractions out of range; [`Split::Given`] of a source that has no test files; more
/// than 2³² rows; nothing to train on.
pub fn split(split: &Split, labels: &[u8], train_rows: Option<usize>) -> Result<Halves, DataError> {
    let rows = u32::try_from(labels.len()).map_err(|_| DataError::Rows { found: labels.len() })?;
    let halves = match *split {
        Split::Stratified { train, test, seed } => stratified(Fractions::new(train, test)?, seed, labels),
        Split::Random { train, test, seed } => random(Fractions::new(train, test)?, seed, rows),
        Split::Given => {
            let first_test = train_rows.ok_or(DataError::NotGiven)? as u32;
            Halves { train: (0..first_test).collect(), test: (first_test..rows).collect() }
        }
        Split::All => Halves { train: (0..rows).collect(), test: Vec::new() },
    };
    if halves.train.is_empty() { Err(DataError::NothingToTrain { rows: labels.len() }) } else { Ok(halves) }
}

#[derive(Clone, Copy)]
struct Fractions {
    train: f64,
    test: f64,
}

impl Fractions {
    fn new(train: f64, test: f64) -> Result<Fractions, DataError> {
        // 0.8 + 0.2 is 1, but three tenths and seven tenths may be a little more.
        let legal = train > 0.0 && test >= 0.0 && train + test <= 1.0 + 1e-9;
        if legal { Ok(Fractions { train, test }) } else { Err(DataError::Fractions { train, test }) }
    }

    /// Rows in the halves: each fraction rounded, and all rows where the fractions are the whole.
    fn rows(self, rows: usize) -> (usize, usize) {
        let test = ((rows as f64 * self.test).round() as usize).min(rows);
        let train = ((rows as f64 * self.train).round() as usize).min(rows - test);
        if self.train + self.test > 1.0 - 1e-9 { (rows - test, test) } else { (train, test) }
    }
}

fn random(fractions: Fractions, seed: u64, rows: u32) -> Halves {
    let (train, test) = fractions.rows(rows as usize);
    let mut order: Vec<u32> = (0..rows).collect();
    Stream::new(seed, 0).shuffle(&mut order);
    let mut halves = Halves { test: order[..test].to_vec(), train: order[test..test + train].to_vec() };
    halves.train.sort_unstable();
    halves.test.sort_unstable();
    halves
}

fn stratified(fractions: Fractions, seed: u64, labels: &[u8]) -> Halves {
    let mut classes: Vec<Vec<u32>> = vec![Vec::new(); 256];
    for (row, label) in labels.iter().enumerate() {
        classes[usize::from(*label)].push(row as u32);
    }
    let sizes: Vec<usize> = classes.iter().map(Vec::len).collect();
    let (train_total, test_total) = fractions.rows(labels.len());
    let test = quotas(&sizes, test_total);
    let left: Vec<usize> = sizes.iter().zip(&test).map(|(size, test)| size - test).collect();
    let train = quotas(&left, train_total);
    let mut halves = Halves::default();
    for (class, rows) in classes.iter_mut().enumerate() {
        Stream::new(seed, class as u64).shuffle(rows);
        let (for_test, others) = rows.split_at(test[class]);
        halves.test.extend(for_test);
        halves.train.extend(&others[..train[class]]);
    }
    halves.train.sort_unstable();
    halves.test.sort_unstable();
    halves
}

/// Shares `total` among classes in proportion to their sizes, to the row: each gets its
/// share rounded down, and those that lost most by it get one more (Hamilton's method).
fn quotas(sizes: &[usize], total: usize) -> Vec<usize> {
    let rows: usize = sizes.iter().sum();
    if rows == 0 {
        return vec![0; sizes.len()];
    }
    let exact = |size: usize| size as u128 * total as u128;
    let mut quotas: Vec<usize> = sizes.iter().map(|&size| (exact(size) / rows as u128) as usize).collect();
    let short = total - quotas.iter().sum::<usize>();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&class| std::cmp::Reverse(exact(sizes[class]) % rows as u128));
    order.into_iter().take(short).for_each(|class| quotas[class] += 1);
    quotas
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LETTERS: Split = Split::Stratified { train: 0.8, test: 0.2, seed: 42 };

    #[test]
    fn the_letters_are_split_to_the_row() {
        let mut labels: Vec<u8> = (0..10).flat_map(|class| std::iter::repeat_n(class, 1316)).collect();
        labels.extend([10; 840]);
        let halves = split(&LETTERS, &labels, None).expect("a split");
        assert_eq!((halves.train.len(), halves.test.len()), (11_200, 2_800));
        let of_class = |class: u8| halves.test.iter().filter(|&&row| labels[row as usize] == class).count();
        assert_eq!(of_class(10), 168);
        assert!((0..10).all(|class| (263..=264).contains(&of_class(class))));
    }

    #[test]
    fn given_follows_the_files() {
        let halves = split(&Split::Given, &[0; 5], Some(3)).expect("a split");
        assert_eq!(halves, Halves { train: vec![0, 1, 2], test: vec![3, 4] });
        assert!(matches!(split(&Split::Given, &[0; 5], None), Err(DataError::NotGiven)));
    }

    #[test]
    fn impossible_fractions_are_refused() {
        for (train, test) in
            [(0.0, 0.5), (-0.1, 0.2), (0.9, 0.2), (f64::NAN, 0.1), (0.5, f64::NAN), (1.5, 0.0)]
        {
            let asked = Split::Random { train, test, seed: 0 };
            assert!(matches!(split(&asked, &[0; 9], None), Err(DataError::Fractions { .. })), "{asked:?}");
        }
        assert!(matches!(split(&LETTERS, &[], None), Err(DataError::NothingToTrain { rows: 0 })));
    }

    proptest! {
        #[test]
        fn halves_are_disjoint_sorted_and_of_the_right_size(
            labels in proptest::collection::vec(0u8..7, 1..300),
            train in 0.01f64..1.0, part in 0.0f64..1.0, seed: u64, stratify: bool,
        ) {
            let test = part * (1.0 - train);
            let asked = if stratify { Split::Stratified { train, test, seed } } else { Split::Random { train, test, seed } };
            let Ok(halves) = split(&asked, &labels, None) else { return Ok(()) };
            let rows = labels.len() as f64;
            prop_assert!((halves.train.len() as f64 - rows * train).abs() <= 1.0);
            prop_assert!((halves.test.len() as f64 - rows * test).abs() <= 1.0);
            prop_assert!(halves.train.is_sorted() && halves.test.is_sorted());
            let mut all = [halves.train.clone(), halves.test.clone()].concat();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(all.len(), halves.train.len() + halves.test.len());
            prop_assert_eq!(split(&asked, &labels, None).expect("as before"), halves.clone());
            for class in 0..7 {
                let count = |rows: &[u32]| rows.iter().filter(|&&row| labels[row as usize] == class).count() as f64;
                let size = labels.iter().filter(|&&label| label == class).count() as f64;
                if stratify {
                    prop_assert!((count(&halves.test) - size * test).abs() <= 2.0);
                }
            }
        }
    }
}
