"""How well a radiomics study was made, or told: RQS, METRICS or CLEAR, answered in a table or from what an analysis knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.radiomics.classify_features import FeatureClassification
from gazo.radiomics.quality_forms import FORMS, TITLES, Condition, Form, FormItem
from gazo.stats.columns import column

YES, NO = ("yes", "y", "true", "1", "はい", "○", "有", "あり"), ("no", "n", "false", "0", "いいえ", "×", "無", "なし")
APART = ("n/a", "na", "not applicable", "該当なし", "対象外", "-")
_HEADINGS = (
    Text("item", "item"), Text("分類", "category"), Text("内容", "asks for"), Text("answer", "answer"), Text("点数", "points"),
    Text("満点", "best"), Text("根拠", "from"), Text("論文との照合", "compared with the paper"),
)  # fmt: skip


@result("quality score")
@dataclass(frozen=True, eq=False, kw_only=True)
class QualityScore(Measurement):
    """A filled form and its sum.

    Parameters
    ----------
    percent : of the best possible sum of the items that apply.
    points : the sum itself.
    answered : items with an answer, of those that apply.
    form : every item; its columns "item" and "answer" can be filled and given back.
    groups : sum by category.
    """

    conclusion: Text
    percent: Estimate
    points: Estimate
    answered: Estimate
    form: Table
    groups: Table


@operation("ラジオミクス研究の質の評価 (RQS・METRICS・CLEAR)", "Quality of a radiomics study (RQS, METRICS, CLEAR)", booklet="C6")
def quality_score(
    answers: Table | None = None,
    study: FeatureClassification | None = None,
    *,
    form: Annotated[Form, Label("評価表", "Form")] = "metrics",
    conditions: Annotated[tuple[Condition, ...], Label("研究に当てはまる条件 (METRICS)", "What the study has (METRICS)")] = (
        "segmentation",
        "hand-crafted",
        "tabular",
    ),
) -> QualityScore:
    """Sum the points of a form over the items that apply; what is not answered counts nothing and is told.

    RQS: points from -8 to 36, percent of 36 (negative sums are 0 %). METRICS: weight reached over weight that applies. CLEAR: items told
    over items that apply; it is a checklist, not a score of quality. Without a table the empty form comes back, to be filled.

    Parameters
    ----------
    answers : columns "item" (number) and "answer": yes, no or n/a (はい, いいえ, 該当なし); for RQS the points.
    study : a classification made with gazo; what it knows is filled in where `answers` says nothing.
    """
    items = FORMS[form]
    given = _given(answers, items, form)
    known = {} if study is None else known_answers(study, form)
    rows = [_row(item, given.get(item.number), known.get(item.number), conditions) for item in items]
    counting = [row for row in rows if row.applies]
    reached, best = sum(row.points for row in counting), sum(row.item.points[-1] for row in counting)
    said = sum(row.answered for row in counting)
    percent = max(0.0, 100 * reached / best) if best else 0.0
    unsure = sum(not item.verified for item in items)
    return QualityScore(
        conclusion=_conclusion(form, percent, reached, said, len(counting)),
        percent=Estimate(
            Text("適用項目に対する割合", "Share of the items that apply"), percent, method="counted items", unit="%"
        ),
        points=Estimate(Text("合計点", "Sum"), float(reached), method="counted items"),
        answered=Estimate(
            Text("回答した項目の割合", "Items answered"), 100 * said / len(counting), method="counted items", unit="%"
        ),
        form=Table(TITLES[form], _HEADINGS, tuple(row.cells() for row in rows)),
        groups=_groups(counting),
        warnings=_warnings(said, len(counting), unsure),
        sentence=Text(
            f"研究の質を {TITLES[form].ja} で評価した (適用 {len(counting)} 項目、回答 {said} 項目)。",
            f"The study was assessed with {TITLES[form].en} ({len(counting)} items apply, {said} answered).",
        ),
    )


@dataclass(frozen=True)
class _Row:
    item: FormItem
    answer: str
    points: float
    answered: bool
    applies: bool
    source: Text

    def cells(self) -> tuple[Any, ...]:
        best = self.item.points[-1] if self.applies else None
        checked = Text("済", "yes") if self.item.verified else Text("未確認", "not verified")
        points = self.points if self.answered and self.applies else None
        return (self.item.number, self.item.group, self.item.text, self.answer, points, best, self.source, checked)


def _row(item: FormItem, given: str | None, known: tuple[float, Text] | None, conditions: tuple[Condition, ...]) -> _Row:
    applies = item.condition is None or item.condition in conditions
    if given is None and known is not None and applies:
        answer = _word(item, known[0])
        return _Row(item, answer, known[0], True, True, known[1])
    if given is None or not applies:
        return _Row(item, "" if applies else "n/a", 0.0, False, applies, Text("", ""))
    if given in APART and (item in FORMS["clear"] or item.condition is not None):
        return _Row(item, "n/a", 0.0, False, False, _BY_USER)
    points = _points(item, given)
    return _Row(item, _word(item, points), points, True, True, _BY_USER)


_BY_USER = Text("回答", "answer")


def _word(item: FormItem, points: float) -> str:
    if item in FORMS["rqs"]:
        return f"{points:g}"
    return "yes" if points > 0 else "no"


def _points(item: FormItem, given: str) -> float:
    """Points of an answer; an answer the item does not know is refused."""
    if given in YES and len(item.points) == 2:
        return item.points[1]
    if given in NO and len(item.points) == 2:
        return item.points[0]
    try:
        number = float(given)
    except ValueError:
        number = float("nan")
    if item in FORMS["rqs"] and number in item.points:
        return number
    allowed = ", ".join(f"{p:g}" for p in item.points) if item in FORMS["rqs"] else "yes, no"
    allowed += ", n/a" if item in FORMS["clear"] or item.condition is not None else ""
    raise DataError(
        "G-RAD-460",
        en=f"the answer to item {item.number} must be one of: {allowed}; '{given[:20]}' came. Correct the cell.",
        ja=f"項目 {item.number} の回答は次のいずれかでなければなりません: {allowed}。受け取った値: 「{given[:20]}」。セルを直してください。",
    )


def _given(answers: Table | None, items: tuple[FormItem, ...], form: str) -> Mapping[int, str]:
    """Answers by item; empty ones are left out."""
    if answers is None:
        return {}
    known, found = {item.number for item in items}, {}
    for row, (number, cell) in enumerate(zip(column(answers, "item"), column(answers, "answer"), strict=True), 1):
        try:
            item = int(float(str(number)))
        except ValueError:
            item = -1
        if item not in known or item in found:
            raise OptionError(
                "G-RAD-461",
                en=f"each row must name one item of the {form} form (1 to {len(items)}) once; row {row} names '{str(number)[:20]}'. Correct the column 'item'.",
                ja=f"各行には {form} の項目番号 (1 から {len(items)}) を 1 回ずつ書いてください。{row} 行目は「{str(number)[:20]}」です。「item」列を直してください。",
            )
        word = "" if cell is None else f"{cell:g}" if isinstance(cell, int | float) else str(cell).strip().lower()
        found[item] = word
    return {item: word for item, word in found.items() if word}


def known_answers(study: FeatureClassification, form: str) -> Mapping[int, tuple[float, Text]]:
    """What a classification proves about itself: item -> points and why. What it cannot know is left to the user.

    Parameters
    ----------
    study, form : the result, and which form.
    """
    facts = {str(row[0]): row[1] for row in study.facts.rows}
    clinical, external, two = bool(facts["clinical"]), bool(facts["external"]), study.slope is not None
    few = facts["selection"] != "none" or facts["model"] in ("lasso", "elastic-net")
    cross = Text("入れ子交差検証", "nested cross-validation")
    yes: dict[int, Text] = {}
    if form == "rqs":
        return _known_rqs(few, clinical, two, facts["permutations"] > 0)
    if form == "metrics":
        yes = {18: cross, 20: Text("AUC など", "AUC and others"), 21: Text("信頼区間", "intervals"), 26: cross}
        yes |= {15: Text("Spearman の相関", "Spearman's rho")} if facts["redundancy"] < 1 else {}
        yes |= {16: Text("患者数/特徴量数", "patients per feature")} if study.events_per_feature.value >= 10 else {}
        yes |= {24: Text("臨床モデル", "clinical model")} if clinical else {}
        yes |= {22: Text("較正の傾き", "calibration slope")} if two else {}
        yes |= {27: Text("外部の表", "external table")} if external else {}
        weights = {item.number: item.points[1] for item in FORMS["metrics"]}
        return {number: (weights[number], why) for number, why in yes.items()}
    told = Text("方法の文・報告書", "methods sentence and report")
    numbers = [15, 27, 32, 34, 35, 38, 39, 40, 46, 47, *([33] if few else []), *([17, 41, 42, 48] if clinical else [])]
    return {number: (1.0, told) for number in numbers}


def _known_rqs(few: bool, clinical: bool, two: bool, tested: bool) -> Mapping[int, tuple[float, Text]]:
    """Validation is left to the user: cross-validation alone is no validation set in the sense of RQS."""
    found: dict[int, tuple[float, Text]] = {9: (2.0 if tested else 1.0, Text("AUC、ブートストラップ", "AUC, bootstrap"))}
    found |= {5: (3.0, Text("特徴量の選択", "selection"))} if few else {}
    found |= {6: (1.0, Text("臨床因子との併用", "combined model"))} if clinical else {}
    return found | ({10: (2.0, Text("較正、再標本化", "calibration, resampling"))} if two else {})


def _groups(rows: list[_Row]) -> Table:
    names = list(dict.fromkeys(row.item.group for row in rows))
    sums = [(name, [row for row in rows if row.item.group == name]) for name in names]
    headings = (Text("分類", "category"), Text("点数", "points"), Text("満点", "best"), Text("未回答", "not answered"))
    cells = tuple(
        (name, float(sum(r.points for r in own)), float(sum(r.item.points[-1] for r in own)), sum(not r.answered for r in own))
        for name, own in sums
    )
    return Table(Text("分類ごとの点数", "Points by category"), headings, cells)


def _conclusion(form: str, percent: float, reached: float, said: int, applies: int) -> Text:
    whole = said == applies
    return Text(
        f"{TITLES[form].ja}: {percent:.0f} % ({reached:g} 点)"
        + ("。" if whole else f"。ただし {applies} 項目中 {applies - said} 項目が未回答です。"),
        f"{TITLES[form].en}: {percent:.0f} % (sum {reached:g})"
        + ("." if whole else f"; {applies - said} of {applies} items are not answered."),
    )


def _warnings(said: int, applies: int, unsure: int) -> tuple[Text, ...]:
    found = []
    if said < applies:
        found.append(
            Text(
                "未回答の項目は 0 点として数えています。表の answer 列に記入して、もう一度読み込ませてください。",
                "Items without an answer count nothing. Fill the column 'answer' of the table and give it back.",
            )
        )
    if unsure:
        found.append(
            Text(
                f"{unsure} 項目の重みは論文と照合していません (表に「未確認」と示します)。投稿前に原著で確認してください。",
                f"The weights of {unsure} items were not compared with the paper (marked in the table). Check them before publication.",
            )
        )
    return tuple(found)
