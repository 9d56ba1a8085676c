"""Work in threads of its own, told in the main thread."""

from __future__ import annotations

import threading

import pytest
from PyQt6 import sip
from pytestqt.qtbot import QtBot

from kiosk.ui.jobs import BackgroundJob, Jobs

pytestmark = pytest.mark.usefixtures("qapp")


def test_what_a_job_yields_is_told_in_the_main_thread_and_in_order(qtbot: QtBot) -> None:
    jobs, told, ended = Jobs(), [], []
    threads: set[threading.Thread] = set()

    def tell(item: object) -> None:
        threads.add(threading.current_thread())
        told.append(item)

    assert jobs.start(BackgroundJob("a", lambda: range(20), tell, ended.append))
    qtbot.waitUntil(lambda: ended == [""])
    assert told == list(range(20))
    assert threads == {threading.main_thread()}
    assert not jobs.busy("a")


def test_a_lane_has_one_job_at_a_time_and_does_not_hold_up_another(qtbot: QtBot) -> None:
    jobs, gate, ended = Jobs(), threading.Event(), []

    def wait() -> tuple[()]:
        assert gate.wait(10)
        return ()

    slow = BackgroundJob("slow", wait, ended.append, lambda _: ended.append("slow"))
    assert jobs.start(slow)
    assert not jobs.start(slow)
    assert jobs.start(BackgroundJob("quick", tuple, ended.append, lambda _: ended.append("quick")))
    qtbot.waitUntil(lambda: ended == ["quick"])
    gate.set()
    qtbot.waitUntil(lambda: ended == ["quick", "slow"])


def test_nobody_hears_of_a_job_that_was_forgotten(qtbot: QtBot) -> None:
    jobs, gate, heard = Jobs(), threading.Event(), []

    def work() -> list[str]:
        assert gate.wait(10)
        return ["late"]

    jobs.start(BackgroundJob("a", work, heard.append, heard.append))
    jobs.forget()
    assert jobs.busy("a")
    gate.set()
    qtbot.waitUntil(lambda: not jobs.busy("a"))
    assert heard == []


def test_a_job_that_outlives_the_program_hurts_nobody() -> None:
    jobs, begun, gate = Jobs(), threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def work() -> list[str]:
        threads.append(threading.current_thread())
        begun.set()
        assert gate.wait(10)
        return ["late"]

    jobs.start(BackgroundJob("a", work, print, print))
    assert begun.wait(10)
    sip.delete(jobs)  # as Qt does at the end; an error in the thread would fail this test
    gate.set()
    threads[0].join(10)
    assert not threads[0].is_alive()
