//! `SQLite` and a folder.

mod backups;
mod damage;
mod opening;
mod properties;
mod stories;
mod tampering;

use std::path::{Path, PathBuf};

use pinproof_server::store::local::LocalStore;
use rusqlite::Connection;
use tempfile::TempDir;

mod cases {
    //! What every implementation has to do.

    crate::conformance::every_case!(super::open);
}

fn open(folder: &Path) -> LocalStore {
    LocalStore::open(&folder.join("data")).unwrap()
}

/// A data folder that is gone at the end of the test.
struct Home {
    folder: TempDir,
}

impl Home {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn open(&self) -> LocalStore {
        open(self.folder.path())
    }

    /// The database in the hands of somebody with a shell, who first removes what guards it.
    fn edit(&self, sql: &str) {
        let connection = Connection::open(self.data().join("store.sqlite3")).unwrap();
        let guards: Vec<(String, String)> = {
            let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'";
            let mut statement = connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
            rows.unwrap().map(Result::unwrap).collect()
        };
        for (name, _) in &guards {
            connection
                .execute_batch(&format!("DROP TRIGGER {name}"))
                .unwrap();
        }
        connection
            .pragma_update(None, "ignore_check_constraints", true)
            .unwrap();
        connection.execute_batch(sql).unwrap();
        for (_, sql) in &guards {
            connection.execute_batch(sql).unwrap();
        }
    }
}
