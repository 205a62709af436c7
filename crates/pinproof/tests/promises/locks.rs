//! P4, P5, P14, P16 and P18: what a lock promises, each as somebody meets it.

use crate::support::{NOW, Offered, Ran, Sandbox, Shelf, Wheel, asking, lock, pins, record};

const OLD: &str = "2026-01-01T00:00:00Z";
const YOUNG: &str = "2026-10-30T00:00:00Z";
const TARGET: [&str; 4] = ["--python", "3.12", "--platform", "linux-x86_64"];

fn wheel(name: &str, version: &str, uploaded: &str) -> Wheel {
    Wheel::new(name, version).uploaded(uploaded)
}

/// P4: a fix passes on the word of a source that is not its publisher, and there is an end.
#[test]
fn a_cooldown_lets_a_fix_through_on_the_word_of_another() {
    // The project says whatever it likes of itself, and takes back what came before.
    let says = |record: Wheel| record.member("elm/SECURITY.md", "Fixes CVE-2026-7. Update now.\n");
    let shelf = Shelf::with(&[
        wheel("elm", "1.0", OLD).yanked("CVE-2026-7").offered(),
        wheel("elm", "0.9", OLD).offered(),
        says(wheel("elm", "1.1", YOUNG)).offered(),
    ]);
    let sandbox = asking("elm\n");
    let held = "1.1 is held back, until 2026-11-06T00:00:00Z";
    lock(&sandbox, &shelf, &[]).ends_with(0).says(held);
    assert!(sandbox.read("requirements.txt").contains("elm==0.9 "));
    // Nor is a record enough that was taken back, or one about something else.
    let mut withdrawn = record("PYSEC-2026-7", "elm", "1.1");
    withdrawn["withdrawn"] = serde_json::json!("2026-10-31T00:00:00Z");
    let db = sandbox.database(&[withdrawn, record("PYSEC-2026-8", "birch", "1.1")]);
    lock(&sandbox, &shelf, &["--upgrade", "--db", &db])
        .ends_with(0)
        .says(held);
    let db = sandbox.database(&[record("PYSEC-2026-7", "elm", "1.1")]);
    let ran = lock(&sandbox, &shelf, &["--upgrade", "--db", &db]);
    ran.ends_with(0)
        .says(" ~ elm                    0.9 -> 1.1")
        .says("it is the smallest fix of PYSEC-2026-7")
        .says("its cooldown ends 2026-11-06T00:00:00Z");
}

/// What the young and the old release of a project are, wherever it is met.
struct Young<'a> {
    sandbox: &'a Sandbox,
    public: &'a Shelf,
}

impl Young<'_> {
    fn run(&self, words: &[&str]) -> Ran {
        let more = [
            "--index-url",
            &self.public.url(),
            "--as-of",
            NOW,
            "--retries",
            "0",
        ];
        self.sandbox.run(&[words, &TARGET[..], &more].concat())
    }

    #[track_caller]
    fn locks(&self, requirements: &str, more: &[&str], pin: &str) {
        self.sandbox.write("requirements.in", requirements);
        let ran = self.run(&[&["lock"], more].concat());
        let text = self.sandbox.read("requirements.txt");
        assert!(text.contains(pin), "{pin}\n{text}\n{}", ran.all());
        assert!(!text.contains("elm==2.0"), "{text}");
    }
}

/// P5: one cooldown for what is asked for, what that needs, what is chosen anew, what is fetched, and an
/// index of one's own.
#[test]
fn the_cooldown_is_one() {
    let public = Shelf::with(&[
        wheel("elm", "1.0", OLD).offered(),
        wheel("elm", "2.0", YOUNG).offered(),
        wheel("shop", "1.0", OLD).requires("elm").offered(),
    ]);
    let sandbox = Sandbox::new();
    let young = Young {
        sandbox: &sandbox,
        public: &public,
    };
    young.locks("elm\n", &[], "elm==1.0 ");
    young.locks("shop\n", &[], "elm==1.0 ");
    young.locks("shop\n", &["--upgrade"], "elm==1.0 ");
    young.locks("elm\n", &["--upgrade-package", "elm"], "elm==1.0 ");
    // By its version, too; the lock that is there stays.
    let before = sandbox.read("requirements.txt");
    let asked = young.run(&["lock", "--upgrade-package", "elm==2.0"]);
    assert_eq!(
        pins(&sandbox.read("requirements.txt")),
        pins(&before),
        "{}",
        asked.all()
    );
    sandbox.write("requirements.in", "elm==2.0\n");
    young
        .run(&["lock"])
        .ends_with(1)
        .says("[recent-release]")
        .says("2026-11-06");
    assert_eq!(sandbox.read("requirements.txt"), before);
    young
        .run(&["download", "elm", "--no-deps", "-d", "files"])
        .ends_with(0);
    assert!(
        sandbox
            .project()
            .join("files/elm-1.0-py3-none-any.whl")
            .is_file()
    );
    young
        .run(&["download", "elm==2.0", "--no-deps", "-d", "files"])
        .ends_with(1)
        .says("[recent-release]");
    assert!(
        !sandbox
            .project()
            .join("files/elm-2.0-py3-none-any.whl")
            .exists()
    );
}

#[test]
fn the_cooldown_is_the_same_for_an_index_of_ones_own() {
    let corp = Shelf::with(&[
        wheel("acme-web", "1.0", OLD).offered(),
        wheel("acme-web", "2.0", YOUNG).offered(),
    ]);
    let public = Shelf::with(&[]);
    let sandbox = asking("acme-web\n");
    let index = format!(
        "[[index]]\nname = \"corp\"\nurl = \"{}\"\nonly = [\"acme-*\"]\n",
        corp.url()
    );
    sandbox.write("pinproof.toml", &index);
    let args = ["lock", "--index-url", &public.url(), "--as-of", NOW];
    let corp_url = corp.url();
    let for_corp = [("PIP_INDEX_URL", corp_url.as_str())];
    let run = || sandbox.run_with(&[&args[..], &TARGET].concat(), &for_corp);
    run()
        .ends_with(0)
        .says("2.0 is held back, until 2026-11-06T00:00:00Z");
    assert!(sandbox.read("requirements.txt").contains("acme-web==1.0 "));
    // Only the policy can say otherwise.
    sandbox.write(
        "pinproof.toml",
        index + "[rules.recent-release]\nexcept = [\"acme-*\"]\n",
    );
    let upgraded = [&args[..], &TARGET, &["--upgrade"]].concat();
    sandbox.run_with(&upgraded, &for_corp).ends_with(0);
    assert!(sandbox.read("requirements.txt").contains("acme-web==2.0 "));
}

/// Releases with several files each, an extra, markers and a need of another system.
fn shelves() -> Vec<Offered> {
    let ash = Wheel::new("ash", "1.0")
        .extra("x")
        .requires("birch")
        .requires("elm; extra == 'x'");
    let ash = ash.requires("cedar; sys_platform == 'win32'");
    let tags = [
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp312-cp312-win_amd64",
        "py3-none-any",
    ];
    let mut files: Vec<Offered> = tags
        .iter()
        .map(|tag| ash.clone().tag(tag).offered())
        .collect();
    files.extend(["birch", "cedar", "elm"].map(|name| Wheel::new(name, "2.0").offered()));
    files.extend(["birch", "cedar", "elm"].map(|name| Wheel::new(name, "1.0").offered()));
    files.extend(["ash", "birch"].map(|name| Offered::sdist(name, "1.0", &[])));
    files
}

const TARGETS: [&str; 8] = [
    "--python",
    "3.12",
    "--python",
    "3.13",
    "--platform",
    "linux-x86_64",
    "--platform",
    "windows-x86_64",
];
const FORMATS: [&str; 2] = ["requirements.txt", "pylock.toml"];

/// The two locks that a machine makes; addresses of the index are cut out.
fn made(sandbox: &Sandbox, shelf: &Shelf, variables: &[(&str, &str)]) -> [String; 2] {
    FORMATS.map(|file| {
        let args = [
            "lock",
            "requirements.in",
            "--to",
            file,
            "--upgrade",
            "--index-url",
            &shelf.url(),
            "--as-of",
            NOW,
        ];
        let ran = sandbox.run_with(&[&args[..], &TARGETS].concat(), variables);
        ran.ends_with(0).says("unhashed: 0");
        sandbox.read(file).replace(
            shelf.url().trim_end_matches("simple/"),
            "https://index.example/",
        )
    })
}

/// P14: the same bytes on any machine, in any place and at any state of its cache.
#[test]
fn a_lock_has_the_same_bytes_everywhere() {
    let mut files = shelves();
    let shelf = Shelf::with(&files);
    files.reverse();
    let reversed = Shelf::with(&files);
    let input = "ash[x]\nbirch\n";
    let first = asking(input);
    let expected = made(&first, &shelf, &[]);
    assert!(
        expected[0].contains("cedar==2.0 ; sys_platform == 'win32'"),
        "{}",
        expected[0]
    );
    // Again, with a warm cache; then nobody is asked at all.
    assert_eq!(made(&first, &shelf, &[]), expected);
    assert_eq!(
        made(&first, &shelf, &[("PINPROOF_OFFLINE", "true")]),
        expected
    );
    let elsewhere = [
        ("LC_ALL", "tr_TR.UTF-8"),
        ("LANG", "de_DE"),
        ("TZ", "Pacific/Kiritimati"),
        ("COLUMNS", "40"),
        ("CLICOLOR_FORCE", "1"),
    ];
    assert_eq!(made(&asking(input), &shelf, &elsewhere), expected);
    assert_eq!(made(&asking(input), &reversed, &[]), expected);
    let no_cache = asking(input);
    let nowhere = no_cache.home().join("file");
    no_cache.write_home("file", "no folder can be made here\n");
    let nowhere = nowhere.join("cache").display().to_string();
    assert_eq!(
        made(&no_cache, &shelf, &[("PINPROOF_CACHE_DIR", &nowhere)]),
        expected
    );
}

/// P14: a relock changes nothing, also where newer releases have come, and one change is a small diff.
#[test]
fn a_relock_is_small_in_review() {
    let mut files = shelves();
    let sandbox = asking("ash[x]\nbirch\n");
    let shelf = Shelf::with(&files);
    lock(&sandbox, &shelf, &[]).ends_with(0);
    let before = sandbox.read("requirements.txt");
    files.extend(["birch", "elm"].map(|name| Wheel::new(name, "3.0").offered()));
    let later = Shelf::with(&files);
    lock(&sandbox, &later, &[])
        .ends_with(0)
        .says("Unchanged requirements.txt");
    assert_eq!(sandbox.read("requirements.txt"), before);
    lock(&sandbox, &later, &["-P", "elm"])
        .ends_with(0)
        .says(" ~ elm                    2.0 -> 3.0");
    let after = sandbox.read("requirements.txt");
    let new = after
        .lines()
        .filter(|line| !before.contains(line))
        .collect::<Vec<_>>();
    assert_eq!(new.len(), 2, "the pin and its hash: {new:?}");
}

/// P16: every release has the hash of every file that may be installed, and the report says so.
#[test]
fn every_pin_has_its_hashes() {
    let files = shelves();
    let shelf = Shelf::with(&files);
    let sandbox = asking("ash[x]\nbirch\n");
    let ran = lock(&sandbox, &shelf, &["--allow-build", "birch"]);
    ran.ends_with(0)
        .says("Wrote requirements.txt (3 releases, 5 sha256, unhashed: 0)");
    let pins = pins(&sandbox.read("requirements.txt"));
    for (pin, hashes) in &pins {
        let (name, version) = pin.split_once("==").expect("a pin");
        let of_release = files.iter().filter(|file| {
            let start = format!("{name}-{version}");
            let is_wheel = file.metadata.is_some();
            file.filename.starts_with(&start) && (is_wheel || name == "birch")
        });
        assert_eq!(*hashes, of_release.map(Offered::sha256).collect(), "{pin}");
    }
}

/// P18: the lock of a mirror is the lock of the index.
#[test]
fn a_lock_does_not_change_with_the_mirror() {
    let files = shelves();
    let (index, mirror) = (Shelf::with(&files), Shelf::at("mirror/of/it/", &files));
    let (url, mirror_url) = (index.url(), mirror.url_of("mirror/of/it/"));
    let lock_from = |url: &str, file: &str| {
        let sandbox = asking("ash[x]\nbirch\n");
        let args = [
            "lock",
            "requirements.in",
            "--to",
            file,
            "--index-url",
            url,
            "--as-of",
            NOW,
        ];
        sandbox.run(&[&args[..], &TARGETS].concat()).ends_with(0);
        sandbox.read(file)
    };
    let text = lock_from(&url, "requirements.txt");
    assert_eq!(text, lock_from(&mirror_url, "requirements.txt"));
    assert!(!text.contains("127.0.0.1"), "{text}");
    let without_urls = |text: String| -> Vec<String> {
        let cut = |line: &str| {
            let (before, after) = line.split_once("url = \"")?;
            Some(format!("{before}{}", after.split_once('"')?.1))
        };
        text.lines()
            .map(|line| cut(line).unwrap_or_else(|| line.to_owned()))
            .collect()
    };
    let (ours, theirs) = (
        lock_from(&url, "pylock.toml"),
        lock_from(&mirror_url, "pylock.toml"),
    );
    assert_ne!(ours, theirs);
    let ours = without_urls(ours);
    assert!(!ours.concat().contains("127.0.0.1"), "{ours:#?}");
    assert_eq!(ours, without_urls(theirs));
    // A lock that was made from the one is up to date at the other.
    let sandbox = asking("ash[x]\nbirch\n");
    lock(&sandbox, &index, &[]).ends_with(0);
    let args = [
        "lock",
        "--check",
        "--index-url",
        &mirror_url,
        "--as-of",
        NOW,
    ];
    sandbox.run(&[&args[..], &TARGET].concat()).ends_with(0);
}
