"""`@operation`: a plain function of images becomes a thing that every door can show, check and record."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.history import Step
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.parameters import checked, parameters_of
from gazo.core.registry import Entry, register, room_of, tags

Function = TypeVar("Function", bound=Callable[..., Any])


def operation(ja: str, en: str, *, booklet: str | Iterable[str] = (), version: int = 1) -> Callable[[Function], Function]:
    """Register a function whose options are keyword-only and annotated.

    The function it gives back checks its options (unknown names are refused with the nearest known one), takes an array
    where an Image is wanted (it has no spacing then) and returns an array in that case, and adds a step with its options and
    its seed to the history of the image, or of each image in the result.

    Parameters
    ----------
    ja, en : the name of the operation in both languages.
    booklet : ids of the booklet systems it provides.
    version : raise it when the same options give other numbers than before.
    """

    def wrap(function: Function) -> Function:
        signature = inspect.signature(function)
        free = [p.name for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY]

        @functools.wraps(function)
        def checked_call(*inputs: Any, **options: Any) -> Any:
            undescribed = [name for name in free if name not in {p.name for p in parameters_of(function)}]
            named = {k: v for k, v in options.items() if k in signature.parameters and k not in free}
            _need_inputs(signature, function.__name__, inputs, named)
            options = checked(function, {k: v for k, v in options.items() if k not in named}, free=undescribed)
            arrays = any(isinstance(i, np.ndarray) for i in (*inputs, *named.values()))
            result = function(*(_wrapped(i) for i in inputs), **{k: _wrapped(v) for k, v in named.items()}, **options)
            used = {p.name: options.get(p.name, p.default) for p in parameters_of(function)}
            if "seed" in undescribed:
                used["seed"] = options.get("seed", signature.parameters["seed"].default)
            step = Step(function.__name__, version, used)
            if isinstance(result, Image):
                return result.pixels if arrays else result.with_step(step)
            return _with_step(result, step)

        register(
            Entry("operation", room_of(function), command(function.__name__), Text(ja, en), checked_call, tags(booklet), version)
        )
        return checked_call  # type: ignore[return-value]

    return wrap


def command(name: str) -> str:
    """How a Python name is spelled on the command line."""
    return name.replace("_", "-").lower()


def _need_inputs(signature: inspect.Signature, name: str, inputs: tuple[Any, ...], named: Mapping[str, Any]) -> None:
    """Refuse a call that leaves an input out, gives it twice, or gives options without their names."""
    kinds = [p.kind for p in signature.parameters.values()]
    wanted = [p for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    missing = [p.name for p in wanted[len(inputs) :] if p.default is p.empty and p.name not in named]
    if missing:
        raise OptionError(
            "G-OPT-005",
            en=f"{name} needs its input '{missing[0]}'; it was not given. Call {name}({', '.join(p.name for p in wanted)}, ...).",
            ja=f"{name} には入力「{missing[0]}」が必要ですが、指定されていません。{name}({', '.join(p.name for p in wanted)}, ...) の形で呼び出してください。",
        )
    twice = [p.name for p in wanted[: len(inputs)] if p.name in named]
    if twice or (len(inputs) > len(wanted) and inspect.Parameter.VAR_POSITIONAL not in kinds):
        raise OptionError(
            "G-OPT-006",
            en=f"{name} takes {len(wanted)} input(s) ({', '.join(p.name for p in wanted)}), each once, and its options by name; "
            f"{len(inputs)} value(s) without a name and {len(twice)} input(s) twice came. Write option=value.",
            ja=f"{name} の入力は {len(wanted)} 個 ({', '.join(p.name for p in wanted)}) で、それぞれ 1 回だけ指定し、オプションは名前を付けて渡します。"
            f"名前のない値が {len(inputs)} 個、二重の入力が {len(twice)} 個ありました。オプション名=値 の形で書いてください。",
        )


def _with_step(result: Any, step: Step) -> Any:
    """A result that holds images (an image and its maps) with the step in the history of each."""
    if not is_dataclass(result) or isinstance(result, type):
        return result
    images = {f.name: getattr(result, f.name) for f in fields(result) if isinstance(getattr(result, f.name), Image)}
    return replace(result, **{name: image.with_step(step) for name, image in images.items()}) if images else result


def _wrapped(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(map(_wrapped, value)) if any(isinstance(v, np.ndarray) and v.ndim > 1 for v in value) else value
    if not isinstance(value, np.ndarray) or value.ndim not in (2, 3, 4):
        return value
    return Image(value, colour=value.shape[-1] == 3 and value.ndim in (3, 4))
