//! Places in the protocol's words.

use crate::completion::CompletionKind;
use crate::lines::{LineColumn, Lines};
use crate::symbols::SymbolKind;
use gen_lsp_types as lsp;
use std::ops::Range;

/// A range of bytes as lines and columns.
pub(super) fn range(lines: &Lines<'_>, bytes: Range<u32>) -> lsp::Range {
    lsp::Range { start: position(lines, bytes.start), end: position(lines, bytes.end) }
}

/// A byte as line and column.
pub(super) fn position(lines: &Lines<'_>, byte: u32) -> lsp::Position {
    let at = lines.position(byte);
    lsp::Position { line: at.line, character: at.column }
}

/// Line and column as a byte.
pub(super) fn byte(lines: &Lines<'_>, at: lsp::Position) -> u32 {
    lines.byte(LineColumn { line: at.line, column: at.character })
}

/// A range of lines and columns as bytes; one that is turned around is empty.
pub(super) fn bytes(lines: &Lines<'_>, range: lsp::Range) -> Range<u32> {
    let (start, end) = (byte(lines, range.start), byte(lines, range.end));
    start..end.max(start)
}

/// Markdown.
pub(super) fn markdown(value: String) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value }
}

/// The picture beside a completion.
pub(super) fn completion_kind(kind: CompletionKind) -> lsp::CompletionItemKind {
    match kind {
        CompletionKind::Keyword => lsp::CompletionItemKind::Keyword,
        CompletionKind::Key => lsp::CompletionItemKind::Property,
        CompletionKind::Item => lsp::CompletionItemKind::Function,
        CompletionKind::Value => lsp::CompletionItemKind::Variable,
        CompletionKind::Own => lsp::CompletionItemKind::Module,
        CompletionKind::Word => lsp::CompletionItemKind::EnumMember,
        CompletionKind::File => lsp::CompletionItemKind::File,
    }
}

/// The picture beside a symbol.
pub(super) fn symbol_kind(kind: SymbolKind) -> lsp::SymbolKind {
    match kind {
        SymbolKind::Model => lsp::SymbolKind::Class,
        SymbolKind::Block => lsp::SymbolKind::Function,
        SymbolKind::Section => lsp::SymbolKind::Namespace,
        SymbolKind::Key => lsp::SymbolKind::Property,
        SymbolKind::Field => lsp::SymbolKind::Variable,
        SymbolKind::Layer => lsp::SymbolKind::Object,
        SymbolKind::Stack => lsp::SymbolKind::Struct,
        SymbolKind::Head => lsp::SymbolKind::Event,
    }
}
