"""The 95 % bands of MTF and DQE against the truth of a simulated detector, 200 times over."""

import numpy as np
import pytest

from gazo.core.seeds import generator
from gazo.phantoms import simulate_detector
from gazo.quality import dqe, mtf_edge, nps_iec

FREQUENCIES = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0])
REPEATS = 200


def linear(shot):
    return shot.image.with_pixels((shot.image.pixels.astype(np.float32) - 100) / 1000, meaning="linear exposure")


def shots(number, kind, count, **size):
    return [simulate_detector(rng=generator(number, kind, k), exposure=kind, **size) for k in range(count)]


def inside(curve, theory):
    true = np.interp(FREQUENCIES, theory.x, theory.y)
    return (np.interp(FREQUENCIES, curve.x, curve.low) <= true) & (true <= np.interp(FREQUENCIES, curve.x, curve.high))


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("edges", [1, 6])
def test_bands_of_mtf_and_dqe_cover_the_truth(edges, capsys):
    """One edge (the band is over its segments) and six (over the repeats); four flats; each band must hold 90 to 98 % of the time."""
    found = {"MTF": [], "DQE": []}
    for number in range(REPEATS):
        exposed = shots(number, "edge", edges, rows_px=160, columns_px=96)
        flats = [linear(f) for f in shots(number, "flat", 4, rows_px=256, columns_px=256)]
        mtf = mtf_edge([linear(e) for e in exposed], direction="u").curve
        nnps = nps_iec(flats, normalize="relative", roi_px=64, overlap_px=32, lines=1).curve_u
        found["MTF"].append(inside(mtf, exposed[0].mtf))
        found["DQE"].append(inside(dqe(mtf, nnps, kerma_ugy=2.5).curve, exposed[0].dqe))
    for name, each in found.items():
        share = np.mean(each, axis=0)
        with capsys.disabled():
            print(
                f"\n{name}, {edges} edge shot(s): covered in {100 * np.mean(each):.1f} %, by frequency {np.round(100 * share, 1)}"
            )
        assert 0.90 <= share.mean() <= 0.98, name
        assert share.min() >= 0.88, name  # 0.95 less four standard errors of 200 repeats is 0.888
