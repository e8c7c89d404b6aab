//! `captui schema diff`: how one schema differs from another.

use std::fmt::Write;

use crate::capture::json::Json;
use crate::capture::schema::diff;
use crate::capture::schema::diff::SchemaDiff;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::missing_in;
use crate::cli::args::schema::Diff;
use crate::cli::args::schema::Source;
use crate::cli::commands::schema::object;
use crate::cli::commands::schema::source;
use crate::cli::commands::schema::source::Loaded;
use crate::cli::commands::types::count;
use crate::cli::output;
use crate::cli::session::Stop;

pub(super) async fn diff(
    arguments: &Diff,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let (a, b) = (&arguments.a, &arguments.b);
    source::only_one_stdin(&[a, b])?;
    let [one, other] = [
        source::load(a, environment).await?,
        source::load(b, environment).await?,
    ];
    for loaded in [&one, &other] {
        tell_problems(loaded);
    }
    let rules = if arguments.no_rules {
        None
    } else {
        compare_rules(a, b, environment).await?
    };
    let names = [one.label.as_str(), other.label.as_str()];
    let comparison = Comparison {
        attributes: diff::diff(&one.as_given(), &other.as_given()),
        rules,
    };
    match (json, arguments.markdown) {
        (true, _) => output::print_json(&comparison.as_json(names))?,
        (false, true) => output::print(&comparison.as_markdown(names))?,
        (false, false) => output::print(&comparison.as_text(names))?,
    }
    if comparison.is_empty() {
        Ok(())
    } else {
        Err(Stop::Found)
    }
}

/// How two types differ.
struct Comparison {
    attributes: SchemaDiff,
    /// The rules that only A has, and those that only B has; `None` when they were not compared.
    rules: Option<[Vec<Property>; 2]>,
}

impl Comparison {
    fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.rules().all(|(_, rules)| rules.is_empty())
    }

    /// On which side, and the rules that only that one has.
    fn rules(&self) -> impl Iterator<Item = (usize, &Vec<Property>)> {
        self.rules.iter().flatten().enumerate()
    }

    fn summary(&self) -> String {
        let same = count(self.attributes.equal, "attribute");
        if self.is_empty() {
            return format!("no difference; {same} the same");
        }
        let attributes = count(self.attributes.differences.len(), "attribute");
        let rules = self.rules().map(|(_, rules)| rules.len()).sum();
        match count(rules, "rule") {
            _ if rules == 0 => format!("{attributes} different, {same} the same"),
            rules => format!("{attributes} and {rules} different, {same} the same"),
        }
    }

    fn as_text(&self, names: [&str; 2]) -> String {
        let mut lines = self.attributes.to_lines(names);
        for (side, rules) in self.rules() {
            let told = rules.iter().map(Property::describe);
            lines.extend(told.map(|rule| format!("{rule}, only in {}", names[side])));
        }
        lines.push(self.summary());
        lines.join("\n")
    }

    fn as_markdown(&self, names: [&str; 2]) -> String {
        let mut text = format!("{}\n", self.summary());
        if !self.attributes.is_empty() {
            let _ = write!(text, "\n{}", self.attributes.to_markdown(names));
        }
        for (side, rules) in self.rules().filter(|(_, rules)| !rules.is_empty()) {
            let _ = writeln!(text, "\nRules only in {}:\n", names[side]);
            text.extend(
                rules
                    .iter()
                    .map(|rule| format!("- `{}`\n", rule.describe())),
            );
        }
        text
    }

    fn as_json(&self, names: [&str; 2]) -> Json {
        let mut json = self.attributes.to_json(names);
        let list =
            |rules: &Vec<Property>| Json::Array(rules.iter().map(Property::to_answer).collect());
        let rules = self.rules.as_ref().map_or(Json::Null, |[a, b]| {
            object([("only_in_a", list(a)), ("only_in_b", list(b))])
        });
        if let Some(members) = json.as_object_mut() {
            members.insert("rules".to_owned(), rules);
        }
        json
    }
}

fn tell_problems(loaded: &Loaded) {
    if !loaded.problems.is_empty() {
        output::note(&format!(
            "{} has {}, which `captui schema check` names",
            loaded.label,
            count(loaded.problems.len(), "problem")
        ));
    }
}

/// Rules are compared when both are stored types: a file says nothing about them.
async fn compare_rules(
    a: &Source,
    b: &Source,
    environment: Option<&str>,
) -> Result<Option<[Vec<Property>; 2]>, Stop> {
    let is_stored = |source: &Source| matches!(source, Source::Stored { .. });
    if !is_stored(a) || !is_stored(b) {
        return Ok(None);
    }
    let both = [
        source::properties(a, environment).await?,
        source::properties(b, environment).await?,
    ];
    Ok(match both {
        [Ok(a), Ok(b)] => {
            let only =
                |a: &[Property], b: &[Property]| missing_in(a, b).into_iter().cloned().collect();
            Some([only(&a, &b), only(&b, &a)])
        }
        [Err(why), _] | [_, Err(why)] => {
            output::note(&format!("rules are not compared: {why}"));
            None
        }
    })
}
