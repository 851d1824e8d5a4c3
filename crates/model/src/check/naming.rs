//! Automatic names of layers without a label, as Keras gives them: `dense`, `dense_1`, …
//!
//! One rule more: counting goes on from the last label of the same form, so that after
//! `dense_77: dense(512)` comes `dense_78`.

use std::collections::BTreeMap;

/// Counts per kind of layer.
#[derive(Debug, Default)]
pub(crate) struct Naming {
    last: BTreeMap<String, u32>,
}

impl Naming {
    /// Takes note of a label.
    pub(crate) fn label(&mut self, label: &str, kind: &str) {
        let kind = snake_case(kind);
        let number = match label.strip_prefix(kind.as_str()) {
            Some("") => Some(0),
            Some(rest) => rest.strip_prefix('_').and_then(|n| n.parse().ok()),
            None => None,
        };
        if let Some(number) = number {
            self.last.insert(kind, number);
        }
    }

    /// The next name for a layer of this kind that is not `taken`.
    pub(crate) fn next(&mut self, kind: &str, taken: impl Fn(&str) -> bool) -> String {
        let kind = snake_case(kind);
        loop {
            let number = self.last.get(&kind).map_or(0, |n| n.saturating_add(1));
            self.last.insert(kind.clone(), number);
            let name = if number == 0 { kind.clone() } else { format!("{kind}_{number}") };
            if !taken(&name) || number == u32::MAX {
                return name;
            }
        }
    }
}

/// `BatchNormalization` is `batch_normalization`.
fn snake_case(kind: &str) -> String {
    let mut out = String::new();
    for (i, c) in kind.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Naming;

    #[test]
    fn names_count_on_from_the_last_label() {
        let mut n = Naming::default();
        assert_eq!(n.next("Dense", |_| false), "dense");
        assert_eq!(n.next("Dense", |_| false), "dense_1");
        n.label("dense_77", "Dense");
        n.label("encoder", "Dense");
        assert_eq!(n.next("Dense", |name| name == "dense_78"), "dense_79");
        assert_eq!(n.next("BatchNormalization", |_| false), "batch_normalization");
    }
}
