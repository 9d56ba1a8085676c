"""The window as a program: ready, signals, faults in slots, quitting in good order."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kiosk_screen import LANE, SITE, clear_windows, plain, pseudo
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QApplication

from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.frame import Frame
from kiosk.ui.app import FAULT_EXIT_CODE, Program, WindowParts, run_window
from kiosk.ui.bridge import Bridge
from kiosk.ui.endings import FaultHook
from kiosk.ui.window import KioskWindow

pytestmark = pytest.mark.usefixtures("no_window_left")

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)


@pytest.fixture
def no_window_left(qapp: QApplication) -> Iterator[None]:
    """A program that a test's own functions keep alive leaves its window to whoever comes next."""
    yield
    clear_windows(qapp)
    assert not [each for each in qapp.topLevelWidgets() if isinstance(each, KioskWindow)]


class Heard:
    """What a run told its parts."""

    def __init__(self) -> None:
        self.quits = 0
        self.faults: list[str] = []
        self.warnings: list[str] = []
        self.bridge: Bridge | None = None

    def quit(self) -> None:
        self.quits += 1


@pytest.fixture
def heard() -> Heard:
    return Heard()


def parts_of(
    heard: Heard,
    ready: Callable[[Bridge], None],
    latest: Callable[[], Frame | None] = lambda: None,
) -> WindowParts:
    return WindowParts(
        site=SITE,
        lane=LANE,
        latest=latest,
        on_ready=ready,
        on_quit=heard.quit,
        on_fault=heard.faults.append,
        warn=heard.warnings.append,
        fullscreen=False,
        size=(640, 400),
    )


def test_what_the_screen_cannot_show_is_said_at_the_start(heard: Heard) -> None:
    """No font has letters for these codes; the kiosk starts nevertheless."""
    parts = parts_of(heard, lambda bridge: bridge.quit(0))
    site = replace(SITE, organisation="\u0378")
    assert run_window(replace(parts, site=site, names={"p-1": "\u0379", "p-2": "Grace"})) == 0
    said = [each for each in heard.warnings if "no installed font" in each]
    assert [each.split(" has letters")[0] for each in said] == [
        "screen.organisation",
        "The given name of p-1",
    ]
    assert all("apt-get install" in each for each in said)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_program_in_good_order(heard: Heard, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    parts = parts_of(heard, lambda _bridge: os.kill(os.getpid(), number))
    assert run_window(parts) == 0
    assert heard.quits == 1
    assert heard.faults == []
    assert signal.getsignal(number) is before


def test_every_signal_that_it_is_given_ends_it(heard: Heard) -> None:
    parts = parts_of(heard, lambda _bridge: os.kill(os.getpid(), signal.SIGHUP))
    assert run_window(replace(parts, signals=(signal.SIGTERM, signal.SIGHUP))) == 0
    assert heard.quits == 1


def test_a_signal_that_was_ignored_from_the_beginning_stays_ignored(heard: Heard) -> None:
    """As `nohup` has it: the program outlives its terminal."""

    def ready(bridge: Bridge) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        bridge.quit(3)

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        parts = replace(parts_of(heard, ready), signals=(signal.SIGTERM, signal.SIGHUP))
        assert run_window(parts) == 3
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_bridge_ends_the_program_with_an_exit_code_from_a_plain_thread(heard: Heard) -> None:
    def ready(bridge: Bridge) -> None:
        threading.Thread(target=bridge.quit, args=(3,)).start()

    assert run_window(parts_of(heard, ready)) == 3
    assert heard.quits == 1


def test_closing_the_window_ends_the_program(qapp: QApplication, heard: Heard) -> None:
    program = Program(qapp, parts_of(heard, lambda _bridge: None))
    QTimer.singleShot(0, program.window.close)
    try:
        assert program.run() == 0
    finally:
        program.close()
    assert heard.quits == 1


def test_closing_a_full_screen_does_not_end_the_program(qapp: QApplication, heard: Heard) -> None:
    """What Alt+F4 sends, and a session that asks every window to close."""
    still: list[bool] = []

    def ready(bridge: Bridge) -> None:
        program.window.close()
        qapp.closeAllWindows()
        QTimer.singleShot(50, lambda: look(bridge))

    def look(bridge: Bridge) -> None:
        still.append(program.window.isVisible() and heard.quits == 0)
        bridge.quit(3)

    program = Program(qapp, replace(parts_of(heard, ready), fullscreen=True))
    try:
        assert program.run() == 3
    finally:
        program.close()
    assert (still, heard.quits) == ([True], 1)


def test_an_exception_while_a_frame_is_pulled_is_told_and_takes_the_kiosk_out_of_service(
    qapp: QApplication, heard: Heard
) -> None:
    def broken() -> Frame | None:
        raise ValueError("Grace Hopper")

    def on_fault(detail: str) -> None:
        heard.faults.append(detail)
        QTimer.singleShot(0, lambda: program.end(0))

    parts = replace(parts_of(heard, lambda _bridge: None, broken), on_fault=on_fault)
    program = Program(qapp, parts)
    try:
        assert program.run() == FAULT_EXIT_CODE
    finally:
        program.close()
    assert program.window.view == View(Prompt.OUT_OF_SERVICE, Tone.OFF)
    assert len(heard.faults) == 1
    assert heard.faults[0].startswith("ValueError in test_window_program.py, line ")
    assert "Grace" not in heard.faults[0]
    assert heard.quits == 1


def test_a_failed_screen_shows_nothing_else_afterwards(qapp: QApplication, heard: Heard) -> None:
    program = Program(qapp, parts_of(heard, lambda _bridge: None))
    program.close()
    program.window.fail()
    program.window.show_view(IDLE)
    assert program.window.view.prompt is Prompt.OUT_OF_SERVICE


def test_an_exception_in_the_fault_handler_itself_does_not_abort(
    qapp: QApplication, heard: Heard, capsys: pytest.CaptureFixture[str]
) -> None:
    def on_fault(_detail: str) -> None:
        QTimer.singleShot(0, lambda: program.end(0))
        raise RuntimeError

    def broken() -> Frame | None:
        raise ValueError

    parts = replace(parts_of(heard, lambda _bridge: None, broken), on_fault=on_fault)
    program = Program(qapp, parts)
    try:
        assert program.run() == FAULT_EXIT_CODE
    finally:
        program.close()
    assert program.window.view.prompt is Prompt.OUT_OF_SERVICE
    assert "ValueError in test_window_program.py" in capsys.readouterr().err


def test_a_place_that_fails_again_and_again_is_told_once(heard: Heard) -> None:
    def fail() -> None:
        raise ValueError

    hook = FaultHook(heard.faults.append)
    try:
        for _ in range(3):
            try:
                fail()
            except ValueError as error:
                sys.excepthook(type(error), error, error.__traceback__)
    finally:
        hook.close()
    assert len(heard.faults) == 1


def test_two_reasons_to_end_stop_the_parts_once(heard: Heard) -> None:
    def ready(bridge: Bridge) -> None:
        bridge.quit(3)
        bridge.quit(2)
        os.kill(os.getpid(), signal.SIGTERM)

    assert run_window(parts_of(heard, ready)) == 3
    assert heard.quits == 1


def test_parts_that_fail_to_stop_make_the_exit_code_say_so(
    qapp: QApplication, heard: Heard
) -> None:
    def broken_quit() -> None:
        raise OSError

    parts = replace(parts_of(heard, lambda bridge: bridge.quit()), on_quit=broken_quit)
    program = Program(qapp, parts)
    try:
        assert program.run() == FAULT_EXIT_CODE
    finally:
        program.close()
    assert heard.faults[0].startswith("OSError in test_window_program.py")


def test_threads_that_cannot_be_started_leave_face_entry_off(
    qapp: QApplication, heard: Heard
) -> None:
    def ready(_bridge: Bridge) -> None:
        QTimer.singleShot(0, lambda: program.end(0))
        raise OSError

    program = Program(qapp, parts_of(heard, ready))
    try:
        assert program.run() == FAULT_EXIT_CODE
    finally:
        program.close()
    assert program.window.view.prompt is Prompt.OUT_OF_SERVICE


def test_the_voice_speaks_what_the_screen_says_and_is_silenced_at_the_end(
    qapp: QApplication, heard: Heard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    engine = tmp_path / "espeak-ng"
    engine.write_text(f'#!/bin/sh\nfor word; do :; done\necho "$word" > "{told}"\nexec sleep 60\n')
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def ready(bridge: Bridge) -> None:
        bridge.show(View(Prompt.MOVE_LEFT, Tone.WRONG))
        watch.start()

    def look() -> None:
        if told.exists() and told.read_text():
            program.bridge.quit()

    watch = QTimer(interval=10)
    watch.timeout.connect(look)
    program = Program(qapp, replace(parts_of(heard, ready), speak=True))
    try:
        assert program.run() == 0
    finally:
        watch.stop()
        program.close()
    assert told.read_text() == "Move left\n"
    assert program.voice is not None
    assert not program.voice.speaking


def test_help_is_told(qapp: QApplication, heard: Heard) -> None:
    pressed: list[str] = []

    def ready(bridge: Bridge) -> None:
        program.window.notice.button.click()
        bridge.quit()

    program = Program(qapp, replace(parts_of(heard, ready), on_help=lambda: pressed.append("help")))
    try:
        program.run()
    finally:
        program.close()
    assert pressed == ["help"]


def test_a_code_and_the_installers_parts_reach_the_window(qapp: QApplication, heard: Heard) -> None:
    codes: list[str] = []
    parts = replace(parts_of(heard, lambda _bridge: None), on_code=codes.append)
    program = Program(qapp, parts)
    program.close()
    program.window.pad._typed.extend("4071")
    program.window.pad._submit()
    assert codes == ["4071"]
    assert program.window.installer is None


def test_full_screen_hides_the_pointer(qapp: QApplication, heard: Heard) -> None:
    seen: list[tuple[bool, Qt.CursorShape]] = []

    def ready(bridge: Bridge) -> None:
        seen.append((program.window.isFullScreen(), program.window.cursor().shape()))
        bridge.quit()

    program = Program(qapp, replace(parts_of(heard, ready), fullscreen=True))
    try:
        program.run()
    finally:
        program.close()
    assert seen == [(True, Qt.CursorShape.BlankCursor)]


def test_a_missing_typeface_is_warned_of_once(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.ui.look.fonts.FILES", {"no_such_package_of_letters": "none.ttf"})
    run_window(parts_of(heard, lambda bridge: bridge.quit()))
    assert heard.warnings == ["The typeface Inter is not installed, so the system's own is used."]


def test_the_hook_is_put_back(heard: Heard) -> None:
    before = sys.excepthook
    run_window(parts_of(heard, lambda bridge: bridge.quit()))
    assert sys.excepthook is before


def test_frames_reach_the_stage(qapp: QApplication, heard: Heard) -> None:
    pulled: list[int] = []
    program: Program

    def latest() -> Frame | None:
        pulled.append(len(pulled))
        if len(pulled) == 3:
            program.bridge.quit()
        return plain(128)

    program = Program(qapp, parts_of(heard, lambda bridge: bridge.show(IDLE), latest))
    try:
        assert program.run() == 0
    finally:
        program.close()
    assert program.window.stage.oval() is not None
    assert heard.faults == []


def test_the_voice_changes_its_language_with_the_screen(
    qapp: QApplication, heard: Heard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    engine = tmp_path / "espeak-ng"
    engine.write_text(f'#!/bin/sh\necho "$2" >> "{told}"\n')
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def ready(bridge: Bridge) -> None:
        bridge.show(View(Prompt.MOVE_LEFT, Tone.WRONG))
        watch.start()

    def look() -> None:
        spoken = told.read_text().split() if told.exists() else []
        if spoken == ["en"]:
            program.window.change_language(pseudo("pl"))
        elif spoken:
            program.bridge.quit()

    watch = QTimer(interval=10)
    watch.timeout.connect(look)
    program = Program(qapp, replace(parts_of(heard, ready), speak=True))
    try:
        assert program.run() == 0
    finally:
        watch.stop()
        program.close()
    assert set(told.read_text().split()[1:]) == {"pl"}
