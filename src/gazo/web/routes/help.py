"""The help report, from every page."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from gazo.runs.help_report import help_archive, help_report
from gazo.web.place import Place

router = APIRouter(prefix="/api/help-report")


class Asked(BaseModel):
    """Where the user was and what was seen."""

    model_config = ConfigDict(extra="forbid")
    screen: str = Field("", max_length=100)
    settings: dict[str, Any] = {}
    error: str = Field("", max_length=10_000)
    note: str = Field("", max_length=10_000)
    language: Literal["ja", "en"] = "ja"
    kind: Literal["text", "zip"] = "text"


@router.post("", response_model=None)
def report(asked: Asked, place: Place) -> dict[str, str] | Response:
    """The text that may be sent to a teacher, or a ZIP with it."""
    text = help_report(
        place, screen=asked.screen, settings=asked.settings, error=asked.error, note=asked.note, language=asked.language
    )
    if asked.kind == "text":
        return {"text": text}
    headers = {"content-disposition": 'attachment; filename="gazo-help.zip"'}
    return Response(help_archive(text), media_type="application/zip", headers=headers)
