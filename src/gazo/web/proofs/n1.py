"""N1: a data set by folder and by table, and every fault a beginner brings is told with its cure."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.runs.proof import Proof, proof
from gazo.web.proofs.bench import Bench, workbench

_SIDE, _EACH = 48, 12
PLANTED = ("unreadable", "blank", "copies")  # what the check of a set must find


@proof(
    "N1",
    ja="フォルダと表からデータセットを作り、仕込んだ不備を見つけるか",
    en="Data sets from folders and a table; planted faults are found",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Drop folders of classes with faults in them, and pictures with a table; what the pages are told must be what was dropped."""
    with workbench(on_event) as bench:
        rows = [*_by_folder(bench, seed), *_by_table(bench, seed)]
    passed = all(row[-1] for row in rows)
    headings = (
        Text("したこと", "What was done"),
        Text("あるべき結果", "Wanted"),
        Text("得られた結果", "Found"),
        Text("一致", "As wanted"),
    )
    bar = Text(
        "枚数・クラス・患者が入れたとおりで、不備がすべて示される", "images, classes and patients as dropped, every fault told"
    )
    return Proof("N1", passed, {"checks": len(rows), "right": sum(row[-1] for row in rows)}, bar, Table(Text("データセット", "Data sets"), headings, tuple(rows)))  # fmt: skip


def _by_folder(bench: Bench, seed: int) -> list[tuple[Any, ...]]:
    files = {f"胸部/{name}/{n:02}.png": _png(seed, name, n) for name in ("正常", "結節") for n in range(_EACH)}
    files["胸部/正常/05.png"] = files["胸部/正常/04.png"]
    files["胸部/結節/07.png"] = _encoded(np.full((_SIDE, _SIDE), 128, np.uint8))
    id, looked = _taken(bench, files | {"胸部/正常/99.png": files["胸部/正常/01.png"][:60]}, "フォルダ")
    found = bench.get(f"/api/sets/{id}")
    codes = {one["code"] for one in _checked(bench, id)}
    told = len(looked["faults"]) + ("unreadable" in codes)
    return [
        _row("フォルダ: 読めない画像", "folder: an unreadable image", True, bool(told)),
        _row("フォルダ: 枚数", "folder: images", 2 * _EACH, found["rows"]),
        _row("フォルダ: クラス", "folder: classes", ["正常", "結節"], sorted(_classes(bench, id))),
        *(_row(f"フォルダ: {code}", f"folder: {code}", True, code in codes) for code in PLANTED[1:]),
    ]


def _by_table(bench: Bench, seed: int) -> list[tuple[Any, ...]]:
    files = {f"{n:02}.png": _png(seed, "表", n) for n in range(_EACH)}
    lines = [f"{n:02}.png,{'abc'[n % 3]},ID{n // 2:03},山田{n}" for n in range(_EACH)] + ["無い.png,a,ID999,欠番"]
    files["一覧.csv"] = "\n".join(["ファイル,向き,患者番号,氏名", *lines]).encode("cp932")
    id, looked = _taken(bench, files, "表", {"向き": "label", "患者番号": "patient"})
    found = bench.get(f"/api/sets/{id}")
    listed = str(bench.get(f"/api/sets/{id}/rows?count=100"))
    return [
        _row("表: 対応した行", "table: matched rows", _EACH, looked["table"]["matched"]),
        _row("表: ファイルのない行を指摘", "table: the row without a file is told", 1, looked["table"]["fault_count"]),
        _row("表: ラベル", "table: labels", ["a", "b", "c"], sorted(_classes(bench, id))),
        _row("表: 患者数", "table: patients", _EACH // 2, found["patients"]),
        _row("表: 氏名と患者番号は入らない", "table: no names, no numbers", False, "山田" in listed or "ID00" in listed),
    ]


def _taken(bench: Bench, files: dict[str, bytes], name: str, columns: dict[str, str] | None = None) -> tuple[str, Any]:
    """The id of a set made of files, and what was recognised before."""
    token = bench.post("/api/uploads/incoming")["token"]
    bench.send(f"/api/uploads/incoming/{token}/files", files)
    looked = bench.job("/api/sets/jobs", bench.post(f"/api/uploads/incoming/{token}/look", {}))
    uses = {one["name"]: one["use"] for one in looked["columns"]} if columns is None else columns
    id = bench.job("/api/sets/jobs", bench.post(f"/api/uploads/incoming/{token}/take", {"name": name, "columns": uses}))
    return id, looked


def _checked(bench: Bench, id: str) -> list[dict[str, Any]]:
    bench.job("/api/sets/jobs", bench.post(f"/api/sets/{id}/check"))
    return bench.get(f"/api/sets/{id}/check")["findings"]


def _classes(bench: Bench, id: str) -> list[str]:
    return [one["name"] for one in bench.get(f"/api/sets/{id}")["balance"]]


def _row(ja: str, en: str, wanted: Any, found: Any) -> tuple[Any, ...]:
    return Text(ja, en), _plain(wanted), _plain(found), wanted == found


def _plain(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else value


def _png(seed: int, name: str, number: int) -> bytes:
    """Blocks of grey with noise, different in each picture."""
    rng = generator(seed, "N1", name, number)
    blocks = np.kron(rng.uniform(60, 200, (6, 6)), np.ones((_SIDE // 6, _SIDE // 6)))
    return _encoded((blocks + rng.normal(0, 3, blocks.shape)).clip(0, 255).astype(np.uint8))


def _encoded(pixels: np.ndarray) -> bytes:
    import PIL.Image

    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
