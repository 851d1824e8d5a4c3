//! A look at IDX files: which are images and which labels, of the training part and of the test part.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::{IMAGES, LABELS, header, unpacked, unreadable};
use crate::error::DataError;
use crate::look::{Files, Look, Range, beside};

/// So many bytes of pixels are looked at.
const SAMPLE: u64 = 1 << 20;
/// What a file that somebody names may be.
const EITHER: &str = "a file of images or labels (IDX, u8, 1 to 4 extents)";

/// A file and the extents that its header announces.
struct Head {
    path: PathBuf,
    extents: Vec<usize>,
}

/// Images and their labels.
struct Pair {
    images: Head,
    labels: Option<Head>,
}

/// Looks at one to four files.
pub(crate) fn look(files: &[PathBuf]) -> Result<Look, DataError> {
    let heads: Vec<Head> = files.iter().map(|path| Head::of(path, EITHER)).collect::<Result<_, _>>()?;
    let (labels, images): (Vec<Head>, Vec<Head>) =
        heads.into_iter().partition(|head| head.extents.len() == 1);
    let (train, test) = pairs(images, labels)?;
    let test = match test {
        Some(test) => Some(test),
        None => twin(&train)?,
    };
    let mut seen = [false; 256];
    for pair in [Some(&train), test.as_ref()].into_iter().flatten() {
        if let Some(labels) = &pair.labels {
            super::check_counts(pair.images.count(), labels.count())?;
            labels.mark(&mut seen)?;
        }
    }
    let seen: Vec<u32> = (0..256).filter(|label| seen[*label as usize]).collect();
    Ok(Look {
        rows: train.images.extents[0],
        test_rows: test.as_ref().map_or(0, |test| test.images.extents[0]),
        dims: train.images.extents[1..].to_vec(),
        // One label for all samples tells nothing.
        labels: (seen.len() > 1).then_some(seen),
        values: train.images.range()?,
        files: Files::Idx { train: train.paths(), test: test.map(|test| test.paths()) },
    })
}

/// The files that were named, as pairs to train and to test on; labels that were not named are found.
fn pairs(mut images: Vec<Head>, mut labels: Vec<Head>) -> Result<(Pair, Option<Pair>), DataError> {
    if let ([], [only]) = (&images[..], &labels[..]) {
        let found = beside::images_of(&only.path);
        let found = found.ok_or_else(|| DataError::NoImages { labels: only.path.clone() })?;
        images.push(Head::of(&found, IMAGES)?);
    }
    // What is for training comes first; a sort keeps what is not told apart in the order given.
    images.sort_by_key(|head| beside::is_test(&head.path));
    labels.sort_by_key(|head| beside::is_test(&head.path));
    if images.len() > 2 || labels.len() > images.len() {
        let files = images.into_iter().chain(labels).map(|head| head.path).collect();
        return Err(DataError::Apart { files });
    }
    let mut labels = labels.into_iter();
    let mut pairs = images.into_iter().map(|images| Pair::of(images, labels.next()));
    let train = pairs.next().ok_or(DataError::NoFiles)??;
    let test = pairs.next().transpose()?;
    Ok((train, test))
}

/// The test part beside a training part, where it fits.
fn twin(train: &Pair) -> Result<Option<Pair>, DataError> {
    let Some(images) = beside::test_of(&train.images.path) else { return Ok(None) };
    let test = Pair::of(Head::of(&images, IMAGES)?, None)?;
    let fits = test.images.extents[1..] == train.images.extents[1..]
        && test.labels.is_some() == train.labels.is_some();
    Ok(fits.then_some(test))
}

impl Pair {
    fn of(images: Head, labels: Option<Head>) -> Result<Pair, DataError> {
        let labels = match labels {
            Some(labels) => Some(labels),
            None => beside::labels_of(&images.path).map(|path| Head::of(&path, LABELS)).transpose()?,
        };
        Ok(Pair { images, labels })
    }

    fn paths(self) -> (PathBuf, Option<PathBuf>) {
        (self.images.path, self.labels.map(|labels| labels.path))
    }
}

impl Head {
    fn of(path: &Path, wanted: &'static str) -> Result<Head, DataError> {
        let n_extents = if wanted == LABELS {
            1..=1
        } else if wanted == IMAGES {
            2..=4
        } else {
            1..=4
        };
        let extents = header(path, &mut unpacked(path)?, n_extents, wanted)?;
        Ok(Head { path: path.into(), extents })
    }

    fn count(&self) -> super::Count<'_> {
        (&self.path, self.extents[0])
    }

    /// Gives the values to `take`, block by block, `most` of them at most.
    fn values(&self, most: u64, mut take: impl FnMut(&[u8])) -> Result<(), DataError> {
        let mut input = unpacked(&self.path)?;
        header(&self.path, &mut input, 1..=4, EITHER)?;
        let announced: u64 = self.extents.iter().map(|extent| *extent as u64).product();
        let wanted = announced.min(most);
        let (mut block, mut found) = (vec![0; 1 << 16], 0);
        let mut input = input.take(wanted);
        loop {
            let read = input.read(&mut block).map_err(|error| unreadable(&self.path, error))?;
            if read == 0 {
                break;
            }
            found += read as u64;
            take(&block[..read]);
        }
        if found == wanted {
            return Ok(());
        }
        Err(DataError::Short { path: self.path.clone(), wanted: announced, found })
    }

    /// Marks the labels that occur.
    fn mark(&self, seen: &mut [bool; 256]) -> Result<(), DataError> {
        self.values(u64::MAX, |block| block.iter().for_each(|label| seen[usize::from(*label)] = true))
    }

    /// The bounds of the first values.
    fn range(&self) -> Result<Range, DataError> {
        let (mut low, mut high) = (u8::MAX, 0);
        self.values(SAMPLE, |block| {
            low = block.iter().fold(low, |low, byte| low.min(*byte));
            high = block.iter().fold(high, |high, byte| high.max(*byte));
        })?;
        Ok(Range { low: f64::from(low), high: f64::from(high), whole: true })
    }
}
