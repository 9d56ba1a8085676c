"""Settings that are unknown, outside their bounds or no TOML: nothing is done with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_home import Kept, furnish
from kiosk_process import environment, kiosk
from video_files import write_folder

TOML = [
    pytest.param("[door]\nrelease_secnds = 5\n", "door.release_secnds", id="unknown key"),
    pytest.param("[dor]\nrelease_seconds = 5\n", "dor", id="unknown section"),
    pytest.param("threshold = 0.5\n", "threshold", id="key outside a section"),
    pytest.param("[pad]\nthreshold = 0.1\n", "pad.threshold", id="attack threshold too low"),
    pytest.param("[match]\nfloor = -0.3\n", "match.floor", id="decision threshold too low"),
    pytest.param("[match]\ntarget_fpir = 0.5\n", "match.target_fpir", id="too many false matches"),
    pytest.param("[quality]\nmin_sharpness = 1\n", "quality.min_sharpness", id="sharpness (R4)"),
    pytest.param("[quality]\nmin_size_px = 20\n", "quality.min_size_px", id="face size (R8)"),
    pytest.param("[quality]\nmax_yaw = 60\n", "quality.max_yaw", id="yaw (R2)"),
    pytest.param("[quality]\nmax_mask = nan\n", "quality.max_mask", id="not a number"),
    pytest.param("[access]\nprobes_required = 1\n", "access.probes_required", id="one frame"),
    pytest.param("[door]\nrelease_seconds = 900\n", "door.release_seconds", id="open for ever"),
    pytest.param('[door]\nrelease_seconds = "long"\n', "door.release_seconds", id="wrong type"),
    pytest.param("[door]\ndriver = 'none'\n", "door.driver", id="unknown driver"),
    pytest.param("[door\nrelease_seconds = 5\n", "is not TOML", id="not TOML"),
    pytest.param("[door]\nrelease_seconds = 5\n[door]\n", "is not TOML", id="a section twice"),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return furnish(tmp_path / "home")


@pytest.fixture
def source(tmp_path: Path) -> str:
    return f"images:{write_folder(tmp_path / 'frames', 1)}"


@pytest.mark.parametrize(("text", "named"), TOML)
def test_a_bad_settings_file_in_the_home(home: Path, source: str, text: str, named: str) -> None:
    config = home / "config.toml"
    config.write_text(text, encoding="utf-8")
    before = Kept.of(home)
    ended = kiosk("run", "--home", home, "--source", source, "--headless")
    ended.refused(2, named, str(config))
    assert ended.out == ""
    assert before.untouched()


def test_a_settings_file_that_is_no_text(home: Path, source: str) -> None:
    (home / "config.toml").write_bytes(b"\xff\xfe\x00[door]")
    before = Kept.of(home)
    kiosk("run", "--home", home, "--source", source, "--headless").refused(2, "UTF-16 text")
    assert before.untouched()


@pytest.mark.parametrize("command", ["run", "enrol", "people", "models"])
def test_a_named_settings_file_that_does_not_exist(
    home: Path, source: str, command: str, tmp_path: Path
) -> None:
    arguments = {
        "run": ("run", "--headless", "--source", source),
        "enrol": ("enrol", "--subject", "s-1", "--consent", "form 3", tmp_path / "frames"),
        "people": ("people", "list"),
        "models": ("models", "verify"),
    }[command]
    before = Kept.of(home)
    missing = tmp_path / "nowhere.toml"
    kiosk(*arguments, "--home", home, "--config", missing).refused(2, str(missing))
    assert before.untouched()


VARIABLES = [
    pytest.param("KIOSK_PAD__TRESHOLD", "0.9", id="misspelt key"),
    pytest.param("KIOSK_DOR__RELEASE_SECONDS", "5", id="misspelt section"),
    pytest.param("KIOSK_DOOR_RELEASE_SECONDS", "5", id="one underscore too few"),
    pytest.param("KIOSK_DOOR__RELEASE_SECONDS__MORE", "5", id="too deep"),
    pytest.param("KIOSK_PAD", '{"treshold": 0.9}', id="unknown key in a whole section"),
]


@pytest.mark.parametrize(("name", "value"), VARIABLES)
def test_a_variable_that_names_no_setting(home: Path, source: str, name: str, value: str) -> None:
    before = Kept.of(home)
    env = environment(**{name: value})
    ended = kiosk("run", "--home", home, "--source", source, "--headless", env=env)
    ended.refused(2, name)
    assert before.untouched()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KIOSK_PAD__THRESHOLD", "0.1"),
        ("KIOSK_PAD__THRESHOLD", "off"),
        ("KIOSK_PAD", "off"),
        ("KIOSK_PAD", '{"threshold": 0.1}'),
        ("KIOSK_MATCH__FLOOR", "nan"),
    ],
)
def test_a_variable_outside_its_bounds(home: Path, source: str, name: str, value: str) -> None:
    before = Kept.of(home)
    env = environment(**{name: value})
    ended = kiosk("run", "--home", home, "--source", source, "--headless", env=env)
    ended.refused(2, name)
    assert before.untouched()


def test_no_problem_repeats_a_value_which_may_be_a_secret(home: Path, source: str) -> None:
    text = '[camera]\nwidth = "hunter2-in-the-wrong-place"\n'
    (home / "config.toml").write_text(text, encoding="utf-8")
    ended = kiosk("run", "--home", home, "--source", source, "--headless")
    ended.refused(2, "camera.width")
    assert "hunter2" not in ended.err
