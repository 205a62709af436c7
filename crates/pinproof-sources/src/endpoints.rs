//! Every public address the product knows; the rest of the code says "PyPI".

/// `PyPI`'s index, which speaks the Simple API (PEP 503, PEP 691).
pub const PYPI_INDEX: &str = "https://pypi.org/simple/";

/// The host that `PyPI`'s pages name for their files.
pub const PYPI_FILES: &str = "https://files.pythonhosted.org/";
