//! Figures as PNG, for where no SVG is taken: slides, old word processors, chats.
//!
//! In: a [`Figure`]. Out: the bytes of a PNG, twice as many pixels a side as the figure has, in the light's colours.
//! Text is drawn with two small fonts that come with the program (see `fonts/README.md`), so the system needs none
//! and the bytes are the same everywhere. They hold Latin, Greek and Cyrillic letters; others are drawn as boxes.

use super::Figure;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// The family that both fonts call themselves.
const FAMILY: &str = "Roboto";
const REGULAR: &[u8] = include_bytes!("fonts/Roboto-Regular.ttf");
const BOLD: &[u8] = include_bytes!("fonts/Roboto-Bold.ttf");

/// Pixels of the bitmap for a pixel of the figure, each way: sharp on paper and on dense screens.
const SCALE: u32 = 2;

/// Why there is no bitmap; a mistake in this crate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the figure {title:?} has no bitmap: {why}")]
pub struct BitmapError {
    /// The figure's title.
    pub title: String,
    /// What went wrong.
    pub why: String,
}

/// Draws bitmaps; holds the fonts.
#[derive(Debug)]
pub struct Bitmaps {
    options: Options<'static>,
}

impl Default for Bitmaps {
    fn default() -> Bitmaps {
        let mut options = Options { font_family: FAMILY.to_owned(), ..Options::default() };
        let fonts = options.fontdb_mut();
        fonts.load_font_data(REGULAR.to_vec());
        fonts.load_font_data(BOLD.to_vec());
        Bitmaps { options }
    }
}

impl Bitmaps {
    /// The figure as a PNG.
    ///
    /// Errors: the figure's own text cannot be read back, or it is too large to be drawn.
    pub fn png(&self, figure: &Figure) -> Result<Vec<u8>, BitmapError> {
        let failed = |why: String| BitmapError { title: figure.title.clone(), why };
        let tree =
            Tree::from_str(&figure.to_inline("fig"), &self.options).map_err(|e| failed(e.to_string()))?;
        let [width, height] = figure.size.map(|side| side.saturating_mul(SCALE));
        let mut pixels = Pixmap::new(width, height)
            .ok_or_else(|| failed(format!("{width} × {height} pixels are too many")))?;
        let scale = SCALE as f32;
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        pixels.encode_png().map_err(|e| failed(e.to_string()))
    }

    /// The figures as PNGs, in order.
    ///
    /// Errors: as [`Bitmaps::png`].
    pub fn all(&self, figures: &[&Figure]) -> Result<Vec<Vec<u8>>, BitmapError> {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
        let chunk = figures.len().div_ceil(threads).max(1);
        let part =
            |part: &[&Figure]| part.iter().map(|figure| self.png(figure)).collect::<Result<Vec<_>, _>>();
        let parts: Vec<_> = std::thread::scope(|scope| {
            let workers: Vec<_> = figures.chunks(chunk).map(|f| scope.spawn(move || part(f))).collect();
            let end = |worker: std::thread::ScopedJoinHandle<'_, _>| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            workers.into_iter().map(end).collect()
        });
        Ok(parts.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }
}
