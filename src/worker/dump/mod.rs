//! Dumping an environment: everything that the service tells of it, into a folder of readable JSON files. For whoever must
//! keep what there is before it ends, and for looking at what changed since.
//!
//! ```text
//!  DIR/manifest.json                     what is here, with check sums; what was left out, and why; written last
//!  DIR/types/user/schema.json            the type as the service tells it
//!  DIR/types/user/properties.json        rules and combined uniquenesses
//!  DIR/types/user/access.json            what each client may read and write, where that is not everything
//!  DIR/clients.json                      clients, without secrets
//!  DIR/settings.json                     settings: the default ones, and each client's; those that are secrets are masked
//!  DIR/records/user.ndjson.gz            records, if they are wanted, each with a manifest of its own
//! ```
//!
//! Each file is there whole or not at all, and one that is there is not asked for again: an interrupted dump is gone on
//! with by asking for it again. What this client may not see is left out and named.

mod folder;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::capture::schema::access;
use crate::capture::schema::access::AccessType;
use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::record_file::write::Form;
use crate::worker::again::Asking;
use crate::worker::again::Reading;
use crate::worker::again::trouble;
use crate::worker::dump::folder::Folder;
use crate::worker::export;
use crate::worker::export::Export;
use crate::worker::export::Target;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::services::Services;
use crate::worker::stream::Pace;

/// What is to be dumped, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump {
    /// The folder; it may exist if there is nothing in it, or an interrupted dump.
    pub folder: PathBuf,
    /// Only these entity types; those that the service lists when there are none.
    pub types: Vec<String>,
    /// Whether the records come along.
    pub records: bool,
    /// How hard the service is asked.
    pub pace: Pace,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dumped {
    /// The folder.
    pub folder: PathBuf,
    /// The entity types.
    pub types: Vec<String>,
    /// How many records came along, and of how many types their number is not what the service counts.
    pub records: Option<(u64, usize)>,
    /// What was left out, and why.
    pub left_out: Vec<(String, String)>,
}

/// Dumps. Needs a tokio runtime with its timer.
pub(super) async fn dump<P: Fn(Progress)>(
    work: Dump,
    services: &Services,
    progress: &P,
    cancel: &CancellationToken,
) -> Result<Dumped, JobError> {
    let only = work.types.iter().map(|name| name.as_str().into());
    let what: Vec<(&str, Json)> = vec![
        ("environment", services.environment().name.as_str().into()),
        ("domain", services.whereabouts().into()),
        ("only_types", Json::Array(only.collect())),
    ];
    let folder = Folder::open(&work.folder, what.into_iter().collect()).await?;
    let mut run = Run {
        asking: Asking::new(services, progress, cancel)
            .apart(work.pace.apart)
            .patient(work.pace.patience),
        left_out: folder.left_out.clone(),
        folder: &folder,
    };
    let types = match work.types.as_slice() {
        [] => run.types().await?,
        named => named.to_vec(),
    };
    let clients = run.clients().await?;
    for name in &types {
        run.describe(name, &clients).await?;
    }
    run.settings(&clients).await?;
    let mut records = work.records.then_some((0, 0));
    if let Some((count, incomplete)) = &mut records {
        for name in &types {
            let exporting = records_of(name, &work, &folder, services, progress, cancel);
            let what = format!("the records of {name}");
            match exporting.await {
                Ok((exported, is_complete)) => {
                    run.tell_seen(&what).await?;
                    *count += exported;
                    *incomplete += usize::from(!is_complete);
                }
                Err(JobError::Exchange(exchange)) => run.leave(&what, refused(exchange)?).await?,
                Err(error) => return Err(error),
            }
        }
    }
    let left_out = run.left_out;
    let names = types.iter().map(|name| name.as_str().into());
    let facts: Vec<(&str, Json)> = vec![
        ("types", Json::Array(names.collect())),
        (
            "records",
            records.map_or(Json::Null, |(count, _)| count.cast_signed().into()),
        ),
        ("left_out", folder::left_json(&left_out)),
        ("ended", Timestamp::now().to_string().into()),
    ];
    let path = folder.finish(facts).await?;
    Ok(Dumped {
        folder: path,
        types,
        records,
        left_out,
    })
}

/// What the list of clients is called where it is left out.
const CLIENTS: &str = "clients";

/// What is asked and where it is kept.
struct Run<'a, 'b, P> {
    asking: Asking<'a, P>,
    folder: &'b Folder,
    left_out: Vec<(String, String)>,
}

/// What a call answered, or why it is not for this client.
type Told = Result<Json, String>;

impl<P: Fn(Progress)> Run<'_, '_, P> {
    /// Asks. What this client may not see is told as such; any other failure ends the dump.
    async fn ask(&self, request: &ApiRequest) -> Result<Told, JobError> {
        let exchange = self.asking.ask(request, Reading::Whole).await?;
        if let Some(Answer::Ok(answer)) = exchange.answer() {
            return Ok(Ok(answer.clone()));
        }
        refused(exchange).map(Err)
    }

    /// Asks, and notes what is left out.
    async fn ask_or_leave(
        &mut self,
        what: &str,
        request: &ApiRequest,
    ) -> Result<Option<Json>, JobError> {
        match self.ask(request).await? {
            Ok(answer) => {
                self.tell_seen(what).await?;
                Ok(Some(answer))
            }
            Err(why) => {
                self.leave(what, why).await?;
                Ok(None)
            }
        }
    }

    /// Notes what is left out, in the folder too: files without it may be kept for another life.
    async fn leave(&mut self, what: &str, why: String) -> Result<(), JobError> {
        self.left_out.retain(|(left, _)| left != what);
        self.left_out.push((what.to_owned(), why));
        self.folder.note(&self.left_out).await
    }

    /// Notes that something is there which an earlier life may have left out.
    async fn tell_seen(&mut self, what: &str) -> Result<(), JobError> {
        let length = self.left_out.len();
        self.left_out.retain(|(left, _)| left != what);
        if self.left_out.len() == length {
            return Ok(());
        }
        self.folder.note(&self.left_out).await
    }

    async fn types(&self) -> Result<Vec<String>, JobError> {
        let exchange = self
            .asking
            .ask(&ApiRequest::new(Endpoint::TypeList), Reading::Whole)
            .await?;
        let names = match exchange.answer() {
            Some(Answer::Ok(answer)) => answer.get("results").and_then(Json::as_array),
            _ => None,
        };
        let names = names.map(|names| names.iter().filter_map(Json::as_str));
        if let Some(names) = names {
            return Ok(names.map(str::to_owned).collect());
        }
        Err(match exchange.failure() {
            Some(failure) if failure.kind == FailureKind::Denied => JobError::Failed(
                failure.hint("this client may not list entity types: name each with --type NAME"),
            ),
            _ => JobError::Exchange(exchange),
        })
    }

    /// The clients' ids. Their secrets are not kept.
    async fn clients(&mut self) -> Result<Vec<String>, JobError> {
        let kept = match self.folder.kept("clients.json").await? {
            Some(kept) => Some(kept),
            None => self.ask_clients().await?,
        };
        let clients = kept.as_ref().and_then(Json::as_array);
        let ids = clients
            .into_iter()
            .flatten()
            .filter_map(|client| client.get("client_id"));
        Ok(ids.filter_map(Json::as_str).map(str::to_owned).collect())
    }

    async fn ask_clients(&mut self) -> Result<Option<Json>, JobError> {
        let request = ApiRequest::new(Endpoint::ClientsList);
        let Some(mut answer) = self.ask_or_leave(CLIENTS, &request).await? else {
            return Ok(None);
        };
        let clients = answer
            .as_object_mut()
            .and_then(|answer| answer.get_mut("results"));
        let Some(Json::Array(clients)) = clients.map(std::mem::take) else {
            return Ok(None);
        };
        let without = |mut client: Json| {
            if let Some(members) = client.as_object_mut() {
                members.retain(|name, _| !name.contains("secret"));
            }
            client
        };
        let clients = Json::Array(clients.into_iter().map(without).collect());
        self.folder.keep("clients.json", &clients).await?;
        Ok(Some(clients))
    }

    /// A type's schema, its rules, and what each client may do with it.
    async fn describe(&mut self, name: &str, clients: &[String]) -> Result<(), JobError> {
        let of_type = |endpoint| ApiRequest::new(endpoint).with("type_name", name);
        let schema_file = format!("types/{name}/schema.json");
        let schema = if let Some(kept) = self.folder.kept(&schema_file).await? {
            kept
        } else {
            let what = format!("the type {name}");
            let request = of_type(Endpoint::TypeView);
            let Some(answer) = self.ask_or_leave(&what, &request).await? else {
                return Ok(());
            };
            let schema = answer.get("schema").cloned().unwrap_or(answer);
            self.folder.keep(&schema_file, &schema).await?;
            schema
        };
        let file = format!("types/{name}/properties.json");
        if self.folder.kept(&file).await?.is_none() {
            let what = format!("rules and combined uniquenesses of {name}");
            // Where the one operation is refused, the other tells the rules.
            let answer = match self.ask(&of_type(Endpoint::TypeProperties)).await? {
                Ok(answer) => {
                    self.tell_seen(&what).await?;
                    Some(answer)
                }
                Err(_) => {
                    self.ask_or_leave(&what, &of_type(Endpoint::TypeRules))
                        .await?
                }
            };
            if let Some(results) = answer.and_then(|answer| answer.get("results").cloned()) {
                self.folder.keep(&file, &results).await?;
            }
        }
        let file = format!("types/{name}/access.json");
        let Ok((schema, _)) = EntityType::from_json(&schema) else {
            return Ok(());
        };
        if self.folder.is_kept(&file).await {
            return Ok(());
        }
        if self.lacks_clients() {
            let what = format!("what clients may read and write of {name}");
            return self
                .leave(&what, "the clients are not known".to_owned())
                .await;
        }
        let mut lists = Vec::new();
        for client in clients {
            let of_client = self.access(&schema, client).await?;
            if !of_client.is_empty() {
                lists.push((client.clone(), of_client.into_iter().collect::<Json>()));
            }
        }
        self.folder.keep(&file, &lists.into_iter().collect()).await
    }

    /// What a client may read and write of a type, where that is not everything: lists as `entityType.setAccessSchema` takes
    /// them.
    async fn access(
        &mut self,
        schema: &EntityType,
        client: &str,
    ) -> Result<Vec<(&'static str, Json)>, JobError> {
        let all: BTreeSet<AttrPath> = access::leaves(schema).into_iter().collect();
        let mut lists = Vec::new();
        for kind in AccessType::ALL {
            let request = ApiRequest::new(Endpoint::TypeGetAccessSchema)
                .with("type_name", &schema.name)
                .with("for_client_id", client)
                .with("access_type", kind.name());
            let what = format!("what {client} may {} of {}", kind.verb(), schema.name);
            let Some(answer) = self.ask_or_leave(&what, &request).await? else {
                continue;
            };
            let Ok((seen, _)) = EntityType::from_json(&answer) else {
                continue;
            };
            let allowed = access::seen_of(schema, &seen);
            if allowed != all {
                let list = access::to_list(schema, &allowed);
                let list = list.iter().map(|path| path.dotted().into());
                lists.push((kind.name(), Json::Array(list.collect())));
            }
        }
        Ok(lists)
    }

    /// Whether this client may not know which clients there are.
    fn lacks_clients(&self) -> bool {
        self.left_out.iter().any(|(what, _)| what == CLIENTS)
    }

    /// The default settings, and each client's own.
    async fn settings(&mut self, clients: &[String]) -> Result<(), JobError> {
        const FILE: &str = "settings.json";
        if self.folder.is_kept(FILE).await {
            return Ok(());
        }
        let mut default = Json::Null;
        let mut own: Vec<(String, Json)> = Vec::new();
        for client in clients {
            let request = ApiRequest::new(Endpoint::SettingsGetAll).with("for_client_id", client);
            let what = format!("settings of {client}");
            let Some(answer) = self.ask_or_leave(&what, &request).await? else {
                continue;
            };
            let answer = redact::answer(&request, &answer).unwrap_or(answer);
            if let Some(settings) = answer.get("default_settings") {
                default = settings.clone();
            }
            own.push((client.clone(), settings_of(client, clients, &answer)));
        }
        if self.lacks_clients() {
            let request = ApiRequest::new(Endpoint::SettingsGetAll);
            if let Some(answer) = self.ask_or_leave("settings", &request).await? {
                let answer = redact::answer(&request, &answer).unwrap_or(answer);
                let of = |name: &str| answer.get(name).cloned().unwrap_or_default();
                let (default, own) = (of("default_settings"), of("client_settings"));
                self.folder.keep(FILE, &both(default, own)).await?;
            }
            return Ok(());
        }
        if own.is_empty() {
            return Ok(());
        }
        let own: Json = own.into_iter().collect();
        self.folder.keep(FILE, &both(default, own)).await
    }
}

/// The default settings and those of clients by their ids, as they are kept.
fn both(default: Json, own: Json) -> Json {
    [("default", default), ("clients", own)]
        .into_iter()
        .collect()
}

/// A client's own settings in an answer that has those of clients by their ids (reference 10), or without them those of
/// this one.
fn settings_of(client: &str, clients: &[String], answer: &Json) -> Json {
    let none = || Json::Object(Object::new());
    let Some(settings) = answer.get("client_settings") else {
        return answer.get("result").cloned().unwrap_or_else(none);
    };
    let by_client = settings.get(client).cloned();
    let is_by_client = clients.iter().any(|client| settings.get(client).is_some());
    by_client.unwrap_or_else(|| {
        if is_by_client {
            none()
        } else {
            settings.clone()
        }
    })
}

/// Why a call is not for this client; any other failure as it is.
fn refused(exchange: Arc<Exchange>) -> Result<String, JobError> {
    match exchange.failure() {
        Some(failure)
            if trouble(&exchange).is_none()
                && matches!(
                    failure.kind,
                    FailureKind::Denied | FailureKind::NotFound | FailureKind::Service
                )
                && matches!(exchange.answer(), Some(Answer::Error(_))) =>
        {
            Ok(failure.message)
        }
        _ => Err(JobError::Exchange(exchange)),
    }
}

/// Exports the records of a type; gives how many, and whether the service counts as many.
async fn records_of<P: Fn(Progress)>(
    name: &str,
    work: &Dump,
    folder: &Folder,
    services: &Services,
    progress: &P,
    cancel: &CancellationToken,
) -> Result<(u64, bool), JobError> {
    let file = folder.place(&format!("records/{name}.ndjson.gz")).await?;
    if let Some(exported) = folder::exported(&file).await {
        return Ok((exported.records, exported.is_complete() != Some(false)));
    }
    let work = Export {
        type_name: name.to_owned(),
        filter: None,
        attributes: Vec::new(),
        form: Form::Ndjson,
        formula_safe: false,
        target: Target::File { file, resume: true },
        pace: work.pace.clone(),
    };
    let exported = export::export(work, services, progress, cancel).await?;
    if !exported.hidden.is_empty() {
        progress(Progress::Notice(format!(
            "this client cannot read {} of {name}: the records are without it",
            exported.hidden.join(", ")
        )));
    }
    Ok((exported.records, exported.is_complete() != Some(false)))
}

/// What is said where a folder is no place for a dump.
fn no_place(why: String) -> JobError {
    JobError::Failed(Failure::new(FailureKind::Usage, why))
}
