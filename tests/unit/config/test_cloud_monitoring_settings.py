"""Where metrics are read, and what a search is sent with: refused by the setting's name."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.sections.cloud import CloudSettings


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("[::1]:9464", ("::1", 9464)),
        ("10.1.2.3:80", ("10.1.2.3", 80)),
        ("door-7.example.org:65535", ("door-7.example.org", 65535)),
    ],
)
def test_metrics_are_read_at_one_address(text: str, address: tuple[str, int]) -> None:
    assert CloudSettings(metrics=text).metrics_address == address
    assert CloudSettings().metrics_address is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":9464",
        "9464",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.1:9464",
        "0.0.0.0:9464",
        "[::]:9464",
        "::1:9464",
        "127.0.0.1:9464/metrics",
        "http://127.0.0.1:9464",
        "anna@127.0.0.1:9464",
        "127.0.0.1:9464 ",
        "host name:9464",
    ],
)
def test_what_is_no_one_address_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="metrics"):
        CloudSettings(metrics=text)


@pytest.mark.parametrize("threshold", [90.0, 99.9])
def test_a_search_is_sent_with_90_to_99_9(threshold: float) -> None:
    """R16."""
    assert CloudSettings(threshold=threshold).threshold == threshold


@pytest.mark.parametrize("threshold", [89.9, 99.91])
def test_a_search_is_sent_with_no_other(threshold: float) -> None:
    """R16."""
    with pytest.raises(ValidationError, match="threshold"):
        CloudSettings(threshold=threshold)
