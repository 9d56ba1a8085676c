"""The section of operators: names, keys, and a broker of their own."""

from __future__ import annotations

import base64
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.sections.operators import OperatorSettings

PAGE = Path(__file__).parents[3] / "docs" / "operators.md"
KEY = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(range(1, 33))).decode()


def test_without_keys_nobody_orders() -> None:
    assert OperatorSettings().keys == {}
    assert OperatorSettings().mqtt is None


def test_operators_have_names_and_keys() -> None:
    assert list(OperatorSettings(keys={"anna": KEY, "night-desk_2": OTHER}).keys) == [
        "anna",
        "night-desk_2",
    ]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"keys": {"": KEY}}, "letters"),
        ({"keys": {"anna b": KEY}}, "letters"),
        ({"keys": {"anna\n": KEY}}, "letters"),
        ({"keys": {"\u00e4nna": KEY}}, "letters"),
        ({"keys": {"a" * 65: KEY}}, "letters"),
        ({"keys": {"anna": ""}}, "32 bytes in base64"),
        ({"keys": {"anna": "secret"}}, "32 bytes in base64"),
        ({"keys": {"anna": KEY[:-4]}}, "32 bytes in base64"),
        ({"keys": {"anna": KEY + "AAAA"}}, "32 bytes in base64"),
        ({"keys": {"anna": base64.b64encode(bytes(32)).decode()}}, "32 bytes in base64"),
        ({"keys": {"anna": KEY, "boris": KEY}}, "share a key"),
        ({"keys": {"anna": 7}}, "string"),
        ({"keys": {f"o{n}": KEY for n in range(257)}}, "at most 256"),
        ({"door": ""}, "pattern"),
        ({"door": "a/b"}, "pattern"),
        ({"door": "#"}, "pattern"),
        ({"mqtt": {"host": "broker"}}, "ca_file"),
        ({"mqtt": {"host": "broker", "ca_file": "/ca"}}, "the broker must know us"),
        ({"mqtt": {"host": "broker", "ca_file": "/ca", "door_name": "x"}}, "door_name"),
        ({"keyes": {}}, "keyes"),
    ],
)
def test_what_is_refused(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        OperatorSettings(**values)
    assert "secret" not in str(caught.value)


def test_the_pages_settings_are_settings() -> None:
    blocks = PAGE.read_text(encoding="utf-8").split("```toml\n")[1:]
    text = "\n".join(block.partition("```")[0] for block in blocks)
    settings = OperatorSettings(**tomllib.loads(text)["operators"])
    assert settings.keys
    assert settings.mqtt is not None
