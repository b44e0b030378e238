"""Which data a recipe means. Runs hold a key; the path behind it stays in the workspace's ``data/`` folder."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gazo.core.errors import RunError
from gazo.core.files import write_json
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted, quiet


def fingerprint(images: ImageSet, *, on_event: OnEvent = quiet) -> str:
    """SHA-256 over the content of every image and the columns with a role, in order; an unreadable image counts as such."""
    from gazo.core.errors import GazoError

    total = hashlib.sha256()
    roles = sorted((role, column) for role, column in images.roles.items() if role not in ("image", "mask"))
    for row in counted(range(len(images)), Text("データの指紋", "Fingerprint of the data"), on_event):
        try:
            content = images.digest(row)
        except GazoError as error:
            content = error.code
        total.update("\x1f".join([content, *(f"{role}={images.columns[column][row]}" for role, column in roles)]).encode())
    return total.hexdigest()


def remember(path: Path, sha256: str, place: Path, *, folder: str | None = None) -> str:
    """Keep the path of some data, and of its images' `folder`, in the workspace; its key: the first 12 digits of the fingerprint."""
    key = sha256[:12]
    about = {"path": str(path.expanduser().absolute()), "sha256": sha256}
    if folder:
        about["folder"] = str(Path(folder).expanduser().absolute())
    write_json(_file(place, key), about)
    return key


def recall(key: str, place: Path) -> Path:
    """The path behind a key; an error tells how to name it when this workspace does not know it."""
    return Path(_known(key, place)["path"])


def recall_folder(key: str, place: Path) -> dict[str, str]:
    """The option `folder` with which the data behind a key is opened; empty where none was named."""
    known = _known(key, place)
    return {"folder": known["folder"]} if "folder" in known else {}


def _known(key: str, place: Path) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads(_file(place, key).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RunError(
            "G-RUN-006",
            en=f"this workspace does not know where the data '{key}' lies. Name it with --data PATH.",
            ja=f"この作業フォルダでは、データ「{key}」の場所がわかりません。--data PATH で指定してください。",
        ) from None
    return known


def _file(place: Path, key: str) -> Path:
    return place / "data" / f"reference-{key}.json"


def remember_files(paths: Sequence[str], sha256: str, place: Path) -> str:
    """Keep where the files of an input lie, in order; its key, as for `remember`. `recall` then gives the folder above all of them."""
    key = sha256[:12]
    above = paths[0] if len(paths) == 1 else os.path.commonpath(paths)
    write_json(_file(place, key), {"path": above, "sha256": sha256, "files": list(paths)})
    return key


def recall_files(key: str, place: Path) -> tuple[str, ...]:
    """The files behind the key of an input."""
    known = _known(key, place)
    return tuple(known.get("files") or [known["path"]])
