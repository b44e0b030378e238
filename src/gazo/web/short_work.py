"""Work of seconds that needs torch, in a process of its own: ``python -m gazo.web.short_work FOLDER``.

A job is a folder in the cache: its request, its status, what it made. It is found again after a restart of the server.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from gazo.core.errors import FileError, GazoError, RunError
from gazo.core.files import write_json
from gazo.core.image import Image
from gazo.core.imageset import ImageSet, as_column
from gazo.core.language import Text
from gazo.core.progress import Event
from gazo.io.files import write
from gazo.io.pictures import write_png
from gazo.runs.export_sections import both, plain_table
from gazo.runs.ownership import process_of

Plain = dict[str, Any]
_running: dict[str, subprocess.Popen[bytes]] = {}
KEPT_SECONDS = 86_400
_TELL_SECONDS = 0.3


def begin(kind: str, request: Mapping[str, Any], place: Path, *, same: bool = False) -> str:
    """Start a job; its number. With `same` an equal request that was answered before is not done again."""
    text = json.dumps({"kind": kind, **request}, sort_keys=True)
    job = hashlib.sha256(text.encode()).hexdigest()[:16] if same else secrets.token_hex(8)
    folder = _folder(job, place)
    if (
        same
        and _read(folder / "status.json").get("state") in ("finished", "running")
        and job_status(job, place)["state"] != "failed"
    ):
        return job
    _forget_old(folder.parent)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_json(folder / "request.json", {"kind": kind, **request})
    write_json(folder / "status.json", {"state": "running", "done": 0, "total": 0})
    with open(folder / "log.txt", "ab") as log:
        command = [sys.executable, "-m", "gazo.web.short_work", str(folder)]
        started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    _running[job] = started
    with suppress(psutil.Error):
        write_json(folder / "process.json", {"pid": started.pid, "created": psutil.Process(started.pid).create_time()})
    return job


def job_status(job: str, place: Path) -> Plain:
    """Where a job is, and what came out when it is done."""
    folder = _folder(job, place)
    status = _read(folder / "status.json")
    if not status:
        raise FileError(
            "G-EXP-010",
            en="there is no such job; it may have been cleared away. Start it again.",
            ja="この作業は見つかりません。片付けられた可能性があります。もう一度始めてください。",
        )
    if status["state"] == "running" and not _alive(job, folder):
        status = _read(folder / "status.json")  # it may have ended between the two looks
        if status["state"] == "running":
            write_json(folder / "status.json", status := _failed(_stopped()))
    return {"id": job, **status}


def asked_of_job(job: str, place: Path) -> Plain:
    """What a job was asked for; empty when there is no such job."""
    return _read(_folder(job, place) / "request.json")


def stop(job: str, place: Path) -> None:
    """End a job."""
    process = _running.pop(job, None)
    if process is not None and process.poll() is None:
        process.terminate()
        process.wait(10)
    shutil.rmtree(_folder(job, place), ignore_errors=True)


def file_of_job(job: str, name: str, place: Path) -> Path:
    """A file that a job made."""
    path = _folder(job, place) / name
    if "/" in name or name.startswith(".") or not path.is_file():
        raise FileError(
            "G-EXP-011",
            en="the job made no such file. Start it again.",
            ja="この作業が作ったファイルは見つかりません。もう一度始めてください。",
        )
    return path


def _folder(job: str, place: Path) -> Path:
    safe = job if len(job) == 16 and set(job) <= set("0123456789abcdef") else "0" * 16
    return place / "cache" / "jobs" / safe


def _read(path: Path) -> Plain:
    try:
        found: Plain = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _alive(job: str, folder: Path) -> bool:
    """Whether its process still works, also when another server started it."""
    process = _running.get(job)
    if process is not None and process.poll() is not None:
        return False
    return process_of(folder / "process.json") is not None


def _forget_old(jobs: Path) -> None:
    """Clear away jobs of yesterday."""
    for folder in jobs.iterdir() if jobs.is_dir() else ():
        if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _stopped() -> RunError:
    return RunError(
        "G-EXP-012",
        en="the work stopped before its end, perhaps for want of memory. Close other programs and start it again.",
        ja="作業が途中で止まりました。メモリ不足の可能性があります。ほかのプログラムを閉じて、もう一度始めてください。",
    )


def _failed(error: GazoError) -> Plain:
    return {"state": "failed", "code": error.code, **both(error.text)}


# ---- inside the process ------------------------------------------------------------------------------------------------------


class Addresses:
    """Opens images by their addresses."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __call__(self, reference: Any) -> Image:
        """The image at an address."""
        from gazo.web.addresses import image_of

        return image_of(str(reference), self.place)

    def digest(self, reference: Any) -> str:
        """SHA-256 of its pixels."""
        return hashlib.sha256(np.ascontiguousarray(self(reference).pixels).tobytes()).hexdigest()


def _predict(request: Plain, folder: Path, place: Path, tell: Callable[[Event], None]) -> Plain:
    from gazo.runs.export_images import images_of_run
    from gazo.runs.export_predict import differences, judge_images, on_pixels_of
    from gazo.runs.export_runs import run_named

    run = run_named(request["run"], place)
    named = request["images"]
    images = ImageSet({"image": as_column(named)}, {"image": "image"}, Addresses(place))
    own = f"row:{run.name}:"
    rows = {n: int(one.removeprefix(own)) for n, one in enumerate(named) if one.startswith(own)}
    heats, made, before = ({}, {}, {})  # type: tuple[Plain, Plain, Plain]

    def keep(number: int, image: Image, result: Image) -> None:
        write(result, folder / (name := f"made-{number}{_ending(result)}"))
        made[number] = f"made:{folder.name}:{name}"
        shown = on_pixels_of(image, result)
        if shown is not image:
            write(shown, folder / (name := f"before-{number}{_ending(shown)}"))
            before[number] = f"made:{folder.name}:{name}"

    found = judge_images(run, images, rows=rows, heat=request["heat"], on_made=keep, on_event=tell)
    for number, heat in enumerate(found.heat):
        if heat is not None:
            write_png(Image(heat), folder / f"heat-{number}.png")
            heats[number] = f"heat:{folder.name}:{number}"
    others = images.take([n for n in range(len(named)) if n not in rows])
    notes: tuple[Text, ...] = ()
    if len(others):
        try:
            notes = differences(images_of_run(run, place), others)
        except GazoError as error:
            notes = (error.text,)
    return {
        "family": found.family, "table": plain_table(found.table), "notes": [both(note) for note in notes], "boxes": found.boxes,
        "threshold": found.threshold, "structures": found.structures,
        **{key: [of.get(n) for n in range(len(named))] for key, of in (("heat", heats), ("made", made), ("before", before))},
        **_truths(run, rows, len(named), place),
    }  # fmt: skip


def _truths(run: Path, rows: Mapping[int, int], count: int, place: Path) -> Plain:
    """Of the run's own images the true mask or boxes, to be laid beside what was found."""
    from gazo.learn.truth import boxes_of
    from gazo.runs.export_images import images_of_run

    masks: list[str | None] = [None] * count
    boxes: list[Any] = [[] for _ in range(count)]
    images = images_of_run(run, place) if rows else None
    for number, row in rows.items():
        if images is not None and images.has("boxes"):
            boxes[number] = boxes_of(images, row).tolist()
        elif images is not None and images.has("mask") and images.role("mask")[row] is not None:
            masks[number] = f"truth:{run.name}:{row}"
    return {"truth": masks, "true_boxes": boxes}


def _ending(image: Image) -> str:
    """A kind of file that keeps the pixels as they are, with their geometry."""
    if len(image.shape) == 3 and image.spacing_mm is not None and not image.colour:
        return ".nii.gz"
    return ".png" if len(image.shape) == 2 and image.pixels.dtype in (np.uint8, np.uint16) else ".tif"


def _export(request: Plain, folder: Path, place: Path, tell: Callable[[Event], None]) -> Plain:
    from gazo.runs.export_onnx import export_onnx, sample_of_run
    from gazo.runs.export_runs import run_named
    from gazo.runs.kept import called

    run = run_named(request["run"], place)
    tell(Event(Text("ONNX の作成と照合", "Making and comparing ONNX")))
    made = export_onnx(run, folder / "model.onnx", images=sample_of_run(run, place))
    return {
        "file": made.path.name,
        "name": f"{called(run)}.onnx",
        "images": made.images,
        "largest_difference": made.largest_difference,
    }


_KINDS: dict[str, Callable[[Plain, Path, Path, Callable[[Event], None]], Plain]] = {"predict": _predict, "export": _export}


def main() -> int:
    """Entry of the process."""
    import gazo.web.run_addresses  # noqa: F401 - registers the kinds it needs

    folder = Path(sys.argv[1])
    place = folder.parents[2]
    request = _read(folder / "request.json")
    last = [0.0]

    def tell(event: Event) -> None:
        if time.monotonic() - last[0] > _TELL_SECONDS:
            last[0] = time.monotonic()
            progress = {"state": "running", "stage": both(event.stage), "done": event.done, "total": event.total}
            write_json(folder / "status.json", progress)

    try:
        outcome = _KINDS[request["kind"]](request, folder, place, tell)
    except GazoError as error:
        write_json(folder / "status.json", _failed(error))
        return 1
    write_json(folder / "status.json", {"state": "finished", "outcome": outcome})
    return 0


if __name__ == "__main__":
    sys.exit(main())
