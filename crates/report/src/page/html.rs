//! A document as one HTML file: styles and figures within, no script, nothing from outside.

use super::document::{Block, Cell, Document, Kind, Named, Table};
use super::highlight::spans;
use crate::plots::figure::{self, escape};
use std::fmt::Write;

/// The page's own style; the figures' follows it.
const STYLE: &str = include_str!("style.css");

/// The whole page.
pub(super) fn html(document: &Document) -> String {
    let title = escape(&document.title);
    let [light, dark] = figure::variables();
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n\
         :root{{{light}}}\n@media (prefers-color-scheme: dark){{:root{{{dark}}}}}\n@media print{{:root{{{light}}}}}\n\
         {STYLE}{}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        figure::style()
    );
    write_contents(&mut page, document);
    for block in &document.blocks {
        write_block(&mut page, block);
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn write_contents(page: &mut String, document: &Document) {
    page.push_str("<nav aria-label=\"Contents\">\n<ul>\n");
    let mut inner = false;
    let mut open = false;
    for (level, id, text) in document.contents() {
        let link = format!("<a href=\"#{}\">{}</a>", escape(id), escape(text));
        if level == 2 {
            page.push_str(if inner {
                "</ul></li>\n"
            } else if open {
                "</li>\n"
            } else {
                ""
            });
            let _ = write!(page, "<li>{link}");
            (open, inner) = (true, false);
        } else if open {
            page.push_str(if inner { "" } else { "\n<ul>\n" });
            let _ = writeln!(page, "<li>{link}</li>");
            inner = true;
        }
    }
    page.push_str(if inner {
        "</ul></li>\n"
    } else if open {
        "</li>\n"
    } else {
        "<li>nothing yet</li>\n"
    });
    page.push_str("</ul>\n</nav>\n");
}

fn write_block(page: &mut String, block: &Block) {
    match block {
        Block::Heading { level, id, text } => {
            let _ = writeln!(page, "<h{level} id=\"{}\">{}</h{level}>", escape(id), escape(text));
        }
        Block::Text(text) => {
            let _ = writeln!(page, "<p>{}</p>", escape(text));
        }
        Block::Warning(text) => {
            let _ = writeln!(page, "<p class=\"warning\">{}</p>", escape(text).replace('\n', "<br>"));
        }
        Block::Table(table) => write_table(page, table),
        Block::Preformatted { kind, text, folded } => {
            if let Some(words) = folded {
                let class = if *kind == Kind::Numbers { " class=\"numbers\"" } else { "" };
                let _ = writeln!(page, "<details{class}><summary>{}</summary>", escape(words));
            }
            let _ = writeln!(page, "<pre tabindex=\"0\">{}</pre>", preformatted(*kind, text));
            page.push_str(if folded.is_some() { "</details>\n" } else { "" });
        }
        Block::Figures(figures) => {
            page.push_str("<div class=\"figures\">\n");
            for named in figures {
                write_figure(page, named);
            }
            page.push_str("</div>\n");
        }
    }
}

fn write_figure(page: &mut String, named: &Named) {
    // Its words are no wider than it is.
    let _ = writeln!(page, "<figure style=\"width:{}px\">", named.figure.size[0]);
    page.push_str(&named.figure.to_inline(&format!("plot-{}", named.name)));
    if !named.caption.is_empty() {
        let _ = writeln!(page, "<figcaption>{}</figcaption>", escape(&named.caption));
    }
    page.push_str("</figure>\n");
}

fn write_table(page: &mut String, table: &Table) {
    page.push_str("<div class=\"table\"><table>\n");
    let class = |column: usize| if column >= table.numbers_from { " class=\"number\"" } else { "" };
    if !table.header.is_empty() {
        page.push_str("<thead><tr>");
        for (column, head) in table.header.iter().enumerate() {
            let _ = write!(page, "<th scope=\"col\"{}>{}</th>", class(column), escape(head));
        }
        page.push_str("</tr></thead>\n");
    }
    page.push_str("<tbody>\n");
    for row in &table.rows {
        page.push_str("<tr>");
        for (column, Cell { text, link }) in row.iter().enumerate() {
            let text = escape(text);
            let text = match link {
                Some(id) => format!("<a href=\"#{}\">{text}</a>", escape(id)),
                None => text,
            };
            let _ = write!(page, "<td{}>{text}</td>", class(column));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n");
}

fn preformatted(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Plain | Kind::Numbers => escape(text),
        Kind::Spec => spans(text)
            .into_iter()
            .map(|(class, part)| match class {
                None => escape(part),
                Some(class) => format!("<span class=\"{}\">{}</span>", class.name(), escape(part)),
            })
            .collect(),
        Kind::Difference => {
            let line = |line: &str| match line.chars().next() {
                Some('+') => format!("<ins>{}</ins>\n", escape(line)),
                Some('-') => format!("<del>{}</del>\n", escape(line)),
                _ => format!("{}\n", escape(line)),
            };
            text.lines().map(line).collect()
        }
    }
}
