"""Traces of a hand switch and an x-ray sensor for connections of a wireless detector, and frames of a camera, with known delays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Table

COLUMNS = ("connection", "exposure", "time_ms", "switch", "signal")


@dataclass(frozen=True, eq=False)
class DelayTraces:
    """Traces as `exposure_delay` reads them, the delay of each exposure, and camera frames of the first exposure.

    image : frames (n, rows, columns), one a `sample_ms`; a spot lights up with the x rays.
    traces : columns connection, exposure, time_ms, switch, signal.
    delays : columns connection, exposure, delay_ms (from the switch to the begin of the rise).
    """

    image: Image
    traces: Table
    delays: Table


@operation("曝射遅延の信号", "Traces of exposure delay", booklet="W8")
def exposure_delay_traces(
    *,
    rng: np.random.Generator,
    connections: Annotated[tuple[str, ...], Label("接続方式の名前", "Names of the connections")] = (
        "cable",
        "wireless 5 GHz",
        "wireless 2.4 GHz",
    ),
    delays_ms: Annotated[tuple[float, ...], Label("遅延の平均", "Mean delays", "ms")] = (250.0, 285.0, 340.0),
    spread_ms: Annotated[tuple[float, ...], Label("遅延のばらつき (標準偏差)", "Spread of the delays (SD)", "ms")] = (
        4.0,
        10.0,
        25.0,
    ),
    exposures: Annotated[int, Ge(1), Le(200), Label("曝射の回数", "Exposures")] = 12,
    sample_ms: Annotated[float, Gt(0), Le(50), Label("標本間隔", "Sampling interval", "ms")] = 1.0,
    rise_ms: Annotated[
        float, Ge(0), Le(100), Label("X 線の立ち上がり時間 (0-100 %)", "Rise of the x rays (0 to 100 %)", "ms")
    ] = 4.0,
    noise: Annotated[float, Ge(0), Le(0.1), Label("雑音 (信号に対する割合)", "Noise, share of the signal")] = 0.01,
) -> DelayTraces:
    """A switch pressed at 100 ms plus a random part of a sample, and x rays of 80 ms that begin a normally distributed delay later.

    Both signals rise from 0 to 1 in a straight line (the switch in 0.2 ms) and carry white noise. The delay is from switch to the begin of
    the rise.

    Parameters
    ----------
    rng : draws delays and noise.
    delays_ms, spread_ms : one number for each connection.
    """
    if not len(connections) == len(delays_ms) == len(spread_ms) or not connections:
        raise OptionError(
            "G-PHA-330",
            en=f"each connection needs a delay and a spread; {len(connections)} names, {len(delays_ms)} delays and {len(spread_ms)} spreads came. Give as many of each.",
            ja=f"接続方式ごとに遅延とばらつきが必要です。名前 {len(connections)} 個、遅延 {len(delays_ms)} 個、ばらつき {len(spread_ms)} 個を受け取りました。同じ数だけ指定してください。",
        )
    rows: list[tuple[object, ...]] = []
    truth: list[tuple[object, ...]] = []
    signals: list[np.ndarray] = []
    for name, mean, spread in zip(connections, delays_ms, spread_ms, strict=True):
        for number in range(1, exposures + 1):
            delay, pressed = max(0.0, rng.normal(mean, spread)), 100 + rng.uniform(0, sample_ms)
            time = np.arange(0, pressed + delay + 160, sample_ms)
            switch = _ramp(time, pressed, 0.2, 1e9) + rng.normal(0, noise, len(time))
            signal = _ramp(time, pressed + delay, rise_ms, 80.0) + rng.normal(0, noise, len(time))
            signals.append(signal)
            truth.append((name, str(number), float(delay)))
            rows += [(name, str(number), float(t), float(s), float(x)) for t, s, x in zip(time, switch, signal, strict=True)]
    headings = tuple(Text(word, word) for word in COLUMNS)
    told = tuple(Text(word, word) for word in ("connection", "exposure", "delay_ms"))
    return DelayTraces(
        image=_frames(signals[0], rng),
        traces=Table(Text("スイッチと X 線の信号", "Switch and x rays"), headings, tuple(rows)),
        delays=Table(Text("真の遅延", "True delays"), told, tuple(truth)),
    )


def _ramp(time: np.ndarray, start: float, rise: float, length: float) -> np.ndarray:
    """0 before `start`, 1 after the rise, 0 again after `length`."""
    up = np.clip((time - start) / max(rise, 1e-9), 0, 1)
    return np.asarray(np.where(time < start + length, up, 0.0))


def _frames(signal: np.ndarray, rng: np.random.Generator) -> Image:
    """A dark scene with a lit screen in the middle, 8 bits of a camera, noise of one grey level."""
    y, x = np.mgrid[:24, :32]
    screen = ((np.abs(y - 11.5) < 6) & (np.abs(x - 15.5) < 8)).astype(np.float64)
    scene = 12 + 180 * signal[:, None, None].clip(0) * screen + rng.normal(0, 1, (len(signal), 24, 32))
    return Image(scene.clip(0, 255).round().astype(np.uint8), meaning="stored")
