//! The lines of an attribute: which there are, what each says, and why one cannot be changed.

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::schema;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::attribute::picker;
use crate::tui::panes::schema::design::State;

/// One thing that a definition says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// What it is called; of the entity type itself when the cursor of the tree is there.
    Name,
    /// Its type.
    Type,
    /// What it is for.
    Description,
    /// The most characters of a string.
    Length,
    /// Whether a string's case counts.
    Case,
    /// Whether it has this constraint.
    Constraint(Constraint),
    /// Whether it has this feature.
    Feature(Feature),
}

/// The constraints as they stand beside each other: the shorter words on the left.
const CONSTRAINTS: [[Constraint; 2]; 4] = [
    [Constraint::Required, Constraint::LocallyUnique],
    [Constraint::Unique, Constraint::EmailAddress],
    [Constraint::Alphabetic, Constraint::UnicodeLetters],
    [Constraint::Alphanumeric, Constraint::UnicodePrintable],
];

impl Line {
    /// The word before it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Type => "type",
            Self::Description => "description",
            Self::Length => "length",
            Self::Case => "case",
            Self::Constraint(_) => "constraints",
            Self::Feature(_) => "features",
        }
    }

    /// Whether it is written as a text.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Name | Self::Description | Self::Length)
    }

    /// The protocol's word for the respect in which a change of it is one.
    pub fn aspect(&self) -> &'static str {
        match self {
            Self::Case => "case-sensitive",
            other => other.label(),
        }
    }

    /// What it means, in a sentence.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Name => "a letter, then letters, digits and _",
            Self::Type => "what values it has; <attribute.edit> chooses",
            Self::Description => "for people; can be changed at any time",
            Self::Length => {
                "the most characters, empty for no limit; <attribute.toggle>: 100, 256, 1000, 4096"
            }
            Self::Case => "whether A and a differ in uniqueness and comparison",
            Self::Constraint(constraint) => match constraint {
                Constraint::Required => "may be neither absent nor null",
                Constraint::Unique => "no two records share the value",
                Constraint::LocallyUnique => {
                    "no two elements of one record's plural share the value"
                }
                Constraint::Alphabetic => "A–Z a–z only",
                Constraint::Alphanumeric => "A–Z a–z 0–9 only",
                Constraint::UnicodeLetters => "letters of any script only",
                Constraint::UnicodePrintable => "no control characters",
                Constraint::EmailAddress => "looks like an e-mail address",
                Constraint::Other(_) => "a constraint that captui does not know",
            },
            Self::Feature(feature) => match feature {
                Feature::PrimaryKey => "# the natural key of a plural's elements",
                Feature::Query => "indexed, hence searched fast",
                Feature::Other(_) => "a feature that captui does not know",
            },
        }
    }
}

impl Desk {
    /// The lines of what is under the cursor, as they stand below and beside each other.
    pub(in crate::tui::panes::schema) fn lines(&self) -> Vec<Vec<Line>> {
        let Some(node) = self.node().and_then(|id| self.design.node(id)) else {
            return vec![vec![Line::Name]];
        };
        let mut lines: Vec<Vec<Line>> = vec![
            vec![Line::Name],
            vec![Line::Type],
            vec![Line::Description],
            vec![Line::Length],
            vec![Line::Case],
        ];
        lines.extend(CONSTRAINTS.map(|pair| pair.map(Line::Constraint).to_vec()));
        let constraints = node.def.constraints.iter().flatten();
        let unknown = constraints.filter(|it| matches!(it, Constraint::Other(_)));
        lines.extend(unknown.map(|it| vec![Line::Constraint(it.clone())]));
        lines.push(Feature::ALL.map(Line::Feature).to_vec());
        let features = node.def.features.iter().flatten();
        let unknown = features.filter(|it| matches!(it, Feature::Other(_)));
        lines.extend(unknown.map(|it| vec![Line::Feature(it.clone())]));
        lines
    }

    /// Why a line cannot be changed; `None` when it can.
    pub(in crate::tui::panes::schema) fn refuses_line(&self, line: &Line) -> Option<String> {
        let said = |text: &str| Some(text.to_owned());
        let Some(id) = self.node() else {
            return match self.design.stored() {
                Some(_) => said("no call renames an entity type that is stored"),
                None => None,
            };
        };
        match self.design.state(id) {
            State::BuiltIn => return said("this is built in: the service adds it by itself"),
            State::Removed if self.design.goes_along(id) => {
                return said(
                    "what this is in is marked for removal: <schema.remove> there takes the mark away",
                );
            }
            State::Removed => {
                return said(
                    "this is marked for removal: <schema.remove> in the tree takes the mark away",
                );
            }
            State::Same | State::New | State::Changed => {}
        }
        self.misfit(line)
    }

    /// What is said of the line under the cursor: why it cannot be changed, else what it means.
    pub(in crate::tui::panes::schema) fn help(&self, line: &Line) -> String {
        let node = self.node().and_then(|id| self.design.node(id));
        match (self.refuses_line(line), line, node) {
            (Some(reason), ..) => keyed(&reason),
            (None, Line::Type, Some(node)) => picker::explain(node.def.attr_type.name()).to_owned(),
            _ => keyed(line.help()),
        }
    }

    /// Why a line does not apply to the attribute's type and place; `None` when it does, or when it is set already.
    pub(in crate::tui::panes::schema) fn misfit(&self, line: &Line) -> Option<String> {
        let id = self.node()?;
        let def = &self.design.node(id)?.def;
        let is_string = matches!(def.attr_type, AttrType::String { .. });
        match line {
            Line::Name | Line::Type | Line::Description => None,
            Line::Length => (!is_string).then(|| "only strings have length".to_owned()),
            Line::Case => (!is_string).then(|| "only strings have case".to_owned()),
            Line::Constraint(constraint) if def.has(constraint) => None,
            Line::Constraint(constraint) => {
                schema::constraint_misfit(constraint, def, self.design.stands(id))
            }
            Line::Feature(feature) if def.has_feature(feature) => None,
            Line::Feature(feature) => schema::feature_misfit(feature, self.design.stands(id)),
        }
    }

    /// The problems of what is under the cursor that a line is about.
    pub(in crate::tui::panes::schema) fn problems_of(&self, line: &Line) -> Vec<&str> {
        self.problems_here()
            .iter()
            .filter(|problem| self.line_of(problem) == Some(line.label()))
            .map(String::as_str)
            .collect()
    }

    /// The problems that are about no line.
    pub(in crate::tui::panes::schema) fn other_problems(&self) -> Vec<&str> {
        self.problems_here()
            .iter()
            .filter(|problem| self.line_of(problem).is_none())
            .map(String::as_str)
            .collect()
    }

    fn problems_here(&self) -> &[String] {
        match self.node() {
            None => self.design.general_problems(),
            Some(id) => self.design.problems_at(id),
        }
    }

    /// The label of the line that a problem is about.
    fn line_of(&self, problem: &str) -> Option<&'static str> {
        let Some(id) = self.node() else {
            return Some(Line::Name.label());
        };
        let def = self.design.node(id)?.to_attr_def();
        let stands = self.design.stands(id);
        let is = |misfit: Option<String>| misfit.as_deref() == Some(problem);
        let is_constraint = |it: &Constraint| is(schema::constraint_misfit(it, &def, stands));
        if problem == schema::NAME_USED || is(schema::name_misfit(&def.name, stands)) {
            return Some(Line::Name.label());
        }
        if is(schema::type_misfit(&def.attr_type)) {
            let is_length = matches!(def.attr_type, AttrType::String { .. });
            return Some(if is_length {
                Line::Length.label()
            } else {
                Line::Type.label()
            });
        }
        let mut constraints = def.constraints.iter().flatten();
        if constraints.any(is_constraint) {
            return Some("constraints");
        }
        let mut features = def.features.iter().flatten();
        features
            .any(|it| is(schema::feature_misfit(it, stands)))
            .then_some("features")
    }
}
