"""The patch network and the perceptron over features, joined: as the article detects microaneurysms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Ge, Label, Le
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed, generator
from gazo.learn.detect.cad_features import PerceptronOptions, candidates_of
from gazo.learn.detect.cad_fitted import FittedSpots
from gazo.learn.detect.cad_options import Rows, Scored, SpotDetector, sigmoid
from gazo.learn.detect.candidates_cases import SpotCases
from gazo.learn.detect.dense import patch_scores
from gazo.learn.detect.patch_options import PatchOptions

if TYPE_CHECKING:
    import torch

    from gazo.learn.detect.patch_network import PatchNetwork


@method("detect", "パッチ CNN と特徴量の併用", "Patch network and features together", name="combined-detector", booklet="D4")
@dataclass(frozen=True, kw_only=True)
class CombinedDetector(PatchOptions, PerceptronOptions, SpotDetector):
    """Find small spots by a patch network and by a perceptron over 48 features; a logistic regression joins their scores.

    Both judge the same candidates. The regression learns from scores of training images that neither part had seen: the training part
    is divided once more, by patient.
    """

    inner_folds: Annotated[
        int, Ge(2), Le(10), Label("併用を学習するための内側の分割数", "Inner folds from which the joining is learned")
    ] = 3

    @property
    def features(self) -> bool:
        return True

    @property
    def name(self) -> Text:
        return Text("パッチ CNN + 特徴量", "patch CNN + features")

    def build(self, *, seed: int) -> torch.nn.Module:
        from gazo.learn.detect.cad_joint import Joint

        return Joint(self.network(seed=seed), self.empty_perceptrons())

    def scored(self, net: torch.nn.Module, cases: SpotCases, row: int) -> Scored:
        return cases.points[row], sigmoid(net.joined(self.parts(net.patches, net.perceptrons, cases, row)))  # type: ignore[operator]

    def parts(self, network: Any, perceptrons: Any, cases: SpotCases, row: int) -> NDArray[np.float64]:
        """(n, 2): what the network and what the perceptrons say of the candidates of an image, as logits."""
        seen = patch_scores(network, cases.channels(row, self.enhancement), cases.points[row])
        return np.column_stack([seen.astype(np.float64), perceptrons.logits(cases.features[row])])

    def fit_prepared(
        self, cases: SpotCases, train_rows: Rows, validation_rows: Rows, *, seed: int, checkpoint: Path | None = None, on_event: OnEvent = quiet
    ) -> FittedSpots:  # fmt: skip
        from gazo.learn.detect.cad_joint import Joint, regression

        said, lesion = [], []
        for number, (inner, left) in enumerate(self._inner(cases, train_rows, seed)):
            own = derived_seed(seed, "inner", number)
            network, perceptrons, _ = self._both(cases, inner, own, checkpoint, f"inner{number}", on_event)
            said += [self.parts(network, perceptrons, cases, int(row)) for row in left]
            lesion.append(candidates_of(cases, left)[1])
        network, perceptrons, history = self._both(cases, train_rows, seed, checkpoint, "whole", on_event)
        net = Joint(network, perceptrons, *regression(np.concatenate(said), np.concatenate(lesion)))
        return FittedSpots(self, (net.eval(),), seed, histories=(history,)).with_threshold_from(cases, validation_rows)

    def _both(
        self, cases: SpotCases, rows: Rows, seed: int, checkpoint: Path | None, name: str, on_event: OnEvent
    ) -> tuple[PatchNetwork, Any, Any]:
        stored = None if checkpoint is None else checkpoint.with_name(f"{checkpoint.stem}-{name}.pt")
        network, history = self.taught_network(cases, rows, seed=seed, checkpoint=stored, on_event=on_event)
        return network, self.perceptrons(cases, rows, seed=seed), history

    def _inner(self, cases: SpotCases, rows: Rows, seed: int) -> Iterator[tuple[Rows, Rows]]:
        """The training images divided by patient: what an inner pair learns from, and what it is asked about."""
        patients = np.array([cases.patients[int(row)] for row in rows])
        ill = [p for p in dict.fromkeys(patients) if any(len(cases.truth[int(r)]) for r in rows[patients == p])]
        well = [p for p in dict.fromkeys(patients) if p not in set(ill)]
        rng = generator(seed, "inner")
        dealt = [*rng.permutation(ill), *rng.permutation(well)]  # those with lesions first, so that every part has some
        for number in range(min(self.inner_folds, len(ill))):
            left = np.isin(patients, dealt[number :: self.inner_folds])
            yield rows[~left], rows[left]
