//! An item's two lines in the registry of its folder.
//!
//! In: the text of a `mod.rs` that declares its modules one a line and lists its items in the first
//! `[ … ]` of a function `all`. Out: the same with one more. Layout is rustfmt's business.

use anyhow::{Context, Result, bail};

/// The registry with the item `name::Type` in it, last in the list.
///
/// # Errors
/// Where the text has no module, no list, or has the name already.
pub(super) fn register(text: &str, name: &str, type_name: &str) -> Result<String> {
    let declaration = format!("mod {name};");
    if text.lines().any(|line| line.trim() == declaration) {
        bail!("it declares `{name}` already");
    }
    let text = declare(text, name, &declaration)?;
    let body = text.find("fn all(").context("it has no function `all`")?;
    let open = body + text[body..].find('{').context("`all` has no body")?;
    let list = open + text[open..].find('[').context("`all` has no list")? + 1;
    let end = list + text[list..].find(']').context("the list of `all` has no end")?;
    let separator =
        if text[list..end].trim_end().ends_with(',') || text[list..end].trim().is_empty() { "" } else { "," };
    let items = text[..end].trim_end();
    Ok(format!("{items}{separator} &{name}::{type_name}{}", &text[end..]))
}

/// With the declaration, before the first one that comes later in the alphabet.
fn declare(text: &str, name: &str, declaration: &str) -> Result<String> {
    let module =
        |line: &str| line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')).map(str::to_owned);
    let lines: Vec<&str> = text.lines().collect();
    let declared = |(at, line): (usize, &&str)| module(line).map(|module| (at, module));
    let modules: Vec<(usize, String)> = lines.iter().enumerate().filter_map(declared).collect();
    let (last, _) = modules.last().context("it declares no module")?;
    let at = modules.iter().find(|(_, module)| module.as_str() > name).map_or(last + 1, |(at, _)| *at);
    let mut lines = lines;
    lines.insert(at, declaration);
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
//! Items.

mod adam;
mod sgd;

pub fn all() -> &'static [&'static dyn Optimizer] {
    &[&sgd::Sgd, &adam::Adam]
}
";

    #[test]
    fn a_new_item_is_declared_in_order_and_listed_last() {
        let text = register(TEXT, "lion", "Lion").expect("a registry");
        assert!(text.contains("mod adam;\nmod lion;\nmod sgd;\n"), "{text}");
        assert!(text.contains("&[&sgd::Sgd, &adam::Adam, &lion::Lion]\n}\n"), "{text}");
        let text = register(&text, "yogi", "Yogi").expect("a registry");
        assert!(text.contains("mod sgd;\nmod yogi;\n\n"), "{text}");
    }

    #[test]
    fn a_list_over_several_lines_keeps_its_commas() {
        let text = TEXT.replace("&[&sgd::Sgd, &adam::Adam]", "&[\n        &sgd::Sgd,\n    ]");
        let text = register(&text, "lion", "Lion").expect("a registry");
        assert!(text.contains("&sgd::Sgd, &lion::Lion]"), "{text}");
    }

    #[test]
    fn what_is_no_registry_is_refused() {
        assert!(register(TEXT, "sgd", "Sgd").is_err());
        assert!(register("//! Nothing.\n", "sgd", "Sgd").is_err());
        assert!(register("mod a;\nfn all() {}\n", "sgd", "Sgd").is_err());
    }
}
