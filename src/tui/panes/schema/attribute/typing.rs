//! Writing a text of the attribute. Every key goes into the design at once, so that problems are seen while they are
//! made and nothing typed is ever lost; all keys of one text are one step to be taken back.

use crate::capture::attr_type::AttrType;
use crate::capture::schema::AttrDef;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::line_input::LineInput;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::Outcome;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::attribute::Action;
use crate::tui::panes::schema::attribute::Mode;
use crate::tui::panes::schema::attribute::lines::Line;
use crate::tui::panes::schema::attribute::picker::Picker;
use crate::tui::panes::schema::design::Node;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::panes::schema::design::Place;

/// A text being written.
#[derive(Debug)]
pub struct Typing {
    /// The line that it is.
    pub line: Line,
    /// The text.
    pub input: LineInput,
    /// Whether the step that is taken back with it is noted already.
    begun: bool,
    /// Why it was begun.
    why: Why,
}

/// Why a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its attribute was added for it: without a name it is gone again.
    Added,
    /// Its attribute was copied, under a name that may want to be another.
    Copied,
    /// The line was chosen.
    Chosen,
}

impl Typing {
    /// How many attributes the text names, when it is to name new ones.
    pub fn names(&self) -> Vec<&str> {
        if self.line == Line::Name && self.why == Why::Added {
            split(self.input.text())
        } else {
            Vec::new()
        }
    }
}

fn split(text: &str) -> Vec<&str> {
    text.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|name| !name.is_empty())
        .collect()
}

impl SchemaPane {
    /// Keeps what is typed and stops typing, in the tree's filter too.
    pub fn stop_typing(&mut self) {
        self.filtering = None;
        if let Mode::Typing(typing) = std::mem::take(&mut self.attribute.mode)
            && let Some(desk) = self.desk_mut()
        {
            desk.tidy(&typing);
        }
    }

    /// What the footer calls the keys' meaning, while they belong to a text.
    pub fn mode_name(&self) -> Option<String> {
        match &self.attribute.mode {
            _ if self.filtering.is_some() => Some("FILTER".to_owned()),
            Mode::Verbs => None,
            Mode::Typing(typing) => Some(format!("EDIT {}", typing.line.label())),
            Mode::Picking(_) => Some("TYPE".to_owned()),
        }
    }

    pub(super) fn start_typing(&mut self, line: Line, why: Why) {
        let Some(desk) = self.desk() else {
            return;
        };
        let text = desk.text_of(&line);
        let input = if why == Why::Copied {
            LineInput::selected(&text)
        } else {
            LineInput::new(&text)
        };
        self.put_cursor_on(&line);
        self.attribute.mode = Mode::Typing(Typing {
            line,
            input,
            begun: why != Why::Chosen,
            why,
        });
    }

    /// A key or a paste for what is being written or chosen.
    pub(super) fn type_in(&mut self, event: PaneEvent<Action>) -> Option<Outcome> {
        match &mut self.attribute.mode {
            Mode::Verbs => return None,
            Mode::Picking(picker) => match event {
                PaneEvent::Key(key) => picker.key(key),
                PaneEvent::Paste(text) => picker.paste(&text),
                _ => {}
            },
            Mode::Typing(typing) => match event {
                PaneEvent::Key(key) => typing.input.key(key),
                PaneEvent::Paste(text) => typing.input.paste(&text),
                PaneEvent::Act(Action::UndoText) => typing.input.undo(false),
                PaneEvent::Act(Action::RedoText) => typing.input.undo(true),
                _ => {}
            },
        }
        self.follow_typing()
    }

    /// Puts what is typed into the design.
    fn follow_typing(&mut self) -> Option<Outcome> {
        let mut mode = std::mem::take(&mut self.attribute.mode);
        let mut outcome = None;
        if let Mode::Typing(typing) = &mut mode
            && let Some(desk) = self.desk_mut()
        {
            let text = typing.input.text().to_owned();
            if let Err(reason) = desk.put_text(&typing.line, &text, &mut typing.begun) {
                typing.input.undo(false);
                outcome = Some(Outcome::Refused(reason.to_owned()));
            }
        }
        self.attribute.mode = mode;
        outcome
    }

    /// Enter: keeps the text, or takes the type, and goes on.
    pub(super) fn commit(&mut self) -> Option<Outcome> {
        match std::mem::take(&mut self.attribute.mode) {
            Mode::Verbs => None,
            Mode::Picking(picker) => {
                self.take_type(picker);
                None
            }
            Mode::Typing(typing) => self.commit_text(&typing),
        }
    }

    fn commit_text(&mut self, typing: &Typing) -> Option<Outcome> {
        let is_added = typing.why == Why::Added;
        let desk = self.desk_mut()?;
        let id = desk.node();
        if is_added && desk.tidy(typing) {
            return Some(Outcome::LeaveAttribute);
        }
        // A type's name is followed by its attributes, which the tree has.
        let Some(id) = id else {
            return Some(Outcome::LeaveAttribute);
        };
        if is_added && typing.line == Line::Name {
            let targets = desk.add_named(id, &typing.names());
            self.open_picker(targets, true);
        } else {
            self.go_on();
        }
        None
    }

    /// Gives the chosen type to what it was chosen for, and goes on with the description.
    fn take_type(&mut self, mut picker: Picker) {
        let Some(attr_type) = picker.take() else {
            // Nothing fits, or more are offered now.
            self.attribute.mode = Mode::Picking(picker);
            return;
        };
        if let Some(desk) = self.desk_mut() {
            let mut begun = picker.is_fresh;
            desk.set_type(&picker.targets, &attr_type, &mut begun);
        }
        self.put_cursor_on(&Line::Description);
    }

    pub(super) fn open_picker(&mut self, targets: Vec<NodeId>, is_fresh: bool) {
        let current = targets
            .first()
            .and_then(|id| Some(self.desk()?.design.node(*id)?.def.attr_type.clone()));
        if let Some(current) = current {
            self.put_cursor_on(&Line::Type);
            let picker = Picker::new(targets, &current, is_fresh);
            self.attribute.mode = Mode::Picking(picker);
            self.set_attribute_viewport(self.attribute.size);
        }
    }

    /// Esc: the text stays, the type stays what it was.
    pub(super) fn leave_text(&mut self) -> Option<Outcome> {
        let mode = std::mem::take(&mut self.attribute.mode);
        let desk = self.desk_mut()?;
        match mode {
            Mode::Typing(typing) if desk.tidy(&typing) => Some(Outcome::LeaveAttribute),
            Mode::Typing(typing) => {
                if let Some(id) = desk.node() {
                    desk.add_named(id, &typing.names());
                    None
                } else {
                    Some(Outcome::LeaveAttribute)
                }
            }
            Mode::Picking(_) | Mode::Verbs => None,
        }
    }

    /// Tab: keeps the text, or takes the type, and writes the next text, or the one before.
    pub(super) fn type_neighbour(&mut self, forward: bool) -> Option<Outcome> {
        if let Mode::Picking(picker) = std::mem::take(&mut self.attribute.mode) {
            self.take_type(picker);
            if !self.attribute.typing() && forward {
                self.start_typing(Line::Description, Why::Chosen);
            }
            return None;
        }
        let desk = self.desk()?;
        let mut texts: Vec<Line> = desk.lines().concat();
        if !forward {
            texts.reverse();
        }
        let here = self.line();
        let next = texts
            .into_iter()
            .skip_while(|line| Some(line) != here.as_ref())
            .skip(1)
            .find(|line| line.is_text() && desk.refuses_line(line).is_none());
        match next {
            Some(line) => self.start_typing(line, Why::Chosen),
            None => self.step(if forward { 1 } else { -1 }),
        }
        None
    }
}

impl Desk {
    /// The text with which writing a line begins.
    fn text_of(&self, line: &Line) -> String {
        let Some(node) = self.node().and_then(|id| self.design.node(id)) else {
            return self.design.tree().name.clone();
        };
        match line {
            Line::Name => node.def.name.clone(),
            Line::Description => node.def.description.clone().unwrap_or_default(),
            Line::Length => match node.def.attr_type {
                AttrType::String {
                    length: Some(length),
                    ..
                } => length.to_string(),
                _ => String::new(),
            },
            Line::Type | Line::Case | Line::Constraint(_) | Line::Feature(_) => String::new(),
        }
    }

    /// Puts a text into what is under the cursor. The error says why it cannot be that.
    fn put_text(&mut self, line: &Line, text: &str, begun: &mut bool) -> Result<(), &'static str> {
        let text = text.trim();
        if text == self.text_of(line).trim() {
            return Ok(());
        }
        let Some(id) = self.node() else {
            if self.design.stored().is_some() {
                return Err("no call renames an entity type that is stored");
            }
            let name = text.to_owned();
            self.design.change_within(begun, |tree| tree.name = name);
            return Ok(());
        };
        let limit = match line {
            Line::Length if text.is_empty() => None,
            Line::Length if !text.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err("a length is a whole number of characters: digits only");
            }
            Line::Length => Some(text.parse().map_err(|_| "this is more than any length")?),
            _ => None,
        };
        self.design.change_within(begun, |tree| {
            let Some(node) = tree.get_mut(id) else {
                return;
            };
            match (line, &mut node.def.attr_type) {
                (Line::Name, _) => text.clone_into(&mut node.def.name),
                (Line::Description, _) => {
                    node.def.description = (!text.is_empty()).then(|| text.to_owned());
                }
                (Line::Length, AttrType::String { length, .. }) => *length = limit,
                _ => {}
            }
        });
        self.rebuild();
        Ok(())
    }

    /// Takes an attribute out again that was added and got no name; whether it did.
    fn tidy(&mut self, typing: &Typing) -> bool {
        let blank = AttrDef::new("", AttrType::from_name("string"));
        let is_blank = |node: &Node| node.def == blank && node.members.is_empty();
        let node = self.node().and_then(|id| self.design.node(id));
        let goes = typing.why == Why::Added && node.is_some_and(is_blank);
        if goes {
            self.design.forget_last();
            self.cursor.at = self.cursor.at.saturating_sub(1);
            self.rebuild();
        }
        goes
    }

    /// `a, b, c` as a name means three attributes: the one that is there gets the first, the others come behind it.
    fn add_named(&mut self, id: NodeId, names: &[&str]) -> Vec<NodeId> {
        let mut all = vec![id];
        let (Some(place), true) = (self.design.place(id), names.len() > 1) else {
            return all;
        };
        let added = self.design.change_within(&mut true, |tree| {
            if let Some(node) = tree.get_mut(id) {
                names[0].clone_into(&mut node.def.name);
            }
            let others = names[1..].iter().enumerate();
            let added = others.filter_map(|(after, name)| {
                let def = AttrDef::new(*name, AttrType::from_name("string"));
                let at = place.at + 1 + after;
                tree.insert(Place { at, ..place }, &def)
            });
            added.collect::<Vec<_>>()
        });
        all.extend(added);
        self.rebuild();
        all
    }

    /// Gives these attributes a type. What was in them and how long they were stays for the way back.
    fn set_type(&mut self, ids: &[NodeId], attr_type: &AttrType, begun: &mut bool) {
        for id in ids {
            let before = self.design.node(*id).map(|node| &node.def.attr_type);
            if let Some(string @ AttrType::String { .. }) = before {
                self.strings.insert(*id, string.clone());
            }
        }
        let strings = &self.strings;
        self.design.change_within(begun, |tree| {
            for id in ids {
                let Some(node) = tree.get_mut(*id) else {
                    continue;
                };
                if node.def.attr_type.name() == attr_type.name() {
                    continue;
                }
                node.def.attr_type = match (attr_type, strings.get(id)) {
                    (AttrType::String { .. }, Some(before)) => before.clone(),
                    _ => attr_type.clone(),
                };
            }
        });
        self.rebuild();
    }
}
