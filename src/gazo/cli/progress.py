"""Progress on the terminal: one bar with the time that remains, sentences above it. All of it on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gazo.core.progress import Event, OnEvent


@contextmanager
def bar() -> Iterator[OnEvent]:
    """A listener that draws events; without a terminal it prints a line when a stage begins and each note."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.fields[facts]}"))  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None, facts="")
        stage = ""

        def show(event: Event) -> None:
            nonlocal stage
            if event.note is not None:
                console.print(str(event.note), markup=False)
            if not event.total:
                return
            if str(event.stage) != stage:
                stage = str(event.stage)
                progress.reset(task, description=stage, total=event.total)
                if not console.is_terminal:
                    console.print(f"{stage} ...", markup=False)
            progress.update(task, completed=event.done, total=event.total, facts=_facts(event))

        yield show


def _facts(event: Event) -> str:
    shown = [("epoch", "epoch {:.0f}"), ("loss", "loss {:.3f}"), ("validation_loss", "val {:.3f}")]
    return "  ".join(form.format(event.facts[key]) for key, form in shown if isinstance(event.facts.get(key), int | float))
