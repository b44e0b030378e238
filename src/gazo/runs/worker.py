"""The process that makes a run: ``python -m gazo.runs.worker RUN_DIR``. It lives and dies apart from whoever started it."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError, RunError
from gazo.core.files import write_json, write_text
from gazo.core.language import Text, speaking
from gazo.core.progress import Cancelled, Event, OnEvent, quiet
from gazo.core.results import to_json
from gazo.runs.events import EventLog
from gazo.runs.overview import headline_of
from gazo.runs.ownership import cancel_asked, device_slot, owning, write_status
from gazo.runs.recipe import Recipe, read_recipe
from gazo.runs.report import write_outputs
from gazo.runs.tasks import perform

STATUS_SECONDS = 0.5
CANCELLED = 3  # exit code; not 0, so that a launcher of several processes ends the others


def work(folder: Path) -> None:
    """Make the run in `folder`, or go on with it where it was interrupted. Its status tells how it ended."""
    from gazo.training.devices import world

    if world()[0] > 0:
        _make(folder, quiet)
        return
    with owning(folder), EventLog(folder) as log:
        started = time.time()
        try:
            _heed(folder)
            write_status(folder, state="running", started=started)
            headline = _make(folder, _reporting(folder, log, started))
        except Cancelled:
            write_status(folder, state="cancelled", started=started, seconds=time.time() - started)
            log(Event(Text("取り消し", "Cancelled")))
            raise
        except GazoError as error:
            with suppress(GazoError):  # a full disk must not hide the first error
                _failed(folder, log, error)
            raise
        except Exception:
            fault = _our_fault()
            with suppress(GazoError):
                write_text(folder / "trace.log", without_places(traceback.format_exc(), folder))
                _failed(folder, log, fault)
            raise fault from None
        write_status(folder, state="finished", seconds=time.time() - started, headline=headline)
        log(Event(Text("完了", "Finished"), 1, 1))


def _make(folder: Path, on_event: OnEvent) -> list[Any]:
    """The run itself; the numbers that stand for it in a list of runs."""
    from threadpoolctl import threadpool_limits

    from gazo.training.devices import world

    recipe = read_recipe(folder)
    place = folder.parents[1]
    with (
        speaking("ja" if recipe.language == "ja" else "en"),
        _learning(folder, recipe) if recipe.task[0] == "learn" else nullcontext(),
        threadpool_limits(recipe.threads),
    ):
        outcome = perform(recipe, folder, place, on_event)
        if world()[0] == 0:
            write_json(folder / "results.json", to_json(outcome))
            on_event(Event(Text("報告書の作成", "Writing the report")))
            write_outputs(folder, outcome, recipe)
    return [to_json(estimate) for estimate in headline_of(outcome)]


@contextmanager
def _learning(folder: Path, recipe: Recipe) -> Iterator[None]:
    """Deterministic kernels on a device that is this run's alone; what does not learn needs neither, nor torch."""
    from gazo.training.devices import pick_device, repeatable, world

    def waiting() -> None:
        _heed(folder)
        write_status(folder, state="queued")

    device = str(pick_device(str(recipe.options.get("device", "auto"))))
    slot = device_slot(folder, device, waiting=waiting) if world()[0] == 0 else nullcontext()
    with repeatable(recipe.threads), slot:
        yield


def _heed(folder: Path) -> None:
    if cancel_asked(folder):
        raise Cancelled


def _reporting(folder: Path, log: EventLog, started: float) -> OnEvent:
    """Write every event to the log and, now and then, to the status; the work ends here when that was asked for."""
    last = [0.0]

    def report(event: Event) -> None:
        log(event)
        _heed(folder)
        now = time.monotonic()
        if now - last[0] > STATUS_SECONDS:
            last[0] = now
            progress: dict[str, Any] = {"stage": list(event.stage), "done": event.done, "total": event.total}
            write_status(folder, state="running", started=started, **progress)

    return report


def _failed(folder: Path, log: EventLog, error: GazoError) -> None:
    write_status(folder, state="failed", code=error.code, error=list(error.text))
    log(Event(Text("失敗", "Failed"), note=error.text))


def without_places(text: str, folder: Path) -> str:
    """A trace without the folders of this machine, so that it can be sent."""
    for place, name in (
        (str(folder.parents[1]), "WORKSPACE"),
        (sys.prefix, "PYTHON"),
        (str(Path(__file__).parents[2]), "GAZO"),
        (str(Path.home()), "~"),
    ):
        text = text.replace(place, name)
    return text


def _our_fault() -> RunError:
    return RunError(
        "G-RUN-010",
        en="something went wrong inside gazo; this is our mistake. The file trace.log in the run folder tells where; please send it to us.",
        ja="gazo の内部で問題が起きました。これは gazo 側の誤りです。実行結果フォルダの trace.log をお送りください。",
    )


def main() -> int:
    """Entry of the process; relative names in the recipe are those of the run folder."""
    folder = Path(sys.argv[1]).absolute()
    os.chdir(folder)
    try:
        work(folder)
    except GazoError as error:
        print(error, file=sys.stderr)
        return 1
    except Cancelled:
        return CANCELLED
    return 0


if __name__ == "__main__":
    sys.exit(main())
