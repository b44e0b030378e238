"""Progress on the terminal: one bar with the time that remains, sentences above it. All of it on stderr."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.runs.remaining import Remaining, time_text


@contextmanager
def bar() -> Iterator[OnEvent]:
    """A listener that draws events; without a terminal it prints a line when a stage begins and each note."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(), TextColumn("{task.fields[left]}"), TextColumn("{task.fields[facts]}"))  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None, left="", facts="")
        stage, remaining = "", Remaining()

        def show(event: Event) -> None:
            nonlocal stage
            if event.note is not None:
                console.print(str(event.note), markup=False)
            remaining.hear(event, time.monotonic())
            if not event.total:
                return
            if str(event.stage) != stage:
                stage = str(event.stage)
                progress.reset(task, description=stage, total=event.total)
                if not console.is_terminal:
                    console.print(f"{stage} ...", markup=False)
            progress.update(task, completed=event.done, total=event.total, left=_left(remaining), facts=_facts(event))

        yield show


def _left(remaining: Remaining) -> str:
    seconds = remaining.seconds(time.monotonic())
    return "" if seconds is None else str(Text("残り約 {}", "about {} left")).format(time_text(seconds))


def _facts(event: Event) -> str:
    shown = [("epoch", "epoch {:.0f}"), ("loss", "loss {:.3f}"), ("validation_loss", "val {:.3f}")]
    return "  ".join(form.format(event.facts[key]) for key, form in shown if isinstance(event.facts.get(key), int | float))
