from pathlib import Path

import pytest

from gazo.nets import NETWORKS

DOCS = Path(__file__).parents[2] / "docs" / "nets"


@pytest.mark.parametrize("page", ["networks.md", "networks.ja.md"])
def test_the_page_lists_every_network_with_its_numbers(page):
    rows = {}
    for line in (DOCS / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            rows[cells[0].strip("`")] = cells
    assert list(rows) == [n.name for n in NETWORKS]
    for n in NETWORKS:
        _, label, paper, year, parameters, least, source = rows[n.name]
        assert (label, paper, year, source) == (n.label.en, n.paper, str(n.year), f"`{n.source}`")
        assert parameters == f"{n.parameters_1000:,}"
        assert least.split()[0] == str(n.min_size_px)
        assert [word for word in least.replace(")", " ").replace("(", " ").split()[1:] if word.isdigit()] == (
            [str(n.step_px)] if n.step_px > 1 else []
        )
