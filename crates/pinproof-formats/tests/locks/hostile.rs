//! Locks that nobody wrote in good faith: bounded in time, and nothing of them is passed over in silence.

use std::time::{Duration, Instant};

use pinproof_core::Manifest;
use pinproof_formats::{coverage, pdm_lock, pipfile, pipfile_lock, poetry_lock, pylock, uv_lock};

use crate::support::unclear;

/// Reads a text in one of the formats; `None` is a text that is no TOML or no JSON.
type Parse = fn(&str) -> Option<Manifest>;

/// Generous, because the machine may be busy and the build is for debugging.
const LONG: Duration = Duration::from_mins(1);

const FORMATS: [(&str, &str, Parse); 6] = [
    ("pylock", include_str!("small/pylock.uv.toml"), |text| {
        pylock::parse(text).ok()
    }),
    ("uv", include_str!("small/uv.lock"), |text| {
        uv_lock::parse(text).ok()
    }),
    ("poetry", include_str!("small/poetry.lock"), |text| {
        poetry_lock::parse(text).ok()
    }),
    ("pdm", include_str!("small/pdm.lock"), |text| {
        pdm_lock::parse(text).ok()
    }),
    ("Pipfile.lock", include_str!("small/Pipfile.lock"), |text| {
        pipfile_lock::parse(text).ok()
    }),
    ("Pipfile", include_str!("small/Pipfile"), |text| {
        pipfile::parse(text).ok()
    }),
];

fn in_time<T>(what: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = what();
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
    done
}

#[test]
fn line_ends_make_no_difference() {
    for (name, text, parse) in FORMATS {
        let plain = parse(text).unwrap();
        let windows = text.replace('\n', "\r\n");
        // Every other line ends differently.
        let lines = text.split_inclusive('\n').enumerate();
        let mixed: String = lines
            .map(|(at, line)| {
                if at % 2 == 0 {
                    line.replace('\n', "\r\n")
                } else {
                    line.to_owned()
                }
            })
            .collect();
        for other in [windows, mixed] {
            let read = parse(&other).unwrap();
            assert_eq!(unclear(&other, &read), [], "{name}");
            assert_eq!(coverage::uncovered(&read, &other), [], "{name}");
            let names = |manifest: &Manifest| -> Vec<_> {
                let all = manifest.requirements.iter();
                all.map(|one| (one.name.clone(), one.version.clone(), one.hashes.len()))
                    .collect()
            };
            assert_eq!(names(&read), names(&plain), "{name}");
        }
    }
}

#[test]
fn every_beginning_is_read_or_refused() {
    for (name, text, parse) in FORMATS {
        for at in (0..text.len().min(6_000))
            .step_by(97)
            .filter(|at| text.is_char_boundary(*at))
        {
            let part = &text[..at];
            if let Some(manifest) = parse(part) {
                assert_eq!(coverage::uncovered(&manifest, part), [], "{name} {at}");
            }
        }
    }
}

#[test]
fn depth_is_bounded() {
    let deep = 200_000;
    for (_, _, parse) in FORMATS {
        let arrays = format!("package = {}{}", "[".repeat(deep), "]".repeat(deep));
        let objects = format!(
            "{{\"default\": {}1{}}}",
            "{\"a\":".repeat(deep),
            "}".repeat(deep)
        );
        in_time(|| (parse(&arrays), parse(&objects)));
    }
}

#[test]
fn a_million_entries_are_too_many_and_said_so() {
    // A debug build reads a tenth of it in seconds; the bound is what counts.
    let many = 100_001;
    let in_toml = |name: &str, head: &str, source: &str| {
        let entry = format!("[[{name}]]\nname = \"a\"\nversion = \"1\"\n{source}");
        format!("{head}{}", entry.repeat(many))
    };
    let formats: [(String, Parse); 4] = [
        (
            in_toml("packages", "lock-version = \"1.0\"\n", "wheels = []\n"),
            |text| pylock::parse(text).ok(),
        ),
        (
            in_toml(
                "package",
                "version = 1\n",
                "source = { registry = \"x\" }\n",
            ),
            |text| uv_lock::parse(text).ok(),
        ),
        (
            in_toml("package", "[metadata]\nlock-version = \"2.1\"\n", ""),
            |text| poetry_lock::parse(text).ok(),
        ),
        (
            in_toml("package", "[metadata]\nlock_version = \"4.5.0\"\n", ""),
            |text| pdm_lock::parse(text).ok(),
        ),
    ];
    for (text, parse) in formats {
        let manifest = in_time(|| parse(&text).unwrap());
        assert!(manifest.requirements.len() <= 100, "{text:.60}");
        let mut unclear = manifest.not_understood.iter();
        let is_limit = |why: &str| why.contains("more than 100000 entries");
        assert!(unclear.any(|one| is_limit(one.why.as_str())), "{text:.60}");
        assert_eq!(coverage::uncovered(&manifest, &text), [], "{text:.60}");
    }
    let entries: Vec<_> = (0..many)
        .map(|at| format!("\"a{at}\": {{\"version\": \"==1\"}}"))
        .collect();
    let text = format!(
        "{{\"_meta\": {{\"pipfile-spec\": 6}}, \"default\": {{{}}}}}",
        entries.join(",")
    );
    let error = in_time(|| pipfile_lock::parse(&text).unwrap_err());
    let why = error.message.as_str();
    assert!(why.contains("more than 100000 entries"), "{why}");
}

/// Names, versions and addresses are shown, so they are never longer than a report.
#[test]
fn a_text_of_a_megabyte_is_not_read() {
    let long = "x".repeat(1_000_000);
    for (name, text, parse) in FORMATS.iter().take(5) {
        let place = if *name == "Pipfile.lock" {
            "\"flask\""
        } else {
            "name = \"flask\""
        };
        let text = text.replacen(place, &place.replace("flask", &long), 1);
        let manifest = parse(&text).unwrap();
        let mut unclear = manifest.not_understood.iter();
        assert!(
            unclear.any(|one| one.why.as_str().contains("64 KiB")),
            "{name}"
        );
        let all = manifest.requirements.iter();
        assert!(
            all.flat_map(|one| &one.name)
                .all(|name| name.as_str().len() < 100)
        );
    }
}

#[test]
fn very_many_entries_of_one_project_are_not_compared_with_each_other() {
    let entry = |at: usize| {
        format!(
            "[[package]]\nname = \"a\"\nversion = \"{at}\"\nsource = {{ registry = \"https://h.example/{at}\" }}\n\
             dependencies = [{{ name = \"a\" }}, {{ name = \"b{at}\", marker = \"os_name == '{at}'\" }}]\n"
        )
    };
    let text: String = (0..20_000).map(entry).collect();
    let text = format!("version = 1\n{text}");
    let manifest = in_time(|| uv_lock::parse(&text).unwrap());
    assert_eq!(manifest.requirements.len(), 100);
    assert_eq!(manifest.not_understood.len(), 19_900);
    assert_eq!(coverage::uncovered(&manifest, &text), []);
}

#[test]
fn a_chain_of_extras_and_markers_is_linear() {
    let entry = |at: usize| {
        let next = at + 1;
        format!(
            "[[package]]\nname = \"a{at}\"\nversion = \"1\"\nsource = {{ registry = \"https://h.example/\" }}\n\
             dependencies = [{{ name = \"a{next}\", extra = [\"x\", \"y\"], marker = \"os_name == 'm{}'\" }}]\n\
             [package.optional-dependencies]\nx = [{{ name = \"a{next}\", extra = [\"y\"] }}]\n",
            at % 500
        )
    };
    let chain: String = (0..10_000).map(entry).collect();
    let root = "[[package]]\nname = \"root\"\nversion = \"1\"\nsource = { virtual = \".\" }\n\
                dependencies = [{ name = \"a0\", marker = \"os_name == 'nt'\" }]\n";
    let text = format!("version = 1\n{root}{chain}");
    let manifest = in_time(|| uv_lock::parse(&text).unwrap());
    assert_eq!(manifest.requirements.len(), 10_000);
    assert!(manifest.requirements.iter().all(|one| one.marker.is_some()));
}
