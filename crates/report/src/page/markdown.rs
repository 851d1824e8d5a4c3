//! A document as Markdown (GitHub's dialect), with its figures as files in `plots/`.

use super::document::{Block, Cell, Document, Kind, Table};
use std::fmt::Write;

/// The whole text; figures are referred to as `plots/<name>.svg`.
pub(super) fn markdown(document: &Document) -> String {
    let mut text = format!("# {}\n\n", escape(&document.title));
    for (level, id, words) in document.contents() {
        let indent = if level == 2 { "" } else { "  " };
        let _ = writeln!(text, "{indent}- [{}](#{id})", escape(words));
    }
    text.push('\n');
    for block in &document.blocks {
        write_block(&mut text, block);
    }
    text
}

fn write_block(text: &mut String, block: &Block) {
    match block {
        Block::Heading { level, id, text: words } => {
            // A heading's own anchor depends on who renders it.
            let _ = writeln!(
                text,
                "<a id=\"{id}\"></a>\n\n{} {}\n",
                "#".repeat(usize::from(*level)),
                escape(words)
            );
        }
        Block::Text(words) => {
            let _ = writeln!(text, "{}\n", escape(words));
        }
        Block::Warning(words) => {
            let lines: Vec<String> = words.lines().map(|line| format!("> {}", escape(line))).collect();
            let _ = writeln!(text, "> **Warning**\n>\n{}\n", lines.join("  \n"));
        }
        Block::Table(table) => write_table(text, table),
        Block::Preformatted { kind, text: content, folded } => {
            if let Some(words) = folded {
                let _ = writeln!(text, "<details><summary>{}</summary>\n", escape(words));
            }
            let language = match kind {
                Kind::Plain | Kind::Numbers | Kind::Spec => "",
                Kind::Difference => "diff",
            };
            let fence = fence(content);
            let _ = writeln!(text, "{fence}{language}\n{}\n{fence}\n", content.trim_end_matches('\n'));
            text.push_str(if folded.is_some() { "</details>\n\n" } else { "" });
        }
        Block::Figures(figures) => {
            for named in figures {
                let _ = writeln!(text, "![{}](plots/{}.svg)\n", escape(&named.figure.title), named.name);
                if !named.caption.is_empty() {
                    let _ = writeln!(text, "{}\n", escape(&named.caption));
                }
            }
        }
    }
}

fn write_table(text: &mut String, table: &Table) {
    let columns = table.header.len().max(table.rows.iter().map(Vec::len).max().unwrap_or(0));
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let header = (0..columns).map(|c| escape(table.header.get(c).map_or("", String::as_str))).collect();
    text.push_str(&row(header));
    text.push_str(&row((0..columns)
        .map(|c| if c >= table.numbers_from { "--:" } else { "---" }.to_owned())
        .collect()));
    for cells in &table.rows {
        let cell = |Cell { text, link }: &Cell| match link {
            Some(id) => format!("[{}](#{id})", escape(text)),
            None => escape(text),
        };
        text.push_str(&row(cells.iter().map(cell).collect()));
    }
    text.push('\n');
}

/// More backticks than the text has in a row.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// `text` with the characters that Markdown would take for markup written out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' | '\r' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
