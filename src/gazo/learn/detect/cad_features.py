"""Candidates, 48 features and a three-layer perceptron: the classical computer-aided detection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Ge, Label, Le
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed
from gazo.learn.detect.cad_fitted import FittedSpots
from gazo.learn.detect.cad_options import Rows, Scored, SpotDetector, need_lesions_and_others, sigmoid
from gazo.learn.detect.candidates_cases import SpotCases
from gazo.learn.detect.features48 import NAMES

if TYPE_CHECKING:
    import torch

    from gazo.learn.detect.cad_perceptron import Perceptrons


@dataclass(frozen=True, kw_only=True)
class PerceptronOptions:
    """How the perceptron over the features is taught."""

    hidden: Annotated[int, Ge(1), Le(200), Label("中間層のユニット数", "Hidden units")] = 12
    members: Annotated[int, Ge(1), Le(50), Label("平均するパーセプトロンの数", "Perceptrons that are averaged")] = 5
    penalty: Annotated[float, Ge(0), Le(1000), Label("重みの L2 正則化", "L2 penalty of the weights")] = 5.0
    perceptron_epochs: Annotated[int, Ge(1), Le(10_000), Label("パーセプトロンのエポック数", "Epochs of the perceptron")] = 80
    balance_candidates: Annotated[
        bool, Label("病変の候補を繰り返してクラスを同数にする", "Repeat lesions until classes are equal")
    ] = False

    def perceptrons(self, cases: SpotCases, rows: Rows, *, seed: int) -> Perceptrons:
        """Perceptrons taught on the candidates of some images."""
        from gazo.learn.detect.cad_perceptron import taught

        features, lesion = candidates_of(cases, rows)
        need_lesions_and_others(int(lesion.sum()), int((~lesion).sum()))
        return taught(
            features, lesion, hidden=self.hidden, members=self.members, penalty=self.penalty, epochs=self.perceptron_epochs,
            balanced=self.balance_candidates, seed=derived_seed(seed, "perceptrons") % 2**31,
        )  # fmt: skip

    def empty_perceptrons(self) -> Perceptrons:
        """Perceptrons before they are taught."""
        from gazo.learn.detect.cad_perceptron import Perceptrons

        return Perceptrons(features=len(NAMES), hidden=self.hidden, members=self.members)


@method("detect", "特徴量とパーセプトロンによる検出", "Features and a perceptron", name="feature-detector", booklet=("C1", "D4"))
@dataclass(frozen=True, kw_only=True)
class FeatureDetector(PerceptronOptions, SpotDetector):
    """Find spots as computer-aided detection always did: filters find candidates, features describe them, a perceptron decides.

    Candidates are the peaks of the directional contrast; 48 features of filters, shape, texture and colour; three layers.
    """

    @property
    def features(self) -> bool:
        return True

    @property
    def name(self) -> Text:
        return Text("特徴量 + パーセプトロン", "features + perceptron")

    def build(self, *, seed: int) -> torch.nn.Module:
        return self.empty_perceptrons()

    def scored(self, net: torch.nn.Module, cases: SpotCases, row: int) -> Scored:
        return cases.points[row], sigmoid(net.logits(cases.features[row]))  # type: ignore[operator]

    def fit_prepared(
        self, cases: SpotCases, train_rows: Rows, validation_rows: Rows, *, seed: int, checkpoint: Path | None = None, on_event: OnEvent = quiet
    ) -> FittedSpots:  # fmt: skip
        net = self.perceptrons(cases, train_rows, seed=seed)
        return FittedSpots(self, (net,), seed).with_threshold_from(cases, validation_rows)


def candidates_of(cases: SpotCases, rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The features of all candidates of some images, and which are lesions."""
    features = np.concatenate([np.zeros((0, len(NAMES))), *(cases.features[int(row)] for row in rows)])
    lesion = np.concatenate([np.zeros(0, bool), *(cases.hit(int(row), cases.points[int(row)]) for row in rows)])
    return features, lesion
