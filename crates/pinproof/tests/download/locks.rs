//! `download -r`: what a lock names, held to its hashes.

use std::fs;

use crate::shelf::{File, Shelf, names, usual};
use crate::support::{NOW, Reply, Sandbox, record_of_all};

#[test]
fn the_files_of_a_lock_come_with_the_bytes_that_it_names() {
    let (a, b) = (File::wheel("aaa", "1.0"), File::wheel("bbb", "2.0"));
    let shelf = Shelf::with(&[a.clone(), b.clone()]);
    let sandbox = Sandbox::with_requirements(&(a.locked() + &b.locked()));
    let get = ["-r", "requirements.txt", "-d", "wheels"];
    let ran = shelf.download(&sandbox, &get);
    ran.ends_with(0)
        .says("COMPLETE")
        .says("judged 2 of 2 from requirements.txt sha256:");
    assert_eq!(names(&sandbox, "wheels"), [a.name.clone(), b.name.clone()]);
    assert_eq!(
        fs::read(sandbox.project().join("wheels").join(&a.name)).unwrap(),
        a.bytes
    );
    shelf
        .download(&sandbox, &get)
        .ends_with(0)
        .says("2 were there");
    assert_eq!(shelf.fetched().len(), 2, "nothing is fetched twice");
}

/// A5: the address of a file says nothing of what is in it.
#[test]
fn a_changed_byte_under_the_same_address_is_refused() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements(&a.locked());
    let mut changed = a.bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    shelf.answer(&format!("/files/{}", a.name), Reply::ok(changed));
    let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
    ran.ends_with(1)
        .says("alarm: `aaa-1.0-py3-none-any.whl`: its bytes are not the expected ones")
        .says("  --> requirements.txt:1");
    assert_eq!(names(&sandbox, "wheels"), [""; 0]);
}

/// Name, version and address stay, and the index says a new hash: the lock knows better.
#[test]
fn other_bytes_with_another_hash_on_the_page_are_refused() {
    let locked = File::wheel("aaa", "1.0");
    let replaced = File::wheel_of(
        "aaa",
        "1.0",
        "py3-none-any",
        &[("aaa/__init__.py", "evil = 1")],
    );
    let shelf = Shelf::with(&[replaced]);
    let sandbox = Sandbox::with_requirements(&locked.locked());
    let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
    ran.ends_with(1)
        .says("error[hash-mismatch]: `aaa 1.0` is not fetched");
    assert_eq!(shelf.fetched(), [""; 0]);
}

#[test]
fn a_line_without_a_hash_is_refused_with_the_command_that_adds_it_and_the_others_come() {
    let (a, b) = (File::wheel("aaa", "1.0"), File::wheel("bbb", "2.0"));
    let shelf = Shelf::with(&[a.clone(), b.clone()]);
    let md5 = format!("bbb==2.0 --hash=md5:{}\n", "0".repeat(32));
    for bad in ["bbb==2.0\n", "bbb>=1\n", "bbb\n", &md5] {
        let sandbox = Sandbox::with_requirements(&(a.locked() + bad));
        let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
        ran.ends_with(1)
            .says("`bbb")
            .says("is not fetched")
            .says("  --> requirements.txt:2");
        assert_eq!(names(&sandbox, "wheels"), [a.name.as_str()]);
    }
    let sandbox = Sandbox::with_requirements("aaa==1.0\n");
    let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
    ran.ends_with(1).says("`pinproof check --fix");
    sandbox.run(&[&["check", "--fix"][..], &usual(&shelf.url())].concat());
    shelf
        .download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"])
        .ends_with(0);
}

#[test]
fn the_wheel_for_the_target_is_the_one_that_an_installer_takes() {
    let tags = [
        "py3-none-any",
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp312-cp312-manylinux_2_28_x86_64",
        "cp312-cp312-win_amd64",
        "cp39-abi3-manylinux_2_17_x86_64",
        "cp313-cp313-manylinux_2_28_x86_64",
    ];
    let files = tags.map(|tags| File::wheel_for("aaa", "1.0", tags));
    let shelf = Shelf::with(&files);
    let hashes: Vec<String> = files.iter().map(File::hash_option).collect();
    let hashes = hashes.concat();
    let sandbox = Sandbox::with_requirements(&format!("aaa==1.0{hashes}\n"));
    let expectations = [
        ("3.12", "linux-x86_64", "cp312-cp312-manylinux_2_28_x86_64"),
        ("3.11", "linux-x86_64", "cp39-abi3-manylinux_2_17_x86_64"),
        ("3.12", "windows-x86_64", "cp312-cp312-win_amd64"),
        ("3.12", "macos-arm64", "py3-none-any"),
    ];
    for (python, platform, tags) in expectations {
        let folder = format!("{python}-{platform}");
        let target = ["--python", python, "--platform", platform];
        let get = ["-r", "requirements.txt", "-d", &folder];
        shelf
            .download(&sandbox, &[&get[..], &target].concat())
            .ends_with(0);
        assert_eq!(names(&sandbox, &folder), [format!("aaa-1.0-{tags}.whl")]);
    }
}

#[test]
fn only_what_the_target_needs_comes() {
    let (a, b) = (File::wheel("aaa", "1.0"), File::wheel("bbb", "2.0"));
    let shelf = Shelf::with(&[a.clone(), b.clone()]);
    let marker = format!(
        "bbb==2.0 ; sys_platform == 'win32' --hash=sha256:{}\n",
        b.sha256()
    );
    let sandbox = Sandbox::with_requirements(&(a.locked() + &marker));
    let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
    ran.ends_with(0).says("1 for other environments");
    assert_eq!(names(&sandbox, "wheels"), [a.name]);
    let windows = [
        "-r",
        "requirements.txt",
        "-d",
        "wheels",
        "--platform",
        "windows",
    ];
    shelf.download(&sandbox, &windows).ends_with(0);
    assert_eq!(names(&sandbox, "wheels").len(), 2);
}

/// A8: what only a build can install is refused by its name, and the way to read it is told.
#[test]
fn what_would_run_code_is_refused() {
    let source = File::sdist("aaa", "1.0", "");
    let elsewhere = File::wheel_for("bbb", "1.0", "cp27-cp27m-win32");
    let shelf = Shelf::with(&[source.clone(), elsewhere.clone()]);
    let lines = [
        source.locked(),
        elsewhere.locked(),
        format!("ccc @ git+https://git.invalid/ccc@{}\n", "a".repeat(40)),
        format!(
            "ddd @ {} --hash=sha256:{}\n",
            shelf.url_of(&source),
            source.sha256()
        ),
    ];
    for line in lines {
        let sandbox = Sandbox::with_requirements(&line);
        let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
        ran.ends_with(1)
            .says("error[build-required]: `")
            .says("is not fetched");
        assert_eq!(names(&sandbox, "wheels"), [""; 0]);
    }
    let sandbox = Sandbox::with_requirements(&source.locked());
    shelf
        .download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"])
        .says("`pinproof download aaa==1.0 --no-deps --kind sdist -d sources`");
    assert_eq!(shelf.fetched(), [""; 0]);
}

/// P5: whoever hashed a young release decided about its age; everybody else waits.
#[test]
fn a_locked_release_is_not_refused_for_its_age_alone() {
    let young = File::wheel("aaa", "1.0").uploaded("2026-10-31T00:00:00Z");
    let shelf = Shelf::with(std::slice::from_ref(&young));
    let sandbox = Sandbox::with_requirements(&young.locked());
    let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
    ran.ends_with(0).says("warning[recent-release]");
    let ran = shelf.download(&sandbox, &["aaa==1.0", "--no-deps", "-d", "named"]);
    ran.ends_with(1)
        .says("error[recent-release]: `aaa 1.0` is not fetched");
    assert_eq!(names(&sandbox, "named"), [""; 0]);
}

/// A wheel that came late has no hash in the lock, and one that has is refused while it is young; others of its
/// release are not.
#[test]
fn a_late_file_is_refused_and_the_older_files_of_its_release_are_not() {
    let old = File::wheel("aaa", "1.0");
    let late = File::wheel_for("aaa", "1.0", "cp312-cp312-manylinux_2_28_x86_64")
        .uploaded("2026-10-31T00:00:00Z");
    let shelf = Shelf::with(&[old.clone(), late.clone()]);
    let both = format!(
        "aaa==1.0 --hash=sha256:{} --hash=sha256:{}\n",
        old.sha256(),
        late.sha256()
    );
    let sandbox = Sandbox::with_requirements(&both);
    let get = ["-r", "requirements.txt", "-d", "wheels", "--python"];
    let ran = shelf.download(&sandbox, &[&get[..], &["3.12"]].concat());
    ran.ends_with(1).says("error[late-file]");
    shelf
        .download(&sandbox, &[&get[..], &["3.11"]].concat())
        .ends_with(0);
    assert_eq!(names(&sandbox, "wheels"), [old.name]);
}

#[test]
fn known_malware_is_not_fetched_and_a_flaw_is_told() {
    let (a, b) = (File::wheel("aaa", "1.0"), File::wheel("bbb", "1.0"));
    let shelf = Shelf::with(&[a.clone(), b.clone()]);
    let sandbox = Sandbox::with_requirements(&(a.locked() + &b.locked()));
    let records = [
        record_of_all("MAL-2026-7", "aaa"),
        record_of_all("PYSEC-2026-9", "bbb"),
    ];
    let database = sandbox.database(&records);
    let get = ["-r", "requirements.txt", "-d", "wheels", "--db", &database];
    let ran = shelf.download(&sandbox, &get);
    ran.ends_with(1)
        .says("error[known-malware]: `aaa 1.0` is not fetched")
        .says("warning[vulnerable-release]");
    assert_eq!(names(&sandbox, "wheels"), [b.name]);
}

#[test]
fn a_file_that_is_there_with_other_bytes_is_an_alarm_and_stays() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements(&a.locked());
    let there = format!("wheels/{}", a.name);
    sandbox.write(&there, "other bytes");
    let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
    ran.ends_with(1)
        .says("a file of that name is there with other bytes");
    assert_eq!(sandbox.read(&there), "other bytes");
    assert_eq!(shelf.fetched(), [""; 0]);
}

#[test]
fn a_lock_that_mixes_indexes_is_refused_whole() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let lock = format!(
        "--extra-index-url https://other.example/simple\n{}",
        a.locked()
    );
    let sandbox = Sandbox::with_requirements(&lock);
    let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
    ran.ends_with(1).says("error[mixed-indexes]");
    assert_eq!(shelf.fetched(), [""; 0]);
}

#[test]
fn what_could_not_run_ends_with_2() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements(&a.locked());
    sandbox.write("taken", "a file");
    shelf
        .download(&sandbox, &["-r", "requirements.txt", "-d", "taken"])
        .ends_with(2)
        .says("COULD NOT RUN");
    shelf
        .download(&sandbox, &["-r", "missing.txt", "-d", "x"])
        .ends_with(2);
    shelf
        .download(&sandbox, &["-r", ".", "-d", "x"])
        .ends_with(2);
    sandbox.write("empty.txt", "# nothing\n");
    shelf
        .download(&sandbox, &["-r", "empty.txt", "-d", "x"])
        .ends_with(2);
    let sarif = ["-r", "requirements.txt", "-d", "x", "--format", "sarif"];
    shelf.download(&sandbox, &sarif).ends_with(2);
    assert_eq!(NOW, "2026-11-01T00:00:00Z");
}

#[test]
fn a_line_that_nobody_understands_is_undecided() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements(&(a.locked() + "this is no requirement\n"));
    let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
    ran.ends_with(3)
        .says("judged 1 of 2")
        .says("requirements.txt:2:");
}

#[test]
fn a_bill_of_materials_is_no_lock() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::new();
    let bom = format!(
        "{{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"components\": [{{\"type\": \"library\", \
         \"name\": \"aaa\", \"version\": \"1.0\", \"purl\": \"pkg:pypi/aaa@1.0\", \
         \"hashes\": [{{\"alg\": \"SHA-256\", \"content\": \"{}\"}}]}}]}}",
        a.sha256()
    );
    sandbox.write("bom.json", &bom);
    let ran = shelf.download(&sandbox, &["-r", "bom.json", "-d", "wheels"]);
    ran.ends_with(2)
        .says("it lists what is there, and is no lock");
    assert_eq!(shelf.fetched(), [""; 0]);
}
