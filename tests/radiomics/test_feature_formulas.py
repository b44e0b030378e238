"""Each part of the engine against a formula, a plain loop or a body of known form."""

import numpy as np
import pytest
from scipy import ndimage

from gazo.core import DataError, OptionError
from gazo.radiomics import Settings, feature_values
from gazo.radiomics.autocorrelation import moran_geary
from gazo.radiomics.discretise import fixed_number, fixed_size, levels_of
from gazo.radiomics.enclosing import ellipsoid_area, least_box, least_ellipsoid
from gazo.radiomics.glcm import cooccurrence
from gazo.radiomics.ivh import ivh_features
from gazo.radiomics.local_intensity import RADIUS_MM, ball_means
from gazo.radiomics.mesh import mesh_of
from gazo.radiomics.prepare import prepared
from gazo.radiomics.zones import border_distances, zones

RNG = np.random.default_rng(6)


def blob(shape=(9, 11, 13)):
    noise = ndimage.gaussian_filter(RNG.normal(size=shape), 1.2)
    return RNG.normal(100, 20, shape), noise > np.quantile(noise, 0.6)


def rotation():
    q, _ = np.linalg.qr(RNG.normal(size=(3, 3)))
    return q


def test_moran_and_geary_equal_the_sum_over_all_pairs():
    volume, mask = blob()
    spacing = (3.0, 1.0, 1.5)
    places = np.argwhere(mask) * np.array(spacing)
    x = volume[mask]
    distance = np.linalg.norm(places[:, None] - places, axis=2)
    weight = np.divide(1, distance, out=np.zeros_like(distance), where=distance > 0)
    away, n = x - x.mean(), len(x)
    moran = n / weight.sum() * (weight * np.outer(away, away)).sum() / (away**2).sum()
    geary = (n - 1) / (2 * weight.sum()) * (weight * (x[:, None] - x) ** 2).sum() / (away**2).sum()
    assert moran_geary(volume, mask, spacing) == pytest.approx((moran, geary), rel=1e-10)


def test_ball_means_equal_a_plain_mean():
    volume, mask = blob((8, 12, 14))
    spacing = (3.0, 1.3, 2.0)
    grid = np.stack(np.indices(volume.shape), -1) * np.array(spacing)
    expected = [
        volume[np.linalg.norm(grid - place * np.array(spacing), axis=-1) <= RADIUS_MM].mean() for place in np.argwhere(mask)
    ]
    assert ball_means(volume, mask, spacing) == pytest.approx(np.array(expected), rel=1e-10)


def test_co_occurrence_of_a_row():
    """1 1 2 along a row: the pairs (1, 1) twice for both orders, (1, 2) and (2, 1) once."""
    found = cooccurrence(np.array([[[1, 1, 2]]]), 2)
    assert found[0].tolist() == [[2, 1], [1, 0]]
    assert found[1:].sum() == 0


def test_zones_are_those_of_a_labelling_with_26_neighbours():
    levels = np.pad(RNG.integers(0, 4, (7, 8, 9)).astype(np.int32), 1)
    found = zones(levels, np.ones_like(levels), 1, 8, planar=False)
    for level in (1, 2, 3):
        labels, count = ndimage.label(levels == level, np.ones((3, 3, 3)))
        sizes = np.bincount(labels.ravel())[1:]
        assert sorted(found[found[:, 0] == level, 1]) == sorted(sizes)
        assert count == len(sizes)
    flat = zones(levels, np.ones_like(levels), 3, 4, planar=True)
    assert len(flat) == sum(ndimage.label(levels[3] == level, np.ones((3, 3)))[1] for level in (1, 2, 3))


def test_border_distances_are_taxicab_distances():
    mask = np.pad(blob((14, 15, 16))[1], 1)
    assert np.array_equal(border_distances(mask, planar=False), ndimage.distance_transform_cdt(mask, "taxicab"))
    planar = np.stack([ndimage.distance_transform_cdt(plane, "taxicab") for plane in mask])
    assert np.array_equal(border_distances(mask, planar=True), planar)


def test_mesh_of_a_ball_tends_to_its_volume_and_hull():
    z, y, x = np.indices((41, 41, 41)) - 20
    mesh = mesh_of(z**2 + y**2 + x**2 <= 15**2, (0.5, 0.5, 0.5))
    assert mesh.volume == pytest.approx(4 / 3 * np.pi * 7.5**3, rel=0.01)
    assert mesh.hull_volume == pytest.approx(mesh.volume, rel=0.06)
    assert mesh.area > 4 * np.pi * 7.5**2  # stairs are longer than the slope


def test_least_box_finds_a_turned_box():
    from scipy.spatial import ConvexHull

    corners = np.array([(z, y, x) for z in (0, 2) for y in (0, 3) for x in (0, 7)]) @ rotation()
    hull = ConvexHull(corners)
    assert sorted(least_box(corners, np.unique(hull.equations[:, :3].round(9), axis=0))) == pytest.approx([2, 3, 7], abs=1e-6)


def test_least_ellipsoid_finds_a_turned_ellipsoid():
    points = RNG.normal(size=(400, 3))
    points = points / np.linalg.norm(points, axis=1, keepdims=True) * np.array([2.0, 5.0, 9.0]) @ rotation() + 30
    semi = least_ellipsoid(points)
    assert semi == pytest.approx([9, 5, 2], rel=0.02)
    assert (4 * np.pi / 3 * np.prod(semi)) <= 4 * np.pi / 3 * 90 * 1.002


def test_area_of_a_ball_and_of_the_series_for_an_ellipsoid():
    assert ellipsoid_area(np.array([3.0, 3.0, 3.0])) == pytest.approx(4 * np.pi * 9)
    a, b, c = 5.0, 4.0, 3.0
    alpha, beta = (1 - b**2 / a**2) ** 0.5, (1 - c**2 / a**2) ** 0.5
    argument = (alpha**2 + beta**2) / (2 * alpha * beta)
    series = sum((alpha * beta) ** v / (1 - 4 * v * v) * np.polynomial.legendre.Legendre.basis(v)(argument) for v in range(21))
    assert ellipsoid_area(np.array([a, b, c])) == pytest.approx(4 * np.pi * a * b * series, rel=1e-10)


def test_discretisation():
    values = np.array([-1000.0, -975.1, -975.0, 0.0, 24.9, 25.0])
    assert fixed_size(values, 25, -1000).tolist() == [1, 1, 2, 41, 41, 42]
    assert fixed_number(np.array([0.0, 0.9, 1.0, 9.99, 10.0]), 10).tolist() == [1, 1, 2, 10, 10]
    assert fixed_number(np.full(3, 7.0), 10).tolist() == [1, 1, 1]
    with pytest.raises(DataError, match="G-RAD-005"):
        levels_of(np.array([[[0.0, 1e9]]]), np.ones((1, 1, 2), bool), Settings(discretisation="fixed bin size", bin_size=1.0))


def test_volume_histogram_of_ten_steps():
    """Values 1 to 10 once each: at least 10 % of the range (1.9) have 9 of 10, at least 90 % (9.1) has 1 of 10."""
    found = ivh_features(np.arange(1.0, 11), Settings(ivh="values"))
    assert (found["ivh_v10"], found["ivh_v90"]) == pytest.approx((0.9, 0.1))
    assert (found["ivh_i10"], found["ivh_i90"]) == (10, 2)
    assert found["ivh_auc"] == pytest.approx(0.55)
    with pytest.raises(DataError, match="G-RAD-006"):
        ivh_features(np.array([0.0, 1e9]), Settings(ivh="values"))


def test_interpolation_keeps_a_ramp_and_the_centre():
    z, y, x = np.indices((20, 21, 22)).astype(float)
    mask = np.zeros(z.shape, bool)
    mask[5:15, 6:15, 7:16] = True
    ramp = 2 * z * 3 + 3 * y - x * 1.5  # per mm: 2, 3 and -1
    for method in ("linear", "cubic"):
        settings = Settings(spacing_mm=1.2, interpolation=method)
        region = prepared(ramp, mask, (3.0, 1.0, 1.5), settings, crop=False)
        assert region.volume.shape == (50, 18, 28)
        middle = region.volume[20:30, 8:10, 10:15]
        assert np.diff(middle, axis=0) == pytest.approx(np.full((9, 2, 5), 2 * 1.2), abs=1e-3)
        assert np.diff(middle, axis=2) == pytest.approx(np.full((10, 2, 4), -1.2), abs=1e-3)
        assert region.volume[24:26, 8:10, 13:15].mean() == pytest.approx(ramp.mean(), abs=1e-6)
        near = prepared(ramp, mask, (3.0, 1.0, 1.5), settings)
        assert near.mask.sum() == region.mask.sum()
        assert near.volume[near.mask] == pytest.approx(region.volume[region.mask], abs=1e-4)


def test_whole_image_and_cut_out_give_the_same_features():
    """Three voxels less on each side leave the points of the grid where they were."""
    volume, mask = np.full((30, 40, 42), 60.0), np.zeros((30, 40, 42), bool)
    volume[8:20, 10:24, 12:28], mask[8:20, 10:24, 12:28] = blob((12, 14, 16))
    part = np.s_[3:-3, 3:-3, 3:-3]
    settings = Settings(spacing_mm=1.5)
    whole = feature_values(volume, mask, (2.0, 1.0, 1.0), settings)
    assert feature_values(volume[part], mask[part], (2.0, 1.0, 1.0), settings) == pytest.approx(whole, rel=1e-9)


def test_features_do_not_change_with_a_turn_of_the_volume():
    volume, mask = blob()
    settings = Settings(aggregations=("3D_avg", "3D_comb"), bin_number=8)
    upright = feature_values(volume, mask, (1.0, 1.0, 1.0), settings)
    turned = feature_values(np.rot90(volume, axes=(0, 2)), np.rot90(mask, axes=(0, 2)), (1.0, 1.0, 1.0), settings)
    mesh = {tag: 5e-3 for tag in upright if tag.startswith("morph_")}  # ambiguous cubes, precision of the ellipsoid
    assert {tag: v for tag, v in turned.items()} == {tag: pytest.approx(v, rel=mesh.get(tag, 1e-9)) for tag, v in upright.items()}


def test_a_fixed_number_of_bins_forgets_scale_and_offset():
    volume, mask = blob()
    settings = Settings(families=("histogram", "glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"), bin_number=8)
    one = feature_values(volume, mask, (1.0, 1.0, 1.0), settings)
    assert feature_values(4 * volume - 1024, mask, (1.0, 1.0, 1.0), settings) == pytest.approx(one, rel=1e-9)


def test_equal_values_give_what_ibsi_says_and_no_number_where_there_is_none():
    mask = np.zeros((8, 8, 8), bool)
    mask[2:6, 2:6, 2:6] = True
    found = feature_values(np.full((8, 8, 8), 5.0), mask, (1.0, 1.0, 1.0), Settings())
    assert {tag for tag, value in found.items() if not np.isfinite(value)} == {"morph_moran_i", "morph_geary_c"}
    assert (found["stat_skew"], found["stat_kurt"], found["cm_corr_3D_avg"], found["ngt_coarseness_3D"]) == (0, 0, 1, 1e6)


def test_a_single_voxel_and_a_single_plane():
    volume, mask = np.ones((5, 5, 5)), np.zeros((5, 5, 5), bool)
    mask[2, 2, 2] = True
    one = feature_values(volume, mask, (1.0, 1.0, 1.0), Settings())
    assert np.isnan(one["cm_contrast_3D_avg"])
    assert one["morph_vol_approx"] == 1
    plane = feature_values(*(a[4] for a in blob()), (0.2, 0.2), Settings(spacing_mm=0.4))
    assert "cm_contrast_2D_avg" in plane
    assert not any(tag.startswith(("morph", "loc")) for tag in plane)


def test_resegmentation_takes_the_range_and_the_outliers():
    volume, mask = np.zeros((4, 10, 10)), np.ones((4, 10, 10), bool)
    volume[:] = RNG.normal(0, 1, volume.shape).clip(-2, 2)
    volume[0, 0, :3] = 50
    assert prepared(volume, mask, (1, 1, 1), Settings(outliers=True)).intensity_mask.sum() == 397
    limited = prepared(volume, mask, (1, 1, 1), Settings(lowest=0.0, highest=1.0)).intensity_mask
    assert limited.sum() == ((volume >= 0) & (volume <= 1)).sum()
    with pytest.raises(DataError, match="G-RAD-004"):
        prepared(volume, mask, (1, 1, 1), Settings(lowest=100.0))
    with pytest.raises(OptionError, match="G-RAD-001"):
        Settings(lowest=10.0, highest=-10.0)


def test_z_scores_use_the_pixels_that_are_not_zero():
    volume, mask = blob()
    volume[:3] = 0
    region = prepared(volume, mask, (1, 1, 1), Settings(normalise="z-score"), crop=False)
    assert region.volume[3:].mean() == pytest.approx(0, abs=1e-12)
    assert region.volume[3:].std() == pytest.approx(1)
    with pytest.raises(DataError, match="G-RAD-003"):
        prepared(np.ones((3, 3, 3)), np.ones((3, 3, 3)), (1, 1, 1), Settings(normalise="z-score"))


def test_a_region_that_vanishes_is_refused():
    mask = np.zeros((9, 9, 9), bool)
    mask[4, 4, 1] = True
    with pytest.raises(DataError, match="G-RAD-002"):
        feature_values(np.ones((9, 9, 9)), mask, (1, 1, 1), Settings(spacing_mm=4.0))
