import errno
import json
import os
from pathlib import Path

import pytest

from gazo.core import files
from gazo.core.errors import StorageError


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "画像 テスト"
    folder.mkdir()
    path = folder / "結果 ①.json"
    path.write_text("old")
    return path


def only(path):
    """What lies in the folder of a file."""
    return [p.name for p in path.parent.iterdir()]


def test_a_file_is_replaced_in_one_step(target):
    with files.replacing(target, "w") as file:
        file.write("new 画像")
        file.flush()
        assert target.read_text("utf-8") == "old"
    assert target.read_text("utf-8") == "new 画像"
    assert only(target) == [target.name]


def test_an_error_inside_leaves_the_old_file(target):
    def fail():
        with files.replacing(target) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert target.read_text("utf-8") == "old"
    assert only(target) == [target.name]


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "G-DISK-001"), (errno.EDQUOT, "G-DISK-001"), (errno.EACCES, "G-DISK-002")]
)
def test_a_full_disk_is_a_sentence_and_leaves_the_old_file(target, monkeypatch, number, code):
    def full(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=code) as caught:
        files.write_text(target, "new")
    assert str(target.parent) not in caught.value.text.en + caught.value.text.ja
    assert target.name in caught.value.text.en
    assert target.read_text("utf-8") == "old"
    assert only(target) == [target.name]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device /dev/full of Linux")
def test_a_device_that_is_really_full_is_a_sentence(target, monkeypatch):
    real = open
    monkeypatch.setattr(files, "open", lambda path, *rest, **more: real("/dev/full", *rest, **more), raising=False)
    with pytest.raises(StorageError, match="G-DISK-001"):
        files.write_text(target, "new" * 10_000)
    assert target.read_text("utf-8") == "old"


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(StorageError, match="G-DISK-002") as caught:
        files.write_text(tmp_path / "none" / "a.txt", "x")
    assert "'none/a.txt' cannot be written (no such file or folder)" in caught.value.text.en
    assert "「none/a.txt」に書き込めません (フォルダまたはファイルがありません)" in caught.value.text.ja
    assert str(tmp_path) not in caught.value.text.en


@pytest.mark.parametrize(
    ("number", "japanese"),
    [
        (errno.EACCES, "アクセス権"),
        (errno.EROFS, "読み取り専用"),
        (errno.ENAMETOOLONG, "長すぎます"),
        (errno.ENOSPC, "空き容量"),
        (errno.EPIPE, os.strerror(errno.EPIPE)),
    ],
)
def test_what_the_system_says_is_told_in_both_languages(number, japanese):
    told = files.reason(OSError(number, os.strerror(number)))
    assert japanese in told.ja
    assert told.en.isascii()


def test_json_keeps_every_digit_and_japanese(target):
    value = {"値": 0.1 + 0.2, "n": 2**60}
    files.write_json(target, value)
    assert json.loads(target.read_text("utf-8")) == value
    assert "値" in target.read_text("utf-8")


def test_json_without_a_number_is_refused_and_leaves_the_old_file(target):
    with pytest.raises(ValueError, match=r"[Oo]ut of range|not JSON compliant"):
        files.write_json(target, {"a": float("nan")})
    assert target.read_text("utf-8") == "old"


def test_lines_are_written_as_they_are(target):
    files.write_text(target, "a\nb\r\n")
    assert target.read_bytes() == b"a\nb\r\n"
