"""How long `pinproof check --offline` takes for a lock of 1,000 releases, in every format, as a whole process.

    python3 benches/check/locks.py [--binary PATH] [--runs N] [--projects N]

The index and its cache are those of run.py, with fewer releases of each project. Every release has six files,
and needs two others.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import http.server

import run

VERSION_OF_UV = 'version = 1\nrevision = 5\nrequires-python = ">=3.11"\n'


def names(count):
    return [f"bench-{number:04}" for number in range(count)]


def needs(all_names, at):
    return [all_names[other] for other in (at + 1, at + 7) if other < len(all_names)]


def files(name, version):
    return [(file, run.digest(file)) for file in run.files_of(name, version)]


def requirements(all_names, version):
    for name in all_names:
        hashes = " \\\n".join(f"    --hash=sha256:{digest}" for _, digest in files(name, version))
        yield f"{name}=={version} \\\n{hashes}\n"


def pylock(all_names, version):
    yield 'lock-version = "1.0"\ncreated-by = "bench"\nrequires-python = ">=3.11"\n'
    for at, name in enumerate(all_names):
        wheels = ",\n".join(
            f'    {{ name = "{file}", url = "https://files.example/{file}", hashes = {{ sha256 = "{digest}" }} }}'
            for file, digest in files(name, version)
        )
        edges = ", ".join(f'{{ name = "{need}" }}' for need in needs(all_names, at))
        yield f'\n[[packages]]\nname = "{name}"\nversion = "{version}"\ndependencies = [{edges}]\nwheels = [\n{wheels},\n]\n'


def uv(all_names, version, url):
    yield VERSION_OF_UV
    for at, name in enumerate(all_names):
        wheels = ",\n".join(
            f'    {{ url = "https://files.example/{file}", hash = "sha256:{digest}", size = 1000 }}'
            for file, digest in files(name, version)
        )
        edges = "\n".join(f'    {{ name = "{need}" }},' for need in needs(all_names, at))
        yield (
            f'\n[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {{ registry = "{url}" }}\n'
            f"dependencies = [\n{edges}\n]\nwheels = [\n{wheels},\n]\n"
        )
    edges = "\n".join(f'    {{ name = "{name}" }},' for name in all_names[:50])
    yield f'\n[[package]]\nname = "bench"\nversion = "1"\nsource = {{ virtual = "." }}\ndependencies = [\n{edges}\n]\n'


def poetry(all_names, version):
    for at, name in enumerate(all_names):
        of_release = "\n".join(f'    {{file = "{file}", hash = "sha256:{digest}"}},' for file, digest in files(name, version))
        edges = "\n".join(f'{need} = ">=1"' for need in needs(all_names, at))
        yield (
            f'[[package]]\nname = "{name}"\nversion = "{version}"\ndescription = ""\noptional = false\n'
            f'python-versions = ">=3.9"\ngroups = ["main"]\nfiles = [\n{of_release}\n]\n\n[package.dependencies]\n{edges}\n\n'
        )
    yield '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.11"\ncontent-hash = "x"\n'


def pdm(all_names, version):
    yield '[metadata]\ngroups = ["default"]\nlock_version = "4.5.0"\ncontent_hash = "x"\n\n'
    for at, name in enumerate(all_names):
        of_release = "\n".join(f'    {{file = "{file}", hash = "sha256:{digest}"}},' for file, digest in files(name, version))
        edges = "\n".join(f'    "{need}>=1",' for need in needs(all_names, at))
        yield (
            f'[[package]]\nname = "{name}"\nversion = "{version}"\ngroups = ["default"]\n'
            f"dependencies = [\n{edges}\n]\nfiles = [\n{of_release}\n]\n\n"
        )


def pipfile(all_names, version):
    entry = lambda name: {
        "hashes": [f"sha256:{digest}" for _, digest in files(name, version)],
        "markers": "python_version >= '3.9'",
        "version": f"=={version}",
    }
    meta = {"hash": {"sha256": "x"}, "pipfile-spec": 6, "requires": {}, "sources": []}
    yield json.dumps({"_meta": meta, "default": {name: entry(name) for name in all_names}, "develop": {}}, indent=4)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=run.ROOT / "target/release/pinproof")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--projects", type=int, default=1_000)
    args = parser.parse_args()
    if not args.binary.exists():
        sys.exit(f"{args.binary} is not there: run `cargo build --release`, or name it with --binary")
    run.RELEASES = 10
    version = f"1.{run.RELEASES - 1}"
    all_names = names(args.projects)
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        env = {"HOME": made, "PATH": os.environ["PATH"]}
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), run.Index)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/simple/"
        locks = {
            "requirements.txt": requirements(all_names, version),
            "pylock.toml": pylock(all_names, version),
            "uv.lock": uv(all_names, version, url),
            "poetry.lock": poetry(all_names, version),
            "pdm.lock": pdm(all_names, version),
            "Pipfile.lock": pipfile(all_names, version),
        }
        for name, text in locks.items():
            (folder / name).write_text("".join(text))
        command = [args.binary, "check", "--cache-dir", folder / "cache", "--no-progress", "--index-url", url]
        for name in locks:
            subprocess.run([*command, folder / name], env=env, capture_output=True)
        server.shutdown()
        for name in locks:
            runs = [run.measure([*command, "--offline", folder / name], env) for _ in range(args.runs)]
            run.shown(f"{name} ({(folder / name).stat().st_size // 1024} KiB)", runs)


if __name__ == "__main__":
    main()
