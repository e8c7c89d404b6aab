//! What this terminal is drawn on with: how many colours, ASCII or more, standing still or not, and why so.
//!
//! The configuration decides, then what the environment's variables say; the terminal itself is asked nothing, since one
//! that stays silent would delay the first frame. Used by the theme, and told by `captui doctor`. Deliberately absent:
//! which colours.

use ratatui::style::Color;

use crate::config::look::Depth;
use crate::config::look::LookSettings;

/// A decision, and in a few words what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided<T> {
    /// What was decided.
    pub what: T,
    /// Why.
    pub why: String,
}

impl<T> Decided<T> {
    fn new(what: T, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { what, why }
    }
}

const CONFIGURED: &str = "the configuration says so";

/// Terminals that show every colour, by the beginning of `TERM`.
const TRUE_COLOUR: &[&str] = &[
    "alacritty",
    "contour",
    "foot",
    "rio",
    "wezterm",
    "xterm-ghostty",
    "xterm-kitty",
];

/// Terminals of one colour, by the beginning of `TERM`.
const ONE_COLOUR: &[&str] = &["vt100", "vt102", "vt220", "vt320", "vt420", "dumb"];

/// How many colours are used. `variable` gives the value of an environment variable that is set.
///
/// As no-color.org has it, `NO_COLOR` counts unless the configuration names a depth; a theme alone does not.
pub fn colours(look: &LookSettings, variable: impl Fn(&str) -> Option<String>) -> Decided<Depth> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(depth) = look.colours {
        return Decided::new(depth, CONFIGURED);
    }
    if set("NO_COLOR").is_some() {
        return Decided::new(Depth::None, "NO_COLOR is set");
    }
    let term = set("TERM").unwrap_or_default();
    let is_any = |of: &[&str]| of.iter().any(|name| term.starts_with(name));
    // GNU screen hands COLORTERM on from the terminal around it, and shows fewer.
    let in_screen = set("STY").is_some() && set("TMUX").is_none();
    let colorterm = set("COLORTERM").filter(|_| !in_screen);
    let said = |depth: Depth| Decided::new(depth, format!("TERM is {term}"));
    match colorterm.as_deref() {
        Some(word @ ("truecolor" | "24bit")) => {
            Decided::new(Depth::True, format!("COLORTERM is {word}"))
        }
        _ if term.ends_with("-direct") || is_any(TRUE_COLOUR) => said(Depth::True),
        _ if term.contains("256color") => said(Depth::Of256),
        _ if term.ends_with("-m") || term.ends_with("-mono") || is_any(ONE_COLOUR) => {
            said(Depth::None)
        }
        _ if term.is_empty() => Decided::new(Depth::Of16, "TERM is not set"),
        _ => said(Depth::Of16),
    }
}

/// Whether nothing but ASCII is drawn.
pub fn ascii(look: &LookSettings, variable: impl Fn(&str) -> Option<String>) -> Decided<bool> {
    if let Some(ascii) = look.ascii {
        return Decided::new(ascii, CONFIGURED);
    }
    // The locale rules of POSIX: the first of these that is set and not empty decides.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| Some((name, variable(name).filter(|value| !value.is_empty())?)));
    match locale {
        Some((name, locale)) => Decided::new(!is_utf8(&locale), format!("{name} is {locale}")),
        None => Decided::new(false, "no locale is set"),
    }
}

/// Whether marks move while something is under way.
pub fn motion(look: &LookSettings, variable: impl Fn(&str) -> Option<String>) -> Decided<bool> {
    if variable("REDUCE_MOTION").is_some_and(|value| !value.is_empty()) {
        Decided::new(false, "REDUCE_MOTION is set")
    } else if look.motion {
        Decided::new(true, "nothing asks for less")
    } else {
        Decided::new(false, CONFIGURED)
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

/// The levels of red, green and blue in xterm's cube of 6×6×6 colours, which begins at number 16.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of xterm's 240 fixed colours. The first 16 are the terminal's own, so they are nobody's nearest.
pub(super) fn of_256(colour: Color) -> Color {
    let Color::Rgb(red, green, blue) = colour else {
        return colour;
    };
    let wanted = [red, green, blue];
    let nearest = (16..=255).min_by_key(|index| distance(wanted, rgb_of(*index)));
    nearest.map_or(colour, Color::Indexed)
}

/// What xterm shows for a number from 16 on: the cube, then 24 greys.
pub(super) fn rgb_of(index: u8) -> [u8; 3] {
    match index.saturating_sub(16) {
        grey @ 216.. => [8 + 10 * (grey - 216); 3],
        cube => [cube / 36, cube / 6 % 6, cube % 6].map(|level| LEVELS[usize::from(level)]),
    }
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    let square = |at: usize| u32::from(one[at].abs_diff(other[at])).pow(2);
    square(0) + square(1) + square(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks a variable up among these.
    fn among<'a>(variables: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn the_locale_decides_what_can_be_drawn() {
        for (variables, is_ascii) in [
            (vec![], false),
            (vec![("LANG", "C")], true),
            (vec![("LANG", "de_DE.UTF-8")], false),
            (vec![("LANG", "de_DE.utf8@euro")], false),
            (vec![("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], true),
            (vec![("LANG", "C"), ("LC_CTYPE", "UTF-8")], false),
            (vec![("LC_ALL", ""), ("LANG", "C.UTF-8")], false),
            (vec![("LANG", "ja_JP.eucJP")], true),
        ] {
            let look = LookSettings::default();
            let decided = ascii(&look, among(&variables));
            assert_eq!(decided.what, is_ascii, "{variables:?}");
            for said in [true, false] {
                let look = LookSettings {
                    ascii: Some(said),
                    ..look
                };
                assert_eq!(ascii(&look, among(&variables)).what, said);
            }
        }
    }

    #[test]
    fn the_terminal_says_how_many_colours() {
        for (variables, depth, why) in [
            (vec![], Depth::Of16, "TERM is not set"),
            (vec![("TERM", "xterm")], Depth::Of16, "TERM is xterm"),
            (vec![("TERM", "linux")], Depth::Of16, "linux"),
            (vec![("TERM", "vt220")], Depth::None, "vt220"),
            (vec![("TERM", "xterm-mono")], Depth::None, "xterm-mono"),
            (vec![("TERM", "tmux-256color")], Depth::Of256, "tmux-256"),
            (vec![("TERM", "xterm-direct")], Depth::True, "direct"),
            (vec![("TERM", "xterm-kitty")], Depth::True, "kitty"),
            (
                vec![("TERM", "xterm-256color"), ("COLORTERM", "truecolor")],
                Depth::True,
                "COLORTERM is truecolor",
            ),
            (
                vec![("TERM", "xterm"), ("COLORTERM", "yes")],
                Depth::Of16,
                "TERM",
            ),
            (
                vec![
                    ("TERM", "screen.xterm-256color"),
                    ("COLORTERM", "24bit"),
                    ("STY", "1.tty"),
                ],
                Depth::Of256,
                "TERM",
            ),
            (
                vec![("NO_COLOR", "1"), ("COLORTERM", "truecolor")],
                Depth::None,
                "NO_COLOR is set",
            ),
            (
                vec![("NO_COLOR", ""), ("COLORTERM", "truecolor")],
                Depth::True,
                "COLORTERM",
            ),
        ] {
            let look = LookSettings::default();
            let decided = colours(&look, among(&variables));
            assert_eq!(decided.what, depth, "{variables:?}");
            assert!(
                decided.why.contains(why),
                "{variables:?}: {why}: {decided:?}"
            );
            for said in Depth::ALL {
                let look = LookSettings {
                    colours: Some(said),
                    ..look
                };
                assert_eq!(colours(&look, among(&variables)).what, said);
            }
        }
    }

    #[test]
    fn motion_stops_for_the_variable_and_for_the_configuration() {
        let look = LookSettings::default();
        let still = LookSettings {
            motion: false,
            ..look
        };
        let reduced = [("REDUCE_MOTION", "1")];
        assert!(motion(&look, among(&[])).what);
        assert!(motion(&look, among(&[("REDUCE_MOTION", "")])).what);
        assert!(!motion(&look, among(&reduced)).what);
        assert!(!motion(&still, among(&[])).what);
    }

    #[test]
    fn a_colour_of_xterm_is_its_own_nearest() {
        for index in 16..=255 {
            let [red, green, blue] = rgb_of(index);
            let Color::Indexed(found) = of_256(Color::Rgb(red, green, blue)) else {
                panic!("{index} is none of them");
            };
            assert_eq!(rgb_of(found), rgb_of(index));
        }
        assert_eq!(of_256(Color::Rgb(255, 0, 4)), Color::Indexed(196));
        assert_eq!(of_256(Color::Cyan), Color::Cyan);
    }
}
