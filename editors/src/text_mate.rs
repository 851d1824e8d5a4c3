//! The TextMate grammar, run with the semantics of VS Code's engine.
//!
//! The engine tells colours, not scopes; so it is given a theme with a colour for each scope.

use crate::{Pieces, specs};
use giallo::{HighlightOptions, Registry, ThemeVariant};
use kiln_dsl::Class;
use std::fmt::Write;

/// Scopes, and what they stand for.
const SCOPES: &[(&str, Option<Class>)] = &[
    ("comment.line.double-slash", Some(Class::Comment)),
    ("keyword.other", Some(Class::Keyword)),
    ("string.quoted.double", Some(Class::Text)),
    ("constant.character.escape", Some(Class::Text)),
    ("constant.numeric", Some(Class::Number)),
    ("constant.language", Some(Class::Truth)),
    ("entity.name.function", Some(Class::Callee)),
    ("entity.name.type", Some(Class::Definition)),
    ("entity.name.label", Some(Class::Label)),
    ("variable.parameter", Some(Class::Key)),
    ("variable.other", Some(Class::Name)),
    ("keyword.operator", None),
    ("punctuation", None),
];

pub(crate) struct Grammar {
    registry: Registry,
}

impl Grammar {
    pub(crate) fn new() -> Grammar {
        let folder = tempfile::tempdir().expect("a folder");
        let theme = folder.path().join("classes.json");
        std::fs::write(&theme, self::theme()).expect("a theme");
        let mut registry = Registry::default();
        let grammar = specs::root().join("editors/vscode/syntaxes/kiln.tmLanguage.json");
        registry.add_grammar_from_path(grammar).expect("a grammar");
        registry.add_theme_from_path(theme).expect("a theme");
        registry.link_grammars();
        Grammar { registry }
    }

    pub(crate) fn pieces(&self, text: &str) -> Pieces {
        let options = HighlightOptions::new("kiln", ThemeVariant::Single("classes"));
        let options = options.merge_whitespace(false).merge_same_style_tokens(false);
        let lines = self.registry.highlight(text, &options).expect("highlighted").tokens;
        let mut pieces = Vec::new();
        let mut at = 0;
        for line in lines {
            for token in line {
                let range = at..at + token.text.len();
                at = range.end;
                if let Some(class) = class(&token.style) {
                    pieces.push((range, class));
                }
            }
            at += 1;
        }
        pieces
    }
}

/// The colour that stands for a scope.
fn color(index: usize) -> String {
    format!("#0000{:02X}", index + 1)
}

fn theme() -> String {
    let mut rules = String::new();
    for (index, (scope, _)) in SCOPES.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let color = color(index);
        let _ = write!(rules, r#"{comma}{{"scope":"{scope}","settings":{{"foreground":"{color}"}}}}"#);
    }
    format!(
        r##"{{"name":"classes","type":"dark","colors":{{"editor.foreground":"#FFFFFF","editor.background":"#000000"}},"tokenColors":[{rules}]}}"##
    )
}

fn class(style: &ThemeVariant<giallo::Style>) -> Option<Class> {
    let ThemeVariant::Single(style) = style else { panic!("one theme") };
    let color = style.foreground.as_hex().to_uppercase();
    let index = (0..SCOPES.len()).find(|index| color.starts_with(&self::color(*index)))?;
    SCOPES[index].1
}
