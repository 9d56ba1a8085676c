"""`kiosk people badge`: issue a person's QR badge. A new badge replaces the previous one."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import SubjectArgument, kept_home, written_down
from kiosk.domain.access.factors import BY_BADGE, no_badge
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.domain.vision.template import SubjectId
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.badges import Badges

KINDS = ("svg", "png")
OWNER_ONLY = 0o600
MODULE_PX = 8

OutOption = Annotated[
    Path | None, typer.Option("--out", help="A new file for the badge: .svg or .png.")
]
RevokeOption = Annotated[
    bool, typer.Option("--revoke", help="End the badge that is valid, and make none.")
]


def badge(
    subject: SubjectArgument,
    *,
    out: OutOption = None,
    revoke: RevokeOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Make a subject's badge. It is written once; the previous badge becomes invalid."""
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.badges import Badges
    from kiosk.store.people.subjects import subject_id
    from kiosk.store.secrets.keys import FileKey

    known = subject_id(subject)
    if (out is None) is not revoke:
        raise BadInput("Say either where the badge goes or that it ends.", "Use --out or --revoke.")
    path = _checked(out) if out is not None else None
    kept = kept_home(home, config, changes=True)
    with OpenHome.open(kept.path) as open_home:
        badges = Badges(open_home.references, FileKey(open_home.home))
        factors = open_home.references.factors_of(known)
        if path is None:
            if factors.badge is None:
                raise no_badge(known)
            with written_down(open_home, "badge_revoked", {"subject": known}):
                badges.revoke(known)
        else:
            _issue(open_home, badges, known, path)
    if json:
        print_json({"subject": known, "has_badge": path is not None})
        return 0
    print(_said(known, path))
    if factors.required not in BY_BADGE and path is not None:
        print(f"It is not asked for yet: `kiosk people allow {known} --factor badge`.")
    return 0


def _said(subject: SubjectId, path: Path | None) -> str:
    if path is None:
        return f"{subject} has no valid badge any more. What they have to show stays as it was."
    return (
        f"{path} is the one valid badge of {subject}: a copy of it works as well. "
        "Print it, hand it over and delete the file."
    )


def _issue(open_home: OpenHome, badges: Badges, subject: SubjectId, path: Path) -> None:
    """Write the file first: a badge that cannot be written must not revoke the previous one."""
    serial, text = badges.draw(subject)
    picture = _picture(text, path.suffix.removeprefix("."))
    _write(path, picture)
    try:
        with written_down(open_home, "badge_issued", {"subject": subject}):
            badges.issue(subject, serial)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _picture(text: str, kind: str) -> bytes:
    """The QR code, black on white, with error correction level Q so that it survives a scratch."""
    import segno

    made = io.BytesIO()
    segno.make_qr(text, error="q").save(
        made, kind=kind, scale=MODULE_PX, border=4, dark="black", light="white"
    )
    return made.getvalue()


def _checked(path: Path) -> Path:
    if path.suffix.removeprefix(".") not in KINDS:
        raise BadInput(f"--out {path} is of no kind that can be made.", "End it in .svg or .png.")
    return path


def _write(path: Path, content: bytes) -> None:
    """Write a new file with mode 0600; never overwrite an existing one."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, OWNER_ONLY)
    except FileExistsError as error:
        raise BadInput(f"--out {path} is there already.", "Name a new file.") from error
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        path.unlink()
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> BadInput:
    return BadInput(
        f"--out {path} cannot be written: {error.strerror}.", "Name a file in a folder of yours."
    )
