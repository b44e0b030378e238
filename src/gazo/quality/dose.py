"""Patient dose: entrance air kerma from the output of the tube, and the median of a facility against diagnostic reference levels."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import DataError, OptionError, nearest
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.quality.inputs import column, has_column, numbers
from gazo.quality.intervals import of_median

Version = Literal["japan-2015", "japan-2020", "japan-2025"]


@result("entrance air kerma")
@dataclass(frozen=True, eq=False, kw_only=True)
class EntranceAirKerma(Measurement):
    """Kerma at the entrance without (incident) and with back-scatter (entrance surface)."""

    incident: Estimate
    entrance: Estimate


@result("drl comparison")
@dataclass(frozen=True, eq=False, kw_only=True)
class DrlComparison(Measurement):
    """Median dose of each examination, and the table of medians, reference levels, ratios and verdicts."""

    medians: tuple[Estimate, ...]
    comparison: Table


@operation("入射表面線量の計算", "Entrance air kerma", booklet="W7")
def entrance_air_kerma(
    output: Curve | None = None,
    *,
    mas: Annotated[float, Gt(0), Le(10_000), Label("管電流時間積", "Tube load", "mAs")],
    focus_skin_cm: Annotated[float, Gt(0), Le(500), Label("焦点皮膚間距離", "Focus to skin", "cm")],
    tube_kv: Annotated[
        float, Gt(0), Le(200), Label("管電圧 (出力曲線から読むとき)", "Tube voltage, to read the output curve", "kV")
    ] = 80.0,
    output_ugy_per_mas: Annotated[
        float | None,
        Gt(0),
        Le(10_000),
        Label("基準距離での出力 (空欄なら曲線から)", "Output at the reference distance", "µGy/mAs"),
    ] = None,
    reference_cm: Annotated[float, Gt(0), Le(500), Label("出力の基準距離", "Reference distance of the output", "cm")] = 100.0,
    backscatter_factor: Annotated[float, Ge(1), Le(2), Label("後方散乱係数", "Back-scatter factor")] = 1.35,
    uncertainty_percent: Annotated[
        float, Ge(0), Le(100), Label("拡張不確かさ (k = 2)", "Expanded uncertainty (k = 2)", "%")
    ] = 10.0,
) -> EntranceAirKerma:
    """Incident air kerma K_i = Y(kV) mAs (d_ref / FSD)^2 and entrance surface air kerma K_e = K_i BSF (IAEA TRS 457; ICRU 74).

    The default factor of 1.35 is a usual value for adults and general radiography, recalled, not read here; it lies between
    1.2 and 1.5 with beam and field. The interval is the expanded uncertainty given, nothing measured.

    Parameters
    ----------
    output : Y against kV in uGy/mAs at the reference distance; straight lines between points of the logarithms (Y rises as a power of kV).
    output_ugy_per_mas : Y itself, instead of the curve.
    """
    factor = output_ugy_per_mas if output_ugy_per_mas is not None else _read(output, tube_kv)
    incident = factor * mas * (reference_cm / focus_skin_cm) ** 2 / 1000
    share = uncertainty_percent / 100

    def estimate(name: Text, value: float) -> Estimate:
        return Estimate(name, value, value * (1 - share), value * (1 + share), 0.95, "expanded uncertainty k = 2, given", "mGy")

    return EntranceAirKerma(
        incident=estimate(Text("入射空気カーマ", "Incident air kerma"), incident),
        entrance=estimate(Text("入射表面空気カーマ", "Entrance surface air kerma"), incident * backscatter_factor),
        sentence=Text(
            f"入射表面線量は出力 {factor:g} µGy/mAs ({reference_cm:g} cm)、{mas:g} mAs、焦点皮膚間距離 {focus_skin_cm:g} cm、後方散乱係数 {backscatter_factor:g} から計算した (IAEA TRS 457)。",
            f"Entrance surface air kerma was calculated from an output of {factor:g} uGy/mAs at {reference_cm:g} cm, {mas:g} mAs, focus to skin "
            f"{focus_skin_cm:g} cm and a back-scatter factor of {backscatter_factor:g} (IAEA TRS 457).",
        ),
    )


@operation("診断参考レベルとの比較", "Comparison with diagnostic reference levels", booklet="W7")
def drl_compare(
    doses: Table,
    table: Table | None = None,
    *,
    version: Annotated[Version, Label("診断参考レベルの版 (表を渡さないとき)", "Edition, when no table is given")] = "japan-2020",
    item: Annotated[str, Label("検査 (表に item 列がないとき)", "Examination, when the doses have no column item")] = "",
) -> DrlComparison:
    """Median dose of a facility against a reference level, for each examination, with an interval of the median (order statistics).

    A DRL is compared with the median of a group of patients of standard build, never with one patient (ICRP 135). Verdict: above when the
    whole interval lies above the level, below when it lies below, else open. About 20 patients and more make a useful median.

    Parameters
    ----------
    doses : columns dose_mgy, and item where there are several examinations; one row a patient.
    table : columns item, drl_mgy; without it a table of the package, see `drl_table`.
    """
    levels = drl_table(version=version) if table is None else table
    known = {str(k): float(v) for k, v in zip(column(levels, "item"), numbers(levels, "drl_mgy"), strict=True)}
    found, kinds = _by_item(doses, item, set(known)), list(dict.fromkeys(_items(doses, item)))
    medians = tuple(of_median(Text(kind, kind), found[kind], unit="mGy") for kind in kinds)
    rows = tuple(
        (kind, len(found[kind]), m.value, m.low, m.high, known[kind], m.value / known[kind], _verdict(m, known[kind]))
        for kind, m in zip(kinds, medians, strict=True)
    )
    few = [kind for kind in kinds if len(found[kind]) < 20]
    source = Text("利用者の表", "a table of the user's own") if table is not None else levels.title
    return DrlComparison(
        medians=medians,
        comparison=Table(
            Text("診断参考レベルとの比較", "Medians against reference levels"),
            (
                Text("検査", "item"),
                Text("人数", "patients"),
                Text("中央値 [mGy]", "median [mGy]"),
                Text("95 % 下限", "low 95 %"),
                Text("95 % 上限", "high 95 %"),
                Text("DRL [mGy]", "DRL [mGy]"),
                Text("中央値 / DRL", "median / DRL"),
                Text("判定", "verdict"),
            ),
            rows,
            levels.notes,
        ),
        warnings=(Text(f"20 人未満の検査: {', '.join(few)}", f"fewer than 20 patients: {', '.join(few)}"),) if few else (),
        sentence=Text(
            f"施設の中央値 (順序統計量による 95 % 区間) を{source.ja}と比較した。",
            f"The median of the facility, with an interval from order statistics, was compared with {source.en}.",
        ),
    )


@feature("診断参考レベルの表", "Table of diagnostic reference levels", booklet="W7")
def drl_table(*, version: Version = "japan-2020") -> Table:
    """An edition of the Japanese DRLs for general radiography, to look at, or to change and give to `drl_compare`.

    Parameters
    ----------
    version : japan-2015 or japan-2020; of japan-2025 only the date is known here, and asking for it tells what to do.
    """
    editions = _editions()
    if version not in editions:
        hint = nearest(str(version), editions)
        raise OptionError(
            "G-QUA-335",
            en=f"there is no edition '{version}' of reference levels. {hint.en}",
            ja=f"「{version}」という版の診断参考レベルはありません。{hint.ja}",
        )
    edition = editions[version]
    if not edition["items"]:
        raise DataError(
            "G-QUA-336",
            en=f"the numbers of {edition['name_en']} ({edition['published']}) are not in this package; get them from {edition['source']} and give them as a table with item, drl_mgy.",
            ja=f"{edition['name_ja']} ({edition['published']}) の数値は収録していません。{edition['source']} から入手し、item, drl_mgy の列を持つ表で指定してください。",
        )
    rows = tuple((key, entry["mgy"], Text(entry["ja"], entry["en"])) for key, entry in edition["items"].items())
    return Table(
        Text(edition["name_ja"], edition["name_en"]),
        (Text("item", "item"), Text("drl_mgy", "drl_mgy"), Text("検査", "examination")),
        rows,
        (
            Text(
                f"公表 {edition['published']}。二次資料から転記",
                f"published {edition['published']}; {edition['source']}; {edition['checked']}",
            ),
        ),
    )


@cache
def _editions() -> dict[str, Any]:
    return tomllib.loads(files("gazo.quality").joinpath("data/drl.toml").read_text("utf-8"))


def _read(output: Curve | None, tube_kv: float) -> float:
    """Y at a voltage from the curve; outside of it is refused."""
    if output is None:
        raise DataError(
            "G-QUA-337",
            en="the output of the tube is needed; neither a curve nor output_ugy_per_mas came. Measure it at 1 m, or give the value of the yearly check.",
            ja="X 線管の出力が必要ですが、曲線も output_ugy_per_mas も指定されていません。1 m で測定するか、定期点検の値を指定してください。",
        )
    kv, y = np.asarray(output.x, np.float64), np.asarray(output.y, np.float64)
    order = np.argsort(kv)
    kv, y = kv[order], y[order]
    if not (kv[0] <= tube_kv <= kv[-1]) or kv[0] <= 0 or float(y.min()) <= 0:
        raise DataError(
            "G-QUA-338",
            en=f"the output curve must cover {tube_kv:g} kV with values above 0; it goes from {kv[0]:g} to {kv[-1]:g} kV. Measure that voltage too.",
            ja=f"出力曲線は {tube_kv:g} kV を含み、値は 0 より大きい必要があります。範囲は {kv[0]:g}〜{kv[-1]:g} kV です。その管電圧も測定してください。",
        )
    return float(np.exp(np.interp(np.log(tube_kv), np.log(kv), np.log(y))))


def _items(doses: Table, item: str) -> tuple[str, ...]:
    if has_column(doses, "item"):
        return tuple(map(str, column(doses, "item")))
    return (item,) * len(doses.rows)


def _by_item(doses: Table, item: str, known: set[str]) -> dict[str, np.ndarray]:
    """Doses of each examination; an examination without a reference level is refused by name."""
    items, values = _items(doses, item), numbers(doses, "dose_mgy")
    unknown = next((kind for kind in items if kind not in known), None)
    if unknown is not None:
        hint = nearest(unknown, known)
        raise OptionError(
            "G-QUA-339",
            en=f"there is no reference level for '{unknown}'. {hint.en}",
            ja=f"「{unknown}」の診断参考レベルはありません。{hint.ja}",
        )
    if float(values.min()) <= 0:
        raise DataError(
            "G-QUA-340",
            en=f"every dose must be above 0 mGy; {values.min():g} came. Leave out rows without a dose.",
            ja=f"線量はすべて 0 mGy より大きい必要があります。受け取った値: {values.min():g}。線量のない行を除いてください。",
        )
    return {kind: values[[k == kind for k in items]] for kind in dict.fromkeys(items)}


def _verdict(median: Estimate, level: float) -> Text:
    if median.low is not None and median.low > level:
        return Text("DRL より高い", "above the DRL")
    if median.high is not None and median.high < level:
        return Text("DRL より低い", "below the DRL")
    return Text("判定できない (区間が DRL を含む)", "open (interval holds the DRL)")
