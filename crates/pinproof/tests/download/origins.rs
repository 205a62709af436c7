//! Where files come from: other locks, addresses, folders, bound names, and pages that send elsewhere.

use std::fs;

use crate::shelf::{File, Shelf, names, usual};
use crate::support::{Reply, Sandbox};

#[test]
fn other_locks_and_addresses_are_read_too() {
    let (a, b) = (File::wheel("aaa", "1.0"), File::wheel("bbb", "2.0"));
    let shelf = Shelf::with(&[a.clone(), b.clone()]);
    let sandbox = Sandbox::new();
    let pylock = format!(
        "lock-version = \"1.0\"\ncreated-by = \"test\"\n\
         [[packages]]\nname = \"aaa\"\nversion = \"1.0\"\nindex = \"{}\"\n\
         wheels = [{{ name = \"{}\", url = \"{}\", hashes = {{ sha256 = \"{}\" }} }}]\n\
         [[packages]]\nname = \"bbb\"\n\
         archive = {{ url = \"{}\", hashes = {{ sha256 = \"{}\" }} }}\n",
        shelf.url(),
        a.name,
        shelf.url_of(&a),
        a.sha256(),
        shelf.url_of(&b),
        b.sha256(),
    );
    sandbox.write("pylock.toml", &pylock);
    shelf
        .download(&sandbox, &["-r", "pylock.toml", "-d", "a"])
        .ends_with(0);
    let direct = format!(
        "bbb @ {}?token=x --hash=sha256:{}\n",
        shelf.url_of(&b),
        b.sha256()
    );
    sandbox.write("requirements.txt", &direct);
    shelf.answer(
        &format!("/files/{}?token=x", b.name),
        Reply::ok(b.bytes.clone()),
    );
    let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "b"]);
    ran.ends_with(0).never_says("token=x");
    let uv = format!(
        "version = 1\nrequires-python = \">=3.9\"\n\
         [[package]]\nname = \"app\"\nversion = \"0\"\nsource = {{ virtual = \".\" }}\ndependencies = [{{ name = \"aaa\" }}]\n\
         [[package]]\nname = \"aaa\"\nversion = \"1.0\"\nsource = {{ registry = \"{}\" }}\n\
         wheels = [{{ url = \"{}\", hash = \"sha256:{}\", size = {} }}]\n",
        shelf.url(),
        shelf.url_of(&a),
        a.sha256(),
        a.bytes.len(),
    );
    sandbox.write("uv.lock", &uv);
    shelf
        .download(&sandbox, &["-r", "uv.lock", "-d", "c"])
        .ends_with(0);
    assert_eq!(names(&sandbox, "a"), [a.name.clone(), b.name.clone()]);
    assert_eq!(names(&sandbox, "b"), [b.name]);
    assert_eq!(names(&sandbox, "c"), [a.name]);
}

#[test]
fn an_index_that_is_a_folder_works_too() {
    let a = File::wheel("aaa", "1.0");
    let sandbox = Sandbox::with_requirements(&a.locked());
    let page = format!(
        "<a href=\"../../files/{}#sha256={}\">{}</a>",
        a.name,
        a.sha256(),
        a.name
    );
    sandbox.write("index/simple/aaa/index.html", &page);
    sandbox.write(&format!("index/files/{}", a.name), &a.bytes);
    let url = format!("file://{}/index/simple/", sandbox.project().display());
    let get = ["download", "-r", "requirements.txt", "-d", "wheels"];
    sandbox.run(&[&get[..], &usual(&url)].concat()).ends_with(0);
    assert_eq!(names(&sandbox, "wheels"), [a.name.as_str()]);
    sandbox.write(&format!("index/files/{}", a.name), "else");
    fs::remove_file(sandbox.project().join("wheels").join(&a.name)).unwrap();
    sandbox.run(&[&get[..], &usual(&url)].concat()).ends_with(1);
    assert_eq!(names(&sandbox, "wheels"), [""; 0]);
}

/// A3: a name that is bound to an index is asked of nobody else, and fetched from nobody else.
#[test]
fn a_bound_name_goes_to_its_index_only() {
    let public = Shelf::with(&[File::wheel("acme-core", "1.0"), File::wheel("aaa", "1.0")]);
    let own = Shelf::with(&[File::wheel_of(
        "acme_core",
        "1.0",
        "py3-none-any",
        &[("x.py", "own")],
    )]);
    let wheel = File::wheel_of("acme_core", "1.0", "py3-none-any", &[("x.py", "own")]);
    let lock = format!("acme-core==1.0 --hash=sha256:{}\n", wheel.sha256());
    let sandbox = Sandbox::with_requirements(&lock);
    let index = format!(
        "[[index]]\nname = \"own\"\nonly = [\"acme-*\"]\nurl = \"{}\"\n",
        own.url()
    );
    sandbox.write("pinproof.toml", index);
    public.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
    assert_eq!(public.asked(), [""; 0]);
    assert_eq!(public.fetched(), [""; 0]);
    assert_eq!(own.asked(), ["acme-core"]);
}

#[test]
fn a_page_that_sends_elsewhere_is_not_followed_into_files_of_this_machine() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements(&a.locked());
    sandbox.write("secret", &a.bytes);
    let page = crate::shelf::page("aaa", std::slice::from_ref(&a));
    let file = format!("file://{}/secret", sandbox.project().display());
    let page = page.replace(&format!("../../files/{}", a.name), &file);
    let kind = (
        "Content-Type",
        "application/vnd.pypi.simple.v1+json".to_owned(),
    );
    shelf.answer(
        "/simple/aaa/",
        Reply::Says(200, vec![kind], page.into_bytes()),
    );
    let ran = shelf.download(&sandbox, &["-r", "requirements.txt", "-d", "wheels"]);
    assert_ne!(ran.code, 0, "{}", ran.all());
    assert_eq!(names(&sandbox, "wheels"), [""; 0]);
}
