"""The machine and the version."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from gazo import __version__
from gazo.runs.check import VERDICTS, check_machine
from gazo.web.place import Place
from gazo.web.texts import both

router = APIRouter(prefix="/api")


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
