"""People's ids in the cloud: they say nothing, and every kiosk with the key makes the same."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from pathlib import Path

import pytest

from kiosk.cloud.ids import CloudIds, make_key
from kiosk.domain.errors import StoreKeyError
from kiosk.domain.vision.template import SubjectId
from kiosk.store.home import Home

KEY = bytes(range(32))
ANNA, BORIS = SubjectId("s-1001"), SubjectId("s-1002")


def test_an_id_is_the_beginning_of_the_hmac_of_the_subject() -> None:
    assert CloudIds(KEY).of(ANNA) == hmac.digest(KEY, b"s-1001", "sha256").hex()[:32]
    assert (
        CloudIds(KEY).of(SubjectId("Zoë")) == hmac.digest(KEY, "Zoë".encode(), "sha256").hex()[:32]
    )


def test_an_id_depends_on_the_key_and_is_no_plain_hash() -> None:
    mine, theirs = CloudIds(KEY).of(ANNA), CloudIds(bytes(32)).of(ANNA)
    assert len({mine, theirs, hashlib.sha256(b"s-1001").hexdigest()[:32]}) == 3


def test_the_people_are_found_again_by_their_ids() -> None:
    ids = CloudIds(KEY)
    assert ids.table([ANNA, BORIS]) == {ids.of(ANNA): ANNA, ids.of(BORIS): BORIS}


def test_the_key_is_never_printed() -> None:
    assert KEY.hex() not in repr(CloudIds(KEY))


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path, before = Home(tmp_path).cloud_ids, os.umask(0)
    try:
        assert make_key(path)
    finally:
        os.umask(before)
    first = path.read_bytes()
    assert not make_key(path)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (first, 0o600)
    assert CloudIds.read(path).of(ANNA) == CloudIds(first).of(ANNA)
    assert [it.name for it in tmp_path.iterdir()] == [path.name]


def test_two_keys_differ(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ab"]
    assert all(make_key(path) for path in paths)
    assert len({path.read_bytes() for path in paths}) == 2


def test_a_spare_file_that_somebody_left_open_to_others_is_not_used(tmp_path: Path) -> None:
    spare = tmp_path / "cloud-ids.key.new"
    spare.write_bytes(KEY)
    spare.chmod(0o666)
    make_key(tmp_path / "cloud-ids.key")
    assert (tmp_path / "cloud-ids.key").read_bytes() != KEY
    assert stat.S_IMODE((tmp_path / "cloud-ids.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_file_of_another_size_is_no_key(tmp_path: Path, size: int) -> None:
    path = _written(tmp_path, bytes(size))
    with pytest.raises(StoreKeyError, match="does not hold 32 bytes"):
        CloudIds.read(path)
    with pytest.raises(StoreKeyError, match="does not hold 32 bytes"):
        make_key(path)
    assert path.read_bytes() == bytes(size), "nothing was put in its place"


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o602, 0o660, 0o666])
def test_a_key_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = _written(tmp_path, KEY)
    path.chmod(mode)
    with pytest.raises(StoreKeyError, match=f"can be used by others .mode {mode:04o}"):
        CloudIds.read(path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreKeyError, match=r"nowhere\.key, is missing"):
        CloudIds.read(tmp_path / "nowhere.key")


def test_a_link_and_a_folder_are_no_key(tmp_path: Path) -> None:
    link, folder = tmp_path / "link", tmp_path / "folder"
    link.symlink_to(_written(tmp_path, KEY))
    folder.mkdir(mode=0o700)
    for path in (link, folder):
        with pytest.raises(StoreKeyError):
            CloudIds.read(path)


def test_a_key_cannot_be_made_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreKeyError, match="cannot be made"):
        make_key(tmp_path / "missing" / "cloud-ids.key")


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "cloud-ids.key"
    path.write_bytes(content)
    path.chmod(0o600)
    return path
