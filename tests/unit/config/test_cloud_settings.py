"""The section of the cloud: what would send faces to a wrong place, or never, is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from config.sections.cloud import CloudSettings
from config.sections.service_url import is_loopback
from config.settings import load
from kiosk.domain.errors import SettingsError

REGION = {"region": "eu-west-1"}


def refused(**values: object) -> str:
    """Why; empty where it is allowed."""
    try:
        CloudSettings.model_validate(values)
    except ValidationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("quota", [0, 0.0, -1])
def test_a_quota_of_nothing_is_refused_with_its_name(quota: float) -> None:
    why = refused(tps={"IndexFaces": quota})
    assert "would never send it" in why
    assert "IndexFaces" in why
    assert "remove the line" in why


def test_a_quota_is_for_an_operation_that_is_used() -> None:
    assert "SearchFaces is no operation" in refused(tps={"SearchFaces": 5})
    assert refused(tps={"SearchUsersByImage": 0.5, "IndexFaces": 50}) == ""


@pytest.mark.parametrize("quota", ["many", float("nan"), float("inf"), 20_000])
def test_a_quota_is_a_number(quota: object) -> None:
    assert refused(tps={"IndexFaces": quota}) != ""


@pytest.mark.parametrize("name", ["endpoint", "queue", "proxy"])
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://host", "https://"),
        ("host", "https://"),
        ("https://", "https://"),
        ("https://host:0", "https://"),
        ("https://host:70000", "https://"),
        ("https://[::1", "https://"),
        ("https://h\u00f6st", "https://"),
        ("https://ho st", "https://"),
        ("https://127.1", "https://"),
        ("https://2130706433", "https://"),
        ("https://0x7f.0.0.1", "https://"),
        ("https://0x7f000001", "https://"),
        ("https://me:word@host", "more than"),
        ("https://host?x=1", "more than"),
        ("https://host#x", "more than"),
    ],
)
def test_what_is_no_url(name: str, url: str, why: str) -> None:
    values = {name: url} if name != "queue" else {"queue": url, "dead_letters": "https://h/q"}
    said = refused(**values)
    assert name in said
    assert why in said
    assert "word" not in said


@pytest.mark.parametrize("host", ["aws.example", "10.0.0.1", "127.0.0.1.example", "localhosts"])
def test_nothing_leaves_this_machine_unencrypted(host: str) -> None:
    assert "use https://" in refused(endpoint=f"http://{host}:80")
    assert refused(endpoint=f"https://{host}:80") == ""
    assert refused(proxy=f"http://{host}:3128") == ""


LOOPBACK = [
    "http://127.0.0.1:1",
    "https://127.0.0.1:1",
    "http://127.9.9.9",
    "http://localhost:1",
    "http://LOCALHOST.:1",
    "http://peer.localhost",
    "http://[::1]:1",
    "http://[::ffff:127.0.0.1]:1",
    "http://0.0.0.0:1",
    "http://[::]:1",
]


@pytest.mark.parametrize("url", LOOPBACK)
def test_what_is_this_machine(url: str) -> None:
    assert is_loopback(url)
    assert refused(endpoint=url) == ""
    assert CloudSettings.model_validate({"endpoint": url}).asks_a_peer


@pytest.mark.parametrize("url", LOOPBACK)
def test_a_peer_never_opens_a_real_door(tmp_path: Path, url: str) -> None:
    page = (
        '[door]\nfail_mode = "secure"\nlock = "strike"\ndriver = "gpio"\n[door.gpio]\nline = 17\n'
    )
    page += f'[cloud]\nendpoint = "{url}"\n'
    (tmp_path / "config.toml").write_text(page, encoding="utf-8")
    with pytest.raises(SettingsError, match="real door"):
        load(tmp_path)
    page = page.replace('driver = "gpio"', 'driver = "simulated"')
    (tmp_path / "config.toml").write_text(page, encoding="utf-8")
    assert load(tmp_path).cloud.asks_a_peer


def test_a_face_does_not_leave_the_regions_that_are_allowed() -> None:
    assert "faces may not go there" in refused(region="us-east-1", allowed_regions=["eu-west-1"])
    assert refused(region="eu-west-1", allowed_regions=["eu-west-1", "eu-central-1"]) == ""


def test_a_fips_endpoint_is_named_or_chosen() -> None:
    assert "FIPS" in refused(**REGION, fips=True, endpoint="https://vpce.example")
    assert refused(**REGION, fips=True) == ""
