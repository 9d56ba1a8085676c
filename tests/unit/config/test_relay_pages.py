"""The settings that the pages about relays show can be pasted as they stand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from config.settings import Settings

PAGES = Path(__file__).resolve().parents[3] / "docs" / "doors"


def blocks(page: str) -> list[str]:
    return re.findall(r"```toml\n(.*?)```", (PAGES / page).read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    ("page", "number"), [("modbus", 0), ("modbus", 1), ("gpio", 0), ("gpio", 1)]
)
def test_the_block_can_be_pasted(page: str, number: int) -> None:
    door = Settings(**tomllib.loads(blocks(f"{page}.md")[number])).door
    assert door.driver == page
    assert getattr(door, page).leaf.normally == "closed"


def test_no_page_shows_a_driver_that_is_not_there() -> None:
    assert blocks("usb-hid.md") == []
