"""`kiosk invite list`: the invitations that are kept, without their codes."""

from __future__ import annotations

from typing import Any

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import kept_home
from kiosk.domain.enrolment.invitation import Invitation


def list_invitations(
    home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """List the invitations that are kept, the newest first."""
    from kiosk.people.reading import invitations_of

    found = invitations_of(kept_home(home, config))
    if json:
        print_json({"invitations": [_record(kept) for kept in found]})
        return 0
    for kept in found:
        until = kept.expires_at.isoformat(timespec="minutes")
        print(f"{kept.ident}  {kept.subject}  {kept.state.value}, until {until}")
    if not found:
        print("Nobody is invited.")
    return 0


def _record(kept: Invitation) -> dict[str, Any]:
    return {
        "id": kept.ident,
        "subject": kept.subject,
        "state": kept.state.value,
        "issued_at": kept.issued_at.isoformat(timespec="seconds"),
        "expires": kept.expires_at.isoformat(timespec="seconds"),
        "language": kept.language,
        "groups": list(kept.groups),
        "valid_until": kept.valid_until.isoformat() if kept.valid_until else None,
        "attempts": kept.attempts,
        "has_reference": kept.has_photo,
    }
