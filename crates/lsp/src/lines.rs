//! Bytes of a text and an editor's lines and columns, in UTF-8 or UTF-16.
//!
//! In: a text. Out: [`Lines`], which turns one into the other. Both count from 0.
//!
//! What an editor says is clamped: a line after the last is the end of the text, a column after the end
//! of a line is its end, a column within a character is its beginning. A line ends before its `\n` or
//! `\r\n`.

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16; what every editor understands.
    #[default]
    Utf16,
}

/// A line and a column, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line.
    pub line: u32,
    /// The column, in the units of the [`Encoding`].
    pub column: u32,
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t str,
    encoding: Encoding,
    /// Bytes at which lines begin; the first is 0.
    starts: Vec<u32>,
}

impl<'t> Lines<'t> {
    /// Finds the lines of a text.
    pub fn new(text: &'t str, encoding: Encoding) -> Lines<'t> {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1);
        Lines { text, encoding, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The byte at a line and column.
    pub fn byte(&self, at: LineColumn) -> u32 {
        let Some(&start) = self.starts.get(at.line as usize) else { return self.text.len() as u32 };
        let next = self.starts.get(at.line as usize + 1).map_or(self.text.len(), |n| *n as usize);
        let line = self.text[start as usize..next].trim_end_matches('\n');
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut column = 0;
        for (byte, c) in line.char_indices() {
            column += self.width(c);
            if column > at.column {
                return start + byte as u32;
            }
        }
        start + line.len() as u32
    }

    /// The line and column of a byte.
    pub fn position(&self, byte: u32) -> LineColumn {
        let byte = self.boundary(byte as usize);
        let line = self.starts.partition_point(|s| *s as usize <= byte) - 1;
        let before = &self.text[self.starts[line] as usize..byte];
        LineColumn { line: line as u32, column: before.chars().map(|c| self.width(c)).sum() }
    }

    /// The nearest beginning of a character at or before a byte.
    fn boundary(&self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        (0..=byte).rev().find(|&i| self.text.is_char_boundary(i)).unwrap_or(0)
    }

    fn width(&self, c: char) -> u32 {
        match self.encoding {
            Encoding::Utf8 => c.len_utf8() as u32,
            Encoding::Utf16 => c.len_utf16() as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_units() {
        let text = "a\né𝄞x\r\nz";
        let utf16 = Lines::new(text, Encoding::Utf16);
        let utf8 = Lines::new(text, Encoding::Utf8);
        let x = text.find('x').unwrap_or(0) as u32;
        assert_eq!(utf16.position(x), LineColumn { line: 1, column: 3 });
        assert_eq!(utf8.position(x), LineColumn { line: 1, column: 6 });
        for byte in (0..=text.len()).filter(|&b| text.is_char_boundary(b) && b != 10) {
            for lines in [&utf16, &utf8] {
                assert_eq!(lines.byte(lines.position(byte as u32)), byte as u32, "{byte}");
            }
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_clamped() {
        let text = "é\nb\n";
        let lines = Lines::new(text, Encoding::Utf16);
        assert_eq!(lines.byte(LineColumn { line: 9, column: 9 }), text.len() as u32);
        assert_eq!(lines.byte(LineColumn { line: 0, column: 9 }), 2);
        assert_eq!(lines.byte(LineColumn { line: u32::MAX, column: u32::MAX }), text.len() as u32);
        // Within a character.
        let lines = Lines::new("𝄞", Encoding::Utf16);
        assert_eq!(lines.byte(LineColumn { line: 0, column: 1 }), 0);
        assert_eq!(lines.position(2), LineColumn { line: 0, column: 0 });
        assert_eq!(lines.position(99), LineColumn { line: 0, column: 2 });
    }
}
