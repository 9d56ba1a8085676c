"""What is special about a door behind a broker: nothing late, nothing twice, nothing forged."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest
from door_rig import Fault, eventually, order
from mqtt_relay import BASE, MqttRelay
from mqtt_watcher import Seen, Watcher
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from pipeline_parts import BreakableJournal, Diary, Shelf, door_parts
from rig_mqtt import ANSWER_SECONDS, KEY, MqttRig

from hardware.transport.mqtt.connection import Connection, MqttMessage
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock
from kiosk.domain.errors import DoorError, DoorRefused, DoorTimeout, DoorUnusable
from kiosk.door.calls import DoorQueue
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.journal.recorder import JournalRecorder
from kiosk.pipeline.clock import SystemClock
from kiosk.pipeline.loops import EffectsLoop

LATER_SECONDS = ANSWER_SECONDS + 0.2
"""After so long every command is void."""


@pytest.fixture
def rig() -> Iterator[MqttRig]:
    made = MqttRig()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def watcher(rig: MqttRig) -> Iterator[Watcher]:
    made = Watcher(rig.broker)
    try:
        yield made
    finally:
        made.close()


def releases_heard(rig: MqttRig) -> list[str]:
    """The id of every release that has reached the relay, obeyed or not."""
    said = [json.loads(body.partition(b"\n")[0]) for body in tuple(rig.relay.heard)]
    return [command["id"] for command in said if command["verb"] == "release"]


# -- nothing late --------------------------------------------------------------------------------


def test_a_release_that_hung_in_the_line_moves_nothing_when_the_line_is_back(rig: MqttRig) -> None:
    rig.wire.hang()
    with pytest.raises(DoorTimeout):
        rig.door.release(order())
    rig.mend()
    assert eventually(rig.answers)
    assert not eventually(lambda: rig.unlocked, within=LATER_SECONDS)
    assert releases_heard(rig) == []


def test_a_release_while_the_line_is_cut_is_not_kept_for_later(rig: MqttRig) -> None:
    rig.break_(Fault.CUT)
    for _ in range(5):
        with pytest.raises(DoorTimeout, match=r"127\.0\.0\.1"):
            rig.door.release(order())
    rig.mend()
    assert eventually(rig.answers)
    assert not eventually(lambda: rig.unlocked, within=LATER_SECONDS)
    assert releases_heard(rig) == []


def test_a_broker_that_wakes_up_late_delivers_nothing_that_is_obeyed(rig: MqttRig) -> None:
    """What it had in its buffers is void by then."""
    os.kill(rig.broker.pid, signal.SIGSTOP)
    with pytest.raises(DoorTimeout):
        rig.door.release(order())
    time.sleep(LATER_SECONDS)
    os.kill(rig.broker.pid, signal.SIGCONT)
    assert eventually(rig.answers)
    assert rig.releases == 0
    assert set(rig.relay.refused) <= {"expired"}


def test_a_full_queue_takes_no_more_and_forgets_what_it_had(rig: MqttRig) -> None:
    """Forty people at once while the broker sleeps: nobody is let in later."""
    os.kill(rig.broker.pid, signal.SIGSTOP)
    ended: list[DoorError] = []

    def ask() -> None:
        try:
            rig.door.release(order())
        except DoorError as error:
            ended.append(error)

    askers = [threading.Thread(target=ask) for _ in range(40)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(10.0)
    time.sleep(LATER_SECONDS)
    os.kill(rig.broker.pid, signal.SIGCONT)
    assert [type(error) for error in ended] == [DoorTimeout] * 40
    assert eventually(rig.answers)
    assert rig.releases == 0


def test_no_more_than_sixteen_messages_wait_for_the_broker(rig: MqttRig) -> None:
    connection = rig.door._line.connection(time.monotonic() + 1.0)
    os.kill(rig.broker.pid, signal.SIGSTOP)
    try:
        taken = [
            connection.publish(MqttMessage("lintel/kiosk/x", b"", qos=1)).rc for _ in range(17)
        ]
        with pytest.raises(DoorTimeout):
            rig.door.status()
    finally:
        os.kill(rig.broker.pid, signal.SIGCONT)
    assert taken == [MQTTErrorCode.MQTT_ERR_SUCCESS] * 16 + [MQTTErrorCode.MQTT_ERR_QUEUE_SIZE]


def test_the_broker_hands_on_a_command_for_a_second_at_most(rig: MqttRig, watcher: Watcher) -> None:
    rig.door.release(order(0.2))
    rig.door.secure()

    def lives() -> list[int | None]:
        seen = tuple(watcher.seen)
        return [each.lives_seconds for each in seen if each.topic == f"{BASE}/command"]

    assert eventually(lambda: len(lives()) == 2)
    assert lives() == [1, 1]


def test_a_release_that_waits_for_the_line_is_void_once_the_door_was_secured(rig: MqttRig) -> None:
    whole = rig.door._line.connection

    def while_it_waits(deadline: float) -> Connection:
        rig.door._line.connection = whole  # type: ignore[method-assign] # once
        rig.door.secure()
        return whole(deadline)

    rig.door._line.connection = while_it_waits  # type: ignore[method-assign] # once
    with pytest.raises(DoorRefused, match="secured"):
        rig.door.release(order())
    assert releases_heard(rig) == []


def test_a_release_whose_time_for_an_answer_is_over_is_not_sent(rig: MqttRig) -> None:
    """The line came up too late for it."""
    whole = rig.door._line.connection

    def too_late(deadline: float) -> Connection:
        time.sleep(max(0.0, deadline - time.monotonic()))
        return whole(deadline)

    before = rig.door._line._connection
    rig.door._line.connection = too_late  # type: ignore[method-assign] # for good
    with pytest.raises(DoorTimeout):
        rig.door.release(order())
    assert releases_heard(rig) == []
    assert rig.door._line._connection is before, "it was sent, and the line reset after it"


# -- nothing twice -------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", Fault)
def test_recovery_without_a_restart_and_no_release_twice(rig: MqttRig, fault: Fault) -> None:
    rig.door.release(order(0.2))
    rig.break_(fault)
    try:
        rig.door.release(order(0.2))
        asked = 2
    except DoorError:
        asked = 1
    rig.mend()
    assert eventually(rig.answers)
    rig.door.secure()
    assert not eventually(lambda: rig.unlocked, within=LATER_SECONDS)
    assert asked <= rig.releases <= 2
    assert len(set(rig.relay.obeyed)) == rig.releases


def test_somebody_who_plays_a_command_again_opens_nothing(rig: MqttRig) -> None:
    rig.door.release(order(5.0))
    rig.door.secure()
    played = next(body for body in rig.relay.heard if b'"release"' in body)
    rig.broker.publish("kiosk", f"{BASE}/command", played)
    assert eventually(lambda: len(rig.relay.refused) == 1)
    assert rig.relay.refused == ["replayed"]
    assert not rig.unlocked


def test_a_command_that_somebody_retained_opens_nothing(rig: MqttRig) -> None:
    """A relay that begins anew, and remembers nothing, does not take it for an order."""
    rig.door.release(order(0.2))
    command = rig.relay.heard[-1]
    rig.relay.close()
    rig.broker.publish("kiosk", f"{BASE}/command", command, retain=True)
    rig.relay = MqttRelay(rig.broker, KEY)
    assert eventually(lambda: rig.relay.refused == ["expired"])
    assert rig.releases == 0


def test_no_command_is_retained(rig: MqttRig) -> None:
    rig.door.release(order(0.2))
    rig.door.secure()
    late = Watcher(rig.broker)
    known = {f"{BASE}/state", f"{BASE}/online", "lintel/kiosk/status"}
    assert eventually(lambda: known <= set(late.kept()))
    assert f"{BASE}/command" not in late.kept()
    late.close()


def test_an_answer_that_came_too_late_is_taken_for_no_other(rig: MqttRig) -> None:
    rig.break_(Fault.LATE)
    with pytest.raises(DoorTimeout, match="No relay answers"):
        rig.door.release(order(5.0))
    rig.mend()
    rig.door.secure()
    assert not eventually(lambda: rig.door.status().lock is Lock.RELEASED, within=LATER_SECONDS)
    assert rig.releases == 1
    assert rig.door._waiting == {}, "an answer that nobody waits for is not kept"


def test_an_answer_that_somebody_retained_is_not_heard(rig: MqttRig) -> None:
    """Though we ask the broker not to send any."""
    message = MQTTMessage(topic=f"{BASE}/ack".encode())
    message.payload, message.retain = b"{}", True
    connection = rig.door._line.connection(time.monotonic() + 1.0)
    heard: list[bytes] = []
    connection._heard = lambda _, body: heard.append(body)
    connection._message(connection._client, None, message)
    assert heard == []
    message.retain = False
    connection._message(connection._client, None, message)
    assert heard == [b"{}"]


# -- nothing forged ------------------------------------------------------------------------------


def test_a_relay_with_another_key_is_named_as_such(rig: MqttRig) -> None:
    rig.relay.key = b"another key, of the same length."
    with pytest.raises(DoorUnusable, match="command_key_file"):
        rig.door.release(order())
    assert rig.relay.refused == ["signature"]
    assert rig.releases == 0


def test_a_command_without_the_key_opens_nothing(rig: MqttRig) -> None:
    """Somebody who may publish, and has seen what a command looks like."""
    rig.door.status()
    command = json.loads(rig.relay.heard[-1].partition(b"\n")[0])
    forged = {**command, "id": "0" * 32, "verb": "release", "seconds": 5.0}
    rig.broker.publish("kiosk", f"{BASE}/command", json.dumps(forged).encode())
    assert eventually(lambda: rig.relay.refused == ["signature"])
    assert not rig.unlocked


def test_a_forged_answer_is_believed_by_nobody(rig: MqttRig) -> None:
    """Somebody has the relay's password, hears a command and is quicker than the relay."""
    rig.relay.silent = rig.relay.stuck = True
    with_a_forger(rig)
    with pytest.raises(DoorUnusable, match="wrong signature"):
        rig.door.release(order())


def test_a_forged_answer_does_not_keep_the_good_one_out(rig: MqttRig) -> None:
    rig.relay.late_seconds = 0.1
    with_a_forger(rig)
    assert rig.door.release(order()) is None


def with_a_forger(rig: MqttRig) -> None:
    """Answers every command at once, without the key; ends with the broker."""

    def forge(seen: Seen) -> None:
        if seen.topic == f"{BASE}/command":
            named = json.loads(seen.body.partition(b"\n")[0])["id"]
            answer = json.dumps({"id": named, "lock": "released"}).encode()
            rig.broker.publish("relay", f"{BASE}/ack", answer)

    forger = Watcher(rig.broker, forge)
    rig.closing.append(forger.close)


def test_a_relay_that_does_not_do_as_it_says(rig: MqttRig) -> None:
    rig.relay.stuck = True
    with pytest.raises(DoorUnusable, match="acknowledged"):
        rig.door.release(order())


@pytest.mark.parametrize("seconds", [1, -3], ids=["ahead", "behind"])
def test_a_relay_with_another_time(rig: MqttRig, seconds: int) -> None:
    """Its clock would let in late commands, or none."""
    rig.relay.ahead = dt.timedelta(seconds=seconds)
    with pytest.raises(DoorUnusable, match="clocks of kiosk and relay"):
        rig.door.release(order())
    assert rig.releases == 0


@pytest.mark.parametrize(
    "inputs",
    [{"lock": "ajar"}, {"leaf": 7}, {"fire": "no"}, {"tampered": None}, {"neighbour_secured": 1}],
    ids=lambda inputs: next(iter(inputs)),
)
def test_an_answer_that_cannot_be_understood(rig: MqttRig, inputs: dict[str, object]) -> None:
    rig.relay.set_inputs(**inputs)
    with pytest.raises(DoorUnusable, match="cannot be understood"):
        rig.door.status()


# -- what it says --------------------------------------------------------------------------------


def test_every_input_is_read(rig: MqttRig) -> None:
    rig.relay.set_inputs(
        leaf="open", tampered=True, exit_asked=True, fire=True, neighbour_secured=False
    )
    assert rig.door.status() == DoorReading(
        leaf=Leaf.OPEN, tampered=True, exit_asked=True, fire=True, neighbour_secured=False
    )


def test_the_door_operator_is_pulsed_for_its_own_time(rig: MqttRig) -> None:
    rig.door.release(order(5.0, push_seconds=2.5))
    rig.door.release(order(5.0))
    assert rig.relay.pushes == [2.5]


def test_the_broker_tells_when_the_kiosk_is_gone(rig: MqttRig, watcher: Watcher) -> None:
    assert eventually(lambda: watcher.last("lintel/kiosk/status") == b"online")
    rig.break_(Fault.CUT)
    assert eventually(lambda: watcher.last("lintel/kiosk/status") == b"offline")
    rig.mend()
    assert eventually(lambda: watcher.last("lintel/kiosk/status") == b"online")
    rig.door.close()
    assert eventually(lambda: watcher.last("lintel/kiosk/status") == b"offline")


def test_the_condition_is_announced_and_said_again_after_a_cut(
    rig: MqttRig, watcher: Watcher
) -> None:
    rig.door.announce("secured")
    assert eventually(lambda: watcher.last("lintel/kiosk/condition") == b"secured")
    rig.break_(Fault.CUT)
    rig.door.announce("held_open")
    rig.mend()
    assert eventually(lambda: watcher.last("lintel/kiosk/condition") == b"held_open")


def test_a_kiosk_says_what_becomes_of_its_door(rig: MqttRig, watcher: Watcher) -> None:
    """As docs/doors/mqtt.md promises: retained, and said again where the line was down."""
    clock, told = SystemClock(), DoorListeners(*[lambda _: None] * 4)
    recorder = JournalRecorder(BreakableJournal(Diary()), clock.utc)
    end = DoorSubsystem(door_parts(rig.door, Shelf()), recorder, clock, told)
    loop = EffectsLoop(clock, lambda _: None, end, DoorQueue(), lambda _: None, lambda: None)
    loop.start()
    try:
        said = partial(watcher.last, "lintel/kiosk/condition")
        assert eventually(lambda: said() == b"secured")
        rig.move_leaf(to_open=True)
        assert eventually(lambda: said() == b"forced")
        rig.break_(Fault.CUT)
        rig.move_leaf(to_open=False)
        rig.mend()
        assert eventually(lambda: said() == b"secured")
    finally:
        loop.ask_to_stop()
        assert loop.join(5.0)
    late = Watcher(rig.broker)
    try:
        assert eventually(lambda: late.last("lintel/kiosk/condition") is not None)
        assert next(each for each in late.seen if each.topic.endswith("condition")).kept
    finally:
        late.close()


def test_a_door_that_was_closed_says_so(rig: MqttRig) -> None:
    rig.door.close()
    with pytest.raises(DoorTimeout, match="is closed"):
        rig.door.release(order())
    rig.door.announce("secured")


def test_no_relay_is_said_before_the_time_is_over(rig: MqttRig) -> None:
    rig.relay.close()
    assert eventually(lambda: not rig.answers())
    with pytest.raises(DoorTimeout, match="No relay listens on the topic lintel/door/command"):
        rig.door.status()


def test_what_is_secret_is_shown_by_nothing(rig: MqttRig) -> None:
    shown = repr((rig.door._line._proofs, rig.door._seal, rig.settings()))
    assert "password of" not in shown
    assert "a key that" not in shown
