//! The table as text, columns as wide as they need to be.

use super::{Row, Summary};
use std::fmt;

/// Narrower tables than Keras' own would only look different.
const WIDTHS_MIN: [usize; 4] = [28, 20, 9, 0];

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["Layer (type)", "Output Shape", "Param #", "Connected to"].map(String::from);
        let rows: Vec<[String; 4]> = self.rows.iter().map(cells).collect();
        let columns = if self.branches { 4 } else { 3 };
        let mut widths = WIDTHS_MIN;
        for cells in rows.iter().chain([&header]) {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        // Two blanks between columns, one at either end.
        let width = widths[..columns].iter().map(|w| w + 2).sum::<usize>();
        let line = |f: &mut fmt::Formatter<'_>, c: &str| writeln!(f, "{}", c.repeat(width));
        writeln!(f, "Model: \"{}\"", self.model)?;
        line(f, "_")?;
        write_row(f, &header[..columns], &widths)?;
        line(f, "=")?;
        for cells in &rows {
            write_row(f, &cells[..columns], &widths)?;
        }
        line(f, "=")?;
        writeln!(f, "Total params: {}", thousands(self.total))?;
        writeln!(f, "Trainable params: {}", thousands(self.trainable))?;
        writeln!(f, "Non-trainable params: {}", thousands(self.non_trainable))?;
        line(f, "_")?;
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        Ok(())
    }
}

fn cells(row: &Row) -> [String; 4] {
    let dims: Vec<String> = row.dims.iter().map(u32::to_string).collect();
    let connected: Vec<String> = row.connected_to.iter().map(|c| format!("{c}[0][0]")).collect();
    [
        format!("{} ({})", row.name, row.kind),
        format!("(None, {})", dims.join(", ")),
        row.parameters.to_string(),
        connected.join(", "),
    ]
}

fn write_row(f: &mut fmt::Formatter<'_>, cells: &[String], widths: &[usize]) -> fmt::Result {
    let padded: Vec<String> = cells.iter().zip(widths).map(|(c, &w)| format!("{c:<w$}")).collect();
    writeln!(f, " {}", padded.join("  ").trim_end())
}

/// `1,150,235`
pub(super) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_150_235), "1,150,235");
    }
}
