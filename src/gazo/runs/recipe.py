"""A recipe: everything a run was made from, so that anyone can make it again. No path and no identity stands in it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gazo.core.errors import FileError, RunError
from gazo.core.files import replacing, write_json

FORMAT = 1
CHAIN = ("process", "chain")  # the task of a chain of operations on images
_PACKAGES = (
    "numpy",
    "scipy",
    "numba",
    "torch",
    "torchvision",
    "timm",
    "scikit-learn",
    "scikit-image",
    "opencv-python-headless",
    "pydicom",
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to do, with what, and how exactly.

    Parameters
    ----------
    task : room and name of the method or operation, such as ``("learn", "classify")`` or ``("quality", "mtf-edge")``.
    version : of it.
    data : key of the data; the workspace that made the run knows its path (`gazo.runs.references`). Empty where there are no images.
    data_sha256, rows : fingerprint and number of the images, checked when the recipe runs again.
    source : the roles of columns and other options with which the data was opened.
    options, protocol : of the method, and of the evaluation.
    inputs : of an operation, by name: for images "data", "sha256", "rows" and the SHA-256 of each of "files"; for a result of another
        run or program "file" (the run's own copy), its "sha256", and where it is "from".
    """

    task: tuple[str, str]
    version: int
    data: str
    data_sha256: str
    rows: int
    source: Mapping[str, Any]
    options: Mapping[str, Any]
    protocol: Mapping[str, Any]
    seed: int
    threads: int
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    processes: int = 1
    language: str = "en"
    dtype: str = "auto"
    device: str = "auto"
    packages: Mapping[str, str] = field(default_factory=dict)
    machine: str = ""
    format: int = FORMAT

    @property
    def reads_set(self) -> bool:
        """Whether its data is a set of images (`source` says how it is opened), not image files named one by one."""
        return bool(self.data) and not any("files" in entry for entry in self.inputs.values())

    @property
    def references(self) -> tuple[tuple[str, str, int], ...]:
        """Key, SHA-256 and number of images of everything the recipe was made from."""
        found = [(e["data"], e["sha256"], e["rows"]) for e in self.inputs.values() if "files" in e]
        own = (self.data, self.data_sha256, self.rows)
        return tuple(dict.fromkeys([own, *found] if self.data else found))


def write_recipe(recipe: Recipe, folder: Path) -> None:
    """Write ``recipe.json`` into a run folder."""
    write_json(folder / "recipe.json", asdict(recipe))


def read_recipe(path: Path) -> Recipe:
    """The recipe of a run folder or of a recipe file; one of a newer format is refused by name."""
    file = path / "recipe.json" if path.is_dir() else path
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise FileError(
            "G-RUN-002",
            en=f"there is no recipe at '{path.name}'. Name a run folder or a recipe.json.",
            ja=f"「{path.name}」にレシピがありません。実行結果のフォルダか recipe.json を指定してください。",
        ) from None
    except ValueError:
        stored = None
    stored = _as_recipe(stored)
    if not isinstance(stored, dict) or "task" not in stored:
        raise FileError(
            "G-RUN-003",
            en=f"'{path.name}' is not a recipe of gazo; a recipe.json with a 'task' is needed.",
            ja=f"「{path.name}」は gazo のレシピではありません。'task' を持つ recipe.json が必要です。",
        )
    if stored.get("format", 0) > FORMAT:
        raise RunError(
            "G-RUN-004",
            en=f"the recipe has format {stored['format']}; this version of gazo reads up to {FORMAT}. Install a newer gazo.",
            ja=f"レシピの形式は {stored['format']} ですが、この版の gazo が読めるのは {FORMAT} までです。新しい gazo を入れてください。",
        )
    known = {name: stored[name] for name in Recipe.__dataclass_fields__ if name in stored}
    try:
        return Recipe(**{**known, "task": tuple(stored["task"])})
    except TypeError as error:
        raise FileError(
            "G-RUN-005",
            en=f"the recipe '{path.name}' is not complete ({error}). Use one that gazo wrote.",
            ja=f"レシピ「{path.name}」は不完全です ({error})。gazo が作成したものを使ってください。",
        ) from None


def _as_recipe(stored: Any) -> Any:
    """A file of steps is the recipe of a chain that has no images yet."""
    if not isinstance(stored, dict) or "task" in stored or "steps" not in stored:
        return stored
    return {
        "task": CHAIN, "version": 1, "data": "", "data_sha256": "", "rows": 0, "source": {}, "options": {"steps": stored["steps"]},
        "protocol": {}, "seed": 0, "threads": 1,
    }  # fmt: skip


def environment() -> dict[str, Any]:
    """Versions of the packages that numbers depend on, and the kind of machine."""
    found = {"python": platform.python_version()}
    for name in ("gazo", *_PACKAGES):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return {"packages": found, "machine": f"{platform.system()} {platform.machine()}"}


def with_own_files(options: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The options with every file they name copied into the run folder, so that the run needs no path outside it."""
    kept = {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
    for name in ("network", "weights", "start"):
        if isinstance(kept.get(name), str):
            kept[name] = _own(kept[name], folder)
    if "networks" in kept:
        kept["networks"] = [_own(value, folder) for value in kept["networks"]]
    return kept


def _own(value: str, folder: Path) -> str:
    """A file named by an option as the run's copy of it; any other value unchanged."""
    prefix, path, rest = ("file:", *value[5:].partition(":")[::2]) if value.startswith("file:") else ("", value, "")
    if value.startswith("design:"):
        prefix, path, rest = "design:", value.removeprefix("design:"), ""
    file = Path(path).expanduser()
    if not file.is_file() or (prefix == "design:" and file.suffix != ".json"):
        return value
    content = file.read_bytes()
    copy = folder / "files" / file.name
    if copy.exists() and copy.read_bytes() != content:
        copy = copy.with_stem(f"{file.stem}-{hashlib.sha256(content).hexdigest()[:6]}")
    copy.parent.mkdir(exist_ok=True)
    with replacing(copy) as target:
        target.write(content)
    return f"{prefix}files/{copy.name}" + (f":{rest}" if rest else "")
