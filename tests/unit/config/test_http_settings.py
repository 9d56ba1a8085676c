"""The section of a relay over HTTP: one kind at a time, encrypted or plainly not, nothing twice."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.sections.doors.http import HttpSettings

PAGE = Path(__file__).parents[3] / "docs" / "doors" / "http.md"
SHELLY = {
    "kind": "shelly",
    "url": "http://192.0.2.20",
    "allow_insecure": True,
    "password_file": "/etc/lintel/relay",
}
WEBHOOK = {
    "kind": "webhook",
    "release_url": "https://doors.example/release",
    "secure_url": "https://doors.example/secure",
    "status_url": "https://doors.example/status",
    "key_file": "/etc/lintel/hook",
    "door": "lobby",
}


@pytest.mark.parametrize("values", [SHELLY, WEBHOOK])
def test_what_it_needs_is_enough_and_all_of_it_is_needed(values: dict[str, Any]) -> None:
    HttpSettings(**values)
    for name in values:
        with pytest.raises(ValidationError):
            HttpSettings(**{key: value for key, value in values.items() if key != name})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"door": "lobby"}, "has no door"),
        ({"url": "https://192.0.2.20"}, "allow_insecure is set"),
        ({"url": "http://192.0.2.20/rpc"}, "without a path"),
        ({"url": "http://admin:secret@192.0.2.20"}, "a password does not belong"),
        ({"url": "http://192.0.2.20?x=1"}, "no query"),
        ({"url": "http://192.0.2.20#x"}, "no fragment"),
        ({"url": "http://192.0.2.20/ "}, "no blanks"),
        ({"url": "http://192.0.2.20:99999"}, "range"),
        ({"url": "http://192.0.2.20:0"}, "must be written as"),
        ({"url": "http://["}, "Invalid"),
        ({"url": "http://"}, "must be written as"),
        ({"url": "relay"}, "must be written as"),
        ({"url": "file:///dev/null"}, "must be written as"),
        ({"allow_insecure": False}, "needs allow_insecure"),
        ({"ca_file": "/etc/lintel/ca.pem"}, "no address has that"),
        ({"operator_output": 0}, "must differ"),
        ({"output": 16}, "less than or equal"),
        ({"output": -1}, "greater than or equal"),
        ({"output": True}, "true or false"),
        ({"operator_output": 16}, "less than or equal"),
        ({"leaf": {"input": 16, "normally": "closed"}}, "less than or equal"),
        ({"leaf": {"input": 0}}, "normally"),
        (
            {
                "leaf": {"input": 0, "normally": "closed"},
                "fire": {"input": 0, "normally": "open"},
            },
            "one contact only",
        ),
        ({"password": "secret"}, "password"),
    ],
)
def test_a_shelly_that_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        HttpSettings(**(SHELLY | changes))
    assert "secret" not in str(caught.value).replace("a password", "")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"output": 0}, "has no output"),
        ({"leaf": {"input": 0, "normally": "closed"}}, "has no leaf"),
        ({"password_file": "/etc/lintel/relay"}, "has no password_file"),
        ({"status_url": "http://doors.example/status"}, "needs allow_insecure"),
        ({"door": "a door"}, "pattern"),
    ],
)
def test_a_webhook_that_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        HttpSettings(**(WEBHOOK | changes))


def test_the_pages_settings_are_settings() -> None:
    page = PAGE.read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in page.split("```toml\n")[1:]]
    kinds = [HttpSettings(**tomllib.loads(block)["door"]["http"]).kind for block in blocks]
    assert kinds == ["shelly", "webhook"]
