"""Known delays are recovered with their intervals, from sensor traces and from camera frames."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.phantoms import exposure_delay_traces
from gazo.quality import exposure_delay, exposure_onset


def ramp(time, start, rise):
    return np.clip((time - start) / rise, 0, 1)


def table(rows, names=("connection", "exposure", "time_ms", "signal")):
    return Table(Text("", ""), tuple(Text(n, n) for n in names), tuple(rows))


@pytest.fixture(scope="module")
def made():
    return exposure_delay_traces(rng=np.random.default_rng(0))


def test_onset_and_half_of_a_straight_rise():
    time = np.arange(0, 100, 2.0)
    frames = [Image(np.full((8, 8), 10 + 90 * v)) for v in ramp(time, 31, 10)]
    found = exposure_onset(frames, frame_interval_ms=2.0)
    assert found.onset.value == pytest.approx(32, abs=1e-6)  # 10 % of a rise of 10 ms
    assert found.half_rise.value == pytest.approx(36, abs=1e-6)
    assert found.trace.x[-1] == 98


def test_every_delay_of_a_trace_is_recovered(made):
    found = exposure_delay(made.traces)
    told = {row[:2]: row[2] for row in made.delays.rows}
    errors = np.array([row[2] - told[row[:2]] for row in found.exposures.rows])
    assert np.abs(errors).max() < 1.5
    assert errors.mean() == pytest.approx(0.4 + 0.4, abs=0.25)  # 10 % of a rise of 4 ms; the switch jumps within a sample of 1 ms


def test_means_and_differences_hold_the_truth(made):
    found = exposure_delay(made.traces, at_half=True)
    for estimate, mean in zip(found.delays, (250, 285, 340), strict=True):
        assert estimate.low < mean + 2 < estimate.high
    assert [d.name.en for d in found.differences] == ["wireless 5 GHz - cable", "wireless 2.4 GHz - cable"]
    for estimate, mean in zip(found.differences, (35, 90), strict=True):
        assert estimate.low < mean < estimate.high
        assert estimate.low > 0
        assert estimate.level == pytest.approx(0.975)


@pytest.mark.slow
def test_the_intervals_cover_as_they_say():
    hits = []
    for seed in range(60):
        made = exposure_delay_traces(rng=np.random.default_rng(seed), exposures=6, sample_ms=2.0)
        found = exposure_delay(made.traces, at_half=True)
        hits.append(all(d.low <= t <= d.high for d, t in zip(found.differences, (35, 90), strict=True)))
    assert 52 <= sum(hits) <= 60


def test_the_reference_can_be_chosen(made):
    found = exposure_delay(made.traces, reference="wireless 5 GHz")
    assert [d.name.en for d in found.differences] == ["cable - wireless 5 GHz", "wireless 2.4 GHz - wireless 5 GHz"]
    assert found.differences[0].value < 0


def test_without_a_switch_time_zero_is_the_trigger():
    time = np.arange(0, 60, 0.5)
    rows = [("A", n, t, v) for n in (1, 2, 3) for t, v in zip(time, ramp(time, 20 + n, 1.0), strict=True)]
    found = exposure_delay(table(rows))
    assert found.delays[0].value == pytest.approx(22.1, abs=0.02)
    assert "time 0" in found.sentence.en


def test_frames_of_a_camera_tell_the_same_time(made):
    rows = [r for r in made.traces.rows if r[:2] == ("cable", "1")]
    found = exposure_onset(made.image, frame_interval_ms=1.0)
    true = made.delays.rows[0][2] + np.interp(0.5, [r[3] for r in rows[:140]], [r[2] for r in rows[:140]])
    assert found.onset.value == pytest.approx(true, abs=2.0)
    assert found.onset.low <= found.onset.value <= found.onset.high
    assert found.duration.value == pytest.approx(80, abs=3)


def test_a_mask_takes_the_lit_part_alone():
    rng = np.random.default_rng(2)
    time = np.arange(0, 60, 1.0)
    scene = rng.normal(0, 1, (60, 20, 20))
    scene[:, 5:9, 5:9] += 30 * ramp(time, 30, 1)[:, None, None]
    mask = np.zeros((20, 20), np.uint8)
    mask[5:9, 5:9] = 1
    assert exposure_onset(Image(scene), Image(mask), frame_interval_ms=1.0).half_rise.value == pytest.approx(30.5, abs=0.1)


def test_the_order_of_rows_does_not_matter(made):
    rng = np.random.default_rng(3)
    cable = [r for r in made.traces.rows if r[0] == "cable"]
    shuffled = [cable[n] for n in rng.permutation(len(cable))]
    names = [h.en for h in made.traces.headings]
    a, b = (exposure_delay(table(rows, names)).delays[0].value for rows in (cable, shuffled))
    assert a == pytest.approx(b, rel=1e-12)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([1.0] * 30, "G-QUA-331"),
        ([1.0] * 10 + [0.0] * 20, "G-QUA-331"),
        (list(np.random.default_rng(0).normal(size=60)), "G-QUA-33"),
        ([np.nan] * 20, "G-QUA-307"),
        ([], "G-QUA-307"),
    ],
)
def test_a_trace_without_onset_is_refused(values, code):
    with pytest.raises(GazoError, match=code):
        exposure_delay(table([("A", 1, float(n), v) for n, v in enumerate(values)]))


def test_an_unknown_reference_is_refused(made):
    with pytest.raises(GazoError, match="G-QUA-330"):
        exposure_delay(made.traces, reference="Bluetooth")


def test_missing_columns_are_named():
    with pytest.raises(GazoError, match="time_ms"):
        exposure_delay(table([("A", 1, 1.0, 2.0)], ("connection", "exposure", "seconds", "signal")))


def test_the_phantom_refuses_lists_of_different_length():
    with pytest.raises(GazoError, match="G-PHA-330"):
        exposure_delay_traces(rng=np.random.default_rng(0), delays_ms=(1.0,))
