//! A record asked for line by line: for screen readers, for terminals that cannot draw, and for scripts that answer. Each
//! line says where one is, what is asked for, and what is stored; each answer is checked before the next question. Nothing
//! is drawn anew, and nothing is coloured.
//!
//! ```text
//! 3 of 24: birthday, date; now 1815-12-10
//! > 1985-02-29
//! 1985 is not a leap year: February has 28 days
//! 3 of 24: birthday, date; now 1815-12-10
//! >
//! ```
//!
//! What an answer means is decided in `items` and `capture::validate`, as for words of the command line. Sending is not
//! here.

use std::fmt::Write as _;
use std::io;
use std::io::BufRead;
use std::io::Write;

use jiff::Timestamp;
use rustix::termios::LocalModes;
use rustix::termios::OptionalActions;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::redact;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::validate::Mode;
use crate::capture::validate::check_value;
use crate::cli::items;
use crate::cli::items::Given;
use crate::cli::items::Item;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::json::sanitize::clean;
use crate::json::sanitize::clean_lines;
use crate::json::sanitize::truncate;

/// How many screen cells of a stored value are read out.
const LONGEST: usize = 200;

/// What can be answered beside a value.
const HELP: &str = "\
An empty line leaves an attribute as it is. :null is no value, :empty the empty text, + a new element of a plural;
:back goes back, :done skips the rest, :quit ends without sending, :help says this again. A text that begins with
a colon begins with two.
";

/// The questions about one record.
pub(super) struct Questions<'a> {
    /// The definitions.
    pub(super) schema: &'a EntityType,
    /// What is given already.
    pub(super) given: Json,
    /// The record as it is stored, if it is.
    pub(super) stored: Option<&'a Json>,
    /// What the answers are for.
    pub(super) mode: Mode,
    /// What gives the words of dates their meaning.
    pub(super) now: Timestamp,
    /// Lets what is typed be seen, or not.
    pub(super) echo: fn(bool),
}

/// One thing to ask for.
#[derive(Clone)]
struct Question<'a> {
    path: AttrPath,
    def: &'a AttrDef,
}

/// What an answer asks for.
enum Answer {
    Keep,
    Give(Given),
    NewElement,
    Back,
    Done,
    Quit,
    Help,
    Unknown(String),
}

impl Questions<'_> {
    /// Asks for every attribute, and gives what was answered; then shows it and asks for a yes if `confirms`.
    pub(super) fn ask(
        &self,
        confirms: bool,
        input: &mut impl BufRead,
        out: &mut impl Write,
    ) -> Result<Json, Failure> {
        let mut record = self.given.clone();
        let mut questions = Vec::new();
        collect(&self.schema.attr_defs, &AttrPath::root(), &mut questions);
        say(out, HELP);
        let mut at = 0;
        while let Some(question) = questions.get(at).cloned() {
            say(out, &self.question(&question, at, questions.len(), &record));
            let hides = matches!(question.def.attr_type, AttrType::Password(_));
            if hides {
                (self.echo)(false);
            }
            let answer = read(input, out);
            if hides {
                (self.echo)(true);
                say(out, "\n");
            }
            match answer? {
                Answer::Keep if self.must_be_given(&question, &record) => {
                    say(out, "it is required: it cannot be left out\n");
                }
                Answer::Keep => at += 1,
                Answer::Back => at = at.saturating_sub(1),
                Answer::Done => break,
                Answer::Quit => return Err(nothing("ended")),
                Answer::Help => say(out, HELP),
                Answer::Unknown(word) => {
                    say(
                        out,
                        &format!("{word} is no command; {word} as a text: :{word}\n"),
                    );
                }
                Answer::NewElement => match element(&question, &record) {
                    Some(path) => {
                        let mut more = Vec::new();
                        collect(question.def.attr_type.attr_defs(), &path, &mut more);
                        // After it the plural is asked for again: there may be another.
                        more.push(question);
                        questions.splice(at + 1..=at, more);
                        at += 1;
                    }
                    None => say(out, "only a plural has elements\n"),
                },
                Answer::Give(given) => match self.put(&question, given, &record) {
                    Ok(filled) => {
                        record = filled;
                        at += 1;
                    }
                    Err(why) => say(out, &format!("{why}\n")),
                },
            }
        }
        if confirms {
            self.confirm(&record, input, out)?;
        }
        Ok(record)
    }

    /// `3 of 24: birthday, date, required; now 1815-12-10`
    fn question(&self, question: &Question<'_>, at: usize, of: usize, record: &Json) -> String {
        let Question { path, def } = question;
        let mut text = format!("{} of {of}: {path}, {}", at + 1, def.attr_type.describe());
        if let AttrType::Plural(members) = &def.attr_type {
            let names: Vec<&str> = members
                .iter()
                .filter(|def| !def.is_reserved(false))
                .map(|def| def.name.as_str())
                .collect();
            let _ = write!(text, " of {}", names.join(", "));
        }
        for constraint in def.constraints.iter().flatten() {
            let _ = write!(text, ", {constraint}");
        }
        if let Some(given) = value_at(record, path) {
            let _ = write!(text, "; given {}", self.told(def, given));
        } else if let Some(stored) = self.stored.and_then(|stored| value_at(stored, path)) {
            let _ = write!(text, "; now {}", self.told(def, stored));
        }
        if let Some(description) = def.description.as_deref().filter(|text| !text.is_empty()) {
            let _ = write!(text, "; {description}");
        }
        clean(&text).into_owned() + "\n"
    }

    /// A value as it is read out.
    fn told(&self, def: &AttrDef, value: &Json) -> String {
        match (&def.attr_type, value) {
            (_, Json::Null) => "no value".to_owned(),
            (AttrType::Password(_), _) => "a password".to_owned(),
            (AttrType::Plural(_), Json::Array(elements)) => match elements.len() {
                1 => "1 element".to_owned(),
                number => format!("{number} elements"),
            },
            (_, Json::String(text)) if text.is_empty() => "the empty text".to_owned(),
            (_, Json::String(text)) => truncate(text, LONGEST),
            (_, other) => {
                let mut shown = other.clone();
                redact::json(&mut shown, &self.schema.password_names());
                truncate(&shown.to_string(), LONGEST)
            }
        }
    }

    /// Whether an attribute of the record itself would be missing.
    fn must_be_given(&self, question: &Question<'_>, record: &Json) -> bool {
        self.mode != Mode::Update
            && question.path.0.len() == 1
            && question.def.has(&Constraint::Required)
            && value_at(record, &question.path).is_none()
    }

    /// The record with the answer in it, or why the answer cannot be it.
    fn put(&self, question: &Question<'_>, given: Given, record: &Json) -> Result<Json, String> {
        let path = &question.path;
        let mut filled = record.clone();
        let item = Item {
            path: path.clone(),
            given,
        };
        let faults = items::put(&mut filled, &[item], Some(&self.schema.attr_defs));
        if let Some(why) = faults.first() {
            return Err(clean(why).into_owned());
        }
        let value = value_at(&filled, path).unwrap_or(&Json::Null);
        let mode = match self.mode {
            // An element that is begun need not be whole yet.
            Mode::Create | Mode::Replace if path.0.len() > 1 => Mode::Update,
            mode => mode,
        };
        let violations = check_value(value, question.def, path, mode, self.now);
        if violations.is_empty() {
            return Ok(filled);
        }
        let reasons = violations.iter().map(|violation| violation.reason.as_str());
        Err(clean_lines(&reasons.collect::<Vec<_>>().join("\n")).into_owned())
    }

    fn confirm(
        &self,
        record: &Json,
        input: &mut impl BufRead,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let mut shown = record.clone();
        redact::json(&mut shown, &self.schema.password_names());
        say(
            out,
            &format!(
                "{}\nSend it? Type yes or no.\n",
                clean_lines(&shown.pretty())
            ),
        );
        match line(input, out)?.trim().to_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(nothing("not confirmed")),
        }
    }
}

/// Lets what is typed on the terminal be seen, or not; without a terminal there is nothing to hide.
pub(super) fn echo(is_seen: bool) {
    let stdin = rustix::stdio::stdin();
    let Ok(mut settings) = rustix::termios::tcgetattr(stdin) else {
        return;
    };
    settings.local_modes.set(LocalModes::ECHO, is_seen);
    // What cannot be hidden is asked for all the same.
    let _ = rustix::termios::tcsetattr(stdin, OptionalActions::Now, &settings);
}

/// The questions about these attributes: objects are asked for member by member, what the service sets is not.
fn collect<'a>(defs: &'a [AttrDef], holder: &AttrPath, into: &mut Vec<Question<'a>>) {
    for def in defs {
        if def.is_reserved(holder.is_root()) {
            continue;
        }
        let path = holder.child(def.name.as_str());
        match &def.attr_type {
            AttrType::Object(members) => collect(members, &path, into),
            _ => into.push(Question { path, def }),
        }
    }
}

/// The path of the element after the last of a plural that is asked for.
fn element(question: &Question<'_>, record: &Json) -> Option<AttrPath> {
    let AttrType::Plural(_) = question.def.attr_type else {
        return None;
    };
    let elements = value_at(record, &question.path).and_then(Json::as_array);
    let next = elements.map_or(0, <[Json]>::len);
    Some(question.path.element(Element::Index(next)))
}

fn value_at<'a>(record: &'a Json, path: &AttrPath) -> Option<&'a Json> {
    let mut here = record;
    for segment in &path.0 {
        here = here.get(&segment.name)?;
        here = match segment.element {
            Some(Element::Index(place)) => here.as_array()?.get(place)?,
            Some(Element::Id(_)) => return None,
            None => here,
        };
    }
    Some(here)
}

fn read(input: &mut impl BufRead, out: &mut impl Write) -> Result<Answer, Failure> {
    let typed = line(input, out)?;
    Ok(match typed.as_str() {
        "" => Answer::Keep,
        "+" => Answer::NewElement,
        ":null" => Answer::Give(Given::Json(Json::Null)),
        ":empty" => Answer::Give(Given::Text(String::new())),
        ":back" => Answer::Back,
        ":done" => Answer::Done,
        ":quit" => Answer::Quit,
        ":help" => Answer::Help,
        text => match text.strip_prefix(':') {
            Some(rest) if rest.starts_with(':') => Answer::Give(Given::Text(rest.to_owned())),
            Some(_) => Answer::Unknown(text.to_owned()),
            None => Answer::Give(Given::Text(text.to_owned())),
        },
    })
}

/// A line without its end. A failure when there is none any more: nothing is sent that was not asked for to its end.
fn line(input: &mut impl BufRead, out: &mut impl Write) -> Result<String, Failure> {
    say(out, "> ");
    let mut line = String::new();
    match input.read_line(&mut line) {
        Ok(0) => Err(nothing("the input ended")),
        Ok(_) => Ok(line.trim_end_matches(['\n', '\r']).to_owned()),
        Err(error) => Err(nothing("the input cannot be read").because(error)),
    }
}

fn nothing(why: &str) -> Failure {
    Failure::new(FailureKind::Interrupted, format!("nothing was sent: {why}"))
}

/// When nobody listens there is nowhere to say so.
fn say(out: &mut impl Write, text: &str) {
    let _: io::Result<()> = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::json::object::Object;

    const SCHEMA: &str = r#"{"schema":{"name":"user","attr_defs":[
        {"name":"id","type":"id"},
        {"name":"email","type":"string","constraints":["required","email-address"]},
        {"name":"age","type":"integer","description":"In years"},
        {"name":"secret","type":"password-bcrypt"},
        {"name":"address","type":"object","attr_defs":[{"name":"city","type":"string"}]},
        {"name":"statuses","type":"plural","attr_defs":[{"name":"id","type":"id"},{"name":"status","type":"string"},{"name":"rank","type":"integer"}]}
        ]},"stat":"ok"}"#;

    fn asked(
        answers: &[&str],
        stored: Option<&str>,
        mode: Mode,
    ) -> (Result<String, String>, String) {
        let schema = Json::parse(SCHEMA).expect("JSON");
        let (schema, problems) = EntityType::from_json(&schema).expect("a schema");
        assert!(problems.is_empty(), "{problems:?}");
        let stored = stored.map(|stored| Json::parse(stored).expect("JSON"));
        let questions = Questions {
            schema: &schema,
            given: Json::Object(Object::new()),
            stored: stored.as_ref(),
            mode,
            now: Timestamp::UNIX_EPOCH,
            echo: |_| (),
        };
        let typed = answers.join("\n") + "\n";
        let mut out = Vec::new();
        let record = questions.ask(true, &mut typed.as_bytes(), &mut out);
        let said = String::from_utf8(out).expect("UTF-8");
        (
            record
                .map(|record| record.to_string())
                .map_err(|failure| failure.message),
            said,
        )
    }

    #[test]
    fn a_record_is_asked_for_attribute_by_attribute() {
        let answers = [
            "a@b.c", "42", "", "Oslo", "+", "Away", "1", "+", "Back", ":null", "", "yes",
        ];
        let (record, said) = asked(&answers, None, Mode::Create);
        assert_eq!(
            record.as_deref(),
            Ok(
                r#"{"email":"a@b.c","age":42,"address":{"city":"Oslo"},"statuses":[{"status":"Away","rank":1},{"status":"Back","rank":null}]}"#
            ),
            "{said}"
        );
        for question in [
            "1 of 5: email, string, required, email-address\n> ",
            "2 of 5: age, integer; In years\n> ",
            "4 of 5: address.city, string\n> ",
            "5 of 5: statuses, plural of status, rank\n> ",
            "6 of 8: statuses[0].status, string\n> ",
            "8 of 8: statuses, plural of status, rank; given 1 element\n> ",
            "Send it? Type yes or no.\n> ",
        ] {
            assert!(said.contains(question), "{question} in\n{said}");
        }
    }

    #[test]
    fn an_answer_that_cannot_be_is_asked_for_again() {
        let answers = [
            "", "nobody", "a@b.c", "many", ":back", "b@b.c", ":done", "yes",
        ];
        let (record, said) = asked(&answers, None, Mode::Create);
        assert_eq!(record.as_deref(), Ok(r#"{"email":"b@b.c"}"#), "{said}");
        for told in [
            "it is required: it cannot be left out\n",
            "not an e-mail address: there is no @\n",
            "`many` is not a number",
            "1 of 5: email, string, required, email-address; given a@b.c\n",
        ] {
            assert!(said.contains(told), "{told} in\n{said}");
        }
    }

    #[test]
    fn what_is_stored_is_told_and_stays() {
        let stored = r#"{"email":"a@b.c","age":null,"secret":{"type":"password-bcrypt","value":"$2a$x"},"address":{"city":""},"statuses":[{"id":1,"status":"x"}]}"#;
        let answers = ["", ":empty", "7", "::x", "", "+", "New", ":done", "yes"];
        let (record, said) = asked(&answers, Some(stored), Mode::Update);
        assert_eq!(
            record.as_deref(),
            Ok(r#"{"age":7,"secret":":x","statuses":[{"status":"New"}]}"#),
            "{said}"
        );
        for told in [
            "now a@b.c",
            "now no value",
            "now a password",
            "now the empty text",
            "now 1 element",
            "is not a number",
        ] {
            assert!(said.contains(told), "{told} in\n{said}");
        }
        assert!(
            !said.contains("$2a$x") && !said.contains("\":x\""),
            "{said}"
        );
    }

    #[test]
    fn nothing_is_given_without_an_end_and_a_yes() {
        for (answers, why) in [
            (&["a@b.c"][..], "nothing was sent: the input ended"),
            (&["a@b.c", ":done", "no"], "nothing was sent: not confirmed"),
            (&["a@b.c", ":done"], "nothing was sent: the input ended"),
            (&[":what", "+", ":help", ":quit"], "nothing was sent: ended"),
        ] {
            let (record, said) = asked(answers, None, Mode::Create);
            assert_eq!(record, Err(why.to_owned()), "{said}");
        }
        let (_, said) = asked(&[":what", "+", ":quit"], None, Mode::Create);
        assert!(said.contains(":what is no command"), "{said}");
        assert!(said.contains("only a plural has elements"), "{said}");
    }
}
