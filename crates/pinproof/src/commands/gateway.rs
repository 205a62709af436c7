//! `pinproof serve`: the gateway, until somebody ends it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_server::connections::Bounds;
use pinproof_server::gateway::{Access, Gateway, Options};
use pinproof_server::osv::listen;
use pinproof_server::store::local::LocalStore;
use serde_json::json;

use super::live_policy::LivePolicy;
use super::stop::{at_each_hang_up, stop};
use crate::cli::{self, Format, Global};
use crate::console::Console;
use crate::error::CliError;
use crate::resolve;

/// Serves until it is asked to end.
pub(super) fn run(
    args: &cli::Gateway,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, CliError> {
    if global.online {
        return Err(machine(
            "a gateway looks advisories up in a database, and `--online` would ask a server for each name",
        ));
    }
    let data = args
        .data
        .clone()
        .or_else(data_dir)
        .ok_or_else(|| machine("this machine names no folder for data: use `--data DIR`"))?;
    let store = LocalStore::open(&data)?;
    let (policy, gate) = LivePolicy::read(global, args.shadow.as_deref())?;
    resolve::runtime()?.block_on(async {
        let failed = |error: std::io::Error| machine(&format!("{}: {error}", args.listen));
        let listener = listen(args.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let public = args.url.as_ref().map_or_else(
            || format!("http://{address}"),
            |url| url.as_str().trim_end_matches('/').to_owned(),
        );
        let gateway = Gateway::new(gate, Arc::new(store), options(&public, policy, global, console));
        console.result(&format!("answering at http://{address}\n"));
        console.result(&greeting(&public, &data));
        if address.ip().is_unspecified() && args.url.is_none() {
            console.warning(
                "links in refusals lead nowhere from another machine: `--url` names the address that clients see",
            );
        }
        let renewing = renew(&gateway, global, console);
        let served = async { tokio::join!(gateway.serve(listener, stop()), renewing).0 };
        tokio::select! {
            served = served => served?,
            () = at_each_hang_up(async || gateway.read_policy().await) => {}
        }
        console.note("stopped; what was decided is in the log");
        Ok(ExitCode::Clean)
    })
}

fn options(public: &str, policy: LivePolicy, global: &Global, console: &Console) -> Options {
    let (console, is_json) = (console.clone(), global.format == Format::Json);
    Options {
        public: public.to_owned(),
        at: global.as_of,
        renews: renews(global),
        observer: Box::new(move |access| console.access(&line(access, is_json))),
        watch: Some(Box::new(move |why| policy.again(why))),
        bounds: Bounds::default(),
    }
}

/// What was answered, as a line of text or of JSON.
fn line(access: &Access, is_json: bool) -> String {
    let now = Timestamp::now();
    let millis = access.took.as_millis();
    if is_json {
        return json!({
            "time": now,
            "method": access.method,
            "path": access.path,
            "status": access.status,
            "milliseconds": u64::try_from(millis).unwrap_or(u64::MAX),
            "said": access.said,
        })
        .to_string();
    }
    let Access {
        method,
        path,
        status,
        said,
        ..
    } = access;
    let said = said.as_ref().map(|said| format!(" {said}"));
    let said = said.unwrap_or_default();
    format!("{now:.3} {status} {method} {path} {millis} ms{said}")
}

/// How to point clients at it.
fn greeting(public: &str, data: &Path) -> String {
    let data = Printable::from(data.display().to_string());
    format!(
        "\x20 pip install --index-url {public}/simple/ NAME   (PIP_INDEX_URL={public}/simple/)\n\
         \x20 uv add --default-index {public}/simple/ NAME    (UV_DEFAULT_INDEX={public}/simple/)\n\
         \x20 everything it knows is in {data}\n"
    )
}

/// Fetches the advisories while pages are served already: until they are there, nothing that needs them is decided.
async fn renew(gateway: &Gateway, global: &Global, console: &Console) {
    if !renews(global) {
        return;
    }
    for trouble in gateway.renew().await {
        console.warning(trouble.as_str());
    }
}

fn renews(global: &Global) -> bool {
    !global.offline && global.as_of.is_none()
}

/// Where this user's programs keep data.
fn data_dir() -> Option<PathBuf> {
    let variable = resolve::folder;
    if cfg!(windows) {
        return variable("LOCALAPPDATA").map(|folder| folder.join("pinproof").join("gateway"));
    }
    if cfg!(target_os = "macos") {
        let home = variable("HOME");
        return home.map(|home| home.join("Library/Application Support/pinproof/gateway"));
    }
    let home = || variable("HOME").map(|home| home.join(".local/share"));
    let folder = variable("XDG_DATA_HOME").or_else(home);
    folder.map(|folder| folder.join("pinproof/gateway"))
}

fn machine(text: &str) -> CliError {
    CliError::Machine(Printable::new(text))
}
