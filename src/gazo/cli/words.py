"""What argparse itself says, in Japanese where Japanese is spoken, and defaults as a person reads them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gazo.core.language import Text, language

# argparse looks its texts up with gettext under these English words (Python 3.11 to 3.13); it ships no Japanese.
_JAPANESE = {
    "usage: ": "使い方: ",
    "positional arguments": "引数",
    "options": "オプション",
    "show this help message and exit": "この説明を表示",
    "the following arguments are required: %s": "次の引数が必要です: %s",
    "one of the arguments %s is required": "次のうち 1 つが必要です: %s",
    "not allowed with argument %s": "%s と同時には指定できません",
    "argument %(argument_name)s: %(message)s": "引数 %(argument_name)s: %(message)s",
    "invalid choice: %(value)r (choose from %(choices)s)": "選択肢にありません: %(value)r (選択肢: %(choices)s)",
    "invalid %(type)s value: %(value)r": "値が正しくありません: %(value)r",
    "unrecognized arguments: %s": "知らない引数です: %s",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s だけでは決まりません。候補: %(matches)s",
    "expected one argument": "値を 1 つ指定してください",
    "expected at most one argument": "値は 1 つまでです",
    "expected at least one argument": "値を 1 つ以上指定してください",
    "expected %s argument": "値を %s 個指定してください",
    "ignored explicit argument %r": "値 %r は指定できません",
    "%(prog)s: error: %(message)s\n": "%(prog)s: エラー: %(message)s\n",
}


@contextmanager
def spoken_by_argparse() -> Iterator[None]:
    """Let argparse speak the language of the moment inside the block; afterwards it is as it was."""
    module: Any = argparse
    one, several = module._, module.ngettext
    module._ = lambda text: _japanese(text) or one(text)
    module.ngettext = lambda word, words, n: _japanese(word) or several(word, words, n)
    try:
        yield
    finally:
        module._, module.ngettext = one, several


def _japanese(text: str) -> str | None:
    return _JAPANESE.get(text) if language() == "ja" else None


class Parser(argparse.ArgumentParser):
    """The parser of every command and of the commands below it: defaults stand in the help unless they say nothing."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **{"formatter_class": _Formatter, **more})


class _Formatter(argparse.HelpFormatter):
    def _get_help_string(self, action: argparse.Action) -> str:
        about = action.help or ""
        says_nothing = action.default is None or action.default is False or action.default in ("", argparse.SUPPRESS)
        if says_nothing or not action.option_strings:
            return about
        return f"{about}; {Text('既定', 'default')}: {shown_default(action.default)}"


def shown_default(value: Any) -> str:
    """A default as a person would write it on the command line."""
    if isinstance(value, bool):
        return str(Text("はい", "yes") if value else Text("いいえ", "no"))
    if isinstance(value, tuple | list):
        return ", ".join(map(shown_default, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
