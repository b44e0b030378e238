"""N6: every fault planted in a machine or in a data folder is named with its cure, and a sound one raises none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.io.files import write
from gazo.runs.check import CheckItem, judge
from gazo.runs.machine import Machine, Package
from gazo.runs.proof import Proof, proof

GB = 10**9
SOUND = Machine(
    gazo="0.1.0",
    python="3.12.1",
    python_needed=">=3.11",
    python_fits=True,
    system="Linux 6.1 x86_64",
    packages=(Package("numpy", ">=1.26,<3", "2.1.0", True),),
    torch={"torch": "2.9.0", "torchvision": "0.24.0", "multiplied": True, "works": True, "gpus": [["GPU", 80 * GB]]},
    driver=True,
    cores=8,
    memory=16 * GB,
    memory_free=8 * GB,
    disk_free=100 * GB,
)
_MIXED = {"torch": "2.13+cpu", "multiplied": True, "error": "RuntimeError: operator torchvision::nms does not exist"}
# What is changed in a sound machine, the code and the verdict it must bring, and words its cure must have.
PLANTED: tuple[tuple[dict[str, Any], str, str, tuple[str, ...]], ...] = (
    ({"python": "3.9.1", "python_fits": False}, "G-CHK-001", "fault", ("3.9.1", "new virtual environment")),
    ({"packages": (Package("timm", ">=1", None, False),)}, "G-CHK-002", "fault", ("pip install timm",)),
    ({"packages": (Package("numpy", "<3", "3.1", False),)}, "G-CHK-003", "warning", ("numpy 3.1", '"numpy<3"')),
    ({"torch": _MIXED}, "G-CHK-004", "fault", ("torch 2.13+cpu works but torchvision does not", "torch torchvision")),
    ({"torch": {"error": "OSError: libcudart.so.13"}}, "G-CHK-005", "fault", ("libcudart", "--force-reinstall torch")),
    ({"torch": {**SOUND.torch, "gpus": []}}, "G-CHK-006", "warning", ("Update the driver",)),
    ({"cores": 1}, "G-CHK-007", "warning", ("more cores",)),
    ({"memory_free": GB}, "G-CHK-008", "warning", ("1.0 GB of 16.0 GB", "Close other programs")),
    ({"memory_free": GB // 10}, "G-CHK-008", "fault", ("0.1 GB",)),
    ({"disk_free": 2 * GB}, "G-CHK-009", "warning", ("--workspace",)),
    ({"disk_free": GB // 2}, "G-CHK-009", "fault", ("--workspace",)),
    ({"workspace_error": "Permission denied"}, "G-CHK-010", "fault", ("Permission denied", "--workspace")),
    ({"encoding": "ascii"}, "G-CHK-011", "warning", ("PYTHONUTF8=1",)),
    ({"japanese_font": False}, "G-CHK-012", "warning", ("--force-reinstall --no-deps .",)),
    ({"clock_behind_days": 400.0}, "G-CHK-013", "warning", ("400 days", "Set the date")),
)


# What is done to a folder of pictures, and the one thing that must be told about it.
DATA = {
    "no such folder": "G-CHK-020",
    "nothing in it": "G-CHK-020",
    "no classes": "G-CHK-021",
    "one class": "G-CHK-021",
    "few patients": "class-few",
    "an unreadable image": "unreadable",
    "a blank image": "blank",
    "copies": "copies",
    "a 16-bit image": "depth-mixed",
}


@proof("N6", ja="仕込んだ不良をすべて見つけるか", en="Is every planted fault found")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Plant one fault after the other in a sound machine and in a folder of images; each must be named with its cure."""
    machine = [_row(judge(replace(SOUND, **changed)), *wanted) for changed, *wanted in PLANTED]
    rows = (*machine, *(_data_row(kind, code, seed) for kind, code in DATA.items()))
    alarms = sum(item.verdict != "ok" for item in judge(SOUND)) + len(_data_codes("", seed))
    missed = [row for row in rows if row[-1] != "ok"]
    measured = {"planted": len(rows), "missed": len(missed), "false_alarms": alarms}
    headings = (Text("仕込んだ不良", "Planted"), Text("見つけたもの", "Found"), Text("文", "Sentence"), Text("判定", "Verdict"))
    table = Table(Text("環境とデータの点検", "Check of machine, installation and data"), headings, rows)
    bar = Text(
        "仕込んだ不良をすべて対処法とともに示し、正常なら警告しない",
        "every planted fault named with its cure, no alarm for what is sound",
    )
    return Proof("N6", not missed and not alarms, measured, bar, table)


def _row(items: Sequence[CheckItem], code: str, verdict: str, words: tuple[str, ...]) -> tuple[Any, ...]:
    found = [item for item in items if item.verdict != "ok"]
    as_wanted = [(item.code, item.verdict) for item in found] == [(code, verdict)]
    told = as_wanted and all(word in found[0].found.en for word in words) and found[0].found.ja != found[0].found.en
    names = ", ".join(f"{item.code} {item.verdict}" for item in found)
    return f"{code} {verdict}", names, found[0].found if found else "", "ok" if told else "missed"


def _data_row(kind: str, code: str, seed: int) -> tuple[Any, ...]:
    found = _data_codes(kind, seed)
    others = set(found) - {code, "outlier-mean", "outlier-contrast"}  # a blank image lies far out as well
    return kind, ", ".join(found), found.get(code, ""), "ok" if code in found and not others else "missed"


def _data_codes(kind: str, seed: int) -> dict[str, Text]:
    """What is told about a folder with one fault (none for ""), by code, besides the missing patient column that all have."""
    from gazo.runs.check_data import judge_data

    with TemporaryDirectory() as place:
        folder = Path(place) / "画像"
        _plant(folder, kind, generator(seed, "N6", kind))
        found = {item.code: item.found for item in judge_data(folder) if item.verdict != "ok"}
    found.pop("patient-unknown", None)
    return found


def _plant(folder: Path, kind: str, rng: np.random.Generator) -> None:
    """Two folders of noise pictures, twelve in each, spoilt in one way."""
    if kind == "no such folder":
        return
    folder.mkdir()
    if kind == "nothing in it":
        return
    names = {"one class": ("A",), "no classes": ("",)}.get(kind, ("A", "B"))
    for name in names:
        (folder / name).mkdir(exist_ok=True)
        for number in range(4 if kind == "few patients" and name == "B" else 12):
            write(_picture(rng), folder / name / f"{number:02}.png")
    first = folder / names[0]
    if kind == "an unreadable image":
        (first / "03.png").write_bytes((first / "03.png").read_bytes()[:200])
    elif kind == "a blank image":
        write(Image(np.full((64, 64), 128, np.uint8)), first / "03.png")
    elif kind == "copies":
        (first / "03.png").write_bytes((first / "02.png").read_bytes())
    elif kind == "a 16-bit image":
        write(Image(_picture(rng).pixels.astype(np.uint16)), first / "03.png")


def _picture(rng: np.random.Generator) -> Image:
    """Blocks of grey, different in each picture, with a little noise."""
    blocks = np.kron(rng.uniform(60, 200, (8, 8)), np.ones((8, 8)))
    return Image((blocks + rng.normal(0, 3, (64, 64))).clip(0, 255).astype(np.uint8))
