//! The diagram of a design, and its exports into files. Part of the root's update: the question knows the file, only the
//! root knows the design and the jobs.

use std::path::PathBuf;

use crossterm::event::KeyEvent;

use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::ask_file::AskFile;
use crate::tui::overlays::diagram;
use crate::tui::overlays::diagram::Diagram;
use crate::tui::overlays::export;
use crate::tui::overlays::export::Export;
use crate::tui::overlays::export::Form;
use crate::tui::session::PaneId;
use crate::tui::update::failure_of;
use crate::tui::update::with_cause;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;
use crate::worker::job::SchemaForm;

/// Shows the diagram of the design.
pub(super) fn show_diagram(model: &mut Model) {
    if let Some(desk) = model.schema.desk() {
        let diagram = Diagram::new(desk.design.wanted(), &model.theme);
        model.overlays.push(Overlay::Diagram(Box::new(diagram)));
    }
}

/// Asks as what the design is exported.
pub(super) fn ask(model: &mut Model) {
    if let Some(desk) = model.schema.desk() {
        let export = Export::new(&desk.design.tree().name);
        model.overlays.push(Overlay::Export(Box::new(export)));
    }
}

/// A key while the diagram is shown.
pub(super) fn diagram_key(model: &mut Model, key: KeyEvent) {
    let area = model.area;
    let Some(Overlay::Diagram(diagram)) = model.overlays.last_mut() else {
        return;
    };
    match diagram.key(key, area) {
        diagram::Reply::Open => {}
        diagram::Reply::Close => drop(model.overlays.pop()),
        diagram::Reply::Export => ask(model),
    }
}

fn question(model: &mut Model) -> Option<&mut Export> {
    match model.overlays.last_mut() {
        Some(Overlay::Export(export)) => Some(export),
        _ => None,
    }
}

/// A key while it is asked.
pub(super) fn key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(question) = question(model) else {
        return;
    };
    match question.key(key) {
        export::Reply::Open => {}
        export::Reply::Close => drop(model.overlays.pop()),
        export::Reply::Write(form, file) => begin(model, form, file, effects),
    }
}

/// Has it made and written by the worker, which keeps nobody waiting and knows the client.
fn begin(model: &mut Model, form: Form, file: String, effects: &mut Vec<Effect>) {
    let (Some(desk), Some(preview)) = (model.schema.desk(), model.schema.preview()) else {
        return;
    };
    let form = match form {
        Form::EntityType => SchemaForm::Json,
        Form::Markdown => SchemaForm::Markdown,
        Form::Mermaid => SchemaForm::Mermaid,
        Form::Svg => SchemaForm::Svg,
        Form::AttrDefs => {
            let text = desk.attr_defs_text();
            return write(model, file, text, effects);
        }
        Form::Curl => {
            let requests = match preview.calls_alone() {
                Ok(calls) => calls,
                Err(reason) => {
                    refused(model, reason.to_owned());
                    return;
                }
            };
            let job = Job::ExportCurl {
                requests,
                secrets: false,
            };
            return run(model, "curl command", job, effects);
        }
    };
    let job = Job::WriteSchema {
        file: PathBuf::from(file),
        schema: Box::new(desk.design.wanted()),
        form,
    };
    run(model, "export", job, effects);
}

fn write(model: &mut Model, file: String, mut text: String, effects: &mut Vec<Effect>) {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let job = Job::WriteFile {
        file: PathBuf::from(file),
        text,
    };
    run(model, "export", job, effects);
}

fn run(model: &mut Model, title: &str, job: Job, effects: &mut Vec<Effect>) {
    let id = model.fx(PaneId::Schema, effects).run(title, job, false);
    if let Some(file) = question(model).and_then(Export::file_mut) {
        file.wait_for(id);
    }
}

fn refused(model: &mut Model, reason: String) {
    if let Some(file) = question(model).and_then(Export::file_mut) {
        file.refused(reason);
    }
}

/// Whether an export waits for this job.
pub(super) fn is_awaited(model: &Model, id: JobId) -> bool {
    let Some(Overlay::Export(question)) = model.overlays.last() else {
        return false;
    };
    question.file().is_some_and(|file| file.waits_for(id))
}

/// The file was written, or could not be: then another name can be typed.
pub(super) fn finished(
    model: &mut Model,
    id: JobId,
    result: Result<Output, JobError>,
    effects: &mut Vec<Effect>,
) {
    if !is_awaited(model, id) {
        return;
    }
    match result {
        Ok(Output::Curl(text)) => {
            let file = question(model).and_then(|question| question.file().map(AskFile::file));
            if let Some(file) = file {
                write(model, file, text.reveal().to_owned(), effects);
            }
        }
        Ok(Output::Written { file, .. }) => {
            model.overlays.pop();
            model.say(Tone::Plain, format!("written: {}", file.display()));
        }
        other => refused(model, with_cause(failure_of(other))),
    }
}
