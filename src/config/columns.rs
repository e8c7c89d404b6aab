//! Which columns of records were chosen, per environment and entity type: one private file in the folder for state.
//! Used by the worker; knows neither schemas nor screens. A file that cannot be read as it should be counts as none: it
//! holds nothing but a way to look at things.
//!
//! ```text
//! {"sandbox":{"user":["email","primaryAddress.city"]}}
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::config::paths;

/// The chosen columns of each entity type of one environment, as dotted paths.
pub type Columns = BTreeMap<String, Vec<String>>;

const FILE: &str = "columns.json";

/// The columns chosen in `environment`; none when none were, or they cannot be read.
pub fn read(folder: &Path, environment: &str) -> Columns {
    let mut columns = Columns::new();
    let all = read_all(folder);
    let types = all.get(environment).and_then(Json::as_object);
    for (type_name, names) in types.into_iter().flatten() {
        let names = names.as_array().unwrap_or_default().iter();
        let names = names.filter_map(Json::as_str).map(str::to_owned);
        columns.insert(type_name.clone(), names.collect());
    }
    columns
}

/// Keeps the columns of one entity type beside all others that are kept; no columns means none were chosen.
pub fn keep(
    folder: &Path,
    environment: &str,
    type_name: &str,
    columns: &[String],
) -> io::Result<()> {
    let mut all = read_all(folder);
    let types = all.get_or_insert_with(environment.to_owned(), || Json::Null);
    if types.as_object().is_none() {
        *types = Json::Object(Object::new());
    }
    if let Some(types) = types.as_object_mut() {
        if columns.is_empty() {
            types.shift_remove(type_name);
        } else {
            let names = columns.iter().map(|name| Json::from(name.as_str()));
            types.insert(type_name.to_owned(), Json::Array(names.collect()));
        }
    }
    write(folder, &Json::Object(all).to_string())
}

fn read_all(folder: &Path) -> Object {
    let text = fs::read_to_string(folder.join(FILE)).unwrap_or_default();
    match Json::parse(&text) {
        Ok(Json::Object(all)) => all,
        _ => Object::new(),
    }
}

/// Replaces the file at once: whoever reads it finds the one or the other whole.
fn write(folder: &Path, text: &str) -> io::Result<()> {
    paths::create_private(folder)?;
    let (mut file, path) = create_beside(folder)?;
    file.write_all(text.as_bytes())?;
    fs::rename(path, folder.join(FILE))
}

fn create_beside(folder: &Path) -> io::Result<(fs::File, PathBuf)> {
    let path = folder.join(format!("{FILE}.{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok((options.open(&path)?, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_kept_apart_by_environment_and_type() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let folder = folder.path().join("state");
        assert_eq!(read(&folder, "sandbox"), Columns::new());
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        for (environment, type_name, columns) in [
            ("sandbox", "user", names(&["email"])),
            ("sandbox", "user2", names(&["consent", "a.b"])),
            ("prod", "user", names(&["uuid"])),
            ("sandbox", "user", names(&["displayName"])),
        ] {
            keep(&folder, environment, type_name, &columns).expect("writes");
        }
        let sandbox = read(&folder, "sandbox");
        assert_eq!(sandbox["user"], ["displayName"]);
        assert_eq!(sandbox["user2"], ["consent", "a.b"]);
        assert_eq!(read(&folder, "prod")["user"], ["uuid"]);
        keep(&folder, "sandbox", "user", &[]).expect("writes");
        assert_eq!(read(&folder, "sandbox").len(), 1);
        let left: Vec<_> = fs::read_dir(&folder).expect("lists").collect();
        assert_eq!(left.len(), 1, "nothing but the file: {left:?}");
    }

    #[test]
    fn a_broken_file_counts_as_none_and_is_replaced() {
        let folder = tempfile::tempdir().expect("makes a folder");
        for text in [
            "",
            "{",
            "[]",
            r#"{"sandbox":5}"#,
            r#"{"sandbox":{"user":"email"}}"#,
        ] {
            fs::write(folder.path().join(FILE), text).expect("writes");
            assert!(
                read(folder.path(), "sandbox").values().all(Vec::is_empty),
                "{text}"
            );
            keep(folder.path(), "sandbox", "user", &["id".to_owned()]).expect("writes");
            assert_eq!(read(folder.path(), "sandbox")["user"], ["id"], "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("makes a folder");
        keep(folder.path(), "sandbox", "user", &["id".to_owned()]).expect("writes");
        let metadata = fs::metadata(folder.path().join(FILE)).expect("is there");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
}
