//! A project with the real clients, and what they did told line by line.

#![allow(
    clippy::print_stdout,
    reason = "who asks for it sees the attack happen"
)]

use std::cell::Cell;
use std::path::PathBuf;

use crate::clients::{Client, Clients, installed, said};
use crate::gateway::Gateway;
use crate::support::{NOW, Ran, Sandbox};

/// A gateway that answers for `acme-*` from one index and for everything else from another.
pub(crate) const TWO_INDEXES: &str = r#"
[[index]]
name = "main"
default = true

[[index]]
name = "corp"
only = ["acme-*"]
"#;

/// What a client did.
pub(crate) struct Tried {
    pub(crate) ran: Ran,
    /// What the installed module says of itself.
    marker: Option<String>,
    /// Where it installed.
    folder: PathBuf,
}

/// A project and the clients.
pub(crate) struct Lab {
    pub(crate) sandbox: Sandbox,
    clients: Clients,
    runs: Cell<u32>,
    /// Everything that is asked over plain HTTP goes through here.
    proxy: Option<String>,
}

impl Lab {
    /// An empty project; none, loudly, where the clients cannot be had.
    pub(crate) fn open(attack: &str) -> Option<Self> {
        let clients = Clients::get()?;
        println!("\n== {attack}");
        Some(Self {
            sandbox: Sandbox::new(),
            clients,
            runs: Cell::new(0),
            proxy: None,
        })
    }

    /// The same with somebody on every way that leaves this machine.
    pub(crate) fn behind(attack: &str, proxy: &str) -> Option<Self> {
        let lab = Self::open(attack)?;
        Some(Self {
            proxy: Some(proxy.to_owned()),
            ..lab
        })
    }

    fn variables(&self) -> Vec<(&str, &str)> {
        let proxy = self.proxy.as_deref();
        proxy
            .map(|proxy| ("http_proxy", proxy))
            .into_iter()
            .collect()
    }

    /// Installs into an empty folder, and looks what is in `module` of it.
    pub(crate) fn installs(
        &self,
        client: Client,
        (index, module): (&str, &str),
        what: &[&str],
    ) -> Tried {
        self.runs.set(self.runs.get() + 1);
        let into = format!("installed-{}", self.runs.get());
        let args = ["install", client.index_option(), index, "--target", &into];
        let args = [&args[..], what].concat();
        let ran = self
            .clients
            .run(client, &self.sandbox, &args, &self.variables());
        let marker = installed(&self.sandbox, &into, module);
        let option = client.index_option();
        let program = program(client);
        println!("$ {program} install {option} {index} {}", what.join(" "));
        match &marker {
            Some(marker) => println!("   installed: {module} says {marker:?}"),
            None => println!("   installed nothing: exit {}", ran.code),
        }
        Tried {
            ran,
            marker,
            folder: self.sandbox.project().join(into),
        }
    }

    /// Runs `pip …` or `uv pip …` as it is.
    pub(crate) fn runs(&self, client: Client, args: &[&str]) -> Ran {
        println!("$ {} {}", program(client), args.join(" "));
        self.clients
            .run(client, &self.sandbox, args, &self.variables())
    }

    /// Where code that should not run leaves its mark.
    pub(crate) fn mark(&self) -> PathBuf {
        self.sandbox.home().join("mark")
    }

    /// Runs pinproof at the time of the tests; it ends with `code` and says `reason`.
    #[track_caller]
    pub(crate) fn pinproof(&self, args: &[&str], (code, reason): (i32, &str)) -> Ran {
        self.runs.set(self.runs.get() + 1);
        // Nothing is kept from earlier runs, as with the clients: upstreams change their minds here.
        let cache = format!("cache-{}", self.runs.get());
        let usual = [
            "--as-of",
            NOW,
            "--timeout",
            "3",
            "--retries",
            "0",
            "--cache-dir",
            &cache,
        ];
        let ran = self
            .sandbox
            .run_with(&[args, &usual].concat(), &self.variables());
        println!("$ pinproof {}", args.join(" "));
        ran.ends_with(code).says(reason);
        println!("   says: {reason}");
        ran
    }

    /// Locks `requirements.in` to `requirements.txt`, asking `index`; ends with `code` and says `reason`.
    #[track_caller]
    pub(crate) fn locks(&self, index: &str, more: &[&str], expected: (i32, &str)) -> Ran {
        let args = ["lock", "requirements.in", "--index-url", index];
        let target = ["--python", "3.11", "--platform", "linux-x86_64"];
        self.pinproof(&[&args[..], &target, more].concat(), expected)
    }

    /// A gateway in front of one index.
    pub(crate) fn gateway(&self, index: &str) -> Gateway {
        self.gateway_with(&["--index-url", index])
    }

    /// A gateway in front of one index, at another time.
    pub(crate) fn gateway_at(&self, now: &str, index: &str) -> Gateway {
        println!("$ pinproof serve --index-url {index}   (at {now})");
        Gateway::start_at(&self.sandbox, now, &["--index-url", index])
    }

    /// A gateway with these arguments.
    pub(crate) fn gateway_with(&self, more: &[&str]) -> Gateway {
        println!("$ pinproof serve {}", more.join(" "));
        Gateway::start_with(&self.sandbox, more, &self.variables())
    }

    /// A gateway in front of a public index and an internal one that alone answers for `acme-*`.
    pub(crate) fn gateway_of_two(&self, public: &str, internal: &str) -> Gateway {
        self.sandbox.write("pinproof.toml", TWO_INDEXES);
        let (public, internal) = (format!("main={public}"), format!("corp={internal}"));
        self.gateway_with(&["--index", &public, "--index", &internal])
    }
}

impl Tried {
    /// Fails unless the installed module says this of itself.
    #[track_caller]
    pub(crate) fn got(&self, marker: &str) {
        self.ran.ends_with(0);
        assert_eq!(self.marker.as_deref(), Some(marker), "{}", self.ran.all());
    }

    /// Fails if this module was installed, too.
    #[track_caller]
    pub(crate) fn has_not(&self, module: &str) {
        assert!(!self.folder.join(module).exists(), "{}", self.ran.all());
    }

    /// Fails unless nothing was installed and the client showed this reason.
    #[track_caller]
    pub(crate) fn got_nothing(&self, reason: &str) {
        assert_ne!(self.ran.code, 0, "{}", self.ran.all());
        assert_eq!(self.marker, None, "{}", self.ran.all());
        shows(&self.ran, reason);
    }
}

/// Fails unless the client showed this reason.
#[track_caller]
pub(crate) fn shows(ran: &Ran, reason: &str) {
    // The client folds where it likes, in the middle of a link, too.
    let words = |text: &str| text.replace(' ', "");
    let is_shown = words(&said(ran)).contains(&words(reason));
    assert!(is_shown, "does not say {reason:?}: {}", ran.all());
    println!("   says: {reason}");
}

fn program(client: Client) -> &'static str {
    match client {
        Client::Pip => "pip",
        Client::Uv => "uv pip",
    }
}

/// Says what comes now.
pub(crate) fn tells(text: &str) {
    println!("-- {text}");
}

/// Says what came of it.
pub(crate) fn notes(text: &str) {
    println!("   {text}");
}
