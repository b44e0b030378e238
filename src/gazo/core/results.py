"""Typed results. Each is a frozen dataclass with its unit in each name; JSON keeps every digit of it.

`@result("kind")` gives a class its name in `results.json`; `to_json` and `from_json` turn any nesting of results,
arrays and plain values into JSON and back.
"""

from __future__ import annotations

import base64
import dataclasses
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text

Class = TypeVar("Class", bound=type)
_kinds: dict[str, type] = {}


def result(kind: str) -> Callable[[Class], Class]:
    """Name a frozen dataclass as a kind of result that can be stored and read back."""

    def add(target: Class) -> Class:
        if kind in _kinds and _kinds[kind].__qualname__ != target.__qualname__:
            raise ValueError(f"there is a result '{kind}' already")
        target.kind = kind  # type: ignore[attr-defined]
        _kinds[kind] = target
        return target

    return add


@result("estimate")
@dataclass(frozen=True)
class Estimate:
    """A number with its interval.

    `low` and `high` are None only where no interval exists; `method` names how the interval was made, and `level` its coverage.
    """

    name: Text
    value: float
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    method: str = ""
    unit: str = ""

    def __str__(self) -> str:
        if math.isnan(self.value):
            return f"{self.name} – ({self.method})" if self.method else f"{self.name} –"
        unit = f" {self.unit.strip()}" if self.unit.strip() else ""
        span = "" if self.low is None or self.high is None else f" ({number_text(self.low)} to {number_text(self.high)})"
        return f"{self.name} {number_text(self.value)}{unit}{span}"


@result("curve")
@dataclass(frozen=True, eq=False)
class Curve:
    """y against x with an optional band; all arrays have the length of `x`."""

    x: NDArray[np.floating[Any]]
    y: NDArray[np.floating[Any]]
    x_label: Text
    y_label: Text
    title: Text = Text("", "")
    x_unit: str = ""
    y_unit: str = ""
    low: NDArray[np.floating[Any]] | None = None
    high: NDArray[np.floating[Any]] | None = None
    level: float = 0.95

    def table(self) -> Table:
        """The curve as a table of two or, with a band, four columns."""
        columns = {_heading(self.x_label, self.x_unit): self.x, _heading(self.y_label, self.y_unit): self.y}
        if self.low is not None and self.high is not None:
            percent = f"{100 * self.level:g} %"
            columns |= {
                Text(f"下限 {percent}", f"low {percent}"): self.low,
                Text(f"上限 {percent}", f"high {percent}"): self.high,
            }
        return Table(self.title, tuple(columns), tuple(zip(*(c.tolist() for c in columns.values()), strict=True)))


@result("table")
@dataclass(frozen=True)
class Table:
    """Rows under headings in both languages; cells are text, numbers, True/False or None."""

    title: Text
    headings: tuple[Text, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[Text, ...] = field(default=())

    def __post_init__(self) -> None:
        if any(len(row) != len(self.headings) for row in self.rows):
            raise ValueError(f"a row of '{self.title.en}' does not fit its {len(self.headings)} headings")


@result("panels")
@dataclass(frozen=True, eq=False)
class Panels:
    """Small images side by side, each with a caption and, where `overlays` has one, a heat map over it.

    `images` and `overlays` are uint8 (rows, columns) or (rows, columns, 3); an overlay of 255 is the strongest. `boxes` holds for each
    image what is framed in it, (n, 5): x, y, width, height in its pixels, and 0 for a true box, 1 for one that was found.
    """

    title: Text
    images: tuple[NDArray[np.uint8], ...]
    captions: tuple[Text, ...]
    overlays: tuple[NDArray[np.uint8] | None, ...] = ()
    boxes: tuple[NDArray[np.floating[Any]] | None, ...] = ()


@result("surface")
@dataclass(frozen=True, eq=False)
class Surface:
    """Values on a grid of two axes, such as a two-dimensional Wiener spectrum.

    `values` has the shape (length of `y`, length of `x`); `x` and `y` rise. `logarithmic` asks a figure for a logarithmic scale.
    """

    x: NDArray[np.floating[Any]]
    y: NDArray[np.floating[Any]]
    values: NDArray[np.floating[Any]]
    x_label: Text
    y_label: Text
    value_label: Text
    title: Text = Text("", "")
    x_unit: str = ""
    y_unit: str = ""
    value_unit: str = ""
    logarithmic: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Measurement:
    """What every measurement brings besides its own numbers (Estimate), Curves, Tables, Surfaces and Panels.

    `sentence` is the sentence for the methods part of a paper; it names the constants used. `shown` lets the user see what was
    measured: the region, the edge, the profile.

    `recomputed` names, for a table among the fields, the heading and the formula of one more column with which a spreadsheet computes the
    result again; "{row}" stands for the row.
    """

    recomputed: ClassVar[Mapping[str, tuple[Text, str]]] = {}

    sentence: Text
    warnings: tuple[Text, ...] = ()
    shown: Panels | None = None


def number_text(value: float) -> str:
    """A number as a reader wants it.

    Three decimals; none from 1000 on, nor for whole numbers from 2 on; three digits for what three decimals would hide; a dash for
    what is not a number.
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if 0 < abs(value) < 0.001:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1000 or (abs(value) >= 2 and value == int(value)) else f"{value:.3f}"


def to_json(value: Any) -> Any:
    """Anything made of results, arrays, mappings, sequences and plain values as JSON values."""
    if isinstance(value, Text):
        return {"$text": list(value)}
    if dataclasses.is_dataclass(value) and hasattr(value, "kind"):
        return {"$kind": value.kind} | {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray) and value.dtype == np.uint8:
        packed = base64.b64encode(zlib.compress(value.tobytes())).decode()
        return {"$bytes": packed, "shape": list(value.shape)}
    if isinstance(value, np.ndarray):
        return {"$array": to_json(value.tolist()), "dtype": str(value.dtype), "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return to_json(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{type(value).__name__} cannot stand in a result")


def from_json(value: Any) -> Any:
    """The inverse of `to_json`; sequences come back as tuples."""
    if isinstance(value, list):
        return tuple(from_json(item) for item in value)
    if not isinstance(value, dict):
        return value
    if "$text" in value:
        return Text(*value["$text"])
    if "$float" in value:
        return float(value["$float"])
    if "$bytes" in value:
        stored = zlib.decompress(base64.b64decode(value["$bytes"]))
        return np.frombuffer(stored, np.uint8).reshape(value["shape"])
    if "$array" in value:
        items = np.array(_plain(value["$array"]), dtype=object if value["dtype"] == "object" else value["dtype"])
        return items.reshape(value["shape"])
    if "$kind" in value:
        kind = _kinds[value["$kind"]]
        known = {f.name for f in dataclasses.fields(kind)}
        return kind(**{key: from_json(item) for key, item in value.items() if key in known})
    return {key: from_json(item) for key, item in value.items()}


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list) else from_json(value)


def _heading(label: Text, unit: str) -> Text:
    return Text(*(f"{word} [{unit}]" if unit else word for word in label))
