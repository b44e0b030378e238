"""MTF from edges: the analytic edge of the acceptance bundle, outside numbers, and what must be refused."""

import numpy as np
import pytest

from gazo.core.errors import DataError, GazoError, ImageError
from gazo.core.image import Image
from gazo.core.results import from_json, to_json
from gazo.phantoms.flat_panel import edge_mean
from gazo.quality import mtf_edge

PIXEL, BLUR, ANGLE = 0.15, 0.08, 2.5


def edge(angle=ANGLE, shape=(667, 340), noise=0.0, seed=0, turn=0, spacing=PIXEL):
    """100 to 1000 across a half plane; turned by quarter turns."""
    pixels = 100 + 900 * edge_mean(shape, spacing, BLUR * spacing / PIXEL, np.radians(angle))
    pixels = pixels + np.random.default_rng(seed).normal(0, 900 * noise, shape) if noise else pixels
    return Image(np.rot90(pixels, turn).copy(), (spacing, spacing))


def truth(f, angle=ANGLE, spacing=PIXEL, blur=BLUR):
    """Gaussian times the square pixel seen along the normal."""
    a = np.radians(angle)
    return np.exp(-2 * (np.pi * blur * f) ** 2) * np.abs(np.sinc(f * spacing * np.cos(a)) * np.sinc(f * spacing * np.sin(a)))


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
@pytest.mark.parametrize("angle", [ANGLE, -1.7])
def test_the_analytic_edge_in_four_orientations(turn, angle):
    found = mtf_edge(edge(angle, turn=turn))
    assert found.curve.x[-1] == pytest.approx(0.5 / PIXEL)
    assert np.abs(found.curve.y - truth(found.curve.x, angle)).max() <= 0.002
    assert abs(abs(found.angle.value) - abs(angle)) <= 0.01
    assert found.curve.title.en.endswith("uvuv"[turn])


@pytest.mark.parametrize("seed", range(4))
def test_noise_of_half_a_per_cent_costs_less_than_a_hundredth(seed):
    found = mtf_edge(edge(noise=0.005, seed=seed, turn=seed))
    assert np.abs(found.curve.y - truth(found.curve.x)).max() <= 0.01
    assert abs(abs(found.angle.value) - ANGLE) <= 0.01
    assert found.mtf50.low < 2.0523 < found.mtf50.high


def test_plain_iec_noise_is_what_the_theory_of_white_noise_says():
    """SD at f: 2 pi f D sqrt(width/length) sigma / sqrt 2 of the contrast, for the part in phase; 1.3 mm^-1 is far from both ends."""
    errors = [mtf_edge(edge(noise=0.005, seed=s), quiet_tails=False) for s in range(12)]
    i = int(np.argmin(np.abs(errors[0].curve.x - 1.3)))
    spread = np.std([e.curve.y[i] for e in errors], ddof=1)
    width, length = 340 * 0.97, 667 * 0.9
    assert spread == pytest.approx(2 * np.pi * 1.3 * PIXEL * np.sqrt(width / length) * 0.005 / np.sqrt(2), rel=0.6)


@pytest.mark.parametrize("method", ["samei", "iso12233"])
def test_other_methods_agree(method):
    found = mtf_edge(edge(), method=method)
    assert np.abs(found.curve.y - truth(found.curve.x)).max() <= 0.004


@pytest.mark.parametrize("polarity", ["rising", "falling"])
def test_polarity_does_not_change_the_mtf_but_is_refused_when_wrong(polarity):
    right = edge(turn=0 if polarity == "rising" else 2)
    assert np.abs(mtf_edge(right, polarity=polarity).curve.y - truth(mtf_edge(right).curve.x)).max() <= 0.002
    with pytest.raises(DataError, match="G-QUA-413"):
        mtf_edge(right, polarity="falling" if polarity == "rising" else "rising")


def test_another_spacing_scales_the_frequencies_only():
    small, large = mtf_edge(edge(spacing=0.1)), mtf_edge(edge(spacing=0.2))
    at = np.linspace(0, 2.4, 9)
    assert np.interp(2 * at, small.curve.x, small.curve.y) == pytest.approx(np.interp(at, large.curve.x, large.curve.y), abs=1e-3)


def test_unequal_spacing():
    """Rows of 0.3 mm: the same edge with every second row, which turns twice as fast from row to row."""
    fine = edge(shape=(1334, 340))
    found = mtf_edge(Image(fine.pixels[::2], (2 * PIXEL, PIXEL)))
    assert found.angle.value == pytest.approx(ANGLE, abs=0.01)
    assert np.abs(found.curve.y - truth(found.curve.x)).max() <= 0.002


def test_a_processed_image_gives_the_transfer_of_the_processing_as_well():
    cv2 = pytest.importorskip("cv2")
    plain = edge(shape=(667, 500)).pixels
    sharp = plain + 1.0 * (plain - cv2.blur(plain, (15, 15), borderType=cv2.BORDER_REFLECT))
    found = mtf_edge(Image(sharp[30:-30, 30:-30], (PIXEL, PIXEL)), quiet_tails=False)
    gain = 2 - np.sinc(15 * found.curve.x * PIXEL) / np.sinc(found.curve.x * PIXEL)
    assert np.abs(found.curve.y - truth(found.curve.x) * gain).max() <= 0.01


def test_the_plate_in_a_large_image_is_found_and_shown():
    image = np.full((900, 1100), 1000.0)
    rows, columns = np.mgrid[:900, :1100]
    away = (columns - 430) * np.cos(np.radians(2)) - (rows - 450) * np.sin(np.radians(2))
    plate = np.clip(0.5 - away, 0, 1) * (columns > 150) * (rows > 120) * (rows < 800)
    image -= 900 * plate
    image += np.random.default_rng(0).normal(0, 10, image.shape)
    found = mtf_edge(Image(image, (PIXEL, PIXEL)))
    assert abs(found.angle.value) == pytest.approx(2, abs=0.02)
    assert np.abs(found.curve.y - truth(found.curve.x, 2, blur=0) * 1).max() < 0.1
    assert len(found.shown.images) == 2
    orange = np.all(found.shown.images[0] == (255, 170, 0), axis=-1)
    rows, columns = np.nonzero(orange)
    scale = 1100 / 512
    assert rows.min() * scale > 120
    assert rows.max() * scale < 800
    assert 150 < columns.min() * scale < 430 < columns.max() * scale


def test_a_region_by_hand_gives_the_same():
    whole = mtf_edge(edge())
    by_hand = mtf_edge(edge(), top_px=50, left_px=20, height_px=560, width_px=300)
    assert by_hand.curve.y == pytest.approx(whole.curve.y, abs=1e-3)


def test_repeats_are_averaged_and_narrow_the_band():
    shots = [edge(noise=0.02, seed=s, shape=(300, 200)) for s in range(6)]
    one, six = mtf_edge(shots[:1]), mtf_edge(iter(shots))
    assert np.mean(six.curve.high - six.curve.low) < 0.6 * np.mean(one.curve.high - one.curve.low)
    assert np.abs(six.curve.y - truth(six.curve.x)).max() < 0.02
    assert "6 repeats" in six.sentence.en
    assert "segments" in one.sentence.en
    again = from_json(to_json(six))
    assert np.array_equal(again.curve.y, six.curve.y)


def ready(pixels):
    return Image(pixels, (PIXEL, PIXEL))


def test_two_edges_in_a_region_are_refused():
    pixels = edge(shape=(300, 400)).pixels
    both = ready(np.minimum(pixels, np.rot90(edge(shape=(300, 400)).pixels, 2)[:, np.r_[340:400, 0:340]]))
    strip = ready(np.where(np.arange(400) < 300, edge(shape=(300, 400)).pixels, 100.0))
    for image in (both, strip):
        with pytest.raises(DataError, match="G-QUA-408"):
            mtf_edge(image, direction="u", top_px=10, left_px=5, height_px=280, width_px=390)


def test_a_narrow_strip_is_refused():
    pixels = np.full((400, 400), 100.0)
    away = np.abs((np.arange(400) - 200.0) - (np.arange(400)[:, None] - 200) * np.tan(np.radians(2.5)))
    with pytest.raises(DataError, match=r"G-QUA-40[589]"):
        mtf_edge(ready(pixels + 900 * np.clip(6.5 - away, 0, 1)))


@pytest.mark.parametrize("noise", [0, 5])
def test_no_edge_is_refused(noise):
    flat = ready(1000 + np.random.default_rng(0).normal(0, noise, (300, 300)) if noise else np.full((300, 300), 7.0))
    with pytest.raises(DataError, match="G-QUA-405"):
        mtf_edge(flat)
    with pytest.raises(DataError, match="G-QUA-407"):
        mtf_edge(flat, top_px=0, left_px=0, height_px=200, width_px=200)


@pytest.mark.parametrize("kind", ["uint16", "uint12", "float"])
def test_a_saturated_edge_is_refused(kind):
    pixels = np.array(edge(noise=0.01).pixels)
    if kind == "float":
        broken = np.minimum(pixels, 995)
    else:
        top = 65535 if kind == "uint16" else 4095
        broken = np.clip(pixels / 1000 * top * 1.01, 0, top).astype(np.uint16)
    with pytest.raises(DataError, match="G-QUA-412"):
        mtf_edge(ready(broken))


def test_a_region_outside_is_refused():
    for box in ((600, 0, 100, 100), (0, 300, 100, 100), (-1, 0, 100, 100)):
        with pytest.raises(GazoError, match=r"G-(QUA-406|OPT-002)"):
            mtf_edge(edge(), **dict(zip(("top_px", "left_px", "height_px", "width_px"), box, strict=True)))


def test_an_edge_that_is_not_turned_is_refused():
    pixels = np.full((200, 200), 100.0)
    pixels[:, 100:] = 1000
    with pytest.raises(DataError, match="G-QUA-411"):
        mtf_edge(ready(pixels))


def test_pictures_that_cannot_be_measured_are_refused():
    good = edge(shape=(200, 200))
    hole = np.array(good.pixels)
    hole[3, 3] = np.nan
    with pytest.raises(ImageError, match="G-IMG-003"):
        mtf_edge(good.pixels)
    with pytest.raises(ImageError, match="G-QUA-308"):
        mtf_edge(ready(hole))
    with pytest.raises(ImageError, match="G-QUA-309"):
        mtf_edge(Image(np.zeros((50, 50, 3)), (0.1, 0.1), colour=True))
    with pytest.raises(ImageError, match="G-QUA-301"):
        mtf_edge(ready(np.ones((1, 1))))
    with pytest.raises(DataError, match="G-QUA-403"):
        mtf_edge([good, edge(shape=(210, 200))])
    with pytest.raises(DataError, match="G-QUA-404"):
        mtf_edge([])


def test_log_values_and_steep_angles_are_mentioned():
    found = mtf_edge(edge(angle=8).with_pixels(edge(angle=8).pixels, meaning="log exposure"))
    assert any("linear" in w.en for w in found.warnings)
    assert any("8.00 degrees" in w.en for w in found.warnings)


def test_the_input_is_not_changed():
    image = edge(shape=(200, 200))
    before = image.pixels.copy()
    mtf_edge(image)
    assert np.array_equal(image.pixels, before)


class TestOutsideNumbers:
    """../shared/reference/image_quality; tolerances of specs/reference_cases.md section 4."""

    def folder(self, shared):
        return shared / "reference" / "image_quality"

    def test_the_area_sampled_edge_has_the_mtf_of_its_pixel(self, shared):
        tifffile = pytest.importorskip("tifffile")
        found = mtf_edge(Image(tifffile.imread(self.folder(shared) / "edge_ideal" / "ideal-edge-no-noise.tif"), (1.0, 1.0)))
        assert np.abs(found.curve.y - truth(found.curve.x, 7, 1.0, 0)).max() <= 0.02
        assert abs(found.angle.value) == pytest.approx(7, abs=0.01)

    def test_the_point_sampled_edge_has_none(self, shared):
        tifffile = pytest.importorskip("tifffile")
        found = mtf_edge(Image(tifffile.imread(self.folder(shared) / "edge_ideal" / "perfect-edge-no-noise.tif"), (1.0, 1.0)))
        assert np.abs(found.curve.y - 1).max() <= 0.02

    def test_the_flat_panel_edge(self, shared):
        found = mtf_edge(Image(np.load(self.folder(shared) / "xray_mtf" / "2d_Edge_bench1x1.npy"), (0.194, 0.194)))
        got = np.interp([0.25, 0.5, 0.75, 1.0, 1.25], found.curve.x, found.curve.y)
        assert got == pytest.approx([0.891, 0.779, 0.661, 0.552, 0.451], abs=0.03)

    @pytest.mark.parametrize(("direction", "x", "y", "half_period_mm"), [("u", 293, 260, 0.4861), ("v", 259, 213, 0.4800)])
    def test_the_mr_insert(self, shared, direction, x, y, half_period_mm):
        """The number kept beside the image is 1/(2 f50), in mm: so its program computes it, though the note says lp/mm."""
        pydicom = pytest.importorskip("pydicom")
        data = pydicom.dcmread(self.folder(shared) / "mr_resolution" / "ax_512_resolution.dcm")
        image = Image(data.pixel_array.astype(np.float32), tuple(float(s) for s in data.PixelSpacing))
        found = mtf_edge(image, direction=direction, top_px=y - 12, left_px=x - 12, height_px=24, width_px=24)
        assert 1 / (2 * found.mtf50.value) == pytest.approx(half_period_mm, rel=0.10)
