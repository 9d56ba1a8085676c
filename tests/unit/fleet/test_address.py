"""Addresses of stores: which there are, and what is said of those that are none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, LibraryMissing
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.fleet.stores.address import (
    BucketAddress,
    FolderAddress,
    StoreAddress,
    open_store,
    parse_address,
)
from kiosk.fleet.stores.folder import FolderStore


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("folder:/srv/fleet", FolderAddress(Path("/srv/fleet"))),
        ("folder:/srv/a b?c", FolderAddress(Path("/srv/a b?c"))),
        ("s3://fleet", BucketAddress("fleet")),
        ("s3://fleet/", BucketAddress("fleet")),
        ("s3://fleet/site/one/", BucketAddress("fleet", "site/one")),
        (
            "s3://fleet/one?endpoint=https://store.example:9000",
            BucketAddress("fleet", "one", "https://store.example:9000"),
        ),
        (
            "s3://fleet?endpoint=http%3A%2F%2F%5B%3A%3A1%5D%3A80/",
            BucketAddress("fleet", "", "http://[::1]:80"),
        ),
    ],
)
def test_addresses(text: str, address: StoreAddress) -> None:
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


def test_a_folder_is_found_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/srv/fleet")
    assert parse_address("folder:~/store") == FolderAddress(Path("/srv/fleet/store"))
    assert parse_address("folder:store") == FolderAddress(Path.cwd() / "store")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "neither"),
        ("/srv/fleet", "neither"),
        ("Folder:/srv", "neither"),
        ("http://host/", "neither"),
        ("folder:", "no folder"),
        ("folder:  ", "no folder"),
        ("folder:a\0b", "no folder"),
        ("folder:~nobody-of-that-name/x", "does not exist"),
        ("s3://", "bucket"),
        ("s3:///x", "bucket"),
        ("s3://Fleet", "bucket"),
        ("s3://ab", "bucket"),
        ("s3://a..b", "bucket"),
        ("s3://key:word@fleet/x", "bucket"),
        ("s3://fleet//x", "prefix"),
        ("s3://fleet/../x", "prefix"),
        ("s3://fleet/a b", "prefix"),
        ("s3://fleet/x#y", "prefix"),
        ("s3://fleet?", "another thing"),
        ("s3://fleet?endpoint", "URL"),
        ("s3://fleet?endpoint=", "URL"),
        ("s3://fleet?endpoint=host", "URL"),
        ("s3://fleet?endpoint=ftp://host", "URL"),
        ("s3://fleet?endpoint=https://", "URL"),
        ("s3://fleet?endpoint=https://host:none", "URL"),
        ("s3://fleet?endpoint=https://host:70000", "URL"),
        ("s3://fleet?endpoint=https://host:0", "URL"),
        ("s3://fleet?endpoint=https://[::1", "URL"),
        ("s3://fleet?endpoint=https://me:word@host", "user or a password"),
        ("s3://fleet?endpoint=https://host/path", "more than a scheme"),
        ("s3://fleet?endpoint=https://host?x=1", "more than a scheme"),
        ("s3://fleet?endpoint=https://host%23x", "more than a scheme"),
        ("s3://fleet?endpoint=https://ho%20st", "more than a scheme"),
        ("s3://fleet?endpoint=https://h%C3%B6st", "more than a scheme"),
        ("s3://fleet?region=here", "another thing"),
        ("s3://fleet?endpoint=https://a&endpoint=https://b", "another thing"),
    ],
)
def test_what_is_no_address(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as caught:
        parse_address(text)
    assert "Write folder:PATH, or s3://" in caught.value.remedy
    assert "word" not in str(caught.value).replace("password", "")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("folder:/srv", False),
        ("s3://fleet", False),
        ("s3://fleet?endpoint=https://host", False),
        ("s3://fleet?endpoint=http://127.0.0.1:80", False),
        ("s3://fleet?endpoint=http://[::1]:80", False),
        ("s3://fleet?endpoint=http://host", True),
    ],
)
def test_which_requests_cross_a_network_unencrypted(text: str, *, plain: bool) -> None:
    assert parse_address(text).plain is plain


def test_a_folder_is_opened_without_looking(tmp_path: Path) -> None:
    store = open_store(f"folder:{tmp_path / 'none'}")
    assert isinstance(store, FolderStore)
    assert store.path == tmp_path / "none"


def test_a_bucket_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "kiosk.fleet.stores.s3", raising=False)
    monkeypatch.delitem(sys.modules, "kiosk.fleet.stores.s3_client", raising=False)
    monkeypatch.delitem(sys.modules, "kiosk.aws.access", raising=False)
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(LibraryMissing, match="needs boto3, which is not installed") as raised:
        open_store("s3://fleet")
    assert isinstance(raised.value.remedy, Remedy)
    assert raised.value.remedy.step is NextStep.INSTALL_EXTRA


def test_a_bucket_is_opened_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "word")
    store = open_store("s3://fleet/one?endpoint=https://store.example")
    assert store.traffic.requests == 0
    store.close()
