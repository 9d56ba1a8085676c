"""What cannot be a setting stops the start, and the message says where, which, and what to do."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path

import pytest

from config.settings import CONFIG_NAME, Settings, load
from kiosk.app.console import with_command
from kiosk.domain.errors import SettingsError

SECRET = "hunter2"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and an environment in which no setting is named."""
    for name in list(os.environ):
        if name.upper().startswith("KIOSK_"):
            monkeypatch.delenv(name)
    return tmp_path


def write(home: Path, text: str) -> Path:
    path = home / CONFIG_NAME
    path.write_text(text, encoding="utf-8")
    return path


def refused(home: Path, config: Path | None = None) -> SettingsError:
    """The refusal; it is of use, and keeps values to itself."""
    with pytest.raises(SettingsError) as caught:
        load(home, config)
    error = caught.value
    assert error.exit_code == 2
    assert error.remedy
    assert SECRET not in "".join(traceback.format_exception(error))
    return error


def test_an_operators_key_that_is_none_is_made_anew(home: Path) -> None:
    write(home, f'[operators.keys]\nanna = "{SECRET}"')
    assert "`kiosk operator key`" in with_command(refused(home).remedy)
    write(home, f'[operators]\ndoor = "{SECRET}/"')
    assert with_command(refused(home).remedy) == "Correct or remove them."


# -- the file ------------------------------------------------------------------------------------


def test_no_file_is_no_fault(home: Path) -> None:
    assert load(home) == Settings()


def test_a_file_that_was_named_must_exist(home: Path) -> None:
    path = home / "other.toml"
    assert str(path) in refused(home, path).problem


def test_a_folder_is_no_file(home: Path) -> None:
    (home / CONFIG_NAME).mkdir()
    assert "cannot be read" in refused(home).problem


def test_a_home_that_is_a_file_is_no_home(home: Path) -> None:
    """It is not passed over as if there were nothing to read."""
    place = home / "home"
    place.write_text("")
    assert str(place) in refused(place).problem


@pytest.mark.parametrize(
    "text",
    [
        "[door",
        "door.release_seconds = ",
        f"[screen]\ncontact = {SECRET}",
        "[door]\n[door]",
        "= 5",
        "a = 1\na = 2",
    ],
)
def test_what_is_not_toml(home: Path, text: str) -> None:
    path = write(home, text)
    problem = refused(home).problem
    assert f"{path} is not TOML" in problem
    assert re.search(r"line \d+|end of document", problem)


@pytest.mark.parametrize("text", [f"door = {'[' * 5000}", f"door = {'9' * 9000}"])
def test_what_is_toml_in_no_sensible_way(home: Path, text: str) -> None:
    write(home, text)
    assert CONFIG_NAME in refused(home).problem


def test_what_is_not_utf8(home: Path) -> None:
    path = home / CONFIG_NAME
    path.write_bytes(b'[screen]\ncontact = "hunter2 \xff"')
    assert refused(home).problem == f"The settings file {path} is not UTF-8 text."


@pytest.mark.parametrize("name", ["dor", "_env_prefix", "_cli_parse_args", "self", "values"])
def test_unknown_section(home: Path, name: str) -> None:
    """Names that pydantic takes for its own orders are no exception."""
    path = write(home, f'{name} = "{SECRET}"')
    error = refused(home)
    assert error.problem == f"{name} in {path} names no section of the settings."
    assert "door" in error.remedy


def test_unknown_key(home: Path) -> None:
    path = write(home, f'[door]\nrelase_seconds = "{SECRET}"')
    assert f"door.relase_seconds in {path}: is no setting" in refused(home).problem


def test_a_section_that_is_none(home: Path) -> None:
    path = write(home, f'door = "{SECRET}"')
    assert f"door in {path}: " in refused(home).problem


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("door.release_seconds", f'"{SECRET}"'),
        ("door.release_seconds", "true"),
        ("door.release_seconds", "nan"),
        ("door.release_seconds", "inf"),
        ("door.release_seconds", "[5]"),
        ("door.driver", f'"{SECRET}"'),
        ("quality.min_size_px", "inf"),
        ("pad.threshold", "nan"),
        ("access.failures_allowed", "true"),
        ("access.failures_allowed", "1.5"),
        ("screen.language", f'"{SECRET}"'),
        ("screen.contact", '""'),
        ("screen.contact", f'"{SECRET * 20}"'),
        ("screen.speak", '"perhaps"'),
        ("models.pack", f'"../{SECRET}"'),
    ],
)
def test_a_value_that_is_none(home: Path, key: str, value: str) -> None:
    path = write(home, f"{key} = {value}")
    assert f"{key} in {path}: " in refused(home).problem


def test_every_mistake_is_named(home: Path) -> None:
    write(home, "door.release_seconds = -1\npad.threshold = 2\nlane.nose = 1")
    problem = refused(home).problem
    assert all(key in problem for key in ("door.release_seconds", "pad.threshold", "lane.nose"))


# -- the environment -----------------------------------------------------------------------------


def test_a_variable_stands_above_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, "[door]\nrelease_seconds = 4\nheld_warning_seconds = 5\nheld_open_seconds = 9")
    monkeypatch.setenv("KIOSK_DOOR__RELEASE_SECONDS", "7.5")
    settings = load(home)
    assert settings.door.release_seconds == 7.5
    assert settings.door.held_open_seconds == 9


@pytest.mark.parametrize(
    "name",
    [
        "KIOSK_DOOR__RELASE_SECONDS",
        "KIOSK_DOR__RELEASE_SECONDS",
        "KIOSK_DOOR__",
        "KIOSK___",
        "KIOSK_DOOR__RELEASE_SECONDS__NOW",
        "KIOSK_DOOR_RELEASE_SECONDS",
        "KIOSK_DOOR",
        "KIOSK_DOOR__MODBUS__HOSTT",
        "KIOSK_DOOR__MODBUS__",
        "kiosk_door__relase_seconds",
        "Kiosk_Dor__Release_Seconds",
    ],
)
def test_unknown_variable(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, SECRET)
    error = refused(home)
    assert error.problem == f"The environment variable {name} names no setting."
    assert "KIOSK_SECTION__KEY" in error.remedy


def test_a_variable_reaches_into_a_section_of_a_section(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_RULES__TIME_ZONE", "Europe/Berlin")
    monkeypatch.setenv("KIOSK_RULES__SCHEDULES__OFFICE__WINDOWS", '["mon-fri 07:00-19:00"]')
    assert load(home).rules.schedules["office"].windows == ("mon-fri 07:00-19:00",)


@pytest.mark.parametrize("name", ["KIOSK_HOME", "KIOSK_TEST_DATA", "KIOSKS_DOOR__X", "DOOR__X"])
def test_other_variables_are_no_settings(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, SECRET)
    assert load(home) == Settings()


@pytest.mark.parametrize("name", ["KIOSK_DOOR__RELEASE_SECONDS", "kiosk_door__release_seconds"])
@pytest.mark.parametrize("value", [SECRET, "", "nan", "-1", "99"])
def test_a_variable_with_a_wrong_value_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    write(home, "[door]\nrelease_seconds = 4")
    monkeypatch.setenv(name, value)
    assert f"{name}: Input should be" in refused(home).problem


def test_a_good_variable_does_not_take_the_blame_of_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(home, "[door]\nheld_open_seconds = -4")
    monkeypatch.setenv("KIOSK_DOOR__RELEASE_SECONDS", "4")
    problem = refused(home).problem
    assert f"door.held_open_seconds in {path}: " in problem
    assert "KIOSK_DOOR" not in problem


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_mark_that_windows_puts_before_a_text_is_passed_over(
    tmp_path: Path, newline: str
) -> None:
    text = f"\ufeff[door]{newline}release_seconds = 4.0{newline}"
    (tmp_path / "config.toml").write_bytes(text.encode())
    assert load(tmp_path).door.release_seconds == 4.0


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
def test_a_text_of_another_encoding_is_named(tmp_path: Path, encoding: str, named: str) -> None:
    (tmp_path / "config.toml").write_bytes("[door]\nrelease_seconds = 4.0\n".encode(encoding))
    with pytest.raises(SettingsError, match=f"is {named} text, not UTF-8") as raised:
        load(tmp_path)
    assert "Save it as UTF-8" in raised.value.remedy
