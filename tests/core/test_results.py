import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gazo.core.language import Text, speaking
from gazo.core.results import Curve, Estimate, Table, from_json, result, to_json

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
nested = st.recursive(
    plain, lambda inner: st.tuples(inner, inner) | st.dictionaries(st.text(alphabet="ab名_", min_size=1), inner)
)


def through_a_file(value):
    """To JSON text and back, as a file would carry it; NaN may not stand bare in it."""
    return from_json(json.loads(json.dumps(to_json(value), allow_nan=False)))


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and a == b


@given(nested)
def test_plain_values_come_back_to_the_last_digit(value):
    assert same(through_a_file(value), value)


@given(st.floats(), st.none() | st.floats(), st.text(), st.text())
def test_an_estimate_comes_back_to_the_last_digit(value, low, ja, en):
    given = Estimate(Text(ja, en), value, low, low, method="DeLong")
    back = through_a_file(given)
    assert isinstance(back, Estimate)
    assert (back.name, back.method) == (given.name, "DeLong")
    assert isinstance(back.name, Text)
    assert same((back.value, back.low), (value, low))


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "uint8", "bool"])
@given(drawn=st.data())
def test_arrays_come_back_with_type_and_shape(dtype, drawn):
    array = drawn.draw(arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)))
    back = through_a_file({"a": array})["a"]
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)


def test_arrays_of_text_come_back():
    back = through_a_file(np.array([["あ", None], ["b", 1.5]], object))
    assert back.tolist() == [["あ", None], ["b", 1.5]]
    assert through_a_file(np.array(["あ", "bc"])).tolist() == ["あ", "bc"]


def test_numpy_numbers_become_plain_ones():
    assert to_json([np.float64(0.1), np.int32(3), np.bool_(True)]) == [0.1, 3, True]


def test_results_stand_in_results():
    @result("test-pair")
    class Pair:
        pass

    curve = Curve(np.array([0.0, 0.5]), np.array([1.0, math.nan]), Text("空間周波数", "Spatial frequency"), Text("MTF", "MTF"))
    back = through_a_file({"curves": [curve, curve]})["curves"][1]
    assert isinstance(back, Curve)
    np.testing.assert_array_equal(back.y, curve.y)
    with pytest.raises(ValueError, match="already"):
        result("curve")(Pair)


def test_fields_a_newer_version_wrote_are_left_out():
    stored = to_json(Estimate(Text("あ", "a"), 1.0)) | {"future": 3}
    assert from_json(stored) == Estimate(Text("あ", "a"), 1.0)


def test_what_cannot_be_stored_is_refused():
    with pytest.raises(TypeError, match="set"):
        to_json({"a": {1, 2}})


def test_a_table_keeps_its_rows_in_order():
    with pytest.raises(ValueError, match="does not fit its 2 headings"):
        Table(Text("表", "t"), (Text("あ", "a"), Text("い", "b")), ((1,),))


def test_a_curve_gives_a_table_with_units_and_band():
    x = np.array([0.0, 1.0])
    curve = Curve(x, x + 1, Text("周波数", "Frequency"), Text("値", "Value"), x_unit="cycles/mm", low=x, high=x + 2, level=0.9)
    table = curve.table()
    with speaking("en"):
        assert [str(h) for h in table.headings] == ["Frequency [cycles/mm]", "Value", "low 90 %", "high 90 %"]
    assert table.rows == ((0.0, 1.0, 0.0, 2.0), (1.0, 2.0, 1.0, 3.0))


def test_an_estimate_reads_as_a_sentence():
    with speaking("en"):
        assert str(Estimate(Text("AUC", "AUC"), 0.91234, 0.88, 0.95)) == "AUC 0.912 (0.880 to 0.950)"
        assert str(Estimate(Text("平均", "mean"), 2.0, 1.5, 2.5, unit="mm")) == "mean 2 mm (1.500 to 2.500)"
        assert str(Estimate(Text("幅", "width"), 256.0, unit=" px")) == "width 256 px"
        assert str(Estimate(Text("雑音", "noise"), 4.123e-6, unit="mm²")) == "noise 4.12e-06 mm²"
        undefined = Estimate(Text("MCC", "MCC"), math.nan, method="undefined: no such case")
        assert str(undefined) == "MCC – (undefined: no such case)"
