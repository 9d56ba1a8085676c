"""Photographs of a batch in a folder and in an archive, and archives that are not to be trusted."""

from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, ImageError
from kiosk.enrolment.batch.sources import PhotographSource, photograph_source

MOST = 100_000
DEFLATED = zipfile.ZIP_DEFLATED


def archive(path: Path, entries: dict[str, bytes], method: int = DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return path


@pytest.fixture(params=["folder", "archive"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> PhotographSource:
    entries = {"a.jpg": b"a" * 10, "below/b.jpg": b"b", "empty.jpg": b"", "large.jpg": b"x" * MOST}
    entries["large.jpg"] = os.urandom(MOST + 1)
    if request.param == "archive":
        return photograph_source(archive(tmp_path / "photos.zip", entries), MOST)
    for name, content in entries.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return photograph_source(tmp_path, MOST)


def test_what_is_there_and_what_is_not(source: PhotographSource) -> None:
    assert source.content("a.jpg") == b"a" * 10
    assert source.content("below/b.jpg") == b"b"
    named = ("a.jpg", "below/b.jpg", "below", "c.jpg")
    assert [source.holds(name) for name in named] == [True, True, False, False]


def test_what_cannot_be_a_photograph(source: PhotographSource) -> None:
    with pytest.raises(ImageError, match=r"large\.jpg is too large: 100,001 bytes"):
        source.content("large.jpg")
    with pytest.raises(ImageError, match="is empty"):
        source.content("empty.jpg")
    with pytest.raises(ImageError):
        source.content("missing.jpg")


def test_neither_folder_nor_archive(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no photographs in"):
        photograph_source(tmp_path / "nothing", MOST)
    (tmp_path / "text").write_text("no archive")
    with pytest.raises(BadInput, match="neither a folder nor a ZIP archive"):
        photograph_source(tmp_path / "text", MOST)


@pytest.mark.parametrize("name", ["/etc/a.jpg", "../a.jpg", "b/../../a.jpg", "C:/a.jpg", "..\\a"])
def test_an_archive_that_leads_out_of_itself(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="leads out of it"):
        photograph_source(archive(tmp_path / "a.zip", {"good.jpg": b"a", name: b"a"}), MOST)


def test_a_bomb_that_announces_itself(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no photograph does"):
        photograph_source(archive(tmp_path / "a.zip", {"a.jpg": bytes(50_000_000)}), MOST)


def test_a_bomb_that_announces_less(tmp_path: Path) -> None:
    """It is read no further than it says, and its checksum tells."""
    path = archive(tmp_path / "a.zip", {"a.jpg": bytes(50_000_000)})
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 50_000_000), struct.pack("<I", 1000)))
    source = photograph_source(path, MOST)
    with pytest.raises(ImageError, match="cannot be read from the archive"):
        source.content("a.jpg")


def test_methods_that_take_unbounded_memory_are_not_read(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"a.jpg": b"a" * 1000}, zipfile.ZIP_BZIP2)
    with pytest.raises(ImageError, match="cannot be read from the archive"):
        photograph_source(path, MOST).content("a.jpg")


def test_a_damaged_entry_and_a_doubled_name(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"a.jpg": b"a" * 1000}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"aaaa", b"aaab", 1))
    with pytest.raises(ImageError, match="cannot be read from the archive"):
        photograph_source(path, MOST).content("a.jpg")
    double = archive(tmp_path / "b.zip", {"a.jpg": b"1", "./a.jpg": b"2"})
    with pytest.raises(BadInput, match="twice"):
        photograph_source(double, MOST)


def test_a_password(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"a.jpg": b"a"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match="has a password"):
        photograph_source(path, MOST)
