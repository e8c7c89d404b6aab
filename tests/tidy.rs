//! Rules the compiler does not hold: which module may use which, and what the README promises.
//!
//! A single crate has no walls between its modules, so the table below is compared with every `crate::` path in the
//! sources. Tests inside the sources follow the same rule.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// For each module, the most specific first: what it may use beside itself. A name stands for all below it.
const RULES: &[(&str, &[&str])] = &[
    ("capture", &[]),
    ("json", &[]),
    ("exchange", &["capture", "json"]),
    ("curl", &["capture"]),
    ("paste", &["capture", "json", "curl"]),
    ("config", &["capture", "files"]),
    ("history", &["capture", "exchange"]),
    ("handover", &["capture", "json", "exchange", "curl"]),
    ("files", &[]),
    ("source", &[]),
    ("drafts", &["capture", "files"]),
    ("record_file", &["capture", "json", "files", "source"]),
    ("client", &["capture", "config", "exchange"]),
    ("sandbox", &["capture"]),
    (
        "worker",
        &[
            "capture",
            "files",
            "json",
            "exchange",
            "curl",
            "paste",
            "config",
            "history",
            "handover",
            "client",
            "sandbox",
            "record_file",
        ],
    ),
    (
        "cli",
        &[
            "capture",
            "json",
            "exchange",
            "curl",
            "paste",
            "config",
            "history",
            "handover",
            "client",
            "sandbox",
            "worker",
            "source",
            "record_file",
            "files",
        ],
    ),
    ("tui::theme", &["config::look"]),
    ("tui::widgets", &["tui::theme", "json"]),
    (
        "tui",
        &[
            "capture",
            "json",
            "curl",
            "paste",
            "config",
            "exchange",
            "worker",
            "history::query",
            "history::record",
            "handover::format",
            "handover::open",
            "drafts::kept",
            "drafts::desk",
            "sandbox::faults",
            "source",
        ],
    ),
    ("main", &["cli", "tui", "config"]),
];

/// What anyone may use.
const COMMON: &str = "failure";

/// Panes and overlays, which may not know each other.
const STRANGERS: &[&str] = &["tui::panes", "tui::overlays"];

/// What stands beside panes without being one.
const SHARED: &[&str] = &[
    "tui::panes::line_input",
    "tui::panes::list_cursor",
    "tui::overlays::ask_file",
    "tui::overlays::menu",
    "tui::overlays::sheet",
];

#[test]
fn modules_use_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in rust_files(&root) {
        let module = module_of(file.strip_prefix(&root).expect("is below"));
        let source = fs::read_to_string(&file).expect("sources are text");
        for path in crate_paths(&source) {
            if !may_use(&module, &path) {
                wrong.push(format!("{module} uses {path}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "against the dependency rule:\n{}",
        wrong.join("\n")
    );
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("can be listed").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The module path of a source file: `tui/widgets/mod.rs` is `tui::widgets`.
fn module_of(file: &Path) -> String {
    let without = file.with_extension("");
    let mut names: Vec<_> = without.iter().map(|name| name.to_string_lossy()).collect();
    if names.last().is_some_and(|name| name == "mod") {
        names.pop();
    }
    names.join("::")
}

fn may_use(module: &str, path: &str) -> bool {
    // The crate's root only declares.
    if module == "lib" {
        return true;
    }
    if is_in(path, COMMON) {
        return true;
    }
    for folder in STRANGERS {
        if let (Some(one), Some(other)) = (below(module, folder), below(path, folder))
            && one != other
            && is_module(&format!("{folder}::{other}"))
            && !SHARED.iter().any(|shared| is_in(path, shared))
        {
            return false;
        }
    }
    let Some((owner, allowed)) = RULES.iter().find(|(owner, _)| is_in(module, owner)) else {
        return false;
    };
    is_in(path, owner) || allowed.iter().any(|allowed| is_in(path, allowed))
}

fn is_in(path: &str, module: &str) -> bool {
    path == module
        || path
            .strip_prefix(module)
            .is_some_and(|rest| rest.starts_with("::"))
}

/// Whether there is such a module, rather than an item of the module above.
fn is_module(path: &str) -> bool {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(path.replace("::", "/"));
    file.is_dir() || file.with_extension("rs").is_file()
}

/// The name of the part below `folder` that a path is in.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder)?.strip_prefix("::")?;
    rest.split("::").next()
}

/// Every path that starts at the crate's root, of either name, braces spread out; comments and texts are passed over.
fn crate_paths(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let mut paths = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_root = token == "crate" || token == "captui";
        let starts = at == 0 || tokens[at - 1] != "::";
        if is_root && starts && tokens.get(at + 1).is_some_and(|next| next == "::") {
            spread(&tokens, at + 2, "", &mut paths);
        }
    }
    paths
}

/// Reads the rest of a path from token `at`, and returns the token after it.
fn spread(tokens: &[String], mut at: usize, prefix: &str, paths: &mut Vec<String>) -> usize {
    let mut path = prefix.to_owned();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while let Some(token) = tokens.get(at) {
                    match token.as_str() {
                        "}" => return at + 1,
                        "," => at += 1,
                        _ => at = spread(tokens, at, &path, paths).max(at + 1),
                    }
                }
                return at;
            }
            Some(name) if name == "*" || is_name(name) => {
                let separator = if path.is_empty() { "" } else { "::" };
                path = format!("{path}{separator}{name}");
                at += 1;
            }
            _ => {}
        }
        if tokens.get(at).is_some_and(|token| token == "::") {
            at += 1;
        } else {
            paths.push(path);
            // `as other` belongs to the path before.
            let renamed = tokens.get(at).is_some_and(|token| token == "as");
            return if renamed { at + 2 } else { at };
        }
    }
}

fn is_name(token: &str) -> bool {
    token
        .chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single characters of Rust source, without comments, texts and characters.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_string(rest) {
            length
        } else if c == '"' {
            quoted(rest)
        } else if c == '\'' {
            character(rest)
        } else if is_name(rest) {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            tokens.push(rest[..end].to_owned());
            end
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of a block comment, which may hold others.
fn block_comment(source: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < source.len() {
        let rest = &source.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    source.len()
}

/// The length of a raw string with its prefix, if one starts here.
fn raw_string(source: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        let rest = source.strip_prefix(prefix).unwrap_or_default();
        rest.trim_start_matches('#').starts_with('"')
    })?;
    let hashes = source[prefix.len()..].find('"')?;
    let open = prefix.len() + hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = source[open..]
        .find(&close)
        .map_or(source.len(), |at| open + at + close.len());
    Some(end)
}

/// The length of a string.
fn quoted(source: &str) -> usize {
    let bytes = source.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// The length of a character, or of the quote of a lifetime.
fn character(source: &str) -> usize {
    let mut inside = source[1..].chars();
    match inside.next() {
        Some('\\') => source[2..]
            .char_indices()
            .skip(1)
            .find(|(_, c)| *c == '\'')
            .map_or(1, |(at, _)| at + 3),
        Some(c) if inside.next() == Some('\'') => 2 + c.len_utf8(),
        _ => 1,
    }
}

#[test]
fn the_scanner_sees_every_spelling_and_nothing_else() {
    let source = r##"
        //! crate::comment
        use crate::tui::theme::Theme;
        use crate::{json::{rows::Rows, document as d}, client, history::*};
        use captui::sandbox::Store;
        /* crate::hidden /* crate::deeper */ crate::still */
        fn f<'a>(x: &'a crate::worker::Job) -> Vec<crate::cli::Args> {
            let _ = ("crate::text", r#"crate::"raw"#, '"', '\'', '\u{41}', b"crate::bytes");
            crate::config::load(crate::failure::Kind::Usage)
        }
        mod inner { use other::crate_::x; }
    "##;
    assert_eq!(
        crate_paths(source),
        [
            "tui::theme::Theme",
            "json::rows::Rows",
            "json::document",
            "client",
            "history::*",
            "sandbox::Store",
            "worker::Job",
            "cli::Args",
            "config::load",
            "failure::Kind::Usage",
        ]
    );
}

#[test]
fn the_rule_allows_and_forbids() {
    for (module, path, allowed) in [
        ("capture::schema", "capture::path::AttrPath", true),
        ("capture::schema", "tui::theme", false),
        ("sandbox::http", "client", false),
        ("tui::widgets::json", "json::rows::Rows", true),
        ("tui::widgets::json", "capture::json::Json", false),
        ("tui::widgets::json", "tui::widgets::list", true),
        ("tui::widgets::json", "tui::model", false),
        ("tui::panes::form::view", "tui::panes::form::field", true),
        ("tui::panes::form::view", "tui::panes::types", false),
        ("tui::model", "sandbox", false),
        ("cli::args", "tui", false),
        ("client", "clients", false),
        ("unknown", "capture", false),
    ] {
        assert_eq!(may_use(module, path), allowed, "{module} uses {path}");
    }
    assert_eq!(module_of(Path::new("tui/widgets/mod.rs")), "tui::widgets");
    assert_eq!(module_of(Path::new("exchange.rs")), "exchange");
}

/// A new user needs two commands, and the README's shell blocks hold nothing else. Its `console` blocks show what a
/// running program does.
#[test]
fn the_readme_needs_two_commands() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("there is a README");
    let mut commands = Vec::new();
    let mut block = None;
    for line in readme.lines() {
        match (block, line.strip_prefix("```")) {
            (None, Some(language)) => block = Some(language),
            (Some(_), Some(_)) => block = None,
            (Some("sh" | "bash" | "shell"), None) => commands.push(line),
            _ => {}
        }
    }
    assert_eq!(commands, ["cargo run --release", "cargo test"]);
}
