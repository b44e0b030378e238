"""Exposure delay: the time from the hand switch to the x rays, for one connection of a wireless detector or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Gt, Le, Lt
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.quality.inputs import column, has_column, numbers, planes, region
from gazo.quality.intervals import of_repeats, welch

Floats = NDArray[np.float64]
LEAST_SIGNAL = 6.0  # rise of a trace over the noise of its rest, below which there is no onset to be found

EarlyShare = Annotated[float, Gt(0), Lt(0.5), Label("立ち上がりの閾値", "Threshold of the onset")]


@result("exposure onset")
@dataclass(frozen=True, eq=False, kw_only=True)
class ExposureOnset(Measurement):
    """When the signal passes the early threshold and the half of its plateau, how long it lasts, and the trace itself."""

    onset: Estimate
    half_rise: Estimate
    duration: Estimate
    trace: Curve


@result("exposure delay")
@dataclass(frozen=True, eq=False, kw_only=True)
class ExposureDelay(Measurement):
    """Mean delay of each connection, differences against the first one, and every single exposure."""

    delays: tuple[Estimate, ...]
    differences: tuple[Estimate, ...]
    exposures: Table


@operation("曝射の立ち上がり時刻 (フレーム列)", "Onset of an exposure in frames", booklet="W8")
def exposure_onset(
    frames: Sequence[Image],
    mask: Image | None = None,
    *,
    frame_interval_ms: Annotated[float, Gt(0), Le(1e5), Label("フレーム間隔", "Interval of the frames", "ms")],
    threshold: EarlyShare = 0.1,
) -> ExposureOnset:
    """When an exposure begins in a series of frames (a fast camera before a screen, a detector in continuous readout).

    The mean of the region is the trace; rest is the median before the rise, plateau the median above half of the range. Onset: the
    last passage of rest + `threshold` (plateau - rest) before half, between frames by straight lines; half rise likewise at 50 %. The
    interval moves the trace by 1.96 standard deviations of the rest.

    Parameters
    ----------
    frames : in order of time, the first at 0 ms.
    mask : the part lit by the exposure.
    """
    values = np.array([float(frame[region(mask, frame.shape)].mean()) for frame in planes(frames)])
    return _onset(np.arange(len(values)) * frame_interval_ms, values, threshold)


def _onset(time: Floats, values: Floats, threshold: float) -> ExposureOnset:
    first, half = (
        _with_noise(name, time, values, share)
        for name, share in ((Text("立ち上がり", "Onset"), threshold), (Text("50 % 到達", "Half rise"), 0.5))
    )
    rest, plateau, noise = _levels(values)
    above = np.flatnonzero(values >= (rest + plateau) / 2)
    end = (
        _crossing(time[::-1], values[::-1], (rest + plateau) / 2, (rest + plateau) / 2)
        if above[-1] < len(values) - 1
        else float(time[-1])
    )
    return ExposureOnset(
        onset=first,
        half_rise=half,
        duration=Estimate(Text("照射時間 (半値幅)", "Duration (half width)"), end - half.value, method="one exposure", unit="ms"),
        trace=Curve(
            time,
            values,
            Text("時間", "Time"),
            Text("信号", "Signal"),
            Text("信号の時間変化", "Signal over time"),
            "ms",
            low=values - 1.96 * noise,
            high=values + 1.96 * noise,
        ),
        sentence=Text(
            f"立ち上がりは静止レベルからプラトーまでの {100 * threshold:g} % と 50 % を通る時刻とし、標本間は直線で補間した。",
            f"Onset was the time at which the signal passed {100 * threshold:g} % and 50 % of the way from rest to plateau, straight lines between samples.",
        ),
    )


@operation("曝射遅延時間の比較", "Exposure delay by connection", booklet="W8")
def exposure_delay(
    traces: Table,
    *,
    threshold: EarlyShare = 0.1,
    at_half: Annotated[bool, Label("50 % で判定 (既定は立ち上がり)", "Judge at 50 % (onset otherwise)")] = False,
    reference: Annotated[str, Label("基準の接続方式 (空欄なら最初)", "Connection compared with (the first when empty)")] = "",
    level: Annotated[float, Gt(0.5), Lt(1), Label("信頼水準", "Confidence level")] = 0.95,
) -> ExposureDelay:
    """Delay from the switch to the x rays, by connection (cable, wireless ...), and the differences between connections.

    Each exposure gives one delay: onset of `signal` less onset of `switch` (both by `threshold`, or at 50 %), or the onset itself where the
    table has no switch and time 0 is the trigger. Mean delay with Student's t; differences against the reference with Welch's interval,
    at the level 1 - (1 - level) / m for m of them (Bonferroni), so all hold together.

    Parameters
    ----------
    traces : columns connection, exposure (number of the repeat), time_ms, signal, and switch where it was recorded; one row a sample.
    reference : name of the connection that the others are compared with.
    """
    singles = _singles(traces, threshold, at_half)
    names = list(dict.fromkeys(name for name, *_ in singles))
    base = reference or names[0]
    if base not in names:
        raise DataError(
            "G-QUA-330",
            en=f"the reference must be one of the connections in the table; '{base}' is not. There are: {', '.join(names)}.",
            ja=f"基準は表にある接続方式でなければなりません。「{base}」はありません。接続方式: {', '.join(names)}。",
        )
    by_name = {name: np.array([delay for owner, _, delay in singles if owner == name]) for name in names}
    others = [name for name in names if name != base]
    shared = 1 - (1 - level) / max(1, len(others))
    few = Text(
        "繰り返しが 3 回未満の接続方式があり、区間を求められないか非常に広くなります。",
        "a connection has fewer than three exposures: its interval is missing or very wide.",
    )
    point = "50 %" if at_half else f"{100 * threshold:g} %"
    return ExposureDelay(
        delays=tuple(of_repeats(Text(name, name), by_name[name], unit="ms", level=level) for name in names),
        differences=tuple(
            welch(
                Text(f"{name} - {base}", f"{name} - {base}"),
                by_name[name],
                by_name[base],
                level=shared,
                unit="ms",
                method="Welch, Bonferroni",
            )
            for name in others
        ),
        exposures=Table(
            Text("曝射ごとの遅延", "Delay of each exposure"),
            (Text("接続方式", "connection"), Text("回", "exposure"), Text("遅延 [ms]", "delay [ms]")),
            tuple(singles),
        ),
        warnings=(few,) if min(len(v) for v in by_name.values()) < 3 else (),
        sentence=Text(
            f"曝射遅延は{'スイッチから' if has_column(traces, 'switch') else '時刻 0 から'}信号がプラトーの {point} に達するまでの時間とし、接続方式間の差は Welch 法 (Bonferroni 補正、全体で {100 * level:g} %) で求めた。",
            f"The delay was the time from {'the switch' if has_column(traces, 'switch') else 'time 0'} to {point} of the plateau of the signal; differences between connections "
            f"have Welch intervals, {100 * level:g} % together (Bonferroni).",
        ),
    )


def _singles(traces: Table, threshold: float, at_half: bool) -> list[tuple[str, str, float]]:
    """Connection, repeat and delay of every exposure, in the order of the table."""
    keys = list(zip(map(str, column(traces, "connection")), map(str, column(traces, "exposure")), strict=True))
    time, signal = numbers(traces, "time_ms"), numbers(traces, "signal")
    switch = numbers(traces, "switch") if has_column(traces, "switch") else None
    share = 0.5 if at_half else threshold
    rows: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    found = []
    for (name, exposure), where in rows.items():
        order = np.array(where)[np.argsort(time[where], kind="stable")]
        start = 0.0 if switch is None else _passage(time[order], switch[order], share)
        found.append((name, exposure, _passage(time[order], signal[order], share) - start))
    return found


def _with_noise(name: Text, time: Floats, values: Floats, share: float) -> Estimate:
    """The passage, and the passages of the trace moved up and down by 1.96 standard deviations of its rest."""
    rest, plateau, noise = _levels(values)
    level, half = rest + share * (plateau - rest), (rest + plateau) / 2
    when, early, late = (_crossing(time, values + shift, level, half) for shift in (0.0, 1.96 * noise, -1.96 * noise))
    return Estimate(name, when, min(early, when), max(late, when), method="trace moved by 1.96 SD of its rest", unit="ms")


def _passage(time: Floats, values: Floats, share: float) -> float:
    rest, plateau, _ = _levels(values)
    return _crossing(time, values, rest + share * (plateau - rest), (rest + plateau) / 2)


def _levels(values: Floats) -> tuple[float, float, float]:
    """Rest, plateau, and the standard deviation of the rest (by the median absolute deviation)."""
    middle = (float(values.max()) + float(values.min())) / 2 if len(values) else 0.0
    rise = int(np.argmax(values >= middle)) if len(values) else 0
    if rise < 2:
        raise DataError(
            "G-QUA-331",
            en="a trace must begin at rest, with two samples and more before it rises; this one does not. Start recording before the switch is pressed, and check the polarity.",
            ja="信号は立ち上がる前に 2 点以上の静止部分が必要ですが、ありません。スイッチを押す前から記録し、極性を確認してください。",
        )
    rest = float(np.median(values[: max(2, rise - 1)]))
    quiet = values[: max(2, round(0.8 * rise))]
    noise = float(1.4826 * np.median(np.abs(quiet - np.median(quiet))))
    plateau = float(np.median(values[values >= middle]))
    if plateau - rest < LEAST_SIGNAL * max(noise, 1e-12):
        raise DataError(
            "G-QUA-332",
            en=f"a trace must rise by more than {LEAST_SIGNAL:g} times its noise; this one rises by {(plateau - rest) / max(noise, 1e-12):.1f} times. Check the sensor and its range.",
            ja=f"信号は雑音の {LEAST_SIGNAL:g} 倍を超えて立ち上がる必要がありますが、{(plateau - rest) / max(noise, 1e-12):.1f} 倍しかありません。センサとレンジを確認してください。",
        )
    return rest, plateau, noise


def _crossing(time: Floats, values: Floats, level: float, half: float) -> float:
    """Last time before the first passage of `half` at which the trace passes `level` upwards, by a straight line between samples."""
    top = int(np.argmax(values >= half))
    below = np.flatnonzero(values[:top] < level)
    if len(below) == 0:
        return float(time[0])
    before = int(below[-1])
    part = (level - values[before]) / (values[before + 1] - values[before])
    return float(time[before] + min(max(part, 0.0), 1.0) * (time[before + 1] - time[before]))
