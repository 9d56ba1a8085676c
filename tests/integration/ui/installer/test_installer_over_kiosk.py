"""The installer's page over a kiosk that runs: real threads, real journal, a real relay."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from door_rig import eventually
from kept_home import furnish
from kiosk_screen import LANE, SITE, enter, installer_of, speech
from mjpeg_camera import MjpegCamera
from pytestqt.qtbot import QtBot
from rig_modbus import FLASH_COIL, ModbusTcpRig

from config.settings import Settings, load
from hardware.camera import source
from kiosk.app import installer as installing
from kiosk.app.installer import RunningDoor, parts
from kiosk.app.reporter import Reporter
from kiosk.app.running import Run
from kiosk.app.signals import Signals
from kiosk.diagnostics import parts as checks_parts
from kiosk.domain.access.policy import Hold
from kiosk.domain.door.protocol import Lock
from kiosk.domain.enrolment.poses import PosesReason
from kiosk.domain.errors import DoorTimeout, JournalUnwritable, Refused, SettingsError
from kiosk.domain.finding import Finding, Health
from kiosk.pipeline.live import CameraSource, Listeners, LiveKiosk
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.journal.verification import walk
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.admin_pin import AdminPin
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.store.ties import ABSENT, Ties
from kiosk.ui.app import WindowParts
from kiosk.ui.installer import InstallerParts
from kiosk.ui.pages.installer.page import InstallerPage
from kiosk.ui.window import KioskWindow
from kiosk.wiring.camera import capture_rules, open_camera
from kiosk.wiring.kiosk import live_kiosk
from kiosk.wiring.vision import verified_weights

pytestmark = pytest.mark.weights

PIN = "402958"
SETTINGS = """
[camera]
source = "{url}"
frozen_seconds = 0.5
black_seconds = 0.5

[door]
driver = "modbus"
fail_mode = "secure"
lock = "strike"

[door.modbus]
host = "127.0.0.1"
port = {port}
mode = "flash-coil"
coil = 0
flash_address = 0x200
leaf = {{ input = 0, normally = "closed" }}
"""


@dataclass
class Site:
    """A kiosk at its door."""

    kiosk: LiveKiosk
    open_home: OpenHome
    settings: Settings
    board: ModbusTcpRig
    camera: MjpegCamera
    installer: InstallerParts

    def written(self, *events: str) -> list[dict[str, object]]:
        """The details of these events in the journal, oldest first."""
        seal = FileKey(self.open_home.home).derive(Purpose.JOURNAL_HEAD)
        entries = [place.entry.entry for place in walk(self.open_home.home, seal)]
        return [dict(entry.details) for entry in entries if entry.event in events]

    def doctor(self) -> dict[str, Finding]:
        return {finding.name: finding for finding in self.installer.doctor()}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    home, board = furnish(tmp_path / "home"), ModbusTcpRig(**FLASH_COIL)
    with MjpegCamera() as camera, OpenHome.open(home) as open_home:
        text = SETTINGS.format(url=camera.url, port=board.proxy.port)
        (home / "config.toml").write_text(text)
        AdminPin(open_home.home, FileKey(open_home.home)).set(PIN)
        settings = load(home)
        kiosk = started(settings, open_home)
        yield Site(kiosk, open_home, settings, board, camera, parts(settings, open_home, kiosk))
        assert kiosk.stop() == []
    board.close()


def started(settings: Settings, open_home: OpenHome) -> LiveKiosk:
    """All its threads run, and it has heard from its door."""
    ready = threading.Event()
    named = source.parse(settings.camera.source)
    kiosk = live_kiosk(
        settings,
        verified_weights(settings, open_home.home.path),
        open_home,
        CameraSource(
            lambda: open_camera(settings, named, realtime=True),
            capture_rules(settings, endless=True),
        ),
        Stopwatch(),
        Listeners(
            lambda _: None,
            lambda _: None,
            lambda _: None,
            lambda condition: ready.set() if condition.value == "secured" else None,
        ),
    )
    kiosk.start()
    assert ready.wait(20.0)
    assert kiosk.decisions.ready.wait(20.0)
    return kiosk


@pytest.fixture
def screen(qtbot: QtBot, site: Site) -> KioskWindow:
    made = KioskWindow(speech(SITE), LANE, on_code=site.kiosk.type_pin, installer=site.installer)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    return made


def idle(qtbot: QtBot, page: InstallerPage) -> None:
    """Wait until no job of the page runs: none must outlive the kiosk."""
    page.close_page()
    lanes = ("before", "pin", "reading", "release", "secure", "table")
    qtbot.waitUntil(lambda: not any(page._jobs.busy(lane) for lane in lanes), timeout=20_000)


def test_pin_status_release_test_and_doctor_end_to_end(
    qtbot: QtBot, screen: KioskWindow, site: Site
) -> None:
    page = installer_of(screen)
    screen._open_installer()
    enter(page, "111222")
    qtbot.waitUntil(lambda: page.ask.text() == "That PIN didn't work. 4 attempts left.")
    qtbot.waitUntil(page.pad.isEnabled)
    enter(page, PIN)
    qtbot.waitUntil(page.panel.isVisible)
    now, status = page.panel.now, page.panel.status
    qtbot.waitUntil(lambda: now.states["lock"].text() == "secured")
    assert now.states["leaf"].text() == "closed"
    assert site.board.releases == 0

    page.panel.buttons["release"].click()
    qtbot.waitUntil(lambda: status.text() == "Release for 3 s: Done")
    assert site.board.unlocked
    qtbot.waitUntil(lambda: now.states["lock"].text() == "released")
    page.panel.buttons["secure"].click()
    qtbot.waitUntil(lambda: status.text() == "Secure: Done")
    assert not site.board.unlocked

    page.panel.buttons["test"].click()
    qtbot.waitUntil(lambda: status.text() == "Test the door: Done", timeout=15_000)
    assert page.panel.findings.texts[1].startswith("secured: acknowledged in ")
    assert site.board.releases == 2
    page.panel.buttons["doctor"].click()
    qtbot.waitUntil(lambda: status.text() == "Check everything: Done", timeout=20_000)
    told = "\n".join(page.panel.findings.texts)
    assert "door: modbus strike, fails secure: read in " in told
    assert "camera: first frame after " in told
    shown = os.environ.get("KIOSK_SCREENSHOTS")
    if shown:
        assert screen.grab().save(f"{shown}/installer.png")
    idle(qtbot, page)

    assert site.board.releases == 2
    did = ["wrong_pin", "opened", "secure", "test"]
    assert [entry["did"] for entry in site.written("installer")] == did
    released = {"by": "installer", "seconds": 3.0}
    assert site.written("released") == [released, released]


def test_no_admin_pin_lets_nobody_in_and_says_how_to_set_one(
    qtbot: QtBot, screen: KioskWindow, site: Site
) -> None:
    home = site.open_home.home
    home.admin.unlink()
    Ties(home, FileKey(home)).tie({home.admin.name: (ABSENT,)})  # as if there had never been one
    page = installer_of(screen)
    screen._open_installer()
    how = "There is no admin PIN. An admin has to set one first."
    qtbot.waitUntil(lambda: page.ask.text() == how)
    enter(page, PIN)
    qtbot.waitUntil(page.pad.isEnabled)
    assert page.ask.text() == how
    assert page.panel.isHidden()
    idle(qtbot, page)


# -- the PIN -------------------------------------------------------------------------------------


def test_wrong_pins_are_slowed_and_each_that_counted_is_written_down(site: Site) -> None:
    answers = [site.installer.check_pin("111222") for _ in range(7)]
    assert [answer.left for answer in answers[:4]] == [4, 3, 2, 1]
    assert answers[4].looked
    assert 59.0 < answers[4].wait_seconds <= 60.0
    assert not answers[5].looked
    assert answers[5].wait_seconds > 0
    assert not site.installer.check_pin(PIN).right, "the right one does not end the wait"
    assert [entry["did"] for entry in site.written("installer")] == ["wrong_pin"] * 5


def test_nobody_gets_in_while_nobody_can_write_it_down(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise JournalUnwritable("The disk is full.", "Free it.")

    monkeypatch.setattr(type(site.open_home.journal), "append", full)
    with pytest.raises(JournalUnwritable):
        site.installer.check_pin(PIN)
    with pytest.raises(JournalUnwritable):
        site.installer.release()
    assert site.board.releases == 0
    monkeypatch.undo()


def test_no_pin_is_in_the_journal(site: Site) -> None:
    site.installer.check_pin("739164")
    site.installer.check_pin(PIN)
    journal = site.open_home.home.journal.read_text()
    assert "739164" not in journal
    assert PIN not in journal


# -- the door ------------------------------------------------------------------------------------


def done_at_door(site: Site, work: object) -> None:
    done = threading.Event()
    site.kiosk.do(lambda end: (work(end), done.set()))  # type: ignore[operator, func-returns-value]
    assert done.wait(10.0)


def test_a_lockdown_holds_against_the_installer(site: Site) -> None:
    done_at_door(site, lambda end: end.begin(Hold.LOCKED_DOWN))
    with pytest.raises(Refused, match="locked down"):
        site.installer.release()
    (row,) = site.installer.test()
    assert (row.health, row.text) == (Health.WARN, "not done: an operator has locked it down")
    assert site.board.releases == 0
    done_at_door(site, lambda end: end.end(Hold.LOCKED_DOWN))
    site.installer.release()
    assert site.board.unlocked


def test_a_release_that_nobody_waits_for_any_more_is_never_done(site: Site) -> None:
    """The page said that nothing would be done: it must not be done when the door is free again."""
    gate = threading.Event()
    site.kiosk.do(lambda _end: gate.wait(20.0) and None)
    impatient = RunningDoor(site.kiosk, patience_seconds=0.2)
    with pytest.raises(DoorTimeout, match="nothing was done, and will not be"):
        impatient.release(3.0)
    with pytest.raises(DoorTimeout, match="as soon as it can be"):
        impatient.secure_now()
    gate.set()
    assert RunningDoor(site.kiosk).reading() is not None
    assert site.board.releases == 0
    assert [entry["did"] for entry in site.written("installer")] == ["secure"]


def test_a_door_that_is_gone_is_a_row_and_a_sentence(site: Site) -> None:
    site.board.proxy.cut()
    with pytest.raises(DoorTimeout, match=r"door\.modbus|does not answer|did not answer"):
        site.installer.release()
    door = site.doctor()["door"]
    assert door.health is Health.BAD
    assert door.remedy
    site.board.proxy.mend()


def test_a_door_that_does_not_obey_in_the_test_is_a_row(site: Site) -> None:
    site.board.proxy.cut()
    rows = list(site.installer.test())
    assert rows[-1].health is Health.BAD
    assert rows[-1].remedy
    site.board.proxy.mend()


def test_the_reading_is_the_doors_own(site: Site) -> None:
    now = site.installer.reading()
    assert now.condition == "secured"
    assert now.reading is not None
    assert now.reading.lock is Lock.SECURED


# -- the doctor ----------------------------------------------------------------------------------


def test_the_doctor_looks_at_the_kiosks_own_camera(site: Site) -> None:
    assert site.doctor()["camera"].health is Health.OK
    site.camera.freeze()
    frozen = site.doctor()["camera"]
    assert frozen.health is Health.BAD
    assert "has not changed" in frozen.text


def test_a_camera_that_gives_nothing_is_bad(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(checks_parts, "FIRST_FRAME_SECONDS", 0.3)
    monkeypatch.setattr(LiveKiosk, "preview", lambda _: None)
    camera = site.doctor()["camera"]
    assert (camera.health, camera.text) == (Health.BAD, "The kiosk gets no frames.")


def test_the_doctor_of_the_page_has_every_row_of_the_command(site: Site) -> None:
    rows = set(site.doctor())
    assert {"models", "clock", "disk", "home", "key", "journal", "admin PIN", "network"} <= rows
    assert site.doctor()["admin PIN"].health is Health.OK
    assert site.board.releases == 0


def test_the_page_says_which_version_it_is(site: Site) -> None:
    assert site.installer.version == installing._version() != ""


def test_a_kiosk_with_a_window_has_the_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[WindowParts] = []

    def run_window(parts: WindowParts) -> int:
        given.append(parts)
        parts.on_quit()
        return 0

    monkeypatch.setattr("kiosk.ui.app.run_window", run_window)
    site.kiosk.stop()
    loaded = verified_weights(site.settings, site.open_home.home.path)
    named = source.parse(site.settings.camera.source)
    with Signals() as signals:
        Run(
            site.settings,
            loaded,
            site.open_home,
            named,
            Reporter(json=True),
            signals,
            lambda _: None,
        ).windowed()
    (parts_given,) = given
    assert parts_given.installer is not None
    assert parts_given.installer.check_pin(PIN).right


def test_a_run_tells_how_long_its_frames_wait(site: Site) -> None:
    """R50: the one stage that vision does not time itself."""
    reporter, waited = Reporter(json=True), list[float]()

    def heard(stage: str, seconds: float) -> None:
        if stage == "capture" and not waited:
            waited.append(seconds)
            os.kill(os.getpid(), signal.SIGTERM)  # which ends a run in order

    reporter.stopwatch.heard = heard
    site.kiosk.stop()
    loaded = verified_weights(site.settings, site.open_home.home.path)
    named = source.parse(site.settings.camera.source)
    with Signals() as signals:
        settings, home = site.settings, site.open_home
        Run(settings, loaded, home, named, reporter, signals, lambda _: None).live()
    assert waited[0] >= 0.0


def test_a_language_without_words_stops_the_start_before_the_door_is_touched(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("kiosk.app.running.live_kiosk", opened)
    screen = site.settings.screen.model_copy(update={"language": "xx"})
    settings = site.settings.model_copy(update={"screen": screen})
    loaded = verified_weights(settings, site.open_home.home.path)
    named = source.parse(settings.camera.source)
    with Signals() as signals:
        run = Run(
            settings, loaded, site.open_home, named, Reporter(json=True), signals, lambda _: None
        )
        with pytest.raises(SettingsError, match="no words for the language 'xx'"):
            run.windowed()


# -- the enrolment of somebody beside ------------------------------------------------------------


def test_an_admin_begins_a_session_of_the_running_kiosk_and_a_pin_goes_where_it_is_asked_for(
    site: Site,
) -> None:
    vouch = site.installer.vouch
    assert vouch is not None
    with pytest.raises(Refused, match="Nobody enrols any more"):
        vouch.relax(1, PosesReason.WISH)
    vouch.begin("s-77", (1, PosesReason.WISH))
    assert eventually(lambda: site.kiosk.enrolling)
    with pytest.raises(Refused, match="Somebody enrols just now"):
        vouch.begin("s-78", None)
    vouch.relax(1, PosesReason.TRIED)
    site.kiosk.keys.stop()
    assert eventually(lambda: not site.kiosk.enrolling)

    site.kiosk.keys.want_data()
    assert eventually(lambda: site.kiosk.enrolling)
    site.kiosk.type_pin(PIN)
    site.kiosk.keys.stop()
    assert eventually(lambda: not site.kiosk.enrolling)
    assert site.board.releases == 0
    assert site.written("enrolment_vouched") == [{"subject": "s-77", "invitation": None}]
    assert eventually(lambda: len(site.written("enrolment_session")) == 2)
    assert [it["step"] for it in site.written("enrolment_session")] == ["invited", "abandoned"]
    assert [it["did"] for it in site.written("installer")] == ["fewer_directions"] * 2
    assert PIN not in site.open_home.home.journal.read_text()
