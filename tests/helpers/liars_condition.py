"""What is true of a door at one moment."""

from __future__ import annotations

from liars import lies

TESTS = ("door_machine", "door_wire", "door_properties")

MUTANTS = [
    *lies(
        "door/status",
        TESTS,
        (
            "a time that is none is no silence",
            "return not state.now - state.heard_at < rules.unknown_seconds",
            "return state.now - state.heard_at > rules.unknown_seconds",
        ),
        (
            "a door begins well",
            "    if state.reading is None:\n        true.add",
            "    if False:\n        true.add",
        ),
        (
            "the best is told",
            "next((worst for worst in Condition if",
            "next((worst for worst in reversed(Condition) if",
        ),
        (
            "nobody is seen passing",
            "if state.open_since is not None:\n        true",
            "if False:\n        true",
        ),
        (
            "every release is a schedule's",
            "if release is not None and release.by is By.SCHEDULE:",
            "if release is not None:",
        ),
        (
            "a schedule's release is any",
            "if release is not None and release.by is By.SCHEDULE:",
            "if False:",
        ),
        (
            "a relay that lies is believed",
            "if release is not None or state.wrong_since is not None:",
            "if release is not None:",
        ),
        (
            "what the schedule wants is so",
            "frozenset({Alarm.EXIT, Alarm.UNLOCKED})",
            "frozenset({Alarm.EXIT})",
        ),
        ("the time of asking is nothing", "state = replace(state, now=max(state.now, at))", ""),
        (
            "a lie is an alarm at once",
            "wrong is not None and state.now - wrong >= rules.grace_seconds",
            "wrong is not None",
        ),
        (
            "no lie is an alarm",
            "wrong is not None and state.now - wrong >= rules.grace_seconds",
            "False",
        ),
        ("nobody tampers", "Alarm.TAMPERED: reading.tampered,", "Alarm.TAMPERED: False,"),
        (
            "a lost order is known",
            "silent(state, rules) or state.unanswered",
            "silent(state, rules)",
        ),
        ("silence is known", "silent(state, rules) or state.unanswered", "state.unanswered"),
        ("no warning", "held >= rules.held_warning_seconds", "held >= rules.held_open_seconds"),
        ("no door is held", "held >= rules.held_open_seconds", "False"),
        (
            "the wait begins with the opening",
            "return state.now - max(state.open_since, rightful_until(state))",
            "return state.now - state.open_since",
        ),
        (
            "the wait begins with the right",
            "return state.now - max(state.open_since, rightful_until(state))",
            "return state.now - rightful_until(state)",
        ),
        (
            "nobody has a right to leave",
            "return max(released, state.leaving_until, state.doubtful_until)",
            "return max(released, state.doubtful_until)",
        ),
        (
            "nobody is let in",
            "return max(released, state.leaving_until, state.doubtful_until)",
            "return max(state.leaving_until, state.doubtful_until)",
        ),
        (
            "a release is one moment longer",
            "state.now < release.until else None",
            "state.now <= release.until else None",
        ),
        (
            "an alarm pull is a way in",
            "return rules.fire_releases and state.reading is not None and state.reading.fire",
            "return state.reading is not None and state.reading.fire",
        ),
        (
            "a lockdown is no matter to the schedule",
            "return state.free and not state.held_back and not state.locked_down",
            "return state.free and not state.held_back",
        ),
        (
            "nobody holds back the schedule",
            "return state.free and not state.held_back and not state.locked_down",
            "return state.free and not state.locked_down",
        ),
        (
            "a silent door is driven",
            "if state.reading is None or silent(state, rules):\n        return None",
            "if state.reading is None:\n        return None",
        ),
        (
            "every exit sensor releases",
            "if rules.exit_releases and state.reading.exit_asked:",
            "if state.reading.exit_asked:",
        ),
        (
            "no exit button releases",
            "if rules.exit_releases and state.reading.exit_asked:",
            "if False:",
        ),
        (
            "a free door is for one at a time",
            "if release is not None and release.by in STANDING:",
            "if False:",
        ),
        (
            "an open leaf is nobody",
            "return state.open_since is not None or (release",
            "return (release",
        ),
        (
            "whoever has not come yet is nobody",
            "or (release is not None and not release.opened)",
            "",
        ),
        (
            "whoever has passed still passes",
            "(release is not None and not release.opened)",
            "release is not None",
        ),
        ("an interlock is none", "    if not rules.interlock:", "    if True:"),
        ("every door is one of two", "    if not rules.interlock:", "    if False:"),
        (
            "a door that is not heard of is secured",
            "return not (known and",
            "return known and not (",
        ),
        (
            "an old word about the other door counts",
            "known = state.reading is not None and not silent(state, rules)",
            "known = state.reading is not None",
        ),
        (
            "a neighbour of whom nothing is known is secured",
            "state.reading.neighbour_secured is True)",
            "state.reading.neighbour_secured is not False)",
        ),
    ),
]
