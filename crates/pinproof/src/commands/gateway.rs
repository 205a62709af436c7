//! `pinproof serve`: the gateway, until somebody ends it.

mod lines;

use std::fmt::Write as _;
use std::future::pending;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_engine::admit::Gate;
use pinproof_server::connections::{Bounds, Door, listen};
use pinproof_server::gateway::{Event, Gateway, Options};
use pinproof_server::store::local::LocalStore;
use pinproof_server::tls::Tls;
use tokio::net::TcpListener;

use super::live_policy::LivePolicy;
use super::stop;
use crate::cli::{self, Format, Global};
use crate::console::Console;
use crate::error::CliError;
use crate::output::wording::count;
use crate::resolve;
use lines::Lines;

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
    let runtime = resolve::runtime()?;
    let served = runtime.block_on(serve(
        (gate, policy, Arc::new(store)),
        (args, &data),
        global,
        console,
    ));
    // What did not end in time ends with the process.
    runtime.shutdown_background();
    served
}

async fn serve(
    (gate, policy, store): (Gate, LivePolicy, Arc<LocalStore>),
    (args, data): (&cli::Gateway, &Path),
    global: &Global,
    console: &Console,
) -> Result<ExitCode, CliError> {
    let tls = tls(args)?;
    let (listener, address) = listening(args.listen)?;
    let metrics = args.metrics.map(listening).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let public = args.url.as_ref().map_or_else(
        || format!("{scheme}://{address}"),
        |url| url.as_str().trim_end_matches('/').to_owned(),
    );
    let lines = Lines::start(console.clone(), global.format == Format::Json);
    let lines = lines.map_err(|error| machine(&error.to_string()))?;
    tell_of_panics(lines.clone());
    let modes = modes(&gate);
    let gateway = Gateway::new(
        gate,
        store,
        options(&public, policy, (args, global), lines.clone()),
    );
    console.result(&format!("answering at {scheme}://{address}\n"));
    if let Some((listener, address)) = metrics {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.serve_metrics(listener, pending()).await });
        console.result(&format!("  metrics are at http://{address}/metrics\n"));
    }
    console.result(&greeting(&public, data));
    console.result(&modes);
    for warning in warnings(args, address, tls.as_ref()) {
        lines.event(Event::warning(Printable::new(warning)));
    }
    if renews(global) {
        tokio::spawn(renew(gateway.clone(), lines.clone()));
    }
    let door = match tls {
        Some(tls) => Door::with_tls(listener, tls),
        None => Door::from(listener),
    };
    let (told, again) = stop::told();
    let served = tokio::select! {
        served = gateway.serve(door, told) => served,
        () = again => {
            lines.event(Event::warning(Printable::new("stopped at once: asked twice")));
            lines.finish();
            return Ok(ExitCode::Clean);
        }
        never = stop::at_each_hang_up(async || gateway.read_policy().await) => match never {},
    };
    lines.event(match &served {
        Ok(0) => Event::info(Printable::new("stopped; what was decided is in the log")),
        Ok(cut) => Event::warning(Printable::from(format!(
            "stopped; what was decided is in the log; {} took too long and had to be cut",
            count(*cut, "connection", "connections")
        ))),
        Err(_) => Event::error(Printable::new("stopped; the last counters are not kept")),
    });
    lines.finish();
    served?;
    Ok(ExitCode::Clean)
}

fn listening(at: SocketAddr) -> Result<(TcpListener, SocketAddr), CliError> {
    let failed = |error: std::io::Error| machine(&format!("{at}: {error}"));
    let listener = listen(at).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

fn tls(args: &cli::Gateway) -> Result<Option<Tls>, CliError> {
    let (Some(certificate), Some(key)) = (&args.tls_cert, &args.tls_key) else {
        return Ok(None);
    };
    Ok(Some(Tls::open(certificate, key)?))
}

fn warnings(args: &cli::Gateway, address: SocketAddr, tls: Option<&Tls>) -> Vec<&'static str> {
    let mut warnings = Vec::new();
    if address.ip().is_unspecified() && args.url.is_none() {
        warnings.push(
            "links in refusals lead nowhere from another machine: `--url` names the address that clients see",
        );
    }
    if tls.is_some_and(Tls::is_key_open) {
        warnings.push(
            "everybody on this machine can read the key of `--tls-key`: take the right from others (`chmod o-r`)",
        );
    }
    warnings
}

fn options(
    public: &str,
    policy: LivePolicy,
    (args, global): (&cli::Gateway, &Global),
    lines: Lines,
) -> Options {
    Options {
        public: public.to_owned(),
        at: global.as_of,
        renews: renews(global),
        observer: Box::new(move |observed| lines.tell(observed)),
        watch: Some(Box::new(move |why| policy.again(why))),
        bounds: Bounds {
            connections: args.connections.into(),
            ..Bounds::default()
        },
    }
}

/// A bug is a line as every other event; only one that ends the process is left to Rust.
fn tell_of_panics(lines: Lines) {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().name() == Some("main") {
            return usual(panic);
        }
        let said = format!("a bug of pinproof: {panic}");
        lines.event(Event::error(Printable::from(said)));
    }));
}

/// What it does beyond the usual.
fn modes(gate: &Gate) -> String {
    // Writing to a string does not fail.
    let mut modes = String::new();
    if let Some(projects) = gate.listed_projects() {
        let projects = count(projects, "project", "projects");
        let _ = writeln!(
            modes,
            "\x20 closed: only what the locks of the allow-list have, {projects}"
        );
    }
    if let Some(digest) = gate.shadow_digest() {
        let _ = writeln!(
            modes,
            "\x20 a shadow policy is tried, without effect: sha256:{digest}"
        );
    }
    modes
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
async fn renew(gateway: Gateway, lines: Lines) {
    for trouble in gateway.renew().await {
        lines.event(Event::warning(trouble));
    }
}

fn renews(global: &Global) -> bool {
    !global.offline && global.as_of.is_none()
}

/// Where this user's programs keep data.
pub(super) fn data_dir() -> Option<PathBuf> {
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
