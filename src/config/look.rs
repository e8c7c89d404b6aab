//! How the explorer is to look and move: the table `[look]`, as words and what they mean.
//!
//! Used by the explorer, and by the commands that tell the settings. Deliberately absent: colours, and what a terminal
//! can show; `tui::theme` knows those.

use crate::failure::nearest;

/// What the configuration says of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookSettings {
    /// Which colours are used for what.
    pub theme: ThemeName,
    /// How many colours are used; `None` for what the terminal says of itself.
    pub colours: Option<Depth>,
    /// Whether nothing but ASCII is drawn; `None` for what the locale says.
    pub ascii: Option<bool>,
    /// Whether the mouse is the explorer's; else the terminal selects text with it.
    pub mouse: bool,
    /// Whether anything moves only to show that something is under way.
    pub motion: bool,
}

impl Default for LookSettings {
    fn default() -> Self {
        Self {
            theme: ThemeName::Terminal,
            colours: None,
            ascii: None,
            mouse: true,
            motion: true,
        }
    }
}

/// A theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThemeName {
    /// The terminal's own 16 colours on its own background.
    Terminal,
    /// Light text on a dark background.
    Dark,
    /// Dark text on a light background.
    Light,
    /// Bright text on black, each at least 7:1.
    HighContrast,
    /// Soft colours on a dark background.
    Pastel,
}

impl ThemeName {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Terminal,
        Self::Dark,
        Self::Light,
        Self::HighContrast,
        Self::Pastel,
    ];

    /// As the configuration says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Pastel => "pastel",
        }
    }
}

/// How many colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Each of 16 million.
    True,
    /// The 240 fixed ones of xterm's palette.
    Of256,
    /// The terminal's own.
    Of16,
    /// None: bold, underlined and reversed text alone.
    None,
}

impl Depth {
    /// All of them, the most first.
    pub const ALL: [Self; 4] = [Self::True, Self::Of256, Self::Of16, Self::None];

    /// As the configuration says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::True => "truecolour",
            Self::Of256 => "256",
            Self::Of16 => "16",
            Self::None => "none",
        }
    }
}

/// The word for what the terminal or the locale is asked.
pub const AUTO: &str = "auto";

/// The one of `all` that `word` names, or the words that would do and the nearest of them.
pub(in crate::config) fn named<T: Copy>(
    word: &str,
    all: &[(&'static str, T)],
) -> Result<T, (String, Option<&'static str>)> {
    let found = all.iter().find(|(name, _)| *name == word);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        (names.join(", "), nearest(word, names))
    })
}
