//! What a command is told by variables: to ask the gateway, and to get everything else through the fence.

use std::ffi::OsString;
use std::path::Path;

/// A variable, and its value; `None` takes it away.
pub(super) type Variable = (&'static str, Option<OsString>);

/// What leads a client elsewhere, and is taken away.
const TAKEN_AWAY: [&str; 28] = [
    "PIP_PYPI_URL",
    "PIP_ISOLATED",
    "PIP_TRUSTED_HOST",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INDEX_STRATEGY",
    "UV_CONFIG_FILE",
    "UV_TORCH_BACKEND",
    "UV_INSECURE_HOST",
    "UV_OFFLINE",
    "UV_HTTP_PROXY",
    "UV_HTTPS_PROXY",
    "UV_NO_PROXY",
    "UV_PYPI_URL",
    "PDM_IGNORE_STORED_INDEX",
    "PDM_PYPI_USERNAME",
    "PDM_PYPI_PASSWORD",
    "PDM_PYPI_JSON_API",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PDM_PYPI_CA_CERTS",
    "PDM_PYPI_CLIENT_CERT",
    "PDM_PYPI_CLIENT_KEY",
    "PDM_PYPI_VERIFY_SSL",
    "UV_EMIT_INDEX_URL",
    "UV_EMIT_FIND_LINKS",
];

/// The variables of proxies, as clients read them.
const PROXIES: [&str; 6] = [
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
];
const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// Where a command is led.
pub(super) struct Led<'a> {
    /// The index of the gateway.
    pub(super) index: &'a str,
    /// The fence; a program that nobody here knows has none: what it does besides is its own matter.
    pub(super) fence: Option<&'a str>,
    /// A folder with nothing in it.
    pub(super) nothing: &'a Path,
}

impl Led<'_> {
    /// What the command is told.
    pub(super) fn variables(&self) -> Vec<Variable> {
        let text = |text: &str| Some(OsString::from(text));
        let mut variables: Vec<Variable> = TAKEN_AWAY.map(|name| (name, None)).to_vec();
        variables.extend([
            // A value replaces what files of pip say; an empty one would not. So each has one.
            ("PIP_INDEX_URL", text(self.index)),
            ("PIP_EXTRA_INDEX_URL", text(self.index)),
            ("PIP_FIND_LINKS", Some(self.nothing.into())),
            ("PIP_NO_INDEX", text("0")),
            ("UV_DEFAULT_INDEX", text(self.index)),
            // uv adds what its files and the project say to what variables say.
            ("UV_NO_CONFIG", text("1")),
            ("PDM_PYPI_URL", text(self.index)),
            ("PDM_CHECK_UPDATE", text("0")),
            ("PIP_DISABLE_PIP_VERSION_CHECK", text("1")),
        ]);
        if let Some(fence) = self.fence {
            variables.extend(PROXIES.map(|name| (name, text(fence))));
            variables.extend(NO_PROXY.map(|name| (name, None)));
            variables.push(("PIP_PROXY", text(fence)));
        }
        variables
    }
}

/// Whether this machine is told to reach others through a proxy.
pub(super) fn is_behind_proxy() -> bool {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    PROXIES.iter().any(is_set)
}

/// Variables that name files of requirements, as the command line of pip and uv does.
pub(super) const INPUTS_OF_PIP: [&str; 3] =
    ["PIP_REQUIREMENT", "PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT"];
/// The same of uv.
pub(super) const INPUTS_OF_UV: [&str; 4] = [
    "UV_CONSTRAINT",
    "UV_OVERRIDE",
    "UV_BUILD_CONSTRAINT",
    "UV_EXCLUDE",
];
