"""Every object store behaves as the port says: a folder, SeaweedFS, and moto's S3."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import seaweedfs_server
from moto_peer import BUCKET, KEYS, MotoPeer
from seaweedfs_server import SeaweedServer

from kiosk.domain.errors import BadInput, FleetRefused, ObjectChanged
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.stores.port import (
    ABSENT,
    ANYTHING,
    UNCHANGED,
    Expected,
    ObjectStore,
    StoredObject,
)
from kiosk.fleet.stores.s3 import S3Store

Open = Callable[[str], ObjectStore]
"""Opens the store of a name, which is empty at first."""

ODD_NAMES = [
    "a%20b",
    "a%2Fb",
    "a+b",
    "a-b",
    "a.b",
    "a/.hidden",
    "a/b",
    "a0",
    "a=b",
    "..x",
    "x..",
    ".y",
    "A",
    "q/..z",
    "w" * 255,
    "/".join(["v" * 85] * 5),
    "1/2/3/4/5/6/7/8/9",
    "%",
    "-",
    "=",
]


NO_NAMES = [
    *("", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a b", "ä", "a\n", "a\0", "~a", "a\\b"),
    "x" * 256,
    "/".join(["x" * 200] * 3),
]


@pytest.fixture(scope="module", params=["folder", "seaweedfs", "moto"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def opened(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Opens stores of that kind; small pages, so that lists have several."""
    if kind == "folder":
        root = tmp_path_factory.mktemp("stores")
        yield lambda name: FolderStore.create(root / name)
        return
    with ExitStack() as ends:
        server = SeaweedServer() if kind == "seaweedfs" else MotoPeer()
        ends.callback(server.close)
        keys = seaweedfs_server.ADMIN if kind == "seaweedfs" else KEYS

        def open_one(name: str) -> S3Store:
            patience = {"connect_seconds": 60.0, "read_seconds": 60.0}
            store = S3Store(BUCKET, name, server.endpoint, keys=keys, page_names=40, **patience)
            ends.callback(store.close)
            return store

        yield open_one


@pytest.fixture
def atomic(kind: str) -> None:
    """For tests of writers that race."""
    if kind == "moto":
        pytest.skip("moto checks a condition and writes in two steps")


@pytest.fixture
def name() -> str:
    """Of a store that no other test has."""
    return f"store-{uuid.uuid4().hex}"


@pytest.fixture
def store(opened: Open, name: str) -> ObjectStore:
    return opened(name)


def read(store: ObjectStore, name: str) -> StoredObject:
    found = store.get(name, 1 << 20)
    assert isinstance(found, StoredObject)
    return found


def test_what_is_put_is_read(store: ObjectStore) -> None:
    tag = store.put("people/ann", b"one", expected=ABSENT)
    assert read(store, "people/ann") == StoredObject(b"one", tag)
    assert store.put("people/ann", b"two", expected=ANYTHING) != tag
    assert read(store, "people/ann").data == b"two"


def test_an_object_may_be_empty(store: ObjectStore) -> None:
    tag = store.put("nothing", b"", expected=ABSENT)
    assert store.get("nothing", 0) == StoredObject(b"", tag)
    assert list(store.stream("nothing") or ["none"]) in ([], ["none"])
    assert store.stream("nothing") is not None


def test_a_large_object_has_one_tag(store: ObjectStore) -> None:
    """Servers cut it into parts, each with a sum of its own."""
    data = bytes(range(256)) * 20_480 + b"end"
    tag = store.put("large", data, expected=ABSENT)
    assert store.get("large", len(data)) == StoredObject(data, tag)
    assert store.get("large", len(data), known_tag=tag) is UNCHANGED
    assert b"".join(store.stream("large") or ()) == data
    assert b"".join(store.stream("large", 5_000_000) or ()) == data[5_000_000:]


def test_a_missing_object_is_no_error(store: ObjectStore) -> None:
    store.put("folder/inner", b"x", expected=ABSENT)
    for name in ("none", "folder", "folder/none", "folder/none/none", "folder/inner/none"):
        assert store.get(name, 10) is None
        assert store.get(name, 10, known_tag='"known"') is None
        assert store.stream(name) is None
        assert store.stream(name, 5) is None
        store.delete(name)
    assert read(store, "folder/inner").data == b"x"


def test_a_known_object_is_not_read_again(store: ObjectStore) -> None:
    tag = store.put("state", b"one", expected=ABSENT)
    assert store.get("state", 10, known_tag=tag) is UNCHANGED
    newer = store.put("state", b"two", expected=tag)
    assert store.get("state", 10, known_tag=tag) == StoredObject(b"two", newer)
    assert store.get("state", 10, known_tag='"no tag"') == StoredObject(b"two", newer)


def test_an_object_that_is_too_long_is_refused(store: ObjectStore) -> None:
    tag = store.put("state", b"12345", expected=ABSENT)
    assert store.get("state", 5) == StoredObject(b"12345", tag)
    for most in (4, 0):
        with pytest.raises(FleetRefused, match=rf"object state .* longer than {most} bytes"):
            store.get("state", most)
    assert read(store, "state").data == b"12345", "the connection is of use after that"


def test_what_is_there_already_is_not_written_again(store: ObjectStore) -> None:
    store.put("state", b"one", expected=ABSENT)
    with pytest.raises(ObjectChanged, match="state"):
        store.put("state", b"two", expected=ABSENT)
    assert read(store, "state").data == b"one"


def test_only_the_expected_version_is_replaced(store: ObjectStore) -> None:
    first = store.put("state", b"one", expected=ABSENT)
    second = store.put("state", b"two", expected=first)
    with pytest.raises(ObjectChanged):
        store.put("state", b"three", expected=first)
    assert read(store, "state") == StoredObject(b"two", second)


def test_what_is_gone_has_no_expected_version(store: ObjectStore) -> None:
    tag = store.put("state", b"one", expected=ABSENT)
    store.delete("state")
    with pytest.raises(ObjectChanged):
        store.put("state", b"two", expected=tag)
    assert store.get("state", 10) is None


@pytest.mark.usefixtures("atomic")
@pytest.mark.parametrize("known", [False, True], ids=["absent", "known"])
def test_one_of_eight_racing_writers_wins(
    opened: Open, kind: str, name: str, *, known: bool
) -> None:
    first = opened(name)
    stores = [first if kind == "seaweedfs" else opened(name) for _ in range(8)]
    expected: str | Expected = ABSENT
    if known:
        expected = stores[0].put("state", b"before", expected=ABSENT)
    together = threading.Barrier(len(stores))

    def write(number: int) -> str | None:
        together.wait()
        try:
            return stores[number].put("state", b"by %d" % number, expected=expected)
        except ObjectChanged:
            return None

    with ThreadPoolExecutor(len(stores)) as pool:
        tags = list(pool.map(write, range(len(stores))))
    [(winner, tag)] = [(number, tag) for number, tag in enumerate(tags) if tag]
    assert read(stores[0], "state") == StoredObject(b"by %d" % winner, tag)


@pytest.mark.usefixtures("atomic")
def test_threads_share_a_store(store: ObjectStore) -> None:
    """Each takes a number; none is lost."""

    def take(_: int) -> None:
        while True:
            found = store.get("counter", 10)
            expected: str | Expected = ABSENT
            before = 0
            if isinstance(found, StoredObject):
                before, expected = int(found.data), found.tag
            try:
                store.put("counter", b"%d" % (before + 1), expected=expected)
            except ObjectChanged:
                continue
            return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, range(12)))
    assert read(store, "counter").data == b"12"


def test_a_broken_download_goes_on_where_it_ended(store: ObjectStore) -> None:
    data = b"".join(b"%6d" % number for number in range(120_000))
    store.put("pack", data, expected=ABSENT)
    pieces = store.stream("pack")
    assert pieces is not None
    first = next(pieces)
    assert 0 < len(first) < len(data)
    del pieces
    rest = list(store.stream("pack", len(first)) or ())
    assert b"".join([first, *rest]) == data
    assert all(rest)


def test_nothing_comes_after_the_end(store: ObjectStore) -> None:
    store.put("pack", b"12345", expected=ABSENT)
    for start, rest in ((4, b"5"), (5, b""), (50, b"")):
        pieces = store.stream("pack", start)
        assert pieces is not None
        assert b"".join(pieces) == rest


def test_names_of_many_pages_are_sorted(store: ObjectStore) -> None:
    names = [f"{part}/{number:03d}" for part in ("a", "a-b", "a.b") for number in range(70)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: store.put(name, b"", expected=ANYTHING), names))
    assert list(store.names()) == sorted(names)
    assert list(store.names("a/")) == [f"a/{number:03d}" for number in range(70)]
    assert list(store.names("a-b/06")) == [f"a-b/06{number}" for number in range(10)]
    assert list(store.names("a/069")) == ["a/069"]
    assert list(store.names("b")) == []
    assert list(store.names("a/069/")) == []


def test_odd_names(store: ObjectStore) -> None:
    for name in ODD_NAMES:
        store.put(name, name.encode(), expected=ABSENT)
    for name in ODD_NAMES:
        assert read(store, name).data == name.encode()
    assert list(store.names()) == sorted(ODD_NAMES)
    assert list(store.names("a%2")) == ["a%20b", "a%2Fb"]
    for name in ODD_NAMES:
        store.delete(name)
    assert list(store.names()) == []


def test_names_that_no_store_has(store: ObjectStore) -> None:
    for bad in NO_NAMES:
        for use in (
            lambda name: store.get(name, 10),
            store.stream,
            lambda name: store.put(name, b"y", expected=ANYTHING),
            store.delete,
        ):
            with pytest.raises(BadInput, match="cannot be the name"):
                use(bad)
    assert store.traffic.requests == 0


def test_beginnings_that_no_name_has(store: ObjectStore) -> None:
    for bad in ("/a", "a//", "../", "a/../", "a b", "~", "x" * 256):
        with pytest.raises(BadInput, match="cannot be the name"):
            store.names(bad)
    assert store.traffic.requests == 0


def test_a_removed_object_is_gone(store: ObjectStore) -> None:
    store.put("a/b", b"x", expected=ABSENT)
    store.delete("a/b")
    store.delete("a/b")
    assert (store.get("a/b", 10), list(store.names())) == (None, [])
    store.put("a/b", b"y", expected=ABSENT)
    assert read(store, "a/b").data == b"y"


def test_stores_of_different_places_do_not_mix(opened: Open, name: str) -> None:
    """One's name is the beginning of the other's."""
    here, there = opened(name), opened(f"{name}-b")
    here.put("x", b"here", expected=ABSENT)
    there.put("x", b"there", expected=ABSENT)
    assert read(here, "x").data == b"here"
    assert list(here.names()) == list(there.names()) == ["x"]


def test_requests_and_bytes_are_counted(store: ObjectStore) -> None:
    tag = store.put("state", b"12345", expected=ABSENT)
    requests, received = store.traffic.requests, store.traffic.bytes
    assert (requests, received) == (1, 0)
    read(store, "state")
    assert (store.traffic.requests, store.traffic.bytes) == (2, 5)
    b"".join(store.stream("state", 3) or ())
    assert (store.traffic.requests, store.traffic.bytes) == (3, 7)
    store.get("state", 10, known_tag=tag)
    assert store.traffic.requests == 4
    store.names()
    assert store.traffic.requests == 5


def test_a_store_may_be_closed_twice(store: ObjectStore) -> None:
    store.put("a", b"x", expected=ABSENT)
    store.close()
    store.close()


def test_a_reader_sees_the_old_or_the_new(opened: Open, name: str) -> None:
    writer, reader = opened(name), opened(name)
    versions = [bytes([number]) * 300_000 for number in range(8)]
    writer.put("state", versions[0], expected=ABSENT)
    done = threading.Event()

    def watch() -> Iterator[bytes]:
        while not done.is_set():
            yield read(reader, "state").data

    with ThreadPoolExecutor(1) as pool:
        seen = pool.submit(lambda: set(watch()))
        for version in versions[1:]:
            writer.put("state", version, expected=ANYTHING)
        done.set()
    assert seen.result() <= set(versions)
