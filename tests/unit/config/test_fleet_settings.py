"""The settings that a fleet may set: what is of one place stays with the kiosk."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from config.settings import Settings, check_shared, load
from config.shared import MOST_CHARACTERS, PARTS, WHOLE_SECTIONS, shared_values
from kiosk.domain.errors import SettingsError

OF_ONE_PLACE = (
    "path",
    "file",
    "address",
    "host",
    "url",
    "port",
    "secret",
    "password",
    "key",
    "dir",
)
GROUPS = '[rules.groups.staff]\ndoors = ["front"]\nschedule = "always"\n'


def allowed() -> list[tuple[str, str]]:
    """Every key that a fleet may set, by section."""
    whole = [(it, key) for it in WHOLE_SECTIONS for key in section(it).model_fields]
    return whole + [(it, key) for it, keys in PARTS.items() for key in keys]


def section(name: str) -> type[BaseModel]:
    kind = Settings.model_fields[name].annotation
    assert isinstance(kind, type)
    assert issubclass(kind, BaseModel)
    return kind


@pytest.mark.parametrize(("name", "key"), sorted(allowed()))
def test_nothing_of_one_place_is_among_them(name: str, key: str) -> None:
    field = section(name).model_fields[key]
    assert Path not in {field.annotation, *get_args(field.annotation)}
    assert not {*key.split("_")} & {*OF_ONE_PLACE}


@pytest.mark.parametrize(
    "text",
    [
        '[door]\ndriver = "gpio"',
        "[door]",
        '[camera]\nsource = "rtsp://10.0.0.1/"',
        "[lane]\ncentre_x = 0.4",
        '[models]\npack = "other"',
        "[match]\nsite_shift = 0.0",
        '[rules]\ndoor = "back"',
        '[rules]\ndirection = "out"',
        '[screen]\nrecordings = "/tmp"',
        "[screen]\nfullscreen = false",
        '[operators.keys]\nmallory = "AA=="',
        '[journal]\nanchor_file = "/x"',
        '[fleet]\nstore = "s3://elsewhere/x"',
        "door = 3",
        "[nothing]\nat = 1",
    ],
)
def test_what_is_of_one_place_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is not for a fleet to set"):
        check_shared(text, "front")


@pytest.mark.parametrize(
    "text",
    [
        "[pad]\nthreshold = 0.1",
        "[match]\ntarget_fpir = 0.5",
        "[access]\nprobes_required = 1",
        "[quality]\nmin_sharpness = 0",
        "[fleet]\nfresh_hours = 100000",
        "[access]\nwindow_seconds = 7.5\nspan_seconds = 1.0",
        "[access]\nnothing = 1",
        GROUPS.replace("front", "back"),
    ],
)
def test_no_fleet_is_looser_than_the_program_allows(text: str) -> None:
    with pytest.raises(SettingsError, match="These settings are refused"):
        check_shared(text, "front")


@pytest.mark.parametrize("text", ["[match", "x" * (MOST_CHARACTERS + 1), "\0", "[" * 9000])
def test_what_is_no_toml_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="settings of a fleet"):
        shared_values(text)


def test_the_fleet_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = '[match]\nmargin = 0.1\nfloor = 0.1\ntarget_fpir = 0.001\n[rules]\ndoor = "front"\n'
    (tmp_path / "config.toml").write_text(own, encoding="utf-8")
    monkeypatch.setenv("KIOSK_MATCH__MARGIN", "0.2")
    monkeypatch.setenv("KIOSK_MATCH__FLOOR", "0.2")
    settings = load(tmp_path, None, shared_values(f"[match]\nmargin = 0.3\n{GROUPS}"))
    match = settings.match
    assert (match.margin, match.floor, match.target_fpir) == (0.3, 0.2, 0.001)
    assert settings.rules.door == "front"
    assert [*settings.rules.groups] == ["staff"]


def test_an_admins_own_environment_is_no_part_of_what_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KIOSK_ACCESS__WINDOW_SECONDS", "0.5")
    check_shared("[access]\nspan_seconds = 1.0", "front")


def test_a_kiosk_says_which_of_its_own_settings_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[camera]\nfps = 6\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"access\.refusal_probes must fit"):
        load(tmp_path, None, shared_values("[access]\nrefusal_probes = 100"))
