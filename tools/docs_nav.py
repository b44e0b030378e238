"""The navigation of the documentation from the files themselves: `x.md` is English, `x.ja.md` Japanese, a folder is a section."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FIRST = ("index", "start")
LAST = ("reference", "systems", "errors")
SECTIONS = {
    "core": "基本",
    "process": "画像処理",
    "quality": "画質評価",
    "stats": "統計",
    "radiomics": "ラジオミクス",
    "nets": "ネットワーク",
    "io": "入出力",
    "phantoms": "ファントム",
    "datasets": "データセット",
    "training": "学習の実行",
    "learn": "学習",
    "runs": "実行と報告",
    "workbench": "作業画面",
    "cli": "コマンド",
}


def on_config(config: Any) -> Any:
    """MkDocs calls this before it builds."""
    docs = Path(config["docs_dir"])
    config["nav"] = [{"English": _pages(docs, docs, "en")}, {"日本語": _pages(docs, docs, "ja")}]
    return config


def _pages(folder: Path, docs: Path, language: str) -> list[Any]:
    """Pages and sections of a folder in one language; a folder without a page in it is left out."""
    files = [f for f in folder.glob("*.md") if f.name.endswith(".ja.md") == (language == "ja")]
    found: list[Any] = [file.relative_to(docs).as_posix() for file in sorted(files, key=_order) if _order(file)[0] < 2]
    for inner in sorted(f for f in folder.iterdir() if f.is_dir()):
        pages = _pages(inner, docs, language)
        if pages:
            found.append({SECTIONS.get(inner.name, inner.name) if language == "ja" else inner.name: pages})
    return found + [file.relative_to(docs).as_posix() for file in sorted(files, key=_order) if _order(file)[0] == 2]


def _order(file: Path) -> tuple[int, str]:
    name = file.name.split(".")[0]
    return (0 if name in FIRST else 2 if name in LAST else 1, name)
