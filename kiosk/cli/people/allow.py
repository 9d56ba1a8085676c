"""`kiosk people allow`: set the rules of one person. Options not given leave a rule unchanged."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import (
    SubjectArgument,
    agreed,
    kept_home,
    show_record,
    written_down,
)
from kiosk.domain.access.factors import Factor
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from config.settings import Settings
    from kiosk.domain.people.rules import PersonRules
    from kiosk.domain.vision.template import SubjectId
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.person import Profile

NOTHING = "none"
MAX_CREDENTIAL = 2**64 - 1
_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")

GroupOption = Annotated[
    list[str] | None,
    typer.Option("--group", help="Whose doors and times are theirs; may be repeated, or `none`."),
]
FromOption = Annotated[
    str | None, typer.Option("--from", help="The first day, such as 2026-01-31, or `none`.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="The last day, such as 2026-12-31, or `none`.")
]
LongerOption = Annotated[
    bool | None, typer.Option("--longer/--no-longer", help="The door stays released longer.")
]
CredentialOption = Annotated[
    str | None, typer.Option(help="Their card number at a panel behind the kiosk, or `none`.")
]
FactorOption = Annotated[
    Factor | None, typer.Option(help="What they show beside their face; verify compares 1:1.")
]


def allow(
    subject: SubjectArgument,
    *,
    group: GroupOption = None,
    since: FromOption = None,
    until: UntilOption = None,
    longer: LongerOption = None,
    credential: CredentialOption = None,
    factor: FactorOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Set what a subject may do and has to present. Options not given change nothing."""
    from config.settings import load
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.subjects import subject_id

    known = subject_id(subject)
    wanted = _wanted(group, since, until, longer, credential)
    kept = kept_home(home, None, changes=True)
    settings = load(kept.path, config)

    def change(profile: Profile) -> Profile:
        rules = _in_order(replace(profile.rules, **wanted))
        factors = profile.factors
        if factor is not None:
            factors = factors.requiring(factor, known)
        return replace(profile, rules=rules, factors=factors)

    with OpenHome.open(kept.path) as open_home:
        before = open_home.references.show(known).profile
        _refuse_anothers(open_home, known, wanted.get("credential"))
        changed = _differences(before, change(before))
        if changed:
            with written_down(open_home, "rules_changed", {"subject": known, "changed": changed}):
                open_home.references.amend(known, change)
        person = open_home.references.show(known)
    record = {"subject": known} | agreed(person)
    if json:
        print_json(record)
    else:
        show_record(record)
    _tell_unknown(person.profile.rules.groups, settings)
    return 0


# -- requested changes ---------------------------------------------------------------------------


def _wanted(
    group: Sequence[str] | None,
    since: str | None,
    until: str | None,
    longer: bool | None,
    credential: str | None,
) -> dict[str, Any]:
    """The rules to replace, by their field names in `PersonRules`."""
    wanted: dict[str, Any] = {}
    if group is not None:
        wanted["groups"] = _groups(group)
    if since is not None:
        wanted["valid_from"] = _day(since, "--from")
    if until is not None:
        wanted["valid_until"] = _day(until, "--until")
    if longer is not None:
        wanted["needs_longer"] = longer
    if credential is not None:
        wanted["credential"] = _number(credential)
    return wanted


def _groups(names: Sequence[str]) -> tuple[str, ...]:
    if list(names) == [NOTHING]:
        return ()
    for name in names:
        if name == NOTHING or not _GROUP.fullmatch(name):
            raise BadInput(
                f"--group {name[:80]!r} cannot be a group.",
                "Use 1 to 40 letters, digits or _ -, as in rules.groups of the settings; "
                "`--group none` alone takes every group away.",
            )
    return tuple(dict.fromkeys(names))


def _day(text: str, option: str) -> date | None:
    if text == NOTHING:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"{option} {text[:80]!r} is no day.", "Write it as 2026-01-31, or `none` for no limit."
        ) from error


def _number(text: str) -> int | None:
    if text == NOTHING:
        return None
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_CREDENTIAL))
    if not plain or not 1 <= int(text) <= MAX_CREDENTIAL:
        raise BadInput(
            f"--credential {text[:80]!r} is no card number.",
            f"Give a whole number from 1 to {MAX_CREDENTIAL}, or `none`.",
        )
    return int(text)


# -- checks --------------------------------------------------------------------------------------


def _in_order(rules: PersonRules) -> PersonRules:
    """The rules, after a check that they do not end before they begin."""
    if rules.valid_from and rules.valid_until and rules.valid_until < rules.valid_from:
        raise BadInput(
            f"They would be let in from {rules.valid_from} until {rules.valid_until}: never.",
            "Correct --from or --until; the last day is not before the first.",
        )
    return rules


def _refuse_anothers(open_home: OpenHome, subject: SubjectId, credential: int | None) -> None:
    """Refuse a card number of another person: a panel must not take two people for one."""
    if credential is None:
        return
    for other in open_home.references.people():
        if other.subject != subject and other.profile.rules.credential == credential:
            raise BadInput(
                f"That --credential is {other.subject}'s already.",
                f"Give another number, or run `kiosk people allow {other.subject} "
                "--credential none` first.",
            )


def _differences(before: Profile, after: Profile) -> list[Any]:
    """The names of the changed rules: the journal records that they changed, not their values."""
    names = ("groups", "valid_from", "valid_until", "needs_longer", "credential")
    changed = [n for n in names if getattr(before.rules, n) != getattr(after.rules, n)]
    return changed + ["factor"] * (before.factors != after.factors)


def _tell_unknown(groups: Sequence[str], settings: Settings) -> None:
    """Warn about a group that the settings do not define: it opens no door."""
    for name in groups:
        if name not in settings.rules.groups:
            print(
                f"kiosk: the settings have no rules.groups.{name}: it opens no door here.",
                file=sys.stderr,
            )
