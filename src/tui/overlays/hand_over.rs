//! How a call is handed over: in which format, into which file, with personal data or without. The root does it.
//! Secrets are no choice: they are masked.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::capture::redact::sharing::Sharing;
use crate::handover::format::Format;
use crate::tui::overlays::ask_file;
use crate::tui::overlays::ask_file::AskFile;
use crate::tui::overlays::menu;
use crate::tui::overlays::menu::Choice;
use crate::tui::overlays::menu::Menu;
use crate::tui::theme::Theme;
use crate::worker::handover::Calls;

/// The question how a call is handed over.
#[derive(Debug)]
pub struct HandOverSheet {
    /// The call.
    pub calls: Calls,
    /// A file's name without its end.
    name: String,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Ticket(Menu),
    Format(Menu),
    File {
        format: Format,
        sharing: Sharing,
        file: Box<AskFile>,
    },
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Close it.
    Close,
    /// Copy a ticket of this format.
    Copy(Format, Sharing),
    /// Write this format into this file.
    Write(Format, Sharing, String),
}

/// What can be chosen of a ticket: each format masked, then each as it is.
fn tickets() -> impl Iterator<Item = (char, Format, Sharing)> {
    let masked = Format::TICKETS.map(|format| (format.key(), format, Sharing::Masked));
    let open = Format::TICKETS
        .map(|format| (format.key().to_ascii_uppercase(), format, Sharing::Unmasked));
    masked.into_iter().chain(open)
}

impl HandOverSheet {
    /// Asks as what a ticket of this call is copied.
    pub fn ticket(calls: Calls) -> Self {
        let choices = tickets().map(|(key, format, sharing)| {
            let note = match sharing {
                Sharing::Masked => format.note(),
                Sharing::Unmasked => "personal data NOT masked",
            };
            Choice::new(key, format.title(), note)
        });
        Self {
            calls,
            name: String::new(),
            stage: Stage::Ticket(Menu::new("Copy as", choices)),
        }
    }

    /// Asks as what this call is exported; `name` is what it may be called.
    pub fn export(calls: Calls, name: &str) -> Self {
        let choices =
            Format::ALL.map(|format| Choice::new(format.key(), format.title(), format.note()));
        Self {
            calls,
            name: slug(name),
            stage: Stage::Format(Menu::new("Export the call as", choices)),
        }
    }

    /// Handles a key.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        match &mut self.stage {
            Stage::Ticket(menu) => match menu.key(key) {
                menu::Reply::Open => {}
                menu::Reply::Close => return Reply::Close,
                menu::Reply::Chosen(at) => {
                    if let Some((_, format, sharing)) = tickets().nth(at) {
                        return Reply::Copy(format, sharing);
                    }
                }
            },
            Stage::Format(menu) => match menu.key(key) {
                menu::Reply::Open => {}
                menu::Reply::Close => return Reply::Close,
                menu::Reply::Chosen(at) => {
                    if let Some(format) = Format::ALL.get(at) {
                        self.ask_for_file(*format);
                    }
                }
            },
            Stage::File {
                format,
                sharing,
                file,
            } => match key.code {
                KeyCode::Tab | KeyCode::BackTab if !file.is_writing() => *sharing = other(*sharing),
                _ => match file.key(key) {
                    ask_file::Reply::Open => {}
                    ask_file::Reply::Close => return Reply::Close,
                    ask_file::Reply::Write(file) => return Reply::Write(*format, *sharing, file),
                },
            },
        }
        Reply::Open
    }

    fn ask_for_file(&mut self, format: Format) {
        let name = format!("{}.{}", self.name, format.ending());
        self.stage = Stage::File {
            format,
            sharing: Sharing::Masked,
            file: Box::new(AskFile::new(&name)),
        };
    }

    /// The question for the file, once it is asked.
    pub fn file(&self) -> Option<&AskFile> {
        match &self.stage {
            Stage::File { file, .. } => Some(file),
            Stage::Ticket(_) | Stage::Format(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn file_mut(&mut self) -> Option<&mut AskFile> {
        match &mut self.stage {
            Stage::File { file, .. } => Some(file),
            Stage::Ticket(_) | Stage::Format(_) => None,
        }
    }

    /// Whether personal data is masked in the file that is written.
    pub fn sharing(&self) -> Sharing {
        match self.stage {
            Stage::File { sharing, .. } => sharing,
            Stage::Ticket(_) | Stage::Format(_) => Sharing::Masked,
        }
    }

    /// Draws the question in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let (format, sharing, file) = match &self.stage {
            Stage::Ticket(menu) | Stage::Format(menu) => return menu.view(theme, area, buf),
            Stage::File {
                format,
                sharing,
                file,
            } => (format, sharing, file),
        };
        let title = format.title();
        let about = match sharing {
            Sharing::Masked => (
                format!("{title}. Secrets and personal data are masked."),
                theme.text,
            ),
            Sharing::Unmasked => {
                let sign = theme.glyphs.error;
                let warning = format!("{sign} {title}. Personal data is NOT masked. Secrets are.");
                (warning, theme.error)
            }
        };
        let keys = ", Tab masks personal data or not";
        file.view(&[about], keys, theme, area, buf);
    }
}

fn other(sharing: Sharing) -> Sharing {
    match sharing {
        Sharing::Masked => Sharing::Unmasked,
        Sharing::Unmasked => Sharing::Masked,
    }
}

/// A name that every file system takes.
fn slug(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
            c
        } else {
            '-'
        }
    };
    let slug: String = name.chars().map(plain).take(80).collect();
    let slug = slug.trim_matches(['.', '-']);
    if slug.is_empty() {
        "call".to_owned()
    } else {
        slug.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    fn press(sheet: &mut HandOverSheet, code: KeyCode) -> Reply {
        sheet.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn names_of_files_come_from_no_server() {
        for (name, slug_) in [
            ("entity.create-41", "entity.create-41"),
            ("clients/list-1", "clients-list-1"),
            ("../../x\n\u{1b}", "x"),
            ("", "call"),
        ] {
            assert_eq!(slug(name), slug_);
        }
    }

    #[test]
    fn personal_data_goes_out_only_when_chosen() {
        let calls = || Calls::Kept(Vec::new());
        let mut sheet = HandOverSheet::export(calls(), "call");
        assert_eq!(press(&mut sheet, KeyCode::Char('h')), Reply::Open);
        let file = || "call.har".to_owned();
        assert_eq!(
            press(&mut sheet, KeyCode::Enter),
            Reply::Write(Format::Har, Sharing::Masked, file())
        );
        press(&mut sheet, KeyCode::Tab);
        assert_eq!(
            press(&mut sheet, KeyCode::Enter),
            Reply::Write(Format::Har, Sharing::Unmasked, file())
        );
        let mut sheet = HandOverSheet::ticket(calls());
        assert_eq!(
            press(&mut sheet, KeyCode::Char('w')),
            Reply::Copy(Format::Jira, Sharing::Masked)
        );
        assert_eq!(
            press(&mut sheet, KeyCode::Char('W')),
            Reply::Copy(Format::Jira, Sharing::Unmasked)
        );
    }
}
