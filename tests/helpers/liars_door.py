"""The door's machine told what to do: who is let in, and what counts as an answer."""

from __future__ import annotations

from liars import lies

TESTS = ("door_machine", "door_wire", "door_properties")

MUTANTS = [
    *lies(
        "door/machine",
        TESTS,
        # -- orders
        ("grants pass a lockdown", "if state.locked_down and not decided:", "if False:"),
        (
            "operators do not decide in a lockdown",
            "if state.locked_down and not decided:",
            "if state.locked_down:",
        ),
        ("nobody waits for the other door", "    if interlocked(state, rules):", "    if False:"),
        (
            "whoever follows is let in",
            "if state.asked is not None or (passing(state) and not decided):",
            "if state.asked is not None:",
        ),
        (
            "operators wait for whoever passes",
            "(passing(state) and not decided):",
            "passing(state):",
        ),
        (
            "two orders at once",
            "if state.asked is not None or (passing(state) and not decided):",
            "if passing(state) and not decided:",
        ),
        ("everybody is an operator", "decided = by is By.OPERATOR", "decided = True"),
        (
            "installers overrule as operators do",
            "decided = by is By.OPERATOR",
            "decided = by in {By.OPERATOR, By.INSTALLER}",
        ),
        (
            "a time that is none grants",
            "if isinstance(event, ReleaseWanted) and not timely:",
            "if False:",
        ),
        ("time runs backwards", "state.now <= event.at < math.inf", "event.at < math.inf"),
        ("time may be endless", "state.now <= event.at < math.inf", "state.now <= event.at"),
        (
            "an asked release counts",
            "asked = Asked(by, order, owed=state.owes_secure)",
            (
                "asked = Asked(by, order, owed=state.owes_secure)\n"
                "    state = replace(state, release=Release(by, state.now, "
                "Instant(state.now + order.seconds)))"
            ),
        ),
        # -- people who need longer
        ("nobody needs longer", "if person.needs_longer:", "if False:"),
        (
            "everybody is pushed",
            "captured_at, 0.0, person.credential",
            "captured_at, rules.push_seconds, person.credential",
        ),
        # -- operators
        (
            "a lockdown forgets itself",
            "locked, release = replace(state, locked_down=True), running(state)",
            "locked, release = state, running(state)",
        ),
        (
            "a lockdown leaves what runs",
            "return locked if leaving else end(locked)",
            "return locked",
        ),
        (
            "a lockdown holds back who leaves",
            "return locked if leaving else end(locked)",
            "return end(locked)",
        ),
        (
            "the schedule overrules an operator",
            "return end(replace(state, held_back=state.free))",
            "return end(state)",
        ),
        (
            "an operator holds back a schedule to come",
            "return end(replace(state, held_back=state.free))",
            "return end(replace(state, held_back=True))",
        ),
        (
            "a lockdown is never lifted",
            "return replace(state, locked_down=False, held_back=False)",
            "return replace(state, held_back=False)",
        ),
        (
            "a schedule is never given back",
            "return replace(state, locked_down=False, held_back=False)",
            "return replace(state, locked_down=False)",
        ),
        (
            "a new day is held back",
            "held_back=state.held_back and free",
            "held_back=state.held_back",
        ),
        (
            "the same day is not held back",
            "held_back=state.held_back and free",
            "held_back=False",
        ),
        (
            "a doubted door is left alone",
            "return DoorStep(end(state))",
            "return DoorStep(state)",
        ),
    ),
    *lies(
        "door/answers",
        TESTS,
        (
            "what is declined to an installer holds back the schedule",
            "frozenset({By.GRANT, By.OPERATOR, By.INSTALLER})",
            "frozenset({By.GRANT, By.OPERATOR})",
        ),
        (
            "a declined order forgets what was owed",
            "owed = state.owes_secure or asked.owed",
            "owed = state.owes_secure",
        ),
        (
            "a declined order is owed what it was not",
            "owed = state.owes_secure or asked.owed",
            "owed = True",
        ),
        (
            "what is declined is asked at once",
            (
                "waits = state.retry_at if asked.by in DECIDERS else "
                "Instant(state.now + RETRY_SECONDS)"
            ),
            "waits = state.retry_at",
        ),
        (
            "a panel's no holds back the schedule",
            (
                "waits = state.retry_at if asked.by in DECIDERS else "
                "Instant(state.now + RETRY_SECONDS)"
            ),
            "waits = Instant(state.now + RETRY_SECONDS)",
        ),
        (
            "a lost order is not secured",
            "        owes_secure=True,\n        retry_at=Instant(state.now + RETRY_SECONDS),",
            "        retry_at=Instant(state.now + RETRY_SECONDS),",
        ),
        (
            "a lost order is given again at once",
            "        retry_at=Instant(state.now + RETRY_SECONDS),\n",
            "",
        ),
        ("a lost order is no doubt", "        unanswered=True,\n", ""),
        (
            "whoever opens after a lost order forces the door",
            "doubtful_until=max(state.doubtful_until, Instant(state.now + seconds)),",
            "",
        ),
        (
            "doubt outlives a secured door",
            "doubtful = min(state.doubtful_until, state.now)",
            "doubtful = state.doubtful_until",
        ),
        (
            "a secured door is released",
            "cut(state), owes_secure=False",
            "state, owes_secure=False",
        ),
        (
            "a secured door is in doubt",
            "retry_at=NEVER, unanswered=False, doubtful_until=doubtful",
            "retry_at=NEVER, doubtful_until=doubtful",
        ),
        (
            "an obeyed release is in doubt",
            "release=release, retry_at=NEVER, unanswered=False)",
            "release=release, retry_at=NEVER)",
        ),
        (
            "a release has no end",
            "until = Instant(state.now + asked.order.seconds)",
            'until = Instant(float("inf"))',
        ),
        (
            "nobody enters where no leaf is seen",
            "entered = asked.by is By.GRANT and (release.opened or unseen)",
            "entered = asked.by is By.GRANT and release.opened",
        ),
        (
            "whoever is granted has entered",
            "entered = asked.by is By.GRANT and (release.opened or unseen)",
            "entered = asked.by is By.GRANT",
        ),
        (
            "operators enter",
            "entered = asked.by is By.GRANT and (release.opened or unseen)",
            "entered = release.opened or unseen",
        ),
    ),
]
