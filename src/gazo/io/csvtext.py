"""The text of a CSV file, whatever program saved it."""

from __future__ import annotations

import csv
import io

from gazo.core.errors import FileError

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_GUARDED = ("'=", "'+", "'-", "'@", "'\t")


def csv_records(content: bytes, name: str) -> list[tuple[int, list[str]]]:
    """Records with the number of the line each ends on; an apostrophe put before = + - @ as a guard is taken off again."""
    text = text_of(content, name)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
        return [(reader.line_num, [_unguarded(cell) for cell in record]) for record in reader]
    except csv.Error as error:
        raise FileError(
            "G-IO-033",
            en=f"'{name}' is no readable table ({error}). Save it again as CSV (UTF-8) or .xlsx.",
            ja=f"「{name}」は表として読み込めません ({error})。CSV (UTF-8) または .xlsx で保存し直してください。",
        ) from None


def text_of(content: bytes, name: str) -> str:
    """Bytes as text: by byte order mark, else UTF-8, else cp932 (Shift_JIS of Windows)."""
    encodings = [encoding for mark, encoding in _MARKS if content.startswith(mark)] or ["utf-8", "cp932"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileError(
        "G-IO-034",
        en=f"'{name}' is no text in UTF-8, UTF-16 or cp932 (Shift_JIS), so it is no CSV. Save the table again as CSV (UTF-8) or .xlsx.",
        ja=f"「{name}」は UTF-8・UTF-16・cp932 (Shift_JIS) のいずれの文字コードでもなく、CSV として読み込めません。"
        "CSV (UTF-8) または .xlsx で保存し直してください。",
    )


def _delimiter(text: str) -> str:
    """The one of comma, tab and semicolon that divides the first records into the same, highest number of cells."""
    start = text[:20_000]

    def agreement(delimiter: str) -> tuple[float, int]:
        widths = [len(record) for record in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter) if record][:30]
        if not widths or max(widths) == 1:
            return 0.0, 0
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) / len(widths), usual) if usual > 1 else (0.0, 0)

    return max((",", "\t", ";"), key=agreement)


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(_GUARDED) else cell
