//! As what a design is exported, and into which file. The root has it written.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::capture::schema::is_valid_name;
use crate::tui::overlays::ask_file;
use crate::tui::overlays::ask_file::AskFile;
use crate::tui::overlays::menu;
use crate::tui::overlays::menu::Choice;
use crate::tui::overlays::menu::Menu;
use crate::tui::theme::Theme;

/// What a design can be exported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The entity type as the service tells it.
    EntityType,
    /// The definitions as a caller sends them.
    AttrDefs,
    /// Tables.
    Markdown,
    /// A diagram for documents.
    Mermaid,
    /// A picture.
    Svg,
    /// The calls.
    Curl,
}

impl Form {
    const ALL: [Self; 6] = [
        Self::EntityType,
        Self::AttrDefs,
        Self::Markdown,
        Self::Mermaid,
        Self::Svg,
        Self::Curl,
    ];

    fn choice(self) -> Choice {
        let (key, title, note) = match self {
            Self::EntityType => ('j', "JSON", "the entity type as the service tells it"),
            Self::AttrDefs => ('a', "attr_defs", "as they are sent"),
            Self::Markdown => ('m', "Markdown", "a table for each object and plural"),
            Self::Mermaid => ('d', "Mermaid", "a diagram that documents can hold"),
            Self::Svg => ('s', "SVG", "a picture"),
            Self::Curl => ('c', "curl", "the calls, secrets as variables"),
        };
        Choice::new(key, title, note)
    }

    fn ending(self) -> &'static str {
        match self {
            Self::EntityType => "json",
            Self::AttrDefs => "attr_defs.json",
            Self::Markdown => "md",
            Self::Mermaid => "mmd",
            Self::Svg => "svg",
            Self::Curl => "sh",
        }
    }
}

/// The question what to export, and where to.
#[derive(Debug)]
pub struct Export {
    name: String,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Form(Menu),
    File(Form, Box<AskFile>),
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Close it.
    Close,
    /// Write this form of the design into this file.
    Write(Form, String),
}

impl Export {
    /// The question for the design of this name.
    pub fn new(name: &str) -> Self {
        let name = if is_valid_name(name) { name } else { "schema" };
        let choices = Form::ALL.map(Form::choice);
        Self {
            name: name.to_owned(),
            stage: Stage::Form(Menu::new("Export as", choices)),
        }
    }

    /// Handles a key.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        match &mut self.stage {
            Stage::Form(menu) => match menu.key(key) {
                menu::Reply::Open => {}
                menu::Reply::Close => return Reply::Close,
                menu::Reply::Chosen(at) => {
                    if let Some(form) = Form::ALL.get(at) {
                        self.ask_for_file(*form);
                    }
                }
            },
            Stage::File(form, file) => match file.key(key) {
                ask_file::Reply::Open => {}
                ask_file::Reply::Close => return Reply::Close,
                ask_file::Reply::Write(file) => return Reply::Write(*form, file),
            },
        }
        Reply::Open
    }

    fn ask_for_file(&mut self, form: Form) {
        let name = format!("{}.{}", self.name, form.ending());
        self.stage = Stage::File(form, Box::new(AskFile::new(&name)));
    }

    /// The question for the file, once it is asked.
    pub fn file(&self) -> Option<&AskFile> {
        match &self.stage {
            Stage::File(_, file) => Some(file),
            Stage::Form(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn file_mut(&mut self) -> Option<&mut AskFile> {
        match &mut self.stage {
            Stage::File(_, file) => Some(file),
            Stage::Form(_) => None,
        }
    }

    /// Draws the question in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        match &self.stage {
            Stage::Form(menu) => menu.view(theme, area, buf),
            Stage::File(_, file) => file.view(&[], "", theme, area, buf),
        }
    }
}
