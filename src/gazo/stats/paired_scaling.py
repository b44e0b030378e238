"""From "which of the two is better" to a scale: Thurstone's case V and Bradley and Terry, with the consistency of observers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Ge, Gt, Label, Le, Lt
from gazo.core.results import Estimate, Measurement, Table, number_text, result
from gazo.core.seeds import generator
from gazo.stats.inputs import Floats
from gazo.stats.pairs import First, Pairs, Reader, Score, Second, pairs_of


@result("paired scaling")
@dataclass(frozen=True, eq=False, kw_only=True)
class PairedScaling(Measurement):
    """Thurstone's scale, Bradley and Terry's log worths, shares of preference, tests, and the consistency of each observer."""

    conclusion: Text
    thurstone: tuple[Estimate, ...]
    bradley_terry: tuple[Estimate, ...]
    shares: Table
    tests: Table
    observers: Table


@operation("一対比較の尺度化 (サーストン・ブラッドリー・テリー)", "Scaling of paired preferences", booklet="B6")
def paired_scaling(
    comparisons: Table,
    *,
    reader: Reader,
    first: First,
    second: Second,
    score: Score,
    repeats: Annotated[int, Ge(100), Le(100_000), Label("ブートストラップ回数", "Bootstrap repeats")] = 1000,
    level: Annotated[float, Gt(0.5), Lt(1), Label("信頼水準", "Confidence level")] = 0.95,
    seed: int = 0,
) -> PairedScaling:
    """Only the sign of a score counts, 0 is half a preference for each.

    Thurstone 1927 (Psychol Rev 34:273), case V: z = Phi^-1(p), p held to 1/(2N) ... 1 - 1/(2N), scale = mean of a row; fit by
    Mosteller's test (1951). Bradley & Terry 1952 (Biometrika 39:324): P(i over j) = w_i / (w_i + w_j) by maximum likelihood (Hunter
    2004), log worths with mean 0. Intervals of both from resamples of observers (of comparisons where there is only one). Consistency
    of an observer: circular triads d and zeta, agreement of observers u (Kendall & Babington Smith 1940, Biometrika 31:324).

    Parameters
    ----------
    comparisons : one row a comparison; the score is above 0 when the item shown first is preferred.
    """
    pairs = pairs_of(comparisons, reader=reader, first=first, second=second, score=score)
    wins = _wins(pairs)
    whole = wins.sum(0)
    _need_connected(whole, pairs)
    z, w = thurstone_scale(whole), bradley_terry_log_worths(whole)
    bands = _bands(wins, pairs, repeats, level, seed)
    who = Text("観察者", "observers") if len(pairs.readers) > 1 else Text("比較", "comparisons")
    how = f"bootstrap over {who.en}, {repeats} resamples, percentile"
    return PairedScaling(
        conclusion=_conclusion(pairs, w),
        thurstone=_estimates(pairs, z, bands[0], level, how),
        bradley_terry=_estimates(pairs, w, bands[1], level, how),
        shares=_shares(pairs, whole),
        tests=_tests(wins, whole, z, w),
        observers=_observers(pairs, wins),
        sentence=_sentence(pairs, who, repeats, level),
        warnings=pairs.warnings,
    )


def thurstone_scale(wins: Floats) -> Floats:
    """Case V from wins (t, t), i over j; pairs that were never compared are left out of the mean of a row. Mean 0."""
    from scipy.special import ndtri

    number = wins + wins.T
    share = np.clip(wins / np.maximum(number, 1), 0.5 / np.maximum(number, 1), 1 - 0.5 / np.maximum(number, 1))
    known = number > 0
    z = np.where(known, ndtri(share), 0.0)
    scale: Floats = z.sum(1) / (known.sum(1) + 1)  # the comparison with itself counts as 0
    centred: Floats = scale - scale.mean()
    return centred


def bradley_terry_log_worths(wins: Floats, tolerance: float = 1e-12) -> Floats:
    """Maximum likelihood by Hunter's minorisation (2004, Ann Stat 32:384, eq. 3); log worths with mean 0.

    An item that always wins or always loses has no finite worth: half a win is then shared over its comparisons, as in Haldane's correction.
    """
    number = wins + wins.T
    total = wins.sum(1)
    if (total == 0).any() or (total == number.sum(1)).any():
        wins = wins + np.where(number > 0, 0.5 / np.maximum((number > 0).sum(1, keepdims=True), 1), 0.0)
        number, total = wins + wins.T, wins.sum(1)
    worth = np.ones(len(wins))
    for _ in range(10_000):
        fresh = total / (number / (worth[:, None] + worth[None])).sum(1)
        fresh /= np.exp(np.log(fresh).mean())
        if float(abs(fresh / worth - 1).max()) < tolerance:
            break
        worth = fresh
    logs: Floats = np.log(fresh)
    return logs


def _wins(pairs: Pairs) -> Floats:
    """(readers, t, t): how often an observer preferred i to j; a tie is half."""
    wins = np.zeros((len(pairs.readers), len(pairs.items), len(pairs.items)))
    share = (np.sign(pairs.score) + 1) / 2
    np.add.at(wins, (pairs.reader, pairs.first, pairs.second), share)
    np.add.at(wins, (pairs.reader, pairs.second, pairs.first), 1 - share)
    return wins


def _need_connected(wins: Floats, pairs: Pairs) -> None:
    met = (wins + wins.T > 0) | np.eye(len(wins), dtype=bool)
    reach = np.linalg.matrix_power(met.astype(float), len(wins)) > 0
    if not reach.all():
        lost = pairs.items[int(np.flatnonzero(~reach[0])[0])]
        raise DataError(
            "G-AGR-014",
            en=f"one scale needs items that are linked by comparisons; '{lost}' was never compared, directly or through others, with '{pairs.items[0]}'. "
            "Add comparisons or scale the two parts alone.",
            ja=f"1 つの尺度にするには、すべての試料が比較でつながっている必要があります。「{lost}」と「{pairs.items[0]}」の間に比較がありません。"
            "比較を加えるか、別々に解析してください。",
        )


def _bands(wins: Floats, pairs: Pairs, repeats: int, level: float, seed: int) -> tuple[Floats, Floats]:
    """Percentile limits (2, t) of both scales."""
    rng = generator(seed, "paired scaling")
    drawn: list[tuple[Floats, Floats]] = []
    for _ in range(repeats):
        if len(wins) > 1:
            sample = wins[rng.integers(len(wins), size=len(wins))].sum(0)
        else:
            rows = rng.integers(len(pairs.score), size=len(pairs.score))
            sample = _wins(
                Pairs(pairs.readers, pairs.items, pairs.reader[rows], pairs.first[rows], pairs.second[rows], pairs.score[rows])
            ).sum(0)
        if ((sample + sample.T).sum(1) > 0).all():
            drawn.append((thurstone_scale(sample), bradley_terry_log_worths(sample, 1e-6)))
    tails = ((1 - level) / 2, (1 + level) / 2)
    both = [np.quantile(np.stack([d[k] for d in drawn]), tails, axis=0) for k in (0, 1)]
    return both[0], both[1]


def _estimates(pairs: Pairs, scale: Floats, band: Floats, level: float, how: str) -> tuple[Estimate, ...]:
    return tuple(
        Estimate(Text(name, name), float(value), float(low), float(high), level, how)
        for name, value, low, high in zip(pairs.items, scale, *band, strict=True)
    )


def _shares(pairs: Pairs, wins: Floats) -> Table:
    names = tuple(Text(name, name) for name in pairs.items)
    number = wins + wins.T
    rows = tuple(
        (name, *(float(wins[i, j] / number[i, j]) if number[i, j] else None for j in range(len(wins))), float(wins[i].sum()))
        for i, name in enumerate(pairs.items)
    )
    headings = (Text("行が列より好まれた割合", "row preferred to column"), *names, Text("勝ち数", "wins"))
    return Table(Text("選好の割合", "Shares of preference"), headings, rows)


def _tests(wins: Floats, whole: Floats, z: Floats, w: Floats) -> Table:
    from scipy.special import xlogy
    from scipy.stats import chi2

    t, number, upper = len(whole), whole + whole.T, np.triu_indices(len(whole), 1)
    fitted = 1 / (1 + np.exp(w[None] - w[:, None]))
    ratio = 2 * float((xlogy(whole, fitted) - xlogy(whole, 0.5))[~np.eye(t, dtype=bool)].sum())
    rows: list[tuple[Any, ...]] = [
        (
            Text("すべての試料が等しい (ブラッドリー・テリー、尤度比)", "all items equal (Bradley-Terry, likelihood ratio)"),
            ratio,
            t - 1,
            float(chi2.sf(ratio, t - 1)),
        )
    ]
    if t > 2 and (number[upper] > 0).all():
        rows.append((Text("ケース V への適合 (Mosteller)", "fit of case V (Mosteller)"), *_mosteller(whole, z)))
    agreement = kendall_u(wins)
    if agreement is not None:
        u, statistic, free, p = agreement
        rows.append((Text(f"観察者間の一致 u = {u:.4f}", f"agreement of observers u = {u:.4f}"), statistic, free, p))
    headings = (Text("検定", "test"), Text("χ²", "chi-square"), Text("自由度", "degrees of freedom"), Text("p", "p"))
    return Table(Text("検定", "Tests"), headings, tuple(rows))


def _mosteller(wins: Floats, scale: Floats) -> tuple[float, int, float]:
    """Mosteller 1951 (Psychometrika 16:207): arcsine transforms of observed and fitted shares, in radians of variance 1 / N."""
    from scipy.special import ndtr
    from scipy.stats import chi2

    t, number = len(wins), wins + wins.T
    upper = np.triu_indices(t, 1)
    seen = np.arcsin(2 * wins[upper] / number[upper] - 1)
    fitted = np.arcsin(2 * ndtr(scale[upper[0]] - scale[upper[1]]) - 1)
    statistic, free = float((number[upper] * (seen - fitted) ** 2).sum()), (t - 1) * (t - 2) // 2
    return statistic, free, float(chi2.sf(statistic, free))


def circular_triads(wins: Floats) -> tuple[float, float] | None:
    """d and zeta of one observer who compared every pair once without ties; None otherwise (Kendall & Babington Smith 1940)."""
    t = len(wins)
    number = wins + wins.T
    if t < 3 or (number[~np.eye(t, dtype=bool)] != 1).any() or (wins % 1 != 0).any():
        return None
    d = t * (t - 1) * (2 * t - 1) / 12 - float((wins.sum(1) ** 2).sum()) / 2
    return d, 1 - 24 * d / (t**3 - t if t % 2 else t**3 - 4 * t)


def kendall_u(wins: Floats) -> tuple[float, float, float, float] | None:
    """u of m observers who all compared every pair once, with its chi-square, degrees of freedom and p; None otherwise.

    u = 8 T / (m (m - 1) t (t - 1)) - 1, T = sum of pairs of observers that agree (Kendall & Babington Smith 1940); chi-square for m > 2.
    """
    from scipy.stats import chi2

    m, t = wins.shape[:2]
    if m < 3 or any(circular_triads(one) is None for one in wins):
        return None
    whole = wins.sum(0)
    agreed = float((whole * (whole - 1) / 2).sum())
    u = 8 * agreed / (m * (m - 1) * t * (t - 1)) - 1
    pairs = t * (t - 1) / 2
    statistic = 4 / (m - 2) * (agreed - pairs * m * (m - 1) / 4 * (m - 3) / (m - 2))
    free = pairs * m * (m - 1) / (m - 2) ** 2
    return u, statistic, free, float(chi2.sf(statistic, free))


def _observers(pairs: Pairs, wins: Floats) -> Table:
    rows = []
    for name, own in zip(pairs.readers, wins, strict=True):
        found = circular_triads(own)
        rows.append((name, float((own + own.T).sum() / 2), *(found or (None, None))))
    headings = (
        Text("観察者", "observer"),
        Text("比較数", "comparisons"),
        Text("一巡三角形 d", "circular triads d"),
        Text("一致性 ζ", "consistency zeta"),
    )
    return Table(Text("観察者の一貫性", "Consistency of observers"), headings, tuple(rows))


def _conclusion(pairs: Pairs, worths: Floats) -> Text:
    order = [f"{pairs.items[i]} ({number_text(float(worths[i]))})" for i in np.argsort(-worths)]
    return Text(f"好まれた順 (対数価値): {' > '.join(order)}。", f"In order of preference (log worth): {' > '.join(order)}.")


def _sentence(pairs: Pairs, who: Text, repeats: int, level: float) -> Text:
    t, n = len(pairs.items), len(pairs.readers)
    return Text(
        f"{n} 名による {t} 試料の一対比較 {len(pairs.score)} 件を、サーストンのケース V (1927) とブラッドリー・テリーモデル (1952) で尺度化し、{100 * level:g} % 信頼区間は{who.ja}のブートストラップ ({repeats} 回) で求めた。",
        f"{len(pairs.score)} comparisons of {t} items by {n} observers were scaled by Thurstone's case V (1927) and the Bradley-Terry model (1952); {100 * level:g} % intervals from {repeats} bootstrap resamples of {who.en}.",
    )
