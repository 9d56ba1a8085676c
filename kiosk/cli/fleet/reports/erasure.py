"""`kiosk fleet erasure`: whether somebody who was erased is gone at every door."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption
from kiosk.cli.fleet.reports.common import admins_view
from kiosk.cli.people.common import SubjectArgument

if TYPE_CHECKING:
    from kiosk.domain.vision.template import SubjectId
    from kiosk.fleet.reporting.erasures import DeviceConfirmation, ScopeErasure


def erasure(
    subject: SubjectArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Show which devices have confirmed somebody's erasure. Exit 1 until every one has.

    A device that was dropped cannot be waited for; it is named with its last confirmation.
    """
    from kiosk.store.people.subjects import subject_id

    found = erasures_of(subject_id(subject), store, keys, passphrase_file)
    gone = all(each.erased and not each.awaited for each in found)
    if json:
        print_json({"subject": subject, "confirmed": gone, "scopes": scopes_said(found)})
        return 0 if gone else 1
    for each in found:
        if not each.erased:
            print(f"{subject} is known in scope {each.scope}, and not erased there.")
        for line in _lines(each):
            print(line)
    if any(each.dropped for each in found):
        print("What a dropped device had, it may still have.", file=sys.stderr)
    return 0 if gone else 1


def erasures_of(
    subject: SubjectId, store: str, keys: Path, passphrase_file: Path | None
) -> Sequence[ScopeErasure]:
    """Somebody's erasure in every scope in which they are or were."""
    from kiosk.fleet.reporting.erasures import ErasureReader

    with admins_view(store, keys, passphrase_file) as view:
        return ErasureReader(view.verified, view.keys.opening, view.seen).of(subject)


def scopes_said(found: Sequence[ScopeErasure]) -> list[dict[str, Any]]:
    """The scopes for other programs."""
    return [
        {
            "scope": each.scope,
            "erased": each.erased,
            "devices": [
                {
                    "device": it.device,
                    "door": it.door,
                    "state": it.state.value,
                    "at": None if it.at is None else it.at.isoformat(),
                    "problem": it.problem,
                }
                for it in each.devices
            ],
        }
        for each in found
    ]


def _lines(found: ScopeErasure) -> Iterator[str]:
    for each in found.devices:
        yield f"Scope {found.scope}, device {each.device} ({each.door or '-'}): {_told(each)}"


def _told(said: DeviceConfirmation) -> str:
    from kiosk.fleet.reporting.erasures import Confirmation

    at = "never" if said.at is None else f"{said.at:%Y-%m-%d %H:%M:%S} UTC"
    match said.state:
        case Confirmation.CONFIRMED:
            told = f"confirmed, at {at}."
        case Confirmation.LEFT:
            told = f"confirmed: it left the scope and erased everybody of it, at {at}."
        case Confirmation.NOT_YET:
            told = f"not yet. Its last word: {at}."
        case Confirmation.DROPPED:
            told = f"dropped, and not confirmed. Its last word: {at}."
    return f"{told} {said.problem}" if said.problem else told
