//! `captui sandbox`: the sandbox as a server of its own, for other programs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::capture::json::Json;
use crate::capture::secret::Secret;
use crate::cli::args::Serve;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::cli::session::interrupted;
use crate::config::paths::Paths;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::sandbox;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::store::Store;
use crate::sandbox::store::StorePath;
use crate::worker::services::store_failure;

/// Keeps nothing.
const MEMORY: &str = ":memory:";

/// Serves until the user or the system ends it, which is success. Prints one line when it is ready.
pub(in crate::cli) async fn serve(serve: Serve, json: bool) -> Result<(), Stop> {
    refuse_remote(serve.listen, serve.allow_remote)?;
    let path = data_path(serve.data.as_deref())?;
    let data = match &path {
        StorePath::Dir(folder) => folder.display().to_string(),
        StorePath::Memory => MEMORY.to_owned(),
    };
    let content = if serve.bare {
        FirstContent::Bare
    } else {
        FirstContent::Examples
    };
    let opened =
        Store::open_with(path.clone(), content).and_then(|store| Ok((store.owner()?, store)));
    let ((client_id, client_secret), store) =
        opened.map_err(|error| store_failure(&error, &path))?;
    let listener = TcpListener::bind(serve.listen).await.map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            format!("cannot listen on {}", serve.listen),
        )
        .because(error)
    })?;
    let url = format!("http://{}", listener.local_addr()?);
    output::print(&ready_line(&url, &client_id, &client_secret, &data, json))?;
    sandbox::serve(listener, Arc::new(store), interrupted()).await?;
    Ok(())
}

fn refuse_remote(listen: SocketAddr, allowed: bool) -> Result<(), Failure> {
    if allowed || listen.ip().is_loopback() {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Usage,
        format!("not listening on {listen}: other machines could reach it"),
    )
    .because("the sandbox speaks plain HTTP, so its client's secret could be read on the way")
    .hint("use 127.0.0.1, or say --allow-remote if you mean it"))
}

fn data_path(data: Option<&str>) -> Result<StorePath, Failure> {
    match data {
        Some(MEMORY) => Ok(StorePath::Memory),
        Some(folder) => Ok(StorePath::Dir(PathBuf::from(folder))),
        None => match Paths::find() {
            Some(paths) => Ok(StorePath::Dir(paths.sandbox())),
            None => Err(Failure::new(
                FailureKind::Usage,
                "there is no home folder to keep the sandbox in",
            )
            .hint("say --data DIR, or --data :memory: to keep nothing")),
        },
    }
}

fn ready_line(
    url: &str,
    client_id: &str,
    client_secret: &Secret,
    data: &str,
    json: bool,
) -> String {
    // The secret of a client that was made for this machine: without it nobody could use the server.
    let secret = client_secret.reveal();
    if json {
        let line: Json = [
            ("url", url),
            ("client_id", client_id),
            ("client_secret", secret),
            ("data", data),
        ]
        .map(|(key, value)| (key, Json::from(value)))
        .into_iter()
        .collect();
        line.to_string()
    } else {
        format!("captui sandbox ready: {url}  client_id {client_id}  client_secret {secret}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_are_kept_out_unless_asked_for() {
        for (address, allowed, fine) in [
            ("127.0.0.1:0", false, true),
            ("[::1]:8080", false, true),
            ("0.0.0.0:8080", false, false),
            ("192.0.2.1:80", false, false),
            ("0.0.0.0:8080", true, true),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(refuse_remote(address, allowed).is_ok(), fine, "{address}");
        }
    }

    #[test]
    fn one_line_says_it_is_ready() {
        let secret = Secret::new("s");
        assert_eq!(
            ready_line("http://127.0.0.1:1", "i", &secret, ":memory:", false),
            "captui sandbox ready: http://127.0.0.1:1  client_id i  client_secret s"
        );
        assert_eq!(
            ready_line("http://127.0.0.1:1", "i", &secret, ":memory:", true),
            r#"{"url":"http://127.0.0.1:1","client_id":"i","client_secret":"s","data":":memory:"}"#
        );
    }
}
