"""Addresses of images: one string names pixels everywhere in the workbench, such as ``set:1a2b3c4d:12``.

A kind of address is a function registered with `@address`. It is given what stands behind the kind and the workspace, and finds
the image without reading it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from gazo.core.errors import FileError, nearest
from gazo.core.image import Image
from gazo.core.language import Text


@dataclass(frozen=True)
class Found:
    """What an address names.

    Parameters
    ----------
    read : reads the image.
    path : the file it lies in; None when it lies in no file of its own.
    stamp : changes when the pixels do; what was decoded under another stamp is not used again.
    title : what people call it; never a file name, for those may name a patient.
    signed : values below and above 0 mean less and more, as in a difference: shown around grey.
    place : row from 0 and number of images, among those it belongs to.
    neighbours : addresses of the image before and the image after it.
    """

    read: Callable[[], Image]
    path: Path | None = None
    stamp: str = ""
    title: Text = Text("", "")
    signed: bool = False
    place: tuple[int, int] | None = None
    neighbours: tuple[str | None, str | None] = (None, None)


Finder = Callable[[str, Path], Found]
_finders: dict[str, Finder] = {}


def address(kind: str) -> Callable[[Finder], Finder]:
    """Register how addresses ``kind:...`` are found: a function of what follows the colon and the workspace."""

    def add(finder: Finder) -> Finder:
        if kind in _finders and _finders[kind].__module__ != finder.__module__:
            raise ValueError(f"there is an address kind '{kind}' already")
        _finders[kind] = finder
        return finder

    return add


def found_at(named: str, place: Path) -> Found:
    """What an address names."""
    import_module("gazo.web.address_kinds")  # registers the kinds that are always there
    kind, colon, rest = named.partition(":")
    if not colon or kind not in _finders or not rest:
        hint = nearest(kind[:40], _finders)
        raise FileError(
            "G-VIW-010",
            en=f"an image address looks like set:1a2b3c4d:12; '{named[:60]}' came. {hint.en}",
            ja=f"画像アドレスは set:1a2b3c4d:12 のような形です。受け取ったもの: 「{named[:60]}」。{hint.ja}",
        )
    return _finders[kind](rest, place)


def image_of(named: str, place: Path) -> Image:
    """The image at an address, read anew; `gazo.web.pixels.kept_image` keeps those in use."""
    return found_at(named, place).read()


def file_of(named: str, place: Path) -> Path:
    """The file an address names; an error when the image lies in no file of its own."""
    path = found_at(named, place).path
    if path is None:
        raise FileError(
            "G-VIW-011",
            en=f"the image '{named[:60]}' does not lie in a file of its own. Save it first, then choose the file.",
            ja=f"画像「{named[:60]}」は単独のファイルではありません。一度保存してから、そのファイルを選んでください。",
        )
    return path


def parts_of(rest: str, count: int) -> tuple[str, ...]:
    """Exactly `count` parts between colons, the last one with whatever colons it has."""
    parts = rest.split(":", count - 1)
    if len(parts) != count or not all(parts):
        raise FileError(
            "G-VIW-012",
            en=f"an image address of this kind has {count} parts after its kind; '{rest[:60]}' has {len(parts)}. Choose the image again.",
            ja=f"この種類の画像アドレスは {count} つの部分からなります。「{rest[:60]}」は {len(parts)} つです。画像を選び直してください。",
        )
    return tuple(parts)


def stamp_of(path: Path) -> str:
    """What tells one state of a file from another."""
    try:
        state = path.stat()
    except OSError:
        return "missing"
    return f"{state.st_mtime_ns}-{state.st_size}"
