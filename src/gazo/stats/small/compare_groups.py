"""`compare_groups`: numbers or grades of two or more groups, or of the same patients under two or more conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.stats.inputs import Floats
from gazo.stats.small.looks import described
from gazo.stats.small.many_means import anova, repeated_anova, welch_anova
from gazo.stats.small.many_ranks import friedman, kruskal_wallis
from gazo.stats.small.mixed import mixed_model
from gazo.stats.small.options import DesignOption, Group, Level, Order, Outcome, Patient, PerPatient
from gazo.stats.small.post_hoc import by_pairs, dunn, games_howell, steel_dwass, tukey
from gazo.stats.small.samples import FOLDS, Rows, arrays, independent, is_paired, matched, numeric_rows
from gazo.stats.small.shown import GroupValues
from gazo.stats.small.testing import Tested, span_text
from gazo.stats.small.two_means import paired_t, student, welch
from gazo.stats.small.two_ranks import Exactness, mann_whitney, signed_rank

Test = Literal[
    "auto", "student", "welch", "mann-whitney", "paired-t", "wilcoxon", "anova", "welch-anova", "repeated-anova",
    "kruskal-wallis", "friedman", "mixed-model",
]  # fmt: skip
PostHoc = Literal["auto", "none", "tukey", "games-howell", "dunn", "steel-dwass", "holm"]
# (scale, paired, more than two) -> the test; unequal spread is the rule in small studies, so Welch (Delacre 2017, Int Rev Soc Psychol 30:92)
PROPOSED: dict[tuple[str, bool, bool], Test] = {
    ("numeric", False, False): "welch",
    ("numeric", False, True): "welch-anova",
    ("numeric", True, False): "paired-t",
    ("numeric", True, True): "repeated-anova",
    ("ordinal", False, False): "mann-whitney",
    ("ordinal", False, True): "kruskal-wallis",
    ("ordinal", True, False): "wilcoxon",
    ("ordinal", True, True): "friedman",
}
FITS: dict[str, tuple[bool, bool | None]] = {  # paired, more than two (None: any number)
    "student": (False, False), "welch": (False, False), "mann-whitney": (False, False), "paired-t": (True, False),
    "wilcoxon": (True, False), "anova": (False, None), "welch-anova": (False, None), "repeated-anova": (True, None),
    "kruskal-wallis": (False, None), "friedman": (True, None),
}  # fmt: skip
PAIRS: dict[str, tuple[str, ...]] = {  # which comparisons of pairs go with a test of several; the first is the proposal
    "anova": ("tukey", "holm"),
    "welch-anova": ("games-howell", "holm"),
    "kruskal-wallis": ("dunn", "steel-dwass", "holm"),
    "repeated-anova": ("holm",),
    "friedman": ("holm",),
}


@result("group comparison")
@dataclass(frozen=True, eq=False, kw_only=True)
class GroupComparison(Measurement):
    """The conclusion, effects with intervals, p, the test, the groups in numbers, and every pair where there are more than two."""

    conclusion: Text
    effects: tuple[Estimate, ...]
    p: Estimate
    test: Table
    groups: Table
    values: GroupValues
    pairs: Table | None = None


@operation("群の比較 (数値・順序)", "Compare groups (numbers, grades)")
def compare_groups(
    table: Table,
    *,
    outcome: Outcome,
    group: Group = None,
    patient: Patient = None,
    order: Order = (),
    design: DesignOption = "auto",
    scale: Annotated[Literal["numeric", "ordinal"], Label("結果の尺度", "Scale of the outcome")] = "numeric",
    test: Annotated[Test, Label("検定", "Test")] = "auto",
    post_hoc: Annotated[PostHoc, Label("多重比較", "Comparison of pairs")] = "auto",
    p_value: Annotated[Exactness, Label("順位検定の p 値", "p of rank tests")] = "auto",
    per_patient: PerPatient = "mean",
    level: Level = 0.95,
    seed: int = 0,
) -> GroupComparison:
    """Are the groups alike, and by how much do they differ? Test, effect size with interval, and every pair.

    One value a patient is compared: where a patient has several rows they are folded to their mean or median, unless
    test=mixed-model takes all rows. A patient who stands in several groups makes the comparison paired (design=auto).
    The test follows from the scale and the design only; assumptions are shown and never choose it.

    Parameters
    ----------
    table : long (one outcome column, one group column) or wide (one outcome column for each condition, a patient a row).
    scale : numeric compares means, ordinal (grades, skewed numbers) compares ranks.
    post_hoc : auto takes Tukey after anova, Games-Howell after welch-anova, Dunn after kruskal-wallis, else pairs with Holm's p.
    p_value : auto is exact for fewer than 50 patients without ties, else normal with corrections for ties and continuity.
    """
    rows = numeric_rows(table, outcome, group, patient, order)
    label = Text(outcome[0], outcome[0]) if group else Text("値", "value")
    paired = is_paired(rows, design)
    if test == "mixed-model":
        return _mixed(rows, label, level, paired=paired)
    chosen = test if test != "auto" else PROPOSED[scale, paired, len(rows.names) > 2]
    _need_fit(chosen, len(rows.names), paired=paired)
    folded = (matched if paired else independent)(rows, *FOLDS[per_patient])
    groups = arrays(folded)
    numbers, doubts = described(rows.names, groups, paired=paired)
    found = _tested(chosen, groups, level, p_value, seed)
    values = GroupValues(rows.names, tuple(groups), paired, label)
    return _reported(found, values, numbers, _pairs(chosen, post_hoc, rows.names, groups, level, p_value), (
        *folded.notes, *found.notes, *(doubts if chosen in _OF_MEANS else ()),
    ))  # fmt: skip


_OF_MEANS = ("student", "welch", "paired-t", "anova", "welch-anova", "repeated-anova")


def _tested(chosen: str, groups: Sequence[Floats], level: float, p_value: Exactness, seed: int) -> Tested:
    simple: dict[str, Callable[[Sequence[Floats], float], Tested]] = {
        "anova": anova, "welch-anova": welch_anova, "repeated-anova": repeated_anova,
    }  # fmt: skip
    drawn = {"kruskal-wallis": kruskal_wallis, "friedman": friedman}
    if chosen in simple:
        return simple[chosen](groups, level)
    if chosen in drawn:
        return drawn[chosen](groups, level, seed)
    return _of_two(chosen, level, p_value)(groups[0], groups[1])


def _of_two(chosen: str, level: float, p_value: Exactness) -> Callable[[Floats, Floats], Tested]:
    means = {"student": student, "welch": welch, "paired-t": paired_t}
    ranks = {"mann-whitney": mann_whitney, "wilcoxon": signed_rank}
    if chosen in means:
        return lambda a, b: means[chosen](a, b, level)
    return lambda a, b: ranks[chosen](a, b, level, p_value)


def _pairs(
    chosen: str, post_hoc: str, names: tuple[str, ...], groups: Sequence[Floats], level: float, p_value: Exactness
) -> Table | None:
    """Every pair, where there are more than two groups and it is wanted."""
    if len(names) < 3 or post_hoc == "none":
        return None
    way = PAIRS[chosen][0] if post_hoc == "auto" else post_hoc
    if way not in PAIRS[chosen]:
        raise OptionError(
            "G-TEST-016",
            en=f"post_hoc={way} does not go with test={chosen}; choose one of: {', '.join(PAIRS[chosen])}.",
            ja=f"post_hoc={way} は test={chosen} と組み合わせられません。次から選んでください: {', '.join(PAIRS[chosen])}。",
        )
    own = {"tukey": tukey, "games-howell": games_howell, "dunn": dunn, "steel-dwass": steel_dwass}
    if way in own:
        return own[way](names, groups, level)
    of_two, title = {
        "anova": ("student", Text("2 群ずつの Student の t 検定", "Student's t tests")),
        "welch-anova": ("welch", Text("2 群ずつの Welch の t 検定", "Welch's t tests")),
        "kruskal-wallis": ("mann-whitney", Text("2 群ずつの Mann-Whitney の U 検定", "Mann-Whitney U tests")),
        "repeated-anova": ("paired-t", Text("2 条件ずつの対応のある t 検定", "Paired t tests")),
        "friedman": ("wilcoxon", Text("2 条件ずつの Wilcoxon の符号付順位検定", "Wilcoxon signed rank tests")),
    }[chosen]
    return by_pairs(names, groups, _of_two(of_two, level, p_value), title)


def _mixed(rows: Rows[float], label: Text, level: float, *, paired: bool) -> GroupComparison:
    """All rows in one model; the groups in numbers are those of the patients' means."""
    fold, how = FOLDS["mean"]
    shown = independent(rows, fold, how)
    numbers, _ = described(rows.names, arrays(shown), paired=False)
    found = mixed_model(rows, level)
    values = GroupValues(rows.names, tuple(arrays(shown)), False, label)
    return _reported(found, values, numbers, None, (*rows.notes, *found.notes))


def _reported(
    found: Tested, values: GroupValues, numbers: Table, pairs: Table | None, notes: tuple[Text, ...]
) -> GroupComparison:
    main, shown = span_text(found.effects[0]), found.shown()
    listed = " vs ".join(values.names)
    conclusion = Text(f"{listed}: {main.ja}、{found.name.ja}、{shown}。", f"{listed}: {main.en}; {found.name.en}, {shown}.")
    return GroupComparison(
        conclusion=conclusion,
        effects=found.effects,
        p=found.p_estimate,
        test=found.table(),
        groups=numbers,
        values=values,
        pairs=pairs,
        sentence=_sentence(found, pairs),
        warnings=notes,
    )


def _sentence(found: Tested, pairs: Table | None) -> Text:
    percent = f"{100 * found.effects[0].level:g} %"
    ja, en = found.cite.ja, found.cite.en
    if pairs is not None:
        ja += f"{pairs.title.ja}。"
        en += f" {pairs.title.en}."
    return Text(
        f"{ja}両側検定とし、効果量に {percent} 信頼区間を付けた (gazo、SciPy、statsmodels)。",
        f"{en} Tests were two-sided; effects have {percent} confidence intervals (gazo with SciPy and statsmodels).",
    )


def _need_fit(chosen: str, groups: int, *, paired: bool) -> None:
    wants_paired, several = FITS[chosen]
    if wants_paired != paired or (several is False and groups > 2):
        fitting = [name for name, (p, s) in FITS.items() if p == paired and (s is None or groups == 2)]
        raise OptionError(
            "G-TEST-017",
            en=f"test={chosen} does not fit {groups} {'conditions of the same patients' if paired else 'independent groups'}; these do: {', '.join(fitting)}.",
            ja=f"test={chosen} は {groups} 群 ({'同じ患者の条件' if paired else '対応のない群'}) には使えません。使える検定: {', '.join(fitting)}。",
        )
