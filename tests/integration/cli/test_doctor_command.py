"""`kiosk doctor` as a program: against real cameras and relays, and beside a kiosk that runs."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kept_home import Kept, furnish
from kiosk_process import Ended, Running, kiosk
from mjpeg_camera import MjpegCamera
from rig_modbus import FLASH_COIL, ModbusTcpRig

from models.packs.installed import load_manifest

Row = dict[str, str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return furnish(tmp_path / "home")


@pytest.fixture
def camera() -> Iterator[MjpegCamera]:
    with MjpegCamera() as served:
        yield served


@pytest.fixture
def board() -> Iterator[ModbusTcpRig]:
    rig = ModbusTcpRig(**FLASH_COIL)
    yield rig
    rig.close()


def settings(home: Path, *parts: str) -> None:
    (home / "config.toml").write_text("\n".join(parts))


def of_camera(camera: MjpegCamera) -> str:
    return f'[camera]\nsource = "{camera.url}"\nfrozen_seconds = 0.5\nblack_seconds = 0.5'


def of_board(board: ModbusTcpRig) -> str:
    return (
        '[door]\ndriver = "modbus"\nfail_mode = "secure"\nlock = "strike"\n[door.modbus]\n'
        f'host = "127.0.0.1"\nport = {board.proxy.port}\nmode = "flash-coil"\ncoil = 0\n'
        'flash_address = 0x200\nleaf = { input = 0, normally = "closed" }\n'
    )


def doctor(home: Path) -> Ended:
    return kiosk("doctor", "--home", home, "--json")


def rows(ended: Ended, name: str) -> list[Row]:
    findings: list[Row] = ended.said["findings"]
    return [row for row in findings if row["name"] == name]


def row(ended: Ended, name: str) -> Row:
    (found,) = rows(ended, name)
    return found


@pytest.mark.weights
def test_a_kiosk_that_works_gets_warnings_and_nothing_is_released(
    home: Path, camera: MjpegCamera, board: ModbusTcpRig
) -> None:
    settings(home, of_camera(camera), of_board(board))
    before = Kept.of(home)
    ended = doctor(home)
    assert (ended.code, ended.said["worst"], ended.err) == (1, "warn", "")
    assert row(ended, "camera")["text"].startswith("first frame after ")
    assert "160x120" in row(ended, "camera")["text"]
    assert row(ended, "door")["text"].startswith("modbus strike, fails secure: locked in ")
    assert "lock secured, leaf closed; not released here" in row(ended, "door")["text"]
    assert board.releases == 0
    assert row(ended, "models")["health"] == "ok"
    assert row(ended, "key")["health"] == "ok"
    assert "127.0.0.1" in rows(ended, "network")[0]["text"]
    assert all(each["remedy"] for each in ended.said["findings"] if each["health"] != "ok")
    assert before.untouched(), "looking changed something"


@pytest.mark.parametrize(
    ("mishap", "says"),
    [
        (MjpegCamera.freeze, "the picture has not changed for 0.5 s"),
        (MjpegCamera.go_black, "the picture has been black for 0.5 s"),
        (MjpegCamera.go_away, "cannot be opened"),
    ],
)
def test_a_camera_that_is_out_of_order_is_bad(
    home: Path, camera: MjpegCamera, mishap: Callable[[MjpegCamera], None], says: str
) -> None:
    mishap(camera)
    settings(home, of_camera(camera))
    ended = doctor(home)
    assert (ended.code, ended.said["worst"]) == (4, "bad")
    found = row(ended, "camera")
    assert found["health"] == "bad"
    assert says in found["text"]
    assert found["remedy"]


def test_a_door_that_is_not_there_is_bad_and_named_with_its_setting(
    home: Path, board: ModbusTcpRig
) -> None:
    settings(home, of_board(board))
    board.proxy.close()
    ended = doctor(home)
    assert ended.code == 4
    found = row(ended, "door")
    assert found["health"] == "bad"
    assert "door.modbus" in found["text"] + found["remedy"]


def test_a_door_that_says_odd_things_is_a_warning(home: Path, board: ModbusTcpRig) -> None:
    settings(home, of_board(board))
    board.move_leaf(to_open=True)
    said = [found["text"] for found in rows(doctor(home), "door")]
    assert "the leaf is open" in said


def test_weights_that_are_missing_are_bad(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    settings(home, f'[models]\ndirectory = "{tmp_path / "empty"}"')
    found = rows(doctor(home), "models")
    assert len(found) == len(load_manifest().pack("standard").files)
    assert {each["health"] for each in found} == {"bad"}
    assert all("kiosk models install" in each["remedy"] for each in found)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[door]\nanswer_secnds = 1\n", "door.answer_secnds"),
        ('[door]\ndriver = "pigeon"\n', "door.driver"),
        ("[door\n", "config.toml"),
    ],
)
def test_settings_that_are_refused_are_one_row_and_the_rest_is_looked_at(
    home: Path, text: str, named: str
) -> None:
    settings(home, text)
    ended = doctor(home)
    assert ended.code == 4
    assert named in row(ended, "settings")["text"]
    assert row(ended, "key")["health"] == "ok"
    assert {each["name"] for each in ended.said["findings"]} >= {"clock", "disk", "home", "journal"}


def test_what_other_programs_read(home: Path) -> None:
    said = doctor(home).said
    assert set(said) == {"worst", "findings"}
    for finding in said["findings"]:
        assert set(finding) == {"name", "health", "text", "remedy"}
        assert all(isinstance(value, str) for value in finding.values())
        assert finding["health"] in {"ok", "warn", "bad"}


def test_the_table_is_for_people(home: Path) -> None:
    ended = kiosk("doctor", "--home", home)
    assert ended.code == 4
    told = " ".join(ended.out.replace("│", " ").split())
    assert "The camera device:0 cannot be opened." in told
    assert "Run `kiosk operator key`, and write what it prints into [operators.keys]." in told
    assert ended.out.splitlines()[-1].endswith(" good.")


# -- beside a kiosk that runs ---------------------------------------------------------------------


@pytest.fixture
def running(home: Path, camera: MjpegCamera, board: ModbusTcpRig) -> Iterator[Running]:
    settings(home, of_camera(camera), of_board(board))
    with Running("run", "--home", home, "--headless", "--json") as started:
        started.wait_for("ready")
        yield started


def doctor_once_camera_is(health: str, home: Path) -> Ended:
    """Ask until the camera's row says so; the kiosk takes its time to notice."""
    ended = doctor(home)
    for _ in range(20):
        if row(ended, "camera")["health"] == health:
            return ended
        ended = doctor(home)
    raise AssertionError(ended.said)


@pytest.mark.weights
def test_camera_and_door_of_a_kiosk_that_runs_are_asked_after_and_left_alone(
    home: Path, running: Running, camera: MjpegCamera, board: ModbusTcpRig
) -> None:
    served = camera.served
    ended = doctor(home)
    assert camera.served > served, "the kiosk's own stream goes on"
    for name in ("camera", "door"):
        assert row(ended, name)["text"] == (
            "the kiosk that runs has it, and reports no fault; not tried from here"
        )
    camera.freeze()
    running.wait_for("fault")
    bad = doctor_once_camera_is("bad", home)
    assert bad.code == 4
    assert "the kiosk that runs has it, and says:" in row(bad, "camera")["text"]
    assert row(bad, "door")["health"] == "ok"
    camera.flow()
    assert doctor_once_camera_is("ok", home).code == 1
    assert running.end().code == 0
    after = doctor(home)
    assert row(after, "camera")["text"].startswith("first frame")
    assert board.releases == 0


@pytest.mark.weights
@pytest.mark.parametrize("verb", ["status", "release", "secure", "test"])
def test_nobody_else_moves_the_door_of_a_kiosk_that_runs(
    home: Path, running: Running, board: ModbusTcpRig, verb: str
) -> None:
    kiosk("door", verb, "--home", home).refused(3, "A kiosk runs here")
    assert board.releases == 0
    assert running.end().code == 0


@pytest.mark.weights
def test_a_kiosk_that_listens_to_nobody_is_noticed_all_the_same(
    home: Path, camera: MjpegCamera
) -> None:
    settings(home, of_camera(camera), "[operators]\nlocal = false")
    with Running("run", "--home", home, "--headless", "--json") as started:
        started.wait_for("ready")
        assert not (home / "control.sock").exists()
        assert row(doctor(home), "door")["text"].startswith("the kiosk that runs has it")
        assert started.end().code == 0


@pytest.mark.weights
def test_a_kiosk_that_was_killed_is_no_kiosk(home: Path, running: Running) -> None:
    running.end(signal.SIGKILL)
    assert "locked in " in row(doctor(home), "door")["text"]
