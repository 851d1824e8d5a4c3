//! Did you mean …?
//!
//! In: a word nobody knows and the words that are known here. Out: the nearest of them,
//! where it is near enough to be what was meant.
//!
//! Distance counts characters inserted, deleted, replaced, or swapped with a neighbour
//! (optimal string alignment), after lower-casing. A third of the longer word may differ,
//! but one edit always may: any single slip in a word of two letters or more is found.

/// Longer words are nobody's slip; it also bounds the work on hostile text.
const LONGEST: usize = 100;

/// The candidate nearest to `word`, where one is near enough to be what was meant.
///
/// Ties go to the same case, then the same first letter, then the nearer length, then the
/// order of the candidates. `word` itself is never suggested.
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = letters(word)?;
    let lower = letters(&word.to_lowercase())?;
    let mut best = None;
    for candidate in candidates {
        if candidate == word {
            continue;
        }
        let (Some(exact), Some(folded)) = (letters(candidate), letters(&candidate.to_lowercase())) else {
            continue;
        };
        if exact.len() < 2 {
            continue;
        }
        let allowed = (folded.len().max(lower.len()) / 3).max(1);
        if folded.len().abs_diff(lower.len()) > allowed {
            continue;
        }
        let far = distance(&lower, &folded);
        if far > allowed {
            continue;
        }
        let rank = (
            far,
            distance(&written, &exact),
            lower.first() != folded.first(),
            lower.len().abs_diff(folded.len()),
        );
        if best.as_ref().is_none_or(|(least, _)| rank < *least) {
            best = Some((rank, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The characters of a word that is neither empty nor absurdly long.
fn letters(word: &str) -> Option<Vec<char>> {
    if word.is_empty() || word.len() > 4 * LONGEST {
        return None;
    }
    let letters: Vec<char> = word.chars().collect();
    (letters.len() <= LONGEST).then_some(letters)
}

/// Fewest insertions, deletions, replacements and swaps of neighbours from `a` to `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    // Row i holds the distances from a[..i] to every b[..j]; a swap looks two rows back.
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &[&str] = &["relu", "elu", "selu", "sigmoid", "softmax", "epochs", "units", "Tx", "rate"];

    #[test]
    fn every_single_slip_of_every_word_finds_a_word_one_edit_away() {
        let alphabet = ['a', 'e', 'q', '_'];
        for word in WORDS {
            let letters: Vec<char> = word.chars().collect();
            let mut typos: Vec<Vec<char>> = Vec::new();
            for at in 0..=letters.len() {
                for c in alphabet {
                    let mut typo = letters.clone();
                    typo.insert(at, c);
                    typos.push(typo);
                }
                if at < letters.len() {
                    let mut typo = letters.clone();
                    typo.remove(at);
                    typos.push(typo);
                    let mut typo = letters.clone();
                    typo[at] = 'z';
                    typos.push(typo);
                }
                if at + 1 < letters.len() {
                    let mut typo = letters.clone();
                    typo.swap(at, at + 1);
                    typos.push(typo);
                }
            }
            for typo in typos {
                let typo: String = typo.into_iter().collect();
                if WORDS.contains(&typo.as_str()) {
                    continue;
                }
                assert_eq!(suggest(&typo, [*word]), Some(*word), "{typo} for {word}");
                let among = suggest(&typo, WORDS.iter().copied()).expect("one is an edit away");
                let (typo, among): (Vec<char>, Vec<char>) =
                    (typo.to_lowercase().chars().collect(), among.to_lowercase().chars().collect());
                assert!(distance(&typo, &among) <= 1, "{typo:?} gave {among:?}");
            }
        }
    }

    #[test]
    fn case_counts_for_nothing_until_there_is_a_tie() {
        assert_eq!(suggest("ReLU", WORDS.iter().copied()), Some("relu"));
        assert_eq!(suggest("RELUU", ["RELU", "relu"]), Some("RELU"));
        assert_eq!(suggest("reluu", ["RELU", "relu"]), Some("relu"));
    }

    #[test]
    fn ties_go_to_the_same_first_letter_then_length_then_order() {
        assert_eq!(suggest("bat", ["cat", "bet"]), Some("bet"));
        assert_eq!(suggest("bat", ["bats", "bet"]), Some("bet"));
        assert_eq!(suggest("bat", ["bit", "bet"]), Some("bit"));
    }

    #[test]
    fn far_words_and_the_word_itself_are_not_suggested() {
        assert_eq!(suggest("dense", ["dropout", "dense", "softmax"]), None);
        assert_eq!(suggest("", ["ab"]), None);
        assert_eq!(suggest("x", ["y"]), None);
        assert_eq!(suggest(&"a".repeat(100_000), ["a", &"a".repeat(99_999)]), None);
    }

    #[test]
    fn two_slips_are_forgiven_in_longer_words() {
        assert_eq!(suggest("soft_mx", WORDS.iter().copied()), Some("softmax"));
        assert_eq!(suggest("epcohss", WORDS.iter().copied()), Some("epochs"));
    }
}
