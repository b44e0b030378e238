"""The application: routes, errors, safety, and the page itself."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles

from gazo.core.errors import MissingError
from gazo.web import routes
from gazo.web.faults import add_faults
from gazo.web.safety import LOOPBACK, UPLOAD_BYTES, Guard


def create_app(place: Path, *, hosts: Sequence[str] = LOOPBACK, token: str = "", upload_bytes: int = UPLOAD_BYTES) -> FastAPI:
    """The workbench of a workspace.

    Parameters
    ----------
    place : the workspace.
    hosts : names under which it may be addressed.
    token : asked of everyone when not empty.
    upload_bytes : the largest upload.
    """
    app = FastAPI(title="gazo", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.place = place
    add_faults(app)
    for found in pkgutil.iter_modules(routes.__path__, f"{routes.__name__}."):
        app.include_router(import_module(found.name).router)
    _add_page(app, bundle())
    app.add_middleware(Guard, hosts=tuple(hosts), token=token, upload_bytes=upload_bytes)  # type: ignore[arg-type]
    return app


def bundle() -> Path:
    """The folder with the built page; GAZO_BUNDLE names another one while the page is being written."""
    return Path(os.environ.get("GAZO_BUNDLE") or Path(__file__).parent / "static")


def need_bundle() -> None:
    """Refuse to start where the page was not built."""
    if not (bundle() / "index.html").is_file():
        raise MissingError(
            "G-WEB-020",
            en="the page of the workbench was not built in this checkout. Install gazo with `pip install .`, or run `npm ci && npm run build` in `frontend`.",
            ja="この作業コピーでは画面が作られていません。`pip install .` で gazo を入れるか、`frontend` で `npm ci && npm run build` を実行してください。",
        )


def _add_page(app: FastAPI, folder: Path) -> None:
    """Files of the page under their names; any other address that is not of the interface is the page, which reads the address."""

    @app.get("/api/{path:path}", include_in_schema=False)
    def nothing_there(path: str) -> Any:
        from starlette.exceptions import HTTPException

        raise HTTPException(404)

    if (folder / "assets").is_dir():
        app.mount("/assets", _Kept(directory=folder / "assets"))

    @app.get("/icon.svg", include_in_schema=False)
    def icon() -> Any:
        return FileResponse(folder / "icon.svg")

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str) -> Any:
        need_bundle()
        return FileResponse(folder / "index.html", headers={"cache-control": "no-cache"})


class _Kept(StaticFiles):
    """Files whose names change with their content, so a browser may keep them."""

    def file_response(self, *arguments: Any, **options: Any) -> Response:
        response = super().file_response(*arguments, **options)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
