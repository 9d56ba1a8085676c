"""The seam between plain threads and the window."""

from __future__ import annotations

import threading

import pytest
from kiosk_screen import plain, window
from PyQt6.QtCore import QCoreApplication, QThread
from pytestqt.qtbot import QtBot

from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.frame import Frame
from kiosk.ui.bridge import Bridge, Presenter, ShownView
from kiosk.ui.window import KioskWindow

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)
GRANTED = View(Prompt.GRANTED, Tone.GRANTED, 1.0)


class Frames:
    """Hands out a new frame at each call."""

    def __init__(self) -> None:
        self.taken = 0

    def latest(self) -> Frame | None:
        self.taken += 1
        return plain(100)


@pytest.fixture
def screen(qtbot: QtBot) -> KioskWindow:
    made = window((640, 400))
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_view_from_a_plain_thread_is_shown_in_the_main_thread(
    qtbot: QtBot, screen: KioskWindow
) -> None:
    bridge = Bridge()
    presenter = Presenter(bridge, screen, lambda: None)
    threads: list[QThread | None] = []
    screen.said.connect(lambda *_: threads.append(QThread.currentThread()))
    with qtbot.waitSignal(screen.said):
        threading.Thread(target=bridge.show, args=(GRANTED, "Grace")).start()
    assert screen.result.sentence.text() == "Welcome, Grace"
    application = QCoreApplication.instance()
    assert application is not None
    assert threads == [application.thread()]
    presenter.stop()


def test_views_of_one_thread_come_in_their_order(qtbot: QtBot, screen: KioskWindow) -> None:
    bridge = Bridge()
    presenter = Presenter(bridge, screen, lambda: None)
    seen: list[float] = []
    screen.said.connect(lambda view, _message: seen.append(view.progress))
    steps = [step / 100 for step in range(100)]

    def work() -> None:
        for step in steps:
            bridge.show(View(Prompt.HOLD_STILL, Tone.RIGHT, step))

    thread = threading.Thread(target=work)
    thread.start()
    qtbot.waitUntil(lambda: len(seen) == len(steps))
    thread.join()
    assert seen == steps
    presenter.stop()


def test_a_call_from_the_main_thread_is_queued_behind_those_that_came_before(
    qtbot: QtBot, screen: KioskWindow
) -> None:
    bridge = Bridge()
    presenter = Presenter(bridge, screen, lambda: None)
    with qtbot.waitSignals([screen.said, screen.said]):
        worker = threading.Thread(target=bridge.show, args=(GRANTED,))
        worker.start()
        worker.join()
        bridge.show(IDLE)
        assert screen.view.prompt is Prompt.STARTING
    assert screen.view == IDLE
    presenter.stop()


def test_frames_are_pulled_while_the_picture_is_to_be_seen(
    qtbot: QtBot, screen: KioskWindow
) -> None:
    frames = Frames()
    presenter = Presenter(Bridge(), screen, frames.latest)
    presenter.start()
    qtbot.waitUntil(lambda: frames.taken >= 3)
    assert screen.stage.oval() is not None
    presenter.stop()


def test_no_frame_is_pulled_while_a_result_stands(qtbot: QtBot, screen: KioskWindow) -> None:
    frames = Frames()
    bridge = Bridge()
    presenter = Presenter(bridge, screen, frames.latest)
    screen.show_view(GRANTED)
    turns: list[None] = []
    presenter._timer.timeout.connect(lambda: turns.append(None))
    presenter.start()
    qtbot.waitUntil(lambda: len(turns) >= 3)
    assert frames.taken == 0
    bridge.show(IDLE)
    qtbot.waitUntil(lambda: frames.taken >= 1)
    presenter.stop()


def test_where_there_is_no_newer_frame_the_old_one_stays(qtbot: QtBot, screen: KioskWindow) -> None:
    asked: list[None] = []
    screen.show_frame(plain(100))

    def nothing() -> Frame | None:
        asked.append(None)
        return None

    presenter = Presenter(Bridge(), screen, nothing)
    presenter.start()
    qtbot.waitUntil(lambda: len(asked) >= 2)
    assert screen.stage.oval() is not None
    presenter.stop()


def test_what_crosses_the_seam_cannot_be_changed_on_the_way() -> None:
    shown = ShownView(IDLE)
    with pytest.raises(AttributeError):
        shown.given_name = "Grace"  # type: ignore[misc]
