"""The loop: exact resume, optimisers against PyTorch used by hand, accumulation, early stopping, weight average."""

import dataclasses

import numpy as np
import pytest
import torch

from gazo.core import ImageSet, RunError
from gazo.training import loop
from gazo.training.checkpoint import load_checkpoint, save_checkpoint
from gazo.training.feed import Feed, balancing_weights, standardise
from gazo.training.loop import Part, train
from gazo.training.options import TrainingOptions, make_optimizer, rate_factor
from gazo.training.pixels import prepare


@pytest.fixture(scope="module")
def pixels():
    rng = np.random.default_rng(0)
    arrays = rng.integers(0, 255, (40, 16, 16), dtype=np.uint8)
    arrays[20:, 4:12, 4:12] //= 2
    with prepare(ImageSet.from_arrays(arrays), size_px=16, channels=1) as prepared:
        yield prepared


TARGETS = torch.tensor([0] * 20 + [1] * 20)


def net(seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3),
        torch.nn.BatchNorm2d(4),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Dropout(0.3),
        torch.nn.Linear(784, 2),
    )


def feed(pixels, **changes):
    return Feed(**({"pixels": pixels, "rows": np.arange(40), "targets": TARGETS, "batch_size": 8, "seed": 3} | changes))


def cross_entropy(model, batch):
    return torch.nn.functional.cross_entropy(model(batch.images), batch.targets)


def fitted(pixels, options, **changes):
    return train(net(), feed(pixels), [Part(cross_entropy)], options, seed=5, **changes)


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a.net.state_dict().values(), b.net.state_dict().values(), strict=True))


@pytest.mark.parametrize("extra", [{}, {"average": 0.9}, {"accumulate": 2}, {"optimizer": "sgd", "keep": "best"}])
def test_a_killed_training_ends_with_the_numbers_it_would_have_had(pixels, tmp_path, monkeypatch, extra):
    options = TrainingOptions(epochs=6, **extra)
    watch = lambda model: {"validation_loss": float(model[0].weight.abs().sum())}  # noqa: E731
    whole = fitted(pixels, options, watch=watch)
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", -1.0)

    class Killed(Exception):
        pass

    def kill(event):
        if event.facts.get("epoch") == 4 and "loss" in event.facts:
            raise Killed

    with pytest.raises(Killed):
        fitted(pixels, options, watch=watch, checkpoint=tmp_path / "c.pt", on_event=kill)
    assert load_checkpoint(tmp_path / "c.pt", "cpu")["state"]["epoch"] == 3
    resumed = fitted(pixels, options, watch=watch, checkpoint=tmp_path / "c.pt")
    assert same(whole, resumed)
    assert whole.history == resumed.history
    assert whole.kept_epoch == resumed.kept_epoch


def test_one_epoch_is_plain_gradient_descent(pixels):
    options = TrainingOptions(
        epochs=1, optimizer="sgd", schedule="constant", learning_rate=0.01, weight_decay=0.0, channels_last=False
    )
    ours = train(model := net(), feed(pixels), [Part(cross_entropy)], options, seed=5)
    by_hand = net()
    optimizer = torch.optim.SGD(by_hand.parameters(), lr=0.01, momentum=0.9, nesterov=True)
    from gazo.core.seeds import derived_seed

    torch.manual_seed(derived_seed(5, "epoch", 0))
    for batch in feed(pixels).epoch(0):
        optimizer.zero_grad()
        cross_entropy(by_hand, batch).backward()
        optimizer.step()
    by_hand.eval()
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), by_hand.state_dict().values(), strict=True))
    assert ours.history.rows[0]["learning_rate"] == 0.01


def test_accumulated_gradients_equal_one_large_batch(pixels):
    def linear():
        torch.manual_seed(1)
        return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(256, 2))

    options = TrainingOptions(epochs=1, optimizer="sgd", schedule="constant", learning_rate=0.1, weight_decay=0.0)
    small, large = linear(), linear()
    train(small, feed(pixels, batch_size=20), [Part(cross_entropy)], dataclasses.replace(options, accumulate=2), seed=0)
    train(large, feed(pixels, batch_size=40), [Part(cross_entropy)], options, seed=0)
    torch.testing.assert_close(small[1].weight, large[1].weight)


def test_two_optimisers_move_only_their_own_part(pixels):
    class Pair(torch.nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.a, self.b = torch.nn.Linear(256, 2), torch.nn.Linear(2, 1)

        def forward(self, x):
            return self.b(self.a(x.flatten(1)))

    model = Pair()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    total = lambda m, batch: m(batch.images).sum()  # noqa: E731
    parts = [
        Part(total, parameters=lambda m: m.a.parameters(), name="a"),
        Part(lambda m, batch: total(m, batch) * 0, parameters=lambda m: m.b.parameters(), every=2, name="b"),
    ]
    options = TrainingOptions(epochs=1, optimizer="sgd", schedule="constant", weight_decay=0.0)
    trained = train(model, feed(pixels), parts, options, seed=0)
    assert not torch.equal(model.a.weight, before["a.weight"])
    assert torch.equal(model.b.weight, before["b.weight"])
    assert set(trained.history.rows[0]) == {"a", "b", "learning_rate"}


def test_early_stopping_keeps_the_best_weights(pixels):
    values = iter([3.0, 2.0, 1.0, 5.0, 5.0, 5.0, 5.0])
    seen = []

    def watch(model):
        seen.append({k: v.clone() for k, v in model.state_dict().items()})
        return {"validation_loss": next(values)}

    trained = fitted(pixels, TrainingOptions(epochs=50, patience=2, keep="best", schedule="constant"), watch=watch)
    assert len(trained.history.rows) == 5
    assert trained.kept_epoch == 2
    assert all(torch.equal(a, b) for a, b in zip(trained.net.state_dict().values(), seen[2].values(), strict=True))


def test_weight_average_follows_its_definition(pixels):
    """Two steps of the average, by hand, on a network of one weight whose gradient is 1."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(256, 1, bias=False))
    start = model[1].weight.detach().clone()
    options = TrainingOptions(epochs=1, optimizer="sgd", schedule="constant", learning_rate=0.1, weight_decay=0.0, average=0.99)
    train(model, feed(pixels, batch_size=20), [Part(lambda m, batch: m[1].weight.sum())], options, seed=0)
    first = start - 0.1 * 1.9  # Nesterov's first step is (1 + momentum) times the gradient
    second = first - 0.1 * (1 + 0.9 * 1.9)
    decay = (1 + 1) / (10 + 1)
    torch.testing.assert_close(model[1].weight.detach(), decay * first + (1 - decay) * second)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_stops_with_advice(pixels, bad):
    with pytest.raises(RunError, match="G-TRAIN-007"):
        train(net(), feed(pixels), [Part(lambda m, b: cross_entropy(m, b) * bad)], TrainingOptions(epochs=3), seed=0)


def test_every_row_is_drawn_once_an_epoch_and_epochs_differ(pixels):
    batches = [[*feed(pixels).epoch(number)] for number in (0, 0, 1)]
    rows = [np.concatenate([b.rows for b in epoch]) for epoch in batches]
    assert sorted(rows[0]) == list(range(40))
    assert rows[0].tolist() == rows[1].tolist() != rows[2].tolist()
    assert torch.equal(batches[0][0].images, batches[1][0].images)
    assert batches[0][0].targets.tolist() == [int(r >= 20) for r in batches[0][0].rows]


def test_balanced_sampling_draws_classes_equally(pixels):
    labels = np.array([0] * 36 + [1] * 4)
    weighted = feed(pixels, weights=balancing_weights(labels), targets=torch.from_numpy(labels))
    drawn = np.concatenate([b.targets.numpy() for number in range(50) for b in weighted.epoch(number)])
    assert drawn.mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(len(drawn)))


def test_a_last_image_alone_is_left_out(pixels):
    assert [len(b.rows) for b in feed(pixels, rows=np.arange(17)).epoch(0)] == [8, 8]
    assert [len(b.rows) for b in feed(pixels, rows=np.arange(18)).epoch(0)] == [8, 8, 2]


def test_standardised_images_have_mean_0_and_deviation_1(pixels):
    images = standardise(pixels.read([0, 1]) * 7 + 3)
    torch.testing.assert_close(images.mean((2, 3)), torch.zeros(2, 1), atol=1e-5, rtol=0)
    torch.testing.assert_close(images.std((2, 3)), torch.ones(2, 1), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("schedule", "at", "wanted"),
    [
        ("constant", 0, 1.0),
        ("one-cycle", 19, 1.0),
        ("one-cycle", 9, 0.5),
        ("one-cycle", 60, 0.5),
        ("cosine", 9, 0.5),
        ("cosine", 60, 0.5),
        ("step", 49, 1.0),
        ("step", 50, 0.1),
        ("step", 75, 0.01),
    ],
)
def test_schedules_pass_through_their_marks(schedule, at, wanted):
    assert rate_factor(TrainingOptions(schedule=schedule, warm_up=0.2), at, 100) == pytest.approx(wanted)


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd", "rmsprop"])
def test_optimisers_carry_rate_and_decay(name):
    optimizer = make_optimizer(TrainingOptions(optimizer=name, learning_rate=0.02, weight_decay=0.3), net().parameters())
    assert (optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["weight_decay"]) == (0.02, 0.3)


def test_a_checkpoint_never_runs_code(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("code ran",))

    torch.save({"format": 1, "net": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(RunError, match="G-TRAIN-005"):
        load_checkpoint(tmp_path / "evil.pt", "cpu")
    save_checkpoint(tmp_path / "old.pt", {"format": 99})
    with pytest.raises(RunError, match="G-TRAIN-006"):
        load_checkpoint(tmp_path / "old.pt", "cpu")
    assert load_checkpoint(tmp_path / "none.pt", "cpu") is None


def test_patience_without_a_watched_value_does_not_stop(pixels):
    assert len(fitted(pixels, TrainingOptions(epochs=6, patience=2)).history.rows) == 6


def test_the_last_short_window_of_accumulation_is_averaged_over_its_own_batches(pixels):
    """Three batches with accumulate=2: a step over two and a step over one, in every epoch."""

    def weight(accumulate, epochs):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(256, 1, bias=False))
        start = model[1].weight.detach().clone()
        options = TrainingOptions(
            epochs=epochs, optimizer="rmsprop", schedule="constant", learning_rate=0.1, weight_decay=0.0, accumulate=accumulate
        )
        sizes = []
        loss = Part(lambda m, batch: sizes.append(len(batch.rows)) or m[1].weight.sum())
        train(model, feed(pixels, rows=np.arange(24)), [loss], options, seed=0)
        assert sizes == [8, 8, 8] * epochs
        return float((start - model[1].weight.detach()).mean())

    # a gradient of 1 in every step whatever the window: RMSprop's first steps are known
    average, moved = 0.0, 0.0
    for _ in range(4):
        average = 0.99 * average + 0.01
        moved += 0.1 / (average**0.5 + 1e-8)
    assert weight(accumulate=2, epochs=2) == pytest.approx(moved, rel=1e-4)
