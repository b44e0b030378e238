"""Laws about the source as it is written: what is decorated is found, docstrings agree with signatures, files stay small."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gazo
from gazo.runs.catalog import catalog

SOURCE = Path(gazo.__file__).parent
DECORATORS = {"operation", "method", "feature", "proof"}
DOORS = {"cli", "web"}


@pytest.fixture(scope="module")
def trees():
    return {file: ast.parse(file.read_text("utf-8")) for file in sorted(SOURCE.rglob("*.py"))}


def test_everything_decorated_stands_in_the_catalog(trees):
    known = {entry.dotted for entry in catalog()}
    decorated = {
        dotted for file, tree in trees.items() if _room(file) not in DOORS for dotted in decorated_in(tree, _module(file))
    }
    assert decorated
    assert decorated - known == set()


def test_the_search_for_decorated_things_sees_them():
    tree = ast.parse(
        "@feature('a', 'b')\ndef f(): ...\n@core.method('t', 'a', 'b')\n@dataclass\nclass M: ...\n@cache\ndef g(): ...\n"
    )
    assert set(decorated_in(tree, "gazo.x")) == {"gazo.x.f", "gazo.x.M"}


def test_docstrings_name_the_parameters_of_the_signature(trees):
    wrong = [f"{_module(file)}.{name}: {sorted(odd)}" for file, tree in trees.items() for name, odd in parameter_slips(tree)]
    assert wrong == []


def test_the_search_for_parameter_slips_sees_them():
    text = 'def f(a, *, b_mm):\n    """Do.\n\n    Parameters\n    ----------\n    a, c : words.\n    """\n'
    assert list(parameter_slips(ast.parse(text))) == [("f", {"c"})]
    assert list(parameter_slips(ast.parse(text.replace("a, c", "a, b_mm")))) == []


def test_files_can_be_read_at_one_sitting():
    assert [str(f) for f in SOURCE.rglob("*.py") if len(f.read_text("utf-8").splitlines()) > 400] == []
    assert [str(f) for f in SOURCE.rglob("*.py") if f.stem in ("utils", "util", "helpers", "misc", "common")] == []


def test_nothing_unfinished_is_left(trees):
    marks = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    assert [str(file) for file in trees if marks.search(file.read_text("utf-8"))] == []


def test_files_are_written_in_one_way_only(trees):
    """`core.files` is the one place that writes a file anew; a second one would skip the atomic rename.

    Logs that grow (mode "a") and locks that must not be there yet (mode "x") are no such files.
    """
    wrong = [f"{file}:{call.lineno}" for file, tree in trees.items() for call in ast.walk(tree) if _writes(call)]
    allowed = {
        "core/files.py",
        "io/nifti.py",  # unpacks into a temporary folder
        "io/archive.py",  # unpacks into a folder that takes its name when it is whole
        "runs/machine.py",  # tries a file in a folder that it removes
    }
    proofs = "runs/proofs/"  # write into temporary folders
    found = {Path(place.split(":")[0]).relative_to(SOURCE).as_posix(): place for place in wrong}
    assert {f: place for f, place in found.items() if f not in allowed and not f.startswith(proofs)} == {}


@pytest.mark.parametrize("line", ["import gazo", "from gazo.cli.main import main; main(['--help'])"])
def test_the_start_is_light(line):
    script = f"import sys\ntry:\n    {line}\nexcept SystemExit as end:\n    assert not end.code\n"
    script += "print([m for m in ('torch', 'pandas', 'matplotlib', 'cv2', 'skimage', 'sklearn', 'pydicom') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().splitlines()[-1] == "[]"


def decorated_in(tree, module):
    """Dotted names of what carries one of our decorators at the top of a module."""
    for node in tree.body:
        marks = {_name(d.func) for d in getattr(node, "decorator_list", []) if isinstance(d, ast.Call)}
        if marks & DECORATORS:
            yield f"{module}.{node.name}"


def parameter_slips(tree):
    """Functions and classes whose docstring explains names that the signature does not have (or explains none).

    A name that explains itself may be left out of the docstring.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and "Parameters\n---" in (ast.get_docstring(node) or ""):
            said, there = documented(ast.get_docstring(node)), arguments(node)
            if said - there or not said:
                yield node.name, said - there


def documented(docstring):
    """The names before the colons of a Parameters section."""
    section = re.split(r"\n\w[\w ]*\n---", docstring.split("Parameters\n---", 1)[1])[0]
    names = re.findall(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*) :", section, re.MULTILINE)
    return {name.lstrip("*") for group in names for name in group.split(", ")}


def arguments(node):
    """Arguments of a function; of a class its annotated fields, or the arguments of its __init__."""
    if isinstance(node, ast.ClassDef):
        own = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
        fields = {n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
        return arguments(own[0]) if own else {name for name in fields if not name.startswith("_")}
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    return {argument.arg for argument in every if argument is not None}


def _writes(node):
    if not isinstance(node, ast.Call):
        return False
    if _name(node.func) in ("write_text", "write_bytes"):
        return isinstance(node.func, ast.Attribute) and _name(node.func.value) != "files"
    if _name(node.func) != "open" or (
        isinstance(node.func, ast.Attribute) and _name(node.func.value) in ("Image", "zipfile", "tarfile")
    ):
        return False
    modes = [*node.args[int(isinstance(node.func, ast.Name)) :], *(k.value for k in node.keywords if k.arg == "mode")]
    return any(isinstance(m, ast.Constant) and isinstance(m.value, str) and set(m.value) & set("w+") for m in modes[:1])


def _name(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _module(file):
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(file):
    return file.relative_to(SOURCE).parts[0]
