"""The urgent channel in the section of the fleet: addresses, logins, and what excludes what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.sections.fleet import FleetSettings
from config.sections.urgent import BrokerTopic, EventQueue, EventTopic, parse_urgent
from kiosk.domain.errors import BadInput

PAGE = Path(__file__).parents[3] / "docs" / "fleet.md"
LOGIN = {"ca_file": "/etc/lintel/ca.pem", "user": "kiosk", "password_file": "urgent"}
QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/door-7"
ARN = "arn:aws:sns:eu-central-1:123456789012:lintel"


def refused(**values: object) -> str:
    """Why; empty where it is allowed."""
    try:
        FleetSettings.model_validate(values)
    except ValidationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mqtts://b.example/look", BrokerTopic("b.example", 8883, "look", tls=True)),
        ("mqtts://b.example:1/a/b", BrokerTopic("b.example", 1, "a/b", tls=True)),
        ("mqtts://[::1]:8884/a", BrokerTopic("::1", 8884, "a", tls=True)),
        ("mqtt://127.0.0.1/look", BrokerTopic("127.0.0.1", 1883, "look", tls=False)),
        (f"sqs:{QUEUE}", EventQueue(QUEUE)),
        ("sqs:http://127.0.0.1:9324/1/door", EventQueue("http://127.0.0.1:9324/1/door")),
        (f"sns:{ARN}", EventTopic(ARN, "eu-central-1")),
        (f"sns:{ARN}?endpoint=https://e:1", EventTopic(ARN, "eu-central-1", "https://e:1")),
    ],
)
def test_address(text: str, address: object) -> None:
    assert parse_urgent(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "look",
        "http://b.example/look",
        "mqtts://b.example",
        "mqtts://b.example/",
        "mqtts:///look",
        "mqtts://b.example/#",
        "mqtts://b.example/a//b",
        "mqtts://b.example/+/b",
        "mqtts://b.example:0/look",
        "mqtts://b.example:65536/look",
        "mqtts://user:secret@b.example/look",
        "mqtts://b.example/look?x=1",
        "sqs:",
        "sqs:arn:aws:sqs:eu-central-1:123456789012:door",
        "sqs:ftp://sqs.example/1/door",
        "sqs:https://sqs.example",
        "sqs:https://user:secret@sqs.example/1/door",
        "sqs:https://sqs.example/1/door?x=1",
        "sqs:https://sqs.example/1/do\nor",
        "sns:lintel",
        f"sns:{ARN}?other=https://e",
        f"sns:{ARN}?endpoint=https://e/path",
    ],
)
def test_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_urgent(text)
    said = refused(urgent=text, urgent_login=LOGIN)
    assert "urgent" in said
    assert "secret" not in said


def test_a_broker_over_tls_needs_to_be_known_and_to_know_us() -> None:
    address = "mqtts://b.example/look"
    assert refused(urgent=address, urgent_login=LOGIN) == ""
    assert "ca_file" in refused(urgent=address)
    assert "user" in refused(urgent=address, urgent_login={"ca_file": "/ca.pem"})
    certificate = {"ca_file": "/ca.pem", "certificate_file": "/k.pem"}
    assert refused(urgent=address, urgent_login=certificate) == ""
    assert "password_file" in refused(urgent=address, urgent_login={**certificate, "user": "k"})
    assert "key_file" in refused(urgent_login={"key_file": "/k.key"})


def test_plain_tcp_has_no_certificates_and_a_queue_no_login() -> None:
    assert refused(urgent="mqtt://127.0.0.1/look") == ""
    assert "mqtts" in refused(urgent="mqtt://127.0.0.1/look", urgent_login=LOGIN)
    assert refused(urgent=f"sqs:{QUEUE}") == ""
    assert "AWS" in refused(urgent=f"sqs:{QUEUE}", urgent_login=LOGIN)


def test_another_address_is_told_with_the_same_login() -> None:
    settings = FleetSettings.model_validate({"urgent_login": LOGIN})
    other = settings.told_at("mqtts://b.example/look")
    assert other.urgent_login == settings.urgent_login
    assert other.urgent_address == BrokerTopic("b.example", 8883, "look", tls=True)
    with pytest.raises(BadInput, match="urgent channel"):
        settings.told_at("sqs:nowhere")


def test_the_addresses_of_the_page_are_some() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = re.findall(r"(?:mqtts://|sqs:https|sns:arn)[^\s`\"]+", text)
    assert len(shown) >= 3
    for address in shown:
        parse_urgent(address)
