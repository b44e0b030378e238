"""The one place where files are written: beside, then renamed into place, so that nothing is ever half there."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gazo.core.errors import StorageError
from gazo.core.language import Text


@contextmanager
def replacing(path: Path | str, mode: str = "wb", *, encoding: str | None = None) -> Iterator[IO[Any]]:
    """Open a file beside `path`; it takes the place of `path` when the block ends without error, and vanishes otherwise."""
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    if "b" not in mode and encoding is None:
        encoding = "utf-8"
    try:
        with open(beside, mode, encoding=encoding, newline="" if "b" not in mode else None) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _rename(beside, path)
    except OSError as error:
        raise storage_error(error, path) from None
    finally:
        beside.unlink(missing_ok=True)


def write_text(path: Path | str, text: str) -> None:
    """Write a UTF-8 text file in one step."""
    with replacing(path, "w") as file:
        file.write(text)


def write_json(path: Path | str, value: Any) -> None:
    """Write a JSON file in one step; floats keep every digit, NaN is refused."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))


def storage_error(error: OSError, path: Path | str) -> StorageError:
    """What the operating system said about a path that could not be written, as a sentence."""
    name = "/".join(Path(path).parts[-2:])
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            "G-DISK-001",
            en=f"no space is left for '{name}'; nothing was written. Free some space or choose another --workspace.",
            ja=f"「{name}」を書き込む空き容量がありません。何も書き込まれていません。空きを作るか、別の --workspace を指定してください。",
        )
    return StorageError(
        "G-DISK-002",
        en=f"'{name}' cannot be written ({reason(error).en}); nothing was changed. Choose a folder you may write to.",
        ja=f"「{name}」に書き込めません ({reason(error).ja})。何も変更されていません。書き込み権のあるフォルダを指定してください。",
    )


_REASONS = {
    errno.EACCES: Text("アクセス権がありません", "permission denied"),
    errno.EPERM: Text("許可されていない操作です", "operation not permitted"),
    errno.EROFS: Text("読み取り専用の場所です", "read-only file system"),
    errno.ENOENT: Text("フォルダまたはファイルがありません", "no such file or folder"),
    errno.ENOTDIR: Text("途中の名前がフォルダではありません", "not a folder"),
    errno.EISDIR: Text("ファイルではなくフォルダです", "a folder, not a file"),
    errno.ENAMETOOLONG: Text("名前が長すぎます", "name too long"),
    errno.ENOSPC: Text("空き容量がありません", "no space left"),
    errno.EIO: Text("装置の入出力エラーです", "input/output error of the device"),
}


def reason(error: OSError) -> Text:
    """What the operating system said, in both languages where it is a common thing, else in its own words."""
    own = error.strerror or type(error).__name__
    return _REASONS.get(error.errno or 0, Text(own, own))


def _rename(source: Path, target: Path) -> None:
    """`os.replace`, tried again for a moment where a virus scanner or an indexer holds the file (Windows)."""
    for attempt in range(5):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if attempt == 4 or os.name != "nt":
                raise
            time.sleep(0.05 * 2**attempt)
