//! Asks into which file something goes: the line, the job that writes it, and why it could not. Part of the questions that
//! export; what is written is theirs. A file that is there already is left alone, and another name asked for.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::panes::line_input::LineInput;
use crate::tui::theme::Theme;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;
use crate::worker::job::JobId;

/// The title of the question.
const TITLE: &str = "Export into which file?";

/// What becomes of a file that is there already.
const LEFT_ALONE: &str = "A file that is there already is not overwritten.";

/// The question for a file.
#[derive(Debug)]
pub struct AskFile {
    input: LineInput,
    /// The job that writes it.
    writing: Option<JobId>,
    complaint: Option<String>,
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Close it.
    Close,
    /// Write into this file.
    Write(String),
}

impl AskFile {
    /// The question, with a name that may be changed.
    pub fn new(name: &str) -> Self {
        Self {
            input: LineInput::new(name),
            writing: None,
            complaint: None,
        }
    }

    /// Handles a key. While the file is written, it can only be closed.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        match key.code {
            KeyCode::Esc => return Reply::Close,
            _ if self.is_writing() => {}
            KeyCode::Enter => {
                let file = self.file();
                if !file.is_empty() {
                    return Reply::Write(file);
                }
                self.complaint = Some("type the name of a file".to_owned());
            }
            // Not a character of a name; see the questions that give it a meaning.
            KeyCode::Tab | KeyCode::BackTab => {}
            _ => {
                self.input.key(key);
                self.complaint = None;
            }
        }
        Reply::Open
    }

    /// Takes a pasted name.
    pub fn paste(&mut self, pasted: &str) {
        if !self.is_writing() {
            self.input.paste(pasted.trim());
            self.complaint = None;
        }
    }

    /// The file as it is typed.
    pub fn file(&self) -> String {
        self.input.text().trim().to_owned()
    }

    /// Whether the file is being written.
    pub fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Waits for the job that writes it.
    pub fn wait_for(&mut self, job: JobId) {
        self.writing = Some(job);
    }

    /// Whether it waits for this job.
    pub fn waits_for(&self, job: JobId) -> bool {
        self.writing == Some(job)
    }

    /// It was not written, for this reason: another name is asked for.
    pub fn refused(&mut self, reason: String) {
        self.writing = None;
        self.complaint = Some(reason);
    }

    /// Draws the question in the middle of `area`: what is exported, in `about`, and the keys of its own besides those of
    /// every line.
    pub fn view(
        &self,
        about: &[(String, Style)],
        own_keys: &str,
        theme: &Theme,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let height = u16::try_from(about.len()).unwrap_or(u16::MAX);
        let frame = centred(area, 72, height.saturating_add(8));
        let inside = popup(buf, frame, TITLE, theme);
        let line = Rect {
            height: 1,
            ..inside
        };
        buf.set_style(line, theme.value.patch(theme.accent));
        self.input.view(line, buf);
        let said = match &self.complaint {
            Some(complaint) => (complaint.clone(), theme.error),
            None if self.is_writing() => (format!("{} writing", theme.glyphs.running), theme.dim),
            None => (LEFT_ALONE.to_owned(), theme.dim),
        };
        let below = Rect {
            y: inside.y + 2,
            height: inside.height.saturating_sub(4),
            ..inside
        };
        let mut said_below = about.to_vec();
        said_below.push(said);
        paragraphs::put(buf, below, &said_below);
        let y = inside.bottom().saturating_sub(1);
        let keys = format!("Enter writes it{own_keys}, Esc leaves it");
        text::put(buf, inside.x, y, inside.width, &keys, theme.dim);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

    fn press(question: &mut AskFile, code: KeyCode) -> Reply {
        question.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn a_name_is_asked_for_until_it_is_written() {
        let mut question = AskFile::new("a");
        assert_eq!(press(&mut question, KeyCode::Backspace), Reply::Open);
        assert_eq!(press(&mut question, KeyCode::Enter), Reply::Open);
        assert!(question.complaint.is_some(), "no file has no name");
        press(&mut question, KeyCode::Tab);
        question.paste(" b.json\n");
        assert_eq!(
            press(&mut question, KeyCode::Enter),
            Reply::Write("b.json".to_owned())
        );
        question.wait_for(JobId(7));
        assert!(question.waits_for(JobId(7)) && !question.waits_for(JobId(8)));
        for code in [KeyCode::Char('x'), KeyCode::Enter] {
            assert_eq!(
                press(&mut question, code),
                Reply::Open,
                "while it is written"
            );
        }
        question.refused("it is there already".to_owned());
        press(&mut question, KeyCode::Char('2'));
        assert_eq!(question.complaint, None);
        assert_eq!(
            press(&mut question, KeyCode::Enter),
            Reply::Write("b.json2".to_owned())
        );
        assert_eq!(press(&mut question, KeyCode::Esc), Reply::Close);
    }
}
