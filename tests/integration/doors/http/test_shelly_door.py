"""A relay of Shelly's Gen2 kind: digest, its own timer, and what it turns out not to have."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from door_rig import RULES, eventually, order
from http_peer import Manner
from rig_http import ANSWER_SECONDS, ShellyRig

from hardware.door.contacts import Contact, Contacts
from hardware.door.http.door import HttpDoor
from kiosk.domain.door.protocol import Leaf, Lock
from kiosk.domain.errors import DoorTimeout, DoorUnusable, SettingsError
from kiosk.pipeline.clock import SystemClock


@pytest.fixture
def rig() -> Iterator[ShellyRig]:
    made = ShellyRig()
    try:
        yield made
    finally:
        made.close()


def door(rig: ShellyRig, **changes: object) -> HttpDoor:
    """A driver for the same relay with other settings."""
    wire = dataclasses.replace(rig.wire(), **changes)  # type: ignore[arg-type] # by name
    return HttpDoor(wire, RULES, SystemClock(), ANSWER_SECONDS)


def orders(rig: ShellyRig) -> list[bytes]:
    """Every request to move an output that went over the wire."""
    return [said for said in rig.proxy.sent if b"Switch.Set" in said]


# -- the password --------------------------------------------------------------------------------


def test_no_order_goes_out_unsigned(rig: ShellyRig) -> None:
    """Not even the first: a relay without a password would obey it."""
    rig.door.release(order())
    rig.door.secure()
    assert len(orders(rig)) == 2
    assert all(b'Authorization: Digest username="admin"' in said for said in orders(rig))
    assert all(b"algorithm=SHA-256" in said for said in orders(rig))


def test_a_challenge_that_was_forgotten_releases_once(rig: ShellyRig) -> None:
    """The relay was restarted: it refuses a harmless question, and then obeys an order."""
    rig.door.release(order())
    rig.behave(Manner.FORGETFUL)
    rig.door.release(order())
    assert len(orders(rig)) == 2
    assert rig.releases == 2


def test_an_order_that_somebody_else_said_faster_is_not_said_again(rig: ShellyRig) -> None:
    """The relay takes a signature once, from whoever is first; the kiosk's own comes too late."""
    rig.door.status()
    rig.proxy.ahead(lambda said: b"Switch.Set" in said)
    with pytest.raises(DoorTimeout, match="refused an order") as error:
        rig.door.release(order())
    assert "https" in error.value.remedy
    assert rig.releases == 1
    rig.door.secure()
    assert not rig.unlocked
    assert rig.door.release(order()) is None
    assert rig.releases == 2


def test_an_order_that_somebody_held_back_is_void_once_the_kiosk_has_secured(
    rig: ShellyRig,
) -> None:
    rig.door.release(order(0.3))
    rig.proxy.withhold(lambda said: b"toggle_after" in said)
    with pytest.raises(DoorTimeout):
        rig.door.release(order())
    kept = rig.proxy.sent[-1]
    rig.door.secure()
    assert b" 401 " in rig.proxy.replay(kept)
    assert not rig.unlocked
    assert rig.releases == 1


def test_a_relay_that_wants_no_password_moves_nothing(rig: ShellyRig) -> None:
    rig.behave(Manner.NO_PASSWORD)
    for verb in (lambda: rig.door.release(order()), rig.door.secure, rig.door.status):
        with pytest.raises(DoorUnusable, match="no password"):
            verb()
    assert orders(rig) == []


def test_a_weak_challenge_is_not_answered(rig: ShellyRig) -> None:
    rig.behave(Manner.WEAK_DIGEST)
    with pytest.raises(DoorUnusable, match="too weak"):
        rig.door.status()
    assert not [said for said in rig.proxy.sent if b"Authorization" in said]


# -- its word ------------------------------------------------------------------------------------


def test_a_relay_that_keeps_no_time_is_switched_off_again(rig: ShellyRig) -> None:
    rig.behave(Manner.NO_TIMER)
    with pytest.raises(DoorUnusable, match="keeps no time"):
        rig.door.release(order())
    assert not rig.unlocked


def test_a_relay_that_would_switch_itself_on_is_not_used(rig: ShellyRig) -> None:
    rig.behave(Manner.AUTO_ON)
    with pytest.raises(DoorUnusable, match="auto-on"):
        rig.door.secure()


def test_a_release_that_is_over_before_it_is_read_back_was_one(rig: ShellyRig) -> None:
    rig.door.release(order())
    rig.door.secure()
    rig.proxy.delay(0.1)
    assert rig.door.release(order(0.05)) is None
    assert rig.releases == 2


def test_a_release_outlives_the_kiosk_no_longer_than_ordered(rig: ShellyRig) -> None:
    """The kiosk is gone with its wire; the relay's own timer ends the release."""
    rig.door.release(order(1.5))
    rig.proxy.cut()
    assert rig.unlocked
    assert eventually(lambda: not rig.unlocked)


# -- outputs and inputs --------------------------------------------------------------------------


def test_the_door_operator_is_pulsed_where_there_is_one(rig: ShellyRig) -> None:
    rig.door.release(order(push_seconds=0.5))
    assert rig.peer.memory.get("pushes") == 1
    door(rig, operator_output=None).release(order(push_seconds=0.5))
    assert rig.peer.memory.get("pushes") == 1
    assert rig.releases == 2


@pytest.mark.parametrize("setting", ["output", "operator_output"])
def test_an_output_that_the_relay_lacks_is_named(rig: ShellyRig, setting: str) -> None:
    lacking = door(rig, **{setting: 7})
    with pytest.raises(DoorUnusable, match=rf"door\.http\.{setting}"):
        lacking.status()
    with pytest.raises(DoorUnusable, match=rf"door\.http\.(output or door\.http\.)?{setting}"):
        lacking.release(order(push_seconds=0.5))


def test_an_input_that_the_relay_lacks_is_named(rig: ShellyRig) -> None:
    lacking = door(rig, contacts=Contacts(fire=Contact(9, "closed")))
    with pytest.raises(DoorUnusable, match=r"door\.http\.fire"):
        lacking.status()


def test_an_input_that_is_a_button_is_named(rig: ShellyRig) -> None:
    rig.peer.memory.put("button", 1)
    with pytest.raises(DoorUnusable, match=r"door\.http\.leaf.*button"):
        rig.door.status()


def test_every_contact_is_read(rig: ShellyRig) -> None:
    """Input 0 is a closed contact, input 1 an open one."""
    rest, asked = Contact(0, "closed"), Contact(1, "closed")
    reading = door(
        rig,
        contacts=Contacts(leaf=asked, tamper=rest, exit_button=asked, fire=rest, neighbour=rest),
    ).status()
    assert (reading.leaf, reading.tampered, reading.exit_asked) == (Leaf.OPEN, False, True)
    assert (reading.fire, reading.neighbour_secured) == (False, True)


# -- settings and files --------------------------------------------------------------------------


def test_a_password_that_others_can_read_is_refused(rig: ShellyRig) -> None:
    wire = rig.wire()
    wire.password_file.chmod(0o644)
    with pytest.raises(SettingsError, match=r"door\.http\.password_file"):
        HttpDoor(wire, RULES, SystemClock(), ANSWER_SECONDS)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_a_password_that_is_none_is_refused(rig: ShellyRig, content: bytes) -> None:
    with pytest.raises(SettingsError, match=r"door\.http\.password_file"):
        door(rig, password_file=rig.secret(content, "none"))


@pytest.mark.parametrize("url", ["ftp://relay", "http://", "relay", "http://a:b@relay"])
def test_an_address_that_is_none_is_refused(rig: ShellyRig, url: str) -> None:
    with pytest.raises(SettingsError, match=r"door\.http\.url"):
        door(rig, url=url)


def test_an_authority_that_is_none_is_refused(rig: ShellyRig, tmp_path: Path) -> None:
    for name, content in (("absent", None), ("empty", b""), ("text", b"no certificate")):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SettingsError, match=r"door\.http\.ca_file"):
            door(rig, ca_file=path)


def test_a_name_that_nobody_has_is_an_absent_device(rig: ShellyRig) -> None:
    with pytest.raises(DoorTimeout, match=r"door\.http\.url"):
        door(rig, url="http://relay.invalid").status()


# -- several at once ------------------------------------------------------------------------------


def test_two_releases_at_once_are_two(rig: ShellyRig) -> None:
    threads = [threading.Thread(target=rig.door.release, args=(order(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rig.releases == 2
    assert rig.door.status().lock is Lock.RELEASED
