"""Property tests over the options of everything in the catalog: legal values are taken, illegal ones refused with a code."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazo.core.errors import OptionError
from gazo.runs.catalog import catalog, options_of


@pytest.fixture(scope="module")
def options():
    return [(f"{e.dotted}.{p.name}", p) for e in catalog() for p in options_of(e) if e.kind in ("operation", "method")]


def test_defaults_are_legal(options):
    for name, option in options:
        if not option.required:
            assert option.parse(option.default) == option.default, name


@settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.large_base_example], deadline=None
)
@given(choose=st.data())
def test_legal_values_are_taken_as_they_are_and_as_text(options, choose):
    for name, option in options:
        if option.bare in (int, float, bool):
            value = choose.draw(legal(option))
            assert option.parse(value) == value, name
            assert option.parse(str(value)) == value, name
        elif option.choices and not option.many:
            value = choose.draw(st.sampled_from(option.choices))
            assert option.parse(value) == value, name


def test_values_outside_the_limits_are_refused_with_a_code(options):
    for name, option in options:
        for value in illegal(option):
            with pytest.raises(OptionError, match=r"^G-OPT-00[12]") as caught:
                option.parse(value)
            assert f"'{option.name}'" in caught.value.text.en, name
            assert f"「{option.name}」" in caught.value.text.ja, name


def legal(option):
    """Values of the type of an option within its limits."""
    if option.bare is bool:
        return st.booleans()
    limits = option.limits
    if option.bare is int:
        least = max(limits.get("ge", -(10**9)), limits.get("gt", -(10**9)) + 1)
        most = min(limits.get("le", 10**9), limits.get("lt", 10**9) - 1)
        return st.integers(math.ceil(least), math.floor(most))
    least, most = limits.get("ge", limits.get("gt", -1e9)), limits.get("le", limits.get("lt", 1e9))
    return st.floats(least, most, exclude_min="gt" in limits, exclude_max="lt" in limits, allow_nan=False)


def illegal(option):
    """Values beyond each limit, of another type, and names nobody knows."""
    limits = option.limits
    values = ["無い名前"] if option.choices or option.bare in (int, float, bool) else []
    values += [limits[key] - 1 for key in ("ge", "gt") if key in limits] + [
        limits[key] + 1 for key in ("le", "lt") if key in limits
    ]
    values += [limits[key] for key in ("gt", "lt") if key in limits]
    values += [math.nan] if option.bare is float and limits else []
    return [[value] if option.many else value for value in values]
