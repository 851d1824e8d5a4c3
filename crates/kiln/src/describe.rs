//! A spec's data in the words of the crate that loads it.

use kiln_data::{Classes, Description, FieldDescription, Glyphs, Idx, Parquet, PixelColumns};
use kiln_model::model::{Columns, Data, Part, Source, Split};

/// What to load for a model.
pub fn describe(data: &Data) -> Description {
    let field = |f: &kiln_model::model::Field| FieldDescription { name: f.name.clone(), part: part(f.part) };
    Description {
        name: data.name.clone(),
        source: source(&data.source),
        split: split(data.split),
        fields: data.fields.iter().map(field).collect(),
    }
}

fn part(part: Part) -> kiln_data::Part {
    match part {
        Part::Pixels { scale, offset } => {
            kiln_data::Part::Pixels { scale: scale as f32, offset: offset as f32 }
        }
        Part::Class => kiln_data::Part::Class,
    }
}

fn split(split: Split) -> kiln_data::Split {
    match split {
        Split::Given => kiln_data::Split::Given,
        Split::All => kiln_data::Split::All,
        Split::Stratified { train, test, seed } => kiln_data::Split::Stratified { train, test, seed },
        Split::Random { train, test, seed } => kiln_data::Split::Random { train, test, seed },
    }
}

fn source(source: &Source) -> kiln_data::Source {
    match source {
        Source::Glyphs { classes, samples, seed } => kiln_data::Source::Glyphs(Glyphs {
            classes: classes.iter().flat_map(|name| name.chars()).collect(),
            samples: *samples as usize,
            seed: *seed,
        }),
        Source::Idx { images, labels, test_images, test_labels, classes, names } => {
            kiln_data::Source::Idx(Idx {
                images: images.clone(),
                labels: labels.clone(),
                test: test_images.clone().map(|images| (images, test_labels.clone())),
                classes: taken(classes, names),
                names: names.clone(),
            })
        }
        Source::Parquet { files, test_files, label, pixels, classes, names } => {
            kiln_data::Source::Parquet(Parquet {
                files: files.clone(),
                test_files: test_files.clone(),
                label: label.clone(),
                pixels: columns(pixels),
                dims: Vec::new(),
                classes: taken(classes, names),
                names: names.clone(),
            })
        }
    }
}

fn columns(columns: &Columns) -> PixelColumns {
    match columns {
        Columns::Names(names) => PixelColumns::Names(names.clone()),
        Columns::Range(first, last) => {
            PixelColumns::Names((*first..=*last).map(|name| name.to_string()).collect())
        }
    }
}

fn taken(classes: &[i64], names: &[String]) -> Classes {
    match (classes, names) {
        ([], []) => Classes::All,
        ([], names) => Classes::Count(names.len()),
        // A label below 0 is no file's label; the largest number is none either.
        (classes, _) => {
            Classes::Keep(classes.iter().map(|&c| u32::try_from(c).unwrap_or(u32::MAX)).collect())
        }
    }
}
