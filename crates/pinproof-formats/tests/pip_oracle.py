"""What pip makes of requirements files: standard input and output are JSON, see pip_oracle.rs."""

import json
import logging
import os
import re
import sys
from contextlib import redirect_stderr
from io import StringIO
from optparse import Values
from urllib.parse import unquote

from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.release_control import ReleaseControl
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req.req_file import parse_requirements
from pip._vendor.packaging.markers import Marker
from pip._vendor.packaging.specifiers import SpecifierSet
from pip._vendor.packaging.utils import canonicalize_name


def shown(url):
    """An address without credentials and query, as pinproof shows it."""
    without_credentials = re.sub("://[^/?#]*@", "://", url)
    without_credentials = re.sub("^[^:]+", lambda scheme: scheme[0].lower(), without_credentials)
    return unquote(re.sub(r"\?[^#]*", "", without_credentials))


def source(requirement):
    link = requirement.link
    if link is None:
        return ["index", str(requirement.req.specifier)]
    if link.is_vcs:
        return ["vcs", shown(link.url)]
    if link.scheme == "file":
        return ["path", unquote(link.path.rstrip("/")).rsplit("/", 1)[-1]]
    return ["url", shown(link.url)]


def described(requirement):
    # Whether a hash is held to is decided by name: a digest is not looked at before the download.
    hashes = requirement.hashes(trust_internet=True)._allowed
    return {
        "name": canonicalize_name(requirement.name) if requirement.name else None,
        "source": source(requirement),
        "extras": sorted(canonicalize_name(extra) for extra in requirement.extras),
        "marker": str(requirement.markers) if requirement.markers else None,
        "hashes": sorted({f"{name}:{digest}" for name, digests in hashes.items() for digest in digests}),
        "editable": requirement.editable,
        "constraint": requirement.constraint,
    }


def new_finder(session):
    scope = SearchScope.create(find_links=[], index_urls=["https://pypi.org/simple"], no_index=False)
    collector = LinkCollector(session=session, search_scope=scope)
    preferences = SelectionPreferences(allow_yanked=False, release_control=ReleaseControl())
    return PackageFinder.create(collector, preferences)


def settings(finder, session, options):
    return {
        "indexes": [url.rstrip("/") for url in finder.index_urls],
        "find_links": finder.find_links,
        "no_index": finder.search_scope.no_index,
        "no_binary": sorted(finder.format_control.no_binary),
        "only_binary": sorted(finder.format_control.only_binary),
        "pre": ":all:" in finder.release_control.all_releases,
        "trusted": sorted(f"{host}:{port}" if port else host for host, port in session.pip_trusted_origins),
        "require_hashes": options.require_hashes,
        "no_require_hashes": options.no_require_hashes,
    }


def read(path):
    session = PipSession()
    finder = new_finder(session)
    options = Values({"require_hashes": False, "no_require_hashes": False, "features_enabled": []})
    requirements = []
    # optparse prints its usage; whatever is raised ends pip, be it meant as an answer or not.
    try:
        with redirect_stderr(StringIO()):
            for parsed in parse_requirements(path, session, finder, options):
                requirement = install_req_from_parsed_requirement(parsed, user_supplied=True)
                requirements.append(described(requirement))
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"requirements": requirements, "settings": settings(finder, session, options)}


def main():
    case = json.load(sys.stdin)
    logging.disable()
    os.environ.clear()
    os.environ.update(case["environment"])
    os.chdir(case["folder"])
    read_files = {path: read(path) for path in case["files"]}
    # The same notation for both sides.
    markers = {text: str(Marker(text)) for text in case["markers"]}
    specifiers = {text: str(SpecifierSet(text)) for text in case["specifiers"]}
    json.dump({"files": read_files, "markers": markers, "specifiers": specifiers}, sys.stdout)


main()
