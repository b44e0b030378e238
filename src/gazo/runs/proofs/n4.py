"""N4: every error that gazo can show has its sentence in Japanese and English, its own code, and is raised in one place."""

from __future__ import annotations

import pickle
import re
from collections import Counter
from pathlib import Path

from gazo.core.errors import GazoError
from gazo.core.language import Text, speaking
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.runs.error_sites import CLASSES, CODE, ErrorSite, error_sites
from gazo.runs.proof import Proof, proof

_JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")
_FILLED_IN = re.compile(r"\{[^}]*\}")


@proof("N4", ja="すべてのエラー文を原文から調べる", en="Every error sentence, read from the source")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Each error has a code of its own, a Japanese and an English sentence; each class speaks the language chosen and can be pickled."""
    sites = error_sites()
    times = Counter(site.code for site in sites)
    faults = {site.code or f"{site.file}:{site.line}": _faults(site, times) for site in sites}
    wrong = {place: words for place, words in faults.items() if words}
    silent = [name for name, kind in CLASSES.items() if not _speaks(kind)]
    measured = {
        "errors": len(sites),
        "classes": len(CLASSES),
        "wrong": len(wrong),
        "classes_without_both_languages": len(silent),
    }
    headings = (Text("コード", "Code"), Text("日本語", "Japanese"), Text("英語", "English"), Text("問題", "Problem"))
    rows = tuple((s.code, s.text.ja, s.text.en, ", ".join(_faults(s, times))) for s in sites)
    table = Table(Text("エラーの一覧", "All errors"), headings, rows)
    bar = Text("すべてのエラーに固有のコードと両言語の文がある", "every error has its own code and a sentence in both languages")
    return Proof("N4", bool(sites) and not wrong and not silent, measured, bar, table)


def _faults(site: ErrorSite, times: Counter[str]) -> list[str]:
    english = _FILLED_IN.sub("", site.text.en)
    found = {
        "code": not CODE.fullmatch(site.code),
        "code used twice": times[site.code] > 1,
        "ja": not _JAPANESE.search(site.text.ja),
        "en": not re.search("[a-z]{3}", english),
    }
    return [name for name, there in found.items() if there]


def _speaks(kind: type[GazoError]) -> bool:
    error = pickle.loads(pickle.dumps(kind("G-XX-001", en="english", ja="日本語")))  # noqa: S301 - our own bytes
    with speaking("ja"):
        japanese = str(error)
    with speaking("en"):
        return japanese == "G-XX-001: 日本語" and str(error) == "G-XX-001: english" and type(error) is kind
