//! What changed between two texts, line by line.

/// Unchanged lines that are shown around a change.
const AROUND: usize = 2;

/// Cells of the table of common lines: beyond it two texts are too long to compare.
const CELLS: usize = 16 << 20;

/// The lines that changed from `old` to `new`, with `-` and `+` before them, and some
/// unchanged ones around, with a space; `…` for those left out. Empty where nothing changed;
/// `None` where the texts are too long to compare.
pub fn difference(old: &str, new: &str) -> Option<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = merge(&old, &new)?;
    let changed = |index: usize| lines.get(index).is_some_and(|(mark, _)| *mark != ' ');
    let mut text = String::new();
    let mut left_out = false;
    for (index, (mark, line)) in lines.iter().enumerate() {
        if (index.saturating_sub(AROUND)..=index + AROUND).any(changed) {
            if left_out && !text.is_empty() {
                text.push_str("…\n");
            }
            left_out = false;
            text.push_str(&format!("{mark} {line}\n"));
        } else {
            left_out = true;
        }
    }
    Some(text)
}

/// Both texts merged along their longest common subsequence of lines.
fn merge<'a>(old: &[&'a str], new: &[&'a str]) -> Option<Vec<(char, &'a str)>> {
    let same_start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[same_start..], &new[same_start..]);
    let width = new_rest.len() + 1;
    if (old_rest.len() + 1).checked_mul(width)? > CELLS {
        return None;
    }
    // common[i][j]: lines in common of old_rest[i..] and new_rest[j..].
    let mut common = vec![0_u32; (old_rest.len() + 1) * width];
    for i in (0..old_rest.len()).rev() {
        for j in (0..new_rest.len()).rev() {
            common[i * width + j] = if old_rest[i] == new_rest[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let mut lines: Vec<(char, &str)> = old[..same_start].iter().map(|line| (' ', *line)).collect();
    let (mut i, mut j) = (0, 0);
    while i < old_rest.len() || j < new_rest.len() {
        if i < old_rest.len() && j < new_rest.len() && old_rest[i] == new_rest[j] {
            lines.push((' ', old_rest[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new_rest.len()
            || (i < old_rest.len() && common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            lines.push(('-', old_rest[i]));
            i += 1;
        } else {
            lines.push(('+', new_rest[j]));
            j += 1;
        }
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn changes_are_shown_with_what_is_around_them() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh";
        assert_eq!(difference(old, old).as_deref(), Some(""));
        let new = "a\nb\nc\nD\ne\nf\ng\nh\ni";
        assert_eq!(difference(old, new).as_deref(), Some("  b\n  c\n- d\n+ D\n  e\n  f\n  g\n  h\n+ i\n"));
        let far = "A\nb\nc\nd\ne\nf\ng\nH";
        assert_eq!(difference(old, far).as_deref(), Some("- a\n+ A\n  b\n  c\n…\n  f\n  g\n- h\n+ H\n"));
        assert_eq!(difference("", "x").as_deref(), Some("+ x\n"));
        let long = "x\n".repeat(5_000);
        assert_eq!(difference(&format!("a{long}"), &format!("b{long}")), None);
    }
}
