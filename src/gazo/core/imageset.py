"""A study's images as a table: one row an image, columns with roles, pixels read only when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, GazoError, nearest
from gazo.core.image import Image
from gazo.core.language import Text

Role = Literal["image", "label", "mask", "boxes", "value", "patient", "split", "date"]


class Loader(Protocol):
    """Opens what the image column names. Must survive pickling, so that worker processes can load."""

    def __call__(self, reference: Any) -> Image:
        """The image behind a reference (a path, a row number ...)."""

    def digest(self, reference: Any) -> str:
        """SHA-256 of the stored content behind a reference."""


@dataclass(frozen=True, eq=False)
class ArrayLoader:
    """Images that are in memory already: (n, rows, columns) or, in colour, (n, rows, columns, 3). "3/mask" is a mask."""

    arrays: NDArray[np.generic]
    colour: bool = False
    spacing_mm: tuple[float, ...] | None = None
    masks: NDArray[np.generic] | None = None

    def __call__(self, reference: Any) -> Image:
        row, _, part = str(reference).partition("/")
        if part and self.masks is not None:
            return Image(self.masks[int(row)], spacing_mm=self.spacing_mm, meaning="mask")
        return Image(self.arrays[int(row)], colour=self.colour, spacing_mm=self.spacing_mm)

    def digest(self, reference: Any) -> str:
        pixels = np.ascontiguousarray(self(reference).pixels)
        return hashlib.sha256(f"{pixels.dtype}{pixels.shape}".encode() + pixels.tobytes()).hexdigest()


@dataclass(frozen=True)
class Fault:
    """One image that could not be used, and why."""

    row: int
    error: GazoError


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Rows of a table; each row is an image. Nothing is read until an image is asked for, and nothing is kept.

    Parameters
    ----------
    columns : name -> one value a row (object arrays for text, None where a cell is empty).
    roles : which column plays which part, such as ``{"image": "file", "label": "view", "patient": "patient_id"}``.
    loader : opens the values of the image column.
    name : what the set is called in reports.
    notes : sentences the reader of a table wanted to pass on (repairs made, rows left out).
    """

    columns: Mapping[str, NDArray[Any]]
    roles: Mapping[Role, str]
    loader: Loader
    name: str = ""
    notes: tuple[Text, ...] = field(default=())

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of different length: {lengths}")
        for role, column in self.roles.items():
            if role not in get_args(Role):
                raise ValueError(f"{role} is not a role")
            self._known(column)
        if "image" not in self.roles:
            raise ValueError("a set needs a column with the role 'image'")

    @classmethod
    def from_arrays(
        cls,
        arrays: NDArray[np.generic],
        labels: Sequence[Any] | None = None,
        patients: Sequence[Any] | None = None,
        *,
        values: Sequence[float] | None = None,
        masks: NDArray[np.generic] | None = None,
        boxes: Sequence[Any] | None = None,
        name: str = "",
        spacing_mm: tuple[float, ...] | None = None,
    ) -> ImageSet:
        """A set of images in memory: (n, rows, columns) or (n, rows, columns, 3).

        Parameters
        ----------
        labels, patients, values : one for each image.
        masks : (n, rows, columns), 0 outside.
        boxes : one array (boxes, 4) for each image: x, y, width, height in pixels.
        """
        arrays = np.asarray(arrays)
        columns: dict[str, NDArray[Any]] = {"image": np.arange(len(arrays))}
        roles: dict[Role, str] = {"image": "image"}
        given: list[tuple[Role, Sequence[Any] | None]] = [("label", labels), ("patient", patients), ("value", values)]
        given += [("mask", None if masks is None else [f"{row}/mask" for row in range(len(arrays))]), ("boxes", boxes)]
        for role, cells in given:
            if cells is not None:
                columns[role] = _objects(cells) if role == "boxes" else as_column(cells)
                roles[role] = role
        colour = arrays.ndim == 4 and arrays.shape[-1] == 3
        return cls(columns, roles, ArrayLoader(arrays, colour, spacing_mm, masks), name=name)

    def __len__(self) -> int:
        return len(self.columns[self.roles["image"]])

    def __getitem__(self, row: int) -> Image:
        """Read the image of one row."""
        return self.loader(self.columns[self.roles["image"]][row])

    def stream(self, *, faults: list[Fault] | None = None) -> Iterator[tuple[int, Image]]:
        """Row number and image, one after the other; only one is in memory.

        With a list for `faults` an image that cannot be read is passed over and noted there; without, its error is raised.
        """
        for row in range(len(self)):
            try:
                image = self[row]
            except GazoError as error:
                if faults is None:
                    raise
                faults.append(Fault(row, error))
            else:
                yield row, image

    def digest(self, row: int) -> str:
        """SHA-256 of the stored content of one image."""
        return self.loader.digest(self.columns[self.roles["image"]][row])

    def has(self, role: Role) -> bool:
        """Whether a column plays this part."""
        return role in self.roles

    def role(self, role: Role) -> NDArray[Any]:
        """The column that plays a part; an error tells how to name it."""
        if role not in self.roles:
            listed = ", ".join(self.columns)
            raise DataError(
                "G-DATA-001",
                en=f"no column of '{self.name}' is named as {role}. Name one with --{role} or with_role('{role}', ...); there are: {listed}.",
                ja=f"「{self.name}」には {role} の役割の列が指定されていません。--{role} または with_role('{role}', ...) で指定してください。列: {listed}。",
            )
        return self.columns[self.roles[role]]

    def with_role(self, role: Role, column: str) -> ImageSet:
        """Let a column play a part."""
        self._known(column)
        return replace(self, roles={**self.roles, role: column})

    def with_column(self, name: str, values: Sequence[Any], role: Role | None = None) -> ImageSet:
        """Add or replace a column, and let it play a part when one is named."""
        roles = {**self.roles, role: name} if role else dict(self.roles)
        return replace(self, columns={**self.columns, name: as_column(values)}, roles=roles)

    def take(self, rows: Sequence[int] | NDArray[Any]) -> ImageSet:
        """The rows named by number (or by a boolean for each row), in that order; pixels stay where they are."""
        rows = np.asarray(rows)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(int)
        return replace(self, columns={name: column[rows] for name, column in self.columns.items()})

    def where(self, keep: Callable[[Mapping[str, Any]], bool]) -> ImageSet:
        """The rows for which `keep` says yes; it is given the row as a mapping of column to value."""
        return self.take([r for r in range(len(self)) if keep({name: column[r] for name, column in self.columns.items()})])

    def __repr__(self) -> str:
        roles = ", ".join(f"{role}={column}" for role, column in self.roles.items())
        return f"<ImageSet {self.name!r} {len(self)} images, {roles}>"

    def _known(self, column: str) -> None:
        if column not in self.columns:
            hint = nearest(column, self.columns)
            raise DataError(
                "G-DATA-002",
                en=f"there is no column '{column}'. {hint.en}",
                ja=f"「{column}」という列はありません。{hint.ja}",
            )


def as_column(values: Sequence[Any]) -> NDArray[Any]:
    """Values as a column: numbers as they are, everything else as objects."""
    column = np.asarray(values)
    return column if column.dtype.kind in "iufb" and column.ndim == 1 else _objects(values)


def _objects(values: Sequence[Any]) -> NDArray[Any]:
    """One object a row, also where all rows hold arrays of one shape."""
    column = np.empty(len(values), object)
    for row, value in enumerate(values):
        column[row] = value
    return column
