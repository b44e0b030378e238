"""Unpack a ZIP that somebody brought, without trusting it."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from gazo.core.errors import FileError
from gazo.core.files import storage_error
from gazo.core.language import Text
from gazo.core.parameters import Annotated, Gt, Label
from gazo.core.registry import feature
from gazo.io.finding import is_clutter
from gazo.io.opening import decoding, start_of

ARCHIVE = Text("ZIP ファイル", "a ZIP archive")
_ENTRIES_LIMIT = 300_000
_PIECE = 1 << 20


@feature("ZIP の展開", "Unpack a ZIP archive", booklet=("B1", "B2", "B3"))
def unpack(
    path: Path | str,
    to: Path | str,
    *,
    limit_gb: Annotated[float, Gt(0), Label("展開後の上限", "Limit of the unpacked size", "GB")] = 20.0,
) -> Path:
    """Unpack a ZIP archive into the new folder `to`; the folder appears whole or not at all.

    Names without the Unicode mark are read as UTF-8, else as cp932 (Japanese Windows). Hidden files, Thumbs.db and __MACOSX are left out.

    Parameters
    ----------
    path : of the archive.
    to : the folder to make; it must not exist yet.
    limit_gb : the most that may come out, counted while unpacking.

    Raises
    ------
    FileError : no archive, encrypted, names that lead out of the folder, links, more than the limit, or `to` exists.
    """
    name, target = os.path.basename(path), Path(to)
    start_of(path)
    if target.exists():
        raise FileError(
            "G-IO-090",
            en=f"'{target.name}' exists already; nothing was unpacked. Name another folder.",
            ja=f"「{target.name}」はすでに存在するため、展開しませんでした。別のフォルダを指定してください。",
        )
    with decoding(name, ARCHIVE):
        archive = zipfile.ZipFile(path)
    with archive:
        entries = _wanted(archive, name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=".unpack-", dir=target.parent))
        except OSError as error:
            raise storage_error(error, target) from None
        try:
            _extract(archive, entries, beside, name, int(limit_gb * 1e9))
            beside.chmod(0o755)  # mkdtemp keeps others out
            os.replace(beside, target)
        except OSError as error:
            raise storage_error(error, target) from None
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return target


def _wanted(archive: zipfile.ZipFile, name: str) -> list[tuple[zipfile.ZipInfo, str]]:
    """The files of the archive with their path inside the new folder."""
    entries = archive.infolist()
    if len(entries) > _ENTRIES_LIMIT:
        raise FileError(
            "G-IO-095",
            en=f"'{name}' holds {len(entries):,} entries; up to {_ENTRIES_LIMIT:,} are unpacked. Unpack it yourself.",
            ja=f"「{name}」には {len(entries):,} 個の項目があり、上限 {_ENTRIES_LIMIT:,} 個を超えています。ご自身で展開してください。",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileError(
            "G-IO-091",
            en=f"'{name}' is encrypted. Unpack it yourself with its password, and name the folder.",
            ja=f"「{name}」はパスワードで暗号化されています。ご自身で展開してから、そのフォルダを指定してください。",
        )
    wanted = []
    for entry in entries:
        path = _name_of(entry).replace("\\", "/")
        parts = PurePosixPath(path).parts
        if path.startswith("/") or ".." in parts or ":" in path or "\0" in path or stat.S_ISLNK(entry.external_attr >> 16):
            raise FileError(
                "G-IO-092",
                en=f"'{name}' holds an entry that leads out of its folder. Such an archive is not unpacked; make it anew.",
                ja=f"「{name}」には展開先のフォルダの外を指す項目があるため、展開しません。ZIP を作り直してください。",
            )
        if parts and not entry.is_dir() and not any(is_clutter(part) for part in parts):
            wanted.append((entry, "/".join(parts)))
    if not wanted:
        raise FileError(
            "G-IO-093",
            en=f"'{name}' holds no files. Make the archive again.",
            ja=f"「{name}」にはファイルが入っていません。ZIP を作り直してください。",
        )
    return wanted


def _name_of(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; `zipfile` takes bytes without the Unicode mark for cp437."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        stored = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "cp932"):
        try:
            return stored.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _extract(archive: zipfile.ZipFile, entries: list[tuple[zipfile.ZipInfo, str]], folder: Path, name: str, limit: int) -> None:
    """Copy the entries into the folder; sizes are counted, because an archive may tell anything about them."""
    unpacked = 0
    for entry, path in entries:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with decoding(name, ARCHIVE):
            source = archive.open(entry)
        with source, open(target, "wb") as file:
            while True:
                with decoding(name, ARCHIVE):
                    piece = source.read(_PIECE)
                if not piece:
                    break
                unpacked += len(piece)
                if unpacked > limit:
                    raise _too_large(name, limit)
                file.write(piece)


def _too_large(name: str, limit: int) -> FileError:
    return FileError(
        "G-IO-094",
        en=f"'{name}' unpacks to more than {limit / 1e9:g} GB; nothing was kept. Unpack it yourself, or raise limit_gb.",
        ja=f"「{name}」は展開すると {limit / 1e9:g} GB を超えるため中止し、何も残していません。ご自身で展開するか、limit_gb を大きくしてください。",
    )
