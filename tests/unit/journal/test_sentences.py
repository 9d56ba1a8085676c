"""Every reason has words, and no words carry a score or a terminal's commands."""

from __future__ import annotations

import pytest

from kiosk.domain.access.machine import Reason
from kiosk.domain.audit import AuditEntry, Value
from kiosk.journal.sentences import sentence


def _said(event: str, **details: Value) -> str:
    return sentence(AuditEntry("2026-05-04T09:00:00+00:00", event, details))


def test_a_grant_names_who_was_let_in() -> None:
    assert _said("decision", outcome="granted", subject="s-1", score=0.83) == "s-1 was let in."


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.MATCHED])
def test_every_refusal_says_why_in_words_of_its_own(reason: Reason) -> None:
    said = _said("decision", outcome="refused", reason=reason.value, score=0.61)
    assert said.startswith("Not let in: ")
    assert "reason" not in said
    assert "0.61" not in said


@pytest.mark.parametrize("reason", ["a_newer_reason", None, "matched"])
def test_a_reason_of_another_version_is_named(reason: str | None) -> None:
    assert _said("decision", outcome="refused", reason=reason) == f"Not let in: reason {reason}."


def test_an_event_of_another_version_is_named() -> None:
    assert _said("door_forced", at=3) == "Door forced."


def test_repairs_are_explained() -> None:
    assert "entry 7 was found whole" in _said("journal_repaired", adopted_entry=7)
    assert "12 bytes of an unfinished entry" in _said("journal_repaired", cut_bytes=12)


@pytest.mark.parametrize(
    ("event", "details", "said"),
    [
        ("fault", {"part": "camera", "detail": "No frames."}, "Out of service: camera. No frames."),
        ("recovered", {"part": "camera"}, "Works again: camera."),
        ("enrolled", {"subject": "s-1"}, "s-1 was enrolled."),
        ("erased", {"subject": "s-1"}, "s-1 was erased."),
        ("anchor", {"works": True}, "The journal's end is kept outside the home again."),
        (
            "anchor",
            {"works": False, "problem": "There is none."},
            "The journal's end is not kept outside the home. There is none.",
        ),
        ("anchor_accepted", {"problem": "It."}, "The journal goes on beside its anchor. It."),
        ("started", {}, "The kiosk started."),
        ("released", {"by": "operator"}, "An operator released the door."),
        ("released", {"by": "installer"}, "An installer released the door."),
        (
            "released",
            {"by": "grant", "subject": "s-1", "seconds": 5.0},
            "The door was released for s-1.",
        ),
        ("recognised", {"by": "face", "subject": "s-1"}, "s-1 was recognised by the face."),
        ("recognised", {"by": "badge", "subject": "s-1"}, "s-1 was recognised by a badge."),
        ("authorised", {"subject": "s-1", "factor": "none"}, "The rules let s-1 in."),
        (
            "authorised",
            {"subject": "s-1", "factor": "pin"},
            "The rules let s-1 in and the PIN is theirs.",
        ),
        ("door_key", {"driver": "osdp"}, "A new key was made for the door's OSDP device."),
        ("installer", {"did": "secure"}, "An installer secured the door."),
        ("installer", {"did": "wrong_pin"}, "A wrong admin PIN was typed."),
        ("installer", {"did": "more"}, "Something was done at the installer's page."),
        (
            "channel",
            {"channel": "mqtt", "works": True},
            "Operators are heard over the channel mqtt.",
        ),
        (
            "channel",
            {"channel": "mqtt", "works": False, "problem": "It is gone."},
            "No operator is heard over the channel mqtt. It is gone.",
        ),
        (
            "operator",
            {"outcome": "accepted", "operator": "anna", "verb": "reset_passback", "subject": "s-1"},
            "The operator anna ordered: reset passback (s-1).",
        ),
        (
            "operator",
            {"outcome": "accepted", "operator": "anna", "verb": "lockdown"},
            "The operator anna ordered: lockdown.",
        ),
        (
            "operator",
            {"outcome": "refused", "operator": None, "channel": "mqtt", "reason": "not_understood"},
            "An order of somebody unknown over the channel mqtt does not count: not understood.",
        ),
        (
            "operator",
            {"outcome": "refused", "reason": "too_many", "unwritten": 7},
            "7 more orders were refused, too many to write down.",
        ),
    ],
)
def test_what_happened_is_told(event: str, details: dict[str, Value], said: str) -> None:
    assert _said(event, **details) == said


def test_a_terminal_is_told_no_commands() -> None:
    assert "\x1b" not in _said("fault", part="camera", detail="\x1b[2J\x1b]0;owned\x07")
