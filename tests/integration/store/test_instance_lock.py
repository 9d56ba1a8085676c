"""One program keeps a door: another one is refused, and a killed one leaves it free."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.app.console import with_command
from kiosk.domain.errors import Refused, StoreError
from kiosk.store.home import Home
from kiosk.store.instance_lock import instance_lock, is_kept

KEEPER = """
import sys
from pathlib import Path
from kiosk.store.home import Home
from kiosk.store.instance_lock import instance_lock
with instance_lock(Home(Path(sys.argv[1]))):
    print("keeps", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


def controller(home: Home) -> subprocess.Popen[str]:
    """Another program that keeps the door until its input ends."""
    child = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(home.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "keeps\n"
    return child


def test_nobody_keeps_a_new_home(home: Home) -> None:
    assert not is_kept(home)
    assert not home.keeping.exists(), "looking leaves nothing"


def test_it_is_kept_for_as_long_as_somebody_does(home: Home) -> None:
    with instance_lock(home):
        assert is_kept(home)
    assert not is_kept(home)
    assert home.keeping.stat().st_mode & 0o777 == 0o600


def test_another_program_is_refused_and_the_first_goes_on(home: Home) -> None:
    with controller(home) as first:
        with pytest.raises(Refused, match="A kiosk runs here") as error, instance_lock(home):
            pass
        assert "kiosk operator" in with_command(error.value.remedy)
        assert is_kept(home)
        first.communicate("")
    with instance_lock(home):
        pass


def test_a_killed_keeper_leaves_it_free(home: Home) -> None:
    with controller(home) as first:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    assert not is_kept(home)
    with instance_lock(home):
        pass


def test_a_name_that_is_taken_is_told(home: Home) -> None:
    home.keeping.mkdir()
    with pytest.raises(StoreError, match="keeping") as error, instance_lock(home):
        pass
    assert error.value.remedy
