"""The examples in the pages of this room give what they print."""

import doctest
from pathlib import Path

import pytest

from gazo.core.language import speaking

PAGES = sorted((Path(__file__).parents[2] / "docs" / "stats").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_run(page):
    with speaking("en"):
        failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert tried >= 3
    assert failed == 0
