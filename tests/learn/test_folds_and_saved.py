"""What all methods share: folds that are stored one by one, networks that are stored without running code."""

import json

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import quiet
from gazo.core.results import Estimate
from gazo.learn.folds import judged_folds
from gazo.learn.protocol import Protocol
from gazo.learn.saved import load, load_networks, save_networks


def some_images():
    pixels = np.random.default_rng(0).integers(0, 255, (24, 16, 16), dtype=np.uint8)
    return ImageSet.from_arrays(pixels, patients=[f"p{i // 2}" for i in range(24)])


def judged(folder, calls, fails_at=None):
    def one_fold(fold, place, seed, on_event):
        if fails_at == fold.number:
            raise KeyboardInterrupt
        calls.append((fold.number, seed))
        assert place.writes
        return Estimate(Text("数", "count"), float(len(fold.test)))

    protocol = Protocol(evaluation="folds", folds=3)
    return judged_folds(some_images(), protocol, seed=5, folder=folder, on_event=quiet, one_fold=one_fold)


def test_finished_folds_are_read_again_and_the_rest_is_done(tmp_path):
    whole, first, second = [], [], []
    straight = judged(None, whole)
    with pytest.raises(KeyboardInterrupt):
        judged(tmp_path, first, fails_at=2)
    went_on = judged(tmp_path, second)
    assert [n for n, _ in first] == [0, 1]
    assert [n for n, _ in second] == [2]
    assert first + second == whole  # also the seeds
    assert [o.value for o in went_on.outcomes] == [o.value for o in straight.outcomes]
    assert sum(o.value for o in straight.outcomes) == 24
    patients = np.array([f"p{i // 2}" for i in range(24)])
    assert all(not set(patients[f.train]) & set(patients[f.test]) for f in straight.plan.folds)


def test_networks_come_back_and_a_changed_one_is_refused(tmp_path):
    import torch

    nets = [torch.nn.Conv2d(1, 2, 3), torch.nn.Conv2d(1, 2, 3)]
    save_networks(tmp_path, nets, {"method": "segment", "options": {}})
    about, again = load_networks(tmp_path, lambda about: torch.nn.Conv2d(1, 2, 3))
    assert about["method"] == "segment"
    x = torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    flat = [net.to(memory_format=torch.channels_last) for net in nets]  # as in training
    assert all(torch.equal(a(x), b(x)) for a, b in zip(flat, again, strict=True))
    content = bytearray((tmp_path / "network-1.safetensors").read_bytes())
    content[-1] ^= 1
    (tmp_path / "network-1.safetensors").write_bytes(content)
    with pytest.raises(GazoError) as caught:
        load_networks(tmp_path, lambda about: torch.nn.Conv2d(1, 2, 3))
    assert caught.value.code == "G-LEARN-003"


def test_a_folder_without_a_model_or_of_an_unknown_family_says_so(tmp_path):
    for content in (None, "{", "[]", json.dumps({"method": "levitate"})):
        if content is not None:
            (tmp_path / "model.json").write_text(content)
        with pytest.raises(GazoError) as caught:
            load(tmp_path)
        assert caught.value.code == "G-LEARN-055"
