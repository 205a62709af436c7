//! Where pip, uv and pinproof keep what they fetched for this user, unless their configuration says otherwise.

use std::path::PathBuf;

use crate::cli::Global;
use crate::resolve::{cache_dir, folder};

/// The folders that may be there; a folder that a configuration file of pip or uv names is not among them.
pub(crate) fn folders(global: &Global) -> Vec<PathBuf> {
    let below = |folder: Option<PathBuf>, path: &str| folder.map(|folder| folder.join(path));
    let home = || folder("HOME");
    let usual = || folder("XDG_CACHE_HOME").or_else(|| below(home(), ".cache"));
    let (pip, uv) = if cfg!(windows) {
        let local = || folder("LOCALAPPDATA");
        (below(local(), "pip/Cache"), below(local(), "uv/cache"))
    } else if cfg!(target_os = "macos") {
        // uv goes by the rules of other systems there.
        (below(home(), "Library/Caches/pip"), below(usual(), "uv"))
    } else {
        (below(usual(), "pip"), below(usual(), "uv"))
    };
    let folders = [
        folder("PIP_CACHE_DIR").or(pip),
        folder("UV_CACHE_DIR").or(uv),
        cache_dir(global),
    ];
    folders.into_iter().flatten().collect()
}
