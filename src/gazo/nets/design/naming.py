"""What ``design:...`` means where a network's name is asked for: a preset, or a file. Reading a design runs nothing, so it needs no trust."""

from __future__ import annotations

from pathlib import Path

from gazo.core.errors import OptionError, nearest
from gazo.nets.design.graph import Design, read_design
from gazo.nets.design.presets import PRESETS, preset

PREFIX = "design:"


def no_names() -> tuple[str, ...]:
    """The names a list of choices shows: designs stand beside the networks by their prefix only."""
    return ()


def design_named(reference: str) -> Design:
    """The design behind ``design:NAME`` or ``design:PATH.json``; the prefix may be left out."""
    name = reference.removeprefix(PREFIX)
    if name in PRESETS:
        return preset(name)
    path = Path(name).expanduser()
    if path.suffix == ".json":
        return read_design(path)
    hint = nearest(name, PRESETS)
    raise OptionError(
        "G-DSG-013",
        en=f"there is no design '{name}'. {hint.en} A file is named as design:PATH.json, a saved design by its name.",
        ja=f"「{name}」という設計はありません。{hint.ja} ファイルは design:パス.json、保存した設計はその名前で指定します。",
    )
