import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.methods import method, options_of
from gazo.core.operations import command, operation
from gazo.core.parameters import Choices, Ge, Gt, Label, Le, Lt, checked, parameters_of
from gazo.core.registry import Entry, entries, feature, register, room_of

Amount = Annotated[float, Gt(0), Le(50), Label("量", "Amount", "mm")]


def example(
    image,
    *,
    amount: Amount = 2.0,
    times: Annotated[int, Ge(1), Lt(10), Label("回数", "Times")],
    kind: Annotated[Literal["box", "disc"], Label("種類", "Kind")] = "box",
    net: Annotated[str | None, Choices(lambda: ("lenet", "resnet18"), prefix="file:"), Label("網", "Network")] = None,
    many: Annotated[tuple[Literal["a", "b"], ...], Label("複数", "Several")] = (),
    flag: Annotated[bool, Label("有無", "Flag")] = False,
    seed: int = 0,
    odd: "NotThereAtRunTime" = None,  # noqa: F821 - as a name imported for type checkers only
):
    """An example."""


OPTIONS = {p.name: p for p in parameters_of(example)}


def test_options_are_read_from_the_signature_in_order():
    assert list(OPTIONS) == ["amount", "times", "kind", "net", "many", "flag"]
    assert (OPTIONS["amount"].limits, OPTIONS["amount"].default, OPTIONS["amount"].bare) == ({"gt": 0, "le": 50}, 2.0, float)
    assert (OPTIONS["times"].required, OPTIONS["amount"].required) == (True, False)
    assert OPTIONS["kind"].choices == ("box", "disc")
    assert OPTIONS["net"].choices == ("lenet", "resnet18")
    assert OPTIONS["net"].bare is str
    assert (OPTIONS["many"].many, OPTIONS["many"].choices, OPTIONS["kind"].many) == (True, ("a", "b"), False)


@given(st.floats(0, 50, exclude_min=True))
def test_numbers_within_the_limits_are_taken_to_the_last_digit(value):
    assert OPTIONS["amount"].parse(value) == value
    assert OPTIONS["amount"].parse(repr(value)) == value


@given(st.floats(max_value=0) | st.floats(min_value=50, exclude_min=True) | st.just(math.nan))
def test_numbers_outside_the_limits_are_refused(value):
    with pytest.raises(OptionError, match=r"G-OPT-002.*above 0 and up to 50"):
        OPTIONS["amount"].parse(value)


@given(st.integers())
def test_whole_numbers_keep_their_limits(value):
    if 1 <= value < 10:
        assert OPTIONS["times"].parse(str(value)) == value
    else:
        with pytest.raises(OptionError, match="G-OPT-002"):
            OPTIONS["times"].parse(value)


@given(st.text())
def test_text_that_is_no_number_is_refused(text):
    try:
        expected = 0 < float(text) <= 50
    except ValueError:
        expected = False
    if expected:
        assert OPTIONS["amount"].parse(text) == float(text)
    else:
        with pytest.raises(OptionError, match="G-OPT-002"):
            OPTIONS["amount"].parse(text)


@pytest.mark.parametrize(
    ("name", "value"), [("times", 2.5), ("times", "3.7"), ("flag", "perhaps"), ("kind", 3), ("many", ["a", "c"])]
)
def test_values_of_another_kind_are_refused(name, value):
    with pytest.raises(OptionError, match=r"G-OPT-00[12]"):
        OPTIONS[name].parse(value)


def test_an_unknown_choice_is_refused_with_the_nearest():
    with pytest.raises(OptionError, match=r"G-OPT-001.*'resnet81'.*'resnet18'"):
        OPTIONS["net"].parse("resnet81")
    assert OPTIONS["net"].parse("file:mine.py:Net") == "file:mine.py:Net"
    assert OPTIONS["net"].parse(None) is None


def test_the_refusal_says_what_must_hold_in_both_languages():
    with pytest.raises(OptionError) as caught:
        OPTIONS["times"].parse(0)
    assert "'times' (Times) must be a whole number of at least 1 and below 10; 0 came" in caught.value.text.en
    assert "「times」(回数) は1 以上、10 未満の整数" in caught.value.text.ja


def test_unknown_and_missing_options_are_named():
    with pytest.raises(OptionError, match=r"G-OPT-003.*example has no option 'amont'.*'amount'"):
        checked(example, {"amont": 1})
    with pytest.raises(OptionError, match=r"G-OPT-004.*'times' \(Times\)"):
        checked(example, {"amount": 1})
    assert checked(example, {"times": "3", "seed": 5}, free=["seed"]) == {"times": 3, "seed": 5}


def test_an_operation_checks_records_and_leaves_its_input_alone(kept):
    @operation("明るさ", "Brightness", booklet="P1", version=3)
    def brighten(image: Image, *, by: Annotated[float, Ge(0), Label("量", "By")] = 1.0) -> Image:
        """Add a constant."""
        return image.with_pixels(image.pixels + by)

    image = Image(np.zeros((2, 2)), spacing_mm=(1.0, 1.0))
    bright = brighten(image, by="2.5")
    assert bright.pixels.tolist() == [[2.5, 2.5], [2.5, 2.5]]
    assert (bright.history[0].name, bright.history[0].version, bright.history[0].options) == ("brighten", 3, {"by": 2.5})
    assert image.history == ()
    assert brighten(image).history[0].options == {"by": 1.0}
    array = brighten(np.zeros((2, 2)), by=1)
    assert isinstance(array, np.ndarray)
    assert brighten(image=np.zeros((2, 2))).tolist() == [[1, 1], [1, 1]]
    with pytest.raises(OptionError, match="G-OPT-003"):
        brighten(image, bye=1)
    with pytest.raises(OptionError, match="G-OPT-002"):
        brighten(image, by=-1)
    found = next(e for e in entries("operation") if e.name == "brighten")
    assert (found.booklet, found.version, found.label.ja, found.room) == (("P1",), 3, "明るさ", "user")


def test_a_method_checks_its_options_when_it_is_made(kept):
    @method("classify", "試験法", "Trial", booklet=("K4", "K5"))
    @dataclass(frozen=True, kw_only=True)
    class Trial:
        """A trial."""

        epochs: Annotated[int, Ge(1), Le(100), Label("エポック数", "Epochs")] = 5
        rate: Annotated[float, Gt(0), Label("学習率", "Rate")] = 1e-3

    spec = Trial(epochs="7")
    assert options_of(spec) == {"epochs": 7, "rate": 1e-3}
    assert spec == Trial(epochs=7)
    assert (Trial.task, Trial.version) == ("classify", 1)
    with pytest.raises(OptionError, match=r"G-OPT-002.*'epochs'"):
        Trial(epochs=0)
    with pytest.raises(OptionError, match=r"G-OPT-003.*'epocs'.*'epochs'"):
        Trial(epocs=3)
    with pytest.raises(AttributeError):
        spec.epochs = 3
    assert [p.name for p in parameters_of(Trial)] == ["epochs", "rate"]


def test_a_second_thing_with_the_same_name_is_refused(kept):
    @feature("試験", "Trial", name="the_trial")
    def first():
        """First."""

    entry = next(e for e in entries("feature") if e.name == "the-trial")
    register(entry)
    with pytest.raises(ValueError, match="already"):
        feature("試験", "Trial", name="the-trial")(example)
    assert isinstance(entry, Entry)


def test_names_of_commands_and_rooms():
    assert command("Unsharp_Mask") == "unsharp-mask"
    assert room_of(Image) == "core"
    assert room_of(example) == "user"


def test_choices_may_be_numbers():
    def scan(*, stride: Annotated[Literal[1, 2, 4], Label("間隔", "Stride")] = 2) -> None:
        """Nothing."""

    (option,) = parameters_of(scan)
    assert option.parse("4") == option.parse(4) == 4
    assert option.must().en == "one of: 1, 2, 4"
    with pytest.raises(OptionError, match="G-OPT-001"):
        option.parse("3")
