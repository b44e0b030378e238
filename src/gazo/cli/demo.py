"""``gazo demo``: a simulated study, a small network, an honest report. Nothing is downloaded."""

from __future__ import annotations

import argparse
from pathlib import Path

from gazo.cli.finish import begin, settings
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.io.dicom import read_dicom
from gazo.phantoms.study import chest_study
from gazo.runs.start import make_run
from gazo.runs.workspace import workspace

OPTIONS = {"network": "small_resnet", "size_px": 64, "epochs": 12, "learning_rate": 2e-3, "positive": "F"}


def add(parser: argparse.ArgumentParser) -> None:
    """How large the study is."""
    parser.add_argument("--patients", type=int, default=120, help=str(Text("シミュレーションする患者数", "patients to simulate")))
    settings(parser)


def act(arguments: argparse.Namespace) -> int:
    """Simulate, learn the sex of the (simulated) patient with patients apart, report."""
    place = workspace(arguments.workspace)

    def make(on_event: OnEvent) -> Path:
        _real_dicom(on_event)
        folder = place / "data" / f"demo-{arguments.patients}-{arguments.seed}"
        if not (folder / "labels.csv").exists():
            chest_study(folder, patients=arguments.patients, size_px=96, seed=arguments.seed, on_event=on_event)
        return make_run(
            ("learn", "classify"),
            folder / "labels.csv",
            place=place,
            source={"label": "sex", "patient": "patient_id"},
            options=OPTIONS,
            protocol={"evaluation": "folds", "folds": 3},
            seed=arguments.seed,
            threads=arguments.threads,
            processes=arguments.processes,
            name="demo",
            on_event=on_event,
        )

    return begin(arguments, make)


def _real_dicom(on_event: OnEvent) -> None:
    """Read the CT slice that pydicom ships, to show that DICOM works here."""
    from pydicom.data import get_testdata_file

    image = read_dicom(str(get_testdata_file("CT_small.dcm", download=False)))
    note = Text(f"DICOM の読み込みを確認しました: {image!r}", f"DICOM can be read: {image!r}")
    on_event(Event(Text("準備", "Preparing"), note=note))
