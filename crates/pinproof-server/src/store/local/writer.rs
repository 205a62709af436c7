//! The one who writes: a thread with the only connection that may, and all who wait are committed at once.
//!
//! A commit waits for the disk, and meanwhile the next jobs queue up, so a batch grows by itself as large as the disk is
//! slow. No job is held back to fill one.

use std::thread::{self, JoinHandle};

use pinproof_core::Printable;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::columns::failed;
use crate::store::error::StoreError;

/// Jobs that wait; who comes then waits to wait.
const MOST_WAITING: usize = 4096;
/// Jobs of one commit.
const MOST_AT_ONCE: usize = 1024;

/// Tells whoever waits what became of the job, once it is known whether it is on the disk.
type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Work within the transaction, or the reason why there is none.
type Job = Box<dyn FnOnce(Result<&Connection, &StoreError>) -> Reply + Send>;

/// Hands jobs to the thread that writes.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. What it `keeps` is let go when the last job is done.
    pub(super) fn start(
        connection: Connection,
        keeps: impl Send + 'static,
    ) -> Result<Self, StoreError> {
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                work_off(&connection, waiting);
                drop(connection);
                drop(keeps);
            })
            .map_err(|error| StoreError::io("the store needs a thread", &error))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Jobs that wait.
    pub(super) fn waiting(&self) -> u64 {
        let waiting = self.jobs.as_ref();
        waiting.map_or(0, |jobs| (jobs.max_capacity() - jobs.capacity()) as u64)
    }

    /// Does something, all of it or nothing; the answer comes when it is on the disk.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let done = match connection {
                Ok(connection) => all_or_nothing(connection, work),
                Err(error) => Err(error.clone()),
            };
            Box::new(move |committed: Result<(), StoreError>| {
                // Nobody may be waiting any more.
                let _ = answer.send(done.and_then(|value| committed.map(|()| value)));
            })
        });
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

impl Drop for Writer {
    /// What waits is still done, and the folder is free afterwards.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed, and every job since has failed.
            let _ = thread.join();
        }
    }
}

fn work_off(connection: &Connection, mut waiting: mpsc::Receiver<Job>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut state = execute(connection, "BEGIN IMMEDIATE");
        let mut replies = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            replies.push(job(state.as_ref().map(|()| connection)));
            if state.is_ok() && connection.is_autocommit() {
                // A full disk may roll everything back; whatever came after it would be on its own.
                state = Err(lost());
            }
            next = (replies.len() < MOST_AT_ONCE)
                .then(|| waiting.try_recv().ok())
                .flatten();
        }
        let committed = state.and_then(|()| commit(connection));
        for reply in replies {
            reply(committed.clone());
        }
    }
}

fn lost() -> StoreError {
    StoreError::Failed {
        what: Printable::new("the database"),
        why: Printable::new("it gave up the transaction"),
    }
}

fn commit(connection: &Connection) -> Result<(), StoreError> {
    let committed = execute(connection, "COMMIT");
    if committed.is_err() && !connection.is_autocommit() {
        // If this fails too, the next BEGIN does, and says it.
        let _ = execute(connection, "ROLLBACK");
    }
    committed
}

/// One job that fails takes nothing with it from the others.
fn all_or_nothing<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    execute(connection, "SAVEPOINT job")?;
    let done = work(connection);
    if done.is_err() && connection.is_autocommit() {
        // There is no transaction any more, and nothing to take back.
        return done;
    }
    if done.is_err() {
        execute(connection, "ROLLBACK TO job")?;
    }
    execute(connection, "RELEASE job")?;
    done
}

fn execute(connection: &Connection, sql: &'static str) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    statement.execute([]).map(|_| ()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rusqlite::Connection;

    use super::Writer;
    use crate::store::error::StoreError;
    use crate::store::local::columns::failed;

    fn insert(connection: &Connection, id: i64, size: usize) -> Result<i64, StoreError> {
        let values = (id, vec![7; size]);
        let inserted = connection.execute("INSERT INTO kept VALUES (?1, ?2)", values);
        inserted.map(|_| id).map_err(failed)
    }

    fn ids(connection: &Connection) -> Vec<i64> {
        let mut statement = connection
            .prepare("SELECT id FROM kept ORDER BY id")
            .unwrap();
        let ids = statement.query_map([], |row| row.get(0)).unwrap();
        ids.map(Result::unwrap).collect()
    }

    fn writer(folder: &std::path::Path) -> Writer {
        let connection = Connection::open(folder.join("db")).unwrap();
        let sql =
            "PRAGMA journal_mode = WAL; CREATE TABLE kept (id INTEGER PRIMARY KEY, content BLOB);
                   PRAGMA max_page_count = 60;";
        connection.execute_batch(sql).unwrap();
        Writer::start(connection, ()).unwrap()
    }

    /// Where the disk is full, some of those who write at once get an error. What they hear is what is there.
    #[tokio::test]
    async fn a_full_disk_takes_nothing_that_was_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Arc::new(writer(folder.path()));
        let (mut acknowledged, mut full) = (Vec::new(), 0);
        for wave in 0..20 {
            let ids = wave * 10..(wave + 1) * 10;
            let tasks: Vec<_> = ids
                .map(|id| {
                    let writer = Arc::clone(&writer);
                    let size = if id % 10 == 5 { 20_000 } else { 100 };
                    tokio::spawn(async move { writer.run(move |c| insert(c, id, size)).await })
                })
                .collect();
            for task in tasks {
                match task.await.unwrap() {
                    Ok(id) => acknowledged.push(id),
                    Err(error) => {
                        let said = error.to_string();
                        assert!(said.contains("full") || said.contains("gave up"), "{said}");
                        full += usize::from(said.contains("full"));
                    }
                }
            }
        }
        acknowledged.sort_unstable();
        assert!(full > 0, "the disk was never full");
        assert!(!acknowledged.is_empty());
        assert_eq!(writer.run(|c| Ok(ids(c))).await, Ok(acknowledged));
    }

    #[tokio::test]
    async fn a_job_that_fails_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(folder.path());
        let (good, bad, other) = tokio::join!(
            writer.run(|c| insert(c, 1, 10)),
            writer.run(|c| insert(c, 2, 10).and_then(|_| insert(c, 1, 10))),
            writer.run(|c| insert(c, 3, 10)),
        );
        assert_eq!((good, other), (Ok(1), Ok(3)));
        assert!(bad.is_err());
        assert_eq!(writer.run(|c| Ok(ids(c))).await, Ok(vec![1, 3]));
    }
}
