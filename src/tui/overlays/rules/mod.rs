//! The rules and combined uniquenesses of an entity type (reference 3, 3.2): what there is, adding one, removing one.
//!
//! ```text
//!  list ──a──▶ draft ──Enter──▶ attributes, kinds of rules
//!   ▲ d          │ F5
//!   └────────────┴──▶ a call, which the root makes; its answer comes back, and the list is asked for again
//! ```
//!
//! Nothing is sent from here: a verb's reply says what the user wants. Where a service does not know
//! `entityType.properties`, its rules alone are shown.

pub mod draft;
pub mod kinds;
pub mod view;

use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::PropertyKind;
use crate::capture::schema::property::read_properties;
use crate::exchange::Exchange;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::CLOSING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::action::twin::WRITING;
use crate::tui::overlays::rules::draft::Draft;
use crate::tui::overlays::rules::draft::Problem;
use crate::tui::overlays::rules::draft::Row;
use crate::tui::overlays::rules::kinds::KindMenu;
use crate::tui::overlays::service_words;
use crate::tui::overlays::sheet::Foot;
use crate::tui::overlays::sheet::NOT_HERE;
use crate::tui::overlays::sheet::Reply;
use crate::tui::overlays::sheet::WAITING;
use crate::tui::overlays::sheet::Writing;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::panes::records::picker::Picker;

/// The rules and combined uniquenesses of an entity type.
#[derive(Debug)]
pub struct RulesSheet {
    type_name: String,
    schema: Arc<EntityType>,
    listed: Listed,
    cursor: ListCursor,
    page: Page,
    /// What is being written; kept while the list is looked at.
    draft: Option<Draft>,
    /// The uuid of what was added just now, until the cursor is on it.
    goal: Option<String>,
    foot: Foot,
    waiting: bool,
}

/// What the service told.
#[derive(Debug)]
enum Listed {
    /// Nothing yet.
    Nothing,
    /// These; of a service that knows only rules, or of both kinds; and what of them could not be read.
    Known {
        properties: Vec<Property>,
        rules_only: bool,
        problems: Vec<String>,
    },
    /// Why it does not tell.
    Refused(Vec<String>),
}

#[derive(Debug)]
enum Page {
    List,
    Draft,
    Attributes(Box<Picker>),
    Kinds(Box<KindMenu>),
}

/// A verb of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send what is written.
    Send,
    /// Write a rule or a combined uniqueness.
    Add,
    /// Remove what is under the cursor.
    Remove,
    /// Choose what is under the cursor, or for it.
    Choose,
    /// Mark what is under the cursor, or change it.
    Change,
    /// Ask for the rules again.
    Reload,
    /// Move in the list.
    Go(Move),
    /// Show the keys.
    Help,
    /// Cancel what runs, go back, or close.
    Close,
}

/// The rows of the verbs of the rules.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Rules, Action::Send, "rules.send", "Send what is written", &["f5", "ctrl-s"], Twin::Command("schema rules add")).hint("send"),
    ActionSpec::new(Scope::Rules, Action::Add, "rules.add", "Write a rule or a combined uniqueness", &["a", "insert"], WRITING).hint("add"),
    ActionSpec::new(Scope::Rules, Action::Choose, "rules.choose", "Choose attributes or a rule, or take what is chosen", &["enter"], WRITING).hint("choose"),
    ActionSpec::new(Scope::Rules, Action::Change, "rules.change", "Mark the attribute, or choose the other of two", &["space", "left", "right"], WRITING).hint("change"),
    ActionSpec::new(Scope::Rules, Action::Remove, "rules.remove", "Remove it; from what is being written, too", &["d", "delete"], Twin::Command("schema rules remove")).hint("remove"),
    ActionSpec::new(Scope::Rules, Action::Reload, "rules.reload", "Ask for the rules again", &["R"], Twin::Command("schema rules list")).hint("reload"),
    ActionSpec::new(Scope::Rules, Action::Go(Move::By(1)), "rules.next", "Next row", &["tab"], MOVING),
    ActionSpec::new(Scope::Rules, Action::Go(Move::By(-1)), "rules.previous", "Row before", &["shift-tab"], MOVING),
    ActionSpec::new(Scope::Rules, Action::Help, "rules.help", "Show these keys", &["?", "f1"], CLOSING),
    ActionSpec::new(Scope::Rules, Action::Close, "rules.close", "Cancel what runs, go back, or close", &["esc", "q", "ctrl-c"], CLOSING).hint("back"),
];

/// The names of its verbs that move in the list.
#[rustfmt::skip]
pub const MOVES: [&str; 6] = ["rules.down", "rules.up", "rules.page-down", "rules.page-up", "rules.first", "rules.last"];

/// What is warned of before what is written is lost.
const LOSES_DRAFT: &str =
    "what you wrote is not sent: <rules.close> again throws it away and leaves";
const LOSES_JSON: &str = "what you wrote as JSON is lost: the same key again replaces it";

impl RulesSheet {
    /// The sheet before the service told anything. The first call is [`RulesSheet::ask`].
    pub fn new(schema: Arc<EntityType>) -> Self {
        Self {
            type_name: schema.name.clone(),
            schema,
            listed: Listed::Nothing,
            cursor: ListCursor::default(),
            page: Page::List,
            draft: None,
            goal: None,
            foot: Foot::default(),
            waiting: false,
        }
    }

    /// The call that tells what there is.
    pub fn ask(&self) -> ApiRequest {
        self.call(Endpoint::TypeProperties)
    }

    fn call(&self, endpoint: Endpoint) -> ApiRequest {
        ApiRequest::new(endpoint).with("type_name", &*self.type_name)
    }

    /// A call is on its way.
    pub fn wait(&mut self) {
        self.waiting = true;
    }

    /// A call came to nothing, for this reason.
    pub fn failed(&mut self, why: &str) {
        self.waiting = false;
        self.foot.say(false, why);
    }

    /// A call that was handed out is not made, for this reason.
    pub fn not_made(&mut self, why: &str) {
        self.foot.say(false, why);
    }

    /// A call of this sheet was answered; gives the call that follows from that.
    pub fn answered(&mut self, exchange: &Exchange) -> Option<ApiRequest> {
        self.waiting = false;
        let endpoint = exchange.request.endpoint;
        match (endpoint, exchange.answer()) {
            (Endpoint::TypeProperties | Endpoint::TypeRules, Some(Answer::Ok(answer))) => {
                let (properties, problems) = read_properties(answer);
                self.listed = Listed::Known {
                    properties,
                    rules_only: endpoint == Endpoint::TypeRules,
                    problems,
                };
                let goal = self.goal.take();
                let count = self.properties().len();
                match self
                    .properties()
                    .iter()
                    .position(|it| goal.as_ref() == Some(&it.uuid))
                {
                    Some(at) => self.cursor.put(at, count),
                    None => self.cursor.fit(count),
                }
                None
            }
            (Endpoint::TypeProperties, Some(_)) => Some(self.call(Endpoint::TypeRules)),
            (Endpoint::TypeProperties | Endpoint::TypeRules, _) => {
                self.listed = Listed::Refused(service_words(exchange));
                None
            }
            (_, Some(Answer::Ok(answer))) => {
                let uuid = answer.get("result").and_then(|result| result.get("uuid"));
                self.goal = uuid.and_then(Json::as_str).map(str::to_owned);
                self.done(endpoint);
                Some(self.again())
            }
            _ => {
                self.refused(exchange);
                None
            }
        }
    }

    fn done(&mut self, endpoint: Endpoint) {
        let text = match endpoint {
            Endpoint::TypeAddRule => "the rule is added. It holds from the next write on",
            Endpoint::TypeAddProperty => "the combined uniqueness is added",
            _ => "it is removed",
        };
        if matches!(endpoint, Endpoint::TypeAddRule | Endpoint::TypeAddProperty) {
            self.draft = None;
            self.page = Page::List;
        }
        self.foot.say(true, text);
    }

    fn refused(&mut self, exchange: &Exchange) {
        let words = service_words(exchange);
        let adds = matches!(
            exchange.request.endpoint,
            Endpoint::TypeAddRule | Endpoint::TypeAddProperty
        );
        match &mut self.draft {
            Some(draft) if adds => draft.refused = words,
            _ => self.foot.say(false, words.join(" · ")),
        }
    }

    /// The call that tells anew what there is, in the way that worked before.
    fn again(&self) -> ApiRequest {
        match self.listed {
            Listed::Known {
                rules_only: true, ..
            } => self.call(Endpoint::TypeRules),
            _ => self.ask(),
        }
    }

    fn properties(&self) -> &[Property] {
        match &self.listed {
            Listed::Known { properties, .. } => properties,
            Listed::Nothing | Listed::Refused(_) => &[],
        }
    }

    /// A key was pressed.
    pub fn heard(&mut self) {
        self.foot.heard();
    }

    /// What plain characters are for now, if they are no verbs.
    pub fn writing(&self) -> Option<Writing> {
        match (&self.page, &self.draft) {
            _ if self.waiting => None,
            (Page::Attributes(_) | Page::Kinds(_), _) => Some(Writing::Narrowing),
            (Page::Draft, Some(draft)) if draft.is_at_text() => Some(Writing::Text),
            (Page::Draft | Page::List, _) => None,
        }
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        use Action as A;
        let row = self.draft.as_ref().map(|draft| draft.at);
        let is_here = match (action, &self.page) {
            (A::Help | A::Close, _) => true,
            _ if self.waiting => return Some(WAITING),
            (A::Go(Move::By(_)), _)
            | (A::Remove, Page::List)
            | (A::Change, Page::Attributes(_)) => true,
            (A::Go(Move::Pages(_)), page) => !matches!(page, Page::Draft),
            (A::Go(_), page) => matches!(page, Page::List | Page::Kinds(_)),
            (A::Add | A::Reload, page) => matches!(page, Page::List),
            (A::Remove, page) => {
                matches!((page, row), (Page::Draft, Some(Row::Rule(_))))
            }
            (A::Choose, page) => !matches!(page, Page::List),
            (A::Change, page) => {
                matches!((page, row), (Page::Draft, Some(Row::Kind | Row::Joined)))
            }
            (A::Send, page) => matches!(page, Page::Draft),
        };
        (!is_here).then_some(NOT_HERE)
    }

    /// The footer's word for a verb.
    pub fn hint(&self, action: Action, hint: &'static str) -> Option<&'static str> {
        match (action, &self.page) {
            (Action::Choose, Page::Draft) if self.writing().is_some() => Some("next row"),
            (Action::Choose, Page::Attributes(_)) => Some("take them"),
            (Action::Change, Page::Attributes(_)) => Some("mark"),
            (Action::Close, Page::List) => Some("close"),
            (Action::Close, Page::Draft) => Some("list"),
            _ => Some(hint),
        }
    }

    /// Carries a verb out, on a screen of this size.
    pub fn act(&mut self, action: Action, screen: Rect) -> Reply {
        match (action, &self.page) {
            (Action::Help, _) => Reply::Help,
            (Action::Close, _) if self.waiting => Reply::Cancel,
            (_, Page::List) => self.act_on_list(action, screen),
            (_, Page::Draft) => self.act_on_draft(action),
            (_, Page::Attributes(_)) => self.act_on_picker(action, screen),
            (_, Page::Kinds(_)) => self.act_on_kinds(action, screen),
        }
    }

    /// Takes a key for what is written.
    pub fn typed(&mut self, key: KeyEvent) {
        match (&mut self.page, &mut self.draft) {
            (Page::Draft, Some(draft)) => draft.write(key, &self.schema),
            (Page::Attributes(picker), _) => picker.key(key),
            (Page::Kinds(menu), _) => menu.typed(key),
            _ => {}
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.foot.heard();
        match (&mut self.page, &mut self.draft) {
            _ if self.waiting => self.foot.say(false, WAITING),
            (Page::Draft, Some(draft)) => draft.paste(text),
            (Page::Attributes(picker), _) => picker.paste(text),
            (Page::Kinds(menu), _) => menu.paste(text),
            _ => self.foot.say(
                false,
                "there is nothing to paste into here: <rules.add> adds a rule",
            ),
        }
    }

    fn act_on_list(&mut self, action: Action, screen: Rect) -> Reply {
        let count = self.properties().len();
        self.cursor.height = view::list_height(screen, count);
        match action {
            Action::Close => return self.leave(),
            Action::Add => self.write(),
            Action::Remove => return self.remove(),
            Action::Reload => return Reply::Ask(self.ask()),
            _ => {
                if let Action::Go(to) = action {
                    self.cursor.go(to, count);
                }
            }
        }
        Reply::Open
    }

    /// Closes, but not at once when something is written that would be lost.
    fn leave(&mut self) -> Reply {
        let is_begun = self.draft.as_ref().is_some_and(Draft::is_begun);
        if is_begun && !self.foot.is_meant(LOSES_DRAFT) {
            return Reply::Open;
        }
        Reply::Close
    }

    fn write(&mut self) {
        self.draft.get_or_insert_default();
        self.page = Page::Draft;
    }

    fn remove(&mut self) -> Reply {
        let Some(property) = self.properties().get(self.cursor.at) else {
            self.foot.say(false, "there is nothing to remove");
            return Reply::Open;
        };
        if property.uuid.is_empty() {
            let said = "the service told no uuid for it: it cannot be named to be removed";
            self.foot.say(false, said);
            return Reply::Open;
        }
        let (endpoint, again) = match property.kind {
            PropertyKind::Rule => (
                Endpoint::TypeRemoveRule,
                "Records are not changed. The same rule can be added again; it gets another uuid.",
            ),
            PropertyKind::Unique => (
                Endpoint::TypeRemoveProperty,
                "Records are not changed. It can be added again only while no records have the same values.",
            ),
        };
        let request = self.call(endpoint).with("uuid", &*property.uuid);
        let lines = vec![property.describe(), again.to_owned()];
        let title = format!(
            "Remove this {} from {}?",
            kind_word(property.kind),
            self.type_name
        );
        Reply::Remove {
            request,
            title,
            lines,
            go_on: "Remove",
        }
    }

    fn act_on_draft(&mut self, action: Action) -> Reply {
        let Some(draft) = &mut self.draft else {
            self.page = Page::List;
            return Reply::Open;
        };
        match (action, draft.at) {
            (Action::Close, _) => self.page = Page::List,
            (Action::Send, _) => return self.submit(),
            (Action::Go(Move::By(..0)), _) => draft.step(false),
            (Action::Choose, Row::Attributes) => self.choose_attributes(),
            (Action::Choose, Row::Rule(at)) => self.choose_kind(at),
            (Action::Choose | Action::Change, Row::Kind) => self.turn_kind(),
            (Action::Choose | Action::Change, Row::Joined) => {
                draft.touch();
                draft.any = !draft.any;
            }
            (Action::Remove, Row::Rule(at))
                if !draft.has_json() || self.foot.is_meant(LOSES_JSON) =>
            {
                draft.remove_part(at);
            }
            (Action::Go(Move::By(_)) | Action::Choose, _) => draft.step(true),
            _ => {}
        }
        Reply::Open
    }

    /// From a rule to a combined uniqueness, and back.
    fn turn_kind(&mut self) {
        if matches!(
            self.listed,
            Listed::Known {
                rules_only: true,
                ..
            }
        ) {
            let why = "this service does not know entityType.properties: it has rules alone";
            return self.foot.say(false, why);
        }
        if let Some(draft) = &mut self.draft {
            draft.touch();
            draft.kind = match draft.kind {
                PropertyKind::Rule => PropertyKind::Unique,
                PropertyKind::Unique => PropertyKind::Rule,
            };
        }
    }

    /// F5: the call, unless something is wrong; in spite of what is only doubtful the second time.
    fn submit(&mut self) -> Reply {
        let Some(draft) = &mut self.draft else {
            return Reply::Open;
        };
        match draft.first_problem(&self.schema) {
            Some((row, Problem::Missing(why))) => {
                draft.at = row;
                self.foot.say(false, format!("not sent: {why}"));
                return Reply::Open;
            }
            Some((row, Problem::Doubtful(_))) if !draft.insisted => {
                draft.at = row;
                draft.insisted = true;
                self.foot
                    .say(false, "not sent: <rules.send> again sends it anyway");
                return Reply::Open;
            }
            _ => {}
        }
        draft.touch();
        match draft.request(&self.type_name, &self.schema) {
            Some(request) => Reply::Send(request, Vec::new()),
            None => Reply::Open,
        }
    }

    fn choose_attributes(&mut self) {
        if let Some(draft) = &self.draft {
            let schema = &self.schema;
            let unfit = |path: &_, def: &_| draft.unfit_attribute(path, def, schema);
            let picker = Picker::attributes(schema, &draft.attributes, unfit);
            self.page = Page::Attributes(Box::new(picker));
        }
    }

    fn act_on_picker(&mut self, action: Action, screen: Rect) -> Reply {
        let (Page::Attributes(picker), Some(draft)) = (&mut self.page, &mut self.draft) else {
            return Reply::Open;
        };
        picker.set_height(view::picker_height(screen));
        match action {
            Action::Close => self.page = Page::Draft,
            Action::Choose => {
                draft.touch();
                draft.attributes = picker.chosen();
                self.page = Page::Draft;
                if !draft.attributes.is_empty() {
                    draft.step(true);
                }
            }
            Action::Change => picker.toggle(),
            _ => {
                if let Action::Go(to) = action {
                    picker.go(to);
                }
            }
        }
        Reply::Open
    }

    fn choose_kind(&mut self, part: usize) {
        if let Some(draft) = &self.draft {
            self.page = Page::Kinds(Box::new(KindMenu::new(draft, part, &self.schema)));
        }
    }

    fn act_on_kinds(&mut self, action: Action, screen: Rect) -> Reply {
        let (Page::Kinds(menu), Some(draft)) = (&mut self.page, &mut self.draft) else {
            return Reply::Open;
        };
        if let Action::Go(to) = action {
            menu.go(to, view::kinds_height(screen));
        } else if action == Action::Close {
            self.page = Page::Draft;
        } else if action == Action::Choose {
            match menu.chosen() {
                Err(why) => self.foot.say(false, why),
                Ok(_) if draft.has_json() && !self.foot.is_meant(LOSES_JSON) => {}
                Ok(kind) => {
                    let next = menu.choose(kind, draft, &self.schema);
                    self.page = next.map_or(Page::Draft, |menu| Page::Kinds(Box::new(menu)));
                }
            }
        }
        Reply::Open
    }
}

/// What a kind of property is called.
fn kind_word(kind: PropertyKind) -> &'static str {
    match kind {
        PropertyKind::Rule => "rule",
        PropertyKind::Unique => "combined uniqueness",
    }
}
