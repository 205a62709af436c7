//! `pinproof download -r FILE -d DIR`, and `pinproof download NAME[==VERSION]… --no-deps -d DIR`.

use std::path::{Path, PathBuf};

use pinproof_core::Printable;
use pinproof_engine::download::{self, Asked, Bundle, Order, fetch};
use pinproof_engine::sources::IndexClient;
use pinproof_engine::{ExitCode, Settings, Sources};
use tokio::runtime::Runtime;

use crate::cli::{Download, Format, Global, Kind};
use crate::console::Console;
use crate::error::CliError;
use crate::output;
use crate::output::download::Told;
use crate::progress::Line;
use crate::resolve;

/// Fetches what is admitted, and says what was fetched and what was not.
pub(crate) fn run(
    args: &Download,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, CliError> {
    let asked = asked(args)?;
    refuse_folders(&args.requirements)?;
    let settings = resolve::fetching(&args.requirements, args.target, global)?;
    let order = Order {
        kind: kind(args.kind),
        newest_system: None,
        is_of_a_lock: asked.is_empty(),
    };
    let session = Session::new(&settings, global, console)?;
    let mut bundle = session.plan(&asked, order);
    let folder = settings.base.join(&args.dir);
    session.fetch(&mut bundle, &folder);
    let told = Told {
        bundle: &bundle,
        folder: Some(Printable::from(args.dir.display().to_string())),
        installed: None,
    };
    emit(&told, global, console)?;
    Ok(told.exit_code())
}

fn asked(args: &Download) -> Result<Vec<Asked>, CliError> {
    let asked: Vec<Asked> = args
        .names
        .iter()
        .map(|name| Asked::parse(name))
        .collect::<Result<_, _>>()?;
    match asked.first() {
        Some(first) if !args.no_deps => Err(CliError::NeedsNoDeps {
            name: Printable::new(first.project.as_str()),
        }),
        _ => Ok(asked),
    }
}

/// In a folder one would have to guess which file is meant.
pub(super) fn refuse_folders(locks: &[PathBuf]) -> Result<(), CliError> {
    match locks.iter().find(|path| path.is_dir()) {
        Some(folder) => Err(CliError::NotALock(Printable::from(
            folder.display().to_string(),
        ))),
        None => Ok(()),
    }
}

fn kind(kind: Kind) -> download::Kind {
    match kind {
        Kind::Wheel => download::Kind::Wheel,
        Kind::Sdist => download::Kind::Sdist,
        Kind::All => download::Kind::All,
    }
}

/// What plans and fetches.
pub(super) struct Session<'a> {
    settings: &'a Settings,
    global: &'a Global,
    console: &'a Console,
    client: IndexClient,
    runtime: Runtime,
    progress: Line,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        settings: &'a Settings,
        global: &'a Global,
        console: &'a Console,
    ) -> Result<Self, CliError> {
        Ok(Self {
            client: IndexClient::new(resolve::client(settings, global)),
            runtime: resolve::runtime()?,
            progress: Line::new(console.shows_progress()),
            settings,
            global,
            console,
        })
    }

    /// Decides what may be fetched, for names or else for the locks of the settings.
    pub(super) fn plan(&self, asked: &[Asked], order: Order) -> Bundle {
        let book = super::advisories::open(self.settings, self.global, &self.runtime, self.console);
        let sources = Sources {
            client: self.client.gather(),
            advisories: &book,
            online: resolve::online(self.global),
        };
        let (settings, progress) = (self.settings, &self.progress);
        if asked.is_empty() {
            let planned = download::of_lock(order, settings, &sources, progress);
            return self.runtime.block_on(planned);
        }
        let planned = download::of_names(asked, order, settings, &sources, progress);
        self.runtime.block_on(planned)
    }

    /// Fetches what is planned.
    pub(super) fn fetch(&self, bundle: &mut Bundle, folder: &Path) {
        let fetched = fetch(bundle, folder, &self.client, &self.progress);
        self.runtime.block_on(fetched);
        if let Some(trouble) = self.client.cache_trouble() {
            self.console
                .warning(&format!("nothing is cached: {trouble}"));
        }
    }
}

/// Writes the report.
pub(super) fn emit(told: &Told<'_>, global: &Global, console: &Console) -> Result<(), CliError> {
    let text = match global.format {
        Format::Text => output::download::text(told, global.verbose > 0),
        Format::Json => output::download::json(told),
        _ => {
            return Err(CliError::Machine(Printable::new(
                "`download` and `install` answer as text or json: use `--format json`",
            )));
        }
    };
    match &global.output {
        Some(path) => super::write_output(path, &text)?,
        None if global.quiet > 1 && told.exit_code() == ExitCode::Clean => {}
        None => console.result(&text),
    }
    Ok(())
}
