"""Bands of spectra: how much repeats of the same measurement - images, or rows of regions in an image - differ from one another."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.seeds import generator

Floats = NDArray[np.float64]
MANY_IMAGES = 5  # from here on images are the repeats; of fewer, the groups of regions in them


@dataclass
class Repeats:
    """Curves of groups of regions, gathered image by image; of many images only their means are kept.

    Parameters
    ----------
    reach : groups of one image whose places lie nearer to each other than this share pixels.
    power : repeats that share a part o of their pixels correlate by o^power: 2 in a single line of the spectrum, 1 where many
        lines are averaged (white noise); 1.5 stands between.
    """

    reach: int
    power: float = 1.5
    groups: list[tuple[int, int, float, Floats]] = field(default_factory=list)
    images: list[tuple[float, Floats]] = field(default_factory=list)

    def add_image(self, groups: list[tuple[int, float, Floats]]) -> None:
        """Groups of one image as (place, number of regions, mean curve of them)."""
        if len(self.images) < MANY_IMAGES - 1:
            self.groups += [(len(self.images), place, count, curve) for place, count, curve in groups]
        counts = np.array([count for _, count, _ in groups])
        mean = counts @ np.stack([curve for *_, curve in groups]) / counts.sum()
        self.images.append((float(counts.sum()), mean))

    @property
    def mean(self) -> Floats:
        """The curve of all regions."""
        shares, curves, _ = self._units()
        return np.asarray(shares @ curves, np.float64)

    @property
    def words(self) -> Text:
        """What the repeats are."""
        shares, _, correlation = self._units()
        n = len(shares)
        if len(self.images) >= MANY_IMAGES:
            return Text(f"{n} 枚の画像", f"{n} images")
        joined = correlation.sum() > n
        return Text(
            f"画像 {len(self.images)} 枚の中の {n} 組の関心領域" + (" (重なりの相関を含む)" if joined else ""),
            f"{n} groups of regions in {len(self.images)} image(s)"
            + (", correlation of overlapping ones included" if joined else ""),
        )

    @property
    def said(self) -> Text:
        """How the intervals were made, or why there are none."""
        if len(self._units()[0]) < 3:
            return Text(
                "繰り返しが 3 組に満たないため区間は求めていない。",
                "There are fewer than three repeats, so no intervals are given.",
            )
        words = self.words
        return Text(
            f"95 % 区間は{words.ja}のばらつきから t 分布 (対数) で求めた。",
            f"95 % intervals: Student's t on the logarithm over {words.en}.",
        )

    def band(self, level: float = 0.95) -> tuple[Floats | None, Floats | None]:
        """Limits of the mean curve, mean exp(-+ t SE / mean), Student's t over the repeats; None of fewer than three repeats.

        With shares w of the regions and correlations R of the repeats, SE^2 = q sum_k w_k (curve_k - mean)^2 / (K - q) and
        q = sum_kl sqrt(w_k w_l) R_kl, which is s^2 / K for equal independent repeats; degrees of freedom K^2 / sum R_kl^2 - 1.
        """
        from scipy.special import stdtrit

        shares, curves, correlation = self._units()
        if len(shares) < 3:
            return None, None
        mean, roots = shares @ curves, np.sqrt(shares)
        lost = float(roots @ correlation @ roots)
        square = shares @ (curves - mean) ** 2 * lost / (len(shares) - lost)
        relative = np.sqrt(square) / np.maximum(mean, np.finfo(float).tiny)
        freedom = len(shares) ** 2 / float((correlation**2).sum()) - 1
        width = np.exp(np.minimum(float(stdtrit(freedom, (1 + level) / 2)) * relative, 50))
        return mean / width, mean * width

    def resampled(self, repeats: int, seed: int, name: str) -> Floats | None:
        """Mean curves of bootstrap resamples of the repeats (repeats, n); None of fewer than three."""
        shares, curves, _ = self._units()
        if len(shares) < 3:
            return None
        rng = generator(seed, "spectrum", name)
        counts = rng.multinomial(len(shares), np.full(len(shares), 1 / len(shares)), size=repeats) * shares
        return np.asarray(counts @ curves / counts.sum(1, keepdims=True), np.float64)

    def _units(self) -> tuple[Floats, Floats, Floats]:
        """Shares, curves (k, n) and the correlations of the repeats."""
        if len(self.images) >= MANY_IMAGES:
            counts = np.array([count for count, _ in self.images])
            return counts / counts.sum(), np.stack([curve for _, curve in self.images]), np.eye(len(counts))
        image, place, counts, curves = zip(*self.groups, strict=True)
        of, at = np.array(image), np.array(place)
        shared = np.clip(1 - np.abs(at[:, None] - at) / self.reach, 0, None) * (of[:, None] == of)
        return np.array(counts) / sum(counts), np.stack(curves), shared**self.power
