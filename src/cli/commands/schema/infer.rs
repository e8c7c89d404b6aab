//! `captui schema infer`: attribute definitions for sample records, with the reasons. Nothing is sent.

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::attr_defs_to_json;
use crate::capture::schema::infer;
use crate::capture::schema::infer::AdjustError;
use crate::capture::schema::infer::Inferred;
use crate::capture::schema::infer::Item;
use crate::capture::schema::infer::reading::Format;
use crate::cli::args::schema::Infer;
use crate::cli::args::schema::SampleForm;
use crate::cli::commands::schema::know_type_name;
use crate::cli::commands::schema::object;
use crate::cli::commands::schema::write;
use crate::cli::commands::types::count;
use crate::cli::input;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// The longest cell of the table of evidence.
const LONGEST: usize = 60;

pub(super) async fn infer(
    arguments: &Infer,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let name = arguments.name.as_deref();
    name.map_or(Ok(()), know_type_name)?;
    let text = match arguments.file.as_str() {
        "-" => input::text_or_stdin("-")?,
        file => input::text(&format!("@{}", file.strip_prefix('@').unwrap_or(file)))?,
    };
    let format = match arguments.form {
        Some(SampleForm::Json) => Format::Json,
        Some(SampleForm::Csv) => Format::Csv,
        None => Format::of(&text),
    };
    let inferred = infer::infer(&text, format, Timestamp::now()).map_err(|error| {
        let failure = Failure::new(FailureKind::Usage, format!("{}: {error}", arguments.file));
        failure.hint("--as json or --as csv says what the file is written in")
    })?;
    let inferred = adjust(inferred, arguments)?;
    if json {
        output::print_json(&as_json(&inferred, name))?;
        return Ok(());
    }
    write(
        &output::pretty(&definitions(&inferred, name)),
        arguments.output.as_deref(),
        environment,
    )
    .await?;
    tell(&inferred, arguments.evidence);
    Ok(())
}

/// The proposal with the types and constraints that were asked for.
fn adjust(mut inferred: Inferred, arguments: &Infer) -> Result<Inferred, Failure> {
    let wrong = |option: &str, error: AdjustError| {
        Failure::new(FailureKind::Usage, format!("{option}: {error}"))
            .hint("--evidence lists the attributes and what is proposed")
    };
    for (path, type_name) in &arguments.set_type {
        let attr_type = AttrType::from_name(type_name);
        // What a container holds is not said here: it keeps the members that were seen.
        let holds = matches!(attr_type, AttrType::Object(_) | AttrType::Plural(_));
        if let (false, Some(reason)) = (holds, schema::type_misfit(&attr_type)) {
            let message = format!("--set-type: {path}: {reason}");
            return Err(Failure::new(FailureKind::Usage, message));
        }
        inferred
            .set_type(path, attr_type)
            .map_err(|error| wrong("--set-type", error))?;
    }
    for (path, constraint) in &arguments.accept {
        let constraint = Constraint::from(constraint.as_str());
        if let Constraint::Other(name) = &constraint {
            let known: Vec<&str> = Constraint::ALL.iter().map(Constraint::name).collect();
            return Err(Failure::new(
                FailureKind::Usage,
                format!("--accept: there is no constraint `{name}`"),
            )
            .hint(format!("the constraints are: {}", known.join(", "))));
        }
        let paths = match path {
            Some(path) => vec![path.clone()],
            None => proposed(&inferred, &constraint),
        };
        for path in paths {
            inferred
                .accept(&path, constraint.clone())
                .map_err(|error| wrong("--accept", error))?;
        }
    }
    Ok(inferred)
}

/// The attributes on which a constraint is proposed.
fn proposed(inferred: &Inferred, constraint: &Constraint) -> Vec<AttrPath> {
    let has = |item: &&Item| {
        let mut candidates = item.candidates.iter();
        candidates.any(|candidate| candidate.constraint == *constraint)
    };
    let items = inferred.items.iter().filter(has);
    items.map(|item| item.path.clone()).collect()
}

fn definitions(inferred: &Inferred, name: Option<&str>) -> Json {
    let attr_defs = attr_defs_to_json(&inferred.to_attr_defs());
    match name {
        Some(name) => object([("name", name.into()), ("attr_defs", attr_defs)]),
        None => attr_defs,
    }
}

/// Says on standard error what the proposal was learnt from.
fn tell(inferred: &Inferred, evidence: bool) {
    let learnt = format!(
        "{} from {}",
        count(inferred.items.len(), "attribute"),
        count(inferred.records, "record")
    );
    if evidence {
        output::note(&learnt);
        output::tell(&table(inferred));
    } else {
        output::note(&format!("{learnt}; --evidence tells why"));
    }
    for note in &inferred.notes {
        output::note(note);
    }
}

fn table(inferred: &Inferred) -> String {
    let rows: Vec<Vec<String>> = inferred
        .items
        .iter()
        .map(|item| {
            let Item {
                path,
                def,
                evidence,
                candidates,
                ..
            } = item;
            let proposed: Vec<&str> = candidates
                .iter()
                .map(|candidate| candidate.constraint.name())
                .collect();
            vec![
                path.to_string(),
                type_and_constraints(def),
                format!("{} of {}", evidence.values, evidence.of),
                proposed.join(", "),
                evidence.decision.clone(),
            ]
        })
        .collect();
    output::table(
        &["ATTRIBUTE", "TYPE", "VALUES", "PROPOSED", "WHY"],
        &rows,
        LONGEST,
    )
}

/// `string(100), unique`; the members of a container have lines of their own.
fn type_and_constraints(def: &AttrDef) -> String {
    let set = def.constraints.iter().flatten().map(Constraint::name);
    let words: Vec<String> = std::iter::once(def.attr_type.describe())
        .chain(set.map(str::to_owned))
        .collect();
    words.join(", ")
}

fn as_json(inferred: &Inferred, name: Option<&str>) -> Json {
    let evidence = inferred.items.iter().map(item_json);
    let notes = inferred.notes.iter().map(|note| note.as_str().into());
    object([
        ("name", name.map_or(Json::Null, Json::from)),
        ("attr_defs", attr_defs_to_json(&inferred.to_attr_defs())),
        ("records", number(inferred.records)),
        ("evidence", Json::Array(evidence.collect())),
        ("notes", Json::Array(notes.collect())),
    ])
}

fn item_json(item: &Item) -> Json {
    let Item {
        path,
        def,
        evidence,
        alternatives,
        candidates,
    } = item;
    let candidates = candidates.iter().map(|candidate| {
        object([
            ("constraint", candidate.constraint.name().into()),
            ("reason", candidate.reason.as_str().into()),
        ])
    });
    let optional = |number: Option<usize>| number.map_or(Json::Null, self::number);
    let examples = evidence.examples.iter().map(|text| text.as_str().into());
    let alternatives = alternatives.iter().map(|other| other.name().into());
    object([
        ("path", path.slashed().into()),
        ("type", def.attr_type.name().into()),
        ("of", number(evidence.of)),
        ("values", number(evidence.values)),
        ("nulls", number(evidence.nulls)),
        ("distinct", optional(evidence.distinct)),
        ("longest", optional(evidence.longest)),
        ("examples", Json::Array(examples.collect())),
        ("decision", evidence.decision.as_str().into()),
        ("alternatives", Json::Array(alternatives.collect())),
        ("proposed", Json::Array(candidates.collect())),
    ])
}

fn number(number: usize) -> Json {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}
