"""The address of a fleet's store: `folder:PATH`, or `s3://bucket/prefix?endpoint=URL`.

An address holds no user and no password. The library of a kind of store is imported when a store of
that kind is opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from kiosk.domain.errors import BadInput, LibraryMissing
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.stores.port import ObjectStore, is_valid

_FOLDER = "folder:"
_BUCKET = "s3://"
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class FolderAddress:
    """The address of a store in a folder.

    Attributes:
        path: the folder; absolute.
    """

    path: Path

    def __str__(self) -> str:
        return f"{_FOLDER}{self.path}"

    @property
    def plain(self) -> bool:
        """True if requests cross a network unencrypted; a share's settings are not ours."""
        return False


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """The address of a store behind the S3 API.

    Attributes:
        bucket: its name.
        prefix: beginning of every key, without a slash at its end; may be empty.
        endpoint: the server's URL; None is the cloud of the environment's region.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None

    def __str__(self) -> str:
        where = f"{_BUCKET}{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")
        return where if self.endpoint is None else f"{where}?endpoint={quote(self.endpoint, ':/')}"

    @property
    def plain(self) -> bool:
        """True if requests cross a network unencrypted."""
        if self.endpoint is None:
            return False
        parts = urlsplit(self.endpoint)
        return parts.scheme == "http" and parts.hostname not in _LOOPBACK


StoreAddress = FolderAddress | BucketAddress


def parse_address(text: str) -> StoreAddress:
    """Read an address; a folder's path may begin with `~`, or at the current folder.

    Raises:
        BadInput: it is no address of a store, or holds a user or a password.
    """
    if text.startswith(_FOLDER):
        return FolderAddress(_folder(text.removeprefix(_FOLDER)))
    if text.startswith(_BUCKET):
        try:
            return _bucket(text.removeprefix(_BUCKET))
        except ValueError as error:  # an address of the network that is none
            raise _wrong("its endpoint is no URL") from error
    raise _wrong("it begins neither with folder: nor with s3://")


def open_store(text: str) -> ObjectStore:
    """Open the store at an address; nothing is read from it yet.

    Raises:
        BadInput: it is no address of a store.
        LibraryMissing: the library of such stores is not installed.
    """
    match parse_address(text):
        case FolderAddress(path):
            return FolderStore(path)
        case BucketAddress(bucket, prefix, endpoint):
            try:
                from kiosk.fleet.stores.s3 import S3Store  # noqa: PLC0415 - only who has a bucket
            except ModuleNotFoundError as error:
                raise LibraryMissing(
                    "A fleet's store in a bucket", "boto3", "s3", for_door=False
                ) from error
            return S3Store(bucket, prefix, endpoint)


def _folder(path: str) -> Path:
    if not path.strip() or "\0" in path:
        raise _wrong("it names no folder")
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError as error:
        raise _wrong("its folder is that of a user who does not exist") from error


def _bucket(rest: str) -> BucketAddress:
    where, asked, query = rest.partition("?")
    bucket, _, prefix = where.partition("/")
    prefix = prefix.removesuffix("/")
    if not _BUCKET_NAME.fullmatch(bucket) or ".." in bucket:
        raise _wrong("a bucket's name has 3 to 63 small letters, digits, dots and hyphens")
    if prefix and not is_valid(prefix):
        raise _wrong("its prefix is no name of an object")
    return BucketAddress(bucket, prefix, _endpoint(query) if asked else None)


def _endpoint(query: str) -> str:
    match parse_qsl(query, keep_blank_values=True, strict_parsing=True):
        case [("endpoint", url)]:
            pass
        case _:
            raise _wrong("after the question mark it has more than an endpoint, or another thing")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise _wrong("its endpoint is no URL")
    if "@" in parts.netloc:
        raise _wrong("its endpoint holds a user or a password")
    if parts.path not in {"", "/"} or parts.query or parts.fragment or not _printable(url):
        raise _wrong("its endpoint is more than a scheme, a host and a port")
    return f"{parts.scheme}://{parts.netloc}"


def _printable(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _wrong(why: str) -> BadInput:
    """The error of an address; it does not repeat one that may hold a password."""
    return BadInput(
        f"The address of the fleet's store cannot be used: {why}.",
        "Write folder:PATH, or s3://BUCKET/PREFIX?endpoint=https://HOST:PORT.",
    )
