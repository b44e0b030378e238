"""The machine, the version and what is under way."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from gazo import __version__
from gazo.runs.check import VERDICTS, check_machine
from gazo.runs.ownership import STATES, read_status
from gazo.runs.recipe import read_recipe
from gazo.runs.tasks import entry_of
from gazo.runs.workspace import run_folders
from gazo.web.place import Place
from gazo.web.texts import both

router = APIRouter(prefix="/api")

_RECENT = 30  # runs that are looked at for what is under way


@router.get("/machine")
def machine(place: Place) -> dict[str, Any]:
    """The check of machine and installation, and the version of gazo. Takes some seconds: PyTorch is tried in a process of its own."""
    report = check_machine(workspace=place)
    items = [
        {"name": both(i.name), "verdict": i.verdict, "word": both(VERDICTS[i.verdict]), "found": both(i.found), "code": i.code}
        for i in report.items
    ]
    return {"version": __version__, "passed": report.passed, "items": items}


@router.get("/version")
def version() -> dict[str, Any]:
    """The version of gazo."""
    return {"version": __version__}


@router.get("/jobs")
def jobs(place: Place) -> dict[str, Any]:
    """The runs that are waiting or being worked on."""
    going = []
    for folder in reversed(run_folders(place)[-_RECENT:]):
        status = read_status(folder)
        if status["state"] in ("running", "queued"):
            label = entry_of(read_recipe(folder).task).label
            total = status.get("total") or 0
            share = status.get("done", 0) / total if total else None
            going.append(
                {
                    "id": folder.name,
                    "title": both(label),
                    "state": status["state"],
                    "word": both(STATES[status["state"]]),
                    "share": share,
                }
            )
    return {"going": going}
