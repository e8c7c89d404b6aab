//! Names that a shell completes: environments and entity types, as far as files of this machine tell them. Nobody is
//! called for it, and what cannot be read has no names.

use clap_complete::engine::CompletionCandidate;

use crate::cli::shown::place;
use crate::config::Config;
use crate::config::environment::Environment;
use crate::config::paths::Paths;
use crate::history::names;

/// The environments of the configuration.
pub(super) fn environments() -> Vec<CompletionCandidate> {
    let config = Config::load(Paths::find().as_ref()).unwrap_or_default();
    let environments = config.environments.iter();
    environments
        .map(|environment: &Environment| {
            CompletionCandidate::new(&environment.name).help(Some(place(environment).into()))
        })
        .collect()
}

/// The entity types of which the history has seen calls that went well, in any environment: which one is meant stands
/// elsewhere in the line.
pub(super) fn entity_types() -> Vec<CompletionCandidate> {
    let Some(paths) = Paths::find() else {
        return Vec::new();
    };
    let names = names::entity_types(&paths.state);
    names.into_iter().map(CompletionCandidate::new).collect()
}
