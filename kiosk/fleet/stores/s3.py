"""The object store in a bucket behind the S3 API."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.stores.port import (
    ABSENT,
    ANYTHING,
    UNCHANGED,
    Expected,
    StoredObject,
    Traffic,
    Unchanged,
    changed,
    is_valid,
    too_long,
    valid_name,
    valid_prefix,
)
from kiosk.fleet.stores.s3_client import (
    ClientError,
    S3Body,
    connect,
    is_conflict,
    is_missing,
    no_sense,
    status_of,
    translated,
    was_repeated,
)

CONNECT_SECONDS = 2.0
READ_SECONDS = 10.0
PAGE_NAMES = 1000
PIECE_BYTES = 256 * 1024


class S3Store:
    """An `ObjectStore` in a bucket, with at most two attempts for each request.

    Args:
        bucket: its name.
        prefix: beginning of every key, without a slash at its end; may be empty.
        endpoint: the server's URL; None is the cloud of the environment's region.
        keys: access key and secret key; None leaves them to botocore's own chain.
        connect_seconds: how long to wait for a connection.
        read_seconds: how long to wait for each part of an answer.
        page_names: how many names to ask for at once.

    Raises:
        BadInput: the environment or botocore's files are wrong.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        endpoint: str | None = None,
        *,
        keys: tuple[str, str] | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        page_names: int = PAGE_NAMES,
    ) -> None:
        self.traffic = Traffic()
        self._bucket = bucket
        self._above = f"{valid_name(prefix)}/" if prefix else ""
        self._shown = _shown(bucket, prefix, endpoint)
        self._page_names = page_names
        with translated(self._shown):
            self._client = connect(endpoint, keys, (connect_seconds, read_seconds))
        events = self._client.meta.events
        events.register("before-send.s3", self._sent)
        events.register("response-received.s3", self._received)

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        """Read a whole object; see `ObjectStore.get`."""
        known = {} if known_tag is None else {"IfNoneMatch": known_tag}
        with translated(self._shown):
            answer = self._fetch(name, known)
            if answer is None:
                return None
            if isinstance(answer, Unchanged):
                return answer
            with closing(cast("S3Body", answer["Body"])) as body:
                tag = _tag(answer)
                if tag == known_tag:
                    return UNCHANGED
                if answer["ContentLength"] > most_bytes:
                    raise too_long(name, most_bytes)
                return StoredObject(self._whole(name, body, most_bytes), tag)

    def stream(self, name: str, start: int = 0) -> Iterator[bytes] | None:
        """Read an object in pieces; see `ObjectStore.stream`."""
        with translated(self._shown):
            try:
                answer = self._fetch(name, {"Range": f"bytes={start}-"} if start else {})
            except ClientError as error:
                if status_of(error) == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # it ends before
                    return iter(())
                raise
            if answer is None or isinstance(answer, Unchanged):
                return None
            if start and not answer.get("ContentRange", "").startswith(f"bytes {start}-"):
                answer["Body"].close()
                raise no_sense()
        pieces = self._pieces(answer["Body"])
        next(pieces)
        return pieces

    def put(self, name: str, data: bytes, *, expected: str | Expected) -> str:
        """Write a whole object; see `ObjectStore.put`."""
        condition = _condition(expected)
        with translated(self._shown):
            try:
                answer = self._client.put_object(**self._key(name), Body=data, **condition)
            except ClientError as error:
                without = "IfMatch" in condition and is_missing(error)
                if not without and not (condition and is_conflict(error)):
                    raise
                if was_repeated(error):
                    return self._own(name, data)
                raise changed(name) from None
            return _tag(answer)

    def names(self, prefix: str = "") -> Iterator[str]:
        """The names that begin so; see `ObjectStore.names`. Some servers list folder by folder."""
        begin = self._above + valid_prefix(prefix)
        found: set[str] = set()
        with translated(self._shown):
            for key in self._keys(begin):
                name = key.removeprefix(self._above)
                if key.startswith(begin) and is_valid(name):
                    found.add(name)
        return iter(sorted(found))

    def delete(self, name: str) -> None:
        """Remove an object; see `ObjectStore.delete`."""
        with translated(self._shown):
            try:
                self._client.delete_object(**self._key(name))
            except ClientError as error:
                if not is_missing(error):
                    raise

    def close(self) -> None:
        """Let its connections go; may be called twice."""
        self._client.close()

    # -- requests --------------------------------------------------------------------------------

    def _key(self, name: str) -> dict[str, object]:
        return {"Bucket": self._bucket, "Key": self._above + valid_name(name)}

    def _fetch(self, name: str, details: dict[str, str]) -> dict[str, Any] | Unchanged | None:
        """An answer with a body to close; UNCHANGED; or None for an object that is not there."""
        try:
            answer = self._client.get_object(**self._key(name), **details)
        except ClientError as error:
            if status_of(error) == HTTPStatus.NOT_MODIFIED and "IfNoneMatch" in details:
                return UNCHANGED
            if is_missing(error):
                return None
            raise
        if "ContentLength" not in answer:  # a broken connection would look like the end
            answer["Body"].close()
            raise no_sense()
        return answer

    def _own(self, name: str, data: bytes) -> str:
        """The tag of what an attempt before this one has written, although its answer was lost."""
        try:
            found = self.get(name, len(data))
        except FleetRefused:
            found = None
        if isinstance(found, StoredObject) and found.data == data:
            return found.tag
        raise changed(name) from None

    def _keys(self, begin: str) -> Iterator[str]:
        seen: set[str] = set()
        details: dict[str, object] = {"Bucket": self._bucket, "Prefix": begin}
        details["MaxKeys"] = self._page_names
        while True:
            page = self._client.list_objects_v2(**details)
            yield from (each["Key"] for each in page.get("Contents", ()))
            if not page.get("IsTruncated"):
                return
            token = page.get("NextContinuationToken")
            if not token or token in seen:  # it would go on for ever
                raise no_sense()
            seen.add(token)
            details["ContinuationToken"] = token

    def _whole(self, name: str, body: S3Body, most_bytes: int) -> bytes:
        data = bytearray()
        while piece := body.read(min(PIECE_BYTES, most_bytes + 1 - len(data))):
            self.traffic.count(received=len(piece))
            data += piece
            if len(data) > most_bytes:
                raise too_long(name, most_bytes)
        return bytes(data)

    def _pieces(self, body: S3Body) -> Generator[bytes]:
        """The pieces of a body; the first is empty, and begins what closes the body."""
        with translated(self._shown), closing(body):
            yield b""
            while piece := body.read(PIECE_BYTES):
                self.traffic.count(received=len(piece))
                yield piece

    def _sent(self, **_: object) -> None:
        self.traffic.count(requests=1)

    def _received(self, response_dict: dict[str, Any] | None = None, **_: object) -> None:
        body = (response_dict or {}).get("body")
        if isinstance(body, bytes):  # of a list or an error; an object's is counted as it comes
            self.traffic.count(received=len(body))


def _shown(bucket: str, prefix: str, endpoint: str | None) -> str:
    """The store as errors name it: no user and no password of a URL."""
    where = f"s3://{bucket}/{prefix}".rstrip("/")
    return where if endpoint is None else f"{where} at {urlsplit(endpoint).netloc.split('@')[-1]}"


def _condition(expected: str | Expected) -> dict[str, object]:
    if expected is ABSENT:
        return {"IfNoneMatch": "*"}
    return {} if expected is ANYTHING else {"IfMatch": expected}


def _tag(answer: dict[str, Any]) -> str:
    if not answer.get("ETag"):
        raise no_sense()
    return str(answer["ETag"])
