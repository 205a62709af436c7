//! The modules of Python itself: people install what they import.

/// Modules of the standard library of Python 2.7 to 3.14, sorted.
static STANDARD: &str = include_str!("../../data/python-modules.txt");

/// The module of the standard library with this name.
pub(super) fn standard(name: &str) -> Option<&'static str> {
    STANDARD.lines().find(|module| *module == name)
}
