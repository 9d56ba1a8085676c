"""A folder store whose disk is gone, full, read-only, or in other hands."""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from another_user import STRANGER, as_root

from kiosk.domain.errors import BadInput, FleetRefused, FleetStoreUnreachable
from kiosk.fleet.stores.folder import MARK, FolderStore
from kiosk.fleet.stores.port import ABSENT, ANYTHING, ObjectStore, StoredObject

Use = Callable[[ObjectStore], object]

READS: dict[str, Use] = {
    "get": lambda store: store.get("a/b", 10),
    "stream": lambda store: store.stream("a/b"),
    "names": lambda store: store.names(),
}
WRITES: dict[str, Use] = {
    "put": lambda store: store.put("a/b", b"new", expected=ANYTHING),
    "put if absent": lambda store: store.put("a/new", b"new", expected=ABSENT),
    "put deeper": lambda store: store.put("c/d", b"new", expected=ANYTHING),
    "delete": lambda store: store.delete("a/b"),
}
USES = READS | WRITES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with one object."""
    FolderStore.create(tmp_path / "store").put("a/b", b"old", expected=ABSENT)
    return tmp_path / "store"


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != MARK)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_an_unplugged_share_is_no_empty_store(folder: Path, use: Use) -> None:
    store = FolderStore(folder)
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(FleetStoreUnreachable, match="no such folder"):
        use(store)
    folder.mkdir()  # where it is mounted
    with pytest.raises(FleetStoreUnreachable, match="no store"):
        use(store)
    folder.rmdir()
    folder.with_name("elsewhere").rename(folder)
    use(store)


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FleetStoreUnreachable, match="no such folder"):
        FolderStore(tmp_path / "file").get("a", 10)
    with pytest.raises(FleetStoreUnreachable, match="File exists"):
        FolderStore.create(tmp_path / "file")


def test_a_store_is_made_once(folder: Path) -> None:
    again = FolderStore.create(folder)
    assert again.get("a/b", 10) == FolderStore(folder).get("a/b", 10)
    assert list(again.names()) == ["a/b"], "its own files are no objects"


def test_a_folder_of_other_files_becomes_no_store(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(BadInput, match="other files"):
        FolderStore.create(tmp_path)
    assert not (tmp_path / MARK).exists()


@pytest.fixture
def full(folder: Path) -> Iterator[Path]:
    """A disk on which no file may grow beyond 64 KiB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, before[1]))
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_keeps_the_old_version(full: Path) -> None:
    store = FolderStore(full)
    with pytest.raises(FleetStoreUnreachable, match="File too large"):
        store.put("a/b", bytes(70_000), expected=ANYTHING)
    assert files(full) == {"a/b": b"old"}
    store.put("a/b", b"short", expected=ANYTHING)


@pytest.fixture
def shown(folder: Path) -> Path:
    """A store that everybody may read."""
    for each in (folder, folder / "a", *folder.parents[:-2]):
        each.chmod(each.stat().st_mode | 0o055)
    return folder


@pytest.fixture
def stranger(shown: Path) -> Iterator[None]:
    """Another user, as the file system sees this thread from now on."""
    del shown
    libc = ctypes.CDLL(None)
    libc.setfsgid(STRANGER)
    libc.setfsuid(STRANGER)
    yield
    libc.setfsuid(os.geteuid())
    libc.setfsgid(os.getegid())


@as_root
@pytest.mark.usefixtures("stranger")
def test_who_may_only_read_does_so(shown: Path) -> None:
    store = FolderStore(shown)
    assert isinstance(store.get("a/b", 10), StoredObject)
    assert b"".join(store.stream("a/b") or ()) == b"old"
    assert list(store.names()) == ["a/b"]


@as_root
@pytest.mark.usefixtures("stranger")
@pytest.mark.parametrize("use", WRITES.values(), ids=WRITES)
def test_who_may_only_read_is_told(shown: Path, use: Use) -> None:
    with pytest.raises(FleetRefused, match="refuses access: Permission denied"):
        use(FolderStore(shown))
    assert files(shown) == {"a/b": b"old"}


@as_root
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_who_may_not_even_read_is_told(
    shown: Path, use: Use, request: pytest.FixtureRequest
) -> None:
    shown.chmod(0o700)
    request.getfixturevalue("stranger")
    with pytest.raises(FleetRefused, match="refuses access: Permission denied"):
        use(FolderStore(shown))


@as_root
@pytest.mark.parametrize("part", ["a", "a/b"])
def test_what_one_may_not_read_is_not_missing(
    shown: Path, part: str, request: pytest.FixtureRequest
) -> None:
    (shown / part).chmod(0o700)
    request.getfixturevalue("stranger")
    for name in ("get", "stream"):
        with pytest.raises(FleetRefused, match="refuses access: Permission denied"):
            READS[name](FolderStore(shown))


# -- links and devices ---------------------------------------------------------------------------


@pytest.mark.parametrize("use", [*READS.values(), WRITES["put if absent"]])
def test_a_link_out_of_the_store_is_not_followed(folder: Path, tmp_path: Path, use: Use) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b").write_bytes(b"secret")
    (folder / "a" / "b").unlink()
    (folder / "a").rmdir()
    (folder / "a").symlink_to(outside)
    with pytest.raises(FleetRefused, match="link"):
        use(FolderStore(folder))
    assert files(outside) == {"b": b"secret"}


def test_a_link_in_the_place_of_an_object(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    inner = folder / "a" / "b"
    inner.unlink()
    inner.symlink_to(tmp_path / "secret")
    store = FolderStore(folder)
    for use in READS.values():
        with pytest.raises(FleetRefused, match="link"):
            use(store)
    with pytest.raises(FleetRefused, match="link"):
        store.put("a/b", b"new", expected=ABSENT)
    store.put("a/b", b"new", expected=ANYTHING)  # the link goes, what it led to stays
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert files(folder) == {"a/b": b"new"}
    assert not inner.is_symlink()


def test_a_removed_link_leaves_what_it_led_to(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    FolderStore(folder).delete("link")
    assert (tmp_path / "secret").exists()
    assert not (folder / "link").is_symlink()


def test_links_beside_the_names_asked_for_do_no_harm(folder: Path, tmp_path: Path) -> None:
    (folder / "z").symlink_to(tmp_path)
    assert list(FolderStore(folder).names("a/")) == ["a/b"]


def test_the_store_itself_may_be_reached_by_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert list(FolderStore(tmp_path / "link").names()) == ["a/b"]


def test_a_pipe_is_no_object(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    store = FolderStore(folder)
    with pytest.raises(FleetRefused, match="device"):
        store.get("pipe", 10)
    with pytest.raises(FleetRefused, match="device"):
        store.stream("pipe")
    assert list(store.names()) == ["a/b"]


# -- writers -------------------------------------------------------------------------------------


def test_no_object_stands_where_a_folder_is(folder: Path) -> None:
    store = FolderStore(folder)
    for name in ("a", "a/b/c"):
        for expected in (ABSENT, ANYTHING):
            with pytest.raises(BadInput, match="a folder in the place"):
                store.put(name, b"x", expected=expected)
    assert files(folder) == {"a/b": b"old"}


def test_a_writer_waits_for_another_one_only_so_long(folder: Path) -> None:
    store = FolderStore(folder, patience_seconds=0.05)
    with (folder / MARK).open("rb+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        for use in WRITES.values():
            with pytest.raises(FleetStoreUnreachable, match="too long"):
                use(store)
        assert store.get("a/b", 10) is not None, "readers wait for nobody"
    assert files(folder) == {"a/b": b"old"}


def test_what_a_power_cut_left_is_removed_a_day_later(folder: Path) -> None:
    old, new = (folder / "a" / f"~{digit * 32}" for digit in "ab")
    for path in (old, new):
        path.write_bytes(b"half")
    day_ago = time.time() - 25 * 3600
    os.utime(old, (day_ago, day_ago))
    store = FolderStore(folder)
    assert list(store.names()) == ["a/b"]
    store.put("a/c", b"x", expected=ABSENT)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_writer_that_is_killed_leaves_the_old_or_the_new(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from kiosk.fleet.stores.folder import FolderStore\n"
        "from kiosk.fleet.stores.port import ANYTHING\n"
        "store = FolderStore(Path(sys.argv[1]))\n"
        "while True:\n"
        "    for each in (b'1', b'2'):\n"
        "        store.put('a/b', each * 200_000, expected=ANYTHING)\n"
        "        print(flush=True)\n"
    )
    command = [sys.executable, "-c", program, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for _ in range(3):
            assert child.stdout.readline()
        child.kill()
    store = FolderStore(folder)
    found = store.get("a/b", 200_000)
    assert isinstance(found, StoredObject)
    assert found.data in (b"1" * 200_000, b"2" * 200_000)
    assert list(store.names()) == ["a/b"]
    store.put("a/b", b"new", expected=found.tag)


def test_the_file_mode_is_what_the_umask_says(folder: Path) -> None:
    before = os.umask(0o002)
    try:
        FolderStore(folder).put("g/x", b"x", expected=ABSENT)
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "g" / "x").stat().st_mode) == 0o664
    assert stat.S_IMODE((folder / "g").stat().st_mode) == 0o775
