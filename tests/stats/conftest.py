"""The studies that several tests of this room use."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def _studies() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lcg_studies", Path(__file__).with_name("lcg_studies.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def lcg6():
    """2 tests x 4 readers x 40 + 30 cases, whole ratings 0 ... 100."""
    return _studies().lcg6()


@pytest.fixture(scope="session")
def lcg_f():
    """Free responses: 2 tests x 3 readers x 30 + 25 cases, 50 lesions."""
    return _studies().lcg_f()
