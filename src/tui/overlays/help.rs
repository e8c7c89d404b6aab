//! The verbs of the focused pane and of the whole program, or all there are: what is typed narrows them, Enter does the one
//! under the cursor. From the table of verbs, with the keys in force and what does the same without a screen.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use nucleo_matcher::Config;
use nucleo_matcher::Matcher;
use nucleo_matcher::Utf32Str;
use nucleo_matcher::pattern::CaseMatching;
use nucleo_matcher::pattern::Normalization;
use nucleo_matcher::pattern::Pattern;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::json::sanitize;
use crate::tui::action::Action;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::Twin;
use crate::tui::keys::keymap::Keymap;
use crate::tui::keys::keymap::Keys;
use crate::tui::line_edit::LineEdit;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// A list of verbs that is open.
#[derive(Debug)]
pub struct Help {
    title: &'static str,
    verbs: Vec<Verb>,
    /// What is typed.
    line: LineEdit,
    /// The verbs that fit what is typed, the best first; all in their order when nothing is.
    found: Vec<usize>,
    /// The one under the cursor, of those.
    at: usize,
}

/// What a key did to the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// It is closed.
    Close,
    /// This verb is to be done.
    Do(Action),
}

#[derive(Debug)]
struct Verb {
    action: Action,
    /// Whether it works where the list was opened.
    is_here: bool,
    heading: &'static str,
    keys: String,
    title: &'static str,
    id: &'static str,
    twin: Twin,
}

/// A line of the screen.
enum Shown<'a> {
    Heading(&'static str),
    /// The place of a verb among those found, its keys, and its title or how that goes on.
    Verb(usize, &'a str, String),
    Blank,
}

/// The frame is no wider than this.
const WIDEST: u16 = 100;

/// Cells of a line that are the frame's, its margin's and the scroll bar's.
const FRAME: usize = 6;

/// Cells of the keys.
const KEYS: usize = 20;

/// Rows above and below the list: what is typed, what does the same without a screen, and a blank one each.
const AROUND: u16 = 4;

impl Help {
    /// The verbs of the pane with these scopes, of those that there are.
    pub fn new(keymap: &Keymap, scopes: &[Scope], exists: impl Fn(Action) -> bool) -> Self {
        let mut verbs = Vec::new();
        let mut taken: Vec<Keys> = Vec::new();
        for scope in scopes {
            let in_scope = || {
                keymap.verbs().filter(|(spec, _)| {
                    let elsewhere = spec.everywhere && !scopes.contains(&spec.scope);
                    let listed = if elsewhere { Scope::App } else { spec.scope };
                    listed == *scope
                })
            };
            for (spec, keys) in in_scope().filter(|(spec, _)| exists(spec.action)) {
                // A key that means something else further in is not this verb's here.
                let free = keys.iter().filter(|keys| !taken.contains(keys));
                let shown: Vec<String> = free.map(ToString::to_string).collect();
                if keys.is_empty() || !shown.is_empty() {
                    verbs.push(Verb::new(spec, *scope, shown.join(", "), true));
                }
            }
            taken.extend(in_scope().flat_map(|(_, keys)| keys.iter().cloned()));
        }
        Self::of("Help", verbs)
    }

    /// All verbs, those of these scopes first.
    pub fn all(keymap: &Keymap, scopes: &[Scope], exists: impl Fn(Action) -> bool) -> Self {
        let mut verbs: Vec<(usize, Verb)> = keymap
            .verbs()
            .filter(|(spec, _)| exists(spec.action))
            .map(|(spec, keys)| {
                let shown: Vec<String> = keys.iter().map(ToString::to_string).collect();
                let near = scopes.iter().position(|scope| *scope == spec.scope);
                let verb = Verb::new(spec, spec.scope, shown.join(", "), near.is_some());
                (near.unwrap_or(usize::MAX), verb)
            })
            .collect();
        verbs.sort_by_key(|(near, _)| *near);
        Self::of(
            "All verbs",
            verbs.into_iter().map(|(_, verb)| verb).collect(),
        )
    }

    fn of(title: &'static str, verbs: Vec<Verb>) -> Self {
        Self {
            title,
            found: (0..verbs.len()).collect(),
            verbs,
            line: LineEdit::default(),
            at: 0,
        }
    }

    /// Handles a key, on a screen of this size.
    pub fn key(&mut self, key: KeyEvent, screen: Rect) -> Reply {
        let page = usize::from(height(screen.height).saturating_sub(AROUND + 3));
        let mut cursor = ListCursor {
            at: self.at,
            offset: 0,
            height: page,
        };
        let to = match key.code {
            KeyCode::Esc if !self.line.text().is_empty() => {
                self.line = LineEdit::default();
                self.narrow();
                return Reply::Open;
            }
            KeyCode::Esc | KeyCode::F(1) => return Reply::Close,
            KeyCode::Enter => {
                let chosen = self.found.get(self.at).map(|at| self.verbs[*at].action);
                return chosen.map_or(Reply::Open, Reply::Do);
            }
            KeyCode::Down => Move::By(1),
            KeyCode::Up => Move::By(-1),
            KeyCode::PageDown => Move::Pages(1),
            KeyCode::PageUp => Move::Pages(-1),
            KeyCode::Home => Move::First,
            KeyCode::End => Move::Last,
            _ => {
                if self.line.key(key) {
                    self.narrow();
                }
                return Reply::Open;
            }
        };
        cursor.go(to, self.found.len());
        self.at = cursor.at;
        Reply::Open
    }

    /// Whether something is typed.
    pub fn is_narrowed(&self) -> bool {
        !self.line.text().trim().is_empty()
    }

    /// Puts in what was pasted.
    pub fn paste(&mut self, pasted: &str) {
        self.line.paste(pasted);
        self.narrow();
    }

    /// Finds the verbs that fit what is typed.
    fn narrow(&mut self) {
        self.at = 0;
        let typed = self.line.text().trim();
        if typed.is_empty() {
            self.found = (0..self.verbs.len()).collect();
            return;
        }
        let wanted = typed.to_lowercase();
        let pattern = Pattern::parse(typed, CaseMatching::Smart, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let score = |verb: &Verb| {
            // A key that is typed whole is what is meant, and so is a name.
            let is_meant = verb.keys.split(", ").any(|key| key == typed)
                || verb.id == typed
                || verb
                    .id
                    .split_once('.')
                    .is_some_and(|(_, name)| name == typed);
            let text = format!("{} {} {}", verb.title, verb.id, verb.heading);
            let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher);
            let title = verb.title.to_lowercase();
            // What stands there as it is typed comes before its letters here and there.
            let nearness = match title.find(&wanted) {
                _ if is_meant => 3,
                Some(0) => 2,
                Some(_) => 1,
                None => 0,
            };
            (nearness > 0 || score.is_some()).then_some((nearness, verb.is_here, score))
        };
        let scores: Vec<Option<(u8, bool, Option<u32>)>> = self.verbs.iter().map(score).collect();
        self.found = (0..self.verbs.len())
            .filter(|at| scores[*at].is_some())
            .collect();
        // Stable: of two that fit as well, the nearer one comes first.
        self.found.sort_by_key(|at| std::cmp::Reverse(scores[*at]));
    }

    /// The lines on a screen of this width: a long title goes on below its beginning.
    fn lines(&self, screen: u16) -> Vec<Shown<'_>> {
        let room = usize::from(width(screen))
            .saturating_sub(FRAME + KEYS)
            .max(1);
        let mut lines = Vec::new();
        let mut heading = None;
        let narrowed = self.is_narrowed();
        for (place, at) in self.found.iter().enumerate() {
            let verb = &self.verbs[*at];
            if !narrowed && heading.replace(verb.heading) != Some(verb.heading) {
                if !lines.is_empty() {
                    lines.push(Shown::Blank);
                }
                lines.push(Shown::Heading(verb.heading));
            }
            let titles = sanitize::wrap(verb.title, room).into_iter().enumerate();
            let keys = |at| if at == 0 { verb.keys.as_str() } else { "" };
            lines.extend(titles.map(|(at, title)| Shown::Verb(place, keys(at), title)));
        }
        lines
    }

    /// Draws the list in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let lines = self.lines(area.width);
        let frame = centred(area, width(area.width), height(area.height));
        let title = format!("{} · type to find, Enter does it, Esc closes", self.title);
        let inside = popup(buf, frame, &title, theme);
        let prompt = if inside.width > 2 { 2 } else { 0 };
        text::put(buf, inside.x, inside.y, inside.width, "› ", theme.accent);
        let line = Rect {
            x: inside.x + prompt,
            width: inside.width.saturating_sub(prompt),
            ..inside
        };
        self.line.draw(buf, line, theme.text, true);
        let place = Rect {
            y: inside.y + 2,
            height: inside.height.saturating_sub(AROUND),
            ..inside
        };
        let is_chosen = |line: &Shown<'_>| matches!(line, Shown::Verb(at, ..) if *at == self.at);
        let first = lines.iter().position(is_chosen).unwrap_or_default();
        let last = lines.iter().rposition(is_chosen).unwrap_or_default();
        // With its heading, when that is just above.
        let from = first - usize::from(first > 0 && matches!(lines[first - 1], Shown::Heading(_)));
        let rows = usize::from(place.height).max(1);
        let offset = scroll::keep_visible(0, last, lines.len(), rows, 1).min(from);
        scroll::draw_bar(buf, place, offset, lines.len(), theme);
        let visible = lines.iter().enumerate().skip(offset);
        for ((at, line), y) in visible.zip(place.y..place.bottom()) {
            let spans = match line {
                Shown::Blank => continue,
                Shown::Heading(name) => vec![Span::styled(*name, theme.accent)],
                Shown::Verb(_, keys, title) => vec![
                    Span::styled(format!("  {keys:<17} "), theme.hint_key),
                    Span::styled(title.as_str(), theme.text),
                ],
            };
            let room = place.width.saturating_sub(2);
            text::put_spans(buf, place.x, y, room, &spans);
            if (first..=last).contains(&at) && is_chosen(line) {
                buf.set_style(Rect::new(place.x, y, room, 1), theme.selected(true));
            }
        }
        let (words, style) = self.foot(theme);
        let y = inside.bottom().saturating_sub(1);
        text::put(buf, inside.x, y, inside.width, &words, style);
    }

    /// What does the same as the verb under the cursor, without a screen.
    fn foot(&self, theme: &Theme) -> (String, Style) {
        let Some(at) = self.found.get(self.at) else {
            return (
                "nothing fits: Esc shows all again".to_owned(),
                theme.warning,
            );
        };
        let verb = &self.verbs[*at];
        let twin = match verb.twin {
            Twin::Command(command) => format!("captui {command}"),
            Twin::OnlyOnScreen(_) => "only here".to_owned(),
        };
        (
            format!("{} · {}   {twin}", verb.heading, verb.id),
            theme.dim,
        )
    }
}

impl Verb {
    fn new(spec: &ActionSpec<Action>, scope: Scope, keys: String, is_here: bool) -> Self {
        Self {
            action: spec.action,
            is_here,
            heading: heading(scope),
            keys,
            title: spec.title,
            id: spec.id,
            twin: spec.twin,
        }
    }
}

/// The frame's width on a screen of this width.
fn width(screen: u16) -> u16 {
    screen.saturating_sub(4).min(WIDEST)
}

/// The frame's height on a screen of this height: the same whatever is found, so that it stands still while it is narrowed.
fn height(screen: u16) -> u16 {
    screen.saturating_sub(2)
}

/// The place where the verbs of a scope work, for people.
pub fn heading(scope: Scope) -> &'static str {
    match scope {
        Scope::App => "Everywhere",
        Scope::Types => "Entity types",
        Scope::Form => "Form",
        Scope::Edit => "While a field has the cursor",
        Scope::Calendar => "Calendar",
        Scope::Response => "Response",
        Scope::Viewer => "The answer's body",
        Scope::Peek => "While a value is shown whole",
        Scope::ViewerLine => "While a line is written",
        Scope::Records => "Find",
        Scope::Filter => "While a filter is written",
        Scope::Schema => "Schema",
        Scope::SchemaText => "While the JSON of a schema is written",
        Scope::SchemaFilter => "While attributes are filtered",
        Scope::Attribute => "Attribute",
        Scope::AttributeText => "While a text of the attribute is written",
        Scope::Plan => "Plan",
        Scope::Compare => "Comparison",
        Scope::Timeline => "The record through time",
        Scope::CallCompare => "Two calls compared",
        Scope::Rules => "Rules",
        Scope::Access => "Access",
        Scope::Pick => "While attributes are chosen",
        Scope::History => "History",
        Scope::HistoryLine => "While a search of the history is written",
        Scope::Files => "Files",
    }
}
