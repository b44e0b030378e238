import stat
import struct
import zipfile
import zlib

import pytest

from gazo.core.errors import FileError
from gazo.io import unpack


def pack(path, *entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_files_come_out_without_clutter(tmp_path):
    entries = [
        ("胸部/① a.png", b"1"),
        ("__MACOSX/._a", b"2"),
        ("胸部/.DS_Store", b"3"),
        ("胸部/Thumbs.db", b"4"),
        ("b/c.txt", b"5"),
    ]
    folder = unpack(pack(tmp_path / "a.zip", *entries), tmp_path / "out")
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == ["b/c.txt", "胸部/① a.png"]
    assert (folder / "b/c.txt").read_bytes() == b"5"


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_japanese_names_without_the_unicode_mark(tmp_path, encoding):
    """Windows wrote cp932, macOS UTF-8, both without saying so: a stored entry made by hand."""
    name = "画像/胸部表.txt".encode(encoding)
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 0, zlib.crc32(b"x"), 1, 1, len(name), 0) + name + b"x"
    facts = (0x02014B50, 20, 20, 0, 0, 0, 0, zlib.crc32(b"x"), 1, 1, len(name), 0, 0, 0, 0, 0, 0)
    central = struct.pack("<IHHHHHHIIIHHHHHII", *facts) + name
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(central), len(local), 0)
    (tmp_path / "a.zip").write_bytes(local + central + end)
    assert (unpack(tmp_path / "a.zip", tmp_path / "out") / "画像/胸部表.txt").read_bytes() == b"x"


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a/../../evil", "C:\\evil", "..\\evil"])
def test_names_that_lead_out_are_refused(tmp_path, name):
    with pytest.raises(FileError, match=r"G-IO-092"):
        unpack(pack(tmp_path / "a.zip", ("good.txt", b"1"), (name, b"2")), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_links_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(FileError, match=r"G-IO-092"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_a_bomb_stops_at_the_limit_and_leaves_nothing(tmp_path):
    pack(tmp_path / "a.zip", ("zeros", b"\0" * 5_000_000))
    with pytest.raises(FileError, match=r"G-IO-094"):
        unpack(tmp_path / "a.zip", tmp_path / "out", limit_gb=0.004)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]
    assert (unpack(tmp_path / "a.zip", tmp_path / "out", limit_gb=0.006) / "zeros").stat().st_size == 5_000_000


def test_encrypted_broken_empty_and_existing(tmp_path):
    content = bytearray(pack(tmp_path / "a.zip", ("a.txt", b"secret")).read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "e.zip").write_bytes(content)
    with pytest.raises(FileError, match=r"G-IO-091"):
        unpack(tmp_path / "e.zip", tmp_path / "out")
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(FileError, match=r"G-IO-005"):
        unpack(tmp_path / "b.zip", tmp_path / "out")
    with pytest.raises(FileError, match=r"G-IO-093"):
        unpack(pack(tmp_path / "c.zip", (".DS_Store", b"")), tmp_path / "out")
    with pytest.raises(FileError, match=r"G-IO-090"):
        unpack(tmp_path / "a.zip", tmp_path)
    with pytest.raises(FileError, match=r"G-IO-001"):
        unpack(tmp_path / "none.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_wrong_checksum(tmp_path):
    content = bytearray(pack(tmp_path / "a.zip", ("a.txt", b"some longer text " * 50)).read_bytes())
    content[40] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(FileError, match=r"G-IO-005"):
        unpack(tmp_path / "a.zip", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]
