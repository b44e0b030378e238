"""Visual grading characteristics: ordinal grades of image quality under two conditions, compared without pretending they are numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Ge, Label, Le
from gazo.core.results import Curve, Estimate, Measurement, Table, number_text, result
from gazo.core.seeds import generator
from gazo.stats.columns import number_column, word_column
from gazo.stats.inputs import Bools, Floats, Ints
from gazo.stats.kappa import Level

Grades = Annotated[str, Label("評点の列 (大きいほど良い)", "Column of the grade (higher is better)")]
Test = Annotated[str, Label("条件の列", "Column of the condition")]
Case = Annotated[str, Label("症例 (画像) の列", "Column of the case")]
Observer = Annotated[str, Label("観察者の列", "Column of the observer")]
PORTION = 200  # resamples held in memory at once
Criterion = Annotated[str, Label("評価項目の列", "Column of the criterion")]


@result("visual grading")
@dataclass(frozen=True, eq=False, kw_only=True)
class VisualGrading(Measurement):
    """The area under the VGC curve (0.5: equal; above: the second condition is better), of all criteria and of each."""

    conclusion: Text
    area: Estimate
    criteria: tuple[Estimate, ...]
    curve: Curve
    tests: Table
    counts: Table


@dataclass(frozen=True, eq=False)
class _Graded:
    grade: Floats
    second: Bools
    case: Ints
    reader: Ints
    criterion: tuple[str, ...]
    names: tuple[str, str]
    left_out: int


@operation("VGC 解析 (視覚的評価特性)", "Visual grading characteristics (VGC)", booklet="B6")
def visual_grading(
    grades: Table,
    *,
    grade: Grades,
    test: Test,
    case: Case,
    reader: Observer = "",
    criterion: Criterion = "",
    reference: Annotated[str, Label("基準とする条件 (空欄なら最初)", "Reference condition (the first, if empty)")] = "",
    random_readers: Annotated[bool, Label("観察者も標本とみなす", "Observers are a sample too")] = True,
    repeats: Annotated[
        int, Ge(200), Le(100_000), Label("ブートストラップ・並べ替えの回数", "Bootstrap and permutation repeats")
    ] = 2000,
    level: Level = 0.95,
    seed: int = 0,
) -> VisualGrading:
    """VGC curve and its area by the trapezoid rule (Bath & Mansson 2007, Br J Radiol 80:169), ties one half.

    Intervals from resamples of cases, and of observers where they are a sample; cases under both conditions are drawn together. p from
    exchanging the two conditions within each case (of all cases where none was seen under both).

    Parameters
    ----------
    grades : one row a grade of one image by one observer on one criterion; two conditions.
    """
    found = _graded(grades, grade, test, case, reader, criterion, reference)
    kinds = tuple(dict.fromkeys(found.criterion))
    every = _estimate(
        found,
        np.ones(len(found.grade), bool),
        Text("VGC 曲線下面積", "Area under the VGC curve"),
        random_readers,
        repeats,
        level,
        seed,
    )
    parts = [(name, np.array([c == name for c in found.criterion])) for name in kinds] if len(kinds) > 1 else []
    criteria = [_estimate(found, rows, Text(name, name), random_readers, repeats, level, seed) for name, rows in parts]
    tested = [(every[0].name, every[1]), *((one.name, p) for one, p in criteria)]
    return VisualGrading(
        conclusion=_conclusion(every[0], every[1], found),
        area=every[0],
        criteria=tuple(one for one, _ in criteria),
        curve=_curve(found),
        tests=Table(Text("並べ替え検定", "Permutation test"), (Text("対象", "what"), Text("p", "p")), tuple(tested)),
        counts=_counts(found),
        sentence=_sentence(found, random_readers, repeats, level),
        warnings=_warnings(found),
    )


def vgc_area(first: Floats, second: Floats) -> Any:
    """P(second > first) + P(equal) / 2, from how often each grade was given, (..., grades): the trapezoid area of the VGC curve."""
    below = np.cumsum(first, axis=-1) - first / 2
    return (second * below).sum(axis=-1) / (first.sum(axis=-1) * second.sum(axis=-1))


def _graded(table: Table, grade: str, test: str, case: str, reader: str, criterion: str, reference: str) -> _Graded:
    values, tests, cases = number_column(table, grade), word_column(table, test), word_column(table, case)
    readers = word_column(table, reader) if reader else ("",) * len(values)
    criteria = word_column(table, criterion) if criterion else ("",) * len(values)
    rows = [r for r in range(len(values)) if values[r] == values[r] and None not in (tests[r], cases[r], readers[r], criteria[r])]
    names = list(dict.fromkeys(str(tests[r]) for r in rows))
    names.sort(key=lambda name: name != reference)
    if len(names) != 2 or (reference and reference not in names):
        raise DataError(
            "G-AGR-023",
            en=f"a VGC analysis compares two conditions; column '{test}' holds {len(names)}: {', '.join(names[:6])}. Keep the rows of two, one of them the reference.",
            ja=f"VGC 解析では 2 つの条件を比較します。列「{test}」の条件は {len(names)} 個です: {', '.join(names[:6])}。基準を含む 2 条件の行だけにしてください。",
        )
    kept_cases, kept_readers = ([str(column[r]) for r in rows] for column in (cases, readers))
    return _Graded(
        values[rows], np.array([tests[r] == names[1] for r in rows]), _codes(kept_cases), _codes(kept_readers),
        tuple(str(criteria[r]) for r in rows), (names[0], names[1]), len(values) - len(rows),
    )  # fmt: skip


def _codes(names: Any) -> Ints:
    codes: Ints = np.unique(names, return_inverse=True)[1]
    return codes


def _estimate(
    found: _Graded, rows: Bools, name: Text, random_readers: bool, repeats: int, level: float, seed: int
) -> tuple[Estimate, float]:
    """The area with its interval, and p."""
    counts = _counted(found, rows)
    value = float(vgc_area(*counts.sum(axis=(1, 2))))
    rng = generator(seed, "visual grading")
    several = random_readers and counts.shape[2] > 1
    areas = np.concatenate([_resampled(counts, several, n, rng) for n in _portions(repeats)])
    low, high = np.nanquantile(areas, ((1 - level) / 2, (1 + level) / 2))
    how = f"bootstrap over cases{' and readers' if several else ''}, {repeats} resamples, percentile"
    turned = np.concatenate([_exchanged(counts.sum(axis=2), n, rng) for n in _portions(repeats)])
    extreme = int((abs(turned - 0.5) >= abs(value - 0.5) - 1e-12).sum())
    return Estimate(name, value, float(low), float(high), level, how), (extreme + 1) / (repeats + 1)


def _counted(found: _Graded, rows: Bools) -> Floats:
    """How often each grade was given, (condition, case, observer, grade)."""
    steps, grade = np.unique(found.grade[rows], return_inverse=True)
    places = (found.second[rows].astype(int), _codes(found.case[rows]), _codes(found.reader[rows]), grade)
    counts = np.zeros((2, places[1].max() + 1, places[2].max() + 1, len(steps)))
    np.add.at(counts, places, 1)
    return counts


def _portions(repeats: int) -> list[int]:
    return [min(PORTION, repeats - start) for start in range(0, repeats, PORTION)]


def _resampled(counts: Floats, random_readers: bool, repeats: int, rng: np.random.Generator) -> Floats:
    """Areas with each grade counted as often as its case (and its observer) was drawn; not a number where a condition is empty."""
    _, cases, readers, _ = counts.shape
    drawn = rng.multinomial(cases, np.full(cases, 1 / cases), size=repeats).astype(float)
    each = (
        rng.multinomial(readers, np.full(readers, 1 / readers), size=repeats) if random_readers else np.ones((repeats, readers))
    )
    first, second = (np.einsum("krg,kr->kg", np.tensordot(drawn, own, 1), each) for own in counts)
    with np.errstate(invalid="ignore"):
        areas: Floats = vgc_area(first, second)
    return areas


def _exchanged(counts: Floats, repeats: int, rng: np.random.Generator) -> Floats:
    """Areas after the two conditions of each case were exchanged, or not, by chance; unpaired cases are dealt out anew."""
    seen = counts.sum(axis=2) > 0
    both, every = counts.sum(axis=0), counts.sum(axis=(0, 1))
    if seen.all():
        turned = rng.random((repeats, seen.shape[1])) < 0.5
        second = np.where(turned[:, :, None], counts[0], counts[1]).sum(axis=1)
    else:
        second = rng.permuted(np.tile(seen[1], (repeats, 1)), axis=1) @ both
    rest = every - second
    empty = (second.sum(axis=-1) == 0) | (rest.sum(axis=-1) == 0)
    with np.errstate(invalid="ignore"):
        areas: Floats = np.where(empty, 0.5, vgc_area(rest, second))
    return areas


def _curve(found: _Graded) -> Curve:
    """Shares at or above each grade, of the reference along x, of the other along y."""
    steps = np.unique(found.grade)[::-1]
    first, second = found.grade[~found.second], found.grade[found.second]
    x = np.array([0.0, *((first >= s).mean() for s in steps)])
    y = np.array([0.0, *((second >= s).mean() for s in steps)])
    label = Text("以上の評点の割合", "share at or above a grade")
    return Curve(
        x, y, Text(f"{found.names[0]}: {label.ja}", f"{found.names[0]}: {label.en}"), Text(f"{found.names[1]}: {label.ja}", f"{found.names[1]}: {label.en}"),
        Text("VGC 曲線", "VGC curve"),
    )  # fmt: skip


def _counts(found: _Graded) -> Table:
    steps = np.unique(found.grade)
    rows: list[tuple[Any, ...]] = []
    for second, name in enumerate(found.names):
        own = found.grade[found.second == bool(second)]
        rows.append((name, *(int((own == s).sum()) for s in steps), float(own.mean()), float(np.median(own))))
    headings = (
        Text("条件", "condition"),
        *(Text(f"{s:g}", f"{s:g}") for s in steps),
        Text("平均", "mean"),
        Text("中央値", "median"),
    )
    return Table(Text("評点の度数", "Grades counted"), headings, tuple(rows))


def _conclusion(area: Estimate, p: float, found: _Graded) -> Text:
    first, second = found.names
    span = f"{number_text(area.value)} ({number_text(area.low or 0.0)} - {number_text(area.high or 0.0)}), p = {p:.3g}"
    better = second if area.value > 0.5 else first
    ja, en = f"「{better}」の画質が高く評価された", f"'{better}' was graded higher"
    if p >= 1 - area.level:
        ja, en = "2 条件の評価に差があるとは言えない", "no difference between the two conditions was shown"
    return Text(f"VGC 曲線下面積 {span}: {ja}。", f"Area under the VGC curve {span}: {en}.")


def _warnings(found: _Graded) -> tuple[Text, ...]:
    notes = []
    if found.left_out:
        notes.append(Text(f"値のない {found.left_out} 行を除きました。", f"{found.left_out} rows without a value were left out."))
    both = (np.bincount(found.case, found.second) > 0) & (np.bincount(found.case, ~found.second) > 0)
    if 0 < both.sum() < len(both):
        notes.append(
            Text(
                f"両条件で評価された症例は {len(both)} 例中 {int(both.sum())} 例です。検定は症例を対応させずに行いました。",
                f"{int(both.sum())} of {len(both)} cases were graded under both conditions; the test takes the cases as unpaired.",
            )
        )
    return tuple(notes)


def _sentence(found: _Graded, random_readers: bool, repeats: int, level: float) -> Text:
    who = "と観察者" if random_readers else ""
    whom = " and readers" if random_readers else ""
    return Text(
        f"視覚的評価は VGC 解析 (Båth & Månsson 2007) で比較し、{100 * level:g} % 信頼区間は症例{who}のブートストラップ、p 値は条件の並べ替え検定 (各 {repeats} 回) で求めた。",
        f"Visual grades were compared by VGC analysis (Båth and Månsson 2007); {100 * level:g} % intervals from the bootstrap over cases{whom}, p from permutation of the conditions ({repeats} each).",
    )
