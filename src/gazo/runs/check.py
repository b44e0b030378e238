"""N6: is this machine, this installation and this data fit for the seminar? Every fault is named with its cure."""

from __future__ import annotations

import getpass
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gazo.core.errors import GazoError, MissingError, RunError, StorageError
from gazo.core.language import Language, Text, speaking
from gazo.core.registry import feature
from gazo.core.results import Table, result
from gazo.runs.machine import Machine, look

Verdict = Literal["ok", "warning", "fault"]
GB = 1e9
VERDICTS: dict[Verdict, Text] = {"ok": Text("良好", "ok"), "warning": Text("注意", "warning"), "fault": Text("不良", "FAULT")}


@result("check-item")
@dataclass(frozen=True)
class CheckItem:
    """One thing that was looked at: its name, the verdict, what was found and, where it is not well, the cure."""

    name: Text
    verdict: Verdict
    found: Text
    code: str = ""


@result("check-report")
@dataclass(frozen=True)
class CheckReport:
    """All that was looked at. `passed` is False when anything would stop the work."""

    items: tuple[CheckItem, ...]

    @property
    def passed(self) -> bool:
        return all(item.verdict != "fault" for item in self.items)

    def table(self) -> Table:
        """The items as a table."""
        headings = (Text("項目", "Item"), Text("判定", "Verdict"), Text("内容", "Found"))
        rows = tuple((i.name, VERDICTS[i.verdict], i.found) for i in self.items)
        return Table(Text("環境とデータの点検", "Check of machine, installation and data"), headings, rows)


@feature("環境とデータの点検", "Check of machine, installation and data", booklet="N6")
def check_machine(*, data: Path | str | None = None, workspace: Path | str | None = None) -> CheckReport:
    """Check the machine, the installation and, when one is named, a folder of images before work begins.

    Nothing is changed, nothing is left behind, and nothing outside the machine is asked.

    Parameters
    ----------
    data : folder or table of images that will be used.
    workspace : where runs will be written; by default GAZO_HOME, else the folder `gazo` in the home folder.
    """
    folder = Path(workspace or os.environ.get("GAZO_HOME") or Path.home() / "gazo")
    items = judge(look(folder))
    if data is not None:
        from gazo.runs.check_data import judge_data

        items += judge_data(Path(data))
    return CheckReport(tuple(items))


def judge(machine: Machine) -> list[CheckItem]:
    """What the facts about a machine mean for the work."""
    return [check(machine) for check in CHECKS]


def status_text(report: CheckReport, language: Language | None = None) -> str:
    """A plain text for the teacher: every item with its verdict; no user name, no home folder, no patient data."""
    with speaking(language):
        lines = [f"[{VERDICTS[item.verdict]}] {item.name}: {_coded(item)}" for item in report.items]
        verdict = Text("準備ができています。", "Ready.") if report.passed else Text("このままでは使えません。", "Not ready.")
        return without_names("\n".join([f"gazo: {verdict}", *lines, ""]))


def without_names(text: str) -> str:
    """The text with the home folder, the user and the computer replaced by placeholders."""
    home = str(Path.home())
    hidden = {home: "~", home.replace("\\", "/"): "~", platform.node(): "<computer>", _user(): "<user>"}
    for name, placeholder in sorted(hidden.items(), key=lambda pair: -len(pair[0])):
        if len(name) > 1:
            text = text.replace(name, placeholder)
    return text


def well(name: Text, ja: str, en: str) -> CheckItem:
    """An item that is as it should be."""
    return CheckItem(name, "ok", Text(ja, en))


def unwell(name: Text, verdict: Verdict, error: GazoError) -> CheckItem:
    """An item that is not as it should be; the error says what must hold, what was found and the cure."""
    return CheckItem(name, verdict, error.text, error.code)


def _coded(item: CheckItem) -> str:
    return f"{item.code} {item.found}" if item.code else str(item.found)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _python(machine: Machine) -> CheckItem:
    name = Text("Python", "Python")
    if machine.python_fits:
        return well(name, f"{machine.python} ({machine.system})", f"{machine.python} ({machine.system})")
    error = MissingError(
        "G-CHK-001",
        en=f"gazo needs Python {machine.python_needed}; this is {machine.python}. Install a newer Python from python.org and make a new virtual environment.",
        ja=f"gazo には Python {machine.python_needed} が必要ですが、これは {machine.python} です。python.org から新しい Python を入れ、仮想環境を作り直してください。",
    )
    return unwell(name, "fault", error)


def _packages(machine: Machine) -> CheckItem:
    name = Text("パッケージ", "Packages")
    missing = [p.name for p in machine.packages if p.version is None]
    if missing:
        listed = ", ".join(missing)
        error = MissingError(
            "G-CHK-002",
            en=f"packages that gazo needs are missing: {listed}. Install them with `python -m pip install {' '.join(missing)}`.",
            ja=f"gazo に必要なパッケージがありません: {listed}。`python -m pip install {' '.join(missing)}` で入れてください。",
        )
        return unwell(name, "fault", error)
    wrong = [p for p in machine.packages if not p.fits]
    if wrong:
        listed = ", ".join(f"{p.name} {p.version} ({p.bounds})" for p in wrong)
        wanted = " ".join(f'"{p.name}{p.bounds}"' for p in wrong)
        error = MissingError(
            "G-CHK-003",
            en=f"packages are outside the versions gazo was made for: {listed}. Put it right with `python -m pip install {wanted}`.",
            ja=f"gazo が想定していないバージョンのパッケージがあります: {listed}。`python -m pip install {wanted}` で直してください。",
        )
        return unwell(name, "warning", error)
    count = len(machine.packages)
    return well(
        name,
        f"gazo {machine.gazo} と必要な {count} 個がそろっています。",
        f"gazo {machine.gazo} and all {count} it needs are there.",
    )


def _torch(machine: Machine) -> CheckItem:
    name = Text("PyTorch", "PyTorch")
    seen = machine.torch
    reason = seen.get("error") or "-"
    versions = f"torch {seen.get('torch', '-')}, torchvision {seen.get('torchvision', '-')}"
    if seen.get("works"):
        return well(name, f"動作しました ({versions})。", f"works ({versions}).")
    if seen.get("multiplied"):
        error = MissingError(
            "G-CHK-004",
            en=f"torch {seen['torch']} works but torchvision does not ({reason}): the two are not of one release. "
            "Install them together: `python -m pip install --force-reinstall torch torchvision`.",
            ja=f"torch {seen['torch']} は動きますが torchvision が動きません ({reason})。二つの版が組になっていません。"
            "`python -m pip install --force-reinstall torch torchvision` で同時に入れ直してください。",
        )
    else:
        error = MissingError(
            "G-CHK-005",
            en=f"PyTorch cannot be used ({reason}). Install it again: `python -m pip install --force-reinstall torch torchvision`.",
            ja=f"PyTorch が使えません ({reason})。`python -m pip install --force-reinstall torch torchvision` で入れ直してください。",
        )
    return unwell(name, "fault", error)


def _gpu(machine: Machine) -> CheckItem:
    name = Text("GPU", "Graphics processor")
    gpus = machine.torch.get("gpus", [])
    if gpus:
        listed = ", ".join(f"{gpu} {memory / GB:.0f} GB" if memory else str(gpu) for gpu, memory in gpus)
        return well(name, listed, listed)
    if machine.driver and machine.torch.get("works"):
        error = MissingError(
            "G-CHK-006",
            en="an NVIDIA driver is installed but PyTorch finds no graphics processor, so the processor computes. Update the driver and start again.",
            ja="NVIDIA のドライバーはありますが、PyTorch から GPU が見えないため CPU で計算します。ドライバーを更新して再起動してください。",
        )
        return unwell(name, "warning", error)
    return well(name, "ありません。CPU で計算します。", "none; the processor computes.")


def _cores(machine: Machine) -> CheckItem:
    name = Text("CPU", "Processor")
    if machine.cores >= 2:
        return well(name, f"{machine.cores} コア", f"{machine.cores} cores")
    error = RunError(
        "G-CHK-007",
        en=f"two processor cores or more are wanted; {machine.cores} is usable, so training will be slow. Give the machine more cores or choose a small network such as lenet.",
        ja=f"CPU は 2 コア以上が望まれますが、使えるのは {machine.cores} コアで、学習に時間がかかります。コアを増やすか、lenet などの小さいネットワークを選んでください。",
    )
    return unwell(name, "warning", error)


def _memory(machine: Machine) -> CheckItem:
    name = Text("メモリー", "Memory")
    free, all_of_it = machine.memory_free / GB, machine.memory / GB
    if free >= 2:
        return well(
            name, f"{all_of_it:.1f} GB のうち {free:.1f} GB が空いています。", f"{free:.1f} GB of {all_of_it:.1f} GB are free."
        )
    error = RunError(
        "G-CHK-008",
        en=f"2 GB of free memory or more are wanted; {free:.1f} GB of {all_of_it:.1f} GB are free. Close other programs or choose smaller images and batches.",
        ja=f"空きメモリーは 2 GB 以上が望まれますが、{all_of_it:.1f} GB のうち {free:.1f} GB しかありません。他のプログラムを閉じるか、画像サイズとバッチサイズを小さくしてください。",
    )
    return unwell(name, "fault" if free < 0.5 else "warning", error)


def _disk(machine: Machine) -> CheckItem:
    name = Text("ディスクの空き", "Disk space")
    free = machine.disk_free / GB
    if free >= 5:
        return well(name, f"作業フォルダに {free:.0f} GB の空きがあります。", f"{free:.0f} GB are free for the workspace.")
    error = StorageError(
        "G-CHK-009",
        en=f"5 GB of free disk space or more are wanted for the workspace; {free:.1f} GB are free. Delete old runs or choose another disk with --workspace.",
        ja=f"作業フォルダには 5 GB 以上の空きが望まれますが、{free:.1f} GB しかありません。古い実行結果を消すか、--workspace で別のディスクを指定してください。",
    )
    return unwell(name, "fault" if free < 1 else "warning", error)


def _workspace(machine: Machine) -> CheckItem:
    name = Text("作業フォルダ", "Workspace")
    if not machine.workspace_error:
        return well(name, "日本語の名前のファイルを書き込めました。", "a file with a Japanese name could be written.")
    error = StorageError(
        "G-CHK-010",
        en=f"the workspace cannot take a file with a Japanese name ({machine.workspace_error}). Choose a folder you may write to with --workspace.",
        ja=f"作業フォルダに日本語の名前のファイルを書き込めません ({machine.workspace_error})。書き込めるフォルダを --workspace で指定してください。",
    )
    return unwell(name, "fault", error)


def _letters(machine: Machine) -> CheckItem:
    name = Text("文字コード", "Encoding")
    if _prints_japanese(machine.encoding):
        return well(name, f"{machine.encoding} で日本語を表示できます。", f"{machine.encoding} shows Japanese.")
    error = RunError(
        "G-CHK-011",
        en=f"this terminal prints in '{machine.encoding}', which has no Japanese letters. Set the environment variable PYTHONUTF8=1 and open a new terminal.",
        ja=f"この端末の文字コード「{machine.encoding}」では日本語を表示できません。環境変数 PYTHONUTF8=1 を設定して端末を開き直してください。",
    )
    return unwell(name, "warning", error)


def _font(machine: Machine) -> CheckItem:
    name = Text("日本語フォント", "Japanese font")
    if machine.japanese_font:
        return well(name, "図に日本語を描けます。", "figures can carry Japanese.")
    error = MissingError(
        "G-CHK-012",
        en="the Japanese font that comes with gazo cannot be read, so figures would show empty boxes. In the folder of gazo, install it again: `python -m pip install --force-reinstall --no-deps .`.",
        ja="gazo に付属する日本語フォントを読めないため、図の文字が欠けます。gazo のフォルダで `python -m pip install --force-reinstall --no-deps .` で入れ直してください。",
    )
    return unwell(name, "warning", error)


def _clock(machine: Machine) -> CheckItem:
    name = Text("時計", "Clock")
    if machine.clock_behind_days <= 1:
        return well(name, "日付に矛盾はありません。", "the date is plausible.")
    error = RunError(
        "G-CHK-013",
        en=f"the clock is {machine.clock_behind_days:.0f} days before the installation of gazo, so runs would carry a wrong date. Set the date of the computer.",
        ja=f"時計が gazo の導入日より {machine.clock_behind_days:.0f} 日遅れており、実行結果の日付が誤りになります。コンピューターの日付を合わせてください。",
    )
    return unwell(name, "warning", error)


def _prints_japanese(encoding: str) -> bool:
    try:
        "画像の学習".encode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


CHECKS: tuple[Callable[[Machine], CheckItem], ...] = (
    _python,
    _packages,
    _torch,
    _gpu,
    _cores,
    _memory,
    _disk,
    _workspace,
    _letters,
    _font,
    _clock,
)
