"""A training tried for a moment, in a process of its own: does the network fit this machine, and how long will an epoch take?

``python -m gazo.runs.trial`` reads what is to be tried from its input and answers with one line of JSON. Nothing is written.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from gazo.core.errors import GazoError, RunError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event
from gazo.datasets.source import open_images
from gazo.learn.protocol import Protocol, plan
from gazo.nets.design.stored import with_stored_designs
from gazo.runs.preflight import taught
from gazo.runs.tasks import entry_of

PATIENCE_S = 180.0
_EPOCHS = 3  # the first one warms up


@dataclass(frozen=True)
class Trial:
    """Expected seconds of the whole run, and the memory its process needs, in bytes; `device` computed it."""

    seconds: float
    memory: int
    device: str


def attempt(
    task: tuple[str, str],
    path: Path,
    *,
    place: Path,
    source: Mapping[str, Any],
    options: Mapping[str, Any],
    protocol: Mapping[str, Any],
    seed: int = 0,
) -> Trial:
    """Try the training that `make_run` would make with the same arguments; it takes some seconds and trains on one batch only."""
    asked = {
        "task": list(task), "path": str(path), "place": str(place), "source": dict(source), "options": with_stored_designs(options, place),
        "protocol": dict(protocol), "seed": seed,
    }  # fmt: skip
    command = [sys.executable, "-m", "gazo.runs.trial"]
    try:
        done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise RunError(
            "G-JOB-020",
            en=f"three steps of this training took more than {PATIENCE_S:.0f} s. Take a smaller network, smaller images or a smaller batch.",
            ja=f"この設定では 3 回の更新に {PATIENCE_S:.0f} 秒以上かかりました。ネットワーク、画像サイズ、バッチサイズのいずれかを小さくしてください。",
        ) from None
    answer = _last_line(done.stdout)
    if "code" in answer:
        raise RunError(answer["code"], en=answer["en"], ja=answer["ja"])
    if "seconds" not in answer:
        raise RunError(
            "G-JOB-021",
            en=f"the trial ended without an answer (exit code {done.returncode}), most often because the memory was full. "
            "Take a smaller network, smaller images or a smaller batch.",
            ja=f"試し計算が異常終了しました (終了コード {done.returncode})。多くはメモリー不足が原因です。"
            "ネットワーク、画像サイズ、バッチサイズのいずれかを小さくしてください。",
        )
    return Trial(**answer)


def tried(images: ImageSet, spec: Any, protocol: Protocol, *, seed: int) -> Trial:
    """Train on one batch for three epochs and scale the time to all images, epochs and folds; each network of a comparison in turn."""
    images = taught(images, spec)
    folds = plan(images, protocol, seed=seed).folds
    seconds = 0.0
    for one in _specs(spec):
        rows = _one_batch(images, one)
        epoch = _seconds_an_epoch(images.take(rows), replace(one, epochs=_EPOCHS), seed)
        own = getattr(one, "learn_from", "") == "pictures"  # the pictures it learns from are always the same
        seconds += sum(epoch * one.epochs * (1 if own else _cost(fold) / len(rows)) for fold in folds)
    return Trial(seconds, _memory(), _device(spec))


def _specs(spec: Any) -> list[Any]:
    """The trainings of a comparison, or the one."""
    if hasattr(spec, "specs"):
        found: list[Any] = spec.specs()
    elif hasattr(spec, "networks") and hasattr(spec, "classifier"):
        found = [spec.classifier(name) for name in spec.networks]
    else:
        found = [spec]
    if not all(hasattr(one, "epochs") for one in found):
        raise RunError(
            "G-JOB-022",
            en="this method does not learn in epochs, so its time cannot be told from a short trial. Start it; the page of the run tells how far it is.",
            ja="この手法はエポック単位の学習ではないため、試し計算から所要時間を見積もれません。開始すると、実行の画面に進み具合が表示されます。",
        )
    return found


def _cost(fold: Any) -> float:
    """Images of an epoch; looking at the validation part costs a third of learning from it."""
    return len(np.asarray(fold.train)) + len(np.asarray(fold.validation)) / 3


def _seconds_an_epoch(images: ImageSet, spec: Any, seed: int) -> float:
    ends: list[float] = []

    def hear(event: Event) -> None:
        if "epoch" in event.facts and "batch" not in event.facts:
            ends.append(time.perf_counter())

    spec.fit(images, seed=seed, validation_share=0, on_event=hear)
    return median(later - earlier for earlier, later in pairwise(ends))


def _one_batch(images: ImageSet, spec: Any) -> np.ndarray[Any, Any]:
    """Rows spread over the set: with every class among them for a classifier, with lesions for a detector."""
    size = getattr(spec, "batch_size", 16)
    rows = np.arange(len(images))
    if spec.task == "detect" and images.has("boxes"):
        marked = [row for row, cell in enumerate(images.role("boxes")) if cell is not None and np.size(cell)]
        rows = np.array(marked or rows, int)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), max(4, size))).astype(int))]
    if spec.task != "classify" or not images.has("label"):
        return rows
    labels = [str(label) for label in images.role("label")]
    firsts = [labels.index(name) for name in dict.fromkeys(labels)]
    return np.unique(np.concatenate([rows, firsts]))[: max(size, 2 * len(firsts))] if len(firsts) < size else np.array(firsts)


def _memory() -> int:
    import psutil
    import torch

    if torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        return int(torch.cuda.max_memory_allocated())
    known = psutil.Process().memory_info()
    return int(getattr(known, "peak_wset", 0) or _peak() or known.rss)


def _peak() -> int:
    """The most memory this process ever had, on systems that tell."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _device(spec: Any) -> str:
    from gazo.training.devices import pick_device

    return str(pick_device(str(getattr(spec, "device", "auto"))))


def _last_line(output: bytes) -> dict[str, Any]:
    for line in reversed(output.splitlines()):
        try:
            stored = json.loads(line)
        except ValueError:
            continue
        if isinstance(stored, dict):
            return stored
    return {}


def main() -> int:
    """Entry of the process."""
    asked = json.loads(sys.stdin.buffer.read())
    try:
        images = open_images(Path(asked["path"]), **asked["source"], cache=Path(asked["place"]) / "cache")
        spec = entry_of(tuple(asked["task"])).target(**asked["options"])
        found = tried(images, spec, Protocol(**asked["protocol"]), seed=asked["seed"])
        print(json.dumps(vars(found)))
    except GazoError as error:
        text: Text = error.text
        print(json.dumps({"code": error.code, "ja": text.ja, "en": text.en}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
