"""A finished run judges images: other ones, or its own test images with where it looked."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

import gazo.web.run_addresses  # noqa: F401 - registers the images of runs
from gazo.core.language import Text
from gazo.runs.export_runs import is_learned, listed, run_named
from gazo.web.place import Place
from gazo.web.short_work import begin, job_status, stop
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


@router.delete("/{job}", status_code=204)
def cancel(job: str, place: Place) -> None:
    """Stop a job and clear it away."""
    stop(job, place)


def _need_learned(learned: bool, name: str) -> None:
    from gazo.core.errors import RunError

    if not learned:
        raise RunError(
            "G-EXP-013",
            en=f"the run '{name}' left no network that could judge images. Choose a finished run of `learn`.",
            ja=f"実行「{name}」には画像を判定できるネットワークがありません。学習が終わった実行を選んでください。",
        )
