-- The provenance of files (PEP 740), as their upstreams gave it.

CREATE TABLE provenance (
    file BLOB NOT NULL PRIMARY KEY CHECK (length(file) = 32),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    content BLOB NOT NULL
) STRICT;
