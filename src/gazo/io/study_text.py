"""The text files of the ROC programs: JLABROC, JSRT-MRMC (matrix and reader blocks), iMRMC and Iowa .lrc."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gazo.core.errors import DataError
from gazo.io.rows import plain
from gazo.io.study_build import Reading, is_number, number_in, study_of
from gazo.stats.reader_study import ReaderStudy

Line = tuple[int, list[str]]  # its number in the file, its words

_BLOCK = re.compile(r"reader\s*0*(\d+)", re.IGNORECASE)
_NAME = re.compile(r'"([^"]*)"|(\S+)')


def lines_of(text: str) -> list[Line]:
    """The lines that hold something."""
    return [(n, plain(line).split()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]


def is_imrmc(text: str) -> bool:
    """Whether a line says BEGIN DATA."""
    return re.search(r"^\s*BEGIN DATA", text, re.IGNORECASE | re.MULTILINE) is not None


def is_blocks(lines: Sequence[Line]) -> bool:
    """Whether blocks begin with Reader1, Reader2 ... and stars divide them."""
    return any(_BLOCK.fullmatch(" ".join(words)) for _, words in lines) and any(_stars(words) for _, words in lines)


def is_lrc(lines: Sequence[Line]) -> bool:
    """Whether stars divide a file that ends with #, or whose directions (large, small) stand in the fourth line, if it was cut short."""
    ends = bool(lines) and lines[-1][1] == ["#"] and any(_stars(words) for _, words in lines)
    return ends or (len(lines) > 3 and all(word.casefold() in ("l", "s", "large", "small") for word in lines[3][1]))


def is_jlabroc(lines: Sequence[Line]) -> bool:
    """Whether four words that are not all numbers come first, and stars divide the rest."""
    words = [word for _, line in lines for word in line]
    return len(words) > 6 and "*" in words[4:] and not all(map(is_number, words[:4]))


def is_matrix(lines: Sequence[Line]) -> bool:
    """Whether nearly all words are numbers, two or more in the first line: a slip in a cell is told by row and column later."""
    words = [word for _, line in lines if not _stars(line) for word in line]
    numbers = sum(map(is_number, words))
    first = lines[0][1] if lines else []
    return len(lines) > 1 and len(first) > 1 and any(map(is_number, first)) and numbers > 0.75 * len(words)


def jlabroc_study(name: str, lines: Sequence[Line]) -> ReaderStudy:
    """Four words of heading, ratings of negative cases, a star, ratings of positive cases, a star: one reader, one test."""
    words = [(line, word) for line, several in lines for word in several][4:]
    parts: list[list[tuple[int, str]]] = [[]]
    for line, word in words:
        if set(word) == {"*"}:
            parts.append([])
        else:
            parts[-1].append((line, word))
    if len(parts) < 2 or not parts[0] or not parts[1]:
        raise DataError(
            "G-IO-150",
            en=f"'{name}' must hold ratings of negative cases, a line with *, ratings of positive cases and again a line with *; "
            f"{len(parts) - 1} star(s) and {len(words)} values came. Add the missing part.",
            ja=f"「{name}」には、陰性例の評点、* の行、陽性例の評点、* の行が必要です。* が {len(parts) - 1} 個、値が {len(words)} 個ありました。"
            "足りない部分を補ってください。",
        )
    values = [(line, word, truth) for truth, part in ((False, parts[0]), (True, parts[1])) for line, word in part]
    return study_of(
        name,
        [Reading(line, "1", "1", str(n), _number(word, name, line, 1), truth) for n, (line, word, truth) in enumerate(values, 1)],
    )


def matrix_study(name: str, lines: Sequence[Line], negatives: int | None) -> ReaderStudy:
    """A row a case, negative cases first; columns S1R1 ... S1RJ S2R1 ... S2RJ. A line of stars, or `negatives`, tells where the positive
    cases begin, since the format itself does not."""
    starred = [place for place, (_, words) in enumerate(lines) if _stars(words)]
    rows = [line for line in lines if not _stars(line[1])]
    negatives = starred[0] if starred else negatives
    if negatives is None or not 0 < negatives < len(rows):
        raise DataError(
            "G-IO-151",
            en=f"'{name}' is a matrix of {len(rows)} cases that does not tell which are positive "
            f"(number of negative ones given: {negatives or 0}). Put a line with * between the negative and the positive cases, or give negatives=.",
            ja=f"「{name}」は {len(rows)} 症例の行列で、どこから陽性例かがわかりません (陰性例数の指定: {negatives or 0})。"
            "陰性例と陽性例の間に * だけの行を入れるか、negatives= で陰性例の数を指定してください。",
        )
    width = len(rows[0][1])
    readings = []
    for n, (line, words) in enumerate(rows, 1):
        _wide(name, line, words, width)
        half = width // 2 if width % 2 == 0 else width
        for place, word in enumerate(words):
            test, reader = divmod(place, half)
            readings.append(
                Reading(line, str(test + 1), str(reader + 1), str(n), _number(word, name, line, place + 1), n > negatives)
            )
    return study_of(name, readings)


def blocks_study(name: str, lines: Sequence[Line]) -> ReaderStudy:
    """JSRT-MRMC blocks: ReaderN, the names of the tests, their directions, rows of negative cases, stars, positive cases, stars."""
    starts = [n for n, (_, words) in enumerate(lines) if _BLOCK.fullmatch(" ".join(words))]
    readings: list[Reading] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        found = _BLOCK.fullmatch(" ".join(lines[start][1]))
        reader = found.group(1) if found else ""
        readings += _block(name, reader, lines[start + 1 : end])
    return study_of(name, readings)


def lrc_study(name: str, lines: Sequence[Line]) -> ReaderStudy:
    """Iowa .lrc: a title; then for each reader its name, and in the first block the names and directions of the tests; # at the end."""
    readings: list[Reading] = []
    head: list[Line] = []
    for block in _lrc_blocks(lines[1:-1] if lines[-1][1] == ["#"] else lines[1:]):
        reader = " ".join(block[0][1])
        if len(block) > 2 and not is_number(block[1][1][0]):
            head, block = list(block[1:3]), [block[0], *block[3:]]
        readings += _block(name, reader, [*head, *block[1:]])
    return study_of(name, readings)


def imrmc_study(name: str, text: str) -> ReaderStudy:
    """Rows reader,case,modality,score after BEGIN DATA; rows that begin with "truth" tell the truth."""
    readings, truths, begun = [], {}, False
    for line, content in enumerate(text.splitlines(), 1):
        words = [plain(word) for word in content.split(",")]
        if not begun or not content.strip():
            begun = begun or words[0].upper().startswith("BEGIN DATA")
            continue
        if len(words) < 4 or not all(words[:3]):
            raise DataError(
                "G-IO-152",
                en=f"'{name}', row {line}: reader,case,modality,score are needed, '{content.strip()[:40]}' stands there. Correct the row.",
                ja=f"「{name}」{line} 行目: reader,case,modality,score の 4 項目が必要ですが「{content.strip()[:40]}」があります。行を直してください。",
            )
        value = _number(words[3], name, line, 4)
        if words[0].casefold() in ("truth", "-1"):
            truths[words[1]] = value > 0
        else:
            readings.append(Reading(line, words[2], words[0], words[1], value))
    return study_of(name, readings, truths)


def _lrc_blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Parts that end with their second line of stars."""
    block: list[Line] = []
    stars = 0
    for line in lines:
        block.append(line)
        stars += _stars(line[1])
        if stars == 2:
            yield block
            block, stars = [], 0
    if any(not _stars(words) for _, words in block):
        yield block


def _block(name: str, reader: str, lines: Sequence[Line]) -> list[Reading]:
    """Two lines of heading, rows of negative cases, stars, rows of positive cases, stars. Direction S: small ratings speak for disease."""
    starred = [n for n, (_, words) in enumerate(lines) if _stars(words)]
    if len(lines) < 4 or not starred:
        raise DataError(
            "G-IO-153",
            en=f"'{name}': the block of reader '{reader}' must hold the names of the tests, their directions (L or S), negative cases, a line "
            f"of stars and positive cases; {len(lines)} lines with {len(starred)} lines of stars came. Complete the block.",
            ja=f"「{name}」: 読影者「{reader}」のブロックには、検査名、向き (L または S)、陰性例、* の行、陽性例が必要です。"
            f"{len(lines)} 行 (うち * の行 {len(starred)}) ありました。ブロックを補ってください。",
        )
    tests = [quoted or bare for quoted, bare in _NAME.findall(" ".join(lines[0][1]))]
    signs = [-1.0 if word.upper().startswith("S") else 1.0 for word in lines[1][1]]
    readings, number = [], 0
    for place, (line, words) in enumerate(lines[2 : starred[1] if len(starred) > 1 else None], 2):
        if _stars(words):
            continue
        _wide(name, line, words[: len(tests)], len(tests))
        number += 1
        for column, (test, sign, word) in enumerate(zip(tests, signs, words, strict=False), 1):
            value = sign * _number(word, name, line, column)
            readings.append(Reading(line, test, reader, str(number), value, place > starred[0]))
    return readings


def _wide(name: str, line: int, words: Sequence[str], width: int) -> None:
    if len(words) != width:
        raise DataError(
            "G-IO-154",
            en=f"'{name}', row {line}: {width} ratings are needed, {len(words)} stand there. Correct the row.",
            ja=f"「{name}」{line} 行目: 評点が {width} 個必要ですが {len(words)} 個です。行を直してください。",
        )


def _number(word: str, name: str, line: int, column: int) -> float:
    return number_in(word, name, line, str(column))


def _stars(words: Sequence[str]) -> bool:
    return all(set(word) == {"*"} for word in words)
