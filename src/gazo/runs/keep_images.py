"""The images of a run as a data set of the workspace, so that they can be looked at, measured and learned from like any others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet, as_column
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.datasets.source import open_images
from gazo.io.files import IMAGE_ENDINGS
from gazo.io.finding import walk
from gazo.io.loader import FileLoader
from gazo.runs.image_files import IMAGES
from gazo.runs.recipe import read_recipe
from gazo.runs.sets import DataSet, checked_name, keep, new_set_folder, now
from gazo.runs.sets_store import store
from gazo.runs.sets_table import FILE, write_base
from gazo.runs.tasks import entry_of

_ROLES = ("label", "patient", "mask", "value", "date", "split")


def keep_images(run: Path, name: str, place: Path, *, on_event: OnEvent = quiet) -> DataSet:
    """Copy the images that a run made into a new data set; a table that lies with them gives its columns."""
    images = _made(run)
    recipe = read_recipe(run)
    id, making = new_set_folder(place)
    stored = store(images.loader, list(images.role("image")), making, on_event=on_event)
    rows = stored.rows
    columns: dict[str, Any] = {FILE: [stored.files[row] for row in rows]}
    for column in images.columns:
        if column not in (images.roles["image"], FILE):
            columns[column] = [images.columns[column][row] for row in rows]
    columns |= _masks(images, making)
    write_base(columns, making)
    roles = {role: column for role, column in images.roles.items() if role in _ROLES and column in columns}
    simulated = recipe.task[0] == "phantoms"
    label = entry_of(recipe.task).label
    said = Text(f"「{label.ja}」の実行で作成した画像です。", f"Images that a run of “{label.en}” made.")
    found = DataSet(
        id=id, name=checked_name(name), created=now(), origin="sample" if simulated else "upload", folder=".", rows=len(rows), roles=roles, said=(said,), simulated=simulated
    )  # fmt: skip
    return keep(found, making, place)


def _made(run: Path) -> ImageSet:
    """The images in the folder of a run: with the only table that lies there, else each with the part of the result it is."""
    folder = run / IMAGES
    names = sorted(walk(str(folder))) if folder.is_dir() else []
    tables = [name for name in names if name.endswith(".csv")]
    if len(tables) == 1:
        return open_images(folder / tables[0], **_columns(folder / tables[0]))
    files = [name for name in names if name.lower().endswith(IMAGE_ENDINGS)]
    if not files:
        raise DataError(
            "G-LIV-030",
            en=f"the run '{run.name}' made no images. Choose a run of image processing or of a simulation.",
            ja=f"実行「{run.name}」は画像を作成していません。画像処理またはシミュレーションの実行を選んでください。",
        )
    parts = [Path(name).name.split(".")[0].partition("-")[2] or "image" for name in files]
    columns = {"image": as_column(files), "part": as_column(parts)}
    return ImageSet(columns, {"image": "image"}, FileLoader(str(folder)), name=run.name)


def _columns(table: Path) -> dict[str, str]:
    """Columns of a table that gazo wrote by the parts they play."""
    from gazo.io.rows import read_rows

    known = {"image": "file", "label": "nodule", "patient": "patient_id", "mask": "lungs"}
    return {role: column for role, column in known.items() if column in read_rows(table).headings}


def _masks(images: ImageSet, making: Path) -> dict[str, list[str | None]]:
    if "mask" not in images.roles:
        return {}
    stored = store(images.loader, list(images.role("mask")), making, start="mask")
    return {images.roles["mask"]: list(stored.files)}
