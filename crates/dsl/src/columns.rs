//! The rows of a body in columns.
//!
//! In: statements in the order of the text. Out: for each, what stands before the part that
//! varies in length, padded so that neighbours line up: the `=` of settings, the names after
//! `input`, `target`, `loss` and `metric`, the layers after `label:`, the weights after `*`.
//!
//! Rows line up with their neighbours of the same kind; a blank line or another kind of
//! statement between them ends that. Comments between them do not.

use crate::grammar::Rule;
use crate::phrase::flat;
use crate::text::Text;
use crate::token::Kind;

/// A statement to be written.
pub(crate) struct Row {
    /// What it is.
    pub(crate) rule: Rule,
    /// Its tokens and the comments among them.
    pub(crate) tokens: Vec<usize>,
    /// A blank line stands before it.
    pub(crate) blank_before: bool,
}

/// How a row begins.
#[derive(Default)]
pub(crate) struct Lead {
    /// What stands first, padded, with the blank after it.
    pub(crate) text: String,
    /// So many of the row's tokens are said by `text`.
    pub(crate) said: usize,
    /// Where the weight of a loss begins: position in the row's tokens, and its column
    /// counted from the end of `text`.
    pub(crate) weight: Option<(usize, usize)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kinship {
    Setting,
    Declaration,
    Labelled,
    Alone,
}

/// The beginnings of all rows.
pub(crate) fn leads(text: &Text<'_>, rows: &[Row]) -> Vec<Lead> {
    let mut leads = Vec::new();
    while leads.len() < rows.len() {
        let rest = &rows[leads.len()..];
        let kin = kinship(text, &rest[0]);
        let is_kin = |row: &Row| kin != Kinship::Alone && !row.blank_before && kinship(text, row) == kin;
        let run = 1 + rest[1..].iter().take_while(|row| is_kin(row)).count();
        let run = &rest[..run];
        match kin {
            Kinship::Setting => leads.extend(padded(text, run, &[1])),
            Kinship::Labelled => leads.extend(padded(text, run, &[2])),
            Kinship::Declaration => {
                let first = leads.len();
                leads.extend(padded(text, run, &[1, 2]));
                weights(text, run, &mut leads[first..]);
            }
            Kinship::Alone => leads.push(Lead::default()),
        }
    }
    leads
}

fn kinship(text: &Text<'_>, row: &Row) -> Kinship {
    let kind = |i: usize| row.tokens.get(i).map(|t| text.tokens[*t].kind);
    let is_plain = |said: usize| (0..said).all(|i| kind(i) != Some(Kind::Comment));
    match row.rule {
        Rule::setting if is_plain(1) => Kinship::Setting,
        Rule::input | Rule::target | Rule::loss | Rule::metric if is_plain(3) => Kinship::Declaration,
        Rule::layers if kind(1) == Some(Kind::Colon) => Kinship::Labelled,
        _ => Kinship::Alone,
    }
}

/// Rows that begin with the same cells, of so many tokens each.
fn padded(text: &Text<'_>, rows: &[Row], cells: &[usize]) -> Vec<Lead> {
    let said: usize = cells.iter().sum();
    let mut leads: Vec<Lead> = rows.iter().map(|_| Lead { said, ..Lead::default() }).collect();
    let mut from = 0;
    for length in cells {
        let words: Vec<String> =
            rows.iter().map(|row| flat(text, &row.tokens[from..from + length])).collect();
        let width = words.iter().map(|w| w.chars().count()).max().unwrap_or(0);
        for (lead, word) in leads.iter_mut().zip(&words) {
            lead.text.push_str(&format!("{word:width$} "));
        }
        from += length;
    }
    leads
}

/// The columns of the weights: two blanks after the longest loss, one where there is only one.
fn weights(text: &Text<'_>, rows: &[Row], leads: &mut [Lead]) {
    let mut depth = 0_usize;
    let mut star_of = |row: &Row| {
        row.tokens.iter().position(|t| {
            let kind = text.tokens[*t].kind;
            depth = if kind.opens() { depth + 1 } else { depth - usize::from(kind.closes()).min(depth) };
            depth == 0 && kind == Kind::Star
        })
    };
    let stars: Vec<Option<usize>> =
        rows.iter().map(|row| if row.rule == Rule::loss { star_of(row) } else { None }).collect();
    let length =
        |row: &Row, lead: &Lead, star: usize| flat(text, &row.tokens[lead.said..star]).chars().count();
    let weighted = rows.iter().zip(leads.iter()).zip(&stars);
    let widths: Vec<usize> =
        weighted.filter_map(|((row, lead), star)| star.map(|star| length(row, lead, star))).collect();
    let gap = if widths.len() > 1 { 2 } else { 1 };
    let column = widths.into_iter().max().unwrap_or(0) + gap;
    for (lead, star) in leads.iter_mut().zip(stars) {
        lead.weight = star.map(|star| (star, column));
    }
}
