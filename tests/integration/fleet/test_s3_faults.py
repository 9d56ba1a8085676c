"""A bucket whose server refuses, fails, lies, or is not there; and whom it is never asked for."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import certificates
import pytest
from moto_peer import BUCKET
from seaweedfs_server import ADMIN, READER, SeaweedServer, free_ports

from kiosk.domain.errors import (
    BadInput,
    FleetRefused,
    FleetStoreUnreachable,
    LintelError,
    ObjectChanged,
)
from kiosk.fleet.stores.port import ABSENT, ANYTHING, UNCHANGED, ObjectStore, StoredObject
from kiosk.fleet.stores.s3 import S3Store

KEYS = ("ACCESSKEY", "the-secret-key")
PATIENCE = 60.0
TAG = '"tag-1"'

Use = Callable[[ObjectStore], object]

USES: dict[str, Use] = {
    "get": lambda store: store.get("a", 10),
    "stream": lambda store: store.stream("a"),
    "put": lambda store: store.put("a", b"new", expected=ANYTHING),
    "put if absent": lambda store: store.put("a", b"new", expected=ABSENT),
    "put if known": lambda store: store.put("a", b"new", expected=TAG),
    "names": lambda store: store.names(),
    "delete": lambda store: store.delete("a"),
}


class Scripted(ThreadingHTTPServer):
    """A server that answers as it is told; the last answer for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.heard: list[str] = []
        self.over = threading.Event()
        self._turn = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_answer(self, heard: str) -> Answer:
        with self._turn:
            self.heard.append(heard)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up; that is all right."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _any(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        peer = cast("Scripted", self.server)
        peer.next_answer(f"{self.command} {self.path}")(self)

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST = _any  # noqa: N815 - as http.server has it


Answer = Callable[[_Handler], None]


def says(status: int, body: bytes = b"", *more: str, length: int | None = None) -> Answer:
    """An answer with an ETag and further header lines; its length may be another one."""
    lines = [f"HTTP/1.1 {status} As told", f"ETag: {TAG}", *more]
    if length != -1:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    whole = "\r\n".join([*lines, "", ""]).encode() + body

    def answer(handler: _Handler) -> None:
        handler.wfile.write(whole)
        if length is not None:
            handler.close_connection = True

    return answer


def error(status: int, code: str) -> Answer:
    """An error as S3 words it, which quotes the request."""
    text = f"<Error><Code>{code}</Code><Message>{KEYS[1]} is wrong</Message></Error>"
    return says(status, text.encode())


def resets(begin: bytes = b"") -> Answer:
    """A connection that breaks, after some bytes."""

    def answer(handler: _Handler) -> None:
        handler.wfile.write(begin)
        handler.wfile.flush()
        if not begin:
            now = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        handler.close_connection = True

    return answer


def waits(handler: _Handler) -> None:
    """An answer that does not come while the test runs."""
    cast("Scripted", handler.server).over.wait(PATIENCE)
    handler.close_connection = True


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of this machine, and no pause before the second attempt."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        thread = threading.Thread(target=scripted.serve_forever, args=(0.02,))
        thread.start()
        yield scripted
        scripted.over.set()
        scripted.shutdown()
        thread.join()


def opened(url: str, keys: tuple[str, str] | None = KEYS, seconds: float = PATIENCE) -> S3Store:
    return S3Store(
        BUCKET, "site", url, keys=keys, connect_seconds=PATIENCE, read_seconds=seconds, page_names=2
    )


@pytest.fixture
def store(server: Scripted) -> Iterator[S3Store]:
    made = opened(server.url)
    yield made
    made.close()


def fails(use: Use, store: ObjectStore, kind: type[LintelError], why: str) -> None:
    """It ends in that error, which says what to do and gives nothing away."""
    with pytest.raises(kind, match=why) as caught:
        use(store)
    assert type(caught.value) is kind
    assert caught.value.remedy
    assert KEYS[1] not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


# -- what a server answers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "why", "requests"),
    [
        (error(403, "AccessDenied"), FleetRefused, "refuses a request: 403 AccessDenied", 1),
        (error(401, "<b>"), FleetRefused, "refuses a request: 401", 1),
        (error(400, "InvalidArgument"), FleetRefused, "400 InvalidArgument", 1),
        (error(404, "NoSuchBucket"), FleetStoreUnreachable, "no such bucket", 1),
        (error(429, "SlowDown"), FleetStoreUnreachable, "it answers 429 SlowDown", 2),
        (error(503, "SlowDown"), FleetStoreUnreachable, "it answers 503 SlowDown", 2),
        (says(500), FleetStoreUnreachable, "it answers 500", 2),
        (says(503, b"no XML"), FleetStoreUnreachable, "503", 2),
        (resets(), FleetStoreUnreachable, "no connection", 2),
        (resets(b"no HTTP at all\r\n\r\n"), FleetStoreUnreachable, "no connection", 2),
    ],
)
def test_errors(
    server: Scripted,
    store: S3Store,
    answer: Answer,
    kind: type[LintelError],
    why: str,
    requests: int,
) -> None:
    server.answers = [answer]
    for number, use in enumerate(USES.values(), 1):
        fails(use, store, kind, why)
        assert store.traffic.requests == len(server.heard) == number * requests


def test_a_passing_error_is_survived_once(server: Scripted, store: S3Store) -> None:
    server.answers = [says(503), says(200, b"data")]
    assert store.get("a", 10) == StoredObject(b"data", TAG)
    assert store.traffic.requests == 2


def test_what_is_not_there(server: Scripted, store: S3Store) -> None:
    for answer in (error(404, "NoSuchKey"), says(404)):
        server.answers = [answer]
        assert store.get("a", 10) is None
        assert store.stream("a") is None
        store.delete("a")
        fails(USES["put if known"], store, ObjectChanged, "site|a in the fleet's store")
        fails(USES["put if absent"], store, FleetRefused, "404")


def test_what_changed_meanwhile(server: Scripted, store: S3Store) -> None:
    for answer in (
        error(412, "PreconditionFailed"),
        error(409, "ConditionalRequestConflict"),
        says(412),
    ):
        server.answers = [answer]
        fails(USES["put if absent"], store, ObjectChanged, "meanwhile")
        fails(USES["put if known"], store, ObjectChanged, "meanwhile")


def test_what_did_not_change(server: Scripted, store: S3Store) -> None:
    server.answers = [says(304)]
    assert store.get("a", 10, known_tag=TAG) is UNCHANGED
    fails(USES["get"], store, FleetRefused, "304")
    server.answers = [says(200, b"data")]  # of a server that knows no conditions
    assert store.get("a", 10, known_tag=TAG) is UNCHANGED


def test_a_server_that_does_not_answer(server: Scripted) -> None:
    server.answers = [waits]
    store = opened(server.url, seconds=0.05)
    for use in USES.values():
        fails(use, store, FleetStoreUnreachable, "no answer in time")
    assert store.traffic.requests == 2 * len(USES)
    store.close()


def test_nobody_is_there() -> None:
    store = opened(f"http://127.0.0.1:{free_ports(1)[0]}")
    for use in USES.values():
        fails(use, store, FleetStoreUnreachable, "no connection")


# -- answers that are wrong ----------------------------------------------------------------------


def whole(store: ObjectStore) -> bytes:
    return b"".join(store.stream("a") or ())


@pytest.mark.parametrize("use", [lambda store: store.get("a", 100), whole], ids=["get", "stream"])
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (says(200, b"1234", length=10), "another length"),
        (says(200, b"", length=10), "another length"),
        (says(200, b"4\r\n1234\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=2), "length"),
        (says(200, b"4\r\n1234\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=9), "length"),
        (says(200, b"4\r\n12", "Transfer-Encoding: chunked", length=4), "broke"),
        (says(200, b"1234", length=-1), "no sense"),
    ],
)
def test_a_body_of_the_wrong_length(
    server: Scripted, store: S3Store, use: Use, answer: Answer, why: str
) -> None:
    server.answers = [answer]
    fails(use, store, FleetStoreUnreachable, why)


def test_no_more_is_read_than_asked_for(server: Scripted, store: S3Store) -> None:
    """Whatever length was announced."""
    server.answers = [says(200, b"8\r\n12345678\r\n", "Transfer-Encoding: chunked", length=2)]
    fails(lambda used: used.get("a", 3), store, FleetRefused, "longer than 3 bytes")
    assert store.traffic.bytes == 4
    server.answers = [says(200, b"", length=1 << 40)]
    fails(lambda used: used.get("a", 3), store, FleetRefused, "longer than 3 bytes")


def test_bytes_after_the_announced_end_are_no_part_of_anything(
    server: Scripted, store: S3Store
) -> None:
    """HTTP has no way to say that they are wrong; no object gets them."""

    def more(handler: _Handler) -> None:
        says(200, b"1234more", length=4)(handler)
        handler.close_connection = False

    server.answers = [more, more, says(200, b"5678")]
    assert store.get("a", 10) == StoredObject(b"1234", TAG)
    assert b"".join(store.stream("a") or ()) == b"1234"
    assert store.get("a", 10) == StoredObject(b"5678", TAG)


def download(store: ObjectStore, into: bytearray) -> None:
    for piece in store.stream("a") or ():
        into.extend(piece)


def test_a_download_that_breaks_goes_on(server: Scripted, store: S3Store) -> None:
    data = bytes(range(256)) * 2048
    rest = says(206, data[300_000:], f"Content-Range: bytes 300000-{len(data) - 1}/{len(data)}")
    server.answers = [says(200, data[:300_000], length=len(data)), rest]
    got = bytearray()
    with pytest.raises(FleetStoreUnreachable, match="another length"):
        download(store, got)
    assert bytes(got) == data[:300_000]
    assert got + b"".join(store.stream("a", len(got)) or ()) == data


def test_a_download_that_stands_still_ends(server: Scripted) -> None:
    def begins(handler: _Handler) -> None:
        says(200, b"1234", length=10)(handler)
        handler.wfile.flush()
        waits(handler)

    server.answers = [begins]
    store = opened(server.url, seconds=0.1)
    for use in (USES["get"], whole):
        fails(use, store, FleetStoreUnreachable, "no answer in time")
    store.close()


@pytest.mark.parametrize(
    "answer",
    [says(200, b"12345678"), says(206, b"12345678", "Content-Range: bytes 0-7/8")],
    ids=["all of it", "another part"],
)
def test_another_part_than_asked_for(server: Scripted, store: S3Store, answer: Answer) -> None:
    server.answers = [answer]
    fails(lambda used: used.stream("a", 4), store, FleetStoreUnreachable, "no sense")


def test_an_object_without_a_tag(server: Scripted, store: S3Store) -> None:
    def bare(handler: _Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    server.answers = [bare]
    for name in ("get", "put"):
        fails(USES[name], store, FleetStoreUnreachable, "no sense")


def listing(names: list[str], token: str = "") -> Answer:
    keys = "".join(f"<Contents><Key>{name}</Key></Contents>" for name in names)
    more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    text = f"<ListBucketResult><IsTruncated>true</IsTruncated>{keys}{more}</ListBucketResult>"
    return says(200, text.encode())


def test_lists_that_are_wrong(server: Scripted, store: S3Store) -> None:
    page = listing(["site/a", "site/b"], "again")
    for answers in (
        [says(200, b"<html>Log in</html")],
        [says(200, b"<ListBucketResult><Contents>")],
        [page],  # for ever
        [listing(["site/a"])],  # there is more, and no way to it
    ):
        server.answers = list(answers)
        fails(USES["names"], store, FleetStoreUnreachable, "no sense|it answers 500")


def test_names_of_others_are_left_out(server: Scripted, store: S3Store) -> None:
    last = b"<ListBucketResult><Contents><Key>site/a</Key></Contents></ListBucketResult>"
    server.answers = [listing(["site/z", "site/", "sit", "site/../x"], "2"), says(200, last)]
    assert list(store.names()) == ["a", "z"]


# -- a conditional write whose answer is lost ----------------------------------------------------


@pytest.mark.parametrize("lost", [says(503), resets()], ids=["error", "reset"])
@pytest.mark.parametrize(
    ("there", "ours"), [(b"new", True), (b"old", False), (b"newer", False)], ids=str
)
def test_a_repeated_write_knows_its_own_work(
    server: Scripted, store: S3Store, lost: Answer, there: bytes, *, ours: bool
) -> None:
    """The first attempt may have written, and the second one then meets its object."""
    server.answers = [lost, error(412, "PreconditionFailed"), says(200, there)]
    if ours:
        assert store.put("a", b"new", expected=ABSENT) == TAG
    else:
        fails(USES["put if absent"], store, ObjectChanged, "meanwhile")


# -- whom it asks --------------------------------------------------------------------------------


@pytest.fixture
def other(server: Scripted) -> Iterator[Scripted]:
    """An address that the settings do not name."""
    del server
    with Scripted() as scripted:
        scripted.answers = [says(404)]
        thread = threading.Thread(target=scripted.serve_forever, args=(0.02,))
        thread.start()
        yield scripted
        scripted.shutdown()
        thread.join()


def test_proxies_and_endpoints_of_the_environment_are_left_out(
    server: Scripted, other: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
    ):
        monkeypatch.setenv(name, other.url)
    monkeypatch.setenv("AWS_DEFAULTS_MODE", "auto")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", other.url)
    server.answers = [says(200, b"data")]
    store = opened(server.url)
    assert store.get("a", 10) == StoredObject(b"data", TAG)
    assert other.heard == []
    store.close()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_is_sent_elsewhere(
    server: Scripted, other: Scripted, store: S3Store, status: int
) -> None:
    there = f"<Endpoint>127.0.0.1:{other.server_port}</Endpoint>"
    text = f"<Error><Code>PermanentRedirect</Code>{there}</Error>"
    headers = (f"Location: {other.url}/", "x-amz-bucket-region: eu-west-1")
    server.answers = [says(status, text.encode(), *headers)]
    for use in USES.values():
        fails(use, store, FleetRefused, str(status))
    assert other.heard == []


def test_without_credentials_nobody_is_asked(
    server: Scripted, other: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", other.url)
    server.answers = [says(200)]
    store = opened(server.url, keys=None)
    for use in USES.values():
        fails(use, store, BadInput, "no credentials")
    assert server.heard == other.heard == []


def test_the_metadata_service_is_asked_where_the_environment_says_so(
    server: Scripted, other: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", other.url)
    server.answers = [says(200)]
    fails(USES["get"], opened(server.url, keys=None), BadInput, "no credentials")
    assert other.heard != []


def test_credentials_of_the_tools_are_used(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "credentials"
    kept.write_text("[site]\naws_access_key_id = A\naws_secret_access_key = B\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(kept))
    monkeypatch.setenv("AWS_PROFILE", "site")
    server.answers = [says(200, b"data")]
    store = opened(server.url, keys=None)
    assert store.get("a", 10) == StoredObject(b"data", TAG)
    store.close()
    monkeypatch.setenv("AWS_PROFILE", "none")
    with pytest.raises(BadInput, match="no credentials"):
        opened(server.url, keys=None)


# -- encrypted -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["good", *certificates.BAD])
def test_a_certificate_has_to_be_trusted(
    server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = tmp_path / "tls"
    shown = certificates.good(folder) if kind == "good" else certificates.bad(folder, kind)
    server.socket = shown.context().wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(shown.ca_file))
    server.answers = [says(200, b"data")]
    store = opened(server.url.replace("http", "https"))
    if kind == "good":
        assert store.get("a", 10) == StoredObject(b"data", TAG)
    else:
        fails(USES["get"], store, FleetStoreUnreachable, "certificate is not trusted")
        assert server.heard == []
    store.close()


# -- a real server's refusals --------------------------------------------------------------------


@pytest.fixture(scope="module")
def seaweed() -> Iterator[SeaweedServer]:
    server = SeaweedServer()
    store = opened(server.endpoint, ADMIN)
    store.put("a", b"old", expected=ANYTHING)
    store.close()
    yield server
    server.close()


@pytest.mark.parametrize(
    "keys", [(ADMIN[0], KEYS[1]), (READER[0], ADMIN[1]), KEYS], ids=["wrong", "mixed", "unknown"]
)
def test_a_wrong_signature_is_refused(seaweed: SeaweedServer, keys: tuple[str, str]) -> None:
    store = opened(seaweed.endpoint, keys)
    for use in USES.values():
        fails(use, store, FleetRefused, "refuses a request: 403")
    store.close()


def test_a_reader_may_only_read(seaweed: SeaweedServer) -> None:
    store = opened(seaweed.endpoint, READER)
    assert isinstance(store.get("a", 10), StoredObject)
    assert whole(store) == b"old"
    assert list(store.names()) == ["a"]
    for name in ("put", "put if absent", "put if known", "delete"):
        fails(USES[name], store, FleetRefused, "refuses a request: 403 AccessDenied")
    assert whole(store) == b"old"
    store.close()


def test_a_missing_bucket_is_no_empty_store(seaweed: SeaweedServer) -> None:
    store = S3Store("none", "", seaweed.endpoint, keys=ADMIN)
    for name in ("get", "stream", "names"):
        fails(USES[name], store, FleetStoreUnreachable, "no such bucket")
    store.close()
