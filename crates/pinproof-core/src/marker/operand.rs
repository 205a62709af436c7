//! The two sides of a marker comparison: variables and texts.

use std::fmt;

/// The variable that stands for an extra asked for.
pub(super) const EXTRA: &str = "extra";

/// Every spelling of a variable with its name; those with a dot are older than PEP 508.
pub(super) const VARIABLES: [(&str, &str); 20] = [
    ("python_version", "python_version"),
    ("python_full_version", "python_full_version"),
    ("os_name", "os_name"),
    ("os.name", "os_name"),
    ("sys_platform", "sys_platform"),
    ("sys.platform", "sys_platform"),
    ("platform_release", "platform_release"),
    ("platform_system", "platform_system"),
    ("platform_version", "platform_version"),
    ("platform.version", "platform_version"),
    ("platform_machine", "platform_machine"),
    ("platform.machine", "platform_machine"),
    (
        "platform_python_implementation",
        "platform_python_implementation",
    ),
    (
        "platform.python_implementation",
        "platform_python_implementation",
    ),
    ("python_implementation", "platform_python_implementation"),
    ("implementation_name", "implementation_name"),
    ("implementation_version", "implementation_version"),
    (EXTRA, EXTRA),
    ("extras", "extras"),
    ("dependency_groups", "dependency_groups"),
];

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// A variable by its name.
    Variable(&'static str),
    /// A quoted text.
    Text(String),
}

impl Operand {
    /// The text, or the variable's name.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Variable(name) => name,
            Self::Text(text) => text,
        }
    }

    /// Normalizes the names of extras and groups (PEP 685), on the side where a name is a name.
    pub(super) fn normalized(left: Self, right: Self) -> (Self, Self) {
        match (left, right) {
            (Self::Variable(EXTRA), Self::Text(name)) => {
                (Self::Variable(EXTRA), Self::Text(normalize(&name)))
            }
            (Self::Text(name), Self::Variable(variable)) if is_name(variable) => {
                (Self::Text(normalize(&name)), Self::Variable(variable))
            }
            unchanged => unchanged,
        }
    }
}

/// Whether the variable stands for a version, so that specifiers of PEP 440 judge it.
pub(super) fn is_version(variable: &str) -> bool {
    matches!(
        variable,
        "implementation_version" | "platform_release" | "python_full_version" | "python_version"
    )
}

/// Whether the variable is a property of the environment.
pub(super) fn is_environment(variable: &str) -> bool {
    !is_name(variable) && VARIABLES.iter().any(|(_, name)| *name == variable)
}

fn is_name(variable: &str) -> bool {
    matches!(variable, EXTRA | "extras" | "dependency_groups")
}

/// PEP 503 without a judgement: what is no name stays comparable.
fn normalize(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    for c in name.to_lowercase().chars() {
        if !matches!(c, '-' | '_' | '.') {
            normalized.push(c);
        } else if !normalized.ends_with('-') {
            normalized.push('-');
        }
    }
    normalized
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Text(text) => super::quoted::write(f, text),
        }
    }
}
