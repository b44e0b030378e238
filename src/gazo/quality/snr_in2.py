"""The squared signal-to-noise ratio of the beam, for each air kerma: the constants of the standard beams, and from a spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from gazo.core.errors import DataError, MissingError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Table, result

Standard = Literal["2003", "2015"]
Beam = Literal["RQA3", "RQA5", "RQA7", "RQA9"]
UNIT = "1/(mm² µGy)"

READ, RECALLED = "V", "R"
# SNRin^2 in 1/(mm^2 uGy), and whether the number was read [V] or recalled [R]. 2003: IEC 62220-1:2003; 2015: Table 3 of
# IEC 62220-1-1:2015 as cited in the source of another program; neither standard itself was read. Photons of computed, HVL-matched
# spectra (SpekPy 2.5.4) lie within 2 % of all of them.
SNR_IN2: dict[Standard, dict[Beam, tuple[float, str]]] = {
    "2003": {"RQA3": (21759, READ), "RQA5": (30174, READ), "RQA7": (32362, READ), "RQA9": (31077, READ)},
    "2015": {"RQA3": (20673, READ), "RQA5": (29653, READ), "RQA7": (32490, READ), "RQA9": (31007, RECALLED)},
}
# Tube voltage, added aluminium and half-value layer of the beams (IEC 61267:2005, recalled).
BEAMS: dict[Beam, tuple[float, float, float]] = {
    "RQA3": (50, 10, 3.8),
    "RQA5": (70, 21, 6.8),
    "RQA7": (90, 30, 9.2),
    "RQA9": (120, 40, 11.6),
}


@result("snr-in2")
@dataclass(frozen=True, eq=False, kw_only=True)
class SnrIn2(Measurement):
    """SNRin^2 of a beam, its first half-value layer, and the standard beams beside it."""

    snr_in2: Estimate
    hvl: Estimate
    standard_beams: Table


def constant(beam: Beam, standard: Standard) -> tuple[float, Text]:
    """SNRin^2 in 1/(mm^2 uGy) and where it comes from."""
    value, mark = SNR_IN2[standard][beam]
    ja, en = ("", "") if mark == READ else ("、記憶による値", ", recalled")
    return value, Text(
        f"SNRin² = {value:g} mm⁻² µGy⁻¹ ({beam}、IEC 62220-1{'-1' if standard == '2015' else ''}:{standard}{ja})",
        f"SNRin² = {value:g} mm⁻² µGy⁻¹ ({beam}, IEC 62220-1{'-1' if standard == '2015' else ''}:{standard}{en})",
    )


@operation("線質スペクトルから SNRin² を求める", "SNRin² from a spectrum", booklet="W6")
def snr_in2_from_spectrum(
    *,
    kv: Annotated[float, Ge(20), Le(300), Label("管電圧", "Tube voltage", "kV")] = 70.0,
    added_al_mm: Annotated[float, Ge(0), Le(100), Label("付加フィルタ (アルミニウム)", "Added aluminium", "mm")] = 21.0,
    inherent_al_mm: Annotated[
        float, Ge(0), Le(20), Label("固有ろ過 (アルミニウム当量)", "Inherent filtration (aluminium)", "mm")
    ] = 2.5,
    anode_degrees: Annotated[float, Gt(4), Le(45), Label("ターゲット角度", "Anode angle", "°")] = 12.0,
) -> SnrIn2:
    """Photons per mm^2 and uGy of air kerma of a tungsten tube: SNRin^2 of an ideal photon counter, as IEC 62220-1 takes it.

    The spectrum is computed with SpekPy (Poludniowski et al., Med Phys 2021; 48: 3630), which has to be installed.
    """
    try:
        import spekpy
    except ImportError:
        raise MissingError(
            "G-QUA-422",
            en="a spectrum is computed with SpekPy, which is not installed; run: pip install spekpy. Or use the constants of the standard beams.",
            ja="スペクトルの計算には SpekPy が必要ですが、インストールされていません。pip install spekpy を実行するか、標準線質の定数を使ってください。",
        ) from None
    spectrum = spekpy.Spek(kvp=kv, th=anode_degrees)
    spectrum.filter("Al", inherent_al_mm + added_al_mm)
    kerma, fluence = float(spectrum.get_kerma()), float(spectrum.get_flu())
    if not kerma > 0:
        raise DataError(
            "G-QUA-423",
            en=f"nothing of a {kv:g} kV beam is left behind {inherent_al_mm + added_al_mm:g} mm of aluminium; take less filtration or a higher voltage.",
            ja=f"{kv:g} kV の X 線はアルミニウム {inherent_al_mm + added_al_mm:g} mm の後ろに残りません。フィルタを薄くするか管電圧を上げてください。",
        )
    per_mm2 = fluence / kerma / 100  # photons/cm^2 to photons/mm^2
    total = f"{kv:g} kV, {inherent_al_mm:g} + {added_al_mm:g} mm Al"
    return SnrIn2(
        snr_in2=Estimate(Text("SNRin²", "SNRin²"), per_mm2, unit=UNIT),
        hvl=Estimate(
            Text("第 1 半価層 (アルミニウム)", "first half-value layer (aluminium)"), float(spectrum.get_hvl1()), unit="mm"
        ),
        standard_beams=beam_table(),
        sentence=Text(
            f"SNRin² は {total} のスペクトル (SpekPy) の、空気カーマあたりの光子数として求めた: {per_mm2:.0f} mm⁻² µGy⁻¹。",
            f"SNRin² was computed as photons per air kerma of the spectrum of {total} (SpekPy): {per_mm2:.0f} mm⁻² µGy⁻¹.",
        ),
    )


def beam_table() -> Table:
    """The constants of both editions with their marks."""
    headings = (
        Text("線質", "Beam"),
        Text("管電圧 [kV] [R]", "Tube voltage [kV] [R]"),
        Text("付加アルミニウム [mm] [R]", "Added aluminium [mm] [R]"),
        Text("半価層 [mm Al] [R]", "Half-value layer [mm Al] [R]"),
        *(Text(f"SNRin² {s}", f"SNRin² {s}") for s in SNR_IN2),
    )
    rows = tuple(
        (beam, *setting, *(f"{value:g} [{mark}]" for value, mark in (SNR_IN2[s][beam] for s in SNR_IN2)))
        for beam, setting in BEAMS.items()
    )
    notes = (Text("[V] 読んで確認した値、[R] 記憶による値", "[V] read, [R] recalled, not read"),)
    return Table(Text("標準線質と SNRin² [mm⁻² µGy⁻¹]", "Standard beams and SNRin² [mm⁻² µGy⁻¹]"), headings, rows, notes)
