"""W8: delays of exposures by connection of a wireless detector are recovered and told apart, with intervals that hold the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.core.results import Estimate, Table
from gazo.core.seeds import generator
from gazo.phantoms.exposure_delay import exposure_delay_traces
from gazo.quality.exposure_delay import exposure_delay, exposure_onset
from gazo.runs.proof import Proof, proof

CONNECTIONS = ("cable", "wireless 5 GHz", "wireless 2.4 GHz")
DELAYS_MS, SPREAD_MS, RISE_MS, SAMPLE_MS = (250.0, 285.0, 340.0), (4.0, 10.0, 25.0), 4.0, 2.0
REPEATS, EXPOSURES = 20, 8


@proof("W8", ja="接続方式ごとの曝射遅延", en="Exposure delay by connection")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Twenty simulated sessions of three connections, eight exposures each; errors of single delays and cover of the intervals."""
    errors, held, first = [], 0, None
    for repeat in counted(range(REPEATS), Text("測定の模擬", "Sessions"), on_event):
        made = exposure_delay_traces(
            rng=generator(seed, "W8", repeat), connections=CONNECTIONS, delays_ms=DELAYS_MS, spread_ms=SPREAD_MS,
            exposures=EXPOSURES, sample_ms=SAMPLE_MS, rise_ms=RISE_MS,
        )  # fmt: skip
        found = exposure_delay(made.traces, at_half=True)
        truth = {row[:2]: row[2] + RISE_MS / 2 for row in made.delays.rows}
        errors += [row[2] - truth[row[:2]] for row in found.exposures.rows]
        held += all(_holds(d, t - DELAYS_MS[0]) for d, t in zip(found.differences, DELAYS_MS[1:], strict=True))
        first = found if first is None else first
    camera = _camera(seed)
    worst, share = float(np.abs(errors).max()), held / REPEATS
    shown = () if first is None else tuple(
        (e.name, mean, e.value, f"{e.low:.1f} – {e.high:.1f}")
        for e, mean in zip((*first.delays, *first.differences), (*(d + RISE_MS / 2 for d in DELAYS_MS), 35.0, 90.0), strict=True)
    )  # fmt: skip
    measured: dict[str, Any] = {
        "worst_error_ms": worst,
        "mean_error_ms": float(np.mean(errors)),
        "sessions_whose_intervals_hold": share,
        "camera_error_ms": camera,
    }
    rows = (
        *shown,
        (Text("1 回ごとの最大誤差 [ms]", "worst error of one exposure [ms]"), SAMPLE_MS, worst, ""),
        (Text("区間が真値を含む測定の割合", "sessions whose intervals hold the truth"), 0.95, share, ""),
        (Text("カメラ像での誤差 [ms]", "error from camera frames [ms]"), 0.0, camera, ""),
    )
    headings = (
        Text("項目", "Item"),
        Text("真値または基準", "Truth or bar"),
        Text("測定値", "Measured"),
        Text("95 % 区間", "95 % interval"),
    )
    bar = Text(
        f"1 回の誤差が標本間隔 {SAMPLE_MS:g} ms 以内、差の区間が真値を含む測定が 85 % 以上、カメラ像でも 1 標本以内",
        f"each delay within one sample of {SAMPLE_MS:g} ms, intervals of the differences hold the truth in at least 85 % of the sessions, "
        "the same from camera frames",
    )
    passed = worst <= SAMPLE_MS and share >= 0.85 and camera <= SAMPLE_MS
    return Proof("W8", bool(passed), measured, bar, Table(Text("曝射遅延", "Exposure delay"), headings, rows))


def _camera(seed: int) -> float:
    """Error of the onset read from frames against that of the sensor, of the same exposure."""
    made = exposure_delay_traces(rng=generator(seed, "W8", "camera"), exposures=1, sample_ms=SAMPLE_MS)
    rows = [row for row in made.traces.rows if row[0] == "cable"]
    time, signal = np.array([row[2] for row in rows]), np.array([row[4] for row in rows])
    by_sensor = float(np.interp(0.5, signal[: int(np.argmax(signal)) + 1], time[: int(np.argmax(signal)) + 1]))
    return abs(exposure_onset(made.image, frame_interval_ms=SAMPLE_MS).half_rise.value - by_sensor)


def _holds(found: Estimate, truth: float) -> bool:
    return found.low is not None and found.high is not None and found.low <= truth <= found.high
