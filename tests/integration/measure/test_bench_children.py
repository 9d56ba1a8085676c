"""Measured kiosks as child processes; here the children are short scripts."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from config.settings import load
from kiosk.bench import children as bench_children
from kiosk.bench.children import Children, environment_of
from kiosk.domain.errors import OutOfServiceError

HOME = Path("nowhere")
Play = Callable[[str], list[list[str]]]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Lets every child be a script; gives the arguments that it was started with."""

    def script(text: str) -> list[list[str]]:
        started: list[list[str]] = []

        def program(arguments: Sequence[str]) -> list[str]:
            started.append(list(arguments))
            return [sys.executable, "-u", "-c", textwrap.dedent(text)]

        monkeypatch.setattr(bench_children, "_program", program)
        return started

    return script


@pytest.fixture
def children() -> Children:
    return Children(("--config", "some.toml"), dict(os.environ))


def test_a_part_tells_its_last_line(play: Play, children: Children) -> None:
    started = play("""print('greetings'); print('{"frames_per_second": 30}')""")
    assert children.part("speed", HOME, "--quick") == {"frames_per_second": 30}
    assert started == [
        ["bench", "--part", "speed", "--home", "nowhere", "--config", "some.toml", "--quick"],
    ]


def test_search_has_one_thread_and_the_others_have_not(play: Play, children: Children) -> None:
    play("import os; print('\"%s\"' % os.environ.get('OPENBLAS_NUM_THREADS'))")
    assert children.part("search", HOME) == "1"
    assert children.part("speed", HOME) == str(os.environ.get("OPENBLAS_NUM_THREADS"))


def test_a_run_tells_its_summary(play: Play, children: Children) -> None:
    started = play("""print('{"event": "preview"}'); print('{"peak_rss_mb": 1.5}')""")
    assert children.run(HOME, "images:x")["peak_rss_mb"] == 1.5
    assert started[0][:5] == ["run", "--home", "nowhere", "--source", "images:x"]


def test_a_child_that_fails_says_why(play: Play, children: Children) -> None:
    play("""
        import sys
        print("INFO: noise", file=sys.stderr)
        print("kiosk: The disk is full.", file=sys.stderr)
        print("       Make room.", file=sys.stderr)
        sys.exit(4)
    """)
    with pytest.raises(OutOfServiceError, match=r"part 'speed' .* failed: The disk is full"):
        children.part("speed", HOME)


def test_a_child_that_dies_without_a_word_is_told_too(play: Play, children: Children) -> None:
    play("import os; os.kill(os.getpid(), 9)")
    with pytest.raises(OutOfServiceError, match="failed: it said nothing"):
        children.part("speed", HOME)


def test_a_child_that_hangs_is_ended(
    play: Play, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_children, "PART_SECONDS", 0.3)
    play("import signal; signal.pause()")
    with pytest.raises(OutOfServiceError, match=r"it took longer than 0\.3 s"):
        children.part("speed", HOME)


def test_a_start_is_timed_to_each_mark_and_then_ended(play: Play, children: Children) -> None:
    play("""
        import signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print('{"event": "preview"}')
        print('{"event": "fault"}')
        print('{"event": "ready"}')
        signal.pause()
    """)
    reached = children.start(HOME, "images:x")
    assert 0.0 < reached["preview"] <= reached["ready"]


def test_a_start_that_never_gets_there_says_why(play: Play, children: Children) -> None:
    play("""
        import sys
        print('{"event": "preview"}')
        sys.exit("kiosk: The model file is missing.")
    """)
    with pytest.raises(OutOfServiceError, match=r"'start' .*: The model file is missing"):
        children.start(HOME, "images:x")


def test_a_start_that_hangs_is_ended(
    play: Play, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_children, "START_SECONDS", 0.5)
    play("import signal; signal.pause()")
    with pytest.raises(OutOfServiceError, match="'start'"):
        children.start(HOME, "images:x")


def test_a_real_child_is_this_program(children: Children) -> None:
    done = subprocess.run(
        bench_children._program(["--help"]),
        capture_output=True,
        text=True,
        check=True,
        env=children.environment,
    )
    assert "bench" in done.stdout


def test_without_a_display_the_window_is_drawn_offscreen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    environment = environment_of(Path("weights"))
    assert environment["QT_QPA_PLATFORM"] == "offscreen"
    assert environment["KIOSK_MODELS__DIRECTORY"] == "weights"
    monkeypatch.setenv("DISPLAY", ":0")
    assert "QT_QPA_PLATFORM" not in environment_of(Path("weights"))


def test_a_measured_kiosk_hears_no_operator_and_moves_no_real_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("""
        [door]
        driver = "modbus"
        fail_mode = "secure"
        lock = "strike"
        interlock = true
        modbus.neighbour = { input = 1, normally = "closed" }
        modbus.host = "10.1.1.1"
        modbus.mode = "coil"
        modbus.coil = 0
        [operators]
        mqtt = { host = "10.1.1.1", allow_insecure = true }
    """)
    site = load(tmp_path)
    assert site.operators.mqtt is not None
    monkeypatch.setenv("KIOSK_OPERATORS__MQTT__HOST", "10.1.1.2")
    monkeypatch.setenv("KIOSK_DOOR__DRIVER", "modbus")
    told = environment_of(Path("weights"))
    for name in ("KIOSK_OPERATORS__MQTT__HOST", *bench_children.UNWIRED):
        monkeypatch.delenv(name, raising=False)
        if name in told:
            monkeypatch.setenv(name, told[name])
    measured = load(tmp_path)
    assert measured.door.driver == "simulated"
    assert not measured.door.interlock
    assert measured.operators.mqtt is None
    assert not measured.operators.local
