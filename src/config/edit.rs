//! Changes to the configuration file that keep what its author wrote: comments, order, spelling. Used by `captui env`
//! and `captui config`. What is in the file is checked before and after by [`crate::config::file`]; asking is not here.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use toml_edit::Array;
use toml_edit::Decor;
use toml_edit::DocumentMut;
use toml_edit::Item;
use toml_edit::Table;
use toml_edit::value;

use crate::capture::endpoint::ClientFeature;
use crate::capture::secret::Secret;
use crate::config::Config;
use crate::config::credentials::AuthMethod;
use crate::config::credentials::SecretSource;
use crate::config::environment::EnvironmentClass;
use crate::config::file;
use crate::config::paths::Paths;
use crate::config::paths::create_private;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::files;

/// The key that names the environment which is used when none is named.
const DEFAULT: &str = "default_environment";

/// The file's name in the folder of the configuration.
pub const FILE: &str = "config.toml";

/// An environment as it is to stand in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Scheme and host.
    pub domain: String,
    /// How careful to be.
    pub class: EnvironmentClass,
    /// How the client identifies itself.
    pub method: AuthMethod,
    /// The client's id.
    pub client_id: String,
    /// Where its secret is; [`SecretSource::Given`] cannot be written.
    pub secret: SecretSource,
    /// Whether changes are refused, where that is not what the class says anyway.
    pub read_only: Option<bool>,
    /// What the client may do, if that is known.
    pub features: Vec<ClientFeature>,
}

/// The configuration file, open for changes.
pub struct Editor {
    path: PathBuf,
    document: DocumentMut,
}

impl Editor {
    /// Opens the file, or begins one. A file that is at fault is not changed: its fault comes first.
    pub fn open(paths: &Paths) -> Result<Self, Failure> {
        Config::load(Some(paths))?;
        let path = paths.config.join(FILE);
        // A link to a file that is kept elsewhere stays one.
        let path = fs::canonicalize(&path).unwrap_or(path);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(unwritable(&path, &error)),
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let document = text
            .parse()
            .map_err(|error: toml_edit::TomlError| unwritable(&path, &error.message()))?;
        Ok(Self { path, document })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is an environment of this name in the file.
    pub fn has(&self, name: &str) -> bool {
        let environments = self.document.get("environments");
        let environments = environments.and_then(Item::as_table_like);
        environments.is_some_and(|environments| environments.contains_key(name))
    }

    /// Adds an environment, or puts it in the place of the one of this name; what that said besides is gone.
    pub fn put(&mut self, entry: &Entry) {
        let is_there = self.environments().contains_key(&entry.name);
        let mut table = table_of(entry);
        if let Some(Item::Table(old)) = self.environments().get(&entry.name) {
            *table.decor_mut() = old.decor().clone();
            table.set_position(old.position());
        } else if !is_there && !self.document.to_string().trim().is_empty() {
            table.decor_mut().set_prefix("\n");
        }
        self.environments().insert(&entry.name, Item::Table(table));
    }

    /// Removes an environment, with the comment that stands right above it. If it was the default, the sandbox is again.
    pub fn remove(&mut self, name: &str) {
        let default = self.document.get(DEFAULT);
        if default.and_then(Item::as_str) == Some(name) {
            let decor = self
                .document
                .key(DEFAULT)
                .map(|key| key.leaf_decor().clone());
            self.document.remove(DEFAULT);
            if let Some(decor) = decor {
                self.put_above_what_follows(None, apart(text_above(&decor)).0);
            }
        }
        if let Some(Item::Table(removed)) = self.environments().remove(name) {
            let above = apart(text_above(removed.decor())).0;
            self.put_above_what_follows(removed.position(), above);
        }
    }

    /// Puts a comment above the first table behind this place, or at the end.
    fn put_above_what_follows(&mut self, place: Option<isize>, comment: &str) {
        if comment.trim().is_empty() {
            return;
        }
        let is_at_end = match next_table(self.document.as_table_mut(), place) {
            Some(next) => {
                let own = text_above(next.decor());
                let blank = if own.starts_with('\n') { "" } else { "\n" };
                let prefix = format!(
                    "{}{blank}{own}",
                    comment.trim_end_matches('\n').to_owned() + "\n"
                );
                next.decor_mut().set_prefix(prefix);
                false
            }
            None => true,
        };
        if is_at_end {
            let trailing = self.document.trailing().as_str().unwrap_or_default();
            let trailing = format!("{comment}{trailing}");
            self.document.set_trailing(trailing);
        }
    }

    /// Makes an environment the one that is used when none is named.
    pub fn make_default(&mut self, name: &str) {
        if let Some(Item::Value(old)) = self.document.get_mut(DEFAULT) {
            let decor = old.decor().clone();
            *old = name.into();
            *old.decor_mut() = decor;
            return;
        }
        let is_first = !self.document.iter().any(|(_, item)| item.is_value());
        self.document.insert(DEFAULT, value(name));
        if !is_first {
            return;
        }
        // It stands before all tables: below what is about the whole file, above what is about the first of them.
        if let Some(first) = next_table(self.document.as_table_mut(), None) {
            let text = text_above(first.decor()).to_owned();
            let (above, own) = apart(&text);
            first
                .decor_mut()
                .set_prefix(format!("\n{}", own.trim_start_matches('\n')));
            if let Some(mut key) = self.document.key_mut(DEFAULT) {
                key.leaf_decor_mut().set_prefix(above);
            }
        }
    }

    /// Writes the file, for its owner alone, whole; gives what it says now. Nothing is written when that would be at
    /// fault.
    pub fn write(&self) -> Result<Config, Failure> {
        let text = self.document.to_string();
        let config = file::read(&text, &self.path)?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let name = self.path.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or(FILE);
        create_private(folder)
            .and_then(|()| files::replace(folder, name, text.as_bytes()))
            .map_err(|error| unwritable(&self.path, &error))?;
        Ok(config)
    }

    fn environments(&mut self) -> &mut dyn toml_edit::TableLike {
        let item = self.document.entry("environments").or_insert_with(|| {
            let mut table = Table::new();
            // No header of its own.
            table.set_implicit(true);
            Item::Table(table)
        });
        item.as_table_like_mut()
            .expect("the file was read, so this is a table")
    }
}

/// The comments and blank lines above something.
fn text_above(decor: &Decor) -> &str {
    let prefix = decor.prefix().and_then(|prefix| prefix.as_str());
    prefix.unwrap_or_default()
}

/// What stands above something, in two: what is about something else, up to the last blank line, and its own comment.
fn apart(text: &str) -> (&str, &str) {
    let end = text.rfind("\n\n").map_or(0, |end| end + 2);
    text.split_at(end)
}

fn unwritable(path: &Path, why: &dyn std::fmt::Display) -> Failure {
    let message = format!("the configuration {} cannot be changed", path.display());
    Failure::new(FailureKind::Usage, message).because(why)
}

/// The first table behind `position`, in the order of the file.
fn next_table(table: &mut Table, position: Option<isize>) -> Option<&mut Table> {
    let mut next: Option<&mut Table> = None;
    let mut waiting: Vec<&mut Table> = vec![table];
    while let Some(table) = waiting.pop() {
        // Only tables with a header of their own are told from the others by their place.
        let is_behind = table.position() > position && !table.is_implicit();
        let is_nearer = next
            .as_ref()
            .is_none_or(|next| table.position() < next.position());
        if is_behind && is_nearer {
            next = Some(table);
            continue;
        }
        let inner = table.iter_mut().map(|(_, item)| item);
        waiting.extend(inner.filter_map(Item::as_table_mut));
    }
    next
}

fn table_of(entry: &Entry) -> Table {
    let mut table = Table::new();
    let mut put = |key: &str, item: toml_edit::Value| {
        table.insert(key, value(item));
    };
    put("domain", entry.domain.as_str().into());
    put("class", entry.class.name().into());
    if entry.method != AuthMethod::default() {
        put("auth", method_word(entry.method).into());
    }
    put("client_id", entry.client_id.as_str().into());
    match &entry.secret {
        SecretSource::Env(variable) => put("secret_env", variable.as_str().into()),
        SecretSource::Command(words) => {
            put("secret_command", words.iter().collect::<Array>().into());
        }
        SecretSource::File(path) => put("secret_file", path.to_string_lossy().as_ref().into()),
        SecretSource::Given(_) => unreachable!("a secret is never written into the configuration"),
    }
    if let Some(read_only) = entry.read_only {
        put("read_only", read_only.into());
    }
    if !entry.features.is_empty() {
        let names = entry.features.iter().map(|feature| feature.name());
        put("features", names.collect::<Array>().into());
    }
    table
}

/// The word of the configuration for how a client identifies itself.
pub fn method_word(method: AuthMethod) -> &'static str {
    match method {
        AuthMethod::Basic => "basic",
        AuthMethod::Signed => "signed",
        AuthMethod::Params => "params",
        AuthMethod::Token => "token",
    }
}

/// The name of the file beside the configuration that holds an environment's secret.
pub fn secret_file_name(environment: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = environment
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect::<String>();
    format!("{}.secret", name.trim_start_matches('.'))
}

/// Writes a secret into a new file for its owner alone; one that is there is only replaced if `replace` says so.
pub fn write_secret(path: &Path, secret: &Secret, replace: bool) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private(folder)?;
    let text = format!("{}\n", secret.reveal());
    if replace && path.is_file() {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or(io::ErrorKind::InvalidInput)?;
        return files::replace(folder, name, text.as_bytes()).map(drop);
    }
    let mut file = files::NewFile::begin(path)?;
    file.write_all(text.as_bytes())?;
    file.finish()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const WRITTEN: &str = "# My settings.\n\n# The one I use.\ndefault_environment = \"old\" # for now\n\n\
        [timeouts]\ntotal_seconds = 30 # slow\n\n# About all of them.\n\n# The old one.\n[environments.old]\n\
        domain = \"https://old.x\"\nclass = \"dev\"\nclient_id = \"i\"\nsecret_env = \"S\"\n\n# Keep nothing.\n[history]\n\
        enabled = false\n# The end.\n";

    fn entry(name: &str) -> Entry {
        Entry {
            name: name.to_owned(),
            domain: "https://new.x".to_owned(),
            class: EnvironmentClass::Prod,
            method: AuthMethod::Signed,
            client_id: "cid".to_owned(),
            secret: SecretSource::Command(["pass", "show x"].map(str::to_owned).to_vec()),
            read_only: Some(false),
            features: vec![ClientFeature::DirectAccess],
        }
    }

    fn edited(text: &str, edit: impl FnOnce(&mut Editor)) -> String {
        let folder = tempfile::tempdir().expect("makes a folder");
        let paths = Paths::below(folder.path());
        let path = paths.config.join(FILE);
        if !text.is_empty() {
            fs::create_dir_all(&paths.config).expect("makes a folder");
            fs::write(&path, text).expect("writes");
        }
        let mut editor = Editor::open(&paths).expect("opens");
        edit(&mut editor);
        editor.write().expect("writes");
        let mode = fs::metadata(&path).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::read_to_string(&path).expect("reads")
    }

    #[test]
    fn an_environment_is_added_and_all_else_stays() {
        let told = "[environments.new]\ndomain = \"https://new.x\"\nclass = \"prod\"\nauth = \"signed\"\n\
                    client_id = \"cid\"\nsecret_command = [\"pass\", \"show x\"]\nread_only = false\n\
                    features = [\"direct_access\"]\n";
        assert_eq!(edited("", |editor| editor.put(&entry("new"))), told);
        let text = edited(WRITTEN, |editor| editor.put(&entry("new")));
        assert!(text.contains(&format!("\n\n{told}")), "{text}");
        let without = text.replacen(&format!("\n{told}"), "", 1);
        assert_eq!(without, WRITTEN);
    }

    #[test]
    fn an_environment_is_replaced_in_its_place() {
        let text = edited(WRITTEN, |editor| editor.put(&entry("old")));
        assert!(
            text.contains("\n# The old one.\n[environments.old]\ndomain = \"https://new.x\"\n")
        );
        assert!(!text.contains("secret_env"), "{text}");
        assert!(text.ends_with("\n# Keep nothing.\n[history]\nenabled = false\n# The end.\n"));
    }

    #[test]
    fn an_environment_goes_with_its_own_comment_alone() {
        let text = edited(WRITTEN, |editor| editor.remove("old"));
        assert_eq!(
            text,
            "# My settings.\n\n[timeouts]\ntotal_seconds = 30 # slow\n\n# About all of them.\n\n# Keep nothing.\n\
             [history]\nenabled = false\n# The end.\n"
        );
    }

    #[test]
    fn the_last_one_leaves_what_stood_above_it() {
        let text = "# Mine.\n\n# One.\n[environments.a]\ndomain='https://a'\nclass='dev'\nclient_id='i'\nsecret_env='S'\n";
        let left = edited(text, |editor| editor.remove("a"));
        assert_eq!(left.trim(), "# Mine.");
    }

    #[test]
    fn the_default_is_changed_where_it_stands() {
        let text = edited(WRITTEN, |editor| editor.make_default("sandbox"));
        let expected = WRITTEN.replace("\"old\" # for now", "\"sandbox\" # for now");
        assert_eq!(text, expected);
        let text = edited("[history]\nenabled = false\n", |editor| {
            editor.make_default("sandbox");
        });
        assert!(
            text.starts_with("default_environment = \"sandbox\"\n"),
            "{text}"
        );
    }

    #[test]
    fn a_fault_comes_before_a_change_and_a_wrong_change_is_not_written() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let paths = Paths::below(folder.path());
        fs::create_dir_all(&paths.config).expect("makes a folder");
        let path = paths.config.join(FILE);
        fs::write(&path, "tiemouts = 1").expect("writes");
        let failure = Editor::open(&paths).err().expect("is at fault");
        assert!(failure.message.contains("unknown key"), "{failure}");
        fs::write(&path, "").expect("writes");
        let mut editor = Editor::open(&paths).expect("opens");
        editor.make_default("nowhere");
        assert!(editor.write().is_err());
        assert_eq!(fs::read_to_string(&path).expect("reads"), "");
    }

    #[test]
    fn names_of_environments_make_names_of_files() {
        for (name, file) in [
            ("dev", "dev.secret"),
            ("eu.prod", "eu.prod.secret"),
            ("../x", "_x.secret"),
            ("a b/c", "a_b_c.secret"),
        ] {
            assert_eq!(secret_file_name(name), file);
        }
    }
}
