"""A word to a search that is under way: enough, judge the best network there is."""

from __future__ import annotations

from pathlib import Path

from gazo.core.errors import RunError
from gazo.core.files import write_text

_FILE = "FINISH"


def finish_now(folder: Path) -> None:
    """Let the search in a run folder end after what it is doing; a run that is no search is refused."""
    if not (folder / "search").is_dir():
        raise RunError(
            "G-DSG-020",
            en=f"'{folder.name}' is no search for a network that has begun. Name a run of search-networks that is under way.",
            ja=f"「{folder.name}」は開始済みのネットワーク探索ではありません。実行中の探索を指定してください。",
        )
    write_text(folder / _FILE, "")


def asked_to_finish(folder: Path | None) -> bool:
    """Whether somebody said so."""
    return folder is not None and (folder / _FILE).exists()
