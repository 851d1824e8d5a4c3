//! Diagnostics as SARIF 2.1.0, the form in which code hosts and editors take findings.
//!
//! In: [`Finding`]s of any number of specs. Out: one log with one run: every rule with its page, and a
//! result for each finding, its hints in the message, its other places as related locations, its
//! suggestions as fixes. Columns count characters (`unicodeCodePoints`).
//!
//! Not here: resolving places ([`crate::json`]).

use crate::code::Code;
use crate::json::{Finding, Place};
use serde_json::{Value, json};

/// The schema that the log follows.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The findings as one log, as text with a newline at its end; `version` is that of the program.
pub fn to_sarif(findings: &[Finding], version: &str) -> String {
    let rules: Vec<Value> = Code::ALL.iter().map(|code| rule(*code)).collect();
    let results: Vec<Value> = findings.iter().map(result).collect();
    let driver = json!({ "name": "kiln", "version": version, "rules": rules });
    let run = json!({
        "tool": { "driver": driver },
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    let log = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
    format!("{log:#}\n")
}

/// A rule's metadata, from its page.
fn rule(code: Code) -> Value {
    let (title, text) = code.page().split_once('\n').unwrap_or((code.page(), ""));
    let title = title.split_once(": ").map_or(title, |(_, title)| title);
    let first = text.trim_start().split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let level = if code.as_str().starts_with('W') { "warning" } else { "error" };
    json!({
        "id": code.as_str(),
        "name": format!("{code:?}"),
        "shortDescription": { "text": title },
        "fullDescription": { "text": first },
        "help": { "text": text.trim(), "markdown": text.trim() },
        "defaultConfiguration": { "level": level },
    })
}

fn result(finding: &Finding) -> Value {
    let index = Code::ALL.iter().position(|code| code.as_str() == finding.code);
    let hints: String = finding.hints.iter().map(|hint| format!("\n{hint}")).collect();
    let related: Vec<Value> =
        finding.labels.iter().filter(|l| !l.primary).map(|l| location(&l.place, Some(&l.text))).collect();
    let fixes: Vec<Value> = finding
        .suggestions
        .iter()
        .map(|edit| {
            let replacement = json!({
                "deletedRegion": region(&edit.place),
                "insertedContent": { "text": edit.replacement },
            });
            let change =
                json!({ "artifactLocation": artifact(&edit.place.file), "replacements": [replacement] });
            json!({ "description": { "text": edit.title }, "artifactChanges": [change] })
        })
        .collect();
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity,
        "message": { "text": format!("{}{hints}", finding.message) },
        "locations": finding.place.iter().map(|place| location(place, None)).collect::<Vec<_>>(),
    });
    for (key, list) in [("relatedLocations", related), ("fixes", fixes)] {
        if !list.is_empty() {
            result[key] = Value::Array(list);
        }
    }
    result
}

fn location(place: &Place, text: Option<&str>) -> Value {
    let mut location =
        json!({ "physicalLocation": { "artifactLocation": artifact(&place.file), "region": region(place) } });
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        location["message"] = json!({ "text": text });
    }
    location
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

/// A file by its path as it was given; what no URI may hold is written as `%XX`.
fn artifact(file: &str) -> Value {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let uri: String = file
        .bytes()
        .map(|b| if is_plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    json!({ "uri": uri })
}
