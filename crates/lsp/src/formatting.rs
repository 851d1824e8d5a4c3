//! Formatting: the change that brings a text into the one layout.
//!
//! In: a text. Out: the bytes that are replaced, and by what: the lines that differ, and no others, so
//! that cursors and marks elsewhere stay. A text with syntax mistakes is left as it is.

use std::ops::Range;

/// The change; `None` where the text is laid out so already, or cannot be read.
pub fn format(text: &str) -> Option<(Range<u32>, String)> {
    let formatted = kiln_dsl::format(text).ok()?;
    if formatted == text {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) =
        (text.split_inclusive('\n').collect(), formatted.split_inclusive('\n').collect());
    let begin = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - begin;
    let end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let bytes = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    let start = bytes(&old[..begin]);
    let stop = text.len() - bytes(&old[old.len() - end..]);
    Some((start as u32..stop as u32, new[begin..new.len() - end].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_differ_change() {
        let text = "title \"a\"\n\ntrain {\n  epochs=3\n}\n";
        let (range, new) = format(text).expect("a change");
        assert_eq!(&text[range.start as usize..range.end as usize], "  epochs=3\n");
        assert_eq!(new, "    epochs = 3\n");
        let mut after = text.to_owned();
        after.replace_range(range.start as usize..range.end as usize, &new);
        assert_eq!(format(&after), None);
    }

    #[test]
    fn missing_line_ends_and_broken_texts() {
        let (range, new) = format("title \"a\"").expect("a change");
        assert_eq!((range, new.as_str()), (0..9, "title \"a\"\n"));
        assert_eq!(format("train {"), None);
        assert_eq!(format(""), None);
    }
}
