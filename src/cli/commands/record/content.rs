//! What a record is to hold, read from the command line: JSON from an option, a file or standard input, items on top of
//! it, and the check against the schema before anything is sent.

use std::io;
use std::io::IsTerminal;
use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::validate::Mode;
use crate::capture::validate::Violation;
use crate::capture::validate::check_value;
use crate::capture::validate::validate;
use crate::cli::args::shared::Content;
use crate::cli::commands::types::count;
use crate::cli::input;
use crate::cli::items;
use crate::cli::plain;
use crate::cli::plain::Questions;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// What is to be sent.
pub(super) struct Ready {
    /// The argument's text.
    pub(super) attributes: String,
    /// Which attributes are passwords; `None` when the schema was not looked at.
    pub(super) passwords: Option<Vec<String>>,
}

/// What is to be written, and how.
pub(super) struct Wanted<'a> {
    /// The entity type.
    pub(super) type_name: &'a str,
    /// The part of the record; `None` for the whole.
    pub(super) path: Option<&'a AttrPath>,
    /// What it is for.
    pub(super) mode: Mode,
    /// The call that shows what is stored, if anything is.
    pub(super) stored: Option<ApiRequest>,
    /// Whether the call goes out.
    pub(super) is_sent: bool,
}

/// Reads what is to be written, checks it, and refuses what the service would refuse.
pub(super) async fn read(
    content: &Content,
    wanted: Wanted<'_>,
    session: &Session,
) -> Result<Ready, Stop> {
    let (path, mode) = (wanted.path, wanted.mode);
    if content.plain {
        return asked(content, wanted, session).await;
    }
    // The schema is asked for only when the input could be read.
    let given = given(content, mode)?;
    if content.no_check {
        let attributes = match content.items.as_slice() {
            // As it was given, to the last blank: it may be meant to be wrong.
            [] => given,
            _ => put(parse(&given, path)?, content, None)?.to_string(),
        };
        return Ok(Ready {
            attributes,
            passwords: None,
        });
    }
    let base = parse(&given, path)?;
    let (schema, _) = session.entity_type(wanted.type_name).await?;
    let attributes = check(base, content, path, mode, &schema, Timestamp::now())?;
    // Without items it goes as it came: numbers, order and blanks are the user's.
    let attributes = match content.items.as_slice() {
        [] => given,
        _ => attributes.to_string(),
    };
    Ok(Ready {
        attributes,
        passwords: Some(schema.password_names()),
    })
}

/// Asks for the attributes line by line.
async fn asked(content: &Content, wanted: Wanted<'_>, session: &Session) -> Result<Ready, Stop> {
    if wanted.path.is_some() {
        let message = "nothing was sent: --plain asks for a whole record, not for a part of it";
        return Err(Failure::new(FailureKind::Usage, message).into());
    }
    let (schema, _) = session.entity_type(wanted.type_name).await?;
    let given = put(
        Json::Object(Object::new()),
        content,
        Some(&schema.attr_defs),
    )?;
    let stored = match wanted.stored {
        Some(request) => session.ask(request).await??.get("result").cloned(),
        None => None,
    };
    let (mode, confirms) = (wanted.mode, wanted.is_sent);
    let questions = Arc::clone(&schema);
    let asking = move || {
        Questions {
            schema: &questions,
            given,
            stored: stored.as_ref(),
            mode,
            now: Timestamp::now(),
            echo: plain::echo,
        }
        .ask(confirms, &mut io::stdin().lock(), &mut io::stderr())
    };
    let answered = session.unless_interrupted(asking).await;
    if answered.is_err() {
        plain::echo(true);
    }
    let record = answered??;
    refuse(&validate(&record, &schema, mode, Timestamp::now()), &schema)?;
    Ok(Ready {
        attributes: record.to_string(),
        passwords: Some(schema.password_names()),
    })
}

/// What can be done about what the schema alone is against.
const NO_CHECK: &str = "--no-check sends it anyway";

/// The JSON that items are put on. What was to be read and is empty is no content, least of all of a new record: an empty
/// pipe mostly means that something before it failed.
fn given(content: &Content, mode: Mode) -> Result<String, Failure> {
    let text = match (&content.attributes, content.items.is_empty()) {
        (Some(attributes), _) => input::text_or_stdin(attributes)?,
        (None, true) if !io::stdin().is_terminal() => input::text_or_stdin("-")?,
        (None, true) => String::new(),
        (None, false) => return Ok("{}".to_owned()),
    };
    let text = text.trim();
    if !text.is_empty() {
        return Ok(text.to_owned());
    }
    let failure = Failure::new(
        FailureKind::Usage,
        "nothing was sent: no attributes are given",
    )
    .hint("givenName=Ada, or --attributes JSON, @FILE or -");
    Err(match mode {
        Mode::Create => failure.hint("--attributes '{}' makes an empty record"),
        _ => failure,
    })
}

fn parse(text: &str, path: Option<&AttrPath>) -> Result<Json, Failure> {
    match path {
        // A part can be anything; a bare word is the text of a string (reference 2.8).
        Some(_) => Ok(Json::parse(text).unwrap_or_else(|_| text.into())),
        None => input::object("--attributes", text),
    }
}

fn put(mut base: Json, content: &Content, attr_defs: Option<&[AttrDef]>) -> Result<Json, Failure> {
    if !content.items.is_empty() && base.as_object().is_none() {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("items are attributes of an object, not of {}", base.kind()),
        ));
    }
    let unchecked = attr_defs.map(|_| items::put(&mut base.clone(), &content.items, None));
    let faults = items::put(&mut base, &content.items, attr_defs);
    if faults.is_empty() {
        return Ok(base);
    }
    let failure = refusal("item", &faults);
    Err(match unchecked {
        Some(faults) if faults.is_empty() => failure.hint(NO_CHECK),
        _ => failure,
    })
}

fn check(
    base: Json,
    content: &Content,
    path: Option<&AttrPath>,
    mode: Mode,
    schema: &EntityType,
    now: Timestamp,
) -> Result<Json, Failure> {
    let (record, violations) = match path.filter(|path| !path.is_root()) {
        None => {
            let record = put(base, content, Some(&schema.attr_defs))?;
            let violations = validate(&record, schema, mode, now);
            (record, violations)
        }
        Some(path) => {
            let def = items::find(&schema.attr_defs, path).map_err(|why| {
                Failure::new(
                    FailureKind::Usage,
                    format!("nothing was sent: --path: {why}"),
                )
            })?;
            let value = put(base, content, Some(def.attr_type.attr_defs()))?;
            let violations = check_value(&value, def, path, mode, now);
            (value, violations)
        }
    };
    refuse(&violations, schema)?;
    Ok(record)
}

/// A failure that names what the service would refuse, if anything.
fn refuse(violations: &[Violation], schema: &EntityType) -> Result<(), Failure> {
    if violations.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = violations
        .iter()
        .map(|violation| describe(violation, schema))
        .collect();
    Err(refusal("violation", &lines).hint(NO_CHECK))
}

fn refusal(noun: &str, lines: &[String]) -> Failure {
    let what = match noun {
        "item" => format!("{} cannot be read", count(lines.len(), noun)),
        _ => count(lines.len(), noun),
    };
    Failure::new(
        FailureKind::Usage,
        format!("nothing was sent: {what}\n{}", lines.join("\n")),
    )
}

/// `photos[0].value: too long (363 length_violation)`
fn describe(violation: &Violation, schema: &EntityType) -> String {
    let Violation { path, code, reason } = violation;
    let place = if path.is_root() {
        String::new()
    } else {
        format!("{path}: ")
    };
    let word = code.name().map_or(String::new(), |name| format!(" {name}"));
    let reason = match items::find(&schema.attr_defs, path) {
        // Which one may have been meant.
        Err(why) if *code == ErrorCode::UNKNOWN_ATTRIBUTE => why,
        _ => reason.clone(),
    };
    format!("{place}{reason} ({code}{word})")
}
