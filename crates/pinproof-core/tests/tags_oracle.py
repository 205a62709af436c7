"""What `packaging` says of file names and compatibility tags, for tests/tags_oracle.rs.

Writes one tab-separated record a line:
    wheel  FILENAME  -                                          no wheel
    wheel  FILENAME  NAME  VERSION  BUILD  PYTHONS  ABIS  PLATFORMS
    sdist  FILENAME  PROJECT  VERSION                           "-": no source distribution
    tags   TAGS      ENVIRONMENT ENVIRONMENT …                  the environments that accept them
    order  ENVIRONMENT  TAGS TAGS …                             what it accepts, the best first

Arguments: the ceilings of glibc 2.Y, musl 1.Y and macOS Y.
"""

import itertools
import platform
import random
import re
import sys
import sysconfig
from unittest import mock

from packaging import _manylinux, _musllinux, tags, utils

GLIBC, MUSL, MACOS = map(int, sys.argv[1:4])
RANDOM = random.Random(427)
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
PYTHONS = [(3, minor) for minor in range(9, 15)]
# In the order of `Platform::ALL`: how Python there names the system, with its glibc and its musl.
PLATFORMS = {
    "linux-x86_64": ("Linux", "linux-x86_64", (2, GLIBC), None),
    "linux-aarch64": ("Linux", "linux-aarch64", (2, GLIBC), None),
    "musllinux-x86_64": ("Linux", "linux-x86_64", (-1, -1), _musllinux._MuslVersion(1, MUSL)),
    "musllinux-aarch64": ("Linux", "linux-aarch64", (-1, -1), _musllinux._MuslVersion(1, MUSL)),
    "macos-arm64": ("Darwin", "arm64", None, None),
    "macos-x86_64": ("Darwin", "x86_64", None, None),
    "windows-x86_64": ("Windows", "win-amd64", None, None),
    "windows-arm64": ("Windows", "win-arm64", None, None),
}


def record(*fields):
    print(*fields, sep="\t")


def is_name(text):
    """pinproof asks for a project's name by PEP 508 where `packaging` takes any word."""
    return NAME.fullmatch(text) is not None


def wheel(filename):
    try:
        name, version, build, found = utils.parse_wheel_filename(filename)
    except utils.InvalidWheelFilename:
        return record("wheel", filename, "-")
    if not is_name(filename.split("-")[0]):
        return record("wheel", filename, "-")
    build = "".join(map(str, build))
    parts = zip(*((tag.interpreter, tag.abi, tag.platform) for tag in found))
    record("wheel", filename, name, version, build, *(".".join(sorted(set(part))) for part in parts))


def sdist(filename):
    """The last dash is where `packaging` looks for the version: for that project both must agree."""
    stem = filename.removesuffix(".zip").removesuffix(".tar.gz")
    name = stem.rpartition("-")[0]
    if not is_name(name):
        return
    try:
        project, version = utils.parse_sdist_filename(filename)
    except utils.InvalidSdistFilename:
        project, version = utils.canonicalize_name(name), "-"
    record("sdist", filename, project, version)


NAMES = "foo|Foo_Bar|foo.bar|zope.interface|a|A1|f_o.o_|_foo|foo__bar|.||fo o|é|\u212a|foo.|1|foo-bar|foo--bar".split(
    "|"
)
VERSIONS = (
    "1.0|1|0|2024.1.0|v1.0|1.0a1|1.0_alpha_1|1.0.post1|1.0_1|1.0-1|1.0.dev3|1!2.0|1.0+ubuntu_1|1.0+a.b.1|1.0rc|01.02"
    "|1.0.RC1| 1.0 ||one|1.|.1|1..0|1.0+|1.0c2|1.0rev4|1.0preview2|1.0.pl1|+1|1.0.win32|1.0\u0661"
).split("|")
BUILDS = [None, "1", "01", "1a", "2_x", "0.9", "a1", "", "_1", "1 x", "007bond", "9" * 30]
INTERPRETERS = "py3|py2.py3|cp39|cp312.cp313|CP310|pp310|py3.py3|3||.|py3.|py-3|_|p y|é3|graalpy311_graalpy".split(
    "|"
)
ABIS = "none|abi3|cp312|cp39.abi3|NONE||.none|a b|pypy310_pp73".split("|")
SYSTEMS = "any|win_amd64|manylinux1_x86_64.manylinux_2_5_x86_64|macosx_11_0_arm64|ANY||any.|É|linux_x86_64".split("|")
EXTENSIONS = [*[".whl"] * 7, ".WHL", ".zip", ""]

# Systems and interpreters about the ceilings, the floors and the forms; most are accepted nowhere.
ARCHITECTURES = "x86_64|aarch64|i686|x86_6|arm64|universal2".split("|")
LINUX = (
    "linux|manylinux1|manylinux2010|manylinux2014|manylinux2015|manylinux|manylinux_2|manylinux_2_|manylinux_2_017"
    "|manylinux_2_+17|manylinux_2_99999999999|manylinux_3_0|manylinux_1_17|musllinux_2_0|musllinux_1_01|win|macosx_11_0"
).split("|")
MAC_FORMATS = "x86_64|arm64|universal|universal2|intel|fat|fat3|fat32|fat64|i386|ppc|".split("|")
MAC_MAJORS = [9, 10, 11, 12, MACOS, MACOS + 1, 26]
MAC_MINORS = [0, 1, 3, 4, 6, 9, 12, 15, 16, 17]
OTHER_SYSTEMS = (
    "any|win_amd64|win_arm64|win32|win|macosx|macosx_11|macosx_011_0_arm64|macosx_11_00_arm64|ANY|é".split("|")
)
DIGITS = "|2|3|4|27|03|3_9|309|3900|39t".split("|")
OTHER_ABIS = {"abi3t", "cp313t", "cp39m", "cp39d", "abi4", "cp3"}


def pick(values):
    """Mostly the ordinary value, so that a name does not fail for everything at once."""
    return values[0] if RANDOM.random() < 0.6 else RANDOM.choice(values)


def filenames():
    for _ in range(6_000):
        build = pick(BUILDS)
        parts = [pick(NAMES), pick(VERSIONS), *([] if build is None else [build])]
        parts += [pick(INTERPRETERS), pick(ABIS), pick(SYSTEMS)]
        wheel("-".join(parts) + RANDOM.choice(EXTENSIONS))
    for name, version, extension in itertools.product(NAMES, VERSIONS, [".tar.gz", ".zip"]):
        sdist(f"{name}-{version}{extension}")
        wheel(f"{name}-{version}-py3-none-any.whl")
    for _ in range(2_000):
        text = "".join(RANDOM.choice("ab1.0-_-p!+ ") for _ in range(RANDOM.randint(1, 12)))
        sdist(f"{text}.tar.gz")
        wheel(f"{text}-py3-none-any.whl")


def platform_tags(key):
    """The platforms by `packaging` itself, made to believe that it runs there."""
    system, name, glibc, musl = PLATFORMS[key]
    if system == "Darwin":
        return list(tags.mac_platforms((MACOS, 0), name))
    with (
        mock.patch.object(platform, "system", lambda: system),
        mock.patch.object(sysconfig, "get_platform", lambda: name),
        mock.patch.object(_manylinux, "_get_glibc_version", lambda: glibc),
        mock.patch.object(_manylinux, "_get_manylinux_module", lambda: None),
        mock.patch.object(_manylinux, "_have_compatible_abi", lambda executable, archs: True),
        mock.patch.object(_musllinux, "_get_musl_version", lambda executable: musl),
    ):
        return list(tags.platform_tags())


def accepted(python, platforms):
    own = f"cp{python[0]}{python[1]}"
    yield from tags.cpython_tags(python, [own], platforms)
    yield from tags.compatible_tags(python, own, platforms)


def more_systems():
    for architecture in ARCHITECTURES:
        yield from (f"manylinux_2_{minor}_{architecture}" for minor in range(GLIBC + 6))
        yield from (f"musllinux_1_{minor}_{architecture}" for minor in range(MUSL + 3))
        yield from (f"{form}_{architecture}" for form in LINUX)
    for major, minor, form in itertools.product(MAC_MAJORS, MAC_MINORS, MAC_FORMATS):
        yield f"macosx_{major}_{minor}_{form}"
    yield from OTHER_SYSTEMS


def more_interpreters():
    for implementation in ["cp", "py", "pp"]:
        yield from (f"{implementation}3{minor}" for minor in range(17))
        yield from (f"{implementation}{digits}" for digits in DIGITS)


def compatibility():
    environments = {}
    for key in PLATFORMS:
        platforms = platform_tags(key)
        for python in PYTHONS:
            in_order = list(dict.fromkeys(accepted(python, platforms)))
            record("order", f"{key}/{python[0]}.{python[1]}", " ".join(map(str, in_order)))
            environments[f"{key}/{python[0]}.{python[1]}"] = set(in_order)
    every = set().union(*environments.values())
    systems = sorted({tag.platform for tag in every} | set(more_systems()))
    interpreters = sorted({tag.interpreter for tag in every} | set(more_interpreters()))
    abis = sorted({tag.abi for tag in every} | OTHER_ABIS)
    few = ["any", "win_amd64", "linux_x86_64"]
    texts = {str(tag) for tag in every}
    texts |= {"-".join(parts) for parts in itertools.product(["py3", "cp312"], ["none"], systems)}
    texts |= {"-".join(parts) for parts in itertools.product(interpreters, abis, few)}

    def some(values):
        return ".".join(RANDOM.sample(values, RANDOM.randint(1, 3)))

    texts |= {f"{some(interpreters)}-{some(abis)}-{some(systems)}" for _ in range(8_000)}
    for text in sorted(texts):
        found = tags.parse_tag(text)
        record("tags", text, " ".join(key for key, known in environments.items() if known & found))


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
filenames()
compatibility()
