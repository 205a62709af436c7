//! Advisories before a run: what is fetched is renewed, where that is allowed.

use pinproof_engine::Settings;
use pinproof_engine::advisories::{self, Places};
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
