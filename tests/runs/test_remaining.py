"""The time that is left: the median of the last five epochs x the epochs left; in the first epoch the pace of its batches."""

from statistics import median

import pytest

from gazo.core.language import Text
from gazo.core.progress import Event
from gazo.runs.remaining import Remaining, time_text

TRAINING = Text("学習", "Training")


def ended(epoch, epochs, **facts):
    return Event(TRAINING, epoch, epochs, {"epoch": epoch, "epochs": epochs, **facts})


def inside(epoch, batch, *, batches=100, epochs=10, **facts):
    return Event(
        TRAINING, epoch * batches + batch, epochs * batches, {"epoch": epoch, "batch": batch, "batches": batches, **facts}
    )


def heard(*told):
    remaining = Remaining()
    for at, event in told:
        remaining.hear(event, at)
    return remaining


LENGTHS = [30.0, 4.0, 5.0, 4.5, 60.0, 5.5, 4.8, 5.1]  # the first one warms up, in the fifth the machine was busy


@pytest.mark.parametrize("count", range(1, 9))
def test_it_is_the_median_of_the_last_five_epochs(count):
    ends = [100 + sum(LENGTHS[: n + 1]) for n in range(count)]
    remaining = heard((100, Event(Text("読み込み", "Reading"), 7, 7)), *[(end, ended(n, 20)) for n, end in enumerate(ends, 1)])
    expected = median(LENGTHS[max(0, count - 5) : count]) * (20 - count)
    assert remaining.seconds(ends[-1]) == pytest.approx(expected)
    assert remaining.seconds(ends[-1] + 2) == pytest.approx(expected - 2)


def test_an_epoch_that_hangs_does_not_eat_up_the_others():
    remaining = heard((0, Event(Text("", "Reading"), 1, 1)), (10, ended(1, 10)), (20, ended(2, 10)))
    assert remaining.seconds(20 + 500) == pytest.approx(10 * 7)


def test_in_the_first_epoch_the_batches_tell():
    remaining = heard((50, Event(Text("", "Reading"), 1, 1)), (60, inside(0, 20)), (70, inside(0, 40)))
    assert remaining.seconds(70) == pytest.approx((1000 - 40) * 0.5)


def test_nothing_is_said_before_anything_was_done():
    assert heard().seconds(10) is None
    assert heard((5, Event(Text("", "Reading"), 0, 9))).seconds(6) is None


def test_folds_are_counted_together():
    events = [(0, Event(Text("", "Reading"), 1, 1))]
    for fold in range(2):
        for epoch in (1, 2, 3):
            done = fold * 3 + epoch
            events.append((done * 7.0, Event(TRAINING, done, 9, {"epoch": epoch, "epochs": 3, "fold": fold})))
    assert heard(*events).seconds(42) == pytest.approx(3 * 7.0)


def test_the_pause_between_a_stop_and_its_resume_does_not_count():
    before = [(n * 10.0, ended(n, 10)) for n in (1, 2, 3)]
    again = [(5000, Event(Text("", "Reading"), 1, 1)), (5010, ended(4, 10)), (5020, ended(5, 10))]
    assert heard((0, Event(Text("", "Reading"), 1, 1)), *before, *again).seconds(5020) == pytest.approx(50)


def test_a_resumed_epoch_does_not_count_what_was_done_before_it():
    told = [(5000, Event(Text("", "Reading"), 1, 1)), (5010, inside(6, 10)), (5015, inside(6, 20))]
    assert heard(*told).seconds(5015) == pytest.approx(15 / 10 * (1000 - 620))


@pytest.mark.parametrize(
    ("seconds", "ja", "en"),
    [
        (0.4, "0 秒", "0 s"),
        (59.6, "1 分 0 秒", "1 min 0 s"),
        (3599, "59 分 59 秒", "59 min 59 s"),
        (7260, "2 時間 1 分", "2 h 1 min"),
    ],
)
def test_times_are_told_in_words(seconds, ja, en):
    assert time_text(seconds) == Text(ja, en)
