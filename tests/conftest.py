import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: two threads on a busy machine wait for each other
from hypothesis import settings

settings.register_profile("gazo", deadline=None, derandomize=True)  # the machine may be busy; the same examples every time
settings.load_profile("gazo")

SHARED = Path(os.environ.get("GAZO_TEST_DATA", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and published answers; tests that need it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"needs real data in {SHARED}; set GAZO_TEST_DATA to the folder that holds data/ and reference/")
    return SHARED


@pytest.fixture(scope="session")
def data(shared: Path) -> Path:
    """The real images."""
    return shared / "data"


@pytest.fixture
def kept():
    """The catalog; what a test registers is forgotten after it."""
    from gazo.core import registry

    before = dict(registry._entries)
    yield registry._entries
    registry._entries.clear()
    registry._entries.update(before)
