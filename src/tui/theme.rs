//! How things look: a style for each role, and the characters borders and marks are made of.
//!
//! Widgets and panes name the role, never a colour. Every state is also told by a glyph or a word, so that nothing is
//! lost without colour; the default uses the terminal's own 16 colours and so follows a light or dark background. What
//! the environment wishes is asked through a function, since only the caller reads the process's environment.

pub mod depth;
mod palette;

use ratatui::style::Color;
use ratatui::style::Modifier;
use ratatui::style::Style;
use ratatui::symbols::border;

use crate::config::look::LookSettings;
use crate::tui::theme::palette::Ground;

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
    /// The colours of what has no other, in a theme that has a background of its own.
    pub ground: Option<Ground>,
    /// The characters marks, borders and spinners are made of.
    pub glyphs: Glyphs,
}

impl Theme {
    /// The theme that the configuration asks for, as far as the process's environment, read through `variable` (a
    /// variable's value, if it is set), lets it be shown.
    pub fn chosen(look: &LookSettings, variable: impl Fn(&str) -> Option<String>) -> Self {
        let glyphs = if depth::ascii(look, &variable).what {
            Glyphs::ASCII
        } else {
            Glyphs::UNICODE
        };
        let glyphs = if depth::motion(look, &variable).what {
            glyphs
        } else {
            glyphs.still()
        };
        let theme = palette::theme(look.theme, depth::colours(look, &variable).what);
        Self { glyphs, ..theme }
    }

    /// Every style with the name of its role.
    fn roles_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut Style)> {
        // Each field by its name: a role that is added has to be listed.
        macro_rules! listed {
            ($($role:ident),* $(,)?) => {{
                let Self { $($role,)* ground: _, glyphs: _ } = self;
                [$((stringify!($role), $role)),*]
            }};
        }
        listed![
            text,
            dim,
            label,
            value,
            placeholder,
            required,
            accent,
            found,
            title,
            title_focused,
            border,
            border_focused,
            selection,
            selection_unfocused,
            ok,
            error,
            warning,
            running,
            hint_key,
            hint_text,
            json_key,
            json_string,
            json_number,
            json_literal,
            json_punctuation,
            json_broken,
            badge_sandbox,
            badge_dev,
            badge_prod,
        ]
        .into_iter()
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
            // Plain blue cannot be read on black in many a palette.
            json_key: plain.fg(Color::LightBlue),
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
            ground: None,
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

    /// The same with a spinner that does not move.
    #[must_use]
    pub const fn still(self) -> Self {
        let spinner: &[&str] = if self.ascii_only { &["~"] } else { &["⟳"] };
        Self { spinner, ..self }
    }

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

    use crate::config::look::Depth;
    use crate::config::look::ThemeName;

    fn chosen(look: LookSettings, variables: &[(&str, &str)]) -> Theme {
        Theme::chosen(&look, |name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn no_color_leaves_no_colour_unless_a_depth_is_asked_for() {
        let (usual, no_color) = (LookSettings::default(), [("NO_COLOR", "1")]);
        assert_eq!(chosen(usual, &no_color), Theme::monochrome());
        assert_eq!(chosen(usual, &[("NO_COLOR", "")]), Theme::sixteen_colours());
        let dark = LookSettings {
            theme: ThemeName::Dark,
            ..usual
        };
        assert_eq!(chosen(dark, &no_color), Theme::monochrome());
        let asked = LookSettings {
            colours: Some(Depth::True),
            ..dark
        };
        assert!(chosen(asked, &no_color).ground.is_some());
        let debug = format!("{:?}", Theme::monochrome());
        assert!(!debug.contains("fg") && !debug.contains("bg"), "{debug}");
    }

    #[test]
    fn what_may_not_move_stands_still() {
        let usual = LookSettings::default();
        let pictures = |glyphs: Glyphs| {
            let all: std::collections::BTreeSet<_> = (0..20).map(|at| glyphs.spin(at)).collect();
            all.len()
        };
        assert!(pictures(chosen(usual, &[]).glyphs) > 1);
        for locale in ["C", "C.UTF-8"] {
            let variables = [("REDUCE_MOTION", "1"), ("LANG", locale)];
            let glyphs = chosen(usual, &variables).glyphs;
            assert_eq!(pictures(glyphs), 1);
            assert_eq!(glyphs.spin(0), glyphs.running);
        }
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
