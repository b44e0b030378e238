"""Every proof reaches its bar, and does not when what it proves is broken."""

from dataclasses import replace

import numpy as np
import pytest

from gazo.core.results import from_json, to_json
from gazo.runs.proof import reproduce


@pytest.mark.parametrize("id", ["E1", "G5", "N4", "N6"])
def test_the_proof_reaches_its_bar(id):
    shown = reproduce(id, seed=0)
    assert shown.passed, shown.measured
    assert shown.measured
    assert all(shown.bar)
    assert from_json(to_json(shown)) == shown


@pytest.mark.slow
@pytest.mark.parametrize("id", ["D14", "K3", "K7"])
def test_the_long_proof_reaches_its_bar(id):
    shown = reproduce(id, seed=0)
    assert shown.passed, shown.measured


@pytest.mark.long
def test_k1_counts_every_network_and_teaches_the_smaller_ones(monkeypatch):
    """Those above 12 million parameters pass forward and backward in tests/nets; twice would take minutes."""
    from gazo.nets.zoo import network
    from gazo.runs.proofs import k1

    right = k1._pass
    monkeypatch.setattr(k1, "_pass", lambda name, *given: right(name, *given) if network(name).parameters_1000 < 12e6 else "ok")
    shown = reproduce("K1", seed=0)
    assert shown.passed, shown.measured
    assert shown.measured["networks"] >= len(k1.PRINTED)


def test_k1_falls_with_a_wrong_count_or_a_dead_network(monkeypatch):
    from gazo.nets import zoo
    from gazo.runs.proofs import k1

    monkeypatch.setattr(zoo, "network_names", lambda: ("lenet", "test_resnet"))
    monkeypatch.setattr(k1, "PRINTED", {"test_resnet": "0.47"})
    assert reproduce("K1").passed
    monkeypatch.setattr(k1, "PRINTED", {"test_resnet": "0.48"})
    assert reproduce("K1").measured["counts_wrong"] == 1
    right = zoo.create
    monkeypatch.setattr(zoo, "create", lambda name, **given: right(name, **given).requires_grad_(name != "lenet"))
    shown = reproduce("K1")
    assert not shown.passed
    assert shown.measured["passes_wrong"] == 1


def test_e1_falls_with_another_logarithm(monkeypatch):
    from gazo.learn import losses

    right = losses.cross_entropy
    monkeypatch.setattr(losses, "cross_entropy", lambda *given, **more: right(*given, **more) / np.log(2))
    shown = reproduce("E1")
    assert not shown.passed
    assert shown.measured["largest_difference"] > 0.1


def test_g5_falls_when_masks_stay_behind(monkeypatch):
    from gazo.training.augment import Drawn

    monkeypatch.setattr(Drawn, "apply_masks", lambda self, masks: masks)
    shown = reproduce("G5")
    assert not shown.passed
    assert shown.measured["resampling_worst"] < 1e-3


def test_n4_falls_when_a_sentence_is_missing(monkeypatch):
    from gazo.runs.error_sites import sites_in
    from gazo.runs.proofs import n4

    one_language = sites_in('raise DataError("G-XX-001", en="only english", ja="")', "io/x.py")
    right = n4.error_sites()
    monkeypatch.setattr(n4, "error_sites", lambda: [*right, *one_language])
    assert reproduce("N4").measured["wrong"] == 1
    monkeypatch.setattr(n4, "error_sites", lambda: [*right, right[0]])  # one code at two places
    assert reproduce("N4").measured["wrong"] == 1


def test_n6_falls_when_a_check_is_lost(monkeypatch):
    from gazo.runs import check

    monkeypatch.setattr(check, "CHECKS", check.CHECKS[:-1])
    measured = reproduce("N6").measured
    assert (measured["missed"], measured["false_alarms"]) == (1, 0)


@pytest.mark.parametrize(
    ("lost", "planted"), [("outlier-mean", "outliers"), ("copies", "near copies"), ("shift", "size"), ("", "size")]
)
def test_d14_falls_when_a_search_is_lost(monkeypatch, lost, planted):
    from gazo.datasets import checks
    from gazo.runs.proofs import d14

    right = checks.check

    def without(*given, **more):
        report = right(*given, **more)
        return replace(report, findings=tuple(f for f in report.findings if f.code != lost))

    monkeypatch.setattr(checks, "check", without)
    monkeypatch.setattr(d14, "PLANTED", {planted: d14.PLANTED[planted]})
    monkeypatch.setattr(d14, "CLEAN_SETS", 1)
    measured = reproduce("D14").measured
    assert measured == {"planted": 1, "missed": int(bool(lost)), "clean_sets": 1, "false_alarms": 0}


def test_k7_falls_when_the_file_is_run_without_trust(monkeypatch):
    from gazo.runs.proofs import k7
    from gazo.training import userfile

    right = userfile.load_user_network
    monkeypatch.setattr(userfile, "load_user_network", lambda *given, **more: right(*given, **(more | {"trust": True})))
    monkeypatch.setattr(k7, "_auc", lambda *given: 1.0)
    shown = reproduce("K7")
    assert not shown.passed
    assert not shown.measured["refused_without_trust"]
