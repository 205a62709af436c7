//! A progress line on the terminal, for work that takes longer than a glance.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pinproof_engine::gather::Progress;

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

    fn with_bar(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        if let Ok(mut bar) = self.bar.lock() {
            act(&mut bar);
        }
    }
}

impl Progress for Line {
    fn begin(&self, phase: &'static str, total: usize) {
        if !self.is_shown {
            return;
        }
        let started = std::time::Instant::now();
        let style = ProgressStyle::with_template("{msg} {pos}/{len} {bar:30}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden())
            .with_style(style)
            .with_message(phase);
        self.with_bar(|slot| *slot = Some(bar.with_elapsed(started.elapsed())));
    }

    fn advance(&self) {
        self.with_bar(|slot| {
            if let Some(bar) = slot {
                if bar.is_hidden() && bar.elapsed() > PATIENCE {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                bar.inc(1);
            }
        });
    }

    fn end(&self) {
        self.with_bar(|slot| {
            if let Some(bar) = slot.take() {
                bar.finish_and_clear();
            }
        });
    }
}
