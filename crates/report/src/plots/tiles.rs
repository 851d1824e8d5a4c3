//! Small grey pictures in rows: originals over reconstructions, first-layer weights,
//! samples that were taken for something else.
//!
//! All pictures of a figure are one PNG, embedded: a rectangle for each pixel would be a
//! hundred times longer. They are dark on light, as ink on paper, in the light and in the
//! dark alike.

use super::figure::{DrawingError, FINE, Figure, anchored, text_style};
use super::palette::{INK, LABEL};

/// A grey picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// Rows and columns.
    pub size: [usize; 2],
    /// Ink by pixel, 0 for none to 1 for all, row by row; others are moved into that range.
    pub ink: Vec<f32>,
}

/// A row of pictures with words over it.
#[derive(Clone, Debug, PartialEq)]
pub struct TileRow {
    /// Over the row; may be empty.
    pub label: String,
    /// Its pictures; `None` leaves a place free.
    pub tiles: Vec<Option<Tile>>,
    /// A few words under each picture; as many as pictures, or none.
    pub captions: Vec<String>,
}

/// Side of a picture as it is shown, in pixels: eleven of them are half as wide as a page on a desk.
const SIDE: u32 = 48;
/// Between pictures, in pixels.
const GAP: u32 = 4;
/// A row of captions, in pixels.
const CAPTION: u32 = 18;
/// The words over a row, in pixels.
const WORDS: u32 = 24;
/// Left of the pictures, in pixels.
const LEFT: u32 = 4;

/// Rows of pictures under each other.
///
/// Errors: the backend's.
pub fn tile_rows(title: &str, description: &str, rows: &[TileRow]) -> Result<Figure, DrawingError> {
    let columns = rows.iter().map(|row| row.tiles.len()).max().unwrap_or(0) as u32;
    let words = |row: &TileRow| if row.label.is_empty() { 0 } else { WORDS };
    let captions = |row: &TileRow| if row.captions.is_empty() { 0 } else { CAPTION };
    // Words may be longer than their row.
    let longest = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0) as u32 * 8;
    let width = LEFT + (columns * (SIDE + GAP)).max(longest).max(60);
    let height = rows.iter().map(|row| words(row) + SIDE + GAP + captions(row)).sum::<u32>() + GAP + 4;
    Figure::draw(title, description, [width, height], |area| {
        let mut marks = String::new();
        let mut top = 4;
        for row in rows {
            let fine = |pixels: u32| pixels as i32 * FINE;
            let style = anchored(text_style(LABEL + 1, INK), 1, -1);
            top += words(row);
            area.draw_text(&row.label, &style, (fine(LEFT), fine(top) - 3 * FINE))?;
            for (column, caption) in row.captions.iter().enumerate() {
                let x = fine(LEFT + column as u32 * (SIDE + GAP) + SIDE / 2);
                let style = anchored(text_style(LABEL, INK), 0, 1);
                area.draw_text(caption, &style, (x, fine(top + SIDE + 1)))?;
            }
            marks.push_str(&image(row, [LEFT, top]));
            top += SIDE + GAP + captions(row);
        }
        Ok(marks)
    })
}

/// The row's pictures as one `<image>`.
fn image(row: &TileRow, [left, top]: [u32; 2]) -> String {
    let Some([tile_rows, tile_columns]) = row.tiles.iter().flatten().map(|tile| tile.size).next() else {
        return String::new();
    };
    // The gap between tiles, in the tiles' own pixels, so that the scale fits exactly.
    let gap = (tile_columns * GAP as usize).div_ceil(SIDE as usize);
    let width = row.tiles.len() * (tile_columns + gap) - gap;
    let mut pixels = vec![[255_u8, 0]; width * tile_rows];
    for (index, tile) in row.tiles.iter().enumerate() {
        let Some(tile) = tile.as_ref().filter(|tile| tile.size == [tile_rows, tile_columns]) else {
            continue;
        };
        for (at, ink) in tile.ink.iter().take(tile_rows * tile_columns).enumerate() {
            let (y, x) = (at / tile_columns, at % tile_columns + index * (tile_columns + gap));
            // NaN casts to 0: a broken pixel is black.
            pixels[y * width + x] = [((1.0 - ink.clamp(0.0, 1.0)) * 255.0).round() as u8, 255];
        }
    }
    let png = encode(&pixels, width, tile_rows);
    let shown = row.tiles.len() as u32 * (SIDE + GAP) - GAP;
    let [x, y, w, h] = [left, top, shown, SIDE].map(|pixels| pixels * FINE as u32);
    format!(
        "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" preserveAspectRatio=\"none\" \
         style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{}\"/>\n",
        base64(&png)
    )
}

/// Grey and alpha as a PNG.
fn encode(pixels: &[[u8; 2]], width: usize, height: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::GrayscaleAlpha);
    encoder.set_compression(png::Compression::High);
    // Writing to memory fails only for a picture without pixels: then there is none.
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(pixels.as_flattened())?;
        writer.finish()
    });
    if written.is_err() { Vec::new() } else { bytes }
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_the_rfcs() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
        ];
        for (bytes, text) in cases {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[255, 254, 253]), "//79");
    }
}
