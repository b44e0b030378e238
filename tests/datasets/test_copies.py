from collections import Counter

import numpy as np
import pytest

from gazo.core import FileError, Image, ImageSet, from_json, to_json
from gazo.datasets import find_copies
from gazo.datasets.fingerprints import COARSE_DISTANCE, FINE_DISTANCE, alike, fingerprint, likeness, thumbnail
from gazo.io import read_npz, read_table


class Pictures:
    """Opens what is given; an error in the list is raised."""

    def __init__(self, pictures):
        self.pictures = pictures

    def __call__(self, reference):
        picture = self.pictures[int(reference)]
        if isinstance(picture, Exception):
            raise picture
        return picture

    def digest(self, reference):
        return str(reference)


def as_set(pictures, **columns):
    pictures = [p if isinstance(p, Image | Exception) else Image(np.asarray(p)) for p in pictures]
    images = ImageSet({"image": np.arange(len(pictures))}, {"image": "image"}, Pictures(pictures), name="set")
    for name, values in columns.items():
        images = images.with_column(name, values, name)
    return images


def textures(count, size=64, seed=0):
    """Different pictures with structure of all sizes, 8 bit."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    made = []
    for noise in rng.normal(size=(count, size, size)):
        picture = sum(gaussian_filter(noise, s, mode="wrap") * s for s in (1, 3, 8))
        made.append(np.round(np.clip(128 + 40 * picture / picture.std(), 0, 255)).astype(np.uint8))
    return made


def changed(picture, how):
    import cv2

    rng = np.random.default_rng(1)
    if how == "jpeg":
        return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_GRAYSCALE)
    return {
        "same": lambda: picture.copy(),
        "16 bit": lambda: picture.astype(np.uint16),
        "larger": lambda: cv2.resize(picture, (150, 150), interpolation=cv2.INTER_CUBIC),
        "smaller": lambda: cv2.resize(picture, (40, 40), interpolation=cv2.INTER_AREA),
        "brighter": lambda: np.clip(picture * 0.6 + 90.0, 0, 255).astype(np.uint8),
        "cropped": lambda: picture[1:, 1:],
        "noise": lambda: np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8),
        "marked": lambda: np.where(np.outer(np.arange(64) // 4 == 2, np.arange(64) // 8 == 1), 255, picture),
        "colour": lambda: Image(np.repeat(picture[..., None], 3, axis=2), colour=True),
    }[how]()


@pytest.mark.parametrize(
    ("how", "exact"),
    [
        ("same", True),
        ("16 bit", True),
        ("larger", False),
        ("smaller", False),
        ("brighter", False),
        ("cropped", False),
        ("noise", False),
        ("jpeg", False),
        ("marked", False),
        ("colour", False),
    ],
)
def test_a_changed_copy_is_found_and_nothing_else(how, exact):
    pictures = textures(30)
    copies = find_copies(as_set([*pictures, changed(pictures[7], how)]))
    assert [rows.tolist() for rows in copies.sets] == [[7, 30]]
    assert copies.links.tolist() == [[7, 30]]
    assert copies.exact.tolist() == [exact]
    assert 0.62 <= copies.correlation[0] <= 1.0


@pytest.mark.parametrize("change", [np.fliplr, np.flipud, lambda p: 255 - p, np.rot90])
def test_what_the_page_says_is_not_found(change):
    pictures = textures(5)
    assert find_copies(as_set([*pictures, change(pictures[0])])).sets == ()


def test_groups_run_over_several_links():
    a, b, c = textures(3)
    copies = find_copies(as_set([a, b, c, changed(b, "noise"), changed(a, "same"), changed(b, "larger"), b]))
    assert [rows.tolist() for rows in copies.sets] == [[0, 4], [1, 3, 5, 6]]
    assert copies.groups.tolist() == [0, 1, 2, 1, 0, 1, 1]
    assert len(copies.links) == 4
    assert copies.rows.tolist() == [0, 1, 3, 4, 5, 6]


def test_likeness_of_bodies_is_no_copy():
    """The same large shape with other detail: what radiographs of two people are to each other."""
    shape = 100 * np.exp(-((np.mgrid[:64, :64] - 32) ** 2).sum(axis=0) / 400)
    people = [shape + 0.25 * t for t in textures(20)]
    assert np.corrcoef(people[0].ravel(), people[1].ravel())[0, 1] > 0.8
    assert find_copies(as_set(people)).sets == ()
    small = [thumbnail(Image(p)) for p in people]
    assert max(likeness(small[0], other) for other in small[1:]) < 0.4, "the shape does not count, also where the hashes agree"


def test_copies_across_patients_parts_and_labels():
    a, b, c = textures(3)
    copies = find_copies(as_set([a, a, b, b, c, c]))
    assert [g.tolist() for g in copies.across(["P1", "P1", "P2", "P3", "P4", None])] == [[2, 3]]
    assert [g.tolist() for g in copies.across([1, 2, 3, 3, 4, 5])] == [[0, 1], [4, 5]]


def test_an_unreadable_image_is_passed_over_and_named():
    a, b = textures(2)
    broken = FileError("G-IO-999", en="broken", ja="壊れています")
    copies = find_copies(as_set([a, broken, b, a]))
    assert copies.unread == (1,)
    assert [rows.tolist() for rows in copies.sets] == [[0, 3]]


def test_blank_images_of_different_value_are_no_copies():
    assert find_copies(as_set([np.full((32, 32), v, np.uint8) for v in (0, 0, 100, 200)])).groups.tolist() == [0, 0, 1, 2]


def test_volumes_and_missing_values_are_compared_too():
    volume = np.stack(textures(3)).astype(float)
    other = np.stack(textures(3, seed=9)).astype(float)
    torn = volume.copy()
    torn[0, 0, 0] = np.nan
    assert [rows.tolist() for rows in find_copies(as_set([volume, other, torn])).sets] == [[0, 2]]


def test_the_level_decides():
    pictures = textures(1)
    noisy = np.clip(pictures[0] + np.random.default_rng(0).normal(0, 25, (64, 64)), 0, 255)
    pair = likeness(thumbnail(Image(pictures[0])), thumbnail(Image(noisy)))
    assert 0.3 < pair < 0.99
    images = as_set([pictures[0], noisy])
    assert len(find_copies(images, level=pair - 0.01).links) == 1
    assert len(find_copies(images, level=pair + 0.01).links) == 0


def test_hashes_near_each_other_are_found_as_by_counting_all_bits():
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, (300, 640), dtype=np.uint8)
    for row in range(100, 300):
        bits[row] = bits[row - 100] ^ (rng.random(640) < rng.uniform(0, 0.2))
    coarse = (bits[:, None, :128] != bits[None, :, :128]).sum(axis=2)
    fine = (bits[:, None, 128:] != bits[None, :, 128:]).sum(axis=2)
    near = (coarse <= COARSE_DISTANCE) & (fine <= FINE_DISTANCE)
    expected = {(a, b) for a, b in zip(*np.nonzero(np.triu(near, 1)), strict=True)}
    found = {(row, int(other)) for row, others in alike(np.packbits(bits, axis=1).view(np.uint64)) for other in others}
    assert found == expected
    assert 50 < len(expected) < 500


def test_the_hash_says_which_cell_is_brighter():
    ramp = np.tile(np.arange(17.0), (17, 1))
    bits = np.unpackbits(fingerprint(Image(ramp)).words.view(np.uint8))
    assert bits[128:384].all(), "each cell is brighter than its neighbour to the left"
    assert not bits[384:].any(), "and none than the one above"
    turned = np.unpackbits(fingerprint(Image(ramp.T)).words.view(np.uint8))
    assert not turned[128:384].any()
    assert turned[384:].all()


def test_progress_and_storage():
    seen = []
    copies = find_copies(as_set(textures(4) + textures(1)), on_event=seen.append)
    assert [(e.done, e.total) for e in seen] == [(n, 5) for n in range(1, 6)]
    back = from_json(to_json(copies))
    assert back.groups.tolist() == copies.groups.tolist()
    assert copies.table().rows == ((0, 4, 1.0, True),)


def test_busi_near_copies(data):
    """262 of 780 images are known to be near copies (correlation > 0.97 at 48 x 48), in 116 groups, 6 with labels that differ."""
    images = read_table(data / "busi" / "labels.csv", label="label")
    known = images.columns["dup_group"]
    copies = find_copies(images)
    true = {row for row, group in enumerate(known) if group is not None}
    members = Counter(copies.groups[row] for row in true)
    together = [len({copies.groups[row] for row in true if known[row] == g}) == 1 for g in {known[row] for row in true}]
    assert len(true & set(copies.rows.tolist())) / len(true) >= 0.92
    assert sum(together) >= 100
    assert len(copies.across(images.role("label"))) >= 6
    assert max(members.values()) <= 8, "groups do not grow together"


def test_covid_cxr_has_four_pairs_under_two_patients(data):
    images = read_table(data / "covid_cxr" / "labels.csv", patient="patient_id")
    copies = find_copies(images)
    assert len(copies.sets) == len(copies.across(images.role("patient"))) == 4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nih_cxr", "mini_mias", "chase_db1"])
def test_images_of_different_people_that_look_alike_are_no_copies(data, name):
    images = read_table(data / name / "labels.csv", patient="patient_id")
    assert find_copies(images).sets == ()


@pytest.mark.slow
def test_repeats_of_pneumoniamnist(data):
    images = read_npz(data / "pneumoniamnist" / "pneumoniamnist.npz")
    copies = find_copies(images)
    parts = images.role("split")
    pixels = [images[row].pixels.tobytes() for row in range(len(images))]
    shared = {p: set() for p in ("train", "val", "test")}
    for part, content in zip(parts, pixels, strict=True):
        shared[part].add(content)
    train = [p for p, part in zip(pixels, parts, strict=True) if part == "train"]
    assert len(pixels) - len(set(pixels)) == copies.exact.sum() == 29
    assert len(train) - len(shared["train"]) == 18
    assert len(shared["train"] & shared["val"]) == 8
    assert (~copies.exact).sum() <= 25
