"""Status codes: how far somebody is in a lesson, as a short text to paste to the teacher, and back.

A code is ``GAZO-`` and letters of Crockford's base 32 in groups of five: version, lesson with the first digits of its hash, nickname,
seed, day, two bits a step, and four bytes of a SHA-256 over all that. The sum finds slips of the hand and changed letters. It is no
signature: who knows this file can write any code.
"""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from gazo.core.errors import DataError, GazoError
from gazo.runs.lessons.progress import Done, Progress

Mark = Literal["open", "under way", "done", "helped"]
MARKS: tuple[Mark, ...] = ("open", "under way", "done", "helped")
_VERSION, _SALT, _FIRST_DAY = 1, b"gazo lesson status", date(2020, 1, 1)
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U
_LIKE = str.maketrans("OIL", "011")
_CODE = re.compile(r"GAZO-((?:[0-9A-Z]{1,5}-)*[0-9A-Z]{1,5})(?![0-9A-Z])")


@dataclass(frozen=True)
class Status:
    """What a code says."""

    lesson: str
    digest: str
    nickname: str
    seed: int
    day: date
    steps: tuple[Mark, ...]

    @property
    def done(self) -> int:
        """Steps that are done, by oneself or with the model answer."""
        return sum(mark in ("done", "helped") for mark in self.steps)


def status_of(progress: Progress) -> Status:
    """The status that goes into a code, as of today."""
    marks = tuple(_mark(done) for done in progress.steps.values())
    return Status(progress.lesson, progress.digest, progress.nickname, progress.seed, date.fromtimestamp(time.time()), marks)


def encoded(status: Status) -> str:
    """The code of a status."""
    lesson, nickname = status.lesson.encode(), status.nickname.encode()
    bits = sum(MARKS.index(mark) << 2 * place for place, mark in enumerate(status.steps))
    body = bytes([_VERSION, len(lesson)]) + lesson + bytes.fromhex(status.digest) + bytes([len(nickname)]) + nickname
    body += status.seed.to_bytes(4, "big") + (status.day - _FIRST_DAY).days.to_bytes(2, "big")
    body += bytes([len(status.steps)]) + bits.to_bytes(-(-len(status.steps) // 4), "big")
    letters = _letters(body + _sum(body))
    return "GAZO-" + "-".join(letters[place : place + 5] for place in range(0, len(letters), 5))


def decoded(code: str) -> Status:
    """The status in a code; small letters, wide letters, blanks and O for 0 are understood, anything else that is wrong is refused."""
    word = re.sub(r"[\s-]", "", _plain(code)).removeprefix("GAZO").translate(_LIKE)
    try:
        whole = _bytes(word)
        body, there = whole[:-4], whole[-4:]
        if there != _sum(body) or body[0] != _VERSION:
            raise ValueError
        return _status(body)
    except (ValueError, IndexError, OverflowError):
        shown = code.strip()[:30]
        raise DataError(
            "G-LSN-012",
            en=f"'{shown}' is no status code of a lesson, or was changed on the way. Let it be copied again as a whole, from GAZO to its end.",
            ja=f"「{shown}」は教材の状況コードではないか、途中で変わっています。GAZO から末尾まで、もう一度コピーしてもらってください。",
        ) from None


def found_in(text: str) -> Iterator[tuple[str, Status | GazoError]]:
    """Every code in a text such as the log of a chat, with what it says or what is wrong with it; repeated ones once."""
    for code in dict.fromkeys(match[0] for match in _CODE.finditer(_plain(text))):
        try:
            yield code, decoded(code)
        except GazoError as error:
            yield code, error


def _plain(text: str) -> str:
    """Wide letters narrow, all letters large, any dash a hyphen, line breaks inside a code closed."""
    narrow = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"-\s*\n\s*", "-", re.sub(r"[\u2010-\u2015\u2212ー]", "-", narrow)).replace("GAZ0-", "GAZO-")


def _mark(done: Done) -> Mark:
    return "helped" if done.state == "done" and done.helped else done.state


def _sum(body: bytes) -> bytes:
    return hashlib.sha256(_SALT + body).digest()[:4]


def _letters(content: bytes) -> str:
    """Base 32, five bits a letter, filled up with zero bits."""
    bits = "".join(f"{byte:08b}" for byte in content)
    bits += "0" * (-len(bits) % 5)
    return "".join(_LETTERS[int(bits[place : place + 5], 2)] for place in range(0, len(bits), 5))


def _bytes(word: str) -> bytes:
    bits = "".join(f"{_LETTERS.index(letter):05b}" for letter in word)
    whole = len(bits) // 8 * 8
    if not word or len(bits) - whole >= 5 or "1" in bits[whole:]:
        raise ValueError
    return bytes(int(bits[place : place + 8], 2) for place in range(0, whole, 8))


def _status(body: bytes) -> Status:
    lesson, rest = _counted(body[1:])
    digest, rest = rest[:2].hex(), rest[2:]
    nickname, rest = _counted(rest)
    seed, day, count = int.from_bytes(rest[:4], "big"), int.from_bytes(rest[4:6], "big"), rest[6]
    bits = int.from_bytes(rest[7:], "big")
    if len(rest) != 7 + -(-count // 4) or bits >> 2 * count:
        raise ValueError
    marks = tuple(MARKS[bits >> 2 * place & 3] for place in range(count))
    return Status(lesson, digest, nickname, seed, _FIRST_DAY + timedelta(days=day), marks)


def _counted(content: bytes) -> tuple[str, bytes]:
    """A text behind its length, and what follows."""
    end = 1 + content[0]
    return content[1:end].decode(), content[end:]
