"""IBSI 2, phase 1: response maps of the reference set (theibsi/ibsi_2_reference_data, CC BY 4.0), within 1 % of the range of each."""

from pathlib import Path

import numpy as np
import pytest

from gazo.io import read_nifti
from gazo.radiomics import gabor, laplacian_of_gaussian, laws, mean_filter, separable_wavelet, simoncelli

TOLERANCE = 0.01  # of the range of the reference map (Whybra et al., Radiology 2024; 310: e231319)


@pytest.fixture(scope="module")
def ibsi2(shared: Path) -> Path:
    folder = shared / "reference" / "radiomics" / "ibsi2"
    if not folder.is_dir():
        pytest.skip(f"needs the IBSI 2 reference set in {folder}")
    return folder


LAWS_A = {"kernels": "E5L5S5", "boundary": "zero"}
LAWS_B = {"kernels": "E3W5R5", "boundary": "mirror"}
GABOR_A = {"sigma_mm": 10, "wavelength_mm": 4, "gamma": 0.5, "boundary": "zero"}
DB2 = {"family": "db2", "bands": "LHL", "boundary": "zero"}
MAPS = [
    ("1_a_1", "checkerboard", mean_filter, {"size": 15, "boundary": "zero"}),
    ("1_a_2", "checkerboard", mean_filter, {"size": 15, "boundary": "nearest"}),
    ("1_a_3", "checkerboard", mean_filter, {"size": 15, "boundary": "periodic"}),
    ("1_a_4", "checkerboard", mean_filter, {"size": 15, "boundary": "mirror"}),
    ("1_b_1", "impulse", mean_filter, {"size": 15, "boundary": "zero", "by_slice": True}),
    ("2_a", "impulse", laplacian_of_gaussian, {"sigma_mm": 3, "boundary": "zero"}),
    ("2_b", "checkerboard", laplacian_of_gaussian, {"sigma_mm": 5, "boundary": "mirror"}),
    ("2_c", "checkerboard", laplacian_of_gaussian, {"sigma_mm": 5, "boundary": "mirror", "by_slice": True}),
    ("3_a_1", "impulse", laws, {**LAWS_A, "rotation": "none", "energy_px": 0}),
    ("3_a_2", "impulse", laws, {**LAWS_A, "rotation": "max", "energy_px": 0}),
    ("3_a_3", "impulse", laws, {**LAWS_A, "rotation": "max", "energy_px": 7}),
    ("3_b_1", "checkerboard", laws, {**LAWS_B, "rotation": "none", "energy_px": 0}),
    ("3_b_2", "checkerboard", laws, {**LAWS_B, "rotation": "max", "energy_px": 0}),
    ("3_b_3", "checkerboard", laws, {**LAWS_B, "rotation": "max", "energy_px": 7}),
    ("4_a_1", "impulse", gabor, {**GABOR_A, "angle_deg": 60, "step_deg": 0, "by_slice": True}),
    ("4_a_2", "impulse", gabor, {**GABOR_A, "step_deg": 45}),
    ("5_a_1", "impulse", separable_wavelet, {**DB2, "rotation": "none"}),
    ("5_a_2", "impulse", separable_wavelet, {**DB2, "rotation": "average"}),
    ("7_a_1", "checkerboard", separable_wavelet, {"family": "haar", "bands": "LLL", "level": 2, "boundary": "mirror"}),
    ("8_a_1", "checkerboard", simoncelli, {"level": 1, "boundary": "periodic"}),
    ("8_a_2", "checkerboard", simoncelli, {"level": 2, "boundary": "periodic"}),
]


@pytest.mark.parametrize(("name", "phantom", "filtered", "options"), MAPS, ids=[name for name, *_ in MAPS])
def test_response_map_is_that_of_the_reference(ibsi2, name, phantom, filtered, options):
    image = read_nifti(ibsi2 / "phantoms" / f"{phantom}.nii.gz")
    wanted = read_nifti(ibsi2 / "response_maps" / f"{name}.nii.gz").pixels.astype(float)
    found = filtered(image, **options).pixels
    error = np.abs(found - wanted).max() / np.ptp(wanted)
    print(f"{name}: largest difference {100 * error:.5f} % of the range")
    assert error <= TOLERANCE
