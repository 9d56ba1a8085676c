"""The desk: an order that counts is obeyed once; one that does not is written down, and bounded."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace

import pytest
from hand_clock import HandClock

from kiosk.domain.audit import Value
from kiosk.domain.errors import DoorTimeout, JournalUnwritable
from kiosk.domain.operators.encoding import sealed, signed_text
from kiosk.domain.operators.judgement import OperatorRules
from kiosk.domain.operators.orders import Order, OrderAnswer, OrderOutcome, Verb
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.event import JournalEvent
from kiosk.operators.gate import MINUTE, MOST_WRITTEN, OrderGate, accepted

KEY = b"k"


def sign(text: bytes) -> bytes:
    return hmac.new(KEY, text, hashlib.sha512).digest()


class Office:
    """A desk, a clock that stands still, and what came of it all."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.notes: list[tuple[str, dict[str, Value]]] = []
        self.obeyed: list[Order] = []
        self.error: Exception | None = None
        self.journal_error: Exception | None = None
        verify = lambda _, text, signature: hmac.compare_digest(sign(text), signature)  # noqa: E731
        rules = OperatorRules("door", frozenset({"anna"}), 60.0, verify)
        self.gate = OrderGate(rules, self.clock, self._obey, self._note)
        self.clock.pass_(1.0)

    def order(self, number: int = 0, verb: Verb = Verb.STATUS) -> Order:
        now = int(self.clock.utc().timestamp() * 1000)
        return Order(f"{number:032x}", verb, "door", "anna", now, now + 5000)

    def say(self, order: Order) -> dict[str, object]:
        sent = sealed(order, sign(signed_text(order.fields())))
        return dict(json.loads(self.gate.hear(sent, "mqtt")))

    def _obey(self, order: Order) -> OrderAnswer:
        self.obeyed.append(order)
        if self.error is not None:
            raise self.error
        return OrderAnswer(OrderOutcome.DONE, "", {"condition": "secured"})

    def _note(self, event: JournalEvent) -> None:
        if self.journal_error is not None:
            raise self.journal_error
        self.notes.append((event.name, event.details()))


@pytest.fixture
def office() -> Office:
    return Office()


def test_an_order_that_counts_is_obeyed_and_answered(office: Office) -> None:
    order = office.order(verb=Verb.LOCKDOWN)
    assert office.say(order) == {
        "id": order.id,
        "outcome": "done",
        "reason": "",
        "state": {"condition": "secured"},
    }
    assert office.obeyed == [order]
    assert office.notes == []  # whoever obeys writes it down first


def test_an_order_that_was_given_twice_is_obeyed_once(office: Office) -> None:
    order = office.order()
    office.say(order)
    assert office.say(order)["reason"] == "seen"
    assert office.obeyed == [order]


def test_an_order_of_before_the_desk_is_not_obeyed(office: Office) -> None:
    """A restart has forgotten what it has seen."""
    office.say(office.order())
    restarted = OrderGate(office.gate._rules, office.clock, office._obey, office._note)
    again = sealed(office.order(), sign(signed_text(office.order().fields())))
    assert json.loads(restarted.hear(again, "mqtt"))["reason"] == "too_old"
    assert len(office.obeyed) == 1


class DoubtedWall:
    """Fulfils Wall: something speaks against the clock, or a later time is known."""

    def __init__(self, problem: str | None = None, latest_ms: int = 0) -> None:
        self._problem, self._latest_ms = problem, latest_ms

    def problem(self) -> str | None:
        return self._problem

    def latest_ms(self) -> int:
        return self._latest_ms


@pytest.mark.parametrize("verb", Verb)
def test_by_a_clock_that_is_not_relied_on_only_what_keeps_out_is_obeyed(
    office: Office, verb: Verb
) -> None:
    office.gate = OrderGate(
        office.gate._rules, office.clock, office._obey, office._note, DoubtedWall("it is wrong")
    )
    office.clock.pass_(1.0)
    said = office.say(replace(office.order(), verb=verb))
    opens = verb in {Verb.RELEASE, Verb.LIFT, Verb.RESUME, Verb.RESET_PASSBACK}
    assert (said["outcome"], said["reason"]) == (("refused", "clock") if opens else ("done", ""))
    assert bool(office.obeyed) is not opens


def test_an_order_of_before_what_is_known_does_not_count_after_the_clock_was_set_back(
    office: Office,
) -> None:
    """The desk is new, the clock shows a time before the order, and the journal knows better."""
    order = office.order()
    known = DoubtedWall(latest_ms=order.issued_at)
    office.clock.pass_(-5.0)
    office.gate = OrderGate(office.gate._rules, office.clock, office._obey, office._note, known)
    office.clock.pass_(5.0)
    assert office.say(order)["reason"] == "too_old"
    assert office.obeyed == []


def test_a_refusal_is_written_down_without_what_it_said(office: Office) -> None:
    order = replace(office.order(), door="somewhere-secret")
    assert office.say(order)["outcome"] == "refused"
    assert office.notes == [
        (
            "operator",
            {
                "outcome": "refused",
                "reason": "other_door",
                "operator": "anna",
                "id": order.id,
                "channel": "mqtt",
            },
        )
    ]


def test_garbage_is_answered_with_nothing_of_it(office: Office) -> None:
    assert json.loads(office.gate.hear(b"a secret", "local")) == {
        "id": None,
        "outcome": "refused",
        "reason": "not_understood",
        "state": {},
    }
    assert "a secret" not in str(office.notes)


def test_whoever_floods_a_channel_does_not_fill_the_journal(office: Office) -> None:
    for _ in range(MOST_WRITTEN + 30):
        office.gate.hear(b"", "mqtt")
    assert len(office.notes) == MOST_WRITTEN
    office.clock.pass_(MINUTE)
    office.gate.hear(b"", "mqtt")
    assert office.notes[-2][1] == {"outcome": "refused", "reason": "too_many", "unwritten": 30}
    assert office.notes[-1][1]["reason"] == "not_understood"
    office.clock.pass_(MINUTE)
    office.gate.hear(b"", "mqtt")
    assert len(office.notes) == MOST_WRITTEN + 3


def test_an_order_counts_whatever_was_refused_before(office: Office) -> None:
    for _ in range(MOST_WRITTEN * 3):
        office.gate.hear(b"", "mqtt")
    assert office.say(office.order())["outcome"] == "done"


def test_a_journal_that_cannot_be_written_lets_nothing_through(office: Office) -> None:
    office.journal_error = JournalUnwritable("The disk is full.")
    assert office.say(replace(office.order(), door="cellar"))["outcome"] == "refused"
    assert office.obeyed == []


@pytest.mark.parametrize("error", [DoorTimeout("No answer."), JournalUnwritable("No answer.")])
def test_an_operator_is_told_what_failed(office: Office, error: Exception) -> None:
    office.error = error
    answer = office.say(office.order())
    assert (answer["outcome"], answer["reason"]) == ("failed", "No answer.")


def test_what_the_journal_says_of_an_order(office: Office) -> None:
    order = office.order(verb=Verb.RESET_PASSBACK)
    said = {
        "outcome": "accepted",
        "verb": "reset_passback",
        "operator": "anna",
        "id": order.id,
        "issued_at": order.issued_at,
    }
    assert accepted(order).details() == said
    person = replace(order, subject=SubjectId("s-1"))
    assert accepted(person).details() == said | {"subject": "s-1"}
    timed = replace(order, verb=Verb.RELEASE, seconds=7.0)
    assert accepted(timed).details() == said | {"verb": "release", "seconds": 7.0}
