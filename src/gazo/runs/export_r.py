"""The tables of a run for R: CSV files with every digit, and a script that reads, checks and draws them with R alone."""

from __future__ import annotations

import math
import re
import unicodedata
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gazo.core.files import replacing
from gazo.core.language import Language, Text, speaking
from gazo.core.registry import feature
from gazo.core.results import Table
from gazo.io.workbook import Sheet
from gazo.io.write_table import write_table
from gazo.runs.export_runs import outcome_of
from gazo.runs.export_sections import classes_of, is_judged
from gazo.runs.export_tables import pages_of

READ = r"""
here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- if (length(here)) dirname(normalizePath(here)) else getwd()

read_table <- function(file, ...) {  # of each column: "character", or NA for what R finds
  table <- read.csv(file.path(here, "tables", file), check.names = FALSE, na.strings = "", fileEncoding = "UTF-8-BOM", colClasses = c(...))
  text <- vapply(table, is.character, NA)
  table[text] <- lapply(table[text], function(one) sub("^'(?=[-+=@\t\r])", "", one, perl = TRUE))
  table
}

wrong <- 0
check <- function(table, rows, sums) {  # sums: of each column of numbers, as they were written
  whole <- nrow(table) == rows
  for (column in names(sums)) whole <- whole && isTRUE(all.equal(sum(table[[as.integer(column)]], na.rm = TRUE), sums[[column]], tolerance = 1e-9))
  if (!whole) wrong <<- wrong + 1
}
"""


@feature("R 用の表とスクリプトの書き出し", "Export the tables of a run for R", booklet="B8")
def export_r(run: Path, target: Path, *, language: Language | None = None) -> Path:
    """Write a ZIP with each table of a finished run as CSV and ``analyse.R``, which needs no package of R.

    Headings are English, so that they are names in R; the comments are in the language asked for. ``Rscript analyse.R`` ends with 0 when every
    table was read as it was written.
    """
    with speaking("en"):
        pages = pages_of(outcome_of(run))
    files = [f"{n:02d}-{_plain(page.name) or 'table'}.csv" for n, page in enumerate(pages, 1)]
    with TemporaryDirectory() as folder, speaking(language), replacing(target) as file:
        text = script_for_r(pages, files, name=run.name)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("analyse.R", text)
            for page, name in zip(pages, files, strict=True):
                with speaking("en"):
                    write_table(page.table, Path(folder) / name)
                archive.write(Path(folder) / name, f"tables/{name}")
    return target


def script_for_r(pages: list[Sheet], files: list[str], *, name: str) -> str:
    """The text of ``analyse.R``: read, check, show, draw the curves, and the area under the curve of predictions for two classes."""
    about = Text(
        f"実行 {name} の表を R で読み、確かめ、描きます。追加のパッケージは不要です: Rscript analyse.R",
        f"Reads, checks and draws the tables of the run {name}; no package is needed: Rscript analyse.R",
    )
    names = [f"table_{file[:2]}" for file in files]
    body = [f"# {about}", READ]
    for page, file, variable in zip(pages, files, names, strict=True):
        body += [
            f'{variable} <- read_table("{file}", {_kinds(page.table)})  # {_one_line(page.name)}',
            _check(variable, page.table),
        ]
    body += ["", *(f"str({variable})" for variable in names)]
    body += [line for page, variable in zip(pages, names, strict=True) if is_judged(page.table) for line in _area(variable, page)]
    drawn = [_plot(variable, page.table) for page, variable in zip(pages, names, strict=True) if page.chart]
    if drawn:
        body += ["", 'pdf(file.path(here, "curves.pdf"))', *drawn, "invisible(dev.off())"]
    same = Text("すべての表を書き出したとおりに読みました。", "every table was read as it was written")
    other = Text("書き出しと異なる表", "tables that differ from what was written")
    body += ["", f'cat(if (wrong) paste("{other}:", wrong) else "{same}", "\\n")', "quit(status = if (wrong) 1 else 0)", ""]
    return "\n".join(body)


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:40]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    return '"' + _one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _kinds(table: Table) -> str:
    texts = [any(isinstance(row[place], str | Text) for row in table.rows) for place in range(len(table.headings))]
    return ", ".join('"character"' if text else "NA" for text in texts)


def _check(variable: str, table: Table) -> str:
    sums = []
    for place, cells in enumerate(zip(*table.rows, strict=True), 1):
        numbers = [cell for cell in cells if cell is not None]
        if numbers and all(_is_number(cell) for cell in numbers):
            total = math.fsum(float(cell) for cell in numbers)
            sums.append(f'"{place}" = {total!r}')
    return f"check({variable}, {len(table.rows)}, list({', '.join(sums)}))"


def _is_number(cell: Any) -> bool:
    return not isinstance(cell, bool | str) and isinstance(cell, int | float) and math.isfinite(cell)


def _area(variable: str, page: Sheet) -> list[str]:
    """Area under the ROC curve by ranks, for two classes; with DeLong's interval where the package pROC is installed."""
    classes = classes_of(page.table)
    if len(classes) != 2:
        return []
    return [
        "",
        f"positive <- {variable}[[3]] == {_quoted(classes[1])}",
        f"score <- {variable}[[6]]",  # row, patient, truth, predicted, and the probabilities of both
        "n <- sum(positive)",
        'cat("AUC", (sum(rank(score)[positive]) - n * (n + 1) / 2) / (n * sum(!positive)), "\\n")',
        'if (requireNamespace("pROC", quietly = TRUE)) print(pROC::ci.auc(positive, score, direction = "<", levels = c(FALSE, TRUE)))',
    ]


def _plot(variable: str, table: Table) -> str:
    x, y = (_quoted(heading.en) for heading in table.headings[:2])
    return f'plot({variable}[[1]], {variable}[[2]], type = "l", xlab = {x}, ylab = {y}, main = {_quoted(table.title.en)})'
