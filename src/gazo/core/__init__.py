"""Floor 0: images, sets of images, results, operations, methods, errors. Needs numpy and pydantic only.

Names are imported when they are first used, so that the command line can answer `--help` without numpy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from gazo.core.language import Text, language, speaking

if TYPE_CHECKING:
    from gazo.core.cases import CaseDone, map_cases
    from gazo.core.errors import (
        DataError,
        FileError,
        GazoError,
        ImageError,
        MissingError,
        OptionError,
        RunError,
        StorageError,
    )
    from gazo.core.history import Step
    from gazo.core.image import Image
    from gazo.core.imageset import ArrayLoader, Fault, ImageSet
    from gazo.core.methods import method
    from gazo.core.operations import operation
    from gazo.core.parameters import Choices, Label, Parameter, parameters_of
    from gazo.core.progress import Event, quiet
    from gazo.core.registry import Entry, entries, feature
    from gazo.core.results import Curve, Estimate, Measurement, Panels, Surface, Table, from_json, result, to_json

_FROM = {
    "cases": ("CaseDone", "map_cases"),
    "errors": ("DataError", "FileError", "GazoError", "ImageError", "MissingError", "OptionError", "RunError", "StorageError"),
    "history": ("Step",),
    "image": ("Image",),
    "imageset": ("ArrayLoader", "Fault", "ImageSet"),
    "methods": ("method",),
    "operations": ("operation",),
    "parameters": ("Choices", "Label", "Parameter", "parameters_of"),
    "progress": ("Event", "quiet"),
    "registry": ("Entry", "entries", "feature"),
    "results": ("Curve", "Estimate", "Measurement", "Panels", "Surface", "Table", "from_json", "result", "to_json"),
}
_MODULES = {name: module for module, names in _FROM.items() for name in names}

__all__ = [
    "ArrayLoader",
    "CaseDone",
    "Choices",
    "Curve",
    "DataError",
    "Entry",
    "Estimate",
    "Event",
    "Fault",
    "FileError",
    "GazoError",
    "Image",
    "ImageError",
    "ImageSet",
    "Label",
    "Measurement",
    "MissingError",
    "OptionError",
    "Panels",
    "Parameter",
    "RunError",
    "Step",
    "StorageError",
    "Surface",
    "Table",
    "Text",
    "entries",
    "feature",
    "from_json",
    "language",
    "map_cases",
    "method",
    "operation",
    "parameters_of",
    "quiet",
    "result",
    "speaking",
    "to_json",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'gazo.core' has no attribute '{name}'")
    return getattr(importlib.import_module(f"gazo.core.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
