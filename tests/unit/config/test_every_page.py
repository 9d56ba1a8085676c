"""Whatever settings a page shows can be pasted as they stand; no wire goes without a page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from config.sections.door import Driver
from config.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
DOORS = ROOT / "docs" / "doors"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def blocks() -> Iterator[tuple[str, str]]:
    """Every block of settings, and where it stands."""
    for page in PAGES:
        found = re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        for number, block in enumerate(found):
            yield f"{page.relative_to(ROOT)}-{number}", block


BLOCKS = dict(blocks())
DRIVERS = [each for each in get_args(Driver) if each != "simulated"]


@pytest.mark.parametrize("where", BLOCKS)
def test_a_block_of_settings_can_be_pasted(where: str) -> None:
    values = tomllib.loads(BLOCKS[where])
    assert values
    settings = Settings(**values)
    assert set(values) <= settings.model_fields_set


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_driver_has_a_page_with_settings_and_a_row_in_the_index(driver: str) -> None:
    shown = [tomllib.loads(block) for where, block in BLOCKS.items() if f"/{driver}.md" in where]
    assert shown
    assert {block["door"]["driver"] for block in shown} == {driver}
    index = (DOORS / "README.md").read_text("utf-8")
    assert f"[`{driver}`]({driver}.md)" in index


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_page_tells_every_setting_of_its_wire(driver: str) -> None:
    page = (DOORS / f"{driver}.md").read_text("utf-8")
    section = driver.replace("-", "_")
    wire = get_args(type(Settings().door).model_fields[section].annotation)[0]
    assert [name for name in wire.model_fields if name not in page] == []
