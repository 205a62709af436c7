"""What uv chooses in each of the worlds on standard input, as one JSON list of pins or nulls."""

import html
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor

UV = os.path.join(os.path.dirname(sys.executable), "uv")


def write_release(index, name, version, requires, extras, yanked, python):
    folder = os.path.join(index, name)
    os.makedirs(folder, exist_ok=True)
    file = f"{name}-{version}-py3-none-any.whl"
    write_wheel(os.path.join(folder, file), name, version, requires, extras)
    attributes = ' data-yanked=""' if yanked else ""
    if python:
        attributes += f' data-requires-python="{html.escape(python)}"'
    with open(os.path.join(folder, "index.html"), "a") as page:
        page.write(f'<a href="{file}"{attributes}>{file}</a>\n')


def write_wheel(path, name, version, requires, extras):
    info = f"{name}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
    metadata += [f"Provides-Extra: {extra}" for extra in extras]
    wheel = ["Wheel-Version: 1.0", "Generator: test", "Root-Is-Purelib: true", "Tag: py3-none-any"]
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
        file.writestr(f"{info}/WHEEL", "\n".join(wheel) + "\n")
        file.writestr(f"{info}/RECORD", "")


def write_lines(folder, name, lines):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


def solve(world):
    with tempfile.TemporaryDirectory() as folder:
        index = os.path.join(folder, "simple")
        for release in world["releases"]:
            write_release(index, **release)
        command = [UV, "pip", "compile", "--quiet", "--no-config", "--no-cache"]
        command += ["--default-index", "file://" + index, "--no-header", "--no-annotate"]
        command += ["--python-version", "3.12", "--python-platform", "x86_64-manylinux_2_28"]
        command += ["--python", sys.executable, "--no-python-downloads"]
        command += ["--constraint", write_lines(folder, "constraints.txt", world["constraints"])]
        command += ["--override", write_lines(folder, "overrides.txt", world["overrides"])]
        command += [write_lines(folder, "requirements.in", world["roots"])]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 0:
            return sorted(line.replace("==", " ") for line in done.stdout.split("\n") if line)
        if "No solution found" in done.stderr:
            return None
        raise SystemExit(done.stderr)


if __name__ == "__main__":
    with ThreadPoolExecutor(2) as pool:
        print(json.dumps(list(pool.map(solve, json.load(sys.stdin)))))
