"""Floor 3: named sets, public layouts, joins, splits, checks."""

from __future__ import annotations

from gazo.datasets.checks import DataReport, check
from gazo.datasets.cohort import Cohort, Condition, Flow, cohort
from gazo.datasets.copies import Copies, find_copies
from gazo.datasets.findings import Finding
from gazo.datasets.join import Joined, join
from gazo.datasets.layouts import Layout, read_layout, recognise
from gazo.datasets.leak_report import leak_report
from gazo.datasets.pictures import pictures
from gazo.datasets.source import open_images
from gazo.datasets.splits import Fold, holdout, official_split, patient_folds
from gazo.datasets.summary import describe

__all__ = [
    "Cohort",
    "Condition",
    "Copies",
    "DataReport",
    "Finding",
    "Flow",
    "Fold",
    "Joined",
    "Layout",
    "check",
    "cohort",
    "describe",
    "find_copies",
    "holdout",
    "join",
    "leak_report",
    "official_split",
    "open_images",
    "patient_folds",
    "pictures",
    "read_layout",
    "recognise",
]
