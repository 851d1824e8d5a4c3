//! Look: what is told apart, and how. Where there are no colours, markers, bold and dim type do it.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;

/// With colours, or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) colored: bool,
}

impl Look {
    fn of(self, color: Color) -> Style {
        if self.colored { Style::new().fg(color) } else { Style::new() }
    }

    pub(crate) fn train(self) -> Style {
        self.of(Color::Cyan)
    }

    pub(crate) fn validation(self) -> Style {
        self.of(Color::Yellow)
    }

    /// A line of small points where a colour tells it from the training's, otherwise of large ones.
    pub(crate) fn validation_marker(self) -> Marker {
        if self.colored { Marker::Braille } else { Marker::Dot }
    }

    pub(crate) fn best(self) -> Style {
        self.of(Color::Green).add_modifier(Modifier::BOLD)
    }

    pub(crate) fn wrong(self) -> Style {
        self.of(Color::Red)
    }

    pub(crate) fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(crate) fn aside(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }
}
