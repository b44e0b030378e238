"""Before a training is started: what would fail, what would disappoint, and what it will cost. Needs no torch and reads few images."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gazo.core.errors import GazoError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.registry import Entry
from gazo.datasets.findings import age_faults, label_faults, patient_faults
from gazo.datasets.source import open_images
from gazo.datasets.strata import numbered
from gazo.learn.classify.labels import class_names, class_numbers
from gazo.learn.classify.summary import expected
from gazo.learn.protocol import Plan, Protocol, plan
from gazo.nets.design.stored import with_stored_designs
from gazo.runs.tasks import entry_of

Level = Literal["fault", "warning", "note", "ok"]
_NEEDS = {"classify": ("label",), "segment": ("mask",), "detect": ("boxes", "mask")}
LOOKED_AT = 6  # images whose size is asked for
_SERIOUS: dict[str, Level] = {"serious": "fault", "warning": "warning", "note": "note"}
_WIDE = 0.25  # an interval of an AUC from 0.7 to 0.95 says little
GB = 1e9


@dataclass(frozen=True)
class Remark:
    """One thing to know before the training starts; `cure` is a value of an option that puts it right."""

    level: Level
    title: Text
    text: Text
    code: str = ""
    cure: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Preflight:
    """What was found, the worst first, and the facts that a form shows beside the options."""

    remarks: tuple[Remark, ...]
    facts: Mapping[str, Any]

    @property
    def passed(self) -> bool:
        return all(remark.level != "fault" for remark in self.remarks)


@dataclass(frozen=True)
class _Case:
    """What the checks look at."""

    spec: Any
    images: ImageSet
    protocol: Protocol
    planned: Plan
    place: Path

    @property
    def classifies(self) -> bool:
        """Whether classes are told apart; what is said of labels means nothing to other methods."""
        return getattr(self.spec, "task", "") == "classify"

    def option(self, name: str, default: Any) -> Any:
        return getattr(self.spec, name, default)

    @property
    def smallest_part(self) -> int:
        return min(len(np.asarray(fold.train)) for fold in self.planned.folds)


def preflight(
    task: tuple[str, str],
    path: Path,
    *,
    place: Path,
    source: Mapping[str, Any],
    options: Mapping[str, Any],
    protocol: Mapping[str, Any],
    seed: int = 0,
) -> Preflight:
    """Check a training as it would be made by `make_run` with the same arguments; nothing is written.

    What cannot be carried out is a fault; what can, but gives doubtful results or surprises, is a warning.
    """
    facts: dict[str, Any] = {}
    labelled = False
    try:
        labelled = "label" in needed_roles(entry_of(task))
        images = open_images(path, **source, cache=place / "cache")
        facts |= _numbers(images, labelled)
        spec = entry_of(task).target(**with_stored_designs(options, place))
        way = Protocol(**protocol)
        spec.preflight(images, way, seed=seed)
        case = _Case(spec, images, way, plan(taught(images, spec), way, seed=seed), place)
    except GazoError as error:
        return Preflight((_refused(error), *_of_data(images if facts else None, labelled)), facts)
    facts |= {"plan": case.planned.sentence, "train": case.smallest_part, "trainings": _trainings(case)}
    found = [*_of_data(images, labelled), *(remark for check in CHECKS for remark in check(case))]
    order = ("fault", "warning", "note", "ok")
    return Preflight(tuple(sorted(found, key=lambda remark: order.index(remark.level))), facts)


def _refused(error: GazoError) -> Remark:
    return Remark("fault", Text("このままでは始められません", "Cannot be started"), error.text, error.code)


def needed_roles(entry: Entry) -> tuple[str, ...]:
    """The parts that columns must play for a method to learn; of several either will do."""
    if entry.target.task == "estimate":
        return () if entry.name == "super-resolution" else ("value",)
    return _NEEDS.get(entry.target.task, ())


def _numbers(images: ImageSet, labelled: bool) -> dict[str, Any]:
    """How many images, patients and, where they are learned, classes there are."""
    found: dict[str, Any] = {"images": len(images), "patients": None, "classes": []}
    if images.has("patient"):
        found["patients"] = len(set(numbered(images.role("patient"))))
    if labelled and images.has("label"):
        try:
            found["classes"] = list(class_names(images))
        except GazoError:
            found["classes"] = sorted({str(label) for label in images.role("label")})
    return found


def _of_data(images: ImageSet | None, labelled: bool) -> list[Remark]:
    if images is None:
        return []
    findings = [*(label_faults(images) if labelled else ()), *patient_faults(images), *age_faults(images)]
    title = Text("データ", "Data")
    notes = [Remark("note", title, note) for note in images.notes]
    return [Remark(_SERIOUS[f.severity], title, f.text, f.code) for f in findings] + notes


def _plan(case: _Case) -> Iterator[Remark]:
    count = _trainings(case)
    yield Remark(
        "ok",
        Text("評価方法", "Evaluation"),
        Text(f"{case.planned.sentence.ja}。学習は {count} 回行います。", f"{case.planned.sentence.en}; {count} training{'s' * (count > 1)}."),
    )  # fmt: skip
    for note in case.planned.notes:
        yield Remark("warning", Text("評価方法", "Evaluation"), note)


def _width(case: _Case) -> Iterator[Remark]:
    """The interval that the number of patients allows, where classes are told apart."""
    if not case.classifies or not case.images.has("label"):
        return
    tested = case.planned.tested()
    classes = class_names(case.images, case.option("positive", ""))
    width = expected(case.images.take(tested), class_numbers(case.images, classes)[tested], classes)
    if width.low is None or width.high is None:
        return
    wide = width.high - width.low > _WIDE
    text = Text(
        f"真の値が {width.value:g} のとき、95 % 信頼区間はおよそ {width.low:.2f}～{width.high:.2f} になります。"
        + ("症例数が少ないため、幅が広くなります。" if wide else ""),
        f"if the truth is {width.value:g}, the 95 % interval will be about {width.low:.2f} to {width.high:.2f}."
        + (" The number of patients is small, so it is wide." if wide else ""),
    )
    yield Remark("warning" if wide else "ok", width.name, text)


def _batch(case: _Case) -> Iterator[Remark]:
    batch, part = case.option("batch_size", 0), case.smallest_part
    if batch > part:
        smaller = max(1, 1 << (max(1, part // 4)).bit_length() - 1)
        yield Remark(
            "warning",
            Text("バッチサイズ", "Batch size"),
            Text(
                f"バッチサイズ {batch} は学習用の画像 {part} 枚より大きく、1 エポックに 1 回しか重みが更新されません。{smaller} 程度にしてください。",
                f"a batch of {batch} is larger than the {part} training images, so the weights move once an epoch. Take about {smaller}.",
            ),
            cure={"batch_size": smaller},
        )


def _size(case: _Case) -> Iterator[Remark]:
    """Images enlarged beyond what they hold, or shrunk until small things are gone."""
    size = case.option("size_px", 0)
    sides = _sides(case.images) if size else []
    if not sides:
        return
    small, large = min(sides), max(sides)
    title = Text("画像の大きさ", "Size of the images")
    if size > small:
        fitting = max(16, small // 32 * 32)
        yield Remark(
            "warning",
            title,
            Text(
                f"入力を {size} px にしますが、もとの画像の長辺は {small} px です。拡大しても情報は増えません。",
                f"the input will be {size} px, but the images have {small} px on their longer side; enlarging adds nothing.",
            ),
            cure={"size_px": fitting},
        )
    elif large > 8 * size:
        yield Remark(
            "note",
            title,
            Text(
                f"長辺 {large} px の画像を {size} px に縮小します。数 px の小さな所見は失われます。",
                f"images of {large} px will be shrunk to {size} px; findings a few pixels wide will be lost.",
            ),
        )


def _disk(case: _Case) -> Iterator[Remark]:
    """The prepared pixels take 2 bytes each while the run lasts."""
    planes = 3 if case.option("colour", False) else 1
    needed = 2.0 * len(case.images) * case.option("size_px", 0) ** 2 * planes + 0.5 * GB
    free = shutil.disk_usage(case.place).free
    if needed > free:
        yield Remark(
            "fault",
            Text("ディスクの空き", "Disk space"),
            Text(
                f"およそ {needed / GB:.1f} GB 必要ですが、空きは {free / GB:.1f} GB です。不要な実行を削除するか、画像サイズを小さくしてください。",
                f"about {needed / GB:.1f} GB are needed and {free / GB:.1f} GB are free. Delete runs you do not need, or take smaller images.",
            ),
        )


def _epochs(case: _Case) -> Iterator[Remark]:
    """Too few steps for anything to be learned."""
    batch = max(1, min(case.option("batch_size", 1), case.smallest_part))
    steps = case.option("epochs", 0) * -(-case.smallest_part // batch)
    if 0 < steps < 50:
        yield Remark(
            "warning",
            Text("学習の長さ", "Length of the training"),
            Text(
                f"重みの更新は全部で {steps} 回だけです。十分に学習できないおそれがあります。エポック数を増やしてください。",
                f"the weights move only {steps} times in all, which may be too few. Raise the number of epochs.",
            ),
            cure={"epochs": -(-50 * case.option("epochs", 1) // steps)},
        )


CHECKS = (_plan, _width, _batch, _size, _epochs, _disk)


def _trainings(case: _Case) -> int:
    """How many networks will be trained."""
    return len(case.planned.folds) * max(1, len(case.option("networks", ())), len(case.option("detectors", ())))


def taught(images: ImageSet, spec: Any) -> ImageSet:
    """The images that take part: those with a mask, where masks are learned."""
    if getattr(spec, "task", "") != "segment" or not images.has("mask"):
        return images
    return images.take([row for row, cell in enumerate(images.role("mask")) if cell is not None])


def _sides(images: ImageSet) -> list[int]:
    """The longer sides of a few images spread over the set; those that cannot be read are passed over."""
    rows = np.unique(np.linspace(0, len(images) - 1, min(len(images), LOOKED_AT)).astype(int))
    return [max(image.shape[:2]) for _, image in images.take(rows).stream(faults=[])]
