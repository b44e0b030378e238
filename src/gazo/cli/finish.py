"""What every command that makes a run has in common: its settings, the bar, the words at the end."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gazo.cli.options import add_json, add_workspace
from gazo.cli.progress import bar
from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Measurement, to_json
from gazo.runs.measurement_sections import estimates_of, named_estimates
from gazo.runs.ownership import alive
from gazo.runs.start import attend, discarded, read_result, run


def settings(parser: argparse.ArgumentParser, *, trains: bool = True) -> None:
    """Options of the run itself; only what trains can do so in several processes."""
    group = parser.add_argument_group(str(Text("実行", "run")))
    group.add_argument("--seed", type=int, default=0, help=str(Text("乱数の種", "seed of all randomness")))
    group.add_argument(
        "--threads",
        type=_count,
        default=None,
        help=str(Text("スレッド数 (既定: 物理コア数)", "threads (default: physical cores)")),
    )
    if trains:
        told = Text("並列に学習するプロセス数", "processes that train together")
        group.add_argument("--processes", type=_count, default=1, help=str(told))
    group.add_argument("--name", default="", help=str(Text("実行結果の名前", "name of the run")))
    add_workspace(group)  # type: ignore[arg-type]
    add_json(group)  # type: ignore[arg-type]


def begin(arguments: argparse.Namespace, make: Callable[[OnEvent], Path]) -> int:
    """Make a run folder, work on it with a bar, and print what came out."""
    with bar() as on_event:
        folder = make(on_event)
        return finish(folder, on_event, as_json=arguments.json)


def finish(folder: Path, on_event: OnEvent, *, as_json: bool) -> int:
    """Work on a run to its end, or look on where a process does so already; print its figures of merit and where the report is."""
    try:
        status = attend(folder, on_event=on_event) if alive(folder) else run(folder, on_event=on_event)
    except (KeyboardInterrupt, GazoError):
        if discarded(folder):
            raise
        print(Text(f"実行フォルダ: {folder}\n続きから: gazo run --resume {folder.name}", f"Run folder: {folder}\nTo go on: gazo run --resume {folder.name}"), file=sys.stderr)  # fmt: skip
        raise
    outcome = read_result(folder)
    report = folder / "report.html"
    if as_json:
        print(
            json.dumps(
                {"run": str(folder), "report": str(report), "seconds": status["seconds"], **headline(outcome)}, ensure_ascii=False
            )
        )
        return 0
    for line in lines(outcome):
        print(line)
    print(Text(f"報告書: {report}", f"Report: {report}"))
    return 0


def headline(outcome: Any) -> dict[str, Any]:
    """The figures of merit of a result, for machines."""
    found = {name: to_json(getattr(outcome, name)) for name in ("metrics", "baseline_metrics", "table") if hasattr(outcome, name)}
    if isinstance(outcome, Measurement):
        found |= {"values": to_json(named_estimates(outcome)), "warnings": to_json(outcome.warnings)}
    return found


def lines(outcome: Any) -> list[str]:
    """The sentences of the summary, and the figures of merit."""
    from gazo.runs.sections import interval, sections

    first = sections(outcome)[0]
    shown = [str(sentence) for sentence in first.sentences] + [f"{Text('注意', 'Caution')}: {w}" for w in first.warnings]
    numbers = estimates_of(outcome) if isinstance(outcome, Measurement) else getattr(outcome, "metrics", ())
    return shown + [f"  {e.name}: {interval(e)}" for e in numbers]


def _count(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(str(Text("1 以上の整数にしてください", "must be a whole number of at least 1")))
    return number
