"""What `packaging` says of versions, specifiers, markers and requirements, for packaging_oracle.rs.

Writes one JSON object a line: {"kind": …, "input": …, "expected": …}. The cases are hand-picked ones and
generated ones. The seed is fixed, so every run asks the same; another one can be given as argument.
"""

import json
import random
import re
import sys
import warnings

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

warnings.simplefilter("ignore")  # Invalid escapes in quoted texts.
RANDOM = random.Random(int(sys.argv[1]) if sys.argv[1:] else 440)
pick = RANDOM.choice

# --- Hand-picked cases ---

VERSIONS = """
0 1 1.0 1.0.0 v1.0 V1 1.0-1 1.0.post 1.0-post 1.0.post.1 1.0post_1 1.0-r 1.0rev2 1.0.r-3 1!2 1!2.0.0 0!1
1.0a 1.0.a.1 1.0alpha 1.0-beta_2 1.0c1 1.0pre1 1.0preview1 1.0RC1 1.0.dev 1.0dev3 1.0-dev-3 1.0.dev. 1.0a.
1.0a.post. 1.0a-1 1.0a--1 1.0a1-1 1.0.post1-1 1.0-1-1 1.0-1.dev2 1.0a1.post2.dev3 1.0+abc 1.0+ABC.1 1.0+1
1.0+01 1.0+a-b_c 1.0+a..b 1.0+ 1.0+.a 1.0+a. 1..0 1. .1 1.0.* 1.* 1.0! !1 1!!2 1!v1 vv1 01.002 007 00 1_0
1-0-0 1.0a1b1 1.0b1a1 1.0.dev1.post1 1.0rc 1.0r 1.0p 18446744073709551615 18446744073709551616
99999999999999999999999999 1.99999999999999999999 20240101123456789012345678 1.0a99999999999999999999
1.0.post99999999999999999999 1.0.dev99999999999999999999 99999999999999999999!1 1.0+99999999999999999999
1.0+0000000000000000000000001 1.0+1a 1.0+é 1.0é １.0 ١ 1.0.١ 1.0.poſt1 1.0prevıew nan inf -1 +1 1e5 0x10 1,0
1.0.0.0.0.0.0.0.0.0.0.1 2.0.0.post1.dev0+local.7
""".split()
VERSIONS += [
    "", " ", " 1.0 ", "\t1.0\n", "\x1c1.0\u3000", "1. 0", "1 .0", "1.0 a1", "v 1", "1.0\x00", "1" * 4300,
    "1" * 4301, "1." * 3000 + "0", "1.0+" + "a" * 9000,
]

SETS = [
    "", ",", " , ,", ">=1", ">= 1 , <2", ">=1,,<2", ",>=1,", "==1.0.*", "==1.*", "!=1.0.*", "== 1.0 .*",
    "==1.0. *", "==1.0a.*", "==1.0.dev1.*", "==1.0+x.*", ">=1.0.*", "~=1.0.*", "~=1", "~=1.0", "~=1.0.0",
    "~=1.0a1", "~=1.0.post1", "~=1.0+x", ">=1.0+x", "==1.0+x", "!=1.0+x.1", "<1.0+x", "===1.0", "===",
    "=== ", "=== foo", "===1.0;", "===a)", "===a b", "===a,b", "===1.0,>=1", "=1", "1", "=>1", "> =1",
    "><1", "<>1", "!1", "~1", "====1", "==v1.0", "==1!1.0", "~=1!1.0", "==1!1.*", ">1", "<1", "<=1",
    "==\n1.0", ">=1 <2", "==1.0==1.1", "==1.0-1", "==1.0.", "==1..0", ">=99999999999999999999",
    "==18446744073709551616.*", "~=0.99999999999999999999.1", "~=1.0poſt1", ">=1.0poſt1", "==1.0\u3000",
    "==\x1c1.0", "==" + "9" * 5000, "===" + "9" * 5000, "<0.dev0", "<0", "<0a0", ">0.dev0",
]

MARKERS = [
    "", "os_name", "os_name ==", "os_name == 'a", "os_name == a", "os_name = 'a'", "'a' == 'b'",
    "'3.8' == 'python_version'", "'web' == 'extra'", "os_name == os_name",
    "python_version == python_full_version", "extra == extra", "'linux' in 'sys_platform'",
    "'x' == 'os.name'", '"3.8" < python_version', "'3.8' in python_version", "python_version in '3.8 3.12'",
    "python_version not in '2.7, 3.9'", "python_version == '3.*'", "python_version == '3.12.*'",
    "python_version ~= '3.8'", "python_version ~= '3'", "python_version === '3.12'",
    "python_version >= '3.8,<4'", "python_version < '=3.12'", "python_version == '=3.12'",
    "python_version >= ' 3.8 '", "python_version >= 'abc'", "python_version != 'abc'",
    "python_version <= 'abc'", "'abc' >= python_version", "'abc' != python_version",
    "'3.12.0a1' < python_full_version", "python_full_version > '3.12.3'", "platform_release >= '5'",
    "platform_release == ''", "platform_release != ''", "'' == platform_release", "'' === platform_release",
    "'5' ~= platform_release", "platform_release in ''", "platform_version >= '5'",
    "platform_version == ''", "implementation_version ~= '3.9'", "os.name == 'posix'",
    "sys.platform == 'linux'", "platform.machine == 'x86_64'", "platform.version == ''",
    "platform.python_implementation == 'CPython'", "python_implementation == 'CPython'",
    "platform_python_implementation != 'PyPy'", "platform.release == ''", "os_name ~= 'a'",
    "os_name === 'posix'", "os_name <= 'posix'", "os_name < 'posiy'", "os_name >= 'posix'", "os_name > 'a'",
    "sys_platform == 'win32' or os_name == 'posix' and extra == 'web'",
    "(os_name == 'posix' or extra == 'web') and python_version > '3'", "((os_name == 'posix'))",
    "((os_name == 'a' and os_name == 'b'))",
    "(os_name == 'a') or (os_name == 'b' and (os_name == 'c' or os_name == 'd'))", "(os_name == 'a'",
    "os_name == 'a')", "()", "( )", "os_name == 'a' and", "os_name == 'a' os_name == 'b'",
    "os_name=='a'or os_name=='b'", "os_name=='a'and(os_name=='b')", "os_name=='a'andos_name=='b'",
    "'a'in os_name", "'a'not in os_name", "'a' not\tin os_name", "'a' not  in os_name", "'a' notin os_name",
    "'a' not os_name", "'a' inos_name", "'a' NOT IN os_name", "os_name == 'a' AND os_name == 'b'",
    "OS_NAME == 'a'", "extra == 'Web_UI'", "extra == 'web--.ui'", "'WEB' == extra", "extra in 'web db'",
    "extra not in 'web'", "'we' in extra", "extra ~= 'web'", "extra >= 'web'", "extra < 'web'",
    "extra != ''", "extra == ''", "extra == 'İ'", "'web' in extras", "'Web.UI' in extras",
    "extras == 'web'", "extras in 'web'", "'Dev_X' in dependency_groups",
    "extra == 'web' and 'x' in extras", "python_version < '2' and os_name ~= 'x'", "extrasx == 'a'",
    "python_versions == 'a'", "\nos_name == 'a'", "os_name\n== 'a'", " \tos_name == 'a' \t",
    "os_name == 'a\nb'", "os_name == 'a\\\nb'", "os_name == 'a\\'", "os_name == 'a\\\\'",
    r"os_name == '\x70\157\u0073\U00000069x'", r"os_name == '\x7'", r"os_name == '\400\777\8'",
    r"os_name == '\d\n\t\\'", r"os_name == '\u12'", r"os_name == '\U00110000'",
    r"os_name == '\N{LATIN SMALL LETTER A}'", r"os_name == '\ud800'", r"os_name == '\x22\x27'",
    "os_name == '\0'", "os_name == '\"'", "os_name == \"'\"", "os_name == ''''", 'os_name == """a"""',
    "os_name == u'a'", "os_name == 'é' and 'é' in os_name", "os_nameé == 'a'", "os_name == 'a' andé",
    "os_name == 'a'; b", "python_version >= '" + "9" * 30 + "'", "python_version < '" + "9" * 30 + "'",
    "python_version >= '03.08'", "python_version >= '3.8.dev0'", "python_full_version < '3.12.3+local'",
    "python_full_version == '3.12.3+local'", "(" * 100 + "os_name == 'a'" + ")" * 100,
    "python_version >= '3.9' # c", "python_version>='3.9',os_name=='a'", "not os_name == 'a'", "True",
    "os_name == 1", "1 == os_name",
]

REQUIREMENTS = [
    "", " ", "a", " a ", "\ta", "a\n", "\na", "-a", "_a", ".a", "a-", "a.", "a b", "a;b", "a;", "a ;",
    "a @", "a@", "a @ ", "a@b", "a @b;c", "a @ b ;", "a @ b ; os_name == 'a'", "a @ b;os_name == 'a'",
    "a @ b c", "a @ b\n", "a @ b ", "a @ file:///x y", "name@url ; os_name == 'a'", "a[b] @ c",
    "a[b]@c ; extra == 'B_c'", "a>=1 @ b", "a (>=1)", "a(>=1)", "a(>=1,)", "a()", "a( )", "a (>=1",
    "a >=1)", "a (>=1) (<2)", "a ((>=1))", "a (>=1);os_name=='a'", "a>=1;os_name=='a'",
    "a >= 1 , < 2 ; os_name == 'a'", "a>=1,", "a>=1,,<2", "a,>=1", "a>=1<2", "a>=1 <2", "a 1.0", "a=1",
    "a==1.0.*", "a>=1.0.*", "a~=1", "a==1.0+x", "a>=1.0+x", "a===1.0", "a===1.0,>=2", "a===1.0 , >=2",
    "a===", "a=== ;os_name=='a'", "a===x;os_name=='a'", "a(===x)", "a===x,y", "a=== ,", "a=== , >=1",
    "a>=\n1", "a= =1", "a== =1", "a> =1", "a>\n=1", "a>=1\n", "a>=1\n,<2", "a>=\x1c1", "a>=\u30001", "a\u3000>=1", "a[b,c]", "a[b,c,]", "a[,b]",
    "a[]", "a[ ]", "a[b c]", "a [ b , c ] >= 1", "a[b", "a]", "a[b]]", "a[b][c]", "a[B_x,b-x]", "a[é]", "é",
    "aé", "a-é", "A.B_c--D>=1", "trailing_", "trailing_>=1", "a[extra_]", "a__b", "a>=1;", "a>=1; ",
    "a>=1;os_name", "a>=1;os_name=='a';", "a>=1#c", "a>=1 # c", "a; (os_name=='a')", "a;(os_name=='a'",
    "a>=v1", "a==1!2", "a>=1.0.post", "a>=1.0-1", "a==99999999999999999999", "a<>1", "a><1", "a!=1.*",
    "a~=1.0,!=1.5.*,<2", "a @ git+https://x.example/y@v1#egg=a", "a @ ${X}", "a@ b@c", "a@;os_name=='a'",
    "a @ ;os_name=='a'", "-r x", "--hash=a", "./a", "a/b", "a\\b", "a\x00",
]

# --- Generated cases ---

NASTY = "٠١²ſıİК é\u0345\t\n\r\x0b\x1c\x85\xa0\u3000\u200b\ufeffvV!.-_+*~=<>,;()[]@'\"\\#0019aAbBcCrRxX"
SPACES = ["", "", "", "", " ", "  ", "\t", "\n", "\x1c", "\u3000"]
HUGE = [str(2**64 - 1), str(2**64), str(2**64 + 1), "9" * 25]
PRE = ["a", "alpha", "b", "beta", "c", "rc", "pre", "preview"]
POST = ["post", "rev", "r"]


def mutate(text):
    """`text`, in half of the cases with characters lost, doubled or replaced by nasty ones."""
    for _ in range(pick([0, 0, 0, 1, 1, 2])):
        at = RANDOM.randrange(len(text) + 1)
        new = pick(["", pick(NASTY), pick(NASTY), text[at : at + 1] * 2])
        text = text[:at] + new + text[at + RANDOM.randrange(2) :]
    return text


def number():
    return pick(["0", "0", "1", "1", "1", "2", "2", "3", "10", "01", "00", pick(HUGE)])


def separator():
    return pick(["", ".", "-", "_"])


def suffix(words, chance):
    if RANDOM.random() > chance:
        return ""
    word = pick(words)
    word = pick([word, word.upper(), word.title()])
    return separator() + word + pick(["", separator()]) + pick(["", number()])


def public_version(chance=0.25):
    count = pick([1, 1, 2, 2, 2, 3, 3, 4])
    release = ".".join(pick("0112") if RANDOM.random() < 0.95 else number() for _ in range(count))
    epoch = pick(["", "", "", "", "", "", "0!", "1!", "1!"])
    post = suffix(POST, chance) if RANDOM.random() < 0.9 else "-1"
    return pick(["", "", "", "", "v", "V"]) + epoch + release + suffix(PRE, chance) + post + suffix(["dev"], chance)


def local(chance=0.2):
    if RANDOM.random() > chance:
        return ""
    parts = [pick(["a", "b", "x1", "1x", "0", "1", "01", "10", "A"]) for _ in range(pick([1, 2, 3]))]
    return "+" + separator().join(parts)


def version(chance=0.25):
    return public_version(chance) + local()


def neighbour(text):
    """A version that is equal to `text` or close to it."""
    return pick(["", "v", " "]) + text + pick(["", ".0", "+x", ".post1", "-0", ".dev1", "a1", "rc", ".1", "+1"])


def clause():
    operator = pick(["==", "!=", "<=", ">=", "<", ">", "~=", "==="])
    if operator in ("==", "!=") and RANDOM.random() < 0.3:
        written = pick(["", "", "1!"]) + pick("012") + pick(["", ".0", ".1", ".0.0"]) + ".*"
    else:
        written = public_version(0.2) + (local() if operator in ("==", "!=", "===") else "")
    return operator + pick(SPACES) + written


def specifier_set():
    return pick([",", ", ", " ,", ",,"]).join(clause() for _ in range(pick([1, 1, 1, 2, 2, 3])))


VALUES = """
3 3.8 3.9 3.12 3.12.3 3.12.* 3.* 3.14.0 2.7 3.10.0rc1 3.12.3+x abc posix nt linux win32 darwin cpython CPython
x86_64 arm64 5.15 web Web_UI db a.b
""".split() + ["", " 3.9 "]
VARIABLES = """
python_version python_version python_full_version os_name sys_platform platform_release platform_system
platform_version platform_machine platform_python_implementation implementation_name implementation_version
extra extra os.name sys.platform platform.machine python_implementation
""".split()
UNDEFINED_VARIABLES = ["extras", "dependency_groups"]
OPERATORS = ["==", "==", "!=", "!=", "<", "<=", ">", ">=", ">=", "~=", "===", "in", "not in"]


def quoted():
    quote = pick("'\"")
    return quote + pick(VALUES) + quote


def comparison():
    variable = pick(VARIABLES if RANDOM.random() < 0.97 else UNDEFINED_VARIABLES)
    other = quoted() if RANDOM.random() < 0.97 else pick(VARIABLES)
    left, right = (variable, other) if RANDOM.random() < 0.7 else (other, variable)
    operator = pick(OPERATORS)
    space = pick([" ", " ", "  ", "\t", " " if "in" in operator else ""])
    return left + space + operator + space + right


def marker(depth=0):
    text = ""
    for _ in range(pick([1, 1, 2, 2, 3])):
        nested = depth < 3 and RANDOM.random() < 0.2
        text += pick([" and ", " or "]) if text else ""
        text += f"({marker(depth + 1)})" if nested else comparison()
    return text


URLS = ["https://x.example/a-1.tar.gz#sha256=ab", "git+ssh://x/y@z", "file:///a;b", "./c"]


def requirement():
    def space():
        return pick(["", "", " ", "\t", "  "])

    name = pick(["a", "Foo", "foo.bar", "foo_bar", "foo--bar", "f1", "1f"])
    extras = pick(["", "", f"[{space()}{pick(['a', 'a,b', 'A_b , c', 'a,a', ''])}{space()}]"])
    clauses = specifier_set() if RANDOM.random() < 0.8 else ""
    details = pick([clauses, clauses, f"({space()}{clauses}{space()})"])
    if RANDOM.random() < 0.15:
        details = f"@{space()}{pick(URLS)}{pick([' ', ' ', ''])}"
    tail = f"{space()};{space()}{marker(2)}" if RANDOM.random() < 0.4 else ""
    return space().join(["", name, extras, details + tail, ""])


def is_known_difference(text):
    """The classes of DELIBERATE in packaging_oracle.rs, each of which has a hand-picked case."""
    name_ends_in_underscore = r"_\s*([\[\]@;,<>=!~(]|$)"
    return bool(re.search(name_ends_in_underscore + r"|\\N|\\u[dD]|\\U0000[dD]|~=.*[ſıİ]", text, re.DOTALL))


def generated(make, count):
    texts = (mutate(make()) for _ in range(count))
    return [text for text in texts if not is_known_difference(text)]


# --- Answers ---

EXTRAS = [[], ["web"], ["web-ui", "db"]]
TARGETS = [
    ("3.12.3", "linux-x86_64"), ("3.9", "windows-arm64"), ("3.14", "macos-arm64"), ("2.7.18", "musllinux-aarch64"),
]  # fmt: skip
PLATFORMS = {
    "linux-x86_64": ("posix", "linux", "Linux", "x86_64"),
    "linux-aarch64": ("posix", "linux", "Linux", "aarch64"),
    "musllinux-x86_64": ("posix", "linux", "Linux", "x86_64"),
    "musllinux-aarch64": ("posix", "linux", "Linux", "aarch64"),
    "macos-arm64": ("posix", "darwin", "Darwin", "arm64"),
    "macos-x86_64": ("posix", "darwin", "Darwin", "x86_64"),
    "windows-x86_64": ("nt", "win32", "Windows", "AMD64"),
    "windows-arm64": ("nt", "win32", "Windows", "ARM64"),
}


def emit(kind, asked, expected):
    print(json.dumps({"kind": kind, "input": asked, "expected": expected}))


def attempt(make, text):
    """What `make` reads, or None. Besides its own errors it raises ValueError for overlong integers."""
    try:
        return make(text)
    except (ValueError, RecursionError):
        return None


def emit_version(text):
    read = attempt(Version, text)
    expected = read and {
        "text": str(read),
        "public": read.public,
        "base": read.base_version,
        "epoch": str(read.epoch),
        "release": [str(part) for part in read.release],
        "pre": read.is_prerelease,
        "post": read.is_postrelease,
        "dev": read.is_devrelease,
        "local": read.local is not None,
    }
    emit("version", text, expected)


def emit_order(left, right):
    a, b = Version(left), Version(right)
    emit("order", [left, right], "<" if a < b else "==" if a == b else ">")


def emit_specifiers(text):
    read = attempt(SpecifierSet, text)
    emit("specifiers", text, None if read is None else [str(clause) for clause in read])


def emit_contains(text, version):
    """The modes Auto, Allow and Forbid.

    Auto lets pre-releases in where the set names one. `contains` of packaging < 26 did that by default;
    since then it takes a lone pre-release for the only release there is, as `filter` does.
    """

    def contains(prereleases):
        return SpecifierSet(text).contains(Version(version), prereleases=prereleases)

    assert contains(None) == contains(True)
    names_prerelease = bool(SpecifierSet(text).prereleases)
    emit("contains", [text, version], [contains(names_prerelease), contains(True), contains(False)])


def emit_filter(text, versions):
    accepted = set(SpecifierSet(text).filter(range(len(versions)), key=lambda at: Version(versions[at])))
    emit("filter", [text, versions], [version for at, version in enumerate(versions) if at in accepted])


def values_of(python, platform):
    os_name, sys_platform, system, machine = PLATFORMS[platform]
    full = python if python.count(".") == 2 else python + ".0"
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": os_name,
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": system,
        "platform_version": "",
        "python_full_version": full,
        "python_version": full.rpartition(".")[0],
        "sys_platform": sys_platform,
    }


def shown(marker, text):
    """`packaging` shows a backslash as it is, so that its own text reads back differently."""
    return "" if "\\" in text else str(marker)


def holds(marker, environment, extras):
    """Whether any extra makes it true; what `packaging` refuses to judge is taken for true."""
    for extra in extras or [""]:
        try:
            if marker.evaluate({**environment, "extra": extra}):
                return True
        except (ValueError, KeyError):
            return True
    return False


def emit_marker(text):
    read = attempt(Marker, text)
    emit("marker", text, read and shown(read, text))
    if read is None or is_known_difference(text):
        return
    for python, platform in RANDOM.sample(TARGETS, 2):
        for extras in RANDOM.sample(EXTRAS, 2):
            asked = {"marker": text, "python": python, "platform": platform, "extras": extras}
            emit("evaluate", asked, holds(read, values_of(python, platform), extras))


def emit_requirement(text):
    read = attempt(Requirement, text)
    expected = read and {
        "name": canonicalize_name(read.name),
        "extras": sorted({canonicalize_name(extra) for extra in read.extras}),
        "clauses": [str(clause) for clause in read.specifier],
        "url": read.url,
        "marker": read.marker and shown(read.marker, text),
    }
    emit("requirement", text, expected)


def emit_versions_and_sets():
    for text in VERSIONS + generated(version, 5000):
        emit_version(text)
    versions = VERSIONS + [version(pick([0, 0.3, 0.6])) for _ in range(3000)]
    versions = [text for text in versions if attempt(Version, text)]
    for _ in range(4000):
        left = pick(versions)
        right = neighbour(left)
        emit_order(left, right if attempt(Version, right) else pick(versions))
        emit_order(pick(versions), left)
    for text in SETS + generated(specifier_set, 5000):
        emit_specifiers(text)
    for text in SETS + [specifier_set() for _ in range(3000)]:
        if attempt(SpecifierSet, text) is None or "ſ" in text or len(text) > 4000:
            continue
        bound = re.sub(r"^\W*", "", pick(text.split(","))).removesuffix(".*")
        for candidate in [pick(versions), version(0.2), neighbour(bound), bound]:
            if attempt(Version, candidate):
                emit_contains(text, candidate)
        emit_filter(text, [version(0.3) for _ in range(4)])


def main():
    emit_versions_and_sets()
    for platform in PLATFORMS:
        for python in ["3.12.3", "3.9"]:
            values = values_of(python, platform)
            emit("environment", {"python": python, "platform": platform, "names": sorted(values)}, values)
    for text in MARKERS + generated(marker, 4000):
        emit_marker(text)
    for text in REQUIREMENTS + generated(requirement, 7000):
        emit_requirement(text)


main()
