"""A finished run judges images: other ones, or its own test images with where it looked."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

import gazo.web.run_addresses  # noqa: F401 - registers the images of runs
from gazo.core.errors import FileError, GazoError, RunError
from gazo.core.language import Text
from gazo.runs.export_predict_images import MadeKind, made_file
from gazo.runs.export_runs import is_learned, listed, run_named
from gazo.web.addresses import file_of, image_of
from gazo.web.place import Place
from gazo.web.short_work import asked_of_job, begin, job_status, stop
from gazo.web.texts import both

router = APIRouter(prefix="/api/predict")
MOST_IMAGES = 500


class Wanted(BaseModel):
    """Which run judges which images."""

    model_config = ConfigDict(extra="forbid")
    run: str
    images: list[str] = Field(min_length=1, max_length=MOST_IMAGES)
    heat: bool = True


@router.get("/models")
def models(place: Place) -> list[dict[str, Any]]:
    """The finished runs that can judge images, the newest first."""
    return [{k: both(v) if isinstance(v, Text) else v for k, v in run.items()} for run in listed(place) if run["learned"]]


@router.post("")
def predict(wanted: Wanted, place: Place) -> dict[str, Any]:
    """Start judging; ask for the job until it has ended."""
    folder = run_named(wanted.run, place)
    _need_learned(is_learned(folder), folder.name)
    again = all(image.startswith(f"row:{folder.name}:") for image in wanted.images)
    return job_status(begin("predict", wanted.model_dump(), place, same=again), place)


@router.get("/{job}")
def job(job: str, place: Place) -> dict[str, Any]:
    """Where a job is; when it has ended its table, its heat maps and what must be known."""
    return job_status(job, place)


@router.get("/{job}/made/{number}")
def made(
    job: str, number: Annotated[int, PathParameter(ge=0, lt=MOST_IMAGES)], place: Place, kind: MadeKind = "auto"
) -> FileResponse:
    """What was made of one of the images as a file; SEG and RTSTRUCT where the image is DICOM."""
    outcome = job_status(job, place).get("outcome") or {}
    address = (outcome.get("made") or [None] * MOST_IMAGES)[number : number + 1]
    result = image_of(address[0], place) if address and address[0] else None
    _need_made(result is not None)
    scratch = Path(mkdtemp(prefix="made-", dir=place / "cache"))
    try:
        path = made_file(result, scratch, kind, names=outcome["structures"], source=_source(job, number, place))  # type: ignore[arg-type]
    except BaseException:
        rmtree(scratch, ignore_errors=True)
        raise
    return FileResponse(
        path, filename=f"{number + 1:03d} {path.name}", background=BackgroundTask(rmtree, scratch, ignore_errors=True)
    )


@router.delete("/{job}", status_code=204)
def cancel(job: str, place: Place) -> None:
    """Stop a job and clear it away."""
    stop(job, place)


def _source(job: str, number: int, place: Path) -> Path | None:
    """The file of the image that was judged; None where it lies in none of its own."""
    try:
        return file_of(asked_of_job(job, place)["images"][number], place)
    except (GazoError, LookupError):
        return None


def _need_made(there: bool) -> None:
    if not there:
        raise FileError(
            "G-EXP-034",
            en="the network made no image of this one. Choose another, or let it work again.",
            ja="この画像からネットワークが作成した画像はありません。別の画像を選ぶか、もう一度実行してください。",
        )


def _need_learned(learned: bool, name: str) -> None:
    if not learned:
        raise RunError(
            "G-EXP-013",
            en=f"the run '{name}' left no network that could judge images. Choose a finished run of `learn`.",
            ja=f"実行「{name}」には画像を判定できるネットワークがありません。学習が終わった実行を選んでください。",
        )
