//! The pages of all codes as one Markdown page, for people who read before they err.
//!
//! In: the catalogue. Out: an index, then a section a code, each what `kiln explain CODE` shows.

use crate::code::Code;

/// The whole page; the same text for the same catalogue.
pub fn markdown() -> String {
    let mut text = String::from(
        "<!-- Written by `cargo xtask docs` from crates/diag/src/pages: change it there. -->\n\n# Messages\n\n\
         Every message of `kiln check` has a code. `kiln explain CODE` shows its section in a terminal. Codes that \
         begin with E are mistakes, those with W warnings: the spec runs.\n\n| | |\n|---|---|\n",
    );
    for &code in Code::ALL {
        text.push_str(&format!("| [{code}](#{}) | {} |\n", code.as_str().to_lowercase(), title(code)));
    }
    for &code in Code::ALL {
        let body = code.page().split_once('\n').map_or("", |(_, body)| body);
        text.push_str(&format!("\n## {code}\n\n**{}**\n\n{}\n", title(code), body.trim()));
    }
    text
}

/// What the first line of a code's page says after the code.
fn title(code: Code) -> &'static str {
    let line = code.page().lines().next().unwrap_or_default();
    line.split_once(": ").map_or(line, |(_, title)| title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_section_and_a_line_of_the_index() {
        let text = markdown();
        for &code in Code::ALL {
            let anchor = code.as_str().to_lowercase();
            assert!(text.contains(&format!("| [{code}](#{anchor}) | {}", title(code))), "{code}");
            assert!(text.contains(&format!("\n## {code}\n\n**{}**\n", title(code))), "{code}");
        }
        assert!(!text.contains("\n# E"), "a page kept its heading");
    }
}
