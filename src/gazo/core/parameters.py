"""Options as they stand in a signature: type, limits, unit, both labels. Every door reads them from here.

An option is written once, as ``radius_mm: Annotated[float, Gt(0), Le(50), Label("半径", "Radius", "mm")] = 2.0``.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt

from gazo.core.errors import OptionError, nearest
from gazo.core.language import Text

__all__ = ["Annotated", "Choices", "Ge", "Gt", "Label", "Le", "Lt", "Parameter", "checked", "parameters_of"]

REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True)
class Label:
    """What a form or a help text calls an option, in Japanese and English, with its unit."""

    ja: str
    en: str
    unit: str = ""

    @property
    def text(self) -> Text:
        unit = f" [{self.unit}]" if self.unit else ""
        return Text(ja=self.ja + unit, en=self.en + unit)


@dataclass(frozen=True)
class Choices:
    """The names an option may take, asked for when needed, so that a long list costs nothing at import.

    A value that begins with `prefix`, such as ``file:mynet.py:MyNet``, is allowed besides.
    """

    names: Callable[[], Sequence[str]]
    prefix: str | None = None


@dataclass(frozen=True)
class Parameter:
    """One option of an operation or a method, read from its annotation."""

    name: str
    annotation: Any
    default: Any
    label: Label
    marks: tuple[Any, ...] = field(repr=False)

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    @property
    def bare(self) -> Any:
        """The type without limits, label and None."""
        kind = get_args(self.annotation)[0] if get_origin(self.annotation) is Annotated else self.annotation
        if get_origin(kind) in (typing.Union, types.UnionType):
            kinds = [k for k in get_args(kind) if k is not type(None)]
            return kinds[0] if len(kinds) == 1 else kind
        return kind

    @property
    def many(self) -> bool:
        """True for an option that takes several values (a tuple of any length)."""
        return get_origin(self.bare) is tuple

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed names, empty when the option is free."""
        kind = get_args(self.bare)[0] if self.many else self.bare
        if get_origin(kind) is Literal:
            return tuple(get_args(kind))
        return tuple(name for mark in self.marks if isinstance(mark, Choices) for name in mark.names())

    @property
    def limits(self) -> dict[str, float]:
        """The limits as ``{"gt": 0, "le": 50}``."""
        found: dict[str, float] = {}
        for mark in self.marks:
            for key in ("gt", "ge", "lt", "le"):
                if isinstance(mark, {"gt": Gt, "ge": Ge, "lt": Lt, "le": Le}[key]):
                    found[key] = getattr(mark, key)
        return found

    def _allowed(self, name: Any) -> bool:
        prefixes = [mark.prefix for mark in self.marks if isinstance(mark, Choices) and mark.prefix]
        return name is None or name in self.choices or any(str(name).startswith(p) for p in prefixes)

    def must(self) -> Text:
        """What a value must be, in words."""
        if self.choices:
            listed = ", ".join(map(str, self.choices[:30]))
            return Text(ja=f"次のいずれか: {listed}", en=f"one of: {listed}")
        kind = _KIND_WORDS.get(self.bare, Text("正しい形の値", "a value of the right kind"))
        limits = [(words, _number(self.limits[key])) for key, words in _LIMIT_WORDS.items() if key in self.limits]
        return Text(
            ja="、".join(words.ja.format(n) for words, n in limits) + ("の" if limits else "") + kind.ja,
            en=kind.en + " and".join(words.en.format(n) for words, n in limits),
        )

    def parse(self, value: Any) -> Any:
        """Check and convert a value (text from a command line included); OptionError when it is not allowed."""
        from pydantic import ValidationError

        if isinstance(value, str):
            value = {str(choice): choice for choice in self.choices}.get(value, value)  # a choice may be a number
        if self.choices and (unknown := [v for v in _each(value) if not self._allowed(v)]):
            hint = nearest(str(unknown[0]), map(str, self.choices))
            raise OptionError(
                "G-OPT-001",
                en=f"'{self.name}' ({self.label.en}) has no choice '{unknown[0]}'. {hint.en}",
                ja=f"「{self.name}」({self.label.ja}) に「{unknown[0]}」という選択肢はありません。{hint.ja}",
            )
        try:
            return _adapter(self.annotation).validate_python(value)
        except ValidationError:
            must = self.must()
            raise OptionError(
                "G-OPT-002",
                en=f"'{self.name}' ({self.label.text.en}) must be {must.en}; {_shown(value)} came. Give another value.",
                ja=f"「{self.name}」({self.label.text.ja}) は{must.ja}でなければなりません。受け取った値: {_shown(value)}。値を直してください。",
            ) from None


_KIND_WORDS = {
    int: Text("整数", "a whole number"),
    float: Text("数", "a number"),
    bool: Text("true か false", "true or false"),
    str: Text("文字列", "a text"),
}
_LIMIT_WORDS = {
    "gt": Text("{} 超", " above {}"),
    "ge": Text("{} 以上", " of at least {}"),
    "lt": Text("{} 未満", " below {}"),
    "le": Text("{} 以下", " up to {}"),
}


def _number(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e5 else f"{value:,.0f}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _each(value: Any) -> Sequence[Any]:
    return value if isinstance(value, tuple | list) else (value,)


@cache
def _adapter(annotation: Any) -> Any:
    from pydantic import ConfigDict, TypeAdapter

    return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))


@cache
def parameters_of(target: Any) -> tuple[Parameter, ...]:
    """The options of a function (its keyword-only arguments) or of a method (its dataclass fields), in order.

    Only annotated arguments that carry a `Label` are options; `seed` and callbacks are not.
    """
    target = inspect.unwrap(target)
    hints = _hints(target)
    found = []
    for name, argument in inspect.signature(target).parameters.items():
        marks = get_args(hints[name])[1:] if get_origin(hints.get(name)) is Annotated else ()
        label = next((mark for mark in marks if isinstance(mark, Label)), None)
        if argument.kind is argument.KEYWORD_ONLY and label is not None:
            found.append(Parameter(name, hints[name], argument.default, label, marks))
    return tuple(found)


def _hints(target: Any) -> dict[str, Any]:
    """Types of the arguments; annotations that name what only type checkers import stay unread."""
    found: dict[str, Any] = {}
    owners: tuple[Any, ...] = tuple(reversed(inspect.getmro(target))) if inspect.isclass(target) else (target,)
    for owner in owners:
        known = vars(sys.modules[owner.__module__]) if inspect.isclass(owner) else owner.__globals__
        for name, annotation in inspect.get_annotations(owner).items():
            stand_in: Any = types.SimpleNamespace(__annotations__={name: annotation})
            with contextlib.suppress(NameError):
                found |= typing.get_type_hints(stand_in, globalns=known, include_extras=True)
    return found


def checked(target: Any, options: Mapping[str, Any], *, free: Sequence[str] = ()) -> dict[str, Any]:
    """The options checked and converted; OptionError names an unknown, a missing or a wrong one.

    Parameters
    ----------
    target : the function or method whose signature holds the options.
    options : the values given; what is not given keeps its default and is not returned.
    free : further names that may stand in `options` and are passed on unchecked.
    """
    known = {p.name: p for p in parameters_of(target)}
    name_of = getattr(target, "__name__", str(target))
    result = {}
    for name, value in options.items():
        if name in free:
            result[name] = value
        elif name not in known:
            hint = nearest(name, [*known, *free])
            raise OptionError(
                "G-OPT-003",
                en=f"{name_of} has no option '{name}'. {hint.en}",
                ja=f"{name_of} に「{name}」というオプションはありません。{hint.ja}",
            )
        else:
            result[name] = known[name].parse(value)
    for parameter in known.values():
        if parameter.required and parameter.name not in options:
            raise OptionError(
                "G-OPT-004",
                en=f"{name_of} needs '{parameter.name}' ({parameter.label.text.en}); it was not given.",
                ja=f"{name_of} には「{parameter.name}」({parameter.label.text.ja}) が必要ですが、指定されていません。",
            )
    return result
