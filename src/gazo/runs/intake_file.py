"""Single files that are taken in on the spot, without a data set: ``data/files/ID`` holds one file each, clean as those of a set."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from gazo.core.errors import FileError
from gazo.core.files import storage_error
from gazo.runs.intake import Incoming, drop
from gazo.runs.intake_burned import doubt_of
from gazo.runs.intake_dicom import copy_dicom
from gazo.runs.intake_look import unnamed
from gazo.runs.intake_source import find_source, opener
from gazo.runs.sets_store import store


def take_files(incoming: Incoming, place: Path) -> list[str]:
    """Take in the images that wait, in the order they were sent; an id for each. Nothing stays when one of them cannot be taken."""
    source = find_source(incoming.tree)
    home = place / "data" / "files"
    making = home / f".making-{incoming.token}"
    try:
        if source.images is None:
            raise _no_image()
        making.mkdir(parents=True)
        numbers = incoming.numbers()
        originals = sorted((str(file) for file in source.images.role("image")), key=lambda file: (numbers.get(file, 0), file))
        if source.kind == "dicom":
            _need_no_text(incoming, originals)
            copies = copy_dicom(incoming.tree, originals, making, place, {})
            files = [copies.files[file] for file in originals if file in copies.files]
        else:
            stored = store(opener(source), originals, making)
            if stored.faults:
                row, error = stored.faults[0]
                said = unnamed(error, originals[row])
                raise FileError(error.code, en=said.en, ja=said.ja)
            files = [file for file in stored.files if file is not None]
        return [_kept(making / file, home) for file in files]
    except OSError as error:
        raise storage_error(error, "files") from None
    finally:
        shutil.rmtree(making, ignore_errors=True)
        drop(incoming)


def _kept(file: Path, home: Path) -> str:
    id = secrets.token_hex(8)
    (home / id).mkdir()
    ending = "".join(Path(file.name).suffixes)
    os.replace(file, home / id / f"image{ending}")
    return id


def _need_no_text(incoming: Incoming, originals: list[str]) -> None:
    """Files that say that text is burned in are taken through the data screen only, where it can be blacked out."""
    for file in originals:
        _, doubt = doubt_of(str(incoming.tree / file), os.path.basename(file))
        if doubt is not None:
            raise FileError(
                "G-SET-062",
                en="this kind of image often has names burned into its pixels. Take it in on the screen Data sets, where they can be blacked out.",
                ja="この種類の画像には氏名などの文字が焼き込まれていることがあります。黒塗りのできる「データセット」の画面から取り込んでください。",
            )


def _no_image() -> FileError:
    return FileError(
        "G-SET-063",
        en="no image of a known kind came. Choose PNG, TIFF, JPEG, DICOM or NIfTI; RAW files are taken in on the screen Data sets.",
        ja="対応する形式の画像がありません。PNG・TIFF・JPEG・DICOM・NIfTI を選んでください。RAW は「データセット」の画面から取り込んでください。",
    )
