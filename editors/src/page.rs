//! A page that shows a text as several grammars see it, side by side.

use crate::Pieces;
use kiln_dsl::Class;

/// Colours of a light theme.
fn color(class: Class) -> &'static str {
    match class {
        Class::Comment => "#6a737d",
        Class::Keyword => "#d73a49",
        Class::Text => "#032f62",
        Class::Number | Class::Truth => "#005cc5",
        Class::Callee => "#6f42c1",
        Class::Definition => "#22863a",
        Class::Label => "#b08800",
        Class::Key => "#e36209",
        Class::Name => "#24292e",
    }
}

pub(crate) fn page(text: &str, columns: &[(&str, Pieces)]) -> String {
    let mut page = String::from("<!doctype html><meta charset=utf-8><body style='display:flex;gap:2em'>");
    for (name, pieces) in columns {
        page.push_str(&format!("<div><h3>{name}</h3><pre>"));
        let mut last = None;
        for (at, c) in text.char_indices() {
            let class = pieces.iter().rfind(|(piece, _)| piece.contains(&at)).map(|(_, class)| *class);
            if class != last {
                page.push_str(if last.is_some() { "</span>" } else { "" });
                page.push_str(&class.map_or(String::new(), |c| format!("<span style='color:{}'>", color(c))));
                last = class;
            }
            match c {
                '<' => page.push_str("&lt;"),
                '&' => page.push_str("&amp;"),
                _ => page.push(c),
            }
        }
        page.push_str(if last.is_some() { "</span>" } else { "" });
        page.push_str("</pre></div>");
    }
    page
}
