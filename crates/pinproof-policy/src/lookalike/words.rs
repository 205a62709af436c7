//! Names as words: what people put before and after the name of a project, and the order of words.

use super::How;
use super::popular::{Catalogue, Known, spelling};

/// What is put before or after a name to say that it is the same thing for Python: a language affix can be
/// left out or added by mistake, or be the whole difference between a project and its import name.
const LANGUAGE: &[&str] = &["python", "python3", "py", "py3", "lib", "python2"];

/// What is put before or after a name to say that it is part of the same thing.
const PART: &[&str] = &[
    "2",
    "3",
    "4",
    "ai",
    "api",
    "app",
    "async",
    "base",
    "beta",
    "bot",
    "build",
    "cli",
    "client",
    "cloud",
    "code",
    "common",
    "connector",
    "core",
    "cpu",
    "data",
    "db",
    "dev",
    "driver",
    "env",
    "extra",
    "gpu",
    "http",
    "hub",
    "js",
    "kit",
    "manager",
    "mcp",
    "module",
    "net",
    "next",
    "nightly",
    "package",
    "project",
    "proxy",
    "request",
    "requests",
    "sdk",
    "server",
    "service",
    "simple",
    "test",
    "tool",
    "toolkit",
    "tools",
    "util",
    "utils",
    "v2",
    "v3",
    "web",
    "wrapper",
];

/// What is put there to say that it is the better, or the right one to install; few honest names have it.
const BAIT: &[&str] = &[
    "boost",
    "easy",
    "fast",
    "faster",
    "fix",
    "fixed",
    "free",
    "full",
    "helper",
    "install",
    "installer",
    "latest",
    "lite",
    "loader",
    "new",
    "official",
    "plus",
    "pro",
    "secure",
    "supporter",
    "ultra",
    "update",
    "updater",
];

/// The popular projects of whose words `name` is made, and how.
pub(super) fn made_of<'a>(name: &str, catalogue: &'a Catalogue) -> Vec<(Known<'a>, How)> {
    let mut found = Vec::new();
    let spelled = spelling(name);
    let mut add = |text: &[u8], how: How| {
        if text != spelled {
            found.extend(catalogue.spelled(text).map(|known| (known, how)));
        }
    };
    for order in orders(name) {
        add(&order, How::WordOrder);
    }
    let is_word = |core: &&[u8]| core.len() >= SHORTEST_CORE;
    let cores: Vec<&[u8]> = without(&spelled, LANGUAGE)
        .map(|(core, _)| core)
        .filter(is_word)
        .collect();
    for core in std::iter::once(&*spelled)
        .filter(is_word)
        .chain(cores.iter().copied())
    {
        add(core, How::Language);
        for affix in LANGUAGE {
            add(&[affix.as_bytes(), core].concat(), How::Language);
            add(&[core, affix.as_bytes()].concat(), How::Language);
        }
        for (affixes, is_bait) in [(PART, false), (BAIT, true)] {
            for (part, affix) in without(core, affixes).filter(|(part, _)| is_word(part)) {
                add(part, How::Part { affix, is_bait });
            }
        }
    }
    found
}

/// A spelling without each affix that it begins or ends with.
fn without<'a>(
    spelled: &'a [u8],
    affixes: &'static [&'static str],
) -> impl Iterator<Item = (&'a [u8], &'static str)> {
    affixes.iter().flat_map(move |affix| {
        let ends = [
            spelled.strip_prefix(affix.as_bytes()),
            spelled.strip_suffix(affix.as_bytes()),
        ];
        ends.into_iter().flatten().map(|core| (core, *affix))
    })
}

/// What is left of a name without its affix has to be a word that one recognizes.
const SHORTEST_CORE: usize = 3;

/// The length of the one word of `target` that `name` has another one for, where all others are the same:
/// `types-boto3-sts` and `types-boto3-sqs` are two names of a family, and differ in a third.
pub(super) fn differing(name: &str, target: &str) -> Option<usize> {
    let (ours, theirs) = (words_of(name), words_of(target));
    if ours.len() != theirs.len() || theirs.len() < 2 {
        return None;
    }
    let mut different = theirs
        .iter()
        .zip(&ours)
        .filter(|(theirs, ours)| theirs != ours);
    let (word, _) = different.next()?;
    different.next().is_none().then_some(word.len())
}

/// The words of a name; the `py` at its beginning is one.
fn words_of(name: &str) -> Vec<&str> {
    let (first, rest) = match name.strip_prefix("py") {
        Some(rest) if rest.len() > 2 => (Some("py"), rest),
        _ => (None, name),
    };
    first.into_iter().chain(rest.split('-')).collect()
}

/// The words of a name in every other order, for two to four words.
fn orders(name: &str) -> Vec<Vec<u8>> {
    let words: Vec<&str> = name.split('-').take(5).collect();
    if !(2..=4).contains(&words.len()) {
        return Vec::new();
    }
    let mut orders = Vec::new();
    permute(&words, &mut Vec::new(), &mut orders);
    let given = spelling(name);
    orders.retain(|order| *order != given);
    orders
}

fn permute<'a>(left: &[&'a str], done: &mut Vec<&'a str>, orders: &mut Vec<Vec<u8>>) {
    if left.is_empty() {
        orders.push(done.concat().into_bytes());
    }
    for at in 0..left.len() {
        let mut rest = left.to_vec();
        done.push(rest.remove(at));
        permute(&rest, done, orders);
        done.pop();
    }
}
