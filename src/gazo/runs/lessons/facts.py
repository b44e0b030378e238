"""What a lesson may ask of a data set or a run: facts with a name in both languages, and conditions on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.parameters import parameters_of
from gazo.core.results import Estimate, number_text
from gazo.learn.protocol import Protocol
from gazo.runs.export_runs import called, is_finished, outcome_of, task_label
from gazo.runs.lessons.lesson import Condition, Conditions
from gazo.runs.measurement_sections import named_estimates
from gazo.runs.ownership import STATES, read_status
from gazo.runs.recipe import Recipe, read_recipe
from gazo.runs.sets import DataSet, images_of
from gazo.runs.sets_facts import balance, people
from gazo.runs.tasks import entry_of

Facts = Mapping[str, tuple[Text, Any]]
_SIGNS = {
    ">=": Text("{} 以上", "at least {}"),
    ">": Text("{} より大きいこと", "more than {}"),
    "<=": Text("{} 以下", "at most {}"),
    "<": Text("{} より小さいこと", "less than {}"),
    "between": Text("{}～{}", "{} to {}"),
    "one of": Text("{} のいずれか", "one of {}"),
    "": Text("{}", "{}"),
}


def facts_of_set(found: DataSet, place: Path) -> Facts:
    """rows, classes, labels (sorted, joined by commas), smallest_class, patients, simulated, masks."""
    images = images_of(found.id, place)
    classes = [one for one in balance(images) if one.name]
    return {
        "rows": (Text("画像の枚数", "Number of images"), len(images)),
        "classes": (Text("クラスの数", "Number of classes"), len(classes)),
        "labels": (Text("クラス名", "Classes"), ", ".join(sorted(one.name for one in classes))),
        "smallest_class": (Text("最も少ないクラスの枚数", "Images of the smallest class"), min((one.images for one in classes), default=0)),
        "patients": (Text("患者数", "Number of patients"), people(images) or 0),
        "simulated": (Text("シミュレーション画像かどうか", "Simulated"), found.simulated),
        "masks": (Text("マスクの有無", "With masks"), images.has("mask")),
    }  # fmt: skip


def facts_of_run(folder: Path) -> Facts:
    """task, state, rows, seed, every option of the method, the evaluation, and of a finished run every number as ``metrics.NAME``."""
    recipe = read_recipe(folder)
    state = read_status(folder)["state"]
    found: dict[str, tuple[Text, Any]] = {
        "task": (Text("手法", "Method"), " ".join(recipe.task)),
        "state": (Text("状態", "State"), state),
        "rows": (Text("画像の枚数", "Number of images"), recipe.rows),
        "seed": (Text("乱数の種", "Seed"), recipe.seed),
    }
    found |= _options(recipe)
    for name, one in _numbers(folder).items() if is_finished(folder) else ():
        found[f"metrics.{name}"] = (one.name, one.value)
    return found


def title_of_run(folder: Path) -> Text:
    """What to call a run in a sentence."""
    label = task_label(read_recipe(folder))
    return Text(f"{label.ja} ({called(folder)})", f"{label.en} ({called(folder)})")


def unmet(conditions: Conditions, facts: Facts) -> list[Text]:
    """A sentence for each condition that does not hold."""
    return [
        _told(name, wanted, facts)
        for name, wanted in conditions.items()
        if name not in facts or not _holds(wanted, facts[name][1])
    ]


def _options(recipe: Recipe) -> dict[str, tuple[Text, Any]]:
    """Options and protocol by name, with the labels of the form."""
    try:
        target = entry_of(recipe.task).target
    except GazoError:
        return {}
    labels = {p.name: Text(p.label.ja, p.label.en) for p in (*parameters_of(target), *parameters_of(Protocol))}
    values = {**recipe.protocol, **recipe.options}
    return {name: (labels[name], _plain(value)) for name, value in values.items() if name in labels}


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _numbers(folder: Path) -> dict[str, Estimate]:
    """Every figure of merit or value by a name made of its English one, or of its field."""
    found = outcome_of(folder)
    metrics = getattr(found, "metrics", None)
    if isinstance(metrics, tuple) and all(isinstance(one, Estimate) for one in metrics):  # a study of any learning method
        return {re.sub(r"[^a-z0-9]+", "_", one.name.en.lower()).strip("_"): one for one in metrics}
    return named_estimates(found)


def _holds(wanted: Condition, value: Any) -> bool:
    if not isinstance(wanted, tuple):
        return bool(value == wanted)
    sign, *limits = wanted
    if sign == "one of":
        return value in limits[0]
    if not isinstance(value, int | float):
        return False
    low = limits[0]
    return {">=": value >= low, ">": value > low, "<=": value <= low, "<": value < low, "between": low <= value <= limits[-1]}[
        sign
    ]


def _told(name: str, wanted: Condition, facts: Facts) -> Text:
    if name not in facts:
        return Text(f"「{name}」がまだわかりません。", f"'{name}' is not known yet.")
    label, value = facts[name]
    sign, *limits = wanted if isinstance(wanted, tuple) else ("", wanted)
    limits = list(limits[0]) if sign == "one of" else limits
    shown = [", ".join(map(_word, limits))] if sign == "one of" else [_word(limit) for limit in limits]
    is_now, must = STATES.get(value) if name == "state" else None, _SIGNS[sign]
    now = is_now or Text(_word(value), _word(value))
    goal = STATES.get(str(wanted)) if name == "state" else None
    ja = goal.ja if goal else must.ja.format(*shown)
    en = goal.en if goal else must.en.format(*shown)
    return Text(f"{label.ja}: {ja} が必要ですが、現在は {now.ja} です。", f"{label.en}: {en} is needed; it is {now.en}.")


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(Text("はい", "yes") if value else Text("いいえ", "no"))
    return number_text(value) if isinstance(value, float) else str(value)
