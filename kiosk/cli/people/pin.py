"""`kiosk people pin`: set or remove a person's PIN or duress PIN."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import SubjectArgument, kept_home, written_down
from kiosk.cli.people.pin_entry import StdinOption, new_pin
from kiosk.domain.access.factors import SALT_BYTES, Factor, no_pin

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.domain.access.factors import Factors
    from kiosk.domain.vision.template import SubjectId
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.person import Profile

DuressOption = Annotated[
    bool, typer.Option("--duress", help="The PIN that lets in and raises a silent alarm.")
]
RemoveOption = Annotated[
    bool, typer.Option("--remove", help="Take the PIN away; with --duress that one only.")
]


def pin(
    subject: SubjectArgument,
    *,
    duress: DuressOption = False,
    remove: RemoveOption = False,
    stdin: StdinOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Set a subject's PIN of 4 to 12 digits. It is asked for twice and never shown."""
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.subjects import subject_id

    known = subject_id(subject)
    kept = kept_home(home, config, changes=True)
    with OpenHome.open(kept.path) as open_home:
        before = open_home.references.factors_of(known)
        if duress and before.pin is None:
            raise no_pin(known)
        text = "" if remove else new_pin(_name(known, duress=duress), stdin=stdin)
        change = _removal(known, duress=duress) if remove else _setting(known, text, duress=duress)
        _change(open_home, known, change, "pin_removed" if remove else "pin_set", duress=duress)
        after = open_home.references.factors_of(known)
    if json:
        print_json({"subject": known, "has_pin": after.pin is not None})
        return 0
    print(f"The {_name(known, duress=duress)} is {'gone' if remove else 'set'}.")
    if not remove and after.required is not Factor.PIN:
        print(f"It is not asked for yet: `kiosk people allow {known} --factor pin`.")
    return 0


def _name(subject: SubjectId, *, duress: bool) -> str:
    return f"{'duress PIN' if duress else 'PIN'} of {subject}"


def _setting(subject: SubjectId, text: str, *, duress: bool) -> Callable[[Factors], Factors]:
    salt = secrets.token_bytes(SALT_BYTES)

    def change(factors: Factors) -> Factors:
        if duress:
            return factors.with_duress(text, salt, subject)
        return factors.with_pin(text, salt)

    return change


def _removal(subject: SubjectId, *, duress: bool) -> Callable[[Factors], Factors]:
    def change(factors: Factors) -> Factors:
        return replace(factors, duress=None) if duress else factors.without_pin(subject)

    return change


def _change(
    open_home: OpenHome,
    subject: SubjectId,
    change: Callable[[Factors], Factors],
    event: str,
    *,
    duress: bool,
) -> None:
    """Try the change first, so that a refusal is not recorded; then record it; then do it."""

    def amended(profile: Profile) -> Profile:
        return replace(profile, factors=change(profile.factors))

    change(open_home.references.factors_of(subject))
    with written_down(open_home, event, {"subject": subject, "duress": duress}):
        open_home.references.amend(subject, amended)
