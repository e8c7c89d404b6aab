//! From what a new entity type is begun: nothing, a template, another entity type, a file, what is copied. Asks one thing after the
//! other; the root loads, reads and begins.

pub mod sample;

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::schema::AttrDef;
use crate::capture::schema::infer::Inferred;
use crate::capture::schema::template::TEMPLATES;
use crate::capture::schema::template::Template;
use crate::tui::drafts::Begun;
use crate::tui::overlays::begin::sample::SampleSheet;
use crate::tui::overlays::centred;
use crate::tui::overlays::menu;
use crate::tui::overlays::menu::Choice;
use crate::tui::overlays::menu::Menu;
use crate::tui::overlays::popup;
use crate::tui::panes::line_input::LineInput;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::panes::schema::DesignKey;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// Columns of a question.
const WIDTH: u16 = 72;

/// The keys that go on with what was begun; more than these are found in the list of drafts.
const GO_ON_KEYS: &str = "g23456789";

/// Columns of the name of what was begun.
const GO_ON_NAME: u16 = 20;

/// Rows of a list.
const ROWS: u16 = 12;

/// The question from what a new entity type is begun.
#[derive(Debug)]
pub struct Begin {
    sources: Vec<Source>,
    types: Vec<String>,
    stage: Stage,
    /// What the type is called when what it is begun with does not say: the name of a file.
    pub name: String,
}

/// From what it can be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// A new type that was begun before: its place in the menu, and which.
    GoOn(char, Begun),
    Empty,
    Template,
    Copy,
    File,
    Clipboard,
}

impl Source {
    fn choice(&self) -> Choice {
        let (key, title, note) = match self {
            Self::GoOn(key, begun) => {
                let name = match begun.name.as_str() {
                    "" => "a type without a name",
                    name => &text::fit(name, GO_ON_NAME),
                };
                let holds = match begun.attributes {
                    None => "unread JSON".to_owned(),
                    Some(1) => "1 attribute".to_owned(),
                    Some(count) => format!("{count} attributes"),
                };
                return Choice::new(*key, "go on", format!("with {name}: {holds}"));
            }
            Self::Empty => ('e', "empty", "no attribute but the built-in ones"),
            Self::Template => ('t', "template", "the default user, examples, Hosted Login"),
            Self::Copy => ('c', "copy", "of an entity type of this environment"),
            Self::File => ('f', "file", "a schema, a curl command, records, CSV"),
            Self::Clipboard => ('p', "what is copied", "the same, from the clipboard"),
        };
        Choice::new(key, title, note)
    }
}

#[derive(Debug)]
enum Stage {
    Source(Menu),
    Template(Menu),
    Sample(Box<SampleSheet>),
    Type(Pick),
    Path(Box<PathLine>),
    /// Something is read or loaded.
    Waiting(String),
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Close it.
    Close,
    /// Go on with this design, which was begun before.
    GoOn(DesignKey),
    /// Begin with nothing.
    Empty,
    /// Begin with this template.
    Template(&'static Template),
    /// Begin with these definitions, which sample data has.
    Inferred(Vec<AttrDef>),
    /// Begin with a copy of this entity type.
    Copy(String),
    /// Begin with what is in this file.
    File(String),
    /// Begin with what is copied.
    Clipboard,
    /// Look what files there are whose paths begin so.
    FindPaths(String),
}

impl Begin {
    /// The question. `begun` are the new types that were begun and not created; `types` are those to copy.
    pub fn new(begun: Vec<Begun>, types: Vec<String>) -> Self {
        let others = [
            Source::Empty,
            Source::Template,
            Source::Copy,
            Source::File,
            Source::Clipboard,
        ];
        let there_is = |source: &Source| match source {
            Source::Copy => !types.is_empty(),
            _ => true,
        };
        let go_on = GO_ON_KEYS.chars().zip(begun);
        let sources: Vec<Source> = go_on
            .map(|(key, begun)| Source::GoOn(key, begun))
            .chain(others.into_iter().filter(there_is))
            .collect();
        let stage = Stage::Source(menu_of(&sources));
        Self {
            sources,
            types,
            stage,
            name: String::new(),
        }
    }

    /// Whether something is read or loaded for it.
    pub fn is_waiting(&self) -> bool {
        matches!(self.stage, Stage::Waiting(_))
    }

    /// Says what is waited for.
    pub fn wait(&mut self, what: String) {
        self.stage = Stage::Waiting(what);
    }

    /// Asks anew.
    pub fn ask_again(&mut self) {
        self.stage = Stage::Source(menu_of(&self.sources));
    }

    /// Shows what sample data says of a schema.
    pub fn show_sample(&mut self, inferred: Inferred) {
        self.stage = Stage::Sample(Box::new(SampleSheet::new(inferred)));
    }

    /// The files and folders that were found for what was typed.
    pub fn paths_found(&mut self, typed: &str, found: Vec<String>) {
        if let Stage::Path(line) = &mut self.stage
            && line.typed() == typed
        {
            line.found = Some(found);
            line.chosen = None;
        }
    }

    /// Takes a pasted path; `None` when no path is asked for.
    pub fn paste_path(&mut self, pasted: &str) -> Option<Reply> {
        let Stage::Path(line) = &mut self.stage else {
            return None;
        };
        line.input.paste(pasted.trim());
        line.changed();
        Some(Reply::FindPaths(line.typed()))
    }

    /// Handles a key.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        match &mut self.stage {
            Stage::Source(menu) => match menu.key(key) {
                menu::Reply::Open => {}
                menu::Reply::Close => return Reply::Close,
                menu::Reply::Chosen(at) => return self.chosen(at),
            },
            Stage::Template(menu) => match menu.key(key) {
                menu::Reply::Open => {}
                menu::Reply::Close => self.ask_again(),
                menu::Reply::Chosen(at) => {
                    if let Some(template) = templates().nth(at) {
                        return Reply::Template(template);
                    }
                }
            },
            Stage::Sample(sheet) => match sheet.key(key) {
                sample::Reply::Open => {}
                sample::Reply::Back => self.ask_again(),
                sample::Reply::Design(attr_defs) => return Reply::Inferred(attr_defs),
            },
            Stage::Type(pick) => match pick.key(key) {
                Picked::Nothing => {}
                Picked::Back => self.ask_again(),
                Picked::This(name) => return Reply::Copy(name),
            },
            Stage::Path(line) => match line.key(key) {
                Typed::Back => self.ask_again(),
                Typed::This(path) => return Reply::File(path),
                Typed::Changed => return Reply::FindPaths(line.typed()),
                Typed::Nothing => {}
            },
            Stage::Waiting(_) => {
                if key.code == KeyCode::Esc {
                    self.ask_again();
                }
            }
        }
        Reply::Open
    }

    fn chosen(&mut self, at: usize) -> Reply {
        match self.sources.get(at) {
            None => Reply::Open,
            Some(Source::GoOn(_, begun)) => Reply::GoOn(begun.key.clone()),
            Some(Source::Empty) => Reply::Empty,
            Some(Source::Clipboard) => Reply::Clipboard,
            Some(Source::Template) => {
                let choices = templates()
                    .zip('1'..='9')
                    .map(|(template, key)| Choice::new(key, template.name, template.title));
                self.stage = Stage::Template(Menu::new("Begin with which template?", choices));
                Reply::Open
            }
            Some(Source::Copy) => {
                self.stage = Stage::Type(Pick::new(self.types.clone()));
                Reply::Open
            }
            Some(Source::File) => {
                self.stage = Stage::Path(Box::new(PathLine::new()));
                Reply::FindPaths(String::new())
            }
        }
    }

    /// Draws the question in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        match &self.stage {
            Stage::Source(menu) | Stage::Template(menu) => menu.view(theme, area, buf),
            Stage::Sample(sheet) => sheet.view(theme, area, buf),
            Stage::Type(pick) => pick.view(theme, area, buf),
            Stage::Path(line) => line.view(theme, area, buf),
            Stage::Waiting(what) => {
                let inside = popup(buf, centred(area, WIDTH, 5), "New entity type", theme);
                let line = format!("{} {what}   Esc goes back", theme.glyphs.running);
                text::put(buf, inside.x, inside.y + 1, inside.width, &line, theme.dim);
            }
        }
    }
}

/// The templates that hold something.
fn templates() -> impl Iterator<Item = &'static Template> {
    TEMPLATES.iter().filter(|template| template.name != "empty")
}

fn menu_of(sources: &[Source]) -> Menu {
    Menu::new(
        "New entity type: begin with",
        sources.iter().map(Source::choice),
    )
}

/// A choice of an entity type; what is typed narrows it.
#[derive(Debug)]
struct Pick {
    all: Vec<String>,
    typed: String,
    cursor: ListCursor,
}

enum Picked {
    Nothing,
    Back,
    This(String),
}

impl Pick {
    fn new(all: Vec<String>) -> Self {
        Self {
            all,
            typed: String::new(),
            cursor: ListCursor::default(),
        }
    }

    fn matching(&self) -> Vec<&String> {
        let typed = self.typed.to_lowercase();
        let matches = |name: &&String| name.to_lowercase().contains(&typed);
        self.all.iter().filter(matches).collect()
    }

    fn key(&mut self, key: KeyEvent) -> Picked {
        let count = self.matching().len();
        match key.code {
            KeyCode::Esc => return Picked::Back,
            KeyCode::Up => self.cursor.go(Move::By(-1), count),
            KeyCode::Down => self.cursor.go(Move::By(1), count),
            KeyCode::PageUp => self.cursor.go(Move::By(-(ROWS as isize)), count),
            KeyCode::PageDown => self.cursor.go(Move::By(ROWS as isize), count),
            KeyCode::Enter => {
                if let Some(name) = self.matching().get(self.cursor.at) {
                    return Picked::This((*name).clone());
                }
            }
            KeyCode::Backspace => {
                self.typed.pop();
                self.cursor = ListCursor::default();
            }
            KeyCode::Char(letter) if !letter.is_control() => {
                self.typed.push(letter);
                self.cursor = ListCursor::default();
            }
            _ => {}
        }
        Picked::Nothing
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let title = if self.typed.is_empty() {
            "Copy of which entity type?".to_owned()
        } else {
            format!("Copy of which entity type?  {}", self.typed)
        };
        let rows: Vec<String> = self.matching().into_iter().cloned().collect();
        let keys = "letters narrow it, Enter copies, Esc goes back";
        let cursor = Some(self.cursor);
        put_list(&title, None, Some(&rows), cursor, keys, theme, area, buf);
    }
}

/// The path of a file, typed; what exists is offered.
#[derive(Debug)]
struct PathLine {
    input: LineInput,
    /// What there is for exactly what is typed; `None` until it was looked.
    found: Option<Vec<String>>,
    /// The row that the user went to; without one, what is typed counts.
    chosen: Option<ListCursor>,
}

enum Typed {
    Nothing,
    Changed,
    Back,
    This(String),
}

impl PathLine {
    fn new() -> Self {
        Self {
            input: LineInput::new(""),
            found: None,
            chosen: None,
        }
    }

    fn typed(&self) -> String {
        self.input.text().to_owned()
    }

    fn set(&mut self, path: &str) -> Typed {
        self.input = LineInput::new(path);
        self.changed()
    }

    /// What was found and chosen was for another text.
    fn changed(&mut self) -> Typed {
        self.found = None;
        self.chosen = None;
        Typed::Changed
    }

    fn rows(&self) -> &[String] {
        self.found.as_deref().unwrap_or_default()
    }

    fn chosen_row(&self) -> Option<&String> {
        self.rows().get(self.chosen?.at)
    }

    fn go(&mut self, by: isize) {
        let count = self.rows().len();
        if count == 0 {
            return;
        }
        // The first step goes onto the list.
        let first = if by < 0 { Move::Last } else { Move::First };
        let step = self.chosen.map_or(first, |_| Move::By(by));
        self.chosen.get_or_insert_default().go(step, count);
    }

    fn key(&mut self, key: KeyEvent) -> Typed {
        match key.code {
            KeyCode::Esc => return Typed::Back,
            KeyCode::Up => self.go(-1),
            KeyCode::Down => self.go(1),
            KeyCode::Tab => {
                if let Some(path) = self.chosen_row().cloned().or_else(|| self.common()) {
                    return self.set(&path);
                }
            }
            KeyCode::Enter => {
                let path = self.chosen_row().cloned().unwrap_or_else(|| self.typed());
                if path.ends_with('/') && path != self.typed() {
                    return self.set(&path);
                }
                if !path.trim().is_empty() && !path.ends_with('/') {
                    return Typed::This(path);
                }
            }
            _ => {
                let before = self.typed();
                self.input.key(key);
                if before != self.input.text() {
                    return self.changed();
                }
            }
        }
        Typed::Nothing
    }

    /// What all that was found begins with; the only one whole.
    fn common(&self) -> Option<String> {
        let first = self.rows().first()?;
        let same = |at: usize, c: char| {
            let mut others = self.rows().iter();
            others.all(|other| other.get(at..).is_some_and(|rest| rest.starts_with(c)))
        };
        let end = first.char_indices().find(|(at, c)| !same(*at, *c));
        let common = &first[..end.map_or(first.len(), |(at, _)| at)];
        (common.len() > self.typed().len()).then(|| common.to_owned())
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let title = "A file: a schema, a curl command, records";
        let keys = "Tab completes, ↑ ↓ chooses, Enter reads it, Esc goes back";
        let line = Some(&self.input);
        let rows = self.found.as_deref();
        put_list(title, line, rows, self.chosen, keys, theme, area, buf);
    }
}

/// Draws a list in a popup, below a line that is typed if there is one; without rows when they are not known yet.
#[expect(clippy::too_many_arguments, reason = "all of them are what is drawn")]
fn put_list(
    title: &str,
    line: Option<&LineInput>,
    rows: Option<&[String]>,
    cursor: Option<ListCursor>,
    keys: &str,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let typed = if line.is_some() { 2 } else { 0 };
    let inside = popup(buf, centred(area, WIDTH, ROWS + typed + 4), title, theme);
    if let Some(line) = line {
        let row = Rect {
            height: 1,
            ..inside
        };
        buf.set_style(row, theme.value.patch(theme.accent));
        line.view(row, buf);
    }
    let room = Rect {
        y: inside.y + typed,
        height: inside.height.saturating_sub(typed + 2),
        ..inside
    };
    if rows.is_some_and(<[String]>::is_empty) {
        let nothing = ("nothing there begins so".to_owned(), theme.dim);
        paragraphs::put(buf, room, &[nothing]);
    }
    let rows = rows.unwrap_or_default();
    let mut drawn = cursor.unwrap_or_default();
    drawn.height = room.height.into();
    drawn.fit(rows.len());
    let mut shown = drawn.view(rows.len(), true);
    shown.selected = shown.selected.filter(|_| cursor.is_some());
    list::draw(buf, room, shown, theme, |row| {
        let shown = rows.get(row).map_or("", String::as_str);
        Line::from(Span::styled(text::fit(shown, room.width), theme.text))
    });
    let y = inside.bottom().saturating_sub(1);
    text::put(buf, inside.x, y, inside.width, keys, theme.dim);
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    fn press(begin: &mut Begin, code: KeyCode) -> Reply {
        begin.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    /// The question for a file, with this typed and these found for what it began with.
    fn asked(typed: &str, found: &[&str]) -> Begin {
        let mut begin = Begin::new(Vec::new(), Vec::new());
        press(&mut begin, KeyCode::Char('f'));
        let (before, last) = typed.split_at(typed.len() - 1);
        for c in before.chars() {
            press(&mut begin, KeyCode::Char(c));
        }
        begin.paths_found(before, found.iter().map(|it| (*it).to_owned()).collect());
        for c in last.chars() {
            press(&mut begin, KeyCode::Char(c));
        }
        begin
    }

    #[test]
    fn the_file_that_was_typed_is_read_and_not_one_of_an_older_list() {
        let file = |path: &str| Reply::File(path.to_owned());
        let mut begin = asked("b.json", &["a.json", "b.json"]);
        assert_eq!(press(&mut begin, KeyCode::Enter), file("b.json"));
        // Nor does Tab take one of them, nor the cursor go there.
        let mut begin = asked("b.json", &["b.json.old"]);
        assert_eq!(press(&mut begin, KeyCode::Tab), Reply::Open);
        press(&mut begin, KeyCode::Down);
        assert_eq!(press(&mut begin, KeyCode::Enter), file("b.json"));
        // An answer that comes late is for another text.
        let mut begin = asked("b.json", &[]);
        begin.paths_found("b.jso", vec!["b.json.old".to_owned()]);
        assert_eq!(press(&mut begin, KeyCode::Enter), file("b.json"));
        // A row counts when the user went there.
        for (keys, path) in [
            (vec![], "b.json"),
            (vec![KeyCode::Down], "b.json.1"),
            (vec![KeyCode::Down, KeyCode::Down], "b.json.2"),
            (vec![KeyCode::Up], "b.json.2"),
        ] {
            let mut begin = asked("b.json", &[]);
            let found = ["b.json.1", "b.json.2"].map(str::to_owned);
            begin.paths_found("b.json", found.to_vec());
            for key in keys {
                press(&mut begin, key);
            }
            assert_eq!(press(&mut begin, KeyCode::Enter), file(path));
        }
    }
}
