//! For whom a gateway of this machine alone answers: programs of the machine, and not the pages of a browser on it.
//!
//! A web page may have a name of its own that leads to this machine (DNS rebinding), and then reads what is answered
//! here, the names of private projects among it. Such a request says the name of the page, and no program that was
//! pointed here does.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};

/// Which names of a host are ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hosts {
    /// Every name: clients of other machines come by names that we do not know.
    All,
    /// Addresses, and `localhost`.
    ThisMachine,
}

impl Hosts {
    /// Those of a gateway that clients see at this address.
    pub(super) fn of(public: &str) -> Self {
        let (_, rest) = public.split_once("://").unwrap_or(("", public));
        let host = without_port(rest.split('/').next().unwrap_or(rest));
        let is_loopback = address(host).is_some_and(|address| address.is_loopback());
        if is_loopback || is_localhost(host) {
            Self::ThisMachine
        } else {
            Self::All
        }
    }

    /// The name that a request says and that is not ours.
    pub(super) fn stranger(self, headers: &HeaderMap) -> Option<&str> {
        let host = headers.get(header::HOST)?;
        let host = without_port(host.to_str().unwrap_or("?"));
        let is_ours = self == Self::All || address(host).is_some() || is_localhost(host);
        (!is_ours).then_some(host)
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        // An IPv6 address has colons of its own, and brackets around them.
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn address(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

fn is_localhost(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::Hosts;

    #[test]
    fn a_gateway_of_this_machine_is_asked_by_address() {
        for public in [
            "http://127.0.0.1:8086",
            "https://[::1]:8086",
            "http://localhost:1/pypi",
        ] {
            assert_eq!(Hosts::of(public), Hosts::ThisMachine, "{public}");
        }
        for public in [
            "https://pypi.corp.example",
            "http://10.0.0.1:8086",
            "http://0.0.0.0:8086",
        ] {
            assert_eq!(Hosts::of(public), Hosts::All, "{public}");
        }
    }

    #[test]
    fn a_name_of_a_web_page_is_a_stranger() {
        let stranger = |hosts: Hosts, host: &'static str| {
            let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            hosts.stranger(&headers).map(str::to_owned)
        };
        for ours in [
            "127.0.0.1:8086",
            "127.0.0.1",
            "[::1]:8086",
            "localhost",
            "LOCALHOST.:80",
            "a.localhost:1",
        ] {
            assert_eq!(stranger(Hosts::ThisMachine, ours), None, "{ours}");
        }
        for evil in [
            "evil.example:8086",
            "evil.example",
            "",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
        ] {
            assert!(stranger(Hosts::ThisMachine, evil).is_some(), "{evil}");
            assert_eq!(stranger(Hosts::All, evil), None, "{evil}");
        }
        assert_eq!(Hosts::ThisMachine.stranger(&HeaderMap::new()), None);
    }
}
