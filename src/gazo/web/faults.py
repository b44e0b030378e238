"""What the browser hears when something cannot be done: a code and a sentence in both languages, never a trace."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gazo.core.errors import FileError, GazoError, OptionError, RunError, StorageError
from gazo.web.texts import error_json

_STATUS = {FileError: 404, StorageError: 507}


def add_faults(app: FastAPI) -> None:
    """Answer every error of an app with its sentence."""
    app.add_exception_handler(GazoError, _told)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _no_such)
    app.add_exception_handler(Exception, _ours)


def answer(error: GazoError, status: int | None = None) -> JSONResponse:
    """An error as a response."""
    found = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
    return JSONResponse(error_json(error), status or found)


async def _told(request: Request, error: Any) -> JSONResponse:
    return answer(error)


async def _not_understood(request: Request, error: Any) -> JSONResponse:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    told = OptionError(
        "G-WEB-001",
        en=f"the request was not understood at '{where}' ({first['msg']}). Reload the page; if that does not help, make a help report.",
        ja=f"要求の「{where}」を解釈できませんでした ({first['type']})。ページを再読み込みし、直らないときは相談用の文書を作成してください。",
    )
    return answer(told, 422)


async def _no_such(request: Request, error: Any) -> JSONResponse:
    if isinstance(error.__cause__, GazoError):  # raised while the body was read
        return answer(error.__cause__)
    told = FileError(
        "G-WEB-002",
        en=f"the server has nothing at this address (status {error.status_code}). Go back to the home page.",
        ja=f"この場所には何もありません (状態 {error.status_code})。ホームに戻ってください。",
    )
    return answer(told, error.status_code)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    """A mistake of ours: the trace goes to the log of the server, without the folders of this machine."""
    logging.getLogger("gazo.web").error("%s: %s", type(error).__name__, _where(error))
    told = RunError(
        "G-WEB-003",
        en="something went wrong inside gazo; this is our mistake. Make a help report with the question mark at the top right and send it.",
        ja="gazo の内部で問題が起きました。これは gazo 側の誤りです。右上の「?」で相談用の文書を作成してお送りください。",
    )
    return answer(told, 500)


def _where(error: BaseException) -> str:
    """File names and lines of a trace, from the outermost call to the innermost."""
    places, step = [], error.__traceback__
    while step is not None:
        places.append(f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}")
        step = step.tb_next
    return " > ".join(places)
