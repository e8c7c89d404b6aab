//! How things look: a style for each role, and the characters borders and marks are made of.
//!
//! Widgets and panes name the role, never a colour. Every state is also told by a glyph or a word, so that nothing is
//! lost without colour; the default uses the terminal's own 16 colours and so follows a light or dark background. What
//! the environment wishes is asked through a function, since only the caller reads the process's environment.

use ratatui::style::Color;
use ratatui::style::Modifier;
use ratatui::style::Style;
use ratatui::symbols::border;

/// What kind of environment is being talked to; decides how loudly the screen says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    /// The built-in or another local sandbox: nothing to lose.
    Sandbox,
    /// A shared environment for development.
    Dev,
    /// Real people's records.
    Prod,
}

/// The style of each role, and the glyphs.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// Less important text: notes, units, what is only context.
    pub dim: Style,
    /// The name of a field.
    pub label: Style,
    /// A value in a form or a list.
    pub value: Style,
    /// A stand-in for what is not there: ‹absent›, ‹null›, an empty field's example.
    pub placeholder: Style,
    /// The mark of a required field.
    pub required: Style,
    /// Whatever should catch the eye without being a state: the current tab, a match.
    pub accent: Style,
    /// What a search found.
    pub found: Style,
    /// A title of a pane without focus.
    pub title: Style,
    /// The title of the focused pane.
    pub title_focused: Style,
    /// The border of a pane without focus.
    pub border: Style,
    /// The border of the focused pane.
    pub border_focused: Style,
    /// The selected line of the focused pane.
    pub selection: Style,
    /// The selected line of a pane without focus.
    pub selection_unfocused: Style,
    /// Success.
    pub ok: Style,
    /// An error, a problem with a field.
    pub error: Style,
    /// Something to know before going on.
    pub warning: Style,
    /// Something is under way.
    pub running: Style,
    /// A key in a hint: `F5`.
    pub hint_key: Style,
    /// What the key does: `send`.
    pub hint_text: Style,
    /// An object's key in JSON.
    pub json_key: Style,
    /// A string in JSON.
    pub json_string: Style,
    /// A number in JSON.
    pub json_number: Style,
    /// `true`, `false` or `null` in JSON.
    pub json_literal: Style,
    /// Brackets, colons, counts in JSON.
    pub json_punctuation: Style,
    /// Broken JSON or broken text.
    pub json_broken: Style,
    /// The name of a sandbox environment.
    pub badge_sandbox: Style,
    /// The name of an environment for development.
    pub badge_dev: Style,
    /// The name of a production environment.
    pub badge_prod: Style,
    /// The characters marks, borders and spinners are made of.
    pub glyphs: Glyphs,
}

impl Theme {
    /// The theme for a process environment, read through `lookup` (a variable's value, if it is set): no colour if
    /// `NO_COLOR` is set and not empty, plain ASCII if the locale is not UTF-8.
    pub fn detect(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
        // The locale rules of POSIX: the first of these that is set and not empty decides.
        let locale = set("LC_ALL")
            .or_else(|| set("LC_CTYPE"))
            .or_else(|| set("LANG"));
        let glyphs = if locale.is_some_and(|locale| !is_utf8(&locale)) {
            Glyphs::ASCII
        } else {
            Glyphs::UNICODE
        };
        let theme = if set("NO_COLOR").is_some() {
            Self::monochrome()
        } else {
            Self::sixteen_colours()
        };
        Self { glyphs, ..theme }
    }

    /// The default: the terminal's own 16 colours, so that its palette and background decide.
    pub fn sixteen_colours() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        Self {
            required: plain.fg(Color::Yellow),
            accent: bold.fg(Color::Cyan),
            found: plain.fg(Color::Black).bg(Color::Yellow),
            border: plain.fg(Color::DarkGray),
            border_focused: plain.fg(Color::Cyan),
            ok: plain.fg(Color::Green),
            error: bold.fg(Color::Red),
            warning: plain.fg(Color::Yellow),
            running: plain.fg(Color::Cyan),
            hint_key: bold.fg(Color::Cyan),
            json_key: plain.fg(Color::Blue),
            json_string: plain.fg(Color::Green),
            json_number: plain.fg(Color::Magenta),
            json_literal: plain.fg(Color::Yellow),
            json_broken: plain.fg(Color::Red),
            badge_sandbox: bold.fg(Color::Green),
            badge_dev: bold.fg(Color::Yellow),
            badge_prod: bold.fg(Color::White).bg(Color::Red),
            ..Self::monochrome()
        }
    }

    /// No colour at all: bold, dim, underline and reverse alone.
    pub fn monochrome() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        let underlined = plain.add_modifier(Modifier::UNDERLINED);
        let reversed = plain.add_modifier(Modifier::REVERSED);
        Self {
            text: plain,
            dim,
            label: plain,
            value: plain,
            placeholder: dim,
            required: bold,
            accent: bold,
            found: bold.add_modifier(Modifier::UNDERLINED),
            title: plain,
            title_focused: bold,
            border: dim,
            border_focused: plain,
            selection: reversed,
            selection_unfocused: underlined,
            ok: plain,
            error: bold,
            warning: bold,
            running: plain,
            hint_key: bold,
            hint_text: plain,
            json_key: plain,
            json_string: plain,
            json_number: plain,
            json_literal: plain,
            json_punctuation: dim,
            json_broken: bold.add_modifier(Modifier::UNDERLINED),
            badge_sandbox: plain,
            badge_dev: bold,
            badge_prod: bold.add_modifier(Modifier::REVERSED),
            glyphs: Glyphs::UNICODE,
        }
    }

    /// The style of an environment's name.
    pub fn badge(&self, badge: Badge) -> Style {
        match badge {
            Badge::Sandbox => self.badge_sandbox,
            Badge::Dev => self.badge_dev,
            Badge::Prod => self.badge_prod,
        }
    }

    /// The style of a selected line.
    pub fn selected(&self, focused: bool) -> Style {
        if focused {
            self.selection
        } else {
            self.selection_unfocused
        }
    }
}

/// The encoding is what follows the dot in `de_DE.UTF-8@euro`; macOS sets a bare `UTF-8`.
fn is_utf8(locale: &str) -> bool {
    let encoding = locale.rsplit_once('.').map_or(locale, |(_, rest)| rest);
    let encoding = encoding.split('@').next().unwrap_or(encoding);
    ["utf-8", "utf8"]
        .iter()
        .any(|name| encoding.eq_ignore_ascii_case(name))
}

/// The characters marks, borders and spinners are made of; each mark is one cell wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Went well.
    pub ok: &'static str,
    /// An error or a problem.
    pub error: &'static str,
    /// Something to know.
    pub warning: &'static str,
    /// Under way.
    pub running: &'static str,
    /// Not filled in yet; also the badge of the sandbox.
    pub dot: &'static str,
    /// The badge of production.
    pub block: &'static str,
    /// A folded node.
    pub folded: &'static str,
    /// An unfolded node.
    pub unfolded: &'static str,
    /// Joins a note to the line above.
    pub elbow: &'static str,
    /// Between the parts of a note: `1/7 · 41 ms`.
    pub separator: &'static str,
    /// What was cut off.
    pub ellipsis: &'static str,
    /// Before the chosen tab's name.
    pub open_quote: &'static str,
    /// After the chosen tab's name.
    pub close_quote: &'static str,
    /// The part of a scroll bar that shows where one is.
    pub scroll_thumb: &'static str,
    /// The rest of a scroll bar.
    pub scroll_track: &'static str,
    /// A horizontal rule.
    pub rule: &'static str,
    /// The border of a pane without focus.
    pub border: border::Set<'static>,
    /// The border of the focused pane.
    pub border_focused: border::Set<'static>,
    /// The pictures of the spinner, in turn.
    pub spinner: &'static [&'static str],
    /// Whether the screen can show nothing but ASCII: see `widgets::text::to_ascii`.
    pub ascii_only: bool,
}

impl Glyphs {
    /// For a UTF-8 terminal.
    pub const UNICODE: Self = Self {
        ok: "✓",
        error: "✗",
        warning: "⚠",
        running: "⟳",
        dot: "●",
        block: "■",
        folded: "▸",
        unfolded: "▾",
        elbow: "└",
        separator: "·",
        ellipsis: "…",
        open_quote: "‹",
        close_quote: "›",
        scroll_thumb: "█",
        scroll_track: "│",
        rule: "─",
        border: border::PLAIN,
        border_focused: border::THICK,
        spinner: &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
        ascii_only: false,
    };

    /// For a terminal that shows ASCII alone. The focused pane's border differs in its characters here too.
    pub const ASCII: Self = Self {
        ok: "+",
        error: "x",
        warning: "!",
        running: "~",
        dot: "*",
        block: "#",
        folded: ">",
        unfolded: "v",
        elbow: "`",
        separator: "-",
        ellipsis: "~",
        open_quote: "<",
        close_quote: ">",
        scroll_thumb: "#",
        scroll_track: "|",
        rule: "-",
        border: ascii_border("-", "|", "+"),
        border_focused: ascii_border("=", "#", "#"),
        spinner: &["|", "/", "-", "\\"],
        ascii_only: true,
    };

    /// The spinner's picture after `ticks` ticks.
    pub fn spin(&self, ticks: usize) -> &'static str {
        self.spinner[ticks % self.spinner.len()]
    }
}

const fn ascii_border(
    horizontal: &'static str,
    vertical: &'static str,
    corner: &'static str,
) -> border::Set<'static> {
    border::Set {
        top_left: corner,
        top_right: corner,
        bottom_left: corner,
        bottom_right: corner,
        vertical_left: vertical,
        vertical_right: vertical,
        horizontal_top: horizontal,
        horizontal_bottom: horizontal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> Theme {
        Theme::detect(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_locale_decides_the_glyphs() {
        for (variables, ascii) in [
            (vec![], false),
            (vec![("LANG", "C")], true),
            (vec![("LANG", "de_DE.UTF-8")], false),
            (vec![("LANG", "de_DE.utf8@euro")], false),
            (vec![("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], true),
            (vec![("LANG", "C"), ("LC_CTYPE", "UTF-8")], false),
            (vec![("LC_ALL", ""), ("LANG", "C.UTF-8")], false),
            (vec![("LANG", "ja_JP.eucJP")], true),
        ] {
            assert_eq!(detect(&variables).glyphs.ascii_only, ascii, "{variables:?}");
        }
    }

    #[test]
    fn no_color_leaves_no_colour() {
        assert_eq!(detect(&[("NO_COLOR", "1")]), Theme::monochrome());
        assert_eq!(detect(&[("NO_COLOR", "")]), Theme::sixteen_colours());
        let debug = format!("{:?}", Theme::monochrome());
        assert!(!debug.contains("fg") && !debug.contains("bg"), "{debug}");
    }

    #[test]
    fn states_differ_without_colour() {
        let glyphs = [Glyphs::UNICODE, Glyphs::ASCII];
        for glyphs in glyphs {
            let marks = [
                glyphs.ok,
                glyphs.error,
                glyphs.warning,
                glyphs.running,
                glyphs.dot,
            ];
            for (at, mark) in marks.iter().enumerate() {
                assert!(!marks[..at].contains(mark), "{mark}");
                assert_eq!(unicode_width::UnicodeWidthStr::width(*mark), 1, "{mark}");
            }
            assert_ne!(glyphs.border, glyphs.border_focused);
        }
        let theme = Theme::monochrome();
        assert_ne!(theme.selection, theme.selection_unfocused);
        assert_ne!(theme.badge(Badge::Prod), theme.badge(Badge::Dev));
    }
}
