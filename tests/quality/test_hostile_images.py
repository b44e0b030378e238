"""What no detector delivers: a sentence comes, or a result, never a trace."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.process import unsharp_mask
from gazo.quality import back_scatter, ct_uniformity, lag_iec, mtf_edge, mtf_wire, nps_iec, snr, wiener_dimension_check
from gazo.quality import wiener_spectrum_1d as ws1
from gazo.quality import wiener_spectrum_2d as ws2

PIXELS = np.random.default_rng(0).normal(1000, 20, (64, 64))


def picture(pixels, spacing=0.2):
    return Image(pixels, spacing_mm=(spacing, spacing), meaning="linear exposure")


@pytest.mark.parametrize(
    ("measure", "image", "code"),
    [
        (lambda i: snr(i), picture(PIXELS * 1e200), "G-QUA-308"),
        (lambda i: mtf_edge([i]), picture(PIXELS * 1e30), "G-QUA-308"),
        (lambda i: mtf_wire([i]), picture(PIXELS * 1e200), "G-QUA-308"),
        (lambda i: lag_iec(i, i, i, i), picture(PIXELS * 1e200), "G-QUA-308"),
        (lambda i: ws1([i]), picture(PIXELS * 1e200), "G-QUA-308"),
        (lambda i: ws1([i]), picture(PIXELS[:2, :2]), "G-QUA-342"),
        (lambda i: wiener_dimension_check([i]), picture(PIXELS[:1]), "G-QUA-342"),
        (lambda i: nps_iec([i]), picture(PIXELS, 1e4), "G-QUA-342"),
        (lambda i: ct_uniformity(i), picture(PIXELS, 1e4), "G-QUA-343"),
        (lambda i: back_scatter([i], [i]), picture(PIXELS[:5, :7]), "G-QUA-341"),
        (lambda i: back_scatter([i], [i]), picture(PIXELS[:1, :1]), "G-QUA-304"),
    ],
)
def test_a_sentence(measure, image, code):
    with pytest.raises(GazoError, match=code):
        measure(image)


def test_half_floats_measure_as_single_ones():
    half = picture(PIXELS.astype(np.float16))
    wide = picture(PIXELS.astype(np.float16).astype(np.float32))
    np.testing.assert_array_equal(ws2([half], roi_px=32).curve_u.y, ws2([wide], roi_px=32).curve_u.y)
    np.testing.assert_array_equal(unsharp_mask(half, radius_mm=1).pixels, unsharp_mask(wide, radius_mm=1).pixels)
