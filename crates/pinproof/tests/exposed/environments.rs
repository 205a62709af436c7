//! What is installed.

use crate::exposed;
use crate::support::Sandbox;

fn install(sandbox: &Sandbox, site: &str, name: &str, version: &str) {
    let folder = format!("{site}/{name}-{version}.dist-info");
    let metadata =
        format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: 9\n");
    sandbox.write(&format!("{folder}/METADATA"), metadata);
}

#[test]
fn an_installed_release_is_found_wherever_environments_keep_it() {
    for site in [
        "venv/lib/python3.14/site-packages",
        "venv/Lib/site-packages",
        "venv",
    ] {
        let sandbox = Sandbox::new();
        install(&sandbox, site, "Flask", "1.0");
        let look = ["--environment", "venv"];
        exposed(&sandbox, &look)
            .ends_with(0)
            .says("looked at venv: 1 installed distribution\n");
        install(&sandbox, site, "LiteLLM", "1.82.8");
        exposed(&sandbox, &look)
            .ends_with(1)
            .says("LiteLLM-1.82.8.dist-info/METADATA: litellm 1.82.8: installed\n");
        let json = exposed(&sandbox, &["--environment", "venv", "--format", "json"]).json();
        assert_eq!(
            json["sightings"][0]["presence"],
            serde_json::json!({ "kind": "installed" })
        );
        assert_eq!(json["looked_at"][0]["distributions"], 2);
    }
}

#[test]
fn metadata_that_cannot_be_read_is_a_gap() {
    let sandbox = Sandbox::new();
    install(&sandbox, "venv", "flask", "1.0");
    sandbox.write("venv/broken-1.0.dist-info/METADATA", "Name: !!!\n");
    sandbox.write("venv/empty-1.0.dist-info/RECORD", "");
    exposed(&sandbox, &["--environment", "venv"])
        .ends_with(3)
        .says("its metadata has no `Metadata-Version`")
        .says("it has no METADATA, so nobody can tell what is installed");
}

#[test]
fn a_repository_and_an_environment_are_looked_at_together() {
    let Some(sandbox) = crate::repository("requirements.txt", &["litellm==1.82.8\n"]) else {
        return;
    };
    install(&sandbox, "venv", "litellm", "1.82.8");
    exposed(&sandbox, &[".", "--environment", "venv"])
        .ends_with(1)
        .says("2 places had it, 2 still do");
    exposed(&sandbox, &["--environment", "venv"])
        .ends_with(1)
        .says("1 place had it");
}

#[test]
fn an_environment_that_uses_the_system_is_a_gap() {
    let sandbox = Sandbox::new();
    install(
        &sandbox,
        "venv/lib/python3.14/site-packages",
        "flask",
        "1.0",
    );
    sandbox.write("venv/pyvenv.cfg", "include-system-site-packages = true\n");
    exposed(&sandbox, &["--environment", "venv"])
        .ends_with(3)
        .says("it also uses what is installed for the whole system");
}

#[test]
fn what_was_installed_from_elsewhere_is_the_release_that_it_says() {
    let sandbox = Sandbox::new();
    install(&sandbox, "venv", "litellm", "1.82.8");
    sandbox.write(
        "venv/litellm-1.82.8.dist-info/direct_url.json",
        r#"{"url": "https://git.example/litellm.git", "vcs_info": {"vcs": "git", "commit_id": "0123456789abcdef0123456789abcdef01234567"}}"#,
    );
    exposed(&sandbox, &["--environment", "venv"])
        .ends_with(1)
        .says("litellm 1.82.8: installed");
}
