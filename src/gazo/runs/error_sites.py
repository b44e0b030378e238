"""Every place in the source where an error for the user is made, read from the source itself.

The error pages of the documentation and the proof of N4 come from here, so neither can forget an error.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from gazo.core import errors
from gazo.core.language import Text

CODE = re.compile(r"G-[A-Z0-9]{2,6}-\d{3}")
# Where an error that was told by another process or part is raised again with its own code.
READ_BACK = ("runs/start.py", "runs/intake_file.py", "runs/trial.py", "web/proofs/bench.py")
CLASSES = {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.GazoError)}


@dataclass(frozen=True)
class ErrorSite:
    """One place where an error is made; what is filled in at run time stands in braces.

    Parameters
    ----------
    code : the code, empty when it is not written as a literal.
    kind : class of the error.
    file, line : where it stands, below the package.
    text : the sentence; a language is empty when it is missing or not written as a literal.
    """

    code: str
    kind: str
    file: str
    line: int
    text: Text

    @property
    def room(self) -> str:
        return self.file.split("/")[0]


def error_sites(source: Traversable | None = None) -> list[ErrorSite]:
    """All error sites of gazo (or of another folder of Python files), sorted by code, file and line."""
    found = [site for name, text in _sources(source or files("gazo"), "") for site in sites_in(text, name)]
    found = [site for site in found if site.code or site.file not in READ_BACK]
    return sorted(found, key=lambda site: (site.code, site.file, site.line))


def sites_in(source: str, file: str) -> list[ErrorSite]:
    """The error sites in one file of Python source."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [_site(call, file) for call in calls if _name(call.func) in CLASSES]


def _site(call: ast.Call, file: str) -> ErrorSite:
    said = {word.arg: _literal(word.value) for word in call.keywords}
    code = _literal(call.args[0]) if call.args else ""
    return ErrorSite(code, _name(call.func), file, call.lineno, Text(ja=said.get("ja", ""), en=said.get("en", "")))


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _literal(value: ast.expr) -> str:
    """A string or f-string with its holes as ``{name}``; empty for anything else."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, ast.JoinedStr):
        return "".join(_literal(p) if isinstance(p, ast.Constant) else f"{{{_hole(p)}}}" for p in value.values)
    return ""


def _hole(part: ast.expr) -> str:
    """What stands in the braces of an f-string, with the names of the two languages taken off."""
    inner = ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else ast.unparse(part)
    return re.sub(r"\.(?:en|ja)$", "", inner)


def _sources(folder: Traversable, below: str) -> Iterator[tuple[str, str]]:
    for item in sorted(folder.iterdir(), key=lambda i: i.name):
        if item.is_dir() and item.name != "__pycache__":
            yield from _sources(item, f"{below}{item.name}/")
        elif item.name.endswith(".py"):
            yield below + item.name, item.read_text(encoding="utf-8")
