"""Reports of one run or of several together, as a page of their own that runs nothing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from gazo.core.language import Language, Text
from gazo.runs.export_runs import outcome_of, run_named
from gazo.runs.kept import called
from gazo.runs.recipe import read_recipe
from gazo.runs.report import Told, page_of
from gazo.runs.sections import sections
from gazo.web.place import Place
from gazo.web.routes.exports import download
from gazo.web.texts import both

router = APIRouter(prefix="/api/report")
Runs = Annotated[list[str], Query(min_length=1, max_length=20)]
PAGE_POLICY = {
    # no scripts at all; "allow-same-origin" lets the workbench ask the browser to print the page
    "content-security-policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-same-origin allow-modals",
    "cache-control": "no-store",
}
_RECIPE = Text("再現のための記録", "How to repeat this")


@router.get("/parts")
def parts(place: Place, run: Runs) -> list[dict[str, Any]]:
    """The sections of some runs, for choosing among them."""
    found = []
    for name in run:
        folder = run_named(name, place)
        keys = [{"key": part.key, "title": both(part.title)} for part in sections(outcome_of(folder))]
        found.append({"id": name, "name": called(folder), "parts": [*keys, {"key": "recipe", "title": both(_RECIPE)}]})
    return found


@router.get("/page")
def page(
    place: Place, run: Runs, language: Language = "ja", title: Annotated[str, Query(max_length=200)] = "",
    drop: Annotated[list[str], Query(max_length=500)] = [], save: bool = False,  # noqa: B006
) -> Response:  # fmt: skip
    """The report. `drop` names sections to leave out as "number of the run:key"; `save` lets the browser keep the file."""
    told = []
    for number, name in enumerate(run):
        folder = run_named(name, place)
        left_out = frozenset(one.partition(":")[2] for one in drop if one.partition(":")[0] == str(number))
        told.append(Told(folder.name, outcome_of(folder), read_recipe(folder), called(folder), left_out))
    text = page_of(told, language=language, title=title.strip())
    if save:
        return download(text.encode(), "text/html; charset=utf-8", f"{title.strip() or called(folder)}.html")
    return Response(text, media_type="text/html; charset=utf-8", headers=PAGE_POLICY)
