//! What the answer of a client and its settings together say: protected, not protected, or nobody knows.

use std::path::Path;

use pinproof_core::{IndexUrl, Printable};
use pinproof_engine::ExitCode;
use pinproof_engine::routes::pypi;
use pinproof_server::gateway::canary;

use crate::clients::{Client, Heard, Installed, Lead, LeadKind, Leads, Refused, Reply, origin_of};

/// What is said of all clients.
#[derive(Debug, Default)]
pub(crate) struct Diagnosis {
    /// Each client that is there.
    pub(crate) clients: Vec<OfClient>,
    /// The digest of the policy of this folder.
    pub(crate) policy: String,
    /// Clients that were asked for by name and are not there.
    pub(crate) missing: Vec<Client>,
}

/// What is said of one client.
#[derive(Debug)]
pub(crate) struct OfClient {
    /// The client.
    pub(crate) client: Client,
    /// How it is started.
    pub(crate) program: Printable,
    /// Whose answer it was.
    pub(crate) refused: Option<Refused>,
    /// What goes around.
    pub(crate) around: Vec<Way>,
    /// Why it is not known.
    pub(crate) unknown: Vec<Printable>,
    /// The last things that it said, where it was not refused.
    pub(crate) said: Vec<Printable>,
}

/// A way around a gateway.
#[derive(Debug)]
pub(crate) struct Way {
    /// The file or the variable that says so, if a setting does.
    pub(crate) setting: Option<Printable>,
    /// Its line.
    pub(crate) line: Option<usize>,
    /// What it says.
    pub(crate) what: Printable,
    /// What to do.
    pub(crate) help: Printable,
}

impl Diagnosis {
    /// One that goes around comes before one that is not known.
    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.clients.is_empty() || !self.missing.is_empty() {
            ExitCode::CouldNotRun
        } else if self.clients.iter().any(|client| !client.around.is_empty()) {
            ExitCode::Denied
        } else if self.clients.iter().any(|client| !client.unknown.is_empty()) {
            ExitCode::Undecided
        } else {
            ExitCode::Clean
        }
    }
}

impl OfClient {
    /// One about which nothing is said yet.
    pub(super) fn new(installed: &Installed, base: &Path) -> Self {
        Self {
            client: installed.client,
            program: installed.shown(base),
            refused: None,
            around: Vec::new(),
            unknown: Vec::new(),
            said: Vec::new(),
        }
    }

    /// Nobody asked it, because of this.
    pub(super) fn not_asked(installed: &Installed, base: &Path, why: impl Into<Printable>) -> Self {
        let mut of = Self::new(installed, base);
        of.unknown.push(why.into());
        of
    }
}

/// Reads a reply beside the settings that the client obeys. `None`: there is no such client.
pub(super) fn judge(
    (installed, base): (&Installed, &Path),
    reply: Reply,
    leads: &Leads,
    expected: Option<&str>,
) -> Option<OfClient> {
    let mut of = OfClient::new(installed, base);
    let (heard, is_content, last) = match reply {
        Reply::NotThere => return None,
        Reply::NotAsked(why) => return Some(OfClient::not_asked(installed, base, why)),
        Reply::Said {
            heard,
            is_content,
            last,
        } => (heard, is_content, last),
    };
    let own: Vec<&Lead> = leads.of(installed.client).collect();
    for unread in &leads.unread {
        of.unknown.push(Printable::from(format!(
            "{} may lead anywhere: {}",
            unread.origin, unread.why
        )));
    }
    if let Some(refused) = &heard.refused {
        of.around = around(&heard, &refused.index, &own);
        let is_another = expected.filter(|expected| *expected != refused.gateway);
        of.around
            .extend(is_another.map(|expected| another(expected, refused)));
    } else {
        of.said = last;
        of.around = instead(&heard, &own, (installed.client, is_content));
        if of.around.is_empty() {
            of.unknown.push(Printable::new(
                "nobody answered it, so nobody knows who would",
            ));
        }
    }
    of.refused = heard.refused;
    Some(of)
}

fn another(expected: &str, refused: &Refused) -> Way {
    Way {
        setting: None,
        line: None,
        what: Printable::from(format!(
            "the answer is of {}, and not of {expected}",
            refused.gateway
        )),
        help: Printable::new("point the client at the gateway that `--gateway` names"),
    }
}

/// The ways around the gateway whose index is at `ours`.
fn around(heard: &Heard, ours: &IndexUrl, own: &[&Lead]) -> Vec<Way> {
    let is_ours = |index: &Option<IndexUrl>| {
        index
            .as_ref()
            .is_some_and(|index| index.is_same_place(ours))
    };
    let is_heard = |lead: &Lead| heard.places.iter().any(|place| is_place(place, lead));
    let mut ways: Vec<Way> = Vec::new();
    for lead in own {
        let leads_away = match lead.kind {
            // What another setting overrides is not asked.
            LeadKind::Default => is_heard(lead) && !is_ours(&lead.index),
            LeadKind::Extra | LeadKind::Bound | LeadKind::Locked => !is_ours(&lead.index),
            LeadKind::FindLinks => true,
            LeadKind::DirectUrl => !lead
                .to
                .as_str()
                .starts_with(&format!("{}/", origin_of(ours))),
            LeadKind::TrustedHost => {
                let is_open = ours.with_credentials().scheme() == "https";
                is_open && ours.host().as_str().starts_with(lead.to.as_str())
            }
            LeadKind::Mixes => false,
        };
        if leads_away {
            ways.push(way(lead));
        }
    }
    for place in &heard.places {
        let url = IndexUrl::parse(place).ok();
        let is_named = own.iter().any(|lead| is_place(place, lead));
        if !is_ours(&url) && !is_named {
            ways.push(unnamed(place, url.as_ref(), ours));
        }
    }
    let mixes = own.iter().filter(|lead| lead.kind == LeadKind::Mixes);
    if !ways.is_empty() {
        ways.extend(mixes.map(|lead| way(lead)));
    }
    ways
}

/// Whom the client asks instead of a gateway.
fn instead(heard: &Heard, own: &[&Lead], (client, is_content): (Client, bool)) -> Vec<Way> {
    let mut ways = Vec::new();
    if is_content {
        let what = format!("somebody has a project `{}` to give", canary::PROJECT);
        ways.push(plain(
            what,
            "look at whom it asks: no gateway gives it away, and no index should have it",
        ));
    }
    let is_down = heard.is_unreachable && !is_content;
    let leads_away = |lead: &&&Lead| match lead.kind {
        // Whoever gives no answer may be a gateway that is down; what is asked besides is none.
        LeadKind::Default => !is_down,
        LeadKind::Extra | LeadKind::FindLinks => true,
        _ => false,
    };
    ways.extend(own.iter().filter(leads_away).map(|lead| way(lead)));
    let names_none = !own.iter().any(|lead| lead.kind == LeadKind::Default);
    let mut places = heard
        .places
        .iter()
        .filter_map(|place| IndexUrl::parse(place).ok());
    // pip and uv say whom they ask, but for an index that nobody had to name.
    let is_silent =
        heard.places.is_empty() && matches!(client, Client::Pip | Client::UvPip | Client::Uv);
    if names_none && (is_silent || places.any(|url| is_pypi(&url))) {
        let help = client.how_to_point("http://GATEWAY/simple/");
        ways.push(plain(
            "it asks PyPI: no setting names another index".to_owned(),
            &help,
        ));
    }
    if ways.is_empty() && !heard.is_unreachable {
        ways.push(plain(
            "it was not refused, and nothing says whom it asked".to_owned(),
            &client.how_to_point("http://GATEWAY/simple/"),
        ));
    }
    ways
}

fn plain(what: String, help: &str) -> Way {
    Way {
        setting: None,
        line: None,
        what: Printable::from(what),
        help: Printable::new(help),
    }
}

fn unnamed(place: &str, url: Option<&IndexUrl>, ours: &IndexUrl) -> Way {
    let shown = url.map_or_else(
        || Printable::new(place).shortened(200),
        |url| Printable::from(url.to_string()),
    );
    if url.is_some_and(is_pypi) {
        return plain(
            "PyPI is asked, too: the gateway is an index besides, and none takes PyPI's place"
                .to_owned(),
            &format!("make {ours} the default index, not an extra one"),
        );
    }
    plain(
        format!("{shown} is asked, too, and no setting that is known here says so"),
        "look for it in the configuration of the client",
    )
}

fn way(lead: &Lead) -> Way {
    let to = &lead.to;
    let (what, help) = match lead.kind {
        LeadKind::Default => (format!("the index is {to}"), "name the gateway there".to_owned()),
        LeadKind::Extra => (
            format!("{to} is asked, too"),
            "remove it; an index of your own is an `[[index]]` of the gateway's policy, with its names".to_owned(),
        ),
        LeadKind::Bound => (
            format!("{to} is asked for the names that are bound to it"),
            "bind the names in the gateway's policy: `[[index]]` with `only`".to_owned(),
        ),
        LeadKind::FindLinks => (
            format!("files of {to} are taken without asking anybody"),
            "remove it, or install from there with `pinproof install`".to_owned(),
        ),
        LeadKind::TrustedHost => (
            format!("the certificate of {to} is not looked at, so anybody on the way can answer"),
            "remove it, and give the client the certificate".to_owned(),
        ),
        LeadKind::Mixes => (
            format!("`{to}` takes a release from whichever index has it"),
            "remove it".to_owned(),
        ),
        LeadKind::Locked => (
            format!("it locks files of {to}, which are fetched from there"),
            "lock again through the gateway".to_owned(),
        ),
        LeadKind::DirectUrl => (
            format!("it names {to}, which is fetched from there"),
            "name a release instead".to_owned(),
        ),
    };
    Way {
        setting: Some(lead.origin.clone()),
        line: lead.line,
        what: Printable::from(what),
        help: Printable::from(help),
    }
}

/// Whether a place is the one that a setting names.
fn is_place(place: &str, lead: &Lead) -> bool {
    match (&lead.index, IndexUrl::parse(place)) {
        (Some(index), Ok(place)) => index.is_same_place(&place),
        _ => lead.to.as_str().trim_end_matches('/') == place.trim_end_matches('/'),
    }
}

fn is_pypi(url: &IndexUrl) -> bool {
    pypi().is_some_and(|pypi| pypi.is_same_place(url))
}

/// Whether all that a project says of its sources leads to gateways that are known by now.
pub(super) fn leads_only_to(known: &[IndexUrl], leads: &Leads, client: Client) -> bool {
    let mut own = leads.of(client).filter(|lead| {
        matches!(
            lead.kind,
            LeadKind::Default | LeadKind::Extra | LeadKind::Bound | LeadKind::FindLinks
        )
    });
    let has_default = leads.of(client).any(|lead| lead.kind == LeadKind::Default);
    has_default
        && own.all(|lead| {
            let index = lead.index.as_ref();
            index.is_some_and(|index| known.iter().any(|known| known.is_same_place(index)))
        })
}
