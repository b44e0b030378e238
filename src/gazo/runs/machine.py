"""What this machine and installation are: facts only. `gazo.runs.check` judges them."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

# Torch is tried in a process of its own: a broken installation may end the process instead of raising.
_PROBE = """
import json
found = {}
def tell():
    print("\\n" + json.dumps(found), flush=True)
try:
    import torch
    found["torch"] = torch.__version__
    assert float((torch.ones(8, 8) @ torch.ones(8, 8)).sum()) == 512
    found["multiplied"] = True
    if torch.cuda.is_available():
        found["gpus"] = [[p.name, p.total_memory] for p in map(torch.cuda.get_device_properties, range(torch.cuda.device_count()))]
    elif torch.backends.mps.is_available():
        found["gpus"] = [["Apple", 0]]
    import torchvision
    found["torchvision"] = torchvision.__version__
    kept = torchvision.ops.nms(torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.tensor([1.0]), 0.5)
    found["works"] = len(kept) == 1
except BaseException as error:
    found["error"] = type(error).__name__ + ": " + str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
tell()
"""


@dataclass(frozen=True)
class Package:
    """One package gazo needs: the bounds it asks for, and the version that is there (None: missing)."""

    name: str
    bounds: str
    version: str | None
    fits: bool


@dataclass(frozen=True)
class Machine:
    """Facts about the machine and the installation; sizes in bytes.

    Parameters
    ----------
    gazo, python : versions.
    python_needed : the bounds gazo asks for, such as ">=3.11".
    python_fits : whether they are kept.
    system : operating system and its version; never the name of the computer.
    packages : what gazo needs and what is there.
    torch : what happened when PyTorch and torchvision were tried: versions, `gpus`, `works`, `error`.
    driver : a program of the NVIDIA driver is installed.
    cores : processor cores this process may use.
    memory, memory_free : main memory, in all and free now.
    disk_free : space left where the workspace is.
    workspace_error : why a file with a Japanese name could not be written there; empty when it could.
    encoding : of what is printed.
    clock_behind_days : by how many days the clock is before the newest file of the installation.
    japanese_font : a font that has Japanese letters is there for figures.
    """

    gazo: str
    python: str
    python_needed: str
    python_fits: bool
    system: str
    packages: tuple[Package, ...]
    torch: Mapping[str, Any] = field(default_factory=dict)
    driver: bool = False
    cores: int = 1
    memory: int = 0
    memory_free: int = 0
    disk_free: int = 0
    workspace_error: str = ""
    encoding: str = "utf-8"
    clock_behind_days: float = 0.0
    japanese_font: bool = True


def look(workspace: Path | str) -> Machine:
    """Gather the facts; takes some seconds because PyTorch is tried. Nothing is left behind in the workspace."""
    import psutil

    from gazo import __version__

    memory = psutil.virtual_memory()
    there = _existing(Path(workspace))
    needed = metadata.metadata("gazo").get("Requires-Python") or ""
    return Machine(
        gazo=__version__,
        python=platform.python_version(),
        python_needed=needed,
        python_fits=_inside(platform.python_version(), needed),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        packages=packages(metadata.requires("gazo") or []),
        torch=try_torch(),
        driver=shutil.which("nvidia-smi") is not None,
        cores=cores(),
        memory=memory.total,
        memory_free=memory.available,
        disk_free=shutil.disk_usage(there).free,
        workspace_error=write_error(there),
        encoding=(sys.stdout.encoding or "ascii").lower(),
        clock_behind_days=clock_behind_days(),
        japanese_font=japanese_font(),
    )


def packages(requirements: list[str]) -> tuple[Package, ...]:
    """The packages that are always needed (not those of extras) with what is installed of them."""
    from packaging.requirements import Requirement

    needed = [r for r in map(Requirement, requirements) if r.marker is None or r.marker.evaluate({"extra": ""})]
    return tuple(_package(r.name, str(r.specifier)) for r in needed)


def try_torch(command: tuple[str, ...] = (sys.executable, "-c", _PROBE), *, seconds: float = 180) -> dict[str, Any]:
    """Load PyTorch and torchvision in a process of their own, multiply two matrices and ask for graphics processors."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=seconds, errors="replace")
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"error": type(error).__name__}
    try:
        found = dict(json.loads(ran.stdout.strip().splitlines()[-1]))
    except (ValueError, IndexError):
        return {"error": f"exit {ran.returncode}"}
    return found | {"error": without_folders(found["error"])} if "error" in found else found


def without_folders(text: str) -> str:
    """The text with paths cut to the name of the file, because folders may carry names of people."""
    return re.sub(r"(?:[A-Za-z]:)?(?:[\\/][^\\/:'\"]+)+[\\/]", "", text)


def cores() -> int:
    """Processor cores this process may use, counted as physical ones where that is known."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, psutil.cpu_count(logical=False) or allowed)


def write_error(folder: Path) -> str:
    """Try a file with a Japanese name in a folder; the reason when it fails, without any path."""
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".gazo-check-") as inside:
            file = Path(inside) / "画像 ①.txt"
            file.write_text("画像", encoding="utf-8")
            return "" if file.name in os.listdir(inside) else "file names are changed"
    except (OSError, UnicodeError) as error:
        return getattr(error, "strerror", None) or type(error).__name__


def clock_behind_days(now: float | None = None) -> float:
    """Days by which the clock is before the newest file of the installation; 0 for a clock that may be right."""
    newest = max(file.stat().st_mtime for file in Path(__file__).parents[1].rglob("*.py"))
    return max(0.0, (newest - (time.time() if now is None else now)) / 86400)


def japanese_font(folder: Path | None = None) -> bool:
    """Whether a font of the package has the letter 画."""
    try:
        from matplotlib.ft2font import FT2Font

        fonts = [f for f in (folder or Path(__file__).parent / "fonts").glob("*") if f.suffix.lower() in (".ttf", ".otf")]
        return any(FT2Font(str(font)).get_char_index(ord("画")) for font in fonts)
    except (ImportError, OSError, RuntimeError):
        return False


def _package(name: str, bounds: str) -> Package:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Package(name, bounds, None, False)
    return Package(name, bounds, version, _inside(version, bounds))


def _inside(version: str, bounds: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(bounds).contains(version, prereleases=True)


def _existing(folder: Path) -> Path:
    """The folder itself or the nearest one above it that is there."""
    return next(f for f in (folder.absolute(), *folder.absolute().parents) if f.is_dir())
