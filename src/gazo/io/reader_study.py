"""Reader studies from the files of the field, recognised by what is in them, whatever they are called."""

from __future__ import annotations

from pathlib import Path

from gazo.core.errors import DataError
from gazo.core.parameters import Annotated, Ge, Gt, Label, Le
from gazo.core.registry import feature
from gazo.io.csvtext import text_of
from gazo.io.opening import content_of
from gazo.io.rows import read_rows
from gazo.io.study_long import is_long, is_wide, long_study, wide_study
from gazo.io.study_marks import Extra, Matching, beside, is_marks, lesion_rows, marks_study
from gazo.io.study_rjafroc import rjafroc_study, sheets_of
from gazo.io.study_text import (
    blocks_study,
    imrmc_study,
    is_blocks,
    is_imrmc,
    is_jlabroc,
    is_lrc,
    is_matrix,
    jlabroc_study,
    lines_of,
    lrc_study,
    matrix_study,
)
from gazo.stats.reader_study import ReaderStudy


@feature("読影実験データの読み込み", "Read a reader study", booklet=("B5", "B6"))
def read_reader_study(
    path: Path | str,
    *,
    lesions: Annotated[str | None, Label("病変の表", "Table of lesions")] = None,
    cases: Annotated[str | None, Label("症例の一覧", "Table of cases")] = None,
    radius: Annotated[float | None, Gt(0), Label("正解とみなす距離", "Acceptance radius")] = None,
    iou: Annotated[float, Gt(0), Le(1), Label("正解とみなす重なり (IoU)", "Acceptance overlap (IoU)")] = 0.25,
    extra: Annotated[Extra, Label("同じ病変への余分なマーク", "Further marks on a lesion")] = "ignore",
    negatives: Annotated[int | None, Ge(1), Label("陰性例の数 (行列形式)", "Negative cases (matrix)")] = None,
) -> ReaderStudy:
    """Ratings or marks of several readers, in any of the formats of the field.

    Long CSV or Excel (reader, test, case, truth, rating, patient; also in Japanese), a table with the truth and a column of scores for each
    test, JLABROC, JSRT-MRMC matrix and reader blocks, iMRMC,
    Iowa .lrc, the workbook of RJafroc, and a table of marks with a table of lesions beside it ("..._marks.csv", "..._lesions.csv"; also
    "..._cases.csv" when some cases have neither). Text may be UTF-8 or cp932.

    Parameters
    ----------
    lesions, cases : other places of the tables that belong to a table of marks.
    radius, iou, extra : how marks with coordinates are matched to lesions: best rating first, nearest free lesion; see `Matching`.
    negatives : how many rows of a JSRT-MRMC matrix come first and have no disease; a line with * in the file tells it too.

    Raises
    ------
    DataError, FileError : with the row, the column and what to do.
    """
    place = Path(path)
    content = content_of(place)
    if content.startswith(b"PK"):
        sheets = sheets_of(place)
        return rjafroc_study(place, sheets) if sheets else _of_table(place, lesions, cases, Matching(radius, iou, extra))
    text = text_of(content, place.name)
    lines = lines_of(text)
    if is_imrmc(text):
        return imrmc_study(place.name, text)
    if is_blocks(lines):
        return blocks_study(place.name, lines)
    if is_lrc(lines):
        return lrc_study(place.name, lines)
    if is_jlabroc(lines):
        return jlabroc_study(place.name, lines)
    if is_matrix(lines):
        return matrix_study(place.name, lines, negatives)
    return _of_table(place, lesions, cases, Matching(radius, iou, extra))


def _of_table(place: Path, lesions: str | None, cases: str | None, matching: Matching) -> ReaderStudy:
    rows = read_rows(place)
    if is_marks(rows):
        listed = Path(cases) if cases is not None else beside(place, "cases")
        return marks_study(rows, lesion_rows(place, lesions), None if listed is None else read_rows(listed), matching)
    if is_long(rows):
        return long_study(rows)
    if is_wide(rows):
        return wide_study(rows)
    raise DataError(
        "G-IO-161",
        en=f"'{place.name}' is no reader study that gazo knows; its columns are {', '.join(rows.headings[:12])}. Bring a table with the "
        "columns reader, test, case, truth (0/1) and rating, or a file of JLABROC, JSRT-MRMC, iMRMC, Iowa .lrc or RJafroc.",
        ja=f"「{place.name}」は対応している読影実験の形式ではありません。ある列: {', '.join(rows.headings[:12])}。reader (読影者)、test (検査)、"
        "case (症例)、truth (真値 0/1)、rating (評点) の列を持つ表か、JLABROC、JSRT-MRMC、iMRMC、Iowa .lrc、RJafroc のファイルを指定してください。",
    )
