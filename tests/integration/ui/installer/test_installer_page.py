"""The installer's page: behind a PIN, gone after a minute, and never waiting in the screen."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from kiosk_screen import LANE, SITE, enter, installer_of, pixels_of, plain, speech
from PyQt6 import sip
from PyQt6.QtCore import QEvent, QPointF, QRect, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from kiosk.domain.door.protocol import DoorReading, Leaf, Lock
from kiosk.domain.errors import DoorTimeout
from kiosk.domain.finding import Finding, Health
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.store.secrets.admin_pin import Attempt
from kiosk.ui.addresses import addresses
from kiosk.ui.installer import DoorNow, InstallerParts
from kiosk.ui.pages.installer import panel as installer_panel
from kiosk.ui.pages.installer.page import CLOSES_AFTER_MS, InstallerPage
from kiosk.ui.widgets.notice import HOLD_MS
from kiosk.ui.window import KioskWindow

RIGHT = "402958"
IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)


class Bench:
    """Stands for a door and what looks after it; every call notes its thread."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.calls: list[str] = []
        self.tried: list[str] = []
        self.now = DoorNow("secured", DoorReading(leaf=Leaf.CLOSED, neighbour_secured=False))
        self.error: Exception | None = None
        self.is_set = True
        self.gate = threading.Event()
        self.gate.set()

    def _call(self, name: str) -> None:
        self.threads.append(threading.current_thread())
        self.calls.append(name)
        assert self.gate.wait(10)
        if self.error is not None:
            raise self.error

    def check_pin(self, code: str) -> Attempt:
        self.tried.append(code)
        self._call("pin")
        return Attempt(right=code == RIGHT, left=4, wait_seconds=0.0)

    def reading(self) -> DoorNow:
        self.threads.append(threading.current_thread())
        return self.now

    def release(self) -> None:
        self._call("release")

    def secure(self) -> None:
        self.calls.append("secure")

    def test(self) -> Iterator[Finding]:
        yield Finding("Release", Health.OK, "acknowledged in 12 ms")
        self._call("test")
        yield Finding("Leaf", Health.BAD, "did not move", "Look at the contact.")

    def doctor(self) -> Iterator[Finding]:
        yield Finding("Clock", Health.WARN, "not synchronised")

    def parts(self) -> InstallerParts:
        return InstallerParts(
            check_pin=self.check_pin,
            reading=self.reading,
            release=self.release,
            secure=self.secure,
            test=self.test,
            doctor=self.doctor,
            version="0.3.0",
            pin_is_set=lambda: self.is_set,
        )


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.gate.set()
    for thread in made.threads:
        thread.join(10)


@pytest.fixture
def screen(qtbot: QtBot, bench: Bench) -> KioskWindow:
    made = KioskWindow(speech(SITE), LANE, lambda: 100.0, installer=bench.parts())
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.show_view(IDLE)
    return made


def opened(qtbot: QtBot, screen: KioskWindow) -> InstallerPage:
    page = installer_of(screen)
    screen._open_installer()
    enter(page, RIGHT)
    qtbot.waitUntil(page.panel.isVisible)
    return page


def settled(qtbot: QtBot, page: InstallerPage, text: str) -> None:
    qtbot.waitUntil(lambda: page.panel.status.text() == text)


def touch(screen: KioskWindow, kind: QEvent.Type, at: QPointF) -> None:
    button = Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else button
    where = screen.notice.mapToGlobal(at)
    event = QMouseEvent(kind, at, where, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(screen.notice, event)


def test_a_finger_held_on_the_name_asks_for_the_admin_pin(
    qtbot: QtBot, screen: KioskWindow
) -> None:
    notice = screen.notice
    assert notice._hold.interval() == HOLD_MS == 5000
    notice._hold.setInterval(1)
    at = QPointF(notice.details.geometry().center())
    with qtbot.waitSignal(notice.held):
        touch(screen, QEvent.Type.MouseButtonPress, at)
    assert installer_of(screen).pad.isVisible()
    assert installer_of(screen).panel.isHidden()
    assert not screen.wants_frames


def test_a_finger_that_is_lifted_or_slips_or_lies_elsewhere_means_nothing(
    screen: KioskWindow,
) -> None:
    notice = screen.notice
    at = QPointF(notice.details.geometry().center())
    touch(screen, QEvent.Type.MouseButtonPress, at)
    assert notice._hold.isActive()
    touch(screen, QEvent.Type.MouseButtonRelease, at)
    assert not notice._hold.isActive()
    touch(screen, QEvent.Type.MouseButtonPress, at)
    touch(screen, QEvent.Type.MouseMove, QPointF(notice.headline.geometry().center()))
    assert not notice._hold.isActive()
    touch(screen, QEvent.Type.MouseButtonPress, QPointF(notice.headline.geometry().center()))
    assert not notice._hold.isActive()


def test_the_keys_open_it_too_and_escape_closes_it(qtbot: QtBot, screen: KioskWindow) -> None:
    screen.activateWindow()
    control = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(screen, Qt.Key.Key_I, control)
    page = installer_of(screen)
    qtbot.waitUntil(page.isVisible)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.isHidden()


def test_where_there_is_no_installers_page_nothing_opens(qtbot: QtBot) -> None:
    made = KioskWindow(speech(SITE), LANE)
    qtbot.addWidget(made)
    made.show()
    made.notice.held.emit()
    made._open_installer()
    assert made.installer is None
    assert made.wants_frames


def test_a_wrong_pin_opens_nothing_and_says_what_is_left(
    qtbot: QtBot, screen: KioskWindow, bench: Bench
) -> None:
    page = installer_of(screen)
    screen._open_installer()
    enter(page, "111222")
    qtbot.waitUntil(lambda: page.ask.text() == "That PIN didn't work. 4 attempts left.")
    qtbot.waitUntil(page.pad.isEnabled)
    assert page.panel.isHidden()
    assert bench.tried == ["111222"]
    assert page.pad.dots.count == 0


@pytest.mark.parametrize("error", [DoorTimeout("The store is away.", "Wait."), OSError("402958")])
def test_a_pin_that_cannot_be_checked_opens_nothing(
    qtbot: QtBot, screen: KioskWindow, bench: Bench, error: Exception
) -> None:
    bench.error = error
    page = installer_of(screen)
    screen._open_installer()
    enter(page, RIGHT)
    qtbot.waitUntil(page.pad.isEnabled)
    assert page.panel.isHidden()
    assert RIGHT not in page.ask.text()
    assert page.ask.text() not in {"", "One moment, please"}


def test_what_there_is_to_say_before_a_pin_is_typed(
    qtbot: QtBot, screen: KioskWindow, bench: Bench
) -> None:
    bench.is_set = False
    page = installer_of(screen)
    screen._open_installer()
    qtbot.waitUntil(lambda: page.ask.text().startswith("There is no admin PIN."))
    assert page.panel.isHidden()
    assert page.pad.isEnabled()


def test_an_answer_that_comes_after_the_page_was_closed_opens_nothing(
    qtbot: QtBot, screen: KioskWindow, bench: Bench
) -> None:
    bench.gate.clear()
    page = installer_of(screen)
    screen._open_installer()
    enter(page, RIGHT)
    assert not page.pad.isEnabled()
    qtbot.waitUntil(lambda: bench.calls == ["pin"])
    page.close_page()
    screen._open_installer()
    bench.gate.set()
    qtbot.waitUntil(lambda: not page._jobs.busy("pin"))
    assert page.panel.isHidden()
    assert page.pad.isVisible()


def test_a_pin_typed_while_the_last_one_is_still_looked_at_is_not_taken_for_it(
    qtbot: QtBot, screen: KioskWindow, bench: Bench
) -> None:
    bench.gate.clear()
    page = installer_of(screen)
    screen._open_installer()
    enter(page, RIGHT)
    page.close_page()
    screen._open_installer()
    assert page.pad.isEnabled()
    enter(page, "111222")
    bench.gate.set()
    qtbot.waitUntil(lambda: not page._jobs.busy("pin"))
    assert bench.tried == [RIGHT]
    assert page.panel.isHidden()


def test_the_door_is_shown_as_its_wire_says_and_stays_live(
    qtbot: QtBot, screen: KioskWindow, bench: Bench
) -> None:
    page = opened(qtbot, screen)
    now = page.panel.now
    qtbot.waitUntil(lambda: now.whole.text() == "The door is locked")
    assert {key: label.text() for key, label in now.states.items()} == {
        "lock": "secured",
        "leaf": "closed",
        "tamper": "no signal",
        "exit": "no signal",
        "fire": "no signal",
        "neighbour": "not secured",
    }
    reading = DoorReading(
        Lock.RELEASED, Leaf.OPEN, tampered=True, exit_asked=True, fire=True, neighbour_secured=True
    )
    bench.now = DoorNow("fire", reading)
    qtbot.waitUntil(lambda: now.states["lock"].text() == "released")
    assert [now.states[key].text() for key in ("leaf", "tamper", "exit", "fire", "neighbour")] == [
        "open",
        "touched",
        "pressed",
        "active: the door must be unlocked",
        "secured",
    ]
    bench.now = DoorNow("unknown", None)
    qtbot.waitUntil(lambda: now.whole.text() == "The door doesn't answer")
    assert not any(label.text() for label in now.states.values())


def test_a_release_that_hangs_leaves_the_screen_and_the_secure_button_alive(
    qtbot: QtBot, screen: KioskWindow, bench: Bench
) -> None:
    page = opened(qtbot, screen)
    bench.gate.clear()
    release, secure = page.panel.buttons["release"], page.panel.buttons["secure"]
    assert release.text() == "Release for 3 s"
    release.click()
    release.click()
    assert not release.isEnabled()
    qtbot.waitUntil(lambda: "release" in bench.calls)
    secure.click()
    settled(qtbot, page, "Secure: Done")
    assert bench.calls == ["pin", "release", "secure"]
    bench.gate.set()
    settled(qtbot, page, "Release for 3 s: Done")
    assert release.isEnabled()
    assert threading.main_thread() not in bench.threads


def test_what_went_wrong_is_said_with_its_remedy(
    qtbot: QtBot, screen: KioskWindow, bench: Bench
) -> None:
    page = opened(qtbot, screen)
    bench.error = DoorTimeout("The door did not answer.", "Look at door.host.")
    page.panel.buttons["release"].click()
    settled(qtbot, page, "Release for 3 s: The door did not answer. Look at door.host.")
    bench.error = ValueError("Grace")
    page.panel.buttons["release"].click()
    qtbot.waitUntil(lambda: "ValueError in" in page.panel.status.text())
    assert "Grace" not in page.panel.status.text()


def test_each_step_of_the_doors_test_is_shown_as_it_comes(
    qtbot: QtBot, screen: KioskWindow, bench: Bench
) -> None:
    page = opened(qtbot, screen)
    bench.gate.clear()
    page.panel.buttons["test"].click()
    first = ["Good", "Release: acknowledged in 12 ms"]
    qtbot.waitUntil(lambda: page.panel.findings.texts == first)
    assert not page.panel.buttons["doctor"].isEnabled()
    bench.gate.set()
    settled(qtbot, page, "Test the door: Done")
    assert page.panel.findings.texts == [
        *first,
        "Not in order",
        "Leaf: did not move",
        "Look at the contact.",
    ]
    page.panel.buttons["doctor"].click()
    settled(qtbot, page, "Check everything: Done")
    assert page.panel.findings.texts == ["Warning", "Clock: not synchronised"]


def test_it_goes_after_a_minute_without_a_touch_and_asks_again(
    qtbot: QtBot, screen: KioskWindow
) -> None:
    page = opened(qtbot, screen)
    assert page._timer.interval() == CLOSES_AFTER_MS == 60_000
    page._timer.setInterval(1)
    with qtbot.waitSignal(screen.pages.currentChanged):
        page._timer.start()
    assert page.isHidden()
    assert not page._poll.isActive()
    screen._open_installer()
    assert page.panel.isHidden()
    assert page.pad.isVisible()


@pytest.mark.parametrize("part", ["page", "table", "button"])
def test_a_touch_anywhere_on_it_gives_another_minute(
    qtbot: QtBot, screen: KioskWindow, part: str
) -> None:
    page = opened(qtbot, screen)
    touched = {
        "page": page,
        "table": page.panel.findings.viewport(),
        "button": page.panel.buttons["secure"],
    }[part]
    assert touched is not None
    before = page._timer.timerId()
    qtbot.mousePress(touched, Qt.MouseButton.LeftButton)
    assert page._timer.isActive()
    assert page._timer.timerId() != before, "the timer was not started anew"


def test_help_and_the_notice_stay_while_it_is_open(qtbot: QtBot, screen: KioskWindow) -> None:
    page = opened(qtbot, screen)
    with qtbot.waitSignal(screen.help_requested):
        screen.notice.button.click()
    assert screen.help_page.isVisible()
    assert screen.childAt(page.geometry().center()) is not page.panel
    screen.help_page.close_page()
    assert page.isVisible()


def test_typing_on_it_reaches_no_pad_behind_it(
    qtbot: QtBot, screen: KioskWindow, bench: Bench
) -> None:
    page = opened(qtbot, screen)
    qtbot.keyClicks(page, "1234")
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert bench.tried == [RIGHT]
    assert screen.pad.dots.count == page.pad.dots.count == 0


@pytest.mark.parametrize("size", [(1280, 800), (1080, 1920), (800, 480)], ids=str)
def test_nothing_on_it_is_cut_off(qtbot: QtBot, screen: KioskWindow, size: tuple[int, int]) -> None:
    page = opened(qtbot, screen)
    screen.resize(*size)
    QApplication.processEvents()
    panel = page.panel
    for part in (panel.title, panel.version, *panel.now.states.values(), *panel.buttons.values()):
        place = QRect(part.mapTo(panel, part.rect().topLeft()), part.size())
        assert panel.rect().contains(place), part.text()
        assert part.height() >= part.fontMetrics().height(), part.text()
        assert part.width() >= part.fontMetrics().horizontalAdvance(part.text()), part.text()


# -- what an installer sees ------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(800, 480), (1280, 800), (1080, 1920)], ids=str)
def test_the_cameras_picture_with_the_lane_on_it(
    qtbot: QtBot, screen: KioskWindow, size: tuple[int, int]
) -> None:
    screen.resize(*size)
    page = opened(qtbot, screen)
    picture = page.panel.picture
    assert screen.wants_frames
    screen.show_frame(plain(90))
    laid = picture.laid()
    assert laid is not None
    assert min(picture.width(), picture.height()) > 90
    seen = pixels_of(picture.grab().toImage())
    assert tuple(seen[picture.height() // 2, picture.width() // 2]) == (90, 90, 90)
    x, _ = laid.point(640 * (0.5 - 0.9 * 0.375 * 480 / 640), 240)
    edge = seen[:, max(0, int(x) - 4) : int(x) + 5]
    assert edge.max() > 200, "the lane's edge is drawn there"
    assert screen.stage.oval() is None, "the stage behind it keeps no picture of its own"


def test_the_check_has_the_cameras_frames_while_it_runs(
    qtbot: QtBot, screen: KioskWindow, bench: Bench
) -> None:
    page = opened(qtbot, screen)
    bench.gate.clear()
    page.panel.buttons["test"].click()
    assert not screen.wants_frames
    bench.gate.set()
    qtbot.waitUntil(lambda: screen.wants_frames)


def test_no_picture_is_kept_once_the_page_is_closed(qtbot: QtBot, screen: KioskWindow) -> None:
    page = opened(qtbot, screen)
    screen.show_frame(plain(90))
    page.close_page()
    assert page.panel.picture.laid() is None


def test_version_and_address_are_shown(
    qtbot: QtBot, screen: KioskWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer_panel, "addresses", lambda: ["192.0.2.7", "2001:db8::7"])
    panel = opened(qtbot, screen).panel
    assert panel.version.text() == "Version 0.3.0"
    assert panel.address.text() == "Address 192.0.2.7, 2001:db8::7"
    assert panel.version.isVisible()
    assert panel.address.isVisible()


def test_a_machine_without_a_network_says_so(
    qtbot: QtBot, screen: KioskWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer_panel, "addresses", list)
    assert opened(qtbot, screen).panel.address.text() == "Address not known"


def test_the_addresses_are_the_machines_own_and_none_of_the_loopback() -> None:
    assert all(not each.startswith(("127.", "fe80")) and each != "::1" for each in addresses())


def test_the_pointer_is_seen_where_an_installer_works(screen: KioskWindow) -> None:
    """Elsewhere a full screen has none."""
    screen.setCursor(Qt.CursorShape.BlankCursor)
    page = installer_of(screen)
    for part in (page, page.pad.enter, page.panel, page.panel.buttons["test"]):
        assert part.cursor().shape() is Qt.CursorShape.ArrowCursor
    assert screen.notice.cursor().shape() is Qt.CursorShape.BlankCursor


@pytest.mark.parametrize("size", [(800, 480), (1280, 800), (1080, 1920)], ids=str)
def test_the_hint_has_the_size_of_the_other_words(
    qtbot: QtBot, bench: Bench, size: tuple[int, int]
) -> None:
    """It was one pixel high where the page was opened before it had been laid out."""
    made = KioskWindow(speech(SITE), LANE, installer=bench.parts())
    qtbot.addWidget(made)
    page = installer_of(made)
    page.panel.reset()
    made.resize(*size)
    made.show()
    opened(qtbot, made)
    hint = next(label for label in page.panel.findings.findChildren(QLabel) if label.text())
    assert hint.text() == "Test the door, or check everything."
    assert hint.font().pixelSize() == page.panel.version.font().pixelSize() >= 10
    page.close_page()


def test_an_answer_that_outlasts_the_window_is_dropped(qtbot: QtBot, bench: Bench) -> None:
    made = KioskWindow(speech(SITE), LANE, installer=bench.parts())
    made.show()
    page = installer_of(made)
    bench.gate.clear()
    made._open_installer()
    enter(page, RIGHT)
    qtbot.waitUntil(lambda: bench.calls == ["pin"])
    sip.delete(made)
    bench.gate.set()
    qtbot.waitUntil(lambda: not page._jobs.busy("pin"))
