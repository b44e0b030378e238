"""Filters written as words, such as "log:sigma_mm=2": which filter, with which options, and how far it looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gazo.core.errors import OptionError, nearest
from gazo.core.image import Image
from gazo.core.parameters import checked, parameters_of
from gazo.radiomics.filters.gabor import REACH, gabor
from gazo.radiomics.filters.laplacian import laplacian_of_gaussian
from gazo.radiomics.filters.laws import laws
from gazo.radiomics.filters.mean import mean_filter
from gazo.radiomics.filters.simoncelli import simoncelli
from gazo.radiomics.filters.wavelets import separable_wavelet, wavelet_taps

FILTERS: dict[str, Callable[..., Image]] = {
    "mean": mean_filter,
    "log": laplacian_of_gaussian,
    "laws": laws,
    "gabor": gabor,
    "wavelet": separable_wavelet,
    "simoncelli": simoncelli,
}
_SIMONCELLI_PX = 32  # at level 1; its kernel falls off with distance without an end


@dataclass(frozen=True)
class NamedFilter:
    """A filter with its options, small and picklable; called with an image it gives the response map."""

    words: str
    name: str
    options: tuple[tuple[str, Any], ...]

    def __call__(self, image: Image, *, by_slice: bool = False) -> Image:
        """The response map; `by_slice` holds where the words do not say otherwise."""
        return FILTERS[self.name](image, **{"by_slice": by_slice, **dict(self.options)})

    def reach_mm(self, spacing_mm: Sequence[float]) -> float:
        """How far from a pixel the values lie that its response is made of; infinite for the periodic boundary."""
        options = {p.name: p.default for p in parameters_of(FILTERS[self.name])} | dict(self.options)
        if options["boundary"] == "periodic":
            return float("inf")
        if self.name == "log":
            return float(options["sigma_mm"] * options["cutoff"] + max(spacing_mm))
        if self.name == "gabor":
            return float(REACH * options["sigma_mm"] * max(1, 1 / options["gamma"]) + max(spacing_mm))
        return float(max(spacing_mm) * _reach_px(self.name, options))


def _reach_px(name: str, options: dict[str, Any]) -> int:
    """Reach of the filters whose size is counted in pixels."""
    if name == "mean":
        return int(options["size"]) // 2
    if name == "laws":
        return 2 + int(options["energy_px"])
    if name == "wavelet":  # one kernel after the other, each twice as wide as the one before
        return len(wavelet_taps(options["family"])[0]) << int(options["level"])
    return _SIMONCELLI_PX << (int(options["level"]) - 1)


def filters_named(words: Sequence[str]) -> tuple[NamedFilter, ...]:
    """The filters that the words stand for; "wavelet:bands=all" is one for each band of a volume."""
    found: list[NamedFilter] = []
    for word in words:
        bands = ("LLL", "LLH", "LHL", "HLL", "LHH", "HLH", "HHL", "HHH") if "bands=all" in word.split(":") else ("all",)
        found += [_named(word.replace("bands=all", f"bands={band}")) for band in bands]
    return tuple(dict.fromkeys(found))


def _named(words: str) -> NamedFilter:
    name, *parts = words.strip().split(":")
    if name not in FILTERS:
        hint = nearest(name, FILTERS)
        raise OptionError(
            "G-RAD-210",
            en=f"there is no filter '{name}'. {hint.en}",
            ja=f"「{name}」というフィルタはありません。{hint.ja}",
        )
    pairs = [part.partition("=") for part in parts]
    if any(not sign or not key or not value for key, sign, value in pairs):
        raise OptionError(
            "G-RAD-211",
            en=f"a filter is written as its name and options divided by colons, such as log:sigma_mm=2; '{words}' came. Correct it.",
            ja=f"フィルタは log:sigma_mm=2 のように、名前とオプションをコロンで区切って書きます。受け取った値: 「{words}」。書き直してください。",
        )
    options = checked(FILTERS[name], {key: value for key, _, value in pairs})
    return NamedFilter(words.strip(), name, tuple(sorted(options.items())))
