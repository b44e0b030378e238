"""Features of many images: the same as of one, resumed, in parallel, with faults passed over and perturbations for stability."""

import json

import numpy as np
import pytest

from gazo.core import Image, ImageSet
from gazo.core.errors import DataError, OptionError
from gazo.core.progress import Cancelled
from gazo.core.results import from_json, to_json
from gazo.radiomics import extract, extract_case, features, laplacian_of_gaussian, separable_wavelet
from gazo.radiomics.perturb import Perturbation, drawn, noise_level, perturbed, resized

SPACING = (2.0, 1.0, 1.0)
FAST = {"families": ("statistics", "glcm"), "bin_number": 8, "workers": 1}


def volumes(count, seed=0):
    rng = np.random.default_rng(seed)
    z, y, x = np.mgrid[:14, :40, :44]
    images = rng.normal(100, 20, (count, 14, 40, 44)).astype(np.float32)
    masks = np.zeros((count, 14, 40, 44), np.uint8)
    for number in range(count):
        radius = 6 + number % 4
        images[number] += 30 * np.sin(x / (3 + number))
        masks[number][((z - 7) * 2) ** 2 + (y - 20) ** 2 + (x - 20) ** 2 <= radius**2] = 1
    return images, masks


def study(count=3, **changes):
    images, masks = volumes(count)
    return ImageSet.from_arrays(images, masks=masks, spacing_mm=SPACING, patients=[f"p{n // 2}" for n in range(count)], **changes)


def as_columns(table):
    return {heading.en: [row[place] for row in table.rows] for place, heading in enumerate(table.headings)}


def test_the_row_of_an_image_is_what_features_says_of_it(tmp_path):
    images, masks = volumes(2)
    found = as_columns(extract(study(2), workspace=tmp_path, workers=1, grid_mm=1.5, lowest=50).features)
    for row in range(2):
        one = features(Image(images[row], spacing_mm=SPACING), Image(masks[row], spacing_mm=SPACING), grid_mm=1.5, lowest=50)
        values = {cells[0]: cells[5] for cells in one.features.rows}
        assert {name: found[f"original_{name}"][row] for name in values} == pytest.approx(values, rel=1e-9, nan_ok=True)
    assert found["patient"] == ["P0001", "P0001"]
    assert found["case"] == ["C0001/1", "C0002/1"]


@pytest.mark.parametrize(
    ("words", "filtered"),
    [
        ("log:sigma_mm=2", lambda image: laplacian_of_gaussian(image, sigma_mm=2)),
        ("wavelet:bands=HLL:level=2", lambda image: separable_wavelet(image, bands="HLL", level=2)),
        ("mean:size=3:boundary=periodic", None),
    ],
)
def test_cutting_out_changes_no_response(tmp_path, words, filtered):
    images, masks = volumes(1)
    found = as_columns(extract(study(1), workspace=tmp_path, filters=(words,), **FAST).features)
    assert f"{words}_cm_contrast_3D_avg" in found
    if filtered is not None:
        response = filtered(Image(images[0], spacing_mm=SPACING)).pixels[masks[0] > 0]
        assert found[f"{words}_stat_mean"][0] == pytest.approx(response.astype(float).mean(), rel=1e-5, abs=1e-5)
        assert found[f"{words}_stat_var"][0] == pytest.approx(response.astype(float).var(), rel=1e-4)


def test_each_label_is_a_row_and_some_can_be_chosen(tmp_path):
    images, masks = volumes(2)
    masks[1, 2:6, 30:36, 30:40] = 4
    several = ImageSet.from_arrays(images, masks=masks, spacing_mm=SPACING)
    found = as_columns(extract(several, workspace=tmp_path, **FAST).features)
    assert found["case"] == ["C0001/1", "C0002/1", "C0002/4"]
    chosen = extract(several, workspace=tmp_path, labels=(4,), **FAST)
    assert as_columns(chosen.features)["case"] == ["C0002/4"]
    assert [row[4] for row in chosen.failed.rows] == ["G-RAD-010"]


def test_faults_are_passed_over_and_listed(tmp_path):
    images, masks = volumes(4)
    masks[1] = 0
    images[2, 7, 20, 20] = np.nan
    masks[3, :, :3, :3] = 1
    found = extract(ImageSet.from_arrays(images, masks=masks, spacing_mm=SPACING), workspace=tmp_path, **FAST)
    assert as_columns(found.features)["row"] == [1, 4]
    assert [row[:2] + row[4:5] for row in found.failed.rows] == [("C0002/1", 2, "G-RAD-010"), ("C0003/1", 3, "G-RAD-011")]
    notes = as_columns(found.regions)["notes"]
    assert notes[0].en.count("parts") == 0
    assert "2 separate parts" in notes[1].en
    assert "border" in notes[1].en
    assert any("patient" in one.en for one in found.warnings)


def test_nothing_measured_is_an_error_with_the_reason(tmp_path):
    images, masks = volumes(1)
    with pytest.raises(DataError, match=r"^G-RAD-215") as caught:
        extract(ImageSet.from_arrays(images, masks=masks * 0, spacing_mm=SPACING), workspace=tmp_path)
    assert "no voxel of the region" in caught.value.text.en


@pytest.mark.parametrize(
    ("code", "mask"), [("G-RAD-213", lambda m: m * 0.4), ("G-RAD-013", lambda m: m[:, :, :-1]), ("G-RAD-212", lambda m: None)]
)
def test_masks_that_are_none_are_told(tmp_path, code, mask):
    images, masks = volumes(1)
    cells = mask(masks)
    there = ImageSet.from_arrays(images, masks=cells if cells is not None else masks, spacing_mm=SPACING)
    if cells is None:
        there = there.with_column("mask", [None], "mask")
    assert extract_error(there, tmp_path) == code


def extract_error(images, workspace):
    """The code of the only case, seen beside one that succeeds."""
    masks = volumes(1)[1]
    both = {"image": np.array([0, 1], object), "mask": np.array(["good/mask", images.role("mask")[0]], object)}

    class Loader:
        def __call__(self, reference):
            if reference == "good/mask":
                return Image(masks[0], spacing_mm=SPACING, meaning="mask")
            return images.loader(0 if reference in (0, 1) else reference)

    found = extract(ImageSet(both, {"image": "image", "mask": "mask"}, Loader()), workspace=workspace, **FAST)
    return found.failed.rows[0][4]


def test_interrupted_work_goes_on_where_it_was(tmp_path, monkeypatch):
    images = study(12)
    whole = extract(images, workspace=tmp_path / "a", **FAST)
    assert len(whole.features.rows) == 12

    def stop(event):
        if event.done == 7:
            raise Cancelled

    with pytest.raises(Cancelled):
        extract(images, workspace=tmp_path / "b", on_event=stop, **FAST)
    computed = []
    original = extract_case.values_of
    monkeypatch.setattr(extract_case, "values_of", lambda *given: computed.append(1) or original(*given))
    resumed = extract(images, workspace=tmp_path / "b", **FAST)
    assert len(computed) == 5
    assert resumed.features == whole.features
    assert len(extract(images, workspace=tmp_path / "b", workers=1, bin_number=16, families=("glcm",)).features.rows) == 12
    assert len(computed) == 17  # other settings are other work


def test_a_broken_cache_file_is_computed_again(tmp_path):
    first = extract(study(1), workspace=tmp_path, **FAST)
    (file,) = (tmp_path / "cache" / "radiomics").iterdir()
    file.write_text('{"regions": [{"roi"', encoding="utf-8")
    assert extract(study(1), workspace=tmp_path, **FAST).features == first.features


@pytest.mark.slow
def test_several_processes_give_the_same_table(tmp_path):
    one = extract(study(4), workspace=tmp_path / "a", **FAST)
    two = extract(study(4), workspace=tmp_path / "b", **{**FAST, "workers": 2})
    assert one.features == two.features


def test_columns_are_kept_and_the_result_survives_storage(tmp_path):
    images = study(2).with_column("months", [12.5, 30.0])
    found = extract(images, workspace=tmp_path, keep=("months",), filters=("mean",), **FAST)
    assert as_columns(found.features)["months"] == [12.5, 30.0]
    again = from_json(json.loads(json.dumps(to_json(found))))
    assert again.features == found.features
    told = json.loads(found.settings_json)
    assert told["filters"] == [{"filter": "mean"}]
    assert told["settings"]["bin_number"] == 8
    codes = {row[0]: row[1] for row in found.definitions.rows}
    assert codes["stat_mean"] == "Q4LE"
    with pytest.raises(DataError, match=r"^G-DATA-002"):
        extract(images, workspace=tmp_path, keep=("month",))


def test_filters_without_anything_to_compute_are_refused(tmp_path):
    with pytest.raises(OptionError, match=r"^G-RAD-214"):
        extract(study(1), workspace=tmp_path, filters=("mean",), families=("morphology",))


def test_repeats_are_drawn_anew_and_the_same_again(tmp_path):
    options = {"repeats": 2, "seed": 3, **FAST}
    found = as_columns(extract(study(2), workspace=tmp_path / "a", **options).features)
    plain = as_columns(extract(study(2), workspace=tmp_path / "a", **FAST).features)
    assert found["repeat"] == [0, 1, 2, 0, 1, 2]
    means = np.array(found["original_stat_mean"]).reshape(2, 3)
    assert means[:, 0].tolist() == plain["original_stat_mean"]
    assert len(set(means.ravel().tolist())) == 6
    assert as_columns(extract(study(2), workspace=tmp_path / "b", **options).features) == found
    other = as_columns(extract(study(2), workspace=tmp_path / "b", **{**options, "seed": 4}).features)
    assert other["original_stat_mean"][1] != found["original_stat_mean"][1]


def test_a_region_grows_and_shrinks_by_the_volume_asked_for():
    region = volumes(1)[1][0] > 0
    for factor in (0.8, 1.0, 1.25):
        found = resized(region, SPACING, factor)
        assert found.sum() == round(factor * region.sum())
        assert (found & region).sum() == min(found.sum(), region.sum())


def test_turning_and_shifting_moves_image_and_region_together():
    images, masks = volumes(1)
    smooth = np.broadcast_to(np.arange(44.0), images[0].shape)
    limits = Perturbation(rotation_deg=10, shift_px=0.5)
    what = drawn(limits, 3, 0, 0, 1)
    values, region = perturbed(smooth, masks[0] > 0, SPACING, limits, what, 1)
    assert values[region].mean() == pytest.approx(smooth[masks[0] > 0].mean(), abs=0.5)  # the region keeps to whole voxels
    assert region.sum() == pytest.approx(masks[0].sum(), rel=0.1)
    assert (region != (masks[0] > 0)).any()
    still = perturbed(smooth, masks[0] > 0, SPACING, Perturbation(), drawn(Perturbation(), 3, 0, 0, 1), 1)
    assert (still[0] == smooth).all()
    assert (still[1] == (masks[0] > 0)).all()


def test_the_noise_of_an_image_is_found_beneath_its_structure():
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:128, :128]
    assert noise_level(50 * np.sin(x / 20) + y + rng.normal(0, 4, (128, 128))) == pytest.approx(4, rel=0.05)
