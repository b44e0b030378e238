"""The patch network that scans an image: every place is judged by what lies around it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.progress import OnEvent, quiet
from gazo.learn.detect.cad_fitted import FittedSpots
from gazo.learn.detect.cad_options import Rows, Scored, SpotDetector
from gazo.learn.detect.candidates_cases import SpotCases
from gazo.learn.detect.patch_options import PatchOptions

if TYPE_CHECKING:
    import torch

SEEN = {
    "none": Text("原画像", "image"),
    "filters": Text("強調画像", "enhanced"),
    "both": Text("原画像 + 強調画像", "image + enhanced"),
}


@method("detect", "パッチ CNN のラスタ走査", "Patch network by raster scan", name="patch-detector", booklet=("C2", "D4", "D6"))
@dataclass(frozen=True, kw_only=True)
class PatchDetector(PatchOptions, SpotDetector):
    """Find small spots by a small network that looks at a patch about every place; the peaks of its map are the findings.

    For lesions of a few pixels that no proposal of regions would find. Few lesions are stretched by turning, mirroring and shifting;
    classes are equal in every batch; the second pass learns from the false positives of the first.
    """

    @property
    def name(self) -> Text:
        seen = SEEN[self.enhancement]
        return Text(f"パッチ CNN ({seen.ja})", f"patch CNN ({seen.en})")

    def build(self, *, seed: int) -> torch.nn.Module:
        return self.network(seed=seed)

    def scored(self, net: torch.nn.Module, cases: SpotCases, row: int) -> Scored:
        return self.scanned(net, cases, row, most=self.most_found, apart=self.merge_radii * cases.radius[row])

    def fit_prepared(
        self, cases: SpotCases, train_rows: Rows, validation_rows: Rows, *, seed: int, checkpoint: Path | None = None, on_event: OnEvent = quiet
    ) -> FittedSpots:  # fmt: skip
        net, history = self.taught_network(cases, train_rows, seed=seed, checkpoint=checkpoint, on_event=on_event)
        return FittedSpots(self, (net,), seed, histories=(history,)).with_threshold_from(cases, validation_rows)
