//! The alphabet: how people draw each letter.
//!
//! A letter has several forms (capital, small, printed, cursive), each with a weight:
//! how many writers of all use it. A form is a text of strokes divided by `/`; a stroke is
//! a list of points `x,y` that the pen goes through smoothly, except at a point marked
//! `!`, where it turns sharply. `x` grows to the right and `y` down; the letter is about
//! 100 by 100 units, and what is drawn is scaled to fit anyway.

mod a_to_m;
mod n_to_z;

/// A letter and its forms.
pub(super) struct Letter {
    pub(super) letter: char,
    /// Weight and strokes of each form.
    pub(super) forms: &'static [(u16, &'static str)],
}

/// A point that the pen goes through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Knot {
    pub(super) x: f32,
    pub(super) y: f32,
    /// The pen turns sharply here.
    pub(super) corner: bool,
}

/// One form of a letter: its strokes, each of two knots or more.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Skeleton {
    pub(super) weight: u16,
    pub(super) strokes: Vec<Vec<Knot>>,
}

/// The letter in the alphabet, whichever its case.
pub(super) fn find(letter: char) -> Option<&'static Letter> {
    let letter = letter.to_ascii_uppercase();
    a_to_m::LETTERS.iter().chain(&n_to_z::LETTERS).find(|entry| entry.letter == letter)
}

impl Letter {
    /// Its forms, read from their texts.
    pub(super) fn skeletons(&self) -> Vec<Skeleton> {
        let read = |&(weight, text): &(u16, &str)| Skeleton { weight, strokes: strokes(text) };
        self.forms.iter().map(read).collect()
    }
}

fn strokes(text: &str) -> Vec<Vec<Knot>> {
    text.split('/').map(|stroke| stroke.split_whitespace().filter_map(knot).collect()).collect()
}

/// A point; `None` for what is none, of which a test proves that the tables have none.
fn knot(text: &str) -> Option<Knot> {
    let (text, corner) = text.strip_suffix('!').map_or((text, false), |text| (text, true));
    let (x, y) = text.split_once(',')?;
    Some(Knot { x: f32::from(x.parse::<i16>().ok()?), y: f32::from(y.parse::<i16>().ok()?), corner })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_well_formed_strokes() {
        for letter in 'A'..='Z' {
            let entry = find(letter).expect("a letter of the alphabet");
            assert_eq!(entry.letter, letter);
            assert!(entry.forms.len() >= 3, "{letter} has few forms");
            for (weight, text) in entry.forms {
                assert!(*weight > 0);
                let points = text.split(['/', ' ']).filter(|word| !word.is_empty()).count();
                let strokes = strokes(text);
                assert_eq!(strokes.iter().map(Vec::len).sum::<usize>(), points, "{letter}: {text}");
                for stroke in &strokes {
                    assert!(stroke.len() >= 2, "{letter}: a stroke needs two points in {text}");
                    assert!(stroke.iter().all(|knot| (-20.0..=120.0).contains(&knot.x)), "{letter}: {text}");
                    assert!(stroke.iter().all(|knot| (-20.0..=120.0).contains(&knot.y)), "{letter}: {text}");
                }
            }
        }
    }

    #[test]
    fn small_letters_are_the_same_class() {
        assert_eq!(find('q').map(|entry| entry.letter), Some('Q'));
        assert!(find('é').is_none());
    }
}
