"""Gaussian masks on reduced grids against the formula and against OpenCV's direct ones, borders included."""

import cv2
import numpy as np
import pytest

from gazo.process.masks import blurred, enlarged, gaussian


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.0, 4.0, 5.5, 8.0, 13.0, 32.0])
@pytest.mark.parametrize("shape", [(256, 321), (255, 300)])
def test_noise_comes_out_as_from_a_direct_mask(sigma, shape):
    noise = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    beyond = min(shape) - 1
    wide = cv2.copyMakeBorder(noise, beyond, beyond, beyond, beyond, cv2.BORDER_REFLECT_101)
    direct = cv2.GaussianBlur(wide, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)[beyond:-beyond, beyond:-beyond]
    assert np.abs(gaussian(noise, (sigma, sigma)) - direct).std() <= 0.003 * direct.std()


@pytest.mark.parametrize("sigma", [4.0, 7.0, 16.0])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_a_wave_is_weakened_by_the_formula(sigma, share):
    u, x = share / sigma, np.arange(600)
    wave = np.tile(np.cos(2 * np.pi * u * (x - 300)), (64, 1)).astype(np.float32)
    inner = slice(200, 400)
    left = gaussian(wave, (sigma, sigma))[32, inner]
    assert np.abs(left - np.exp(-2 * (np.pi * sigma * u) ** 2) * wave[32, inner]).max() < 1e-3


def test_rows_and_columns_have_masks_of_their_own():
    spot = np.zeros((201, 201), np.float32)
    spot[100, 100] = 1
    spread = gaussian(spot, (9.0, 18.0)).astype(np.float64)
    at = np.arange(201) - 100
    for axis, sigma in ((1, 9.0), (0, 18.0)):
        assert np.sqrt((spread.sum(axis) * at**2).sum()) == pytest.approx(sigma, rel=5e-3)


def test_wide_masks_stand_on_reduced_grids():
    masks, grid = blurred(np.zeros((512, 512), np.float32), [(1.0, 1.0), (4.0, 4.0), (32.0, 32.0)])
    assert [m.level for m in masks] == [0, 1, 4]
    assert enlarged(masks[2], grid, 1).shape == grid.shapes[1]
    assert enlarged(masks[2], grid).shape == (512, 512)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (3, 5)])
@pytest.mark.parametrize("sigma", [0.2, 3.0, 40.0, 500.0])
def test_a_mask_wider_than_the_image_keeps_its_mean(shape, sigma):
    assert gaussian(np.full(shape, 1234.5, np.float32), (sigma, sigma)) == pytest.approx(1234.5, rel=1e-5)
