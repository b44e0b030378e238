from dataclasses import replace

import numpy as np
import pytest

from gazo.core.errors import GazoError, OptionError
from gazo.phantoms import Exposure, Nodule, chest_radiograph, draw_body, draw_pose, expose
from gazo.phantoms.anatomy import Pose
from gazo.phantoms.attenuation import MU_PER_MM, transmission
from gazo.phantoms.nodules import FIELD_OTHER_MM, draw_spot, placed
from gazo.phantoms.organs import Grid

CLEAN = Exposure(quanta_per_pixel=1e9, electronic_noise=0, scatter_to_primary=0, blur_mm=0, output="log exposure")


def person(seed=0, sex="F", view="PA"):
    rng = np.random.default_rng(seed)
    return draw_body(rng, sex), draw_pose(rng, view)


def clean(body, pose, **options):
    return expose(body, pose, rng=np.random.default_rng(0), how=CLEAN, **options)


def test_the_whole_chain_is_beer_lambert_of_the_thickness_maps():
    made = expose(*person(), rng=np.random.default_rng(0), how=replace(CLEAN, output="linear exposure"))
    tissues = {name: made.thickness_mm[name] for name in MU_PER_MM}
    assert made.image.pixels == pytest.approx(transmission(tissues), abs=2e-4)
    assert made.image.meaning == "linear exposure"


def test_noise_of_a_radiograph_is_poisson_of_its_own_exposure():
    how = replace(CLEAN, quanta_per_pixel=20_000, scatter_to_primary=0.5, blur_mm=0.4, output="linear exposure")
    body, pose = person()
    twice = [expose(body, pose, rng=np.random.default_rng(s), how=how).image.pixels.astype(float) for s in (1, 2)]
    quanta = 20_000 * (twice[0] + twice[1]) / 2
    deviation = 20_000 * (twice[0] - twice[1]) / np.sqrt(2 * np.maximum(quanta, 1))
    assert deviation[quanta > 50].var() == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize(("diameter", "contrast"), [(12.0, 1.0), (30.0, 1.0), (30.0, 0.5)])
def test_contrast_of_a_nodule_is_mu_times_its_chord(diameter, contrast):
    body, pose = person(3)
    grid = Grid(body, pose, 256, 400.0)
    spot = placed([draw_spot(np.random.default_rng(1))], [40.0], contrast, grid)[0]
    middle = (round(spot.x_mm / grid.pixel_mm + 127.5), round(spot.y_mm / grid.pixel_mm + 127.5))
    there = Nodule(
        x_mm=(middle[0] - 127.5) * grid.pixel_mm,
        y_mm=(middle[1] - 127.5) * grid.pixel_mm,
        diameter_mm=diameter,
        contrast=contrast,
    )
    gain = clean(body, pose, nodules=[there]).image.pixels - clean(body, pose).image.pixels
    step = MU_PER_MM["soft"] - MU_PER_MM["lung"]
    assert gain[middle[1], middle[0]] == pytest.approx(contrast * step * diameter, rel=0.01)
    halfway = round(0.6 * diameter / 2 * pose.magnification(0, body.half_depth) / grid.pixel_mm)
    aside = halfway * grid.pixel_mm / pose.magnification(0, body.half_depth)
    chord = 2 * np.sqrt((diameter / 2) ** 2 - aside**2)
    assert gain[middle[1], middle[0] + halfway] == pytest.approx(contrast * step * chord, rel=0.01)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [128, 256])
def test_boxes_and_masks_agree_with_the_thickness_maps(seed, size):
    made = chest_radiograph(rng=np.random.default_rng(seed), size_px=size, sex="MF"[seed % 2], nodules=1, nodule_diameter_mm=20)
    rows, columns = np.nonzero(made.thickness_mm["nodules"] > 0)
    x0, y0, x1, y1 = made.boxes[0]
    assert (columns.min() >= np.floor(x0)) & (rows.min() >= np.floor(y0))
    assert (columns.max() + 1 <= np.ceil(x1)) & (rows.max() + 1 <= np.ceil(y1))
    assert (columns.max() + 1 - columns.min(), rows.max() + 1 - rows.min()) == pytest.approx((x1 - x0, y1 - y0), abs=2)
    assert made.lungs.pixels[rows, columns].all(), "a nodule lies in the visible lung"
    lungs, heart = made.lungs.pixels == 1, made.heart.pixels == 1
    assert made.thickness_mm["heart"][lungs].max() < 2 * FIELD_OTHER_MM
    assert (made.thickness_mm["heart"][heart] > 0).all()
    assert (made.thickness_mm["heart"][~heart & ~lungs] > 40).mean() < 0.002
    assert made.thickness_mm["lung"][lungs].mean() > 1.15 * made.thickness_mm["lung"][heart].mean()
    if size == 256:
        assert np.array_equal(heart, made.thickness_mm["heart"] > 0)
        assert made.thickness_mm["heart"][lungs].max() < FIELD_OTHER_MM
    assert 0.10 < lungs.mean() < 0.45


@pytest.mark.parametrize("view", ["PA", "AP"])
def test_the_same_anatomy_at_another_resolution(view):
    body, pose = person(5, "M", view)
    grid = Grid(body, pose, 256, 400.0)
    found = placed([draw_spot(np.random.default_rng(2))], [25.0], 1.0, grid)
    coarse, fine = (clean(body, pose, nodules=found, size_px=size) for size in (256, 512))
    assert fine.image.spacing_mm == tuple(s / 2 for s in coarse.image.spacing_mm)
    assert fine.boxes == pytest.approx(2 * coarse.boxes)
    for name, map_mm in coarse.thickness_mm.items():
        pooled = fine.thickness_mm[name].reshape(256, 2, 256, 2).mean((1, 3))
        assert pooled.mean() == pytest.approx(map_mm.mean(), rel=0.02), name
        assert np.abs(pooled - map_mm).mean() < 1.0, name
    assert (fine.lungs.pixels[::2, ::2] == coarse.lungs.pixels).mean() > 0.99


def test_directions_are_quarter_turns():
    def turned(direction):
        return chest_radiograph(rng=np.random.default_rng(4), size_px=96, nodules=1, nodule_diameter_mm=25, direction=direction)

    upright = turned("up")
    for direction, turns in (("left", 1), ("down", 2), ("right", 3)):
        other = turned(direction)
        assert np.array_equal(other.image.pixels, np.rot90(upright.image.pixels, turns))
        assert np.array_equal(other.lungs.pixels, np.rot90(upright.lungs.pixels, turns))
        rows, columns = np.nonzero(other.thickness_mm["nodules"] > 0)
        x0, y0, x1, y1 = other.boxes[0]
        assert (x0 <= columns.min() + 1, columns.max() <= x1, y0 <= rows.min() + 1, rows.max() <= y1) == (True,) * 4
        assert x1 - x0 < 15
    dark_air_above = upright.image.pixels[:8, :16].mean() < upright.image.pixels[-8:, 40:56].mean()
    assert dark_air_above, "the abdomen is at the bottom of the upright picture"


def test_the_heart_lies_to_the_right_of_the_picture_and_the_picture_is_dark_in_the_lungs():
    made = chest_radiograph(rng=np.random.default_rng(6), sex="M")
    columns = np.nonzero(made.heart.pixels)[1]
    assert columns.mean() > 128 + 5
    assert made.image.pixels[made.lungs.pixels == 1].mean() < 0.6 * made.image.pixels[made.heart.pixels == 1].mean()


def test_same_seed_same_pixels_other_seed_others():
    one, same, other = (chest_radiograph(rng=np.random.default_rng(s), size_px=64, nodules=1).image.pixels for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def heart_width(body, pose: Pose):
    columns = np.nonzero(clean(body, pose, size_px=128).heart.pixels.any(0))[0]
    return columns.max() - columns.min()


def test_views_and_sexes_differ_as_they_do_in_the_clinic():
    bodies = [draw_body(np.random.default_rng(seed), "FM"[seed % 2]) for seed in range(10)]
    rng = np.random.default_rng(0)
    poses = {view: [draw_pose(rng, view) for _ in bodies] for view in ("PA", "AP")}
    width = {view: np.mean([heart_width(b, p) for b, p in zip(bodies, poses[view], strict=True)]) for view in poses}
    assert 1.05 < width["AP"] / width["PA"] < 1.35
    assert np.mean([p.breath for p in poses["AP"]]) < np.mean([p.breath for p in poses["PA"]])
    many = {sex: [draw_body(np.random.default_rng(s), sex) for s in range(300)] for sex in ("F", "M")}
    means = {sex: np.mean([(b.half_width, b.breast_depth) for b in many[sex]], 0) for sex in many}
    assert means["F"][0] < means["M"][0] - 4
    assert means["F"][1] > means["M"][1] + 4
    assert max(b.half_width for b in many["F"]) > means["M"][0], "the sexes overlap"


def test_bone_gets_thinner_with_age():
    young, old = (np.mean([draw_body(np.random.default_rng(s), "F", age).bone for s in range(50)]) for age in (25, 85))
    assert old == pytest.approx(young * (1 - 0.13 * 30 / 35) / (1 + 0.13 * 30 / 35), rel=0.01)


def test_unknown_choices_and_misspelt_options_are_named():
    with pytest.raises(OptionError, match="PA"):
        chest_radiograph(rng=np.random.default_rng(0), view="PZ")
    with pytest.raises(OptionError, match="nodules"):
        chest_radiograph(rng=np.random.default_rng(0), nodule=3)
    with pytest.raises(OptionError, match="size_px"):
        chest_radiograph(rng=np.random.default_rng(0), size_px=7)


def test_a_nodule_that_cannot_fit_is_refused():
    body, pose = person()
    with pytest.raises(GazoError, match="G-PHA-001") as caught:
        placed([draw_spot(np.random.default_rng(0))], [150.0], 1.0, Grid(body, pose, 256, 400.0))
    assert "150 mm" in caught.value.message("ja")
