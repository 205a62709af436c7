//! SQLite and a folder.

mod cases {
    //! What every implementation has to do.

    use std::path::Path;

    use pinproof_server::store::local::LocalStore;

    crate::conformance::every_case!(open);

    fn open(folder: &Path) -> LocalStore {
        LocalStore::open(&folder.join("data")).unwrap()
    }
}
