"""The kinds of image address that are always there: rows of data sets, images of runs, single files, differences."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from gazo.core.errors import FileError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.io.files import IMAGE_ENDINGS, read
from gazo.io.loader import FileLoader
from gazo.runs.workspace import run_folders
from gazo.web.addresses import Found, address, found_at, parts_of, stamp_of


@address("set")
def _set(rest: str, place: Path) -> Found:
    """``set:ID:ROW``: a row of a data set, counted from 0."""
    from gazo.runs.sets import find_set, images_of

    name, row = parts_of(rest, 2)
    found = find_set(name, place)
    images = images_of(name, place)
    number = _row(row, len(images))
    path = _file_behind(images, number)
    return Found(
        lambda: images[number],
        path,
        stamp=_stamp(images, number) if path is None else stamp_of(path),
        title=Text(f"{found.name} {number + 1}", f"{found.name} {number + 1}"),
        place=(number, len(images)),
        neighbours=tuple(f"set:{name}:{n}" if 0 <= n < len(images) else None for n in (number - 1, number + 1)),  # type: ignore[arg-type]
    )


def _row(text: str, count: int) -> int:
    if not re.fullmatch(r"\d{1,9}", text) or int(text) >= count:
        raise FileError(
            "G-VIW-014",
            en=f"the data set has {count} images, rows 0 to {count - 1}; row '{text[:20]}' was asked for. Choose an image of the set.",
            ja=f"データセットの画像は {count} 枚 (行 0 〜 {count - 1}) です。行「{text[:20]}」はありません。一覧から画像を選んでください。",
        )
    return int(text)


def _file_behind(images: ImageSet, row: int) -> Path | None:
    """The file of a row, where its loader opens one file a row."""
    loader = images.loader
    if not isinstance(loader, FileLoader):
        return None
    return Path(loader.folder, *str(images.role("image")[row]).split("/"))


def _stamp(images: ImageSet, row: int) -> str:
    """A set without files of its own changes with the object that loads it."""
    return f"{id(images.loader)}-{row}"


@address("run")
def _run(rest: str, place: Path) -> Found:
    """``run:ID:PATH``: an image file below the folder of a run."""
    name, inner = parts_of(rest, 2)
    folder = next((run for run in run_folders(place) if run.name == name), None)
    if folder is None:
        raise FileError(
            "G-VIW-015",
            en=f"there is no run '{name[:80]}'. It may have been deleted; choose one from the list of runs.",
            ja=f"実行結果「{name[:80]}」がありません。削除された可能性があります。実行一覧から選んでください。",
        )
    path = _below(folder, inner)
    beside = sorted(p for p in path.parent.iterdir() if p.name.lower().endswith(IMAGE_ENDINGS))
    around = _around(path, beside)
    inside = [None if p is None else f"run:{name}:{p.relative_to(folder).as_posix()}" for p in around]
    return Found(
        lambda: read(path),
        path,
        stamp=stamp_of(path),
        title=Text(inner, inner),  # gazo named the files of a run itself
        place=(beside.index(path), len(beside)) if path in beside else None,
        neighbours=(inside[0], inside[1]),
    )


def _below(folder: Path, inner: str) -> Path:
    """A file below a folder; whatever leads elsewhere, by dots or by links, is not there."""
    path = folder.joinpath(*inner.split("/"))
    real = path.resolve()
    if not real.is_relative_to(folder.resolve()) or not real.is_file():
        raise FileError(
            "G-VIW-016",
            en=f"there is no image '{inner[:80]}' in this run. Choose one that the run shows.",
            ja=f"この実行結果に画像「{inner[:80]}」はありません。表示されている画像から選んでください。",
        )
    return folder / path.relative_to(folder) if path.is_relative_to(folder) else real


def _around(path: Path, beside: list[Path]) -> tuple[Path | None, Path | None]:
    if path not in beside:
        return None, None
    at = beside.index(path)
    return (beside[at - 1] if at else None), (beside[at + 1] if at + 1 < len(beside) else None)


@address("file")
def _file(rest: str, place: Path) -> Found:
    """``file:ID``: a single imported file, the only one in ``data/files/ID``."""
    folder = place / "data" / "files" / rest
    files = sorted(folder.iterdir()) if re.fullmatch(r"[0-9a-f]{8,64}", rest) and folder.is_dir() else []
    if len(files) != 1:
        raise FileError(
            "G-VIW-017",
            en=f"there is no imported file '{rest[:40]}'. It may have been deleted; import it again.",
            ja=f"取り込んだファイル「{rest[:40]}」がありません。削除された可能性があります。もう一度取り込んでください。",
        )
    return Found(lambda: read(files[0]), files[0], stamp=stamp_of(files[0]), title=Text("取り込んだ画像", "imported image"))


@address("difference")
def _difference(rest: str, place: Path) -> Found:
    """``difference:A:B``: A minus B, both addresses percent-encoded; a signed float32 image."""
    first, second = (found_at(unquote(part), place) for part in parts_of(rest, 2))
    return Found(
        lambda: _minus(first.read(), second.read()),
        stamp=f"{first.stamp}/{second.stamp}",
        title=Text("差分", "difference"),
        signed=True,
    )


def _minus(image: Image, other: Image) -> Image:
    image, other = image.grey(), other.grey()
    if image.shape != other.shape:
        raise FileError(
            "G-VIW-013",
            en=f"a difference needs two images of the same size; {image.shape} and {other.shape} came. Choose images of one size.",
            ja=f"差分には同じ大きさの画像が 2 枚必要です。受け取ったもの: {image.shape} と {other.shape}。大きさの同じ画像を選んでください。",
        )
    pixels = np.subtract(image.pixels, other.pixels, dtype=np.float32)
    return image.with_pixels(pixels, meaning="quantity", window=None, inverted=False)
