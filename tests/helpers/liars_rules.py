"""Who may pass when: what is asked of a person, and what follows once they went through."""

from __future__ import annotations

from liars import lies

MUTANTS = [
    *lies(
        "people/rules",
        ("rules",),
        (
            "nobody's days are asked for",
            "(Reason.NOT_VALID, not _is_valid",
            "(Reason.NOT_VALID, False and not _is_valid",
        ),
        ("the first day is not theirs", "person.valid_from <= day", "person.valid_from < day"),
        ("there is no first day", "person.valid_from <= day", "True"),
        ("the last day is not theirs", "person.valid_until < day", "person.valid_until <= day"),
        ("there is no last day", "person.valid_until < day", "False"),
        (
            "days are those of UTC",
            "not _is_valid(person, now.local.date())",
            "not _is_valid(person, (now.local - (now.local.utcoffset() or 0)).date())",
        ),
        ("any door is theirs", "(Reason.NOT_HERE, not here)", "(Reason.NOT_HERE, False)"),
        ("any time is theirs", "(Reason.NOT_NOW, not ruling)", "(Reason.NOT_NOW, False)"),
        (
            "other doors are theirs too",
            "for group in known if site.door in group.doors)",
            "for group in known)",
        ),
        ("whoever is in no group passes", "if not site.groups:", "if not person.groups:"),
        (
            "unknown groups are like the first",
            "known = (site.groups[name] for name in person.groups if name in site.groups)",
            "known = (site.groups.get(name, [*site.groups.values()][0]) for name in person.groups)",
        ),
        (
            "groups need not be open",
            "for group in groups if group.schedule.is_open(now.local))",
            "for group in groups)",
        ),
        ("everybody waits", "if not site.first_person or _is_responsible", "if _is_responsible"),
        ("the responsible wait too", " or _is_responsible(ruling, site):", ":"),
        (
            "nobody waits",
            "return not is_opened(presence, now, site.memory)\n\n\ndef _is_responsible",
            "return False\n\n\ndef _is_responsible",
        ),
        (
            "whoever leaves opens the day",
            "return comes_in and any(group.first_person for group in ruling)",
            "return any(group.first_person for group in ruling)",
        ),
        (
            "all groups must be responsible",
            "comes_in and any(group.first_person",
            "comes_in and all(group.first_person",
        ),
        (
            "everybody is responsible",
            "comes_in and any(group.first_person for group in ruling)",
            "comes_in",
        ),
        (
            "groups that are closed open the day",
            "ruling = _open_groups(_groups_here(person, site), now)",
            "ruling = _groups_here(person, site)",
        ),
        (
            "closed groups free of passback",
            "_passes_back(subject, ruling, now, site, presence)\n    refusals",
            "_passes_back(subject, here, now, site, presence)\n    refusals",
        ),
        (
            "closed groups are responsible",
            "_waits_for_first(ruling, now, site, presence)),",
            "_waits_for_first(here, now, site, presence)),",
        ),
        (
            "nobody is free of passback",
            "if site.memory.passback is Passback.OFF or free:",
            "if site.memory.passback is Passback.OFF:",
        ),
        ("passback is never off", "if site.memory.passback is Passback.OFF or free:", "if free:"),
        (
            "nobody passes back",
            "return inside is (site.memory.direction is Direction.IN)",
            "return False",
        ),
        (
            "whoever leaves from inside passes back",
            "return inside is (site.memory.direction is Direction.IN)",
            "return inside",
        ),
        (
            "soft is hard",
            "return memory.passback is Passback.HARD and memory",
            "return memory",
        ),
        ("hard is soft", "passes_back and _refuses_passback(site.memory)", "False"),
        (
            "people are held inside",
            "memory.passback is Passback.HARD and memory.direction is Direction.IN",
            "memory.passback is Passback.HARD",
        ),
        (
            "nobody comes too soon",
            "(Reason.TOO_SOON, passed_just_now(presence, subject, now, site.memory))",
            "(Reason.TOO_SOON, False)",
        ),
        (
            "nothing is noted",
            "Reason.PASSED_BACK if passes_back and reason is None else None",
            "None",
        ),
        (
            "refusals are noted twice",
            "Reason.PASSED_BACK if passes_back and reason is None else None",
            "Reason.PASSED_BACK if passes_back else None",
        ),
        ("nobody learns when", "if reason is Reason.NOT_NOW and now.trusted:", "if False:"),
        (
            "everybody learns when",
            "if reason is Reason.NOT_NOW and now.trusted:",
            "if reason is not None:",
        ),
        (
            "the last reason is given",
            "for reason, applies in refusals if",
            "for reason, applies in refusals[::-1] if",
        ),
        (
            "whoever passes leaves no trace",
            "after = passed(presence, subject, now, site.memory)",
            "after = presence",
        ),
        ("no day is ever opened", "return replace(after, opened=now) if", "return after if"),
        (
            "the first day stays the day",
            "replace(after, opened=now)",
            "replace(after, opened=after.opened or now)",
        ),
        (
            "the door is free at any time",
            "if site.unlock is None or not site.unlock.is_open(now.local):",
            "if site.unlock is None:",
        ),
        (
            "the door is free before anybody came",
            "return not site.first_person or is_opened(presence, now, site.memory)",
            "return True",
        ),
        (
            "the door is free only once somebody came",
            "return not site.first_person or is_opened",
            "return is_opened",
        ),
    ),
    *lies(
        "people/rules",
        ("untrusted_clock",),
        (
            "a doubted clock keeps hours",
            "if not now.trusted:\n        groups",
            "if False:\n        groups",
        ),
        (
            "a doubted clock frees the door",
            "if not now.trusted:\n        return",
            "if False:\n        return",
        ),
        (
            "days count by a doubted clock",
            "not now.trusted and _is_bounded",
            "False and _is_bounded",
        ),
        ("a first day is no bound", "person.valid_from is not None or", "False or"),
        ("a last day is no bound", "or person.valid_until is not None", "or False"),
        ("an opening is promised", "is Reason.NOT_NOW and now.trusted", "is Reason.NOT_NOW"),
    ),
]
