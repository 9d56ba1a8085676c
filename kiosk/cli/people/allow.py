"""`kiosk people allow`: set the rules of one person. Options not given leave a rule unchanged."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import SubjectArgument, kept_home, people_service, show_record
from kiosk.domain.access.factors import Factor
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.settings import Settings
    from kiosk.people.rules import RuleChanges

NOTHING = "none"

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
ReviewedOption = Annotated[
    bool,
    typer.Option(
        "--reviewed",
        help="You have looked whom they resemble, or what was reported: ask for no factor for it.",
    ),
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
    reviewed: ReviewedOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Set what a subject may do and has to present. Options not given change nothing."""
    from kiosk.people.records import agreed
    from kiosk.store.people.subjects import subject_id
    from kiosk.wiring.rollout.settings import settings_of

    known = subject_id(subject)
    rules = _wanted(group, since, until, longer, credential)
    kept = kept_home(home, None, changes=True)
    settings = settings_of(kept.path, config)
    with people_service(kept.path) as people:
        person = people.allow(known, rules, factor, reviewed=reviewed)
    record = {"subject": known} | agreed(person)
    if json:
        print_json(record)
    else:
        show_record(record)
    _tell_unknown(person.profile.rules.groups, settings)
    return 0


def _wanted(
    group: Sequence[str] | None,
    since: str | None,
    until: str | None,
    longer: bool | None,
    credential: str | None,
) -> RuleChanges:
    wanted: RuleChanges = {}
    if group is not None:
        wanted["groups"] = () if list(group) == [NOTHING] else tuple(dict.fromkeys(group))
    if since is not None:
        wanted["valid_from"] = _day(since, "--from")
    if until is not None:
        wanted["valid_until"] = _day(until, "--until")
    if longer is not None:
        wanted["needs_longer"] = longer
    if credential is not None:
        wanted["credential"] = _number(credential)
    return wanted


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
    from kiosk.people.rules import MAX_CREDENTIAL, no_credential

    if text == NOTHING:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_CREDENTIAL))):
        raise no_credential(text)
    return int(text)


def _tell_unknown(groups: Sequence[str], settings: Settings) -> None:
    """Warn about a group that the settings do not define: it opens no door."""
    for name in groups:
        if name not in settings.rules.groups:
            print(
                f"kiosk: the settings have no rules.groups.{name}: it opens no door here.",
                file=sys.stderr,
            )
