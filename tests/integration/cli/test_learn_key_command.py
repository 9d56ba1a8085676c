"""`kiosk door learn-key`, with a real OSDP device at the far end of the line."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from kiosk_process import COMMAND, Ended, Running, environment, kiosk
from mjpeg_camera import MjpegCamera
from osdp_device import KEYED, Device
from osdp_tap import Tap

from hardware.door.osdp.key import PUBLIC_KEY
from hardware.door.osdp.learn_key import LearnStep

pytestmark = pytest.mark.usefixtures("real_time")

OLD = "5a" * 16


@dataclass
class Bench:
    """A device on an installer's bench, and the kiosk's home."""

    home: Path
    tap: Tap
    device: Device

    @property
    def key_file(self) -> Path:
        return self.home / "osdp.key"

    def power_up(self, key: bytes | None = None) -> None:
        self.device.start(self.tap.plug(), key=key)

    def configure(self, security: str, more: str = "") -> None:
        (self.home / "config.toml").write_text(
            f'{more}[door]\ndriver = "osdp"\nfail_mode = "secure"\nlock = "strike"\n[door.osdp]\n'
            f'port = "{self.tap.path}"\nbaud = 115200\naddress = 1\n{security}\n'
        )

    def learn(self, *more: str | Path) -> Ended:
        return kiosk("door", "learn-key", "--home", self.home, *more)

    @property
    def keyed(self) -> int:
        """How many keys the device was handed."""
        return self.device.page.counter(KEYED)

    def journal(self) -> list[str]:
        done = kiosk("audit", "tail", "--json", "--home", self.home)
        return [json.loads(line)["event"] for line in done.out.splitlines()]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, Tap(), Device())
    made.configure(f'key_file = "{made.key_file}"')
    yield made
    made.device.close()
    made.tap.close()


def test_a_device_gets_a_key_and_the_door_works_with_it(bench: Bench) -> None:
    bench.power_up()
    ended = bench.learn("--install-mode")
    assert (ended.code, ended.err) == (0, "")
    *steps, last = ended.out.splitlines()
    assert steps == [f"{step.value} ..." for step in LearnStep]
    assert (
        last
        == f"The device has the key in {bench.key_file}. End install mode, and start the kiosk."
    )
    assert bytes.fromhex(bench.key_file.read_text()) == bench.device.page.key != PUBLIC_KEY
    assert stat.S_IMODE(bench.key_file.stat().st_mode) == 0o600
    assert bench.key_file.read_text().strip() not in ended.out
    assert bench.journal()[-1] == "door_key"
    status = kiosk("door", "status", "--home", bench.home, "--json")
    assert (status.code, status.said["lock"]) == (0, "secured")


def test_without_its_flag_nothing_is_said_on_the_line(bench: Bench) -> None:
    bench.power_up()
    bench.learn().refused(3, "--install-mode", "public key", bench.tap.path)
    assert bench.keyed == 0
    assert bench.tap.said == b""
    assert not bench.key_file.exists()


@pytest.mark.parametrize(("answer", "code", "keys"), [("n", 3, 0), ("y", 0, 1)])
def test_a_person_at_the_terminal_is_asked(bench: Bench, answer: str, code: int, keys: int) -> None:
    bench.power_up()
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "door", "learn-key", "--home", bench.home],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(),
    ) as asked:
        os.close(theirs)
        heard = b""
        while b"[y/N]" not in heard:
            heard += os.read(ours, 4096)
        os.write(ours, f"{answer}\n".encode())
        while chunk := _read(ours):
            heard += chunk
        assert asked.wait(30) == code, heard
    os.close(ours)
    assert b"anybody who listens now has it for good" in heard
    assert bench.keyed == keys


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""


def test_a_key_that_is_there_stays_unless_told(bench: Bench) -> None:
    bench.key_file.write_text(OLD)
    bench.power_up()
    bench.learn("--install-mode").refused(2, "--overwrite", str(bench.key_file))
    assert (bench.key_file.read_text(), bench.keyed) == (OLD, 0)
    assert bench.learn("--install-mode", "--overwrite").code == 0
    assert bytes.fromhex(bench.key_file.read_text()) == bench.device.page.key


def test_a_device_that_was_insecure_and_what_is_left_to_do(bench: Bench, tmp_path: Path) -> None:
    bench.configure("allow_insecure = true")
    bench.power_up()
    bench.learn("--install-mode").refused(2, "--key-file")
    path = tmp_path / "new.key"
    ended = bench.learn("--install-mode", "--key-file", path)
    assert ended.code == 0
    assert f'Set door.osdp.key_file = "{path}". Remove door.osdp.allow_insecure.' in ended.out
    assert bytes.fromhex(path.read_text()) == bench.device.page.key


def test_what_other_programs_read(bench: Bench) -> None:
    bench.power_up()
    said = bench.learn("--install-mode", "--json").said
    assert said == {"key_file": str(bench.key_file), "port": bench.tap.path, "address": 1}


def test_a_device_that_has_a_key_keeps_it_and_the_journal_knows(bench: Bench) -> None:
    bench.power_up(bytes(range(16)))
    bench.learn("--install-mode").refused(4, "install mode")
    assert bench.keyed == 0
    assert not bench.key_file.exists()
    assert bench.journal()[-2:] == ["door_key", "change_failed"]


def test_another_driver_has_no_key_to_learn(bench: Bench) -> None:
    (bench.home / "config.toml").write_text("")
    bench.learn("--install-mode").refused(2, "door.driver")


def test_a_driver_that_is_not_installed_is_named(bench: Bench) -> None:
    words = ["door", "learn-key", "--install-mode", "--home", str(bench.home)]
    code = f"import sys\nsys.modules['osdp'] = None\nsys.argv[1:] = {words!r}\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}from kiosk.__main__ import main\nmain()"],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 2
    assert "`make setup DOOR=osdp`" in done.stderr


@pytest.mark.weights
def test_it_does_not_fight_a_kiosk_over_the_line(bench: Bench) -> None:
    bench.power_up(bytes.fromhex(OLD))
    bench.key_file.write_text(OLD)
    bench.key_file.chmod(0o600)
    with MjpegCamera() as camera:
        source = f'[camera]\nsource = "{camera.url}"\n'
        bench.configure(f'key_file = "{bench.key_file}"', source)
        with Running("run", "--home", bench.home, "--headless", "--json") as running:
            running.wait_for("ready")
            bench.learn("--install-mode", "--overwrite").refused(3, "A kiosk runs here")
            assert running.end().code == 0
    assert (bench.key_file.read_text(), bench.keyed) == (OLD, 0)
