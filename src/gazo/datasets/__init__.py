"""Floor 3: named sets, public layouts, joins, splits, checks."""

from __future__ import annotations

from gazo.datasets.checks import DataReport, check
from gazo.datasets.copies import Copies, find_copies
from gazo.datasets.findings import Finding
from gazo.datasets.join import Joined, join
from gazo.datasets.layouts import Layout, read_layout, recognise
from gazo.datasets.source import open_images
from gazo.datasets.splits import Fold, holdout, official_split, patient_folds
from gazo.datasets.summary import describe

__all__ = [
    "Copies",
    "DataReport",
    "Finding",
    "Fold",
    "Joined",
    "Layout",
    "check",
    "describe",
    "find_copies",
    "holdout",
    "join",
    "official_split",
    "open_images",
    "patient_folds",
    "read_layout",
    "recognise",
]
