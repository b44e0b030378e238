"""What a search for a network gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Table, result
from gazo.learn.classify.results import ClassificationStudy
from gazo.learn.classify.search_space import START


@result("search trial")
@dataclass(frozen=True)
class Trial:
    """One network that was tried. `error` and `loss` are those of the validation part; None where it was not trained, and `why`."""

    number: int
    settings: dict[str, Any]
    parameters: int
    multiply_adds: int
    error: float | None = None
    loss: float | None = None
    seconds: float = 0.0
    why: str = ""

    @property
    def rank(self) -> tuple[float, float, int]:
        """Lower is better: error, then loss, then size."""
        big = float("inf")
        return (big if self.error is None else self.error, big if self.loss is None else self.loss, self.parameters)


@result("network search")
@dataclass(frozen=True, eq=False)
class NetworkSearchStudy:
    """A search for a network.

    Parameters
    ----------
    plan : in words, how the images were divided.
    verdict : in words, how the best network did on the test part beside the start.
    best, start : judged once on the test part; `difference` is paired, on the same images.
    design : the best network as a design, in its JSON form.
    front : the networks that no other one beats in both error and size.
    trials : one row a network.
    curves : the validation error so far over trials, and the front: error against parameters.
    """

    plan: Text
    verdict: Text
    best: ClassificationStudy
    start: ClassificationStudy
    difference: Estimate
    design: dict[str, Any]
    front: Table
    trials: Table
    curves: tuple[Curve, ...]
    frontier: tuple[Curve, ...]
    warnings: tuple[Text, ...] = field(default=())

    @property
    def metrics(self) -> tuple[Estimate, ...]:
        """The figures of merit of the best network on the test part."""
        return self.best.metrics


def front_of(trials: Sequence[Trial]) -> list[Trial]:
    """Those that no other beats in both error and number of parameters, the smallest first."""
    found: list[Trial] = []
    for trial in sorted((t for t in trials if t.error is not None), key=lambda t: (t.parameters, *t.rank)):
        if not found or trial.rank < found[-1].rank:
            found.append(trial)
    return found


_NAMES = {
    "width": Text("幅 ×{}", "width ×{}"), "deeper": Text("層の追加 {}", "{} more layers"), "window": Text("窓 {} px", "window {} px"),
    "activation": Text("{}", "{}"), "normalisation": Text("正規化: {}", "normalisation: {}"), "pooling": Text("{}", "{}"),
    "head": Text("全体プーリング ({})", "global pooling ({})"), "dropout": Text("ドロップアウト {}", "dropout {}"),
    "attention": Text("チャンネル注意", "attention"), "learning_rate": Text("学習率 ×{}", "learning rate ×{}"),
}  # fmt: skip


def in_words(trial: Trial) -> Text:
    """What was changed."""
    ja, en = [], []
    for name, value in trial.settings.items():
        if value != START[name]:
            shown = f"{value:.2g}" if isinstance(value, float) else str(value)
            ja.append(_NAMES[name].ja.format(shown))
            en.append(_NAMES[name].en.format(shown))
    return Text("、".join(ja) or "元の設計", ", ".join(en) or "the start")


def table_of(trials: Sequence[Trial], title: Text, merit: Text) -> Table:
    """One row a network."""
    headings = (
        Text("番号", "Number"), Text("変更", "Changed"), Text("検証の誤り", "Validation error"), Text("検証損失", "Validation loss"),
        Text("パラメータ数", "Parameters"), Text("積和演算数", "Multiply-adds"), Text("学習時間 [秒]", "Training time [s]"),
    )  # fmt: skip
    rows = tuple((t.number, in_words(t), t.error, t.loss, t.parameters, t.multiply_adds, round(t.seconds, 1)) for t in trials)
    note = Text(f"検証の誤りは 1 − {merit.ja}。検証データで選んだため、実際より小さめに出ます。", f"The validation error is 1 − {merit.en}; it flatters, because the network was chosen by it.")  # fmt: skip
    return Table(title, headings, rows, (note,))


def curves_of(trials: Sequence[Trial]) -> tuple[tuple[Curve, ...], tuple[Curve, ...]]:
    """The error so far over trials; the front against the number of parameters."""
    done = [t for t in trials if t.error is not None]
    numbers = np.array([t.number for t in done], float)
    errors = np.array([t.error for t in done], float)
    x, y = Text("試した数", "Networks tried"), Text("検証の誤り", "Validation error")
    each = Curve(numbers, errors, x, y, Text("各ネットワーク", "each network"))
    best = Curve(numbers, np.minimum.accumulate(errors), x, y, Text("それまでの最良", "best so far"))
    front = front_of(trials)
    size = Text("パラメータ数 (常用対数)", "Parameters (log10)")
    tried = sorted(done, key=lambda t: t.parameters)
    of_all = Curve(np.log10([t.parameters for t in tried]), np.array([t.error for t in tried], float), size, y, Text("試したもの", "tried"))  # fmt: skip
    of_front = Curve(np.log10([t.parameters for t in front]), np.array([t.error for t in front], float), size, y, Text("最良の組", "best front"))  # fmt: skip
    return (each, best), (of_all, of_front)
