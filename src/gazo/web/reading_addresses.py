"""The address of an image of a reading experiment: it tells neither set nor row, and the image comes without history or patient."""

from __future__ import annotations

from pathlib import Path

from gazo.core.errors import FileError
from gazo.core.language import Text
from gazo.runs.reading import find_reading, trials_of
from gazo.runs.sets import images_of
from gazo.runs.sets_store import bare
from gazo.web.addresses import Found, address, found_at, parts_of


@address("reading")
def _reading(rest: str, place: Path) -> Found:
    """``reading:ID:READER:TRIAL:PANE``: what a reader (from 1) is shown in a trial (from 0), the panes from 0 on from the left."""
    id, *numbers = parts_of(rest, 4)
    experiment = find_reading(id, place)
    reader, trial, pane = (int(one) if one.isdecimal() and len(one) < 9 else -1 for one in numbers)
    trials = trials_of(experiment, reader, place)
    if not (0 <= trial < len(trials) and 0 <= pane < len(trials[trial].images)):
        raise FileError(
            "G-READ-062",
            en=f"this experiment has {len(trials)} trials, numbered from 0; trial {trial} with image {pane} was asked for. Reload the page.",
            ja=f"この実験の画像提示は {len(trials)} 回 (0 から数えます) です。{trial} 回目の画像 {pane} はありません。ページを再読み込みしてください。",
        )
    case, test = trials[trial].images[pane]
    condition, row = experiment.tests[test], experiment.cases[case].rows[test]
    letter = chr(ord("A") + pane) if len(trials[trial].images) > 1 else ""
    behind = found_at(f"set:{condition.set}:{row}", place)
    return Found(lambda: bare(images_of(condition.set, place)[row]), stamp=behind.stamp, title=Text(letter, letter))
