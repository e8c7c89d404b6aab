//! What a pasted text was taken for, before anything is done with it: the call or the record in it, what became of each
//! of its parts, and what can be done next (design C5). The root does it.

use std::collections::HashMap;
use std::sync::Arc;

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::redact;
use crate::capture::redact::broken;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::request::truth;
use crate::capture::schema::EntityType;
use crate::capture::secret::MASK;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::curl::account::Account;
use crate::curl::account::Fate;
use crate::curl::import::Files;
use crate::curl::import::Import;
use crate::curl::import::Offered;
use crate::curl::import::Operation;
use crate::curl::import::import_with;
use crate::json::repair::repair;
use crate::json::sanitize;
use crate::paste;
use crate::paste::Named;
use crate::paste::Pasted;
use crate::paste::What;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::overlays::scroll_step;
use crate::tui::panes::form::subject::Subject;
use crate::tui::panes::schema;
use crate::tui::theme::Theme;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// How wide it is at most.
const WIDTH: u16 = 104;

/// Columns of a label.
const LABEL: usize = 12;

/// How many characters of a value are shown.
const MOST_OF_VALUE: usize = 400;

/// How many problems of a record are listed.
const MOST_PROBLEMS: usize = 12;

/// How many commands of one page can be chosen from.
const MOST_COMMANDS: usize = 50;

/// Where the paste happens: what the explorer knows already.
#[derive(Clone, Debug)]
pub struct Around {
    /// The environment's name.
    pub environment: String,
    /// The entity type that is chosen.
    pub type_name: Option<String>,
    /// The names of all entity types, as far as they are known.
    pub types: Vec<String>,
    /// The field under the cursor, if it holds text.
    pub field: Option<String>,
    /// The schemas that are there.
    pub schemas: HashMap<String, Arc<EntityType>>,
    /// Now.
    pub now: Timestamp,
}

/// A pasted text and what it was taken for.
#[derive(Debug)]
pub struct PasteSheet {
    text: String,
    around: Around,
    pasted: Pasted,
    /// The files read so far.
    files: Files,
    /// Which one of several records or requests is meant.
    at: usize,
    /// Whether the text itself is shown.
    raw: bool,
    lines: Vec<(Role, &'static str, String)>,
    offset: usize,
}

/// How a line is meant.
#[derive(Clone, Copy, Debug)]
enum Role {
    Plain,
    Good,
    Wrong,
    Aside,
}

/// What a key did.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Nothing, or it scrolled.
    Open,
    /// The paste is discarded.
    Close,
    /// The form is opened with these values.
    Form(Box<Opening>),
    /// The schema editor is opened with this.
    Schema(Box<schema::opening::Opening>),
    /// This call is made as it is.
    Send(Box<ApiRequest>),
    /// The text is put into the field under the cursor.
    IntoField(String),
    /// The contents of these files are needed.
    ReadFiles(Vec<String>),
    /// Nothing was done, for this reason.
    Refused(String),
}

/// Values for the form.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The entity type.
    pub type_name: String,
    /// The values.
    pub values: Json,
    /// Whether the answer shall hold the record.
    pub include_record: bool,
    /// How the stored record is read into which the values go; `None` for a new one.
    pub read: Option<ApiRequest>,
    /// Which record that is, once it was read.
    pub subject: Option<Subject>,
    /// What the values are: `what was pasted`.
    pub what: &'static str,
    /// Whether a record was made of them before, which is to be made once more.
    pub again: bool,
}

/// What values are that came by a paste.
const PASTED: &str = "what was pasted";

/// Says what a text is; a page with several commands is read as a collection of them. Takes time for a long one.
pub fn read(text: &str) -> Pasted {
    let mut pasted = paste::read(text, Some(&|broken| Some(repair(broken)?.text)));
    if let What::Call(call) = &pasted.what
        && call.next.is_some()
        && let Some(what) = commands(text, &Files::new())
    {
        pasted.what = what;
    }
    pasted
}

/// The curl commands in a text: one is a call, several are a collection of calls.
fn commands(text: &str, files: &Files) -> Option<What> {
    let mut calls = Vec::new();
    let mut from = Some(0);
    while let Some(at) = from
        && calls.len() < MOST_COMMANDS
        && let Some(call) = import_with(text, at, files)
    {
        from = call.next.filter(|next| *next > at);
        let name = format!("command {}", calls.len() + 1);
        calls.push(Named { name, call });
    }
    match calls.len() {
        0 | 1 => calls.pop().map(|only| What::Call(Box::new(only.call))),
        _ => Some(What::Collection(calls)),
    }
}

impl PasteSheet {
    /// The sheet for a pasted text and what [`read`] took it for.
    pub fn new(text: String, pasted: Pasted, around: Around) -> Self {
        let mut sheet = Self {
            text,
            around,
            pasted,
            files: Files::new(),
            at: 0,
            raw: false,
            lines: Vec::new(),
            offset: 0,
        };
        sheet.describe();
        sheet
    }

    /// Takes the contents of files that the command names.
    pub fn read_files(&mut self, files: Files) {
        self.files.extend(files);
        if let Some(what) = commands(&self.text, &self.files) {
            self.pasted.what = what;
        }
        self.describe();
    }

    /// Handles a key, on a screen of this size.
    pub fn key(&mut self, key: KeyEvent, screen: Rect) -> Reply {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let step = match key.code {
            KeyCode::Esc | KeyCode::Char('q') => return Reply::Close,
            KeyCode::Enter if self.goes_into_field() => {
                return Reply::IntoField(std::mem::take(&mut self.text));
            }
            KeyCode::Enter => return self.opening(),
            KeyCode::Char('s') if control => return self.sending(),
            KeyCode::F(5) => return self.sending(),
            KeyCode::Char('f') => return self.files(),
            KeyCode::Char('o') => {
                self.raw = !self.raw;
                self.offset = 0;
                return Reply::Open;
            }
            KeyCode::Char('t') => return self.next_type(),
            KeyCode::Left | KeyCode::Char('h') => return self.turn(-1),
            KeyCode::Right | KeyCode::Char('l') => return self.turn(1),
            code => match scroll_step(code) {
                Some(step) => step,
                None => return Reply::Open,
            },
        };
        let frame = frame(screen, usize::MAX);
        let rows = self.rows(frame.width.saturating_sub(5).into()).len();
        let inside = usize::from(frame.height).saturating_sub(4);
        let last = scroll::max_offset(rows, inside);
        self.offset = self.offset.saturating_add_signed(step).min(last);
        Reply::Open
    }

    /// Whether it is nothing but text, and a field is there to hold it.
    fn goes_into_field(&self) -> bool {
        matches!(self.pasted.what, What::Text) && self.around.field.is_some()
    }

    /// How many records or requests there are to choose from.
    fn count(&self) -> usize {
        match &self.pasted.what {
            What::Records(records) => records.len(),
            What::Collection(calls) => calls.len(),
            _ => 1,
        }
    }

    fn turn(&mut self, by: isize) -> Reply {
        let count = self.count() as isize;
        self.at = (self.at as isize + by).rem_euclid(count.max(1)) as usize;
        self.offset = 0;
        self.describe();
        Reply::Open
    }

    /// Whether the text leaves open which entity type is meant.
    fn needs_type(&self) -> bool {
        let is_reference = matches!(self.pasted.what, What::Reference { .. });
        let nameless = |call: &Import| call.args.get("type_name").is_none();
        is_reference || self.record().is_some() || self.call().is_some_and(nameless)
    }

    /// Takes the next entity type for the one that is meant.
    fn next_type(&mut self) -> Reply {
        let types = &self.around.types;
        if !self.needs_type() || types.is_empty() {
            return Reply::Refused("there is no entity type to choose".to_owned());
        }
        let chosen = self.around.type_name.as_ref();
        let at = types.iter().position(|name| Some(name) == chosen);
        let next = at.map_or(0, |at| (at + 1) % types.len());
        self.around.type_name = types.get(next).cloned();
        self.describe();
        Reply::Open
    }

    /// The call that is meant, if it is one.
    fn call(&self) -> Option<&Import> {
        match &self.pasted.what {
            What::Call(call) => Some(call),
            What::Collection(calls) => Some(&calls.get(self.at)?.call),
            _ => None,
        }
    }

    /// The record that is meant, if it is a bare one.
    fn record(&self) -> Option<&Json> {
        match &self.pasted.what {
            What::Record(record) => Some(record),
            What::Records(records) => records.get(self.at),
            _ => None,
        }
    }

    fn files(&self) -> Reply {
        let missing = self.call().map(Import::missing_files).unwrap_or_default();
        if missing.is_empty() {
            return Reply::Refused("no file is needed".to_owned());
        }
        Reply::ReadFiles(missing.into_iter().map(str::to_owned).collect())
    }

    fn sending(&self) -> Reply {
        let ready = self.ready().and_then(|call| {
            if let Some(account) = call.placeholders().next() {
                return Err(stands_for_something(account));
            }
            if call.lacks_data {
                return Err(
                    "parts of its data were not taken: it cannot be sent as it is".to_owned(),
                );
            }
            Ok(call)
        });
        match ready.map(Import::request) {
            Ok(Some(request)) => Reply::Send(Box::new(request)),
            Ok(None) => Reply::Refused("the operation is not known: it cannot be sent".to_owned()),
            Err(reason) => Reply::Refused(reason),
        }
    }

    /// The call, when nothing of it is missing but masked values of a record.
    fn ready(&self) -> Result<&Import, String> {
        let call = self
            .call()
            .ok_or("this is no call: there is nothing to send")?;
        if let Some(file) = call.missing_files().first() {
            return Err(format!(
                "the contents of {file} are missing: f reads the file"
            ));
        }
        let masked = |name: &str| call.args.iter().any(|(n, v)| n == name && v.contains(MASK));
        let only_record = call
            .args
            .iter()
            .all(|(n, _)| n == "attributes" || !masked(n));
        let is_mask = |account: &&Account| only_record && account.fate.reason().starts_with(MASK);
        match call.placeholders().find(|account| !is_mask(account)) {
            Some(account) => Err(stands_for_something(account)),
            None => Ok(call),
        }
    }

    /// What the schema editor opens with; `None` when it opens elsewhere.
    fn schema_opening(&self) -> Option<Result<schema::opening::Opening, String>> {
        if let What::Schema {
            name,
            attr_defs,
            problems,
        } = &self.pasted.what
        {
            return Some(Ok(schema::opening::Opening::New {
                name: name.clone().unwrap_or_default(),
                attr_defs: attr_defs.clone(),
                problems: problems.clone(),
                repaired: self.pasted.repaired.clone(),
            }));
        }
        let call = self.call()?;
        let endpoint = match call.operation {
            Operation::Known(endpoint) => endpoint,
            // Half of a sample is worth its half.
            Operation::Missing if call.args.get("attr_defs").is_some() => Endpoint::TypeCreate,
            Operation::Missing | Operation::Unknown(_) => return None,
        };
        let chosen = self.around.type_name.as_deref();
        schema::opening::Opening::of_call(endpoint, &call.args, chosen)
    }

    fn opening(&self) -> Reply {
        if let Some(opening) = self.schema_opening() {
            let opening = match self.call() {
                Some(_) => self.ready().and(opening),
                None => opening,
            };
            return match opening {
                Ok(opening) => Reply::Schema(Box::new(opening)),
                Err(reason) => Reply::Refused(reason),
            };
        }
        let opening = match (self.record(), &self.pasted.what) {
            (Some(record), _) => self.opening_of_record(record),
            (None, What::Call(_) | What::Collection(_)) => {
                self.ready().and_then(|call| self.opening_of_call(call))
            }
            (None, What::Reference { uuid, id }) => self.opening_of_reference(uuid.as_deref(), *id),
            (None, _) => Err("there is nothing in it that a form could hold".to_owned()),
        };
        match opening {
            Ok(opening) => Reply::Form(Box::new(opening)),
            Err(reason) => Reply::Refused(reason),
        }
    }

    fn type_name(&self) -> Result<String, String> {
        let reason = "choose an entity type first: t";
        self.around
            .type_name
            .clone()
            .ok_or_else(|| reason.to_owned())
    }

    fn opening_of_record(&self, record: &Json) -> Result<Opening, String> {
        Ok(Opening {
            type_name: self.type_name()?,
            values: record.clone(),
            include_record: false,
            read: None,
            subject: Some(Subject::New),
            what: PASTED,
            again: false,
        })
    }

    fn opening_of_reference(&self, uuid: Option<&str>, id: Option<i64>) -> Result<Opening, String> {
        let type_name = self.type_name()?;
        let read = ApiRequest::new(Endpoint::EntityView).with("type_name", type_name.clone());
        let read = match (uuid, id) {
            (Some(uuid), _) => read.with("uuid", uuid),
            (None, Some(id)) => read.with("id", id.to_string()),
            (None, None) => return Err("it names no record".to_owned()),
        };
        Ok(Opening {
            type_name,
            values: Json::Object(Object::new()),
            include_record: false,
            read: Some(read),
            subject: None,
            what: PASTED,
            again: false,
        })
    }

    fn opening_of_call(&self, call: &Import) -> Result<Opening, String> {
        let endpoint = match call.operation {
            Operation::Known(endpoint) => endpoint,
            // Half of a sample is worth its half.
            Operation::Missing => Endpoint::EntityCreate,
            Operation::Unknown(_) => {
                return Err("the operation is not known: it opens in no form".to_owned());
            }
        };
        let type_name = match call.args.get("type_name") {
            Some(name) => name.to_owned(),
            None => self.type_name()?,
        };
        let read = match endpoint {
            Endpoint::EntityCreate => None,
            Endpoint::EntityUpdate | Endpoint::EntityReplace | Endpoint::EntityView => {
                if call.args.get("attribute_name").is_some() {
                    return Err("it is about a part of a record: F5 sends it as it is".to_owned());
                }
                let mut read = ApiRequest::new(Endpoint::EntityView).with("type_name", &type_name);
                for name in ["id", "uuid", "key_attribute", "key_value"] {
                    if let Some(value) = call.args.get(name) {
                        read = read.with(name, value);
                    }
                }
                Some(read)
            }
            other => {
                return Err(format!("{other} opens in no form: F5 sends it as it is"));
            }
        };
        let values = match call.args.get("attributes") {
            _ if endpoint == Endpoint::EntityView => Json::Object(Object::new()),
            None => Json::Object(Object::new()),
            Some(text) => {
                Json::parse(text).map_err(|error| format!("attributes cannot be read: {error}"))?
            }
        };
        let include = call.args.get("include_record").and_then(truth);
        Ok(Opening {
            type_name,
            values,
            include_record: include == Some(true),
            subject: read.is_none().then_some(Subject::New),
            read,
            what: PASTED,
            again: false,
        })
    }

    // ---- What is shown ----

    fn describe(&mut self) {
        let mut lines = Vec::new();
        let mut add = |role, label, text: String| lines.push((role, label, text));
        if self.count() > 1 {
            let text = format!("{} of {}   ← → chooses another", self.at + 1, self.count());
            add(Role::Plain, "this one", text);
        }
        if let What::Collection(calls) = &self.pasted.what
            && let Some(named) = calls.get(self.at)
        {
            add(Role::Plain, "name", named.name.clone());
        }
        if let Some(call) = self.call() {
            self.describe_call(call, &mut add);
        } else if let Some(record) = self.record() {
            let name = self.around.type_name.as_deref();
            add(
                if name.is_some() {
                    Role::Good
                } else {
                    Role::Wrong
                },
                "type_name",
                name.unwrap_or("none is chosen: t chooses one").to_owned(),
            );
            self.describe_record(record, name, &mut add);
        } else {
            self.describe_rest(&mut add);
        }
        match self.schema_opening() {
            Some(Ok(opening)) => {
                for (label, text, is_wrong) in opening.lines() {
                    add(if is_wrong { Role::Wrong } else { Role::Good }, label, text);
                }
            }
            Some(Err(reason)) => add(Role::Wrong, "schema", reason),
            None => {}
        }
        let accounts = match self.call() {
            Some(call) => &call.accounts,
            None => self.pasted.accounts(),
        };
        let schema = self
            .call()
            .and_then(|call| call.args.get("type_name"))
            .or(self.around.type_name.as_deref())
            .and_then(|name| self.around.schemas.get(name));
        let secret_names = schema.map_or_else(Vec::new, |schema| schema.password_names());
        describe_accounts(accounts, &secret_names, &mut add);
        self.lines = lines;
    }

    fn describe_call(&self, call: &Import, add: &mut impl FnMut(Role, &'static str, String)) {
        match &call.operation {
            Operation::Known(endpoint) => {
                add(Role::Good, "operation", endpoint.spec().path.to_owned());
            }
            Operation::Unknown(path) => {
                add(
                    Role::Wrong,
                    "operation",
                    format!("{path}: no operation has this path"),
                );
            }
            Operation::Missing => {
                let taken_for = if call.args.get("attr_defs").is_some() {
                    "none is named: the editor takes it for a new entity type"
                } else {
                    "none is named: the form takes it for a new record"
                };
                add(Role::Wrong, "operation", taken_for.to_owned());
            }
        }
        let here = &self.around.environment;
        match &call.domain {
            Some(domain) => add(
                Role::Plain,
                "domain",
                format!("{domain}: not used, the call goes to {here}"),
            ),
            None => add(
                Role::Plain,
                "domain",
                format!("none: the call goes to {here}"),
            ),
        }
        let auth = match &call.credentials {
            Offered::Nothing => format!("none: the client of {here} calls"),
            Offered::Usable(_) => {
                format!("a client of its own: not used, the client of {here} calls")
            }
            Offered::Unusable { why, .. } => format!("{why}: the client of {here} calls"),
        };
        add(Role::Plain, "who calls", auth);
        let shown = call
            .request()
            .map_or_else(|| call.args.clone(), |request| redact::args(&request));
        for (name, value) in shown.iter() {
            // Those are shown by what they come to.
            if !matches!(name, "attributes" | "attr_defs" | "attr_def") {
                let value: String = value.chars().take(MOST_OF_VALUE).collect();
                add(Role::Plain, "argument", format!("{name} = {value}"));
            }
        }
        if let Some(text) = call.args.get("attributes") {
            match Json::parse(text) {
                Ok(record) => {
                    let name = call
                        .args
                        .get("type_name")
                        .or(self.around.type_name.as_deref());
                    self.describe_record(&record, name, add);
                }
                Err(error) => add(Role::Wrong, "attributes", error.to_string()),
            }
        }
    }

    /// The record's attributes, and what the schema has against them.
    fn describe_record(
        &self,
        record: &Json,
        type_name: Option<&str>,
        add: &mut impl FnMut(Role, &'static str, String),
    ) {
        let names = record.as_object().map(|members| {
            let names: Vec<&str> = members.keys().map(String::as_str).collect();
            names.join(", ")
        });
        match &names {
            Some(names) => add(Role::Plain, "attributes", names.clone()),
            None => add(Role::Wrong, "attributes", "not a JSON object".to_owned()),
        }
        let Some(schema) = type_name.and_then(|name| self.around.schemas.get(name)) else {
            let text = "not loaded yet: the form checks the values".to_owned();
            return add(Role::Aside, "schema", text);
        };
        let is_update = self
            .call()
            .is_some_and(|call| call.operation == Operation::Known(Endpoint::EntityUpdate));
        let mode = if is_update {
            Mode::Update
        } else {
            Mode::Create
        };
        let found = validate::validate(record, schema, mode, self.around.now);
        if found.is_empty() {
            add(
                Role::Good,
                "schema",
                format!("every value fits {}", schema.name),
            );
        }
        for violation in found.iter().take(MOST_PROBLEMS) {
            let text = format!("{}: {}", violation.path, violation.reason);
            add(Role::Wrong, "schema", text);
        }
        if found.len() > MOST_PROBLEMS {
            let text = format!("and {} more", found.len() - MOST_PROBLEMS);
            add(Role::Wrong, "schema", text);
        }
    }

    fn describe_rest(&self, add: &mut impl FnMut(Role, &'static str, String)) {
        match &self.pasted.what {
            What::Error(error) => {
                add(
                    Role::Wrong,
                    "error",
                    format!("{} {}", error.code.0, error.error),
                );
                add(Role::Plain, "service", error.description.clone());
                if let Some(info) = error.code.info() {
                    add(Role::Plain, "meaning", info.meaning.to_owned());
                    for cause in info.causes {
                        add(Role::Plain, "cause", (*cause).to_owned());
                    }
                    for remedy in info.remedy {
                        add(Role::Good, "do", (*remedy).to_owned());
                    }
                }
                if let Some(id) = &error.request_id {
                    add(Role::Plain, "request id", id.clone());
                }
            }
            What::Reference { uuid, id } => {
                let id = id.map(|id| format!("id {id}"));
                let uuid = uuid.as_ref().map(|uuid| format!("uuid {uuid}"));
                let words: Vec<String> = [id, uuid].into_iter().flatten().collect();
                add(Role::Plain, "record", words.join(", "));
            }
            What::RequestId(id) => add(Role::Plain, "request id", id.clone()),
            What::BrokenJson(error) => add(Role::Wrong, "JSON", error.to_string()),
            What::Text => {
                let text = match &self.around.field {
                    Some(field) => format!("plain text: Enter puts it into {field}"),
                    None => "plain text. To put it into a field: Enter on the field, then paste"
                        .to_owned(),
                };
                add(Role::Aside, "text", text);
            }
            What::Call(_)
            | What::Collection(_)
            | What::Record(_)
            | What::Records(_)
            | What::Schema { .. } => {}
        }
    }

    fn title(&self) -> String {
        let what = match &self.pasted.what {
            What::Call(_) => "a call",
            What::Collection(_) => "several calls",
            What::Record(_) => "a record",
            What::Records(_) => "records",
            What::Schema { .. } => "a schema",
            What::Error(_) => "an error of the service",
            What::Reference { .. } => "an answer that names a record",
            What::RequestId(_) => "a text with a request id",
            What::BrokenJson(_) => "JSON that is broken",
            What::Text => "a text",
        };
        let lines = self.text.lines().count();
        format!("Pasted {what} · {lines} lines, {} bytes", self.text.len())
    }

    fn rows(&self, cells: usize) -> Vec<(Role, String)> {
        if self.raw {
            let shown: String = self.text.chars().take(64 << 10).collect();
            let lines = sanitize::wrap(&sanitize::clean_lines(&shown), cells.max(1));
            return lines.into_iter().map(|line| (Role::Plain, line)).collect();
        }
        let room = cells.saturating_sub(LABEL).max(8);
        let mut rows = Vec::new();
        let mut before = "";
        for (role, label, line) in &self.lines {
            let wrapped = sanitize::wrap(&sanitize::clean_lines(line), room);
            for (at, part) in wrapped.into_iter().enumerate() {
                let shown = if at == 0 && *label != before {
                    *label
                } else {
                    ""
                };
                rows.push((*role, format!("{shown:<LABEL$}{part}")));
            }
            before = label;
        }
        rows
    }

    fn hints(&self) -> String {
        let mut hints = Vec::new();
        if self.goes_into_field() {
            hints.push("Enter puts it into the field");
        }
        match self.opening() {
            Reply::Form(_) => hints.push("Enter opens the form"),
            Reply::Schema(_) => hints.push("Enter opens the schema"),
            _ => {}
        }
        if matches!(self.sending(), Reply::Send(_)) {
            hints.push("F5 sends it as it is");
        }
        if matches!(self.files(), Reply::ReadFiles(_)) {
            hints.push("f reads the files");
        }
        if self.needs_type() && self.around.types.len() > 1 {
            hints.push("t another type");
        }
        hints.push("o raw text");
        hints.push("Esc discards");
        hints.join("   ")
    }

    /// Draws the sheet in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let width = WIDTH.min(area.width.saturating_sub(2));
        let rows = self.rows(width.saturating_sub(5).into());
        let frame = frame(area, rows.len());
        let inside = popup(buf, frame, &self.title(), theme);
        let body = Rect {
            height: inside.height.saturating_sub(2),
            ..inside
        };
        scroll::draw_bar(buf, body, self.offset, rows.len(), theme);
        let style = |role: Role| -> Style {
            match role {
                Role::Plain => theme.text,
                Role::Good => theme.ok,
                Role::Wrong => theme.error,
                Role::Aside => theme.dim,
            }
        };
        let visible = rows.iter().skip(self.offset);
        for ((role, row), y) in visible.zip(body.y..body.bottom()) {
            let room = body.width.saturating_sub(1);
            text::put(buf, body.x, y, room, row, style(*role));
        }
        let y = inside.bottom().saturating_sub(1);
        text::put(buf, inside.x, y, inside.width, &self.hints(), theme.dim);
    }
}

/// What became of every token: those that are taken as they stand in one line, all others with the reason.
fn describe_accounts(
    accounts: &[Account],
    secret_names: &[String],
    add: &mut impl FnMut(Role, &'static str, String),
) {
    let imported: Vec<String> = accounts
        .iter()
        .filter(|account| account.fate == Fate::Imported)
        .map(|account| without_secrets(&account.text, secret_names))
        .collect();
    if !imported.is_empty() {
        let shown: String = imported
            .join("  ")
            .chars()
            .take(2 * MOST_OF_VALUE)
            .collect();
        add(Role::Aside, "taken", shown);
    }
    for account in accounts {
        let role = match &account.fate {
            Fate::Imported => continue,
            Fate::Translated(_) | Fate::Ignored(_) => Role::Aside,
            Fate::Placeholder(_) | Fate::Refused(_) | Fate::NeedsFile(_) => Role::Wrong,
        };
        let shown = without_secrets(&account.text, secret_names);
        let text = format!("{shown}: {}", account.fate.reason());
        add(role, account.fate.word(), text);
    }
}

/// A token without the values of these attributes. Where they stand percent-encoded, it is shown decoded.
fn without_secrets(text: &str, secret_names: &[String]) -> String {
    if secret_names.is_empty() {
        return text.to_owned();
    }
    let decoded = Args::from_form(text.as_bytes()).0;
    let pairs = decoded
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let decoded = pairs.collect::<Vec<_>>().join("&");
    let masked = broken::masked(&decoded, secret_names);
    if masked == decoded {
        text.to_owned()
    } else {
        masked
    }
}

fn stands_for_something(account: &Account) -> String {
    let text = &account.text;
    format!("{text} stands for something that is not in the text")
}

/// The sheet's frame, with room for so many rows if the screen has it.
fn frame(screen: Rect, rows: usize) -> Rect {
    let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(4);
    let width = WIDTH.min(screen.width.saturating_sub(2));
    centred(screen, width, height.min(screen.height.saturating_sub(2)))
}
