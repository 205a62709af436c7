//! Where an index may lead us: by a redirect, or by the address of a file.
//!
//! The address of an index is the choice of whoever configures it, wherever that is. What the index names may be on
//! its own host, on the public network, or anywhere if the index itself is in a private network. An index on the
//! public network does not make us ask a machine inside, which would answer us and nobody out there.
//!
//! Names are looked up here, and again when the connection is made: the second answer is held to the same rule.
//! Behind a proxy it is the proxy that looks names up, and ours may have no address here.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pinproof_core::Printable;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use tokio::time::timeout;
use url::{Host, Url};

use super::FetchError;

/// How long looking up a name may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The names that may only be public for now, each with how many requests lead there.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach(Arc<Mutex<HashMap<String, usize>>>);

/// As long as it is held, a name leads to public addresses only.
#[derive(Debug)]
pub(super) struct Held {
    reach: Reach,
    name: String,
}

impl Reach {
    /// Whether somebody at `home` may lead us to `url`.
    pub(super) async fn check(&self, url: &Url, home: &Url) -> Result<Option<Held>, FetchError> {
        let (Some(host), Some(own)) = (url.host(), home.host()) else {
            return Ok(None);
        };
        if host == own || is_private(&own).await {
            return Ok(None);
        }
        if is_private(&host).await {
            let host = Printable::from(host.to_string()).shortened(100);
            return Err(FetchError::Inwards(host));
        }
        let Host::Domain(name) = host else {
            return Ok(None);
        };
        let name = name.to_owned();
        *self.lock().entry(name.clone()).or_default() += 1;
        let reach = self.clone();
        Ok(Some(Held { reach, name }))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        // A panic elsewhere leaves it whole: an entry is changed in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut names = self.reach.lock();
        if let Some(held) = names.get_mut(&self.name) {
            *held -= 1;
            if *held == 0 {
                names.remove(&self.name);
            }
        }
    }
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let is_held = self.lock().contains_key(name.as_str());
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let found = found.filter(|address| !is_held || is_public(address.ip()));
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() {
                return Err(io::Error::other("dns error: no address that may be asked").into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether a host is in a private network, as far as can be known here.
async fn is_private(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(ip) => !is_public((*ip).into()),
        Host::Ipv6(ip) => !is_public((*ip).into()),
        Host::Domain(name) => match timeout(PATIENCE, lookup_host((*name, 0))).await {
            Ok(Ok(mut found)) => found.any(|address| !is_public(address.ip())),
            // Without an address there is no connection, or a proxy makes it.
            _ => false,
        },
    }
}

/// Whether an address is one of the public network (the registries of special-purpose addresses, RFC 6890).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !is_special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match ip.segments() {
        // An address of version 4 in another form: mapped, translated, tunnelled.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => v4(high, low),
        [0x2001, 0..=0x1ff | 0xdb8, ..] => false,
        // The only block that is given out.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach, is_public};
    use crate::http::FetchError;
    use url::Url;

    #[test]
    fn what_is_public_and_what_is_not() {
        for public in [
            "151.101.0.223",
            "8.8.8.8",
            "100.63.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "2a04:4e42::223",
            "2600:1f18::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.1.2.3",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.170",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    async fn check(url: &str, home: &str) -> Result<bool, FetchError> {
        let (url, home) = (Url::parse(url).unwrap(), Url::parse(home).unwrap());
        let held = Reach::default().check(&url, &home).await?;
        Ok(held.is_some())
    }

    #[tokio::test]
    async fn the_public_network_does_not_lead_inside() {
        let out = "https://151.101.0.223/simple/";
        for inside in [
            "http://127.0.0.1:8080/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://169.254.169.254/latest/",
            "http://10.0.0.1/",
            "http://localhost/",
            "http://[::ffff:a00:1]/",
        ] {
            let refused = check(inside, out).await;
            assert!(matches!(refused, Err(FetchError::Inwards(_))), "{inside}");
            // Who is inside may lead anywhere, and everybody to himself.
            assert_eq!(check(inside, "http://192.168.0.7/simple/").await, Ok(false));
            assert_eq!(check(inside, inside).await, Ok(false));
        }
        assert_eq!(check("https://8.8.8.8/x", out).await, Ok(false));
        // A name that has no address here is for a proxy, and public until it is known to be something else.
        assert_eq!(check("https://files.invalid/x", out).await, Ok(true));
    }

    #[tokio::test]
    async fn a_name_is_free_again_when_nobody_leads_there() {
        let reach = Reach::default();
        let url = Url::parse("https://files.invalid/").unwrap();
        let home = Url::parse("https://151.101.0.223/").unwrap();
        let (one, two) = (
            reach.check(&url, &home).await,
            reach.check(&url, &home).await,
        );
        assert_eq!(reach.lock().len(), 1);
        drop(one);
        assert_eq!(reach.lock().len(), 1);
        drop(two);
        assert!(reach.lock().is_empty());
    }
}
