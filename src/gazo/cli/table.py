"""Tables on the terminal."""

from __future__ import annotations

from gazo.core.results import Table
from gazo.runs.report import cell


def print_table(table: Table) -> None:
    """Print a table as wide as its contents, in the language spoken now."""
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text as Plain

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 200
    drawn = Drawn(title=Plain(str(table.title)), title_justify="left")
    for heading in table.headings:
        drawn.add_column(Plain(str(heading)))
    for row in table.rows:
        drawn.add_row(*(Plain(cell(value)) for value in row))
    console.print(drawn)
    for note in table.notes:
        console.print(Plain(str(note)))
