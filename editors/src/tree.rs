//! The tree-sitter grammar: `parser.c`, compiled where the tests run, and its highlight queries.

use crate::{Pieces, specs};
use kiln_dsl::Class;
use tree_sitter::{Language, Node, Parser, Query, QueryCursor, StreamingIterator};
use tree_sitter_loader::{CompileConfig, Loader};

pub(crate) struct Grammar {
    language: Language,
    query: Query,
    // The compiled parser lies here.
    _folder: tempfile::TempDir,
}

impl Grammar {
    pub(crate) fn new() -> Grammar {
        let folder = tempfile::tempdir().expect("a folder");
        let own = specs::root().join("editors/tree-sitter-kiln");
        let loader = Loader::with_parser_lib_path(folder.path().to_path_buf());
        let source = own.join("src");
        let language = loader.load_language_at_path(CompileConfig::new(&source, None, None));
        let language = language.expect("parser.c compiles: is there a C compiler?");
        let queries = std::fs::read_to_string(own.join("queries/highlights.scm")).expect("queries");
        let query = Query::new(&language, &queries).expect("queries that fit the grammar");
        Grammar { language, query, _folder: folder }
    }

    fn parse(&self, text: &str) -> tree_sitter::Tree {
        let mut parser = Parser::new();
        parser.set_language(&self.language).expect("a parser of this version");
        parser.parse(text, None).expect("a tree")
    }

    /// Where the first mistake is, if there is one.
    pub(crate) fn mistake(&self, text: &str) -> Option<String> {
        let tree = self.parse(text);
        tree.root_node().has_error().then(|| first_error(tree.root_node()))
    }

    /// The tree as the corpus writes it, on one line and without the names of fields.
    pub(crate) fn shape(&self, text: &str) -> String {
        let tree = self.parse(text).root_node().to_sexp();
        tree.split(' ').filter(|word| !word.ends_with(':')).collect::<Vec<_>>().join(" ")
    }

    /// What the queries capture, later patterns over earlier ones.
    pub(crate) fn pieces(&self, text: &str) -> Pieces {
        let tree = self.parse(text);
        let mut cursor = QueryCursor::new();
        let mut captured = Vec::new();
        let mut captures = cursor.captures(&self.query, tree.root_node(), text.as_bytes());
        while let Some((found, index)) = captures.next() {
            let capture = found.captures()[*index];
            let name = self.query.capture_names()[capture.index as usize];
            if let Some(class) = class(name) {
                captured.push((found.pattern_index, (capture.node.byte_range(), class)));
            }
        }
        captured.sort_by_key(|(pattern, _)| *pattern);
        captured.into_iter().map(|(_, piece)| piece).collect()
    }
}

fn class(capture: &str) -> Option<Class> {
    Some(match capture {
        "comment" => Class::Comment,
        "keyword" => Class::Keyword,
        "string" | "string.escape" => Class::Text,
        "number" => Class::Number,
        "boolean" => Class::Truth,
        "function" => Class::Callee,
        "type" => Class::Definition,
        "label" => Class::Label,
        "property" => Class::Key,
        "variable" => Class::Name,
        "operator" | "punctuation.bracket" | "punctuation.delimiter" => return None,
        other => panic!("the queries capture `{other}`, which the tests do not know"),
    })
}

fn first_error(node: Node<'_>) -> String {
    let mut cursor = node.walk();
    let inner = node.children(&mut cursor).find(|child| child.has_error());
    match inner {
        Some(inner) if !node.is_error() => first_error(inner),
        _ => format!("line {}: {}", node.start_position().row + 1, node.to_sexp()),
    }
}
