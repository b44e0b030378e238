"""Search for a network: the space, the proposals, the course (resume, end, budget), and that the test part is left alone until the end."""

import itertools
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazo.core.errors import DataError, MissingError, OptionError
from gazo.core.imageset import ImageSet
from gazo.core.progress import Cancelled
from gazo.core.results import from_json, to_json
from gazo.learn import Classifier, NetworkSearch, Protocol, load
from gazo.learn.classify import fitted as fitted_module
from gazo.learn.classify.search_proposals import proposal
from gazo.learn.classify.search_results import Trial, front_of
from gazo.learn.classify.search_space import CHOICES, START, changed
from gazo.learn.classify.search_stop import finish_now
from gazo.nets.design import adapted, analyse, preset, read_design, write_design
from gazo.runs.sections import sections

PLAIN = {
    "rotation_deg": 0,
    "translation_percent": 0,
    "scale_percent": 0,
    "gamma_percent": 0,
    "contrast_percent": 0,
    "smoothing": 0,
}
PARTS = Protocol(evaluation="held-out", test_share=0.3, validation_share=0.3)
CLASSIFIERS = ("lenet", "alexnet", "vgg16", "resnet18")


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    arrays = rng.normal(0, 1, (60, 16, 16)).astype(np.float32)
    arrays[::2, 4:9, 4:9] += 1.5
    return ImageSet.from_arrays(arrays, ["there" if i % 2 == 0 else "not" for i in range(60)], range(60))


@pytest.fixture
def spec(tmp_path):
    from gazo.nets.design.presets import Sketch

    sketch = Sketch("small", 1, 16)
    sketch.chain(("convolution", {"maps": 4}), "relu", "max-pool", "flatten", ("dense", {"units": 2}), "output")
    write_design(sketch.design(), tmp_path / "small.json")
    return NetworkSearch(
        start=f"design:{tmp_path / 'small.json'}", trials=4, minutes=0, epochs=1, size_px=16, device="cpu", **PLAIN
    )


def kept(study):
    return [(row[0], row[1], row[2], row[3], row[4]) for row in study.trials.rows]


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("change", [k for k in CHOICES if k != "learning_rate"])
def test_each_change_gives_a_network_that_can_be_built(name, change):
    start = adapted(preset(name), classes=3, channels=1, size_px=96)
    for value in CHOICES[change]:
        design = changed(start, {**START, change: value})
        found = analyse(design)
        assert found.ready, (value, found.problems[:1])
        assert found.blocks["output-1"].shape == (3,)
    assert changed(start, START) is start


@pytest.mark.parametrize("change", [k for k in CHOICES if k not in ("learning_rate", "pooling")])
def test_each_change_changes_something(change):
    start = adapted(preset("lenet"), classes=2, channels=1, size_px=64)
    for value in CHOICES[change][1:]:
        design = changed(start, {**START, change: value})
        same = [(b.kind, b.options) for b in design.blocks] == [(b.kind, b.options) for b in start.blocks]
        nothing = {"normalisation": "none", "dropout": 0.0, "window": 5}.get(change)  # LeNet has none, none, and its own windows
        assert not same or value == nothing or change == "window"


def test_the_width_scales_every_hidden_layer():
    start = adapted(preset("lenet"), classes=2, channels=1, size_px=32)
    wide = changed(start, {**START, "width": 2.0})
    by_id = {b.id: b.options for b in wide.blocks}
    assert [by_id[i]["maps"] for i in ("convolution-1", "convolution-2")] == [12, 32]
    assert [by_id[i]["units"] for i in ("dense-1", "dense-2", "dense-3")] == [240, 168, 2]


def trials(errors, sizes):
    return [
        Trial(i, {**START, "width": CHOICES["width"][i % 6], "dropout": CHOICES["dropout"][i % 4]}, s, s, e, e)
        for i, (e, s) in enumerate(zip(errors, sizes, strict=True))
    ]


@settings(max_examples=30)
@given(pairs=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 50)), min_size=1, max_size=12))
def test_nothing_beats_the_front_and_the_front_beats_the_rest(pairs):
    tried = trials(*zip(*pairs, strict=True))
    front = front_of(tried)

    def beats(a, b):
        return a.error <= b.error and a.parameters <= b.parameters and (a.error, a.parameters) != (b.error, b.parameters)

    assert not any(beats(a, b) for a, b in itertools.permutations(front, 2))
    assert all(t in front or any(beats(f, t) or (f.error, f.parameters) == (t.error, t.parameters) for f in front) for t in tried)


@pytest.mark.parametrize("with_size", [False, True])
def test_proposals_are_repeatable_new_and_legal(with_size):
    tried = []
    for number in range(12):
        found = proposal(tried, seed=3, with_size=with_size)
        assert found == proposal(tried, seed=3, with_size=with_size)
        assert found == dict(START) if number == 0 else found not in [t.settings for t in tried]
        assert all(found[name] in CHOICES[name] for name in CHOICES)
        tried.append(Trial(number, found, 100 + number, 1, (number * 7 % 5) / 5, 0.5))


def test_the_test_part_is_used_once_at_the_end(images, spec, monkeypatch):
    asked = []
    inner = fitted_module.FittedClassifier.probabilities

    def seen(self, pixels, rows):
        asked.append(tuple(np.asarray(rows).tolist()))
        return inner(self, pixels, rows)

    monkeypatch.setattr(fitted_module.FittedClassifier, "probabilities", seen)
    study = spec.study(images, PARTS, seed=0)
    test = {row[0] for row in study.best.predictions.rows}
    assert test
    assert [bool(test & set(rows)) for rows in asked[-2:]] == [True, True]
    assert not any(test & set(rows) for rows in asked[:-2])
    assert len(study.trials.rows) == 4
    assert study.metrics == study.best.metrics
    assert from_json(to_json(study)).verdict == study.verdict
    assert {part.key for part in sections(study)} >= {"summary", "front", "results", "trials"}


def test_a_search_that_was_stopped_goes_on_with_the_same_networks(images, spec, tmp_path):
    whole = spec.study(images, PARTS, seed=1, folder=tmp_path / "whole")

    def stop(event):
        if event.facts.get("trial") == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        spec.study(images, PARTS, seed=1, folder=tmp_path / "parts", on_event=stop)
    assert read_design(tmp_path / "parts" / "search" / "best.json").blocks  # the best so far is there whatever comes
    again = spec.study(images, PARTS, seed=1, folder=tmp_path / "parts")
    assert kept(again) == kept(whole)
    assert again.best.metrics == whole.best.metrics


def test_a_search_ends_when_it_is_told_to(images, spec, tmp_path):
    def enough(event):
        if event.facts.get("trial") == 1:
            finish_now(tmp_path / "run")

    study = spec.study(images, PARTS, seed=0, folder=tmp_path / "run", on_event=enough)
    assert len(study.trials.rows) == 2
    assert study.best.metrics


def test_the_time_is_a_limit_and_the_start_is_always_trained(images, spec):
    from dataclasses import replace

    study = replace(spec, minutes=1e-6).study(images, PARTS, seed=0)
    assert len(study.trials.rows) == 1
    assert "none was better" in study.verdict.en


def test_networks_above_the_limit_are_not_trained(images, spec):
    from dataclasses import replace

    study = replace(spec, most_parameters=1, trials=3).study(images, PARTS, seed=0)
    assert study.trials.rows[0][2] is not None
    assert all(row[2] is None or row[4] == study.trials.rows[0][4] for row in study.trials.rows[1:])


def test_what_cannot_be_searched_is_refused(images, spec, tmp_path, monkeypatch):
    with pytest.raises(OptionError, match="G-DSG-021"):
        spec.preflight(images, Protocol(evaluation="folds"), seed=0)
    with pytest.raises(OptionError, match="G-DSG-023"):
        spec.preflight(images, Protocol(evaluation="held-out", validation_share=0), seed=0)
    with pytest.raises(DataError, match="G-DSG-012"):
        NetworkSearch(start="design:unet").preflight(images, PARTS, seed=0)
    with pytest.raises(OptionError, match="G-DSG-013"):
        NetworkSearch(start="design:lenett").preflight(images, PARTS, seed=0)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingError, match=r"G-DSG-022.*gazo\[search\]"):
        spec.preflight(images, PARTS, seed=0)


def test_a_drawn_network_learns_and_is_kept_whole(images, tmp_path):
    """Saved beside its weights, so that the file it came from may be gone."""
    write_design(preset("lenet", size_px=32), tmp_path / "mine.json")
    spec = Classifier(network=f"design:{tmp_path / 'mine.json'}", size_px=32, epochs=2, device="cpu", **PLAIN)
    fitted = spec.fit(images, seed=0, validation_share=0)
    assert spec.name.en == "mine"
    fitted.save(tmp_path / "kept")
    (tmp_path / "mine.json").unlink()
    again = load(tmp_path / "kept")
    assert again.predict(images).rows == fitted.predict(images).rows
    assert str(tmp_path) not in (tmp_path / "kept" / "classifier.json").read_text("utf-8")
