"""Reading experiments: laws of the order, resume, what becomes of answers; packs and their returns."""

import hashlib
import io
import json
import re
import zipfile
from collections import Counter

import numpy as np
import pytest

from gazo.core.errors import DataError, FileError, OptionError, RunError
from gazo.core.image import Image
from gazo.io import write
from gazo.runs import reading_answers
from gazo.runs.reading import delete_reading, find_reading, folder_of, list_readings, new_reading, trials_of
from gazo.runs.reading_answers import answers_of, begin_session, last_environment, lines_of, standing, store_answer
from gazo.runs.reading_course import case_table, lesion_table, session_table, time_table
from gazo.runs.reading_order import sequence_of_tests
from gazo.runs.reading_pack import pack_reading
from gazo.runs.reading_pixels import image_script
from gazo.runs.reading_returns import merge_return
from gazo.runs.reading_tables import answer_table, judged_marks, mean_table, reader_study
from gazo.runs.sets import DataSet, keep, new_set_folder, now
from gazo.runs.sets_table import BOXES, write_base
from gazo.runs.workspace import workspace


@pytest.fixture
def place(tmp_path):
    return workspace(tmp_path / "作業")


def make_set(place, columns, roles, name="秘密のデータ"):
    """Small images, each of its own value."""
    count = len(next(iter(columns.values())))
    id, making = new_set_folder(place)
    (making / "files").mkdir()
    files = [f"山田太郎{n + 1:03d}.png" for n in range(count)]
    for number, file in enumerate(files):
        write(Image(np.full((6, 8), 100 + number, np.uint16), spacing_mm=(0.5, 0.5)), making / "files" / file)
    write_base({"file": files, **columns}, making)
    return keep(DataSet(id=id, name=name, created=now(), origin="upload", folder="files", rows=count, roles=roles), making, place)


@pytest.fixture
def crossed(place):
    """Eight cases of seven patients under two tests; half of them with disease."""
    cases = [f"症例{n}" for n in range(8)]
    columns = {
        "case": cases * 2,
        "display": ["液晶XYZ"] * 8 + ["有機ELXYZ"] * 8,
        "finding": ["結節あり", "なし"] * 8,
        "patient": ["山田A", "山田A", *(f"鈴木{n}" for n in range(2, 8))] * 2,
    }
    return make_set(place, columns, {"patient": "patient", "label": "finding"})


@pytest.fixture
def chests(place):
    """Six images with boxes: the first has two lesions, the second one."""
    columns = {"finding": ["1", "1", "0", "0", "0", "1"], "patient": [f"P{n}" for n in range(6)]}
    return make_set(place, columns, {"patient": "patient"})


def crossed_reading(crossed, place, **options):
    facts = {
        "test_column": "display",
        "case_column": "case",
        "truth": "finding",
        "positive": "結節あり",
        "readers": ("A", "B", "C", "D"),
    }
    return new_reading("比較", [crossed.id], place, **{**facts, **options})


def read_all(experiment, reader, place, value, *, until=None):
    for trial in trials_of(experiment, reader, place)[:until]:
        if not standing(experiment, reader, place).began:
            begin_session(
                experiment, reader, {"monitor": "5M", "ambient": "20 lx", "width": 1600, "height": 1200, "ratio": 1.5}, place
            )
        store_answer(experiment, reader, {"trial": trial.number, "value": value(trial), "seconds": 2.5}, place)


@pytest.mark.parametrize("mixed", [False, True])
def test_every_reader_sees_every_case_once_under_each_test_and_once_a_session(crossed, place, mixed):
    experiment = crossed_reading(crossed, place, mixed=mixed)
    orders = [trials_of(experiment, reader, place) for reader in (1, 2, 3, 4)]
    for order in orders:
        assert Counter(trial.images[0] for trial in order) == {(case, test): 1 for case in range(8) for test in range(2)}
        for session in (0, 1):
            shown = [trial.images[0] for trial in order if trial.session == session]
            assert sorted(case for case, _ in shown) == list(range(8))
            assert len({test for _, test in shown}) == (2 if mixed else 1)
        assert [trial.number for trial in order] == list(range(16))
    assert len({tuple(trial.images for trial in order) for order in orders}) == 4
    first = Counter(order[0].images[0][1] for order in orders)
    if not mixed:
        assert first == {0: 2, 1: 2}
    assert trials_of(find_reading(experiment.id, place), 2, place) == orders[1]


@pytest.mark.parametrize("mixed", [False, True])
def test_over_the_readers_each_test_stands_in_each_session_equally_often(crossed, place, mixed):
    experiment = crossed_reading(crossed, place, mixed=mixed)
    seen = Counter((trial.session, *trial.images[0]) for reader in (1, 2, 3, 4) for trial in trials_of(experiment, reader, place))
    assert set(seen.values()) == {2}


@pytest.mark.parametrize(("tests", "readers"), [(2, 5), (3, 7), (4, 8), (5, 3)])
def test_the_first_test_is_balanced(tests, readers):
    turns = [sequence_of_tests(tests, reader) for reader in range(readers)]
    for session in range(tests):
        count = Counter(turn[session] for turn in turns)
        assert max(count.values()) - min(count[test] for test in range(tests)) <= 1
    assert all(sorted(turn) == list(range(tests)) for turn in turns)


def test_the_seed_draws_the_order(crossed, place):
    orders = [trials_of(crossed_reading(crossed, place, seed=seed), 1, place) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


def test_training_comes_first_once_and_is_of_both_truths(crossed, place):
    experiment = crossed_reading(crossed, place, training=2)
    order = trials_of(experiment, 3, place)
    assert [trial.training for trial in order] == [True, True] + [False] * 12
    apart = [trial.images[0][0] for trial in order[:2]]
    assert {case % 2 for case in apart} == {0, 1}
    read_all(experiment, 3, place, lambda trial: {"rating": 3})
    study = reader_study(experiment, place)
    assert len(study.cases) == 6
    assert not np.isnan(study.ratings[:, 2]).any()
    assert len(answer_table(experiment, place).rows) == 12
    assert len(time_table(experiment, place).rows) == 14


@pytest.mark.parametrize("both_orders", [False, True])
def test_pairs_are_complete_and_the_sides_are_balanced(crossed, place, both_orders):
    three = {"case": ["a", "b"] * 3, "version": ["x"] * 2 + ["y"] * 2 + ["z"] * 2}
    found = make_set(place, three, {})
    experiment = new_reading("対", [found.id], place, task="pair", test_column="version", case_column="case", readers=("1", "2"), both_orders=both_orders)  # fmt: skip
    for reader in (1, 2):
        pairs = [tuple(test for _, test in trial.images) for trial in trials_of(experiment, reader, place)]
        if both_orders:
            assert Counter(pairs) == {(a, b): 2 for a in range(3) for b in range(3) if a != b}
        else:
            assert Counter(tuple(sorted(pair)) for pair in pairs) == {(0, 1): 2, (0, 2): 2, (1, 2): 2}
            assert sum(a < b for a, b in pairs) == 3
    # the reader always prefers the later version by one step; the table says so whatever side it stood on
    read_all(experiment, 1, place, lambda trial: {"score": 1 if trial.images[0][1] > trial.images[1][1] else -1})
    table = answer_table(experiment, place)
    assert [heading.en for heading in table.headings] == ["reader", "case", "first", "second", "score"]
    assert {(first < second, score) for _, _, first, second, score in table.rows} <= {(True, -1), (False, 1)}
    assert len(table.rows) == (12 if both_orders else 6)


def test_ranks_name_the_versions_in_the_order_that_was_given(crossed, place):
    experiment = crossed_reading(crossed, place, task="rank", truth="", positive="", readers=("A",))
    read_all(experiment, 1, place, lambda trial: {"order": sorted((0, 1), key=lambda pane: -trial.images[pane][1])})
    rows = answer_table(experiment, place).rows
    assert {(test, rank) for _, _, test, rank in rows} == {("有機ELXYZ", 1), ("液晶XYZ", 2)}
    assert len(rows) == 16


def test_grades_become_a_long_table(chests, place):
    experiment = new_reading("VGA", [chests.id], place, task="grading", criteria=("肺血管", "縦隔"))
    with pytest.raises(DataError, match="G-READ-020"):
        store_answer(experiment, 1, {"trial": 0, "value": {"grades": [3]}, "seconds": 1}, place)
    read_all(experiment, 1, place, lambda trial: {"grades": [trial.images[0][0] % 5 + 1, 2]})
    table = answer_table(experiment, place)
    assert [heading.en for heading in table.headings] == ["reader", "case", "test", "criterion", "grade"]
    assert {row[1]: row[4] for row in table.rows if row[3] == "肺血管"}["C004"] == 4


def test_a_study_of_ratings_has_the_truth_the_patients_and_gaps_where_nobody_read(crossed, place):
    experiment = crossed_reading(crossed, place, scale="hundred")
    read_all(experiment, 2, place, lambda trial: {"rating": 10 * trial.images[0][0] + trial.images[0][1]}, until=11)
    study = reader_study(experiment, place)
    assert study.tests == ("液晶XYZ", "有機ELXYZ")
    assert study.readers == ("A", "B", "C", "D")
    assert study.truth.tolist() == [True, False] * 4
    assert study.patients.tolist() == [0, 0, 1, 2, 3, 4, 5, 6]
    assert np.isnan(study.ratings[:, [0, 2, 3]]).all()
    read = ~np.isnan(study.ratings[:, 1])
    assert read.sum() == 11
    test, case = np.nonzero(read)
    assert np.array_equal(study.ratings[:, 1][read], 10.0 * case + test)
    rows = answer_table(experiment, place).rows
    assert {row[3] for row in rows if row[2] in ("C001", "C003")} == {1}
    assert rows[0][0] == "B"


def test_where_a_reader_stopped_he_goes_on(crossed, place):
    experiment = crossed_reading(crossed, place)
    read_all(experiment, 1, place, lambda trial: {"rating": 2}, until=5)
    now_ = standing(experiment, 1, place)
    assert (now_.done, now_.total, now_.next, now_.session) == (5, 16, 5, 0)
    assert now_.seconds == 12.5
    with pytest.raises(RunError, match="G-READ-021"):
        store_answer(experiment, 1, {"trial": 6, "value": {"rating": 2}}, place)
    store_answer(experiment, 1, {"trial": 3, "value": {"rating": 5}, "seconds": 1}, place)
    assert answers_of(experiment, 1, place)[3]["value"] == {"rating": 5}
    assert len([line for line in lines_of(experiment, 1, place) if line.get("trial") == 3]) == 2  # the first answer is kept
    assert standing(experiment, 1, place).next == 5
    assert standing(experiment, 2, place).done == 0


def test_a_line_cut_off_by_a_power_failure_costs_that_line_only(crossed, place):
    experiment = crossed_reading(crossed, place)
    read_all(experiment, 1, place, lambda trial: {"rating": 4}, until=3)
    file = folder_of(experiment.id, place) / "answers" / "1.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    assert standing(experiment, 1, place).next == 2
    store_answer(experiment, 1, {"trial": 2, "value": {"rating": 1}, "seconds": 1}, place)
    assert [line["value"]["rating"] for line in answers_of(experiment, 1, place).values()] == [4, 4, 1]


def test_earlier_images_are_closed_where_the_rule_says_so(crossed, place):
    experiment = crossed_reading(crossed, place, back=False)
    read_all(experiment, 1, place, lambda trial: {"rating": 2}, until=2)
    with pytest.raises(RunError, match="G-READ-021"):
        store_answer(experiment, 1, {"trial": 0, "value": {"rating": 5}}, place)
    free = crossed_reading(crossed, place)
    read_all(free, 1, place, lambda trial: {"rating": 2}, until=9)
    with pytest.raises(RunError, match="G-READ-021"):  # the session before is over
        store_answer(free, 1, {"trial": 7, "value": {"rating": 5}}, place)


def test_the_next_session_waits_for_the_washout(crossed, place, monkeypatch):
    experiment = crossed_reading(crossed, place, washout_days=28)
    read_all(experiment, 1, place, lambda trial: {"rating": 2}, until=8)
    with pytest.raises(RunError, match="G-READ-022"):
        begin_session(experiment, 1, {}, place)
    with pytest.raises(RunError, match="G-READ-022"):
        store_answer(experiment, 1, {"trial": 8, "value": {"rating": 2}}, place)
    import time

    later = time.time() + 28 * 86_400 + 5
    monkeypatch.setattr(reading_answers.time, "time", lambda: later)
    begin_session(experiment, 1, {"monitor": "3M"}, place)
    store_answer(experiment, 1, {"trial": 8, "value": {"rating": 2}}, place)
    assert [row[2] for row in session_table(experiment, place).rows] == ["5M", "3M"]


@pytest.mark.parametrize(
    "value", [{}, {"rating": 6}, {"rating": "5"}, {"rating": True}, {"rating": None}, {"rating": float("nan")}]
)
def test_no_answer_of_another_form_is_kept(crossed, place, value):
    experiment = crossed_reading(crossed, place)
    with pytest.raises(DataError, match="G-READ-020"):
        store_answer(experiment, 1, {"trial": 0, "value": value}, place)
    assert lines_of(experiment, 1, place) == []


def test_marks_take_the_nearest_free_lesion_the_highest_first():
    boxes = np.array([[10, 10, 4, 4], [14, 10, 4, 4]], float)  # centres (11.5, 11.5) and (15.5, 11.5)
    marks = [{"x": 11, "y": 11, "rating": 20}, {"x": 12, "y": 12, "rating": 90}, {"x": 40, "y": 3, "rating": 5}]
    assert judged_marks(marks, boxes, 0) == [(0, 90.0), (-1, 5.0)]  # the second mark in the same lesion is left out
    assert judged_marks(marks, boxes, 6.0) == [(0, 90.0), (1, 20.0), (-1, 5.0)]
    assert judged_marks([{"x": 13.6, "y": 11, "rating": 1}], boxes, 0) == [(1, 1.0)]
    assert judged_marks([], boxes, 0) == []
    assert judged_marks(marks[:1], np.zeros((0, 4)), 0) == [(-1, 20.0)]


@pytest.fixture
def framed(place):
    """Four images, the first with two boxes, the third with one."""
    id, making = new_set_folder(place)
    (making / "files").mkdir()
    for n in range(4):
        write(Image(np.full((20, 30), n, np.uint8)), making / "files" / f"{n}.png")
    lines = [
        ("0.png", 2, 2, 4, 4),
        ("0.png", 12, 8, 6, 6),
        ("1.png", "", "", "", ""),
        ("2.png", 5, 5, 5, 5),
        ("3.png", "", "", "", ""),
    ]
    columns = dict(zip(("file", *BOXES), map(list, zip(*lines, strict=True)), strict=True))
    write_base(columns, making)
    return keep(DataSet(id=id, name="枠", created=now(), origin="upload", folder="files", rows=4, roles={"boxes": ",".join(BOXES)}), making, place)  # fmt: skip


def test_a_study_of_marks_knows_hits_misses_and_false_marks(framed, place):
    experiment = new_reading("FROC", [framed.id], place, task="marks", readers=("A", "B"))
    given = {0: [(3, 3, 80), (25, 15, 30)], 1: [(9, 9, 40)], 2: [], 3: []}
    value = lambda trial: {"marks": [{"x": x, "y": y, "rating": r} for x, y, r in given[trial.images[0][0]]]}  # noqa: E731
    read_all(experiment, 2, place, value)
    study = reader_study(experiment, place)
    assert study.truth.tolist() == [True, False, True, False]
    assert study.ratings[0, 1].tolist() == [80, 40, -np.inf, -np.inf]
    assert np.isnan(study.ratings[0, 0]).all()
    found = sorted(zip(study.marks.case.tolist(), study.marks.lesion.tolist(), study.marks.rating.tolist(), strict=True))
    assert found == [(0, -1, 30.0), (0, 0, 80.0), (1, -1, 40.0)]
    assert set(study.marks.reader.tolist()) == {1}
    assert study.lesions.case.tolist() == [0, 0, 2]
    assert study.lesions.weight.tolist() == [0.5, 0.5, 1.0]
    assert len(answer_table(experiment, place).rows) == 5  # the two cases without a mark have a line each
    one = new_reading("LROC", [framed.id], place, task="marks", one_mark=True)
    with pytest.raises(DataError, match="G-READ-020"):
        store_answer(one, 1, {"trial": 0, "value": {"marks": []}}, place)


def test_what_cannot_be_an_experiment_is_refused(crossed, chests, place):
    with pytest.raises(DataError, match="G-READ-011"):
        new_reading("a", [crossed.id, chests.id], place)
    with pytest.raises(DataError, match="G-READ-012"):
        crossed_reading(crossed, place, case_column="finding")
    with pytest.raises(OptionError, match=r"G-READ-013.*case"):
        crossed_reading(crossed, place, case_column="cases")
    with pytest.raises(DataError, match="G-READ-018"):
        crossed_reading(crossed, place, positive="あり")
    with pytest.raises(DataError, match="G-READ-015"):
        new_reading("a", [chests.id], place, task="marks")
    with pytest.raises(OptionError, match="G-READ-004"):
        new_reading("a", [chests.id], place, scale="seven")
    with pytest.raises(OptionError, match="G-READ-005"):
        new_reading("a", [chests.id], place, readers=("a", "A"))
    with pytest.raises(OptionError, match="G-READ-006"):
        new_reading("a", [chests.id], place, task="grading")
    with pytest.raises(OptionError, match="G-READ-014"):
        new_reading("a", [chests.id], place, training=6)
    with pytest.raises(OptionError, match="G-READ-003"):
        new_reading("  ", [chests.id], place)
    with pytest.raises(FileError, match="G-READ-001"):
        find_reading("../../etc", place)
    assert list_readings(place) == []
    made = new_reading("a", [chests.id], place)
    with pytest.raises(OptionError, match="G-READ-002"):
        trials_of(made, 2, place)
    with pytest.raises(DataError, match="G-READ-032"):
        answer_table(made, place)
    delete_reading(made.id, place)
    assert list_readings(place) == []


# packs and returns


def packed(experiment, reader, place, tmp_path):
    path = tmp_path / f"{reader}.zip"
    seal = pack_reading(experiment, reader, path, place)
    with zipfile.ZipFile(path) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    return seal, files


def sent_back(experiment, seal, lines):
    lines = [json.dumps(line) for line in lines]
    digest = hashlib.sha256("\n".join([seal, *lines]).encode()).hexdigest()
    return json.dumps({"format": 1, "experiment": experiment.id, "pack": seal, "lines": lines, "seal": digest}).encode()


def answered(count, *, rating=4, begun=True):
    begin = {
        "kind": "session",
        "session": 0,
        "monitor": "家",
        "ambient": "",
        "width": 1000,
        "height": 700,
        "ratio": 2,
        "at": 1.5e9,
    }
    rest = [{"kind": "answer", "trial": n, "value": {"rating": rating}, "seconds": 3.25, "at": 1.5e9 + n} for n in range(count)]
    return [begin, *rest] if begun else rest


def test_no_truth_no_test_and_no_name_is_in_a_pack(crossed, place, tmp_path):
    experiment = crossed_reading(crossed, place, readers=("読影者一", "読影者二"))
    _, files = packed(experiment, 1, place, tmp_path)
    everything = b"\n".join([*files.values(), *(name.encode() for name in files)])
    texts = everything.decode("utf-8") + json.dumps(everything.decode("utf-8"))
    hidden = (
        "結節あり",
        "finding",
        "positive",
        "truth",
        "液晶XYZ",
        "有機ELXYZ",
        'display"',
        "症例0",
        "山田",
        "鈴木",
        "秘密",
        crossed.id,
        "読影者二",
    )
    assert [word for word in hidden if word in texts or json.dumps(word)[1:-1] in texts] == []
    study = json.loads(re.fullmatch(r"gazoStudy\((.*)\);\n", files["reading/study.js"].decode(), re.DOTALL)[1])
    assert study["reader"] == "読影者一"
    assert [trial["images"] for trial in study["trials"]] == [[n] for n in range(1, 17)]  # numbered as they are shown
    assert set(study["trials"][0]) == {"session", "training", "images"}


def test_the_pixels_of_a_pack_are_those_of_the_images(crossed, place, tmp_path):
    import base64
    import zlib

    experiment = crossed_reading(crossed, place)
    _, files = packed(experiment, 1, place, tmp_path)
    for n, trial in enumerate(trials_of(experiment, 1, place), 1):
        found = re.fullmatch(r'gazoImage\((\d+), (\{.*\}), "(.*)"\);\n', files[f"reading/images/P{n:04d}.js"].decode())
        facts = json.loads(found[2])
        values = np.frombuffer(zlib.decompress(base64.b64decode(found[3])), "<u2" if facts["kind"] == "u16" else "u1")
        case, test = trial.images[0]
        row = experiment.cases[case].rows[test]
        assert (facts["rows"], facts["columns"], int(found[1])) == (6, 8, n)
        assert len(set(values.tolist())) == 1
        assert row < 16
    ramp = np.arange(-300, 724, dtype=np.int16).reshape(32, 32)
    script = image_script(Image(ramp, window=(100.0, 400.0)), 1).decode()
    facts = json.loads(re.search(r"\{.*?\}", script)[0])
    values = np.frombuffer(zlib.decompress(base64.b64decode(script.split('"')[-2])), "<u2")
    assert np.array_equal(values.reshape(32, 32).astype(int) - 300, ramp)
    assert (facts["centre"], facts["width"]) == (400.0, 400.0)


def test_returns_are_merged_in_any_portions_and_never_twice(crossed, place, tmp_path):
    experiment = crossed_reading(crossed, place)
    seal, _ = packed(experiment, 2, place, tmp_path)
    other, _ = packed(experiment, 3, place, tmp_path)
    part = sent_back(experiment, seal, answered(5))
    merged = merge_return(experiment, part, place)
    assert (merged.reader, merged.new, merged.done, merged.total) == (2, 6, 5, 16)
    assert merge_return(experiment, part, place).new == 0
    whole = sent_back(experiment, seal, answered(16))
    assert merge_return(experiment, whole, place).new == 11
    assert merge_return(experiment, part, place).new == 0  # the older file brings nothing
    merge_return(experiment, sent_back(experiment, other, answered(16, rating=1)), place)
    study = reader_study(experiment, place)
    assert (study.ratings[:, 1] == 4).all()
    assert (study.ratings[:, 2] == 1).all()
    assert np.isnan(study.ratings[:, [0, 3]]).all()
    assert session_table(experiment, place).rows[0][:7] == ("B", 1, "家", "", 1000.0, 700.0, 2.0)
    assert len(list((folder_of(experiment.id, place) / "returns").iterdir())) == 3


def test_a_return_that_is_altered_foreign_or_in_conflict_changes_nothing(crossed, place, tmp_path):
    experiment, elsewhere = crossed_reading(crossed, place), crossed_reading(crossed, place)
    seal, _ = packed(experiment, 1, place, tmp_path)
    good = sent_back(experiment, seal, answered(3))
    wrong = {
        "G-READ-050": b"{}",
        "G-READ-053": good.replace(b'rating\\": 4', b'rating\\": 5', 1),
        "G-READ-052": sent_back(experiment, "0" * 32, answered(3)),
        "G-READ-055": sent_back(experiment, seal, [line for line in answered(3) if line.get("trial") != 1]),
    }
    for code, content in wrong.items():
        with pytest.raises((DataError, FileError), match=code):
            merge_return(experiment, content, place)
    for lines in (answered(3, rating=9), answered(17), [{"kind": "answer"}], [7], [{**answered(1)[1], "at": float("nan")}]):
        with pytest.raises(DataError, match="G-READ-055"):
            merge_return(experiment, sent_back(experiment, seal, lines), place)
    with pytest.raises(DataError, match="G-READ-051"):
        merge_return(elsewhere, good, place)
    assert lines_of(experiment, 1, place) == []
    merge_return(experiment, good, place)
    kept = lines_of(experiment, 1, place)
    with pytest.raises(DataError, match="G-READ-054"):
        merge_return(experiment, sent_back(experiment, seal, answered(3, rating=2)), place)
    assert lines_of(experiment, 1, place) == kept
    with pytest.raises(RunError, match="G-READ-041"):
        pack_reading(experiment, 1, tmp_path / "again.zip", place)


def test_the_export_reads_back_as_a_table_and_as_a_study(crossed, place, tmp_path):
    from gazo.core.results import from_json, to_json
    from gazo.io.rows import read_rows
    from gazo.io.write_table import write_table

    experiment = crossed_reading(crossed, place)
    read_all(experiment, 1, place, lambda trial: {"rating": 1 + trial.number % 5})
    write_table(answer_table(experiment, place), tmp_path / "a.csv")
    rows = read_rows(tmp_path / "a.csv")
    assert rows.headings == ("reader", "test", "case", "truth", "rating", "patient")
    assert len(rows) == 16
    study = reader_study(experiment, place)
    again = from_json(json.loads(json.dumps(to_json(study))))
    assert np.array_equal(again.ratings, study.ratings, equal_nan=True)
    assert again.truth.tolist() == study.truth.tolist()
    assert io.BytesIO(image_script(Image(np.zeros((2, 2), bool)), 1)).read(4) == b"gazo"


def test_a_case_whose_images_are_of_different_patients_is_refused(place):
    columns = {
        "display": ["a", "a", "b", "b"],
        "finding": ["あり", "なし"] * 2,
        "who": ["鈴木", "佐藤", "佐藤", "鈴木"],
        "case": ["1", "2", "2", "1"],
    }
    mixed = make_set(place, columns, {"patient": "who"})
    with pytest.raises(DataError, match="G-READ-019"):
        new_reading("行の順", [mixed.id], place, test_column="display")
    made = new_reading("症例の列", [mixed.id], place, test_column="display", case_column="case")
    assert [case.rows for case in made.cases] == [(0, 3), (1, 2)]


def test_judgements_of_several_cases_are_averaged_for_methods_that_take_one_of_each_reader(place):
    from gazo.stats import normalised_rank, scheffe

    columns = {"case": ["p", "q"] * 3, "version": ["x"] * 2 + ["y"] * 2 + ["z"] * 2}
    found = make_set(place, columns, {})
    facts = {"test_column": "version", "case_column": "case", "readers": ("1", "2")}
    pairs = new_reading("対", [found.id], place, task="pair", **facts)
    ranks = new_reading("順位", [found.id], place, task="rank", **facts)
    for reader in (1, 2):
        # case p: a later version is better by 2, case q: by 1, for the second reader by 0
        step = {0: 2, 1: 2 - reader}
        read_all(
            pairs, reader, place, lambda t, s=step: {"score": s[t.images[0][0]] * int(np.sign(t.images[0][1] - t.images[1][1]))}
        )
        read_all(
            ranks,
            reader,
            place,
            lambda t: {
                "order": [[test for _, test in t.images].index(one) for one in ([2, 1, 0] if t.images[0][0] else [2, 0, 1])]
            },
        )
    means = mean_table(pairs, place)
    assert {row[:3]: row[3] for row in means.rows} == {
        (reader, *pair): -score for reader, score in (("1", 1.5), ("2", 1.0)) for pair in (("x", "y"), ("x", "z"), ("y", "z"))
    }
    assert scheffe(means, reader="reader", first="first", second="second", score="score").conclusion.en
    table = mean_table(ranks, place)
    assert {row[1]: row[2] for row in table.rows if row[0] == "2"} == {"z": 1.0, "y": 2.5, "x": 2.5}
    assert normalised_rank(table, item="item", reader="reader", rank="rank").conclusion.en
    graded = new_reading("VGA", [found.id], place, task="grading", criteria=("a",))
    with pytest.raises(DataError, match="G-READ-033"):
        mean_table(graded, place)


def test_the_leader_can_look_up_which_image_a_case_is(crossed, place):
    rows = case_table(crossed_reading(crossed, place), place).rows
    assert rows[:2] == (("C001", False, "液晶XYZ", "秘密のデータ", 1), ("C001", False, "有機ELXYZ", "秘密のデータ", 9))
    assert len(rows) == 16


def test_marks_and_lesions_as_tables_are_the_same_study(framed, place, tmp_path):
    from gazo.io import read_reader_study
    from gazo.io.write_table import write_table

    experiment = new_reading("FROC", [framed.id], place, task="marks", scale="five")
    read_all(experiment, 1, place, lambda trial: {"marks": [{"x": 3, "y": 2, "rating": 1 + trial.images[0][0] % 5}]})
    write_table(answer_table(experiment, place), tmp_path / "marks.csv")
    write_table(lesion_table(experiment, place), tmp_path / "lesions.csv")
    study, read = reader_study(experiment, place), read_reader_study(tmp_path / "marks.csv")
    assert sorted(zip(study.cases, study.ratings[0, 0], study.truth, strict=True)) == sorted(
        zip(read.cases, read.ratings[0, 0], read.truth, strict=True)
    )
    assert sorted(study.marks.lesion.tolist()) == sorted(read.marks.lesion.tolist())
    assert sorted(study.lesions.weight.tolist()) == sorted(read.lesions.weight.tolist())
    with pytest.raises(DataError, match="G-READ-034"):
        lesion_table(new_reading("VGA", [framed.id], place, task="grading", criteria=("a",)), place)


def test_the_monitor_is_not_typed_twice_and_the_size_of_the_display_is_an_option(crossed, place, tmp_path):
    experiment = crossed_reading(crossed, place, actual_size=True)
    assert last_environment(experiment, 1, place) == {"monitor": "", "ambient": ""}
    begin_session(experiment, 1, {"monitor": "5M", "ambient": "20 lx", "width": 1600, "height": 1200, "ratio": 1}, place)
    assert last_environment(experiment, 1, place) == {"monitor": "5M", "ambient": "20 lx"}
    assert find_reading(experiment.id, place).actual_size
    _, files = packed(experiment, 2, place, tmp_path)
    assert '"actual_size": true' in files["reading/study.js"].decode()


def test_a_file_that_cannot_be_merged_does_not_keep_the_others_out(crossed, place, tmp_path, capsys):
    from gazo.cli.main import main

    experiment = crossed_reading(crossed, place)
    seal, _ = packed(experiment, 2, place, tmp_path)
    good = sent_back(experiment, seal, answered(3))
    (tmp_path / "壊れた.json").write_bytes(good[:100])
    (tmp_path / "b.json").write_bytes(good)
    where = ("--workspace", str(place))
    said = main(["--language", "ja", "reading", "merge", experiment.id, str(tmp_path / "壊れた.json"), str(tmp_path / "b.json"), *where])  # fmt: skip
    out, err = capsys.readouterr()
    assert said != 0
    assert "G-READ-050" in err
    assert "壊れた.json" in err
    assert "途中" in out
    assert standing(experiment, 2, place).done == 3
    assert main(["reading", "export", experiment.id, str(tmp_path / "cases.csv"), "--table", "cases", *where]) == 0
    assert (tmp_path / "cases.csv").read_text("utf-8-sig").count("\n") == 17
