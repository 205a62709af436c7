//! uv's environment variables that decide where projects come from.

use std::collections::BTreeMap;

use pinproof_core::index::{Address, LocationKind};
use pinproof_core::manifest::{InstallOption, InstallOptionKind, NotUnderstood};
use pinproof_core::{Client, IndexConfig, IndexLocation, MachineSetting, Printable, Span};

use crate::truth::truth;

/// What the variables of an environment say to uv, one setting per variable.
///
/// `UV_INDEX_URL` and `UV_DEFAULT_INDEX` are both kept when both are set; uv asks the latter.
pub fn read(environment: &BTreeMap<String, String>) -> Vec<MachineSetting> {
    let settings = environment.iter().map(|(variable, value)| MachineSetting {
        origin: Printable::new(variable),
        client: Client::Uv,
        config: config(variable, value),
    });
    settings
        .filter(|setting| !setting.config.is_empty())
        .collect()
}

fn config(variable: &str, value: &str) -> IndexConfig {
    use InstallOptionKind::{
        IndexStrategy, NoBinary, NoRequireHashes, OnlyBinary, Other, Pre, RequireHashes,
        TrustedHost,
    };
    let mut config = IndexConfig::default();
    if value.is_empty() {
        return config;
    }
    let all = || vec![":all:".to_owned()];
    let option = |kind| InstallOption {
        kind,
        span: Span::new(0, value.len()),
    };
    match variable {
        "UV_INDEX_URL" => config.locations.push(plain(value, LocationKind::Default)),
        "UV_DEFAULT_INDEX" => config.locations.push(named(value, LocationKind::Default)),
        "UV_INDEX" => config
            .locations
            .extend(value.split_whitespace().map(extra_named)),
        "UV_EXTRA_INDEX_URL" => config.locations.extend(value.split_whitespace().map(extra)),
        "UV_FIND_LINKS" => config.locations.extend(value.split(',').map(find_links)),
        "UV_INSECURE_HOST" => {
            let hosts = value.split_whitespace().map(str::to_owned);
            config.options.extend(hosts.map(TrustedHost).map(option));
        }
        "UV_INDEX_STRATEGY" => config.options.push(option(IndexStrategy(value.to_owned()))),
        "UV_PRERELEASE" if value == "allow" => config.options.push(option(Pre)),
        "UV_NO_BINARY_PACKAGE" => config.options.push(option(NoBinary(names(value)))),
        "UV_NO_BUILD_PACKAGE" => config.options.push(option(OnlyBinary(names(value)))),
        "UV_NO_BINARY" => add_flag(variable, value, NoBinary(all()), &mut config),
        "UV_NO_BUILD" => add_flag(variable, value, OnlyBinary(all()), &mut config),
        "UV_NO_VERIFY_HASHES" => add_flag(variable, value, NoRequireHashes, &mut config),
        "UV_REQUIRE_HASHES" => add_flag(variable, value, RequireHashes, &mut config),
        // Names bound in a project are not bound then.
        "UV_NO_SOURCES" | "UV_NO_SOURCES_PACKAGE" => {
            config.options.push(option(Other("no-sources".to_owned())));
        }
        _ => {}
    }
    config
}

fn add_flag(variable: &str, value: &str, on: InstallOptionKind, config: &mut IndexConfig) {
    let span = Span::new(0, value.len());
    match truth(value) {
        Some(true) => config.options.push(InstallOption { kind: on, span }),
        Some(false) => {}
        None => config.not_understood.push(NotUnderstood {
            span,
            why: Printable::from(format!(
                "`{variable}` is true or false, and this is neither; uv stops at it"
            )),
            help: Some(Printable::new("write `true` or `false`")),
        }),
    }
}

fn names(value: &str) -> Vec<String> {
    value.split_whitespace().map(str::to_owned).collect()
}

fn extra(text: &str) -> IndexLocation {
    plain(text, LocationKind::Extra)
}

fn extra_named(text: &str) -> IndexLocation {
    named(text, LocationKind::Extra)
}

fn find_links(text: &str) -> IndexLocation {
    plain(text, LocationKind::FindLinks)
}

fn plain(text: &str, kind: LocationKind) -> IndexLocation {
    IndexLocation {
        kind,
        address: Address::parse(text),
        name: None,
        explicit: false,
        span: None,
    }
}

/// `name=address`; without a valid name before the first `=` all of it is the address.
fn named(text: &str, kind: LocationKind) -> IndexLocation {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    match text.split_once('=').filter(|(name, _)| is_name(name)) {
        Some((name, address)) => IndexLocation {
            name: Some(name.to_owned()),
            ..plain(address, kind)
        },
        None => plain(text, kind),
    }
}
