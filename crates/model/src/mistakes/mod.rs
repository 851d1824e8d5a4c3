//! What a user can get wrong, one constructor each: what, where, what it clashes with, what to type.
//!
//! Codes and their pages are in `kiln_diag::code`. Not here: finding the mistakes ([`crate::check()`]).

pub(crate) mod arguments;
pub(crate) mod data;
pub(crate) mod files;
pub(crate) mod heads;
pub(crate) mod names;
pub(crate) mod report;
pub(crate) mod shapes;
pub(crate) mod train;
pub(crate) mod warnings;

use kiln_diag::{Diagnostic, Span, suggest};

/// A layer, item or block where it is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Called<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Span,
}

/// Adds what was meant by a word that nobody knows.
pub(crate) trait Guess: Sized {
    /// "did you mean `x`?", which replaces the word at `span`; or the names there are, where none is near
    /// and they are few.
    fn guess<'a>(self, word: &str, span: Span, names: impl IntoIterator<Item = &'a str>) -> Self;
}

impl Guess for Diagnostic {
    fn guess<'a>(self, word: &str, span: Span, names: impl IntoIterator<Item = &'a str>) -> Diagnostic {
        let names: Vec<&str> = names.into_iter().collect();
        let hinted = self.hint_opt(did_you_mean(word, names.iter().copied()));
        match nearest(word, &names) {
            Some(near) => hinted.suggest(span, near),
            None => hinted,
        }
    }
}

/// The name that a word is surely meant to be.
fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let elsewhere = || synonym(word).and_then(|s| names.iter().copied().find(|name| *name == s));
    suggest(word, names.iter().copied()).or_else(elsewhere)
}

/// "did you mean `x`?", or the names there are where none is near and they are few.
pub(crate) fn did_you_mean<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.into_iter().collect();
    match nearest(word, &names) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if (1..=12).contains(&names.len()) => Some(there_is(&names)),
        None => None,
    }
}

/// True where `word`, which is not known, is surely meant to be `name`.
pub(crate) fn is_meant(word: &str, name: &str) -> bool {
    suggest(word, [name]).is_some() || synonym(word) == Some(name)
}

/// "there is `a`", "there are `a` and `b`"
pub(crate) fn there_is(names: &[&str]) -> String {
    format!("there {} {}", if names.len() == 1 { "is" } else { "are" }, quoted(names))
}

/// Adds what a word for yes or no is written as.
pub(crate) fn as_truth(d: Diagnostic, word: &str, span: Span) -> Diagnostic {
    let truth = match word.to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" => "true",
        "no" | "off" | "false" | "none" => "false",
        _ => return d,
    };
    d.hint(format!("write `{truth}`")).suggest(span, truth)
}

/// What other frameworks call things.
fn synonym(word: &str) -> Option<&'static str> {
    let word: String = word.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    Some(match word.as_str() {
        "learningrate" | "lr" => "rate",
        "batchsize" => "batch",
        "nepochs" | "numepochs" => "epochs",
        "randomstate" | "randomseed" => "seed",
        "validationsplit" | "validationdata" => "validation",
        "linear" | "fc" | "fullyconnected" => "dense",
        "batchnormalization" | "batchnorm1d" | "bn" => "batch_norm",
        "layernormalization" => "layer_norm",
        "concatenate" | "cat" => "concat",
        "categoricalcrossentropy" | "sparsecategoricalcrossentropy" | "crossentropyloss" | "nll" => {
            "cross_entropy"
        }
        "binarycrossentropy" | "bce" | "bceloss" => "binary_cross_entropy",
        "meansquarederror" | "mseloss" | "l2loss" => "mse",
        "meanabsoluteerror" | "l1loss" => "mae",
        "swish" => "silu",
        "leakyrelu" | "lrelu" => "leaky_relu",
        "xavieruniform" | "xavier" => "glorot_uniform",
        "xaviernormal" => "glorot_normal",
        "kaiminguniform" => "he_uniform",
        "kaimingnormal" => "he_normal",
        "kernelinit" | "init" => "kernel_initializer",
        "biasinit" => "bias_initializer",
        "bias" => "use_bias",
        "clipnorm" => "clip_norm",
        "clipvalue" => "clip_value",
        "globalclipnorm" => "global_clip_norm",
        "beta1" => "beta_1",
        "beta2" => "beta_2",
        "eps" => "epsilon",
        "p" | "prob" | "probability" => "rate",
        "restorebestweights" => "restore_best",
        "reducelronplateau" => "reduce_on_plateau",
        "kernelregularizer" | "weightdecay" => "l2",
        "exponentialdecay" => "exponential",
        "cosinedecay" | "cosineannealing" => "cosine",
        "acc" => "accuracy",
        "topkcategoricalaccuracy" => "top_k",
        _ => return None,
    })
}

/// `a`, `b` and `c`
pub(crate) fn quoted(names: &[&str]) -> String {
    let quoted = each_quoted(names);
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "nothing".into(),
    }
}

/// Each in backticks.
pub(crate) fn each_quoted<T: std::fmt::Display>(names: &[T]) -> Vec<String> {
    names.iter().map(|n| format!("`{n}`")).collect()
}

/// `a`, `an`
pub(crate) fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// `[28, 28]`
pub(crate) fn extents(dims: &[u32]) -> String {
    format!("{dims:?}")
}
