import dataclasses
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gazo.core.image import Image
from gazo.core.imageset import ArrayLoader, ImageSet
from gazo.core.language import Text
from gazo.core.results import from_json, to_json
from gazo.datasets import findings
from gazo.io.files import write
from gazo.runs import check, check_data, machine
from gazo.runs.check import CheckItem, CheckReport, check_machine, judge, status_text
from gazo.runs.proofs.n6 import PLANTED, SOUND


def test_a_good_machine_is_silent():
    assert [item.verdict for item in judge(SOUND)] == ["ok"] * len(check.CHECKS)
    assert CheckReport(tuple(judge(SOUND))).passed


@pytest.mark.parametrize(("planted", "code", "verdict", "words"), PLANTED)
def test_each_planted_fault_is_named_with_its_cure(planted, code, verdict, words):
    found = [item for item in judge(dataclasses.replace(SOUND, **planted)) if item.verdict != "ok"]
    assert [(item.code, item.verdict) for item in found] == [(code, verdict)]
    assert all(word in found[0].found.en for word in words)
    assert found[0].found.ja != found[0].found.en
    assert CheckReport(tuple(found)).passed == (verdict == "warning")


def test_every_check_has_a_planted_fault():
    """The test of the tests: all codes of the judge are among the planted ones."""
    source = Path(check.__file__).read_text("utf-8")
    assert {code for _, code, _, _ in PLANTED} == set(re.findall(r'"(G-CHK-\d+)"', source))


def test_without_a_driver_no_graphics_processor_is_wanted():
    bare = dataclasses.replace(SOUND, driver=False, torch={**SOUND.torch, "gpus": []})
    assert [item.verdict for item in judge(bare)] == ["ok"] * len(check.CHECKS)


@pytest.mark.parametrize(("encoding", "fits"), [("utf-8", True), ("cp932", True), ("latin-1", False), ("nonsense", False)])
def test_encodings_are_tried_not_guessed(encoding, fits):
    found = next(i for i in judge(dataclasses.replace(SOUND, encoding=encoding)) if i.name.en == "Encoding")
    assert (found.verdict == "ok") == fits


def test_the_status_text_carries_no_names(monkeypatch):
    home = Path("/home/山田太郎")
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr("getpass.getuser", lambda: "yamada")
    monkeypatch.setattr("platform.node", lambda: "XRAY-PC-3")
    told = Text(f"{home}/venv で yamada が XRAY-PC-3 を使用", f"{home}/venv of yamada on XRAY-PC-3")
    report = CheckReport((CheckItem(Text("項目", "Item"), "fault", told, "G-CHK-005"),))
    for language in ("ja", "en"):
        text = status_text(report, language)
        assert not [name for name in ("山田", "yamada", "XRAY", "/home") if name in text]
        assert "G-CHK-005 ~/venv" in text


def test_the_status_text_is_read_in_either_language():
    report = CheckReport(tuple(judge(dataclasses.replace(SOUND, python="3.9.1", python_fits=False))))
    assert status_text(report, "en").startswith("gazo: Not ready.\n[FAULT] Python: G-CHK-001 gazo needs Python >=3.11")
    assert status_text(report, "ja").startswith("gazo: このままでは使えません。\n[不良] Python: G-CHK-001 gazo には")
    assert len(status_text(report, "en").splitlines()) == 1 + len(check.CHECKS)


def test_reports_are_stored_and_shown_as_tables():
    report = CheckReport(tuple(judge(SOUND)))
    assert from_json(json.loads(json.dumps(to_json(report)))) == report
    assert len(report.table().rows) == len(check.CHECKS)


def test_this_machine_is_looked_at_and_nothing_is_left_behind(tmp_path, monkeypatch):
    tried = []
    monkeypatch.setattr(machine, "try_torch", lambda: tried.append(1) or SOUND.torch)
    report = check_machine(workspace=tmp_path / "まだ無い" / "gazo")
    assert tried == [1]
    assert len(report.items) == len(check.CHECKS)
    assert list(tmp_path.iterdir()) == []
    assert next(i for i in report.items if i.name.en == "Workspace").verdict == "ok"
    assert next(i for i in report.items if i.name.en == "Japanese font").verdict == "ok"


def test_a_workspace_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    def refuse(*given, **options):
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr("tempfile.TemporaryDirectory", refuse)
    assert machine.write_error(tmp_path) == "Permission denied"


def test_packages_are_compared_with_their_bounds():
    found = machine.packages(["numpy>=1", "numpy>=99", "no-such-package-gazo", "pytest>=1; extra == 'test'"])
    assert [(p.name, p.fits, p.version is None) for p in found] == [
        ("numpy", True, False),
        ("numpy", False, False),
        ("no-such-package-gazo", False, True),
    ]


def test_a_version_before_the_release_is_within_the_bounds(monkeypatch):
    monkeypatch.setattr(machine.metadata, "version", lambda name: "2.9.0a0+git1")
    assert [p.fits for p in machine.packages(["torch>=2.8,<3", "torch>=2.9,<3"])] == [True, False]


FAKES = {
    "works": ("", "", None),
    "mixed": (
        "",
        "raise RuntimeError('operator torchvision::nms does not exist')",
        "RuntimeError: operator torchvision::nms does not exist",
    ),
    "broken": ("raise OSError('/home/taro/lib/libtorch.so: cannot open')", "", "OSError: libtorch.so: cannot open"),
    "ends": ("import os; os._exit(11)", "", "exit 11"),
}
TORCH = """
{0}
__version__ = "9.9"
class cuda:
    is_available = staticmethod(lambda: False)
class backends:
    class mps:
        is_available = staticmethod(lambda: False)
class ones:
    def __init__(self, *shape): pass
    def __matmul__(self, other): return self
    def sum(self): return 512
tensor = list
"""
VISION = '{0}\n__version__ = "8.8"\nclass ops:\n    nms = staticmethod(lambda boxes, scores, overlap: [0])\n'


@pytest.mark.parametrize(("kind", "planted"), FAKES.items())
def test_torch_is_tried_in_a_process_of_its_own(kind, planted, tmp_path, monkeypatch):
    in_torch, in_vision, error = planted
    (tmp_path / "torch.py").write_text(TORCH.replace("{0}", in_torch), "utf-8")
    (tmp_path / "torchvision.py").write_text(VISION.replace("{0}", in_vision), "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = machine.try_torch()
    assert found.get("error") == error
    assert found.get("works", False) == (kind == "works")
    assert found.get("multiplied", False) == (kind in ("works", "mixed"))


def test_a_torch_that_never_answers_is_told():
    assert machine.try_torch((sys.executable, "-c", "import time; time.sleep(60)"), seconds=0.5) == {"error": "TimeoutExpired"}


@pytest.mark.slow
def test_the_torch_that_is_installed_works():
    assert machine.try_torch()["works"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/home/taro/a b/libx.so: cannot open", "libx.so: cannot open"),
        ("cannot load C:\\Users\\taro\\torch\\c10.dll here", "cannot load c10.dll here"),
        ("operator torchvision::nms", "operator torchvision::nms"),
    ],
)
def test_folders_are_cut_from_messages(text, left):
    assert machine.without_folders(text) == left


def test_a_clock_before_the_installation_is_seen():
    assert machine.clock_behind_days() == 0
    assert machine.clock_behind_days(time.time() - 1000 * 86400) > 100


def test_a_font_without_japanese_is_not_enough(tmp_path):
    import matplotlib

    assert machine.japanese_font()
    assert not machine.japanese_font(tmp_path)
    latin = Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"
    os.symlink(latin, tmp_path / "latin.ttf")
    assert not machine.japanese_font(tmp_path)


def test_checking_needs_no_torch_in_this_process():
    script = "import sys; from gazo.runs import check, machine; machine.try_torch = lambda: {}; check.check_machine(); print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_every_finding_of_the_data_has_a_cure():
    """A new kind of finding in `gazo.datasets.findings` needs its sentence here; an old one must not linger."""
    source = Path(findings.__file__).read_text("utf-8")
    kinds = set(re.findall(r'Finding\(\s*"(?:serious|warning|note)",\s*"([a-z-]+)"', source)) | {
        "outlier-mean",
        "outlier-contrast",
    }
    assert kinds == set(check_data.CURES)
    assert all(re.search(r"[.。]$", words.ja) and words.en.endswith(".") for words in check_data.CURES.values())


def names_planted(folder):
    """Pictures whose folders, files and table carry names of people."""
    rng = np.random.default_rng(0)
    rows = ["file,patient,患者氏名,class"]
    for number in range(8):
        name = f"Sato_Hanako_{number}.png"
        write(Image(rng.integers(0, 255, (32, 32), dtype=np.uint8)), folder / name)
        rows.append(f"{name},P{number},佐藤花子,鈴木{number}")
    (folder / "Sato_Hanako_9.png").write_bytes(b"\x89PNG broken")
    (folder / "佐藤.csv").write_text("\n".join([*rows, "Sato_Hanako_9.png,P9,佐藤花子,鈴木9"]), "utf-8")


@pytest.mark.parametrize("named", ["", "佐藤.csv", "Sato_Hanako_1.png", "Sato_Hanako_9.png", "無い佐藤"])
def test_what_is_told_of_the_data_names_nobody(named, tmp_path, monkeypatch):
    folder = tmp_path / "佐藤花子"
    folder.mkdir()
    names_planted(folder)
    monkeypatch.setattr(machine, "try_torch", lambda: SOUND.torch)
    report = check_machine(data=folder / named, workspace=tmp_path)
    for language in ("ja", "en"):
        text = status_text(report, language)
        assert not [name for name in ("佐藤", "花子", "鈴木", "Sato", "Hanako", str(tmp_path)) if name in text]
    assert any(item.name.en == "Data" for item in report.items)


def test_of_a_large_set_some_are_looked_at(monkeypatch, tmp_path):
    opened = []

    class Loader(ArrayLoader):
        def __call__(self, reference):
            opened.append(int(reference))
            return super().__call__(reference)

    arrays = np.random.default_rng(0).integers(0, 255, (1200, 16, 16), dtype=np.uint8)
    images = ImageSet({"image": np.arange(1200)}, {"image": "image"}, Loader(arrays))
    monkeypatch.setattr(check_data, "open_images", lambda path: images)
    items = check_data.judge_data(tmp_path)
    assert items[0].found.en == "1200 images, 500 of them looked at."
    assert len(set(opened)) == 500
    assert {opened[0], opened[-1]} == {0, 1199}
