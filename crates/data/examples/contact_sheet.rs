//! Draws the built-in letters on one sheet, 20 of each class, as a PGM image.
//!
//! `cargo run --release -p kiln-data --example contact_sheet -- letters.pgm`

use std::error::Error;
use std::{env, fs};

use kiln_data::{Description, Paths, Values, load};

const EDGE: usize = 28;
const ACROSS: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).ok_or("which file should the sheet be written to?")?;
    let letters = load(&Description::letters(), &Paths::from_environment(None))?;
    let (Values::U8 { data: pixels, .. }, Values::Class { data: labels, classes }) =
        (&letters.fields[0].values, &letters.fields[1].values)
    else {
        return Err("letters are bytes and classes".into());
    };
    let mut sheet = format!("P5 {} {} 255\n", ACROSS * EDGE, classes * EDGE).into_bytes();
    for class in 0..*classes {
        let of_class = |row: &usize| usize::from(labels[*row]) == class;
        let rows: Vec<usize> = (0..letters.rows).filter(of_class).take(ACROSS).collect();
        for y in 0..EDGE {
            rows.iter().for_each(|row| sheet.extend(&pixels[(row * EDGE + y) * EDGE..][..EDGE]));
        }
    }
    fs::write(&file, sheet)?;
    Ok(())
}
