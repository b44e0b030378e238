"""Files that a browser sends: taken from the stream straight onto the disk, so that memory does not grow with them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from fastapi import Request
from python_multipart.multipart import MultipartParser, parse_options_header

from gazo.core.errors import FileError, GazoError
from gazo.core.files import storage_error
from gazo.runs.intake import Incoming, arrived, place_for

MOST_FILES = 100_000


async def receive(request: Request, incoming: Incoming) -> list[GazoError]:
    """Put the files of a multipart request below `incoming`; what cannot be unpacked is returned. A request that breaks off leaves nothing."""
    sink = _Sink(incoming)
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise _not_files()
    parser = MultipartParser(boundary, sink.callbacks())  # type: ignore[arg-type]
    try:
        async for piece in request.stream():
            await asyncio.to_thread(parser.write, piece)
        parser.finalize()
        if not sink.whole:
            raise _not_files()
    except BaseException as error:
        sink.undo()
        if isinstance(error, GazoError) or not isinstance(error, Exception):
            raise
        raise storage_error(error, "upload") if isinstance(error, OSError) else _not_files() from None
    return await asyncio.to_thread(arrived, incoming, sink.paths)


class _Sink:
    """What the parser calls: opens a file for each part that has a name, and writes into it."""

    def __init__(self, incoming: Incoming) -> None:
        self.incoming = incoming
        self.paths: list[str] = []
        self.whole = False
        self._written: list[Path] = []
        self._file: IO[bytes] | None = None
        self._header, self._value, self._headers = b"", b"", {}

    def callbacks(self) -> dict[str, Any]:
        """What to call when."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._text,
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._close,
            "on_end": self._end,
        }

    def undo(self) -> None:
        """Remove what this request brought."""
        self._close()
        for path in self._written:
            path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._header, self._value, self._headers = b"", b"", {}

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _text(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"filename")
        if name is None:
            return
        if len(self.paths) >= MOST_FILES:
            raise _too_many()
        # browsers escape just these three in a file name
        text = name.decode("utf-8", "replace")
        for escaped in ("%22", "%0D", "%0A"):
            text = text.replace(escaped, unquote(escaped))
        found = place_for(self.incoming, text)
        if found is None:
            return
        target, path = found
        self._file = open(target, "xb")  # noqa: SIM115  the parser says when it ends
        self._written.append(target)
        self.paths.append(path)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])

    def _end(self) -> None:
        self.whole = True

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None


def _not_files() -> FileError:
    return FileError(
        "G-SET-070",
        en="the files did not arrive whole. Send them again.",
        ja="ファイルを最後まで受け取れませんでした。もう一度送ってください。",
    )


def _too_many() -> FileError:
    return FileError(
        "G-SET-071",
        en=f"more than {MOST_FILES:,} files came at once. Send them in parts, or use the folder in place.",
        ja=f"一度に送れるファイルは {MOST_FILES:,} 個までです。分けて送るか、フォルダをそのまま使ってください。",
    )
