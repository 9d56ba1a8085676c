"""The door's machine at work: what ends a release, what stands, what the door says of itself."""

from __future__ import annotations

from liars import lies

TESTS = ("door_machine", "door_wire", "door_properties")

MUTANTS = [
    *lies(
        "door/machine",
        TESTS,
        (
            "a free door stays free",
            "ended = release.by in STANDING and standing(state, rules) is None",
            "ended = False",
        ),
        (
            "two doors are released at once",
            (
                "way = release.by not in EGRESS and state.open_since is None and "
                "interlocked(state, rules)"
            ),
            "way = False",
        ),
        (
            "whoever leaves gives way",
            "way = release.by not in EGRESS and state.open_since is None",
            "way = state.open_since is None",
        ),
        (
            "a door shuts on whoever passes",
            "way = release.by not in EGRESS and state.open_since is None and",
            "way = release.by not in EGRESS and",
        ),
        # -- what stands
        (
            "fire waits until the door is secured",
            "if state.owes_secure and not burns(state, rules):",
            "if state.owes_secure:",
        ),
        (
            "nothing is ever secured",
            "if state.owes_secure and not burns(state, rules):",
            "if False:",
        ),
        (
            "failed orders are hammered",
            "if state.asked is not None or state.now < state.retry_at:",
            "if state.asked is not None:",
        ),
        (
            "what stands is asked twice",
            "if state.asked is not None or state.now < state.retry_at:",
            "if state.now < state.retry_at:",
        ),
        (
            "a schedule passes an interlock",
            "if by is None or (by is By.SCHEDULE and interlocked(state, rules)):",
            "if by is None:",
        ),
        (
            "an interlock locks people in",
            "if by is None or (by is By.SCHEDULE and interlocked(state, rules)):",
            "if by is None or interlocked(state, rules):",
        ),
        (
            "a free door flickers",
            "release.until - state.now > seconds / 2",
            "release.until - state.now > seconds",
        ),
        (
            "a free door is renewed too late",
            "release.until - state.now > seconds / 2",
            "release.until - state.now > 0.0",
        ),
        (
            "the exit button has the schedule's time",
            "seconds = rules.release_seconds if by is By.EXIT else rules.renew_seconds",
            "seconds = rules.renew_seconds",
        ),
        ("silence is nothing", "if state.given_up or not silent(state, rules):", "if True:"),
        (
            "silence is secured for ever",
            "if state.given_up or not silent(state, rules):",
            "if not silent(state, rules):",
        ),
        (
            "orders come before what is written",
            "(*notes, *taken.effects, *driven.effects)",
            "(*taken.effects, *driven.effects, *notes)",
        ),
        ("ends are beginnings", "begins=alarm in after", "begins=True"),
    ),
    *lies(
        "door/answers",
        TESTS,
        # -- ends
        (
            "what is ended runs on",
            "return replace(cut(state), owes_secure=True, retry_at=NEVER)",
            "return replace(state, owes_secure=True, retry_at=NEVER)",
        ),
        (
            "what is ended is not secured",
            "return replace(cut(state), owes_secure=True, retry_at=NEVER)",
            "return replace(cut(state), retry_at=NEVER)",
        ),
        (
            "an operator waits for the next try",
            "return replace(cut(state), owes_secure=True, retry_at=NEVER)",
            "return replace(cut(state), owes_secure=True)",
        ),
    ),
    *lies(
        "door/readings",
        TESTS,
        (
            "one silence is all silences",
            "heard_at=before.now, given_up=False)",
            "heard_at=before.now)",
        ),
        # -- what the door says
        (
            "whoever leaves forces the door",
            "if reading.exit_asked or burns(state, rules):",
            "if burns(state, rules):",
        ),
        (
            "whoever flees forces the door",
            "if reading.exit_asked or burns(state, rules):",
            "if reading.exit_asked:",
        ),
        (
            "leaving takes no time",
            "leaving = Instant(state.now + rules.exit_seconds)",
            "leaving = state.now",
        ),
        (
            "no door is forced",
            "forced = before.reading is not None and not rightful_until(state) > since",
            "forced = False",
        ),
        (
            "a door that stood open was forced",
            "forced = before.reading is not None and not rightful_until(state) > since",
            "forced = not rightful_until(state) > since",
        ),
        (
            "the moment after the end is rightful",
            "not rightful_until(state) > since",
            "not rightful_until(state) >= since",
        ),
        (
            "the moment between two looks is not",
            "release, since = state.release, before.heard_at",
            "release, since = state.release, state.now",
        ),
        (
            "a release of yesterday lets somebody enter",
            "if release is None or release.opened or not release.until > since:",
            "if release is None or release.opened:",
        ),
        (
            "one person enters twice",
            "if release is None or release.opened or not release.until > since:",
            "if release is None or not release.until > since:",
        ),
        (
            "everybody enters by grant",
            "(Entered(),) if release.by is By.GRANT else ()",
            "(Entered(),)",
        ),
        ("an opened door was not opened", "replace(release, opened=True)", "release"),
        ("a forced door stays forced", "        forced=False,\n", ""),
        (
            "the right to leave outlives the leaving",
            "leaving_until=min(state.leaving_until, now)",
            "leaving_until=state.leaving_until",
        ),
        (
            "the doubt outlives the passing",
            "doubtful_until=min(state.doubtful_until, now)",
            "doubtful_until=state.doubtful_until",
        ),
        ("two people a grant", "return end(shut) if over else shut", "return shut"),
        (
            "every door relocks",
            "over = rules.relock_on_close and running(shut) is not None",
            "over = running(shut) is not None",
        ),
        (
            "a free door relocks",
            "running(shut) is not None and standing(shut, rules) is None",
            "running(shut) is not None",
        ),
        (
            "a relay that ended early runs on",
            "return replace(cut(state) if early else state, wrong_since=None)",
            "return replace(state, wrong_since=None)",
        ),
        (
            "an old reading ends a release",
            "early = release is not None and state.now - release.since >= rules.grace_seconds",
            "early = release is not None",
        ),
        (
            "a relay is stuck for ever",
            "return replace(cut(state) if early else state, wrong_since=None)",
            "return cut(state) if early else state",
        ),
        (
            "a relay lies whenever it is released",
            "if running(before) is not None or state.asked is not None or burns(state, rules):",
            "if state.asked is not None or burns(state, rules):",
        ),
        (
            "a relay lies while it is told",
            "if running(before) is not None or state.asked is not None or burns(state, rules):",
            "if running(before) is not None or burns(state, rules):",
        ),
        (
            "a relay lies under fire",
            "if running(before) is not None or state.asked is not None or burns(state, rules):",
            "if running(before) is not None or state.asked is not None:",
        ),
        (
            "a lie begins anew at every look",
            "wrong = state.now if state.wrong_since is None else state.wrong_since",
            "wrong = state.now",
        ),
        (
            "a lying relay is not secured",
            "return replace(state, wrong_since=wrong, owes_secure=True)",
            "return replace(state, wrong_since=wrong)",
        ),
        (
            "a lying relay is not noticed",
            "return replace(state, wrong_since=wrong, owes_secure=True)",
            "return replace(state, owes_secure=True)",
        ),
    ),
]
