"""`kiosk invite --subject ID`: make an invitation and what it is handed over as."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, home_of
from kiosk.cli.new_file import write_new
from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SubjectId

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.people.invitations import InvitationService, InvitationWish, IssuedInvitation

LATEST_DAYS = 365

SubjectOption = Annotated[
    str | None, typer.Option(help="An opaque id: no name, no e-mail address.")
]
NameOption = Annotated[str | None, typer.Option(help="For the greeting, and for nobody else.")]
LanguageOption = Annotated[
    str | None, typer.Option(help="The language to begin in; that of the settings if not given.")
]
DaysOption = Annotated[int, typer.Option(min=1, max=LATEST_DAYS, help="How long it counts.")]
GroupOption = Annotated[
    list[str] | None, typer.Option("--group", help="Whose doors will be theirs; may be repeated.")
]
UntilOption = Annotated[
    str | None, typer.Option("--valid-until", help="Their last day, such as 2026-12-31.")
]
ReferenceOption = Annotated[
    Path | None,
    typer.Option(help="A photograph to compare them with. It is sealed until the code is used."),
]
PngOption = Annotated[Path | None, typer.Option(help="A new file for the code as a picture.")]
SheetOption = Annotated[Path | None, typer.Option(help="A new file for the A4 sheet (PDF).")]


def invite(
    _context: typer.Context,
    *,
    subject: SubjectOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    given_name: NameOption = None,
    language: LanguageOption = None,
    days: DaysOption = 7,
    group: GroupOption = None,
    valid_until: UntilOption = None,
    reference: ReferenceOption = None,
    png: PngOption = None,
    sheet: SheetOption = None,
    json: JsonOption = False,
) -> int:
    """Invite somebody to enrol. Whoever holds the code may enrol in their place: hand it over."""
    from kiosk.people.invitations import InvitationService, InvitationWish
    from kiosk.store.open_home import OpenHome
    from kiosk.wiring.rollout.settings import settings_of

    if subject is None:
        raise BadInput("Nobody is named to invite.", "Give --subject and their opaque id.")
    place = home_of(home)
    settings = settings_of(place, config)
    wish = InvitationWish(
        subject=SubjectId(subject),
        life=timedelta(days=days),
        given_name=given_name,
        language=known_language(language or settings.screen.language),
        groups=tuple(dict.fromkeys(group or ())),
        valid_until=last_day(valid_until),
        photo=None if reference is None else _photograph(reference, settings),
    )
    refuse_there({"--png": png, "--sheet": sheet})
    with OpenHome.open(place) as open_home:
        service = InvitationService(open_home)
        issued = service.issue(wish)
        try:
            write_png(issued.text, png)
            _write_sheet(issued, wish, settings, service, sheet)
        except BaseException:
            service.revoke(issued.invitation.ident)
            raise
    _print(issued, [path for path in (png, sheet) if path is not None], json=json)
    return 0


def known_language(language: str) -> str:
    """A language in which there are words.

    Raises:
        BadInput: there are none in it.
    """
    from kiosk.ui.strings import languages

    if language not in languages():
        raise BadInput(
            f"There are no words for the language {language[:40]!r}.",
            f"Choose one of {', '.join(languages())}.",
        )
    return language


def last_day(text: str | None) -> date | None:
    """Somebody's last day, as it was typed.

    Raises:
        BadInput: it is no day.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"--valid-until {text[:80]!r} is no day.", "Write it as 2026-12-31."
        ) from error


def _photograph(path: Path, settings: Settings) -> bytes:
    """The content of a file, once it was seen that it is a picture."""
    from hardware.camera.still import read_still

    read_still(path, settings.enrolment.max_image_bytes)
    return path.read_bytes()


def refuse_there(wanted: dict[str, Path | None]) -> None:
    """Raises BadInput if a file that is to be written is there already, by its option."""
    for option, path in wanted.items():
        if path is not None and path.exists():
            raise BadInput(f"{option} {path} is there already.", "Name a new file.")


def write_png(code: str, path: Path | None) -> None:
    """Write a code as a picture, if one is wanted.

    Raises:
        BadInput: the file is there already, or cannot be written.
    """
    from kiosk.people.badge_picture import badge_picture

    if path is not None:
        write_new(path, badge_picture(code, "png"), "--png")


def _write_sheet(
    issued: IssuedInvitation,
    wish: InvitationWish,
    settings: Settings,
    service: InvitationService,
    path: Path | None,
) -> None:
    from kiosk.wiring.sheet import invitation_sheet

    if path is not None:
        invitation = issued.invitation
        answers = service.answer_codes(invitation.ident)
        content = invitation_sheet(
            issued.text, invitation.expires_at, wish.language, settings, answers
        )
        write_new(path, content, "--sheet")


def _print(issued: IssuedInvitation, files: Sequence[Path], *, json: bool) -> None:
    invitation = issued.invitation
    expires = invitation.expires_at.isoformat(timespec="seconds")
    if json:
        print_json({"subject": invitation.subject, "expires": expires, "code": issued.text})
        return
    print(f"{invitation.subject} may enrol at the kiosk once, until {expires}.")
    for path in files:
        print(f"{path} is theirs alone: whoever holds it can enrol in their place.")
    if not files:
        print(issued.text)
