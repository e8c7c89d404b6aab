//! The YAML in which the vendor's Python tools keep their clients, usually `~/.janrain-capture` (reference 12; the shape
//! is what `janrain.capture.config` reads): `clusters` that complete the `clients` which name them, and defaults.
//!
//! Only texts are read. A value is what is written, so that a secret of digits stays as it is; nothing of the values goes
//! into messages. Writing environments is [`crate::config::edit`]'s.

use std::collections::BTreeMap;

use saphyr_parser::Event;
use saphyr_parser::Parser;

use crate::capture::secret::Secret;

/// More than any such file holds; an alias of an alias could stand for far more.
const MOST_NODES: usize = 20_000;

/// How deep a file may be nested.
const DEEPEST: usize = 32;

/// A client of such a file, with what its cluster adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// Where it stands: `clients.demo`.
    pub path: String,
    /// The Capture domain, as it is written.
    pub apid_uri: Option<String>,
    /// The client's id.
    pub client_id: Option<String>,
    /// The client's secret.
    pub client_secret: Option<Secret>,
    /// The cluster that it names, when there is no such cluster.
    pub unknown_cluster: Option<String>,
    /// The names of further settings.
    pub others: Vec<String>,
    /// Whether it is the default client.
    pub is_default: bool,
}

/// Why a file cannot be read. No text here holds any part of a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JanrainError {
    /// It is not YAML.
    #[error("line {line}: this is not YAML")]
    Syntax {
        /// The line, from 1.
        line: usize,
    },
    /// It has more or deeper contents than such a file has.
    #[error("it holds too much for a file of clients")]
    TooMuch,
    /// It has neither clients nor clusters.
    #[error("it has neither `clients` nor `clusters`")]
    NoClients,
}

/// A value of YAML, as far as it matters here.
#[derive(Clone, Debug)]
enum Node {
    Text(Secret),
    Map(BTreeMap<String, Node>),
    Other,
}

impl Node {
    fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Self::Map(members) => members.get(key),
            Self::Text(_) | Self::Other => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.reveal()),
            Self::Map(_) | Self::Other => None,
        }
    }

    fn members(&self) -> impl Iterator<Item = (&String, &Node)> {
        let members = match self {
            Self::Map(members) => Some(members),
            Self::Text(_) | Self::Other => None,
        };
        members.into_iter().flatten()
    }
}

/// Reads the clients of a file, and its clusters that can be called as they are, in the order of their names.
pub fn read(text: &str) -> Result<Vec<Client>, JanrainError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = tree(text)?;
    let (clients, clusters) = (root.get("clients"), root.get("clusters"));
    if clients.is_none() && clusters.is_none() {
        return Err(JanrainError::NoClients);
    }
    let default = root.get("defaults").and_then(|it| it.get("default_client"));
    let default = default.and_then(Node::text);
    let mut found = Vec::new();
    for (name, settings) in clients.into_iter().flat_map(Node::members) {
        let named = settings.get("cluster").and_then(Node::text);
        let cluster = named.and_then(|named| clusters?.get(named));
        let mut client = client(name, format!("clients.{name}"), settings, cluster);
        client.unknown_cluster = named.filter(|_| cluster.is_none()).map(str::to_owned);
        found.push(client);
    }
    for (name, settings) in clusters.into_iter().flat_map(Node::members) {
        let mut cluster = client(name, format!("clusters.{name}"), settings, None);
        // One that only completes clients is none itself.
        if cluster.client_id.is_none() && cluster.client_secret.is_none() {
            continue;
        }
        if found.iter().any(|client| client.name == *name) {
            cluster.name.clone_from(&cluster.path);
        }
        found.push(cluster);
    }
    // A name stands for a path, a client or a cluster, in this order.
    if let Some(default) = default
        && let Some(client) = found
            .iter_mut()
            .find(|client| client.path == default || client.name == default)
    {
        client.is_default = true;
    }
    Ok(found)
}

fn client(name: &str, path: String, settings: &Node, cluster: Option<&Node>) -> Client {
    let text = |key: &str| {
        let own = settings.get(key).or_else(|| cluster?.get(key));
        own.and_then(Node::text).map(|text| text.trim().to_owned())
    };
    let known = ["apid_uri", "client_id", "client_secret", "cluster"];
    let others = settings.members().map(|(key, _)| key.clone());
    Client {
        name: name.to_owned(),
        path,
        apid_uri: text("apid_uri"),
        client_id: text("client_id"),
        client_secret: text("client_secret").map(Secret::new),
        unknown_cluster: None,
        others: others
            .filter(|key| !known.contains(&key.as_str()))
            .collect(),
        is_default: false,
    }
}

/// What comes next in a map.
enum Next {
    Key,
    /// The value of this key.
    Value(String),
    /// The value of a key that is no text, and so none of ours.
    Skipped,
}

/// A collection that is being read.
enum Open {
    Map {
        members: BTreeMap<String, Node>,
        next: Next,
        anchor: usize,
    },
    Sequence {
        anchor: usize,
    },
}

/// Reads the first document.
fn tree(text: &str) -> Result<Node, JanrainError> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: BTreeMap<usize, Node> = BTreeMap::new();
    let mut nodes = 0;
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| JanrainError::Syntax {
            line: error.marker().line(),
        })?;
        let (node, anchor) = match event {
            Event::Scalar(text, _, anchor, _) => (Node::Text(Secret::new(text)), anchor),
            Event::Alias(anchor) => (anchors.get(&anchor).cloned().unwrap_or(Node::Other), 0),
            Event::MappingStart(anchor, _) => {
                open.push(Open::Map {
                    members: BTreeMap::new(),
                    next: Next::Key,
                    anchor,
                });
                if open.len() > DEEPEST {
                    return Err(JanrainError::TooMuch);
                }
                continue;
            }
            Event::SequenceStart(anchor, _) => {
                open.push(Open::Sequence { anchor });
                if open.len() > DEEPEST {
                    return Err(JanrainError::TooMuch);
                }
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => match open.pop() {
                Some(Open::Map {
                    members, anchor, ..
                }) => (Node::Map(members), anchor),
                Some(Open::Sequence { anchor }) => (Node::Other, anchor),
                None => (Node::Other, 0),
            },
            Event::DocumentEnd => break,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {
                continue;
            }
        };
        nodes += count(&node, MOST_NODES);
        if nodes > MOST_NODES {
            return Err(JanrainError::TooMuch);
        }
        if anchor > 0 {
            anchors.insert(anchor, node.clone());
        }
        match open.last_mut() {
            None => return Ok(node),
            Some(Open::Sequence { .. }) => {}
            Some(Open::Map { members, next, .. }) => *next = put(members, next, node),
        }
    }
    Ok(Node::Other)
}

/// Puts a node where it belongs in a map; says what comes then.
fn put(members: &mut BTreeMap<String, Node>, next: &mut Next, node: Node) -> Next {
    match std::mem::replace(next, Next::Key) {
        Next::Key => node
            .text()
            .map_or(Next::Skipped, |key| Next::Value(key.to_owned())),
        Next::Value(key) => {
            if key == "<<" {
                merge(members, &node);
            } else {
                members.insert(key, node);
            }
            Next::Key
        }
        Next::Skipped => Next::Key,
    }
}

/// `<<: *other`: what the other has and this one has not.
fn merge(members: &mut BTreeMap<String, Node>, other: &Node) {
    for (key, value) in other.members() {
        members.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

/// How many nodes there are, up to `most`.
fn count(node: &Node, most: usize) -> usize {
    let mut waiting = vec![node];
    let mut nodes = 0;
    while let Some(node) = waiting.pop() {
        nodes += 1;
        if nodes > most {
            break;
        }
        waiting.extend(node.members().map(|(_, member)| member));
    }
    nodes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prop_assert;
    use proptest::proptest;

    use super::*;

    const FILE: &str = "\
# ~/.janrain-capture
defaults:
  default_client: demo
clusters:
  dev: &dev
    apid_uri: https://demo.us-dev.janraincapture.com
    client_id: of-the-cluster
    client_secret: s-of-cluster
  base:
    apid_uri: https://base.janraincapture.com
clients:
  demo:
    cluster: dev
    client_id: 0123
    client_secret: 0456  # unquoted digits
  own:
    apid_uri: 'https://own.janraincapture.com/'
    client_id: own-id
    client_secret: \"own: secret\"
    timeout: 30
  based: {cluster: base, client_id: b, client_secret: s}
  dev:
    <<: *dev
    client_id: another
  lost: {cluster: nowhere}
some:
  arbitrary: [1, {a: b}]
";

    fn told(client: &Client) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let secret = client.client_secret.as_ref().map_or("-", Secret::reveal);
        format!(
            "{} {} {} {} {secret}{}",
            client.path,
            client.name,
            text(&client.apid_uri),
            text(&client.client_id),
            if client.is_default { " default" } else { "" }
        )
    }

    #[test]
    fn clients_are_completed_by_their_clusters() {
        let clients = read(FILE).expect("is such a file");
        assert_eq!(
            clients.iter().map(told).collect::<Vec<_>>(),
            [
                "clients.based based https://base.janraincapture.com b s",
                "clients.demo demo https://demo.us-dev.janraincapture.com 0123 0456 default",
                "clients.dev dev https://demo.us-dev.janraincapture.com another s-of-cluster",
                "clients.lost lost - - -",
                "clients.own own https://own.janraincapture.com/ own-id own: secret",
                "clusters.dev clusters.dev https://demo.us-dev.janraincapture.com of-the-cluster s-of-cluster",
            ]
        );
        assert_eq!(clients[3].unknown_cluster.as_deref(), Some("nowhere"));
        assert_eq!(clients[4].others, ["timeout"]);
        assert!(!format!("{clients:?}").contains("s-of-cluster"));
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        let doubled = |n: usize| format!("a{}: &a{} {{x: *a{n}, y: *a{n}}}\n", n + 1, n + 1);
        let bomb: String = (0..30).map(doubled).collect();
        let bomb = format!("a0: &a0 {{x: y}}\n{bomb}");
        let nested = |depth| format!("clients: {}{}", "[".repeat(depth), "]".repeat(depth));
        let (deep, deeper) = (nested(40), nested(5000));
        for (text, error) in [
            ("", JanrainError::NoClients),
            ("[1, 2]", JanrainError::NoClients),
            ("a: b", JanrainError::NoClients),
            ("clients:\n  a: {b: 'c\n", JanrainError::Syntax { line: 2 }),
            (bomb.as_str(), JanrainError::TooMuch),
            (deep.as_str(), JanrainError::TooMuch),
            (deeper.as_str(), JanrainError::Syntax { line: 1 }),
        ] {
            assert_eq!(read(text), Err(error), "{}", &text[..text.len().min(60)]);
        }
        assert_eq!(read("clients: {}"), Ok(Vec::new()));
        assert_eq!(read("clients: 5"), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn any_text_ends(text in any::<String>(), inner in "[-a-z:{}\\[\\]&*<'\" \\n]{0,60}") {
            for text in [text, format!("clients:\n  a: {inner}\n  b:\n    client_secret: {inner}")] {
                if let Err(error) = read(&text) {
                    prop_assert!(error.to_string().len() < 80);
                }
            }
        }
    }
}
