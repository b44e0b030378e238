"""How sure a classifier is: the spread between networks, dropout passes or varied images, besides the probability itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.core.progress import OnEvent, quiet
from gazo.core.registry import feature
from gazo.core.results import Table
from gazo.core.seeds import derived_seed, generator
from gazo.training.augment import NO_AUGMENTATION
from gazo.training.pixels import PreparedPixels

if TYPE_CHECKING:
    import torch

    from gazo.learn.classify.fitted import FittedClassifier

Floats = NDArray[np.float64]
Way = Literal["auto", "ensemble", "dropout", "augmentation"]
BATCH = 64


@dataclass(frozen=True, eq=False)
class Spread:
    """What k answers about n images agree and differ in. Entropies in nats.

    Parameters
    ----------
    probabilities : (n, classes) mean over the answers.
    entropy : (n,) of the mean: all uncertainty. expected_entropy : mean of the entropies: what the answers agree is unclear.
    mutual_information : their difference, 0 where all answers agree (Houlsby et al. 2011; Depeweg et al. 2018).
    deviation : (n,) standard deviation over the answers of the probability of the class said.
    """

    probabilities: Floats
    entropy: Floats
    expected_entropy: Floats
    mutual_information: Floats
    deviation: Floats


@feature("予測の不確かさ", "Uncertainty of predictions")
def spread(answers: Any) -> Spread:
    """Mean, entropies and deviation of probabilities that come from several networks or passes.

    Parameters
    ----------
    answers : (k, n, classes), k at least 2; each row sums to 1.
    """
    samples = np.asarray(answers, np.float64)
    if samples.ndim != 3 or len(samples) < 2:
        raise DataError(
            "G-UNC-001",
            en=f"a spread needs at least two answers (answers, images, classes); the shape {samples.shape} came. Judge by folds, or take --way dropout or augmentation.",
            ja=f"ばらつきを求めるには 2 つ以上の予測 (予測, 画像, クラス) が必要ですが、形 {samples.shape} が渡されました。交差検証で学習するか、--way dropout または augmentation を使ってください。",
        )
    mean = samples.mean(0)
    whole, each = _entropy(mean), _entropy(samples).mean(0)
    said = mean.argmax(1)
    own = samples[:, np.arange(len(said)), said]
    return Spread(mean, whole, each, np.maximum(whole - each, 0), own.std(0, ddof=1))


def _entropy(probabilities: Floats) -> Floats:
    """-sum p ln p along the last axis; 0 ln 0 is 0."""
    from scipy.special import entr

    return np.asarray(entr(probabilities).sum(-1))


@feature("分類器の不確かさ", "Uncertainty of a classifier")
def uncertainty_of(
    fitted: FittedClassifier,
    images: ImageSet,
    *,
    seed: int,
    way: Annotated[Way, Label("不確かさの求め方", "Way of estimating uncertainty")] = "auto",
    passes: Annotated[int, Ge(2), Le(1000), Label("推論の回数", "Passes")] = 20,
    on_event: OnEvent = quiet,
) -> Table:
    """One row an image that can be read: the class said, its probability, entropy, mutual information and deviation.

    Parameters
    ----------
    fitted : what has learned; for new images, because the networks of folds have seen those they were trained on.
    way : "ensemble" compares the networks of the folds (auto where there are several); "dropout" repeats with dropout left on (Gal &
        Ghahramani 2016); "augmentation" varies the images as in training (Wang et al. 2019; auto for one network).
    """
    chosen = way if way != "auto" else "ensemble" if len(fitted.nets) > 1 else "augmentation"
    with fitted.prepared(images, on_event) as pixels:
        rows = np.flatnonzero(pixels.usable)
        found = spread(answers_of(fitted, pixels, rows, way=chosen, passes=passes, seed=seed))
    said = fitted.decide(found.probabilities)
    headings = (
        Text("行", "row"), Text("予測", "predicted"), Text("確率", "probability"), Text("エントロピー [nat]", "entropy [nat]"),
        Text("相互情報量 [nat]", "mutual information [nat]"), Text("確率の標準偏差", "SD of the probability"),
    )  # fmt: skip
    columns = (found.probabilities[np.arange(len(said)), said], found.entropy, found.mutual_information, found.deviation)
    cells = zip(rows.tolist(), said, *(column.tolist() for column in columns), strict=True)
    name = _NAMES[chosen]
    title = Text(f"予測の不確かさ ({name.ja})", f"Uncertainty of the predictions ({name.en})")
    return Table(title, headings, tuple((row, fitted.classes[s], *rest) for row, s, *rest in cells))


_NAMES = {
    "ensemble": Text("分割ごとのネットワーク", "networks of the folds"),
    "dropout": Text("モンテカルロ・ドロップアウト", "Monte Carlo dropout"),
    "augmentation": Text("画像を変化させた推論", "test-time augmentation"),
}


def answers_of(
    fitted: FittedClassifier, pixels: PreparedPixels, rows: NDArray[np.integer[Any]], *, way: Way, passes: int, seed: int
) -> Floats:
    """Probabilities (answers, n, classes): of each network, or of each pass of all networks together."""
    if way == "ensemble":
        return fitted.each(pixels, rows)
    return np.stack([_one_pass(fitted, pixels, rows, way, seed, number) for number in range(passes)])


def _one_pass(
    fitted: FittedClassifier, pixels: PreparedPixels, rows: NDArray[np.integer[Any]], way: Way, seed: int, number: int
) -> Floats:
    """One answer with dropout on, or about images varied anew; the same seed gives the same."""
    import torch

    from gazo.training.feed import standardise

    augmentation = fitted.spec.augmentation
    if way == "augmentation" and augmentation == NO_AUGMENTATION:
        raise OptionError(
            "G-UNC-003",
            en="test-time augmentation varies images as they were varied in training; this classifier was trained without. Take --way dropout or ensemble.",
            ja="画像を変化させる推論は学習時と同じデータ拡張を使いますが、この分類器はデータ拡張なしで学習されています。--way dropout または ensemble を使ってください。",
        )
    rng = generator(seed, "uncertainty", number)
    found = []
    with torch.random.fork_rng(), torch.inference_mode(), _dropping(fitted.nets, way == "dropout"):
        torch.manual_seed(derived_seed(seed, "uncertainty", number))
        for start in range(0, len(rows), BATCH):
            images = pixels.read(rows[start : start + BATCH])
            if way == "augmentation":
                images = augmentation.draw(len(images), size_px=pixels.size_px, generator=rng).apply(images)
            found.append(fitted.mean_of(standardise(images)))
    return np.concatenate(found)


@contextmanager
def _dropping(nets: Sequence[torch.nn.Module], on: bool) -> Iterator[None]:
    """Dropout layers as in training, everything else (batch normalisation) as in use."""
    from torch import nn

    layers = [m for net in nets for m in net.modules() if isinstance(m, nn.modules.dropout._DropoutNd) and m.p > 0]
    if on and not layers:
        raise OptionError(
            "G-UNC-002",
            en="Monte Carlo dropout needs a network with dropout layers; this one has none. Train with --drop above 0, or take --way augmentation or ensemble.",
            ja="モンテカルロ・ドロップアウトにはドロップアウト層のあるネットワークが必要です。--drop を 0 より大きくして学習するか、--way augmentation または ensemble を使ってください。",
        )
    for net in nets:
        net.eval()
    for layer in layers if on else ():
        layer.train()
    try:
        yield
    finally:
        for layer in layers:
            layer.eval()
