"""The workspace of a request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request


def _place(request: Request) -> Path:
    return request.app.state.place


Place = Annotated[Path, Depends(_place)]
