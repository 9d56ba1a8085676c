"""The socket in the home: for the kiosk's own user, one order and one answer, never in the way."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from operator_desk import OperatorDesk

from hardware.operators import local
from hardware.operators.local import NAME, LocalChannel, say
from kiosk.domain.errors import OutOfServiceError
from kiosk.domain.operators.encoding import MOST_BYTES
from kiosk.domain.operators.orders import Verb


@pytest.fixture
def office(tmp_path: Path) -> OperatorDesk:
    return OperatorDesk(tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def channel(home: Path, office: OperatorDesk) -> Iterator[LocalChannel]:
    made = LocalChannel(home, office.hear, office.tell)
    assert office.wait_told(1)
    yield made
    made.close()


def connected(home: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(5.0)
    line.connect(str(home / NAME))
    return line


@pytest.mark.usefixtures("channel")
def test_an_order_is_heard_and_answered(home: Path, office: OperatorDesk) -> None:
    answer = json.loads(say(home, office.sealed(Verb.LOCKDOWN)))
    assert (answer["outcome"], answer["state"]) == ("done", {"condition": "secured"})
    assert [order.verb for order in office.obeyed] == [Verb.LOCKDOWN]
    assert office.told == [("local", None)]


@pytest.mark.usefixtures("channel")
def test_being_let_in_orders_nothing(home: Path, office: OperatorDesk) -> None:
    """Root and the kiosk's own user must sign as everybody else."""
    assert json.loads(say(home, b'{"verb": "release"}'))["reason"] == "not_understood"
    assert office.obeyed == []


@pytest.mark.usefixtures("channel")
def test_nobody_else_may_use_the_socket(home: Path) -> None:
    status = (home / NAME).stat()
    assert stat.S_ISSOCK(status.st_mode)
    assert stat.S_IMODE(status.st_mode) == 0o600


@pytest.mark.usefixtures("channel")
def test_another_user_is_not_heard(
    home: Path, office: OperatorDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the mode of the socket be changed: the kernel says who it is."""
    monkeypatch.setattr(local, "_is_ours", lambda _: False)
    with pytest.raises(OutOfServiceError, match="no answer"):
        say(home, office.sealed())
    assert office.obeyed == []


def test_who_is_at_the_other_end_is_the_kernels_word(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = socket.socketpair(socket.AF_UNIX)
    with one, two:
        assert local._is_ours(one)
        monkeypatch.setattr(os, "geteuid", lambda: 54321)
        assert local._is_ours(one) is (os.getuid() == 0)


@pytest.mark.parametrize(
    "said", [b"", b"\n", b"x" * (MOST_BYTES + 1), b"x" * (MOST_BYTES * 4) + b"\n"]
)
@pytest.mark.usefixtures("channel")
def test_what_is_no_line_is_not_heard(home: Path, office: OperatorDesk, said: bytes) -> None:
    with connected(home) as line:
        with contextlib.suppress(OSError):
            line.sendall(said)
            line.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            assert line.recv(100) == b""
    assert json.loads(say(home, office.sealed()))["outcome"] == "done"


@pytest.mark.usefixtures("channel")
def test_whoever_connects_and_says_nothing_holds_nobody_up(
    home: Path, office: OperatorDesk
) -> None:
    with connected(home), connected(home) as slow:
        slow.sendall(b"{")
        assert json.loads(say(home, office.sealed()))["outcome"] == "done"


@pytest.mark.usefixtures("channel")
def test_a_crowd_is_turned_away_and_the_channel_lives(home: Path, office: OperatorDesk) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(local.MOST_AT_ONCE):
            stack.enter_context(connected(home)).sendall(b"{")
        time.sleep(0.1)
        with pytest.raises(OutOfServiceError):
            say(home, office.sealed())
    assert _eventually_done(home, office)


def test_a_socket_of_a_killed_kiosk_is_replaced(home: Path, office: OperatorDesk) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(home / NAME))
    made = LocalChannel(home, office.hear, office.tell)
    assert office.wait_told(1)
    assert office.told == [("local", None)]
    assert json.loads(say(home, office.sealed()))["outcome"] == "done"
    made.close()
    assert not (home / NAME).exists()
    made.close()


def test_a_kiosk_that_runs_is_not_pushed_aside(
    home: Path, channel: LocalChannel, office: OperatorDesk
) -> None:
    second = LocalChannel(home, office.hear, office.tell)
    assert office.wait_told(2)
    assert "another kiosk" in str(office.told[1])
    channel.close()
    assert office.wait_told(3)
    assert office.told[2] == ("local", None)
    second.close()


def test_another_file_of_that_name_is_left_alone(home: Path, office: OperatorDesk) -> None:
    (home / NAME).write_text("mine")
    made = LocalChannel(home, office.hear, office.tell)
    assert office.wait_told(1)
    assert "something else" in str(office.told[0])
    made.close()
    assert (home / NAME).read_text() == "mine"


def test_a_socket_that_is_taken_away_is_told_and_made_again(
    home: Path, channel: LocalChannel, office: OperatorDesk
) -> None:
    (home / NAME).unlink()
    assert office.wait_told(3)
    assert "took" in str(office.told[1])
    assert office.told[2] == ("local", None)
    assert json.loads(say(home, office.sealed()))["outcome"] == "done"
    channel.close()


def test_a_home_of_any_length_will_do(tmp_path: Path, office: OperatorDesk) -> None:
    """A socket's own path may have 107 bytes."""
    home = tmp_path / ("long-" * 40)
    home.mkdir()
    made = LocalChannel(home, office.hear, office.tell)
    assert office.wait_told(1)
    assert json.loads(say(home, office.sealed()))["outcome"] == "done"
    made.close()


def test_without_a_kiosk_the_operator_is_told(home: Path) -> None:
    for place in (home, home / "absent"):
        with pytest.raises(OutOfServiceError, match="No kiosk listens"):
            say(place, b"{}")


def test_closing_leaves_no_thread(home: Path, office: OperatorDesk) -> None:
    before = threading.active_count()
    made = LocalChannel(home, office.hear, office.tell)
    assert office.wait_told(1)
    made.close()
    assert threading.active_count() == before


def _eventually_done(home: Path, office: OperatorDesk) -> bool:
    end = time.monotonic() + 5.0
    while time.monotonic() < end:
        with contextlib.suppress(OutOfServiceError):
            return bool(json.loads(say(home, office.sealed()))["outcome"] == "done")
    return False
