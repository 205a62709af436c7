//! Every public address the product knows; the rest of the code says "PyPI".

/// `PyPI`'s index, which speaks the Simple API (PEP 503, PEP 691).
pub const PYPI_INDEX: &str = "https://pypi.org/simple/";

/// OSV's export for the ecosystem of `PyPI`: `all.zip`, `modified_id.csv` and one file for each record.
pub const OSV_EXPORT: &str = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/";

/// OSV's API.
pub const OSV_API: &str = "https://api.osv.dev/";

/// The host that `PyPI`'s pages name for their files.
pub const PYPI_FILES: &str = "https://files.pythonhosted.org/";
