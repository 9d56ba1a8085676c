"""Plain-language sentences for audit entries. Scores are only in the entry itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk.domain.access.machine import Reason
from kiosk.domain.audit import AuditEntry, Value

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
    Reason.PASSING: "somebody was still passing through",
    Reason.INTERLOCKED: "the other door was not shut and locked",
    Reason.PANEL_DENIED: "the panel behind the kiosk said no",
    Reason.PANEL_SILENT: "the panel behind the kiosk did not answer",
    Reason.OPERATOR_DENIED: "an operator said no",
}

Details = Mapping[str, Value]


def sentence(entry: AuditEntry) -> str:
    """One sentence about an entry; for an event unknown to this version, its name."""
    words = _SENTENCES.get(entry.event)
    said = words(entry.details) if words else entry.event.replace("_", " ").capitalize() + "."
    return "".join(character if character.isprintable() else " " for character in said)


def why_not(reason: object) -> str:
    """The reason of a refusal, as the end of a sentence."""
    try:
        return _REFUSED[Reason(reason)]
    except (ValueError, KeyError):
        return f"reason {reason}"


def _decision(details: Details) -> str:
    if details.get("outcome") == "granted":
        return f"{details.get('subject')} was let in."
    why = why_not(details.get("reason"))
    who = details.get("subject")
    return f"{who} was not let in: {why}." if who else f"Not let in: {why}."


def _repaired(details: Details) -> str:
    if "adopted_entry" in details:
        return f"After a crash, entry {details['adopted_entry']} was found whole and kept."
    return f"After a crash, {details.get('cut_bytes')} bytes of an unfinished entry were cut off."


def _renewed(details: Details) -> str:
    return f"A new journal began, since the old one did not verify: {details.get('problem')}"


def _crowded(details: Details) -> str:
    return (
        f"People enrolled last who are not recognised: {details.get('people_left_out')}. There are "
        f"{details.get('references')} references, and scores were measured for "
        f"{details.get('most')}."
    )


def _not_enrolled(details: Details) -> str:
    why = details.get("problem") or "The photographs made no reference"
    return f"Nobody was enrolled. {str(why).rstrip('.')}."


def _names(details: Details) -> str:
    changed = details.get("changed")
    names = changed if isinstance(changed, list) else []
    return ", ".join(str(name).replace("_", " ") for name in names)


def _fault(details: Details) -> str:
    """The fault's sentence. A clock fault alone shuts out only people with time limits."""
    part, detail = details.get("part"), str(details.get("detail", ""))
    return detail if part == "clock" else f"Out of service: {part}. {detail}".rstrip()


def _listed(details: Details) -> str:
    names = details.get("names")
    return ", ".join(map(str, names)) if isinstance(names, list) else ""


def _pin(details: Details) -> str:
    return "duress PIN" if details.get("duress") else "PIN"


_DOOR = {
    "fire": ("The fire panel asks for the door to be free.", "The fire panel is quiet again."),
    "forced": ("The door was opened by force.", "The door is shut again after force."),
    "stuck": ("The lock did not obey: it stays released.", "The lock obeys again."),
    "tampered": ("Somebody tampers with the door's device.", "The door's device is whole again."),
    "unknown": ("Nothing is heard from the door.", "The door is heard again."),
    "held_open_warning": ("The door has stood open for long.", "The door is shut again."),
    "held_open": ("The door is held open.", "The door is no longer held open."),
    "locked_down": ("The door is locked down.", "The lockdown is over."),
    "unlocked": ("The door is free by schedule.", "The door is no longer free by schedule."),
    "exit": ("Somebody asks to leave.", "Nobody asks to leave any more."),
}


def _door(details: Details) -> str:
    begins, ends = _DOOR.get(str(details.get("state")), ("The door changed.", "The door changed."))
    return begins if details.get("begins") else ends


def _not_released(details: Details) -> str:
    why = why_not(details.get("reason"))
    return f"The door was not released for {details.get('subject')}: {why}."


def _operator(details: Details) -> str:
    who = details.get("operator") or "somebody unknown"
    verb = str(details.get("verb", "")).replace("_", " ")
    if details.get("outcome") == "accepted":
        whom = f" ({details['subject']})" if details.get("subject") else ""
        return f"The operator {who} ordered: {verb}{whom}."
    if details.get("unwritten"):
        return f"{details['unwritten']} more orders were refused, too many to write down."
    why = str(details.get("reason")).replace("_", " ")
    return f"An order of {who} over the channel {details.get('channel')} does not count: {why}."


def _channel(details: Details) -> str:
    name = details.get("channel")
    if details.get("works"):
        return f"Operators are heard over the channel {name}."
    return f"No operator is heard over the channel {name}. {details.get('problem')}"


def _output(details: Details) -> str:
    name = str(details.get("stream", "output"))
    if details.get("works"):
        return f"The {name} is written again; {details.get('lost_lines')} lines are lost."
    return f"The {name} cannot be written: {details.get('problem')}. The door does not need it."


def _stopped(details: Details) -> str:
    lost = details.get("lost_lines")
    more = f" {lost} lines of its output were lost." if lost else ""
    return f"The kiosk stopped. {details.get('problem', '')}".rstrip() + more


_PEOPLE: Mapping[Value, str] = {"installer": "An installer"}

_INSTALLER = {
    "opened": "The installer's page was opened with the admin PIN.",
    "secure": "An installer secured the door.",
    "test": "An installer tests the door.",
    "wrong_pin": "A wrong admin PIN was typed.",
}


def _installer(details: Details) -> str:
    return _INSTALLER.get(str(details.get("did")), "Something was done at the installer's page.")


def _anchor(details: Details) -> str:
    if details.get("works"):
        return "The journal's end is kept outside the home again."
    return f"The journal's end is not kept outside the home. {details.get('problem')}"


_SENTENCES: Mapping[str, Callable[[Details], str]] = {
    "decision": _decision,
    "door": _door,
    "released": lambda d: f"{_PEOPLE.get(d.get('by'), 'An operator')} released the door.",
    "installer": _installer,
    "not_released": _not_released,
    "noticed": lambda d: f"{d.get('subject')} came in twice without leaving.",
    "factor": lambda d: f"{d.get('subject')} showed a second factor that was not theirs.",
    "duress": lambda d: f"{d.get('subject')} typed the duress PIN: somebody may force them.",
    "guessing": lambda d: f"Too many wrong PINs for {d.get('subject')}: none is looked at for now.",
    "lockout": lambda d: (
        f"Too many refusals: the lockout {'began' if d.get('begins') else 'ended'}."
    ),
    "help": lambda _: "Somebody called for help at the screen.",
    "operator": _operator,
    "channel": _channel,
    "fault": _fault,
    "recovered": lambda d: f"Works again: {d.get('part')}.",
    "clock_accepted": lambda d: f"The clock was accepted, though {d.get('latest_was')} was known.",
    "enrolment": lambda d: f"{d.get('subject')} is being enrolled.",
    "enrolled": lambda d: f"{d.get('subject')} was enrolled.",
    "enrolment_refused": _not_enrolled,
    "gallery_full": _crowded,
    "gallery_fits": lambda _: "Everybody who is enrolled is recognised again.",
    "erased": lambda d: f"{d.get('subject')} was erased.",
    "erasure_failed": lambda d: f"{d.get('subject')} could not be erased. {d.get('problem')}",
    "rules_changed": lambda d: f"What {d.get('subject')} may do was changed: {_names(d)}.",
    "pin_set": lambda d: f"{d.get('subject')} got a new {_pin(d)}.",
    "pin_removed": lambda d: f"The {_pin(d)} of {d.get('subject')} was taken away.",
    "badge_issued": lambda d: f"{d.get('subject')} got a new badge; the one before ended.",
    "badge_revoked": lambda d: f"The badge of {d.get('subject')} was revoked.",
    "door_key": lambda _: "A new key was made for the door's OSDP device.",
    "admin_pin_set": lambda _: "A new admin PIN was set.",
    "change_failed": lambda d: f"That change failed. {d.get('problem')}",
    "screen_failed": lambda d: f"The screen failed. {d.get('detail')}",
    "started": lambda _: "The kiosk started.",
    "stopped": _stopped,
    "output": _output,
    "store_created": lambda _: "An empty database of references was made.",
    "journal": lambda d: f"The journal {d.get('detail')}.",
    "anchor": _anchor,
    "anchor_accepted": lambda d: f"The journal goes on beside its anchor. {d.get('problem')}",
    "journal_repaired": _repaired,
    "journal_renewed": _renewed,
    "kept_tied": lambda _: "Everything that is kept was tied to this journal.",
    "kept_accepted": lambda d: f"What was put back was accepted: {_listed(d)}.",
}
