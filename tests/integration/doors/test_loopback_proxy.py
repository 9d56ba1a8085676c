"""The tests' own wire does what its names say: a fault that does not happen proves nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from loopback_proxy import GARBAGE, LoopbackProxy


@pytest.fixture
def peer() -> Iterator[tuple[int, list[bytes]]]:
    """A server that keeps what it hears, answers with `yes`, and hangs up after `farewell`."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(line: socket.socket) -> None:
        with contextlib.suppress(OSError), line:
            while piece := line.recv(100):
                heard.append(piece)
                line.sendall(b"yes")
                if piece == b"farewell":
                    return

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listener.getsockname()[1], heard
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@pytest.fixture
def wire(peer: tuple[int, list[bytes]]) -> Iterator[LoopbackProxy]:
    made = LoopbackProxy(peer[0])
    yield made
    made.close()
    made.close()


def connected(wire: LoopbackProxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", wire.port), 2.0)


def ask(line: socket.socket, text: bytes = b"open") -> bytes:
    line.sendall(text)
    return line.recv(1000)


def test_a_whole_wire_passes_everything(wire: LoopbackProxy) -> None:
    with connected(wire) as one, connected(wire) as two:
        assert (ask(one), ask(two), ask(one)) == (b"yes", b"yes", b"yes")


def test_a_cut_wire_resets_and_refuses_until_it_is_mended(wire: LoopbackProxy) -> None:
    with connected(wire) as line:
        ask(line)
        wire.cut()
        with pytest.raises(ConnectionError):
            ask(line)
        with pytest.raises(ConnectionRefusedError):
            connected(wire)
    wire.mend()
    with connected(wire) as line:
        assert ask(line) == b"yes"


def test_what_hangs_reaches_nobody_until_the_wire_is_mended(
    wire: LoopbackProxy, peer: tuple[int, list[bytes]]
) -> None:
    wire.hang()
    with connected(wire) as patient, connected(wire) as gone:
        patient.sendall(b"waiting")
        gone.sendall(b"too late")
        patient.settimeout(0.2)
        with pytest.raises(TimeoutError):
            patient.recv(10)
        assert peer[1] == []
        gone.close()
        wire.mend()
        patient.settimeout(2.0)
        assert patient.recv(10) == b"yes"
    assert peer[1] == [b"waiting"]


def test_garbage_comes_now_and_ahead_of_the_next_answer(wire: LoopbackProxy) -> None:
    with connected(wire) as line:
        ask(line)
        wire.garble()
        assert line.recv(1000) == GARBAGE
        assert ask(line) == GARBAGE + b"yes"
        assert ask(line) == b"yes"


def test_a_delay_holds_back_answers_only(
    wire: LoopbackProxy, peer: tuple[int, list[bytes]]
) -> None:
    wire.delay(0.3)
    with connected(wire) as line:
        began = time.monotonic()
        assert ask(line) == b"yes"
        assert time.monotonic() - began >= 0.3
    assert peer[1] == [b"open"]


def test_a_delay_holds_back_the_end_of_an_answer_too(wire: LoopbackProxy) -> None:
    wire.delay(0.3)
    with connected(wire) as line:
        began = time.monotonic()
        assert ask(line, b"farewell") == b"yes"
        assert line.recv(10) == b""
        assert time.monotonic() - began >= 0.3


def test_an_answer_comes_twice_once(wire: LoopbackProxy) -> None:
    wire.duplicate()
    with connected(wire) as line:
        assert ask(line) == b"yesyes"
        assert ask(line) == b"yes"


def test_what_was_said_is_said_again(wire: LoopbackProxy, peer: tuple[int, list[bytes]]) -> None:
    with connected(wire) as line:
        ask(line, b"first")
        ask(line, b"second")
    assert wire.replay() == b"yes"
    assert wire.replay(wire.sent[0]) == b"yes"
    assert peer[1] == [b"first", b"second", b"second", b"first"]


def test_a_peer_that_is_down_resets_who_comes(wire: LoopbackProxy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        wire.target_port = nobody.getsockname()[1]
    with pytest.raises(ConnectionError):
        heard(wire)


def heard(wire: LoopbackProxy) -> bytes:
    """What comes of connecting; a reset may come before, or after, connecting is done."""
    with connected(wire) as line:
        return line.recv(1)
