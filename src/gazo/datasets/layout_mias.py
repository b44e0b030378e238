"""mini-MIAS: 322 mammograms of 161 women, mdb001.pgm .. mdb322.pgm, and Info.txt (Suckling et al., 1994).

y in Info.txt counts from the bottom: row from the top = rows - 1 - y, checked on drawn masks.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from gazo.core.imageset import ImageSet, Role, as_column
from gazo.core.language import Text
from gazo.io.cleaning import as_objects
from gazo.io.loader import FileLoader
from gazo.io.opening import content_of

_NAME = re.compile(r"mdb(\d{3})", re.IGNORECASE)
_ENDINGS = (".pgm", ".png")
_TISSUE = {"F": "fatty", "G": "fatty-glandular", "D": "dense-glandular"}
_SIZE = 1024
_SPACING_MM = 0.2


def finds(files: list[str]) -> bool:
    """Info.txt beside at least one mdbNNN.pgm (or .png)."""
    return any(_is_image(file) for file in files) and any(_is_info(file) for file in files)


def read(folder: Path, files: list[str]) -> ImageSet:
    """One row a film; the label is normal, benign or malignant (the worst of its lesions), the patient (n + 1) // 2.

    Columns: side (odd numbers right, even left), tissue, abnormality (classes joined by "|"), boxes: the square around each
    positioned lesion (x, y, width, height; y from the top). A lesion without position ("*NOTE 3*") has no box.
    """
    known = _info(folder / next(file for file in files if _is_info(file)))
    chosen = {_code(file): file for file in files if _is_image(file)}
    codes = sorted(chosen)
    numbers = [int(code[3:]) for code in codes]
    facts = [known.get(code) for code in codes]
    columns: dict[str, Any] = {
        "file": as_column([chosen[code] for code in codes]),
        "patient": as_column([f"MIAS{(number + 1) // 2:03d}" for number in numbers]),
        "side": as_column(["R" if number % 2 else "L" for number in numbers]),
        "tissue": as_column([f and _TISSUE.get(f["tissue"], f["tissue"]) for f in facts]),
        "abnormality": as_column([f and "|".join(dict.fromkeys(f["classes"])) for f in facts]),
        "label": as_column([f and _worst(f["severities"]) for f in facts]),
        "boxes": as_objects([np.array(f["boxes"] if f else [], float).reshape(-1, 4) for f in facts]),
    }
    missing = sum(f is None for f in facts)
    notes = (Text(f"Info.txt にない画像が {missing} 枚あります。", f"{missing} images are not in Info.txt."),) if missing else ()
    roles: dict[Role, str] = {"image": "file", "label": "label", "patient": "patient", "boxes": "boxes"}
    return ImageSet(columns, roles, FileLoader(str(folder), spacing_mm=_SPACING_MM), name="mini-MIAS", notes=notes)


def _is_image(file: str) -> bool:
    name = PurePosixPath(file)
    return name.suffix.lower() in _ENDINGS and _NAME.fullmatch(name.stem) is not None


def _is_info(file: str) -> bool:
    return PurePosixPath(file).name.lower() in ("info.txt", "info.text", "readme_info.txt")


def _code(file: str) -> str:
    return PurePosixPath(file).stem.lower()


def _info(path: Path) -> dict[str, dict[str, Any]]:
    """The lines "mdb001 G CIRC B 535 425 197"; a film with several lesions has several lines."""
    known: dict[str, dict[str, Any]] = {}
    for line in content_of(path).decode("latin-1").splitlines():
        words = line.split()
        if len(words) < 3 or not _NAME.fullmatch(words[0]) or words[1] not in _TISSUE:
            continue
        facts = known.setdefault(words[0].lower(), {"tissue": words[1], "classes": [], "severities": [], "boxes": []})
        facts["classes"].append(words[2])
        facts["severities"] += words[3:4]
        if len(words) >= 7 and all(word.isdigit() for word in words[4:7]):
            x, y, radius = map(int, words[4:7])
            facts["boxes"].append((x - radius, _SIZE - 1 - y - radius, 2 * radius, 2 * radius))
    return known


def _worst(severities: list[str]) -> str:
    return "malignant" if "M" in severities else "benign" if "B" in severities else "normal"
