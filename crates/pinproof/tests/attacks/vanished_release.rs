//! A12, what vanishes (leftpad): a release that everybody uses is deleted, and the builds of the world break.

use crate::clients::BOTH;
use crate::lab::{Lab, tells};
use crate::shelf::{File, Shelf};

fn wheel(version: &str) -> File {
    File::wheel("leftpad", version)
}

#[test]
fn a_deleted_release_breaks_nobody_who_has_used_it() {
    let Some(lab) = Lab::open("a release is deleted") else {
        return;
    };
    let shelf = Shelf::with(&[wheel("1.0")]);
    lab.sandbox.write("requirements.in", "leftpad\n");
    lab.locks(&shelf.url(), &[], (0, "+ leftpad  1.0"));
    let locked = ["--require-hashes", "-r", "requirements.txt"];
    let gateway = lab.gateway(&shelf.url());
    lab.installs(BOTH[0], (&gateway.simple(), "leftpad"), &locked)
        .got("1.0");
    drop(gateway);
    tells("its authors delete the project");
    shelf.offers(&[]);
    let gateway = lab.gateway(&shelf.url());
    let said = ["No matching distribution found", "was not found"];
    for (client, said) in BOTH.into_iter().zip(said) {
        lab.installs(client, (&shelf.url(), "leftpad"), &locked)
            .got_nothing(said);
        lab.installs(client, (&gateway.simple(), "leftpad"), &locked)
            .got("1.0");
    }
    let url = shelf.url();
    let check = ["check", "requirements.txt", "--index-url", &url];
    lab.pinproof(
        &check,
        (1, "error[unknown-project]: `leftpad` does not exist"),
    );
}

/// Whoever takes over a name that became free has no say about the files of before.
#[test]
fn somebody_else_who_takes_the_free_name_changes_no_file_of_before() {
    let Some(lab) = Lab::open("a deleted project comes back with other code") else {
        return;
    };
    let shelf = Shelf::with(&[wheel("1.0")]);
    let gateway = lab.gateway(&shelf.url());
    lab.installs(BOTH[0], (&gateway.simple(), "leftpad"), &["leftpad==1.0"])
        .got("1.0");
    drop(gateway);
    let files = [("leftpad/__init__.py", "version = \"evil\"\n")];
    let revived = |version| File::wheel_of("leftpad", version, "py3-none-any", &files);
    let tonight = "2026-10-30T00:00:00Z";
    shelf.offers(&[
        revived("1.0").uploaded(tonight),
        revived("1.1").uploaded(tonight),
    ]);
    let gateway = lab.gateway(&shelf.url());
    for client in BOTH {
        lab.installs(client, (&shelf.url(), "leftpad"), &["leftpad"])
            .got("evil");
        for what in ["leftpad", "leftpad==1.0"] {
            lab.installs(client, (&gateway.simple(), "leftpad"), &[what])
                .got("1.0");
        }
        lab.installs(client, (&gateway.simple(), "leftpad"), &["leftpad==1.1"])
            .got_nothing("younger than the cooldown of 7 days [recent-release]");
    }
}
