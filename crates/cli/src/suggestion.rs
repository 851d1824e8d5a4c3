//! Mistakes of the command line that clap cannot know: a spec where a verb belongs.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::path::Path;

/// `kiln specs/exp11.model`: the verb was forgotten.
pub(crate) fn forgotten_verb(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    let is_spec = word.ends_with(".model") || Path::new(word).exists();
    is_spec.then(|| {
        format!(
            "error: `{word}` is no verb; say what to do with it\n\n  kiln check {word}\n  kiln train {word}\n\n\
             `kiln --help` lists the verbs"
        )
    })
}
