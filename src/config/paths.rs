//! Where the program keeps its files: the folders of the XDG convention.

use std::fs::DirBuilder;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use directories::BaseDirs;
use directories::ProjectDirs;

/// The program's folders. None of them need exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Settings, written by the user.
    pub config: PathBuf,
    /// The sandbox's records.
    pub data: PathBuf,
    /// The history, the drafts, and how far plans have come.
    pub state: PathBuf,
    /// What can be thrown away.
    pub cache: PathBuf,
}

impl Paths {
    /// The folders of this user; `None` when there is no home folder to put them in.
    pub fn find() -> Option<Self> {
        let project = ProjectDirs::from("", "", "captui")?;
        // A home that is not absolute would mean another folder wherever the program is started.
        if !project.data_dir().is_absolute() || !project.config_dir().is_absolute() {
            return None;
        }
        Some(Self {
            config: project.config_dir().to_owned(),
            data: project.data_dir().to_owned(),
            // Only Linux has a folder for state.
            state: project
                .state_dir()
                .map_or_else(|| project.data_local_dir().join("state"), Path::to_owned),
            cache: project.cache_dir().to_owned(),
        })
    }

    /// The folder of the sandbox inside the program, and of `captui sandbox serve`.
    pub fn sandbox(&self) -> PathBuf {
        self.data.join("sandbox")
    }

    /// The folder of the explorer's drafts.
    pub fn drafts(&self) -> PathBuf {
        self.state.join("drafts")
    }

    /// The folder of the journals of plans that have not come to their end.
    pub fn plans(&self) -> PathBuf {
        self.state.join("plans")
    }

    /// All folders below one: for tests.
    pub fn below(folder: &Path) -> Self {
        Self {
            config: folder.join("config"),
            data: folder.join("data"),
            state: folder.join("state"),
            cache: folder.join("cache"),
        }
    }
}

/// A path as it is typed: `~` at its beginning is the user's home, as in a shell.
pub fn from_home(typed: &str) -> PathBuf {
    let rest = typed
        .strip_prefix('~')
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match (rest, BaseDirs::new()) {
        (Some(rest), Some(dirs)) => dirs.home_dir().join(rest.trim_start_matches('/')),
        _ => PathBuf::from(typed),
    }
}

/// Makes a folder and those above it, for its owner alone. A folder that exists is left as it is.
pub fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
