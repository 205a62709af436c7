-- The first schema. Times are microseconds since 1970, digests are 32 bytes; a fact that must not change has a trigger.

CREATE TABLE writer (
    id TEXT NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
    writer TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    entry TEXT NOT NULL,
    PRIMARY KEY (writer, sequence)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER log_is_not_changed BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER log_is_not_cut BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;

CREATE TABLE verdict (
    project TEXT NOT NULL,
    filename TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    policy TEXT NOT NULL,
    evidence TEXT NOT NULL,
    admission TEXT NOT NULL,
    rule TEXT,
    decided_at INTEGER NOT NULL,
    next_change_at INTEGER,
    times INTEGER NOT NULL CHECK (times > 0),
    PRIMARY KEY (project, filename, sha256, policy, evidence)
) STRICT, WITHOUT ROWID;

CREATE TABLE pin (
    project TEXT NOT NULL,
    filename TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    size INTEGER CHECK (size >= 0),
    upload_time INTEGER,
    upstream TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    PRIMARY KEY (project, filename)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER pin_is_not_changed BEFORE UPDATE ON pin BEGIN SELECT RAISE(ABORT, 'a pin never changes'); END;
CREATE TRIGGER pin_is_not_removed BEFORE DELETE ON pin BEGIN SELECT RAISE(ABORT, 'a pin never changes'); END;

CREATE TABLE incident (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL,
    filename TEXT NOT NULL,
    pinned BLOB NOT NULL CHECK (length(pinned) = 32),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    size INTEGER CHECK (size >= 0),
    upload_time INTEGER,
    upstream TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    UNIQUE (project, filename, sha256, upstream)
) STRICT;

CREATE TABLE file (
    sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
    size INTEGER NOT NULL CHECK (size >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE metadata (
    file BLOB NOT NULL PRIMARY KEY CHECK (length(file) = 32),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    content BLOB NOT NULL
) STRICT;

CREATE TABLE page (
    project TEXT NOT NULL,
    upstream TEXT NOT NULL,
    fetched_at INTEGER NOT NULL,
    base TEXT NOT NULL,
    content_type TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    serial INTEGER CHECK (serial >= 0),
    size INTEGER NOT NULL CHECK (size >= 0),
    body BLOB NOT NULL,
    PRIMARY KEY (project, upstream)
) STRICT;

CREATE TABLE listed (
    project TEXT NOT NULL,
    upstream TEXT NOT NULL,
    filename TEXT NOT NULL,
    version TEXT,
    first_seen INTEGER NOT NULL,
    is_listed INTEGER NOT NULL CHECK (is_listed IN (0, 1)),
    is_yanked INTEGER NOT NULL CHECK (is_yanked IN (0, 1)),
    gone_at INTEGER,
    returned_at INTEGER,
    PRIMARY KEY (project, upstream, filename)
) STRICT, WITHOUT ROWID;

CREATE TABLE presence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL,
    upstream TEXT NOT NULL,
    at INTEGER NOT NULL,
    is_present INTEGER NOT NULL CHECK (is_present IN (0, 1))
) STRICT;
CREATE INDEX presence_of_project ON presence (project, upstream, id);
