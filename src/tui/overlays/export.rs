//! As what a design is exported, and into which file. The root writes it; a file that is there already is left alone, and
//! another name asked for.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::capture::schema::is_valid_name;
use crate::tui::overlays::centred;
use crate::tui::overlays::menu;
use crate::tui::overlays::menu::Choice;
use crate::tui::overlays::menu::Menu;
use crate::tui::overlays::popup;
use crate::tui::panes::line_input::LineInput;
use crate::tui::theme::Theme;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;
use crate::worker::job::JobId;

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
    File {
        form: Form,
        input: Box<LineInput>,
        /// The job that writes it.
        writing: Option<JobId>,
        complaint: Option<String>,
    },
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
            Stage::File {
                form,
                input,
                writing,
                complaint,
            } => match key.code {
                KeyCode::Esc => return Reply::Close,
                KeyCode::Enter if writing.is_none() => {
                    let file = input.text().trim().to_owned();
                    if file.is_empty() {
                        *complaint = Some("type the name of a file".to_owned());
                    } else {
                        return Reply::Write(*form, file);
                    }
                }
                KeyCode::Enter | KeyCode::Tab => {}
                _ if writing.is_none() => {
                    input.key(key);
                    *complaint = None;
                }
                _ => {}
            },
        }
        Reply::Open
    }

    fn ask_for_file(&mut self, form: Form) {
        self.stage = Stage::File {
            form,
            input: Box::new(LineInput::new(&format!("{}.{}", self.name, form.ending()))),
            writing: None,
            complaint: None,
        };
    }

    /// Takes a pasted name.
    pub fn paste(&mut self, pasted: &str) {
        if let Stage::File { input, .. } = &mut self.stage {
            input.paste(pasted.trim());
        }
    }

    /// The file that was asked for.
    pub fn file(&self) -> Option<String> {
        match &self.stage {
            Stage::File { input, .. } => Some(input.text().trim().to_owned()),
            Stage::Form(_) => None,
        }
    }

    /// Waits for the job that writes it.
    pub fn wait_for(&mut self, job: JobId) {
        if let Stage::File { writing, .. } = &mut self.stage {
            *writing = Some(job);
        }
    }

    /// Whether it waits for this job.
    pub fn waits_for(&self, job: JobId) -> bool {
        matches!(&self.stage, Stage::File { writing, .. } if *writing == Some(job))
    }

    /// It was not written, for this reason: another name is asked for.
    pub fn refused(&mut self, reason: String) {
        if let Stage::File {
            writing, complaint, ..
        } = &mut self.stage
        {
            *writing = None;
            *complaint = Some(reason);
        }
    }

    /// Draws the question in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let (line, writing, complaint) = match &self.stage {
            Stage::Form(menu) => return menu.view(theme, area, buf),
            Stage::File {
                input,
                writing,
                complaint,
                ..
            } => (input, writing, complaint),
        };
        let inside = popup(buf, centred(area, 72, 8), "Export into which file?", theme);
        let row = Rect {
            height: 1,
            ..inside
        };
        buf.set_style(row, theme.value.patch(theme.accent));
        line.view(row, buf);
        let (said, style) = match (complaint, writing) {
            (Some(complaint), _) => (complaint.clone(), theme.error),
            (None, Some(_)) => (format!("{} writing", theme.glyphs.running), theme.dim),
            (None, None) => (
                "A file that is there already is not overwritten.".to_owned(),
                theme.dim,
            ),
        };
        let below = Rect {
            y: inside.y + 2,
            height: inside.height.saturating_sub(4),
            ..inside
        };
        paragraphs::put(buf, below, &[(said, style)]);
        let y = inside.bottom().saturating_sub(1);
        let keys = "Enter writes it, Esc leaves it";
        text::put(buf, inside.x, y, inside.width, keys, theme.dim);
    }
}
