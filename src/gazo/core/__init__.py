"""Floor 0: images, sets of images, results, operations, methods, errors. Needs numpy and pydantic only."""

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
from gazo.core.language import Text, language, speaking
from gazo.core.method import method
from gazo.core.operation import operation
from gazo.core.parameters import Choices, Label, Parameter, parameters_of
from gazo.core.progress import Event, quiet
from gazo.core.registry import Entry, entries, feature
from gazo.core.results import Curve, Estimate, Table, from_json, result, to_json

__all__ = [
    "ArrayLoader",
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
    "MissingError",
    "OptionError",
    "Parameter",
    "RunError",
    "Step",
    "StorageError",
    "Table",
    "Text",
    "entries",
    "feature",
    "from_json",
    "language",
    "method",
    "operation",
    "parameters_of",
    "quiet",
    "result",
    "speaking",
    "to_json",
]
