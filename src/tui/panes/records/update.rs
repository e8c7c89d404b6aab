//! What each verb of the records does.

use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::endpoint::Endpoint;
use crate::capture::filter;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::redact;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::list_cursor::Move;
use crate::tui::panes::records::Action;
use crate::tui::panes::records::Asked;
use crate::tui::panes::records::Mode;
use crate::tui::panes::records::Outcome;
use crate::tui::panes::records::RecordsPane;
use crate::tui::panes::records::Waiting;
use crate::tui::panes::records::picker::Choice;
use crate::tui::panes::records::picker::Picker;
use crate::tui::panes::records::picker::Purpose;
use crate::tui::panes::records::query::Start;
use crate::tui::panes::records::search::Search;
use crate::tui::panes::records::trouble::Trouble;
use crate::tui::panes::records::typing::Typing;
use crate::tui::panes::records::view;
use crate::tui::session::Session;
use crate::worker::job::JobId;

const RUNNING: &str = "a call is still running: <app.back> cancels it";

impl RecordsPane {
    /// Handles an event.
    pub fn update(&mut self, event: PaneEvent<Action>, session: &Session) -> Option<Outcome> {
        let now = session.now;
        let outcome = match event {
            PaneEvent::Act(action) => self.act(action, now),
            PaneEvent::Key(key) => {
                let schema = self.search().map(|search| Arc::clone(&search.schema));
                match (&mut self.mode, schema) {
                    (Mode::Filter(typing), Some(schema)) => typing.key(key, &schema, now),
                    (Mode::Picking(picker), _) => picker.key(key),
                    (Mode::Filter(_), None) | (Mode::Rows, _) => {}
                }
                None
            }
            PaneEvent::Paste(text) => self.paste(&text, now),
            PaneEvent::Scroll(rows) => {
                self.scroll(rows.into());
                None
            }
            PaneEvent::Click { row, .. } => self.click(row, now),
        };
        self.fit();
        outcome
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        let Some(search) = self.search() else {
            return Some("choose an entity type first: <app.types>, then <types.choose>");
        };
        let found = search.found.as_ref();
        match action {
            Action::NextPage | Action::PreviousPage if found.is_none() => {
                Some("nothing was asked for yet: <app.send> runs the find")
            }
            Action::NextPage if found.is_some_and(|found| !found.has_more()) => {
                Some("this is the last page")
            }
            Action::PreviousPage if found.is_some_and(|found| found.at() == 0) => {
                Some("this is the first page")
            }
            Action::NextPage | Action::PreviousPage | Action::Count if self.is_waiting() => {
                Some(RUNNING)
            }
            Action::Copy if search.record().is_none() => Some("there is no record to copy"),
            Action::Open if found.is_some() && search.record().is_none() => {
                Some("there is no record to open")
            }
            _ => None,
        }
    }

    /// Why the search cannot be run now.
    pub fn refuses_run(&self) -> Option<&'static str> {
        if self.search().is_none() {
            return Some("choose an entity type first: <app.types>, then <types.choose>");
        }
        if let Mode::Picking(picker) = &self.mode
            && picker.purpose() == Purpose::Columns
        {
            return Some(
                "<pick.choose> takes the columns, <pick.discard> leaves them; then <app.send> runs",
            );
        }
        self.is_waiting().then_some(RUNNING)
    }

    /// Runs the search from its first page. A filter that is none is not sent, unless one insists.
    pub fn run(&mut self, now: Timestamp) -> Outcome {
        self.keep_typed();
        // An order that is being chosen is meant to be sent.
        self.choose();
        let Some(search) = self.search_mut() else {
            return Outcome::Refused(
                "choose an entity type first: <app.types>, then <types.choose>".to_owned(),
            );
        };
        let filter = search.query.filter.clone();
        if let Err(error) = filter::check(&filter, &search.schema, now)
            && search.doubted.as_ref() != Some(&filter)
        {
            search.doubted = Some(filter.clone());
            let place = error.at.saturating_sub(1);
            let typing = Typing::new(&filter, Some(place), &search.schema, now);
            self.mode = Mode::Filter(Box::new(typing));
            self.fit();
            return Outcome::Refused(
                "not sent: this is no filter. <app.send> again sends it anyway".into(),
            );
        }
        self.mode = Mode::Rows;
        self.fit();
        self.ask_for_page(0)
    }

    /// Keeps the filter as it was written, and stops writing it.
    pub fn stop_typing(&mut self) {
        self.keep_typed();
        if matches!(self.mode, Mode::Filter(_)) {
            self.mode = Mode::Rows;
        }
        self.fit();
    }

    /// Shows the records again in place of what went wrong; false when nothing did.
    pub fn clear_trouble(&mut self) -> bool {
        self.search_mut()
            .is_some_and(|search| search.trouble.take().is_some())
    }

    /// Says more of why the search that is shown brought nothing, before the service's words.
    pub fn explain(&mut self, text: &str) {
        let trouble = self.search_mut().and_then(|search| search.trouble.as_mut());
        if let Some(trouble) = trouble {
            trouble.lines.insert(0, text.to_owned());
        }
    }

    /// The answer came, or why it did not. Dropped when something else is awaited.
    pub fn answered(
        &mut self,
        job: JobId,
        result: Result<Arc<Exchange>, Failure>,
    ) -> Option<Outcome> {
        let waiting = self.stop_waiting(job)?;
        let search = self.searches.get_mut(&waiting.type_name)?;
        let shown = match (result, waiting.asked) {
            (Err(failure), _) => Err(Trouble::from(failure)),
            (Ok(exchange), Asked::Count(query)) => match total(&exchange) {
                Some(total) => {
                    search.total = Some((query, total));
                    Ok(true)
                }
                None => Err(Trouble::of(&exchange, &query.filter)),
            },
            (
                Ok(exchange),
                Asked::Page {
                    query,
                    number,
                    start,
                },
            ) => search.page_came(query, number, start, &exchange),
        };
        let outcome = match shown {
            Ok(true) => None,
            Ok(false) => Some(Outcome::Told("there are no more records".to_owned())),
            Err(trouble) => {
                search.trouble = Some(trouble);
                None
            }
        };
        self.fit();
        outcome
    }

    /// A call for a record ended: where the record stands among those that were found, its row follows what the answer
    /// brought. What is not there is not looked for.
    pub fn was_written(&mut self, exchange: &Exchange) {
        let args = &exchange.request.args;
        let (Some(Answer::Ok(answer)), Some(search)) = (
            exchange.answer(),
            args.get("type_name")
                .and_then(|name| self.searches.get_mut(name)),
        ) else {
            return;
        };
        let now = match exchange.request.endpoint {
            // What is asked for a part only brings no whole row.
            Endpoint::EntityView if args.get("attributes").is_some() => return,
            Endpoint::EntityDelete if args.get("attribute_name").is_none() => None,
            Endpoint::EntityView | Endpoint::EntityUpdate | Endpoint::EntityReplace => {
                let record = answer.get("result");
                let whole = |record: &&Json| record.get("id").is_some();
                match record
                    .filter(whole)
                    .filter(|_| args.get("attribute_name").is_none())
                {
                    Some(record) => Some(record),
                    None => return,
                }
            }
            _ => return,
        };
        let (uuid, id) = (args.get("uuid"), args.get("id"));
        let of = |row: &Json| match (uuid, now) {
            (_, Some(now)) => row.get("id") == now.get("id"),
            (Some(uuid), None) => row.get("uuid").and_then(Json::as_str) == Some(uuid),
            (None, None) => id.is_some() && row.get("id").map(ToString::to_string).as_deref() == id,
        };
        search.was_written(of, now);
        self.fit();
    }

    /// The call was cancelled: what was shown stays.
    pub fn cancelled(&mut self, job: JobId) {
        self.stop_waiting(job);
    }

    fn stop_waiting(&mut self, job: JobId) -> Option<Waiting> {
        self.waiting.take_if(|waiting| waiting.job == Some(job))
    }

    fn act(&mut self, action: Action, now: Timestamp) -> Option<Outcome> {
        match action {
            Action::Filter => self.write_filter(None, now),
            Action::Open => return self.open_record(now),
            Action::Copy => return self.copy(),
            Action::New => return Some(Outcome::New),
            Action::Sort => self.pick(|schema, search| Picker::sort(schema, &search.query.sort)),
            Action::Columns => {
                self.pick(|schema, search| Picker::columns(schema, &search.columns));
            }
            Action::Count => return self.count(),
            Action::NextPage => return self.turn(true),
            Action::PreviousPage => return self.turn(false),
            Action::Down => self.go(Move::By(1)),
            Action::Up => self.go(Move::By(-1)),
            Action::PageDown => return self.page_down(),
            Action::PageUp => self.go(Move::Pages(-1)),
            Action::First => self.go(Move::First),
            Action::Last => self.go(Move::Last),
            Action::Right => self.shift_columns(true),
            Action::Left => self.shift_columns(false),
            Action::Enter
            | Action::Take
            | Action::NextOffer
            | Action::PreviousOffer
            | Action::Leave => return self.act_on_filter(action, now),
            Action::Choose
            | Action::Toggle
            | Action::Discard
            | Action::PickDown
            | Action::PickUp
            | Action::PickPageDown
            | Action::PickPageUp
            | Action::MoveUp
            | Action::MoveDown
            | Action::Usual => return self.act_on_choice(action, now),
        }
        None
    }

    fn act_on_filter(&mut self, action: Action, now: Timestamp) -> Option<Outcome> {
        let schema = Arc::clone(&self.search()?.schema);
        let Mode::Filter(typing) = &mut self.mode else {
            return None;
        };
        match action {
            Action::Take => {
                if !typing.take(&schema, now) {
                    let reason = "nothing is offered here".to_owned();
                    return Some(Outcome::Refused(reason));
                }
            }
            Action::Enter if typing.has_choice() => {
                typing.take(&schema, now);
            }
            Action::Enter if self.waiting.is_some() => {
                return Some(Outcome::Refused(RUNNING.to_owned()));
            }
            Action::Enter => return Some(self.run(now)),
            Action::NextOffer => typing.choose(true),
            Action::PreviousOffer => typing.choose(false),
            _ => self.stop_typing(),
        }
        None
    }

    fn act_on_choice(&mut self, action: Action, now: Timestamp) -> Option<Outcome> {
        let schema = Arc::clone(&self.search()?.schema);
        let Mode::Picking(picker) = &mut self.mode else {
            return None;
        };
        match action {
            Action::Choose => return self.choose().or_else(|| self.run_in_new_order(now)),
            Action::Toggle => picker.toggle(),
            Action::PickDown => picker.go(Move::By(1)),
            Action::PickUp => picker.go(Move::By(-1)),
            Action::PickPageDown => picker.go(Move::Pages(1)),
            Action::PickPageUp => picker.go(Move::Pages(-1)),
            Action::Usual => picker.usual(&schema),
            Action::MoveUp | Action::MoveDown => {
                if !picker.shift(action == Action::MoveDown) {
                    let reason = "columns move in the whole list: Ctrl-U shows it".to_owned();
                    return Some(Outcome::Refused(reason));
                }
            }
            _ => self.mode = Mode::Rows,
        }
        None
    }

    /// An order was chosen. What was found already is asked for anew, or `L` would go on in the old order.
    fn run_in_new_order(&mut self, now: Timestamp) -> Option<Outcome> {
        let search = self.search()?;
        if search.found.is_some() && search.is_current() {
            return None;
        }
        if search.found.is_none() || self.is_waiting() {
            return Some(Outcome::Told(
                "<app.send> runs the find in this order".to_owned(),
            ));
        }
        Some(self.run(now))
    }

    fn choose(&mut self) -> Option<Outcome> {
        let Mode::Picking(picker) = &self.mode else {
            return None;
        };
        let Some(choice) = picker.choice() else {
            return Some(Outcome::Refused("no attribute is chosen".to_owned()));
        };
        self.mode = Mode::Rows;
        let type_name = self.current.clone()?;
        let search = self.search_mut()?;
        match choice {
            Choice::Sort(sort) => {
                search.query.sort = sort;
                None
            }
            Choice::Columns(columns) => {
                let names = columns.iter().map(AttrPath::dotted).collect();
                search.change_columns(columns);
                Some(Outcome::ColumnsChosen {
                    type_name,
                    columns: names,
                })
            }
        }
    }

    fn paste(&mut self, text: &str, now: Timestamp) -> Option<Outcome> {
        if matches!(self.mode, Mode::Rows) {
            self.write_filter(None, now);
        }
        let schema = Arc::clone(&self.search()?.schema);
        match &mut self.mode {
            Mode::Filter(typing) => {
                let left_out = typing.paste(text, &schema, now);
                (left_out > 0).then(|| {
                    Outcome::Told(format!("pasted, but for {left_out} control character(s)"))
                })
            }
            Mode::Picking(picker) => {
                picker.paste(text);
                None
            }
            Mode::Rows => None,
        }
    }

    fn scroll(&mut self, rows: isize) {
        if let Mode::Picking(picker) = &mut self.mode {
            picker.scroll(rows);
        } else if let Some(search) = self.search_mut() {
            let len = search.records().len();
            search.cursor.scroll(rows, len);
        }
    }

    /// A click on the filter begins to write it; on a record goes there, and there opens it.
    fn click(&mut self, row: u16, now: Timestamp) -> Option<Outcome> {
        if matches!(self.mode, Mode::Picking(_)) {
            return None;
        }
        let top = view::first_row(self.is_filter_wide());
        if row < top {
            if row == 0 && !self.is_filter_wide() {
                self.write_filter(None, now);
            }
            return None;
        }
        self.stop_typing();
        let search = self.search_mut()?;
        let (before, len) = (search.cursor.at, search.records().len());
        let hit = search.trouble.is_none() && search.cursor.click(row - top, len);
        if hit && search.cursor.at == before {
            return self.open_record(now);
        }
        None
    }

    fn write_filter(&mut self, place: Option<usize>, now: Timestamp) {
        let Some(search) = self.search() else {
            return;
        };
        let place = place.or_else(|| search.trouble.as_ref()?.place);
        let typing = Typing::new(&search.query.filter, place, &search.schema, now);
        self.mode = Mode::Filter(Box::new(typing));
    }

    fn keep_typed(&mut self) {
        let Mode::Filter(typing) = &self.mode else {
            return;
        };
        let text = typing.text().to_owned();
        if let Some(search) = self.search_mut()
            && search.query.filter != text
        {
            search.query.filter = text;
            // It points into another text.
            if let Some(trouble) = &mut search.trouble {
                trouble.place = None;
            }
        }
    }

    fn pick(&mut self, make: impl Fn(&EntityType, &Search) -> Picker) {
        if let Some(search) = self.search() {
            self.mode = Mode::Picking(Box::new(make(&search.schema, search)));
        }
    }

    /// Opens the record under the cursor; while nothing was asked for yet, runs the search.
    fn open_record(&mut self, now: Timestamp) -> Option<Outcome> {
        let search = self.search()?;
        if search.found.is_none() {
            return Some(match self.refuses_run() {
                Some(reason) => Outcome::Refused(reason.to_owned()),
                None => self.run(now),
            });
        }
        if search.record()?.get("id").and_then(Json::as_i64).is_none() {
            let reason = "this record has no id to be opened by".to_owned();
            return Some(Outcome::Refused(reason));
        }
        Some(Outcome::Opened {
            type_name: search.schema.name.clone(),
            record: search.record()?.clone(),
        })
    }

    /// The record under the cursor, without passwords.
    fn copy(&self) -> Option<Outcome> {
        let search = self.search()?;
        let mut record = search.record()?.clone();
        redact::json(&mut record, &search.schema.password_names());
        let what = match record.get("id") {
            Some(Json::Number(id)) => format!("{} {} as JSON", search.schema.name, id.as_str()),
            _ => format!("a record of {} as JSON", search.schema.name),
        };
        Some(Outcome::Copy(what, record.pretty()))
    }

    fn count(&mut self) -> Option<Outcome> {
        let search = self.search()?;
        let query = search.query.clone();
        let request = query.count(&search.schema);
        self.waiting = Some(Waiting {
            job: None,
            type_name: search.schema.name.clone(),
            asked: Asked::Count(query),
        });
        Some(Outcome::Called(request))
    }

    fn page_down(&mut self) -> Option<Outcome> {
        let search = self.search()?;
        let at_end = search.cursor.at + 1 >= search.records().len();
        if at_end && self.refuses(Action::NextPage).is_none() {
            return self.turn(true);
        }
        self.go(Move::Pages(1));
        None
    }

    /// Goes to the next page or the one before; asks for it when it is not there.
    fn turn(&mut self, forward: bool) -> Option<Outcome> {
        let search = self.search_mut()?;
        let found = search.found.as_mut()?;
        let number = if forward {
            found.at() + 1
        } else {
            found.at().checked_sub(1)?
        };
        if found.go_to(number) {
            let len = search.records().len();
            search.cursor.put(0, len);
            return None;
        }
        Some(self.ask_for_page(number))
    }

    fn ask_for_page(&mut self, number: usize) -> Outcome {
        let Some(search) = self.search() else {
            return Outcome::Refused(
                "choose an entity type first: <app.types>, then <types.choose>".to_owned(),
            );
        };
        let (query, start) = match &search.found {
            Some(found) if number > 0 => match found.start_of(number) {
                Some(start) => (found.query.clone(), start),
                None => return Outcome::Refused("there is no such page".to_owned()),
            },
            _ => (search.query.clone(), Start::First),
        };
        let request = query.find(&search.schema, &start);
        self.waiting = Some(Waiting {
            job: None,
            type_name: search.schema.name.clone(),
            asked: Asked::Page {
                query,
                number,
                start,
            },
        });
        Outcome::Called(request)
    }

    fn go(&mut self, to: Move) {
        if let Some(search) = self.search_mut() {
            let len = search.records().len();
            search.cursor.go(to, len);
        }
    }

    fn shift_columns(&mut self, right: bool) {
        if let Some(search) = self.search_mut() {
            let last = search.columns.len().saturating_sub(1);
            search.first_column = if right {
                (search.first_column + 1).min(last)
            } else {
                search.first_column.saturating_sub(1)
            };
        }
    }
}

/// How many records an answer counts.
fn total(exchange: &Exchange) -> Option<String> {
    match exchange.answer()? {
        Answer::Ok(answer) => match answer.get("total_count")? {
            Json::Number(number) => Some(number.as_str().to_owned()),
            _ => None,
        },
        Answer::Error(_) | Answer::NotCapture(_) => None,
    }
}
