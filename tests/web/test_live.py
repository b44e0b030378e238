import json
import threading
import time
from typing import Annotated

import numpy as np
import pytest

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Ge, Label, Le
from gazo.core.registry import Entry, register
from gazo.io.files import read, write
from gazo.process.unsharp import unsharp_mask
from gazo.web.live_lane import Lane
from gazo.web.live_levels import at_level

CODE = "0a1b2c3d"


@pytest.fixture
def image(place):
    """A radiograph-like image in the workspace: file:0a1b2c3d."""
    rows, columns = np.mgrid[:240, :320]
    pixels = 1200 + 800 * np.sin(rows / 17) * np.cos(columns / 23) + np.random.default_rng(3).normal(0, 25, (240, 320))
    made = Image(np.clip(pixels, 0, 4095).astype(np.uint16), spacing_mm=(0.2, 0.2))
    (place / "data" / "files" / CODE).mkdir(parents=True)
    write(made, place / "data" / "files" / CODE / "a.tif")
    return read(place / "data" / "files" / CODE / "a.tif")


def asked(steps, **more):
    return {"address": f"file:{CODE}", "steps": steps, **more}


def step(operation, **options):
    return {"operation": operation, "options": options}


def pixels_of(answer):
    about = json.loads(answer.headers["x-gazo-image"])
    codes = np.frombuffer(answer.content, "<u2").reshape(about["shape"])
    return about, codes * about["slope"] + about["intercept"]


# The lane -------------------------------------------------------------------------------------------------------------


def test_only_the_newest_of_a_view_is_computed():
    lane, began, go_on = Lane(), threading.Event(), threading.Event()
    done: list[str] = []

    def slow(name):
        def work():
            if name == "first":
                began.set()
                assert go_on.wait(10)
            done.append(name)
            return name

        return work

    answers: dict[str, object] = {}
    threads = []

    def ask(name):
        thread = threading.Thread(target=lambda: answers.update({name: lane.ask("view", slow(name))}))
        thread.start()
        threads.append(thread)

    ask("first")
    assert began.wait(10)
    for name in ("second", "third", "fourth"):
        ask(name)
        until(lambda name=name: waits_for(lane, "view", name, answers, name))
    assert answers == {"second": None, "third": None}  # told at once, while the first is still at work
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert answers == {"first": "first", "second": None, "third": None, "fourth": "fourth"}
    assert done == ["first", "fourth"]


def waits_for(lane, view, name, answers, asked_last):
    """Whether the request that came last is the one that waits, and those before it were told."""
    order = ["second", "third", "fourth"]
    earlier = order[: order.index(asked_last)]
    return lane._views[view].waiting is not None and all(one in answers for one in earlier)


def until(holds, seconds=10.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_a_request_that_arrives_late_does_not_overtake_a_newer_one():
    lane, began, go_on = Lane(), threading.Event(), threading.Event()
    answers: dict[str, object] = {}

    def ask(name, number, work):
        thread = threading.Thread(target=lambda: answers.update({name: lane.ask("view", work, number)}))
        thread.start()
        return thread

    first = ask("first", 1, lambda: began.set() or go_on.wait(10))
    assert began.wait(10)
    newest = ask("newest", 3, lambda: "drawn")
    until(lambda: lane._views["view"].waiting is not None)
    ask("late", 2, lambda: "old").join(10)
    assert answers == {"late": None}
    go_on.set()
    first.join(10)
    newest.join(10)
    assert answers["newest"] == "drawn"


def test_views_do_not_overtake_each_other():
    lane, both = Lane(), threading.Barrier(2, timeout=10)
    answers: dict[str, object] = {}
    views = [threading.Thread(target=lambda v=v: answers.update({v: lane.ask(v, lambda: both.wait() >= 0)})) for v in "ab"]
    for view in views:
        view.start()
    for view in views:
        view.join(10)
    assert answers == {"a": True, "b": True}  # both were at work at the same time


def test_an_error_of_one_request_does_not_stop_the_next():
    lane = Lane()
    with pytest.raises(ZeroDivisionError):
        lane.ask("view", lambda: 1 // 0)
    assert lane.ask("view", lambda: 7) == 7


def test_over_http_a_waiting_request_is_superseded(client, image, kept):
    began, go_on = threading.Event(), threading.Event()
    calls: list[float] = []

    @operation("試験用の遅い処理", "Slow, for a test")
    def slow_for_a_test(image: Image, *, gain: Annotated[float, Ge(0), Le(10), Label("倍率", "Gain")] = 1.0) -> Image:
        """Wait until it is told to go on."""
        calls.append(gain)
        began.set()
        assert go_on.wait(20)
        return image.with_pixels(image.pixels * np.float32(gain))

    there = kept["operation", "user", "slow-for-a-test"]
    register(Entry("operation", "process", there.name, there.label, there.target))
    answers: dict[float, dict] = {}

    def ask(gain):
        body = asked([step("slow-for-a-test", gain=gain)], view="v")
        thread = threading.Thread(target=lambda: answers.update({gain: client.post("/api/live", json=body).json()}))
        thread.start()
        return thread

    threads = [ask(1.0)]
    assert began.wait(20)
    from gazo.web.live import lane

    threads.append(ask(2.0))
    until(lambda: lane._views["v"].waiting is not None)
    threads.append(ask(3.0))
    until(lambda: 2.0 in answers)
    assert answers[2.0] == {"superseded": True}
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert not answers[1.0]["superseded"]
    assert not answers[3.0]["superseded"]
    assert calls == [1.0, 3.0]


# What is computed -----------------------------------------------------------------------------------------------------


def test_full_resolution_has_the_pixels_of_the_operation(client, image):
    answer = client.post("/api/live/pixels", json=asked([step("unsharp-mask", radius_mm=1.4, amount=2.0)]))
    about, values = pixels_of(answer)
    expected = unsharp_mask(image, radius_mm=1.4, amount=2.0).pixels
    assert about["full"] == [1, 240, 320]
    assert about["level"] == 0
    assert np.abs(values - expected).max() <= about["slope"]


def test_a_preview_is_the_operation_on_the_level_that_was_asked_for(client, image):
    answer = client.post("/api/live/pixels", json=asked([step("unsharp-mask", radius_mm=1.4, amount=2.0)], level=1))
    about, values = pixels_of(answer)
    small = image.pixels.reshape(120, 2, 160, 2).mean((1, 3))
    expected = unsharp_mask(Image(np.rint(small), spacing_mm=(0.4, 0.4)), radius_mm=1.4, amount=2.0).pixels
    assert values.shape == (120, 160)
    assert np.abs(values - expected).max() < 4  # means are rounded halves to even or up
    assert about["full"] == [1, 240, 320]
    assert about["spacing_mm"] == [0.0, 0.2, 0.2]
    told = json.loads(answer.headers["x-gazo-live"])
    assert (told["level"], told["shape"]) == (1, [120, 160])


def test_an_image_halved_keeps_its_size_in_mm(image):
    for level in (1, 2, 3):
        small = at_level(image, level)
        assert small.shape[0] * small.spacing_mm[0] == pytest.approx(240 * 0.2)
        assert small.shape[1] * small.spacing_mm[1] == pytest.approx(320 * 0.2)


def test_lengths_in_pixels_are_divided_and_frequencies_multiplied():
    from gazo.runs.steps import chain_step
    from gazo.web.live_levels import steps_at_level

    chain = [
        chain_step("gaussian", {"sigma_px": 6.0}),
        chain_step("median", {"size_px": 9}),
        chain_step("gabor-bank", {"frequency_per_px": 0.05}),
    ]
    small = steps_at_level(chain, 1)
    assert small[0].options["sigma_px"] == 3.0
    assert small[1].options["size_px"] % 2 == 1
    assert small[1].options["size_px"] in (3, 5)
    assert small[2].options["frequency_per_px"] == pytest.approx(0.1)
    assert steps_at_level(chain, 6)[1].options["size_px"] == 1
    assert steps_at_level(chain, 6)[2].options["frequency_per_px"] == 0.4  # its limit
    assert steps_at_level(chain, 0) == tuple(chain)


def test_the_difference_is_processed_less_original(client, image):
    told = client.post("/api/live", json=asked([step("gaussian", sigma_px=3.0)])).json()
    about, values = pixels_of(client.get("/api/live/part", params={"token": told["token"], "name": "difference"}))
    processed = pixels_of(client.get("/api/live/part", params={"token": told["token"]}))[1]
    assert about["signed"]
    assert np.abs(values - (processed - image.pixels)).max() < 0.2
    assert abs(values).max() > 10


def test_results_are_addresses_like_any_other(client, image):
    told = client.post("/api/live", json=asked([step("gaussian", sigma_px=3.0)])).json()
    for address in (told["address"], told["difference"]):
        answer = client.get("/api/images/raw", params={"address": address})
        assert answer.status_code == 200
        assert len(answer.content) == 240 * 320 * 2


def test_a_result_whose_memory_was_taken_is_made_again(client, image):
    from gazo.web.pixels import kept as memory

    told = client.post("/api/live", json=asked([step("gaussian", sigma_px=2.5)])).json()
    first = client.get("/api/live/part", params={"token": told["token"]}).content
    memory._values.clear()
    assert client.get("/api/live/part", params={"token": told["token"]}).content == first


def test_the_same_request_is_computed_once(client, image):
    body = asked([step("gaussian", sigma_px=2.75)])
    first, second = (client.post("/api/live", json=body).json() for _ in range(2))
    assert first["token"] == second["token"]
    assert first["seconds"] == second["seconds"]


def test_spacing_may_be_given_where_a_file_has_none(client, place):
    (place / "data" / "files" / "ffff0000").mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64)).astype(np.uint8)
    write(Image(pixels), place / "data" / "files" / "ffff0000" / "a.png")
    body = {"address": "file:ffff0000", "steps": [step("unsharp-mask", radius_mm=1.0)]}
    refused = client.post("/api/live", json=body)
    assert refused.status_code == 400
    assert refused.json()["code"] == "G-IMG-003"
    _, values = pixels_of(client.post("/api/live/pixels", json=body | {"spacing_mm": 0.5}))
    expected = unsharp_mask(Image(pixels, spacing_mm=(0.5, 0.5)), radius_mm=1.0).pixels
    assert np.abs(values - expected).max() < 0.1


def test_over_processing_is_warned_of_on_request(client, image):
    mild, strong = (
        client.post("/api/live", json=asked([step("unsharp-mask", radius_mm=0.6, amount=amount)])).json()
        for amount in (0.05, 9.0)
    )
    assert client.post("/api/live/check", json={"token": mild["token"]}).json()["warnings"] == []
    found = client.post("/api/live/check", json={"token": strong["token"]}).json()
    assert found["warnings"]
    assert all(set(text) == {"ja", "en"} for text in found["warnings"])


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([step("unsharp-mask", radius_mm=-1)], "G-OPT-002"),
        ([step("unsharp-mask", radius=1)], "G-OPT-003"),
        ([step("unsharp-mark")], "G-RUN-020"),
        ([step("temporal-subtraction")], "G-LIV-006"),
    ],
)
def test_wrong_options_give_the_sentence(client, image, steps, code):
    answer = client.post("/api/live", json=asked(steps))
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json()["ja"] != answer.json()["en"]


def test_no_word_is_a_path(client, image, tmp_path):
    (tmp_path / "curve.csv").write_text("x,y\n0,1\n1,2\n")
    body = asked([step("unsharp-mask")], others={"density_curve": str(tmp_path / "curve.csv")})
    answer = client.post("/api/live", json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "G-LIV-022"


@pytest.mark.parametrize("token", ["", "0" * 20, "../../etc"])
def test_an_unknown_token_is_a_sentence(client, token):
    assert client.get("/api/live/part", params={"token": token}).json()["code"] == "G-LIV-001"


def test_a_level_that_is_none_is_refused(client, image):
    assert client.post("/api/live", json=asked([step("median")], level=99)).json()["code"] == "G-LIV-005"


def test_warming_up_runs_the_operation_once(client):
    from gazo.web import live_warm

    live_warm._warmed.clear()
    thread = live_warm.warm_up(["median", "clahe"])
    assert thread is not None
    thread.join(60)
    assert client.post("/api/live/warm", json={"operations": ["median", "clahe"]}).json() == {"started": False}
