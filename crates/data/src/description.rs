//! What a spec's `data` block asks for, resolved.
//!
//! ```text
//! data letters {
//!     source = glyphs(classes = "P".."Z", samples = 14_000, seed = 7)   // source
//!     split  = stratified(train = 80%, test = 20%, seed = 42)           // split
//!     image  = pixels / 255                                             // fields[0]
//!     label  = class                                                    // fields[1]
//! }
//! ```

use crate::formats::{glyphs::Glyphs, idx::Idx, parquet::Parquet};
use crate::split::Split;

/// A data block.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Where samples come from.
    pub source: Source,
    /// How they are divided.
    pub split: Split,
    /// What the model reads of them.
    pub fields: Vec<FieldDescription>,
}

impl Description {
    /// `image = pixels / 255`, `label = class`.
    pub fn image_and_label() -> Vec<FieldDescription> {
        vec![
            FieldDescription { name: "image".into(), part: Part::Pixels { scale: 1.0 / 255.0, offset: 0.0 } },
            FieldDescription { name: "label".into(), part: Part::Class },
        ]
    }

    /// The built-in letters: P to Z, 14,000 samples, split 11,200 to 2,800.
    pub fn letters() -> Description {
        Description {
            name: "letters".into(),
            source: Source::Glyphs(Glyphs::letters()),
            split: Split::Stratified { train: 0.8, test: 0.2, seed: 42 },
            fields: Description::image_and_label(),
        }
    }
}

/// Where samples come from: one variant a file in [`crate::formats`].
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The built-in generator of handwriting.
    Glyphs(Glyphs),
    /// Images and labels as MNIST has them.
    Idx(Idx),
    /// A table with a column of labels and columns of pixels.
    Parquet(Parquet),
}

/// A line of a data block that names a field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDescription {
    /// What models call it.
    pub name: String,
    /// What it is of a sample.
    pub part: Part,
}

/// A part of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// `pixels · scale + offset`; both finite.
    Pixels {
        /// Factor: 1/255 for `pixels / 255`.
        scale: f32,
        /// Summand.
        offset: f32,
    },
    /// The index of the class.
    Class,
}
