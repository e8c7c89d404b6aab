//! Where a schema comes from, read: a stored entity type, a file, standard input, a template. Used by every command of
//! `captui schema`; what is wrong with a schema is told, not refused, so that `check` can list it.

use crate::capture::attr_type::AttrType;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::RESERVED;
use crate::capture::schema::SchemaProblem;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::read_properties;
use crate::capture::schema::template;
use crate::capture::schema::template::TEMPLATES;
use crate::cli::args::schema::Source;
use crate::cli::commands::schema::no_type_name;
use crate::cli::input;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::curl::import::Import;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;
use crate::paste;
use crate::paste::What;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// A schema and what is known about it.
pub(super) struct Loaded {
    /// What to call it: `user`, `dev:user`, `customer.json`.
    pub(super) label: String,
    /// The entity type's name, when the source tells one.
    pub(super) name: Option<String>,
    /// The definitions as they were given.
    pub(super) attr_defs: Vec<AttrDef>,
    /// Everything that is wrong with them.
    pub(super) problems: Vec<SchemaProblem>,
}

impl Loaded {
    /// What `attr_defs` and `unreadable` make, of an entity type when a name is given.
    fn new(
        label: String,
        name: Option<String>,
        attr_defs: Vec<AttrDef>,
        unreadable: Vec<SchemaProblem>,
    ) -> Self {
        let mut loaded = Self {
            label,
            name,
            attr_defs,
            problems: unreadable,
        };
        if let Some(name) = loaded.name.as_ref().filter(|it| !schema::is_valid_name(it)) {
            loaded.problems.push(SchemaProblem {
                path: AttrPath::root(),
                reason: no_type_name(name),
            });
        }
        let own = loaded.own();
        loaded.problems.extend(schema::check(&own));
        loaded
    }

    /// The definitions that a caller writes: without what the service added, if they come from it.
    pub(super) fn own(&self) -> Vec<AttrDef> {
        if self.name.is_some() || is_echo(&self.attr_defs) {
            without_built_in(&self.attr_defs, Holder::Type)
        } else {
            self.attr_defs.clone()
        }
    }

    /// The definitions as they were given, under the name that the source tells, or its label.
    pub(super) fn as_given(&self) -> EntityType {
        EntityType {
            name: self.type_name().to_owned(),
            attr_defs: self.attr_defs.clone(),
        }
    }

    /// The entity type that the service makes of it.
    pub(super) fn as_created(&self, name: &str) -> EntityType {
        EntityType::create(name, self.own())
    }

    /// The name that the source tells, or what the source is called.
    pub(super) fn type_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.label)
    }

    /// A failure that names every problem, when there is one.
    pub(super) fn sound(&self) -> Result<(), Failure> {
        if self.problems.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        Err(Failure::new(
            FailureKind::Found,
            format!("{} cannot be used:\n{}", self.label, lines.join("\n")),
        )
        .hint("nothing was sent"))
    }
}

/// Reads a source; `environment` is the chosen one.
pub(super) async fn load(source: &Source, environment: Option<&str>) -> Result<Loaded, Stop> {
    match source {
        Source::Stored {
            environment: named,
            type_name,
        } => {
            let session = Session::new(named.as_deref().or(environment), false)?;
            let label = match named {
                Some(environment) => format!("{environment}:{type_name}"),
                None => type_name.clone(),
            };
            stored(&session, type_name, label).await
        }
        Source::File(path) => {
            let text = input::text(&format!("@{}", path.display()))?;
            let label = path.file_name().unwrap_or_default().to_string_lossy();
            Ok(read(&text, &label)?)
        }
        Source::Stdin => Ok(read(&input::text_or_stdin("-")?, "standard input")?),
        Source::Template(name) => Ok(from_template(name)?),
    }
}

async fn stored(session: &Session, type_name: &str, label: String) -> Result<Loaded, Stop> {
    match session.run(Job::LoadType(type_name.to_owned())).await? {
        Output::Type {
            schema, problems, ..
        } => {
            let schema = EntityType::clone(&schema);
            Ok(Loaded::new(
                label,
                Some(schema.name),
                schema.attr_defs,
                problems,
            ))
        }
        other => unreachable!("loading a type gives a type, not {other:?}"),
    }
}

/// The rules and combined uniquenesses of a stored type; why not, when they cannot be read.
pub(super) async fn properties(
    source: &Source,
    environment: Option<&str>,
) -> Result<Result<Vec<Property>, String>, Stop> {
    let Source::Stored {
        environment: named,
        type_name,
    } = source
    else {
        return Ok(Err("a schema alone says nothing about rules".to_owned()));
    };
    let session = Session::new(named.as_deref().or(environment), false)?;
    read_stored_properties(&session, type_name).await
}

/// As [`properties`], of a type in the session's environment.
pub(super) async fn read_stored_properties(
    session: &Session,
    type_name: &str,
) -> Result<Result<Vec<Property>, String>, Stop> {
    Ok(match session.properties(type_name).await? {
        Ok(answer) => match read_properties(&answer) {
            (properties, problems) if problems.is_empty() => Ok(properties),
            (_, problems) => Err(problems.join("; ")),
        },
        Err(failure) => Err(failure.message),
    })
}

/// What a text gives: the entity type's name, the definitions, and what of them cannot be read.
type Given = (Option<String>, Vec<AttrDef>, Vec<SchemaProblem>);

/// Reads the text of a file.
fn read(text: &str, label: &str) -> Result<Loaded, Failure> {
    let fault = |why: String| {
        Failure::new(FailureKind::Usage, format!("{label}: {why}")).hint(
            "a schema is {\"name\":…,\"attr_defs\":[…]}, the array alone, or a curl command of entityType.create",
        )
    };
    let (name, attr_defs, problems) = match paste::read(text, None).what {
        What::Schema {
            name,
            attr_defs,
            problems,
        } => (name, attr_defs, problems),
        What::Call(call) => create_call(&call).map_err(fault)?,
        What::BrokenJson(error) => return Err(fault(format!("not JSON: {error}"))),
        What::Error(error) => {
            return Err(fault(format!("an answer that says error {}", error.code.0)));
        }
        // Definitions whose types nobody knows look like records.
        What::Records(items) => {
            let (attr_defs, problems) = schema::read_attr_defs(&Json::Array(items));
            (None, attr_defs, problems)
        }
        What::Record(_)
        | What::Reference { .. }
        | What::Collection(_)
        | What::RequestId(_)
        | What::Text => return Err(fault("there is no schema in it".to_owned())),
    };
    Ok(Loaded::new(label.to_owned(), name, attr_defs, problems))
}

/// What a call of `entityType.create` would create.
fn create_call(call: &Import) -> Result<Given, String> {
    let request = call
        .request()
        .ok_or("a call of an operation that is not known")?;
    if request.endpoint != Endpoint::TypeCreate {
        return Err(format!("a call of {}", request.endpoint));
    }
    if let [file, ..] = call.missing_files()[..] {
        return Err(format!("the call reads the file {file}: give that one"));
    }
    let text = request
        .args
        .get("attr_defs")
        .ok_or("the call has no attr_defs")?;
    let json = Json::parse(text).map_err(|error| format!("attr_defs are not JSON: {error}"))?;
    let (attr_defs, problems) = schema::read_attr_defs(&json);
    let name = request.args.get("type_name").map(str::to_owned);
    Ok((name, attr_defs, problems))
}

fn from_template(name: &str) -> Result<Loaded, Failure> {
    let Some(attr_defs) = template::attr_defs(name) else {
        let names = || TEMPLATES.iter().map(|template| template.name);
        let failure = Failure::new(
            FailureKind::Usage,
            format!("there is no template called `{name}`"),
        );
        return Err(match nearest(name, names()) {
            Some(meant) => failure.hint(format!("did you mean template:{meant}?")),
            None => failure.hint(format!(
                "the templates are: {}",
                names().collect::<Vec<_>>().join(", ")
            )),
        });
    };
    // Not every template's name can be a type's.
    let type_name = schema::is_valid_name(name).then(|| name.to_owned());
    let label = format!("template:{name}");
    Ok(Loaded::new(label, type_name, attr_defs, Vec::new()))
}

/// What definitions stand in.
#[derive(Clone, Copy, PartialEq)]
enum Holder {
    Type,
    Plural,
    Object,
}

/// Whether the service told these definitions: a caller writes none of the four attributes that every type has.
fn is_echo(attr_defs: &[AttrDef]) -> bool {
    RESERVED
        .iter()
        .all(|(name, ..)| attr_defs.iter().any(|def| def.name == *name))
}

/// The definitions without those that the service adds by itself. One that only bears such a name stays, to be found
/// wrong.
fn without_built_in(attr_defs: &[AttrDef], holder: Holder) -> Vec<AttrDef> {
    let own = attr_defs.iter().filter(|def| !is_built_in(def, holder));
    own.cloned()
        .map(|mut def| {
            match &mut def.attr_type {
                AttrType::Object(inner) => *inner = without_built_in(inner, Holder::Object),
                AttrType::Plural(inner) => *inner = without_built_in(inner, Holder::Plural),
                _ => {}
            }
            def
        })
        .collect()
}

fn is_built_in(def: &AttrDef, holder: Holder) -> bool {
    match holder {
        Holder::Type => RESERVED
            .iter()
            .any(|(name, type_name, _)| *name == def.name && *type_name == def.attr_type.name()),
        Holder::Plural => def.name == "id" && def.attr_type == AttrType::Id,
        Holder::Object => false,
    }
}

/// Whether both are read from standard input, which there is only one of.
pub(super) fn only_one_stdin(sources: &[&Source]) -> Result<(), Failure> {
    if sources.iter().filter(|it| ***it == Source::Stdin).count() < 2 {
        return Ok(());
    }
    Err(
        Failure::new(FailureKind::Usage, "standard input can be read only once")
            .hint("put one of the schemas into a file and write @FILE"),
    )
}
