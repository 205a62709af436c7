//! A progress line on the terminal, for work that takes longer than a glance.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pinproof_engine::download::Transfer;
use pinproof_engine::gather::Progress;
use pinproof_engine::sources::Meter;

/// Work that is done sooner shows nothing.
const PATIENCE: Duration = Duration::from_millis(300);

/// Draws one line for each phase, on stderr.
pub(crate) struct Line {
    is_shown: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Line {
    pub(crate) fn new(is_shown: bool) -> Self {
        Self {
            is_shown,
            bar: Mutex::new(None),
        }
    }

    fn start(&self, bar: ProgressBar, phase: &'static str, template: &str) {
        if !self.is_shown {
            return;
        }
        let started = std::time::Instant::now();
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = bar.with_style(style).with_message(phase);
        self.with_bar(|slot| *slot = Some(bar.with_elapsed(started.elapsed())));
    }

    fn stop(&self) {
        self.with_bar(|slot| {
            if let Some(bar) = slot.take() {
                bar.finish_and_clear();
            }
        });
    }

    fn with_shown_bar(&self, act: impl FnOnce(&ProgressBar)) {
        self.with_bar(|slot| {
            if let Some(bar) = slot {
                if bar.is_hidden() && bar.elapsed() > PATIENCE {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                act(bar);
            }
        });
    }

    fn with_bar(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        if let Ok(mut bar) = self.bar.lock() {
            act(&mut bar);
        }
    }
}

impl Progress for Line {
    fn begin(&self, phase: &'static str, total: usize) {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
        self.start(bar, phase, "{msg} {pos}/{len} {bar:30}");
    }

    fn advance(&self) {
        self.with_shown_bar(|bar| bar.inc(1));
    }

    fn end(&self) {
        self.stop();
    }
}

impl Meter for Line {
    fn received(&self, bytes: u64) {
        self.with_shown_bar(|bar| bar.inc(bytes));
    }

    fn discarded(&self, bytes: u64) {
        self.with_shown_bar(|bar| bar.dec(bytes));
    }
}

impl Transfer for Line {
    fn begin(&self, files: usize, bytes: Option<u64>) {
        let bar = ProgressBar::with_draw_target(bytes, ProgressDrawTarget::hidden());
        let template = if bytes.is_some() {
            "{msg} {bytes}/{total_bytes} {bar:30} {prefix}"
        } else {
            "{msg} {bytes} {prefix}"
        };
        let bar = bar.with_prefix(crate::output::wording::count(files, "file", "files"));
        self.start(bar, "fetching", template);
    }

    fn file_done(&self) {}

    fn end(&self) {
        self.stop();
    }
}
