//! Which attributes of an entity type a client may read and write (reference 3.3): a client, one of its four access
//! schemas, a checklist, and what the change comes to before it is sent.
//!
//! ```text
//!  clients ──Enter──▶ checklist ──F5──▶ what is sent and what it means ──F5──▶ the call, which the root makes
//!                      ▲  c copies from another list
//! ```
//!
//! The whole list is sent: what is not in it is hidden from the client, whose calls are then answered 223, as if there
//! were no such attribute. Nothing is sent from here: a verb's reply says what the user wants.

pub mod checklist;
pub mod clients;
pub mod view;

use std::collections::HashMap;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::capture::schema::access::AccessType;
use crate::exchange::Exchange;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::CLOSING;
use crate::tui::action::twin::LOOKING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::action::twin::WRITING;
use crate::tui::line_edit::LineEdit;
use crate::tui::overlays::access::checklist::Checklist;
use crate::tui::overlays::access::clients::Clients;
use crate::tui::overlays::service_words;
use crate::tui::overlays::sheet::Foot;
use crate::tui::overlays::sheet::NOT_HERE;
use crate::tui::overlays::sheet::Reply;
use crate::tui::overlays::sheet::WAITING;
use crate::tui::overlays::sheet::Writing;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;

/// Which attributes of an entity type a client may read and write.
#[derive(Debug)]
pub struct AccessSheet {
    type_name: String,
    stored: Arc<EntityType>,
    /// The environment's own client, once it is known.
    own: Option<String>,
    /// The attribute that the user is after, until the cursor is on it.
    goal: Option<AttrPath>,
    clients: Clients,
    client: Option<String>,
    access: AccessType,
    lists: HashMap<(String, AccessType), Checklist>,
    page: Page,
    foot: Foot,
    /// Why the last call was refused.
    refused: Vec<String>,
    waiting: Option<Purpose>,
}

#[derive(Debug)]
enum Page {
    /// Which client; to copy from it instead of going to it when `copies`.
    Clients {
        copies: bool,
    },
    List,
    /// The filter of the list is written.
    Filter(Box<LineEdit>),
    /// From where marks are copied.
    Copy(ListCursor),
    /// What is going to be sent, from this row on.
    Preview(usize),
}

/// What a call on its way is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Clients,
    Show,
    Copy,
    Change,
}

/// A verb of the access schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show what is going to be sent, then send it.
    Send,
    /// Put the attribute into the list, or take it out.
    Mark,
    /// Choose what is under the cursor.
    Choose,
    /// Find attributes by their names.
    Filter,
    /// Put all attributes in.
    All,
    /// Take all attributes out.
    None,
    /// Mark as it is stored.
    Reset,
    /// Copy the marks of another list.
    Copy,
    /// The client's next access schema.
    Next,
    /// The one before.
    Previous,
    /// Choose another client.
    Client,
    /// Write a client's id.
    TypeId,
    /// Delete the access schema.
    Delete,
    /// Ask the service again.
    Reload,
    /// Fold an attribute that has others.
    Fold,
    /// Unfold it.
    Unfold,
    /// Move in the list.
    Go(Move),
    /// Show the keys.
    Help,
    /// Cancel what runs, go back, or close.
    Close,
}

/// The rows of the verbs of the access schemas.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Access, Action::Mark, "access.mark", "Put the attribute into the list, or take it out", &["space"], WRITING).hint("mark"),
    ActionSpec::new(Scope::Access, Action::Send, "access.send", "Show what is going to be sent; there, send it", &["f5", "ctrl-s"], Twin::Command("schema access")).hint("preview"),
    ActionSpec::new(Scope::Access, Action::Choose, "access.choose", "Choose what is under the cursor; an attribute, as Space", &["enter"], MOVING).hint("choose"),
    ActionSpec::new(Scope::Access, Action::Filter, "access.filter", "Find attributes by their names", &["/"], LOOKING).hint("find"),
    ActionSpec::new(Scope::Access, Action::TypeId, "access.type-id", "Write a client's id", &["i"], WRITING).hint("type id"),
    ActionSpec::new(Scope::Access, Action::All, "access.all", "Put all attributes in", &["a"], WRITING).hint("all"),
    ActionSpec::new(Scope::Access, Action::None, "access.none", "Take all attributes out", &["n"], WRITING).hint("none"),
    ActionSpec::new(Scope::Access, Action::Next, "access.next", "The client's next access schema", &["L", "tab"], MOVING).hint("next list"),
    ActionSpec::new(Scope::Access, Action::Reset, "access.reset", "Mark everything as it is stored", &["u"], WRITING).hint("as it is"),
    ActionSpec::new(Scope::Access, Action::Copy, "access.copy", "Copy the marks of another list", &["c"], WRITING).hint("copy"),
    ActionSpec::new(Scope::Access, Action::Client, "access.client", "Choose another client", &["C"], MOVING).hint("client"),
    ActionSpec::new(Scope::Access, Action::Delete, "access.delete", "Delete the access schema", &["d"], Twin::Command("schema access")).hint("delete"),
    ActionSpec::new(Scope::Access, Action::Reload, "access.reload", "Ask the service again", &["R"], Twin::Command("schema access")).hint("reload"),
    ActionSpec::new(Scope::Access, Action::Previous, "access.previous", "The client's access schema before", &["H", "shift-tab"], MOVING),
    ActionSpec::new(Scope::Access, Action::Fold, "access.fold", "Fold the attribute, or go to its holder", &["left", "h"], LOOKING),
    ActionSpec::new(Scope::Access, Action::Unfold, "access.unfold", "Unfold the attribute", &["right", "l"], LOOKING),
    ActionSpec::new(Scope::Access, Action::Help, "access.help", "Show these keys", &["?", "f1"], CLOSING),
    ActionSpec::new(Scope::Access, Action::Close, "access.close", "Cancel what runs, go back, or close", &["esc", "q", "ctrl-c"], CLOSING).hint("back"),
];

/// The names of its verbs that move in the list.
#[rustfmt::skip]
pub const MOVES: [&str; 6] = ["access.down", "access.up", "access.page-down", "access.page-up", "access.first", "access.last"];

/// What is warned of before marks are lost.
const LOSES_MARKS: &str =
    "what you marked is not sent: <access.close> again throws it away and leaves";
const LOSES_LIST: &str =
    "what you marked here is not sent: <access.reload> again throws it away and asks anew";

/// Why nothing can be done with a list that was not told.
const NO_LIST: &str = "the list is not there yet: <access.reload> asks for it again";

/// How far the page keys scroll what is going to be sent, in rows.
const PAGE: isize = 10;

/// From where marks can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CopyFrom {
    /// Another access schema of this client.
    Own(AccessType),
    /// The same access schema of another client.
    Client,
}

impl AccessSheet {
    /// The sheet for an entity type, before a client was chosen.
    pub fn new(stored: Arc<EntityType>, own: Option<String>) -> Self {
        Self {
            type_name: stored.name.clone(),
            stored,
            own,
            goal: None,
            clients: Clients::default(),
            client: None,
            access: AccessType::Read,
            lists: HashMap::new(),
            page: Page::Clients { copies: false },
            foot: Foot::default(),
            refused: Vec::new(),
            waiting: None,
        }
    }

    /// Is about this attribute, in this access schema.
    #[must_use]
    pub fn about(self, path: AttrPath, access: AccessType) -> Self {
        Self {
            goal: Some(path),
            access,
            ..self
        }
    }

    /// The environment's own client is this one; gives the call that shows its access schema, when the user is after an
    /// attribute that is hidden from it.
    pub fn know_own(&mut self, client: Option<&str>) -> Option<ApiRequest> {
        self.own = client.map(str::to_owned);
        self.clients.mark(client);
        match (&self.client, &self.goal, client) {
            (None, Some(_), Some(own)) => self.choose(own.to_owned()),
            (None, Some(_), None) => Some(self.ask_for_clients()),
            _ => None,
        }
    }

    /// The call that lists the clients.
    pub fn ask_for_clients(&mut self) -> ApiRequest {
        self.waiting = Some(Purpose::Clients);
        ApiRequest::new(Endpoint::ClientsList)
    }

    /// A call is on its way.
    pub fn wait(&mut self) {
        self.waiting.get_or_insert(Purpose::Change);
    }

    /// A call came to nothing, for this reason.
    pub fn failed(&mut self, why: &str) {
        if self.waiting.take() == Some(Purpose::Clients) {
            self.clients.refused(vec![why.to_owned()]);
        }
        self.foot.say(false, why);
    }

    /// A call that was handed out is not made, for this reason.
    pub fn not_made(&mut self, why: &str) {
        self.waiting = None;
        self.foot.say(false, why);
    }

    /// Goes to a client's access schema; gives the call that shows it, when it is not known yet.
    fn choose(&mut self, client: String) -> Option<ApiRequest> {
        self.client = Some(client);
        self.page = Page::List;
        self.show()
    }

    /// Shows the chosen access schema; gives the call that tells it, when it is not known yet.
    fn show(&mut self) -> Option<ApiRequest> {
        self.refused.clear();
        let client = self.client.clone()?;
        if self.lists.contains_key(&(client.clone(), self.access)) {
            return None;
        }
        self.waiting = Some(Purpose::Show);
        Some(self.call(Endpoint::TypeGetAccessSchema, &client, self.access))
    }

    fn call(&self, endpoint: Endpoint, client: &str, access: AccessType) -> ApiRequest {
        ApiRequest::new(endpoint)
            .with("type_name", &*self.type_name)
            .with("for_client_id", client)
            .with("access_type", access.name())
    }

    fn key_of_list(&self) -> Option<(String, AccessType)> {
        Some((self.client.clone()?, self.access))
    }

    fn list(&self) -> Option<&Checklist> {
        self.lists.get(&self.key_of_list()?)
    }

    fn list_mut(&mut self) -> Option<&mut Checklist> {
        let key = self.key_of_list()?;
        self.lists.get_mut(&key)
    }

    /// A call of this sheet was answered; gives the call that follows from that.
    pub fn answered(&mut self, exchange: &Exchange) -> Option<ApiRequest> {
        let purpose = self.waiting.take();
        let request = &exchange.request;
        let schema = match exchange.answer() {
            Some(Answer::Ok(answer)) => EntityType::from_json(answer).ok().map(|(it, _)| it),
            _ => None,
        };
        let place = || {
            let client = request.args.get("for_client_id")?.to_owned();
            let access = AccessType::from_name(request.args.get("access_type")?)?;
            Some((client, access))
        };
        match (request.endpoint, exchange.answer(), schema) {
            (Endpoint::ClientsList, Some(Answer::Ok(answer)), _) => {
                self.clients.listed(answer, self.own.as_deref());
            }
            (Endpoint::ClientsList, ..) => self.clients.refused(service_words(exchange)),
            (Endpoint::TypeGetAccessSchema, _, Some(seen)) => {
                let place = place()?;
                if purpose == Some(Purpose::Copy) {
                    self.copy(&seen, &place);
                } else {
                    let list = Checklist::new(&self.stored, &seen);
                    self.lists.insert(place, list);
                    self.go_to_goal();
                }
            }
            (Endpoint::TypeSetAccessSchema, Some(Answer::Ok(answer)), Some(seen)) => {
                let place = place()?;
                self.was_set(&place, &seen, answer);
            }
            (Endpoint::TypeDeleteAccessSchema, Some(Answer::Ok(_)), _) => {
                let place = place()?;
                if let Some(list) = self.lists.get_mut(&place) {
                    list.deleted();
                }
                self.page = Page::List;
                let verb = place.1.verb();
                self.foot
                    .say(true, format!("deleted: this client may {verb} everything"));
            }
            _ => self.refuse(exchange),
        }
        None
    }

    /// Puts the cursor on the attribute that the user is after.
    fn go_to_goal(&mut self) {
        let Some(goal) = self.goal.take() else {
            return;
        };
        let verb = self.access.verb();
        let Some(list) = self.list_mut() else {
            return;
        };
        // How much of the list is in sight is known by the next key at the latest; till then little is.
        let found = list.go_to(&goal, 8);
        let hidden = list.mark(&goal).0 != checklist::Mark::All;
        let name = goal.dotted();
        match (found, hidden) {
            (true, true) => self.foot.say(
                true,
                format!("{name} is not in the list: <access.mark> puts it in, <access.send> shows what is sent"),
            ),
            (true, false) => self.foot.say(
                false,
                format!("this client may {verb} {name}: look at its other lists, <access.next> goes there"),
            ),
            (false, _) => self.foot.say(false, format!("{name} is not in the schema")),
        }
    }

    fn copy(&mut self, seen: &EntityType, from: &(String, AccessType)) {
        let known = Checklist::new(&self.stored, seen);
        if let Some(list) = self.list_mut() {
            list.copy(seen);
        }
        self.lists.entry(from.clone()).or_insert(known);
        self.page = Page::List;
        self.foot
            .say(true, "copied: <access.send> shows what is sent");
    }

    fn was_set(&mut self, place: &(String, AccessType), seen: &EntityType, answer: &Json) {
        let Some(list) = self.lists.get_mut(place) else {
            return;
        };
        let sent = list.wanted().clone();
        list.set(seen);
        let as_sent = *list.wanted() == sent;
        let (_, count, all) = list.counts();
        let verb = place.1.verb();
        self.page = Page::List;
        if as_sent {
            let notice = answer.get("notice").and_then(Json::as_str);
            let notice = notice.map(|notice| format!(". The service: {notice}"));
            let told = format!(
                "set: this client may {verb} {count} of {all} attributes{}",
                notice.unwrap_or_default()
            );
            self.foot.say(true, told);
        } else {
            self.foot.say(
                false,
                "set, but the service answers another list than was sent: it is shown here",
            );
        }
    }

    fn refuse(&mut self, exchange: &Exchange) {
        self.refused = service_words(exchange);
        if let (Some(Answer::Error(error)), Some(list)) = (exchange.answer(), self.list_mut())
            && error.code == ErrorCode::UNKNOWN_ATTRIBUTE
            && let Some(path) = error.attribute_path()
        {
            list.go_to(&path, 8);
        }
        if matches!(self.page, Page::Preview(_)) {
            self.page = Page::List;
        }
    }

    /// A key was pressed.
    pub fn heard(&mut self) {
        self.foot.heard();
    }

    /// What plain characters are for now, if they are no verbs.
    pub fn writing(&self) -> Option<Writing> {
        let is_written = match &self.page {
            Page::Clients { .. } => self.clients.typed.is_some(),
            Page::Filter(_) => true,
            Page::List | Page::Copy(_) | Page::Preview(_) => false,
        };
        (is_written && self.waiting.is_none()).then_some(Writing::Text)
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        use Action as A;
        if matches!(action, A::Help | A::Close) {
            return None;
        }
        if self.waiting.is_some() {
            return Some(WAITING);
        }
        let moves = matches!(action, A::Go(_));
        let is_here = match &self.page {
            Page::Clients { .. } if self.clients.typed.is_some() => action == A::Choose,
            Page::Clients { .. } => moves || matches!(action, A::Choose | A::TypeId | A::Reload),
            Page::Filter(_) => matches!(action, A::Choose | A::Go(Move::By(1))),
            Page::Copy(_) => moves || action == A::Choose,
            Page::Preview(_) => moves || action == A::Send,
            Page::List => {
                let needs_none = matches!(action, A::Client | A::Next | A::Previous | A::Reload);
                if self.list().is_none() && !needs_none {
                    return Some(NO_LIST);
                }
                action != A::TypeId
            }
        };
        (!is_here).then_some(NOT_HERE)
    }

    /// The footer's word for a verb; `None` where another one says the same.
    pub fn hint(&self, action: Action, hint: &'static str) -> Option<&'static str> {
        match (action, &self.page) {
            (Action::Send, Page::Preview(_)) => Some("send"),
            (Action::Choose, Page::List) => None,
            (Action::Choose, Page::Filter(_)) => Some("to the list"),
            (Action::Choose, Page::Copy(_)) => Some("copy"),
            (Action::Close, Page::Filter(_)) => Some("show all"),
            (Action::Close, Page::List) => Some("close"),
            _ => Some(hint),
        }
    }

    /// Carries a verb out, on a screen of this size.
    pub fn act(&mut self, action: Action, screen: Rect) -> Reply {
        match (action, &self.page) {
            (Action::Help, _) => Reply::Help,
            (Action::Close, _) if self.waiting.is_some() => Reply::Cancel,
            (_, Page::Clients { copies }) => {
                let copies = *copies;
                self.act_on_clients(action, copies, screen)
            }
            (_, Page::List) => self.act_on_list(action, screen),
            (_, Page::Filter(_)) => {
                if action == Action::Close {
                    self.narrow("");
                }
                self.page = Page::List;
                Reply::Open
            }
            (_, Page::Copy(_)) => self.act_on_copy(action),
            (_, Page::Preview(_)) => self.act_on_preview(action, screen),
        }
    }

    /// Takes a key for what is written.
    pub fn typed(&mut self, key: KeyEvent) {
        match &mut self.page {
            Page::Clients { .. } => {
                if let Some(typed) = &mut self.clients.typed {
                    typed.key(key);
                }
            }
            Page::Filter(line) => {
                line.key(key);
                let text = line.text().to_owned();
                self.narrow(&text);
            }
            Page::List | Page::Copy(_) | Page::Preview(_) => {}
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.foot.heard();
        match &mut self.page {
            _ if self.waiting.is_some() => self.foot.say(false, WAITING),
            Page::Clients { .. } => self.clients.paste(text),
            Page::Filter(line) => {
                line.paste(text);
                let text = line.text().to_owned();
                self.narrow(&text);
            }
            _ => self.foot.say(false, "there is nothing to paste into here"),
        }
    }

    fn narrow(&mut self, text: &str) {
        if let Some(list) = self.list_mut()
            && list.filter() != text
        {
            list.narrow(text);
        }
    }

    fn act_on_clients(&mut self, action: Action, copies: bool, screen: Rect) -> Reply {
        match action {
            Action::Close if self.clients.stops_typing() => Reply::Open,
            Action::Close if self.client.is_some() => {
                self.page = Page::List;
                Reply::Open
            }
            Action::Close => self.leave(),
            Action::Reload => Reply::Ask(self.ask_for_clients()),
            Action::TypeId => {
                self.clients.typed = Some(LineEdit::default());
                Reply::Open
            }
            Action::Choose => match self.clients.chosen() {
                None => Reply::Open,
                Some(client) if copies => {
                    self.page = Page::List;
                    let access = self.access;
                    self.copy_from(client, access)
                }
                Some(client) => self.choose(client).map_or(Reply::Open, Reply::Ask),
            },
            _ => {
                if let Action::Go(to) = action {
                    self.clients.go(to, view::clients_height(screen));
                }
                Reply::Open
            }
        }
    }

    fn act_on_list(&mut self, action: Action, screen: Rect) -> Reply {
        let height = view::rows_height(screen);
        match action {
            Action::Close => return self.escape(),
            Action::Send => return self.preview(),
            Action::Client => return self.other_client(false),
            Action::Next => return self.turn(1),
            Action::Previous => return self.turn(AccessType::ALL.len() - 1),
            Action::Reload => return self.reload(),
            Action::Delete => return self.delete(),
            Action::Copy => self.page = Page::Copy(ListCursor::default()),
            Action::Filter => {
                let filter = self.list().map_or("", |list| list.filter());
                self.page = Page::Filter(Box::new(LineEdit::new(filter)));
            }
            _ => self.change(action, height),
        }
        Reply::Open
    }

    /// Asks for the list again, but not at once when something is marked in it and not sent.
    fn reload(&mut self) -> Reply {
        let is_changed = self.list().is_some_and(Checklist::is_changed);
        if is_changed && !self.foot.is_meant(LOSES_LIST) {
            return Reply::Open;
        }
        if let Some(key) = self.key_of_list() {
            self.lists.remove(&key);
        }
        self.show().map_or(Reply::Open, Reply::Ask)
    }

    /// Moves in the list, and marks.
    fn change(&mut self, action: Action, height: usize) {
        let Some(list) = self.list_mut() else {
            return;
        };
        let mut is_reserved = false;
        match action {
            Action::Mark | Action::Choose => is_reserved = !list.toggle(),
            Action::All => list.all(),
            Action::None => list.none(),
            Action::Reset => list.reset(),
            Action::Fold => list.fold(),
            Action::Unfold => list.unfold(),
            _ => {
                if let Action::Go(to) = action {
                    list.go(to, height);
                }
            }
        }
        if is_reserved {
            let why = "it is in every access schema, and never listed: the service fails on it";
            self.foot.say(false, why);
        }
        self.refused.clear();
    }

    /// Esc: takes the filter away first, then leaves, but not at once when something is marked and not sent.
    fn escape(&mut self) -> Reply {
        if let Some(list) = self.list_mut().filter(|list| !list.filter().is_empty()) {
            list.narrow("");
            return Reply::Open;
        }
        self.leave()
    }

    fn leave(&mut self) -> Reply {
        let has_unsent = self.lists.values().any(Checklist::is_changed);
        if has_unsent && !self.foot.is_meant(LOSES_MARKS) {
            return Reply::Open;
        }
        Reply::Close
    }

    fn other_client(&mut self, copies: bool) -> Reply {
        self.page = Page::Clients { copies };
        if self.clients.is_known() {
            Reply::Open
        } else {
            Reply::Ask(self.ask_for_clients())
        }
    }

    /// Goes to another of the client's access schemas.
    fn turn(&mut self, by: usize) -> Reply {
        let all = AccessType::ALL;
        let at = all.iter().position(|one| *one == self.access).unwrap_or(0);
        self.access = all[(at + by) % all.len()];
        self.show().map_or(Reply::Open, Reply::Ask)
    }

    /// From where marks can be copied into the list that is shown.
    fn copy_choices(&self) -> Vec<CopyFrom> {
        let others = AccessType::ALL.into_iter().filter(|it| *it != self.access);
        others
            .map(CopyFrom::Own)
            .chain([CopyFrom::Client])
            .collect()
    }

    fn act_on_copy(&mut self, action: Action) -> Reply {
        let choices = self.copy_choices();
        let Page::Copy(cursor) = &mut self.page else {
            return Reply::Open;
        };
        cursor.height = choices.len();
        match action {
            Action::Close => self.page = Page::List,
            Action::Choose => match (choices.get(cursor.at).copied(), self.client.clone()) {
                (Some(CopyFrom::Own(access)), Some(client)) => {
                    self.page = Page::List;
                    return self.copy_from(client, access);
                }
                _ => return self.other_client(true),
            },
            _ => {
                if let Action::Go(to) = action {
                    cursor.go(to, choices.len());
                }
            }
        }
        Reply::Open
    }

    /// Copies marks from a list that is known, or asks for it.
    fn copy_from(&mut self, client: String, access: AccessType) -> Reply {
        let known = self.lists.get(&(client.clone(), access));
        if let Some(wanted) = known.map(|list| list.wanted().clone()) {
            if let Some(list) = self.list_mut() {
                list.copy_marks(&wanted);
            }
            self.foot
                .say(true, "copied: <access.send> shows what is sent");
            return Reply::Open;
        }
        self.waiting = Some(Purpose::Copy);
        Reply::Ask(self.call(Endpoint::TypeGetAccessSchema, &client, access))
    }

    /// The call that sets the access schema as it is marked.
    fn set_call(&self) -> Option<ApiRequest> {
        let (client, access) = self.key_of_list()?;
        let list = self.list()?.list();
        let list: Json = list
            .iter()
            .map(|path| Json::from(path.dotted()))
            .collect::<Vec<_>>()
            .into();
        let call = self.call(Endpoint::TypeSetAccessSchema, &client, access);
        Some(call.with("attributes", list.to_string()))
    }

    fn preview(&mut self) -> Reply {
        match self.list() {
            None => self.foot.say(false, NO_LIST),
            Some(list) if !list.is_changed() && list.before != checklist::Before::NoSchema => {
                self.foot.say(
                    false,
                    "nothing is marked otherwise than it is: nothing to send",
                );
            }
            Some(_) => self.page = Page::Preview(0),
        }
        Reply::Open
    }

    fn act_on_preview(&mut self, action: Action, screen: Rect) -> Reply {
        let step = match action {
            Action::Send => return self.send(),
            Action::Close => {
                self.page = Page::List;
                return Reply::Open;
            }
            Action::Go(to) => to.rows(PAGE),
            _ => return Reply::Open,
        };
        let last = self.preview_end(screen);
        if let Page::Preview(offset) = &mut self.page {
            *offset = offset.saturating_add_signed(step).min(last);
        }
        Reply::Open
    }

    fn send(&mut self) -> Reply {
        let (Some(request), Some(list)) = (self.set_call(), self.list()) else {
            return Reply::Open;
        };
        let what = self.meaning(list);
        self.waiting = Some(Purpose::Change);
        Reply::Send(request, what)
    }

    /// What a change means for the client.
    fn meaning(&self, list: &Checklist) -> Vec<String> {
        let verb = self.access.verb();
        let (added, removed) = list.changes();
        let names = |paths: &[AttrPath]| {
            let names: Vec<String> = paths.iter().map(AttrPath::dotted).collect();
            names.join(", ")
        };
        let mut lines = Vec::new();
        if !removed.is_empty() {
            let names = names(&removed);
            lines.push(format!("This client will no longer {verb}: {names}"));
        }
        if !added.is_empty() {
            let names = names(&added);
            lines.push(format!("It will {verb} from now on: {names}"));
        }
        lines
    }

    fn delete(&mut self) -> Reply {
        let Some((client, access)) = self.key_of_list() else {
            return Reply::Open;
        };
        let request = self.call(Endpoint::TypeDeleteAccessSchema, &client, access);
        let verb = access.verb();
        let lines = vec![
            format!("client {client}"),
            format!(
                "Without one, this client may {verb} every attribute, and those that are added later. In the sandbox, that \
                 is: the documentation does not say, nor how this call is really named."
            ),
        ];
        let title = format!("Delete the {} access schema?", access.name());
        Reply::Remove {
            request,
            title,
            lines,
            go_on: "Delete",
        }
    }
}
