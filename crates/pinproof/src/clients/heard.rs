//! What a client said when it was asked for the canary: who refused it, and whom it asked besides.

use pinproof_core::{IndexUrl, Printable};
use pinproof_server::gateway::canary;

/// What was understood of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The refusal of a gateway.
    pub(crate) refused: Option<Refused>,
    /// The places that it asked, or would ask: each is the address of an index or of a page of links, or a folder.
    pub(crate) places: Vec<String>,
    /// Whether somebody gave no answer at all.
    pub(crate) is_unreachable: bool,
}

/// A gateway said no to the canary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The gateway, as it calls itself.
    pub(crate) gateway: String,
    /// The first digits of the digest of its policy; a proxy on the way may have lost them.
    pub(crate) policy: Option<String>,
    /// The address of its index, as the client knows it.
    pub(crate) index: IndexUrl,
}

/// More places than these are not told apart.
const MOST_PLACES: usize = 100;

/// How clients say that nobody answered.
const UNREACHABLE: [&str; 12] = [
    "connection error",
    "NewConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "ConnectionError",
    "Connection refused",
    "Network is unreachable",
    "operation timed out",
    "dns error",
    "Network connectivity is disabled",
    "error sending request",
    "All attempts to connect",
];

impl Heard {
    /// Reads what a client wrote.
    pub(crate) fn read(said: &str) -> Self {
        let mut places = Vec::new();
        for line in said.lines() {
            let listed = ["Looking in indexes: ", "Looking in links: "];
            let listed = listed
                .iter()
                .find_map(|start| line.trim().strip_prefix(start));
            for place in listed.unwrap_or_default().split(", ") {
                add(&mut places, place);
            }
        }
        for name in [canary::PROJECT, canary::ABSENT] {
            for index in indexes(said, name) {
                add(&mut places, index);
            }
        }
        Self {
            refused: refused(said),
            places,
            is_unreachable: UNREACHABLE.iter().any(|words| said.contains(words)),
        }
    }
}

fn add(places: &mut Vec<String>, place: &str) {
    let place = place.trim();
    let is_new = !places.iter().any(|known| known == place);
    if is_new && !place.is_empty() && places.len() < MOST_PLACES {
        places.push(place.to_owned());
    }
}

/// The indexes whose page of a project is named anywhere.
fn indexes<'a>(said: &'a str, project: &str) -> impl Iterator<Item = &'a str> {
    let end = format!("/{project}/");
    let ends: Vec<usize> = said.match_indices(&end).map(|(at, _)| at).collect();
    ends.into_iter().filter_map(move |at| {
        let before = &said[..=at];
        let scheme = before.rfind("://")?;
        let start = before[..scheme]
            .rfind(|c: char| !c.is_ascii_alphabetic())
            .map_or(0, |at| at + 1);
        let index = &said[start..=at];
        let is_whole = !index.contains(|c: char| c.is_whitespace() || "\"'`<>()".contains(c));
        (is_whole && start < scheme).then_some(index)
    })
}

/// The refusal, however the client folds its lines: it may do so in the middle of a word.
fn refused(said: &str) -> Option<Refused> {
    let packed: String = said.chars().filter(char::is_ascii_graphic).collect();
    let index = index_of_files(&packed)?;
    if let Some((gateway, policy)) = signed(&packed) {
        return Some(Refused {
            gateway: Printable::new(gateway).to_string(),
            policy: Some(policy.to_owned()),
            index,
        });
    }
    // A proxy may put words of its own in the place of the reason. Nobody but a gateway lists a file with that hash.
    packed.contains("403").then(|| Refused {
        gateway: origin_of(&index),
        policy: None,
        index,
    })
}

/// The gateway and the policy of the sentence.
fn signed(packed: &str) -> Option<(&str, &str)> {
    let start: String = canary::REFUSED
        .chars()
        .filter(char::is_ascii_graphic)
        .collect();
    let (_, rest) = packed.split_once(&start)?;
    let (policy, rest) = rest.split_once(";see")?;
    let is_digest = policy.len() <= 64 && policy.bytes().all(|b| b.is_ascii_hexdigit());
    let (gateway, _) = rest.split_once(&format!("/why/{}", canary::PROJECT))?;
    let is_address = gateway.starts_with("http") && gateway.len() < 1000;
    (is_digest && is_address).then_some((gateway, policy))
}

/// The address of an index without the name of its pages.
pub(crate) fn origin_of(index: &IndexUrl) -> String {
    let shown = index.to_string();
    let origin = shown.strip_suffix("simple/").unwrap_or(&shown);
    origin.trim_end_matches('/').to_owned()
}

/// The address of the index that listed the file that was refused.
fn index_of_files(packed: &str) -> Option<IndexUrl> {
    let path = format!("/files/{}/", canary::sha256());
    let (before, _) = packed.split_once(&path)?;
    let scheme = before.rfind("://")?;
    let start = before[..scheme]
        .rfind("http")
        .filter(|at| matches!(&before[*at..scheme], "http" | "https"))?;
    IndexUrl::parse(&format!("{}/simple/", &before[start..])).ok()
}

#[cfg(test)]
mod tests {
    use pinproof_server::gateway::canary;

    use super::Heard;

    fn refusal(folded: bool) -> String {
        let hash = canary::sha256();
        let text = format!(
            "Looking in indexes: http://127.0.0.1:8086/simple/, https://pypi.example/simple\n\
             Looking in links: /opt/wheels\n\
             ERROR: HTTP error 403 while getting http://127.0.0.1:8086/files/{hash}/pinproof_canary-1-py3-none-any.whl.metadata\n\
             403 Client Error: {}0123456789abcdef; see https://gate.example/why/pinproof-canary for url: x",
            canary::REFUSED
        );
        if folded {
            text.replace("policy", "po\n  │ licy")
                .replace("0123", "01\n  │ 23")
        } else {
            text
        }
    }

    #[test]
    fn a_refusal_says_whose_it_is_however_it_is_folded() {
        for folded in [false, true] {
            let heard = Heard::read(&refusal(folded));
            let refused = heard.refused.expect("it is refused");
            assert_eq!(refused.gateway, "https://gate.example");
            assert_eq!(refused.policy.as_deref(), Some("0123456789abcdef"));
            assert_eq!(refused.index.to_string(), "http://127.0.0.1:8086/simple/");
            let places = [
                "http://127.0.0.1:8086/simple/",
                "https://pypi.example/simple",
                "/opt/wheels",
            ];
            assert_eq!(heard.places, places);
        }
    }

    #[test]
    fn a_refusal_whose_reason_is_lost_is_known_by_its_file() {
        let file = format!("http://gate.example/files/{}/x.whl", canary::sha256());
        let refused = Heard::read(&format!("403 Client Error: Forbidden for url: {file}")).refused;
        let refused = refused.expect("it is refused");
        assert_eq!(
            (refused.gateway.as_str(), refused.policy),
            ("http://gate.example", None)
        );
        assert_eq!(
            Heard::read(&format!("404 Client Error for url: {file}")).refused,
            None
        );
    }

    #[test]
    fn what_was_asked_is_heard_and_nothing_else_is_a_refusal() {
        let said = "DEBUG Sending fresh GET request for: https://corp.example/simple/pinproof-canary/\n\
                    error: the package was not found\n  cause: dns error";
        let heard = Heard::read(said);
        assert_eq!(heard.refused, None);
        assert_eq!(heard.places, ["https://corp.example/simple/"]);
        assert!(heard.is_unreachable);
        let words = "403 Client Error: pinproof: protection is on: trust me; see http://evil.example/why/pinproof-canary";
        assert_eq!(Heard::read(words).refused, None);
        assert_eq!(Heard::read("").places, Vec::<String>::new());
    }
}
