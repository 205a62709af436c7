//! `pinproof run -- COMMAND`: a gateway for one command, with the policy of this folder, on an address of this machine that
//! ends with the command. What a gateway cannot be put before is not started.

mod child;
mod command;
mod inputs;
mod variables;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pinproof_core::Printable;
use pinproof_engine::Settings;
use pinproof_engine::admit::Gate;
use pinproof_server::connections::{Bounds, listen};
use pinproof_server::fence::{Fence, Places};
use pinproof_server::gateway::{Access, Gateway, Level, Observed, Options};
use pinproof_server::store::StoreError;
use pinproof_server::store::local::LocalStore;
use tempfile::TempDir;
use tokio::sync::oneshot;

use self::command::{Command, Refused};
use self::variables::{Led, is_behind_proxy};
use super::gateway::data_dir;
use super::live_policy::of_gateway;
use crate::cli::{self, Global};
use crate::console::Console;
use crate::error::CliError;
use crate::installer::process;
use crate::resolve;

/// What ends with the command before it was started.
const REFUSED: u8 = 1;
/// Refusals that are told at the end; a client that asks for more has been told itself.
const MOST_TOLD: usize = 100;

/// Runs the command; its code is the answer.
pub(crate) fn run(args: &cli::Run, global: &Global, console: &Console) -> Result<u8, CliError> {
    match start(args, global, console) {
        Err(error @ CliError::NotStarted { .. }) => {
            console.error(&error);
            Ok(REFUSED)
        }
        ended => ended,
    }
}

fn start(args: &cli::Run, global: &Global, console: &Console) -> Result<u8, CliError> {
    if global.online {
        return Err(CliError::Machine(Printable::new(
            "a gateway looks advisories up in a database, and `--online` would ask a server for each name",
        )));
    }
    let command =
        Command::read(&args.command).map_err(|Refused { why, hint }| CliError::NotStarted {
            why,
            hint: hint.map(Printable::new),
        })?;
    if command.client.is_none() && !args.any_command {
        let program = args
            .command
            .first()
            .map(|word| word.to_string_lossy())
            .unwrap_or_default();
        let program = Printable::new(&program).shortened(100);
        return Err(inputs::not_started(
            format!(
                "`{program}` is none of pip, uv, PDM and Poetry, so nobody knows whether it asks the gateway"
            ),
            Some(
                "`--any-command` starts it; then only what honours the variables of pip, uv and PDM is protected",
            ),
        ));
    }
    let settings = resolve::search_by_policy(global)?;
    let places = inputs::decide(&command, &settings, (global, console))?;
    if !places.is_empty() && is_behind_proxy() {
        return Err(inputs::not_started(
            "its inputs name files that this machine reaches through a proxy, and the command would go around the gateway to it".to_owned(),
            Some("make the lock through `pinproof serve`: then its files are those of the gateway"),
        ));
    }
    if command.client.is_none() {
        console.warning("this command is none of pip, uv, PDM and Poetry: only what of it honours their variables is protected");
    }
    let data = Data::open(args.data.clone(), console)?;
    let behind = Behind {
        words: &args.command,
        places,
        is_known: command.client.is_some(),
    };
    resolve::runtime()?.block_on(behind.run(settings, data, (global, console)))
}

/// Where the gateway remembers everything.
struct Data {
    store: LocalStore,
    /// A folder that is gone when the command has ended.
    temporary: Option<TempDir>,
}

impl Data {
    /// One process has a folder at a time; the second gets one of its own, and nobody told it which folder.
    fn open(named: Option<PathBuf>, console: &Console) -> Result<Self, CliError> {
        let is_named = named.is_some();
        let folder = named.or_else(|| data_dir().map(|folder| folder.with_file_name("run")));
        if let Some(folder) = folder {
            match LocalStore::open(&folder) {
                Ok(store) => return Ok(Self { store, temporary: None }),
                Err(StoreError::InUse { .. }) if !is_named => console.note(
                    "another `pinproof run` is under way: this one does not know what was seen first before, and keeps nothing",
                ),
                Err(error) => return Err(error.into()),
            }
        }
        let temporary = temporary()?;
        Ok(Self {
            store: LocalStore::open(&temporary.path().join("data"))?,
            temporary: Some(temporary),
        })
    }
}

/// The command, and what it may fetch past the gateway.
struct Behind<'a> {
    words: &'a [std::ffi::OsString],
    places: Places,
    is_known: bool,
}

impl Behind<'_> {
    async fn run(
        self,
        settings: Settings,
        data: Data,
        (global, console): (&Global, &Console),
    ) -> Result<u8, CliError> {
        let failed = |error: std::io::Error| CliError::Machine(Printable::from(error.to_string()));
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = listen(any_port).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let fence_listener = listen(any_port).map_err(failed)?;
        let fence_address = fence_listener.local_addr().map_err(failed)?;

        let told = Told::default();
        let gateway = gateway(&settings, data, (address, &told), (global, console));
        if renews(global) {
            for trouble in gateway.renew().await {
                console.warning(trouble.as_str());
            }
        }
        let heard = told.clone();
        let fence = Fence::new(address, self.places, move |why| heard.add(why.as_str()));
        let fence = tokio::spawn(fence.stand(fence_listener));
        let (end, ended) = oneshot::channel::<()>();
        let serving = {
            let gateway = gateway.clone();
            tokio::spawn(async move {
                // The sender goes with the command, in whichever way.
                gateway.serve(listener, async { drop(ended.await) }).await
            })
        };
        let nothing = temporary()?;
        let (index, fence_url) = (
            format!("http://{address}/simple/"),
            format!("http://{fence_address}"),
        );
        let led = Led {
            index: &index,
            fence: self.is_known.then_some(fence_url.as_str()),
            nothing: nothing.path(),
        };
        let code = self::started(self.words, &led).await;
        fence.abort();
        drop(end);
        let served = serving.await;
        told.tell(&gateway, console);
        let code = code?;
        served.map_err(|error| failed(std::io::Error::other(error)))??;
        Ok(code)
    }
}

fn gateway(
    settings: &Settings,
    data: Data,
    (address, told): (SocketAddr, &Told),
    (global, console): (&Global, &Console),
) -> Gateway {
    let places = resolve::places(settings.config_folder.as_deref(), global);
    let client = of_gateway(&resolve::client(settings, global));
    let gate = Gate::new(settings.clone(), client, places);
    let public = format!("http://{address}");
    let (heard, link) = (told.clone(), format!("; see {public}"));
    let (says_more, shown) = (global.verbose > 0, console.clone());
    let Data { store, temporary } = data;
    let options = Options {
        // The policy of a command is that of its start.
        watch: None,
        public,
        at: global.as_of,
        renews: renews(global),
        observer: Box::new(move |observed| {
            // A folder of its own lives as long as the gateway does.
            let _ = &temporary;
            match observed {
                Observed::Request(access) => {
                    if says_more {
                        shown.access(&format!(
                            "{} {} {}",
                            access.status, access.method, access.path
                        ));
                    }
                    heard.hear(&access, &link);
                }
                Observed::Event(event) if event.level == Level::Info => {}
                Observed::Event(event) => shown.warning(event.said.as_str()),
            }
        }),
        bounds: Bounds::default(),
    };
    Gateway::new(gate, Arc::new(store), options)
}

async fn started(words: &[std::ffi::OsString], led: &Led<'_>) -> Result<u8, CliError> {
    let unstarted = |error: std::io::Error| {
        let program = words
            .first()
            .map(|word| word.to_string_lossy())
            .unwrap_or_default();
        CliError::Machine(Printable::from(format!(
            "`{program}` cannot be started: {error}"
        )))
    };
    let Some((program, args)) = words.split_first() else {
        return Err(CliError::Machine(Printable::new("there is no command")));
    };
    let signals = child::Signals::listen().map_err(unstarted)?;
    let child = process::start(program, args, &led.variables()).map_err(unstarted)?;
    child::ended(child, signals).await.map_err(unstarted)
}

fn renews(global: &Global) -> bool {
    !global.offline && global.as_of.is_none()
}

fn temporary() -> Result<TempDir, CliError> {
    tempfile::tempdir().map_err(|error| {
        CliError::Machine(Printable::from(format!(
            "no temporary folder can be made: {error}"
        )))
    })
}

/// What was refused while the command ran, each once.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn add(&self, sentence: &str) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sentence = sentence.strip_prefix("pinproof: ").unwrap_or(sentence);
        if told.len() < MOST_TOLD && !told.iter().any(|known| known == sentence) {
            told.push(sentence.to_owned());
        }
    }

    /// Takes what an answer refused. The page behind its link ends with the gateway.
    fn hear(&self, access: &Access, link: &str) {
        let refuses = matches!(access.status, 403 | 451 | 503);
        if let Some(said) = access.said.as_ref().filter(|_| refuses) {
            let said = said.as_str();
            self.add(said.split(link).next().unwrap_or(said));
        }
    }

    /// Says what was refused, and what was not even offered: some clients show neither.
    fn tell(&self, gateway: &Gateway, console: &Console) {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for sentence in &*told {
            console.warning(&format!("refused: {sentence}"));
        }
        for sentence in gateway.kept_back() {
            if !told
                .iter()
                .any(|known| known.starts_with(sentence.as_str()))
            {
                console.note(&format!("kept back: {sentence}"));
            }
        }
    }
}
