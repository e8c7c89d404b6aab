//! What may reach a screen, and how wide it is there.
//!
//! Every text from outside (answers, names in schemas, error texts, pasted lines) passes [`clean`] or [`clean_lines`]
//! before it is measured, cut or drawn: what would steer the terminal, reorder the line or not show at all is written
//! out visibly instead. Widths are counted by grapheme cluster, exactly as the screen buffer counts them, so that what
//! was measured is what is drawn. Copying and sending never go through here: they keep the bytes.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

/// How many marks (accents, vowel signs, joiners that do not join) one cluster keeps; the rest is shown as a count.
pub const MAX_MARKS: usize = 8;

/// How many characters one cluster keeps at most: the longest emoji in use have ten.
const MAX_CLUSTER: usize = 24;

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// `text` for one line of the screen: line ends become `⏎`, tabs `→`, other control characters their pictures (`␛`) or
/// escapes (`\u{9b}`), and characters that reorder or hide text their numbers (`⟨U+202E⟩`). Borrowed if nothing had to
/// change. Cleaning twice is cleaning once.
pub fn clean(text: &str) -> Cow<'_, str> {
    clean_with(text, false)
}

/// Like [`clean`], but `\n` stays (and takes a `\r` before it along), for texts that are shown on several lines.
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    clean_with(text, true)
}

fn clean_with(text: &str, keep_lines: bool) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for cluster in text.graphemes(true) {
        if keep_lines && (cluster == "\n" || cluster == "\r\n") {
            out.push('\n');
        } else {
            clean_cluster(cluster, &mut out);
        }
    }
    if out == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(out)
    }
}

/// Whether nothing in `text` can need care: every character has a width of its own and none is on our list.
fn is_plain(text: &str) -> bool {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return true;
    }
    text.chars()
        .all(|c| c.width().is_some_and(|width| width > 0) && !is_deceptive(c))
}

fn clean_cluster(cluster: &str, out: &mut String) {
    let joined = joins_properly(cluster);
    let total = cluster.chars().count();
    let start = out.len();
    let mut marks = 0;
    // What the next mark would sit on: nothing at first, nor after a character that was written out.
    let mut base = false;
    for (index, c) in cluster.chars().enumerate() {
        let is_joiner = c == ZERO_WIDTH_JOINER;
        if is_joiner && joined {
            // Kept: see `joins_properly`.
        } else if is_joiner || !(base || shows(c)) || is_deceptive(c) || c.is_control() {
            push_visible(c, out);
            base = false;
            continue;
        } else if base && c.width() == Some(0) {
            marks += 1;
        }
        if marks > MAX_MARKS || index >= MAX_CLUSTER {
            let kept = out[start..].trim_end_matches(ZERO_WIDTH_JOINER).len();
            out.truncate(start + kept);
            let _ = write!(out, "⟨+{}⟩", total - index);
            return;
        }
        out.push(c);
        base = true;
    }
}

/// Whether `c` takes a cell of its own. Half-width sound marks do, although their width is given as none.
fn shows(c: char) -> bool {
    is_sound_mark(c) || c.width().is_some_and(|width| width > 0)
}

fn is_sound_mark(c: char) -> bool {
    matches!(c, '\u{ff9e}' | '\u{ff9f}')
}

/// Whether every joiner in the cluster stands between two characters that show, as in joined emoji and Indic conjuncts.
/// Any other joiner only hides something. A cluster that loses a character falls apart and would not join afterwards.
fn joins_properly(cluster: &str) -> bool {
    let mut previous = None;
    let mut chars = cluster.chars().peekable();
    while let Some(c) = chars.next() {
        if c == ZERO_WIDTH_JOINER {
            if previous.is_none() || !chars.peek().copied().is_some_and(shows) {
                return false;
            }
        } else if is_deceptive(c) || c.is_control() {
            return false;
        }
        previous = Some(c);
    }
    true
}

/// Whether `c` reorders its line (bidi controls) or shows nothing where something is: zero-width characters, tags,
/// fillers, variation selectors outside emoji and letters, line separators. Control characters are separate.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Writes a character that must not reach the screen as something that says which it is.
fn push_visible(c: char, out: &mut String) {
    let picture = match c {
        '\n' => Some('⏎'),
        '\t' => Some('→'),
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7f}' => Some('␡'),
        _ => None,
    };
    // Writing to a String cannot fail.
    let _ = match picture {
        Some(picture) => out.write_char(picture),
        None if c.is_control() => write!(out, "\\u{{{:x}}}", u32::from(c)),
        None => write!(out, "⟨U+{:04X}⟩", u32::from(c)),
    };
}

/// The head of `text` of at most so many bytes, and how many more there are if there are any: for a text of any length
/// that is cleaned whole and shown in part. Nothing is looked at beyond the head.
pub fn brief(text: &str, bytes: usize) -> Cow<'_, str> {
    let head = head(text, bytes);
    if head.len() == text.len() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{head}… ({} more bytes)", text.len() - head.len()))
}

/// The head of `text` of at most so many bytes; no character is cut.
pub fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// How many screen cells `text` takes, counted by grapheme cluster as the screen buffer does; control characters none.
pub fn width(text: &str) -> usize {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return text.len();
    }
    text.graphemes(true).map(cluster_width).sum()
}

/// The width of one grapheme cluster. Half-width sound marks take a cell of their own on terminals although they
/// extend the letter before; the screen buffer counts them so, hence this does.
fn cluster_width(cluster: &str) -> usize {
    if cluster.chars().any(char::is_control) {
        return 0;
    }
    let sound_marks = cluster.chars().filter(|c| is_sound_mark(*c)).count();
    cluster.width() + sound_marks
}

/// `text` cut to at most `cells` cells, with `…` in the last one if something was cut. Never cuts a cluster.
pub fn truncate(text: &str, cells: usize) -> String {
    let (fits, rest) = split_at(text, cells);
    if rest.is_empty() {
        return text.to_owned();
    }
    if cells == 0 {
        return String::new();
    }
    let (kept, _) = split_at(fits, cells - 1);
    format!("{kept}…")
}

/// Splits `text` where `cells` cells are full: the longest head of whole clusters that fits, and the rest. Looks no
/// further than needed, so a very long text costs no more than what is shown of it.
pub fn split_at(text: &str, cells: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        used += cluster_width(cluster);
        if used > cells {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// `text` on lines of at most `cells` cells: broken at `\n`, else after spaces, else between clusters. A cluster wider
/// than a line becomes `…`. Leading spaces of the text's own lines stay, spaces at a break go. Nothing for 0 cells.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    if cells == 0 {
        return Vec::new();
    }
    text.split('\n')
        .flat_map(|line| wrap_line(line, cells))
        .collect()
}

fn wrap_line(line: &str, cells: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut used = 0;
    // Whether the line ends with a space that the break stands for: nothing may join what is before it.
    let mut ended = false;
    for chunk in line.split_inclusive(' ') {
        let word = chunk.trim_end_matches(' ');
        let word_width = width(word);
        let fits_only_below = used > 0 && word_width <= cells && used + word_width > cells;
        if !word.is_empty() && (ended || fits_only_below) {
            lines.push(end_line(&mut current));
            used = 0;
            ended = false;
        }
        for cluster in word.graphemes(true) {
            let wide = cluster_width(cluster);
            let (cluster, wide) = if wide > cells {
                ("…", 1)
            } else {
                (cluster, wide)
            };
            if used + wide > cells {
                lines.push(end_line(&mut current));
                used = 0;
            }
            current.push_str(cluster);
            used += wide;
        }
        if word.len() < chunk.len() {
            if used < cells {
                current.push(' ');
                used += 1;
            } else {
                ended = true;
            }
        }
    }
    lines.push(current);
    lines
}

/// Takes the finished line out, without the spaces the break stands for.
fn end_line(current: &mut String) -> String {
    let line = std::mem::take(current);
    let kept = line.trim_end_matches(' ').len();
    if kept == 0 {
        return line;
    }
    line[..kept].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn what_steers_reorders_or_hides_is_written_out() {
        for (raw, shown) in [
            ("plain – äöü 漢字 مرحبا", "plain – äöü 漢字 مرحبا"),
            ("\u{1b}[2Jx", "␛[2Jx"),
            ("\u{1b}]52;c;AAAA\u{7}", "␛]52;c;AAAA␇"),
            ("a\0b\u{8}c\rd\u{7f}", "a␀b␈c␍d␡"),
            ("a\nb\tc\r\nd", "a⏎b→c␍⏎d"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("a\u{202e}b", "a⟨U+202E⟩b"),
            ("a\u{200b}b\u{feff}", "a⟨U+200B⟩b⟨U+FEFF⟩"),
            ("a\u{200d}b", "a⟨U+200D⟩b"),
            ("x\u{e0041}", "x⟨U+E0041⟩"),
            ("\u{301}a", "⟨U+0301⟩a"),
            ("e\u{301}", "e\u{301}"),
            ("👩\u{200d}🚀 ❤\u{fe0f} 🇩🇪", "👩\u{200d}🚀 ❤\u{fe0f} 🇩🇪"),
        ] {
            assert_eq!(clean(raw), shown, "{raw:?}");
        }
        for bidi in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}".chars() {
            assert_eq!(
                clean(&bidi.to_string()),
                format!("⟨U+{:04X}⟩", u32::from(bidi))
            );
        }
    }

    #[test]
    fn unchanged_text_is_not_copied() {
        for text in ["", "plain", "漢字 é", "👩\u{200d}🚀", "e\u{301}"] {
            assert!(matches!(clean(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn lines_stay_where_several_are_shown() {
        assert_eq!(clean_lines("a\r\nb\nc\rd\te"), "a\nb\nc␍d→e");
    }

    #[test]
    fn a_tower_of_marks_is_cut_and_counted() {
        let tower = format!("z{}!", "\u{301}".repeat(1000));
        let shown = clean(&tower);
        assert_eq!(shown, format!("z{}⟨+992⟩!", "\u{301}".repeat(MAX_MARKS)));
        let joined = vec!["🚀"; 100].join("\u{200d}");
        assert!(clean(&joined).chars().count() < 40);
    }

    #[test]
    fn a_head_tells_what_it_lacks() {
        for (text, bytes, shown) in [
            ("short", 5, "short"),
            ("shorter", 5, "short… (2 more bytes)"),
            ("日本", 4, "日… (3 more bytes)"),
            ("日", 0, "… (3 more bytes)"),
        ] {
            assert_eq!(brief(text, bytes), shown);
        }
        assert_eq!(head("日本", 5), "日");
    }

    #[test]
    fn cuts_by_cells_and_whole_clusters() {
        for (text, cells, cut) in [
            ("hello", 5, "hello"),
            ("hello", 4, "hel…"),
            ("hello", 1, "…"),
            ("hello", 0, ""),
            ("", 0, ""),
            ("漢字", 4, "漢字"),
            ("漢字", 3, "漢…"),
            ("漢字", 2, "…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("👩\u{200d}🚀x", 2, "…"),
        ] {
            assert_eq!(truncate(text, cells), cut, "{text} in {cells}");
        }
    }

    #[test]
    fn wraps_at_words_then_between_clusters() {
        for (text, cells, lines) in [
            ("one two three", 8, vec!["one two", "three"]),
            ("one two", 3, vec!["one", "two"]),
            ("abcdef", 4, vec!["abcd", "ef"]),
            ("a bcdefgh", 4, vec!["a bc", "defg", "h"]),
            ("  indented line", 10, vec!["  indented", "line"]),
            ("a\n\nb", 5, vec!["a", "", "b"]),
            ("漢字漢字", 5, vec!["漢字", "漢字"]),
            ("漢", 1, vec!["…"]),
            ("", 3, vec![""]),
            ("a🌞b", 2, vec!["a", "🌞", "b"]),
            // What joins its neighbour must not join one across a break.
            ("# \u{fe0f}x", 1, vec!["#", "\u{fe0f}x"]),
        ] {
            assert_eq!(wrap(text, cells), lines, "{text} in {cells}");
        }
        assert!(wrap("🇧៘ا", 3).iter().all(|line| width(line) <= 3));
        assert!(wrap("x", 0).is_empty());
    }

    /// Texts of the kinds that break programs: controls, marks, joiners, wide and right-to-left characters.
    fn hostile() -> impl Strategy<Value = String> {
        let nasty = prop::sample::select(vec![
            "\u{1b}[31m",
            "\u{9b}",
            "\u{7}",
            "\0",
            "\r\n",
            "\n",
            "\t",
            " ",
            "  ",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{200c}",
            "\u{200d}",
            "\u{feff}",
            "\u{301}",
            "\u{fe0f}",
            "👩",
            "🚀",
            "❤",
            "🇩",
            "🇧",
            "៘",
            "ا",
            "لا",
            "漢",
            "ﾞ",
            "ｶ",
            "ᄀ",
            "ᅡ",
            "ᆨ",
            "क",
            "्",
            "\u{600}",
            "\u{e0041}",
            "\u{3164}",
            "a",
            "word",
            "🏽",
        ]);
        let piece = prop_oneof![
            nasty.prop_map(str::to_owned),
            any::<char>().prop_map(String::from)
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_that_steers_or_hides_comes_through(text in hostile()) {
            for shown in [clean(&text), clean_lines(&text)] {
                let bad = shown.chars().find(|c| (c.is_control() && *c != '\n') || is_deceptive(*c));
                prop_assert_eq!(bad, None, "in {:?}", shown);
            }
            prop_assert!(!clean(&text).contains('\n'));
        }

        #[test]
        fn cleaning_twice_is_cleaning_once(text in hostile()) {
            let once = clean(&text).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
            let lines = clean_lines(&text).into_owned();
            prop_assert_eq!(clean_lines(&lines), lines.as_str());
        }

        #[test]
        fn what_is_cut_fits(text in hostile(), cells in 0_usize..60) {
            let text = clean(&text);
            let cut = truncate(&text, cells);
            prop_assert!(width(&cut) <= cells, "{:?} is {} wide", cut, width(&cut));
            if width(&text) <= cells {
                prop_assert_eq!(cut, text);
            }
        }

        #[test]
        fn what_is_wrapped_fits_and_is_all_there(text in hostile(), cells in 1_usize..60) {
            for line in wrap(&text, cells) {
                prop_assert!(width(&line) <= cells, "{:?} is {} wide", line, width(&line));
            }
            // In fewer cells a wide cluster is replaced, with its letters.
            let cells = cells + 10;
            let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
            prop_assert_eq!(letters(&wrap(&text, cells).concat()), letters(&text));
        }
    }
}
