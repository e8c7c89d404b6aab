//! All state of the program.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::config::Timeouts;
use crate::config::environment::Environment;
use crate::config::environment::Target;
use crate::exchange::Sender;
use crate::handover::format::Format;
use crate::tui::action::spec::Scope;
use crate::tui::drafts::Drafts;
use crate::tui::effect::Effect;
use crate::tui::effect::Fx;
use crate::tui::effect::Jobs;
use crate::tui::effect::Owner;
use crate::tui::keys::combo::Combo;
use crate::tui::keys::keymap::Keymap;
use crate::tui::layout::Screen;
use crate::tui::masking::Mask;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::paste::Opening;
use crate::tui::overlays::schema_compare::CompareSheet;
use crate::tui::overlays::schema_compare::Other;
use crate::tui::overlays::schema_plan::PlanSheet;
use crate::tui::overlays::timeline::TimelineSheet;
use crate::tui::panes::files::FilesPane;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::history::HistoryPane;
use crate::tui::panes::records::RecordsPane;
use crate::tui::panes::response::ResponsePane;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::types::TypesPane;
use crate::tui::permission::Permission;
use crate::tui::recording::typed::Typed;
use crate::tui::session::PaneId;
use crate::tui::session::Session;
use crate::tui::session::View;
use crate::tui::theme::Theme;
use crate::tui::update::begin::Beginning;
use crate::tui::update::history;
use crate::tui::update::replay::Replaying;
use crate::tui::which_key;
use crate::tui::wire::MadeOf;
use crate::worker::job::Job;
use crate::worker::plan::Unfinished;

/// All state of the program. Panes are fields, so that one can change while the others are read.
pub struct Model {
    /// Facts that several panes read.
    pub session: Session,
    /// The running jobs.
    pub jobs: Jobs,
    /// The size of the terminal.
    pub area: Rect,
    /// Where everything is; follows from size, focus and zoom.
    pub screen: Screen,
    /// What the screen is for.
    pub view: View,
    /// The pane that gets the keys.
    pub focus: PaneId,
    /// Whether the focused pane has the whole screen.
    pub zoom: bool,
    /// What lies over the panes, the top one last.
    pub overlays: Vec<Overlay>,
    /// The entity types.
    pub types: TypesPane,
    /// The form.
    pub form: FormPane,
    /// The records that a filter finds.
    pub records: RecordsPane,
    /// The schema being designed.
    pub schema: SchemaPane,
    /// The plan of its changes, looked at now or a while ago.
    pub plan: Option<PlanSheet>,
    /// The plans that were begun in this environment and have not come to their end.
    pub unfinished: Vec<Unfinished>,
    /// The comparison that is looked at.
    pub compare: Option<CompareSheet>,
    /// What is being read to compare with.
    pub comparing: Option<Other>,
    /// The record through time that is looked at, or was.
    pub timeline: Option<TimelineSheet>,
    /// The response.
    pub response: ResponsePane,
    /// What its pages of what is going to be sent were made of, when they are a design's.
    pub wire: Option<MadeOf>,
    /// The history.
    pub history: HistoryPane,
    /// The files that are looked at, where that is all there is to do.
    pub files: FilesPane,
    /// The drafts that are kept.
    pub drafts: Drafts,
    /// As what tickets are copied.
    pub ticket: Format,
    /// A sentence in the status line, until the next key.
    pub message: Option<Message>,
    /// Which verb a key means.
    pub keymap: Rc<Keymap>,
    /// The keys of an unfinished sequence.
    pub pressed: Vec<Combo>,
    /// Since when the first of them waits for the next.
    pub pressed_since: Option<Timestamp>,
    /// A record that was read, until its schema comes.
    pub opening: Option<Json>,
    /// Pasted values for the form that is being opened.
    pub pasted: Option<Opening>,
    /// What the schema editor is opened with, until the schema that it takes has come.
    pub beginning: Option<Beginning>,
    /// A call that is to be sent again, as far as that has come.
    pub replaying: Option<Replaying>,
    /// Until when ordinary writes need no word, because somebody said so.
    pub quiet_until: Option<Timestamp>,
    /// When Ctrl-C was last pressed with nothing to cancel.
    pub interrupted: Option<Timestamp>,
    /// Who sends and where to, without the secret; known once somebody wanted to see it.
    pub sender: Option<Arc<Sender>>,
    /// How things look.
    pub theme: Theme,
    /// Whether F12 panics, for the test that the terminal is restored then.
    pub panic_key: bool,
}

/// A sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How it is meant.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
}

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    Plain,
    /// Something was done that is not in sight.
    Done,
    /// Something cannot be done.
    Refusal,
}

impl Model {
    /// The program as it starts on a terminal of this size. The effects that begin its work come from
    /// [`Model::start`].
    pub fn new(environment: &Environment, theme: Theme, area: Rect, now: Timestamp) -> Self {
        let session = Session {
            environment: environment.name.clone(),
            class: environment.class,
            domain: match &environment.target {
                Target::Embedded => "the sandbox in this program".to_owned(),
                Target::Remote { domain, .. } => domain.clone(),
            },
            read_only: environment.read_only,
            permission: Permission::new(environment.features.as_deref()),
            faults: match environment.target {
                Target::Embedded => Some(Vec::new()),
                Target::Remote { .. } => None,
            },
            patience: Timeouts::default().total,
            now,
            environments: Vec::new(),
            schemas: HashMap::new(),
            access: HashMap::new(),
            mask: None,
            type_name: None,
            marked: None,
            unkept: Vec::new(),
        };
        let mut model = Self {
            session,
            jobs: Jobs::default(),
            area,
            screen: Screen::default(),
            view: View::Record,
            focus: PaneId::Types,
            zoom: false,
            overlays: Vec::new(),
            types: TypesPane::default(),
            form: FormPane::default(),
            records: RecordsPane::default(),
            schema: SchemaPane::default(),
            plan: None,
            unfinished: Vec::new(),
            compare: None,
            comparing: None,
            timeline: None,
            response: ResponsePane::default(),
            wire: None,
            history: HistoryPane::default(),
            files: FilesPane::default(),
            drafts: Drafts::default(),
            ticket: Format::Markdown,
            message: None,
            keymap: Rc::new(Keymap::default()),
            pressed: Vec::new(),
            pressed_since: None,
            opening: None,
            pasted: None,
            beginning: None,
            replaying: None,
            quiet_until: None,
            interrupted: None,
            sender: None,
            theme,
            panic_key: false,
        };
        model.relayout();
        model
    }

    /// The work that the program begins with: the entity types and the history.
    pub fn start(&mut self) -> Vec<Effect> {
        if self.view == View::Files {
            let feeds = self.files.take_feed_tasks().into_iter().map(Effect::Feed);
            let works = self.files.take_tasks().into_iter().map(Effect::Work);
            return feeds.chain(works).collect();
        }
        let mut effects = Vec::new();
        self.load_types(&mut effects);
        self.history.look_for_new();
        history::ask(self, &mut effects);
        self.fx(PaneId::Records, &mut effects)
            .run("columns", Job::ReadColumns, false);
        effects
    }

    /// Looks at these files and does nothing else.
    pub fn look_at(&mut self, files: FilesPane) {
        self.files = files;
        self.show(View::Files);
        self.relayout();
    }

    /// The word for what is written or shown over the text that stands where the response does.
    pub fn viewer_mode(&self) -> Option<&'static str> {
        match self.files.viewer() {
            Some(viewer) => viewer.mode_name(),
            None => self.response.mode_name(),
        }
    }

    /// Whether a file, and no answer, stands where the response does.
    pub fn shows_file(&self) -> bool {
        self.view == View::Files && !self.files.shows_exchange()
    }

    /// Goes to a view, with the focus on the pane that it is about.
    pub fn show(&mut self, view: View) {
        if view != View::Find {
            self.records.stop_typing();
        }
        if view != View::Record {
            self.form.stop_typing(self.session.now);
        }
        if view != View::Schema {
            self.schema.stop_typing();
            self.schema.stop_typing_json();
        }
        self.history.stop_typing(self.session.now);
        self.view = view;
        self.focus = view.main_pane();
    }

    /// Whether plain characters belong to the focused pane.
    pub fn is_typing(&self) -> bool {
        if !self.overlays.is_empty() {
            return false;
        }
        match self.focus {
            PaneId::Form => self.form.typing(),
            PaneId::Records => self.records.typing(),
            PaneId::Attribute => self.schema.attribute.typing(),
            PaneId::Schema => self.schema.is_filtering() || self.schema.is_typing_json(),
            PaneId::Response => match self.files.viewer() {
                Some(viewer) => viewer.is_typing(),
                None => self.response.is_typing(),
            },
            PaneId::History => self.history.is_typing(),
            PaneId::Types | PaneId::Files => false,
        }
    }

    /// What plain characters go into now, for a recording.
    pub fn typed(&self) -> Typed {
        if !self.is_typing() {
            return Typed::Open;
        }
        match self.focus {
            PaneId::Form => self.form.being_typed(),
            PaneId::Records => self.records.being_typed(),
            // Definitions name secrets and hold none.
            PaneId::Attribute
            | PaneId::Schema
            | PaneId::Types
            | PaneId::Response
            | PaneId::History
            | PaneId::Files => Typed::Open,
        }
    }

    /// What a pane, or the program itself, may ask for work with.
    pub fn fx<'a>(&'a mut self, owner: impl Into<Owner>, effects: &'a mut Vec<Effect>) -> Fx<'a> {
        Fx {
            owner: owner.into(),
            effects,
            jobs: &mut self.jobs,
            now: self.session.now,
        }
    }

    /// Asks for the entity types.
    pub fn load_types(&mut self, effects: &mut Vec<Effect>) {
        if !self.types.is_loading() {
            let title = Endpoint::TypeList.name();
            let id = self
                .fx(PaneId::Types, effects)
                .run(title, Job::ListTypes, false);
            self.types.wait_for(id);
        }
    }

    /// Computes where everything is, and tells the panes how much of them is on the screen.
    pub fn relayout(&mut self) {
        let wire = self.response.shows_wire();
        self.screen = if self.view == View::Files {
            let alone = self.zoom || !self.files.has_list();
            Screen::of_files(self.area, self.focus, alone)
        } else {
            Screen::new(self.area, self.view, self.focus, self.zoom, wire)
        };
        self.files
            .set_viewport(self.screen.inside(PaneId::Files).height);
        self.files.fit(self.screen.inside(PaneId::Response));
        self.types
            .set_viewport(self.screen.inside(PaneId::Types).height);
        self.history
            .set_viewport(self.screen.inside(PaneId::History).height);
        self.form
            .set_viewport(self.screen.inside(PaneId::Form).as_size());
        self.records
            .set_viewport(self.screen.inside(PaneId::Records).as_size());
        self.schema
            .set_viewport(self.screen.inside(PaneId::Schema).as_size());
        self.schema
            .set_attribute_viewport(self.screen.inside(PaneId::Attribute).as_size());
        self.response
            .set_viewport(self.screen.inside(PaneId::Response));
        if let Some(plan) = &mut self.plan {
            plan.fit(self.area);
        }
        if let Some(compare) = &mut self.compare {
            compare.fit(self.area);
        }
        if let Some(timeline) = &mut self.timeline {
            timeline.fit(self.area);
        }
        for overlay in &mut self.overlays {
            if let Overlay::CallCompare(sheet) = overlay {
                sheet.fit(self.area);
            }
        }
    }

    /// The scopes whose keys work now, the innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        let sheet = self.overlays.iter().find_map(|overlay| match overlay {
            Overlay::SchemaPlan => Some(Scope::Plan),
            Overlay::SchemaCompare => Some(Scope::Compare),
            Overlay::Timeline => Some(Scope::Timeline),
            Overlay::CallCompare(_) => Some(Scope::CallCompare),
            Overlay::Rules(_) => Some(Scope::Rules),
            Overlay::Access(_) => Some(Scope::Access),
            _ => None,
        });
        if let Some(sheet) = sheet {
            return vec![sheet];
        }
        let inner = match self.focus {
            PaneId::Types => Scope::Types,
            PaneId::Form if self.form.is_choosing_date() => Scope::Calendar,
            PaneId::Form if self.form.typing() => Scope::Edit,
            PaneId::Form => Scope::Form,
            PaneId::Response => {
                let inner = match self.files.viewer() {
                    Some(viewer) => viewer.scopes(),
                    None if self.shows_file() => Vec::new(),
                    None => self.response.scopes(),
                };
                return [inner, vec![Scope::App]].concat();
            }
            PaneId::History => self.history.scope(),
            PaneId::Files => Scope::Files,
            PaneId::Records => self.records.scope(),
            PaneId::Schema => self.schema.scope(),
            PaneId::Attribute => self.schema.attribute.scope(),
        };
        match inner {
            // What can be done with the design can be done from its attribute, too.
            Scope::Attribute => vec![inner, Scope::Schema, Scope::App],
            _ => vec![inner, Scope::App],
        }
    }

    /// Whether something on the screen changes with time.
    pub fn is_moving(&self) -> bool {
        self.jobs.asked_for().is_some()
            || self.form.is_behind()
            || self.schema.is_behind()
            || self.history.is_behind()
            || which_key::is_awaited(self.pressed_since, self.session.now)
    }

    /// Puts a sentence in the status line.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.message = Some(Message {
            tone,
            text: text.into(),
        });
    }

    /// Puts a sentence in the status line, behind what was just said there.
    pub fn say_too(&mut self, tone: Tone, text: impl Into<String>) {
        match &mut self.message {
            Some(message) => message.text = format!("{}; {}", message.text, text.into()),
            None => self.say(tone, text),
        }
    }

    /// Masks personal data on the screen from now on, by the schemas at hand, or does not any more.
    pub fn mask(&mut self, masks: bool) {
        let schemas = || self.session.schemas.values().map(Arc::clone).collect();
        self.session.mask = masks.then(|| Mask::of(schemas()));
        self.response.set_mask(self.session.mask.clone());
        self.records.set_mask(self.session.mask.clone());
    }

    /// Forgets everything that came from the service's lists, so that it is asked for anew.
    pub fn forget_schemas(&mut self) {
        self.session.schemas.clear();
    }

    /// Keeps a schema.
    pub fn keep_schema(&mut self, schema: Arc<EntityType>) {
        self.session.schemas.insert(schema.name.clone(), schema);
        if self.session.mask.is_some() {
            // It may tell more of what is personal.
            self.mask(true);
        }
    }
}
