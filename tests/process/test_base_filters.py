"""A14: each filter against the library, the formula or the brute force it must equal."""

import numpy as np
import pytest
from scipy import ndimage

from gazo.core.errors import ImageError, OptionError
from gazo.core.image import Image
from gazo.process import bilateral, gaussian, guided, median, non_local_means, otsu, wavelet_denoise

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def scene():
    """Two levels with an edge, a wave and noise; range about 1200."""
    y, x = np.indices((150, 170))
    return (1000 + 800 * (x > 85) + 100 * np.sin(y / 9) + np.random.default_rng(1).normal(0, 30, x.shape)).astype(np.float32)


@pytest.mark.parametrize("size", [3, 5, 7, 15, 31])
@pytest.mark.parametrize("top", [50, 4096, 65536])
def test_median_is_bit_equal_to_scipy(size, top):
    pixels = RNG.integers(0, top, (61, 47)).astype(np.uint16)
    assert np.array_equal(median(Image(pixels), size_px=size).pixels, ndimage.median_filter(pixels, size, mode="reflect"))


def test_median_of_smooth_wide_values_jumps_whole_blocks():
    ramp = np.add.outer(np.arange(80) * 500, np.arange(40) * 600).astype(np.uint16)
    ramp[::7, ::5] = 65535
    assert np.array_equal(median(Image(ramp), size_px=9).pixels, ndimage.median_filter(ramp, 9, mode="reflect"))


def test_median_of_negative_and_signed_values():
    hu = RNG.integers(-1024, 3071, (50, 60)).astype(np.int16)
    assert np.array_equal(median(Image(hu), size_px=11).pixels, ndimage.median_filter(hu, 11, mode="reflect"))


@pytest.mark.parametrize(("size", "share"), [(5, 1e-7), (9, 1 / 65535)])
def test_median_of_fractions_is_within_a_level(scene, size, share):
    found = median(Image(scene / 7), size_px=size).pixels
    assert np.abs(found - ndimage.median_filter(scene / 7, size, mode="reflect")).max() <= share * np.ptp(scene / 7)


def test_a_window_larger_than_the_image():
    pixels = RNG.integers(0, 99, (4, 5)).astype(np.uint8)
    assert median(Image(pixels), size_px=7).pixels == pytest.approx(ndimage.median_filter(pixels, 7, mode="reflect"))


def test_an_even_window_is_refused():
    with pytest.raises(OptionError, match="G-PRC-230"):
        median(Image(np.ones((5, 5))), size_px=4)


def brute_bilateral(pixels, sigma_px, sigma_value, reach):
    around = np.pad(pixels.astype(float), reach, mode="symmetric")
    total, weights = np.zeros(pixels.shape), np.zeros(pixels.shape)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dy * dy + dx * dx <= reach * reach:
                moved = around[reach + dy :, reach + dx :][: pixels.shape[0], : pixels.shape[1]]
                w = np.exp(-(dy * dy + dx * dx) / (2 * sigma_px**2) - (moved - pixels) ** 2 / (2 * sigma_value**2))
                total += w * moved
                weights += w
    return total / weights


@pytest.mark.parametrize(("sigma_px", "sigma_value"), [(2.0, 90.0), (3.0, 300.0)])
def test_exact_bilateral_follows_its_formula(scene, sigma_px, sigma_value):
    found = bilateral(Image(scene), sigma_px=sigma_px, sigma_value=sigma_value, way="exact").pixels
    expected = brute_bilateral(scene, sigma_px, sigma_value, round(3 * sigma_px))
    assert np.abs(found - expected).max() < 2e-4 * np.ptp(scene)  # OpenCV's table of weights


@pytest.mark.parametrize(("sigma_px", "sigma_value"), [(5.0, 150.0), (10.0, 150.0), (4.0, 400.0)])
def test_bilateral_on_the_grid_is_within_two_thousandths_of_the_range(scene, sigma_px, sigma_value):
    exact = bilateral(Image(scene), sigma_px=sigma_px, sigma_value=sigma_value, way="exact", reach_sigma=3.5).pixels
    found = bilateral(Image(scene), sigma_px=sigma_px, sigma_value=sigma_value, way="grid").pixels
    assert np.abs(found - exact).max() <= 0.002 * np.ptp(scene)


def test_auto_takes_the_grid_for_wide_windows_only(scene):
    for sigma, way in ((2.0, "exact"), (8.0, "grid")):
        auto = bilateral(Image(scene), sigma_px=sigma, sigma_value=150)
        assert np.array_equal(auto.pixels, bilateral(Image(scene), sigma_px=sigma, sigma_value=150, way=way).pixels)


def test_a_grid_that_fills_the_memory_is_refused_and_auto_avoids_it(scene):
    with pytest.raises(OptionError, match="G-PRC-231"):
        bilateral(Image(scene), sigma_px=4.0, sigma_value=0.01, way="grid")
    auto = bilateral(Image(scene), sigma_px=4.0, sigma_value=0.01)
    assert np.array_equal(auto.pixels, bilateral(Image(scene), sigma_px=4.0, sigma_value=0.01, way="exact").pixels)


def test_guided_follows_its_formula(scene):
    guide = ndimage.gaussian_filter(scene, 1).astype(np.float64) + 30_000  # a large mean must not cost digits

    def mean(a):
        return ndimage.uniform_filter(a, 11, mode="reflect")

    a = (mean(guide * scene) - mean(guide) * mean(scene.astype(float))) / (mean(guide**2) - mean(guide) ** 2 + 40.0**2)
    b = mean(scene.astype(float)) - a * mean(guide)
    expected = mean(a) * guide + mean(b)
    found = guided(Image(scene), Image(guide.astype(np.float32)), radius_px=5, edge_value=40.0).pixels
    assert np.abs(found - expected).max() < 0.05


def test_self_guided_is_the_guided_one_and_keeps_edges(scene):
    alone, both = guided(Image(scene), edge_value=60.0), guided(Image(scene), Image(scene), edge_value=60.0)
    assert np.abs(alone.pixels - both.pixels).max() < 1e-2
    step = alone.pixels[:, 90].mean() - alone.pixels[:, 80].mean()
    assert step > 0.95 * 800
    assert alone.pixels[:, 20:60].std() < scene[:, 20:60].std()


def brute_nlm(pixels, h, patch, search):
    edge = patch // 2 + search // 2
    around = np.pad(pixels.astype(float), edge, mode="symmetric")
    total, weights = np.zeros(pixels.shape), np.zeros(pixels.shape)
    rows, columns = pixels.shape
    half = search // 2
    for dy in range(-half, half + 1):
        for dx in range(-half, half + 1):
            apart = np.abs(around - np.roll(around, (-dy, -dx), (0, 1)))
            mean = ndimage.uniform_filter(apart, patch)[edge : edge + rows, edge : edge + columns]
            w = np.exp(-((mean / h) ** 2))
            w[w < 1e-3] = 0
            total += w * around[edge + dy : edge + dy + rows, edge + dx : edge + dx + columns]
            weights += w
    return total / weights


def test_non_local_means_follows_its_formula(scene):
    found = non_local_means(Image(scene), strength_value=45, patch_px=5, search_px=11).pixels
    expected = brute_nlm(scene, 45, 5, 11)
    assert np.abs(found - expected).max() <= 0.002 * np.ptp(scene)
    assert found[:, :70].std() < 0.95 * scene[:, :70].std()


@pytest.mark.parametrize("u", [0.01, 0.05, 0.1])
@pytest.mark.parametrize("way", ["exact", "fast"])
def test_gaussian_has_its_transfer(u, way):
    wave = np.tile(np.cos(2 * np.pi * u * np.arange(600)), (64, 1)).astype(np.float32)
    blurred = gaussian(Image(wave), sigma_px=4.0, way=way).pixels[32, 100:500]
    x = np.arange(100, 500)
    gain = 2 * np.mean(blurred * np.cos(2 * np.pi * u * x))
    assert gain == pytest.approx(np.exp(-2 * (np.pi * 4 * u) ** 2), abs=1e-3)


def test_fast_gaussian_is_within_a_thousandth_of_the_range(scene):
    wide = np.tile(scene, (3, 3))
    fast, exact = (gaussian(Image(wide), sigma_px=15.0, way=way).pixels for way in ("fast", "exact"))
    assert np.abs(fast - exact)[60:-60, 60:-60].max() <= 0.001 * np.ptp(wide)


def test_exact_gaussian_equals_scipy(scene):
    expected = ndimage.gaussian_filter(scene.astype(float), 2.5, mode="reflect", truncate=4.0)
    assert np.abs(gaussian(Image(scene), sigma_px=2.5).pixels - expected).max() < 2e-2


@pytest.mark.parametrize("wavelet", ["haar", "sym4", "coif2"])
def test_wavelet_denoising_brings_the_truth_nearer(wavelet):
    y, x = np.indices((128, 128))
    truth = 1000 + 200 * np.sin(x / 20) * np.cos(y / 25)
    noisy = Image(truth + np.random.default_rng(2).normal(0, 40, truth.shape))
    error = np.sqrt(np.mean((wavelet_denoise(noisy, wavelet=wavelet).pixels - truth) ** 2))
    assert error < 0.55 * 40
    assert wavelet_denoise(noisy, wavelet=wavelet).pixels.mean() == pytest.approx(noisy.pixels.mean(), abs=1)


def test_wavelet_denoising_equals_scikit_image(scene):
    from skimage.restoration import denoise_wavelet

    expected = denoise_wavelet(scene.astype(float), sigma=30, wavelet="sym4", method="VisuShrink", rescale_sigma=False)
    found = wavelet_denoise(Image(scene), sigma_value=30, threshold="VisuShrink").pixels
    assert np.abs(found - expected).max() < 0.5


def test_otsu_parts_where_the_variance_between_is_greatest(scene):
    scene = scene + np.random.default_rng(5).normal(0, 150, scene.shape).astype(np.float32)  # no gap to hide in
    mask = otsu(Image(scene))
    level = float(scene[mask.pixels == 0].max())
    histogram, edges = np.histogram(scene, 256)
    middles = (edges[1:] + edges[:-1]) / 2
    low = np.cumsum(histogram)
    mean_low = np.cumsum(histogram * middles) / np.maximum(low, 1)
    high = low[-1] - low
    mean_high = (np.sum(histogram * middles) - np.cumsum(histogram * middles)) / np.maximum(high, 1)
    best = middles[np.argmax(low * high * (mean_low - mean_high) ** 2)]
    assert level == pytest.approx(best, abs=1.01 * float(edges[1] - edges[0]))
    assert (mask.meaning, mask.pixels.dtype) == ("mask", np.uint8)
    assert mask.pixels[:, 90:].mean() > 0.9
    assert mask.pixels[:, :80].mean() < 0.1


ALL = [
    (median, {"size_px": 9}),
    (median, {}),
    (bilateral, {}),
    (bilateral, {"sigma_px": 8.0}),
    (guided, {}),
    (non_local_means, {}),
    (gaussian, {}),
    (gaussian, {"way": "fast"}),
    (wavelet_denoise, {}),
]


@pytest.mark.parametrize(("filter_", "options"), ALL)
def test_a_constant_stays_the_input_stays_and_history_grows(filter_, options, scene):
    flat = filter_(Image(np.full((40, 41), 1234.5)), **options)
    assert flat.pixels == pytest.approx(1234.5, rel=1e-5)
    before = scene.copy()
    out = filter_(Image(scene, (0.2, 0.2)), **options)
    assert np.array_equal(scene, before)
    assert (out.pixels.dtype, out.shape, out.spacing_mm) == (np.float32, scene.shape, (0.2, 0.2))
    assert [s.name for s in out.history] == [filter_.__name__]


@pytest.mark.parametrize("filter_", [*{f for f, _ in ALL}, otsu])
@pytest.mark.parametrize(
    ("pixels", "code"),
    [
        (np.array([[1.0, np.nan], [2.0, 3.0]]).repeat(10, 0).repeat(10, 1), "G-PRC-202"),
        (np.ones((8, 8, 3)), "G-PRC-201"),
        (np.ones((4, 8, 8)), "G-PRC-201"),
        (np.ones((1, 1)), "G-PRC-201"),
    ],
)
def test_what_is_no_grey_picture_is_refused(filter_, pixels, code):
    with pytest.raises(ImageError, match=code):
        filter_(Image(pixels, colour=pixels.shape[-1] == 3))


def test_a_guide_of_another_shape_is_refused():
    with pytest.raises(ImageError, match="G-PRC-203"):
        guided(Image(np.ones((8, 8))), Image(np.ones((8, 9))))


def test_otsu_of_a_constant_is_empty():
    assert otsu(Image(np.ones((8, 8)))).pixels.sum() == 0
