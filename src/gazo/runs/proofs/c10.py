"""C10: the teaching experiments of figures 1 and 2: over-fitting grows with width, the gradient vanishes with depth and comes back."""

from __future__ import annotations

from pathlib import Path

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.learn.teaching import decision_boundary, vanishing_gradient
from gazo.runs.proof import Proof, proof

FALLEN, RESTORED, MOST_GUESSED, LEAST_LEARNED = 1e-4, 0.03, 0.6, 0.8


@proof("C10", ja="過学習と勾配消失の教材実験", en="Teaching experiments on over-fitting and the vanishing gradient")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Few points: the gap between training and unseen points grows with width. Sigmoid: the first layer's gradient falls with depth; remedies restore it."""
    wide = decision_boundary(seed=seed, hidden_units=(1, 8, 64), per_class=12, steps=600, repeats=6, on_event=on_event)
    deep = vanishing_gradient(seed=seed, depths=(1, 12), steps=150, repeats=3, on_event=on_event)
    fall = [float(10 ** (curve.y[-1] - curve.y[0])) for curve in deep.first_layer]
    right = [float(curve.y[-1]) for curve in deep.accuracies]
    names = [curve.title for curve in deep.first_layer]
    measured = {
        "gap_growth": wide.gap_growth.value,
        "gap_growth_low": wide.gap_growth.low,
        "gradient_left": {name.en: value for name, value in zip(names, fall, strict=True)},
        "accuracy": {name.en: value for name, value in zip(names, right, strict=True)},
    }
    grows = (wide.gap_growth.low or 0) > 0
    falls = fall[0] < FALLEN and right[0] < MOST_GUESSED
    back = min(fall[1:]) > RESTORED and min(right[1:]) > LEAST_LEARNED
    return Proof("C10", grows and falls and back, measured, _BAR, _table(names, fall, right), pictures=_pictures(wide, deep))


_BAR = Text(
    f"少ないデータで差がユニット数とともに増え (区間の下限が 0 超)、対策なしでは第 1 層の勾配が 12 層で {FALLEN:g} 倍未満、対策ありでは {RESTORED:g} 倍を超え正解率 {LEAST_LEARNED:g} 以上",
    f"with few points the gap grows with width (interval above 0); without remedy the first layer's gradient falls below {FALLEN:g} of itself in 12 layers, with each remedy it stays above {RESTORED:g} and the accuracy above {LEAST_LEARNED:g}",
)


def _table(names: list[Text], fall: list[float], right: list[float]) -> Table:
    headings = (
        Text("ネットワーク", "Network"),
        Text("第 1 層の勾配 (12 層 / 1 層)", "First-layer gradient (12 layers / 1)"),
        Text("12 層の正解率", "Accuracy, 12 layers"),
    )
    return Table(Text("勾配消失と対策", "Vanishing gradient and remedies"), headings, tuple(zip(names, fall, right, strict=True)))


def _pictures(wide: object, deep: object) -> tuple[object, ...]:
    return (wide.boundaries, wide.accuracies, deep.first_layer, deep.accuracies)  # type: ignore[attr-defined]
