"""`what_to_do`: from what is compared to a test, an effect size, a correction, and why."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Ge, Label, Le
from gazo.core.results import Measurement, Table, result
from gazo.stats.columns import column, word_column
from gazo.stats.small.compare_categories import FISHER_UP_TO
from gazo.stats.small.options import DesignOption, Group, Patient
from gazo.stats.small.samples import finite_column, is_paired, word_rows

MOST_GRADES = 7  # whole numbers with up to so many different values are taken for grades, such as a 5-point scale
Scale = Literal["auto", "numeric", "ordinal", "category"]
Question = Literal["difference", "association"]


@result("proposal")
@dataclass(frozen=True, eq=False, kw_only=True)
class Proposal(Measurement):
    """What to compute, with the command; what it rests on; what else would do."""

    conclusion: Text
    plan: Table
    reasons: Table


@dataclass(frozen=True)
class _Facts:
    """What was found in the columns, or said."""

    scale: str
    paired: bool
    groups: int
    kinds: int
    patients: int | None
    rows_repeat: bool
    reasons: tuple[tuple[Text, Text, Text], ...]


@operation("どの検定を使うか", "What to do: which test")
def what_to_do(
    table: Table | None = None,
    *,
    outcome: Annotated[tuple[str, ...], Label("結果の列 (表があるとき)", "Outcome column(s), with a table")] = (),
    group: Group = None,
    patient: Patient = None,
    question: Annotated[Question, Label("知りたいこと", "Question")] = "difference",
    scale: Annotated[Scale, Label("結果の尺度 (auto は表から判断)", "Scale of the outcome (auto looks at the table)")] = "auto",
    design: DesignOption = "auto",
    groups: Annotated[int, Ge(2), Le(50), Label("群 (条件) の数 (表がないとき)", "Groups or conditions, without a table")] = 2,
) -> Proposal:
    """Test, effect size with interval and correction for a question, and why. Normality tests take no part in the choice.

    With a table the scale, the design and the number of groups are read from the columns, unless said. Words, or numbers of two values,
    are categories; whole numbers of up to seven values are grades; others are numeric. A patient in several groups makes it paired.

    Parameters
    ----------
    table : as compare_groups, compare_categories and correlate take it.
    question : difference of groups or conditions, or association of two numbers.
    """
    facts = _said(scale, design, groups) if table is None else _seen(table, outcome, group, patient, question, scale, design)
    steps = _association(facts) if question == "association" else _difference(facts)
    if question == "association" and facts.scale == "category" and len(outcome) > 1:
        outcome, group = outcome[:1], outcome[1]
    command = _command(steps[0][2], outcome, group, patient, table is not None)
    rows = (*((part, words, why) for part, words, _, why in steps), (Text("コマンド", "Command"), command, ""))
    headings = (Text("内容", "Part"), Text("提案", "Proposal"), Text("理由", "Why"))
    first, effect = steps[0][1], steps[1][1]
    return Proposal(
        conclusion=Text(f"提案: {first.ja}。効果量: {effect.ja}。", f"Proposal: {first.en}; effect size: {effect.en}."),
        plan=Table(Text("提案", "Proposal"), headings, rows),
        reasons=Table(
            Text("根拠", "What it rests on"), (Text("項目", "Item"), Text("値", "Value"), Text("根拠", "Because")), facts.reasons
        ),
        sentence=Text(
            f"検定は尺度、対応の有無、群の数から選んだ ({first.ja})。正規性の検定は選択に用いていない。",
            f"The test was chosen by scale, design and number of groups ({first.en}), not by a test of normality.",
        ),
    )


_SCALES = {
    "numeric": Text("数値", "numeric"),
    "ordinal": Text("順序 (段階評価)", "ordinal (grades)"),
    "category": Text("分類", "category"),
}
_GIVEN = Text("指定された", "as said")


def _said(scale: str, design: str, groups: int) -> _Facts:
    if scale == "auto" or design == "auto":
        raise OptionError(
            "G-TEST-060",
            en=f"without a table gazo must be told the scale (numeric, ordinal, category) and the design (independent, paired); scale={scale} and design={design} came. Say both, or give a table.",
            ja=f"表がない場合は尺度 (numeric、ordinal、category) と対応の有無 (independent、paired) の指定が必要です。受け取った指定: scale={scale}、design={design}。両方を指定するか、表を指定してください。",
        )
    reasons = (_scale_row(scale, _GIVEN), _design_row(design == "paired", _GIVEN), _groups_row(groups, _GIVEN))
    return _Facts(scale, design == "paired", groups, 2, None, False, reasons)


def _seen(
    table: Table, outcome: tuple[str, ...], group: str | None, patient: str | None, question: str, scale: str, design: Any
) -> _Facts:
    if not outcome:
        raise OptionError(
            "G-TEST-061",
            en=f"with a table the outcome column must be named; the table has: {', '.join(h.en for h in table.headings[:20])}.",
            ja=f"表がある場合は結果の列を指定してください。表にある列: {', '.join(h.en for h in table.headings[:20])}。",
        )
    guessed, why = _scale_of(table, outcome)
    used, because = (guessed, why) if scale == "auto" else (scale, _GIVEN)
    if question == "association":
        who = [one for one in word_column(table, patient) if one is not None] if patient else []
        return _Facts(used, False, len(outcome), 2, len(set(who)), len(who) > len(set(who)), (_scale_row(used, because),))
    rows = word_rows(table, outcome, group, patient, ())
    paired = is_paired(rows, design)
    people = len(set(rows.patients))
    crossed = (
        Text("同じ患者が複数の群 (条件) にいる", "the same patients stand in several groups")
        if paired
        else Text("各患者は 1 つの群だけ", "each patient stands in one group")
        if rows.known_patients
        else Text("患者の列がなく、各行を別の患者とみなした", "no patient column: each row taken as another patient")
    )
    repeat = len(rows.values) > len(set(zip(rows.patients, rows.groups, strict=True)))
    reasons = [
        _scale_row(used, because),
        _design_row(paired, crossed if design == "auto" else _GIVEN),
        _groups_row(len(rows.names), Text("表の群の数", "groups in the table")),
        (
            Text("患者数", "Patients"),
            Text(str(people), str(people)),
            Text(f"使える値 {len(rows.values)} 個", f"{len(rows.values)} usable values"),
        ),
    ]
    return _Facts(used, paired, len(rows.names), len(set(rows.values)), people, repeat, tuple(reasons))


def _scale_row(scale: str, why: Text) -> tuple[Text, Text, Text]:
    return Text("尺度", "Scale"), _SCALES[scale], why


def _design_row(paired: bool, why: Text) -> tuple[Text, Text, Text]:
    words = Text("対応あり", "paired") if paired else Text("対応なし", "independent")
    return Text("対応", "Design"), words, why


def _groups_row(groups: int, why: Text) -> tuple[Text, Text, Text]:
    return Text("群 (条件) の数", "Groups"), Text(str(groups), str(groups)), why


def _scale_of(table: Table, outcome: Sequence[str]) -> tuple[str, Text]:
    cells = [cell for name in outcome for cell in column(table, name) if cell is not None]
    different = len(set(cells))
    if any(not isinstance(cell, int | float) for cell in cells):
        return "category", Text("文字の列", "words in the column")
    values = np.concatenate([finite_column(table, name) for name in outcome])
    values = values[~np.isnan(values)]
    if different <= 2:
        return "category", Text("値が 2 種類以下", "two values at most")
    if different <= MOST_GRADES and bool((values == np.rint(values)).all()):
        return "ordinal", Text(f"整数で {different} 種類の値", f"whole numbers of {different} values")
    return "numeric", Text(f"{different} 種類の数値", f"{different} different numbers")


Step = tuple[Text, Text, str, Text]  # part, proposal, options of the command, why


def _association(facts: _Facts) -> tuple[Step, ...]:
    test = Text("検定", "Test")
    if facts.scale == "category":
        return (
            (
                test,
                Text("Fisher の正確検定 または χ² 検定", "Fisher's exact test or chi-square"),
                "compare-categories",
                _FIT["category"],
            ),
            (_EFFECT, Text("Cramér の V と信頼区間", "Cramer's V with interval"), "", _ALWAYS),
        )
    ranks = facts.scale == "ordinal"
    name = (
        Text("Kendall の τb または Spearman の ρ", "Kendall's tau-b or Spearman's rho")
        if ranks
        else Text("Pearson の r", "Pearson's r")
    )
    options = "correlate --method kendall" if ranks else "correlate --method pearson"
    steps: tuple[Step, ...] = (
        (test, name, options, _FIT["ordinal" if ranks else "numeric"]),
        (_EFFECT, Text("相関係数と信頼区間", "the coefficient with its interval"), "", _ALWAYS),
        (_CORRECTION, Text("3 列以上なら Holm", "Holm for three columns and more"), "", _MANY),
    )
    return (*steps, _BY_PATIENT) if facts.rows_repeat else steps


# (scale, paired, more than two groups) -> test, effect size, comparison of pairs
_TESTS: dict[tuple[str, bool, bool], tuple[Text, Text, Text | None]] = {
    ("numeric", False, False): (Text("Welch の t 検定", "Welch's t test"), Text("平均の差と Hedges の g", "difference of means and Hedges' g"), None),
    ("numeric", False, True): (
        Text("Welch の分散分析", "Welch's analysis of variance"), Text("ω²", "omega squared"), Text("Games-Howell 法 (等分散なら Tukey)", "Games-Howell (Tukey where spreads are equal)"),
    ),
    ("numeric", True, False): (Text("対応のある t 検定", "paired t test"), Text("平均の差と Hedges の g", "difference of means and Hedges' g"), None),
    ("numeric", True, True): (
        Text("反復測定分散分析 (Greenhouse-Geisser)", "analysis of variance of repeated measures (Greenhouse-Geisser)"),
        Text("偏 η²", "partial eta squared"), Text("対応のある t 検定と Holm の補正", "paired t tests with Holm's p"),
    ),
    ("ordinal", False, False): (
        Text("Mann-Whitney の U 検定", "Mann-Whitney U test"), Text("Cliff の δ と Hodges-Lehmann のずれ", "Cliff's delta and Hodges-Lehmann shift"), None,
    ),
    ("ordinal", False, True): (
        Text("Kruskal-Wallis 検定", "Kruskal-Wallis test"), Text("順位の ε²", "rank epsilon squared"), Text("Dunn 法 (Holm) または Steel-Dwass 法", "Dunn with Holm's p, or Steel-Dwass"),
    ),
    ("ordinal", True, False): (
        Text("Wilcoxon の符号付順位検定", "Wilcoxon signed rank test"), Text("順位双列相関と Hodges-Lehmann のずれ", "rank-biserial correlation and Hodges-Lehmann shift"), None,
    ),
    ("ordinal", True, True): (Text("Friedman 検定", "Friedman's test"), Text("Kendall の W", "Kendall's W"), Text("Wilcoxon 検定と Holm の補正", "Wilcoxon tests with Holm's p")),
    ("category", False, False): (
        Text("Fisher の正確検定", "Fisher's exact test"), Text("リスク差 (Newcombe) とオッズ比、3 分類以上は Cramér の V", "risk difference (Newcombe) and odds ratio, Cramer's V for more categories"), None,
    ),
    ("category", False, True): (Text("Fisher の正確検定", "Fisher's exact test"), Text("Cramér の V", "Cramer's V"), Text("2 群ずつの Fisher 検定と Holm の補正", "Fisher's tests of pairs with Holm's p")),
    ("category", True, False): (Text("McNemar 検定 (正確)", "McNemar's exact test"), Text("割合の差と対応のあるオッズ比", "difference of proportions and odds ratio of pairs"), None),
    ("category", True, True): (Text("Cochran の Q 検定", "Cochran's Q test"), Text("Kendall の W", "Kendall's W"), Text("McNemar 検定と Holm の補正", "McNemar's tests with Holm's p")),
}  # fmt: skip
_FIT = {
    "numeric": Text("数値は平均で比べる。ばらつきの違いは小規模研究では普通なので、等しいとは仮定しない", "Numbers are compared by their means; spreads differ in most small studies and are not taken as equal"),
    "ordinal": Text("段階の間隔は等しいとは限らないため、順位で比べる", "Grades need not be evenly spaced, so ranks are compared"),
    "category": Text("分類は割合で比べる。正確検定は少数でも成り立つ", "Categories are compared by their shares; exact tests hold for small numbers"),
}  # fmt: skip
_EFFECT, _CORRECTION = Text("効果量", "Effect size"), Text("多重比較", "Pairs")
_ALWAYS = Text("p 値だけでは差の大きさが分からない", "p alone does not tell how large a difference is")
_MANY = Text("比較を重ねるほど偶然の差が出やすい", "The more comparisons, the more differences by chance")
_BY_PATIENT: Step = (
    Text("患者単位", "By patient"),
    Text("患者ごとの平均 (中央値) で比較。全行を使うなら test=mixed-model", "Each patient's mean (median) is compared; test=mixed-model uses all rows"),
    "",
    Text("同じ患者の行は互いに似ており、独立ではない", "Rows of one patient are alike, not independent"),
)  # fmt: skip


def _difference(facts: _Facts) -> tuple[Step, ...]:
    test, effect, pairs = _TESTS[facts.scale, facts.paired, facts.groups > 2]
    if facts.scale == "category" and not facts.paired and (facts.patients or 0) > FISHER_UP_TO:
        test = Text("χ² 検定", "chi-square test")
    if facts.scale == "category" and facts.paired and facts.groups == 2 and facts.kinds > 2:
        test, effect = (
            Text("Bowker の対称性検定", "Bowker's test of symmetry"),
            Text("分類が変わった割合", "share of patients that changed"),
        )
    options = {"category": "compare-categories", "ordinal": "compare-groups --scale ordinal", "numeric": "compare-groups"}[
        facts.scale
    ]
    steps: tuple[Step, ...] = (
        (Text("検定", "Test"), test, options, _FIT[facts.scale]),
        (_EFFECT, Text(f"{effect.ja} (信頼区間付き)", f"{effect.en}, with intervals"), "", _ALWAYS),
    )
    steps += ((_CORRECTION, pairs, "", _MANY),) if pairs is not None else ()
    return (*steps, _BY_PATIENT) if facts.rows_repeat else steps


def _command(options: str, outcome: tuple[str, ...], group: str | None, patient: str | None, known: bool) -> str:
    """The command line; names of columns quoted where a shell needs it."""
    name, *rest = options.split(" ", 1)
    flag = "--columns" if name == "correlate" else "--outcome"
    parts = [f"gazo stats {name} TABLE", flag, *map(shlex.quote, outcome or ("OUTCOME",))]
    wanted = [("--group", group), ("--patient", patient)] if known else [("--group", "GROUP"), ("--patient", "PATIENT")]
    for option, value in wanted:
        if value is not None and not (option == "--group" and name == "correlate"):
            parts += [option, shlex.quote(value)]
    return " ".join([*parts, *rest])
