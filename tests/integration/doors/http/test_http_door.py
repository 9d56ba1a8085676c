"""What is special about a door over HTTP: nothing unsigned, nothing late, nobody else's answer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from door_rig import PATIENCE_SECONDS, RULES, Fault, Rig, eventually, order
from http_peer import Manner
from rig_http import HttpRig, ShellyRig, WebhookRig
from shelly_relay import PASSWORD

from hardware.door.http.call import MOST_STRAGGLERS
from kiosk.domain.door.protocol import Lock, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorRefused, DoorTimeout, DoorUnusable
from kiosk.domain.vision.frame import Instant


@pytest.fixture(params=[ShellyRig, WebhookRig])
def rig(request: pytest.FixtureRequest) -> Iterator[HttpRig]:
    made: HttpRig = request.param()
    try:
        yield made
    finally:
        made.close()


def verbs(rig: Rig) -> list[Callable[[], object]]:
    return [lambda: rig.door.release(order()), rig.door.secure, rig.door.status]


def warm_up(rig: Rig) -> None:
    """From now on every verb knows the relay's challenge, and is one request or two."""
    rig.door.release(order())
    rig.door.secure()
    rig.door.status()


def refused(verb: Callable[[], object]) -> DoorError:
    """How it was refused."""
    with pytest.raises(DoorError) as caught:
        verb()
    return caught.value


# -- nothing late --------------------------------------------------------------------------------


def test_a_release_that_hung_in_the_line_is_not_delivered_when_the_line_is_back(
    rig: HttpRig,
) -> None:
    rig.proxy.hang()
    assert isinstance(refused(lambda: rig.door.release(order())), DoorTimeout)
    rig.mend()
    assert rig.door.status().lock is Lock.SECURED
    assert not eventually(lambda: rig.unlocked, within=0.5)
    assert rig.releases == 0


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.KILL])
def test_a_release_without_a_peer_is_not_kept_for_later(rig: HttpRig, fault: Fault) -> None:
    rig.break_(fault)
    for verb in verbs(rig):
        error = refused(verb)
        assert isinstance(error, DoorTimeout)
        assert "door.http." in error.remedy
    rig.mend()
    assert rig.door.status().lock is Lock.SECURED
    assert rig.releases == 0


def test_evidence_that_grew_stale_on_the_way_to_the_wire_releases_nothing() -> None:
    """Getting challenged takes 0.4 s here, and the evidence had 0.2 s left."""
    rig = ShellyRig()
    try:
        rig.proxy.delay(0.2)
        nearly_stale = Instant(time.monotonic() - RULES.max_age_seconds + 0.2)
        error = refused(lambda: rig.door.release(ReleaseOrder(5.0, nearly_stale)))
        assert isinstance(error, DoorRefused | DoorTimeout)
        assert not [said for said in rig.proxy.sent if rig.verb in said]
    finally:
        rig.close()


def test_a_late_acknowledgement_is_none_and_counts_once(rig: HttpRig) -> None:
    warm_up(rig)
    rig.break_(Fault.LATE)
    assert isinstance(refused(lambda: rig.door.release(order())), DoorTimeout)
    rig.mend()
    rig.door.secure()
    assert not rig.unlocked
    assert rig.releases == 2


# -- securing and releasing at once --------------------------------------------------------------


def test_a_door_that_was_secured_while_it_was_released_is_locked(rig: HttpRig) -> None:
    warm_up(rig)
    rig.proxy.delay(0.05)
    raised: list[DoorError] = []
    releasing = threading.Thread(
        target=lambda: raised.append(refused(lambda: rig.door.release(order(20.0))))
    )
    releasing.start()
    assert eventually(lambda: rig.releases == 2)
    rig.door.secure()
    releasing.join()
    assert isinstance(raised[0], DoorRefused)
    assert not rig.unlocked


def test_securing_does_not_wait_behind_a_release() -> None:
    rig = ShellyRig()
    try:
        with rig.door._dialect._releasing.lock:  # type: ignore[attr-defined] # a Shelly's
            assert isinstance(refused(lambda: rig.door.release(order())), DoorTimeout)
            rig.door.secure()
    finally:
        rig.close()


# -- the wrong device ----------------------------------------------------------------------------


def test_a_wrong_secret_is_named(rig: HttpRig) -> None:
    rig.break_(Fault.WRONG_KEY)
    for verb in verbs(rig):
        error = refused(verb)
        assert isinstance(error, DoorUnusable)
        assert "door.http.password_file" in str(error) or "door.http.key_file" in str(error)
    assert rig.releases == 0
    rig.mend()
    rig.door.release(order())


def test_nobody_is_led_elsewhere(rig: HttpRig) -> None:
    rig.behave(Manner.REDIRECTING)
    for verb in verbs(rig):
        assert isinstance(refused(verb), DoorUnusable)
    assert not [said for said in rig.proxy.sent if b"/other" in said]


def test_a_device_that_does_not_do_what_it_says_is_not_used(rig: HttpRig) -> None:
    rig.behave(Manner.LYING)
    assert isinstance(refused(lambda: rig.door.release(order())), DoorUnusable)
    rig.mend()
    rig.door.release(order())
    rig.behave(Manner.LYING)
    assert isinstance(refused(rig.door.secure), DoorUnusable)


@pytest.mark.parametrize("manner", [Manner.FOREIGN_ID, Manner.FAILING, Manner.ENDLESS])
def test_what_answers_another_question_is_no_answer(rig: HttpRig, manner: Manner) -> None:
    rig.behave(manner)
    for verb in verbs(rig):
        assert isinstance(refused(verb), DoorTimeout)
    rig.mend()
    rig.door.secure()
    assert rig.door.status().lock is Lock.SECURED


def test_a_device_that_answers_byte_by_byte_holds_nobody_up(rig: HttpRig) -> None:
    """Its answer would take ten seconds and more."""
    rig.behave(Manner.TRICKLING)
    for verb in verbs(rig):
        began = time.monotonic()
        assert isinstance(refused(verb), DoorTimeout)
        assert time.monotonic() - began < PATIENCE_SECONDS
    rig.mend()
    rig.door.secure()


# -- nobody listens in, nobody stands between ----------------------------------------------------


def test_what_was_overheard_moves_nothing(rig: HttpRig) -> None:
    rig.door.release(order())
    rig.door.secure()
    rig.break_(Fault.REPLAY)
    assert not rig.unlocked
    assert rig.releases == 1


def test_no_proxy_of_the_environment_sees_a_command(
    rig: HttpRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for verb in verbs(rig):
        verb()


def test_no_secret_is_written_down(rig: HttpRig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for verb in verbs(rig):
        verb()
    rig.break_(Fault.WRONG_KEY)
    told = [str(refused(verb)) for verb in verbs(rig)]
    for secret in (PASSWORD.decode(), "Authorization", "Lintel-Signature", "response="):
        assert secret not in caplog.text + " ".join(told) + repr(rig.door.__dict__)


# -- threads -------------------------------------------------------------------------------------


def test_calls_leave_no_threads_behind(rig: HttpRig) -> None:
    before = threading.active_count()
    for _ in range(10):
        rig.door.status()
    rig.proxy.hang()
    for _ in range(3):
        refused(rig.door.status)
    assert eventually(lambda: threading.active_count() <= before)


def is_secured(rig: HttpRig) -> bool:
    """Whether it says so; False where it did not answer in time, as on a busy machine."""
    try:
        return rig.door.status().lock is Lock.SECURED
    except DoorTimeout:
        return False


def test_a_name_server_that_hangs_holds_nobody_up(
    rig: HttpRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking up a name knows no time limit; no more than some may hang at it."""
    answers = threading.Event()
    look_up = __import__("socket").getaddrinfo

    def hang(*args: object, **named: object) -> object:
        answers.wait(60.0)
        return look_up(*args, **named)

    def ask() -> None:
        rig.door.release(order())

    before = threading.active_count()
    monkeypatch.setattr("socket.getaddrinfo", hang)
    try:
        with ThreadPoolExecutor(MOST_STRAGGLERS + 2) as at_once:
            calls = [at_once.submit(refused, ask) for _ in range(MOST_STRAGGLERS + 2)]
        assert all(isinstance(call.result(), DoorTimeout) for call in calls)
        assert threading.active_count() - before <= MOST_STRAGGLERS
    finally:
        answers.set()
    assert eventually(lambda: threading.active_count() <= before)
    assert eventually(lambda: is_secured(rig))
    assert rig.releases == 0


def test_many_threads_ask_at_once(rig: HttpRig) -> None:
    troubles: list[Exception] = []

    def ask() -> None:
        try:
            rig.door.status()
        except DoorError as error:
            troubles.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(t) for t in troubles if not isinstance(t, DoorTimeout)] == []
