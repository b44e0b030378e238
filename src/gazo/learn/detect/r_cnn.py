"""R-CNN: proposals, features of each by a convolutional network, a support vector machine, box regression (Girshick et al. 2014)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Ge, Gt, Label, Le
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.seeds import generator
from gazo.learn.detect.cases import Cases
from gazo.learn.detect.detector import Detector, Facts, Places, Rows, need_enough
from gazo.learn.detect.feed import PROPOSAL, BoxFeed, padded
from gazo.learn.detect.fitted import FittedDetector
from gazo.learn.detect.selective_search import SearchOptions, searched
from gazo.training.augment import NO_AUGMENTATION
from gazo.training.feed import standardise

if TYPE_CHECKING:
    import torch

OBJECT, BACKGROUND, REGRESSED = 0.5, 0.3, 0.6  # IoU: fine-tuning and SVM (Girshick et al. 2014, 2.3), box regression (appendix C)
Floats = NDArray[np.float64]


@method("detect", "R-CNN による検出", "R-CNN", name="rcnn", booklet="D1")
@dataclass(frozen=True, kw_only=True)
class RCNN(SearchOptions, Detector):
    """Selective Search proposes boxes; each is cut out with a margin, scaled to one size and described by a convolutional network; a linear
    support vector machine judges it; ridge regression moves the box; doubles are removed.

    In this order: the network learns to tell proposals that overlap a lesion by 0.5 from the others (32 and 96 a batch); then it stays as it
    is, and the machine learns from true boxes against proposals below 0.3, with those it takes wrongly for lesions added in rounds (hard
    negatives). The network is small and starts from random weights, not from ImageNet's as in the paper.
    """  # fmt: skip

    epochs: Annotated[int, Ge(1), Le(10_000), Label("エポック数", "Epochs")] = 15
    warp_px: Annotated[int, Ge(16), Le(256), Label("切り出した領域の一辺", "Side of the cut-out regions", "px")] = 32
    context: Annotated[
        float, Ge(0), Le(0.45), Label("周囲を含める割合 (原法 16/227)", "Margin, share of the side (paper: 16/227)")
    ] = 0.2
    svm_c: Annotated[float, Gt(0), Le(1000), Label("SVM の C", "C of the support vector machine")] = 0.1
    rounds: Annotated[int, Ge(1), Le(10), Label("困難な陰性例を加える回数", "Rounds of hard negatives")] = 3
    ridge: Annotated[float, Gt(0), Le(1e6), Label("ボックス回帰の正則化 λ", "Ridge λ of the box regression")] = 1000.0

    @property
    def name(self) -> Text:
        """What reports call it."""
        return Text("R-CNN", "R-CNN")

    def places(self, cases: Cases, rows: Rows, *, seed: int, on_event: OnEvent = quiet) -> Places:
        """The boxes of Selective Search in each image."""
        return searched(cases, rows, self, seed=seed, on_event=on_event)

    def build(self, facts: Facts, *, seed: int) -> torch.nn.Module:
        """The network with the machine's and the regression's weights still 0."""
        from gazo.learn.detect.r_cnn_network import RegionNetwork

        return RegionNetwork(
            self.channels, self.warp_px, self.context, least_score=self.least_score, nms=self.nms, most_found=self.most_found
        )

    def fit_prepared(
        self, cases: Cases, train_rows: Rows, validation_rows: Rows, *, seed: int, checkpoint: Path | None = None, on_event: OnEvent = quiet
    ) -> FittedDetector:  # fmt: skip
        """Three steps: fine-tune the network, fit the machine with hard negatives, fit the box regression."""
        from gazo.training.loop import train

        need_enough(cases, train_rows)
        net: Any = self.seeded({}, seed)
        places = self.places(cases, np.concatenate([train_rows, validation_rows]), seed=seed, on_event=on_event)
        watched = BoxFeed(cases, validation_rows, self.batch_size, seed, NO_AUGMENTATION, places)
        trained = train(
            net, self.feed(cases, train_rows, seed, places), self.parts(), self, seed=seed,
            watch=self.watcher(watched) if len(validation_rows) else None, checkpoint=checkpoint, on_event=on_event,
        )  # fmt: skip
        described = _Described(net, cases, places)
        net.set_machine(*self._machine(described, train_rows, seed, on_event))
        net.set_regression(self._regression(described, train_rows))
        fitted = FittedDetector(self, (net,), {}, seed, histories=(trained.history,))
        return fitted.with_threshold_from(cases, validation_rows)

    def _machine(self, described: _Described, rows: Rows, seed: int, on_event: OnEvent) -> tuple[Floats, float]:
        """Weights and offset of the linear SVM: true boxes against proposals below IoU 0.3, hard ones added in rounds."""
        from sklearn.svm import LinearSVC

        positive = np.concatenate([described.truths(int(row)) for row in rows])
        rng = generator(seed, "negatives")
        kept = [described.negatives(int(row)) for row in rows]
        negative = np.concatenate([part[rng.permutation(len(part))[:20]] for part in kept])
        for number in range(self.rounds):
            machine = LinearSVC(C=self.svm_c, class_weight="balanced", dual=False, max_iter=20_000)
            machine.fit(np.concatenate([positive, negative]), np.repeat([1, 0], [len(positive), len(negative)]))
            on_event(Event(Text("SVM の学習", "Fitting the machine"), number + 1, self.rounds))
            hard = np.concatenate([part[machine.decision_function(part) > -1] for part in kept if len(part)])
            negative = np.unique(np.concatenate([negative, hard]), axis=0)
        return machine.coef_[0], float(machine.intercept_[0])

    def _regression(self, described: _Described, rows: Rows) -> Floats:
        """(features + 1, 4): ridge regression from features to the code of the true box (appendix C of the paper)."""
        pairs = [described.pairs(int(row)) for row in rows]
        features = np.concatenate([p[0] for p in pairs])
        codes = np.concatenate([p[1] for p in pairs])
        ones = np.column_stack([features, np.ones(len(features))])
        penalty = self.ridge * np.eye(ones.shape[1])
        penalty[-1, -1] = 1e-6
        return np.linalg.solve(ones.T @ ones + penalty, ones.T @ codes)


@dataclass(eq=False)
class _Described:
    """Features of boxes of training images, one image at a time."""

    net: Any
    cases: Cases
    places: Places

    def features(self, row: int, boxes: NDArray[np.floating[Any]]) -> Floats:
        """(n, features) of boxes in one image."""
        import torch

        device = next(self.net.parameters()).device
        image = standardise(self.cases.pixels.read([row])).to(device)
        given = padded([np.column_stack([boxes, np.full(len(boxes), PROPOSAL)])])[0, : len(boxes), :4]
        with torch.inference_mode():
            return np.asarray(self.net.described(image, [given.to(device)]).double().cpu().numpy())

    def truths(self, row: int) -> Floats:
        return self.features(row, self.cases.lesions(row))

    def negatives(self, row: int) -> Floats:
        """Proposals that overlap no lesion by 0.3."""
        boxes = self.places[row]
        return self.features(row, boxes[self._overlap(row, boxes)[0] < BACKGROUND])

    def pairs(self, row: int) -> tuple[Floats, Floats]:
        """Features of true boxes and of proposals near a lesion, and the codes that bring them onto it."""
        import torch

        from gazo.learn.detect.boxes import encode

        lesions = self.cases.lesions(row)
        boxes = np.concatenate([self.places[row], lesions])
        overlap, which = self._overlap(row, boxes)
        near = overlap >= REGRESSED
        true = lesions[which[near]] if len(lesions) else lesions
        return self.features(row, boxes[near]), encode(torch.from_numpy(true), torch.from_numpy(boxes[near])).numpy()

    def _overlap(self, row: int, boxes: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """For each box the largest IoU with a lesion, and which."""
        from gazo.stats.detections import iou

        lesions = self.cases.lesions(row)
        if not len(lesions):
            return np.zeros(len(boxes)), np.zeros(len(boxes), np.int64)
        shared = iou(*(np.hstack([b[:, :2], b[:, 2:] - b[:, :2]]) for b in (boxes, lesions)))
        return shared.max(1), shared.argmax(1)
