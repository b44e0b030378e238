"""A folder of images through a chain: the same pixels by every door, resumable, flat in memory, one bad file passed over."""

import json
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import gazo
from gazo.core import FileError, Image, OptionError, RunError
from gazo.core.errors import StorageError
from gazo.core.registry import Entry, register
from gazo.process import gaussian, unsharp_mask
from gazo.runs.batch import process_files
from gazo.runs.given import Given
from gazo.runs.image_files import Files, Opening, files_at, raw_rule
from gazo.runs.manifest import NAME, read_manifest
from gazo.runs.outputs import Output, targets, whole_numbers
from gazo.runs.processed import chain_recipe, job_of, named_cases, storing
from gazo.runs.steps import chain_step, read_steps

USM = {"radius_mm": 1.0, "amount": 0.7}


@pytest.fixture
def folder(tmp_path):
    """Eight 16-bit radiographs of 40 x 50 pixels in two subfolders with Japanese names."""
    rng = np.random.default_rng(0)
    for number in range(8):
        path = tmp_path / "画像 入力" / ("胸部" if number < 4 else "腹部") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        gazo.write(Image(rng.integers(0, 4000, (40, 50), dtype=np.uint16), spacing_mm=(0.2, 0.2), modality="DX"), path)
    return tmp_path / "画像 入力"


def batch(place, out, *steps, given=None, opening=None, seed=0, workers=1, **stored):
    """What the command does."""
    steps = steps or (chain_step("unsharp-mask", USM),)
    images = place if isinstance(place, Files) else files_at([place])
    given = given or Given()
    recipe = chain_recipe(steps, given, opening or Opening(), storing(**stored), seed)
    job = job_of(recipe, given)
    cases, manifest = named_cases(job, images, given, out)
    return process_files(job, cases, manifest, recipe, workers=workers), images


def test_pixels_are_those_of_python_with_any_number_of_workers(folder, tmp_path):
    for workers in (1, 2):
        done, images = batch(folder, tmp_path / f"out{workers}", workers=workers)
        assert (done.made, done.failed) == (8, {})
    for path, name in zip(images.paths, images.names, strict=True):
        wanted = unsharp_mask(gazo.read(path), **USM)
        for workers in (1, 2):
            found = gazo.read(tmp_path / f"out{workers}" / Path(name).with_suffix(".tif"))
            np.testing.assert_array_equal(found.pixels, wanted.pixels)
            assert (found.spacing_mm, found.modality, found.pixels.dtype) == ((0.2, 0.2), "DX", np.float32)
            assert [step.name for step in found.history] == ["unsharp_mask"]


def test_what_was_made_is_not_made_again_unless_input_output_or_steps_change(folder, tmp_path):
    out = tmp_path / "out"
    batch(folder, out)
    assert batch(folder, out)[0].kept == 8
    gazo.write(Image(np.zeros((40, 50), np.uint16), spacing_mm=(0.2, 0.2)), folder / "胸部" / "1.png")
    (out / "腹部" / "5.tif").write_bytes(b"half")
    (out / "腹部" / "6.tif").unlink()
    done, _ = batch(folder, out)
    assert (done.made, done.kept) == (3, 5)
    assert gazo.read(out / "胸部" / "1.tif").pixels.max() == 0
    assert batch(folder, out, chain_step("unsharp-mask", {**USM, "amount": 0.8}))[0].made == 8
    assert batch(folder, out, chain_step("unsharp-mask", USM), file_bits="16")[0].made == 8


def test_a_bad_file_is_passed_over_and_named_by_number_only(folder, tmp_path):
    (folder / "胸部" / "2.png").write_bytes(b"\x89PNG broken")
    done, images = batch(folder, tmp_path / "out", workers=2)
    assert done.made == 7
    (number,) = done.failed
    assert images.names[number] == "胸部/2.png"
    manifest = read_manifest(tmp_path / "out" / NAME)
    assert manifest["passed_over"] == [{"row": number + 1, "code": "G-IO-005"}]
    assert not (tmp_path / "out" / "胸部" / "2.tif").exists()


def test_the_manifest_holds_no_path_and_no_name(folder, tmp_path):
    batch(folder, tmp_path / "out")
    text = (tmp_path / "out" / NAME).read_text("utf-8")
    assert not any(word in text for word in ("画像", "胸部", "1.png", str(tmp_path)))


def test_the_manifest_is_a_chain_again(folder, tmp_path):
    steps = (chain_step("gaussian", {"sigma_px": 1.5}), chain_step("unsharp-mask", USM))
    batch(folder, tmp_path / "out", *steps)
    assert read_steps(tmp_path / "out" / NAME) == steps
    image = gazo.read(folder / "胸部" / "0.png")
    wanted = unsharp_mask(gaussian(image, sigma_px=1.5), **USM)
    np.testing.assert_array_equal(gazo.read(tmp_path / "out" / "胸部" / "0.tif").pixels, wanted.pixels)


def test_inputs_are_never_written_over(folder, tmp_path):
    before = {p: p.read_bytes() for p in folder.rglob("*.png")}
    with pytest.raises(RunError, match="G-RUN-032"):
        batch(folder, folder, file_kind="png")
    other = tmp_path / "other"
    other.mkdir()
    (other / "胸部").mkdir()
    (other / "胸部" / "1.tif").write_bytes(b"mine")
    with pytest.raises(RunError, match="G-RUN-033"):
        batch(folder, other)
    assert (other / "胸部" / "1.tif").read_bytes() == b"mine"
    assert {p: p.read_bytes() for p in folder.rglob("*.png")} == before


def test_second_images_are_found_by_name(folder, tmp_path):
    dark = tmp_path / "二"
    for path in folder.rglob("*.png"):
        (dark / path.parent.name).mkdir(parents=True, exist_ok=True)
        image = gazo.read(path)
        gazo.write(image.with_pixels(image.pixels // 2), dark / path.parent.name / f"{path.stem}.tif")
    (dark / "胸部" / "3.tif").unlink()
    given = Given({"processed": files_at([dark])})
    done, images = batch(folder, tmp_path / "out", chain_step("difference-image", {}), given=given)
    assert [images.names[n] for n in done.failed] == ["胸部/3.png"]
    assert done.failed[images.names.index("胸部/3.png")].code == "G-RUN-034"
    image = gazo.read(folder / "腹部" / "4.png")
    found = gazo.read(tmp_path / "out" / "腹部" / "4.tif").pixels
    np.testing.assert_array_equal(found, (image.pixels // 2).astype(np.float32) - image.pixels)
    assert (tmp_path / "out" / "腹部" / "4-edges.tif").exists()


def test_random_steps_follow_from_the_seed_and_the_content_only(folder, tmp_path, kept):
    def noisy(image: Image, *, seed: int = 0) -> Image:
        """Add noise to an image, for this test."""
        return image.with_pixels(image.pixels + np.random.default_rng(seed).normal(size=image.shape).astype(np.float32))

    from gazo.core.language import Text

    register(Entry("operation", "process", "noisy", Text("雑音", "noise"), noisy))
    step = chain_step("noisy", {})
    batch(folder, tmp_path / "all", step)
    batch(files_at([folder / "腹部" / "6.png"]), tmp_path / "one", step)
    batch(folder, tmp_path / "other", step, seed=1)
    one = gazo.read(tmp_path / "one" / "6.tif").pixels
    np.testing.assert_array_equal(one, gazo.read(tmp_path / "all" / "腹部" / "6.tif").pixels)
    assert (one != gazo.read(tmp_path / "other" / "腹部" / "6.tif").pixels).any()
    first, second = (
        gazo.read(tmp_path / "all" / "腹部" / f"{n}.tif").pixels - gazo.read(folder / "腹部" / f"{n}.png").pixels for n in (5, 6)
    )
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.1


def test_memory_does_not_grow_with_the_folder(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 4000, (256, 256), dtype=np.uint16)
    for number in range(120):
        gazo.write(Image(np.roll(pixels, number, 0), spacing_mm=(0.2, 0.2)), tmp_path / f"{number:03d}.tif")
    files = files_at([tmp_path])
    peaks = []
    for count in (20, 20, 120):  # the first fills caches
        tracemalloc.start()
        done, _ = batch(Files(files.paths[:count], files.names[:count]), tmp_path.parent / f"{tmp_path.name}-{len(peaks)}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert done.made == count
    assert peaks[2] < peaks[1] + 1_000_000  # 100 further images of 131 kB each would be 13 MB


KILLED = """
import sys
from pathlib import Path
from gazo.cli.main import main
if __name__ == "__main__":
    sys.exit(main(["process", "non-local-means", sys.argv[1], sys.argv[2], "--strength-value", "50", "--workers", "2"]))
"""


@pytest.mark.slow
def test_a_killed_batch_goes_on_where_it_was(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for number in range(24):
        gazo.write(Image(rng.integers(0, 4000, (200, 200), dtype=np.uint16)), tmp_path / "in" / f"{number:02d}.png")
    (tmp_path / "go.py").write_text(KILLED)
    words = [sys.executable, str(tmp_path / "go.py"), str(tmp_path / "in"), str(tmp_path / "out")]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for _ in range(1200):
        time.sleep(0.05)
        made = read_manifest(tmp_path / "out" / NAME)
        if made is not None and len(list((tmp_path / "out").glob("*.tif"))) >= 4:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait(20)
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.tif")}
    told = len(read_manifest(tmp_path / "out" / NAME)["outputs"])
    assert 0 < told <= len(before) < 24
    done = subprocess.run([*words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    after = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.tif")}
    assert sum(after[name] == before[name] for name in before) >= told
    fresh, _ = batch(tmp_path / "in", tmp_path / "fresh", chain_step("non-local-means", {"strength_value": 50}))
    assert fresh.made == 24
    for path in (tmp_path / "fresh").glob("*.tif"):
        assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes()


def test_a_full_disk_is_a_sentence_and_leaves_no_half_file(folder, tmp_path):
    """The results go to a file system of 40 kB."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted as root")
    try:
        with pytest.raises(StorageError, match="G-DISK-001"):
            batch(folder, small / "out", workers=2)
        assert not [f for f in small.rglob("*") if f.name.endswith(".part")]
    finally:
        subprocess.run(["umount", str(small)], check=True)


# --- what is written


@pytest.mark.parametrize("kind", ["png", "tif", "dcm"])
def test_whole_numbers_come_back_within_half_a_step(folder, tmp_path, kind):
    done, images = batch(folder, tmp_path / "out", file_kind=kind, file_bits="16")
    assert done.made == 8
    image = gazo.read(images.paths[0])
    found = gazo.read(tmp_path / "out" / Path(images.names[0]).with_suffix(f".{kind}"))
    np.testing.assert_allclose(found.pixels, unsharp_mask(image, **USM).pixels, atol=0.5001)
    assert found.spacing_mm == (0.2, 0.2)


def test_whole_numbers_keep_their_steps_where_they_fit():
    pixels = np.array([[-12.4, 100.2], [4000.6, 65000.0]], np.float32)
    stored, slope, intercept = whole_numbers(pixels, np.dtype(np.uint16), 16)
    assert (slope, intercept, stored.dtype) == (1.0, -12.0, np.uint16)
    np.testing.assert_allclose(stored * slope + intercept, pixels, atol=0.5001)
    stored, slope, intercept = whole_numbers(pixels, np.dtype(np.float32), 16)
    assert (int(stored.min()), int(stored.max())) == (0, 65535)
    np.testing.assert_allclose(stored * slope + intercept, pixels, atol=slope * 0.51)
    constant = np.full((2, 2), 3.7, np.float32)
    stored, slope, intercept = whole_numbers(constant, np.dtype(np.float32), 16)
    np.testing.assert_allclose(stored * slope + intercept, constant)


def test_nan_is_not_turned_into_a_number():
    with pytest.raises(gazo.GazoError, match="G-RUN-031"):
        whole_numbers(np.array([[np.nan, 1.0]]), np.dtype(np.float32), 16)


def test_dicom_stays_dicom_with_16_bits(tmp_path):
    from pydicom.data import get_testdata_file

    path = get_testdata_file("CT_small.dcm", download=False)
    assert Output(bits=16).ending(path) == ".dcm"
    assert Output().ending(path) == ".tif"
    assert Output("png").ending(path) == ".png"


def test_outputs_of_two_inputs_never_meet():
    assert targets(["a/x.png", "a/X.dcm", "b/x.png"], [".tif"] * 3) == ["a/x.png.tif", "a/X.dcm.tif", "b/x.tif"]


# --- what is read


def test_a_rule_for_raw_files(tmp_path):
    assert raw_rule("40x50:uint16:big:bits=12:header=8:invert:spacing=0.175") == {
        "rows": 40, "columns": 50, "dtype": "uint16", "big_endian": True, "bits": 12, "header_bytes": 8, "invert": True, "spacing_mm": 0.175,
    }  # fmt: skip
    assert raw_rule("jsrt") == {"preset": "jsrt"}
    (tmp_path / "r.json").write_text('{"rows": 3, "columns": 4, "dtype": "float32"}')
    assert raw_rule(str(tmp_path / "r.json")) == {"rows": 3, "columns": 4, "dtype": "float32"}
    (tmp_path / "bad.json").write_text("[1]")
    with pytest.raises(FileError, match="G-RUN-022"):
        raw_rule(str(tmp_path / "bad.json"))
    with pytest.raises(OptionError, match="G-OPT-003"):
        raw_rule("40x50:colour=3")


def test_a_folder_of_raw_files_by_one_rule(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 4096, (3, 20, 30)).astype(">u2")
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"{number}.bin").write_bytes(pixels[number].tobytes())
    opening = Opening(raw=tuple(sorted(raw_rule("20x30:uint16:big:spacing=0.1").items())))
    done, _ = batch(
        files_at([tmp_path / "in"], raw=True), tmp_path / "out", chain_step("gaussian", {"sigma_px": 1}), opening=opening
    )
    assert done.made == 3
    found = gazo.read(tmp_path / "out" / "2.bin.tif")
    np.testing.assert_array_equal(found.pixels, gaussian(Image(pixels[2].astype(np.uint16)), sigma_px=1).pixels)
    assert found.spacing_mm == (0.1, 0.1)


def test_spacing_of_the_door_replaces_that_of_the_files(folder, tmp_path):
    done, _ = batch(folder, tmp_path / "out", opening=replace(Opening(), spacing_mm=(0.1,)))
    assert done.made == 8
    assert gazo.read(tmp_path / "out" / "胸部" / "0.tif").spacing_mm == (0.1, 0.1)


@pytest.mark.parametrize("text", ["[]", "{}", "no json", '{"steps": []}', '{"steps": [{"name": "x"}]}'])
def test_a_file_that_is_no_chain(tmp_path, text):
    (tmp_path / "steps.json").write_text(text)
    with pytest.raises(FileError, match="G-RUN-030"):
        read_steps(tmp_path / "steps.json")


def test_a_chain_with_an_unknown_operation_or_option(tmp_path):
    for step, code in (
        ({"operation": "unsharp-masc"}, "G-RUN-020"),
        ({"operation": "gaussian", "options": {"sigma": 1}}, "G-OPT-003"),
    ):
        (tmp_path / "steps.json").write_text(json.dumps({"steps": [step]}))
        with pytest.raises(OptionError, match=code):
            read_steps(tmp_path / "steps.json")
