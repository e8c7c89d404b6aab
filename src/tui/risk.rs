//! How the risk of a step of a schema's plan is shown, wherever one is.

use ratatui::style::Style;

use crate::capture::schema::plan::Risk;
use crate::tui::theme::Theme;

/// A mark and a word for a risk: told apart without colour, and by how much of the circle is filled.
pub fn mark(risk: Risk) -> (&'static str, &'static str) {
    match risk {
        Risk::Safe => ("○", "safe"),
        Risk::Checked => ("◐", "check"),
        Risk::Destructive => ("●", "destructive"),
    }
}

/// The style of a risk.
pub fn style(risk: Risk, theme: &Theme) -> Style {
    match risk {
        Risk::Safe => theme.dim,
        Risk::Checked => theme.warning,
        Risk::Destructive => theme.error,
    }
}
