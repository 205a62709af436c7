//! Markers for parts of the environments of a lock: right in each of them, and short.

#![expect(
    clippy::unwrap_used,
    reason = "the texts of the tests are what they say they are"
)]

use std::collections::BTreeSet;

use pinproof_core::lock_marker::{NoMarker, environments, marker_for};
use pinproof_core::{Environment, Marker, Platform};
use proptest::prelude::*;

fn of(python: &str, platform: &str) -> Environment {
    Environment::of_target(python.parse().unwrap(), platform.parse().unwrap())
}

fn matrix(pythons: &str, platforms: &str) -> Vec<Environment> {
    let of_python = |python| {
        platforms
            .split(' ')
            .map(move |platform| of(python, platform))
    };
    pythons.split(' ').flat_map(of_python).collect()
}

fn evaluate(marker: &str, environment: &Environment) -> bool {
    marker.parse::<Marker>().unwrap().evaluate(environment, &[])
}

/// The marker of those for which `holds`, checked in every environment.
fn marker(all: &[Environment], holds: impl Fn(&Environment) -> bool) -> Option<String> {
    let chosen = (0..all.len()).filter(|at| holds(&all[*at])).collect();
    checked(all, &chosen).unwrap()
}

fn checked(all: &[Environment], chosen: &BTreeSet<usize>) -> Result<Option<String>, NoMarker> {
    let marker = marker_for(all, chosen)?;
    for (at, environment) in all.iter().enumerate() {
        let holds = marker
            .as_ref()
            .is_none_or(|marker| evaluate(marker, environment));
        assert_eq!(holds, chosen.contains(&at), "{marker:?} in {environment}");
    }
    Ok(marker)
}

const LARGE: &str =
    "linux-x86_64 linux-aarch64 macos-arm64 macos-x86_64 windows-x86_64 windows-arm64";

#[test]
fn one_axis_takes_one_comparison() {
    let minors = matrix("3.9 3.10 3.11 3.13", "linux");
    let of_minors = |wanted: &[&str]| {
        let wanted: Vec<_> = wanted.iter().map(|text| text.parse().unwrap()).collect();
        marker(&minors, |environment| {
            wanted.contains(&environment.python())
        })
        .unwrap()
    };
    for (wanted, expected) in [
        (&["3.9"][..], "python_version < '3.10'"),
        (&["3.9", "3.10"], "python_version < '3.11'"),
        (&["3.13"], "python_version >= '3.13'"),
        (&["3.10"], "python_version == '3.10'"),
        (
            &["3.10", "3.11"],
            "python_version >= '3.10' and python_version < '3.13'",
        ),
        (&["3.9", "3.11", "3.13"], "python_version != '3.10'"),
        (
            &["3.9", "3.13"],
            "python_version < '3.10' or python_version >= '3.13'",
        ),
    ] {
        assert_eq!(of_minors(wanted), expected);
    }
    let platforms = matrix("3.12", LARGE);
    let of_platforms = |wanted: &str| {
        let wanted: Vec<Platform> = wanted
            .split(' ')
            .map(|text| text.parse().unwrap())
            .collect();
        marker(&platforms, |environment| {
            wanted.contains(&environment.platform())
        })
        .unwrap()
    };
    for (wanted, expected) in [
        ("windows-x86_64 windows-arm64", "sys_platform == 'win32'"),
        ("windows-arm64", "platform_machine == 'ARM64'"),
        ("linux-x86_64 macos-x86_64", "platform_machine == 'x86_64'"),
        (
            "linux-x86_64 linux-aarch64 macos-arm64 macos-x86_64",
            "sys_platform != 'win32'",
        ),
        (
            "linux-x86_64",
            "sys_platform == 'linux' and platform_machine == 'x86_64'",
        ),
        (
            "linux-x86_64 linux-aarch64 macos-arm64 macos-x86_64 windows-x86_64",
            "platform_machine != 'ARM64'",
        ),
        (
            "linux-aarch64 macos-arm64 macos-x86_64 windows-x86_64 windows-arm64",
            "sys_platform != 'linux' or platform_machine == 'aarch64'",
        ),
    ] {
        assert_eq!(of_platforms(wanted), expected);
    }
}

#[test]
fn a_platform_is_named_rather_than_its_machine() {
    let two = matrix("3.12 3.13", "linux windows");
    let windows = |environment: &Environment| environment.platform() == Platform::WindowsX86_64;
    assert_eq!(marker(&two, windows).unwrap(), "sys_platform == 'win32'");
    let old_windows = |environment: &Environment| {
        windows(environment) && environment.python() == "3.12".parse().unwrap()
    };
    let expected = "python_version < '3.13' and sys_platform == 'win32'";
    assert_eq!(marker(&two, old_windows).unwrap(), expected);
    let all_but = marker(&two, |environment| !old_windows(environment)).unwrap();
    assert_eq!(
        all_but,
        "sys_platform == 'linux' or python_version >= '3.13'"
    );
}

#[test]
fn a_product_is_said_by_axis() {
    let all = matrix("3.10 3.11 3.12 3.13", LARGE);
    let edges = ["3.10".parse().unwrap(), "3.13".parse().unwrap()];
    let said = marker(&all, |environment| {
        edges.contains(&environment.python()) && evaluate("sys_platform == 'win32'", environment)
    });
    assert_eq!(
        said.unwrap(),
        "(python_version < '3.11' or python_version >= '3.13') and sys_platform == 'win32'"
    );
    let two = [
        (of("3.10", "linux"), "3.10", "linux-x86_64"),
        (of("3.13", "windows"), "3.13", "windows-x86_64"),
    ];
    let said = marker(&all, |environment| {
        two.iter().any(|(one, ..)| one == environment)
    });
    assert_eq!(
        said.unwrap(),
        "(python_version < '3.11' and sys_platform == 'linux' and platform_machine == 'x86_64') \
         or (python_version >= '3.13' and platform_machine == 'AMD64')"
    );
}

#[test]
fn patch_releases_of_one_minor_are_told_apart() {
    let all = matrix("3.11.2 3.11.9 3.12", "linux");
    let of_patch = |patch| {
        let python = patch;
        marker(&all, |environment| {
            environment.python().to_string() == python
        })
        .unwrap()
    };
    assert_eq!(of_patch("3.11.2"), "python_full_version < '3.11.9'");
    assert_eq!(of_patch("3.11.9"), "python_full_version == '3.11.9'");
    assert_eq!(of_patch("3.12"), "python_version >= '3.12'");
}

#[test]
fn what_no_marker_can_say_is_an_error() {
    let all = matrix("3.12", "linux-x86_64 musllinux-x86_64 windows");
    let both = marker_for(&all, &[0, 1].into()).unwrap().unwrap();
    assert_eq!(both, "sys_platform == 'linux'");
    let alike = NoMarker::Alike {
        chosen: Box::new(all[1].clone()),
        other: Box::new(all[0].clone()),
    };
    assert_eq!(marker_for(&all, &[1, 2].into()), Err(alike.clone()));
    assert_eq!(
        alike.to_string(),
        "no marker tells Python 3.12 on musllinux-x86_64 and Python 3.12 on linux-x86_64 apart"
    );
    assert_eq!(marker_for(&all, &[].into()), Err(NoMarker::Nowhere));
    assert_eq!(marker_for(&[], &[].into()), Err(NoMarker::Nowhere));
    assert_eq!(marker_for(&all, &[0, 1, 2].into()), Ok(None));
    let pythons: Vec<String> = (0..200).map(|minor| format!("3.{minor}")).collect();
    let many = matrix(&pythons.join(" "), "linux");
    assert_eq!(marker_for(&many, &[0].into()), Err(NoMarker::TooMany(200)));
}

/// The worst there is: no two neighbours need the same.
#[test]
fn a_chessboard_ends_soon() {
    let all = matrix(
        "3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13 3.14 3.15 3.16 3.17 3.18 3.19 3.20 3.21",
        LARGE,
    );
    let chosen = (0..all.len())
        .filter(|at| (at / 6 + at % 6) % 2 == 0)
        .collect();
    assert!(checked(&all, &chosen).unwrap().is_some());
}

#[test]
fn every_part_of_small_tables_has_its_marker() {
    for (pythons, platforms) in [
        ("3.11 3.12 3.13", "linux macos windows"),
        ("3.12", LARGE),
        ("3.9 3.10 3.11 3.12 3.13", "linux windows"),
    ] {
        let all = matrix(pythons, platforms);
        for bits in 1..1_u32 << all.len() {
            let chosen = (0..all.len()).filter(|at| bits >> at & 1 == 1).collect();
            checked(&all, &chosen).unwrap();
        }
    }
}

#[test]
fn the_environments_of_a_lock_hold_nowhere_else() {
    let all = matrix("3.11 3.12 3.14", "linux musllinux-x86_64 windows-arm64");
    let rest = "and implementation_name == 'cpython'";
    let expected = [
        format!(
            "python_version >= '3.11' and python_version < '3.13' and sys_platform == 'linux' and platform_machine == 'x86_64' {rest}"
        ),
        format!(
            "python_version == '3.14' and sys_platform == 'linux' and platform_machine == 'x86_64' {rest}"
        ),
        format!(
            "python_version >= '3.11' and python_version < '3.13' and sys_platform == 'win32' and platform_machine == 'ARM64' {rest}"
        ),
        format!(
            "python_version == '3.14' and sys_platform == 'win32' and platform_machine == 'ARM64' {rest}"
        ),
    ];
    assert_eq!(environments(&all), expected);
    let patched = matrix("3.11.2 3.12.1 3.12", "macos");
    let rest = "and sys_platform == 'darwin' and platform_machine == 'arm64' and implementation_name == 'cpython'";
    let expected = [
        format!("python_full_version == '3.11.2' {rest}"),
        format!("python_version == '3.12' {rest}"),
    ];
    assert_eq!(environments(&patched), expected);
}

fn any_environments() -> impl Strategy<Value = BTreeSet<(u16, Platform)>> {
    let platform = proptest::sample::select(&Platform::ALL[..]);
    proptest::collection::btree_set((8_u16..14, platform), 1..20)
}

fn environment((minor, platform): (u16, Platform)) -> Environment {
    let python = format!("3.{minor}").parse().unwrap();
    Environment::of_target(python, platform)
}

proptest! {
    #[test]
    fn tables_with_holes_have_markers(table in any_environments(), bits in any::<u32>()) {
        let all: Vec<_> = table.into_iter().map(environment).collect();
        let chosen: BTreeSet<usize> = (0..all.len()).filter(|at| bits >> at & 1 == 1).collect();
        match checked(&all, &chosen) {
            Ok(marker) => prop_assert_eq!(marker.is_none(), chosen.len() == all.len()),
            Err(NoMarker::Nowhere) => prop_assert!(chosen.is_empty()),
            Err(NoMarker::Alike { chosen: one, other }) => {
                let value = |environment: &Environment, name| environment.marker_value(name).map(str::to_owned);
                for name in ["python_full_version", "sys_platform", "platform_machine", "os_name"] {
                    prop_assert_eq!(value(&one, name), value(&other, name));
                }
                prop_assert_ne!(one, other);
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn stated_environments_are_these(table in any_environments()) {
        let all: Vec<_> = table.iter().copied().map(environment).collect();
        let stated = environments(&all);
        for minor in 7..15 {
            for platform in Platform::ALL {
                let here = environment((minor, platform));
                let alike = |other: &Environment| {
                    let same = |name| here.marker_value(name) == other.marker_value(name);
                    same("python_version") && same("sys_platform") && same("platform_machine")
                };
                let holding = stated.iter().filter(|marker| evaluate(marker, &here)).count();
                prop_assert_eq!(holding, usize::from(all.iter().any(alike)), "{}", here);
            }
        }
    }
}
