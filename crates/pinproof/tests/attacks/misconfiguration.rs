//! A13, misconfiguration: the gateway is there, and one line of a settings file goes around it.

use crate::clients::{BOTH, Client, installed};
use crate::lab::{Lab, notes, tells};
use crate::shelf::{File, Shelf};

const NAME: &str = "acme-core";

/// Where a client looks for the settings of its user, and how they name indexes.
fn settings(client: Client, index: &str, extra: Option<&str>) -> (&'static str, String) {
    match (client, extra) {
        (Client::Pip, None) => (
            ".config/pip/pip.conf",
            format!("[global]\nindex-url = {index}\n"),
        ),
        (Client::Pip, Some(extra)) => (
            ".config/pip/pip.conf",
            format!("[global]\nindex-url = {index}\nextra-index-url = {extra}\n"),
        ),
        (Client::Uv, None) => (
            ".config/uv/uv.toml",
            format!("[pip]\nindex-url = {index:?}\n"),
        ),
        (Client::Uv, Some(extra)) => (
            ".config/uv/uv.toml",
            format!("[pip]\nindex-url = {index:?}\nextra-index-url = [{extra:?}]\n"),
        ),
    }
}

/// Installs as the settings say; what the module says of itself.
fn installs(lab: &Lab, client: Client, into: &str) -> Option<String> {
    let ran = lab.runs(client, &["install", "--target", into, NAME]);
    ran.ends_with(0);
    let marker = installed(&lab.sandbox, into, "acme_core");
    notes(&format!("installed: acme_core says {marker:?}"));
    marker
}

#[test]
fn a_setting_that_goes_around_the_gateway_is_found() {
    let Some(lab) = Lab::open("one line of settings goes around the gateway") else {
        return;
    };
    let (ours, theirs) = (File::wheel(NAME, "1.2.0"), File::wheel(NAME, "9999.0"));
    let internal = Shelf::with(std::slice::from_ref(&ours));
    let public = Shelf::with(&[theirs]);
    let gateway = lab.gateway_of_two(&public.url(), &internal.url());
    std::fs::remove_file(lab.sandbox.project().join("pinproof.toml")).expect("it was there");
    lab.sandbox.write("requirements.txt", ours.locked());
    for client in BOTH {
        tells("the settings of the user name the public index beside the gateway");
        let index = gateway.simple();
        let (path, text) = settings(client, &index, Some(&public.url()));
        lab.sandbox.write_home(path, &text);
        let around = format!("{client:?}-around");
        assert_eq!(installs(&lab, client, &around).as_deref(), Some("9999.0"));
        let ran = lab.pinproof(
            &["check", "requirements.txt"],
            (1, "package indexes are mixed"),
        );
        ran.says("error[mixed-indexes]").says(path);
        tells("and now the gateway alone");
        let (path, text) = settings(client, &index, None);
        lab.sandbox.write_home(path, &text);
        let through = format!("{client:?}-through");
        assert_eq!(installs(&lab, client, &through).as_deref(), Some("1.2.0"));
        let check = ["check", "requirements.txt"];
        lab.pinproof(&check, (0, "0 denied"))
            .never_says("mixed-indexes");
    }
}
