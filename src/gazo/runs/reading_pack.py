"""A reading experiment to take along: one ZIP for each reader, read in any browser without gazo and without a network.

The pack holds pixels under numbers in the order of their first showing, the form of the answers and the texts of the page. It holds no
truth, no name of a test, a set, a column, a file or a patient, and of other readers nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import zipfile
from pathlib import Path
from typing import Any

from gazo.core.errors import RunError
from gazo.core.files import replacing, write_json
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted, quiet
from gazo.runs.reading import ReadingExperiment, folder_of, trials_of
from gazo.runs.reading_answers import lines_of, steps_of
from gazo.runs.reading_order import Shown
from gazo.runs.reading_pixels import image_script
from gazo.runs.reading_words import page_words
from gazo.runs.sets import images_of, now
from gazo.runs.sets_store import bare

FORMAT = 1
_PAGE = Path(__file__).parent / "templates" / "reading"
_OLDEST = (1980, 1, 1, 0, 0, 0)  # of ZIP; the same content gives the same bytes
PACKING = Text("読影セットの作成", "Making the pack")


def pack_reading(experiment: ReadingExperiment, reader: int, zip_path: Path, place: Path, *, on_event: OnEvent = quiet) -> str:
    """Write the pack of a reader (from 1); its seal, by which the return is known.

    Raises
    ------
    RunError : the reader has answered in the workbench already. ImageError : a volume.
    """
    trials = trials_of(experiment, reader, place)
    if lines_of(experiment, reader, place):
        raise RunError(
            "G-READ-041",
            en=f"reader '{experiment.readers[reader - 1]}' has answered already, so a pack would begin anew and could not be merged. Go on in the workbench, or with the pack handed out before.",
            ja=f"読影者「{experiment.readers[reader - 1]}」はすでに回答しているため、読影セットを新しく作ると結果を統合できません。作業画面か、以前に渡した読影セットで続けてください。",
        )
    number: dict[Shown, int] = {}
    for trial in trials:
        for shown in trial.images:
            number.setdefault(shown, len(number) + 1)
    files = {
        f"images/P{n:04d}.js": _image(experiment, shown, n, place)
        for shown, n in counted(list(number.items()), PACKING, on_event)
    }
    study = _study(experiment, reader, [[number[shown] for shown in trial.images] for trial in trials], place)
    study["pack"] = _seal(study, files)
    files["study.js"] = f"gazoStudy({json.dumps(study, ensure_ascii=False)});\n".encode()
    files |= {name: (_PAGE / name).read_bytes() for name in ("index.html", "reader.js", "drawing.js", "reader.css")}
    _write(zip_path, files)
    record = {"pack": study["pack"], "reader": reader, "trials": len(trials), "made": now(), "format": FORMAT}
    write_json(folder_of(experiment.id, place) / "packs" / f"{study['pack']}.json", record)
    return str(study["pack"])


def packs_of(experiment: ReadingExperiment, place: Path) -> list[dict[str, Any]]:
    """The packs that were handed out."""
    folder = folder_of(experiment.id, place) / "packs"
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]


def _study(experiment: ReadingExperiment, reader: int, images: list[list[int]], place: Path) -> dict[str, Any]:
    """What the page has to know, and no more. The salt makes every pack another one, even of the same content."""
    trials = trials_of(experiment, reader, place)
    return {
        "format": FORMAT, "experiment": experiment.id, "name": experiment.name, "reader": experiment.readers[reader - 1],
        "task": experiment.task, "steps": list(steps_of(experiment)), "criteria": list(experiment.criteria),
        "one_mark": experiment.one_mark, "actual_size": experiment.actual_size, "back": experiment.back,
        "washout_days": experiment.washout_days, "break_minutes": experiment.break_minutes, "salt": secrets.token_hex(8), "words": page_words(),
        "trials": [
            {"session": trial.session, "training": trial.training, "images": shown}
            for trial, shown in zip(trials, images, strict=True)
        ],
    }  # fmt: skip


def _image(experiment: ReadingExperiment, shown: Shown, number: int, place: Path) -> bytes:
    case, test = shown
    images = images_of(experiment.tests[test].set, place)
    return image_script(bare(images[experiment.cases[case].rows[test]]), number)


def _seal(study: dict[str, Any], files: dict[str, bytes]) -> str:
    """SHA-256 of the form and of every image, 32 digits of it."""
    parts = [json.dumps(study, sort_keys=True), *(f"{name} {hashlib.sha256(files[name]).hexdigest()}" for name in sorted(files))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _write(path: Path, files: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name in sorted(files):
            kind = zipfile.ZIP_STORED if name.startswith("images/") else zipfile.ZIP_DEFLATED
            packed.writestr(zipfile.ZipInfo(f"reading/{name}", _OLDEST), files[name], kind)
    with replacing(path) as file:
        file.write(buffer.getvalue())
