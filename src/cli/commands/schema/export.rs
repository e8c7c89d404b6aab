//! `captui schema export`: a schema as JSON, or as the call that creates it.

use crate::capture::endpoint::Endpoint;
use crate::capture::request::ApiRequest;
use crate::capture::schema::attr_defs_as_sent;
use crate::capture::schema::attr_defs_to_json;
use crate::cli::args::schema::Export;
use crate::cli::commands::schema::curl;
use crate::cli::commands::schema::source;
use crate::cli::commands::schema::source::Loaded;
use crate::cli::commands::schema::write;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::cli::shown::about_address;
use crate::failure::Failure;
use crate::failure::FailureKind;

pub(super) async fn export(export: &Export, environment: Option<&str>) -> Result<(), Stop> {
    let loaded = source::load(&export.source, environment).await?;
    let text = if export.create {
        create_command(&loaded, environment).await?
    } else if export.bare {
        output::pretty(&attr_defs_to_json(&loaded.own()))
    } else {
        output::pretty(&loaded.as_given().to_json())
    };
    write(&text, export.output.as_deref(), environment).await
}

/// The curl command that creates the type in the environment, without the secret.
async fn create_command(loaded: &Loaded, environment: Option<&str>) -> Result<String, Stop> {
    let name = loaded.name.as_deref().ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            format!(
                "{} does not say what the entity type is called",
                loaded.label
            ),
        )
        .hint("a call needs a name: put the definitions into {\"name\":…,\"attr_defs\":[…]}")
    })?;
    loaded.sound()?;
    let request = ApiRequest::new(Endpoint::TypeCreate)
        .with("type_name", name)
        .with("attr_defs", attr_defs_as_sent(&loaded.own()).to_string());
    let session = Session::new(environment, false)?;
    let command = curl(&session, request).await?;
    Ok(format!("{}{command}", about_address(&session)))
}
