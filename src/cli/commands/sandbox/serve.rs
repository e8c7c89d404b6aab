//! `captui sandbox serve`: the sandbox as a server of its own, for other programs.

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::TcpListener;

use crate::capture::json::Json;
use crate::capture::secret::Secret;
use crate::cli::args::sandbox::Serve;
use crate::cli::commands::sandbox::text;
use crate::cli::commands::sandbox::tls;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::cli::session::interrupted;
use crate::config::paths::Paths;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::sandbox;
use crate::sandbox::Front;
use crate::sandbox::faults::Faults;
use crate::sandbox::random;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::serving::Announcement;
use crate::sandbox::store::Store;
use crate::sandbox::store::StorePath;
use crate::worker::services::store_failure;

/// Keeps nothing.
const MEMORY: &str = ":memory:";

/// Serves until the user or the system ends it, which is success: calls under way are finished, unless it is asked a
/// second time. Prints one line when it is ready.
pub(in crate::cli) async fn serve(serve: Serve, json: bool) -> Result<(), Stop> {
    refuse_remote(serve.listen, serve.allow_remote, serve.tls.is_wanted())?;
    let path = data_path(serve.data.as_deref())?;
    tls::check(&serve.tls, &path)?;
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
    let secured = tls::prepare(&serve.tls, &path, serve.listen.ip(), &serve.host_name)?;
    let listener = TcpListener::bind(serve.listen).await.map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            format!("cannot listen on {}", serve.listen),
        )
        .because(error)
    })?;
    let address = listener.local_addr()?;
    let seed = serve.fault_seed.unwrap_or_else(random::seed);
    let ready = Ready {
        url: match &secured {
            Some(_) => format!("https://{address}"),
            None => format!("http://{address}"),
        },
        ca_file: secured.as_ref().and_then(|it| it.ca_file.clone()),
        client_id,
        client_secret,
        data,
        faults: Faults {
            rules: serve.fault,
            seed,
        },
    };
    let front = Front {
        names: serve.host_name,
        tls: secured.map(|it| it.config),
    };
    // Before the line that says it is ready: whoever reads that may already ask for the end.
    let stop = interrupted();
    let _announced = announce(&path, &ready.url, address);
    if json {
        output::print_json(&ready.json())?;
    } else {
        output::print(&ready.line())?;
    }
    tokio::select! {
        served = sandbox::serve(listener, front, store, ready.faults, stop) => served?,
        () = interrupted_twice() => {}
    }
    Ok(())
}

async fn interrupted_twice() {
    interrupted().await;
    interrupted().await;
}

/// Tells `captui sandbox status` of this server, until it ends.
fn announce(path: &StorePath, url: &str, address: SocketAddr) -> Option<Announcement> {
    let StorePath::Dir(folder) = path else {
        return None;
    };
    Announcement::make(folder, url, address)
        .inspect_err(|error| {
            output::note(&format!(
                "`captui sandbox status` will not know of this server: {error}"
            ));
        })
        .ok()
}

fn refuse_remote(listen: SocketAddr, allowed: bool, secured: bool) -> Result<(), Failure> {
    if allowed || listen.ip().is_loopback() {
        return Ok(());
    }
    let danger = if secured {
        "whoever learns its client's secret could do anything with it"
    } else {
        "the sandbox speaks plain HTTP, so its client's secret could be read on the way"
    };
    Err(Failure::new(
        FailureKind::Usage,
        format!("not listening on {listen}: other machines could reach it"),
    )
    .because(danger)
    .hint("use 127.0.0.1, or say --allow-remote if you mean it"))
}

pub(super) fn data_path(data: Option<&str>) -> Result<StorePath, Failure> {
    match data {
        Some(MEMORY) => Ok(StorePath::Memory),
        // A variable without a value, most likely: taken as a folder it would be the one that we are in.
        Some("") => Err(Failure::new(FailureKind::Usage, "--data names no folder")
            .hint("say --data DIR, or --data :memory: to keep nothing")),
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

/// What others need to know of the server.
struct Ready {
    url: String,
    /// The certificate of the authority that signed the server's.
    ca_file: Option<PathBuf>,
    client_id: String,
    /// The secret of a client that was made for this machine: told, for without it nobody could use the server.
    client_secret: Secret,
    data: String,
    faults: Faults,
}

impl Ready {
    fn json(&self) -> Json {
        let mut members = vec![
            ("url", Json::from(self.url.as_str())),
            ("client_id", self.client_id.as_str().into()),
            ("client_secret", self.client_secret.reveal().into()),
            ("data", self.data.as_str().into()),
        ];
        if let Some(file) = &self.ca_file {
            members.push(("ca_file", text(file).into()));
        }
        if !self.faults.rules.is_empty() {
            let rules = self.faults.rules.iter();
            let rules = rules.map(|rule| Json::from(rule.to_string())).collect();
            let rules = Json::Array(rules);
            members.push(("faults", rules));
            members.push(("fault_seed", i64::from(self.faults.seed).into()));
        }
        members.into_iter().collect()
    }

    fn line(&self) -> String {
        let mut line = format!(
            "captui sandbox ready: {}  client_id {}  client_secret {}",
            self.url,
            self.client_id,
            self.client_secret.reveal()
        );
        if let Some(file) = &self.ca_file {
            line = format!("{line}  ca_file {}", file.display());
        }
        for rule in &self.faults.rules {
            line = format!("{line}  fault {rule}");
        }
        if !self.faults.rules.is_empty() {
            line = format!("{line}  fault-seed {}", self.faults.seed);
        }
        line
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
            assert_eq!(
                refuse_remote(address, allowed, false).is_ok(),
                fine,
                "{address}"
            );
        }
    }

    #[test]
    fn one_line_says_it_is_ready() {
        let mut ready = Ready {
            url: "http://127.0.0.1:1".to_owned(),
            ca_file: None,
            client_id: "i".to_owned(),
            client_secret: Secret::new("s"),
            data: ":memory:".to_owned(),
            faults: Faults::default(),
        };
        let line = "captui sandbox ready: http://127.0.0.1:1  client_id i  client_secret s";
        assert_eq!(ready.line(), line);
        let json =
            r#"{"url":"http://127.0.0.1:1","client_id":"i","client_secret":"s","data":":memory:"}"#;
        assert_eq!(ready.json().to_string(), json);
        let rules = ["entity.create=504@10%", "*=latency:300ms"];
        ready.faults = Faults {
            rules: rules.map(|rule| rule.parse().expect("is a rule")).to_vec(),
            seed: 7,
        };
        assert_eq!(
            ready.line(),
            format!("{line}  fault entity.create=504@10%  fault *=latency:300ms  fault-seed 7")
        );
        let more = r#","faults":["entity.create=504@10%","*=latency:300ms"],"fault_seed":7}"#;
        assert_eq!(ready.json().to_string(), json.replace('}', more));
        ready.faults = Faults::default();
        ready.ca_file = Some(PathBuf::from("/a b/ca.pem"));
        assert_eq!(ready.line(), format!("{line}  ca_file /a b/ca.pem"));
        let more = r#","ca_file":"/a b/ca.pem"}"#;
        assert_eq!(ready.json().to_string(), json.replace('}', more));
    }
}
