import subprocess
import sys
import textwrap
from typing import Annotated

import pytest

from gazo.core.errors import OptionError, RunError
from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.core.registry import Entry
from gazo.core.results import Table, from_json, to_json
from gazo.runs import catalog, proof


def sharpen(image, *, amount: Annotated[float, Ge(0), Le(10), Label("強調の強さ", "Amount", "%")] = 1.5, seed: int = 0):
    """Add back the detail
    that a blur removes.

    More words.
    """


def test_discovery_imports_every_room_but_never_torch():
    lines = """
        import sys
        from gazo.runs.catalog import discover
        discover()
        heavy = [m for m in ("torch", "torchvision", "timm") if m in sys.modules]
        rooms = [r for r in ("core", "stats", "nets", "io", "phantoms", "datasets", "training", "learn", "runs")
                 if "gazo." + r not in sys.modules]
        doors = [d for d in ("gazo.cli", "gazo.web") if d in sys.modules]
        print(heavy, rooms, doors)
    """
    seen = subprocess.run([sys.executable, "-c", textwrap.dedent(lines)], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[] [] []"


def test_modules_that_import_torch_at_their_top_are_left_out(tmp_path, monkeypatch):
    (tmp_path / "light.py").write_text("def network():\n    import torch\nLESSON = '''\nimport torch\n'''\n")
    (tmp_path / "heavy.py").write_text("from __future__ import annotations\nfrom torch import nn\n")
    (tmp_path / "also_heavy.py").write_text("import torchvision.models\n")
    assert list(catalog.modules([str(tmp_path)], "gazo.x.")) == ["gazo.x.light"]


def test_an_entry_is_described_in_either_language():
    entry = Entry("operation", "process", "sharpen", Text("鮮鋭化", "Sharpen"), sharpen, ("P1",), 2)
    english, japanese = catalog.describe(entry, "en"), catalog.describe(entry, "ja")
    assert english["label"] == "Sharpen"
    assert english["summary"] == "Add back the detail that a blur removes."
    assert english["booklet"] == ["P1"]
    assert english["options"] == [
        {
            "name": "amount",
            "label": "Amount",
            "unit": "%",
            "type": "float",
            "many": False,
            "required": False,
            "default": 1.5,
            "limits": {"ge": 0, "le": 10},
            "choices": [],
            "must": "a number of at least 0 and up to 10",
        }
    ]
    assert japanese["label"] == "鮮鋭化"
    assert japanese["options"][0]["label"] == "強調の強さ"
    assert japanese["options"][0]["must"] == "0 以上、10 以下の数"


def test_the_catalog_is_sorted_and_has_no_doubles():
    keys = [(e.room, e.kind, e.name) for e in catalog.catalog()]
    assert keys == sorted(set(keys))


def test_an_unknown_proof_is_refused_with_the_nearest():
    with pytest.raises(OptionError, match=r"G-CAT-001.*'K99'"):
        proof.reproduce("K99")


def test_a_system_without_proof_says_so(monkeypatch):
    monkeypatch.setattr(proof, "entries", lambda kind: [])
    with pytest.raises(RunError, match=r"G-CAT-002.*K1 \(Model zoo for classification\)"):
        proof.reproduce("k1")


def test_a_proof_is_handed_its_arguments_and_timed(tmp_path, monkeypatch):
    table = Table(Text("表", "table"), (Text("値", "value"),), ((1.0,),))
    given = {}

    def prove(*, data, seed, on_event):
        given.update(data=data, seed=seed)
        return proof.Proof("K1", True, {"value": 1.0}, Text("1 以上", "at least 1"), table)

    entry = Entry("proof", "runs", "K1", Text("試験", "trial"), prove, ("K1",))
    monkeypatch.setattr(proof, "entries", lambda kind: [entry])
    shown = proof.reproduce("K1", data=str(tmp_path), seed=7)
    assert given == {"data": tmp_path, "seed": 7}
    assert (shown.seed, shown.passed) == (7, True)
    assert shown.seconds > 0
    assert from_json(to_json(shown)) == shown
