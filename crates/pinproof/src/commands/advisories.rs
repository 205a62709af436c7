//! The sources of advisories of a run: renewed where they are old, and open.

use pinproof_engine::Settings;
use pinproof_engine::advisories::{self, Book, Places, needs_advisories};
use tokio::runtime::Runtime;

use crate::cli::Global;
use crate::console::Console;
use crate::progress::Line;
use crate::resolve;

/// Renews the databases of the policy. An offline run, and one of a past time, is judged by what is there.
/// What cannot be renewed is a warning: the age of what is there decides.
pub(super) fn renew(
    settings: &Settings,
    (places, global): (&Places, &Global),
    runtime: &Runtime,
    console: &Console,
) {
    if global.offline || global.as_of.is_some() {
        return;
    }
    let bounds = (resolve::limits(global), settings.now);
    let progress = Line::new(console.shows_progress());
    let renewed = advisories::renew(&settings.config.policy, places, bounds, &progress);
    for trouble in runtime.block_on(renewed) {
        console.warning(&trouble.to_string());
    }
}

/// Renews what the policy asks about advisories, unless nobody may be asked, and opens it.
pub(super) fn open(
    settings: &Settings,
    global: &Global,
    runtime: &Runtime,
    console: &Console,
) -> Book {
    let policy = &settings.config.policy;
    let places = resolve::places(settings.config_folder.as_deref(), global);
    if needs_advisories(policy) {
        renew(settings, (&places, global), runtime, console);
    }
    Book::open(policy, &places, settings.now)
}
