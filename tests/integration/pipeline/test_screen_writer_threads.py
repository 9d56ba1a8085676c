"""The writer to the screen, used by two threads: out of service waits for no view that hangs."""

from __future__ import annotations

import threading

import pytest

from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.door import screen_writer
from kiosk.door.screen_writer import OFF, ScreenWriter

GRANTED = View(Prompt.GRANTED, Tone.GRANTED)
WAIT = 5.0


class SlowScreen:
    """Takes its time for every view but "out of service"."""

    def __init__(self) -> None:
        self.written: list[View] = []
        self.began, self.goes_on = threading.Event(), threading.Event()

    def write(self, view: View) -> None:
        if view != OFF:
            self.began.set()
            self.goes_on.wait(WAIT)
        self.written.append(view)


def test_a_view_that_is_being_written_ends_before_out_of_service() -> None:
    screen = SlowScreen()
    writer = ScreenWriter(screen.write)
    showing = threading.Thread(target=writer.show, args=(GRANTED,))
    shutting = threading.Thread(target=writer.shut)
    showing.start()
    assert screen.began.wait(WAIT)
    shutting.start()
    screen.goes_on.set()
    showing.join(WAIT)
    shutting.join(WAIT)
    assert screen.written == [GRANTED, OFF]


def test_a_writer_that_hangs_does_not_hold_up_out_of_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screen_writer, "PATIENCE_SECONDS", 0.05)
    screen = SlowScreen()
    writer = ScreenWriter(screen.write)
    hanging = threading.Thread(target=writer.show, args=(GRANTED,))
    hanging.start()
    assert screen.began.wait(WAIT)
    writer.shut()
    assert screen.written == [OFF]
    screen.goes_on.set()
    hanging.join(WAIT)
