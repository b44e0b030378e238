"""What a report says about a measurement, whatever it measures: made from the kinds of its fields alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Measurement, Panels, Surface, Table
from gazo.io.workbook import Sheet
from gazo.runs.figures import drawable
from gazo.runs.section import Picture, Section
from gazo.runs.words import method_in_words

LONG = 60  # rows of a table, above which a page shows its beginning; the whole stands in the files
_NOT_SHOWN = ("sentence", "warnings", "shown")


def measurement_sections(found: Measurement) -> tuple[Section, ...]:
    """Methods sentence, warnings and values; what was measured on; curves, surfaces and tables."""
    values, own = values_table(found), dict(parts_of(found))
    curves = _drawn(own, Curve, 110)
    surfaces = _drawn(own, Surface, 110)
    tables = tuple(one for value in own.values() for one in _each(value) if isinstance(one, Table))
    panels = tuple(Picture(value, value.title, name, 175) for name, value in own.items() if isinstance(value, Panels))
    figures = tuple(
        Picture(one, title_of(one, name), f"{name}-{n}".replace("_", "-"), 130)
        for name, value in own.items()
        for n, one in enumerate(_each(value), 1)
        if drawable(one) and not isinstance(one, Curve | Surface | Panels)
    )
    shown = () if found.shown is None else (Picture(found.shown, found.shown.title, "shown", 110),)
    texts = tuple(value for value in own.values() if isinstance(value, Text))
    sections = (
        Section("summary", Text("要約", "Summary"), (found.sentence, *texts), found.warnings, (values,) if values.rows else ()),
        Section("figures", Text("図", "Figures"), pictures=figures),
        Section("curves", Text("曲線", "Curves"), pictures=curves),
        Section("surfaces", Text("2 次元の結果", "Surfaces"), pictures=surfaces),
        Section("shown", found.shown.title if found.shown else Text("画像", "Images"), pictures=shown + panels),
        *(
            Section(f"table-{n}", table.title, tables=(table,), whole_table=len(table.rows) <= LONG)
            for n, table in enumerate(tables, 1)
        ),
        *(_numbers(name, value) for name, value in own.items() if any(isinstance(one, Curve | Surface) for one in _each(value))),
    )
    return tuple(s for s in sections if s.sentences or s.warnings or s.tables or s.pictures)


def _numbers(name: str, value: Any) -> Section:
    """The points of every curve and surface of a field as tables."""
    grids_here = [one for one in _each(value) if isinstance(one, Curve | Surface)]
    return Section(name.replace("_", "-"), _called(grids_here, name), tables=tuple(map(table_of, grids_here)), whole_table=False)


def _called(several: Sequence[Any], name: str) -> Text:
    """What the curves of one field are called together: the title of a single one, else what their axis says, else the name of the field."""
    if len(several) == 1:
        return title_of(several[0], name)
    labels = {one.y_label for one in several if isinstance(one, Curve)}
    return labels.pop() if len(labels) == 1 else Text(name, name)


def single_section(found: Curve | Surface | Table) -> tuple[Section, ...]:
    """The section of a result that is one curve, one surface or one table."""
    table = found if isinstance(found, Table) else table_of(found)
    pictures = () if isinstance(found, Table) else _drawn({"result": found}, type(found), 110)
    return (Section("summary", table.title, tables=(table,), pictures=pictures, whole_table=False),)


def parts_of(found: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a result that hold something: its own, not those that every measurement has."""
    for field in fields(found) if is_dataclass(found) else ():
        value = getattr(found, field.name)
        if field.name not in _NOT_SHOWN and value is not None and value != ():
            yield field.name, value


def values_table(found: Any) -> Table:
    """Every number of a measurement with unit and interval."""
    headings = (
        Text("量", "Quantity"), Text("値", "Value"), Text("単位", "Unit"), Text("下限", "Low"), Text("上限", "High"),
        Text("水準", "Level"), Text("区間の求め方", "Interval by"),
    )  # fmt: skip
    rows = tuple(
        (e.name, e.value, e.unit, e.low, e.high, None if e.low is None else f"{100 * e.level:g} %", method_in_words(e.method))
        for e in estimates_of(found)
    )
    return Table(Text("測定値", "Values"), headings, rows)


def estimates_of(found: Any) -> tuple[Estimate, ...]:
    """Every Estimate among the fields of a result, alone or in a tuple."""
    return tuple(named_estimates(found).values())


def named_estimates(found: Any) -> dict[str, Estimate]:
    """The same by the names of the fields, numbered where a field holds several."""
    return {name: one for name, one in _named(found) if isinstance(one, Estimate)}


def named_curves(found: Any) -> dict[str, Curve]:
    """Every curve by the name of its field, numbered where a field holds several."""
    return {"curve": found} if isinstance(found, Curve) else {name: one for name, one in _named(found) if isinstance(one, Curve)}


def _named(found: Any) -> Iterator[tuple[str, Any]]:
    for name, value in parts_of(found):
        each = _each(value)
        yield from ((name if len(each) == 1 else f"{name}-{number}", one) for number, one in enumerate(each, 1))


def grids(found: Any) -> Iterator[tuple[str, Curve | Surface]]:
    """Every curve and surface with a name of its own, for a table of its own."""
    return ((name.replace("_", "-"), one) for name, one in _named(found) if isinstance(one, Curve | Surface))


def sheets(found: Any) -> list[Sheet]:
    """Every table of a result as a sheet: the numbers, each curve with a chart, each surface, each table."""
    if isinstance(found, Curve | Surface):
        return [Sheet("result", table_of(found), chart=isinstance(found, Curve))]
    values = values_table(found)
    pages = [Sheet("values", values)] if values.rows else []
    pages += [Sheet(name, table_of(value), chart=isinstance(value, Curve)) for name, value in grids(found)]
    pages += [
        Sheet(name, one, computed=_computed(found, name))
        for name, value in parts_of(found)
        for one in _each(value)
        if isinstance(one, Table)
    ]
    sentences = (found.sentence, *found.warnings)
    return [
        *pages,
        Sheet(
            "methods",
            Table(Text("方法", "Methods"), (Text("方法と注意", "Methods and cautions"),), tuple((s,) for s in sentences)),
        ),
    ]


def _computed(found: Any, name: str) -> tuple[str, str] | None:
    heading, formula = found.recomputed.get(name, ("", "")) if isinstance(found, Measurement) else ("", "")
    return (str(heading), formula) if formula else None


def table_of(value: Curve | Surface) -> Table:
    """A curve or a surface as a table; a surface with x along the headings and y down the first column."""
    if isinstance(value, Curve):
        return value.table()
    corner = f"{value.y_label.en} [{value.y_unit}] \\ {value.x_label.en} [{value.x_unit}]"
    headings = (Text(corner, corner), *(Text(f"{x:.6g}", f"{x:.6g}") for x in value.x))
    rows = tuple((y, *row) for y, row in zip(value.y.tolist(), value.values.tolist(), strict=True))
    return Table(title_of(value, ""), headings, rows)


def title_of(value: Any, name: str) -> Text:
    """The title of a part, or else its name."""
    return value.title if value.title.en else Text(name, name)


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) and not isinstance(value, Text) else (value,)


def _drawn(own: Mapping[str, Any], kind: type, width_mm: float) -> tuple[Picture, ...]:
    """A figure for each field that holds results of a kind; several curves in one field stand over one another."""
    found = []
    for name, value in own.items():
        each = tuple(one for one in _each(value) if isinstance(one, kind))
        together = kind is Curve and len({(one.x_label, one.y_label, one.x_unit, one.y_unit) for one in each}) == 1
        key = name.replace("_", "-")
        if each and together:
            found.append(Picture(each, _called(each, name), key, width_mm))
        else:
            found += [Picture(one, title_of(one, name), f"{key}-{n}", width_mm) for n, one in enumerate(each, 1)]
    return tuple(found)
