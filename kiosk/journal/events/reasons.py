"""The reasons of a refusal, in words."""

from __future__ import annotations

from kiosk.domain.access.states import Reason

_REFUSED = {
    Reason.NOT_RECOGNISED: "nobody enrolled was recognised",
    Reason.AMBIGUOUS: "two enrolled people looked too much alike",
    Reason.PRESENTATION_ATTACK: "it did not look like a living face",
    Reason.POOR_VIEW: "the face could not be seen well",
    Reason.TIMED_OUT: "it took too long",
    Reason.LEFT: "the person left before a decision",
    Reason.CROWDED: "more than one person stood there",
    Reason.FAULT: "a part of the kiosk was broken",
    Reason.NOT_VALID: "their validity has not begun or is over",
    Reason.NOT_HERE: "no group of theirs has this door",
    Reason.NOT_NOW: "their schedule has this door closed",
    Reason.PASSED_BACK: "they went in and never out",
    Reason.TOO_SOON: "they were let in a moment before",
    Reason.FIRST_PERSON: "nobody who is responsible had come in yet",
    Reason.LOCKED_DOWN: "the door was locked down",
    Reason.FACTOR_NEEDED: "they were asked for a second factor",
    Reason.FACTOR_SHOWN: "the second factor was theirs",
    Reason.FACTOR_PAUSED: "too many wrong PINs were typed for them",
    Reason.FACTOR_WRONG: "the second factor was not theirs",
    Reason.FACTOR_MISSING: "they did not show their second factor in time",
    Reason.UNDER_REVIEW: "somebody has yet to look whom they resemble, and they have no factor",
    Reason.OUT_OF_DATE: "their fleet has not been heard of for too long",
    Reason.PASSING: "somebody was still passing through",
    Reason.INTERLOCKED: "the other door was not shut and locked",
    Reason.PANEL_DENIED: "the panel behind the kiosk said no",
    Reason.PANEL_SILENT: "the panel behind the kiosk did not answer",
    Reason.OPERATOR_DENIED: "an operator said no",
    Reason.NOT_COMPARED: "the face could not be compared with anybody",
}


def why_not(reason: object) -> str:
    """The reason of a refusal, as the end of a sentence."""
    try:
        return _REFUSED[Reason(reason)]
    except (ValueError, KeyError):
        return f"reason {reason.value if isinstance(reason, Reason) else reason}"
