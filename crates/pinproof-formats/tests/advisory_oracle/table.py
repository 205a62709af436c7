"""Which versions real advisories are about, computed with `packaging` alone.

Reads {"zip": PATH, "at": TIME} as JSON and prints {"records": [...], "classes": [...]}. A record has its
"text" and its "rows": [name, version, time or null, answer, fix, kind]. The answer is "yes", "no" or
"possibly"; the kind says why a row is open to argument, and is null where it is not. Classes are lists of
ids for each project, linked by aliases.

The rule is the evaluation that the OSV schema writes down, as a walk over the events for each version;
nothing is turned into intervals here.
"""

import json
import sys
import zipfile
from datetime import datetime, timedelta

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

NO, POSSIBLY, YES = "no", "possibly", "yes"


def version(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def in_force(record, at):
    published, withdrawn = record.get("published"), record.get("withdrawn")
    time = datetime.fromisoformat
    return (not published or time(published) <= at) and (not withdrawn or time(withdrawn) > at)


class Range:
    """The events of one ECOSYSTEM range, in order; of two at one version, what fixes comes first."""

    def __init__(self, events):
        self.bad = None
        self.events = []
        order = {"fixed": 0, "introduced": 1, "last_affected": 2}
        for event in events:
            ((kind, text),) = event.items()
            if kind == "introduced" and text == "0":
                self.events.append((kind, None))
            elif parsed := version(text):
                self.events.append((kind, parsed))
            else:
                self.bad = text
        if not self.bad:
            # Nothing is below `introduced: "0"`, so it is first whatever else is there.
            zero = [event for event in self.events if event[1] is None]
            rest = [event for event in self.events if event[1] is not None]
            self.events = zero + sorted(rest, key=lambda event: (event[1], order[event[0]]))

    def walk(self, v):
        """Whether `v` is affected, and the fix that would end it."""
        affected, fix = False, None
        for kind, at in self.events:
            if kind == "introduced" and (at is None or v >= at):
                affected = True
            elif kind == "fixed" and v >= at:
                affected = False
            elif kind == "last_affected" and is_after(v, at):
                affected = False
            elif kind in ("fixed", "last_affected"):
                # The first end above `v`.
                fix = at if kind == "fixed" else None
                break
        return affected, fix if affected else None

    def reaches(self, v):
        return self.walk(v)[0]


def is_after(v, last):
    """`v > last`, but a local build of it is not after it: PEP 440 matches it with `<=`."""
    if v.local and not last.local:
        return not SpecifierSet(f"<={last}").contains(v, prereleases=True)
    return v > last


class Entry:
    def __init__(self, affected):
        self.name = canonicalize_name(affected["package"]["name"])
        ranges = affected.get("ranges", [])
        self.ranges = [Range(r["events"]) for r in ranges if r["type"] == "ECOSYSTEM"]
        self.texts = affected.get("versions", [])
        self.listed = {parsed for text in self.texts if (parsed := version(text))}
        self.says_nothing = not self.ranges and not self.texts

    def bad(self):
        return next((r.bad for r in self.ranges if r.bad), None)

    def lists(self, v):
        if v in self.listed:
            return True
        return bool(v.local) and any(
            SpecifierSet(f"=={listed}").contains(v, prereleases=True)
            for listed in self.listed
            if listed.public == v.public and not listed.local
        )

    def walk(self, v):
        walks = [r.walk(v) for r in self.ranges if not r.bad]
        return [fix for affected, fix in walks if affected]

    def answer(self, text):
        v = version(text)
        if v is None:
            everything = any(r.events == [("introduced", None)] for r in self.ranges if not r.bad)
            if everything or text in self.texts:
                return YES
            return POSSIBLY if self.ranges or self.says_nothing else NO
        if self.walk(v) or self.lists(v):
            return YES
        return POSSIBLY if self.bad() or self.says_nothing else NO

    def kind(self, text):
        """Why somebody may see it in another way."""
        v, answer = version(text), self.answer(text)
        if answer == POSSIBLY:
            if v is None:
                return "a version that is none"
            return "no version named" if self.says_nothing else "a boundary that is no version"
        if v is None:
            return None
        if answer == NO:
            return self.kind_of_clean(v)
        if v.local and any(at and at.public == v.public and k == "last_affected" for k, at in self.events()):
            return "a local build of the last affected"
        if not self.walk(v):
            if v.local and v not in self.listed:
                return "a local build of a listed version"
            return "listed, in no range" if text in self.texts else "listed in another spelling, in no range"
        if self.texts and v not in self.listed:
            if v.local:
                return "in a range, not listed: local"
            if v.is_prerelease:
                return "in a range, not listed: pre-release"
            return "in a range, not listed: post-release" if v.is_postrelease else "in a range, not listed"
        return None

    def kind_of_clean(self, v):
        for kind, at in self.events():
            if at is None or at.release != v.release or at.epoch != v.epoch:
                continue
            if kind == "introduced" and v < at and v.is_prerelease:
                return "a pre-release of the first affected"
            if kind == "last_affected" and v > at and v.is_postrelease:
                return "a post-release of the last affected"
        return None

    def events(self):
        return [event for r in self.ranges if not r.bad for event in r.events]


def fix_for(entries, text):
    """The smallest fix that ends every interval around a version, by going from fix to fix."""
    v = version(text)
    best = None
    while v is not None and best_answer(entries, str(v)) == YES:
        fixes = [fix for entry in entries for fix in entry.walk(v)]
        if not fixes:
            # Listed only: the next fix of any interval.
            ends = [at for entry in entries for at in fixing(entry) if at > v]
            best = v = min(ends, default=None)
        else:
            best = v = min((fix for fix in fixes if fix is not None), default=None)
    if v is not None and best_answer(entries, str(v)) == POSSIBLY:
        return None
    return best and str(best)


def fixing(entry):
    """The fixes that fix something: those right below which a version is affected."""
    for r in entry.ranges:
        affected = False
        for kind, at in [] if r.bad else r.events:
            if kind == "fixed" and affected:
                yield at
            affected = kind == "introduced"


def best_answer(entries, text):
    answers = [entry.answer(text) for entry in entries]
    return max(answers, key=[NO, POSSIBLY, YES].index, default=NO)


def around(text):
    """A boundary, and what lies close to it."""
    v = version(text)
    if v is None:
        return [text]
    base = v.base_version
    *head, last = [int(part) for part in base.split("!")[-1].split(".")]
    release = lambda *parts: ".".join(map(str, parts))
    near = [text, f"v{text}", f" {text} ", f"{base}.0", f"{base}.0.0", f"{base}a0", f"{base}rc1", f"{base}.dev0"]
    near += [f"{base}.post1", f"{base}-1", f"{v.public}+local.1", f"{v.public}+0", f"1!{v.public}", f"0!{v.public}"]
    near += [f"{v.public}.dev1" if not v.is_devrelease else text, text.upper(), release(*head, last, 1)]
    near += [release(*head, last + 1)]
    near += [release(*head, last - 1), release(*head, last - 1, 99999)] if last else []
    return near


def spellings(name):
    canonical = canonicalize_name(name)
    return [name.upper(), canonical.replace("-", "_"), canonical.replace("-", "."), canonical.replace("-", "-_.-")]


def rows(record, at):
    """The rows of one record, each once."""
    names = {}
    for affected in record["affected"]:
        names.setdefault(affected["package"]["name"], []).append(affected)
    for name, listed in names.items():
        entries = [Entry(affected) for affected in listed]
        seen = {"0": None, "0.dev0": None, "99999": None, "not-a-version": None, "1!0": None}
        some = None
        for affected, entry in zip(listed, entries):
            boundaries = [t for r in affected.get("ranges", []) if r["type"] == "ECOSYSTEM" for e in r["events"] for t in e.values()]
            for text in boundaries:
                seen.update(dict.fromkeys(around(text)))
                some = text
            versions = affected.get("versions", [])
            odd = [t for t in versions if not (v := version(t)) or not entry.walk(v)]
            for text in [*versions[:1], *versions[-1:], *odd]:
                seen.update(dict.fromkeys([text, f"{text}+local.1", f"{text}.0"]))
                some = text
        for text in seen:
            yield row(record, name, entries, text, at, None)
        some = some or "1.0"
        for spelling in spellings(name):
            yield row(record, spelling, entries, some, at, None)
        yield [f"{name}-x", some, None, NO, None, None]
        for key in ("published", "withdrawn"):
            if key in record:
                moment = datetime.fromisoformat(record[key])
                for time in (moment - timedelta(seconds=1), moment):
                    yield row(record, name, entries, some, time, time.isoformat())


def row(record, name, entries, text, at, shown):
    if not in_force(record, at):
        return [name, text, shown, NO, None, None]
    answer = best_answer(entries, text)
    fix = fix_for(entries, text) if answer == YES else None
    return [name, text, shown, answer, fix, next(filter(None, (e.kind(text) for e in entries)), None)]


def classes(records):
    """For each project, the ids of its records, in classes that aliases link."""
    projects = {}
    for record in records:
        for affected in record["affected"]:
            projects.setdefault(canonicalize_name(affected["package"]["name"]), {})[record["id"]] = record
    for name, known in sorted(projects.items()):
        left, found = dict(known), []
        while left:
            wave, members = [next(iter(left))], set()
            while wave:
                mine = left.pop(wave.pop())
                members.add(mine["id"])
                words = {mine["id"], *mine.get("aliases", [])}
                near = [i for i, r in left.items() if words & {i, *r.get("aliases", [])}]
                wave = list({*wave, *near})
            found.append(sorted(members))
        yield [name, sorted(found)]


def main():
    question = json.load(sys.stdin)
    at = datetime.fromisoformat(question["at"])
    with zipfile.ZipFile(question["zip"]) as archive:
        texts = [archive.read(name).decode() for name in sorted(archive.namelist()) if name.endswith(".json")]
    records = [json.loads(text) for text in texts]
    answered = [{"text": text, "rows": list(rows(record, at))} for text, record in zip(texts, records)]
    json.dump({"records": answered, "classes": list(classes(records))}, sys.stdout)


if __name__ == "__main__":
    main()
