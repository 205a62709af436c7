//! What the system says of this process, where it says it for the price of reading a file.

use std::fs;

/// Memory and descriptors of this process.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Process {
    /// Bytes of memory that are in use.
    pub(super) resident: Option<u64>,
    /// Descriptors that are open.
    pub(super) open: Option<u64>,
    /// How many may be open.
    pub(super) most_open: Option<u64>,
}

impl Process {
    /// As it is now; nothing where there is no `/proc`.
    pub(super) fn now() -> Self {
        let open = fs::read_dir("/proc/self/fd").ok();
        Self {
            resident: field("/proc/self/status", "VmRSS:").map(|kilobytes| kilobytes * 1024),
            open: open.map(|entries| entries.count() as u64),
            most_open: field("/proc/self/limits", "Max open files"),
        }
    }
}

/// The first number of the line that begins so.
fn field(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let mut lines = text.lines();
    let rest = lines.find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}
