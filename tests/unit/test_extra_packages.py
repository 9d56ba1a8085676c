"""What `make setup DOOR=modbus` installs: the part of the lock that the driver needs, whole."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import extra_packages
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = extra_packages.pins((ROOT / "requirements.lock").read_text())
INSTALLED = [name for name in extra_packages.known() if name != "insightface"]
OLD_WAY = re.compile(r"lintel\[|(?:pip|uv|pipx)\d? install[^\n]*\blintel")
"""What would fetch somebody else's package."""


def picked(capsys: pytest.CaptureFixture[str], text: str, earlier: str = "") -> str:
    assert extra_packages.main(text, earlier) == 0
    return capsys.readouterr().out


def needed(name: str, seen: set[str]) -> set[str]:
    """What an installed package needs in turn, and itself."""
    seen.add(name)
    for requirement in map(Requirement, metadata.requires(name) or []):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            below = canonicalize_name(requirement.name)
            if below not in seen:
                needed(below, seen)
    return seen


@pytest.mark.parametrize("extra", INSTALLED)
def test_all_that_an_extra_needs_is_picked(extra: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = extra_packages.pins(picked(capsys, extra))
    wanted = {name for asked in extra_packages.asked(extra) for name in needed(asked, set())}
    assert wanted
    assert found.keys() >= wanted - RUNTIME.keys()
    assert found.keys() - RUNTIME.keys() <= wanted
    lock = extra_packages.pins(extra_packages.LOCK.read_text())
    assert found == {name: lock[name] for name in found}, "pins are taken over whole"
    assert all("--hash=sha256:" in pin for pin in found.values())


def test_every_pin_of_a_package_is_picked_with_those_that_either_needs() -> None:
    lock = (
        "# made by a tool\n"
        "a==1 ; python_full_version < '3.12' \\\n    --hash=sha256:00\n    # via top\n"
        "a==2 ; python_full_version >= '3.12' \\\n    --hash=sha256:01\n    # via top\n"
        "b==1 \\\n    --hash=sha256:02\n    # via\n    #   -c requirements.lock\n    #   a\n"
        "c==1 \\\n    --hash=sha256:03\n    # via b\n"
        "top==1 \\\n    --hash=sha256:04\n    # via lintel-kiosk (pyproject.toml)\n"
        "z==1 \\\n    --hash=sha256:05\n    # via lintel-kiosk (pyproject.toml)\n"
    )
    found = extra_packages.picked(lock, {"top"})
    assert found == "\n".join(lock.splitlines()[1:-3]) + "\n"


def test_several_are_named_with_commas_or_spaces(capsys: pytest.CaptureFixture[str]) -> None:
    both = picked(capsys, " MQTT,modbus ")
    assert both.startswith("# extras: modbus,mqtt\n")
    assert {"paho-mqtt", "pymodbus"} <= extra_packages.pins(both).keys()
    assert picked(capsys, "modbus mqtt") == both


@pytest.mark.parametrize("text", ["pigeon", "modbus,pigeon", "dev", "doors", "modbus;mqtt", "../x"])
def test_an_unknown_name_is_told_with_those_that_there_are(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert extra_packages.main(text) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert all(name in said.err for name in extra_packages.known())


def test_what_was_chosen_earlier_stays_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stamp = tmp_path / "extras"
    stamp.write_text(picked(capsys, "modbus"))
    assert picked(capsys, ",", str(stamp)) == stamp.read_text()
    assert picked(capsys, "mqtt", str(stamp)) == picked(capsys, "modbus,mqtt")


def test_an_earlier_choice_that_no_longer_exists_stops_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stamp = tmp_path / "extras"
    stamp.write_text("# extras: modbus,pigeon\n")
    assert picked(capsys, "", str(stamp)) == picked(capsys, "modbus")


def test_nothing_is_chosen_where_nothing_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert picked(capsys, ",", str(tmp_path / "none")) == "# extras: \n"


@pytest.mark.parametrize(
    "line",
    ["pip install 'lintel" + "[modbus]'", "pip3 install " + "lintel", "uses lintel" + "[http]"],
)
def test_the_old_way_is_recognised(line: str) -> None:
    assert OLD_WAY.search(line)


def test_nobody_is_sent_to_an_index_for_lintel() -> None:
    """There the name is somebody else's."""
    folders = ("kiosk", "models", "hardware", "config", "docs", "tools", ".ci")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    files += [*ROOT.glob("*.md"), ROOT / "pyproject.toml", ROOT / "Makefile"]
    texts = {path: path.read_text(errors="replace") for path in files if path.suffix != ".pyc"}
    assert [str(path) for path, text in texts.items() if OLD_WAY.search(text)] == []
    named = {
        name
        for text in texts.values()
        for said in re.findall(r"make setup (?:DOOR|EXTRA)=([a-z0-9,-]+)", text)
        for name in said.split(",")
    }
    assert named <= {*extra_packages.known()}
    assert {*INSTALLED} <= named | {"osdp-pd"}
