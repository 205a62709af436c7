//! A13, misconfiguration: each way around a gateway is found, and the setting that is one is named.

use crate::doctor::{doctor, pointed};
use crate::gateway::Gateway;
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;
use crate::tools::Tools;

struct World {
    tools: Tools,
    sandbox: Sandbox,
    index: String,
    _gateway: Gateway,
    _shelf: Shelf,
    other: Shelf,
}

impl World {
    fn new() -> Option<Self> {
        let tools = Tools::get()?;
        let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[File::wheel("demo", "1.0")]));
        let gateway = Gateway::before(&sandbox, &shelf.url());
        Some(Self {
            tools,
            sandbox,
            index: gateway.simple(),
            _gateway: gateway,
            _shelf: shelf,
            other: Shelf::with(&[File::wheel("demo", "9999.0")]),
        })
    }

    /// One client says these words, and ends with 1.
    #[track_caller]
    fn finds(&self, client: &str, variables: &[(&str, &str)], words: &[&str]) {
        let path = self.tools.path(&self.sandbox, &["uv"]);
        let all = [&pointed(&self.index, &path)[..], variables].concat();
        let ran = doctor(&self.sandbox, &self.tools, &["--client", client], &all);
        ran.ends_with(1).says("not protected: ");
        for words in words {
            ran.says(words);
        }
    }
}

#[test]
fn variables_that_go_around_are_named() {
    let Some(world) = World::new() else {
        return;
    };
    let other = world.other.url();
    let too = format!("PIP_EXTRA_INDEX_URL: {other} is asked, too");
    world.finds("pip", &[("PIP_EXTRA_INDEX_URL", &other)], &[&too]);
    let links = "PIP_FIND_LINKS: files of /tmp are taken without asking anybody";
    world.finds("pip", &[("PIP_FIND_LINKS", "/tmp")], &[links]);
    let instead = format!("PIP_INDEX_URL: the index is {other}");
    world.finds("pip", &[("PIP_INDEX_URL", &other)], &[&instead]);
    for client in ["uv-pip", "uv"] {
        let too = format!("UV_INDEX: {other} is asked, too");
        world.finds(client, &[("UV_INDEX", &other)], &[&too]);
        let mixes = [
            ("UV_EXTRA_INDEX_URL", other.as_str()),
            ("UV_INDEX_STRATEGY", "unsafe-best-match"),
        ];
        let words = [
            "UV_EXTRA_INDEX_URL: ",
            "UV_INDEX_STRATEGY: `unsafe-best-match` takes a release",
        ];
        world.finds(client, &mixes, &words);
        let links = "UV_FIND_LINKS: files of /tmp are taken without asking anybody";
        world.finds(client, &[("UV_FIND_LINKS", "/tmp")], &[links]);
        // The gateway is there, and is not the one that is asked last.
        let besides = [("UV_DEFAULT_INDEX", ""), ("UV_INDEX", world.index.as_str())];
        world.finds(client, &besides, &["PyPI is asked, too"]);
    }
}

#[test]
fn files_that_go_around_are_named_with_their_lines() {
    let Some(world) = World::new() else {
        return;
    };
    let (sandbox, other) = (&world.sandbox, world.other.url());
    sandbox.write_home(
        ".config/pip/pip.conf",
        &format!("[global]\nextra-index-url =\n    {other}\n"),
    );
    world.finds(
        "pip",
        &[],
        &[".config/pip/pip.conf:", &format!("{other} is asked, too")],
    );
    sandbox.write_home(".config/pip/pip.conf", "");
    sandbox.write_home(
        ".config/uv/uv.toml",
        &format!("[[index]]\nurl = \"{other}\"\n"),
    );
    world.finds(
        "uv-pip",
        &[],
        &[".config/uv/uv.toml:2: ", &format!("{other} is asked, too")],
    );
    sandbox.write_home(".config/uv/uv.toml", "");
    sandbox.write(
        "pyproject.toml",
        format!("[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9\"\n\n[[tool.uv.index]]\nname = \"more\"\nurl = \"{other}\"\n"),
    );
    for client in ["uv-pip", "uv"] {
        world.finds(
            client,
            &[],
            &[&format!("pyproject.toml:8: {other} is asked, too")],
        );
    }
    sandbox.write(
        "pyproject.toml",
        "[project]\nname = \"app\"\nversion = \"1\"\n",
    );
    sandbox.write(
        "requirements.txt",
        format!("demo\n--extra-index-url {other}\n"),
    );
    world.finds(
        "pip",
        &[],
        &[&format!("requirements.txt:2: {other} is asked, too")],
    );
    sandbox.write("requirements.txt", "");
    sandbox.write(
        "uv.lock",
        format!("version = 1\nrevision = 3\nrequires-python = \">=3.9\"\n\n[[package]]\nname = \"demo\"\nversion = \"1.0\"\nsource = {{ registry = \"{other}\" }}\nwheels = [{{ url = \"{other}x/demo-1.0-py3-none-any.whl\", hash = \"sha256:{}\" }}]\n", "00".repeat(32)),
    );
    world.finds(
        "uv",
        &[],
        &["uv.lock:", &format!("it locks files of {other}")],
    );
}
