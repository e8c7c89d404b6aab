//! The themes with colours and a background of their own: which colour plays which part.
//!
//! Every text is at least 4.5:1 against its background, 7:1 in the one for high contrast, in true colour and in 256;
//! the tests below compute it. Selected text is reversed, which keeps its contrast. Deliberately absent: the terminal's own
//! colours, whose contrast nobody here can know.

use ratatui::buffer::Buffer;
use ratatui::style::Color;
use ratatui::style::Modifier;
use ratatui::style::Style;

use crate::config::look::Depth;
use crate::config::look::ThemeName;
use crate::tui::theme::Theme;
use crate::tui::theme::depth::of_256;

/// The colours of a theme.
struct Palette {
    background: u32,
    text: u32,
    /// Text that matters less.
    dim: u32,
    border: u32,
    accent: u32,
    red: u32,
    yellow: u32,
    green: u32,
    blue: u32,
    magenta: u32,
}

const DARK: Palette = Palette {
    background: 0x15_18_1e,
    text: 0xd8_de_e9,
    dim: 0x9a_a4_b2,
    border: 0x80_8a_98,
    accent: 0x6c_c7_d9,
    red: 0xf2_77_7a,
    yellow: 0xe5_c0_7b,
    green: 0x98_c3_79,
    blue: 0x7f_b4_f5,
    magenta: 0xd3_9b_f0,
};

const LIGHT: Palette = Palette {
    background: 0xfb_fb_f8,
    text: 0x24_29_2f,
    dim: 0x57_60_6a,
    border: 0x65_6d_76,
    accent: 0x00_5f_75,
    red: 0xb3_14_1d,
    yellow: 0x7a_52_00,
    green: 0x1a_6b_2a,
    blue: 0x05_50_ae,
    magenta: 0x7d_2f_a8,
};

const HIGH_CONTRAST: Palette = Palette {
    background: 0x00_00_00,
    text: 0xff_ff_ff,
    dim: 0xd0_d0_d0,
    border: 0xc0_c0_c0,
    accent: 0x00_e5_ff,
    red: 0xff_9a_9a,
    yellow: 0xff_e1_4d,
    green: 0x5c_ff_7a,
    blue: 0x9e_cb_ff,
    magenta: 0xff_b3_ff,
};

const PASTEL: Palette = Palette {
    background: 0x1e_1e_2e,
    text: 0xcd_d6_f4,
    dim: 0xa6_ad_c8,
    border: 0x9c_a2_bb,
    accent: 0x94_e2_d5,
    red: 0xf3_8b_a8,
    yellow: 0xf9_e2_af,
    green: 0xa6_e3_a1,
    blue: 0x89_b4_fa,
    magenta: 0xcb_a6_f7,
};

/// What a screen begins with, in a theme that has colours of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    background: Color,
    text: Color,
    dim: Color,
}

impl Ground {
    /// Puts the theme's colours where nothing else was said. What is dimmed gets a colour instead: how much a terminal dims is
    /// unknown, and so would be the contrast. What is reversed gets one colour, so that a selected line is one bar.
    pub fn paint(self, buffer: &mut Buffer) {
        for cell in &mut buffer.content {
            if cell.modifier.contains(Modifier::DIM) {
                cell.modifier.remove(Modifier::DIM);
                cell.fg = self.dim;
            }
            if cell.fg == Color::Reset {
                cell.fg = self.text;
            }
            if cell.bg == Color::Reset {
                cell.bg = self.background;
            }
            if cell.modifier.contains(Modifier::REVERSED) && cell.bg == self.background {
                cell.fg = self.text;
            }
        }
    }
}

/// A theme in so many colours. With no more than 16 there are only the terminal's own.
pub(super) fn theme(name: ThemeName, depth: Depth) -> Theme {
    let palette = match name {
        ThemeName::Terminal => None,
        ThemeName::Dark => Some(&DARK),
        ThemeName::Light => Some(&LIGHT),
        ThemeName::HighContrast => Some(&HIGH_CONTRAST),
        ThemeName::Pastel => Some(&PASTEL),
    };
    match (depth, palette) {
        (Depth::None, _) => Theme::monochrome(),
        (Depth::Of16, _) if name == ThemeName::HighContrast => bright_sixteen(),
        (Depth::Of16, _) | (_, None) => Theme::sixteen_colours(),
        (Depth::True, Some(palette)) => painted(palette, rgb),
        (Depth::Of256, Some(palette)) => painted(palette, |colour| of_256(rgb(colour))),
    }
}

/// The terminal's own colours, with nothing dimmed and no grey.
fn bright_sixteen() -> Theme {
    let mut theme = Theme::sixteen_colours();
    for (_, style) in theme.roles_mut() {
        if style.fg == Some(Color::DarkGray) {
            style.fg = None;
        }
        *style = style.remove_modifier(Modifier::DIM);
    }
    theme
}

fn rgb(colour: u32) -> Color {
    let [_, red, green, blue] = colour.to_be_bytes();
    Color::Rgb(red, green, blue)
}

fn painted(palette: &Palette, colour: impl Fn(u32) -> Color) -> Theme {
    let background = colour(palette.background);
    let text = colour(palette.text);
    let plain = |part: u32| Style::new().fg(colour(part)).bg(background);
    let bold = |part: u32| plain(part).add_modifier(Modifier::BOLD);
    // Dark on bright where the theme is dark, and the other way round.
    let filled = |part: u32| Style::new().fg(background).bg(colour(part));
    let body = plain(palette.text);
    let usual = Theme::monochrome();
    Theme {
        text: body,
        dim: plain(palette.dim),
        label: body,
        value: body,
        placeholder: plain(palette.dim),
        required: plain(palette.yellow),
        accent: bold(palette.accent),
        found: filled(palette.yellow),
        title: body,
        title_focused: bold(palette.text),
        border: plain(palette.border),
        border_focused: plain(palette.accent),
        selection: usual.selection,
        selection_unfocused: usual.selection_unfocused,
        ok: plain(palette.green),
        error: bold(palette.red),
        warning: plain(palette.yellow),
        running: plain(palette.accent),
        hint_key: bold(palette.accent),
        hint_text: body,
        json_key: plain(palette.blue),
        json_string: plain(palette.green),
        json_number: plain(palette.magenta),
        json_literal: plain(palette.yellow),
        json_punctuation: plain(palette.dim),
        json_broken: plain(palette.red).add_modifier(Modifier::UNDERLINED),
        badge_sandbox: bold(palette.green),
        badge_dev: bold(palette.yellow),
        badge_prod: filled(palette.red).add_modifier(Modifier::BOLD),
        ground: Some(Ground {
            background,
            text,
            dim: colour(palette.dim),
        }),
        glyphs: usual.glyphs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    use crate::tui::theme::Badge;
    use crate::tui::theme::depth::rgb_of;

    /// The themes whose contrast is known.
    fn own() -> impl Iterator<Item = (ThemeName, Depth, Theme)> {
        ThemeName::ALL
            .into_iter()
            .filter(|name| *name != ThemeName::Terminal)
            .flat_map(|name| [Depth::True, Depth::Of256].map(|depth| (name, depth)))
            .map(|(name, depth)| (name, depth, theme(name, depth)))
    }

    /// Relative luminance as WCAG 2.1 defines it.
    fn luminance(colour: Color) -> f64 {
        let parts = match colour {
            Color::Rgb(red, green, blue) => [red, green, blue],
            Color::Indexed(index) => rgb_of(index),
            other => panic!("nobody knows how light {other} is"),
        };
        let [red, green, blue] = parts.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.03928 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast as WCAG 2.1 defines it: from 1 to 21.
    fn contrast(one: Color, other: Color) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn contrast_is_what_the_standard_says() {
        let (black, white) = (Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255));
        assert!((contrast(black, white) - 21.0).abs() < 1e-9);
        assert!((contrast(white, white) - 1.0).abs() < 1e-9);
        // The grey that is known for being just enough on white.
        let grey = contrast(Color::Rgb(0x76, 0x76, 0x76), white);
        assert!((grey - 4.54).abs() < 0.01, "{grey}");
    }

    /// Each role, drawn on the screen as it is, dimmed, selected, and selected elsewhere.
    #[test]
    fn every_style_can_be_read() {
        let mut poor = Vec::new();
        for (name, depth, mut theme) in own() {
            let least = if name == ThemeName::HighContrast {
                7.0
            } else {
                4.5
            };
            let ground = theme.ground.expect("has colours of its own");
            let over = [
                Style::new(),
                Style::new().add_modifier(Modifier::DIM),
                theme.selection,
                theme.selection_unfocused,
            ];
            for (role, style) in theme.roles_mut() {
                for over in over {
                    let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
                    buffer[(0, 0)].set_style(*style).set_style(over);
                    ground.paint(&mut buffer);
                    let cell = &buffer[(0, 0)];
                    // What is dimmed over a fill is dimmed text on the ground's own: nothing draws that.
                    if over.add_modifier.contains(Modifier::DIM) && cell.bg != ground.background {
                        continue;
                    }
                    let found = contrast(cell.fg, cell.bg);
                    if found < least {
                        poor.push(format!("{name:?} {depth:?} {role}: {found:.2}"));
                    }
                }
            }
        }
        assert!(poor.is_empty(), "{poor:#?}");
    }

    /// What has no style of a role gets the theme's own colours, and nothing is left to the terminal.
    #[test]
    fn nothing_is_left_to_the_terminal() {
        for (name, _, theme) in own() {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
            buffer[(1, 0)].set_style(Style::new().add_modifier(Modifier::DIM));
            buffer[(2, 0)].set_style(theme.error);
            theme.ground.expect("has one").paint(&mut buffer);
            for cell in &buffer.content {
                assert!(
                    cell.fg != Color::Reset && cell.bg != Color::Reset,
                    "{name:?}"
                );
                assert!(!cell.modifier.contains(Modifier::DIM), "{name:?}");
            }
            assert_eq!(Some(buffer[(1, 0)].fg), theme.dim.fg);
            assert_eq!(Some(buffer[(2, 0)].fg), theme.error.fg);
        }
    }

    #[test]
    fn states_differ_without_colour_in_every_theme() {
        let bare = |style: Style| (style.add_modifier, style.bg.is_some());
        for name in ThemeName::ALL {
            for depth in Depth::ALL {
                let theme = theme(name, depth);
                let marks = theme.glyphs;
                assert_ne!(marks.border, marks.border_focused);
                assert!(theme.selection.add_modifier.contains(Modifier::REVERSED));
                assert_ne!(bare(theme.selection), bare(theme.selection_unfocused));
                assert_ne!(bare(theme.title), bare(theme.title_focused));
                let badge = |badge| theme.badge(badge);
                assert_ne!(badge(Badge::Prod), badge(Badge::Dev), "{name:?} {depth:?}");
            }
        }
    }

    #[test]
    fn few_colours_are_the_terminals_own() {
        for name in ThemeName::ALL {
            assert_eq!(theme(name, Depth::None), Theme::monochrome());
            let mut sixteen = theme(name, Depth::Of16);
            assert_eq!(sixteen.ground, None);
            for (role, style) in sixteen.roles_mut() {
                for colour in [style.fg, style.bg].into_iter().flatten() {
                    let own = !matches!(colour, Color::Rgb(..) | Color::Indexed(_));
                    assert!(own, "{name:?} {role}");
                }
                let clear = !style.add_modifier.contains(Modifier::DIM);
                assert!(clear || name != ThemeName::HighContrast, "{role}");
            }
        }
        let terminal = theme(ThemeName::Terminal, Depth::True);
        assert_eq!(terminal, Theme::sixteen_colours());
    }
}
