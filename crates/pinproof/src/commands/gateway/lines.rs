//! Lines of a gateway on stderr: whoever reads them slowly, or not at all, holds up nobody who is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use pinproof_core::Printable;
use pinproof_server::gateway::{Event, Level, Observed};

use crate::console::Console;
use crate::output::served;

/// Lines that wait to be written; what comes then is counted instead.
const MOST_WAITING: usize = 10_000;
/// Between two writes: a thread that is woken for each line takes a processor from those who answer.
const BREATH: Duration = Duration::from_millis(5);
/// Bytes of lines that are written in one go.
const AT_ONCE: usize = 256 * 1024;
/// How long the last lines may take at the end.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where lines go; a thread writes them.
#[derive(Clone)]
pub(super) struct Lines {
    queue: SyncSender<Job>,
    lost: Arc<AtomicU64>,
}

enum Job {
    Write(Timestamp, Observed),
    /// Tells when everything before it is written.
    End(SyncSender<()>),
}

impl Lines {
    /// Starts to write.
    pub(super) fn start(console: Console, is_json: bool) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(MOST_WAITING);
        let lost = Arc::<AtomicU64>::default();
        let writer = Writer {
            console,
            is_json,
            lost: Arc::clone(&lost),
        };
        let thread = thread::Builder::new().name("lines".to_owned());
        // It ends with the process: it may hang where nobody reads.
        drop(thread.spawn(move || writer.work(&jobs))?);
        Ok(Self { queue, lost })
    }

    /// Has something written.
    pub(super) fn tell(&self, observed: Observed) {
        let job = Job::Write(Timestamp::now(), observed);
        if self.queue.try_send(job).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Has an event written.
    pub(super) fn event(&self, event: Event) {
        self.tell(Observed::Event(event));
    }

    /// Waits until everything is written, but not for ever.
    pub(super) fn finish(&self) {
        let (done, waiting) = sync_channel(1);
        if self.queue.try_send(Job::End(done)).is_ok() {
            let _ = waiting.recv_timeout(PATIENCE);
        }
    }
}

struct Writer {
    console: Console,
    is_json: bool,
    lost: Arc<AtomicU64>,
}

impl Writer {
    /// Lines that wait together are written together.
    fn work(&self, jobs: &Receiver<Job>) {
        while let Ok(job) = jobs.recv() {
            let mut text = String::new();
            let mut next = Some(job);
            let mut ended = None;
            while let Some(job) = next {
                match job {
                    Job::Write(at, observed) => self.add(&mut text, at, &observed),
                    Job::End(done) => ended = Some(done),
                }
                let goes_on = text.len() < AT_ONCE && ended.is_none();
                next = goes_on.then(|| jobs.try_recv().ok()).flatten();
            }
            self.add_lost(&mut text);
            self.console.lines(&text);
            thread::sleep(BREATH);
            if let Some(done) = ended {
                // Whoever waits for it may have gone.
                let _ = done.send(());
            }
        }
    }

    fn add_lost(&self, text: &mut String) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let said =
                format!("{lost} lines are missing here: they came faster than they were read");
            let event = Event::warning(Printable::from(said));
            self.add(text, Timestamp::now(), &Observed::Event(event));
        }
    }

    fn add(&self, text: &mut String, at: Timestamp, observed: &Observed) {
        let is_event = matches!(observed, Observed::Event(event) if event.level != Level::Info);
        if is_event || !self.console.is_quiet() {
            text.push_str(&served::line(observed, at, self.is_json));
            text.push('\n');
        }
    }
}
