//! The sources of advisories of a run: renewed where they are old, and open.

use pinproof_engine::Settings;
use pinproof_engine::advisories::{Book, needs_advisories, renew};
use pinproof_engine::gather::Progress;
use tokio::runtime::Runtime;

use crate::cli::Global;
use crate::console::Console;
use crate::resolve;

/// Renews what the policy asks about advisories, unless nobody may be asked, and opens it.
pub(super) fn open(
    settings: &Settings,
    global: &Global,
    (runtime, progress): (&Runtime, &impl Progress),
    console: &Console,
) -> Book {
    let policy = &settings.config.policy;
    let places = resolve::places(settings.config_folder.as_deref(), global);
    if needs_advisories(policy) && !global.offline && global.as_of.is_none() {
        let bounds = (resolve::limits(global), settings.now);
        let troubles = runtime.block_on(renew(policy, &places, bounds, progress));
        for trouble in troubles {
            console.warning(&trouble.to_string());
        }
    }
    Book::open(policy, &places, settings.now)
}
