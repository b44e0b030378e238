"""Laws about the project: rooms import downwards only, licences of what it needs, and nothing unbounded."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
COPYLEFT = re.compile(r"\bA?GPL|Affero|GNU General Public", re.IGNORECASE)
LESSER = re.compile(r"LGPL|Lesser General Public", re.IGNORECASE)


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def licence(name):
    """Everything a package says about its licence."""
    said = metadata.metadata(name)
    marks = [c for c in said.get_all("Classifier") or [] if c.startswith("License")]
    text = said.get("License") or ""
    return " | ".join(filter(None, [said.get("License-Expression"), text.splitlines()[0] if text else "", *marks]))


def needed(names):
    """The packages and, through them, everything they need here."""
    waiting, seen = list(names), set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        wants = [Requirement(r) for r in metadata.requires(name) or []]
        waiting += [r.name for r in wants if r.marker is None or r.marker.evaluate({"extra": ""})]
    return seen


def test_no_copyleft_licence_is_needed(project):
    found = {name: licence(name) for name in needed(Requirement(r).name for r in project["dependencies"])}
    assert {name: words for name, words in found.items() if COPYLEFT.search(LESSER.sub("", words))} == {}


def test_every_direct_dependency_states_a_licence(project):
    names = [Requirement(r).name for r in project["dependencies"]]
    assert [name for name in names if not licence(name)] == []


def test_the_search_for_copyleft_sees_it():
    assert COPYLEFT.search("GPL-3.0-or-later")
    assert COPYLEFT.search("GNU Affero General Public License v3")
    assert not COPYLEFT.search(LESSER.sub("", "LGPL-2.1-only"))


def test_dependencies_have_bounds(project):
    calendar = {"tifffile"}  # its versions are dates; an upper bound would only lock out repairs
    wanted = [Requirement(r) for r in project["dependencies"]]
    assert [r.name for r in wanted if ">=" not in str(r.specifier)] == []
    assert [r.name for r in wanted if "<" not in str(r.specifier) and r.name not in calendar] == []


def test_what_is_installed_is_within_the_bounds(project):
    wanted = [Requirement(r) for r in project["dependencies"]]
    assert [str(r) for r in wanted if not r.specifier.contains(metadata.version(r.name), prereleases=True)] == []


def test_rooms_import_downwards_only():
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]


def test_gazo_itself_is_apache(project):
    assert project["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0, January 2004" in (ROOT / "LICENSE").read_text("utf-8")
