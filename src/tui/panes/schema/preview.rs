//! A design as it is sent, and as the service will tell it then: what is looked at beside the tree, and copied.
//!
//! Made of the design as it is when it is asked for. Deliberately absent: how a call looks on
//! the wire, which is `tui::wire`'s.

use std::borrow::Cow;

use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::schema::attr_defs_as_sent;
use crate::capture::schema::plan::Action as Does;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::afterwards;
use crate::tui::panes::schema::Action;
use crate::tui::panes::schema::DesignKey;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::Outcome;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::planning::COPIES_VALUES;
use crate::tui::panes::schema::update::NOTHING_OPEN;

/// The fewest bytes that an attribute takes as indented JSON.
const LEAST_OF_ATTRIBUTE: usize = 40;

/// A design as it is sent. Each part is made when it is asked for: of a large design it takes a while.
pub struct Preview<'a> {
    desk: &'a Desk,
    /// What changes the stored type; `None` for a new one.
    plan: Option<Cow<'a, SchemaPlan>>,
}

impl Preview<'_> {
    /// What the definitions are called: those of a new type, or what changes a stored one.
    pub fn title(&self) -> &'static str {
        match self.plan {
            None => "attr_defs",
            Some(_) => "Changes",
        }
    }

    /// The definitions as JSON, perhaps no more of them than `most` bytes need; of a stored type what each step carries.
    pub fn definitions(&self, most: usize) -> String {
        match &self.plan {
            None => self.desk.first_attr_defs(most / LEAST_OF_ATTRIBUTE + 1),
            Some(plan) => changes(plan, most),
        }
    }

    /// The calls, in their order.
    pub fn calls(&self) -> Vec<ApiRequest> {
        match &self.plan {
            None => vec![self.desk.create_request()],
            Some(plan) => requests(plan),
        }
    }

    /// The calls, to be made by somebody else; why they are not given out.
    pub fn calls_alone(&self) -> Result<Vec<ApiRequest>, &'static str> {
        // What copies values is no call of the list.
        if self.plan.as_deref().is_some_and(copies_values) {
            return Err(COPIES_VALUES);
        }
        let calls = self.calls();
        if calls.is_empty() {
            Err("nothing changed: there is nothing to send")
        } else {
            Ok(calls)
        }
    }

    /// The schema as the service will tell it.
    pub fn echo(&self) -> String {
        let design = &self.desk.design;
        let schema = match (&self.plan, design.stored()) {
            (Some(plan), Some(stored)) => afterwards(stored.as_ref().clone(), &plan.steps),
            _ => design.wanted(),
        };
        schema.to_json().pretty()
    }
}

impl SchemaPane {
    /// The shown design as it is sent; `None` when none is open.
    pub fn preview(&self) -> Option<Preview<'_>> {
        let desk = self.desk()?;
        let plan = match self.current()? {
            DesignKey::New(_) => None,
            DesignKey::Stored(_) => Some(desk.design.plan()),
        };
        Some(Preview { desk, plan })
    }

    /// What a verb copies.
    pub(in crate::tui::panes::schema) fn to_copy(&self, action: Action) -> Outcome {
        let (Some(desk), Some(preview)) = (self.desk(), self.preview()) else {
            return Outcome::Refused(NOTHING_OPEN.to_owned());
        };
        let calls = |secrets| match preview.calls_alone() {
            Ok(calls) => Outcome::CopyCurl(calls, secrets),
            Err(reason) => Outcome::Refused(reason.to_owned()),
        };
        match action {
            Action::CopyCurl => calls(false),
            Action::CopyCurlWithSecrets => calls(true),
            Action::CopyEcho => Outcome::Copy("the schema".to_owned(), preview.echo()),
            _ => Outcome::Copy("the attr_defs".to_owned(), desk.attr_defs_text()),
        }
    }
}

impl Desk {
    /// The definitions as a caller sends them, indented.
    pub fn attr_defs_text(&self) -> String {
        attr_defs_as_sent(&self.design.tree().attr_defs()).pretty()
    }

    /// The same of so many attributes at the top.
    fn first_attr_defs(&self, count: usize) -> String {
        attr_defs_as_sent(&self.design.tree().first_attr_defs(count)).pretty()
    }
}

fn copies_values(plan: &SchemaPlan) -> bool {
    let mut steps = plan.steps.iter();
    steps.any(|step| matches!(step.action, Does::CopyValues { .. }))
}

fn requests(plan: &SchemaPlan) -> Vec<ApiRequest> {
    let steps = plan.steps.iter();
    steps
        .filter_map(|step| step.request(&plan.type_name))
        .collect()
}

/// What each step of a plan carries, and what is wanted and not done; of the steps no more than `most` bytes need.
fn changes(plan: &SchemaPlan, most: usize) -> String {
    let mut lines = Vec::new();
    let mut length = 0;
    if plan.steps.is_empty() && plan.refused.is_empty() {
        lines.push("Nothing changed: there is nothing to send.".to_owned());
    }
    for (at, step) in plan.steps.iter().enumerate() {
        if length > most {
            break;
        }
        let from = lines.len();
        let Some(request) = step.request(&plan.type_name) else {
            lines.push(format!("{}  copies the values of {}", at + 1, step.path));
            continue;
        };
        lines.push(format!("{}  {}  {}", at + 1, request.endpoint, step.path));
        for name in ["attr_def", "attr_defs", "constraints", "description"] {
            if let Some(carried) = request.args.get(name) {
                let pretty = Json::parse(carried).map(|json| json.pretty());
                let text = pretty.unwrap_or_else(|_| carried.to_owned());
                lines.extend(text.lines().map(|line| format!("   {line}")));
            }
        }
        length += lines[from..].iter().map(String::len).sum::<usize>();
    }
    for refused in &plan.refused {
        let (path, what) = (&refused.path, &refused.what);
        lines.push(format!("not done: {what} of {path}: {}", refused.reason));
    }
    lines.join("\n")
}
